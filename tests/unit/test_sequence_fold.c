#include "cluster/sequence_fold.h"

#include "support/support.h"

#include <string.h>

/* A symbol is a letter; - is noise, . a step that could not be read. */
static uint32_t symbol_of(char c)
{
    if (c == '-')
        return OPK_SYMBOL_NOISE;
    return c == '.' ? OPK_SYMBOL_BREAK : (uint32_t)(c - 'a');
}

/* a a{2} a{1,3} for a run, [2x3] behind the first run of a block of two that stands three times. */
static void show(const struct opk_runs *runs, struct opk_buf *out)
{
    for (size_t i = 0; i < runs->count; i++) {
        const struct opk_run *run = &runs->items[i];
        if (i > 0)
            opk_buf_append_byte(out, ' ');
        if (run->symbol == OPK_SYMBOL_BREAK) {
            opk_buf_append_byte(out, '|');
            continue;
        }
        opk_buf_append_byte(out, (char)('a' + (char)run->symbol));
        if (run->low != run->high)
            opk_buf_printf(out, "{%u,%u}", run->low, run->high);
        else if (run->high > 1)
            opk_buf_printf(out, "{%u}", run->high);
        if (run->loops > 1)
            opk_buf_printf(out, "[%ux%u]", run->loop_len, run->loops);
    }
}

static void test_fold(void **state)
{
    static const struct {
        const char *name;
        const char *steps;
        size_t limit;
        const char *want;
    } CASES[] = {
        {"nothing", "", 99, "|"},
        {"a run", "aaab", 99, "a{3} b |"},
        {"noise leaves no trace", "a-b--c", 99, "a b c |"},
        {"a gap of three breaks", "a---b", 99, "a | b |"},
        {"noise does not break a run", "a-a", 99, "a{2} |"},
        {"a gap breaks a run", "a---a", 99, "a | a |"},
        {"noise at the ends", "---a---", 99, "a |"},
        {"what is unread breaks", "ab.cd", 99, "a b | c d |"},
        {"two breaks are one", "a..---.b", 99, "a | b |"},
        {"unread at the ends", ".a.", 99, "a | |"},
        {"a loop", "ababab", 99, "a[2x3] b |"},
        {"a loop and a bit", "abababa", 99, "a[2x3] b a |"},
        {"a loop of runs keeps their range", "abbabababbb", 99, "a[2x4] b{1,3} |"},
        {"the shortest block first", "ababcababc", 99, "a[2x2] b c a[2x2] b c |"},
        {"a loop of four", "abcdabcd", 99, "a[4x2] b c d |"},
        {"five are too long", "abcdeabcde", 99, "a b c d e a b c d e |"},
        {"no loop over a break", "ab.ab", 99, "a b | a b |"},
        {"the limit", "abc", 3, "a b c |"},
        {"past the limit", "abcd", 3, "a b c |"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint32_t symbols[32];
        size_t count = strlen(CASES[i].steps);
        struct opk_runs runs = {0};
        struct opk_buf got = OPK_BUF_EMPTY;
        for (size_t k = 0; k < count; k++)
            symbols[k] = symbol_of(CASES[i].steps[k]);
        assert_int_equal(opk_runs_add(&runs, symbols, count, 0, CASES[i].limit, NULL), OPK_OK);
        show(&runs, &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
        opk_runs_done(&runs);
    }
}

/* A run tells where its steps are, those of the first copy in a loop. */
static void test_places(void **state)
{
    const uint32_t symbols[] = {OPK_SYMBOL_NOISE, 0, 0, OPK_SYMBOL_NOISE, 1, 0, 1};
    struct opk_runs runs = {0};

    (void)state;
    assert_int_equal(opk_runs_add(&runs, symbols, 7, 5, 99, NULL), OPK_OK);
    assert_int_equal(runs.count, 3);
    assert_int_equal(runs.items[0].strand, 5);
    assert_int_equal(runs.items[0].first, 1);
    assert_int_equal(runs.items[0].last, 2);
    assert_int_equal(runs.items[1].first, 4);
    assert_int_equal(runs.items[1].last, 4);
    opk_runs_done(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fold), cmocka_unit_test(test_places)};

    return cmocka_run_group_tests_name("sequence_fold", tests, NULL, NULL);
}
