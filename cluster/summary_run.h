/*
 * summary_run.h - rows of a summary on disk: sorted runs, and what merges them.
 *
 * Shape:   a run is a file of records, ascending by raw shape, each shape once. A record is, in
 *          little-endian integers:
 *
 *            u32 bytes of the whole record      u64 commands, failed, finished, sidechain
 *            u32 bytes of the raw shape         i64 first, last (OPK_UNKNOWN: no time known)
 *            u32 numbers                        the raw shape
 *            u32 sessions, sources, users,      u32 each number
 *                projects, attended             u64 each of these sets: ascending hashes
 *            u32 days, examples                 i64, u64 each day and its commands, ascending
 *                                               u64 hash, u64 at, u32, u32 bytes of text and
 * source, text, source: each example, ascending by hash
 *
 *          All of it merges by opk_tally_merge, so runs merge to what one summary would have held.
 * Numbers: those under which sessions (session.h) know the shape; the last merge gives each shape
 *          one number and tells what became of the others.
 * Memory:  a run owns its descriptor; a reader its buffers, of a record and OPK_RUN_BUFFER.
 * Errors:  OPK_E_IO, OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_SUMMARY_RUN_H
#define OPK_CLUSTER_SUMMARY_RUN_H

#include "base/buf.h"
#include "base/err.h"
#include "cluster/summary_impl.h"

#define OPK_RUN_BUFFER ((size_t)64 << 10)

/* Runs that are merged at once; one more, and all of them become one. */
#define OPK_RUNS_MAX 32

struct opk_run {
    int fd;         /* owned; -1: none */
    uint64_t bytes; /* of the file */
    uint32_t shift; /* to be added to each number */
};

struct opk_run_writer {
    int fd;
    uint64_t bytes;
    struct opk_buf held;
};

/* One record as it is read. */
struct opk_run_reader {
    const struct opk_run *run; /* borrowed */
    uint64_t at;
    struct opk_buf held;
    size_t held_at;
    struct opk_str raw; /* borrowed until the next one, as all below */
    uint32_t *numbers;
    size_t number_count;
    struct opk_tally tally;
    struct opk_arena arena;
};

void opk_run_done(struct opk_run *run);

/** Write every row, ascending; base is the number of the first row. */
OPK_MUST_USE enum opk_status opk_run_write(const struct opk_rows *rows,
                                           const struct opk_origins *origins, uint32_t base,
                                           const char *folder, struct opk_run *out_run,
                                           struct opk_err *err);

/** Start at a run's first record. */
void opk_run_reader_init(struct opk_run_reader *reader, const struct opk_run *run);
void opk_run_reader_done(struct opk_run_reader *reader);

/** The next record; OPK_END behind the last. */
OPK_MUST_USE enum opk_status opk_run_reader_next(struct opk_run_reader *reader,
                                                 struct opk_err *err);

/**
 * Merge runs, which stay, into one. final is NULL, or has room for every number there is: then each
 * shape gets its place as number, and final says which one has become of a number.
 */
OPK_MUST_USE enum opk_status opk_runs_merge(const struct opk_run *runs, size_t count,
                                            const char *folder, uint32_t *final,
                                            struct opk_run *out_run, struct opk_err *err);

#endif
