/* The older dialect of the map: patterns, each with match and propagate_to. */
#include "sync/rules_impl.h"

#include "base/opt.h"

#include <string.h>

static const struct opk_shape TEXT = {.what = "a text"};
static const struct opk_shape NUMBER = {.what = "a number", .takes_number = true};
static const struct opk_shape ANY = {.what = "anything", .is_any = true};

static const struct opk_field MATCH_FIELDS[] = {{"doc_type", &TEXT, true}, {NULL, NULL, false}};
static const struct opk_shape MATCH = {.what = "a mapping", .fields = MATCH_FIELDS};
static const struct opk_field MAP_FIELDS[] = {
    {"patterns", &ANY, true}, {"version", &NUMBER, false}, {NULL, NULL, false}};
static const struct opk_field PATTERN_FIELDS[] = {
    {"match", &MATCH, true},
    {"name", &TEXT, false},
    {"propagate_to", &ANY, true},
    {NULL, NULL, false},
};
static const struct opk_field TARGET_FIELDS[] = {
    {"handler", &ANY, false},     {"overwrite_sections", &ANY, false},
    {"target_type", &TEXT, true}, {"template", &ANY, false},
    {NULL, NULL, false},
};
static const struct opk_field SECTION_FIELDS[] = {{"id", &TEXT, true}, {NULL, NULL, false}};

/* What a handler was called, after either spelling of its module, and the mode that does it. */
static const char *const MODULES[] = {"patterns.propagate.", "patterns_propagate."};
static const struct {
    const char *name;
    enum opk_rule_mode mode;
} HANDLERS[] = {
    {"sync_operation_kinds", OPK_MODE_SYNC_OPERATION_KINDS},
    {"update_global_index", OPK_MODE_UPDATE_INDEX_ENTRY},
};
#define HANDLER_COUNT (sizeof(HANDLERS) / sizeof(HANDLERS[0]))

/* What the targets of one entry of patterns have in common. */
struct older {
    struct opk_rules_loader *loader;
    const struct opk_node *name; /* or NULL */
    const struct opk_node *doc_type;
    enum opk_rule_source source;
};

static enum opk_status must_be(const struct opk_rules_loader *loader, const struct opk_node *node,
                               enum opk_node_kind kind, const char *what)
{
    return node->kind == kind && (kind != OPK_NODE_SEQ || node->count > 0)
               ? OPK_OK
               : opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path), "%s",
                          what);
}

/* A rule of the list; one that has no name is called by what it does: pattern_card_to_readme. */
static enum opk_status add_rule(const struct older *older, const struct opk_node *place,
                                const struct opk_node *type, struct opk_rule **out_rule)
{
    struct opk_arena *arena = &older->loader->rules->arena;
    struct opk_rule *rule;
    enum opk_status status = opk_rules_add(older->loader, place, &rule);

    if (status != OPK_OK)
        return status;
    rule->name = older->name
                     ? opk_arena_copy(arena, older->name->text).data
                     : opk_arena_printf(arena, "%.*s_to_%.*s", OPK_STR_FMT(older->doc_type->text),
                                        OPK_STR_FMT(type->text))
                           .data;
    rule->source = older->source;
    *out_rule = rule;
    return opk_rules_target(older->loader, type, rule);
}

static enum opk_status find_handler(const struct older *older, const struct opk_node *node,
                                    struct opk_rule *rule)
{
    const char *names[HANDLER_COUNT];
    struct opk_str word = node->text;

    for (size_t i = 0; i < sizeof(MODULES) / sizeof(MODULES[0]); i++) {
        if (opk_str_starts(node->text, opk_str_of(MODULES[i])))
            word = opk_str_skip(node->text, strlen(MODULES[i]));
    }
    for (size_t i = 0; i < HANDLER_COUNT; i++) {
        names[i] = HANDLERS[i].name;
        if (word.len < node->text.len && opk_str_eq(word, opk_str_of(names[i])))
            return opk_rules_mode(older->loader, node, HANDLERS[i].mode, rule);
    }
    const char *near = opk_opt_nearest(word.data, names, HANDLER_COUNT);
    return opk_fail(older->loader->err, OPK_E_INVALID, opk_node_place(node, older->loader->path),
                    "unknown handler '%.*s'%s%s%s", OPK_STR_FMT(node->text),
                    near ? "; did you mean 'patterns_propagate." : "", near ? near : "",
                    near ? "'?" : "");
}

static enum opk_status load_handler(const struct older *older, const struct opk_node *target,
                                    const struct opk_node *handler)
{
    struct opk_rule *rule;
    enum opk_status status = add_rule(older, target, opk_node_get(target, "target_type"), &rule);

    if (status == OPK_OK)
        status = find_handler(older, handler, rule);
    if (status == OPK_OK && rule->mode == OPK_MODE_UPDATE_INDEX_ENTRY)
        status = opk_rules_index_fields(older->loader, rule);
    return status;
}

/* Each section that the template brings is a rule of its own. */
static enum opk_status load_section(const struct older *older, const struct opk_node *target,
                                    const struct opk_node *section)
{
    struct opk_rules_loader *loader = older->loader;
    struct opk_rule *rule;
    enum opk_status status =
        must_be(loader, section, OPK_NODE_MAP, "a section is a mapping with its id");

    if (status == OPK_OK)
        status = opk_fields_check(section, loader->path, SECTION_FIELDS, loader->err);
    if (status == OPK_OK)
        status = add_rule(older, section, opk_node_get(target, "target_type"), &rule);
    if (status == OPK_OK)
        status = opk_rules_mode(loader, section, OPK_MODE_PATCH_MARKED_SECTION, rule);
    if (status == OPK_OK)
        status = opk_rules_section(loader, opk_node_get(section, "id"), rule);
    return status == OPK_OK ? opk_rules_body(loader, opk_node_get(target, "template"), rule)
                            : status;
}

/* A key's value; what is empty is not given. */
static const struct opk_node *given(const struct opk_node *target, const char *key)
{
    const struct opk_node *node = opk_node_get(target, key);

    return node && (node->kind == OPK_NODE_NULL || (node->kind == OPK_NODE_SEQ && !node->count))
               ? NULL
               : node;
}

static enum opk_status load_target(const struct older *older, const struct opk_node *target)
{
    struct opk_rules_loader *loader = older->loader;
    const struct opk_node *handler = given(target, "handler");
    const struct opk_node *sections = given(target, "overwrite_sections");
    const struct opk_node *tmpl = given(target, "template");
    enum opk_status status = must_be(loader, target, OPK_NODE_MAP, "a target is a mapping");

    if (status == OPK_OK)
        status = opk_fields_check(target, loader->path, TARGET_FIELDS, loader->err);
    if (status != OPK_OK)
        return status;
    if (handler ? sections || tmpl : !sections || !tmpl)
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(target, loader->path),
                        "a target has a handler, or a template and its overwrite_sections");
    status = must_be(loader, handler ? handler : tmpl, OPK_NODE_STRING,
                     handler ? "handler must be a text" : "template must be a text");
    if (handler)
        return status == OPK_OK ? load_handler(older, target, handler) : status;
    if (status == OPK_OK)
        status = must_be(loader, sections, OPK_NODE_SEQ,
                         "overwrite_sections must be a list of at least one");
    for (const struct opk_node *section = sections->first; section && status == OPK_OK;
         section = section->next)
        status = load_section(older, target, section);
    return status;
}

static enum opk_status load_pattern(struct opk_rules_loader *loader, const struct opk_node *node)
{
    struct older older = {.loader = loader};
    enum opk_status status = must_be(loader, node, OPK_NODE_MAP, "a pattern is a mapping");

    if (status == OPK_OK)
        status = opk_fields_check(node, loader->path, PATTERN_FIELDS, loader->err);
    if (status != OPK_OK)
        return status;
    const struct opk_node *targets = opk_node_get(node, "propagate_to");
    older.name = opk_node_get(node, "name");
    older.doc_type = opk_node_pointer(node, OPK_STR("/match/doc_type"));
    status = opk_rules_source(loader, older.doc_type, &older.source);
    if (status == OPK_OK)
        status =
            must_be(loader, targets, OPK_NODE_SEQ, "propagate_to must be a list of at least one");
    for (const struct opk_node *target = targets->first; target && status == OPK_OK;
         target = target->next)
        status = load_target(&older, target);
    return status;
}

enum opk_status opk_rules_load_older(struct opk_rules_loader *loader, const struct opk_node *root)
{
    const struct opk_node *list = opk_node_get(root, "patterns");
    enum opk_status status = opk_fields_check(root, loader->path, MAP_FIELDS, loader->err);

    if (status == OPK_OK && list->kind != OPK_NODE_SEQ)
        status = opk_fail(loader->err, OPK_E_INVALID, opk_node_place(list, loader->path),
                          "patterns must be a list");
    for (const struct opk_node *node = list->first; node && status == OPK_OK; node = node->next)
        status = load_pattern(loader, node);
    return status;
}
