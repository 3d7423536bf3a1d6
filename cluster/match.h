/*
 * match.h - shape patterns of registered kinds, and which shapes they match.
 *
 * Source:  docs/formats/registry.md, "matches".
 * Shape:   patterns in, each with the caller's number; then for a shape the number of the pattern
 *          that was added first among those that match.
 * Grammar: a pattern is words with blanks between. A word matches the same word. Within a word,
 *          <class> matches a slot of that class (<path> also <path.py>, and a folded <path>...),
 *          and {a,b} one of its alternatives, without further braces inside. The word … matches
 *          any words, also none, of one command of a pipeline.
 * Memory:  a matcher owns copies of its patterns.
 * Errors:  OPK_E_LIMIT for a pattern longer than OPK_MATCH_PATTERN_MAX; OPK_E_INVALID for one that
 *          is empty or begins with …, which would match everything; OPK_E_NOMEM.
 * Threads: finding is safe from many threads while nobody adds.
 */
#ifndef OPK_CLUSTER_MATCH_H
#define OPK_CLUSTER_MATCH_H

#include "base/err.h"
#include "base/str.h"

#define OPK_MATCH_PATTERN_MAX ((size_t)1024)

/* Words of a shape past this many are not looked at: the shape matches nothing. */
#define OPK_MATCH_WORDS_MAX 256

struct opk_matcher;

OPK_MUST_USE enum opk_status opk_matcher_new(struct opk_matcher **out_matcher, struct opk_err *err);
void opk_matcher_free(struct opk_matcher *matcher);

OPK_MUST_USE enum opk_status opk_matcher_add(struct opk_matcher *matcher, struct opk_str pattern,
                                             uint32_t number, struct opk_err *err);

/** False when no pattern matches; out_number may be NULL. */
bool opk_matcher_find(const struct opk_matcher *matcher, struct opk_str shape,
                      uint32_t *out_number);

/** Does one pattern match one shape? */
bool opk_match(struct opk_str pattern, struct opk_str shape);

#endif
