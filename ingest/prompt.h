/*
 * prompt.h - learn what the prompts of a session look like, then find where they end.
 *
 * Shape:   see every line that may begin with a prompt, then settle, then find, line by line in the
 *          same order. A prompt is known by its family: the text with digits, paths, users and
 *          hosts masked. A family is believed when its lines together show that a line editor
 *          waited behind it: the output paused there, text was edited, a title or a mark came
 *          before, it opened the session, it has a shell's usual form, it recurs. A glyph alone is
 *          nothing.
 * Nesting: the first family is the shell's. Later ones must look like a shell's and follow a
 *          command that opens one, or show the same signs; prompts of other programs (REPLs) never
 *          count.
 * Units:   bytes of the line's text.
 * Memory:  owns the families; lines are borrowed for the call.
 * Limits:  OPK_PROMPT_MAX bytes of a prompt, OPK_PROMPT_ENDS places tried in a line,
 *          OPK_PROMPT_FAMILIES families; lines of further ones are not learnt from.
 * Errors:  OPK_E_NOMEM.
 * Threads: one learner per thread.
 */
#ifndef OPK_INGEST_PROMPT_H
#define OPK_INGEST_PROMPT_H

#include "base/err.h"
#include "base/str.h"

#define OPK_PROMPT_MAX      ((size_t)512)
#define OPK_PROMPT_ENDS     8U
#define OPK_PROMPT_FAMILIES 4096U
#define OPK_PROMPT_PAUSES   3U

enum opk_prompt_sign {
    OPK_PROMPT_EDITOR = 1U << 0, /* bracketed paste was on: a line editor was reading */
    OPK_PROMPT_SHELL = 1U << 1,  /* PROMPT_SP, OSC 133 or 633: it was a shell */
    OPK_PROMPT_TIMED = 1U << 2,  /* pauses would have been seen */
    OPK_PROMPT_EDITED = 1U << 3, /* something was erased, moved over, or refused with a bell */
    OPK_PROMPT_FIRST = 1U << 4,  /* the first line of the session that is not blank */
    OPK_PROMPT_LAST = 1U << 5,   /* the output ended in this line */
    OPK_PROMPT_AFTER_OPENER = 1U << 6, /* told to find only: the last command opens a shell */
    OPK_PROMPT_AFTER_SHELL = 1U << 7,  /* it ends in a shell's name, and this is its first output */
};

/* A line of the screen that may be a prompt with a command. */
struct opk_prompt_line {
    struct opk_str text;
    size_t end;    /* where the prompt ends, where a mark says so; else OPK_NPOS */
    size_t floor;  /* colours changed here for the last time: the prompt ends at or behind it */
    size_t first;  /* the first change of colour, or OPK_NPOS */
    size_t anchor; /* the last title or mark, or OPK_NPOS */
    size_t pauses[OPK_PROMPT_PAUSES];
    unsigned pause_count;
    unsigned signs; /* of enum opk_prompt_sign */
};

struct opk_prompt_place {
    size_t begin; /* output without a newline may stand before a prompt */
    size_t end;   /* the command's first byte */
};

struct opk_prompts;

OPK_MUST_USE enum opk_status opk_prompts_new(struct opk_prompts **out_prompts, struct opk_err *err);
void opk_prompts_free(struct opk_prompts *prompts);

OPK_MUST_USE enum opk_status opk_prompts_see(struct opk_prompts *prompts,
                                             const struct opk_prompt_line *line,
                                             struct opk_err *err);

/** Decide which families are prompts of shells. More lines may be seen and settled later. */
void opk_prompts_settle(struct opk_prompts *prompts);

/** Where this line's prompt lies; false when it has none, or one that is not a shell's. */
bool opk_prompts_find(struct opk_prompts *prompts, const struct opk_prompt_line *line,
                      struct opk_prompt_place *out_place);

/** Did any look-up find no memory? Then some prompts were missed. */
OPK_MUST_USE enum opk_status opk_prompts_check(const struct opk_prompts *prompts,
                                               struct opk_err *err);

/** Cheap: may a raw line hold a prompt at all? False only when find would be false. */
bool opk_prompt_may_hold(struct opk_str raw);

/** Is this the prompt of a program that is not a shell? */
bool opk_prompt_is_repl(struct opk_str prompt);

/** Does a shell commonly show this as the prompt of a continued line ("> ", "dquote> ")? */
bool opk_prompt_is_continuation(struct opk_str prompt);

#endif
