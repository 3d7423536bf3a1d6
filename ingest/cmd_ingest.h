/*
 * cmd_ingest.h - the verbs of this stage, for the command table in main.c.
 */
#ifndef OPK_INGEST_CMD_INGEST_H
#define OPK_INGEST_CMD_INGEST_H

#include "base/opt.h"

#endif
