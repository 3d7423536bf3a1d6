/*
 * progress.h - one line that tells how far a verb is, on a terminal only.
 *
 * Shape:   show replaces the line, clear takes it away before anything else is printed there.
 * Memory:  nothing is owned; the file is borrowed.
 * Errors:  none: a line that cannot be printed is not missed.
 */
#ifndef OPK_BASE_PROGRESS_H
#define OPK_BASE_PROGRESS_H

#include "base/str.h"

#include <stdio.h>

#define OPK_PROGRESS_COLUMNS 76

struct opk_progress {
    FILE *to; /* NULL where there is no terminal */
    bool is_shown;
};

void opk_progress_init(struct opk_progress *progress, FILE *to);

/** "[3/12] what": done of total, and the end of what, as far as the line has room. */
void opk_progress_show(struct opk_progress *progress, size_t done, size_t total,
                       struct opk_str what);

void opk_progress_clear(struct opk_progress *progress);

#endif
