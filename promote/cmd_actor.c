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

/* The few variables that git needs to find its configuration: "NAME=value", or left out. */
static char **git_environment(struct opk_arena *arena)
{
    static const char *const NAMES[] = {"HOME", "PATH", "XDG_CONFIG_HOME"};
    char **environment =
        opk_arena_array(arena, sizeof(NAMES) / sizeof(NAMES[0]) + 1, sizeof(char *));
    size_t count = 0;

    for (size_t i = 0; environment && i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        const char *value = getenv(NAMES[i]);
        struct opk_buf text = OPK_BUF_EMPTY;
        if (!value)
            continue;
        opk_buf_printf(&text, "%s=%s", NAMES[i], value);
        char *copy = opk_arena_alloc(arena, text.len + 1);
        for (size_t k = 0; copy && k < text.len; k++)
            copy[k] = text.data[k];
        environment[count++] = copy;
        opk_buf_done(&text);
    }
    return arena->failed ? NULL : environment;
}

/* One value of git's configuration; empty when there is none, or no git. */
static struct opk_str git_config(struct opk_arena *arena, const char *key)
{
    char words[][16] = {"git", "config", "--get", ""};
    char *argv[] = {words[0], words[1], words[2], words[3], NULL};
    struct opk_git_call call = {
        .argv = argv, .environment = git_environment(arena), .max = GIT_ANSWER_MAX};
    struct opk_buf answer = OPK_BUF_EMPTY;
    struct opk_str value = OPK_STR_EMPTY;
    int code;

    for (size_t i = 0; i + 1 < sizeof(words[3]) && key[i]; i++)
        words[3][i] = key[i];
    if (call.environment && opk_cmd_git(&call, &answer, NULL, &code, NULL) == OPK_OK && code == 0)
        value = opk_arena_copy(arena, opk_str_trim(opk_buf_str(&answer)));
    opk_buf_done(&answer);
    return value;
}

static struct opk_str ask(struct opk_arena *arena, const char *variable, const char *key)
{
    const char *value = getenv(variable);

    return value && *value ? opk_str_of(value) : git_config(arena, key);
}

static struct opk_str find_name(const struct opk_cli *cli)
{
    struct opk_str name = ask(cli->arena, "GIT_AUTHOR_NAME", "user.name");
    struct opk_str mail = ask(cli->arena, "GIT_AUTHOR_EMAIL", "user.email");
    struct opk_err note;

    if (name.len > 0 && mail.len > 0)
        return opk_arena_printf(cli->arena, "%.*s <%.*s>", OPK_STR_FMT(name), OPK_STR_FMT(mail));
    if (name.len == 0)
        name = mail.len > 0 ? mail : opk_str_of(getenv("LOGNAME"));
    if (name.len == 0)
        name = OPK_STR("unknown");
    opk_err_set(&note, OPK_E_NOENT, OPK_NOWHERE,
                "git has no user.name and user.email; the audit says '%.*s'", OPK_STR_FMT(name));
    opk_cli_note(cli, &note);
    return name;
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
    actor.name = find_name(cli);
    status = opk_arena_check(cli->arena, err);
    if (status == OPK_OK)
        *out_actor = actor;
    return status;
}
