/*
 * sequence_fold.h - the steps of a strand as runs: what is repeated stands once.
 *
 * Shape:   steps in, runs out. Steps of one symbol in a row become a run with their number; noise
 *          steps leave nothing while there are at most OPK_SEQUENCE_GAP of them in a row; a longer
 *          stretch of noise, a step that could not be read, and the end of a strand leave a run of
 *          OPK_SYMBOL_BREAK, over which no sequence goes. Then blocks of 2 to OPK_SEQUENCE_LOOP_MAX
 *          runs that follow one another become one block, leftmost and shortest first: edit, test,
 *          edit, test, edit is edit, test (twice), edit.
 * Limits:  of a session, the first OPK_SEQUENCE_RUNS_MAX runs count.
 * Memory:  owns its runs: 32 bytes each.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SEQUENCE_FOLD_H
#define OPK_CLUSTER_SEQUENCE_FOLD_H

#include "base/err.h"

#define OPK_SEQUENCE_GAP      2
#define OPK_SEQUENCE_LOOP_MAX 4
#define OPK_SEQUENCE_RUNS_MAX ((size_t)100000)

#define OPK_SYMBOL_BREAK UINT32_MAX
#define OPK_SYMBOL_NOISE (UINT32_MAX - 1)

struct opk_run {
    uint32_t symbol;
    uint32_t low; /* times in a row: fewest and most, over the copies of a block */
    uint32_t high;
    uint32_t loops;    /* copies of the block that begins here; 1: none does */
    uint32_t loop_len; /* its runs */
    uint32_t strand;   /* whose it is, by the caller's count */
    uint32_t first;    /* its steps in the strand, in the first copy, noise included */
    uint32_t last;
};

struct opk_runs {
    struct opk_run *items; /* owned */
    size_t count;
    size_t cap;
};

void opk_runs_done(struct opk_runs *runs);

/** Append the runs of one strand and a break. limit: no more runs than this are added. */
OPK_MUST_USE enum opk_status opk_runs_add(struct opk_runs *runs, const uint32_t *symbols,
                                          size_t count, uint32_t strand, size_t limit,
                                          struct opk_err *err);

#endif
