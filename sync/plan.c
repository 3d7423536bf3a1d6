/* Walk rules and cards; what templates see is in plan_data.c, the modes in plan_yaml.c and
 * plan_section.c. */
#include "sync/plan.h"

#include "base/mem.h"
#include "base/out.h"
#include "sync/build.h"
#include "sync/plan_impl.h"
#include "sync/sidecar_repo.h"

#include <stdlib.h>
#include <string.h>

#define SPEC_NOUN "spec"

enum opk_status opk_planner_problem(struct opk_planner *planner)
{
    return opk_problems_add(&planner->plan->problems, planner->err);
}

enum opk_status opk_planner_two_writers(struct opk_planner *planner, const struct opk_claim *first,
                                        const struct opk_task *task, struct opk_str place)
{
    (void)opk_fail(planner->err, OPK_E_INVALID, task->rule->place,
                   "rule %s for %.*s and rule %s (line %llu) for %.*s both write the %.*s of %s",
                   task->rule->name, OPK_STR_FMT(task->card->id), first->rule->name,
                   (unsigned long long)first->rule->place.line, OPK_STR_FMT(first->card->id),
                   OPK_STR_FMT(place), task->file->path);
    return opk_planner_problem(planner);
}

/* The key of a place in planner->places. */
static struct opk_str place_key(struct opk_planner *planner, const struct opk_file *file,
                                struct opk_str place)
{
    return opk_arena_printf(planner->arena, "%s\n%.*s", file->path, OPK_STR_FMT(place));
}

const struct opk_claim *opk_planner_find_claim(struct opk_planner *planner,
                                               const struct opk_file *file, struct opk_str place)
{
    uint32_t index;

    return opk_map_find(planner->places, place_key(planner, file, place), &index)
               ? &planner->claims[index]
               : NULL;
}

bool opk_planner_claim(struct opk_planner *planner, const struct opk_task *task,
                       struct opk_str place, enum opk_status *out_status)
{
    struct opk_str key = place_key(planner, task->file, place);
    uint32_t index = 0;
    bool is_new = false;

    *out_status = opk_arena_check(planner->arena, planner->err);
    if (*out_status == OPK_OK)
        *out_status = opk_map_add(planner->places, key, &index, &is_new, planner->err);
    if (*out_status != OPK_OK)
        return false;
    if (!is_new) {
        *out_status = opk_planner_two_writers(planner, &planner->claims[index], task, place);
        return false;
    }
    struct opk_claim *grown =
        opk_grow(planner->claims, &planner->claim_cap, (size_t)index + 1, sizeof(*grown));
    if (!grown) {
        *out_status = opk_fail(planner->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a plan");
        return false;
    }
    planner->claims = grown;
    planner->claims[index] = (struct opk_claim){task->rule, task->card};
    return true;
}

static enum opk_status add_change(struct opk_plan *plan, struct opk_change change,
                                  struct opk_err *err)
{
    struct opk_change *grown = opk_grow(plan->items, &plan->cap, plan->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a plan");
    plan->items = grown;
    plan->items[plan->count++] = change;
    return opk_arena_check(&plan->arena, err);
}

/* A value on one line: strings in quotes, the rest as templates print it. */
static struct opk_str shown(struct opk_arena *arena, const struct opk_tval *value)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    if (!value)
        return OPK_STR_EMPTY;
    if (value->kind == OPK_TVAL_STRING)
        opk_out_json_string(&text, value->text);
    else
        opk_tval_print(value, &text);
    struct opk_str copy = opk_arena_copy(arena, opk_buf_str(&text));
    arena->failed = arena->failed || text.failed;
    opk_buf_done(&text);
    return copy;
}

enum opk_status opk_planner_change(struct opk_planner *planner, const struct opk_task *task,
                                   struct opk_str what, const struct opk_tval *old,
                                   const struct opk_tval *new)
{
    struct opk_change change = {
        .path = task->file->path,
        .noun = task->rule->target->noun,
        .rule = task->rule->name,
        .card = task->card,
        .what = opk_arena_copy(planner->arena, what),
        .old = shown(planner->arena, old),
        .new = shown(planner->arena, new),
    };

    return add_change(planner->plan, change, planner->err);
}

enum opk_status opk_planner_value(struct opk_planner *planner, const struct opk_task *task,
                                  const struct opk_template *tmpl, struct opk_tval *out_value)
{
    enum opk_status status =
        opk_template_value(tmpl, &task->data, planner->arena, out_value, planner->err);

    if (status == OPK_OK || status == OPK_E_NOMEM)
        return status;
    struct opk_err inner = *planner->err;
    struct opk_place place = {
        .path = inner.path, .line = inner.line, .column = inner.column, .byte = inner.byte};
    opk_err_set(planner->err, status, place, "rule %s for %.*s: %s", task->rule->name,
                OPK_STR_FMT(task->card->id), inner.message);
    return status;
}

/* The path of a target: as the card gives it, with the repository's own for shared files. */
static struct opk_str target_path(const struct opk_planner *planner, const struct opk_rule *rule,
                                  const struct opk_card *card)
{
    const struct opk_node *node = opk_card_find(card, rule->path_from);

    if (node)
        return opk_node_text(node);
    if (rule->mode == OPK_MODE_UPDATE_INDEX_ENTRY)
        return planner->repo->paths.pattern_index;
    if (rule->mode == OPK_MODE_SYNC_OPERATION_KINDS)
        return planner->repo->paths.kind_registry;
    return OPK_STR_EMPTY;
}

enum opk_status opk_planner_missing(struct opk_planner *planner, const struct opk_card *card,
                                    const char *noun, struct opk_str path_from, struct opk_str path)
{
    if (strcmp(noun, SPEC_NOUN) == 0)
        (void)opk_fail(planner->err, OPK_E_NOENT, OPK_AT_PATH(card->path),
                       "spec not found for %.*s: %.*s; write it, or mend %.*s",
                       OPK_STR_FMT(card->pattern_id), OPK_STR_FMT(path), OPK_STR_FMT(path_from));
    else
        (void)opk_fail(planner->err, OPK_E_NOENT, OPK_AT_PATH(card->path),
                       "%s not found at %.*s; write it, or mend %.*s", noun, OPK_STR_FMT(path),
                       OPK_STR_FMT(path_from));
    return opk_planner_problem(planner);
}

enum opk_status opk_planner_file(struct opk_planner *planner, const struct opk_rule *rule,
                                 const struct opk_card *card, struct opk_file **out_file)
{
    bool is_source = card->family == opk_rule_family(rule);
    struct opk_str path = is_source ? target_path(planner, rule, card) : OPK_STR_EMPTY;
    struct opk_file *file;
    enum opk_status status;

    *out_file = NULL;
    if (path.len == 0)
        return OPK_OK;
    status = opk_files_open(&planner->repo->files, path, &file, planner->err);
    if (status != OPK_OK)
        return opk_planner_problem(planner);
    if (!opk_file_is_there(file))
        return opk_planner_missing(planner, card, rule->target->noun, rule->path_from, path);
    *out_file = file;
    return OPK_OK;
}

static enum opk_status apply_to_card(struct opk_planner *planner, const struct opk_rule *rule,
                                     const struct opk_card *card)
{
    struct opk_task task = {.rule = rule, .card = card};
    bool ready;
    enum opk_status status = opk_planner_file(planner, rule, card, &task.file);

    if (status != OPK_OK || !task.file)
        return status;
    status = opk_planner_data(planner, &task, &ready);
    if (status != OPK_OK)
        return opk_planner_problem(planner);
    if (!ready)
        return OPK_OK;
    return rule->mode == OPK_MODE_PATCH_YAML_BLOCK ? opk_plan_yaml_block(planner, &task)
                                                   : opk_plan_section(planner, &task);
}

static enum opk_status apply_rule(struct opk_planner *planner, const struct opk_rule *rule)
{
    enum opk_status status = OPK_OK;

    switch (rule->mode) {
    case OPK_MODE_PATCH_MARKED_SECTION:
    case OPK_MODE_PATCH_YAML_BLOCK:
        for (size_t i = 0; i < planner->options->card_count && status == OPK_OK; i++)
            status = apply_to_card(planner, rule, planner->options->cards[i]);
        return status;
    case OPK_MODE_UPDATE_INDEX_ENTRY:
        return opk_plan_index(planner, rule);
    case OPK_MODE_SYNC_OPERATION_KINDS:
        return opk_plan_kinds(planner, rule);
    case OPK_MODE_PATCH_YAML_FIELDS:
        break; /* from the spec to the card: on events, and only where opk.yaml allows it */
    }
    return status;
}

/* The indexes are made from all cards; what changes in them is told a file at a time. */
static enum opk_status plan_indexes(struct opk_planner *planner)
{
    const struct opk_repo_paths *paths = &planner->repo->paths;
    const struct {
        struct opk_str path;
        const char *noun;
    } made[] = {{paths->suite_index, "suite index"},
                {paths->pattern_registry, "patterns.registry"},
                {paths->doc_registry, "docs.registry"}};
    enum opk_status status = opk_build_indexes(planner->repo, planner->err);

    if (status != OPK_OK)
        return opk_planner_problem(planner);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]) && status == OPK_OK; i++) {
        struct opk_file *file;
        status = opk_files_open(&planner->repo->files, made[i].path, &file, planner->err);
        if (status == OPK_OK && opk_file_changed(file))
            status = add_change(planner->plan,
                                (struct opk_change){.path = file->path,
                                                    .noun = made[i].noun,
                                                    .rule = OPK_RULE_BUILD,
                                                    .what = OPK_STR("whole file"),
                                                    .old = OPK_STR_EMPTY,
                                                    .new = OPK_STR_EMPTY},
                                planner->err);
    }
    return status;
}

/* The sidecar of a document that this plan changes; one that cannot be made new is left to guard.
 */
static enum opk_status plan_sidecar(struct opk_planner *planner, const struct opk_file *doc)
{
    struct opk_file *file;
    struct opk_err note;
    enum opk_status status = opk_sidecar_open(planner->repo, opk_str_of(doc->path), &file, &note);

    if (status == OPK_OK && !opk_file_is_there(file))
        return OPK_OK;
    if (status == OPK_OK)
        status = opk_sidecar_index(planner->repo, opk_str_of(doc->path), OPK_STR_EMPTY, &note);
    if (status == OPK_E_NOMEM || status == OPK_E_IO) {
        *planner->err = note;
        return status;
    }
    if (status != OPK_OK)
        return opk_problems_note(&planner->plan->problems, &note, planner->err);
    if (!opk_file_changed(file))
        return OPK_OK;
    return add_change(planner->plan,
                      (struct opk_change){.path = file->path,
                                          .noun = "sidecar",
                                          .rule = OPK_RULE_SIDECAR,
                                          .what = OPK_STR("whole file"),
                                          .old = OPK_STR_EMPTY,
                                          .new = OPK_STR_EMPTY},
                      planner->err);
}

static enum opk_status plan_sidecars(struct opk_planner *planner)
{
    struct opk_files *files = &planner->repo->files;
    size_t count = opk_map_count(files->paths); /* sidecars are read behind these */
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (opk_file_changed(files->items[i]))
            status = plan_sidecar(planner, files->items[i]);
    }
    return status;
}

/* A card of the older dialect that was rewritten is a change, another one is worth a note. */
static enum opk_status plan_older(struct opk_planner *planner, const struct opk_card *card)
{
    struct opk_file *file;
    struct opk_err note;
    enum opk_status status =
        opk_files_open(&planner->repo->files, opk_str_of(card->path), &file, planner->err);

    if (status != OPK_OK)
        return status;
    if (opk_file_changed(file))
        return add_change(planner->plan,
                          (struct opk_change){.path = file->path,
                                              .noun = "card",
                                              .rule = OPK_RULE_MIGRATE,
                                              .card = card,
                                              .what = OPK_STR("older dialect"),
                                              .old = OPK_STR_EMPTY,
                                              .new = OPK_STR_EMPTY},
                          planner->err);
    opk_err_set(&note, OPK_E_INVALID, OPK_AT_PATH(card->path),
                "a card of the older dialect; 'opk sync --migrate %.*s' rewrites it",
                OPK_STR_FMT(card->pattern_key));
    return opk_problems_note(&planner->plan->problems, &note, planner->err);
}

enum opk_status opk_plan_make(struct opk_repo *repo, const struct opk_rules *rules,
                              const struct opk_plan_options *options, struct opk_plan *out_plan,
                              struct opk_err *err)
{
    struct opk_planner planner = {
        .repo = repo, .options = options, .plan = out_plan, .arena = &out_plan->arena, .err = err};
    enum opk_status status;

    *out_plan = (struct opk_plan){0};
    planner.card_data =
        opk_arena_array(planner.arena, opk_repo_card_count(repo) + 1, sizeof(*planner.card_data));
    status = opk_arena_check(planner.arena, err);
    if (status == OPK_OK)
        status = opk_map_new(&planner.places, err);
    for (size_t i = 0; i < options->card_count && status == OPK_OK; i++) {
        if (options->cards[i]->is_older)
            status = plan_older(&planner, options->cards[i]);
    }
    for (size_t i = 0; i < rules->count && status == OPK_OK; i++) {
        if (rules->items[i].source != OPK_SOURCE_PATTERN_SPEC)
            status = apply_rule(&planner, &rules->items[i]);
    }
    if (status == OPK_OK)
        status = plan_indexes(&planner);
    if (status == OPK_OK)
        status = plan_sidecars(&planner);
    opk_map_free(planner.places);
    free(planner.claims);
    opk_doc_done(&planner.kinds);
    if (status != OPK_OK)
        opk_plan_done(out_plan);
    return status;
}

void opk_plan_done(struct opk_plan *plan)
{
    free(plan->items);
    opk_problems_done(&plan->problems);
    opk_arena_done(&plan->arena);
    *plan = (struct opk_plan){0};
}
