/*
 * promote.h - what a person's decision about a draft changes.
 *
 * Shape:   the files as read and a verdict in, the new text of the registry and the audit's entry
 *          out. Nothing is written here; the texts go into one transaction.
 * Rules:   a draft is promoted once, and a draft that stands promoted is not rejected. An id that
 *          is taken by a kind that somebody decided is refused; a kind that sync added as
 *          "status: draft" is completed where it stands, and what people wrote in it is kept. The
 *          same verdict twice changes nothing (outcome.already).
 * Matches: "git commit ..." with an ellipsis for any rest, when every shape begins with the words
 *          of the signature, and no other draft or kind has longer words that this would swallow;
 *          else the shapes as they are. Each part of a pipeline gets its own ellipsis.
 * Memory:  an outcome owns its texts; its decision also borrows from the verdict and the files.
 * Errors:  OPK_E_USAGE (--as is no id), OPK_E_INVALID (the draft has no id to propose),
 *          OPK_E_REFUSED (as above; an edit that cannot be made byte-exactly), OPK_E_NOMEM, and
 *          those of base/yaml.h.
 */
#ifndef OPK_PROMOTE_PROMOTE_H
#define OPK_PROMOTE_PROMOTE_H

#include "promote/decision.h"
#include "promote/drafts.h"
#include "promote/registry.h"

/* Everything borrowed. */
struct opk_desk {
    const char *registry_path;    /* for messages */
    struct opk_str registry_text; /* empty when the file does not exist */
    const struct opk_registry *registry;
    const struct opk_drafts *drafts;
    const struct opk_decisions *decisions;
};

/* Everything borrowed; texts are empty where the person said nothing. */
struct opk_verdict {
    const struct opk_draft *draft;
    struct opk_str kind_id; /* --as; else what the draft proposes */
    struct opk_str name;    /* else made from the id: "Git commit" */
    struct opk_str summary; /* else the draft's */
    struct opk_str why;     /* of a rejection */
    struct opk_str ulid;    /* of the decision, and of a kind that has none yet */
    struct opk_str actor;   /* Name <mail> */
    struct opk_str time;    /* 2026-11-22T15:59:00Z */
};

struct opk_outcome {
    bool already;            /* decided so before: nothing below is to be written */
    struct opk_str kind_id;  /* the promoted kind's */
    struct opk_buf registry; /* the new text; empty after a rejection */
    struct opk_decision decision;
    struct opk_arena arena;
};

OPK_MUST_USE enum opk_status opk_promote(const struct opk_desk *desk,
                                         const struct opk_verdict *verdict,
                                         struct opk_outcome *out_outcome, struct opk_err *err);

OPK_MUST_USE enum opk_status opk_reject(const struct opk_desk *desk,
                                        const struct opk_verdict *verdict,
                                        struct opk_outcome *out_outcome, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_outcome_done(struct opk_outcome *outcome);

/** The shape patterns that a draft's kind would match; see above. In the arena. */
OPK_MUST_USE enum opk_status opk_draft_matches(const struct opk_desk *desk,
                                               const struct opk_draft *draft,
                                               struct opk_arena *arena,
                                               const struct opk_str **out_matches,
                                               size_t *out_count, struct opk_err *err);

/** "OPK-GIT-COMMIT" as a name: "Git commit". In the arena. */
struct opk_str opk_kind_name_of(struct opk_str id, struct opk_arena *arena);

#endif
