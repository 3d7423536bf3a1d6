/*
 * wrapper.h - programs that run another program: sudo, env, timeout, docker exec, bash -c, ...
 *
 * Shape:   a table of rows; a row is data only, and step.c walks the words by it. To add a wrapper,
 *          add a row.
 */
#ifndef OPK_CLUSTER_WRAPPER_H
#define OPK_CLUSTER_WRAPPER_H

#include "base/str.h"

enum opk_wrapper_how {
    OPK_WRAPPER_COMMAND, /* the rest is a command */
    OPK_WRAPPER_SCRIPT,  /* the word behind an option with "c" in it is a script: bash -lc '...' */
    OPK_WRAPPER_REST,    /* the rest, joined by blanks, is a script: ssh host ... */
    OPK_WRAPPER_MODULE,  /* the word behind -m is the program: python -m pytest */
};

#define OPK_WRAPPER_WORDS_MAX 3

struct opk_wrapper {
    enum opk_wrapper_how how;
    const char *words[OPK_WRAPPER_WORDS_MAX]; /* program and what must follow it */
    const char *name;                         /* as kept beside the command */
    const char *letters;  /* option letters that take a value in the next word */
    const char *longs;    /* " --user --chdir ": long options that do; blanks around each */
    const char *not_with; /* option letters with which it does not wrap (command -v) */
    unsigned operands;    /* its own operands before the command: timeout 5 */
    bool assignments;     /* NAME=value may stand before the command */
    bool shown;           /* changes the operation, so it shows in its name: xargs grep */
};

/** How many words at the front of values name a wrapper; *out_row is its row then. */
size_t opk_wrapper_find(const struct opk_str *values, size_t count,
                        const struct opk_wrapper **out_row);

/** The row with this name, or NULL. */
const struct opk_wrapper *opk_wrapper_named(struct opk_str name);

/** A program's name without its folders. */
struct opk_str opk_program_basename(struct opk_str word);

#endif
