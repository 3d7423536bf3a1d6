#include "support/support.h"

#include "base/json.h"
#include "base/out.h"

/* What no sink for people may let through: C0, DEL, C1, and what reorders or hides text. */
static bool is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static void assert_harmless(const char *sink, struct opk_str text, uint32_t of)
{
    while (text.len > 0) {
        uint32_t c;
        size_t len = opk_utf8_decode(text, &c);
        if (is_harmful(c) || (len == 1 && c == 0xFFFD))
            fail_msg("%s lets U+%04X of U+%04X through", sink, (unsigned)c, (unsigned)of);
        text = opk_str_skip(text, len);
    }
}

static void terminal(struct opk_buf *out, struct opk_str text)
{
    opk_out_terminal(out, text, false);
}

/* Every code point, through every sink that promises it. */
static void test_every_code_point(void **state)
{
    static const struct {
        const char *name;
        void (*escape)(struct opk_buf *out, struct opk_str text);
    } SINKS[] = {
        {"terminal", terminal},
        {"json", opk_out_json_string},
        {"yaml", opk_out_yaml},
        {"markdown", opk_out_markdown_code},
    };
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        size_t len = opk_utf8_encode(c, bytes);
        for (size_t i = 0; i < sizeof(SINKS) / sizeof(SINKS[0]); i++) {
            opk_buf_clear(&out);
            SINKS[i].escape(&out, opk_str_bytes(bytes, len));
            assert_harmless(SINKS[i].name, opk_buf_str(&out), c);
        }
    }
    opk_buf_done(&out);
}

/* Single bytes, which are ill-formed from 0x80 on. */
static void test_every_byte(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        opk_buf_clear(&out);
        opk_out_terminal(&out, opk_str_bytes(&c, 1), false);
        opk_out_json(&out, opk_str_bytes(&c, 1));
        opk_out_yaml(&out, opk_str_bytes(&c, 1));
        opk_out_markdown_code(&out, opk_str_bytes(&c, 1));
        assert_true(opk_utf8_valid(opk_buf_str(&out)));
        assert_harmless("a sink", opk_buf_str(&out), byte);
    }
    opk_buf_done(&out);
}

/* Whatever is well-formed comes back from JSON as it was. */
static void test_json_round_trip(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_json json;

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        struct opk_str text = opk_str_bytes(bytes, opk_utf8_encode(c, bytes));
        opk_buf_clear(&out);
        opk_out_json_string(&out, text);
        opk_json_init(&json, opk_buf_str(&out));
        assert_int_equal(opk_json_next(&json, NULL), OPK_OK);
        opk_assert_str("round trip", json.value, text);
        opk_json_done(&json);
    }
    opk_buf_done(&out);
}

static void test_markdown_edges(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"", "` `"},      {" x ", "`  x  `"}, {" x", "`  x `"},           {" ", "` `"},
        {"`", "`` ` ``"}, {"x ", "`x `"},     {"a``b`", "``` a``b` ```"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        opk_out_markdown_code(&out, opk_str_of(CASES[i].text));
        opk_assert_str(CASES[i].text, opk_buf_str(&out), opk_str_of(CASES[i].want));
        opk_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_markdown_edges),
    };

    return cmocka_run_group_tests_name("out_all", tests, NULL, NULL);
}
