/* Walk rules and cards; the modes are in plan_yaml.c and plan_section.c. */
#include "sync/plan.h"

#include "base/mem.h"
#include "base/out.h"
#include "base/yaml.h"
#include "sync/build.h"
#include "sync/plan_impl.h"

#include <stdlib.h>
#include <string.h>

#define PHASE_DOCUMENTS 2
#define SPEC_NOUN       "spec"

enum opk_status opk_planner_problem(struct opk_planner *planner)
{
    return opk_problems_add(&planner->plan->problems, planner->err);
}

static enum opk_status two_writers(struct opk_planner *planner, const struct opk_claim *first,
                                   const struct opk_task *task, struct opk_str place)
{
    (void)opk_fail(planner->err, OPK_E_INVALID, task->rule->place,
                   "rule %s for %.*s and rule %s (line %llu) for %.*s both write the %.*s of %s",
                   task->rule->name, OPK_STR_FMT(task->card->pattern_id), first->rule->name,
                   (unsigned long long)first->rule->place.line,
                   OPK_STR_FMT(first->card->pattern_id), OPK_STR_FMT(place), task->file->path);
    return opk_planner_problem(planner);
}

bool opk_planner_claim(struct opk_planner *planner, const struct opk_task *task,
                       struct opk_str place, enum opk_status *out_status)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    uint32_t index = 0;
    bool is_new = false;

    opk_buf_printf(&key, "%s\n%.*s", task->file->path, OPK_STR_FMT(place));
    *out_status = opk_buf_check(&key, planner->err);
    if (*out_status == OPK_OK)
        *out_status =
            opk_map_add(planner->places, opk_buf_str(&key), &index, &is_new, planner->err);
    opk_buf_done(&key);
    if (*out_status != OPK_OK)
        return false;
    if (!is_new) {
        *out_status = two_writers(planner, &planner->claims[index], task, place);
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
                OPK_STR_FMT(task->card->pattern_id), inner.message);
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

/* A file that must be there and is not: a problem, in the same words whoever needs it first. */
static enum opk_status missing_file(struct opk_planner *planner, const struct opk_card *card,
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
    struct opk_str path = target_path(planner, rule, card);
    struct opk_file *file;
    enum opk_status status;

    *out_file = NULL;
    if (path.len == 0)
        return OPK_OK;
    status = opk_files_open(&planner->repo->files, path, &file, planner->err);
    if (status != OPK_OK)
        return opk_planner_problem(planner);
    if (!file->exists)
        return missing_file(planner, card, rule->target->noun, rule->path_from, path);
    *out_file = file;
    return OPK_OK;
}

/* The spec as a value: the text that this plan gives it, so that documents show what it will be.
 * False in *out_there, with a problem, when there is none. */
static enum opk_status spec_value(struct opk_planner *planner, const struct opk_card *card,
                                  struct opk_tval *out, bool *out_there)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_str path = opk_node_text(opk_node_get(card->suite, "spec"));
    struct opk_file *file;
    struct opk_doc doc;
    enum opk_status status = opk_files_open(&planner->repo->files, path, &file, planner->err);

    if (status != OPK_OK)
        return status;
    *out_there = file->exists;
    if (!file->exists)
        return missing_file(planner, card, SPEC_NOUN, OPK_STR("suite.spec"), path);
    status = opk_yaml_parse(file->now, file->path, limits, &doc, planner->err);
    if (status != OPK_OK)
        return status;
    struct opk_tval borrowed = opk_tval_of_node(planner->arena, doc.root);
    status = opk_tval_copy(planner->arena, &borrowed, out, planner->err);
    opk_doc_done(&doc);
    return status;
}

/* Read the registry once, when the first document asks: its phase is over then. */
static enum opk_status read_kinds(struct opk_planner *planner, const struct opk_card *card,
                                  bool *out_there)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_str path = planner->repo->paths.kind_registry;
    struct opk_file *file;
    enum opk_status status = opk_files_open(&planner->repo->files, path, &file, planner->err);

    if (status != OPK_OK)
        return status;
    *out_there = file->exists;
    if (!file->exists)
        return missing_file(planner, card, "OPERATION_KIND_REGISTRY",
                            OPK_STR("registry.operation_kind_registry"), path);
    if (planner->kinds_read)
        return OPK_OK;
    status = opk_yaml_parse(file->now, file->path, limits, &planner->kinds, planner->err);
    planner->kinds_read = status == OPK_OK;
    return status;
}

/* The registry's entries of a card's kinds, in the card's order. */
static enum opk_status kinds_value(struct opk_planner *planner, const struct opk_card *card,
                                   struct opk_tval *out, bool *out_there)
{
    struct opk_tval *items =
        opk_arena_array(planner->arena, card->operation_kinds->count + 1, sizeof(*items));
    enum opk_status status = opk_arena_check(planner->arena, planner->err);

    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items};
    if (status == OPK_OK)
        status = read_kinds(planner, card, out_there);
    if (status != OPK_OK || !*out_there)
        return status;
    const struct opk_node *entries = opk_node_get(planner->kinds.root, "operation_kinds");
    for (const struct opk_node *kind = card->operation_kinds->first; kind; kind = kind->next) {
        const struct opk_node *entry = entries ? entries->first : NULL;
        while (entry && !opk_str_eq(opk_node_text(opk_node_get(entry, "id")), kind->text))
            entry = entry->next;
        if (entry)
            items[out->count++] = opk_tval_of_node(planner->arena, entry);
    }
    return opk_arena_check(planner->arena, planner->err);
}

/* The names in examples_dir, sorted; folders are left out. */
static enum opk_status examples_value(struct opk_planner *planner, const struct opk_card *card,
                                      struct opk_tval *out)
{
    struct opk_str path = opk_node_text(opk_node_get(card->suite, "examples_dir"));
    struct opk_str *names = NULL;
    size_t count = 0;
    enum opk_status status = opk_root_list(&planner->repo->root, path.data, planner->arena, &names,
                                           &count, planner->err);

    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ};
    if (status == OPK_E_NOENT)
        return OPK_OK; /* guard says so */
    if (status != OPK_OK)
        return status;
    struct opk_tval *items = opk_arena_array(planner->arena, count + 1, sizeof(*items));
    for (size_t i = 0; items && i < count; i++) {
        if (!opk_str_ends(names[i], OPK_STR("/")))
            items[out->count++] = opk_tval_string(names[i]);
    }
    out->items = items;
    return opk_arena_check(planner->arena, planner->err);
}

static struct opk_tval pair_value(struct opk_arena *arena, const char *const keys[2],
                                  const char *const values[2])
{
    struct opk_tval map;

    opk_tval_map_init(&map, arena, 2);
    for (size_t i = 0; i < 2 && keys[i]; i++)
        opk_tval_map_add(&map, opk_str_of(keys[i]), opk_tval_string(opk_str_of(values[i])));
    return map;
}

/* What documents show beyond the card, made once and kept; NULL when something it needs is missing,
 * which is a problem already. */
static enum opk_status document_data(struct opk_planner *planner, const struct opk_card *card,
                                     const struct opk_card_data **out)
{
    struct opk_card_data *data = &planner->card_data[card - planner->repo->cards];
    enum opk_status status = OPK_OK;
    bool there = true;

    *out = NULL;
    if (!data->made) {
        status = spec_value(planner, card, &data->spec, &there);
        if (status == OPK_OK && there)
            status = kinds_value(planner, card, &data->kinds, &there);
        if (status == OPK_OK && there)
            status = examples_value(planner, card, &data->examples);
        data->made = status == OPK_OK && there;
    }
    if (data->made)
        *out = data;
    return status;
}

enum opk_status opk_planner_data(struct opk_planner *planner, struct opk_task *task,
                                 bool *out_ready)
{
    struct opk_arena *arena = planner->arena;
    struct opk_tval card = opk_tval_of_node(arena, task->card->doc.root);
    const char *const rule_keys[2] = {"name", NULL};
    const char *const rule_values[2] = {task->rule->name, NULL};
    const char *const target_keys[2] = {"type", "path"};
    const char *const target_values[2] = {task->rule->target->name, task->file->path};
    const struct opk_card_data *data;

    *out_ready = true;
    opk_tval_map_init(&task->data, arena, card.count + 6);
    for (size_t i = 0; i < card.count; i++)
        opk_tval_map_add(&task->data, card.keys[i].text, card.items[i]);
    opk_tval_map_add(&task->data, OPK_STR("card"), card);
    opk_tval_map_add(&task->data, OPK_STR("rule"), pair_value(arena, rule_keys, rule_values));
    opk_tval_map_add(&task->data, OPK_STR("target"), pair_value(arena, target_keys, target_values));
    if (task->rule->target->phase == PHASE_DOCUMENTS) {
        enum opk_status status = document_data(planner, task->card, &data);
        *out_ready = data != NULL;
        if (status != OPK_OK || !data)
            return status;
        opk_tval_map_add(&task->data, OPK_STR("spec"), data->spec);
        opk_tval_map_add(&task->data, OPK_STR("kinds"), data->kinds);
        opk_tval_map_add(&task->data, OPK_STR("examples"), data->examples);
    }
    return opk_arena_check(arena, planner->err);
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
                {paths->pattern_registry, "patterns.registry"}};
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

enum opk_status opk_plan_make(struct opk_repo *repo, const struct opk_rules *rules,
                              const struct opk_plan_options *options, struct opk_plan *out_plan,
                              struct opk_err *err)
{
    struct opk_planner planner = {
        .repo = repo, .options = options, .plan = out_plan, .arena = &out_plan->arena, .err = err};
    enum opk_status status;

    *out_plan = (struct opk_plan){0};
    planner.card_data =
        opk_arena_array(planner.arena, repo->card_count + 1, sizeof(*planner.card_data));
    status = opk_arena_check(planner.arena, err);
    if (status == OPK_OK)
        status = opk_map_new(&planner.places, err);
    for (size_t i = 0; i < rules->count && status == OPK_OK; i++) {
        if (rules->items[i].source == OPK_SOURCE_PATTERN_CARD)
            status = apply_rule(&planner, &rules->items[i]);
    }
    if (status == OPK_OK)
        status = plan_indexes(&planner);
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
