#include "base/ulid.h"

#include <assert.h>
#include <string.h>

#define TIME_BYTES  ((size_t)6)
#define ULID_BYTES  (TIME_BYTES + OPK_ULID_RANDOM)
#define DIGIT_BITS  ((size_t)5)
#define UNUSED_BITS (OPK_ULID_LEN * DIGIT_BITS - ULID_BYTES * 8)

static const char DIGITS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Bit number at, from the most significant; the two before the first are 0. */
static unsigned bit_of(const unsigned char bytes[ULID_BYTES], size_t at)
{
    if (at < UNUSED_BITS)
        return 0;
    at -= UNUSED_BITS;
    return (unsigned)bytes[at / 8] >> (7 - at % 8) & 1U;
}

void opk_ulid_text(const struct opk_ulid *ulid, char out[OPK_ULID_TEXT])
{
    unsigned char bytes[ULID_BYTES];

    assert(ulid->time_ms <= OPK_ULID_TIME_MAX);
    for (size_t i = 0; i < TIME_BYTES; i++)
        bytes[i] = (unsigned char)(ulid->time_ms >> (8 * (TIME_BYTES - 1 - i)));
    memcpy(bytes + TIME_BYTES, ulid->random, OPK_ULID_RANDOM);
    for (size_t i = 0; i < OPK_ULID_LEN; i++) {
        unsigned digit = 0;
        for (size_t bit = 0; bit < DIGIT_BITS; bit++)
            digit = digit << 1 | bit_of(bytes, i * DIGIT_BITS + bit);
        out[i] = DIGITS[digit];
    }
    out[OPK_ULID_LEN] = '\0';
}

/* The values of the digits, or why there are none. */
static const char *read_digits(struct opk_str text, unsigned char values[OPK_ULID_LEN])
{
    if (text.len != OPK_ULID_LEN)
        return "a ULID has 26 characters";
    for (size_t i = 0; i < OPK_ULID_LEN; i++) {
        const char *digit = text.data[i] ? strchr(DIGITS, text.data[i]) : NULL;
        if (!digit)
            return "a ULID is written in 0-9 and A-Z without I, L, O and U";
        values[i] = (unsigned char)(digit - DIGITS);
    }
    if (values[0] > 7)
        return "a ULID begins with 0 to 7";
    return NULL;
}

bool opk_ulid_parse(struct opk_str text, struct opk_ulid *out_ulid)
{
    unsigned char values[OPK_ULID_LEN];
    unsigned char bytes[ULID_BYTES] = {0};

    if (read_digits(text, values))
        return false;
    if (!out_ulid)
        return true;
    for (size_t at = 0; at < ULID_BYTES * 8; at++) {
        size_t from = at + UNUSED_BITS;
        unsigned digit = values[from / DIGIT_BITS];
        unsigned bit = digit >> (DIGIT_BITS - 1 - from % DIGIT_BITS) & 1U;
        bytes[at / 8] = (unsigned char)((unsigned)bytes[at / 8] << 1 | bit);
    }
    out_ulid->time_ms = 0;
    for (size_t i = 0; i < TIME_BYTES; i++)
        out_ulid->time_ms = out_ulid->time_ms << 8 | bytes[i];
    memcpy(out_ulid->random, bytes + TIME_BYTES, OPK_ULID_RANDOM);
    return true;
}

enum opk_status opk_ulid_check(struct opk_str text, const char *path, struct opk_err *err)
{
    unsigned char values[OPK_ULID_LEN];
    const char *problem = read_digits(text, values);

    if (!problem)
        return OPK_OK;
    return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path), "'%.*s': %s",
                    (int)(text.len < 40 ? text.len : 40), text.data, problem);
}
