/*
 * guard_print.h - findings as text for people and programs.
 *
 * Shape:   a report in, one of these appended to a buffer: lines of text, each rule's why and what
 *          mends it after its last finding; one JSON object; a log of SARIF 2.1.0; workflow
 *          commands of GitHub, which show as annotations.
 * Columns: bytes in text and JSON, as in every message of opk; code points in the other two.
 * Excused findings (a baseline, a trailer) are counted in text, told in JSON, suppressed in SARIF,
 *          and left out of annotations.
 * Source:  SARIF 2.1.0, OASIS Standard, 27 March 2020; GitHub's "Workflow commands".
 */
#ifndef OPK_SYNC_GUARD_PRINT_H
#define OPK_SYNC_GUARD_PRINT_H

#include "sync/guard.h"

struct opk_guard_report {
    const struct opk_findings *findings;
    struct opk_repo *repo;     /* its files are read for columns */
    const char *version;       /* of opk */
    const char *const *mended; /* paths that --fix wrote */
    size_t mended_count;
};

void opk_guard_print_text(const struct opk_guard_report *report, struct opk_buf *out);
void opk_guard_print_json(const struct opk_guard_report *report, struct opk_buf *out);
void opk_guard_print_sarif(const struct opk_guard_report *report, struct opk_buf *out);
void opk_guard_print_github(const struct opk_guard_report *report, struct opk_buf *out);

/** The column of a finding in code points; 0 when it has none, its bytes when it cannot be read. */
uint64_t opk_guard_column(struct opk_repo *repo, const struct opk_err *err);

#endif
