#include "support/support.h"

#include "cluster/lex.h"

#include <stdlib.h>
#include <string.h>

/*
 * A token is written as a letter and its bytes: w a word, a an assignment, m arithmetic, k within
 * [[ ]], r a reserved word, o an operator, d a redirection, h a here-document, c a comment; ! in
 * front says opaque.
 */
struct lex_case {
    const char *name;
    const char *text;
    const char *want;
};

static const struct lex_case CASES[] = {
    /* words and blanks */
    {"nothing", "", ""},
    {"blanks only", " \t ", ""},
    {"one word", "ls", "w[ls]"},
    {"two words", "ls -l", "w[ls]w[-l]"},
    {"blanks around", "  ls \t -l  ", "w[ls]w[-l]"},
    {"continuation between words", "a \\\n b", "w[a]w[b]"},
    {"continuation within a word", "a\\\nb", "w[a\\\nb]"},
    {"newline", "a\nb", "w[a]o[\n]w[b]"},
    {"carriage return is no blank", "a\r\nb", "w[a\r]o[\n]w[b]"},
    {"bytes that are no UTF-8", "a\xff\xfe b", "w[a\xff\xfe]w[b]"},
    /* quotes */
    {"single quotes", "'a b'", "w['a b']"},
    {"backslash in single quotes", "'a\\' b", "w['a\\']w[b]"},
    {"double quotes", "\"a b\"", "w[\"a b\"]"},
    {"escaped double quote", "\"a\\\"b c\" d", "w[\"a\\\"b c\"]w[d]"},
    {"single in double", "\"it's\" x", "w[\"it's\"]w[x]"},
    {"double in single", "'say \"hi' x", "w['say \"hi']w[x]"},
    {"quotes in the middle", "a'b c'd\"e f\"g", "w[a'b c'd\"e f\"g]"},
    {"escaped blank", "a\\ b c", "w[a\\ b]w[c]"},
    {"escaped operator", "a\\;b\\|c", "w[a\\;b\\|c]"},
    {"escaped newline in double quotes", "\"a\\\nb\"", "w[\"a\\\nb\"]"},
    {"newline in single quotes", "'a\nb' c", "w['a\nb']w[c]"},
    {"ANSI-C quotes", "$'a\\'b' c", "w[$'a\\'b']w[c]"},
    {"locale quotes", "$\"a b\" c", "w[$\"a b\"]w[c]"},
    {"ANSI-C quotes are plain in double quotes", "\"$'a\" b", "w[\"$'a\"]w[b]"},
    {"backslash at the end", "a\\", "w[a\\]"},
    {"single quote that never ends", "a 'b c", "w[a]!w['b c]"},
    {"double quote that never ends", "a \"b c", "w[a]!w[\"b c]"},
    {"quote in the middle that never ends", "don't do it", "!w[don't do it]"},
    {"ANSI-C quote that never ends", "$'a\\'", "!w[$'a\\']"},
    /* variables */
    {"variable", "echo $x", "w[echo]w[$x]"},
    {"parameter", "echo ${x:-a b} c", "w[echo]w[${x:-a b}]w[c]"},
    {"quote in a parameter", "${x:-'}'} b", "w[${x:-'}'}]w[b]"},
    {"single quote in a quoted parameter", "\"${x:-it's}\" b", "w[\"${x:-it's}\"]w[b]"},
    {"double quotes in a quoted parameter", "\"${x:-\"a b\"}\" c", "w[\"${x:-\"a b\"}\"]w[c]"},
    {"nested parameters", "${a:-${b:-c d}} e", "w[${a:-${b:-c d}}]w[e]"},
    {"length of a parameter", "${#x} b", "w[${#x}]w[b]"},
    {"number of arguments", "${#} b", "w[${#}]w[b]"},
    {"parameter that never ends", "a ${b c", "w[a]!w[${b c]"},
    {"dollar alone", "a $ b", "w[a]w[$]w[b]"},
    {"dollar at the end", "a$", "w[a$]"},
    /* substitutions */
    {"substitution", "a $(b c) d", "w[a]w[$(b c)]w[d]"},
    {"nested substitution", "$(a $(b) c) d", "w[$(a $(b) c)]w[d]"},
    {"parenthesis in quotes", "$(echo ')') d", "w[$(echo ')')]w[d]"},
    {"subshell in a substitution", "$( (a) ) d", "w[$( (a) )]w[d]"},
    {"quotes in a quoted substitution", "\"$(a \"b c\")\" d", "w[\"$(a \"b c\")\"]w[d]"},
    {"comment in a substitution", "$(a # )\n) b", "w[$(a # )\n)]w[b]"},
    {"number sign within a word", "$(a#b) c", "w[$(a#b)]w[c]"},
    {"case in a substitution", "$(case x in a) b;; esac) c", "w[$(case x in a) b;; esac)]w[c]"},
    {"case with both parentheses", "$(case x in (a) b;; esac) c",
     "w[$(case x in (a) b;; esac)]w[c]"},
    {"case as an argument", "$(echo case) b", "w[$(echo case)]w[b]"},
    {"case behind then", "$(if a; then case x in y) z;; esac; fi) b",
     "w[$(if a; then case x in y) z;; esac; fi)]w[b]"},
    {"here-document in a substitution", "$(cat <<E\nit's )\nE\n) b",
     "w[$(cat <<E\nit's )\nE\n)]w[b]"},
    {"quoted delimiter in a substitution", "\"$(cat <<'E F'\n\"(\nE F\n)\" b",
     "w[\"$(cat <<'E F'\n\"(\nE F\n)\"]w[b]"},
    {"stripped here-document in a substitution", "$(cat <<-E\n\t)\n\tE\n) b",
     "w[$(cat <<-E\n\t)\n\tE\n)]w[b]"},
    {"here-string in a substitution", "$(cat <<<x) b", "w[$(cat <<<x)]w[b]"},
    {"substitution that never ends", "a $(b c", "w[a]!w[$(b c]"},
    {"backticks", "a `b c` d", "w[a]w[`b c`]w[d]"},
    {"escaped backtick", "`a \\`b\\`` c", "w[`a \\`b\\``]w[c]"},
    {"quote in backticks", "`a 'b` c", "w[`a 'b`]w[c]"},
    {"backtick that never ends", "a `b", "w[a]!w[`b]"},
    {"process substitution", "diff <(a b) >(c)", "w[diff]w[<(a b)]w[>(c)]"},
    {"process substitution in a word", "--f=<(a b) c", "w[--f=<(a b)]w[c]"},
    /* arithmetic */
    {"arithmetic expansion", "a $((1 + 2)) b", "w[a]w[$((1 + 2))]w[b]"},
    {"parentheses in arithmetic", "$(((1+2)*3)) b", "w[$(((1+2)*3))]w[b]"},
    {"shift in arithmetic", "$((1<<2)) b", "w[$((1<<2))]w[b]"},
    {"base in arithmetic", "$((16#ff)) b", "w[$((16#ff))]w[b]"},
    {"subshell that looks like arithmetic", "$((a); b) c", "w[$((a); b)]w[c]"},
    {"arithmetic command", "((i = 1 + 2)) && a", "m[((i = 1 + 2))]o[&&]w[a]"},
    {"two subshells", "((a); b)", "o[(]o[(]w[a]o[)]o[;]w[b]o[)]"},
    {"arithmetic for", "for ((i=0; i<3; i++)); do a; done",
     "r[for]m[((i=0; i<3; i++))]o[;]r[do]w[a]o[;]r[done]"},
    {"arithmetic, the old way", "a $[ 1 + b[2] ]c d", "w[a]w[$[ 1 + b[2] ]c]w[d]"},
    {"arithmetic for with braces", "for ((;;)) { a; }", "r[for]m[((;;))]r[{]w[a]o[;]r[}]"},
    {"arithmetic that never ends", "a; ((b", "w[a]o[;]!m[((b]"},
    /* operators */
    {"list", "a;b", "w[a]o[;]w[b]"},
    {"and, or", "a&&b||c", "w[a]o[&&]w[b]o[||]w[c]"},
    {"background", "a & b&", "w[a]o[&]w[b]o[&]"},
    {"pipeline", "a|b |& c", "w[a]o[|]w[b]o[|&]w[c]"},
    {"subshell", "(a b)", "o[(]w[a]w[b]o[)]"},
    {"group", "{ a; }", "r[{]w[a]o[;]r[}]"},
    {"braces need blanks", "{a,b}", "w[{a,b}]"},
    {"closing brace as an argument", "echo }", "w[echo]w[}]"},
    {"negation", "! a", "r[!]w[a]"},
    {"exclamation mark as an argument", "a !", "w[a]w[!]"},
    {"time", "time a", "r[time]w[a]"},
    {"time as an argument", "man time", "w[man]w[time]"},
    {"stray operators", "; | )", "o[;]o[|]o[)]"},
    /* redirections */
    {"write", "a >b", "w[a]d[>]w[b]"},
    {"blank before the target", "a > b", "w[a]d[>]w[b]"},
    {"descriptor", "a 2>b", "w[a]d[2>]w[b]"},
    {"number as an argument", "a 2 >b", "w[a]w[2]d[>]w[b]"},
    {"digit at a word's end", "a2>b", "w[a2]d[>]w[b]"},
    {"append", "a >>b", "w[a]d[>>]w[b]"},
    {"clobber", "a >|b", "w[a]d[>|]w[b]"},
    {"both streams", "a &>b", "w[a]d[&>]w[b]"},
    {"append both", "a &>>b", "w[a]d[&>>]w[b]"},
    {"duplicate", "a 2>&1 b", "w[a]d[2>&]w[1]w[b]"},
    {"close", "a 2>&-", "w[a]d[2>&]w[-]"},
    {"both streams, csh's way", "a >&b", "w[a]d[>&]w[b]"},
    {"named descriptor", "exec {fd}<x", "w[exec]d[{fd}<]w[x]"},
    {"read and write", "a <>b", "w[a]d[<>]w[b]"},
    {"here-string", "a <<<'b c'", "w[a]d[<<<]w['b c']"},
    {"redirection first", ">a b c", "d[>]w[a]w[b]w[c]"},
    {"no reserved word behind a redirection", ">a if b", "d[>]w[a]w[if]w[b]"},
    {"no reserved word behind an assignment", "A=1 if b", "a[A=1]w[if]w[b]"},
    {"redirection without a word", "a > ; b", "w[a]d[>]o[;]w[b]"},
    {"redirection at the end", "a >", "w[a]d[>]"},
    {"no blank between commands and redirection", "a<b>c", "w[a]d[<]w[b]d[>]w[c]"},
    /* here-documents */
    {"here-document", "a <<E\nx y\nE\nb", "w[a]d[<<]w[E]o[\n]h[x y\nE\n]w[b]"},
    {"empty here-document", "a <<E\nE\n", "w[a]d[<<]w[E]o[\n]h[E\n]"},
    {"quoted delimiter", "a <<'E F'\nx\nE F\n", "w[a]d[<<]w['E F']o[\n]h[x\nE F\n]"},
    {"escaped delimiter", "a <<\\E\nx\nE\n", "w[a]d[<<]w[\\E]o[\n]h[x\nE\n]"},
    {"stripped tabs", "a <<-E\n\tx\n\tE\nb", "w[a]d[<<-]w[E]o[\n]h[\tx\n\tE\n]w[b]"},
    {"tabs count without the dash", "a <<E\n\tE\nE\n", "w[a]d[<<]w[E]o[\n]h[\tE\nE\n]"},
    {"command goes on behind", "a <<E | b\nx\nE\nc", "w[a]d[<<]w[E]o[|]w[b]o[\n]h[x\nE\n]w[c]"},
    {"two here-documents", "a <<E <<F\nx\nE\ny\nF\n",
     "w[a]d[<<]w[E]d[<<]w[F]o[\n]h[x\nE\n]h[y\nF\n]"},
    {"quotes in a body", "a <<E\nit's\nE\nb", "w[a]d[<<]w[E]o[\n]h[it's\nE\n]w[b]"},
    {"delimiter must be the whole line", "a <<E\nE x\nE\n", "w[a]d[<<]w[E]o[\n]h[E x\nE\n]"},
    {"body without its delimiter", "a <<E\nx", "w[a]d[<<]w[E]o[\n]h[x]"},
    {"no body", "a <<E", "w[a]d[<<]w[E]"},
    {"delimiter without newline at the end", "a <<E\nx\nE", "w[a]d[<<]w[E]o[\n]h[x\nE]"},
    /* assignments */
    {"assignment", "A=1 b", "a[A=1]w[b]"},
    {"assignment alone", "A=", "a[A=]"},
    {"two assignments", "A=1 B=2 c D=3", "a[A=1]a[B=2]w[c]w[D=3]"},
    {"append assignment", "A+=1 b", "a[A+=1]w[b]"},
    {"quoted value", "A='b c' d", "a[A='b c']w[d]"},
    {"element", "A[1]=b c", "a[A[1]=b]w[c]"},
    {"array", "A=(a 'b c' d) e", "a[A=(a 'b c' d)]w[e]"},
    {"blanks in a subscript", "A[i + 1]=b c", "a[A[i + 1]=b]w[c]"},
    {"blanks in a subscript of an argument", "a B[i + 1]=b", "w[a]w[B[i]w[+]w[1]=b]"},
    {"array over lines", "A=(a\nb) c", "a[A=(a\nb)]w[c]"},
    {"no name", "1A=2 b", "w[1A=2]w[b]"},
    {"quoted name", "'A'=1 b", "w['A'=1]w[b]"},
    {"array that never ends", "A=(a b", "!a[A=(a b]"},
    /* patterns */
    {"glob", "ls *.c [ab]?", "w[ls]w[*.c]w[[ab]?]"},
    {"extended glob", "ls @(a|b c).x d", "w[ls]w[@(a|b c).x]w[d]"},
    {"negated glob", "ls a!(b) c", "w[ls]w[a!(b)]w[c]"},
    {"reserved word before a parenthesis", "if(a)then(b)fi",
     "r[if]o[(]w[a]o[)]r[then]o[(]w[b]o[)]r[fi]"},
    /* comments */
    {"comment", "a # b c", "w[a]c[# b c]"},
    {"comment line", "# a\nb", "c[# a]o[\n]w[b]"},
    {"number sign in a word", "a#b", "w[a#b]"},
    {"quoted number sign", "a '#' b", "w[a]w['#']w[b]"},
    {"comment with a quote", "a # don't\nb", "w[a]c[# don't]o[\n]w[b]"},
    {"comment behind an operator", "a;#b", "w[a]o[;]c[#b]"},
    /* control flow */
    {"if", "if a; then b; elif c; then d; else e; fi",
     "r[if]w[a]o[;]r[then]w[b]o[;]r[elif]w[c]o[;]r[then]w[d]o[;]r[else]w[e]o[;]r[fi]"},
    {"while", "while a; do b; done", "r[while]w[a]o[;]r[do]w[b]o[;]r[done]"},
    {"for", "for i in a b; do c; done", "r[for]w[i]w[in]w[a]w[b]o[;]r[do]w[c]o[;]r[done]"},
    {"case", "case $x in a|b) c;; esac", "r[case]w[$x]w[in]w[a]o[|]w[b]o[)]w[c]o[;;]r[esac]"},
    {"case falls through", "case x in a) b;& c) d;;& esac",
     "r[case]w[x]w[in]w[a]o[)]w[b]o[;&]w[c]o[)]w[d]o[;;&]r[esac]"},
    {"function", "f() { a; }", "w[f]o[(]o[)]r[{]w[a]o[;]r[}]"},
    {"function, ksh's way", "function f { a; }", "r[function]w[f]r[{]w[a]o[;]r[}]"},
    {"coprocess", "coproc a b", "r[coproc]w[a]w[b]"},
    {"named coprocess", "coproc N { a; }", "r[coproc]w[N]r[{]w[a]o[;]r[}]"},
    {"quoted reserved word", "'if' a", "w['if']w[a]"},
    {"escaped reserved word", "\\if a", "w[\\if]w[a]"},
    {"reserved words as arguments", "echo if then fi", "w[echo]w[if]w[then]w[fi]"},
    /* conditions */
    {"condition", "[[ -f a && b == c* ]] && d", "k[[[]k[-f]k[a]k[&&]k[b]k[==]k[c*]k[]]]o[&&]w[d]"},
    {"comparison in a condition", "[[ a < b || ( c > d ) ]]",
     "k[[[]k[a]k[<]k[b]k[||]k[(]k[c]k[>]k[d]k[)]k[]]]"},
    {"regular expression", "[[ $a =~ ^(x|y z)+$ ]]", "k[[[]k[$a]k[=~]k[^(x|y z)+$]k[]]]"},
    {"regular expression that begins with a parenthesis", "[[ a =~ (b|c d) ]]",
     "k[[[]k[a]k[=~]k[(b|c d)]k[]]]"},
    {"no regular expression", "[[ a =~; b", "k[[[]k[a]k[=~]o[;]w[b]"},
    {"condition over lines", "[[ a &&\n b ]]; c", "k[[[]k[a]k[&&]k[b]k[]]]o[;]w[c]"},
    {"condition cut short", "[[ a; b", "k[[[]k[a]o[;]w[b]"},
    {"double brackets as an argument", "echo [[ a > b", "w[echo]w[[[]w[a]d[>]w[b]"},
};

static char token_letter(const struct opk_token *token)
{
    switch (token->kind) {
    case OPK_TOKEN_RESERVED:
        return 'r';
    case OPK_TOKEN_OP:
        return 'o';
    case OPK_TOKEN_REDIRECT:
        return 'd';
    case OPK_TOKEN_HEREDOC:
        return 'h';
    case OPK_TOKEN_COMMENT:
        return 'c';
    case OPK_TOKEN_WORD:
        break;
    }
    if (token->flags & OPK_WORD_ASSIGNMENT)
        return 'a';
    if (token->flags & OPK_WORD_CONDITION)
        return 'k';
    return (token->flags & OPK_WORD_ARITHMETIC) && token->end > token->begin + 1 ? 'm' : 'w';
}

static void write_tokens(struct opk_str text, struct opk_buf *out)
{
    struct opk_lex lex;
    struct opk_token token;

    opk_lex_init(&lex, text, OPK_DIALECT_BASH);
    while (opk_lex_next(&lex, &token)) {
        char letter = token_letter(&token);
        if (letter == 'm' && text.data[token.begin] == '$')
            letter = 'w';
        if (token.flags & OPK_WORD_OPAQUE)
            opk_buf_append_byte(out, '!');
        opk_buf_append_byte(out, letter);
        opk_buf_append_byte(out, '[');
        opk_buf_append(out, opk_str_slice(text, token.begin, token.end));
        opk_buf_append_byte(out, ']');
    }
}

static void test_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        write_tokens(opk_str_of(CASES[i].text), &got);
        opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
        opk_buf_done(&got);
    }
}

/* Spans are in order, and what lies between them is blanks and line continuations. */
static void check_cover(const char *name, struct opk_str text)
{
    struct opk_lex lex;
    struct opk_token token;
    size_t at = 0;

    opk_lex_init(&lex, text, OPK_DIALECT_BASH);
    while (opk_lex_next(&lex, &token)) {
        if (token.begin < at || token.end <= token.begin || token.end > text.len)
            fail_msg("%s: span %zu to %zu behind %zu", name, token.begin, token.end, at);
        for (; at < token.begin; at++) {
            if (!strchr(" \t\n\\", text.data[at]))
                fail_msg("%s: byte %zu belongs to no token", name, at);
        }
        at = token.end;
    }
}

/* Every text has tokens: every row, cut anywhere. */
static void test_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_str text = opk_str_of(CASES[i].text);
        for (size_t len = 0; len <= text.len; len++)
            check_cover(CASES[i].name, opk_str_slice(text, 0, len));
    }
}

static void test_unquote(void **state)
{
    static const struct lex_case ROWS[] = {
        {"plain", "abc", "abc"},
        {"single quotes", "'a b'", "a b"},
        {"double quotes", "\"a b\"", "a b"},
        {"nothing", "''", ""},
        {"nothing, twice", "''\"\"", ""},
        {"pieces", "a'b'\"c\"d", "abcd"},
        {"backslash", "a\\ b\\'c", "a b'c"},
        {"backslash in single quotes", "'a\\n'", "a\\n"},
        {"backslashes in double quotes", "\"\\$ \\` \\\" \\\\ \\n\"", "$ ` \" \\ \\n"},
        {"continuation", "a\\\nb", "ab"},
        {"continuation in double quotes", "\"a\\\nb\"", "ab"},
        {"last backslash", "a\\", "a\\"},
        {"ANSI-C", "$'a\\tb\\n\\x41\\101\\u00e9\\''", "a\tb\nAA\xC3\xA9'"},
        {"ANSI-C, unknown escape", "$'\\q'", "q"},
        {"locale", "$\"a\"", "a"},
        {"variable stays", "\"$x ${y}\"", "$x ${y}"},
        {"quotes in a substitution stay", "\"$(a \"b\" 'c')\"", "$(a \"b\" 'c')"},
        {"quotes in a parameter stay", "\"${a:-\"b\"}\"x", "${a:-\"b\"}x"},
        {"backticks stay", "\"`a 'b'`\"", "`a 'b'`"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_arena arena = {0};
        struct opk_lex lex;
        struct opk_token token;
        opk_lex_init(&lex, opk_str_of(ROWS[i].text), OPK_DIALECT_BASH);
        assert_true(opk_lex_next(&lex, &token));
        opk_assert_str(ROWS[i].name,
                       opk_word_unquote(opk_str_slice(lex.text, token.begin, token.end),
                                        token.flags, OPK_DIALECT_BASH, &arena),
                       opk_str_of(ROWS[i].want));
        opk_arena_done(&arena);
    }
}

static void test_flags(void **state)
{
    static const struct {
        const char *text;
        unsigned want;
    } ROWS[] = {
        {"abc", 0},
        {"'a'", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE},
        {"\"a\"", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE},
        {"$'a'", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE},
        {"$\"a\"", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE},
        {"'a'b", OPK_WORD_QUOTED},
        {"'a''b'", OPK_WORD_QUOTED},
        {"a\\b", OPK_WORD_QUOTED},
        {"$x", OPK_WORD_VARIABLE},
        {"\"$x\"", OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE | OPK_WORD_VARIABLE},
        {"$(a)", OPK_WORD_SUBSTITUTION},
        {"`a`", OPK_WORD_SUBSTITUTION},
        {"$((1))", OPK_WORD_ARITHMETIC},
        {"*.c", OPK_WORD_GLOB},
        {"'*'.c", OPK_WORD_QUOTED},
        {"{a,b}", OPK_WORD_BRACES},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct opk_lex lex;
        struct opk_token token;
        opk_lex_init(&lex, opk_str_of(ROWS[i].text), OPK_DIALECT_BASH);
        assert_true(opk_lex_next(&lex, &token));
        if (token.flags != ROWS[i].want)
            fail_msg("%s: flags %x, want %x", ROWS[i].text, token.flags, ROWS[i].want);
    }
}

static unsigned count_opaque(struct opk_str text)
{
    struct opk_lex lex;
    struct opk_token token;
    unsigned count = 0;

    opk_lex_init(&lex, text, OPK_DIALECT_BASH);
    while (opk_lex_next(&lex, &token))
        count += (token.flags & OPK_WORD_OPAQUE) != 0;
    return count;
}

/* "${a${a...}}", depth levels deep; the word itself is one more. */
static void nest(struct opk_buf *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        opk_buf_append_cstr(out, "${a");
    opk_buf_append_fill(out, '}', depth);
}

static void test_limits(void **state)
{
    (void)state;
    for (unsigned over = 0; over <= 1; over++) {
        struct opk_buf nested = OPK_BUF_EMPTY;
        struct opk_buf heredocs = OPK_BUF_EMPTY;
        nest(&nested, OPK_LEX_DEPTH_MAX - 1 + over);
        for (size_t i = 0; i < OPK_LEX_HEREDOC_MAX + over; i++)
            opk_buf_append_cstr(&heredocs, "<<E ");
        assert_int_equal(count_opaque(opk_buf_str(&nested)), over);
        assert_int_equal(count_opaque(opk_buf_str(&heredocs)), over);
        opk_buf_done(&nested);
        opk_buf_done(&heredocs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),  cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_unquote), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
