/*
 * sequence_gram.h - what stands in a row how often: n-grams of runs.
 *
 * Shape:   runs in (sequence_fold.h), strands of a session next to each other; out come all grams
 *          of 1 to OPK_SEQUENCE_LEN_MAX symbols that enough sessions hold, with every place where
 *          they stand. A gram is counted only where both its halves, without its last and without
 *          its first symbol, are grams: each level costs one pass over the runs.
 * Order:   by length, then by first place: a function of the runs.
 * Memory:  owns everything: some 100 bytes a run at most, for the longest level.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SEQUENCE_GRAM_H
#define OPK_CLUSTER_SEQUENCE_GRAM_H

#include "cluster/sequence_fold.h"

#define OPK_SEQUENCE_LEN_MAX 8

struct opk_gram_rules {
    uint32_t symbol_count; /* symbols are below it */
    uint32_t min_sessions;
    size_t len_max; /* at most OPK_SEQUENCE_LEN_MAX */
};

struct opk_gram {
    uint32_t prefix; /* the gram without the last symbol; of one symbol: the symbol, as suffix */
    uint32_t suffix; /* the gram without the first */
    uint32_t len;
    uint32_t sessions; /* that hold it */
    size_t begin;      /* its places: [begin, begin + count) in places */
    size_t count;
};

struct opk_grams {
    const struct opk_runs *runs; /* borrowed */
    struct opk_gram *items;      /* owned; the first symbol_count are the symbols */
    size_t count;
    size_t cap;
    uint32_t *session_of; /* owned; the session of each run */
    uint32_t *places;     /* owned; the run that a gram begins with, ascending */
    size_t place_count;
    size_t place_cap;
    uint32_t symbol_count;
};

/**
 * Count. sessions has the session of each strand, ascending; runs are borrowed until done.
 */
OPK_MUST_USE enum opk_status opk_grams_build(const struct opk_runs *runs, const uint32_t *sessions,
                                             const struct opk_gram_rules *rules,
                                             struct opk_grams *out_grams, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_grams_done(struct opk_grams *grams);

/** The first len symbols of a gram as a gram, and the last. */
uint32_t opk_gram_head(const struct opk_grams *grams, uint32_t gram, size_t len);
uint32_t opk_gram_tail(const struct opk_grams *grams, uint32_t gram, size_t len);

#endif
