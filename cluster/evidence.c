#include "cluster/evidence.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS ((int64_t)86400000)

void opk_tally_done(struct opk_tally *tally)
{
    free(tally->sessions.many);
    free(tally->sources.many);
    free(tally->users.many);
    free(tally->projects.many);
    free(tally->attended.many);
    free(tally->days);
    free(tally->examples);
    *tally = OPK_TALLY_EMPTY;
}

static const uint64_t *members(const struct opk_sketch *sketch)
{
    return sketch->cap == 0 ? &sketch->one : sketch->many;
}

/* The first place whose member is not below hash. */
static size_t lower_bound(const uint64_t *items, size_t count, uint64_t hash)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool opk_sketch_add(struct opk_sketch *sketch, uint64_t hash)
{
    const uint64_t *items = members(sketch);
    size_t at = lower_bound(items, sketch->count, hash);

    if ((at < sketch->count && items[at] == hash) || at == OPK_SKETCH_MAX)
        return true;
    if (sketch->count == 0) {
        sketch->one = hash;
        if (sketch->cap > 0)
            sketch->many[0] = hash;
        sketch->count = 1;
        return true;
    }
    size_t kept = sketch->count < OPK_SKETCH_MAX ? sketch->count : OPK_SKETCH_MAX - 1;
    bool was_one = sketch->cap == 0;
    uint64_t *grown = opk_grow(sketch->many, &sketch->cap, kept + 1, sizeof(*grown));
    if (!grown)
        return false;
    sketch->many = grown;
    if (was_one)
        grown[0] = sketch->one;
    memmove(grown + at + 1, grown + at, (kept - at) * sizeof(*grown));
    grown[at] = hash;
    sketch->count = kept + 1;
    return true;
}

uint64_t opk_sketch_count(const struct opk_sketch *sketch)
{
    if (sketch->count < OPK_SKETCH_MAX)
        return sketch->count;
    uint64_t largest = sketch->many[OPK_SKETCH_MAX - 1];
    uint64_t gap = largest / (OPK_SKETCH_MAX - 1);
    uint64_t estimate = gap > 0 ? UINT64_MAX / gap : UINT64_MAX;
    return estimate > OPK_SKETCH_MAX ? estimate : OPK_SKETCH_MAX;
}

uint64_t opk_sketch_bits(const struct opk_sketch *sketch)
{
    const uint64_t *items = members(sketch);
    uint64_t bits = 0;

    for (size_t i = 0; i < sketch->count; i++)
        bits |= opk_sketch_bit(items[i]);
    return bits;
}

static bool merge_sketch(struct opk_sketch *into, const struct opk_sketch *from)
{
    const uint64_t *items = members(from);

    for (size_t i = 0; i < from->count; i++) {
        if (!opk_sketch_add(into, items[i]))
            return false;
    }
    return true;
}

static bool add_days(struct opk_tally *tally, int64_t day, uint64_t count)
{
    size_t at = tally->day_count;

    /* Logs come in order of time: the place is near the end. */
    while (at > 0 && tally->days[at - 1].day > day)
        at--;
    if (at > 0 && tally->days[at - 1].day == day) {
        tally->days[at - 1].count += count;
        return true;
    }
    struct opk_day *grown =
        opk_grow(tally->days, &tally->day_cap, tally->day_count + 1, sizeof(*grown));
    if (!grown)
        return false;
    tally->days = grown;
    memmove(grown + at + 1, grown + at, (tally->day_count - at) * sizeof(*grown));
    grown[at] = (struct opk_day){day, count};
    tally->day_count++;
    return true;
}

static void widen(struct opk_tally *tally, int64_t first, int64_t last)
{
    if (first != OPK_UNKNOWN && (tally->first == OPK_UNKNOWN || first < tally->first))
        tally->first = first;
    if (last > tally->last)
        tally->last = last;
}

bool opk_tally_add_time(struct opk_tally *tally, int64_t time)
{
    /* Rounded down, for times before 1970 as well. */
    int64_t day = time / DAY_MS - (time % DAY_MS < 0 ? 1 : 0);

    widen(tally, time, time);
    return add_days(tally, day, 1);
}

/* The same text seen twice is told by the first place in order, whatever came first. */
static bool place_before(const struct opk_example *a, const struct opk_example *b)
{
    int order = opk_str_cmp(a->source, b->source);

    return order != 0 ? order < 0 : a->at < b->at;
}

static bool keep_example(struct opk_kept_example *kept, uint64_t hash,
                         const struct opk_example *example, bool same_text, struct opk_arena *arena)
{
    struct opk_str text = same_text ? kept->example.text : opk_arena_copy(arena, example->text);
    struct opk_str source = same_text && opk_str_eq(kept->example.source, example->source)
                                ? kept->example.source
                                : opk_arena_copy(arena, example->source);

    if (arena->failed)
        return false;
    *kept = (struct opk_kept_example){hash, {text, source, example->at}};
    return true;
}

/* Keep an example whose text is cut and has this hash, when that is among the smallest. */
static bool offer_example(struct opk_tally *tally, uint64_t hash, const struct opk_example *example,
                          size_t examples_max, struct opk_arena *arena)
{
    size_t at = 0;

    while (at < tally->example_count && tally->examples[at].hash < hash)
        at++;
    if (at < tally->example_count && tally->examples[at].hash == hash)
        return !place_before(example, &tally->examples[at].example) ||
               keep_example(&tally->examples[at], hash, example, true, arena);
    if (at == examples_max)
        return true;
    size_t kept = tally->example_count < examples_max ? tally->example_count : examples_max - 1;
    struct opk_kept_example *grown =
        opk_grow(tally->examples, &tally->example_cap, kept + 1, sizeof(*grown));
    if (!grown)
        return false;
    tally->examples = grown;
    struct opk_kept_example added;
    if (!keep_example(&added, hash, example, false, arena))
        return false;
    memmove(grown + at + 1, grown + at, (kept - at) * sizeof(*grown));
    grown[at] = added;
    tally->example_count = kept + 1;
    return true;
}

bool opk_tally_add_example(struct opk_tally *tally, const struct opk_example *example,
                           size_t examples_max, struct opk_arena *arena)
{
    struct opk_example cut = *example;

    cut.text = opk_str_slice(cut.text, 0, OPK_EXAMPLE_MAX);
    return offer_example(tally, opk_hash64(cut.text), &cut, examples_max, arena);
}

bool opk_tally_merge(struct opk_tally *into, const struct opk_tally *from, size_t examples_max,
                     struct opk_arena *arena)
{
    into->commands += from->commands;
    into->failed += from->failed;
    into->finished += from->finished;
    into->sidechain += from->sidechain;
    widen(into, from->first, from->last);
    for (size_t i = 0; i < from->day_count; i++) {
        if (!add_days(into, from->days[i].day, from->days[i].count))
            return false;
    }
    for (size_t i = 0; i < from->example_count; i++) {
        const struct opk_kept_example *kept = &from->examples[i];
        if (!offer_example(into, kept->hash, &kept->example, examples_max, arena))
            return false;
    }
    return merge_sketch(&into->sessions, &from->sessions) &&
           merge_sketch(&into->sources, &from->sources) &&
           merge_sketch(&into->users, &from->users) &&
           merge_sketch(&into->projects, &from->projects) &&
           merge_sketch(&into->attended, &from->attended);
}
