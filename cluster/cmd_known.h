/*
 * cmd_known.h - the files of a project that name what is run there (known.h), from their paths.
 *
 * Errors:  a path that cannot be read, or is none of these files, is told to notes, and the rest
 *          goes on; OPK_E_NOMEM.
 */
#ifndef OPK_CLUSTER_CMD_KNOWN_H
#define OPK_CLUSTER_CMD_KNOWN_H

#include "base/opt.h"
#include "cluster/known.h"
#include "ingest/reader.h"

/** Add what a file names; of a folder, the files of known names that lie directly in it. */
OPK_MUST_USE enum opk_status opk_known_read(const struct opk_cli *cli, const char *path,
                                            struct opk_known *known, const struct opk_notes *notes,
                                            struct opk_err *err);

#endif
