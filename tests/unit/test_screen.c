#include "support/support.h"

#include "ingest/edit_line.h"
#include "ingest/screen.h"

#define S(lit) OPK_STR_INIT(lit)

struct screen_case {
    const char *name;
    unsigned cols;
    unsigned rows;
    struct opk_str input;
    struct opk_str want; /* rows; '\\' marks a wrap, '/' the end of a row */
};

static const struct screen_case SCREENS[] = {
    {"lines", 10, 3, S("a\r\nb"), S("a/b//")},
    {"a bare newline keeps the column", 10, 3, S("ab\nc"), S("ab/  c//")},
    {"autowrap", 4, 3, S("abcdef"), S("abcd\\ef//")},
    {"a full row waits", 4, 3, S("abcd\rX"), S("Xbcd///")},
    {"a full row waits for a newline too", 4, 3, S("abcd\r\nX"), S("abcd/X//")},
    {"scrolling", 4, 2, S("a\r\nb\r\nc"), S("b/c/")},
    {"scroll region", 4, 4, S("a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\nX"), S("a/c/X/d/")},
    {"reverse feed", 4, 3, S("a\r\nb\x1b[H\x1bMX"), S("X/a/b/")},
    {"insert and delete lines", 4, 3, S("a\r\nb\r\nc\x1b[2;1H\x1b[L\x1b[1;1H\x1b[M"), S("/b//")},
    {"erase to the end", 6, 2, S("abcdef\x1b[3G\x1b[K"), S("ab//")},
    {"erase to the start", 6, 2, S("abcdef\x1b[3G\x1b[1K"), S("   def//")},
    {"erase below", 4, 3, S("a\r\nb\r\nc\x1b[2;1H\x1b[J"), S("a///")},
    {"erase all", 4, 2, S("a\r\nb\x1b[2J"), S("//")},
    {"delete and insert characters", 8, 1, S("abcdef\x1b[2G\x1b[2P\x1b[2@X"), S("aX def/")},
    {"erase characters", 8, 1, S("abcdef\x1b[2G\x1b[3X"), S("a   ef/")},
    {"insert mode", 8, 1, S("abc\r\x1b[4hX"), S("Xabc/")},
    {"motions are clamped", 4, 2, S("\x1b[99A\x1b[99Ca\x1b[99Bb\x1b[99Dc"), S("   a/c  b/")},
    {"saved cursor", 4, 2,
     S("ab\x1b"
       "7\x1b[2;4H\x1b"
       "8X"),
     S("abX//")},
    {"tabs", 20, 1, S("a\tb"), S("a       b/")},
    {"wide characters", 5, 2, S("\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89"),
     S("\xE4\xB8\x80\xE4\xBA\x8C\\\xE4\xB8\x89/")},
    {"combining", 5, 1, S("e\xCC\x81x"), S("e\xCC\x81x/")},
    {"the alternate screen keeps the main one", 6, 2, S("ab\x1b[?1049h\x1b[2JX\x1b[?1049lc"),
     S("abc//")},
    {"reset", 4, 2,
     S("ab\x1b"
       "cX"),
     S("X//")},
    {"the smallest screen", 1, 1, S("ab"), S("b/")},
};

static void show(const struct opk_screen *screen, struct opk_buf *out)
{
    for (unsigned i = 0; i < opk_screen_rows(screen); i++) {
        const struct opk_screen_row *row = opk_screen_line(screen, opk_screen_top(screen) + i);
        const size_t before = out->len;
        opk_cell_text(row->cells, row->used, out);
        while (out->len > before && out->data[out->len - 1] == ' ')
            opk_buf_truncate(out, out->len - 1);
        opk_buf_append_byte(out, row->wrapped ? '\\' : '/');
    }
}

static void test_screens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SCREENS) / sizeof(SCREENS[0]); i++) {
        const struct screen_case *row = &SCREENS[i];
        struct opk_screen *screen;
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_assert_status(row->name, opk_screen_new(row->cols, row->rows, &screen, &err), OPK_OK,
                          &err);
        for (unsigned again = 0; again < 2; again++) {
            opk_screen_clear(screen, 0);
            opk_buf_clear(&got);
            opk_screen_push(screen, row->input);
            show(screen, &got);
            opk_assert_str(row->name, opk_buf_str(&got), row->want);
        }
        opk_buf_done(&got);
        opk_screen_free(screen);
    }
}

/* Sizes out of range are clamped, so that no header makes a screen of gigabytes. */
static void test_limits(void **state)
{
    static const struct {
        unsigned cols, rows, want_cols, want_rows;
    } CASES[] = {
        {0, 0, 1, 1},
        {OPK_SCREEN_COLS_MAX, OPK_SCREEN_ROWS_MAX, OPK_SCREEN_COLS_MAX, OPK_SCREEN_ROWS_MAX},
        {OPK_SCREEN_COLS_MAX + 1, OPK_SCREEN_ROWS_MAX + 1, OPK_SCREEN_COLS_MAX,
         OPK_SCREEN_ROWS_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_screen *screen;
        assert_int_equal(opk_screen_new(CASES[i].cols, CASES[i].rows, &screen, NULL), OPK_OK);
        assert_int_equal(opk_screen_cols(screen), CASES[i].want_cols);
        assert_int_equal(opk_screen_rows(screen), CASES[i].want_rows);
        opk_screen_free(screen);
    }
}

static const struct {
    const char *name;
    size_t cols;
    struct opk_str input;
    struct opk_str want;
} LINES[] = {
    {"erased with blanks", 0, S("$ lss\b \b -l"), S("$ ls -l")},
    {"erased to the end", 0, S("$ lss\b\x1b[K"), S("$ ls")},
    {"inserted", 0, S("$ l -a\b\b\b\x1b[1@s"), S("$ ls -a")},
    {"deleted", 0, S("$ lss -a\b\b\b\b\x1b[1P"), S("$ ls -a")},
    {"recalled over a longer line", 0, S("$ make all\b\b\b\b\b\b\b\bls\x1b[K"), S("$ ls")},
    {"painted again from the start", 0, S("$ sl\r$ ls"), S("$ ls")},
    {"painted again by motion", 0, S("$ sl\r\x1b[2Cls"), S("$ ls")},
    {"a screen cleared", 0, S("$ ls\x1b[H\x1b[2J$ ls"), S("$ ls")},
    {"a wrap that repeats a character", 0, S("$ echo aaaaaaaaaaaabc\rcdef"),
     S("$ echo aaaaaaaaaaaabcdef")},
    {"a wrap that leaves a blank", 0, S("$ echo aaaaaaaaaaaab \rcdef"),
     S("$ echo aaaaaaaaaaaabcdef")},
    {"back over a wrap", 0, S("$ echo aaaaaaaaaaaabc\rcd\x1b[A\r\x1b[2CX"),
     S("$ Xcho aaaaaaaaaaaabcd")},
    {"a known margin", 20, S("$ echo aaaaaaaaaaaaabcd\r\x1b[A\r\x1b[2CX"),
     S("$ Xcho aaaaaaaaaaaaabcd")},
    {"a line that shrinks to one row", 20,
     S("$ echo aaaaaaaaaaaaabcd\r\x1b[A\x1b[2Cls\x1b[K\n\r\x1b[K\x1b[A\x1b[4C -l"), S("$ ls -l")},
    {"the margin counts from the title", 20, S("glued\x1b]0;t\x07$ echo aaaaaaaaaaaaabcd\rX"),
     S("glued$ echo aaaaaaaaaaaaaXcd")},
    {"pasted text painted in the wrong place", 0,
     S("$ \x1b[7mgit status --short\x1b[27m\r\x1b[9Cgit status --short"),
     S("$ git status --short")},
    {"wide characters", 0, S("$ \xE4\xB8\x80\xE4\xBA\x8C\b\b\x1b[K"), S("$ \xE4\xB8\x80")},
};

static void test_edit_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
        for (size_t cut = 1; cut <= LINES[i].input.len; cut++) {
            struct opk_edit_line line = {0};
            struct opk_buf got = OPK_BUF_EMPTY;
            opk_edit_line_clear(&line);
            line.cols = LINES[i].cols;
            for (size_t at = 0; at < LINES[i].input.len; at += cut)
                opk_edit_line_push(&line, opk_str_slice(LINES[i].input, at, at + cut));
            opk_cell_text(line.cells, line.count, &got);
            opk_assert_str(LINES[i].name, opk_str_trim_end(opk_buf_str(&got)), LINES[i].want);
            opk_buf_done(&got);
            opk_edit_line_done(&line);
        }
    }
}

static void test_edit_line_limit(void **state)
{
    struct opk_edit_line line = {0};
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    opk_edit_line_clear(&line);
    opk_buf_append_fill(&text, 'a', OPK_EDIT_LINE_MAX);
    opk_edit_line_push(&line, opk_buf_str(&text));
    assert_int_equal(line.count, OPK_EDIT_LINE_MAX);
    opk_edit_line_push(&line, OPK_STR("b"));
    assert_int_equal(line.count, OPK_EDIT_LINE_MAX);
    assert_int_equal(line.cells[line.count - 1].base, 'a');
    opk_edit_line_push(&line, OPK_STR("\x1b[16384C\x1b[16384@\x1b[16384P"));
    assert_int_equal(line.count, OPK_EDIT_LINE_MAX);
    opk_buf_done(&text);
    opk_edit_line_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screens),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_edit_lines),
        cmocka_unit_test(test_edit_line_limit),
    };

    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
