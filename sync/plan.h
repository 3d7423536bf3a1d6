/*
 * plan.h - what a sync would change: cards and rules in, new texts and a list of changes out.
 *
 * Shape:   opk_plan_make puts the new text of every derived file into the repository's files and
 *          lists what changes; nothing is written. opk_repo_write writes it all in one
 *          transaction. Making a plan again after applying it changes nothing.
 * Order:   targets by phase (rules.h), rules by name, cards by path.
 * Memory:  a plan owns its list; texts lie in its arena. Paths, rules and cards are borrowed.
 * Errors:  what concerns one file or card becomes a problem, so that one run tells them all; a
 *          plan with serious problems must not be applied. Statuses of problems: OPK_E_NOENT (a
 *          file, marker or entry that must be there), OPK_E_INVALID (markers, templates, two rules
 *          that write one place), OPK_E_REFUSED (a document that belongs to another pattern).
 */
#ifndef OPK_SYNC_PLAN_H
#define OPK_SYNC_PLAN_H

#include "sync/repo.h"
#include "sync/rules.h"

/* The rule of changes to what is made from all cards (build.h). */
#define OPK_RULE_BUILD "build"
/* The rule of sidecars, which follow the documents that a plan changes (sidecar_repo.h). */
#define OPK_RULE_SIDECAR "sidecar"
/* The rule of cards that are rewritten in the dialect of today (card_older.h). */
#define OPK_RULE_MIGRATE "migrate"

struct opk_plan_options {
    const struct opk_card *const *cards; /* of both families, that are synced */
    size_t card_count;
    bool no_create;      /* an absent entry of the index is a problem */
    bool force_name;     /* names are mirrored, not only filled */
    bool insert_missing; /* a section that a document lacks is added at its end */
    bool overwrite;      /* sections that were edited by hand, too */
};

struct opk_change {
    const char *path;
    const char *noun;            /* "spec", "executor doc", "suite index" */
    const char *rule;            /* or OPK_RULE_BUILD */
    const struct opk_card *card; /* NULL for what belongs to all */
    struct opk_str what;         /* "field version", "section TESTS_TABLE", "whole file" */
    struct opk_str old;          /* of a field, as text; empty for a section and for a new one */
    struct opk_str new;
};

struct opk_plan {
    struct opk_arena arena;
    struct opk_change *items; /* owned */
    size_t count;
    size_t cap;
    struct opk_problems problems;
};

/** Plan for some cards, and the indexes made from all of them. */
OPK_MUST_USE enum opk_status opk_plan_make(struct opk_repo *repo, const struct opk_rules *rules,
                                           const struct opk_plan_options *options,
                                           struct opk_plan *out_plan, struct opk_err *err);
void opk_plan_done(struct opk_plan *plan);

#endif
