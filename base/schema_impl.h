/*
 * schema_impl.h - what the parts of schema.h share: the compiled form, and one run over a document.
 *
 * schema.c indexes and compiles, schema_check.c runs, schema_keywords.c holds the table of keywords
 * and what each checks, schema_canonical.c compares values, schema_uri.c resolves references.
 */
#ifndef OPK_BASE_SCHEMA_IMPL_H
#define OPK_BASE_SCHEMA_IMPL_H

#include "base/regex.h"
#include "base/schema.h"

/* What a keyword's value must be; schemas below it are indexed and compiled. */
enum opk_operand {
    OPK_OPERAND_ANY,
    OPK_OPERAND_STRING,
    OPK_OPERAND_PATTERN,
    OPK_OPERAND_NUMBER,
    OPK_OPERAND_COUNT, /* a whole number, not negative */
    OPK_OPERAND_BOOL,
    OPK_OPERAND_TYPE,    /* a type's name, or a list of them */
    OPK_OPERAND_STRINGS, /* a list of strings */
    OPK_OPERAND_LIST,
    OPK_OPERAND_STRINGS_MAP, /* of key to list of strings */
    OPK_OPERAND_SCHEMA,
    OPK_OPERAND_SCHEMAS,
    OPK_OPERAND_SCHEMA_MAP,
    OPK_OPERAND_PATTERN_MAP, /* of pattern to schema */
    OPK_OPERAND_REF,
};

struct opk_schema_run;
struct opk_schema_check;

/* Which keywords a metaschema's $vocabulary turns on together; those of the core always are. */
enum opk_vocabulary {
    OPK_VOCABULARY_CORE,
    OPK_VOCABULARY_APPLICATOR,
    OPK_VOCABULARY_UNEVALUATED,
    OPK_VOCABULARY_VALIDATION,
};

struct opk_keyword {
    const char *name;
    enum opk_vocabulary vocabulary;
    enum opk_operand operand;
    bool last; /* runs after its siblings: it asks what they evaluated */
    /* Does the instance pass? NULL: the keyword is read by a sibling, or by the index alone. */
    bool (*check)(struct opk_schema_run *run, const struct opk_schema_check *check,
                  const struct opk_node *instance);
};

/** The keyword's row, or NULL. */
const struct opk_keyword *opk_keyword_find(struct opk_str name);

/* One keyword of one schema. */
struct opk_schema_check {
    const struct opk_keyword *keyword;
    const struct opk_node *value;
    const struct opk_schema *owner;
    struct opk_schema **schemas; /* below it, in their order */
    struct opk_regex **regexes;  /* PATTERN, PATTERN_MAP */
    struct opk_str *canonical;   /* const, enum: the values (schema_keywords.c) */
    size_t count;
    struct opk_str anchor; /* $dynamicRef: the name that is looked for in the dynamic scope */
};

struct opk_schema {
    const struct opk_node *node;
    size_t resource; /* index in the set */
    bool never;      /* the schema false */
    struct opk_schema_check *checks;
    size_t check_count;
};

struct opk_schema_run {
    struct opk_schema_set *set;
    struct opk_schema_report *report;
    struct opk_arena arena; /* of the run alone */
    struct opk_regex_scratch *scratch;
    const struct opk_schema *scope[OPK_SCHEMA_DEPTH_MAX]; /* the schemas that are being checked */
    size_t depth;
    uint64_t steps;
    bool *seen;     /* by child of the instance: has the schema that runs evaluated it? */
    unsigned quiet; /* above 0, failures are answers and no errors */
    enum opk_status status;
    struct opk_err *err;
};

/**
 * Check one schema at one place. What it evaluates is added to seen when it holds: run->seen for
 * the same instance, NULL for another one.
 */
bool opk_schema_run_one(struct opk_schema_run *run, const struct opk_schema *schema,
                        const struct opk_node *instance, bool *seen);

/** Tell a failure at a node, or at its key; returns false. hint is the nearest name, or NULL. */
bool opk_schema_tell(struct opk_schema_run *run, const struct opk_schema_check *check,
                     const struct opk_node *node, struct opk_str message, const char *hint);
bool opk_schema_tell_key(struct opk_schema_run *run, const struct opk_schema_check *check,
                         const struct opk_node *node, struct opk_str message, const char *hint);

/** The check of a sibling keyword, or NULL. */
const struct opk_schema_check *opk_schema_sibling(const struct opk_schema_check *check,
                                                  const char *keyword);

/** Where $dynamicRef leads in the scope of the run. */
const struct opk_schema *opk_schema_dynamic(struct opk_schema_run *run,
                                            const struct opk_schema_check *check);

/** The schema of a dynamic anchor in a resource, or NULL. */
OPK_MUST_USE enum opk_status opk_schema_anchored(struct opk_schema_set *set, size_t resource,
                                                 struct opk_str name,
                                                 const struct opk_schema **out_schema,
                                                 struct opk_err *err);

/** A value as text that is equal for equal values: 1 and 1.0, keys in any order. */
void opk_node_canonical(const struct opk_node *node, struct opk_buf *out);

/** RFC 3986 §5: the reference against a base, both absolute or not; without normalising escapes. */
void opk_uri_resolve(struct opk_str base, struct opk_str reference, struct opk_buf *out);

/** %XX decoded. */
void opk_uri_decode(struct opk_str text, struct opk_buf *out);

#endif
