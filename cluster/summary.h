/*
 * summary.h - what was seen, as counts that merge.
 *
 * Shape:   commands in, alone or many that are alike; for every distinct raw shape (shape.h) one
 *          record of evidence. Nothing is cut or decided here: operation words, kinds and
 *          thresholds belong to the finish step (kind.h), which is a function of the summary alone.
 * Merge:   integer sums, minima, maxima, and bottom-k sets by hash: associative and commutative, so
 *          the order of commands, files, threads and merges never matters.
 * Units:   times are milliseconds since the epoch, days are days since it (UTC).
 * Sets:    distinct sessions, sources and users are exact up to OPK_SKETCH_MAX members and
 *          estimated from the smallest hashes past that (evidence.h).
 * Memory:  a summary owns everything; proportional to distinct raw shapes, but for the steps of
 *          sessions (session.h).
 * Errors:  OPK_E_NOMEM; OPK_E_IO of a scratch file; OPK_E_LIMIT past UINT32_MAX - 1 distinct raw
 *          shapes.
 * Threads: one summary a thread; merge them afterwards. One that is sealed may be walked by several
 *          at once.
 */
#ifndef OPK_CLUSTER_SUMMARY_H
#define OPK_CLUSTER_SUMMARY_H

#include "base/err.h"
#include "cluster/evidence.h"
#include "cluster/session.h"
#include "ingest/command.h"

#include <stdatomic.h>

/* Where every command and every step went. */
struct opk_ledger {
    uint64_t commands;  /* given to opk_summary_add: all of the next four */
    uint64_t rejected;  /* proposed and refused, or not run: no steps are taken from these */
    uint64_t documents; /* shown in a document, run by nobody: the same */
    uint64_t empty;     /* held no step: blank, comment */
    uint64_t read;      /* gave at least one step */
    uint64_t steps;     /* of all commands that were read: opaque, noise and the rest */
    uint64_t opaque;    /* steps that could not be read */
    uint64_t noise;     /* steps that say nothing alone (cd, ls, clear); filled by kinds */
};

struct opk_summary;

OPK_MUST_USE enum opk_status opk_summary_new(struct opk_summary **out_summary, struct opk_err *err);
void opk_summary_free(struct opk_summary *summary);

struct opk_classes;

/** Tell operands by a user's classes first; NULL: none. Called once, before the first command. */
OPK_MUST_USE enum opk_status opk_summary_classes(struct opk_summary *summary,
                                                 const struct opk_classes *classes,
                                                 struct opk_err *err);

/**
 * Count one command: a shell's command line gives its steps, a tool call is one step. Texts are
 * copied where they are kept.
 */
OPK_MUST_USE enum opk_status opk_summary_add(struct opk_summary *summary,
                                             const struct opk_command *command,
                                             struct opk_err *err);

/**
 * Count commands that differ in their texts alone, which costs less than one by one: shell commands
 * of a plain list (OPK_COMMAND_LISTED), without a time or an exit status. common is any of them.
 */
OPK_MUST_USE enum opk_status opk_summary_add_texts(struct opk_summary *summary,
                                                   const struct opk_command *common,
                                                   const struct opk_str *texts, size_t count,
                                                   struct opk_err *err);

/**
 * Count commands of a raw shape without their evidence: enough to learn operation words from. They
 * stand in no ledger. sessions: the bits of their sessions (opk_sketch_bit); 0 where there is one.
 */
OPK_MUST_USE enum opk_status opk_summary_add_shape(struct opk_summary *summary, struct opk_str raw,
                                                   uint64_t commands, uint64_t sessions,
                                                   struct opk_err *err);

/* What several summaries may hold in memory together, each in its own thread. */
struct opk_budget {
    size_t bytes;
    size_t least; /* a summary with rows of fewer bytes keeps them */
    atomic_size_t used;
};

/**
 * Keep to a budget, which is borrowed, as folder is: past it, what was counted goes into a scratch
 * file in folder, and is merged again in the end. What comes out is the same.
 */
void opk_summary_limit(struct opk_summary *summary, struct opk_budget *budget, const char *folder);

/** Add all that from holds to into. from gives up its scratch files: it can only be freed then. */
OPK_MUST_USE enum opk_status opk_summary_merge(struct opk_summary *into, struct opk_summary *from,
                                               struct opk_err *err);

/** The ledger of what was added; noise is not known yet. */
struct opk_ledger opk_summary_ledger(const struct opk_summary *summary);

/** Give back what only adding needs, and merge what lies in scratch files. Nothing is added or
 * merged afterwards; a summary with a limit is not read before. */
OPK_MUST_USE enum opk_status opk_summary_seal(struct opk_summary *summary, struct opk_err *err);

/** Let so many threads, at least 1, read the summary at once; 1 when it is not called. */
void opk_summary_share(struct opk_summary *summary, size_t jobs);

/** How many walks at once are worth it: one where rows lie in a scratch file, or are few. */
size_t opk_summary_jobs(const struct opk_summary *summary);

/* One distinct raw shape (shape.h). */
struct opk_seen {
    uint32_t number; /* of the raw shape, as sessions have it */
    struct opk_str shape;
    uint64_t sessions; /* the bits of its sessions (opk_sketch_bits) */
    uint64_t commands;
};

/* A walk over the distinct raw shapes, each once, in an order that says nothing. */
struct opk_walk;

/** counts_only: opk_walk_tally is not asked. */
OPK_MUST_USE enum opk_status opk_walk_new(const struct opk_summary *summary, bool counts_only,
                                          struct opk_walk **out_walk, struct opk_err *err);
void opk_walk_free(struct opk_walk *walk);

/** Before the first step: walk over one of several parts only. Numbers within a part follow one
 * another. Asked of opk_summary_jobs parts at most. */
void opk_walk_part(struct opk_walk *walk, size_t part, size_t parts);

/** The next one, borrowed until the next call; OPK_END when there are none. */
OPK_MUST_USE enum opk_status opk_walk_next(struct opk_walk *walk, struct opk_seen *out_seen,
                                           struct opk_err *err);

/** All that is known of the last one; arrays are borrowed until the next step. */
struct opk_tally opk_walk_tally(struct opk_walk *walk);

/** What the steps were, session by session; borrowed. */
struct opk_sessions *opk_summary_sessions(struct opk_summary *summary);

/** Bytes of memory held, for budgets. */
size_t opk_summary_bytes(const struct opk_summary *summary);

#endif
