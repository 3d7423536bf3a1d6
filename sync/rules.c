#include "sync/rules.h"

#include "base/opt.h"
#include "base/yaml.h"
#include "sync/shape.h"

#include <stdlib.h>
#include <string.h>

struct loader {
    struct opk_files *files;
    struct opk_rules *rules;
    const char *path; /* of the map */
    struct opk_err *err;
};

/* Target types, sorted by name. Specs come first, since documents show what specs say; documents
 * come last. */
static const struct opk_target TARGETS[] = {
    {"examples_doc", NULL, "suite.docs.examples_doc", "examples doc", 2},
    {"executor_doc", NULL, "suite.docs.executor_doc", "executor doc", 2},
    {"operation_kind_registry", NULL, "registry.operation_kind_registry", "OPERATION_KIND_REGISTRY",
     1},
    {"pattern_card", NULL, "", "card", 0},
    {"pattern_index", "global_pattern_index", "registry.pattern_index", "PATTERN_INDEX", 1},
    {"pattern_spec", NULL, "suite.spec", "spec", 0},
    {"readme", NULL, "suite.docs.readme", "readme", 2},
    {"tests_doc", NULL, "suite.docs.tests_doc", "tests doc", 2},
};
#define TARGET_COUNT (sizeof(TARGETS) / sizeof(TARGETS[0]))

/* Fields that are not simply mirrored: who a document is may not change under it. */
static const struct {
    const char *target;
    const char *key;
    enum opk_field_policy policy;
} POLICIES[] = {
    {"pattern_index", "name", OPK_FIELD_FILL},
    {"pattern_spec", "doc_id", OPK_FIELD_IDENTITY},
    {"pattern_spec", "name", OPK_FIELD_FILL},
    {"pattern_spec", "pattern_id", OPK_FIELD_IDENTITY},
};

static const struct {
    const char *name;
    enum opk_rule_source source;
} SOURCES[] = {
    {"doc_card", OPK_SOURCE_DOC_CARD},
    {"pattern_card", OPK_SOURCE_PATTERN_CARD},
    {"pattern_spec", OPK_SOURCE_PATTERN_SPEC},
};
#define SOURCE_COUNT (sizeof(SOURCES) / sizeof(SOURCES[0]))

/* Modes, and the keys that each needs. */
static const struct {
    const char *name;
    enum opk_rule_mode mode;
    const char *needs[2];
} MODES[] = {
    {"patch_marked_section", OPK_MODE_PATCH_MARKED_SECTION, {"section_id", "template"}},
    {"patch_yaml_block", OPK_MODE_PATCH_YAML_BLOCK, {"yaml_block", NULL}},
    {"patch_yaml_fields", OPK_MODE_PATCH_YAML_FIELDS, {"match_field", "fields_from_spec"}},
    {"sync_operation_kinds", OPK_MODE_SYNC_OPERATION_KINDS, {NULL, NULL}},
    {"update_pattern_index_entry", OPK_MODE_UPDATE_INDEX_ENTRY, {"match_key", "update_fields"}},
};
#define MODE_COUNT (sizeof(MODES) / sizeof(MODES[0]))

static const struct opk_shape TEXT = {.what = "a text"};
static const struct opk_shape BOOL = {.what = "true or false", .takes_bool = true};
static const struct opk_shape NUMBER = {.what = "a number", .takes_number = true};
static const struct opk_shape ANY = {.what = "anything", .is_any = true};
static const struct opk_shape TEXT_MAP = {.what = "a text", .is_map = true};

static const struct opk_field WHEN_FIELDS[] = {{"source_type", &TEXT, true}, {NULL, NULL, false}};
static const struct opk_shape WHEN = {.what = "a mapping", .fields = WHEN_FIELDS};
static const struct opk_field MAP_FIELDS[] = {
    {"rules", &ANY, true}, {"version", &NUMBER, true}, {NULL, NULL, false}};
static const struct opk_field RULE_FIELDS[] = {
    {"name", &TEXT, true}, {"targets", &ANY, true}, {"when", &WHEN, true}, {NULL, NULL, false}};
static const struct opk_field TARGET_FIELDS[] = {
    {"fields_from_spec", &TEXT_MAP, false},
    {"match_field", &TEXT, false},
    {"match_key", &TEXT, false},
    {"mode", &TEXT, true},
    {"required", &BOOL, false},
    {"section_id", &TEXT, false},
    {"target_path_from", &TEXT, false},
    {"target_type", &TEXT, true},
    {"template", &TEXT, false},
    {"update_fields", &TEXT_MAP, false},
    {"yaml_block", &TEXT_MAP, false},
    {NULL, NULL, false},
};

static enum opk_status unknown(const struct loader *loader, const struct opk_node *node,
                               const char *what, const char *const *names, size_t count)
{
    const char *near = opk_opt_nearest(node->text.data, names, count);

    return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                    "unknown %s '%.*s'%s%s%s", what, OPK_STR_FMT(node->text),
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum opk_status find_target(const struct loader *loader, const struct opk_node *node,
                                   struct opk_rule *rule)
{
    const char *names[TARGET_COUNT];

    for (size_t i = 0; i < TARGET_COUNT; i++) {
        names[i] = TARGETS[i].name;
        if (opk_str_eq(node->text, opk_str_of(names[i])) ||
            (TARGETS[i].alias && opk_str_eq(node->text, opk_str_of(TARGETS[i].alias)))) {
            rule->target = &TARGETS[i];
            return OPK_OK;
        }
    }
    return unknown(loader, node, "target type", names, TARGET_COUNT);
}

static enum opk_status find_source(const struct loader *loader, const struct opk_node *node,
                                   enum opk_rule_source *out)
{
    const char *names[SOURCE_COUNT];

    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        names[i] = SOURCES[i].name;
        if (opk_str_eq(node->text, opk_str_of(names[i]))) {
            *out = SOURCES[i].source;
            return OPK_OK;
        }
    }
    return unknown(loader, node, "source type", names, SOURCE_COUNT);
}

static enum opk_status find_mode(const struct loader *loader, const struct opk_node *target,
                                 struct opk_rule *rule)
{
    const struct opk_node *node = opk_node_get(target, "mode");
    const char *names[MODE_COUNT];

    for (size_t i = 0; i < MODE_COUNT; i++) {
        names[i] = MODES[i].name;
        if (!opk_str_eq(node->text, opk_str_of(names[i])))
            continue;
        for (size_t need = 0; need < 2 && MODES[i].needs[need]; need++) {
            if (!opk_node_get(target, MODES[i].needs[need]))
                return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                                "mode %s needs the key '%s'", names[i], MODES[i].needs[need]);
        }
        rule->mode = MODES[i].mode;
        return OPK_OK;
    }
    return unknown(loader, node, "mode", names, MODE_COUNT);
}

static enum opk_field_policy policy_of(const struct opk_target *target, struct opk_str key)
{
    for (size_t i = 0; i < sizeof(POLICIES) / sizeof(POLICIES[0]); i++) {
        if (strcmp(POLICIES[i].target, target->name) == 0 &&
            opk_str_eq(opk_str_of(POLICIES[i].key), key))
            return POLICIES[i].policy;
    }
    return OPK_FIELD_MIRROR;
}

static enum opk_status load_fields(struct loader *loader, const struct opk_node *map,
                                   struct opk_rule *rule)
{
    struct opk_arena *arena = &loader->rules->arena;
    struct opk_rule_field *fields;
    enum opk_status status = OPK_OK;

    if (map->count > OPK_RULE_FIELDS_MAX)
        return opk_fail(loader->err, OPK_E_LIMIT, opk_node_place(map, loader->path),
                        "a rule sets at most %d fields", OPK_RULE_FIELDS_MAX);
    fields = opk_arena_array(arena, map->count + 1, sizeof(*fields));
    if (!fields)
        return opk_arena_check(arena, loader->err);
    for (const struct opk_node *node = map->first; node && status == OPK_OK; node = node->next) {
        struct opk_rule_field *field = &fields[rule->field_count++];
        field->key = opk_arena_copy(arena, node->key->text);
        field->policy = policy_of(rule->target, field->key);
        status = opk_template_parse(arena, node->text, opk_node_place(node, loader->path),
                                    &field->value, loader->err);
    }
    rule->fields = fields;
    return status;
}

/* A template is a file when it is one word that ends in .j2, else it is the text itself. */
static enum opk_status load_body(struct loader *loader, const struct opk_node *node,
                                 struct opk_rule *rule)
{
    struct opk_arena *arena = &loader->rules->arena;
    struct opk_place place = opk_node_place(node, loader->path);
    struct opk_str text = node->text;
    struct opk_file *file;

    if (opk_str_ends(text, OPK_STR(".j2")) && opk_str_find_byte(text, '\n', 0) == OPK_NPOS) {
        enum opk_status status = opk_files_open(loader->files, text, &file, loader->err);
        if (status != OPK_OK)
            return status;
        if (!file->exists)
            return opk_fail(loader->err, OPK_E_NOENT, place, "no template %.*s", OPK_STR_FMT(text));
        text = file->now;
        place = OPK_AT_LINE(file->path, 1);
    } else if (node->style == OPK_STYLE_LITERAL || node->style == OPK_STYLE_FOLDED) {
        place.line++;
    }
    return opk_template_parse(arena, text, place, &rule->body, loader->err);
}

static enum opk_status load_target(struct loader *loader, const struct opk_node *node,
                                   struct opk_rule *rule)
{
    struct opk_arena *arena = &loader->rules->arena;
    const struct opk_node *path_from = opk_node_get(node, "target_path_from");
    const struct opk_node *fields = opk_node_get(node, "yaml_block");
    const struct opk_node *required = opk_node_get(node, "required");
    enum opk_status status = opk_fields_check(node, loader->path, TARGET_FIELDS, loader->err);

    if (status == OPK_OK)
        status = find_target(loader, opk_node_get(node, "target_type"), rule);
    if (status == OPK_OK)
        status = find_mode(loader, node, rule);
    if (status != OPK_OK)
        return status;
    rule->place = opk_node_place(node, loader->path);
    rule->path_from =
        path_from ? opk_arena_copy(arena, path_from->text) : opk_str_of(rule->target->path);
    rule->match_key = opk_arena_copy(arena, opk_node_text(opk_node_get(node, "match_key")));
    rule->section_id = opk_arena_copy(arena, opk_node_text(opk_node_get(node, "section_id")));
    rule->required = required && required->truth;
    if (rule->mode == OPK_MODE_UPDATE_INDEX_ENTRY)
        fields = opk_node_get(node, "update_fields");
    if (rule->mode == OPK_MODE_PATCH_MARKED_SECTION)
        return load_body(loader, opk_node_get(node, "template"), rule);
    return fields ? load_fields(loader, fields, rule) : OPK_OK;
}

static enum opk_status load_rule(struct loader *loader, const struct opk_node *node)
{
    struct opk_rules *rules = loader->rules;
    const struct opk_node *targets = opk_node_get(node, "targets");
    enum opk_rule_source source = OPK_SOURCE_PATTERN_CARD;
    enum opk_status status;

    if (node->kind != OPK_NODE_MAP)
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                        "a rule is a mapping");
    status = opk_fields_check(node, loader->path, RULE_FIELDS, loader->err);
    if (status == OPK_OK)
        status = find_source(loader, opk_node_pointer(node, OPK_STR("/when/source_type")), &source);
    if (status == OPK_OK && targets->kind != OPK_NODE_SEQ)
        status = opk_fail(loader->err, OPK_E_INVALID, opk_node_place(targets, loader->path),
                          "targets must be a list");
    if (status != OPK_OK)
        return status;
    const char *name =
        opk_arena_copy(&rules->arena, opk_node_text(opk_node_get(node, "name"))).data;
    for (const struct opk_node *target = targets->first; target && status == OPK_OK;
         target = target->next) {
        if (rules->count == OPK_RULES_MAX)
            return opk_fail(loader->err, OPK_E_LIMIT, opk_node_place(target, loader->path),
                            "a map has at most %d targets", OPK_RULES_MAX);
        if (target->kind != OPK_NODE_MAP)
            return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(target, loader->path),
                            "a target is a mapping");
        struct opk_rule *rule = &rules->items[rules->count++];
        rule->name = name;
        rule->source = source;
        status = load_target(loader, target, rule);
    }
    return status;
}

static int compare_rules(const void *left, const void *right)
{
    const struct opk_rule *a = left;
    const struct opk_rule *b = right;
    int names = strcmp(a->name, b->name);

    if (a->target->phase != b->target->phase)
        return a->target->phase < b->target->phase ? -1 : 1;
    if (names != 0)
        return names;
    /* One rule's targets, as they stand in the map. */
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    return a->place.column < b->place.column ? -1 : 1;
}

static enum opk_status load_map(struct loader *loader, const struct opk_doc *doc)
{
    const struct opk_node *version = opk_node_get(doc->root, "version");
    const struct opk_node *list = opk_node_get(doc->root, "rules");
    struct opk_arena *arena = &loader->rules->arena;
    enum opk_status status;

    if (!doc->root || doc->root->kind != OPK_NODE_MAP)
        return opk_fail(loader->err, OPK_E_INVALID, OPK_AT_LINE(loader->path, 1),
                        "the rules are a mapping");
    status = opk_fields_check(doc->root, loader->path, MAP_FIELDS, loader->err);
    if (status != OPK_OK)
        return status;
    if (!opk_str_eq(version->text, OPK_STR("1")))
        return opk_fail(loader->err, OPK_E_UNSUPPORTED, opk_node_place(version, loader->path),
                        "version %.*s of the rules is not read; this opk reads 1",
                        OPK_STR_FMT(version->text));
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(list, loader->path),
                        "rules must be a list");
    loader->rules->items = opk_arena_array(arena, OPK_RULES_MAX, sizeof(struct opk_rule));
    if (!loader->rules->items)
        return opk_arena_check(arena, loader->err);
    for (const struct opk_node *rule = list->first; rule && status == OPK_OK; rule = rule->next)
        status = load_rule(loader, rule);
    if (status == OPK_OK)
        qsort(loader->rules->items, loader->rules->count, sizeof(struct opk_rule), compare_rules);
    return status == OPK_OK ? opk_arena_check(arena, loader->err) : status;
}

enum opk_status opk_rules_load(struct opk_files *files, struct opk_str path,
                               struct opk_rules *out_rules, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct loader loader = {.files = files, .rules = out_rules, .err = err};
    struct opk_doc doc = {0};
    struct opk_file *file;
    enum opk_status status = opk_files_open(files, path, &file, err);

    *out_rules = (struct opk_rules){0};
    if (status != OPK_OK)
        return status;
    loader.path = file->path;
    if (!file->exists)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path),
                        "no rules here; 'opk init' writes the standard ones");
    status = opk_yaml_parse(file->now, file->path, limits, &doc, err);
    if (status == OPK_OK)
        status = load_map(&loader, &doc);
    opk_doc_done(&doc);
    if (status != OPK_OK)
        opk_rules_done(out_rules);
    return status;
}

void opk_rules_done(struct opk_rules *rules)
{
    opk_arena_done(&rules->arena);
    *rules = (struct opk_rules){0};
}
