#include "sync/files.h"

#include "base/mem.h"

#include <stdlib.h>

enum opk_status opk_files_new(const struct opk_root *root, struct opk_files *out_files,
                              struct opk_err *err)
{
    *out_files = (struct opk_files){.root = root};
    return opk_map_new(&out_files->paths, err);
}

void opk_files_done(struct opk_files *files)
{
    opk_map_free(files->paths);
    free(files->items);
    free(files->made);
    opk_arena_done(&files->arena);
    *files = (struct opk_files){0};
}

static enum opk_status read_file(struct opk_files *files, struct opk_file *file,
                                 struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status =
        opk_root_read(files->root, file->path, OPK_FILES_BYTES_MAX, &text, err);

    if (status == OPK_E_NOENT) {
        status = OPK_OK;
    } else if (status == OPK_OK) {
        file->exists = true;
        file->old = opk_arena_copy(&files->arena, opk_buf_str(&text));
        file->now = file->old;
        status = opk_arena_check(&files->arena, err);
    }
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_files_open(struct opk_files *files, struct opk_str path,
                               struct opk_file **out_file, struct opk_err *err)
{
    uint32_t index;
    bool is_new;
    struct opk_file *file;
    enum opk_status status;

    if (opk_map_find(files->paths, path, &index)) {
        *out_file = files->items[index];
        return OPK_OK;
    }
    file = opk_arena_alloc(&files->arena, sizeof(*file));
    if (!file)
        return opk_arena_check(&files->arena, err);
    *file = (struct opk_file){.path = opk_arena_copy(&files->arena, path).data,
                              .old = OPK_STR_EMPTY,
                              .now = OPK_STR_EMPTY};
    status = read_file(files, file, err);
    if (status != OPK_OK)
        return status;
    size_t count = opk_map_count(files->paths);
    struct opk_file **grown =
        opk_grow(files->items, &files->cap, count + 1, sizeof(struct opk_file *));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a list of files");
    files->items = grown;
    files->items[count] = file;
    status = opk_map_add(files->paths, path, &index, &is_new, err);
    if (status == OPK_OK)
        *out_file = file;
    return status;
}

/* A file that was not there has its first text. */
static enum opk_status add_made(struct opk_files *files, struct opk_file *file, struct opk_err *err)
{
    struct opk_file **grown =
        opk_grow(files->made, &files->made_cap, files->made_count + 1, sizeof(struct opk_file *));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a list of files");
    files->made = grown;
    files->made[files->made_count++] = file;
    return OPK_OK;
}

enum opk_status opk_files_set(struct opk_files *files, struct opk_file *file, struct opk_str text,
                              struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (!file->exists && file->now.len == 0 && text.len > 0)
        status = add_made(files, file, err);
    file->now = opk_str_eq(text, file->old) ? file->old : opk_arena_copy(&files->arena, text);
    return status == OPK_OK ? opk_arena_check(&files->arena, err) : status;
}

bool opk_file_changed(const struct opk_file *file)
{
    return file->now.data != file->old.data && !opk_str_eq(file->now, file->old);
}

static int compare_paths(const void *left, const void *right)
{
    const struct opk_file *const *a = left;
    const struct opk_file *const *b = right;

    return opk_str_cmp(opk_str_of((*a)->path), opk_str_of((*b)->path));
}

enum opk_status opk_files_changed(struct opk_files *files, struct opk_file *const **out_files,
                                  size_t *out_count, struct opk_err *err)
{
    uint32_t count = opk_map_count(files->paths);
    struct opk_file **changed =
        opk_arena_array(&files->arena, count + 1, sizeof(struct opk_file *));
    size_t found = 0;

    if (!changed)
        return opk_arena_check(&files->arena, err);
    for (uint32_t i = 0; i < count; i++) {
        if (opk_file_changed(files->items[i]))
            changed[found++] = files->items[i];
    }
    qsort(changed, found, sizeof(struct opk_file *), compare_paths);
    *out_files = changed;
    *out_count = found;
    return OPK_OK;
}

bool opk_file_is_there(const struct opk_file *file)
{
    return file->exists || file->now.len > 0;
}

static int compare_names(const void *left, const void *right)
{
    return opk_str_cmp(*(const struct opk_str *)left, *(const struct opk_str *)right);
}

enum opk_status opk_files_new_in(struct opk_files *files, struct opk_str folder,
                                 struct opk_str **out_names, size_t *out_count, struct opk_err *err)
{
    struct opk_str *names = opk_arena_array(&files->arena, files->made_count + 1, sizeof(*names));
    size_t len = folder.len;
    size_t found = 0;

    if (!names)
        return opk_arena_check(&files->arena, err);
    while (len > 0 && folder.data[len - 1] == '/')
        len--;
    for (size_t i = 0; i < files->made_count; i++) {
        struct opk_str path = opk_str_of(files->made[i]->path);
        struct opk_str name = opk_str_skip(path, len + 1);
        if (opk_str_starts(path, opk_str_slice(folder, 0, len)) && name.len > 0 &&
            path.data[len] == '/' && opk_str_find_byte(name, '/', 0) == OPK_NPOS)
            names[found++] = name;
    }
    qsort(names, found, sizeof(*names), compare_names);
    *out_names = names;
    *out_count = found;
    return OPK_OK;
}
