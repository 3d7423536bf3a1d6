#include "promote/paths.h"

#include "base/file.h"
#include "base/yaml.h"
#include "promote/registry.h"

#include <string.h>

#define CONFIGURATION "opk.yaml"

/* paths.kind_registry as opk.yaml gives it, in the arena; empty when it does not. */
static OPK_MUST_USE enum opk_status read_moved(const char *root, struct opk_arena *arena,
                                               struct opk_str *out_moved, struct opk_err *err)
{
    struct opk_root folder = OPK_ROOT_CLOSED;
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    enum opk_status status = opk_root_open(root, &folder, err);

    *out_moved = OPK_STR_EMPTY;
    if (status == OPK_OK)
        status = opk_root_read(&folder, CONFIGURATION, limits.bytes, &text, err);
    if (status == OPK_OK)
        status = opk_yaml_parse(opk_buf_str(&text), CONFIGURATION, limits, &doc, err);
    const struct opk_node *node = opk_node_pointer(doc.root, OPK_STR("/paths/kind_registry"));
    if (status == OPK_OK && node) {
        status = opk_path_check(opk_node_text(node), err);
        if (status != OPK_OK)
            status = opk_fail(err, OPK_E_INVALID, opk_node_place(node, CONFIGURATION),
                              "kind_registry must be a path below the root");
        *out_moved = opk_arena_copy(arena, opk_node_text(node));
    }
    opk_doc_done(&doc);
    opk_buf_done(&text);
    opk_root_close(&folder);
    return status == OPK_E_NOENT ? OPK_OK : status;
}

enum opk_status opk_paths_configured(const char *root, const char *standard,
                                     struct opk_arena *arena, const char **out_path,
                                     struct opk_err *err)
{
    struct opk_str moved;
    bool is_registry = strcmp(standard, OPK_REGISTRY_PATH) == 0;
    bool is_beside = strcmp(standard, OPK_DRAFTS_PATH) == 0;
    enum opk_status status = OPK_OK;

    *out_path = standard;
    if (!is_registry && !is_beside)
        return OPK_OK;
    status = read_moved(root, arena, &moved, err);
    if (status != OPK_OK || moved.len == 0)
        return status;
    size_t slash = opk_str_rfind_byte(moved, '/');
    const char *name = strrchr(standard, '/');
    if (is_beside)
        moved = opk_arena_printf(arena, "%.*s%s", slash == OPK_NPOS ? 0 : (int)slash + 1,
                                 moved.data, name ? name + 1 : standard);
    *out_path = moved.data;
    return opk_arena_check(arena, err);
}
