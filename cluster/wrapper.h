/*
 * wrapper.h - programs that run another program: sudo, env, timeout, docker exec, bash -c, ...
 *
 * Shape:   a table of rows; a row is data only, and step_peel.c walks the words by it. To add a
 *          wrapper, add a row. docs/formats/dialects.md says what counts as one.
 */
#ifndef OPK_CLUSTER_WRAPPER_H
#define OPK_CLUSTER_WRAPPER_H

#include "base/str.h"
#include "cluster/dialect.h"

enum opk_wrapper_how {
    OPK_WRAPPER_COMMAND, /* the rest is a command */
    OPK_WRAPPER_SCRIPT,  /* the word behind a mark is a script: bash -lc '...' */
    OPK_WRAPPER_REST,    /* the rest, joined by blanks, is a script: ssh host ... */
    OPK_WRAPPER_MARKED,  /* the rest behind a mark, joined by blanks, is one: cmd /c ... */
    OPK_WRAPPER_MODULE,  /* the word behind -m is the program: python -m pytest */
    OPK_WRAPPER_BLOCK,   /* a block of PowerShell is a script: ForEach-Object { ... } */
    OPK_WRAPPER_ACTIONS, /* commands between a mark and ; or +, beside its own: find -exec */
};

#define OPK_WRAPPER_WORDS_MAX 3

/* A member that is NULL is empty. Lists of words have blanks around each: " --user --chdir ". */
struct opk_wrapper {
    const char *words[OPK_WRAPPER_WORDS_MAX]; /* program and what must follow it */
    const char *name;                         /* as kept beside the command */
    const char *letters;  /* option letters that take a value in the next word */
    const char *longs;    /* long options that do */
    const char *not_with; /* option letters with which it does not wrap (command -v) */
    const char *marks;    /* of SCRIPT, MARKED, ACTIONS; else a bundle that ends with c */
    enum opk_wrapper_how how;
    unsigned operands;        /* its own operands before the command: timeout 5 */
    enum opk_dialect dialect; /* of the script, where its text does not say */
    bool assignments;         /* NAME=value may stand before the command */
    bool shown;               /* changes the operation, so it shows in its name: xargs grep */
};

/** The first row of a program, or NULL. Behind the last row of all is one without words. */
const struct opk_wrapper *opk_wrapper_find(struct opk_str program);

/** The same of a program's bare name: without folders, suffix and version. */
const struct opk_wrapper *opk_wrapper_find_name(struct opk_str name);

/** Is next another row of the program that row has? */
bool opk_wrapper_is_same(const struct opk_wrapper *row, const struct opk_wrapper *next);

/** Is word one of list, which has a blank around each? */
bool opk_wrapper_lists(const char *list, struct opk_str word);

/** A program's name without its folders. */
struct opk_str opk_program_basename(struct opk_str word);

#endif
