/*
 * card_older.h - cards of the older dialect: found out, and rewritten as cards of today.
 *
 * Shape:   an older card holds its ULID as pattern_id, names its spec as primary_spec, lists spec,
 *          schema and examples under suite.docs, writes kinds as OPK_LIKE_THIS, or gives paths
 *          relative to the pattern's folder. Migrating changes these places of its text, adds what
 *          it lacks and leaves every other byte, comments and order above all: the comment behind a
 *          value goes with the value, that behind a value that is dropped stays as a line.
 * Paths:   specs/X and schemas/X lie below patterns/; docs/X_executor.md (_examples, _tests)
 *          becomes EXECUTOR.md of the folder; what begins with patterns/ or with the folder is
 *          left; all else is relative to the folder. primary_spec wins over suite.docs.spec.
 * Derived: pattern_id is PAT-<KEY>-001, doc_id DOC- and the pattern_id; a path that is lacking is
 *          that of the default layout (layout.h); the category is the caller's.
 * Memory:  the new text is appended to the caller's buffer.
 * Errors:  OPK_E_INVALID with the place: no category, no pattern_key, no ULID, two specs;
 *          OPK_E_REFUSED for mappings in braces. What comes out is read as a card by the caller.
 */
#ifndef OPK_SYNC_CARD_OLDER_H
#define OPK_SYNC_CARD_OLDER_H

#include "sync/card.h"

/** Does a document look like a card of the older dialect? */
bool opk_card_is_older(const struct opk_doc *doc);

/** category may be empty: then the card must have one. */
OPK_MUST_USE enum opk_status opk_card_migrate(struct opk_str text, const char *path,
                                              struct opk_str category, struct opk_buf *out,
                                              struct opk_err *err);

/**
 * Read a card of either dialect; one of the older dialect is migrated in memory and card->is_older.
 * out_is_older is set when the text is one, even if it cannot be read.
 */
OPK_MUST_USE enum opk_status opk_card_read(struct opk_str text, const char *path,
                                           struct opk_str category, struct opk_card *out_card,
                                           bool *out_is_older, struct opk_err *err);

#endif
