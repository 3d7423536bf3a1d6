#include "support/support.h"

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "sync/schemas.h"

#include <string.h>

#define SCHEMAS OPK_SOURCE_DIR "/schemas"

static void parse(struct opk_str path, struct opk_str text, struct opk_doc *doc)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_err err;
    enum opk_status status = opk_str_ends(path, OPK_STR(".json"))
                                 ? opk_json_parse(text, path.data, doc, &err)
                                 : opk_yaml_parse(text, path.data, limits, doc, &err);

    opk_assert_status(path.data, status, OPK_OK, &err);
}

/* "# line 7: message" in an invalid example: an error there begins with the message. */
static bool is_expected(struct opk_str text, const struct opk_schema_report *report)
{
    struct opk_str first = opk_str_slice(text, 0, opk_str_find_byte(text, '\n', 0));
    struct opk_str lead = OPK_STR("# line ");
    size_t colon = opk_str_find(first, OPK_STR(": "), 0);
    uint64_t line;

    if (!opk_str_starts(first, lead) || colon == OPK_NPOS)
        return report->count > 0; /* JSON has no comments */
    assert_true(opk_str_to_u64(opk_str_slice(first, lead.len, colon), &line));
    struct opk_str want = opk_str_skip(first, colon + 2);
    for (size_t i = 0; i < report->count; i++) {
        struct opk_buf said = OPK_BUF_EMPTY;
        opk_buf_append(&said, report->errors[i].message);
        opk_buf_append_cstr(&said, report->errors[i].hint.len > 0 ? "; " : "");
        opk_buf_append(&said, report->errors[i].hint);
        bool same = report->errors[i].line == line && opk_str_starts(opk_buf_str(&said), want);
        opk_buf_done(&said);
        if (same)
            return true;
    }
    return false;
}

/* Check the examples of a folder against a schema; returns how many there are. */
static size_t check_folder(const struct opk_root *root, const char *kind,
                           const struct opk_embedded *file, struct opk_schema_set *set)
{
    struct opk_arena arena = {0};
    struct opk_err err;
    struct opk_str *names = NULL;
    size_t count = 0;
    const struct opk_schema *schema = NULL;
    struct opk_str folder = opk_arena_printf(&arena, "%s/%s", kind, file->name);

    opk_assert_status(file->name, opk_schema_find(set, opk_str_of(file->name), &schema, &err),
                      OPK_OK, &err);
    opk_assert_status(folder.data, opk_root_list(root, folder.data, &arena, &names, &count, &err),
                      OPK_OK, &err);
    for (size_t i = 0; i < count; i++) {
        struct opk_schema_report report = {0};
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_doc doc = {0};
        struct opk_str path =
            opk_arena_printf(&arena, "%s/%.*s", folder.data, OPK_STR_FMT(names[i]));
        opk_assert_status(path.data, opk_root_read(root, path.data, OPK_YAML_CARD_MAX, &text, &err),
                          OPK_OK, &err);
        parse(path, opk_buf_str(&text), &doc);
        opk_assert_status(path.data, opk_schema_check(set, schema, doc.root, &report, &err), OPK_OK,
                          &err);
        if (strcmp(kind, "valid") == 0 && report.count > 0)
            fail_msg("%s: %s", path.data, report.errors[0].message.data);
        if (strcmp(kind, "invalid") == 0 && !is_expected(opk_buf_str(&text), &report))
            fail_msg("%s: %zu errors, none as its first line says", path.data, report.count);
        opk_schema_report_done(&report);
        opk_doc_done(&doc);
        opk_buf_done(&text);
    }
    opk_arena_done(&arena);
    return count;
}

/* Every schema has examples that it takes, and examples that it rejects as they say. */
static void test_examples(void **state)
{
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_err err;

    (void)state;
    opk_assert_status("open", opk_root_open(SCHEMAS, &root, &err), OPK_OK, &err);
    assert_true(OPK_SCHEMA_COUNT > 0);
    for (size_t i = 0; i < OPK_SCHEMA_COUNT; i++) {
        const struct opk_embedded *file = &OPK_SCHEMA_FILES[i];
        struct opk_schema_set *set = NULL;
        struct opk_doc doc = {0};
        opk_assert_status(file->name, opk_schema_set_new(&set, &err), OPK_OK, &err);
        opk_assert_status(
            file->name,
            opk_json_parse(opk_str_bytes(file->bytes, file->size), file->name, &doc, &err), OPK_OK,
            &err);
        opk_assert_status(
            file->name, opk_schema_set_add(set, opk_str_of(file->name), doc.root, file->name, &err),
            OPK_OK, &err);
        assert_true(check_folder(&root, "valid", file, set) > 0);
        assert_true(check_folder(&root, "invalid", file, set) > 0);
        opk_schema_set_free(set);
        opk_doc_done(&doc);
    }
    opk_root_close(&root);
}

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        const char *name; /* NULL: none */
    } CASES[] = {
        {"ids/patterns/cards/01JD8W1C6Q5T0V2X4Z6B8D0F2H.yaml", "pattern_card"},
        {"/r/patterns/registry/OPERATION_KIND_REGISTRY.yaml", "operation_kind_registry"},
        {"PATTERN_INDEX.yaml", "pattern_index"},
        {"x/opk.yaml", "opk_config"},
        {"x/notopk.yaml", NULL},
        {"cards/x.yaml", NULL},
        {"propagation.map.yml", "propagation_map"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct opk_embedded *file = opk_schemas_of_path(opk_str_of(CASES[i].path));
        if ((file == NULL) != (CASES[i].name == NULL) ||
            (file && strcmp(file->name, CASES[i].name) != 0))
            fail_msg("%s: %s", CASES[i].path, file ? file->name : "none");
    }
}

static void test_modeline(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"# yaml-language-server: $schema=../x.schema.json\r\na: 1\n", "../x.schema.json"},
        {"a: 1\n# yaml-language-server: $schema=x\n", "x"},
        {"\n\n\n\n\n# yaml-language-server: $schema=x\n", ""},
        {"# $schema=x\n", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_str(CASES[i].text, opk_schemas_modeline(opk_str_of(CASES[i].text)),
                       opk_str_of(CASES[i].want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_modeline),
    };

    return cmocka_run_group_tests_name("schemas", tests, NULL, NULL);
}
