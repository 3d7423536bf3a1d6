/*
 * options.h - what the options of each operation do, learnt from the counts of a whole log.
 *
 * Values:  an option takes the operand behind it when it is hardly ever seen without one, and one
 *          of: its value was seen attached to it (--name=value); that operand stands between it
 *          and another option; or commands with it have as many free operands (those behind no
 *          option) as commands without it, so that the operand is not missing elsewhere.
 * Synonyms: a letter and a long name of one operation are one option when no command has both,
 *          both take a value or neither does, the letter begins the long name or one of its words,
 *          and they stand in the same company: with the same other options and as many operands.
 *          The letter is the spelling that shapes show.
 * Front:   an option stands in front of operation words (git -C DIR commit) when what follows it,
 *          or follows its value, is nearly always a word that names an operation there anyway, and
 *          it has been seen in front of several.
 * Order:   integers, added up over the whole log: a function of the counts.
 * Memory:  owns everything and does not need what it was learnt from later; it borrows the words it
 * was given. Errors:  OPK_E_NOMEM, OPK_E_LIMIT past UINT32_MAX - 1 options.
 */
#ifndef OPK_CLUSTER_OPTIONS_H
#define OPK_CLUSTER_OPTIONS_H

#include "base/err.h"
#include "cluster/words.h"

struct opk_options;
struct opk_reduced;

enum opk_option_front {
    OPK_FRONT_NEVER,
    OPK_FRONT_FLAG,
    OPK_FRONT_VALUE, /* it and the word behind it */
};

/* An option of an operation, as it is shown. */
struct opk_option_use {
    struct opk_str spelling; /* borrowed from the options, the tables, or the name asked for */
    bool takes_value;        /* the operand behind it */
    bool sure;               /* it was seen with what can only be a value, or a table says so */
};

/** Learn from all simple commands of a log. with_hints: use the tables of hints.h. */
OPK_MUST_USE enum opk_status opk_options_new(const struct opk_reduced *reduced,
                                             const struct opk_words *words, bool with_hints,
                                             struct opk_options **out_options);
void opk_options_free(struct opk_options *options);

/** Does this option stand in front of the words behind slot? options may be NULL: it does not. */
enum opk_option_front opk_options_front(const struct opk_options *options, uint32_t slot,
                                        struct opk_str program, struct opk_str name);

/* Where an option stands. */
struct opk_option_place {
    uint32_t slot;         /* behind the operation words */
    uint32_t program_slot; /* behind the program */
    struct opk_str program;
    struct opk_str path; /* program and operation words */
};

/** What an option of an operation is. */
struct opk_option_use opk_options_find(const struct opk_options *options,
                                       const struct opk_option_place *place, struct opk_str name);

/** Is this a bundle of one-letter options (-xzf)? */
bool opk_options_is_bundle(const struct opk_options *options, const struct opk_option_place *place,
                           struct opk_str name);

/** The name of a letter: "-x"; static. */
struct opk_str opk_option_letter(char letter);

#endif
