#include "support/support.h"
#include "support/temp.h"

#include "base/txn.h"
#include "base/txn_journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID     "01ARYZ6S410000000000000001"
#define FOLDER ".opk/txn/" ID

static struct opk_txn *begin(const struct opk_temp *temp)
{
    struct opk_txn *txn = NULL;
    struct opk_err err;

    opk_assert_status("begin", opk_txn_begin(&temp->root, &txn, &err), OPK_OK, &err);
    return txn;
}

static void put(struct opk_txn *txn, const char *path, const char *old, const char *contents)
{
    struct opk_str before = opk_str_of(old);
    struct opk_err err;

    opk_assert_status(path,
                      opk_txn_put(txn, path, old ? &before : NULL, opk_str_of(contents), &err),
                      OPK_OK, &err);
}

static void test_commit(void **state)
{
    struct opk_temp temp;
    struct opk_err err;
    struct stat info;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "b", "old b");
    opk_temp_write(&temp, "same", "same");
    assert_int_equal(chmod(opk_temp_path(&temp, "b"), 0751), 0);
    struct opk_txn *txn = begin(&temp);
    put(txn, "b", "old b", "new b");
    put(txn, "a/deep/c", NULL, "new c");
    put(txn, "empty", NULL, "");
    put(txn, "same", "same", "same");
    assert_int_equal(opk_txn_count(txn), 3);
    opk_temp_expect(&temp, "b", "old b");
    opk_temp_expect_list(&temp, "", ".opk/\nb\nsame\n");
    opk_assert_status("commit", opk_txn_commit(txn, &err), OPK_OK, &err);
    opk_txn_free(txn);
    opk_temp_expect(&temp, "b", "new b");
    opk_temp_expect(&temp, "a/deep/c", "new c");
    opk_temp_expect(&temp, "empty", "");
    opk_temp_expect_list(&temp, ".opk/txn", "");
    assert_int_equal(stat(opk_temp_path(&temp, "b"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0751);
    opk_temp_done(&temp);
}

static void test_nothing_to_do(void **state)
{
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "f", "old");
    struct opk_txn *txn = begin(&temp);
    put(txn, "f", "old", "new");
    opk_txn_free(txn);
    opk_temp_expect(&temp, "f", "old");
    txn = begin(&temp);
    put(txn, "f", "old", "old");
    opk_assert_status("commit", opk_txn_commit(txn, &err), OPK_OK, &err);
    opk_txn_free(txn);
    opk_temp_expect_list(&temp, ".opk", "lock\n");
    opk_temp_done(&temp);
}

static void test_put_refuses(void **state)
{
    static const struct {
        const char *path;
        const char *old;
        enum opk_status want;
    } CASES[] = {
        {"file", "other", OPK_E_CONFLICT},     {"file", NULL, OPK_E_CONFLICT},
        {"none", "something", OPK_E_CONFLICT}, {"link", "old", OPK_E_REFUSED},
        {"hard", "old", OPK_E_REFUSED},        {"folder", NULL, OPK_E_REFUSED},
        {"folder/", NULL, OPK_E_REFUSED},      {"folder-link/x", NULL, OPK_E_REFUSED},
        {"file/x", NULL, OPK_E_REFUSED},       {"../x", NULL, OPK_E_REFUSED},
        {".git/x", NULL, OPK_E_REFUSED},       {".opk/txn/x", NULL, OPK_E_REFUSED},
        {"put", NULL, OPK_E_INTERNAL},         {"put/x", NULL, OPK_E_INTERNAL},
        {"deep", NULL, OPK_E_INTERNAL},        {"put-not", NULL, OPK_OK},
    };
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "file", "old");
    opk_temp_write(&temp, "hard", "old");
    opk_temp_write(&temp, "folder/x", "old");
    assert_int_equal(symlink("file", opk_temp_path(&temp, "link")), 0);
    assert_int_equal(symlink("folder", opk_temp_path(&temp, "folder-link")), 0);
    assert_int_equal(link(opk_temp_path(&temp, "hard"), opk_temp_path(&temp, "twin")), 0);
    struct opk_txn *txn = begin(&temp);
    put(txn, "put", NULL, "x");
    put(txn, "deep/x", NULL, "x");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_str old = opk_str_of(CASES[i].old);
        struct opk_err err;
        opk_assert_status(
            CASES[i].path,
            opk_txn_put(txn, CASES[i].path, CASES[i].old ? &old : NULL, OPK_STR("new"), &err),
            CASES[i].want, &err);
    }
    opk_txn_free(txn);
    opk_temp_done(&temp);
}

/* Whoever writes between put and commit keeps the bytes, and no file of the set is touched. */
static void test_changed_meanwhile(void **state)
{
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "a", "old a");
    opk_temp_write(&temp, "b", "old b");
    struct opk_txn *txn = begin(&temp);
    put(txn, "a", "old a", "new a");
    put(txn, "b", "old b", "new b");
    put(txn, "c", NULL, "new c");
    opk_temp_write(&temp, "b", "a person's b");
    opk_assert_status("commit", opk_txn_commit(txn, &err), OPK_E_CONFLICT, &err);
    assert_string_equal(err.path, "b");
    opk_txn_free(txn);
    opk_temp_expect(&temp, "a", "old a");
    opk_temp_expect(&temp, "b", "a person's b");
    opk_temp_expect(&temp, "c", NULL);
    opk_temp_expect_list(&temp, ".opk/txn", "");
    opk_temp_done(&temp);
}

static void test_lock(void **state)
{
    struct opk_temp temp;
    struct opk_txn *second = NULL;
    struct opk_err err;
    char pid[32];

    (void)state;
    opk_temp_init(&temp);
    struct opk_txn *first = begin(&temp);
    opk_assert_status("second", opk_txn_begin(&temp.root, &second, &err), OPK_E_CONFLICT, &err);
    (void)snprintf(pid, sizeof(pid), "process %lld,", (long long)getpid());
    assert_non_null(strstr(err.message, pid));
    assert_non_null(strstr(err.message, "since 20"));
    opk_txn_free(first);
    opk_txn_free(begin(&temp));
    opk_temp_done(&temp);
}

/* --- Recovery: the journal that a killed run left, for files "a" (changed) and "n" (new) -------
 */

static void journal_text(struct opk_buf *out)
{
    struct opk_journal_entry entries[] = {
        {"a", true, opk_hash128(OPK_STR("old a")), opk_hash128(OPK_STR("new a"))},
        {"n/x", false, {0, 0}, opk_hash128(OPK_STR("new x"))},
    };

    opk_journal_write(ID, entries, 2, out);
    assert_false(out->failed);
}

static void write_journal(const struct opk_temp *temp, const char *name)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    char path[128];

    journal_text(&text);
    (void)snprintf(path, sizeof(path), FOLDER "/%s", name);
    opk_temp_write(temp, path, opk_buf_cstr(&text));
    opk_buf_done(&text);
}

static void write_if(const struct opk_temp *temp, const char *path, const char *contents)
{
    if (contents)
        opk_temp_write(temp, path, contents);
}

struct recovery {
    const char *name;
    const char *a, *x;               /* as found; NULL: absent */
    const char *staged_a, *staged_x; /* as found */
    enum opk_status want;
    const char *want_a, *want_x;
    const char *left; /* in .opk/txn/<id>; NULL: the folder is gone */
};

static void check_recovery(const struct recovery *row, const char *journal)
{
    struct opk_temp temp;
    struct opk_txn *txn = NULL;
    struct opk_err err = {0};

    opk_temp_init(&temp);
    write_journal(&temp, journal);
    write_if(&temp, "a", row->a);
    write_if(&temp, "n/x", row->x);
    write_if(&temp, FOLDER "/0.new", row->staged_a);
    write_if(&temp, FOLDER "/1.new", row->staged_x);
    enum opk_status pending = opk_txn_check_none_pending(&temp.root, &err);
    bool committed = strcmp(journal, "commit") == 0;
    opk_assert_status(row->name, pending, committed ? OPK_E_CONFLICT : OPK_OK, &err);
    opk_assert_status(row->name, opk_txn_begin(&temp.root, &txn, &err), row->want, &err);
    if (row->want == OPK_OK)
        opk_txn_free(txn);
    opk_temp_expect(&temp, "a", row->want_a);
    opk_temp_expect(&temp, "n/x", row->want_x);
    if (row->left)
        opk_temp_expect_list(&temp, FOLDER, row->left);
    else
        opk_temp_expect_list(&temp, ".opk/txn", "");
    opk_temp_done(&temp);
}

static void test_recover_committed(void **state)
{
    static const struct recovery ROWS[] = {
        {"nothing in place", "old a", NULL, "new a", "new x", OPK_OK, "new a", "new x", NULL},
        {"one in place", "new a", NULL, NULL, "new x", OPK_OK, "new a", "new x", NULL},
        {"all in place", "new a", "new x", NULL, NULL, OPK_OK, "new a", "new x", NULL},
        {"in place by other hands", "new a", "new x", "new a", "new x", OPK_OK, "new a", "new x",
         NULL},
        {"edited after it was in place", "mine", NULL, NULL, "new x", OPK_OK, "mine", "new x",
         NULL},
        {"a person's change", "mine", NULL, "new a", "new x", OPK_E_CONFLICT, "mine", "new x",
         "0.new\ncommit\n"},
        {"a person's new file", "old a", "mine", "new a", "new x", OPK_E_CONFLICT, "new a", "mine",
         "1.new\ncommit\n"},
        {"a person's deletion", NULL, NULL, "new a", "new x", OPK_E_CONFLICT, NULL, "new x",
         "0.new\ncommit\n"},
        {"staged contents changed", "old a", NULL, "new ?", "new x", OPK_E_CONFLICT, "old a",
         "new x", "0.new\ncommit\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        check_recovery(&ROWS[i], "commit");
}

static void test_recover_uncommitted(void **state)
{
    static const struct recovery ROWS[] = {
        {"nothing staged", "old a", NULL, NULL, NULL, OPK_OK, "old a", NULL, NULL},
        {"one staged in part", "old a", NULL, "ne", NULL, OPK_OK, "old a", NULL, NULL},
        {"all staged", "old a", NULL, "new a", "new x", OPK_OK, "old a", NULL, NULL},
        {"a person's change", "mine", "mine", "new a", "new x", OPK_OK, "mine", "mine", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        check_recovery(&ROWS[i], "journal");
}

/* A journal cut anywhere proves nothing: beside it, only the journal itself is removed. */
static void test_torn_journal(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    journal_text(&text);
    for (size_t len = 0; len < text.len; len++) {
        char cut[1024];
        assert_true(text.len < sizeof(cut));
        (void)snprintf(cut, sizeof(cut), "%.*s", (int)len, text.data);
        opk_temp_write(&temp, FOLDER "/journal", cut);
        opk_temp_write(&temp, FOLDER "/0.new", "a person's");
        opk_txn_free(begin(&temp));
        opk_temp_expect_list(&temp, FOLDER, "0.new\n");
        opk_temp_write(&temp, FOLDER "/commit", cut);
        struct opk_txn *txn = NULL;
        struct opk_err err;
        opk_assert_status("cut commit", opk_txn_begin(&temp.root, &txn, &err), OPK_E_CONFLICT,
                          &err);
        opk_temp_expect_list(&temp, FOLDER, "0.new\ncommit\n");
        assert_int_equal(unlink(opk_temp_path(&temp, FOLDER "/commit")), 0);
    }
    opk_buf_done(&text);
    opk_temp_done(&temp);
}

/* Any changed byte of a journal is noticed. */
static void test_damaged_journal(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    journal_text(&text);
    for (size_t i = 0; i < text.len; i++) {
        struct opk_journal_entry *entries;
        struct opk_arena arena = {0};
        size_t count;
        text.data[i] ^= 1;
        assert_int_equal(opk_journal_read(opk_buf_str(&text), ID, &arena, &entries, &count, NULL),
                         OPK_E_INVALID);
        text.data[i] ^= 1;
        opk_arena_done(&arena);
    }
    opk_buf_done(&text);
}

static void test_journal_of_another(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_journal_entry *entries;
    struct opk_arena arena = {0};
    size_t count;

    (void)state;
    journal_text(&text);
    assert_int_equal(opk_journal_read(opk_buf_str(&text), ID, &arena, &entries, &count, NULL),
                     OPK_OK);
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].path, "a");
    assert_true(entries[0].existed);
    assert_string_equal(entries[1].path, "n/x");
    assert_false(entries[1].existed);
    assert_int_equal(opk_journal_read(opk_buf_str(&text), "01ARYZ6S410000000000000002", &arena,
                                      &entries, &count, NULL),
                     OPK_E_INVALID);
    opk_arena_done(&arena);
    opk_buf_done(&text);
}

/* What lies in .opk/txn without being a transaction of ours stays. */
static void test_foreign_files(void **state)
{
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, ".opk/txn/notes", "mine");
    opk_temp_write(&temp, ".opk/txn/work/journal", "mine");
    opk_temp_write(&temp, FOLDER "/journal", "mine, not a journal");
    opk_temp_write(&temp, FOLDER "/0.new", "mine");
    opk_txn_free(begin(&temp));
    opk_temp_expect_list(&temp, ".opk/txn", ID "/\nnotes\nwork/\n");
    opk_temp_expect_list(&temp, FOLDER, "0.new\njournal\n");
    opk_temp_expect(&temp, ".opk/txn/work/journal", "mine");
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commit),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_put_refuses),
        cmocka_unit_test(test_changed_meanwhile),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_recover_committed),
        cmocka_unit_test(test_recover_uncommitted),
        cmocka_unit_test(test_torn_journal),
        cmocka_unit_test(test_damaged_journal),
        cmocka_unit_test(test_journal_of_another),
        cmocka_unit_test(test_foreign_files),
    };

    return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
