/*
 * word_bytes.h - which kinds of bytes a word holds.
 *
 * Shape:   a table from a byte to its kind, one bit each. Who reads a word joins the kinds of its
 *          bytes as it goes: most rules of word.c are then decided without another look at it.
 */
#ifndef OPK_CLUSTER_WORD_BYTES_H
#define OPK_CLUSTER_WORD_BYTES_H

#include "base/str.h"

enum opk_byte {
    OPK_HAS_DIGIT = 1U << 0,
    OPK_HAS_HEX = 1U << 1,   /* a digit, or a to f */
    OPK_HAS_SMALL = 1U << 2, /* a to z */
    OPK_HAS_CAPITAL = 1U << 3,
    OPK_HAS_NO_HEX = 1U << 4, /* a letter behind f, of either case */
    OPK_HAS_DOT = 1U << 5,
    OPK_HAS_COLON = 1U << 6,
    OPK_HAS_SLASH = 1U << 7,
    OPK_HAS_DASH = 1U << 8,
    OPK_HAS_SPACE = 1U << 9, /* blanks and newlines */
    OPK_HAS_AT = 1U << 10,
    OPK_HAS_EQUALS = 1U << 11,
    OPK_HAS_TILDE = 1U << 12,
    OPK_HAS_LOW_LINE = 1U << 13,
    OPK_HAS_MARK = 1U << 14, /* + , % */
    OPK_HAS_ODD = 1U << 15,  /* whatever is none of the above */
    /* Not of a word, but of where it ends: everything that a plain word may not hold. */
    OPK_ENDS_PLAIN = 1U << 16,
};

#define OPK_HAS_LETTER ((unsigned)OPK_HAS_SMALL | (unsigned)OPK_HAS_CAPITAL)

/* Of every byte, its bits of enum opk_byte. */
extern const uint32_t OPK_WORD_BYTES[256];

/** All kinds of bytes that a word holds. */
unsigned opk_word_bytes(struct opk_str word);

#endif
