/*
 * cell.h - one column of a terminal row.
 *
 * Shape:   a character of two columns fills its cell and leaves OPK_CELL_TAIL in the next; a
 *          combining mark joins the cell before it (the last of several wins).
 * Source:  Unicode 15 East Asian Width and general category, reduced to ranges.
 */
#ifndef OPK_INGEST_CELL_H
#define OPK_INGEST_CELL_H

#include "base/buf.h"

#define OPK_CELL_TAIL UINT32_MAX

struct opk_cell {
    uint32_t base; /* 0: never written, or erased */
    uint32_t mark; /* a combining character, or 0 */
    uint8_t faint; /* painted in the colours of a suggestion */
    uint8_t epoch; /* who painted it: the screen's epoch at that time */
};

/** Columns that a code point takes: 0, 1 or 2. */
unsigned opk_cell_width(uint32_t code_point);

/** Append cells as text: nothing for a tail, a blank for one that was never written. */
void opk_cell_text(const struct opk_cell *cells, size_t count, struct opk_buf *out);

#endif
