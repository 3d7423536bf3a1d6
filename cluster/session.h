/*
 * session.h - the steps of every session, in the order they were run.
 *
 * Shape:   steps in, one at a time; out come strands, from which sequences are counted
 *          (sequence.h). A strand is what one source says of one session, sub-agents apart: a list
 *          of numbers of raw shapes. Strands never run into each other.
 * Pieces:  a source that is read in parts gives a strand in pieces, told by where they begin.
 * Merge:   strands are copied with their numbers translated; sorting hides how they came together.
 * Listed:  a command with OPK_COMMAND_LISTED is not taken: its neighbours tell nothing.
 * Memory:  4 bytes a step, some 150 bytes a strand, and the specimens (specimen.h).
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT past UINT32_MAX - 1 strands.
 */
#ifndef OPK_CLUSTER_SESSION_H
#define OPK_CLUSTER_SESSION_H

#include "cluster/specimen.h"

/* From this step on it is this time, until the next mark: one a day is kept. */
struct opk_mark {
    size_t step;
    int64_t time; /* milliseconds since the epoch */
};

struct opk_strand {
    struct opk_strand_key key;
    uint64_t user;    /* XXH3-64, as project; 0: not known */
    uint64_t project; /* the folder that it began in */
    uint64_t begin;   /* at of the first step: pieces stand in this order */
    uint32_t *steps;  /* owned */
    size_t count;
    size_t cap;
    struct opk_mark *marks; /* owned */
    size_t mark_count;
    size_t mark_cap;
};

struct opk_sessions {
    struct opk_strand *strands; /* owned */
    size_t count;
    size_t cap;
    struct opk_specimens specimens;
    struct opk_map *keys; /* owned; of strands that grow, NULL while there are none */
    uint32_t *growing;    /* owned; their places, by index in keys */
    size_t growing_cap;
    uint32_t last; /* the strand of the last step */
    struct opk_buf last_session;
    struct opk_buf last_source;
};

/** Safe on zeroed storage. */
void opk_sessions_done(struct opk_sessions *sessions);

/** Add a step of a command: the number of its raw shape or OPK_STEP_UNREAD, and its own text. */
OPK_MUST_USE enum opk_status opk_sessions_add(struct opk_sessions *sessions,
                                              const struct opk_command *command, uint32_t step,
                                              struct opk_str text, struct opk_err *err);

/** Add all that from holds; numbers[n] is what into calls from's raw shape n. */
OPK_MUST_USE enum opk_status opk_sessions_merge(struct opk_sessions *into,
                                                const struct opk_sessions *from,
                                                const uint32_t *numbers, struct opk_err *err);

/** Order strands and specimens and join their pieces; nothing may be added any more. */
OPK_MUST_USE enum opk_status opk_sessions_sort(struct opk_sessions *sessions, struct opk_err *err);

/** Let every number n be numbers[n]. */
void opk_sessions_renumber(struct opk_sessions *sessions, const uint32_t *numbers);

/** Bytes of memory held, for budgets. */
size_t opk_sessions_bytes(const struct opk_sessions *sessions);

#endif
