#include "support/support.h"

#include "sync/changed.h"

#include <string.h>

/* NULL: the document is not there. */
static const struct {
    const char *name;
    const char *path;
    const char *old;
    const char *now;
    enum opk_status status;
    const char *want;
} CASES[] = {
    {"equal", "a.yaml", "a: 1\n", "a: 1\n", OPK_OK, "[]"},
    {"comments and layout", "a.yaml", "a: {b: 1}\n", "# x\na:\n  b:   1\n", OPK_OK, "[]"},
    {"quotes", "a.yaml", "a: b\n", "a: 'b'\n", OPK_OK, "[]"},
    {"order of keys", "a.yaml", "a: 1\nb: 2\n", "b: 2\na: 1\n", OPK_OK, "[]"},
    {"a value", "a.yaml", "a: b\n", "a: c\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":\"b\",\"new\":\"c\"}]"},
    {"in the order of names", "a.yaml", "c: 1\na: 1\nb: 1\n", "b: 2\nc: 2\na: 2\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":2},{\"field\":\"/b\",\"old\":1,\"new\":2},"
     "{\"field\":\"/c\",\"old\":1,\"new\":2}]"},
    {"a field more", "a.yaml", "a: 1\n", "a: 1\nb: 2\n", OPK_OK, "[{\"field\":\"/b\",\"new\":2}]"},
    {"a field less", "a.yaml", "a: 1\nb: 2\n", "b: 2\n", OPK_OK, "[{\"field\":\"/a\",\"old\":1}]"},
    {"null is a value", "a.yaml", "a: 1\n", "a: ~\nb:\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":null},{\"field\":\"/b\",\"new\":null}]"},
    {"within mappings", "a.yaml", "a: {b: {c: 1, d: 1}}\n", "a: {b: {c: 2, d: 1}}\n", OPK_OK,
     "[{\"field\":\"/a/b/c\",\"old\":1,\"new\":2}]"},
    {"a mapping more is told whole", "a.yaml", "a: 1\n", "a: 1\nb: {c: 1, d: [e]}\n", OPK_OK,
     "[{\"field\":\"/b\",\"new\":{\"c\":1,\"d\":[\"e\"]}}]"},
    {"a mapping for a value", "a.yaml", "a: 1\n", "a: {b: 1}\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":{\"b\":1}}]"},
    {"an item less", "a.yaml", "a: [b, c]\n", "a: [c]\n", OPK_OK,
     "[{\"field\":\"/a/0\",\"old\":\"b\"}]"},
    {"an item more at the end", "a.yaml", "a: [b]\n", "a: [b, b]\n", OPK_OK,
     "[{\"field\":\"/a/1\",\"new\":\"b\"}]"},
    {"items in the middle", "a.yaml", "a: [b, c, d, e]\n", "a: [b, x, e]\n", OPK_OK,
     "[{\"field\":\"/a/1\",\"old\":\"c\",\"new\":\"x\"},{\"field\":\"/a/2\",\"old\":\"d\"}]"},
    {"all items less", "a.yaml", "a: [b]\n", "a: []\n", OPK_OK,
     "[{\"field\":\"/a/0\",\"old\":\"b\"}]"},
    {"a list more is told whole", "a.yaml", "a: 1\n", "a: [b]\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":[\"b\"]}]"},
    {"within an item", "a.yaml", "a: [{b: 1}, {b: 2, c: 3}]\n", "a: [{b: 1}, {b: 4, c: 3}]\n",
     OPK_OK, "[{\"field\":\"/a/1/b\",\"old\":2,\"new\":4}]"},
    {"another item", "a.yaml", "a: [{b: 1}]\n", "a: [{c: 1}]\n", OPK_OK,
     "[{\"field\":\"/a/0/b\",\"old\":1},{\"field\":\"/a/0/c\",\"new\":1}]"},
    {"names with a slash and a tilde", "a.yaml", "a/b: 1\nc~d: 1\n", "a/b: 2\nc~d: 2\n", OPK_OK,
     "[{\"field\":\"/a~1b\",\"old\":1,\"new\":2},{\"field\":\"/c~0d\",\"old\":1,\"new\":2}]"},
    {"a version by its digits", "a.yaml", "a: 1.10\n", "a: 1.1\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1.10,\"new\":1.1}]"},
    {"a text and a number", "a.yaml", "a: '1'\n", "a: 1\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":\"1\",\"new\":1}]"},
    {"a number and a truth", "a.yaml", "a: 1\n", "a: true\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":true}]"},
    {"numbers that are none in JSON", "a.yaml", "a: 0x1F\n", "a: .inf\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":\"0x1F\",\"new\":\".inf\"}]"},
    {"an integer that a reader of JSON would cut", "a.yaml", "a: 9007199254740991\n",
     "a: 9007199254740993\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":9007199254740991,\"new\":\"9007199254740993\"}]"},
    {"escapes", "a.yaml", "a: 1\n", "a: \"\\0\\\"\\n\"\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":\"\\u0000\\\"\\n\"}]"},
    {"a document more", "a.yaml", NULL, "b: 1\na: 2\n", OPK_OK,
     "[{\"field\":\"/a\",\"new\":2},{\"field\":\"/b\",\"new\":1}]"},
    {"a document less", "a.yml", "b: 1\n", NULL, OPK_OK, "[{\"field\":\"/b\",\"old\":1}]"},
    {"an empty document", "a.yaml", "", "a: 1\n", OPK_OK, "[{\"field\":\"/a\",\"new\":1}]"},
    {"no mapping", "a.yaml", "- a\n", "- b\n", OPK_OK,
     "[{\"field\":\"/0\",\"old\":\"a\",\"new\":\"b\"}]"},
    {"a list for a mapping", "a.yaml", "a: 1\n", "- b\n", OPK_OK,
     "[{\"field\":\"\",\"old\":{\"a\":1},\"new\":[\"b\"]}]"},
    {"broken now", "a.yaml", "a: 1\n", "a: [\n", OPK_END, ""},
    {"broken then", "a.yaml", "a: [\n", "a: 1\n", OPK_END, ""},
    {"an anchor", "a.yaml", "a: 1\n", "a: &x 1\n", OPK_END, ""},
    {"JSON", "a.json", "{\"a\": {\"b\": 1e2}}", "{\"a\": {\"b\": 1e3}}", OPK_OK,
     "[{\"field\":\"/a/b\",\"old\":1e2,\"new\":1e3}]"},
    {"a name that stands twice", "a.json", "{\"a\": 1, \"a\": 2}", "{\"a\": 1, \"a\": 3}", OPK_OK,
     "[{\"field\":\"/a\",\"old\":2,\"new\":3}]"},
    {"broken JSON", "a.json", "{}", "{", OPK_END, ""},
    {"front matter", "a.md", "---\na: 1\n---\nx: 1\n", "---\na: 2\n---\nx: 2\n", OPK_OK,
     "[{\"field\":\"/a\",\"old\":1,\"new\":2}]"},
    {"text alone", "a.md", "---\na: 1\n---\nx\n", "---\na: 1\n---\ny\n", OPK_OK, "[]"},
    {"front matter more", "a.md", "x: 1\n", "---\na: 1\n---\n", OPK_OK,
     "[{\"field\":\"/a\",\"new\":1}]"},
    {"front matter without an end", "a.md", "x\n", "---\na: 1\n", OPK_OK, "[]"},
    {"broken front matter", "a.md", "x\n", "---\na: [\n---\n", OPK_END, ""},
    {"another kind of file", "a.txt", "a: 1\n", "a: 2\n", OPK_END, ""},
};

static enum opk_status compare(const char *path, const char *before, const char *after,
                               struct opk_buf *out, struct opk_err *err)
{
    struct opk_str old = opk_str_of(before);
    struct opk_str now = opk_str_of(after);

    return opk_changed_write(
        &(const struct opk_changed_texts){path, before ? &old : NULL, after ? &now : NULL}, out,
        err);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_err err = {.message = ""};
        opk_assert_status(CASES[i].name,
                          compare(CASES[i].path, CASES[i].old, CASES[i].now, &out, &err),
                          CASES[i].status, &err);
        opk_assert_str(CASES[i].name, opk_buf_str(&out), opk_str_of(CASES[i].want));
        opk_buf_done(&out);
    }
}

/* One text of N bytes and one byte more, on either side. */
static void test_limit(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_cstr(&text, "a: 1\n#");
    while (text.len < OPK_CHANGED_BYTES_MAX)
        opk_buf_append_byte(&text, 'x');
    for (size_t more = 0; more <= 1; more++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_err err = {.message = ""};
        const char *long_one = opk_buf_cstr(&text);
        enum opk_status want = more ? OPK_END : OPK_OK;
        opk_assert_status("now", compare("a.yaml", "a: 1\n", long_one, &out, &err), want, &err);
        opk_assert_status("then", compare("a.yaml", long_one, "a: 1\n", &out, &err), want, &err);
        opk_assert_str("both", opk_buf_str(&out), more ? OPK_STR_EMPTY : OPK_STR("[][]"));
        opk_buf_append_byte(&text, 'x');
        opk_buf_done(&out);
    }
    opk_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests_name("changed", tests, NULL, NULL);
}
