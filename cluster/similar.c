#include "cluster/similar.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* 1 in the fixed point of shares. */
#define WHOLE 1024U

/* A feature's group, the first byte of its key. */
enum group {
    GROUP_WORD = 'W',
    GROUP_OPTION = 'O',
    GROUP_CLASS = 'C',
};

static const struct {
    enum group group;
    unsigned weight;
    const char *name;
} GROUPS[] = {
    {GROUP_WORD, 8, "words"},
    {GROUP_OPTION, 2, "options"},
    {GROUP_CLASS, 1, "operands"},
};

#define GROUP_COUNT (sizeof(GROUPS) / sizeof(GROUPS[0]))

struct feature {
    uint32_t key; /* index of the features' map */
    uint64_t share;
};

/* A bag: features by key, ascending. */
struct bag {
    struct feature *items; /* owned */
    size_t count;
    size_t cap;
};

struct registered {
    struct opk_str id;
    struct bag bag;
    bool open; /* a pattern leaves something open */
};

/* The registered kinds that have a word. */
struct holders {
    uint32_t *items; /* owned */
    size_t count;
    size_t cap;
};

struct opk_similar_index {
    struct opk_map *features;
    struct holders *holders; /* owned; by feature */
    size_t holder_cap;
    size_t holder_count;
    struct registered *kinds; /* owned */
    size_t count;
    size_t cap;
    uint32_t *stamps; /* owned; by kind: the last draft that was compared with it */
    size_t stamp_cap;
    uint32_t stamp;
    struct bag bag; /* of the present draft */
    struct opk_buf key;
    struct opk_arena texts;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to compare kinds");
}

enum opk_status opk_similar_new(struct opk_similar_index **out_index, struct opk_err *err)
{
    struct opk_similar_index *index = calloc(1, sizeof(*index));
    enum opk_status status;

    if (!index)
        return no_memory(err);
    status = opk_map_new(&index->features, err);
    if (status != OPK_OK) {
        opk_similar_free(index);
        return status;
    }
    *out_index = index;
    return OPK_OK;
}

void opk_similar_free(struct opk_similar_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->count; i++)
        free(index->kinds[i].bag.items);
    for (size_t i = 0; i < index->holder_count; i++)
        free(index->holders[i].items);
    opk_map_free(index->features);
    free(index->holders);
    free(index->kinds);
    free(index->stamps);
    free(index->bag.items);
    opk_buf_done(&index->key);
    opk_arena_done(&index->texts);
    free(index);
}

/* ---- bags ---- */

/* Add to the share of a feature, whole at most. */
static enum opk_status add_feature(struct opk_similar_index *index, struct bag *bag,
                                   enum group group, struct opk_str text, uint64_t share,
                                   struct opk_err *err)
{
    struct feature *grown = opk_grow(bag->items, &bag->cap, bag->count + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t key;
    bool is_new;

    if (!grown)
        return no_memory(err);
    bag->items = grown;
    opk_buf_clear(&index->key);
    opk_buf_append_byte(&index->key, (char)group);
    opk_buf_append(&index->key, text);
    status = opk_buf_check(&index->key, err);
    if (status == OPK_OK)
        status = opk_map_add(index->features, opk_buf_str(&index->key), &key, &is_new, err);
    if (status != OPK_OK)
        return status;
    size_t at = bag->count;
    while (at > 0 && grown[at - 1].key > key)
        at--;
    if (at > 0 && grown[at - 1].key == key) {
        grown[at - 1].share += share;
        return OPK_OK;
    }
    memmove(grown + at + 1, grown + at, (bag->count - at) * sizeof(*grown));
    grown[at] = (struct feature){key, share};
    bag->count++;
    return OPK_OK;
}

static bool is_rest(struct opk_str word)
{
    return opk_str_eq(word, OPK_STR("\xE2\x80\xA6")) || opk_str_eq(word, OPK_STR("..."));
}

/* "file_path=<path.py>…" is an operand of the class path. */
static struct opk_str class_of(struct opk_str word)
{
    size_t begin = opk_str_find_byte(word, '<', 0);
    size_t end = begin == OPK_NPOS ? OPK_NPOS : opk_str_find_byte(word, '>', begin);
    struct opk_str inside = opk_str_slice(word, begin + 1, end);
    size_t dot = opk_str_find_byte(inside, '.', 0);

    if (end == OPK_NPOS || inside.len == 0 || !opk_is_lower(inside.data[0]))
        return OPK_STR_EMPTY;
    return opk_str_slice(inside, 0, dot == OPK_NPOS ? inside.len : dot);
}

/*
 * Add the words of a shape or pattern: operation words up to the first option or operand of each
 * command, then options and classes. *out_open tells whether it holds a rest.
 */
static enum opk_status add_words(struct opk_similar_index *index, struct bag *bag,
                                 struct opk_str text, uint64_t share, bool *out_open,
                                 struct opk_err *err)
{
    struct opk_split split = OPK_SPLIT(text, ' ');
    bool in_words = true;
    struct opk_str word;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && opk_split_next(&split, &word)) {
        struct opk_str klass = class_of(word);
        if (word.len == 0)
            continue;
        if (opk_str_eq(word, OPK_STR("|"))) {
            in_words = true;
        } else if (is_rest(word)) {
            *out_open = true;
            in_words = false;
        } else if (klass.len > 0) {
            in_words = false;
            status = add_feature(index, bag, GROUP_CLASS, klass, share, err);
        } else if (in_words && word.data[0] != '-') {
            status = add_feature(index, bag, GROUP_WORD, word, share, err);
        } else {
            in_words = false;
            status = add_feature(index, bag, GROUP_OPTION, word, share, err);
        }
    }
    return status;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- adding ---- */

static enum opk_status add_holder(struct opk_similar_index *index, uint32_t feature, uint32_t kind,
                                  struct opk_err *err)
{
    struct holders *grown =
        opk_grow(index->holders, &index->holder_cap, (size_t)feature + 1, sizeof(*grown));

    if (!grown)
        return no_memory(err);
    index->holders = grown;
    while (index->holder_count <= feature)
        grown[index->holder_count++] = (struct holders){0};
    struct holders *holders = &grown[feature];
    uint32_t *items = opk_grow(holders->items, &holders->cap, holders->count + 1, sizeof(*items));
    if (!items)
        return no_memory(err);
    holders->items = items;
    items[holders->count++] = kind;
    return OPK_OK;
}

static enum group group_of(const struct opk_similar_index *index, uint32_t feature)
{
    return (enum group)opk_map_key(index->features, feature).data[0];
}

enum opk_status opk_similar_add(struct opk_similar_index *index, struct opk_str id,
                                const struct opk_str *patterns, size_t count, struct opk_err *err)
{
    struct registered *grown =
        opk_grow(index->kinds, &index->cap, index->count + 1, sizeof(*grown));
    uint32_t *stamps =
        opk_grow(index->stamps, &index->stamp_cap, index->count + 1, sizeof(*stamps));
    enum opk_status status = OPK_OK;

    index->kinds = grown ? grown : index->kinds;
    index->stamps = stamps ? stamps : index->stamps;
    if (!grown || !stamps)
        return no_memory(err);
    stamps[index->count] = 0;
    struct registered *kind = &grown[index->count];
    *kind = (struct registered){.id = opk_arena_copy(&index->texts, id)};
    uint32_t number = (uint32_t)index->count++;
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = add_words(index, &kind->bag, patterns[i], WHOLE / count, &kind->open, err);
    for (size_t i = 0; i < kind->bag.count && status == OPK_OK; i++) {
        if (group_of(index, kind->bag.items[i].key) == GROUP_WORD)
            status = add_holder(index, kind->bag.items[i].key, number, err);
    }
    return status == OPK_OK ? opk_arena_check(&index->texts, err) : status;
}

/* ---- finding ---- */

static enum opk_status fill_bag(struct opk_similar_index *index, const struct opk_kind *kind,
                                struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    uint64_t total = 0;
    bool open = false;

    index->bag.count = 0;
    for (size_t i = 0; i < kind->shape_count; i++)
        total += kind->shapes[i].count;
    for (size_t i = 0; i < kind->shape_count && status == OPK_OK; i++)
        status = add_words(index, &index->bag, kind->shapes[i].text,
                           kind->shapes[i].count * WHOLE / total, &open, err);
    return status;
}

static unsigned weight_of(enum group group)
{
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (GROUPS[i].group == group)
            return GROUPS[i].weight;
    }
    return 0;
}

/* Both bags are in the order of their keys. */
static unsigned compare(const struct opk_similar_index *index, const struct registered *kind)
{
    const struct bag *a = &index->bag;
    const struct bag *b = &kind->bag;
    uint64_t both = 0;
    uint64_t either = 0;
    size_t i = 0;
    size_t j = 0;

    while (i < a->count || j < b->count) {
        bool in_a = i < a->count && (j == b->count || a->items[i].key <= b->items[j].key);
        bool in_b = j < b->count && (i == a->count || b->items[j].key <= a->items[i].key);
        enum group group = group_of(index, in_a ? a->items[i].key : b->items[j].key);
        uint64_t share_a = in_a ? min_u64(a->items[i++].share, WHOLE) : 0;
        uint64_t share_b = in_b ? min_u64(b->items[j++].share, WHOLE) : 0;
        if (!in_b && kind->open && group != GROUP_WORD)
            continue;
        both += min_u64(share_a, share_b) * weight_of(group);
        either += (share_a > share_b ? share_a : share_b) * weight_of(group);
    }
    return either > 0 ? (unsigned)((both * 100 + either / 2) / either) : 0;
}

static bool holds(const struct bag *bag, uint32_t key)
{
    for (size_t i = 0; i < bag->count && bag->items[i].key <= key; i++) {
        if (bag->items[i].key == key)
            return true;
    }
    return false;
}

/* The shared features of one group, in the order of their text, which is the same every night. */
static void say_group(const struct opk_similar_index *index, const struct registered *kind,
                      size_t group, struct opk_buf *out)
{
    struct opk_str last = OPK_STR_EMPTY;
    bool any = false;

    for (;;) {
        struct opk_str next = OPK_STR_EMPTY;
        for (size_t i = 0; i < index->bag.count; i++) {
            struct opk_str key = opk_map_key(index->features, index->bag.items[i].key);
            if ((enum group)key.data[0] == GROUPS[group].group && opk_str_cmp(key, last) > 0 &&
                (next.len == 0 || opk_str_cmp(key, next) < 0) &&
                holds(&kind->bag, index->bag.items[i].key))
                next = key;
        }
        if (next.len == 0)
            return;
        if (!any)
            opk_buf_printf(out, "%s%s", out->len > 0 ? "; " : "same ", GROUPS[group].name);
        opk_buf_append_byte(out, ' ');
        opk_buf_append(out, opk_str_skip(next, 1));
        any = true;
        last = next;
    }
}

static struct opk_str say_why(const struct opk_similar_index *index, const struct registered *kind,
                              struct opk_arena *arena)
{
    struct opk_buf why = OPK_BUF_EMPTY;
    struct opk_str text;

    for (size_t i = 0; i < GROUP_COUNT; i++)
        say_group(index, kind, i, &why);
    text = opk_arena_copy(arena, opk_buf_str(&why));
    arena->failed = arena->failed || why.failed;
    opk_buf_done(&why);
    return text;
}

struct candidate {
    const struct registered *kind;
    unsigned score;
};

/* Put a kind among the best, by score, then by id. */
static void offer(struct candidate best[OPK_SIMILAR_MAX], size_t *count, struct candidate kind)
{
    size_t at = *count;

    if (kind.score < OPK_SIMILAR_SCORE_MIN)
        return;
    while (at > 0 && (kind.score > best[at - 1].score ||
                      (kind.score == best[at - 1].score &&
                       opk_str_cmp(kind.kind->id, best[at - 1].kind->id) < 0)))
        at--;
    if (at == OPK_SIMILAR_MAX)
        return;
    size_t kept = *count < OPK_SIMILAR_MAX ? *count : OPK_SIMILAR_MAX - 1;
    memmove(&best[at + 1], &best[at], (kept - at) * sizeof(best[0]));
    best[at] = kind;
    *count = kept + 1;
}

enum opk_status opk_similar_find(struct opk_similar_index *index, const struct opk_kind *kind,
                                 struct opk_arena *arena, struct opk_similar out[OPK_SIMILAR_MAX],
                                 size_t *out_count, struct opk_err *err)
{
    struct candidate best[OPK_SIMILAR_MAX] = {{NULL, 0}};
    size_t count = 0;
    enum opk_status status = fill_bag(index, kind, err);

    if (status != OPK_OK)
        return status;
    index->stamp++;
    for (size_t i = 0; i < index->bag.count; i++) {
        uint32_t key = index->bag.items[i].key;
        for (size_t k = 0; key < index->holder_count && k < index->holders[key].count; k++) {
            uint32_t number = index->holders[key].items[k];
            if (index->stamps[number] == index->stamp)
                continue;
            index->stamps[number] = index->stamp;
            const struct registered *other = &index->kinds[number];
            offer(best, &count, (struct candidate){other, compare(index, other)});
        }
    }
    for (size_t i = 0; i < count; i++)
        out[i] = (struct opk_similar){opk_arena_copy(arena, best[i].kind->id),
                                      say_why(index, best[i].kind, arena), best[i].score};
    *out_count = count;
    return opk_arena_check(arena, err);
}
