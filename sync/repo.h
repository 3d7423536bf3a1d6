/*
 * repo.h - a pattern repository: its root, its paths, its cards.
 *
 * Shape:   open the root, read opk.yaml for paths that differ from the defaults, read every card
 *          below paths.cards and paths.doc_cards. Cards are the source; indexes and registries are
 *          never read to find one.
 * Memory:  a repository owns everything; cards and files are borrowed from it.
 * Errors:  a card that cannot be read or breaks its contract becomes a problem and is left out; a
 *          card of the older dialect is read as one of today where it says enough; a folder that is
 *          no pattern repository is OPK_E_NOENT with what to do.
 */
#ifndef OPK_SYNC_REPO_H
#define OPK_SYNC_REPO_H

#include "base/txn.h"
#include "sync/card.h"
#include "sync/files.h"
#include "sync/problem.h"

#define OPK_REPO_CARDS_MAX     100000
#define OPK_REPO_CONFIGURATION "opk.yaml"

/* Paths below the root; those of a repository in the arena of its files. */
struct opk_repo_paths {
    struct opk_str cards;     /* a folder */
    struct opk_str doc_cards; /* a folder, which may be absent */
    struct opk_str doc_registry;
    struct opk_str kind_registry;
    struct opk_str ledger;
    struct opk_str pattern_index;
    struct opk_str pattern_registry;
    struct opk_str rules;
    struct opk_str suite_index;
};

struct opk_repo {
    struct opk_root root; /* owned */
    struct opk_txn *txn;  /* owned; NULL for readers */
    struct opk_files files;
    struct opk_repo_paths paths;
    struct opk_card *cards; /* owned; valid ones, sorted by path */
    size_t card_count;
    struct opk_card *docs; /* Doc Cards, likewise */
    size_t doc_count;
    struct opk_problems problems; /* of cards */
    const char **unread;          /* owned; paths of older cards that cannot be read as they are */
    size_t unread_count;
    size_t unread_cap;
    bool reverse; /* sync.reverse of opk.yaml: a spec may change its card */
};

enum opk_repo_access {
    OPK_REPO_READ,
    OPK_REPO_WRITE, /* takes the lock first, so that what is read stays true until it is written */
};

/** The paths of a repository without a configuration. */
void opk_repo_paths_default(struct opk_repo_paths *out_paths);

/** The paths that the text of a configuration gives, with the defaults; in the arena. */
OPK_MUST_USE enum opk_status opk_repo_paths_parse(struct opk_str text, struct opk_arena *arena,
                                                  struct opk_repo_paths *out_paths,
                                                  struct opk_err *err);

/** dir is where opk.yaml or the cards' folder lies. */
OPK_MUST_USE enum opk_status opk_repo_open(const char *dir, enum opk_repo_access access,
                                           struct opk_repo *out_repo, struct opk_err *err);
void opk_repo_done(struct opk_repo *repo);

/** Read the cards again, as the repository's files have them now; cards found before are gone. */
OPK_MUST_USE enum opk_status opk_repo_reload(struct opk_repo *repo, struct opk_err *err);

/** Write every changed file in one transaction, of a repository that was opened for it. */
OPK_MUST_USE enum opk_status opk_repo_write(struct opk_repo *repo, struct opk_err *err);

/** What names a card on the command line. */
enum opk_repo_by {
    OPK_REPO_BY_ANY, /* pattern_key, doc_key, pattern_id, doc_id or ulid; Doc Cards as well */
    OPK_REPO_BY_ID,
    OPK_REPO_BY_KEY,
};

/**
 * Rewrite cards of the older dialect in the repository's files: the one of a name, or all when name
 * is empty; the category is for those that have none. An older card that is not named and cannot be
 * read becomes a note. Cards found before are no longer valid.
 */
OPK_MUST_USE enum opk_status opk_repo_migrate(struct opk_repo *repo, enum opk_repo_by by,
                                              struct opk_str name, struct opk_str category,
                                              struct opk_err *err);

/** The cards of both families, patterns first; NULL past the last. */
const struct opk_card *opk_repo_card_at(const struct opk_repo *repo, size_t index);
size_t opk_repo_card_count(const struct opk_repo *repo);

/** OPK_E_NOENT with the nearest name when there is none, OPK_E_INVALID when there are several. */
OPK_MUST_USE enum opk_status opk_repo_find(const struct opk_repo *repo, enum opk_repo_by by,
                                           struct opk_str name, const struct opk_card **out_card,
                                           struct opk_err *err);

#endif
