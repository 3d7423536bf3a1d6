#include "base/scan.h"

#include <assert.h>
#include <string.h>

static bool is_special(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

#ifdef __SSE2__

#include <emmintrin.h>

#define STEP ((size_t)16)

static __m128i load(const char *bytes)
{
    return _mm_loadu_si128((const void *)bytes);
}

/* A bit for each byte of an outcome of comparing. */
static unsigned bits_of(__m128i outcome)
{
    return (unsigned)_mm_movemask_epi8(outcome);
}

/* How many of STEP bytes stand before the first whose bit is set. */
static size_t bytes_before(unsigned bits)
{
    return bits ? (size_t)__builtin_ctz(bits) : STEP;
}

static size_t plain_bytes(const char *bytes)
{
    __m128i block = load(bytes);
    __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);

    return bytes_before(bits_of(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls)));
}

static size_t ascii_bytes(const char *bytes)
{
    return bytes_before(bits_of(load(bytes)));
}

/* Where what begins in the text and may go on: its first and its last byte are there. */
size_t opk_scan_find(struct opk_str text, struct opk_str what, size_t from)
{
    const size_t reach = what.len - 1;

    assert(what.len >= 2);
    const __m128i first = _mm_set1_epi8(what.data[0]);
    const __m128i last = _mm_set1_epi8(what.data[reach]);
    for (; from < text.len && text.len - from >= STEP + reach; from += STEP) {
        const char *at = text.data + from;
        unsigned both = bits_of(
            _mm_and_si128(_mm_cmpeq_epi8(load(at), first), _mm_cmpeq_epi8(load(at + reach), last)));
        for (; both != 0; both &= both - 1) {
            if (memcmp(at + bytes_before(both), what.data, what.len) == 0)
                return from + bytes_before(both);
        }
    }
    for (; from < text.len && text.len - from >= what.len; from++) {
        if (memcmp(text.data + from, what.data, what.len) == 0)
            return from;
    }
    return OPK_NPOS;
}

#else

#define STEP            ((size_t)8)
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t load(const char *bytes)
{
    uint64_t block;

    memcpy(&block, bytes, sizeof(block));
    return block;
}

static size_t plain_bytes(const char *bytes)
{
    uint64_t block = load(bytes);
    uint64_t quote = block ^ EACH_BYTE('"');
    uint64_t backslash = block ^ EACH_BYTE('\\');
    /* A borrow marks a byte, perhaps a plain one too: only that there is none is certain. */
    uint64_t borrows = ((block - EACH_BYTE(0x20)) & ~block) | ((quote - EACH_BYTE(1)) & ~quote) |
                       ((backslash - EACH_BYTE(1)) & ~backslash);
    size_t count = 0;

    if ((borrows & EACH_BYTE(0x80)) == 0)
        return STEP;
    while (count < STEP && !is_special(bytes[count]))
        count++;
    return count;
}

static size_t ascii_bytes(const char *bytes)
{
    size_t count = 0;

    if ((load(bytes) & EACH_BYTE(0x80)) == 0)
        return STEP;
    while ((unsigned char)bytes[count] < 0x80)
        count++;
    return count;
}

size_t opk_scan_find(struct opk_str text, struct opk_str what, size_t from)
{
    assert(what.len >= 2);
    while (text.len >= what.len && from <= text.len - what.len) {
        from = opk_str_find_byte(text, what.data[0], from);
        if (from == OPK_NPOS || from > text.len - what.len)
            break;
        if (memcmp(text.data + from, what.data, what.len) == 0)
            return from;
        from++;
    }
    return OPK_NPOS;
}

#endif

size_t opk_scan_json_string(struct opk_str text, size_t from)
{
    while (from < text.len && text.len - from >= STEP) {
        size_t plain = plain_bytes(text.data + from);
        from += plain;
        if (plain < STEP)
            return from;
    }
    while (from < text.len && !is_special(text.data[from]))
        from++;
    return from < text.len ? from : text.len;
}

size_t opk_scan_ascii(struct opk_str text, size_t from)
{
    while (from < text.len && text.len - from >= STEP) {
        size_t ascii = ascii_bytes(text.data + from);
        from += ascii;
        if (ascii < STEP)
            return from;
    }
    while (from < text.len && (unsigned char)text.data[from] < 0x80)
        from++;
    return from < text.len ? from : text.len;
}
