/*
 * evidence.h - the tally of one shape or kind: sums, extremes, and bottom-k sets.
 *
 * Merge:   opk_tally_merge is associative and commutative, and adding is merging a tally of one.
 * Sets:    a sketch keeps the OPK_SKETCH_MAX smallest 64-bit hashes: exact up to that many members,
 *          past that the largest kept hash tells the number (relative error about 6 %).
 *          Examples are kept likewise, by the hash of their text.
 * Places:  where a line of a plain list stands says nothing, and its lines may be shuffled: an
 *          example from one has no place but its source.
 * Memory:  a tally owns its arrays; the texts of examples lie in the arena given with each call,
 *          which must live as long as the tally.
 * Errors:  false when there is no memory.
 */
#ifndef OPK_CLUSTER_EVIDENCE_H
#define OPK_CLUSTER_EVIDENCE_H

#include "base/arena.h"
#include "base/str.h"
#include "ingest/command.h"

/* Members of a set that are kept, and so counted exactly. */
#define OPK_SKETCH_MAX 256

/* Examples kept for a raw shape, and for a kind. */
#define OPK_SHAPE_EXAMPLES 3
#define OPK_KIND_EXAMPLES  8

/* A longer example keeps its first bytes only. */
#define OPK_EXAMPLE_MAX ((size_t)2048)

struct opk_sketch {
    uint64_t one;   /* the only member while cap is 0 */
    uint64_t *many; /* owned; ascending */
    size_t count;
    size_t cap;
};

/* A command as it was typed, and where. */
struct opk_example {
    struct opk_str text;
    struct opk_str source;
    uint64_t at; /* 1-based line, event or entry in the source; 0: none */
};

struct opk_day {
    int64_t day; /* since 1970-01-01 */
    uint64_t count;
};

struct opk_kept_example {
    uint64_t hash; /* of the text */
    struct opk_example example;
};

struct opk_tally {
    uint64_t commands;
    uint64_t failed;
    uint64_t finished; /* exit status known */
    uint64_t sidechain;
    int64_t first; /* OPK_UNKNOWN when no time is known, as last */
    int64_t last;
    struct opk_sketch sessions;
    struct opk_sketch sources;
    struct opk_sketch users;
    struct opk_sketch projects; /* folders that sessions began in */
    struct opk_sketch attended; /* sessions in which a person, or the agent at hand, ran it */
    struct opk_day *days;       /* owned; ascending */
    size_t day_count;
    size_t day_cap;
    struct opk_kept_example *examples; /* owned; by hash */
    size_t example_count;
    size_t example_cap;
};

/* An empty tally. */
#define OPK_TALLY_EMPTY ((struct opk_tally){.first = OPK_UNKNOWN, .last = OPK_UNKNOWN})

void opk_tally_done(struct opk_tally *tally);

/** Add all that from holds, keeping at most examples_max examples. */
bool opk_tally_merge(struct opk_tally *into, const struct opk_tally *from, size_t examples_max,
                     struct opk_arena *arena);

/** Count a member; known members count once. */
bool opk_sketch_add(struct opk_sketch *sketch, uint64_t hash);

/** How many distinct members were added. */
uint64_t opk_sketch_count(const struct opk_sketch *sketch);

/** The bits of all members, which merge by "or". */
uint64_t opk_sketch_bits(const struct opk_sketch *sketch);

/**
 * One of 64 bits for a member: enough to tell one session from a few. Of the bits of many, no more
 * than OPK_BITS_MOST may be asked for, since a sketch forgets members.
 */
static inline uint64_t opk_sketch_bit(uint64_t hash)
{
    return UINT64_C(1) << (hash & 63);
}

#define OPK_BITS_MOST 32

/** Count one event on the day of a time in milliseconds since the epoch; widens first and last. */
bool opk_tally_add_time(struct opk_tally *tally, int64_t time);

/** Offer an example: kept when its hash is among the smallest. Its texts are copied into arena. */
bool opk_tally_add_example(struct opk_tally *tally, const struct opk_example *example,
                           size_t examples_max, struct opk_arena *arena);

#endif
