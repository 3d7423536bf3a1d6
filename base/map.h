/*
 * map.h - a set of strings, each with a dense index.
 *
 * Shape:   keys get the indexes 0, 1, 2, ... in the order they are first added; what belongs to a
 *          key lies in an array of the caller's at that index.
 * Memory:  a map owns copies of its keys; a key's view is borrowed until the map is freed.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT past UINT32_MAX - 1 keys.
 * Threads: one writer; finding is safe from many threads while nobody adds.
 *
 * The table is keyed with a secret of the process (hash.h), so chosen keys cannot flood it. Indexes
 * follow the order of adding: what must be equal from run to run is sorted before it is written.
 */
#ifndef OPK_BASE_MAP_H
#define OPK_BASE_MAP_H

#include "base/err.h"
#include "base/str.h"

struct opk_map;

OPK_MUST_USE enum opk_status opk_map_new(struct opk_map **out_map, struct opk_err *err);
void opk_map_free(struct opk_map *map);

/** The index of key, which is added when it is new. */
OPK_MUST_USE enum opk_status opk_map_add(struct opk_map *map, struct opk_str key,
                                         uint32_t *out_index, bool *out_is_new,
                                         struct opk_err *err);

/** False when key is absent; out_index may be NULL. */
bool opk_map_find(const struct opk_map *map, struct opk_str key, uint32_t *out_index);

/** The key at an index below opk_map_count; borrowed from the map. */
struct opk_str opk_map_key(const struct opk_map *map, uint32_t index);

uint32_t opk_map_count(const struct opk_map *map);

/** Bytes of memory held, for budgets. */
size_t opk_map_bytes(const struct opk_map *map);

#endif
