/*
 * kernel.h - events and plugins: who is asked, what the answers change.
 *
 * Shape:   events are fired one after the other; each plugin that wants one is asked, in the order
 *          of (event, plugin id); its answer is checked (its own schema, the digest and the span of
 *          each edit, what it may edit) and applied to the repository's files. What is changed
 *          raises an event of its own: of an index that is made from cards on_registry_built, of
 *          any other file on_doc_changed. Nothing is written: who fires writes, in one transaction.
 * Parts:   plugins of opk itself are rows of a table and answer by the same JSON as any other; one
 *          runs whether or not the repository holds a specification for it, which can narrow it.
 * Effects: a plugin's program is run by the host, and what opk itself does beyond this stage is in
 *          the host's rows.
 * Memory:  a kernel owns what it collects, and borrows the repository and the host.
 * Errors:  whatever a plugin does wrong ends the run and names it: OPK_E_INVALID (an answer that is
 *          none), OPK_E_REFUSED (an edit that it may not make), OPK_E_CONFLICT (a digest of other
 *          bytes, edits that overlap), OPK_E_LIMIT (depth, events, edits; what the host says).
 */
#ifndef OPK_SYNC_KERNEL_H
#define OPK_SYNC_KERNEL_H

#include "sync/plugin.h"

struct opk_kernel;

/* A plugin that is part of opk: asked about some events and kinds of documents. */
struct opk_part {
    const char *id;
    enum opk_hook hook;
    const char *doc_types; /* separated by blanks; NULL: any */
    /* Append the answer as JSON. */
    enum opk_status (*answer)(struct opk_kernel *kernel, const struct opk_event *event,
                              struct opk_buf *out, struct opk_err *err);
};

/* What a plugin's program is asked. */
struct opk_question {
    const struct opk_plugin *plugin;
    struct opk_str event;    /* JSON */
    struct opk_str document; /* what the event's path holds by now, which no file may hold yet */
    unsigned seconds;        /* for the answer */
};

struct opk_kernel_host {
    void *context;
    /* Run an allowed plugin's program, and append the bytes of its standard output. */
    enum opk_status (*run)(void *context, const struct opk_question *question,
                           struct opk_buf *answer, struct opk_err *err);
    const struct opk_part *parts; /* besides those of this stage */
    size_t part_count;
    const struct opk_git_base *base; /* what changes are told against; NULL: nothing */
};

/* Who was asked, and how much changed. */
struct opk_asked {
    struct opk_event event; /* of its own texts */
    struct opk_str plugin;
    size_t edits;
    bool is_passed_over; /* opk.yaml does not allow it */
};

struct opk_message {
    struct opk_str plugin;
    struct opk_str severity; /* note, warning, error */
    struct opk_str path;     /* or empty */
    struct opk_str text;
};

struct opk_kernel {
    struct opk_repo *repo;
    const struct opk_kernel_host *host;
    struct opk_plugins plugins; /* owned */
    struct opk_arena arena;     /* of texts */
    struct opk_event *queue;    /* owned; of one firing */
    size_t queue_count;
    size_t queue_cap;
    struct opk_asked *asked; /* owned */
    size_t asked_count;
    size_t asked_cap;
    struct opk_message *messages; /* owned */
    size_t message_count;
    size_t message_cap;
};

OPK_MUST_USE enum opk_status opk_kernel_init(struct opk_kernel *kernel, struct opk_repo *repo,
                                             const struct opk_kernel_host *host,
                                             struct opk_err *err);
void opk_kernel_done(struct opk_kernel *kernel);

/** Fire an event and all that it raises. */
OPK_MUST_USE enum opk_status opk_kernel_fire(struct opk_kernel *kernel,
                                             const struct opk_event *event, struct opk_err *err);

/** For parts: the answer that gives a file this text. */
OPK_MUST_USE enum opk_status opk_kernel_answer_file(struct opk_kernel *kernel, struct opk_str path,
                                                    struct opk_str text, struct opk_buf *out,
                                                    struct opk_err *err);

/** How many messages are warnings or errors. */
size_t opk_kernel_serious(const struct opk_kernel *kernel);

#endif
