#include "support/support.h"

#include "cluster/step.h"

/*
 * Texts that repeat one opener or separator. Were any of them read in more than linear time, these
 * lengths would take minutes, and the test's TIMEOUT would end it.
 */
#define LONG   ((size_t)50 * 1000)
#define LONGER ((size_t)1000 * 1000)

static const char *const PARTS[] = {
    "$(",          "(",      "((",      "((((a)b",     "\"$(",
    "${",          "`",      "'",       "$'",          "\"",
    "{ ",          "{a",     "$[",      "A[",          "a=(",
    "@(",          "<(",     "<1-",     "=(",          "[[ (",
    "if ",         "fi;",    "done;",   "}",           "for x in ",
    "case x in (", "f() { ", "() ",     "coproc ",     "repeat 2 ",
    "begin;",      "; and ", "<<E ",    "$(cat <<E\n", "\\",
    "^",           "|",      "&&",      ";",           "a\n",
    "sudo ",       "ssh h ", "sh -c '", "eval \"",     "find . -exec ",
    "& { ",        "% { ",   "@{",      "@'\n",        "$x = (",
    "if (",        "param(", "<#",      "for %i in (", "if a==b (",
    "%",
};

static size_t read_repeated(struct opk_steps *steps, const char *part, size_t len,
                            enum opk_dialect dialect)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err err;

    while (text.len < len)
        opk_buf_append_cstr(&text, part);
    opk_assert_status(part, opk_steps_read(steps, opk_buf_str(&text), dialect, &err), OPK_OK, &err);
    opk_buf_done(&text);
    return steps->count;
}

static void test_every_part(void **state)
{
    struct opk_steps steps = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        for (int dialect = OPK_DIALECT_BASH; dialect <= OPK_DIALECT_CMD; dialect++)
            (void)read_repeated(&steps, PARTS[i], LONG, (enum opk_dialect)dialect);
    }
    opk_steps_done(&steps);
}

/* A million openers are one step with an opaque word. */
static void test_depth(void **state)
{
    static const char *const OPENERS[] = {"$(", "(", "\"$(", "${", "'", "{ "};
    struct opk_steps steps = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(OPENERS) / sizeof(OPENERS[0]); i++)
        assert_true(read_repeated(&steps, OPENERS[i], LONGER, OPK_DIALECT_BASH) <= 1);
    assert_int_equal(read_repeated(&steps, "a;", LONGER, OPK_DIALECT_BASH), LONGER / 2);
    opk_steps_done(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_part),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests_name("lex_long", tests, NULL, NULL);
}
