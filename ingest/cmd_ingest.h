/*
 * cmd_ingest.h - the verbs of this stage, for the command table in main.c.
 */
#ifndef OPK_INGEST_CMD_INGEST_H
#define OPK_INGEST_CMD_INGEST_H

#include "base/opt.h"

extern const struct opk_verb OPK_VERB_COMMANDS;

#endif
