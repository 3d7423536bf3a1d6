/*
 * source.h - which inputs the operands of a verb mean.
 *
 * Shape:   files stand for themselves, folders for the regular files beneath them in bytewise order
 *          (hidden ones too), "-" for standard input. A link that is named is followed, one that is
 *          met in a folder is not. The same file twice, by whatever names, is one input: the first.
 * Order:   as the operands have it, or sorted by path, so that their order does not matter.
 * Memory:  the list owns its paths.
 * Errors:  an operand or a folder that cannot be read is told through the notes, with its path, and
 *          the rest goes on; folders deeper than OPK_SOURCE_DEPTH_MAX are told likewise.
 */
#ifndef OPK_INGEST_SOURCE_H
#define OPK_INGEST_SOURCE_H

#include "base/arena.h"
#include "ingest/reader.h"

#define OPK_SOURCE_DEPTH_MAX 64 /* folders inside one another, below an operand */

enum opk_source_order {
    OPK_SOURCES_AS_GIVEN,
    OPK_SOURCES_BY_PATH,
};

struct opk_sources {
    struct opk_arena arena;
    const char **paths; /* in the arena */
    size_t count;
};

OPK_MUST_USE enum opk_status opk_sources_collect(const char *const *operands, size_t count,
                                                 enum opk_source_order order,
                                                 const struct opk_notes *notes,
                                                 struct opk_sources *out_sources,
                                                 struct opk_err *err);
void opk_sources_done(struct opk_sources *sources);

#endif
