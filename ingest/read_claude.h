/*
 * read_claude.h - the limits of the reader of Claude Code's session logs.
 *
 * A call waits until its result comes; past a limit the oldest is given without one, and what its
 * result would have told stays unknown.
 */
#ifndef OPK_INGEST_READ_CLAUDE_H
#define OPK_INGEST_READ_CLAUDE_H

#include <stddef.h>

#define OPK_CLAUDE_RECORD_MAX                                                                      \
    ((size_t)64 << 20) /* bytes of a record; a longer one is passed over */
#define OPK_CLAUDE_BLOCKS_MAX                                                                      \
    ((size_t)4096) /* blocks of a message; the rest is told and passed over */
#define OPK_CLAUDE_ID_MAX      ((size_t)256)      /* bytes of a call's id; a longer one is none */
#define OPK_CLAUDE_WAITING_MAX ((size_t)1024)     /* calls that wait for a result */
#define OPK_CLAUDE_HELD_MAX    ((size_t)16 << 20) /* bytes of their texts */

#endif
