/*
 * yaml_impl.h - the two readers of YAML, and the tree that both build.
 *
 * Shape:   a reader tells events in the order of the text, each with its bytes; opk_yaml_take makes
 *          nodes of them. yaml.c asks libyaml; yaml_plain.c reads the plainest files by itself,
 *          which is most of what opk and people write, and leaves all others alone.
 * Errors:  the plain reader knows none: what it cannot read, wrong or not, is libyaml's.
 */
#ifndef OPK_BASE_YAML_IMPL_H
#define OPK_BASE_YAML_IMPL_H

#include "base/yaml.h"

enum opk_yaml_event_kind {
    OPK_YAML_DOCUMENT,
    OPK_YAML_SCALAR,
    OPK_YAML_ALIAS, /* text is the anchor's name */
    OPK_YAML_SEQ,
    OPK_YAML_MAP,
    OPK_YAML_CLOSE, /* of the collection that was opened last */
};

struct opk_yaml_event {
    enum opk_yaml_event_kind kind;
    enum opk_node_style style;
    struct opk_span span; /* as libyaml marks it: see yaml.c */
    uint64_t line;        /* of its begin; 0: to be looked up */
    uint64_t column;
    struct opk_str text; /* borrowed; where is_kept, it lies in the document with a NUL behind it */
    bool is_kept;
    const char *anchor; /* or NULL */
    const char *tag;    /* or NULL */
};

struct opk_yaml_reader;

/** One more event of a document that is being read. */
OPK_MUST_USE enum opk_status opk_yaml_take(struct opk_yaml_reader *reader,
                                           const struct opk_yaml_event *event, struct opk_err *err);

/** A copy of the text in the document's arena, for texts that are kept; NULL without memory. */
char *opk_yaml_keep(struct opk_yaml_reader *reader);

/** Tell the events of a text; OPK_END when it is more than plain. */
OPK_MUST_USE enum opk_status opk_yaml_read_plain(struct opk_str text,
                                                 struct opk_yaml_reader *reader,
                                                 struct opk_err *err);

/**
 * opk_yaml_parse with one of the readers alone: libyaml's where certainty counts more than time,
 * the plain one in tests. That one gives OPK_END for what it leaves to libyaml, and nothing but
 * that and OPK_E_NOMEM as an error.
 */
OPK_MUST_USE enum opk_status opk_yaml_parse_plain(struct opk_str text, const char *path,
                                                  struct opk_yaml_limits limits,
                                                  struct opk_doc *out_doc, struct opk_err *err);
OPK_MUST_USE enum opk_status opk_yaml_parse_any(struct opk_str text, const char *path,
                                                struct opk_yaml_limits limits,
                                                struct opk_doc *out_doc, struct opk_err *err);

#endif
