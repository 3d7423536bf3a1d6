/*
 * Most command lines are one simple command: words and blanks, here and there a word in quotes.
 * They are read here in one pass over their bytes; whatever else a line may hold is the lexer's.
 */
#include "cluster/step_plain.h"

#include "base/mem.h"
#include "cluster/step_peel.h"

/* What a byte does to a line of plain words. */
enum {
    OTHER, /* the lexer must read this line */
    PLAIN,
    BLANK,
    QUOTE,
    GLOB,
};

/* clang-format off */
static const unsigned char BYTES[256] = {
    ['\t'] = BLANK, [' '] = BLANK, ['"'] = QUOTE, ['\''] = QUOTE, ['*'] = GLOB, ['?'] = GLOB,
    ['%'] = PLAIN, ['+'] = PLAIN, [','] = PLAIN, ['-'] = PLAIN, ['.'] = PLAIN, ['/'] = PLAIN,
    ['0'] = PLAIN, ['1'] = PLAIN, ['2'] = PLAIN, ['3'] = PLAIN, ['4'] = PLAIN, ['5'] = PLAIN,
    ['6'] = PLAIN, ['7'] = PLAIN, ['8'] = PLAIN, ['9'] = PLAIN, [':'] = PLAIN, ['='] = PLAIN,
    ['@'] = PLAIN, ['A'] = PLAIN, ['B'] = PLAIN, ['C'] = PLAIN, ['D'] = PLAIN, ['E'] = PLAIN,
    ['F'] = PLAIN, ['G'] = PLAIN, ['H'] = PLAIN, ['I'] = PLAIN, ['J'] = PLAIN, ['K'] = PLAIN,
    ['L'] = PLAIN, ['M'] = PLAIN, ['N'] = PLAIN, ['O'] = PLAIN, ['P'] = PLAIN, ['Q'] = PLAIN,
    ['R'] = PLAIN, ['S'] = PLAIN, ['T'] = PLAIN, ['U'] = PLAIN, ['V'] = PLAIN, ['W'] = PLAIN,
    ['X'] = PLAIN, ['Y'] = PLAIN, ['Z'] = PLAIN, ['^'] = PLAIN, ['_'] = PLAIN, ['a'] = PLAIN,
    ['b'] = PLAIN, ['c'] = PLAIN, ['d'] = PLAIN, ['e'] = PLAIN, ['f'] = PLAIN, ['g'] = PLAIN,
    ['h'] = PLAIN, ['i'] = PLAIN, ['j'] = PLAIN, ['k'] = PLAIN, ['l'] = PLAIN, ['m'] = PLAIN,
    ['n'] = PLAIN, ['o'] = PLAIN, ['p'] = PLAIN, ['q'] = PLAIN, ['r'] = PLAIN, ['s'] = PLAIN,
    ['t'] = PLAIN, ['u'] = PLAIN, ['v'] = PLAIN, ['w'] = PLAIN, ['x'] = PLAIN, ['y'] = PLAIN,
    ['z'] = PLAIN, ['~'] = PLAIN,
};
/* clang-format on */

static unsigned char byte_class(char c)
{
    return BYTES[(unsigned char)c];
}

/* Behind the quoted string that begins at begin; OPK_NPOS when it never ends or is more than text.
 */
static size_t quoted_end(struct opk_str text, size_t begin)
{
    char quote = text.data[begin];

    for (size_t at = begin + 1; at < text.len; at++) {
        char c = text.data[at];
        if (c == quote)
            return at + 1;
        if (quote == '"' && (c == '\\' || c == '$' || c == '`'))
            return OPK_NPOS;
    }
    return OPK_NPOS;
}

/* The word that begins at *at, which is moved behind it; false for a word of another kind. */
static bool read_word(struct opk_str text, size_t *at, struct opk_word *out_word)
{
    size_t begin = *at;
    size_t end = begin;
    bool quoted = byte_class(text.data[begin]) == QUOTE;
    bool glob = false;

    if (quoted) {
        end = quoted_end(text, begin);
        if (end == OPK_NPOS)
            return false;
    }
    while (!quoted) {
        while (end < text.len && byte_class(text.data[end]) == PLAIN)
            end++;
        if (end == text.len || byte_class(text.data[end]) != GLOB)
            break;
        glob = true;
        end++;
    }
    if (end < text.len && byte_class(text.data[end]) != BLANK)
        return false;
    out_word->raw = (struct opk_str){text.data + begin, end - begin};
    out_word->value =
        quoted ? (struct opk_str){text.data + begin + 1, end - begin - 2} : out_word->raw;
    out_word->flags = quoted ? (unsigned)OPK_WORD_QUOTED | OPK_WORD_WHOLE_QUOTE
                      : glob ? (unsigned)OPK_WORD_GLOB
                             : 0;
    *at = end;
    return true;
}

/* May the words be a command as they stand? Not behind a wrapper, an assignment, a reserved word.
 */
static bool is_command(const struct opk_steps *steps, size_t count)
{
    const struct opk_word *first = &steps->words[0];
    struct opk_peel peel;

    return first->flags == 0 && !opk_lex_is_reserved(first->raw) &&
           opk_word_assignment(first->raw) == 0 && !opk_peel_find(steps, 0, count, &peel);
}

bool opk_steps_read_plain(struct opk_steps *steps, struct opk_str text)
{
    size_t at = 0;
    size_t count = 0;

    for (;;) {
        while (at < text.len && byte_class(text.data[at]) == BLANK)
            at++;
        if (at == text.len)
            break;
        struct opk_word *grown =
            opk_grow(steps->words, &steps->word_cap, count + 1, sizeof(*grown));
        if (!grown)
            return false;
        steps->words = grown;
        if (!read_word(text, &at, &grown[count]))
            return false;
        count++;
    }
    if (count == 0 || !is_command(steps, count))
        return false;
    struct opk_simple *simples = opk_grow(steps->simples, &steps->simple_cap, 1, sizeof(*simples));
    if (simples)
        steps->simples = simples;
    struct opk_step *items = opk_grow(steps->steps, &steps->cap, 1, sizeof(*items));
    if (items)
        steps->steps = items;
    if (!simples || !items)
        return false;
    const char *begin = steps->words[0].raw.data;
    const struct opk_word *last = &steps->words[count - 1];
    simples[0].word_begin = 0;
    simples[0].word_end = count;
    simples[0].assignment_begin = simples[0].assignment_end = 0;
    simples[0].redirect_begin = simples[0].redirect_end = 0;
    simples[0].wrapper_count = 0;
    items[0] = (struct opk_step){
        .simple_begin = 0,
        .simple_end = 1,
        .text = {begin, (size_t)(last->raw.data + last->raw.len - begin)},
    };
    steps->count = steps->simple_count = 1;
    steps->word_count = count;
    return true;
}
