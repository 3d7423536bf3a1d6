#include "base/file_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_FIRST ((size_t)8 << 10) /* most files are smaller */
#define READ_CHUNK ((size_t)64 << 10)

/* Errors that mean more than their words; everything else is OPK_E_IO. */
static const struct {
    int number;
    enum opk_status status;
    const char *words; /* NULL: the system's own */
} ERRNOS[] = {
    {ENOENT, OPK_E_NOENT, "no such file or folder"},
    {ENOTDIR, OPK_E_REFUSED, "a part of the path is not a folder"},
    {ELOOP, OPK_E_REFUSED, "a part of the path is a symbolic link"},
    {EXDEV, OPK_E_REFUSED, "the path leaves its root"},
    {EISDIR, OPK_E_REFUSED, "it is a folder"},
    {ENAMETOOLONG, OPK_E_LIMIT, NULL},
    {ENOMEM, OPK_E_NOMEM, NULL},
};

enum opk_status opk_fail_errno(struct opk_err *err, const char *path, const char *doing, int number)
{
    char words[128];

    if (strerror_r(number, words, sizeof(words)) != 0)
        words[0] = '\0';
    for (size_t i = 0; i < sizeof(ERRNOS) / sizeof(ERRNOS[0]); i++) {
        if (ERRNOS[i].number == number)
            return opk_fail(err, ERRNOS[i].status, OPK_AT_PATH(path), "%s: %s", doing,
                            ERRNOS[i].words ? ERRNOS[i].words : words);
    }
    return opk_fail(err, OPK_E_IO, OPK_AT_PATH(path), "%s: %s", doing, words);
}

enum opk_status opk_fd_read(int fd, const char *path, size_t max, struct opk_buf *out,
                            struct opk_err *err)
{
    size_t total = 0;

    for (;;) {
        /* After a short read the room that is left is enough to see the end. */
        if (out->cap - out->len < 2 && !opk_buf_reserve(out, total == 0 ? READ_FIRST : READ_CHUNK))
            return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory to read the file");
        ssize_t got = read(fd, out->data + out->len, out->cap - out->len - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return opk_fail_errno(err, path, "reading", errno);
        if (got == 0)
            return OPK_OK;
        if ((size_t)got > max - total)
            return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path),
                            "larger than the limit of %zu bytes", max);
        total += (size_t)got;
        out->len += (size_t)got;
    }
}

enum opk_status opk_fd_write(int fd, const char *path, struct opk_str bytes, struct opk_err *err)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return opk_fail_errno(err, path, "writing", errno);
        /* A file system that takes nothing and names no reason would keep us here for ever. */
        if (put == 0)
            return opk_fail(err, OPK_E_IO, OPK_AT_PATH(path), "writing: no byte was taken");
        bytes = opk_str_skip(bytes, (size_t)put);
    }
    return OPK_OK;
}

enum opk_status opk_fd_sync(int fd, const char *path, struct opk_err *err)
{
    int result;

    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0 ? OPK_OK : opk_fail_errno(err, path, "syncing", errno);
}

enum opk_status opk_fd_close(int fd, const char *path, struct opk_err *err)
{
    /* On Linux the descriptor is gone after EINTR too; trying again could close another's. */
    if (close(fd) != 0 && errno != EINTR)
        return opk_fail_errno(err, path, "closing", errno);
    return OPK_OK;
}

void opk_fd_drop(int fd)
{
    int kept = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = kept;
}

enum opk_status opk_name_state(int folder, const char *name, const char *path,
                               struct opk_file_state *out_state, struct opk_err *err)
{
    struct stat info;

    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            return opk_fail_errno(err, path, "looking at it", errno);
        *out_state = (struct opk_file_state){.exists = false};
        return OPK_OK;
    }
    if (S_ISLNK(info.st_mode))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path),
                        "a symbolic link is not written through; name the file itself");
    if (!S_ISREG(info.st_mode))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "not a regular file");
    if (info.st_nlink != 1)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path),
                        "the file has %llu hard links, which replacing it would part",
                        (unsigned long long)info.st_nlink);
    *out_state =
        (struct opk_file_state){true, info.st_mode & (mode_t)07777, info.st_uid, info.st_gid};
    return OPK_OK;
}

/* Owner first: a change of owner may clear mode bits. */
static enum opk_status keep_mode_and_owner(int fd, const char *path,
                                           const struct opk_file_state *old, struct opk_err *err)
{
    struct stat now;

    if (fstat(fd, &now) != 0)
        return opk_fail_errno(err, path, "looking at its replacement", errno);
    if ((now.st_uid != old->owner || now.st_gid != old->group) &&
        fchown(fd, old->owner, old->group) != 0)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path),
                        "its owner and group (%llu:%llu) cannot be kept",
                        (unsigned long long)old->owner, (unsigned long long)old->group);
    if (fchmod(fd, old->mode) != 0)
        return opk_fail_errno(err, path, "keeping its mode", errno);
    return OPK_OK;
}

enum opk_status opk_fd_fill(int fd, const char *path, struct opk_str contents,
                            const struct opk_file_state *old, struct opk_err *err)
{
    enum opk_status status = opk_fd_write(fd, path, contents, err);

    if (status == OPK_OK && old->exists)
        status = keep_mode_and_owner(fd, path, old, err);
    if (status == OPK_OK)
        status = opk_fd_sync(fd, path, err);
    return status;
}
