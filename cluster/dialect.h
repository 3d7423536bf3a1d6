/*
 * dialect.h - in which shell's language a command line is written.
 *
 * Source:  the shell that a transcript names; where it names none, the text itself. A guess asks
 *          only for what no other shell writes, and is bash otherwise: the same text has always the
 *          same dialect.
 */
#ifndef OPK_CLUSTER_DIALECT_H
#define OPK_CLUSTER_DIALECT_H

#include "base/str.h"

enum opk_dialect {
    OPK_DIALECT_BASH, /* and POSIX sh, dash, ksh, ash */
    OPK_DIALECT_ZSH,
    OPK_DIALECT_FISH,
    OPK_DIALECT_POWERSHELL,
    OPK_DIALECT_CMD, /* cmd.exe */
};

/** The dialect of text, run by shell: a program's name or path, or empty where it is not known. */
enum opk_dialect opk_dialect_of(struct opk_str shell, struct opk_str text);

/** "bash", "zsh", "fish", "powershell", "cmd". */
const char *opk_dialect_name(enum opk_dialect dialect);

/** The dialect with this name; false when there is none. */
bool opk_dialect_find(struct opk_str name, enum opk_dialect *out_dialect);

#endif
