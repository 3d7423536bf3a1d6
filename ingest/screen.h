/*
 * screen.h - the grid of a terminal: what a person saw.
 *
 * Shape:   push output; read rows. Autowrap marks the row it leaves, so that a logical line can be
 *          joined again; alternate screen, scroll region, saved cursor, tabs, insert mode.
 * Source:  xterm's control sequences, as far as shells, line editors and pagers use them; others
 *          are skipped.
 * Units:   rows and columns are 0-based; opk_screen_line counts rows from the first one ever shown,
 *          so that a place outlives scrolling.
 * Limits:  1 to OPK_SCREEN_COLS_MAX by 1 to OPK_SCREEN_ROWS_MAX; sizes are clamped. No scrollback.
 * Memory:  new allocates both screens' rows; nothing grows after that.
 * Threads: one screen per thread.
 */
#ifndef OPK_INGEST_SCREEN_H
#define OPK_INGEST_SCREEN_H

#include "ingest/cell.h"
#include "ingest/vt.h"

#define OPK_SCREEN_COLS_MAX 1000U
#define OPK_SCREEN_ROWS_MAX 500U

struct opk_screen;

struct opk_screen_row {
    struct opk_cell *cells; /* cols of them */
    unsigned used;          /* cells behind it were never written */
    bool wrapped;           /* the line goes on in the next row */
};

struct opk_screen_place {
    uint64_t line;
    unsigned col;
};

OPK_MUST_USE enum opk_status opk_screen_new(unsigned cols, unsigned rows,
                                            struct opk_screen **out_screen, struct opk_err *err);
void opk_screen_free(struct opk_screen *screen);

/** Blank, the cursor at the start of a row, epoch 0. */
void opk_screen_clear(struct opk_screen *screen, unsigned row);

void opk_screen_push(struct opk_screen *screen, struct opk_str bytes);

/** Cells written from now on carry this epoch. */
void opk_screen_set_epoch(struct opk_screen *screen, uint8_t epoch);

unsigned opk_screen_cols(const struct opk_screen *screen);
unsigned opk_screen_rows(const struct opk_screen *screen);
bool opk_screen_is_alternate(const struct opk_screen *screen);

/** The cursor; a pending wrap counts as the last column. */
struct opk_screen_place opk_screen_cursor(const struct opk_screen *screen);

/** The line that is the first row now. */
uint64_t opk_screen_top(const struct opk_screen *screen);

/** A row by its line; NULL when it is not on the screen. Borrowed until the next push. */
const struct opk_screen_row *opk_screen_line(const struct opk_screen *screen, uint64_t line);

#endif
