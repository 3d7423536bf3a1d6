/*
 * cmd_plugin_run.h - one plugin's program, run within limits.
 *
 * Shape:   the event is its standard input, what it prints is the answer; standard error is told in
 *          part when it fails. It runs in its own folder, without any shell of ours, with nothing
 *          in its environment but PATH, LC_ALL, OPK_ROOT (the repository's root) and OPK_DOCUMENT,
 *          a file that holds what is at the event's path by now.
 * Limits:  time, output, memory, processes, open files; no file can be opened for writing, made or
 *          removed where the kernel has Landlock, and none grows anywhere else. When it ends, and
 *          when it passes a limit, all that it started is killed, whatever group it went into.
 * Memory:  appends to the caller's buffer.
 * Errors:  OPK_E_LIMIT (which limit), OPK_E_INVALID (it ends with another status than 0, or cannot
 *          be run), OPK_E_IO, OPK_E_NOMEM; messages name the plugin.
 * Threads: none but the caller may have children meanwhile: they would be killed as well.
 */
#ifndef OPK_SYNC_CMD_PLUGIN_RUN_H
#define OPK_SYNC_CMD_PLUGIN_RUN_H

#include "sync/kernel.h"

#define OPK_PLUGIN_OUTPUT_MAX    ((size_t)1 << 20)   /* bytes of an answer */
#define OPK_PLUGIN_MEMORY_MAX    ((size_t)512 << 20) /* bytes of address space, of each process */
#define OPK_PLUGIN_PROCESSES_MAX 64
#define OPK_PLUGIN_FILES_MAX     64

struct opk_plugin_home {
    int root;              /* descriptor of the repository's root */
    const char *root_path; /* absolute */
};

/** context is a struct opk_plugin_home. */
OPK_MUST_USE enum opk_status opk_plugin_run(void *context, const struct opk_question *question,
                                            struct opk_buf *answer, struct opk_err *err);

#endif
