#include "support/support.h"

#include "sync/marker.h"

#define BEGIN_A    "<!-- PATTERN_AUTO:A:BEGIN -->\n"
#define END_A      "<!-- PATTERN_AUTO:A:END -->\n"
#define BEGIN_B    "<!-- PATTERN_AUTO:B:BEGIN -->\n"
#define END_B      "<!-- PATTERN_AUTO:B:END -->\n"
#define HASH_A     "# PATTERN_AUTO:A:BEGIN\n"
#define HASH_A_END "# PATTERN_AUTO:A:END\n"

/* The sections found, as "ID begin-end;", or the line and message of the error. */
static const struct {
    const char *name;
    const char *path;
    const char *text;
    const char *want;
    uint64_t line;
} PARSES[] = {
    {"none", "a.md", "text\n", "", 0},
    {"empty", "a.md", "", "", 0},
    {"one", "a.md", BEGIN_A END_A, "A 1-2;", 0},
    {"two", "a.md", "x\n" BEGIN_A "y\n" END_A BEGIN_B END_B, "A 2-4;B 5-6;", 0},
    {"indented by three", "a.md", "   " BEGIN_A "   " END_A, "A 1-2;", 0},
    {"indented by four is code", "a.md", "    " BEGIN_A "    " END_A, "", 0},
    {"a tab is code", "a.md", "\t" BEGIN_A "\t" END_A, "", 0},
    {"byte order mark", "a.md", "\xEF\xBB\xBF" BEGIN_A END_A, "A 1-2;", 0},
    {"CRLF", "a.md", "<!-- PATTERN_AUTO:A:BEGIN -->\r\n<!-- PATTERN_AUTO:A:END -->\r\n", "A 1-2;",
     0},
    {"last line without end", "a.md", BEGIN_A "<!-- PATTERN_AUTO:A:END -->", "A 1-2;", 0},
    {"blanks in the comment", "a.md", "<!--PATTERN_AUTO:A:BEGIN-->\n<!--  PATTERN_AUTO:A:END  -->",
     "A 1-2;", 0},
    {"inline code", "a.md", "`<!-- PATTERN_AUTO:A:BEGIN -->`\n", "", 0},
    {"after a word", "a.md", "see <!-- PATTERN_AUTO:A:BEGIN -->\n", "", 0},
    {"fence", "a.md", "```\n" BEGIN_A "```\n" BEGIN_B END_B, "B 4-5;", 0},
    {"fence of tildes", "a.md", "~~~\n" BEGIN_A "```\n~~~\n" BEGIN_B END_B, "B 5-6;", 0},
    {"longer fence", "a.md", "````\n```\n" BEGIN_A "````\n" BEGIN_B END_B, "B 5-6;", 0},
    {"fence with info", "a.md", "``` md\n" BEGIN_A "``` md\n```\n" BEGIN_B END_B, "B 5-6;", 0},
    {"backticks in info are inline code", "a.md", "``` a`b\n" BEGIN_A END_A, "A 2-3;", 0},
    {"two backticks are no fence", "a.md", "``\n" BEGIN_A END_A, "A 2-3;", 0},
    {"open fence to the end", "a.md", "```\n" BEGIN_A END_A, "", 0},
    {"fence in a list item", "a.md", "- ```\n  " BEGIN_A "  ```\n" BEGIN_B END_B, "B 4-5;", 0},
    {"list item ends its fence", "a.md", "- ```\n  x\n" BEGIN_A END_A, "A 3-4;", 0},
    {"fence in a quote", "a.md", "> ```\n> x\n> ```\n" BEGIN_A END_A, "A 4-5;", 0},
    {"another comment", "a.md", "<!-- PATTERN: x -->\n", "", 0},
    {"YAML", "a.yaml", "a: 1\n  # PATTERN_AUTO:A:BEGIN\n  # PATTERN_AUTO:A:END\n", "A 2-3;", 0},
    {"YAML has no fences", "a.yaml", "# ```\n# PATTERN_AUTO:A:BEGIN\n# PATTERN_AUTO:A:END\n",
     "A 2-3;", 0},
    {"literal in YAML", "a.yml", "a: |\n  " HASH_A "  " HASH_A_END "\nb: 1\n" HASH_A HASH_A_END,
     "A 6-7;", 0},
    {"folded in YAML", "a.yaml", "a: >-\n  " HASH_A "  x\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"literal at the end of YAML", "a.yaml", HASH_A HASH_A_END "a: |\n  " HASH_A "  " HASH_A_END,
     "A 1-2;", 0},
    {"comment right of a literal", "a.yaml", "a:\n  b: |\n    x\n  " HASH_A "  " HASH_A_END,
     "A 4-5;", 0},
    {"quoted in YAML", "a.yaml", "a: \"x\n  " HASH_A "  \"\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"list of literals", "a.yaml", "- |\n  " HASH_A "- 'x\n  " HASH_A "  '\n" HASH_A HASH_A_END,
     "A 6-7;", 0},
    {"anchors of others", "a.yaml", "a: &x 1\nb: *x\n" HASH_A HASH_A_END, "A 3-4;", 0},
    {"several documents", "a.yaml", "a: |\n  " HASH_A "---\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"YAML that is none", "a.yaml", HASH_A HASH_A_END "a: 'b\n",
     "found unexpected end of stream (while scanning a quoted scalar)", 4},
    {"here-string", "a.ps1", "$a = @'\n" HASH_A "'@\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"here-string of double quotes", "a.psm1",
     "$a = @\"  \n" HASH_A " \"@\n" HASH_A_END "\"@\n" HASH_A HASH_A_END, "A 6-7;", 0},
    {"string of PowerShell", "a.ps1", "$a = \"x `\" \n" HASH_A "\"\n" HASH_A HASH_A_END, "A 4-5;",
     0},
    {"an at sign within a line", "a.ps1", "$a = @('b') + @'c'\n" HASH_A HASH_A_END, "A 2-3;", 0},
    {"quote in a comment", "a.ps1", "# don't\n$a = 1 # isn't\n" HASH_A HASH_A_END, "A 3-4;", 0},
    {"comment of many lines", "a.ps1", "<# don't\n" HASH_A HASH_A_END "#>\n", "A 2-3;", 0},
    {"after a comment of many lines", "a.ps1", "<# ' #> $a = @'\n" HASH_A "'@\n" HASH_A HASH_A_END,
     "A 4-5;", 0},
    {"here-document", "a.sh", "cat <<EOF\n" HASH_A "EOF\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"quoted here-document", "a.sh", "cat <<'E F'\n" HASH_A "E F\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"indented here-document", "a.bash", "cat <<-EOF\n" HASH_A "\tEOF\n" HASH_A HASH_A_END,
     "A 4-5;", 0},
    {"two here-documents", "a.sh", "cat <<A - <<\\B\nA\n" HASH_A "B\n" HASH_A HASH_A_END, "A 5-6;",
     0},
    {"here-string of a shell", "a.sh", "cat <<<x\n" HASH_A HASH_A_END, "A 2-3;", 0},
    {"shift", "a.sh", "a=$((1 <<b))\n" HASH_A HASH_A_END, "A 2-3;", 0},
    {"string of a shell", "a.sh", "a='x\n" HASH_A "'\n" HASH_A HASH_A_END, "A 4-5;", 0},
    {"quote in a comment of a shell", "a.sh", "a=b # don't\nc=d#e\n" HASH_A HASH_A_END, "A 3-4;",
     0},
    {"an unknown language", "a.txt", "'\n" HASH_A HASH_A_END, "A 2-3;", 0},
    {"sum", "a.md", BEGIN_A "<!-- PATTERN_AUTO:A:END sum=0123456789abcdef -->\n", "A 1-2;", 0},
    {"empty sum", "a.yaml", HASH_A "# PATTERN_AUTO:A:END sum=\n", "A 1-2;", 0},
    {"short sum", "a.md", BEGIN_A "<!-- PATTERN_AUTO:A:END sum=0123 -->\n",
     "a sum has 16 digits of 0-9 a-f; leave it empty for a new one", 2},
    {"sum of capitals", "a.yaml", HASH_A "# PATTERN_AUTO:A:END sum=0123456789ABCDEF\n",
     "a sum has 16 digits of 0-9 a-f; leave it empty for a new one", 2},
    {"words behind the end", "a.md", BEGIN_A "<!-- PATTERN_AUTO:A:END of it -->\n",
     "nothing but sum= and its digits may follow END", 2},
    {"sum at the beginning", "a.yaml", "# PATTERN_AUTO:A:BEGIN sum=\n" HASH_A_END,
     "a marker is PATTERN_AUTO:ID:BEGIN or PATTERN_AUTO:ID:END", 1},
    {"no end", "a.md", "x\n" BEGIN_A, "section A has no END marker", 2},
    {"no begin", "a.md", "x\n" END_A, "section A ends before it begins", 2},
    {"reversed", "a.md", END_A BEGIN_A, "section A ends before it begins", 1},
    {"begins twice", "a.md", BEGIN_A BEGIN_A END_A,
     "section A begins a second time; it began at line 1", 2},
    {"twice", "a.md", BEGIN_A END_A BEGIN_A END_A,
     "section A begins a second time; it began at line 1", 3},
    {"ends twice", "a.md", BEGIN_A END_A END_A, "section A ends a second time", 3},
    {"nested", "a.md", BEGIN_A BEGIN_B END_B END_A, "section B begins inside section A of line 1",
     2},
    {"crossed", "a.md", BEGIN_A END_B, "section B ends inside section A of line 1", 2},
    {"lower case id", "a.md", "<!-- PATTERN_AUTO:a:BEGIN -->",
     "a section id is written in capitals, digits and _", 1},
    {"neither begin nor end", "a.md", "<!-- PATTERN_AUTO:A:START -->",
     "a marker is PATTERN_AUTO:ID:BEGIN or PATTERN_AUTO:ID:END", 1},
    {"open comment", "a.md", "<!-- PATTERN_AUTO:A:BEGIN\n",
     "a marker stands alone on its line and ends in -->", 1},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(PARSES) / sizeof(PARSES[0]); i++) {
        struct opk_arena arena = {0};
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_sections sections = {0};
        struct opk_err err;
        enum opk_status status =
            opk_sections_parse(opk_str_of(PARSES[i].text), PARSES[i].path, &arena, &sections, &err);
        for (size_t at = 0; at < sections.count; at++)
            opk_buf_printf(&got, "%.*s %llu-%llu;", OPK_STR_FMT(sections.items[at].id),
                           (unsigned long long)sections.items[at].begin_line,
                           (unsigned long long)sections.items[at].end_line);
        if (status != OPK_OK)
            opk_buf_append_cstr(&got, err.message);
        opk_assert_str(PARSES[i].name, opk_buf_str(&got), opk_str_of(PARSES[i].want));
        assert_int_equal(status == OPK_OK ? 0 : err.line, PARSES[i].line);
        opk_buf_done(&got);
        opk_arena_done(&arena);
    }
}

static const struct {
    const char *name;
    const char *text;
    const char *content;
    const char *want;
} REPLACES[] = {
    {"filled", "x\n" BEGIN_A END_A "y", "new", "x\n" BEGIN_A "new\n" END_A "y"},
    {"emptied", BEGIN_A "old\n" END_A, "", BEGIN_A END_A},
    {"same", BEGIN_A "old\n" END_A, "old\n", BEGIN_A "old\n" END_A},
    {"indented", "  " BEGIN_A "  " END_A, "a\n\nb\n", "  " BEGIN_A "  a\n\n  b\n  " END_A},
    {"CRLF", "<!-- PATTERN_AUTO:A:BEGIN -->\r\nold\r\n<!-- PATTERN_AUTO:A:END -->", "a\nb",
     "<!-- PATTERN_AUTO:A:BEGIN -->\r\na\r\nb\r\n<!-- PATTERN_AUTO:A:END -->"},
    {"LF from CRLF content", BEGIN_A END_A, "a\r\nb\r\n", BEGIN_A "a\nb\n" END_A},
    {"brought its markers", BEGIN_A "old\n" END_A, "# head\n" BEGIN_A "new\n" END_A "tail\n",
     BEGIN_A "new\n" END_A},
    {"other sections stay", BEGIN_B "b\n" END_B BEGIN_A END_A, "a",
     BEGIN_B "b\n" END_B BEGIN_A "a\n" END_A},
    {"a whole fence is content", BEGIN_A END_A, "```\n" BEGIN_B "```",
     BEGIN_A "```\n" BEGIN_B "```\n" END_A},
    {"an open fence would hide the end", BEGIN_A END_A, "```", NULL},
    {"a later end would be taken for it", BEGIN_A END_A "```\n" END_A "```\n", "```", NULL},
    {"a marker would be added", BEGIN_A END_A, BEGIN_B END_B, NULL},
    {"a marker in content that is not sound", BEGIN_A END_A, END_B, NULL},
};

static void test_replace(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(REPLACES) / sizeof(REPLACES[0]); i++) {
        struct opk_section_content content = {OPK_STR("A"), opk_str_of(REPLACES[i].content), false};
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        enum opk_status status =
            opk_section_replace(opk_str_of(REPLACES[i].text), "a.md", &content, &got, &err);
        opk_assert_status(REPLACES[i].name, status, REPLACES[i].want ? OPK_OK : OPK_E_INVALID,
                          &err);
        opk_assert_str(REPLACES[i].name, opk_buf_str(&got), opk_str_of(REPLACES[i].want));
        opk_buf_done(&got);
    }
}

static void test_limit(void **state)
{
    (void)state;
    for (size_t count = OPK_MARKER_SECTIONS_MAX; count <= OPK_MARKER_SECTIONS_MAX + 1; count++) {
        struct opk_arena arena = {0};
        struct opk_buf text = OPK_BUF_EMPTY;
        struct opk_sections sections;
        struct opk_err err;
        for (size_t i = 0; i < count; i++)
            opk_buf_printf(&text, "# PATTERN_AUTO:S%zu:BEGIN\n# PATTERN_AUTO:S%zu:END\n", i, i);
        opk_assert_status("sections",
                          opk_sections_parse(opk_buf_str(&text), "a.yaml", &arena, &sections, &err),
                          count > OPK_MARKER_SECTIONS_MAX ? OPK_E_LIMIT : OPK_OK, &err);
        opk_buf_done(&text);
        opk_arena_done(&arena);
    }
}

/* A sum is that of the text between the markers, as xxhsum -H3 gives it: of "a\n", "a\nb\n", "". */
#define SUM_A    "e841f27363849a18"
#define SUM_AB   "293443f15261f9de"
#define SUM_NONE "2d06800538d394c2"

static const struct {
    const char *name;
    const char *path;
    const char *text;
    const char *content;
    bool checksum;
    bool is_edited; /* the text */
    const char *want;
} SUMS[] = {
    {"kept up", "a.md", BEGIN_A "a\n<!-- PATTERN_AUTO:A:END sum=" SUM_A " -->\nx", "a\nb", false,
     false, BEGIN_A "a\nb\n<!-- PATTERN_AUTO:A:END sum=" SUM_AB " -->\nx"},
    {"edited", "a.md", BEGIN_A "by hand\n<!-- PATTERN_AUTO:A:END sum=" SUM_A " -->\n", "a", false,
     true, BEGIN_A "a\n<!-- PATTERN_AUTO:A:END sum=" SUM_A " -->\n"},
    {"empty one filled", "a.yaml", HASH_A "# a\n# PATTERN_AUTO:A:END sum=\nb: 1\n", "", false,
     false, HASH_A "# PATTERN_AUTO:A:END sum=" SUM_NONE "\nb: 1\n"},
    {"made", "a.md", BEGIN_A END_A "x\n" BEGIN_B END_B, "a", true, false,
     BEGIN_A "a\n<!-- PATTERN_AUTO:A:END sum=" SUM_A " -->\nx\n" BEGIN_B END_B},
    {"not made", "a.md", BEGIN_A END_A, "a", false, false, BEGIN_A "a\n" END_A},
    {"indented", "a.sh", "  " HASH_A "  a\n  # PATTERN_AUTO:A:END sum=" SUM_A, "a\nb\n", false,
     false, "  " HASH_A "  a\n  b\n  # PATTERN_AUTO:A:END sum=" SUM_AB},
    {"CRLF", "a.ps1", "# PATTERN_AUTO:A:BEGIN\r\na\r\n# PATTERN_AUTO:A:END sum=" SUM_A "\r\n",
     "a\nb\n", false, false,
     "# PATTERN_AUTO:A:BEGIN\r\na\r\nb\r\n# PATTERN_AUTO:A:END sum=" SUM_AB "\r\n"},
};

static void test_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SUMS) / sizeof(SUMS[0]); i++) {
        struct opk_section_content content = {OPK_STR("A"), opk_str_of(SUMS[i].content),
                                              SUMS[i].checksum};
        struct opk_str text = opk_str_of(SUMS[i].text);
        struct opk_arena arena = {0};
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_sections sections;
        struct opk_err err;
        bool is_edited = false;
        opk_assert_status(SUMS[i].name,
                          opk_sections_parse(text, SUMS[i].path, &arena, &sections, &err), OPK_OK,
                          &err);
        opk_assert_status(SUMS[i].name,
                          opk_section_is_edited(text, &sections.items[0], &is_edited, &err), OPK_OK,
                          &err);
        assert_int_equal(is_edited, SUMS[i].is_edited);
        opk_assert_status(SUMS[i].name,
                          opk_section_replace(text, SUMS[i].path, &content, &got, &err), OPK_OK,
                          &err);
        opk_assert_str(SUMS[i].name, opk_buf_str(&got), opk_str_of(SUMS[i].want));
        opk_buf_done(&got);
        opk_arena_done(&arena);
    }
}

static const struct {
    const char *name;
    const char *path;
    const char *text;
    enum opk_status status;
    const char *want;
} APPENDS[] = {
    {"to nothing", "a.md", "", OPK_OK, BEGIN_A "# a\n" END_A},
    {"to Markdown", "a.md", "# x\n", OPK_OK, "# x\n\n" BEGIN_A "# a\n" END_A},
    {"after a blank line", "a.md", "# x\n\n", OPK_OK, "# x\n\n" BEGIN_A "# a\n" END_A},
    {"after a line without end", "a.md", "# x", OPK_OK, "# x\n\n" BEGIN_A "# a\n" END_A},
    {"CRLF", "a.md", "# x\r\n", OPK_OK,
     "# x\r\n\r\n<!-- PATTERN_AUTO:A:BEGIN -->\r\n# a\r\n<!-- PATTERN_AUTO:A:END -->\r\n"},
    {"after another section", "a.yaml", "# PATTERN_AUTO:B:BEGIN\n# PATTERN_AUTO:B:END\n", OPK_OK,
     "# PATTERN_AUTO:B:BEGIN\n# PATTERN_AUTO:B:END\n" HASH_A "# a\n" HASH_A_END},
    {"to a script", "a.sh", "true\n", OPK_OK, "true\n" HASH_A "# a\n" HASH_A_END},
    {"after a literal", "a.yaml", "x: |+\n  y\n\n", OPK_OK,
     "x: |+\n  y\n\n" HASH_A "# a\n" HASH_A_END},
    {"within an open fence", "a.md", "```\n", OPK_E_REFUSED, NULL},
    {"within a here-string", "a.ps1", "$a = @'\n", OPK_E_REFUSED, NULL},
    {"of its own id", "a.md", BEGIN_A END_A, OPK_E_INVALID, NULL},
    {"to markers that are not sound", "a.md", BEGIN_B, OPK_E_INVALID, NULL},
};

static void test_append(void **state)
{
    const struct opk_section_content content = {OPK_STR("A"), OPK_STR("# a\n"), false};

    (void)state;
    for (size_t i = 0; i < sizeof(APPENDS) / sizeof(APPENDS[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_err err;
        enum opk_status status =
            opk_section_append(opk_str_of(APPENDS[i].text), APPENDS[i].path, &content, &got, &err);
        opk_assert_status(APPENDS[i].name, status, APPENDS[i].status, &err);
        opk_assert_str(APPENDS[i].name, opk_buf_str(&got), opk_str_of(APPENDS[i].want));
        opk_buf_done(&got);
    }
}

/* Content that YAML does not take is refused, and the text stays. */
static void test_breaks_yaml(void **state)
{
    const struct opk_section_content content = {OPK_STR("A"), OPK_STR("a: [\n"), false};
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_assert_status(
        "breaks",
        opk_section_replace(OPK_STR(HASH_A HASH_A_END "b: 1\n"), "a.yaml", &content, &got, &err),
        OPK_E_INVALID, &err);
    assert_int_equal(got.len, 0);
    opk_buf_done(&got);
}

/* Markers in code are text, and are told of by their line. */
static void test_in_code(void **state)
{
    struct opk_arena arena = {0};
    struct opk_sections sections;
    struct opk_str text = OPK_STR("```\n" BEGIN_A END_A "```\n");

    (void)state;
    assert_int_equal(opk_sections_parse(text, "a.md", &arena, &sections, NULL), OPK_OK);
    assert_int_equal(opk_sections_code_line(&sections, OPK_STR("A")), 2);
    assert_int_equal(opk_sections_code_line(&sections, OPK_STR("B")), 0);
    opk_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),       cmocka_unit_test(test_replace),
        cmocka_unit_test(test_sum),         cmocka_unit_test(test_append),
        cmocka_unit_test(test_breaks_yaml), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_in_code),
    };

    return cmocka_run_group_tests_name("marker", tests, NULL, NULL);
}
