/*
 * words.h - which words name operations, learnt from the counts of a whole log.
 *
 * Principle: what stands behind a command's words so far ("git", "docker compose") is a slot. All
 *          uses of a plain word in a slot are explained in the cheaper of two ways, in bits. As an
 *          operation word: its first use is a new word (dear, less so where the slot has many, or
 *          where it names operations in other slots and is no value of options), every other costs
 *          what its share of the slot says. As an argument: its first use costs how rarely the slot
 *          holds arguments (purity: paths, numbers, hashes are arguments for certain) and how
 *          rarely arguments anywhere are this word (its spread over the slots of all programs);
 *          others may be repeats, a little dearer than those of operation words where arguments do
 *          not recur anyway.
 *          Verdicts change purity and spread, so they are passed a fixed number of rounds. See
 *          docs/decisions/operation-words.md.
 * Order:   counts are integers, a round reads only the one before: a function of the counts.
 * Memory:  it owns everything and does not need the summary later.
 * Errors:  OPK_E_NOMEM, OPK_E_LIMIT past UINT32_MAX - 1 words in places.
 */
#ifndef OPK_CLUSTER_WORDS_H
#define OPK_CLUSTER_WORDS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/hints.h"
#include "cluster/summary.h"

struct opk_words;

#define OPK_WORDS_NO_SLOT UINT32_MAX

/** The numbers behind one word in one slot, for people. */
struct opk_word_reason {
    bool operation;
    bool seen;          /* the log has this word in this slot */
    enum opk_hint hint; /* what the tables say of the slot */
    uint64_t count;     /* uses of the word in the slot */
    uint64_t slot;      /* uses of the slot by anything that is no option */
    uint64_t impure;    /* of those, what cannot be an operation word */
    uint64_t words;     /* distinct plain words in the slot */
    uint64_t spread;    /* other slots of all programs in which it was judged an argument */
    uint64_t named;     /* and in which it was judged an operation word */
    uint64_t behind;    /* programs that have it behind options rather than in front of them */
    double bits_operation;
    double bits_argument;
};

/** Learn from a summary; NULL for one without a command. with_hints: use the tables of hints.h. */
OPK_MUST_USE enum opk_status opk_words_new(const struct opk_summary *summary, bool with_hints,
                                           struct opk_words **out_words);
void opk_words_free(struct opk_words *words);

/** Slots are numbered from 0 to this, not included. */
uint32_t opk_words_count(const struct opk_words *words);

/** The words up to a slot, joined by blanks, replace what out holds. */
void opk_words_path(const struct opk_words *words, uint32_t slot, struct opk_buf *out);

/** The last of those words, and the slot behind the first, which is the program. */
struct opk_str opk_words_text(const struct opk_words *words, uint32_t slot);
uint32_t opk_words_root(const struct opk_words *words, uint32_t slot);

/** The slot behind a program; OPK_WORDS_NO_SLOT when no log had it. */
uint32_t opk_words_program(const struct opk_words *words, struct opk_str program);

/**
 * Does word name an operation in slot? path is the words before it, joined by blanks, and
 * may be empty where there is a slot. *out_slot is
 * the slot behind it (OPK_WORDS_NO_SLOT when unknown); out_reason may be NULL.
 */
bool opk_words_is_operation(const struct opk_words *words, uint32_t slot, struct opk_str path,
                            struct opk_str word, uint32_t *out_slot,
                            struct opk_word_reason *out_reason);

#endif
