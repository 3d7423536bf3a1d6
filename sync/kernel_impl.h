/*
 * kernel_impl.h - what the files of the kernel share: kernel.c asks, kernel_apply.c applies
 * answers, kernel_parts.c holds the plugins that are part of opk.
 */
#ifndef OPK_SYNC_KERNEL_IMPL_H
#define OPK_SYNC_KERNEL_IMPL_H

#include "sync/kernel.h"

extern const struct opk_part OPK_PARTS[];
extern const size_t OPK_PART_COUNT;

/** Add an event to those that are to be fired, unless it waits there. */
OPK_MUST_USE enum opk_status opk_kernel_raise(struct opk_kernel *kernel,
                                              const struct opk_event *event, struct opk_err *err);

/** Check an answer that follows its schema, and apply it; raise what it changes. */
OPK_MUST_USE enum opk_status opk_kernel_apply(struct opk_kernel *kernel,
                                              const struct opk_plugin *plugin,
                                              const struct opk_event *event,
                                              const struct opk_node *answer, size_t *out_edits,
                                              struct opk_err *err);

#endif
