/*
 * read_claude.h - the limits of the reader of Claude Code's session logs.
 *
 * A call waits until its result comes; past a limit the oldest is given without one, and what its
 * result would have told stays unknown.
 */
#ifndef OPK_INGEST_READ_CLAUDE_H
#define OPK_INGEST_READ_CLAUDE_H

#include <stddef.h>

/* Told and passed over: a record of more bytes. */
#define OPK_CLAUDE_RECORD_MAX ((size_t)64 << 20)

/* A call's id of more bytes counts as none. */
#define OPK_CLAUDE_ID_MAX ((size_t)256)

/* So many calls wait for results, or calls of so many bytes. */
#define OPK_CLAUDE_WAITING_MAX ((size_t)1024)
#define OPK_CLAUDE_HELD_MAX    ((size_t)16 << 20)

#endif
