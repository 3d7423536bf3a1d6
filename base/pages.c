#include "base/pages.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

static char *map(size_t size)
{
    void *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return got == MAP_FAILED ? NULL : got;
}

static bool is_aligned(const char *pages)
{
    return (uintptr_t)pages % OPK_PAGES_MIN == 0;
}

/* Map so much that an aligned part lies inside, and give the rest back; where there is not so much,
 * what is not aligned serves as well. */
static char *map_aligned(size_t size)
{
    char *got = map(size + OPK_PAGES_MIN);

    if (!got)
        return map(size);
    const size_t before = is_aligned(got) ? 0 : OPK_PAGES_MIN - (uintptr_t)got % OPK_PAGES_MIN;
    if (before > 0)
        (void)munmap(got, before);
    (void)munmap(got + before + size, OPK_PAGES_MIN - before);
    return got + before;
}

void *opk_pages_alloc(size_t size)
{
    assert(size > 0 && size % OPK_PAGES_MIN == 0);
    char *pages = map(size);

    if (!pages)
        return NULL;
    if (!is_aligned(pages)) {
        (void)munmap(pages, size);
        pages = map_aligned(size);
    }
#ifdef MADV_HUGEPAGE
    if (pages)
        (void)madvise(pages, size, MADV_HUGEPAGE);
#endif
    return pages;
}

void opk_pages_free(void *pages, size_t size)
{
    if (pages)
        (void)munmap(pages, size);
}
