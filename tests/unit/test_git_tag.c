#include "support/support.h"
#include "support/temp.h"

#include "base/git_tag.h"

#include <string.h>
#include <unistd.h>

#define ID "0123456789012345678901234567890123456789"

/* A Git folder with refs/, and other names beside it. */
static void begin(struct opk_temp *temp)
{
    opk_temp_init(temp);
    opk_temp_write(temp, "HEAD", "ref: refs/heads/main\n");
    opk_temp_write(temp, "refs/heads/main", ID "\n");
}

static void open_folder(const struct opk_temp *temp, struct opk_tag_folder *out)
{
    struct opk_err err;

    opk_assert_status("open", opk_tag_folder_open(temp->path, out, &err), OPK_OK, &err);
}

static void test_names(void **state)
{
    struct opk_tag_folder folder;
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    begin(&temp);
    open_folder(&temp, &folder);
    opk_assert_status("take", opk_tag_name_take(&folder, "a-1.0.0", ID, &err), OPK_OK, &err);
    opk_temp_expect(&temp, "refs/tags/a-1.0.0.lock", ID "\n");
    opk_temp_expect_list(&temp, "refs/tags", "a-1.0.0.lock\n");
    opk_assert_status("keep", opk_tag_name_keep(&folder, "a-1.0.0", &err), OPK_OK, &err);
    opk_temp_expect(&temp, "refs/tags/a-1.0.0", ID "\n");
    opk_assert_status("take", opk_tag_name_take(&folder, "b-1.0.0", ID, &err), OPK_OK, &err);
    opk_tag_name_drop(&folder, "b-1.0.0");
    opk_temp_expect_list(&temp, "refs/tags", "a-1.0.0\n");
    opk_temp_expect_list(&temp, "", "HEAD\nopk-tags\nrefs/\n");
    opk_tag_folder_close(&folder);
    opk_temp_done(&temp);
}

static void test_locks(void **state)
{
    struct opk_tag_folder folder;
    struct opk_tag_folder second;
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    begin(&temp);
    open_folder(&temp, &folder);
    opk_assert_status("second", opk_tag_folder_open(temp.path, &second, &err), OPK_E_CONFLICT,
                      &err);
    opk_temp_write(&temp, "refs/tags/a-1.0.0.lock", "of Git");
    opk_assert_status("of Git", opk_tag_name_take(&folder, "a-1.0.0", ID, &err), OPK_E_CONFLICT,
                      &err);
    opk_assert_str(
        "of Git", opk_str_of(err.message),
        OPK_STR("Git holds a lock, refs/tags/a-1.0.0.lock; when no Git runs, delete it"));
    opk_temp_expect(&temp, "refs/tags/a-1.0.0.lock", "of Git");
    opk_temp_expect_list(&temp, "", "HEAD\nopk-tags\nrefs/\n");
    opk_tag_folder_close(&folder);
    open_folder(&temp, &folder);
    opk_tag_folder_close(&folder);
    opk_temp_done(&temp);
}

/* What a killed run leaves, at each step: its own names go, those of others stay. */
static void test_settle(void **state)
{
    struct opk_tag_folder folder;
    struct opk_temp temp;

    (void)state;
    begin(&temp);
    opk_temp_write(&temp, "opk-tag-written", ID "\n");
    opk_temp_write(&temp, "opk-tag-locked", ID "\n");
    opk_temp_write(&temp, "opk-tag-named", ID "\n");
    opk_temp_write(&temp, "opk-tag-other", ID "\n");
    opk_temp_write(&temp, "opk-tagged", "of somebody else");
    opk_temp_write(&temp, "refs/tags/other.lock", ID "\n");
    opk_temp_write(&temp, "refs/tags/lone.lock", ID "\n");
    assert_int_equal(
        link(opk_temp_path(&temp, "opk-tag-locked"), opk_temp_path(&temp, "refs/tags/locked.lock")),
        0);
    assert_int_equal(
        link(opk_temp_path(&temp, "opk-tag-named"), opk_temp_path(&temp, "refs/tags/named")), 0);
    open_folder(&temp, &folder);
    opk_temp_expect_list(&temp, "", "HEAD\nopk-tagged\nopk-tags\nrefs/\n");
    opk_temp_expect_list(&temp, "refs/tags", "lone.lock\nnamed\nother.lock\n");
    opk_temp_expect(&temp, "refs/tags/named", ID "\n");
    opk_tag_folder_close(&folder);
    opk_temp_done(&temp);
}

static void test_limit(void **state)
{
    char name[OPK_TAG_NAME_MAX + 2];
    struct opk_tag_folder folder;
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    memset(name, 'x', sizeof(name));
    name[OPK_TAG_NAME_MAX + 1] = '\0';
    begin(&temp);
    open_folder(&temp, &folder);
    opk_assert_status("too long", opk_tag_name_take(&folder, name, ID, &err), OPK_E_LIMIT, &err);
    name[OPK_TAG_NAME_MAX] = '\0';
    opk_assert_status("longest", opk_tag_name_take(&folder, name, ID, &err), OPK_OK, &err);
    opk_tag_folder_close(&folder);
    open_folder(&temp, &folder); /* as if it had been killed */
    opk_temp_expect_list(&temp, "refs/tags", "");
    opk_assert_status("again", opk_tag_name_take(&folder, name, ID, &err), OPK_OK, &err);
    opk_assert_status("kept", opk_tag_name_keep(&folder, name, &err), OPK_OK, &err);
    opk_tag_folder_close(&folder);
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
