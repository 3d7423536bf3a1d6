#include "cluster/specimen.h"

#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the texts of sessions");
}

static void specimen_done(struct opk_specimen *specimen)
{
    free(specimen->steps);
    opk_buf_done(&specimen->texts);
    *specimen = (struct opk_specimen){0};
}

void opk_specimens_done(struct opk_specimens *specimens)
{
    for (size_t i = 0; i < specimens->count; i++)
        specimen_done(&specimens->items[i]);
    free(specimens->items);
    specimen_done(&specimens->growing);
    *specimens = (struct opk_specimens){0};
}

/* ---- the heap ---- */

static void swap(struct opk_specimen *a, struct opk_specimen *b)
{
    struct opk_specimen kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_down(struct opk_specimens *specimens, size_t at)
{
    for (;;) {
        size_t largest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < specimens->count; child++) {
            if (specimens->items[child].hash > specimens->items[largest].hash)
                largest = child;
        }
        if (largest == at)
            return;
        swap(&specimens->items[at], &specimens->items[largest]);
        at = largest;
    }
}

/* Move a specimen, which is left empty, into the heap. */
static bool push(struct opk_specimens *specimens, struct opk_specimen *specimen)
{
    struct opk_specimen *grown =
        opk_grow(specimens->items, &specimens->cap, specimens->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    specimens->items = grown;
    size_t at = specimens->count++;
    grown[at] = *specimen;
    *specimen = (struct opk_specimen){0};
    while (at > 0 && grown[(at - 1) / 2].hash < grown[at].hash) {
        swap(&grown[(at - 1) / 2], &grown[at]);
        at = (at - 1) / 2;
    }
    return true;
}

static void pop(struct opk_specimens *specimens)
{
    specimens->bytes -= specimens->items[0].bytes;
    specimen_done(&specimens->items[0]);
    specimens->items[0] = specimens->items[--specimens->count];
    sift_down(specimens, 0);
}

/* From now on, no specimen with this hash or a larger one is kept. */
static void keep_below(struct opk_specimens *specimens, uint64_t hash)
{
    struct opk_specimen *growing = &specimens->growing;

    specimens->is_full = true;
    specimens->kept_below = hash;
    while (specimens->count > 0 && specimens->items[0].hash >= hash)
        pop(specimens);
    if (growing->count > 0 && growing->hash >= hash) {
        specimens->bytes -= growing->bytes;
        specimen_done(growing);
    }
}

/* Drop the specimens of the largest hashes, as many as are too much. */
static void fit(struct opk_specimens *specimens)
{
    const struct opk_specimen *growing = &specimens->growing;

    while (specimens->bytes > OPK_SPECIMENS_MAX) {
        uint64_t largest = growing->count > 0 ? growing->hash : 0;
        if (specimens->count > 0 && specimens->items[0].hash > largest)
            largest = specimens->items[0].hash;
        keep_below(specimens, largest);
    }
}

static bool is_kept(const struct opk_specimens *specimens, uint64_t hash)
{
    return !specimens->is_full || hash < specimens->kept_below;
}

/* ---- adding ---- */

static uint64_t hash_of(const struct opk_strand_key *key, uint64_t window)
{
    const uint64_t parts[] = {key->session, key->source, key->flags, window};
    char bytes[sizeof(parts)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(parts[i / 8] >> (i % 8 * 8));
    return opk_hash64((struct opk_str){bytes, sizeof(bytes)});
}

static bool is_same_key(const struct opk_strand_key *a, const struct opk_strand_key *b)
{
    return a->session == b->session && a->source == b->source && a->flags == b->flags;
}

static bool add_step(struct opk_specimen *specimen, uint32_t step, uint64_t at, struct opk_str text)
{
    struct opk_specimen_step *grown =
        opk_grow(specimen->steps, &specimen->cap, specimen->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    specimen->steps = grown;
    text = opk_str_slice(text, 0, OPK_SPECIMEN_TEXT_MAX);
    grown[specimen->count++] =
        (struct opk_specimen_step){step, (uint32_t)text.len, specimen->texts.len, at};
    opk_buf_append(&specimen->texts, text);
    specimen->bytes += text.len + OPK_SPECIMEN_OVERHEAD;
    return !specimen->texts.failed;
}

enum opk_status opk_specimens_add(struct opk_specimens *specimens, const struct opk_strand_key *key,
                                  const struct opk_command *command, uint32_t step,
                                  struct opk_str text, struct opk_err *err)
{
    struct opk_specimen *growing = &specimens->growing;
    uint64_t window = command->at >> OPK_SPECIMEN_WINDOW;

    if (growing->count == 0 || growing->window != window || !is_same_key(&growing->key, key)) {
        uint64_t hash = hash_of(key, window);
        if (!is_kept(specimens, hash))
            return OPK_OK;
        if (growing->count > 0 && !push(specimens, growing))
            return no_memory(err);
        *growing = (struct opk_specimen){.key = *key, .window = window, .hash = hash};
        opk_buf_append(&growing->texts, command->source);
        growing->source_len = command->source.len;
    }
    specimens->bytes -= growing->bytes;
    if (!add_step(growing, step, command->at, text))
        return no_memory(err);
    specimens->bytes += growing->bytes;
    fit(specimens);
    return OPK_OK;
}

/* ---- merging ---- */

static bool copy_specimen(struct opk_specimen *into, const struct opk_specimen *from,
                          const uint32_t *numbers)
{
    *into = *from;
    into->texts = OPK_BUF_EMPTY;
    into->cap = 0;
    into->steps = opk_grow(NULL, &into->cap, from->count, sizeof(*into->steps));
    if (!into->steps)
        return false;
    for (size_t i = 0; i < from->count; i++) {
        into->steps[i] = from->steps[i];
        if (into->steps[i].step != OPK_STEP_UNREAD)
            into->steps[i].step = numbers[from->steps[i].step];
    }
    opk_buf_append(&into->texts, opk_buf_str(&from->texts));
    return !into->texts.failed;
}

static bool merge_one(struct opk_specimens *into, const struct opk_specimen *from,
                      const uint32_t *numbers)
{
    struct opk_specimen copy = {0};

    if (from->count == 0 || !is_kept(into, from->hash))
        return true;
    if (!copy_specimen(&copy, from, numbers) || !push(into, &copy)) {
        specimen_done(&copy);
        return false;
    }
    into->bytes += from->bytes;
    fit(into);
    return true;
}

enum opk_status opk_specimens_merge(struct opk_specimens *into, const struct opk_specimens *from,
                                    const uint32_t *numbers, struct opk_err *err)
{
    if (from->is_full && is_kept(into, from->kept_below))
        keep_below(into, from->kept_below);
    for (size_t i = 0; i < from->count; i++) {
        if (!merge_one(into, &from->items[i], numbers))
            return no_memory(err);
    }
    return merge_one(into, &from->growing, numbers) ? OPK_OK : no_memory(err);
}

/* ---- reading ---- */

static int by_hash(const void *a, const void *b)
{
    const struct opk_specimen *x = a;
    const struct opk_specimen *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->steps[0].at > y->steps[0].at) - (x->steps[0].at < y->steps[0].at);
}

/* Append a piece, which is left empty. */
static bool join(struct opk_specimen *into, struct opk_specimen *piece)
{
    bool joined = true;

    for (size_t i = 0; joined && i < piece->count; i++)
        joined =
            add_step(into, piece->steps[i].step, piece->steps[i].at, opk_specimen_text(piece, i));
    specimen_done(piece);
    return joined;
}

enum opk_status opk_specimens_sort(struct opk_specimens *specimens, struct opk_err *err)
{
    size_t kept = 0;

    if (specimens->growing.count > 0 && !push(specimens, &specimens->growing))
        return no_memory(err);
    if (specimens->count > 0)
        qsort(specimens->items, specimens->count, sizeof(*specimens->items), by_hash);
    for (size_t i = 0; i < specimens->count; i++) {
        struct opk_specimen piece = specimens->items[i];
        specimens->items[i] = (struct opk_specimen){0};
        if (kept == 0 || specimens->items[kept - 1].hash != piece.hash)
            specimens->items[kept++] = piece;
        else if (!join(&specimens->items[kept - 1], &piece))
            return no_memory(err);
    }
    specimens->count = kept;
    return OPK_OK;
}

struct opk_str opk_specimen_text(const struct opk_specimen *specimen, size_t step)
{
    const struct opk_specimen_step *one = &specimen->steps[step];

    assert(step < specimen->count);
    return opk_str_slice(opk_buf_str(&specimen->texts), one->begin, one->begin + one->len);
}

struct opk_str opk_specimen_source(const struct opk_specimen *specimen)
{
    return opk_str_slice(opk_buf_str(&specimen->texts), 0, specimen->source_len);
}
