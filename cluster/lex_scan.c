#include "cluster/lex_scan.h"

#include <string.h>

/* What is open, innermost last. */
enum context {
    BASE,        /* the word itself */
    DQUOTE,      /* "..." */
    PARAM,       /* ${...} */
    PARAM_QUOTE, /* ${...} within double quotes: a single quote is itself */
    CODE,        /* $(...), <(...), and parentheses within: commands */
    CASE,        /* case ... esac within CODE: a lone ) ends a pattern */
    ARITHMETIC,  /* $((...)) */
    GROUP,       /* parentheses without commands: a=(...), @(...), those of arithmetic */
    BRACKET,     /* $[...], the subscript of an assignment */
};

struct scan {
    struct opk_str text;
    size_t at;
    unsigned flags;
    enum opk_scan_mode mode;
    size_t begin;       /* of the word */
    size_t first_close; /* end of the quoted string that begins the word, or 0 */
    bool at_command;    /* in CODE: a reserved word may come next */
    bool failed;
    unsigned depth;
    unsigned char stack[OPK_LEX_DEPTH_MAX];
    struct opk_lex_heredoc heredocs[OPK_LEX_HEREDOC_MAX];
    unsigned heredoc_count;
};

bool opk_scan_is_break(char c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '&':
    case '|':
    case '<':
    case '>':
    case '(':
    case ')':
        return true;
    default:
        return false;
    }
}

/* Bytes that say nothing, in the word itself and within double quotes. */
enum { RUN_BASE = 1, RUN_DQUOTE = 2 };

/* clang-format off */
#define BOTH (RUN_BASE | RUN_DQUOTE)
static const unsigned char RUNS[256] = {
    [' '] = RUN_DQUOTE, ['%'] = BOTH, [','] = BOTH, ['-'] = BOTH, ['.'] = BOTH, ['/'] = BOTH,
    ['0'] = BOTH, ['1'] = BOTH, ['2'] = BOTH, ['3'] = BOTH, ['4'] = BOTH, ['5'] = BOTH,
    ['6'] = BOTH, ['7'] = BOTH, ['8'] = BOTH, ['9'] = BOTH, [':'] = BOTH,
    ['A'] = BOTH, ['B'] = BOTH, ['C'] = BOTH, ['D'] = BOTH, ['E'] = BOTH, ['F'] = BOTH,
    ['G'] = BOTH, ['H'] = BOTH, ['I'] = BOTH, ['J'] = BOTH, ['K'] = BOTH, ['L'] = BOTH,
    ['M'] = BOTH, ['N'] = BOTH, ['O'] = BOTH, ['P'] = BOTH, ['Q'] = BOTH, ['R'] = BOTH,
    ['S'] = BOTH, ['T'] = BOTH, ['U'] = BOTH, ['V'] = BOTH, ['W'] = BOTH, ['X'] = BOTH,
    ['Y'] = BOTH, ['Z'] = BOTH, ['_'] = BOTH, ['a'] = BOTH, ['b'] = BOTH, ['c'] = BOTH,
    ['d'] = BOTH, ['e'] = BOTH, ['f'] = BOTH, ['g'] = BOTH, ['h'] = BOTH, ['i'] = BOTH,
    ['j'] = BOTH, ['k'] = BOTH, ['l'] = BOTH, ['m'] = BOTH, ['n'] = BOTH, ['o'] = BOTH,
    ['p'] = BOTH, ['q'] = BOTH, ['r'] = BOTH, ['s'] = BOTH, ['t'] = BOTH, ['u'] = BOTH,
    ['v'] = BOTH, ['w'] = BOTH, ['x'] = BOTH, ['y'] = BOTH, ['z'] = BOTH,
};
#undef BOTH
/* clang-format on */

/* The next byte, and those behind it that say nothing. */
static void skip_run(struct scan *s, unsigned kind)
{
    s->at++;
    while (s->at < s->text.len && (RUNS[(unsigned char)s->text.data[s->at]] & kind))
        s->at++;
}

static char byte_at(const struct scan *s, size_t at)
{
    return at < s->text.len ? s->text.data[at] : '\0';
}

static bool next_is(const struct scan *s, size_t at, char c)
{
    return at < s->text.len && s->text.data[at] == c;
}

static enum context top(const struct scan *s)
{
    return (enum context)s->stack[s->depth];
}

static void push(struct scan *s, enum context context)
{
    if (s->depth + 1 == OPK_LEX_DEPTH_MAX) {
        s->failed = true;
        return;
    }
    s->stack[++s->depth] = (unsigned char)context;
    s->at_command = context == CODE;
}

static void pop(struct scan *s)
{
    s->depth--;
    s->at_command = false;
}

static void fail_unless(struct scan *s, bool found)
{
    if (!found)
        s->failed = true;
}

/* Behind the next c, or failed. */
static void skip_past(struct scan *s, char c)
{
    size_t end = opk_str_find_byte(s->text, c, s->at);

    fail_unless(s, end != OPK_NPOS);
    s->at = end == OPK_NPOS ? s->text.len : end + 1;
}

/* Behind the next c that no backslash precedes, or failed. */
static void skip_past_escaped(struct scan *s, char c)
{
    while (s->at < s->text.len && s->text.data[s->at] != c)
        s->at += s->text.data[s->at] == '\\' ? 2 : 1;
    fail_unless(s, s->at < s->text.len);
    s->at++;
}

/* At the base of a word, notes where a quoted string that begins it ends. */
static void close_quote(struct scan *s, size_t open)
{
    if (s->depth == 0 && open == s->begin)
        s->first_close = s->at;
}

static void scan_single_quote(struct scan *s)
{
    size_t open = s->at++;

    s->flags |= OPK_WORD_QUOTED;
    skip_past(s, '\'');
    close_quote(s, open);
}

static void scan_backslash(struct scan *s)
{
    s->flags |= OPK_WORD_QUOTED;
    s->at += s->at + 1 < s->text.len ? 2 : 1;
}

/* A $ or backtick, wherever expansions work. */
static void scan_expansion(struct scan *s)
{
    bool in_quotes = top(s) == DQUOTE || top(s) == PARAM_QUOTE;
    char next = byte_at(s, s->at + 1);

    if (s->text.data[s->at] == '`') {
        s->flags |= OPK_WORD_SUBSTITUTION;
        s->at++;
        skip_past_escaped(s, '`');
    } else if (next == '(' && next_is(s, s->at + 2, '(')) {
        s->flags |= OPK_WORD_ARITHMETIC;
        s->at += 3;
        push(s, ARITHMETIC);
    } else if (next == '(') {
        s->flags |= OPK_WORD_SUBSTITUTION;
        s->at += 2;
        push(s, CODE);
    } else if (next == '[') {
        s->flags |= OPK_WORD_ARITHMETIC;
        s->at += 2;
        push(s, BRACKET);
    } else if (next == '{') {
        s->flags |= OPK_WORD_VARIABLE;
        s->at += 3; /* the first byte may be any: ${#}, ${'} is no quote */
        if (next_is(s, s->at - 1, '}'))
            return;
        s->at--;
        push(s, in_quotes ? PARAM_QUOTE : PARAM);
    } else if (next == '\'' && !in_quotes) {
        size_t open = s->at;
        s->flags |= OPK_WORD_QUOTED;
        s->at += 2;
        skip_past_escaped(s, '\'');
        close_quote(s, open);
    } else {
        if (opk_is_alnum(next) || (next != '\0' && strchr("_@*#?$!-", next)))
            s->flags |= OPK_WORD_VARIABLE;
        s->at++;
    }
}

static void scan_dquote(struct scan *s)
{
    switch (s->text.data[s->at]) {
    case '"':
        s->at++;
        pop(s);
        if (s->depth == 0 && s->first_close == 1)
            s->first_close = s->at;
        break;
    case '\\':
        scan_backslash(s);
        break;
    case '$':
    case '`':
        scan_expansion(s);
        break;
    default:
        skip_run(s, RUN_DQUOTE);
        break;
    }
}

/* A " outside double quotes. first_close is 1 while the quote that begins the word is open. */
static void open_dquote(struct scan *s)
{
    if (s->depth == 0 && s->first_close == 0 &&
        (s->at == s->begin || (s->at == s->begin + 1 && s->text.data[s->begin] == '$')))
        s->first_close = 1;
    s->flags |= OPK_WORD_QUOTED;
    s->at++;
    push(s, DQUOTE);
}

/* Quotes and expansions, alike in every context outside double quotes; false for other bytes. */
static bool scan_common(struct scan *s)
{
    switch (s->text.data[s->at]) {
    case '\'':
        if (top(s) == PARAM_QUOTE)
            return false;
        scan_single_quote(s);
        return true;
    case '"':
        open_dquote(s);
        return true;
    case '\\':
        scan_backslash(s);
        return true;
    case '$':
    case '`':
        scan_expansion(s);
        return true;
    default:
        return false;
    }
}

static void scan_param(struct scan *s)
{
    if (scan_common(s))
        return;
    if (s->text.data[s->at++] == '}')
        pop(s);
}

static void scan_arithmetic(struct scan *s)
{
    if (scan_common(s))
        return;
    char c = s->text.data[s->at++];

    if (c == '(') {
        push(s, GROUP);
    } else if (c == ')') {
        if (next_is(s, s->at, ')')) {
            s->at++;
            pop(s);
        } else if (s->depth == 1 && s->mode == OPK_SCAN_ARITHMETIC) {
            s->failed = true;
        } else { /* $((a) b): the subshell of a command substitution has just ended */
            s->stack[s->depth] = CODE;
            s->at_command = true;
        }
    }
}

static void scan_group(struct scan *s)
{
    if (scan_common(s))
        return;
    char c = s->text.data[s->at++];

    if (c == '(')
        push(s, GROUP);
    else if (c == ')')
        pop(s);
}

static void scan_bracket(struct scan *s)
{
    if (scan_common(s))
        return;
    char c = s->text.data[s->at++];

    if (c == '[')
        push(s, BRACKET);
    else if (c == ']')
        pop(s);
}

static bool word_is(struct opk_str word, const char *const *words)
{
    for (; *words; words++) {
        if (opk_str_eq(word, opk_str_of(*words)))
            return true;
    }
    return false;
}

/* Quotes and what begins an expansion. */
static bool is_special(char c)
{
    return c == '\'' || c == '"' || c == '\\' || c == '$' || c == '`';
}

/* A run of plain bytes in code: only reserved words matter, and those that open or close case. */
static void scan_code_word(struct scan *s)
{
    static const char *const LEADING[] = {"if",    "then", "elif", "else",   "while",
                                          "until", "do",   "time", "{",      "!",
                                          "fi",    "done", "}",    "coproc", NULL};
    size_t begin = s->at;
    bool whole = opk_scan_is_break(s->text.data[begin - 1]);

    while (s->at < s->text.len && !opk_scan_is_break(s->text.data[s->at]) &&
           !is_special(s->text.data[s->at]))
        s->at++;
    whole = whole && (s->at == s->text.len || opk_scan_is_break(s->text.data[s->at]));
    struct opk_str word = opk_str_slice(s->text, begin, s->at);
    if (!whole || !s->at_command) {
        s->at_command = false;
    } else if (opk_str_eq(word, OPK_STR("case"))) {
        push(s, CASE);
        s->at_command = false;
    } else if (opk_str_eq(word, OPK_STR("esac")) && top(s) == CASE) {
        pop(s);
        s->at_command = true;
    } else {
        s->at_command = word_is(word, LEADING);
    }
}

/* << in code: remember the delimiter; a here-string is two more redirections. */
static void scan_code_heredoc(struct scan *s)
{
    struct opk_lex_heredoc heredoc = {0};

    s->at += 2;
    if (next_is(s, s->at, '<')) {
        s->at++;
        return;
    }
    if (next_is(s, s->at, '-')) {
        heredoc.strip_tabs = true;
        s->at++;
    }
    while (s->at < s->text.len && opk_is_blank(s->text.data[s->at]))
        s->at++;
    /* A delimiter is a plain or quoted word; expansions in it are not expanded. */
    heredoc.begin = s->at;
    while (s->at < s->text.len && !opk_scan_is_break(s->text.data[s->at])) {
        char c = s->text.data[s->at];
        if (c == '\'' || c == '"') {
            s->at++;
            skip_past(s, c);
        } else {
            s->at += c == '\\' && s->at + 1 < s->text.len ? 2 : 1;
        }
    }
    heredoc.end = s->at;
    if (heredoc.begin == heredoc.end)
        return;
    if (s->heredoc_count == OPK_LEX_HEREDOC_MAX)
        s->failed = true;
    else
        s->heredocs[s->heredoc_count++] = heredoc;
}

static void scan_code_newline(struct scan *s)
{
    bool found;

    s->at++;
    for (unsigned i = 0; i < s->heredoc_count; i++)
        s->at = opk_scan_heredoc(s->text, s->at, &s->heredocs[i], &found);
    s->heredoc_count = 0;
    s->at_command = true;
}

static void scan_code(struct scan *s)
{
    char c = s->text.data[s->at];
    unsigned depth = s->depth;

    if (scan_common(s)) {
        if (s->depth == depth)
            s->at_command = false;
        return;
    }
    switch (c) {
    case '\n':
        scan_code_newline(s);
        break;
    case '#':
        if (opk_scan_is_break(s->text.data[s->at - 1])) {
            size_t end = opk_str_find_byte(s->text, '\n', s->at);
            s->at = end == OPK_NPOS ? s->text.len : end;
        } else {
            s->at++;
        }
        break;
    case '(':
        s->at++;
        push(s, CODE);
        break;
    case ')':
        s->at++;
        if (top(s) == CODE)
            pop(s);
        s->at_command = top(s) == CASE;
        break;
    case '<':
        if (next_is(s, s->at + 1, '<'))
            scan_code_heredoc(s);
        else
            s->at++;
        break;
    case ';':
    case '&':
    case '|':
        s->at++;
        s->at_command = true;
        break;
    case ' ':
    case '\t':
    case '>':
        s->at++;
        break;
    default:
        scan_code_word(s);
        break;
    }
}

size_t opk_scan_number_glob(struct opk_str rest)
{
    size_t at = 1;

    if (rest.len == 0 || rest.data[0] != '<')
        return 0;
    while (at < rest.len && (opk_is_digit(rest.data[at]) || rest.data[at] == '-'))
        at++;
    return at > 1 && at < rest.len && rest.data[at] == '>' &&
                   opk_str_find_byte(opk_str_slice(rest, 1, at), '-', 0) != OPK_NPOS
               ? at + 1
               : 0;
}

/* A byte of the word itself that ends words; false when it ends this one. */
static bool scan_break(struct scan *s)
{
    char c = s->text.data[s->at];
    char before = s->at > s->begin ? s->text.data[s->at - 1] : '\0';

    size_t glob = c == '<' && s->mode == OPK_SCAN_PATTERN
                      ? opk_scan_number_glob(opk_str_skip(s->text, s->at))
                      : 0;
    if (glob > 0) {
        s->flags |= OPK_WORD_GLOB;
        s->at += glob;
        return true;
    }
    if ((c == '<' || c == '>') && next_is(s, s->at + 1, '(')) {
        s->flags |= OPK_WORD_SUBSTITUTION;
        s->at += 2;
        push(s, CODE);
        return true;
    }
    if (c == '(' && s->mode == OPK_SCAN_REGEX) {
        s->at++;
        push(s, GROUP);
        return true;
    }
    if (c == '|' && s->mode == OPK_SCAN_REGEX && !next_is(s, s->at + 1, '|')) {
        s->at++;
        return true;
    }
    if (c != '(')
        return false;
    if (s->mode == OPK_SCAN_PATTERN) {
        s->flags |= OPK_WORD_GLOB;
        s->at++;
        push(s, GROUP);
        return true;
    }
    if (before == '\0')
        return false;
    struct opk_str head = opk_str_slice(s->text, s->begin, s->at);
    if (before == '=' && opk_word_assignment(head) == head.len) {
        s->at++;
        push(s, GROUP);
        return true;
    }
    if (!strchr("@?*+!", before) || (before == '!' && head.len == 1 && s->mode == OPK_SCAN_NAME))
        return false;
    s->flags |= OPK_WORD_GLOB;
    s->at++;
    push(s, GROUP);
    return true;
}

/* The [ of NAME[...]= where an assignment may stand. */
static bool opens_subscript(const struct scan *s)
{
    if (s->mode != OPK_SCAN_NAME || s->at == s->begin || opk_is_digit(s->text.data[s->begin]))
        return false;
    for (size_t at = s->begin; at < s->at; at++) {
        if (!opk_is_alnum(s->text.data[at]) && s->text.data[at] != '_')
            return false;
    }
    return true;
}

/* false at the end of the word. */
static bool scan_base(struct scan *s)
{
    char c = s->text.data[s->at];

    if (scan_common(s))
        return true;
    if (opk_scan_is_break(c))
        return scan_break(s);
    if (c == '[' && opens_subscript(s)) {
        s->at++;
        push(s, BRACKET);
        return true;
    }
    if (c == '*' || c == '?' || c == '[')
        s->flags |= OPK_WORD_GLOB;
    else if (c == '{')
        s->flags |= OPK_WORD_BRACES;
    skip_run(s, RUN_BASE);
    return true;
}

static bool scan_next(struct scan *s)
{
    switch (top(s)) {
    case BASE:
        return scan_base(s);
    case DQUOTE:
        scan_dquote(s);
        return true;
    case PARAM:
    case PARAM_QUOTE:
        scan_param(s);
        return true;
    case CODE:
    case CASE:
        scan_code(s);
        return true;
    case ARITHMETIC:
        scan_arithmetic(s);
        return true;
    case GROUP:
        scan_group(s);
        return true;
    case BRACKET:
        scan_bracket(s);
        return true;
    }
    return false;
}

/* The stack and the here-documents are written before they are read: clearing them is dear. */
static void start(struct scan *s, struct opk_str text, size_t at, enum opk_scan_mode mode)
{
    s->text = text;
    s->at = s->begin = at;
    s->flags = 0;
    s->mode = mode;
    s->first_close = 0;
    s->at_command = s->failed = false;
    s->depth = s->heredoc_count = 0;
    s->stack[0] = BASE;
}

size_t opk_scan_expansion(struct opk_str text, size_t at, bool in_quotes)
{
    struct scan s;

    start(&s, text, at, OPK_SCAN_WORD);
    if (in_quotes)
        push(&s, DQUOTE);
    unsigned depth = s.depth;
    scan_expansion(&s);
    while (s.at < text.len && !s.failed && s.depth > depth) {
        if (!scan_next(&s))
            break;
    }
    return s.failed || s.at > text.len ? text.len : s.at;
}

size_t opk_scan_word(struct opk_str text, size_t at, enum opk_scan_mode mode, unsigned *flags)
{
    struct scan s;

    start(&s, text, at, mode);
    if (mode == OPK_SCAN_ARITHMETIC) {
        s.at += 2;
        s.flags |= OPK_WORD_ARITHMETIC;
        push(&s, ARITHMETIC);
    }
    while (s.at < text.len && !s.failed) {
        if ((mode == OPK_SCAN_ARITHMETIC && s.depth == 0) || !scan_next(&s))
            break;
    }
    if (mode == OPK_SCAN_ARITHMETIC && s.failed && s.at < text.len)
        return OPK_NPOS;
    if (s.failed || s.depth > 0 || s.at > text.len) {
        *flags |= s.flags | OPK_WORD_OPAQUE;
        return text.len;
    }
    if (s.first_close == s.at)
        s.flags |= OPK_WORD_WHOLE_QUOTE;
    *flags |= s.flags;
    return s.at;
}

/* Is line the delimiter, once the delimiter's quotes are removed? */
static bool is_delimiter(struct opk_str raw, struct opk_str line)
{
    size_t at = 0;
    char quote = '\0';

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (c == quote) {
            quote = '\0';
            continue;
        }
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
            continue;
        }
        if (c == '\\' && quote != '\'' && i + 1 < raw.len)
            c = raw.data[++i];
        if (at == line.len || line.data[at++] != c)
            return false;
    }
    return at == line.len;
}

size_t opk_scan_heredoc(struct opk_str text, size_t at, const struct opk_lex_heredoc *heredoc,
                        bool *out_found)
{
    struct opk_str raw = opk_str_slice(text, heredoc->begin, heredoc->end);

    *out_found = false;
    while (at < text.len) {
        size_t newline = opk_str_find_byte(text, '\n', at);
        size_t end = newline == OPK_NPOS ? text.len : newline;
        while (heredoc->strip_tabs && at < end && text.data[at] == '\t')
            at++;
        *out_found = is_delimiter(raw, opk_str_slice(text, at, end));
        at = newline == OPK_NPOS ? end : end + 1;
        if (*out_found)
            break;
    }
    return at;
}
