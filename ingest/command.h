/*
 * command.h - the record of one command that was run.
 *
 * Shape:   one struct per command, in the order they were run. Unknown is unknown, never guessed:
 *          an empty view, OPK_UNKNOWN, or a flag that is not set.
 * Units:   times are milliseconds since 1970-01-01T00:00:00Z, durations milliseconds, sizes bytes.
 * Memory:  every view is borrowed from the reader that gave the record, until its next call.
 */
#ifndef OPK_INGEST_COMMAND_H
#define OPK_INGEST_COMMAND_H

#include "base/str.h"

#define OPK_UNKNOWN INT64_MIN

enum opk_command_kind {
    OPK_COMMAND_SHELL,      /* text is a command line of a shell */
    OPK_COMMAND_TOOL,       /* a tool call of an agent: tool is its name, text its input as JSON */
    OPK_COMMAND_DOCUMENTED, /* text is a command line that a document shows; nobody ran it */
};

/* How the borders of the command were found, strongest first. */
enum opk_tier {
    OPK_TIER_STATED,      /* the log states the command: histories, agent logs, audit logs */
    OPK_TIER_OSC633E,     /* OSC 633;E with the exact text */
    OPK_TIER_OSC_CMDLINE, /* OSC 133;C with cmdline_url= */
    OPK_TIER_OSC_MARKS,   /* OSC 133/633 B to C */
    OPK_TIER_TITLE,       /* titles set before execution, VTE 777 */
    OPK_TIER_PASTE,       /* bracketed-paste toggles around the line editor */
    OPK_TIER_PROMPT,      /* a learnt prompt */
};

enum opk_command_flag {
    OPK_COMMAND_REJECTED = 1U << 0,   /* proposed and refused: never ran */
    OPK_COMMAND_NOT_RUN = 1U << 1,    /* did not run for another reason */
    OPK_COMMAND_BACKGROUND = 1U << 2, /* started in the background */
    OPK_COMMAND_SIDECHAIN = 1U << 3,  /* run by a sub-agent */
    OPK_COMMAND_TRUNCATED = 1U << 4,  /* text passed the limit and was cut */
    OPK_COMMAND_HEADLESS = 1U << 5,   /* by an agent that a program started, with nobody at hand */
    OPK_COMMAND_LISTED = 1U << 6,     /* from a plain list, whose neighbours tell nothing */
};

/* A command longer than this is cut and flagged. */
#define OPK_COMMAND_TEXT_MAX ((size_t)64 * 1024)

struct opk_command {
    enum opk_command_kind kind;
    enum opk_tier tier;
    unsigned flags;         /* of enum opk_command_flag */
    struct opk_str text;    /* exact, multi-line kept */
    struct opk_str tool;    /* OPK_COMMAND_TOOL only */
    struct opk_str id;      /* the log's own id of the call (tool_use id), for dedupe; else empty */
    struct opk_str session; /* the log's own name of the session, or the source */
    uint64_t ordinal;       /* 1-based place within the source's commands */
    int64_t time;           /* when it began, or OPK_UNKNOWN */
    int64_t duration;       /* or OPK_UNKNOWN */
    int64_t exit_status;    /* or OPK_UNKNOWN */
    int64_t output_bytes;   /* or OPK_UNKNOWN */
    struct opk_str cwd;
    struct opk_str host;
    struct opk_str user;
    struct opk_str shell;
    struct opk_str source; /* the path as given */
    uint64_t at;           /* 1-based line, event or entry in the source */
};

#endif
