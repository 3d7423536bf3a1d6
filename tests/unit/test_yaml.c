#include "support/support.h"

#include "base/yaml.h"
#include "base/yaml_scalar.h"

#include <math.h>

static const struct opk_yaml_limits OURS = {.bytes = OPK_YAML_CARD_MAX};
static const struct opk_yaml_limits FOREIGN = {.bytes = OPK_YAML_CARD_MAX, .allow_foreign = true};

/* A tree as text: kind, value where the source differs from it, and the source of every scalar. */
static void dump(struct opk_str source, const struct opk_node *node, struct opk_buf *out)
{
    static const char KINDS[] = {
        [OPK_NODE_NULL] = 'n',  [OPK_NODE_BOOL] = 'b',   [OPK_NODE_INT] = 'i',
        [OPK_NODE_FLOAT] = 'f', [OPK_NODE_STRING] = 's', [OPK_NODE_ALIAS] = '*'};
    bool is_map = node->kind == OPK_NODE_MAP;

    if (node->kind != OPK_NODE_SEQ && !is_map) {
        opk_buf_append_byte(out, KINDS[node->kind]);
        opk_buf_append_byte(out, '<');
        opk_buf_append(out, opk_str_slice(source, node->span.begin, node->span.end));
        opk_buf_append_byte(out, '>');
        return;
    }
    opk_buf_append_byte(out, is_map ? '{' : '[');
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (is_map) {
            dump(source, child->key, out);
            opk_buf_append_byte(out, '=');
        }
        dump(source, child, out);
        opk_buf_append_cstr(out, child->next ? " " : "");
    }
    opk_buf_append_byte(out, is_map ? '}' : ']');
    opk_buf_printf(out, "%zu-%zu", node->span.begin, node->span.end);
}

static void test_spans(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *want;
    } CASES[] = {
        {"plain", "a: b\n", "{s<a>=s<b>}0-4"},
        {"BOM",
         "\xEF\xBB\xBF"
         "a: b\n",
         "{s<a>=s<b>}3-7"},
        {"characters of several bytes", "\xC3\xA9: \xE2\x82\xAC\nb: 1\n",
         "{s<\xC3\xA9>=s<\xE2\x82\xAC> s<b>=i<1>}0-12"},
        {"CRLF", "a: b\r\nc:\r\n- d\r\n", "{s<a>=s<b> s<c>=[s<d>]10-13}0-13"},
        {"types", "[~, true, 1, 1.5, x, '1', \"\"]",
         "[n<~> b<true> i<1> f<1.5> s<x> s<'1'> s<\"\">]0-29"},
        {"empty values", "a:\nb:   # c\nc: [ ]\n", "{s<a>=n<> s<b>=n<> s<c>=[]15-18}0-18"},
        {"empty items", "-\n- \n- a\n", "[n<> n<> s<a>]0-8"},
        {"key without a colon", "? a\n? b\n: c\n", "{s<a>=n<> s<b>=s<c>}0-11"},
        {"flow key without a colon", "{a, b: c}", "{s<a>=n<> s<b>=s<c>}0-9"},
        {"pair in brackets", "[a: b, c]\n", "[{s<a>=s<b>}1-5 s<c>]0-9"},
        {"literal, clipped", "a: |\n  x\n  y\n\nb: 1\n", "{s<a>=s<|\n  x\n  y> s<b>=i<1>}0-18"},
        {"literal, kept", "a: |+\n  x\n\nb: 1\n", "{s<a>=s<|+\n  x\n> s<b>=i<1>}0-15"},
        {"literal at the end", "a: |\n  x", "{s<a>=s<|\n  x>}0-8"},
        {"literal, CRLF", "a: >-\r\n  x\r\n\r\nb: 1", "{s<a>=s<>-\r\n  x> s<b>=i<1>}0-18"},
        {"literal without text", "a: |\nb: 1", "{s<a>=s<|> s<b>=i<1>}0-9"},
        {"literal before a comment", "a: |\n  x\n# c\nb: 1", "{s<a>=s<|\n  x> s<b>=i<1>}0-17"},
        {"indentless", "a:\n- b\n- c\nd: e\n", "{s<a>=[s<b> s<c>]3-10 s<d>=s<e>}0-15"},
        {"nested", "a:\n  - b: 1\n    c: 2\n\n# x\nd: 3",
         "{s<a>=[{s<b>=i<1> s<c>=i<2>}7-20]5-20 s<d>=i<3>}0-30"},
        {"plain on two lines", "a: b\n  c\nd: e", "{s<a>=s<b\n  c> s<d>=s<e>}0-13"},
        {"anchors and tags", "a: &x !!str 1\nb: *x\nc: &y\n  d: !t\n",
         "{s<a>=s<1> s<b>=*<*x> s<c>={s<d>=s<>}28-33}0-33"},
        {"empty with an anchor", "a: &x\nb: 1", "{s<a>=n<> s<b>=i<1>}0-10"},
        {"tagged block list", "a: !!seq\n- b\n", "{s<a>=[s<b>]9-12}0-12"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_doc doc = {0};
        struct opk_err err;
        struct opk_buf got = OPK_BUF_EMPTY;
        enum opk_status status =
            opk_yaml_parse(opk_str_of(CASES[i].text), "f", FOREIGN, &doc, &err);
        opk_assert_status(CASES[i].name, status, OPK_OK, &err);
        dump(doc.source, doc.root, &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
        opk_doc_done(&doc);
    }
}

static void test_errors(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        enum opk_status status;
        uint64_t line;
        const char *message;
    } CASES[] = {
        {"duplicate key", "a: 1\nb: 2\na: 3\n", OPK_E_INVALID, 3,
         "key \"a\" is there twice: lines 1 and 3"},
        {"duplicate key, nested", "x:\n  - {a: 1, 'a': 3}\n", OPK_E_INVALID, 2,
         "key \"a\" is there twice: lines 2 and 2"},
        {"anchor", "a: 1\nb: &x 2\n", OPK_E_INVALID, 2, "an anchor is not allowed in this file"},
        {"alias", "b: *x\n", OPK_E_INVALID, 1, "an alias is not allowed in this file"},
        {"tag", "b: !x\n", OPK_E_INVALID, 1, "a tag is not allowed in this file"},
        {"merge key", "b:\n  <<: 1\n", OPK_E_INVALID, 2, "a merge key is not allowed in this file"},
        {"list as a key", "? [a]\n: 1\n", OPK_E_INVALID, 1,
         "a key that is a list or a mapping is not allowed in this file"},
        {"two documents", "a: 1\n---\nb: 1\n", OPK_E_INVALID, 2,
         "a second document is not allowed in this file"},
        {"UTF-16",
         "\xFF\xFE"
         "a",
         OPK_E_UNSUPPORTED, 1, "the file is UTF-16; save it as UTF-8"},
        {"not UTF-8", "a: 1\nb: \xE9\n", OPK_E_SYNTAX, 2,
         "byte 0xE9 is not UTF-8; save the file as UTF-8"},
        {"control character", "a: 1\nb: \x01\n", OPK_E_SYNTAX, 2,
         "control characters are not allowed"},
        {"syntax", "a: [1\nb: 2\n", OPK_E_SYNTAX, 2,
         "did not find expected ',' or ']' (while parsing a flow sequence)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_doc doc = {0};
        struct opk_err err;
        enum opk_status status = opk_yaml_parse(opk_str_of(CASES[i].text), "f", OURS, &doc, &err);
        opk_assert_status(CASES[i].name, status, CASES[i].status, &err);
        opk_assert_str(CASES[i].name, opk_str_of(err.message), opk_str_of(CASES[i].message));
        assert_int_equal(err.line, CASES[i].line);
        assert_string_equal(err.path, "f");
    }
}

static void test_many_duplicates(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    struct opk_err err;

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        opk_buf_printf(&text, "k%u: 1\n", i);
    opk_assert_status("100 keys", opk_yaml_parse(opk_buf_str(&text), "f", OURS, &doc, &err), OPK_OK,
                      &err);
    opk_doc_done(&doc);
    opk_buf_append_cstr(&text, "k41: 1\n");
    opk_assert_status("one again", opk_yaml_parse(opk_buf_str(&text), "f", OURS, &doc, &err),
                      OPK_E_INVALID, &err);
    assert_string_equal(err.message, "key \"k41\" is there twice: lines 42 and 101");
    opk_buf_done(&text);
}

/* Each limit at N and at N + 1. */
static void test_limits(void **state)
{
    struct opk_doc doc = {0};
    struct opk_err err;
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    for (size_t depth = OPK_YAML_DEPTH_MAX; depth <= OPK_YAML_DEPTH_MAX + 1; depth++) {
        opk_buf_clear(&text);
        opk_buf_append_fill(&text, '[', depth);
        opk_buf_append_fill(&text, ']', depth);
        enum opk_status status = opk_yaml_parse(opk_buf_str(&text), "f", OURS, &doc, &err);
        opk_assert_status("depth", status, depth == OPK_YAML_DEPTH_MAX ? OPK_OK : OPK_E_LIMIT,
                          &err);
        opk_doc_done(&doc);
    }
    for (size_t bytes = 4; bytes <= 5; bytes++) {
        struct opk_yaml_limits limits = {.bytes = bytes};
        enum opk_status status = opk_yaml_parse(OPK_STR("a: 12"), "f", limits, &doc, &err);
        opk_assert_status("bytes", status, bytes == 5 ? OPK_OK : OPK_E_LIMIT, &err);
        opk_doc_done(&doc);
    }
    for (size_t nodes = 3; nodes <= 4; nodes++) {
        struct opk_yaml_limits limits = {.bytes = 99, .nodes = nodes};
        enum opk_status status = opk_yaml_parse(OPK_STR("- a: 12"), "f", limits, &doc, &err);
        opk_assert_status("nodes", status, nodes == 4 ? OPK_OK : OPK_E_LIMIT, &err);
        opk_doc_done(&doc);
    }
    opk_buf_done(&text);
}

static void test_documents(void **state)
{
    struct opk_doc doc = {0};
    struct opk_err err;

    (void)state;
    opk_assert_status("empty", opk_yaml_parse(OPK_STR("# c\n"), "f", OURS, &doc, &err), OPK_OK,
                      &err);
    assert_null(doc.root);
    opk_doc_done(&doc);
    opk_assert_status("two", opk_yaml_parse(OPK_STR("a\n---\nb\n"), "f", FOREIGN, &doc, &err),
                      OPK_OK, &err);
    opk_assert_str("second", doc.root->next->text, OPK_STR("b"));
    assert_null(doc.root->next->next);
    opk_doc_done(&doc);
}

static void test_finding(void **state)
{
    static const char TEXT[] = "a/b: {c~d: [x, {e: y}]}\n\"\": z\n";
    static const struct {
        const char *pointer;
        const char *want; /* NULL: absent */
    } CASES[] = {
        {"/a~1b/c~0d/0", "x"},   {"/a~1b/c~0d/1/e", "y"}, {"/", "z"},     {"/a~1b/c~0d/2", NULL},
        {"/a~1b/c~0d/01", NULL}, {"/a~1b/c~0d/-", NULL},  {"/a/b", NULL}, {"a", NULL},
        {"/a~1b/c~2", NULL},
    };
    struct opk_doc doc = {0};
    struct opk_err err;
    struct opk_buf path = OPK_BUF_EMPTY;

    (void)state;
    opk_assert_status("parse", opk_yaml_parse(opk_str_of(TEXT), "f", OURS, &doc, &err), OPK_OK,
                      &err);
    assert_ptr_equal(opk_node_pointer(doc.root, OPK_STR_EMPTY), doc.root);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct opk_node *node = opk_node_pointer(doc.root, opk_str_of(CASES[i].pointer));
        if (!CASES[i].want) {
            assert_null(node);
            continue;
        }
        opk_assert_str(CASES[i].pointer, opk_node_text(node), opk_str_of(CASES[i].want));
        opk_buf_clear(&path);
        opk_node_path(node, &path);
        opk_assert_str("path", opk_buf_str(&path), opk_str_of(CASES[i].pointer));
    }
    assert_null(opk_node_get(NULL, "a"));
    assert_null(opk_node_at(NULL, 0));
    opk_assert_str("text of nothing", opk_node_text(NULL), OPK_STR_EMPTY);
    opk_buf_done(&path);
    opk_doc_done(&doc);
}

static void test_scalars(void **state)
{
    static const struct {
        const char *text;
        enum opk_node_kind kind;
        bool string; /* for readers of YAML 1.1 and 1.2 */
    } CASES[] = {
        {"", OPK_NODE_NULL, false},
        {"~", OPK_NODE_NULL, false},
        {"Null", OPK_NODE_NULL, false},
        {"nULL", OPK_NODE_STRING, false},
        {"true", OPK_NODE_BOOL, false},
        {"tRUE", OPK_NODE_STRING, false},
        {"NO", OPK_NODE_STRING, false},
        {"y", OPK_NODE_STRING, false},
        {"1.10", OPK_NODE_FLOAT, false},
        {"12:30", OPK_NODE_STRING, false},
        {"1:2:3.5", OPK_NODE_STRING, false},
        {"2026-11-21", OPK_NODE_STRING, false},
        {"0o17", OPK_NODE_INT, false},
        {"0x1F", OPK_NODE_INT, false},
        {"0b101", OPK_NODE_STRING, false},
        {"1_000", OPK_NODE_STRING, false},
        {"-.INF", OPK_NODE_FLOAT, false},
        {".nan", OPK_NODE_FLOAT, false},
        {"+12", OPK_NODE_INT, false},
        {"1e3", OPK_NODE_FLOAT, false},
        {"<<", OPK_NODE_STRING, false},
        {"=", OPK_NODE_STRING, false},
        {".", OPK_NODE_STRING, true},
        {"1.0.0", OPK_NODE_STRING, true},
        {"1e", OPK_NODE_STRING, true},
        {"e1", OPK_NODE_STRING, true},
        {"0x", OPK_NODE_STRING, true},
        {"-", OPK_NODE_STRING, true},
        {"12:3x", OPK_NODE_STRING, true},
        {"01234567890123456789012E45", OPK_NODE_FLOAT, false},
        {"01ARZ3NDEKTSV4RRFFQ69G5FAV", OPK_NODE_STRING, true},
        {"2026-11-21T23:59:58Z", OPK_NODE_STRING, false},
        {"2026-11-21-notes", OPK_NODE_STRING, true},
    };
    struct opk_node node;

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        enum opk_node_kind kind = opk_yaml_resolve(opk_str_of(CASES[i].text), &node);
        bool string = opk_yaml_is_string(opk_str_of(CASES[i].text));
        if (kind != CASES[i].kind || string != CASES[i].string)
            fail_msg("%s: kind %d, string %d", CASES[i].text, (int)kind, string);
    }
    assert_int_equal(opk_yaml_resolve(OPK_STR("0x1F"), &node), OPK_NODE_INT);
    assert_true(node.number == 31);
    assert_int_equal(opk_yaml_resolve(OPK_STR("-1.5e1"), &node), OPK_NODE_FLOAT);
    assert_true(node.number == -15);
    assert_int_equal(opk_yaml_resolve(OPK_STR("-.inf"), &node), OPK_NODE_FLOAT);
    assert_true(isinf(node.number) && node.number < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),           cmocka_unit_test(test_errors),
        cmocka_unit_test(test_many_duplicates), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_documents),       cmocka_unit_test(test_finding),
        cmocka_unit_test(test_scalars),
    };

    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
