#include "support/support.h"

#include "base/str.h"

#include <string.h>

static void test_find(void **state)
{
    static const struct {
        const char *name;
        struct opk_str text;
        struct opk_str what;
        size_t want;
    } CASES[] = {
        {"absent", OPK_STR_INIT("abc"), OPK_STR_INIT("x"), OPK_NPOS},
        {"at the start", OPK_STR_INIT("abc"), OPK_STR_INIT("ab"), 0},
        {"at the end", OPK_STR_INIT("aab"), OPK_STR_INIT("ab"), 1},
        {"the whole", OPK_STR_INIT("ab"), OPK_STR_INIT("ab"), 0},
        {"longer than the text", OPK_STR_INIT("a"), OPK_STR_INIT("ab"), OPK_NPOS},
        {"empty in empty", OPK_STR_INIT(""), OPK_STR_INIT(""), 0},
        {"something in empty", OPK_STR_INIT(""), OPK_STR_INIT("a"), OPK_NPOS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        assert_int_equal(opk_str_find(CASES[i].text, CASES[i].what, 0), CASES[i].want);
}

static void test_split(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {{"", "|"}, {"a", "a|"}, {"a,b", "a|b|"}, {",", "||"}, {"a,,b,", "a||b||"}};

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_split split = OPK_SPLIT(opk_str_of(CASES[i].text), ',');
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_str part;
        while (opk_split_next(&split, &part)) {
            opk_buf_append(&got, part);
            opk_buf_append_byte(&got, '|');
        }
        opk_assert_str(CASES[i].text, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
    }
}

static void test_numbers(void **state)
{
    uint64_t value = 7;

    (void)state;
    assert_true(opk_str_to_u64(OPK_STR("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_false(opk_str_to_u64(OPK_STR("18446744073709551616"), &value));
    assert_false(opk_str_to_u64(OPK_STR(""), &value));
    assert_false(opk_str_to_u64(OPK_STR("1a"), &value));
    assert_false(opk_str_to_u64(OPK_STR("-1"), &value));
}

/* Every code point survives a round trip; what is not well-formed is one byte of U+FFFD. */
static void test_utf8(void **state)
{
    static const char *const ILL_FORMED[] = {
        "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xFF", "\xF4\x90\x80\x80", "\xE2\x82", "\xF0\x80\x80"};

    (void)state;
    for (uint32_t want = 0; want <= 0x10FFFF; want++) {
        char bytes[4];
        uint32_t got;
        if (want >= 0xD800 && want <= 0xDFFF)
            continue;
        size_t len = opk_utf8_encode(want, bytes);
        assert_int_equal(opk_utf8_decode(opk_str_bytes(bytes, len), &got), len);
        assert_int_equal(got, want);
    }
    for (size_t i = 0; i < sizeof(ILL_FORMED) / sizeof(ILL_FORMED[0]); i++) {
        uint32_t got;
        assert_int_equal(opk_utf8_decode(opk_str_of(ILL_FORMED[i]), &got), 1);
        assert_int_equal(got, 0xFFFD);
        assert_false(opk_utf8_valid(opk_str_of(ILL_FORMED[i])));
    }
}

static void test_path_bytes(void **state)
{
    static const char WANT[] = "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool want = byte > 0 && strchr(WANT, byte) != NULL;
        if (opk_is_path_byte((char)byte) != want)
            fail_msg("byte 0x%02X: %d", (unsigned)byte, !want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),    cmocka_unit_test(test_split),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_path_bytes),
        cmocka_unit_test(test_utf8),
    };

    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
