#include "support/support.h"

#include "cluster/word.h"
#include "cluster/word_bytes.h"

static const struct {
    const char *value;
    unsigned flags;
    const char *want;
} CASES[] = {
    {"", OPK_WORD_QUOTED, "<text>"},
    {"main", 0, "<word>"},
    {"FooBar", 0, "<word>"},
    {"-", 0, "<word>"},
    /* paths */
    {"a.c", 0, "<path.c>"},
    {"src/main.py", 0, "<path.py>"},
    {"/etc/hosts", 0, "<path>"},
    {"~/x", 0, "<path>"},
    {"./run", 0, "<path>"},
    {"../a/b.tar.gz", 0, "<path.gz>"},
    {"archive.7z", 0, "<path.7z>"},
    {".gitignore", 0, "<path>"},
    {"$HOME/a.py", OPK_WORD_VARIABLE, "<path.py>"},
    {"my file.txt", OPK_WORD_QUOTED, "<text>"},
    {"a.superlong", 0, "<word>"},
    {"src/", 0, "<dir>"},
    {".", 0, "<dir>"},
    {"..", 0, "<dir>"},
    {"~", 0, "<dir>"},
    {"*.c", OPK_WORD_GLOB, "<glob.c>"},
    {"*", OPK_WORD_GLOB, "<glob>"},
    {"*.py", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<glob.py>"},
    /* the net */
    {"https://a.example/x?y=1", 0, "<url>"},
    {"C:\\a\\b.txt", 0, "<path.txt>"},
    {"C:/a", 0, "<path>"},
    {"c:a", 0, "<word>"},
    {"git+ssh://h/x", 0, "<url>"},
    {"://x", 0, "<path>"},
    {"example.com", 0, "<host>"},
    {"user@host", 0, "<host>"},
    {"git@host:a/b.git", 0, "<host>"},
    {"localhost:8080", 0, "<host>"},
    {"10.0.0.1", 0, "<ip>"},
    {"10.0.0.0/8", 0, "<ip>"},
    {"10.0.0.1:80", 0, "<ip>"},
    {"256.0.0.1", 0, "<version>"},
    {"::1", 0, "<ip>"},
    {"fe80::1/64", 0, "<ip>"},
    {":8080", 0, "<port>"},
    {"a@b.example", 0, "<email>"},
    /* numbers */
    {"5", 0, "<number>"},
    {"-1.5", 0, "<number>"},
    {"50%", 0, "<number>"},
    {"0xff", 0, "<number>"},
    {"10M", 0, "<size>"},
    {"1.5GiB", 0, "<size>"},
    {"5s", 0, "<duration>"},
    {"1h30m", 0, "<duration>"},
    {"250ms", 0, "<duration>"},
    {"2024-05-01", 0, "<date>"},
    {"2024-05-01T10:00:00Z", 0, "<date>"},
    {"10:30", 0, "<date>"},
    {"80:80", 0, "<word>"},
    {"2024-5-1", 0, "<date>"},
    {"01/05/2024", 0, "<date>"},
    {"1.2.3", 0, "<version>"},
    {"v2", 0, "<version>"},
    {"1.0.0-rc1", 0, "<version>"},
    /* names of things */
    {"deadbee1", 0, "<hash>"},
    {"deadbee", 0, "<word>"},
    {"facade", 0, "<word>"},
    {"sha256:0123456789abcdef", 0, "<hash>"},
    {"123e4567-e89b-12d3-a456-426614174000", 0, "<uuid>"},
    {"HEAD~2", 0, "<ref>"},
    {"main..dev", 0, "<ref>"},
    {"stash@{1}", 0, "<ref>"},
    {"NAME=value", 0, "<key=value>"},
    {"a.b=c", 0, "<key=value>"},
    {"=x", 0, "<word>"},
    /* quoted */
    {"{\"a\": 1}", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<json>"},
    {"two words", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<text>"},
    {"one", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<text>"},
    {"^a.*b$", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<pattern>"},
    {"s/a/b/g", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<path>"},
    {"s/\\./b/g", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE, "<pattern>"},
    /* expansions */
    {"$x", OPK_WORD_VARIABLE, "<variable>"},
    {"$(a b)", OPK_WORD_SUBSTITUTION, "<output>"},
    {"$((1+2))", OPK_WORD_ARITHMETIC, "<number>"},
    {"'never ends", OPK_WORD_OPAQUE | OPK_WORD_QUOTED, "<opaque>"},
};

static void test_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_str value = opk_str_of(CASES[i].value);
        opk_word_class_write(&got, opk_word_classify(value, CASES[i].flags, opk_word_bytes(value)));
        opk_assert_str(CASES[i].value, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
    }
}

/* What may name an operation, and so stay in a shape: nothing that looks like a secret. */
static void test_plain(void **state)
{
    static const struct {
        const char *value;
        unsigned flags;
        bool want;
    } ROWS[] = {
        {"commit", 0, true},
        {"list-objects-v2", 0, true},
        {"add_user", 0, true},
        {"s3", 0, true},
        {"", 0, false},
        {"Commit", 0, false},
        {"3d", 0, false},
        {"a.b", 0, false},
        {"a:b", 0, false},
        {"commit", OPK_WORD_QUOTED, false},
        {"ghp123abc", 0, false},
        {"a12", 0, true},
        {"a123", 0, true},
        {"ab123", 0, false},
        {"abcdefghijklmnopqrstuvwxyzabcdef", 0, true},
        {"abcdefghijklmnopqrstuvwxyzabcdefg", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_str value = opk_str_of(ROWS[i].value);
        if (opk_word_is_plain(value, ROWS[i].flags, opk_word_bytes(value)) != ROWS[i].want)
            fail_msg("'%s': want %d", ROWS[i].value, ROWS[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_plain),
    };

    return cmocka_run_group_tests_name("word", tests, NULL, NULL);
}
