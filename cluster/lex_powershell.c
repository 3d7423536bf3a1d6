#include "cluster/lex_dialect.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct opk_lex_row OPERATORS[] = {
    {OPK_STR_INIT("\n"), OPK_OP_NEWLINE}, {OPK_STR_INIT(";"), OPK_OP_SEMI},
    {OPK_STR_INIT("&&"), OPK_OP_AND},     {OPK_STR_INIT("||"), OPK_OP_OR},
    {OPK_STR_INIT("|"), OPK_OP_PIPE},     {OPK_STR_INIT("&"), OPK_OP_BACKGROUND},
    {OPK_STR_INIT(")"), OPK_OP_CLOSE},
};

/* Redirections without their stream, which is a digit or *. */
static const struct opk_lex_row REDIRECTS[] = {
    {OPK_STR_INIT(">>"), OPK_OP_APPEND},
    {OPK_STR_INIT(">&"), OPK_OP_DUP},
    {OPK_STR_INIT(">"), OPK_OP_WRITE},
    {OPK_STR_INIT("<"), OPK_OP_READ},
};

/* Their case does not matter. */
static const struct opk_lex_row KEYWORDS[] = {
    {OPK_STR_INIT("catch"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("class"), OPK_OP_BLOCK_FUNCTION},
    {OPK_STR_INIT("do"), OPK_OP_BLOCK_LOOP},
    {OPK_STR_INIT("else"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("elseif"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("enum"), OPK_OP_BLOCK_FUNCTION},
    {OPK_STR_INIT("filter"), OPK_OP_BLOCK_FUNCTION},
    {OPK_STR_INIT("finally"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("for"), OPK_OP_BLOCK_LOOP},
    {OPK_STR_INIT("foreach"), OPK_OP_BLOCK_LOOP},
    {OPK_STR_INIT("function"), OPK_OP_BLOCK_FUNCTION},
    {OPK_STR_INIT("if"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("param"), OPK_OP_LABEL},
    {OPK_STR_INIT("return"), OPK_OP_JOIN},
    {OPK_STR_INIT("switch"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("throw"), OPK_OP_JOIN},
    {OPK_STR_INIT("trap"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("try"), OPK_OP_BLOCK_IF},
    {OPK_STR_INIT("until"), OPK_OP_BLOCK_LOOP},
    {OPK_STR_INIT("while"), OPK_OP_BLOCK_LOOP},
};

static char byte_at(const struct opk_lex_scan *s, size_t at)
{
    return at < s->text.len ? s->text.data[at] : '\0';
}

/* Behind the next what, from at on; failed when there is none. */
static void skip_past(struct opk_lex_scan *s, struct opk_str what, size_t at)
{
    size_t end = opk_str_find(s->text, what, at);

    s->failed = s->failed || end == OPK_NPOS;
    s->at = end == OPK_NPOS ? s->text.len : end + what.len;
}

/* @' or @" with the rest of its line empty: up to '@ or "@ at the beginning of a line. */
static bool scan_here_string(struct opk_lex_scan *s)
{
    char quote = byte_at(s, s->at + 1);
    size_t at = s->at + 2;

    if (quote != '\'' && quote != '"')
        return false;
    while (opk_is_blank(byte_at(s, at)) || byte_at(s, at) == '\r')
        at++;
    if (byte_at(s, at) != '\n')
        return false;
    s->flags |= OPK_WORD_QUOTED;
    skip_past(s, quote == '"' ? OPK_STR("\n\"@") : OPK_STR("\n'@"), at);
    return true;
}

static void scan_dollar(struct opk_lex_scan *s)
{
    char next = byte_at(s, s->at + 1);

    if (next == '(') {
        s->flags |= OPK_WORD_SUBSTITUTION;
        opk_lex_scan_push(s, OPK_LEX_PAREN, 2);
    } else if (next == '{') {
        s->flags |= OPK_WORD_VARIABLE;
        skip_past(s, OPK_STR("}"), s->at);
    } else {
        s->flags |= OPK_WORD_VARIABLE;
        s->at++;
    }
}

static void scan_dquote(struct opk_lex_scan *s)
{
    char c = s->text.data[s->at];

    if (c == '`') {
        opk_lex_scan_escape(s);
    } else if (c == '$') {
        scan_dollar(s);
    } else if (c == '"' && byte_at(s, s->at + 1) == '"') {
        s->at += 2;
    } else {
        s->at++;
        s->depth -= c == '"';
    }
}

/* Quotes, blocks and expansions, outside double quotes; false for other bytes. */
static bool scan_common(struct opk_lex_scan *s)
{
    char next = byte_at(s, s->at + 1);

    switch (s->text.data[s->at]) {
    case '\'':
        s->flags |= OPK_WORD_QUOTED;
        skip_past(s, OPK_STR("'"), s->at + 1);
        return true;
    case '"':
        s->flags |= OPK_WORD_QUOTED;
        opk_lex_scan_push(s, OPK_LEX_DQUOTE, 1);
        return true;
    case '`':
        opk_lex_scan_escape(s);
        return true;
    case '$':
        scan_dollar(s);
        return true;
    case '@':
        if (scan_here_string(s))
            return true;
        if (next != '(' && next != '{')
            return false;
        s->flags |= OPK_WORD_SUBSTITUTION;
        opk_lex_scan_push(s, next == '(' ? OPK_LEX_PAREN : OPK_LEX_BRACE, 2);
        return true;
    case '(':
        s->flags |= OPK_WORD_SUBSTITUTION;
        opk_lex_scan_push(s, OPK_LEX_PAREN, 1);
        return true;
    case '{':
        s->flags |= OPK_WORD_CODE;
        opk_lex_scan_push(s, OPK_LEX_BRACE, 1);
        return true;
    default:
        return false;
    }
}

static bool scan_comment(struct opk_lex_scan *s)
{
    char c = s->text.data[s->at];
    char before = s->text.data[s->at - 1];

    if (c == '<' && byte_at(s, s->at + 1) == '#') {
        skip_past(s, OPK_STR("#>"), s->at);
        return true;
    }
    if (c != '#' || !(opk_is_space(before) || strchr(";({|\n", before)))
        return false;
    s->at = opk_lex_line_end(s->text, s->at);
    return true;
}

/* Within parentheses or braces; a closer of the other kind is left alone. */
static void scan_block(struct opk_lex_scan *s)
{
    char closer = s->stack[s->depth] == OPK_LEX_PAREN ? ')' : '}';

    if (scan_comment(s) || scan_common(s))
        return;
    s->depth -= s->text.data[s->at++] == closer;
}

/* The end of a word, or of an expression, which blanks do not end. */
static bool is_break(const struct opk_lex_scan *s)
{
    switch (s->text.data[s->at]) {
    case ' ':
    case '\t':
    case '\r':
        return !s->expression;
    case '\n':
    case ';':
    case '|':
    case ')':
    case '}':
    case '>':
        return true;
    case '&':
        return byte_at(s, s->at + 1) == '&' || s->at + 1 == s->text.len ||
               opk_is_space(byte_at(s, s->at + 1)) || byte_at(s, s->at + 1) == '\n';
    default:
        return false;
    }
}

static bool scan_base(struct opk_lex_scan *s)
{
    /* "a{" is one word of a command; a block stands alone. */
    if (s->text.data[s->at] == '{' && s->at > s->begin && !s->expression) {
        s->flags |= OPK_WORD_BRACES;
        s->at++;
        return true;
    }
    if (scan_common(s))
        return true;
    if (is_break(s))
        return false;
    if (s->text.data[s->at] == '*' && !s->expression)
        s->flags |= OPK_WORD_GLOB;
    s->at++;
    return true;
}

static bool scan_step(struct opk_lex_scan *s)
{
    if (s->stack[s->depth] == OPK_LEX_DQUOTE)
        scan_dquote(s);
    else if (s->depth > 0)
        scan_block(s);
    else
        return scan_base(s);
    return true;
}

/* ---- tokens ---- */

static bool next_comment(struct opk_lex *lex, struct opk_token *token)
{
    size_t end = lex->at;

    if (opk_lex_peek(lex, 0) == '#') {
        end = opk_lex_line_end(lex->text, lex->at);
    } else if (opk_lex_peek(lex, 0) == '<' && opk_lex_peek(lex, 1) == '#') {
        end = opk_str_find(lex->text, OPK_STR("#>"), lex->at);
        end = end == OPK_NPOS ? lex->text.len : end + 2;
    }
    return end > lex->at && opk_lex_give(lex, token, OPK_TOKEN_COMMENT, OPK_OP_NONE, end);
}

static bool next_redirect(struct opk_lex *lex, struct opk_token *token)
{
    char c = opk_lex_peek(lex, 0);
    char next = opk_lex_peek(lex, 1);
    size_t stream = (opk_is_digit(c) || c == '*') && next == '>' ? 1 : 0;
    const struct opk_lex_row *row =
        opk_lex_find_row(REDIRECTS, COUNT(REDIRECTS), opk_str_skip(lex->text, lex->at + stream));

    return row && opk_lex_give_redirect(lex, token, row, stream);
}

static bool next_operator(struct opk_lex *lex, struct opk_token *token)
{
    const struct opk_lex_row *row =
        opk_lex_find_row(OPERATORS, COUNT(OPERATORS), opk_str_skip(lex->text, lex->at));
    char c = opk_lex_peek(lex, 0);

    if (!row) {
        if (c != '}' && !(c == '{' && lex->at_command))
            return false;
        lex->at_command = true;
        lex->last = c == '}' ? OPK_OP_BRACE_CLOSE : OPK_OP_BRACE_OPEN;
        return opk_lex_give(lex, token, OPK_TOKEN_RESERVED, lex->last, lex->at + 1);
    }
    /* & before a command calls it. */
    if (row->op == OPK_OP_BACKGROUND && lex->at_command) {
        lex->last = OPK_OP_CALL;
        return opk_lex_give(lex, token, OPK_TOKEN_RESERVED, OPK_OP_CALL, lex->at + 1);
    }
    (void)opk_lex_give_operator(lex, token, row);
    lex->at_command = row->op != OPK_OP_CLOSE;
    return true;
}

/* Where the "=" of "$x = ", "$x.y += ", "[int]$x = " ends; 0: no assignment begins here. */
static size_t find_assignment(const struct opk_lex *lex)
{
    struct opk_lex_scan s = {.text = lex->text, .at = lex->at};
    bool variable = false;

    while (s.at < s.text.len && !is_break(&s) && s.text.data[s.at] != '=' && !s.failed) {
        char c = s.text.data[s.at];
        if (s.depth == 0 && opk_str_find_byte(OPK_STR("+-*/%?"), c, 0) != OPK_NPOS)
            break;
        variable = variable || c == '$';
        if (c == '\'' || c == '"' || c == '(' || c == '{')
            return 0;
        s.at++;
    }
    while (opk_is_blank(byte_at(&s, s.at)))
        s.at++;
    while (opk_str_find_byte(OPK_STR("+-*/%?"), byte_at(&s, s.at), 0) != OPK_NPOS)
        s.at++;
    return variable && byte_at(&s, s.at) == '=' && byte_at(&s, s.at + 1) != '=' ? s.at + 1 : 0;
}

/* What begins so is computed, not run. */
static bool begins_expression(char c, char next)
{
    return c == '$' || c == '(' || c == '[' || c == '@' || c == '"' || c == '\'' || c == '!' ||
           c == ',' || (opk_is_digit(c) && !opk_is_alpha(next)) ||
           (c == '-' && (opk_is_digit(next) || next == '('));
}

static size_t scan_from(const struct opk_lex *lex, size_t at, bool expression, unsigned *flags)
{
    struct opk_lex_scan s = {.text = lex->text, .at = at, .expression = expression};
    size_t end = opk_lex_scan(&s, true, scan_step);

    while (expression && !(s.flags & OPK_WORD_OPAQUE) && end > at + 1 &&
           opk_is_space(lex->text.data[end - 1]))
        end--;
    *flags |= s.flags;
    return end;
}

/* $x = ..., with what is assigned where that is no command. */
static size_t assignment_end(const struct opk_lex *lex, size_t end, unsigned *flags)
{
    size_t at = end;

    while (at < lex->text.len && opk_is_blank(lex->text.data[at]))
        at++;
    if (at == lex->text.len ||
        !begins_expression(lex->text.data[at],
                           at + 1 < lex->text.len ? lex->text.data[at + 1] : '\0'))
        return end;
    return scan_from(lex, at, true, flags);
}

/* A keyword where a command may stand; a parenthesis or brace may touch it. */
static bool next_keyword(struct opk_lex *lex, struct opk_token *token)
{
    struct opk_str rest = opk_str_skip(lex->text, lex->at);
    enum opk_op last = lex->last;
    size_t len = 0;

    while (len < rest.len && opk_is_alpha(rest.data[len]))
        len++;
    bool ends =
        len == rest.len || opk_str_find_byte(OPK_STR(" \t\r\n;({"), rest.data[len], 0) != OPK_NPOS;
    if (!lex->at_command || lex->redirect != OPK_OP_NONE || last == OPK_OP_PIPE || !ends)
        return false;
    rest.len = len;
    for (size_t i = 0; i < COUNT(KEYWORDS); i++) {
        if (!opk_str_eq_nocase(KEYWORDS[i].text, rest))
            continue;
        bool ends_do = last == OPK_OP_BRACE_CLOSE && (opk_str_eq_nocase(rest, OPK_STR("while")) ||
                                                      opk_str_eq_nocase(rest, OPK_STR("until")));
        enum opk_op op = ends_do ? OPK_OP_LABEL : KEYWORDS[i].op;
        lex->last = op;
        lex->in_header = op != OPK_OP_JOIN && op != OPK_OP_LABEL;
        lex->at_command = !lex->in_header;
        return opk_lex_give(lex, token, OPK_TOKEN_RESERVED, op, lex->at + len);
    }
    return false;
}

static bool next_word(struct opk_lex *lex, struct opk_token *token)
{
    size_t begin = lex->at;
    char next = opk_lex_peek(lex, 1);
    bool first = lex->at_command && lex->redirect == OPK_OP_NONE;
    bool expression = first && begins_expression(opk_lex_peek(lex, 0), next);
    bool called = lex->last == OPK_OP_CALL;
    size_t end = expression && !called ? find_assignment(lex) : 0;
    bool assigns = end > 0;

    if (assigns) {
        size_t behind = end;
        end = assignment_end(lex, end, &token->flags);
        token->flags = OPK_WORD_ASSIGNMENT | (token->flags & OPK_WORD_OPAQUE);
        lex->at_command = end == behind;
    } else {
        end = scan_from(lex, begin, expression && !called, &token->flags);
        lex->at_command = false;
    }
    if (end == begin)
        end++;
    (void)opk_lex_give(lex, token, OPK_TOKEN_WORD, OPK_OP_NONE, end);
    if (opk_lex_end_redirect(lex))
        lex->at_command = first;
    else
        lex->last = OPK_OP_NONE;
    return true;
}

bool opk_lex_powershell_next(struct opk_lex *lex, struct opk_token *token)
{
    opk_lex_skip_blanks(lex, '`', true);
    if (lex->at >= lex->text.len)
        return false;
    /* if (...) {, function f {: the brace behind a header begins its body. */
    if (lex->in_header && opk_lex_peek(lex, 0) == '{') {
        lex->in_header = false;
        lex->at_command = true;
    }
    if (opk_lex_peek(lex, 0) == ';')
        lex->in_header = false;
    return next_comment(lex, token) || next_redirect(lex, token) || next_operator(lex, token) ||
           next_keyword(lex, token) || next_word(lex, token);
}

/* ---- quote removal ---- */

/* @'...'@ without its marks and its first and last newline. */
static bool unquote_here_string(struct opk_str raw, struct opk_str *out_text)
{
    size_t begin = opk_str_find_byte(raw, '\n', 0);

    if (raw.len < 6 || raw.data[0] != '@' || (raw.data[1] != '\'' && raw.data[1] != '"') ||
        raw.data[raw.len - 1] != '@' || begin == OPK_NPOS)
        return false;
    *out_text = opk_str_slice(raw, begin + 1, raw.len > begin + 4 ? raw.len - 3 : begin + 1);
    return true;
}

struct opk_str opk_lex_powershell_unquote(struct opk_str raw, struct opk_arena *arena)
{
    struct opk_str text;
    char *data;
    size_t len = 0;
    char quote = '\0';

    if (unquote_here_string(raw, &text))
        return text;
    data = opk_arena_alloc(arena, raw.len);
    if (!data)
        return OPK_STR_EMPTY;
    for (size_t at = 0; at < raw.len; at++) {
        char c = raw.data[at];
        char next = at + 1 < raw.len ? raw.data[at + 1] : '\0';
        bool block = !quote && (c == '(' || c == '{');
        if (block || (quote != '\'' && c == '$' && next == '(')) { /* stays as written */
            struct opk_lex_scan s = {.text = raw, .at = at};
            size_t end = opk_lex_scan(&s, false, scan_step);
            memcpy(data + len, raw.data + at, end - at);
            len += end - at;
            at = end - 1;
        } else if (c == '`' && quote != '\'' && at + 1 < raw.len) {
            at++;
            if (next != '\n')
                data[len++] = next == '0' ? '\0' : opk_lex_escaped(next);
        } else if (quote && c == quote && next == quote) {
            data[len++] = c;
            at++;
        } else if (quote ? c == quote : c == '\'' || c == '"') {
            quote = quote ? '\0' : c;
        } else {
            data[len++] = c;
        }
    }
    return (struct opk_str){data, len};
}
