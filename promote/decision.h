/*
 * decision.h - the audit of what people decided: promotions.jsonl, one JSON object a line.
 *
 * Source:  docs/formats/promotions.md.
 * Shape:   lines are only ever added. Reading skips what is damaged (a line cut by a crash, or by a
 *          merge that went wrong) and says how many there were; unknown actions and keys are kept
 *          out of the way of later versions.
 * Units:   times are UTC text; digests are XXH3-128 in 32 hexadecimal digits.
 * Memory:  the list owns copies of its texts.
 * Errors:  OPK_E_NOMEM only: a damaged audit never stops a night's work.
 */
#ifndef OPK_PROMOTE_DECISION_H
#define OPK_PROMOTE_DECISION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

/* A rejected draft comes back when its commands or its sessions have grown past this factor. */
#define OPK_REJECTED_GROWTH 4

#define OPK_DECISIONS_MAX ((size_t)256 << 20) /* bytes of promotions.jsonl */

enum opk_action {
    OPK_ACTION_PROMOTE,
    OPK_ACTION_REJECT,
    OPK_ACTION_OTHER, /* of a later version */
};

/* How much there was to see of a draft when it was decided. */
struct opk_support {
    uint64_t commands;
    uint64_t sessions;
};

struct opk_decision {
    struct opk_str ulid;
    struct opk_str time;  /* 2026-11-22T15:59:00Z */
    struct opk_str actor; /* Name <mail> */
    enum opk_action action;
    struct opk_str draft_id;
    struct opk_str draft_digest;
    struct opk_support support;
    struct opk_str before; /* JSON of the registry's entry, or null */
    struct opk_str after;
    struct opk_str why;  /* a rejection's reason; empty when there is none */
    struct opk_str rule; /* the rule that decided instead of a person; empty when there is none */
};

struct opk_decisions {
    struct opk_decision *items; /* in the order of the file */
    size_t count;
    struct opk_map *by_draft; /* draft ids */
    size_t *last;             /* by the map's index: the last item on that draft */
    size_t damaged;           /* lines that were skipped */
    uint64_t first_damaged;   /* the number of the first of them, 0 when there is none */
    struct opk_arena arena;
};

OPK_MUST_USE enum opk_status opk_decisions_parse(struct opk_str text,
                                                 struct opk_decisions *out_decisions,
                                                 struct opk_err *err);

/** Safe on zeroed storage. */
void opk_decisions_done(struct opk_decisions *decisions);

/** The last decision on a draft, or NULL. */
const struct opk_decision *opk_decisions_find(const struct opk_decisions *decisions,
                                              struct opk_str draft_id);

/**
 * Is a draft with this support rejected still? Its last decision is a rejection, and neither its
 * commands nor its sessions have grown past OPK_REJECTED_GROWTH times what they were then.
 */
bool opk_decisions_reject(const struct opk_decisions *decisions, struct opk_str draft_id,
                          const struct opk_support *now);

/** Append a decision's line to out, which holds the file so far; a cut last line is closed. */
void opk_decision_append(struct opk_buf *out, const struct opk_decision *decision);

#endif
