/*
 * txn.h - many files changed together, or none.
 *
 * Shape:   begin (takes the lock, finishes what an earlier run left), put the new contents of each
 *          file, commit. Until commit nothing outside .opk/ has changed; after it everything has.
 * Files:   .opk/lock, .opk/txn/<id>/ with the staged files and a journal: one line a file with its
 *          path, old and new digest, and a check value of the line.
 * Memory:  a transaction owns its state; free aborts what was not committed.
 * Errors:  OPK_E_CONFLICT (another writer holds the lock: its pid and start are told; a file
 * changed between put and commit; recovery met bytes that neither side wrote), OPK_E_REFUSED
 * (links, paths that leave the root), OPK_E_IO (also a full disk, found while staging).
 */
#ifndef OPK_BASE_TXN_H
#define OPK_BASE_TXN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

struct opk_txn;

OPK_MUST_USE enum opk_status opk_txn_begin(const struct opk_root *root, struct opk_txn **out_txn,
                                           struct opk_err *err);

/** Stage contents for path. old is what the caller read and based its edit on, NULL for "no file".
 */
OPK_MUST_USE enum opk_status opk_txn_put(struct opk_txn *txn, const char *path,
                                         const struct opk_str *old, struct opk_str contents,
                                         struct opk_err *err);

OPK_MUST_USE enum opk_status opk_txn_commit(struct opk_txn *txn, struct opk_err *err);

/** Release the lock; a transaction that was not committed leaves no trace. */
void opk_txn_free(struct opk_txn *txn);

/** For readers: OPK_E_CONFLICT "transaction pending" when a committed journal waits. */
OPK_MUST_USE enum opk_status opk_txn_check_none_pending(const struct opk_root *root,
                                                        struct opk_err *err);

#endif
