#include "support/items.h"
#include "support/support.h"

#include "cluster/canon.h"
#include "cluster/reduced.h"
#include "cluster/shape.h"
#include "cluster/step.h"

/* A log: command lines, how often each was run, and the reduced shape with blanks between its
 * items.
 */
static const struct {
    const char *text;
    uint64_t commands;
    const char *reduced;
} LOG[] = {
    {"git commit -m fix", 5, "Pgit Wcommit O-m Cword"},
    {"git commit -m typo", 4, "Pgit Wcommit O-m Cword"},
    {"git commit -m status", 1, "Pgit Wcommit O-m Cword"},
    {"git status", 9, "Pgit Wstatus"},
    {"git push main x.c", 1, "Pgit Wpush Cword Cpath.c"},
    {"git push a.c b.c", 30, "Pgit Wpush Cpath.c Cpath.c"},
    {"cat notes", 2, "Pcat Cword"},
    {"cat readme", 1, "Pcat Cword"},
    /* an option in front of operation words */
    {"git -C a.c status", 3, "Pgit O-C Cpath.c Wstatus"},
    {"git -C a.c commit -m fix", 1, "Pgit O-C Cpath.c Wcommit O-m Wfix"},
    {"git --git-dir=a.c status", 2, "Pgit A--git-dir Cpath.c Wstatus"},
    /* each simple command of a pipeline begins anew */
    {"cat notes | xargs -n 1 cat readme > a.log", 2, "Pcat Cword Xxargs Pcat Cword R> Cpath.log"},
    {"cat a.c | git commit status", 1, "Pcat Cpath.c Pgit Wcommit Cword"},
};

#define LOG_COUNT (sizeof(LOG) / sizeof(LOG[0]))

static void write_raw(const char *text, struct opk_buf *out)
{
    struct opk_steps steps = {0};
    struct opk_err err;

    opk_buf_clear(out);
    opk_assert_status(text, opk_steps_read(&steps, opk_str_of(text), OPK_DIALECT_BASH, &err),
                      OPK_OK, &err);
    assert_int_equal(steps.count, 1);
    opk_shape_write(out, &steps, &steps.steps[0]);
    opk_steps_done(&steps);
}

struct learnt {
    struct opk_summary *summary;
    struct opk_model *model;
};

static void learn(struct learnt *learnt)
{
    struct opk_buf raw = OPK_BUF_EMPTY;
    struct opk_err err;

    opk_assert_status("summary", opk_summary_new(&learnt->summary, &err), OPK_OK, &err);
    for (size_t i = 0; i < LOG_COUNT; i++) {
        write_raw(LOG[i].text, &raw);
        opk_assert_status(
            LOG[i].text,
            opk_summary_add_shape(learnt->summary, opk_buf_str(&raw), LOG[i].commands, 0, &err),
            OPK_OK, &err);
    }
    opk_assert_status("seal", opk_summary_seal(learnt->summary, &err), OPK_OK, &err);
    opk_assert_status("model", opk_model_new(learnt->summary, true, &learnt->model, &err), OPK_OK,
                      &err);
    opk_buf_done(&raw);
}

static void learnt_done(struct learnt *learnt)
{
    opk_model_free(learnt->model);
    opk_summary_free(learnt->summary);
}

/* The reduced shape of a raw one, looked for by its text. */
static uint32_t reduced_of(const struct learnt *learnt, struct opk_str raw)
{
    struct opk_walk *walk;
    struct opk_seen seen;
    uint32_t found = UINT32_MAX;

    assert_int_equal(opk_walk_new(learnt->summary, true, &walk, NULL), OPK_OK);
    while (opk_walk_next(walk, &seen, NULL) == OPK_OK) {
        if (opk_str_eq(seen.shape, raw))
            found = opk_reduced_of(learnt->model->reduced, seen.number);
    }
    opk_walk_free(walk);
    assert_true(found < opk_reduced_count(learnt->model->reduced));
    return found;
}

static void test_rows(void **state)
{
    struct learnt learnt;
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    learn(&learnt);
    for (size_t i = 0; i < LOG_COUNT; i++) {
        write_raw(LOG[i].text, &text);
        uint32_t reduced = reduced_of(&learnt, opk_buf_str(&text));
        opk_assert_items(LOG[i].text, opk_reduced_shape(learnt.model->reduced, reduced),
                         LOG[i].reduced);
    }
    opk_buf_done(&text);
    learnt_done(&learnt);
}

/* No command is lost, and none is counted twice. */
static void test_commands(void **state)
{
    struct learnt learnt;
    uint64_t given = 0;
    uint64_t counted = 0;

    (void)state;
    learn(&learnt);
    for (size_t i = 0; i < LOG_COUNT; i++)
        given += LOG[i].commands;
    for (uint32_t i = 0; i < opk_reduced_count(learnt.model->reduced); i++)
        counted += opk_reduced_commands(learnt.model->reduced, i);
    assert_int_equal(counted, given);
    assert_int_equal(opk_reduced_numbers(learnt.model->reduced), LOG_COUNT);
    learnt_done(&learnt);
}

/* A raw shape and its reduced shape are one to all that comes behind the words. */
static void test_canon_is_the_same(void **state)
{
    struct learnt learnt;
    struct opk_buf raw = OPK_BUF_EMPTY;
    struct opk_buf kinds[2] = {OPK_BUF_EMPTY, OPK_BUF_EMPTY};
    struct opk_buf shapes[2] = {OPK_BUF_EMPTY, OPK_BUF_EMPTY};

    (void)state;
    learn(&learnt);
    for (size_t i = 0; i < LOG_COUNT; i++) {
        write_raw(LOG[i].text, &raw);
        uint32_t reduced = reduced_of(&learnt, opk_buf_str(&raw));
        for (size_t k = 0; k < 2; k++) {
            opk_buf_clear(&kinds[k]);
            opk_buf_clear(&shapes[k]);
        }
        (void)opk_canon_write(learnt.model, opk_buf_str(&raw), &kinds[0], &shapes[0], NULL);
        (void)opk_canon_write(learnt.model, opk_reduced_shape(learnt.model->reduced, reduced),
                              &kinds[1], &shapes[1], NULL);
        opk_assert_str(LOG[i].text, opk_buf_str(&kinds[1]), opk_buf_str(&kinds[0]));
        opk_assert_str(LOG[i].text, opk_buf_str(&shapes[1]), opk_buf_str(&shapes[0]));
    }
    opk_buf_done(&raw);
    for (size_t k = 0; k < 2; k++) {
        opk_buf_done(&kinds[k]);
        opk_buf_done(&shapes[k]);
    }
    learnt_done(&learnt);
}

static void test_empty(void **state)
{
    struct opk_model *model;
    struct opk_err err;

    (void)state;
    opk_assert_status("model", opk_model_new(NULL, true, &model, &err), OPK_OK, &err);
    assert_int_equal(opk_reduced_count(model->reduced), 0);
    assert_int_equal(opk_reduced_numbers(model->reduced), 0);
    opk_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_canon_is_the_same),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
