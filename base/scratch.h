/*
 * scratch.h - a file without a name, for what does not fit into memory.
 *
 * Shape:   made in a folder and unlinked at once; it is gone when it is closed.
 * Memory:  the descriptor is owned by the caller, who closes it.
 * Errors:  what the system says, with the folder's name (base/file_fd.h).
 */
#ifndef OPK_BASE_SCRATCH_H
#define OPK_BASE_SCRATCH_H

#include "base/err.h"

OPK_MUST_USE enum opk_status opk_scratch_open(const char *folder, int *out_fd, struct opk_err *err);

#endif
