/*
 * new_plugin.h - a new plugin: its specification, the schemas of what it reads and answers, and a
 * program to begin with.
 *
 * Shape:   an id such as docs.stale_links and its hooks in; the files of
 *          plugins/docs/PLG_DOCS_STALE_LINKS/ go into the repository's files. Nothing is written.
 * Memory:  all views are the caller's.
 * Errors:  OPK_E_USAGE (an id that is none, an unknown hook, none at all), OPK_E_REFUSED where a
 *          file of the plugin is there already.
 */
#ifndef OPK_SYNC_NEW_PLUGIN_H
#define OPK_SYNC_NEW_PLUGIN_H

#include "sync/repo.h"

struct opk_new_plugin {
    const char *id;           /* family.name */
    const char *const *hooks; /* on_doc_changed, on_registry_built, on_runtime_snapshot */
    size_t hook_count;
    const char *const *filters; /* globs; none: every path */
    size_t filter_count;
};

OPK_MUST_USE enum opk_status opk_new_plugin_add(struct opk_repo *repo,
                                                const struct opk_new_plugin *plugin,
                                                struct opk_err *err);

#endif
