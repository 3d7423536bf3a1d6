#include "support/support.h"

#include "base/regex.h"

#include <stdlib.h>
#include <string.h>

static struct opk_regex *compile(const char *pattern, unsigned flags)
{
    struct opk_regex *regex = NULL;
    struct opk_err err = {0};

    opk_assert_status(pattern, opk_regex_new(opk_str_of(pattern), flags, &regex, &err), OPK_OK,
                      &err);
    return regex;
}

static void test_find(void **state)
{
    static const struct {
        const char *name;
        const char *pattern;
        struct opk_str text;
        unsigned flags;
        enum opk_status want;
        size_t from;
        size_t begin;
        size_t end;
    } CASES[] = {
        {"anywhere", "b+", OPK_STR_INIT("abbc"), 0, OPK_OK, 0, 1, 3},
        {"from a place", "b", OPK_STR_INIT("bab"), 0, OPK_OK, 1, 2, 3},
        {"from the end", "x*", OPK_STR_INIT("ab"), 0, OPK_OK, 2, 2, 2},
        {"absent", "x", OPK_STR_INIT("ab"), 0, OPK_END, 0, 0, 0},
        {"empty text", "^$", OPK_STR_INIT(""), 0, OPK_OK, 0, 0, 0},
        {"lookbehind sees what is before", "(?<=a)b", OPK_STR_INIT("ab"), 0, OPK_OK, 1, 1, 2},
        {"either case", "AB", OPK_STR_INIT("xaB"), OPK_REGEX_NOCASE, OPK_OK, 0, 1, 3},
        {"dollar is the very end", "a$", OPK_STR_INIT("a\n"), 0, OPK_END, 0, 0, 0},
        {"dollar of a line", "a$", OPK_STR_INIT("a\nb"), OPK_REGEX_MULTILINE, OPK_OK, 0, 0, 1},
        {"a character", "^.$", OPK_STR_INIT("\xC3\xA9"), OPK_REGEX_UTF, OPK_OK, 0, 0, 2},
        {"two bytes", "^.$", OPK_STR_INIT("\xC3\xA9"), 0, OPK_END, 0, 0, 0},
        {"ASCII digits", "\\d", OPK_STR_INIT("\xD9\xA3"), OPK_REGEX_UTF, OPK_END, 0, 0, 0},
        {"Unicode digits", "\\d", OPK_STR_INIT("\xD9\xA3"), OPK_REGEX_UTF | OPK_REGEX_UCP, OPK_OK,
         0, 0, 2},
        {"around ill-formed bytes", "b",
         OPK_STR_INIT("\xFF\x80"
                      "ab"),
         OPK_REGEX_UTF, OPK_OK, 0, 3, 4},
        {"ECMA escape", "^\\u0041$", OPK_STR_INIT("A"), OPK_REGEX_UTF | OPK_REGEX_ECMA, OPK_OK, 0,
         0, 1},
        {"ECMA empty class", "[]", OPK_STR_INIT("]"), OPK_REGEX_ECMA, OPK_END, 0, 0, 0},
        {"a NUL is a byte", "a.b", OPK_STR_INIT("a\0b"), 0, OPK_OK, 0, 0, 3},
    };
    struct opk_regex_scratch *scratch = NULL;

    (void)state;
    assert_int_equal(opk_regex_scratch_new(&scratch, NULL), OPK_OK);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_regex *regex = compile(CASES[i].pattern, CASES[i].flags);
        struct opk_regex_match match = {0};
        struct opk_err err = {0};
        opk_assert_status(
            CASES[i].name,
            opk_regex_find(regex, scratch, CASES[i].text, CASES[i].from, &match, &err),
            CASES[i].want, &err);
        assert_int_equal(match.groups[0].begin, CASES[i].begin);
        assert_int_equal(match.groups[0].end, CASES[i].end);
        opk_regex_free(regex);
    }
    opk_regex_scratch_free(scratch);
}

static void test_groups(void **state)
{
    struct opk_regex *regex = compile("(a)|(b)(c)", 0);
    struct opk_regex *many = compile("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", 0);
    struct opk_regex_scratch *scratch = NULL;
    struct opk_regex_match match;

    (void)state;
    assert_int_equal(opk_regex_scratch_new(&scratch, NULL), OPK_OK);
    assert_int_equal(opk_regex_find(regex, scratch, OPK_STR("xbc"), 0, &match, NULL), OPK_OK);
    assert_true(match.groups[1].begin == OPK_NPOS && match.groups[1].end == OPK_NPOS);
    assert_int_equal(match.groups[2].begin, 1);
    assert_int_equal(match.groups[3].end, 3);
    assert_true(match.groups[4].begin == OPK_NPOS);
    assert_int_equal(opk_regex_find(many, scratch, OPK_STR("abcdefghijk"), 0, &match, NULL),
                     OPK_OK);
    assert_int_equal(match.groups[OPK_REGEX_GROUPS_MAX - 1].end, OPK_REGEX_GROUPS_MAX - 1);
    opk_regex_scratch_free(scratch);
    opk_regex_free(regex);
    opk_regex_free(many);
}

static void test_bad_patterns(void **state)
{
    static const struct {
        const char *pattern;
        unsigned flags;
        uint64_t byte;
    } CASES[] = {
        {"a(b", 0, 4},  {"ab[", 0, 4},
        {"*", 0, 1},    {"x\\C", OPK_REGEX_UTF, 4},
        {"x\\C", 0, 4}, {"\xFF", OPK_REGEX_UTF, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_regex *regex = NULL;
        struct opk_err err = {0};
        opk_assert_status(CASES[i].pattern,
                          opk_regex_new(opk_str_of(CASES[i].pattern), CASES[i].flags, &regex, &err),
                          OPK_E_SYNTAX, &err);
        assert_null(regex);
        assert_int_equal(err.byte, CASES[i].byte);
    }
}

/* A pattern of the limit compiles, one byte more does not. */
static void test_pattern_limit(void **state)
{
    char *pattern = malloc(OPK_REGEX_PATTERN_MAX + 1);
    struct opk_regex *regex = NULL;
    struct opk_err err = {0};

    (void)state;
    assert_non_null(pattern);
    memset(pattern, 'a', OPK_REGEX_PATTERN_MAX + 1);
    assert_int_equal(opk_regex_new(opk_str_bytes(pattern, OPK_REGEX_PATTERN_MAX), 0, &regex, &err),
                     OPK_OK);
    opk_regex_free(regex);
    regex = NULL;
    assert_int_equal(
        opk_regex_new(opk_str_bytes(pattern, OPK_REGEX_PATTERN_MAX + 1), 0, &regex, &err),
        OPK_E_LIMIT);
    assert_null(regex);
    free(pattern);
}

/* Exponential backtracking ends at the match limit, and the scratch serves the next search. */
static void test_match_limit(void **state)
{
    struct opk_regex *slow = compile("^(a+)+$", 0);
    struct opk_regex *deep = compile("^(?:(a)|b)*c", 0);
    struct opk_regex_scratch *scratch = NULL;
    size_t len = (size_t)256 * 1024;
    char *text = malloc(len);
    struct opk_err err = {0};

    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    text[40] = 'b';
    text[len - 1] = 'c';
    text[len - 2] = 'd';
    assert_int_equal(opk_regex_scratch_new(&scratch, NULL), OPK_OK);
    assert_int_equal(opk_regex_find(slow, scratch, opk_str_bytes(text, 41), 0, NULL, &err),
                     OPK_E_LIMIT);
    assert_int_equal(opk_regex_find(slow, scratch, opk_str_bytes(text, 40), 0, NULL, &err), OPK_OK);

    /* The JIT stack ends, the interpreter takes over and meets its own limits. */
    assert_int_equal(opk_regex_find(deep, scratch, opk_str_bytes(text, len), 0, NULL, &err),
                     OPK_E_LIMIT);
    opk_regex_scratch_free(scratch);
    opk_regex_free(slow);
    opk_regex_free(deep);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),         cmocka_unit_test(test_groups),
        cmocka_unit_test(test_bad_patterns), cmocka_unit_test(test_pattern_limit),
        cmocka_unit_test(test_match_limit),
    };

    return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
