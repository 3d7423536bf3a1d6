/*
 * glob.h - does a path fit a pattern such as docs/ ** / *.md (without the blanks)?
 *
 * Shape:   "*" is any run of bytes but "/", "?" one of them, "**" any run, and "**" with a slash
 *          behind it any number of whole folders, none included; all else is itself.
 * Memory:  nothing allocated. The time is at most that of the product of the lengths, squared.
 */
#ifndef OPK_SYNC_GLOB_H
#define OPK_SYNC_GLOB_H

#include "base/str.h"

bool opk_glob_fits(struct opk_str pattern, struct opk_str path);

#endif
