#include "support/support.h"

#include "promote/decision.h"

#include <string.h>

static const struct opk_decision PROMOTED = {
    .ulid = OPK_STR_INIT("01ARYZ6S410000000000000001"),
    .time = OPK_STR_INIT("2026-11-22T15:59:00Z"),
    .actor = OPK_STR_INIT("Ada \"Q\" <ada@example.org>"),
    .action = OPK_ACTION_PROMOTE,
    .draft_id = OPK_STR_INIT("DRF-7K3M9QX2T4"),
    .draft_digest = OPK_STR_INIT("00112233445566778899aabbccddeeff"),
    .support = {9120, 1200},
    .before = OPK_STR_INIT("null"),
    .after = OPK_STR_INIT("{\"id\":\"OPK-GIT-COMMIT\"}"),
    .why = OPK_STR_INIT(""),
    .rule = OPK_STR_INIT(""),
};

static const char PROMOTED_LINE[] =
    "{\"ulid\":\"01ARYZ6S410000000000000001\",\"time\":\"2026-11-22T15:59:00Z\","
    "\"actor\":\"Ada \\\"Q\\\" <ada@example.org>\",\"action\":\"promote\","
    "\"draft_id\":\"DRF-7K3M9QX2T4\",\"draft_digest\":\"00112233445566778899aabbccddeeff\","
    "\"support\":{\"commands\":9120,\"sessions\":1200},\"before\":null,"
    "\"after\":{\"id\":\"OPK-GIT-COMMIT\"},\"why\":null,\"rule\":null}\n";

static void test_write(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    opk_decision_append(&out, &PROMOTED);
    opk_assert_str("a line", opk_buf_str(&out), opk_str_of(PROMOTED_LINE));
    opk_buf_clear(&out);
    opk_buf_append_cstr(&out, "{\"cut\":");
    opk_decision_append(&out, &PROMOTED);
    opk_assert_str("a cut line is closed", opk_str_slice(opk_buf_str(&out), 0, 9),
                   OPK_STR("{\"cut\":\n{"));
    opk_buf_done(&out);
}

static void test_read(void **state)
{
    struct opk_decisions decisions;

    (void)state;
    assert_int_equal(opk_decisions_parse(opk_str_of(PROMOTED_LINE), &decisions, NULL), OPK_OK);
    assert_int_equal(decisions.count, 1);
    assert_int_equal(decisions.damaged, 0);
    const struct opk_decision *got = opk_decisions_find(&decisions, PROMOTED.draft_id);
    assert_ptr_equal(got, &decisions.items[0]);
    opk_assert_str("ulid", got->ulid, PROMOTED.ulid);
    opk_assert_str("time", got->time, PROMOTED.time);
    opk_assert_str("actor", got->actor, PROMOTED.actor);
    opk_assert_str("digest", got->draft_digest, PROMOTED.draft_digest);
    opk_assert_str("before", got->before, PROMOTED.before);
    opk_assert_str("after", got->after, PROMOTED.after);
    assert_int_equal(got->action, OPK_ACTION_PROMOTE);
    assert_int_equal(got->support.commands, 9120);
    assert_int_equal(got->support.sessions, 1200);
    opk_decisions_done(&decisions);
}

/* A line that is cut anywhere is skipped, and what stands before and behind it is read. */
static void test_cut(void **state)
{
    size_t len = strlen(PROMOTED_LINE) - 1;

    (void)state;
    for (size_t cut = 1; cut < len; cut++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_decisions decisions;
        opk_buf_append_cstr(&text, PROMOTED_LINE);
        opk_buf_append(&text, opk_str_bytes(PROMOTED_LINE, cut));
        opk_decision_append(&text, &PROMOTED);
        assert_int_equal(opk_decisions_parse(opk_buf_str(&text), &decisions, NULL), OPK_OK);
        assert_int_equal(decisions.count, 2);
        assert_int_equal(decisions.damaged, 1);
        assert_int_equal(decisions.first_damaged, 2);
        opk_decisions_done(&decisions);
        opk_buf_done(&text);
    }
}

static void test_lines(void **state)
{
#define HEAD "{\"ulid\":\"1\",\"draft_id\":\"DRF-A\",\"action\":"
    static const struct {
        const char *line;
        size_t count;
        enum opk_action action;
    } CASES[] = {
        {"", 0, 0},
        {"\r\n\n", 0, 0},
        {HEAD "\"reject\"}", 1, OPK_ACTION_REJECT},
        {HEAD "\"reject\"}\r\n", 1, OPK_ACTION_REJECT},
        {HEAD "\"defer\",\"until\":\"2027\"}", 1, OPK_ACTION_OTHER},
        {HEAD "\"reject\",\"new\":{\"a\":[1,{}]}}", 1, OPK_ACTION_REJECT},
        {HEAD "\"reject\",\"support\":{\"commands\":1,\"days\":[1]}}", 1, OPK_ACTION_REJECT},
        {HEAD "\"reject\",\"support\":null}", 1, OPK_ACTION_REJECT},
        {HEAD "\"reject\",\"support\":{\"commands\":-1}}", 0, 0},
        {HEAD "\"reject\",\"support\":7}", 0, 0},
        {HEAD "\"reject\",\"why\":7}", 0, 0},
        {HEAD "\"reject\"} x", 0, 0},
        {HEAD "7}", 0, 0},
        {"{\"ulid\":\"1\",\"action\":\"reject\"}", 0, 0},
        {"{\"draft_id\":\"DRF-A\",\"action\":\"reject\"}", 0, 0},
        {"[]", 0, 0},
        {"garbage", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_decisions decisions;
        assert_int_equal(opk_decisions_parse(opk_str_of(CASES[i].line), &decisions, NULL), OPK_OK);
        if (decisions.count != CASES[i].count)
            fail_msg("%s: %zu decisions", CASES[i].line, decisions.count);
        if (decisions.count > 0)
            assert_int_equal(decisions.items[0].action, CASES[i].action);
        opk_decisions_done(&decisions);
    }
}

static void test_rejected(void **state)
{
    static const struct {
        const char *name;
        struct opk_support then, now;
        bool want;
    } CASES[] = {
        {"the same", {10, 3}, {10, 3}, true},
        {"less", {10, 3}, {1, 1}, true},
        {"at the factor", {10, 3}, {40, 12}, true},
        {"one command past it", {10, 3}, {41, 12}, false},
        {"one session past it", {10, 3}, {40, 13}, false},
        {"none known then", {0, 0}, {1, 0}, false},
    };
    struct opk_decision decision = PROMOTED;

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_decisions decisions;
        decision.action = OPK_ACTION_REJECT;
        decision.support = CASES[i].then;
        opk_decision_append(&text, &decision);
        assert_int_equal(opk_decisions_parse(opk_buf_str(&text), &decisions, NULL), OPK_OK);
        if (opk_decisions_reject(&decisions, decision.draft_id, &CASES[i].now) != CASES[i].want)
            fail_msg("%s", CASES[i].name);
        assert_false(opk_decisions_reject(&decisions, OPK_STR("DRF-0000000000"), &CASES[i].now));
        opk_decisions_done(&decisions);
        /* A promotion behind the rejection takes it back. */
        opk_decision_append(&text, &PROMOTED);
        assert_int_equal(opk_decisions_parse(opk_buf_str(&text), &decisions, NULL), OPK_OK);
        assert_false(opk_decisions_reject(&decisions, decision.draft_id, &CASES[i].now));
        opk_decisions_done(&decisions);
        opk_buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write), cmocka_unit_test(test_read),     cmocka_unit_test(test_cut),
        cmocka_unit_test(test_lines), cmocka_unit_test(test_rejected),
    };

    return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
