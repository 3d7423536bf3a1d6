/*
 * cmd_batch.h - commands of a plain list, packed to be counted by another thread.
 *
 * Shape:   texts in, the same out, in order: commands that have nothing of their own but the text.
 * Buckets: lines that begin alike have the same bucket. Who counts one bucket meets few of the
 *          shapes of another, so that threads do not all hold the same shapes.
 * Memory:  a batch owns copies of the texts; what they have in common is borrowed.
 * Errors:  false when there is no memory.
 */
#ifndef OPK_CLUSTER_CMD_BATCH_H
#define OPK_CLUSTER_CMD_BATCH_H

#include "base/buf.h"
#include "ingest/command.h"

/* A batch with more bytes than this is full. */
#define OPK_BATCH_BYTES ((size_t)15 << 10)

#define OPK_BATCH_BUCKETS 16

struct opk_batch {
    struct opk_batch *next; /* for a queue */
    size_t bucket;
    struct opk_command common; /* all but the texts */
    struct opk_buf bytes;      /* of each: u32 length, text */
    size_t at;                 /* of the one that is given next */
};

/** A new batch, empty. Views of common must live as long. NULL when there is no memory. */
struct opk_batch *opk_batch_new(size_t bucket, const struct opk_command *common);
void opk_batch_free(struct opk_batch *batch);

/** The bucket that a command line belongs to: its first two words tell. */
size_t opk_batch_bucket(struct opk_str text);

/** Append a text, at most OPK_COMMAND_TEXT_MAX bytes. */
bool opk_batch_add(struct opk_batch *batch, struct opk_str text);

bool opk_batch_is_full(const struct opk_batch *batch);

/** The next texts, borrowed from the batch, at most max; their number is 0 at the end. */
size_t opk_batch_next(struct opk_batch *batch, struct opk_str *out_texts, size_t max);

#endif
