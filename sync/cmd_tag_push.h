/*
 * cmd_tag_push.h - tags and a remote: which it has, and giving it those that it lacks.
 *
 * Shape:   the user's own Git does it (promote/cmd_git.h), with its credentials, hooks and
 * settings; docs/decisions/tags.md says why. A tag is never forced: the remote's stays. Memory:
 * outcomes are the caller's, one a tag of the plan. Errors:  OPK_E_IO with Git's words: no such
 * remote, no way to reach it; OPK_E_NOENT: no git. What the remote says of one tag becomes a
 * problem, OPK_E_REFUSED.
 */
#ifndef OPK_SYNC_CMD_TAG_PUSH_H
#define OPK_SYNC_CMD_TAG_PUSH_H

#include "base/opt.h"
#include "sync/tag.h"

enum opk_remote_state {
    OPK_REMOTE_UNASKED,
    OPK_REMOTE_LACKS,
    OPK_REMOTE_HAS,     /* on the same commit */
    OPK_REMOTE_REFUSES, /* has it on another, or does not take it */
    OPK_REMOTE_PUSHED,
};

struct opk_remote {
    const char *name; /* as the user gave it: a name of Git's configuration, a path, an address */
    const char *root; /* of the repository */
    struct opk_problems *problems;
};

/** What the remote has of the plan's tags. */
OPK_MUST_USE enum opk_status opk_remote_ask(const struct opk_cli *cli,
                                            const struct opk_remote *remote,
                                            const struct opk_tags *tags,
                                            enum opk_remote_state *out_states, struct opk_err *err);

/** Push those that it lacks and that are here (OPK_TAG_THERE). */
OPK_MUST_USE enum opk_status opk_remote_push(const struct opk_cli *cli,
                                             const struct opk_remote *remote,
                                             const struct opk_tags *tags,
                                             enum opk_remote_state *states, struct opk_err *err);

#endif
