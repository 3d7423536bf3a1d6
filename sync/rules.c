#include "sync/rules.h"

#include "base/opt.h"
#include "base/yaml.h"
#include "sync/card.h"
#include "sync/marker.h"
#include "sync/rules_impl.h"

#include <stdlib.h>
#include <string.h>

/* Target types, sorted by name. */
static const struct opk_target TARGETS[] = {
    {"document", NULL, "document", "document", OPK_PHASE_DOCUMENTS},
    {"examples_doc", NULL, "suite.docs.examples_doc", "examples doc", OPK_PHASE_DOCUMENTS},
    {"executor_doc", NULL, "suite.docs.executor_doc", "executor doc", OPK_PHASE_DOCUMENTS},
    {"operation_kind_registry", NULL, "registry.operation_kind_registry", "OPERATION_KIND_REGISTRY",
     OPK_PHASE_SHARED},
    {"pattern_card", NULL, "", "card", OPK_PHASE_SPECS},
    {"pattern_index", "global_pattern_index", "registry.pattern_index", "PATTERN_INDEX",
     OPK_PHASE_SHARED},
    {"pattern_spec", NULL, "suite.spec", "spec", OPK_PHASE_SPECS},
    {"readme", NULL, "suite.docs.readme", "readme", OPK_PHASE_DOCUMENTS},
    {"tests_doc", NULL, "suite.docs.tests_doc", "tests doc", OPK_PHASE_DOCUMENTS},
};
#define TARGET_COUNT (sizeof(TARGETS) / sizeof(TARGETS[0]))

/* Fields that are not simply mirrored: who a document is may not change under it. */
static const struct {
    const char *target;
    const char *key;
    enum opk_field_policy policy;
} POLICIES[] = {
    {"document", "doc_id", OPK_FIELD_IDENTITY}, {"document", "doc_key", OPK_FIELD_IDENTITY},
    {"pattern_index", "name", OPK_FIELD_FILL},  {"pattern_spec", "doc_id", OPK_FIELD_IDENTITY},
    {"pattern_spec", "name", OPK_FIELD_FILL},   {"pattern_spec", "pattern_id", OPK_FIELD_IDENTITY},
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

/* Modes by their enum, which is sorted by name: the keys that each needs, those that it may have,
 * and the one target that it is made for. */
static const struct {
    const char *name;
    const char *needs[2];
    const char *takes[3];
    const char *target; /* or NULL */
} MODES[] = {
    {"patch_marked_section",
     {"section_id", "template"},
     {"checksum", "optional", "required"},
     NULL},
    {"patch_yaml_block", {"yaml_block", NULL}, {NULL}, NULL},
    {"patch_yaml_fields", {"match_field", "fields_from_spec"}, {NULL}, "pattern_card"},
    {"sync_operation_kinds", {NULL}, {NULL}, "operation_kind_registry"},
    {"update_pattern_index_entry", {"match_key", "update_fields"}, {NULL}, "pattern_index"},
};
#define MODE_COUNT (sizeof(MODES) / sizeof(MODES[0]))

/* The keys of a target that are a mode's own, sorted. */
static const char *const MODE_KEYS[] = {
    "checksum", "fields_from_spec", "match_field", "match_key",     "optional",
    "required", "section_id",       "template",    "update_fields", "yaml_block"};

/* What PATTERN_INDEX says of every pattern. */
static const struct {
    const char *key;
    const char *value;
} INDEX_FIELDS[] = {
    {"pattern_id", "{{ pattern_id }}"},
    {"doc_id", "{{ doc_id }}"},
    {"name", "{{ pattern_key | lower | replace('pat_', '') }}"},
    {"version", "{{ semver }}"},
    {"status", "{{ status }}"},
    {"category", "{{ category }}"},
    {"spec_path", "{{ suite.spec }}"},
    {"schema_path", "{{ suite.schema }}"},
    {"executor_path", "{{ suite.executor }}"},
    {"test_path", "{{ suite.tests[0] }}"},
    {"example_dir", "{{ suite.examples_dir }}"},
};
#define INDEX_FIELD_COUNT (sizeof(INDEX_FIELDS) / sizeof(INDEX_FIELDS[0]))

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
    {"checksum", &BOOL, false},
    {"fields_from_spec", &TEXT_MAP, false},
    {"match_field", &TEXT, false},
    {"match_key", &TEXT, false},
    {"mode", &TEXT, true},
    {"optional", &BOOL, false},
    {"required", &BOOL, false},
    {"section_id", &TEXT, false},
    {"target_path_from", &TEXT, false},
    {"target_type", &TEXT, true},
    {"template", &TEXT, false},
    {"update_fields", &TEXT_MAP, false},
    {"yaml_block", &TEXT_MAP, false},
    {NULL, NULL, false},
};

enum opk_family opk_rule_family(const struct opk_rule *rule)
{
    return rule->source == OPK_SOURCE_DOC_CARD ? OPK_FAMILY_DOC : OPK_FAMILY_PATTERN;
}

enum opk_status opk_rules_unknown(const struct opk_rules_loader *loader,
                                  const struct opk_node *node, const char *what,
                                  const char *const *names, size_t count)
{
    const char *near = opk_opt_nearest(node->text.data, names, count);

    return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                    "unknown %s '%.*s'%s%s%s", what, OPK_STR_FMT(node->text),
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

enum opk_status opk_rules_add(struct opk_rules_loader *loader, const struct opk_node *place,
                              struct opk_rule **out_rule)
{
    struct opk_rules *rules = loader->rules;

    if (rules->count == OPK_RULES_MAX)
        return opk_fail(loader->err, OPK_E_LIMIT, opk_node_place(place, loader->path),
                        "a map has at most %d targets", OPK_RULES_MAX);
    *out_rule = &rules->items[rules->count++];
    (*out_rule)->place = opk_node_place(place, loader->path);
    return OPK_OK;
}

enum opk_status opk_rules_target(const struct opk_rules_loader *loader, const struct opk_node *node,
                                 struct opk_rule *rule)
{
    const char *names[TARGET_COUNT];

    for (size_t i = 0; i < TARGET_COUNT; i++) {
        names[i] = TARGETS[i].name;
        if (opk_str_eq(node->text, opk_str_of(names[i])) ||
            (TARGETS[i].alias && opk_str_eq(node->text, opk_str_of(TARGETS[i].alias)))) {
            rule->target = &TARGETS[i];
            rule->path_from = opk_str_of(TARGETS[i].path);
            return OPK_OK;
        }
    }
    return opk_rules_unknown(loader, node, "target type", names, TARGET_COUNT);
}

enum opk_status opk_rules_source(const struct opk_rules_loader *loader, const struct opk_node *node,
                                 enum opk_rule_source *out_source)
{
    const char *names[SOURCE_COUNT];

    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        names[i] = SOURCES[i].name;
        if (opk_str_eq(node->text, opk_str_of(names[i]))) {
            *out_source = SOURCES[i].source;
            return OPK_OK;
        }
    }
    return opk_rules_unknown(loader, node, "source type", names, SOURCE_COUNT);
}

enum opk_status opk_rules_mode(const struct opk_rules_loader *loader, const struct opk_node *node,
                               enum opk_rule_mode mode, struct opk_rule *rule)
{
    struct opk_place place = opk_node_place(node, loader->path);
    bool to_card = strcmp(rule->target->name, "pattern_card") == 0;

    rule->mode = mode;
    rule->phase = rule->target->phase;
    if (mode == OPK_MODE_PATCH_MARKED_SECTION && rule->phase < OPK_PHASE_SECTIONS)
        rule->phase = OPK_PHASE_SECTIONS;
    if (MODES[mode].target && strcmp(MODES[mode].target, rule->target->name) != 0)
        return opk_fail(loader->err, OPK_E_INVALID, place, "%s is for the target %s, not for %s",
                        MODES[mode].name, MODES[mode].target, rule->target->name);
    if (to_card && mode != OPK_MODE_PATCH_YAML_FIELDS)
        return opk_fail(loader->err, OPK_E_INVALID, place,
                        "a card is the source: only patch_yaml_fields writes one, from its spec");
    if ((strcmp(rule->target->name, "document") == 0) != (rule->source == OPK_SOURCE_DOC_CARD))
        return opk_fail(loader->err, OPK_E_INVALID, place,
                        "the source doc_card has the target document, and no other source has");
    if (to_card != (rule->source == OPK_SOURCE_PATTERN_SPEC))
        return opk_fail(loader->err, OPK_E_INVALID, place,
                        "patch_yaml_fields has the source pattern_spec, and no other mode has");
    return OPK_OK;
}

static bool is_one_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count && names[i]; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Are the keys of a target those of its mode? */
static enum opk_status check_mode_keys(const struct opk_rules_loader *loader,
                                       const struct opk_node *target, size_t mode)
{
    for (size_t need = 0; need < 2 && MODES[mode].needs[need]; need++) {
        if (!opk_node_get(target, MODES[mode].needs[need]))
            return opk_fail(loader->err, OPK_E_INVALID,
                            opk_node_place(opk_node_get(target, "mode"), loader->path),
                            "mode %s needs the key '%s'", MODES[mode].name,
                            MODES[mode].needs[need]);
    }
    for (size_t i = 0; i < sizeof(MODE_KEYS) / sizeof(MODE_KEYS[0]); i++) {
        const struct opk_node *value = opk_node_get(target, MODE_KEYS[i]);
        if (value && !is_one_of(MODES[mode].needs, 2, MODE_KEYS[i]) &&
            !is_one_of(MODES[mode].takes, 3, MODE_KEYS[i]))
            return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(value->key, loader->path),
                            "mode %s has no key '%s'", MODES[mode].name, MODE_KEYS[i]);
    }
    return OPK_OK;
}

static enum opk_status find_mode(const struct opk_rules_loader *loader,
                                 const struct opk_node *target, struct opk_rule *rule)
{
    const struct opk_node *node = opk_node_get(target, "mode");
    const char *names[MODE_COUNT];

    for (size_t i = 0; i < MODE_COUNT; i++) {
        names[i] = MODES[i].name;
        if (!opk_str_eq(node->text, opk_str_of(names[i])))
            continue;
        enum opk_status status = check_mode_keys(loader, target, i);
        return status == OPK_OK ? opk_rules_mode(loader, node, (enum opk_rule_mode)i, rule)
                                : status;
    }
    return opk_rules_unknown(loader, node, "mode", names, MODE_COUNT);
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

/* One more field of a rule, which has room for it. */
static enum opk_status add_field(struct opk_rules_loader *loader, struct opk_rule *rule,
                                 struct opk_rule_field *fields, struct opk_str key,
                                 struct opk_str value, struct opk_place place)
{
    struct opk_rule_field *field = &fields[rule->field_count++];

    field->key = opk_arena_copy(&loader->rules->arena, key);
    field->policy = policy_of(rule->target, field->key);
    return opk_rules_template(loader, value, place, &field->value);
}

enum opk_status opk_rules_index_fields(struct opk_rules_loader *loader, struct opk_rule *rule)
{
    struct opk_rule_field *fields =
        opk_arena_array(&loader->rules->arena, INDEX_FIELD_COUNT, sizeof(*fields));
    enum opk_status status = OPK_OK;

    if (!fields)
        return opk_arena_check(&loader->rules->arena, loader->err);
    for (size_t i = 0; i < INDEX_FIELD_COUNT && status == OPK_OK; i++)
        status = add_field(loader, rule, fields, opk_str_of(INDEX_FIELDS[i].key),
                           opk_str_of(INDEX_FIELDS[i].value), rule->place);
    rule->fields = fields;
    rule->match_key = opk_str_of(INDEX_FIELDS[0].key);
    return status;
}

/* The value of a field of a spec: a template, or the bare name of the field. */
static struct opk_str from_spec(struct opk_arena *arena, struct opk_str value)
{
    return opk_str_find(value, OPK_STR("{{"), 0) == OPK_NPOS
               ? opk_arena_printf(arena, "{{ %.*s }}", OPK_STR_FMT(value))
               : value;
}

static enum opk_status load_fields(struct opk_rules_loader *loader, const struct opk_node *map,
                                   struct opk_rule *rule)
{
    struct opk_arena *arena = &loader->rules->arena;
    bool to_card = rule->mode == OPK_MODE_PATCH_YAML_FIELDS;
    struct opk_rule_field *fields;
    enum opk_status status = OPK_OK;

    if (map->count == 0 || map->count > OPK_RULE_FIELDS_MAX)
        return opk_fail(loader->err, map->count ? OPK_E_LIMIT : OPK_E_INVALID,
                        opk_node_place(map, loader->path), "a rule sets 1 to %d fields",
                        OPK_RULE_FIELDS_MAX);
    fields = opk_arena_array(arena, map->count, sizeof(*fields));
    if (!fields)
        return opk_arena_check(arena, loader->err);
    for (const struct opk_node *node = map->first; node && status == OPK_OK; node = node->next)
        status = add_field(loader, rule, fields, node->key->text,
                           to_card ? from_spec(arena, node->text) : node->text,
                           opk_node_place(node, loader->path));
    rule->fields = fields;
    return status;
}

enum opk_status opk_rules_section(const struct opk_rules_loader *loader,
                                  const struct opk_node *node, struct opk_rule *rule)
{
    if (!opk_section_id_is_valid(node->text))
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                        "'%.*s' is no section id: write it in capitals, digits and _",
                        OPK_STR_FMT(node->text));
    rule->section_id = opk_arena_copy(&loader->rules->arena, node->text);
    return OPK_OK;
}

/* A template is a file when it is one word that ends in .j2, else it is the text itself. */
enum opk_status opk_rules_body(struct opk_rules_loader *loader, const struct opk_node *node,
                               struct opk_rule *rule)
{
    struct opk_place place = opk_node_place(node, loader->path);
    struct opk_str text = node->text;
    struct opk_file *file;

    if (opk_str_ends(text, OPK_STR(".j2")) && opk_str_find_byte(text, '\n', 0) == OPK_NPOS) {
        enum opk_status status = opk_files_open(loader->files, text, &file, loader->err);
        if (status != OPK_OK)
            return status;
        if (!opk_file_is_there(file))
            return opk_fail(loader->err, OPK_E_NOENT, place, "no template %.*s", OPK_STR_FMT(text));
        text = file->now;
        place = OPK_AT_LINE(file->path, 1);
    } else if (node->style == OPK_STYLE_LITERAL || node->style == OPK_STYLE_FOLDED) {
        place.line++;
    }
    return opk_rules_template(loader, text, place, &rule->body);
}

/* An entry is found by a field that the rule gives. */
static enum opk_status check_match_key(const struct opk_rules_loader *loader,
                                       const struct opk_node *node, const struct opk_rule *rule)
{
    for (size_t i = 0; i < rule->field_count; i++) {
        if (opk_str_eq(rule->fields[i].key, rule->match_key))
            return OPK_OK;
    }
    return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                    "update_fields does not have the match_key '%.*s'",
                    OPK_STR_FMT(rule->match_key));
}

static bool is_true(const struct opk_node *map, const char *key)
{
    const struct opk_node *node = opk_node_get(map, key);

    return node && node->truth;
}

/* What the mode of a rule needs to know. */
static enum opk_status load_mode(struct opk_rules_loader *loader, const struct opk_node *node,
                                 struct opk_rule *rule)
{
    const struct opk_node *key = opk_node_get(node, "match_key");
    enum opk_status status;

    switch (rule->mode) {
    case OPK_MODE_PATCH_MARKED_SECTION:
        rule->checksum = is_true(node, "checksum");
        rule->optional = is_true(node, "optional");
        rule->required = is_true(node, "required");
        status = opk_rules_section(loader, opk_node_get(node, "section_id"), rule);
        return status == OPK_OK ? opk_rules_body(loader, opk_node_get(node, "template"), rule)
                                : status;
    case OPK_MODE_PATCH_YAML_BLOCK:
        return load_fields(loader, opk_node_get(node, "yaml_block"), rule);
    case OPK_MODE_PATCH_YAML_FIELDS:
        rule->match_key =
            opk_arena_copy(&loader->rules->arena, opk_node_text(opk_node_get(node, "match_field")));
        return load_fields(loader, opk_node_get(node, "fields_from_spec"), rule);
    case OPK_MODE_UPDATE_INDEX_ENTRY:
        rule->match_key = opk_arena_copy(&loader->rules->arena, opk_node_text(key));
        status = load_fields(loader, opk_node_get(node, "update_fields"), rule);
        return status == OPK_OK ? check_match_key(loader, key, rule) : status;
    case OPK_MODE_SYNC_OPERATION_KINDS:
        break;
    }
    return OPK_OK;
}

static enum opk_status load_target(struct opk_rules_loader *loader, const struct opk_node *node,
                                   struct opk_rule *rule)
{
    const struct opk_node *path_from = opk_node_get(node, "target_path_from");
    enum opk_status status = opk_fields_check(node, loader->path, TARGET_FIELDS, loader->err);

    if (status == OPK_OK)
        status = opk_rules_target(loader, opk_node_get(node, "target_type"), rule);
    if (status == OPK_OK)
        status = find_mode(loader, node, rule);
    if (status == OPK_OK && path_from && !opk_card_has_path(opk_rule_family(rule), path_from->text))
        status = opk_fail(loader->err, OPK_E_INVALID, opk_node_place(path_from, loader->path),
                          "a card has no path '%.*s'; one is suite.spec, suite.docs.NAME or a Doc "
                          "Card's document",
                          OPK_STR_FMT(path_from->text));
    if (status != OPK_OK)
        return status;
    if (path_from)
        rule->path_from = opk_arena_copy(&loader->rules->arena, path_from->text);
    return load_mode(loader, node, rule);
}

/* Names are what messages tell rules apart by. */
static enum opk_status check_name(const struct opk_rules_loader *loader,
                                  const struct opk_node *rule, const struct opk_node *list)
{
    const struct opk_node *name = opk_node_get(rule, "name");

    for (const struct opk_node *other = list->first; other != rule; other = other->next) {
        const struct opk_node *first = opk_node_get(other, "name");
        if (first && opk_str_eq(first->text, name->text))
            return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(name, loader->path),
                            "a second rule %.*s; the first is at line %llu",
                            OPK_STR_FMT(name->text), (unsigned long long)first->line);
    }
    return OPK_OK;
}

static enum opk_status load_rule(struct opk_rules_loader *loader, const struct opk_node *node,
                                 const struct opk_node *list)
{
    const struct opk_node *targets = opk_node_get(node, "targets");
    enum opk_rule_source source = OPK_SOURCE_PATTERN_CARD;
    enum opk_status status;

    if (node->kind != OPK_NODE_MAP)
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(node, loader->path),
                        "a rule is a mapping");
    status = opk_fields_check(node, loader->path, RULE_FIELDS, loader->err);
    if (status == OPK_OK)
        status = check_name(loader, node, list);
    if (status == OPK_OK)
        status =
            opk_rules_source(loader, opk_node_pointer(node, OPK_STR("/when/source_type")), &source);
    if (status == OPK_OK && (targets->kind != OPK_NODE_SEQ || targets->count == 0))
        status = opk_fail(loader->err, OPK_E_INVALID, opk_node_place(targets, loader->path),
                          "targets must be a list of at least one");
    if (status != OPK_OK)
        return status;
    const char *name =
        opk_arena_copy(&loader->rules->arena, opk_node_text(opk_node_get(node, "name"))).data;
    for (const struct opk_node *target = targets->first; target && status == OPK_OK;
         target = target->next) {
        struct opk_rule *rule;
        if (target->kind != OPK_NODE_MAP)
            return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(target, loader->path),
                            "a target is a mapping");
        status = opk_rules_add(loader, target, &rule);
        if (status != OPK_OK)
            break;
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

    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    if (names != 0)
        return names;
    /* One rule's targets, as they stand in the map. */
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    return a->place.column < b->place.column ? -1 : a->place.column > b->place.column;
}

static enum opk_status load_rules(struct opk_rules_loader *loader, const struct opk_node *root)
{
    const struct opk_node *version = opk_node_get(root, "version");
    const struct opk_node *list = opk_node_get(root, "rules");
    enum opk_status status = opk_fields_check(root, loader->path, MAP_FIELDS, loader->err);

    if (status != OPK_OK)
        return status;
    if (!opk_str_eq(version->text, OPK_STR("1")))
        return opk_fail(loader->err, OPK_E_UNSUPPORTED, opk_node_place(version, loader->path),
                        "version %.*s of the rules is not read; this opk reads 1",
                        OPK_STR_FMT(version->text));
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(loader->err, OPK_E_INVALID, opk_node_place(list, loader->path),
                        "rules must be a list");
    for (const struct opk_node *rule = list->first; rule && status == OPK_OK; rule = rule->next)
        status = load_rule(loader, rule, list);
    return status;
}

static enum opk_status load_map(struct opk_rules_loader *loader, const struct opk_doc *doc)
{
    struct opk_arena *arena = &loader->rules->arena;
    enum opk_status status;

    if (!doc->root || doc->root->kind != OPK_NODE_MAP)
        return opk_fail(loader->err, OPK_E_INVALID, OPK_AT_LINE(loader->path, 1),
                        "the rules are a mapping");
    loader->rules->items = opk_arena_array(arena, OPK_RULES_MAX, sizeof(struct opk_rule));
    if (!loader->rules->items)
        return opk_arena_check(arena, loader->err);
    status = opk_node_get(doc->root, "patterns") && !opk_node_get(doc->root, "rules")
                 ? opk_rules_load_older(loader, doc->root)
                 : load_rules(loader, doc->root);
    if (status == OPK_OK)
        qsort(loader->rules->items, loader->rules->count, sizeof(struct opk_rule), compare_rules);
    return status == OPK_OK ? opk_arena_check(arena, loader->err) : status;
}

enum opk_status opk_rules_load(struct opk_files *files, struct opk_str path,
                               struct opk_rules *out_rules, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_rules_loader loader = {.files = files, .rules = out_rules, .err = err};
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
