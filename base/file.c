#include "base/file.h"

#include "base/file_fd.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/scan.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Paths as text -----------------------------------------------------------------------------
 */

/* Code points that HFS+ drops from names: ".g<U+200C>it" is ".git" there. */
static bool is_ignorable(uint32_t code_point)
{
    return (code_point >= 0x200C && code_point <= 0x200F) ||
           (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x206A && code_point <= 0x206F) || code_point == 0xFEFF;
}

/*
 * Would some file system open .git for this name? Case is folded, ignorable code points dropped,
 * NTFS streams (".git:x"), trailing dots and blanks cut; git~1 is its short name on FAT.
 */
static bool is_git_folder(struct opk_str name)
{
    char folded[OPK_NAME_MAX];
    size_t len = 0;

    /* What begins neither with these nor with a code point that may be dropped is another name. */
    if (!strchr(".gG", name.data[0]) && (unsigned char)name.data[0] < 0x80)
        return false;
    while (name.len > 0 && name.data[0] != ':') {
        uint32_t code_point;
        size_t width = opk_utf8_decode(name, &code_point);
        if (!is_ignorable(code_point))
            folded[len++] = code_point < 0x80 ? opk_to_lower((char)code_point) : '?';
        name = opk_str_skip(name, width);
    }
    while (len > 0 && (folded[len - 1] == ' ' || folded[len - 1] == '.'))
        len--;
    struct opk_str text = opk_str_bytes(folded, len);
    return opk_str_eq(text, OPK_STR(".git")) || opk_str_eq(text, OPK_STR("git~1"));
}

static const char *byte_problem(struct opk_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.data[i] < 0x20 || path.data[i] == 0x7f)
            return "a path holds no control characters";
        if (path.data[i] == '\\')
            return "folders are separated by '/', not by a backslash";
    }
    return NULL;
}

static const char *name_problem(struct opk_str name)
{
    if (name.len == 0)
        return "a path has no empty component";
    if (opk_str_eq(name, OPK_STR(".")) || opk_str_eq(name, OPK_STR("..")))
        return "a path has no '.' or '..' component";
    if (is_git_folder(name))
        return "nothing under .git is touched";
    return NULL;
}

static enum opk_status refuse_path(struct opk_str path, const char *why, struct opk_err *err)
{
    char text[OPK_ERR_PATH_MAX];
    size_t len = path.len < sizeof(text) ? path.len : sizeof(text) - 1;

    memcpy(text, path.data, len);
    text[len] = '\0';
    return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(text), "path refused: %s", why);
}

/* Letters, digits and "_-." between single slashes, no name beginning with a dot: most paths. */
static bool is_usual_path(struct opk_str path)
{
    if (path.len == 0 || path.len > OPK_NAME_MAX || opk_scan_path(path, 0) < path.len)
        return false;
    for (size_t at = 0; at < path.len;) {
        if (path.data[at] == '/' || path.data[at] == '.')
            return false;
        size_t slash = opk_str_find_byte(path, '/', at);
        at = slash == OPK_NPOS ? path.len : slash + 1;
    }
    return path.data[path.len - 1] != '/';
}

enum opk_status opk_path_check(struct opk_str path, struct opk_err *err)
{
    struct opk_str rest = path;
    const char *problem;

    if (is_usual_path(path))
        return OPK_OK;
    problem = byte_problem(path);
    if (path.len > OPK_PATH_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "a path of %zu bytes; the limit is %d",
                        path.len, OPK_PATH_MAX);
    if (problem)
        return refuse_path(path, problem, err);
    if (path.len == 0)
        return refuse_path(path, "it is empty", err);
    if (path.data[0] == '/')
        return refuse_path(path, "it is absolute", err);
    if (path.data[path.len - 1] == '/')
        rest = opk_str_slice(path, 0, path.len - 1);

    struct opk_split split = OPK_SPLIT(rest, '/');
    struct opk_str name;
    while (opk_split_next(&split, &name)) {
        if (name.len > OPK_NAME_MAX)
            return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                            "a path component of %zu bytes; the limit is %d", name.len,
                            OPK_NAME_MAX);
        problem = name_problem(name);
        if (problem)
            return refuse_path(path, problem, err);
    }
    return OPK_OK;
}

/* --- Opening beneath a root --------------------------------------------------------------------
 */

/* Open name in folder without following a link; errno is ELOOP for one, whatever the flags. */
static int open_name(int folder, const char *name, int flags)
{
    struct stat info;
    int fd;

    do
        fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && errno == ENOTDIR) {
        bool link = fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
        errno = link ? ELOOP : ENOTDIR;
    }
    return fd;
}

/* Make a folder that may be there already, and have its name survive a crash. */
static int make_folder(int parent, const char *name)
{
    if (mkdirat(parent, name, 0777) == 0)
        return fsync(parent);
    return errno == EEXIST ? 0 : -1;
}

/*
 * Open the folder of the first len bytes of path, one component after the other. Since a checked
 * path has no "..", and no link is followed, this never leaves root.
 */
static int open_folder_walking(int root, const char *path, size_t len, bool create)
{
    struct opk_split split = OPK_SPLIT(opk_str_bytes(path, len), '/');
    struct opk_str part;
    int folder = open_name(root, ".", O_RDONLY | O_DIRECTORY);

    while (folder >= 0 && len > 0 && opk_split_next(&split, &part)) {
        char name[OPK_NAME_MAX + 1];
        int next = -1;
        if (part.len == 0) /* the trailing slash */
            break;
        memcpy(name, part.data, part.len);
        name[part.len] = '\0';
        if (!create || make_folder(folder, name) == 0)
            next = open_name(folder, name, O_RDONLY | O_DIRECTORY);
        opk_fd_drop(folder);
        folder = next;
    }
    return folder;
}

/* Where the last component of a checked path begins. */
static size_t last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

static int open_walking(int root, const char *path, int flags)
{
    size_t split = last_name(path);
    int folder = open_folder_walking(root, path, split, false);
    int fd = -1;

    if (folder >= 0)
        fd = open_name(folder, path[split] ? path + split : ".", flags);
    opk_fd_drop(folder);
    return fd;
}

/* The kernel's own confinement where it has it; the walk is as strict, only slower. */
static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned long long)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd;

    do
        fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_walking(root, path, flags);
    return (int)fd;
}

/* A path as the user wrote it. */
static int open_again(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

enum opk_status opk_root_open(const char *path, struct opk_root *out_root, struct opk_err *err)
{
    int fd = open_again(path, O_PATH | O_DIRECTORY);

    if (fd < 0)
        return opk_fail_errno(err, path, "opening the folder", errno);
    out_root->fd = fd;
    return OPK_OK;
}

enum opk_status opk_folder_resolve(const char *folder, struct opk_buf *out, struct opk_err *err)
{
    char *path = realpath(folder, NULL);

    if (!path)
        return opk_fail_errno(err, folder, "finding the folder", errno);
    opk_buf_append_cstr(out, path);
    free(path);
    return opk_buf_check(out, err);
}

void opk_root_close(struct opk_root *root)
{
    opk_fd_drop(root->fd);
    *root = OPK_ROOT_CLOSED;
}

enum opk_status opk_root_open_parent(const struct opk_root *root, const char *path, bool create,
                                     int *out_folder, const char **out_name, struct opk_err *err)
{
    enum opk_status status = opk_path_check(opk_str_of(path), err);
    size_t split = last_name(path);

    if (status != OPK_OK)
        return status;
    if (!path[split])
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "a folder, where a file is meant");
    int folder = open_folder_walking(root->fd, path, split, create);
    if (folder < 0)
        return opk_fail_errno(err, path, create ? "making its folder" : "opening its folder",
                              errno);
    *out_folder = folder;
    *out_name = path + split;
    return OPK_OK;
}

/* --- Reading -----------------------------------------------------------------------------------
 */

/* Non-blocking, so that a FIFO in a file's place is refused rather than waited for. */
static int open_regular(const struct opk_root *root, const char *path, bool *out_regular)
{
    struct stat info;
    int fd = open_beneath(root->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

    *out_regular = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    return fd;
}

enum opk_status opk_root_read(const struct opk_root *root, const char *path, size_t max,
                              struct opk_buf *out, struct opk_err *err)
{
    enum opk_status status = opk_path_check(opk_str_of(path), err);
    bool regular;

    if (status != OPK_OK)
        return status;
    int fd = open_regular(root, path, &regular);
    if (fd < 0)
        return opk_fail_errno(err, path, "opening", errno);
    if (regular)
        status = opk_fd_read(fd, path, max, out, err);
    else
        status = opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "not a regular file");
    opk_fd_drop(fd);
    return status;
}

bool opk_root_has(const struct opk_root *root, const char *path)
{
    bool regular = false;

    if (opk_path_check(opk_str_of(path), NULL) == OPK_OK)
        opk_fd_drop(open_regular(root, path, &regular));
    return regular;
}

bool opk_root_has_folder(const struct opk_root *root, const char *path)
{
    if (opk_path_check(opk_str_of(path), NULL) != OPK_OK)
        return false;
    int fd = open_beneath(root->fd, path, O_RDONLY | O_DIRECTORY);
    opk_fd_drop(fd);
    return fd >= 0;
}

static int compare_names(const void *a, const void *b)
{
    return opk_str_cmp(*(const struct opk_str *)a, *(const struct opk_str *)b);
}

static bool is_folder(int folder, const struct dirent *entry)
{
    struct stat info;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* A folder's names in the system's order: owned by the caller, their texts in the arena. */
struct names {
    struct opk_str *items;
    size_t count;
    size_t cap;
};

static enum opk_status add_name(struct names *names, struct opk_arena *arena, int folder,
                                const struct dirent *entry)
{
    struct opk_str *grown =
        opk_grow(names->items, &names->cap, names->count + 1, sizeof(*names->items));

    if (!grown)
        return OPK_E_NOMEM;
    names->items = grown;
    names->items[names->count++] =
        opk_arena_printf(arena, "%s%s", entry->d_name, is_folder(folder, entry) ? "/" : "");
    return arena->failed ? OPK_E_NOMEM : OPK_OK;
}

static enum opk_status read_names(DIR *stream, const char *path, struct opk_arena *arena,
                                  struct names *names, struct opk_err *err)
{
    const struct dirent *entry;

    for (;;) {
        errno = 0;
        entry = readdir(stream);
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (add_name(names, arena, dirfd(stream), entry) != OPK_OK)
            return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for the folder's list");
    }
    return errno == 0 ? OPK_OK : opk_fail_errno(err, path, "reading the folder", errno);
}

enum opk_status opk_root_list(const struct opk_root *root, const char *path,
                              struct opk_arena *arena, struct opk_str **out_names,
                              size_t *out_count, struct opk_err *err)
{
    struct names names = {0};
    DIR *stream = NULL;
    struct opk_str *sorted;
    enum opk_status status = path[0] ? opk_path_check(opk_str_of(path), err) : OPK_OK;

    if (status != OPK_OK)
        return status;
    int fd = path[0] ? open_beneath(root->fd, path, O_RDONLY | O_DIRECTORY)
                     : open_name(root->fd, ".", O_RDONLY | O_DIRECTORY);
    if (fd >= 0)
        stream = fdopendir(fd);
    if (!stream) {
        status = opk_fail_errno(err, path, "opening the folder", errno);
        opk_fd_drop(fd);
        return status;
    }
    status = read_names(stream, path, arena, &names, err);
    (void)closedir(stream);
    if (status != OPK_OK)
        goto out;
    sorted = opk_arena_array(arena, names.count + 1, sizeof(*sorted));
    if (!sorted) {
        status = opk_arena_check(arena, err);
        goto out;
    }
    if (names.count > 0) {
        memcpy(sorted, names.items, names.count * sizeof(*sorted));
        qsort(sorted, names.count, sizeof(*sorted), compare_names);
    }
    *out_names = sorted;
    *out_count = names.count;
out:
    free(names.items);
    return status;
}

enum opk_status opk_file_read(const char *path, size_t max, struct opk_buf *out,
                              struct opk_err *err)
{
    enum opk_status status;
    int fd;

    if (strcmp(path, "-") == 0)
        return opk_fd_read(STDIN_FILENO, "standard input", max, out, err);
    fd = open_again(path, O_RDONLY | O_NOCTTY);
    if (fd < 0)
        return opk_fail_errno(err, path, "opening", errno);
    status = opk_fd_read(fd, path, max, out, err);
    opk_fd_drop(fd);
    return status;
}

/* --- Replacing ---------------------------------------------------------------------------------
 */

#define TEMP_NAME_SIZE 32

/* One fixed name for each file, so that a killed run's leftover is found and used again. */
static void temp_name(const char *name, char out[TEMP_NAME_SIZE])
{
    char digits[OPK_HASH128_TEXT];

    opk_hash128_text(opk_hash128(opk_str_of(name)), digits);
    (void)snprintf(out, TEMP_NAME_SIZE, ".opk-%.16s.tmp", digits);
}

/* Does the name still stand for the open file, which nothing else links to? */
static bool is_ours(int folder, const char *name, int fd)
{
    struct stat by_fd;
    struct stat by_name;

    return fstat(fd, &by_fd) == 0 && fstatat(folder, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
           by_fd.st_dev == by_name.st_dev && by_fd.st_ino == by_name.st_ino &&
           S_ISREG(by_fd.st_mode) && by_fd.st_nlink == 1;
}

/*
 * Open the temporary file, locked and empty. The lock keeps two writers apart; a name that moved
 * between open and lock means that the other one has just finished.
 */
static enum opk_status open_temp(int folder, const char *temp, const char *path, int *out_fd,
                                 struct opk_err *err)
{
    int fd;

    do
        fd = openat(folder, temp, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return opk_fail_errno(err, path, "creating its replacement", errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_ours(folder, temp, fd)) {
        opk_fd_drop(fd);
        return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(path),
                        "another process is replacing this file (%s)", temp);
    }
    if (ftruncate(fd, 0) != 0) {
        enum opk_status status = opk_fail_errno(err, path, "emptying its replacement", errno);
        opk_fd_drop(fd);
        return status;
    }
    *out_fd = fd;
    return OPK_OK;
}

/* The lock must outlive the rename, yet a close can fail: close a second descriptor of the file. */
static enum opk_status close_copy(int fd, const char *path, struct opk_err *err)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return opk_fail_errno(err, path, "closing", errno);
    return opk_fd_close(copy, path, err);
}

static enum opk_status replace_in(int folder, const char *name, const char *path,
                                  struct opk_str contents, struct opk_err *err)
{
    struct opk_file_state old;
    char temp[TEMP_NAME_SIZE];
    enum opk_status status = opk_name_state(folder, name, path, &old, err);
    int fd = -1;

    if (status != OPK_OK)
        return status;
    temp_name(name, temp);
    status = open_temp(folder, temp, path, &fd, err);
    if (status != OPK_OK)
        return status;
    status = opk_fd_fill(fd, path, contents, &old, err);
    if (status == OPK_OK)
        status = close_copy(fd, path, err);
    if (status == OPK_OK && renameat(folder, temp, folder, name) != 0)
        status = opk_fail_errno(err, path, "renaming its replacement", errno);
    if (status == OPK_OK)
        status = opk_fd_sync(folder, path, err);
    else
        (void)unlinkat(folder, temp, 0);
    opk_fd_drop(fd);
    return status;
}

enum opk_status opk_file_replace(const char *path, struct opk_str contents, struct opk_err *err)
{
    size_t split = last_name(path);
    char folder_path[OPK_PATH_MAX + 1];
    enum opk_status status;

    if (split > OPK_PATH_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path), "a path longer than %d bytes",
                        OPK_PATH_MAX);
    if (!path[split] || strcmp(path + split, ".") == 0 || strcmp(path + split, "..") == 0)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "a folder, where a file is meant");
    memcpy(folder_path, split ? path : ".", split ? split : 1);
    folder_path[split ? split : 1] = '\0';
    int folder = open_again(folder_path, O_RDONLY | O_DIRECTORY);
    if (folder < 0)
        return opk_fail_errno(err, path, "opening its folder", errno);
    status = replace_in(folder, path + split, path, contents, err);
    opk_fd_drop(folder);
    return status;
}
