/*
 * transcript.h - one input, from its path to its commands.
 *
 * Shape:   open finds the format by the bytes (or is told it); next gives one command after the
 *          other, then OPK_END. What was damaged or passed over is counted on the way, and the
 *          first such thing is kept in words.
 * Memory:  a transcript owns the stream and the reader; a command's views are borrowed until the
 *          next call.
 * Errors:  open: OPK_E_NOENT, OPK_E_IO, OPK_E_UNSUPPORTED ("no known transcript format"), and what
 *          the stream says where not one byte decodes. next: only what is our own affair, such as
 *          OPK_E_NOMEM; damage ends the transcript with OPK_END and is told by problem.
 * Threads: one thread a transcript; any number of transcripts at once.
 */
#ifndef OPK_INGEST_TRANSCRIPT_H
#define OPK_INGEST_TRANSCRIPT_H

#include "ingest/reader.h"

struct opk_transcript;

/** format is NULL to sniff; path "-" is standard input. */
OPK_MUST_USE enum opk_status opk_transcript_open(const char *path, const struct opk_reader *format,
                                                 struct opk_transcript **out_transcript,
                                                 struct opk_err *err);

/** The same over a stream, which is taken over, also after a failure; path is for records and
 * messages. */
OPK_MUST_USE enum opk_status opk_transcript_open_stream(struct opk_stream *stream, const char *path,
                                                        const struct opk_reader *format,
                                                        struct opk_transcript **out_transcript,
                                                        struct opk_err *err);
void opk_transcript_free(struct opk_transcript *transcript);

OPK_MUST_USE enum opk_status opk_transcript_next(struct opk_transcript *transcript,
                                                 struct opk_command *out_command,
                                                 struct opk_err *err);

/** Let a thread of its own decode what is read, which takes memory and saves time by the clock. */
OPK_MUST_USE enum opk_status opk_transcript_read_ahead(struct opk_transcript *transcript,
                                                       struct opk_err *err);

/**
 * Further commands that differ from the last one in their texts alone, and in their places, which
 * say nothing: those of a plain list. At most max texts, borrowed until the next call; how many,
 * none when opk_transcript_next is to be asked.
 */
size_t opk_transcript_more(struct opk_transcript *transcript, struct opk_str *out_texts,
                           size_t max);

/** Does opk_transcript_more ever give any? */
bool opk_transcript_is_list(const struct opk_transcript *transcript);

/** The format that was found; NULL for an empty input. */
const struct opk_reader *opk_transcript_format(const struct opk_transcript *transcript);

/** True when something was damaged or passed over so far: one line that says it all. */
bool opk_transcript_problem(const struct opk_transcript *transcript, struct opk_err *out_problem);

#endif
