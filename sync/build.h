/*
 * build.h - what is made whole from the cards: the suite index and the registries.
 *
 * Shape:   opk_build_plan puts the new texts into the repository's files; nothing is written.
 *          The suite index keeps the mfids of its entries.
 *          The registry of documents is made where there are Doc Cards, or a registry already.
 * Order:   the suite index and by_id by id, by_key by key.
 * Errors:  OPK_E_INVALID when two cards share a ulid, an id, a key or a document, naming both; what
 *          yaml.h says of an index that cannot be read.
 */
#ifndef OPK_SYNC_BUILD_H
#define OPK_SYNC_BUILD_H

#include "sync/repo.h"

/** The suite index and the registries: what every sync refreshes. */
OPK_MUST_USE enum opk_status opk_build_indexes(struct opk_repo *repo, struct opk_err *err);

/** May an entry of a suite index have mfids? One that may not need not be read for them. */
bool opk_build_has_mfids(struct opk_str suite_index);

/** Are ulids, ids, keys and documents each one card's only? */
OPK_MUST_USE enum opk_status opk_build_check_unique(const struct opk_repo *repo,
                                                    struct opk_err *err);

#endif
