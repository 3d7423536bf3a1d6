/*
 * slots.h - one class for all values of a slot, learnt from the counts of a whole log.
 *
 * Principle: a slot is a place of a form: the value of an option, or an operand, of commands with
 *          the same operation words, the same options and as many operands. Its values fall into
 *          classes by their spelling (a branch may be a word, a hash or a number), but what the
 *          slot holds is one thing. Classes lie in families (tokens, paths, hosts, quoted texts);
 *          within a family a slot shows the class that nearly all of its values have, else the
 *          family's widest one. A family that has less than a third of the slot is taken for a
 *          stray spelling and shown as the largest one; a larger share stays apart. Variables and
 *          substitutions say nothing of their own and show what the slot holds otherwise.
 * Redirections are attributes: a form shows those that a quarter of its commands have.
 * Order:   integers, and ties broken by name: a function of the counts.
 * Memory:  owns everything and does not need what it was learnt from later; it borrows what it was
 * given. Errors:  OPK_E_NOMEM, OPK_E_LIMIT past UINT32_MAX - 1 slots.
 */
#ifndef OPK_CLUSTER_SLOTS_H
#define OPK_CLUSTER_SLOTS_H

#include "cluster/form.h"

struct opk_slots;
struct opk_reduced;

/** Learn from all simple commands of a log. */
OPK_MUST_USE enum opk_status opk_slots_new(const struct opk_reduced *reduced,
                                           const struct opk_words *words,
                                           const struct opk_options *options,
                                           struct opk_slots **out_slots);
void opk_slots_free(struct opk_slots *slots);

/**
 * Replace the classes of a form by those of its slots; *out_redirects tells whether the form shows
 * its redirections. A form that no log had keeps its classes and shows them.
 */
void opk_slots_apply(const struct opk_slots *slots, struct opk_form *form, bool *out_redirects);

#endif
