/*
 * cmd_actor.h - who decides, when, and under which ULID: what only a command may ask the world.
 *
 * Shape:   the identity is GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, else git's user.name and
 *          user.email, else the login name, with a note. The time is SOURCE_DATE_EPOCH, else the
 *          clock.
 * Memory:  texts lie in the verb's arena.
 * Errors:  OPK_E_USAGE (SOURCE_DATE_EPOCH or --ulid is malformed), OPK_E_IO (no random bytes),
 *          OPK_E_NOMEM.
 */
#ifndef OPK_PROMOTE_CMD_ACTOR_H
#define OPK_PROMOTE_CMD_ACTOR_H

#include "base/opt.h"

struct opk_actor {
    struct opk_str name; /* Name <mail> */
    struct opk_str time; /* 2026-11-22T15:59:00Z */
    struct opk_str ulid;
};

/* Which of the two whom Git would name in a commit made now. */
enum opk_role {
    OPK_AUTHOR,
    OPK_COMMITTER,
};

struct opk_person {
    struct opk_str name; /* with a NUL behind it; "" where nobody says it */
    struct opk_str mail;
};

/** GIT_AUTHOR_NAME or its like, else what git itself says of user.name in a folder; so the mail. */
OPK_MUST_USE enum opk_status opk_cmd_identity(struct opk_arena *arena, const char *folder,
                                              enum opk_role role, struct opk_person *out,
                                              struct opk_err *err);

/** SOURCE_DATE_EPOCH, in seconds since 1970, where it is set. */
OPK_MUST_USE enum opk_status opk_cmd_fixed_time(bool *out_is_fixed, uint64_t *out_seconds,
                                                struct opk_err *err);

/** A ULID alone: the one given, or a new one. It lies in the arena or is the user's. */
OPK_MUST_USE enum opk_status opk_cmd_ulid(const struct opk_cli *cli, const char *given,
                                          struct opk_str *out_ulid, struct opk_err *err);

/** ulid is what the user gave, or NULL. */
OPK_MUST_USE enum opk_status opk_cmd_actor(const struct opk_cli *cli, const char *ulid,
                                           struct opk_actor *out_actor, struct opk_err *err);

#endif
