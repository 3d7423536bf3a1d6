/* Which options split drafts: by counts, for programs that tables know and for invented ones. */
#include "support/support.h"

#include "cluster/kind.h"

#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define LINES_MAX 12

/* Each line is seen count times; the kinds that come of it, with their commands, one a line. */
struct modes_case {
    const char *name;
    struct {
        unsigned count;
        const char *line;
    } lines[LINES_MAX];
    const char *want;
};

static const struct modes_case CASES[] = {
    {"a choice: every call has exactly one",
     {{9, "tar -czf a.tgz src"},
      {12, "tar -xzf a.tgz"},
      {5, "tar -xf b.tar -C /opt"},
      {6, "tar -tzf a.tgz"}},
     "tar -c 9\ntar -t 6\ntar -x 17\n"},
    {"a choice beside a few calls without",
     {{20, "sed -i 's/a b/c/' x.c"}, {25, "sed -n '1,5 p' x.c"}, {6, "sed 's/a b/c/' x.c"}},
     "sed 6\nsed -i 20\nsed -n 25\n"},
    {"too many calls without",
     {{10, "sed -i 's/a b/c/' x.c"}, {10, "sed -n '1,5 p' x.c"}, {20, "sed 's/a b/c/' x.c"}},
     "sed 40\n"},
    {"a detached container, beside one in front",
     {{15, "docker run -d -p 80:80 --name web nginx"},
      {5, "docker run -d nginx"},
      {14, "docker run -it --rm ubuntu bash"},
      {4, "docker run -it ubuntu"}},
     "docker run -d 20\ndocker run -it 18\n"},
    {"what follows tells: a name, or nothing",
     {{30, "git branch"},
      {8, "git branch -d done"},
      {6, "git branch -D dead"},
      {2, "git branch topic/fresh"}},
     "git branch 32\ngit branch -D 6\ngit branch -d 8\n"},
    {"what follows tells: nothing, or a name",
     {{12, "git rebase origin/main"}, {9, "git rebase --continue"}, {8, "git rebase --abort"}},
     "git rebase 12\ngit rebase --abort 8\ngit rebase --continue 9\n"},
    {"an invented program: a choice",
     {{10, "frobnik -p in.frb"},
      {10, "frobnik -p -v in.frb"},
      {9, "frobnik -q in.frb"},
      {8, "frobnik -q --fast in.frb"},
      {3, "frobnik -v -q in.frb"}},
     "frobnik -p 20\nfrobnik -q 20\n"},
    {"an invented program: what follows",
     {{12, "frobnik in.frb"}, {9, "frobnik --show-queue"}},
     "frobnik 12\nfrobnik --show-queue 9\n"},
    {"an invented program: options with values are no modes",
     {{12, "frobnik save"},
      {14, "frobnik save -m 'some text'"},
      {9, "frobnik save -m 'some text' --sign"}},
     "frobnik save 35\n"},
    {"a message is no mode",
     {{30, "git commit -m 'some text'"}, {9, "git commit --amend"}, {2, "git commit"}},
     "git commit 41\n"},
    {"a frequent option",
     {{20, "ls"}, {30, "ls -l"}, {9, "ls -la"}, {15, "ls src"}, {20, "ls -l src"}},
     "ls 94\n"},
    {"options that stand together",
     {{30, "rm -rf build"}, {20, "rm a.o b.o"}, {9, "rm -f a.o"}, {8, "rm -r old"}},
     "rm 67\n"},
    {"an option that nearly every call has", {{40, "mkdir -p a/b"}, {3, "mkdir c"}}, "mkdir 43\n"},
    {"too few to tell", {{2, "frobnik -p in.frb"}, {2, "frobnik -q in.frb"}}, "frobnik 4\n"},
    {"learnt alone, told in pipelines and behind wrappers",
     {{9, "tar -czf a.tgz src"},
      {12, "tar -xzf a.tgz"},
      {5, "curl http://h.example/a.tgz | tar -xz"},
      {4, "find . | xargs tar -czf a.tgz"}},
     "curl | tar -x 5\nfind | xargs tar -c 4\ntar -c 9\ntar -x 12\n"},
    {"dashes are no option", {{12, "echo ---"}, {12, "echo 'some text'"}}, "echo 24\n"},
};

static void add(struct opk_summary *summary, const char *line, uint64_t at)
{
    struct opk_err err;
    struct opk_command command = {.kind = OPK_COMMAND_SHELL,
                                  .text = opk_str_of(line),
                                  .tool = OPK_STR_EMPTY,
                                  .id = OPK_STR_EMPTY,
                                  .session = OPK_STR("one"),
                                  .ordinal = at,
                                  .time = OPK_UNKNOWN,
                                  .duration = OPK_UNKNOWN,
                                  .exit_status = OPK_UNKNOWN,
                                  .output_bytes = OPK_UNKNOWN,
                                  .cwd = OPK_STR_EMPTY,
                                  .host = OPK_STR_EMPTY,
                                  .user = OPK_STR_EMPTY,
                                  .shell = OPK_STR_EMPTY,
                                  .source = OPK_STR("a.log"),
                                  .at = at};

    opk_assert_status("add", opk_summary_add(summary, &command, &err), OPK_OK, &err);
}

static int by_signature(const void *a, const void *b)
{
    return opk_str_cmp((*(struct opk_kind *const *)a)->signature,
                       (*(struct opk_kind *const *)b)->signature);
}

/* The kinds of a case, sorted; lines forward, or each in turn from the last. */
static void write_kinds(const struct modes_case *row, bool backward, struct opk_buf *out)
{
    struct opk_summary *summary = NULL;
    struct opk_kinds kinds = {0};
    const struct opk_kind *sorted[LINES_MAX * 2];
    struct opk_err err;
    uint64_t at = 0;

    opk_assert_status(row->name, opk_summary_new(&summary, &err), OPK_OK, &err);
    for (unsigned round = 0; round < 64; round++) {
        for (size_t i = 0; i < LINES_MAX; i++) {
            size_t line = backward ? LINES_MAX - 1 - i : i;
            if (row->lines[line].line && round < row->lines[line].count)
                add(summary, row->lines[line].line, ++at);
        }
    }
    opk_assert_status(row->name, opk_kinds_build(summary, NULL, &kinds, &err), OPK_OK, &err);
    assert_true(kinds.count <= COUNT(sorted));
    for (size_t i = 0; i < kinds.count; i++)
        sorted[i] = &kinds.items[i];
    qsort(sorted, kinds.count, sizeof(const struct opk_kind *), by_signature);
    for (size_t i = 0; i < kinds.count; i++)
        opk_buf_printf(out, "%.*s %llu\n", OPK_STR_FMT(sorted[i]->signature),
                       (unsigned long long)sorted[i]->evidence.commands);
    opk_kinds_done(&kinds);
    opk_summary_free(summary);
}

static void test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        struct opk_buf again = OPK_BUF_EMPTY;
        write_kinds(&CASES[i], false, &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        write_kinds(&CASES[i], true, &again);
        opk_assert_str(CASES[i].name, opk_buf_str(&again), opk_buf_str(&got));
        opk_buf_done(&got);
        opk_buf_done(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
    };

    return cmocka_run_group_tests_name("modes", tests, NULL, NULL);
}
