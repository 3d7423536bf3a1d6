#include "cluster/step.h"

#include "base/mem.h"
#include "cluster/lex_dialect.h"
#include "cluster/step_peel.h"
#include "cluster/step_read.h"
#include "cluster/word_bytes.h"

#include <stdlib.h>
#include <string.h>

/* What control flow is open; deeper levels than these are counted, not told apart. */
#define COMPOUND_MAX 64

enum compound {
    COMPOUND_IF,
    COMPOUND_BRACED_IF, /* zsh's if [[ a ]] { b } */
    COMPOUND_LOOP,
    COMPOUND_BRACED_LOOP, /* for x in a; { b; } */
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
    HEADER_LIST,     /* of zsh's for x (a b), up to ")" */
    HEADER_DO,       /* between a loop's header and its body */
    HEADER_COUNT,    /* of zsh's repeat */
    HEADER_LINE,     /* up to the end of the list */
    HEADER_BRACE,    /* up to the "{" of a block */
    HEADER_FUNCTION, /* a function's name and "()" */
    HEADER_BODY,     /* between them and the body */
};

/* Where a text comes from, and how it is read. */
struct origin {
    enum opk_dialect dialect;
    unsigned nest;                  /* scripts around it */
    const struct opk_simple *outer; /* whose script this is: its wrappers come first; or NULL */
    unsigned flags;                 /* every step's */
    bool bare;                      /* wrappers are words like others */
};

struct parser {
    struct opk_steps *steps;
    struct opk_lex lex;
    struct opk_str text;
    const struct origin *origin;
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
    enum compound block; /* of HEADER_BRACE */
    bool after_compound;
    bool condition_ended; /* zsh: a brace here begins the body */
    bool coproc;          /* the coprocess's name may stand here */
    bool short_loop;      /* the loop ends with this step */
    bool broken;          /* something closes that was never open */
    size_t overflow;
    unsigned depth;
    unsigned open[COMPOUND_KINDS];
    unsigned char compounds[COMPOUND_MAX];
    bool failed;
};

static bool read_script(struct opk_steps *steps, struct opk_str text, const struct origin *origin);
static void keep_simple(struct parser *p, const struct opk_simple *simple, bool alone);
static void read_word(struct parser *p, const struct opk_token *token);
static void close_compound(struct parser *p, enum compound compound);

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
    if (p->origin->outer) {
        p->simple.wrapper_count = p->origin->outer->wrapper_count;
        memcpy(p->simple.wrappers, p->origin->outer->wrappers, sizeof(p->simple.wrappers));
    }
}

static void begin_step(struct parser *p)
{
    p->simple_begin = p->steps->simple_count;
    p->text_begin = OPK_NPOS;
    p->step_flags = p->origin->flags;
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

static void add_wrapper(struct opk_simple *simple, const struct opk_wrapper *row)
{
    if (row && simple->wrapper_count < OPK_STEP_WRAPPERS_MAX)
        simple->wrappers[simple->wrapper_count++] = row;
}

static unsigned control_flags(const struct parser *p)
{
    unsigned loops = p->open[COMPOUND_LOOP] + p->open[COMPOUND_BRACED_LOOP];
    unsigned branches = p->open[COMPOUND_IF] + p->open[COMPOUND_BRACED_IF] + p->open[COMPOUND_CASE];

    return (loops > 0 ? (unsigned)OPK_STEP_LOOP : 0) |
           (branches > 0 ? (unsigned)OPK_STEP_BRANCH : 0) |
           (p->open[COMPOUND_FUNCTION] ? (unsigned)OPK_STEP_FUNCTION : 0);
}

/*
 * Read a wrapper's script in place of the simple command. A script of several steps can stand for a
 * step of its own, never for a part of a pipeline: false then, and nothing has changed.
 */
static bool expand_script(struct parser *p, const struct opk_simple *wrapped, struct opk_str script,
                          bool alone)
{
    const struct opk_wrapper *row = wrapped->wrappers[wrapped->wrapper_count - 1];
    enum opk_dialect dialect =
        row->how == OPK_WRAPPER_REST ? opk_dialect_of(OPK_STR_EMPTY, script) : row->dialect;
    struct opk_steps *steps = p->steps;
    size_t step_count = steps->count;
    size_t simple_count = steps->simple_count;

    struct origin origin = {.dialect = dialect,
                            .nest = p->origin->nest + 1,
                            .outer = wrapped,
                            .flags = p->step_flags | control_flags(p) | OPK_STEP_NESTED};

    if (origin.nest > OPK_STEP_NEST_MAX)
        return false;
    if (!read_script(steps, script, &origin)) {
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

static void push_simple(struct parser *p, const struct opk_simple *simple)
{
    struct opk_steps *steps = p->steps;

    if (!append(&steps->simples, &steps->simple_count, &steps->simple_cap, simple, sizeof(*simple)))
        p->failed = true;
}

/* Copy words begin to end behind the others. */
static void copy_words(struct parser *p, size_t begin, size_t end)
{
    struct opk_steps *steps = p->steps;

    for (size_t i = begin; i < end && !p->failed; i++) {
        struct opk_word word = steps->words[i];
        if (!append(&steps->words, &steps->word_count, &steps->word_cap, &word, sizeof(word)))
            p->failed = true;
    }
}

/*
 * find . -name a -exec b {} + is kept as a pipeline is: find . -name a | b {}. What each action
 * runs may be wrapped itself; every level adds a wrapper, which limits them.
 */
static void keep_actions(struct parser *p, const struct opk_simple *simple, struct opk_peel peel)
{
    const struct opk_steps *steps = p->steps;
    struct opk_simple own = *simple;
    struct opk_peel action = peel;
    size_t at = simple->word_begin;

    own.word_begin = steps->word_count;
    do { /* its own words first: they must stand side by side */
        copy_words(p, at, action.begin - 1);
        at = action.end + 1;
    } while (opk_peel_action(steps, peel.row, at, simple->word_end, &action));
    copy_words(p, at, simple->word_end);
    own.word_end = steps->word_count;
    push_simple(p, &own);
    do {
        struct opk_simple inner = *simple;
        add_wrapper(&inner, peel.row);
        inner.word_begin = peel.begin;
        inner.word_end = peel.end;
        inner.assignment_begin = inner.assignment_end;
        inner.redirect_begin = inner.redirect_end;
        keep_simple(p, &inner, false);
    } while (opk_peel_action(steps, peel.row, peel.end + 1, simple->word_end, &peel));
}

/* Peel the wrappers off a simple command, then keep it. */
static void keep_simple(struct parser *p, const struct opk_simple *simple, bool alone)
{
    struct opk_steps *steps = p->steps;
    struct opk_simple left = *simple;
    struct opk_peel peel;

    while (!p->origin->bare && left.wrapper_count < OPK_STEP_WRAPPERS_MAX &&
           opk_peel_find(steps, left.word_begin, left.word_end, &peel)) {
        struct opk_simple wrapped = left;
        if (peel.row->how == OPK_WRAPPER_ACTIONS) {
            keep_actions(p, &left, peel);
            return;
        }
        add_wrapper(&wrapped, peel.row);
        if (peel.row->how == OPK_WRAPPER_SCRIPT || peel.row->how == OPK_WRAPPER_REST ||
            peel.row->how == OPK_WRAPPER_MARKED || peel.row->how == OPK_WRAPPER_BLOCK) {
            if (expand_script(p, &wrapped, opk_peel_script(steps, &peel), alone))
                return;
            break;
        }
        left = wrapped;
        left.word_begin = peel.begin;
    }
    push_simple(p, &left);
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
    if (p->timed)
        add_wrapper(&p->simple, opk_wrapper_find(OPK_STR("time")));
    p->timed = false;
    keep_simple(p, &p->simple, alone);
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
    if (p->short_loop) {
        p->short_loop = false;
        close_compound(p, COMPOUND_LOOP);
        p->after_compound = false;
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

/* May a closer of this kind end what is open? A brace ends a function's body and a braced loop. */
static bool closes(enum compound open, enum compound closer)
{
    if (open == COMPOUND_FUNCTION)
        return closer == COMPOUND_BRACE || closer == COMPOUND_PAREN;
    if (open == COMPOUND_BRACED_LOOP || open == COMPOUND_BRACED_IF)
        return closer == COMPOUND_BRACE;
    return open == closer;
}

/* A closer without its opener is left alone. fish's end closes whatever is open. */
static void close_compound(struct parser *p, enum compound compound)
{
    p->after_compound = true;
    if (p->overflow > 0) {
        p->overflow--;
    } else if (p->depth > 0 && (compound == COMPOUND_KINDS ||
                                closes((enum compound)p->compounds[p->depth - 1], compound))) {
        p->depth--;
        p->open[p->compounds[p->depth]]--;
    } else {
        p->broken = true;
    }
}

static bool is_open(const struct parser *p, enum compound compound)
{
    return p->overflow == 0 && p->depth > 0 && p->compounds[p->depth - 1] == compound;
}

static char next_byte(const struct parser *p)
{
    size_t at = p->lex.at;

    while (at < p->text.len && opk_is_blank(p->text.data[at]))
        at++;
    return at < p->text.len ? p->text.data[at] : '\0';
}

/* A parenthesis where bash knows none: the rest of the text cannot be read. */
static void read_opaque_rest(struct parser *p, size_t begin)
{
    struct opk_token rest = {OPK_TOKEN_WORD, OPK_OP_NONE, OPK_WORD_OPAQUE, begin, p->text.len};

    p->lex.at = p->text.len;
    read_word(p, &rest);
    p->text_end = p->text.len;
}

/* ( of a group, a function's "()", a list of zsh's for, or a pattern. */
static void read_open(struct parser *p, size_t begin)
{
    size_t words = p->simple.word_end - p->simple.word_begin;
    bool first = p->simple_begin == p->steps->simple_count &&
                 p->simple.redirect_begin == p->simple.redirect_end;

    if (p->header == HEADER_PATTERN)
        return;
    if (p->header == HEADER_FOR) {
        drop_step(p);
        p->header = HEADER_LIST;
    } else if (p->header == HEADER_FUNCTION || p->header == HEADER_BODY) {
        if (next_byte(p) == ')')
            return;
        p->header = HEADER_NONE; /* a body in parentheses */
        open_compound(p, COMPOUND_FUNCTION);
    } else if (words <= 1 && first && next_byte(p) == ')') {
        drop_step(p);
        p->header = HEADER_FUNCTION;
    } else if (words > 0 && !p->coproc) {
        read_opaque_rest(p, begin);
    } else {
        if (words > 0)
            drop_step(p); /* a coprocess's name */
        finish_step(p, OPK_OP_OPEN);
        open_compound(p, COMPOUND_PAREN);
    }
}

static void read_close(struct parser *p)
{
    if (p->header == HEADER_PATTERN) {
        drop_step(p);
        p->header = HEADER_NONE;
    } else if (p->header == HEADER_LIST) {
        drop_step(p);
        p->header = HEADER_DO;
    } else if (p->header == HEADER_FUNCTION) {
        p->header = HEADER_BODY;
    } else {
        finish_step(p, OPK_OP_CLOSE);
        close_compound(p, COMPOUND_PAREN);
        p->condition_ended = p->origin->dialect == OPK_DIALECT_ZSH;
    }
}

/* Between | and the command behind it? Newlines may stand there. */
static bool behind_pipe(const struct parser *p)
{
    return simple_is_empty(p) &&
           (p->steps->simple_count > p->simple_begin || (p->step_flags & OPK_STEP_FED));
}

/* What ends a list: ; & && || newline and those of case. */
static void read_separator(struct parser *p, enum opk_op op)
{
    if (p->header == HEADER_PATTERN || p->header == HEADER_LIST)
        return;
    if (op == OPK_OP_NEWLINE &&
        (p->header == HEADER_FUNCTION || p->header == HEADER_BODY || p->header == HEADER_DO ||
         p->header == HEADER_CASE || p->header == HEADER_BRACE))
        return;
    if (op == OPK_OP_SEMI && p->header == HEADER_DO)
        return; /* repeat 3; do */
    if (p->header == HEADER_FOR) {
        drop_step(p);
        p->header = HEADER_DO;
        return;
    }
    finish_step(p, op);
    p->header = op == OPK_OP_CASE_BREAK && is_open(p, COMPOUND_CASE) ? HEADER_PATTERN : HEADER_NONE;
}

static void read_operator(struct parser *p, const struct opk_token *token)
{
    bool fed = p->after_compound && token->op == OPK_OP_PIPE;

    if (token->op == OPK_OP_NEWLINE && behind_pipe(p))
        return;
    p->after_compound = false;
    p->condition_ended = false;
    if (token->op == OPK_OP_OPEN) {
        read_open(p, token->begin);
    } else if (token->op == OPK_OP_CLOSE) {
        read_close(p);
    } else if (token->op == OPK_OP_PIPE) {
        if (p->header == HEADER_PATTERN)
            return;
        finish_simple(p, token->op);
        if (fed)
            p->step_flags |= OPK_STEP_FED;
    } else {
        read_separator(p, token->op);
    }
    p->coproc = false;
}

/* { begins the body of a function or a loop, or a group. */
static void open_brace(struct parser *p)
{
    if (p->header == HEADER_BRACE) {
        open_compound(p, p->block);
        p->header = HEADER_NONE;
        return;
    }
    bool headed = p->header == HEADER_DO || p->header == HEADER_FOR || p->condition_ended;

    if (headed && (is_open(p, COMPOUND_LOOP) || is_open(p, COMPOUND_IF))) {
        enum compound open = (enum compound)p->compounds[p->depth - 1];
        enum compound braced = open == COMPOUND_IF ? COMPOUND_BRACED_IF : COMPOUND_BRACED_LOOP;
        p->compounds[p->depth - 1] = (unsigned char)braced;
        p->open[open]--;
        p->open[braced]++;
    } else {
        bool body = p->header == HEADER_FUNCTION || p->header == HEADER_BODY;
        open_compound(p, body ? COMPOUND_FUNCTION : COMPOUND_BRACE);
    }
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
        {OPK_OP_REPEAT, COMPOUND_LOOP, true, HEADER_COUNT},
        {OPK_OP_SWITCH, COMPOUND_CASE, true, HEADER_LINE},
        {OPK_OP_LOOP, COMPOUND_LOOP, true, HEADER_LINE},
        {OPK_OP_FUNCTION_LINE, COMPOUND_FUNCTION, true, HEADER_LINE},
        {OPK_OP_END, COMPOUND_KINDS, false, HEADER_NONE},
    };
    /* zsh: } else { */
    bool reopens = (op == OPK_OP_ELSE || op == OPK_OP_ELIF) && p->after_compound &&
                   !is_open(p, COMPOUND_IF) && p->origin->dialect == OPK_DIALECT_ZSH;

    if (op == OPK_OP_CALL)
        return;
    if (op == OPK_OP_BANG) {
        p->step_flags |= OPK_STEP_NEGATED;
        return;
    }
    if (op == OPK_OP_TIME) {
        p->timed = true;
        return;
    }
    if (p->header == HEADER_FOR || p->header == HEADER_PATTERN || p->coproc)
        drop_step(p);
    p->broken = p->broken || (p->header == HEADER_DO && op == OPK_OP_DONE);
    finish_step(p, op);
    p->after_compound = false;
    p->coproc = op == OPK_OP_COPROC;
    if (op == OPK_OP_BRACE_OPEN) {
        open_brace(p);
        return;
    }
    if (reopens)
        open_compound(p, COMPOUND_IF);
    p->condition_ended = reopens && op == OPK_OP_ELSE;
    p->header = op == OPK_OP_FUNCTION ? HEADER_FUNCTION : HEADER_NONE;
    if (op == OPK_OP_LABEL)
        p->header = HEADER_LINE;
    if (op >= OPK_OP_BLOCK_IF && op <= OPK_OP_BLOCK_FUNCTION) {
        static const enum compound BLOCKS[] = {COMPOUND_BRACED_IF, COMPOUND_BRACED_LOOP,
                                               COMPOUND_FUNCTION};
        p->block = BLOCKS[op - OPK_OP_BLOCK_IF];
        p->header = HEADER_BRACE;
    }
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

/* A body without braces: one command. f() [[ a ]]; zsh's "for x in a; b". */
static void read_short_body(struct parser *p)
{
    if (p->header == HEADER_BODY)
        p->step_flags |= OPK_STEP_FUNCTION;
    else
        p->short_loop = true;
    p->header = HEADER_NONE;
}

/* The name of the command whose words are read; empty before it. */
static struct opk_str program_of(const struct parser *p)
{
    return p->simple.word_begin < p->simple.word_end ? p->steps->words[p->simple.word_begin].value
                                                     : OPK_STR_EMPTY;
}

/* Names without case, or with several spellings. */
static void read_name(const struct parser *p, struct opk_word *word)
{
    struct opk_str program = program_of(p);

    if (p->redirect != OPK_OP_NONE || (word->flags & OPK_WORD_QUOTED))
        return;
    if (p->origin->dialect == OPK_DIALECT_POWERSHELL)
        word->value = opk_lex_powershell_name(word->value, program, &word->flags, &p->steps->arena);
    else if (program.len == 0 || (word->flags & OPK_WORD_SWITCH))
        word->value = opk_lex_cmd_name(word->value, &p->steps->arena);
}

static void read_word(struct parser *p, const struct opk_token *token)
{
    struct opk_steps *steps = p->steps;
    struct opk_word word = {.raw = opk_str_slice(p->text, token->begin, token->end),
                            .flags = token->flags};

    word.value = opk_word_unquote(word.raw, word.flags, p->origin->dialect, &steps->arena);
    if (p->origin->dialect >= OPK_DIALECT_POWERSHELL)
        read_name(p, &word);
    word.bytes = opk_word_bytes(word.value);
    if (p->header == HEADER_CASE) {
        if (opk_str_eq(word.raw, OPK_STR("in")) && p->redirect == OPK_OP_NONE)
            p->header = HEADER_PATTERN;
        return;
    }
    if (p->header == HEADER_BODY || p->header == HEADER_DO)
        read_short_body(p);
    if (p->header == HEADER_COUNT) {
        p->header = HEADER_DO;
        return;
    }
    if (p->origin->dialect == OPK_DIALECT_ZSH && p->redirect == OPK_OP_NONE) {
        if (p->after_compound)
            return; /* arguments of a function without a name */
        p->condition_ended =
            (word.flags & OPK_WORD_ARITHMETIC && word.raw.data[0] == '(') ||
            (word.flags & OPK_WORD_CONDITION && opk_str_eq(word.raw, OPK_STR("]]")));
    }
    if (p->header == HEADER_PATTERN && p->redirect == OPK_OP_NONE &&
        opk_str_eq(word.raw, OPK_STR("esac"))) {
        close_compound(p, COMPOUND_CASE);
        p->header = HEADER_NONE;
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
                 (opk_str_eq(word.raw, OPK_STR("-p")) || opk_str_eq(word.raw, OPK_STR("--"))))) {
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
        read_operator(p, token);
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

/* No shell would take this text, and nothing in it looked like a command: it is one opaque word. */
static void add_opaque_step(struct parser *p)
{
    size_t begin = 0;
    size_t end = p->text.len;

    while (begin < end && opk_is_space(p->text.data[begin]))
        begin++;
    while (end > begin && opk_is_space(p->text.data[end - 1]))
        end--;
    struct opk_token all = {OPK_TOKEN_WORD, OPK_OP_NONE, OPK_WORD_OPAQUE, begin, end};
    p->header = HEADER_NONE;
    p->text_begin = begin;
    p->text_end = end;
    read_word(p, &all);
    finish_step(p, OPK_OP_NEWLINE);
}

/* Steps of text behind those that steps holds; false when there is no memory. */
static bool read_script(struct opk_steps *steps, struct opk_str text, const struct origin *origin)
{
    struct parser p = {.steps = steps, .text = text, .origin = origin};
    struct opk_token token;
    size_t before = steps->count;

    opk_lex_init(&p.lex, text, origin->dialect);
    begin_step(&p);
    while (!p.failed && opk_lex_next(&p.lex, &token))
        read_token(&p, &token);
    p.broken = p.broken || p.header != HEADER_NONE;
    if (p.header == HEADER_FOR || p.header == HEADER_PATTERN)
        drop_step(&p);
    finish_step(&p, OPK_OP_NEWLINE);
    if (p.broken && steps->count == before)
        add_opaque_step(&p);
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
    *steps = (struct opk_steps){.finder = steps->finder};
}

enum opk_status opk_steps_read_lexed(struct opk_steps *steps, struct opk_str text,
                                     enum opk_dialect dialect, bool bare, struct opk_err *err)
{
    opk_arena_clear(&steps->arena);
    steps->count = steps->simple_count = steps->word_count = 0;
    steps->assignment_count = steps->redirect_count = 0;
    if (!read_script(steps, text, &(struct origin){.dialect = dialect, .bare = bare}))
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the steps of a command");
    return OPK_OK;
}
