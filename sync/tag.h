/*
 * tag.h - the tags of a repository's versions: which there should be, on which commit.
 *
 * Shape:   cards in, a tag each: pattern-{pattern_key}-{semver}, docs-{doc_key}-{semver}, of every
 *          status. A commit sets a version when its cards have it and those of its first parent do
 *          not. The tag belongs on the commit that sets it on the line of first parents that ends
 *          in HEAD: a merge, when a branch brought the version. A commit in which the card, at the
 *          same path, could not be read is passed over: it neither sets a version nor ends one.
 * Moved:   a tag that is there stays. It is right when it is on that commit, or on another that
 *          sets the version and from which the version lasts, commit by commit, to HEAD: one of a
 *          branch that was merged, or of what was the first line before a merge the other way
 *          round. Anywhere else it is refused.
 * Names:   tag_walk.h says which card has which; a card is looked for by key and version, so that
 *          its file and its folder may be renamed.
 * Memory:  a plan owns its texts; cards are the repository's.
 * Errors:  what concerns one card becomes a problem of the repository: OPK_E_REFUSED (moved),
 *          OPK_E_INVALID (two cards, one tag), OPK_E_LIMIT, a note for a version that is not
 *          committed; and one OPK_E_NOENT for all whose commit a shallow clone lacks. OPK_E_NOENT
 *          is returned when there is no commit at all.
 */
#ifndef OPK_SYNC_TAG_H
#define OPK_SYNC_TAG_H

#include "base/git.h"
#include "sync/repo.h"

enum opk_tag_state {
    OPK_TAG_NEW,         /* to be made */
    OPK_TAG_THERE,       /* where it belongs */
    OPK_TAG_MOVED,       /* where it does not */
    OPK_TAG_UNCOMMITTED, /* HEAD's cards do not have this version */
    OPK_TAG_UNKNOWN,     /* the clone does not reach back to the commit */
};

struct opk_tag {
    const struct opk_card *card;
    struct opk_str name; /* with a NUL behind it */
    struct opk_str message;
    enum opk_tag_state state;
    struct opk_git_id commit; /* that it is on, or belongs on; "" for the last two states */
};

struct opk_tags {
    struct opk_arena arena;
    struct opk_tag *items; /* in the arena; patterns before documents, by path */
    size_t count;
};

/** "new", "there", "moved", ... */
const char *opk_tag_state_name(enum opk_tag_state state);

/** families: a bit for each (1 << OPK_FAMILY_PATTERN, ...) whose cards get tags. */
OPK_MUST_USE enum opk_status opk_tags_plan(const struct opk_git *git, struct opk_repo *repo,
                                           unsigned families, struct opk_tags *out_tags,
                                           struct opk_err *err);
void opk_tags_done(struct opk_tags *tags);

#endif
