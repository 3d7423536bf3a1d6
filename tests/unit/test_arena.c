#include "support/support.h"

#include "base/arena.h"

#include <stdalign.h>

/* Whatever the sizes: zeroed, aligned, apart from each other. */
static void test_alloc(void **state)
{
    struct opk_arena arena = {0};
    unsigned char *before = NULL;

    (void)state;
    for (size_t size = 1; size < 5000; size += 7) {
        unsigned char *bytes = opk_arena_alloc(&arena, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        bytes[0] = 1;
        bytes[size - 1] = 1;
        if (before)
            assert_int_equal(before[0], 1);
        before = bytes;
    }
    assert_false(arena.failed);
    opk_arena_done(&arena);
}

static void test_limit(void **state)
{
    struct opk_arena arena = {.limit = 64};
    struct opk_err err;

    (void)state;
    assert_non_null(opk_arena_alloc(&arena, 64));
    opk_assert_status("at the limit", opk_arena_check(&arena, &err), OPK_OK, &err);
    assert_null(opk_arena_alloc(&arena, 1));
    assert_int_equal(opk_arena_copy(&arena, OPK_STR("x")).len, 0);
    assert_true(opk_arena_check(&arena, &err) != OPK_OK);
    opk_arena_clear(&arena);
    opk_assert_status("after clear", opk_arena_check(&arena, &err), OPK_OK, &err);
    assert_non_null(opk_arena_alloc(&arena, 64));
    opk_arena_done(&arena);
}

static void test_overflow(void **state)
{
    struct opk_arena arena = {0};

    (void)state;
    assert_null(opk_arena_array(&arena, SIZE_MAX / 2, 3));
    assert_true(arena.failed);
    opk_arena_clear(&arena);
    assert_null(opk_arena_alloc(&arena, SIZE_MAX));
    assert_true(arena.failed);
    opk_arena_done(&arena);
}

static void test_text(void **state)
{
    struct opk_arena arena = {0};
    struct opk_str copy = opk_arena_copy(&arena, OPK_STR("a\0b"));

    (void)state;
    opk_assert_str("copy", copy, OPK_STR("a\0b"));
    assert_int_equal(copy.data[copy.len], '\0');
    opk_assert_str("printf", opk_arena_printf(&arena, "%s-%d", "x", 7), OPK_STR("x-7"));
    opk_arena_done(&arena);
    opk_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
