#include "cluster/sequence.h"

#include "cluster/naming.h"
#include "cluster/sequence_pick.h"
#include "cluster/summary.h"
#include "support/support.h"

#include <string.h>

/* ---- counting by hand ---- */

/* Each text is a strand and a session of its own; a letter is a symbol. */
struct counted {
    struct opk_runs runs;
    uint32_t sessions[16];
    struct opk_grams grams;
};

static void count(struct counted *counted, const char *const *strands, uint32_t min_sessions)
{
    *counted = (struct counted){.runs = {0}};
    for (uint32_t i = 0; strands[i]; i++) {
        uint32_t symbols[64];
        size_t len = strlen(strands[i]);
        for (size_t k = 0; k < len; k++)
            symbols[k] = (uint32_t)(strands[i][k] - 'a');
        counted->sessions[i] = i;
        assert_int_equal(opk_runs_add(&counted->runs, symbols, len, i, 99, NULL), OPK_OK);
    }
    const struct opk_gram_rules rules = {26, min_sessions, OPK_SEQUENCE_LEN_MAX};
    assert_int_equal(
        opk_grams_build(&counted->runs, counted->sessions, &rules, &counted->grams, NULL), OPK_OK);
}

static void counted_done(struct counted *counted)
{
    opk_grams_done(&counted->grams);
    opk_runs_done(&counted->runs);
}

/* All grams of two symbols or more: "ab 2/3" is held by two sessions and stands three times. */
static void show_grams(const struct opk_grams *grams, struct opk_buf *out)
{
    for (size_t i = grams->symbol_count; i < grams->count; i++) {
        const struct opk_gram *gram = &grams->items[i];
        const struct opk_run *run = &grams->runs->items[grams->places[gram->begin]];
        if (out->len > 0)
            opk_buf_append_cstr(out, ", ");
        for (uint32_t k = 0; k < gram->len; k++)
            opk_buf_append_byte(out, (char)('a' + (char)run[k].symbol));
        opk_buf_printf(out, " %u/%zu", gram->sessions, gram->count);
    }
}

static void test_grams(void **state)
{
    static const struct {
        const char *name;
        const char *strands[5];
        uint32_t min_sessions;
        const char *want;
    } CASES[] = {
        {"nothing", {NULL}, 1, ""},
        {"one session",
         {"abcab"},
         1,
         "ab 1/2, bc 1/1, ca 1/1, abc 1/1, bca 1/1, cab 1/1, "
         "abca 1/1, bcab 1/1, abcab 1/1"},
        {"two sessions", {"abcab", "xab", "bcz"}, 2, "ab 2/3, bc 2/2"},
        {"a longer one", {"abcd", "zabc", "abcz"}, 3, "ab 3/3, bc 3/3, abc 3/3"},
        {"not over the end of a strand", {"ab", "ab"}, 2, "ab 2/2"},
        {"too few", {"ab", "ab"}, 3, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct counted counted;
        struct opk_buf got = OPK_BUF_EMPTY;
        count(&counted, CASES[i].strands, CASES[i].min_sessions);
        show_grams(&counted.grams, &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
        counted_done(&counted);
    }
}

/* Nine symbols in a row: grams of eight, none of nine. */
static void test_length(void **state)
{
    static const char *const STRANDS[] = {"abcdefghi", "abcdefghi", NULL};
    struct counted counted;

    (void)state;
    count(&counted, STRANDS, 2);
    const struct opk_gram *last = &counted.grams.items[counted.grams.count - 1];
    assert_int_equal(last->len, OPK_SEQUENCE_LEN_MAX);
    assert_int_equal(counted.grams.count - 26, 8 + 7 + 6 + 5 + 4 + 3 + 2);
    uint32_t gram = (uint32_t)counted.grams.count - 1; /* bcdefghi */
    assert_int_equal(opk_gram_head(&counted.grams, gram, 1), 1);
    assert_int_equal(opk_gram_tail(&counted.grams, gram, 1), 8);
    counted_done(&counted);
}

/*
 * Three sessions of three runs each hold a once and b once: in each, b follows a by chance
 * 1 * 1 / (3 - 1) times. Capped at four, Poisson's mean for 1/2 is 0.49983.
 */
static void test_chance(void **state)
{
    static const char *const STRANDS[] = {"abc", "cab", "abd", "cd", NULL};
    struct counted counted;
    struct opk_chance chance;

    (void)state;
    count(&counted, STRANDS, 3);
    assert_int_equal(counted.grams.count, 27);
    assert_int_equal(opk_chance_init(&chance, &counted.grams, NULL), OPK_OK);
    double expected = opk_chance_expect(&chance, 26);
    assert_true(expected > 3 * 0.4998 && expected < 3 * 0.4999);
    /* Three are not half as much again as 2.1, and no surprise beside 1.5; ten beside 0.5 are. */
    assert_false(opk_chance_exceeds(&chance, 2, 3, 2.1));
    assert_false(opk_chance_exceeds(&chance, 2, 3, expected));
    assert_true(opk_chance_exceeds(&chance, 2, 10, 0.5));
    assert_false(opk_chance_exceeds(&chance, 2, 0, 0));
    opk_chance_done(&chance);
    counted_done(&counted);
}

/* ---- from commands to sequences ---- */

static struct opk_command command_of(const char *session, uint64_t at, const char *text)
{
    struct opk_command command = {
        .text = opk_str_of(text),
        .session = opk_str_of(session),
        .source = opk_str_of(session),
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .cwd = OPK_STR_EMPTY,
        .host = OPK_STR_EMPTY,
        .user = OPK_STR_EMPTY,
        .shell = OPK_STR_EMPTY,
        .at = at,
        .time = OPK_UNKNOWN,
        .exit_status = OPK_UNKNOWN,
    };

    if (opk_str_starts(command.text, OPK_STR("tool:"))) {
        command.kind = OPK_COMMAND_TOOL;
        command.tool = opk_str_skip(command.text, sizeof("tool:") - 1);
        command.text = OPK_STR("{\"file_path\":\"/srv/a.c\"}");
    }
    return command;
}

#define SESSIONS 10

/*
 * Ten sessions do eleven things in ten orders, no two of which share a pair, and in their midst
 * what a text says: steps between blanks, with a plus for their own; the texts are used in turn.
 */
static void add_sessions(struct opk_summary *summary, const char *const *workflows, unsigned flags)
{
    static const char *const OTHERS[] = {"ash a",  "birch b", "cedar c",  "dogwood d",
                                         "elm e",  "fir f",   "ginkgo g", "hazel h",
                                         "ilex i", "juniper", "katsura"};
    static const char *const NAMES[] = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"};
    size_t workflow = 0;

    for (size_t s = 0; s < SESSIONS; s++) {
        uint64_t at = 1;
        for (size_t i = 0; i < 11; i++) {
            struct opk_command command = command_of(NAMES[s], at++, OTHERS[(s + i * (s + 1)) % 11]);
            command.flags = flags;
            assert_int_equal(opk_summary_add(summary, &command, NULL), OPK_OK);
            if (i != 5)
                continue;
            struct opk_split steps = OPK_SPLIT(opk_str_of(workflows[workflow]), ' ');
            struct opk_str step;
            while (opk_split_next(&steps, &step)) {
                char text[32] = "";
                memcpy(text, step.data, step.len);
                for (char *plus = text; (plus = strchr(plus, '+')) != NULL;)
                    *plus = ' ';
                command = command_of(NAMES[s], at++, text);
                command.flags = flags;
                assert_int_equal(opk_summary_add(summary, &command, NULL), OPK_OK);
            }
            workflow = workflows[workflow + 1] ? workflow + 1 : 0;
        }
    }
}

/* "STEP; STEP (SESSIONS of TIMES)" for each sequence. */
static void show(const struct opk_sequences *sequences, struct opk_buf *out)
{
    for (size_t i = 0; i < sequences->count; i++) {
        const struct opk_kind *kind = &sequences->items[i];
        if (i > 0)
            opk_buf_append_byte(out, '\n');
        for (size_t k = 0; k < kind->step_count; k++) {
            opk_buf_append_cstr(out, k > 0 ? "; " : "");
            opk_buf_append(out, kind->steps[k]);
        }
        opk_buf_printf(out, " (%u of %u)", (unsigned)kind->evidence.sessions,
                       (unsigned)kind->evidence.commands);
    }
}

struct built {
    struct opk_summary *summary;
    struct opk_kinds kinds;
    struct opk_sequences sequences;
};

static void build(struct built *built, const char *const *workflows, unsigned flags,
                  const struct opk_sequence_rules *rules)
{
    *built = (struct built){.summary = NULL};
    assert_int_equal(opk_summary_new(&built->summary, NULL), OPK_OK);
    add_sessions(built->summary, workflows, flags);
    assert_int_equal(opk_kinds_build(built->summary, NULL, &built->kinds, NULL), OPK_OK);
    assert_int_equal(opk_sequences_build(opk_summary_sessions(built->summary), &built->kinds, rules,
                                         &built->sequences, NULL),
                     OPK_OK);
}

static void built_done(struct built *built)
{
    opk_sequences_done(&built->sequences);
    opk_kinds_done(&built->kinds);
    opk_summary_free(built->summary);
}

static const struct sequence_case {
    const char *name;
    const char *workflows[5];
    unsigned flags;
    uint32_t min_sessions;
    size_t noise;
    const char *want;
} SEQUENCE_CASES[] = {
    {"none", {""}, 0, 3, 0, ""},
    {"files and their tests",
     {"tool:Write pytest", "tool:Write tool:Write tool:Write pytest"},
     0,
     3,
     0,
     "tool:Write{1,3}; pytest (10 of 10)"},
    {"always twice", {"tool:Write tool:Write pytest"}, 0, 3, 0, "tool:Write{2}; pytest (10 of 10)"},
    {"whole, without fragments",
     {"make pytest tool:Edit ninja"},
     0,
     3,
     0,
     "make; pytest; tool:Edit; ninja (10 of 10)"},
    {"in passing",
     {"make cd pytest", "make ls pwd pytest", "make pytest"},
     0,
     3,
     0,
     "make; pytest (10 of 10)"},
    {"too much in passing", {"make cd ls pwd pytest"}, 0, 3, 0, ""},
    {"configured noise", {"make oak pytest", "make pytest"}, 0, 3, 1, "make; pytest (10 of 10)"},
    {"a loop",
     {"make pytest make pytest", "make pytest make pytest make pytest"},
     0,
     3,
     0,
     "(make > pytest){2,3} (10 of 10)"},
    {"seldom a loop",
     {"make pytest", "make pytest", "make pytest make pytest"},
     0,
     3,
     0,
     "make; pytest (10 of 10)"},
    {"from a plain list", {"make pytest"}, OPK_COMMAND_LISTED, 3, 0, ""},
    {"rare operations of one program",
     {"git+remote make", "git+merge make", "git+fetch make", "git+--version make"},
     0,
     4,
     0,
     ""},
    {"half of them", {"git+remote make", "git+--version make"}, 0, 6, 0, "git; make (10 of 10)"},
    {"support at the limit", {"make pytest"}, 0, 10, 0, "make; pytest (10 of 10)"},
    {"support below the limit", {"make pytest"}, 0, 11, 0, ""},
};

static void test_sequences(void **state)
{
    static const struct opk_str NOISE[] = {OPK_STR_INIT("oak")};

    (void)state;
    for (size_t i = 0; i < sizeof(SEQUENCE_CASES) / sizeof(SEQUENCE_CASES[0]); i++) {
        const struct opk_sequence_rules rules = {SEQUENCE_CASES[i].min_sessions, NOISE,
                                                 SEQUENCE_CASES[i].noise};
        struct built built;
        struct opk_buf got = OPK_BUF_EMPTY;
        build(&built, SEQUENCE_CASES[i].workflows, SEQUENCE_CASES[i].flags, &rules);
        show(&built.sequences, &got);
        opk_assert_str(SEQUENCE_CASES[i].name, opk_buf_str(&got),
                       opk_str_of(SEQUENCE_CASES[i].want));
        opk_buf_done(&got);
        built_done(&built);
    }
}

/* What a draft shows beside its steps. */
static void test_evidence(void **state)
{
    static const char *const WORKFLOWS[] = {"tool:Write cd pytest", NULL};
    const struct opk_sequence_rules rules = {.min_sessions = 3};
    struct built built;
    struct opk_buf summary = OPK_BUF_EMPTY;

    (void)state;
    build(&built, WORKFLOWS, OPK_COMMAND_HEADLESS, &rules);
    assert_int_equal(built.sequences.count, 1);
    const struct opk_kind *kind = &built.sequences.items[0];
    assert_int_equal(kind->type, OPK_KIND_SEQUENCE);
    opk_assert_str("signature", kind->signature, OPK_STR("tool:Write > pytest"));
    opk_assert_str("shape", kind->shapes[0].text, OPK_STR("tool:Write > pytest"));
    assert_int_equal(kind->evidence.sidechain, 10);
    assert_int_equal(kind->evidence.sources, 10);
    assert_int_equal(kind->evidence.users, 0);
    /* All occurrences read the same, so that one example is left: the first source in order. */
    assert_int_equal(kind->evidence.example_count, 1);
    opk_assert_str("example", kind->evidence.examples[0].text,
                   OPK_STR("Write {\"file_path\":\"/srv/a.c\"}\x1epytest\x1e"));
    opk_assert_str("source", kind->evidence.examples[0].source, OPK_STR("s0"));
    assert_int_equal(kind->evidence.examples[0].at, 7);
    opk_name_summary(&summary, kind);
    opk_assert_str("summary", opk_buf_str(&summary), OPK_STR("Write, then pytest"));
    opk_buf_done(&summary);
    built_done(&built);
}

/* ---- texts ---- */

static void test_names(void **state)
{
    static const struct {
        const char *signature;
        unsigned suffix;
        const char *want;
    } CASES[] = {
        {"tool:Write > pytest", 0, "OPK-WRITE-THEN-TEST"},
        {"tool:Write > pytest", 2, "OPK-WRITE-THEN-TEST-2"},
        {"git add > git commit > git push", 0, "OPK-GIT-ADD-COMMIT-THEN-PUSH"},
        {"git > git", 0, "OPK-GIT-THEN-GIT"},
        {"mkdir > tool:Read > docker compose up > kubectl rollout status", 0,
         "OPK-CREATE-DIR-READ-THEN-KUBECTL-ROLLOUT-STATUS"},
        {"make > tool:Read > ninja > ctest", 0, "OPK-MAKE-READ-NINJA-THEN-CTEST"},
        {"make > tool:Read > ninja-build-everything-x > ctest", 0,
         "OPK-MAKE-NINJA-BUILD-EVERYTHING-X-THEN-CTEST"},
        {"[ > [", 0, "OPK-THEN"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        opk_name_sequence_id(&got, opk_str_of(CASES[i].signature), CASES[i].suffix);
        opk_assert_str(CASES[i].signature, opk_buf_str(&got), opk_str_of(CASES[i].want));
        assert_true(got.len <= OPK_NAME_ID_MAX);
        opk_buf_done(&got);
    }
}

static void test_matches(void **state)
{
    static const struct {
        const char *steps;
        const char *signature;
        bool want;
    } CASES[] = {
        {"tool:Write > pytest", "tool:Write > pytest", true},
        {"tool:Write{1,3} > pytest{2}", "tool:Write > pytest", true},
        {"(tool:Edit > pytest{1,2}){2,5}", "tool:Edit > pytest", true},
        {"tool:Write", "tool:Write > pytest", false},
        {"tool:Write > pytest > make", "tool:Write > pytest", false},
        {"pytest > tool:Write", "tool:Write > pytest", false},
        {"", "make", false},
        {"} > )", "make > ninja", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        if (opk_sequence_matches(opk_str_of(CASES[i].steps), opk_str_of(CASES[i].signature)) !=
            CASES[i].want)
            fail_msg("%s", CASES[i].steps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grams),    cmocka_unit_test(test_length),
        cmocka_unit_test(test_chance),   cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_evidence), cmocka_unit_test(test_names),
        cmocka_unit_test(test_matches),
    };

    return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
