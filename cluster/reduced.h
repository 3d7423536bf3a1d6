/*
 * reduced.h - the raw shapes of a log without the words that name nothing.
 *
 * Shape:   once it is known which words name operations (words.h), every other plain word of a raw
 *          shape is an operand of the class word, whatever it says. Raw shapes that differ in such
 *          words alone become one reduced shape, with their counts added up: a log has far fewer of
 *          these, and all that is learnt or decided behind the words is the same for them.
 * Kept:    words that name operations, and those that would if the options in front of them let
 *          them: that is learnt from the reduced shapes (options.h).
 * Memory:  it owns everything and does not need the summary later.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT past UINT32_MAX - 1 reduced shapes.
 * Threads: reading is safe from many threads.
 */
#ifndef OPK_CLUSTER_REDUCED_H
#define OPK_CLUSTER_REDUCED_H

#include "cluster/parts.h"
#include "cluster/summary.h"
#include "cluster/words.h"

struct opk_reduced;

/** Reduce a summary; NULL has no raw shape. */
OPK_MUST_USE enum opk_status opk_reduced_new(const struct opk_summary *summary,
                                             const struct opk_words *words,
                                             struct opk_reduced **out_reduced);
void opk_reduced_free(struct opk_reduced *reduced);

/** Reduced shapes are numbered from 0 to this, not included. */
uint32_t opk_reduced_count(const struct opk_reduced *reduced);

/** One of them, in the form of a raw shape; borrowed. */
struct opk_str opk_reduced_shape(const struct opk_reduced *reduced, uint32_t index);

/** The commands that have it. */
uint64_t opk_reduced_commands(const struct opk_reduced *reduced, uint32_t index);

/** What the raw shape with this number (summary.h) was reduced to. */
uint32_t opk_reduced_of(const struct opk_reduced *reduced, uint32_t number);

/** Numbers of raw shapes are below this. */
uint32_t opk_reduced_numbers(const struct opk_reduced *reduced);

/* Sees a simple command of a log, with the number of commands that have it. */
struct opk_reduced_viewer {
    enum opk_status (*see)(void *context, const struct opk_parts *parts, uint64_t commands);
    void *context;
};

/** Show every simple command; options may be NULL while they are being learnt. */
OPK_MUST_USE enum opk_status opk_reduced_show(const struct opk_reduced *reduced,
                                              const struct opk_words *words,
                                              const struct opk_options *options,
                                              struct opk_reduced_viewer viewer);

#endif
