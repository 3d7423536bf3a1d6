/*
 * record.h - a command record as text: the fields of TSV and JSONL, and one command a line.
 *
 * Source:  schemas/command.schema.json and docs/formats/command.md.
 * Memory:  appends to the caller's buffer, whose failure is sticky (base/buf.h).
 */
#ifndef OPK_INGEST_RECORD_H
#define OPK_INGEST_RECORD_H

#include "base/buf.h"
#include "ingest/command.h"

/** The names of the fields, tab-separated, and a newline. */
void opk_record_tsv_header(struct opk_buf *out);

/** Every field, unknown ones empty, and a newline. */
void opk_record_tsv(struct opk_buf *out, const struct opk_command *command);

/** One JSON object without the unknown fields, and a newline. */
void opk_record_jsonl(struct opk_buf *out, const struct opk_command *command);

/** The text alone on one line, as the reader "lines" takes it. */
void opk_record_line(struct opk_buf *out, const struct opk_command *command);

/** The text as it was typed, for reading on a terminal. */
void opk_record_text(struct opk_buf *out, const struct opk_command *command);

/** Did this command run, in a shell, to its end? What is printed unless all is asked for. */
bool opk_command_ran(const struct opk_command *command);

#endif
