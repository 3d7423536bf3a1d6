#include "sync/cmd_tag_push.h"

#include "base/map.h"
#include "promote/cmd_git.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)64 << 20) /* bytes of a remote's tags */
#define PUSH_MAX   ((size_t)100)      /* tags in one push: the system limits a command line */

/* "git push origin: what Git says", its first line. */
static enum opk_status git_failed(const char *verb, const struct opk_remote *remote,
                                  const struct opk_buf *complaint, struct opk_err *err)
{
    struct opk_str said = opk_str_trim(opk_buf_str(complaint));

    said = opk_str_slice(said, 0, opk_str_find_byte(said, '\n', 0));
    return opk_fail(err, OPK_E_IO, OPK_NOWHERE, "git %s %s: %.*s", verb, remote->name,
                    OPK_STR_FMT(said.len > 0 ? said : OPK_STR("it fails and does not say why")));
}

/* ---- what the remote has ---- */

/* The commits of a remote's tags, by name: what "git ls-remote" prints. */
struct listing {
    struct opk_map *names;
    struct opk_str *ids; /* in an arena; views of the answer */
};

/* "ID<tab>refs/tags/NAME": an annotated tag has a second line, NAME^{}, with its commit. */
static enum opk_status read_line(struct listing *listing, struct opk_str line, struct opk_err *err)
{
    size_t tab = opk_str_find_byte(line, '\t', 0);
    struct opk_str name = opk_str_skip(line, tab == OPK_NPOS ? line.len : tab + 1);
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (!opk_str_starts(name, OPK_STR("refs/tags/")))
        return OPK_OK;
    name = opk_str_skip(name, strlen("refs/tags/"));
    if (opk_str_ends(name, OPK_STR("^{}")))
        name.len -= strlen("^{}");
    status = opk_map_add(listing->names, name, &index, &is_new, err);
    if (status == OPK_OK)
        listing->ids[index] = opk_str_slice(line, 0, tab);
    return status;
}

static enum opk_status read_listing(struct opk_str answer, struct opk_arena *arena,
                                    struct listing *out, struct opk_err *err)
{
    struct opk_split lines = OPK_SPLIT(answer, '\n');
    struct opk_str line;
    size_t most = 1;
    enum opk_status status;

    for (size_t i = 0; i < answer.len; i++)
        most += answer.data[i] == '\n';
    out->ids = opk_arena_array(arena, most, sizeof(*out->ids));
    status = opk_arena_check(arena, err);
    while (status == OPK_OK && opk_split_next(&lines, &line))
        status = read_line(out, line, err);
    return status;
}

static enum opk_status compare(const struct opk_remote *remote, const struct listing *listing,
                               const struct opk_tag *tag, enum opk_remote_state *out_state,
                               struct opk_err *err)
{
    uint32_t index;

    *out_state = OPK_REMOTE_LACKS;
    if (!opk_map_find(listing->names, tag->name, &index))
        return OPK_OK;
    *out_state = OPK_REMOTE_HAS;
    if (opk_str_eq(listing->ids[index], opk_str_of(tag->commit.text)))
        return OPK_OK;
    *out_state = OPK_REMOTE_REFUSES;
    opk_err_set(err, OPK_E_REFUSED, OPK_AT_PATH(tag->card->path),
                "%s has tag %.*s on %.10s, not on commit %.10s; a tag is never moved: 'git fetch "
                "--tags %s' and look again",
                remote->name, OPK_STR_FMT(tag->name), listing->ids[index].data, tag->commit.text,
                remote->name);
    return opk_problems_add(remote->problems, err);
}

static enum opk_status list_remote(const struct opk_cli *cli, const struct opk_remote *remote,
                                   struct opk_buf *answer, struct opk_err *err)
{
    char *argv[] = {opk_git_word("git"),
                    opk_git_word("-C"),
                    opk_git_word(remote->root),
                    opk_git_word("ls-remote"),
                    opk_git_word("--tags"),
                    opk_git_word("--"),
                    opk_git_word(remote->name),
                    opk_git_word("refs/tags/pattern-*"),
                    opk_git_word("refs/tags/docs-*"),
                    NULL};
    struct opk_git_call call = {
        .argv = argv, .environment = opk_git_environment(cli->arena), .max = ANSWER_MAX};
    struct opk_buf complaint = OPK_BUF_EMPTY;
    int code = 0;
    enum opk_status status = opk_arena_check(cli->arena, err);

    if (status == OPK_OK)
        status = opk_cmd_git(&call, answer, &complaint, &code, err);
    if (status == OPK_OK && code != 0)
        status = git_failed("ls-remote", remote, &complaint, err);
    opk_buf_done(&complaint);
    return status;
}

enum opk_status opk_remote_ask(const struct opk_cli *cli, const struct opk_remote *remote,
                               const struct opk_tags *tags, enum opk_remote_state *out_states,
                               struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_buf answer = OPK_BUF_EMPTY;
    struct listing listing = {0};
    enum opk_status status = list_remote(cli, remote, &answer, err);

    if (status == OPK_OK)
        status = opk_map_new(&listing.names, err);
    if (status == OPK_OK)
        status = read_listing(opk_buf_str(&answer), &arena, &listing, err);
    for (size_t i = 0; i < tags->count && status == OPK_OK; i++) {
        const struct opk_tag *tag = &tags->items[i];
        if (tag->state == OPK_TAG_NEW || tag->state == OPK_TAG_THERE)
            status = compare(remote, &listing, tag, &out_states[i], err);
    }
    opk_map_free(listing.names);
    opk_buf_done(&answer);
    opk_arena_done(&arena);
    return status;
}

/* ---- pushing ---- */

/* What one push is of. */
struct batch {
    size_t items[PUSH_MAX]; /* of the plan */
    size_t count;
};

/* "!<tab>refs/tags/NAME:refs/tags/NAME<tab>[rejected] (why)": Git's line of one tag; the others
 * begin with "*" or "=". */
static enum opk_status read_verdict(const struct opk_remote *remote, const struct opk_tags *tags,
                                    const struct batch *batch, struct opk_str line,
                                    enum opk_remote_state *states, struct opk_err *err)
{
    struct opk_split parts = OPK_SPLIT(line, '\t');
    struct opk_str flag;
    struct opk_str refs;
    struct opk_str why;

    if (!opk_split_next(&parts, &flag) || flag.len != 1 || !opk_split_next(&parts, &refs) ||
        !opk_split_next(&parts, &why))
        return OPK_OK; /* "To address", "Done" */
    refs = opk_str_slice(refs, 0, opk_str_find_byte(refs, ':', 0));
    for (size_t i = 0; i < batch->count; i++) {
        const struct opk_tag *tag = &tags->items[batch->items[i]];
        if (!opk_str_ends(refs, tag->name) || refs.len != strlen("refs/tags/") + tag->name.len)
            continue;
        states[batch->items[i]] = flag.data[0] == '!' ? OPK_REMOTE_REFUSES : OPK_REMOTE_PUSHED;
        if (flag.data[0] != '!')
            return OPK_OK;
        opk_err_set(err, OPK_E_REFUSED, OPK_AT_PATH(tag->card->path),
                    "%s does not take tag %.*s: "
                    "%.*s",
                    remote->name, OPK_STR_FMT(tag->name), OPK_STR_FMT(why));
        return opk_problems_add(remote->problems, err);
    }
    return OPK_OK;
}

static enum opk_status push_batch(const struct opk_cli *cli, const struct opk_remote *remote,
                                  const struct opk_tags *tags, const struct batch *batch,
                                  enum opk_remote_state *states, struct opk_err *err)
{
    static const char *const WORDS[] = {"push", "--porcelain", "--no-follow-tags",
                                        "--no-recurse-submodules", "--"};
    char *argv[PUSH_MAX + 16] = {opk_git_word("git"), opk_git_word("-C"),
                                 opk_git_word(remote->root)};
    struct opk_git_call call = {
        .argv = argv, .environment = opk_git_environment(cli->arena), .max = ANSWER_MAX};
    struct opk_buf answer = OPK_BUF_EMPTY;
    struct opk_buf complaint = OPK_BUF_EMPTY;
    size_t count = 3;
    size_t told = remote->problems->count;
    int code = 0;
    enum opk_status status;

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
        argv[count++] = opk_git_word(WORDS[i]);
    argv[count++] = opk_git_word(remote->name);
    for (size_t i = 0; i < batch->count; i++)
        argv[count++] =
            opk_git_word(opk_arena_printf(cli->arena, "refs/tags/%.*s",
                                          OPK_STR_FMT(tags->items[batch->items[i]].name))
                             .data);
    status = opk_arena_check(cli->arena, err);
    if (status == OPK_OK)
        status = opk_cmd_git(&call, &answer, &complaint, &code, err);
    struct opk_split lines = OPK_SPLIT(opk_buf_str(&answer), '\n');
    struct opk_str line;
    while (status == OPK_OK && opk_split_next(&lines, &line))
        status = read_verdict(remote, tags, batch, line, states, err);
    if (status == OPK_OK && code != 0 && remote->problems->count == told)
        status = git_failed("push", remote, &complaint, err);
    opk_buf_done(&answer);
    opk_buf_done(&complaint);
    return status;
}

enum opk_status opk_remote_push(const struct opk_cli *cli, const struct opk_remote *remote,
                                const struct opk_tags *tags, enum opk_remote_state *states,
                                struct opk_err *err)
{
    struct batch batch = {.count = 0};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < tags->count && status == OPK_OK; i++) {
        if (tags->items[i].state == OPK_TAG_THERE && states[i] == OPK_REMOTE_LACKS)
            batch.items[batch.count++] = i;
        if (batch.count == 0 || (batch.count < PUSH_MAX && i + 1 < tags->count))
            continue;
        status = push_batch(cli, remote, tags, &batch, states, err);
        batch.count = 0;
    }
    return status;
}
