#include "support/support.h"

#include "base/rfc3339.h"

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t time;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", true, 0},
        {"1970-01-01T00:00:00.001Z", true, 1},
        {"1969-12-31T23:59:59.999Z", true, -1},
        {"2026-01-24T20:19:13.135Z", true, 1769285953135},
        {"2026-01-24t20:19:13z", true, 1769285953000},
        {"2026-01-24 20:19:13Z", true, 1769285953000},
        {"2026-01-24T21:19:13+01:00", true, 1769285953000},
        {"2026-01-24T14:49:13-05:30", true, 1769285953000},
        {"2026-01-24T20:19:13.1359999Z", true, 1769285953135},
        {"2024-02-29T00:00:00Z", true, 1709164800000},
        {"2016-12-31T23:59:60Z", true, 1483228799000},
        {"0000-01-01T00:00:00Z", true, -62167219200000},
        {"9999-12-31T23:59:59.999Z", true, 253402300799999},
        {"2023-02-29T00:00:00Z", false, 0},
        {"2026-13-01T00:00:00Z", false, 0},
        {"2026-00-01T00:00:00Z", false, 0},
        {"2026-01-32T00:00:00Z", false, 0},
        {"2026-01-01T24:00:00Z", false, 0},
        {"2026-01-01T00:60:00Z", false, 0},
        {"2026-01-01T00:00:61Z", false, 0},
        {"2026-01-01T00:00:00", false, 0},
        {"2026-01-01T00:00:00.Z", false, 0},
        {"2026-01-01T00:00:00Zx", false, 0},
        {"2026-01-01T00:00:00+1:00", false, 0},
        {"2026-01-01T00:00:00+24:00", false, 0},
        {"2026/01/01T00:00:00Z", false, 0},
        {"2026-01-01", false, 0},
        {"", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        int64_t time = 0;
        bool ok = opk_rfc3339_parse(opk_str_of(CASES[i].text), &time);
        if (ok != CASES[i].ok || time != CASES[i].time)
            fail_msg("%s: %d %lld", CASES[i].text, ok, (long long)time);
    }
}

static void test_append(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;

    (void)state;
    opk_rfc3339_append(&out, 1769285953135);
    opk_assert_str("now", opk_buf_str(&out), OPK_STR("2026-01-24T20:19:13.135Z"));
    opk_buf_clear(&out);
    opk_rfc3339_append(&out, -1);
    opk_assert_str("before", opk_buf_str(&out), OPK_STR("1969-12-31T23:59:59.999Z"));
    opk_buf_clear(&out);
    opk_rfc3339_append(&out, 253402300800000);
    opk_rfc3339_append(&out, -62167219200001);
    opk_rfc3339_append(&out, INT64_MIN);
    opk_rfc3339_append(&out, INT64_MAX);
    opk_assert_str("no such year", opk_buf_str(&out), OPK_STR(""));

    /* A day of every week of all years, and a time of day that moves along. */
    for (int64_t day = -719528; day <= 2932896; day += 7) {
        int64_t time = day * 86400000 + (day * 7919 % 86400000 + 86400000) % 86400000;
        int64_t back = 0;
        opk_buf_clear(&out);
        opk_rfc3339_append(&out, time);
        assert_true(opk_rfc3339_parse(opk_buf_str(&out), &back));
        assert_true(back == time);
    }
    opk_buf_done(&out);
}

/* Checked against date(1) -u; every text is read back as well. */
static void test_seconds(void **state)
{
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
    char text[OPK_RFC3339_SECONDS];

    (void)state;
    for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
        int64_t time = 0;
        opk_rfc3339_seconds(PAIRS[i].seconds, text);
        assert_string_equal(text, PAIRS[i].text);
        assert_true(opk_rfc3339_parse(opk_str_of(text), &time));
        assert_true(time == PAIRS[i].seconds * 1000);
    }
    opk_rfc3339_seconds(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    opk_rfc3339_seconds(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_seconds),
    };

    return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
