/*
 * card.h - a Pattern Card: read, checked, its fields at hand.
 *
 * Shape:   the bytes of ids/patterns/cards/<ULID>.yaml in, a struct opk_card out. What a card may
 *          hold stands in the table of card.c: fields, which are required, and how each looks.
 * Memory:  a card owns its document; every view lies in it and lives until done.
 * Errors:  OPK_E_INVALID with line and column for a field that is missing, unknown (with the
 *          nearest known name) or not as it should be; OPK_E_UNSUPPORTED for a schema_version that
 *          is not read; what yaml.h says of the text itself.
 */
#ifndef OPK_SYNC_CARD_H
#define OPK_SYNC_CARD_H

#include "base/doc.h"
#include "base/err.h"

struct opk_card {
    struct opk_doc doc; /* owned */
    const char *path;   /* in the document's arena */
    struct opk_str ulid;
    struct opk_str pattern_key;
    struct opk_str pattern_id;
    struct opk_str doc_id;
    struct opk_str semver;
    const struct opk_node *operation_kinds; /* a list of at least one */
    const struct opk_node *suite;
    bool is_older; /* read from a text of the older dialect (card_older.h) */
};

OPK_MUST_USE enum opk_status opk_card_parse(struct opk_str text, const char *path,
                                            struct opk_card *out_card, struct opk_err *err);
void opk_card_done(struct opk_card *card);

/** The value at a dotted path such as suite.docs.executor_doc; NULL when absent. */
const struct opk_node *opk_card_find(const struct opk_card *card, struct opk_str dotted);

/**
 * May a pattern of one status get another? As PATTERN_VERSIONING_CONTRACT.md says; each may keep
 * its own. False for what is no status.
 */
bool opk_card_status_may_become(struct opk_str from, struct opk_str to);

/** May a card say one path there? suite.spec, registry.pattern_index, suite.docs.ANYTHING. */
bool opk_card_has_path(struct opk_str dotted);

#endif
