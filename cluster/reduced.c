#include "cluster/reduced.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/parallel.h"

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

/* Add a raw shape's commands to its reduced shape, whose index it gives. */
static enum opk_status add_shape(struct opk_reduced *reduced, struct opk_str shape,
                                 uint64_t commands, uint32_t *out_index)
{
    uint64_t *grown = opk_grow(reduced->commands, &reduced->command_cap,
                               (size_t)opk_map_count(reduced->shapes) + 1, sizeof(*grown));
    enum opk_status status;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    reduced->commands = grown;
    status = opk_map_add(reduced->shapes, shape, out_index, &is_new, NULL);
    if (status == OPK_OK)
        grown[*out_index] = (is_new ? 0 : grown[*out_index]) + commands;
    return status;
}

static enum opk_status set_number(struct opk_reduced *reduced, uint32_t number, uint32_t index)
{
    uint32_t *grown =
        opk_grow(reduced->of_number, &reduced->of_cap, (size_t)number + 1, sizeof(*grown));

    if (!grown)
        return OPK_E_NOMEM;
    reduced->of_number = grown;
    while (reduced->of_count <= number)
        grown[reduced->of_count++] = 0;
    grown[number] = index;
    return OPK_OK;
}

/* One of the parts in which a summary is reduced, each by a thread. */
struct part {
    const struct opk_summary *summary;
    const struct opk_words *words;
    size_t index;
    size_t count;
    struct opk_reduced *reduced; /* owned; raw shapes are numbered from the part's first one on */
    enum opk_status status;
};

static enum opk_status reduce_part(struct part *part)
{
    struct opk_buf shape = OPK_BUF_EMPTY;
    struct opk_walk *walk;
    struct opk_seen seen;
    uint32_t first = UINT32_MAX;
    uint32_t index;
    enum opk_status status = opk_walk_new(part->summary, true, &walk, NULL);

    if (status != OPK_OK)
        return status;
    opk_walk_part(walk, part->index, part->count);
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, NULL)) == OPK_OK) {
        if (first == UINT32_MAX)
            first = part->count > 1 ? seen.number : 0;
        reduce(part->words, seen.shape, &shape);
        status = shape.failed
                     ? OPK_E_NOMEM
                     : add_shape(part->reduced, opk_buf_str(&shape), seen.commands, &index);
        if (status == OPK_OK)
            status = set_number(part->reduced, seen.number - first, index);
    }
    opk_walk_free(walk);
    opk_buf_done(&shape);
    return status == OPK_END ? OPK_OK : status;
}

static void *run_part(void *item)
{
    struct part *part = item;

    part->reduced = calloc(1, sizeof(*part->reduced));
    part->status = part->reduced ? opk_map_new(&part->reduced->shapes, NULL) : OPK_E_NOMEM;
    if (part->status == OPK_OK && part->summary)
        part->status = reduce_part(part);
    return NULL;
}

/* Add what a part has; its raw shapes come behind those of the parts before. */
static enum opk_status join(struct opk_reduced *into, const struct opk_reduced *from)
{
    const uint32_t count = opk_map_count(from->shapes);
    const uint32_t first = into->of_count;
    uint32_t *places = calloc((size_t)count + 1, sizeof(*places));
    enum opk_status status = places ? OPK_OK : OPK_E_NOMEM;

    for (uint32_t i = 0; i < count && status == OPK_OK; i++)
        status = add_shape(into, opk_map_key(from->shapes, i), from->commands[i], &places[i]);
    for (uint32_t i = 0; i < from->of_count && status == OPK_OK; i++)
        status = set_number(into, first + i, places[from->of_number[i]]);
    free(places);
    return status;
}

enum opk_status opk_reduced_new(const struct opk_summary *summary, const struct opk_words *words,
                                struct opk_reduced **out_reduced)
{
    const size_t count = summary ? opk_summary_jobs(summary) : 1;
    struct part *parts = calloc(count, sizeof(*parts));
    enum opk_status status = OPK_OK;

    if (!parts)
        return OPK_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct part){summary, words, i, count, NULL, OPK_OK};
    opk_parallel(run_part, parts, count, sizeof(*parts));
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = parts[i].status;
    for (size_t i = 1; i < count && status == OPK_OK; i++)
        status = join(parts[0].reduced, parts[i].reduced);
    if (status == OPK_OK) {
        *out_reduced = parts[0].reduced;
        parts[0].reduced = NULL;
    }
    for (size_t i = 0; i < count; i++)
        opk_reduced_free(parts[i].reduced);
    free(parts);
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
