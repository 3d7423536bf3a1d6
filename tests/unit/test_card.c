#include "support/support.h"

#include "base/file.h"
#include "sync/card.h"

#include <stdlib.h>
#include <string.h>

#define CARD_BYTES_MAX ((size_t)1 << 20)

/* The tables of card.c and the schemas of cards must say the same of every example. */
static void check_folder(const char *folder,
                         enum opk_status (*parse)(struct opk_str, const char *, struct opk_card *,
                                                  struct opk_err *),
                         enum opk_status want)
{
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_arena arena = {0};
    struct opk_str *names;
    size_t count = 0;
    struct opk_err err;

    opk_assert_status(folder, opk_root_open(OPK_SOURCE_DIR, &root, &err), OPK_OK, &err);
    opk_assert_status(folder, opk_root_list(&root, folder, &arena, &names, &count, &err), OPK_OK,
                      &err);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct opk_str path = opk_arena_printf(&arena, "%s/%.*s", folder, OPK_STR_FMT(names[i]));
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_card card = {0};
        bool is_later = opk_str_eq(names[i], OPK_STR("version.yaml"));
        opk_assert_status(path.data, opk_root_read(&root, path.data, CARD_BYTES_MAX, &text, &err),
                          OPK_OK, &err);
        opk_assert_status(path.data, parse(opk_buf_str(&text), path.data, &card, &err),
                          is_later ? OPK_E_UNSUPPORTED : want, &err);
        opk_card_done(&card);
        opk_buf_done(&text);
    }
    opk_arena_done(&arena);
    opk_root_close(&root);
}

static void test_valid(void **state)
{
    (void)state;
    check_folder("schemas/valid/pattern_card", opk_card_parse, OPK_OK);
    check_folder("schemas/valid/doc_card", opk_doc_card_parse, OPK_OK);
}

static void test_invalid(void **state)
{
    (void)state;
    check_folder("schemas/invalid/pattern_card", opk_card_parse, OPK_E_INVALID);
    check_folder("schemas/invalid/doc_card", opk_doc_card_parse, OPK_E_INVALID);
}

static const char CARD[] = "schema_version: 1\n"
                           "ulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n"
                           "pattern_key: PAT_A\n"
                           "pattern_id: PAT-A\n"
                           "doc_id: DOC-PAT-A\n"
                           "semver: 1.0.0\n"
                           "status: draft\n"
                           "category: c\n"
                           "layer: meta\n"
                           "operation_kinds: [OPK-A, OPK-B]\n"
                           "suite:\n"
                           "  folder: f\n"
                           "  spec: s.yaml\n"
                           "  schema: s.json\n"
                           "  executor: e.ps1\n"
                           "  tests: [t.ps1]\n"
                           "  examples_dir: x\n"
                           "  docs: {readme: r.md}\n";

static void test_fields(void **state)
{
    static const struct {
        const char *path;
        const char *want; /* NULL: absent */
    } FINDS[] = {{"suite.docs.readme", "r.md"},
                 {"suite.spec", "s.yaml"},
                 {"ulid", "01JD9Z4K7M1N3P5R7S9T0V2W4X"},
                 {"suite.docs.tests_doc", NULL},
                 {"suite.spec.x", NULL},
                 {"nope", NULL}};
    struct opk_card card;
    struct opk_err err;

    (void)state;
    opk_assert_status("card", opk_card_parse(opk_str_of(CARD), "c.yaml", &card, &err), OPK_OK,
                      &err);
    opk_assert_str("id", card.pattern_id, OPK_STR("PAT-A"));
    assert_int_equal(card.operation_kinds->count, 2);
    for (size_t i = 0; i < sizeof(FINDS) / sizeof(FINDS[0]); i++) {
        const struct opk_node *node = opk_card_find(&card, opk_str_of(FINDS[i].path));
        assert_int_equal(node != NULL, FINDS[i].want != NULL);
        opk_assert_str(FINDS[i].path, opk_node_text(node), opk_str_of(FINDS[i].want));
    }
    opk_card_done(&card);
}

/* The table of PATTERN_VERSIONING_CONTRACT.md: a letter a status, and those it may become. */
static void test_statuses(void **state)
{
    static const struct {
        const char *name;
        char letter;
        const char *becomes;
    } ROWS[] = {
        {"draft", 'd', "dexso"}, {"experimental", 'x', "xeo"}, {"spec_only", 's', "seo"},
        {"active", 'e', "eom"},  {"migrated", 'm', "mo"},      {"deprecated", 'o', "o"},
    };
    const size_t count = sizeof(ROWS) / sizeof(ROWS[0]);

    (void)state;
    for (size_t i = 0; i < count * count; i++) {
        bool may = strchr(ROWS[i / count].becomes, ROWS[i % count].letter) != NULL;
        assert_int_equal(opk_card_status_may_become(opk_str_of(ROWS[i / count].name),
                                                    opk_str_of(ROWS[i % count].name)),
                         may);
    }
    assert_false(opk_card_status_may_become(OPK_STR("done"), OPK_STR("done")));
    assert_false(opk_card_status_may_become(OPK_STR("draft"), OPK_STR("done")));
}

/* Where a rule may look for a path. */
static void test_has_path(void **state)
{
    static const char *const YES[] = {"suite.spec", "suite.folder", "suite.docs.anything",
                                      "registry.pattern_index"};
    static const char *const NO[] = {"",           "suite",        "suite.docs", "suite.tests",
                                     "suite.spek", "suite.spec.x", "semver",     "suite.docs.a.b"};

    (void)state;
    for (size_t i = 0; i < sizeof(YES) / sizeof(YES[0]); i++)
        assert_true(opk_card_has_path(OPK_FAMILY_PATTERN, opk_str_of(YES[i])));
    for (size_t i = 0; i < sizeof(NO) / sizeof(NO[0]); i++)
        assert_false(opk_card_has_path(OPK_FAMILY_PATTERN, opk_str_of(NO[i])));
    assert_true(opk_card_has_path(OPK_FAMILY_DOC, OPK_STR("document")));
    assert_false(opk_card_has_path(OPK_FAMILY_DOC, OPK_STR("suite.spec")));
    assert_false(opk_card_has_path(OPK_FAMILY_PATTERN, OPK_STR("document")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses), cmocka_unit_test(test_has_path),
        cmocka_unit_test(test_valid),    cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_fields),
    };

    return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
