/*
 * git_tag.h - names of new tags in a Git folder: given once, and never taken from another object.
 *
 * Shape:   opened by one process at a time. A name is taken as Git itself takes one: refs/tags/NAME
 *          .lock is made with the whole contents in it, the caller sees that the name is free, and
 *          the lock is renamed to the name (keep), or goes (drop).
 * Crashes: a lock that Git left blocks its name until a person deletes it. Ours is the second name
 *          of the file opk-tag-NAME beside refs/, which goes last: whoever opens the folder next
 *          finds that file, removes a lock only when it is the same file, and then the file itself.
 * Files:   opk-tags is locked with flock and stays.
 * Limits:  a name has at most OPK_TAG_NAME_MAX bytes, and no slash.
 * Memory:  an open folder owns three descriptors.
 * Errors:  OPK_E_CONFLICT: another opk makes tags there, or Git holds a lock of the same name;
 *          OPK_E_LIMIT; OPK_E_IO in the system's words.
 */
#ifndef OPK_BASE_GIT_TAG_H
#define OPK_BASE_GIT_TAG_H

#include "base/err.h"
#include "base/file.h"

#define OPK_TAG_NAME_MAX 240

struct opk_tag_folder {
    struct opk_root root; /* of the Git folder */
    int lock;             /* descriptor of opk-tags */
    int tags;             /* of refs/tags */
};

#define OPK_TAG_FOLDER_CLOSED ((struct opk_tag_folder){.root = OPK_ROOT_CLOSED, -1, -1})

/** Lock a Git folder, and remove what a run that was killed left there. */
OPK_MUST_USE enum opk_status opk_tag_folder_open(const char *path, struct opk_tag_folder *out,
                                                 struct opk_err *err);
void opk_tag_folder_close(struct opk_tag_folder *folder);

/** Lock a name, with an object's id as what it will hold. */
OPK_MUST_USE enum opk_status opk_tag_name_take(const struct opk_tag_folder *folder,
                                               const char *name, const char *id,
                                               struct opk_err *err);

/** The lock becomes the name, on the disk when this returns. */
OPK_MUST_USE enum opk_status opk_tag_name_keep(const struct opk_tag_folder *folder,
                                               const char *name, struct opk_err *err);

/** The lock goes. */
void opk_tag_name_drop(const struct opk_tag_folder *folder, const char *name);

#endif
