/*
 * capture.h - one stretch of terminal output, from a line's start to Enter, as lines of text.
 *
 * Shape:   replays the bytes on a screen of its own (zsh, fish and whatever marks where input
 *          begins), or on an edit line without a width (readline), and gives the lines that stood
 *          there: all of a line editor's session, of which one holds the prompt.
 * Why two: the screen is right where the editor repaints with absolute motions; the edit line is
 *          right where editor and terminal disagree about columns.
 * Limits:  OPK_CAPTURE_LINES lines of a stretch; further ones are dropped.
 * Memory:  owns screen, line and text; lines are borrowed until the next read.
 * Errors:  OPK_E_NOMEM.
 * Threads: one capture per thread.
 */
#ifndef OPK_INGEST_CAPTURE_H
#define OPK_INGEST_CAPTURE_H

#include "ingest/edit_line.h"
#include "ingest/prompt.h"
#include "ingest/screen.h"

#define OPK_CAPTURE_LINES 64U

/* The stretch, and what was noticed while it came in. Places are byte offsets, OPK_NPOS: none. */
struct opk_stretch {
    struct opk_str raw;
    size_t editor_at; /* behind the last "bracketed paste on" */
    size_t input_at;  /* behind the last mark "input begins" */
    size_t feed_at;   /* the newline of Enter, where nothing was printed behind it */
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count;
    unsigned signs; /* of enum opk_prompt_sign */
};

struct opk_capture {
    struct opk_screen *screen; /* owned; NULL until it is needed */
    unsigned cols;             /* of the terminal, where known; else 0 */
    unsigned rows;
    size_t wrap_cols;          /* a wrap was seen at this column; 0: none */
    struct opk_edit_line edit; /* owned */
    struct opk_buf text;       /* owned; the texts of all lines */
    struct opk_prompt_line lines[OPK_CAPTURE_LINES];
    unsigned line_count;
    unsigned rested_line; /* the first line whose editor counts columns from the margin */
    unsigned rested_rows; /* its rows */
    size_t rested_floor;  /* cells that its prompt has at least */
    size_t places[OPK_CAPTURE_LINES]; /* where each line's text begins in text */
};

void opk_capture_done(struct opk_capture *capture);

/** Replay a stretch into lines. */
OPK_MUST_USE enum opk_status opk_capture_read(struct opk_capture *capture,
                                              const struct opk_stretch *stretch,
                                              struct opk_err *err);

enum opk_feed {
    OPK_FEED_ENDS,   /* the newline leaves the line: Enter */
    OPK_FEED_MOVES,  /* it goes to a lower row of the line */
    OPK_FEED_UNSURE, /* that row is empty: OPK_FEED_CLEARS behind it shows a move */
};

/* A line that got shorter: down, erase what was there, up again. */
#define OPK_FEED_CLEARS OPK_STR("\r\x1b[K\x1b[A")

/** What does a newline behind this raw line do? cols is the likely width, or 0. */
enum opk_feed opk_capture_feed(struct opk_capture *capture, struct opk_str raw, size_t cols);

/**
 * The mark that zsh and fish leave when they make sure that a prompt begins a line: an inverse
 * sign, blanks to the last column, CR. Gives the terminal's columns and where the mark ends.
 */
bool opk_capture_find_mark(struct opk_str raw, unsigned *out_cols, size_t *out_end);

#endif
