/*
 * event.h - what happened in a repository, as plugins are told it.
 *
 * Shape:   an event has a hook, a path and what is known of the path; as JSON it is
 *          {event, path, doc_type, pattern_id, pattern_key, changed, base, check}, without what is
 *          unknown; base is null where there is no version control.
 * Answer:  {"edits": [{path, base, span, text}], "messages": [{severity, path, text}]}. An edit
 *          replaces the bytes [begin, end) of a file whose SHA-256 is base; base is empty and the
 *          span [0, 0] for a file that is not there. A plugin never writes: opk applies the edits.
 * Depth:   an edit is a change, and raises events of its own, one deeper; an edit that would raise
 *          one deeper than OPK_EVENT_DEPTH_MAX ends the run, and nothing is written.
 * Memory:  views are borrowed.
 */
#ifndef OPK_SYNC_EVENT_H
#define OPK_SYNC_EVENT_H

#include "base/git.h"
#include "sync/repo.h"

#define OPK_EVENT_DEPTH_MAX 3
#define OPK_EVENTS_MAX      10000 /* of one run */
#define OPK_EDITS_MAX       10000 /* of one answer */

enum opk_hook {
    OPK_HOOK_DOC_CHANGED,
    OPK_HOOK_REGISTRY_BUILT,
    OPK_HOOK_RUNTIME_SNAPSHOT,
};
#define OPK_HOOK_COUNT 3

struct opk_event {
    enum opk_hook hook;
    struct opk_str path;
    struct opk_str doc_type; /* pattern_card, pattern_spec, doc_card, doc, index; or empty */
    struct opk_str pattern_id;
    struct opk_str pattern_key;
    struct opk_str changed; /* a list of fields as JSON (changed.h); empty when it is not known */
    struct opk_str base;    /* the commit that changes are told against; or empty */
    bool check;             /* nothing will be written */
    unsigned depth;         /* from 1 */
};

/** "on_doc_changed"; a hook by its name, or -1. */
const char *opk_hook_name(enum opk_hook hook);
int opk_hook_find(struct opk_str name);

/** The event of a hook and a path, with what the repository's cards say of the path. */
void opk_event_init(struct opk_event *event, const struct opk_repo *repo, enum opk_hook hook,
                    struct opk_str path);

/**
 * Append the fields in which a changed document differs from a base, which may be NULL; nothing
 * when that is not known.
 */
OPK_MUST_USE enum opk_status opk_event_compare(const struct opk_event *event,
                                               struct opk_files *files,
                                               const struct opk_git_base *base, struct opk_buf *out,
                                               struct opk_err *err);

/** Append it as JSON. */
void opk_event_write(const struct opk_event *event, struct opk_buf *out);

/** The card that a path is one of, or is a document of; NULL when there is none. */
const struct opk_card *opk_event_card(const struct opk_repo *repo, struct opk_str path);

#endif
