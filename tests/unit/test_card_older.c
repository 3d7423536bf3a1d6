#include "support/support.h"

#include "sync/card_older.h"

#define PATH "ids/patterns/cards/01JD9Z4K7M1N3P5R7S9T0V2W4X.yaml"

/* What every older card of these has; category and layer in the place of today. */
#define HEAD                                                                                       \
    "pattern_key: PAT_PATCH_FILES\n"                                                               \
    "semver: 1.2.0\n"                                                                              \
    "status: active\n"
#define TAIL                                                                                       \
    "layer: execution\n"                                                                           \
    "operation_kinds: [OPK-A]\n"

/* The whole of it: every line that is not named in the header stays, comments move with values. */
static const char WHOLE[] = "# A card as it was written before.\n"
                            "\n"
                            "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X # never changes\n"
                            "pattern_key:   \"PAT_PATCH_FILES\"   # for people\n"
                            "semver: '1.2.0'\n"
                            "# who decides\n"
                            "status: active\n"
                            "layer: execution\n"
                            "primary_spec: specs/patch.pattern.yaml   # the one\n"
                            "\n"
                            "operation_kinds: # two\n"
                            "  - OPK_PATCH_APPLY # first\n"
                            "  - \"OPK_PATCH_VERIFY\"\n"
                            "summary: Apply a diff.\n"
                            "suite:\n"
                            "    folder: patterns/patch # here\n"
                            "    # documents\n"
                            "    docs: # of all kinds\n"
                            "        # the spec\n"
                            "        spec: specs/older.pattern.yaml # older\n"
                            "        schema: schemas/patch.schema.json # types\n"
                            "        executor_doc: docs/patch_executor.md # how to run\n"
                            "        examples: examples/\n"
                            "        tests: 'docs/patch_tests.md'\n"
                            "        notes: NOTES.md\n"
                            "    tests:\n"
                            "      # one\n"
                            "      - tests/test_patch.ps1\n"
                            "tags: [files, patch]\n";
static const char WHOLE_NOW[] = "# A card as it was written before.\n"
                                "\n"
                                "schema_version: 1\n"
                                "ulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X # never changes\n"
                                "pattern_key:   \"PAT_PATCH_FILES\"   # for people\n"
                                "pattern_id: PAT-PATCH-FILES-001\n"
                                "doc_id: DOC-PAT-PATCH-FILES-001\n"
                                "semver: '1.2.0'\n"
                                "# who decides\n"
                                "status: active\n"
                                "category: file_modification\n"
                                "layer: execution\n"
                                "\n"
                                "operation_kinds: # two\n"
                                "  - OPK-PATCH-APPLY # first\n"
                                "  - \"OPK-PATCH-VERIFY\"\n"
                                "summary: Apply a diff.\n"
                                "suite:\n"
                                "    folder: patterns/patch # here\n"
                                "    spec: patterns/specs/patch.pattern.yaml   # the one\n"
                                "    schema: patterns/schemas/patch.schema.json # types\n"
                                "    executor: patterns/executors/patch_files_executor.ps1\n"
                                "    # documents\n"
                                "    docs: # of all kinds\n"
                                "        # the spec\n"
                                "        # older\n"
                                "        executor_doc: patterns/patch/EXECUTOR.md # how to run\n"
                                "        tests_doc: 'patterns/patch/TESTS.md'\n"
                                "        notes: patterns/patch/NOTES.md\n"
                                "    tests:\n"
                                "      # one\n"
                                "      - patterns/patch/tests/test_patch.ps1\n"
                                "    examples_dir: patterns/patch/examples/\n"
                                "tags: [files, patch]\n";

static const struct {
    const char *name;
    const char *category;
    const char *text;
    const char *want; /* or the error */
    uint64_t line;    /* of the error */
} CASES[] = {
    {"whole", "file_modification", WHOLE, WHOLE_NOW, 0},
    {"a category of its own is kept", "other",
     "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD "category: own\n" TAIL
     "suite: # all of it\n  folder: patterns/x\n",
     "schema_version: 1\nulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\npattern_key: PAT_PATCH_FILES\n"
     "pattern_id: PAT-PATCH-FILES-001\ndoc_id: DOC-PAT-PATCH-FILES-001\n"
     "semver: 1.2.0\nstatus: active\ncategory: own\n" TAIL
     "suite: # all of it\n  folder: patterns/x\n  spec: patterns/specs/patch_files.pattern.yaml\n"
     "  schema: patterns/schemas/patch_files.schema.json\n"
     "  executor: patterns/executors/patch_files_executor.ps1\n"
     "  tests:\n    - patterns/tests/test_patch_files_executor.ps1\n"
     "  examples_dir: patterns/examples/patch_files\n",
     0},
    {"no suite, CRLF, no last line end", "c",
     "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\r\npattern_key: PAT_A\r\nsemver: 1.0.0\r\n"
     "status: draft\r\nlayer: meta\r\nprimary_spec: specs/a.yaml\r\noperation_kinds: [OPK_A]",
     "schema_version: 1\r\nulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\r\npattern_key: PAT_A\r\n"
     "pattern_id: PAT-A-001\r\ndoc_id: DOC-PAT-A-001\r\nsemver: 1.0.0\r\nstatus: draft\r\n"
     "category: c\r\nlayer: meta\r\noperation_kinds: [OPK-A]\r\nsuite:\r\n  folder: patterns/a\r\n"
     "  spec: patterns/specs/a.yaml\r\n  schema: patterns/schemas/a.schema.json\r\n"
     "  executor: patterns/executors/a_executor.ps1\r\n"
     "  tests:\r\n    - patterns/tests/test_a_executor.ps1\r\n"
     "  examples_dir: patterns/examples/a",
     0},
    {"docs that all move away", "c",
     "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD TAIL
     "suite:\n  docs: # gone\n    spec: specs/a.yaml\n    schema: schemas/a.json # kept\n"
     "  folder: patterns/x\n",
     "schema_version: 1\nulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\npattern_key: PAT_PATCH_FILES\n"
     "pattern_id: PAT-PATCH-FILES-001\ndoc_id: DOC-PAT-PATCH-FILES-001\n"
     "semver: 1.2.0\nstatus: active\ncategory: c\n" TAIL
     "suite:\n  # gone\n  folder: patterns/x\n  spec: patterns/specs/a.yaml\n"
     "  schema: patterns/schemas/a.json # kept\n"
     "  executor: patterns/executors/patch_files_executor.ps1\n"
     "  tests:\n    - patterns/tests/test_patch_files_executor.ps1\n"
     "  examples_dir: patterns/examples/patch_files\n",
     0},
    {"kinds alone", "",
     "schema_version: 1\nulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\npattern_key: PAT_A\npattern_id: PAT-A\n"
     "doc_id: DOC-PAT-A\nsemver: 1.0.0\nstatus: draft\ncategory: c\nlayer: meta\n"
     "operation_kinds: ['OPK_A_B']\nsuite:\n  folder: patterns/a\n  spec: patterns/specs/a.yaml\n"
     "  schema: patterns/schemas/a.json\n  executor: patterns/a/a.ps1\n"
     "  tests: [patterns/a/t.ps1]\n  examples_dir: patterns/a/e\n",
     "schema_version: 1\nulid: 01JD9Z4K7M1N3P5R7S9T0V2W4X\npattern_key: PAT_A\npattern_id: PAT-A\n"
     "doc_id: DOC-PAT-A\nsemver: 1.0.0\nstatus: draft\ncategory: c\nlayer: meta\n"
     "operation_kinds: ['OPK-A-B']\nsuite:\n  folder: patterns/a\n  spec: patterns/specs/a.yaml\n"
     "  schema: patterns/schemas/a.json\n  executor: patterns/a/a.ps1\n"
     "  tests: [patterns/a/t.ps1]\n  examples_dir: patterns/a/e\n",
     0},
    {"no category", "", "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD TAIL,
     "this card of the older dialect has no category; give one: opk sync --migrate KEY --category "
     "CATEGORY",
     1},
    {"no key", "c", "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" TAIL,
     "this card of the older dialect has no pattern_key; add it, such as PAT_ATOMIC_CREATE", 1},
    {"no ulid", "c", "primary_spec: specs/a.yaml\n" HEAD TAIL,
     "this card of the older dialect has no ulid; add it: it is the name of the file", 1},
    {"two specs", "c",
     "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\nprimary_spec: specs/a.yaml\n" HEAD TAIL
     "suite:\n  spec: specs/b.yaml\n",
     "primary_spec is another file than suite.spec (line 9); delete one", 2},
    {"braces", "c", "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD TAIL "suite: {folder: a}\n",
     "a card of the older dialect is migrated where its mappings have a line a key; write this one "
     "so",
     7},
    {"no layer", "c", "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD "operation_kinds: [OPK-A]\n",
     "required key 'layer' is missing", 0},
    {"an unknown key", "c", "pattern_id: 01JD9Z4K7M1N3P5R7S9T0V2W4X\n" HEAD TAIL "sumary: x\n",
     "unknown key 'sumary'; did you mean 'summary'?", 7},
    {"not older", "c", "pattern_id: PAT-A\n" HEAD, "required key 'category' is missing", 1},
};

static void test_migrate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_str text = opk_str_of(CASES[i].text);
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_card card = {0};
        struct opk_err err;
        bool is_older;
        enum opk_status status =
            opk_card_read(text, PATH, opk_str_of(CASES[i].category), &card, &is_older, &err);
        if (status == OPK_OK)
            opk_assert_status(
                CASES[i].name,
                opk_card_migrate(text, PATH, opk_str_of(CASES[i].category), &got, &err), OPK_OK,
                &err);
        else
            opk_buf_append_cstr(&got, err.message);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        assert_int_equal(status == OPK_OK ? 0 : err.line, CASES[i].line);
        assert_int_equal(status == OPK_OK && card.is_older, status == OPK_OK);
        opk_card_done(&card);
        opk_buf_done(&got);
    }
}

/* A card of today is never taken for an older one, and what migrating gives is one of today. */
static void test_not_older(void **state)
{
    struct opk_card card = {0};
    struct opk_err err;
    bool is_older = true;

    (void)state;
    opk_assert_status(
        "now", opk_card_read(opk_str_of(WHOLE_NOW), PATH, OPK_STR_EMPTY, &card, &is_older, &err),
        OPK_OK, &err);
    assert_false(is_older);
    assert_false(card.is_older);
    opk_card_done(&card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrate),
        cmocka_unit_test(test_not_older),
    };

    return cmocka_run_group_tests_name("card_older", tests, NULL, NULL);
}
