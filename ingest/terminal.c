#include "ingest/terminal.h"

#include "base/mem.h"
#include "ingest/capture.h"
#include "ingest/terminal_record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSE_MS = 45, HEAD_MAX = 200, WIDTHS_MAX = 32, MOVED_MAX = 16384 };

struct opk_terminal {
    struct opk_vt vt;
    struct opk_capture capture;
    struct opk_prompts *prompts; /* owned */
    struct opk_records records;
    size_t taken; /* of records.found */

    struct opk_buf raw; /* owned: the stretch since the line began */
    size_t editor_at;
    size_t input_at;
    size_t feed_at;
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count;
    size_t widths[WIDTHS_MAX]; /* where lines were seen to wrap */
    unsigned width_count;
    bool editor; /* bracketed paste is on, outside the alternate screen */
    bool alternate;
    bool overflow;    /* the stretch passed its limit */
    bool shell_mark;  /* a shell said that its prompt is near */
    bool marked;      /* the current record may still be told its text or its end */
    bool seen_text;   /* a line that is not blank went by */
    size_t unsure_at; /* behind a newline that may stay within the line; 0: none */
    bool moved_up;    /* newlines may only bring the cursor back down */

    int64_t time;
    uint64_t at;
    int64_t stretch_time;
    uint64_t shown; /* bytes outside the alternate screen */
    uint64_t stretch_byte;
    struct opk_whereabouts where;
    enum opk_status status; /* of a handler */
    struct opk_err *err;
};

static void reset_stretch(struct opk_terminal *terminal)
{
    opk_buf_clear(&terminal->raw);
    terminal->editor_at = terminal->input_at = terminal->feed_at = OPK_NPOS;
    terminal->pause_count = 0;
    terminal->overflow = false;
    terminal->moved_up = false;
    terminal->unsure_at = 0;
    terminal->stretch_time = terminal->time;
    terminal->stretch_byte = terminal->shown;
}

static void clear_session(struct opk_terminal *terminal)
{
    opk_vt_clear(&terminal->vt);
    terminal->editor = terminal->alternate = terminal->marked = terminal->seen_text =
        terminal->shell_mark = false;
    terminal->time = OPK_UNKNOWN;
    terminal->where = (struct opk_whereabouts){0};
    terminal->width_count = 0;
    reset_stretch(terminal);
}

enum opk_status opk_terminal_new(struct opk_terminal **out_terminal, struct opk_err *err)
{
    struct opk_terminal *terminal = calloc(1, sizeof(*terminal));

    if (!terminal)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a terminal");
    enum opk_status status = opk_prompts_new(&terminal->prompts, err);
    if (status != OPK_OK) {
        opk_terminal_free(terminal);
        return status;
    }
    clear_session(terminal);
    *out_terminal = terminal;
    return OPK_OK;
}

void opk_terminal_free(struct opk_terminal *terminal)
{
    if (!terminal)
        return;
    opk_vt_done(&terminal->vt);
    opk_capture_done(&terminal->capture);
    opk_prompts_free(terminal->prompts);
    opk_records_done(&terminal->records);
    opk_buf_done(&terminal->raw);
    free(terminal);
}

void opk_terminal_resize(struct opk_terminal *terminal, unsigned cols, unsigned rows)
{
    terminal->capture.cols = cols < OPK_SCREEN_COLS_MAX ? cols : OPK_SCREEN_COLS_MAX;
    terminal->capture.rows = rows < OPK_SCREEN_ROWS_MAX ? rows : OPK_SCREEN_ROWS_MAX;
}

static void fail_memory(struct opk_terminal *terminal)
{
    if (terminal->status == OPK_OK)
        terminal->status =
            opk_fail(terminal->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a terminal session");
}

static struct opk_record *last_record(struct opk_terminal *terminal)
{
    return terminal->records.count > 0 ? &terminal->records.records[terminal->records.count - 1]
                                       : NULL;
}

static struct opk_record *add_record(struct opk_terminal *terminal)
{
    struct opk_records *records = &terminal->records;
    struct opk_record *grown =
        opk_grow(records->records, &records->cap, records->count + 1, sizeof(*grown));

    if (!grown) {
        fail_memory(terminal);
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
    struct opk_record *record = last_record(terminal);

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
            fail_memory(terminal);
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

static unsigned likely_width(const struct opk_terminal *terminal)
{
    return terminal->capture.cols ? terminal->capture.cols : best_width(terminal);
}

/* Replay a stretch into the capture's lines; a wrap tells of the width. */
static bool replay(struct opk_terminal *terminal, const struct opk_stretch *stretch)
{
    enum opk_status status = opk_capture_read(&terminal->capture, stretch, terminal->err);

    if (terminal->capture.wrap_cols > 0 && terminal->width_count < WIDTHS_MAX)
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
    struct opk_record *record = add_record(terminal);
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

    terminal->capture.cols = likely_width(terminal);
    for (size_t i = 0; i < terminal->records.count; i++) {
        struct opk_record *record = &terminal->records.records[i];
        if (record->raw.end == record->raw.begin)
            continue;
        /* The store may move while lines are kept. */
        opk_buf_clear(&terminal->raw);
        opk_buf_append(&terminal->raw, opk_records_text(&terminal->records, record->raw));
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

/* Decide what is known when too much is kept; what was learnt stays. */
static void pick(struct opk_terminal *terminal)
{
    struct opk_records *records = &terminal->records;
    struct opk_buf raw = terminal->raw;

    /* The stretch at hand waits aside. */
    terminal->raw = OPK_BUF_EMPTY;
    settle_width(terminal);
    opk_buf_done(&terminal->raw);
    terminal->raw = raw;
    if (terminal->status != OPK_OK)
        return;
    terminal->status = opk_records_pick(records, terminal->prompts, terminal->err);
    records->count = records->line_count = 0;
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

static void close_stretch(struct opk_terminal *terminal, bool run)
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
    reset_stretch(terminal);
}

static void append_raw(struct opk_terminal *terminal, struct opk_str bytes)
{
    if (terminal->overflow)
        return;
    if (terminal->raw.len + bytes.len > OPK_TERMINAL_STRETCH_MAX) {
        /* No line editor writes that much: this is output, and so was its start. */
        opk_buf_clear(&terminal->raw);
        terminal->overflow = true;
        terminal->editor = false;
        terminal->editor_at = terminal->input_at = terminal->feed_at = OPK_NPOS;
        return;
    }
    opk_buf_append(&terminal->raw, bytes);
}

/* The newline at hand was Enter; it is not part of the line. */
static void end_line(struct opk_terminal *terminal)
{
    if (terminal->raw.len > 0 && !terminal->overflow)
        opk_buf_truncate(&terminal->raw, terminal->raw.len - 1);
    close_stretch(terminal, true);
}

/* More came behind an unsure newline: either it shows a move, or the newline was Enter. */
static void settle_feed(struct opk_terminal *terminal)
{
    struct opk_buf tail = OPK_BUF_EMPTY;
    const size_t at = terminal->unsure_at;

    if (at == 0)
        return;
    opk_buf_append(&tail, opk_str_skip(opk_buf_str(&terminal->raw), at));
    if (opk_str_starts(OPK_FEED_CLEARS, opk_buf_str(&tail)) && !terminal->overflow) {
        /* All of it: a move. Part of it: wait for more. */
        if (tail.len == OPK_FEED_CLEARS.len)
            terminal->unsure_at = 0;
    } else {
        terminal->unsure_at = 0;
        if (!terminal->overflow)
            opk_buf_truncate(&terminal->raw, at);
        end_line(terminal);
        append_raw(terminal, opk_buf_str(&tail));
    }
    if (tail.failed)
        fail_memory(terminal);
    opk_buf_done(&tail);
}

static void on_feed(struct opk_terminal *terminal)
{
    if (terminal->alternate)
        return;
    if (terminal->editor) {
        terminal->feed_at = terminal->raw.len - 1;
        return;
    }
    if (terminal->moved_up && terminal->raw.len <= MOVED_MAX) {
        const struct opk_str line =
            opk_str_slice(opk_buf_str(&terminal->raw), 0, terminal->raw.len - 1);
        const enum opk_feed feed =
            opk_capture_feed(&terminal->capture, line, likely_width(terminal));
        if (feed == OPK_FEED_UNSURE)
            terminal->unsure_at = terminal->raw.len;
        if (feed != OPK_FEED_ENDS)
            return;
    }
    end_line(terminal);
}

static void on_print(void *context, uint32_t code_point)
{
    struct opk_terminal *terminal = context;

    settle_feed(terminal);
    if (code_point != ' ')
        terminal->feed_at = OPK_NPOS;
}

static void on_control(void *context, unsigned char code)
{
    settle_feed(context);
    if (code == '\n')
        on_feed(context);
}

/*
 * A jump to an absolute place: the line begins anew, unless an editor paints it. The jump itself is
 * kept, for what comes may be painted relative to it.
 */
static void jump(struct opk_terminal *terminal, struct opk_str sequence)
{
    char kept[32];

    if (terminal->editor || terminal->input_at != OPK_NPOS || terminal->alternate)
        return;
    sequence = opk_str_slice(sequence, 0, sizeof(kept));
    memcpy(kept, sequence.data, sequence.len);
    note_after(terminal, false);
    reset_stretch(terminal);
    append_raw(terminal, opk_str_bytes(kept, sequence.len));
}

static void on_escape(void *context, char intermediate, char final)
{
    struct opk_terminal *terminal = context;

    settle_feed(terminal);
    if (!intermediate && final == 'c') {
        terminal->alternate = terminal->editor = false;
        reset_stretch(terminal);
    } else if (!intermediate && final == 'M') {
        terminal->moved_up = true;
    }
}

static void set_editor(struct opk_terminal *terminal, bool on)
{
    if (terminal->alternate)
        return;
    if (on) {
        terminal->editor = true;
        terminal->editor_at = terminal->raw.len;
        terminal->feed_at = OPK_NPOS;
        terminal->moved_up = false;
        terminal->marked = false;
    } else if (terminal->editor) {
        terminal->editor = false;
        close_stretch(terminal, true);
    }
}

static void set_alternate(struct opk_terminal *terminal, bool on)
{
    if (terminal->alternate == on)
        return;
    terminal->alternate = on;
    /* A line editor that calls a full-screen program paints its line again afterwards. */
    if (!terminal->editor)
        reset_stretch(terminal);
}

static void on_mode(struct opk_terminal *terminal, const struct opk_vt_csi *csi, bool on)
{
    for (unsigned i = 0; i < csi->count; i++) {
        if (csi->params[i] == 2004)
            set_editor(terminal, on);
        else if (csi->params[i] == 1049 || csi->params[i] == 1047 || csi->params[i] == 47)
            set_alternate(terminal, on);
    }
}

static void on_csi(void *context, const struct opk_vt_csi *csi)
{
    struct opk_terminal *terminal = context;

    settle_feed(terminal);
    if (csi->prefix == '?' && (csi->final == 'h' || csi->final == 'l'))
        on_mode(terminal, csi, csi->final == 'h');
    if (csi->prefix || csi->intermediate || terminal->alternate)
        return;
    const struct opk_str raw = opk_buf_str(&terminal->raw);
    const size_t begin = opk_str_rfind_byte(raw, '\x1b');
    switch (csi->final) {
    case 'A':
        terminal->moved_up = true;
        break;
    case 'H':
    case 'f':
    case 'd':
        jump(terminal, opk_str_skip(raw, begin == OPK_NPOS ? raw.len : begin));
        break;
    default:
        break;
    }
}

/* A path in a URL: file://host/path with percent escapes. */
static void take_url(struct opk_terminal *terminal, struct opk_str url)
{
    struct opk_buf path = OPK_BUF_EMPTY;

    if (!opk_str_starts(url, OPK_STR("file://")))
        return;
    url = opk_str_skip(url, 7);
    const size_t slash = opk_str_find_byte(url, '/', 0);
    if (slash == OPK_NPOS)
        return;
    for (size_t i = slash; i < url.len; i++) {
        if (url.data[i] == '%' && i + 2 < url.len && opk_hex_value(url.data[i + 1]) >= 0 &&
            opk_hex_value(url.data[i + 2]) >= 0) {
            const int byte = opk_hex_value(url.data[i + 1]) * 16 + opk_hex_value(url.data[i + 2]);
            opk_buf_append_byte(&path, (char)byte);
            i += 2;
        } else {
            opk_buf_append_byte(&path, url.data[i]);
        }
    }
    terminal->where.cwd = opk_records_keep(&terminal->records, opk_buf_str(&path));
    terminal->where.host = opk_records_keep(&terminal->records, opk_str_slice(url, 0, slash));
    opk_buf_done(&path);
}

static void take_user_host(struct opk_terminal *terminal, struct opk_str text)
{
    const size_t at = opk_str_find_byte(text, '@', 0);

    if (at == OPK_NPOS || at == 0 || at + 1 == text.len)
        return;
    terminal->where.user = opk_records_keep(&terminal->records, opk_str_slice(text, 0, at));
    terminal->where.host = opk_records_keep(&terminal->records, opk_str_skip(text, at + 1));
}

/* A title of the usual form, user@host: path. Anything else says nothing. */
static void take_title(struct opk_terminal *terminal, struct opk_str title)
{
    const size_t colon = opk_str_find_byte(title, ':', 0);
    const struct opk_str name = opk_str_slice(title, 0, colon);
    const struct opk_str path =
        colon == OPK_NPOS ? OPK_STR_EMPTY : opk_str_trim(opk_str_skip(title, colon + 1));

    if (opk_str_find_byte(name, ' ', 0) != OPK_NPOS || name.len > 128 || path.len == 0 ||
        (path.data[0] != '~' && path.data[0] != '/'))
        return;
    take_user_host(terminal, name);
    terminal->where.cwd = opk_records_keep(&terminal->records, path);
}

/* A key=value of OSC 633;P or OSC 1337. */
static void take_property(struct opk_terminal *terminal, struct opk_str text)
{
    if (opk_str_starts(text, OPK_STR("Cwd=")))
        terminal->where.cwd = opk_records_keep(&terminal->records, opk_str_skip(text, 4));
    else if (opk_str_starts(text, OPK_STR("CurrentDir=")))
        terminal->where.cwd = opk_records_keep(&terminal->records, opk_str_skip(text, 11));
    else if (opk_str_starts(text, OPK_STR("RemoteHost=")))
        take_user_host(terminal, opk_str_skip(text, 11));
}

/* Undo one of the two escapes of marks: \xNN and \\ (633), %NN (133 cmdline_url). */
static void unescape(struct opk_str text, char escape, struct opk_buf *out)
{
    const size_t skip = escape == '\\' ? 2 : 1;

    for (size_t i = 0; i < text.len; i++) {
        const bool hex = text.data[i] == escape && i + skip + 1 < text.len &&
                         (escape == '%' || text.data[i + 1] == 'x') &&
                         opk_hex_value(text.data[i + skip]) >= 0 &&
                         opk_hex_value(text.data[i + skip + 1]) >= 0;
        if (hex) {
            opk_buf_append_byte(out, (char)(opk_hex_value(text.data[i + skip]) * 16 +
                                            opk_hex_value(text.data[i + skip + 1])));
            i += skip + 1;
        } else if (escape == '\\' && text.data[i] == '\\' && i + 1 < text.len &&
                   text.data[i + 1] == '\\') {
            opk_buf_append_byte(out, '\\');
            i++;
        } else {
            opk_buf_append_byte(out, text.data[i]);
        }
    }
}

/* The text of the command was stated: the record that Enter made takes it, or a new one does. */
static void state_text(struct opk_terminal *terminal, struct opk_str text, char escape,
                       enum opk_tier tier)
{
    struct opk_record *record = last_record(terminal);
    struct opk_buf plain = OPK_BUF_EMPTY;

    if (!terminal->marked || !record || record->exact)
        record = add_record(terminal);
    if (!record)
        return;
    unescape(text, escape, &plain);
    record->stated = opk_records_keep(&terminal->records, opk_buf_str(&plain));
    record->exact = true;
    record->tier = tier;
    terminal->marked = true;
    opk_buf_done(&plain);
}

static void end_command(struct opk_terminal *terminal, struct opk_str status)
{
    struct opk_record *record = last_record(terminal);
    uint64_t value;

    if (!terminal->marked || !record)
        return;
    if (opk_str_to_u64(status, &value) && value <= INT32_MAX)
        record->exit_status = (int64_t)value;
    record->end_time = terminal->time;
    terminal->marked = false;
}

/* Enter, by mark C: an editor that is still open ends here. */
static void mark_enter(struct opk_terminal *terminal)
{
    if (terminal->alternate || (!terminal->editor && terminal->input_at == OPK_NPOS))
        return;
    terminal->editor = false;
    close_stretch(terminal, true);
}

static void take_mark(struct opk_terminal *terminal, struct opk_str text, bool vscode)
{
    const size_t semicolon = opk_str_find_byte(text, ';', 0);
    const struct opk_str token = opk_str_slice(text, 0, semicolon);
    const struct opk_str rest =
        semicolon == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(text, semicolon + 1);

    if (token.len != 1 || terminal->alternate)
        return;
    switch (token.data[0]) {
    case 'A':
        if (!terminal->editor && terminal->input_at != OPK_NPOS)
            reset_stretch(terminal);
        terminal->shell_mark = true;
        break;
    case 'B':
        terminal->shell_mark = true;
        terminal->input_at = terminal->raw.len;
        terminal->feed_at = OPK_NPOS;
        terminal->moved_up = false;
        break;
    case 'C':
        mark_enter(terminal);
        if (opk_str_starts(rest, OPK_STR("cmdline_url=")))
            state_text(terminal, opk_str_skip(rest, 12), '%', OPK_TIER_OSC_CMDLINE);
        break;
    case 'D':
        end_command(terminal, opk_str_slice(rest, 0, opk_str_find_byte(rest, ';', 0)));
        break;
    case 'E':
        if (vscode && rest.len > 0) {
            mark_enter(terminal);
            state_text(terminal, opk_str_slice(rest, 0, opk_str_find_byte(rest, ';', 0)), '\\',
                       OPK_TIER_OSC633E);
        }
        break;
    case 'P':
        if (vscode) {
            struct opk_buf plain = OPK_BUF_EMPTY;
            unescape(rest, '\\', &plain);
            take_property(terminal, opk_buf_str(&plain));
            opk_buf_done(&plain);
        }
        break;
    default:
        break;
    }
}

static void on_osc(void *context, struct opk_str text)
{
    struct opk_terminal *terminal = context;
    const size_t semicolon = opk_str_find_byte(text, ';', 0);

    settle_feed(terminal);
    if (semicolon == OPK_NPOS)
        return;
    const struct opk_str number = opk_str_slice(text, 0, semicolon);
    const struct opk_str rest = opk_str_skip(text, semicolon + 1);
    if (opk_str_eq(number, OPK_STR("133")))
        take_mark(terminal, rest, false);
    else if (opk_str_eq(number, OPK_STR("633")))
        take_mark(terminal, rest, true);
    else if (opk_str_eq(number, OPK_STR("7")))
        take_url(terminal, rest);
    else if (opk_str_eq(number, OPK_STR("1337")))
        take_property(terminal, rest);
    else if (opk_str_eq(number, OPK_STR("0")) || opk_str_eq(number, OPK_STR("2")))
        take_title(terminal, rest);
}

static const struct opk_vt_handlers HANDLERS = {
    .print = on_print,
    .control = on_control,
    .escape = on_escape,
    .csi = on_csi,
    .osc = on_osc,
};

/* Bytes at the start that are printed as they are, and need no parser. */
static size_t plain_run(struct opk_str bytes)
{
    size_t len = 0;

    while (len < bytes.len && bytes.data[len] >= ' ' && bytes.data[len] < 0x7F)
        len++;
    return len;
}

/* Characters come next, so an unsure newline was Enter. */
static void settle_plain(struct opk_terminal *terminal)
{
    if (terminal->unsure_at == 0)
        return;
    /* The tail is no whole sign of a move: one more byte than any such sign decides. */
    append_raw(terminal, OPK_STR(" "));
    settle_feed(terminal);
    if (terminal->raw.len > 0)
        opk_buf_truncate(&terminal->raw, terminal->raw.len - 1);
}

static void note_time(struct opk_terminal *terminal, int64_t time)
{
    if (terminal->raw.len == 0)
        terminal->stretch_time = time;
    else if (time != OPK_UNKNOWN && terminal->time != OPK_UNKNOWN &&
             time - terminal->time >= PAUSE_MS && terminal->pause_count < OPK_PROMPT_PAUSES &&
             !terminal->alternate)
        terminal->pauses[terminal->pause_count++] = terminal->raw.len;
    terminal->time = time;
}

enum opk_status opk_terminal_push(struct opk_terminal *terminal, struct opk_str bytes, int64_t time,
                                  uint64_t at, struct opk_err *err)
{
    terminal->err = err;
    terminal->status = OPK_OK;
    terminal->at = at;
    if (bytes.len > 0)
        note_time(terminal, time);
    for (size_t i = 0; i < bytes.len && terminal->status == OPK_OK;) {
        const struct opk_str rest = opk_str_skip(bytes, i);
        size_t run = opk_vt_is_ground(&terminal->vt) ? plain_run(rest) : 0;
        if (run > 0) {
            settle_plain(terminal);
            terminal->feed_at = OPK_NPOS;
        } else {
            run = 1;
        }
        if (!terminal->alternate) {
            append_raw(terminal, opk_str_slice(rest, 0, run));
            terminal->shown += run;
        }
        if (run == 1)
            opk_vt_push(&terminal->vt, &HANDLERS, terminal, opk_str_slice(rest, 0, 1));
        i += run;
        if (terminal->records.store.len > OPK_TERMINAL_KEEP_MAX)
            pick(terminal);
    }
    if (terminal->status == OPK_OK && terminal->raw.failed)
        fail_memory(terminal);
    terminal->err = NULL;
    return terminal->status;
}

enum opk_status opk_terminal_finish(struct opk_terminal *terminal, int64_t exit_status,
                                    struct opk_err *err)
{
    terminal->err = err;
    terminal->status = OPK_OK;
    settle_plain(terminal);
    if (terminal->raw.len > 0)
        close_stretch(terminal, false);
    pick(terminal);
    if (terminal->status == OPK_OK && terminal->records.found_count > terminal->taken) {
        struct opk_found *last = &terminal->records.found[terminal->records.found_count - 1];
        if (last->exit_status == OPK_UNKNOWN)
            last->exit_status = exit_status;
    }
    opk_prompts_free(terminal->prompts);
    terminal->prompts = NULL;
    if (terminal->status == OPK_OK)
        terminal->status = opk_prompts_new(&terminal->prompts, err);
    clear_session(terminal);
    terminal->err = NULL;
    return terminal->status;
}

enum opk_status opk_terminal_next(struct opk_terminal *terminal, struct opk_command *out_command,
                                  struct opk_err *err)
{
    struct opk_records *records = &terminal->records;

    (void)err;
    if (terminal->taken >= records->found_count) {
        /* Everything was taken, so nothing points into the store but what is kept now. */
        terminal->taken = records->found_count = 0;
        if (records->count == 0 && terminal->where.cwd.end == 0)
            opk_buf_clear(&records->store);
        return OPK_END;
    }
    const struct opk_found *found = &records->found[terminal->taken++];
    *out_command = (struct opk_command){
        .kind = OPK_COMMAND_SHELL,
        .tier = found->tier,
        .flags = found->flags,
        .text = opk_records_text(records, found->text),
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .session = OPK_STR_EMPTY,
        .ordinal = terminal->taken,
        .time = found->time,
        .duration = found->duration,
        .exit_status = found->exit_status,
        .output_bytes = found->output_bytes,
        .cwd = opk_records_text(records, found->where.cwd),
        .host = opk_records_text(records, found->where.host),
        .user = opk_records_text(records, found->where.user),
        .shell = OPK_STR_EMPTY,
        .source = OPK_STR_EMPTY,
        .at = found->at,
    };
    return OPK_OK;
}
