#include "support/support.h"

#include "ingest/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test, left again and emptied by the shell's rm. */
static int enter(void **state)
{
    char folder[] = "/tmp/opk-test-source-XXXXXX";

    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    *state = strdup(folder);
    return *state ? 0 : -1;
}

static int leave(void **state)
{
    char command[64];

    (void)snprintf(command, sizeof(command), "rm -rf %s", (const char *)*state);
    free(*state);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void make_file(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void append_note(void *context, const struct opk_err *err)
{
    opk_buf_printf(context, "!%s:%s|", err->path, opk_status_name(err->status));
}

/* The paths, each with a bar behind it; then what was told. */
static void collect(const char *const *operands, size_t count, enum opk_source_order order,
                    struct opk_buf *out)
{
    struct opk_buf told = OPK_BUF_EMPTY;
    struct opk_notes notes = {append_note, &told};
    struct opk_sources sources;
    struct opk_err err;

    opk_assert_status("collect",
                      opk_sources_collect(operands, count, order, &notes, &sources, &err), OPK_OK,
                      &err);
    opk_buf_clear(out);
    for (size_t i = 0; i < sources.count; i++)
        opk_buf_printf(out, "%s|", sources.paths[i]);
    opk_buf_append(out, opk_buf_str(&told));
    opk_sources_done(&sources);
    opk_buf_done(&told);
}

static void make_tree(void)
{
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(mkdir("d/sub", 0700), 0);
    assert_int_equal(mkdir("d/empty", 0700), 0);
    make_file("b");
    make_file("a");
    make_file("d/z");
    make_file("d/.hidden");
    make_file("d/sub/y");
    make_file("d/B");
    assert_int_equal(link("a", "same"), 0);
    assert_int_equal(symlink("../a", "d/link"), 0);
    assert_int_equal(symlink("..", "d/up"), 0);
    assert_int_equal(symlink("a", "named"), 0);
    assert_int_equal(mkfifo("d/pipe", 0600), 0);
}

static void test_collect(void **state)
{
    static const struct {
        const char *name;
        const char *operands[4];
        enum opk_source_order order;
        const char *want;
    } CASES[] = {
        {"as given", {"b", "a"}, OPK_SOURCES_AS_GIVEN, "b|a|"},
        {"sorted", {"b", "a"}, OPK_SOURCES_BY_PATH, "a|b|"},
        {"a folder", {"d"}, OPK_SOURCES_AS_GIVEN, "d/.hidden|d/B|d/sub/y|d/z|"},
        {"a folder with a slash", {"d/"}, OPK_SOURCES_AS_GIVEN, "d/.hidden|d/B|d/sub/y|d/z|"},
        {"twice", {"a", "b", "a"}, OPK_SOURCES_AS_GIVEN, "a|b|"},
        {"by two names", {"same", "a"}, OPK_SOURCES_AS_GIVEN, "same|"},
        {"by two names, sorted", {"same", "a"}, OPK_SOURCES_BY_PATH, "a|"},
        {"by two spellings", {"./a", "a"}, OPK_SOURCES_AS_GIVEN, "./a|"},
        {"in a folder and alone", {"d/z", "d"}, OPK_SOURCES_AS_GIVEN, "d/z|d/.hidden|d/B|d/sub/y|"},
        {"a link that is named", {"named"}, OPK_SOURCES_AS_GIVEN, "named|"},
        {"standard input", {"-", "a", "-"}, OPK_SOURCES_AS_GIVEN, "-|a|"},
        {"missing", {"a", "none", "b"}, OPK_SOURCES_AS_GIVEN, "a|b|!none:missing|"},
        {"an empty folder", {"d/empty"}, OPK_SOURCES_AS_GIVEN, ""},
    };
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    make_tree();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        size_t count = 0;
        while (count < 4 && CASES[i].operands[count])
            count++;
        collect(CASES[i].operands, count, CASES[i].order, &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
    }
    opk_buf_done(&got);
}

static void test_depth(void **state)
{
    static const char *const TOP[] = {"d0"};
    char back[256];
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    assert_non_null(getcwd(back, sizeof(back)));
    for (int depth = 0; depth <= OPK_SOURCE_DEPTH_MAX + 1; depth++) {
        assert_int_equal(mkdir(depth == 0 ? "d0" : "d", 0700), 0);
        assert_int_equal(chdir(depth == 0 ? "d0" : "d"), 0);
        if (depth >= OPK_SOURCE_DEPTH_MAX)
            make_file("f");
    }
    assert_int_equal(chdir(back), 0);
    collect(TOP, 1, OPK_SOURCES_AS_GIVEN, &got);
    const char *text = opk_buf_cstr(&got);
    assert_non_null(strstr(text, "/d/f|!d0/d/"));
    assert_non_null(strstr(text, ":limit|"));
    assert_null(strstr(strstr(text, "f|") + 1, "f|"));
    opk_buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_collect, enter, leave),
        cmocka_unit_test_setup_teardown(test_depth, enter, leave),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
