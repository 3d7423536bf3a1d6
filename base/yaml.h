/*
 * yaml.h - read one YAML document (YAML 1.1 as libyaml 0.2.5 reads it) into a document tree.
 *
 * Shape:   bytes in, struct opk_doc out, with exact byte spans (see the notes in yaml.c on what
 *          libyaml's marks need).
 * Units:   UTF-8, with or without BOM; LF or CRLF.
 * Memory:  the document owns everything; free it with opk_doc_done.
 * Errors:  OPK_E_SYNTAX with line and column; OPK_E_LIMIT for size, depth or nodes; OPK_E_INVALID
 *          for duplicate keys (both lines), and, unless allowed, for anchors, aliases, tags, merge
 *          keys, keys that are no scalars and several documents; OPK_E_UNSUPPORTED for UTF-16.
 * Several: where they are allowed, the root's next is the root of the second document.
 */
#ifndef OPK_BASE_YAML_H
#define OPK_BASE_YAML_H

#include "base/doc.h"

#define OPK_YAML_DEPTH_MAX    64                 /* collections within collections */
#define OPK_YAML_NODES_MAX    ((size_t)1 << 22)  /* keys count as nodes */
#define OPK_YAML_CARD_MAX     ((size_t)1 << 20)  /* bytes of a card, rule file or spec */
#define OPK_YAML_REGISTRY_MAX ((size_t)64 << 20) /* bytes of a registry or drafts file */

struct opk_yaml_limits {
    size_t bytes;
    size_t nodes;       /* 0: OPK_YAML_NODES_MAX */
    bool allow_foreign; /* anchors, aliases and tags: files that are not ours */
};

/** path is for messages only. */
OPK_MUST_USE enum opk_status opk_yaml_parse(struct opk_str text, const char *path,
                                            struct opk_yaml_limits limits, struct opk_doc *out_doc,
                                            struct opk_err *err);

#endif
