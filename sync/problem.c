#include "sync/problem.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void opk_problems_done(struct opk_problems *problems)
{
    free(problems->items);
    *problems = (struct opk_problems){0};
}

static enum opk_status add(struct opk_problems *problems, struct opk_problem problem,
                           struct opk_err *err)
{
    struct opk_problem *grown;

    for (size_t i = 0; i < problems->count; i++) {
        const struct opk_err *other = &problems->items[i].err;
        if (other->line == problem.err.line && strcmp(other->path, problem.err.path) == 0 &&
            strcmp(other->message, problem.err.message) == 0)
            return OPK_OK; /* two rules met the same thing */
    }
    grown = opk_grow(problems->items, &problems->cap, problems->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a list of problems");
    problems->items = grown;
    problems->items[problems->count++] = problem;
    return OPK_OK;
}

enum opk_status opk_problems_add(struct opk_problems *problems, struct opk_err *err)
{
    bool ends = err->status == OPK_E_NOMEM || err->status == OPK_E_INTERNAL ||
                err->status == OPK_E_IO || err->status == OPK_E_CONFLICT;

    return ends ? err->status : add(problems, (struct opk_problem){.err = *err}, err);
}

enum opk_status opk_problems_note(struct opk_problems *problems, const struct opk_err *note,
                                  struct opk_err *err)
{
    return add(problems, (struct opk_problem){.err = *note, .is_note = true}, err);
}

enum opk_status opk_problems_drift(struct opk_problems *problems, struct opk_err *err)
{
    return add(problems, (struct opk_problem){.err = *err, .is_drift = true}, err);
}

void opk_problems_drop(struct opk_problems *problems, const char *path)
{
    size_t kept = 0;

    for (size_t i = 0; i < problems->count; i++) {
        if (strcmp(problems->items[i].err.path, path) != 0)
            problems->items[kept++] = problems->items[i];
    }
    problems->count = kept;
}

void opk_problems_soften(struct opk_problems *problems, const char *path)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (strcmp(problems->items[i].err.path, path) == 0)
            problems->items[i].is_note = true;
    }
}

size_t opk_problems_serious(const struct opk_problems *problems)
{
    size_t count = 0;

    for (size_t i = 0; i < problems->count; i++)
        count += !problems->items[i].is_note;
    return count;
}

int opk_problems_exit(const struct opk_problems *problems)
{
    int code = OPK_EXIT_OK;

    for (size_t i = 0; i < problems->count; i++) {
        int own = opk_exit_code(problems->items[i].err.status);
        if (!problems->items[i].is_note && own > code)
            code = own;
    }
    return code;
}
