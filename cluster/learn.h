/*
 * learn.h - all that is learnt from the counts of a whole log, in the order in which one part
 * stands on the other: operation words, options, slots.
 *
 * Order:   every part is a function of the merged counts: the same from any order of files, lines,
 *          threads and merges.
 * Memory:  a model owns everything and does not need the summary later.
 * Errors:  OPK_E_NOMEM, OPK_E_LIMIT past UINT32_MAX - 1 words, options or slots.
 */
#ifndef OPK_CLUSTER_LEARN_H
#define OPK_CLUSTER_LEARN_H

#include "base/err.h"
#include "cluster/options.h"
#include "cluster/reduced.h"
#include "cluster/slots.h"
#include "cluster/words.h"

struct opk_model {
    struct opk_words *words;
    struct opk_reduced *reduced; /* what the other two are learnt from */
    struct opk_options *options;
    struct opk_slots *slots;
};

/** Learn from a summary; NULL for one without a command. with_hints: use the tables of hints.h. */
OPK_MUST_USE enum opk_status opk_model_new(const struct opk_summary *summary, bool with_hints,
                                           struct opk_model **out_model, struct opk_err *err);
void opk_model_free(struct opk_model *model);

#endif
