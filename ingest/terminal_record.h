/*
 * terminal_record.h - what the terminal keeps of a session until its prompts are learnt.
 *
 * Shared by terminal.c, which makes records, and terminal_pick.c, which decides which are commands.
 * Texts are ranges of a buffer: of records in store, of commands in given.
 */
#ifndef OPK_INGEST_TERMINAL_RECORD_H
#define OPK_INGEST_TERMINAL_RECORD_H

#include "base/buf.h"
#include "ingest/command.h"
#include "ingest/prompt.h"

struct opk_range {
    size_t begin;
    size_t end;
};

/* A line that stood where a prompt may stand. */
struct opk_kept_line {
    struct opk_range text;
    struct opk_prompt_line line; /* line.text is set from text when it is needed */
};

/* Where the user is, as titles and marks told it last. */
struct opk_whereabouts {
    struct opk_range cwd;
    struct opk_range host;
    struct opk_range user;
};

struct opk_record {
    size_t first_line; /* in lines */
    unsigned line_count;
    enum opk_tier tier;
    bool exact;   /* text was stated: stated holds it */
    bool run;     /* Enter was seen */
    bool started; /* a mark said that its command started */
    struct opk_range stated;
    struct opk_range raw; /* kept where only the width can tell the text; else empty */
    size_t editor_at;     /* in raw, as in struct opk_stretch; so are the next ones */
    size_t input_at;
    size_t feed_at;
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count;
    unsigned signs;
    struct opk_range after; /* the first line printed behind it */
    uint64_t lines_after;   /* lines that were printed and not kept */
    struct opk_whereabouts where;
    int64_t time;        /* Enter */
    int64_t exit_status; /* or OPK_UNKNOWN */
    int64_t end_time;    /* a mark said that it ended, or OPK_UNKNOWN */
    int64_t prompt_time; /* when its line began */
    uint64_t at;
    uint64_t prompt_byte; /* of the shown output */
    uint64_t enter_byte;
};

/* A command that was decided on. */
struct opk_found {
    struct opk_range text;
    enum opk_tier tier;
    unsigned flags;
    struct opk_whereabouts where;
    int64_t time;
    int64_t duration;
    int64_t exit_status;
    int64_t output_bytes;
    uint64_t at;
};

struct opk_records {
    bool has_starts;      /* this session marks where commands start */
    struct opk_buf store; /* owned; texts of records and lines */
    struct opk_buf given; /* owned; texts of found */
    struct opk_kept_line *lines;
    size_t line_count;
    size_t line_cap;
    struct opk_record *records;
    size_t count;
    size_t cap;
    struct opk_found *found;
    size_t found_count;
    size_t found_cap;
};

void opk_records_done(struct opk_records *records);

/** The text of a range; borrowed until the buffer grows. */
struct opk_str opk_range_text(const struct opk_buf *buf, struct opk_range range);

/** A text of a record or line. */
struct opk_str opk_records_text(const struct opk_records *records, struct opk_range range);

/** Keep a text. */
struct opk_range opk_records_keep(struct opk_records *records, struct opk_str text);

/** Learn from all records and append the commands among them to found. Records stay. */
OPK_MUST_USE enum opk_status opk_records_pick(struct opk_records *records,
                                              struct opk_prompts *prompts, struct opk_err *err);

/** Does a command line leave something open, so that the shell asks for more? */
bool opk_shell_is_open(struct opk_str text);

#endif
