#include "support/support.h"

#include "base/buf.h"

static void test_appending(void **state)
{
    struct opk_buf buf = OPK_BUF_EMPTY;

    (void)state;
    opk_assert_str("nothing yet", opk_buf_str(&buf), OPK_STR(""));
    assert_string_equal(opk_buf_cstr(&buf), "");
    opk_buf_append(&buf, OPK_STR("ab"));
    opk_buf_append(&buf, OPK_STR_EMPTY);
    opk_buf_append_byte(&buf, '\0');
    opk_buf_append_cstr(&buf, "c");
    opk_buf_append_fill(&buf, '-', 3);
    opk_buf_append_u64(&buf, UINT64_MAX);
    opk_buf_append_utf8(&buf, 0x20AC);
    opk_buf_printf(&buf, "%s%d", "x", -1);
    opk_assert_str("all", opk_buf_str(&buf),
                   OPK_STR("ab\0c---18446744073709551615\xE2\x82\xACx-1"));
    opk_buf_truncate(&buf, 2);
    assert_string_equal(opk_buf_cstr(&buf), "ab");
    opk_buf_clear(&buf);
    opk_assert_str("cleared", opk_buf_str(&buf), OPK_STR(""));
    opk_buf_done(&buf);
    opk_buf_done(&buf); /* safe on what it left */
}

static void test_splice(void **state)
{
    static const struct {
        size_t begin;
        size_t end;
        const char *text;
        const char *want;
    } CASES[] = {
        {0, 0, "x", "xabcdef"}, {6, 6, "x", "abcdefx"},         {2, 4, "x", "abxef"},
        {2, 4, "", "abef"},     {2, 4, "longer", "ablongeref"}, {0, 6, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf buf = OPK_BUF_EMPTY;
        opk_buf_append_cstr(&buf, "abcdef");
        opk_buf_splice(&buf, CASES[i].begin, CASES[i].end, opk_str_of(CASES[i].text));
        opk_assert_str(CASES[i].text, opk_buf_str(&buf), opk_str_of(CASES[i].want));
        opk_buf_done(&buf);
    }
}

/* A failure sticks: nothing is appended any more, until clear. */
static void test_failure(void **state)
{
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    opk_buf_append_cstr(&buf, "a");
    assert_false(opk_buf_reserve(&buf, SIZE_MAX - 1));
    opk_buf_append_cstr(&buf, "b");
    opk_buf_printf(&buf, "c");
    assert_null(opk_buf_cstr(&buf));
    assert_int_equal(opk_buf_check(&buf, &err), OPK_E_NOMEM);
    opk_buf_clear(&buf);
    opk_buf_append_cstr(&buf, "d");
    assert_int_equal(opk_buf_check(&buf, &err), OPK_OK);
    assert_string_equal(opk_buf_cstr(&buf), "d");
    opk_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appending),
        cmocka_unit_test(test_splice),
        cmocka_unit_test(test_failure),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
