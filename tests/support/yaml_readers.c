#include "yaml_readers.h"

#include "base/yaml_impl.h"

static bool same_node(const struct opk_node *a, const struct opk_node *b)
{
    return a->kind == b->kind && a->style == b->style && a->id == b->id &&
           a->span.begin == b->span.begin && a->span.end == b->span.end && a->line == b->line &&
           a->column == b->column && opk_str_eq(a->text, b->text) && a->truth == b->truth &&
           !(a->number < b->number) && !(a->number > b->number) && a->count == b->count &&
           !a->props == !b->props && !a->key == !b->key;
}

/* Depth is limited by the readers. */
static bool same_tree(const struct opk_node *a, const struct opk_node *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (!same_node(a, b) || (a->key && !same_node(a->key, b->key)) ||
            !same_tree(a->first, b->first))
            return false;
    }
    return !a && !b;
}

enum opk_yaml_readers opk_yaml_readers_compare(struct opk_str text)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    enum opk_yaml_readers result = OPK_YAML_READERS_DIFFER;
    struct opk_doc plain = {0};
    struct opk_doc any = {0};

    if (opk_yaml_parse_plain(text, "f", limits, &plain, NULL) != OPK_OK)
        return OPK_YAML_READERS_LEFT;
    if (opk_yaml_parse_any(text, "f", limits, &any, NULL) == OPK_OK &&
        plain.node_count == any.node_count && same_tree(plain.root, any.root))
        result = OPK_YAML_READERS_SAME;
    opk_doc_done(&plain);
    opk_doc_done(&any);
    return result;
}
