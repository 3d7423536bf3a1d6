#include "support/support.h"

#include "base/out.h"
#include "ingest/terminal.h"

#include <string.h>

#define S(lit) OPK_STR_INIT(lit)

/* Pieces that shells print around their prompts and lines. */
#define BASH_ON   "\x1b[?2004h"
#define BASH_OFF  "\x1b[?2004l\r"
#define ENTER     "\r\n"
#define BASH(cmd) BASH_ON "me@box:~$ " cmd ENTER BASH_OFF
#define OLD(cmd)  "[me@box src]$ " cmd ENTER
#define ZSH_MARK                                                                                   \
    "\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m                   \r \r\r\x1b[0m\x1b[27m\x1b[24m\x1b[J"
#define ZSH(cmd) ZSH_MARK "box \xE2\x9E\x9C \x1b[K" BASH_ON cmd "\x1b[?2004l\r\r\n"
#define A133     "\x1b]133;A\x07"
#define B133     "\x1b]133;B\x07"
#define C133     "\x1b]133;C\x07"

/* In an input, this byte stands for a pause; without one there are no times at all. */
#define PAUSE    "\x01"
#define PAUSE_MS 100

/* An editor that repaints at every key, and puts its cursor by columns from the margin. */
#define FISH_PROMPT "\x1b[32m~/bcd\x1b[m> \x1b[K\r\x1b[7C"
#define FISH        "\x1b[?2004h\x1b]0;~/bcd\x07" FISH_PROMPT
#define FISH_OFF    "\r\n\x1b[m\x1b[?2004l"
#define BLANKS39    "                                       "

struct terminal_case {
    const char *name;
    unsigned cols;
    struct opk_str input;
    const char *want; /* commands, escaped, each with a '|' behind */
};

static const struct terminal_case CASES[] = {
    {"nothing", 80, S(""), ""},
    {"output alone", 80, S("hello\r\nworld\r\n"), ""},
    {"bash with toggles", 80, S(BASH("ls") "a b\r\n" BASH("pwd") "/x\r\n" BASH("exit") "exit\r\n"),
     "ls|pwd|exit|"},
    {"bash, edited", 80, S(BASH("lss\b\x1b[K -l") BASH("make\b\b\b\b\x1b[4Pls\x1b[K")),
     "ls -l|ls|"},
    {"a blank Enter", 80, S(BASH("") BASH("ls") BASH("")), "ls|"},
    {"a line dropped with ^C", 80, S(BASH("rm -rf x^C") BASH("ls")), "ls|"},
    {"the end of input prints exit", 80, S(BASH("ls") BASH_ON "me@box:~$ " BASH_OFF "\r\nexit\r\n"),
     "ls|"},
    {"a line still edited at the end", 80, S(BASH("ls") BASH_ON "me@box:~$ mak"), "ls|"},
    {"a quoted newline", 80,
     S(BASH("echo 'a") BASH_ON "> b'" ENTER BASH_OFF "a\r\nb\r\n" BASH("ls")), "echo 'a\\nb'|ls|"},
    {"a here-document", 80,
     S(BASH("cat <<E") BASH_ON "> $ x" ENTER BASH_OFF BASH_ON "> E" ENTER BASH_OFF
                               "$ x\r\n" BASH("ls")),
     "cat <<E\\n$ x\\nE|ls|"},
    {"completions listed under the line", 80,
     S(BASH_ON
       "me@box:~$ cat al\x07\r\nalpha  alto\r\nme@box:~$ cat alpha" ENTER BASH_OFF BASH("ls")),
     "cat alpha|ls|"},
    {"an editor's toggles on the alternate screen", 80,
     S(BASH("nano x") "\x1b[?1049h\x1b[?2004htext$ x\r\n\x1b[?2004l\x1b[?1049l" BASH("ls")),
     "nano x|ls|"},
    {"a REPL with toggles", 80,
     S(BASH("python3") BASH_ON ">>> print(1)" ENTER BASH_OFF "1\r\n" BASH_ON
                               ">>> exit()" ENTER BASH_OFF BASH("ls")),
     "python3|ls|"},
    {"output without a newline before the prompt", 80,
     S(BASH("cat x") "no newline" BASH("ls") BASH("pwd")), "cat x|ls|pwd|"},
    {"two lines of prompt", 80,
     S(BASH_ON "\r\n\x1b[1m~/src\x1b[0m on main\r\n\x1b[32m> \x1b[0mls" ENTER BASH_OFF
               "a\r\n" BASH_ON
               "\r\n\x1b[1m~/src\x1b[0m on main\r\n\x1b[32m> \x1b[0mpwd" ENTER BASH_OFF),
     "ls|pwd|"},
    {"a long line wraps", 20, S(BASH("echo aaaaaaaaaaaaaaaaaaaa\r\x1b[A\x1b[10CX\n") BASH("ls")),
     "Xcho aaaaaaaaaaaaaaaaaaaa|ls|"},
    {"a full row, then a shorter line", 20,
     S(OLD("aaaaaa \r\x1b[A\x1b[14Cls\x1b[K\r\n\r\x1b[K\x1b[A\x1b[16C -l") OLD("pwd")),
     "ls -l|pwd|"},
    {"a full row that was entered", 20,
     S(OLD("aaaaaa \r\x1b[A\x1b[14Cls\x1b[K") "x\r\n" OLD("pwd")), "ls|pwd|"},
    {"no marks at all", 80,
     S(OLD("ls") "a b\r\n" OLD("cd lib") "[me@box lib]$ pwd\r\n/src/lib\r\n" OLD(
         "exit") "exit\r\n"),
     "ls|cd lib|pwd|exit|"},
    {"no marks, ^D", 80, S(OLD("ls") "a b\r\n" OLD("exit")), "ls|"},
    {"a nested shell", 80,
     S(OLD("sudo su") "[root@box src]# id\r\nuid=0\r\n[root@box src]# exit\r\nexit\r\n" OLD("ls")),
     "sudo su|id|exit|ls|"},
    {"a plain shell in a container", 80,
     S(OLD("docker exec -it box sh") "# id\r\nuid=0\r\n# exit\r\n" OLD(
         "cat x") "# a comment\r\n" OLD("ls")),
     "docker exec -it box sh|id|exit|cat x|ls|"},
    {"a script's first line", 80, S(OLD("sh build.sh") "# building\r\n" OLD("ls")),
     "sh build.sh|ls|"},
    {"prompts in a file that is shown", 80,
     S(OLD("cat README") "    $ make\r\n    $ make install\r\n$ ./run\r\nyou@host:~$ halt\r\n" OLD(
         "ls")),
     "cat README|ls|"},
    {"recurring lines in colours", 80,
     S(OLD("make") "\x1b[32m1%\x1b[0m step 1: $ x\r\n\x1b[32m2%\x1b[0m step 2: $ y\x1b[K\r\n"
                   "\x1b[32m3%\x1b[0m step 3: $ z\b\r\n\x1b[32m4%\x1b[0m step 4: $ \r\n" OLD("ls")),
     "make|ls|"},
    {"a REPL without marks", 80,
     S(OLD("python") ">>> 1 + 1\r\n2\r\n>>> exit()\r\n" OLD(
         "mysql") "mysql> select 1;\r\n1\r\n" OLD("ls")),
     "python|mysql|ls|"},
    {"completions without marks", 80,
     S(OLD("cat al\x07") "alpha  alto\r\n" OLD("cat alpha") "text\r\n" OLD("ls")), "cat alpha|ls|"},
    {"a bare glyph that waits", 80,
     S("$ " PAUSE "l" PAUSE "s\r\nfile\r\n$ " PAUSE "p" PAUSE "wd\r\n/\r\n"), "ls|pwd|"},
    {"a bare glyph that does not wait", 80,
     S("$ " PAUSE "cat x\r\n$ rm y\r\n$ rm z\r\n$ " PAUSE "ls\r\n"), "cat x|ls|"},
    {"zsh", 20, S(ZSH("l\bls") "a\r\n" ZSH("pwd") "/\r\n"), "ls|pwd|"},
    {"zsh, highlighted", 20, S(ZSH("\x1b[31ml\x1b[39m\b\x1b[32ml\x1b[32ms\x1b[39m") ZSH("pwd")),
     "ls|pwd|"},
    {"zsh, a suggestion not taken", 20,
     S(ZSH("ls\x1b[90m -la\x1b[39m\x1b[4D\x1b[K") ZSH("ls\x1b[90m -la\x1b[39m\x1b[4D")), "ls|ls|"},
    {"zsh, a right prompt", 20,
     S(ZSH_MARK "box \xE2\x9E\x9C \x1b[K\x1b[8C12:00\x1b[13D" BASH_ON
                "ls\x1b[?2004l\r\r\n" ZSH("pwd")),
     "ls|pwd|"},
    {"zsh, a continued line", 20, S(ZSH("echo 'a") "quote> \x1b[K" BASH_ON "b'\x1b[?2004l\r\r\n"),
     "echo 'a\\nb'|"},
    {"zsh, wrapped", 20, S(ZSH("echo aaaaaaaaa \rbbb") ZSH("ls")), "echo aaaaaaaaabbb|ls|"},
    {"zsh, the prompt replaced on Enter", 20,
     S(ZSH_MARK "~/long/path \xE2\x9E\x9C \x1b[K" BASH_ON "ls\r\x1b[J$ ls\x1b[?2004l\r\r\n"),
     "ls|"},
    {"marks B to C", 80,
     S(A133 "% " B133 "ls\r\n" C133 "a\r\n\x1b]133;D;0\x07" A133 "% " B133 "pwd\r\n" C133),
     "ls|pwd|"},
    {"marks, a line dropped", 80,
     S(A133 "% " B133 "ls\r\n" C133 "a\r\n" A133 "% " B133 "rm x\r\n" A133 "% " B133
            "pwd\r\n" C133),
     "ls|pwd|"},
    {"marks, a continued line", 80,
     S(A133 "% " B133 "ls\r\n" C133 "a\r\n" A133 "% " B133 "echo 'a\r\n> b'\r\n" C133),
     "ls|echo 'a\\nb'|"},
    {"marks with the command line", 80,
     S(A133 "% " B133 "ls\r\n\x1b]133;C;cmdline_url=ls%20-l\x07"
            "a\r\n"),
     "ls -l|"},
    {"633 with the text", 80,
     S("\x1b]633;A\x07PS> \x1b]633;B\x07l\bls\r\n\x1b]633;E;echo \\x3b "
       "a\\\\b;nonce\x07\x1b]633;C\x07"),
     "echo ; a\\\\b|"},
    {"633;Completions is no 633;C", 80,
     S("\x1b]633;A\x07PS> \x1b]633;B\x07l\x1b]633;Completions;1;2\x07s\r\n\x1b]633;C\x07"), "ls|"},
    {"633 with a text that nobody asked for", 80,
     S(OLD("cat x") "\x1b]133;C\x07\x1b]633;E;rm -rf /\x07\r\n" OLD("ls")), "cat x|ls|"},
    {"an absolute repaint between B and C", 80,
     S("\x1b]633;A\x07\x1b[5;1HPS> \x1b]633;B\x07\x1b[5;5Hl\x1b[5;5Hls\x1b[10X\r\n\x1b]633;C\x07"),
     "ls|"},
    {"columns from the margin: colours, a suggestion, a rest", 40,
     S(FISH "l\r\x1b[8C\x1b[90ms -la\r\x1b[8C\x1b[m\b\x1b[34mls\x1b[m\x1b[K\r\x1b[9C" FISH_OFF),
     "ls|"},
    {"columns from the margin: a right prompt", 40,
     S(FISH "\r\x1b[35C\x1b[90m12:34\x1b[m\r\x1b[7Cls  x\r\x1b[12C" FISH_OFF), "ls  x|"},
    {"columns from the margin: a list below", 40,
     S(FISH "ls x\r\x1b[11C\r\nxa  xb\x1b[A\r\x1b[11Ca\x1b[J\r\x1b[12C" FISH_OFF), "ls xa|"},
    {"columns from the margin: a wrap", 16,
     S(FISH "echo abcdefgh\x1b[A\r\x1b[12CAB\r\r\n\x1b[4C" FISH_OFF), "echo ABcdefgh|"},
    {"columns from the margin: rows", 40,
     S(FISH "for i in 1\r\x1b[17C\r\n\x1b[11Cls\x1b[A\r\r\n\x1b[13C\r\n\x1b[7Cend\x1b[A\x1b[A"
            "\r\r\n\r\n\x1b[10C" FISH_OFF),
     "for i in 1\\nls\\nend|"},
    {"columns from the margin: output breaks in", 40,
     S(FISH "ls -\r\x1b[11Coops\r\nno way\r\nl\r\x1b[12C" FISH_OFF), "ls -l|"},
    {"columns from the margin: a full row", 16,
     S("\x1b[?2004h\x1b]0;~\x07\x1b[32m~/abcde\x1b[m (main)\x1b[m> \r\r\n\x1b[A\x1b[14C  "
       "ls\x1b[A\r\r\n\x1b[2C" FISH_OFF),
     "ls|"},
    {"columns from the margin: dropped with ^C", 40,
     S(FISH "rm x\r\x1b[11C\x1b[7m^C\x1b[m\r\n\x1b[2m\xE2\x8F\x8E\x1b[m" BLANKS39
            "\r\xE2\x8F\x8E \r\x1b[K" FISH_PROMPT "ls\r\x1b[9C" FISH_OFF),
     "ls|"},
    {"a screen cleared above the prompt", 80, S(OLD("ls") OLD("clear") "\x1b[H\x1b[2J" OLD("pwd")),
     "ls|clear|pwd|"},
};

static void show(struct opk_terminal *terminal, struct opk_buf *out)
{
    struct opk_command command;
    struct opk_err err;
    enum opk_status status;

    while ((status = opk_terminal_next(terminal, &command, &err)) == OPK_OK) {
        opk_out_line(out, command.text);
        opk_buf_append_byte(out, '|');
    }
    assert_int_equal(status, OPK_END);
}

/* Push an input with its pauses, cut bytes at a time. */
static void push(struct opk_terminal *terminal, struct opk_str input, size_t cut)
{
    struct opk_split parts = OPK_SPLIT(input, PAUSE[0]);
    const bool timed = opk_str_find(input, OPK_STR(PAUSE), 0) != OPK_NPOS;
    struct opk_str part;
    struct opk_err err;

    for (int64_t time = 0; opk_split_next(&parts, &part); time += PAUSE_MS) {
        for (size_t at = 0; at < part.len; at += cut)
            opk_assert_status("push",
                              opk_terminal_push(terminal, opk_str_slice(part, at, at + cut),
                                                timed ? time : OPK_UNKNOWN, 1, &err),
                              OPK_OK, &err);
    }
}

static void test_commands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (size_t cut = 1; cut <= CASES[i].input.len; cut++) {
            struct opk_terminal *terminal;
            struct opk_buf got = OPK_BUF_EMPTY;
            struct opk_err err;
            opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
            opk_terminal_resize(terminal, CASES[i].cols, 24);
            push(terminal, CASES[i].input, cut);
            opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK,
                              &err);
            show(terminal, &got);
            opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
            opk_buf_done(&got);
            opk_terminal_free(terminal);
        }
    }
}

/* Everything that a session tells of a command besides its text. */
static void test_fields(void **state)
{
    static const struct opk_str INPUT =
        S("\x1b]7;file://box/src%20dir\x07" A133 "% " B133 PAUSE "false\r\n" C133 PAUSE
          "no\r\n" PAUSE "\x1b]133;D;1\x07" A133 "% " B133);
    struct opk_terminal *terminal;
    struct opk_command command;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
    push(terminal, INPUT, INPUT.len);
    opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
    opk_assert_status("next", opk_terminal_next(terminal, &command, &err), OPK_OK, &err);
    opk_assert_str("text", command.text, OPK_STR("false"));
    opk_assert_str("cwd", command.cwd, OPK_STR("/src dir"));
    opk_assert_str("host", command.host, OPK_STR("box"));
    opk_assert_str("user", command.user, OPK_STR(""));
    assert_int_equal(command.tier, OPK_TIER_OSC_MARKS);
    assert_int_equal(command.exit_status, 1);
    assert_int_equal(command.time, PAUSE_MS);
    assert_int_equal(command.duration, 2 * PAUSE_MS);
    assert_int_equal(command.ordinal, 1);
    assert_int_equal(opk_terminal_next(terminal, &command, &err), OPK_END);
    opk_terminal_free(terminal);
}

/* A width that nobody told comes from where lines wrap; lines before the first wrap get it too. */
static void test_width(void **state)
{
    static const struct opk_str INPUT =
        S("[me@box src]$ echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x1b[A\r\x1b[14CX" ENTER "a\r\n"
          "[me@box src]$ echo bbbbbbbbbbbbbbbbbbbbbc\rcd" ENTER "b\r\n");
    struct opk_terminal *terminal;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
    push(terminal, INPUT, INPUT.len);
    opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
    show(terminal, &got);
    opk_assert_str("width 40", opk_buf_str(&got),
                   OPK_STR("Xcho aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|"
                           "echo bbbbbbbbbbbbbbbbbbbbbcd|"));
    opk_buf_done(&got);
    opk_terminal_free(terminal);
}

/* A text of exactly the limit is whole, one byte more is cut and flagged. */
static void test_text_limit(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct opk_terminal *terminal;
        struct opk_command command;
        struct opk_buf input = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
        opk_buf_append_cstr(&input, BASH("ls") BASH_ON "me@box:~$ ");
        opk_buf_append_fill(&input, 'a', OPK_COMMAND_TEXT_MAX + extra);
        opk_buf_append_cstr(&input, ENTER BASH_OFF);
        push(terminal, opk_buf_str(&input), input.len);
        opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
        assert_int_equal(opk_terminal_next(terminal, &command, &err), OPK_OK);
        assert_int_equal(opk_terminal_next(terminal, &command, &err), OPK_OK);
        assert_int_equal(command.text.len, OPK_COMMAND_TEXT_MAX);
        assert_int_equal(command.flags, extra ? OPK_COMMAND_TRUNCATED : 0);
        opk_buf_done(&input);
        opk_terminal_free(terminal);
    }
}

/* A stretch past its limit is output, whatever it began with; the next prompt is found. */
static void test_stretch_limit(void **state)
{
    struct opk_terminal *terminal;
    struct opk_buf input = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
    opk_buf_append_cstr(&input, BASH("ls") BASH_ON "me@box:~$ ");
    opk_buf_append_fill(&input, 'a', OPK_TERMINAL_STRETCH_MAX);
    opk_buf_append_cstr(&input, ENTER BASH_OFF BASH("pwd"));
    push(terminal, opk_buf_str(&input), input.len);
    opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
    show(terminal, &got);
    opk_assert_str("stretch", opk_buf_str(&got), OPK_STR("ls|pwd|"));
    opk_buf_done(&input);
    opk_buf_done(&got);
    opk_terminal_free(terminal);
}

/* When too much is kept, what is known is decided, and the prompt stays learnt. */
static void test_keep_limit(void **state)
{
    struct opk_terminal *terminal;
    struct opk_buf input = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
    opk_buf_append_cstr(&input, OLD("cat x"));
    for (size_t i = 0; i < OPK_TERMINAL_KEEP_MAX / 256; i++)
        opk_buf_append_cstr(&input, "cost: 5$ a piece\r\n");
    opk_buf_append_cstr(&input, OLD("ls") OLD("pwd"));
    push(terminal, opk_buf_str(&input), input.len);
    opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
    show(terminal, &got);
    opk_assert_str("keep", opk_buf_str(&got), OPK_STR("cat x|ls|pwd|"));
    opk_buf_done(&input);
    opk_buf_done(&got);
    opk_terminal_free(terminal);
}

/* What a program prints between two prompts never hides the second one. */
static void test_hostile(void **state)
{
    static const char *const OUTPUTS[] = {
        "\x1b]0;unterminated", "\x1bP$q;x", "\x1b[",           "\x1b[999999999;",
        "\x1b]52;c;?",         "\xC2",      "\xFF\xFE",        "\x1b[?47h\x1b[?47l",
        "\x1b[2;1r",           "\x1b[?6h",  "\x1b%G",          "\x05",
        "\x1b[999B\x1b[999C",  "\x1b]8;;x", "\x1b[8;999;999t", "\x0e\x0f",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(OUTPUTS) / sizeof(OUTPUTS[0]); i++) {
        struct opk_terminal *terminal;
        struct opk_buf input = OPK_BUF_EMPTY;
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_assert_status("new", opk_terminal_new(&terminal, &err), OPK_OK, &err);
        opk_buf_printf(&input, "%s%s\r\n%s", OLD("cat x"), OUTPUTS[i], OLD("ls"));
        push(terminal, opk_buf_str(&input), input.len);
        opk_assert_status("finish", opk_terminal_finish(terminal, OPK_UNKNOWN, &err), OPK_OK, &err);
        show(terminal, &got);
        opk_assert_str(OUTPUTS[i], opk_buf_str(&got), OPK_STR("cat x|ls|"));
        opk_buf_done(&input);
        opk_buf_done(&got);
        opk_terminal_free(terminal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),      cmocka_unit_test(test_fields),
        cmocka_unit_test(test_width),         cmocka_unit_test(test_text_limit),
        cmocka_unit_test(test_stretch_limit), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_keep_limit),
    };

    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
