#include "support/support.h"

#include "ingest/prompt.h"
#include "ingest/terminal_record.h"

#include <stdlib.h>

static const struct {
    const char *prompt;
    bool is_repl;
    bool is_continuation;
} FORMS[] = {
    {"$ ", false, false},          {"me@box:~$ ", false, false},
    {"bash-5.2# ", false, false},  {"PS C:\\src> ", false, false},
    {">>> ", true, false},         {"... ", true, false},
    {"(gdb) ", true, false},       {"mysql> ", true, false},
    {"db=# ", true, false},        {"db=> ", true, false},
    {"In [12]: ", true, false},    {"irb(main):001:0> ", true, false},
    {"> ", false, true},           {"dquote> ", false, true},
    {"for dquote> ", false, true}, {"pipe quote> ", false, true},
    {"me@box ~> ", false, false},  {"", false, false},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        const struct opk_str prompt = opk_str_of(FORMS[i].prompt);
        if (opk_prompt_is_repl(prompt) != FORMS[i].is_repl ||
            opk_prompt_is_continuation(prompt) != FORMS[i].is_continuation)
            fail_msg("'%s'", FORMS[i].prompt);
    }
}

static const struct {
    const char *raw;
    bool want;
} RAWS[] = {
    {"", false},
    {"total 12", false},
    {"price: 5$", true},
    {"$HOME is set", false},
    {"a#b", false},
    {"me@box:~$ ls", true},
    {"\x1b[32mme\x1b[0m$\x1b[0m ls", true},
    {"C:\\src>dir", true},
    {"\xE2\x9D\xAF ls", true},
    {"\xE2\x9D\xAF\xC2\xA0ls", true},
};

static void test_may_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(RAWS) / sizeof(RAWS[0]); i++) {
        if (opk_prompt_may_hold(opk_str_of(RAWS[i].raw)) != RAWS[i].want)
            fail_msg("'%s'", RAWS[i].raw);
    }
}

static struct opk_prompt_line plain(const char *text, unsigned signs)
{
    return (struct opk_prompt_line){.text = opk_str_of(text),
                                    .end = OPK_NPOS,
                                    .first = OPK_NPOS,
                                    .anchor = OPK_NPOS,
                                    .signs = signs};
}

/* See all lines, settle, and give for each where its command begins; -1 where it has no prompt. */
static void check(const char *name, const struct opk_prompt_line *lines, const int *want,
                  size_t count)
{
    struct opk_prompts *prompts;
    struct opk_prompt_place place;
    struct opk_err err;

    opk_assert_status(name, opk_prompts_new(&prompts, &err), OPK_OK, &err);
    for (size_t i = 0; i < count; i++)
        opk_assert_status(name, opk_prompts_see(prompts, &lines[i], &err), OPK_OK, &err);
    opk_prompts_settle(prompts);
    for (size_t i = 0; i < count; i++) {
        const int got = opk_prompts_find(prompts, &lines[i], &place) ? (int)place.end : -1;
        if (got != want[i])
            fail_msg("%s: line %zu: got %d, want %d", name, i, got, want[i]);
    }
    opk_prompts_free(prompts);
}

static void test_learning(void **state)
{
    (void)state;
    {
        const struct opk_prompt_line lines[] = {plain("$ make", 0), plain("$ make test", 0),
                                                plain("$ ", 0), plain("$ ls", 0)};
        check("a glyph alone is nothing", lines, (const int[]){-1, -1, -1, -1}, 4);
    }
    {
        const struct opk_prompt_line lines[] = {
            plain("$ make", OPK_PROMPT_FIRST | OPK_PROMPT_EDITED), plain("$ ls", 0)};
        check("the session's first line", lines, (const int[]){2, 2}, 2);
    }
    {
        const struct opk_prompt_line lines[] = {plain("me@box:~$ cd x", 0),
                                                plain("me@box:~/x$ echo a$ b", 0),
                                                plain("cost 5$ each", 0)};
        check("folders are masked", lines, (const int[]){10, 12, -1}, 3);
    }
    {
        struct opk_prompt_line lines[] = {
            plain("deploy_box$ ls", OPK_PROMPT_TIMED), plain("deploy_box$ pwd", OPK_PROMPT_TIMED),
            plain("usage: x# y", OPK_PROMPT_TIMED), plain("usage: x# z", OPK_PROMPT_TIMED)};
        lines[0].pauses[0] = lines[1].pauses[0] = 12;
        lines[0].pause_count = lines[1].pause_count = 1;
        check("the output paused behind it", lines, (const int[]){12, 12, -1, -1}, 4);
    }
    {
        const struct opk_prompt_line lines[] = {
            plain("me@box:~$ cat doc", 0), plain("you@far:~$ halt", 0),
            plain("you@far:~$ ls", OPK_PROMPT_AFTER_OPENER), plain("you@far:~$ pwd", 0)};
        check("another host needs a reason", lines, (const int[]){10, -1, 11, 11}, 4);
    }
    {
        struct opk_prompt_line lines[] = {plain("me@box:~$ cat x", 0), plain("me@box:~$ ls", 0),
                                          plain("}}me@box:~$ pwd", 0)};
        check("glued to output", lines, (const int[]){10, 10, 12}, 3);
    }
    {
        struct opk_prompt_line lines[] = {plain("~ any words here", OPK_PROMPT_EDITOR)};
        lines[0].end = 2;
        check("a marked end", lines, (const int[]){2}, 1);
    }
}

static const struct {
    const char *text;
    bool want;
} SHELLS[] = {
    {"ls", false},
    {"echo 'a", true},
    {"echo 'a\nb'", false},
    {"ls \\", true},
    {"ls |", true},
    {"ls &&", true},
    {"cat <<E", true},
    {"cat <<E\na\nE", false},
    {"cat <<<E", false},
    {"for i in a; do", true},
    {"for i in a; do x; done", false},
    {"if x; then", true},
    {"f() {", true},
    {"f() { x; }", false},
    {"echo \"a\\\"", true},
    {"", false},
};

static void test_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SHELLS) / sizeof(SHELLS[0]); i++) {
        if (opk_shell_is_open(opk_str_of(SHELLS[i].text)) != SHELLS[i].want)
            fail_msg("'%s'", SHELLS[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_may_hold),
        cmocka_unit_test(test_learning),
        cmocka_unit_test(test_open),
    };

    return cmocka_run_group_tests_name("prompt", tests, NULL, NULL);
}
