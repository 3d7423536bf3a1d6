/*
 * arena.h - memory of one unit of work, freed together.
 *
 * Shape:   allocate; nothing is freed alone; clear or done frees everything.
 * Units:   bytes; every allocation is aligned for any type, but for copied and packed texts.
 * Memory:  an arena owns its blocks. A zeroed struct opk_arena is an empty arena without a limit.
 * Errors:  NULL (or a view with len 0 and failed set) when there is no memory or the limit is
 *          passed; failed is sticky until clear, so that many small copies are checked once.
 * Threads: one arena per thread.
 */
#ifndef OPK_BASE_ARENA_H
#define OPK_BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct opk_arena_block;

struct opk_arena {
    struct opk_arena_block *blocks; /* owned; newest first */
    size_t used;                    /* bytes handed out, padding included */
    size_t limit;                   /* 0: none */
    bool failed;
};

void opk_arena_done(struct opk_arena *arena);

/** Free everything but one block, for the next unit of work. */
void opk_arena_clear(struct opk_arena *arena);

/** size zeroed bytes, or NULL. */
void *opk_arena_alloc(struct opk_arena *arena, size_t size);

/** count * size zeroed bytes, or NULL; overflow counts as no memory. */
void *opk_arena_array(struct opk_arena *arena, size_t count, size_t size);

/** A copy of text with a NUL behind it (outside its length); empty after a failure. */
struct opk_str opk_arena_copy(struct opk_arena *arena, struct opk_str text);

/** size bytes, not cleared, aligned to align (a power of two) only; or NULL. */
void *opk_arena_room(struct opk_arena *arena, size_t size, size_t align);

/** A copy of text that lies close to its neighbours: not aligned, nothing behind it. */
struct opk_str opk_arena_pack(struct opk_arena *arena, struct opk_str text);

/** A formatted copy; empty after a failure. */
struct opk_str opk_arena_printf(struct opk_arena *arena, const char *format, ...) OPK_PRINTF(2, 3);

OPK_MUST_USE enum opk_status opk_arena_check(const struct opk_arena *arena, struct opk_err *err);

#endif
