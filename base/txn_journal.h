/*
 * txn_journal.h - the text of a transaction's journal; txn.c alone uses it.
 *
 * Shape:   a line "<check> opk-txn 1 <ulid> <count>", then for each file, in the bytewise order of
 *          their paths, "<check> <old> <new> <path>". old and new are XXH3-128 digests in 32
 *          hexadecimal digits; old is "-" for a file that did not exist. check is the XXH3-64 of
 *          "<ulid> <line number> <rest of the line>" in 16 digits: a line that is torn, or stands
 *          elsewhere, or belongs to another transaction, does not pass.
 * Memory:  entries read lie in the caller's arena; their paths are C strings there.
 * Errors:  OPK_E_INVALID with the line, OPK_E_NOMEM.
 */
#ifndef OPK_BASE_TXN_JOURNAL_H
#define OPK_BASE_TXN_JOURNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"

struct opk_journal_entry {
    const char *path;
    bool existed;
    struct opk_hash128 before; /* zero unless existed */
    struct opk_hash128 after;
};

void opk_journal_write(const char *id, const struct opk_journal_entry *entries, size_t count,
                       struct opk_buf *out);

/** The whole journal or nothing: every line must be there and pass its check. */
OPK_MUST_USE enum opk_status opk_journal_read(struct opk_str text, const char *id,
                                              struct opk_arena *arena,
                                              struct opk_journal_entry **out_entries,
                                              size_t *out_count, struct opk_err *err);

/** Can text be the beginning of what opk_journal_write makes for this id? Empty text can. */
bool opk_journal_is_torn(struct opk_str text, const char *id);

#endif
