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
            const size_t inverse = opk_str_find(before, OPK_STR("\x1b[7m"), 0);
            const size_t faint = opk_str_find(before, OPK_STR("\xE2\x8F\x8E"), 0);
            if (inverse != OPK_NPOS || faint != OPK_NPOS) {
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

static void finish_edit(struct opk_capture *capture, const struct opk_stretch *stretch,
                        const size_t *pauses, unsigned pause_count)
{
    struct opk_edit_line *edit = &capture->edit;
    struct opk_prompt_line *line = add_line(capture, stretch);

    if (line) {
        line->floor = bytes_of(capture, edit->floor);
        line->first = bytes_of(capture, edit->first);
        line->anchor = bytes_of(capture, edit->anchor);
        for (unsigned i = 0; i < pause_count; i++)
            line->pauses[line->pause_count++] = bytes_of(capture, pauses[i]);
        if (edit->edits > 0)
            line->signs |= OPK_PROMPT_EDITED;
        opk_cell_text(edit->cells, edit->count, &capture->text);
        opk_buf_append_byte(&capture->text, '\n');
    }
    opk_edit_line_clear(edit);
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
        if (feed && edit->row + 1 < edit->rows) {
            opk_edit_line_push(edit, OPK_STR("\n"));
        } else if (feed) {
            finish_edit(capture, stretch, pauses, pause_count);
            pause_count = 0;
        }
    }
    if (edit->count > 0)
        finish_edit(capture, stretch, pauses, pause_count);
    if (edit->failed)
        capture->text.failed = true;
}

/* Does a row begin with the cells that were the prompt? */
static bool has_prefix(const struct opk_screen_row *row, const struct opk_cell *prefix,
                       size_t count)
{
    if (!row || row->used < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (row->cells[i].base != prefix[i].base)
            return false;
    }
    return true;
}

/* How far the typed text of a row reaches from a column: no right prompt, no suggestion. */
static unsigned typed_end(const struct opk_screen *screen, const struct opk_screen_row *row,
                          uint64_t line, unsigned from)
{
    const struct opk_screen_place cursor = opk_screen_cursor(screen);
    unsigned end = from;
    unsigned gap = 0;

    for (unsigned col = from; col < row->used; col++) {
        const struct opk_cell *cell = &row->cells[col];
        if (cursor.line == line && col == cursor.col && cell->faint &&
            (col == from || !row->cells[col - 1].faint))
            break;
        if (cell->base == 0 || cell->epoch == 0) {
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
static void typed_text(const struct opk_screen *screen, struct opk_screen_place place,
                       struct opk_buf *out)
{
    const struct opk_screen_place cursor = opk_screen_cursor(screen);
    unsigned from = place.col;

    for (uint64_t line = place.line;; line++, from = 0) {
        const struct opk_screen_row *row = opk_screen_line(screen, line);
        if (!row)
            return;
        const unsigned end = typed_end(screen, row, line, from);
        if (end > from)
            opk_cell_text(row->cells + from, end - from, out);
        if (!row->wrapped && line >= cursor.line)
            return;
        if (!row->wrapped)
            opk_buf_append_byte(out, '\n');
    }
}

/* Where the prompt's row is now: where it was, or where it was painted again; false when gone. */
static bool relocate(const struct opk_screen *screen, const struct opk_cell *prefix,
                     struct opk_screen_place *place)
{
    const uint64_t top = opk_screen_top(screen);

    if (has_prefix(opk_screen_line(screen, place->line), prefix, place->col))
        return true;
    for (uint64_t line = top + opk_screen_rows(screen); line > top; line--) {
        if (has_prefix(opk_screen_line(screen, line - 1), prefix, place->col)) {
            place->line = line - 1;
            return place->col > 0;
        }
    }
    return false;
}

/* Does the stretch erase, at a place where an escape begins? */
static bool is_erase(struct opk_str raw, size_t at)
{
    if (at + 2 >= raw.len || raw.data[at + 1] != '[')
        return false;
    for (at += 2; at < raw.len && (opk_is_digit(raw.data[at]) || raw.data[at] == ';'); at++)
        continue;
    return at < raw.len && (raw.data[at] == 'J' || raw.data[at] == 'K');
}

/*
 * Feed what follows the prompt. Before something at or before the prompt's end is erased, keep the
 * text: a prompt that is replaced on Enter takes the command with it.
 */
static void feed_typed(struct opk_screen *screen, struct opk_str raw, struct opk_screen_place place,
                       struct opk_buf *kept)
{
    for (size_t at = 0; at < raw.len;) {
        size_t end = opk_str_find_byte(raw, '\x1b', at + 1);
        const struct opk_screen_place cursor = opk_screen_cursor(screen);
        if (end == OPK_NPOS)
            end = raw.len;
        if (raw.data[at] == '\x1b' && is_erase(raw, at) &&
            (cursor.line < place.line || (cursor.line == place.line && cursor.col < place.col))) {
            const size_t before = kept->len;
            typed_text(screen, place, kept);
            if (kept->len > before)
                opk_buf_splice(kept, 0, before, OPK_STR_EMPTY);
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
    static const struct opk_screen_row NO_ROW = {0};
    struct opk_cell prefix[OPK_SCREEN_COLS_MAX];
    struct opk_buf kept = OPK_BUF_EMPTY;
    const size_t end = stretch->feed_at != OPK_NPOS && stretch->feed_at >= mark ? stretch->feed_at
                                                                                : stretch->raw.len;
    enum opk_status status = ready_screen(capture, err);

    if (status != OPK_OK)
        return status;
    struct opk_screen *screen = capture->screen;
    opk_screen_push(screen, opk_str_slice(stretch->raw, 0, mark));
    struct opk_screen_place place = opk_screen_cursor(screen);
    const struct opk_screen_row *row = opk_screen_line(screen, place.line);
    if (!row)
        row = &NO_ROW;
    memset(prefix, 0, place.col * sizeof(prefix[0]));
    if (row->used > 0)
        memcpy(prefix, row->cells,
               (place.col < row->used ? place.col : row->used) * sizeof(prefix[0]));
    opk_screen_set_epoch(screen, 1);
    feed_typed(screen, opk_str_slice(stretch->raw, mark, end), place, &kept);

    struct opk_prompt_line *line = add_line(capture, stretch);
    if (line) {
        opk_cell_text(prefix, place.col, &capture->text);
        line->end = capture->text.len - capture->places[capture->line_count - 1];
        if (kept.len > 0 && !relocate(screen, prefix, &place))
            opk_buf_append(&capture->text, opk_buf_str(&kept));
        else
            typed_text(screen, place, &capture->text);
        opk_buf_append_byte(&capture->text, '\n');
    }
    capture->text.failed |= kept.failed;
    opk_buf_done(&kept);
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

    capture->line_count = 0;
    opk_buf_clear(&capture->text);
    if (stretch->input_at != OPK_NPOS &&
        (stretch->editor_at == OPK_NPOS || stretch->input_at >= stretch->editor_at))
        status = read_screen(capture, stretch, stretch->input_at, err);
    else if (stretch->editor_at != OPK_NPOS && stretch->feed_at == OPK_NPOS &&
             has_text_before(capture, stretch->raw, stretch->editor_at))
        status = read_screen(capture, stretch, stretch->editor_at, err);
    else
        read_edit(capture, stretch);
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
