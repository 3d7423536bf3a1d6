#include "ingest/terminal_state.h"

#include "base/mem.h"

#include <string.h>

enum { HEAD_MAX = 200 };

void opk_terminal_fail_memory(struct opk_terminal *terminal)
{
    if (terminal->status == OPK_OK)
        terminal->status =
            opk_fail(terminal->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a terminal session");
}

struct opk_record *opk_terminal_last_record(struct opk_terminal *terminal)
{
    return terminal->records.count > 0 ? &terminal->records.records[terminal->records.count - 1]
                                       : NULL;
}

static void keep_where(struct opk_terminal *terminal)
{
    struct opk_records *records = &terminal->records;

    if (!terminal->where_changed)
        return;
    terminal->where_changed = false;
    terminal->where = (struct opk_whereabouts){
        .cwd = opk_records_keep(records, opk_buf_str(&terminal->cwd)),
        .host = opk_records_keep(records, opk_buf_str(&terminal->host)),
        .user = opk_records_keep(records, opk_buf_str(&terminal->user)),
    };
}

struct opk_record *opk_terminal_add_record(struct opk_terminal *terminal)
{
    struct opk_records *records = &terminal->records;

    keep_where(terminal);
    struct opk_record *grown =
        opk_grow(records->records, &records->cap, records->count + 1, sizeof(*grown));

    if (!grown) {
        opk_terminal_fail_memory(terminal);
        return NULL;
    }
    records->records = grown;
    struct opk_record *record = &grown[records->count++];
    *record = (struct opk_record){
        .first_line = records->line_count,
        .tier = OPK_TIER_PROMPT,
        .where = terminal->where,
        .time = terminal->time,
        .end_time = OPK_UNKNOWN,
        .exit_status = OPK_UNKNOWN,
        .prompt_time = terminal->stretch_time,
        .at = terminal->at,
        .prompt_byte = terminal->stretch_byte,
        .enter_byte = terminal->shown,
        .run = true,
    };
    return record;
}

static bool has_visible(struct opk_str raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        if ((unsigned char)raw.data[i] > ' ')
            return true;
    }
    return false;
}

/* What is printed behind a record: its first line helps to judge it. */
static void note_after(struct opk_terminal *terminal, bool kept)
{
    struct opk_record *record = opk_terminal_last_record(terminal);

    if (!record || !has_visible(opk_buf_str(&terminal->raw)))
        return;
    if (record->after.end == 0)
        record->after = opk_records_keep(&terminal->records,
                                         opk_str_slice(opk_buf_str(&terminal->raw), 0, HEAD_MAX));
    if (!kept)
        record->lines_after++;
}

static void keep_lines(struct opk_terminal *terminal, struct opk_record *record)
{
    struct opk_records *records = &terminal->records;
    const struct opk_capture *capture = &terminal->capture;

    for (unsigned i = 0; i < capture->line_count; i++) {
        struct opk_kept_line *grown =
            opk_grow(records->lines, &records->line_cap, records->line_count + 1, sizeof(*grown));
        if (!grown) {
            opk_terminal_fail_memory(terminal);
            return;
        }
        records->lines = grown;
        grown[records->line_count++] = (struct opk_kept_line){
            .text = opk_records_keep(records, opk_str_slice(capture->lines[i].text, 0,
                                                            OPK_COMMAND_TEXT_MAX + OPK_PROMPT_MAX)),
            .line = capture->lines[i],
        };
        record->line_count++;
    }
}

/* Does only the terminal's width tell what the stretch shows? */
static bool needs_width(const struct opk_terminal *terminal)
{
    const struct opk_str raw = opk_buf_str(&terminal->raw);

    return terminal->capture.cols == 0 && opk_str_find(raw, OPK_STR("\x1b[A"), 0) != OPK_NPOS;
}

/*
 * The width that most wraps agree with: each was seen at some multiple of it. 0: no wrap was seen.
 */
static unsigned best_width(const struct opk_terminal *terminal)
{
    size_t best = 0;
    unsigned most = 0;

    for (unsigned i = 0; i < terminal->width_count; i++) {
        unsigned votes = 0;
        for (unsigned j = 0; j < terminal->width_count; j++)
            votes += terminal->widths[j] % terminal->widths[i] == 0;
        if (votes > most || (votes == most && terminal->widths[i] > best)) {
            best = terminal->widths[i];
            most = votes;
        }
    }
    return best <= OPK_SCREEN_COLS_MAX ? (unsigned)best : 0;
}

unsigned opk_terminal_width(const struct opk_terminal *terminal)
{
    return terminal->capture.cols ? terminal->capture.cols : best_width(terminal);
}

/* Replay a stretch into the capture's lines; a wrap tells of the width. */
static bool replay(struct opk_terminal *terminal, const struct opk_stretch *stretch)
{
    enum opk_status status = opk_capture_read(&terminal->capture, stretch, terminal->err);

    if (terminal->capture.wrap_cols > 0 && terminal->width_count < OPK_TERMINAL_WIDTHS)
        terminal->widths[terminal->width_count++] = terminal->capture.wrap_cols;
    if (status != OPK_OK && terminal->status == OPK_OK)
        terminal->status = status;
    return status == OPK_OK;
}

static void keep_raw(struct opk_terminal *terminal, struct opk_record *record,
                     const struct opk_stretch *stretch)
{
    record->raw = opk_records_keep(&terminal->records, stretch->raw);
    record->editor_at = stretch->editor_at;
    record->input_at = stretch->input_at;
    record->feed_at = stretch->feed_at;
    memcpy(record->pauses, stretch->pauses, sizeof(record->pauses));
    record->pause_count = stretch->pause_count;
    record->signs = stretch->signs;
}

/* Make a record of the stretch. */
static void record_stretch(struct opk_terminal *terminal, enum opk_tier tier, bool run)
{
    struct opk_stretch stretch = {
        .raw = opk_buf_str(&terminal->raw),
        .editor_at = terminal->editor_at,
        .input_at = terminal->input_at,
        .feed_at = terminal->feed_at,
        .pause_count = terminal->pause_count,
        .signs = (terminal->editor_at != OPK_NPOS ? OPK_PROMPT_EDITOR : 0U) |
                 (terminal->time != OPK_UNKNOWN ? OPK_PROMPT_TIMED : 0U) |
                 (terminal->shell_mark ? OPK_PROMPT_SHELL : 0U) | (run ? 0U : OPK_PROMPT_LAST),
    };

    memcpy(stretch.pauses, terminal->pauses, sizeof(stretch.pauses));
    if (stretch.editor_at != OPK_NPOS || stretch.input_at != OPK_NPOS)
        terminal->shell_mark = false;
    if (!terminal->seen_text)
        stretch.signs |= OPK_PROMPT_FIRST;
    note_after(terminal, true);
    struct opk_record *record = opk_terminal_add_record(terminal);
    if (!record)
        return;
    record->tier = tier;
    record->run = run;
    if (!replay(terminal, &stretch))
        return;
    if (needs_width(terminal))
        keep_raw(terminal, record, &stretch);
    else
        keep_lines(terminal, record);
    terminal->seen_text = true;
    terminal->marked = run;
}

/* Replay what waited for a width, now that the session has shown all it has. */
static void settle_width(struct opk_terminal *terminal)
{
    const unsigned cols = terminal->capture.cols;

    terminal->capture.cols = opk_terminal_width(terminal);
    for (size_t i = 0; i < terminal->records.count; i++) {
        struct opk_record *record = &terminal->records.records[i];
        if (record->raw.end == record->raw.begin)
            continue;
        /* The store may move while lines are kept. */
        opk_buf_clear(&terminal->raw);
        opk_buf_append(&terminal->raw, opk_records_text(&terminal->records, record->raw));
        if (terminal->raw.failed)
            break;
        struct opk_stretch stretch = {
            .raw = opk_buf_str(&terminal->raw),
            .editor_at = record->editor_at,
            .input_at = record->input_at,
            .feed_at = record->feed_at,
            .pause_count = record->pause_count,
            .signs = record->signs,
        };
        memcpy(stretch.pauses, record->pauses, sizeof(stretch.pauses));
        if (replay(terminal, &stretch)) {
            record->first_line = terminal->records.line_count;
            keep_lines(terminal, record);
        }
    }
    terminal->capture.cols = cols;
}

void opk_terminal_pick(struct opk_terminal *terminal)
{
    struct opk_records *records = &terminal->records;
    struct opk_buf raw = terminal->raw;

    /* The stretch at hand waits aside. */
    terminal->raw = OPK_BUF_EMPTY;
    settle_width(terminal);
    if (terminal->raw.failed)
        opk_terminal_fail_memory(terminal);
    opk_buf_done(&terminal->raw);
    terminal->raw = raw;
    if (terminal->status != OPK_OK)
        return;
    terminal->status = opk_records_pick(records, terminal->prompts, terminal->err);
    records->count = records->line_count = 0;
    opk_buf_clear(&records->store);
    terminal->where_changed = true;
    terminal->marked = false;
}

/* A mark before a prompt tells that there is a shell, and how wide its terminal is. */
static void find_mark(struct opk_terminal *terminal, struct opk_str raw)
{
    unsigned cols;
    size_t end;

    if (opk_str_find_byte(raw, '\x1b', 0) == OPK_NPOS || !opk_capture_find_mark(raw, &cols, &end))
        return;
    terminal->shell_mark = true;
    if (terminal->capture.cols == 0)
        terminal->capture.cols = cols;
}

void opk_terminal_close(struct opk_terminal *terminal, bool run)
{
    const struct opk_str raw = opk_buf_str(&terminal->raw);
    const bool told = terminal->editor_at != OPK_NPOS || terminal->input_at != OPK_NPOS;

    find_mark(terminal, raw);
    if (!terminal->overflow && (told || opk_prompt_may_hold(raw))) {
        record_stretch(terminal,
                       terminal->input_at != OPK_NPOS    ? OPK_TIER_OSC_MARKS
                       : terminal->editor_at != OPK_NPOS ? OPK_TIER_PASTE
                                                         : OPK_TIER_PROMPT,
                       run);
    } else {
        note_after(terminal, false);
        terminal->seen_text |= has_visible(raw);
    }
    opk_terminal_reset(terminal);
}

void opk_terminal_note_output(struct opk_terminal *terminal)
{
    note_after(terminal, false);
}
