#include "support/support.h"

#include "base/ids.h"

#include <stdio.h>

#define MANY 5000

static struct opk_str name(char room[32], unsigned number)
{
    (void)snprintf(room, 32, "call_%u", number);
    return opk_str_of(room);
}

/* Through every widening: each id is new once. */
static void test_many(void **state)
{
    struct opk_ids ids = {0};
    struct opk_err err;
    char room[32];
    bool is_new;

    (void)state;
    assert_int_equal(opk_ids_bytes(&ids), 0);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(opk_ids_add(&ids, name(room, i), &is_new, &err), OPK_OK);
        assert_true(is_new);
        assert_int_equal(opk_ids_add(&ids, name(room, i / 2), &is_new, &err), OPK_OK);
        assert_false(is_new);
    }
    assert_int_equal(ids.count, MANY);
    assert_true(opk_ids_bytes(&ids) <= (size_t)22 * MANY);
    opk_ids_done(&ids);
    assert_int_equal(opk_ids_bytes(&ids), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
