/* opk guard: all checks of a pattern repository. */
#include "sync/cmd_sync.h"

#include "base/json.h"
#include "base/out.h"
#include "sync/cmd_report.h"
#include "sync/guard.h"

#include <string.h>

struct guard_values {
    const char *format;
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("format", 0, CHOICE, "text|json", "how findings are printed", struct guard_values,
            format),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given",
            struct guard_values, root),
    OPK_OPT_END,
};

static void print_place(const struct opk_err *err, struct opk_buf *out)
{
    if (!err->path[0])
        return;
    opk_out_terminal(out, opk_str_of(err->path), false);
    if (err->line)
        opk_buf_printf(out, ":%llu", (unsigned long long)err->line);
    if (err->line && err->column)
        opk_buf_printf(out, ":%llu", (unsigned long long)err->column);
    opk_buf_append_cstr(out, ": ");
}

static void print_text(const struct opk_findings *findings, const struct opk_repo *repo,
                       struct opk_buf *out)
{
    size_t serious = opk_findings_serious(findings);

    for (size_t i = 0; i < findings->count; i++) {
        const struct opk_finding *finding = &findings->items[i];
        print_place(&finding->err, out);
        opk_buf_printf(out, "%s %s: ", opk_severity_name(finding->rule->severity),
                       finding->rule->id);
        opk_out_terminal(out, opk_str_of(finding->err.message), false);
        opk_buf_append_byte(out, '\n');
    }
    if (serious == 0)
        opk_buf_printf(out, "guard: clean, %zu card%s\n", repo->card_count,
                       repo->card_count == 1 ? "" : "s");
    else
        opk_buf_printf(out,
                       "guard: %zu finding%s; 'opk guard explain PGnnn' says why and how "
                       "to mend it\n",
                       serious, serious == 1 ? "" : "s");
}

static void put(struct opk_json_writer *json, const char *key, const char *text)
{
    opk_json_key(json, key);
    opk_json_string(json, opk_str_of(text));
}

static void print_json(const struct opk_findings *findings, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "findings");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < findings->count; i++) {
        const struct opk_finding *finding = &findings->items[i];
        opk_json_open(&json, '{');
        put(&json, "rule", finding->rule->id);
        put(&json, "severity", opk_severity_name(finding->rule->severity));
        put(&json, "path", finding->err.path);
        opk_json_key(&json, "line");
        opk_json_number(&json, (int64_t)finding->err.line);
        opk_json_key(&json, "column");
        opk_json_number(&json, (int64_t)finding->err.column);
        put(&json, "message", finding->err.message);
        put(&json, "fix", finding->rule->fix);
        opk_json_close(&json, '}');
    }
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

static enum opk_status guard_repo(const struct opk_cli *cli, const struct guard_values *values,
                                  struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_findings findings;
    enum opk_status status = opk_guard_run(repo, &findings, err);

    if (status != OPK_OK)
        return status;
    if (strcmp(values->format, "json") == 0)
        print_json(&findings, &text);
    else
        print_text(&findings, repo, &text);
    *out_code = opk_findings_serious(&findings) ? OPK_EXIT_FINDINGS : OPK_EXIT_OK;
    status = opk_cli_write(cli, &text, err);
    opk_buf_done(&text);
    opk_findings_done(&findings);
    return status;
}

static void explain_one(const struct opk_guard_rule *rule, struct opk_buf *out)
{
    opk_buf_printf(out, "%s (%s): %s\n  why: %s\n  fix: %s\n", rule->id,
                   opk_severity_name(rule->severity), rule->name, rule->why, rule->fix);
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
    struct opk_repo repo;
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status;

    if (cli->operand_count > 0) {
        if (strcmp(cli->operands[0], "explain") == 0)
            return explain(cli);
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "unknown operand '%s'; did you mean 'explain'?",
                    cli->operands[0]);
        return opk_report_usage(cli, &err);
    }
    status = opk_repo_open(values->root ? values->root : ".", OPK_REPO_READ, &repo, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    status = guard_repo(cli, values, &repo, &code, &err);
    opk_repo_done(&repo);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_GUARD = {
    .name = "guard",
    .stage = "pattern repository",
    .summary = "check that nothing in the repository contradicts its cards",
    .operands = "[explain [PGnnn...]]",
    .details = "Each finding names a rule; 'opk guard explain PGnnn' says why it stands and how a\n"
               "finding is mended. Errors and warnings exit 1, notes do not.",
    .opts = OPTS,
    .values_size = sizeof(struct guard_values),
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_guard,
};
