#include "base/scan.h"

#include <assert.h>
#include <string.h>

#define STEP  ((size_t)64)
#define SHORT ((size_t)16)

#ifdef __SSE2__

#include <emmintrin.h>

static __m128i load(const char *bytes)
{
    return _mm_loadu_si128((const void *)bytes);
}

/* The bits of four comparisons of sixteen bytes. */
static uint64_t join(__m128i a, __m128i b, __m128i c, __m128i d)
{
    const unsigned low = (unsigned)_mm_movemask_epi8(a) | (unsigned)_mm_movemask_epi8(b) << 16;
    const unsigned high = (unsigned)_mm_movemask_epi8(c) | (unsigned)_mm_movemask_epi8(d) << 16;

    return low | (uint64_t)high << 32;
}

static inline uint64_t equal_bits(const char *bytes, char c)
{
    const __m128i wanted = _mm_set1_epi8(c);

    return join(_mm_cmpeq_epi8(load(bytes), wanted), _mm_cmpeq_epi8(load(bytes + 16), wanted),
                _mm_cmpeq_epi8(load(bytes + 32), wanted), _mm_cmpeq_epi8(load(bytes + 48), wanted));
}

static inline bool has_byte(const char *bytes, char c)
{
    const __m128i wanted = _mm_set1_epi8(c);
    const __m128i low =
        _mm_or_si128(_mm_cmpeq_epi8(load(bytes), wanted), _mm_cmpeq_epi8(load(bytes + 16), wanted));
    const __m128i high = _mm_or_si128(_mm_cmpeq_epi8(load(bytes + 32), wanted),
                                      _mm_cmpeq_epi8(load(bytes + 48), wanted));

    return _mm_movemask_epi8(_mm_or_si128(low, high)) != 0;
}

static __m128i controls(__m128i bytes)
{
    const __m128i last = _mm_set1_epi8(0x1F);

    return _mm_cmpeq_epi8(_mm_max_epu8(bytes, last), last);
}

/* Most steps have none: the least byte of each column tells. */
static inline bool has_control(const char *bytes)
{
    const __m128i least = _mm_min_epu8(_mm_min_epu8(load(bytes), load(bytes + 16)),
                                       _mm_min_epu8(load(bytes + 32), load(bytes + 48)));

    return _mm_movemask_epi8(controls(least)) != 0;
}

/* A quote within so many bytes ends a short string, where nothing else in them matters. */
static inline size_t short_string(const char *bytes)
{
    const __m128i block = load(bytes);
    const unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    const unsigned others = (unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')), controls(block)));

    return quotes != 0 && (others & (quotes ^ (quotes - 1))) == 0 ? (size_t)__builtin_ctz(quotes)
                                                                  : SHORT;
}

static inline uint64_t control_bits(const char *bytes)
{
    return join(controls(load(bytes)), controls(load(bytes + 16)), controls(load(bytes + 32)),
                controls(load(bytes + 48)));
}

static inline uint64_t high_bits(const char *bytes)
{
    return join(load(bytes), load(bytes + 16), load(bytes + 32), load(bytes + 48));
}

static __m128i within(__m128i bytes, char low, char high)
{
    return _mm_cmpeq_epi8(
        bytes, _mm_min_epu8(_mm_max_epu8(bytes, _mm_set1_epi8(low)), _mm_set1_epi8(high)));
}

/* The first of SHORT bytes that is no opk_is_path_byte; SHORT when all are. */
static inline size_t short_path(const char *bytes)
{
    const __m128i block = load(bytes);
    const __m128i letters = within(_mm_or_si128(block, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i others =
        _mm_or_si128(within(block, '-', '9'), _mm_cmpeq_epi8(block, _mm_set1_epi8('_')));
    const unsigned odd = ~(unsigned)_mm_movemask_epi8(_mm_or_si128(letters, others)) & 0xFFFF;

    return odd != 0 ? (size_t)__builtin_ctz(odd) : SHORT;
}

static __m128i folded(const char *bytes, __m128i wanted)
{
    return _mm_cmpeq_epi8(_mm_or_si128(load(bytes), _mm_set1_epi8(0x20)), wanted);
}

/* Curly and square brackets differ in one bit: both are found as the curly one. */
static inline uint64_t bracket_bits(const char *bytes, char curly)
{
    const __m128i wanted = _mm_set1_epi8(curly);

    return join(folded(bytes, wanted), folded(bytes + 16, wanted), folded(bytes + 32, wanted),
                folded(bytes + 48, wanted));
}

#else

#define WIDE            ((size_t)8)
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes, the first one lowest on every machine. */
static uint64_t load(const char *bytes)
{
    uint64_t wide = 0;

    for (size_t i = 0; i < WIDE; i++)
        wide |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return wide;
}

/* Bits of STEP bytes, from eight bytes whose top bits are the answers. */
#define GATHER(answers)                                                                            \
    do {                                                                                           \
        for (size_t at = 0; at < STEP; at += WIDE)                                                 \
            bits |=                                                                                \
                ((((answers)&EACH_BYTE(0x80)) >> 7) * UINT64_C(0x0102040810204080)) >> 56 << at;   \
    } while (0)

static inline uint64_t equal_bits(const char *bytes, char c)
{
    const uint64_t wanted = EACH_BYTE((unsigned char)c);
    uint64_t bits = 0;

    /* Only a zero keeps its top bit clear: adding 0x7F to what is below it carries from any other.
     */
    GATHER(~((((load(bytes + at) ^ wanted) & EACH_BYTE(0x7F)) + EACH_BYTE(0x7F)) |
             (load(bytes + at) ^ wanted)));
    return bits;
}

static inline uint64_t control_bits(const char *bytes)
{
    uint64_t bits = 0;

    GATHER(~(((load(bytes + at) & EACH_BYTE(0x7F)) + EACH_BYTE(0x60)) | load(bytes + at)));
    return bits;
}

static inline uint64_t high_bits(const char *bytes)
{
    uint64_t bits = 0;

    GATHER(load(bytes + at));
    return bits;
}

static inline bool has_byte(const char *bytes, char c)
{
    return equal_bits(bytes, c) != 0;
}

static inline uint64_t bracket_bits(const char *bytes, char curly)
{
    return equal_bits(bytes, curly) | equal_bits(bytes, (char)(curly - 0x20));
}

static inline bool has_control(const char *bytes)
{
    return control_bits(bytes) != 0;
}

static inline size_t short_path(const char *bytes)
{
    size_t at = 0;

    while (at < SHORT && opk_is_path_byte(bytes[at]))
        at++;
    return at;
}

static inline size_t short_string(const char *bytes)
{
    size_t at = 0;

    while (at < SHORT && (unsigned char)bytes[at] >= 0x20 && bytes[at] != '\\') {
        if (bytes[at] == '"')
            return at;
        at++;
    }
    return SHORT;
}

#endif

/* The place of the lowest bit; STEP when there is none. */
static size_t first_bit(uint64_t bits)
{
    return bits ? (size_t)__builtin_ctzll(bits) : STEP;
}

/* The bits up to the lowest one of others, which counts; all where there is none. */
static uint64_t bits_through(uint64_t bits, uint64_t others)
{
    return bits & (others ^ (others - 1));
}

/*
 * STEP bytes from an offset on. Where the text has fewer, they are copied and NUL stands behind
 * them: a control character, which ends whatever is looked for.
 */
static inline const char *step_at(struct opk_str text, size_t at, char room[STEP])
{
    const size_t left = text.len - at;

    if (left >= STEP)
        return text.data + at;
    memcpy(room, text.data + at, left);
    memset(room + left, 0, STEP - left);
    return room;
}

/*
 * Bytes that stand behind a backslash which is not itself escaped. carry: the first byte does,
 * from the step before; then, the next step's does.
 *
 * In a run of backslashes every second byte is escaped, and the byte behind the run when it is of
 * odd length. Adding the start of a run to the run carries to the byte behind it; that tells apart
 * the runs that begin at an odd place, whose bytes alternate the other way.
 */
static uint64_t escaped_bits(uint64_t backslashes, uint64_t *carry)
{
    static const uint64_t EVEN = UINT64_C(0x5555555555555555);
    uint64_t sums;

    backslashes &= ~*carry;
    const uint64_t behind = backslashes << 1 | *carry;
    const uint64_t odd_starts = backslashes & ~EVEN & ~behind;
    *carry = __builtin_add_overflow(odd_starts, backslashes, &sums) ? 1 : 0;
    return (EVEN ^ (sums << 1)) & behind;
}

int32_t opk_scan_hex4(struct opk_str text, size_t at)
{
    int32_t value = 0;

    if (text.len < 4 || at > text.len - 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = opk_hex_value(text.data[at + i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

char opk_scan_json_escape(char letter)
{
    static const char BYTES[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
    };

    return BYTES[(unsigned char)letter];
}

/* The first of these escaped bytes, at offset base, that makes no escape; STEP when all do. */
static size_t first_bad_escape(struct opk_str text, size_t base, uint64_t escaped)
{
    for (; escaped; escaped &= escaped - 1) {
        const size_t at = base + first_bit(escaped);
        if (at >= text.len)
            break;
        if (!opk_scan_json_escape(text.data[at]) &&
            (text.data[at] != 'u' || opk_scan_hex4(text, at + 1) < 0))
            return first_bit(escaped);
    }
    return STEP;
}

static size_t scan_long_string(struct opk_str text, size_t from, bool *out_has_escape)
{
    uint64_t carry = 0;
    char room[STEP];

    for (size_t at = from; at < text.len; at += STEP) {
        const char *bytes = step_at(text, at, room);
        const uint64_t quotes = equal_bits(bytes, '"');
        const uint64_t backslashes = equal_bits(bytes, '\\');
        uint64_t escaped = 0;
        if ((backslashes | carry) != 0)
            escaped = escaped_bits(backslashes, &carry);
        uint64_t ends = quotes & ~escaped;
        if (has_control(bytes))
            ends |= control_bits(bytes);
        escaped = bits_through(escaped, ends);
        if (escaped != 0) {
            *out_has_escape = true;
            /* Nearly all are of these kinds. */
            escaped &= ~(quotes | backslashes | equal_bits(bytes, 'n'));
            const size_t bad = first_bad_escape(text, at, escaped);
            if (bad < STEP)
                return at + bad - 1;
        }
        if (ends != 0)
            return at + first_bit(ends) < text.len ? at + first_bit(ends) : text.len;
    }
    return text.len;
}

size_t opk_scan_json_string(struct opk_str text, size_t from, bool *out_has_escape)
{
    *out_has_escape = false;
    if (from < text.len && text.len - from >= SHORT) {
        const size_t end = short_string(text.data + from);
        if (end < SHORT)
            return from + end;
    }
    return scan_long_string(text, from, out_has_escape);
}

/* A quote is escaped by an odd number of backslashes before it. */
static bool is_escaped(struct opk_str text, size_t from, size_t quote)
{
    size_t at = quote;

    while (at > from && text.data[at - 1] == '\\')
        at--;
    return (quote - at) % 2 == 1;
}

size_t opk_scan_quote(struct opk_str text, size_t from)
{
    char room[STEP];

    if (from < text.len && text.len - from >= SHORT) {
        const size_t end = short_string(text.data + from);
        if (end < SHORT)
            return from + end;
    }
    for (size_t at = from; at < text.len; at += STEP) {
        const char *bytes = step_at(text, at, room);
        if (!has_byte(bytes, '"'))
            continue;
        for (uint64_t quotes = equal_bits(bytes, '"'); quotes != 0; quotes &= quotes - 1) {
            const size_t quote = at + first_bit(quotes);
            if (!is_escaped(text, from, quote))
                return quote;
        }
    }
    return text.len;
}

/* Each bit says whether an odd number of bits is set up to it. */
static uint64_t odd_bits(uint64_t bits)
{
    for (unsigned shift = 1; shift < STEP; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Steps begin outside of strings; a string that a step ends in is passed over whole. */
size_t opk_scan_close(struct opk_str text, size_t from)
{
    size_t depth = 1;
    char room[STEP];

    for (size_t at = from; at < text.len;) {
        const char *bytes = step_at(text, at, room);
        const uint64_t backslashes = equal_bits(bytes, '\\');
        uint64_t quotes = equal_bits(bytes, '"');
        uint64_t carry = 0;
        if (backslashes != 0)
            quotes &= ~escaped_bits(backslashes, &carry);
        const uint64_t outside = ~odd_bits(quotes);
        const uint64_t opens = bracket_bits(bytes, '{') & outside;
        const uint64_t closes = bracket_bits(bytes, '}') & outside;
        for (uint64_t left = opens | closes; left != 0; left &= left - 1) {
            if (opens & left & (~left + 1))
                depth++;
            else if (--depth == 0)
                return at + first_bit(left) + 1;
        }
        at += STEP;
        if (outside >> (STEP - 1) == 0)
            at = opk_scan_quote(text, at + (size_t)carry) + 1;
    }
    return OPK_NPOS;
}

/* As the compiler's own, which is a call where the processor may lack the instruction. */
static inline size_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (size_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

void opk_scan_json_escapes(struct opk_str body, size_t *out_short, size_t *out_unicode)
{
    uint64_t carry = 0;
    char room[STEP];

    *out_short = *out_unicode = 0;
    for (size_t at = 0; at < body.len; at += STEP) {
        const char *bytes = step_at(body, at, room);
        const uint64_t backslashes = equal_bits(bytes, '\\');
        if ((backslashes | carry) == 0)
            continue;
        const uint64_t escaped = escaped_bits(backslashes, &carry);
        const uint64_t unicode = escaped & equal_bits(bytes, 'u');
        *out_short += count_bits(escaped & ~unicode);
        if (unicode != 0)
            *out_unicode += count_bits(unicode);
    }
}

size_t opk_scan_split(struct opk_str text, char byte, struct opk_str *out_parts, size_t max,
                      size_t *out_end)
{
    size_t count = 0;
    size_t begin = 0;
    size_t at = 0;

    for (; count < max && at + STEP <= text.len; at += STEP) {
        for (uint64_t bits = equal_bits(text.data + at, byte); bits != 0 && count < max;
             bits &= bits - 1) {
            const size_t end = at + (size_t)__builtin_ctzll(bits);
            out_parts[count++] = (struct opk_str){text.data + begin, end - begin};
            begin = end + 1;
        }
    }
    while (count < max && begin < text.len) {
        const size_t end = opk_str_find_byte(text, byte, begin);
        if (end == OPK_NPOS)
            break;
        out_parts[count++] = (struct opk_str){text.data + begin, end - begin};
        begin = end + 1;
    }
    *out_end = begin;
    return count;
}

size_t opk_scan_ascii(struct opk_str text, size_t from)
{
    for (; from < text.len && text.len - from >= STEP; from += STEP) {
        const uint64_t high = high_bits(text.data + from);
        if (high != 0)
            return from + first_bit(high);
    }
    /* Short texts are many: what is left is taken eight bytes at a time. */
    for (uint64_t wide; from < text.len && text.len - from >= sizeof(wide); from += sizeof(wide)) {
        memcpy(&wide, text.data + from, sizeof(wide));
        if ((wide & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (from < text.len && (unsigned char)text.data[from] < 0x80)
        from++;
    return from < text.len ? from : text.len;
}

size_t opk_scan_printable(struct opk_str text, size_t from)
{
    for (; from < text.len && text.len - from >= STEP; from += STEP) {
        const char *bytes = text.data + from;
        const uint64_t odd = high_bits(bytes) | equal_bits(bytes, 0x7F) |
                             (control_bits(bytes) & ~equal_bits(bytes, '\n'));
        if (odd != 0)
            return from + first_bit(odd);
    }
    while (from < text.len &&
           (text.data[from] == '\n' || (text.data[from] >= 0x20 && text.data[from] < 0x7F)))
        from++;
    return from < text.len ? from : text.len;
}

size_t opk_scan_path(struct opk_str text, size_t from)
{
    const bool is_short = text.len < SHORT || from > text.len - SHORT;

    for (; from < text.len && text.len - from >= SHORT; from += SHORT) {
        const size_t at = short_path(text.data + from);
        if (at < SHORT)
            return from + at;
    }
    if (!is_short) { /* of the last bytes those that were seen are none */
        const size_t last = text.len - SHORT;
        return last + short_path(text.data + last);
    }
    while (from < text.len && opk_is_path_byte(text.data[from]))
        from++;
    return from < text.len ? from : text.len;
}

/* One candidate after the other: for the end of a text, and for short ones. */
static size_t find_by_byte(struct opk_str text, struct opk_str what, size_t from)
{
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

/* Only where its first and its last byte stand can it begin. */
size_t opk_scan_find(struct opk_str text, struct opk_str what, size_t from)
{
    const size_t reach = what.len - 1;

    assert(what.len >= 2);
    for (; from < text.len && text.len - from >= STEP + reach; from += STEP) {
        const char *bytes = text.data + from;
        if (!has_byte(bytes, what.data[0]))
            continue;
        uint64_t both = equal_bits(bytes, what.data[0]);
        both &= equal_bits(bytes + reach, what.data[reach]);
        for (; both != 0; both &= both - 1) {
            const char *at = bytes + first_bit(both);
            if (at[1] == what.data[1] && memcmp(at, what.data, what.len) == 0)
                return (size_t)(at - text.data);
        }
    }
    return find_by_byte(text, what, from);
}
