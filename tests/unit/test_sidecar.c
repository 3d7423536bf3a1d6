#include "support/support.h"

#include "sync/sidecar.h"

#include <string.h>

#define ULID "01JD8W1C6Q5T0V2X4Z6B8D0F2H"

static void make(const char *name, const char *path, struct opk_str text,
                 const struct opk_sidecar *old, struct opk_sidecar *out)
{
    struct opk_err err;

    opk_assert_status(name,
                      opk_sidecar_make(&(const struct opk_sidecar_doc){text, path, OPK_STR(ULID)},
                                       old, NULL, out, &err),
                      OPK_OK, &err);
}

/* Which old block each new one is: its number from 1, or "-". */
static void show_kept(const struct opk_sidecar *old, const struct opk_sidecar *now,
                      struct opk_buf *out)
{
    for (size_t i = 0; i < now->blocks.count; i++) {
        size_t at = 0;
        while (at < old->blocks.count && !opk_str_eq(old->mfids[at], now->mfids[i]))
            at++;
        if (at < old->blocks.count)
            opk_buf_printf(out, "%zu ", at + 1);
        else
            opk_buf_append_cstr(out, "- ");
    }
    opk_buf_printf(out, "retired %zu", now->retired_count);
}

static const struct {
    const char *name;
    const char *path;
    const char *old;
    const char *now;
    const char *kept;
} EDITS[] = {
    {"nothing", "a.md", "# A\n\nb\n", "# A\n\nb\n", "1 2 retired 0"},
    {"made before everything", "a.md", "b\n", "# New\n\nb\n", "- 1 retired 0"},
    {"deleted", "a.md", "a\n\nb\n\nc\n", "a\n\nc\n", "1 3 retired 1"},
    {"swapped", "a.md", "a\n\nb\n", "b\n\na\n", "2 1 retired 0"},
    {"most of the words", "a.md", "one two three four five\n", "one two three x y\n",
     "1 retired 0"},
    {"too few of them", "a.md", "one two three four five\n", "one two x y z\n", "- retired 1"},
    {"another kind", "a.md", "one two\n", "- one two\n", "- retired 1"},
    {"the most alike first", "a.md", "a b c d e\n\nv w x y z\n", "a b c d q\n\na b c d e f\n",
     "- 1 retired 1"},
    {"edited in another section", "a.md", "# A\n\na b c d\n\n# B\n", "# A\n\n# B\n\na b c x\n",
     "1 3 - retired 1"},
    {"edited below a renamed heading", "a.md", "# One two three\n\na b c d\n",
     "# One two four\n\na b c x\n", "1 2 retired 0"},
    {"moved with its section", "a.md", "# A\n\na b c\n\n# B\n\nd e f\n",
     "# B\n\nd e f\n\n# A\n\na b x\n", "3 4 1 2 retired 0"},
    {"the same words twice, one goes", "a.md", "- x\n- y\n- x\n", "- x\n- y\n", "1 2 retired 1"},
    {"the same words twice, one comes", "a.md", "- x\n", "- x\n- x\n", "1 - retired 0"},
    {"a mapping under its key", "a.yaml", "a:\n  b: 1\nc:\n  d: 2\n", "a:\n  x: 9\nc:\n  d: 2\n",
     "1 2 3 retired 0"},
    {"an item of a list", "a.yaml", "a:\n  - one\n  - two\n", "a:\n  - zero\n  - one\n  - two\n",
     "1 - 2 3 retired 0"},
    {"another key", "a.yaml", "a:\n  b: 1\n", "c:\n  d: 2\n", "1 - retired 1"},
};

static void test_edits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(EDITS) / sizeof(EDITS[0]); i++) {
        struct opk_sidecar old;
        struct opk_sidecar now;
        struct opk_buf got = OPK_BUF_EMPTY;
        make(EDITS[i].name, EDITS[i].path, opk_str_of(EDITS[i].old), NULL, &old);
        make(EDITS[i].name, EDITS[i].path, opk_str_of(EDITS[i].now), &old, &now);
        show_kept(&old, &now, &got);
        opk_assert_str(EDITS[i].name, opk_buf_str(&got), opk_str_of(EDITS[i].kept));
        opk_buf_done(&got);
        opk_sidecar_done(&old);
        opk_sidecar_done(&now);
    }
}

/* What was deleted and written again is new; ids are those of the text, wherever they are made. */
static void test_never_again(void **state)
{
    struct opk_sidecar first;
    struct opk_sidecar without;
    struct opk_sidecar again;
    struct opk_sidecar other;

    (void)state;
    make("first", "a.md", OPK_STR("a\n\nb\n"), NULL, &first);
    make("without", "a.md", OPK_STR("a\n"), &first, &without);
    make("again", "a.md", OPK_STR("a\n\nb\n"), &without, &again);
    opk_assert_str("kept", again.mfids[0], first.mfids[0]);
    assert_false(opk_str_eq(again.mfids[1], first.mfids[1]));
    assert_int_equal(again.retired_count, 1);
    opk_assert_str("retired", again.retired[0], first.mfids[1]);
    make("other", "a.md", OPK_STR("a\n\nb\n"), NULL, &other);
    opk_assert_str("made elsewhere", other.mfids[1], first.mfids[1]);
    opk_sidecar_done(&other);
    make("another document", "b.md", OPK_STR("a\n\nb\n"), NULL, &other);
    assert_false(opk_str_eq(other.mfids[1], first.mfids[1]));
    assert_ptr_equal(opk_sidecar_find(&other, other.mfids[1]), &other.blocks.items[1]);
    assert_null(opk_sidecar_find(&other, first.mfids[1]));
    opk_sidecar_done(&first);
    opk_sidecar_done(&without);
    opk_sidecar_done(&again);
    opk_sidecar_done(&other);
}

/* Sections with as many edited blocks as are compared, and with one more. */
static void test_pairs(void **state)
{
    size_t side = 2048; /* its square is the limit */

    (void)state;
    assert_int_equal(side * side, OPK_SIDECAR_PAIRS_MAX);
    for (size_t more = 0; more <= 1; more++) {
        struct opk_buf old_text = OPK_BUF_EMPTY;
        struct opk_buf now_text = OPK_BUF_EMPTY;
        struct opk_sidecar old;
        struct opk_sidecar now;
        for (size_t i = 0; i < side + more; i++) {
            opk_buf_printf(&now_text, "a%zu b%zu c%zu new\n\n", i, i, i);
            if (i < side)
                opk_buf_printf(&old_text, "a%zu b%zu c%zu old\n\n", i, i, i);
        }
        make("old", "a.md", opk_buf_str(&old_text), NULL, &old);
        make("now", "a.md", opk_buf_str(&now_text), &old, &now);
        assert_int_equal(now.retired_count, more ? side : 0);
        opk_sidecar_done(&old);
        opk_sidecar_done(&now);
        opk_buf_done(&old_text);
        opk_buf_done(&now_text);
    }
}

#define HEAD                                                                                       \
    "schema_version: 1\nulid: " ULID "\nsource: xxh3-128:0123456789abcdef0123456789abcdef\n"
#define ONE(mfid, rest)                                                                            \
    "  - mfid: " mfid "\n    kind: para\n    digest: 0123456789abcdef0123456789abcdef\n"           \
    "    section: \"\"\n    generated: false\n    tokens: \"\"\n    words: 0\n" rest

static const struct {
    const char *name;
    const char *text;
    const char *message; /* NULL: it is read */
} TEXTS[] = {
    {"empty lists", HEAD "blocks: []\nretired: []\n", NULL},
    {"one block",
     HEAD "blocks:\n" ONE(ULID "#00000000", "    ordinal: 1\n    span: [0, 2]\n") "retired: []\n",
     NULL},
    {"no mapping", "a\n", "a sidecar is a mapping"},
    {"nothing", "", "a sidecar is a mapping"},
    {"an unknown key", HEAD "blocks: []\nretire: []\n",
     "unknown key 'retire'; did you mean 'retired'?"},
    {"no list of the retired", HEAD "blocks: []\n", "required key 'retired' is missing"},
    {"blocks are no list", HEAD "blocks: 1\nretired: []\n", "blocks must be a list"},
    {"a block is no mapping", HEAD "blocks: [a]\nretired: []\n", "a block must be a mapping"},
    {"a bad id", HEAD "blocks: []\nretired: [a]\n",
     "retired is not right: it must be a ULID, # and 8 of 0-9 A-Z without I L O U"},
    {"an id twice", HEAD "blocks: []\nretired: [\"" ULID "#00000000\", \"" ULID "#00000000\"]\n",
     ULID "#00000000 stands here twice"},
    {"an id of another document",
     HEAD "blocks: []\nretired: [\"01JD9Z4K7M1N3P5R7S9T0V2W4X#00000000\"]\n",
     "01JD9Z4K7M1N3P5R7S9T0V2W4X#00000000 is no id of document " ULID},
    {"an ordinal",
     HEAD "blocks:\n" ONE(ULID "#00000000", "    ordinal: 2\n    span: [0, 2]\n") "retired: []\n",
     "block 1 has another ordinal"},
    {"a span",
     HEAD "blocks:\n" ONE(ULID "#00000000", "    ordinal: 1\n    span: [3, 2]\n") "retired: []\n",
     "span is the first byte and the one behind the last"},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        struct opk_sidecar sidecar;
        struct opk_err err = {.message = ""};
        enum opk_status status =
            opk_sidecar_parse(opk_str_of(TEXTS[i].text), "a.md.sidecar.yaml", &sidecar, &err);
        opk_assert_status(TEXTS[i].name, status, TEXTS[i].message ? OPK_E_INVALID : OPK_OK, &err);
        if (status == OPK_OK)
            opk_sidecar_done(&sidecar);
        else
            opk_assert_str(TEXTS[i].name, opk_str_of(err.message), opk_str_of(TEXTS[i].message));
    }
}

/* A sidecar with as many retired ids as may be, and one whose document then loses a block. */
static void test_retired(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_sidecar old;
    struct opk_sidecar now;
    struct opk_err err;

    (void)state;
    opk_buf_append_cstr(&text, HEAD
                        "blocks:\n" ONE(ULID "#ZZZZZZZZ", "    ordinal: 1\n    span: [0, 2]\n"));
    opk_buf_append_cstr(&text, "retired:\n");
    for (size_t i = 0; i < OPK_SIDECAR_RETIRED_MAX; i++)
        opk_buf_printf(&text, "  - " ULID "#%08zu\n", i);
    opk_assert_status("N", opk_sidecar_parse(opk_buf_str(&text), "a", &old, &err), OPK_OK, &err);
    opk_assert_status(
        "N in use",
        opk_sidecar_make(&(const struct opk_sidecar_doc){OPK_STR(""), "a.md", OPK_STR(ULID)}, &old,
                         NULL, &now, &err),
        OPK_E_LIMIT, &err);
    opk_assert_str("N in use", opk_str_of(err.message),
                   OPK_STR("more than 262144 retired ids; give the document a new ULID"));
    old.retired_count--;
    make("N - 1", "a.md", OPK_STR(""), &old, &now);
    assert_int_equal(now.retired_count, OPK_SIDECAR_RETIRED_MAX);
    opk_sidecar_done(&now);
    opk_sidecar_done(&old);
    opk_buf_append_cstr(&text, "  - " ULID "#AAAAAAAA\n");
    opk_assert_status("N + 1", opk_sidecar_parse(opk_buf_str(&text), "a", &old, &err), OPK_E_LIMIT,
                      &err);
    opk_assert_str("N + 1", opk_str_of(err.message), OPK_STR("more than 262144 retired"));
    opk_buf_done(&text);
}

#define SECTION "<!-- PATTERN_AUTO:X:BEGIN -->\nmade\n<!-- PATTERN_AUTO:X:END -->\n"

static const struct {
    const char *name;
    const char *path;
    const char *text;
    size_t block;     /* from 1; past the last: an id that is none */
    const char *said; /* its new text */
    enum opk_status status;
    const char *want; /* the document's new text, or the message behind the id */
} PATCHES[] = {
    {"a paragraph", "a.md", "# A\n\nb\n\nc\n", 2, "x\ny\n", OPK_OK, "# A\n\nx\ny\n\nc\n"},
    {"words of another block", "a.md", "b\n\nc\n", 1, "c", OPK_OK, "c\n\nc\n"},
    {"another kind", "a.md", "b\n\nc\n", 1, "# B", OPK_OK, "# B\n\nc\n"},
    {"line ends of two bytes", "a.md", "b\r\n\r\nc\r\n", 1, "x\ny", OPK_OK, "x\r\ny\r\n\r\nc\r\n"},
    {"at the end", "a.md", "b", 1, "x\n", OPK_OK, "x"},
    {"two blocks", "a.md", "b\n", 1, "x\n\ny", OPK_E_REFUSED,
     "would not be one block: give the text of exactly one"},
    {"no block", "a.md", "b\n", 1, "---", OPK_E_REFUSED,
     "would not be one block: give the text of exactly one"},
    {"nothing", "a.md", "b\n", 1, "\n", OPK_E_REFUSED,
     "would be gone: delete its lines and run 'opk sidecar index'"},
    {"a fence that takes the rest", "a.md", "b\n\nc\n", 1, "```", OPK_E_REFUSED,
     "would not be one block: give the text of exactly one"},
    {"one that joins the next", "a.md", "# A\nb\n", 1, "A", OPK_E_REFUSED,
     "would not be one block: give the text of exactly one"},
    {"what is generated", "a.md", SECTION, 1, "x", OPK_E_REFUSED,
     "is generated, or holds what is: change its source and run 'opk sync'"},
    {"a marker", "a.md", "b\n", 1, "<!-- PATTERN_AUTO:X:BEGIN -->", OPK_E_REFUSED,
     "section X has no END marker"},
    {"an item", "a.yaml", "a:\n  - b # why\n  - c\n", 2, "x y", OPK_OK,
     "a:\n  - x y # why\n  - c\n"},
    {"a mapping", "a.yaml", "a:\n  b: 1\nc:\n  d: 2\n", 2, "a:\n  b: 2\n  e: []", OPK_OK,
     "a:\n  b: 2\n  e: []\nc:\n  d: 2\n"},
    {"another key", "a.yaml", "a:\n  b: 1\n", 2, "c:\n  b: 1", OPK_E_REFUSED,
     "would be another key or no mapping"},
    {"a second key", "a.yaml", "a:\n  b: 1\n", 2, "a:\n  b: 1\nc: 2", OPK_E_REFUSED,
     "would not be one block: give the text of exactly one"},
    {"no YAML", "a.yaml", "a:\n  - b\n", 2, "'x", OPK_E_REFUSED, NULL},
    {"an unknown id", "a.md", "b\n", 9, "x", OPK_E_NOENT, NULL},
};

static void check_patch(size_t i, bool is_expected)
{
    struct opk_sidecar sidecar;
    struct opk_sidecar_pair same;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err = {.message = ""};
    char digest[OPK_HASH128_TEXT] = "";
    struct opk_sidecar_patch patch = {OPK_STR(ULID "#00000000"), OPK_STR_EMPTY,
                                      opk_str_of(PATCHES[i].said)};

    make(PATCHES[i].name, PATCHES[i].path, opk_str_of(PATCHES[i].text), NULL, &sidecar);
    if (PATCHES[i].block <= sidecar.blocks.count) {
        patch.mfid = sidecar.mfids[PATCHES[i].block - 1];
        opk_hash128_text(sidecar.blocks.items[PATCHES[i].block - 1].digest, digest);
    }
    digest[5] = is_expected ? digest[5] : 'x';
    patch.expected = opk_str_of(digest);
    struct opk_sidecar_doc doc = {opk_str_of(PATCHES[i].text), PATCHES[i].path, sidecar.ulid};
    enum opk_status want =
        is_expected || PATCHES[i].status == OPK_E_NOENT ? PATCHES[i].status : OPK_E_CONFLICT;
    opk_assert_status(PATCHES[i].name, opk_sidecar_apply(&doc, &sidecar, &patch, &out, &same, &err),
                      want, &err);
    if (want == OPK_OK)
        opk_assert_str(PATCHES[i].name, opk_buf_str(&out), opk_str_of(PATCHES[i].want));
    else if (want == OPK_E_REFUSED && PATCHES[i].want)
        assert_true(opk_str_ends(opk_str_of(err.message), opk_str_of(PATCHES[i].want)));
    if (want != OPK_OK)
        assert_int_equal(out.len, 0);
    opk_buf_done(&out);
    opk_sidecar_done(&sidecar);
}

static void test_patches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(PATCHES) / sizeof(PATCHES[0]); i++) {
        check_patch(i, true);
        check_patch(i, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),   cmocka_unit_test(test_never_again),
        cmocka_unit_test(test_pairs),   cmocka_unit_test(test_parse),
        cmocka_unit_test(test_retired), cmocka_unit_test(test_patches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
