/*
 * parts.h - a raw shape taken apart: its simple commands, their options and operands in order.
 *
 * Shape:   operation words are gone from the parts and stand in path; what is left keeps the order
 *          of the command line. Whether an option takes the operand behind it as its value is not
 *          decided here, but for options in front of operation words (git -C DIR commit).
 * Memory:  views into the raw shape; path is the caller's buffer, whose failure is sticky.
 */
#ifndef OPK_CLUSTER_PARTS_H
#define OPK_CLUSTER_PARTS_H

#include "base/buf.h"
#include "cluster/shape.h"
#include "cluster/words.h"

struct opk_options;

enum opk_part_kind {
    OPK_PART_OPTION,
    OPK_PART_ATTACHED, /* with its value: --name=value */
    OPK_PART_OPERAND,
};

struct opk_part {
    enum opk_part_kind kind;
    bool front;           /* an option where an operation word could stand */
    bool plain;           /* an operand that is a plain word; text is the word */
    struct opk_str text;  /* an option's name, an operand's class or plain word */
    struct opk_str value; /* the class of an attached value */
};

struct opk_redirect_part {
    struct opk_str sign;
    struct opk_str target; /* a class */
};

/* One simple command. */
struct opk_parts {
    struct opk_str wrapper; /* shown in front, or empty */
    struct opk_str program;
    uint32_t program_slot;
    uint32_t slot;        /* behind the operation words; OPK_WORDS_NO_SLOT when no log had them */
    struct opk_buf *path; /* program and operation words, joined by blanks */
    bool rest;            /* more stood there than a raw shape keeps */
    struct opk_part items[OPK_SHAPE_ITEMS_MAX];
    size_t count;
    struct opk_redirect_part redirects[OPK_SHAPE_ITEMS_MAX];
    size_t redirect_count;
};

/**
 * Take the next simple command off items; false at the end, and for tool calls. options may be
 * NULL while they are being learnt. parts->path must be set.
 */
bool opk_parts_next(struct opk_parts *parts, const struct opk_words *words,
                    const struct opk_options *options, struct opk_items *items);

/** The class of an operand: "word" for a plain one. */
struct opk_str opk_part_class(const struct opk_part *part);

/** Does a number behind a sign (-7, -5k) stand here? An option, or the value of the one before. */
bool opk_parts_is_signed(const struct opk_parts *parts, size_t at);

#endif
