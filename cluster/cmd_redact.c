/*
 * opk redact - commands in, the same without their secrets out.
 */
#include "cluster/cmd_cluster.h"
#include "cluster/redact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct values {
    bool null;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("null", '0', FLAG, NULL, "records end in NUL, not in newline", struct values, null),
    OPK_OPT_END,
};

/* One record after the other, so that memory follows the longest and not the whole. */
static enum opk_status redact_records(const struct opk_cli *cli, FILE *in, int end,
                                      struct opk_err *err)
{
    struct opk_redactor *redactor = NULL;
    struct opk_buf out = OPK_BUF_EMPTY;
    char *line = NULL;
    size_t cap = 0;
    ssize_t got;
    enum opk_status status = opk_redactor_new(&redactor, err);

    while (status == OPK_OK && (got = getdelim(&line, &cap, end, in)) > 0) {
        size_t len = (size_t)got;
        bool ended = line[len - 1] == (char)end;
        opk_buf_clear(&out);
        status = opk_redact(redactor, opk_str_bytes(line, len - ended), &out, NULL, err);
        if (status == OPK_E_LIMIT) {
            opk_buf_append_cstr(&out, "<secret:withheld>");
            status = OPK_OK;
        }
        if (ended)
            opk_buf_append_byte(&out, (char)end);
        if (status == OPK_OK)
            status = opk_cli_write(cli, &out, err);
    }
    if (status == OPK_OK && ferror(in))
        status = opk_fail(err, OPK_E_IO, OPK_NOWHERE, "reading failed: %s", strerror(errno));
    free(line);
    opk_buf_done(&out);
    opk_redactor_free(redactor);
    return status;
}

static int run(struct opk_cli *cli, const void *options)
{
    const struct values *values = options;
    const char *path = cli->operand_count > 0 ? cli->operands[0] : "-";
    bool is_file = strcmp(path, "-") != 0;
    FILE *in = is_file ? fopen(path, "rb") : stdin;
    struct opk_err err;
    enum opk_status status;

    if (!in) {
        opk_err_set(&err, OPK_E_IO, OPK_AT_PATH(path), "cannot open: %s", strerror(errno));
        return opk_cli_fail(cli, &err);
    }
    status = redact_records(cli, in, values->null ? '\0' : '\n', &err);
    if (is_file)
        (void)fclose(in);
    if (status == OPK_OK)
        return OPK_EXIT_OK;
    opk_err_add_path(&err, path);
    return opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_REDACT = {
    .name = "redact",
    .stage = "commands to drafts",
    .summary = "copy commands without their secrets",
    .operands = "[FILE]",
    .details =
        "Reads commands, one a line (or NUL-terminated), from FILE or standard input. Every\n"
        "secret becomes a placeholder such as <secret:mysql-password>; a command without\n"
        "secrets comes out as it was. A command that is too long to be checked is\n"
        "replaced whole by <secret:withheld>.",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .max_operands = 1,
    .run = run,
};
