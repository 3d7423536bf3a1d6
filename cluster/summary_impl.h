/*
 * summary_impl.h - what lies inside a summary; for the files summary*.c only.
 *
 * Shape:   a row for each distinct raw shape. Most shapes of a log are met a few times in one
 *          session, so a row holds just that; what more there is (several sessions, times, exit
 *          states) lies in a tally of its own, which the row points to.
 * Order:   rows stand in the order of their first command, which is nobody's business: whoever
 *          reads them gets the same whatever the order.
 * Memory:  rows, their texts and examples belong to struct opk_rows; origins to the summary.
 * Errors:  false or NULL when there is no memory.
 */
#ifndef OPK_CLUSTER_SUMMARY_IMPL_H
#define OPK_CLUSTER_SUMMARY_IMPL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "cluster/evidence.h"

/* Where a command came from: who wrote it, and into what. */
struct opk_origin {
    uint64_t session; /* opk_hash64 of its name, as the next two */
    uint64_t source;
    uint64_t user;
    uint64_t project; /* of the folder that it began in; 0: not known */
    bool has_user;
    struct opk_str source_name;
};

struct opk_origins {
    struct opk_map *keys;     /* the four names below, each behind its length */
    struct opk_origin *items; /* owned; by index in keys */
    size_t cap;
    uint32_t last; /* the one that was looked for last, with its names; OPK_NO_ORIGIN: none */
    struct opk_str session;
    struct opk_str source;
    struct opk_str user;
    struct opk_str shell; /* decides how a text is read */
};

#define OPK_NO_ORIGIN UINT32_MAX

/* An example of a row. */
struct opk_kept {
    uint64_t hash; /* of the text */
    uint64_t at;
    uint32_t origin;
    uint32_t len;
    char text[];
};

/* What counting one more command reads and writes of a row fits into one line of a cache. */
struct opk_row {
    const char *raw;
    uint64_t commands;
    struct opk_kept *examples[OPK_SHAPE_EXAMPLES]; /* ascending by hash; NULL behind the last */
    uint32_t marks[OPK_SHAPE_EXAMPLES]; /* upper halves of their hashes; UINT32_MAX: no example */
    uint32_t raw_len;
    uint32_t origin; /* of all commands; OPK_NO_ORIGIN: see wide, or no evidence was given */
    uint32_t wide;   /* place in the wide tallies, and 1; 0: none */
};

/* Rows lie in blocks, which never move. */
#define OPK_ROWS_BLOCK 1024

/* The hash is keyed (base/hash.h): with the length it tells shapes apart, and their texts need not
 * be fetched from memory. */
struct opk_row_slot {
    uint64_t hash;
    uint32_t raw_len;
    uint32_t row; /* index, and 1; 0: free */
};

struct opk_rows {
    struct opk_row **blocks; /* owned, as all arrays here */
    size_t block_cap;
    uint32_t count;
    struct opk_row_slot *slots; /* linear probing, at most three quarters full */
    size_t slot_mask;
    struct opk_tally *wide; /* without commands and examples */
    uint32_t wide_count;
    size_t wide_cap;
    struct opk_arena texts;    /* raw shapes, packed */
    struct opk_arena examples; /* struct opk_kept */
};

/* What one command, or a row of another summary, adds to a row. */
struct opk_gain {
    uint64_t commands;
    uint64_t failed;
    uint64_t finished;
    uint64_t sidechain;
    int64_t time; /* or OPK_UNKNOWN */
    uint32_t origin;
};

void opk_rows_done(struct opk_rows *rows);

/** The row at an index below count. */
static inline struct opk_row *opk_rows_at(const struct opk_rows *rows, uint32_t index)
{
    return &rows->blocks[index / OPK_ROWS_BLOCK][index % OPK_ROWS_BLOCK];
}

/** The hash that a raw shape is found by; its slot comes from memory while the caller works on. */
uint64_t opk_rows_hash(const struct opk_rows *rows, struct opk_str raw);

/** The index of a raw shape with this hash, which is added when it is new. */
OPK_MUST_USE enum opk_status opk_rows_find(struct opk_rows *rows, struct opk_str raw, uint64_t hash,
                                           uint32_t *out_index, struct opk_err *err);

/** Count. */
bool opk_rows_gain(struct opk_rows *rows, const struct opk_origins *origins, uint32_t index,
                   const struct opk_gain *gain);

/** The tally of everything but commands and examples, to be added to. */
struct opk_tally *opk_rows_widen(struct opk_rows *rows, const struct opk_origins *origins,
                                 uint32_t index);

/* An example that may be kept. */
struct opk_offer {
    struct opk_str text; /* cut at OPK_EXAMPLE_MAX */
    uint64_t hash;       /* opk_hash64 of it */
    uint64_t at;
    uint32_t origin;
};

bool opk_rows_offer(struct opk_rows *rows, const struct opk_origins *origins, uint32_t index,
                    const struct opk_offer *offer);

/** Bytes of memory held. */
size_t opk_rows_bytes(const struct opk_rows *rows);

/** The index of an origin, or OPK_NO_ORIGIN when there is no memory. */
uint32_t opk_origins_find(struct opk_origins *origins, const struct opk_command *command);
void opk_origins_done(struct opk_origins *origins);

/** Add an origin of another summary. */
uint32_t opk_origins_add(struct opk_origins *origins, const struct opk_origins *from,
                         uint32_t index);

/** The bits of a row's sessions (opk_sketch_bits); 0 when none is known. */
uint64_t opk_rows_sessions(const struct opk_rows *rows, const struct opk_origins *origins,
                           uint32_t index);

/** Everything about a row, as a tally that borrows from rows and origins. kept has room for
 * OPK_SHAPE_EXAMPLES. */
struct opk_tally opk_rows_tally(const struct opk_rows *rows, const struct opk_origins *origins,
                                uint32_t index, struct opk_kept_example *kept);

#endif
