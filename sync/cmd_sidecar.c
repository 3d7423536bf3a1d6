/* opk sidecar: ids of the blocks of documents, made, checked, and used to change one block. */
#include "sync/cmd_sync.h"

#include "base/json.h"
#include "base/out.h"
#include "base/ulid.h"
#include "sync/cmd_report.h"
#include "sync/sidecar_repo.h"

#include <string.h>

struct values {
    bool check;
    bool diff;
    const char *format;
    const char *root;
    const char *ulid;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("check", 0, FLAG, NULL,
            "index, patch: write nothing; exit 1 when something would change", struct values,
            check),
    OPK_OPT("diff", 0, FLAG, NULL, "index, patch: print what changes as a unified diff",
            struct values, diff),
    OPK_OPT("format", 0, CHOICE, "text|json", "how the result is printed", struct values, format),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given", struct values,
            root),
    OPK_OPT("ulid", 0, TEXT, "ULID", "index: that of documents which no card names", struct values,
            ulid),
    OPK_OPT_END,
};

struct job {
    struct opk_cli *cli;
    const struct values *values;
    struct opk_repo repo;
    struct opk_str *docs; /* by path below the root */
    size_t doc_count;
    int exit;
};

static bool is_json(const struct job *job)
{
    return strcmp(job->values->format, "json") == 0;
}

/* ---- index and patch ---- */

static void print_changed(const struct job *job, struct opk_file *const *files, size_t count,
                          struct opk_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        opk_buf_append_cstr(out, job->values->check ? "stale: " : "wrote ");
        opk_out_terminal(out, opk_str_of(files[i]->path), false);
        opk_buf_append_byte(out, '\n');
    }
    if (count == 0)
        opk_buf_printf(out, "up to date: %zu document%s\n", job->doc_count,
                       job->doc_count == 1 ? "" : "s");
}

/* The suite index follows; then all is written, or only told. */
static enum opk_status settle(struct job *job, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status = opk_sidecar_enter(&job->repo, job->docs, job->doc_count, err);

    if (status == OPK_OK)
        status = opk_files_changed(&job->repo.files, &files, &count, err);
    if (status == OPK_OK && !job->values->check)
        status = opk_repo_write(&job->repo, err);
    if (status != OPK_OK)
        return status;
    if (is_json(job))
        opk_report_files(files, count, &text);
    else
        print_changed(job, files, count, &text);
    if (job->values->diff && !is_json(job))
        status = opk_report_diffs(job->cli, &job->repo, &text, err);
    if (status == OPK_OK)
        status = opk_cli_write(job->cli, &text, err);
    opk_buf_done(&text);
    job->exit = job->values->check && count > 0 ? OPK_EXIT_FINDINGS : OPK_EXIT_OK;
    return status;
}

static enum opk_status run_index(struct job *job, struct opk_err *err)
{
    struct opk_str ulid = opk_str_of(job->values->ulid);
    enum opk_status status = OPK_OK;

    if (ulid.len > 0)
        status = opk_ulid_check(ulid, NULL, err);
    for (size_t i = 0; i < job->doc_count && status == OPK_OK; i++)
        status = opk_sidecar_index(&job->repo, job->docs[i], ulid, err);
    return status == OPK_OK ? settle(job, err) : status;
}

/* {"mfid": ..., "expected": ..., "text": ...}: all three and no other. */
static enum opk_status read_patch(const struct opk_node *node, const char *path,
                                  struct opk_sidecar_patch *patch, struct opk_err *err)
{
    const struct opk_node *mfid = opk_node_get(node, "mfid");
    const struct opk_node *expected = opk_node_get(node, "expected");
    const struct opk_node *text = opk_node_get(node, "text");

    if (node->kind != OPK_NODE_MAP || node->count != 3 || !mfid || !expected || !text ||
        mfid->kind != OPK_NODE_STRING || expected->kind != OPK_NODE_STRING ||
        text->kind != OPK_NODE_STRING)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "a patch has mfid, expected and text, each a string, and no other key");
    if (!opk_mfid_is_valid(mfid->text))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(mfid, path), "this is no MFID");
    *patch = (struct opk_sidecar_patch){mfid->text, expected->text, text->text};
    return OPK_OK;
}

/* One patch, or a list of them. */
static enum opk_status read_patches(const struct job *job, const struct opk_node *root,
                                    const char *path, struct opk_sidecar_patch **out_patches,
                                    size_t *out_count, struct opk_err *err)
{
    bool is_list = root->kind == OPK_NODE_SEQ;
    size_t count = is_list ? root->count : 1;
    struct opk_sidecar_patch *patches;
    enum opk_status status = OPK_OK;

    if (count > OPK_SIDECAR_PATCHES_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path), "more than %d patches in one run",
                        OPK_SIDECAR_PATCHES_MAX);
    patches = opk_arena_array(job->cli->arena, count + 1, sizeof(*patches));
    if (!patches)
        return opk_arena_check(job->cli->arena, err);
    const struct opk_node *node = is_list ? root->first : root;
    for (size_t i = 0; i < count && status == OPK_OK; i++, node = node->next)
        status = read_patch(node, path, &patches[i], err);
    *out_patches = patches;
    *out_count = count;
    return status;
}

static enum opk_status run_patch(struct job *job, struct opk_err *err)
{
    const char *path = job->cli->operand_count > 2 ? job->cli->operands[2] : "-";
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    struct opk_sidecar_patch *patches = NULL;
    size_t count = 0;
    enum opk_status status = opk_file_read(path, OPK_FILES_BYTES_MAX, &text, err);

    if (status == OPK_OK)
        status = opk_json_parse(opk_buf_str(&text), path, &doc, err);
    if (status == OPK_OK)
        status = read_patches(job, doc.root, path, &patches, &count, err);
    if (status == OPK_OK)
        status = opk_sidecar_patch(&job->repo, job->docs[0], patches, count, err);
    if (status == OPK_OK)
        status = settle(job, err);
    opk_doc_done(&doc);
    opk_buf_done(&text);
    return status;
}

/* ---- guard ---- */

static void print_findings(const struct opk_problems *problems, size_t docs, struct opk_buf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct opk_err *finding = &problems->items[i].err;
        opk_out_terminal(out, opk_str_of(finding->path), false);
        if (finding->line > 0)
            opk_buf_printf(out, ":%llu", (unsigned long long)finding->line);
        opk_buf_append_cstr(out, ": ");
        opk_out_terminal(out, opk_str_of(finding->message), false);
        opk_buf_append_byte(out, '\n');
    }
    if (problems->count == 0)
        opk_buf_printf(out, "sidecars: clean, %zu document%s\n", docs, docs == 1 ? "" : "s");
}

/* What only lags behind is a finding; a file that breaks its contract is invalid. */
static int findings_exit(const struct opk_problems *problems)
{
    int code = OPK_EXIT_OK;

    for (size_t i = 0; i < problems->count; i++) {
        int own = problems->items[i].is_drift ? OPK_EXIT_FINDINGS
                                              : opk_exit_code(problems->items[i].err.status);
        code = own > code ? own : code;
    }
    return code;
}

static enum opk_status run_guard(struct job *job, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_problems problems = {0};
    bool all = job->cli->operand_count == 1;
    enum opk_status status =
        all ? opk_sidecar_check_all(&job->repo, job->docs, job->doc_count, &problems, err)
            : opk_sidecar_check(&job->repo, job->docs, job->doc_count, &problems, err);

    if (status == OPK_OK) {
        if (is_json(job))
            opk_report_findings(&problems, &text);
        else
            print_findings(&problems, job->doc_count, &text);
        job->exit = findings_exit(&problems);
        status = opk_cli_write(job->cli, &text, err);
    }
    opk_buf_done(&text);
    opk_problems_done(&problems);
    return status;
}

/* ---- the verb ---- */

static const struct action {
    const char *name;
    bool writes;
    size_t least; /* operands behind the name */
    size_t most;
    const char *usage;
    enum opk_status (*run)(struct job *job, struct opk_err *err);
} ACTIONS[] = {
    {"guard", false, 0, OPK_OPERANDS_ANY, "[DOC...]", run_guard},
    {"index", true, 0, OPK_OPERANDS_ANY, "[DOC...]", run_index},
    {"patch", true, 1, 2, "DOC [FILE]", run_patch},
};
#define ACTION_COUNT (sizeof(ACTIONS) / sizeof(ACTIONS[0]))

static const struct action *find_action(const struct opk_cli *cli, struct opk_err *err)
{
    const char *names[ACTION_COUNT];
    size_t given = cli->operand_count - 1;

    for (size_t i = 0; i < ACTION_COUNT; i++) {
        names[i] = ACTIONS[i].name;
        if (strcmp(cli->operands[0], names[i]) != 0)
            continue;
        if (given >= ACTIONS[i].least && given <= ACTIONS[i].most)
            return &ACTIONS[i];
        opk_err_set(err, OPK_E_USAGE, OPK_NOWHERE, "%s takes %s", names[i], ACTIONS[i].usage);
        return NULL;
    }
    const char *near = opk_opt_nearest(cli->operands[0], names, ACTION_COUNT);
    opk_err_set(err, OPK_E_USAGE, OPK_NOWHERE, "unknown action '%s'; did you mean '%s'?",
                cli->operands[0], near ? near : "index");
    return NULL;
}

/* The documents that were named, or every one that has a sidecar. */
static enum opk_status find_docs(struct job *job, const struct action *action, struct opk_err *err)
{
    size_t named = job->cli->operand_count - 1;

    if (named == 0)
        return opk_sidecar_list(&job->repo, &job->docs, &job->doc_count, err);
    job->doc_count = action->least > 0 ? action->least : named;
    job->docs = opk_arena_array(job->cli->arena, job->doc_count, sizeof(*job->docs));
    for (size_t i = 0; job->docs && i < job->doc_count; i++)
        job->docs[i] = opk_str_of(job->cli->operands[i + 1]);
    return opk_arena_check(job->cli->arena, err);
}

static enum opk_status run_action(struct job *job, const struct action *action, struct opk_err *err)
{
    enum opk_status status = find_docs(job, action, err);

    if (status != OPK_OK)
        return status;
    if (opk_problems_serious(&job->repo.problems) > 0) {
        opk_report_problems(job->cli, &job->repo.problems);
        job->exit = opk_problems_exit(&job->repo.problems);
        return OPK_OK;
    }
    return action->run(job, err);
}

static int run(struct opk_cli *cli, const void *raw)
{
    struct job job = {.cli = cli, .values = raw};
    struct opk_err err;
    const struct action *action = find_action(cli, &err);
    enum opk_status status;

    if (!action)
        return opk_report_usage(cli, &err);
    status = opk_repo_open(job.values->root ? job.values->root : ".",
                           action->writes && !job.values->check ? OPK_REPO_WRITE : OPK_REPO_READ,
                           &job.repo, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    status = run_action(&job, action, &err);
    opk_repo_done(&job.repo);
    return status == OPK_OK ? job.exit : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_SIDECAR = {
    .name = "sidecar",
    .stage = "pattern repository",
    .summary = "give the blocks of a document ids that outlive its edits",
    .operands = "index|guard [DOC...] | patch DOC [FILE]",
    .details =
        "DOC is a Markdown or YAML file, by its path below the root; DOC.sidecar.yaml lists its\n"
        "blocks, each with an id (MFID), the place, and a digest of what it says. index makes\n"
        "sidecars new and keeps the ids; guard checks them; without DOC both take every document\n"
        "of a card that has a sidecar. patch reads {\"mfid\", \"expected\", \"text\"}, or a list "
        "of\n"
        "them, as JSON from FILE or standard input and replaces each block whose digest is the\n"
        "expected one, all or none: exit 5 when a block says something else by now, 4 when the\n"
        "new text would be no single block or change another one.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run,
};
