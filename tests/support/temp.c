#include "temp.h"

#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 16

void opk_temp_init(struct opk_temp *temp)
{
    const char *base = getenv("TMPDIR");
    struct opk_err err;

    (void)snprintf(temp->path, sizeof(temp->path), "%s/opk-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(temp->path));
    opk_assert_status(temp->path, opk_root_open(temp->path, &temp->root, &err), OPK_OK, &err);
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth is limited, and the tree is the test's own */
static void remove_tree(const char *path, int depth)
{
    DIR *stream = depth < DEPTH_MAX ? opendir(path) : NULL;
    const struct dirent *entry;

    while (stream && (entry = readdir(stream)) != NULL) {
        char child[4096];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
        if (lstat(child, &info) == 0 && S_ISDIR(info.st_mode))
            remove_tree(child, depth + 1);
        else
            (void)unlink(child);
    }
    if (stream)
        (void)closedir(stream);
    (void)rmdir(path);
}

void opk_temp_done(struct opk_temp *temp)
{
    opk_root_close(&temp->root);
    remove_tree(temp->path, 0);
}

const char *opk_temp_path(const struct opk_temp *temp, const char *name)
{
    static char paths[4][4096];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", temp->path, name);
    return path;
}

void opk_temp_write(const struct opk_temp *temp, const char *name, const char *contents)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", temp->path, name);
    for (char *slash = path + strlen(temp->path) + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        assert_true(mkdir(path, 0777) == 0 || errno == EEXIST);
        *slash++ = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(contents, 1, strlen(contents), file), strlen(contents));
    assert_int_equal(fclose(file), 0);
}

void opk_temp_expect(const struct opk_temp *temp, const char *name, const char *contents)
{
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status = opk_root_read(&temp->root, name, 1 << 20, &got, &err);

    opk_assert_status(name, status, contents ? OPK_OK : OPK_E_NOENT, &err);
    if (contents)
        opk_assert_str(name, opk_buf_str(&got), opk_str_of(contents));
    opk_buf_done(&got);
}

void opk_temp_expect_list(const struct opk_temp *temp, const char *folder, const char *names)
{
    struct opk_arena arena = {0};
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_str *items = NULL;
    size_t count = 0;
    struct opk_err err;

    opk_assert_status(folder, opk_root_list(&temp->root, folder, &arena, &items, &count, &err),
                      OPK_OK, &err);
    for (size_t i = 0; i < count; i++) {
        opk_buf_append(&got, items[i]);
        opk_buf_append_byte(&got, '\n');
    }
    opk_assert_str(folder, opk_buf_str(&got), opk_str_of(names));
    opk_buf_done(&got);
    opk_arena_done(&arena);
}
