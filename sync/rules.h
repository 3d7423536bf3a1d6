/*
 * rules.h - propagation.map.yml: what follows when a card changes.
 *
 * Shape:   the map in, a list of rules out, one for each target of each rule in the map, sorted by
 *          the order in which targets are written and then by name, so that the order of the map
 *          never matters. Templates are parsed here; those that are files, and what templates
 *          include when they are rendered, are read through the repository.
 * Dialects: version and rules; or the older one, patterns with match and propagate_to, which is
 *          compiled into the same list, one rule for each section or handler.
 * Memory:  a list of rules owns its arena; it borrows the files for as long as it lives.
 * Errors:  OPK_E_INVALID and OPK_E_UNSUPPORTED with path, line and column: unknown keys (with the
 *          nearest known one), source types, target types, modes and handlers; a mode without its
 *          keys, with keys of another one, or for a target that it is not made for; two rules of
 *          one name. Errors of a template name the template's own file and line.
 */
#ifndef OPK_SYNC_RULES_H
#define OPK_SYNC_RULES_H

#include "base/doc.h"
#include "base/template.h"
#include "sync/card.h"
#include "sync/files.h"

/* Where templates lie that have no place of their own: what a template in the map includes. */
#define OPK_RULE_TEMPLATES "templates/pattern/"

#define OPK_RULES_MAX       256 /* targets of a map */
#define OPK_RULE_FIELDS_MAX 64

enum opk_rule_source {
    OPK_SOURCE_DOC_CARD, /* of the other document family */
    OPK_SOURCE_PATTERN_CARD,
    OPK_SOURCE_PATTERN_SPEC, /* applied on events only */
};

enum opk_rule_mode {
    OPK_MODE_PATCH_MARKED_SECTION,
    OPK_MODE_PATCH_YAML_BLOCK,
    OPK_MODE_PATCH_YAML_FIELDS,
    OPK_MODE_SYNC_OPERATION_KINDS,
    OPK_MODE_UPDATE_INDEX_ENTRY,
};

/* How a field is kept in step. */
enum opk_field_policy {
    OPK_FIELD_MIRROR,   /* always the rendered value */
    OPK_FIELD_FILL,     /* only where absent */
    OPK_FIELD_IDENTITY, /* filled where absent; another value is refused */
};

struct opk_rule_field {
    struct opk_str key;
    enum opk_field_policy policy;
    const struct opk_template *value;
};

/* The order in which files are brought in step: later phases read what earlier ones wrote. */
enum opk_rule_phase {
    OPK_PHASE_SPECS,    /* fields of specs */
    OPK_PHASE_SHARED,   /* files that all cards share */
    OPK_PHASE_SECTIONS, /* marked sections of those two */
    OPK_PHASE_DOCUMENTS,
};

/* A kind of derived file. */
struct opk_target {
    const char *name;  /* in the map */
    const char *alias; /* or NULL */
    const char *path;  /* where the card says its path, dotted */
    const char *noun;  /* for messages: "executor doc" */
    enum opk_rule_phase phase;
};

struct opk_rule {
    const char *name;
    struct opk_place place; /* in the map */
    enum opk_rule_source source;
    const struct opk_target *target;
    enum opk_rule_mode mode;
    enum opk_rule_phase phase;
    struct opk_str path_from; /* dotted */
    struct opk_str match_key; /* of an entry; of patch_yaml_fields: what finds the card */
    const struct opk_rule_field *fields;
    size_t field_count;
    struct opk_str section_id;
    const struct opk_template *body; /* of a marked section */
    bool required;                   /* an absent section is a failure */
    bool optional;                   /* or not even worth a note */
    bool checksum;                   /* its END gets a sum */
};

struct opk_rules {
    struct opk_arena arena;
    struct opk_rule *items;
    size_t count;
};

/** Whose cards a rule that has cards as its source is for. */
enum opk_family opk_rule_family(const struct opk_rule *rule);

OPK_MUST_USE enum opk_status opk_rules_load(struct opk_files *files, struct opk_str path,
                                            struct opk_rules *out_rules, struct opk_err *err);
void opk_rules_done(struct opk_rules *rules);

#endif
