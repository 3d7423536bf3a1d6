#include "base/git_tag.h"

#include "base/arena.h"
#include "base/file_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST "opk-tag-" /* and the tag's name */
#define LOCK  ".lock"

/* The names of a tag's two files; both fit, as sizes are checked before. */
struct names {
    char first[OPK_TAG_NAME_MAX + sizeof(FIRST)];
    char lock[OPK_TAG_NAME_MAX + sizeof(LOCK)];
};

static struct names names_of(const char *tag)
{
    struct names names;

    (void)snprintf(names.first, sizeof(names.first), FIRST "%s", tag);
    (void)snprintf(names.lock, sizeof(names.lock), "%s" LOCK, tag);
    return names;
}

static bool is_same_file(int one_folder, const char *one, int other_folder, const char *other)
{
    struct stat first;
    struct stat second;

    return fstatat(one_folder, one, &first, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(other_folder, other, &second, AT_SYMLINK_NOFOLLOW) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* What is left of names that were being given: a lock is ours when it is the same file. */
static enum opk_status settle(const struct opk_tag_folder *folder, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_str *found;
    size_t count = 0;
    enum opk_status status = opk_root_list(&folder->root, "", &arena, &found, &count, err);

    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (!opk_str_starts(found[i], OPK_STR(FIRST)) ||
            found[i].len >= sizeof(FIRST) + OPK_TAG_NAME_MAX)
            continue;
        struct names names = names_of(found[i].data + strlen(FIRST));
        if (is_same_file(folder->root.fd, names.first, folder->tags, names.lock))
            (void)unlinkat(folder->tags, names.lock, 0);
        if (unlinkat(folder->root.fd, names.first, 0) != 0)
            status = opk_fail_errno(err, names.first, "removing what a killed run left", errno);
    }
    opk_arena_done(&arena);
    return status;
}

static int open_again(int folder, const char *name, int flags)
{
    int fd;

    do
        fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static enum opk_status lock_folder(struct opk_tag_folder *folder, struct opk_err *err)
{
    int code;

    folder->lock = open_again(folder->root.fd, "opk-tags", O_RDWR | O_CREAT);
    if (folder->lock < 0)
        return opk_fail_errno(err, "opk-tags", "opening the lock in the Git folder", errno);
    do
        code = flock(folder->lock, LOCK_EX | LOCK_NB);
    while (code != 0 && errno == EINTR);
    if (code != 0 && errno == EWOULDBLOCK)
        return opk_fail(err, OPK_E_CONFLICT, OPK_NOWHERE,
                        "another opk makes tags in this Git repository");
    return code == 0 ? OPK_OK : opk_fail_errno(err, "opk-tags", "locking", errno);
}

enum opk_status opk_tag_folder_open(const char *path, struct opk_tag_folder *out,
                                    struct opk_err *err)
{
    enum opk_status status;

    *out = OPK_TAG_FOLDER_CLOSED;
    status = opk_root_open(path, &out->root, err);
    if (status == OPK_OK)
        status = lock_folder(out, err);
    if (status == OPK_OK) {
        (void)mkdirat(out->root.fd, "refs/tags", 0777); /* some tools leave it out */
        out->tags = open_again(out->root.fd, "refs/tags", O_RDONLY | O_DIRECTORY);
        if (out->tags < 0)
            status = opk_fail_errno(err, "refs/tags", "opening", errno);
    }
    if (status == OPK_OK)
        status = settle(out, err);
    if (status != OPK_OK)
        opk_tag_folder_close(out);
    return status;
}

void opk_tag_folder_close(struct opk_tag_folder *folder)
{
    opk_fd_drop(folder->tags);
    opk_fd_drop(folder->lock);
    opk_root_close(&folder->root);
    *folder = OPK_TAG_FOLDER_CLOSED;
}

/* The file that the lock will be a name of, with its contents on the disk. */
static enum opk_status write_first(const struct opk_tag_folder *folder, const char *first,
                                   const char *id, struct opk_err *err)
{
    char line[128];
    int fd = open_again(folder->root.fd, first, O_WRONLY | O_CREAT | O_EXCL);
    enum opk_status status;

    if (fd < 0)
        return opk_fail_errno(err, first, "making a file in the Git folder", errno);
    (void)snprintf(line, sizeof(line), "%s\n", id);
    status = opk_fd_write(fd, first, opk_str_of(line), err);
    if (status == OPK_OK)
        status = opk_fd_sync(fd, first, err);
    if (status != OPK_OK)
        opk_fd_drop(fd);
    return status == OPK_OK ? opk_fd_close(fd, first, err) : status;
}

enum opk_status opk_tag_name_take(const struct opk_tag_folder *folder, const char *name,
                                  const char *id, struct opk_err *err)
{
    struct names names;
    enum opk_status status;

    if (strlen(name) > OPK_TAG_NAME_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "a tag's name has at most %d bytes",
                        OPK_TAG_NAME_MAX);
    names = names_of(name);
    status = write_first(folder, names.first, id, err);
    if (status == OPK_OK &&
        linkat(folder->root.fd, names.first, folder->tags, names.lock, 0) != 0) {
        if (errno == EEXIST)
            status =
                opk_fail(err, OPK_E_CONFLICT, OPK_NOWHERE,
                         "Git holds a lock, refs/tags/%s; when no Git runs, delete it", names.lock);
        else
            status = opk_fail_errno(err, names.lock, "locking the name of a tag", errno);
    }
    if (status != OPK_OK)
        (void)unlinkat(folder->root.fd, names.first, 0);
    return status;
}

enum opk_status opk_tag_name_keep(const struct opk_tag_folder *folder, const char *name,
                                  struct opk_err *err)
{
    struct names names = names_of(name);
    enum opk_status status = OPK_OK;

    if (renameat(folder->tags, names.lock, folder->tags, name) != 0) {
        status = opk_fail_errno(err, name, "naming a tag", errno);
        opk_tag_name_drop(folder, name);
        return status;
    }
    status = opk_fd_sync(folder->tags, "refs/tags", err);
    (void)unlinkat(folder->root.fd, names.first, 0); /* the next opening tries again */
    return status;
}

void opk_tag_name_drop(const struct opk_tag_folder *folder, const char *name)
{
    struct names names = names_of(name);

    (void)unlinkat(folder->tags, names.lock, 0);
    (void)unlinkat(folder->root.fd, names.first, 0);
}
