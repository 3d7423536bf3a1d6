/* opk tag: a tag for the version that each card has, on the commit that set it. */
#include "sync/cmd_sync.h"

#include "base/json.h"
#include "base/out.h"
#include "promote/cmd_actor.h"
#include "sync/cmd_report.h"
#include "sync/cmd_tag_push.h"

#include <string.h>

struct tag_values {
    bool dry_run;
    const char *family;
    const char *format;
    bool push;
    const char *remote;
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("dry-run", 0, FLAG, NULL, "make and push nothing; print what would be",
            struct tag_values, dry_run),
    OPK_OPT("family", 0, CHOICE, "all|pattern|doc", "of which cards", struct tag_values, family),
    OPK_OPT("format", 0, CHOICE, "text|json", "how the result is printed", struct tag_values,
            format),
    OPK_OPT("push", 0, FLAG, NULL, "give the remote the tags that it lacks", struct tag_values,
            push),
    OPK_OPT("remote", 0, TEXT, "NAME", "which remote; origin when not given", struct tag_values,
            remote),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given", struct tag_values,
            root),
    OPK_OPT_END,
};

/* One run: what is planned, and what came of it. */
struct run {
    const struct opk_cli *cli;
    const struct tag_values *values;
    const char *root;
    const char *remote;
    struct opk_git *git; /* owned */
    struct opk_repo repo;
    struct opk_tags tags;
    bool has_failed;
    bool *made;                    /* in the arena of cli, as states */
    enum opk_remote_state *states; /* of the remote */
};

/* Who makes the tags: as Git does it, the committer; the time is fixed or the commit's. */
static enum opk_status find_tagger(const struct run *run, struct opk_git_tagger *out_tagger,
                                   struct opk_err *err)
{
    struct opk_person identity;
    uint64_t seconds = 0;
    enum opk_status status = opk_cmd_fixed_time(&out_tagger->has_time, &seconds, err);

    if (status == OPK_OK)
        status = opk_cmd_identity(run->cli->arena, run->root, OPK_COMMITTER, &identity, err);
    if (status != OPK_OK)
        return status;
    out_tagger->time = (int64_t)seconds;
    if (identity.name.len > 0 && identity.mail.len > 0) {
        out_tagger->name = identity.name;
        out_tagger->mail = identity.mail;
    }
    return OPK_OK;
}

/* One tag. What keeps it from being made is told, and the rest goes on. */
static enum opk_status make_tag(struct run *run, size_t index, const struct opk_git_tagger *tagger,
                                struct opk_err *err)
{
    struct opk_tag *tag = &run->tags.items[index];
    const struct opk_git_new_tag new = {tag->name.data, tag->message.data, tag->commit};
    enum opk_status status = opk_git_tag_make(run->git, &new, tagger, err);

    if (status == OPK_OK) {
        tag->state = OPK_TAG_THERE;
        run->made[index] = true;
    } else if (status == OPK_E_REFUSED) {
        tag->state = OPK_TAG_MOVED;
        status = opk_problems_add(&run->repo.problems, err);
    } else if (status == OPK_E_CONFLICT) {
        /* Git's lock on this name; opk_problems_add would end the run. */
        status = opk_problems_drift(&run->repo.problems, err);
    }
    return status;
}

static enum opk_status make_tags(struct run *run, struct opk_err *err)
{
    struct opk_git_tagger tagger = {0};
    bool is_known = false;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < run->tags.count && status == OPK_OK; i++) {
        if (run->tags.items[i].state != OPK_TAG_NEW || run->states[i] == OPK_REMOTE_REFUSES)
            continue;
        if (!is_known)
            status = find_tagger(run, &tagger, err);
        is_known = true;
        if (status == OPK_OK)
            status = make_tag(run, i, &tagger, err);
    }
    return status;
}

static enum opk_status work(struct run *run, struct opk_err *err)
{
    const struct tag_values *values = run->values;
    struct opk_remote remote = {run->remote, run->root, &run->repo.problems};
    enum opk_status status;

    run->made = opk_arena_array(run->cli->arena, run->tags.count + 1, sizeof(*run->made));
    run->states = opk_arena_array(run->cli->arena, run->tags.count + 1, sizeof(*run->states));
    status = opk_arena_check(run->cli->arena, err);
    if (status == OPK_OK && values->push)
        status = opk_remote_ask(run->cli, &remote, &run->tags, run->states, err);
    if (status == OPK_OK && !values->dry_run)
        status = make_tags(run, err);
    if (status == OPK_OK && !values->dry_run && values->push)
        status = opk_remote_push(run->cli, &remote, &run->tags, run->states, err);
    return status;
}

/* ---- what is printed ---- */

static bool is_to_push(const struct run *run, size_t index)
{
    return run->values->dry_run && run->states[index] == OPK_REMOTE_LACKS;
}

static void print_text(const struct run *run, struct opk_buf *out)
{
    bool is_dry = run->values->dry_run;
    size_t there = 0;
    size_t told = 0;

    for (size_t i = 0; i < run->tags.count; i++) {
        const struct opk_tag *tag = &run->tags.items[i];
        bool is_new = is_dry && tag->state == OPK_TAG_NEW && run->states[i] != OPK_REMOTE_REFUSES;
        there += tag->state == OPK_TAG_THERE;
        if (run->made[i] || is_new) {
            opk_buf_printf(out, "%s %.*s on commit %.10s\n", is_dry ? "would make" : "made",
                           OPK_STR_FMT(tag->name), tag->commit.text);
            told++;
        }
        if (run->states[i] == OPK_REMOTE_PUSHED || is_to_push(run, i)) {
            opk_buf_printf(out, "%s %.*s to ", is_dry ? "would push" : "pushed",
                           OPK_STR_FMT(tag->name));
            opk_out_terminal(out, opk_str_of(run->remote), false);
            opk_buf_append_byte(out, '\n');
            told++;
        }
    }
    if (told == 0 && !run->has_failed)
        opk_buf_printf(out, "nothing new: %zu tag%s\n", there, there == 1 ? "" : "s");
}

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    opk_json_key(json, key);
    opk_json_string(json, text);
}

static void print_json(const struct run *run, struct opk_buf *out)
{
    static const char *const REMOTE[] = {
        [OPK_REMOTE_UNASKED] = "unasked", [OPK_REMOTE_LACKS] = "lacks",   [OPK_REMOTE_HAS] = "has",
        [OPK_REMOTE_REFUSES] = "refuses", [OPK_REMOTE_PUSHED] = "pushed",
    };
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "tags");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < run->tags.count; i++) {
        const struct opk_tag *tag = &run->tags.items[i];
        opk_json_open(&json, '{');
        put(&json, "tag", tag->name);
        put(&json, "card", opk_str_of(tag->card->path));
        put(&json, "commit", opk_str_of(tag->commit.text));
        put(&json, "state", opk_str_of(run->made[i] ? "made" : opk_tag_state_name(tag->state)));
        put(&json, "remote", opk_str_of(REMOTE[run->states[i]]));
        opk_json_close(&json, '}');
    }
    opk_json_close(&json, ']');
    opk_report_json_problems(&json, &run->repo.problems);
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

/* failure: what ended the run, NULL when nothing did; as text it is told behind all this. */
static enum opk_status print(struct run *run, const struct opk_err *failure, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    if (strcmp(run->values->format, "json") == 0) {
        if (failure) {
            *err = *failure;
            status = opk_problems_drift(&run->repo.problems, err);
        }
        if (status != OPK_OK)
            return status;
        print_json(run, &text);
    } else {
        opk_report_problems(run->cli, &run->repo.problems);
        print_text(run, &text);
    }
    status = opk_cli_write(run->cli, &text, err);
    opk_buf_done(&text);
    return status;
}

/* ---- the verb ---- */

static enum opk_status open_git(struct run *run, struct opk_err *err)
{
    enum opk_status status = opk_git_open(run->root, &run->git, err);

    if (status == OPK_END)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(run->root),
                        "in no work tree of Git, or in a bare repository: tags are made from the "
                        "cards of a work tree");
    return status;
}

static enum opk_status plan(struct run *run, struct opk_err *err)
{
    static const struct {
        const char *name;
        unsigned families;
    } FAMILIES[] = {
        {"all", 1U << OPK_FAMILY_PATTERN | 1U << OPK_FAMILY_DOC},
        {"doc", 1U << OPK_FAMILY_DOC},
        {"pattern", 1U << OPK_FAMILY_PATTERN},
    };
    unsigned families = 0;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < sizeof(FAMILIES) / sizeof(FAMILIES[0]); i++) {
        if (strcmp(FAMILIES[i].name, run->values->family) == 0)
            families = FAMILIES[i].families;
    }
    /* What is planned stays true until it is made. */
    if (!run->values->dry_run)
        status = opk_git_tags_begin(run->git, err);
    if (status == OPK_OK)
        status = opk_tags_plan(run->git, &run->repo, families, &run->tags, err);
    return status;
}

static int run_tag(struct opk_cli *cli, const void *raw)
{
    const struct tag_values *values = raw;
    struct run run = {.cli = cli,
                      .values = values,
                      .root = values->root ? values->root : ".",
                      .remote = values->remote ? values->remote : "origin",
                      .repo = {.root = OPK_ROOT_CLOSED}};
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status;

    if (values->remote && !values->push) {
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "--remote says where to push: give --push too");
        return opk_report_usage(cli, &err);
    }
    status = open_git(&run, &err);
    if (status == OPK_OK)
        status = opk_repo_open(run.root, OPK_REPO_READ, &run.repo, &err);
    if (status == OPK_OK)
        status = plan(&run, &err);
    if (status == OPK_OK) {
        struct opk_err failure;
        status = work(&run, &failure);
        run.has_failed = status != OPK_OK;
        /* What was made is told, whatever came then. */
        enum opk_status printed =
            run.states ? print(&run, run.has_failed ? &failure : NULL, &err) : status;
        if (run.has_failed)
            err = failure;
        else
            status = printed;
        code = opk_problems_exit(&run.repo.problems);
    }
    opk_tags_done(&run.tags);
    opk_repo_done(&run.repo);
    opk_git_free(run.git);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_TAG = {
    .name = "tag",
    .stage = "pattern repository",
    .summary = "tag the version that each card has on the commit that set it",
    .operands = "",
    .details =
        "Annotated tags: pattern-{pattern_key}-{semver}, docs-{doc_key}-{semver}, for cards\n"
        "of every status. The version that a card has now is tagged; one that it had between\n"
        "two runs is not. A commit sets a version when its cards have it and those of its\n"
        "first parent do not; the tag goes on the one on HEAD's line of first parents, which\n"
        "is the merge when a branch brought the version. Cards are found by key, so that files\n"
        "may be renamed. What is not committed gets no tag, with a note.\n"
        "\n"
        "A tag that is there stays, and a second run makes nothing. One on a commit that did\n"
        "not set the version is refused (exit 4); the rest goes on. Where a shallow clone ends\n"
        "before the commit, or there is no work tree of Git, it says so and exits 3.\n"
        "\n"
        "The tagger is Git's committer (GIT_COMMITTER_NAME and GIT_COMMITTER_EMAIL, user.name\n"
        "and user.email), and the commit's where Git lacks the name or the mail; the time is\n"
        "SOURCE_DATE_EPOCH, else the commit's.\n"
        "--push runs 'git push', never forced; a tag that the remote has on another commit is\n"
        "refused, and not made here either.",
    .opts = OPTS,
    .values_size = sizeof(struct tag_values),
    .run = run_tag,
};
