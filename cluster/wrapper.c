#include "cluster/wrapper.h"

#include <string.h>

#define COMMAND(program, ...)                                                                      \
    {                                                                                              \
        OPK_WRAPPER_COMMAND, {program}, program, __VA_ARGS__                                       \
    }

/* Sorted by first word within each way; a longer row stands before a shorter one. */
static const struct opk_wrapper WRAPPERS[] = {
    COMMAND("builtin", "", "", "", 0, false, false),
    COMMAND("chronic", "", "", "", 0, false, false),
    COMMAND("command", "", "", "vV", 0, false, false),
    COMMAND("doas", "Cu", "", "LV", 0, false, false),
    COMMAND("env", "uCS", " --unset --chdir ", "", 0, true, false),
    COMMAND("exec", "a", "", "", 0, false, false),
    COMMAND("ionice", "cnp", " --class --classdata --pid ", "", 0, false, false),
    COMMAND("nice", "n", " --adjustment ", "", 0, false, false),
    COMMAND("nohup", "", "", "", 0, false, false),
    COMMAND("npx", "p", " --package ", "c", 0, false, false),
    COMMAND("setsid", "", "", "", 0, false, false),
    COMMAND("stdbuf", "ioe", " --input --output --error ", "", 0, false, false),
    COMMAND("sudo", "CDghpRrTtUu",
            " --chdir --chroot --close-from --group --host --prompt --role --type --user ",
            "eKklVv", 0, true, false),
    COMMAND("time", "fo", " --format --output ", "V", 0, false, false),
    COMMAND("timeout", "ks", " --kill-after --signal ", "", 1, false, false),
    COMMAND("xargs", "adEILnPsl",
            " --arg-file --delimiter --max-args --max-chars --max-lines --max-procs --replace ", "",
            0, false, true),
    {OPK_WRAPPER_COMMAND, {"bundle", "exec"}, "bundle exec", "", "", "", 0, false, false},
    {OPK_WRAPPER_COMMAND,
     {"docker", "compose", "exec"},
     "docker compose exec",
     "euw",
     " --env --index --user --workdir ",
     "",
     1,
     false,
     false},
    {OPK_WRAPPER_COMMAND,
     {"docker", "container", "exec"},
     "docker exec",
     "euw",
     " --env --env-file --user --workdir ",
     "",
     1,
     false,
     false},
    {OPK_WRAPPER_COMMAND,
     {"docker", "exec"},
     "docker exec",
     "euw",
     " --env --env-file --user --workdir ",
     "",
     1,
     false,
     false},
    {OPK_WRAPPER_COMMAND,
     {"kubectl", "exec"},
     "kubectl exec",
     "cn",
     " --container --namespace --context ",
     "",
     1,
     false,
     false},
    {OPK_WRAPPER_COMMAND, {"pipenv", "run"}, "pipenv run", "", "", "", 0, false, false},
    {OPK_WRAPPER_COMMAND, {"poetry", "run"}, "poetry run", "C", "", "", 0, false, false},
    {OPK_WRAPPER_COMMAND,
     {"uv", "run"},
     "uv run",
     "p",
     " --python --with --extra ",
     "",
     0,
     false,
     false},
    {OPK_WRAPPER_MODULE, {"python"}, "python -m", "XW", "", "c", 0, false, false},
    {OPK_WRAPPER_MODULE, {"python3"}, "python -m", "XW", "", "c", 0, false, false},
    {OPK_WRAPPER_SCRIPT, {"bash"}, "bash -c", "oO", " --rcfile --init-file ", "", 0, false, false},
    {OPK_WRAPPER_SCRIPT, {"dash"}, "sh -c", "o", "", "", 0, false, false},
    {OPK_WRAPPER_SCRIPT, {"sh"}, "sh -c", "o", "", "", 0, false, false},
    {OPK_WRAPPER_SCRIPT, {"zsh"}, "zsh -c", "o", "", "", 0, false, false},
    {OPK_WRAPPER_REST, {"ssh"}, "ssh", "BbcDEeFIiJLlmOopQRSWw", "", "NV", 1, false, false},
};

#define WRAPPER_COUNT (sizeof(WRAPPERS) / sizeof(WRAPPERS[0]))

struct opk_str opk_program_basename(struct opk_str word)
{
    size_t slash = opk_str_rfind_byte(word, '/');

    return slash == OPK_NPOS || slash + 1 == word.len ? word : opk_str_skip(word, slash + 1);
}

/* How many of the row's words stand at the front of values, or 0. */
static size_t row_matches(const struct opk_wrapper *row, struct opk_str program,
                          const struct opk_str *values, size_t count)
{
    size_t at;

    if (program.data[0] != row->words[0][0] || !opk_str_eq(program, opk_str_of(row->words[0])))
        return 0;
    for (at = 1; at < OPK_WRAPPER_WORDS_MAX && row->words[at]; at++) {
        if (at >= count || !opk_str_eq(values[at], opk_str_of(row->words[at])))
            return 0;
    }
    return at;
}

size_t opk_wrapper_find(const struct opk_str *values, size_t count,
                        const struct opk_wrapper **out_row)
{
    struct opk_str program = count > 0 ? opk_program_basename(values[0]) : OPK_STR_EMPTY;

    if (program.len == 0)
        return 0;
    for (size_t i = 0; i < WRAPPER_COUNT; i++) {
        size_t matched = row_matches(&WRAPPERS[i], program, values, count);
        if (matched > 0) {
            *out_row = &WRAPPERS[i];
            return matched;
        }
    }
    return 0;
}

const struct opk_wrapper *opk_wrapper_named(struct opk_str name)
{
    for (size_t i = 0; i < WRAPPER_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(WRAPPERS[i].name)))
            return &WRAPPERS[i];
    }
    return NULL;
}
