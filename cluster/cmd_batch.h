/*
 * cmd_batch.h - commands of a plain list, packed to be counted by another thread.
 *
 * Shape:   commands in, the same out, in order. Only listed commands are taken
 * (OPK_COMMAND_LISTED): of these nothing but the text and the place differs from one to the next of
 * a source. Memory:  a batch owns copies of the texts; source and session are borrowed, and must
 * live as long. Errors:  false when there is no memory.
 */
#ifndef OPK_CLUSTER_CMD_BATCH_H
#define OPK_CLUSTER_CMD_BATCH_H

#include "base/buf.h"
#include "ingest/command.h"

/* A batch with more bytes than this is full. */
#define OPK_BATCH_BYTES ((size_t)256 << 10)

struct opk_batch {
    struct opk_batch *next;     /* for a queue */
    struct opk_command command; /* the first one: what all have in common */
    struct opk_buf bytes;       /* of each: place, length, text */
    size_t at;                  /* of the one that is given next */
};

/** A new batch, empty. NULL when there is no memory. */
struct opk_batch *opk_batch_new(void);
void opk_batch_free(struct opk_batch *batch);

/** May a command be put into batches? source: the name that lives as long as they do. */
bool opk_batch_takes(const struct opk_command *command, struct opk_str source);

/** Append one. */
bool opk_batch_add(struct opk_batch *batch, const struct opk_command *command,
                   struct opk_str source);

bool opk_batch_is_full(const struct opk_batch *batch);

/** The next command, borrowed from the batch; false at the end. */
bool opk_batch_next(struct opk_batch *batch, struct opk_command *out_command);

#endif
