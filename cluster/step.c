#include "cluster/step.h"

#include "base/mem.h"
#include "cluster/wrapper.h"

#include <stdlib.h>
#include <string.h>

/* What control flow is open; deeper levels than these are counted, not told apart. */
#define COMPOUND_MAX 64

enum compound {
    COMPOUND_IF,
    COMPOUND_LOOP,
    COMPOUND_CASE,
    COMPOUND_BRACE,
    COMPOUND_PAREN,
    COMPOUND_FUNCTION,
    COMPOUND_KINDS,
};

/* Words that belong to control flow, not to a command. */
enum header {
    HEADER_NONE,
    HEADER_FOR,      /* up to the list's end or "do" */
    HEADER_CASE,     /* up to "in" */
    HEADER_PATTERN,  /* up to ")" */
    HEADER_FUNCTION, /* up to the body */
};

struct parser {
    struct opk_steps *steps;
    struct opk_lex lex;
    struct opk_str text;
    unsigned nest;
    const struct opk_simple *outer; /* whose script this is: its wrappers come first; or NULL */
    unsigned flags;                 /* every step's */
    /* the step */
    size_t simple_begin;
    size_t text_begin; /* OPK_NPOS before its first token */
    size_t text_end;
    unsigned step_flags;
    bool timed;
    bool nested_given; /* its only command was a script, whose steps stand already */
    /* the simple command */
    struct opk_simple simple;
    enum opk_op redirect; /* whose word comes next */
    struct opk_str redirect_sign;
    /* control flow */
    enum header header;
    bool after_compound;
    size_t overflow;
    unsigned depth;
    unsigned open[COMPOUND_KINDS];
    unsigned char compounds[COMPOUND_MAX];
    bool failed;
};

static bool read_script(struct opk_steps *steps, struct opk_str text, unsigned nest,
                        const struct opk_simple *outer, unsigned flags);

/* A copy of item behind items[*count]; false when there is no memory. */
static bool append(void *items_at, size_t *count, size_t *cap, const void *item, size_t size)
{
    void *items;

    memcpy(&items, items_at, sizeof(items));
    items = opk_grow(items, cap, *count + 1, size);
    if (!items)
        return false;
    memcpy(items_at, &items, sizeof(items));
    memcpy((char *)items + *count * size, item, size);
    (*count)++;
    return true;
}

static void begin_simple(struct parser *p)
{
    const struct opk_steps *steps = p->steps;

    p->simple = (struct opk_simple){
        .word_begin = steps->word_count,
        .word_end = steps->word_count,
        .assignment_begin = steps->assignment_count,
        .assignment_end = steps->assignment_count,
        .redirect_begin = steps->redirect_count,
        .redirect_end = steps->redirect_count,
    };
    if (p->outer) {
        p->simple.wrapper_count = p->outer->wrapper_count;
        memcpy(p->simple.wrappers, p->outer->wrappers, sizeof(p->simple.wrappers));
    }
}

static void begin_step(struct parser *p)
{
    p->simple_begin = p->steps->simple_count;
    p->text_begin = OPK_NPOS;
    p->step_flags = p->flags;
    p->timed = false;
    p->nested_given = false;
    begin_simple(p);
}

/* Forget the words of a control flow header. */
static void drop_step(struct parser *p)
{
    p->steps->simple_count = p->simple_begin;
    p->steps->word_count = p->simple.word_begin;
    p->steps->assignment_count = p->simple.assignment_begin;
    p->steps->redirect_count = p->simple.redirect_begin;
    begin_step(p);
}

static bool add_wrapper(struct opk_simple *simple, const char *name)
{
    if (simple->wrapper_count == OPK_STEP_WRAPPERS_MAX)
        return false;
    simple->wrappers[simple->wrapper_count++] = opk_str_of(name);
    return true;
}

static bool has_long(const char *longs, struct opk_str word)
{
    struct opk_str list = opk_str_of(longs);
    size_t at = opk_str_find(list, word, 0);

    return word.len > 2 && at != OPK_NPOS && at > 0 && list.data[at - 1] == ' ' &&
           list.data[at + word.len] == ' ';
}

/* How many words an option of a wrapper takes up; 0 when with it nothing is wrapped. */
static size_t option_length(const struct opk_wrapper *row, struct opk_str word)
{
    if (opk_str_starts(word, OPK_STR("--")))
        return has_long(row->longs, word) ? 2 : 1;
    for (size_t i = 1; i < word.len; i++) {
        if (strchr(row->not_with, word.data[i]))
            return 0;
        if (strchr(row->letters, word.data[i]))
            return i + 1 == word.len ? 2 : 1;
    }
    return 1;
}

static bool is_option(struct opk_str word)
{
    return word.len > 1 && word.data[0] == '-';
}

/*
 * Where what a wrapper runs begins, at being behind the wrapper's own name: past its options,
 * assignments and operands. OPK_NPOS when it runs nothing.
 */
static size_t find_wrapped(const struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                           size_t end)
{
    unsigned operands = row->operands;

    while (at < end) {
        struct opk_str value = steps->words[at].value;
        bool mark = row->how == OPK_WRAPPER_SCRIPT
                        ? value.len > 1 && value.data[1] != '-' &&
                              opk_str_find_byte(value, 'c', 1) != OPK_NPOS
                        : opk_str_eq(value, OPK_STR("-m"));
        if (row->how != OPK_WRAPPER_COMMAND && row->how != OPK_WRAPPER_REST && mark &&
            is_option(value))
            return at + 1 < end ? at + 1 : OPK_NPOS;
        if (opk_str_eq(value, OPK_STR("--"))) {
            at++;
            if (operands == 0)
                break;
        } else if (is_option(value)) {
            size_t length = option_length(row, value);
            if (length == 0)
                return OPK_NPOS;
            at += length;
        } else if (row->assignments && opk_word_assignment(value) > 0) {
            at++;
        } else if (operands > 0) {
            operands--;
            at++;
        } else {
            break;
        }
    }
    bool script = row->how == OPK_WRAPPER_SCRIPT || row->how == OPK_WRAPPER_MODULE;
    /* "kubectl exec pod -- ls": the dashes stand behind the operand. */
    if (at < end && row->operands > 0 && opk_str_eq(steps->words[at].value, OPK_STR("--")))
        at++;
    return at < end && !script ? at : OPK_NPOS;
}

/* The words from at on, joined by blanks, as ssh does; or the one word that is a script. */
static struct opk_str script_text(struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                                  size_t end)
{
    size_t size = 0;
    char *text;

    if (row->how == OPK_WRAPPER_SCRIPT || at + 1 == end)
        return steps->words[at].value;
    for (size_t i = at; i < end; i++)
        size += steps->words[i].value.len + 1;
    text = opk_arena_alloc(&steps->arena, size);
    if (!text)
        return OPK_STR_EMPTY;
    size = 0;
    for (size_t i = at; i < end; i++) {
        struct opk_str value = steps->words[i].value;
        memcpy(text + size, value.data, value.len);
        size += value.len;
        text[size++] = ' ';
    }
    return (struct opk_str){text, size - 1};
}

/* Where a wrapper's words end and what it runs begins; NULL when no wrapper stands there. */
static const struct opk_wrapper *find_wrapper(const struct parser *p, size_t *out_inner)
{
    const struct opk_steps *steps = p->steps;
    struct opk_str values[OPK_WRAPPER_WORDS_MAX];
    size_t count = 0;
    const struct opk_wrapper *row = NULL;

    for (size_t i = p->simple.word_begin; i < p->simple.word_end && count < OPK_WRAPPER_WORDS_MAX;
         i++)
        values[count++] = steps->words[i].value;
    size_t named = opk_wrapper_find(values, count, &row);
    if (named == 0)
        return NULL;
    *out_inner = find_wrapped(steps, row, p->simple.word_begin + named, p->simple.word_end);
    return *out_inner == OPK_NPOS ? NULL : row;
}

static unsigned control_flags(const struct parser *p)
{
    return (p->open[COMPOUND_LOOP] ? (unsigned)OPK_STEP_LOOP : 0) |
           (p->open[COMPOUND_IF] || p->open[COMPOUND_CASE] ? (unsigned)OPK_STEP_BRANCH : 0) |
           (p->open[COMPOUND_FUNCTION] ? (unsigned)OPK_STEP_FUNCTION : 0);
}

/*
 * Read a wrapper's script in place of the simple command. A script of several steps can stand for a
 * step of its own, never for a part of a pipeline: false then, and nothing has changed.
 */
static bool expand_script(struct parser *p, const struct opk_simple *wrapped, struct opk_str script,
                          bool alone)
{
    struct opk_steps *steps = p->steps;
    size_t step_count = steps->count;
    size_t simple_count = steps->simple_count;

    if (p->nest + 1 > OPK_STEP_NEST_MAX)
        return false;
    if (!read_script(steps, script, p->nest + 1, wrapped,
                     p->step_flags | control_flags(p) | OPK_STEP_NESTED)) {
        p->failed = true;
        return false;
    }
    if (alone && steps->count > step_count) {
        p->nested_given = true;
        return true;
    }
    bool one = steps->count == step_count + 1;
    steps->count = step_count;
    if (one)
        return true;
    steps->simple_count = simple_count;
    return false;
}

/* Peel wrappers off the simple command, then keep it. */
static void keep_simple(struct parser *p, bool alone)
{
    struct opk_steps *steps = p->steps;
    const struct opk_wrapper *row;
    size_t inner;

    while (p->simple.wrapper_count < OPK_STEP_WRAPPERS_MAX && (row = find_wrapper(p, &inner))) {
        struct opk_simple wrapped = p->simple;
        (void)add_wrapper(&wrapped, row->name);
        if (row->how == OPK_WRAPPER_SCRIPT || row->how == OPK_WRAPPER_REST) {
            struct opk_str script = script_text(steps, row, inner, p->simple.word_end);
            if (expand_script(p, &wrapped, script, alone))
                return;
            break;
        }
        p->simple = wrapped;
        p->simple.word_begin = inner;
    }
    if (!append(&steps->simples, &steps->simple_count, &steps->simple_cap, &p->simple,
                sizeof(p->simple)))
        p->failed = true;
}

static bool simple_is_empty(const struct parser *p)
{
    return p->simple.word_begin == p->simple.word_end &&
           p->simple.assignment_begin == p->simple.assignment_end &&
           p->simple.redirect_begin == p->simple.redirect_end;
}

static void finish_simple(struct parser *p, enum opk_op op)
{
    bool alone = p->simple_begin == p->steps->simple_count && op != OPK_OP_PIPE;

    p->redirect = OPK_OP_NONE;
    if (simple_is_empty(p))
        return;
    if (p->timed && !add_wrapper(&p->simple, "time"))
        p->timed = false;
    p->timed = false;
    keep_simple(p, alone);
    begin_simple(p);
}

static void finish_step(struct parser *p, enum opk_op op)
{
    struct opk_steps *steps = p->steps;

    finish_simple(p, op);
    if (steps->simple_count > p->simple_begin && !p->nested_given) {
        struct opk_step step = {
            .simple_begin = p->simple_begin,
            .simple_end = steps->simple_count,
            .flags = p->step_flags | control_flags(p),
            .text = opk_str_slice(p->text, p->text_begin, p->text_end),
        };
        if (op == OPK_OP_BACKGROUND)
            step.flags |= OPK_STEP_BACKGROUND;
        if (!append(&steps->steps, &steps->count, &steps->cap, &step, sizeof(step)))
            p->failed = true;
    }
    begin_step(p);
}

static void open_compound(struct parser *p, enum compound compound)
{
    if (p->depth == COMPOUND_MAX) {
        p->overflow++;
        return;
    }
    p->compounds[p->depth++] = (unsigned char)compound;
    p->open[compound]++;
}

/* A closer without its opener is left alone. */
static void close_compound(struct parser *p, enum compound compound)
{
    p->after_compound = true;
    if (p->overflow > 0) {
        p->overflow--;
    } else if (p->depth > 0 && (p->compounds[p->depth - 1] == compound ||
                                (p->compounds[p->depth - 1] == COMPOUND_FUNCTION &&
                                 (compound == COMPOUND_BRACE || compound == COMPOUND_PAREN)))) {
        p->depth--;
        p->open[p->compounds[p->depth]]--;
    }
}

static bool in_case(const struct parser *p)
{
    return p->overflow == 0 && p->depth > 0 && p->compounds[p->depth - 1] == COMPOUND_CASE;
}

/* ( of a group, a function's "()", or a pattern. */
static void read_open(struct parser *p)
{
    if (p->header == HEADER_PATTERN || p->header == HEADER_FUNCTION)
        return;
    if (p->simple.word_end == p->simple.word_begin + 1 &&
        p->simple_begin == p->steps->simple_count &&
        p->simple.redirect_begin == p->simple.redirect_end) {
        drop_step(p);
        p->header = HEADER_FUNCTION;
        return;
    }
    finish_step(p, OPK_OP_OPEN);
    open_compound(p, COMPOUND_PAREN);
}

static void read_close(struct parser *p)
{
    if (p->header == HEADER_PATTERN) {
        drop_step(p);
        p->header = HEADER_NONE;
    } else if (p->header != HEADER_FUNCTION) {
        finish_step(p, OPK_OP_CLOSE);
        close_compound(p, COMPOUND_PAREN);
    }
}

/* Between | and the command behind it? Newlines may stand there. */
static bool behind_pipe(const struct parser *p)
{
    return simple_is_empty(p) &&
           (p->steps->simple_count > p->simple_begin || (p->step_flags & OPK_STEP_FED));
}

static void read_operator(struct parser *p, enum opk_op op)
{
    bool fed = p->after_compound && op == OPK_OP_PIPE;

    if (op == OPK_OP_NEWLINE && behind_pipe(p))
        return;
    p->after_compound = false;
    if (op == OPK_OP_OPEN) {
        if (p->header == HEADER_FUNCTION && p->lex.at < p->text.len &&
            opk_str_find_byte(opk_str_of(" \t\n"), p->text.data[p->lex.at], 0) != OPK_NPOS) {
            p->header = HEADER_NONE; /* a body in parentheses, not "()" */
            open_compound(p, COMPOUND_FUNCTION);
            return;
        }
        read_open(p);
    } else if (op == OPK_OP_CLOSE) {
        read_close(p);
    } else if (op == OPK_OP_PIPE && p->header == HEADER_PATTERN) {
        return;
    } else if (op == OPK_OP_PIPE) {
        finish_simple(p, op);
        if (fed)
            p->step_flags |= OPK_STEP_FED;
    } else if (p->header == HEADER_FOR || op == OPK_OP_CASE_BREAK) {
        if (p->header == HEADER_FOR)
            drop_step(p);
        finish_step(p, op);
        p->header = op == OPK_OP_CASE_BREAK && in_case(p) ? HEADER_PATTERN : HEADER_NONE;
    } else if (p->header != HEADER_PATTERN && p->header != HEADER_FUNCTION) {
        finish_step(p, op);
        p->header = HEADER_NONE;
    }
}

static void open_brace(struct parser *p)
{
    open_compound(p, p->header == HEADER_FUNCTION ? COMPOUND_FUNCTION : COMPOUND_BRACE);
    p->header = HEADER_NONE;
}

static void read_reserved(struct parser *p, enum opk_op op)
{
    static const struct {
        enum opk_op op;
        enum compound compound;
        bool opens;
        enum header header;
    } ROWS[] = {
        {OPK_OP_IF, COMPOUND_IF, true, HEADER_NONE},
        {OPK_OP_FI, COMPOUND_IF, false, HEADER_NONE},
        {OPK_OP_WHILE, COMPOUND_LOOP, true, HEADER_NONE},
        {OPK_OP_FOR, COMPOUND_LOOP, true, HEADER_FOR},
        {OPK_OP_DONE, COMPOUND_LOOP, false, HEADER_NONE},
        {OPK_OP_CASE, COMPOUND_CASE, true, HEADER_CASE},
        {OPK_OP_ESAC, COMPOUND_CASE, false, HEADER_NONE},
        {OPK_OP_BRACE_CLOSE, COMPOUND_BRACE, false, HEADER_NONE},
    };

    if (op == OPK_OP_BANG) {
        p->step_flags |= OPK_STEP_NEGATED;
        return;
    }
    if (op == OPK_OP_TIME) {
        p->timed = true;
        return;
    }
    if (p->header == HEADER_FOR || p->header == HEADER_PATTERN)
        drop_step(p);
    finish_step(p, op);
    p->after_compound = false;
    if (op == OPK_OP_BRACE_OPEN) {
        open_brace(p);
        return;
    }
    p->header = op == OPK_OP_FUNCTION ? HEADER_FUNCTION : HEADER_NONE;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (ROWS[i].op != op)
            continue;
        if (ROWS[i].opens)
            open_compound(p, ROWS[i].compound);
        else
            close_compound(p, ROWS[i].compound);
        p->header = ROWS[i].header;
    }
}

static void read_redirect_word(struct parser *p, const struct opk_word *word)
{
    struct opk_steps *steps = p->steps;
    struct opk_redirect redirect = {p->redirect, p->redirect_sign, *word};

    p->redirect = OPK_OP_NONE;
    if (p->after_compound)
        return; /* a group's own redirection */
    if (!append(&steps->redirects, &steps->redirect_count, &steps->redirect_cap, &redirect,
                sizeof(redirect)))
        p->failed = true;
    p->simple.redirect_end = steps->redirect_count;
}

static void read_word(struct parser *p, const struct opk_token *token)
{
    struct opk_steps *steps = p->steps;
    struct opk_word word = {.raw = opk_str_slice(p->text, token->begin, token->end),
                            .flags = token->flags};

    word.value = opk_word_unquote(word.raw, word.flags, &steps->arena);
    if (p->header == HEADER_CASE) {
        if (opk_str_eq(word.raw, OPK_STR("in")) && p->redirect == OPK_OP_NONE)
            p->header = HEADER_PATTERN;
        return;
    }
    if (p->header != HEADER_NONE)
        return;
    if (word.flags & OPK_WORD_OPAQUE)
        p->step_flags |= OPK_STEP_OPAQUE;
    if (p->redirect != OPK_OP_NONE) {
        read_redirect_word(p, &word);
    } else if (word.flags & OPK_WORD_ASSIGNMENT) {
        if (!append(&steps->assignments, &steps->assignment_count, &steps->assignment_cap, &word,
                    sizeof(word)))
            p->failed = true;
        p->simple.assignment_end = steps->assignment_count;
    } else if (!(p->timed && p->simple.word_begin == p->simple.word_end &&
                 opk_str_eq(word.raw, OPK_STR("-p")))) {
        if (!append(&steps->words, &steps->word_count, &steps->word_cap, &word, sizeof(word)))
            p->failed = true;
        p->simple.word_end = steps->word_count;
    }
}

static void read_token(struct parser *p, const struct opk_token *token)
{
    switch (token->kind) {
    case OPK_TOKEN_WORD:
        read_word(p, token);
        break;
    case OPK_TOKEN_RESERVED:
        read_reserved(p, token->op);
        break;
    case OPK_TOKEN_OP:
        read_operator(p, token->op);
        break;
    case OPK_TOKEN_REDIRECT:
        p->redirect = token->op;
        p->redirect_sign = opk_str_slice(p->text, token->begin, token->end);
        break;
    case OPK_TOKEN_HEREDOC:
    case OPK_TOKEN_COMMENT:
        return;
    }
    if (simple_is_empty(p) && p->steps->simple_count == p->simple_begin && !p->timed &&
        (p->redirect == OPK_OP_NONE || p->after_compound))
        return;
    if (p->text_begin == OPK_NPOS)
        p->text_begin = token->begin;
    if (token->kind != OPK_TOKEN_OP)
        p->text_end = token->end;
}

/* Steps of text behind those that steps holds; false when there is no memory. */
static bool read_script(struct opk_steps *steps, struct opk_str text, unsigned nest,
                        const struct opk_simple *outer, unsigned flags)
{
    struct parser p = {.steps = steps, .text = text, .nest = nest, .outer = outer, .flags = flags};
    struct opk_token token;

    opk_lex_init(&p.lex, text);
    begin_step(&p);
    while (!p.failed && opk_lex_next(&p.lex, &token))
        read_token(&p, &token);
    if (p.header == HEADER_FOR || p.header == HEADER_PATTERN)
        drop_step(&p);
    finish_step(&p, OPK_OP_NEWLINE);
    return !p.failed && !steps->arena.failed;
}

void opk_steps_done(struct opk_steps *steps)
{
    free(steps->steps);
    free(steps->simples);
    free(steps->words);
    free(steps->assignments);
    free(steps->redirects);
    opk_arena_done(&steps->arena);
    *steps = (struct opk_steps){0};
}

enum opk_status opk_steps_read(struct opk_steps *steps, struct opk_str text, struct opk_err *err)
{
    opk_arena_clear(&steps->arena);
    steps->count = steps->simple_count = steps->word_count = 0;
    steps->assignment_count = steps->redirect_count = 0;
    if (!read_script(steps, text, 0, NULL, 0))
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the steps of a command");
    return OPK_OK;
}
