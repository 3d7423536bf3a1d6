/*
 * file.h - files, confined to a root where there is one.
 *
 * Shape:   a root is a folder opened once; every path below it is relative, checked as text first
 * and then resolved with openat2 (RESOLVE_BENEATH, NO_SYMLINKS, NO_MAGICLINKS), or by a checked
 *          walk where the kernel lacks it.
 * Paths:   no absolute path, no ".", "..", empty component or ".git" in any spelling; one trailing
 *          slash marks a folder.
 * Memory:  a root owns a descriptor; contents read are appended to the caller's buffer.
 * Errors:  OPK_E_REFUSED (path leaves the root, link, not a regular file), OPK_E_NOENT, OPK_E_LIMIT
 *          (larger than max), OPK_E_IO. Messages name the path.
 */
#ifndef OPK_BASE_FILE_H
#define OPK_BASE_FILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct opk_root {
    int fd; /* owned; -1 when closed */
};

#define OPK_ROOT_CLOSED ((struct opk_root){-1})

OPK_MUST_USE enum opk_status opk_root_open(const char *path, struct opk_root *out_root,
                                           struct opk_err *err);
void opk_root_close(struct opk_root *root);

/** Is this text an acceptable relative path? Says why not. */
OPK_MUST_USE enum opk_status opk_path_check(struct opk_str path, struct opk_err *err);

/** Append a file's bytes. A file of exactly max bytes is read, one more is OPK_E_LIMIT. */
OPK_MUST_USE enum opk_status opk_root_read(const struct opk_root *root, const char *path,
                                           size_t max, struct opk_buf *out, struct opk_err *err);

/** A regular file's existence; links and folders are false. */
bool opk_root_has(const struct opk_root *root, const char *path);

/** The names in a folder, sorted bytewise, without "." and ".."; a folder's ends with a slash. */
OPK_MUST_USE enum opk_status opk_root_list(const struct opk_root *root, const char *path,
                                           struct opk_arena *arena, struct opk_str **out_names,
                                           size_t *out_count, struct opk_err *err);

/** Read a file that the user named, wherever it is ("-" is standard input). */
OPK_MUST_USE enum opk_status opk_file_read(const char *path, size_t max, struct opk_buf *out,
                                           struct opk_err *err);

/**
 * Replace a file that the user named, or create it: a temporary file in the same folder, fsync,
 * rename, fsync of the folder. The old file stays as it was after any failure. Mode is kept; links
 * refused.
 */
OPK_MUST_USE enum opk_status opk_file_replace(const char *path, struct opk_str contents,
                                              struct opk_err *err);

#endif
