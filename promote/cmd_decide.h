/*
 * cmd_decide.h - what promote and reject have in common: one verdict, one transaction, one report.
 *
 * Shape:   the lock is taken before the files are read, so that two people never decide on the same
 *          reading; registry and audit change together or not at all.
 */
#ifndef OPK_PROMOTE_CMD_DECIDE_H
#define OPK_PROMOTE_CMD_DECIDE_H

#include "base/opt.h"
#include "promote/decision.h"

/* The values of both verbs' options; NULL where the user said nothing. */
struct opk_decide_options {
    const char *as;
    const char *drafts;
    const char *format;
    const char *name;
    const char *registry;
    const char *summary;
    const char *ulid;
    const char *why;
    bool dry_run;
};

/* Rows that both tables have; each table is sorted by name. */
#define OPK_DECIDE_OPT(name, type, value, help, field)                                             \
    OPK_OPT(name, 0, type, value, help, struct opk_decide_options, field)
#define OPK_DECIDE_DRAFTS                                                                          \
    OPK_DECIDE_OPT("drafts", TEXT, "FILE", "the drafts file (default: beside the registry)", drafts)
#define OPK_DECIDE_DRY_RUN                                                                         \
    OPK_DECIDE_OPT("dry-run", FLAG, NULL, "show what would change and write nothing", dry_run)
#define OPK_DECIDE_FORMAT                                                                          \
    OPK_DECIDE_OPT("format", CHOICE, "text|json", "how the result is printed", format)
#define OPK_DECIDE_REGISTRY                                                                        \
    OPK_DECIDE_OPT("registry", TEXT, "FILE", "the registry (default: the repository's)", registry)
#define OPK_DECIDE_ULID                                                                            \
    OPK_DECIDE_OPT("ulid", TEXT, "ULID", "the decision's ULID instead of a new one", ulid)

/** Carry out action on the draft that the first operand names; returns an exit code. */
int opk_cmd_decide(struct opk_cli *cli, const struct opk_decide_options *options,
                   enum opk_action action);

#endif
