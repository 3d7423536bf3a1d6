/*
 * out.h - one escaping function per sink.
 *
 * Shape:   text of any bytes in, text that is harmless to the sink appended to a buffer. Whatever
 *          reaches a person or a file goes through one of these, once.
 * Units:   input is any bytes; ill-formed UTF-8 is shown byte by byte.
 * Memory:  appends to the caller's buffer, whose failure is sticky (buf.h).
 * Sources: C0/C1/DEL and the bidirectional and zero-width characters of Unicode's TR 36 and TR 39;
 *          RFC 8259 for JSON; YAML 1.2.2 §5.7 and §7.3.1 for double-quoted scalars.
 */
#ifndef OPK_BASE_OUT_H
#define OPK_BASE_OUT_H

#include "base/buf.h"

/**
 * For a terminal: C0 and DEL as ^X, C1 and ill-formed bytes as \xNN, bidi, zero-width and other
 * invisible characters as <U+202E>. With keep_newlines, LF and TAB pass.
 */
void opk_out_terminal(struct opk_buf *out, struct opk_str text, bool keep_newlines);

/** The inside of a JSON string: \u escapes for what is not printable ASCII-safe; ill-formed UTF-8
 * as U+FFFD. */
void opk_out_json(struct opk_buf *out, struct opk_str text);

/** The same within double quotes. */
void opk_out_json_string(struct opk_buf *out, struct opk_str text);

/**
 * A YAML scalar that reads back as exactly this string under YAML 1.1 and 1.2: plain where that is
 * safe, else double-quoted with ASCII escapes for whatever is not printable.
 */
void opk_out_yaml(struct opk_buf *out, struct opk_str text);

/** The same, always in double quotes. */
void opk_out_yaml_quoted(struct opk_buf *out, struct opk_str text);

/** True when opk_out_yaml would write text plain. */
bool opk_out_yaml_is_plain(struct opk_str text);

/** A TSV field: tab, newline, CR and backslash as two characters, never quoted. */
void opk_out_tsv(struct opk_buf *out, struct opk_str text);

/** One command a line: backslash as \\, newline as \n; nothing else is changed. */
void opk_out_line(struct opk_buf *out, struct opk_str text);

/** A Markdown code span, its fence longer than any run of backticks inside. */
void opk_out_markdown_code(struct opk_buf *out, struct opk_str text);

#endif
