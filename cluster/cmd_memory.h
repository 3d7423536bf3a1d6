/*
 * cmd_memory.h - a wall around the memory that the process may come to have.
 *
 * Shape:   from the call on, so many bytes may be had beside those that are held already; what
 *          would need more fails as if the machine had none (OPK_E_NOMEM). The stacks of threads,
 *          which are reserved and hardly used, stand beside them.
 * Units:   bytes that the process may write to and shares with no one, as the kernel counts them
 *          (RLIMIT_DATA): freed memory that the allocator keeps is counted, files are not.
 * Errors:  false where the kernel counts no such thing, and under a sanitizer, which needs memory
 *          of its own: then there is no wall.
 */
#ifndef OPK_CLUSTER_CMD_MEMORY_H
#define OPK_CLUSTER_CMD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

bool opk_memory_wall(size_t bytes, size_t threads);

/** Give freed memory back to the system: what one thread freed no other one may use. */
void opk_memory_give_back(void);

#endif
