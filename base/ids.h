/*
 * ids.h - which ids were met.
 *
 * Shape:   an id is known by a keyed hash of 64 bits (hash.h) and its text is not kept: two ids are
 *          taken for one once in 2^64 pairs, and nobody can choose them so.
 * Memory:  8 bytes a slot, of which between three eighths and three quarters are in use: at most
 *          22 bytes an id.
 * Errors:  OPK_E_NOMEM.
 * Threads: one.
 */
#ifndef OPK_BASE_IDS_H
#define OPK_BASE_IDS_H

#include "base/err.h"
#include "base/str.h"

struct opk_ids {
    uint64_t *hashes; /* owned; linear probing; 0: free */
    size_t slot_mask;
    size_t count;
};

/** Safe on zeroed storage, which is a set without ids. */
void opk_ids_done(struct opk_ids *ids);

/** Meet an id: is it new? */
OPK_MUST_USE enum opk_status opk_ids_add(struct opk_ids *ids, struct opk_str id, bool *out_is_new,
                                         struct opk_err *err);

/** Bytes of memory held, for budgets. */
size_t opk_ids_bytes(const struct opk_ids *ids);

#endif
