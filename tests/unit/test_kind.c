#include "support/support.h"

#include "cluster/kind.h"
#include "cluster/learn.h"

#include <string.h>

/* A log of a program that no table names, with everything that must be told apart. */
static const char *const OPERATIONS[] = {"start", "stop", "status", "list-jobs", "purge"};
static const char *const ARGUMENTS[] = {"alpha", "bravo", "carrot", "delta",  "eagle", "falcon",
                                        "gamma", "hotel", "indigo", "juliet", "kilo",  "lima"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Operations that recur, names that do not, and names that do among paths and numbers. */
static void write_log(struct opk_buf *out)
{
    for (size_t round = 0; round < 6; round++) {
        for (size_t i = 0; i < COUNT(OPERATIONS); i++)
            opk_buf_printf(out, "frob %s --level %zu\n", OPERATIONS[i], round);
        for (size_t i = 0; i < COUNT(ARGUMENTS); i++) {
            opk_buf_printf(out, "frob start %s%zu.conf\n", ARGUMENTS[i], round);
            opk_buf_printf(out, "frob stop %s%zu\n", ARGUMENTS[i], round);
            opk_buf_printf(out, "show %s%zu\n", ARGUMENTS[i], round / 2);
            opk_buf_printf(out, "show dir%zu/%s.txt | grep -n %s\n", round, ARGUMENTS[i],
                           ARGUMENTS[i]);
            opk_buf_printf(out, "sudo show %zu%zu && echo done > out.log\n", i, round);
        }
    }
}

static struct opk_command command_of(struct opk_str text, uint64_t at)
{
    static const struct opk_str SESSIONS[] = {OPK_STR_INIT("s1"), OPK_STR_INIT("s2"),
                                              OPK_STR_INIT("s3")};

    return (struct opk_command){
        .kind = OPK_COMMAND_SHELL,
        .text = text,
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .session = SESSIONS[at % 3],
        .ordinal = at,
        .time = (int64_t)at * 36000000,
        .duration = OPK_UNKNOWN,
        .exit_status = at % 5 == 0,
        .output_bytes = OPK_UNKNOWN,
        .cwd = OPK_STR_EMPTY,
        .host = OPK_STR_EMPTY,
        .user = at % 2 ? OPK_STR("u1") : OPK_STR("u2"),
        .shell = OPK_STR_EMPTY,
        .source = at % 4 ? OPK_STR("a.log") : OPK_STR("b.log"),
        .at = at,
    };
}

static struct opk_summary *new_summary(void)
{
    struct opk_summary *summary = NULL;
    struct opk_err err;

    opk_assert_status("new", opk_summary_new(&summary, &err), OPK_OK, &err);
    return summary;
}

static void add(struct opk_summary *summary, struct opk_str text, uint64_t at)
{
    struct opk_command command = command_of(text, at);
    struct opk_err err;

    opk_assert_status("add", opk_summary_add(summary, &command, &err), OPK_OK, &err);
}

static void write_evidence(const struct opk_evidence *e, struct opk_buf *out)
{
    opk_buf_printf(out, " %llu %llu %llu %llu %llu %llu %lld %lld", (unsigned long long)e->commands,
                   (unsigned long long)e->failed, (unsigned long long)e->finished,
                   (unsigned long long)e->sessions, (unsigned long long)e->sources,
                   (unsigned long long)e->users, (long long)e->first, (long long)e->last);
    for (size_t i = 0; i < e->day_count; i++)
        opk_buf_printf(out, " %lld:%llu", (long long)e->days[i].day,
                       (unsigned long long)e->days[i].count);
    for (size_t i = 0; i < e->example_count; i++)
        opk_buf_printf(out, " %.*s@%.*s:%llu", OPK_STR_FMT(e->examples[i].text),
                       OPK_STR_FMT(e->examples[i].source), (unsigned long long)e->examples[i].at);
}

/* The kind of every raw shape, in the order of their numbers. */
static void write_of_shape(const struct opk_kinds *kinds, struct opk_buf *out)
{
    for (size_t i = 0; i < kinds->of_shape_count; i++)
        opk_buf_printf(out, "%u ", kinds->of_shape[i]);
}

/* Everything that kinds say, as text. */
static void write_kinds(const struct opk_summary *summary, struct opk_buf *out)
{
    struct opk_kinds kinds = {0};
    struct opk_err err;

    opk_assert_status("build", opk_kinds_build(summary, NULL, &kinds, &err), OPK_OK, &err);
    opk_buf_printf(out, "%llu %llu %llu\n", (unsigned long long)kinds.ledger.commands,
                   (unsigned long long)kinds.ledger.steps, (unsigned long long)kinds.ledger.noise);
    for (size_t i = 0; i < kinds.count; i++) {
        const struct opk_kind *kind = &kinds.items[i];
        opk_buf_printf(out, "%.*s %d", OPK_STR_FMT(kind->signature), (int)kind->type);
        write_evidence(&kind->evidence, out);
        for (size_t k = 0; k < kind->shape_count; k++)
            opk_buf_printf(out, "\n  %.*s %llu", OPK_STR_FMT(kind->shapes[k].text),
                           (unsigned long long)kind->shapes[k].count);
        for (size_t k = 0; k < kind->slot_count; k++)
            opk_buf_printf(out, "\n  %.*s=%.*s %llu", OPK_STR_FMT(kind->slots[k].name),
                           OPK_STR_FMT(kind->slots[k].klass),
                           (unsigned long long)kind->slots[k].count);
        opk_buf_append_byte(out, '\n');
    }
    assert_false(out->failed);
    opk_kinds_done(&kinds);
}

struct log {
    struct opk_buf text;
    struct opk_str lines[512];
    size_t count;
};

static void log_init(struct log *log)
{
    struct opk_str line;

    *log = (struct log){0};
    write_log(&log->text);
    struct opk_split split = OPK_SPLIT(opk_str_trim_end(opk_buf_str(&log->text)), '\n');
    while (opk_split_next(&split, &line)) {
        assert_true(log->count < COUNT(log->lines));
        log->lines[log->count++] = line;
    }
}

/* A number that no test shares: a linear congruence, the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

/* Any order of the commands gives the same bytes. */
static void test_order(void **state)
{
    struct opk_buf want = OPK_BUF_EMPTY;
    uint64_t seed = 7;
    struct log log;

    (void)state;
    log_init(&log);
    for (size_t round = 0; round < 5; round++) {
        struct opk_summary *summary = new_summary();
        struct opk_buf got = OPK_BUF_EMPTY;
        size_t order[COUNT(log.lines)];
        for (size_t i = 0; i < log.count; i++)
            order[i] = i;
        for (size_t i = log.count; round > 0 && i > 1; i--) {
            size_t k = next_random(&seed) % i;
            size_t held = order[i - 1];
            order[i - 1] = order[k];
            order[k] = held;
        }
        for (size_t i = 0; i < log.count; i++)
            add(summary, log.lines[order[i]], order[i] + 1);
        write_kinds(summary, round == 0 ? &want : &got);
        if (round > 0)
            opk_assert_str("shuffled", opk_buf_str(&got), opk_buf_str(&want));
        opk_buf_done(&got);
        opk_summary_free(summary);
    }
    opk_buf_done(&want);
    opk_buf_done(&log.text);
}

/* Parts merge to the whole, whichever way they are cut and merged. */
static void test_merge(void **state)
{
    static const size_t PARTS[] = {1, 2, 3, 7};
    struct opk_buf want = OPK_BUF_EMPTY;
    struct log log;

    (void)state;
    log_init(&log);
    for (size_t p = 0; p < COUNT(PARTS); p++) {
        struct opk_summary *parts[7];
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        for (size_t i = 0; i < PARTS[p]; i++)
            parts[i] = new_summary();
        for (size_t i = 0; i < log.count; i++)
            add(parts[i % PARTS[p]], log.lines[i], i + 1);
        /* From the last to the first, so that the order is another one each time. */
        for (size_t i = PARTS[p] - 1; i > 0; i--)
            assert_int_equal(opk_summary_merge(parts[i - 1], parts[i], &err), OPK_OK);
        write_kinds(parts[0], p == 0 ? &want : &got);
        if (p > 0)
            opk_assert_str("merged", opk_buf_str(&got), opk_buf_str(&want));
        for (size_t i = 0; i < PARTS[p]; i++)
            opk_summary_free(parts[i]);
        opk_buf_done(&got);
    }
    opk_buf_done(&want);
    opk_buf_done(&log.text);
}

/* What was spilled into scratch files, and merged from them, is what memory would have held. */
/*
 * So many raw shapes that several threads take their parts, of programs that have one operation
 * each, with options that tell the shapes apart. How many threads there are never shows.
 */
static void test_share(void **state)
{
    enum { EACH = 4096, LINES = 4 * EACH }; /* rows that one thread is for */
    static const size_t JOBS[] = {1, 2, 3, 4, 7};
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_buf line = OPK_BUF_EMPTY;
    struct opk_summary *summary = new_summary();

    (void)state;
    opk_summary_share(summary, 2);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(opk_summary_jobs(summary), i < (size_t)2 * EACH ? 1 : 2);
        opk_buf_clear(&line);
        opk_buf_printf(&line, "tool%zu build --a%zu -x /srv/a%zu.c", i % 97, i / 97, i);
        add(summary, opk_buf_str(&line), i + 1);
    }
    for (size_t k = 0; k < COUNT(JOBS); k++) {
        struct opk_kinds kinds = {0};
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        opk_summary_share(summary, JOBS[k]);
        assert_int_equal(opk_summary_jobs(summary), JOBS[k] < 4 ? JOBS[k] : 4);
        write_kinds(summary, &got);
        opk_assert_status("build", opk_kinds_build(summary, NULL, &kinds, &err), OPK_OK, &err);
        assert_int_equal(kinds.count, 97);
        assert_int_equal(kinds.of_shape_count, LINES);
        write_of_shape(&kinds, &got);
        if (k == 0)
            opk_buf_append(&want, opk_buf_str(&got));
        opk_assert_str("threads", opk_buf_str(&got), opk_buf_str(&want));
        opk_kinds_done(&kinds);
        opk_buf_done(&got);
    }
    opk_summary_free(summary);
    opk_buf_done(&want);
    opk_buf_done(&line);
}

static void test_spill(void **state)
{
    static const size_t PARTS[] = {1, 2, 5};
    const size_t rounds = 40;
    struct opk_buf want = OPK_BUF_EMPTY;
    struct log log;

    (void)state;
    log_init(&log);
    for (size_t p = 0; p < 2 * COUNT(PARTS); p++) {
        size_t count = PARTS[p / 2];
        struct opk_budget budget = {.bytes = 1};
        struct opk_summary *parts[5];
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        for (size_t i = 0; i < count; i++) {
            parts[i] = new_summary();
            if (p % 2 == 1)
                opk_summary_limit(parts[i], &budget, ".");
        }
        for (size_t i = 0; i < rounds * log.count; i++)
            add(parts[i % count], log.lines[i % log.count], i + 1);
        for (size_t i = count - 1; i > 0; i--)
            opk_assert_status("merge", opk_summary_merge(parts[i - 1], parts[i], &err), OPK_OK,
                              &err);
        opk_assert_status("seal", opk_summary_seal(parts[0], &err), OPK_OK, &err);
        write_kinds(parts[0], p == 0 ? &want : &got);
        if (p > 0)
            opk_assert_str("spilled", opk_buf_str(&got), opk_buf_str(&want));
        for (size_t i = 0; i < count; i++)
            opk_summary_free(parts[i]);
        assert_int_equal(budget.used, 0);
        opk_buf_done(&got);
    }
    opk_buf_done(&want);
    opk_buf_done(&log.text);
}

/* The counts tell subcommands from arguments, for programs that no table names. */
static void test_learning(void **state)
{
    static const struct {
        const char *signature;
        uint64_t commands;
    } WANT[] = {
        {"frob start", 78}, {"frob stop", 78}, {"frob status", 6},  {"frob list-jobs", 6},
        {"frob purge", 6},  {"show", 144},     {"show | grep", 72}, {"echo", 72},
    };
    struct opk_summary *summary = new_summary();
    struct opk_kinds kinds = {0};
    struct opk_err err;
    struct log log;

    (void)state;
    log_init(&log);
    for (size_t i = 0; i < log.count; i++)
        add(summary, log.lines[i], i + 1);
    opk_assert_status("build", opk_kinds_build(summary, NULL, &kinds, &err), OPK_OK, &err);
    for (size_t i = 0; i < COUNT(WANT); i++) {
        const struct opk_kind *kind = opk_kinds_find(&kinds, opk_str_of(WANT[i].signature));
        if (!kind)
            fail_msg("no kind '%s'", WANT[i].signature);
        else
            assert_int_equal(kind->evidence.commands, WANT[i].commands);
    }
    assert_int_equal(kinds.count, COUNT(WANT));
    assert_null(opk_kinds_find(&kinds, OPK_STR("frob")));
    opk_kinds_done(&kinds);
    opk_summary_free(summary);
    opk_buf_done(&log.text);
}

/* Add a line of a program that is the k-th of its name, that many times. */
static void add_lines(struct opk_summary *summary, uint64_t *at, size_t times, const char *program,
                      const char *words, size_t k)
{
    struct opk_buf line = OPK_BUF_EMPTY;

    opk_buf_printf(&line, "%s-%s %s%zu", program, ARGUMENTS[k], words, k);
    for (size_t i = 0; i < times; i++) {
        struct opk_command command = command_of(opk_buf_str(&line), ++*at);
        struct opk_err err;
        command.session = OPK_STR("one");
        assert_int_equal(opk_summary_add(summary, &command, &err), OPK_OK);
    }
    opk_buf_done(&line);
}

/* A word seen twice among files names an operation where other programs say so, and none has it
 * for a value of options. */
static void test_elsewhere(void **state)
{
    static const struct {
        const char *label;
        size_t programs;    /* have it as an operation */
        size_t behind;      /* others have it six times behind an option */
        size_t in_front;    /* and so often right behind the program */
        uint64_t named;     /* what the words say of it then */
        uint64_t as_values; /* programs that have it for a value */
        bool operation;
    } ROWS[] = {
        {"eight programs know it", 8, 0, 0, 8, 0, true},
        {"two may be chance", 2, 0, 0, 2, 0, false},
        {"one has it for a value", 8, 1, 0, 8, 1, true},
        {"two have it for a value", 8, 2, 0, 8, 2, false},
        {"in front as often as behind an option", 8, 2, 6, 10, 0, true},
        {"in front less often", 8, 2, 5, 8, 2, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct opk_summary *summary = new_summary();
        struct opk_model *model = NULL;
        struct opk_word_reason reason;
        struct opk_err err;
        uint64_t at = 0;
        uint32_t slot;
        for (size_t k = 0; k < ROWS[i].programs; k++) {
            add_lines(summary, &at, 6, "known", "list --level ", k);
            add_lines(summary, &at, 6, "known", "own --level ", k);
        }
        for (size_t k = 0; k < ROWS[i].behind; k++) {
            add_lines(summary, &at, 6, "other", "--mode list ", k);
            add_lines(summary, &at, ROWS[i].in_front, "other", "list ", k);
        }
        add_lines(summary, &at, 30, "frob", "dir/file.c ", 0);
        add_lines(summary, &at, 2, "frob", "list ", 0);
        opk_assert_status("seal", opk_summary_seal(summary, &err), OPK_OK, &err);
        opk_assert_status("learn", opk_model_new(summary, false, &model, &err), OPK_OK, &err);
        bool operation = opk_words_is_operation(
            model->words, opk_words_program(model->words, OPK_STR("frob-alpha")), OPK_STR_EMPTY,
            OPK_STR("list"), &slot, &reason);
        if (operation != ROWS[i].operation || reason.named != ROWS[i].named ||
            reason.behind != ROWS[i].as_values)
            fail_msg("%s: %s, named in %llu slots, a value of %llu programs", ROWS[i].label,
                     operation ? "an operation" : "an argument", (unsigned long long)reason.named,
                     (unsigned long long)reason.behind);
        opk_model_free(model);
        opk_summary_free(summary);
    }
}

/* Of a kind that is known in part, shapes and evidence are those of the rest. */
static void test_known(void **state)
{
    static const struct {
        const char *text;
        const char *session;
    } ROWS[] = {
        {"git commit -m 'a b'", "one"}, {"git commit -m 'c d'", "two"},
        {"git commit --amend", "two"},  {"git push", "three"},
        {"make test", "four"},          {"make other", "five"},
    };
    static const struct {
        const char *signature;
        uint64_t registered;
        uint64_t project;
        uint64_t commands;
        uint64_t sessions;
        size_t shapes;
    } WANT[] = {
        {"git commit", 2, 0, 1, 1, 1},
        {"git push", 1, 0, 0, 0, 0},
        {"make", 0, 1, 1, 1, 1},
    };
    struct opk_summary *summary = new_summary();
    struct opk_kind_known known = {0};
    struct opk_known *project = NULL;
    struct opk_kinds kinds = {0};
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct opk_command command = command_of(opk_str_of(ROWS[i].text), i + 1);
        command.session = opk_str_of(ROWS[i].session);
        assert_int_equal(opk_summary_add(summary, &command, &err), OPK_OK);
    }
    assert_int_equal(opk_matcher_new(&known.registered, &err), OPK_OK);
    assert_int_equal(opk_matcher_add(known.registered, OPK_STR("git commit -m <text>"), 0, &err),
                     OPK_OK);
    assert_int_equal(opk_matcher_add(known.registered, OPK_STR("git push …"), 1, &err), OPK_OK);
    assert_int_equal(opk_known_new(&project, &err), OPK_OK);
    assert_int_equal(opk_known_add(project, OPK_KNOWN_MAKE, OPK_STR("test"), &err), OPK_OK);
    known.project = project;
    opk_assert_status("build", opk_kinds_build(summary, &known, &kinds, &err), OPK_OK, &err);
    for (size_t i = 0; i < COUNT(WANT); i++) {
        const struct opk_kind *kind = opk_kinds_find(&kinds, opk_str_of(WANT[i].signature));
        assert_non_null(kind);
        assert_true(kind->registered == WANT[i].registered);
        assert_true(kind->project == WANT[i].project);
        assert_true(kind->evidence.commands == WANT[i].commands);
        assert_true(kind->evidence.sessions == WANT[i].sessions);
        assert_int_equal(kind->shape_count, WANT[i].shapes);
        assert_int_equal(kind->evidence.example_count, WANT[i].commands);
    }
    const struct opk_kind *commit = opk_kinds_find(&kinds, OPK_STR("git commit"));
    opk_assert_str("rest", commit->shapes[0].text, OPK_STR("git commit --amend"));
    opk_assert_str("example", commit->evidence.examples[0].text, OPK_STR("git commit --amend"));
    assert_int_equal(commit->slot_count, 0);
    opk_kinds_done(&kinds);
    opk_known_free(project);
    opk_matcher_free(known.registered);
    opk_summary_free(summary);
}

/* Every command and step is in one place of the ledger. */
static void test_ledger(void **state)
{
    static const struct {
        const char *text;
        enum opk_command_kind kind;
        unsigned flags;
    } ROWS[] = {
        {"cd /x && make", OPK_COMMAND_SHELL, 0},
        {"echo 'never ends", OPK_COMMAND_SHELL, 0},
        {"# comment", OPK_COMMAND_SHELL, 0},
        {"rm -rf /", OPK_COMMAND_SHELL, OPK_COMMAND_REJECTED},
        {"a", OPK_COMMAND_SHELL, OPK_COMMAND_NOT_RUN},
        {"pip install x", OPK_COMMAND_DOCUMENTED, 0},
        {"{\"file_path\": \"a.c\"}", OPK_COMMAND_TOOL, 0},
    };
    struct opk_summary *summary = new_summary();
    struct opk_kinds kinds = {0};
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct opk_command command = command_of(opk_str_of(ROWS[i].text), i + 1);
        command.kind = ROWS[i].kind;
        command.flags = ROWS[i].flags;
        command.tool = OPK_STR("Read");
        assert_int_equal(opk_summary_add(summary, &command, &err), OPK_OK);
    }
    assert_int_equal(opk_kinds_build(summary, NULL, &kinds, &err), OPK_OK);
    assert_int_equal(kinds.ledger.commands, 7);
    assert_int_equal(kinds.ledger.rejected, 2);
    assert_int_equal(kinds.ledger.documents, 1);
    assert_int_equal(kinds.ledger.empty, 1);
    assert_int_equal(kinds.ledger.read, 3);
    assert_int_equal(kinds.ledger.steps, 4);
    assert_int_equal(kinds.ledger.opaque, 1);
    assert_int_equal(kinds.ledger.noise, 1);
    const struct opk_kind *read = opk_kinds_find(&kinds, OPK_STR("tool:Read"));
    assert_non_null(read);
    opk_assert_str("example", read->evidence.examples[0].text,
                   OPK_STR("Read {\"file_path\": \"a.c\"}"));
    opk_kinds_done(&kinds);
    opk_summary_free(summary);
}

/* Sets count exactly up to their limit, and closely past it. */
static void test_sketch(void **state)
{
    static const struct {
        uint64_t members;
        uint64_t low;
        uint64_t high;
    } ROWS[] = {
        {0, 0, 0},
        {1, 1, 1},
        {OPK_SKETCH_MAX - 1, OPK_SKETCH_MAX - 1, OPK_SKETCH_MAX - 1},
        {OPK_SKETCH_MAX, OPK_SKETCH_MAX, (uint64_t)OPK_SKETCH_MAX * 5 / 4},
        {(uint64_t)OPK_SKETCH_MAX * 40, (uint64_t)OPK_SKETCH_MAX * 32,
         (uint64_t)OPK_SKETCH_MAX * 48},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct opk_tally tally = OPK_TALLY_EMPTY;
        uint64_t seed = 1;
        for (uint64_t k = 0; k < ROWS[i].members; k++) {
            uint64_t hash = next_random(&seed) << 33 ^ next_random(&seed) << 2 ^ k << 62;
            assert_true(opk_sketch_add(&tally.sessions, hash));
            assert_true(opk_sketch_add(&tally.sessions, hash));
        }
        uint64_t count = opk_sketch_count(&tally.sessions);
        if (count < ROWS[i].low || count > ROWS[i].high)
            fail_msg("%llu members counted as %llu", (unsigned long long)ROWS[i].members,
                     (unsigned long long)count);
        opk_tally_done(&tally);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),    cmocka_unit_test(test_merge),
        cmocka_unit_test(test_spill),    cmocka_unit_test(test_share),
        cmocka_unit_test(test_learning), cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_known),    cmocka_unit_test(test_ledger),
        cmocka_unit_test(test_sketch),
    };

    return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
