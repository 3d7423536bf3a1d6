/*
 * guard.h - the checks of a pattern repository.
 *
 * Shape:   a table of rules, each with an id PGnnn that never changes its meaning; a run over a
 *          repository gives findings, sorted by rule and then as the rule meets them.
 * Severity: errors and warnings make a run fail; notes are told.
 * Memory:  findings are owned by their list; rules are static.
 * Errors:  only what ends the run (memory, reading, a pending transaction); all else is a finding.
 */
#ifndef OPK_SYNC_GUARD_H
#define OPK_SYNC_GUARD_H

#include "sync/repo.h"

enum opk_severity { OPK_SEVERITY_NOTE, OPK_SEVERITY_WARNING, OPK_SEVERITY_ERROR };

struct opk_guard_rule {
    const char *id; /* PG001 */
    enum opk_severity severity;
    const char *name; /* what must hold, in a few words */
    const char *why;
    const char *fix;
};

struct opk_finding {
    const struct opk_guard_rule *rule;
    struct opk_err err; /* place and message */
};

struct opk_findings {
    struct opk_finding *items; /* owned */
    size_t count;
    size_t cap;
};

OPK_MUST_USE enum opk_status opk_guard_run(struct opk_repo *repo, struct opk_findings *out_findings,
                                           struct opk_err *err);
void opk_findings_done(struct opk_findings *findings);

/** How many are errors or warnings. */
size_t opk_findings_serious(const struct opk_findings *findings);

/** The rules in the order of their ids; NULL past the last. */
const struct opk_guard_rule *opk_guard_rule_at(size_t index);

/** NULL when unknown. */
const struct opk_guard_rule *opk_guard_find(struct opk_str id);

/** "error", "warning", "note". */
const char *opk_severity_name(enum opk_severity severity);

#endif
