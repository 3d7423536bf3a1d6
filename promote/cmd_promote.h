/*
 * cmd_promote.h - the verbs of this stage, for the command table in main.c.
 */
#ifndef OPK_PROMOTE_CMD_PROMOTE_H
#define OPK_PROMOTE_CMD_PROMOTE_H

#include "base/opt.h"

extern const struct opk_verb OPK_VERB_DRAFTS;
extern const struct opk_verb OPK_VERB_PROMOTE;
extern const struct opk_verb OPK_VERB_REJECT;

#endif
