/*
 * lines.h - the lines of a stream.
 *
 * Shape:   one line after the other, without its newline; a last line without one counts, but what
 *          stands before damage is not a whole line and is dropped.
 * Units:   line numbers are 1-based.
 * Memory:  holds at most max bytes of a line that two chunks share; a line is borrowed until the
 *          next call.
 * Errors:  a line longer than max is told through the notes and passed over; the stream's own
 *          errors come once, then OPK_END.
 * Threads: one thread.
 */
#ifndef OPK_INGEST_LINES_H
#define OPK_INGEST_LINES_H

#include "base/buf.h"
#include "ingest/reader.h"

#define OPK_LINE_MAX ((size_t)1 << 20) /* bytes of a line of text */

struct opk_lines {
    struct opk_stream *stream; /* borrowed */
    struct opk_notes notes;
    size_t max;
    struct opk_str chunk; /* not yet split */
    struct opk_buf held;  /* owned; the beginning of a line */
    uint64_t line;        /* number of the line last given */
};

void opk_lines_init(struct opk_lines *lines, const struct opk_input *input, size_t max);
void opk_lines_done(struct opk_lines *lines);

OPK_MUST_USE enum opk_status opk_lines_next(struct opk_lines *lines, struct opk_str *out_line,
                                            struct opk_err *err);

/* What ends opk_lines_more before its time. */
struct opk_lines_stop {
    size_t longest; /* a line with more bytes */
    char byte;      /* a line that holds it; a newline for none */
};

/**
 * Further lines, at most max of those that lie as a whole in what was read, without empty ones; how
 * many. A line that stop tells is left for opk_lines_next. Borrowed until the next call.
 */
size_t opk_lines_more(struct opk_lines *lines, struct opk_lines_stop stop,
                      struct opk_str *out_lines, size_t max);

#endif
