/*
 * inflate.h - gzip, xz, lzma, bzip2 and lz4, through libarchive.
 *
 * Shape:   compressed bytes are pulled from a stream, chunks come out. Members and concatenated
 *          streams follow one another; zero bytes behind the last are padding.
 * Memory:  a decoder owns its buffers; a chunk is borrowed until the next call.
 * Errors:  OPK_E_SYNTAX for damage, truncation and bytes behind the end; OPK_E_UNSUPPORTED where
 *          libarchive was built without the filter. The chunk in which damage
 *          lies (at most 64 KiB of output) is lost: libarchive does not give it.
 * Threads: one thread a decoder.
 */
#ifndef OPK_INGEST_INFLATE_H
#define OPK_INGEST_INFLATE_H

#include "ingest/stream.h"

enum opk_filter {
    OPK_FILTER_GZIP,
    OPK_FILTER_XZ,
    OPK_FILTER_LZMA,
    OPK_FILTER_BZIP2,
    OPK_FILTER_LZ4,
};

struct opk_inflate;

/** below is borrowed, and must outlive the decoder; nothing is read yet. */
OPK_MUST_USE enum opk_status opk_inflate_new(struct opk_stream *below, enum opk_filter filter,
                                             struct opk_inflate **out_inflate, struct opk_err *err);
void opk_inflate_free(struct opk_inflate *inflate);

/** The next chunk, never empty; OPK_END at the end. */
OPK_MUST_USE enum opk_status opk_inflate_next(struct opk_inflate *inflate,
                                              struct opk_str *out_chunk, struct opk_err *err);

/** Bytes of input decoded so far. */
uint64_t opk_inflate_taken(const struct opk_inflate *inflate);

#endif
