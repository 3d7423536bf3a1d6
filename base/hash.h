/*
 * hash.h - XXH3 (xxHash 0.8) for ids, checksums and tables.
 *
 * Shape:   opk_hash64/128 have a fixed seed: their values may reach files and are the same on every
 *          machine. opk_hash_table and opk_hash128_table are keyed by a secret drawn once per
 *          process: they are for tables whose keys an attacker may choose, and their values and
 *          order never leave the process.
 * Memory:  nothing allocated, but for struct opk_hasher, which is owned by its caller.
 * Threads: the functions are pure; a hasher belongs to one thread.
 */
#ifndef OPK_BASE_HASH_H
#define OPK_BASE_HASH_H

#include "base/err.h"
#include "base/str.h"

/* XXH3-128; high holds the more significant half. */
struct opk_hash128 {
    uint64_t high;
    uint64_t low;
};

/* The canonical text of an opk_hash128: 32 lower-case hexadecimal digits and a NUL. */
#define OPK_HASH128_TEXT 33

uint64_t opk_hash64(struct opk_str text);
struct opk_hash128 opk_hash128(struct opk_str text);
uint64_t opk_hash_table(struct opk_str text);
struct opk_hash128 opk_hash128_table(struct opk_str text);

bool opk_hash128_eq(struct opk_hash128 a, struct opk_hash128 b);
/** Numeric order. */
int opk_hash128_cmp(struct opk_hash128 a, struct opk_hash128 b);
void opk_hash128_text(struct opk_hash128 hash, char out[OPK_HASH128_TEXT]);

/**
 * The top 5 * digits bits of hash in Crockford's base 32 (0-9A-Z without I L O U), most significant
 * first, with a NUL behind. digits is at most 25.
 */
void opk_hash128_crockford(struct opk_hash128 hash, size_t digits, char *out);

/* An XXH3-128 over a stream. */
struct opk_hasher;

OPK_MUST_USE enum opk_status opk_hasher_new(struct opk_hasher **out_hasher, struct opk_err *err);
void opk_hasher_free(struct opk_hasher *hasher);
void opk_hasher_add(struct opk_hasher *hasher, struct opk_str bytes);
struct opk_hash128 opk_hasher_value(const struct opk_hasher *hasher);

#endif
