#include "cluster/sequence_fold.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

void opk_runs_done(struct opk_runs *runs)
{
    free(runs->items);
    *runs = (struct opk_runs){0};
}

static bool push(struct opk_runs *runs, uint32_t symbol, uint32_t strand, size_t step)
{
    struct opk_run *grown = opk_grow(runs->items, &runs->cap, runs->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    runs->items = grown;
    grown[runs->count++] = (struct opk_run){
        .symbol = symbol,
        .low = 1,
        .high = 1,
        .loops = 1,
        .loop_len = 1,
        .strand = strand,
        .first = (uint32_t)step,
        .last = (uint32_t)step,
    };
    return true;
}

static bool same_symbols(const struct opk_run *a, const struct opk_run *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].symbol != b[i].symbol || a[i].symbol == OPK_SYMBOL_BREAK)
            return false;
    }
    return true;
}

/* How often the block of len runs at begin stands there in a row. */
static size_t count_copies(const struct opk_runs *runs, size_t begin, size_t len)
{
    const struct opk_run *block = &runs->items[begin];
    size_t copies = 1;

    while (begin + (copies + 1) * len <= runs->count &&
           same_symbols(block, block + copies * len, len))
        copies++;
    return copies;
}

/* Write one block for its copies to place. */
static void fold_block(struct opk_runs *runs, size_t place, size_t begin, size_t len, size_t copies)
{
    for (size_t i = 0; i < len; i++) {
        struct opk_run run = runs->items[begin + i];
        for (size_t copy = 1; copy < copies; copy++) {
            const struct opk_run *other = &runs->items[begin + copy * len + i];
            run.low = other->low < run.low ? other->low : run.low;
            run.high = other->high > run.high ? other->high : run.high;
        }
        runs->items[place + i] = run;
    }
    runs->items[place].loops = (uint32_t)copies;
    runs->items[place].loop_len = (uint32_t)len;
}

static void fold_loops(struct opk_runs *runs, size_t begin)
{
    size_t place = begin;

    for (size_t at = begin; at < runs->count;) {
        size_t len = 2;
        size_t copies = 1;
        while (len <= OPK_SEQUENCE_LOOP_MAX && (copies = count_copies(runs, at, len)) == 1)
            len++;
        if (copies == 1)
            len = 1;
        fold_block(runs, place, at, len, copies);
        place += len;
        at += len * copies;
    }
    runs->count = place;
}

enum opk_status opk_runs_add(struct opk_runs *runs, const uint32_t *symbols, size_t count,
                             uint32_t strand, size_t limit, struct opk_err *err)
{
    size_t begin = runs->count;
    size_t gap = 0;
    bool kept = true;

    assert(count < UINT32_MAX);
    for (size_t i = 0; i < count && kept && runs->count - begin < limit; i++) {
        if (symbols[i] == OPK_SYMBOL_NOISE) {
            gap++;
            continue;
        }
        struct opk_run *last = runs->count > begin ? &runs->items[runs->count - 1] : NULL;
        bool breaks = gap > OPK_SEQUENCE_GAP || symbols[i] == OPK_SYMBOL_BREAK;
        gap = 0;
        if (last && breaks && last->symbol != OPK_SYMBOL_BREAK)
            kept = push(runs, OPK_SYMBOL_BREAK, strand, i);
        if (symbols[i] == OPK_SYMBOL_BREAK)
            continue;
        if (last && !breaks && last->symbol == symbols[i]) {
            last->low = ++last->high;
            last->last = (uint32_t)i;
        } else {
            kept = kept && push(runs, symbols[i], strand, i);
        }
    }
    if (!kept || !push(runs, OPK_SYMBOL_BREAK, strand, count))
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the runs of sessions");
    fold_loops(runs, begin);
    return OPK_OK;
}
