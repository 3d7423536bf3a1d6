#include "cluster/lex_dialect.h"

#include <string.h>

const struct opk_lex_row *opk_lex_find_row(const struct opk_lex_row *rows, size_t count,
                                           struct opk_str rest)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_starts(rest, rows[i].text))
            return &rows[i];
    }
    return NULL;
}

const struct opk_lex_row *opk_lex_find_word(const struct opk_lex_row *rows, size_t count,
                                            struct opk_str word)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_eq(word, rows[i].text))
            return &rows[i];
    }
    return NULL;
}

char opk_lex_peek(const struct opk_lex *lex, size_t ahead)
{
    return lex->at + ahead < lex->text.len ? lex->text.data[lex->at + ahead] : '\0';
}

bool opk_lex_give(struct opk_lex *lex, struct opk_token *token, enum opk_token_kind kind,
                  enum opk_op op, size_t end)
{
    token->kind = kind;
    token->op = op;
    token->begin = lex->at;
    token->end = end;
    lex->at = end;
    return true;
}

bool opk_lex_give_operator(struct opk_lex *lex, struct opk_token *token,
                           const struct opk_lex_row *row)
{
    lex->at_command = true;
    lex->redirect = OPK_OP_NONE;
    lex->last = row->op;
    return opk_lex_give(lex, token, OPK_TOKEN_OP, row->op, lex->at + row->text.len);
}

bool opk_lex_give_redirect(struct opk_lex *lex, struct opk_token *token,
                           const struct opk_lex_row *row, size_t descriptor)
{
    lex->redirect = row->op;
    return opk_lex_give(lex, token, OPK_TOKEN_REDIRECT, row->op,
                        lex->at + descriptor + row->text.len);
}

bool opk_lex_end_redirect(struct opk_lex *lex)
{
    bool open = lex->redirect != OPK_OP_NONE;

    lex->redirect = OPK_OP_NONE;
    return open;
}

size_t opk_lex_line_end(struct opk_str text, size_t at)
{
    size_t end = opk_str_find_byte(text, '\n', at);

    return end == OPK_NPOS ? text.len : end;
}

void opk_lex_skip_blanks(struct opk_lex *lex, char escape, bool cr)
{
    while (lex->at < lex->text.len) {
        char c = opk_lex_peek(lex, 0);
        char next = opk_lex_peek(lex, 1);
        if (opk_is_blank(c) || (cr && c == '\r'))
            lex->at++;
        else if (c == escape && next == '\n')
            lex->at += 2;
        else if (c == escape && cr && next == '\r' && opk_lex_peek(lex, 2) == '\n')
            lex->at += 3;
        else
            return;
    }
}

char opk_lex_escaped(char c)
{
    static const char NAMES[] = "abefnrtv";
    static const char VALUES[] = "\a\b\033\f\n\r\t\v";
    const char *name = c == '\0' ? NULL : strchr(NAMES, c);

    return name ? VALUES[name - NAMES] : c;
}

void opk_lex_scan_push(struct opk_lex_scan *scan, enum opk_lex_context context, size_t len)
{
    scan->at += len;
    if (scan->depth + 1 == OPK_LEX_DEPTH_MAX)
        scan->failed = true;
    else
        scan->stack[++scan->depth] = (unsigned char)context;
}

void opk_lex_scan_escape(struct opk_lex_scan *scan)
{
    scan->flags |= OPK_WORD_QUOTED;
    scan->at += scan->at + 1 < scan->text.len ? 2 : 1;
}

size_t opk_lex_scan(struct opk_lex_scan *scan, bool word, bool (*step)(struct opk_lex_scan *))
{
    bool more = true;

    scan->begin = scan->at;
    while (more && scan->at < scan->text.len && !scan->failed) {
        more = step(scan);
        more = more && (word || scan->depth > 0);
    }
    if (scan->failed || scan->depth > 0 || scan->at > scan->text.len) {
        scan->flags |= OPK_WORD_OPAQUE;
        scan->at = scan->text.len;
    }
    return scan->at;
}
