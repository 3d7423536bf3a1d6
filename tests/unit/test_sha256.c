#include "support/support.h"

#include "base/sha256.h"

#include <string.h>

/* The first three are of FIPS 180-4's examples; all agree with sha256sum. */
static const struct {
    const char *name;
    const char *unit;
    size_t times;
    const char *want;
} CASES[] = {
    {"empty", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"a million", "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"55 bytes", "x", 55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"},
    {"56 bytes", "x", 56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"},
    {"64 bytes", "x", 64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"},
};

static void test_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        char got[OPK_SHA256_TEXT];
        for (size_t at = 0; at < CASES[i].times; at++)
            opk_buf_append_cstr(&text, CASES[i].unit);
        opk_sha256_text(opk_buf_str(&text), got);
        opk_assert_str(CASES[i].name, opk_str_of(got), opk_str_of(CASES[i].want));
        opk_buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_digests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
