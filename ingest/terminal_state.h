/*
 * terminal_state.h - the state of a terminal session, shared by the three files that make it.
 *
 * terminal.c takes bytes and finds where lines end; terminal_stretch.c makes records of them;
 * terminal_marks.c reads titles and marks. terminal_pick.c decides over the records.
 */
#ifndef OPK_INGEST_TERMINAL_STATE_H
#define OPK_INGEST_TERMINAL_STATE_H

#include "ingest/capture.h"
#include "ingest/terminal.h"
#include "ingest/terminal_record.h"

#define OPK_TERMINAL_WIDTHS 32U

struct opk_terminal {
    struct opk_vt vt;
    struct opk_capture capture;
    struct opk_prompts *prompts; /* owned */
    struct opk_records records;
    size_t taken; /* of records.found */

    struct opk_buf raw; /* owned: the stretch since the line began */
    size_t editor_at;
    size_t input_at;
    size_t feed_at;
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count;
    size_t widths[OPK_TERMINAL_WIDTHS]; /* where lines were seen to wrap */
    unsigned width_count;
    bool editor; /* bracketed paste is on, outside the alternate screen */
    bool alternate;
    bool overflow;    /* the stretch passed its limit */
    bool shell_mark;  /* a shell said that its prompt is near */
    bool may_state;   /* a mark of a prompt came: the text of its command may be stated, once */
    bool marked;      /* the current record may still be told its text or its end */
    bool seen_text;   /* a line that is not blank went by */
    size_t unsure_at; /* behind a newline that may stay within the line; 0: none */
    bool moved_up;    /* newlines may only bring the cursor back down */

    int64_t time;
    uint64_t at;
    int64_t stretch_time;
    uint64_t shown; /* bytes outside the alternate screen */
    uint64_t stretch_byte;
    struct opk_buf cwd;           /* owned; where the user is, as titles and marks told it last */
    struct opk_buf host;          /* owned */
    struct opk_buf user;          /* owned */
    struct opk_whereabouts where; /* the same, kept in records */
    bool where_changed;
    enum opk_status status; /* of a handler */
    struct opk_err *err;
};

/** Remember that there was no memory: the call at hand fails. */
void opk_terminal_fail_memory(struct opk_terminal *terminal);

/** Begin a stretch. */
void opk_terminal_reset(struct opk_terminal *terminal);

/** The stretch ends here; run: with Enter. */
void opk_terminal_close(struct opk_terminal *terminal, bool run);

/** Something visible may have been printed that is no line of its own. */
void opk_terminal_note_output(struct opk_terminal *terminal);

/** Decide over all records, and drop them. What was learnt of prompts stays. */
void opk_terminal_pick(struct opk_terminal *terminal);

/** The width of the terminal, told or seen; 0: unknown. */
unsigned opk_terminal_width(const struct opk_terminal *terminal);

/** NULL where there is none, or no memory. */
struct opk_record *opk_terminal_last_record(struct opk_terminal *terminal);
struct opk_record *opk_terminal_add_record(struct opk_terminal *terminal);

/** An operating system command: titles, whereabouts, marks. */
void opk_terminal_osc(struct opk_terminal *terminal, struct opk_str text);

#endif
