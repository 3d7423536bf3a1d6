/*
 * fail_alloc.c - the allocation that the environment names fails, by the linker's --wrap.
 *
 * The allocations (malloc, calloc, realloc, aligned_alloc, mmap) of the program's own objects are
 * numbered from 1 on, and on from process to process through the file that OPK_ALLOC_COUNT names;
 * number OPK_FAIL_ALLOC returns NULL. Libraries that are linked dynamically keep theirs.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The linker gives these names. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
/* NOLINTEND(bugprone-reserved-identifier) */

static atomic_ulong asked;
static unsigned long failing;

/* The number in a file of digits; 0 when there is none. */
static unsigned long read_number(const char *path)
{
    char digits[32] = "";
    FILE *file = path ? fopen(path, "r") : NULL;

    if (!file)
        return 0;
    (void)!fgets(digits, sizeof(digits), file);
    (void)fclose(file);
    return strtoul(digits, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("OPK_FAIL_ALLOC");

    failing = number ? strtoul(number, NULL, 10) : 0;
    atomic_store(&asked, read_number(getenv("OPK_ALLOC_COUNT")));
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("OPK_ALLOC_COUNT");
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

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}
