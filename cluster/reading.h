/*
 * reading.h - the raw shapes of commands, each distinct text read once.
 *
 * Shape:   a command in, the raw shapes (shape.h) of its steps out, as dense indexes in the order
 *          of first sight. A text that was read before costs a hash and a look-up.
 * Memory:  proportional to distinct texts (about 30 bytes each, texts are not kept), of which at
 *          most texts_max are remembered: what comes later is read anew each time, with the same
 *          result. Distinct raw shapes are all kept.
 * Hash:    96 bits keyed with a secret of the process: nobody can make two texts meet.
 * Errors:  OPK_E_NOMEM; OPK_E_LIMIT past UINT32_MAX - 1 distinct raw shapes.
 * Threads: one thread a struct opk_readings.
 */
#ifndef OPK_CLUSTER_READING_H
#define OPK_CLUSTER_READING_H

#include "base/err.h"
#include "ingest/command.h"

/* Distinct texts that are remembered, unless a caller has another mind. */
#define OPK_READING_TEXTS_MAX ((size_t)1 << 22)

struct opk_reading_step {
    uint32_t shape;
    bool opaque; /* could not be read whole: its shape tells nothing about operation words */
    bool last;   /* of its text; ours */
};

/* The steps of one command. */
struct opk_reading {
    const struct opk_reading_step *steps; /* borrowed until the next command is read */
    size_t count;
};

struct opk_readings;

OPK_MUST_USE enum opk_status opk_readings_new(size_t texts_max, struct opk_readings **out_readings,
                                              struct opk_err *err);
void opk_readings_free(struct opk_readings *readings);

struct opk_classes;

/** Tell operands by a user's classes first; NULL: none. Called once, before the first command. */
OPK_MUST_USE enum opk_status opk_readings_classes(struct opk_readings *readings,
                                                  const struct opk_classes *classes,
                                                  struct opk_err *err);

/** The steps of a command line, or the one of a tool call. */
OPK_MUST_USE enum opk_status opk_readings_read(struct opk_readings *readings,
                                               const struct opk_command *command,
                                               struct opk_reading *out_reading,
                                               struct opk_err *err);

/** Distinct raw shapes so far, and the one at an index below that; borrowed until free. */
uint32_t opk_readings_shape_count(const struct opk_readings *readings);
struct opk_str opk_readings_shape(const struct opk_readings *readings, uint32_t index);

/** Texts that are remembered. */
size_t opk_readings_text_count(const struct opk_readings *readings);

#endif
