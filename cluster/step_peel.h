/*
 * step_peel.h - what a wrapper runs, for step.c alone.
 *
 * Shape:   the words of a simple command in, the range of them that the wrapper at their front runs
 *          out. Rows of wrapper.h say how each wrapper's own words are walked.
 */
#ifndef OPK_CLUSTER_STEP_PEEL_H
#define OPK_CLUSTER_STEP_PEEL_H

#include "cluster/step.h"
#include "cluster/wrapper.h"

/* A wrapper with something to run: words begin to end, the last one not included. */
struct opk_peel {
    const struct opk_wrapper *row;
    size_t begin;
    size_t end;
};

/** The wrapper that words begin to end start with; false when none does, or it runs nothing. */
bool opk_peel_find(struct opk_steps *steps, size_t begin, size_t end, struct opk_peel *out_peel);

/** The next action (find's -exec) of words at to end: the words that it runs; false without one. */
bool opk_peel_action(const struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                     size_t end, struct opk_peel *out_peel);

/** The text of a script that a wrapper runs, in the arena of steps (whose failure is sticky). */
struct opk_str opk_peel_script(struct opk_steps *steps, const struct opk_peel *peel);

#endif
