#include "support/support.h"

#include "base/out.h"

static void terminal(struct opk_buf *out, struct opk_str text)
{
    opk_out_terminal(out, text, false);
}

static void terminal_lines(struct opk_buf *out, struct opk_str text)
{
    opk_out_terminal(out, text, true);
}

#define S(text) OPK_STR_INIT(text)

static const struct {
    const char *name;
    void (*escape)(struct opk_buf *out, struct opk_str text);
    struct opk_str text;
    struct opk_str want;
} CASES[] = {
    {"terminal: text stays", terminal, S("h\xC3\xA9 \xF0\x9F\x98\x80"),
     S("h\xC3\xA9 \xF0\x9F\x98\x80")},
    {"terminal: C0 and DEL", terminal, S("\x1B[31m\a\b\x7F\n\t"), S("^[[31m^G^H^?^J^I")},
    {"terminal: NUL", terminal, S("a\0b"), S("a^@b")},
    {"terminal: C1 as a code point", terminal,
     S("\xC2\x9B"
       "31m"),
     S("\\x9B31m")},
    {"terminal: C1 as a byte", terminal,
     S("\x9B"
       "31m"),
     S("\\x9B31m")},
    {"terminal: bidirectional", terminal,
     S("a\xE2\x80\xAE"
       "b"),
     S("a<U+202E>b")},
    {"terminal: byte order mark", terminal,
     S("\xEF\xBB\xBF"
       "a"),
     S("<U+FEFF>a")},
    {"terminal: ill-formed", terminal, S("\xC0\xAF\xFF"), S("\\xC0\\xAF\\xFF")},
    {"terminal: lines are kept", terminal_lines, S("a\n\tb\r"), S("a\n\tb^M")},
    {"json: short escapes", opk_out_json_string, S("\"\\\b\f\n\r\t"),
     S("\"\\\"\\\\\\b\\f\\n\\r\\t\"")},
    {"json: controls", opk_out_json, S("\x01\x1B\x7F"), S("\\u0001\\u001b\\u007f")},
    {"json: slash stays", opk_out_json, S("a/b"), S("a/b")},
    {"json: line separator", opk_out_json, S("\xE2\x80\xA8"), S("\\u2028")},
    {"json: a surrogate pair", opk_out_json, S("\xF3\xA0\x80\x81"), S("\\udb40\\udc01")},
    {"json: ill-formed", opk_out_json, S("a\xFF"), S("a\xEF\xBF\xBD")},
    {"yaml: plain", opk_out_yaml, S("git commit"), S("git commit")},
    {"yaml: a colon within a word", opk_out_yaml, S("a:b"), S("a:b")},
    {"yaml: an empty text", opk_out_yaml, S(""), S("\"\"")},
    {"yaml: not a boolean", opk_out_yaml, S("NO"), S("\"NO\"")},
    {"yaml: not null", opk_out_yaml, S("~"), S("\"~\"")},
    {"yaml: not a number", opk_out_yaml, S("1.10"), S("\"1.10\"")},
    {"yaml: not sexagesimal", opk_out_yaml, S("12:30"), S("\"12:30\"")},
    {"yaml: not a date", opk_out_yaml, S("2026-11-02"), S("\"2026-11-02\"")},
    {"yaml: not a float with an exponent", opk_out_yaml, S("1E400"), S("\"1E400\"")},
    {"yaml: not a mapping", opk_out_yaml, S("a: b"), S("\"a: b\"")},
    {"yaml: not a comment", opk_out_yaml, S("a #b"), S("\"a #b\"")},
    {"yaml: not an item", opk_out_yaml, S("- a"), S("\"- a\"")},
    {"yaml: a blank at the end", opk_out_yaml, S("a "), S("\"a \"")},
    {"yaml: controls", opk_out_yaml, S("a\x1B\nb"), S("\"a\\x1B\\nb\"")},
    {"tsv", opk_out_tsv, S("a\tb\nc\rd\\e"), S("a\\tb\\nc\\rd\\\\e")},
    {"tsv, eight bytes at a time", opk_out_tsv,
     S("12345678 1234567\\1234567\t~[]^\x7F\xC3\xA9!!\x01 \n"),
     S("12345678 1234567\\\\1234567\\t~[]^\x7F\xC3\xA9!!\x01 \\n")},
    {"line", opk_out_line, S("a\nb\\n\tc"), S("a\\nb\\\\n\tc")},
    {"markdown: none inside", opk_out_markdown_code, S("ls"), S("`ls`")},
    {"markdown: a longer fence", opk_out_markdown_code, S("echo ``x``"), S("``` echo ``x`` ```")},
    {"markdown: one line", opk_out_markdown_code, S("a\nb"), S("`a^Jb`")},
};

static void test_sinks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        CASES[i].escape(&out, CASES[i].text);
        opk_assert_str(CASES[i].name, opk_buf_str(&out), CASES[i].want);
        opk_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sinks)};

    return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
