#include "support/support.h"
#include "support/temp.h"

#include "sync/reverse.h"

#define CARD_PATH "ids/patterns/cards/01JD9Z4K7M1N3P5R7S9T0V2W4X.yaml"
#define SPEC_PATH "patterns/specs/a.yaml"
#define MAP_PATH  "plugins/patterns/PLG_PATTERNS_PROPAGATE/rules/propagation.map.yml"

/* A card with its semver and status as they stand, comments and all. */
#define CARD(semver, status)                                                                       \
    "schema_version: 1\n"                                                                          \
    "ulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n"                                                           \
    "pattern_key: PAT_A\n"                                                                         \
    "pattern_id: PAT-A-001\n"                                                                      \
    "doc_id: DOC-PAT-A-001\n"                                                                      \
    "semver: " semver " # decided in review\n"                                                     \
    "status: " status "\n"                                                                         \
    "category: c\n"                                                                                \
    "layer: meta\n"                                                                                \
    "operation_kinds: [OPK-A]\n"                                                                   \
    "suite:\n"                                                                                     \
    "  folder: patterns/a\n"                                                                       \
    "  spec: patterns/specs/a.yaml\n"                                                              \
    "  schema: patterns/schemas/a.json\n"                                                          \
    "  executor: patterns/executors/a.ps1\n"                                                       \
    "  tests: [patterns/tests/a.ps1]\n"                                                            \
    "  examples_dir: patterns/examples/a\n"
#define SPEC(version, status)                                                                      \
    "pattern_id: PAT-A-001\nversion: " version "\nstatus: " status "\nsteps: []\n"

/* One bare name and one template: both are read. */
static const char MAP[] = "version: 1\n"
                          "rules:\n"
                          "  - name: spec_to_card_version\n"
                          "    when: {source_type: pattern_spec}\n"
                          "    targets:\n"
                          "      - target_type: pattern_card\n"
                          "        mode: patch_yaml_fields\n"
                          "        match_field: pattern_id\n"
                          "        fields_from_spec: {semver: version, status: \"{{ status }}\"}\n";

static const struct {
    const char *name;
    const char *spec;
    const char *base_spec; /* NULL: there is no base */
    const char *card;
    const char *base_card;
    enum opk_status status;
    const char *want; /* the card, or the message */
} CASES[] = {
    {"nothing changed", SPEC("1.0.0", "draft"), SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"),
     CARD("1.0.0", "draft"), OPK_OK, CARD("1.0.0", "draft")},
    {"the spec changed", SPEC("'1.1.0'", "active"), SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"),
     CARD("1.0.0", "draft"), OPK_OK, CARD("1.1.0", "active")},
    {"quotes of the card are kept", SPEC("1.1.0", "draft"), SPEC("1.0.0", "draft"),
     CARD("'1.0.0'", "draft"), CARD("'1.0.0'", "draft"), OPK_OK, CARD("'1.1.0'", "draft")},
    {"the card changed", SPEC("1.0.0", "draft"), SPEC("1.0.0", "draft"), CARD("1.1.0", "active"),
     CARD("1.0.0", "draft"), OPK_OK, CARD("1.1.0", "active")},
    {"both changed alike", SPEC("1.1.0", "draft"), SPEC("1.0.0", "draft"), CARD("1.1.0", "draft"),
     CARD("1.0.0", "draft"), OPK_OK, CARD("1.1.0", "draft")},
    {"each changed another field", SPEC("1.0.0", "active"), SPEC("1.0.0", "draft"),
     CARD("1.1.0", "draft"), CARD("1.0.0", "draft"), OPK_OK, CARD("1.1.0", "active")},
    {"both changed differently", SPEC("2.0.0", "draft"), SPEC("1.0.0", "draft"),
     CARD("1.1.0", "draft"), CARD("1.0.0", "draft"), OPK_E_CONFLICT,
     "semver was changed to 1.1.0 here and to 2.0.0 in patterns/specs/a.yaml; make them one"},
    {"a status that it may not become", SPEC("1.0.0", "draft"), SPEC("1.0.0", "active"),
     CARD("1.0.0", "active"), CARD("1.0.0", "active"), OPK_E_REFUSED,
     "status active may not become draft"},
    {"no version", SPEC("1.x", "draft"), SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"),
     CARD("1.0.0", "draft"), OPK_E_INVALID, "semver is not right: it must be a version x.y.z"},
    {"a number", SPEC("1.1", "draft"), SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"),
     CARD("1.0.0", "draft"), OPK_E_INVALID,
     "what becomes semver of the card must be a text; quote it"},
    {"a field that is gone", "pattern_id: PAT-A-001\nstatus: draft\n", SPEC("1.0.0", "draft"),
     CARD("1.0.0", "draft"), CARD("1.0.0", "draft"), OPK_E_INVALID, "version is undefined"},
    {"a field that was not there", SPEC("1.1.0", "draft"), "pattern_id: PAT-A-001\nstatus: draft\n",
     CARD("1.0.0", "draft"), CARD("1.0.0", "draft"), OPK_OK, CARD("1.1.0", "draft")},
    {"another pattern's", "pattern_id: PAT-B-001\n", SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"),
     CARD("1.0.0", "draft"), OPK_E_REFUSED,
     "pattern_id is PAT-B-001 here and PAT-A-001 in " CARD_PATH
     "; mend suite.spec or the spec by hand"},
    {"a spec that does not say whose it is", "version: 1.1.0\nstatus: draft\n",
     SPEC("1.0.0", "draft"), CARD("1.0.0", "draft"), CARD("1.0.0", "draft"), OPK_OK,
     CARD("1.1.0", "draft")},
    {"no base, alike", SPEC("1.0.0", "draft"), NULL, CARD("1.0.0", "draft"), NULL, OPK_OK,
     CARD("1.0.0", "draft")},
    {"no base, and they differ", SPEC("1.1.0", "draft"), NULL, CARD("1.0.0", "draft"), NULL,
     OPK_E_CONFLICT,
     "semver is 1.0.0 here and 1.1.0 in patterns/specs/a.yaml, and without a Git work tree with "
     "commits nobody can say which was changed; make them one"},
};

static void open_repo(const struct opk_temp *temp, const char *configuration, const char *spec,
                      const char *card, struct opk_repo *out_repo, struct opk_rules *out_rules)
{
    struct opk_err err;

    opk_temp_write(temp, "opk.yaml", configuration);
    opk_temp_write(temp, MAP_PATH, MAP);
    opk_temp_write(temp, SPEC_PATH, spec);
    opk_temp_write(temp, CARD_PATH, card);
    opk_assert_status("open", opk_repo_open(temp->path, OPK_REPO_READ, out_repo, &err), OPK_OK,
                      &err);
    opk_assert_status("rules",
                      opk_rules_load(&out_repo->files, out_repo->paths.rules, out_rules, &err),
                      OPK_OK, &err);
}

static void check_case(size_t row)
{
    struct opk_reverse_base base = {opk_str_of(CASES[row].base_spec),
                                    opk_str_of(CASES[row].base_card)};
    const struct opk_card *card;
    struct opk_file *file;
    struct opk_temp temp;
    struct opk_repo repo;
    struct opk_rules rules;
    struct opk_err err;

    opk_temp_init(&temp);
    open_repo(&temp, "version: 1\nsync: {reverse: true}\n", CASES[row].spec, CASES[row].card, &repo,
              &rules);
    enum opk_status status = opk_reverse_find(&repo, &rules, OPK_STR(SPEC_PATH), &card, &err);
    if (status == OPK_OK)
        status = opk_reverse_apply(&repo, &rules, OPK_STR(SPEC_PATH), card,
                                   CASES[row].base_spec ? &base : NULL, &err);
    opk_assert_status(CASES[row].name, status, CASES[row].status, &err);
    if (status != OPK_OK) {
        opk_assert_str(CASES[row].name, opk_str_of(err.message), opk_str_of(CASES[row].want));
    } else {
        opk_assert_status("file", opk_files_open(&repo.files, OPK_STR(CARD_PATH), &file, &err),
                          OPK_OK, &err);
        opk_assert_str(CASES[row].name, file->now, opk_str_of(CASES[row].want));
        opk_assert_str(CASES[row].name, repo.cards[0].semver,
                       opk_node_text(opk_node_get(repo.cards[0].doc.root, "semver")));
    }
    opk_rules_done(&rules);
    opk_repo_done(&repo);
    opk_temp_done(&temp);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        check_case(i);
}

/* Without sync.reverse no spec has a card that it could change. */
static void test_off(void **state)
{
    const struct opk_card *card;
    struct opk_temp temp;
    struct opk_repo repo;
    struct opk_rules rules;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    open_repo(&temp, "version: 1\n", SPEC("1.1.0", "draft"), CARD("1.0.0", "draft"), &repo, &rules);
    opk_assert_status("off", opk_reverse_find(&repo, &rules, OPK_STR(SPEC_PATH), &card, &err),
                      OPK_OK, &err);
    assert_null(card);
    opk_rules_done(&rules);
    opk_repo_done(&repo);
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_off),
    };

    return cmocka_run_group_tests_name("reverse", tests, NULL, NULL);
}
