#include "cluster/match.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

#define NONE UINT32_MAX

static const struct opk_str REST = OPK_STR_INIT("\xE2\x80\xA6"); /* … */

struct pattern {
    struct opk_str text;
    uint32_t number;
    uint32_t next; /* of the same first word; NONE at the end */
};

struct opk_matcher {
    struct pattern *patterns; /* owned; in the order they were added */
    size_t count;
    size_t cap;
    struct opk_map *programs; /* first words without < or { */
    uint32_t *first;          /* owned; by the map's index */
    size_t first_cap;
    uint32_t open; /* patterns whose first word is none of the map's */
    struct opk_arena arena;
};

enum opk_status opk_matcher_new(struct opk_matcher **out_matcher, struct opk_err *err)
{
    struct opk_matcher *matcher = calloc(1, sizeof(*matcher));

    if (!matcher)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for shape patterns");
    matcher->open = NONE;
    enum opk_status status = opk_map_new(&matcher->programs, err);
    if (status != OPK_OK) {
        opk_matcher_free(matcher);
        return status;
    }
    *out_matcher = matcher;
    return OPK_OK;
}

void opk_matcher_free(struct opk_matcher *matcher)
{
    if (!matcher)
        return;
    opk_map_free(matcher->programs);
    opk_arena_done(&matcher->arena);
    free(matcher->patterns);
    free(matcher->first);
    free(matcher);
}

/* ---- one pattern and one shape ---- */

/* "<path.py>" without what follows the dot: "<path". */
static struct opk_str slot_base(struct opk_str slot)
{
    size_t dot = opk_str_find_byte(slot, '.', 0);

    return opk_str_slice(slot, 0, dot == OPK_NPOS ? slot.len - 1 : dot);
}

static bool slot_matches(struct opk_str pattern, struct opk_str slot)
{
    if (opk_str_eq(pattern, slot))
        return true;
    return opk_str_find_byte(pattern, '.', 0) == OPK_NPOS &&
           opk_str_eq(slot_base(pattern), slot_base(slot));
}

static bool word_matches(struct opk_str pattern, struct opk_str word);

/* pattern begins with a brace; each alternative takes its turn. */
static bool braces_match(struct opk_str pattern, size_t close, struct opk_str word)
{
    struct opk_split alternatives = OPK_SPLIT(opk_str_slice(pattern, 1, close), ',');
    struct opk_str rest = opk_str_skip(pattern, close + 1);
    struct opk_str one;

    while (opk_split_next(&alternatives, &one)) {
        if (opk_str_starts(word, one) && word_matches(rest, opk_str_skip(word, one.len)))
            return true;
    }
    return false;
}

/* Recursion is bounded by the braces of a pattern, whose length has a limit. */
static bool word_matches(struct opk_str pattern, struct opk_str word)
{
    while (pattern.len > 0) {
        char c = pattern.data[0];
        size_t close =
            c == '{' ? opk_str_find_byte(pattern, '}', 1) : opk_str_find_byte(pattern, '>', 1);
        if (c == '{' && close != OPK_NPOS)
            return braces_match(pattern, close, word);
        if (c == '<' && close != OPK_NPOS && close > 1) {
            size_t end = opk_str_find_byte(word, '>', 0);
            if (end == OPK_NPOS || word.data[0] != '<' ||
                !slot_matches(opk_str_slice(pattern, 0, close + 1),
                              opk_str_slice(word, 0, end + 1)))
                return false;
            pattern = opk_str_skip(pattern, close + 1);
            word = opk_str_skip(word, end + 1);
            continue;
        }
        if (word.len == 0 || word.data[0] != c)
            return opk_str_eq(pattern, REST) && word.len == 0;
        pattern = opk_str_skip(pattern, 1);
        word = opk_str_skip(word, 1);
    }
    /* A folded slot stands for one or more. */
    return word.len == 0 || opk_str_eq(word, REST);
}

struct words {
    struct opk_str items[OPK_MATCH_WORDS_MAX];
    size_t count;
};

static bool words_split(struct opk_str text, struct words *words)
{
    struct opk_split split = OPK_SPLIT(text, ' ');
    struct opk_str word;

    words->count = 0;
    while (opk_split_next(&split, &word)) {
        if (word.len == 0)
            continue;
        if (words->count == OPK_MATCH_WORDS_MAX)
            return false;
        words->items[words->count++] = word;
    }
    return true;
}

/* As a glob with one kind of star: on a mismatch the last star takes one word more. */
static bool words_match(const struct words *pattern, const struct words *shape)
{
    static const struct opk_str PIPE = OPK_STR_INIT("|");
    size_t p = 0;
    size_t s = 0;
    size_t star = OPK_NPOS;
    size_t taken = 0;

    while (s < shape->count) {
        if (p < pattern->count && opk_str_eq(pattern->items[p], REST)) {
            star = p++;
            taken = s;
        } else if (p < pattern->count && word_matches(pattern->items[p], shape->items[s])) {
            /* A pipe ends what the last star may take. */
            if (opk_str_eq(shape->items[s], PIPE))
                star = OPK_NPOS;
            p++;
            s++;
        } else if (star != OPK_NPOS && !opk_str_eq(shape->items[taken], PIPE)) {
            s = ++taken;
            p = star + 1;
        } else {
            return false;
        }
    }
    while (p < pattern->count && opk_str_eq(pattern->items[p], REST))
        p++;
    return p == pattern->count;
}

bool opk_match(struct opk_str pattern, struct opk_str shape)
{
    struct words pattern_words;
    struct words shape_words;

    return words_split(pattern, &pattern_words) && words_split(shape, &shape_words) &&
           words_match(&pattern_words, &shape_words);
}

/* ---- many patterns ---- */

static struct opk_str first_word(struct opk_str text)
{
    text = opk_str_trim(text);
    size_t end = opk_str_find_byte(text, ' ', 0);

    return opk_str_slice(text, 0, end == OPK_NPOS ? text.len : end);
}

static bool is_literal(struct opk_str word)
{
    return opk_str_find_byte(word, '<', 0) == OPK_NPOS &&
           opk_str_find_byte(word, '{', 0) == OPK_NPOS;
}

/* The head of the list that a pattern with this first word belongs to. */
static enum opk_status list_of(struct opk_matcher *matcher, struct opk_str word,
                               uint32_t **out_head, struct opk_err *err)
{
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (!is_literal(word)) {
        *out_head = &matcher->open;
        return OPK_OK;
    }
    status = opk_map_add(matcher->programs, word, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    uint32_t *grown =
        opk_grow(matcher->first, &matcher->first_cap, (size_t)index + 1, sizeof(*grown));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for shape patterns");
    matcher->first = grown;
    if (is_new)
        matcher->first[index] = NONE;
    *out_head = &matcher->first[index];
    return OPK_OK;
}

enum opk_status opk_matcher_add(struct opk_matcher *matcher, struct opk_str pattern,
                                uint32_t number, struct opk_err *err)
{
    struct opk_str word = first_word(pattern);
    uint32_t *head = NULL;
    enum opk_status status;

    if (pattern.len > OPK_MATCH_PATTERN_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "a shape pattern of %zu bytes; the limit is %zu", pattern.len,
                        OPK_MATCH_PATTERN_MAX);
    if (word.len == 0 || opk_str_eq(word, REST))
        return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                        "a shape pattern begins with a program, not with '%.*s'",
                        OPK_STR_FMT(word));
    struct pattern *grown =
        opk_grow(matcher->patterns, &matcher->cap, matcher->count + 1, sizeof(*grown));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for shape patterns");
    matcher->patterns = grown;
    status = list_of(matcher, word, &head, err);
    if (status != OPK_OK)
        return status;
    struct opk_str text = opk_arena_copy(&matcher->arena, pattern);
    status = opk_arena_check(&matcher->arena, err);
    if (status != OPK_OK)
        return status;
    matcher->patterns[matcher->count] = (struct pattern){text, number, *head};
    *head = (uint32_t)matcher->count++;
    return OPK_OK;
}

/* The earliest pattern of a list that matches, if it is earlier than best. */
static uint32_t list_find(const struct opk_matcher *matcher, uint32_t head, struct opk_str shape,
                          uint32_t best)
{
    for (uint32_t i = head; i != NONE; i = matcher->patterns[i].next) {
        if (i < best && opk_match(matcher->patterns[i].text, shape))
            best = i;
    }
    return best;
}

bool opk_matcher_find(const struct opk_matcher *matcher, struct opk_str shape, uint32_t *out_number)
{
    uint32_t index;
    uint32_t best = list_find(matcher, matcher->open, shape, NONE);

    if (opk_map_find(matcher->programs, first_word(shape), &index))
        best = list_find(matcher, matcher->first[index], shape, best);
    if (best == NONE)
        return false;
    if (out_number)
        *out_number = matcher->patterns[best].number;
    return true;
}
