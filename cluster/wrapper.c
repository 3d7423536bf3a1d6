#include "cluster/wrapper.h"

#include <string.h>

#define DOCKER_LONGS " --env --env-file --user --workdir "
#define KUBE_LONGS   " --container --namespace --context --kubeconfig "
#define UV_LONGS     " --python --with --extra --group --directory --project "

/* Sorted by first word; a longer row stands before a shorter one. */
static const struct opk_wrapper WRAPPERS[] = {
    {{"ForEach-Object"},
     "ForEach-Object",
     .how = OPK_WRAPPER_BLOCK,
     .shown = true,
     .dialect = OPK_DIALECT_POWERSHELL},
    {{"Invoke-Command"},
     "Invoke-Command",
     .how = OPK_WRAPPER_BLOCK,
     .dialect = OPK_DIALECT_POWERSHELL},
    {{"Measure-Command"},
     "Measure-Command",
     .how = OPK_WRAPPER_BLOCK,
     .dialect = OPK_DIALECT_POWERSHELL},
    {{"Start-Job"}, "Start-Job", .how = OPK_WRAPPER_BLOCK, .dialect = OPK_DIALECT_POWERSHELL},
    {{"ash"}, "sh -c", .how = OPK_WRAPPER_SCRIPT, .letters = "o"},
    {{"bash"},
     "bash -c",
     .how = OPK_WRAPPER_SCRIPT,
     .letters = "oO",
     .longs = " --rcfile --init-file "},
    {{"bfs"},
     "exec",
     .how = OPK_WRAPPER_ACTIONS,
     .marks = " -exec -execdir -ok -okdir ",
     .shown = true},
    {{"builtin"}, "builtin", .how = OPK_WRAPPER_COMMAND},
    {{"bundle", "exec"}, "bundle exec", .how = OPK_WRAPPER_COMMAND},
    {{"bunx"}, "bunx", .how = OPK_WRAPPER_COMMAND, .letters = "p", .longs = " --package "},
    {{"caffeinate"}, "caffeinate", .how = OPK_WRAPPER_COMMAND, .letters = "tw"},
    {{"chronic"}, "chronic", .how = OPK_WRAPPER_COMMAND},
    {{"chrt"},
     "chrt",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "TPD",
     .not_with = "pm",
     .operands = 1},
    {{"cmd"},
     "cmd /c",
     .how = OPK_WRAPPER_MARKED,
     .marks = " /c /k /r /C /K /R ",
     .dialect = OPK_DIALECT_CMD},
    {{"command"}, "command", .how = OPK_WRAPPER_COMMAND, .not_with = "vV"},
    {{"dash"}, "sh -c", .how = OPK_WRAPPER_SCRIPT, .letters = "o"},
    {{"doas"}, "doas", .how = OPK_WRAPPER_COMMAND, .letters = "Cu", .not_with = "LV"},
    {{"docker", "compose", "exec"},
     "docker compose exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "euwfp",
     .longs = DOCKER_LONGS "--index --file --project-name ",
     .operands = 1},
    {{"docker", "container", "exec"},
     "docker exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "euwH",
     .longs = DOCKER_LONGS "--context --host ",
     .operands = 1},
    {{"docker", "exec"},
     "docker exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "euwH",
     .longs = DOCKER_LONGS "--context --host ",
     .operands = 1},
    {{"docker-compose", "exec"},
     "docker compose exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "euwfp",
     .longs = DOCKER_LONGS "--index --file --project-name ",
     .operands = 1},
    {{"env"},
     "env",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "uCS",
     .longs = " --unset --chdir ",
     .assignments = true},
    {{"exec"}, "exec", .how = OPK_WRAPPER_COMMAND, .letters = "a"},
    {{"fakeroot"}, "fakeroot", .how = OPK_WRAPPER_COMMAND, .letters = "lsib"},
    {{"find"},
     "exec",
     .how = OPK_WRAPPER_ACTIONS,
     .marks = " -exec -execdir -ok -okdir ",
     .shown = true},
    {{"fish"},
     "fish -c",
     .how = OPK_WRAPPER_SCRIPT,
     .letters = "Cdo",
     .marks = " -c --command ",
     .dialect = OPK_DIALECT_FISH},
    {{"gfind"},
     "exec",
     .how = OPK_WRAPPER_ACTIONS,
     .marks = " -exec -execdir -ok -okdir ",
     .shown = true},
    {{"hatch", "run"}, "hatch run", .how = OPK_WRAPPER_COMMAND},
    {{"ionice"},
     "ionice",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "cnp",
     .longs = " --class --classdata --pid "},
    {{"ksh"}, "sh -c", .how = OPK_WRAPPER_SCRIPT, .letters = "o"},
    {{"kubectl", "exec"},
     "kubectl exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "cn",
     .longs = KUBE_LONGS,
     .operands = 1},
    {{"nice"}, "nice", .how = OPK_WRAPPER_COMMAND, .letters = "n", .longs = " --adjustment "},
    {{"nocorrect"}, "nocorrect", .how = OPK_WRAPPER_COMMAND},
    {{"noglob"}, "noglob", .how = OPK_WRAPPER_COMMAND},
    {{"nohup"}, "nohup", .how = OPK_WRAPPER_COMMAND},
    {{"npm", "exec"},
     "npm exec",
     .how = OPK_WRAPPER_COMMAND,
     .longs = " --package ",
     .not_with = "c"},
    {{"npx"},
     "npx",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "p",
     .longs = " --package ",
     .not_with = "c"},
    {{"oc", "exec"},
     "kubectl exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "cn",
     .longs = KUBE_LONGS,
     .operands = 1},
    {{"pdm", "run"}, "pdm run", .how = OPK_WRAPPER_COMMAND, .letters = "p"},
    {{"pipenv", "run"}, "pipenv run", .how = OPK_WRAPPER_COMMAND},
    {{"pipx", "run"}, "pipx run", .how = OPK_WRAPPER_COMMAND, .longs = " --spec --python "},
    {{"pkexec"}, "pkexec", .how = OPK_WRAPPER_COMMAND, .longs = " --user "},
    {{"pnpm", "dlx"},
     "pnpm dlx",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "C",
     .longs = " --package "},
    {{"pnpm", "exec"},
     "pnpm exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "CF",
     .longs = " --filter "},
    {{"podman", "exec"},
     "podman exec",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "euw",
     .longs = DOCKER_LONGS,
     .operands = 1},
    {{"poetry", "run"}, "poetry run", .how = OPK_WRAPPER_COMMAND, .letters = "CP"},
    {{"powershell"},
     "powershell -c",
     .how = OPK_WRAPPER_MARKED,
     .marks = " -c -command -Command ",
     .longs = " -ExecutionPolicy -ep -WindowStyle -Version -OutputFormat -InputFormat ",
     .dialect = OPK_DIALECT_POWERSHELL},
    {{"pwsh"},
     "powershell -c",
     .how = OPK_WRAPPER_MARKED,
     .marks = " -c -command -Command ",
     .longs = " -ExecutionPolicy -ep -WindowStyle -WorkingDirectory -wd ",
     .dialect = OPK_DIALECT_POWERSHELL},
    {{"python"}, "python -m", .how = OPK_WRAPPER_MODULE, .letters = "XW", .not_with = "c"},
    {{"runuser"},
     "su -c",
     .how = OPK_WRAPPER_SCRIPT,
     .letters = "ugGsw",
     .longs = " --user --group --shell ",
     .marks = " -c --command ",
     .operands = 2},
    {{"setsid"}, "setsid", .how = OPK_WRAPPER_COMMAND},
    {{"sh"}, "sh -c", .how = OPK_WRAPPER_SCRIPT, .letters = "o"},
    {{"ssh"},
     "ssh",
     .how = OPK_WRAPPER_REST,
     .letters = "BbcDEeFIiJLlmOopQRSWw",
     .not_with = "NV",
     .operands = 1},
    {{"sshpass"}, "sshpass", .how = OPK_WRAPPER_COMMAND, .letters = "pfdP"},
    {{"stdbuf"},
     "stdbuf",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "ioe",
     .longs = " --input --output --error "},
    {{"su"},
     "su -c",
     .how = OPK_WRAPPER_SCRIPT,
     .letters = "gGsw",
     .longs = " --group --shell ",
     .marks = " -c --command ",
     .operands = 2},
    {{"sudo"},
     "sudo",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "CDghpRrTtUu",
     .longs = " --chdir --chroot --close-from --group --host --prompt --role --type --user "
              "--other-user ",
     .not_with = "eKklVv",
     .assignments = true},
    {{"taskset"}, "taskset", .how = OPK_WRAPPER_COMMAND, .not_with = "p", .operands = 1},
    {{"time"},
     "time",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "fo",
     .longs = " --format --output ",
     .not_with = "V"},
    {{"timeout"},
     "timeout",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "ks",
     .longs = " --kill-after --signal ",
     .operands = 1},
    {{"unbuffer"}, "unbuffer", .how = OPK_WRAPPER_COMMAND},
    {{"uv", "tool", "run"},
     "uvx",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "p",
     .longs = UV_LONGS "--from "},
    {{"uv", "run"}, "uv run", .how = OPK_WRAPPER_COMMAND, .letters = "p", .longs = UV_LONGS},
    {{"uvx"}, "uvx", .how = OPK_WRAPPER_COMMAND, .letters = "p", .longs = UV_LONGS "--from "},
    {{"xargs"},
     "xargs",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "adEILnPsl",
     .longs = " --arg-file --delimiter --max-args --max-chars --max-lines --max-procs --replace ",
     .shown = true},
    {{"xvfb-run"},
     "xvfb-run",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "nefpsw",
     .longs = " --server-args --server-num "},
    {{"yarn", "dlx"},
     "yarn dlx",
     .how = OPK_WRAPPER_COMMAND,
     .letters = "p",
     .longs = " --package "},
    {{"yarn", "exec"}, "yarn exec", .how = OPK_WRAPPER_COMMAND},
    {{"zsh"}, "zsh -c", .how = OPK_WRAPPER_SCRIPT, .letters = "o", .dialect = OPK_DIALECT_ZSH},
    {{NULL}, "", .how = OPK_WRAPPER_COMMAND},
};

#define WRAPPER_COUNT (sizeof(WRAPPERS) / sizeof(WRAPPERS[0]) - 1)

struct opk_str opk_program_basename(struct opk_str word)
{
    size_t begin = word.len;

    while (begin > 0 && word.data[begin - 1] != '/' && word.data[begin - 1] != '\\')
        begin--;
    return begin == word.len ? word : opk_str_skip(word, begin);
}

bool opk_wrapper_lists(const char *list, struct opk_str word)
{
    struct opk_str text = list ? opk_str_of(list) : OPK_STR_EMPTY;
    size_t at = opk_str_find(text, word, 0);

    while (at != OPK_NPOS && word.len > 0) {
        if (at > 0 && text.data[at - 1] == ' ' && text.data[at + word.len] == ' ')
            return true;
        at = opk_str_find(text, word, at + 1);
    }
    return false;
}

/* cmd.exe -> cmd; python3, python3.11 -> python */
static struct opk_str row_name(struct opk_str word)
{
    struct opk_str name = opk_program_basename(word);

    if (name.len > 4 && name.data[name.len - 4] == '.' &&
        opk_str_eq_nocase(opk_str_skip(name, name.len - 4), OPK_STR(".exe")))
        return opk_str_slice(name, 0, name.len - 4);
    if (opk_str_starts(name, OPK_STR("python"))) {
        while (opk_is_digit(name.data[name.len - 1]) || name.data[name.len - 1] == '.')
            name.len--;
    }
    return name;
}

/* As strcmp, of a name that may hold any byte. */
static int compare(const char *row, struct opk_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (row[i] == '\0')
            return -1;
        if (row[i] != name.data[i])
            return (unsigned char)row[i] < (unsigned char)name.data[i] ? -1 : 1;
    }
    return row[name.len] == '\0' ? 0 : 1;
}

const struct opk_wrapper *opk_wrapper_find(struct opk_str program)
{
    return opk_wrapper_find_name(row_name(program));
}

const struct opk_wrapper *opk_wrapper_find_name(struct opk_str name)
{
    const unsigned char first = name.len > 0 ? (unsigned char)name.data[0] : 0;
    size_t begin = 0;
    size_t end = WRAPPER_COUNT;

    while (begin < end) { /* the first row that is not before name */
        const size_t middle = begin + (end - begin) / 2;
        const char *row = WRAPPERS[middle].words[0];
        /* Most rows differ in their first byte. */
        int order = (unsigned char)row[0] - first;
        if ((order != 0 ? order : compare(row, name)) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin < WRAPPER_COUNT && compare(WRAPPERS[begin].words[0], name) == 0 ? &WRAPPERS[begin]
                                                                                 : NULL;
}

bool opk_wrapper_is_same(const struct opk_wrapper *row, const struct opk_wrapper *next)
{
    return next->words[0] && strcmp(row->words[0], next->words[0]) == 0;
}
