/*
 * files.h - the files that a plan reads and will write: what they hold, and what they shall hold.
 *
 * Shape:   each path is read once; later changes stay in memory until the plan is applied.
 * Units:   paths are relative to the repository's root.
 * Memory:  texts and files lie in the arena of the set; a file's address is stable.
 * Errors:  as opk_root_read; a file that is absent is no error: exists is false.
 */
#ifndef OPK_SYNC_FILES_H
#define OPK_SYNC_FILES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/map.h"

#define OPK_FILES_BYTES_MAX ((size_t)64 << 20) /* of one file */

struct opk_file {
    const char *path;
    bool exists;
    struct opk_str old; /* empty when it does not exist */
    struct opk_str now; /* differs from old when the plan changes it */
};

struct opk_files {
    const struct opk_root *root; /* borrowed */
    struct opk_arena arena;      /* owned */
    struct opk_map *paths;       /* owned; indexes items */
    struct opk_file **items;     /* owned */
    size_t cap;
    struct opk_file **made; /* owned; those that were not there and were given a text */
    size_t made_count;
    size_t made_cap;
};

OPK_MUST_USE enum opk_status opk_files_new(const struct opk_root *root, struct opk_files *out_files,
                                           struct opk_err *err);
void opk_files_done(struct opk_files *files);

OPK_MUST_USE enum opk_status opk_files_open(struct opk_files *files, struct opk_str path,
                                            struct opk_file **out_file, struct opk_err *err);

/** What the file shall hold; copied. */
OPK_MUST_USE enum opk_status opk_files_set(struct opk_files *files, struct opk_file *file,
                                           struct opk_str text, struct opk_err *err);

/** The changed files, sorted by path; the array lies in the arena. */
OPK_MUST_USE enum opk_status opk_files_changed(struct opk_files *files,
                                               struct opk_file *const **out_files,
                                               size_t *out_count, struct opk_err *err);

/** Is the file there, or will it be when the plan is applied? */
bool opk_file_is_there(const struct opk_file *file);

/**
 * The names of files that the plan makes in a folder, sorted; folder may end in a slash. The array
 * lies in the arena of the set.
 */
OPK_MUST_USE enum opk_status opk_files_new_in(struct opk_files *files, struct opk_str folder,
                                              struct opk_str **out_names, size_t *out_count,
                                              struct opk_err *err);

/** Does the plan change this file, or make it? */
bool opk_file_changed(const struct opk_file *file);

#endif
