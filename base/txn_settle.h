/*
 * txn_settle.h - the half of txn.c that works from a journal alone: it finishes a committed one,
 * drops an uncommitted one, and does so alike for the run that wrote it and for the next run.
 *
 * Shape:   a transaction's folder, open, and the journal's entries in their order.
 * Memory:  nothing is kept; root, id and descriptor are borrowed.
 * Errors:  as in txn.h.
 */
#ifndef OPK_BASE_TXN_SETTLE_H
#define OPK_BASE_TXN_SETTLE_H

#include "base/file_fd.h"
#include "base/txn_journal.h"

#define OPK_TXN_FOLDER      ".opk/txn"
#define OPK_TXN_JOURNAL     "journal"
#define OPK_TXN_COMMIT      "commit"
#define OPK_TXN_STAGED_TEXT 32 /* "123.new" */

/** The name of the staged contents of the journal's entry at index. */
void opk_txn_staged_name(size_t index, char out[OPK_TXN_STAGED_TEXT]);

/** A file's state beneath root, and its digest where it exists; a missing folder is no error. */
OPK_MUST_USE enum opk_status opk_txn_look(const struct opk_root *root, const char *path,
                                          struct opk_file_state *out_state,
                                          struct opk_hash128 *out_digest, struct opk_err *err);

/** Does a file of this state and digest stand as it did before the entry's change? */
bool opk_journal_entry_is_before(const struct opk_journal_entry *entry,
                                 const struct opk_file_state *state, struct opk_hash128 digest);

struct opk_settle {
    const struct opk_root *root;
    const char *id;
    int folder; /* .opk/txn/<id> */
};

/**
 * Bring every file of a committed journal to its new contents and remove the journal. A file that
 * cannot be is told (the first of them) and keeps the journal; the others go on.
 */
OPK_MUST_USE enum opk_status opk_settle_commit(const struct opk_settle *settle,
                                               const struct opk_journal_entry *entries,
                                               size_t count, struct opk_err *err);

/** Remove the staged files of an uncommitted journal with count entries, then the journal. */
OPK_MUST_USE enum opk_status opk_settle_drop(const struct opk_settle *settle, size_t count,
                                             struct opk_err *err);

/** Settle what stands under name in .opk/txn; what is no transaction's folder is left alone. */
OPK_MUST_USE enum opk_status opk_settle_found(const struct opk_root *root, struct opk_str name,
                                              struct opk_err *err);

#endif
