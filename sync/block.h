/*
 * block.h - the blocks of a document: the pieces that have an id of their own in a sidecar.
 *
 * Shape:   a text in, its blocks out, in the order of the text.
 *          Markdown: each heading, paragraph, table and run of code is one, and so is what begins
 * on the line of a list's mark; none lies within another. Front matter, rules, marker lines and
 * blank lines belong to none. HTML that is no comment of ours is a paragraph. YAML: each mapping,
 * with the key before it, and each item of a list, with all that they hold. Source:  CommonMark
 * 0.31.2 for blocks, with the tables of GitHub's dialect 0.29; of raw HTML the first six kinds.
 * YAML as yaml.h reads it, without anchors and tags. Units:   spans are bytes. A block of Markdown
 * has whole lines, without the last line end. Memory:  blocks own all they hold, but for views of
 * the text. Errors:  OPK_E_LIMIT past OPK_BLOCKS_MAX blocks or OPK_BLOCK_DEPTH_MAX lists and quotes
 * within each other; OPK_E_INVALID for markers that do not pair (marker.h); what yaml.h says;
 *          OPK_E_UNSUPPORTED for a file that is neither.
 */
#ifndef OPK_SYNC_BLOCK_H
#define OPK_SYNC_BLOCK_H

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/hash.h"

#define OPK_BLOCKS_MAX        32768 /* of one document */
#define OPK_BLOCK_DEPTH_MAX   64    /* lists and quotes within each other */
#define OPK_BLOCK_TITLE_MAX   128   /* bytes of a heading in a section's path; it is cut there */
#define OPK_BLOCK_POINTER_MAX 1024  /* bytes of a pointer into YAML */
#define OPK_BLOCK_TOKENS_MAX  64    /* kept of one block */
#define OPK_BLOCK_TOKEN_BITS  20

enum opk_block_kind {
    OPK_BLOCK_HEADING,
    OPK_BLOCK_PARA,
    OPK_BLOCK_LIST_ITEM,
    OPK_BLOCK_CODE,
    OPK_BLOCK_TABLE,
    OPK_BLOCK_MAPPING,
    OPK_BLOCK_ITEM,
};

/* What a block says, as far as two can be compared: its words, hashed and sorted. Of a block with
 * more than OPK_BLOCK_TOKENS_MAX of them, the smallest. */
struct opk_block_tokens {
    const uint32_t *items; /* each below 2^OPK_BLOCK_TOKEN_BITS */
    size_t count;
    size_t total; /* that the block has */
};

struct opk_block {
    enum opk_block_kind kind;
    struct opk_span span;
    struct opk_hash128 digest; /* of its text with each run of blanks and line ends as one space */
    struct opk_str section;    /* the headings above it, or the pointer of what holds it */
    struct opk_str pointer;    /* the section that a heading opens; the pointer of a YAML block */
    bool opens;                /* it has a pointer */
    bool generated;            /* it lies in a marked section, or in what is written there */
    struct opk_block_tokens tokens;
};

struct opk_blocks {
    struct opk_arena arena;
    struct opk_block *items; /* owned */
    size_t count;
    size_t cap;
};

void opk_blocks_done(struct opk_blocks *blocks);

/** Room for more blocks, which are added by hand. */
OPK_MUST_USE enum opk_status opk_blocks_reserve(struct opk_blocks *blocks, size_t more,
                                                struct opk_err *err);

/** Find the blocks of a text; the path tells its form, and is named in messages. */
OPK_MUST_USE enum opk_status opk_blocks_split(struct opk_str text, const char *path,
                                              struct opk_blocks *out_blocks, struct opk_err *err);

/** "para"; a kind by its name, or -1. */
const char *opk_block_kind_name(enum opk_block_kind kind);
int opk_block_kind_find(struct opk_str name);

/** How much two blocks say alike, of 1: what they share of the words of the longer. */
double opk_block_overlap(const struct opk_block_tokens *a, const struct opk_block_tokens *b);

#endif
