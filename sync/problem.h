/*
 * problem.h - what is wrong in a repository: a list that grows while the work goes on.
 *
 * Shape:   one bad card does not hide the next: what concerns one file is added here, and only
 *          what ends the run (memory, reading, our own bugs) is returned as a status.
 * Memory:  a list owns its items.
 */
#ifndef OPK_SYNC_PROBLEM_H
#define OPK_SYNC_PROBLEM_H

#include "base/err.h"

struct opk_problem {
    struct opk_err err;
    bool is_note;  /* told, but nothing is wrong */
    bool is_drift; /* refused by a run that writes; a finding to one that only looks */
};

struct opk_problems {
    struct opk_problem *items; /* owned */
    size_t count;
    size_t cap;
};

void opk_problems_done(struct opk_problems *problems);

/**
 * Add what *err holds. Returns OPK_OK when it was added, and the status in *err when that ends the
 * run; *err then stands as it was.
 */
OPK_MUST_USE enum opk_status opk_problems_add(struct opk_problems *problems, struct opk_err *err);

/** Add a note. */
OPK_MUST_USE enum opk_status opk_problems_note(struct opk_problems *problems,
                                               const struct opk_err *note, struct opk_err *err);

/** Add what *err holds as drift. */
OPK_MUST_USE enum opk_status opk_problems_drift(struct opk_problems *problems, struct opk_err *err);

/** What was wrong with a file no longer is, or is told only. */
void opk_problems_drop(struct opk_problems *problems, const char *path);
void opk_problems_soften(struct opk_problems *problems, const char *path);

/** How many are not notes. */
size_t opk_problems_serious(const struct opk_problems *problems);

/** The exit code of a run that met these: refusals before invalid input, 0 for notes alone. */
int opk_problems_exit(const struct opk_problems *problems);

#endif
