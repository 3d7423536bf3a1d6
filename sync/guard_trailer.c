/* What the commits since the base say of themselves: Intent and Pattern-Guard. */
#include "sync/guard_base.h"
#include "sync/guard_impl.h"

/* A trailer Pattern-Guard: skip=PG007 reason=... */
struct skip {
    struct opk_str ids; /* PG007,PG009 */
    struct opk_str reason;
};

static bool is_intent(const struct opk_guard_trailer *trailer)
{
    return opk_str_eq_nocase(trailer->key, OPK_STR("Intent"));
}

static bool read_intent(struct opk_str text, enum opk_step *out_step)
{
    for (enum opk_step step = OPK_STEP_PATCH; step <= OPK_STEP_MAJOR; step++) {
        if (opk_str_eq(text, opk_str_of(opk_step_name(step)))) {
            *out_step = step;
            return true;
        }
    }
    return false;
}

/* What is wrong with it; NULL when nothing is. */
static const char *read_skip(struct opk_str text, struct skip *out)
{
    struct opk_split ids;
    struct opk_str id;
    size_t blank;

    if (!opk_str_starts(text, OPK_STR("skip=")))
        return "write skip=PGnnn reason=...";
    text = opk_str_skip(text, 5);
    blank = opk_str_find_byte(text, ' ', 0);
    out->ids = opk_str_slice(text, 0, blank);
    out->reason = blank == OPK_NPOS ? OPK_STR_EMPTY : opk_str_trim(opk_str_skip(text, blank));
    if (!opk_str_starts(out->reason, OPK_STR("reason=")) || out->reason.len == 7)
        return "a skip needs a reason: reason=...";
    out->reason = opk_str_trim(opk_str_skip(out->reason, 7));
    ids = OPK_SPLIT(out->ids, ',');
    while (opk_split_next(&ids, &id)) {
        if (!opk_guard_find(id))
            return "it names no rule of guard";
    }
    return NULL;
}

enum opk_status opk_guard_trailers(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->trailer_count && status == OPK_OK; i++) {
        const struct opk_guard_trailer *trailer = &base->trailers[i];
        const char *wrong = NULL;
        enum opk_step step;
        struct skip skip;
        struct opk_err found;
        if (!is_intent(trailer))
            wrong = read_skip(trailer->value, &skip);
        else if (!read_intent(trailer->value, &step))
            wrong = "write major, minor or patch";
        if (!wrong)
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_NOWHERE, "trailer '%.*s: %.*s' of commit %.10s: %s",
                    OPK_STR_FMT(trailer->key), OPK_STR_FMT(trailer->value), trailer->commit.text,
                    wrong);
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_skips(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->trailer_count && status == OPK_OK; i++) {
        const struct opk_guard_trailer *trailer = &base->trailers[i];
        struct opk_err found;
        struct skip skip;
        if (is_intent(trailer) || read_skip(trailer->value, &skip))
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_NOWHERE, "commit %.10s skips %.*s: %.*s",
                    trailer->commit.text, OPK_STR_FMT(skip.ids), OPK_STR_FMT(skip.reason));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

/* Does a list of ids with commas hold one? */
static bool names_rule(struct opk_str ids, const struct opk_guard_rule *rule)
{
    struct opk_split list = OPK_SPLIT(ids, ',');
    struct opk_str id;

    while (opk_split_next(&list, &id)) {
        if (opk_guard_find(id) == rule)
            return true;
    }
    return false;
}

enum opk_status opk_guard_apply_skips(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    struct opk_findings *findings = guard->findings;

    for (size_t i = 0; i < base->trailer_count; i++) {
        const struct opk_guard_trailer *trailer = &base->trailers[i];
        struct skip skip;
        if (is_intent(trailer) || read_skip(trailer->value, &skip))
            continue;
        for (size_t at = 0; at < findings->count; at++) {
            struct opk_finding *finding = &findings->items[at];
            if (finding->excused.len == 0 && names_rule(skip.ids, finding->rule))
                finding->excused = opk_arena_printf(&findings->arena, "commit %.10s: %.*s",
                                                    trailer->commit.text, OPK_STR_FMT(skip.reason));
        }
    }
    return opk_arena_check(&findings->arena, guard->err);
}

/* The largest step that a commit says it intends; OPK_STEP_NONE when none says so. */
static enum opk_step intended(const struct opk_guard_base *base)
{
    enum opk_step most = OPK_STEP_NONE;

    for (size_t i = 0; i < base->trailer_count; i++) {
        enum opk_step step;
        if (is_intent(&base->trailers[i]) && read_intent(base->trailers[i].value, &step) &&
            step > most)
            most = step;
    }
    return most;
}

enum opk_status opk_guard_intents(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_step intent = intended(base);
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && intent && status == OPK_OK; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        struct opk_err found;
        if (!pair->was || !pair->now)
            continue;
        enum opk_step step = opk_step_between(pair->was->semver, pair->now->semver);
        if (step == OPK_STEP_NONE || step == intent)
            continue;
        opk_err_set(&found, OPK_E_INVALID,
                    opk_node_place(opk_node_get(pair->now->doc.root, "semver"), pair->now->path),
                    "%.*s to %.*s is a %s step, but the commits intend a %s one",
                    OPK_STR_FMT(pair->was->semver), OPK_STR_FMT(pair->now->semver),
                    opk_step_name(step), opk_step_name(intent));
        status = opk_guard_add(guard, &found);
    }
    return status;
}
