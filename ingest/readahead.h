/*
 * readahead.h - a stream that is decoded by a thread of its own, some chunks ahead of its reader.
 *
 * Shape:   the chunks of a stream in, the same out: what decoded well, then an error once, then
 *          OPK_END.
 * Memory:  owns copies of up to OPK_READAHEAD_CHUNKS chunks; the stream is borrowed, and nobody
 *          else may touch it meanwhile. A chunk is borrowed until the next call.
 * Errors:  those of the stream; OPK_E_NOMEM. Where the system has no thread, nothing is read ahead.
 * Threads: one reader.
 */
#ifndef OPK_INGEST_READAHEAD_H
#define OPK_INGEST_READAHEAD_H

#include "ingest/stream.h"

#define OPK_READAHEAD_CHUNKS 4

struct opk_readahead;

/** Begin to read ahead. */
OPK_MUST_USE enum opk_status opk_readahead_new(struct opk_stream *stream,
                                               struct opk_readahead **out_readahead,
                                               struct opk_err *err);

/** Stops, wherever the stream is. NULL is fine. */
void opk_readahead_free(struct opk_readahead *readahead);

/** The next chunk, as opk_stream_read gives it. */
OPK_MUST_USE enum opk_status opk_readahead_next(struct opk_readahead *readahead,
                                                struct opk_str *out_chunk, struct opk_err *err);

#endif
