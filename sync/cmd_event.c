/* opk event: something happened; the plugins of a repository answer. */
#include "sync/cmd_sync.h"

#include "base/json.h"
#include "base/out.h"
#include "cluster/cmd_cluster.h"
#include "sync/cmd_plugin_run.h"
#include "sync/cmd_report.h"
#include "sync/kernel.h"

#include <stdlib.h>
#include <string.h>

struct values {
    const char *base;
    bool check;
    bool diff;
    const char *format;
    struct opk_opt_list paths;
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("base", 0, TEXT, "REV",
            "the revision that changes are told against; HEAD when not given", struct values, base),
    OPK_OPT("check", 0, FLAG, NULL, "write nothing; exit 1 when something would change",
            struct values, check),
    OPK_OPT("diff", 0, FLAG, NULL, "print what changes as a unified diff", struct values, diff),
    OPK_OPT("format", 0, CHOICE, "text|json", "how the result is printed", struct values, format),
    OPK_OPT("path", 'p', LIST, "PATH", "what changed, from the root; may be given again",
            struct values, paths),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given", struct values,
            root),
    OPK_OPT_END,
};

struct job {
    struct opk_cli *cli;
    const struct values *values;
    struct opk_repo repo;
    struct opk_plugin_home home;
    struct opk_kernel kernel;
    struct opk_git_base base; /* owned; without a repository where there is none */
    enum opk_hook hook;
    int exit;
};

/* ---- ops.discover ---- */

#define DRAFTS_NAME "OPERATION_KIND_REGISTRY.drafts.yaml"

/* What discover prints for an event's transcripts; it reads the repository's kinds and decisions.
 */
static enum opk_status discover(const struct job *job, const struct opk_event *event, FILE *out,
                                struct opk_err *err)
{
    const struct opk_verb *verb = &OPK_VERB_DISCOVER;
    struct opk_arena *arena = job->cli->arena;
    struct opk_cli cli = {.verb = verb, .arena = arena, .out = out, .err = job->cli->err};
    struct opk_str registry = opk_arena_printf(arena, "--registry=%s/%.*s", job->home.root_path,
                                               OPK_STR_FMT(job->repo.paths.kind_registry));
    char drafts[] = "--drafts=-";
    char end[] = "--";
    char *argv[] = {drafts, NULL, end, NULL, NULL};
    void *values = opk_arena_alloc(arena, verb->values_size);
    enum opk_status status = opk_arena_check(arena, err);

    /* A command line is not changed by reading it, but main's has the type char *. */
    memcpy(&argv[1], &registry.data, sizeof(argv[1]));
    memcpy(&argv[3], &event->path.data, sizeof(argv[3]));
    if (status == OPK_OK)
        status = opk_opt_parse(&cli, (int)(sizeof(argv) / sizeof(argv[0])) - 1, argv, values, err);
    if (status == OPK_OK && verb->run(&cli, values) != OPK_EXIT_OK)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(event->path.data),
                          "ops.discover: these transcripts were not read");
    return status;
}

/* The folder of the registry holds the drafts as well. */
static struct opk_str drafts_path(const struct job *job)
{
    struct opk_str registry = job->repo.paths.kind_registry;
    size_t slash = opk_str_rfind_byte(registry, '/');

    return opk_arena_printf(job->cli->arena, "%.*s" DRAFTS_NAME,
                            slash == OPK_NPOS ? 0 : (int)slash + 1, registry.data);
}

static enum opk_status answer_discover(struct opk_kernel *kernel, const struct opk_event *event,
                                       struct opk_buf *out, struct opk_err *err)
{
    struct job *job = kernel->host->context;
    struct opk_str path = drafts_path(job);
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    enum opk_status status = opk_arena_check(job->cli->arena, err);

    if (!stream)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for drafts");
    if (status == OPK_OK)
        status = discover(job, event, stream, err);
    if (fclose(stream) != 0 && status == OPK_OK)
        status = opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for drafts");
    if (status == OPK_OK)
        status = opk_kernel_answer_file(kernel, path, opk_str_bytes(text, len), out, err);
    free(text);
    return status;
}

static const struct opk_part PARTS[] = {
    {"ops.discover", OPK_HOOK_RUNTIME_SNAPSHOT, NULL, answer_discover},
};

/* A plugin of the repository's own. */
static enum opk_status run_plugin(void *context, const struct opk_question *question,
                                  struct opk_buf *answer, struct opk_err *err)
{
    struct job *job = context;

    return opk_plugin_run(&job->home, question, answer, err);
}

/* ---- what is told ---- */

static void print_text(const struct job *job, struct opk_file *const *files, size_t count,
                       struct opk_buf *out)
{
    const struct opk_kernel *kernel = &job->kernel;

    for (size_t i = 0; i < kernel->asked_count; i++) {
        const struct opk_asked *asked = &kernel->asked[i];
        opk_buf_printf(out, "[EVENT] %s ", opk_hook_name(asked->event.hook));
        opk_out_terminal(out, asked->event.path, false);
        opk_buf_printf(out, ": %.*s: ", OPK_STR_FMT(asked->plugin));
        if (asked->is_passed_over)
            opk_buf_append_cstr(out, "passed over, opk.yaml does not allow it\n");
        else
            opk_buf_printf(out, "%zu edit%s\n", asked->edits, asked->edits == 1 ? "" : "s");
    }
    for (size_t i = 0; i < kernel->message_count; i++) {
        const struct opk_message *message = &kernel->messages[i];
        opk_buf_printf(out, "%.*s: %.*s: ", OPK_STR_FMT(message->plugin),
                       OPK_STR_FMT(message->severity));
        opk_out_terminal(out, message->path, false);
        opk_buf_append_cstr(out, message->path.len > 0 ? ": " : "");
        opk_out_terminal(out, message->text, false);
        opk_buf_append_byte(out, '\n');
    }
    for (size_t i = 0; i < count; i++) {
        opk_buf_append_cstr(out, job->values->check ? "stale: " : "wrote ");
        opk_out_terminal(out, opk_str_of(files[i]->path), false);
        opk_buf_append_byte(out, '\n');
    }
}

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    opk_json_key(json, key);
    opk_json_string(json, text);
}

static void print_json(const struct job *job, struct opk_file *const *files, size_t count,
                       struct opk_buf *out)
{
    const struct opk_kernel *kernel = &job->kernel;
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "asked");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < kernel->asked_count; i++) {
        const struct opk_asked *asked = &kernel->asked[i];
        opk_json_open(&json, '{');
        put(&json, "event", opk_str_of(opk_hook_name(asked->event.hook)));
        put(&json, "path", asked->event.path);
        put(&json, "plugin", asked->plugin);
        opk_json_key(&json, "depth");
        opk_json_number(&json, (int64_t)asked->event.depth);
        opk_json_key(&json, "allowed");
        opk_json_bool(&json, !asked->is_passed_over);
        opk_json_key(&json, "edits");
        opk_json_number(&json, (int64_t)asked->edits);
        opk_json_close(&json, '}');
    }
    opk_json_close(&json, ']');
    opk_json_key(&json, "messages");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < kernel->message_count; i++) {
        const struct opk_message *message = &kernel->messages[i];
        opk_json_open(&json, '{');
        put(&json, "plugin", message->plugin);
        put(&json, "severity", message->severity);
        put(&json, "path", message->path);
        put(&json, "text", message->text);
        opk_json_close(&json, '}');
    }
    opk_json_close(&json, ']');
    opk_json_key(&json, "changed");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < count; i++)
        opk_json_string(&json, opk_str_of(files[i]->path));
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

/* ---- the verb ---- */

static enum opk_status fire_path(struct job *job, struct opk_str path, bool specs,
                                 struct opk_err *err)
{
    struct opk_event event;
    enum opk_status status = OPK_OK;

    if (job->hook == OPK_HOOK_REGISTRY_BUILT && path.len == 0)
        path = job->repo.paths.suite_index;
    if (job->hook != OPK_HOOK_RUNTIME_SNAPSHOT)
        status = opk_path_check(path, err);
    opk_event_init(&event, &job->repo, job->hook, path);
    event.base = opk_str_of(job->base.id.text);
    event.check = job->values->check;
    if (status == OPK_OK && opk_str_eq(event.doc_type, OPK_STR("pattern_spec")) == specs)
        status = opk_kernel_fire(&job->kernel, &event, err);
    return status;
}

/* Specs before all else: what one of them says of its card must be seen before the card is
 * propagated into it. */
static enum opk_status fire_all(struct job *job, struct opk_err *err)
{
    const struct opk_opt_list *paths = &job->values->paths;
    static const char *const NONE[] = {""};
    const char *const *items = paths->count > 0 ? (const char *const *)paths->items : NONE;
    size_t count = paths->count > 0 ? paths->count : 1;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < 2 * count && status == OPK_OK; i++)
        status = fire_path(job, opk_str_of(items[i % count]), i < count, err);
    return status;
}

static enum opk_status settle(struct job *job, struct opk_err *err)
{
    bool is_json = strcmp(job->values->format, "json") == 0;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status = opk_files_changed(&job->repo.files, &files, &count, err);

    if (status == OPK_OK && !job->values->check)
        status = opk_repo_write(&job->repo, err);
    if (status != OPK_OK)
        return status;
    if (is_json)
        print_json(job, files, count, &text);
    else
        print_text(job, files, count, &text);
    if (job->values->diff && !is_json)
        status = opk_report_diffs(job->cli, &job->repo, &text, err);
    if (status == OPK_OK)
        status = opk_cli_write(job->cli, &text, err);
    opk_buf_done(&text);
    bool has_findings = opk_kernel_serious(&job->kernel) > 0 || (job->values->check && count > 0);
    job->exit = has_findings ? OPK_EXIT_FINDINGS : OPK_EXIT_OK;
    return status;
}

/* What changes are told against: without a Git repository nothing, unless a revision is named. */
static enum opk_status open_base(struct job *job, struct opk_err *err)
{
    const char *named = job->values->base;
    enum opk_status status =
        opk_git_base_open(job->home.root_path, named ? named : "HEAD", &job->base, err);

    if (status == OPK_END && named)
        return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE,
                        "no Git work tree with commits here, so no revision '%s'", named);
    if (status == OPK_OK || status == OPK_E_NOMEM || named)
        return status;
    if (status != OPK_END)
        opk_cli_note(job->cli, err);
    return OPK_OK;
}

static enum opk_status run_kernel(struct job *job, struct opk_err *err)
{
    const struct opk_kernel_host host = {.context = job,
                                         .run = run_plugin,
                                         .parts = PARTS,
                                         .part_count = sizeof(PARTS) / sizeof(PARTS[0]),
                                         .base = job->base.git ? &job->base : NULL};
    enum opk_status status;

    if (opk_problems_serious(&job->repo.problems) > 0) {
        opk_report_problems(job->cli, &job->repo.problems);
        job->exit = opk_problems_exit(&job->repo.problems);
        return OPK_OK;
    }
    status = opk_kernel_init(&job->kernel, &job->repo, &host, err);
    if (status != OPK_OK)
        return status;
    status = fire_all(job, err);
    if (status == OPK_OK)
        status = settle(job, err);
    opk_kernel_done(&job->kernel);
    return status;
}

/* The hook that is named, and the paths that it needs. */
static enum opk_status read_hook(struct job *job, struct opk_err *err)
{
    const char *names[OPK_HOOK_COUNT];
    const char *given = job->cli->operands[0];
    int hook = opk_hook_find(opk_str_of(given));

    for (int i = 0; i < OPK_HOOK_COUNT; i++)
        names[i] = opk_hook_name((enum opk_hook)i);
    if (hook < 0) {
        const char *near = opk_opt_nearest(given, names, OPK_HOOK_COUNT);
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "unknown event '%s'; did you mean '%s'?",
                        given, near ? near : names[0]);
    }
    job->hook = (enum opk_hook)hook;
    if (job->values->paths.count == 0 && job->hook != OPK_HOOK_REGISTRY_BUILT)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "%s needs --path", given);
    return OPK_OK;
}

static int run(struct opk_cli *cli, const void *raw)
{
    struct job job = {.cli = cli, .values = raw};
    const char *root = job.values->root ? job.values->root : ".";
    struct opk_buf root_path = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status = read_hook(&job, &err);

    if (status != OPK_OK)
        return opk_report_usage(cli, &err);
    status =
        opk_repo_open(root, job.values->check ? OPK_REPO_READ : OPK_REPO_WRITE, &job.repo, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    status = opk_folder_resolve(root, &root_path, &err);
    if (status == OPK_OK) {
        job.home = (struct opk_plugin_home){job.repo.root.fd, opk_buf_cstr(&root_path)};
        status = open_base(&job, &err);
    }
    if (status == OPK_OK)
        status = run_kernel(&job, &err);
    opk_git_base_done(&job.base);
    opk_repo_done(&job.repo);
    opk_buf_done(&root_path);
    return status == OPK_OK ? job.exit : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_EVENT = {
    .name = "event",
    .stage = "pattern repository",
    .summary = "tell the plugins what happened, and apply what they answer",
    .operands = "on_doc_changed|on_registry_built|on_runtime_snapshot",
    .details =
        "Plugins whose hooks and filters fit are asked in the order of their ids: those that are\n"
        "part of opk, and those with a program of their own that opk.yaml allows. Each reads the\n"
        "event as JSON and answers with edits and messages; both follow its schemas. opk applies\n"
        "the edits, fires the events that they raise, and writes all files in one transaction, or\n"
        "none when a plugin does what it may not. A program runs without rights to write, within\n"
        "limits of time, memory, output and processes. --path of on_runtime_snapshot names\n"
        "transcripts, wherever they are.\n"
        "\n"
        "In a Git work tree an event of a document tells the fields that differ from the best "
        "common\n"
        "ancestor of --base and HEAD. Where opk.yaml says sync.reverse, a version or a status that "
        "was\n"
        "changed in a spec since then, and not in its card, is taken over into the card; specs "
        "are\n"
        "asked about first.\n"
        "\n"
        "Exit: 0 nothing is wrong, 1 something would change (--check) or a plugin found "
        "something,\n"
        "3 a plugin that answers badly or passes a limit, 4 an edit that it may not make or a spec "
        "of\n"
        "another pattern, 5 an edit of other bytes than are there, or a card and a spec that were "
        "both\n"
        "changed, differently.",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
