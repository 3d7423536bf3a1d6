/* Specifications of plugins, and the schemas that they name. */
#include "sync/guard_impl.h"

#include "base/json.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "sync/schemas.h"

#include <stdlib.h>

#define PLUGINS   "plugins"
#define SPEC_FILE "plugin.spec.json"

/* One schema and the documents that it is held against. */
struct plugins {
    struct opk_guard *guard;
    struct opk_arena arena;
    struct opk_doc own; /* opk's schema of specifications */
    struct opk_schema_set *set;
    const struct opk_schema *schema;
};

static enum opk_status read_json(struct plugins *plugins, struct opk_str path,
                                 struct opk_doc *out_doc, struct opk_err *found)
{
    struct opk_file *file;
    enum opk_status status = opk_files_open(&plugins->guard->repo->files, path, &file, found);

    if (status == OPK_OK && !file->exists)
        return opk_fail(found, OPK_E_NOENT, OPK_AT_PATH(file->path), "no such file");
    return status == OPK_OK ? opk_json_parse(file->old, file->path, out_doc, found) : status;
}

/* Can the file that a specification names be used as a schema? */
static enum opk_status check_schema(struct plugins *plugins, struct opk_str folder,
                                    const struct opk_node *named)
{
    struct opk_str path = opk_arena_printf(&plugins->arena, "%.*s%.*s", OPK_STR_FMT(folder),
                                           OPK_STR_FMT(named->text));
    struct opk_schema_set *set = NULL;
    const struct opk_schema *schema;
    struct opk_doc doc = {0};
    struct opk_err found;
    enum opk_status status = opk_arena_check(&plugins->arena, &found);

    if (status == OPK_OK)
        status = read_json(plugins, path, &doc, &found);
    if (status == OPK_OK)
        status = opk_schema_set_new(&set, &found);
    if (status == OPK_OK)
        status = opk_schema_set_add(set, path, doc.root, path.data, &found);
    if (status == OPK_OK)
        status = opk_schema_find(set, path, &schema, &found);
    opk_schema_set_free(set);
    opk_doc_done(&doc);
    return status == OPK_OK ? OPK_OK : opk_guard_met(plugins->guard, &found);
}

static enum opk_status report(struct plugins *plugins, const char *path,
                              const struct opk_schema_report *report)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < report->count && status == OPK_OK; i++) {
        const struct opk_schema_error *error = &report->errors[i];
        struct opk_err found;
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_COLUMN(path, error->line, error->column),
                    "%.*s%s%.*s", OPK_STR_FMT(error->message), error->hint.len ? "; " : "",
                    OPK_STR_FMT(error->hint));
        status = opk_guard_add(plugins->guard, &found);
    }
    return status;
}

/* folder ends with a slash. */
static enum opk_status check_plugin(struct plugins *plugins, struct opk_str folder)
{
    struct opk_str path = opk_arena_printf(&plugins->arena, "%.*s" SPEC_FILE, OPK_STR_FMT(folder));
    static const char *const SCHEMAS[] = {"inputs", "outputs"};
    struct opk_schema_report invalid = {0};
    struct opk_doc doc = {0};
    struct opk_err found;
    enum opk_status status = opk_arena_check(&plugins->arena, plugins->guard->err);

    if (status != OPK_OK || !opk_root_has(&plugins->guard->repo->root, path.data))
        return status;
    status = read_json(plugins, path, &doc, &found);
    if (status == OPK_OK)
        status = opk_schema_check(plugins->set, plugins->schema, doc.root, &invalid, &found);
    if (status != OPK_OK)
        status = opk_guard_met(plugins->guard, &found);
    else if (invalid.count > 0)
        status = report(plugins, path.data, &invalid);
    else
        for (size_t i = 0; i < 2 && status == OPK_OK; i++)
            status = check_schema(plugins, folder, opk_node_get(doc.root, SCHEMAS[i]));
    opk_schema_report_done(&invalid);
    opk_doc_done(&doc);
    return status;
}

static enum opk_status load_schema(struct plugins *plugins)
{
    const struct opk_embedded *file = opk_schemas_find(OPK_STR("plugin_spec"));
    struct opk_str text = opk_str_bytes(file->bytes, file->size);
    struct opk_err *err = plugins->guard->err;
    enum opk_status status = opk_json_parse(text, file->name, &plugins->own, err);

    if (status == OPK_OK)
        status = opk_schema_set_new(&plugins->set, err);
    if (status == OPK_OK)
        status = opk_schema_set_add(plugins->set, opk_str_of(file->name), plugins->own.root,
                                    file->name, err);
    if (status == OPK_OK)
        status = opk_schema_find(plugins->set, opk_str_of(file->name), &plugins->schema, err);
    return status;
}

/* The folders within a folder, each ending with a slash; none where it is not there. */
static enum opk_status each_folder(struct plugins *plugins, struct opk_str folder,
                                   enum opk_status (*visit)(struct plugins *plugins,
                                                            struct opk_str folder))
{
    struct opk_str *names;
    size_t count = 0;
    struct opk_err found;
    enum opk_status status = opk_root_list(&plugins->guard->repo->root, folder.data,
                                           &plugins->arena, &names, &count, &found);

    if (status == OPK_E_NOENT)
        return OPK_OK;
    if (status != OPK_OK)
        return opk_guard_met(plugins->guard, &found);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        struct opk_str below = opk_arena_printf(&plugins->arena, "%.*s%.*s", OPK_STR_FMT(folder),
                                                OPK_STR_FMT(names[i]));
        status = opk_arena_check(&plugins->arena, plugins->guard->err);
        if (status == OPK_OK && opk_str_ends(names[i], OPK_STR("/")))
            status = visit(plugins, below);
    }
    return status;
}

static enum opk_status check_family(struct plugins *plugins, struct opk_str folder)
{
    return each_folder(plugins, folder, check_plugin);
}

enum opk_status opk_guard_plugins(struct opk_guard *guard)
{
    struct plugins plugins = {.guard = guard};
    enum opk_status status = load_schema(&plugins);

    if (status == OPK_OK)
        status = each_folder(&plugins, OPK_STR(PLUGINS "/"), check_family);
    opk_schema_set_free(plugins.set);
    opk_doc_done(&plugins.own);
    opk_arena_done(&plugins.arena);
    return status;
}
