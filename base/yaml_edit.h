/*
 * yaml_edit.h - change one value of a YAML text and nothing else.
 *
 * Shape:   an edit is a text plus planned changes, all told in terms of the document as it was;
 *          finish turns them into replaced spans, parses the result again and requires that its
 *          event stream equals the old one with just those nodes changed. A list that is replaced
 *          keeps the items that it has in common with the new one, with their comments; between
 *          those, an item that stands at the same place is changed there, and the comments around
 *          it stay. A mapping keeps its keys in their order, and new ones follow.
 * Style:   a scalar is written in the old node's style when it reads back as the same string under
 *          YAML 1.1 and 1.2, else double-quoted; a new item copies the dash column, the space after
 *          the dash and the quotes of its neighbour; line ends are the file's own.
 *          Lists in brackets stay so while they hold scalars.
 * Memory:  an edit owns its copy of the text; the result is appended to the caller's buffer.
 * Errors:  OPK_E_REFUSED when verification fails or the place cannot be edited (said why),
 *          OPK_E_CONFLICT when two changes want one place; nothing is written then. OPK_E_SYNTAX,
 *          OPK_E_LIMIT as in yaml.h.
 */
#ifndef OPK_BASE_YAML_EDIT_H
#define OPK_BASE_YAML_EDIT_H

#include "base/buf.h"
#include "base/yaml.h"

struct opk_yaml_edit;

/* A value to write. Borrowed for the call; every view is set, if only to OPK_STR_EMPTY. */
struct opk_value {
    enum { OPK_VALUE_NULL, OPK_VALUE_STRING, OPK_VALUE_RAW, OPK_VALUE_SEQ, OPK_VALUE_MAP } kind;
    struct opk_str text;           /* STRING: the string; RAW: a plain scalar such as 12 or true */
    struct opk_str key;            /* of an item of a MAP */
    const struct opk_value *items; /* SEQ, MAP */
    size_t count;
};

/**
 * A node as a value, in an arena; texts are borrowed from the document. OPK_E_REFUSED for aliases,
 * anchors and tags.
 */
OPK_MUST_USE enum opk_status opk_value_of_node(const struct opk_node *node, struct opk_arena *arena,
                                               struct opk_value *out_value, struct opk_err *err);

OPK_MUST_USE enum opk_status opk_yaml_edit_new(struct opk_str text, const char *path,
                                               struct opk_yaml_limits limits,
                                               struct opk_yaml_edit **out_edit,
                                               struct opk_err *err);
void opk_yaml_edit_free(struct opk_yaml_edit *edit);

/** The document as it was; spans and nodes are valid until free. */
const struct opk_doc *opk_yaml_edit_doc(const struct opk_yaml_edit *edit);

/**
 * Set the value of a key of a mapping: replaced when it differs, appended when absent. An empty
 * value (key:) becomes a mapping; map may be NULL when the document is empty.
 */
OPK_MUST_USE enum opk_status opk_yaml_edit_set(struct opk_yaml_edit *edit,
                                               const struct opk_node *map, struct opk_str key,
                                               const struct opk_value *value, struct opk_err *err);

/** Replace a node's value. */
OPK_MUST_USE enum opk_status opk_yaml_edit_replace(struct opk_yaml_edit *edit,
                                                   const struct opk_node *node,
                                                   const struct opk_value *value,
                                                   struct opk_err *err);

/** Append an item to a sequence. An empty value becomes one. */
OPK_MUST_USE enum opk_status opk_yaml_edit_append(struct opk_yaml_edit *edit,
                                                  const struct opk_node *seq,
                                                  const struct opk_value *value,
                                                  struct opk_err *err);

/**
 * Add an item behind another one, or a key (value's key, which is new) behind another value; and
 * behind what was added there before.
 */
OPK_MUST_USE enum opk_status opk_yaml_edit_insert(struct opk_yaml_edit *edit,
                                                  const struct opk_node *after,
                                                  const struct opk_value *value,
                                                  struct opk_err *err);

/** Delete a key with its value, or an item. */
OPK_MUST_USE enum opk_status opk_yaml_edit_delete(struct opk_yaml_edit *edit,
                                                  const struct opk_node *node, struct opk_err *err);

/** Apply, verify, and append the new text to out. */
OPK_MUST_USE enum opk_status opk_yaml_edit_finish(struct opk_yaml_edit *edit, struct opk_buf *out,
                                                  struct opk_err *err);

/** Did any call change a byte? */
bool opk_yaml_edit_changed(const struct opk_yaml_edit *edit);

#endif
