#include "promote/fields.h"

static bool is_scalar(const struct opk_node *node)
{
    return node->kind != OPK_NODE_SEQ && node->kind != OPK_NODE_MAP && node->kind != OPK_NODE_ALIAS;
}

static bool is_absent(const struct opk_node *node)
{
    return !node || node->kind == OPK_NODE_NULL;
}

enum opk_status opk_fields_items(const struct opk_fields *fields, const char *key,
                                 const struct opk_node **out_seq)
{
    static const struct opk_node NONE = {.kind = OPK_NODE_SEQ};
    const struct opk_node *seq = opk_node_get(fields->map, key);

    if (!is_absent(fields->map) && fields->map->kind != OPK_NODE_MAP)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "a mapping with '%s' is expected here", key);
    if (is_absent(seq))
        seq = &NONE;
    if (seq->kind != OPK_NODE_SEQ)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(seq, fields->path),
                        "'%s' is a list", key);
    *out_seq = seq;
    return OPK_OK;
}

enum opk_status opk_fields_text(const struct opk_fields *fields, const char *key,
                                struct opk_str *out)
{
    const struct opk_node *node = opk_node_get(fields->map, key);

    if (is_absent(node)) {
        *out = OPK_STR_EMPTY;
        return OPK_OK;
    }
    if (!is_scalar(node))
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(node, fields->path),
                        "'%s' is a single value", key);
    *out = node->text;
    return OPK_OK;
}

enum opk_status opk_fields_need(const struct opk_fields *fields, const char *key,
                                struct opk_str *out)
{
    if (is_absent(opk_node_get(fields->map, key)))
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "'%s' is missing here", key);
    return opk_fields_text(fields, key, out);
}

enum opk_status opk_fields_count(const struct opk_fields *fields, const char *key, uint64_t *out)
{
    const struct opk_node *node = opk_node_get(fields->map, key);

    if (is_absent(node)) {
        *out = 0;
        return OPK_OK;
    }
    if (!is_scalar(node) || !opk_str_to_u64(node->text, out))
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(node, fields->path),
                        "'%s' is a whole number", key);
    return OPK_OK;
}

enum opk_status opk_fields_list(const struct opk_fields *fields, const char *key,
                                const struct opk_str **out_items, size_t *out_count)
{
    const struct opk_node *seq = NULL;
    struct opk_str *items;
    size_t count = 0;
    enum opk_status status = opk_fields_items(fields, key, &seq);

    if (status != OPK_OK)
        return status;
    items = opk_arena_array(fields->arena, seq->count + 1, sizeof(*items));
    if (!items)
        return opk_arena_check(fields->arena, fields->err);
    for (const struct opk_node *item = seq->first; item; item = item->next) {
        if (!is_scalar(item))
            return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(item, fields->path),
                            "an item of '%s' is a single value", key);
        items[count++] = item->text;
    }
    *out_items = items;
    *out_count = count;
    return OPK_OK;
}
