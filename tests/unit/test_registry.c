#include "support/support.h"

#include "promote/drafts.h"
#include "promote/registry.h"

#include <string.h>

static const char REGISTRY[] = "# people write here\n"
                               "schema_version: 1\n"
                               "operation_kinds:\n"
                               "  - id: OPK-GIT-COMMIT\n"
                               "    ulid: 01ARYZ6S410000000000000001\n"
                               "    name: Commit staged changes\n"
                               "    status: active\n"
                               "    type: command\n"
                               "    matches: [\"git commit …\", 'git ci']\n"
                               "    promoted_from: DRF-7K3M9QX2T4\n"
                               "    superseded_by: null\n"
                               "    owner: somebody\n"
                               "  - {id: OPK-LS, status: draft, used_by: [PAT-A-001]}\n";

static void test_registry(void **state)
{
    struct opk_registry registry;
    struct opk_err err = {0};

    (void)state;
    opk_assert_status("parse", opk_registry_parse(opk_str_of(REGISTRY), "r.yaml", &registry, &err),
                      OPK_OK, &err);
    assert_int_equal(registry.count, 2);
    const struct opk_registered *kind = opk_registry_find(&registry, OPK_STR("OPK-GIT-COMMIT"));
    assert_ptr_equal(kind, &registry.kinds[0]);
    opk_assert_str("name", kind->name, OPK_STR("Commit staged changes"));
    opk_assert_str("ulid", kind->ulid, OPK_STR("01ARYZ6S410000000000000001"));
    opk_assert_str("type", kind->type, OPK_STR("command"));
    opk_assert_str("superseded_by", kind->superseded_by, OPK_STR(""));
    assert_int_equal(kind->status, OPK_KIND_ACTIVE);
    assert_int_equal(kind->match_count, 2);
    opk_assert_str("match 0", kind->matches[0], OPK_STR("git commit …"));
    opk_assert_str("match 1", kind->matches[1], OPK_STR("git ci"));
    assert_ptr_equal(opk_registry_find_promoted(&registry, OPK_STR("DRF-7K3M9QX2T4")), kind);
    assert_null(opk_registry_find_promoted(&registry, OPK_STR("DRF-0000000000")));
    kind = opk_registry_find(&registry, OPK_STR("OPK-LS"));
    assert_int_equal(kind->status, OPK_KIND_DRAFT);
    opk_assert_str("no name", kind->name, OPK_STR(""));
    opk_assert_str("used_by", kind->used_by[0], OPK_STR("PAT-A-001"));
    assert_null(opk_registry_find(&registry, OPK_STR("OPK-NONE")));
    opk_registry_done(&registry);
}

static void test_registry_empty(void **state)
{
    static const char *const TEXTS[] = {
        "", "# nothing\n", "operation_kinds:\n", "operation_kinds: []\n", "schema_version: 1\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        struct opk_registry registry;
        struct opk_err err = {0};
        opk_assert_status(TEXTS[i], opk_registry_parse(opk_str_of(TEXTS[i]), "r", &registry, &err),
                          OPK_OK, &err);
        assert_int_equal(registry.count, 0);
        assert_null(opk_registry_find(&registry, OPK_STR("OPK-X")));
        opk_registry_done(&registry);
    }
}

struct bad {
    const char *text;
    uint64_t line;
    const char *why;
};

static void check_bad(const struct bad *row, enum opk_status got, const struct opk_err *err)
{
    opk_assert_status(row->text, got, OPK_E_INVALID, err);
    if (err->line != row->line || !strstr(err->message, row->why))
        fail_msg("%s: line %llu: %s", row->text, (unsigned long long)err->line, err->message);
    assert_string_equal(err->path, "f.yaml");
}

static void test_registry_errors(void **state)
{
    static const struct bad ROWS[] = {
        {"- a\n", 1, "a mapping with 'operation_kinds'"},
        {"operation_kinds: x\n", 1, "is a list"},
        {"operation_kinds:\n  - x\n", 2, "is a mapping"},
        {"operation_kinds:\n  - name: x\n    status: draft\n", 2, "'id' is missing"},
        {"operation_kinds:\n  - id: OPK-A\n", 2, "'status' is missing"},
        {"operation_kinds:\n  - id: OPK-a\n    status: draft\n", 2, "no operation kind"},
        {"operation_kinds:\n  - id: OPK-A\n    status: on\n", 3, "not 'on'"},
        {"operation_kinds:\n  - id: [OPK-A]\n    status: draft\n", 2, "a single value"},
        {"operation_kinds:\n  - id: OPK-A\n    status: draft\n    matches: x\n", 4, "is a list"},
        {"operation_kinds:\n  - id: OPK-A\n    status: draft\n    matches: [[x]]\n", 4,
         "a single value"},
        {"operation_kinds:\n  - id: OPK-A\n    status: draft\n  - id: OPK-A\n    status: draft\n",
         4, "first in line 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_registry registry;
        struct opk_err err = {0};
        check_bad(&ROWS[i], opk_registry_parse(opk_str_of(ROWS[i].text), "f.yaml", &registry, &err),
                  &err);
    }
}

static void test_kind_ids(void **state)
{
    static const char *const GOOD[] = {"OPK-A", "OPK-1", "OPK-GIT-COMMIT", "OPK-A-2", "OPK-OPK"};
    static const char *const BAD[] = {"",       "OPK",     "OPK-",        "OPK--A", "OPK-A-",
                                      "opk-A",  "OPK-a",   "OPK_A",       "XOPK-A", " OPK-A",
                                      "OPK-A ", "OPK-A\n", "OPK-\xC3\x84"};

    (void)state;
    for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
        assert_true(opk_kind_id_is_valid(opk_str_of(GOOD[i])));
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
        assert_false(opk_kind_id_is_valid(opk_str_of(BAD[i])));
}

static const char DRAFTS[] =
    "schema_version: 1\n"
    "generated_by: opk 0.1\n"
    "drafts:\n"
    "  - draft_id: DRF-7K3M9QX2T4\n"
    "    proposed_id: OPK-GIT-COMMIT\n"
    "    type: command\n"
    "    summary: \"git commit with a message\"\n"
    "    signature: \"git commit\"\n"
    "    shapes:\n"
    "      - {shape: \"git commit -m <text>\", count: 8123}\n"
    "      - {shape: \"git commit --amend\", count: 812}\n"
    "    slots: {text: {class: text, distinct: 7990}}\n"
    "    steps: []\n"
    "    support: {commands: 9120, sessions: 1200, sources: 88, users: 9, failed: 0.03}\n"
    "    first_seen: 2026-11-01T02:00:00Z\n"
    "    examples:\n"
    "      - {command: \"git commit -m 'fix'\", source: logs/a.cast.zst, at: 1182}\n"
    "    score: 0.93\n"
    "  - draft_id: DRF-0000000001\n";

static void test_drafts(void **state)
{
    struct opk_drafts drafts;
    struct opk_err err = {0};

    (void)state;
    opk_assert_status("parse", opk_drafts_parse(opk_str_of(DRAFTS), "d.yaml", &drafts, &err),
                      OPK_OK, &err);
    assert_int_equal(drafts.count, 2);
    const struct opk_draft *draft = opk_drafts_find(&drafts, OPK_STR("DRF-7K3M9QX2T4"));
    assert_ptr_equal(draft, &drafts.items[0]);
    opk_assert_str("proposed_id", draft->proposed_id, OPK_STR("OPK-GIT-COMMIT"));
    opk_assert_str("summary", draft->summary, OPK_STR("git commit with a message"));
    opk_assert_str("signature", draft->signature, OPK_STR("git commit"));
    assert_int_equal(draft->shape_count, 2);
    opk_assert_str("shape", draft->shapes[1].text, OPK_STR("git commit --amend"));
    assert_int_equal(draft->shapes[0].count, 8123);
    assert_int_equal(draft->step_count, 0);
    assert_int_equal(draft->support.commands, 9120);
    assert_int_equal(draft->support.sessions, 1200);
    assert_int_equal(draft->sources, 88);
    assert_int_equal(draft->users, 9);
    opk_assert_str("failed", draft->failed, OPK_STR("0.03"));
    opk_assert_str("example", draft->examples[0].command, OPK_STR("git commit -m 'fix'"));
    opk_assert_str("source", draft->examples[0].source, OPK_STR("logs/a.cast.zst"));
    assert_int_equal(draft->examples[0].at, 1182);
    opk_assert_str("score", draft->score, OPK_STR("0.93"));
    draft = opk_drafts_find(&drafts, OPK_STR("DRF-0000000001"));
    assert_int_equal(draft->shape_count, 0);
    assert_true(opk_hash128_eq(draft->digest, opk_hash128(OPK_STR("draft_id: DRF-0000000001"))));
    assert_null(opk_drafts_find(&drafts, OPK_STR("DRF-0000000002")));
    opk_drafts_done(&drafts);
}

static void test_drafts_errors(void **state)
{
    static const struct bad ROWS[] = {
        {"drafts: 1\n", 1, "is a list"},
        {"drafts:\n  - DRF-0000000001\n", 2, "is a mapping"},
        {"drafts:\n  - summary: x\n", 2, "'draft_id' is missing"},
        {"drafts:\n  - draft_id: DRF-000000000I\n", 2, "no draft id"},
        {"drafts:\n  - draft_id: DRF-000000001\n", 2, "no draft id"},
        {"drafts:\n  - draft_id: DRF-00000000011\n", 2, "no draft id"},
        {"drafts:\n  - draft_id: DRF-0000000001\n    support: {commands: many}\n", 3,
         "a whole number"},
        {"drafts:\n  - draft_id: DRF-0000000001\n    shapes: [{count: 1}]\n", 3,
         "'shape' is missing"},
        {"drafts:\n  - draft_id: DRF-0000000001\n  - draft_id: DRF-0000000001\n", 3,
         "first in line 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_drafts drafts;
        struct opk_err err = {0};
        check_bad(&ROWS[i], opk_drafts_parse(opk_str_of(ROWS[i].text), "f.yaml", &drafts, &err),
                  &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),        cmocka_unit_test(test_registry_empty),
        cmocka_unit_test(test_registry_errors), cmocka_unit_test(test_kind_ids),
        cmocka_unit_test(test_drafts),          cmocka_unit_test(test_drafts_errors),
    };

    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
