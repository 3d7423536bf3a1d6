#include "sync/cmd_report.h"

#include "base/json.h"
#include "base/out.h"
#include "sync/diff.h"

#include <unistd.h>

int opk_report_usage(const struct opk_cli *cli, const struct opk_err *err)
{
    int code = opk_cli_fail(cli, err);

    (void)fprintf(cli->err, "try 'opk %s --help'\n", cli->verb->name);
    return code;
}

void opk_report_problems(const struct opk_cli *cli, const struct opk_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct opk_err told = problems->items[i].err;
        if (problems->items[i].is_note)
            opk_err_set(&told, told.status,
                        (struct opk_place){problems->items[i].err.path, told.line, told.column, 0},
                        "note: %s", problems->items[i].err.message);
        opk_cli_note(cli, &told);
    }
}

void opk_report_changes(const struct opk_plan *plan, struct opk_buf *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct opk_change *change = &plan->items[i];
        opk_out_terminal(out, opk_str_of(change->path), false);
        opk_buf_append_cstr(out, ": ");
        opk_out_terminal(out, change->what, false);
        if (change->new.len > 0) {
            opk_buf_append_cstr(out, ": ");
            opk_out_terminal(out, change->old.len ? change->old : OPK_STR("absent"), false);
            opk_buf_append_cstr(out, " -> ");
            opk_out_terminal(out, change->new, false);
        }
        opk_buf_append_cstr(out, " (rule ");
        opk_out_terminal(out, opk_str_of(change->rule), false);
        opk_buf_append_cstr(out, ")\n");
    }
}

enum opk_status opk_report_diffs(const struct opk_cli *cli, struct opk_repo *repo,
                                 struct opk_buf *out, struct opk_err *err)
{
    struct opk_buf diff = OPK_BUF_EMPTY;
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status = opk_files_changed(&repo->files, &files, &count, err);

    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = opk_diff_unified(files[i]->path, files[i]->exists ? &files[i]->old : NULL,
                                  &files[i]->now, &diff, err);
    if (isatty(fileno(cli->out)))
        opk_out_terminal(out, opk_buf_str(&diff), true);
    else
        opk_buf_append(out, opk_buf_str(&diff));
    opk_buf_done(&diff);
    return status;
}

void opk_report_files(struct opk_file *const *files, size_t count, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "changed");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < count; i++)
        opk_json_string(&json, opk_str_of(files[i]->path));
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    opk_json_key(json, key);
    opk_json_string(json, text);
}

static void put_problem(struct opk_json_writer *json, const struct opk_problem *problem)
{
    opk_json_open(json, '{');
    put(json, "severity", problem->is_note ? OPK_STR("note") : OPK_STR("error"));
    put(json, "kind", opk_str_of(opk_status_name(problem->err.status)));
    put(json, "path", opk_str_of(problem->err.path));
    opk_json_key(json, "line");
    opk_json_number(json, (int64_t)problem->err.line);
    put(json, "message", opk_str_of(problem->err.message));
    opk_json_close(json, '}');
}

static void put_problems(struct opk_json_writer *json, const char *key,
                         const struct opk_problems *problems)
{
    opk_json_key(json, key);
    opk_json_open(json, '[');
    for (size_t i = 0; i < problems->count; i++)
        put_problem(json, &problems->items[i]);
    opk_json_close(json, ']');
}

void opk_report_json_problems(struct opk_json_writer *json, const struct opk_problems *problems)
{
    put_problems(json, "problems", problems);
}

void opk_report_findings(const struct opk_problems *problems, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    put_problems(&json, "findings", problems);
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

void opk_report_json(const struct opk_plan *plan, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "changes");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < plan->count; i++) {
        const struct opk_change *change = &plan->items[i];
        opk_json_open(&json, '{');
        put(&json, "path", opk_str_of(change->path));
        put(&json, "rule", opk_str_of(change->rule));
        put(&json, "pattern_id", change->card ? change->card->pattern_id : OPK_STR_EMPTY);
        put(&json, "what", change->what);
        put(&json, "old", change->old);
        put(&json, "new", change->new);
        opk_json_close(&json, '}');
    }
    opk_json_close(&json, ']');
    opk_report_json_problems(&json, &plan->problems);
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}
