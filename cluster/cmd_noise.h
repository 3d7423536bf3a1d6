/*
 * cmd_noise.h - what a repository's opk.yaml says is noise between the steps of sequences.
 *
 * Source:  opk.yaml, discover.noise: a list of signatures, such as "git fetch" or "tool:TodoWrite";
 *          schemas/opk_config.schema.json.
 * Shape:   the file around the current folder; no repository, no file and no such key are an empty
 *          list.
 * Errors:  OPK_E_INVALID, OPK_E_SYNTAX and OPK_E_LIMIT with line and column.
 * Memory:  struct opk_noise owns everything.
 */
#ifndef OPK_CLUSTER_CMD_NOISE_H
#define OPK_CLUSTER_CMD_NOISE_H

#include "base/doc.h"
#include "base/opt.h"

struct opk_noise {
    struct opk_doc doc;
    struct opk_str *signatures; /* owned; texts in doc */
    size_t count;
};

OPK_MUST_USE enum opk_status opk_noise_read(const struct opk_cli *cli, struct opk_noise *out_noise,
                                            struct opk_err *err);

/** Safe on zeroed storage. */
void opk_noise_done(struct opk_noise *noise);

#endif
