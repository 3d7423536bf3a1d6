/*
 * init.h - the files of a new pattern repository.
 *
 * Shape:   a table of paths and contents, sorted by path: the tree sync/init/ of the sources, put
 *          into the program when it is built (cmake/embed.cmake).
 * Memory:  static.
 */
#ifndef OPK_SYNC_INIT_H
#define OPK_SYNC_INIT_H

#include "base/embedded.h"

extern const struct opk_embedded OPK_INIT_FILES[];
extern const size_t OPK_INIT_COUNT;

#endif
