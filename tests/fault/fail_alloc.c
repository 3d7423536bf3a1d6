/*
 * fail_alloc.c - the allocation that the environment names fails, by the linker's --wrap.
 *
 * With OPK_FAIL_ALLOC=N the Nth malloc, calloc or realloc of the program's own objects returns
 * NULL, once; libraries that are linked dynamically keep theirs. With OPK_COUNT_ALLOC=FILE the
 * number of all of them is written to FILE at the end.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The linker gives these names. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
/* NOLINTEND(bugprone-reserved-identifier) */

static atomic_ulong asked;
static unsigned long failing;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("OPK_FAIL_ALLOC");

    failing = number ? strtoul(number, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("OPK_COUNT_ALLOC");
    FILE *file = path ? fopen(path, "w") : NULL;

    if (file) {
        (void)fprintf(file, "%lu\n", atomic_load(&asked));
        (void)fclose(file);
    }
}

static int fails(void)
{
    return atomic_fetch_add(&asked, 1) + 1 == failing;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}
