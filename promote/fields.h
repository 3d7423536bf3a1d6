/*
 * fields.h - take typed fields out of a YAML mapping; what registry.c and drafts.c share.
 *
 * Memory:  texts are borrowed from the document; lists lie in the caller's arena.
 * Errors:  OPK_E_INVALID with line and column of the node that is not as it should be.
 */
#ifndef OPK_PROMOTE_FIELDS_H
#define OPK_PROMOTE_FIELDS_H

#include "base/arena.h"
#include "base/doc.h"

/* Where fields are read from. */
struct opk_fields {
    const struct opk_node *map;
    const char *path;        /* of the file, for messages */
    struct opk_arena *arena; /* for lists */
    struct opk_err *err;
};

/** The sequence under key, or one without items when it is absent. map may be NULL or empty. */
OPK_MUST_USE enum opk_status opk_fields_items(const struct opk_fields *fields, const char *key,
                                              const struct opk_node **out_seq);

/** A scalar's text as written; the empty view when absent or null. */
OPK_MUST_USE enum opk_status opk_fields_text(const struct opk_fields *fields, const char *key,
                                             struct opk_str *out);

/** The same, but the field must be there. */
OPK_MUST_USE enum opk_status opk_fields_need(const struct opk_fields *fields, const char *key,
                                             struct opk_str *out);

/** A whole number, 0 when absent. */
OPK_MUST_USE enum opk_status opk_fields_count(const struct opk_fields *fields, const char *key,
                                              uint64_t *out);

/** A list of scalars. */
OPK_MUST_USE enum opk_status opk_fields_list(const struct opk_fields *fields, const char *key,
                                             const struct opk_str **out_items, size_t *out_count);

#endif
