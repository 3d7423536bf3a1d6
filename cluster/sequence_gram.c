#include "cluster/sequence_gram.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

#define NONE UINT32_MAX

/* A pair of grams of the level before, and what is known of it. */
struct pair {
    uint64_t key; /* prefix and suffix */
    uint32_t sessions;
    uint32_t last_session;
    uint32_t count;
    uint32_t gram; /* that it became, or NONE */
};

/*
 * The pairs of a level, in the order of their first places. They are few beside the runs: a table
 * of their numbers alone stays small enough to be looked into for every run.
 */
struct pairs {
    struct pair *items; /* owned */
    size_t count;
    size_t cap;
    uint32_t *table; /* owned; numbers of items, or NONE; at most half full */
    size_t size;     /* a power of two */
};

#define TABLE_MIN ((size_t)64)

struct level {
    struct pairs pairs;
    uint32_t *grams; /* owned; for each run the gram that begins there, or NONE */
    uint32_t *next;  /* owned; the same of the next level */
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to count sequences");
}

void opk_grams_done(struct opk_grams *grams)
{
    free(grams->items);
    free(grams->session_of);
    free(grams->places);
    *grams = (struct opk_grams){0};
}

uint32_t opk_gram_head(const struct opk_grams *grams, uint32_t gram, size_t len)
{
    while (grams->items[gram].len > len)
        gram = grams->items[gram].prefix;
    return gram;
}

uint32_t opk_gram_tail(const struct opk_grams *grams, uint32_t gram, size_t len)
{
    while (grams->items[gram].len > len)
        gram = grams->items[gram].suffix;
    return gram;
}

/* Give the grams from first on their places, in which level->grams tells them. */
static bool fill_places(struct opk_grams *grams, const struct level *level, size_t first)
{
    size_t total = grams->place_count;

    for (size_t i = first; i < grams->count; i++) {
        grams->items[i].begin = total;
        total += grams->items[i].count;
        grams->items[i].count = 0;
    }
    uint32_t *grown = opk_grow(grams->places, &grams->place_cap, total + 1, sizeof(*grown));
    if (!grown)
        return false;
    grams->places = grown;
    grams->place_count = total;
    for (size_t run = 0; run < grams->runs->count; run++) {
        if (level->grams[run] == NONE || level->grams[run] < first)
            continue;
        struct opk_gram *gram = &grams->items[level->grams[run]];
        grown[gram->begin + gram->count++] = (uint32_t)run;
    }
    return true;
}

/* The grams of one symbol: all of them, whatever their support. */
static bool count_symbols(struct opk_grams *grams, const struct level *level)
{
    const struct opk_runs *runs = grams->runs;
    uint32_t *last = calloc((size_t)grams->symbol_count + 1, sizeof(*last));
    struct opk_gram *grown =
        opk_grow(grams->items, &grams->cap, (size_t)grams->symbol_count + 1, sizeof(*grown));

    if (grown)
        grams->items = grown;
    if (!last || !grown) {
        free(last);
        return false;
    }
    grams->count = grams->symbol_count;
    for (uint32_t i = 0; i < grams->symbol_count; i++)
        grown[i] = (struct opk_gram){.prefix = i, .suffix = i, .len = 1};
    for (size_t run = 0; run < runs->count; run++) {
        uint32_t symbol = runs->items[run].symbol;
        level->grams[run] = symbol == OPK_SYMBOL_BREAK ? NONE : symbol;
        if (symbol == OPK_SYMBOL_BREAK)
            continue;
        uint32_t session = grams->session_of[run] + 1;
        grown[symbol].count++;
        grown[symbol].sessions += last[symbol] != session;
        last[symbol] = session;
    }
    free(last);
    return fill_places(grams, level, 0);
}

/* The pair of grams that begin at a run and at the one behind it; false when there is none. */
static bool pair_at(const struct opk_grams *grams, const struct level *level, size_t run,
                    uint32_t min_sessions, uint64_t *out_key)
{
    uint32_t prefix = level->grams[run];
    uint32_t suffix = run + 1 < grams->runs->count ? level->grams[run + 1] : NONE;

    if (prefix == NONE || suffix == NONE || grams->items[prefix].sessions < min_sessions ||
        grams->items[suffix].sessions < min_sessions)
        return false;
    *out_key = (uint64_t)prefix << 32 | suffix;
    return true;
}

/* Where the number of a pair stands in the table, or is to stand. */
static uint32_t *find_cell(const struct pairs *pairs, uint64_t key)
{
    const size_t mask = pairs->size - 1;
    size_t at = opk_hash_table((struct opk_str){(const char *)&key, sizeof(key)}) & mask;

    while (pairs->table[at] != NONE && pairs->items[pairs->table[at]].key != key)
        at = (at + 1) & mask;
    return &pairs->table[at];
}

/* An empty table of so many cells, then the pairs that are known. */
static bool fill_table(struct pairs *pairs, size_t size)
{
    uint32_t *table = realloc(pairs->table, size * sizeof(*table));

    if (!table)
        return false;
    pairs->table = table;
    pairs->size = size;
    for (size_t i = 0; i < size; i++)
        table[i] = NONE;
    for (size_t i = 0; i < pairs->count; i++)
        *find_cell(pairs, pairs->items[i].key) = (uint32_t)i;
    return true;
}

/* The number of a pair, which is added where it is new; NONE without memory. */
static uint32_t number_pair(struct pairs *pairs, uint64_t key)
{
    const uint32_t *known = find_cell(pairs, key);

    if (*known != NONE)
        return *known;
    if ((pairs->count + 1) * 2 > pairs->size && !fill_table(pairs, pairs->size * 2))
        return NONE;
    struct pair *grown = opk_grow(pairs->items, &pairs->cap, pairs->count + 1, sizeof(*grown));
    if (!grown)
        return NONE;
    pairs->items = grown;
    grown[pairs->count] = (struct pair){.key = key, .gram = NONE};
    *find_cell(pairs, key) = (uint32_t)pairs->count;
    return (uint32_t)pairs->count++;
}

/* All pairs with their support; level->next tells the pair of each run, or NONE. */
static bool count_pairs(const struct opk_grams *grams, struct level *level, uint32_t min_sessions)
{
    level->pairs.count = 0;
    if (!fill_table(&level->pairs, TABLE_MIN))
        return false;
    for (size_t run = 0; run < grams->runs->count; run++) {
        uint64_t key;
        level->next[run] = NONE;
        if (!pair_at(grams, level, run, min_sessions, &key))
            continue;
        uint32_t number = number_pair(&level->pairs, key);
        if (number == NONE)
            return false;
        struct pair *pair = &level->pairs.items[number];
        uint32_t session = grams->session_of[run] + 1;
        level->next[run] = number;
        pair->count++;
        pair->sessions += pair->last_session != session;
        pair->last_session = session;
    }
    return true;
}

static bool add_gram(struct opk_grams *grams, struct pair *pair)
{
    struct opk_gram *grown = opk_grow(grams->items, &grams->cap, grams->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    grams->items = grown;
    uint32_t prefix = (uint32_t)(pair->key >> 32);
    grown[grams->count] = (struct opk_gram){
        .prefix = prefix,
        .suffix = (uint32_t)pair->key,
        .len = grown[prefix].len + 1,
        .sessions = pair->sessions,
        .count = pair->count,
    };
    pair->gram = (uint32_t)grams->count++;
    return true;
}

/* From the grams of one length to those with a symbol more. */
static bool count_level(struct opk_grams *grams, struct level *level, uint32_t min_sessions)
{
    size_t first = grams->count;

    if (!count_pairs(grams, level, min_sessions))
        return false;
    for (size_t i = 0; i < level->pairs.count; i++) {
        struct pair *pair = &level->pairs.items[i];
        if (pair->sessions >= min_sessions && !add_gram(grams, pair))
            return false;
    }
    for (size_t run = 0; run < grams->runs->count; run++) {
        if (level->next[run] != NONE)
            level->next[run] = level->pairs.items[level->next[run]].gram;
    }
    uint32_t *kept = level->grams;
    level->grams = level->next;
    level->next = kept;
    return fill_places(grams, level, first);
}

static bool number_runs(struct opk_grams *grams, const uint32_t *sessions)
{
    const struct opk_runs *runs = grams->runs;

    grams->session_of = calloc(runs->count + 1, sizeof(*grams->session_of));
    for (size_t run = 0; grams->session_of && run < runs->count; run++)
        grams->session_of[run] = sessions[runs->items[run].strand];
    return grams->session_of != NULL;
}

static bool count_all(struct opk_grams *grams, struct level *level, uint32_t min_sessions,
                      size_t len_max)
{
    bool counted = count_symbols(grams, level);

    for (size_t len = 2; counted && len <= len_max; len++) {
        size_t before = grams->count;
        counted = count_level(grams, level, min_sessions);
        if (grams->count == before)
            break;
    }
    return counted;
}

enum opk_status opk_grams_build(const struct opk_runs *runs, const uint32_t *sessions,
                                const struct opk_gram_rules *rules, struct opk_grams *out_grams,
                                struct opk_err *err)
{
    struct opk_grams grams = {.runs = runs, .symbol_count = rules->symbol_count};
    struct level level = {0};
    bool counted = runs->count < UINT32_MAX && number_runs(&grams, sessions);

    level.grams = calloc(runs->count + 1, sizeof(*level.grams));
    level.next = calloc(runs->count + 1, sizeof(*level.next));
    counted = counted && level.grams && level.next &&
              count_all(&grams, &level, rules->min_sessions, rules->len_max);
    free(level.pairs.items);
    free(level.pairs.table);
    free(level.grams);
    free(level.next);
    if (!counted) {
        opk_grams_done(&grams);
        return no_memory(err);
    }
    *out_grams = grams;
    return OPK_OK;
}
