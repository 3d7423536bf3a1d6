/*
 * Most command lines are plain words and blanks, here and there a word in quotes, a pipe, a list or
 * a redirection. They are read here in one pass over their bytes, which notes for every word what
 * it holds (word_bytes.h); whatever else a line may hold is the lexer's. Where this reader is not
 * sure it gives up: that costs time, and never changes what is read.
 */
#include "base/mem.h"
#include "cluster/step_peel.h"
#include "cluster/step_read.h"
#include "cluster/word_bytes.h"

struct reader {
    struct opk_steps *steps;
    struct opk_str text;
    size_t at;
    bool bare;
    size_t word_begin; /* of the simple command */
    size_t redirect_begin;
    size_t simple_begin; /* of the step */
    size_t text_begin;
};

/* The byte so far ahead, or NUL, which is no plain one. */
static char peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.len ? r->text.data[r->at + ahead] : '\0';
}

static size_t skip_blanks(struct opk_str text, size_t at)
{
    while (at < text.len && opk_is_blank(text.data[at]))
        at++;
    return at;
}

/* ---- words ---- */

/* Behind the plain bytes that stand at a place; their kinds are joined in *out_bytes. */
static inline size_t skip_plain(struct opk_str text, size_t at, unsigned *out_bytes)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned kinds = 0;

    for (; at < text.len; at++) {
        unsigned kind = OPK_WORD_BYTES[bytes[at]];
        if (kind & OPK_ENDS_PLAIN)
            break;
        kinds |= kind;
    }
    *out_bytes = kinds;
    return at;
}

/* A word that goes on with a pattern of names: a*.c */
static size_t skip_pattern(struct opk_str text, size_t at, struct opk_word *word)
{
    unsigned more;

    while (at < text.len && (text.data[at] == '*' || text.data[at] == '?')) {
        word->flags = OPK_WORD_GLOB;
        at = skip_plain(text, at + 1, &more);
        word->bytes |= more | (unsigned)OPK_HAS_ODD;
    }
    return at;
}

/* A word that is one quoted string, without expansions. */
static bool read_quoted(struct reader *r, struct opk_word *out_word)
{
    const struct opk_str text = r->text;
    const char quote = text.data[r->at];
    size_t at = r->at + 1;
    unsigned bytes = 0;

    for (; at < text.len && text.data[at] != quote; at++) {
        char c = text.data[at];
        if (quote == '"' && (c == '\\' || c == '$' || c == '`'))
            return false;
        bytes |= OPK_WORD_BYTES[(unsigned char)c];
    }
    if (at == text.len)
        return false;
    out_word->raw = (struct opk_str){text.data + r->at, at + 1 - r->at};
    out_word->value = (struct opk_str){text.data + r->at + 1, at - r->at - 1};
    out_word->flags = (unsigned)OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE;
    out_word->bytes = bytes & ~(unsigned)OPK_ENDS_PLAIN;
    r->at = at + 1;
    return true;
}

static bool read_unquoted(struct reader *r, struct opk_word *out_word)
{
    size_t begin = r->at;

    out_word->flags = 0;
    r->at = skip_plain(r->text, begin, &out_word->bytes);
    r->at = skip_pattern(r->text, r->at, out_word);
    out_word->raw = out_word->value = (struct opk_str){r->text.data + begin, r->at - begin};
    return r->at > begin;
}

/* The word that begins here; false for one of another kind, and where there is none. */
static bool read_word(struct reader *r, struct opk_word *out_word)
{
    char c = peek(r, 0);

    if (!(c == '"' || c == '\'' ? read_quoted(r, out_word) : read_unquoted(r, out_word)))
        return false;
    if (r->at == r->text.len)
        return true;
    switch (r->text.data[r->at]) {
    case ' ':
    case '\t':
    case '|':
    case '&':
    case ';':
    case '<':
    case '>':
        return true;
    default:
        return false; /* it goes on, in quotes or with an expansion */
    }
}

/* Digits right before a redirection are its descriptor, not a word. */
static bool is_descriptor(const struct reader *r, const struct opk_word *word)
{
    char next = peek(r, 0);

    return (next == '<' || next == '>') && word->flags == 0 &&
           !(word->bytes & ~(unsigned)(OPK_HAS_DIGIT | OPK_HAS_HEX)) &&
           opk_is_digit(word->raw.data[0]);
}

/* Room for one more word; NULL when there is no memory. */
static inline struct opk_word *word_room(struct opk_steps *steps)
{
    if (steps->word_count == steps->word_cap) {
        struct opk_word *grown =
            opk_grow(steps->words, &steps->word_cap, steps->word_count + 1, sizeof(*grown));
        if (!grown)
            return NULL;
        steps->words = grown;
    }
    return &steps->words[steps->word_count];
}

/*
 * Words that end with a blank or with the text: most words, and most of the time of reading. at
 * comes to stand on what is no such word, or at the end; false when there is no memory.
 */
static bool read_words(struct reader *r)
{
    const struct opk_str text = r->text;
    size_t begin = skip_blanks(text, r->at);

    while (begin < text.len) {
        unsigned bytes;
        size_t end = skip_plain(text, begin, &bytes);
        if (end == begin || (end < text.len && !opk_is_blank(text.data[end])))
            break;
        struct opk_word *word = word_room(r->steps);
        if (!word)
            return false;
        r->steps->word_count++;
        /* Not from one to the other: what was just written is slow to read as a whole. */
        const struct opk_str plain = {text.data + begin, end - begin};
        word->raw = plain;
        word->value = plain;
        word->flags = 0;
        word->bytes = bytes;
        begin = skip_blanks(text, end);
    }
    r->at = begin;
    return true;
}

/* ---- redirections ---- */

/* The length of the redirection that begins here, and its kind; 0: one of another kind. */
static size_t find_redirect(const struct reader *r, enum opk_op *out_op)
{
    char second = peek(r, 1);
    char third = peek(r, 2);

    switch (peek(r, 0)) {
    case '<':
        *out_op = OPK_OP_READ;
        return second == '<' || second == '>' || second == '&' ? 0 : 1;
    case '>':
        *out_op = second == '>' ? OPK_OP_APPEND : second == '&' ? OPK_OP_DUP : OPK_OP_WRITE;
        if (second == '&')
            return opk_is_digit(third) || third == '-' ? 2 : 0;
        return second == '|' ? 0 : second == '>' ? 2 : 1;
    default: /* &> &>> */
        *out_op = third == '>' ? OPK_OP_APPEND : OPK_OP_WRITE;
        return third == '>' ? 3 : 2;
    }
}

/* The redirection whose sign begins at begin, with its descriptor; at stands behind that. */
static bool read_redirect(struct reader *r, size_t begin)
{
    struct opk_steps *steps = r->steps;
    struct opk_redirect redirect;
    size_t len = find_redirect(r, &redirect.op);

    if (len == 0)
        return false;
    r->at += len;
    redirect.sign = opk_str_slice(r->text, begin, r->at);
    r->at = skip_blanks(r->text, r->at);
    if (!read_word(r, &redirect.word) || is_descriptor(r, &redirect.word))
        return false;
    struct opk_redirect *grown =
        opk_grow(steps->redirects, &steps->redirect_cap, steps->redirect_count + 1, sizeof(*grown));
    if (!grown)
        return false;
    steps->redirects = grown;
    grown[steps->redirect_count++] = redirect;
    return true;
}

/* ---- commands ---- */

/* A word of the command, or a redirection behind its first word. */
static bool read_part(struct reader *r)
{
    struct opk_steps *steps = r->steps;
    const size_t begin = r->at;
    const char c = r->text.data[begin];
    bool is_redirect = c == '<' || c == '>' || c == '&';

    if (!is_redirect) {
        struct opk_word *word = word_room(steps);
        if (!word || !read_word(r, word))
            return false;
        is_redirect = is_descriptor(r, word);
        if (!is_redirect)
            steps->word_count++;
    }
    return !is_redirect || (steps->word_count > r->word_begin && read_redirect(r, begin));
}

/* Peel off the wrappers that a command stands behind; false for another one. */
static bool peel_wrappers(const struct reader *r, struct opk_simple *simple)
{
    struct opk_peel peel;

    while (!r->bare && simple->wrapper_count < OPK_STEP_WRAPPERS_MAX &&
           opk_peel_find(r->steps, simple->word_begin, simple->word_end, &peel)) {
        if (peel.row->how != OPK_WRAPPER_COMMAND && peel.row->how != OPK_WRAPPER_MODULE)
            return false;
        simple->wrappers[simple->wrapper_count++] = peel.row;
        simple->word_begin = peel.begin;
    }
    return true;
}

static bool is_reserved(struct opk_steps *steps, struct opk_str raw)
{
    return raw.len <= OPK_PROGRAM_KNOWN_MAX &&
           opk_programs_find(&steps->programs, raw)->is_reserved;
}

/* End the simple command; false when its words are no command as they stand. */
static bool finish_simple(struct reader *r)
{
    struct opk_steps *steps = r->steps;

    if (steps->word_count == r->word_begin)
        return false;
    const struct opk_word *first = &steps->words[r->word_begin];
    if (first->flags != 0 || is_reserved(steps, first->raw) ||
        ((first->bytes & OPK_HAS_EQUALS) && opk_word_assignment(first->raw) > 0))
        return false;
    struct opk_simple *grown =
        opk_grow(steps->simples, &steps->simple_cap, steps->simple_count + 1, sizeof(*grown));
    if (!grown)
        return false;
    steps->simples = grown;
    if (steps->simple_count == r->simple_begin)
        r->text_begin = (size_t)(first->raw.data - r->text.data);
    /* Of the wrappers only those that are counted are set. */
    struct opk_simple *simple = &grown[steps->simple_count++];
    simple->word_begin = r->word_begin;
    simple->word_end = steps->word_count;
    simple->assignment_begin = simple->assignment_end = 0;
    simple->redirect_begin = r->redirect_begin;
    simple->redirect_end = steps->redirect_count;
    simple->wrapper_count = 0;
    r->word_begin = steps->word_count;
    r->redirect_begin = steps->redirect_count;
    return peel_wrappers(r, simple);
}

static const char *end_of(const struct opk_word *word)
{
    return word->raw.data + word->raw.len;
}

/* Behind the last word or redirection of the last simple command. */
static size_t step_end(const struct reader *r)
{
    const struct opk_steps *steps = r->steps;
    const struct opk_simple *last = &steps->simples[steps->simple_count - 1];
    const char *end = end_of(&steps->words[last->word_end - 1]);

    if (last->redirect_begin < last->redirect_end &&
        end_of(&steps->redirects[last->redirect_end - 1].word) > end)
        end = end_of(&steps->redirects[last->redirect_end - 1].word);
    return (size_t)(end - r->text.data);
}

static bool finish_step(struct reader *r, unsigned flags)
{
    struct opk_steps *steps = r->steps;

    if (!finish_simple(r))
        return false;
    const size_t end = step_end(r);
    struct opk_step *grown = opk_grow(steps->steps, &steps->cap, steps->count + 1, sizeof(*grown));
    if (!grown)
        return false;
    steps->steps = grown;
    grown[steps->count++] = (struct opk_step){
        .simple_begin = r->simple_begin,
        .simple_end = steps->simple_count,
        .flags = flags,
        .text = opk_str_slice(r->text, r->text_begin, end),
    };
    r->simple_begin = steps->simple_count;
    return true;
}

/* | || && & ; and what they end; a command must follow all but the last two. */
static bool read_operator(struct reader *r, bool *out_follows)
{
    char c = peek(r, 0);
    bool is_double = peek(r, 1) == c;

    *out_follows = c == '|' || is_double;
    if (c == ';' ? is_double || peek(r, 1) == '&' : c == '|' && peek(r, 1) == '&')
        return false;
    r->at += is_double ? 2 : 1;
    if (c == '|' && !is_double)
        return finish_simple(r);
    return finish_step(r, c == '&' && !is_double ? (unsigned)OPK_STEP_BACKGROUND : 0);
}

bool opk_steps_read_plain(struct opk_steps *steps, struct opk_str text, bool bare)
{
    struct reader r = {.steps = steps, .text = text, .bare = bare};
    bool follows = true;

    steps->count = steps->simple_count = steps->word_count = 0;
    steps->assignment_count = steps->redirect_count = 0;
    for (;;) {
        if (!read_words(&r))
            return false;
        if (r.at == text.len)
            break;
        char c = text.data[r.at];
        bool is_operator = c == '|' || c == ';' || (c == '&' && peek(&r, 1) != '>');
        if (!(is_operator ? read_operator(&r, &follows) : read_part(&r)))
            return false;
    }
    return steps->word_count > r.word_begin ? finish_step(&r, 0) : !follows;
}
