#include "base/pages.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

void *opk_pages_alloc(size_t size)
{
    assert(size > 0 && size % OPK_PAGES_MIN == 0);
    /* So much that an aligned part lies inside; the rest goes back. */
    const size_t room = size + OPK_PAGES_MIN;
    char *got = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (got == MAP_FAILED)
        return NULL;
    const size_t before = (OPK_PAGES_MIN - (uintptr_t)got % OPK_PAGES_MIN) % OPK_PAGES_MIN;
    char *pages = got + before;
    if (before > 0)
        (void)munmap(got, before);
    (void)munmap(pages + size, room - before - size);
#ifdef MADV_HUGEPAGE
    (void)madvise(pages, size, MADV_HUGEPAGE);
#endif
    return pages;
}

void opk_pages_free(void *pages, size_t size)
{
    if (pages)
        (void)munmap(pages, size);
}
