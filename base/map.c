#include "base/map.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

struct slot {
    uint32_t hash;  /* its lower half: most other keys are passed over without a look at them */
    uint32_t index; /* and 1; 0: free */
};

struct opk_map {
    struct opk_arena bytes;
    struct opk_str *keys; /* owned; by index; their bytes in the arena, a NUL behind each */
    size_t key_cap;
    uint32_t count;
    struct slot *slots; /* owned; linear probing, at most half full */
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
    opk_arena_done(&map->bytes);
    free(map->keys);
    free(map->slots);
    free(map);
}

/* The slot that holds key, or the free one where it belongs. */
static size_t find_slot(const struct opk_map *map, struct opk_str key, uint64_t hash)
{
    size_t at = (uint32_t)hash & map->slot_mask;

    while (map->slots[at].index != 0) {
        if (map->slots[at].hash == (uint32_t)hash &&
            opk_str_eq(map->keys[map->slots[at].index - 1], key))
            return at;
        at = (at + 1) & map->slot_mask;
    }
    return at;
}

static bool double_slots(struct opk_map *map)
{
    size_t size = (map->slot_mask + 1) * 2;
    struct slot *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i <= map->slot_mask; i++) {
        size_t at = map->slots[i].hash & (size - 1);
        if (map->slots[i].index == 0)
            continue;
        while (slots[at].index != 0)
            at = (at + 1) & (size - 1);
        slots[at] = map->slots[i];
    }
    free(map->slots);
    map->slots = slots;
    map->slot_mask = size - 1;
    return true;
}

enum opk_status opk_map_add(struct opk_map *map, struct opk_str key, uint32_t *out_index,
                            bool *out_is_new, struct opk_err *err)
{
    uint64_t hash = opk_hash_table(key);
    size_t slot = find_slot(map, key, hash);

    struct opk_str *grown;
    char *copy;

    *out_is_new = map->slots[slot].index == 0;
    if (!*out_is_new) {
        *out_index = map->slots[slot].index - 1;
        return OPK_OK;
    }
    if (map->count == UINT32_MAX - 1)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u distinct keys", map->count);
    grown = opk_grow(map->keys, &map->key_cap, (size_t)map->count + 1, sizeof(*grown));
    if (!grown)
        goto nomem;
    map->keys = grown;
    if ((size_t)map->count * 2 >= map->slot_mask) {
        if (!double_slots(map))
            goto nomem;
        slot = find_slot(map, key, hash);
    }
    copy = opk_arena_room(&map->bytes, key.len + 1, 1);
    if (!copy)
        goto nomem;
    memcpy(copy, key.data, key.len);
    copy[key.len] = '\0';
    grown[map->count] = (struct opk_str){copy, key.len};
    *out_index = map->count++;
    map->slots[slot] = (struct slot){(uint32_t)hash, map->count};
    return OPK_OK;

nomem:
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for key %u of a table", map->count);
}

bool opk_map_find(const struct opk_map *map, struct opk_str key, uint32_t *out_index)
{
    size_t slot = find_slot(map, key, opk_hash_table(key));

    if (map->slots[slot].index == 0)
        return false;
    if (out_index)
        *out_index = map->slots[slot].index - 1;
    return true;
}

struct opk_str opk_map_key(const struct opk_map *map, uint32_t index)
{
    assert(index < map->count);
    return map->keys[index];
}

uint32_t opk_map_count(const struct opk_map *map)
{
    return map->count;
}

size_t opk_map_bytes(const struct opk_map *map)
{
    return map->bytes.used + map->key_cap * sizeof(*map->keys) +
           (map->slot_mask + 1) * sizeof(*map->slots);
}
