/*
 * doc.h - one tree for YAML and JSON documents, with the place of every node.
 *
 * Shape:   a document is a tree of nodes; a mapping keeps its keys in order of appearance.
 * Units:   spans are byte offsets into the source text; lines and columns are 1-based, columns
 *          count bytes.
 * Memory:  nodes and their texts lie in the document's arena; a node is borrowed until the
 *          document is freed. The source text is copied.
 * Typing:  YAML 1.2 core schema for plain scalars (null, true/false, integers, floats), everything
 *          quoted or block is a string; JSON likewise.
 * Errors:  finding gives NULL.
 */
#ifndef OPK_BASE_DOC_H
#define OPK_BASE_DOC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum opk_node_kind {
    OPK_NODE_NULL,
    OPK_NODE_BOOL,
    OPK_NODE_INT, /* text holds the digits; number the value as far as a double reaches */
    OPK_NODE_FLOAT,
    OPK_NODE_STRING,
    OPK_NODE_SEQ,
    OPK_NODE_MAP,
    OPK_NODE_ALIAS, /* only where a caller allows aliases: text is the anchor's name */
};

enum opk_node_style {
    OPK_STYLE_PLAIN,
    OPK_STYLE_SINGLE,
    OPK_STYLE_DOUBLE,
    OPK_STYLE_LITERAL,
    OPK_STYLE_FOLDED,
    OPK_STYLE_BLOCK, /* collections */
    OPK_STYLE_FLOW,
};

struct opk_span {
    size_t begin;
    size_t end;
};

/* What may stand before a value in a YAML file that is not ours; empty views where absent. */
struct opk_node_props {
    struct opk_str anchor;
    struct opk_str tag;
    size_t begin; /* byte of the first of them */
};

struct opk_node {
    enum opk_node_kind kind;
    enum opk_node_style style;
    uint32_t id;          /* dense from 0, in the order of the text; set by opk_yaml_parse */
    struct opk_span span; /* of the value, without anchor and tag; empty for an empty value */
    uint64_t line;
    uint64_t column;
    struct opk_str text;                /* a scalar's value, unescaped */
    double number;                      /* INT, FLOAT */
    bool truth;                         /* BOOL */
    struct opk_node *parent;            /* NULL at the root */
    struct opk_node *key;               /* the key node, when parent is a MAP */
    struct opk_node *first;             /* children of SEQ and MAP: values */
    struct opk_node *next;              /* sibling; of a root: the root of the next document */
    size_t count;                       /* of children */
    const struct opk_node_props *props; /* NULL: neither anchor nor tag */
};

struct opk_doc {
    struct opk_arena arena;
    struct opk_str source; /* the whole text, BOM included, in the arena */
    struct opk_node *root; /* NULL for an empty document */
    size_t node_count;     /* ids are below it; set by opk_yaml_parse */
};

void opk_doc_done(struct opk_doc *doc);

/** The value of a key of a mapping; NULL when absent, or when node is NULL or no mapping. */
const struct opk_node *opk_node_get(const struct opk_node *node, const char *key);
const struct opk_node *opk_node_get_str(const struct opk_node *node, struct opk_str key);

/** The child at an index; NULL past the end, or when node is NULL or no collection. */
const struct opk_node *opk_node_at(const struct opk_node *node, size_t index);

/** The node behind this one in the order of the text, children first; NULL behind the last. */
const struct opk_node *opk_node_next(const struct opk_node *node);

/** The node at a JSON Pointer (RFC 6901), or NULL. */
const struct opk_node *opk_node_pointer(const struct opk_node *root, struct opk_str pointer);

/** A string scalar's text; the empty view for anything else, NULL included. */
struct opk_str opk_node_text(const struct opk_node *node);

/** Append one step of a JSON Pointer: a slash and a key, with its slashes and tildes escaped. */
void opk_pointer_append(struct opk_str name, struct opk_buf *out);

/** Append the JSON Pointer of a node; nothing for a root. */
void opk_node_path(const struct opk_node *node, struct opk_buf *out);

/** The place of a node in a file, for opk_fail. */
struct opk_place opk_node_place(const struct opk_node *node, const char *path);

#endif
