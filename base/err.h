/*
 * err.h - how a function fails: a status for code, one line for people.
 *
 * Shape:   enum opk_status is returned; struct opk_err is filled once, by the function that
 *          noticed, through opk_fail. Callers pass it up and add only a place that they alone know.
 * Units:   lines and columns are 1-based, bytes are 0-based offsets + 1 (0 means unknown
 *          everywhere).
 * Memory:  a struct opk_err owns nothing; paths and messages longer than its buffers are cut with
 *          "...".
 * Errors:  a NULL err is allowed: the status is returned and the words are dropped.
 * Threads: one struct opk_err per thread.
 */
#ifndef OPK_BASE_ERR_H
#define OPK_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPK_MUST_USE                    __attribute__((warn_unused_result))
#define OPK_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define OPK_COLD                        __attribute__((cold)) /* rarely called: kept out of the way */

enum opk_status {
    OPK_OK = 0,
    OPK_END,           /* a pull interface has no more items; not an error */
    OPK_E_USAGE,       /* the command line is wrong */
    OPK_E_NOMEM,       /* an allocation failed */
    OPK_E_IO,          /* the system refused a read or a write; the message holds its words */
    OPK_E_PIPE,        /* whoever read standard output has gone: nothing to tell */
    OPK_E_NOENT,       /* a file, key or entry that must exist does not */
    OPK_E_LIMIT,       /* a documented limit was passed */
    OPK_E_SYNTAX,      /* bytes do not follow their format */
    OPK_E_INVALID,     /* well-formed, but breaks a rule of its schema or contract */
    OPK_E_UNSUPPORTED, /* a format, version or feature that is not read */
    OPK_E_REFUSED,     /* a writing verb will not do it: identity, verification, containment */
    OPK_E_CONFLICT,    /* a lock, a pending transaction, or two changes that disagree */
    OPK_E_INTERNAL     /* our own bug, noticed */
};

/* The exit codes of every verb. */
enum opk_exit {
    OPK_EXIT_OK = 0,        /* clean */
    OPK_EXIT_FINDINGS = 1,  /* drift or findings */
    OPK_EXIT_USAGE = 2,     /* usage */
    OPK_EXIT_INVALID = 3,   /* invalid input */
    OPK_EXIT_REFUSED = 4,   /* a writing verb refuses */
    OPK_EXIT_CONFLICT = 5,  /* conflict, lock or pending transaction */
    OPK_EXIT_INTERNAL = 70, /* internal error, out of memory */
    OPK_EXIT_PIPE = 141,    /* the reader of standard output has gone; as shells tell SIGPIPE */
};

#define OPK_ERR_PATH_MAX    512
#define OPK_ERR_MESSAGE_MAX 512

struct opk_err {
    enum opk_status status;
    char path[OPK_ERR_PATH_MAX]; /* "" when there is none */
    uint64_t line;
    uint64_t column;
    uint64_t byte;
    char message[OPK_ERR_MESSAGE_MAX]; /* lower case, no full stop */
};

/* Where something is; zero and NULL mean unknown. The path is borrowed for the call only. */
struct opk_place {
    const char *path;
    uint64_t line;
    uint64_t column;
    uint64_t byte;
};

#define OPK_NOWHERE            ((struct opk_place){0})
#define OPK_AT_PATH(p)         ((struct opk_place){.path = (p)})
#define OPK_AT_LINE(p, l)      ((struct opk_place){.path = (p), .line = (l)})
#define OPK_AT_COLUMN(p, l, c) ((struct opk_place){.path = (p), .line = (l), .column = (c)})
#define OPK_AT_BYTE(b)         ((struct opk_place){.byte = (b)})

/** Fill err, when it is not NULL, and return nothing: use opk_fail. */
void opk_err_set(struct opk_err *err, enum opk_status status, struct opk_place place,
                 const char *format, ...) OPK_PRINTF(4, 5) OPK_COLD;

/* Fill err and evaluate to the status: a macro, so that the analyzer sees the constant. */
#define opk_fail(err, status, place, ...)                                                          \
    (opk_err_set((err), (status), (place), __VA_ARGS__), (status))

/** Give err a path where it has none; a caller that knows the file adds it on the way up. */
void opk_err_add_path(struct opk_err *err, const char *path);

/** A copy of its own, to be told later; free() it. NULL: no memory. */
OPK_MUST_USE struct opk_err *opk_err_copy(const struct opk_err *err);

/** The exit code that a verb returns for a status. OPK_END counts as clean. */
int opk_exit_code(enum opk_status status);

/** "invalid", "limit", ...: one stable word for JSON output. */
const char *opk_status_name(enum opk_status status);

#endif
