#include "cluster/sequence_pick.h"

#include "base/mem.h"

#include <stdlib.h>

struct candidate {
    uint32_t gram;
    uint64_t count; /* capped, of what is left */
    double expected;
};

/* What is being chosen from. */
struct choice {
    const struct opk_grams *grams;
    struct opk_chance chance;
    uint32_t min_sessions;
    uint32_t *closure;      /* owned; the gram with a symbol more that says the same, or the gram */
    bool *is_used;          /* owned; for each run: its transition to the next one is taken */
    struct candidate *heap; /* owned; the most gain first */
    size_t count;
    size_t cap;
    struct opk_picks picks;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to choose sequences");
}

void opk_picks_done(struct opk_picks *picks)
{
    free(picks->items);
    *picks = (struct opk_picks){0};
}

/* ---- support ---- */

struct support {
    uint64_t count;    /* times, at most OPK_SEQUENCE_CAP a session */
    uint64_t sessions; /* that hold it */
};

static bool is_free(const struct choice *choice, uint32_t place, uint32_t len)
{
    for (uint32_t i = 0; i + 1 < len; i++) {
        if (choice->is_used[place + i])
            return false;
    }
    return true;
}

/* The support of a gram where no transition is taken. */
static struct support count_support(const struct choice *choice, uint32_t gram)
{
    const struct opk_gram *one = &choice->grams->items[gram];
    const uint32_t *places = &choice->grams->places[one->begin];
    struct support support = {0, 0};
    uint32_t last = UINT32_MAX;
    unsigned in_session = 0;

    for (size_t i = 0; i < one->count; i++) {
        if (!is_free(choice, places[i], one->len))
            continue;
        uint32_t session = choice->grams->session_of[places[i]];
        if (session != last) {
            support.sessions++;
            in_session = 0;
        }
        last = session;
        support.count += in_session++ < OPK_SEQUENCE_CAP;
    }
    return support;
}

/* ---- symbols ---- */

static uint32_t symbol_at(const struct opk_grams *grams, uint32_t gram, size_t at)
{
    return grams->runs->items[grams->places[grams->items[gram].begin] + at].symbol;
}

/* Does a gram end as it begins? */
static bool is_bordered(const struct opk_grams *grams, uint32_t gram)
{
    uint32_t len = grams->items[gram].len;

    for (uint32_t border = 1; border < len; border++) {
        uint32_t i = 0;
        while (i < border && symbol_at(grams, gram, i) == symbol_at(grams, gram, len - border + i))
            i++;
        if (i == border)
            return true;
    }
    return false;
}

/* Do the symbols of part stand in whole in this order, with others between? */
static bool is_thinned(const struct opk_grams *grams, uint32_t part, uint32_t whole)
{
    uint32_t len = grams->items[part].len;
    uint32_t found = 0;

    for (uint32_t i = 0; i < grams->items[whole].len && found < len; i++)
        found += symbol_at(grams, whole, i) == symbol_at(grams, part, found);
    return found == len;
}

/* Does part stand in whole, in a row? With is_cycle, whole goes on from its end to its begin. */
static bool is_within(const struct opk_grams *grams, uint32_t part, uint32_t whole, bool is_cycle)
{
    uint32_t len = grams->items[part].len;
    uint32_t whole_len = grams->items[whole].len;

    for (uint32_t from = 0; from < whole_len; from++) {
        uint32_t i = 0;
        while (i < len && (is_cycle || from + i < whole_len) &&
               symbol_at(grams, whole, (from + i) % whole_len) == symbol_at(grams, part, i))
            i++;
        if (i == len)
            return true;
    }
    return false;
}

/* May the gram not stand beside one that was taken before? */
static bool is_rival(const struct opk_grams *grams, uint32_t gram, uint32_t taken,
                     uint64_t sessions)
{
    const struct opk_gram *a = &grams->items[gram];
    const struct opk_gram *b = &grams->items[taken];
    uint32_t part = a->len <= b->len ? gram : taken;
    uint32_t whole = part == gram ? taken : gram;

    if (is_within(grams, part, whole, a->len == b->len))
        return true;
    return sessions * 2 < b->sessions && is_thinned(grams, part, whole);
}

/* Is a a better closure than b? Neither is longer. */
static bool closes_better(const struct opk_grams *grams, uint32_t a, uint32_t b)
{
    uint32_t len = grams->items[a].len;

    if (grams->items[a].sessions != grams->items[b].sessions)
        return grams->items[a].sessions > grams->items[b].sessions;
    for (uint32_t i = 0; i < len; i++) {
        if (symbol_at(grams, a, i) != symbol_at(grams, b, i))
            return symbol_at(grams, a, i) < symbol_at(grams, b, i);
    }
    return false;
}

static void offer_closure(struct choice *choice, uint32_t gram, uint32_t longer)
{
    const struct opk_grams *grams = choice->grams;
    uint32_t *closure = &choice->closure[gram];

    if ((uint64_t)grams->items[longer].sessions * OPK_SEQUENCE_WHOLE >=
            (uint64_t)grams->items[gram].sessions * OPK_SEQUENCE_CLOSED &&
        (*closure == gram || closes_better(grams, longer, *closure)))
        *closure = longer;
}

/* For each gram the one with a symbol more at either end that nearly all its sessions hold. */
static bool find_closures(struct choice *choice)
{
    const struct opk_grams *grams = choice->grams;

    choice->closure = malloc((grams->count + 1) * sizeof(*choice->closure));
    if (!choice->closure)
        return false;
    for (size_t i = 0; i < grams->count; i++)
        choice->closure[i] = (uint32_t)i;
    for (size_t i = grams->symbol_count; i < grams->count; i++) {
        const struct opk_gram *gram = &grams->items[i];
        if (gram->len == 2 || is_bordered(grams, (uint32_t)i))
            continue;
        offer_closure(choice, gram->prefix, (uint32_t)i);
        offer_closure(choice, gram->suffix, (uint32_t)i);
    }
    return true;
}

static uint32_t close(const struct choice *choice, uint32_t gram)
{
    while (choice->closure[gram] != gram)
        gram = choice->closure[gram];
    return gram;
}

/* ---- the heap ---- */

/* How much it explains that chance does not: longer is better, but not for a fraction of support.
 */
static uint64_t gain(const struct choice *choice, const struct candidate *candidate)
{
    /* 100 times the logarithm to base 2 of the length. */
    static const uint64_t WORTH[OPK_SEQUENCE_LEN_MAX + 1] = {0,   0,   100, 158, 200,
                                                             232, 258, 281, 300};
    uint64_t chance = (uint64_t)candidate->expected;
    uint64_t excess = candidate->count > chance ? candidate->count - chance : 0;

    return excess * WORTH[choice->grams->items[candidate->gram].len];
}

/* Is a to be looked at before b? */
static bool is_before(const struct choice *choice, const struct candidate *a,
                      const struct candidate *b)
{
    uint64_t x = gain(choice, a);
    uint64_t y = gain(choice, b);
    uint32_t len = choice->grams->items[a->gram].len;

    if (x != y)
        return x > y;
    if (len != choice->grams->items[b->gram].len)
        return len > choice->grams->items[b->gram].len;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t s = symbol_at(choice->grams, a->gram, i);
        uint32_t t = symbol_at(choice->grams, b->gram, i);
        if (s != t)
            return s < t;
    }
    return false;
}

static void swap(struct candidate *a, struct candidate *b)
{
    struct candidate kept = *a;

    *a = *b;
    *b = kept;
}

static bool push(struct choice *choice, const struct candidate *candidate)
{
    struct candidate *heap = opk_grow(choice->heap, &choice->cap, choice->count + 1, sizeof(*heap));
    size_t at = choice->count;

    if (!heap)
        return false;
    choice->heap = heap;
    choice->count++;
    heap[at] = *candidate;
    while (at > 0 && is_before(choice, &heap[at], &heap[(at - 1) / 2])) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return true;
}

static struct candidate pop(struct choice *choice)
{
    struct candidate *heap = choice->heap;
    struct candidate top = heap[0];
    size_t at = 0;

    heap[0] = heap[--choice->count];
    for (;;) {
        size_t best = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < choice->count; child++) {
            if (is_before(choice, &heap[child], &heap[best]))
                best = child;
        }
        if (best == at)
            return top;
        swap(&heap[at], &heap[best]);
        at = best;
    }
}

/* ---- choosing ---- */

static bool collect(struct choice *choice)
{
    const struct opk_grams *grams = choice->grams;

    for (size_t i = grams->symbol_count; i < grams->count; i++) {
        uint32_t gram = (uint32_t)i;
        if (is_bordered(grams, gram) || !opk_chance_is_frequent(&choice->chance, gram))
            continue;
        struct candidate candidate = {
            .gram = gram,
            .count = count_support(choice, gram).count,
            .expected = opk_chance_expect(&choice->chance, gram),
        };
        if (opk_chance_exceeds(&choice->chance, grams->items[gram].len, candidate.count,
                               candidate.expected) &&
            !push(choice, &candidate))
            return false;
    }
    return true;
}

static bool is_barred(const struct choice *choice, uint32_t gram, uint64_t sessions)
{
    for (size_t i = 0; i < choice->picks.count; i++) {
        if (is_rival(choice->grams, gram, choice->picks.items[i].gram, sessions))
            return true;
    }
    return false;
}

static bool take(struct choice *choice, const struct candidate *candidate)
{
    const struct opk_gram *gram = &choice->grams->items[candidate->gram];
    struct opk_picks *picks = &choice->picks;
    struct opk_pick *grown = opk_grow(picks->items, &picks->cap, picks->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    picks->items = grown;
    grown[picks->count++] = (struct opk_pick){candidate->gram, candidate->expected};
    for (size_t i = 0; i < gram->count; i++) {
        uint32_t place = choice->grams->places[gram->begin + i];
        for (uint32_t step = 0; step + 1 < gram->len; step++)
            choice->is_used[place + step] = true;
    }
    return true;
}

/* The best candidate again and again; one whose support others took goes back to its new place. */
static bool choose(struct choice *choice)
{
    while (choice->count > 0 && choice->picks.count < OPK_SEQUENCES_MAX) {
        struct candidate candidate = pop(choice);
        struct support left = count_support(choice, candidate.gram);
        uint32_t len = choice->grams->items[candidate.gram].len;
        bool is_same = left.count == candidate.count;
        candidate.count = left.count;
        if (left.sessions < choice->min_sessions ||
            !opk_chance_exceeds(&choice->chance, len, left.count, candidate.expected))
            continue;
        if (is_same)
            candidate.gram = close(choice, candidate.gram);
        if (is_same && is_barred(choice, candidate.gram, left.sessions))
            continue;
        if (!(is_same ? take(choice, &candidate) : push(choice, &candidate)))
            return false;
    }
    return true;
}

static void choice_done(struct choice *choice)
{
    opk_chance_done(&choice->chance);
    free(choice->closure);
    free(choice->is_used);
    free(choice->heap);
}

enum opk_status opk_picks_build(const struct opk_grams *grams, uint32_t min_sessions,
                                struct opk_picks *out_picks, struct opk_err *err)
{
    struct choice choice = {.grams = grams, .min_sessions = min_sessions};
    enum opk_status status = opk_chance_init(&choice.chance, grams, err);

    if (status != OPK_OK)
        return status;
    choice.is_used = calloc(grams->runs->count + 1, sizeof(*choice.is_used));
    if (!choice.is_used || !find_closures(&choice) || !collect(&choice) || !choose(&choice))
        status = no_memory(err);
    choice_done(&choice);
    if (status == OPK_OK)
        *out_picks = choice.picks;
    else
        opk_picks_done(&choice.picks);
    return status;
}

/* ---- noise ---- */

/* A pair of symbols, or a symbol and the pair that it stands between. */
struct pairs {
    uint64_t *items; /* owned */
    size_t count;
    size_t cap;
};

static bool add_pair(struct pairs *pairs, uint32_t a, uint32_t b)
{
    uint64_t *grown = opk_grow(pairs->items, &pairs->cap, pairs->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    pairs->items = grown;
    grown[pairs->count++] = (uint64_t)a << 32 | b;
    return true;
}

static int compare_pairs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void sort_pairs(struct pairs *pairs)
{
    if (pairs->count > 0)
        qsort(pairs->items, pairs->count, sizeof(*pairs->items), compare_pairs);
}

/* The pairs of symbols that follow one another beyond chance. */
static bool find_bound(const struct choice *choice, struct pairs *bound)
{
    const struct opk_grams *grams = choice->grams;

    for (size_t i = grams->symbol_count; i < grams->count; i++) {
        const struct opk_gram *gram = &grams->items[i];
        if (gram->len == 2 && opk_chance_is_frequent(&choice->chance, (uint32_t)i) &&
            opk_chance_exceeds(&choice->chance, 2, count_support(choice, (uint32_t)i).count,
                               opk_chance_expect(&choice->chance, (uint32_t)i)) &&
            !add_pair(bound, gram->prefix, gram->suffix))
            return false;
    }
    sort_pairs(bound);
    return true;
}

/* What stands alone between the two of a bound pair. */
static bool find_between(const struct opk_grams *grams, const struct pairs *bound,
                         struct pairs *between)
{
    const struct opk_runs *runs = grams->runs;

    for (size_t i = 0; bound->count > 0 && i + 2 < runs->count; i++) {
        const struct opk_run *run = &runs->items[i];
        uint64_t key = (uint64_t)run[0].symbol << 32 | run[2].symbol;
        if (run[0].symbol == OPK_SYMBOL_BREAK || run[1].symbol == OPK_SYMBOL_BREAK)
            continue;
        const uint64_t *found =
            bsearch(&key, bound->items, bound->count, sizeof(key), compare_pairs);
        if (found && !add_pair(between, run[1].symbol, (uint32_t)(found - bound->items)))
            return false;
    }
    sort_pairs(between);
    return true;
}

static bool judge_noise(const struct opk_grams *grams, const struct pairs *between, bool *is_noise)
{
    bool any = false;

    for (size_t i = 0, end; i < between->count; i = end) {
        uint32_t symbol = (uint32_t)(between->items[i] >> 32);
        size_t distinct = 0;
        size_t most = 0;
        for (end = i; end < between->count && between->items[end] >> 32 == symbol;) {
            size_t begin = end;
            while (end < between->count && between->items[end] == between->items[begin])
                end++;
            distinct += end - begin > 1;
            most = end - begin > most ? end - begin : most;
        }
        /* What stands in one place most of the time is a step there. */
        if (distinct >= OPK_NOISE_PAIRS && most * 2 <= end - i &&
            (end - i) * OPK_NOISE_SHARE >= grams->items[symbol].count)
            any = is_noise[symbol] = true;
    }
    return any;
}

enum opk_status opk_noise_learn(const struct opk_grams *grams, bool *is_noise, bool *out_any,
                                struct opk_err *err)
{
    struct choice choice = {.grams = grams};
    struct pairs bound = {0};
    struct pairs between = {0};
    enum opk_status status = opk_chance_init(&choice.chance, grams, err);

    if (status != OPK_OK)
        return status;
    choice.is_used = calloc(grams->runs->count + 1, sizeof(*choice.is_used));
    if (choice.is_used && find_bound(&choice, &bound) && find_between(grams, &bound, &between))
        *out_any = judge_noise(grams, &between, is_noise);
    else
        status = no_memory(err);
    free(bound.items);
    free(between.items);
    choice_done(&choice);
    return status;
}
