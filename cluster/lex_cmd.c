#include "cluster/lex_dialect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct opk_lex_row OPERATORS[] = {
    {OPK_STR_INIT("\n"), OPK_OP_NEWLINE}, {OPK_STR_INIT("&&"), OPK_OP_AND},
    {OPK_STR_INIT("||"), OPK_OP_OR},      {OPK_STR_INIT("|"), OPK_OP_PIPE},
    {OPK_STR_INIT("&"), OPK_OP_SEMI},     {OPK_STR_INIT(")"), OPK_OP_CLOSE},
};

static const struct opk_lex_row REDIRECTS[] = {
    {OPK_STR_INIT(">>"), OPK_OP_APPEND}, {OPK_STR_INIT(">&"), OPK_OP_DUP},
    {OPK_STR_INIT("<&"), OPK_OP_DUP},    {OPK_STR_INIT(">"), OPK_OP_WRITE},
    {OPK_STR_INIT("<"), OPK_OP_READ},
};

static bool is_blank(char c)
{
    return opk_is_blank(c) || c == '\r';
}

/* The letters at at, as a word of their own: behind them no letter, digit, _ or - stands. */
static struct opk_str name_at(const struct opk_lex *lex, size_t at)
{
    size_t end = at;

    while (end < lex->text.len && opk_is_alpha(lex->text.data[end]))
        end++;
    bool whole = end == lex->text.len || opk_str_find_byte(OPK_STR(" \t\r\n(&|<>)/^@,;=:."),
                                                           lex->text.data[end], 0) != OPK_NPOS;
    return whole ? opk_str_slice(lex->text, at, end) : OPK_STR_EMPTY;
}

/* rem and :: are comments, :name is a label: none of them runs anything. */
static bool next_comment(struct opk_lex *lex, struct opk_token *token)
{
    if (!lex->at_command ||
        (opk_lex_peek(lex, 0) != ':' && !opk_str_eq_nocase(name_at(lex, lex->at), OPK_STR("rem"))))
        return false;
    return opk_lex_give(lex, token, OPK_TOKEN_COMMENT, OPK_OP_NONE,
                        opk_lex_line_end(lex->text, lex->at));
}

static bool next_redirect(struct opk_lex *lex, struct opk_token *token)
{
    char next = opk_lex_peek(lex, 1);
    size_t number = opk_is_digit(opk_lex_peek(lex, 0)) && (next == '>' || next == '<') ? 1 : 0;
    const struct opk_lex_row *row =
        opk_lex_find_row(REDIRECTS, COUNT(REDIRECTS), opk_str_skip(lex->text, lex->at + number));

    return row && opk_lex_give_redirect(lex, token, row, number);
}

static bool next_operator(struct opk_lex *lex, struct opk_token *token)
{
    const struct opk_lex_row *row =
        opk_lex_find_row(OPERATORS, COUNT(OPERATORS), opk_str_skip(lex->text, lex->at));
    char c = opk_lex_peek(lex, 0);

    if (!row && c == '@' && lex->at_command) /* @echo off: not shown, but run */
        return opk_lex_give(lex, token, OPK_TOKEN_RESERVED, OPK_OP_CALL, lex->at + 1);
    if (!row && c == '(' && lex->at_command)
        return opk_lex_give(lex, token, OPK_TOKEN_OP, OPK_OP_OPEN, lex->at + 1);
    return row && opk_lex_give_operator(lex, token, row);
}

/* The end of a word: ^ quotes the next byte, " the bytes up to the next one or the line's end. */
static size_t scan(const struct opk_lex *lex, size_t at, unsigned *flags)
{
    bool quoted = false;

    for (; at < lex->text.len; at++) {
        char c = lex->text.data[at];
        if (c == '\n')
            break;
        if (c == '"') {
            quoted = !quoted;
            *flags |= OPK_WORD_QUOTED;
        } else if (quoted) {
            *flags |= c == '%' || c == '!' ? (unsigned)OPK_WORD_VARIABLE : 0;
        } else if (c == '^' && at + 1 < lex->text.len) {
            *flags |= OPK_WORD_QUOTED;
            at++;
        } else if (is_blank(c) || opk_str_find_byte(OPK_STR("&|<>)"), c, 0) != OPK_NPOS) {
            break;
        } else if (c == '%') {
            *flags |= OPK_WORD_VARIABLE;
        } else if (c == '*' || c == '?') {
            *flags |= OPK_WORD_GLOB;
        }
    }
    return at;
}

/* Behind the words of a header that begins at at; balanced parentheses belong to it. */
static size_t skip_word(const struct opk_lex *lex, size_t at)
{
    unsigned flags = 0;

    while (at < lex->text.len && is_blank(lex->text.data[at]))
        at++;
    if (at < lex->text.len && lex->text.data[at] == '(') {
        size_t end = opk_str_find_byte(lex->text, ')', at);
        return end == OPK_NPOS ? lex->text.len : end + 1;
    }
    return scan(lex, at, &flags);
}

static struct opk_str word_at(const struct opk_lex *lex, size_t at)
{
    while (at < lex->text.len && is_blank(lex->text.data[at]))
        at++;
    return opk_str_slice(lex->text, at, skip_word(lex, at));
}

/* if [/i] [not] exist X | defined X | errorlevel N | cmdextversion N | a==b | a op b */
static size_t if_end(const struct opk_lex *lex, size_t at)
{
    static const struct opk_str OPERATIONS[] = {
        OPK_STR_INIT("equ"), OPK_STR_INIT("neq"), OPK_STR_INIT("lss"), OPK_STR_INIT("leq"),
        OPK_STR_INIT("gtr"), OPK_STR_INIT("geq"), OPK_STR_INIT("==")};
    static const struct opk_str TESTS[] = {OPK_STR_INIT("exist"), OPK_STR_INIT("defined"),
                                           OPK_STR_INIT("errorlevel"),
                                           OPK_STR_INIT("cmdextversion")};

    while (opk_str_eq_nocase(word_at(lex, at), OPK_STR("/i")) ||
           opk_str_eq_nocase(word_at(lex, at), OPK_STR("not")))
        at = skip_word(lex, at);
    struct opk_str first = word_at(lex, at);
    at = skip_word(lex, at);
    for (size_t i = 0; i < COUNT(TESTS); i++) {
        if (opk_str_eq_nocase(first, TESTS[i]))
            return skip_word(lex, at);
    }
    if (opk_str_ends(first, OPK_STR("==")))
        return skip_word(lex, at);
    struct opk_str second = word_at(lex, at);
    for (size_t i = 0; i < COUNT(OPERATIONS); i++) {
        if (opk_str_eq_nocase(second, OPERATIONS[i]))
            return skip_word(lex, skip_word(lex, at));
    }
    return opk_str_starts(second, OPK_STR("==")) ? skip_word(lex, at) : at;
}

/* for [/f "..."] %i in (...) do */
static size_t for_end(const struct opk_lex *lex, size_t at)
{
    for (unsigned words = 0; words < 8; words++) {
        struct opk_str word = word_at(lex, at);
        if (word.len == 0)
            break;
        at = skip_word(lex, at);
        if (opk_str_eq_nocase(word, OPK_STR("do")))
            break;
    }
    return at;
}

/*
 * if, for, else and call stand before a command. The whole header is one token, which runs nothing:
 * the command behind it is a step like any other.
 */
static bool next_keyword(struct opk_lex *lex, struct opk_token *token)
{
    struct opk_str name =
        lex->at_command && lex->redirect == OPK_OP_NONE ? name_at(lex, lex->at) : OPK_STR_EMPTY;
    size_t end = lex->at + name.len;

    if (opk_str_eq_nocase(name, OPK_STR("if")))
        end = if_end(lex, end);
    else if (opk_str_eq_nocase(name, OPK_STR("for")))
        end = for_end(lex, end);
    else if (!opk_str_eq_nocase(name, OPK_STR("else")) && !opk_str_eq_nocase(name, OPK_STR("call")))
        return false;
    return opk_lex_give(lex, token, OPK_TOKEN_RESERVED, OPK_OP_CALL, end);
}

/* "set A=b c & d": what stands behind the name belongs to it; so do echo's words, but they are
 * none. */
static bool is_switch(struct opk_str raw)
{
    return raw.len > 1 && raw.data[0] == '/' && (opk_is_alnum(raw.data[1]) || raw.data[1] == '?') &&
           opk_str_find_byte(raw, '/', 1) == OPK_NPOS;
}

static bool next_word(struct opk_lex *lex, struct opk_token *token)
{
    size_t begin = lex->at;
    size_t end = scan(lex, begin, &token->flags);

    /* dir/s: the switch touches the name */
    if (lex->at_command && lex->redirect == OPK_OP_NONE) {
        struct opk_str name = name_at(lex, begin);
        if (name.len > 0 && name.len < end - begin && lex->text.data[begin + name.len] == '/')
            end = begin + name.len;
    }
    if (end == begin)
        end++;
    (void)opk_lex_give(lex, token, OPK_TOKEN_WORD, OPK_OP_NONE, end);
    if (opk_lex_end_redirect(lex))
        return true;
    if (!lex->at_command && is_switch(opk_str_slice(lex->text, begin, end)))
        token->flags |= OPK_WORD_SWITCH;
    lex->at_command = false;
    lex->last = OPK_OP_NONE;
    return true;
}

bool opk_lex_cmd_next(struct opk_lex *lex, struct opk_token *token)
{
    opk_lex_skip_blanks(lex, '^', true);
    if (lex->at >= lex->text.len)
        return false;
    return next_comment(lex, token) || next_redirect(lex, token) || next_operator(lex, token) ||
           next_keyword(lex, token) || next_word(lex, token);
}

struct opk_str opk_lex_cmd_unquote(struct opk_str raw, struct opk_arena *arena)
{
    char *data = opk_arena_alloc(arena, raw.len);
    size_t len = 0;
    bool quoted = false;

    if (!data)
        return OPK_STR_EMPTY;
    for (size_t at = 0; at < raw.len; at++) {
        char c = raw.data[at];
        if (c == '"')
            quoted = !quoted;
        else if (c == '^' && !quoted && at + 1 < raw.len)
            data[len++] = raw.data[++at];
        else
            data[len++] = c;
    }
    return (struct opk_str){data, len};
}

struct opk_str opk_lex_cmd_name(struct opk_str value, struct opk_arena *arena)
{
    char *data;
    bool upper = false;

    for (size_t i = 0; i < value.len; i++)
        upper = upper || opk_is_upper(value.data[i]);
    if (!upper)
        return value;
    data = opk_arena_alloc(arena, value.len);
    if (!data)
        return OPK_STR_EMPTY;
    for (size_t i = 0; i < value.len; i++)
        data[i] = opk_to_lower(value.data[i]);
    return (struct opk_str){data, value.len};
}
