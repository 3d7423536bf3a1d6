/* The trie of patterns agrees with a slow matcher that tries everything. Lines up to an empty one
 * are patterns, the others shapes. */
#include "fuzz.h"

#include "base/buf.h"
#include "cluster/match.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX    9 /* of a pattern or shape: the slow matcher takes exponential time */
#define PATTERNS_MAX 16
#define SHAPES_MAX   16

struct words {
    struct opk_str items[WORDS_MAX];
    size_t count;
};

static bool split_words(struct opk_str text, struct words *words)
{
    struct opk_split split = OPK_SPLIT(text, ' ');
    struct opk_str word;

    words->count = 0;
    while (opk_split_next(&split, &word)) {
        if (word.len == 0)
            continue;
        if (words->count == WORDS_MAX)
            return false;
        words->items[words->count++] = word;
    }
    return true;
}

static bool is_rest(struct opk_str word)
{
    return opk_str_eq(word, OPK_STR("...")) || opk_str_eq(word, OPK_STR("\xE2\x80\xA6"));
}

/* Both ellipses have three bytes. */
static bool is_folded(struct opk_str word)
{
    return word.len > 3 && word.data[word.len - 4] == '>' &&
           is_rest(opk_str_skip(word, word.len - 3));
}

static struct opk_str unfold(struct opk_str word)
{
    return is_folded(word) ? opk_str_slice(word, 0, word.len - 3) : word;
}

/* Is word what pattern says, where a slot of pattern may leave out the extension? */
static bool is_word(struct opk_str pattern, struct opk_str word)
{
    size_t open = opk_str_find_byte(word, '<', 0);
    size_t close = opk_str_find_byte(word, '>', open == OPK_NPOS ? 0 : open);
    size_t dot = opk_str_find_byte(word, '.', open == OPK_NPOS ? 0 : open);

    if (opk_str_eq(pattern, word))
        return true;
    return open != OPK_NPOS && close != OPK_NPOS && dot < close &&
           opk_is_lower(word.data[open + 1]) && pattern.len == dot + word.len - close &&
           opk_str_starts(pattern, opk_str_slice(word, 0, dot)) &&
           opk_str_ends(pattern, opk_str_skip(word, close));
}

static bool match(const struct words *pattern, size_t p, const struct words *shape, size_t s)
{
    if (p == pattern->count)
        return s == shape->count;
    if (is_rest(pattern->items[p]))
        return match(pattern, p + 1, shape, s) ||
               (s < shape->count && !opk_str_eq(shape->items[s], OPK_STR("|")) &&
                match(pattern, p, shape, s + 1));
    if (s == shape->count || !is_word(unfold(pattern->items[p]), unfold(shape->items[s])))
        return false;
    if (match(pattern, p + 1, shape, s + 1))
        return true;
    /* A folded slot may fill the next word of the pattern as well. */
    size_t next = p + 1;
    while (next < pattern->count && is_rest(pattern->items[next]))
        next++;
    return is_folded(shape->items[s]) && next < pattern->count && match(pattern, next, shape, s);
}

/* One text after the other that a pattern stands for; braces before from are taken as they are. */
static bool match_braces(struct opk_str pattern, size_t from, const struct words *shape)
{
    struct words words;
    size_t open = opk_str_find_byte(pattern, '{', from);
    size_t close = opk_str_find_byte(pattern, '}', open == OPK_NPOS ? 0 : open);
    bool found = false;

    if (open == OPK_NPOS || close == OPK_NPOS)
        return split_words(pattern, &words) && match(&words, 0, shape, 0);
    struct opk_split split = OPK_SPLIT(opk_str_slice(pattern, open + 1, close), ',');
    struct opk_str one;
    while (!found && opk_split_next(&split, &one)) {
        struct opk_buf text = OPK_BUF_EMPTY;
        opk_buf_append(&text, opk_str_slice(pattern, 0, open));
        opk_buf_append(&text, one);
        opk_buf_append(&text, opk_str_skip(pattern, close + 1));
        found = match_braces(opk_buf_str(&text), open + one.len, shape);
        opk_buf_done(&text);
    }
    return found;
}

static void check(struct opk_matcher *matcher, const struct opk_str *patterns, size_t count,
                  struct opk_str text)
{
    struct words shape;
    uint32_t number = UINT32_MAX;
    bool expected = false;

    if (!split_words(text, &shape))
        return;
    for (size_t i = 0; i < count; i++)
        expected = expected || match_braces(patterns[i], 0, &shape);
    if (opk_matcher_find(matcher, text, &number) != expected)
        abort();
    if (expected && (number >= count || !match_braces(patterns[number], 0, &shape)))
        abort();
}

static bool is_usable(struct opk_str pattern)
{
    struct words words;

    return split_words(pattern, &words) && pattern.len < 200;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_split lines = OPK_SPLIT(opk_str_bytes(data ? (const void *)data : "", size), '\n');
    struct opk_str patterns[PATTERNS_MAX];
    struct opk_matcher *matcher = NULL;
    struct opk_str line;
    size_t count = 0;

    if (opk_matcher_new(&matcher, NULL) != OPK_OK)
        abort();
    while (opk_split_next(&lines, &line) && line.len > 0) {
        if (count < PATTERNS_MAX && is_usable(line) &&
            opk_matcher_add(matcher, line, (uint32_t)count, NULL) == OPK_OK)
            patterns[count++] = line;
    }
    for (size_t i = 0; i < SHAPES_MAX && opk_split_next(&lines, &line); i++)
        check(matcher, patterns, count, line);
    opk_matcher_free(matcher);
    return 0;
}
