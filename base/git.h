/*
 * git.h - what a Git repository holds: revisions, files at a commit, changes, history, tags.
 *
 * Shape:   open the repository that a folder lies in; everything is then read from its objects, its
 *          index and its work tree. Nothing is fetched, no hook and no other program is run: what
 *          configuration can do is name ignored files and line ends.
 * Paths:   relative to the folder that was opened, which may lie below the work tree's root. What
 *          lies beside the folder is not seen.
 * Ids:     commits are 40 hexadecimal digits and a NUL.
 * Memory:  a repository owns its handles; lists and texts lie in the caller's arena.
 * Errors:  OPK_END: the folder is in no work tree; OPK_E_NOENT: no such revision, file or tag, or
 *          an object that a shallow clone does not have; OPK_E_REFUSED: a repository of another
 *          user (safe.directory says whom to trust); OPK_E_LIMIT; OPK_E_IO in libgit2's words.
 * Threads: one repository per thread.
 */
#ifndef OPK_BASE_GIT_H
#define OPK_BASE_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define OPK_GIT_ID          41
#define OPK_GIT_COMMITS_MAX ((size_t)1 << 22) /* walked in one go */

struct opk_git;

struct opk_git_id {
    char text[OPK_GIT_ID];
};

/* A path that differs between a commit and the work tree; added, changed or deleted. */
struct opk_git_change {
    struct opk_str path;
    bool was; /* in the commit */
    bool is;  /* in the work tree */
};

/* A name in a folder at a commit. */
struct opk_git_entry {
    struct opk_str name;
    struct opk_git_id id; /* of its contents: equal ids, equal bytes */
    bool is_file;
};

struct opk_git_entries {
    const struct opk_git_entry *items;
    size_t count;
};

struct opk_git_history {
    const struct opk_git_id *ids;
    size_t count;
    bool is_cut; /* a shallow clone holds no more */
};

struct opk_git_commit {
    struct opk_git_id id;
    struct opk_str message;
    const struct opk_git_id *parents;
    size_t parent_count;
};

struct opk_git_trailer {
    struct opk_str key;
    struct opk_str value;
};

OPK_MUST_USE enum opk_status opk_git_open(const char *folder, struct opk_git **out_git,
                                          struct opk_err *err);
void opk_git_free(struct opk_git *git);

/* A repository, and the commit that its work tree is compared with. */
struct opk_git_base {
    struct opk_git *git; /* owned */
    struct opk_git_id head;
    struct opk_git_id id; /* the best common ancestor of a revision and HEAD */
};

/** Open it so; OPK_END also when there is no commit yet. */
OPK_MUST_USE enum opk_status opk_git_base_open(const char *folder, const char *revision,
                                               struct opk_git_base *out_base, struct opk_err *err);
void opk_git_base_done(struct opk_git_base *base);

/** Was only a part of the history fetched? */
bool opk_git_is_shallow(const struct opk_git *git);

/** The commit that a revision names (HEAD, a branch, a tag, an id). */
OPK_MUST_USE enum opk_status opk_git_resolve(const struct opk_git *git, const char *revision,
                                             struct opk_git_id *out_id, struct opk_err *err);

/** The best common ancestor of two commits. */
OPK_MUST_USE enum opk_status opk_git_merge_base(const struct opk_git *git,
                                                const struct opk_git_id *one,
                                                const struct opk_git_id *two,
                                                struct opk_git_id *out_id, struct opk_err *err);

/** Is one an ancestor of two, or the same? */
OPK_MUST_USE enum opk_status opk_git_leads_to(const struct opk_git *git,
                                              const struct opk_git_id *one,
                                              const struct opk_git_id *two, bool *out_leads,
                                              struct opk_err *err);

/** What differs between a commit and the work tree, files that are not tracked included; by path.
 */
OPK_MUST_USE enum opk_status opk_git_changes(const struct opk_git *git,
                                             const struct opk_git_id *commit,
                                             struct opk_arena *arena,
                                             struct opk_git_change **out_changes, size_t *out_count,
                                             struct opk_err *err);

/** Append a file's bytes at a commit. */
OPK_MUST_USE enum opk_status opk_git_read(const struct opk_git *git,
                                          const struct opk_git_id *commit, struct opk_str path,
                                          size_t max, struct opk_buf *out, struct opk_err *err);

/** The id of a file's or a folder's contents at a commit. */
OPK_MUST_USE enum opk_status opk_git_find(const struct opk_git *git,
                                          const struct opk_git_id *commit, struct opk_str path,
                                          struct opk_git_id *out_id, struct opk_err *err);

/** What a folder holds at a commit, by name; nothing when it is not there. */
OPK_MUST_USE enum opk_status opk_git_list(const struct opk_git *git,
                                          const struct opk_git_id *commit, struct opk_str folder,
                                          struct opk_arena *arena,
                                          struct opk_git_entries *out_entries, struct opk_err *err);

OPK_MUST_USE enum opk_status opk_git_commit(const struct opk_git *git, const struct opk_git_id *id,
                                            struct opk_arena *arena,
                                            struct opk_git_commit *out_commit, struct opk_err *err);

/**
 * The commits that lead to one, newest first; those that lead to hide (which may be NULL) are left
 * out.
 */
OPK_MUST_USE enum opk_status opk_git_log(const struct opk_git *git, const struct opk_git_id *from,
                                         const struct opk_git_id *hide, struct opk_arena *arena,
                                         struct opk_git_history *out_history, struct opk_err *err);

/** The trailers of a commit's message, in its order. */
OPK_MUST_USE enum opk_status opk_git_trailers(struct opk_str message, struct opk_arena *arena,
                                              struct opk_git_trailer **out_trailers,
                                              size_t *out_count, struct opk_err *err);

/** The commit that a tag names; OPK_E_NOENT when there is no such tag, OPK_E_REFUSED when it names
 * something else. The commit itself need not be here. */
OPK_MUST_USE enum opk_status opk_git_tag_find(const struct opk_git *git, const char *name,
                                              struct opk_git_id *out_commit, struct opk_err *err);

/**
 * From now on until the repository is freed, no other opk makes tags in it (OPK_E_CONFLICT when one
 * does); what one that was killed left half made is removed.
 */
OPK_MUST_USE enum opk_status opk_git_tags_begin(struct opk_git *git, struct opk_err *err);

/* Whose tags they are and when they were made; what is not given is the committer and the time of
 * the tagged commit, so that whoever makes the tag makes the same object. */
struct opk_git_tagger {
    struct opk_str name; /* both, with a NUL behind them, or neither */
    struct opk_str mail;
    bool has_time;
    int64_t time; /* seconds since 1970, in UTC */
};

struct opk_git_new_tag {
    const char *name; /* at most OPK_TAG_NAME_MAX bytes (git_tag.h) */
    const char *message;
    struct opk_git_id commit;
};

/**
 * Make an annotated tag, after opk_git_tags_begin: all of it is on the disk, or nothing of it. A
 * tag of that name is OPK_E_REFUSED, a lock of Git's on it OPK_E_CONFLICT.
 */
OPK_MUST_USE enum opk_status opk_git_tag_make(const struct opk_git *git,
                                              const struct opk_git_new_tag *tag,
                                              const struct opk_git_tagger *tagger,
                                              struct opk_err *err);

#endif
