/*
 * new_card.h - a new Pattern Card, and every file of its suite that is not there yet.
 *
 * Shape:   what is known of the pattern in; opk_new_card_complete fills the rest from the key and
 *          the default layout; opk_new_card_add puts the card and the absent files into the
 *          repository's files and the card among its cards, so that a plan (plan.h) fills their
 *          sections. Nothing is written.
 * Adopting: opk_new_card_from_index takes what an entry of PATTERN_INDEX and the spec that it names
 *          say of a pattern that had no card. The spec counts where both say something; files that
 *          are there keep every byte but for what sync mirrors.
 * Memory:  texts lie in the arena of the repository's files, or are the caller's.
 * Errors:  OPK_E_NOENT: no entry, no spec. OPK_E_INVALID: what would be no card, with the key that
 *          is wrong; OPK_E_REFUSED: an identity that another card has, or that the ledger says was
 *          given out.
 */
#ifndef OPK_SYNC_NEW_CARD_H
#define OPK_SYNC_NEW_CARD_H

#include "sync/repo.h"

/* Empty texts and counts of 0 are not known yet. */
struct opk_new_card {
    struct opk_str ulid;
    struct opk_str key;
    struct opk_str id;
    struct opk_str doc_id;
    struct opk_str semver;
    struct opk_str status;
    struct opk_str category;
    struct opk_str layer;
    struct opk_str summary;
    const struct opk_str *kinds;
    size_t kind_count;
    struct opk_str folder;
    struct opk_str spec;
    struct opk_str schema;
    struct opk_str executor;
    const struct opk_str *tests;
    size_t test_count;
    struct opk_str examples_dir;
};

OPK_MUST_USE enum opk_status opk_new_card_from_index(struct opk_repo *repo, struct opk_str id,
                                                     struct opk_new_card *card,
                                                     struct opk_err *err);

/** A key for a card that has none: of an operation kind OPK-GIT-COMMIT, PAT_GIT_COMMIT. */
struct opk_str opk_new_card_key(struct opk_arena *arena, struct opk_str kind);

void opk_new_card_complete(struct opk_repo *repo, struct opk_new_card *card);

/** The repository's cards move: those found before are no longer valid. */
OPK_MUST_USE enum opk_status opk_new_card_add(struct opk_repo *repo,
                                              const struct opk_new_card *card,
                                              const struct opk_card **out_card,
                                              struct opk_err *err);

/** The text of a card (new_files.c). */
void opk_new_card_text(const struct opk_new_card *card, struct opk_arena *arena,
                       struct opk_buf *out);

/** Put the files of a card's suite that are not there into the repository's files (new_files.c). */
OPK_MUST_USE enum opk_status opk_new_card_files(struct opk_repo *repo,
                                                const struct opk_new_card *card,
                                                struct opk_err *err);

#endif
