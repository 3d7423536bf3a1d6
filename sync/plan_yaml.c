/* Fields of a spec, entries of the pattern index, kinds of the registry: byte-exact YAML edits. */
#include "sync/plan_impl.h"

#include "base/yaml_edit.h"
#include "sync/front_matter.h"

#include <assert.h>
#include <stdlib.h>

static bool same_value(struct opk_arena *arena, const struct opk_node *node,
                       const struct opk_tval *value)
{
    struct opk_tval old = opk_tval_of_node(arena, node);

    return old.kind == value->kind && opk_tval_equal(&old, value);
}

/* A template's value as one that the editor writes. */
static enum opk_status value_of(struct opk_planner *planner, const struct opk_tval *tval,
                                struct opk_value *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_value *items;

    *out = (struct opk_value){.kind = OPK_VALUE_NULL, .text = OPK_STR_EMPTY, .key = OPK_STR_EMPTY};
    switch (tval->kind) {
    case OPK_TVAL_STRING:
        out->kind = OPK_VALUE_STRING;
        out->text = tval->text;
        return OPK_OK;
    case OPK_TVAL_BOOL:
        out->kind = OPK_VALUE_RAW;
        out->text = tval->truth ? OPK_STR("true") : OPK_STR("false");
        return OPK_OK;
    case OPK_TVAL_INT:
    case OPK_TVAL_FLOAT:
        opk_tval_print(tval, &text);
        out->kind = OPK_VALUE_RAW;
        out->text = opk_arena_copy(planner->arena, opk_buf_str(&text));
        opk_buf_done(&text);
        return opk_arena_check(planner->arena, planner->err);
    case OPK_TVAL_SEQ:
    case OPK_TVAL_MAP:
        break;
    case OPK_TVAL_NONE:
    case OPK_TVAL_UNDEFINED:
        return OPK_OK;
    }
    items = opk_arena_array(planner->arena, tval->count + 1, sizeof(*items));
    if (!items)
        return opk_arena_check(planner->arena, planner->err);
    for (size_t i = 0; i < tval->count; i++) {
        enum opk_status status = value_of(planner, &tval->items[i], &items[i]);
        if (status != OPK_OK)
            return status;
        if (tval->kind == OPK_TVAL_MAP)
            items[i].key = tval->keys[i].text;
    }
    out->kind = tval->kind == OPK_TVAL_MAP ? OPK_VALUE_MAP : OPK_VALUE_SEQ;
    out->items = items;
    out->count = tval->count;
    return OPK_OK;
}

static enum opk_status identity_differs(struct opk_planner *planner, const struct opk_task *task,
                                        const struct opk_rule_field *field,
                                        const struct opk_node *node, const struct opk_tval *value)
{
    return opk_fail(planner->err, OPK_E_REFUSED, opk_node_place(node, task->file->path),
                    "%.*s is %.*s here and %.*s in the card: this %s belongs to another %s",
                    OPK_STR_FMT(field->key), OPK_STR_FMT(node->text), OPK_STR_FMT(value->text),
                    task->rule->target->noun,
                    task->card->family == OPK_FAMILY_DOC ? "card" : "pattern");
}

/* Should a field that holds node take value? */
static enum opk_status wants(struct opk_planner *planner, const struct opk_task *task,
                             const struct opk_rule_field *field, const struct opk_node *node,
                             const struct opk_tval *value, bool *out_wants)
{
    bool absent = !node || node->kind == OPK_NODE_NULL;
    enum opk_field_policy policy = field->policy;

    if (policy == OPK_FIELD_FILL && planner->options->force_name)
        policy = OPK_FIELD_MIRROR;
    *out_wants = absent || !same_value(planner->arena, node, value);
    if (policy == OPK_FIELD_FILL)
        *out_wants = absent;
    if (policy == OPK_FIELD_IDENTITY && !absent && *out_wants)
        return identity_differs(planner, task, field, node, value);
    return OPK_OK;
}

/* Take a field for a rule. What finds an entry is not written by it: any number of rules may say
 * it. */
static bool claim_field(struct opk_planner *planner, const struct opk_task *task,
                        const struct opk_rule_field *field, struct opk_str place,
                        enum opk_status *out_status)
{
    *out_status = OPK_OK;
    return opk_str_eq(field->key, task->rule->match_key) ||
           opk_planner_claim(planner, task, place, out_status);
}

/* Write a field: over its old value, or behind the field before it, or at the end. */
static enum opk_status write_field(struct opk_planner *planner, struct opk_yaml_edit *edit,
                                   const struct opk_node *map, const struct opk_node *behind,
                                   struct opk_value *value)
{
    return behind ? opk_yaml_edit_insert(edit, behind, value, planner->err)
                  : opk_yaml_edit_set(edit, map, value->key, value, planner->err);
}

/* Bring the fields of a mapping in step; prefix names the mapping in changes and claims. */
static enum opk_status set_fields(struct opk_planner *planner, const struct opk_task *task,
                                  struct opk_yaml_edit *edit, const struct opk_node *map,
                                  const char *prefix)
{
    const struct opk_node *above = NULL; /* the last field of the rule that is there */
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < task->rule->field_count && status == OPK_OK; i++) {
        const struct opk_rule_field *field = &task->rule->fields[i];
        const struct opk_node *node = opk_node_get_str(map, field->key);
        above = node ? node : above;
        struct opk_str place =
            opk_arena_printf(planner->arena, "%s%.*s", prefix, OPK_STR_FMT(field->key));
        struct opk_tval old;
        struct opk_tval value;
        struct opk_value written;
        bool changes = false;
        if (!claim_field(planner, task, &task->rule->fields[i], place, &status))
            continue;
        status = opk_planner_value(planner, task, field->value, &value);
        if (status == OPK_OK)
            status = wants(planner, task, field, node, &value, &changes);
        if (status != OPK_OK || !changes)
            continue;
        old = opk_tval_of_node(planner->arena, node);
        status = value_of(planner, &value, &written);
        written.key = field->key;
        if (status == OPK_OK)
            status = write_field(planner, edit, map, node ? NULL : above, &written);
        if (status == OPK_OK)
            status = opk_planner_change(planner, task, place, node ? &old : NULL, &value);
    }
    return status;
}

/* Put the edited text into the plan, with what stands behind it in the file. */
static enum opk_status finish(struct opk_planner *planner, struct opk_file *file,
                              struct opk_str behind, struct opk_yaml_edit *edit)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    if (!opk_yaml_edit_changed(edit))
        return OPK_OK;
    status = opk_yaml_edit_finish(edit, &text, planner->err);
    opk_buf_append(&text, behind);
    if (status == OPK_OK)
        status = opk_buf_check(&text, planner->err);
    if (status == OPK_OK)
        status = opk_files_set(&planner->repo->files, file, opk_buf_str(&text), planner->err);
    opk_buf_done(&text);
    return status;
}

/* Open the YAML of a file for editing; its root must be a mapping. */
static enum opk_status begin(struct opk_planner *planner, const char *path, struct opk_str text,
                             size_t limit, struct opk_yaml_edit **out_edit)
{
    struct opk_yaml_limits limits = {.bytes = limit};
    struct opk_yaml_edit *edit = NULL;
    enum opk_status status = opk_yaml_edit_new(text, path, limits, &edit, planner->err);

    if (status != OPK_OK)
        return status;
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    if (!root || root->kind != OPK_NODE_MAP) {
        opk_yaml_edit_free(edit);
        return opk_fail(planner->err, OPK_E_INVALID, OPK_AT_LINE(path, 1),
                        "this file must hold a mapping");
    }
    *out_edit = edit;
    return OPK_OK;
}

/* The YAML of a target: the whole file, or of a document its front matter. */
static enum opk_status find_block(struct opk_planner *planner, const struct opk_task *task,
                                  struct opk_str *out_block)
{
    *out_block = task->file->now;
    if (task->rule->source != OPK_SOURCE_DOC_CARD ||
        opk_front_matter_find(task->file->now, out_block) == OPK_FRONT_MATTER_FOUND)
        return OPK_OK;
    return opk_fail(planner->err, OPK_E_NOENT, OPK_AT_LINE(task->file->path, 1),
                    "no front matter in %s; begin it with the lines '---', 'doc_key: %.*s' and "
                    "'---'",
                    task->file->path, OPK_STR_FMT(task->card->key));
}

enum opk_status opk_plan_yaml_block(struct opk_planner *planner, const struct opk_task *task)
{
    struct opk_yaml_edit *edit = NULL;
    struct opk_str block;
    enum opk_status status = find_block(planner, task, &block);

    if (status == OPK_OK)
        status = begin(planner, task->file->path, block, OPK_YAML_CARD_MAX, &edit);
    if (status == OPK_OK)
        status = set_fields(planner, task, edit, opk_yaml_edit_doc(edit)->root, "field ");
    if (status == OPK_OK)
        status = finish(planner, task->file, opk_str_skip(task->file->now, block.len), edit);
    opk_yaml_edit_free(edit);
    return status == OPK_OK ? OPK_OK : opk_planner_problem(planner);
}

/* A file that several cards share, open for one edit. */
struct shared {
    struct opk_file *file;
    struct opk_yaml_edit *edit;
    const struct opk_node *list;
};

static enum opk_status close_shared(struct opk_planner *planner, struct shared *shared)
{
    enum opk_status status = OPK_OK;

    if (shared->edit)
        status = finish(planner, shared->file, OPK_STR_EMPTY, shared->edit);
    opk_yaml_edit_free(shared->edit);
    *shared = (struct shared){0};
    return status == OPK_OK ? OPK_OK : opk_planner_problem(planner);
}

/* Open file and its list, unless it is open already. */
static enum opk_status open_shared(struct opk_planner *planner, struct opk_file *file,
                                   const char *list, struct shared *shared)
{
    enum opk_status status;

    if (shared->file == file)
        return OPK_OK;
    status = close_shared(planner, shared);
    if (status == OPK_OK)
        status = begin(planner, file->path, file->now, OPK_YAML_REGISTRY_MAX, &shared->edit);
    if (status != OPK_OK)
        return status;
    shared->list = opk_node_get(opk_yaml_edit_doc(shared->edit)->root, list);
    if (shared->list &&
        (shared->list->kind == OPK_NODE_SEQ || shared->list->kind == OPK_NODE_NULL)) {
        shared->file = file;
        return OPK_OK;
    }
    return opk_fail(planner->err, OPK_E_INVALID,
                    shared->list ? opk_node_place(shared->list, file->path)
                                 : OPK_AT_LINE(file->path, 1),
                    "this file needs a list '%s'", list);
}

/* The entry whose key has this value; more than one is an error that names both lines. */
static enum opk_status find_entry(struct opk_planner *planner, const struct shared *shared,
                                  struct opk_str key, struct opk_str value,
                                  const struct opk_node **out_entry)
{
    *out_entry = NULL;
    for (const struct opk_node *entry = shared->list->first; entry; entry = entry->next) {
        if (!opk_str_eq(opk_node_text(opk_node_get_str(entry, key)), value))
            continue;
        if (*out_entry)
            return opk_fail(planner->err, OPK_E_INVALID, opk_node_place(entry, shared->file->path),
                            "a second entry for %.*s; the first is at line %llu",
                            OPK_STR_FMT(value), (unsigned long long)(*out_entry)->line);
        *out_entry = entry;
    }
    return OPK_OK;
}

static enum opk_status add_entry(struct opk_planner *planner, const struct opk_task *task,
                                 const struct shared *shared, const char *prefix)
{
    struct opk_tval entry;
    struct opk_value written;
    enum opk_status status = OPK_OK;

    opk_tval_map_init(&entry, planner->arena, task->rule->field_count);
    for (size_t i = 0; i < task->rule->field_count && status == OPK_OK; i++) {
        struct opk_str place = opk_arena_printf(planner->arena, "%s%.*s", prefix,
                                                OPK_STR_FMT(task->rule->fields[i].key));
        struct opk_tval value;
        if (!claim_field(planner, task, &task->rule->fields[i], place, &status))
            continue;
        status = opk_planner_value(planner, task, task->rule->fields[i].value, &value);
        if (status == OPK_OK)
            opk_tval_map_add(&entry, task->rule->fields[i].key, value);
    }
    if (status == OPK_OK)
        status = value_of(planner, &entry, &written);
    if (status == OPK_OK)
        status = opk_yaml_edit_append(shared->edit, shared->list, &written, planner->err);
    if (status == OPK_OK)
        status = opk_planner_change(
            planner, task,
            opk_arena_printf(planner->arena, "new entry %.*s", OPK_STR_FMT(task->card->pattern_id)),
            NULL, NULL);
    return status;
}

static enum opk_status no_entry(struct opk_planner *planner, const struct opk_task *task)
{
    return opk_fail(planner->err, OPK_E_NOENT, OPK_AT_PATH(task->file->path),
                    "no PATTERN_INDEX entry found for %.*s in %s; run without --no-create",
                    OPK_STR_FMT(task->card->pattern_id), task->file->path);
}

/* The entry of one card in the index. */
static enum opk_status update_entry(struct opk_planner *planner, struct opk_task *task,
                                    struct shared *shared)
{
    const struct opk_rule *rule = task->rule;
    const struct opk_node *entry;
    struct opk_tval wanted = {.kind = OPK_TVAL_NONE, .text = OPK_STR_EMPTY};
    enum opk_status status = open_shared(planner, task->file, "patterns", shared);

    for (size_t i = 0; i < rule->field_count && status == OPK_OK; i++) {
        if (opk_str_eq(rule->fields[i].key, rule->match_key))
            status = opk_planner_value(planner, task, rule->fields[i].value, &wanted);
    }
    if (status == OPK_OK && wanted.kind != OPK_TVAL_STRING)
        status = opk_fail(planner->err, OPK_E_INVALID, rule->place,
                          "rule %s: update_fields has no text for its match_key '%.*s'", rule->name,
                          OPK_STR_FMT(rule->match_key));
    if (status == OPK_OK)
        status = find_entry(planner, shared, rule->match_key, wanted.text, &entry);
    if (status != OPK_OK)
        return status;
    struct opk_str prefix =
        opk_arena_printf(planner->arena, "entry %.*s field ", OPK_STR_FMT(wanted.text));
    if (!entry)
        return planner->options->no_create ? no_entry(planner, task)
                                           : add_entry(planner, task, shared, prefix.data);
    return set_fields(planner, task, shared->edit, entry, prefix.data);
}

enum opk_status opk_plan_index(struct opk_planner *planner, const struct opk_rule *rule)
{
    struct shared shared = {0};
    enum opk_status status = OPK_OK;
    bool ready;

    for (size_t i = 0; i < planner->options->card_count && status == OPK_OK; i++) {
        struct opk_task task = {.rule = rule, .card = planner->options->cards[i]};
        status = opk_planner_file(planner, rule, task.card, &task.file);
        if (status != OPK_OK || !task.file)
            continue;
        status = opk_planner_data(planner, &task, &ready);
        if (status == OPK_OK)
            status = update_entry(planner, &task, &shared);
        if (status != OPK_OK)
            status = opk_planner_problem(planner);
    }
    if (status == OPK_OK)
        return close_shared(planner, &shared);
    opk_yaml_edit_free(shared.edit);
    return status;
}

/* A kind and a card that uses it, for sorting. */
struct use {
    struct opk_str kind;
    const struct opk_card *card;
};

static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left;
    const struct use *b = right;
    int kinds = opk_str_cmp(a->kind, b->kind);

    return kinds != 0 ? kinds : opk_str_cmp(a->card->pattern_id, b->card->pattern_id);
}

/* Every use of a kind by the cards of the repository, by kind and then by pattern. */
static struct use *sorted_uses(struct opk_planner *planner, size_t *out_count)
{
    const struct opk_repo *repo = planner->repo;
    size_t count = 0;
    struct use *uses;

    for (size_t i = 0; i < repo->card_count; i++)
        count += repo->cards[i].operation_kinds->count;
    uses = opk_arena_array(planner->arena, count + 1, sizeof(*uses));
    *out_count = 0;
    for (size_t i = 0; uses && i < repo->card_count; i++) {
        const struct opk_node *kind = repo->cards[i].operation_kinds->first;
        for (; kind; kind = kind->next)
            uses[(*out_count)++] = (struct use){kind->text, &repo->cards[i]};
    }
    if (uses)
        qsort(uses, count, sizeof(*uses), compare_uses);
    return uses;
}

/* used_by as it should be: the patterns of one run of uses. */
static struct opk_tval users_of(struct opk_arena *arena, const struct use *uses, size_t count)
{
    struct opk_tval *items = opk_arena_array(arena, count + 1, sizeof(*items));
    struct opk_tval users = {.kind = OPK_TVAL_SEQ, .items = items};

    for (size_t i = 0; items && i < count; i++) {
        if (i == 0 || uses[i].card != uses[i - 1].card)
            items[users.count++] = opk_tval_string(uses[i].card->pattern_id);
    }
    return users;
}

static enum opk_status add_kind(struct opk_planner *planner, const struct opk_task *task,
                                const struct shared *shared, struct opk_str kind,
                                const struct opk_tval *users)
{
    struct opk_tval entry;
    struct opk_value written;
    enum opk_status status;

    opk_tval_map_init(&entry, planner->arena, 3);
    opk_tval_map_add(&entry, OPK_STR("id"), opk_tval_string(kind));
    opk_tval_map_add(&entry, OPK_STR("status"), opk_tval_string(OPK_STR("draft")));
    opk_tval_map_add(&entry, OPK_STR("used_by"), *users);
    status = value_of(planner, &entry, &written);
    if (status == OPK_OK)
        status = opk_yaml_edit_append(shared->edit, shared->list, &written, planner->err);
    if (status == OPK_OK)
        status = opk_planner_change(
            planner, task, opk_arena_printf(planner->arena, "new kind %.*s", OPK_STR_FMT(kind)),
            NULL, NULL);
    return status;
}

/* Give an entry its used_by; an entry that never had one and is not used is left alone. */
static enum opk_status set_users(struct opk_planner *planner, const struct opk_task *task,
                                 const struct shared *shared, const struct opk_node *entry,
                                 const struct opk_tval *users)
{
    const struct opk_node *node = opk_node_get(entry, "used_by");
    struct opk_tval old = opk_tval_of_node(planner->arena, node);
    struct opk_str id = opk_node_text(opk_node_get(entry, "id"));
    struct opk_value written;
    enum opk_status status;

    if (node ? same_value(planner->arena, node, users) : users->count == 0)
        return OPK_OK;
    status = value_of(planner, users, &written);
    if (status == OPK_OK)
        status = opk_yaml_edit_set(shared->edit, entry, OPK_STR("used_by"), &written, planner->err);
    if (status == OPK_OK)
        status = opk_planner_change(
            planner, task, opk_arena_printf(planner->arena, "kind %.*s used_by", OPK_STR_FMT(id)),
            node ? &old : NULL, users);
    return status;
}

/* Is this kind of an entry among the uses? Gives its run. */
static const struct use *run_of(const struct use *uses, size_t count, struct opk_str kind,
                                size_t *out_len)
{
    size_t at = 0;
    size_t end = count;

    while (at < end) { /* the first use that is not before kind */
        size_t middle = at + (end - at) / 2;
        if (opk_str_cmp(uses[middle].kind, kind) < 0)
            at = middle + 1;
        else
            end = middle;
    }
    for (end = at; end < count && opk_str_eq(uses[end].kind, kind); end++)
        continue;
    *out_len = end - at;
    return uses + at;
}

static enum opk_status union_kinds(struct opk_planner *planner, const struct opk_task *task,
                                   const struct shared *shared)
{
    size_t count;
    struct use *uses = sorted_uses(planner, &count);
    enum opk_status status = opk_arena_check(planner->arena, planner->err);
    struct opk_map *known = NULL;
    uint32_t index;
    bool is_new;

    if (status == OPK_OK)
        status = opk_map_new(&known, planner->err);
    for (const struct opk_node *entry = shared->list->first; entry && status == OPK_OK;
         entry = entry->next) {
        struct opk_str id = opk_node_text(opk_node_get(entry, "id"));
        size_t len;
        const struct use *run = run_of(uses, count, id, &len);
        struct opk_tval users = users_of(planner->arena, run, len);
        if (entry->kind != OPK_NODE_MAP)
            continue;
        status = opk_map_add(known, id, &index, &is_new, planner->err);
        if (status == OPK_OK)
            status = set_users(planner, task, shared, entry, &users);
    }
    for (size_t at = 0, len = 0; at < count && status == OPK_OK; at += len) {
        (void)run_of(uses, count, uses[at].kind, &len);
        struct opk_tval users = users_of(planner->arena, uses + at, len);
        if (!opk_map_find(known, uses[at].kind, NULL))
            status = add_kind(planner, task, shared, uses[at].kind, &users);
    }
    opk_map_free(known);
    return status;
}

/* There is one registry of kinds: a card may say its path, but no other. */
static enum opk_status check_one_registry(struct opk_planner *planner)
{
    struct opk_str own = planner->repo->paths.kind_registry;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < planner->options->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = planner->options->cards[i];
        const struct opk_node *node =
            opk_card_find(card, OPK_STR("registry.operation_kind_registry"));
        if (!node || opk_str_eq(node->text, own))
            continue;
        (void)opk_fail(planner->err, OPK_E_INVALID, opk_node_place(node, card->path),
                       "operation_kind_registry must be %.*s, the one of this repository",
                       OPK_STR_FMT(own));
        status = opk_planner_problem(planner);
    }
    return status;
}

enum opk_status opk_plan_kinds(struct opk_planner *planner, const struct opk_rule *rule)
{
    struct shared shared = {0};
    struct opk_task task = {.rule = rule};
    enum opk_status status;

    if (planner->options->card_count == 0)
        return OPK_OK;
    status = check_one_registry(planner);
    if (status == OPK_OK)
        status = opk_planner_file(planner, rule, planner->options->cards[0], &task.file);
    if (status != OPK_OK || !task.file)
        return status;
    task.card = planner->options->cards[0];
    if (!opk_planner_claim(planner, &task, OPK_STR("operation_kinds"), &status))
        return status;
    task.card = NULL; /* what follows belongs to all cards */
    status = open_shared(planner, task.file, "operation_kinds", &shared);
    if (status == OPK_OK)
        status = union_kinds(planner, &task, &shared);
    if (status == OPK_OK)
        return close_shared(planner, &shared);
    opk_yaml_edit_free(shared.edit);
    return opk_planner_problem(planner);
}
