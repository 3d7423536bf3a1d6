#include "support/support.h"
#include "support/temp.h"

#include "base/file.h"
#include "base/hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_path_text(void **state)
{
    static const struct {
        const char *path;
        const char *why; /* NULL: accepted */
    } CASES[] = {
        {"a", NULL},
        {"a/b.c", NULL},
        {"a/b/", NULL},
        {".opk/lock", NULL},
        {".gitignore", NULL},
        {".github/workflows/x.yml", NULL},
        {"a..b/...c", NULL},
        {"caf\xC3\xA9", NULL},
        {"", "it is empty"},
        {"/a", "it is absolute"},
        {"/", "it is absolute"},
        {".", "'.' or '..'"},
        {"..", "'.' or '..'"},
        {"a/../b", "'.' or '..'"},
        {"a/./b", "'.' or '..'"},
        {"a/..", "'.' or '..'"},
        {"a//b", "empty component"},
        {"a//", "empty component"},
        {"a\\b", "backslash"},
        {"..\\a", "backslash"},
        {"a\nb", "control"},
        {"a\x7f", "control"},
        {".git", "under .git"},
        {"a/.git/config", "under .git"},
        {".GIT/x", "under .git"},
        {".gIt./x", "under .git"},
        {".git ", "under .git"},
        {".git. . /x", "under .git"},
        {".git::$INDEX_ALLOCATION/x", "under .git"},
        {"git~1/x", "under .git"},
        {".g\xE2\x80\x8Cit/x", "under .git"},
        {"\xEF\xBB\xBF.git/x", "under .git"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_err err = {0};
        enum opk_status status = opk_path_check(opk_str_of(CASES[i].path), &err);
        opk_assert_status(CASES[i].path, status, CASES[i].why ? OPK_E_REFUSED : OPK_OK, &err);
        if (CASES[i].why && !strstr(err.message, CASES[i].why))
            fail_msg("%s: %s", CASES[i].path, err.message);
    }
    assert_int_equal(opk_path_check(opk_str_bytes("a\0b", 3), NULL), OPK_E_REFUSED);
}

static void test_path_limits(void **state)
{
    static char path[OPK_PATH_MAX + 1];

    (void)state;
    memset(path, 'a', sizeof(path));
    assert_int_equal(opk_path_check(opk_str_bytes(path, OPK_NAME_MAX), NULL), OPK_OK);
    assert_int_equal(opk_path_check(opk_str_bytes(path, OPK_NAME_MAX + 1), NULL), OPK_E_LIMIT);
    for (size_t i = OPK_NAME_MAX; i < sizeof(path); i += OPK_NAME_MAX + 1)
        path[i] = '/';
    assert_int_equal(opk_path_check(opk_str_bytes(path, OPK_PATH_MAX), NULL), OPK_OK);
    assert_int_equal(opk_path_check(opk_str_bytes(path, OPK_PATH_MAX + 1), NULL), OPK_E_LIMIT);
}

static void test_read(void **state)
{
    struct opk_temp temp;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err = {0};

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "d/five", "12345");
    assert_int_equal(opk_root_read(&temp.root, "d/five", 5, &out, &err), OPK_OK);
    opk_assert_str("at the limit", opk_buf_str(&out), OPK_STR("12345"));
    opk_buf_clear(&out);
    assert_int_equal(opk_root_read(&temp.root, "d/five", 4, &out, &err), OPK_E_LIMIT);
    assert_string_equal(err.path, "d/five");
    opk_buf_clear(&out);
    assert_int_equal(opk_file_read(opk_temp_path(&temp, "d/five"), 5, &out, &err), OPK_OK);
    opk_assert_str("by name", opk_buf_str(&out), OPK_STR("12345"));
    opk_buf_done(&out);
    opk_temp_done(&temp);
}

/* Whatever is no plain file beneath the root is refused or absent, and never opened for long. */
static void test_confinement(void **state)
{
    static const struct {
        const char *path;
        enum opk_status want;
    } CASES[] = {
        {"file-link", OPK_E_REFUSED},   {"folder-link/file", OPK_E_REFUSED},
        {"out-link", OPK_E_REFUSED},    {"loop", OPK_E_REFUSED},
        {"fifo", OPK_E_REFUSED},        {"folder", OPK_E_REFUSED},
        {"folder/", OPK_E_REFUSED},     {"missing", OPK_E_NOENT},
        {"missing/x", OPK_E_NOENT},     {"file/x", OPK_E_REFUSED},
        {"../escape", OPK_E_REFUSED},   {"/etc/passwd", OPK_E_REFUSED},
        {".git/config", OPK_E_REFUSED}, {"folder/file", OPK_OK},
    };
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "file", "x");
    opk_temp_write(&temp, "folder/file", "x");
    opk_temp_write(&temp, ".git/config", "x");
    assert_int_equal(symlink("file", opk_temp_path(&temp, "file-link")), 0);
    assert_int_equal(symlink("folder", opk_temp_path(&temp, "folder-link")), 0);
    assert_int_equal(symlink("/etc/passwd", opk_temp_path(&temp, "out-link")), 0);
    assert_int_equal(symlink("loop", opk_temp_path(&temp, "loop")), 0);
    assert_int_equal(mkfifo(opk_temp_path(&temp, "fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_err err = {0};
        enum opk_status got = opk_root_read(&temp.root, CASES[i].path, 100, &out, &err);
        opk_assert_status(CASES[i].path, got, CASES[i].want, &err);
        assert_int_equal(opk_root_has(&temp.root, CASES[i].path), CASES[i].want == OPK_OK);
        opk_buf_done(&out);
    }
    assert_true(opk_root_has_folder(&temp.root, "folder"));
    assert_true(opk_root_has_folder(&temp.root, "folder/"));
    assert_false(opk_root_has_folder(&temp.root, "folder-link"));
    assert_false(opk_root_has_folder(&temp.root, "file"));
    opk_temp_done(&temp);
}

static void test_list(void **state)
{
    struct opk_temp temp;
    struct opk_arena arena = {0};
    struct opk_str *names;
    size_t count;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_expect_list(&temp, "", "");
    opk_temp_write(&temp, "b", "");
    opk_temp_write(&temp, "a.c", "");
    opk_temp_write(&temp, "a/z", "");
    opk_temp_write(&temp, ".hidden", "");
    assert_int_equal(symlink("a", opk_temp_path(&temp, "link")), 0);
    opk_temp_expect_list(&temp, "", ".hidden\na.c\na/\nb\nlink\n");
    opk_temp_expect_list(&temp, "a", "z\n");
    opk_temp_expect_list(&temp, "a/", "z\n");
    assert_int_equal(opk_root_list(&temp.root, "link", &arena, &names, &count, NULL),
                     OPK_E_REFUSED);
    assert_int_equal(opk_root_list(&temp.root, "none", &arena, &names, &count, NULL), OPK_E_NOENT);
    assert_int_equal(opk_root_list(&temp.root, "../", &arena, &names, &count, NULL), OPK_E_REFUSED);
    opk_arena_done(&arena);
    opk_temp_done(&temp);
}

static unsigned mode_of(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777U;
}

static void test_replace(void **state)
{
    struct opk_temp temp;
    struct opk_err err = {0};
    const char *path;

    (void)state;
    opk_temp_init(&temp);
    path = opk_temp_path(&temp, "f");
    opk_assert_status("create", opk_file_replace(path, OPK_STR("one"), &err), OPK_OK, &err);
    opk_temp_expect(&temp, "f", "one");
    assert_int_equal(chmod(path, 0640), 0);
    opk_assert_status("replace", opk_file_replace(path, OPK_STR("two"), &err), OPK_OK, &err);
    opk_temp_expect(&temp, "f", "two");
    assert_int_equal(mode_of(path), 0640);
    opk_assert_status("empty", opk_file_replace(path, OPK_STR_EMPTY, &err), OPK_OK, &err);
    opk_temp_expect(&temp, "f", "");
    opk_temp_expect_list(&temp, "", "f\n");
    opk_temp_done(&temp);
}

static void test_replace_refuses(void **state)
{
    static const struct {
        const char *name;
        enum opk_status want;
    } CASES[] = {
        {"link", OPK_E_REFUSED},   {"hard", OPK_E_REFUSED},    {"twin", OPK_E_REFUSED},
        {"folder", OPK_E_REFUSED}, {"folder/", OPK_E_REFUSED}, {"fifo", OPK_E_REFUSED},
        {"none/f", OPK_E_NOENT},
    };
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "hard", "old");
    opk_temp_write(&temp, "target", "old");
    opk_temp_write(&temp, "folder/x", "old");
    assert_int_equal(link(opk_temp_path(&temp, "hard"), opk_temp_path(&temp, "twin")), 0);
    assert_int_equal(symlink("target", opk_temp_path(&temp, "link")), 0);
    assert_int_equal(mkfifo(opk_temp_path(&temp, "fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_err err = {0};
        enum opk_status got =
            opk_file_replace(opk_temp_path(&temp, CASES[i].name), OPK_STR("new"), &err);
        opk_assert_status(CASES[i].name, got, CASES[i].want, &err);
    }
    opk_temp_expect(&temp, "hard", "old");
    opk_temp_expect(&temp, "target", "old");
    opk_temp_expect_list(&temp, "", "fifo\nfolder/\nhard\nlink\ntarget\ntwin\n");
    opk_temp_done(&temp);
}

/* What a killed run left under the temporary name is used again; a link there is not followed. */
static void test_replace_takes_over(void **state)
{
    struct opk_temp temp;
    struct opk_err err = {0};
    char left[OPK_HASH128_TEXT];
    char name[64];

    (void)state;
    opk_temp_init(&temp);
    opk_hash128_text(opk_hash128(OPK_STR("f")), left);
    (void)snprintf(name, sizeof(name), ".opk-%.16s.tmp", left);
    opk_temp_write(&temp, "f", "old");
    opk_temp_write(&temp, name, "longer than what comes");
    opk_assert_status("leftover", opk_file_replace(opk_temp_path(&temp, "f"), OPK_STR("new"), &err),
                      OPK_OK, &err);
    opk_temp_expect(&temp, "f", "new");
    opk_temp_expect_list(&temp, "", "f\n");

    opk_temp_write(&temp, name, "another run at work");
    int other = open(opk_temp_path(&temp, name), O_RDWR);
    assert_int_equal(flock(other, LOCK_EX), 0);
    opk_assert_status("locked", opk_file_replace(opk_temp_path(&temp, "f"), OPK_STR("x"), &err),
                      OPK_E_CONFLICT, &err);
    opk_temp_expect(&temp, name, "another run at work");
    opk_temp_expect(&temp, "f", "new");
    assert_int_equal(close(other), 0);
    assert_int_equal(unlink(opk_temp_path(&temp, name)), 0);

    opk_temp_write(&temp, "precious", "kept");
    assert_int_equal(symlink("precious", opk_temp_path(&temp, name)), 0);
    assert_int_not_equal(opk_file_replace(opk_temp_path(&temp, "f"), OPK_STR("x"), &err), OPK_OK);
    assert_int_equal(unlink(opk_temp_path(&temp, name)), 0);
    assert_int_equal(link(opk_temp_path(&temp, "precious"), opk_temp_path(&temp, name)), 0);
    assert_int_equal(opk_file_replace(opk_temp_path(&temp, "f"), OPK_STR("x"), &err),
                     OPK_E_CONFLICT);
    opk_temp_expect(&temp, "precious", "kept");
    opk_temp_expect(&temp, "f", "new");
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_text),
        cmocka_unit_test(test_path_limits),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_confinement),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_replace_refuses),
        cmocka_unit_test(test_replace_takes_over),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
