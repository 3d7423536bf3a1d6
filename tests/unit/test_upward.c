#include "support/support.h"
#include "support/temp.h"

#include "base/upward.h"

#include <string.h>
#include <unistd.h>

static void test_find(void **state)
{
    static const char *const MARKERS[] = {"mark.yaml", "deep/mark/", NULL};
    static const struct {
        const char *from;
        const char *found; /* below the scratch folder */
    } CASES[] = {
        {"by-file", "by-file"},     {"by-file/x/y", "by-file"},
        {"by-folder", "by-folder"}, {"by-folder/deep/mark", "by-folder"},
        {"linked/x", "by-file"},    {"false/x", ""},
    };
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "mark.yaml", "");
    opk_temp_write(&temp, "by-file/mark.yaml", "");
    opk_temp_write(&temp, "by-file/x/y/z", "");
    opk_temp_write(&temp, "by-folder/deep/mark/z", "");
    opk_temp_write(&temp, "false/deep/mark", "a file, not a folder");
    opk_temp_write(&temp, "false/mark.yaml/z", "in a folder, not a file");
    opk_temp_write(&temp, "false/x/z", "");
    assert_int_equal(symlink("by-file", opk_temp_path(&temp, "linked")), 0);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_buf want = OPK_BUF_EMPTY;
        opk_assert_status(CASES[i].from,
                          opk_find_upward(opk_temp_path(&temp, CASES[i].from), MARKERS, &got, &err),
                          OPK_OK, &err);
        opk_assert_status(CASES[i].from, opk_folder_resolve(temp.path, &want, &err), OPK_OK, &err);
        opk_buf_printf(&want, "%s%s", CASES[i].found[0] ? "/" : "", CASES[i].found);
        opk_assert_str(CASES[i].from, opk_buf_str(&got), opk_buf_str(&want));
        opk_buf_done(&got);
        opk_buf_done(&want);
    }
    opk_temp_done(&temp);
}

static void test_none(void **state)
{
    static const char *const MARKERS[] = {"no-such-marker-anywhere", NULL};
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    assert_int_equal(opk_find_upward(temp.path, MARKERS, &got, NULL), OPK_E_NOENT);
    assert_int_equal(opk_find_upward(opk_temp_path(&temp, "none"), MARKERS, &got, NULL),
                     OPK_E_NOENT);
    assert_int_equal(got.len, 0);
    opk_buf_done(&got);
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests_name("upward", tests, NULL, NULL);
}
