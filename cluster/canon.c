#include "cluster/canon.h"

#include "cluster/hints.h"
#include "cluster/shape.h"

#include <string.h>

/* Bundles longer than this are options of one name (-verbose). */
#define BUNDLE_MAX 6

/* A bundle becomes several options. */
#define OPTIONS_MAX (OPK_SHAPE_ITEMS_MAX + OPK_SHAPE_ITEMS_MAX * BUNDLE_MAX)

struct option {
    struct opk_str name;
    char letter;          /* from a bundle: the name is '-' and this */
    struct opk_str value; /* a class; empty when it takes none */
};

/* One simple command, taken apart. */
struct simple {
    const struct opk_model *model;
    struct opk_str wrapper; /* shown in front, or empty */
    struct opk_str program;
    struct opk_buf *path; /* operation words */
    uint32_t slot;        /* behind them */
    bool open;            /* the next word may be one more */
    bool rest;
    struct option options[OPTIONS_MAX];
    size_t option_count;
    struct opk_str operands[OPK_SHAPE_ITEMS_MAX];
    size_t operand_count;
    struct opk_item redirects[OPK_SHAPE_ITEMS_MAX]; /* sign, then class */
    size_t redirect_count;
};

static const struct opk_str WORD = OPK_STR_INIT("word");

static bool extend_path(struct simple *s, struct opk_str word)
{
    uint32_t next;

    if (!s->open ||
        !opk_model_is_operation(s->model, s->slot, opk_buf_str(s->path), word, &next, NULL))
        return false;
    opk_buf_append_byte(s->path, ' ');
    opk_buf_append(s->path, word);
    s->slot = next;
    return true;
}

static void add_operand(struct simple *s, struct opk_str word_class)
{
    s->open = false;
    if (s->operand_count < OPK_SHAPE_ITEMS_MAX)
        s->operands[s->operand_count++] = word_class;
}

static void add_option(struct simple *s, struct option option)
{
    if (s->option_count < OPTIONS_MAX)
        s->options[s->option_count++] = option;
}

/* -xzf is -x -z -f where the program bundles, or each letter was seen alone. */
static bool is_bundle(const struct simple *s, struct opk_str name)
{
    if (name.len < 3 || name.len > BUNDLE_MAX + 1 || name.data[1] == '-')
        return false;
    for (size_t i = 1; i < name.len; i++) {
        if (!opk_is_alpha(name.data[i]))
            return false;
    }
    if (opk_model_has_hints(s->model) && opk_hint_bundles(s->program))
        return true;
    for (size_t i = 1; i < name.len; i++) {
        char letter[2] = {'-', name.data[i]};
        if (!opk_model_has_option(s->model, s->program, (struct opk_str){letter, 2}))
            return false;
    }
    return true;
}

static bool is_operand(const struct opk_item *item)
{
    return item->kind == OPK_ITEM_WORD || item->kind == OPK_ITEM_CLASS;
}

/* The value that an option takes from the item behind it; empty when it takes none. */
static struct opk_str option_value(const struct simple *s, struct opk_str name,
                                   const struct opk_item *next)
{
    if (!next || !is_operand(next) || !opk_model_takes_value(s->model, s->program, name))
        return OPK_STR_EMPTY;
    return next->kind == OPK_ITEM_WORD ? WORD : next->text;
}

/* Behind an option no word names an operation, unless the option is known to stand in front. */
static void keep_open(struct simple *s, struct opk_str name)
{
    s->open = s->open && opk_model_has_hints(s->model) && opk_hint_is_global(s->program, name);
}

/* Returns whether the next item was taken as a value. */
static bool read_option(struct simple *s, struct opk_str name, const struct opk_item *next)
{
    char last[2] = {'-', name.data[name.len - 1]};

    keep_open(s, name);
    if (!is_bundle(s, name)) {
        struct option option = {name, '\0', option_value(s, name, next)};
        add_option(s, option);
        return option.value.len > 0;
    }
    for (size_t i = 1; i + 1 < name.len; i++)
        add_option(s, (struct option){OPK_STR_EMPTY, name.data[i], OPK_STR_EMPTY});
    struct option option = {OPK_STR_EMPTY, last[1],
                            option_value(s, (struct opk_str){last, 2}, next)};
    add_option(s, option);
    return option.value.len > 0;
}

/* A letter's own name lies in this table: "-a" to "-z", "-A" to "-Z". */
static struct opk_str option_name(const struct option *option)
{
    static const char LETTERS[] = "-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z"
                                  "-A-B-C-D-E-F-G-H-I-J-K-L-M-N-O-P-Q-R-S-T-U-V-W-X-Y-Z";
    char c = option->letter;

    if (c == '\0')
        return option->name;
    size_t at = opk_is_lower(c) ? (size_t)(c - 'a') : (size_t)(c - 'A') + 26;
    return (struct opk_str){LETTERS + at * 2, 2};
}

static int compare_options(const struct option *a, const struct option *b)
{
    int order = opk_str_cmp(option_name(a), option_name(b));

    return order != 0 ? order : opk_str_cmp(a->value, b->value);
}

/* Canonical names and order; few options, so insertion is enough. Equal ones stand once. */
static void sort_options(struct simple *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->option_count; i++) {
        struct option option = s->options[i];
        size_t at = count;
        if (opk_model_has_hints(s->model))
            option.name = opk_hint_synonym(opk_buf_str(s->path), option_name(&option));
        else
            option.name = option_name(&option);
        option.letter = '\0';
        while (at > 0 && compare_options(&option, &s->options[at - 1]) < 0)
            at--;
        if (at > 0 && compare_options(&option, &s->options[at - 1]) == 0)
            continue;
        memmove(&s->options[at + 1], &s->options[at], (count - at) * sizeof(option));
        s->options[at] = option;
        count++;
    }
    s->option_count = count;
}

static void write_class(struct opk_buf *out, struct opk_str word_class)
{
    opk_buf_append_byte(out, '<');
    opk_buf_append(out, word_class);
    opk_buf_append_byte(out, '>');
}

static void write_simple(struct simple *s, struct opk_buf *out)
{
    if (s->wrapper.len > 0) {
        opk_buf_append(out, s->wrapper);
        opk_buf_append_byte(out, ' ');
    }
    opk_buf_append(out, opk_buf_str(s->path));
    for (size_t i = 0; i < s->option_count; i++) {
        opk_buf_append_byte(out, ' ');
        opk_buf_append(out, s->options[i].name);
        if (s->options[i].value.len > 0) {
            if (s->options[i].name.len > 1) /* "-5" is "-<number>" */
                opk_buf_append_byte(out, ' ');
            write_class(out, s->options[i].value);
        }
    }
    for (size_t i = 0; i < s->operand_count; i++) {
        bool repeats = false;
        opk_buf_append_byte(out, ' ');
        write_class(out, s->operands[i]);
        while (i + 1 < s->operand_count && opk_str_eq(s->operands[i], s->operands[i + 1])) {
            repeats = true;
            i++;
        }
        if (repeats)
            opk_buf_append_cstr(out, "\xE2\x80\xA6");
    }
    for (size_t i = 0; i + 1 < s->redirect_count; i += 2) {
        opk_buf_append_byte(out, ' ');
        opk_buf_append(out, s->redirects[i].text);
        opk_buf_append_byte(out, ' ');
        write_class(out, s->redirects[i + 1].text);
    }
    if (s->rest)
        opk_buf_append_cstr(out, " \xE2\x80\xA6");
}

static void begin(struct simple *s, struct opk_str program)
{
    s->program = program;
    s->slot = opk_model_program(s->model, program);
    s->open = true;
    s->rest = false;
    s->option_count = s->operand_count = s->redirect_count = 0;
    opk_buf_clear(s->path);
    opk_buf_append(s->path, program);
}

/* One item behind the program; returns whether the one behind it was taken as well. */
static bool read_item(struct simple *s, const struct opk_item *item, const struct opk_item *next)
{
    switch (item->kind) {
    case OPK_ITEM_WORD:
        if (!extend_path(s, item->text))
            add_operand(s, WORD);
        return false;
    case OPK_ITEM_CLASS:
        add_operand(s, item->text);
        return false;
    case OPK_ITEM_OPTION:
        return read_option(s, item->text, next);
    case OPK_ITEM_ATTACHED:
        keep_open(s, item->text);
        add_option(s, (struct option){item->text, '\0', next ? next->text : OPK_STR_EMPTY});
        return next != NULL;
    case OPK_ITEM_REDIRECT:
        if (next && s->redirect_count + 2 <= OPK_SHAPE_ITEMS_MAX) {
            s->redirects[s->redirect_count++] = *item;
            s->redirects[s->redirect_count++] = *next;
        }
        return next != NULL;
    case OPK_ITEM_REST:
        s->rest = true;
        return false;
    case OPK_ITEM_PROGRAM:
    case OPK_ITEM_WRAPPER:
    case OPK_ITEM_TOOL:
    case OPK_ITEM_KEY:
        break;
    }
    return false;
}

static enum opk_kind_type write_tool(struct opk_items items, struct opk_str name,
                                     struct opk_buf *signature, struct opk_buf *shape)
{
    struct opk_item item;

    opk_buf_append_cstr(signature, "tool:");
    opk_buf_append(signature, name);
    opk_buf_append_cstr(shape, "tool:");
    opk_buf_append(shape, name);
    while (opk_items_next(&items, &item)) {
        if (item.kind == OPK_ITEM_KEY) {
            opk_buf_append_byte(shape, ' ');
            opk_buf_append(shape, item.text);
            opk_buf_append_byte(shape, '=');
        } else {
            write_class(shape, item.text);
        }
    }
    return OPK_KIND_TOOL;
}

/* Finish the simple command that was read, when there is one. */
static void finish(struct simple *s, size_t number, struct opk_buf *signature,
                   struct opk_buf *shape)
{
    if (number == 0)
        return;
    sort_options(s);
    if (number > 1) {
        opk_buf_append_cstr(signature, " | ");
        opk_buf_append_cstr(shape, " | ");
    }
    if (s->wrapper.len > 0) {
        opk_buf_append(signature, s->wrapper);
        opk_buf_append_byte(signature, ' ');
    }
    opk_buf_append(signature, opk_buf_str(s->path));
    write_simple(s, shape);
    s->wrapper = OPK_STR_EMPTY;
}

enum opk_kind_type opk_canon_write(const struct opk_model *model, struct opk_str raw,
                                   struct opk_buf *signature, struct opk_buf *shape)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_buf path = OPK_BUF_EMPTY;
    struct opk_str wrapper = OPK_STR_EMPTY;
    struct opk_item item;
    struct simple s; /* large: only what begin() sets is read */
    size_t number = 0;

    s.model = model;
    s.path = &path;
    s.wrapper = OPK_STR_EMPTY;
    while (opk_items_next(&items, &item)) {
        struct opk_items ahead = items;
        struct opk_item next;
        bool has_next = opk_items_next(&ahead, &next);
        if (item.kind == OPK_ITEM_TOOL)
            return write_tool(items, item.text, signature, shape);
        if (item.kind == OPK_ITEM_WRAPPER) {
            wrapper = item.text;
        } else if (item.kind == OPK_ITEM_PROGRAM) {
            finish(&s, number++, signature, shape);
            s.wrapper = wrapper;
            wrapper = OPK_STR_EMPTY;
            begin(&s, item.text);
        } else if (number > 0 && read_item(&s, &item, has_next ? &next : NULL)) {
            items = ahead;
        }
    }
    finish(&s, number, signature, shape);
    signature->failed = signature->failed || path.failed;
    opk_buf_done(&path);
    return number > 1 ? OPK_KIND_PIPELINE : OPK_KIND_COMMAND;
}
