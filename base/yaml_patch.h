/*
 * yaml_patch.h - planned changes of a document, turned into replaced spans of its text.
 *
 * Shape:   a table of changes by node id in, the new text out. A collection's change lists its
 *          slots in their new order: children that stay, children that go, values that are new.
 * Memory:  borrows everything; the new text is appended to the caller's buffer.
 * Errors:  OPK_E_REFUSED where a place cannot be edited, OPK_E_NOMEM. What comes out is not yet
 *          verified: yaml_edit.c does that.
 */
#ifndef OPK_BASE_YAML_PATCH_H
#define OPK_BASE_YAML_PATCH_H

#include "base/yaml_edit.h"

struct opk_yaml_slot {
    const struct opk_node *child; /* an old child, or NULL */
    bool dropped;                 /* the child goes */
    const struct opk_value *added;
};

struct opk_yaml_change {
    const struct opk_value *value; /* the whole value is replaced; or NULL */
    struct opk_yaml_slot *slots;   /* else the children change */
    size_t count;
    size_t cap;
    enum opk_node_kind kind; /* of the collection that the slots make: SEQ or MAP */
};

struct opk_yaml_plan {
    const struct opk_doc *doc;
    const char *path;
    struct opk_yaml_change *const *by_id; /* NULL where nothing changes */
    const struct opk_yaml_change *root;   /* what an empty document becomes, or NULL */
};

/** out_done counts the changes that were reached: fewer than planned means that two overlap. */
OPK_MUST_USE enum opk_status opk_yaml_patch(const struct opk_yaml_plan *plan, struct opk_buf *out,
                                            size_t *out_done, struct opk_err *err);

#endif
