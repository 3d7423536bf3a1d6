#include "sync/guard_print.h"

#include "base/json.h"
#include "base/out.h"

uint64_t opk_guard_column(struct opk_repo *repo, const struct opk_err *err)
{
    struct opk_file *file;
    struct opk_str rest;
    uint64_t column = 1;

    if (err->line == 0 || err->column == 0 ||
        opk_files_open(&repo->files, opk_str_of(err->path), &file, NULL) != OPK_OK)
        return err->column;
    rest = file->old;
    for (uint64_t line = 1; line < err->line; line++) {
        size_t end = opk_str_find_byte(rest, '\n', 0);
        if (end == OPK_NPOS)
            return err->column;
        rest = opk_str_skip(rest, end + 1);
    }
    rest = opk_str_slice(rest, 0, (size_t)err->column - 1);
    while (rest.len > 0) {
        uint32_t code_point;
        rest = opk_str_skip(rest, opk_utf8_decode(rest, &code_point));
        column++;
    }
    return column;
}

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

/* Is this the last finding of its rule that is shown? */
static bool ends_rule(const struct opk_findings *findings, size_t index)
{
    for (size_t i = index + 1; i < findings->count; i++) {
        if (findings->items[i].rule != findings->items[index].rule)
            return true;
        if (findings->items[i].excused.len == 0)
            return false;
    }
    return true;
}

static void print_summary(const struct opk_guard_report *report, size_t excused,
                          struct opk_buf *out)
{
    size_t serious = opk_findings_serious(report->findings);
    size_t cards = opk_repo_card_count(report->repo);

    if (serious == 0)
        opk_buf_printf(out, "guard: clean, %zu card%s", cards, cards == 1 ? "" : "s");
    else
        opk_buf_printf(out, "guard: %zu finding%s", serious, serious == 1 ? "" : "s");
    if (excused > 0)
        opk_buf_printf(out, ", %zu excused", excused);
    opk_buf_append_byte(out, '\n');
}

void opk_guard_print_text(const struct opk_guard_report *report, struct opk_buf *out)
{
    size_t excused = 0;

    for (size_t i = 0; i < report->mended_count; i++) {
        opk_buf_append_cstr(out, "mended ");
        opk_out_terminal(out, opk_str_of(report->mended[i]), false);
        opk_buf_append_byte(out, '\n');
    }
    for (size_t i = 0; i < report->findings->count; i++) {
        const struct opk_finding *finding = &report->findings->items[i];
        if (finding->excused.len > 0) {
            excused++;
            continue;
        }
        print_place(&finding->err, out);
        opk_buf_printf(out, "%s %s: ", opk_severity_name(finding->severity), finding->rule->id);
        opk_out_terminal(out, opk_str_of(finding->err.message), false);
        opk_buf_append_byte(out, '\n');
        if (ends_rule(report->findings, i))
            opk_buf_printf(out, "  why: %s\n  mend: %s%s\n", finding->rule->why, finding->rule->fix,
                           finding->rule->mend == OPK_MEND_BY_HAND ? "" : "; or 'opk guard --fix'");
    }
    print_summary(report, excused, out);
}

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    opk_json_key(json, key);
    opk_json_string(json, text);
}

static void put_number(struct opk_json_writer *json, const char *key, uint64_t number)
{
    opk_json_key(json, key);
    opk_json_number(json, (int64_t)number);
}

static void put_finding(struct opk_json_writer *json, const struct opk_finding *finding)
{
    opk_json_open(json, '{');
    put(json, "rule", opk_str_of(finding->rule->id));
    put(json, "severity", opk_str_of(opk_severity_name(finding->severity)));
    put(json, "path", opk_str_of(finding->err.path));
    put_number(json, "line", finding->err.line);
    put_number(json, "column", finding->err.column);
    put(json, "message", opk_str_of(finding->err.message));
    put(json, "why", opk_str_of(finding->rule->why));
    put(json, "fix", opk_str_of(finding->rule->fix));
    opk_json_key(json, "fixable");
    opk_json_bool(json, finding->rule->mend != OPK_MEND_BY_HAND);
    if (finding->excused.len > 0)
        put(json, "excused", finding->excused);
    opk_json_close(json, '}');
}

void opk_guard_print_json(const struct opk_guard_report *report, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "findings");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < report->findings->count; i++)
        put_finding(&json, &report->findings->items[i]);
    opk_json_close(&json, ']');
    opk_json_key(&json, "mended");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < report->mended_count; i++)
        opk_json_string(&json, opk_str_of(report->mended[i]));
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}

/* What a workflow command takes for its own is written as %XX. */
static void put_escaped(struct opk_buf *out, struct opk_str text, const char *also)
{
    struct opk_str more = opk_str_of(also);

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.data[i];
        if (byte == '%' || byte == '\r' || byte == '\n' ||
            opk_str_find_byte(more, byte, 0) != OPK_NPOS)
            opk_buf_printf(out, "%%%02X", (unsigned)(unsigned char)byte);
        else
            opk_buf_append_byte(out, byte);
    }
}

/* The text as it would be shown, so that nothing in it acts on a log's reader. */
static void put_shown(struct opk_buf *out, const char *text, const char *also)
{
    struct opk_buf shown = OPK_BUF_EMPTY;

    opk_out_terminal(&shown, opk_str_of(text), false);
    put_escaped(out, opk_buf_str(&shown), also);
    out->failed = out->failed || shown.failed;
    opk_buf_done(&shown);
}

void opk_guard_print_github(const struct opk_guard_report *report, struct opk_buf *out)
{
    static const char *const COMMANDS[] = {
        [OPK_SEVERITY_OFF] = "debug",
        [OPK_SEVERITY_NOTE] = "notice",
        [OPK_SEVERITY_WARNING] = "warning",
        [OPK_SEVERITY_ERROR] = "error",
    };

    for (size_t i = 0; i < report->findings->count; i++) {
        const struct opk_finding *finding = &report->findings->items[i];
        uint64_t column = opk_guard_column(report->repo, &finding->err);
        if (finding->excused.len > 0)
            continue;
        opk_buf_printf(out, "::%s ", COMMANDS[finding->severity]);
        if (finding->err.path[0]) {
            opk_buf_append_cstr(out, "file=");
            put_shown(out, finding->err.path, ":,");
            opk_buf_append_byte(out, ',');
        }
        if (finding->err.line)
            opk_buf_printf(out, "line=%llu,", (unsigned long long)finding->err.line);
        if (finding->err.line && column)
            opk_buf_printf(out, "col=%llu,", (unsigned long long)column);
        opk_buf_printf(out, "title=%s::", finding->rule->id);
        put_shown(out, finding->err.message, "");
        opk_buf_append_cstr(out, "; ");
        put_escaped(out, opk_str_of(finding->rule->fix), "");
        opk_buf_append_byte(out, '\n');
    }
}
