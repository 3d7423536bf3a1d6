/*
 * subject.c - a small program that is broken at every system call: see points.sh.
 *
 *     subject write DIR      one transaction over three files of DIR, one of them new
 *     subject recover DIR    finish or drop what an earlier write left
 *     subject replace DIR    replace DIR/a alone
 */
#include "base/txn.h"

#include <stdio.h>
#include <string.h>

static const char *const FILES[] = {"a", "deep/b", "new/folder/c"};

static enum opk_status put_all(const struct opk_root *root, struct opk_txn *txn,
                               struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; status == OPK_OK && i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        struct opk_buf old = OPK_BUF_EMPTY;
        struct opk_buf contents = OPK_BUF_EMPTY;
        bool exists = opk_root_has(root, FILES[i]);
        if (exists)
            status = opk_root_read(root, FILES[i], 1 << 20, &old, err);
        opk_buf_printf(&contents, "the new contents of %s\n", FILES[i]);
        struct opk_str before = opk_buf_str(&old);
        if (status == OPK_OK)
            status =
                opk_txn_put(txn, FILES[i], exists ? &before : NULL, opk_buf_str(&contents), err);
        opk_buf_done(&old);
        opk_buf_done(&contents);
    }
    return status;
}

static enum opk_status run(const char *mode, const char *folder, struct opk_err *err)
{
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_txn *txn = NULL;
    char path[OPK_PATH_MAX];
    enum opk_status status;

    if (strcmp(mode, "replace") == 0) {
        (void)snprintf(path, sizeof(path), "%s/a", folder);
        return opk_file_replace(path, OPK_STR("the new contents of a\n"), err);
    }
    status = opk_root_open(folder, &root, err);
    if (status == OPK_OK)
        status = opk_txn_begin(&root, &txn, err);
    if (status == OPK_OK && strcmp(mode, "write") == 0) {
        status = put_all(&root, txn, err);
        if (status == OPK_OK)
            status = opk_txn_commit(txn, err);
    }
    opk_txn_free(txn);
    opk_root_close(&root);
    return status;
}

int main(int argc, char **argv)
{
    struct opk_err err = {0};

    if (argc != 3) {
        (void)fprintf(stderr, "usage: subject write|recover|replace DIR\n");
        return OPK_EXIT_USAGE;
    }
    enum opk_status status = run(argv[1], argv[2], &err);
    if (status != OPK_OK)
        (void)fprintf(stderr, "subject: %s: %s\n", err.path, err.message);
    return opk_exit_code(status);
}
