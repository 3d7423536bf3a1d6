/*
 * ledger.h - every identity that was ever given out: ids/ledger.jsonl.
 *
 * Shape:   one JSON object a line, only ever appended: ulid, pattern_id, pattern_key, doc_id,
 *          doc_key, those that the card has, and "retired": true once it is gone. The last line of
 *          a ulid says what holds now; an earlier one that differs says what the card was called
 *          before.
 * Rule:    what one ulid was given is never another's, whatever became of it; and a ulid whose card
 *          is gone comes back with one of its names or not at all.
 * Memory:  a ledger owns its texts.
 * Errors:  OPK_E_SYNTAX and OPK_E_INVALID with the line: no JSON object, or one without a ulid.
 */
#ifndef OPK_SYNC_LEDGER_H
#define OPK_SYNC_LEDGER_H

#include "sync/repo.h"

/* The identities of a card, in the order of a line; a Doc Card has no pattern_ ones of its own. */
#define OPK_IDENTITIES 5
extern const char *const OPK_IDENTITY_NAMES[OPK_IDENTITIES];
#define OPK_IDENTITY_ULID 0

/* Empty where a card has none. */
struct opk_identity {
    struct opk_str values[OPK_IDENTITIES];
};

struct opk_ledger_line {
    struct opk_identity identity;
    bool retired;
    uint64_t number;
};

struct opk_ledger {
    struct opk_arena arena;
    struct opk_map *ulids;         /* indexes last */
    size_t *last;                  /* owned; the last line of each ulid */
    size_t *left;                  /* owned; where a line that shares no name follows, 1 + the line
                                      that says that its card is gone */
    struct opk_map *given;         /* "field value", indexes owner */
    size_t *owner;                 /* owned; the first line that gave it out */
    struct opk_ledger_line *lines; /* owned */
    size_t count;
};

/** path is for messages. */
OPK_MUST_USE enum opk_status opk_ledger_parse(struct opk_str text, const char *path,
                                              struct opk_ledger *out_ledger, struct opk_err *err);
/** Safe on zeroed storage. */
void opk_ledger_done(struct opk_ledger *ledger);

/** What holds of a ulid; NULL when it was never given out. */
const struct opk_ledger_line *opk_ledger_find(const struct opk_ledger *ledger, struct opk_str ulid);

/** The line that gave one of these identities to another ulid, and which; NULL when none did. */
const struct opk_ledger_line *opk_ledger_taken(const struct opk_ledger *ledger,
                                               const struct opk_identity *identity,
                                               size_t *out_which);

/** The line that says that the card of this ulid is gone, when it was another one's; or NULL. */
const struct opk_ledger_line *opk_ledger_left(const struct opk_ledger *ledger,
                                              const struct opk_identity *identity);

struct opk_identity opk_identity_of(const struct opk_card *card);
bool opk_identity_eq(const struct opk_identity *one, const struct opk_identity *two);

/** Have they an id or a key in common, whatever their ulids are? */
bool opk_identity_meets(const struct opk_identity *one, const struct opk_identity *two);

/** Append the line of an identity. */
void opk_ledger_append(const struct opk_identity *identity, bool retired, struct opk_buf *out);

/**
 * Append to the repository's ledger what it does not say yet: cards that are new or have another
 * name, and that a card is gone. Nothing is written.
 */
OPK_MUST_USE enum opk_status opk_ledger_plan(struct opk_repo *repo, struct opk_err *err);

#endif
