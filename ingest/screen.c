#include "ingest/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TAB_WIDTH = 8 };

struct saved {
    unsigned row;
    unsigned col;
};

struct opk_screen {
    struct opk_vt vt;
    unsigned cols;
    unsigned rows;
    struct opk_screen_row *grid; /* the shown one of main and alternate */
    struct opk_screen_row *main;
    struct opk_screen_row *alternate;
    struct opk_cell *cells; /* of both */
    unsigned row;
    unsigned col;
    bool wrap_pending;
    bool insert;
    bool faint;
    uint8_t epoch;
    unsigned top; /* scroll region, both inclusive */
    unsigned bottom;
    uint64_t scrolled;
    struct saved saved;
    struct saved saved_main;
};

static unsigned clamp(unsigned value, unsigned low, unsigned high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

enum opk_status opk_screen_new(unsigned cols, unsigned rows, struct opk_screen **out_screen,
                               struct opk_err *err)
{
    struct opk_screen *screen = calloc(1, sizeof(*screen));

    if (!screen)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a screen");
    screen->cols = clamp(cols, 1, OPK_SCREEN_COLS_MAX);
    screen->rows = clamp(rows, 1, OPK_SCREEN_ROWS_MAX);
    const size_t count = (size_t)screen->rows * screen->cols;
    screen->cells = calloc(2 * count, sizeof(*screen->cells));
    screen->main = calloc(screen->rows, sizeof(*screen->main));
    screen->alternate = calloc(screen->rows, sizeof(*screen->alternate));
    if (!screen->cells || !screen->main || !screen->alternate) {
        opk_screen_free(screen);
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a screen of %u by %u", cols,
                        rows);
    }
    for (unsigned row = 0; row < screen->rows; row++) {
        screen->main[row].cells = screen->cells + (size_t)row * screen->cols;
        screen->alternate[row].cells = screen->cells + count + (size_t)row * screen->cols;
    }
    screen->grid = screen->main;
    screen->bottom = screen->rows - 1;
    *out_screen = screen;
    return OPK_OK;
}

void opk_screen_free(struct opk_screen *screen)
{
    if (!screen)
        return;
    opk_vt_done(&screen->vt);
    free(screen->cells);
    free(screen->main);
    free(screen->alternate);
    free(screen);
}

/* Erase the cells [from, to) of a row. */
static void erase(struct opk_screen_row *row, unsigned from, unsigned to)
{
    if (to >= row->used) {
        to = row->used;
        if (from < row->used)
            row->used = from;
    }
    if (from < to)
        memset(row->cells + from, 0, (to - from) * sizeof(*row->cells));
}

static void blank(struct opk_screen_row *row)
{
    erase(row, 0, row->used);
    row->wrapped = false;
}

void opk_screen_clear(struct opk_screen *screen, unsigned row)
{
    assert(row < screen->rows);
    opk_vt_clear(&screen->vt);
    for (unsigned i = 0; i < screen->rows; i++) {
        blank(&screen->main[i]);
        blank(&screen->alternate[i]);
    }
    screen->grid = screen->main;
    screen->row = row;
    screen->col = 0;
    screen->wrap_pending = screen->insert = screen->faint = false;
    screen->epoch = 0;
    screen->top = 0;
    screen->bottom = screen->rows - 1;
    screen->scrolled = 0;
    screen->saved = screen->saved_main = (struct saved){0};
}

/* Move the rows of [first, last] up or down by one and blank the one that comes in. */
static void rotate(struct opk_screen *screen, unsigned first, unsigned last, bool up)
{
    struct opk_screen_row *rows = screen->grid + first;
    const size_t count = last - first;
    const struct opk_screen_row gone = up ? rows[0] : rows[count];

    memmove(up ? rows : rows + 1, up ? rows + 1 : rows, count * sizeof(*rows));
    rows[up ? count : 0] = gone;
    blank(&rows[up ? count : 0]);
}

static void line_feed(struct opk_screen *screen)
{
    screen->wrap_pending = false;
    if (screen->row == screen->bottom) {
        rotate(screen, screen->top, screen->bottom, true);
        if (screen->top == 0 && screen->grid == screen->main)
            screen->scrolled++;
    } else if (screen->row + 1 < screen->rows) {
        screen->row++;
    }
}

static void reverse_feed(struct opk_screen *screen)
{
    screen->wrap_pending = false;
    if (screen->row == screen->top)
        rotate(screen, screen->top, screen->bottom, false);
    else if (screen->row > 0)
        screen->row--;
}

/* Make [0, col) of a row defined before something is written behind it. */
static void reach(struct opk_screen_row *row, unsigned col)
{
    if (row->used < col) {
        memset(row->cells + row->used, 0, (col - row->used) * sizeof(*row->cells));
        row->used = col;
    }
}

static void shift_right(struct opk_screen *screen, unsigned count)
{
    struct opk_screen_row *row = &screen->grid[screen->row];

    if (screen->col >= row->used)
        return;
    count = clamp(count, 0, screen->cols - screen->col);
    unsigned used = clamp(row->used + count, 0, screen->cols);
    memmove(row->cells + screen->col + count, row->cells + screen->col,
            (used - screen->col - count) * sizeof(*row->cells));
    memset(row->cells + screen->col, 0, count * sizeof(*row->cells));
    row->used = used;
}

static void shift_left(struct opk_screen *screen, unsigned count)
{
    struct opk_screen_row *row = &screen->grid[screen->row];

    if (screen->col >= row->used)
        return;
    count = clamp(count, 0, row->used - screen->col);
    memmove(row->cells + screen->col, row->cells + screen->col + count,
            (row->used - screen->col - count) * sizeof(*row->cells));
    erase(row, row->used - count, row->used);
}

static void put(struct opk_screen *screen, uint32_t base)
{
    struct opk_screen_row *row = &screen->grid[screen->row];

    reach(row, screen->col + 1);
    row->cells[screen->col] =
        (struct opk_cell){.base = base, .faint = screen->faint, .epoch = screen->epoch};
}

static void combine(struct opk_screen *screen, uint32_t mark)
{
    unsigned col = screen->wrap_pending ? screen->col + 1 : screen->col;
    struct opk_screen_row *row = &screen->grid[screen->row];

    while (col > 0 && col <= row->used && row->cells[col - 1].base == OPK_CELL_TAIL)
        col--;
    if (col > 0 && col <= row->used)
        row->cells[col - 1].mark = mark;
}

static void on_print(void *context, uint32_t code_point)
{
    struct opk_screen *screen = context;
    const unsigned width = opk_cell_width(code_point);

    if (width == 0) {
        combine(screen, code_point);
        return;
    }
    if (screen->wrap_pending || screen->col + width > screen->cols) {
        screen->grid[screen->row].wrapped = true;
        screen->col = 0;
        line_feed(screen);
    }
    if (screen->insert)
        shift_right(screen, width);
    put(screen, code_point);
    if (width == 2 && screen->col + 1 < screen->cols) {
        screen->col++;
        put(screen, OPK_CELL_TAIL);
    }
    if (screen->col + 1 < screen->cols)
        screen->col++;
    else
        screen->wrap_pending = true;
}

static void on_control(void *context, unsigned char code)
{
    struct opk_screen *screen = context;

    switch (code) {
    case '\b':
        if (screen->col > 0)
            screen->col--;
        screen->wrap_pending = false;
        break;
    case '\t':
        screen->col = clamp((screen->col / TAB_WIDTH + 1) * TAB_WIDTH, 0, screen->cols - 1);
        screen->wrap_pending = false;
        break;
    case '\n':
    case '\v':
    case '\f':
        line_feed(screen);
        break;
    case '\r':
        screen->col = 0;
        screen->wrap_pending = false;
        break;
    default:
        break;
    }
}

static void save_cursor(struct opk_screen *screen)
{
    screen->saved = (struct saved){screen->row, screen->col};
}

static void restore_cursor(struct opk_screen *screen)
{
    screen->row = clamp(screen->saved.row, 0, screen->rows - 1);
    screen->col = clamp(screen->saved.col, 0, screen->cols - 1);
    screen->wrap_pending = false;
}

static void on_escape(void *context, char intermediate, char final)
{
    struct opk_screen *screen = context;

    if (intermediate)
        return;
    switch (final) {
    case '7':
        save_cursor(screen);
        break;
    case '8':
        restore_cursor(screen);
        break;
    case 'D':
        line_feed(screen);
        break;
    case 'E':
        screen->col = 0;
        line_feed(screen);
        break;
    case 'M':
        reverse_feed(screen);
        break;
    case 'c': {
        const uint64_t scrolled = screen->scrolled;
        opk_screen_clear(screen, 0);
        screen->scrolled = scrolled;
        break;
    }
    default:
        break;
    }
}

static void erase_display(struct opk_screen *screen, unsigned mode)
{
    struct opk_screen_row *row = &screen->grid[screen->row];
    const unsigned first = mode == 0 ? screen->row + 1 : 0;
    const unsigned last = mode == 1 ? screen->row : screen->rows;

    if (mode == 0) {
        erase(row, screen->col, screen->cols);
        row->wrapped = false;
    } else if (mode == 1) {
        erase(row, 0, clamp(screen->col + 1, 0, screen->cols));
    }
    for (unsigned i = first; mode <= 2 && i < last; i++)
        blank(&screen->grid[i]);
}

static void erase_line(struct opk_screen *screen, unsigned mode)
{
    struct opk_screen_row *row = &screen->grid[screen->row];

    erase(row, mode == 0 ? screen->col : 0, mode == 1 ? screen->col + 1 : screen->cols);
    if (mode != 1)
        row->wrapped = false;
}

static void set_alternate(struct opk_screen *screen, bool on, bool save)
{
    if (on == (screen->grid == screen->alternate))
        return;
    if (on) {
        screen->saved_main = (struct saved){screen->row, screen->col};
        for (unsigned i = 0; i < screen->rows; i++)
            blank(&screen->alternate[i]);
        screen->grid = screen->alternate;
    } else {
        screen->grid = screen->main;
        if (save) {
            screen->saved = screen->saved_main;
            restore_cursor(screen);
        }
    }
    screen->wrap_pending = false;
}

static void set_mode(struct opk_screen *screen, const struct opk_vt_csi *csi, bool on)
{
    for (unsigned i = 0; i < csi->count; i++) {
        if (csi->prefix == '?' &&
            (csi->params[i] == 1049 || csi->params[i] == 1047 || csi->params[i] == 47))
            set_alternate(screen, on, csi->params[i] == 1049);
        else if (csi->prefix == 0 && csi->params[i] == 4)
            screen->insert = on;
    }
}

/* Is a palette colour one that suggestions are painted in: bright black, or a grey of the ramp? */
static bool is_grey(unsigned colour)
{
    return colour == 8 || (colour >= 236 && colour <= 247);
}

static void set_style(struct opk_screen *screen, const struct opk_vt_csi *csi)
{
    if (csi->count == 0)
        screen->faint = false;
    for (unsigned i = 0; i < csi->count; i++) {
        const unsigned param = csi->params[i];
        if (param == 38 && i + 2 < csi->count && csi->params[i + 1] == 5) {
            screen->faint = is_grey(csi->params[i + 2]);
            i += 2;
        } else if ((param == 38 || param == 48) && i + 1 < csi->count) {
            if (param == 38)
                screen->faint = false;
            i += csi->params[i + 1] == 2 ? 4 : 2;
        } else if (param == 2 || param == 90) {
            screen->faint = true;
        } else if (param == 0 || param == 22 || (param >= 30 && param <= 39) || param > 90) {
            screen->faint = false;
        }
    }
}

static void move_to(struct opk_screen *screen, unsigned row, unsigned col)
{
    screen->row = clamp(row, 0, screen->rows - 1);
    screen->col = clamp(col, 0, screen->cols - 1);
    screen->wrap_pending = false;
}

static unsigned less(unsigned value, unsigned by)
{
    return value > by ? value - by : 0;
}

static void set_region(struct opk_screen *screen, const struct opk_vt_csi *csi)
{
    const unsigned top = opk_vt_param(csi, 0, 1) - 1;
    const unsigned bottom = clamp(opk_vt_param(csi, 1, screen->rows) - 1, 0, screen->rows - 1);

    if (top < bottom) {
        screen->top = top;
        screen->bottom = bottom;
        move_to(screen, 0, 0);
    }
}

static void scroll_rows(struct opk_screen *screen, unsigned first, unsigned count, bool up)
{
    count = clamp(count, 0, screen->rows);
    for (unsigned i = 0; first <= screen->bottom && i < count; i++)
        rotate(screen, first, screen->bottom, up);
    screen->wrap_pending = false;
}

/* Motions; false when the sequence is none. */
static bool on_motion(struct opk_screen *screen, const struct opk_vt_csi *csi)
{
    const unsigned n = opk_vt_param(csi, 0, 1);

    switch (csi->final) {
    case 'A':
        move_to(screen, less(screen->row, n), screen->col);
        return true;
    case 'B':
    case 'e':
        move_to(screen, screen->row + n, screen->col);
        return true;
    case 'C':
    case 'a':
        move_to(screen, screen->row, screen->col + n);
        return true;
    case 'D':
        move_to(screen, screen->row, less(screen->col, n));
        return true;
    case 'E':
        move_to(screen, screen->row + n, 0);
        return true;
    case 'F':
        move_to(screen, less(screen->row, n), 0);
        return true;
    case 'G':
    case '`':
        move_to(screen, screen->row, n - 1);
        return true;
    case 'd':
        move_to(screen, n - 1, screen->col);
        return true;
    case 'H':
    case 'f':
        move_to(screen, n - 1, opk_vt_param(csi, 1, 1) - 1);
        return true;
    default:
        return false;
    }
}

static void on_edit(struct opk_screen *screen, const struct opk_vt_csi *csi)
{
    const unsigned n = opk_vt_param(csi, 0, 1);

    switch (csi->final) {
    case 'J':
        erase_display(screen, opk_vt_param(csi, 0, 0));
        break;
    case 'K':
        erase_line(screen, opk_vt_param(csi, 0, 0));
        break;
    case 'L':
        scroll_rows(screen, screen->row, n, false);
        break;
    case 'M':
        scroll_rows(screen, screen->row, n, true);
        break;
    case 'S':
        scroll_rows(screen, screen->top, n, true);
        break;
    case 'T':
        scroll_rows(screen, screen->top, n, false);
        break;
    case 'P':
        shift_left(screen, n);
        break;
    case '@':
        shift_right(screen, n);
        break;
    case 'X':
        erase(&screen->grid[screen->row], screen->col, clamp(screen->col + n, 0, screen->cols));
        break;
    case 'm':
        set_style(screen, csi);
        break;
    case 'r':
        set_region(screen, csi);
        break;
    case 's':
        save_cursor(screen);
        break;
    case 'u':
        restore_cursor(screen);
        break;
    default:
        break;
    }
}

static void on_csi(void *context, const struct opk_vt_csi *csi)
{
    struct opk_screen *screen = context;

    if (csi->final == 'h' || csi->final == 'l')
        set_mode(screen, csi, csi->final == 'h');
    else if (!csi->prefix && !csi->intermediate && !on_motion(screen, csi))
        on_edit(screen, csi);
}

static const struct opk_vt_handlers HANDLERS = {
    .print = on_print,
    .control = on_control,
    .escape = on_escape,
    .csi = on_csi,
};

void opk_screen_push(struct opk_screen *screen, struct opk_str bytes)
{
    opk_vt_push(&screen->vt, &HANDLERS, screen, bytes);
}

void opk_screen_set_epoch(struct opk_screen *screen, uint8_t epoch)
{
    screen->epoch = epoch;
}

unsigned opk_screen_cols(const struct opk_screen *screen)
{
    return screen->cols;
}

unsigned opk_screen_rows(const struct opk_screen *screen)
{
    return screen->rows;
}

bool opk_screen_is_alternate(const struct opk_screen *screen)
{
    return screen->grid == screen->alternate;
}

struct opk_screen_place opk_screen_cursor(const struct opk_screen *screen)
{
    return (struct opk_screen_place){screen->scrolled + screen->row,
                                     screen->col + (screen->wrap_pending ? 1U : 0U)};
}

uint64_t opk_screen_top(const struct opk_screen *screen)
{
    return screen->scrolled;
}

const struct opk_screen_row *opk_screen_line(const struct opk_screen *screen, uint64_t line)
{
    if (line < screen->scrolled || line - screen->scrolled >= screen->rows)
        return NULL;
    return &screen->grid[line - screen->scrolled];
}
