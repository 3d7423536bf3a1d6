/*
 * classes.h - classes of operands that a user names, before those of the built-in table (word.h).
 *
 * Source:  opk.yaml, classes: rules of a name and a pattern (PCRE2), tried in order.
 * Shape:   rules in; for the value of a word the name of the first rule whose pattern matches all
 *          of it. Substitutions, variables and what could not be read have no class of a user.
 * Limits:  OPK_CLASSES_MAX rules, names of OPK_CLASS_NAME_MAX bytes, patterns of
 *          OPK_CLASS_PATTERN_MAX; a longer value than OPK_CLASS_VALUE_MAX matches none, nor does
 *          one that takes more steps than base/regex.h allows.
 * Errors:  OPK_E_LIMIT, OPK_E_INVALID for a name that is none or the second of its kind,
 *          OPK_E_SYNTAX for a pattern, OPK_E_NOMEM.
 * Threads: rules are constant once they are added and are shared; a finder belongs to one thread.
 */
#ifndef OPK_CLUSTER_CLASSES_H
#define OPK_CLUSTER_CLASSES_H

#include "base/err.h"
#include "base/str.h"

#define OPK_CLASSES_MAX       64
#define OPK_CLASS_NAME_MAX    24 /* a lower-case letter, then those, digits and hyphens */
#define OPK_CLASS_PATTERN_MAX ((size_t)1024)
#define OPK_CLASS_VALUE_MAX   ((size_t)1024)

struct opk_classes;
struct opk_class_finder;

OPK_MUST_USE enum opk_status opk_classes_new(struct opk_classes **out_classes, struct opk_err *err);
void opk_classes_free(struct opk_classes *classes);

/** Add a rule behind the others; texts are copied. */
OPK_MUST_USE enum opk_status opk_classes_add(struct opk_classes *classes, struct opk_str name,
                                             struct opk_str pattern, struct opk_err *err);

/** *out_finder is NULL for classes that are NULL or have no rule; it borrows the classes. */
OPK_MUST_USE enum opk_status opk_class_finder_new(const struct opk_classes *classes,
                                                  struct opk_class_finder **out_finder,
                                                  struct opk_err *err);
void opk_class_finder_free(struct opk_class_finder *finder);

/** The class of a word's value, borrowed from the classes; NULL when no rule matches. flags are
 * those of the lexer (enum opk_word_flag). */
const char *opk_class_find(struct opk_class_finder *finder, struct opk_str value, unsigned flags);

#endif
