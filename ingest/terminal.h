/*
 * terminal.h - the output of a terminal session in, the commands that were run out.
 *
 * Shape:   push bytes with their times, finish, then take the commands. A stretch that may be a
 *          prompt line is kept as its text; everything else is only counted. Where the input is cut
 *          changes nothing.
 * Borders: checked for each command, strongest first: OSC 633;E; OSC 133;C with the command line;
 *          the marks B to C; bracketed-paste toggles outside the alternate screen; a learnt prompt
 *          (prompt.h). A line dropped with ^C, one still edited at the end, and the "exit" that a
 *          shell prints for ^D are no commands.
 * Units:   times are milliseconds since 1970; OPK_UNKNOWN where there are none.
 * Limits:  one stretch is kept up to OPK_TERMINAL_STRETCH_MAX bytes; when what is kept passes
 *          OPK_TERMINAL_KEEP_MAX, what is known by then is decided. A command is cut at
 *          OPK_COMMAND_TEXT_MAX and flagged.
 * Memory:  owns everything; a command's views are borrowed until the next push or finish.
 * Errors:  OPK_E_NOMEM.
 * Threads: one terminal per thread.
 */
#ifndef OPK_INGEST_TERMINAL_H
#define OPK_INGEST_TERMINAL_H

#include "base/err.h"
#include "ingest/command.h"

#define OPK_TERMINAL_STRETCH_MAX ((size_t)1024 * 1024)
#define OPK_TERMINAL_WHERE_MAX   ((size_t)4096) /* bytes of a path or a name of a host */
#define OPK_TERMINAL_KEEP_MAX    ((size_t)16 * 1024 * 1024)

struct opk_terminal;

OPK_MUST_USE enum opk_status opk_terminal_new(struct opk_terminal **out_terminal,
                                              struct opk_err *err);
void opk_terminal_free(struct opk_terminal *terminal);

/** The size of the screen, as a header or a resize tells it; 0: unknown. */
void opk_terminal_resize(struct opk_terminal *terminal, unsigned cols, unsigned rows);

/** Output at a time; at is its line, event or entry in the source. */
OPK_MUST_USE enum opk_status opk_terminal_push(struct opk_terminal *terminal, struct opk_str bytes,
                                               int64_t time, uint64_t at, struct opk_err *err);

/** The session ends here; another may follow. exit_status is the shell's, or OPK_UNKNOWN. */
OPK_MUST_USE enum opk_status opk_terminal_finish(struct opk_terminal *terminal, int64_t exit_status,
                                                 struct opk_err *err);

/** The next command, with session, source and shell left empty; OPK_END: push or finish first. */
OPK_MUST_USE enum opk_status opk_terminal_next(struct opk_terminal *terminal,
                                               struct opk_command *out_command,
                                               struct opk_err *err);

#endif
