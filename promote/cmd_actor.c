#include "promote/cmd_actor.h"

#include "base/file_fd.h"
#include "base/rfc3339.h"
#include "base/ulid.h"
#include "promote/cmd_git.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define GIT_ANSWER_MAX 4096

/* One value of git's configuration as seen from a folder; empty when there is none, or no git. */
static enum opk_status git_config(struct opk_arena *arena, const char *folder, const char *key,
                                  struct opk_str *out, struct opk_err *err)
{
    char *argv[] = {opk_git_word("git"),
                    opk_git_word("-C"),
                    opk_git_word(folder),
                    opk_git_word("config"),
                    opk_git_word("--get"),
                    opk_git_word(key),
                    NULL};
    struct opk_git_call call = {
        .argv = argv, .environment = opk_git_environment(arena), .max = GIT_ANSWER_MAX};
    struct opk_buf answer = OPK_BUF_EMPTY;
    int code = 0;
    enum opk_status status = opk_arena_check(arena, err);

    *out = OPK_STR_EMPTY;
    if (status == OPK_OK)
        status = opk_cmd_git(&call, &answer, NULL, &code, err);
    if (status == OPK_OK && code == 0)
        *out = opk_arena_copy(arena, opk_str_trim(opk_buf_str(&answer)));
    opk_buf_done(&answer);
    return status == OPK_E_NOMEM ? status : opk_arena_check(arena, err);
}

enum opk_status opk_cmd_identity(struct opk_arena *arena, const char *folder, enum opk_role role,
                                 struct opk_person *out, struct opk_err *err)
{
    static const struct {
        const char *variables[2];
        const char *key;
    } PARTS[] = {
        {{[OPK_AUTHOR] = "GIT_AUTHOR_NAME", [OPK_COMMITTER] = "GIT_COMMITTER_NAME"}, "user.name"},
        {{[OPK_AUTHOR] = "GIT_AUTHOR_EMAIL", [OPK_COMMITTER] = "GIT_COMMITTER_EMAIL"},
         "user.email"},
    };
    struct opk_str *values[] = {&out->name, &out->mail};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]) && status == OPK_OK; i++) {
        const char *value = getenv(PARTS[i].variables[role]);
        *values[i] = opk_str_of(value);
        if (values[i]->len == 0)
            status = git_config(arena, folder, PARTS[i].key, values[i], err);
    }
    return status;
}

/* "Name <mail>", or what is known of it, with a note. */
static enum opk_status find_name(const struct opk_cli *cli, struct opk_str *out_name,
                                 struct opk_err *err)
{
    struct opk_person who = {.name = OPK_STR_EMPTY};
    struct opk_err note;
    enum opk_status status = opk_cmd_identity(cli->arena, ".", OPK_AUTHOR, &who, err);

    if (status != OPK_OK)
        return status;
    if (who.name.len > 0 && who.mail.len > 0) {
        *out_name = opk_arena_printf(cli->arena, "%.*s <%.*s>", OPK_STR_FMT(who.name),
                                     OPK_STR_FMT(who.mail));
        return OPK_OK;
    }
    if (who.name.len == 0)
        who.name = who.mail.len > 0 ? who.mail : opk_str_of(getenv("LOGNAME"));
    if (who.name.len == 0)
        who.name = OPK_STR("unknown");
    opk_err_set(&note, OPK_E_NOENT, OPK_NOWHERE,
                "git has no user.name and user.email; the audit says '%.*s'",
                OPK_STR_FMT(who.name));
    opk_cli_note(cli, &note);
    *out_name = who.name;
    return OPK_OK;
}

enum opk_status opk_cmd_fixed_time(bool *out_is_fixed, uint64_t *out_seconds, struct opk_err *err)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds = 0;

    if (fixed &&
        (!opk_str_to_u64(opk_str_of(fixed), &seconds) || seconds > OPK_ULID_TIME_MAX / 1000))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "SOURCE_DATE_EPOCH is a number of seconds since 1970, not '%s'", fixed);
    *out_is_fixed = fixed != NULL;
    *out_seconds = seconds;
    return OPK_OK;
}

/* Milliseconds since 1970. */
static enum opk_status find_time(uint64_t *out_ms, struct opk_err *err)
{
    struct timespec now;
    uint64_t seconds;
    bool is_fixed;
    enum opk_status status = opk_cmd_fixed_time(&is_fixed, &seconds, err);

    if (status != OPK_OK)
        return status;
    if (!is_fixed && clock_gettime(CLOCK_REALTIME, &now) != 0)
        return opk_fail_errno(err, NULL, "reading the clock", errno);
    *out_ms =
        is_fixed ? seconds * 1000 : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    return OPK_OK;
}

static enum opk_status find_ulid(struct opk_arena *arena, const char *given, uint64_t time_ms,
                                 struct opk_str *out, struct opk_err *err)
{
    struct opk_ulid ulid = {.time_ms = time_ms};
    char text[OPK_ULID_TEXT];

    if (given) {
        *out = opk_str_of(given);
        return opk_ulid_parse(*out, NULL) ? OPK_OK
                                          : opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                                                     "--ulid takes a ULID, not '%s'", given);
    }
    if (getrandom(ulid.random, sizeof(ulid.random), 0) != (ssize_t)sizeof(ulid.random))
        return opk_fail_errno(err, NULL, "asking for random bytes", errno);
    opk_ulid_text(&ulid, text);
    *out = opk_arena_copy(arena, opk_str_of(text));
    return OPK_OK;
}

enum opk_status opk_cmd_ulid(const struct opk_cli *cli, const char *given, struct opk_str *out_ulid,
                             struct opk_err *err)
{
    uint64_t time_ms = 0;
    enum opk_status status = find_time(&time_ms, err);

    if (status == OPK_OK)
        status = find_ulid(cli->arena, given, time_ms, out_ulid, err);
    return status == OPK_OK ? opk_arena_check(cli->arena, err) : status;
}

enum opk_status opk_cmd_actor(const struct opk_cli *cli, const char *ulid,
                              struct opk_actor *out_actor, struct opk_err *err)
{
    struct opk_actor actor = {.name = OPK_STR_EMPTY};
    char text[OPK_RFC3339_SECONDS];
    uint64_t time_ms = 0;
    enum opk_status status = find_time(&time_ms, err);

    if (status == OPK_OK)
        status = find_ulid(cli->arena, ulid, time_ms, &actor.ulid, err);
    if (status != OPK_OK)
        return status;
    opk_rfc3339_seconds((int64_t)(time_ms / 1000), text);
    actor.time = opk_arena_copy(cli->arena, opk_str_of(text));
    status = find_name(cli, &actor.name, err);
    if (status == OPK_OK)
        status = opk_arena_check(cli->arena, err);
    if (status == OPK_OK)
        *out_actor = actor;
    return status;
}
