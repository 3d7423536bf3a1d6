#include "promote/registry.h"

#include "base/yaml.h"
#include "promote/fields.h"

#include <string.h>

static const char *const STATUS_NAMES[] = {
    [OPK_KIND_DRAFT] = "draft",
    [OPK_KIND_ACTIVE] = "active",
    [OPK_KIND_DEPRECATED] = "deprecated",
    [OPK_KIND_SUPERSEDED] = "superseded",
};

#define STATUS_COUNT (sizeof(STATUS_NAMES) / sizeof(STATUS_NAMES[0]))

const char *opk_kind_status_name(enum opk_kind_status status)
{
    return STATUS_NAMES[status];
}

bool opk_kind_id_is_valid(struct opk_str id)
{
    struct opk_split split = OPK_SPLIT(id, '-');
    struct opk_str part;
    size_t parts = 0;

    while (opk_split_next(&split, &part)) {
        if (parts++ == 0 && !opk_str_eq(part, OPK_STR("OPK")))
            return false;
        if (part.len == 0)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            if (!opk_is_upper(part.data[i]) && !opk_is_digit(part.data[i]))
                return false;
        }
    }
    return parts > 1;
}

static enum opk_status read_status(const struct opk_fields *fields, enum opk_kind_status *out)
{
    struct opk_str text;
    enum opk_status status = opk_fields_need(fields, "status", &text);

    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (opk_str_eq(text, opk_str_of(STATUS_NAMES[i]))) {
            *out = (enum opk_kind_status)i;
            return OPK_OK;
        }
    }
    return opk_fail(fields->err, OPK_E_INVALID,
                    opk_node_place(opk_node_get(fields->map, "status"), fields->path),
                    "status is draft, active, deprecated or superseded, not '%.*s'",
                    OPK_STR_FMT(text));
}

static enum opk_status read_id(const struct opk_fields *fields, struct opk_str *out)
{
    enum opk_status status = opk_fields_need(fields, "id", out);

    if (status == OPK_OK && !opk_kind_id_is_valid(*out))
        status = opk_fail(fields->err, OPK_E_INVALID,
                          opk_node_place(opk_node_get(fields->map, "id"), fields->path),
                          "'%.*s' is no operation kind; write OPK-WORD-WORD in capitals",
                          OPK_STR_FMT(*out));
    return status;
}

static enum opk_status read_kind(const struct opk_fields *fields, struct opk_registered *out)
{
    const struct {
        const char *key;
        struct opk_str *text;
    } TEXTS[] = {
        {"ulid", &out->ulid},
        {"name", &out->name},
        {"summary", &out->summary},
        {"type", &out->type},
        {"promoted_from", &out->promoted_from},
        {"superseded_by", &out->superseded_by},
    };
    enum opk_status status = read_id(fields, &out->id);

    if (status == OPK_OK)
        status = read_status(fields, &out->status);
    for (size_t i = 0; status == OPK_OK && i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
        status = opk_fields_text(fields, TEXTS[i].key, TEXTS[i].text);
    if (status == OPK_OK)
        status = opk_fields_list(fields, "matches", &out->matches, &out->match_count);
    if (status == OPK_OK)
        status = opk_fields_list(fields, "used_by", &out->used_by, &out->used_by_count);
    out->node = fields->map;
    return status;
}

/* Kinds get the indexes of the map in the order of the file. */
static enum opk_status add_kind(struct opk_registry *registry, const struct opk_fields *fields)
{
    struct opk_registered *kind = &registry->kinds[registry->count];
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (fields->map->kind != OPK_NODE_MAP)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "an operation kind is a mapping with id, name and status");
    status = read_kind(fields, kind);
    if (status == OPK_OK)
        status = opk_map_add(registry->by_id, kind->id, &index, &is_new, fields->err);
    if (status != OPK_OK)
        return status;
    if (!is_new)
        return opk_fail(fields->err, OPK_E_INVALID, opk_node_place(fields->map, fields->path),
                        "%.*s stands twice; first in line %llu", OPK_STR_FMT(kind->id),
                        (unsigned long long)registry->kinds[index].node->line);
    registry->count++;
    return OPK_OK;
}

static enum opk_status read_kinds(struct opk_registry *registry, const char *path,
                                  struct opk_err *err)
{
    const struct opk_fields root = {registry->doc.root, path, &registry->arena, err};
    const struct opk_node *seq = NULL;
    enum opk_status status = opk_fields_items(&root, "operation_kinds", &seq);

    if (status == OPK_OK)
        status = opk_map_new(&registry->by_id, err);
    if (status != OPK_OK)
        return status;
    registry->kinds = opk_arena_array(&registry->arena, seq->count + 1, sizeof(*registry->kinds));
    if (!registry->kinds)
        return opk_arena_check(&registry->arena, err);
    for (const struct opk_node *item = seq->first; status == OPK_OK && item; item = item->next) {
        struct opk_fields fields = {item, path, &registry->arena, err};
        status = add_kind(registry, &fields);
    }
    return status;
}

enum opk_status opk_registry_parse(struct opk_str text, const char *path,
                                   struct opk_registry *out_registry, struct opk_err *err)
{
    struct opk_registry registry = {0};
    enum opk_status status = opk_yaml_parse(
        text, path, (struct opk_yaml_limits){.bytes = OPK_YAML_REGISTRY_MAX}, &registry.doc, err);

    if (status == OPK_OK)
        status = read_kinds(&registry, path, err);
    if (status == OPK_OK)
        *out_registry = registry;
    else
        opk_registry_done(&registry);
    return status;
}

void opk_registry_done(struct opk_registry *registry)
{
    opk_map_free(registry->by_id);
    opk_arena_done(&registry->arena);
    opk_doc_done(&registry->doc);
    *registry = (struct opk_registry){0};
}

const struct opk_registered *opk_registry_find(const struct opk_registry *registry,
                                               struct opk_str id)
{
    uint32_t index;

    if (!registry->by_id || !opk_map_find(registry->by_id, id, &index))
        return NULL;
    return &registry->kinds[index];
}

const struct opk_registered *opk_registry_find_promoted(const struct opk_registry *registry,
                                                        struct opk_str draft_id)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (opk_str_eq(registry->kinds[i].promoted_from, draft_id))
            return &registry->kinds[i];
    }
    return NULL;
}
