/*
 * file_fd.h - what file.c and txn.c share below the paths: descriptors and names in a folder.
 *
 * Shape:   POSIX calls that are finished (EINTR, short writes) and whose failures are told in one
 *          line. path is for messages only; a folder is an open descriptor, a name has no slash.
 * Memory:  descriptors are owned by the caller; contents are appended to the caller's buffer.
 * Errors:  as in file.h.
 */
#ifndef OPK_BASE_FILE_FD_H
#define OPK_BASE_FILE_FD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#include <sys/stat.h>
#include <sys/types.h>

/** Turn errno into a status and "doing: what the system says". */
enum opk_status opk_fail_errno(struct opk_err *err, const char *path, const char *doing,
                               int number);

OPK_MUST_USE enum opk_status opk_fd_read(int fd, const char *path, size_t max, struct opk_buf *out,
                                         struct opk_err *err);
OPK_MUST_USE enum opk_status opk_fd_write(int fd, const char *path, struct opk_str bytes,
                                          struct opk_err *err);
OPK_MUST_USE enum opk_status opk_fd_sync(int fd, const char *path, struct opk_err *err);

/** Close and tell a failure, which some file systems keep back until then. */
OPK_MUST_USE enum opk_status opk_fd_close(int fd, const char *path, struct opk_err *err);

/** Close what was only read from, or what failed already; -1 is accepted. errno is kept. */
void opk_fd_drop(int fd);

/* What a name stands for, as far as replacing it needs to know. */
struct opk_file_state {
    bool exists;
    mode_t mode; /* the permission bits */
    uid_t owner;
    gid_t group;
};

/** A regular file with one link, or nothing (exists is false); anything else is OPK_E_REFUSED. */
OPK_MUST_USE enum opk_status opk_name_state(int folder, const char *name, const char *path,
                                            struct opk_file_state *out_state, struct opk_err *err);

/** Write contents into an open, empty file, give it the old file's mode and owner, and sync it. */
OPK_MUST_USE enum opk_status opk_fd_fill(int fd, const char *path, struct opk_str contents,
                                         const struct opk_file_state *old, struct opk_err *err);

/**
 * Open the folder that holds path, beneath root; with create, missing folders are made (and
 * synced). out_name is the last component, borrowed from path.
 */
OPK_MUST_USE enum opk_status opk_root_open_parent(const struct opk_root *root, const char *path,
                                                  bool create, int *out_folder,
                                                  const char **out_name, struct opk_err *err);

#endif
