/*
 * form.h - a simple command in its canonical form: options by name, each with its value.
 *
 * Shape:   bundles are taken apart, synonyms have one spelling, options stand in order of their
 *          names, equal ones once; operands keep their order. Values and operands are classes.
 * Memory:  views into the raw shape, the options and the tables.
 */
#ifndef OPK_CLUSTER_FORM_H
#define OPK_CLUSTER_FORM_H

#include "cluster/options.h"
#include "cluster/parts.h"

/* Options past this many are left out; a bundle becomes several. */
#define OPK_FORM_OPTIONS_MAX 128

struct opk_form_option {
    struct opk_str name;
    struct opk_str value; /* a class; empty when it takes none */
    bool sure;            /* that it takes one; else value may be an operand */
};

struct opk_form {
    const struct opk_parts *parts; /* borrowed: wrapper, path and redirections */
    struct opk_form_option options[OPK_FORM_OPTIONS_MAX];
    size_t option_count;
    struct opk_str lead; /* name of the option that was written first, or empty */
    struct opk_str operands[OPK_SHAPE_ITEMS_MAX];
    size_t operand_count;
};

/** Bring parts into form. */
void opk_form_make(struct opk_form *form, const struct opk_parts *parts,
                   const struct opk_options *options);

#endif
