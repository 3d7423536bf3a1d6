#include "sync/new_plugin.h"

#include "base/json.h"
#include "base/opt.h"
#include "sync/init.h"

#include <string.h>

#define MODEL   "plugins/patterns/PLG_PATTERNS_PROPAGATE/" /* whose schemas a new one starts with */
#define PROGRAM "src/run.sh"

static const char *const HOOKS[] = {"on_doc_changed", "on_registry_built", "on_runtime_snapshot"};
#define HOOK_COUNT (sizeof(HOOKS) / sizeof(HOOKS[0]))

static const char RUN[] =
    "#!/bin/sh\n"
    "# Reads one event as JSON from standard input and answers on standard output: what to edit, "
    "or\n"
    "# what to say. opk applies the edits itself; this program writes nothing.\n"
    "set -eu\n"
    "cat >/dev/null\n"
    "echo '{\"edits\": []}'\n";

/* family.name, in small letters, digits and "_". */
static enum opk_status check_id(const char *id, struct opk_err *err)
{
    struct opk_split parts = OPK_SPLIT(opk_str_of(id), '.');
    struct opk_str part;
    size_t count = 0;
    bool valid = true;

    while (opk_split_next(&parts, &part)) {
        count++;
        valid = valid && part.len > 0 && opk_is_lower(part.data[0]);
        for (size_t i = 0; i < part.len; i++)
            valid = valid && (opk_is_lower(part.data[i]) || opk_is_digit(part.data[i]) ||
                              part.data[i] == '_');
    }
    if (valid && count >= 2)
        return OPK_OK;
    return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                    "'%s' is no id of a plugin; they look like docs.stale_links", id);
}

static enum opk_status check_hooks(const struct opk_new_plugin *plugin, struct opk_err *err)
{
    if (plugin->hook_count == 0)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "a plugin answers to something: give --hook, such as %s", HOOKS[0]);
    for (size_t i = 0; i < plugin->hook_count; i++) {
        bool known = false;
        for (size_t j = 0; j < HOOK_COUNT; j++)
            known = known || strcmp(plugin->hooks[i], HOOKS[j]) == 0;
        if (known)
            continue;
        const char *near = opk_opt_nearest(plugin->hooks[i], HOOKS, HOOK_COUNT);
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "unknown hook '%s'; did you mean '%s'?",
                        plugin->hooks[i], near ? near : HOOKS[0]);
    }
    return OPK_OK;
}

/* plugins/docs/PLG_DOCS_STALE_LINKS/ of docs.stale_links. */
static struct opk_str folder_of(struct opk_arena *arena, const char *id)
{
    struct opk_str text = opk_str_of(id);
    size_t dot = opk_str_find_byte(text, '.', 0);
    struct opk_buf name = OPK_BUF_EMPTY;

    for (size_t i = 0; i < text.len; i++)
        opk_buf_append_byte(&name, text.data[i] == '.' ? '_' : opk_to_upper(text.data[i]));
    struct opk_str folder = opk_arena_printf(arena, "plugins/%.*s/PLG_%.*s/", (int)dot, id,
                                             OPK_STR_FMT(opk_buf_str(&name)));
    arena->failed = arena->failed || name.failed;
    opk_buf_done(&name);
    return folder;
}

static void write_words(struct opk_buf *out, const char *key, const char *const *words,
                        size_t count)
{
    opk_buf_printf(out, "  \"%s\": [", key);
    for (size_t i = 0; i < count; i++) {
        struct opk_json_writer writer = OPK_JSON_WRITER(out);
        opk_buf_append_cstr(out, i > 0 ? ", " : "");
        opk_json_string(&writer, opk_str_of(words[i]));
    }
    opk_buf_append_cstr(out, "],\n");
}

static void write_spec(const struct opk_new_plugin *plugin, struct opk_buf *out)
{
    static const char *const ARGV[] = {"sh", PROGRAM};

    opk_buf_printf(out,
                   "{\n"
                   "  \"$schema\": \"../../../schemas/plugin_spec.schema.json\",\n"
                   "  \"id\": \"%s\",\n"
                   "  \"version\": \"0.1.0\",\n",
                   plugin->id);
    write_words(out, "hooks", plugin->hooks, plugin->hook_count);
    if (plugin->filter_count > 0)
        write_words(out, "filters", plugin->filters, plugin->filter_count);
    opk_buf_append_cstr(out, "  \"inputs\": \"schemas/input.schema.json\",\n"
                             "  \"outputs\": \"schemas/output.schema.json\",\n"
                             "  \"capabilities\": [\"read_repository\", \"propose_edits\"],\n");
    write_words(out, "run", ARGV, sizeof(ARGV) / sizeof(ARGV[0]));
    if (out->len > 2)
        opk_buf_truncate(out, out->len - 2); /* the last one has no comma behind it */
    opk_buf_append_cstr(out, "\n}\n");
}

static enum opk_status put(struct opk_repo *repo, struct opk_str folder, const char *name,
                           struct opk_str text, struct opk_err *err)
{
    struct opk_str path = opk_arena_printf(&repo->files.arena, "%.*s%s", OPK_STR_FMT(folder), name);
    struct opk_file *file;
    enum opk_status status = opk_arena_check(&repo->files.arena, err);

    if (status == OPK_OK)
        status = opk_files_open(&repo->files, path, &file, err);
    if (status == OPK_OK && file->exists)
        status = opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path.data),
                          "this plugin is there already; give another id");
    return status == OPK_OK ? opk_files_set(&repo->files, file, text, err) : status;
}

/* The schemas of the model plugin, which every new repository has. */
static enum opk_status put_schemas(struct opk_repo *repo, struct opk_str folder,
                                   struct opk_err *err)
{
    struct opk_str below = OPK_STR(MODEL "schemas/");
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < OPK_INIT_COUNT && status == OPK_OK; i++) {
        const struct opk_embedded *file = &OPK_INIT_FILES[i];
        if (opk_str_starts(opk_str_of(file->name), below))
            status = put(repo, folder, file->name + strlen(MODEL),
                         opk_str_bytes(file->bytes, file->size), err);
    }
    return status;
}

enum opk_status opk_new_plugin_add(struct opk_repo *repo, const struct opk_new_plugin *plugin,
                                   struct opk_err *err)
{
    struct opk_buf spec = OPK_BUF_EMPTY;
    struct opk_str folder;
    enum opk_status status = check_id(plugin->id, err);

    if (status == OPK_OK)
        status = check_hooks(plugin, err);
    if (status != OPK_OK)
        return status;
    folder = folder_of(&repo->files.arena, plugin->id);
    write_spec(plugin, &spec);
    status = opk_buf_check(&spec, err);
    if (status == OPK_OK)
        status = put(repo, folder, "plugin.spec.json", opk_buf_str(&spec), err);
    if (status == OPK_OK)
        status = put_schemas(repo, folder, err);
    if (status == OPK_OK)
        status = put(repo, folder, PROGRAM, opk_str_of(RUN), err);
    opk_buf_done(&spec);
    return status;
}
