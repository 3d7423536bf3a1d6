#include "support/records.h"

#include "ingest/readers.h"

#define S(lit) OPK_STR_INIT(lit)
#define BORDER "**********************\n"
#define HEADER                                                                                     \
    BORDER "PowerShell transcript start\nStart time: 20261102093000\nUsername: BOX\\me\n" BORDER   \
           "Transcript started, output file is x.txt\n"
#define PROMPT "PS C:\\src> "

#define COMMAND_LINES 1000 /* as read_powershell.c has it */

static void test_commands(void **state)
{
    static const struct {
        const char *name;
        struct opk_str text;
        const char *want;
    } CASES[] = {
        {"commands and output",
         S(HEADER PROMPT "git status\nclean\n" PROMPT "\n" PROMPT "cd ..\nPS C:\\> dir\n" BORDER
                         "PowerShell transcript end\nEnd time: 20261102093100\n" BORDER),
         "7 git status\n10 cd ..\n11 dir\n"},
        {"a BOM and carriage returns",
         S("\xEF\xBB\xBF**********************\r\nTitel\r\nStartzeit: 20261102093000\r\n"
           "**********************\r\nPS C:\\src> ls\r\n"),
         "5 ls\n"},
        {"prompts of other forms",
         S(HEADER "PS>a\nPS /home/me> b\nPS HKLM:\\> c\n(venv) PS C:\\> d\n[host]: PS C:\\> e\n"
                  "PS \\\\srv\\x> f\nPS C:\\>> g\nPS ~> h\n"),
         "7 a\n8 b\n9 c\n10 d\n11 e\n12 f\n13 g\n14 h\n"},
        {"no prompts",
         S(HEADER
           "PS is a shell> x\n  PS C:\\> x\nPS C:\\src>x\n>> y\nPSVersion: 7\n(a) b\n[a] b\n"),
         ""},
        {"notes of the engine",
         S(HEADER PROMPT "TerminatingError(): \"stopped\"\n>> TerminatingError(): \"stopped\"\n"
                         "PS>CommandInvocation(Out-String): \"Out-String\"\n" PROMPT "ls\n"),
         "10 ls\n"},
        {"times of commands",
         S(HEADER BORDER "Command start time: 20261102093001\n" BORDER PROMPT "ls\n" BORDER
                         "Command start time: 20261102093002\n" BORDER PROMPT "pwd\n"),
         "10 ls\n14 pwd\n"},
        {"brackets over lines", S(HEADER PROMPT "$a = @{\n  x = '}'\n  y = \"`\"}\"\n}\nout\n"),
         "7 $a = @{\\n  x = '}'\\n  y = \"`\"}\"\\n}\n"},
        {"a bar, a comma, a backtick",
         S(HEADER PROMPT "ls |\n  sort\nout\n" PROMPT "a 1,\n2\n" PROMPT "b `\nc\nout\n"),
         "7 ls |\\n  sort\n10 a 1,\\n2\n12 b `\\nc\n"},
        {"a here-string", S(HEADER PROMPT "$t = @'\nit's {\n'@\nout\n"),
         "7 $t = @'\\nit's {\\n'@\n"},
        {"a comment", S(HEADER PROMPT "ls # {\nout\n"), "7 ls # {\n"},
        {"what never closes, before a prompt", S(HEADER PROMPT "echo {\nout\n" PROMPT "ls\n"),
         "7 echo {\n9 ls\n"},
        {"what never closes, before a border", S(HEADER PROMPT "echo (\n" BORDER "x\n" BORDER),
         "7 echo (\n"},
        {"what never closes, at the end", S(HEADER PROMPT "echo '\nout\n"), "7 echo '\n"},
        {"asterisks that are output", S(HEADER PROMPT "x\n" BORDER "out\n" PROMPT "y\n"),
         "7 x\n10 y\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_records(CASES[i].name, CASES[i].text, &opk_reader_powershell, CASES[i].want);
}

static void test_command_lines(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    for (size_t lines = COMMAND_LINES; lines <= COMMAND_LINES + 1; lines++) {
        opk_buf_clear(&text);
        opk_buf_append_cstr(&text, HEADER PROMPT "x {\n");
        for (size_t i = 2; i < lines; i++)
            opk_buf_append_cstr(&text, "y\n");
        opk_buf_append_cstr(&text, "}\n");
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_powershell, &got);
        const bool is_whole = opk_str_ends(opk_buf_str(&got), OPK_STR("\\ny\\n}\n"));
        assert_int_equal(is_whole, lines == COMMAND_LINES);
        if (!is_whole)
            opk_assert_str("the first line", opk_buf_str(&got), OPK_STR("7 x {\n"));
    }
    opk_buf_done(&text);
    opk_buf_done(&got);
}

static void test_sniff(void **state)
{
    static const struct {
        const char *name;
        struct opk_str head;
        bool is_one;
    } HEADS[] = {
        {"a header", S(HEADER), true},
        {"another language", S(BORDER "nStart der Aufzeichnung\nStartzeit: 20261102093000\n"),
         true},
        {"no time", S(BORDER "Title\nStart time: 2026-11-02\n" BORDER), false},
        {"too few asterisks", S("*********\nTitle\nStart time: 20261102093000\n"), false},
        {"a title alone", S(BORDER "Title\n"), false},
        {"nothing", S(""), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(HEADS) / sizeof(HEADS[0]); i++) {
        if (opk_reader_powershell.sniff(HEADS[i].head, OPK_STR("x")) != HEADS[i].is_one)
            fail_msg("%s", HEADS[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_sniff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
