#include "support/support.h"

#include "cluster/dialect.h"

static const struct dialect_case {
    const char *shell;
    const char *text;
    const char *want;
} CASES[] = {
    /* the shell is known */
    {"bash", "Get-Item a", "bash"},
    {"/usr/bin/zsh", "a", "zsh"},
    {"-zsh", "a", "zsh"},
    {"fish", "a", "fish"},
    {"C:\\Windows\\System32\\cmd.exe", "a", "cmd"},
    {"pwsh", "a", "powershell"},
    {"PowerShell.EXE", "dir /s", "powershell"},
    {"dash", "a", "bash"},
    {"elvish", "a", "bash"},
    /* it is not */
    {"", "", "bash"},
    {"", "ls -l | grep a; cd /tmp && for i in a; do b; done", "bash"},
    {"", "Get-ChildItem -Recurse", "powershell"},
    {"", "  Get-ChildItem", "powershell"},
    {"", "ls | ForEach-Object { a }", "powershell"},
    {"", "a | b |Select-Object -First 5", "powershell"},
    {"", "$x = 5", "powershell"},
    {"", "$env:PATH", "powershell"},
    {"", "$x=5", "bash"},
    {"", "$EDITOR a = b", "bash"},
    {"", "X-Y a", "bash"},
    {"", "Get-item a", "bash"},
    {"", "G-I", "bash"},
    {"", "dir /s", "cmd"},
    {"", "DIR /S /B", "cmd"},
    {"", "dir /etc/x", "bash"},
    {"", "cd /d", "bash"},
    {"", "@echo off", "cmd"},
    {"", "rmdir /s", "cmd"},
    {"", "set -gx PATH /a $PATH", "fish"},
    {"", "set -x", "bash"},
    {"", "set -x A b", "fish"},
    {"", "set -x -e -u", "bash"},
    {"", "a; and b", "fish"},
    {"", "for x in a; b; end", "fish"},
    {"", "if a\nb\nend", "fish"},
    {"", "echo a; end", "bash"},
};

static void test_dialects(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        enum opk_dialect got =
            opk_dialect_of(opk_str_of(CASES[i].shell), opk_str_of(CASES[i].text));
        opk_assert_str(CASES[i].text, opk_str_of(opk_dialect_name(got)), opk_str_of(CASES[i].want));
    }
}

static void test_names(void **state)
{
    enum opk_dialect got;

    (void)state;
    for (int dialect = OPK_DIALECT_BASH; dialect <= OPK_DIALECT_CMD; dialect++) {
        assert_true(
            opk_dialect_find(opk_str_of(opk_dialect_name((enum opk_dialect)dialect)), &got));
        assert_int_equal(got, dialect);
    }
    assert_false(opk_dialect_find(OPK_STR("ed"), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
