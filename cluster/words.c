#include "cluster/words.h"

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

/*
 * How much dearer an argument is to repeat in a slot than an operation word, once and at most. That
 * is what one repeat among REPEATS_USUAL uses would cost; a slot whose arguments recur shows its
 * own rate of them when it has many more than REPEATS_AMONG uses.
 */
#define REPEAT_BITS      2.5
#define REPEAT_BITS_MOST 18.0
#define REPEATS_AMONG    30.0

/*
 * Repeats are no wonder, and that much cheaper, for a word that is an argument in other slots as
 * well, and makes up little of what this slot holds of arguments: one in USUAL_SHARE.
 */
#define USUAL_SPREAD 5.0
#define USUAL_SHARE  3.0

/* The words of a slot are values of one argument when that saves so many bits all in all. */
#define VALUES_BITS 30

/* Sums of bits are integers in this fraction, so that their order does not matter. */
#define FRACTION INT64_C(1024)

/* What it weighs that a table calls a slot's words operations: half as much after so many uses. */
#define HINT_BITS 24.0
#define HINT_USES 3000.0

/*
 * A word that names operations in other slots is no new word. Each program that has it behind
 * options speaks against BEHIND_SLOTS of those slots, and NAMED_BY_CHANCE of them prove nothing.
 */
#define BEHIND_SLOTS    4.0
#define NAMED_BY_CHANCE 2.0

/* A use that ends, or goes on with an option, is that much of one that goes on with an argument. */
#define ENDING_SHARE 0.2

/* Sessions are evidence in a slot that so many of them know. */
#define SESSIONS_MANY 3

/* Decisions settle within a few rounds; more change nothing. */
#define ROUNDS 9

#define NONE UINT32_MAX

/* A word in its place: also the slot of what stands behind it. */
struct node {
    uint32_t parent;   /* NONE for programs */
    uint32_t word;     /* index into words; programs have one as well */
    uint64_t count;    /* uses */
    uint64_t sessions; /* that they were in, as bits (opk_sketch_bits) */
    uint64_t impure;   /* uses whose next operand cannot be an operation word */
    uint64_t plain;    /* uses whose next operand is a plain word */
    uint32_t children;
    bool operation;
    bool has_globals;   /* a program with options that stand before its words, says a table */
    bool holds_values;  /* the slot behind it: its words were found to be values */
    enum opk_hint hint; /* of that slot */
    /* of the round before */
    uint64_t operations; /* children judged operation words */
    uint64_t arguments;  /* uses of children judged arguments */
    uint64_t repeats;    /* of those, all but the first of each child */
    int64_t saved;       /* bits, in fractions, when its operation words were values */
};

/* A word wherever it stands. */
struct word {
    uint64_t spread; /* slots in which it was judged an argument */
    uint64_t named;  /* slots in which it was judged an operation word */
    uint64_t behind; /* programs that have it behind options rather than in front of them */
};

/* The uses of a word in one slot. */
struct use {
    uint64_t count;
    uint64_t again;  /* uses that are repeats */
    uint64_t spread; /* other slots in which it was judged an argument */
    uint64_t named;  /* and an operation word */
    uint64_t behind; /* programs that have it behind options */
    bool argument;   /* here, in the round before */
};

struct opk_words {
    struct opk_map *places; /* parent index and word */
    struct node *nodes;     /* by index in places */
    size_t node_cap;
    struct opk_map *vocabulary;
    struct word *spreads; /* by index in vocabulary */
    size_t word_cap;
    struct opk_map *behind; /* program's index and word, of words behind options; while counting */
    uint64_t *behind_uses;  /* by index in behind */
    size_t behind_cap;
    uint64_t argument_types;  /* sum of all spreads, and of slots that hold impure operands */
    uint64_t operation_types; /* sum of all named */
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

void opk_words_free(struct opk_words *words)
{
    if (!words)
        return;
    opk_map_free(words->places);
    opk_map_free(words->vocabulary);
    opk_map_free(words->behind);
    free(words->nodes);
    free(words->spreads);
    free(words->behind_uses);
    opk_buf_done(&words->key);
    free(words);
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

static enum opk_status add_node(struct opk_words *words, uint32_t parent, struct opk_str word,
                                uint64_t count, uint32_t *out_node)
{
    void *nodes = words->nodes;
    void *spreads = words->spreads;
    uint32_t before = opk_map_count(words->places);
    char room[PLACE_KEY_MAX];
    uint32_t index;
    enum opk_status status = add_item(words->places, place_key(room, parent, word), &nodes,
                                      &words->node_cap, sizeof(*words->nodes), &index);

    words->nodes = nodes;
    if (status != OPK_OK)
        return status;
    if (index == before) {
        uint32_t word_index;
        status = add_item(words->vocabulary, word, &spreads, &words->word_cap,
                          sizeof(*words->spreads), &word_index);
        words->spreads = spreads;
        if (status != OPK_OK)
            return status;
        words->nodes[index].parent = parent;
        words->nodes[index].word = word_index;
        words->nodes[index].has_globals =
            parent == NONE && words->with_hints && opk_hint_has_globals(word);
        if (parent != NONE)
            words->nodes[parent].children++;
    }
    words->nodes[index].count += count;
    if (parent != NONE)
        words->nodes[parent].plain += count;
    *out_node = index;
    return OPK_OK;
}

/* Does an operand, whatever it is, come next? */
static bool operand_follows(struct opk_items items)
{
    struct opk_item next;

    return opk_items_next(&items, &next) &&
           (next.kind == OPK_ITEM_WORD || next.kind == OPK_ITEM_CLASS);
}

/* Past the value of an option that may stand before operation words; false for other options. */
static bool pass_global(const struct opk_words *words, uint32_t slot, const struct opk_item *option,
                        struct opk_items *items)
{
    struct opk_str program = opk_words_text(words, slot);
    struct opk_item value;

    if (!words->nodes[slot].has_globals || !opk_hint_is_global(program, option->text))
        return false;
    if (option->kind == OPK_ITEM_ATTACHED ||
        (operand_follows(*items) && opk_hint_takes_value(program, option->text)))
        (void)opk_items_next(items, &value);
    return true;
}

/* Where in a raw shape the count is. */
struct place {
    uint32_t program;
    uint32_t slot; /* NONE where no operation word can stand any more */
    bool behind;   /* an option of the program */
};

/* A word in a slot opens the next one. Behind an option it may be anything, but is noted. */
static enum opk_status count_word(struct opk_words *words, struct place *at, struct opk_str word,
                                  uint64_t count)
{
    char room[PLACE_KEY_MAX];
    void *uses = words->behind_uses;
    uint32_t index;
    enum opk_status status;

    if (at->slot != NONE)
        return add_node(words, at->slot, word, count, &at->slot);
    if (!at->behind)
        return OPK_OK;
    status = add_item(words->behind, place_key(room, at->program, word), &uses, &words->behind_cap,
                      sizeof(*words->behind_uses), &index);
    words->behind_uses = uses;
    if (status == OPK_OK)
        words->behind_uses[index] += count;
    return status;
}

/* Count the words of a raw shape, each in the slot in which it stands. */
static enum opk_status count_shape(struct opk_words *words, const struct opk_seen *seen)
{
    uint64_t count = seen->commands;
    struct opk_items items = OPK_ITEMS(seen->shape);
    struct opk_item item;
    struct place at = {NONE, NONE, false};
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && opk_items_next(&items, &item)) {
        switch (item.kind) {
        case OPK_ITEM_PROGRAM:
            at.behind = false;
            status = add_node(words, NONE, item.text, count, &at.slot);
            at.program = at.slot;
            break;
        case OPK_ITEM_WORD:
            status = count_word(words, &at, item.text, count);
            break;
        case OPK_ITEM_CLASS:
            if (at.slot != NONE)
                words->nodes[at.slot].impure += count;
            at.slot = NONE;
            break;
        case OPK_ITEM_OPTION:
        case OPK_ITEM_ATTACHED:
            if (at.slot != NONE && pass_global(words, at.program, &item, &items))
                break;
            at.behind = at.program != NONE;
            at.slot = NONE;
            break;
        case OPK_ITEM_TOOL:
            return OPK_OK;
        case OPK_ITEM_WRAPPER:
        case OPK_ITEM_REDIRECT:
        case OPK_ITEM_REST:
        case OPK_ITEM_KEY:
            at.slot = NONE;
            break;
        }
        if (status == OPK_OK && at.slot != NONE)
            words->nodes[at.slot].sessions |= seen->sessions;
    }
    return status;
}

/* In which programs does a word stand behind options more often than right behind the program? An
 * operation word does so where an option stands in front of it, which few of its uses have. */
static void count_behind(struct opk_words *words)
{
    for (uint32_t i = 0; i < opk_map_count(words->behind); i++) {
        struct opk_str key = opk_map_key(words->behind, i);
        uint64_t in_front = 0;
        uint32_t index;
        if (opk_map_find(words->places, key, &index))
            in_front = words->nodes[index].count;
        if (words->behind_uses[i] > in_front &&
            opk_map_find(words->vocabulary, opk_str_skip(key, sizeof(uint32_t)), &index))
            words->spreads[index].behind++;
    }
    opk_map_free(words->behind);
    words->behind = NULL;
}

void opk_words_path(const struct opk_words *words, uint32_t slot, struct opk_buf *out)
{
    uint32_t path[OPK_SHAPE_WORDS_MAX + 1];
    size_t depth = 0;

    for (; slot != NONE && depth < OPK_SHAPE_WORDS_MAX + 1; slot = words->nodes[slot].parent)
        path[depth++] = slot;
    opk_buf_clear(out);
    while (depth > 0) {
        opk_buf_append(out, opk_words_text(words, path[--depth]));
        if (depth > 0)
            opk_buf_append_byte(out, ' ');
    }
}

struct opk_str opk_words_text(const struct opk_words *words, uint32_t slot)
{
    return opk_map_key(words->vocabulary, words->nodes[slot].word);
}

uint32_t opk_words_root(const struct opk_words *words, uint32_t slot)
{
    while (words->nodes[slot].parent != NONE)
        slot = words->nodes[slot].parent;
    return slot;
}

/* Before the first round: words that recur are operations, and purity alone tells the rest. */
static void start(struct opk_words *words)
{
    uint32_t count = opk_map_count(words->places);

    for (uint32_t i = 0; i < count; i++) {
        struct node *node = &words->nodes[i];
        node->operation = true;
        /* Where the tables know a longer path, they know its beginning. */
        if (words->with_hints &&
            (node->parent == NONE || words->nodes[node->parent].hint == OPK_HINT_OPERATION)) {
            opk_words_path(words, i, &words->key);
            node->hint = opk_hint_words(opk_buf_str(&words->key));
        }
        if (node->parent != NONE && node->count > 1)
            words->nodes[node->parent].operations++;
        words->argument_types += node->impure > 0;
    }
}

static double log2_ratio(double part, double whole)
{
    return log2(part / whole);
}

/* The surprise of a word that so many types of all are, as far as was seen. */
static double surprise(double seen, double all)
{
    double rare = exp2(-WORD_BITS);
    double share = (seen + 50 * rare) / (all + 50);

    return seen > 0 && share > rare ? -log2(share) : WORD_BITS;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* How much of the full price an argument's repeats cost, from 0 to 1. */
static double wonder(const struct node *slot, double share, double spread)
{
    double foreign = USUAL_SPREAD / (USUAL_SPREAD + spread);
    double rich = slot->holds_values ? 0 : least(USUAL_SHARE * share, 1);

    return foreign > rich ? foreign : rich;
}

/* What all uses but the first cost as an argument more than as an operation word. */
static double weigh_repeats(const struct node *slot, const struct use *use)
{
    double uses = (double)use->count;
    double others = (double)(slot->impure + slot->arguments);
    double own = use->argument ? uses : 0;
    double again = (double)slot->repeats - (use->argument ? uses - 1 : 0);
    double usual = exp2(-REPEAT_BITS);
    double rate = (again + REPEATS_AMONG * usual) / (others - own + REPEATS_AMONG);
    double bits = least(REPEAT_BITS, -log2(rate));

    bits *= (double)use->again * wonder(slot, uses / (others + 1), (double)use->spread);
    return least(bits, REPEAT_BITS_MOST);
}

/* What the spelling of an operation word costs: less where other slots have it as one. */
static double weigh_name(const struct opk_words *words, const struct use *use)
{
    double named = (double)use->named - BEHIND_SLOTS * (double)use->behind - NAMED_BY_CHANCE;

    return surprise(named, (double)words->operation_types);
}

/* The bits of both explanations of the uses of a word in a slot. */
static void weigh(const struct opk_words *words, const struct node *slot, const struct use *use,
                  struct opk_word_reason *reason)
{
    double operands = (double)(slot->plain + slot->impure);
    double endings = (double)slot->count - operands;
    double total = operands + 1;
    double uses = (double)use->count;
    double new_word = log2_ratio((double)slot->operations + 0.5, total + ENDING_SHARE * endings);
    double argument =
        slot->holds_values ? 0 : log2_ratio((double)(slot->impure + slot->arguments) + 0.8, total);
    double share = use->count > 1 ? -(uses - 1) * log2_ratio(uses, total) : 0;
    double afresh = surprise((double)use->spread, (double)words->argument_types) - argument;

    reason->bits_operation = weigh_name(words, use) - new_word + share;
    reason->bits_argument = afresh + least(share + weigh_repeats(slot, use), (uses - 1) * afresh);
    if (slot->hint == OPK_HINT_OPERATION)
        reason->bits_argument += HINT_BITS * HINT_USES / (HINT_USES + operands);
    reason->operation =
        slot->hint != OPK_HINT_VALUE && reason->bits_operation < reason->bits_argument;
}

static uint64_t count_bits(uint64_t bits)
{
    uint64_t count = (uint64_t)__builtin_popcountll(bits);

    return count < OPK_BITS_MOST ? count : OPK_BITS_MOST;
}

/* In a session people stay with one thing: where many know the slot, a repeat is another session,
 * and all those within sessions are one. */
static uint64_t count_repeats(const struct opk_words *words, const struct node *node)
{
    uint64_t sessions = count_bits(node->sessions);

    if (count_bits(words->nodes[node->parent].sessions) < SESSIONS_MANY || sessions == 0)
        return node->count - 1;
    return sessions - 1 + (node->count > sessions);
}

/* A word does not speak for what it is itself. Before the first round none has named anything. */
static struct use use_of(const struct opk_words *words, const struct node *node)
{
    const struct word *word = &words->spreads[node->word];

    return (struct use){
        .count = node->count,
        .again = count_repeats(words, node),
        .spread = word->spread - (node->operation ? 0 : 1),
        .named = word->named - (node->operation && word->named > 0 ? 1 : 0),
        .behind = word->behind,
        .argument = !node->operation,
    };
}

/* Judge every word by the counts of the round before. Is any verdict another than it was? */
static bool judge_words(const struct opk_words *words, bool *verdicts)
{
    uint32_t count = opk_map_count(words->places);
    bool changed = false;

    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &words->nodes[i];
        struct opk_word_reason reason;
        verdicts[i] = true;
        if (node->parent == NONE)
            continue;
        struct use use = use_of(words, node);
        weigh(words, &words->nodes[node->parent], &use, &reason);
        verdicts[i] = reason.operation;
        changed = changed || verdicts[i] != node->operation;
    }
    return changed;
}

/*
 * Words that recur in a slot and nowhere else hold each other up as operation words, however
 * common they are as arguments of other slots. So a slot is judged as a whole as well: what would
 * all its operation words cost as the values of an argument? verdicts are those of judge_words.
 */
static bool judge_slots(struct opk_words *words, const bool *verdicts)
{
    uint32_t count = opk_map_count(words->places);
    bool changed = false;

    for (uint32_t i = 0; i < count; i++)
        words->nodes[i].saved = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &words->nodes[i];
        struct opk_word_reason reason;
        if (node->parent == NONE || (!verdicts[i] && !words->nodes[node->parent].holds_values))
            continue;
        struct use use = use_of(words, node);
        struct node slot = words->nodes[node->parent];
        reason.operation = verdicts[i];
        if (slot.holds_values) {
            slot.holds_values = false;
            weigh(words, &slot, &use, &reason);
        }
        if (!reason.operation)
            continue;
        slot.holds_values = true;
        use.again = use.count - 1;
        weigh(words, &slot, &use, &reason);
        words->nodes[node->parent].saved +=
            (int64_t)((reason.bits_operation - reason.bits_argument) * (double)FRACTION);
    }
    for (uint32_t i = 0; i < count; i++) {
        bool holds_values = words->nodes[i].saved > VALUES_BITS * FRACTION;
        changed = changed || holds_values != words->nodes[i].holds_values;
        words->nodes[i].holds_values = holds_values;
    }
    return changed;
}

/* One round: judge, then count again. False when the next would find the same. */
static bool judge(struct opk_words *words, bool *verdicts)
{
    uint32_t count = opk_map_count(words->places);
    bool words_changed = judge_words(words, verdicts);
    bool slots_changed = judge_slots(words, verdicts);

    for (uint32_t i = 0; i < opk_map_count(words->vocabulary); i++)
        words->spreads[i].spread = words->spreads[i].named = 0;
    words->argument_types = words->operation_types = 0;
    for (uint32_t i = 0; i < count; i++) {
        words->nodes[i].operation = verdicts[i];
        words->nodes[i].operations = 0;
        words->nodes[i].arguments = 0;
        words->nodes[i].repeats = 0;
        words->argument_types += words->nodes[i].impure > 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct node *node = &words->nodes[i];
        if (node->parent == NONE)
            continue;
        if (node->operation) {
            words->nodes[node->parent].operations++;
            words->spreads[node->word].named++;
            words->operation_types++;
        } else {
            words->nodes[node->parent].arguments += node->count;
            words->nodes[node->parent].repeats += node->count - 1;
            words->spreads[node->word].spread++;
            words->argument_types++;
        }
    }
    return words_changed || slots_changed;
}

static enum opk_status count_shapes(struct opk_words *words, const struct opk_summary *summary)
{
    struct opk_walk *walk;
    struct opk_seen seen;
    enum opk_status status = opk_walk_new(summary, true, &walk, NULL);

    if (status != OPK_OK)
        return status;
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, NULL)) == OPK_OK)
        status = count_shape(words, &seen);
    opk_walk_free(walk);
    return status == OPK_END ? OPK_OK : status;
}

static enum opk_status learn(struct opk_words *words, const struct opk_summary *summary)
{
    enum opk_status status = summary ? count_shapes(words, summary) : OPK_OK;

    if (status != OPK_OK)
        return status;
    bool *verdicts = calloc((size_t)opk_map_count(words->places) + 1, sizeof(*verdicts));
    if (!verdicts)
        return OPK_E_NOMEM;
    count_behind(words);
    start(words);
    for (unsigned round = 0; round < ROUNDS && judge(words, verdicts);)
        round++;
    free(verdicts);
    return words->key.failed ? OPK_E_NOMEM : OPK_OK;
}

enum opk_status opk_words_new(const struct opk_summary *summary, bool with_hints,
                              struct opk_words **out_words)
{
    struct opk_words *words = calloc(1, sizeof(*words));
    enum opk_status status = words ? OPK_OK : OPK_E_NOMEM;

    if (status == OPK_OK)
        status = opk_map_new(&words->places, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&words->vocabulary, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&words->behind, NULL);
    if (status == OPK_OK) {
        words->with_hints = with_hints;
        status = learn(words, summary);
    }
    if (status == OPK_OK)
        *out_words = words;
    else
        opk_words_free(words);
    return status;
}

static uint32_t find_node(const struct opk_words *words, uint32_t parent, struct opk_str word)
{
    char room[PLACE_KEY_MAX];
    uint32_t index = NONE;

    return opk_map_find(words->places, place_key(room, parent, word), &index) ? index : NONE;
}

uint32_t opk_words_program(const struct opk_words *words, struct opk_str program)
{
    return find_node(words, NONE, program);
}

bool opk_words_is_operation(const struct opk_words *words, uint32_t slot, struct opk_str path,
                            struct opk_str word, uint32_t *out_slot,
                            struct opk_word_reason *out_reason)
{
    static const struct node UNSEEN = {0};
    struct opk_word_reason reason = {0};
    uint32_t index = slot == NONE ? NONE : find_node(words, slot, word);
    const struct node *node = index == NONE ? NULL : &words->nodes[index];

    assert(slot == NONE || words->nodes); /* who has a slot has learnt one */
    struct node where = slot == NONE ? UNSEEN : words->nodes[slot];

    if (slot == NONE && words->with_hints)
        where.hint = opk_hint_words(path);
    *out_slot = index;
    if (!out_reason)
        return node ? node->operation : where.hint == OPK_HINT_OPERATION;
    struct use use = node ? use_of(words, node) : (struct use){.count = 1, .argument = true};
    weigh(words, &where, &use, &reason);
    reason.seen = node != NULL;
    reason.hint = where.hint;
    reason.count = node ? node->count : 0;
    reason.slot = where.plain + where.impure;
    reason.impure = where.impure;
    reason.words = where.children;
    reason.spread = use.spread;
    reason.named = use.named;
    reason.behind = use.behind;
    reason.operation = node ? node->operation : where.hint == OPK_HINT_OPERATION;
    *out_reason = reason;
    return reason.operation;
}

uint32_t opk_words_count(const struct opk_words *words)
{
    return opk_map_count(words->places);
}
