/*
 * marker.h - the marked sections of a document: found, checked, replaced.
 *
 * Shape:   a section lies between two lines of its own,
 *              <!-- PATTERN_AUTO:ID:BEGIN -->   and   <!-- PATTERN_AUTO:ID:END -->   in Markdown,
 *              # PATTERN_AUTO:ID:BEGIN          and   # PATTERN_AUTO:ID:END          elsewhere.
 *          Parsing finds all sections of a text or fails; replacing changes the bytes between the
 *          two lines and no other. Text in fenced, indented or inline code is never a marker.
 * Source:  CommonMark 0.31 for what is code; a Markdown marker indented by four or more columns is
 *          code.
 * Units:   spans are bytes, lines are 1-based. ID is [A-Z][A-Z0-9_]*.
 * Memory:  sections lie in the caller's arena; their ids are views of the text.
 * Errors:  OPK_E_INVALID with the line: a marker that is malformed, missing its partner, twice
 *          there, nested or before its BEGIN; OPK_E_LIMIT past OPK_MARKER_SECTIONS_MAX sections.
 */
#ifndef OPK_SYNC_MARKER_H
#define OPK_SYNC_MARKER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"

#define OPK_MARKER_SECTIONS_MAX 256

enum opk_marker_form {
    OPK_MARKER_HTML, /* Markdown */
    OPK_MARKER_HASH, /* YAML, PowerShell, shell */
};

struct opk_section {
    struct opk_str id;
    uint64_t begin_line;
    uint64_t end_line;
    struct opk_span inside; /* whole lines between the markers */
    struct opk_str indent;  /* blanks before the BEGIN marker */
    bool crlf;              /* the BEGIN marker's line end */
};

/* A marker within code: text, but worth a word to whoever misses the section. */
struct opk_code_marker {
    struct opk_str id;
    uint64_t line;
};

struct opk_sections {
    const struct opk_section *items; /* in the order of the text */
    size_t count;
    const struct opk_code_marker *in_code; /* at most OPK_MARKER_SECTIONS_MAX are kept */
    size_t in_code_count;
};

/** The form of a file's markers, by its name. */
enum opk_marker_form opk_marker_form_of(struct opk_str path);

/** path is for messages only. */
OPK_MUST_USE enum opk_status opk_sections_parse(struct opk_str text, const char *path,
                                                struct opk_arena *arena,
                                                struct opk_sections *out_sections,
                                                struct opk_err *err);

/** NULL when absent. */
const struct opk_section *opk_sections_find(const struct opk_sections *sections, struct opk_str id);

/** The line of the first marker of a section that stands in code; 0 when there is none. */
uint64_t opk_sections_code_line(const struct opk_sections *sections, struct opk_str id);

/**
 * Append text with the inside of a section replaced by content. Content takes the file's line ends
 * and the marker's indentation, and its last line an end; when it holds the section's own markers,
 * what lies between them is meant. A content that would make or unmake a marker is OPK_E_INVALID.
 */
OPK_MUST_USE enum opk_status opk_section_replace(struct opk_str text, const char *path,
                                                 struct opk_str id, struct opk_str content,
                                                 struct opk_buf *out, struct opk_err *err);

#endif
