/*
 * cmd_cluster.h - the verbs of this stage, for the command table in main.c.
 */
#ifndef OPK_CLUSTER_CMD_CLUSTER_H
#define OPK_CLUSTER_CMD_CLUSTER_H

#include "base/opt.h"

extern const struct opk_verb OPK_VERB_CLASSIFY;
extern const struct opk_verb OPK_VERB_EXPLAIN;
extern const struct opk_verb OPK_VERB_DISCOVER;
extern const struct opk_verb OPK_VERB_REDACT;

#endif
