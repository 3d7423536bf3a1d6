/* What the templates of a rule see of a card and of the files around it. */
#include "sync/plan_impl.h"

#include "base/json.h"
#include "base/yaml.h"
#include "sync/spec_io.h"

#include <stdlib.h>

/* What a file that is there holds, as a value; the text that this plan gives it, so that documents
 * show what it will be. */
static enum opk_status file_value(struct opk_planner *planner, const struct opk_file *file,
                                  struct opk_tval *out)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_doc doc;
    enum opk_status status =
        opk_str_ends(opk_str_of(file->path), OPK_STR(".json"))
            ? opk_json_parse(file->now, file->path, &doc, planner->err)
            : opk_yaml_parse(file->now, file->path, limits, &doc, planner->err);

    if (status != OPK_OK)
        return status;
    struct opk_tval borrowed = opk_tval_of_node(planner->arena, doc.root);
    status = opk_tval_copy(planner->arena, &borrowed, out, planner->err);
    opk_doc_done(&doc);
    return status;
}

/* The spec. False in *out_there, with a problem, when there is none. */
static enum opk_status spec_value(struct opk_planner *planner, const struct opk_card *card,
                                  struct opk_tval *out, bool *out_there)
{
    struct opk_str path = opk_node_text(opk_node_get(card->suite, "spec"));
    struct opk_file *file;
    enum opk_status status = opk_files_open(&planner->repo->files, path, &file, planner->err);

    if (status != OPK_OK)
        return status;
    *out_there = opk_file_is_there(file);
    return *out_there ? file_value(planner, file, out)
                      : opk_planner_missing(planner, card, "spec", OPK_STR("suite.spec"), path);
}

/* The schema of a pattern's input; none where there is no such file, as guard says. */
static enum opk_status schema_value(struct opk_planner *planner, const struct opk_card *card,
                                    struct opk_tval *out)
{
    struct opk_str path = opk_node_text(opk_node_get(card->suite, "schema"));
    struct opk_file *file;
    enum opk_status status = opk_files_open(&planner->repo->files, path, &file, planner->err);

    *out = OPK_TVAL_NULL;
    return status == OPK_OK && opk_file_is_there(file) ? file_value(planner, file, out) : status;
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
    *out_there = opk_file_is_there(file);
    if (!*out_there)
        return opk_planner_missing(planner, card, "OPERATION_KIND_REGISTRY",
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

static int compare_names(const void *left, const void *right)
{
    const struct opk_tval *a = left;
    const struct opk_tval *b = right;

    return opk_str_cmp(a->text, b->text);
}

/* The names in examples_dir, those that the plan makes among them, sorted; folders are left out. */
static enum opk_status examples_value(struct opk_planner *planner, const struct opk_card *card,
                                      struct opk_tval *out)
{
    struct opk_str path = opk_node_text(opk_node_get(card->suite, "examples_dir"));
    struct opk_str *names = NULL;
    struct opk_str *made = NULL;
    size_t count = 0;
    size_t made_count = 0;
    enum opk_status status = opk_root_list(&planner->repo->root, path.data, planner->arena, &names,
                                           &count, planner->err);

    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ};
    if (status == OPK_E_NOENT)
        status = OPK_OK; /* guard says so */
    if (status == OPK_OK)
        status = opk_files_new_in(&planner->repo->files, path, &made, &made_count, planner->err);
    if (status != OPK_OK)
        return status;
    struct opk_tval *items =
        opk_arena_array(planner->arena, count + made_count + 1, sizeof(*items));
    if (!items)
        return opk_arena_check(planner->arena, planner->err);
    for (size_t i = 0; i < count; i++) {
        if (!opk_str_ends(names[i], OPK_STR("/")))
            items[out->count++] = opk_tval_string(names[i]);
    }
    for (size_t i = 0; i < made_count; i++)
        items[out->count++] = opk_tval_string(made[i]);
    qsort(items, out->count, sizeof(*items), compare_names);
    out->items = items;
    return OPK_OK;
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

static struct opk_card_data *data_of(struct opk_planner *planner, const struct opk_card *card)
{
    const struct opk_repo *repo = planner->repo;

    return card->family == OPK_FAMILY_DOC
               ? &planner->card_data[repo->card_count + (size_t)(card - repo->docs)]
               : &planner->card_data[card - repo->cards];
}

/* What sections show beyond the card; NULL when something it needs is missing, which is a problem
 * already. Made once for documents, which come last; anew for each earlier section, since a section
 * of a spec may hold fields. */
static enum opk_status document_data(struct opk_planner *planner, const struct opk_card *card,
                                     enum opk_rule_phase phase, const struct opk_card_data **out)
{
    struct opk_card_data *data = data_of(planner, card);
    struct opk_tval schema;
    enum opk_status status = OPK_OK;
    bool there = true;

    *out = NULL;
    if (!data->made) {
        status = spec_value(planner, card, &data->spec, &there);
        if (status == OPK_OK && there)
            status = kinds_value(planner, card, &data->kinds, &there);
        if (status == OPK_OK && there)
            status = examples_value(planner, card, &data->examples);
        if (status == OPK_OK && there)
            status = schema_value(planner, card, &schema);
        if (status != OPK_OK || !there)
            return status;
        data->inputs = opk_spec_io(planner->arena, OPK_SPEC_INPUTS, &data->spec, &schema);
        data->outputs = opk_spec_io(planner->arena, OPK_SPEC_OUTPUTS, &data->spec, &schema);
        data->made = phase == OPK_PHASE_DOCUMENTS;
    }
    *out = data;
    return opk_arena_check(planner->arena, planner->err);
}

static struct opk_tval card_value(struct opk_planner *planner, const struct opk_card *card)
{
    struct opk_card_data *data = data_of(planner, card);

    if (data->card.kind == OPK_TVAL_UNDEFINED)
        data->card = opk_tval_of_node(planner->arena, card->doc.root);
    return data->card;
}

enum opk_status opk_planner_data(struct opk_planner *planner, struct opk_task *task,
                                 bool *out_ready)
{
    struct opk_arena *arena = planner->arena;
    struct opk_tval card = card_value(planner, task->card);
    const char *const rule_keys[2] = {"name", NULL};
    const char *const rule_values[2] = {task->rule->name, NULL};
    const char *const target_keys[2] = {"type", "path"};
    const char *const target_values[2] = {task->rule->target->name, task->file->path};
    const struct opk_card_data *data;

    *out_ready = true;
    opk_tval_map_init(&task->data, arena, card.count + 8);
    for (size_t i = 0; i < card.count; i++)
        opk_tval_map_add(&task->data, card.keys[i].text, card.items[i]);
    opk_tval_map_add(&task->data, OPK_STR("card"), card);
    opk_tval_map_add(&task->data, OPK_STR("rule"), pair_value(arena, rule_keys, rule_values));
    opk_tval_map_add(&task->data, OPK_STR("target"), pair_value(arena, target_keys, target_values));
    if (task->rule->mode == OPK_MODE_PATCH_MARKED_SECTION &&
        task->card->family == OPK_FAMILY_PATTERN) {
        enum opk_status status = document_data(planner, task->card, task->rule->phase, &data);
        *out_ready = data != NULL;
        if (status != OPK_OK || !data)
            return status;
        opk_tval_map_add(&task->data, OPK_STR("spec"), data->spec);
        opk_tval_map_add(&task->data, OPK_STR("kinds"), data->kinds);
        opk_tval_map_add(&task->data, OPK_STR("examples"), data->examples);
        opk_tval_map_add(&task->data, OPK_STR("inputs"), data->inputs);
        opk_tval_map_add(&task->data, OPK_STR("outputs"), data->outputs);
    }
    return opk_arena_check(arena, planner->err);
}
