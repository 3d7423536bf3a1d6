/*
 * specimen.h - stretches of sessions with their texts, to show what a sequence looks like.
 *
 * Shape:   steps with their texts in; out come specimens: all steps of one strand (session.h) in a
 *          window of 1 << OPK_SPECIMEN_WINDOW lines of its source.
 * Choice:  specimens are kept in the order of their hashes while their texts fit into
 *          OPK_SPECIMENS_MAX. A set that is larger gives a prefix of the same order, so the choice
 *          is the same whatever the order of lines, files, threads and merges.
 * Memory:  owns everything; OPK_SPECIMENS_MAX for texts and their places.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SPECIMEN_H
#define OPK_CLUSTER_SPECIMEN_H

#include "base/buf.h"
#include "base/err.h"
#include "ingest/command.h"

/* A step that could not be read: no sequence goes over it. */
#define OPK_STEP_UNREAD UINT32_MAX

/* log2 of the lines (struct opk_command.at) of a window. */
#define OPK_SPECIMEN_WINDOW 10

/* Texts of all specimens, each with OPK_SPECIMEN_OVERHEAD for its place. */
#define OPK_SPECIMENS_MAX     ((size_t)8 << 20)
#define OPK_SPECIMEN_OVERHEAD ((size_t)32)

/* A longer text keeps its first bytes. */
#define OPK_SPECIMEN_TEXT_MAX ((size_t)1024)

/* What is the same for all steps of a strand. Names are their XXH3-64. */
struct opk_strand_key {
    uint64_t session;
    uint64_t source;
    uint64_t flags; /* OPK_COMMAND_SIDECHAIN, OPK_COMMAND_HEADLESS */
};

struct opk_specimen_step {
    uint32_t step; /* number of its raw shape */
    uint32_t len;
    size_t begin; /* of its text as typed, in texts */
    uint64_t at;
};

struct opk_specimen {
    struct opk_strand_key key;
    uint64_t window;
    uint64_t hash;                   /* of key and window */
    struct opk_specimen_step *steps; /* owned; in order */
    size_t count;
    size_t cap;
    size_t bytes;         /* that count against OPK_SPECIMENS_MAX */
    struct opk_buf texts; /* the source's path, and the steps' texts behind it */
    size_t source_len;
};

struct opk_specimens {
    struct opk_specimen *items; /* owned; a heap, the largest hash first, until sorted */
    size_t count;
    size_t cap;
    size_t bytes;
    bool is_full;
    uint64_t kept_below;         /* when full: specimens with this hash or a larger one are gone */
    struct opk_specimen growing; /* beside the heap; count 0: none */
};

/** Safe on zeroed storage. */
void opk_specimens_done(struct opk_specimens *specimens);

/** Add a step of the strand of this key. */
OPK_MUST_USE enum opk_status opk_specimens_add(struct opk_specimens *specimens,
                                               const struct opk_strand_key *key,
                                               const struct opk_command *command, uint32_t step,
                                               struct opk_str text, struct opk_err *err);

/** Add all that from holds; numbers[n] is what into calls from's raw shape n. */
OPK_MUST_USE enum opk_status opk_specimens_merge(struct opk_specimens *into,
                                                 const struct opk_specimens *from,
                                                 const uint32_t *numbers, struct opk_err *err);

/** Order by hash, and join what came in pieces; nothing may be added any more. */
OPK_MUST_USE enum opk_status opk_specimens_sort(struct opk_specimens *specimens,
                                                struct opk_err *err);

/** The text of a step, and the path of the source; borrowed. */
struct opk_str opk_specimen_text(const struct opk_specimen *specimen, size_t step);
struct opk_str opk_specimen_source(const struct opk_specimen *specimen);

#endif
