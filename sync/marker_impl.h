/*
 * marker_impl.h - what the files of marked sections share: marker_code.c tells which lines are code
 * or text, marker.c finds the sections, marker_write.c changes them.
 */
#ifndef OPK_SYNC_MARKER_IMPL_H
#define OPK_SYNC_MARKER_IMPL_H

#include "sync/markdown.h"
#include "sync/marker.h"

#define OPK_MARKER_HEREDOCS_MAX 8 /* that one line of a shell script begins */

/* One line of a text: what it says without its end, and where the next one starts. */
struct opk_marker_line {
    struct opk_str text;
    size_t begin;
    size_t next;
    uint64_t number;
    bool crlf;
};

/** False at the end of the text; a zeroed line is before the first. */
bool opk_marker_line_next(struct opk_str text, struct opk_marker_line *line);

/** Without blanks at the start. */
struct opk_str opk_marker_skip_blanks(struct opk_str text);

/* An open code fence of Markdown. */
struct opk_code_fence {
    struct opk_fence marks;
    size_t offset; /* column of the list item or quote it stands in */
};

/* A here-document that a line of a shell script has begun. */
struct opk_heredoc {
    struct opk_str end;
    bool strips_tabs;
};

/* Where a reader of lines is: in a fence, a string, a comment of many lines. */
struct opk_code {
    enum opk_marker_form form;
    struct opk_code_fence fence;
    const struct opk_span *scalars; /* of YAML, those of several lines, in order */
    size_t scalar_count;
    char quote;                                           /* of the open string of a script, or 0 */
    bool is_here;                                         /* it is a here-string of PowerShell */
    bool in_comment;                                      /* between <# and #> */
    struct opk_heredoc heredocs[OPK_MARKER_HEREDOCS_MAX]; /* the first is the one being read */
    size_t heredoc_count;
};

/**
 * Prepare to read a text's lines in order. A YAML text is parsed for its scalars, which lie in the
 * arena: what yaml.h says of one that cannot be read.
 */
OPK_MUST_USE enum opk_status opk_code_init(struct opk_code *code, enum opk_marker_form form,
                                           struct opk_str text, const char *path,
                                           struct opk_arena *arena, struct opk_err *err);

/** Is the next line code or part of a string, where a marker is text? */
bool opk_code_next(struct opk_code *code, const struct opk_marker_line *line);

/** opk_sections_parse for a text that has another form than its path says. */
OPK_MUST_USE enum opk_status opk_sections_parse_as(struct opk_str text, const char *path,
                                                   enum opk_marker_form form,
                                                   struct opk_arena *arena,
                                                   struct opk_sections *out_sections,
                                                   struct opk_err *err);

/** The sum of a section's lines, without the indentation of its marker and with line ends of LF. */
OPK_MUST_USE enum opk_status opk_content_sum(struct opk_str lines, struct opk_str indent,
                                             char out_sum[OPK_SECTION_SUM + 1],
                                             struct opk_err *err);

#endif
