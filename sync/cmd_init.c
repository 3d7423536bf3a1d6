/* opk init: a pattern repository, ready to use. */
#include "sync/cmd_sync.h"

#include "base/file.h"
#include "base/txn.h"
#include "sync/init.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A new folder, or one that is there. */
static enum opk_status make_folder(const char *path, struct opk_err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return OPK_OK;
    return opk_fail(err, OPK_E_IO, OPK_AT_PATH(path), "cannot make this folder: %s",
                    strerror(errno));
}

/* Nothing of ours may be there: init writes a new repository and never changes one. */
static enum opk_status check_new(const struct opk_root *root, struct opk_err *err)
{
    for (size_t i = 0; i < OPK_INIT_COUNT; i++) {
        if (opk_root_has(root, OPK_INIT_FILES[i].path))
            return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(OPK_INIT_FILES[i].path),
                            "this file is there already; init writes into a folder without it");
    }
    return OPK_OK;
}

static enum opk_status write_all(const struct opk_root *root, struct opk_err *err)
{
    struct opk_txn *txn = NULL;
    enum opk_status status = opk_txn_begin(root, &txn, err);

    if (status == OPK_OK)
        status = check_new(root, err);
    for (size_t i = 0; i < OPK_INIT_COUNT && status == OPK_OK; i++) {
        const struct opk_init_file *file = &OPK_INIT_FILES[i];
        status = opk_txn_put(txn, file->path, NULL, opk_str_bytes(file->data, file->len), err);
    }
    if (status == OPK_OK)
        status = opk_txn_commit(txn, err);
    opk_txn_free(txn);
    return status;
}

static int run_init(struct opk_cli *cli, const void *values)
{
    const char *dir = cli->operands[0];
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status = make_folder(dir, &err);

    (void)values;
    if (status == OPK_OK)
        status = opk_root_open(dir, &root, &err);
    if (status == OPK_OK)
        status = write_all(&root, &err);
    opk_root_close(&root);
    if (status == OPK_OK) {
        opk_buf_printf(&text,
                       "wrote %zu files to %s\n"
                       "next: cd %s && opk guard\n",
                       OPK_INIT_COUNT, dir, dir);
        status = opk_cli_write(cli, &text, &err);
    }
    opk_buf_done(&text);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_INIT = {
    .name = "init",
    .stage = "pattern repository",
    .summary = "write a pattern repository with one worked pattern, ready to use",
    .operands = "DIR",
    .details = "DIR is made when it is not there. Files that are there are never changed: where\n"
               "one of the repository's own paths is taken, nothing is written.",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_init,
};
