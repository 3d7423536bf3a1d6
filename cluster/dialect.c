#include "cluster/dialect.h"

/* Sorted by name. */
static const struct shell_row {
    struct opk_str name;
    enum opk_dialect dialect;
} SHELLS[] = {
    {OPK_STR_INIT("ash"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("bash"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("cmd"), OPK_DIALECT_CMD},
    {OPK_STR_INIT("dash"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("fish"), OPK_DIALECT_FISH},
    {OPK_STR_INIT("ksh"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("mksh"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("powershell"), OPK_DIALECT_POWERSHELL},
    {OPK_STR_INIT("pwsh"), OPK_DIALECT_POWERSHELL},
    {OPK_STR_INIT("rbash"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("sh"), OPK_DIALECT_BASH},
    {OPK_STR_INIT("zsh"), OPK_DIALECT_ZSH},
};

bool opk_dialect_find(struct opk_str name, enum opk_dialect *out_dialect)
{
    for (size_t i = 0; i < sizeof(SHELLS) / sizeof(SHELLS[0]); i++) {
        if (opk_str_eq(SHELLS[i].name, name)) {
            *out_dialect = SHELLS[i].dialect;
            return true;
        }
    }
    return false;
}

const char *opk_dialect_name(enum opk_dialect dialect)
{
    static const char *const NAMES[] = {"bash", "zsh", "fish", "powershell", "cmd"};

    return NAMES[dialect];
}

/* /usr/bin/zsh, -zsh, C:\Windows\System32\cmd.exe: the name alone. */
static struct opk_str shell_name(struct opk_str shell)
{
    size_t begin = shell.len;

    while (begin > 0 && shell.data[begin - 1] != '/' && shell.data[begin - 1] != '\\')
        begin--;
    shell = opk_str_skip(shell, begin);
    if (opk_str_starts(shell, OPK_STR("-")))
        shell = opk_str_skip(shell, 1);
    if (shell.len > 4 && opk_str_eq_nocase(opk_str_skip(shell, shell.len - 4), OPK_STR(".exe")))
        shell = opk_str_slice(shell, 0, shell.len - 4);
    return shell;
}

enum opk_dialect opk_dialect_of(struct opk_str shell, struct opk_str text)
{
    enum opk_dialect dialect;

    (void)text;
    if (shell.len > 0 && opk_dialect_find(shell_name(shell), &dialect))
        return dialect;
    return OPK_DIALECT_BASH;
}
