/*
 * cmd_sync.h - the verbs of this stage, for the command table in main.c.
 */
#ifndef OPK_SYNC_CMD_SYNC_H
#define OPK_SYNC_CMD_SYNC_H

#include "base/opt.h"

extern const struct opk_verb OPK_VERB_VALIDATE;
extern const struct opk_verb OPK_VERB_YAML;
extern const struct opk_verb OPK_VERB_BUILD;
extern const struct opk_verb OPK_VERB_EVENT;
extern const struct opk_verb OPK_VERB_GUARD;
extern const struct opk_verb OPK_VERB_INIT;
extern const struct opk_verb OPK_VERB_RENDER;
extern const struct opk_verb OPK_VERB_NEW;
extern const struct opk_verb OPK_VERB_SIDECAR;
extern const struct opk_verb OPK_VERB_SYNC;
extern const struct opk_verb OPK_VERB_TAG;

#endif
