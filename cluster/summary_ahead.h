/*
 * summary_ahead.h - lines of a plain list, counted into the rows of a summary with a look ahead.
 *
 * Shape:   some lines in, their steps counted. Counting a line is mostly waiting for memory: for
 *          what is remembered of the line, for the place of its raw shape, for that shape's row. So
 *          a few lines go through each stage together, and every stage asks for the memory that the
 *          next one needs.
 * Memory:  a look ahead remembers the rows of some lines that were read (2 MiB), and owns copies of
 *          what it has not counted yet; nothing of that is left when a call returns.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT as opk_rows_find.
 */
#ifndef OPK_CLUSTER_SUMMARY_AHEAD_H
#define OPK_CLUSTER_SUMMARY_AHEAD_H

#include "cluster/step.h"
#include "cluster/summary.h"
#include "cluster/summary_impl.h"

/* Lines of one call. */
#define OPK_AHEAD_LINES ((size_t)64)

struct opk_ahead;

/* What lines are counted into; all borrowed. */
struct opk_ahead_into {
    struct opk_rows *rows;
    const struct opk_origins *origins;
    struct opk_ledger *ledger;
    struct opk_steps *steps; /* to read lines with */
    uint32_t origin;         /* of all lines */
};

OPK_MUST_USE enum opk_status opk_ahead_new(struct opk_ahead **out_ahead, struct opk_err *err);
void opk_ahead_free(struct opk_ahead *ahead);

/** Count lines, at most OPK_AHEAD_LINES of them. */
OPK_MUST_USE enum opk_status opk_ahead_count(struct opk_ahead *ahead,
                                             const struct opk_ahead_into *into,
                                             const struct opk_str *lines, size_t count,
                                             struct opk_err *err);

/** The rows are gone: no line is remembered any more. NULL is fine. */
void opk_ahead_forget(struct opk_ahead *ahead);

/** Bytes of memory held, for budgets. NULL has none. */
size_t opk_ahead_bytes(const struct opk_ahead *ahead);

#endif
