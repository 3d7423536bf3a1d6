#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#define FIRST_BYTES 64

void *opk_grow(void *items, size_t *cap, size_t need, size_t item_size)
{
    assert(item_size > 0);
    if (need <= *cap && items)
        return items;
    size_t grown = *cap > SIZE_MAX / 2 ? SIZE_MAX : *cap * 2;
    if (grown < need)
        grown = need;
    if (grown * item_size < FIRST_BYTES && grown <= FIRST_BYTES)
        grown = FIRST_BYTES / item_size + 1;
    if (grown > SIZE_MAX / item_size)
        return NULL;
    void *moved = realloc(items, grown * item_size);
    if (moved)
        *cap = grown;
    return moved;
}
