/*
 * records.h - what a reader makes of some bytes, as text that a test can compare.
 *
 * Shape:   one line a record: "AT TEXT", then what is known beyond it: tool=, id=, session= (where
 *          it is not the path), cwd=, flags=, time=, took=, exit=, out=; a newline in the text is
 *          \n. Then a line "problem: ..." when something was told.
 */
#ifndef OPK_TESTS_RECORDS_H
#define OPK_TESTS_RECORDS_H

#include "ingest/reader.h"
#include "support/support.h"

/** Read bytes cut bytes at a time; fails the test when the reader itself fails. */
void opk_records(struct opk_str bytes, size_t cut, const struct opk_reader *reader,
                 struct opk_buf *out);

/** The records are these lines, whatever the cut. */
void opk_assert_records(const char *name, struct opk_str bytes, const struct opk_reader *reader,
                        const char *want);

#endif
