#include "sync/new_rule.h"

#include "base/yaml_edit.h"
#include "sync/marker.h"
#include "sync/rules.h"

#include <string.h>

#define PAIRS_MAX 8 /* of a target, and of a rule */

/* A mapping of the new rule, as the editor takes it. */
struct pairs {
    struct opk_value items[PAIRS_MAX];
    size_t count;
};

static void add_value(struct pairs *pairs, const char *key, struct opk_value value)
{
    value.key = opk_str_of(key);
    pairs->items[pairs->count++] = value;
}

static struct opk_value text_value(struct opk_str text)
{
    return (struct opk_value){.kind = OPK_VALUE_STRING, .text = text, .key = OPK_STR_EMPTY};
}

static struct opk_value collection(const struct pairs *pairs)
{
    return (struct opk_value){.kind = OPK_VALUE_MAP,
                              .text = OPK_STR_EMPTY,
                              .key = OPK_STR_EMPTY,
                              .items = pairs->items,
                              .count = pairs->count};
}

static enum opk_status fields_value(struct opk_arena *arena, const struct opk_new_rule *rule,
                                    bool is_index, struct opk_value *out, struct opk_err *err)
{
    struct opk_value *fields = opk_arena_array(arena, rule->field_count + 1, sizeof(*fields));
    size_t count = 0;

    if (!fields)
        return opk_arena_check(arena, err);
    if (is_index) {
        fields[count] = text_value(OPK_STR("{{ pattern_id }}"));
        fields[count++].key = OPK_STR("pattern_id");
    }
    for (size_t i = 0; i < rule->field_count; i++) {
        struct opk_str text = opk_str_of(rule->fields[i]);
        size_t equals = opk_str_find_byte(text, '=', 0);
        if (equals == OPK_NPOS || equals == 0)
            return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "--field takes KEY=TEMPLATE, not '%s'",
                            rule->fields[i]);
        fields[count] = text_value(opk_str_skip(text, equals + 1));
        fields[count++].key = opk_str_slice(text, 0, equals);
    }
    *out = (struct opk_value){.kind = OPK_VALUE_MAP,
                              .text = OPK_STR_EMPTY,
                              .key = OPK_STR_EMPTY,
                              .items = fields,
                              .count = count};
    return OPK_OK;
}

/* A template for a section that has none: its markers, and the pattern's name between them. */
static enum opk_status put_template(struct opk_repo *repo, const struct opk_new_rule *rule,
                                    struct opk_str path, struct opk_err *err)
{
    bool hash = strcmp(rule->target_type, "pattern_spec") == 0 ||
                strcmp(rule->target_type, "pattern_index") == 0;
    const char *open = hash ? "#" : "<!--";
    const char *close = hash ? "" : " -->";
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, path, &file, err);

    if (status != OPK_OK || file->exists)
        return status;
    opk_buf_printf(&text,
                   "{# What the rule %s writes. #}\n"
                   "%s PATTERN_AUTO:%s:BEGIN%s\n"
                   "%s{{ pattern_key }} {{ semver }}\n"
                   "%s PATTERN_AUTO:%s:END%s\n",
                   rule->name, open, rule->section, close, hash ? "# " : "", open, rule->section,
                   close);
    status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    return status;
}

/* What the one target of the rule says. */
static enum opk_status fill_target(struct opk_repo *repo, const struct opk_new_rule *rule,
                                   struct pairs *target, struct opk_err *err)
{
    struct opk_arena *arena = &repo->files.arena;
    bool is_index = strcmp(rule->target_type, "pattern_index") == 0 ||
                    strcmp(rule->target_type, "global_pattern_index") == 0;
    struct opk_value fields;

    add_value(target, "target_type", text_value(opk_str_of(rule->target_type)));
    if (rule->section) {
        struct opk_str path = rule->template
                                  ? opk_str_of(rule->template)
                                  : opk_arena_printf(arena, OPK_RULE_TEMPLATES "%s.j2", rule->name);
        add_value(target, "mode", text_value(OPK_STR("patch_marked_section")));
        add_value(target, "section_id", text_value(opk_str_of(rule->section)));
        add_value(target, "template", text_value(path));
        return put_template(repo, rule, path, err);
    }
    enum opk_status status = fields_value(arena, rule, is_index, &fields, err);
    add_value(
        target, "mode",
        text_value(is_index ? OPK_STR("update_pattern_index_entry") : OPK_STR("patch_yaml_block")));
    if (is_index)
        add_value(target, "match_key", text_value(OPK_STR("pattern_id")));
    add_value(target, is_index ? "update_fields" : "yaml_block", fields);
    return status;
}

static enum opk_status append(struct opk_repo *repo, const struct opk_new_rule *rule,
                              const struct pairs *target, struct opk_file *file,
                              struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_value one = collection(target);
    struct pairs when = {.count = 0};
    struct pairs whole = {.count = 0};
    struct opk_value value;
    struct opk_yaml_edit *edit;
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = opk_yaml_edit_new(file->now, file->path, limits, &edit, err);

    if (status != OPK_OK)
        return status;
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    const struct opk_node *list = opk_node_get(root, "rules");
    add_value(&when, "source_type", text_value(OPK_STR("pattern_card")));
    add_value(&whole, "name", text_value(opk_str_of(rule->name)));
    add_value(&whole, "when", collection(&when));
    add_value(&whole, "targets",
              (struct opk_value){.kind = OPK_VALUE_SEQ,
                                 .text = OPK_STR_EMPTY,
                                 .key = OPK_STR_EMPTY,
                                 .items = &one,
                                 .count = 1});
    value = collection(&whole);
    if (!list)
        status = opk_fail(err, OPK_E_REFUSED, opk_node_place(root, file->path),
                          "a rule is added to a map of today's dialect, which has 'rules'");
    if (status == OPK_OK)
        status = opk_yaml_edit_append(edit, list, &value, err);
    if (status == OPK_OK)
        status = opk_yaml_edit_finish(edit, &text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    opk_yaml_edit_free(edit);
    return status;
}

enum opk_status opk_new_rule_add(struct opk_repo *repo, const struct opk_new_rule *rule,
                                 struct opk_err *err)
{
    struct pairs target = {.count = 0};
    struct opk_rules rules;
    struct opk_file *file;
    enum opk_status status;

    if (!rule->target_type || (rule->section != NULL) == (rule->field_count > 0))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "a rule has --target-type, and --section or --field");
    if (rule->section && !opk_section_id_is_valid(opk_str_of(rule->section)))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "a section id is written in capitals, digits and _, not '%s'",
                        rule->section);
    status = opk_files_open(&repo->files, repo->paths.rules, &file, err);
    if (status == OPK_OK && !file->exists)
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path),
                          "no rules here; 'opk init' writes the standard ones");
    if (status == OPK_OK)
        status = fill_target(repo, rule, &target, err);
    if (status == OPK_OK)
        status = append(repo, rule, &target, file, err);
    if (status == OPK_OK)
        status = opk_rules_load(&repo->files, repo->paths.rules, &rules, err);
    if (status == OPK_OK)
        opk_rules_done(&rules);
    return status;
}
