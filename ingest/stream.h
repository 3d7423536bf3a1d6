/*
 * stream.h - the decompressed bytes of one input, pulled in chunks.
 *
 * Shape:   read gives the next chunk of any size, then OPK_END. peek shows the head without taking
 *          it.
 * Formats: zstd (RFC 8878: concatenated and skippable frames), and through libarchive gzip, xz,
 *          lzma, bzip2, lz4; chosen by magic, never by name; one inside the other up to
 *          OPK_STREAM_LAYERS_MAX; anything else passes unchanged. Archives are not entered.
 * Memory:  a stream owns its buffers (a zstd window is at most 2^27 bytes); a chunk is borrowed
 *          until the next call.
 * Errors:  truncated or damaged data: what decoded well is given first, then one OPK_E_SYNTAX with
 *          the byte of the compressed input, then OPK_END; OPK_E_LIMIT likewise for a window, ratio
 *          or size past its limit; OPK_E_IO.
 * Threads: one thread a stream.
 */
#ifndef OPK_INGEST_STREAM_H
#define OPK_INGEST_STREAM_H

#include "base/err.h"
#include "base/str.h"

#define OPK_STREAM_LAYERS_MAX 3

/* How much one layer of compression may give. */
struct opk_stream_limits {
    uint64_t free_bytes; /* given whatever the ratio is */
    uint64_t ratio;      /* bytes out for each byte in, past free_bytes */
    uint64_t bytes;      /* in all */
};

#define OPK_STREAM_FREE_BYTES ((uint64_t)256 << 20)
#define OPK_STREAM_RATIO_MAX  ((uint64_t)1000)
#define OPK_STREAM_BYTES_MAX  ((uint64_t)1 << 40)

struct opk_stream;

/** A stream over an open descriptor, which the stream closes in the end. */
OPK_MUST_USE enum opk_status opk_stream_open_fd(int fd, struct opk_stream **out_stream,
                                                struct opk_err *err);

/** A stream over bytes that stay where they are while the stream lives; for tests and fuzzing. */
OPK_MUST_USE enum opk_status opk_stream_open_bytes(struct opk_str bytes,
                                                   struct opk_stream **out_stream,
                                                   struct opk_err *err);

/**
 * The same, read cut bytes at a time (no cut may change what comes out) and under other limits than
 * the defaults, where limits is not NULL.
 */
OPK_MUST_USE enum opk_status opk_stream_open_cut(struct opk_str bytes, size_t cut,
                                                 const struct opk_stream_limits *limits,
                                                 struct opk_stream **out_stream,
                                                 struct opk_err *err);

void opk_stream_free(struct opk_stream *stream);

/**
 * Let a thread decode the rest of the stream, some chunks ahead. What is read stays the same.
 * Called at most once. After an error the stream is as it was.
 */
OPK_MUST_USE enum opk_status opk_stream_read_ahead(struct opk_stream *stream, struct opk_err *err);

/** The next chunk, never empty; OPK_END at the end. */
OPK_MUST_USE enum opk_status opk_stream_read(struct opk_stream *stream, struct opk_str *out_chunk,
                                             struct opk_err *err);

/** Up to max bytes from the current place, without taking them; shorter only at the end or at
 * damage, which read tells in its turn. */
OPK_MUST_USE enum opk_status opk_stream_peek(struct opk_stream *stream, size_t max,
                                             struct opk_str *out_head, struct opk_err *err);

#endif
