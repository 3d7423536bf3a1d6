#include "ingest/capture.h"

#include <string.h>

enum { COLS_DEFAULT = 80, ROWS_MIN = 96, MARK_BLANKS = 9, MARK_REACH = 40, GAP = 2 };

void opk_capture_done(struct opk_capture *capture)
{
    opk_screen_free(capture->screen);
    opk_edit_line_done(&capture->edit);
    opk_buf_done(&capture->text);
    *capture = (struct opk_capture){0};
}

bool opk_capture_find_mark(struct opk_str raw, unsigned *out_cols, size_t *out_end)
{
    size_t run = 0;
    bool found = false;

    for (size_t at = 0; at < raw.len; at++) {
        if (raw.data[at] == ' ') {
            run++;
            continue;
        }
        if (raw.data[at] == '\r' && run >= MARK_BLANKS) {
            const size_t begin = at - run;
            const struct opk_str before =
                opk_str_slice(raw, begin > MARK_REACH ? begin - MARK_REACH : 0, begin);
            if (opk_str_find(before, OPK_STR("%\x1b["), 0) != OPK_NPOS ||
                opk_str_find(before, OPK_STR("#\x1b["), 0) != OPK_NPOS ||
                opk_str_find(before, OPK_STR("\xE2\x8F\x8E"), 0) != OPK_NPOS) {
                *out_cols = (unsigned)(run < OPK_SCREEN_COLS_MAX ? run + 1 : OPK_SCREEN_COLS_MAX);
                *out_end = at;
                found = true;
            }
        }
        run = 0;
    }
    return found;
}

/* Start a line; its text is appended to capture->text by the caller. NULL: too many. */
static struct opk_prompt_line *add_line(struct opk_capture *capture,
                                        const struct opk_stretch *stretch)
{
    if (capture->line_count >= OPK_CAPTURE_LINES)
        return NULL;
    struct opk_prompt_line *line = &capture->lines[capture->line_count];
    *line = (struct opk_prompt_line){.text = OPK_STR_EMPTY,
                                     .end = OPK_NPOS,
                                     .first = OPK_NPOS,
                                     .anchor = OPK_NPOS,
                                     .signs = stretch->signs};
    capture->places[capture->line_count++] = capture->text.len;
    return line;
}

/* Bytes that the first cells of the edit line take as text. */
static size_t bytes_of(struct opk_capture *capture, size_t cells)
{
    const size_t before = capture->text.len;

    if (cells == SIZE_MAX)
        return OPK_NPOS;
    opk_cell_text(capture->edit.cells, cells < capture->edit.count ? cells : capture->edit.count,
                  &capture->text);
    const size_t bytes = capture->text.len - before;
    opk_buf_truncate(&capture->text, before);
    return bytes;
}

/* Where a right prompt begins: behind cells that nobody wrote, and up to the margin. Or the end. */
static size_t right_prompt(const struct opk_edit_line *edit)
{
    size_t begin = edit->count;

    if (!edit->rested || edit->rows > 1 || edit->count + GAP < edit->cols)
        return edit->count;
    while (begin > edit->floor && edit->cells[begin - 1].base != 0)
        begin--;
    return begin >= edit->floor + GAP && edit->cells[begin - GAP].base == 0 ? begin : edit->count;
}

static void finish_edit(struct opk_capture *capture, const struct opk_stretch *stretch,
                        const size_t *pauses, unsigned pause_count)
{
    struct opk_edit_line *edit = &capture->edit;
    struct opk_prompt_line *line = add_line(capture, stretch);

    if (line) {
        if (edit->rested && capture->rested_line >= capture->line_count) {
            capture->rested_line = capture->line_count - 1;
            capture->rested_rows = edit->rows;
            capture->rested_floor = edit->floor;
        }
        line->floor = bytes_of(capture, edit->floor);
        line->first = bytes_of(capture, edit->first);
        line->anchor = bytes_of(capture, edit->anchor);
        for (unsigned i = 0; i < pause_count; i++)
            line->pauses[line->pause_count++] = bytes_of(capture, pauses[i]);
        if (edit->edits > 0)
            line->signs |= OPK_PROMPT_EDITED;
        opk_cell_text(edit->cells, right_prompt(edit), &capture->text);
        opk_buf_append_byte(&capture->text, '\n');
    }
    if (edit->wrap_cols > 0)
        capture->wrap_cols = edit->wrap_cols;
    opk_edit_line_clear(edit);
    edit->cols = capture->cols;
}

enum opk_feed opk_capture_feed(struct opk_capture *capture, struct opk_str raw, size_t cols)
{
    struct opk_edit_line *edit = &capture->edit;

    for (;;) {
        opk_edit_line_clear(edit);
        edit->cols = cols;
        opk_edit_line_push(edit, raw);
        /* Where the width is unknown, a wrap in this very line may have told it. */
        if (cols > 0 || edit->wrap_cols == 0)
            break;
        cols = edit->wrap_cols;
    }
    if (!opk_edit_line_is_last_row(edit))
        return OPK_FEED_MOVES;
    return edit->row + 1 < edit->rows ? OPK_FEED_UNSURE : OPK_FEED_ENDS;
}

/* Does a newline in a replay, with what follows it, stay within the line? */
static bool is_inner_feed(const struct opk_edit_line *edit, struct opk_str rest)
{
    return !opk_edit_line_is_last_row(edit) ||
           (edit->row + 1 < edit->rows && opk_str_starts(rest, OPK_FEED_CLEARS));
}

/* The parts of CSI n FINAL at a place. False: something else, or not all of it, stands there. */
static bool read_csi(struct opk_str raw, size_t at, char *out_final, size_t *out_end)
{
    if (!opk_str_starts(opk_str_skip(raw, at), OPK_STR("\x1b[")))
        return false;
    for (at += 2; at < raw.len && (opk_is_digit(raw.data[at]) || raw.data[at] == ';'); at++)
        continue;
    if (at >= raw.len)
        return false;
    *out_final = raw.data[at];
    *out_end = at + 1;
    return true;
}

/*
 * A program wrote to the terminal while the editor waited, for example a completion that failed.
 * The editor does not know: it goes on where its cursor rested, and rests again. Gives where what
 * was written ends, or OPK_NPOS where the editor itself began another line.
 */
static size_t output_end(const struct opk_stretch *stretch, size_t at)
{
    const struct opk_str raw = stretch->raw;
    size_t written = at;

    for (; at < raw.len && at != stretch->feed_at; at++) {
        char final;
        size_t end;
        if (raw.data[at] == '\n')
            written = at + 1;
        else if (raw.data[at] == '\r' && read_csi(raw, at + 1, &final, &end) && final == 'C')
            return written;
        else if (raw.data[at] == '\x1b' && (!read_csi(raw, at, &final, &end) || final != 'm') &&
                 !opk_str_starts(opk_str_skip(raw, at), OPK_STR("\x1b(B")))
            return OPK_NPOS;
    }
    return OPK_NPOS;
}

/* A newline in a replay came on the last row. Does the line go on all the same, and from where? */
static bool goes_on(struct opk_edit_line *edit, const struct opk_stretch *stretch, size_t *at)
{
    char final;
    size_t end;

    if (stretch->editor_at == OPK_NPOS || *at > stretch->feed_at)
        return false;
    if (edit->cols > 0 && edit->count == edit->starts[edit->row] + edit->cols &&
        read_csi(stretch->raw, *at, &final, &end) && final == 'A') {
        opk_edit_line_begin_row(edit);
        return true;
    }
    if (edit->rest >= edit->count)
        return false;
    end = output_end(stretch, *at);
    if (end == OPK_NPOS)
        return false;
    opk_edit_line_drop_output(edit);
    *at = end;
    return true;
}

/* Replay on the edit line; a newline below the last row begins another line. */
static void read_edit(struct opk_capture *capture, const struct opk_stretch *stretch)
{
    struct opk_edit_line *edit = &capture->edit;
    const size_t begin = stretch->editor_at != OPK_NPOS ? stretch->editor_at : 0;
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count = 0;
    unsigned next_pause = 0;

    opk_edit_line_clear(edit);
    edit->cols = capture->cols;
    for (size_t at = begin; at < stretch->raw.len;) {
        while (next_pause < stretch->pause_count && stretch->pauses[next_pause] <= at) {
            if (edit->count > 0 && pause_count < OPK_PROMPT_PAUSES)
                pauses[pause_count++] = edit->cursor;
            next_pause++;
        }
        size_t end = opk_str_find_byte(stretch->raw, '\n', at);
        const bool feed = end != OPK_NPOS;
        if (!feed)
            end = stretch->raw.len;
        if (next_pause < stretch->pause_count && stretch->pauses[next_pause] < end) {
            opk_edit_line_push(edit, opk_str_slice(stretch->raw, at, stretch->pauses[next_pause]));
            at = stretch->pauses[next_pause];
            continue;
        }
        opk_edit_line_push(edit, opk_str_slice(stretch->raw, at, end));
        at = end + 1;
        if (feed && is_inner_feed(edit, opk_str_skip(stretch->raw, at))) {
            opk_edit_line_push(edit, OPK_STR("\n"));
        } else if (feed && !goes_on(edit, stretch, &at)) {
            finish_edit(capture, stretch, pauses, pause_count);
            pause_count = 0;
        }
    }
    if (edit->count > 0)
        finish_edit(capture, stretch, pauses, pause_count);
}

/* Where input begins on the screen, and the cells of its row before that. */
struct input {
    struct opk_screen_place place;
    uint8_t epoch; /* cells of older ones are the prompt's */
    struct opk_cell prefix[OPK_SCREEN_COLS_MAX];
};

/* Does a row begin with the cells that were the prompt? */
static bool has_prefix(const struct opk_screen_row *row, const struct input *input)
{
    if (!row || row->used < input->place.col)
        return false;
    for (size_t i = 0; i < input->place.col; i++) {
        if (row->cells[i].base != input->prefix[i].base)
            return false;
    }
    return true;
}

/* Input begins at the cursor. */
static void mark_input(struct opk_screen *screen, struct input *input)
{
    const struct opk_screen_place place = opk_screen_cursor(screen);
    const struct opk_screen_row *row = opk_screen_line(screen, place.line);

    input->place = place;
    memset(input->prefix, 0, place.col * sizeof(input->prefix[0]));
    if (row && row->used > 0)
        memcpy(input->prefix, row->cells,
               (place.col < row->used ? place.col : row->used) * sizeof(input->prefix[0]));
    if (input->epoch < UINT8_MAX)
        input->epoch++;
    opk_screen_set_epoch(screen, input->epoch);
}

/* How far the typed text of a row reaches from a column: no right prompt, no suggestion. */
static unsigned typed_end(const struct opk_screen *screen, const struct opk_screen_row *row,
                          struct opk_screen_place from, uint8_t epoch)
{
    const struct opk_screen_place cursor = opk_screen_cursor(screen);
    unsigned end = from.col;
    unsigned gap = 0;

    for (unsigned col = from.col; col < row->used; col++) {
        const struct opk_cell *cell = &row->cells[col];
        if (cursor.line == from.line && col == cursor.col && cell->faint &&
            (col == from.col || !row->cells[col - 1].faint))
            break;
        if (cell->base == 0 || cell->epoch < epoch) {
            if (++gap >= GAP)
                break;
            continue;
        }
        gap = 0;
        end = col + 1;
    }
    return end;
}

/* The text from a place on: rows that wrap are one line, rows down to the cursor follow it. */
static void typed_text(const struct opk_screen *screen, const struct input *input,
                       struct opk_buf *out)
{
    const struct opk_screen_place cursor = opk_screen_cursor(screen);

    bool wrapped = true;

    for (struct opk_screen_place at = input->place;; at.line++, at.col = 0) {
        const struct opk_screen_row *row = opk_screen_line(screen, at.line);
        if (!row)
            return;
        /* An editor indents the lines of a command without writing blanks. */
        while (!wrapped && at.col < row->used && row->cells[at.col].base == 0)
            at.col++;
        wrapped = row->wrapped;
        const unsigned end = typed_end(screen, row, at, input->epoch);
        if (end > at.col)
            opk_cell_text(row->cells + at.col, end - at.col, out);
        if (!row->wrapped && at.line >= cursor.line)
            return;
        if (!row->wrapped)
            opk_buf_append_byte(out, '\n');
    }
}

/* Where the prompt's row is now: where it was, or where it was painted again; false when gone. */
static bool relocate(const struct opk_screen *screen, struct input *input)
{
    const uint64_t top = opk_screen_top(screen);

    if (has_prefix(opk_screen_line(screen, input->place.line), input))
        return true;
    for (uint64_t line = top + opk_screen_rows(screen); line > top; line--) {
        if (has_prefix(opk_screen_line(screen, line - 1), input)) {
            input->place.line = line - 1;
            return input->place.col > 0;
        }
    }
    return false;
}

/* What the escape at a place erases: 'J' (the display), 'K' (the line), or 0. */
static char erases(struct opk_str raw, size_t at)
{
    if (at + 2 >= raw.len || raw.data[at] != '\x1b' || raw.data[at + 1] != '[')
        return 0;
    for (at += 2; at < raw.len && (opk_is_digit(raw.data[at]) || raw.data[at] == ';'); at++)
        continue;
    return at < raw.len && (raw.data[at] == 'J' || raw.data[at] == 'K') ? raw.data[at] : '\0';
}

/*
 * Feed what follows the prompt. A prompt that is erased is painted again: before anything was
 * typed, that is the prompt from then on; later, the text so far is kept, because a prompt that is
 * replaced on Enter takes the command with it.
 */
static void feed_typed(struct opk_screen *screen, struct opk_str raw, struct input *input,
                       struct opk_buf *kept)
{
    bool repainting = false;

    for (size_t at = 0; at < raw.len;) {
        size_t end = opk_str_find_byte(raw, '\x1b', at + 1);
        const struct opk_screen_place cursor = opk_screen_cursor(screen);
        const char erase = erases(raw, at);
        if (end == OPK_NPOS)
            end = raw.len;
        if (erase && (cursor.line < input->place.line ||
                      (cursor.line == input->place.line && cursor.col < input->place.col))) {
            const size_t before = kept->len;
            typed_text(screen, input, kept);
            opk_buf_splice(kept, 0, kept->len > before ? before : 0, OPK_STR_EMPTY);
            repainting = opk_str_trim(opk_buf_str(kept)).len == 0;
        }
        if (repainting && erase == 'K' && cursor.col > 0) {
            mark_input(screen, input);
            repainting = false;
        }
        opk_screen_push(screen, opk_str_slice(raw, at, end));
        at = end;
    }
}

static enum opk_status ready_screen(struct opk_capture *capture, struct opk_err *err)
{
    const unsigned cols = capture->cols ? capture->cols : COLS_DEFAULT;
    const unsigned rows = capture->rows > ROWS_MIN ? capture->rows : ROWS_MIN;

    if (capture->screen &&
        (opk_screen_cols(capture->screen) != cols || opk_screen_rows(capture->screen) != rows)) {
        opk_screen_free(capture->screen);
        capture->screen = NULL;
    }
    if (!capture->screen) {
        enum opk_status status = opk_screen_new(cols, rows, &capture->screen, err);
        if (status != OPK_OK)
            return status;
    }
    opk_screen_clear(capture->screen, opk_screen_rows(capture->screen) / 2);
    return OPK_OK;
}

static enum opk_status read_screen(struct opk_capture *capture, const struct opk_stretch *stretch,
                                   size_t mark, struct opk_err *err)
{
    struct input input = {0};
    struct opk_buf kept = OPK_BUF_EMPTY;
    const size_t end = stretch->feed_at != OPK_NPOS && stretch->feed_at >= mark ? stretch->feed_at
                                                                                : stretch->raw.len;
    enum opk_status status = ready_screen(capture, err);

    if (status != OPK_OK)
        return status;
    struct opk_screen *screen = capture->screen;
    opk_screen_push(screen, opk_str_slice(stretch->raw, 0, mark));
    mark_input(screen, &input);
    feed_typed(screen, opk_str_slice(stretch->raw, mark, end), &input, &kept);

    struct opk_prompt_line *line = add_line(capture, stretch);
    if (line) {
        opk_cell_text(input.prefix, input.place.col, &capture->text);
        line->end = capture->text.len - capture->places[capture->line_count - 1];
        if (!relocate(screen, &input) && kept.len > 0)
            opk_buf_append(&capture->text, opk_buf_str(&kept));
        else
            typed_text(screen, &input, &capture->text);
        opk_buf_append_byte(&capture->text, '\n');
    }
    capture->text.failed |= kept.failed;
    opk_buf_done(&kept);
    return OPK_OK;
}

/* Where an editor first put its cursor, counted from the margin; OPK_NPOS: nowhere. */
static size_t first_rest(struct opk_str raw, size_t at)
{
    char final;
    size_t end;

    for (at = opk_str_find_byte(raw, '\r', at); at != OPK_NPOS;
         at = opk_str_find_byte(raw, '\r', at + 1)) {
        if (read_csi(raw, at + 1, &final, &end) && final == 'C')
            return end;
    }
    return OPK_NPOS;
}

/*
 * The edit line showed that the editor counts columns from the margin, and that it painted more
 * than one row: those a screen shows better. What was learnt of the prompt stays.
 */
static enum opk_status read_rows(struct opk_capture *capture, const struct opk_stretch *stretch,
                                 struct opk_err *err)
{
    struct input input = {0};
    const struct opk_str raw = opk_str_slice(stretch->raw, 0, stretch->feed_at);
    const size_t rest = first_rest(raw, stretch->editor_at);
    const size_t begin = capture->places[capture->rested_line];

    if (rest == OPK_NPOS)
        return OPK_OK;
    enum opk_status status = ready_screen(capture, err);
    if (status != OPK_OK)
        return status;
    opk_screen_push(capture->screen, opk_str_slice(raw, stretch->editor_at, rest));
    mark_input(capture->screen, &input);
    if (input.place.col > capture->rested_floor)
        input.place.col = (unsigned)capture->rested_floor;
    opk_screen_push(capture->screen, opk_str_skip(raw, rest));
    if (!relocate(capture->screen, &input))
        return OPK_OK;
    input.place.col = 0;
    input.epoch = 0;
    opk_buf_truncate(&capture->text, begin);
    typed_text(capture->screen, &input, &capture->text);
    opk_buf_append_byte(&capture->text, '\n');
    capture->line_count = capture->rested_line + 1;
    return OPK_OK;
}

/* Is anything printed on the line that a mark stands in? */
static bool has_text_before(struct opk_capture *capture, struct opk_str raw, size_t mark)
{
    const struct opk_str before = opk_str_slice(raw, 0, mark);

    opk_edit_line_clear(&capture->edit);
    opk_edit_line_push(&capture->edit, before);
    for (size_t i = 0; i < capture->edit.count; i++) {
        if (capture->edit.cells[i].base > ' ')
            return true;
    }
    return false;
}

enum opk_status opk_capture_read(struct opk_capture *capture, const struct opk_stretch *stretch,
                                 struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    struct opk_stretch last = *stretch;
    unsigned cols;
    size_t mark;

    /* A line dropped while the editor stays on: the mark begins the next one. */
    if (last.editor_at != OPK_NPOS && opk_capture_find_mark(last.raw, &cols, &mark) &&
        mark > last.editor_at)
        last.editor_at = mark;
    stretch = &last;
    capture->line_count = 0;
    capture->rested_line = OPK_CAPTURE_LINES;
    capture->wrap_cols = 0;
    opk_buf_clear(&capture->text);
    if (stretch->input_at != OPK_NPOS &&
        (stretch->editor_at == OPK_NPOS || stretch->input_at >= stretch->editor_at))
        status = read_screen(capture, stretch, stretch->input_at, err);
    else if (stretch->editor_at != OPK_NPOS && stretch->feed_at == OPK_NPOS &&
             has_text_before(capture, stretch->raw, stretch->editor_at))
        status = read_screen(capture, stretch, stretch->editor_at, err);
    else
        read_edit(capture, stretch);
    if (stretch->editor_at != OPK_NPOS && capture->cols > 0 &&
        capture->rested_line < capture->line_count &&
        (capture->rested_rows > 1 || capture->rested_line + 1 < capture->line_count))
        status = read_rows(capture, stretch, err);
    capture->text.failed |= capture->edit.failed;
    if (status == OPK_OK)
        status = opk_buf_check(&capture->text, err);
    for (unsigned i = 0; status == OPK_OK && i < capture->line_count; i++) {
        const size_t end = i + 1 < capture->line_count ? capture->places[i + 1] : capture->text.len;
        /* Every line was closed with a newline that is not its own. */
        capture->lines[i].text =
            opk_str_slice(opk_buf_str(&capture->text), capture->places[i], end - 1);
    }
    return status;
}
