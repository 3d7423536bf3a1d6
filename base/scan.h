/*
 * scan.h - find the next byte that matters, sixty-four bytes a step.
 *
 * Shape:   pure functions over views. A step makes a number with a bit for each byte of it, by the
 *          processor's wide instructions where it has them (SSE2), else eight bytes at a time.
 * Units:   bytes; offsets are 0-based.
 * Memory:  nothing is read outside the view.
 */
#ifndef OPK_BASE_SCAN_H
#define OPK_BASE_SCAN_H

#include "base/str.h"

/**
 * From within a JSON string, not behind a backslash: the first byte that ends or breaks it. That
 * is its quote, a control character below 0x20, or the backslash of what is no escape; text.len
 * when there is none of these. out_has_escape: were there escapes before it?
 */
size_t opk_scan_json_string(struct opk_str text, size_t from, bool *out_has_escape);

/** From within a JSON string that is known to be well formed: its quote, or text.len. */
size_t opk_scan_quote(struct opk_str text, size_t from);

/**
 * From right behind the bracket that opened a container of JSON that is known to be well formed:
 * the place behind the bracket that closes it, or OPK_NPOS when none does. Only quotes and brackets
 * are looked at.
 */
size_t opk_scan_close(struct opk_str text, size_t from);

/** Count the escapes in the whole body of a JSON string, those that begin with \u apart. */
void opk_scan_json_escapes(struct opk_str body, size_t *out_short, size_t *out_unicode);

/**
 * The parts of a text that end with a byte, in order, without it; at most max of them, how many.
 * *out_end is behind the end of the last one.
 */
size_t opk_scan_split(struct opk_str text, char byte, struct opk_str *out_parts, size_t max,
                      size_t *out_end);

/** The first byte at or behind from that is not ASCII, or text.len. */
size_t opk_scan_ascii(struct opk_str text, size_t from);

/** The first byte at or behind from that is neither printable ASCII nor a newline, or text.len. */
size_t opk_scan_printable(struct opk_str text, size_t from);

/** The first byte at or behind from that is no opk_is_path_byte, or text.len. */
size_t opk_scan_path(struct opk_str text, size_t from);

/** Where what, two bytes at least, begins at or behind from; OPK_NPOS. */
size_t opk_scan_find(struct opk_str text, struct opk_str what, size_t from);

/** Four hexadecimal digits at an offset, or -1. */
int32_t opk_scan_hex4(struct opk_str text, size_t at);

/** The byte that a JSON escape of one letter stands for, or 0. */
char opk_scan_json_escape(char letter);

#endif
