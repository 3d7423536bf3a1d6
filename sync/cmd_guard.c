/* opk guard: all checks of a pattern repository. */
#include "sync/cmd_sync.h"

#include "sync/cmd_report.h"
#include "sync/guard_print.h"

#include <string.h>

struct guard_values {
    const char *base;
    const char *baseline;
    bool fix;
    const char *format;
    const char *root;
    const char *write_baseline;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("base", 0, TEXT, "REV", "check what changed since this revision, too",
            struct guard_values, base),
    OPK_OPT("baseline", 0, TEXT, "FILE", "findings that this file holds do not count",
            struct guard_values, baseline),
    OPK_OPT("fix", 0, FLAG, NULL, "mend what needs no person first", struct guard_values, fix),
    OPK_OPT("format", 0, CHOICE, "text|json|sarif|github", "how findings are printed",
            struct guard_values, format),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given",
            struct guard_values, root),
    OPK_OPT("write-baseline", 0, TEXT, "FILE", "write the findings of today as a baseline",
            struct guard_values, write_baseline),
    OPK_OPT_END,
};

static const struct {
    const char *name;
    void (*print)(const struct opk_guard_report *report, struct opk_buf *out);
} FORMATS[] = {
    {"github", opk_guard_print_github},
    {"json", opk_guard_print_json},
    {"sarif", opk_guard_print_sarif},
    {"text", opk_guard_print_text},
};

static enum opk_status print(const struct opk_cli *cli, const char *format,
                             const struct opk_guard_report *report, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status;

    for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++) {
        if (strcmp(FORMATS[i].name, format) == 0)
            FORMATS[i].print(report, &text);
    }
    status = opk_cli_write(cli, &text, err);
    opk_buf_done(&text);
    return status;
}

/* The paths that were written, which outlive the repository that wrote them. */
static enum opk_status copy_paths(const struct opk_cli *cli, struct opk_file *const *files,
                                  size_t count, struct opk_guard_report *report,
                                  struct opk_err *err)
{
    const char **paths = opk_arena_array(cli->arena, count + 1, sizeof(*paths));

    for (size_t i = 0; paths && i < count; i++)
        paths[i] = opk_arena_copy(cli->arena, opk_str_of(files[i]->path)).data;
    report->mended = paths;
    report->mended_count = count;
    return opk_arena_check(cli->arena, err);
}

static enum opk_status mend(const struct opk_cli *cli, const char *root,
                            struct opk_guard_report *report, struct opk_err *err)
{
    struct opk_file *const *files;
    struct opk_err refused;
    struct opk_repo repo;
    size_t count = 0;
    enum opk_status status = opk_repo_open(root, OPK_REPO_WRITE, &repo, err);

    if (status != OPK_OK)
        return status;
    status = opk_guard_fix(&repo, &refused, err);
    if (status == OPK_OK && refused.status != OPK_OK) {
        opk_cli_note(cli, &refused);
        (void)fputs("opk: nothing was mended: first this, by hand\n", cli->err);
        opk_repo_done(&repo);
        return OPK_OK;
    }
    if (status == OPK_OK)
        status = opk_files_changed(&repo.files, &files, &count, err);
    if (status == OPK_OK)
        status = copy_paths(cli, files, count, report, err);
    if (status == OPK_OK)
        status = opk_repo_write(&repo, err);
    opk_repo_done(&repo);
    return status;
}

/* Write a baseline or read one, and excuse what it holds. */
static enum opk_status excuse(const struct opk_cli *cli, const struct guard_values *values,
                              struct opk_findings *findings, struct opk_err *err)
{
    const char *path = values->write_baseline ? values->write_baseline : values->baseline;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err told;
    size_t unused = 0;
    enum opk_status status = OPK_OK;

    if (!path)
        return OPK_OK;
    if (values->write_baseline) {
        status = opk_findings_baseline(findings, &text, err);
        if (status == OPK_OK)
            status = opk_file_replace(path, opk_buf_str(&text), err);
    } else {
        status = opk_file_read(path, OPK_FILES_BYTES_MAX, &text, err);
    }
    if (status == OPK_OK)
        status = opk_findings_excuse(findings, opk_buf_str(&text), path, &unused, err);
    if (status == OPK_OK && unused > 0) {
        opk_err_set(&told, OPK_E_NOENT, OPK_AT_PATH(path),
                    "note: %zu line%s of this baseline excuse%s nothing any more", unused,
                    unused == 1 ? "" : "s", unused == 1 ? "s" : "");
        opk_cli_note(cli, &told);
    }
    opk_buf_done(&text);
    return status;
}

static enum opk_status check(const struct opk_cli *cli, const struct guard_values *values,
                             const struct opk_guard_report *mended, int *out_code,
                             struct opk_err *err)
{
    struct opk_guard_report report = *mended;
    const char *root = values->root ? values->root : ".";
    const struct opk_guard_options options = {.folder = root, .base = values->base};
    struct opk_findings findings;
    struct opk_repo repo;
    enum opk_status status = opk_repo_open(root, OPK_REPO_READ, &repo, err);

    if (status != OPK_OK)
        return status;
    status = opk_guard_run(&repo, &options, &findings, err);
    if (status == OPK_OK) {
        report.findings = &findings;
        report.repo = &repo;
        status = excuse(cli, values, &findings, err);
        *out_code = opk_findings_serious(&findings) ? OPK_EXIT_FINDINGS : OPK_EXIT_OK;
        if (status == OPK_OK)
            status = print(cli, values->format, &report, err);
        opk_findings_done(&findings);
    }
    opk_repo_done(&repo);
    return status;
}

static void explain_one(const struct opk_guard_rule *rule, struct opk_buf *out)
{
    opk_buf_printf(out, "%s (%s): %s\n  why: %s\n  mend: %s%s\n", rule->id,
                   opk_severity_name(rule->severity), rule->name, rule->why, rule->fix,
                   rule->mend == OPK_MEND_BY_HAND ? "" : "; or 'opk guard --fix'");
}

/* "explain" alone lists every rule. */
static int explain(struct opk_cli *cli)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status;
    const struct opk_guard_rule *rule;

    for (size_t i = 1; i < cli->operand_count; i++) {
        rule = opk_guard_find(opk_str_of(cli->operands[i]));
        if (!rule) {
            opk_buf_done(&text);
            opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE,
                        "no rule '%s'; 'opk guard explain' lists them", cli->operands[i]);
            return opk_report_usage(cli, &err);
        }
        explain_one(rule, &text);
    }
    for (size_t i = 0; cli->operand_count == 1 && (rule = opk_guard_rule_at(i)) != NULL; i++)
        explain_one(rule, &text);
    status = opk_cli_write(cli, &text, &err);
    opk_buf_done(&text);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}

static int run_guard(struct opk_cli *cli, const void *raw)
{
    const struct guard_values *values = raw;
    struct opk_guard_report report = {.version = OPK_VERSION};
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status = OPK_OK;

    if (cli->operand_count > 0) {
        if (strcmp(cli->operands[0], "explain") == 0)
            return explain(cli);
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "unknown operand '%s'; did you mean 'explain'?",
                    cli->operands[0]);
        return opk_report_usage(cli, &err);
    }
    if (values->baseline && values->write_baseline) {
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "give one of --baseline and --write-baseline");
        return opk_report_usage(cli, &err);
    }
    if (values->fix)
        status = mend(cli, values->root ? values->root : ".", &report, &err);
    if (status == OPK_OK)
        status = check(cli, values, &report, &code, &err);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_GUARD = {
    .name = "guard",
    .stage = "pattern repository",
    .summary = "check that nothing in the repository contradicts its cards",
    .operands = "[explain [PGnnn...]]",
    .details = "Each finding names a rule; 'opk guard explain PGnnn' says why it stands and how a\n"
               "finding is mended. Errors and warnings exit 1, notes do not; opk.yaml may set the\n"
               "severity of a rule, or turn it off (guard.rules).\n"
               "\n"
               "--fix migrates older cards and brings in step what derives from cards, the\n"
               "indexes and the ledger, in one transaction; then it checks. What a person must\n"
               "decide stays as it is.\n"
               "\n"
               "--base compares with the best common ancestor of REV and HEAD, through Git's\n"
               "objects: versions, statuses, ulids, the ledger, one pattern a change set. Commits\n"
               "since then may say 'Intent: major|minor|patch' and 'Pattern-Guard: skip=PGnnn\n"
               "reason=...' in trailers. Outside of Git these rules are skipped with a note.\n"
               "\n"
               "An old repository is adopted with --write-baseline once, and --baseline from then\n"
               "on: what it holds is told by --json and in SARIF, and does not count.",
    .opts = OPTS,
    .values_size = sizeof(struct guard_values),
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_guard,
};
