#include "cluster/step_peel.h"

#include "cluster/word_bytes.h"

#include <string.h>

/* Options of programs with subcommands that may stand in front of these, with a value behind. */
#define GLOBAL_OPTIONS                                                                             \
    " -C -F -H -f -n -p --context --cwd --dir --file --filter --host --kubeconfig --namespace "    \
    "--prefix --project-name "

static bool holds(const char *letters, char letter)
{
    return letters && strchr(letters, letter);
}

/* How many words an option of a wrapper takes up; 0 when with it nothing is wrapped. */
static size_t option_length(const struct opk_wrapper *row, struct opk_str word)
{
    if (opk_wrapper_lists(row->longs, word))
        return 2;
    if (opk_str_starts(word, OPK_STR("--")))
        return 1;
    for (size_t i = 1; i < word.len; i++) {
        if (holds(row->not_with, word.data[i]))
            return 0;
        if (holds(row->letters, word.data[i]))
            return i + 1 == word.len ? 2 : 1;
    }
    return 1;
}

static bool is_option(struct opk_str word)
{
    return word.len > 1 && word.data[0] == '-';
}

/* Does what is run stand behind this word? */
static bool is_mark(const struct opk_wrapper *row, struct opk_str value)
{
    switch (row->how) {
    case OPK_WRAPPER_COMMAND:
    case OPK_WRAPPER_REST:
    case OPK_WRAPPER_BLOCK:
        break;
    case OPK_WRAPPER_MODULE:
        return opk_str_eq(value, OPK_STR("-m"));
    case OPK_WRAPPER_SCRIPT:
    case OPK_WRAPPER_MARKED:
    case OPK_WRAPPER_ACTIONS:
        if (row->marks)
            return opk_wrapper_lists(row->marks, value);
        return is_option(value) && value.data[1] != '-' &&
               opk_str_find_byte(value, 'c', 1) != OPK_NPOS;
    }
    return false;
}

static size_t find_block(const struct opk_steps *steps, size_t at, size_t end)
{
    while (at < end && !(steps->words[at].raw.data[0] == '{' && steps->words[at].raw.len > 2))
        at++;
    return at < end ? at : OPK_NPOS;
}

/*
 * Where what a wrapper runs begins, at being behind the wrapper's own name: past its options,
 * assignments and operands. OPK_NPOS when it runs nothing.
 */
static size_t find_wrapped(const struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                           size_t end)
{
    bool marked = row->how != OPK_WRAPPER_COMMAND && row->how != OPK_WRAPPER_REST;
    unsigned operands = row->operands;

    if (row->how == OPK_WRAPPER_BLOCK)
        return find_block(steps, at, end);
    while (at < end) {
        struct opk_str value = steps->words[at].value;
        if (is_mark(row, value))
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
    /* "kubectl exec pod -- ls": the dashes stand behind the operand. */
    if (at < end && row->operands > 0 && opk_str_eq(steps->words[at].value, OPK_STR("--")))
        at++;
    return at < end && !marked ? at : OPK_NPOS;
}

/* Behind the words that name the row, options between them left out; OPK_NPOS: another program. */
static size_t find_named(const struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                         size_t end)
{
    for (size_t word = 1; word < OPK_WRAPPER_WORDS_MAX && row->words[word]; word++) {
        at++;
        while (at < end && is_option(steps->words[at].value))
            at += opk_wrapper_lists(GLOBAL_OPTIONS, steps->words[at].value) ? 2 : 1;
        if (at >= end || !opk_str_eq(steps->words[at].value, opk_str_of(row->words[word])))
            return OPK_NPOS;
    }
    return at + 1;
}

/* Behind the command of a -exec that begins at at: its ";", or the "+" behind "{}". */
static size_t find_action_end(const struct opk_steps *steps, size_t at, size_t end)
{
    for (size_t begin = at; at < end; at++) {
        struct opk_str value = steps->words[at].value;
        if (opk_str_eq(value, OPK_STR(";")) ||
            (at > begin && opk_str_eq(value, OPK_STR("+")) &&
             opk_str_eq(steps->words[at - 1].value, OPK_STR("{}"))))
            break;
    }
    return at;
}

bool opk_peel_action(const struct opk_steps *steps, const struct opk_wrapper *row, size_t at,
                     size_t end, struct opk_peel *out_peel)
{
    while (at < end && !is_mark(row, steps->words[at].value))
        at++;
    if (at + 1 >= end)
        return false;
    *out_peel = (struct opk_peel){row, at + 1, find_action_end(steps, at + 1, end)};
    return out_peel->begin < out_peel->end;
}

/* The first row of the program that a word names. */
static const struct opk_wrapper *find_row(struct opk_steps *steps, const struct opk_word *word)
{
    const unsigned bare = (unsigned)OPK_HAS_SMALL | (unsigned)OPK_HAS_HEX |
                          (unsigned)OPK_HAS_NO_HEX | (unsigned)OPK_HAS_DASH;

    /* Most programs are written in small letters: nothing is to be cut off. */
    if (word->bytes & ~bare)
        return opk_wrapper_find(word->value);
    return word->value.len > 0 && word->value.len <= OPK_PROGRAM_KNOWN_MAX
               ? opk_programs_find(&steps->programs, word->value)->wrapper
               : opk_wrapper_find_name(word->value);
}

bool opk_peel_find(struct opk_steps *steps, size_t begin, size_t end, struct opk_peel *out_peel)
{
    const struct opk_wrapper *row = begin < end ? find_row(steps, &steps->words[begin]) : NULL;
    const struct opk_wrapper *first = row;

    for (; row && opk_wrapper_is_same(first, row); row++) {
        size_t at = find_named(steps, row, begin, end);
        if (at == OPK_NPOS)
            continue;
        if (row->how == OPK_WRAPPER_ACTIONS)
            return opk_peel_action(steps, row, at, end, out_peel);
        *out_peel = (struct opk_peel){row, find_wrapped(steps, row, at, end), end};
        return out_peel->begin != OPK_NPOS;
    }
    return false;
}

/* The words joined by blanks, as ssh does; the one word that is a script; or a block's inside. */
struct opk_str opk_peel_script(struct opk_steps *steps, const struct opk_peel *peel)
{
    size_t size = 0;
    char *text;

    if (peel->row->how == OPK_WRAPPER_BLOCK) {
        struct opk_str block = steps->words[peel->begin].raw;
        return opk_str_slice(block, 1, block.len - 1);
    }
    if (peel->row->how == OPK_WRAPPER_SCRIPT || peel->begin + 1 == peel->end)
        return steps->words[peel->begin].value;
    for (size_t i = peel->begin; i < peel->end; i++)
        size += steps->words[i].value.len + 1;
    text = opk_arena_alloc(&steps->arena, size);
    if (!text)
        return OPK_STR_EMPTY;
    size = 0;
    for (size_t i = peel->begin; i < peel->end; i++) {
        struct opk_str value = steps->words[i].value;
        memcpy(text + size, value.data, value.len);
        size += value.len;
        text[size++] = ' ';
    }
    return (struct opk_str){text, size - 1};
}
