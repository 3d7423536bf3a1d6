/*
 * word.h - what an operand is: a class from one table, told from its text alone.
 *
 * Shape:   the value of a word (quotes removed) in, a class out; the first row of the table that
 *          accepts it counts. No regular expressions: this is the hot path.
 * Memory:  nothing is allocated; the extension of a path is a view into the value.
 */
#ifndef OPK_CLUSTER_WORD_H
#define OPK_CLUSTER_WORD_H

#include "base/buf.h"
#include "cluster/step.h"

/* Longer extensions are none: an extension stays in a shape, and a secret must not. */
#define OPK_WORD_EXTENSION_MAX 5

/* A word longer than this never names an operation. */
#define OPK_WORD_PLAIN_MAX 32

/* Nor does one with more digits: s3 and ec2 do, build4711 does not. */
#define OPK_WORD_DIGITS_MAX 2

/* A word of so few bytes may have more: m365, x264. */
#define OPK_WORD_SHORT_MAX 4

struct opk_word_class {
    struct opk_str name;      /* "path", "number", "text"; static */
    struct opk_str extension; /* of a path: "py"; else empty */
};

/**
 * The class of a word; flags are those of the lexer (enum opk_word_flag), bytes those of its value
 * (opk_word_bytes).
 */
struct opk_word_class opk_word_classify(struct opk_str value, unsigned flags, unsigned bytes);

/**
 * May this word name an operation? Lower-case letters, digits, - and _, a letter first, at most
 * OPK_WORD_PLAIN_MAX bytes, OPK_WORD_DIGITS_MAX of them digits unless it is short; unquoted.
 */
bool opk_word_is_plain(struct opk_str value, unsigned flags, unsigned bytes);

/** Append "<path.py>". */
void opk_word_class_write(struct opk_buf *out, struct opk_word_class word_class);

#endif
