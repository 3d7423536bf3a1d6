#include "support/support.h"

#include "sync/block.h"

#include <string.h>

/* A block a line: its kind, "!" when it is generated, its section, its text with "/" for a line
 * end. */
static void show(struct opk_str text, const struct opk_blocks *blocks, struct opk_buf *out)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const struct opk_block *block = &blocks->items[i];
        opk_buf_printf(out, "%s%s [%.*s] ", opk_block_kind_name(block->kind),
                       block->generated ? "!" : "", OPK_STR_FMT(block->section));
        for (size_t at = block->span.begin; at < block->span.end; at++) {
            if (text.data[at] != '\r')
                opk_buf_append_byte(out, text.data[at] == '\n' ? '/' : text.data[at]);
        }
        opk_buf_append_byte(out, '\n');
    }
}

static const struct {
    const char *name;
    const char *text;
    const char *want;
} MARKDOWN[] = {
    {"empty", "", ""},
    {"a paragraph of two lines", "one\ntwo\n\nthree", "para [] one/two\npara [] three\n"},
    {"headings open sections", "# A\n\ntext\n\n## B\nmore\n\n# C\n\nend\n",
     "heading [] # A\npara [/A] text\nheading [/A] ## B\npara [/A/B] more\nheading [] # C\n"
     "para [/C] end\n"},
    {"a level is left out", "# A\n### B\n## C\n",
     "heading [] # A\nheading [/A] ### B\n"
     "heading [/A] ## C\n"},
    {"marks behind a title", "## A ##\nx\n", "heading [] ## A ##\npara [/A] x\n"},
    {"a title with / and ~", "# a/b ~c\nx\n", "heading [] # a/b ~c\npara [/a~1b ~0c] x\n"},
    {"no heading", "#A\n\n####### B\n", "para [] #A\npara [] ####### B\n"},
    {"underlined", "A\n===\nB\nC\n---\nx\n",
     "heading [] A/===\nheading [/A] B/C/---\n"
     "para [/A/B C] x\n"},
    {"a rule is no block", "a\n\n---\n\n* * *\nb\n", "para [] a\npara [] b\n"},
    {"fenced code", "```sh\n# no heading\n\n- no item\n```\nx\n",
     "code [] ```sh/# no heading//- no item/```\npara [] x\n"},
    {"a fence of tildes holds one of backticks", "~~~\n```\n~~~\nx\n",
     "code [] ~~~/```/~~~\npara [] x\n"},
    {"a fence that is not closed", "```\nx\n\n# y\n", "code [] ```/x//# y\n"},
    {"indented code goes on behind blank lines", "    a\n\n\tb\n\nc\n",
     "code []     a//\tb\npara [] c\n"},
    {"no code within a paragraph", "a\n    b\n", "para [] a/    b\n"},
    {"items", "- a\n- b\n  c\n* d\n1. e\n2) f\n",
     "list_item [] - a\nlist_item [] - b/  c\nlist_item [] * d\nlist_item [] 1. e\n"
     "list_item [] 2) f\n"},
    {"an item within another", "- a\n  - b\n\n    more\n\n  rest\n",
     "list_item [] - a\nlist_item []   - b\npara []     more\npara []   rest\n"},
    {"two marks on one line", "- 1. a\n", "list_item [] - 1. a\n"},
    {"code within an item", "- a\n\n  ```\n  x\n  ```\n\n      y\n",
     "list_item [] - a\ncode []   ```/  x/  ```\ncode []       y\n"},
    {"an item that is code", "- ```\n  x\n  ```\n- y\n",
     "list_item [] - ```/  x/  ```\nlist_item [] - y\n"},
    {"a heading in an item opens no section", "- # A\n\nb\n", "list_item [] - # A\npara [] b\n"},
    {"a number does not end a paragraph", "in\n1986. a year\n", "para [] in/1986. a year\n"},
    {"a lazy line", "> a\nb\n\n- c\nd\n", "para [] > a/b\nlist_item [] - c/d\n"},
    {"a quote", "> # A\n> b\n>\n> c\n", "heading [] > # A\npara [/A] > b\npara [/A] > c\n"},
    {"a quote ends where its mark is missing", "> ```\n> a\nb\n", "code [] > ```/> a\npara [] b\n"},
    {"a table", "a | b\n--|--\n1 | 2\n\nc\n", "table [] a | b/--|--/1 | 2\npara [] c\n"},
    {"as many cells as its head", "| a | b |\n|---|\n", "para [] | a | b |/|---|\n"},
    {"an escaped bar is text", "| a \\| b |\n|---|\n| 1 |\n", "table [] | a \\| b |/|---|/| 1 |\n"},
    {"a heading ends a table", "|a|\n|-|\n# B\n", "table [] |a|/|-|\nheading [] # B\n"},
    {"a comment", "a\n<!-- b\n\n# c\n-->\nd\n", "para [] a\npara [] <!-- b//# c/-->\npara [] d\n"},
    {"front matter", "---\ntitle: x\n---\na\n", "para [] a\n"},
    {"front matter that does not end", "---\na\n", "para [] a\n"},
    {"line ends of two bytes, a byte order mark", "\xEF\xBB\xBF# A\r\nb\r\nc\r\n\r\nd",
     "heading [] # A\npara [/A] b/c\npara [/A] d\n"},
    {"a marked section",
     "a\n<!-- PATTERN_AUTO:X:BEGIN -->\nb\n\n- c\n<!-- PATTERN_AUTO:X:END -->\nd\n",
     "para [] a\npara! [] b\nlist_item! [] - c\npara [] d\n"},
    {"a marker in code is text", "```\n<!-- PATTERN_AUTO:X:BEGIN -->\n```\n",
     "code [] ```/<!-- PATTERN_AUTO:X:BEGIN -->/```\n"},
};

static const struct {
    const char *name;
    const char *text;
    const char *want;
} YAML[] = {
    {"empty", "", ""},
    {"a scalar", "a\n", ""},
    {"mappings and items", "a: 1\nb:\n  c: 2\nd:\n  - x\n  - y: 3\n",
     "mapping [] a: 1/b:/  c: 2/d:/  - x/  - y: 3\nmapping [] b:/  c: 2\nitem [/d] x\n"
     "item [/d] y: 3\n"},
    {"in brackets", "a: [x, {y: 1}]\n",
     "mapping [] a: [x, {y: 1}]\nitem [/a] x\nitem [/a] {y: 1}\n"},
    {"a list of lists", "- [a]\n- - b\n", "item [] [a]\nitem [/0] a\nitem [] - b\nitem [/1] b\n"},
    {"a marked section",
     "a:\n  # PATTERN_AUTO:X:BEGIN\n  - b\n  # PATTERN_AUTO:X:END\nc:\n  d: 1\n",
     "mapping [] a:/  # PATTERN_AUTO:X:BEGIN/  - b/  # PATTERN_AUTO:X:END/c:/  d: 1\n"
     "item! [/a] b\nmapping [] c:/  d: 1\n"},
};

static void check_split(const char *name, const char *path, const char *text, const char *want)
{
    struct opk_blocks blocks;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    opk_assert_status(name, opk_blocks_split(opk_str_of(text), path, &blocks, &err), OPK_OK, &err);
    show(opk_str_of(text), &blocks, &got);
    opk_assert_str(name, opk_buf_str(&got), opk_str_of(want));
    opk_buf_done(&got);
    opk_blocks_done(&blocks);
}

static void test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(MARKDOWN) / sizeof(MARKDOWN[0]); i++)
        check_split(MARKDOWN[i].name, "a.md", MARKDOWN[i].text, MARKDOWN[i].want);
    for (size_t i = 0; i < sizeof(YAML) / sizeof(YAML[0]); i++)
        check_split(YAML[i].name, "a.yaml", YAML[i].text, YAML[i].want);
}

/* What differs in blanks and line ends, or in marks of lists and headings, says the same. */
static void test_digest(void **state)
{
    static const struct {
        const char *name;
        const char *left;
        const char *right;
        bool is_same;
    } CASES[] = {
        {"broken elsewhere", "a b\nc\n", "a\nb  c\n", true},
        {"another mark", "- a\n", "7. a\n", true},
        {"another level", "# a\n", "a\n---\n", true},
        {"another word", "a b\n", "a c\n", false},
        {"words without a blank", "a b\n", "ab\n", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_blocks left;
        struct opk_blocks right;
        struct opk_err err;
        opk_assert_status(CASES[i].name,
                          opk_blocks_split(opk_str_of(CASES[i].left), "a.md", &left, &err), OPK_OK,
                          &err);
        opk_assert_status(CASES[i].name,
                          opk_blocks_split(opk_str_of(CASES[i].right), "a.md", &right, &err),
                          OPK_OK, &err);
        assert_int_equal(left.count, 1);
        assert_int_equal(right.count, 1);
        if (opk_hash128_eq(left.items[0].digest, right.items[0].digest) != CASES[i].is_same)
            fail_msg("%s: the digests are %s", CASES[i].name, CASES[i].is_same ? "two" : "one");
        opk_blocks_done(&left);
        opk_blocks_done(&right);
    }
}

static double overlap_of(const char *left, const char *right)
{
    struct opk_blocks a;
    struct opk_blocks b;
    struct opk_err err;

    opk_assert_status(left, opk_blocks_split(opk_str_of(left), "a.md", &a, &err), OPK_OK, &err);
    opk_assert_status(right, opk_blocks_split(opk_str_of(right), "a.md", &b, &err), OPK_OK, &err);
    double overlap = opk_block_overlap(&a.items[0].tokens, &b.items[0].tokens);
    opk_blocks_done(&a);
    opk_blocks_done(&b);
    return overlap;
}

/* count words, the first other of which are not those of the plain text. */
static const char *words(struct opk_buf *out, size_t count, size_t other)
{
    opk_buf_clear(out);
    for (size_t i = 0; i < count; i++)
        opk_buf_printf(out, "%s%zu ", i < other ? "other" : "word", i);
    return opk_buf_cstr(out);
}

static void test_overlap(void **state)
{
    struct opk_buf left = OPK_BUF_EMPTY;
    struct opk_buf right = OPK_BUF_EMPTY;

    (void)state;
    assert_float_equal(overlap_of("a b c d", "d c B a"), 1, 0);
    assert_float_equal(overlap_of("a b c d e", "a b c x y"), 0.6, 0.001);
    assert_float_equal(overlap_of("a a a b", "a b"), 0.5, 0);
    assert_float_equal(overlap_of("...", "!!!"), 0, 0);
    /* Of long blocks a sample of the words is compared. */
    double kept =
        overlap_of(words(&left, OPK_BLOCK_TOKENS_MAX, 16), words(&right, OPK_BLOCK_TOKENS_MAX, 0));
    assert_float_equal(kept, 0.75, 0.001);
    kept = overlap_of(words(&left, OPK_BLOCK_TOKENS_MAX + 1, 0),
                      words(&right, OPK_BLOCK_TOKENS_MAX + 1, 0));
    assert_float_equal(kept, 1, 0);
    kept = overlap_of(words(&left, 1000, 200), words(&right, 1000, 0));
    assert_float_equal(kept, 0.8, 0.15);
    opk_buf_done(&left);
    opk_buf_done(&right);
}

static void check_limit(const char *name, struct opk_buf *text, const char *path,
                        enum opk_status want, const char *message)
{
    struct opk_blocks blocks;
    struct opk_err err = {.message = ""};
    enum opk_status status = opk_blocks_split(opk_buf_str(text), path, &blocks, &err);

    opk_assert_status(name, status, want, &err);
    if (status == OPK_OK)
        opk_blocks_done(&blocks);
    else
        opk_assert_str(name, opk_str_of(err.message), opk_str_of(message));
    opk_buf_done(text);
}

static void test_limits(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    for (size_t i = 0; i <= 1; i++) {
        for (size_t at = 0; at < OPK_BLOCKS_MAX + i; at++)
            opk_buf_append_cstr(&text, "# x\n");
        check_limit("blocks", &text, "a.md", i ? OPK_E_LIMIT : OPK_OK,
                    "more than 32768 blocks; split the document");
        for (size_t at = 0; at < OPK_BLOCK_DEPTH_MAX + i; at++)
            opk_buf_append_cstr(&text, ">");
        opk_buf_append_cstr(&text, " x\n");
        check_limit("depth", &text, "a.md", i ? OPK_E_LIMIT : OPK_OK,
                    "more than 64 lists and quotes within each other");
        opk_buf_append_fill(&text, 'k',
                            OPK_BLOCK_POINTER_MAX - 1 + i); /* a slash comes before it */
        opk_buf_append_cstr(&text, ": {a: 1}\n");
        check_limit("pointer", &text, "a.yaml", i ? OPK_E_LIMIT : OPK_OK,
                    "the keys above this are longer than 1024 bytes");
    }
    check_limit("neither", &text, "a.ps1", OPK_E_UNSUPPORTED,
                "blocks are found in Markdown (.md) and YAML (.yaml, .yml)");
    opk_buf_append_cstr(&text, "<!-- PATTERN_AUTO:X:BEGIN -->\n");
    check_limit("a marker alone", &text, "a.md", OPK_E_INVALID, "section X has no END marker");
    opk_buf_append_cstr(&text, "a: &b 1\n");
    check_limit("an anchor", &text, "a.yaml", OPK_E_INVALID,
                "an anchor is not allowed in this file");
}

/* A title is cut between characters. */
static void test_title(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_blocks blocks;
    struct opk_err err;

    (void)state;
    opk_buf_append_cstr(&text, "# ");
    opk_buf_append_fill(&text, 'x', OPK_BLOCK_TITLE_MAX - 1);
    opk_buf_append_cstr(&text, "\xC3\xA9\n");
    opk_assert_status("title", opk_blocks_split(opk_buf_str(&text), "a.md", &blocks, &err), OPK_OK,
                      &err);
    assert_int_equal(blocks.items[0].pointer.len, OPK_BLOCK_TITLE_MAX);
    opk_blocks_done(&blocks);
    opk_buf_splice(&text, 2, 3, OPK_STR_EMPTY); /* one byte less before it: it fits */
    opk_assert_status("title", opk_blocks_split(opk_buf_str(&text), "a.md", &blocks, &err), OPK_OK,
                      &err);
    assert_int_equal(blocks.items[0].pointer.len, OPK_BLOCK_TITLE_MAX + 1);
    opk_blocks_done(&blocks);
    opk_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),   cmocka_unit_test(test_digest),
        cmocka_unit_test(test_overlap), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_title),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
