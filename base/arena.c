#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks begin small, since many a document is, and double. */
#define BLOCK_MIN ((size_t)4 * 1024)
#define BLOCK_MAX ((size_t)64 * 1024)
#define ALIGN     alignof(max_align_t)

struct opk_arena_block {
    struct opk_arena_block *older;
    size_t used;
    size_t cap;
    alignas(max_align_t) char bytes[];
};

static void free_blocks(struct opk_arena_block *block)
{
    while (block) {
        struct opk_arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void opk_arena_done(struct opk_arena *arena)
{
    free_blocks(arena->blocks);
    *arena = (struct opk_arena){.limit = arena->limit};
}

void opk_arena_clear(struct opk_arena *arena)
{
    if (arena->blocks) {
        free_blocks(arena->blocks->older);
        arena->blocks->older = NULL;
        arena->blocks->used = 0;
    }
    arena->used = 0;
    arena->failed = false;
}

static bool add_block(struct opk_arena *arena, size_t size)
{
    size_t cap = arena->blocks ? 2 * arena->blocks->cap : BLOCK_MIN;

    if (cap > BLOCK_MAX)
        cap = BLOCK_MAX;
    if (cap < size)
        cap = size;
    struct opk_arena_block *block = malloc(sizeof(*block) + cap);

    if (!block)
        return false;
    block->older = arena->blocks;
    block->used = 0;
    block->cap = cap;
    arena->blocks = block;
    return true;
}

void *opk_arena_room(struct opk_arena *arena, size_t size, size_t align)
{
    size_t used = arena->blocks ? arena->blocks->used : 0;
    size_t padding = (align - used) & (align - 1);
    size_t needed = padding + size;

    assert((align & (align - 1)) == 0);
    if (arena->failed || size > SIZE_MAX / 2)
        goto fail;
    if (arena->limit && (needed > arena->limit || arena->used > arena->limit - needed))
        goto fail;
    if (!arena->blocks || arena->blocks->cap - used < needed) {
        if (!add_block(arena, size))
            goto fail;
        padding = 0;
    }
    void *bytes = arena->blocks->bytes + arena->blocks->used + padding;
    arena->blocks->used += padding + size;
    arena->used += padding + size;
    return bytes;

fail:
    arena->failed = true;
    return NULL;
}

void *opk_arena_alloc(struct opk_arena *arena, size_t size)
{
    size_t rounded = size > SIZE_MAX / 2 ? size : (size + ALIGN - 1) / ALIGN * ALIGN;
    void *bytes = opk_arena_room(arena, rounded, ALIGN);

    return bytes ? memset(bytes, 0, rounded) : NULL;
}

struct opk_str opk_arena_pack(struct opk_arena *arena, struct opk_str text)
{
    char *bytes = opk_arena_room(arena, text.len, 1);

    if (!bytes)
        return OPK_STR_EMPTY;
    memcpy(bytes, text.data, text.len);
    return opk_str_bytes(bytes, text.len);
}

void *opk_arena_array(struct opk_arena *arena, size_t count, size_t size)
{
    assert(size > 0);
    if (count > SIZE_MAX / size) {
        arena->failed = true;
        return NULL;
    }
    return opk_arena_alloc(arena, count * size);
}

struct opk_str opk_arena_copy(struct opk_arena *arena, struct opk_str text)
{
    char *bytes = opk_arena_room(arena, text.len + 1, 1);

    if (!bytes)
        return OPK_STR_EMPTY;
    memcpy(bytes, text.data, text.len);
    bytes[text.len] = '\0';
    return opk_str_bytes(bytes, text.len);
}

struct opk_str opk_arena_printf(struct opk_arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    struct opk_str text = OPK_STR_EMPTY;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *bytes = opk_arena_alloc(arena, (size_t)len + 1);
    if (bytes) {
        (void)vsnprintf(bytes, (size_t)len + 1, format, again);
        text = opk_str_bytes(bytes, (size_t)len);
    }
    va_end(again);
    va_end(args);
    return text;
}

enum opk_status opk_arena_check(const struct opk_arena *arena, struct opk_err *err)
{
    if (!arena->failed)
        return OPK_OK;
    if (arena->limit)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "needs more than %zu bytes of memory",
                        arena->limit);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory after %zu bytes", arena->used);
}
