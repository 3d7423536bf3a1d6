#include "base/schema_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53: past it a double is not every integer */

static int by_key(const void *a, const void *b)
{
    const struct opk_node *const *x = a;
    const struct opk_node *const *y = b;

    return opk_str_cmp((*x)->key->text, (*y)->key->text);
}

static void canonical_text(char kind, struct opk_str text, struct opk_buf *out)
{
    opk_buf_printf(out, "%c%zu:", kind, text.len);
    opk_buf_append(out, text);
}

static void canonical_number(const struct opk_node *node, struct opk_buf *out)
{
    struct opk_str text = node->text;
    bool negative = opk_str_starts(text, OPK_STR("-"));
    char digits[400];

    if (!(fabs(node->number) >= EXACT_MAX) || !isfinite(node->number)) {
        opk_buf_printf(out, "n%.17g;", node->number == 0 ? 0.0 : node->number);
        return;
    }
    if (node->kind == OPK_NODE_FLOAT) {
        (void)snprintf(digits, sizeof(digits), "%.0f", fabs(node->number));
        text = opk_str_of(digits);
    } else if (negative || opk_str_starts(text, OPK_STR("+"))) {
        text = opk_str_skip(text, 1);
    }
    while (text.len > 1 && text.data[0] == '0' && opk_is_digit(text.data[1]))
        text = opk_str_skip(text, 1);
    canonical_text(negative ? 'm' : 'p', text, out);
}

static void canonical_map(const struct opk_node *node, struct opk_buf *out)
{
    const struct opk_node **children = calloc(node->count + 1, sizeof(const struct opk_node *));
    size_t count = 0;

    if (!children) {
        out->failed = true;
        return;
    }
    for (const struct opk_node *child = node->first; child; child = child->next)
        children[count++] = child;
    if (count > 0)
        qsort(children, count, sizeof(const struct opk_node *), by_key);
    opk_buf_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        canonical_text('k', children[i]->key->text, out);
        opk_node_canonical(children[i], out);
    }
    opk_buf_append_byte(out, '}');
    free(children);
}

void opk_node_canonical(const struct opk_node *node, struct opk_buf *out)
{
    switch (node->kind) {
    case OPK_NODE_NULL:
        opk_buf_append_byte(out, '0');
        break;
    case OPK_NODE_BOOL:
        opk_buf_append_byte(out, node->truth ? 'T' : 'F');
        break;
    case OPK_NODE_INT:
    case OPK_NODE_FLOAT:
        canonical_number(node, out);
        break;
    case OPK_NODE_STRING:
        canonical_text('s', node->text, out);
        break;
    case OPK_NODE_ALIAS:
        canonical_text('*', node->text, out);
        break;
    case OPK_NODE_SEQ:
        opk_buf_append_byte(out, '[');
        for (const struct opk_node *child = node->first; child; child = child->next)
            opk_node_canonical(child, out);
        opk_buf_append_byte(out, ']');
        break;
    case OPK_NODE_MAP:
        canonical_map(node, out);
        break;
    }
}
