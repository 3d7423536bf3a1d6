#include "support/support.h"

#include "sync/front_matter.h"

#include <string.h>

static const struct {
    const char *name;
    const char *text;
    const char *head; /* NULL: none; "": it has no end */
} ROWS[] = {
    {"front matter", "---\na: b\n---\ntext\n", "---\na: b\n"},
    {"three dots end it", "---\na: b\n...\ntext\n", "---\na: b\n"},
    {"empty", "---\n---\n", "---\n"},
    {"CRLF, blanks behind the dashes", "--- \r\na: b\r\n--- \r\nx", "--- \r\na: b\r\n"},
    {"BOM", "\xEF\xBB\xBF---\na: b\n---\n", "\xEF\xBB\xBF---\na: b\n"},
    {"ends with the file", "---\na: b\n---", "---\na: b\n"},
    {"dashes within a line", "---\na: ---\n b---\n---\n", "---\na: ---\n b---\n"},
    {"no document", "", NULL},
    {"text first", "\n---\na: b\n---\n", NULL},
    {"indented", " ---\na: b\n---\n", NULL},
    {"never closed", "---\na: b\n", ""},
    {"four dashes", "----\na: b\n----\n", NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_str head = OPK_STR_EMPTY;
        enum opk_front_matter want = !ROWS[i].head          ? OPK_FRONT_MATTER_NONE
                                     : ROWS[i].head[0] == 0 ? OPK_FRONT_MATTER_OPEN
                                                            : OPK_FRONT_MATTER_FOUND;
        if (opk_front_matter_find(opk_str_of(ROWS[i].text), &head) != want)
            fail_msg("%s", ROWS[i].name);
        opk_assert_str(ROWS[i].name, head, opk_str_of(ROWS[i].head ? ROWS[i].head : ""));
    }
}

/* The line that ends it may end with the last byte of the limit, and not one behind. */
static void test_limit(void **state)
{
    static char text[OPK_FRONT_MATTER_MAX + 8];

    (void)state;
    for (size_t over = 0; over < 2; over++) {
        size_t close = OPK_FRONT_MATTER_MAX - 3 + over;
        struct opk_str head;
        memset(text, '#', sizeof(text));
        memcpy(text, "---\n", sizeof("---\n"));
        memcpy(text + close - 1, "\n---\n", sizeof("\n---\n"));
        assert_int_equal(opk_front_matter_find((struct opk_str){text, close + 4}, &head),
                         over == 0 ? OPK_FRONT_MATTER_FOUND : OPK_FRONT_MATTER_OPEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
