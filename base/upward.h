/*
 * upward.h - find the folder that something belongs to, from one of the folders inside it.
 *
 * Shape:   from a folder towards the root of the file system, the first one that holds a marker: a
 *          file, or with a trailing slash a folder, given as a path beneath it.
 * Memory:  the path found is appended to the caller's buffer; it is absolute and without links.
 * Errors:  OPK_E_NOENT when no folder holds one, and those of file.h.
 */
#ifndef OPK_BASE_UPWARD_H
#define OPK_BASE_UPWARD_H

#include "base/buf.h"

/** markers ends with NULL. */
OPK_MUST_USE enum opk_status opk_find_upward(const char *folder, const char *const *markers,
                                             struct opk_buf *out_path, struct opk_err *err);

#endif
