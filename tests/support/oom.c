#include "oom.h"

#include "support.h"

#include <stdlib.h>

/* Allocations are numbered from 1 while a subject runs; failing is 0 otherwise. */
static size_t asked;
static size_t failing;
static bool on_from_there;

static bool fails(void)
{
    if (failing == 0)
        return false;
    asked++;
    return on_from_there ? asked >= failing : asked == failing;
}

/* The linker gives these names. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

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
/* NOLINTEND(bugprone-reserved-identifier) */

/* One run; true when allocation number was asked for. */
static bool run(const char *name, size_t number,
                enum opk_status (*subject)(void *context, struct opk_err *err), void *context)
{
    struct opk_err err = {0};

    asked = 0;
    failing = number;
    enum opk_status status = subject(context, &err);
    failing = 0;
    if (status != OPK_OK && status != OPK_E_NOMEM)
        fail_msg("%s: allocation %zu: status %s: %s", name, number, opk_status_name(status),
                 err.message);
    if (status == OPK_E_NOMEM && (err.status != OPK_E_NOMEM || !err.message[0]))
        fail_msg("%s: allocation %zu: no memory, and nothing said", name, number);
    if (status == OPK_E_NOMEM && asked < number)
        fail_msg("%s: no memory, though no allocation failed", name);
    return asked >= number;
}

void opk_oom_each(const char *name, enum opk_status (*subject)(void *context, struct opk_err *err),
                  void *context)
{
    for (int mode = 0; mode < 2; mode++) {
        size_t number = 1;
        on_from_there = mode == 1;
        while (run(name, number, subject, context))
            number++;
    }
}
