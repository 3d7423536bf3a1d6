/*
 * plugin.h - the plugins of a repository: what each answers to, and what it may do.
 *
 * Shape:   plugins/FAMILY/PLG_X/plugin.spec.json, each held against its schema, with the schemas of
 *          the event and of the answer beside it; sorted by id. One without "run" is part of opk.
 * Allowed: a plugin with a program runs only when opk.yaml says so:
 *              plugins:
 *                allow: [docs.words, {id: docs.titles, edits: [docs/ **]}]   (without the blank)
 *                seconds: 10
 *          It may edit the document that it is asked about and what fits its edits, but neither
 *          opk.yaml nor what lies below plugins/.
 * Memory:  plugins own their documents and schemas.
 * Errors:  OPK_E_INVALID with the place: a specification or a schema that breaks its contract, two
 *          plugins with one id, an allow list that names no plugin.
 */
#ifndef OPK_SYNC_PLUGIN_H
#define OPK_SYNC_PLUGIN_H

#include "base/schema.h"
#include "sync/event.h"

#define OPK_PLUGIN_SECONDS     10 /* that a plugin runs, unless opk.yaml says otherwise */
#define OPK_PLUGIN_SECONDS_MAX 600

/* JSON that goes in or out, and its schema. */
struct opk_plugin_port {
    struct opk_doc doc;         /* owned */
    struct opk_schema_set *set; /* owned */
    const struct opk_schema *schema;
};

struct opk_plugin {
    struct opk_str id;
    struct opk_str folder; /* from the root, without a slash behind it */
    const char *path;      /* of the specification */
    struct opk_doc spec;   /* owned */
    bool hooks[OPK_HOOK_COUNT];
    const struct opk_node *filters; /* NULL: every path */
    const struct opk_node *run;     /* NULL: part of opk */
    bool is_allowed;
    const struct opk_node *edits; /* globs of opk.yaml; NULL: none */
    struct opk_plugin_port in;
    struct opk_plugin_port out;
};

struct opk_plugins {
    struct opk_arena arena;
    struct opk_doc config;    /* owned; opk.yaml */
    struct opk_plugin *items; /* owned */
    size_t count;
    size_t cap;
    unsigned seconds;
};

OPK_MUST_USE enum opk_status opk_plugins_load(struct opk_repo *repo,
                                              struct opk_plugins *out_plugins, struct opk_err *err);
void opk_plugins_done(struct opk_plugins *plugins);

/** Add a plugin that is part of opk; its schemas are JSON. The order is the caller's to restore. */
OPK_MUST_USE enum opk_status opk_plugins_add_part(struct opk_plugins *plugins, const char *id,
                                                  enum opk_hook hook, struct opk_str inputs,
                                                  struct opk_str outputs, struct opk_err *err);

/** Is a plugin asked about an event? By its hooks and filters. */
bool opk_plugin_wants(const struct opk_plugin *plugin, const struct opk_event *event);

/** May a plugin edit a path when it was asked about an event? */
bool opk_plugin_may_edit(const struct opk_plugin *plugin, const struct opk_event *event,
                         struct opk_str path);

/** Read JSON and hold it against a schema of the plugin; what names it in messages. */
OPK_MUST_USE enum opk_status opk_plugin_read(const struct opk_plugin *plugin,
                                             const struct opk_plugin_port *port,
                                             struct opk_str json, const char *what,
                                             struct opk_doc *out_doc, struct opk_err *err);

#endif
