/*
 * marker.h - the marked sections of a document: found, checked, replaced.
 *
 * Shape:   a section lies between two lines of its own,
 *              <!-- PATTERN_AUTO:ID:BEGIN -->   and   <!-- PATTERN_AUTO:ID:END -->   in Markdown,
 *              # PATTERN_AUTO:ID:BEGIN          and   # PATTERN_AUTO:ID:END          elsewhere.
 *          Parsing finds all sections of a text or fails; replacing changes the bytes between the
 *          two lines and no other, but for the sum. Text in code or in a string is never a marker:
 *          in Markdown what is fenced, indented or inline code; in YAML a scalar of several lines;
 *          in PowerShell a string or here-string; in a shell script a string or here-document.
 * Sums:    an END may hold "sum=" and 16 digits, the XXH3-64 of what was written there last, line
 *          ends as LF and without the markers' indentation. A section whose text has another sum
 *          was edited by hand. A sum is kept up where there is one, an empty one is filled.
 * Source:  CommonMark 0.31 for what is code; a Markdown marker indented by four or more columns is
 *          code. YAML as yaml.h reads it.
 * Units:   spans are bytes, lines are 1-based. ID is [A-Z][A-Z0-9_]*.
 * Memory:  sections lie in the caller's arena; their ids are views of the text.
 * Errors:  OPK_E_INVALID with the line: a marker that is malformed, missing its partner, twice
 *          there, nested or before its BEGIN; OPK_E_LIMIT past OPK_MARKER_SECTIONS_MAX sections;
 *          what yaml.h says of a YAML text that cannot be read.
 */
#ifndef OPK_SYNC_MARKER_H
#define OPK_SYNC_MARKER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"

#define OPK_MARKER_SECTIONS_MAX 256
#define OPK_SECTION_SUM         16 /* digits of a sum */

enum opk_marker_form {
    OPK_MARKER_HTML, /* Markdown; all others have hash marks */
    OPK_MARKER_YAML,
    OPK_MARKER_POWERSHELL,
    OPK_MARKER_SHELL,
    OPK_MARKER_HASH, /* a language that we do not know */
};

struct opk_section {
    struct opk_str id;
    uint64_t begin_line;
    uint64_t end_line;
    struct opk_span inside; /* whole lines between the markers */
    struct opk_str indent;  /* blanks before the BEGIN marker */
    bool crlf;              /* the BEGIN marker's line end */
    bool has_sum;           /* the END has one, if only an empty one */
    struct opk_str sum;     /* its digits */
    struct opk_span tail;   /* what follows the word END: nothing, or the sum */
};

/* What a section shall hold. */
struct opk_section_content {
    struct opk_str id;
    struct opk_str text;
    bool checksum; /* the END gets a sum where it has none */
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

/** [A-Z][A-Z0-9_]* */
bool opk_section_id_is_valid(struct opk_str id);

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

/** Is there a sum, and is it another one than that of the text? */
OPK_MUST_USE enum opk_status opk_section_is_edited(struct opk_str text,
                                                   const struct opk_section *section,
                                                   bool *out_is_edited, struct opk_err *err);

/**
 * Append text with the inside of a section replaced. The content takes the file's line ends and the
 * marker's indentation, and its last line an end; when it holds the section's own markers, what
 * lies between them is meant. A content that would make or unmake a marker is OPK_E_INVALID.
 */
OPK_MUST_USE enum opk_status opk_section_replace(struct opk_str text, const char *path,
                                                 const struct opk_section_content *content,
                                                 struct opk_buf *out, struct opk_err *err);

/**
 * Append text with a new section at its end. OPK_E_REFUSED when the end is code or a string;
 * OPK_E_INVALID when the section is there.
 */
OPK_MUST_USE enum opk_status opk_section_append(struct opk_str text, const char *path,
                                                const struct opk_section_content *content,
                                                struct opk_buf *out, struct opk_err *err);

#endif
