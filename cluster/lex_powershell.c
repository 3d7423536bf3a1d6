#include "cluster/lex_dialect.h"

bool opk_lex_powershell_next(struct opk_lex *lex, struct opk_token *token)
{
    return opk_lex_fish_next(lex, token);
}

struct opk_str opk_lex_powershell_unquote(struct opk_str raw, struct opk_arena *arena)
{
    return opk_lex_fish_unquote(raw, arena);
}

bool opk_lex_cmd_next(struct opk_lex *lex, struct opk_token *token)
{
    return opk_lex_fish_next(lex, token);
}

struct opk_str opk_lex_cmd_unquote(struct opk_str raw, struct opk_arena *arena)
{
    return opk_lex_fish_unquote(raw, arena);
}
