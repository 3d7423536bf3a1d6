/*
 * cmd_config.h - opk.yaml as the verbs of this stage read it: noise between steps, classes.
 *
 * Source:  opk.yaml around the current folder, schemas/opk_config.schema.json. discover.noise is a
 *          list of signatures, such as "git fetch" or "tool:TodoWrite"; classes is a list of rules
 *          of a name and a pattern (classes.h).
 * Shape:   no repository, no file and no such key are an empty list. sync/repo.h checks all of the
 *          file; this reads what is asked for here.
 * Errors:  OPK_E_INVALID, OPK_E_SYNTAX and OPK_E_LIMIT with line and column.
 * Memory:  struct opk_config owns everything.
 */
#ifndef OPK_CLUSTER_CMD_CONFIG_H
#define OPK_CLUSTER_CMD_CONFIG_H

#include "base/doc.h"
#include "base/opt.h"
#include "cluster/classes.h"

struct opk_config {
    struct opk_doc doc;
    struct opk_str *noise; /* owned; texts in doc */
    size_t noise_count;
    struct opk_classes *classes; /* NULL: none */
};

OPK_MUST_USE enum opk_status opk_config_read(const struct opk_cli *cli,
                                             struct opk_config *out_config, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_config_done(struct opk_config *config);

#endif
