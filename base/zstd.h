/*
 * zstd.h - decode a zstd stream piece by piece (RFC 8878).
 *
 * Shape:   feed any cut of the input, take chunks. Frames follow one another; skippable frames and
 *          empty frames give nothing.
 * Units:   bytes.
 * Memory:  a decoder owns its window (at most 2^OPK_ZSTD_WINDOW_LOG_MAX bytes) and one chunk, which
 *          is borrowed until the next call.
 * Errors:  OPK_E_SYNTAX for damage and for bytes that are no frame, OPK_E_LIMIT for a larger
 *          window, OPK_E_UNSUPPORTED for a frame that needs a dictionary. Whole blocks before the
 *          place are given first; the byte is that of the block which could not be decoded.
 * Threads: one thread a decoder.
 */
#ifndef OPK_BASE_ZSTD_H
#define OPK_BASE_ZSTD_H

#include "base/err.h"
#include "base/str.h"

#define OPK_ZSTD_WINDOW_LOG_MAX 27

struct opk_unzstd;

OPK_MUST_USE enum opk_status opk_unzstd_new(struct opk_unzstd **out_unzstd, struct opk_err *err);
void opk_unzstd_free(struct opk_unzstd *unzstd);

/** Take bytes off *input and give a chunk, never empty. OPK_END: the input is used up, feed more.
 */
OPK_MUST_USE enum opk_status opk_unzstd_next(struct opk_unzstd *unzstd, struct opk_str *input,
                                             struct opk_str *out_chunk, struct opk_err *err);

/** At the end of the input: OPK_E_SYNTAX when a frame is not complete. */
OPK_MUST_USE enum opk_status opk_unzstd_finish(const struct opk_unzstd *unzstd,
                                               struct opk_err *err);

/** Bytes of input taken so far. */
uint64_t opk_unzstd_taken(const struct opk_unzstd *unzstd);

#endif
