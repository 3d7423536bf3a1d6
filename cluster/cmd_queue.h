/*
 * cmd_queue.h - whole commands that wait to be counted.
 *
 * Shape:   commands in, the same out, in order.
 * Memory:  a queue owns copies of the texts; only source is borrowed, and must live as long.
 * Errors:  false when there is no memory.
 */
#ifndef OPK_CLUSTER_CMD_QUEUE_H
#define OPK_CLUSTER_CMD_QUEUE_H

#include "base/arena.h"
#include "ingest/command.h"

struct opk_queue {
    struct opk_arena arena;
    struct opk_command *commands; /* owned; views in the arena */
    size_t count;
    size_t cap;
    size_t bytes; /* what the commands cost */
};

/** Safe on zeroed storage. */
void opk_queue_done(struct opk_queue *queue);

/** What a command costs: bytes of memory at most. */
size_t opk_queue_cost(const struct opk_command *command);

/** Append one. */
bool opk_queue_add(struct opk_queue *queue, const struct opk_command *command);

#endif
