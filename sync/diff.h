/*
 * diff.h - the unified diff of two texts, line by line, with three lines of context.
 *
 * Shape:   two texts in, the diff appended to a buffer; equal texts append nothing. Lines are
 *          printed as they are: what reaches a terminal is escaped by the caller.
 * Source:  the format of POSIX diff -u, with /dev/null for a file that is not there.
 * Limits:  texts that differ in more than OPK_LCS_EDITS_MAX lines are shown as one replacement.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_SYNC_DIFF_H
#define OPK_SYNC_DIFF_H

#include "base/buf.h"

/** NULL for a side that does not exist. */
OPK_MUST_USE enum opk_status opk_diff_unified(const char *path, const struct opk_str *old,
                                              const struct opk_str *new, struct opk_buf *out,
                                              struct opk_err *err);

#endif
