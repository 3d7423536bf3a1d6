#include "cluster/slots.h"

#include "base/map.h"
#include "base/mem.h"
#include "cluster/reduced.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* More operands than this: the first, the last, and all between. */
#define OPERAND_PLACES 3

/* A family stays apart when it has one value of so many, and at least a few. */
#define APART_SHARE 3
#define APART_MIN   5

/* A redirection is shown when one command of so many has it, a single one not counted. */
#define REDIRECT_SHARE 4

/* Classes that a slot may mix without meaning two things. */
enum family {
    FAMILY_TOKEN,
    FAMILY_PATH,
    FAMILY_HOST,
    FAMILY_TEXT,
    FAMILY_URL,
    FAMILY_PAIR,
    FAMILY_OWN, /* classes of opk.yaml, and whatever else stands for itself */
    FAMILY_ANY, /* says nothing: takes the class of the others */
    FAMILIES,
};

/* One class of a family is shown when its share is this many of twenty; else the widest. */
static const struct {
    const char *widest; /* NULL: the commonest */
    unsigned twentieths;
} FAMILY_RULES[FAMILIES] = {
    [FAMILY_TOKEN] = {"word", 15}, [FAMILY_PATH] = {"path", 19},
    [FAMILY_HOST] = {"host", 15},  [FAMILY_TEXT] = {"text", 15},
    [FAMILY_URL] = {"url", 0},     [FAMILY_PAIR] = {"key=value", 0},
    [FAMILY_OWN] = {NULL, 0},      [FAMILY_ANY] = {"variable", 15},
};

static const struct {
    const char *name;
    enum family family;
} FAMILY_OF[] = {
    {"date", FAMILY_TOKEN},     {"dir", FAMILY_PATH},      {"duration", FAMILY_TOKEN},
    {"email", FAMILY_HOST},     {"glob", FAMILY_PATH},     {"hash", FAMILY_TOKEN},
    {"host", FAMILY_HOST},      {"ip", FAMILY_HOST},       {"json", FAMILY_TEXT},
    {"key=value", FAMILY_PAIR}, {"number", FAMILY_TOKEN},  {"opaque", FAMILY_ANY},
    {"output", FAMILY_ANY},     {"path", FAMILY_PATH},     {"pattern", FAMILY_TEXT},
    {"port", FAMILY_TOKEN},     {"ref", FAMILY_TOKEN},     {"size", FAMILY_TOKEN},
    {"text", FAMILY_TEXT},      {"url", FAMILY_URL},       {"uuid", FAMILY_TOKEN},
    {"variable", FAMILY_ANY},   {"version", FAMILY_TOKEN}, {"word", FAMILY_TOKEN},
};

#define FAMILY_COUNT (sizeof(FAMILY_OF) / sizeof(FAMILY_OF[0]))

/* A class among the values of a slot. */
struct filling {
    uint32_t slot;
    uint32_t next; /* of the same slot */
    uint64_t count;
    struct opk_str shown;
};

/* All commands of one form. */
struct form_tally {
    uint64_t commands;
    uint64_t redirected;
    uint32_t first_slot; /* its slots follow one another */
};

struct opk_slots {
    const struct opk_words *words;     /* borrowed */
    const struct opk_options *options; /* borrowed */
    struct opk_map *forms;             /* operation, names, number of operands */
    struct form_tally *tallies;        /* owned; by index in forms */
    size_t tally_cap;
    uint32_t *slots; /* owned; a slot's first filling */
    size_t slot_cap;
    uint32_t slot_count;
    struct opk_map *keys;     /* slot, class */
    struct filling *fillings; /* owned; by index in keys */
    size_t filling_cap;
};

static enum family family_of(struct opk_str word_class)
{
    struct opk_str base = opk_str_slice(word_class, 0, opk_str_find_byte(word_class, '.', 0));
    size_t low = 0;
    size_t high = FAMILY_COUNT;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = opk_str_cmp(opk_str_of(FAMILY_OF[middle].name), base);
        if (order == 0)
            return FAMILY_OF[middle].family;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return FAMILY_OWN;
}

/* The same option once more: its values are those of one slot. */
static bool repeats(const struct opk_form *form, size_t option)
{
    const struct opk_form_option *here = &form->options[option];

    return option > 0 && opk_str_eq(here->name, here[-1].name) &&
           (here->value.len > 0) == (here[-1].value.len > 0);
}

/* What tells one form from another: everything but the classes. */
static void write_key(const struct opk_form *form, struct opk_buf *out)
{
    size_t operands = form->operand_count < OPERAND_PLACES ? form->operand_count : OPERAND_PLACES;

    opk_buf_clear(out);
    opk_buf_append(out, opk_str_bytes(&form->parts->slot, sizeof(form->parts->slot)));
    opk_buf_append_byte(out, (char)('0' + operands));
    opk_buf_append(out, form->parts->wrapper);
    for (size_t i = 0; i < form->option_count; i++) {
        if (repeats(form, i))
            continue;
        opk_buf_append_byte(out, form->options[i].value.len > 0 ? '=' : '\n');
        opk_buf_append(out, form->options[i].name);
    }
}

/* The places of a form's values, one after the other. */
struct places {
    struct opk_form *form;
    size_t option;
    size_t operand;
    uint32_t at; /* slot of the one that next_value returned */
    uint32_t next_slot;
};

/* The next value of a form and its slot; NULL at the end. */
static struct opk_str *next_value(struct places *p)
{
    struct opk_form *form = p->form;

    while (p->option < form->option_count) {
        size_t option = p->option++;
        if (form->options[option].value.len == 0)
            continue;
        if (!repeats(form, option))
            p->at = p->next_slot++;
        return &form->options[option].value;
    }
    if (p->operand == form->operand_count)
        return NULL;
    /* The slots of operands: the first, those between, the last. */
    if (p->operand < OPERAND_PLACES - 1 || p->operand + 1 == form->operand_count)
        p->at = p->next_slot++;
    return &form->operands[p->operand++];
}

static struct opk_str filling_key(char room[64], uint32_t slot, struct opk_str word_class)
{
    size_t len = word_class.len < 64 - sizeof(slot) ? word_class.len : 64 - sizeof(slot);

    memcpy(room, &slot, sizeof(slot));
    memcpy(room + sizeof(slot), word_class.data, len);
    return (struct opk_str){room, sizeof(slot) + len};
}

static enum opk_status count_filling(struct opk_slots *slots, uint32_t slot,
                                     struct opk_str word_class, uint64_t count)
{
    struct filling *grown = opk_grow(slots->fillings, &slots->filling_cap,
                                     (size_t)opk_map_count(slots->keys) + 1, sizeof(*grown));
    char room[64];
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    slots->fillings = grown;
    status = opk_map_add(slots->keys, filling_key(room, slot, word_class), &index, &is_new, NULL);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        grown[index] = (struct filling){slot, slots->slots[slot], 0, OPK_STR_EMPTY};
        slots->slots[slot] = index;
    }
    grown[index].count += count;
    return OPK_OK;
}

static enum opk_status add_slots(struct opk_slots *slots, struct opk_form *form,
                                 struct form_tally *tally)
{
    struct places places = {.form = form};
    uint32_t count = 0;
    uint32_t *grown;

    while (next_value(&places))
        count = places.at + 1;
    *tally = (struct form_tally){.first_slot = slots->slot_count};
    if (count > NONE - 1 - slots->slot_count)
        return OPK_E_LIMIT;
    grown = opk_grow(slots->slots, &slots->slot_cap, (size_t)slots->slot_count + count + 1,
                     sizeof(*grown));
    if (!grown)
        return OPK_E_NOMEM;
    slots->slots = grown;
    for (uint32_t i = 0; i < count; i++)
        grown[slots->slot_count++] = NONE;
    return OPK_OK;
}

static enum opk_status count_form(struct opk_slots *slots, struct opk_form *form, uint64_t count,
                                  struct opk_buf *key)
{
    struct form_tally *grown = opk_grow(slots->tallies, &slots->tally_cap,
                                        (size_t)opk_map_count(slots->forms) + 1, sizeof(*grown));
    struct opk_str *value;
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return OPK_E_NOMEM;
    slots->tallies = grown;
    write_key(form, key);
    status = opk_map_add(slots->forms, opk_buf_str(key), &index, &is_new, NULL);
    if (status == OPK_OK && is_new)
        status = add_slots(slots, form, &grown[index]);
    if (status != OPK_OK)
        return status;
    grown[index].commands += count;
    grown[index].redirected += form->parts->redirect_count > 0 ? count : 0;
    struct places places = {.form = form, .next_slot = grown[index].first_slot};
    while (status == OPK_OK && (value = next_value(&places)))
        status = count_filling(slots, places.at, *value, count);
    return status;
}

/* A family's part of one slot. */
struct share {
    uint64_t count;
    uint64_t top; /* of its commonest class */
    struct opk_str top_class;
    struct opk_str shown;
};

static bool share_before(const struct share *a, const struct share *b)
{
    return a->count != b->count ? a->count > b->count : opk_str_cmp(a->top_class, b->top_class) < 0;
}

static struct opk_str filling_class(const struct opk_slots *slots, uint32_t filling)
{
    return opk_str_skip(opk_map_key(slots->keys, filling), sizeof(uint32_t));
}

static void sum_shares(const struct opk_slots *slots, uint32_t slot, struct share *shares)
{
    for (uint32_t i = slots->slots[slot]; i != NONE; i = slots->fillings[i].next) {
        struct opk_str word_class = filling_class(slots, i);
        struct share *share = &shares[family_of(word_class)];
        uint64_t count = slots->fillings[i].count;
        share->count += count;
        if (count > share->top ||
            (count == share->top && opk_str_cmp(word_class, share->top_class) < 0)) {
            share->top = count;
            share->top_class = word_class;
        }
    }
}

static void decide_slot(struct opk_slots *slots, uint32_t slot)
{
    struct share shares[FAMILIES] = {0};
    const struct share *largest = NULL;
    uint64_t total = 0;

    sum_shares(slots, slot, shares);
    for (size_t i = 0; i < FAMILIES; i++) {
        struct share *share = &shares[i];
        const char *widest = FAMILY_RULES[i].widest;
        if (share->count == 0)
            continue;
        share->shown = widest && share->top * 20 < share->count * FAMILY_RULES[i].twentieths
                           ? opk_str_of(widest)
                           : share->top_class;
        if (i == FAMILY_ANY && largest)
            continue;
        total += share->count;
        if (!largest || share_before(share, largest))
            largest = share;
    }
    for (uint32_t i = slots->slots[slot]; i != NONE; i = slots->fillings[i].next) {
        assert(largest); /* this filling is in a share */
        enum family family = family_of(filling_class(slots, i));
        const struct share *share = &shares[family];
        bool apart = share == largest || (family != FAMILY_ANY && share->count >= APART_MIN &&
                                          share->count * APART_SHARE >= total);
        slots->fillings[i].shown = apart ? share->shown : largest->shown;
        if (apart && family == FAMILY_OWN)
            slots->fillings[i].shown = filling_class(slots, i);
    }
}

/* What is at hand while the forms of a log are counted. */
struct learning {
    struct opk_slots *slots;
    struct opk_form form;
    struct opk_buf key;
};

static enum opk_status count_command(void *context, const struct opk_parts *parts, uint64_t count)
{
    struct learning *learning = context;

    opk_form_make(&learning->form, parts, learning->slots->options);
    return count_form(learning->slots, &learning->form, count, &learning->key);
}

static enum opk_status learn(struct opk_slots *slots, const struct opk_reduced *reduced)
{
    struct learning learning = {.slots = slots};
    enum opk_status status =
        opk_reduced_show(reduced, slots->words, slots->options,
                         (struct opk_reduced_viewer){count_command, &learning});

    for (uint32_t i = 0; i < slots->slot_count && status == OPK_OK; i++)
        decide_slot(slots, i);
    if (learning.key.failed)
        status = OPK_E_NOMEM;
    opk_buf_done(&learning.key);
    return status;
}

enum opk_status opk_slots_new(const struct opk_reduced *reduced, const struct opk_words *words,
                              const struct opk_options *options, struct opk_slots **out_slots)
{
    struct opk_slots *slots = calloc(1, sizeof(*slots));
    enum opk_status status = slots ? OPK_OK : OPK_E_NOMEM;

    if (status == OPK_OK)
        status = opk_map_new(&slots->forms, NULL);
    if (status == OPK_OK)
        status = opk_map_new(&slots->keys, NULL);
    if (status == OPK_OK) {
        slots->words = words;
        slots->options = options;
        status = learn(slots, reduced);
    }
    if (status == OPK_OK)
        *out_slots = slots;
    else
        opk_slots_free(slots);
    return status;
}

void opk_slots_free(struct opk_slots *slots)
{
    if (!slots)
        return;
    opk_map_free(slots->forms);
    opk_map_free(slots->keys);
    free(slots->tallies);
    free(slots->slots);
    free(slots->fillings);
    free(slots);
}

void opk_slots_apply(const struct opk_slots *slots, struct opk_form *form, bool *out_redirects)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    struct opk_str *value;
    uint32_t index;

    write_key(form, &key);
    *out_redirects = true;
    if (!key.failed && form->parts->slot != OPK_WORDS_NO_SLOT &&
        opk_map_find(slots->forms, opk_buf_str(&key), &index)) {
        const struct form_tally *tally = &slots->tallies[index];
        struct places places = {.form = form, .next_slot = tally->first_slot};
        *out_redirects = tally->redirected * REDIRECT_SHARE >= tally->commands + REDIRECT_SHARE;
        while ((value = next_value(&places))) {
            char room[64];
            uint32_t filling;
            if (opk_map_find(slots->keys, filling_key(room, places.at, *value), &filling))
                *value = slots->fillings[filling].shown;
        }
    }
    opk_buf_done(&key);
}
