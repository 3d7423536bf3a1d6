#include "support/support.h"

#include "base/opt.h"

#include <stdlib.h>
#include <string.h>

struct values {
    bool all;
    const char *drafts;
    const char *format;
    struct opk_opt_number jobs;
    struct opk_opt_list known;
    bool quiet;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("all", 'a', FLAG, NULL, "everything", struct values, all),
    OPK_OPT("drafts", 0, TEXT, "FILE", "where drafts stand", struct values, drafts),
    OPK_OPT("format", 'f', CHOICE, "text|tsv|jsonl", "how to print", struct values, format),
    OPK_OPT("jobs", 'j', NUMBER, "N", "threads", struct values, jobs),
    OPK_OPT("known", 0, LIST, "PATH", "what is known", struct values, known),
    OPK_OPT("quiet", 'q', FLAG, NULL, "say less", struct values, quiet),
    OPK_OPT_END,
};

static const struct opk_verb VERB = {
    .name = "scan",
    .stage = "test",
    .summary = "find things",
    .operands = "FILE...",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = 2,
};

/* Parse the blank-separated words and show all that came of them as one line. */
static enum opk_status parse(const char *words, struct opk_buf *out_shown, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_cli cli = {.verb = &VERB, .arena = &arena};
    struct values values = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    char *argv[16];
    int argc = 0;
    enum opk_status status;

    opk_buf_append_cstr(&text, words);
    assert_non_null(opk_buf_cstr(&text));
    for (char *word = text.data; word && *word;) {
        argv[argc++] = word;
        word += strcspn(word, " ");
        if (*word)
            *word++ = '\0';
    }
    status = opk_opt_parse(&cli, argc, argv, &values, err);
    if (status == OPK_OK) {
        opk_buf_printf(out_shown, "%s%s%s", values.all ? "all " : "", values.quiet ? "quiet " : "",
                       values.format);
        if (values.drafts)
            opk_buf_printf(out_shown, " drafts=%s", values.drafts);
        if (values.jobs.given)
            opk_buf_printf(out_shown, " jobs=%u", (unsigned)values.jobs.value);
        for (size_t i = 0; i < values.known.count; i++)
            opk_buf_printf(out_shown, " known=%s", values.known.items[i]);
        for (size_t i = 0; i < cli.operand_count; i++)
            opk_buf_printf(out_shown, " [%s]", cli.operands[i]);
    }
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

static void test_parse(void **state)
{
    static const struct {
        const char *words;
        enum opk_status status;
        const char *want; /* what was parsed, or the message */
    } CASES[] = {
        {"a", OPK_OK, "text [a]"},
        {"a b", OPK_OK, "text [a] [b]"},
        {"a --all b", OPK_OK, "all text [a] [b]"},
        {"-aq a", OPK_OK, "all quiet text [a]"},
        {"-qj8 a", OPK_OK, "quiet text jobs=8 [a]"},
        {"-j 8 a", OPK_OK, "text jobs=8 [a]"},
        {"--jobs=8 a", OPK_OK, "text jobs=8 [a]"},
        {"--jobs 8 a", OPK_OK, "text jobs=8 [a]"},
        {"--format tsv a", OPK_OK, "tsv [a]"},
        {"--json a", OPK_OK, "jsonl [a]"},
        {"--drafts x --drafts y a", OPK_OK, "text drafts=y [a]"},
        {"--known x --known=y a", OPK_OK, "text known=x known=y [a]"},
        {"--drafts= a", OPK_OK, "text drafts= [a]"},
        {"--drafts --all a", OPK_OK, "text drafts=--all [a]"},
        {"- a", OPK_OK, "text [-] [a]"},
        {"-- --all -q", OPK_OK, "text [--all] [-q]"},
        {"--nonsense --help", OPK_END, ""},
        {"-- --help", OPK_OK, "text [--help]"},
        {"", OPK_E_USAGE, "missing operand: scan FILE..."},
        {"a b c", OPK_E_USAGE, "unexpected operand 'c'"},
        {"--al a", OPK_E_USAGE, "unknown option '--al'; did you mean '--all'?"},
        {"--frmat=x a", OPK_E_USAGE, "unknown option '--frmat'; did you mean '--format'?"},
        {"--zzzzzz a", OPK_E_USAGE, "unknown option '--zzzzzz'"},
        {"-x a", OPK_E_USAGE, "unknown option '-x'"},
        {"--all=1 a", OPK_E_USAGE, "--all takes no value"},
        {"a --jobs", OPK_E_USAGE, "--jobs needs a value: N"},
        {"a -j", OPK_E_USAGE, "--jobs needs a value: N"},
        {"--jobs two a", OPK_E_USAGE, "--jobs takes a whole number, not 'two'"},
        {"--jobs 18446744073709551616 a", OPK_E_USAGE,
         "--jobs takes a whole number, not '18446744073709551616'"},
        {"--format xml a", OPK_E_USAGE, "--format is one of text|tsv|jsonl, not 'xml'"},
        {"--format text|tsv a", OPK_E_USAGE, "--format is one of text|tsv|jsonl, not 'text|tsv'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf shown = OPK_BUF_EMPTY;
        struct opk_err err = {0};
        enum opk_status status = parse(CASES[i].words, &shown, &err);
        opk_assert_status(CASES[i].words, status, CASES[i].status, &err);
        struct opk_str got = status == OPK_E_USAGE ? opk_str_of(err.message) : opk_buf_str(&shown);
        opk_assert_str(CASES[i].words, got, opk_str_of(CASES[i].want));
        opk_buf_done(&shown);
    }
}

static void test_help(void **state)
{
    static const char WANT[] = "usage: opk scan [options] FILE...\n"
                               "\n"
                               "find things\n"
                               "\n"
                               "options:\n"
                               "  -a, --all                   everything\n"
                               "      --drafts FILE           where drafts stand\n"
                               "  -f, --format text|tsv|jsonl\n"
                               "                              how to print\n"
                               "      --help                  print this and exit\n"
                               "  -j, --jobs N                threads\n"
                               "      --known PATH            what is known\n"
                               "  -q, --quiet                 say less\n";
    struct opk_buf help = OPK_BUF_EMPTY;

    (void)state;
    opk_opt_help(&VERB, &help);
    opk_assert_str("help", opk_buf_str(&help), opk_str_of(WANT));
    opk_buf_done(&help);
}

static void test_man(void **state)
{
    static const struct opk_opt ONE[] = {
        OPK_OPT("dry-run", 'n', TEXT, "a\\b", ".starts like a request", struct values, drafts),
        OPK_OPT_END,
    };
    static const struct opk_verb SMALL = {
        .name = "try",
        .summary = "'quoted",
        .operands = "",
        .details = "Two lines,\n.the second a request.\n",
        .opts = ONE,
    };
    static const char WANT[] = ".SS opk try [options]\n"
                               "\\&'quoted\n"
                               ".PP\n.nf\nTwo lines,\n\\&.the second a request.\n.fi\n"
                               ".TP\n\\fB\\-n\\fR, \\fB\\-\\-dry\\-run\\fR \\fIa\\eb\\fR\n"
                               "\\&.starts like a request\n";
    struct opk_buf man = OPK_BUF_EMPTY;

    (void)state;
    opk_opt_man(&SMALL, &man);
    opk_assert_str("man", opk_buf_str(&man), opk_str_of(WANT));
    opk_buf_done(&man);
}

static void test_nearest(void **state)
{
    static const char *const NAMES[] = {"commands", "discover", "drafts", "guard"};
    static const struct {
        const char *misspelt;
        const char *want; /* NULL: none is near */
    } CASES[] = {
        {"discver", "discover"}, {"gaurd", "guard"}, {"draft", "drafts"}, {"command", "commands"},
        {"elephant", NULL},      {"x", NULL},        {"", NULL},          {"discover", "discover"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const char *near = opk_opt_nearest(CASES[i].misspelt, NAMES, 4);
        opk_assert_str(CASES[i].misspelt, opk_str_of(near ? near : "none"),
                       opk_str_of(CASES[i].want ? CASES[i].want : "none"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_man),
        cmocka_unit_test(test_nearest),
    };

    return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
