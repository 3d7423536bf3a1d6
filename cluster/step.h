/*
 * step.h - a command line as steps.
 *
 * Shape:   a step is one pipeline: what stands between ; && || & and newlines, within groups and
 *          control flow as well. A pipeline is one or more simple commands. Wrappers (sudo, env,
 *          timeout 5, docker exec C, bash -c ...) are peeled off a simple command and kept beside
 *          it; the script of a "sh -c" or an "ssh host" gives steps of its own in its place. The
 *          commands of "find -exec" stand behind the find as in a pipeline.
 * Total:   every text has steps (maybe none); what cannot be read is a step with an opaque word.
 * Limits:  scripts inside scripts are followed OPK_STEP_NEST_MAX deep; past that, and past
 *          OPK_STEP_WRAPPERS_MAX wrappers of one command, the rest stays as it is written.
 * Memory:  struct opk_steps owns its arrays and reuses them; words are views into the text that was
 *          read or into its arena, borrowed until the next read. The text must live as long.
 * Threads: one struct opk_steps a thread.
 */
#ifndef OPK_CLUSTER_STEP_H
#define OPK_CLUSTER_STEP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/lex.h"
#include "cluster/program.h"
#include "cluster/wrapper.h"

#define OPK_STEP_NEST_MAX     4
#define OPK_STEP_WRAPPERS_MAX 8

struct opk_word {
    struct opk_str raw;   /* as written */
    struct opk_str value; /* without quotes */
    unsigned flags;       /* of enum opk_word_flag */
    unsigned bytes;       /* of value: opk_word_bytes */
};

struct opk_redirect {
    enum opk_op op;       /* OPK_OP_READ to OPK_OP_HERESTR */
    struct opk_str sign;  /* as written, descriptor included: "2>" */
    struct opk_word word; /* target; a here-document's delimiter */
};

/* One simple command. Ranges are indexes into the arrays of struct opk_steps. */
struct opk_simple {
    size_t word_begin; /* the program is the first; none left means wrappers or assignments only */
    size_t word_end;
    size_t assignment_begin;
    size_t assignment_end;
    size_t redirect_begin;
    size_t redirect_end;
    unsigned wrapper_count;
    const struct opk_wrapper *wrappers[OPK_STEP_WRAPPERS_MAX]; /* outermost first */
};

enum opk_step_flag {
    OPK_STEP_BACKGROUND = 1U << 0, /* ended by & */
    OPK_STEP_NEGATED = 1U << 1,    /* ! */
    OPK_STEP_OPAQUE = 1U << 2,     /* holds a word that could not be read */
    OPK_STEP_LOOP = 1U << 3,       /* in the body of for, while, until, select */
    OPK_STEP_BRANCH = 1U << 4,     /* in if or case */
    OPK_STEP_FUNCTION = 1U << 5,   /* in the body of a function that is being defined */
    OPK_STEP_NESTED = 1U << 6,     /* from the script of a wrapper */
    OPK_STEP_FED = 1U << 7,        /* a group's or loop's output is piped into it */
};

struct opk_step {
    size_t simple_begin;
    size_t simple_end;
    unsigned flags;      /* of enum opk_step_flag */
    struct opk_str text; /* as written, wrappers included */
};

struct opk_class_finder;

struct opk_steps {
    struct opk_class_finder *finder; /* classes of a user (classes.h), borrowed; NULL: none */
    struct opk_step *steps;          /* owned, as all arrays here */
    size_t count;
    size_t cap;
    struct opk_simple *simples;
    size_t simple_count;
    size_t simple_cap;
    struct opk_word *words;
    size_t word_count;
    size_t word_cap;
    struct opk_word *assignments;
    size_t assignment_count;
    size_t assignment_cap;
    struct opk_redirect *redirects;
    size_t redirect_count;
    size_t redirect_cap;
    struct opk_arena arena;
    struct opk_programs programs; /* names that were looked up */
};

/** Free everything; safe on zeroed storage. */
void opk_steps_done(struct opk_steps *steps);

/** The steps of text, replacing what steps held. OPK_E_NOMEM is the only error. */
OPK_MUST_USE enum opk_status opk_steps_read(struct opk_steps *steps, struct opk_str text,
                                            enum opk_dialect dialect, struct opk_err *err);

/** As opk_steps_read, in the dialect that a transcript's shell has, or that the text looks like. */
OPK_MUST_USE enum opk_status opk_steps_read_shell(struct opk_steps *steps, struct opk_str shell,
                                                  struct opk_str text, struct opk_err *err);

/** As opk_steps_read, with wrappers left where they stand: the simple commands as a shell has them.
 */
OPK_MUST_USE enum opk_status opk_steps_read_bare(struct opk_steps *steps, struct opk_str text,
                                                 enum opk_dialect dialect, struct opk_err *err);

#endif
