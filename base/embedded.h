/*
 * embedded.h - a file of the sources that is part of the program.
 *
 * Shape:   a row of a table that the build makes from a folder (cmake/embed.cmake), sorted by path.
 * Memory:  static.
 */
#ifndef OPK_BASE_EMBEDDED_H
#define OPK_BASE_EMBEDDED_H

#include <stddef.h>

struct opk_embedded {
    const char *name; /* its path below the folder, without the ending that the table leaves out */
    const unsigned char *bytes;
    size_t size;
};

#endif
