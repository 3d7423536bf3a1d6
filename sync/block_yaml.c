/* Blocks of YAML: every mapping and every item of a list, by JSON Pointer. */
#include "base/yaml.h"
#include "sync/block_impl.h"

static bool is_block(const struct opk_node *node)
{
    return node->kind == OPK_NODE_MAP || (node->parent && node->parent->kind == OPK_NODE_SEQ);
}

static enum opk_status copy_pointer(struct opk_block_reader *reader, const struct opk_node *node,
                                    struct opk_str *out_pointer, struct opk_err *err)
{
    struct opk_buf pointer = OPK_BUF_EMPTY;
    enum opk_status status;

    opk_node_path(node, &pointer);
    status = opk_buf_check(&pointer, err);
    if (status == OPK_OK && pointer.len > OPK_BLOCK_POINTER_MAX)
        status = opk_fail(err, OPK_E_LIMIT, opk_node_place(node, reader->path),
                          "the keys above this are longer than %d bytes", OPK_BLOCK_POINTER_MAX);
    if (status == OPK_OK) {
        *out_pointer = opk_arena_copy(&reader->blocks->arena, opk_buf_str(&pointer));
        status = opk_arena_check(&reader->blocks->arena, err);
    }
    opk_buf_done(&pointer);
    return status;
}

/* A mapping has its key with it, so that the same mapping under two keys is two things. */
static enum opk_status add_node(struct opk_block_reader *reader, const struct opk_node *node,
                                struct opk_err *err)
{
    bool is_item = node->parent && node->parent->kind == OPK_NODE_SEQ;
    struct opk_span span = {node->key ? node->key->span.begin : node->span.begin, node->span.end};
    struct opk_block *block;
    enum opk_status status =
        opk_block_add(reader, is_item ? OPK_BLOCK_ITEM : OPK_BLOCK_MAPPING, span,
                      opk_str_slice(reader->text, span.begin, span.end), &block, err);

    if (status != OPK_OK)
        return status;
    block->opens = true;
    status = copy_pointer(reader, node, &block->pointer, err);
    if (status == OPK_OK && node->parent)
        status = copy_pointer(reader, node->parent, &block->section, err);
    return status;
}

enum opk_status opk_block_read_yaml(struct opk_block_reader *reader, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_doc doc = {0};
    enum opk_status status = opk_yaml_parse(reader->text, reader->path, limits, &doc, err);

    for (const struct opk_node *node = doc.root; node && status == OPK_OK;
         node = opk_node_next(node)) {
        if (is_block(node))
            status = add_node(reader, node, err);
    }
    opk_doc_done(&doc);
    return status;
}
