/*
 * cmd_report.h - what the verbs of this stage print alike: problems, changes, diffs.
 *
 * Shape:   problems go to cli->err a line each; changes and diffs are appended to a buffer.
 */
#ifndef OPK_SYNC_CMD_REPORT_H
#define OPK_SYNC_CMD_REPORT_H

#include "base/json.h"
#include "base/opt.h"
#include "sync/plan.h"

/** A command line that options alone could not refuse: the message, and where help is. */
int opk_report_usage(const struct opk_cli *cli, const struct opk_err *err);

/** Tell every problem, notes as "note: ...". */
void opk_report_problems(const struct opk_cli *cli, const struct opk_problems *problems);

/** "path: what: old -> new (rule R)", a line a change. */
void opk_report_changes(const struct opk_plan *plan, struct opk_buf *out);

/** Unified diffs of every changed file, by path. On a terminal, control characters are shown. */
OPK_MUST_USE enum opk_status opk_report_diffs(const struct opk_cli *cli, struct opk_repo *repo,
                                              struct opk_buf *out, struct opk_err *err);

/** One JSON object with the paths of changed files: {"changed": [...]}. */
void opk_report_files(struct opk_file *const *files, size_t count, struct opk_buf *out);

/** One JSON object: {"findings": [...]}. */
void opk_report_findings(const struct opk_problems *problems, struct opk_buf *out);

/** "problems": [...], as the next key of an object. */
void opk_report_json_problems(struct opk_json_writer *json, const struct opk_problems *problems);

/** One JSON object: {"changes": [...], "problems": [...]}. */
void opk_report_json(const struct opk_plan *plan, struct opk_buf *out);

#endif
