#include "support/support.h"

#include "sync/glob.h"

static const struct {
    const char *pattern;
    const char *path;
    bool fits;
} CASES[] = {
    {"a/b.md", "a/b.md", true},
    {"a/b.md", "a/b.mdx", false},
    {"a/*.md", "a/b.md", true},
    {"a/*.md", "a/.md", true},
    {"a/*.md", "a/b/c.md", false},
    {"*", "a", true},
    {"*", "a/b", false},
    {"*a*b", "xaxxab", true},
    {"?", "a", true},
    {"?", "/", false},
    {"a?c", "abc", true},
    {"**", "a/b/c", true},
    {"**", "", true},
    {"a/**", "a/b/c", true},
    {"a/**", "b/a/c", false},
    {"**/*.md", "a.md", true},
    {"**/*.md", "a/b.md", true},
    {"**/*.md", "a/b.mdx", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/xb", false},
    {"**/b/*.c", "a/b/x/b/y.c", true},
    {"a/**/*_x/*.md", "a/b_x/c/d_x/e.md", true},
    {"", "", true},
    {"", "a", false},
};

static void test_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        if (opk_glob_fits(opk_str_of(CASES[i].pattern), opk_str_of(CASES[i].path)) != CASES[i].fits)
            fail_msg("%s and %s: %s", CASES[i].pattern, CASES[i].path,
                     CASES[i].fits ? "should fit" : "should not fit");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
