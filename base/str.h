/*
 * str.h - borrowed views of bytes.
 *
 * Shape:   struct opk_str is a pointer and a length; no terminator is needed or assumed.
 * Units:   bytes; text is UTF-8 where a function says so, else any bytes.
 * Memory:  a view is borrowed from whoever owns the bytes. data is never NULL: the empty view is
 *          OPK_STR_EMPTY.
 * Errors:  none; searches return OPK_NPOS.
 */
#ifndef OPK_BASE_STR_H
#define OPK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct opk_str {
    const char *data;
    size_t len;
};

#define OPK_STR_EMPTY ((struct opk_str){"", 0})
#define OPK_STR(lit)  ((struct opk_str){"" lit, sizeof(lit) - 1})
/* The same, for initialisers of static tables. */
#define OPK_STR_INIT(lit)                                                                          \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }
/* For printf("%.*s"). */
#define OPK_STR_FMT(s) (int)(s).len, (s).data
#define OPK_NPOS       SIZE_MAX

/** View a C string; NULL gives the empty view. */
struct opk_str opk_str_of(const char *text);

/** View len bytes; data may be NULL when len is 0. */
struct opk_str opk_str_bytes(const void *data, size_t len);

/** Bytes [begin, end) of s; both are clamped to its length. */
struct opk_str opk_str_slice(struct opk_str s, size_t begin, size_t end);

/** s without its first n bytes. */
struct opk_str opk_str_skip(struct opk_str s, size_t n);

bool opk_str_eq(struct opk_str a, struct opk_str b);

/** As opk_str_eq, with ASCII letters of either case alike. */
bool opk_str_eq_nocase(struct opk_str a, struct opk_str b);

/** Bytewise order, as memcmp, shorter first: the order of everything that opk sorts. */
int opk_str_cmp(struct opk_str a, struct opk_str b);

bool opk_str_starts(struct opk_str s, struct opk_str prefix);
bool opk_str_ends(struct opk_str s, struct opk_str suffix);

/** First place of a byte at or after from, or OPK_NPOS. */
size_t opk_str_find_byte(struct opk_str s, char byte, size_t from);

/** Last place of a byte, or OPK_NPOS. */
size_t opk_str_rfind_byte(struct opk_str s, char byte);

/** First place of a string at or after from, or OPK_NPOS. */
size_t opk_str_find(struct opk_str s, struct opk_str what, size_t from);

/** Without blanks (space, tab, CR, LF, VT, FF) at either end. */
struct opk_str opk_str_trim(struct opk_str s);
struct opk_str opk_str_trim_end(struct opk_str s);

/* The parts of a text between separators: "a,,b" has three, "" has one empty part. */
struct opk_split {
    struct opk_str rest;
    char separator;
    bool done;
};

#define OPK_SPLIT(text, sep) ((struct opk_split){.rest = (text), .separator = (sep)})

/** The next part, or false when there are none left. */
bool opk_split_next(struct opk_split *split, struct opk_str *out_part);

/** A decimal number of digits only; false on anything else and on overflow. */
bool opk_str_to_u64(struct opk_str s, uint64_t *out_value);

/** ASCII classes, for any byte value, without a locale. */
bool opk_is_digit(char c);
bool opk_is_alpha(char c);
bool opk_is_alnum(char c);
bool opk_is_upper(char c);
bool opk_is_lower(char c);
bool opk_is_blank(char c); /* space, tab */
bool opk_is_space(char c); /* blank, CR, LF, VT, FF */
bool opk_is_xdigit(char c);
bool opk_is_path_byte(char c); /* a letter, a digit, "_", "-", ".", "/" */
char opk_to_lower(char c);
char opk_to_upper(char c);
/** 0 to 15, or -1. */
int opk_hex_value(char c);

/**
 * Decode one UTF-8 sequence at the start of s, which is not empty. Returns its length in bytes and
 * the code point; an ill-formed byte has length 1 and code point 0xFFFD.
 */
size_t opk_utf8_decode(struct opk_str s, uint32_t *out_code_point);

/** Encode a code point into 1 to 4 bytes; surrogates and values past U+10FFFF become U+FFFD. */
size_t opk_utf8_encode(uint32_t code_point, char out[4]);

bool opk_utf8_valid(struct opk_str s);

#endif
