#include "support/support.h"

#include "cluster/match.h"

#include <stdlib.h>
#include <string.h>

/* Does one pattern match one shape? */
static bool matches(struct opk_str pattern, struct opk_str shape)
{
    struct opk_matcher *matcher = NULL;
    struct opk_err err = {0};
    bool found;

    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    opk_assert_status(pattern.data, opk_matcher_add(matcher, pattern, 0, &err), OPK_OK, &err);
    found = opk_matcher_find(matcher, shape, NULL);
    opk_matcher_free(matcher);
    return found;
}

static void test_match(void **state)
{
    static const struct {
        const char *pattern;
        const char *shape;
        bool want;
    } CASES[] = {
        {"git commit", "git commit", true},
        {"git commit", "git commit -m <text>", false},
        {"git commit", "git", false},
        {"git commit …", "git commit", true},
        {"git commit …", "git commit -m <text>", true},
        {"git commit …", "git commitx", false},
        {"git … -m <text>", "git commit -a -m <text>", true},
        {"git … -m <text>", "git commit -m <text> --amend", false},
        {"git … -m …", "git -m -m x", true},
        {"cat <path>", "cat <path.py>", true},
        {"cat <path>", "cat <path>…", true},
        {"cat <path>", "cat <path.py>…", true},
        {"cat <path.py>", "cat <path>", false},
        {"cat <path.py>", "cat <path.c>", false},
        {"cat <path>…", "cat <path>", true},
        {"cat <path>", "cat <url>", false},
        {"git {add,rm} <path>", "git rm <path>", true},
        {"git {add,rm} <path>", "git mv <path>", false},
        {"kubectl get{,-all}", "kubectl get", true},
        {"tar -{c,x}{v,}f <path>", "tar -xf <path>", true},
        {"tool:Write file_path=<path>", "tool:Write file_path=<path.py>", true},
        {"find … | xargs grep …", "find <path> -name <text> | xargs grep -l <word>", true},
        {"find …", "find <path> | wc -l", false},
        {"find … | wc …", "find <path> | sort | wc -l", false},
        {"{git commit,git push} …", "git push -f", true},
        {"{git commit,git push} …", "git pull", false},
        {"{a,b} {c,d} {e,f}", "b c f", true},
        {"{a,b} {c,d} {e,f}", "b c c", false},
        {"a{b", "a{b", true},
        {"a <", "a <", true},
        {"a{}b", "ab", true},
        {"git commit ...", "git commit -m <text>", true},
        {"git ...", "git | git", false},
        {"cat <path>...", "cat <path.py>…", true},
        {"git … …", "git push", true},
        {"a … b … b", "a b x b b", true},
        {"a … b … b", "a x b", false},
        {"cp <path> <path>", "cp <path>…", true},
        {"cp <path> <path>", "cp <path.c>…", true},
        {"cp <path> <path>", "cp <path>", false},
        {"cp … <path>", "cp <path>…", true},
        {"cp <path> … <dir>", "cp <path>… <dir>", true},
        {"grep -<number>", "grep -<number>", true},
        {"grep -<number>", "grep -<path>", false},
        {"sort > <path>", "sort > <path.txt>", true},
        {"sort < <path>", "sort > <path.txt>", false},
        {"<word> <path>", "<word> <path>", true},
        {"a …", "a <word> …", true},
        {"a … | b", "a … | b", true},
        {"cat <path", "cat <path", true},
        {"a …b", "a …b", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        bool got = matches(opk_str_of(CASES[i].pattern), opk_str_of(CASES[i].shape));
        if (got != CASES[i].want)
            opk_assert_str(CASES[i].pattern, opk_str_of(CASES[i].shape),
                           got ? OPK_STR("no match") : OPK_STR("a match"));
    }
}

/* Of many patterns that match, the most specific counts, then the one that was added first. */
static void test_find(void **state)
{
    static const char *const PATTERNS[] = {
        "git …", "git push …",   "{git,hg} …", "cat <path>",   "cat <path.py>",
        "cat …", "cat … | wc …", "… no",       "a … x <word>", "a … <word>",
        "a b …", "a c …",        "a … c",
    };
    static const struct {
        const char *shape;
        int want; /* of PATTERNS, or -1 */
    } CASES[] = {
        {"git push <word>", 1}, {"git pull", 0},
        {"hg pull", 2},         {"cat <path>", 3},
        {"cat <path.py>", 4},   {"cat <path.py>…", 4},
        {"cat <url>", 5},       {"cat <url> | wc", 6},
        {"a b x <word>", 8},    {"a b y", 10},
        {"a b <word>", 10},     {"a c", 11},
        {"svn up", -1},         {"", -1},
        {"git | wc", -1},
    };
    struct opk_matcher *matcher = NULL;

    (void)state;
    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    for (uint32_t i = 0; i < sizeof(PATTERNS) / sizeof(PATTERNS[0]); i++)
        assert_int_equal(opk_matcher_add(matcher, opk_str_of(PATTERNS[i]), i, NULL),
                         i == 7 ? OPK_E_INVALID : OPK_OK);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint32_t number = 99;
        bool found = opk_matcher_find(matcher, opk_str_of(CASES[i].shape), &number);
        int got = found ? (int)number : -1;
        if (got != CASES[i].want)
            fail_msg("%s: pattern %d, not %d", CASES[i].shape, CASES[i].want, got);
    }
    opk_matcher_free(matcher);
}

static void test_refused(void **state)
{
    struct opk_matcher *matcher = NULL;
    char *pattern = malloc(OPK_MATCH_PATTERN_MAX + 1);

    (void)state;
    assert_non_null(pattern);
    memset(pattern, 'a', OPK_MATCH_PATTERN_MAX + 1);
    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR(" "), 0, NULL), OPK_E_INVALID);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("… git"), 0, NULL), OPK_E_INVALID);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("{z,} …"), 0, NULL), OPK_E_INVALID);
    assert_false(opk_matcher_find(matcher, OPK_STR("z"), NULL));
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("a <b><c>"), 0, NULL), OPK_E_INVALID);
    assert_int_equal(
        opk_matcher_add(matcher, opk_str_bytes(pattern, OPK_MATCH_PATTERN_MAX), 0, NULL), OPK_OK);
    assert_int_equal(
        opk_matcher_add(matcher, opk_str_bytes(pattern, OPK_MATCH_PATTERN_MAX + 1), 0, NULL),
        OPK_E_LIMIT);
    opk_matcher_free(matcher);
    free(pattern);
}

/* Braces multiply: at the limit all texts are known, one past it the pattern is refused. */
static void test_forms(void **state)
{
    struct opk_matcher *matcher = NULL;

    (void)state;
    assert_int_equal(OPK_MATCH_FORMS_MAX, 64);
    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("p{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), 0, NULL),
                     OPK_OK);
    assert_true(opk_matcher_find(matcher, OPK_STR("paaaaaa"), NULL));
    assert_true(opk_matcher_find(matcher, OPK_STR("pbbbbbb"), NULL));
    assert_true(opk_matcher_find(matcher, OPK_STR("pabbaba"), NULL));
    assert_false(opk_matcher_find(matcher, OPK_STR("pabbab"), NULL));
    assert_int_equal(
        opk_matcher_add(matcher, OPK_STR("q{a,b,c,d,e}{a,b,c,d,e,f,g,h,i,j,k,l,m}"), 0, NULL),
        OPK_E_LIMIT);
    assert_false(opk_matcher_find(matcher, OPK_STR("qaa"), NULL));
    opk_matcher_free(matcher);
}

static void test_nodes(void **state)
{
    struct opk_matcher *matcher = NULL;
    struct opk_buf pattern = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    for (size_t i = 0; i <= OPK_MATCH_NODES_MAX; i++) {
        opk_buf_clear(&pattern);
        opk_buf_printf(&pattern, "p%zu", i);
        assert_int_equal(opk_matcher_add(matcher, opk_buf_str(&pattern), 0, NULL),
                         i < OPK_MATCH_NODES_MAX ? OPK_OK : OPK_E_LIMIT);
    }
    assert_false(opk_matcher_find(matcher, opk_buf_str(&pattern), NULL));
    /* What stands already costs nothing. */
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("p7"), 1, NULL), OPK_OK);
    opk_buf_done(&pattern);
    opk_matcher_free(matcher);
}

/* A backtracking matcher would need longer than the test may run. */
static void test_no_backtracking(void **state)
{
    struct opk_buf pattern = OPK_BUF_EMPTY;
    struct opk_buf shape = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_cstr(&pattern, "a");
    opk_buf_append_cstr(&shape, "a");
    while (pattern.len + 8 < OPK_MATCH_PATTERN_MAX)
        opk_buf_append_cstr(&pattern, " … <word>");
    for (size_t i = 0; i < 2000; i++)
        opk_buf_append_cstr(&shape, " <word>…");
    assert_true(matches(opk_buf_str(&pattern), opk_buf_str(&shape)));
    opk_buf_append_cstr(&shape, " x");
    assert_false(matches(opk_buf_str(&pattern), opk_buf_str(&shape)));
    opk_buf_done(&pattern);
    opk_buf_done(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),   cmocka_unit_test(test_find),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_forms),
        cmocka_unit_test(test_nodes),   cmocka_unit_test(test_no_backtracking),
    };

    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
