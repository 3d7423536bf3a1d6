/*
 * mem.h - growing arrays.
 *
 *     struct item *grown = opk_grow(items, &cap, count + 1, sizeof(*items));
 *     if (!grown)
 *         return opk_fail(...);
 *     items = grown;
 *
 * Units:   items.
 * Memory:  the array is owned by the caller, who frees it with free().
 * Errors:  NULL when there is no memory or the size overflows; the old array is then untouched.
 */
#ifndef OPK_BASE_MEM_H
#define OPK_BASE_MEM_H

#include <stddef.h>

/** items with room for at least need items; amortised doubling. items may be NULL when *cap is 0.
 */
void *opk_grow(void *items, size_t *cap, size_t need, size_t item_size);

#endif
