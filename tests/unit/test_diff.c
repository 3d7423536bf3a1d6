#include "support/support.h"

#include "sync/diff.h"
#include "sync/lcs.h"

static const struct {
    const char *name;
    const char *old;
    const char *new;
    const char *want;
} CASES[] = {
    {"equal", "a\nb\n", "a\nb\n", ""},
    {"both absent", NULL, NULL, ""},
    {"new file", NULL, "a\n", "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n"},
    {"emptied", "a\nb\n", "", "--- a/f\n+++ b/f\n@@ -1,2 +0,0 @@\n-a\n-b\n"},
    {"one line", "a\nb\nc\n", "a\nB\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
    {"added at the end", "a\n", "a\nb\n", "--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n a\n+b\n"},
    {"newline added", "a", "a\n",
     "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
    {"three lines around", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n",
     "--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"},
    {"six between is one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
     "--- a/f\n+++ b/f\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
    {"seven between are two", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
     "--- a/f\n+++ b/f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n "
     "7\n-b\n+B\n"},
    {"shortest edit", "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
     "--- a/f\n+++ b/f\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_str old = opk_str_of(CASES[i].old);
        struct opk_str new = opk_str_of(CASES[i].new);
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_assert_status(CASES[i].name,
                          opk_diff_unified("f", CASES[i].old ? &old : NULL,
                                           CASES[i].new ? &new : NULL, &got, &err),
                          OPK_OK, &err);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
    }
}

/* count lines that differ on both sides, with a common line at either end */
static size_t hunk_lines(size_t count)
{
    struct opk_buf old = OPK_BUF_EMPTY;
    struct opk_buf new = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    size_t common = 0;

    for (size_t i = 0; i < count; i++) {
        opk_buf_printf(&old, "old %zu\nsame\n", i);
        opk_buf_printf(&new, "new %zu\nsame\n", i);
    }
    struct opk_str a = opk_buf_str(&old);
    struct opk_str b = opk_buf_str(&new);
    assert_int_equal(opk_diff_unified("f", &a, &b, &got, NULL), OPK_OK);
    for (size_t at = 0; (at = opk_str_find(opk_buf_str(&got), OPK_STR("\n same"), at)) != OPK_NPOS;
         at++)
        common++;
    opk_buf_done(&old);
    opk_buf_done(&new);
    opk_buf_done(&got);
    return common;
}

/* At the limit common lines are still seen; past it the texts are replaced as one. The last common
 * line is cut off before the search, and is shown as context in both. */
static void test_limit(void **state)
{
    (void)state;
    assert_int_equal(hunk_lines(OPK_LCS_EDITS_MAX / 2), OPK_LCS_EDITS_MAX / 2);
    assert_int_equal(hunk_lines(OPK_LCS_EDITS_MAX / 2 + 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
