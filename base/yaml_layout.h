/*
 * yaml_layout.h - where the parts of a YAML text stand: lines, blanks, dashes, colons.
 *
 * Shape:   places in a text, as opk_yaml_parse read it, to places in the same text.
 * Units:   bytes. A line ends in LF, CRLF or CR; a leading BOM belongs to no line.
 * Memory:  nothing allocated; results are offsets or views of the text.
 * Errors:  OPK_NPOS where a part is absent.
 */
#ifndef OPK_BASE_YAML_LAYOUT_H
#define OPK_BASE_YAML_LAYOUT_H

#include "base/doc.h"

/** 3 when the text begins with a BOM, else 0. */
size_t opk_yaml_bom(struct opk_str text);

/** The byte at a place; a line end past the last one. */
char opk_yaml_byte(struct opk_str text, size_t at);
bool opk_yaml_is_break(char c);

/** Past blanks, line ends and comments. */
size_t opk_yaml_skip_space(struct opk_str text, size_t at);

/** The end of the anchor or tag that begins at a place. */
size_t opk_yaml_prop_end(struct opk_str text, size_t at);

/** The first byte of a place's line, the first byte of its line end, the first byte behind that. */
size_t opk_yaml_line_begin(struct opk_str text, size_t at);
size_t opk_yaml_line_end(struct opk_str text, size_t at);
size_t opk_yaml_line_next(struct opk_str text, size_t at);

/** Where the line end stands that a line's first byte follows; line itself when there is none. */
size_t opk_yaml_line_end_before(struct opk_str text, size_t line);

/** The text's own line end, from its first line; LF when it has none. */
struct opk_str opk_yaml_eol(struct opk_str text);

/** Is there nothing but blanks before a place on its line? */
bool opk_yaml_starts_line(struct opk_str text, size_t at);

/** Is there nothing but blanks and a comment from a place to the end of its line? */
bool opk_yaml_ends_line(struct opk_str text, size_t at);

/** Where a child begins with its dash, "?" or key; prev is the sibling before it, or NULL. */
size_t opk_yaml_entry_begin(struct opk_str text, const struct opk_node *child,
                            const struct opk_node *prev);

/** The colon between a child's key and its value, or OPK_NPOS. */
size_t opk_yaml_colon(struct opk_str text, const struct opk_node *child);

/** The comma behind a child of a flow collection, or OPK_NPOS. */
size_t opk_yaml_comma(struct opk_str text, const struct opk_node *child);

/** The end of a block scalar's indicators ("|", ">-", "|2+"). */
size_t opk_yaml_header_end(struct opk_str text, const struct opk_node *scalar);

/** Is this a collection between brackets or braces, and not a lone pair within brackets? */
bool opk_yaml_is_bracketed(struct opk_str text, const struct opk_node *node);

/** Does the node stand within a flow collection? */
bool opk_yaml_in_flow(const struct opk_node *node);

#endif
