/*
 * regex.h - regular expressions with limits (PCRE2 10.42).
 *
 * Shape:   a pattern is compiled once and searched for in any number of texts; what a search needs
 *          of its own (captures, stacks) lies in a scratch that the searcher brings.
 * Units:   spans are byte offsets into the text that was searched.
 * Memory:  a regex and a scratch own theirs; spans borrow nothing. The pattern is not kept.
 * Errors:  a bad pattern is OPK_E_SYNTAX with its byte, a long one OPK_E_LIMIT. A search that costs
 *          too much is OPK_E_LIMIT: the caller decides what an unfinished search means. Text that
 *          is no UTF-8 is searched all the same; ill-formed bytes match nothing.
 * Threads: a regex is constant and shared; one scratch a thread.
 *
 * Patterns come from tables of ours, from schemas and from users. \C is never allowed (it would cut
 * UTF-8 sequences apart). Compiled code (JIT) is used where the machine has it, with the
 * interpreter as its fallback when the JIT's own stack ends: both obey the same match limit.
 */
#ifndef OPK_BASE_REGEX_H
#define OPK_BASE_REGEX_H

#include "base/doc.h"
#include "base/err.h"
#include "base/str.h"

#define OPK_REGEX_PATTERN_MAX ((size_t)16 * 1024) /* bytes of a pattern */
#define OPK_REGEX_GROUPS_MAX  10                  /* groups told by a search, the whole first */
#define OPK_REGEX_MATCH_LIMIT 200000              /* steps of one search */
#define OPK_REGEX_DEPTH_LIMIT 100000              /* nested backtracking points, interpreter only */
#define OPK_REGEX_HEAP_KIB    (16 * 1024)         /* heap of one search, interpreter only */
#define OPK_REGEX_JIT_STACK   ((size_t)1 << 20)   /* bytes of a scratch's JIT stack */

enum opk_regex_flag {
    OPK_REGEX_UTF = 1U << 0,       /* characters are UTF-8 sequences, not bytes */
    OPK_REGEX_UCP = 1U << 1,       /* \d \w \s and case follow Unicode; needs UTF */
    OPK_REGEX_NOCASE = 1U << 2,    /* letters of either case alike */
    OPK_REGEX_MULTILINE = 1U << 3, /* ^ and $ match at every line */
    OPK_REGEX_ECMA = 1U << 4, /* \uXXXX, \u{X}, [] and $ as in ECMA-262: JSON Schema's dialect */
};

struct opk_regex;
struct opk_regex_scratch;

OPK_MUST_USE enum opk_status opk_regex_new(struct opk_str pattern, unsigned flags,
                                           struct opk_regex **out_regex, struct opk_err *err);
void opk_regex_free(struct opk_regex *regex);

OPK_MUST_USE enum opk_status opk_regex_scratch_new(struct opk_regex_scratch **out_scratch,
                                                   struct opk_err *err);
void opk_regex_scratch_free(struct opk_regex_scratch *scratch);

/* What a search found: groups[0] is the whole match. A group that took no part is begin = end =
 * OPK_NPOS, as is every group past the pattern's last. */
struct opk_regex_match {
    struct opk_span groups[OPK_REGEX_GROUPS_MAX];
};

/**
 * Find the first match at or after byte from; what lies before from is seen by lookbehinds and
 * anchors. OPK_END: there is none. out_match may be NULL.
 */
OPK_MUST_USE enum opk_status opk_regex_find(const struct opk_regex *regex,
                                            struct opk_regex_scratch *scratch, struct opk_str text,
                                            size_t from, struct opk_regex_match *out_match,
                                            struct opk_err *err);

#endif
