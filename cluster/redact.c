#include "cluster/redact.h"

#include "base/map.h"
#include "base/mem.h"
#include "cluster/redact_index.h"

#include <assert.h>
#include <stdlib.h>

struct opk_redactor {
    struct opk_regex **shapes; /* owned; one for each row of OPK_REDACT_SHAPES, NULL until used */
    struct opk_regex_scratch *scratch;
    struct opk_redact_run run;
};

/* A shorter value is not looked for elsewhere in the text: it may be anything. */
#define TAINT_MIN 6

/* Searching for a string passes over this many bytes in the time that reading takes for one. */
#define SEARCH_SHARE 64

enum opk_status opk_redactor_new(struct opk_redactor **out_redactor, struct opk_err *err)
{
    struct opk_redactor *redactor = calloc(1, sizeof(*redactor));
    enum opk_status status;

    if (!redactor)
        goto nomem;
    redactor->shapes = calloc(OPK_REDACT_SHAPE_COUNT, sizeof(struct opk_regex *));
    if (!redactor->shapes)
        goto nomem;
    status = opk_redact_index_new(&redactor->run.index, err);
    if (status == OPK_OK)
        status = opk_regex_scratch_new(&redactor->scratch, err);
    if (status != OPK_OK) {
        opk_redactor_free(redactor);
        return status;
    }
    *out_redactor = redactor;
    return OPK_OK;

nomem:
    opk_redactor_free(redactor);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the redactor");
}

void opk_redactor_free(struct opk_redactor *redactor)
{
    if (!redactor)
        return;
    for (size_t i = 0; redactor->shapes && i < OPK_REDACT_SHAPE_COUNT; i++)
        opk_regex_free(redactor->shapes[i]);
    free(redactor->shapes);
    opk_regex_scratch_free(redactor->scratch);
    opk_redact_index_free(redactor->run.index);
    free(redactor->run.marks);
    opk_arena_done(&redactor->run.arena);
    free(redactor);
}

void opk_redact_add(struct opk_redact_run *run, size_t begin, size_t end, const char *label)
{
    assert(begin <= end && end <= run->text.len);
    if (begin == end)
        return;
    struct opk_redact_mark *grown =
        opk_grow(run->marks, &run->cap, run->count + 1, sizeof(*run->marks));

    if (!grown) {
        run->failed = true;
        return;
    }
    run->marks = grown;
    run->marks[run->count++] = (struct opk_redact_mark){begin, end, label};
}

bool opk_redact_spend(struct opk_redact_run *run, size_t bytes)
{
    run->work += bytes;
    return run->work <= OPK_REDACT_WORK_MAX;
}

static void run_start(struct opk_redact_run *run, struct opk_str text)
{
    run->text = text;
    run->count = 0;
    run->opaque = false;
    run->doubtful = false;
    run->failed = false;
    run->work = 0;
    opk_arena_clear(&run->arena);
}

static enum opk_status run_check(const struct opk_redact_run *run, struct opk_err *err)
{
    if (run->failed || run->arena.failed)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for redacting");
    if (run->work > OPK_REDACT_WORK_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "a text takes more work to redact than the limit of %zu bytes",
                        OPK_REDACT_WORK_MAX);
    return OPK_OK;
}

/* Layer (c): every match of one shape. */
static enum opk_status mark_shape(struct opk_redactor *redactor, size_t shape, struct opk_err *err)
{
    struct opk_redact_run *run = &redactor->run;
    const struct opk_redact_shape *row = &OPK_REDACT_SHAPES[shape];
    struct opk_regex_match match;
    enum opk_status status = OPK_OK;
    size_t at = 0;

    if (!redactor->shapes[shape])
        status = opk_regex_new(opk_str_of(row->pattern), 0, &redactor->shapes[shape], err);
    while (status == OPK_OK && at <= run->text.len) {
        status =
            opk_regex_find(redactor->shapes[shape], redactor->scratch, run->text, at, &match, err);
        if (status != OPK_OK)
            return status == OPK_END ? OPK_OK : status;
        struct opk_span secret = match.groups[1];
        if (secret.begin == OPK_NPOS)
            secret = match.groups[0];
        if (!opk_redact_keeps(opk_str_slice(run->text, secret.begin, secret.end)))
            opk_redact_add(run, secret.begin, secret.end, row->label);
        at = match.groups[0].end > at ? match.groups[0].end : at + 1;
    }
    return status;
}

/* PEM blocks of private keys, also cut before their end. */
static void mark_pem(struct opk_redact_run *run)
{
    static const struct opk_str BEGIN = OPK_STR_INIT("-----BEGIN ");
    static const struct opk_str END = OPK_STR_INIT("-----END ");
    static const struct opk_str DASHES = OPK_STR_INIT("-----");
    size_t at = 0;

    while ((at = opk_str_find(run->text, BEGIN, at)) != OPK_NPOS) {
        size_t name = at + BEGIN.len;
        size_t body = opk_str_find(run->text, DASHES, name);
        if (body == OPK_NPOS)
            return;
        struct opk_str title = opk_str_slice(run->text, name, body);
        size_t end = opk_str_find(run->text, END, body);
        size_t last = end == OPK_NPOS ? OPK_NPOS : opk_str_find(run->text, DASHES, end + END.len);
        last = last == OPK_NPOS ? run->text.len : last + DASHES.len;
        if (opk_str_find(title, OPK_STR("PRIVATE KEY"), 0) != OPK_NPOS)
            opk_redact_add(run, at, last, "private-key");
        at = body;
    }
}

static enum opk_status mark_shapes(struct opk_redactor *redactor, struct opk_err *err)
{
    struct opk_redact_rows rows = opk_redact_index_shapes(redactor->run.index, redactor->run.text);
    enum opk_status status = OPK_OK;

    mark_pem(&redactor->run);
    for (size_t i = 0;
         status == OPK_OK && (i = opk_redact_rows_next(&rows, i)) < OPK_REDACT_ROWS_MAX; i++)
        status = mark_shape(redactor, i, err);
    return status;
}

static int mark_cmp(const void *a, const void *b)
{
    const struct opk_redact_mark *x = a;
    const struct opk_redact_mark *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return opk_str_cmp(opk_str_of(x->label), opk_str_of(y->label));
}

/* Sort the marks and join those that overlap; the first and longest names the secret. */
static void marks_join(struct opk_redact_run *run)
{
    size_t kept = 0;

    if (run->count == 0)
        return;
    qsort(run->marks, run->count, sizeof(*run->marks), mark_cmp);
    for (size_t i = 1; i < run->count; i++) {
        struct opk_redact_mark *last = &run->marks[kept];
        if (run->marks[i].begin >= last->end)
            run->marks[++kept] = run->marks[i];
        else if (run->marks[i].end > last->end)
            last->end = run->marks[i].end;
    }
    run->count = kept + 1;
}

/* Mark one secret wherever else it stands. Searching is cheap beside reading: it counts less. */
static void mark_again(struct opk_redact_run *run, struct opk_redact_mark mark)
{
    struct opk_str secret = opk_str_slice(run->text, mark.begin, mark.end);
    size_t at = 0;

    if (!opk_redact_spend(run, run->text.len / SEARCH_SHARE + 1))
        return;
    while ((at = opk_str_find(run->text, secret, at)) != OPK_NPOS) {
        if (at != mark.begin)
            opk_redact_add(run, at, at + secret.len, mark.label);
        at += secret.len;
    }
}

/* What was found once is a secret everywhere in the text. */
static enum opk_status mark_recurring(struct opk_redact_run *run, struct opk_err *err)
{
    struct opk_map *known = NULL;
    size_t found = run->count;
    enum opk_status status = opk_map_new(&known, err);

    for (size_t i = 0; i < found && status == OPK_OK; i++) {
        struct opk_redact_mark mark = run->marks[i];
        uint32_t index;
        bool is_new;
        if (mark.end - mark.begin < TAINT_MIN)
            continue;
        status = opk_map_add(known, opk_str_slice(run->text, mark.begin, mark.end), &index, &is_new,
                             err);
        if (status == OPK_OK && is_new)
            mark_again(run, mark);
    }
    opk_map_free(known);
    return status;
}

static void write_redacted(const struct opk_redact_run *run, struct opk_buf *out)
{
    size_t at = 0;

    for (size_t i = 0; i < run->count; i++) {
        opk_buf_append(out, opk_str_slice(run->text, at, run->marks[i].begin));
        opk_buf_printf(out, "<secret:%s>", run->marks[i].label);
        at = run->marks[i].end;
    }
    opk_buf_append(out, opk_str_skip(run->text, at));
}

enum opk_status opk_redact(struct opk_redactor *redactor, struct opk_str command,
                           struct opk_buf *out, struct opk_redaction *out_redaction,
                           struct opk_err *err)
{
    struct opk_redact_run *run = &redactor->run;
    enum opk_status status;

    if (command.len > OPK_REDACT_TEXT_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "a text of %zu bytes is not redacted; the limit is %zu", command.len,
                        OPK_REDACT_TEXT_MAX);
    run_start(run, command);
    opk_redact_argv(run);
    opk_redact_names(run);
    status = mark_shapes(redactor, err);
    if (status != OPK_OK)
        return status;
    marks_join(run);
    if (run->count > 0)
        status = mark_recurring(run, err);
    marks_join(run);
    if (status == OPK_OK)
        status = run_check(run, err);
    if (status != OPK_OK)
        return status;
    write_redacted(run, out);
    if (out_redaction)
        *out_redaction = (struct opk_redaction){run->count, run->opaque};
    return OPK_OK;
}

/* OPK_END: the line is clean. */
static enum opk_status scan_line(struct opk_redactor *redactor, struct opk_str line,
                                 struct opk_redact_finding *finding, struct opk_err *err)
{
    struct opk_redact_run *run = &redactor->run;
    enum opk_status status;

    run_start(run, line);
    opk_redact_names(run);
    status = mark_shapes(redactor, err);
    if (status == OPK_OK)
        status = run_check(run, err);
    if (status != OPK_OK)
        return status;
    if (run->count == 0)
        return OPK_END;
    marks_join(run);
    finding->rule = run->marks[0].label;
    finding->column = run->marks[0].begin + 1;
    return OPK_OK;
}

enum opk_status opk_redact_scan(struct opk_redactor *redactor, struct opk_str text,
                                struct opk_redact_finding *out_finding, struct opk_err *err)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_redact_finding finding = {.rule = "", .line = 0};
    struct opk_str line;
    enum opk_status status = OPK_END;

    if (text.len > OPK_REDACT_SCAN_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "an output of %zu bytes is not scanned; the limit is %zu", text.len,
                        OPK_REDACT_SCAN_MAX);
    while (status == OPK_END && opk_split_next(&lines, &line)) {
        finding.line++;
        status = scan_line(redactor, line, &finding, err);
    }
    if (status == OPK_OK)
        *out_finding = finding;
    return status;
}
