#include "support/support.h"

#include "base/ulid.h"

#include <string.h>

/* The extremes, single bits on both sides of a digit's border, and a time of the specification. */
static const struct {
    const char *text;
    struct opk_ulid ulid;
} PAIRS[] = {
    {"00000000000000000000000000", {0, {0}}},
    {"7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
     {OPK_ULID_TIME_MAX, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255}}},
    {"00000000000000000000000001", {0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}},
    {"0000000000000000000000000Z", {0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 31}}},
    {"00000000000000000000000010", {0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 32}}},
    {"0000000000G000000000000000", {0, {128, 0, 0, 0, 0, 0, 0, 0, 0, 0}}},
    {"00000000010000000000000000", {1, {0}}},
    {"40000000000000000000000000", {UINT64_C(1) << 47, {0}}},
    {"01ARYZ6S410000000000000000", {1469918176385, {0}}},
};

static void test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
        struct opk_ulid got;
        char text[OPK_ULID_TEXT];
        opk_ulid_text(&PAIRS[i].ulid, text);
        assert_string_equal(text, PAIRS[i].text);
        assert_true(opk_ulid_parse(opk_str_of(PAIRS[i].text), &got));
        assert_true(got.time_ms == PAIRS[i].ulid.time_ms);
        assert_memory_equal(got.random, PAIRS[i].ulid.random, OPK_ULID_RANDOM);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } CASES[] = {
        {"", "26 characters"},
        {"0000000000000000000000000", "26 characters"},
        {"000000000000000000000000000", "26 characters"},
        {"80000000000000000000000000", "begins with 0 to 7"},
        {"0000000000000000000000000I", "0-9 and A-Z"},
        {"0000000000000000000000000L", "0-9 and A-Z"},
        {"0000000000000000000000000O", "0-9 and A-Z"},
        {"0000000000000000000000000U", "0-9 and A-Z"},
        {"0000000000000000000000000a", "0-9 and A-Z"},
        {"0000000000000-000000000000", "0-9 and A-Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_err err = {0};
        assert_false(opk_ulid_parse(opk_str_of(CASES[i].text), NULL));
        assert_int_equal(opk_ulid_check(opk_str_of(CASES[i].text), "c.yaml", &err), OPK_E_INVALID);
        assert_non_null(strstr(err.message, CASES[i].why));
        assert_string_equal(err.path, "c.yaml");
    }
    assert_false(opk_ulid_parse(opk_str_bytes("0000000000000\000000000000000", 26), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("ulid", tests, NULL, NULL);
}
