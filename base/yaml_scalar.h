/*
 * yaml_scalar.h - what a plain scalar means, and how a string is written so that it means itself.
 *
 * Shape:   text in, a kind or YAML text out.
 * Source:  YAML 1.2.2 §10.3.2 (core schema) for reading; for writing also the YAML 1.1 types (bool,
 *          int, float, timestamp, merge, value), since other readers still follow them.
 * Units:   UTF-8.
 * Memory:  appends to the caller's buffer.
 * Errors:  none.
 */
#ifndef OPK_BASE_YAML_SCALAR_H
#define OPK_BASE_YAML_SCALAR_H

#include "base/buf.h"
#include "base/doc.h"

/** The core schema's kind of a plain scalar, with its value in out's number and truth. */
enum opk_node_kind opk_yaml_resolve(struct opk_str text, struct opk_node *out);

/** Would text, written plain, be a string for readers of YAML 1.1 and of 1.2? */
bool opk_yaml_is_string(struct opk_str text);

/**
 * Could text stand plain as one line, whatever its type? in_flow: inside brackets or braces, or as
 * a key.
 */
bool opk_yaml_fits_plain(struct opk_str text, bool in_flow);

/** Could text stand in single quotes on one line? */
bool opk_yaml_fits_single(struct opk_str text);

/** Could text be a block scalar of style LITERAL or FOLDED without an indentation indicator? */
bool opk_yaml_fits_block(struct opk_str text, enum opk_node_style style);

/**
 * Write a string on one line: in the wanted style where it reads back as this string, else in
 * double quotes. Block styles count as plain here.
 */
void opk_yaml_write_string(struct opk_buf *out, struct opk_str text, enum opk_node_style style,
                           bool in_flow);

/**
 * The "|" or ">" with its chomping indicator for text, and the lines that follow it, each after eol
 * and indent blanks, without the last line's end.
 */
void opk_yaml_write_block_header(struct opk_buf *out, struct opk_str text,
                                 enum opk_node_style style);
void opk_yaml_write_block_lines(struct opk_buf *out, struct opk_str text, enum opk_node_style style,
                                size_t indent, struct opk_str eol);

#endif
