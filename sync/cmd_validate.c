#include "sync/cmd_sync.h"

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/schema.h"
#include "base/schema_meta.h"
#include "base/yaml.h"
#include "sync/schemas.h"

#include <stdlib.h>
#include <string.h>

#define BUILT_IN "opk:" /* the URIs of the program's own schemas begin so */

struct values {
    struct opk_opt_list base;
    const char *format;
    const char *schema;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("base", 'b', LIST, "URL=DIR", "what a schema refers to below URL is read below DIR",
            struct values, base),
    OPK_OPT("format", 0, CHOICE, "text|json", "a line an error, or a JSON line a file",
            struct values, format),
    OPK_OPT("schema", 's', TEXT, "SCHEMA", "a schema's file, or the name of one of opk's own",
            struct values, schema),
    OPK_OPT_END,
};

/* A schema that was read, and the URI it is known by. */
struct source {
    struct opk_doc doc;
    struct opk_str uri; /* in the arena of the verb */
};

struct validation {
    struct opk_cli *cli;
    const struct values *values;
    struct opk_schema_set *set;
    struct source *sources; /* opk's own, then those of files */
    size_t count;
    size_t cap;
    struct opk_buf out;
    int exit;
};

static void raise_exit(struct validation *v, int code)
{
    /* A schema that cannot be used weighs more than a file that is invalid. */
    if (v->exit == OPK_EXIT_OK || code == OPK_EXIT_USAGE || code == OPK_EXIT_INTERNAL)
        v->exit = code;
}

static bool is_json(struct opk_str path)
{
    return opk_str_ends(path, OPK_STR(".json"));
}

static OPK_MUST_USE enum opk_status parse(struct opk_str text, const char *path,
                                          struct opk_doc *out_doc, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};

    if (is_json(opk_str_of(path)))
        return opk_json_parse(text, path, out_doc, err);
    return opk_yaml_parse(text, path, limits, out_doc, err);
}

static OPK_MUST_USE enum opk_status add_source(struct validation *v, struct opk_str text,
                                               const char *path, struct opk_str uri,
                                               struct opk_err *err)
{
    struct source *grown = opk_grow(v->sources, &v->cap, v->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a schema");
    v->sources = grown;
    struct source *source = &grown[v->count];
    *source = (struct source){.uri = uri};
    enum opk_status status = parse(text, path, &source->doc, err);
    if (status != OPK_OK)
        return status;
    v->count++;
    return opk_schema_set_add(v->set, uri, source->doc.root, path, err);
}

/* The folder that --base gives for a URI, and the path below it; false when none does. */
static bool find_base(const struct validation *v, struct opk_str uri, struct opk_str *out_folder,
                      struct opk_str *out_rest)
{
    for (size_t i = 0; i < v->values->base.count; i++) {
        struct opk_str base = opk_str_of(v->values->base.items[i]);
        size_t equals = opk_str_rfind_byte(base, '=');
        struct opk_str url = opk_str_slice(base, 0, equals);
        struct opk_str rest = opk_str_skip(uri, url.len);
        if (!opk_str_starts(uri, url))
            continue;
        if (!opk_str_ends(url, OPK_STR("/"))) {
            if (!opk_str_starts(rest, OPK_STR("/")))
                continue;
            rest = opk_str_skip(rest, 1);
        }
        *out_folder = opk_str_skip(base, equals + 1);
        *out_rest = rest;
        return true;
    }
    return false;
}

/* A document that a schema refers to: below the folder of its URL, or unknown. */
static enum opk_status ask_base(void *context, struct opk_schema_set *set, struct opk_str uri,
                                struct opk_err *err)
{
    struct validation *v = context;
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str folder;
    struct opk_str rest;

    (void)set;
    if (!find_base(v, uri, &folder, &rest))
        return OPK_OK;
    struct opk_str dir = opk_arena_copy(v->cli->arena, folder);
    struct opk_str file = opk_arena_copy(v->cli->arena, rest);
    struct opk_str path = opk_arena_printf(v->cli->arena, "%s/%s", dir.data, file.data);
    struct opk_str known = opk_arena_copy(v->cli->arena, uri);
    enum opk_status status = opk_arena_check(v->cli->arena, err);
    if (status == OPK_OK)
        status = opk_root_open(dir.data, &root, err);
    if (status == OPK_OK)
        status = opk_root_read(&root, file.data, OPK_YAML_REGISTRY_MAX, &text, err);
    if (status == OPK_OK)
        status = add_source(v, opk_buf_str(&text), path.data, known, err);
    else if (status == OPK_E_NOENT && root.fd >= 0)
        status = OPK_OK;
    opk_root_close(&root);
    opk_buf_done(&text);
    return status;
}

static OPK_MUST_USE enum opk_status check_bases(const struct validation *v, struct opk_err *err)
{
    for (size_t i = 0; i < v->values->base.count; i++) {
        const char *base = v->values->base.items[i];
        const char *equals = strrchr(base, '=');
        if (!equals || equals == base || !equals[1])
            return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "--base takes URL=DIR, not '%s'", base);
    }
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status load_built_in(struct validation *v, struct opk_err *err)
{
    enum opk_status status = opk_schema_set_new(&v->set, err);

    if (status == OPK_OK)
        opk_schema_set_ask(v->set, ask_base, v);
    for (size_t i = 0; i < OPK_SCHEMA_COUNT && status == OPK_OK; i++) {
        const struct opk_embedded *file = &OPK_SCHEMA_FILES[i];
        struct opk_str path = opk_arena_printf(v->cli->arena, "%s.schema.json", file->name);
        struct opk_str uri = opk_arena_printf(v->cli->arena, BUILT_IN "%s", file->name);
        status = opk_arena_check(v->cli->arena, err);
        if (status == OPK_OK)
            status = add_source(v, opk_str_bytes(file->bytes, file->size), path.data, uri, err);
    }
    return status;
}

/* The URI of a schema's file, which is read once. */
static OPK_MUST_USE enum opk_status load_file(struct validation *v, const char *path,
                                              struct opk_str *out_uri, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str uri = opk_str_of(path);

    *out_uri = uri;
    for (size_t i = 0; i < v->count; i++) {
        if (opk_str_eq(v->sources[i].uri, uri))
            return OPK_OK;
    }
    enum opk_status status = opk_file_read(path, OPK_YAML_CARD_MAX, &text, err);
    if (status == OPK_OK)
        status = add_source(v, opk_buf_str(&text), path, uri, err);
    opk_buf_done(&text);
    return status;
}

static struct opk_str built_in_uri(struct validation *v, const struct opk_embedded *file)
{
    return opk_arena_printf(v->cli->arena, BUILT_IN "%s", file->name);
}

/* The schema that a modeline names: one of opk's own by its name, else a file beside this one. */
static OPK_MUST_USE enum opk_status load_modeline(struct validation *v, struct opk_str name,
                                                  const char *path, struct opk_str *out_uri,
                                                  struct opk_err *err)
{
    const struct opk_embedded *own = opk_schemas_find(name);
    struct opk_str folder_of_url;
    struct opk_str rest;
    size_t slash = opk_str_rfind_byte(opk_str_of(path), '/');
    int folder = slash == OPK_NPOS || name.data[0] == '/' ? 0 : (int)slash + 1;

    if (find_base(v, name, &folder_of_url, &rest)) {
        *out_uri = name;
        return OPK_OK;
    }
    if (own) {
        *out_uri = built_in_uri(v, own);
        return OPK_OK;
    }
    struct opk_str file =
        opk_arena_printf(v->cli->arena, "%.*s%.*s", folder, path, OPK_STR_FMT(name));
    return load_file(v, file.data, out_uri, err);
}

/* Which schema a file follows: --schema, else its modeline, else its name and folder. */
static OPK_MUST_USE enum opk_status choose(struct validation *v, const char *path,
                                           struct opk_str text, struct opk_str *out_uri,
                                           struct opk_err *err)
{
    const char *given = v->values->schema;
    const struct opk_embedded *own = NULL;
    struct opk_str modeline = opk_schemas_modeline(text);
    struct opk_str folder;
    struct opk_str rest;

    if (given && (find_base(v, opk_str_of(given), &folder, &rest) ||
                  opk_str_starts(opk_str_of(given), OPK_STR(OPK_METASCHEMA_BASE)))) {
        *out_uri = opk_str_of(given);
        return OPK_OK;
    }
    if (given && (strchr(given, '/') || strchr(given, '.')))
        return load_file(v, given, out_uri, err);
    if (given) {
        own = opk_schemas_find(opk_str_of(given));
        if (!own)
            return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                            "no schema of opk's own is called '%s'; a file's name holds a '.' or a "
                            "'/'",
                            given);
    }
    if (!own && modeline.len > 0)
        return load_modeline(v, modeline, path, out_uri, err);
    if (!own)
        own = opk_schemas_of_path(opk_str_of(path));
    if (!own)
        return opk_fail(err, OPK_E_USAGE, OPK_AT_PATH(path),
                        "no schema is known for a file of this name; give one with --schema");
    *out_uri = built_in_uri(v, own);
    return OPK_OK;
}

/* ---- what is printed ---- */

static void say_text(struct validation *v, const char *path, const struct opk_schema_error *error)
{
    struct opk_buf *out = &v->out;

    opk_out_terminal(out, opk_str_of(path), false);
    if (error->line > 0)
        opk_buf_printf(out, ":%llu:%llu", (unsigned long long)error->line,
                       (unsigned long long)error->column);
    opk_buf_append_cstr(out, ": ");
    opk_out_terminal(out, error->message, false);
    if (error->hint.len > 0) {
        opk_buf_append_cstr(out, "; ");
        opk_out_terminal(out, error->hint, false);
    }
    if (error->keyword.len > 0) {
        opk_buf_append_cstr(out, " [");
        opk_out_terminal(out, error->keyword, false);
        opk_buf_append_cstr(out, error->pointer.len > 0 ? " at " : "");
        opk_out_terminal(out, error->pointer, false);
        opk_buf_append_byte(out, ']');
    }
    opk_buf_append_byte(out, '\n');
}

static void say_json(struct opk_json_writer *writer, const struct opk_schema_error *error)
{
    opk_json_open(writer, '{');
    opk_json_key(writer, "line");
    opk_json_number(writer, (int64_t)error->line);
    opk_json_key(writer, "column");
    opk_json_number(writer, (int64_t)error->column);
    opk_json_key(writer, "pointer");
    opk_json_string(writer, error->pointer);
    opk_json_key(writer, "keyword");
    opk_json_string(writer, error->keyword);
    opk_json_key(writer, "message");
    opk_json_string(writer, error->message);
    opk_json_key(writer, "hint");
    opk_json_string(writer, error->hint);
    opk_json_close(writer, '}');
}

static void say(struct validation *v, const char *path, struct opk_str schema,
                const struct opk_schema_report *report)
{
    if (strcmp(v->values->format, "text") == 0) {
        for (size_t i = 0; i < report->count; i++)
            say_text(v, path, &report->errors[i]);
        if (report->omitted > 0)
            opk_buf_printf(&v->out, "%s: %zu more errors\n", path, report->omitted);
        return;
    }
    struct opk_json_writer writer = OPK_JSON_WRITER(&v->out);
    opk_json_open(&writer, '{');
    opk_json_key(&writer, "path");
    opk_json_string(&writer, opk_str_of(path));
    opk_json_key(&writer, "schema");
    opk_json_string(&writer, schema);
    opk_json_key(&writer, "valid");
    opk_json_bool(&writer, report->count == 0);
    opk_json_key(&writer, "errors");
    opk_json_open(&writer, '[');
    for (size_t i = 0; i < report->count; i++)
        say_json(&writer, &report->errors[i]);
    opk_json_close(&writer, ']');
    opk_json_key(&writer, "omitted");
    opk_json_number(&writer, (int64_t)report->omitted);
    opk_json_close(&writer, '}');
    opk_buf_append_byte(&v->out, '\n');
}

/* A file that does not even parse is invalid, with one error. */
static void say_unread(struct validation *v, const char *path, struct opk_str schema,
                       const struct opk_err *err)
{
    struct opk_schema_error error = {
        .line = err->line,
        .column = err->column,
        .pointer = OPK_STR_EMPTY,
        .keyword = OPK_STR_EMPTY,
        .message = opk_str_of(err->message),
        .hint = OPK_STR_EMPTY,
    };
    struct opk_schema_report report = {.errors = &error, .count = 1};

    say(v, path, schema, &report);
    raise_exit(v, OPK_EXIT_INVALID);
}

/* ---- one file ---- */

static OPK_MUST_USE enum opk_status check(struct validation *v, const char *path,
                                          struct opk_str uri, const struct opk_doc *doc,
                                          struct opk_err *err)
{
    static const struct opk_node NOTHING = {
        .kind = OPK_NODE_NULL, .text = OPK_STR_INIT(""), .line = 1, .column = 1};
    struct opk_schema_report report = {0};
    const struct opk_schema *schema;
    enum opk_status status = opk_schema_find(v->set, uri, &schema, err);

    if (status == OPK_OK) {
        status = opk_schema_check(v->set, schema, doc->root ? doc->root : &NOTHING, &report, err);
        if (status != OPK_OK)
            opk_err_add_path(err, path);
    }
    if (status == OPK_OK) {
        say(v, path, uri, &report);
        if (report.count > 0)
            raise_exit(v, OPK_EXIT_INVALID);
    }
    opk_schema_report_done(&report);
    return status;
}

static void validate(struct validation *v, const char *path)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    struct opk_str uri = OPK_STR_EMPTY;
    struct opk_err err;
    enum opk_status status = opk_file_read(path, OPK_YAML_REGISTRY_MAX, &text, &err);

    if (status != OPK_OK) {
        opk_err_add_path(&err, path);
        raise_exit(v, opk_cli_fail(v->cli, &err));
        goto out;
    }
    status = choose(v, path, opk_buf_str(&text), &uri, &err);
    if (status == OPK_OK) {
        status = parse(opk_buf_str(&text), path, &doc, &err);
        if (status != OPK_OK && status != OPK_E_NOMEM) {
            say_unread(v, path, uri, &err);
            goto out;
        }
        if (status == OPK_OK)
            status = check(v, path, uri, &doc, &err);
    }
    if (status != OPK_OK) {
        int code = opk_cli_fail(v->cli, &err);
        raise_exit(v, code == OPK_EXIT_INTERNAL ? code : OPK_EXIT_USAGE);
    }

out:
    opk_doc_done(&doc);
    opk_buf_done(&text);
}

static int run(struct opk_cli *cli, const void *values)
{
    struct validation v = {.cli = cli, .values = values};
    struct opk_err err;
    enum opk_status status = check_bases(&v, &err);

    if (status == OPK_OK)
        status = load_built_in(&v, &err);
    for (size_t i = 0; i < cli->operand_count && status == OPK_OK; i++)
        validate(&v, cli->operands[i]);
    if (status == OPK_OK)
        status = opk_cli_write(cli, &v.out, &err);
    if (status != OPK_OK)
        v.exit = opk_cli_fail(cli, &err);
    opk_schema_set_free(v.set);
    for (size_t i = 0; i < v.count; i++)
        opk_doc_done(&v.sources[i].doc);
    free(v.sources);
    opk_buf_done(&v.out);
    return v.exit;
}

const struct opk_verb OPK_VERB_VALIDATE = {
    .name = "validate",
    .stage = "pattern repository",
    .summary = "check files against their schemas",
    .operands = "FILE...",
    .details =
        "Each FILE is YAML, or JSON where its name ends in .json. Its schema is the one that\n"
        "--schema gives, else the one that a first line '# yaml-language-server: $schema=X'\n"
        "names, else the one that files of its name and folder follow in a pattern\n"
        "repository. An error is a line on standard output: place, message, keyword and the\n"
        "pointer of the value. A schema may refer to others below a URL that --base gives a\n"
        "folder for, and to the metaschemas of draft 2020-12; nothing is ever fetched.\n"
        "\n"
        "Exit: 0 when every FILE is valid, 3 when one is not, 2 when a schema cannot be used.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run,
};
