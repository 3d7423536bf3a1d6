/* What needs no person to be mended. */
#include "sync/guard_impl.h"

#include "sync/build.h"
#include "sync/ledger.h"
#include "sync/sidecar_repo.h"

/* A plan for every card, as 'opk sync --all' makes it; a map that cannot be read is one more that
 * a person must mend. */
static enum opk_status plan_all(struct opk_repo *repo, struct opk_plan *out_plan,
                                struct opk_err *err)
{
    struct opk_rules rules = {0};
    enum opk_status status = opk_rules_load(&repo->files, repo->paths.rules, &rules, err);

    status = status == OPK_OK ? opk_guard_plan(repo, &rules, out_plan, err)
                              : opk_problems_add(&out_plan->problems, err);
    opk_rules_done(&rules);
    return status;
}

/* The first serious one. */
static void tell_first(const struct opk_problems *problems, struct opk_err *out)
{
    for (size_t i = 0; i < problems->count && out->status == OPK_OK; i++) {
        if (!problems->items[i].is_note)
            *out = problems->items[i].err;
    }
}

static bool mends(const enum opk_guard_mend *mend, size_t count, enum opk_guard_mend which)
{
    for (size_t i = 0; i < count; i++) {
        if (mend[i] == which)
            return true;
    }
    return false;
}

/* Every sidecar made new, and entered in the suite index; one that cannot be stays a finding. */
static enum opk_status make_sidecars(struct opk_repo *repo, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_scan scan = {0};
    enum opk_status status = opk_docs_scan(&repo->files, &arena, &scan, err);

    for (size_t i = 0; i < scan.sidecar_count && status == OPK_OK; i++) {
        status = opk_sidecar_index(repo, scan.sidecars[i], OPK_STR_EMPTY, err);
        if (status != OPK_OK && status != OPK_E_NOMEM && status != OPK_E_IO)
            status = OPK_OK;
    }
    if (status == OPK_OK && scan.sidecar_count > 0)
        status = opk_sidecar_enter(repo, scan.sidecars, scan.sidecar_count, err);
    opk_arena_done(&arena);
    return status;
}

enum opk_status opk_guard_fix(struct opk_repo *repo, struct opk_err *out_refused,
                              struct opk_err *err)
{
    enum opk_guard_mend mend[OPK_GUARD_RULES_MAX];
    struct opk_plan plan = {0};
    size_t count = 0;
    enum opk_status status = opk_guard_mends(repo, mend, &count, err);

    out_refused->status = OPK_OK;
    if (status == OPK_OK && mends(mend, count, OPK_MEND_MIGRATE))
        status = opk_repo_migrate(repo, OPK_REPO_BY_ANY, OPK_STR_EMPTY, OPK_STR_EMPTY, err);
    if (status != OPK_OK)
        return status;
    tell_first(&repo->problems, out_refused);
    if (out_refused->status != OPK_OK)
        return OPK_OK;
    if (mends(mend, count, OPK_MEND_SYNC))
        status = plan_all(repo, &plan, err);
    else if (mends(mend, count, OPK_MEND_BUILD))
        status = opk_build_indexes(repo, err);
    if (status == OPK_OK && mends(mend, count, OPK_MEND_LEDGER))
        status = opk_ledger_plan(repo, err);
    tell_first(&plan.problems, out_refused);
    opk_plan_done(&plan);
    if (status == OPK_OK && out_refused->status == OPK_OK && mends(mend, count, OPK_MEND_SIDECAR))
        status = make_sidecars(repo, err);
    return status;
}
