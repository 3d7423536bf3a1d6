#include "support/support.h"
#include "support/yaml_readers.h"

#include "base/buf.h"

/* Each is taken by the plain reader; together they have all that it reads. */
static const char *const TAKEN[] = {
    "a: b\n",
    "- a\n- b c\n",
    "# head\n\na: 1 # one\nb_c: x:y/z\n\n  # between\nd.e: it's \"so\"\n# end\n",
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n",
    "a:\n- b\n-   c\nd:\n  - e\n  - f\n",
    "a: # of a\n  # below\n  - id: x # of x\n    on: true\n  -   id: ~\n      to: [a, b c , 'd']\n",
    "- a: 1\n  b:\n  - c\n  - d: 2\n- e\n",
    "a: 'q # q'   # c\nb: \"d: e\"\nc: ''\nd: [ ]\ne: []\nf: {}\ng: [1, \"2\"] # c\n",
    "a: |\n  b\n   c\n\n  d # e\n\nf: >-\n  g\n  h \n# i\nj: |-\n    k\nl: >\n  m\n",
    "a:\n  - b: |\n      c\n    d: 1.5\n",
    "a: 0x1F\nb: 2024-01-02\nc: .5\nd: null\nyes: no\n1: (2)\n",
    "a: |\n  b\n",
    "a:\n  b: >-\n    c\n  d: 1\n",
};

/* Each has something that is left to libyaml, whether it is right or wrong. */
static const char *const LEFT[] = {
    "",
    "# none\n",
    "a: b",
    "a: b\r\n",
    "a: \xC3\xA9\n",
    "a:\tb\n",
    "a: b\n   \nc: d\n",
    "a: b\n  c\n",
    "a: b\n  c: d\n",
    "a:\nb: c\n",
    "a:\n",
    "- a\n b: c\n",
    "- - a\n",
    "-\n  a: b\n",
    "- |\n  a\n",
    "a: b: c\n",
    "a: b:\n",
    "a : b\n",
    "'a': b\n",
    "? a\n: b\n",
    "a: &x b\n",
    "a: *x\n",
    "a: !t b\n",
    "a: -1\n",
    "a: 'it''s'\n",
    "a: \"b\\n\"\n",
    "a: 'b\n  c'\n",
    "a: 'b' c\n",
    "a: [b\n  , c]\n",
    "a: [b, ]\n",
    "a: [b: c]\n",
    "a: [[b]]\n",
    "a: {b: c}\n",
    "a: |+\n  b\n",
    "a: |2\n  b\n",
    "a: |\n\n  b\n",
    "a: |\nb: c\n",
    "a: >\n  b\n\n  c\n",
    "a: >\n  b\n   c\n",
    "a: |\n    b\n  c\n",
    "a: b\n---\nc: d\n",
    "--- a\n",
    "%YAML 1.1\n---\na: b\n",
    "  a: b\n",
    "a: b\na: c\n",
    "a:\n  - b\n  c: d\n",
    "- a\nb: c\n",
    "a: @b\n",
    "a: `b\n",
    "a\n",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TAKEN); i++) {
        if (opk_yaml_readers_compare(opk_str_of(TAKEN[i])) != OPK_YAML_READERS_SAME)
            fail_msg("not read as libyaml reads it:\n%s", TAKEN[i]);
    }
}

static void test_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LEFT); i++) {
        if (opk_yaml_readers_compare(opk_str_of(LEFT[i])) != OPK_YAML_READERS_LEFT)
            fail_msg("not left to libyaml:\n%s", LEFT[i]);
    }
}

/* Another byte at a place, one more before it, or none: whatever comes out, both agree on it. */
static void compare_changed(struct opk_str text, size_t at, struct opk_str byte)
{
    struct opk_buf changed = OPK_BUF_EMPTY;

    for (size_t gone = 0; gone < 2; gone++) {
        opk_buf_clear(&changed);
        opk_buf_append(&changed, text);
        opk_buf_splice(&changed, at, at + gone, byte);
        if (opk_yaml_readers_compare(opk_buf_str(&changed)) == OPK_YAML_READERS_DIFFER)
            fail_msg("read in two ways:\n%s", opk_buf_cstr(&changed));
    }
    opk_buf_done(&changed);
}

static void test_changed(void **state)
{
    static const char BYTES[] = "\n #:-?,[]{}'\"|>\\&*!%@`~.a1=<+";

    (void)state;
    for (size_t i = 0; i < COUNT(TAKEN); i++) {
        struct opk_str text = opk_str_of(TAKEN[i]);
        for (size_t at = 0; at < text.len; at++) {
            compare_changed(text, at, OPK_STR_EMPTY);
            compare_changed(text, at, OPK_STR("\n  "));
            compare_changed(text, at, OPK_STR(": "));
            compare_changed(text, at, OPK_STR(" #"));
            compare_changed(text, at, OPK_STR("\n- "));
            for (size_t byte = 0; byte < sizeof(BYTES) - 1; byte++)
                compare_changed(text, at, opk_str_bytes(&BYTES[byte], 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_changed),
    };

    return cmocka_run_group_tests_name("yaml_plain", tests, NULL, NULL);
}
