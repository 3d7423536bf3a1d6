/*
 * file.h - files, confined to a root where there is one.
 *
 * Shape:   a root is a folder opened once; every path below it is relative, checked as text first
 *          and then resolved with openat2 (RESOLVE_BENEATH, NO_SYMLINKS, NO_MAGICLINKS), or by a
 *          walk that opens one folder after the other without following links where the kernel
 *          lacks it.
 * Paths:   no absolute path, no ".", "..", empty component, backslash, control character or ".git"
 *          in any spelling that some file system takes for it; one trailing slash marks a folder.
 * Units:   bytes; a path has at most OPK_PATH_MAX of them, a component OPK_NAME_MAX.
 * Memory:  a root owns a descriptor; contents read are appended to the caller's buffer.
 * Errors:  OPK_E_REFUSED (path leaves the root, link, not a regular file), OPK_E_NOENT, OPK_E_LIMIT
 *          (larger than max, path too long), OPK_E_IO, OPK_E_CONFLICT (another process is replacing
 *          the same file), OPK_E_NOMEM. Messages name the path.
 * Threads: no state is shared; a root may be used by many threads at once.
 */
#ifndef OPK_BASE_FILE_H
#define OPK_BASE_FILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define OPK_PATH_MAX 4095
#define OPK_NAME_MAX 255

struct opk_root {
    int fd; /* owned; -1 when closed */
};

#define OPK_ROOT_CLOSED ((struct opk_root){-1})

OPK_MUST_USE enum opk_status opk_root_open(const char *path, struct opk_root *out_root,
                                           struct opk_err *err);

/** Safe on OPK_ROOT_CLOSED, which it leaves behind. */
void opk_root_close(struct opk_root *root);

/** Is this text an acceptable relative path? Says why not: OPK_E_REFUSED or OPK_E_LIMIT. */
OPK_MUST_USE enum opk_status opk_path_check(struct opk_str path, struct opk_err *err);

/** Append a file's bytes. A file of exactly max bytes is read, one more is OPK_E_LIMIT. */
OPK_MUST_USE enum opk_status opk_root_read(const struct opk_root *root, const char *path,
                                           size_t max, struct opk_buf *out, struct opk_err *err);

/** A regular file's existence; links, folders and paths that are refused are false. */
bool opk_root_has(const struct opk_root *root, const char *path);

/** A folder's existence; a link to one is false. */
bool opk_root_has_folder(const struct opk_root *root, const char *path);

/**
 * The names in a folder, sorted bytewise, without "." and ".."; a folder's ends with a slash. The
 * path "" is the root itself.
 */
OPK_MUST_USE enum opk_status opk_root_list(const struct opk_root *root, const char *path,
                                           struct opk_arena *arena, struct opk_str **out_names,
                                           size_t *out_count, struct opk_err *err);

/** Append the absolute path of a folder, without links. */
OPK_MUST_USE enum opk_status opk_folder_resolve(const char *folder, struct opk_buf *out,
                                                struct opk_err *err);

/**
 * Read what the user named, wherever it is: a file, a pipe, or "-" for standard input; links are
 * followed. The limit is that of opk_root_read.
 */
OPK_MUST_USE enum opk_status opk_file_read(const char *path, size_t max, struct opk_buf *out,
                                           struct opk_err *err);

/**
 * Replace a file that the user named, or create it: a temporary file in the same folder, fsync,
 * rename, fsync of the folder. The old file stays as it was after any failure. Mode and owner are
 * kept; a symbolic link, a file with other hard links, and what is no regular file are refused. A
 * temporary file that a killed run left is taken over, so that none are left lying about.
 */
OPK_MUST_USE enum opk_status opk_file_replace(const char *path, struct opk_str contents,
                                              struct opk_err *err);

#endif
