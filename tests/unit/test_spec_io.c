#include "support/support.h"

#include "base/json.h"
#include "base/yaml.h"
#include "sync/spec_io.h"

/* What a spec and a schema give, as "name:type[!][ description];". */
static const struct {
    const char *name;
    enum opk_spec_io which;
    const char *spec;
    const char *schema;
    const char *want;
} CASES[] = {
    {"none", OPK_SPEC_INPUTS, "a: 1", "{}", ""},
    {"texts by name", OPK_SPEC_INPUTS, "inputs: {a: the first, b: the second}",
     "{\"properties\": {\"a\": {\"type\": \"string\"}}, \"required\": [\"a\"]}",
     "a:string! the first;b:any the second;"},
    {"list of names", OPK_SPEC_INPUTS, "inputs: [a, b]",
     "{\"properties\": {\"b\": {\"type\": \"integer\", \"description\": \"from the schema\"}}}",
     "a:any;b:integer from the schema;"},
    {"list of mappings", OPK_SPEC_OUTPUTS,
     "outputs: [{name: a, is: one}, {name: b, type: boolean, required: true}, {c: three}]",
     "{\"properties\": {\"a\": {\"type\": \"string\"}}}", "a:any one;b:boolean!;c:any three;"},
    {"a type for a text", OPK_SPEC_INPUTS, "inputs: {a: integer}", "{}", "a:integer;"},
    {"below properties", OPK_SPEC_OUTPUTS, "outputs: [a]",
     "{\"properties\": {\"outputs\": {\"properties\": {\"a\": {\"type\": \"null\"}},"
     " \"required\": [\"a\"]}}}",
     "a:null!;"},
    {"below $defs", OPK_SPEC_INPUTS, "inputs: [a]",
     "{\"$defs\": {\"input\": {\"properties\": {\"a\": {\"type\": [\"string\", \"null\"]}}}}}",
     "a:string or null;"},
    {"reference", OPK_SPEC_INPUTS, "inputs: [a, b]",
     "{\"properties\": {\"a\": {\"$ref\": \"#/$defs/x\"}, \"b\": {\"$ref\": \"other.json\"}},"
     " \"$defs\": {\"x\": {\"type\": \"number\"}}}",
     "a:number;b:any;"},
    {"reference to itself", OPK_SPEC_INPUTS, "inputs: [a]",
     "{\"properties\": {\"a\": {\"$ref\": \"#/properties/a\"}}}", "a:any;"},
    {"array of arrays", OPK_SPEC_INPUTS, "inputs: [a]",
     "{\"properties\": {\"a\": {\"type\": \"array\", \"items\": {\"type\": \"array\","
     " \"items\": {\"type\": \"string\"}}}}}",
     "a:array of array of string;"},
    {"array of anything", OPK_SPEC_INPUTS, "inputs: [a]",
     "{\"properties\": {\"a\": {\"type\": \"array\"}}}", "a:array;"},
    {"lines become blanks", OPK_SPEC_INPUTS, "inputs: {a: \"  one\\n\\n two \"}", "{}",
     "a:any one two;"},
    {"what has no name", OPK_SPEC_INPUTS, "inputs: [1, {a: b, c: d}, [e], f]", "{}", "f:any;"},
    {"a text is no list", OPK_SPEC_INPUTS, "inputs: none", "{}", ""},
};

static struct opk_str text_at(const struct opk_tval *map, const char *key)
{
    return opk_tval_get(map, opk_str_of(key))->text;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
        struct opk_arena arena = {0};
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_doc spec;
        struct opk_doc schema;
        struct opk_err err;
        opk_assert_status(CASES[i].name,
                          opk_yaml_parse(opk_str_of(CASES[i].spec), "s", limits, &spec, &err),
                          OPK_OK, &err);
        opk_assert_status(CASES[i].name,
                          opk_json_parse(opk_str_of(CASES[i].schema), "j", &schema, &err), OPK_OK,
                          &err);
        struct opk_tval spec_value = opk_tval_of_node(&arena, spec.root);
        struct opk_tval schema_value = opk_tval_of_node(&arena, schema.root);
        struct opk_tval list = opk_spec_io(&arena, CASES[i].which, &spec_value, &schema_value);
        for (size_t at = 0; at < list.count; at++) {
            const struct opk_tval *entry = &list.items[at];
            struct opk_str said = text_at(entry, "description");
            bool required = opk_tval_get(entry, OPK_STR("required"))->truth;
            opk_buf_printf(&got, "%.*s:%.*s%s%s%.*s;", OPK_STR_FMT(text_at(entry, "name")),
                           OPK_STR_FMT(text_at(entry, "type")), required ? "!" : "",
                           said.len ? " " : "", OPK_STR_FMT(said));
        }
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
        opk_doc_done(&spec);
        opk_doc_done(&schema);
        opk_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };

    return cmocka_run_group_tests_name("spec_io", tests, NULL, NULL);
}
