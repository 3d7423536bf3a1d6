/*
 * markdown.h - what a line of Markdown begins with: blanks, marks of lists and quotes, fences.
 *
 * Shape:   a line, or the rest of one, without its end in; a count of bytes or columns out. Who
 *          reads lines knows in which list or quote they stand.
 * Source:  CommonMark 0.31.2, sections 2.2 (tabs), 4.5 (fenced code), 5.1 and 5.2 (containers).
 * Units:   columns are counted from 0; a tab reaches to the next multiple of four.
 * Memory:  nothing allocated.
 * Errors:  0 or false where a line begins with nothing of the kind.
 */
#ifndef OPK_SYNC_MARKDOWN_H
#define OPK_SYNC_MARKDOWN_H

#include "base/str.h"

#define OPK_MARKDOWN_CODE_INDENT 4 /* columns that make a line code */

/* A line of marks that opens fenced code; marks is 0 when none is open. */
struct opk_fence {
    char mark;
    size_t marks;
};

/** The column behind the blanks at the start of a text that begins in a column. */
size_t opk_markdown_column(struct opk_str text, size_t column);

/** The bytes of a list's mark ("-", "12.") that a blank or the end of the line follows. */
size_t opk_markdown_list_mark(struct opk_str text);

/** The bytes of a quote's mark, or of a list's with the blank behind it. */
size_t opk_markdown_container_mark(struct opk_str text);

/** Does a fence open here? The text has no blanks before it. */
bool opk_markdown_fence_opens(struct opk_str text, struct opk_fence *out_fence);

/** Is this the line that closes a fence? The text has no blanks before it. */
bool opk_markdown_fence_closes(struct opk_str text, const struct opk_fence *fence);

#endif
