#include "support/support.h"

#include "base/map.h"

#define MANY 20000U

/* Indexes are dense, follow the order of adding, and survive every growth. */
static void test_indexes(void **state)
{
    struct opk_map *map;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_map_new(&map, &err), OPK_OK, &err);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            struct opk_buf key = OPK_BUF_EMPTY;
            uint32_t index;
            bool is_new;
            opk_buf_printf(&key, "key %u", i);
            opk_assert_status("add", opk_map_add(map, opk_buf_str(&key), &index, &is_new, &err),
                              OPK_OK, &err);
            assert_int_equal(index, i);
            assert_int_equal(is_new, round == 0);
            opk_assert_str("key", opk_map_key(map, index), opk_buf_str(&key));
            opk_buf_done(&key);
        }
    }
    assert_int_equal(opk_map_count(map), MANY);
    assert_true(opk_map_bytes(map) > MANY);
    opk_map_free(map);
}

/* Keys are bytes with a length: empty, with a NUL, one the prefix of another. */
static void test_keys(void **state)
{
    static const struct opk_str KEYS[] = {OPK_STR_INIT(""), OPK_STR_INIT("\0"),
                                          OPK_STR_INIT("\0\0"), OPK_STR_INIT("a"),
                                          OPK_STR_INIT("a\0")};
    struct opk_map *map;
    struct opk_err err;

    (void)state;
    opk_assert_status("new", opk_map_new(&map, &err), OPK_OK, &err);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t index;
        bool is_new;
        assert_false(opk_map_find(map, KEYS[i], NULL));
        opk_assert_status("add", opk_map_add(map, KEYS[i], &index, &is_new, &err), OPK_OK, &err);
        assert_true(is_new);
        assert_true(opk_map_find(map, KEYS[i], &index));
        assert_int_equal(index, i);
    }
    opk_map_free(map);
    opk_map_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_indexes), cmocka_unit_test(test_keys)};

    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
