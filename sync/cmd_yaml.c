#include "sync/cmd_sync.h"

#include "base/file.h"
#include "base/json.h"
#include "base/out.h"
#include "base/yaml_edit.h"
#include "sync/diff.h"

#include <string.h>

struct values {
    bool check;
    bool dry_run;
    const char *format;
    bool yaml;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("check", 0, FLAG, NULL, "write nothing; print what would change, and exit 1 if any",
            struct values, check),
    OPK_OPT("dry-run", 'n', FLAG, NULL, "print the new text instead of writing it", struct values,
            dry_run),
    OPK_OPT("format", 0, CHOICE, "text|json", "how get prints a value", struct values, format),
    OPK_OPT("yaml", 'y', FLAG, NULL, "VALUE is YAML: a number, a list, a mapping", struct values,
            yaml),
    OPK_OPT_END,
};

static const struct opk_yaml_limits LIMITS = {.bytes = OPK_YAML_REGISTRY_MAX,
                                              .allow_foreign = true};

struct job {
    struct opk_cli *cli;
    const struct values *values;
    const char *path;
    struct opk_str pointer;
    const char *value; /* NULL: none was given */
    struct opk_buf text;
    struct opk_buf out;
    int exit;
};

/* ---- get ---- */

static OPK_MUST_USE enum opk_status absent(const struct job *job, struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(job->path), "nothing at \"%.*s\"",
                    (int)(job->pointer.len < 200 ? job->pointer.len : 200), job->pointer.data);
}

static OPK_MUST_USE enum opk_status run_get(struct job *job, struct opk_err *err)
{
    struct opk_doc doc = {0};
    enum opk_status status = opk_yaml_parse(opk_buf_str(&job->text), job->path, LIMITS, &doc, err);

    if (status != OPK_OK)
        return status;
    const struct opk_node *node = opk_node_pointer(doc.root, job->pointer);
    if (!node) {
        status = absent(job, err);
    } else if (strcmp(job->values->format, "json") == 0) {
        struct opk_json_writer writer = OPK_JSON_WRITER(&job->out);
        opk_json_node(&writer, node);
    } else if (node->kind == OPK_NODE_SEQ || node->kind == OPK_NODE_MAP) {
        struct opk_str source = opk_str_slice(doc.source, node->span.begin, node->span.end);
        opk_out_terminal(&job->out, source, true);
    } else {
        opk_out_terminal(&job->out, node->text, true);
    }
    opk_buf_append_byte(&job->out, '\n');
    opk_doc_done(&doc);
    return status;
}

/* ---- set, append, delete ---- */

/* VALUE as a string, or with --yaml as what it says. doc owns the texts. */
static OPK_MUST_USE enum opk_status read_value(const struct job *job, struct opk_doc *doc,
                                               struct opk_value *out_value, struct opk_err *err)
{
    struct opk_str text = opk_str_of(job->value);

    *out_value = (struct opk_value){.kind = OPK_VALUE_STRING, .text = text, .key = OPK_STR_EMPTY};
    if (!job->values->yaml)
        return OPK_OK;
    out_value->kind = OPK_VALUE_NULL;
    enum opk_status status = opk_yaml_parse(text, "VALUE", LIMITS, doc, err);
    if (status == OPK_OK && doc->root)
        status = opk_value_of_node(doc->root, job->cli->arena, out_value, err);
    return status;
}

/* The key that a pointer ends in, unescaped. */
static struct opk_str last_key(const struct job *job, size_t slash)
{
    struct opk_str part = opk_str_skip(job->pointer, slash + 1);
    struct opk_buf key = OPK_BUF_EMPTY;

    for (size_t i = 0; i < part.len; i++) {
        bool escaped = part.data[i] == '~' && i + 1 < part.len &&
                       (part.data[i + 1] == '0' || part.data[i + 1] == '1');
        if (!escaped) {
            opk_buf_append_byte(&key, part.data[i]);
            continue;
        }
        i++;
        opk_buf_append_byte(&key, part.data[i] == '0' ? '~' : '/');
    }
    struct opk_str copy = opk_arena_copy(job->cli->arena, opk_buf_str(&key));
    opk_buf_done(&key);
    return copy;
}

static OPK_MUST_USE enum opk_status plan_set(const struct job *job, struct opk_yaml_edit *edit,
                                             const struct opk_value *value, struct opk_err *err)
{
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    const struct opk_node *node = opk_node_pointer(root, job->pointer);
    size_t slash = opk_str_rfind_byte(job->pointer, '/');

    if (node)
        return opk_yaml_edit_replace(edit, node, value, err);
    if (slash == OPK_NPOS)
        return absent(job, err);
    const struct opk_node *map = opk_node_pointer(root, opk_str_slice(job->pointer, 0, slash));
    if (!map && root)
        return absent(job, err);
    return opk_yaml_edit_set(edit, map, last_key(job, slash), value, err);
}

static OPK_MUST_USE enum opk_status plan_append(const struct job *job, struct opk_yaml_edit *edit,
                                                const struct opk_value *value, struct opk_err *err)
{
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    const struct opk_node *seq = opk_node_pointer(root, job->pointer);

    return seq || !root ? opk_yaml_edit_append(edit, seq, value, err) : absent(job, err);
}

static OPK_MUST_USE enum opk_status plan_delete(const struct job *job, struct opk_yaml_edit *edit,
                                                const struct opk_value *value, struct opk_err *err)
{
    const struct opk_node *node = opk_node_pointer(opk_yaml_edit_doc(edit)->root, job->pointer);

    (void)value;
    return node ? opk_yaml_edit_delete(edit, node, err) : absent(job, err);
}

/* What an edit made of the file: shown, or written. */
static OPK_MUST_USE enum opk_status settle(struct job *job, struct opk_str now, bool changed,
                                           struct opk_err *err)
{
    struct opk_str old = opk_buf_str(&job->text);
    struct opk_buf diff = OPK_BUF_EMPTY;
    struct opk_str line;
    enum opk_status status;

    if (job->values->dry_run && !job->values->check) {
        opk_buf_append(&job->out, now);
        return OPK_OK;
    }
    if (!changed)
        return OPK_OK;
    if (!job->values->check)
        return opk_file_replace(job->path, now, err);
    job->exit = OPK_EXIT_FINDINGS;
    status = opk_diff_unified(job->path, &old, &now, &diff, err);
    struct opk_split lines = OPK_SPLIT(opk_buf_str(&diff), '\n');
    while (status == OPK_OK && opk_split_next(&lines, &line) && !lines.done) {
        opk_out_terminal(&job->out, line, false);
        opk_buf_append_byte(&job->out, '\n');
    }
    opk_buf_done(&diff);
    return status;
}

static const struct action {
    const char *name;
    bool takes_value;
    enum opk_status (*plan)(const struct job *job, struct opk_yaml_edit *edit,
                            const struct opk_value *value, struct opk_err *err); /* NULL: get */
} ACTIONS[] = {
    {"get", false, NULL},
    {"set", true, plan_set},
    {"append", true, plan_append},
    {"delete", false, plan_delete},
};

static OPK_MUST_USE enum opk_status run_edit(struct job *job, const struct action *action,
                                             struct opk_err *err)
{
    struct opk_yaml_edit *edit = NULL;
    struct opk_doc doc = {0};
    struct opk_value value;
    struct opk_buf now = OPK_BUF_EMPTY;
    enum opk_status status =
        opk_yaml_edit_new(opk_buf_str(&job->text), job->path, LIMITS, &edit, err);

    if (status == OPK_OK)
        status = read_value(job, &doc, &value, err);
    if (status == OPK_OK)
        status = action->plan(job, edit, &value, err);
    if (status == OPK_OK)
        status = opk_yaml_edit_finish(edit, &now, err);
    if (status == OPK_OK)
        status = settle(job, opk_buf_str(&now), opk_yaml_edit_changed(edit), err);
    opk_yaml_edit_free(edit);
    opk_doc_done(&doc);
    opk_buf_done(&now);
    return status;
}

static const struct action *find_action(const struct opk_cli *cli, struct opk_err *err)
{
    const char *names[sizeof(ACTIONS) / sizeof(ACTIONS[0])];
    const size_t count = sizeof(ACTIONS) / sizeof(ACTIONS[0]);

    for (size_t i = 0; i < count; i++) {
        names[i] = ACTIONS[i].name;
        if (strcmp(cli->operands[0], ACTIONS[i].name) != 0)
            continue;
        if (cli->operand_count == (ACTIONS[i].takes_value ? 4U : 3U))
            return &ACTIONS[i];
        opk_err_set(err, OPK_E_USAGE, OPK_NOWHERE, "%s takes FILE POINTER%s; try 'opk yaml --help'",
                    ACTIONS[i].name, ACTIONS[i].takes_value ? " VALUE" : "");
        return NULL;
    }
    const char *near = opk_opt_nearest(cli->operands[0], names, count);
    opk_err_set(err, OPK_E_USAGE, OPK_NOWHERE, "unknown action '%s'; did you mean '%s'?",
                cli->operands[0], near ? near : "get");
    return NULL;
}

static int run(struct opk_cli *cli, const void *values)
{
    struct job job = {.cli = cli, .values = values, .path = cli->operands[1]};
    struct opk_err err;
    const struct action *action = find_action(cli, &err);
    enum opk_status status;

    if (!action)
        return opk_cli_fail(cli, &err);
    job.pointer = opk_str_of(cli->operands[2]);
    job.value = action->takes_value ? cli->operands[3] : "";
    status = opk_file_read(job.path, LIMITS.bytes, &job.text, &err);
    if (status == OPK_OK)
        status = action->plan ? run_edit(&job, action, &err) : run_get(&job, &err);
    if (status == OPK_OK)
        status = opk_cli_write(cli, &job.out, &err);
    opk_err_add_path(status == OPK_OK ? NULL : &err, job.path);
    opk_buf_done(&job.text);
    opk_buf_done(&job.out);
    return status == OPK_OK ? job.exit : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_YAML = {
    .name = "yaml",
    .stage = "pattern repository",
    .summary = "read or change one value of a YAML file, and no other byte",
    .operands = "get|set|append|delete FILE POINTER [VALUE]",
    .details =
        "POINTER is a JSON Pointer such as /suite/tests/0; a key that is absent is added by set.\n"
        "VALUE is a string, written with the quotes that it needs; with --yaml it is YAML. All\n"
        "else in FILE stays as it is: comments, blank lines, quotes, order, line ends. The new\n"
        "text is read again before it is written; where more would change than was asked for,\n"
        "nothing is written and the exit is 4. --check writes nothing either: it prints the\n"
        "difference as a unified diff and exits 1 when there is one.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 3,
    .max_operands = 4,
    .run = run,
};
