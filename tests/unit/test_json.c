#include "support/support.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* Every token of a text as one line: "{ k:a s:b }"; strings are shown unescaped. */
static enum opk_status trace(struct opk_str text, struct opk_buf *out, struct opk_err *err)
{
    static const char *const NAMES[] = {
        [OPK_JSON_OBJECT] = "{",    [OPK_JSON_OBJECT_END] = "}", [OPK_JSON_ARRAY] = "[",
        [OPK_JSON_ARRAY_END] = "]", [OPK_JSON_KEY] = "k:",       [OPK_JSON_STRING] = "s:",
        [OPK_JSON_NUMBER] = "n:",   [OPK_JSON_TRUE] = "true",    [OPK_JSON_FALSE] = "false",
        [OPK_JSON_NULL] = "null",
    };
    struct opk_json json;
    enum opk_status status;

    opk_json_init(&json, text);
    while ((status = opk_json_next(&json, err)) == OPK_OK) {
        opk_buf_append_cstr(out, out->len > 0 ? " " : "");
        opk_buf_append_cstr(out, NAMES[json.token]);
        if (json.token == OPK_JSON_KEY || json.token == OPK_JSON_STRING ||
            json.token == OPK_JSON_NUMBER)
            opk_buf_append(out, json.value);
    }
    opk_json_done(&json);
    return status;
}

static void test_tokens(void **state)
{
    static const struct {
        const char *name;
        struct opk_str text;
        struct opk_str want;
        enum opk_status end;
        uint64_t byte; /* of the error */
    } CASES[] = {
        {"empty object", OPK_STR_INIT("{}"), OPK_STR_INIT("{ }"), OPK_END, 0},
        {"blanks", OPK_STR_INIT(" \t\r\n[ ] \n"), OPK_STR_INIT("[ ]"), OPK_END, 0},
        {"nested", OPK_STR_INIT("{\"a\":[1,{\"b\":null}],\"c\":true}"),
         OPK_STR_INIT("{ k:a [ n:1 { k:b null } ] k:c true }"), OPK_END, 0},
        {"a scalar alone", OPK_STR_INIT("false"), OPK_STR_INIT("false"), OPK_END, 0},
        {"byte order mark", OPK_STR_INIT("\xEF\xBB\xBF[]"), OPK_STR_INIT("[ ]"), OPK_END, 0},
        {"numbers", OPK_STR_INIT("[0,-0,12.50,-1e9,1E+2,3e-7]"),
         OPK_STR_INIT("[ n:0 n:-0 n:12.50 n:-1e9 n:1E+2 n:3e-7 ]"), OPK_END, 0},
        {"escapes", OPK_STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
         OPK_STR_INIT("s:\"\\/\b\f\n\r\t"), OPK_END, 0},
        {"unicode escapes", OPK_STR_INIT("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\""),
         OPK_STR_INIT("s:A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), OPK_END, 0},
        {"escaped NUL", OPK_STR_INIT("\"a\\u0000b\""), OPK_STR_INIT("s:a\0b"), OPK_END, 0},
        {"lone high surrogate", OPK_STR_INIT("\"\\uD83Dx\""), OPK_STR_INIT("s:\xEF\xBF\xBDx"),
         OPK_END, 0},
        {"high surrogate twice", OPK_STR_INIT("\"\\uD83D\\uD83D\\uDE00\""),
         OPK_STR_INIT("s:\xEF\xBF\xBD\xF0\x9F\x98\x80"), OPK_END, 0},
        {"lone low surrogate", OPK_STR_INIT("\"\\uDE00\""), OPK_STR_INIT("s:\xEF\xBF\xBD"), OPK_END,
         0},
        {"ill-formed UTF-8", OPK_STR_INIT("\"a\xFFz\""), OPK_STR_INIT("s:a\xEF\xBF\xBDz"), OPK_END,
         0},
        {"escaped key", OPK_STR_INIT("{\"\\u0061\":1}"), OPK_STR_INIT("{ k:a n:1 }"), OPK_END, 0},

        {"nothing", OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_E_SYNTAX, 1},
        {"a word that is none", OPK_STR_INIT("nul"), OPK_STR_INIT(""), OPK_E_SYNTAX, 1},
        {"a second value", OPK_STR_INIT("1 2"), OPK_STR_INIT("n:1"), OPK_E_SYNTAX, 3},
        {"comma before ]", OPK_STR_INIT("[1,]"), OPK_STR_INIT("[ n:1"), OPK_E_SYNTAX, 4},
        {"comma before }", OPK_STR_INIT("{\"a\":1,}"), OPK_STR_INIT("{ k:a n:1"), OPK_E_SYNTAX, 8},
        {"no comma", OPK_STR_INIT("[1 2]"), OPK_STR_INIT("[ n:1"), OPK_E_SYNTAX, 4},
        {"no colon", OPK_STR_INIT("{\"a\" 1}"), OPK_STR_INIT("{"), OPK_E_SYNTAX, 6},
        {"no value", OPK_STR_INIT("{\"a\":}"), OPK_STR_INIT("{ k:a"), OPK_E_SYNTAX, 6},
        {"wrong bracket", OPK_STR_INIT("[1}"), OPK_STR_INIT("[ n:1"), OPK_E_SYNTAX, 3},
        {"key without quotes", OPK_STR_INIT("{a:1}"), OPK_STR_INIT("{"), OPK_E_SYNTAX, 2},
        {"cut in a string", OPK_STR_INIT("[\"ab"), OPK_STR_INIT("["), OPK_E_SYNTAX, 5},
        {"cut in an escape", OPK_STR_INIT("\"a\\"), OPK_STR_INIT(""), OPK_E_SYNTAX, 4},
        {"short \\u", OPK_STR_INIT("\"\\u12\""), OPK_STR_INIT(""), OPK_E_SYNTAX, 3},
        {"escape that is none", OPK_STR_INIT("\"\\x\""), OPK_STR_INIT(""), OPK_E_SYNTAX, 3},
        {"raw newline", OPK_STR_INIT("\"a\nb\""), OPK_STR_INIT(""), OPK_E_SYNTAX, 3},
        {"raw NUL", OPK_STR_INIT("\"a\0b\""), OPK_STR_INIT(""), OPK_E_SYNTAX, 3},
        {"NUL for a value", OPK_STR_INIT("\0"), OPK_STR_INIT(""), OPK_E_SYNTAX, 1},
        {"leading zero", OPK_STR_INIT("01"), OPK_STR_INIT("n:0"), OPK_E_SYNTAX, 2},
        {"bare minus", OPK_STR_INIT("-"), OPK_STR_INIT(""), OPK_E_SYNTAX, 2},
        {"no digit behind the point", OPK_STR_INIT("1."), OPK_STR_INIT(""), OPK_E_SYNTAX, 3},
        {"no digit in the exponent", OPK_STR_INIT("1e+"), OPK_STR_INIT(""), OPK_E_SYNTAX, 4},
        {"plus sign", OPK_STR_INIT("+1"), OPK_STR_INIT(""), OPK_E_SYNTAX, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err = {0};
        enum opk_status end = trace(CASES[i].text, &got, &err);
        opk_assert_status(CASES[i].name, end, CASES[i].end, &err);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), CASES[i].want);
        if (err.byte != CASES[i].byte)
            fail_msg("%s: error at byte %llu, want %llu", CASES[i].name,
                     (unsigned long long)err.byte, (unsigned long long)CASES[i].byte);
        opk_buf_done(&got);
    }
}

/* A string is read eight bytes at a time: what matters may stand at any place of any length. */
static void test_every_place(void **state)
{
    static const struct {
        struct opk_str bytes;
        struct opk_str want; /* empty: an error at its first byte */
    } SPECIALS[] = {
        {OPK_STR_INIT("\\\\"), OPK_STR_INIT("\\")},
        {OPK_STR_INIT("\\\""), OPK_STR_INIT("\"")},
        {OPK_STR_INIT("\xC3\xA9"), OPK_STR_INIT("\xC3\xA9")},
        {OPK_STR_INIT("\xE9"), OPK_STR_INIT("\xEF\xBF\xBD")},
        {OPK_STR_INIT("\x7F!#[]"), OPK_STR_INIT("\x7F!#[]")},
        {OPK_STR_INIT("\x1F"), OPK_STR_INIT("")},
        {OPK_STR_INIT("\0"), OPK_STR_INIT("")},
    };
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(SPECIALS) / sizeof(SPECIALS[0]) * 400; i++) {
        size_t before = i % 20;
        size_t after = i / 20 % 20;
        struct opk_str bytes = SPECIALS[i / 400].bytes;
        struct opk_json json;
        opk_buf_clear(&text);
        opk_buf_clear(&want);
        opk_buf_append_byte(&text, '"');
        opk_buf_append_fill(&text, 'a', before);
        opk_buf_append(&text, bytes);
        opk_buf_append_fill(&text, 'z', after);
        opk_buf_append_byte(&text, '"');
        opk_buf_append_fill(&want, 'a', before);
        opk_buf_append(&want, SPECIALS[i / 400].want);
        opk_buf_append_fill(&want, 'z', after);
        opk_json_init(&json, opk_buf_str(&text));
        enum opk_status status = opk_json_next(&json, &err);
        if (SPECIALS[i / 400].want.len == 0) {
            opk_assert_status("control", status, OPK_E_SYNTAX, &err);
            assert_int_equal(err.byte, before + 2);
        } else {
            opk_assert_status("text", status, OPK_OK, &err);
            opk_assert_str("text", json.value, opk_buf_str(&want));
            assert_int_equal(opk_json_next(&json, &err), OPK_END);
        }
        opk_json_done(&json);
    }
    opk_buf_done(&text);
    opk_buf_done(&want);
}

static void test_depth(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err = {0};

    (void)state;
    opk_buf_append_fill(&text, '[', OPK_JSON_DEPTH_MAX);
    opk_buf_append_fill(&text, ']', OPK_JSON_DEPTH_MAX);
    assert_int_equal(trace(opk_buf_str(&text), &got, &err), OPK_END);
    opk_buf_clear(&text);
    opk_buf_append_fill(&text, '[', OPK_JSON_DEPTH_MAX + 1);
    assert_int_equal(trace(opk_buf_str(&text), &got, &err), OPK_E_LIMIT);
    assert_int_equal(err.byte, OPK_JSON_DEPTH_MAX + 1);
    opk_buf_done(&text);
    opk_buf_done(&got);
}

static void test_skip_and_pick(void **state)
{
    static const char *const NAMES[] = {"b", "missing", "d"};
    struct opk_str text =
        OPK_STR("{\"a\":{\"b\":0},\"b\":[1,[2]],\"c\":\"}\\\"\",\"d\":\"x\\ty\"} {\"b\":2}");
    struct opk_str values[3];
    struct opk_arena arena = {0};
    struct opk_str string;
    struct opk_json json;
    struct opk_span span;
    struct opk_err err;

    (void)state;
    opk_json_init(&json, text);
    assert_int_equal(opk_json_skip(&json, &span, &err), OPK_OK);
    opk_assert_str("the rest", opk_str_skip(text, span.end), OPK_STR(" {\"b\":2}"));
    opk_json_done(&json);

    assert_int_equal(opk_json_pick(text, NAMES, 3, values, &err), OPK_OK);
    opk_assert_str("b", values[0], OPK_STR("[1,[2]]"));
    opk_assert_str("missing", values[1], OPK_STR(""));
    opk_assert_str("d", values[2], OPK_STR("\"x\\ty\""));
    assert_int_equal(opk_json_text(values[2], &arena, &string, &err), OPK_OK);
    opk_assert_str("text of d", string, OPK_STR("x\ty"));
    assert_int_equal(opk_json_text(values[0], &arena, &string, &err), OPK_OK);
    opk_assert_str("text of a list", string, OPK_STR(""));

    assert_int_equal(opk_json_pick(OPK_STR("[]"), NAMES, 3, values, &err), OPK_E_SYNTAX);
    assert_int_equal(opk_json_pick(OPK_STR("{\"b\":1"), NAMES, 3, values, &err), OPK_E_SYNTAX);
    opk_arena_done(&arena);
}

/* What is trusted gives the same values; where quotes or brackets do not balance, that is told. */
static void test_trust(void **state)
{
    static const char *const NAMES[] = {"b", "d"};
    static const struct {
        struct opk_str text;
        struct opk_str b;
        struct opk_str d;
        enum opk_status status;
    } ROWS[] = {
        {OPK_STR_INIT("{\"a\":{\"b\":0,\"c\":\"}\\\"]\"},\"b\":[1,[2]] ,\"d\" : \"x\\ty\"}"),
         OPK_STR_INIT("[1,[2]]"), OPK_STR_INIT("\"x\\ty\""), OPK_OK},
        {OPK_STR_INIT("{\"c\":null,\"b\":-1.5E+3 ,\"d\":true}"), OPK_STR_INIT("-1.5E+3"),
         OPK_STR_INIT("true"), OPK_OK},
        {OPK_STR_INIT("{}"), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_OK},
        {OPK_STR_INIT("[1]"), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_OK},
        {OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_OK},
        {OPK_STR_INIT("{\"b\":[1}"), OPK_STR_INIT("[1}"), OPK_STR_INIT(""), OPK_E_SYNTAX},
        {OPK_STR_INIT("{\"a\":[1"), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_E_SYNTAX},
        {OPK_STR_INIT("{\"a\":\"1\\\""), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_E_SYNTAX},
        {OPK_STR_INIT("{\"a\":,\"b\":1}"), OPK_STR_INIT(""), OPK_STR_INIT(""), OPK_E_SYNTAX},
        {OPK_STR_INIT("{\"b\":1 \"d\":2}"), OPK_STR_INIT("1"), OPK_STR_INIT(""), OPK_E_SYNTAX},
        {OPK_STR_INIT("{\"b\":1,}"), OPK_STR_INIT("1"), OPK_STR_INIT(""), OPK_E_SYNTAX},
    };
    struct opk_str values[2];
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        assert_int_equal(opk_json_pick_again(ROWS[i].text, NAMES, 2, values, &err), ROWS[i].status);
        opk_assert_str("b", values[0], ROWS[i].b);
        opk_assert_str("d", values[1], ROWS[i].d);
    }
}

/* A tree as text: kind letter, line:column, span, then the children in brackets. */
static void show_node(const struct opk_node *node, struct opk_buf *out)
{
    static const char KINDS[] = "_bifslma";

    if (node->key)
        opk_buf_printf(out, "%.*s=", OPK_STR_FMT(node->key->text));
    opk_buf_printf(out, "%c%llu:%llu@%zu-%zu", KINDS[node->kind], (unsigned long long)node->line,
                   (unsigned long long)node->column, node->span.begin, node->span.end);
    if (node->kind != OPK_NODE_SEQ && node->kind != OPK_NODE_MAP)
        opk_buf_printf(out, "'%.*s'", OPK_STR_FMT(node->text));
    for (const struct opk_node *child = node->first; child; child = child->next) {
        opk_buf_append_cstr(out, child == node->first ? "(" : " ");
        assert_ptr_equal(child->parent, node);
        show_node(child, out);
    }
    if (node->first)
        opk_buf_append_byte(out, ')');
}

static void test_document(void **state)
{
    struct opk_doc doc;
    struct opk_err err;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_json_parse(OPK_STR("{\"a\" : [1,\n  2.5, \"\\u0041\"],\n\"b\":{},\"c\":"
                                            "null,\"d\":true}"),
                                    "x.json", &doc, &err),
                     OPK_OK);
    show_node(doc.root, &got);
    opk_assert_str("tree", opk_buf_str(&got),
                   OPK_STR("m1:1@0-54(a=l1:8@7-27(i1:9@8-9'1' f2:3@13-16'2.5' s2:8@18-26'A') "
                           "b=m3:5@33-35 c=_3:12@40-44'null' d=b3:21@49-53'true')"));
    assert_true(doc.root->first->first->next->number == 2.5);
    assert_int_equal(doc.root->first->key->span.end, 4);
    assert_int_equal(doc.root->count, 4);
    opk_arena_done(&doc.arena);
    opk_buf_done(&got);

    assert_int_equal(opk_json_parse(OPK_STR("[\n1,\n 2,,\n]"), "x.json", &doc, &err), OPK_E_SYNTAX);
    assert_string_equal(err.path, "x.json");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 4);
}

static void test_writer(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_json_writer writer = OPK_JSON_WRITER(&out);

    (void)state;
    opk_json_open(&writer, '{');
    opk_json_key(&writer, "a");
    opk_json_open(&writer, '[');
    opk_json_number(&writer, INT64_MIN);
    opk_json_bool(&writer, false);
    opk_json_null(&writer);
    opk_json_open(&writer, '[');
    opk_json_close(&writer, ']');
    opk_json_close(&writer, ']');
    opk_json_key(&writer, "k\"ey");
    opk_json_string(&writer, OPK_STR("x\n\x01"));
    opk_json_close(&writer, '}');
    opk_assert_str(
        "writer", opk_buf_str(&out),
        OPK_STR("{\"a\":[-9223372036854775808,false,null,[]],\"k\\\"ey\":\"x\\n\\u0001\"}"));
    opk_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_depth),  cmocka_unit_test(test_skip_and_pick),
        cmocka_unit_test(test_trust),  cmocka_unit_test(test_document),
        cmocka_unit_test(test_writer),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
