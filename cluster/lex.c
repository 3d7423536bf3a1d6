#include "cluster/lex.h"

#include "cluster/lex_dialect.h"
#include "cluster/lex_scan.h"

#include <string.h>

/* Control operators, the longest first. */
static const struct opk_lex_row OPERATORS[] = {
    {OPK_STR_INIT(";;&"), OPK_OP_CASE_BREAK}, {OPK_STR_INIT(";;"), OPK_OP_CASE_BREAK},
    {OPK_STR_INIT(";&"), OPK_OP_CASE_BREAK},  {OPK_STR_INIT("&&"), OPK_OP_AND},
    {OPK_STR_INIT("||"), OPK_OP_OR},          {OPK_STR_INIT("|&"), OPK_OP_PIPE},
    {OPK_STR_INIT(";"), OPK_OP_SEMI},         {OPK_STR_INIT("&"), OPK_OP_BACKGROUND},
    {OPK_STR_INIT("|"), OPK_OP_PIPE},         {OPK_STR_INIT("("), OPK_OP_OPEN},
    {OPK_STR_INIT(")"), OPK_OP_CLOSE},
};

/* Redirections without their descriptor, the longest first. */
static const struct opk_lex_row REDIRECTS[] = {
    {OPK_STR_INIT("<<<"), OPK_OP_HERESTR}, {OPK_STR_INIT("<<-"), OPK_OP_HEREDOC},
    {OPK_STR_INIT("&>>"), OPK_OP_APPEND},  {OPK_STR_INIT("<<"), OPK_OP_HEREDOC},
    {OPK_STR_INIT("<>"), OPK_OP_READ},     {OPK_STR_INIT("<&"), OPK_OP_DUP},
    {OPK_STR_INIT(">&"), OPK_OP_DUP},      {OPK_STR_INIT(">>"), OPK_OP_APPEND},
    {OPK_STR_INIT(">|"), OPK_OP_WRITE},    {OPK_STR_INIT("&>"), OPK_OP_WRITE},
    {OPK_STR_INIT("<"), OPK_OP_READ},      {OPK_STR_INIT(">"), OPK_OP_WRITE},
};

/* What zsh has besides. */
static const struct opk_lex_row ZSH_OPERATORS[] = {
    {OPK_STR_INIT(";|"), OPK_OP_CASE_BREAK},
    {OPK_STR_INIT("&!"), OPK_OP_BACKGROUND},
    {OPK_STR_INIT("&|"), OPK_OP_BACKGROUND},
};

static const struct opk_lex_row ZSH_REDIRECTS[] = {
    {OPK_STR_INIT("&>>|"), OPK_OP_APPEND}, {OPK_STR_INIT("&>>!"), OPK_OP_APPEND},
    {OPK_STR_INIT(">>&|"), OPK_OP_APPEND}, {OPK_STR_INIT(">>&!"), OPK_OP_APPEND},
    {OPK_STR_INIT(">>|"), OPK_OP_APPEND},  {OPK_STR_INIT(">>!"), OPK_OP_APPEND},
    {OPK_STR_INIT("&>|"), OPK_OP_WRITE},   {OPK_STR_INIT("&>!"), OPK_OP_WRITE},
    {OPK_STR_INIT(">&|"), OPK_OP_WRITE},   {OPK_STR_INIT(">&!"), OPK_OP_WRITE},
    {OPK_STR_INIT(">!"), OPK_OP_WRITE},
};

static const struct opk_lex_row ZSH_RESERVED[] = {
    {OPK_STR_INIT("always"), OPK_OP_JOIN},
    {OPK_STR_INIT("end"), OPK_OP_DONE},
    {OPK_STR_INIT("foreach"), OPK_OP_FOR},
    {OPK_STR_INIT("repeat"), OPK_OP_REPEAT},
};

static const struct reserved_row {
    struct opk_str text;
    enum opk_op op;
    bool command_follows;
} RESERVED[] = {
    {OPK_STR_INIT("!"), OPK_OP_BANG, true},
    {OPK_STR_INIT("case"), OPK_OP_CASE, false},
    {OPK_STR_INIT("coproc"), OPK_OP_COPROC, true},
    {OPK_STR_INIT("do"), OPK_OP_DO, true},
    {OPK_STR_INIT("done"), OPK_OP_DONE, true},
    {OPK_STR_INIT("elif"), OPK_OP_ELIF, true},
    {OPK_STR_INIT("else"), OPK_OP_ELSE, true},
    {OPK_STR_INIT("esac"), OPK_OP_ESAC, true},
    {OPK_STR_INIT("fi"), OPK_OP_FI, true},
    {OPK_STR_INIT("for"), OPK_OP_FOR, false},
    {OPK_STR_INIT("function"), OPK_OP_FUNCTION, false},
    {OPK_STR_INIT("if"), OPK_OP_IF, true},
    {OPK_STR_INIT("select"), OPK_OP_FOR, false},
    {OPK_STR_INIT("then"), OPK_OP_THEN, true},
    {OPK_STR_INIT("time"), OPK_OP_TIME, true},
    {OPK_STR_INIT("until"), OPK_OP_WHILE, true},
    {OPK_STR_INIT("while"), OPK_OP_WHILE, true},
    {OPK_STR_INIT("{"), OPK_OP_BRACE_OPEN, true},
    {OPK_STR_INIT("}"), OPK_OP_BRACE_CLOSE, true},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void opk_lex_init(struct opk_lex *lex, struct opk_str text, enum opk_dialect dialect)
{
    *lex = (struct opk_lex){.text = text, .dialect = dialect, .at_command = true};
}

size_t opk_word_assignment(struct opk_str raw)
{
    size_t at = 0;

    while (at < raw.len && (opk_is_alpha(raw.data[at]) || raw.data[at] == '_' ||
                            (at > 0 && opk_is_digit(raw.data[at]))))
        at++;
    if (at == 0)
        return 0;
    if (at < raw.len && raw.data[at] == '[') {
        at = opk_str_find_byte(raw, ']', at);
        if (at == OPK_NPOS)
            return 0;
        at++;
    }
    if (at < raw.len && raw.data[at] == '+')
        at++;
    return at < raw.len && raw.data[at] == '=' ? at + 1 : 0;
}

/* As opk_lex_peek, to be inlined. */
static char peek(const struct opk_lex *lex, size_t ahead)
{
    return lex->at + ahead < lex->text.len ? lex->text.data[lex->at + ahead] : '\0';
}

/* Blanks and line continuations; within [[ ]] newlines as well. */
static void skip_blanks(struct opk_lex *lex)
{
    while (lex->at < lex->text.len) {
        char c = lex->text.data[lex->at];
        if (opk_is_blank(c) || (c == '\n' && lex->in_condition))
            lex->at++;
        else if (c == '\\' && peek(lex, 1) == '\n')
            lex->at += 2;
        else
            break;
    }
}

static bool give(struct opk_lex *lex, struct opk_token *token, size_t end)
{
    token->begin = lex->at;
    token->end = end;
    lex->at = end;
    return true;
}

static bool next_heredoc(struct opk_lex *lex, struct opk_token *token)
{
    bool found;
    size_t end = opk_scan_heredoc(lex->text, lex->at, &lex->heredocs[lex->heredoc_next], &found);

    lex->heredoc_next++;
    if (lex->heredoc_next == lex->heredoc_count) {
        lex->heredoc_count = lex->heredoc_next = 0;
        lex->bodies_due = false;
    }
    token->kind = OPK_TOKEN_HEREDOC;
    token->op = OPK_OP_HEREDOC;
    return give(lex, token, end);
}

/* The length of "2" or "{fd}" in front of a redirection, or 0. */
static size_t descriptor_length(const struct opk_lex *lex)
{
    size_t len = 0;

    if (peek(lex, 0) == '{') {
        for (len = 1; opk_is_alnum(peek(lex, len)) || peek(lex, len) == '_'; len++)
            ;
        len = len > 1 && peek(lex, len) == '}' ? len + 1 : 0;
    } else {
        while (opk_is_digit(peek(lex, len)))
            len++;
    }
    return len > 0 && (peek(lex, len) == '<' || peek(lex, len) == '>') ? len : 0;
}

static bool next_redirect(struct opk_lex *lex, struct opk_token *token)
{
    size_t number = descriptor_length(lex);
    struct opk_str rest = opk_str_skip(lex->text, lex->at + number);
    const struct opk_lex_row *row = NULL;

    if (lex->dialect == OPK_DIALECT_ZSH) {
        if (opk_scan_number_glob(rest) > 0)
            return false;
        row = opk_lex_find_row(ZSH_REDIRECTS, COUNT(ZSH_REDIRECTS), rest);
    }
    if (!row)
        row = opk_lex_find_row(REDIRECTS, COUNT(REDIRECTS), rest);

    if (!row || (rest.len > 1 && rest.data[0] != '&' && rest.data[1] == '('))
        return false; /* no redirection, or a process substitution */
    struct opk_str target = opk_str_skip(rest, row->text.len);
    token->kind = OPK_TOKEN_REDIRECT;
    token->op = row->op;
    /* ">&" with neither a digit nor "-" behind it is csh's spelling of "&>". */
    if (row->op == OPK_OP_DUP && target.len > 0 && !opk_is_digit(target.data[0]) &&
        target.data[0] != '-' && target.data[0] != '$')
        token->op = rest.data[0] == '>' ? OPK_OP_WRITE : OPK_OP_READ;
    lex->redirect = token->op;
    lex->strip_tabs = opk_str_ends(row->text, OPK_STR("-"));
    return give(lex, token, lex->at + number + row->text.len);
}

static bool next_operator(struct opk_lex *lex, struct opk_token *token)
{
    struct opk_str rest = opk_str_skip(lex->text, lex->at);
    const struct opk_lex_row *row = NULL;

    if (lex->dialect == OPK_DIALECT_ZSH)
        row = opk_lex_find_row(ZSH_OPERATORS, COUNT(ZSH_OPERATORS), rest);
    if (!row)
        row = opk_lex_find_row(OPERATORS, COUNT(OPERATORS), rest);
    if (!row)
        return false;
    token->kind = OPK_TOKEN_OP;
    token->op = row->op;
    lex->at_command = true;
    lex->no_reserved = false;
    return give(lex, token, lex->at + row->text.len);
}

/* && || ( ) < > stand in [[ ]] as words of their own; ; and & cannot, and end it. */
static bool next_condition_operator(struct opk_lex *lex, struct opk_token *token)
{
    char c = peek(lex, 0);
    size_t len = (c == '&' || c == '|') && peek(lex, 1) == c ? 2 : 1;

    /* ( and | belong to a regular expression. */
    if (!opk_scan_is_break(c) || (lex->regex_next && len == 1 && (c == '(' || c == '|')))
        return false;
    lex->regex_next = false;
    if (len == 1 && (c == ';' || c == '&' || c == '|')) {
        lex->in_condition = false;
        return next_operator(lex, token);
    }
    token->kind = OPK_TOKEN_WORD;
    token->flags = OPK_WORD_CONDITION;
    return give(lex, token, lex->at + len);
}

/* Does a reserved word begin so? */
static bool begins_reserved(char c)
{
    switch (c) {
    case '!':
    case 'c':
    case 'd':
    case 'e':
    case 'f':
    case 'i':
    case 's':
    case 't':
    case 'u':
    case 'w':
    case '{':
    case '}':
        return true;
    default:
        return false;
    }
}

static const struct reserved_row *find_reserved(struct opk_str word)
{
    /* Most words are longer than the longest row, or begin as none does. */
    if (word.len == 0 || word.len > sizeof("function") - 1 || !begins_reserved(word.data[0]))
        return NULL;
    for (size_t i = 0; i < COUNT(RESERVED); i++) {
        if (RESERVED[i].text.data[0] == word.data[0] && opk_str_eq(RESERVED[i].text, word))
            return &RESERVED[i];
    }
    return NULL;
}

bool opk_lex_is_reserved(struct opk_str raw)
{
    return find_reserved(raw) != NULL;
}

/* Does a group come next? */
static bool compound_follows(const struct opk_lex *lex)
{
    size_t at = lex->at;

    while (at < lex->text.len && opk_is_blank(lex->text.data[at]))
        at++;
    return at < lex->text.len && (lex->text.data[at] == '(' || lex->text.data[at] == '{');
}

static void take_reserved(struct opk_lex *lex, struct opk_token *token, enum opk_op op,
                          bool command_follows)
{
    token->kind = OPK_TOKEN_RESERVED;
    token->op = lex->last = op;
    token->flags = 0;
    lex->at_command = command_follows;
    if (op == OPK_OP_CASE)
        lex->case_depth++;
    else if (op == OPK_OP_ESAC && lex->case_depth > 0)
        lex->case_depth--;
}

/* The reserved words that zsh has besides, and its }, which ends a group among words as well. */
static bool follow_zsh_word(struct opk_lex *lex, struct opk_token *token, struct opk_str raw,
                            enum opk_op last)
{
    const struct opk_lex_row *row;

    if (opk_str_eq(raw, OPK_STR("}"))) {
        take_reserved(lex, token, OPK_OP_BRACE_CLOSE, true);
        return true;
    }
    if (last == OPK_OP_FUNCTION && opk_str_eq(raw, OPK_STR("{"))) {
        take_reserved(lex, token, OPK_OP_BRACE_OPEN, true);
        return true;
    }
    if (!lex->at_command || lex->no_reserved)
        return false;
    row = opk_lex_find_word(ZSH_RESERVED, COUNT(ZSH_RESERVED), raw);
    if (!row || (row->op == OPK_OP_JOIN && last != OPK_OP_BRACE_CLOSE))
        return false;
    take_reserved(lex, token, row->op, row->op != OPK_OP_FOR && row->op != OPK_OP_REPEAT);
    return true;
}

/* What the word just read means for the next ones. */
static void follow_word(struct opk_lex *lex, struct opk_token *token, enum opk_op last)
{
    bool behind_for = lex->behind_for;
    struct opk_str raw = opk_str_slice(lex->text, token->begin, token->end);

    lex->behind_for = false;
    if (lex->redirect != OPK_OP_NONE) {
        lex->no_reserved = true;
        if (lex->redirect == OPK_OP_HEREDOC && lex->heredoc_count < OPK_LEX_HEREDOC_MAX)
            lex->heredocs[lex->heredoc_count++] =
                (struct opk_lex_heredoc){token->begin, token->end, lex->strip_tabs};
        lex->redirect = OPK_OP_NONE;
        return;
    }
    if (lex->in_condition) {
        token->flags |= OPK_WORD_CONDITION;
        lex->in_condition = !opk_str_eq(raw, OPK_STR("]]"));
        /* zsh: if [[ a ]] { b } */
        lex->at_command = !lex->in_condition && lex->dialect == OPK_DIALECT_ZSH;
        lex->regex_next = opk_str_eq(raw, OPK_STR("=~"));
        return;
    }
    bool bare = token->flags == 0 || token->flags == OPK_WORD_BRACES;
    if (lex->dialect == OPK_DIALECT_ZSH && bare && follow_zsh_word(lex, token, raw, last))
        return;
    if (!lex->at_command) {
        bool is_do = behind_for && opk_str_eq(raw, OPK_STR("do"));
        lex->behind_for = last == OPK_OP_FOR && !(token->flags & OPK_WORD_ARITHMETIC);
        lex->at_command = last == OPK_OP_FUNCTION || last == OPK_OP_REPEAT || is_do ||
                          (last == OPK_OP_FOR && (token->flags & OPK_WORD_ARITHMETIC));
        if (is_do)
            take_reserved(lex, token, OPK_OP_DO, true);
        return;
    }
    const struct reserved_row *row = !lex->no_reserved && bare ? find_reserved(raw) : NULL;
    if (row) {
        take_reserved(lex, token, row->op, row->command_follows);
    } else if (opk_word_assignment(raw) > 0) {
        token->flags |= OPK_WORD_ASSIGNMENT;
        lex->no_reserved = true;
    } else if (last == OPK_OP_COPROC && compound_follows(lex)) {
        ; /* the coprocess's name */
    } else {
        /* zsh: while ((a)) { b } */
        lex->at_command = lex->dialect == OPK_DIALECT_ZSH && raw.data[0] == '(' &&
                          (token->flags & OPK_WORD_ARITHMETIC);
        lex->in_condition = opk_str_eq(raw, OPK_STR("[["));
        if (lex->in_condition)
            token->flags = OPK_WORD_CONDITION;
    }
}

static enum opk_scan_mode word_mode(const struct opk_lex *lex)
{
    if (lex->regex_next)
        return OPK_SCAN_REGEX;
    return lex->at_command && lex->redirect == OPK_OP_NONE ? OPK_SCAN_NAME : OPK_SCAN_WORD;
}

/*
 * zsh: a parenthesis in or before a word that is no function's, no list's and no case's begins a
 * pattern: *.c(.om[1]), (a|b)*. So do numbers: <1-9>.
 */
static bool opens_pattern(const struct opk_lex *lex, size_t end)
{
    struct opk_str rest = opk_str_skip(lex->text, end);
    size_t at = 1;

    if (!lex->in_condition && opk_scan_number_glob(rest) > 0)
        return true;
    if (lex->in_condition || lex->case_depth > 0 || lex->behind_for)
        return false;
    if (rest.len == 0 || rest.data[0] != '(')
        return false;
    while (at < rest.len && opk_is_blank(rest.data[at]))
        at++;
    if (at < rest.len && rest.data[at] == ')')
        return false;
    return lex->at_command ? end > lex->at && !find_reserved(opk_str_slice(lex->text, lex->at, end))
                           : lex->last != OPK_OP_FUNCTION;
}

static bool next_word(struct opk_lex *lex, struct opk_token *token)
{
    enum opk_op last = lex->last;
    size_t end = OPK_NPOS;
    bool too_many = lex->redirect == OPK_OP_HEREDOC && lex->heredoc_count == OPK_LEX_HEREDOC_MAX;

    token->kind = OPK_TOKEN_WORD;
    if ((lex->at_command || last == OPK_OP_FOR) && peek(lex, 0) == '(' && peek(lex, 1) == '(')
        end = opk_scan_word(lex->text, lex->at, OPK_SCAN_ARITHMETIC, &token->flags);
    bool is_zsh = lex->dialect == OPK_DIALECT_ZSH;
    if (end == OPK_NPOS && peek(lex, 0) == '(' && !lex->regex_next &&
        !(is_zsh && opens_pattern(lex, lex->at)))
        return next_operator(lex, token);
    if (end == OPK_NPOS)
        end = opk_scan_word(lex->text, lex->at, word_mode(lex), &token->flags);
    if (is_zsh && opens_pattern(lex, end))
        end = opk_scan_word(lex->text, lex->at, OPK_SCAN_PATTERN, &token->flags);
    if (too_many) {
        token->flags |= OPK_WORD_OPAQUE;
        end = lex->text.len;
    }
    lex->last = OPK_OP_NONE;
    lex->regex_next = false;
    (void)give(lex, token, end);
    follow_word(lex, token, last);
    return true;
}

static bool next_newline(struct opk_lex *lex, struct opk_token *token)
{
    token->kind = OPK_TOKEN_OP;
    token->op = OPK_OP_NEWLINE;
    lex->at_command = true;
    lex->no_reserved = false;
    lex->bodies_due = lex->heredoc_count > 0;
    return give(lex, token, lex->at + 1);
}

static bool next_comment(struct opk_lex *lex, struct opk_token *token)
{
    size_t end = opk_str_find_byte(lex->text, '\n', lex->at);

    token->kind = OPK_TOKEN_COMMENT;
    return give(lex, token, end == OPK_NPOS ? lex->text.len : end);
}

bool opk_lex_next(struct opk_lex *lex, struct opk_token *out_token)
{
    static bool (*const OTHERS[])(struct opk_lex * lex, struct opk_token * token) = {
        opk_lex_fish_next, opk_lex_powershell_next, opk_lex_cmd_next};

    *out_token = (struct opk_token){0};
    if (lex->dialect >= OPK_DIALECT_FISH)
        return OTHERS[lex->dialect - OPK_DIALECT_FISH](lex, out_token);
    if (lex->bodies_due && lex->at < lex->text.len)
        return next_heredoc(lex, out_token);
    skip_blanks(lex);
    if (lex->at >= lex->text.len)
        return false;
    char c = peek(lex, 0);
    if (lex->in_condition && next_condition_operator(lex, out_token))
        return true;
    if (c == '#' && !lex->in_condition)
        return next_comment(lex, out_token);
    if (!lex->in_condition && !(c == '(' && peek(lex, 1) == '(')) {
        enum opk_op expected = lex->redirect;
        lex->redirect = OPK_OP_NONE; /* an operator in place of a redirection's word */
        if (c == '\n')
            return next_newline(lex, out_token);
        /* A redirection may begin with a descriptor. */
        bool maybe = (opk_scan_is_break(c) || opk_is_digit(c) || c == '{') &&
                     !(c == '(' && lex->dialect == OPK_DIALECT_ZSH && opens_pattern(lex, lex->at));
        if (maybe && (next_redirect(lex, out_token) || next_operator(lex, out_token))) {
            lex->last = OPK_OP_NONE;
            return true;
        }
        lex->redirect = expected;
    }
    return next_word(lex, out_token);
}
