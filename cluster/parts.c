#include "cluster/parts.h"

#include "cluster/options.h"

/* Where words are still open, the next plain word may be one more operation word. */
struct reader {
    struct opk_parts *parts;
    const struct opk_words *words;
    const struct opk_options *options;
    bool open;
    size_t front_value; /* the operand at this place belongs to an option in front; else none */
};

#define NO_PLACE ((size_t)-1)

struct opk_str opk_part_class(const struct opk_part *part)
{
    return part->plain ? OPK_STR("word") : part->text;
}

bool opk_parts_is_signed(const struct opk_parts *parts, size_t at)
{
    return at < parts->count && parts->items[at].kind == OPK_PART_ATTACHED &&
           opk_str_eq(parts->items[at].text, OPK_STR("-"));
}

static bool extend_path(struct reader *r, struct opk_str word)
{
    struct opk_parts *parts = r->parts;
    uint32_t next;

    if (!r->open ||
        !opk_words_is_operation(r->words, parts->slot, opk_buf_str(parts->path), word, &next, NULL))
        return false;
    opk_buf_append_byte(parts->path, ' ');
    opk_buf_append(parts->path, word);
    parts->slot = next;
    return true;
}

static void add_part(struct reader *r, struct opk_part part)
{
    if (r->parts->count < OPK_SHAPE_ITEMS_MAX)
        r->parts->items[r->parts->count++] = part;
    else
        r->parts->rest = true;
}

static void add_operand(struct reader *r, struct opk_part part)
{
    if (r->front_value != r->parts->count)
        r->open = false;
    r->front_value = NO_PLACE;
    add_part(r, part);
}

/* Words stay open behind an option that is known to stand in front of operation words. */
static void add_option(struct reader *r, struct opk_part part)
{
    enum opk_option_front front = OPK_FRONT_NEVER;

    part.front = r->open;
    if (r->open)
        front = opk_options_front(r->options, r->parts->slot, r->parts->program, part.text);
    add_part(r, part);
    r->open = front != OPK_FRONT_NEVER;
    r->front_value =
        front == OPK_FRONT_VALUE && part.kind == OPK_PART_OPTION ? r->parts->count : NO_PLACE;
}

static void add_redirect(struct opk_parts *parts, struct opk_str sign, struct opk_str target)
{
    if (parts->redirect_count < OPK_SHAPE_ITEMS_MAX)
        parts->redirects[parts->redirect_count++] = (struct opk_redirect_part){sign, target};
}

static void begin(struct reader *r, struct opk_str program)
{
    struct opk_parts *parts = r->parts;

    parts->program = program;
    parts->program_slot = parts->slot = opk_words_program(r->words, program);
    opk_buf_clear(parts->path);
    opk_buf_append(parts->path, program);
    parts->rest = false;
    parts->count = parts->redirect_count = 0;
}

/* One item behind the program; value is the item behind that, which goes with some. */
static void read_item(struct reader *r, const struct opk_item *item, struct opk_str value)
{
    struct opk_part part = {.text = item->text, .value = value};

    switch (item->kind) {
    case OPK_ITEM_WORD:
        part.kind = OPK_PART_OPERAND;
        part.plain = true;
        if (r->front_value == r->parts->count || !extend_path(r, item->text))
            add_operand(r, part);
        break;
    case OPK_ITEM_CLASS:
        part.kind = OPK_PART_OPERAND;
        add_operand(r, part);
        break;
    case OPK_ITEM_OPTION:
        part.kind = OPK_PART_OPTION;
        add_option(r, part);
        break;
    case OPK_ITEM_ATTACHED:
        part.kind = OPK_PART_ATTACHED;
        add_option(r, part);
        break;
    case OPK_ITEM_REDIRECT:
        add_redirect(r->parts, item->text, value);
        break;
    case OPK_ITEM_REST:
        r->parts->rest = true;
        break;
    case OPK_ITEM_PROGRAM:
    case OPK_ITEM_WRAPPER:
    case OPK_ITEM_TOOL:
    case OPK_ITEM_KEY:
        break;
    }
}

bool opk_parts_next(struct opk_parts *parts, const struct opk_words *words,
                    const struct opk_options *options, struct opk_items *items)
{
    struct reader r = {
        .parts = parts, .words = words, .options = options, .open = true, .front_value = NO_PLACE};
    struct opk_item item;
    struct opk_items ahead;

    parts->wrapper = OPK_STR_EMPTY;
    do {
        if (!opk_items_next(items, &item))
            return false;
        if (item.kind == OPK_ITEM_WRAPPER)
            parts->wrapper = item.text;
    } while (item.kind != OPK_ITEM_PROGRAM);
    begin(&r, item.text);
    for (ahead = *items; opk_items_next(&ahead, &item); *items = ahead) {
        struct opk_item value = {.text = OPK_STR_EMPTY};
        if (item.kind == OPK_ITEM_PROGRAM || item.kind == OPK_ITEM_WRAPPER)
            break;
        if (item.kind == OPK_ITEM_ATTACHED || item.kind == OPK_ITEM_REDIRECT)
            (void)opk_items_next(&ahead, &value);
        read_item(&r, &item, value.text);
    }
    return true;
}
