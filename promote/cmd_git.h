/*
 * cmd_git.h - the user's Git, run as a program.
 *
 * Shape:   for what only that Git knows: its configuration wherever it lies, how to reach a remote
 *          and with which credentials. What a repository holds is read by base/git.h.
 *          Standard input is empty.
 * Memory:  appends to the caller's buffers.
 * Errors:  OPK_E_NOENT: no git on the PATH; OPK_E_LIMIT: it says more than max bytes; OPK_E_IO.
 */
#ifndef OPK_PROMOTE_CMD_GIT_H
#define OPK_PROMOTE_CMD_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct opk_git_call {
    char *const *argv; /* "git", ..., NULL */
    char *const *environment;
    size_t max; /* bytes of output */
};

/** Our environment, without what would point Git at another repository than the one it is run in.
 * NULL when the arena has failed. */
char **opk_git_environment(struct opk_arena *arena);

/** A word of a command line; exec does not change it, but for C's sake takes char *. */
char *opk_git_word(const char *text);

/**
 * Run it to its end. *out_code is its exit status, 128 and more when a signal ended it. complaint,
 * which may be NULL, takes standard error, at most OPK_GIT_COMPLAINT_MAX bytes of it.
 */
OPK_MUST_USE enum opk_status opk_cmd_git(const struct opk_git_call *call, struct opk_buf *answer,
                                         struct opk_buf *complaint, int *out_code,
                                         struct opk_err *err);

#define OPK_GIT_COMPLAINT_MAX ((size_t)65536)

#endif
