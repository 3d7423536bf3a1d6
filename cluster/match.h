/*
 * match.h - shape patterns of registered kinds, and which of them a shape matches.
 *
 * Source:  docs/formats/shape_patterns.md.
 * Shape:   patterns in, each with the caller's number; then for a shape the number of the most
 *          specific pattern that matches: the one with more words that are no …, then the one with
 *          more of them literal, then the one that was added first.
 * Grammar: a pattern is words with blanks between. A word matches the same word. Within a word,
 *          <class> matches a slot of that class (<path> also <path.py>), which may be folded
 *          (<path>…); {a,b} stands for one of its texts, which may hold blanks but no braces. The
 *          word … (or ...) matches any words, also none, of one command of a pipeline.
 * Time:    patterns lie in one trie, so that those with the same beginning are one: a word of a
 *          shape costs a look-up for every place in the trie that the words before it lead to. Each
 *          … that stands within patterns adds one place; kinds that differ elsewhere add none.
 * Memory:  a matcher owns copies of the patterns' words.
 * Errors:  OPK_E_LIMIT for a pattern longer than OPK_MATCH_PATTERN_MAX, whose braces stand for more
 *          than OPK_MATCH_FORMS_MAX texts, or past OPK_MATCH_NODES_MAX; OPK_E_INVALID for one that
 *          is empty, begins with … (it would match everything), or has two slots in a word;
 *          OPK_E_NOMEM. What was added before stays usable; a refused pattern leaves nothing that
 *          matches.
 * Threads: one thread a matcher: finding uses room that the matcher owns.
 */
#ifndef OPK_CLUSTER_MATCH_H
#define OPK_CLUSTER_MATCH_H

#include "base/err.h"
#include "base/str.h"

#define OPK_MATCH_PATTERN_MAX ((size_t)1024)

/* "{a,b}{c,d}" stands for four texts. */
#define OPK_MATCH_FORMS_MAX 64

/* Words of all patterns, equal beginnings counted once. */
#define OPK_MATCH_NODES_MAX ((size_t)1 << 19)

struct opk_matcher;

OPK_MUST_USE enum opk_status opk_matcher_new(struct opk_matcher **out_matcher, struct opk_err *err);
void opk_matcher_free(struct opk_matcher *matcher);

OPK_MUST_USE enum opk_status opk_matcher_add(struct opk_matcher *matcher, struct opk_str pattern,
                                             uint32_t number, struct opk_err *err);

/** False when no pattern matches; out_number may be NULL. */
bool opk_matcher_find(struct opk_matcher *matcher, struct opk_str shape, uint32_t *out_number);

#endif
