#include "cluster/reduced.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct opk_reduced {
    struct opk_map *shapes;
    uint64_t *commands; /* owned; by index in shapes */
    size_t command_cap;
    uint32_t *of_number; /* owned; index in shapes by the number of a raw shape */
    uint32_t of_count;
    size_t of_cap;
};

/* Slots that the words of one command may lead to; past this many, every word is kept. */
#define REACHED_MAX 8

/* A simple command while it is reduced. */
struct reducer {
    const struct opk_words *words;
    bool open;                     /* one more operation word may follow */
    bool behind_option;            /* if the option lets it */
    bool all;                      /* every word may be one */
    uint32_t reached[REACHED_MAX]; /* behind words that name operations, or may */
    size_t count;
};

static void begin(struct reducer *r, struct opk_str program)
{
    r->open = true;
    r->behind_option = r->all = false;
    r->reached[0] = opk_words_program(r->words, program);
    r->count = 1;
}

/* Does this word name an operation, or may it? */
static bool is_kept(struct reducer *r, struct opk_str word)
{
    size_t count = r->count;
    bool kept = r->all;
    uint32_t next;

    for (size_t i = 0; i < count && r->open && !r->all; i++) {
        if (!opk_words_is_operation(r->words, r->reached[i], OPK_STR_EMPTY, word, &next, NULL))
            continue;
        kept = true;
        r->all = next == OPK_WORDS_NO_SLOT || r->count == REACHED_MAX;
        if (!r->behind_option)
            r->reached[0] = next;
        else if (!r->all)
            r->reached[r->count++] = next;
    }
    r->open = r->open && (kept || r->behind_option);
    return r->open && kept;
}

static char *copy_item(char *out, enum opk_item_kind kind, struct opk_str text)
{
    out[0] = (char)kind;
    out[1] = (char)(unsigned char)text.len;
    memcpy(out + 2, text.data, text.len);
    return out + text.len + 2;
}

/* An item of the simple command; one that goes with it is copied as it is. */
static char *reduce_item(struct reducer *r, const struct opk_item *item, struct opk_items *items,
                         char *out)
{
    struct opk_item value;

    switch (item->kind) {
    case OPK_ITEM_PROGRAM:
        begin(r, item->text);
        break;
    case OPK_ITEM_WORD:
        if (!is_kept(r, item->text))
            return copy_item(out, OPK_ITEM_CLASS, OPK_STR("word"));
        break;
    case OPK_ITEM_CLASS:
        r->open = r->open && r->behind_option;
        break;
    case OPK_ITEM_OPTION:
    case OPK_ITEM_ATTACHED:
        r->behind_option = true;
        break;
    case OPK_ITEM_REDIRECT:
    case OPK_ITEM_WRAPPER:
    case OPK_ITEM_REST:
    case OPK_ITEM_TOOL:
    case OPK_ITEM_KEY:
        break;
    }
    out = copy_item(out, item->kind, item->text);
    if ((item->kind == OPK_ITEM_ATTACHED || item->kind == OPK_ITEM_REDIRECT) &&
        opk_items_next(items, &value))
        out = copy_item(out, value.kind, value.text);
    return out;
}

/* A word of one letter, with its kind and length, becomes the longer class. */
#define GROWTH 2

static void reduce(const struct opk_words *words, struct opk_str raw, struct opk_buf *out)
{
    struct reducer r = {.words = words};
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_item item;

    opk_buf_clear(out);
    char *begin = opk_buf_extend(out, raw.len * GROWTH + 1);
    char *end = begin;
    while (begin && opk_items_next(&items, &item))
        end = reduce_item(&r, &item, &items, end);
    if (begin)
        opk_buf_truncate(out, (size_t)(end - begin));
}

static enum opk_status add(struct opk_reduced *reduced, const struct opk_seen *seen,
                           struct opk_str shape)
{
    uint64_t *commands = opk_grow(reduced->commands, &reduced->command_cap,
                                  (size_t)opk_map_count(reduced->shapes) + 1, sizeof(*commands));
    uint32_t *of_number = opk_grow(reduced->of_number, &reduced->of_cap, (size_t)seen->number + 1,
                                   sizeof(*of_number));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (commands)
        reduced->commands = commands;
    if (of_number)
        reduced->of_number = of_number;
    if (!commands || !of_number)
        return OPK_E_NOMEM;
    status = opk_map_add(reduced->shapes, shape, &index, &is_new, NULL);
    if (status != OPK_OK)
        return status;
    commands[index] = (is_new ? 0 : commands[index]) + seen->tally.commands;
    while (reduced->of_count <= seen->number)
        of_number[reduced->of_count++] = 0;
    of_number[seen->number] = index;
    return OPK_OK;
}

static enum opk_status add_all(struct opk_reduced *reduced, const struct opk_words *words,
                               const struct opk_summary *summary)
{
    struct opk_buf shape = OPK_BUF_EMPTY;
    struct opk_walk *walk;
    struct opk_seen seen;
    enum opk_status status = opk_walk_new(summary, true, &walk, NULL);

    if (status != OPK_OK)
        return status;
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, NULL)) == OPK_OK) {
        reduce(words, seen.shape, &shape);
        status = shape.failed ? OPK_E_NOMEM : add(reduced, &seen, opk_buf_str(&shape));
    }
    opk_walk_free(walk);
    opk_buf_done(&shape);
    return status == OPK_END ? OPK_OK : status;
}

enum opk_status opk_reduced_new(const struct opk_summary *summary, const struct opk_words *words,
                                struct opk_reduced **out_reduced)
{
    struct opk_reduced *reduced = calloc(1, sizeof(*reduced));
    enum opk_status status = reduced ? OPK_OK : OPK_E_NOMEM;

    if (status == OPK_OK)
        status = opk_map_new(&reduced->shapes, NULL);
    if (status == OPK_OK && summary)
        status = add_all(reduced, words, summary);
    if (status == OPK_OK)
        *out_reduced = reduced;
    else
        opk_reduced_free(reduced);
    return status;
}

void opk_reduced_free(struct opk_reduced *reduced)
{
    if (!reduced)
        return;
    opk_map_free(reduced->shapes);
    free(reduced->commands);
    free(reduced->of_number);
    free(reduced);
}

uint32_t opk_reduced_count(const struct opk_reduced *reduced)
{
    return opk_map_count(reduced->shapes);
}

struct opk_str opk_reduced_shape(const struct opk_reduced *reduced, uint32_t index)
{
    return opk_map_key(reduced->shapes, index);
}

uint64_t opk_reduced_commands(const struct opk_reduced *reduced, uint32_t index)
{
    return reduced->commands[index];
}

uint32_t opk_reduced_of(const struct opk_reduced *reduced, uint32_t number)
{
    return reduced->of_number[number];
}

uint32_t opk_reduced_numbers(const struct opk_reduced *reduced)
{
    return reduced->of_count;
}

enum opk_status opk_reduced_show(const struct opk_reduced *reduced, const struct opk_words *words,
                                 const struct opk_options *options,
                                 struct opk_reduced_viewer viewer)
{
    struct opk_buf path = OPK_BUF_EMPTY;
    struct opk_parts parts; /* large: only what is read is set */
    enum opk_status status = OPK_OK;

    parts.path = &path;
    for (uint32_t i = 0; i < opk_map_count(reduced->shapes) && status == OPK_OK; i++) {
        struct opk_items items = OPK_ITEMS(opk_map_key(reduced->shapes, i));
        while (status == OPK_OK && opk_parts_next(&parts, words, options, &items))
            status = viewer.see(viewer.context, &parts, reduced->commands[i]);
    }
    if (path.failed)
        status = OPK_E_NOMEM;
    opk_buf_done(&path);
    return status;
}
