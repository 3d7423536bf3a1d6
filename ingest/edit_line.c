#include "ingest/edit_line.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Shorter text may come again by chance. */
enum { PASTE_MIN = 8 };

void opk_edit_line_done(struct opk_edit_line *line)
{
    opk_vt_done(&line->vt);
    free(line->cells);
    free(line->paste);
    *line = (struct opk_edit_line){0};
}

static void empty(struct opk_edit_line *line)
{
    line->count = line->cursor = 0;
    line->starts[0] = 0;
    line->rows = 1;
    line->row = 0;
    line->last = 0;
    line->returned = false;
    line->floor = 0;
    line->painted = line->rested = false;
    line->first = line->anchor = line->rest = SIZE_MAX;
}

void opk_edit_line_clear(struct opk_edit_line *line)
{
    opk_vt_clear(&line->vt);
    empty(line);
    line->cols = 0;
    line->edits = 0;
    line->paste_count = 0;
    line->run_at = 0;
    line->wrap_cols = 0;
}

/*
 * Does nothing stand below the row? A blank does not count: it only takes the cursor there when a
 * row is full.
 */
static bool is_last(const struct opk_edit_line *line)
{
    size_t at = line->count;

    if (line->row + 1 >= line->rows)
        return true;
    while (at > line->starts[line->row + 1] && line->cells[at - 1].base <= ' ')
        at--;
    return at <= line->starts[line->row + 1];
}

static size_t row_end(const struct opk_edit_line *line)
{
    return is_last(line) ? line->count : line->starts[line->row + 1];
}

/* Where the row meets the margin; SIZE_MAX when that is unknown. */
static size_t row_limit(const struct opk_edit_line *line)
{
    const size_t glued = line->row == 0 && line->anchor != SIZE_MAX ? line->anchor : 0;

    return line->cols > 0 ? line->starts[line->row] + glued + line->cols : SIZE_MAX;
}

/* At the margin the cursor waits on the last column; whatever is no character finds it there. */
static void leave_margin(struct opk_edit_line *line)
{
    if (line->cursor >= row_limit(line) && line->cursor > line->starts[line->row])
        line->cursor = row_limit(line) - 1;
}

/* Cut the line. Rows that began behind the cut still do: the margin has not moved. */
static void truncate_at(struct opk_edit_line *line, size_t count)
{
    if (line->count > count)
        line->count = count;
    if (line->count == 0)
        line->painted = false;
}

static bool reach(struct opk_edit_line *line, size_t count)
{
    if (count > OPK_EDIT_LINE_MAX)
        return false;
    struct opk_cell *cells = opk_grow(line->cells, &line->cap, count, sizeof(*cells));
    if (!cells) {
        line->failed = true;
        return false;
    }
    line->cells = cells;
    if (line->count < count) {
        memset(cells + line->count, 0, (count - line->count) * sizeof(*cells));
        line->count = count;
    }
    return true;
}

static void begin_row(struct opk_edit_line *line, size_t start)
{
    while (line->rows > 1 && line->starts[line->rows - 1] >= start)
        line->rows--;
    if (line->rows >= OPK_EDIT_ROWS_MAX || start <= line->starts[line->rows - 1])
        return;
    if (line->rows == 1 && line->wrap_cols == 0)
        line->wrap_cols = start - (line->anchor != SIZE_MAX ? line->anchor : 0);
    line->starts[line->rows++] = start;
    line->row = line->rows - 1;
    line->cursor = start;
}

/* What came after "c CR" or "SP CR" decides whether that was a wrap. */
static void settle(struct opk_edit_line *line, uint32_t next)
{
    const size_t start = line->starts[line->row];
    const uint32_t last = line->last;

    if (!line->returned)
        return;
    line->returned = false;
    line->last = 0;
    if (next == 0 || line->count < start + OPK_EDIT_WRAP_MIN || next == line->cells[start].base)
        return;
    if (next == last || last == ' ')
        begin_row(line, line->count - 1);
}

static void put(struct opk_edit_line *line, uint32_t base)
{
    if (!reach(line, line->cursor + 1))
        return;
    line->cells[line->cursor++] = (struct opk_cell){.base = base};
}

/*
 * An editor that takes its prompt for wider than it is paints pasted text once more in the wrong
 * place, when the highlight goes. The whole text coming again is that; it stands where it was.
 */
static void mend_paste(struct opk_edit_line *line)
{
    const size_t count = line->paste_count;

    if (count < PASTE_MIN || line->cursor - line->run_at != count ||
        line->run_at == line->paste_at || line->cursor != line->count)
        return;
    for (size_t i = 0; i < count; i++) {
        if (line->cells[line->run_at + i].base != line->paste[i].base)
            return;
    }
    memcpy(line->cells + line->paste_at, line->paste, count * sizeof(*line->paste));
    line->count = line->cursor = line->paste_at + count;
    line->run_at = line->paste_at;
}

static void on_print(void *context, uint32_t code_point)
{
    struct opk_edit_line *line = context;
    const unsigned width = opk_cell_width(code_point);

    if (width == 0) {
        size_t at = line->cursor;
        while (at > 0 && line->cells[at - 1].base == OPK_CELL_TAIL)
            at--;
        if (at > 0)
            line->cells[at - 1].mark = code_point;
        return;
    }
    settle(line, code_point);
    if (line->cursor == 0) {
        line->painted = false;
        line->floor = 0;
    }
    /* Writing past the end of a row goes on in the next. */
    if (line->cursor + width > row_limit(line)) {
        if (line->cursor < row_limit(line))
            put(line, OPK_CELL_TAIL);
        if (line->row + 1 >= line->rows || line->starts[line->row + 1] != line->cursor)
            begin_row(line, line->cursor);
        else
            line->row++;
    }
    while (line->row + 1 < line->rows && line->cursor >= line->starts[line->row + 1])
        line->row++;
    put(line, code_point);
    if (width == 2)
        put(line, OPK_CELL_TAIL);
    line->last = line->cursor == line->count && width == 1 ? code_point : 0;
    if (line->paste_count > 0 && line->cursor > line->run_at)
        mend_paste(line);
}

static void move_row(struct opk_edit_line *line, unsigned row)
{
    const size_t col = line->cursor - line->starts[line->row];

    line->row = row;
    line->cursor = line->starts[row] + col;
    if (line->cursor > line->count && !reach(line, line->cursor))
        line->cursor = line->count;
}

static void on_control(void *context, unsigned char code)
{
    struct opk_edit_line *line = context;
    const bool at_end = line->cursor == line->count && line->cursor < row_limit(line);

    if (code != '\a') {
        settle(line, 0);
        leave_margin(line);
    }
    switch (code) {
    case '\b':
        if (line->cursor > line->starts[line->row])
            line->cursor--;
        line->edits++;
        line->painted = line->count > 0;
        line->rest = SIZE_MAX;
        break;
    case '\r':
        line->painted = line->count > 0;
        line->returned = at_end && line->last != 0;
        line->cursor = line->starts[line->row];
        line->run_at = line->cursor;
        return;
    case '\n':
        if (line->row + 1 < line->rows)
            move_row(line, line->row + 1);
        break;
    case '\t':
        do {
            put(line, ' ');
        } while ((line->cursor - line->starts[line->row]) % 8 != 0);
        break;
    case '\a':
        line->edits++;
        return;
    default:
        break;
    }
    line->last = 0;
    line->run_at = line->cursor;
}

static void erase_in_row(struct opk_edit_line *line, unsigned mode)
{
    const size_t from = mode == 0 ? line->cursor : line->starts[line->row];
    const size_t end = row_end(line);

    if (mode != 1 && is_last(line))
        truncate_at(line, from);
    else if (from < end)
        memset(line->cells + from, 0,
               ((mode == 1 ? line->cursor : end) - from) * sizeof(*line->cells));
}

static void delete_cells(struct opk_edit_line *line, size_t n)
{
    const size_t end = row_end(line);

    if (line->cursor >= end)
        return;
    if (n > end - line->cursor)
        n = end - line->cursor;
    memmove(line->cells + line->cursor, line->cells + line->cursor + n,
            (end - line->cursor - n) * sizeof(*line->cells));
    if (is_last(line))
        line->count -= n;
    else
        memset(line->cells + end - n, 0, n * sizeof(*line->cells));
}

static void insert_cells(struct opk_edit_line *line, size_t n)
{
    const size_t old = line->count;
    const size_t end = row_end(line);

    if (line->cursor >= end)
        return;
    if (!is_last(line)) {
        if (n > end - line->cursor)
            n = end - line->cursor;
        memmove(line->cells + line->cursor + n, line->cells + line->cursor,
                (end - line->cursor - n) * sizeof(*line->cells));
    } else {
        if (!reach(line, old + n))
            return;
        memmove(line->cells + line->cursor + n, line->cells + line->cursor,
                (old - line->cursor) * sizeof(*line->cells));
    }
    memset(line->cells + line->cursor, 0, n * sizeof(*line->cells));
}

static void move_forward(struct opk_edit_line *line, size_t n)
{
    line->cursor = line->cursor + n < row_limit(line) ? line->cursor + n : row_limit(line) - 1;
    if (line->cursor > line->count && !reach(line, line->cursor))
        line->cursor = line->count;
}

static void keep_paste(struct opk_edit_line *line)
{
    if (line->cursor <= line->paste_at || line->rows > 1)
        return;
    const size_t count = line->cursor - line->paste_at;
    struct opk_cell *paste = opk_grow(line->paste, &line->paste_cap, count, sizeof(*paste));
    if (!paste) {
        line->failed = true;
        return;
    }
    line->paste = paste;
    memcpy(paste, line->cells + line->paste_at, count * sizeof(*paste));
    line->paste_count = count;
}

static void note_colour(struct opk_edit_line *line, const struct opk_vt_csi *csi)
{
    /* Reverse video marks a paste or a search, not a prompt. */
    if (csi->count == 1 && csi->params[0] == 7) {
        line->paste_at = line->cursor;
        line->paste_count = 0;
        return;
    }
    if (csi->count == 1 && csi->params[0] == 27) {
        keep_paste(line);
        return;
    }
    if (!line->painted)
        line->floor = line->cursor;
    if (line->first == SIZE_MAX)
        line->first = line->cursor;
}

static void on_edit(struct opk_edit_line *line, const struct opk_vt_csi *csi)
{
    const size_t n = opk_vt_param(csi, 0, 1);
    bool rests = false;

    switch (csi->final) {
    case 'C':
        rests = line->cursor == line->starts[line->row] && line->count > line->cursor;
        move_forward(line, n);
        break;
    case 'D':
        line->cursor -=
            n < line->cursor - line->starts[line->row] ? n : line->cursor - line->starts[line->row];
        line->edits++;
        line->painted = line->count > 0;
        break;
    case 'G':
        line->cursor = line->starts[line->row];
        move_forward(line, n - 1);
        break;
    case 'A':
        line->painted = line->count > 0;
        move_row(line, line->row > n ? line->row - (unsigned)n : 0);
        break;
    case 'B':
        move_row(line, line->row + n < line->rows ? line->row + (unsigned)n : line->rows - 1);
        break;
    case 'K':
        erase_in_row(line, opk_vt_param(csi, 0, 0));
        line->edits++;
        break;
    case 'J':
        if (opk_vt_param(csi, 0, 0) == 0)
            truncate_at(line, line->cursor);
        else if (opk_vt_param(csi, 0, 0) == 2)
            empty(line);
        break;
    case 'H':
        empty(line);
        break;
    case 'P':
        delete_cells(line, n);
        line->edits++;
        break;
    case '@':
        insert_cells(line, n);
        line->edits++;
        break;
    case 'X':
        for (size_t i = 0; i < n && line->cursor + i < row_end(line); i++)
            line->cells[line->cursor + i] = (struct opk_cell){0};
        break;
    default:
        break;
    }
    line->rest = rests ? line->cursor : SIZE_MAX;
    line->rested |= rests;
}

static void on_csi(void *context, const struct opk_vt_csi *csi)
{
    struct opk_edit_line *line = context;

    if (csi->prefix || csi->intermediate)
        return;
    if (csi->final == 'm') {
        note_colour(line, csi);
        return;
    }
    settle(line, 0);
    leave_margin(line);
    on_edit(line, csi);
    line->last = 0;
    line->run_at = line->cursor;
}

static void on_osc(void *context, struct opk_str text)
{
    struct opk_edit_line *line = context;

    if (opk_str_starts(text, OPK_STR("0;")) || opk_str_starts(text, OPK_STR("2;")) ||
        opk_str_starts(text, OPK_STR("7;")) || opk_str_starts(text, OPK_STR("133;A")) ||
        opk_str_starts(text, OPK_STR("633;A"))) {
        line->anchor = line->cursor;
        line->painted = false;
    }
}

static const struct opk_vt_handlers HANDLERS = {
    .print = on_print,
    .control = on_control,
    .csi = on_csi,
    .osc = on_osc,
};

bool opk_edit_line_is_last_row(const struct opk_edit_line *line)
{
    return is_last(line);
}

void opk_edit_line_begin_row(struct opk_edit_line *line)
{
    begin_row(line, line->count);
}

void opk_edit_line_drop_output(struct opk_edit_line *line)
{
    assert(line->rest < line->count);
    line->count = line->cursor = line->run_at = line->rest;
    while (line->rows > 1 && line->starts[line->rows - 1] >= line->rest)
        line->rows--;
    line->row = line->rows - 1;
}

void opk_edit_line_push(struct opk_edit_line *line, struct opk_str bytes)
{
    opk_vt_push(&line->vt, &HANDLERS, line, bytes);
    line->failed |= line->vt.failed;
}
