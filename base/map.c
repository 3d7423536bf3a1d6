#include "base/map.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

struct entry {
    struct opk_str key; /* in the arena */
    uint64_t hash;
};

struct opk_map {
    struct opk_arena keys;
    struct entry *entries; /* owned; by index */
    size_t entry_cap;
    uint32_t count;
    uint32_t *slots; /* owned; index + 1, or 0 for free; linear probing at most half full */
    size_t slot_mask;
};

enum opk_status opk_map_new(struct opk_map **out_map, struct opk_err *err)
{
    struct opk_map *map = calloc(1, sizeof(*map));

    if (!map)
        goto nomem;
    map->slots = calloc(FIRST_SLOTS, sizeof(*map->slots));
    if (!map->slots)
        goto nomem;
    map->slot_mask = FIRST_SLOTS - 1;
    *out_map = map;
    return OPK_OK;

nomem:
    opk_map_free(map);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a table");
}

void opk_map_free(struct opk_map *map)
{
    if (!map)
        return;
    opk_arena_done(&map->keys);
    free(map->entries);
    free(map->slots);
    free(map);
}

/* The slot that holds key, or the free one where it belongs. */
static size_t find_slot(const struct opk_map *map, struct opk_str key, uint64_t hash)
{
    size_t slot = hash & map->slot_mask;

    while (map->slots[slot] != 0) {
        const struct entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && opk_str_eq(entry->key, key))
            return slot;
        slot = (slot + 1) & map->slot_mask;
    }
    return slot;
}

static bool double_slots(struct opk_map *map)
{
    size_t size = (map->slot_mask + 1) * 2;
    uint32_t *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return false;
    free(map->slots);
    map->slots = slots;
    map->slot_mask = size - 1;
    for (uint32_t i = 0; i < map->count; i++) {
        size_t slot = map->entries[i].hash & map->slot_mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & map->slot_mask;
        slots[slot] = i + 1;
    }
    return true;
}

enum opk_status opk_map_add(struct opk_map *map, struct opk_str key, uint32_t *out_index,
                            bool *out_is_new, struct opk_err *err)
{
    uint64_t hash = opk_hash_table(key);
    size_t slot = find_slot(map, key, hash);

    if (map->slots[slot] != 0) {
        *out_index = map->slots[slot] - 1;
        *out_is_new = false;
        return OPK_OK;
    }
    if (map->count == UINT32_MAX - 1)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u distinct keys", map->count);
    struct entry *entries =
        opk_grow(map->entries, &map->entry_cap, (size_t)map->count + 1, sizeof(*entries));
    if (!entries)
        goto nomem;
    map->entries = entries;
    if ((size_t)map->count * 2 >= map->slot_mask) {
        if (!double_slots(map))
            goto nomem;
        slot = find_slot(map, key, hash);
    }
    struct opk_str copy = opk_arena_copy(&map->keys, key);
    if (map->keys.failed)
        goto nomem;
    entries[map->count] = (struct entry){copy, hash};
    *out_index = map->count++;
    map->slots[slot] = map->count;
    *out_is_new = true;
    return OPK_OK;

nomem:
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for key %u of a table", map->count);
}

bool opk_map_find(const struct opk_map *map, struct opk_str key, uint32_t *out_index)
{
    size_t slot = find_slot(map, key, opk_hash_table(key));

    if (map->slots[slot] == 0)
        return false;
    if (out_index)
        *out_index = map->slots[slot] - 1;
    return true;
}

struct opk_str opk_map_key(const struct opk_map *map, uint32_t index)
{
    assert(index < map->count);
    return map->entries[index].key;
}

uint32_t opk_map_count(const struct opk_map *map)
{
    return map->count;
}

size_t opk_map_bytes(const struct opk_map *map)
{
    return map->keys.used + map->entry_cap * sizeof(*map->entries) +
           (map->slot_mask + 1) * sizeof(*map->slots);
}
