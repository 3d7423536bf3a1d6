/*
 * new_rule.h - one more rule at the end of the propagation map.
 *
 * Shape:   a name, a target type, and a section or fields in; the map's new text, and a template
 *          where a section has none yet, go into the repository's files. Nothing is written. Fields
 *          of the pattern index become update_pattern_index_entry, which finds the entry by
 *          pattern_id; those of any other target patch_yaml_block.
 * Memory:  all views are the caller's.
 * Errors:  OPK_E_USAGE (a section and fields, or neither; a field without "="), OPK_E_REFUSED (a
 *          map of the older dialect), and those of rules.h: the map that comes out is read.
 */
#ifndef OPK_SYNC_NEW_RULE_H
#define OPK_SYNC_NEW_RULE_H

#include "sync/repo.h"

struct opk_new_rule {
    const char *name;
    const char *target_type;
    const char *section;       /* or NULL */
    const char *template;      /* a file; NULL for the default one */
    const char *const *fields; /* KEY=TEMPLATE */
    size_t field_count;
};

OPK_MUST_USE enum opk_status opk_new_rule_add(struct opk_repo *repo,
                                              const struct opk_new_rule *rule, struct opk_err *err);

#endif
