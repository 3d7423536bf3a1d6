/*
 * redact_index.h - which rows of the redactor's tables a text can match at all.
 *
 * Shape:   most texts hold no secret, and most rows say by two bytes that they have nothing to do
 *          with a text. The index turns the tables round: from bytes to rows. It passes every row
 *          that matches, and few others.
 * Memory:  owned by the caller.
 * Threads: constant once it is built.
 */
#ifndef OPK_CLUSTER_REDACT_INDEX_H
#define OPK_CLUSTER_REDACT_INDEX_H

#include "cluster/redact_rules.h"

/* Rows of a table. */
#define OPK_REDACT_ROWS_MAX 256

/* A set of rows. */
struct opk_redact_rows {
    uint64_t bits[OPK_REDACT_ROWS_MAX / 64];
};

struct opk_redact_index;

OPK_MUST_USE enum opk_status opk_redact_index_new(struct opk_redact_index **out_index,
                                                  struct opk_err *err);
void opk_redact_index_free(struct opk_redact_index *index);

/** The first row of a set at or behind from; OPK_REDACT_ROWS_MAX when there is none. */
size_t opk_redact_rows_next(const struct opk_redact_rows *rows, size_t from);

/** The provider shapes whose hint stands in a text. */
struct opk_redact_rows opk_redact_index_shapes(const struct opk_redact_index *index,
                                               struct opk_str text);

/** The programs' rows that may list a name: those that do, and those with a prefix of its first
 * byte. */
struct opk_redact_rows opk_redact_index_programs(const struct opk_redact_index *index,
                                                 struct opk_str name);

/** The names' rows whose suffix ends as a name does. */
const struct opk_redact_rows *opk_redact_index_suffixes(const struct opk_redact_index *index,
                                                        struct opk_str name);

/** May a name of letters, digits, _, - and . say secret, by its last bytes? */
bool opk_redact_index_names(const struct opk_redact_index *index, struct opk_str name);

#endif
