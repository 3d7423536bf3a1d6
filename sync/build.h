/*
 * build.h - what is made whole from the cards: the suite index, the pattern registry, the ledger.
 *
 * Shape:   opk_build_plan puts the new texts into the repository's files; nothing is written.
 *          The suite index keeps the mfids of its entries; the ledger is appended to, never
 *          changed.
 * Order:   the suite index and by_id by pattern_id, by_key by pattern_key, the ledger by ulid.
 * Errors:  OPK_E_INVALID when two cards share a ulid, pattern_id, pattern_key or doc_id, naming
 *          both; what yaml.h and json.h say of an index or a ledger that cannot be read.
 */
#ifndef OPK_SYNC_BUILD_H
#define OPK_SYNC_BUILD_H

#include "sync/repo.h"

/** The suite index and the pattern registry: what every sync refreshes. */
OPK_MUST_USE enum opk_status opk_build_indexes(struct opk_repo *repo, struct opk_err *err);

/** A line for every identity that the ledger does not hold yet. */
OPK_MUST_USE enum opk_status opk_build_ledger(struct opk_repo *repo, struct opk_err *err);

/** Are ulid, pattern_id, pattern_key and doc_id each one card's only? */
OPK_MUST_USE enum opk_status opk_build_check_unique(const struct opk_repo *repo,
                                                    struct opk_err *err);

#endif
