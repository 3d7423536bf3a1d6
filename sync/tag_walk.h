/*
 * tag_walk.h - which versions the cards of a commit have, for a walk through history.
 *
 * Shape:   a set of tags' names is given once; a look at a commit then says which of them its cards
 *          have. A card has the name tag_name makes of its family, key and semver, whatever its
 *          file is called and wherever that commit's opk.yaml keeps its cards; a file that could
 *          not be read as a card then has none.
 * Cost:    a commit that changes neither opk.yaml nor a folder of cards costs three look-ups; one
 *          that does, a look-up a card; contents are read once.
 * Memory:  a walk owns what it remembers; it borrows the repository.
 * Errors:  what git.h says; OPK_E_NOENT: a card's contents are not in this clone.
 */
#ifndef OPK_SYNC_TAG_WALK_H
#define OPK_SYNC_TAG_WALK_H

#include "base/git.h"
#include "base/map.h"
#include "sync/repo.h"

#define OPK_FAMILIES 2

/* What a commit's cards follow from. */
struct opk_tag_view {
    struct opk_git_id configuration; /* "" where there is none */
    struct opk_git_id folders[OPK_FAMILIES];
};

struct opk_tag_walk {
    const struct opk_git *git;
    struct opk_map *names; /* indexes seen */
    struct opk_map *blobs; /* contents that were read; indexes blob_names */
    uint32_t *blob_names;  /* owned; the index of a name, or UINT32_MAX */
    size_t blob_cap;
    uint64_t *seen; /* owned; the look that saw the name last */
    uint64_t look;
    struct opk_tag_view view;             /* of the last look */
    struct opk_str folders[OPK_FAMILIES]; /* of cards, as the view's configuration says */
    struct opk_arena paths;
};

/** The tag of a card: pattern-KEY-SEMVER, docs-KEY-SEMVER. */
struct opk_str opk_tag_name(const struct opk_card *card, struct opk_arena *arena);

/** names is filled before, stays the caller's, and does not grow from then on. */
OPK_MUST_USE enum opk_status opk_tag_walk_begin(const struct opk_git *git, struct opk_map *names,
                                                struct opk_tag_walk *out_walk, struct opk_err *err);
void opk_tag_walk_done(struct opk_tag_walk *walk);

/** Look at a commit, which is here. */
OPK_MUST_USE enum opk_status opk_tag_walk_look(struct opk_tag_walk *walk,
                                               const struct opk_git_id *commit,
                                               struct opk_err *err);

/** Did the cards of the last look have this name? */
bool opk_tag_walk_has(const struct opk_tag_walk *walk, uint32_t name);

#endif
