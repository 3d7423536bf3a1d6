/*
 * template.h - text from a template and data: the part of Jinja2 that pattern templates use.
 *
 * Shape:   parse a template once, render it with a mapping as often as needed.
 * Source:  the template language of Jinja2 3.1 with trim_blocks, lstrip_blocks and StrictUndefined
 *          on and automatic escaping off: {{ }}, {% if for set macro include raw %}, {# #}, "-" and
 *          "+" at either end of a tag, filters, tests, slices, and Jinja2's printing of Python
 *          values. Line ends are
 *          read as LF, and one final newline is dropped, as Jinja2 does.
 * Differs: keys only, so a.items is the key "items"; letters are folded in ASCII only; integers
 *          have 64 bits; macros are defined outside of loops; what is not read (extends, import,
 *          call ...) is an error at its line and never printed as text.
 * Memory:  templates and values lie in the caller's arena; the source text is copied into it.
 * Errors:  OPK_E_SYNTAX (the template is wrong), OPK_E_INVALID (an undefined name, a filter on the
 *          wrong type), OPK_E_UNSUPPORTED (a part of Jinja2 that is not read), OPK_E_LIMIT (below),
 *          all with the template's path and line.
 */
#ifndef OPK_BASE_TEMPLATE_H
#define OPK_BASE_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/file.h"

#define OPK_TEMPLATE_BYTES_MAX  ((size_t)1 << 20)  /* of a template */
#define OPK_TEMPLATE_DEPTH_MAX  64                 /* of expressions, and of nested blocks */
#define OPK_TEMPLATE_OUTPUT_MAX ((size_t)16 << 20) /* bytes of one rendering */
#define OPK_TEMPLATE_STEPS_MAX  1000000            /* expressions evaluated in one rendering */
#define OPK_TEMPLATE_CALLS_MAX  16                 /* macros and includes within one another */

enum opk_tval_kind {
    OPK_TVAL_UNDEFINED, /* text names what was asked for */
    OPK_TVAL_NONE,
    OPK_TVAL_BOOL,
    OPK_TVAL_INT,
    OPK_TVAL_FLOAT,
    OPK_TVAL_STRING,
    OPK_TVAL_SEQ, /* items */
    OPK_TVAL_MAP, /* keys and items, side by side, in order */
};

struct opk_tval {
    enum opk_tval_kind kind;
    bool truth; /* of a BOOL; a SEQ that is a tuple prints with ( ) */
    int64_t integer;
    double number;
    struct opk_str text;
    struct opk_tval *keys; /* in an arena; like items never changed once it is shared */
    struct opk_tval *items;
    size_t count;
};

#define OPK_TVAL_NULL ((struct opk_tval){.kind = OPK_TVAL_NONE})

struct opk_tval opk_tval_string(struct opk_str text);

/** A document's node as a value; its texts are borrowed, lists lie in the arena. NULL is none. */
struct opk_tval opk_tval_of_node(struct opk_arena *arena, const struct opk_node *node);

/** A deep copy: texts too lie in the arena then. */
OPK_MUST_USE enum opk_status opk_tval_copy(struct opk_arena *arena, const struct opk_tval *value,
                                           struct opk_tval *out_copy, struct opk_err *err);

/** The value of a key of a MAP; NULL when absent or no MAP. */
const struct opk_tval *opk_tval_get(const struct opk_tval *map, struct opk_str key);

/** Python's ==: 1 equals 1.0, and mappings are equal in any order of their keys. */
bool opk_tval_equal(const struct opk_tval *a, const struct opk_tval *b);

/** A mapping that grows while it is made: room for cap pairs in the arena. */
void opk_tval_map_init(struct opk_tval *map, struct opk_arena *arena, size_t cap);

/** Add a pair to a mapping made with opk_tval_map_init that has room for it. */
void opk_tval_map_add(struct opk_tval *map, struct opk_str key, struct opk_tval value);

/** Append a value as Jinja2 prints it: strings bare, lists and mappings as Python shows them. */
void opk_tval_print(const struct opk_tval *value, struct opk_buf *out);

struct opk_template;

/** place names the file and the first line of text, for messages; its path is copied. */
OPK_MUST_USE enum opk_status opk_template_parse(struct opk_arena *arena, struct opk_str text,
                                                struct opk_place place,
                                                const struct opk_template **out_template,
                                                struct opk_err *err);

/* Where included templates come from. */
struct opk_template_loader {
    /*
     * Append a template's text to out and give the path for messages, in the arena. OPK_E_NOENT
     * when there is none of this name; OPK_E_REFUSED when the name leaves the loader's folder.
     */
    enum opk_status (*load)(const struct opk_template_loader *loader, struct opk_str name,
                            struct opk_arena *arena, struct opk_buf *out, const char **out_path,
                            struct opk_err *err);
    const void *context;
};

/* Templates below a folder of a root, which nothing leaves. */
struct opk_template_folder {
    const struct opk_root *root;
    const char *below; /* the folder in the root: "", or "templates/" */
    const char *shown; /* what messages put before a name: "", or "/srv/templates/" */
};

/** A loader of a folder's files; both live as long as the templates. */
struct opk_template_loader opk_template_folder_loader(const struct opk_template_folder *folder);

/** The same for a template that may include others; the loader lives as long as the template. */
OPK_MUST_USE enum opk_status opk_template_parse_with(struct opk_arena *arena,
                                                     const struct opk_template_loader *loader,
                                                     struct opk_str text, struct opk_place place,
                                                     const struct opk_template **out_template,
                                                     struct opk_err *err);

/** Append the template's text; data is a MAP whose keys are its names. */
OPK_MUST_USE enum opk_status opk_template_render(const struct opk_template *tmpl,
                                                 const struct opk_tval *data,
                                                 struct opk_arena *arena, struct opk_buf *out,
                                                 struct opk_err *err);

/**
 * As a value: a template that is one {{ expression }} and nothing else gives the expression's own
 * value, so that a list stays a list; any other gives its text as a string, in the arena.
 */
OPK_MUST_USE enum opk_status opk_template_value(const struct opk_template *tmpl,
                                                const struct opk_tval *data,
                                                struct opk_arena *arena, struct opk_tval *out_value,
                                                struct opk_err *err);

#endif
