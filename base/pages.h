/*
 * pages.h - large tables that are read at random, in huge pages where the system has them.
 *
 * Shape:   zeroed memory of at least OPK_PAGES_MIN bytes. A table of some megabytes in pages of
 *          4 KiB waits as long for the places of its pages as for its bytes, under a hypervisor
 *          above all; in pages of 2 MiB it does not. Where there are none, small ones serve.
 * Memory:  owned by the caller, freed with opk_pages_free and the same size.
 * Errors:  NULL when there is no memory.
 */
#ifndef OPK_BASE_PAGES_H
#define OPK_BASE_PAGES_H

#include <stddef.h>

#define OPK_PAGES_MIN ((size_t)2 << 20)

/** size zeroed bytes, a multiple of OPK_PAGES_MIN, and aligned to that where memory allows. */
void *opk_pages_alloc(size_t size);

/** NULL is fine. */
void opk_pages_free(void *pages, size_t size);

#endif
