#include "support/support.h"

#include "base/schema.h"
#include "base/yaml.h"

#include <string.h>

static const struct opk_yaml_limits LIMITS = {.bytes = OPK_YAML_CARD_MAX};

static enum opk_status load(struct opk_schema_set *set, struct opk_doc *doc, struct opk_str text,
                            const struct opk_schema **out_schema, struct opk_err *err)
{
    enum opk_status status = opk_yaml_parse(text, "s", LIMITS, doc, err);

    opk_assert_status("schema", status, OPK_OK, err);
    status = opk_schema_set_add(set, OPK_STR("test:schema"), doc->root, "s", err);
    return status == OPK_OK ? opk_schema_find(set, OPK_STR("test:schema"), out_schema, err)
                            : status;
}

/* The errors of an instance: line, keyword, pointer, message and hint, a line each. */
static enum opk_status run(struct opk_str schema_text, struct opk_str text, struct opk_buf *out,
                           struct opk_err *err)
{
    struct opk_schema_set *set = NULL;
    struct opk_doc schema_doc = {0};
    struct opk_doc doc = {0};
    const struct opk_schema *schema = NULL;
    struct opk_schema_report report = {0};
    enum opk_status status = opk_schema_set_new(&set, err);

    if (status == OPK_OK)
        status = load(set, &schema_doc, schema_text, &schema, err);
    if (status == OPK_OK)
        opk_assert_status("instance", opk_yaml_parse(text, "i", LIMITS, &doc, err), OPK_OK, err);
    if (status == OPK_OK)
        status = opk_schema_check(set, schema, doc.root, &report, err);
    for (size_t i = 0; i < report.count; i++) {
        const struct opk_schema_error *e = &report.errors[i];
        opk_buf_printf(out, "%llu %.*s %.*s: %.*s%s%.*s\n", (unsigned long long)e->line,
                       OPK_STR_FMT(e->keyword), OPK_STR_FMT(e->pointer), OPK_STR_FMT(e->message),
                       e->hint.len > 0 ? "; " : "", OPK_STR_FMT(e->hint));
    }
    if (report.omitted > 0)
        opk_buf_printf(out, "omitted %zu\n", report.omitted);
    opk_schema_report_done(&report);
    opk_schema_set_free(set);
    opk_doc_done(&doc);
    opk_doc_done(&schema_doc);
    return status;
}

static void test_errors(void **state)
{
    static const struct {
        const char *name;
        const char *schema;
        const char *text;
        const char *want;
    } CASES[] = {
        {"valid", "{type: object, required: [a]}", "a: 1", ""},
        {"type", "{type: string}", "1", "1 type : is an integer, must be a string\n"},
        {"types", "{type: [string, 'null']}", "[]",
         "1 type : is a list, must be a string or null\n"},
        {"a whole float", "{type: integer}", "2.0", ""},
        {"not a whole float", "{type: integer}", "2.5",
         "1 type : is a number, must be an integer\n"},
        {"equal numbers", "{enum: [1, a]}", "1.0", ""},
        {"true is not 1", "{const: 1}", "true", "1 const : is true, must be 1\n"},
        {"enum, near", "{enum: [draft, active]}", "activ",
         "1 enum : \"activ\" is none of: draft, active; did you mean \"active\"?\n"},
        {"unknown key", "{properties: {name: {}}, additionalProperties: false}", "x: 1\nnmae: 2",
         "1 additionalProperties /x: unknown key \"x\"\n"
         "2 additionalProperties /nmae: unknown key \"nmae\"; did you mean \"name\"?\n"},
        {"known by pattern", "{patternProperties: {'^x-': {}}, additionalProperties: false}",
         "x-a: 1", ""},
        {"nested", "{properties: {a: {items: {required: [b]}}}}", "a:\n  - b: 1\n  - c: 2\n",
         "3 required /a/1: lacks the key \"b\"\n"},
        {"pointer", "{properties: {a/b~c: {type: 'null'}}}", "a/b~c: 1",
         "1 type /a~1b~0c: is an integer, must be null\n"},
        {"length in characters", "{maxLength: 2}", "\xC3\xA9\xC3\xA9", ""},
        {"length", "{minLength: 3}", "ab",
         "1 minLength : has 2 characters, must have at least 3\n"},
        {"pattern", "{pattern: '^a+$', description: Only a.}", "b",
         "1 pattern : \"b\" does not match ^a+$; Only a.\n"},
        {"bounds", "{minimum: 2, exclusiveMaximum: 3, multipleOf: 0.5}", "1.75",
         "1 minimum : is 1.75, must be at least 2\n"
         "1 multipleOf : is 1.75, must be a multiple of 0.5\n"},
        {"unique", "{uniqueItems: true}", "[{a: 1, b: 2}, {b: 2.0, a: 1}]",
         "1 uniqueItems : holds an item twice\n"},
        {"contains", "{contains: {type: string}, minContains: 2}", "[a, 1]",
         "1 contains : holds 1 matching items, must hold at least 2\n"},
        {"names", "{propertyNames: {pattern: '^[a-z]+$'}}", "A: 1",
         "1 pattern /A: \"A\" does not match ^[a-z]+$\n"},
        {"dependent", "{dependentRequired: {a: [b]}}", "a: 1",
         "1 dependentRequired : has the key \"a\", and so needs \"b\"\n"},
        {"any", "{anyOf: [{type: string}, {type: integer}]}", "[]",
         "1 anyOf : fits none of 2 alternatives\n"},
        {"one", "{oneOf: [{minimum: 1}, {minimum: 2}]}", "3",
         "1 oneOf : fits 2 of 2 alternatives, must fit one\n"},
        {"not", "{not: {type: string}}", "a", "1 not : is what the schema rules out\n"},
        {"then", "{if: {required: [a]}, then: {required: [b]}, else: {required: [c]}}", "a: 1",
         "1 required : lacks the key \"b\"\n"},
        {"else", "{if: {required: [a]}, then: {required: [b]}, else: {required: [c]}}", "d: 1",
         "1 required : lacks the key \"c\"\n"},
        {"reference", "{$ref: '#/$defs/n', $defs: {n: {$anchor: m, type: string}}}", "1",
         "1 type : is an integer, must be a string\n"},
        {"anchor", "{$ref: '#m', $defs: {n: {$anchor: m, type: string}}}", "1",
         "1 type : is an integer, must be a string\n"},
        {"recursive", "{properties: {a: {$ref: '#'}}, additionalProperties: false}",
         "a: {a: {xyz: 1}}", "1 additionalProperties /a/a/xyz: unknown key \"xyz\"\n"},
        {"unevaluated", "{allOf: [{properties: {a: {}}}], unevaluatedProperties: false}",
         "a: 1\nb: 2", "2 unevaluatedProperties /b: unknown key \"b\"\n"},
        {"unknown keywords are ignored", "{typ: string, format: email}", "1", ""},
        {"never", "{properties: {a: false}}", "a: 1", "1 false /a: must not be there\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        enum opk_status status =
            run(opk_str_of(CASES[i].schema), opk_str_of(CASES[i].text), &got, &err);
        opk_assert_status(CASES[i].name, status, OPK_OK, &err);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
    }
}

static void test_unusable(void **state)
{
    static const struct {
        const char *name;
        const char *schema;
        enum opk_status status;
        uint64_t line;
        const char *message;
    } CASES[] = {
        {"a list", "[]", OPK_E_INVALID, 1, "a schema must be a mapping, true or false"},
        {"a number below", "a: 1\nitems: 3\n", OPK_E_INVALID, 2,
         "items must be a mapping, true or false"},
        {"type", "type: text", OPK_E_INVALID, 1, "type must be a type's name, or a list of them"},
        {"required", "required: a", OPK_E_INVALID, 1, "required must be a list of strings"},
        {"length", "minLength: -1", OPK_E_INVALID, 1,
         "minLength must be a whole number, not negative"},
        {"reference", "a: 1\n$ref: '#/$defs/none'\n", OPK_E_INVALID, 2,
         "nothing is known at \"#/$defs/none\""},
        {"far reference", "$ref: https://example.org/s", OPK_E_INVALID, 1,
         "nothing is known at \"https://example.org/s\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        enum opk_status status = run(opk_str_of(CASES[i].schema), OPK_STR("1"), &got, &err);
        opk_assert_status(CASES[i].name, status, CASES[i].status, &err);
        opk_assert_str(CASES[i].name, opk_str_of(err.message), opk_str_of(CASES[i].message));
        assert_int_equal(err.line, CASES[i].line);
        opk_buf_done(&got);
    }
}

static void test_bad_pattern(void **state)
{
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_assert_status("pattern", run(OPK_STR("a: 1\npattern: '('\n"), OPK_STR("1"), &got, &err),
                      OPK_E_SYNTAX, &err);
    assert_int_equal(err.line, 2);
    opk_buf_done(&got);
}

/* Each limit at N and at N + 1. */
static void test_limits(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    for (size_t errors = OPK_SCHEMA_ERRORS_MAX; errors <= OPK_SCHEMA_ERRORS_MAX + 1; errors++) {
        opk_buf_clear(&text);
        opk_buf_clear(&got);
        for (size_t i = 0; i < errors; i++)
            opk_buf_append_cstr(&text, "- 1\n");
        opk_assert_status("errors",
                          run(OPK_STR("items: {type: string}"), opk_buf_str(&text), &got, &err),
                          OPK_OK, &err);
        assert_int_equal(strstr(opk_buf_cstr(&got), "omitted 1") != NULL,
                         errors > OPK_SCHEMA_ERRORS_MAX);
    }
    for (size_t depth = OPK_SCHEMA_DEPTH_MAX; depth <= OPK_SCHEMA_DEPTH_MAX + 1; depth++) {
        opk_buf_clear(&text);
        opk_buf_append_cstr(&text, "$ref: '#/$defs/s2'\n$defs:\n");
        for (size_t i = 2; i < depth; i++)
            opk_buf_printf(&text, "  s%zu: {$ref: '#/$defs/s%zu'}\n", i, i + 1);
        opk_buf_printf(&text, "  s%zu: true\n", depth);
        opk_assert_status("depth", run(opk_buf_str(&text), OPK_STR("1"), &got, &err),
                          depth == OPK_SCHEMA_DEPTH_MAX ? OPK_OK : OPK_E_LIMIT, &err);
    }
    opk_assert_status("without end", run(OPK_STR("$ref: '#'"), OPK_STR("1"), &got, &err),
                      OPK_E_LIMIT, &err);
    /* Two alternatives a level: 2^30 schemas to check. */
    opk_buf_clear(&text);
    for (size_t i = 0; i < 30; i++)
        opk_buf_append_cstr(&text, "{a: ");
    opk_buf_append_byte(&text, '1');
    opk_buf_append_fill(&text, '}', 30);
    opk_assert_status("steps",
                      run(OPK_STR("properties: {a: {oneOf: [{$ref: '#'}, {$ref: '#'}]}}"),
                          opk_buf_str(&text), &got, &err),
                      OPK_E_LIMIT, &err);
    opk_buf_done(&text);
    opk_buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_unusable),
        cmocka_unit_test(test_bad_pattern),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
