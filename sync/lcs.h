/*
 * lcs.h - what two runs of strings have in common, in order: lines of a diff, blocks of a document.
 *
 * Shape:   two lists in, the changes that turn one into the other out, in order; what lies between
 *          them is the common part.
 * Source:  E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
 * Units:   items, counted from 0.
 * Memory:  changes lie in the caller's arena.
 * Limits:  lists that differ in more than OPK_LCS_EDITS_MAX items are told as one change, between
 *          what they have in common at both ends.
 * Errors:  OPK_E_NOMEM.
 */
#ifndef OPK_SYNC_LCS_H
#define OPK_SYNC_LCS_H

#include "base/arena.h"
#include "base/err.h"

#define OPK_LCS_EDITS_MAX 2000

struct opk_str_list {
    struct opk_str *items;
    size_t count;
};

/* Items [old_at, +old_len) become [new_at, +new_len). */
struct opk_lcs_change {
    size_t old_at;
    size_t old_len;
    size_t new_at;
    size_t new_len;
};

struct opk_lcs {
    struct opk_lcs_change *changes; /* neighbours are one */
    size_t count;
};

OPK_MUST_USE enum opk_status opk_lcs_find(struct opk_str_list old, struct opk_str_list new,
                                          struct opk_arena *arena, struct opk_lcs *out_lcs,
                                          struct opk_err *err);

#endif
