/*
 * shape.h - a step as a raw shape: everything that counting needs, values replaced by classes.
 *
 * Shape:   one item after the other: a byte that says what it is (enum opk_item_kind), a byte with
 *          the length of its text, and the text. Plain words stay literal while they may name an
 *          operation, which only the counts of a whole log can tell (learn.h); canon.h then writes
 *          the shape that people see.
 * Folded:  "2>&1", "> /dev/null", pagers and tee at a pipeline's end leave no trace.
 * Limits:  the text of an item is cut at OPK_ITEM_MAX bytes; at most OPK_SHAPE_WORDS_MAX plain
 *          words and OPK_SHAPE_ITEMS_MAX items of a simple command, and OPK_SHAPE_SIMPLES_MAX of a
 *          pipeline; the rest is one OPK_ITEM_REST.
 * Memory:  appends to the caller's buffer; items are views into the raw text.
 */
#ifndef OPK_CLUSTER_SHAPE_H
#define OPK_CLUSTER_SHAPE_H

#include "base/buf.h"
#include "cluster/step.h"

#include <assert.h>

#define OPK_ITEM_MAX          255
#define OPK_SHAPE_WORDS_MAX   6
#define OPK_SHAPE_ITEMS_MAX   64
#define OPK_SHAPE_SIMPLES_MAX 16

enum opk_item_kind {
    OPK_ITEM_PROGRAM = 'P',  /* git; begins a simple command */
    OPK_ITEM_WRAPPER = 'X',  /* xargs: shown in front of its program */
    OPK_ITEM_WORD = 'W',     /* commit: may name an operation */
    OPK_ITEM_CLASS = 'C',    /* path.py: an operand */
    OPK_ITEM_OPTION = 'O',   /* -m, --message, -xzf: whether a value follows is not known */
    OPK_ITEM_ATTACHED = 'A', /* --message=..., -n5: its value is the next item */
    OPK_ITEM_REDIRECT = 'R', /* >: its target is the next item */
    OPK_ITEM_REST = '+',     /* more than the limits above */
    OPK_ITEM_TOOL = 'T',     /* Write; a tool call */
    OPK_ITEM_KEY = 'K',      /* file_path: its value is the next item */
};

struct opk_item {
    enum opk_item_kind kind;
    struct opk_str text;
};

/* The items of a raw shape, first to last. */
struct opk_items {
    struct opk_str rest;
};

#define OPK_ITEMS(raw) ((struct opk_items){(raw)})

/** The next item; false at the end. */
static inline bool opk_items_next(struct opk_items *items, struct opk_item *out_item)
{
    if (items->rest.len == 0)
        return false;
    const char *data = items->rest.data;
    assert(items->rest.len >= 2);
    const size_t len = (unsigned char)data[1];
    assert(items->rest.len >= len + 2);
    out_item->kind = (enum opk_item_kind)data[0];
    out_item->text = (struct opk_str){data + 2, len};
    items->rest = (struct opk_str){data + 2 + len, items->rest.len - 2 - len};
    return true;
}

/** Append the raw shape of a step. Nothing is appended when it runs no program. */
void opk_shape_write(struct opk_buf *out, const struct opk_steps *steps,
                     const struct opk_step *step);

/** Append the raw shape of a tool call: input is a JSON object, or anything else. finder may be
 * NULL.
 */
void opk_shape_write_tool(struct opk_buf *out, struct opk_str tool, struct opk_str input,
                          struct opk_class_finder *finder);

#endif
