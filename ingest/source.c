#include "ingest/source.h"

#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct candidate {
    const char *path; /* in the arena */
    dev_t device;
    ino_t inode;
};

struct collector {
    struct opk_arena *arena;
    const struct opk_notes *notes;
    struct candidate *candidates; /* owned */
    size_t count;
    size_t cap;
    struct opk_err *err;
};

static void tell(const struct collector *collector, const char *path, int error)
{
    struct opk_err err;

    opk_err_set(&err, error == ENOENT ? OPK_E_NOENT : OPK_E_IO, OPK_AT_PATH(path),
                "cannot open: %s", strerror(error));
    opk_notes_tell(collector->notes, &err);
}

static enum opk_status add(struct collector *collector, const char *path, const struct stat *info)
{
    struct candidate *candidates =
        opk_grow(collector->candidates, &collector->cap, collector->count + 1, sizeof(*candidates));

    if (!candidates)
        return opk_fail(collector->err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for a path");
    collector->candidates = candidates;
    candidates[collector->count++] = (struct candidate){path, info->st_dev, info->st_ino};
    return OPK_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted; closes the folder. */
static enum opk_status list_names(struct collector *collector, DIR *folder, const char ***out_names,
                                  size_t *out_count)
{
    const char **names = NULL;
    size_t count = 0;
    size_t cap = 0;
    const struct dirent *entry;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const char **grown = opk_grow(names, &cap, count + 1, sizeof(*names));
        if (!grown) {
            status = opk_fail(collector->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for names");
            break;
        }
        names = grown;
        names[count++] = opk_arena_copy(collector->arena, opk_str_of(entry->d_name)).data;
        status = opk_arena_check(collector->arena, collector->err);
    }
    if (status == OPK_OK && count > 0)
        qsort(names, count, sizeof(*names), compare_names);
    *out_names = names;
    *out_count = count;
    return status;
}

static enum opk_status walk(struct collector *collector, int parent, const char *name,
                            const char *path, unsigned depth);

/* One name in a folder: a file is taken, a folder entered, anything else passed over. */
static enum opk_status visit(struct collector *collector, int folder, const char *name,
                             const char *folder_path, unsigned depth)
{
    struct stat info;
    bool has_slash = opk_str_ends(opk_str_of(folder_path), OPK_STR("/"));
    struct opk_str path =
        opk_arena_printf(collector->arena, "%s%s%s", folder_path, has_slash ? "" : "/", name);
    enum opk_status status = opk_arena_check(collector->arena, collector->err);

    if (status != OPK_OK)
        return status;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        tell(collector, path.data, errno);
        return OPK_OK;
    }
    if (S_ISREG(info.st_mode))
        return add(collector, path.data, &info);
    return S_ISDIR(info.st_mode) ? walk(collector, folder, name, path.data, depth) : OPK_OK;
}

static enum opk_status walk(struct collector *collector, int parent, const char *name,
                            const char *path, unsigned depth)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0);
    const char **names = NULL;
    size_t count = 0;

    if (depth > OPK_SOURCE_DEPTH_MAX) {
        struct opk_err err;
        opk_err_set(&err, OPK_E_LIMIT, OPK_AT_PATH(path), "more than %d folders deep",
                    OPK_SOURCE_DEPTH_MAX);
        opk_notes_tell(collector->notes, &err);
        return OPK_OK;
    }
    int fd = openat(parent, name, flags);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        tell(collector, path, errno);
        if (fd >= 0)
            (void)close(fd);
        return OPK_OK;
    }
    enum opk_status status = list_names(collector, folder, &names, &count);
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = visit(collector, dirfd(folder), names[i], path, depth + 1);
    free(names);
    (void)closedir(folder);
    return status;
}

static enum opk_status take_operand(struct collector *collector, const char *operand)
{
    struct stat info;
    bool is_stdin = strcmp(operand, "-") == 0;
    struct opk_str path = opk_arena_copy(collector->arena, opk_str_of(operand));
    enum opk_status status = opk_arena_check(collector->arena, collector->err);

    if (status != OPK_OK)
        return status;
    if ((is_stdin ? fstat(STDIN_FILENO, &info) : stat(operand, &info)) != 0) {
        tell(collector, operand, errno);
        return OPK_OK;
    }
    if (!is_stdin && S_ISDIR(info.st_mode))
        return walk(collector, AT_FDCWD, operand, path.data, 0);
    return add(collector, path.data, &info);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;

    return strcmp(left->path, right->path);
}

/* Keep the first of each file, told by device and inode. */
static enum opk_status keep_distinct(struct collector *collector, struct opk_sources *sources)
{
    struct opk_map *seen;
    enum opk_status status = opk_map_new(&seen, collector->err);

    if (status != OPK_OK)
        return status;
    sources->paths =
        opk_arena_array(collector->arena, collector->count + 1, sizeof(*sources->paths));
    status = opk_arena_check(collector->arena, collector->err);
    for (size_t i = 0; i < collector->count && status == OPK_OK; i++) {
        const struct candidate *candidate = &collector->candidates[i];
        uint64_t key[2] = {candidate->device, candidate->inode};
        uint32_t index;
        bool is_new;
        status =
            opk_map_add(seen, opk_str_bytes(key, sizeof(key)), &index, &is_new, collector->err);
        if (status == OPK_OK && is_new)
            sources->paths[sources->count++] = candidate->path;
    }
    opk_map_free(seen);
    return status;
}

enum opk_status opk_sources_collect(const char *const *operands, size_t count,
                                    enum opk_source_order order, const struct opk_notes *notes,
                                    struct opk_sources *out_sources, struct opk_err *err)
{
    struct opk_sources sources = {0};
    struct collector collector = {.arena = &sources.arena, .notes = notes, .err = err};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = take_operand(&collector, operands[i]);
    if (status == OPK_OK && order == OPK_SOURCES_BY_PATH && collector.count > 0)
        qsort(collector.candidates, collector.count, sizeof(*collector.candidates),
              compare_candidates);
    if (status == OPK_OK)
        status = keep_distinct(&collector, &sources);
    free(collector.candidates);
    if (status == OPK_OK)
        *out_sources = sources;
    else
        opk_sources_done(&sources);
    return status;
}

void opk_sources_done(struct opk_sources *sources)
{
    opk_arena_done(&sources->arena);
    *sources = (struct opk_sources){0};
}
