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
        if (opk_str_eq_nocase(SHELLS[i].name, name)) {
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

/* ---- the guess ---- */

/* Get-ChildItem: the verb and the noun of a cmdlet begin with capitals. */
static bool is_cmdlet(struct opk_str word)
{
    size_t dash = opk_str_find_byte(word, '-', 0);

    if (dash == OPK_NPOS || dash < 2 || dash + 2 >= word.len)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        bool capital = i == 0 || i == dash + 1;
        if (i != dash && !(capital ? opk_is_upper(word.data[i]) : opk_is_alnum(word.data[i])))
            return false;
    }
    return opk_is_lower(word.data[1]);
}

/* "$x = 5", "$env:X": in other shells a variable that begins a line is expanded, not set. */
static bool assigns_variable(struct opk_str text)
{
    size_t at = 1;

    if (text.len < 2 || text.data[0] != '$' || !opk_is_alpha(text.data[1]))
        return false;
    while (at < text.len && (opk_is_alnum(text.data[at]) || text.data[at] == '_'))
        at++;
    text = opk_str_skip(text, at);
    return (at == 4 && opk_str_starts(text, OPK_STR(":"))) ||
           opk_str_starts(text, OPK_STR(" = ")) || opk_str_starts(text, OPK_STR(" += "));
}

static struct opk_str word_at(struct opk_str text, size_t at)
{
    size_t begin;

    while (at < text.len && opk_is_blank(text.data[at]))
        at++;
    begin = at;
    while (at < text.len && !opk_is_space(text.data[at]) && text.data[at] != ';')
        at++;
    return opk_str_slice(text, begin, at);
}

/* Does a cmdlet stand behind a pipe? */
static bool pipes_to_cmdlet(struct opk_str text, size_t at)
{
    while ((at = opk_str_find_byte(text, '|', at)) != OPK_NPOS) {
        at++;
        if (is_cmdlet(word_at(text, at)))
            return true;
    }
    return false;
}

/* A command of cmd.exe alone, or one with a switch that elsewhere would be a path: dir /s */
static bool is_cmd_line(struct opk_str word, struct opk_str argument)
{
    static const struct opk_str NAMES[] = {
        OPK_STR_INIT("copy"),     OPK_STR_INIT("del"),      OPK_STR_INIT("dir"),
        OPK_STR_INIT("erase"),    OPK_STR_INIT("findstr"),  OPK_STR_INIT("ipconfig"),
        OPK_STR_INIT("md"),       OPK_STR_INIT("move"),     OPK_STR_INIT("rd"),
        OPK_STR_INIT("robocopy"), OPK_STR_INIT("rmdir"),    OPK_STR_INIT("schtasks"),
        OPK_STR_INIT("taskkill"), OPK_STR_INIT("tasklist"), OPK_STR_INIT("xcopy")};

    if (word.len > 0 && word.data[0] == '@')
        return opk_str_eq_nocase(word, OPK_STR("@echo"));
    if (argument.len < 2 || argument.data[0] != '/' || !opk_is_alnum(argument.data[1]) ||
        opk_str_find_byte(argument, '/', 1) != OPK_NPOS)
        return false;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (opk_str_eq_nocase(NAMES[i], word))
            return true;
    }
    return false;
}

/* Blocks that "end" ends, "set" with a scope and a value, "; and", "; or". */
static bool is_fish(struct opk_str word, struct opk_str text)
{
    static const struct opk_str BLOCKS[] = {OPK_STR_INIT("begin"),    OPK_STR_INIT("for"),
                                            OPK_STR_INIT("function"), OPK_STR_INIT("if"),
                                            OPK_STR_INIT("switch"),   OPK_STR_INIT("while")};
    struct opk_str option = word_at(text, word.len);
    size_t list = opk_str_find_byte(text, ';', 0);

    if (opk_str_eq(word, OPK_STR("set")) && option.len > 1 && option.data[0] == '-' &&
        opk_str_find_byte(OPK_STR("gUx"), option.data[1], 0) != OPK_NPOS) {
        size_t at = (size_t)(option.data - text.data) + option.len;
        struct opk_str name = word_at(text, at);
        at = (size_t)(name.data - text.data) + name.len;
        return name.len > 0 && opk_is_alpha(name.data[0]) && word_at(text, at).len > 0;
    }
    if (list != OPK_NPOS && (opk_str_find(text, OPK_STR("; and "), list) != OPK_NPOS ||
                             opk_str_find(text, OPK_STR("; or "), list) != OPK_NPOS))
        return true;
    if (!opk_str_ends(text, OPK_STR("; end")) && !opk_str_ends(text, OPK_STR("\nend")))
        return false;
    for (size_t i = 0; i < sizeof(BLOCKS) / sizeof(BLOCKS[0]); i++) {
        if (opk_str_eq(BLOCKS[i], word))
            return true;
    }
    return false;
}

/*
 * Most lines hold none of the signs below: a small letter first, no pipe, list or newline, not
 * "set", and no slash behind the first word.
 */
static bool is_plain(struct opk_str text)
{
    size_t blank = opk_str_find_byte(text, ' ', 0);

    return text.len > 0 && opk_is_lower(text.data[0]) &&
           opk_str_find_byte(text, '|', 0) == OPK_NPOS &&
           opk_str_find_byte(text, ';', 0) == OPK_NPOS &&
           opk_str_find_byte(text, '\n', 0) == OPK_NPOS &&
           (blank == OPK_NPOS || blank + 1 == text.len ||
            (text.data[blank + 1] != '/' && text.data[blank + 1] != ' ' &&
             !opk_str_starts(text, OPK_STR("set "))));
}

static enum opk_dialect guess(struct opk_str text)
{
    if (is_plain(text))
        return OPK_DIALECT_BASH;
    text = opk_str_trim(text);
    struct opk_str word = word_at(text, 0);

    if (is_cmdlet(word) || assigns_variable(text) || pipes_to_cmdlet(text, word.len))
        return OPK_DIALECT_POWERSHELL;
    if (is_cmd_line(word, word_at(text, word.len)))
        return OPK_DIALECT_CMD;
    return is_fish(word, text) ? OPK_DIALECT_FISH : OPK_DIALECT_BASH;
}

enum opk_dialect opk_dialect_of(struct opk_str shell, struct opk_str text)
{
    enum opk_dialect dialect;

    if (shell.len > 0 && opk_dialect_find(shell_name(shell), &dialect))
        return dialect;
    return guess(text);
}
