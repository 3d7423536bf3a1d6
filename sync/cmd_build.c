/* opk build: the suite index, the pattern registry and the ledger, made from the cards. */
#include "sync/cmd_sync.h"

#include "base/out.h"
#include "sync/build.h"
#include "sync/cmd_report.h"
#include "sync/ledger.h"

#include <string.h>

struct build_values {
    bool check_only;
    bool diff;
    const char *format;
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("check-only", 0, FLAG, NULL, "write nothing; exit 1 when something would change",
            struct build_values, check_only),
    OPK_OPT("diff", 0, FLAG, NULL, "print what changes as a unified diff", struct build_values,
            diff),
    OPK_OPT("format", 0, CHOICE, "text|json", "how the result is printed", struct build_values,
            format),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given",
            struct build_values, root),
    OPK_OPT_END,
};

static void print_text(const struct build_values *values, const struct opk_repo *repo,
                       struct opk_file *const *files, size_t count, struct opk_buf *out)
{
    size_t cards = opk_repo_card_count(repo);

    for (size_t i = 0; i < count; i++) {
        opk_buf_append_cstr(out, values->check_only ? "stale: " : "wrote ");
        opk_out_terminal(out, opk_str_of(files[i]->path), false);
        opk_buf_append_byte(out, '\n');
    }
    if (count == 0)
        opk_buf_printf(out, "up to date: %zu card%s\n", cards, cards == 1 ? "" : "s");
    else if (values->check_only)
        opk_buf_append_cstr(out, "run 'opk build' to mend it\n");
}

static enum opk_status build_repo(const struct opk_cli *cli, const struct build_values *values,
                                  struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status;

    if (opk_problems_serious(&repo->problems) > 0) {
        opk_report_problems(cli, &repo->problems);
        *out_code = opk_problems_exit(&repo->problems);
        return OPK_OK;
    }
    status = opk_build_indexes(repo, err);
    if (status == OPK_OK)
        status = opk_ledger_plan(repo, err);
    if (status == OPK_OK)
        status = opk_files_changed(&repo->files, &files, &count, err);
    if (status == OPK_OK && !values->check_only)
        status = opk_repo_write(repo, err);
    if (status != OPK_OK)
        return status;
    if (strcmp(values->format, "json") == 0)
        opk_report_files(files, count, &text);
    else
        print_text(values, repo, files, count, &text);
    if (values->diff && strcmp(values->format, "text") == 0)
        status = opk_report_diffs(cli, repo, &text, err);
    if (status == OPK_OK)
        status = opk_cli_write(cli, &text, err);
    opk_buf_done(&text);
    *out_code = values->check_only && count > 0 ? OPK_EXIT_FINDINGS : OPK_EXIT_OK;
    return status;
}

static int run_build(struct opk_cli *cli, const void *raw)
{
    const struct build_values *values = raw;
    struct opk_repo repo;
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status =
        opk_repo_open(values->root ? values->root : ".",
                      values->check_only ? OPK_REPO_READ : OPK_REPO_WRITE, &repo, &err);

    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    status = build_repo(cli, values, &repo, &code, &err);
    opk_repo_done(&repo);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_BUILD = {
    .name = "build",
    .stage = "pattern repository",
    .summary = "make the suite index, the pattern registry and the ledger from the cards",
    .operands = "",
    .details = "The ledger is appended to and never changed; the other two are made whole, with\n"
               "the mfids of the suite index kept.",
    .opts = OPTS,
    .values_size = sizeof(struct build_values),
    .run = run_build,
};
