#include "support/support.h"

#include "base/scan.h"

#include <string.h>

/* The same by looking at one byte after the other. */
static size_t slow_string(struct opk_str text, size_t from, bool *out_has_escape)
{
    *out_has_escape = false;
    for (size_t at = from; at < text.len; at++) {
        const char c = text.data[at];
        if (c == '"' || (unsigned char)c < 0x20)
            return at;
        if (c != '\\')
            continue;
        if (at + 1 == text.len)
            break;
        *out_has_escape = true;
        const char letter = text.data[at + 1];
        if (letter == 'u' ? opk_scan_hex4(text, at + 2) < 0 : !opk_scan_json_escape(letter))
            return at;
        at++;
    }
    return text.len;
}

static void slow_escapes(struct opk_str body, size_t *out_short, size_t *out_unicode)
{
    *out_short = *out_unicode = 0;
    for (size_t at = 0; at + 1 < body.len; at++) {
        if (body.data[at] != '\\')
            continue;
        at++;
        if (body.data[at] == 'u')
            ++*out_unicode;
        else
            ++*out_short;
    }
}

static size_t slow_find(struct opk_str text, struct opk_str what, size_t from)
{
    for (; from + what.len <= text.len; from++) {
        if (memcmp(text.data + from, what.data, what.len) == 0)
            return from;
    }
    return OPK_NPOS;
}

static size_t slow_ascii(struct opk_str text, size_t from)
{
    while (from < text.len && (unsigned char)text.data[from] < 0x80)
        from++;
    return from < text.len ? from : text.len;
}

static size_t slow_printable(struct opk_str text, size_t from)
{
    while (from < text.len &&
           (strchr("\n", text.data[from]) || opk_is_alnum(text.data[from]) ||
            strchr(" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", text.data[from])) &&
           text.data[from] != '\0')
        from++;
    return from < text.len ? from : text.len;
}

static size_t slow_path(struct opk_str text, size_t from)
{
    while (from < text.len && opk_is_path_byte(text.data[from]))
        from++;
    return from < text.len ? from : text.len;
}

static size_t slow_quote(struct opk_str text, size_t from)
{
    while (from < text.len && text.data[from] != '"')
        from += text.data[from] == '\\' ? 2 : 1;
    return from < text.len ? from : text.len;
}

/* A backslash outside of strings is no JSON: then nothing is promised. */
static size_t slow_close(struct opk_str text, size_t from, bool *out_is_json)
{
    size_t depth = 1;

    *out_is_json = true;
    for (size_t at = from; at < text.len; at++) {
        const char c = text.data[at];
        if (c == '"')
            at = slow_quote(text, at + 1);
        else if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at + 1;
        else if (c == '\\')
            *out_is_json = false;
    }
    return OPK_NPOS;
}

/* Every part that ends with a byte, and no more of them than asked for. */
static void check_split(struct opk_str text, char byte, size_t max)
{
    struct opk_str parts[8];
    size_t begin = 0;
    size_t end;
    const size_t count = opk_scan_split(text, byte, parts, max, &end);

    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(parts[i].data, text.data + begin);
        assert_int_equal(parts[i].len, opk_str_find_byte(text, byte, begin) - begin);
        begin += parts[i].len + 1;
    }
    assert_int_equal(end, begin);
    assert_true(count == max || opk_str_find_byte(text, byte, begin) == OPK_NPOS);
}

static void check(struct opk_str text, size_t from)
{
    static const struct opk_str WORDS[] = {OPK_STR_INIT("ab"), OPK_STR_INIT("\\\\n"),
                                           OPK_STR_INIT("\"tool_use")};
    bool is_json;
    bool got_escape;
    bool want_escape;
    size_t got[2];
    size_t want[2];

    const size_t want_end = slow_string(text, from, &want_escape);
    assert_int_equal(opk_scan_json_string(text, from, &got_escape), want_end);
    if (want_end < text.len && text.data[want_end] == '"') {
        const struct opk_str body = opk_str_slice(text, from, want_end);
        assert_int_equal(got_escape, want_escape);
        opk_scan_json_escapes(body, &got[0], &got[1]);
        slow_escapes(body, &want[0], &want[1]);
        assert_int_equal(got[0], want[0]);
        assert_int_equal(got[1], want[1]);
    }
    check_split(opk_str_skip(text, from), '\n', from % 9);
    check_split(opk_str_skip(text, from), 'a', from % 9);
    assert_int_equal(opk_scan_ascii(text, from), slow_ascii(text, from));
    assert_int_equal(opk_scan_path(text, from), slow_path(text, from));
    assert_int_equal(opk_scan_printable(text, from), slow_printable(text, from));
    assert_int_equal(opk_scan_quote(text, from), slow_quote(text, from));
    const size_t want_close = slow_close(text, from, &is_json);
    if (is_json)
        assert_int_equal(opk_scan_close(text, from), want_close);
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
        assert_int_equal(opk_scan_find(text, WORDS[i], from), slow_find(text, WORDS[i], from));
}

/* Texts of few kinds of bytes, so that runs of backslashes cross every border of a step. */
static void test_as_byte_by_byte(void **state)
{
    static const char *const ALPHABETS[] = {
        "abcdefgh",
        "a\\",
        "ab\\n\"",
        "\\\\\\\\\\\\\\\\\\\\\\\\\\n\"",
        "abcdefghijk\"",
        "\\u00e9\"",
        "ab\x80\xFF",
        "abcdefghijklmnopqrstuvwxyzABC ~!\n\n\n\x7F",
        "abcdefghijklmnopqrstuvwxyz ABCDEFG\n\t",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_-./_-./_ ",
        "aaaaaaaaazzzAZ09-./_-./_,:@[`{^\x7F\x80\xC1\xDA\xE1\xFF",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x01\x1F",
        "a{[\"abcd]}",
        "{\"\\[]}\"",
        "abcdefghijklm{\"nopqrstuvwxyz]\\",
        "\"tool_use",
        "abababa\\nnnnnnnnnnnnnnt\\/bfr",
    };
    uint64_t chance = 7;
    char bytes[300];

    (void)state;
    for (unsigned round = 0; round < 40000; round++) {
        const char *alphabet = ALPHABETS[round % (sizeof(ALPHABETS) / sizeof(ALPHABETS[0]))];
        const size_t kinds = strlen(alphabet);
        const size_t len = round % sizeof(bytes);
        for (size_t i = 0; i < len; i++) {
            chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[i] = alphabet[(chance >> 33) % kinds];
        }
        check(opk_str_bytes(bytes, len), len > 0 ? (chance >> 40) % len : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_byte_by_byte)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
