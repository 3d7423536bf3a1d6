#include "support/support.h"
#include "support/yaml_property.h"

#include "base/yaml_edit.h"

#include <string.h>

static const struct opk_yaml_limits FOREIGN = {.bytes = OPK_YAML_CARD_MAX, .allow_foreign = true};

#define STRING(s)                                                                                  \
    {                                                                                              \
        .kind = OPK_VALUE_STRING, .text = OPK_STR_INIT(s), .key = OPK_STR_INIT("")                 \
    }
#define RAW(s)                                                                                     \
    {                                                                                              \
        .kind = OPK_VALUE_RAW, .text = OPK_STR_INIT(s), .key = OPK_STR_INIT("")                    \
    }
#define PAIR(k, s)                                                                                 \
    {                                                                                              \
        .kind = OPK_VALUE_STRING, .text = OPK_STR_INIT(s), .key = OPK_STR_INIT(k)                  \
    }
#define LIST(array)                                                                                \
    {                                                                                              \
        .kind = OPK_VALUE_SEQ, .text = OPK_STR_INIT(""), .key = OPK_STR_INIT(""),                  \
        .items = (array), .count = sizeof(array) / sizeof((array)[0])                              \
    }
#define MAPPING(array)                                                                             \
    {                                                                                              \
        .kind = OPK_VALUE_MAP, .text = OPK_STR_INIT(""), .key = OPK_STR_INIT(""),                  \
        .items = (array), .count = sizeof(array) / sizeof((array)[0])                              \
    }

static const struct opk_value A_C[] = {STRING("a"), STRING("c")};
static const struct opk_value X_A[] = {STRING("x"), STRING("a")};
static const struct opk_value X_Y[] = {STRING("x"), STRING("z")};
static const struct opk_value B_A[] = {STRING("b"), STRING("a")};
static const struct opk_value ID_USED[] = {
    PAIR("id", "OPK-X"),
    {.kind = OPK_VALUE_SEQ,
     .text = OPK_STR_INIT(""),
     .key = OPK_STR_INIT("used_by"),
     .items = A_C,
     .count = 2},
};
static const struct opk_value KINDS[] = {MAPPING(ID_USED)};
static const struct opk_value C_A_X[] = {STRING("c"), STRING("a"), STRING("x")};
static const struct opk_value A_B[] = {PAIR("b", "2"), PAIR("a", "x")};

enum op { SET, REPLACE, APPEND, DELETE };

struct edit_case {
    const char *name;
    const char *text;
    enum op op;
    const char *pointer;
    const char *key; /* SET */
    struct opk_value value;
    const char *want; /* the new text; or "!" and a part of the refusal */
};

static const struct edit_case CASES[] = {
    {"plain", "a: b # c\n", REPLACE, "/a", NULL, STRING("d"), "a: d # c\n"},
    {"same value", "a:   'b'  # c\n", REPLACE, "/a", NULL, STRING("b"), "a:   'b'  # c\n"},
    {"single quotes", "a: 'b'\n", REPLACE, "/a", NULL, STRING("it's"), "a: 'it''s'\n"},
    {"double quotes", "a: \"b\"\n", REPLACE, "/a", NULL, STRING("c\td"), "a: \"c\\td\"\n"},
    {"version stays plain", "semver: 1.0.0\n", SET, "", "semver", STRING("1.1.0"),
     "semver: 1.1.0\n"},
    {"looks like a number", "a: b\n", SET, "", "a", STRING("1.10"), "a: \"1.10\"\n"},
    {"a word of YAML 1.1", "a: b\n", SET, "", "a", STRING("NO"), "a: \"NO\"\n"},
    {"a time", "a: b\n", SET, "", "a", STRING("12:30"), "a: \"12:30\"\n"},
    {"comma in a block", "a: b\n", SET, "", "a", STRING("x, y"), "a: x, y\n"},
    {"comma in a flow", "{a: b}\n", SET, "", "a", STRING("x, y"), "{a: \"x, y\"}\n"},
    {"letters beyond ASCII", "a: b\n", SET, "", "a", STRING("Gen\xC3\xA8ve"), "a: Gen\xC3\xA8ve\n"},
    {"raw", "a: 1\n", SET, "", "a", RAW("2"), "a: 2\n"},
    {"no raw", "a: 1\n", SET, "", "a", RAW("[2"), "!is no plain value"},
    {"CRLF", "a: 1\r\nb: 2\r\n", SET, "", "c", STRING("x"), "a: 1\r\nb: 2\r\nc: x\r\n"},
    {"BOM",
     "\xEF\xBB\xBF"
     "a: b\n",
     SET, "", "c", STRING("x"),
     "\xEF\xBB\xBF"
     "a: b\nc: x\n"},
    {"no last line end", "a: b", SET, "", "c", STRING("x"), "a: b\nc: x"},
    {"behind a comment", "a: b  # c\n# d\n", SET, "", "c", STRING("x"), "a: b  # c\nc: x\n# d\n"},
    {"empty value", "a:\nb: c\n", SET, "", "a", STRING("x"), "a: x\nb: c\n"},
    {"empty value, comment", "a: # c\n", SET, "", "a", STRING("x"), "a: x # c\n"},
    {"empty item", "-\n- b\n", REPLACE, "/0", NULL, STRING("x"), "- x\n- b\n"},
    {"empty document", "", SET, NULL, "a", STRING("x"), "a: x\n"},
    {"only comments", "# c", SET, NULL, "a", STRING("x"), "# c\na: x\n"},
    {"marker alone", "---\n", SET, "", "a", STRING("x"), "---\na: x\n"},
    {"key without a colon", "? a\n", SET, "", "a", STRING("x"), "!a key without a colon"},

    {"item", "k:\n  - a\n  - b  # c\n", APPEND, "/k", NULL, STRING("x"),
     "k:\n  - a\n  - b  # c\n  - x\n"},
    {"item, indentless", "k:\n- a\nl: 1\n", APPEND, "/k", NULL, STRING("x"),
     "k:\n- a\n- x\nl: 1\n"},
    {"item, wide dash and quotes", "k:\n  -   'a'\n", APPEND, "/k", NULL, STRING("x"),
     "k:\n  -   'a'\n  -   'x'\n"},
    {"item in brackets", "k: [a, b] # c\n", APPEND, "/k", NULL, STRING("x"), "k: [a, b, x] # c\n"},
    {"item in brackets, lines", "k: [\n  a, # 1\n  b # 2\n]\n", APPEND, "/k", NULL, STRING("x"),
     "k: [\n  a, # 1\n  b, # 2\n  x\n]\n"},
    {"item in brackets, last comma", "k: [\n  a,\n  b, # 2\n]\n", APPEND, "/k", NULL, STRING("x"),
     "k: [\n  a,\n  b, # 2\n  x,\n]\n"},
    {"item, empty brackets", "k: []\n", APPEND, "/k", NULL, STRING("x"), "k: [x]\n"},
    {"item, no value", "k: # c\nl: 1\n", APPEND, "/k", NULL, STRING("x"), "k: # c\n  - x\nl: 1\n"},
    {"mapping, empty brackets", "operation_kinds: [] # none\n", APPEND, "/operation_kinds", NULL,
     MAPPING(ID_USED),
     "operation_kinds: # none\n  - id: OPK-X\n    used_by:\n      - a\n      - c\n"},
    {"mapping like its neighbour", "k:\n- id: \"y\"\n  used_by: [b]\n\n# end\n", APPEND, "/k", NULL,
     MAPPING(ID_USED),
     "k:\n- id: \"y\"\n  used_by: [b]\n- id: \"OPK-X\"\n  used_by: [a, c]\n\n# end\n"},
    {"key in a list of mappings", "k:\n  - a: 1\n    b: 'x'\n  - a: 2\n", SET, "/k/1", "b",
     STRING("z"), "k:\n  - a: 1\n    b: 'x'\n  - a: 2\n    b: 'z'\n"},
    {"key in braces", "k: {a: 1}\n", SET, "/k", "b", STRING("z"), "k: {a: 1, b: z}\n"},
    {"key in empty braces", "k: {}\n", SET, "/k", "b", STRING("z"), "k: {b: z}\n"},
    {"JSON", "{\n  \"a\": 1\n}\n", SET, "", "b", STRING("z"),
     "{\n  \"a\": 1,\n  \"b\": \"z\"\n}\n"},
    {"not a list", "k: {a: 1}\n", APPEND, "/k", NULL, STRING("z"), "!not a list"},
    {"not a mapping", "k: [a]\n", SET, "/k", "b", STRING("z"), "!not a mapping"},

    {"list, item for item", "k:\n  - a # 1\n  # 2\n  - b # 3\n", REPLACE, "/k", NULL, LIST(A_C),
     "k:\n  - a # 1\n  # 2\n  - c # 3\n"},
    {"list, new first", "k:\n  # 0\n  - a # 1\n", REPLACE, "/k", NULL, LIST(X_A),
     "k:\n  - x\n  # 0\n  - a # 1\n"},
    {"list, first on a dash", "- - a\n  - b\n", REPLACE, "/0", NULL, LIST(X_A), "- - x\n  - a\n"},
    {"list, all new", "k:\n  # 0\n  - a # 1\n\n  # 2\n  - 'b' # 3\nl: 1\n", REPLACE, "/k", NULL,
     LIST(X_Y), "k:\n  # 0\n  - x # 1\n\n  # 2\n  - 'z' # 3\nl: 1\n"},
    {"list, all new and longer", "k:\n  - b # 1\nl: 1\n", REPLACE, "/k", NULL, LIST(X_Y),
     "k:\n  - x # 1\n  - z\nl: 1\n"},
    {"list, all new and shorter", "k:\n  - b # 1\n  # 2\n  - d # 3\n  - e # 4\nl: 1\n", REPLACE,
     "/k", NULL, LIST(X_Y), "k:\n  - x # 1\n  # 2\n  - z # 3\nl: 1\n"},
    {"list, new on both sides", "k:\n  - b # 1\n  # 2\n  - a # 3\n  - d # 4\n", REPLACE, "/k", NULL,
     LIST(C_A_X), "k:\n  - c # 1\n  # 2\n  - a # 3\n  - x # 4\n"},
    {"list of mappings", "k:\n  # 1\n  - id: OPK-A # 2\n    # 3\n    used_by: [b] # 4\n", REPLACE,
     "/k", NULL, LIST(KINDS), "k:\n  # 1\n  - id: OPK-X # 2\n    # 3\n    used_by: [a, c] # 4\n"},
    {"list of another kind", "k:\n  - [b] # 1\n  - d # 2\n", REPLACE, "/k", NULL, LIST(X_Y),
     "k:\n  - x\n  - z # 2\n"},
    {"list, an anchor goes", "k:\n  - &m b # 1\n  - d # 2\n", REPLACE, "/k", NULL, LIST(X_Y),
     "k:\n  - x\n  - z # 2\n"},
    {"list, an anchor that is named", "k:\n  - &m b\n  - d\nl: *m\n", REPLACE, "/k", NULL,
     LIST(X_Y), "!holds an anchor"},
    {"list in brackets, on lines", "k: [\n  a, # 1\n  # 2\n  b # 3\n]\n", REPLACE, "/k", NULL,
     LIST(X_Y), "k: [\n  x, # 1\n  # 2\n  z # 3\n]\n"},
    {"list, turned round", "k: [a, b]\n", REPLACE, "/k", NULL, LIST(B_A), "k: [b, a]\n"},
    {"list for a scalar", "k: a # 1\nl: 1\n", REPLACE, "/k", NULL, LIST(X_Y),
     "k: # 1\n  - x\n  - z\nl: 1\n"},
    {"list for a literal", "k: | # 1\n  a\n\nl: 1\n", REPLACE, "/k", NULL, LIST(X_Y),
     "k: # 1\n  - x\n  - z\n\nl: 1\n"},
    {"scalar for a list", "k: # 1\n  - a\n  - b # 2\nl: 1\n", REPLACE, "/k", NULL, STRING("x"),
     "k: x # 1\nl: 1\n"},
    {"mapping, key by key", "k:\n  a: 'y' # 1\n  c: 3 # 2\nl: 1\n", REPLACE, "/k", NULL,
     MAPPING(A_B), "k:\n  a: 'x' # 1\n  b: \"2\"\nl: 1\n"},

    {"literal", "k: | # 1\n   a\n   b\n\nl: 1\n", REPLACE, "/k", NULL, STRING("x\ny\n"),
     "k: | # 1\n   x\n   y\n\nl: 1\n"},
    {"literal, stripped", "k: |\n  a\n", REPLACE, "/k", NULL, STRING("x"), "k: |-\n  x\n"},
    {"literal, kept", "k: |+\n  a\n\nl: 1\n", REPLACE, "/k", NULL, STRING("x\n\n\n"),
     "k: |+\n  x\n\n\nl: 1\n"},
    {"literal, blank first", "k: |\n  a\nl: 1\n", REPLACE, "/k", NULL, STRING(" x\n"),
     "k: \" x\\n\"\nl: 1\n"},
    {"literal at the end", "k: |\n  a", REPLACE, "/k", NULL, STRING("x\n"), "k: |\n  x\n"},
    {"folded", "k: >\n  a\n  b\n", REPLACE, "/k", NULL, STRING("x y\nz\n"), "k: >\n  x y\n\n  z\n"},
    {"behind a literal", "k: |\n  a\n\n# c\n", SET, "", "l", STRING("x"),
     "k: |\n  a\nl: x\n\n# c\n"},

    {"delete", "a: 1\nb: 2 # c\n# d\nc: 3\n", DELETE, "/b", NULL, STRING(""), "a: 1\n# d\nc: 3\n"},
    {"delete the last", "a: 1\nb: 2", DELETE, "/b", NULL, STRING(""), "a: 1"},
    {"delete behind a literal", "a: |\n  x\nb: 2", DELETE, "/b", NULL, STRING(""), "a: |\n  x\n"},
    {"delete the first on a dash", "- a: 1\n  b: 2\n", DELETE, "/0/a", NULL, STRING(""),
     "- b: 2\n"},
    {"delete before a comment", "- a: 1 # 1\n  # 2\n  b: 2\n", DELETE, "/0/a", NULL, STRING(""),
     "-\n  # 2\n  b: 2\n"},
    {"delete the only one", "k: # c\n  - a\nl: 1\n", DELETE, "/k/0", NULL, STRING(""),
     "k: [] # c\nl: 1\n"},
    {"delete the only key", "- a: 1\n- b\n", DELETE, "/0/a", NULL, STRING(""), "- {}\n- b\n"},
    {"delete in brackets", "[a, b, c]", DELETE, "/1", NULL, STRING(""), "[a, c]"},
    {"delete in brackets, last", "[a, b, c]", DELETE, "/2", NULL, STRING(""), "[a, b]"},
    {"delete in brackets, lines", "[\n  a, # 1\n  b # 2\n]", DELETE, "/1", NULL, STRING(""),
     "[\n  a # 1\n]"},
    {"delete the document", "a", DELETE, "", NULL, STRING(""), "!cannot be deleted"},
    {"delete an anchor", "a: &x 1\nb: *x\n", DELETE, "/a", NULL, STRING(""), "!holds an anchor"},
    {"anchor and tag stay", "a: &x !!str b\nc: *x\n", REPLACE, "/a", NULL, STRING("d"),
     "a: &x !!str d\nc: *x\n"},
    {"anchor with a colon behind it", "a: &x:b\n", REPLACE, "/a", NULL, STRING("d"), "a: &x d\n"},
};

static enum opk_status apply(struct opk_yaml_edit *edit, const struct edit_case *c,
                             struct opk_err *err)
{
    const struct opk_doc *doc = opk_yaml_edit_doc(edit);
    const struct opk_node *node =
        c->pointer ? opk_node_pointer(doc->root, opk_str_of(c->pointer)) : NULL;

    assert_true(node != NULL || c->pointer == NULL);
    switch (c->op) {
    case SET:
        return opk_yaml_edit_set(edit, node, opk_str_of(c->key), &c->value, err);
    case REPLACE:
        return opk_yaml_edit_replace(edit, node, &c->value, err);
    case APPEND:
        return opk_yaml_edit_append(edit, node, &c->value, err);
    case DELETE:
        return opk_yaml_edit_delete(edit, node, err);
    }
    return OPK_E_INTERNAL;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct edit_case *c = &CASES[i];
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_yaml_edit *edit = NULL;
        struct opk_err err;
        enum opk_status status = opk_yaml_edit_new(opk_str_of(c->text), "f", FOREIGN, &edit, &err);
        opk_assert_status(c->name, status, OPK_OK, &err);
        status = apply(edit, c, &err);
        if (status == OPK_OK)
            status = opk_yaml_edit_finish(edit, &got, &err);
        if (c->want[0] == '!') {
            opk_assert_status(c->name, status, OPK_E_REFUSED, &err);
            if (!strstr(err.message, c->want + 1))
                fail_msg("%s: %s", c->name, err.message);
        } else {
            opk_assert_status(c->name, status, OPK_OK, &err);
            opk_assert_str(c->name, opk_buf_str(&got), opk_str_of(c->want));
        }
        opk_yaml_edit_free(edit);
        opk_buf_done(&got);
    }
}

/* What is inserted behind one place stands there in the order of the calls. */
static void test_inserted_in_order(void **state)
{
    static const struct opk_value NEW[] = {PAIR("x", "1st"), PAIR("w", "2nd"), PAIR("z", "3rd")};
    struct opk_str text = OPK_STR("a: b # 1\n# 2\nc: d\n");
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_yaml_edit *edit = NULL;
    struct opk_err err;

    (void)state;
    assert_int_equal(opk_yaml_edit_new(text, "f", FOREIGN, &edit, &err), OPK_OK);
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(opk_yaml_edit_insert(edit, root->first, &NEW[i], &err), OPK_OK);
    assert_int_equal(opk_yaml_edit_insert(edit, root->first->next, &NEW[2], &err), OPK_OK);
    assert_int_equal(opk_yaml_edit_finish(edit, &got, &err), OPK_OK);
    opk_assert_str("inserted", opk_buf_str(&got),
                   OPK_STR("a: b # 1\nx: 1st\nw: 2nd\n# 2\nc: d\nz: 3rd\n"));
    opk_yaml_edit_free(edit);
    opk_buf_done(&got);
}

/* Documents of every layout, in which every edit must succeed. */
static const char *const DOCUMENTS[] = {
    /* the first one has anchors that aliases name */
    "a: &x 1\nb: *x\nc: !t d\ne: &y\n  - f\ng: !!map\n  h: i\n",
    "# head\na: 1 # one\nb: two\n\n# three\nc:\n  - x # x\n  # between\n  - y\n\n  - z\n# end\n",
    "k:\n- a: 1\n  b: |\n    text\n      more\n\n  c: 'q'\n-   - d\n    - e\n-\n  - f\n- {}\n- "
    "[]\nl: ~\n",
    "- a\n-\n- ''\n- \"x\"\n- {a: 1, b: [c, d], \"e\": {}}\n- [ ]\n- [a,b , c]\n",
    "a: >\n  folded\n  text\n\n  more\n\nb: |+\n  kept\n\nc: |-\n  stripped\n\n\nd: |2\n   "
    "indented\ne: 1\n",
    "{\n  \"a\": \"b\",\n  \"c\": [1, 2, 3],\n  \"d\": [\n    true,\n    null\n  ]\n}\n",
    "list: [\n  a, # one\n  b,\n\n  # three\n  c,\n]\nmap: {\n  x: 1, # y\n  z: 2 }\n",
    "d\xC3\xA9j\xC3\xA0: vu # \xE2\x82\xAC\n\xE6\x97\xA5:\n  - \xE6\x9C\xAC # \xF0\x9F\x98\x80\n  "
    "- \"\xF0\x9F\x98\x80\"\nx: y\n",
    "a: plain\n  on two lines\nb: 'single\n\n  on three'\nc: \"double \\\n  on two\"\nd:\n  "
    "below\ne: f",
    "? explicit\n: value\n? other # c\n: - a\n  - b\nplain: 1\n",
    "--- # doc\na:\n  b:\n    c:\n      d:\n        - e: f\n          g:\n          - h\n...\n",
    "---\nscalar\n",
    "just text",
    "- - - a\n    - b\n  - c\n- d",
    "a: {b: c}\nd: [{e: f}, g: h]\n",
    "a:\n\n\n  - b\n\n\n  - c\n\n\nd:\n\n  e: f\n\n\n\n  g: h\n",
    "'quoted key': 1\n\"k\": 2\n",
};

static const char *const NEW_TEXTS[] = {
    "new",
    "",
    "1.10",
    "no",
    "a: b",
    "- x",
    "x # y",
    "it's \"so\"",
    "two\nlines\n",
    "\ttab",
    "\xC3\xA9t\xC3\xA9",
    " blank ",
    "a,b]",
    "\x1B[0m",
    "line\n\n\n",
    "0x",
    "&a",
    "*b",
    "%",
    "---",
};

enum variant { AS_IS, CRLF, BOM, VARIANTS };

static void write_variant(const char *text, enum variant variant, struct opk_buf *out)
{
    opk_buf_clear(out);
    opk_buf_append_cstr(out, variant == BOM ? "\xEF\xBB\xBF" : "");
    for (; *text; text++) {
        if (variant == CRLF && *text == '\n')
            opk_buf_append_byte(out, '\r');
        opk_buf_append_byte(out, *text);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_every_edit(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i < COUNT(DOCUMENTS) * VARIANTS; i++) {
        struct opk_yaml_property result = {0};
        write_variant(DOCUMENTS[i / VARIANTS], (enum variant)(i % VARIANTS), &text);
        for (size_t j = 0; j < COUNT(NEW_TEXTS); j++)
            opk_yaml_property_check(opk_buf_str(&text), opk_str_of(NEW_TEXTS[j]), &result);
        if (result.message.len > 0)
            fail_msg("%s\n%s", opk_buf_cstr(&text), opk_buf_cstr(&result.message));
        /* The root and the anchored value may be neither replaced nor deleted. */
        if (result.refused != (i / VARIANTS == 0 ? 2 * COUNT(NEW_TEXTS) : 0))
            fail_msg("%s\n%s", opk_buf_cstr(&text), opk_buf_cstr(&result.reasons));
        opk_buf_done(&result.message);
        opk_buf_done(&result.reasons);
    }
    opk_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_inserted_in_order),
        cmocka_unit_test(test_every_edit),
    };

    return cmocka_run_group_tests_name("yaml_edit", tests, NULL, NULL);
}
