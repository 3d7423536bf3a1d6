/*
 * edit_line.h - a logical line under a line editor, without knowing the terminal's width.
 *
 * Why:     a line editor that believes another column than the terminal has (output without a
 *          newline before the prompt, a prompt with uncounted colours) overprints itself on a
 *          screen; the stream of its edits is still right.
 * Shape:   push what was written from the prompt's start on. Rows begin where the editor believes
 *          the margin to be: at cols, where the caller knows them, counted from the last title or
 *          mark; else at wraps, which are known by their sign: the character that begins the next
 *          row is written, then CR, then written again; or a blank takes its place. CR, CSI A, B,
 *          K and P work within rows.
 * Limits:  OPK_EDIT_LINE_MAX columns and OPK_EDIT_ROWS_MAX rows; what is past them is dropped.
 * Memory:  owns its cells, which grow with the line.
 * Errors:  failed is set, and stays, when there is no memory.
 * Threads: one line per thread.
 */
#ifndef OPK_INGEST_EDIT_LINE_H
#define OPK_INGEST_EDIT_LINE_H

#include "ingest/cell.h"
#include "ingest/vt.h"

#define OPK_EDIT_LINE_MAX ((size_t)256 * 1024)
#define OPK_EDIT_ROWS_MAX 512U
/* A row is at least this wide: a CR before that begins the row again. */
#define OPK_EDIT_WRAP_MIN ((size_t)16)

struct opk_edit_line {
    struct opk_vt vt;
    struct opk_cell *cells; /* owned */
    size_t cap;
    size_t count;
    size_t cursor;
    size_t cols; /* of the terminal, set by the caller after clear; 0: unknown */
    size_t starts[OPK_EDIT_ROWS_MAX]; /* where each row begins; starts[0] is 0 */
    unsigned rows;
    unsigned row;
    uint32_t last;          /* the character just printed at the line's end, or 0 */
    bool returned;          /* a CR came right behind it: perhaps a wrap */
    bool failed;            /* there was no memory: stays so until the line is done */
    bool painted;           /* the cursor came back: the prompt stands, colours are of the input */
    size_t floor;           /* the cursor at its last change of colour: a prompt ends behind it */
    size_t first;           /* the cursor at the first change of colour, or SIZE_MAX */
    size_t anchor;          /* the cursor at the last title, cwd or prompt mark, or SIZE_MAX */
    unsigned edits;         /* erasing and moving back: somebody was typing */
    size_t wrap_cols;       /* the first wrap seen: columns of its row, or 0 */
    struct opk_cell *paste; /* owned; text shown in reverse video, as pasted text is at first */
    size_t paste_cap;
    size_t paste_count;
    size_t paste_at;
    size_t run_at; /* where printing went on after the last motion */
    size_t rest;   /* where CR and CSI C put the cursor to wait for a key, or SIZE_MAX */
    bool rested;   /* it was put so once: the editor counts columns from the margin */
};

void opk_edit_line_done(struct opk_edit_line *line);

/** An empty line. */
void opk_edit_line_clear(struct opk_edit_line *line);

/** Does nothing stand below the cursor's row, so that a newline leaves the line? */
bool opk_edit_line_is_last_row(const struct opk_edit_line *line);

/** The row is full, and the editor leaves the margin with a newline: the next row begins. */
void opk_edit_line_begin_row(struct opk_edit_line *line);

/** Drop what was printed since the cursor came to rest; rest < count says that something was. */
void opk_edit_line_drop_output(struct opk_edit_line *line);

void opk_edit_line_push(struct opk_edit_line *line, struct opk_str bytes);

#endif
