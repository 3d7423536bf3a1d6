#include "cluster/learn.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "cluster/shape.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The surprise of a word that was never seen before, and of the rarest argument. */
#define WORD_BITS 18.0

/* How much dearer an argument is to repeat in a slot than an operation word. */
#define REPEAT_BITS 2.5

/* What it weighs that a table calls a slot's words operations. */
#define HINT_BITS 24.0

/* Decisions settle within a few rounds; more change nothing. */
#define ROUNDS 6

/* An option must be seen this often before the log alone says that it takes a value. */
#define OPTION_USES_MIN 3

#define NONE UINT32_MAX

/* A word in its place: also the slot of what stands behind it. */
struct node {
    uint32_t parent; /* NONE for programs */
    uint32_t word;   /* index into words; programs have one as well */
    uint64_t count;  /* uses */
    uint64_t impure; /* uses whose next operand cannot be an operation word */
    uint64_t plain;  /* uses whose next operand is a plain word */
    uint32_t children;
    bool operation;
    enum opk_hint hint; /* of the slot behind it */
    /* of the round before */
    uint64_t operations; /* children judged operation words */
    uint64_t arguments;  /* uses of children judged arguments */
};

/* A word wherever it stands. */
struct word {
    uint64_t spread; /* slots in which it was judged an argument */
};

struct option {
    uint64_t uses;
    uint64_t followed; /* by something that is no option */
    uint64_t attached;
};

struct opk_model {
    struct opk_map *places; /* parent index and word */
    struct node *nodes;     /* by index in places */
    size_t node_cap;
    struct opk_map *vocabulary;
    struct word *words; /* by index in vocabulary */
    size_t word_cap;
    struct opk_map *options; /* program, newline, option */
    struct option *option_uses;
    size_t option_cap;
    uint64_t argument_types; /* sum of all spreads, and of slots that hold impure operands */
    bool with_hints;
    struct opk_buf key;
};

/* Room for a place's key: words, program names and class names are all shorter. */
#define PLACE_KEY_MAX 80

static struct opk_str place_key(char room[PLACE_KEY_MAX], uint32_t parent, struct opk_str word)
{
    size_t len =
        word.len < PLACE_KEY_MAX - sizeof(parent) ? word.len : PLACE_KEY_MAX - sizeof(parent);

    memcpy(room, &parent, sizeof(parent));
    memcpy(room + sizeof(parent), word.data, len);
    return (struct opk_str){room, sizeof(parent) + len};
}

static struct opk_str option_key(struct opk_buf *room, struct opk_str program,
                                 struct opk_str option)
{
    opk_buf_clear(room);
    opk_buf_append(room, program);
    opk_buf_append_byte(room, '\n');
    opk_buf_append(room, option);
    return opk_buf_str(room);
}

void opk_model_free(struct opk_model *model)
{
    if (!model)
        return;
    opk_map_free(model->places);
    opk_map_free(model->vocabulary);
    opk_map_free(model->options);
    free(model->nodes);
    free(model->words);
    free(model->option_uses);
    opk_buf_done(&model->key);
    free(model);
}

/* Add a key to a map that has an array of items beside it; a new item is zeroed. */
static enum opk_status add_item(struct opk_map *map, struct opk_str key, void **items, size_t *cap,
                                size_t size, uint32_t *out_index)
{
    void *grown = opk_grow(*items, cap, (size_t)opk_map_count(map) + 1, size);
    enum opk_status status;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    *items = grown;
    status = opk_map_add(map, key, out_index, &is_new, NULL);
    if (status == OPK_OK && is_new)
        memset((char *)grown + (size_t)*out_index * size, 0, size);
    return status;
}

static enum opk_status add_node(struct opk_model *model, uint32_t parent, struct opk_str word,
                                uint64_t count, uint32_t *out_node)
{
    void *nodes = model->nodes;
    void *words = model->words;
    uint32_t before = opk_map_count(model->places);
    char room[PLACE_KEY_MAX];
    uint32_t index;
    enum opk_status status = add_item(model->places, place_key(room, parent, word), &nodes,
                                      &model->node_cap, sizeof(*model->nodes), &index);

    model->nodes = nodes;
    if (status != OPK_OK)
        return status;
    if (index == before) {
        uint32_t word_index;
        status = add_item(model->vocabulary, word, &words, &model->word_cap, sizeof(*model->words),
                          &word_index);
        model->words = words;
        if (status != OPK_OK)
            return status;
        model->nodes[index].parent = parent;
        model->nodes[index].word = word_index;
        if (parent != NONE)
            model->nodes[parent].children++;
    }
    model->nodes[index].count += count;
    if (parent != NONE)
        model->nodes[parent].plain += count;
    *out_node = index;
    return OPK_OK;
}

static enum opk_status count_option(struct opk_model *model, struct opk_str program,
                                    const struct opk_item *item, bool followed, uint64_t count)
{
    void *options = model->option_uses;
    uint32_t index;
    enum opk_status status =
        add_item(model->options, option_key(&model->key, program, item->text), &options,
                 &model->option_cap, sizeof(*model->option_uses), &index);

    model->option_uses = options;
    if (status != OPK_OK)
        return status;
    model->option_uses[index].uses += count;
    model->option_uses[index].followed += followed ? count : 0;
    model->option_uses[index].attached += item->kind == OPK_ITEM_ATTACHED ? count : 0;
    return model->key.failed ? OPK_E_NOMEM : OPK_OK;
}

/* Does an operand, whatever it is, come next? */
static bool operand_follows(struct opk_items items)
{
    struct opk_item next;

    return opk_items_next(&items, &next) &&
           (next.kind == OPK_ITEM_WORD || next.kind == OPK_ITEM_CLASS);
}

/* Past the value of an option that may stand before operation words; false for other options. */
static bool pass_global(const struct opk_model *model, struct opk_str program,
                        const struct opk_item *option, struct opk_items *items)
{
    struct opk_item value;

    if (!model->with_hints || !opk_hint_is_global(program, option->text))
        return false;
    if (option->kind == OPK_ITEM_ATTACHED ||
        (operand_follows(*items) && opk_hint_takes_value(program, option->text)))
        (void)opk_items_next(items, &value);
    return true;
}

/* Count the options of a raw shape, and the words that stand right behind its programs. */
static enum opk_status count_shape(struct opk_model *model, struct opk_str raw, uint64_t count)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_item item;
    struct opk_str program = OPK_STR_EMPTY;
    uint32_t node = NONE;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && opk_items_next(&items, &item)) {
        switch (item.kind) {
        case OPK_ITEM_PROGRAM:
            program = item.text;
            status = add_node(model, NONE, program, count, &node);
            break;
        case OPK_ITEM_WORD:
            if (node != NONE)
                status = add_node(model, node, item.text, count, &node);
            break;
        case OPK_ITEM_CLASS:
            if (node != NONE)
                model->nodes[node].impure += count;
            node = NONE;
            break;
        case OPK_ITEM_OPTION:
        case OPK_ITEM_ATTACHED:
            status = count_option(model, program, &item, operand_follows(items), count);
            if (!pass_global(model, program, &item, &items))
                node = NONE;
            break;
        case OPK_ITEM_TOOL:
            return OPK_OK;
        case OPK_ITEM_WRAPPER:
        case OPK_ITEM_REDIRECT:
        case OPK_ITEM_REST:
        case OPK_ITEM_KEY:
            node = NONE;
            break;
        }
    }
    return status;
}

/* The words up to a node, joined by blanks. */
static void write_path(const struct opk_model *model, uint32_t node, struct opk_buf *out)
{
    uint32_t path[OPK_SHAPE_WORDS_MAX + 1];
    size_t depth = 0;

    for (; node != NONE && depth < OPK_SHAPE_WORDS_MAX + 1; node = model->nodes[node].parent)
        path[depth++] = node;
    opk_buf_clear(out);
    while (depth > 0) {
        opk_buf_append(out, opk_map_key(model->vocabulary, model->nodes[path[--depth]].word));
        if (depth > 0)
            opk_buf_append_byte(out, ' ');
    }
}

/* Before the first round: words that recur are operations, and purity alone tells the rest. */
static void start(struct opk_model *model)
{
    uint32_t count = opk_map_count(model->places);

    for (uint32_t i = 0; i < count; i++) {
        struct node *node = &model->nodes[i];
        node->operation = true;
        if (model->with_hints) {
            write_path(model, i, &model->key);
            node->hint = opk_hint_words(opk_buf_str(&model->key));
        }
        if (node->parent != NONE && node->count > 1)
            model->nodes[node->parent].operations++;
        model->argument_types += node->impure > 0;
    }
}

static double log2_ratio(double part, double whole)
{
    return log2(part / whole);
}

/* The bits of both explanations of count uses of a word in a slot. */
static void weigh(const struct opk_model *model, const struct node *slot, uint64_t count,
                  uint64_t spread, struct opk_word_reason *reason)
{
    double total = (double)(slot->plain + slot->impure) + 1;
    double uses = (double)count;
    double new_word = log2_ratio((double)slot->operations + 0.5, total);
    double argument = log2_ratio((double)(slot->impure + slot->arguments) + 0.8, total);
    double rare = exp2(-WORD_BITS);
    double this_word = ((double)spread + 50 * rare) / ((double)model->argument_types + 50);

    if (this_word < rare)
        this_word = rare;
    reason->bits_operation = WORD_BITS - new_word - (uses - 1) * log2_ratio(uses, total);
    double afresh = -argument - log2(this_word);
    double again = REPEAT_BITS - log2_ratio(uses, total);
    reason->bits_argument = afresh + (uses - 1) * (again < afresh ? again : afresh);
    if (slot->hint == OPK_HINT_OPERATION)
        reason->bits_argument += HINT_BITS;
    reason->operation =
        slot->hint != OPK_HINT_VALUE && reason->bits_operation < reason->bits_argument;
}

/* The word itself does not speak for its being an argument elsewhere. */
static uint64_t spread_elsewhere(const struct opk_model *model, const struct node *node)
{
    uint64_t spread = model->words[node->word].spread;

    return node->operation || spread == 0 ? spread : spread - 1;
}

/* One round: judge every word by the counts of the round before, then count again. */
static void judge(struct opk_model *model, bool *verdicts)
{
    uint32_t count = opk_map_count(model->places);

    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &model->nodes[i];
        struct opk_word_reason reason;
        verdicts[i] = true;
        if (node->parent == NONE)
            continue;
        weigh(model, &model->nodes[node->parent], node->count, spread_elsewhere(model, node),
              &reason);
        verdicts[i] = reason.operation;
    }
    for (uint32_t i = 0; i < opk_map_count(model->vocabulary); i++)
        model->words[i].spread = 0;
    model->argument_types = 0;
    for (uint32_t i = 0; i < count; i++) {
        model->nodes[i].operation = verdicts[i];
        model->nodes[i].operations = 0;
        model->nodes[i].arguments = 0;
        model->argument_types += model->nodes[i].impure > 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &model->nodes[i];
        if (node->parent == NONE)
            continue;
        if (node->operation) {
            model->nodes[node->parent].operations++;
        } else {
            model->nodes[node->parent].arguments += node->count;
            model->words[node->word].spread++;
            model->argument_types++;
        }
    }
}

static enum opk_status count_shapes(struct opk_model *model, const struct opk_summary *summary)
{
    struct opk_walk *walk;
    struct opk_seen seen;
    enum opk_status status = opk_walk_new(summary, true, &walk, NULL);

    if (status != OPK_OK)
        return status;
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, NULL)) == OPK_OK)
        status = count_shape(model, seen.shape, seen.tally.commands);
    opk_walk_free(walk);
    return status == OPK_END ? OPK_OK : status;
}

static enum opk_status learn(struct opk_model *model, const struct opk_summary *summary)
{
    enum opk_status status = summary ? count_shapes(model, summary) : OPK_OK;

    if (status != OPK_OK)
        return status;
    bool *verdicts = calloc((size_t)opk_map_count(model->places) + 1, sizeof(*verdicts));
    if (!verdicts)
        return OPK_E_NOMEM;
    start(model);
    for (unsigned round = 0; round < ROUNDS; round++)
        judge(model, verdicts);
    free(verdicts);
    return model->key.failed ? OPK_E_NOMEM : OPK_OK;
}

enum opk_status opk_model_new(const struct opk_summary *summary, bool with_hints,
                              struct opk_model **out_model, struct opk_err *err)
{
    struct opk_model *model = calloc(1, sizeof(*model));
    enum opk_status status = model ? OPK_OK : OPK_E_NOMEM;

    if (status == OPK_OK)
        status = opk_map_new(&model->places, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&model->vocabulary, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&model->options, NULL);
    if (status == OPK_OK) {
        model->with_hints = with_hints;
        status = learn(model, summary);
    }
    if (status == OPK_OK) {
        *out_model = model;
        return OPK_OK;
    }
    opk_model_free(model);
    return status == OPK_E_LIMIT
               ? opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more distinct words than can be counted")
               : opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to learn operation words");
}

static uint32_t find_node(const struct opk_model *model, uint32_t parent, struct opk_str word)
{
    char room[PLACE_KEY_MAX];
    uint32_t index = NONE;

    return opk_map_find(model->places, place_key(room, parent, word), &index) ? index : NONE;
}

uint32_t opk_model_program(const struct opk_model *model, struct opk_str program)
{
    return find_node(model, NONE, program);
}

bool opk_model_is_operation(const struct opk_model *model, uint32_t slot, struct opk_str path,
                            struct opk_str word, uint32_t *out_slot,
                            struct opk_word_reason *out_reason)
{
    static const struct node UNSEEN = {0};
    struct opk_word_reason reason = {0};
    uint32_t index = slot == NONE ? NONE : find_node(model, slot, word);
    const struct node *node = index == NONE ? NULL : &model->nodes[index];
    struct node where = slot == NONE ? UNSEEN : model->nodes[slot];

    where.hint = model->with_hints ? opk_hint_words(path) : OPK_HINT_NONE;
    weigh(model, &where, node ? node->count : 1, node ? spread_elsewhere(model, node) : 0, &reason);
    reason.seen = node != NULL;
    reason.hint = where.hint;
    reason.count = node ? node->count : 0;
    reason.slot = where.plain + where.impure;
    reason.impure = where.impure;
    reason.words = where.children;
    reason.spread = node ? spread_elsewhere(model, node) : 0;
    reason.operation = node ? node->operation : where.hint == OPK_HINT_OPERATION;
    *out_slot = index;
    if (out_reason)
        *out_reason = reason;
    return reason.operation;
}

static const struct option *find_option(const struct opk_model *model, struct opk_str program,
                                        struct opk_str option)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    uint32_t index;
    bool found;

    (void)option_key(&key, program, option);
    found = !key.failed && opk_map_find(model->options, opk_buf_str(&key), &index);
    opk_buf_done(&key);
    return found ? &model->option_uses[index] : NULL;
}

bool opk_model_takes_value(const struct opk_model *model, struct opk_str program,
                           struct opk_str option)
{
    const struct option *uses;

    if (model->with_hints && opk_hint_takes_value(program, option))
        return true;
    uses = find_option(model, program, option);
    return uses &&
           (uses->attached > 0 || (uses->uses >= OPTION_USES_MIN && uses->followed == uses->uses));
}

bool opk_model_has_option(const struct opk_model *model, struct opk_str program,
                          struct opk_str option)
{
    return find_option(model, program, option) != NULL;
}

bool opk_model_has_hints(const struct opk_model *model)
{
    return model->with_hints;
}
