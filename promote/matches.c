#include "promote/promote.h"

#define REST "\xE2\x80\xA6" /* the ellipsis: any rest of one command */

static const struct opk_str PIPE = OPK_STR_INIT(" | ");

/* Take the text before the next " | " off the front of rest; false when nothing is left. */
static bool next_part(struct opk_str *rest, bool *done, struct opk_str *out)
{
    size_t at = opk_str_find(*rest, PIPE, 0);

    if (*done)
        return false;
    *out = opk_str_slice(*rest, 0, at);
    *done = at == OPK_NPOS;
    *rest = *done ? OPK_STR_EMPTY : opk_str_skip(*rest, at + PIPE.len);
    return true;
}

/* Does text begin with these whole words? */
static bool begins_with_words(struct opk_str text, struct opk_str words)
{
    return opk_str_starts(text, words) && (text.len == words.len || text.data[words.len] == ' ');
}

/* Where the mode flag of a signature's part begins (the blank before it); its length without one.
 */
static size_t words_end(struct opk_str part)
{
    size_t blank = opk_str_rfind_byte(part, ' ');

    return blank != OPK_NPOS && blank + 1 < part.len && part.data[blank + 1] == '-' ? blank
                                                                                    : part.len;
}

/* Every part of the shape begins with the words of the signature's part; a mode flag stands
 * somewhere behind them, in the order of options. */
static bool part_follows(struct opk_str part, struct opk_str words)
{
    size_t end = words_end(words);
    struct opk_str flag = opk_str_skip(words, end);
    size_t at = opk_str_find(part, flag, end);

    if (!begins_with_words(part, opk_str_slice(words, 0, end)))
        return false;
    while (flag.len > 0 && at != OPK_NPOS && at + flag.len < part.len &&
           part.data[at + flag.len] != ' ')
        at = opk_str_find(part, flag, at + 1);
    return at != OPK_NPOS;
}

/* Does the shape follow the signature, part for part? */
static bool shape_follows(struct opk_str shape, struct opk_str signature)
{
    bool shape_done = false;
    bool words_done = false;
    struct opk_str part;
    struct opk_str words;

    while (next_part(&signature, &words_done, &words)) {
        if (!next_part(&shape, &shape_done, &part) || !part_follows(part, words))
            return false;
    }
    return shape_done;
}

/* Does text begin with words and at least one word more that names an operation? */
static bool is_longer(struct opk_str text, struct opk_str words)
{
    if (!begins_with_words(text, words) || text.len <= words.len + 1)
        return false;
    char next = text.data[words.len + 1];
    return opk_is_alnum(next);
}

/* Is text a mode of the operation that words name? */
static bool is_mode_of(struct opk_str text, struct opk_str words)
{
    return begins_with_words(text, words) && text.len > words.len + 1 &&
           text.data[words.len + 1] == '-';
}

/* Would "signature ..." take what another draft or kind is about? */
static bool would_swallow(const struct opk_desk *desk, struct opk_str signature)
{
    for (size_t i = 0; i < desk->drafts->count; i++) {
        struct opk_str other = desk->drafts->items[i].signature;
        if (is_longer(other, signature) || is_mode_of(other, signature))
            return true;
    }
    for (size_t i = 0; i < desk->registry->count; i++) {
        const struct opk_registered *kind = &desk->registry->kinds[i];
        for (size_t k = 0; k < kind->match_count; k++) {
            if (is_longer(kind->matches[k], signature))
                return true;
        }
    }
    return false;
}

static bool fits_signature(const struct opk_desk *desk, const struct opk_draft *draft)
{
    if (draft->signature.len == 0 || would_swallow(desk, draft->signature))
        return false;
    for (size_t i = 0; i < draft->shape_count; i++) {
        if (!shape_follows(draft->shapes[i].text, draft->signature))
            return false;
    }
    return draft->shape_count > 0;
}

static struct opk_str with_rests(struct opk_str signature, struct opk_arena *arena)
{
    struct opk_str pattern = OPK_STR_EMPTY;
    bool done = false;
    struct opk_str words;

    while (next_part(&signature, &done, &words)) {
        size_t end = words_end(words);
        struct opk_str flag = opk_str_skip(words, end);
        pattern = opk_arena_printf(arena, "%.*s%s%.*s%s%.*s " REST, OPK_STR_FMT(pattern),
                                   pattern.len > 0 ? PIPE.data : "",
                                   OPK_STR_FMT(opk_str_slice(words, 0, end)),
                                   flag.len > 0 ? " " REST : "", OPK_STR_FMT(flag));
    }
    return pattern;
}

/* "tool:Write{1,3} > pytest" */
static struct opk_str join_steps(const struct opk_draft *draft, struct opk_arena *arena)
{
    struct opk_str steps = OPK_STR_EMPTY;

    for (size_t i = 0; i < draft->step_count; i++)
        steps = opk_arena_printf(arena, "%.*s%s%.*s", OPK_STR_FMT(steps), i > 0 ? " > " : "",
                                 OPK_STR_FMT(draft->steps[i]));
    return steps;
}

enum opk_status opk_draft_matches(const struct opk_desk *desk, const struct opk_draft *draft,
                                  struct opk_arena *arena, const struct opk_str **out_matches,
                                  size_t *out_count, struct opk_err *err)
{
    struct opk_str *matches = opk_arena_array(arena, draft->shape_count + 1, sizeof(*matches));
    size_t count = draft->shape_count;

    if (!matches)
        return opk_arena_check(arena, err);
    if (opk_str_eq(draft->type, OPK_STR("sequence"))) {
        *out_matches = matches;
        *out_count = 1;
        matches[0] = join_steps(draft, arena);
        return opk_arena_check(arena, err);
    }
    if (fits_signature(desk, draft)) {
        matches[0] = with_rests(draft->signature, arena);
        count = 1;
    } else {
        for (size_t i = 0; i < count; i++)
            matches[i] = draft->shapes[i].text;
    }
    *out_matches = matches;
    *out_count = count;
    return opk_arena_check(arena, err);
}
