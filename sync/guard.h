/*
 * guard.h - the checks of a pattern repository.
 *
 * Shape:   a table of rules, each with an id PGnnn that never changes its meaning; a run over a
 *          repository gives findings, sorted by rule and then as the rule meets them.
 * Severity: that of the table, unless opk.yaml sets another (guard.rules). Errors and warnings make
 *          a run fail; notes are told; a rule that is off is not checked.
 * Memory:  findings are owned by their list; rules are static.
 * Errors:  only what ends the run (memory, reading, a pending transaction, an opk.yaml that names
 *          no rule of ours, a revision that is not there); all else is a finding.
 */
#ifndef OPK_SYNC_GUARD_H
#define OPK_SYNC_GUARD_H

#include "sync/repo.h"

enum opk_severity { OPK_SEVERITY_OFF, OPK_SEVERITY_NOTE, OPK_SEVERITY_WARNING, OPK_SEVERITY_ERROR };

/* What opk_guard_fix does about the findings of a rule. */
enum opk_guard_mend {
    OPK_MEND_BY_HAND, /* nothing: a person decides */
    OPK_MEND_MIGRATE, /* cards of the older dialect are rewritten */
    OPK_MEND_SYNC,    /* what derives from cards is brought in step */
    OPK_MEND_BUILD,   /* the indexes are made anew */
    OPK_MEND_LEDGER,  /* identities that the ledger lacks are appended */
    OPK_MEND_SIDECAR, /* sidecars are made new */
};

struct opk_guard_rule {
    const char *id; /* PG001 */
    enum opk_severity severity;
    enum opk_guard_mend mend;
    const char *name; /* what must hold, in a few words */
    const char *why;
    const char *fix;
};

struct opk_finding {
    const struct opk_guard_rule *rule;
    enum opk_severity severity;
    struct opk_err err;     /* place and message */
    struct opk_str excused; /* why it does not count; empty when it does; in the list's arena */
};

struct opk_findings {
    struct opk_arena arena;
    struct opk_finding *items; /* owned */
    size_t count;
    size_t cap;
};

struct opk_guard_options {
    const char *folder; /* the repository's, for version control */
    const char *base;   /* a revision to compare with; NULL: rules about changes are not checked */
};

OPK_MUST_USE enum opk_status opk_guard_run(struct opk_repo *repo,
                                           const struct opk_guard_options *options,
                                           struct opk_findings *out_findings, struct opk_err *err);
void opk_findings_done(struct opk_findings *findings);

/** How many are errors or warnings and are not excused. */
size_t opk_findings_serious(const struct opk_findings *findings);

/**
 * A baseline: one JSON object a line, sorted, for every finding that counts: rule, path, message.
 * Lines move, so they do not say any.
 */
OPK_MUST_USE enum opk_status opk_findings_baseline(const struct opk_findings *findings,
                                                   struct opk_buf *out, struct opk_err *err);

/**
 * Excuse the findings that a baseline holds. *out_unused is how many of its lines excuse none.
 * OPK_E_SYNTAX and OPK_E_INVALID with the line for what is no baseline.
 */
OPK_MUST_USE enum opk_status opk_findings_excuse(struct opk_findings *findings,
                                                 struct opk_str baseline, const char *path,
                                                 size_t *out_unused, struct opk_err *err);

/**
 * Put what mends the findings of rules that need no person into the repository's files; nothing is
 * written. A plan that met problems changes nothing: *out_refused tells the first of them, and has
 * the status OPK_OK when there was none.
 */
OPK_MUST_USE enum opk_status opk_guard_fix(struct opk_repo *repo, struct opk_err *out_refused,
                                           struct opk_err *err);

/** The rules in the order of their ids; NULL past the last. */
const struct opk_guard_rule *opk_guard_rule_at(size_t index);

/** NULL when unknown. */
const struct opk_guard_rule *opk_guard_find(struct opk_str id);

/** "error", "warning", "note", "off". */
const char *opk_severity_name(enum opk_severity severity);

#endif
