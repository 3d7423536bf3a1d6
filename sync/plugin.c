#include "sync/plugin.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "sync/glob.h"
#include "sync/schemas.h"

#include <stdlib.h>
#include <string.h>

#define PLUGINS "plugins/"
#define SPEC    "plugin.spec.json"
#define CONFIG  "opk.yaml"

static void port_done(struct opk_plugin_port *port)
{
    opk_schema_set_free(port->set);
    opk_doc_done(&port->doc);
}

void opk_plugins_done(struct opk_plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++) {
        port_done(&plugins->items[i].in);
        port_done(&plugins->items[i].out);
        opk_doc_done(&plugins->items[i].spec);
    }
    free(plugins->items);
    opk_doc_done(&plugins->config);
    opk_arena_done(&plugins->arena);
    *plugins = (struct opk_plugins){0};
}

/* ---- schemas ---- */

/* A schema from its text. */
static enum opk_status open_port(struct opk_plugin_port *port, struct opk_str text,
                                 const char *path, struct opk_err *err)
{
    enum opk_status status = opk_json_parse(text, path, &port->doc, err);

    if (status == OPK_OK)
        status = opk_schema_set_new(&port->set, err);
    if (status == OPK_OK)
        status = opk_schema_set_add(port->set, opk_str_of(path), port->doc.root, path, err);
    return status == OPK_OK ? opk_schema_find(port->set, opk_str_of(path), &port->schema, err)
                            : status;
}

/* The first thing that is wrong with a document. */
static enum opk_status check_doc(const struct opk_plugin_port *port, const struct opk_node *root,
                                 const char *path, const char *what, struct opk_err *err)
{
    struct opk_schema_report report = {0};
    enum opk_status status = opk_schema_check(port->set, port->schema, root, &report, err);

    if (status == OPK_OK && report.count > 0) {
        const struct opk_schema_error *first = &report.errors[0];
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_COLUMN(path, first->line, first->column),
                          "%s at \"%.*s\": %.*s", what, OPK_STR_FMT(first->pointer),
                          OPK_STR_FMT(first->message));
    }
    opk_schema_report_done(&report);
    return status;
}

enum opk_status opk_plugin_read(const struct opk_plugin *plugin, const struct opk_plugin_port *port,
                                struct opk_str json, const char *what, struct opk_doc *out_doc,
                                struct opk_err *err)
{
    struct opk_doc doc = {0};
    struct opk_err why;
    enum opk_status status = opk_json_parse(json, NULL, &doc, &why);

    if (status == OPK_OK)
        status = check_doc(port, doc.root, NULL, what, &why);
    if (status == OPK_OK) {
        *out_doc = doc;
        return OPK_OK;
    }
    opk_doc_done(&doc);
    return opk_fail(err, status == OPK_E_NOMEM ? status : OPK_E_INVALID, OPK_AT_PATH(plugin->path),
                    "%.*s: %s: %s", OPK_STR_FMT(plugin->id), what, why.message);
}

/* ---- specifications ---- */

static enum opk_status read_file(struct opk_repo *repo, struct opk_str path,
                                 struct opk_file **out_file, struct opk_err *err)
{
    enum opk_status status = opk_files_open(&repo->files, path, out_file, err);

    if (status == OPK_OK && !opk_file_is_there(*out_file))
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH((*out_file)->path), "no such file");
    return status;
}

static enum opk_status load_port(struct opk_repo *repo, struct opk_plugins *plugins,
                                 const struct opk_plugin *plugin, const char *key,
                                 struct opk_plugin_port *port, struct opk_err *err)
{
    struct opk_str name = opk_node_text(opk_node_get(plugin->spec.root, key));
    struct opk_str path = opk_arena_printf(&plugins->arena, "%.*s/%.*s",
                                           OPK_STR_FMT(plugin->folder), OPK_STR_FMT(name));
    struct opk_file *file;
    enum opk_status status = opk_arena_check(&plugins->arena, err);

    if (status == OPK_OK)
        status = read_file(repo, path, &file, err);
    return status == OPK_OK ? open_port(port, file->now, file->path, err) : status;
}

static enum opk_status read_spec(struct opk_repo *repo, struct opk_plugins *plugins,
                                 const struct opk_plugin_port *own, struct opk_plugin *plugin,
                                 struct opk_err *err)
{
    struct opk_file *file;
    enum opk_status status = read_file(repo, opk_str_of(plugin->path), &file, err);

    if (status == OPK_OK)
        status = opk_json_parse(file->now, file->path, &plugin->spec, err);
    if (status == OPK_OK)
        status = check_doc(own, plugin->spec.root, file->path, "specification", err);
    if (status != OPK_OK)
        return status;
    const struct opk_node *hooks = opk_node_get(plugin->spec.root, "hooks");
    for (const struct opk_node *hook = hooks->first; hook; hook = hook->next)
        plugin->hooks[opk_hook_find(hook->text)] = true;
    plugin->id = opk_node_text(opk_node_get(plugin->spec.root, "id"));
    plugin->filters = opk_node_get(plugin->spec.root, "filters");
    plugin->run = opk_node_get(plugin->spec.root, "run");
    status = load_port(repo, plugins, plugin, "inputs", &plugin->in, err);
    return status == OPK_OK ? load_port(repo, plugins, plugin, "outputs", &plugin->out, err)
                            : status;
}

static enum opk_status add_empty(struct opk_plugins *plugins, const char *path,
                                 struct opk_plugin **out_plugin, struct opk_err *err)
{
    struct opk_plugin *grown =
        opk_grow(plugins->items, &plugins->cap, plugins->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for plugins");
    plugins->items = grown;
    *out_plugin = &grown[plugins->count++];
    **out_plugin = (struct opk_plugin){.id = OPK_STR_EMPTY, .folder = OPK_STR_EMPTY, .path = path};
    return OPK_OK;
}

enum opk_status opk_plugins_add_part(struct opk_plugins *plugins, const char *id,
                                     enum opk_hook hook, struct opk_str inputs,
                                     struct opk_str outputs, struct opk_err *err)
{
    struct opk_plugin *plugin;
    enum opk_status status = add_empty(plugins, id, &plugin, err);

    if (status != OPK_OK)
        return status;
    plugin->id = opk_str_of(id);
    plugin->hooks[hook] = true;
    status = open_port(&plugin->in, inputs, "input.schema.json", err);
    return status == OPK_OK ? open_port(&plugin->out, outputs, "output.schema.json", err) : status;
}

/* One folder below a family's; without a specification it is no plugin's. */
static enum opk_status add_plugin(struct opk_repo *repo, struct opk_plugins *plugins,
                                  const struct opk_plugin_port *own, struct opk_str family,
                                  struct opk_str name, struct opk_err *err)
{
    struct opk_str folder = opk_arena_printf(&plugins->arena, PLUGINS "%.*s%.*s",
                                             OPK_STR_FMT(family), (int)name.len - 1, name.data);
    struct opk_str path = opk_arena_printf(&plugins->arena, "%.*s/" SPEC, OPK_STR_FMT(folder));
    struct opk_plugin *plugin;
    enum opk_status status = opk_arena_check(&plugins->arena, err);

    if (status != OPK_OK || !opk_root_has(&repo->root, path.data))
        return status;
    status = add_empty(plugins, path.data, &plugin, err);
    if (status != OPK_OK)
        return status;
    plugin->folder = folder;
    return read_spec(repo, plugins, own, plugin, err);
}

static enum opk_status read_family(struct opk_repo *repo, struct opk_plugins *plugins,
                                   const struct opk_plugin_port *own, struct opk_str family,
                                   struct opk_err *err)
{
    struct opk_str folder =
        opk_arena_printf(&plugins->arena, PLUGINS "%.*s", (int)family.len - 1, family.data);
    struct opk_str *names;
    size_t count = 0;
    enum opk_status status = opk_arena_check(&plugins->arena, err);

    if (status == OPK_OK)
        status = opk_root_list(&repo->root, folder.data, &plugins->arena, &names, &count, err);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (opk_str_ends(names[i], OPK_STR("/")))
            status = add_plugin(repo, plugins, own, family, names[i], err);
    }
    return status;
}

static int compare_plugins(const void *left, const void *right)
{
    const struct opk_plugin *a = left;
    const struct opk_plugin *b = right;

    return opk_str_cmp(a->id, b->id);
}

static enum opk_status read_plugins(struct opk_repo *repo, struct opk_plugins *plugins,
                                    struct opk_err *err)
{
    const struct opk_embedded *spec = opk_schemas_find(OPK_STR("plugin_spec"));
    struct opk_plugin_port own = {0};
    struct opk_str *families;
    size_t count = 0;
    enum opk_status status =
        open_port(&own, opk_str_bytes(spec->bytes, spec->size), spec->name, err);

    if (status == OPK_OK && opk_root_has_folder(&repo->root, "plugins"))
        status = opk_root_list(&repo->root, "plugins", &plugins->arena, &families, &count, err);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (opk_str_ends(families[i], OPK_STR("/")))
            status = read_family(repo, plugins, &own, families[i], err);
    }
    port_done(&own);
    if (status == OPK_OK && plugins->count > 0)
        qsort(plugins->items, plugins->count, sizeof(*plugins->items), compare_plugins);
    for (size_t i = 1; i < plugins->count && status == OPK_OK; i++) {
        if (opk_str_eq(plugins->items[i].id, plugins->items[i - 1].id))
            status = opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(plugins->items[i].path),
                              "the id %.*s is that of %s as well",
                              OPK_STR_FMT(plugins->items[i].id), plugins->items[i - 1].path);
    }
    return status;
}

/* ---- what opk.yaml allows ---- */

static struct opk_plugin *find_plugin(const struct opk_plugins *plugins, struct opk_str id)
{
    for (size_t i = 0; i < plugins->count; i++) {
        if (opk_str_eq(plugins->items[i].id, id))
            return &plugins->items[i];
    }
    return NULL;
}

/* "docs.words", or a mapping of id and edits, a list of globs. */
static enum opk_status allow_one(struct opk_plugins *plugins, const struct opk_node *item,
                                 struct opk_err *err)
{
    bool is_map = item->kind == OPK_NODE_MAP;
    const struct opk_node *id = is_map ? opk_node_get(item, "id") : item;
    const struct opk_node *edits = is_map ? opk_node_get(item, "edits") : NULL;
    bool is_list = edits && edits->kind == OPK_NODE_SEQ;
    struct opk_plugin *plugin = find_plugin(plugins, opk_node_text(id));

    if (!id || id->kind != OPK_NODE_STRING || (is_map && (!is_list || item->count != 2)))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(item, CONFIG),
                        "an allowed plugin is its id, or a mapping of id and edits, a list of "
                        "globs");
    if (!plugin || !plugin->run)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(id, CONFIG),
                        plugin ? "'%.*s' is part of opk and needs not be allowed"
                               : "no plugin '%.*s' below plugins/",
                        OPK_STR_FMT(id->text));
    for (const struct opk_node *glob = edits ? edits->first : NULL; glob; glob = glob->next) {
        if (glob->kind != OPK_NODE_STRING)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(glob, CONFIG),
                            "edits is a list of globs");
    }
    plugin->is_allowed = true;
    plugin->edits = edits;
    return OPK_OK;
}

static enum opk_status read_allowed(struct opk_repo *repo, struct opk_plugins *plugins,
                                    struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, OPK_STR(CONFIG), &file, err);

    plugins->seconds = OPK_PLUGIN_SECONDS;
    if (status != OPK_OK || !opk_file_is_there(file))
        return status;
    status = opk_yaml_parse(file->now, CONFIG, limits, &plugins->config, err);
    if (status != OPK_OK)
        return status;
    const struct opk_node *allow =
        opk_node_pointer(plugins->config.root, OPK_STR("/plugins/allow"));
    const struct opk_node *seconds =
        opk_node_pointer(plugins->config.root, OPK_STR("/plugins/seconds"));
    if (allow && allow->kind != OPK_NODE_SEQ)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(allow, CONFIG), "allow must be a list");
    for (const struct opk_node *item = allow ? allow->first : NULL; item && status == OPK_OK;
         item = item->next)
        status = allow_one(plugins, item, err);
    if (status == OPK_OK && seconds) {
        if (seconds->kind != OPK_NODE_INT || seconds->number < 1 ||
            seconds->number > OPK_PLUGIN_SECONDS_MAX)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(seconds, CONFIG),
                            "seconds is a number from 1 to %d", OPK_PLUGIN_SECONDS_MAX);
        plugins->seconds = (unsigned)seconds->number;
    }
    return status;
}

enum opk_status opk_plugins_load(struct opk_repo *repo, struct opk_plugins *out_plugins,
                                 struct opk_err *err)
{
    struct opk_plugins plugins = {0};
    enum opk_status status = read_plugins(repo, &plugins, err);

    if (status == OPK_OK)
        status = read_allowed(repo, &plugins, err);
    if (status == OPK_OK)
        *out_plugins = plugins;
    else
        opk_plugins_done(&plugins);
    return status;
}

/* ---- questions ---- */

static bool fits_any(const struct opk_node *globs, struct opk_str path)
{
    for (const struct opk_node *glob = globs ? globs->first : NULL; glob; glob = glob->next) {
        if (opk_glob_fits(glob->text, path))
            return true;
    }
    return false;
}

bool opk_plugin_wants(const struct opk_plugin *plugin, const struct opk_event *event)
{
    return plugin->hooks[event->hook] &&
           (!plugin->filters || fits_any(plugin->filters, event->path));
}

bool opk_plugin_may_edit(const struct opk_plugin *plugin, const struct opk_event *event,
                         struct opk_str path)
{
    if (!plugin->run)
        return true;
    if (opk_str_eq(path, OPK_STR(CONFIG)) || opk_str_starts(path, OPK_STR(PLUGINS)))
        return false; /* what it is allowed is not its own to say */
    return (event->hook == OPK_HOOK_DOC_CHANGED && opk_str_eq(path, event->path)) ||
           fits_any(plugin->edits, path);
}
