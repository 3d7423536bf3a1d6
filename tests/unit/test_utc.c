#include "support/support.h"

#include "base/utc.h"

/* Checked against date(1) -u. */
static const struct {
    int64_t seconds;
    const char *text;
} PAIRS[] = {
    {0, "1970-01-01T00:00:00Z"},
    {-1, "1969-12-31T23:59:59Z"},
    {951782400, "2000-02-29T00:00:00Z"},
    {951868800, "2000-03-01T00:00:00Z"},
    {1709251199, "2024-02-29T23:59:59Z"},
    {4107542399, "2100-02-28T23:59:59Z"},
    {4107542400, "2100-03-01T00:00:00Z"},
    {1795363140, "2026-11-22T15:59:00Z"},
    {-62167219200, "0000-01-01T00:00:00Z"},
    {253402300799, "9999-12-31T23:59:59Z"},
};

static void test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
        char text[OPK_UTC_TEXT];
        int64_t seconds = 7;
        opk_utc_text(PAIRS[i].seconds, text);
        assert_string_equal(text, PAIRS[i].text);
        assert_true(opk_utc_parse(opk_str_of(PAIRS[i].text), &seconds));
        assert_true(seconds == PAIRS[i].seconds);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int64_t seconds = -62167219200; seconds < 253402300799; seconds += 86400 * 7 + 12345) {
        char text[OPK_UTC_TEXT];
        int64_t again = 0;
        opk_utc_text(seconds, text);
        assert_true(opk_utc_parse(opk_str_of(text), &again));
        assert_true(again == seconds);
    }
}

static void test_refused(void **state)
{
    static const char *const CASES[] = {
        "",
        "2026-11-22",
        "2026-11-22T15:59:00",
        "2026-11-22t15:59:00Z",
        "2026-11-22T15:59:00z",
        "2026-11-22 15:59:00Z",
        "2026-11-22T15:59:00+0",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-11-00T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:60:00Z",
        "2026-11-22T23:59:60Z",
        "+026-11-22T23:59:00Z",
        "9999-12-32T00:00:00Z",
    };
    char text[OPK_UTC_TEXT];
    int64_t seconds = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        assert_false(opk_utc_parse(opk_str_of(CASES[i]), &seconds));
    assert_true(seconds == 7);
    opk_utc_text(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    opk_utc_text(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("utc", tests, NULL, NULL);
}
