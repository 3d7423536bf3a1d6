/*
 * yaml_property.h - the promise of yaml_edit.h, checked for every place of a document.
 *
 * Shape:   a text; each of its scalars is replaced, each collection gets a first and a last item or
 *          key, each child gets a neighbour behind it and is deleted, one edit at a time. What the
 *          edit writes is read again and compared, as text made of all that a tree holds, with the
 *          old tree changed by hand.
 * Errors:  a wrong result is told in message; an edit that is refused is counted.
 */
#ifndef OPK_TESTS_YAML_PROPERTY_H
#define OPK_TESTS_YAML_PROPERTY_H

#include "base/buf.h"
#include "base/yaml_edit.h"

struct opk_yaml_property {
    size_t edits;
    size_t refused;
    struct opk_buf message; /* what went wrong first; empty when nothing did */
    struct opk_buf reasons; /* of refusals, a line each */
};

/** Every edit of every node with new_text; a text that does not parse is no edit. */
void opk_yaml_property_check(struct opk_str text, struct opk_str new_text,
                             struct opk_yaml_property *result);

#endif
