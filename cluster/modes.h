/*
 * modes.h - which options of an operation are its modes, learnt from the counts of a whole log.
 *
 * Principle: a mode is an option that says what the operation does. Either the options of an
 *          operation are a choice, of which nearly every call has exactly one (tar -c, -x, -t), or
 *          what follows tells whether the option is there (git reset --hard beside git reset FILE).
 *          An option that surely has a value is none. See docs/decisions/mode-flags.md.
 * Shape:   descriptions of commands in, with how often each was seen; then, for the operation words
 *          and the canonical shape of a step, its signature: operation words, each simple command's
 *          mode behind its own. A command has at most one mode.
 * Counted: simple commands that stand alone, without a wrapper; in a pipeline an operand may be
 *          missing. What was learnt holds in pipelines and behind wrappers too.
 * Order:   integers are added up, and ties broken by name: a function of the counts.
 * Memory:  owns everything; proportional to distinct descriptions until it is decided.
 * Errors:  OPK_E_NOMEM, OPK_E_LIMIT past UINT32_MAX - 1 descriptions.
 */
#ifndef OPK_CLUSTER_MODES_H
#define OPK_CLUSTER_MODES_H

#include "base/buf.h"
#include "cluster/form.h"
#include "cluster/learn.h"

/* Options of an operation that may be modes: the most frequent. */
#define OPK_MODES_FLAGS_MAX 32

struct opk_modes;

enum opk_mode_verdict {
    OPK_MODE_NONE,
    OPK_MODE_CHOICE,  /* nearly every call has exactly one of several */
    OPK_MODE_FOLLOWS, /* what follows tells whether it is there */
};

/** The numbers behind one option of one operation, for people. */
struct opk_mode_reason {
    enum opk_mode_verdict verdict;
    uint64_t commands; /* of the operation, alone */
    uint64_t with;     /* of those, with the option */
    uint64_t first;    /* of those, with no option before it */
    uint64_t plain;    /* commands with no option that might be a mode */
    uint64_t valued;   /* commands in which an operand behind the option may be its value */
    uint64_t choices;  /* options of the best choice that holds this one; 0: none does */
    uint64_t covered;  /* commands that have exactly one of those */
    uint64_t told;     /* thousandths of whether it is there that what follows tells */
    uint64_t millibits;
};

OPK_MUST_USE enum opk_status opk_modes_new(struct opk_modes **out_modes, struct opk_err *err);
void opk_modes_free(struct opk_modes *modes);

/** Append what tells modes apart in a command: first option, options that may be modes, operands.
 */
void opk_modes_describe(const struct opk_form *form, struct opk_buf *out);

/** Count commands of an operation that have this description. */
OPK_MUST_USE enum opk_status opk_modes_count(struct opk_modes *modes, struct opk_str operation,
                                             struct opk_str description, uint64_t commands,
                                             struct opk_err *err);

/** Decide which options are modes; nothing is counted any more. */
OPK_MUST_USE enum opk_status opk_modes_decide(struct opk_modes *modes, struct opk_err *err);

/** Count and decide all of a summary. */
OPK_MUST_USE enum opk_status opk_modes_learn(const struct opk_model *model,
                                             const struct opk_summary *summary,
                                             struct opk_modes **out_modes, struct opk_err *err);

/** Append a step's signature with its modes: "tar -x" for "tar" and "tar -f <path.tgz> -x". */
void opk_modes_sign(const struct opk_modes *modes, struct opk_str operations, struct opk_str shape,
                    struct opk_buf *out);

/** The numbers behind an option; false when the operation has too few of it to tell. */
bool opk_modes_reason(const struct opk_modes *modes, struct opk_str operation, struct opk_str name,
                      struct opk_mode_reason *out_reason);

#endif
