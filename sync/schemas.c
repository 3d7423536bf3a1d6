#include "sync/schemas.h"

#include <string.h>

#define SUFFIX         ".schema.json"
#define MODELINE       "# yaml-language-server:"
#define MODELINE_KEY   "$schema="
#define MODELINE_LINES 5 /* editors look at the first lines only */

/* A path follows a schema when it ends so, or lies in a folder that ends so. */
static const struct {
    const char *end;
    bool folder;
    const char *schema;
} PATHS[] = {
    {"OPERATION_KIND_REGISTRY.yaml", false, "operation_kind_registry"},
    {"OPERATION_KIND_REGISTRY.drafts.yaml", false, "operation_kind_drafts"},
    {"PATTERN_INDEX.yaml", false, "pattern_index"},
    {"pattern-suite-index.yaml", false, "pattern_suite_index"},
    {"patterns.registry.yaml", false, "patterns_registry"},
    {"docs.registry.yaml", false, "docs_registry"},
    {"propagation.map.yml", false, "propagation_map"},
    {"opk.yaml", false, "opk_config"},
    {"plugin.spec.json", false, "plugin_spec"},
    {"docs/cards", true, "doc_card"},
    {"patterns/cards", true, "pattern_card"},
};

static struct opk_str base_name(struct opk_str path)
{
    size_t slash = opk_str_rfind_byte(path, '/');

    return slash == OPK_NPOS ? path : opk_str_skip(path, slash + 1);
}

/* The path ends in whole parts. */
static bool ends_in(struct opk_str path, const char *end)
{
    struct opk_str tail = opk_str_of(end);

    return opk_str_ends(path, tail) &&
           (path.len == tail.len || path.data[path.len - tail.len - 1] == '/');
}

const struct opk_embedded *opk_schemas_find(struct opk_str name)
{
    name = base_name(name);
    if (opk_str_ends(name, OPK_STR(SUFFIX)))
        name = opk_str_slice(name, 0, name.len - strlen(SUFFIX));
    for (size_t i = 0; i < OPK_SCHEMA_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(OPK_SCHEMA_FILES[i].name)))
            return &OPK_SCHEMA_FILES[i];
    }
    return NULL;
}

const struct opk_embedded *opk_schemas_of_path(struct opk_str path)
{
    struct opk_str name = base_name(path);
    struct opk_str folder = opk_str_slice(path, 0, path.len - name.len);

    if (opk_str_ends(folder, OPK_STR("/")))
        folder = opk_str_slice(folder, 0, folder.len - 1);
    for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
        if (ends_in(PATHS[i].folder ? folder : name, PATHS[i].end))
            return opk_schemas_find(opk_str_of(PATHS[i].schema));
    }
    return NULL;
}

struct opk_str opk_schemas_modeline(struct opk_str text)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    for (int i = 0; i < MODELINE_LINES && opk_split_next(&lines, &line); i++) {
        size_t at = opk_str_find(line, OPK_STR(MODELINE), 0);
        size_t key = at == OPK_NPOS ? at : opk_str_find(line, OPK_STR(MODELINE_KEY), at);
        if (key != OPK_NPOS)
            return opk_str_trim(opk_str_skip(line, key + strlen(MODELINE_KEY)));
    }
    return OPK_STR_EMPTY;
}
