/*
 * parallel.h - a few tasks at once.
 *
 * Shape:   the same function over the items of an array, each in a thread of its own, the last one
 *          in the caller's. Where the system has no thread for an item, the caller's does that one,
 *          too: every item is done when the call returns.
 * Memory:  the stacks of the threads, while they run.
 * Errors:  none; a task keeps its own in its item.
 */
#ifndef OPK_BASE_PARALLEL_H
#define OPK_BASE_PARALLEL_H

#include <stddef.h>

/* More items at once are done one after the other by the caller's thread. */
#define OPK_PARALLEL_MAX 64

/** count items of item_size bytes. */
void opk_parallel(void *(*task)(void *item), void *items, size_t count, size_t item_size);

#endif
