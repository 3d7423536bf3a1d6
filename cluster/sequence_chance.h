/*
 * sequence_chance.h - how often a gram stands in a row by chance; see sequence_pick.h.
 *
 * Memory:  owns a row for each session.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SEQUENCE_CHANCE_H
#define OPK_CLUSTER_SEQUENCE_CHANCE_H

#include "cluster/sequence_gram.h"

/* No session counts more often than this. */
#define OPK_SEQUENCE_CAP 4

/* A gram stands at least so many times as often as by chance. */
#define OPK_SEQUENCE_LIFT 1.5

/* And so many times as often as if all sessions were one, with half of the surprise that is asked
 * for in the end: which is looked at first. */
#define OPK_SEQUENCE_POOLED_LIFT 1.2

/* The runs of one session. */
struct opk_session_runs {
    uint32_t begin;
    uint32_t end;
    uint32_t count; /* without breaks */
};

struct opk_chance {
    const struct opk_grams *grams;     /* borrowed */
    struct opk_session_runs *sessions; /* owned */
    uint64_t run_count;                /* of all sessions */
    double threshold[2];               /* of pairs and of longer grams, see opk_chance_exceeds */
};

OPK_MUST_USE enum opk_status opk_chance_init(struct opk_chance *chance,
                                             const struct opk_grams *grams, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_chance_done(struct opk_chance *chance);

/**
 * Does a gram stand clearly more often than if all sessions were one? What does not is not worth
 * asking opk_chance_expect about, which costs time: most pairs of common symbols.
 */
bool opk_chance_is_frequent(const struct opk_chance *chance, uint32_t gram);

/** Times that a gram of two symbols or more stands by chance, by the best cut, capped. */
double opk_chance_expect(const struct opk_chance *chance, uint32_t gram);

/** Is the count of a gram of len symbols so far above expected that chance does not explain it? */
bool opk_chance_exceeds(const struct opk_chance *chance, uint32_t len, uint64_t count,
                        double expected);

#endif
