/*
 * tag_walk.h - which versions the cards of a commit have, for a walk through history.
 *
 * Shape:   a set of tags' names is given once; a look at a commit then says which of them its cards
 *          have. A card has the name tag_name makes of its family, key and semver, whatever its
 *          file is called and wherever that commit's opk.yaml keeps its cards. A file of theirs
 *          that could not be read as a card then is unread: what it had nobody knows.
 * Cost:    a commit that changes neither opk.yaml nor a folder of cards costs three look-ups; one
 *          that does, two look-ups a card; contents are read once.
 * Memory:  a walk owns what it remembers; it borrows the repository.
 * Errors:  what git.h says; OPK_E_NOENT: a card's contents are not in this clone. After one the
 *          next look is as the first, and what was not read is read again.
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

/* When a name was seen last, and where. */
struct opk_tag_sight {
    uint64_t look;
    uint32_t place;
};

struct opk_tag_walk {
    const struct opk_git *git;
    struct opk_map *names;  /* indexes seen */
    struct opk_map *blobs;  /* contents that were met; indexes blob_names */
    struct opk_map *places; /* paths of cards; indexes unread */
    uint32_t *blob_names;   /* owned; the index of a name, or what tag_walk.c says */
    size_t blob_cap;
    uint64_t *unread; /* owned; the look that met an unread card there last */
    size_t unread_cap;
    struct opk_tag_sight *seen; /* owned */
    uint64_t look;
    bool has_view;
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

/** Did the cards of the last look have this name? *place, which may be NULL, is then the card's. */
bool opk_tag_walk_has(const struct opk_tag_walk *walk, uint32_t name, uint32_t *place);

/** Did the last look meet an unread card there? */
bool opk_tag_walk_is_unread(const struct opk_tag_walk *walk, uint32_t place);

#endif
