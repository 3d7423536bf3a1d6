/*
 * sequence.h - behaviours: sequences of operations that recur from session to session.
 *
 * Shape:   the steps of sessions and their kinds in; sequences out, as kinds of type
 *          OPK_KIND_SEQUENCE. Steps fold into runs (sequence_fold.h), n-grams of runs are counted
 *          (sequence_gram.h), and those that chance does not explain are chosen
 *          (sequence_pick.h). Nothing is cut before.
 * Steps:   operation words or tool:NAME, with {m,n} where a step is repeated in a row, m and n
 *          the fewest and most times that it was. Where at least half of the occurrences repeat
 *          the whole sequence, it is one step: (tool:Edit > pytest){2,5}.
 * Noise:   kinds that say nothing alone, what hints.h knows as done in passing, what the rules
 *          name, and what the log shows to slip in between everything.
 * Kinds:   the signature is the steps' words joined by " > ", the same from night to night; the one
 *          shape is the steps joined; commands, days and times of the evidence count occurrences,
 *          times to the first step of their session on that day. An example holds the commands of
 *          one occurrence, each ended by OPK_SEQUENCE_END: redact them one by one.
 * Memory:  struct opk_sequences owns everything its views point to.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SEQUENCE_H
#define OPK_CLUSTER_SEQUENCE_H

#include "cluster/kind.h"
#include "cluster/session.h"

/* Ends each command of an example (a record separator, which no command holds: it is cut out). */
#define OPK_SEQUENCE_END '\x1e'

/* Commands of an example past this many are left out. */
#define OPK_SEQUENCE_EXAMPLE_STEPS 16

/* A session that holds a sequence once shows no recurrence, whatever the rules say. */
#define OPK_SEQUENCE_SESSIONS_MIN 2

/* A kind is taken for the one with fewer words when too few sessions hold it, or this many times as
 * many hold that one. */
#define OPK_SEQUENCE_RARE 10

struct opk_sequence_rules {
    uint32_t min_sessions;
    const struct opk_str *noise; /* signatures */
    size_t noise_count;
};

struct opk_sequences {
    struct opk_kind *items; /* by occurrences, most first, then signature */
    size_t count;
    struct opk_arena arena;
};

/** Sorts the sessions. kinds are those of the same summary. */
OPK_MUST_USE enum opk_status opk_sequences_build(struct opk_sessions *sessions,
                                                 const struct opk_kinds *kinds,
                                                 const struct opk_sequence_rules *rules,
                                                 struct opk_sequences *out_sequences,
                                                 struct opk_err *err);

/**
 * Are these the steps of a signature, repetition aside? "tool:Write{1,3} > pytest" and
 * "(tool:Write > pytest){2}" are those of "tool:Write > pytest".
 */
bool opk_sequence_matches(struct opk_str steps, struct opk_str signature);

/** Safe on zeroed storage. */
void opk_sequences_done(struct opk_sequences *sequences);

#endif
