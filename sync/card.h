/*
 * card.h - a card: read, checked, its fields at hand.
 *
 * Shape:   the bytes of ids/patterns/cards/<ULID>.yaml, a Pattern Card, or of
 *          ids/docs/cards/<ULID>.yaml, a Doc Card, in; a struct opk_card out. What a card may hold
 *          stands in the tables of card.c: fields, which are required, and how each looks.
 * Memory:  a card owns its document; every view lies in it and lives until done.
 * Errors:  OPK_E_INVALID with line and column for a field that is missing, unknown (with the
 *          nearest known name) or not as it should be; OPK_E_UNSUPPORTED for a schema_version that
 *          is not read; what yaml.h says of the text itself.
 */
#ifndef OPK_SYNC_CARD_H
#define OPK_SYNC_CARD_H

#include "base/doc.h"
#include "base/err.h"

enum opk_family {
    OPK_FAMILY_PATTERN,
    OPK_FAMILY_DOC,
};

struct opk_card {
    struct opk_doc doc; /* owned */
    const char *path;   /* in the document's arena */
    enum opk_family family;
    struct opk_str ulid;
    struct opk_str key;         /* pattern_key or doc_key */
    struct opk_str id;          /* pattern_id or doc_id */
    struct opk_str pattern_key; /* empty in a Doc Card */
    struct opk_str pattern_id; /* of a Doc Card: the pattern that the document is about, or empty */
    struct opk_str doc_id;
    struct opk_str semver;
    const struct opk_node *operation_kinds; /* a list of at least one; NULL in a Doc Card */
    const struct opk_node *suite;           /* NULL in a Doc Card */
    const struct opk_node *document;        /* a path; NULL in a Pattern Card */
    bool is_older; /* read from a text of the older dialect (card_older.h) */
};

/** A Pattern Card. */
OPK_MUST_USE enum opk_status opk_card_parse(struct opk_str text, const char *path,
                                            struct opk_card *out_card, struct opk_err *err);
OPK_MUST_USE enum opk_status opk_doc_card_parse(struct opk_str text, const char *path,
                                                struct opk_card *out_card, struct opk_err *err);
void opk_card_done(struct opk_card *card);

/** The value at a dotted path such as suite.docs.executor_doc; NULL when absent. */
const struct opk_node *opk_card_find(const struct opk_card *card, struct opk_str dotted);

/**
 * May a pattern of one status get another? As PATTERN_VERSIONING_CONTRACT.md says; each may keep
 * its own. False for what is no status.
 */
bool opk_card_status_may_become(struct opk_str from, struct opk_str to);

/** May a card say one path there? suite.spec, suite.docs.ANYTHING; document in a Doc Card. */
bool opk_card_has_path(enum opk_family family, struct opk_str dotted);

#endif
