/*
 * init.h - the files of a new pattern repository.
 *
 * Shape:   a table of paths and contents, sorted by path: the tree sync/init/ of the sources, put
 *          into the program when it is built (cmake/embed.cmake).
 * Memory:  static.
 */
#ifndef OPK_SYNC_INIT_H
#define OPK_SYNC_INIT_H

#include <stddef.h>

struct opk_init_file {
    const char *path;
    const unsigned char *data;
    size_t len;
};

extern const struct opk_init_file OPK_INIT_FILES[];
extern const size_t OPK_INIT_COUNT;

#endif
