/*
 * rules_impl.h - what the readers of the two dialects of the map share: rules.c reads the canonical
 * one, rules_older.c the older one. Both fill the same list.
 */
#ifndef OPK_SYNC_RULES_IMPL_H
#define OPK_SYNC_RULES_IMPL_H

#include "sync/rules.h"
#include "sync/shape.h"

struct opk_rules_loader {
    struct opk_files *files;
    struct opk_rules *rules;
    const char *path; /* of the map */
    struct opk_err *err;
};

/** A new rule at a place of the map; OPK_E_LIMIT past OPK_RULES_MAX. */
OPK_MUST_USE enum opk_status opk_rules_add(struct opk_rules_loader *loader,
                                           const struct opk_node *place,
                                           struct opk_rule **out_rule);

/** "unknown WHAT 'TEXT'", with the nearest of count names. */
OPK_MUST_USE enum opk_status opk_rules_unknown(const struct opk_rules_loader *loader,
                                               const struct opk_node *node, const char *what,
                                               const char *const *names, size_t count);

/** Set rule->target by its name or alias, with its path. */
OPK_MUST_USE enum opk_status opk_rules_target(const struct opk_rules_loader *loader,
                                              const struct opk_node *node, struct opk_rule *rule);

OPK_MUST_USE enum opk_status opk_rules_source(const struct opk_rules_loader *loader,
                                              const struct opk_node *node,
                                              enum opk_rule_source *out_source);

/** Set rule->mode, once the target and the source are known to fit it. */
OPK_MUST_USE enum opk_status opk_rules_mode(const struct opk_rules_loader *loader,
                                            const struct opk_node *node, enum opk_rule_mode mode,
                                            struct opk_rule *rule);

/** Set rule->section_id. */
OPK_MUST_USE enum opk_status opk_rules_section(const struct opk_rules_loader *loader,
                                               const struct opk_node *node, struct opk_rule *rule);

/**
 * A template that may include others: those beside it, or below OPK_RULE_TEMPLATES when it stands
 * in the map.
 */
OPK_MUST_USE enum opk_status opk_rules_template(struct opk_rules_loader *loader,
                                                struct opk_str text, struct opk_place place,
                                                const struct opk_template **out_template);

/** Set rule->body from a file's name or the text itself. */
OPK_MUST_USE enum opk_status opk_rules_body(struct opk_rules_loader *loader,
                                            const struct opk_node *node, struct opk_rule *rule);

/** The fields that every entry of PATTERN_INDEX has, for a rule that does not say its own. */
OPK_MUST_USE enum opk_status opk_rules_index_fields(struct opk_rules_loader *loader,
                                                    struct opk_rule *rule);

/** Read "patterns:", the older dialect. */
OPK_MUST_USE enum opk_status opk_rules_load_older(struct opk_rules_loader *loader,
                                                  const struct opk_node *root);

#endif
