/*
 * similar.h - which registered kinds a draft is near to.
 *
 * Shape:   patterns of registered kinds in; for a kind that is drafted the nearest ones out, best
 *          first, with a score and the reason in words.
 * Score:   weighted Jaccard similarity: features are the operation words (8 each), the options (2
 *          each) and the classes of operands (1 each), each weighed by the share of the kind's
 *          commands, or of the registered kind's patterns, that have it; the sum of the smaller
 *          weights over the sum of the larger ones, in hundredths. What a pattern leaves open with
 *          … is not held against it: of a draft's options and classes only those count that the
 *          patterns name.
 * Memory:  the index owns copies of what it is given; results lie in the caller's storage and in
 *          the arena.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT past UINT32_MAX - 1 distinct features.
 * Threads: finding uses room that the index owns: one thread an index.
 */
#ifndef OPK_CLUSTER_SIMILAR_H
#define OPK_CLUSTER_SIMILAR_H

#include "base/arena.h"
#include "cluster/kind.h"

/* How many are told, and the least score that is worth telling. */
#define OPK_SIMILAR_MAX       3
#define OPK_SIMILAR_SCORE_MIN 25

struct opk_similar {
    struct opk_str id;
    struct opk_str why;
    unsigned score; /* hundredths */
};

struct opk_similar_index;

OPK_MUST_USE enum opk_status opk_similar_new(struct opk_similar_index **out_index,
                                             struct opk_err *err);
void opk_similar_free(struct opk_similar_index *index);

/** Add a registered kind by its patterns; one without patterns is near to nothing. */
OPK_MUST_USE enum opk_status opk_similar_add(struct opk_similar_index *index, struct opk_str id,
                                             const struct opk_str *patterns, size_t count,
                                             struct opk_err *err);

/** The nearest registered kinds; texts lie in the arena. */
OPK_MUST_USE enum opk_status opk_similar_find(struct opk_similar_index *index,
                                              const struct opk_kind *kind, struct opk_arena *arena,
                                              struct opk_similar out[OPK_SIMILAR_MAX],
                                              size_t *out_count, struct opk_err *err);

#endif
