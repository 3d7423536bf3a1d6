/*
 * guard_base.h - a repository against a revision of it: which patterns changed, and how.
 *
 * Shape:   what version control holds at the base, and what differs from it in the work tree, as
 *          pairs of cards. The base is the best common ancestor of the revision and HEAD, so that
 *          what the revision's branch has gained meanwhile does not count.
 * Derived: what opk itself writes into a file (marked sections; the fields of a spec or of front
 *          matter that a rule sets) is no change of a pattern: a file that differs in nothing else
 * is left out. Memory:  a base owns everything but the cards of today, which are the repository's.
 * Errors:  OPK_E_NOENT: no such revision, or a shallow clone that does not reach back to the common
 *          ancestor; what git.h says.
 */
#ifndef OPK_SYNC_GUARD_BASE_H
#define OPK_SYNC_GUARD_BASE_H

#include "base/git.h"
#include "sync/repo.h"
#include "sync/rules.h"

enum opk_step { OPK_STEP_NONE, OPK_STEP_PATCH, OPK_STEP_MINOR, OPK_STEP_MAJOR };

/* A pattern, or a document of the other family, that the change set touches. */
struct opk_guard_pair {
    const struct opk_card *was;         /* NULL for a new card */
    const struct opk_card *now;         /* NULL for one that is gone */
    bool card_differs;                  /* in more than its comments */
    struct opk_str file;                /* the first file of its suite that differs; may be empty */
    const struct opk_guard_text *texts; /* documents whose text outside of sections differs */
    size_t text_count;
};

/* A document with marked sections, and the first line outside of them that differs. */
struct opk_guard_text {
    struct opk_str path;
    uint64_t line;
};

/* What trailers of the commits since the base say. */
struct opk_guard_trailer {
    struct opk_str key; /* Intent, Pattern-Guard */
    struct opk_str value;
    struct opk_git_id commit;
};

struct opk_guard_base {
    struct opk_arena arena;
    struct opk_git_base at; /* owned */
    struct opk_err cut;     /* status OPK_OK unless a shallow clone lacks history that is needed */
    struct opk_git_change *changes;
    size_t change_count;
    struct opk_guard_trailer *trailers;
    size_t trailer_count;
    struct opk_card *old_cards; /* in the arena; at the base, of cards that differ */
    size_t old_count;
    struct opk_guard_pair *pairs; /* by path of the card */
    size_t pair_count;
};

/** OPK_END when the folder is in no work tree, or in one without commits. */
OPK_MUST_USE enum opk_status opk_guard_base_load(struct opk_repo *repo,
                                                 const struct opk_rules *rules, const char *folder,
                                                 const char *revision,
                                                 struct opk_guard_base *out_base,
                                                 struct opk_err *err);
void opk_guard_base_done(struct opk_guard_base *base);

/** The folder of a family's cards. */
struct opk_str opk_guard_folder(const struct opk_repo *repo, enum opk_family family);

/** A card of any time, of either dialect; what is none is not told. */
OPK_MUST_USE enum opk_status opk_guard_read_card(enum opk_family family, struct opk_str text,
                                                 const char *path, struct opk_card *out_card);

/** How far a version is from another; OPK_STEP_NONE when it is the same or lower. */
enum opk_step opk_step_between(struct opk_str was, struct opk_str now);

/** "major", ...; "no" for OPK_STEP_NONE. */
const char *opk_step_name(enum opk_step step);

/** Does a rule write marked sections into this file of a card? */
bool opk_guard_has_sections(const struct opk_rules *rules, const struct opk_card *card,
                            struct opk_str path);

/* A file then and now. */
struct opk_guard_texts {
    const char *path;
    struct opk_str old;
    struct opk_str new;
};

/**
 * Do the texts of a card's file differ in more than what opk writes: the insides of sections, and
 * the fields that rules set in the card's spec or in the front matter of its document? *out_line is
 * the first such line of the new one, 0 when there is none.
 */
OPK_MUST_USE enum opk_status opk_guard_differ(const struct opk_rules *rules,
                                              const struct opk_card *card,
                                              const struct opk_guard_texts *texts,
                                              uint64_t *out_line, struct opk_err *err);

#endif
