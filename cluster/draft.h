/*
 * draft.h - which kinds become drafts, and the file that tells them to people.
 *
 * Source:  docs/formats/drafts.md and schemas/operation_kind_drafts.schema.json.
 * Shape:   kinds in; proposals out, in the order a reviewer should see them, and a ledger of where
 *          every step went; then the text of OPERATION_KIND_REGISTRY.drafts.yaml.
 * Rank:    log(commands) x log(sessions) x log(users) x log(days) x log(projects) x novelty x how
 *          much the operation says, in integers, so that the order is the same on every machine;
 *          then by signature. Of the commands of agents that nobody attends (sub-agents, and those
 *          that a program started), and of sessions in which they alone ran it, every fourth
 *          counts: they repeat what one person asked for once. Novelty is the share of the kind's
 *          commands that nothing knows, times what the nearest registered kind (similar.h) leaves.
 *          A sequence is ranked likewise; its steps are drafted with their own kinds, so it counts
 *          in no place of the ledger.
 * Ids:     draft_id is DRF- and the top 50 bits of XXH3-128 of the signature in Crockford's base
 *          32: the same every night. proposed_id is a name (naming.h) that no registered kind and
 *          no other draft has; of two with one name, the later signature gets -2.
 * Secrets: examples are redacted; one that could not be read whole, or that the gate still objects
 *          to, is withheld and counted. A draft that the gate objects to is withheld whole.
 * Memory:  proposals borrow the kinds, and own the rest.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_DRAFT_H
#define OPK_CLUSTER_DRAFT_H

#include "base/buf.h"
#include "cluster/kind.h"
#include "cluster/naming.h"
#include "cluster/redact.h"
#include "cluster/sequence.h"
#include "cluster/similar.h"

#define OPK_DRAFT_ID_TEXT      15 /* DRF-7K3M9QX2T4 and a NUL */
#define OPK_DRAFT_SHAPES_MAX   16 /* of a draft, the most frequent */
#define OPK_DRAFT_SLOTS_MAX    12
#define OPK_DRAFT_EXAMPLES_MAX 3
#define OPK_DRAFT_EXAMPLE_MAX  ((size_t)300) /* bytes of a written example; more ends in ... */
#define OPK_DRAFT_STEP_MAX     ((size_t)160) /* bytes of a command in a sequence's example */
#define OPK_DRAFT_DAYS_MAX     31            /* the last days on which the kind was seen */

/* What decides, beside the kinds. The calls are pure: they get context and are given back. */
struct opk_draft_rules {
    uint64_t min_sessions;
    const struct opk_sequences *sequences; /* drafted beside the kinds; NULL: none */
    bool (*is_known_sequence)(void *context, struct opk_str signature); /* registered; or NULL */
    struct opk_similar_index *similar;                       /* registered kinds; NULL: none */
    bool (*is_taken)(void *context, struct opk_str kind_id); /* a registered id; NULL: none is */
    bool (*is_declined)(void *context, struct opk_str draft_id, uint64_t commands,
                        uint64_t sessions); /* rejected by a reviewer; NULL: none is */
    bool (*is_promoted)(void *context, struct opk_str draft_id); /* became a kind; NULL: none did */
    void *context;
};

struct opk_proposal {
    const struct opk_kind *kind;
    char draft_id[OPK_DRAFT_ID_TEXT];
    char proposed_id[OPK_NAME_ID_MAX + 1];
    uint64_t value;                              /* what ranks it */
    uint64_t score;                              /* hundredths of the first draft's value */
    struct opk_similar similar[OPK_SIMILAR_MAX]; /* nearest first; texts lie in the proposals */
    size_t similar_count;
};

/* Where the steps went: the parts add up to steps. */
struct opk_draft_ledger {
    uint64_t steps;
    uint64_t known;    /* a registered kind or the project's files know, or promoted */
    uint64_t project;  /* of those, what only the project's files know */
    uint64_t drafted;  /* in a draft */
    uint64_t below;    /* of kinds with fewer sessions than min_sessions */
    uint64_t noise;    /* say nothing alone */
    uint64_t opaque;   /* could not be read */
    uint64_t declined; /* of drafts that a reviewer rejected */
    uint64_t withheld; /* of drafts that the gate objects to */
};

struct opk_proposals {
    struct opk_proposal *items; /* owned; best first */
    size_t count;
    struct opk_draft_rules rules;
    struct opk_draft_ledger ledger;
    uint64_t examples_withheld; /* filled by writing */
    struct opk_arena texts;
};

/* What the file tells of the whole run. */
struct opk_draft_totals {
    const char *generated_by; /* "opk 0.1.0" */
    uint64_t sources;
    uint64_t sessions;
    uint64_t commands;
};

/** kinds is borrowed until done. */
OPK_MUST_USE enum opk_status opk_proposals_build(const struct opk_kinds *kinds,
                                                 const struct opk_draft_rules *rules,
                                                 struct opk_proposals *out_proposals,
                                                 struct opk_err *err);

/** Safe on zeroed storage. */
void opk_proposals_done(struct opk_proposals *proposals);

/**
 * Append the drafts file. Every line of it has passed the gate (redact.h): an example to which the
 * gate objects is withheld, a draft to which it objects for other reasons leaves the proposals and
 * moves within the ledger. OPK_E_REFUSED when it objects to the head. jobs: threads, at least 1.
 */
OPK_MUST_USE enum opk_status opk_proposals_write(struct opk_proposals *proposals,
                                                 const struct opk_draft_totals *totals, size_t jobs,
                                                 struct opk_buf *out, struct opk_err *err);

/** Does every step stand in exactly one place? */
bool opk_draft_ledger_adds_up(const struct opk_draft_ledger *ledger);

#endif
