/*
 * sequence_pick.h - which n-grams are sequences of their own.
 *
 * Chance:  for a gram cut in two parts, a session in which the parts stand a and b times among n
 *          runs has them in a row a * b / (n - a) times if their order is chance. Sessions differ
 *          in what they are about, so chance is asked within each, and no session counts more than
 *          OPK_SEQUENCE_CAP times. The cut that explains the gram best is the one that counts.
 * Beyond:  a gram is beyond chance when it stands OPK_SEQUENCE_LIFT times as often, and so often
 *          that a whole search brings up hardly one like it (sequence_chance.h).
 * Choice:  of those the one that explains most (times it stands beyond chance, times log(length))
 *          is taken; its transitions then count for no other gram, whose numbers are looked at
 *          again. So a fragment, or a sequence with a stray neighbour, has little left. One that is
 *          part of what was taken, contains it, or is the same cycle begun elsewhere never stands
 *          beside it; one that differs by steps left out only when it has half its support.
 * Closed:  what is taken is as long as nearly all of its sessions go on in one way. A gram that
 *          ends as it began is a cycle and a bit, and never taken.
 * Order:   a function of the grams and the order of symbols: doubles are added in the order of
 *          sessions and compared with fixed numbers, ties are broken by symbols.
 * Memory:  picks are owned by their struct.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SEQUENCE_PICK_H
#define OPK_CLUSTER_SEQUENCE_PICK_H

#include "cluster/sequence_chance.h"

/* A gram is not closed when one with a symbol more has so many tenths of its sessions. */
#define OPK_SEQUENCE_CLOSED 9U
#define OPK_SEQUENCE_WHOLE  10U

/* No more sequences than this are taken. */
#define OPK_SEQUENCES_MAX ((size_t)1000)

struct opk_pick {
    uint32_t gram;
    double expected; /* times that it stands by chance, capped as its count */
};

struct opk_picks {
    struct opk_pick *items; /* owned; in the order of choice */
    size_t count;
    size_t cap;
};

OPK_MUST_USE enum opk_status opk_picks_build(const struct opk_grams *grams, uint32_t min_sessions,
                                             struct opk_picks *out_picks, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_picks_done(struct opk_picks *picks);

/* A symbol is noise when a quarter of its runs stand between the steps of pairs: of at least so
 * many pairs more than once, and of none most of the time. */
#define OPK_NOISE_PAIRS 5
#define OPK_NOISE_SHARE 4

/**
 * Set is_noise[symbol] for the symbols that slip in between the steps of many pairs that belong
 * together. grams needs no more than pairs.
 */
OPK_MUST_USE enum opk_status opk_noise_learn(const struct opk_grams *grams, bool *is_noise,
                                             bool *out_any, struct opk_err *err);

#endif
