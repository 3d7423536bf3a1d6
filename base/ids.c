#include "base/ids.h"

#include "base/hash.h"

#include <stdlib.h>

#define FIRST_SLOTS ((size_t)64)

void opk_ids_done(struct opk_ids *ids)
{
    free(ids->hashes);
    *ids = (struct opk_ids){0};
}

/* 0 says that a slot is free. */
static uint64_t hash_of(struct opk_str id)
{
    const uint64_t hash = opk_hash_table(id);

    return hash != 0 ? hash : 1;
}

/* The slot that holds a hash, or the free one where it belongs. */
static size_t find_slot(const struct opk_ids *ids, uint64_t hash)
{
    size_t at = (size_t)hash & ids->slot_mask;

    while (ids->hashes[at] != 0 && ids->hashes[at] != hash)
        at = (at + 1) & ids->slot_mask;
    return at;
}

static bool widen(struct opk_ids *ids)
{
    const size_t slots = ids->hashes ? (ids->slot_mask + 1) * 2 : FIRST_SLOTS;
    struct opk_ids wide = {.slot_mask = slots - 1, .count = ids->count};

    wide.hashes = calloc(slots, sizeof(*wide.hashes));
    if (!wide.hashes)
        return false;
    for (size_t i = 0; ids->hashes && i <= ids->slot_mask; i++) {
        if (ids->hashes[i] != 0)
            wide.hashes[find_slot(&wide, ids->hashes[i])] = ids->hashes[i];
    }
    opk_ids_done(ids);
    *ids = wide;
    return true;
}

enum opk_status opk_ids_add(struct opk_ids *ids, struct opk_str id, bool *out_is_new,
                            struct opk_err *err)
{
    const uint64_t hash = hash_of(id);

    if ((!ids->hashes || ids->count >= (ids->slot_mask + 1) / 4 * 3) && !widen(ids))
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for id %zu", ids->count + 1);
    const size_t at = find_slot(ids, hash);
    *out_is_new = ids->hashes[at] == 0;
    ids->hashes[at] = hash;
    ids->count += *out_is_new;
    return OPK_OK;
}

size_t opk_ids_bytes(const struct opk_ids *ids)
{
    return ids->hashes ? (ids->slot_mask + 1) * sizeof(*ids->hashes) : 0;
}
