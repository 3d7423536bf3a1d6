/* opk init: a pattern repository, ready to use. */
#include "sync/cmd_sync.h"

#include "base/file.h"
#include "base/txn.h"
#include "sync/init.h"
#include "sync/schemas.h"

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

/* One new file. Init writes a new repository and never changes one. */
static enum opk_status put_new(const struct opk_root *root, struct opk_txn *txn, const char *path,
                               struct opk_str text, struct opk_err *err)
{
    if (opk_root_has(root, path))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path),
                        "this file is there already; init writes into a folder without it");
    return opk_txn_put(txn, path, NULL, text, err);
}

/* The schemas that the first lines of generated files name, for editors. */
static enum opk_status put_schemas(const struct opk_root *root, struct opk_txn *txn,
                                   struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < OPK_SCHEMA_COUNT && status == OPK_OK; i++) {
        const struct opk_embedded *schema = &OPK_SCHEMA_FILES[i];
        struct opk_buf path = OPK_BUF_EMPTY;
        opk_buf_printf(&path, "schemas/%s.schema.json", schema->name);
        status = opk_buf_check(&path, err);
        if (status == OPK_OK)
            status = put_new(root, txn, opk_buf_cstr(&path),
                             opk_str_bytes(schema->bytes, schema->size), err);
        opk_buf_done(&path);
    }
    return status;
}

static enum opk_status write_all(const struct opk_root *root, struct opk_err *err)
{
    struct opk_txn *txn = NULL;
    enum opk_status status = opk_txn_begin(root, &txn, err);

    for (size_t i = 0; i < OPK_INIT_COUNT && status == OPK_OK; i++) {
        const struct opk_embedded *file = &OPK_INIT_FILES[i];
        status = put_new(root, txn, file->name, opk_str_bytes(file->bytes, file->size), err);
    }
    if (status == OPK_OK)
        status = put_schemas(root, txn, err);
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
                       "wrote a pattern repository to %s\n"
                       "next: cd %s && opk guard\n",
                       dir, dir);
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
