/*
 * schema.h - JSON Schema over document trees, YAML or JSON.
 *
 * Shape:   documents are added to a set under their URIs; a schema is found in it, with everything
 *          that it refers to compiled; any number of documents are checked against it.
 * Source:  JSON Schema draft 2020-12, core, applicator, validation and unevaluated vocabularies.
 *          format, content* and unknown keywords are annotations: they are ignored. Nothing is ever
 *          fetched: what a schema refers to is in the set, or the schema cannot be used. The
 *          metaschemas of the draft are always there; their $vocabulary is honoured.
 * Units:   lengths of strings in code points; lines and columns as in doc.h.
 * Memory:  a set owns what it compiles and borrows the documents, which live as long as it. A
 *          report owns its texts.
 * Errors:  a schema that cannot be used is OPK_E_INVALID (or OPK_E_SYNTAX of a pattern) with its
 *          place; a document that is not valid is no error but entries in the report. OPK_E_LIMIT
 *          when a check nests deeper than OPK_SCHEMA_DEPTH_MAX (a schema that refers to itself
 *          without end), takes more than OPK_SCHEMA_STEPS_MAX, or a pattern costs too much.
 * Threads: one set per thread.
 */
#ifndef OPK_BASE_SCHEMA_H
#define OPK_BASE_SCHEMA_H

#include "base/doc.h"

#define OPK_SCHEMA_DEPTH_MAX  512 /* schemas within schemas, at one place or on the way there */
#define OPK_SCHEMA_STEPS_MAX  ((uint64_t)1 << 24) /* schemas checked against one document */
#define OPK_SCHEMA_ERRORS_MAX 100                 /* told of one document; more are counted */

struct opk_schema_set;
struct opk_schema;

struct opk_schema_error {
    uint64_t line; /* of the value, or of the key that is wrong */
    uint64_t column;
    struct opk_str pointer; /* of the value: a JSON Pointer */
    struct opk_str keyword; /* of the schema, such as "required" */
    struct opk_str message; /* lower case, no full stop */
    struct opk_str hint;    /* what to do; may be empty */
};

struct opk_schema_report {
    struct opk_arena arena;
    struct opk_schema_error *errors; /* by line and column */
    size_t count;
    size_t cap;
    size_t omitted; /* past OPK_SCHEMA_ERRORS_MAX */
};

void opk_schema_report_done(struct opk_schema_report *report);

OPK_MUST_USE enum opk_status opk_schema_set_new(struct opk_schema_set **out_set,
                                                struct opk_err *err);
void opk_schema_set_free(struct opk_schema_set *set);

/**
 * Who is asked for a URI (without fragment) that the set does not know: it adds the document, or
 * leaves it unknown and returns OPK_OK. Without one, what is not in the set is unknown.
 */
void opk_schema_set_ask(struct opk_schema_set *set,
                        enum opk_status (*ask)(void *context, struct opk_schema_set *set,
                                               struct opk_str uri, struct opk_err *err),
                        void *context);

/** Add a document under a URI (any unique name will do for a schema without $id). */
OPK_MUST_USE enum opk_status opk_schema_set_add(struct opk_schema_set *set, struct opk_str uri,
                                                const struct opk_node *root, const char *path,
                                                struct opk_err *err);

/** The schema of a URI with or without fragment, compiled; borrowed from the set. */
OPK_MUST_USE enum opk_status opk_schema_find(struct opk_schema_set *set, struct opk_str uri,
                                             const struct opk_schema **out_schema,
                                             struct opk_err *err);

/** Check a document. report is zeroed or filled by an earlier check: errors are added. */
OPK_MUST_USE enum opk_status opk_schema_check(struct opk_schema_set *set,
                                              const struct opk_schema *schema,
                                              const struct opk_node *instance,
                                              struct opk_schema_report *report,
                                              struct opk_err *err);

#endif
