#include "promote/drafts.h"

#include "base/yaml.h"
#include "promote/fields.h"

#include <string.h>

#define ID_DIGITS 10

bool opk_draft_id_is_valid(struct opk_str id)
{
    struct opk_str prefix = OPK_STR("DRF-");

    if (id.len != prefix.len + ID_DIGITS || !opk_str_starts(id, prefix))
        return false;
    for (size_t i = prefix.len; i < id.len; i++) {
        char c = id.data[i];
        if (!opk_is_digit(c) && (!opk_is_upper(c) || strchr("ILOU", c)))
            return false;
    }
    return true;
}

static enum opk_status read_id(const struct opk_fields *fields, struct opk_str *out)
{
    enum opk_status status;

    if (fields->map->kind != OPK_NODE_MAP)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "a draft is a mapping with a draft_id");
    status = opk_fields_need(fields, "draft_id", out);
    if (status == OPK_OK && !opk_draft_id_is_valid(*out))
        status =
            opk_fail(fields->err, OPK_E_INVALID,
                     opk_node_place(opk_node_get(fields->map, "draft_id"), fields->path),
                     "'%.*s' is no draft id; they look like DRF-7K3M9QX2T4", OPK_STR_FMT(*out));
    return status;
}

static enum opk_status read_texts(const struct opk_fields *fields, struct opk_draft *out)
{
    const struct {
        const char *key;
        struct opk_str *text;
    } TEXTS[] = {
        {"proposed_id", &out->proposed_id},
        {"type", &out->type},
        {"summary", &out->summary},
        {"signature", &out->signature},
        {"first_seen", &out->first_seen},
        {"last_seen", &out->last_seen},
        {"score", &out->score},
    };
    enum opk_status status = OPK_OK;

    for (size_t i = 0; status == OPK_OK && i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
        status = opk_fields_text(fields, TEXTS[i].key, TEXTS[i].text);
    return status;
}

static enum opk_status read_support(const struct opk_fields *fields, struct opk_draft *out)
{
    struct opk_fields inner = *fields;
    enum opk_status status;

    out->failed = OPK_STR_EMPTY;
    inner.map = opk_node_get(fields->map, "support");
    status = opk_fields_count(&inner, "commands", &out->support.commands);
    if (status == OPK_OK)
        status = opk_fields_count(&inner, "sessions", &out->support.sessions);
    if (status == OPK_OK)
        status = opk_fields_count(&inner, "sources", &out->sources);
    if (status == OPK_OK)
        status = opk_fields_count(&inner, "users", &out->users);
    if (status == OPK_OK)
        status = opk_fields_count(&inner, "projects", &out->projects);
    if (status == OPK_OK)
        status = opk_fields_text(&inner, "failed", &out->failed);
    return status;
}

static enum opk_status read_shapes(const struct opk_fields *fields, struct opk_draft *out)
{
    const struct opk_node *seq = NULL;
    struct opk_draft_shape *shapes;
    enum opk_status status = opk_fields_items(fields, "shapes", &seq);

    if (status != OPK_OK)
        return status;
    shapes = opk_arena_array(fields->arena, seq->count + 1, sizeof(*shapes));
    if (!shapes)
        return opk_arena_check(fields->arena, fields->err);
    out->shapes = shapes;
    for (const struct opk_node *item = seq->first; status == OPK_OK && item; item = item->next) {
        struct opk_fields inner = {item, fields->path, fields->arena, fields->err};
        struct opk_draft_shape *shape = &shapes[out->shape_count++];
        status = opk_fields_need(&inner, "shape", &shape->text);
        if (status == OPK_OK)
            status = opk_fields_count(&inner, "count", &shape->count);
    }
    return status;
}

static enum opk_status read_examples(const struct opk_fields *fields, struct opk_draft *out)
{
    const struct opk_node *seq = NULL;
    struct opk_draft_example *examples;
    enum opk_status status = opk_fields_items(fields, "examples", &seq);

    if (status != OPK_OK)
        return status;
    examples = opk_arena_array(fields->arena, seq->count + 1, sizeof(*examples));
    if (!examples)
        return opk_arena_check(fields->arena, fields->err);
    out->examples = examples;
    for (const struct opk_node *item = seq->first; status == OPK_OK && item; item = item->next) {
        struct opk_fields inner = {item, fields->path, fields->arena, fields->err};
        struct opk_draft_example *example = &examples[out->example_count++];
        status = opk_fields_need(&inner, "command", &example->command);
        if (status == OPK_OK)
            status = opk_fields_text(&inner, "source", &example->source);
        if (status == OPK_OK)
            status = opk_fields_count(&inner, "at", &example->at);
    }
    return status;
}

static enum opk_status add_draft(struct opk_drafts *drafts, const struct opk_fields *fields)
{
    struct opk_draft *draft = &drafts->items[drafts->count];
    uint32_t index;
    bool is_new;
    enum opk_status status = read_id(fields, &draft->id);

    if (status == OPK_OK)
        status = read_texts(fields, draft);
    if (status == OPK_OK)
        status = read_support(fields, draft);
    if (status == OPK_OK)
        status = read_shapes(fields, draft);
    if (status == OPK_OK)
        status = opk_fields_list(fields, "steps", &draft->steps, &draft->step_count);
    if (status == OPK_OK)
        status = read_examples(fields, draft);
    if (status == OPK_OK)
        status = opk_map_add(drafts->by_id, draft->id, &index, &is_new, fields->err);
    if (status != OPK_OK)
        return status;
    if (!is_new)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "%.*s stands twice; first in line %llu", OPK_STR_FMT(draft->id),
                        (unsigned long long)drafts->items[index].node->line);
    draft->node = fields->map;
    draft->digest = opk_hash128(
        opk_str_slice(drafts->doc.source, draft->node->span.begin, draft->node->span.end));
    drafts->count++;
    return OPK_OK;
}

static enum opk_status read_drafts(struct opk_drafts *drafts, const char *path, struct opk_err *err)
{
    const struct opk_fields root = {drafts->doc.root, path, &drafts->arena, err};
    const struct opk_node *seq = NULL;
    enum opk_status status = opk_fields_items(&root, "drafts", &seq);

    if (status == OPK_OK)
        status = opk_map_new(&drafts->by_id, err);
    if (status != OPK_OK)
        return status;
    drafts->items = opk_arena_array(&drafts->arena, seq->count + 1, sizeof(*drafts->items));
    if (!drafts->items)
        return opk_arena_check(&drafts->arena, err);
    for (const struct opk_node *item = seq->first; status == OPK_OK && item; item = item->next) {
        struct opk_fields fields = {item, path, &drafts->arena, err};
        status = add_draft(drafts, &fields);
    }
    return status;
}

enum opk_status opk_drafts_parse(struct opk_str text, const char *path,
                                 struct opk_drafts *out_drafts, struct opk_err *err)
{
    struct opk_drafts drafts = {0};
    enum opk_status status = opk_yaml_parse(
        text, path, (struct opk_yaml_limits){.bytes = OPK_YAML_REGISTRY_MAX}, &drafts.doc, err);

    if (status == OPK_OK)
        status = read_drafts(&drafts, path, err);
    if (status == OPK_OK)
        *out_drafts = drafts;
    else
        opk_drafts_done(&drafts);
    return status;
}

void opk_drafts_done(struct opk_drafts *drafts)
{
    opk_map_free(drafts->by_id);
    opk_arena_done(&drafts->arena);
    opk_doc_done(&drafts->doc);
    *drafts = (struct opk_drafts){0};
}

const struct opk_draft *opk_drafts_find(const struct opk_drafts *drafts, struct opk_str id)
{
    uint32_t index;

    if (!drafts->by_id || !opk_map_find(drafts->by_id, id, &index))
        return NULL;
    return &drafts->items[index];
}
