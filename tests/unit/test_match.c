#include "support/support.h"

#include "cluster/match.h"

#include <stdlib.h>
#include <string.h>

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
        {"a{b", "a{b", true},
        {"a <", "a <", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        bool got = opk_match(opk_str_of(CASES[i].pattern), opk_str_of(CASES[i].shape));
        if (got != CASES[i].want)
            opk_assert_str(CASES[i].pattern, opk_str_of(CASES[i].shape),
                           got ? OPK_STR("no match") : OPK_STR("a match"));
    }
}

/* Of many patterns that match, the one that was added first counts. */
static void test_find(void **state)
{
    struct opk_matcher *matcher = NULL;
    uint32_t number = 0;

    (void)state;
    assert_int_equal(opk_matcher_new(&matcher, NULL), OPK_OK);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("git push …"), 7, NULL), OPK_OK);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("{git,hg} …"), 8, NULL), OPK_OK);
    assert_int_equal(opk_matcher_add(matcher, OPK_STR("git …"), 9, NULL), OPK_OK);
    assert_true(opk_matcher_find(matcher, OPK_STR("git push <word>"), &number));
    assert_int_equal(number, 7);
    assert_true(opk_matcher_find(matcher, OPK_STR("git pull"), &number));
    assert_int_equal(number, 8);
    assert_false(opk_matcher_find(matcher, OPK_STR("svn up"), &number));
    assert_false(opk_matcher_find(matcher, OPK_STR(""), &number));
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
    assert_int_equal(
        opk_matcher_add(matcher, opk_str_bytes(pattern, OPK_MATCH_PATTERN_MAX), 0, NULL), OPK_OK);
    assert_int_equal(
        opk_matcher_add(matcher, opk_str_bytes(pattern, OPK_MATCH_PATTERN_MAX + 1), 0, NULL),
        OPK_E_LIMIT);
    opk_matcher_free(matcher);
    free(pattern);
}

/* A shape of the most words matches, one word more does not. */
static void test_words(void **state)
{
    struct opk_buf shape = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i < OPK_MATCH_WORDS_MAX; i++)
        opk_buf_append_cstr(&shape, i == 0 ? "git" : " x");
    assert_true(opk_match(OPK_STR("git …"), opk_buf_str(&shape)));
    opk_buf_append_cstr(&shape, " x");
    assert_false(opk_match(OPK_STR("git …"), opk_buf_str(&shape)));
    opk_buf_done(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
