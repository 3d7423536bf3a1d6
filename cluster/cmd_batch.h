/*
 * cmd_batch.h - commands of a plain list, packed to be counted together, maybe by another thread.
 *
 * Shape:   commands in, their texts out, in order. Only commands of a list (OPK_COMMAND_LISTED) are
 *          taken that have nothing of their own but the text.
 * Buckets: lines that begin alike have the same bucket. Who counts one bucket meets few of the
 *          shapes of another, so that threads do not all hold the same shapes.
 * Memory:  a batch owns copies of the texts; source and session are borrowed, and must live as
 *          long.
 * Errors:  false when there is no memory.
 */
#ifndef OPK_CLUSTER_CMD_BATCH_H
#define OPK_CLUSTER_CMD_BATCH_H

#include "base/buf.h"
#include "ingest/command.h"

/* A batch with more bytes than this is full. */
#define OPK_BATCH_BYTES ((size_t)64 << 10)

struct opk_batch {
    struct opk_batch *next; /* for a queue */
    size_t bucket;
    struct opk_command command; /* the first one: what all have in common */
    struct opk_buf bytes;       /* of each: u32 length, text */
    size_t at;                  /* of the one that is given next */
};

/** A new batch, empty. NULL when there is no memory. */
struct opk_batch *opk_batch_new(size_t bucket);
void opk_batch_free(struct opk_batch *batch);

/** May a command be put into batches? source: the name that lives as long as they do. */
bool opk_batch_takes(const struct opk_command *command, struct opk_str source);

/** The bucket, of so many, that a command line belongs to. */
size_t opk_batch_bucket(struct opk_str text, size_t buckets);

/** Append one. */
bool opk_batch_add(struct opk_batch *batch, const struct opk_command *command,
                   struct opk_str source);

bool opk_batch_is_full(const struct opk_batch *batch);

/** The next texts, borrowed from the batch, at most max; their number is 0 at the end. */
size_t opk_batch_next(struct opk_batch *batch, struct opk_str *out_texts, size_t max);

#endif
