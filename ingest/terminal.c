#include "ingest/terminal_state.h"

#include <stdlib.h>
#include <string.h>

enum { PAUSE_MS = 45, MOVED_MAX = 16384 };

void opk_terminal_reset(struct opk_terminal *terminal)
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
        terminal->shell_mark = terminal->may_state = false;
    terminal->time = OPK_UNKNOWN;
    opk_buf_clear(&terminal->cwd);
    opk_buf_clear(&terminal->host);
    opk_buf_clear(&terminal->user);
    terminal->where_changed = true;
    terminal->records.has_starts = false;
    terminal->width_count = 0;
    opk_terminal_reset(terminal);
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
    opk_buf_done(&terminal->cwd);
    opk_buf_done(&terminal->host);
    opk_buf_done(&terminal->user);
    free(terminal);
}

void opk_terminal_resize(struct opk_terminal *terminal, unsigned cols, unsigned rows)
{
    terminal->capture.cols = cols < OPK_SCREEN_COLS_MAX ? cols : OPK_SCREEN_COLS_MAX;
    terminal->capture.rows = rows < OPK_SCREEN_ROWS_MAX ? rows : OPK_SCREEN_ROWS_MAX;
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
    if (terminal->raw.failed)
        opk_terminal_fail_memory(terminal);
}

/* The newline at hand was Enter; it is not part of the line. */
static void end_line(struct opk_terminal *terminal)
{
    if (terminal->raw.len > 0 && !terminal->overflow)
        opk_buf_truncate(&terminal->raw, terminal->raw.len - 1);
    opk_terminal_close(terminal, true);
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
        opk_terminal_fail_memory(terminal);
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
            opk_capture_feed(&terminal->capture, line, opk_terminal_width(terminal));
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
    opk_terminal_note_output(terminal);
    opk_terminal_reset(terminal);
    append_raw(terminal, opk_str_bytes(kept, sequence.len));
}

static void on_escape(void *context, char intermediate, char final)
{
    struct opk_terminal *terminal = context;

    settle_feed(terminal);
    if (!intermediate && final == 'c') {
        terminal->alternate = terminal->editor = false;
        opk_terminal_reset(terminal);
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
        opk_terminal_close(terminal, true);
    }
}

static void set_alternate(struct opk_terminal *terminal, bool on)
{
    if (terminal->alternate == on)
        return;
    terminal->alternate = on;
    /* A line editor that calls a full-screen program paints its line again afterwards. */
    if (!terminal->editor)
        opk_terminal_reset(terminal);
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

static void on_osc(void *context, struct opk_str text)
{
    settle_feed(context);
    opk_terminal_osc(context, text);
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

static size_t kept_bytes(const struct opk_records *records)
{
    return records->store.len + records->line_count * sizeof(*records->lines) +
           records->count * sizeof(*records->records);
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
        if (kept_bytes(&terminal->records) > OPK_TERMINAL_KEEP_MAX)
            opk_terminal_pick(terminal);
    }
    if (terminal->vt.failed || terminal->capture.edit.failed)
        opk_terminal_fail_memory(terminal);
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
        opk_terminal_close(terminal, false);
    opk_terminal_pick(terminal);
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
        terminal->taken = records->found_count = 0;
        opk_buf_clear(&records->given);
        return OPK_END;
    }
    const struct opk_found *found = &records->found[terminal->taken++];
    *out_command = (struct opk_command){
        .kind = OPK_COMMAND_SHELL,
        .tier = found->tier,
        .flags = found->flags,
        .text = opk_range_text(&records->given, found->text),
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .session = OPK_STR_EMPTY,
        .ordinal = terminal->taken,
        .time = found->time,
        .duration = found->duration,
        .exit_status = found->exit_status,
        .output_bytes = found->output_bytes,
        .cwd = opk_range_text(&records->given, found->where.cwd),
        .host = opk_range_text(&records->given, found->where.host),
        .user = opk_range_text(&records->given, found->where.user),
        .shell = OPK_STR_EMPTY,
        .source = OPK_STR_EMPTY,
        .at = found->at,
    };
    return OPK_OK;
}
