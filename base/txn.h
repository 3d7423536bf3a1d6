/*
 * txn.h - many files changed together, or none.
 *
 * Shape:   begin (takes the lock, finishes what an earlier run left), put the new contents of each
 *          file, commit. Until commit nothing is written but the lock; after it everything has.
 * Files:   .opk/lock is locked with flock and holds the writer's pid; its time of change is when
 *          the lock was taken. .opk/txn/<ulid>/ holds a journal (txn_journal.h) and the staged
 *          contents 0.new, 1.new, ... by the order of the journal's lines.
 * Order:   journal, fsync; staged files, fsync; the journal is renamed to "commit", fsync of its
 *          folder: the commit point; each staged file is renamed into place, fsync of the folders;
 *          commit is removed. At every moment the journal proves whose a staged file is.
 * Recovery: without commit, what an intact journal lists is removed, and no other file. With
 *          commit, each file is settled: staged contents that are gone were put in place (or were
 *          withdrawn by a person); a file that has the new digest is done; one that has the old
 *          digest is replaced; any other is a conflict: its bytes stay, and so do the journal and
 *          the staged contents, until a person moves or deletes those.
 * Memory:  a transaction owns its state and copies what is put; it borrows the root. free drops
 *          what was not committed.
 * Errors:  OPK_E_CONFLICT (another writer holds the lock: its pid and start are told; a file
 *          changed between being read and commit; recovery met bytes that neither side wrote),
 *          OPK_E_REFUSED (links, paths that leave the root), OPK_E_IO (also a full disk, found
 *          while staging), OPK_E_NOMEM. An error from commit that says "pending" came after the
 *          commit point: the next begin finishes it.
 * Threads: one transaction belongs to one thread.
 */
#ifndef OPK_BASE_TXN_H
#define OPK_BASE_TXN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

struct opk_txn;

OPK_MUST_USE enum opk_status opk_txn_begin(const struct opk_root *root, struct opk_txn **out_txn,
                                           struct opk_err *err);

/**
 * The new contents of path. old is what the caller read and based its edit on, NULL for "no file".
 * Contents equal to old change nothing and are forgotten. A path is put once.
 */
OPK_MUST_USE enum opk_status opk_txn_put(struct opk_txn *txn, const char *path,
                                         const struct opk_str *old, struct opk_str contents,
                                         struct opk_err *err);

/** Files that commit will write. */
size_t opk_txn_count(const struct opk_txn *txn);

OPK_MUST_USE enum opk_status opk_txn_commit(struct opk_txn *txn, struct opk_err *err);

/** Release the lock; a transaction that was not committed leaves no trace. NULL is fine. */
void opk_txn_free(struct opk_txn *txn);

/** For readers: OPK_E_CONFLICT "transaction pending" when a committed journal waits. */
OPK_MUST_USE enum opk_status opk_txn_check_none_pending(const struct opk_root *root,
                                                        struct opk_err *err);

#endif
