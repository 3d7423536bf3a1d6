#include "support/support.h"

#include "cluster/draft.h"

#include <stdlib.h>
#include <string.h>

/* ---- naming ---- */

static void test_ids(void **state)
{
    static const struct {
        const char *signature;
        unsigned suffix;
        const char *want;
    } CASES[] = {
        {"git commit", 1, "OPK-GIT-COMMIT"},
        {"git commit", 2, "OPK-GIT-COMMIT-2"},
        {"rm", 1, "OPK-DELETE"},
        {"git rm", 1, "OPK-GIT-DELETE"},
        {"mkdir", 1, "OPK-CREATE-DIR"},
        {"find | xargs grep", 1, "OPK-FIND-XARGS-GREP"},
        {"tool:Write", 1, "OPK-WRITE-FILE"},
        {"tool:TodoWrite", 1, "OPK-WRITE-TASK-LIST"},
        {"tool:mcp__docs__getPage", 1, "OPK-TOOL-MCP-DOCS-GET-PAGE"},
        {"./gradlew build", 1, "OPK-GRADLEW-BUILD"},
        {"a  b", 1, "OPK-A-B"},
        {"| !", 1, "OPK-KIND"},
        {"\xC3\xA9t\xC3\xA9", 1, "OPK-T"},
        {"tar -x", 1, "OPK-TAR-EXTRACT"},
        {"sed -i", 2, "OPK-SED-IN-PLACE-2"},
        {"frob -q", 1, "OPK-FROB-Q"},
        {"git rebase --continue", 1, "OPK-GIT-REBASE-CONTINUE"},
        {"curl | tar -x", 1, "OPK-CURL-TAR-EXTRACT"},
        {"xargs tar -x", 1, "OPK-XARGS-TAR-X"},
        {"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd e", 1,
         "OPK-AAAAAAAAAA-BBBBBBBBBB-CCCCCCCCCC-DDDDDDDDDD"},
        {"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd e", 2,
         "OPK-AAAAAAAAAA-BBBBBBBBBB-CCCCCCCCCC-2"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1,
         "OPK-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        opk_name_id(&out, opk_str_of(CASES[i].signature), CASES[i].suffix);
        opk_assert_str(CASES[i].signature, opk_buf_str(&out), opk_str_of(CASES[i].want));
        assert_true(out.len <= OPK_NAME_ID_MAX);
        opk_buf_done(&out);
    }
}

static void test_summaries(void **state)
{
    static const struct opk_slot TEXT[] = {
        {.name = OPK_STR_INIT("text"), .klass = OPK_STR_INIT("text"), .count = 9},
        {.name = OPK_STR_INIT("path"), .klass = OPK_STR_INIT("path.py"), .count = 5},
        {.name = OPK_STR_INIT("url"), .klass = OPK_STR_INIT("url"), .count = 4},
    };
    static const struct opk_slot FILES[] = {
        {.name = OPK_STR_INIT("word"), .klass = OPK_STR_INIT("word"), .count = 4},
        {.name = OPK_STR_INIT("path.c"), .klass = OPK_STR_INIT("path.c"), .count = 3},
        {.name = OPK_STR_INIT("path.h"), .klass = OPK_STR_INIT("path.h"), .count = 2},
        {.name = OPK_STR_INIT("odd"), .klass = OPK_STR_INIT("odd"), .count = 10},
    };
    struct opk_kind kind = {.slots = TEXT, .slot_count = 3, .evidence = {.commands = 10}};
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    kind.signature = OPK_STR("git commit");
    kind.operation = kind.signature;
    opk_name_summary(&out, &kind);
    opk_assert_str("slots that most fill", opk_buf_str(&out),
                   OPK_STR("git commit with a text and a path"));
    opk_buf_clear(&out);
    kind.slot_count = 0;
    kind.signature = OPK_STR("find | xargs grep");
    kind.operation = kind.signature;
    opk_name_summary(&out, &kind);
    opk_assert_str("pipeline", opk_buf_str(&out), OPK_STR("find piped into xargs grep"));
    opk_buf_clear(&out);
    kind.signature = OPK_STR("tar -x");
    kind.operation = OPK_STR("tar");
    opk_name_summary(&out, &kind);
    opk_assert_str("mode", opk_buf_str(&out), OPK_STR("tar -x (extract)"));
    opk_buf_clear(&out);
    kind.signature = OPK_STR("tool:Write");
    kind.operation = kind.signature;
    opk_name_summary(&out, &kind);
    opk_assert_str("tool", opk_buf_str(&out), OPK_STR("write file (the tool Write)"));
    opk_buf_clear(&out);
    kind.signature = OPK_STR("tool:Frob");
    kind.operation = kind.signature;
    opk_name_summary(&out, &kind);
    opk_assert_str("unknown tool", opk_buf_str(&out), OPK_STR("the tool Frob"));
    opk_buf_clear(&out);
    kind.signature = OPK_STR("ps | grep rm");
    kind.operation = kind.signature;
    opk_name_summary(&out, &kind);
    opk_assert_str("known programs", opk_buf_str(&out),
                   OPK_STR("list processes (ps) piped into grep rm"));
    opk_buf_clear(&out);
    kind.signature = OPK_STR("rm");
    kind.operation = kind.signature;
    kind.slots = FILES;
    kind.slot_count = 4;
    opk_name_summary(&out, &kind);
    opk_assert_str("paths of all types", opk_buf_str(&out), OPK_STR("delete (rm) with a path"));
    opk_buf_done(&out);
}

/* ---- choosing ---- */

static const struct opk_kind_shape COMMIT_SHAPES[] = {
    {.text = OPK_STR_INIT("git commit -m <text>"), .count = 8},
    {.text = OPK_STR_INIT("git commit --amend"), .count = 2},
};
static const struct opk_kind_shape CD_SHAPES[] = {{.text = OPK_STR_INIT("cd <dir>"), .count = 30}};
static const struct opk_kind_shape MAKE_SHAPES[] = {{.text = OPK_STR_INIT("make"), .count = 10}};
static const struct opk_kind_shape RARE_SHAPES[] = {{.text = OPK_STR_INIT("rare"), .count = 4}};
static const struct opk_kind_shape NAME_SHAPES[] = {{.text = OPK_STR_INIT("<word>"), .count = 5}};
static const struct opk_kind_shape LOGIN_SHAPES[] = {
    {.text = OPK_STR_INIT("cli login <text>"), .count = 6}};
static const struct opk_kind_shape LOGIN2_SHAPES[] = {
    {.text = OPK_STR_INIT("cli_login"), .count = 3}};

static const struct opk_example EXAMPLES[] = {
    {.text = OPK_STR_INIT("cli login --password Zebra99xq --user joe"),
     .source = OPK_STR_INIT("logs/a, b.cast"),
     .at = 12},
    {.text = OPK_STR_INIT("cli login x"), .source = OPK_STR_INIT("b"), .at = 3},
    {.text = OPK_STR_INIT("cli login 'never ends"), .source = OPK_STR_INIT("c"), .at = 4},
    {.text = OPK_STR_INIT("cli login x"), .source = OPK_STR_INIT("d"), .at = 5},
};
static const struct opk_day DAYS[] = {{.day = 20414, .count = 2}, {.day = 20415, .count = 4}};

#define SHAPES(table) .shapes = (table), .shape_count = sizeof(table) / sizeof((table)[0])
#define SEEN(n_commands, n_sessions)                                                               \
    .evidence = {.commands = (n_commands),                                                         \
                 .sessions = (n_sessions),                                                         \
                 .sources = 2,                                                                     \
                 .first = OPK_UNKNOWN,                                                             \
                 .last = OPK_UNKNOWN}

/* As opk_kinds_build gives them: most commands first. */
static struct opk_kind KINDS[] = {
    {.signature = OPK_STR_INIT("cd"),
     .operation = OPK_STR_INIT("cd"),
     .noise = true,
     SHAPES(CD_SHAPES),
     SEEN(30, 9)},
    {.signature = OPK_STR_INIT("git commit"),
     .operation = OPK_STR_INIT("git commit"),
     SHAPES(COMMIT_SHAPES),
     SEEN(10, 5)},
    {.signature = OPK_STR_INIT("make"),
     .operation = OPK_STR_INIT("make"),
     SHAPES(MAKE_SHAPES),
     SEEN(10, 5)},
    {.signature = OPK_STR_INIT("cli login"),
     .operation = OPK_STR_INIT("cli login"),
     SHAPES(LOGIN_SHAPES),
     .evidence = {.commands = 6,
                  .sessions = 4,
                  .sources = 3,
                  .users = 1,
                  .failed = 1,
                  .finished = 3,
                  .first = 1763776799123,
                  .last = 1763863200000,
                  .days = DAYS,
                  .day_count = 2,
                  .examples = EXAMPLES,
                  .example_count = 4}},
    {.signature = OPK_STR_INIT("<word>"),
     .operation = OPK_STR_INIT("<word>"),
     SHAPES(NAME_SHAPES),
     SEEN(5, 5)},
    {.signature = OPK_STR_INIT("rare"),
     .operation = OPK_STR_INIT("rare"),
     SHAPES(RARE_SHAPES),
     SEEN(4, 2)},
    {.signature = OPK_STR_INIT("cli_login"),
     .operation = OPK_STR_INIT("cli_login"),
     SHAPES(LOGIN2_SHAPES),
     SEEN(3, 3)},
};

static struct opk_kinds some_kinds(void)
{
    return (struct opk_kinds){.items = KINDS,
                              .count = sizeof(KINDS) / sizeof(KINDS[0]),
                              .ledger = {.commands = 60, .read = 60, .steps = 70, .opaque = 2}};
}

static bool is_taken(void *context, struct opk_str id)
{
    (void)context;
    return opk_str_eq(id, OPK_STR("OPK-MAKE"));
}

static bool is_promoted(void *context, struct opk_str draft_id)
{
    return opk_str_eq(draft_id, opk_str_of(context));
}

static bool is_declined(void *context, struct opk_str draft_id, uint64_t commands,
                        uint64_t sessions)
{
    return opk_str_eq(draft_id, opk_str_of(context)) && commands == 10 && sessions == 5;
}

static void build(const struct opk_draft_rules *rules, struct opk_proposals *out)
{
    struct opk_kinds kinds = some_kinds();
    struct opk_err err = {0};

    opk_assert_status("build", opk_proposals_build(&kinds, rules, out, &err), OPK_OK, &err);
    assert_true(opk_draft_ledger_adds_up(&out->ledger));
}

static const struct opk_proposal *find(const struct opk_proposals *proposals, const char *signature)
{
    for (size_t i = 0; i < proposals->count; i++) {
        if (opk_str_eq(proposals->items[i].kind->signature, opk_str_of(signature)))
            return &proposals->items[i];
    }
    return NULL;
}

static const char *id_of(const struct opk_proposals *proposals, const char *signature)
{
    const struct opk_proposal *found = find(proposals, signature);

    return found ? found->proposed_id : "none";
}

static uint64_t value_of(const struct opk_proposals *proposals, const char *signature)
{
    const struct opk_proposal *found = find(proposals, signature);

    return found ? found->value : 0;
}

static void test_choose(void **state)
{
    const struct opk_draft_rules rules = {.min_sessions = 3};
    struct opk_proposals proposals;

    (void)state;
    build(&rules, &proposals);
    assert_int_equal(proposals.count, 4);
    assert_true(proposals.ledger.noise == 35);
    assert_true(proposals.ledger.below == 4);
    assert_true(proposals.ledger.drafted == 29);
    assert_true(proposals.ledger.opaque == 2);
    /* Two days say more than a few commands, two operation words more than one. */
    opk_assert_str("first", proposals.items[0].kind->signature, OPK_STR("cli login"));
    opk_assert_str("second", proposals.items[1].kind->signature, OPK_STR("git commit"));
    opk_assert_str("third", proposals.items[2].kind->signature, OPK_STR("make"));
    assert_int_equal(proposals.items[0].score, 100);
    /* Of two with one name, the later signature gets the suffix. */
    assert_string_equal(find(&proposals, "cli login")->proposed_id, "OPK-CLI-LOGIN");
    assert_string_equal(find(&proposals, "cli_login")->proposed_id, "OPK-CLI-LOGIN-2");
    /* The top 50 bits of XXH3-128("git commit"), by an independent implementation. */
    assert_string_equal(find(&proposals, "git commit")->draft_id, "DRF-Q21KVAX8YD");
    opk_proposals_done(&proposals);
}

static void test_min_sessions(void **state)
{
    (void)state;
    for (uint64_t n = 2; n <= 3; n++) {
        const struct opk_draft_rules rules = {.min_sessions = n};
        struct opk_proposals proposals;
        build(&rules, &proposals);
        assert_int_equal(find(&proposals, "rare") != NULL, n == 2);
        opk_proposals_done(&proposals);
    }
}

static void test_known(void **state)
{
    static char promoted[] = "DRF-Q21KVAX8YD";
    struct opk_draft_rules rules = {.min_sessions = 1, .is_taken = is_taken, .context = promoted};
    struct opk_proposals proposals;

    (void)state;
    build(&rules, &proposals);
    assert_true(proposals.ledger.known == 0);
    assert_string_equal(id_of(&proposals, "make"), "OPK-MAKE-2");
    opk_proposals_done(&proposals);

    rules.is_promoted = is_promoted;
    build(&rules, &proposals);
    assert_true(proposals.ledger.known == 10);
    assert_null(find(&proposals, "git commit"));
    opk_proposals_done(&proposals);

    rules.is_promoted = NULL;
    rules.is_declined = is_declined;
    build(&rules, &proposals);
    assert_true(proposals.ledger.declined == 10);
    assert_null(find(&proposals, "git commit"));
    opk_proposals_done(&proposals);
}

/* What is known adds to the ledger and takes from the rank; what is known whole is no draft. */
static void test_novelty(void **state)
{
    struct opk_kind kinds[] = {
        {.signature = OPK_STR("a"), .operation = OPK_STR("a"), SHAPES(MAKE_SHAPES), SEEN(10, 5)},
        {.signature = OPK_STR("b"),
         .operation = OPK_STR("b"),
         .registered = 10,
         SHAPES(MAKE_SHAPES),
         SEEN(10, 5)},
        {.signature = OPK_STR("c"), .operation = OPK_STR("c"), .registered = 7, .project = 4},
        {.signature = OPK_STR("d"),
         .operation = OPK_STR("d"),
         .project = 30,
         SHAPES(MAKE_SHAPES),
         SEEN(10, 5)},
    };
    struct opk_kinds all = {.items = kinds, .count = 4, .ledger = {.steps = 81}};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    struct opk_proposals proposals;

    (void)state;
    assert_int_equal(opk_proposals_build(&all, &rules, &proposals, NULL), OPK_OK);
    assert_true(opk_draft_ledger_adds_up(&proposals.ledger));
    assert_true(proposals.ledger.known == 51);
    assert_true(proposals.ledger.project == 34);
    assert_true(proposals.ledger.drafted == 30);
    assert_int_equal(proposals.count, 3);
    opk_assert_str("new", proposals.items[0].kind->signature, OPK_STR("a"));
    assert_int_equal(proposals.items[0].score, 100);
    assert_int_equal(proposals.items[1].score, 50);
    assert_int_equal(proposals.items[2].score, 25);
    opk_proposals_done(&proposals);
}

/* One more of anything that counts ranks higher; what nobody attends counts for a quarter. */
static void test_rank(void **state)
{
    static const struct opk_day SEEN_DAYS[] = {{.day = 1, .count = 4}, {.day = 2, .count = 4}};
    static const struct opk_evidence BASE = {
        .commands = 8, .sessions = 3, .users = 1, .days = SEEN_DAYS, .day_count = 1};
    struct opk_evidence more[8] = {BASE, BASE, BASE, BASE, BASE, BASE, BASE, BASE};
    const struct opk_draft_rules rules = {.min_sessions = 1};

    (void)state;
    more[0].commands = 9;
    more[1].sessions = 4;
    more[2].users = 2;
    more[3].day_count = 2;
    more[4].sidechain = 4; /* less than BASE */
    more[5].commands = 20;
    more[5].sidechain = 16; /* 4 and a quarter of 16: as BASE */
    more[6].projects = 2;
    more[7].sessions = 9;
    more[7].unattended = 8; /* 1 and a quarter of 8: as BASE */
    for (size_t i = 0; i < 8; i++) {
        struct opk_kind kinds[] = {
            {.signature = OPK_STR("aa"),
             .operation = OPK_STR("aa"),
             SHAPES(MAKE_SHAPES),
             .evidence = BASE},
            {.signature = OPK_STR("bb"),
             .operation = OPK_STR("bb"),
             SHAPES(MAKE_SHAPES),
             .evidence = more[i]},
        };
        struct opk_kinds all = {.items = kinds, .count = 2};
        struct opk_proposals proposals;
        assert_int_equal(opk_proposals_build(&all, &rules, &proposals, NULL), OPK_OK);
        uint64_t base = value_of(&proposals, "aa");
        uint64_t other = value_of(&proposals, "bb");
        assert_true(i < 4 || i == 6 ? other > base : i == 4 ? other < base : other == base);
        opk_proposals_done(&proposals);
    }
}

/* What people look with on the way to something else, and what only filters, comes last. */
static void test_weights(void **state)
{
    static const char *const SAID[] = {"git push",    "make", "find | xargs rm",
                                       "make | head", "cat",  "echo | grep | wc"};
    struct opk_kind kinds[6];
    struct opk_kinds all = {.items = kinds, .count = 6};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    struct opk_proposals proposals;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        kinds[i] = (struct opk_kind){.signature = opk_str_of(SAID[i]),
                                     .operation = opk_str_of(SAID[i]),
                                     SHAPES(MAKE_SHAPES),
                                     SEEN(10, 5)};
    assert_int_equal(opk_proposals_build(&all, &rules, &proposals, NULL), OPK_OK);
    assert_true(value_of(&proposals, "find | xargs rm") == value_of(&proposals, "git push"));
    assert_true(value_of(&proposals, "make") < value_of(&proposals, "git push"));
    assert_true(value_of(&proposals, "make | head") < value_of(&proposals, "make"));
    assert_true(value_of(&proposals, "cat") < value_of(&proposals, "make | head"));
    assert_true(value_of(&proposals, "echo | grep | wc") == value_of(&proposals, "cat"));
    opk_proposals_done(&proposals);
}

/* The same signature has the same ids whatever else is drafted. */
static void test_stable_ids(void **state)
{
    static const struct opk_draft_rules RULES = {.min_sessions = 1};
    static const char *const SIGNATURES[] = {"cli login", "cli_login", "cli-login", "rm", "git"};
    static const char *const IDS[] = {"OPK-CLI-LOGIN", "OPK-CLI-LOGIN-3", "OPK-CLI-LOGIN-2",
                                      "OPK-DELETE", "OPK-GIT"};
    struct opk_kind kinds[5];

    (void)state;
    /* Every order of counts, and every set of the other drafts that has no second CLI-LOGIN. */
    for (unsigned turn = 0; turn < 5; turn++) {
        struct opk_kinds all = {.items = kinds, .count = 5};
        struct opk_proposals proposals;
        for (unsigned i = 0; i < 5; i++)
            kinds[i] = (struct opk_kind){.signature = opk_str_of(SIGNATURES[(i + turn) % 5]),
                                         .operation = opk_str_of(SIGNATURES[(i + turn) % 5]),
                                         SHAPES(MAKE_SHAPES),
                                         SEEN(10 + turn * i, 5)};
        assert_int_equal(opk_proposals_build(&all, &RULES, &proposals, NULL), OPK_OK);
        for (unsigned i = 0; i < 5; i++)
            assert_string_equal(id_of(&proposals, SIGNATURES[i]), IDS[i]);
        opk_proposals_done(&proposals);
    }
    for (unsigned set = 1; set < 8; set++) {
        struct opk_kinds all = {.items = kinds, .count = 0};
        struct opk_proposals proposals;
        for (unsigned i = 0; i < 3; i++) {
            size_t which = i == 0 ? 0 : i + 2;
            if (set & 1U << i)
                kinds[all.count++] = (struct opk_kind){.signature = opk_str_of(SIGNATURES[which]),
                                                       .operation = opk_str_of(SIGNATURES[which]),
                                                       SHAPES(MAKE_SHAPES),
                                                       SEEN(10, 5)};
        }
        assert_int_equal(opk_proposals_build(&all, &RULES, &proposals, NULL), OPK_OK);
        for (unsigned i = 0; i < 3; i++) {
            size_t which = i == 0 ? 0 : i + 2;
            if (set & 1U << i)
                assert_string_equal(id_of(&proposals, SIGNATURES[which]), IDS[which]);
        }
        opk_proposals_done(&proposals);
    }
}

/* ---- writing ---- */

static const char *const WANT =
    "# yaml-language-server: $schema=../../schemas/operation_kind_drafts.schema.json\n"
    "schema_version: 1\n"
    "generated_by: opk 1.2.3\n"
    "window: {first: 2025-11-22T01:59:59Z, last: 2025-11-23T02:00:00Z}\n"
    "totals: {sources: 3, sessions: 9, commands: 60, known: 0, drafted: 6, unclustered: 64}\n"
    "drafts:\n"
    "  - draft_id: %s\n"
    "    proposed_id: OPK-CLI-LOGIN\n"
    "    type: command\n"
    "    summary: \"cli login\"\n"
    "    signature: \"cli login\"\n"
    "    shapes:\n"
    "      - {shape: \"cli login <text>\", count: 6}\n"
    "    slots: {}\n"
    "    steps: []\n"
    "    support: {commands: 6, sessions: 4, sources: 3, users: 1, projects: 0, failed: 0.33}\n"
    "    first_seen: 2025-11-22T01:59:59Z\n"
    "    last_seen: 2025-11-23T02:00:00Z\n"
    "    per_day: [{day: 2025-11-22, count: 2}, {day: 2025-11-23, count: 4}]\n"
    "    examples:\n"
    "      - {command: \"cli login x\", source: b, at: 3}\n"
    "      - {command: \"cli login --password <secret:password> --user joe\", "
    "source: \"logs/a, b.cast\", at: 12}\n"
    "    examples_withheld: 1\n"
    "    similar: []\n"
    "    score: 1.00\n";

static void test_write(void **state)
{
    const struct opk_draft_totals totals = {
        .generated_by = "opk 1.2.3", .sources = 3, .sessions = 9, .commands = 60};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    struct opk_kinds kinds = {
        .items = &KINDS[3], .count = 1, .ledger = {.commands = 60, .steps = 70, .opaque = 64}};
    struct opk_proposals proposals;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_err err = {0};

    (void)state;
    assert_int_equal(opk_proposals_build(&kinds, &rules, &proposals, &err), OPK_OK);
    struct opk_split parts = {.rest = opk_str_of(WANT), .separator = '%'};
    struct opk_str part;
    for (size_t i = 0; opk_split_next(&parts, &part); i++) {
        if (i > 0)
            opk_buf_append_cstr(&want, proposals.items[0].draft_id);
        opk_buf_append(&want, i > 0 ? opk_str_skip(part, 1) : part);
    }
    opk_assert_status("write", opk_proposals_write(&proposals, &totals, 1, &out, &err), OPK_OK,
                      &err);
    opk_assert_str("drafts", opk_buf_str(&out), opk_buf_str(&want));
    assert_true(proposals.examples_withheld == 1);
    opk_proposals_done(&proposals);
    opk_buf_done(&out);
    opk_buf_done(&want);
}

/* A draft whose own text the gate objects to never reaches the file. */
static void test_withheld(void **state)
{
    static const struct opk_kind_shape SHAPE[] = {
        {.text = OPK_STR_INIT("tool ghp_0123456789abcdefghijABCDEFGHIJ012345"), .count = 5}};
    struct opk_kind kind = {.signature = OPK_STR_INIT("tool x"),
                            .operation = OPK_STR_INIT("tool x"),
                            SHAPES(SHAPE),
                            SEEN(5, 5)};
    struct opk_kinds kinds = {.items = &kind, .count = 1, .ledger = {.steps = 5}};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    const struct opk_draft_totals totals = {.generated_by = "opk 1"};
    struct opk_proposals proposals;
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_proposals_build(&kinds, &rules, &proposals, NULL), OPK_OK);
    assert_int_equal(opk_proposals_write(&proposals, &totals, 1, &out, NULL), OPK_OK);
    assert_int_equal(opk_str_find(opk_buf_str(&out), OPK_STR("ghp_"), 0), OPK_NPOS);
    assert_int_equal(proposals.count, 0);
    assert_true(proposals.ledger.withheld == 5 && proposals.ledger.drafted == 0);
    assert_true(opk_draft_ledger_adds_up(&proposals.ledger));
    opk_proposals_done(&proposals);
    opk_buf_done(&out);
}

/* Every seventh of many drafts is withheld; how many threads write never shows. */
static void test_threads(void **state)
{
    static const size_t JOBS[] = {1, 2, 3, 4, 9};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    const struct opk_draft_totals totals = {.generated_by = "opk 1"};
    enum { MANY = 350 };
    struct opk_kind items[MANY];
    struct opk_kind_shape shapes[MANY];
    struct opk_kinds kinds = {.items = items, .count = MANY, .ledger = {.steps = 5ULL * MANY}};
    struct opk_arena arena = {0};
    struct opk_buf want = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        struct opk_str name = opk_arena_printf(&arena, "tool%zu x", i);
        shapes[i] = (struct opk_kind_shape){.count = 5};
        shapes[i].text =
            i % 7 == 0 ? OPK_STR("tool ghp_0123456789abcdefghijABCDEFGHIJ012345") : name;
        items[i] = (struct opk_kind){.signature = name,
                                     .operation = name,
                                     .shapes = &shapes[i],
                                     .shape_count = 1,
                                     SEEN(5, 5)};
    }
    for (size_t i = 0; i < sizeof(JOBS) / sizeof(JOBS[0]); i++) {
        struct opk_proposals proposals;
        struct opk_buf got = OPK_BUF_EMPTY;
        assert_int_equal(opk_proposals_build(&kinds, &rules, &proposals, NULL), OPK_OK);
        assert_int_equal(opk_proposals_write(&proposals, &totals, JOBS[i], &got, NULL), OPK_OK);
        assert_int_equal(proposals.count, MANY - MANY / 7);
        assert_true(proposals.ledger.withheld == 5ULL * (MANY / 7));
        assert_true(opk_draft_ledger_adds_up(&proposals.ledger));
        if (i == 0)
            opk_buf_append(&want, opk_buf_str(&got));
        opk_assert_str("threads", opk_buf_str(&got), opk_buf_str(&want));
        opk_proposals_done(&proposals);
        opk_buf_done(&got);
    }
    assert_int_equal(opk_str_find(opk_buf_str(&want), OPK_STR("ghp_"), 0), OPK_NPOS);
    assert_int_not_equal(opk_str_find(opk_buf_str(&want), OPK_STR("\"tool349 x\""), 0), OPK_NPOS);
    opk_arena_done(&arena);
    opk_buf_done(&want);
}

/* ---- limits of a written draft ---- */

static size_t count(struct opk_str text, const char *what)
{
    size_t found = 0;

    for (size_t at = opk_str_find(text, opk_str_of(what), 0); at != OPK_NPOS;
         at = opk_str_find(text, opk_str_of(what), at + 1))
        found++;
    return found;
}

static void write_kind(struct opk_kind *kind, struct opk_buf *out)
{
    struct opk_kinds kinds = {.items = kind, .count = 1, .ledger = {.steps = 90}};
    const struct opk_draft_rules rules = {.min_sessions = 1};
    const struct opk_draft_totals totals = {.generated_by = "opk 1"};
    struct opk_proposals proposals;

    assert_int_equal(opk_proposals_build(&kinds, &rules, &proposals, NULL), OPK_OK);
    opk_buf_clear(out);
    assert_int_equal(opk_proposals_write(&proposals, &totals, 1, out, NULL), OPK_OK);
    opk_proposals_done(&proposals);
}

/* At each limit everything is written, one past it the most frequent, last or first. */
static void test_limits(void **state)
{
    struct opk_kind_shape shapes[OPK_DRAFT_SHAPES_MAX + 1];
    struct opk_slot slots[OPK_DRAFT_SLOTS_MAX + 1];
    struct opk_day days[OPK_DRAFT_DAYS_MAX + 1];
    struct opk_kind kind = {.signature = OPK_STR("a b"),
                            .operation = OPK_STR("a b"),
                            .shapes = shapes,
                            .slots = slots,
                            .evidence = {.commands = 90, .sessions = 3, .days = days}};
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i <= OPK_DRAFT_SHAPES_MAX; i++)
        shapes[i] = (struct opk_kind_shape){.text = OPK_STR("a b <n>"), .count = 1};
    for (size_t i = 0; i <= OPK_DRAFT_SLOTS_MAX; i++)
        slots[i] = (struct opk_slot){OPK_STR("s"), OPK_STR("path"), 1};
    for (size_t i = 0; i <= OPK_DRAFT_DAYS_MAX; i++)
        days[i] = (struct opk_day){(int64_t)i, 1};
    for (size_t more = 0; more <= 1; more++) {
        kind.shape_count = OPK_DRAFT_SHAPES_MAX + more;
        kind.slot_count = OPK_DRAFT_SLOTS_MAX + more;
        kind.evidence.day_count = OPK_DRAFT_DAYS_MAX + more;
        write_kind(&kind, &out);
        assert_int_equal(count(opk_buf_str(&out), "{shape: "), OPK_DRAFT_SHAPES_MAX);
        assert_int_equal(count(opk_buf_str(&out), "{class: "), OPK_DRAFT_SLOTS_MAX);
        assert_int_equal(count(opk_buf_str(&out), "{day: "), OPK_DRAFT_DAYS_MAX);
        assert_int_equal(count(opk_buf_str(&out), "{day: 1970-01-01,"), more == 0);
    }
    opk_buf_done(&out);
}

/* An example of the limit stands whole; a longer one is cut at a character, never within a
 * placeholder. */
static void test_example_limit(void **state)
{
    static const struct {
        const char *tail;
        const char *want; /* how the written example ends */
    } CASES[] = {
        {"yy", "yy\""},
        {"yyz", "yy...\""},
        {"y\xC3\xA9z", "xy...\""},
        {" PW=Zebra99xq", " PW=...\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_buf out = OPK_BUF_EMPTY;
        size_t lead = i == 3 ? 6 : 2;
        opk_buf_append_cstr(&text, "a ");
        opk_buf_append_fill(&text, 'x', OPK_DRAFT_EXAMPLE_MAX - 2 - lead);
        opk_buf_append_cstr(&text, CASES[i].tail);
        const struct opk_example example = {opk_buf_str(&text), OPK_STR("s"), 1};
        const struct opk_kind_shape shape = {.text = OPK_STR("a"), .count = 3};
        struct opk_kind kind = {.signature = OPK_STR("a"),
                                .operation = OPK_STR("a"),
                                .shapes = &shape,
                                .shape_count = 1,
                                .evidence = {.commands = 3,
                                             .sessions = 3,
                                             .first = OPK_UNKNOWN,
                                             .examples = &example,
                                             .example_count = 1}};
        write_kind(&kind, &out);
        struct opk_buf want = OPK_BUF_EMPTY;
        opk_buf_printf(&want, "%s, source: s", CASES[i].want);
        if (opk_str_find(opk_buf_str(&out), opk_buf_str(&want), 0) == OPK_NPOS)
            opk_assert_str(CASES[i].tail, opk_buf_str(&out), opk_buf_str(&want));
        opk_buf_done(&want);
        opk_buf_done(&text);
        opk_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),     cmocka_unit_test(test_summaries),
        cmocka_unit_test(test_choose),  cmocka_unit_test(test_min_sessions),
        cmocka_unit_test(test_known),   cmocka_unit_test(test_write),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_withheld),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_example_limit),
        cmocka_unit_test(test_novelty), cmocka_unit_test(test_rank),
        cmocka_unit_test(test_weights), cmocka_unit_test(test_stable_ids),
    };

    return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
