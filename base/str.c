#include "base/str.h"

#include "base/scan.h"

#include <assert.h>
#include <string.h>

struct opk_str opk_str_of(const char *text)
{
    return text ? (struct opk_str){text, strlen(text)} : OPK_STR_EMPTY;
}

struct opk_str opk_str_bytes(const void *data, size_t len)
{
    assert(data || len == 0);
    return data ? (struct opk_str){data, len} : OPK_STR_EMPTY;
}

struct opk_str opk_str_slice(struct opk_str s, size_t begin, size_t end)
{
    if (end > s.len)
        end = s.len;
    if (begin > end)
        begin = end;
    return (struct opk_str){s.data + begin, end - begin};
}

struct opk_str opk_str_skip(struct opk_str s, size_t n)
{
    return opk_str_slice(s, n, s.len);
}

bool opk_str_eq(struct opk_str a, struct opk_str b)
{
    /* Most texts of one length differ in their first byte, which spares a call. */
    return a.len == b.len &&
           (a.len == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.len) == 0));
}

bool opk_str_eq_nocase(struct opk_str a, struct opk_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (opk_to_lower(a.data[i]) != opk_to_lower(b.data[i]))
            return false;
    }
    return true;
}

int opk_str_cmp(struct opk_str a, struct opk_str b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool opk_str_starts(struct opk_str s, struct opk_str prefix)
{
    return s.len >= prefix.len && memcmp(s.data, prefix.data, prefix.len) == 0;
}

bool opk_str_ends(struct opk_str s, struct opk_str suffix)
{
    return s.len >= suffix.len && memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len) == 0;
}

size_t opk_str_find_byte(struct opk_str s, char byte, size_t from)
{
    if (from >= s.len)
        return OPK_NPOS;
    const char *at = memchr(s.data + from, (unsigned char)byte, s.len - from);
    return at ? (size_t)(at - s.data) : OPK_NPOS;
}

size_t opk_str_rfind_byte(struct opk_str s, char byte)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.data[i - 1] == byte)
            return i - 1;
    }
    return OPK_NPOS;
}

size_t opk_str_find(struct opk_str s, struct opk_str what, size_t from)
{
    if (what.len == 0)
        return from <= s.len ? from : OPK_NPOS;
    return what.len == 1 ? opk_str_find_byte(s, what.data[0], from) : opk_scan_find(s, what, from);
}

struct opk_str opk_str_trim_end(struct opk_str s)
{
    while (s.len > 0 && opk_is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

struct opk_str opk_str_trim(struct opk_str s)
{
    size_t begin = 0;

    while (begin < s.len && opk_is_space(s.data[begin]))
        begin++;
    return opk_str_trim_end(opk_str_skip(s, begin));
}

bool opk_split_next(struct opk_split *split, struct opk_str *out_part)
{
    if (split->done)
        return false;
    size_t at = opk_str_find_byte(split->rest, split->separator, 0);

    *out_part = opk_str_slice(split->rest, 0, at);
    split->done = at == OPK_NPOS;
    if (!split->done)
        split->rest = opk_str_skip(split->rest, at + 1);
    return true;
}

bool opk_str_to_u64(struct opk_str s, uint64_t *out_value)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!opk_is_digit(s.data[i]) || value > UINT64_MAX / 10)
            return false;
        uint64_t digit = (uint64_t)(s.data[i] - '0');
        if (value * 10 > UINT64_MAX - digit)
            return false;
        value = value * 10 + digit;
    }
    *out_value = value;
    return true;
}

bool opk_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool opk_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool opk_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool opk_is_alpha(char c)
{
    return opk_is_upper(c) || opk_is_lower(c);
}

bool opk_is_alnum(char c)
{
    return opk_is_alpha(c) || opk_is_digit(c);
}

bool opk_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool opk_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool opk_is_path_byte(char c)
{
    /* A bit each of 64 bytes: "-./" and digits, capitals, "_" and small letters. */
    static const uint64_t SETS[4] = {UINT64_C(0x03FFE00000000000), UINT64_C(0x07FFFFFE87FFFFFE)};
    unsigned char byte = (unsigned char)c;

    return (SETS[byte / 64] >> (byte % 64) & 1) != 0;
}

bool opk_is_xdigit(char c)
{
    return opk_hex_value(c) >= 0;
}

char opk_to_lower(char c)
{
    return opk_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

char opk_to_upper(char c)
{
    return opk_is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

int opk_hex_value(char c)
{
    if (opk_is_digit(c))
        return c - '0';
    c = opk_to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The smallest code point that needs n bytes: anything below is an overlong form. */
static const uint32_t UTF8_MIN[] = {0, 0, 0x80, 0x800, 0x10000};

size_t opk_utf8_decode(struct opk_str s, uint32_t *out_code_point)
{
    assert(s.len > 0);
    unsigned char first = (unsigned char)s.data[0];

    *out_code_point = 0xFFFD;
    if (first < 0x80) {
        *out_code_point = first;
        return 1;
    }
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || s.len < len)
        return 1;
    uint32_t value = first & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)s.data[i];
        if ((next & 0xC0U) != 0x80)
            return 1;
        value = value << 6 | (next & 0x3FU);
    }
    if (value < UTF8_MIN[len] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 1;
    *out_code_point = value;
    return len;
}

size_t opk_utf8_encode(uint32_t code_point, char out[4])
{
    static const unsigned char LEAD[] = {0, 0, 0xC0, 0xE0, 0xF0};

    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = 0xFFFD;
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80U | (code_point & 0x3FU));
        code_point >>= 6;
    }
    out[0] = (char)(LEAD[len] | code_point);
    return len;
}

bool opk_utf8_valid(struct opk_str s)
{
    size_t at = 0;

    while ((at = opk_scan_ascii(s, at)) < s.len) {
        uint32_t code_point;
        size_t len = opk_utf8_decode(opk_str_skip(s, at), &code_point);
        if (code_point == 0xFFFD && len == 1)
            return false;
        at += len;
    }
    return true;
}
