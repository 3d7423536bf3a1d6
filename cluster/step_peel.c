#include "cluster/step_peel.h"

#include <string.h>

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

bool opk_peel_find(const struct opk_steps *steps, size_t begin, size_t end,
                   struct opk_peel *out_peel)
{
    struct opk_str values[OPK_WRAPPER_WORDS_MAX];
    size_t count = 0;
    const struct opk_wrapper *row = NULL;

    for (size_t i = begin; i < end && count < OPK_WRAPPER_WORDS_MAX; i++)
        values[count++] = steps->words[i].value;
    size_t named = opk_wrapper_find(values, count, &row);
    if (named == 0)
        return false;
    *out_peel = (struct opk_peel){row, find_wrapped(steps, row, begin + named, end), end};
    return out_peel->begin != OPK_NPOS;
}

/* The words joined by blanks, as ssh does; or the one word that is a script. */
struct opk_str opk_peel_script(struct opk_steps *steps, const struct opk_peel *peel)
{
    size_t size = 0;
    char *text;

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
