/*
 * cmd_gather.h - many transcripts into one summary, with threads.
 *
 * Shape:   sources in, their merged summary and what is to be told of each out. Sources are taken
 *          in order, each by one thread; a thread has a summary of its own, and summaries merge by
 *          addition, so that neither the number of threads nor their pace can show.
 * Lists:   the commands of plain lists (OPK_COMMAND_LISTED) are read by the thread that has their
 *          source and counted in batches by any, so that one large list keeps all threads busy.
 * Repeats: resumed agent sessions hold the calls of the session before, from file to file. The
 *          first source in order that holds a call's id counts it. A thread that meets an id while
 *          sources before its own are not finished keeps the commands of its source until they are,
 *          and reads on; past a share of the memory it waits.
 * Memory:  struct opk_gathered owns the summary and the problems.
 * Errors:  what is wrong with a source is kept as its problem; gathering fails with OPK_E_NOMEM, or
 *          OPK_E_LIMIT of the summary, only.
 */
#ifndef OPK_CLUSTER_CMD_GATHER_H
#define OPK_CLUSTER_CMD_GATHER_H

#include "base/progress.h"
#include "cluster/summary.h"
#include "ingest/reader.h"
#include "ingest/source.h"

#define OPK_GATHER_JOBS_MAX 64

/* The least memory to work with: what reading and decoding takes, and a little to count in. */
#define OPK_GATHER_MEMORY_MIN ((size_t)16 << 20)

struct opk_gathered {
    struct opk_summary *summary;
    struct opk_err **problems; /* one for each source; NULL: nothing to tell */
    size_t source_count;
    uint64_t sources;  /* that gave a command */
    uint64_t sessions; /* distinct */
    uint64_t repeated; /* calls that a source before had given */
};

struct opk_gather_limits {
    size_t jobs;                       /* threads: at least 1 and at most OPK_GATHER_JOBS_MAX */
    size_t memory;                     /* bytes, at least OPK_GATHER_MEMORY_MIN; 0: no limit */
    bool is_strict;                    /* memory is a wall, and not only aimed at */
    const char *folder;                /* of scratch files, where there is a limit */
    const struct opk_classes *classes; /* of a user, borrowed; NULL: none */
};

/** format is NULL to sniff. */
OPK_MUST_USE enum opk_status opk_gather(const struct opk_sources *sources,
                                        const struct opk_reader *format,
                                        const struct opk_gather_limits *limits,
                                        struct opk_progress *progress,
                                        struct opk_gathered *out_gathered, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_gathered_done(struct opk_gathered *gathered);

#endif
