/*
 * naming.h - what a kind is called: an id and one English line.
 *
 * Shape:   a kind in, text appended. An id is made of the operation words, with verbs spelled out
 *          where a table knows them: "git commit" -> OPK-GIT-COMMIT, "rm" -> OPK-DELETE, "find |
 *          xargs grep" -> OPK-FIND-XARGS-GREP, "tool:Write" -> OPK-WRITE-FILE.
 * Units:   an id matches ^OPK-[A-Z0-9]+(-[A-Z0-9]+)*$ and has at most OPK_NAME_ID_MAX bytes; what
 *          does not fit is cut at a hyphen.
 * Memory:  appends to the caller's buffer, whose failure is sticky (base/buf.h).
 * Note:    a function of the kind alone: the same from night to night. Uniqueness is draft.c's.
 */
#ifndef OPK_CLUSTER_NAMING_H
#define OPK_CLUSTER_NAMING_H

#include "base/buf.h"
#include "cluster/kind.h"

#define OPK_NAME_ID_MAX ((size_t)48)

/* A summary's operation words past this many bytes are cut. */
#define OPK_NAME_SUMMARY_MAX ((size_t)120)

/** Append the id that a signature suggests; suffix 0 and 1 are none, others end it: OPK-X-2. */
void opk_name_id(struct opk_buf *out, struct opk_str signature, unsigned suffix);

/**
 * The same for a sequence, from its steps without repetition ("tool:Write > pytest"): those that
 * fit, the first and the last always, tools that stand in every sequence last: OPK-WRITE-THEN-TEST.
 */
void opk_name_sequence_id(struct opk_buf *out, struct opk_str signature, unsigned suffix);

/** Append one line, lower case, no full stop: "git commit with a text", "delete (rm) with a path".
 */
void opk_name_summary(struct opk_buf *out, const struct opk_kind *kind);

#endif
