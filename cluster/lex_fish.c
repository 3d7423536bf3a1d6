#include "cluster/lex_dialect.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct opk_lex_row OPERATORS[] = {
    {OPK_STR_INIT("\n"), OPK_OP_NEWLINE},   {OPK_STR_INIT(";"), OPK_OP_SEMI},
    {OPK_STR_INIT("&&"), OPK_OP_AND},       {OPK_STR_INIT("||"), OPK_OP_OR},
    {OPK_STR_INIT("&|"), OPK_OP_PIPE},      {OPK_STR_INIT("|"), OPK_OP_PIPE},
    {OPK_STR_INIT("&"), OPK_OP_BACKGROUND},
};

/* Redirections without their descriptor; ">|" pipes that descriptor. */
static const struct opk_lex_row REDIRECTS[] = {
    {OPK_STR_INIT("&>>"), OPK_OP_APPEND}, {OPK_STR_INIT(">>"), OPK_OP_APPEND},
    {OPK_STR_INIT("&>"), OPK_OP_WRITE},   {OPK_STR_INIT(">&"), OPK_OP_DUP},
    {OPK_STR_INIT("<&"), OPK_OP_DUP},     {OPK_STR_INIT(">?"), OPK_OP_WRITE},
    {OPK_STR_INIT(">|"), OPK_OP_PIPE},    {OPK_STR_INIT(">"), OPK_OP_WRITE},
    {OPK_STR_INIT("<"), OPK_OP_READ},
};

static const struct opk_lex_row RESERVED[] = {
    {OPK_STR_INIT("!"), OPK_OP_BANG},
    {OPK_STR_INIT("and"), OPK_OP_JOIN},
    {OPK_STR_INIT("begin"), OPK_OP_BRACE_OPEN},
    {OPK_STR_INIT("case"), OPK_OP_LABEL},
    {OPK_STR_INIT("else"), OPK_OP_ELSE},
    {OPK_STR_INIT("end"), OPK_OP_END},
    {OPK_STR_INIT("for"), OPK_OP_LOOP},
    {OPK_STR_INIT("function"), OPK_OP_FUNCTION_LINE},
    {OPK_STR_INIT("if"), OPK_OP_IF},
    {OPK_STR_INIT("not"), OPK_OP_BANG},
    {OPK_STR_INIT("or"), OPK_OP_JOIN},
    {OPK_STR_INIT("switch"), OPK_OP_SWITCH},
    {OPK_STR_INIT("time"), OPK_OP_TIME},
    {OPK_STR_INIT("while"), OPK_OP_WHILE},
    {OPK_STR_INIT("{"), OPK_OP_BRACE_OPEN},
    {OPK_STR_INIT("}"), OPK_OP_BRACE_CLOSE},
};

static bool next_is(const struct opk_lex_scan *s, size_t ahead, char c)
{
    return s->at + ahead < s->text.len && s->text.data[s->at + ahead] == c;
}

static void scan_single_quote(struct opk_lex_scan *s)
{
    s->flags |= OPK_WORD_QUOTED;
    s->at++;
    while (s->at < s->text.len && s->text.data[s->at] != '\'')
        s->at += s->text.data[s->at] == '\\' ? 2 : 1;
    s->failed = s->failed || s->at >= s->text.len;
    s->at++;
}

static void scan_dollar(struct opk_lex_scan *s)
{
    if (next_is(s, 1, '(')) {
        s->flags |= OPK_WORD_SUBSTITUTION;
        opk_lex_scan_push(s, OPK_LEX_PAREN, 2);
        return;
    }
    s->flags |= OPK_WORD_VARIABLE;
    s->at++;
}

static void scan_dquote(struct opk_lex_scan *s)
{
    char c = s->text.data[s->at];

    if (c == '\\') {
        opk_lex_scan_escape(s);
    } else if (c == '$') {
        scan_dollar(s);
    } else {
        s->at++;
        s->depth -= c == '"';
    }
}

/* Quotes and what begins an expansion, outside double quotes; false for other bytes. */
static bool scan_common(struct opk_lex_scan *s)
{
    switch (s->text.data[s->at]) {
    case '\'':
        scan_single_quote(s);
        return true;
    case '"':
        s->flags |= OPK_WORD_QUOTED;
        opk_lex_scan_push(s, OPK_LEX_DQUOTE, 1);
        return true;
    case '\\':
        opk_lex_scan_escape(s);
        return true;
    case '$':
        scan_dollar(s);
        return true;
    case '(':
        s->flags |= OPK_WORD_SUBSTITUTION;
        opk_lex_scan_push(s, OPK_LEX_PAREN, 1);
        return true;
    default:
        return false;
    }
}

static void scan_paren(struct opk_lex_scan *s)
{
    char before = s->text.data[s->at - 1];

    if (scan_common(s))
        return;
    char c = s->text.data[s->at++];
    if (c == ')') {
        s->depth--;
    } else if (c == '#' && (opk_is_space(before) || before == ';' || before == '(')) {
        s->at = opk_lex_line_end(s->text, s->at);
    }
}

/* An & within a word belongs to it: http://host/?a=1&b=2 */
static bool is_break(const struct opk_lex_scan *s)
{
    switch (s->text.data[s->at]) {
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '|':
    case '<':
    case '>':
        return true;
    case '&':
        return s->at + 1 == s->text.len ||
               opk_str_find_byte(OPK_STR(" \t\n;&|<>"), s->text.data[s->at + 1], 0) != OPK_NPOS;
    default:
        return false;
    }
}

/* false at the end of the word. */
static bool scan_base(struct opk_lex_scan *s)
{
    char c = s->text.data[s->at];

    if (scan_common(s))
        return true;
    if (is_break(s))
        return false;
    if (c == '*' || c == '?')
        s->flags |= OPK_WORD_GLOB;
    else if (c == '{')
        s->flags |= OPK_WORD_BRACES;
    s->at++;
    return true;
}

static bool scan_step(struct opk_lex_scan *s)
{
    if (s->stack[s->depth] == OPK_LEX_DQUOTE)
        scan_dquote(s);
    else if (s->stack[s->depth] == OPK_LEX_PAREN)
        scan_paren(s);
    else
        return scan_base(s);
    return true;
}

static bool is_whole_quote(struct opk_str raw)
{
    char quote = raw.data[0];
    size_t at = 1;

    if (raw.len < 2 || (quote != '\'' && quote != '"'))
        return false;
    while (at < raw.len && raw.data[at] != quote)
        at += raw.data[at] == '\\' ? 2 : 1;
    return at + 1 == raw.len;
}

/* A redirection, or a pipe with a descriptor in front. */
static bool next_redirect(struct opk_lex *lex, struct opk_token *token)
{
    size_t number = 0;
    const struct opk_lex_row *row;

    while (opk_is_digit(opk_lex_peek(lex, number)))
        number++;
    row = opk_lex_find_row(REDIRECTS, COUNT(REDIRECTS), opk_str_skip(lex->text, lex->at + number));
    if (!row || (number > 0 && row->text.data[0] == '&'))
        return false;
    if (row->op != OPK_OP_PIPE)
        return opk_lex_give_redirect(lex, token, row, number);
    (void)opk_lex_give_operator(lex, token, row);
    token->end = lex->at += number;
    return true;
}

static bool next_operator(struct opk_lex *lex, struct opk_token *token)
{
    const struct opk_lex_row *row =
        opk_lex_find_row(OPERATORS, COUNT(OPERATORS), opk_str_skip(lex->text, lex->at));

    return row && opk_lex_give_operator(lex, token, row);
}

/* What the word just read means for the next ones. */
static void follow_word(struct opk_lex *lex, struct opk_token *token)
{
    struct opk_str raw = opk_str_slice(lex->text, token->begin, token->end);
    const struct opk_lex_row *row = NULL;
    enum opk_op last = lex->last;

    lex->last = OPK_OP_NONE;
    if (opk_lex_end_redirect(lex) || !lex->at_command)
        return;
    if (!(token->flags & ~(unsigned)OPK_WORD_BRACES))
        row = opk_lex_find_word(RESERVED, COUNT(RESERVED), raw);
    if (row) {
        token->kind = OPK_TOKEN_RESERVED;
        token->op = row->op == OPK_OP_IF && last == OPK_OP_ELSE ? OPK_OP_ELIF : row->op;
        token->flags = 0;
        lex->last = token->op;
        lex->at_command = row->op != OPK_OP_LABEL && row->op != OPK_OP_LOOP &&
                          row->op != OPK_OP_FUNCTION_LINE && row->op != OPK_OP_SWITCH;
    } else if (opk_word_assignment(raw) > 0) {
        token->flags |= OPK_WORD_ASSIGNMENT;
    } else {
        lex->at_command = false;
    }
}

static bool next_word(struct opk_lex *lex, struct opk_token *token)
{
    struct opk_lex_scan s = {.text = lex->text, .at = lex->at};
    size_t end = opk_lex_scan(&s, true, scan_step);

    if (end == lex->at) /* a lone byte that ends words and is no operator: there is none */
        end++;
    (void)opk_lex_give(lex, token, OPK_TOKEN_WORD, OPK_OP_NONE, end);
    token->flags = s.flags;
    if ((s.flags & OPK_WORD_QUOTED) && !(s.flags & OPK_WORD_OPAQUE) &&
        is_whole_quote(opk_str_slice(lex->text, token->begin, end)))
        token->flags |= OPK_WORD_WHOLE_QUOTE;
    follow_word(lex, token);
    return true;
}

bool opk_lex_fish_next(struct opk_lex *lex, struct opk_token *token)
{
    opk_lex_skip_blanks(lex, '\\', false);
    if (lex->at >= lex->text.len)
        return false;
    if (opk_lex_peek(lex, 0) == '#')
        return opk_lex_give(lex, token, OPK_TOKEN_COMMENT, OPK_OP_NONE,
                            opk_lex_line_end(lex->text, lex->at));
    return next_redirect(lex, token) || next_operator(lex, token) || next_word(lex, token);
}

/* ---- quote removal ---- */

/* Within quotes a backslash quotes these alone. */
static bool is_quotable(char quote, char c)
{
    return c == quote || c == '\\' || (quote == '"' && (c == '$' || c == '\n'));
}

struct opk_str opk_lex_fish_unquote(struct opk_str raw, struct opk_arena *arena)
{
    char *data = opk_arena_alloc(arena, raw.len);
    size_t len = 0;
    char quote = '\0';

    if (!data)
        return OPK_STR_EMPTY;
    for (size_t at = 0; at < raw.len; at++) {
        char c = raw.data[at];
        char next = at + 1 < raw.len ? raw.data[at + 1] : '\0';
        bool expands = quote != '\'' && ((c == '$' && next == '(') || (c == '(' && !quote));
        if (expands) { /* stays as written */
            struct opk_lex_scan s = {.text = raw, .at = at};
            size_t end = opk_lex_scan(&s, false, scan_step);
            memcpy(data + len, raw.data + at, end - at);
            len += end - at;
            at = end - 1;
        } else if (c == '\\' && at + 1 < raw.len && (!quote || is_quotable(quote, next))) {
            at++;
            if (next != '\n')
                data[len++] = quote ? next : opk_lex_escaped(next);
        } else if (quote ? c == quote : c == '\'' || c == '"') {
            quote = quote ? '\0' : c;
        } else {
            data[len++] = c;
        }
    }
    return (struct opk_str){data, len};
}
