#include "cluster/hints.h"

#include <stddef.h>
#include <string.h>

/* Operation words behind which the next plain word is another one. Sorted. */
static const char *const OPERATIONS[] = {
    "apt",
    "apt-get",
    "aws",
    "aws ec2",
    "aws s3",
    "az",
    "brew",
    "bundle",
    "cargo",
    "composer",
    "conda",
    "dnf",
    "docker",
    "docker compose",
    "docker image",
    "docker network",
    "docker volume",
    "dotnet",
    "gcloud",
    "gh",
    "gh issue",
    "gh pr",
    "git",
    "git remote",
    "git stash",
    "git submodule",
    "git worktree",
    "glab",
    "go",
    "gradle",
    "helm",
    "helm repo",
    "ip",
    "jj",
    "kubectl",
    "kubectl config",
    "launchctl",
    "mvn",
    "nix",
    "npm",
    "pacman",
    "pip",
    "pip3",
    "pnpm",
    "podman",
    "poetry",
    "rustup",
    "snap",
    "svn",
    "systemctl",
    "terraform",
    "tmux",
    "uv",
    "yarn",
    "zfs",
    "zpool",
};

/* Programs whose words are always arguments. Sorted. */
static const char *const VALUES[] = {
    "awk",     "basename", "bat",    "cat",   "cd",      "chmod", "chown",  "code",  "cp",
    "curl",    "cut",      "df",     "diff",  "dig",     "du",    "echo",   "egrep", "emacs",
    "export",  "fd",       "file",   "find",  "gcc",     "grep",  "gunzip", "gzip",  "head",
    "hexdump", "host",     "jq",     "kill",  "killall", "less",  "ln",     "ls",    "make",
    "man",     "mkdir",    "mktemp", "more",  "mv",      "nano",  "ping",   "pkill", "ps",
    "python",  "python3",  "rg",     "rm",    "rmdir",   "rsync", "scp",    "sed",   "sleep",
    "sort",    "source",   "ssh",    "stat",  "tail",    "tee",   "test",   "touch", "tr",
    "tree",    "type",     "uniq",   "unzip", "vi",      "vim",   "watch",  "wc",    "wget",
    "which",   "zip",
};

/* "program option", or "option" alone for every program. Sorted. */
static const char *const VALUE_OPTIONS[] = {
    "--context",   "--file",        "--filter",
    "--format",    "--message",     "--name",
    "--namespace", "--output",      "--prefix",
    "--profile",   "--project",     "--region",
    "--repo",      "curl -H",       "curl -X",
    "curl -d",     "curl -o",       "docker --project-name",
    "docker -H",   "docker -e",     "docker -f",
    "docker -p",   "docker -v",     "docker -w",
    "find -name",  "find -path",    "find -type",
    "gh -R",       "git --git-dir", "git --work-tree",
    "git -C",      "git -b",        "git -c",
    "git -m",      "git -n",        "head -c",
    "head -n",     "helm -n",       "kubectl -c",
    "kubectl -f",  "kubectl -n",    "kubectl -o",
    "make -C",     "make -f",       "npm -C",
    "pnpm -C",     "sed -e",        "tail -c",
    "tail -n",     "tar -C",        "tar -f",
    "tmux -L",     "wget -O",       "yarn --cwd",
};

/* "program option": options that may stand before the operation words. Sorted. */
static const char *const GLOBAL_OPTIONS[] = {
    "aws --profile",
    "aws --region",
    "docker --context",
    "docker --file",
    "docker --profile",
    "docker --project-name",
    "docker -H",
    "docker -f",
    "docker -p",
    "gcloud --project",
    "gh --repo",
    "gh -R",
    "git --git-dir",
    "git --no-pager",
    "git --work-tree",
    "gh -R",
    "git --git-dir",
    "git --work-tree",
    "git -C",
    "git -P",
    "git -c",
    "helm --namespace",
    "helm -n",
    "kubectl --context",
    "kubectl --namespace",
    "kubectl -n",
    "npm --prefix",
    "npm -C",
    "pnpm --filter",
    "pnpm -C",
    "pnpm -r",
    "systemctl --user",
    "terraform -chdir",
    "tmux -L",
    "yarn --cwd",
};

/* Programs, and the letters of options whose value stands right behind them. */
static const struct attached {
    const char *program;
    const char *letters;
} ATTACHED[] = {
    {"7z", "po"},       {"cc", "DILOWlo"},      {"clang", "DILOWlo"},  {"g++", "DILOWlo"},
    {"gcc", "DILOWlo"}, {"ld", "Ll"},           {"make", "j"},         {"mariadb", "hPpu"},
    {"mysql", "hPpu"},  {"mysqladmin", "hPpu"}, {"mysqldump", "hPpu"}, {"sshpass", "p"},
};

/* Programs that take options in bundles. Sorted. */
static const char *const BUNDLES[] = {
    "cp",      "df", "du", "free",  "grep", "ln",  "ls",    "mv",
    "netstat", "ps", "rm", "rsync", "ss",   "tar", "unzip", "wc",
};

/* Steps that say nothing alone. Sorted. */
static const char *const NOISE[] = {
    ":",    "=",      "cd", "clear", "exit",  "false", "fg",    "history",
    "jobs", "logout", "ls", "popd",  "pushd", "pwd",   "reset", "true",
};

/* Done in passing, whatever somebody is about: looking, waiting, keeping notes. Sorted. */
static const char *const PASSING[] = {
    "cat",
    "date",
    "echo",
    "file",
    "git status",
    "head",
    "less",
    "ll",
    "man",
    "more",
    "printf",
    "sleep",
    "stat",
    "tail",
    "tool:BashOutput",
    "tool:KillBash",
    "tool:KillShell",
    "tool:TaskUpdate",
    "tool:TodoWrite",
    "tree",
    "uname",
    "wait",
    "wc",
    "which",
    "whoami",
};

/* What they do at the end of a pipeline says how somebody looked, not what was done. Sorted. */
static const char *const FILTERS[] = {
    "awk", "cat", "column", "cut",  "egrep", "fgrep", "fold", "grep", "head", "jq", "nl",
    "rev", "rg",  "sed",    "sort", "tac",   "tail",  "tr",   "uniq", "wc",   "yq",
};

/* Spellings of one option; the path may be empty for every program. */
static const struct synonym {
    const char *path;
    const char *option;
    const char *means;
} SYNONYMS[] = {
    {"", "--all", "-a"},
    {"", "--force", "-f"},
    {"", "--help", "-h"},
    {"", "--message", "-m"},
    {"", "--output", "-o"},
    {"", "--quiet", "-q"},
    {"", "--recursive", "-r"},
    {"", "--verbose", "-v"},
    {"docker run", "--detach", "-d"},
    {"docker run", "--env", "-e"},
    {"docker run", "--interactive", "-i"},
    {"docker run", "--publish", "-p"},
    {"docker run", "--tty", "-t"},
    {"docker run", "--volume", "-v"},
    {"grep", "--ignore-case", "-i"},
    {"grep", "--line-number", "-n"},
    {"kubectl get", "--namespace", "-n"},
    {"tar", "--create", "-c"},
    {"tar", "--extract", "-x"},
    {"tar", "--file", "-f"},
    {"tar", "--gzip", "-z"},
    {"tar", "--list", "-t"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool contains(const char *const *names, size_t count, struct opk_str name)
{
    /* Most rows differ in their first byte. */
    for (size_t i = 0; i < count && name.len > 0; i++) {
        if (names[i][0] == name.data[0] && opk_str_eq(name, opk_str_of(names[i])))
            return true;
    }
    return false;
}

enum opk_hint opk_hint_words(struct opk_str path)
{
    if (contains(OPERATIONS, COUNT(OPERATIONS), path))
        return OPK_HINT_OPERATION;
    return contains(VALUES, COUNT(VALUES), path) ? OPK_HINT_VALUE : OPK_HINT_NONE;
}

/* The rest of a row behind text; NULL when it begins otherwise. */
static const char *row_behind(const char *row, struct opk_str text)
{
    for (size_t i = 0; i < text.len; i++, row++) {
        if (*row != text.data[i] || *row == '\0')
            return NULL;
    }
    return row;
}

/* Is "program option", or "option" for every program, among the rows? */
static bool has_option(const char *const *rows, size_t count, struct opk_str program,
                       struct opk_str option)
{
    for (size_t i = 0; i < count; i++) {
        const char *rest = rows[i];
        if (rest[0] != '-') {
            rest = row_behind(rest, program);
            if (!rest || *rest++ != ' ')
                continue;
        }
        rest = row_behind(rest, option);
        if (rest && *rest == '\0')
            return true;
    }
    return false;
}

/* What an operation does with an option. */
static const struct {
    const char *operation;
    const char *option;
    const char *name;
} MODES[] = {
    {"ar", "-r", "ADD"},
    {"ar", "-t", "LIST"},
    {"ar", "-x", "EXTRACT"},
    {"crontab", "-l", "LIST"},
    {"crontab", "-e", "EDIT"},
    {"crontab", "-r", "DELETE"},
    {"docker run", "-d", "IN-BACKGROUND"},
    {"docker run", "-i", "INTERACTIVE"},
    {"docker run", "-it", "INTERACTIVE"},
    {"git branch", "-a", "LIST-ALL"},
    {"git branch", "-D", "FORCE-DELETE"},
    {"git branch", "-d", "DELETE"},
    {"git branch", "-m", "RENAME"},
    {"git branch", "-r", "LIST-REMOTE"},
    {"git branch", "-v", "LIST-VERBOSE"},
    {"git checkout", "-b", "CREATE"},
    {"git switch", "-c", "CREATE"},
    {"git tag", "-a", "ANNOTATE"},
    {"git tag", "-d", "DELETE"},
    {"git tag", "-l", "LIST"},
    {"gzip", "-d", "UNPACK"},
    {"podman run", "-d", "IN-BACKGROUND"},
    {"podman run", "-it", "INTERACTIVE"},
    {"rpm", "-i", "INSTALL"},
    {"rpm", "-q", "QUERY"},
    {"sed", "-i", "IN-PLACE"},
    {"sed", "-n", "PRINT"},
    {"tar", "-c", "CREATE"},
    {"tar", "-r", "APPEND"},
    {"tar", "-t", "LIST"},
    {"tar", "-u", "UPDATE"},
    {"tar", "-x", "EXTRACT"},
    {"unzip", "-l", "LIST"},
};

const char *opk_hint_mode(struct opk_str operation, struct opk_str option)
{
    for (size_t i = 0; i < COUNT(MODES); i++) {
        if (opk_str_eq(operation, opk_str_of(MODES[i].operation)) &&
            opk_str_eq(option, opk_str_of(MODES[i].option)))
            return MODES[i].name;
    }
    return NULL;
}

bool opk_hint_takes_value(struct opk_str program, struct opk_str option)
{
    return has_option(VALUE_OPTIONS, COUNT(VALUE_OPTIONS), program, option);
}

bool opk_hint_is_global(struct opk_str program, struct opk_str option)
{
    return has_option(GLOBAL_OPTIONS, COUNT(GLOBAL_OPTIONS), program, option);
}

bool opk_hint_has_globals(struct opk_str program)
{
    for (size_t i = 0; i < COUNT(GLOBAL_OPTIONS); i++) {
        const char *rest = row_behind(GLOBAL_OPTIONS[i], program);
        if (rest && *rest == ' ')
            return true;
    }
    return false;
}

bool opk_hint_attaches(struct opk_str program, char letter)
{
    for (size_t i = 0; program.len > 0 && i < COUNT(ATTACHED); i++) {
        if (ATTACHED[i].program[0] == program.data[0] &&
            opk_str_eq(program, opk_str_of(ATTACHED[i].program)))
            return letter != '\0' && strchr(ATTACHED[i].letters, letter) != NULL;
    }
    return false;
}

bool opk_hint_bundles(struct opk_str program)
{
    return contains(BUNDLES, COUNT(BUNDLES), program);
}

struct opk_str opk_hint_synonym(struct opk_str path, struct opk_str option)
{
    for (size_t i = 0; i < COUNT(SYNONYMS); i++) {
        if (opk_str_eq(option, opk_str_of(SYNONYMS[i].option)) &&
            (SYNONYMS[i].path[0] == '\0' || opk_str_eq(path, opk_str_of(SYNONYMS[i].path))))
            return opk_str_of(SYNONYMS[i].means);
    }
    return option;
}

bool opk_hint_is_noise(struct opk_str signature)
{
    return contains(NOISE, COUNT(NOISE), signature);
}

bool opk_hint_is_passing(struct opk_str signature)
{
    return contains(PASSING, COUNT(PASSING), signature);
}

struct opk_str opk_hint_filtered(struct opk_str signature)
{
    static const struct opk_str PIPE = OPK_STR_INIT(" | ");
    size_t end = opk_str_find(signature, PIPE, 0);
    struct opk_str first = opk_str_slice(signature, 0, end);

    if (end == OPK_NPOS)
        return OPK_STR_EMPTY;
    while (end != OPK_NPOS) {
        signature = opk_str_skip(signature, end + PIPE.len);
        end = opk_str_find(signature, PIPE, 0);
        struct opk_str part = opk_str_slice(signature, 0, end);
        if (!contains(FILTERS, COUNT(FILTERS),
                      opk_str_slice(part, 0, opk_str_find_byte(part, ' ', 0))))
            return OPK_STR_EMPTY;
    }
    return first;
}
