#include "support/support.h"

#include "cluster/similar.h"

static const struct {
    const char *id;
    const char *patterns[3];
} REGISTERED[] = {
    {"OPK-GIT-COMMIT", {"git commit -m <text>", "git commit --amend", NULL}},
    {"OPK-GIT-PUSH", {"git push …", NULL, NULL}},
    {"OPK-FIND-GREP", {"find <dir> | xargs grep -l <word>", NULL, NULL}},
    {"OPK-WRITE-FILE", {"tool:Write file_path=<path> …", NULL, NULL}},
    {"OPK-NOTHING", {NULL, NULL, NULL}},
    {"OPK-SVN-COMMIT", {"svn commit -m <text>", NULL, NULL}},
};

static struct opk_similar_index *index_all(bool backwards)
{
    static const size_t COUNT = sizeof(REGISTERED) / sizeof(REGISTERED[0]);
    struct opk_similar_index *index = NULL;

    assert_int_equal(opk_similar_new(&index, NULL), OPK_OK);
    for (size_t i = 0; i < COUNT; i++) {
        size_t which = backwards ? COUNT - 1 - i : i;
        struct opk_str patterns[3];
        size_t count = 0;
        for (; count < 3 && REGISTERED[which].patterns[count]; count++)
            patterns[count] = opk_str_of(REGISTERED[which].patterns[count]);
        assert_int_equal(
            opk_similar_add(index, opk_str_of(REGISTERED[which].id), patterns, count, NULL),
            OPK_OK);
    }
    return index;
}

/*
 * The scores are worked out by hand. First: words git, commit 8 + 8; option -m half of the
 * patterns, all of the draft; -a, --amend one side only; class text half and all. Both: 16 + 1 +
 * .5; either:16 + 2 (-m) + 2 (-a) + 1 (--amend) + 1 (text): 17.5 / 22. Second: 8 + 2 + 1 of 24 + 2
 * + 2 + 1.
 */
static void test_scores(void **state)
{
    static const struct {
        const char *shapes[2];
        const char *want;
    } CASES[] = {
        {{"git commit -a -m <text>", NULL},
         "OPK-GIT-COMMIT 80 same words commit git; options -m; operands text\n"
         "OPK-SVN-COMMIT 38 same words commit; options -m; operands text\n"
         "OPK-GIT-PUSH 33 same words git\n"},
        {{"git push --force", NULL},
         "OPK-GIT-PUSH 100 same words git push\n"
         "OPK-GIT-COMMIT 28 same words git\n"},
        {{"find <path> | xargs wc", NULL}, "OPK-FIND-GREP 43 same words find xargs\n"},
        {{"tool:Write file_path=<path.py> content=<text>", NULL},
         "OPK-WRITE-FILE 100 same words tool:Write; operands path\n"},
        {{"tar -x", NULL}, ""},
    };

    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        struct opk_similar_index *index = index_all(turn > 0);
        for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
            struct opk_kind_shape shapes[2] = {{.count = 3}, {.count = 1}};
            struct opk_kind kind = {.shapes = shapes};
            struct opk_similar found[OPK_SIMILAR_MAX];
            struct opk_arena arena = {0};
            struct opk_buf got = OPK_BUF_EMPTY;
            size_t count = 0;
            for (; kind.shape_count < 2 && CASES[i].shapes[kind.shape_count]; kind.shape_count++)
                shapes[kind.shape_count].text = opk_str_of(CASES[i].shapes[kind.shape_count]);
            assert_int_equal(opk_similar_find(index, &kind, &arena, found, &count, NULL), OPK_OK);
            for (size_t k = 0; k < count; k++)
                opk_buf_printf(&got, "%.*s %u %.*s\n", OPK_STR_FMT(found[k].id), found[k].score,
                               OPK_STR_FMT(found[k].why));
            opk_assert_str(CASES[i].shapes[0], opk_buf_str(&got), opk_str_of(CASES[i].want));
            opk_buf_done(&got);
            opk_arena_done(&arena);
        }
        opk_similar_free(index);
    }
}

/* Of equals the first by id, and at most so many. */
static void test_most(void **state)
{
    struct opk_similar_index *index = NULL;
    struct opk_kind_shape shape = {.text = OPK_STR("a b"), .count = 1};
    struct opk_kind kind = {.shapes = &shape, .shape_count = 1};
    struct opk_similar found[OPK_SIMILAR_MAX];
    struct opk_arena arena = {0};
    size_t count = 0;

    (void)state;
    assert_int_equal(opk_similar_new(&index, NULL), OPK_OK);
    for (char c = 'E'; c >= 'A'; c--) {
        struct opk_str pattern = OPK_STR("a b");
        char id[] = {'O', 'P', 'K', '-', c, '\0'};
        assert_int_equal(opk_similar_add(index, opk_str_of(id), &pattern, 1, NULL), OPK_OK);
        assert_int_equal(opk_similar_find(index, &kind, &arena, found, &count, NULL), OPK_OK);
        assert_int_equal(count, 'E' - c + 1 < OPK_SIMILAR_MAX ? 'E' - c + 1 : OPK_SIMILAR_MAX);
    }
    opk_assert_str("first", found[0].id, OPK_STR("OPK-A"));
    opk_assert_str("last", found[OPK_SIMILAR_MAX - 1].id, OPK_STR("OPK-C"));
    opk_arena_done(&arena);
    opk_similar_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_most),
    };

    return cmocka_run_group_tests_name("similar", tests, NULL, NULL);
}
