/*
 * kind.h - the finish step: from a summary to operation kinds.
 *
 * Shape:   learns from the counts which words name operations (learn.h), writes every distinct raw
 *          shape in its canonical form, and groups the evidence by operation and mode (modes.h). A
 *          kind's signature is its operation words ("git commit"), with a mode flag where the
 *          operation has modes ("tar -x"); those of a pipeline joined ("find | xargs grep"), or a
 *          tool's name ("tool:Write").
 * Order:   kinds by commands (most first), then signature bytewise; shapes within a kind likewise;
 *          examples by hash of their text. A function of the merged counts: the same bytes from any
 *          order of files, lines, threads and merges.
 * Memory:  struct opk_kinds owns everything its views point to; the summary may be freed.
 * Errors:  OPK_E_NOMEM.
 * Secrets: signatures and shapes hold operation words, option names and class names only. Examples
 *          are commands as they were typed: redact them before they leave the process.
 */
#ifndef OPK_CLUSTER_KIND_H
#define OPK_CLUSTER_KIND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "cluster/evidence.h"
#include "cluster/known.h"
#include "cluster/match.h"
#include "cluster/summary.h"

enum opk_kind_type {
    OPK_KIND_COMMAND,
    OPK_KIND_PIPELINE,
    OPK_KIND_TOOL,
    OPK_KIND_SEQUENCE, /* made by sequence.h, never by opk_kinds_build */
};

struct opk_evidence {
    uint64_t commands;
    uint64_t failed;    /* exit status known and not zero */
    uint64_t finished;  /* exit status known */
    uint64_t sidechain; /* run by a sub-agent, or by an agent that a program started */
    uint64_t sessions;
    uint64_t sources;
    uint64_t users;      /* 0: no log named one */
    uint64_t projects;   /* folders that sessions began in; 0: no log named one */
    uint64_t unattended; /* sessions in which sub-agents and such agents alone ran it */
    int64_t first;       /* OPK_UNKNOWN when no log told a time */
    int64_t last;
    const struct opk_day *days; /* ascending; those with a known time only */
    size_t day_count;
    const struct opk_example *examples;
    size_t example_count;
};

/* A variant of a kind: one canonical shape. */
struct opk_kind_shape {
    struct opk_str text;
    struct opk_hash128 id; /* XXH3-128 of text */
    uint64_t count;
};

/* A class of operand that the kind's shapes hold: name is unique in the kind ("path", "path2"). */
struct opk_slot {
    struct opk_str name;
    struct opk_str klass; /* "path.py", "number", "text" */
    uint64_t count;       /* commands that fill it */
};

/* What needs no draft. */
struct opk_kind_known {
    struct opk_matcher *registered;  /* patterns of registered kinds; NULL: none */
    const struct opk_known *project; /* targets of the project's own files; NULL: none */
};

/* Shapes, slots and evidence are those of the commands that nothing knows. */
struct opk_kind {
    struct opk_str signature;
    struct opk_str operation; /* the signature without mode flags */
    enum opk_kind_type type;
    bool noise;          /* says nothing alone: cd, ls, clear */
    uint64_t registered; /* commands that a registered kind matches */
    uint64_t project;    /* commands that only the project's files know */
    const struct opk_kind_shape *shapes;
    size_t shape_count;
    const struct opk_slot *slots;
    size_t slot_count;
    const struct opk_str *steps; /* of a sequence: operation words with repetition */
    size_t step_count;
    struct opk_evidence evidence;
};

struct opk_kinds {
    struct opk_kind *items;
    size_t count;
    const uint32_t *of_shape; /* the kind's index, by the number of a raw shape (summary.h) */
    size_t of_shape_count;
    struct opk_ledger ledger; /* noise filled in */
    struct opk_arena arena;
};

/** Learn, label and group; known may be NULL. A kind that is known whole stands without shapes. */
OPK_MUST_USE enum opk_status opk_kinds_build(const struct opk_summary *summary,
                                             const struct opk_kind_known *known,
                                             struct opk_kinds *out_kinds, struct opk_err *err);

/** Free everything; safe on zeroed storage. */
void opk_kinds_done(struct opk_kinds *kinds);

/** What a tally says, in the arena, whose failure is checked by the caller. */
struct opk_evidence opk_evidence_copy(const struct opk_tally *tally, struct opk_arena *arena);

/** The kind with this signature, or NULL. */
const struct opk_kind *opk_kinds_find(const struct opk_kinds *kinds, struct opk_str signature);

#endif
