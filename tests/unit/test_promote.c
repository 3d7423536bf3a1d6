#include "support/support.h"

#include "promote/promote.h"

#include <string.h>

#define ULID "01ARYZ6S410000000000000001"
#define TIME "2026-11-22T15:59:00Z"
#define WHO  "Ada <ada@example.org>"

static const char DRAFTS[] =
    "drafts:\n"
    "  - draft_id: DRF-0000000001\n"
    "    proposed_id: OPK-GIT-COMMIT\n"
    "    type: command\n"
    "    summary: \"git commit: with a message\"\n"
    "    signature: \"git commit\"\n"
    "    shapes:\n"
    "      - {shape: \"git commit -m <text>\", count: 80}\n"
    "      - {shape: \"git commit\", count: 8}\n"
    "    support: {commands: 88, sessions: 12}\n"
    "  - draft_id: DRF-0000000002\n"
    "    proposed_id: OPK-GIT\n"
    "    type: command\n"
    "    signature: git\n"
    "    shapes: [{shape: \"git --version\", count: 2}, {shape: git, count: 1}]\n"
    "  - draft_id: DRF-0000000003\n"
    "    proposed_id: OPK-FIND-XARGS-GREP\n"
    "    type: pipeline\n"
    "    signature: \"find | xargs grep\"\n"
    "    shapes: [{shape: \"find <dir> -name <glob> | xargs grep -l <word>\", count: 2}]\n"
    "  - draft_id: DRF-0000000004\n"
    "    type: command\n"
    "    signature: \"tar -x\"\n"
    "    shapes: [{shape: \"tar -x -f <path>\", count: 2}, {shape: \"tar -C <dir> -x\", count: "
    "1}]\n"
    "  - draft_id: DRF-0000000005\n"
    "    proposed_id: OPK-FIND\n"
    "    type: command\n"
    "    signature: find\n"
    "    shapes: [{shape: \"find <dir>\", count: 2}]\n";

/* The files of one case, parsed. */
struct bench {
    struct opk_registry registry;
    struct opk_drafts drafts;
    struct opk_decisions decisions;
    struct opk_desk desk;
};

static void bench_init(struct bench *bench, const char *registry, const char *decisions)
{
    struct opk_err err = {0};

    *bench = (struct bench){.desk.registry_path = "r.yaml"};
    bench->desk.registry_text = opk_str_of(registry);
    opk_assert_status(
        "registry", opk_registry_parse(bench->desk.registry_text, "r.yaml", &bench->registry, &err),
        OPK_OK, &err);
    opk_assert_status("drafts",
                      opk_drafts_parse(opk_str_of(DRAFTS), "d.yaml", &bench->drafts, &err), OPK_OK,
                      &err);
    opk_assert_status("decisions",
                      opk_decisions_parse(opk_str_of(decisions), &bench->decisions, &err), OPK_OK,
                      &err);
    bench->desk.registry = &bench->registry;
    bench->desk.drafts = &bench->drafts;
    bench->desk.decisions = &bench->decisions;
}

static void bench_done(struct bench *bench)
{
    opk_registry_done(&bench->registry);
    opk_drafts_done(&bench->drafts);
    opk_decisions_done(&bench->decisions);
}

static struct opk_verdict verdict_on(const struct bench *bench, const char *draft, const char *as)
{
    return (struct opk_verdict){
        .draft = opk_drafts_find(&bench->drafts, opk_str_of(draft)),
        .kind_id = opk_str_of(as),
        .name = OPK_STR_EMPTY,
        .summary = OPK_STR_EMPTY,
        .why = OPK_STR_EMPTY,
        .ulid = OPK_STR(ULID),
        .actor = OPK_STR(WHO),
        .time = OPK_STR(TIME),
    };
}

/* The entry with its line ends and, in the style of its neighbours, with quotes around a value. */
#define ENTRY(eol, id_open, id_close, active)                                                      \
    "  - id: " id_open "OPK-GIT-COMMIT" id_close eol "    ulid: " ULID eol                         \
    "    name: Git commit" eol "    summary: \"git commit: with a message\"" eol                   \
    "    status: " active eol "    type: command" eol "    matches:" eol                           \
    "      - git commit …" eol "    promoted_from: DRF-0000000001" eol "    promoted_by: " WHO eol \
    "    promoted_at: \"" TIME "\"" eol

#define HEAD                                                                                       \
    "# yaml-language-server: $schema=../../schemas/operation_kind_registry.schema.json\n"          \
    "schema_version: 1\n"                                                                          \
    "operation_kinds:\n"

#define BOM "\xEF\xBB\xBF"

/* Two halves of a file; the new entry goes between them, and no other byte changes. */
static const struct {
    const char *name;
    const char *head;
    const char *tail;
    const char *entry;
} INSERTS[] = {
    {"an empty list", HEAD, "", ENTRY("\n", "", "", "active")},
    {"comments, quotes, blank lines and block scalars",
     "# top\n\nschema_version:   1   # one\noperation_kinds:   # kinds\n\n"
     "  - id: 'OPK-LS'      # why\n    status: \"active\"\n\n    owners: [a,  b]\n"
     "    notes: >\n      folded\n      text\n",
     "# end\n", ENTRY("\n", "'", "'", "\"active\"")},
    {"CRLF and BOM",
     BOM "schema_version: 1\r\noperation_kinds:\r\n  - id: OPK-LS # why\r\n    status: draft\r\n",
     "other: 'x'\r\n", ENTRY("\r\n", "", "", "active")},
    {"keys behind the list",
     "operation_kinds:\n  - {id: OPK-LS, status: draft}\n  - id: OPK-MV\n    status: active\n",
     "\n# the rest\nschema_version: 1\n", ENTRY("\n", "", "", "active")},
};

static void check_promoted(const char *name, const char *before, const char *draft,
                           struct opk_str want)
{
    struct opk_outcome outcome;
    struct opk_err err = {0};
    struct bench bench;

    bench_init(&bench, before, "");
    struct opk_verdict verdict = verdict_on(&bench, draft, "");
    opk_assert_status(name, opk_promote(&bench.desk, &verdict, &outcome, &err), OPK_OK, &err);
    assert_false(outcome.already);
    opk_assert_str(name, opk_buf_str(&outcome.registry), want);
    opk_outcome_done(&outcome);
    bench_done(&bench);
}

static void test_insert(void **state)
{
    struct opk_buf before = OPK_BUF_EMPTY;
    struct opk_buf after = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i < sizeof(INSERTS) / sizeof(INSERTS[0]); i++) {
        opk_buf_clear(&before);
        opk_buf_clear(&after);
        opk_buf_printf(&before, "%s%s", INSERTS[i].head, INSERTS[i].tail);
        opk_buf_printf(&after, "%s%s%s", INSERTS[i].head, INSERTS[i].entry, INSERTS[i].tail);
        check_promoted(INSERTS[i].name, opk_buf_cstr(&before), "DRF-0000000001",
                       opk_buf_str(&after));
    }
    opk_buf_done(&before);
    opk_buf_done(&after);
}

static void test_new_file(void **state)
{
    (void)state;
    check_promoted("no file yet", "", "DRF-0000000001",
                   OPK_STR(HEAD ENTRY("\n", "", "", "active")));
    check_promoted("an empty list in brackets", "operation_kinds: [] # none\n", "DRF-0000000001",
                   OPK_STR("operation_kinds: # none\n" ENTRY("\n", "", "", "active")));
    check_promoted("a comment alone", "# ours\n", "DRF-0000000001",
                   OPK_STR("# ours\noperation_kinds:\n" ENTRY("\n", "", "", "active")));
    check_promoted("no list yet", "schema_version: 1\n", "DRF-0000000001",
                   OPK_STR("schema_version: 1\noperation_kinds:\n" ENTRY("\n", "", "", "active")));
}

/* A kind that sync added is completed where it stands; what people wrote in it is kept. */
static void test_complete(void **state)
{
    (void)state;
    check_promoted("sync's entry",
                   "operation_kinds:\n"
                   "  - id: OPK-GIT-COMMIT # used already\n"
                   "    status: draft\n"
                   "    used_by: [PAT-A-001]\n"
                   "  - id: OPK-LS\n"
                   "    status: active\n",
                   "DRF-0000000001",
                   OPK_STR("operation_kinds:\n"
                           "  - id: OPK-GIT-COMMIT # used already\n"
                           "    status: active\n"
                           "    used_by: [PAT-A-001]\n"
                           "    ulid: " ULID "\n"
                           "    name: Git commit\n"
                           "    summary: \"git commit: with a message\"\n"
                           "    type: command\n"
                           "    matches:\n"
                           "      - git commit …\n"
                           "    promoted_from: DRF-0000000001\n"
                           "    promoted_by: " WHO "\n"
                           "    promoted_at: \"" TIME "\"\n"
                           "  - id: OPK-LS\n"
                           "    status: active\n"));
    check_promoted("with words of people",
                   "operation_kinds:\n"
                   "  - id: OPK-GIT-COMMIT\n"
                   "    ulid: 01ARYZ6S410000000000000009\n"
                   "    name: \"Save work\" # ours\n"
                   "    summary: mine\n"
                   "    status: draft\n"
                   "    type: tool\n"
                   "    matches: [git ci]\n"
                   "    notes: kept\n",
                   "DRF-0000000001",
                   OPK_STR("operation_kinds:\n"
                           "  - id: OPK-GIT-COMMIT\n"
                           "    ulid: 01ARYZ6S410000000000000009\n"
                           "    name: \"Save work\" # ours\n"
                           "    summary: mine\n"
                           "    status: active\n"
                           "    type: tool\n"
                           "    matches: [git ci]\n"
                           "    notes: kept\n"
                           "    promoted_from: DRF-0000000001\n"
                           "    promoted_by: " WHO "\n"
                           "    promoted_at: \"" TIME "\"\n"));
}

/* --- Verdicts ----------------------------------------------------------------------------------
 */

#define REJECTED(commands)                                                                         \
    "{\"ulid\":\"1\",\"action\":\"reject\",\"draft_id\":\"DRF-0000000001\",\"support\":"           \
    "{\"commands\":" commands ",\"sessions\":12}}\n"

static const char MADE[] = "operation_kinds:\n"
                           "  - id: OPK-COMMIT\n"
                           "    status: active\n"
                           "    promoted_from: DRF-0000000001\n"
                           "  - id: OPK-GIT\n"
                           "    status: deprecated\n";

static const struct {
    const char *name;
    const char *registry;
    const char *decisions;
    const char *draft;
    const char *as;
    const char *words; /* in the message, or NULL */
    enum opk_status want;
    bool reject;
    bool already;
} VERDICTS[] = {
    {"promote", "", "", "DRF-0000000001", "", NULL, OPK_OK, false, false},
    {"another id", "", "", "DRF-0000000001", "OPK-SAVE", NULL, OPK_OK, false, false},
    {"no id", "", "", "DRF-0000000001", "commit", "OPK-WORD-WORD", OPK_E_USAGE, false, false},
    {"nothing proposed", "", "", "DRF-0000000004", "", "--as", OPK_E_INVALID, false, false},
    {"twice", MADE, "", "DRF-0000000001", "", NULL, OPK_OK, false, true},
    {"twice, by its id", MADE, "", "DRF-0000000001", "OPK-COMMIT", NULL, OPK_OK, false, true},
    {"twice, elsewhere", MADE, "", "DRF-0000000001", "OPK-X", "as OPK-COMMIT", OPK_E_REFUSED, false,
     false},
    {"an id that is taken", MADE, "", "DRF-0000000002", "", "deprecated", OPK_E_REFUSED, false,
     false},
    {"another's id", MADE, "", "DRF-0000000005", "OPK-COMMIT", "active", OPK_E_REFUSED, false,
     false},
    {"a change of mind", "", REJECTED("88"), "DRF-0000000001", "", NULL, OPK_OK, false, false},
    {"reject", "", "", "DRF-0000000001", "", NULL, OPK_OK, true, false},
    {"reject twice", "", REJECTED("88"), "DRF-0000000001", "", NULL, OPK_OK, true, true},
    {"reject what has grown", "", REJECTED("21"), "DRF-0000000001", "", NULL, OPK_OK, true, false},
    {"reject what is promoted", MADE, "", "DRF-0000000001", "", "as OPK-COMMIT", OPK_E_REFUSED,
     true, false},
};

static void test_verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(VERDICTS) / sizeof(VERDICTS[0]); i++) {
        const char *name = VERDICTS[i].name;
        struct opk_outcome outcome = {0};
        struct opk_err err = {0};
        struct bench bench;
        bench_init(&bench, VERDICTS[i].registry, VERDICTS[i].decisions);
        struct opk_verdict verdict = verdict_on(&bench, VERDICTS[i].draft, VERDICTS[i].as);
        verdict.why = OPK_STR("too broad");
        enum opk_status got = VERDICTS[i].reject
                                  ? opk_reject(&bench.desk, &verdict, &outcome, &err)
                                  : opk_promote(&bench.desk, &verdict, &outcome, &err);
        opk_assert_status(name, got, VERDICTS[i].want, &err);
        if (outcome.already != VERDICTS[i].already)
            fail_msg("%s: already is %d", name, outcome.already);
        if (VERDICTS[i].words && !strstr(err.message, VERDICTS[i].words))
            fail_msg("%s: %s", name, err.message);
        opk_outcome_done(&outcome);
        bench_done(&bench);
    }
}

static void test_audit(void **state)
{
    struct opk_outcome outcome;
    struct opk_err err = {0};
    struct bench bench;

    (void)state;
    bench_init(&bench, "operation_kinds:\n  - {id: OPK-GIT-COMMIT, status: draft}\n", "");
    struct opk_verdict verdict = verdict_on(&bench, "DRF-0000000001", "");
    verdict.name = OPK_STR("Commit");
    opk_assert_status("promote", opk_promote(&bench.desk, &verdict, &outcome, &err), OPK_OK, &err);
    opk_assert_str("before", outcome.decision.before,
                   OPK_STR("{\"id\":\"OPK-GIT-COMMIT\",\"status\":\"draft\",\"matches\":[]}"));
    opk_assert_str("after", outcome.decision.after,
                   OPK_STR("{\"id\":\"OPK-GIT-COMMIT\",\"ulid\":\"" ULID "\",\"name\":\"Commit\","
                           "\"summary\":\"git commit: with a message\",\"status\":\"active\","
                           "\"type\":\"command\",\"matches\":[\"git commit …\"]}"));
    opk_assert_str("actor", outcome.decision.actor, OPK_STR(WHO));
    assert_int_equal(outcome.decision.support.commands, 88);
    assert_int_equal(outcome.decision.draft_digest.len, 32);
    opk_outcome_done(&outcome);
    bench_done(&bench);
}

/* --- Patterns and names ------------------------------------------------------------------------
 */

static void test_matches(void **state)
{
    static const struct {
        const char *draft;
        const char *registry;
        const char *want;
    } CASES[] = {
        {"DRF-0000000001", "", "git commit …\n"},
        {"DRF-0000000002", "", "git --version\ngit\n"},
        {"DRF-0000000003", "", "find … | xargs grep …\n"},
        {"DRF-0000000004", "", "tar … -x …\n"},
        {"DRF-0000000005", "", "find …\n"},
        {"DRF-0000000005", "operation_kinds: [{id: OPK-A, status: active, matches: [find up …]}]",
         "find <dir>\n"},
        {"DRF-0000000005", "operation_kinds: [{id: OPK-A, status: active, matches: [find <dir>]}]",
         "find …\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_arena arena = {0};
        const struct opk_str *matches;
        size_t count;
        struct bench bench;
        bench_init(&bench, CASES[i].registry, "");
        const struct opk_draft *draft = opk_drafts_find(&bench.drafts, opk_str_of(CASES[i].draft));
        assert_int_equal(opk_draft_matches(&bench.desk, draft, &arena, &matches, &count, NULL),
                         OPK_OK);
        for (size_t k = 0; k < count; k++) {
            opk_buf_append(&got, matches[k]);
            opk_buf_append_byte(&got, '\n');
        }
        opk_assert_str(CASES[i].draft, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_arena_done(&arena);
        opk_buf_done(&got);
        bench_done(&bench);
    }
}

static void test_names(void **state)
{
    static const char *const CASES[][2] = {
        {"OPK-GIT-COMMIT", "Git commit"},
        {"OPK-LS", "Ls"},
        {"OPK-FIND-XARGS-GREP-2", "Find xargs grep 2"},
    };
    struct opk_arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_str(CASES[i][0], opk_kind_name_of(opk_str_of(CASES[i][0]), &arena),
                       opk_str_of(CASES[i][1]));
    opk_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insert),   cmocka_unit_test(test_new_file),
        cmocka_unit_test(test_complete), cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_audit),    cmocka_unit_test(test_matches),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("promote", tests, NULL, NULL);
}
