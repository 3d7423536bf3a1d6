#include "base/hash.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

/*
 * The one mutable global of the program: XXH3 keyed with 192 secret bytes, as its authors advise
 * for tables that must not be flooded. Without getrandom the built-in secret stands, and tables
 * work.
 */
static unsigned char table_secret[192];
static size_t table_secret_len;
static pthread_once_t table_secret_once = PTHREAD_ONCE_INIT;

static void draw_table_secret(void)
{
    if (getrandom(table_secret, sizeof(table_secret), 0) == (ssize_t)sizeof(table_secret))
        table_secret_len = sizeof(table_secret);
}

uint64_t opk_hash64(struct opk_str text)
{
    return XXH3_64bits(text.data, text.len);
}

struct opk_hash128 opk_hash128(struct opk_str text)
{
    XXH128_hash_t hash = XXH3_128bits(text.data, text.len);

    return (struct opk_hash128){hash.high64, hash.low64};
}

uint64_t opk_hash_table(struct opk_str text)
{
    (void)pthread_once(&table_secret_once, draw_table_secret);
    if (table_secret_len == 0)
        return XXH3_64bits(text.data, text.len);
    return XXH3_64bits_withSecret(text.data, text.len, table_secret, table_secret_len);
}

struct opk_hash128 opk_hash128_table(struct opk_str text)
{
    XXH128_hash_t hash;

    (void)pthread_once(&table_secret_once, draw_table_secret);
    hash = table_secret_len == 0
               ? XXH3_128bits(text.data, text.len)
               : XXH3_128bits_withSecret(text.data, text.len, table_secret, table_secret_len);
    return (struct opk_hash128){hash.high64, hash.low64};
}

bool opk_hash128_eq(struct opk_hash128 a, struct opk_hash128 b)
{
    return a.high == b.high && a.low == b.low;
}

int opk_hash128_cmp(struct opk_hash128 a, struct opk_hash128 b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

void opk_hash128_text(struct opk_hash128 hash, char out[OPK_HASH128_TEXT])
{
    (void)snprintf(out, OPK_HASH128_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
}

void opk_hash128_crockford(struct opk_hash128 hash, size_t digits, char *out)
{
    static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    assert(digits <= 25);
    for (size_t i = 0; i < digits; i++) {
        out[i] = ALPHABET[hash.high >> 59];
        hash.high = hash.high << 5 | hash.low >> 59;
        hash.low <<= 5;
    }
    out[digits] = '\0';
}

struct opk_hasher {
    XXH3_state_t *state; /* owned */
};

enum opk_status opk_hasher_new(struct opk_hasher **out_hasher, struct opk_err *err)
{
    struct opk_hasher *hasher = calloc(1, sizeof(*hasher));

    if (!hasher)
        goto nomem;
    hasher->state = XXH3_createState();
    if (!hasher->state)
        goto nomem;
    (void)XXH3_128bits_reset(hasher->state);
    *out_hasher = hasher;
    return OPK_OK;

nomem:
    opk_hasher_free(hasher);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a checksum");
}

void opk_hasher_free(struct opk_hasher *hasher)
{
    if (!hasher)
        return;
    (void)XXH3_freeState(hasher->state);
    free(hasher);
}

void opk_hasher_add(struct opk_hasher *hasher, struct opk_str bytes)
{
    (void)XXH3_128bits_update(hasher->state, bytes.data, bytes.len);
}

struct opk_hash128 opk_hasher_value(const struct opk_hasher *hasher)
{
    XXH128_hash_t hash = XXH3_128bits_digest(hasher->state);

    return (struct opk_hash128){hash.high64, hash.low64};
}
