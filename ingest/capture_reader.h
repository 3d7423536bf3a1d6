/*
 * capture_reader.h - what the readers of terminal captures share: feed a terminal, give its
 * commands.
 *
 * Shape:   a reader embeds struct opk_capture_reader; its feed takes some more of the input and
 *          pushes it, and says OPK_END when there is no more. next calls it until a command is
 *          known.
 * Errors:  a failure of feed is told once, behind the commands of what was read before it.
 */
#ifndef OPK_INGEST_CAPTURE_READER_H
#define OPK_INGEST_CAPTURE_READER_H

#include "base/buf.h"
#include "ingest/reader.h"
#include "ingest/terminal.h"

struct opk_capture_reader {
    struct opk_input input;
    struct opk_terminal *terminal; /* owned */
    struct opk_buf shell;          /* owned; the name of the session's shell, or empty */
    bool has_clock;                /* times pushed are of the day, not only apart from each other */
    int64_t exit_status;           /* of the whole session, or OPK_UNKNOWN */
    uint64_t ordinal;
    enum opk_status end; /* OPK_OK while there is input */
    struct opk_err end_err;
};

OPK_MUST_USE enum opk_status opk_capture_reader_init(struct opk_capture_reader *reader,
                                                     const struct opk_input *input,
                                                     struct opk_err *err);
void opk_capture_reader_done(struct opk_capture_reader *reader);

OPK_MUST_USE enum opk_status opk_capture_reader_next(
    struct opk_capture_reader *reader, enum opk_status (*feed)(void *state, struct opk_err *err),
    void *state, struct opk_command *out_command, struct opk_err *err);

/** The shell of a path like /usr/bin/zsh. */
OPK_MUST_USE enum opk_status opk_capture_reader_set_shell(struct opk_capture_reader *reader,
                                                          struct opk_str path, struct opk_err *err);

#endif
