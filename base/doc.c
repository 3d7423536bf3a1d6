#include "base/doc.h"

#include <string.h>

void opk_doc_done(struct opk_doc *doc)
{
    opk_arena_done(&doc->arena);
    *doc = (struct opk_doc){0};
}

const struct opk_node *opk_node_get_str(const struct opk_node *node, struct opk_str key)
{
    if (!node || node->kind != OPK_NODE_MAP)
        return NULL;
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (opk_str_eq(child->key->text, key))
            return child;
    }
    return NULL;
}

const struct opk_node *opk_node_get(const struct opk_node *node, const char *key)
{
    return opk_node_get_str(node, opk_str_of(key));
}

const struct opk_node *opk_node_at(const struct opk_node *node, size_t index)
{
    if (!node || index >= node->count)
        return NULL;
    const struct opk_node *child = node->first;
    for (; index > 0; index--)
        child = child->next;
    return child;
}

/* Does a key read as one part of a pointer, in which "~1" stands for "/" and "~0" for "~"? */
static bool part_is(struct opk_str part, struct opk_str key)
{
    size_t at = 0;

    for (size_t i = 0; i < part.len; i++, at++) {
        char c = part.data[i];
        if (c == '~') {
            i++;
            if (i == part.len || (part.data[i] != '0' && part.data[i] != '1'))
                return false;
            c = part.data[i] == '1' ? '/' : '~';
        }
        if (at == key.len || key.data[at] != c)
            return false;
    }
    return at == key.len;
}

static const struct opk_node *step(const struct opk_node *node, struct opk_str part)
{
    uint64_t index;

    if (node->kind == OPK_NODE_SEQ) {
        bool padded = part.len > 1 && part.data[0] == '0';
        if (padded || !opk_str_to_u64(part, &index) || index >= node->count)
            return NULL;
        return opk_node_at(node, (size_t)index);
    }
    if (node->kind != OPK_NODE_MAP)
        return NULL;
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (part_is(part, child->key->text))
            return child;
    }
    return NULL;
}

/* Without recursion, since parents are known. */
const struct opk_node *opk_node_next(const struct opk_node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

const struct opk_node *opk_node_pointer(const struct opk_node *root, struct opk_str pointer)
{
    struct opk_str part;

    if (pointer.len == 0)
        return root;
    if (pointer.data[0] != '/')
        return NULL;
    struct opk_split split = OPK_SPLIT(opk_str_skip(pointer, 1), '/');
    while (root && opk_split_next(&split, &part))
        root = step(root, part);
    return root;
}

struct opk_str opk_node_text(const struct opk_node *node)
{
    return node && node->kind == OPK_NODE_STRING ? node->text : OPK_STR_EMPTY;
}

static size_t index_of(const struct opk_node *node)
{
    size_t index = 0;

    for (const struct opk_node *child = node->parent->first; child && child != node;
         child = child->next)
        index++;
    return index;
}

void opk_pointer_append(struct opk_str name, struct opk_buf *out)
{
    opk_buf_append_byte(out, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '~' || name.data[i] == '/')
            opk_buf_append_cstr(out, name.data[i] == '~' ? "~0" : "~1");
        else
            opk_buf_append_byte(out, name.data[i]);
    }
}

void opk_node_path(const struct opk_node *node, struct opk_buf *out)
{
    size_t at = out->len;

    /* From the node upwards, each part before what is there. */
    for (; node && node->parent; node = node->parent) {
        struct opk_buf part = OPK_BUF_EMPTY;
        if (node->key) {
            opk_pointer_append(node->key->text, &part);
        } else {
            opk_buf_append_byte(&part, '/');
            opk_buf_append_u64(&part, index_of(node));
        }
        opk_buf_splice(out, at, at, opk_buf_str(&part));
        out->failed |= part.failed;
        opk_buf_done(&part);
    }
}

struct opk_place opk_node_place(const struct opk_node *node, const char *path)
{
    return node ? OPK_AT_COLUMN(path, node->line, node->column) : OPK_AT_PATH(path);
}
