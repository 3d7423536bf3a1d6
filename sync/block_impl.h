/*
 * block_impl.h - what the two readers of blocks share: block.c adds a block that one of them found.
 */
#ifndef OPK_SYNC_BLOCK_IMPL_H
#define OPK_SYNC_BLOCK_IMPL_H

#include "base/buf.h"
#include "sync/block.h"
#include "sync/marker.h"

/* A document that is being read. */
struct opk_block_reader {
    struct opk_str text;
    const char *path;
    struct opk_sections sections; /* in the arena of blocks */
    struct opk_blocks *blocks;
    struct opk_buf folded; /* the text of the block at hand; owned */
    uint32_t *words;       /* of it, before the smallest are kept; owned */
    size_t words_cap;
};

/**
 * Add a block with the text that its digest is made of, whose blanks are folded here. Its section
 * and pointer are set by the caller; out_block is valid until the next call.
 */
OPK_MUST_USE enum opk_status opk_block_add(struct opk_block_reader *reader,
                                           enum opk_block_kind kind, struct opk_span span,
                                           struct opk_str said, struct opk_block **out_block,
                                           struct opk_err *err);

OPK_MUST_USE enum opk_status opk_block_read_markdown(struct opk_block_reader *reader,
                                                     struct opk_err *err);
OPK_MUST_USE enum opk_status opk_block_read_yaml(struct opk_block_reader *reader,
                                                 struct opk_err *err);

#endif
