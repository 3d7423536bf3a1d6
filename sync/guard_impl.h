/*
 * guard_impl.h - what the files of guard share: guard.c holds the table and runs it, guard_cards.c
 * checks cards and identities, guard_suite.c the files that a card names, guard_derived.c what is
 * derived from cards, guard_plugins.c specifications of plugins, guard_ledger.c identities,
 * guard_change.c and guard_trailer.c what changed since a base (guard_base.h); guard_fix.c mends.
 */
#ifndef OPK_SYNC_GUARD_IMPL_H
#define OPK_SYNC_GUARD_IMPL_H

#include "promote/registry.h"
#include "sync/docs_scan.h"
#include "sync/guard.h"
#include "sync/plan.h"

#define OPK_GUARD_RULES_MAX 64

struct opk_guard_base;

struct opk_guard {
    struct opk_repo *repo;
    struct opk_findings *findings;
    const struct opk_guard_rule *rule; /* the one that is being checked */
    enum opk_severity severity;        /* as it is set here */
    struct opk_registry registry;      /* of kinds; owned */
    struct opk_plan plan;              /* of opk sync --all; owned */
    struct opk_rules rules;            /* owned */
    struct opk_scan scan;              /* in the list's arena */
    struct opk_problems sidecars;      /* what is wrong with them; owned */
    struct opk_err broken_registry;    /* status OPK_OK when the registry could be read */
    struct opk_err broken_rules;       /* likewise */
    struct opk_err broken_scan;        /* likewise */
    struct opk_guard_base *base;       /* NULL: changes are not checked */
    struct opk_err outside;            /* why not, when they should be; or status OPK_OK */
    struct opk_err *err;
};

/** Add a finding of the rule that is being checked. */
OPK_MUST_USE enum opk_status opk_guard_add(struct opk_guard *guard, const struct opk_err *found);

/** What a check met is a finding, unless it ends the run. */
OPK_MUST_USE enum opk_status opk_guard_met(struct opk_guard *guard, const struct opk_err *found);

/** A YAML file that may not be there: out_doc stays empty then. */
OPK_MUST_USE enum opk_status opk_guard_read(struct opk_guard *guard, struct opk_str path,
                                            struct opk_doc *out_doc, const char **out_path,
                                            struct opk_err *found);

/** A plan for every card: what 'opk sync --all' would do. */
OPK_MUST_USE enum opk_status opk_guard_plan(struct opk_repo *repo, const struct opk_rules *rules,
                                            struct opk_plan *out_plan, struct opk_err *err);

/** How each rule that is not off is mended. */
OPK_MUST_USE enum opk_status opk_guard_mends(struct opk_repo *repo, enum opk_guard_mend out[],
                                             size_t *out_count, struct opk_err *err);

/* The checks, by the place of their rule in the table of guard.c. */
OPK_MUST_USE enum opk_status opk_guard_cards(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_card_versions(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_file_names(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_unique(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_dialects(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_specs(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_names(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_suites(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_evidence(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_front_matter(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_markers(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_kinds_used(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_kind_registry(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_kinds_unused(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_drift(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_indexes(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_rules(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_plugins(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_documents(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_sidecars(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_ledger(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_reuse(struct opk_guard *guard);

/* With a base only. */
OPK_MUST_USE enum opk_status opk_guard_ledger_grows(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_ulids(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_bumped(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_steps(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_statuses(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_one_pattern(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_intents(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_marked_only(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_trailers(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_skips(struct opk_guard *guard);
OPK_MUST_USE enum opk_status opk_guard_cut(struct opk_guard *guard);

/** Findings of rules that a commit since the base skips do not count. */
OPK_MUST_USE enum opk_status opk_guard_apply_skips(struct opk_guard *guard);

#endif
