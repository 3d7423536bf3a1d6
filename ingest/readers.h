/*
 * readers.h - the rows of the reader table; each is defined in its own read_*.c.
 */
#ifndef OPK_INGEST_READERS_H
#define OPK_INGEST_READERS_H

#include "ingest/reader.h"

extern const struct opk_reader opk_reader_asciicast;       /* read_asciicast.c */
extern const struct opk_reader opk_reader_claude_code;     /* read_claude.c */
extern const struct opk_reader opk_reader_typescript;      /* read_typescript.c */
extern const struct opk_reader opk_reader_bash_history;    /* read_history.c */
extern const struct opk_reader opk_reader_history_builtin; /* read_history.c */
extern const struct opk_reader opk_reader_commands;        /* read_commands.c */
extern const struct opk_reader opk_reader_lines;           /* read_commands.c */
extern const struct opk_reader opk_reader_powershell;      /* read_powershell.c */
extern const struct opk_reader opk_reader_ttyrec;          /* read_ttyrec.c */
extern const struct opk_reader opk_reader_terminal;        /* read_typescript.c */

#endif
