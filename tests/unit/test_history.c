#include "support/records.h"

#include "ingest/lines.h"
#include "ingest/readers.h"

static void test_bash(void **state)
{
    static const struct {
        const char *name;
        struct opk_str text;
        const char *want;
    } CASES[] = {
        {"plain", OPK_STR_INIT("ls\n\ncd /tmp\n"), "1 ls\n3 cd /tmp\n"},
        {"no newline at the end", OPK_STR_INIT("ls\npwd"), "1 ls\n2 pwd\n"},
        {"carriage returns", OPK_STR_INIT("ls\r\npwd\r\n"), "1 ls\n2 pwd\n"},
        {"blanks only", OPK_STR_INIT(" \t\nls \n"), "2 ls \n"},
        {"times", OPK_STR_INIT("#1380630977\nls\n#1380630979\npwd\n"),
         "2 ls time=1380630977000\n4 pwd time=1380630979000\n"},
        {"several lines in an entry",
         OPK_STR_INIT("#1380630977\ncat <<X\na\n\nb\nX\n#1380630979\npwd\n"),
         "2 cat <<X\\na\\n\\nb\\nX time=1380630977000\n8 pwd time=1380630979000\n"},
        {"newlines at an entry's end", OPK_STR_INIT("#1380630977\nls\n\n\n#1380630978\npwd\n\n"),
         "2 ls time=1380630977000\n6 pwd time=1380630978000\n"},
        {"begins inside an entry", OPK_STR_INIT("x\n#1380630977\nls\n#1380630978\npwd\n"),
         "1 x\n3 ls time=1380630977000\n5 pwd time=1380630978000\n"},
        {"a time without an entry", OPK_STR_INIT("#1380630977\n#1380630978\nls\n#1380630979\nw\n"),
         "3 ls time=1380630978000\n5 w time=1380630979000\n"},
        {"one comment is no time", OPK_STR_INIT("ls\n#1380630977\npwd\n"),
         "1 ls\n2 #1380630977\n3 pwd\n"},
        {"too few and too many digits", OPK_STR_INIT("#13806309\nls\n#13806309771\npwd\n"),
         "1 #13806309\n2 ls\n3 #13806309771\n4 pwd\n"},
        {"a backslash at the end", OPK_STR_INIT("a \\\nb\n"), "1 a \\\\\n2 b\n"},
        {"any bytes", OPK_STR_INIT("echo \xFF\x01\n"), "1 echo \xFF\x01\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_records(CASES[i].name, CASES[i].text, &opk_reader_bash_history, CASES[i].want);
}

static void test_builtin(void **state)
{
    static const struct {
        const char *name;
        struct opk_str text;
        const char *want;
    } CASES[] = {
        {"plain", OPK_STR_INIT("    1  ls\n    2* pwd\n   10  x  y\n"), "1 ls\n2 pwd\n3 x  y\n"},
        {"several lines", OPK_STR_INIT("    9  cat <<X\n a\nX\n   10  ls\n"),
         "1 cat <<X\\n a\\nX\n4 ls\n"},
        {"five digits and more", OPK_STR_INIT("99999  ls\n100000  pwd\n"), "1 ls\n2 pwd\n"},
        {"times before the command",
         OPK_STR_INIT("    1  2026-01-02 03:04:05 ls\n    2  [02/01/2026 03:04:05] pwd\n"),
         "1 ls\n2 pwd\n"},
        {"a prompt before the list", OPK_STR_INIT("$ history\n    1  ls\n"), "2 ls\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_records(CASES[i].name, CASES[i].text, &opk_reader_history_builtin,
                           CASES[i].want);
}

/* 64 is OPK_COMMAND_LISTED. */
static void test_lists(void **state)
{
    (void)state;
    opk_assert_records("commands stand as they are, but for line ends",
                       OPK_STR("a\\nb\n\n c \\\\\r\nlast"), &opk_reader_commands,
                       "1 a\\\\nb flags=64\n3  c \\\\\\\\ flags=64\n4 last flags=64\n");
    opk_assert_records("lines are unescaped", OPK_STR("a\\nb\nc\\\\n\\t\\\n"), &opk_reader_lines,
                       "1 a\\nb flags=64\n2 c\\\\n\\\\t\\\\ flags=64\n");
}

static void test_sniff(void **state)
{
    static const struct {
        const char *name;
        struct opk_str head;
        const char *path;
        const struct opk_reader *want;
    } CASES[] = {
        {"by name", OPK_STR_INIT("ls\n"), "/home/u/.bash_history", &opk_reader_bash_history},
        {"by name, rotated", OPK_STR_INIT("ls\n"), "x.bash_history-2026.zst",
         &opk_reader_bash_history},
        {"a folder's name is none", OPK_STR_INIT("ls\n"), "bash_history/notes", NULL},
        {"bytes that are no text", OPK_STR_INIT("l\0s\n"), "bash_history", NULL},
        {"by times", OPK_STR_INIT("#1380630977\nls\n"), "x", &opk_reader_bash_history},
        {"one time alone", OPK_STR_INIT("ls\n#1380630977\nls\n"), "x", NULL},
        {"numbered", OPK_STR_INIT("    1  a\n    2  b\n    3  c\n"), "x",
         &opk_reader_history_builtin},
        {"numbered, not in a row", OPK_STR_INIT("    1  a\n    3  b\n    4  c\n"), "x", NULL},
        {"numbered by cat -n", OPK_STR_INIT("     1\ta\n     2\tb\n     3\tc\n"), "x", NULL},
        {"two lines are too few", OPK_STR_INIT("    1  a\n    2  b\n"), "x", NULL},
        {"lists are only named", OPK_STR_INIT("ls -l\n"), "x", NULL},
        {"nothing", OPK_STR_INIT(""), "x", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct opk_reader *got = opk_reader_sniff(CASES[i].head, opk_str_of(CASES[i].path));
        if (got != CASES[i].want)
            fail_msg("%s: %s", CASES[i].name, got ? got->name : "nothing");
    }
    assert_ptr_equal(opk_reader_find(OPK_STR("lines")), &opk_reader_lines);
    assert_null(opk_reader_find(OPK_STR("line")));
}

/* A text of count bytes 'a' on a line of its own, between two commands. */
static void long_line(struct opk_buf *text, size_t count)
{
    opk_buf_clear(text);
    opk_buf_append_cstr(text, "first\n");
    opk_buf_append_fill(text, 'a', count);
    opk_buf_append_cstr(text, "\nlast\n");
}

static void test_limits(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_buf want = OPK_BUF_EMPTY;

    (void)state;
    long_line(&text, OPK_COMMAND_TEXT_MAX);
    opk_records(opk_buf_str(&text), 4096, &opk_reader_bash_history, &got);
    opk_buf_append_cstr(&want, "1 first\n2 ");
    opk_buf_append_fill(&want, 'a', OPK_COMMAND_TEXT_MAX);
    opk_buf_append_cstr(&want, "\n3 last\n");
    opk_assert_str("text at the limit", opk_buf_str(&got), opk_buf_str(&want));

    long_line(&text, OPK_COMMAND_TEXT_MAX + 1);
    opk_buf_truncate(&want, want.len - 8);
    opk_buf_printf(&want, " flags=%u\n3 last\n", OPK_COMMAND_TRUNCATED);
    for (size_t cut = 1000; cut < 200000; cut *= 3) {
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), cut, &opk_reader_bash_history, &got);
        opk_assert_str("text past the limit", opk_buf_str(&got), opk_buf_str(&want));
    }

    for (size_t cut = 4095; cut < OPK_LINE_MAX * 2; cut *= 4) {
        long_line(&text, OPK_LINE_MAX);
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), cut, &opk_reader_bash_history, &got);
        opk_assert_str("line at the limit", opk_buf_str(&got), opk_buf_str(&want));
        long_line(&text, OPK_LINE_MAX + 1);
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), cut, &opk_reader_bash_history, &got);
        opk_assert_str(
            "line past the limit", opk_buf_str(&got),
            OPK_STR("1 first\n3 last\n"
                    "problem: in:2: a line of more than 1048576 bytes is passed over\n"));
    }
    opk_buf_done(&text);
    opk_buf_done(&got);
    opk_buf_done(&want);
}

/* A character is cut as a whole. */
static void test_cut_character(void **state)
{
    struct opk_command command = {0};
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_fill(&text, 'a', OPK_COMMAND_TEXT_MAX - 1);
    opk_buf_append_cstr(&text, "\xE2\x82\xAC");
    opk_command_set_text(&command, opk_buf_str(&text));
    assert_int_equal(command.text.len, OPK_COMMAND_TEXT_MAX - 1);
    assert_int_equal(command.flags, OPK_COMMAND_TRUNCATED);
    opk_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bash),   cmocka_unit_test(test_builtin),
        cmocka_unit_test(test_lists),  cmocka_unit_test(test_sniff),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_cut_character),
    };

    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
