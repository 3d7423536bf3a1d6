/*
 * shape.h - what a mapping of ours may hold, as a table, and the check against it.
 *
 * Shape:   one row a key: its name, how its value looks, whether it is required. Cards, rules and
 *          opk.yaml are each such a table.
 * Memory:  tables are static.
 * Errors:  OPK_E_INVALID with line and column: an unknown key (with the nearest known one), a
 *          value that does not fit, a required key that is missing.
 */
#ifndef OPK_SYNC_SHAPE_H
#define OPK_SYNC_SHAPE_H

#include "base/doc.h"
#include "base/err.h"

#define OPK_FIELDS_MAX 24 /* keys of one table */

struct opk_field;

/* A scalar that fits, unless one of the last four says otherwise. */
struct opk_shape {
    const char *what;                  /* for "must be ..." */
    bool (*fits)(struct opk_str text); /* any text when NULL */
    const char *const *words;          /* one of these, which are sorted and end with NULL */
    bool takes_number;                 /* an integer is welcome as well as a text */
    bool takes_bool;
    bool is_any;  /* not looked into */
    bool is_list; /* of at least least scalars */
    size_t least;
    bool is_unique;                 /* no item twice */
    bool is_map;                    /* with any keys, whose values are scalars */
    const struct opk_field *fields; /* a mapping with these keys */
};

struct opk_field {
    const char *name; /* NULL ends the table */
    const struct opk_shape *shape;
    bool required;
};

OPK_MUST_USE enum opk_status opk_fields_check(const struct opk_node *map, const char *path,
                                              const struct opk_field *fields, struct opk_err *err);

#endif
