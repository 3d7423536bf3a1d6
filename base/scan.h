/*
 * scan.h - find the next byte that matters, sixteen bytes a step where the processor can.
 *
 * Shape:   pure functions over views; the two ways to do a step give the same result.
 * Units:   bytes; offsets are 0-based.
 * Memory:  nothing is read outside the view.
 */
#ifndef OPK_BASE_SCAN_H
#define OPK_BASE_SCAN_H

#include "base/str.h"

/**
 * The first byte at or behind from that ends or breaks a run of a JSON string: a quote, a
 * backslash or a control character below 0x20. text.len when there is none.
 */
size_t opk_scan_json_string(struct opk_str text, size_t from);

/** The first byte at or behind from that is not ASCII, or text.len. */
size_t opk_scan_ascii(struct opk_str text, size_t from);

/** As opk_str_find, which calls it: what has two bytes at least. */
size_t opk_scan_find(struct opk_str text, struct opk_str what, size_t from);

#endif
