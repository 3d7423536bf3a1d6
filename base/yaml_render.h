/*
 * yaml_render.h - a value as YAML text, in the hand of the file it goes into.
 *
 * Shape:   a value, and a node that it should look like, in; text out.
 * Units:   columns are 0-based, in blanks.
 * Memory:  appends to the caller's buffer.
 * Errors:  none; opk_yaml_edit verifies what comes out.
 */
#ifndef OPK_BASE_YAML_RENDER_H
#define OPK_BASE_YAML_RENDER_H

#include "base/yaml_edit.h"

/* How a file is written, learnt from it. */
struct opk_yaml_hand {
    struct opk_str eol;
    size_t map_indent; /* of a mapping below its key */
    size_t seq_indent; /* of a dash below its key */
    bool json;         /* everything quoted, in brackets */
    bool literals;     /* the last line has an end: a literal written there keeps its own */
};

struct opk_yaml_hand opk_yaml_hand_of(const struct opk_doc *doc);

/** Will the value take lines of its own in a block collection? like may be NULL. */
bool opk_yaml_is_block(const struct opk_yaml_hand *hand, const struct opk_value *value,
                       const struct opk_node *like);

/**
 * Write a value. A block begins at once and goes on at column; in_flow forbids blocks. like is a
 * node whose quotes and brackets are copied, or NULL.
 */
void opk_yaml_render(const struct opk_yaml_hand *hand, const struct opk_value *value,
                     const struct opk_node *like, size_t column, bool in_flow, struct opk_buf *out);

/** Write "key: value" for a mapping at column; like_key is a key whose quotes are copied, or NULL.
 */
void opk_yaml_render_pair(const struct opk_yaml_hand *hand, const struct opk_value *item,
                          const struct opk_node *like_key, const struct opk_node *like,
                          size_t column, struct opk_buf *out);

/** The same inside braces. */
void opk_yaml_render_flow_pair(const struct opk_yaml_hand *hand, const struct opk_value *item,
                               const struct opk_node *like_key, const struct opk_node *like,
                               struct opk_buf *out);

/** Write "- value" for a dash at column, with gap blanks behind it. */
void opk_yaml_render_item(const struct opk_yaml_hand *hand, const struct opk_value *item,
                          const struct opk_node *like, size_t column, size_t gap,
                          struct opk_buf *out);

#endif
