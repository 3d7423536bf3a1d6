#include "base/yaml_render.h"

#include "base/yaml_layout.h"
#include "base/yaml_scalar.h"

#define INDENT 2 /* of a file that shows none */

/* Find the first nested block below a key, of each kind. Depth is limited by the parser. */
static void learn_indent(const struct opk_node *node, size_t *map_indent, size_t *seq_indent)
{
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (*map_indent != OPK_NPOS && *seq_indent != OPK_NPOS)
            return;
        if (child->style != OPK_STYLE_BLOCK)
            continue;
        size_t *indent = child->kind == OPK_NODE_MAP ? map_indent : seq_indent;
        if (node->kind == OPK_NODE_MAP && child->column >= node->column && *indent == OPK_NPOS)
            *indent = (size_t)(child->column - node->column);
        learn_indent(child, map_indent, seq_indent);
    }
}

struct opk_yaml_hand opk_yaml_hand_of(const struct opk_doc *doc)
{
    struct opk_yaml_hand hand = {.eol = opk_yaml_eol(doc->source)};
    size_t map_indent = OPK_NPOS;
    size_t seq_indent = OPK_NPOS;

    if (doc->root && doc->root->style == OPK_STYLE_BLOCK)
        learn_indent(doc->root, &map_indent, &seq_indent);
    hand.map_indent = map_indent == OPK_NPOS || map_indent == 0 ? INDENT : map_indent;
    hand.literals = opk_yaml_is_break(opk_yaml_byte(doc->source, doc->source.len - 1));
    hand.seq_indent = seq_indent == OPK_NPOS ? hand.map_indent : seq_indent;
    hand.json = doc->root && doc->root->style == OPK_STYLE_FLOW &&
                (!doc->root->first || !doc->root->first->key ||
                 doc->root->first->key->style == OPK_STYLE_DOUBLE);
    return hand;
}

static bool is_collection(const struct opk_value *value)
{
    return value->kind == OPK_VALUE_SEQ || value->kind == OPK_VALUE_MAP;
}

bool opk_yaml_is_block(const struct opk_yaml_hand *hand, const struct opk_value *value,
                       const struct opk_node *like)
{
    if (!is_collection(value) || value->count == 0 || hand->json)
        return false;
    return !like || like->style != OPK_STYLE_FLOW || like->count == 0;
}

/* The node that a value's item should look like: the same key's value, or an item of that kind. */
static const struct opk_node *like_item(const struct opk_node *like, const struct opk_value *value,
                                        const struct opk_value *item)
{
    if (!like)
        return NULL;
    if (value->kind == OPK_VALUE_MAP)
        return opk_node_get_str(like, item->key);
    return like->kind == OPK_NODE_SEQ ? like->first : NULL;
}

static const struct opk_node *like_key_of(const struct opk_node *like)
{
    return like && like->kind == OPK_NODE_MAP && like->first ? like->first->key : NULL;
}

static enum opk_node_style style_of(const struct opk_yaml_hand *hand, const struct opk_node *like)
{
    if (hand->json)
        return OPK_STYLE_DOUBLE;
    if (like && (like->style == OPK_STYLE_SINGLE || like->style == OPK_STYLE_DOUBLE) &&
        like->kind == OPK_NODE_STRING)
        return like->style;
    return OPK_STYLE_PLAIN;
}

static void render_string(const struct opk_yaml_hand *hand, const struct opk_value *value,
                          const struct opk_node *like, size_t column, bool in_flow,
                          struct opk_buf *out)
{
    bool lines =
        opk_str_ends(value->text, OPK_STR("\n")) && !opk_str_ends(value->text, OPK_STR("\n\n"));

    if (lines && !in_flow && hand->literals && !hand->json &&
        opk_yaml_fits_block(value->text, OPK_STYLE_LITERAL)) {
        opk_yaml_write_block_header(out, value->text, OPK_STYLE_LITERAL);
        opk_yaml_write_block_lines(out, value->text, OPK_STYLE_LITERAL, column, hand->eol);
        return;
    }
    opk_yaml_write_string(out, value->text, style_of(hand, like), in_flow);
}

static void render_flow(const struct opk_yaml_hand *hand, const struct opk_value *value,
                        const struct opk_node *like, struct opk_buf *out)
{
    bool is_map = value->kind == OPK_VALUE_MAP;

    opk_buf_append_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < value->count; i++) {
        const struct opk_value *item = &value->items[i];
        opk_buf_append_cstr(out, i > 0 ? ", " : "");
        if (is_map)
            opk_yaml_render_flow_pair(hand, item, like_key_of(like), like_item(like, value, item),
                                      out);
        else
            opk_yaml_render(hand, item, like_item(like, value, item), 0, true, out);
    }
    opk_buf_append_byte(out, is_map ? '}' : ']');
}

static void render_block(const struct opk_yaml_hand *hand, const struct opk_value *value,
                         const struct opk_node *like, size_t column, struct opk_buf *out)
{
    for (size_t i = 0; i < value->count; i++) {
        const struct opk_value *item = &value->items[i];
        if (i > 0) {
            opk_buf_append(out, hand->eol);
            opk_buf_append_fill(out, ' ', column);
        }
        if (value->kind == OPK_VALUE_MAP)
            opk_yaml_render_pair(hand, item, like_key_of(like), like_item(like, value, item),
                                 column, out);
        else
            opk_yaml_render_item(hand, item, like_item(like, value, item), column, 1, out);
    }
}

void opk_yaml_render(const struct opk_yaml_hand *hand, const struct opk_value *value,
                     const struct opk_node *like, size_t column, bool in_flow, struct opk_buf *out)
{
    switch (value->kind) {
    case OPK_VALUE_NULL:
        opk_buf_append_cstr(out, "null");
        break;
    case OPK_VALUE_STRING:
        render_string(hand, value, like, column, in_flow, out);
        break;
    case OPK_VALUE_RAW:
        opk_buf_append(out, value->text);
        break;
    case OPK_VALUE_SEQ:
    case OPK_VALUE_MAP:
        if (in_flow || !opk_yaml_is_block(hand, value, like))
            render_flow(hand, value, like, out);
        else
            render_block(hand, value, like, column, out);
        break;
    }
}

void opk_yaml_render_pair(const struct opk_yaml_hand *hand, const struct opk_value *item,
                          const struct opk_node *like_key, const struct opk_node *like,
                          size_t column, struct opk_buf *out)
{
    size_t below = column + (item->kind == OPK_VALUE_SEQ ? hand->seq_indent : hand->map_indent);

    opk_yaml_write_string(out, item->key, style_of(hand, like_key), true);
    opk_buf_append_byte(out, ':');
    if (opk_yaml_is_block(hand, item, like)) {
        opk_buf_append(out, hand->eol);
        opk_buf_append_fill(out, ' ', below);
    } else {
        opk_buf_append_byte(out, ' ');
    }
    opk_yaml_render(hand, item, like, below, false, out);
}

void opk_yaml_render_flow_pair(const struct opk_yaml_hand *hand, const struct opk_value *item,
                               const struct opk_node *like_key, const struct opk_node *like,
                               struct opk_buf *out)
{
    opk_yaml_write_string(out, item->key, style_of(hand, like_key), true);
    opk_buf_append_cstr(out, ": ");
    opk_yaml_render(hand, item, like, 0, true, out);
}

void opk_yaml_render_item(const struct opk_yaml_hand *hand, const struct opk_value *item,
                          const struct opk_node *like, size_t column, size_t gap,
                          struct opk_buf *out)
{
    opk_buf_append_byte(out, '-');
    opk_buf_append_fill(out, ' ', gap);
    opk_yaml_render(hand, item, like, column + 1 + gap, false, out);
}
