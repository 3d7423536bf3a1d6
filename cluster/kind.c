#include "cluster/kind.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "cluster/canon.h"
#include "cluster/hints.h"
#include "cluster/modes.h"

#include <stdlib.h>
#include <string.h>

/* A canonical shape of an operation. */
struct variant {
    struct opk_str operation; /* as text, borrowed from the map of shapes */
    struct opk_str text;
    enum opk_kind_type type;
    uint32_t draft; /* index in kinds */
    bool registered;
    uint64_t count; /* of commands that nothing knows */
};

/* A kind while it is gathered. */
struct draft {
    struct opk_str signature; /* borrowed from the map of kinds */
    struct opk_str operation; /* borrowed from the map of shapes */
    enum opk_kind_type type;
    struct opk_tally tally; /* of what nothing knows, as shapes */
    uint64_t registered;
    uint64_t project;
    size_t shape_count;
    struct opk_kind_shape *shapes; /* of the kind, filled last */
};

struct builder;

/* The evidence of some of the drafts, which one thread adds up. */
struct tallier {
    struct builder *builder; /* shared; of variants and drafts only its own are touched */
    const struct opk_summary *summary;
    uint32_t index; /* its drafts have this remainder */
    uint32_t count;
    struct opk_arena examples; /* texts of its drafts' examples */
    enum opk_status status;
    struct opk_err err;
};

/* Shapes come first, then their modes, then kinds and their evidence. */
struct builder {
    struct opk_kind_known known;
    struct opk_model *model;
    struct opk_modes *modes;
    struct opk_map *shapes;   /* operation, newline, shape */
    struct variant *variants; /* owned; by index in shapes */
    size_t variant_cap;
    uint32_t *variant_of;  /* owned; index in shapes, by that of a reduced shape (reduced.h) */
    struct opk_map *kinds; /* signature to draft */
    struct draft *drafts;  /* owned; by index in kinds */
    size_t draft_cap;
    struct tallier *talliers; /* owned */
    size_t tallier_count;
    struct opk_buf signature;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to group shapes into kinds");
}

static void builder_done(struct builder *b)
{
    for (uint32_t i = 0; b->kinds && i < opk_map_count(b->kinds); i++)
        opk_tally_done(&b->drafts[i].tally);
    free(b->drafts);
    free(b->variants);
    free(b->variant_of);
    opk_map_free(b->kinds);
    opk_map_free(b->shapes);
    opk_modes_free(b->modes);
    opk_model_free(b->model);
    for (size_t i = 0; i < b->tallier_count; i++)
        opk_arena_done(&b->talliers[i].examples);
    free(b->talliers);
    opk_buf_done(&b->signature);
}

/* ---- shapes ---- */

/* The canonical texts of a reduced shape: operation, newline and shape, which is its key, and what
 * modes are learnt from. */
struct canonical {
    enum opk_kind_type type;
    size_t begin; /* in the bytes of its canonist */
    size_t operation_len;
    size_t key_len;
    size_t len;
};

/* Writes the texts of some of the reduced shapes, in a thread. */
struct canonist {
    const struct opk_model *model;
    uint32_t begin;
    uint32_t end;
    struct opk_buf bytes;
    struct canonical *items; /* owned; of begin and the next ones */
    bool failed;
};

static bool write_canonical(struct canonist *c, uint32_t reduced, struct opk_buf *shape,
                            struct opk_buf *description)
{
    struct canonical *item = &c->items[reduced - c->begin];

    opk_buf_clear(shape);
    opk_buf_clear(description);
    item->begin = c->bytes.len;
    item->type = opk_canon_write(c->model, opk_reduced_shape(c->model->reduced, reduced), &c->bytes,
                                 shape, description);
    item->operation_len = c->bytes.len - item->begin;
    opk_buf_append_byte(&c->bytes, '\n');
    opk_buf_append(&c->bytes, opk_buf_str(shape));
    item->key_len = c->bytes.len - item->begin;
    opk_buf_append(&c->bytes, opk_buf_str(description));
    item->len = c->bytes.len - item->begin;
    return !c->bytes.failed && !shape->failed && !description->failed;
}

static void *write_canonicals(void *item)
{
    struct canonist *c = item;
    struct opk_buf shape = OPK_BUF_EMPTY;
    struct opk_buf description = OPK_BUF_EMPTY;

    c->items = calloc((size_t)(c->end - c->begin) + 1, sizeof(*c->items));
    c->failed = !c->items;
    for (uint32_t i = c->begin; i < c->end && !c->failed; i++)
        c->failed = !write_canonical(c, i, &shape, &description);
    opk_buf_done(&shape);
    opk_buf_done(&description);
    return NULL;
}

/* The variant of a canonical shape. */
static enum opk_status find_variant(struct builder *b, const struct canonical *item,
                                    struct opk_str key, uint32_t *out_index, struct opk_err *err)
{
    struct variant *grown = opk_grow(b->variants, &b->variant_cap,
                                     (size_t)opk_map_count(b->shapes) + 1, sizeof(*grown));
    enum opk_status status;
    bool is_new;

    if (!grown)
        return no_memory(err);
    b->variants = grown;
    status = opk_map_add(b->shapes, key, out_index, &is_new, err);
    if (status == OPK_OK && is_new) {
        key = opk_map_key(b->shapes, *out_index);
        grown[*out_index] =
            (struct variant){.operation = opk_str_slice(key, 0, item->operation_len),
                             .text = opk_str_skip(key, item->operation_len + 1),
                             .type = item->type};
    }
    return status;
}

/* Raw shapes that are reduced to one have one canonical shape. */
static enum opk_status add_shapes_of(struct builder *b, const struct canonist *c,
                                     struct opk_err *err)
{
    enum opk_status status = c->failed ? no_memory(err) : OPK_OK;

    for (uint32_t i = c->begin; i < c->end && status == OPK_OK; i++) {
        const struct canonical *item = &c->items[i - c->begin];
        const struct opk_str text = opk_str_skip(opk_buf_str(&c->bytes), item->begin);
        status =
            find_variant(b, item, opk_str_slice(text, 0, item->key_len), &b->variant_of[i], err);
        if (status == OPK_OK && item->type == OPK_KIND_COMMAND)
            status = opk_modes_count(b->modes, opk_str_slice(text, 0, item->operation_len),
                                     opk_str_slice(text, item->key_len, item->len),
                                     opk_reduced_commands(b->model->reduced, i), err);
    }
    return status;
}

static enum opk_status add_shapes(struct builder *b, const struct opk_summary *summary,
                                  struct opk_err *err)
{
    const uint32_t shapes = opk_reduced_count(b->model->reduced);
    const size_t count = opk_summary_jobs(summary);
    struct canonist *canonists = calloc(count, sizeof(*canonists));
    enum opk_status status = OPK_OK;

    b->variant_of = calloc((size_t)shapes + 1, sizeof(*b->variant_of));
    if (!canonists || !b->variant_of) {
        free(canonists);
        return no_memory(err);
    }
    for (size_t i = 0; i < count; i++)
        canonists[i] = (struct canonist){
            .model = b->model,
            .begin = (uint32_t)(shapes * (uint64_t)i / count),
            .end = (uint32_t)(shapes * (uint64_t)(i + 1) / count),
            .bytes = OPK_BUF_EMPTY,
        };
    opk_parallel(write_canonicals, canonists, count, sizeof(*canonists));
    for (size_t i = 0; i < count; i++) {
        if (status == OPK_OK)
            status = add_shapes_of(b, &canonists[i], err);
        opk_buf_done(&canonists[i].bytes);
        free(canonists[i].items);
    }
    free(canonists);
    return status;
}

static uint32_t variant_of(const struct builder *b, uint32_t number)
{
    return b->variant_of[opk_reduced_of(b->model->reduced, number)];
}

/* ---- kinds ---- */

/* The draft of the signature in b->signature. */
static enum opk_status find_draft(struct builder *b, const struct variant *variant,
                                  uint32_t *out_index, struct opk_err *err)
{
    struct draft *grown =
        opk_grow(b->drafts, &b->draft_cap, (size_t)opk_map_count(b->kinds) + 1, sizeof(*grown));
    enum opk_status status;
    bool is_new;

    if (grown)
        b->drafts = grown;
    if (!grown || b->signature.failed)
        return no_memory(err);
    status = opk_map_add(b->kinds, opk_buf_str(&b->signature), out_index, &is_new, err);
    if (status == OPK_OK && is_new)
        grown[*out_index] = (struct draft){.signature = opk_map_key(b->kinds, *out_index),
                                           .operation = variant->operation,
                                           .type = variant->type,
                                           .tally = OPK_TALLY_EMPTY};
    return status;
}

/* Which kind every variant belongs to, and whether it is registered. */
static enum opk_status sign_variants(struct builder *b, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (uint32_t i = 0; i < opk_map_count(b->shapes) && status == OPK_OK; i++) {
        struct variant *variant = &b->variants[i];
        opk_buf_clear(&b->signature);
        opk_modes_sign(b->modes, variant->operation, variant->text, &b->signature);
        status = find_draft(b, variant, &variant->draft, err);
        variant->registered =
            b->known.registered && opk_matcher_find(b->known.registered, variant->text, NULL);
    }
    return status;
}

static enum opk_status add_evidence(struct tallier *g, struct opk_walk *walk,
                                    const struct opk_seen *seen)
{
    struct builder *b = g->builder;
    struct variant *variant = &b->variants[variant_of(b, seen->number)];
    struct draft *draft = &b->drafts[variant->draft];

    if (variant->draft % g->count != g->index)
        return OPK_OK;
    if (variant->registered) {
        draft->registered += seen->commands;
        return OPK_OK;
    }
    if (b->known.project && opk_known_has(b->known.project, seen->shape)) {
        draft->project += seen->commands;
        return OPK_OK;
    }
    const struct opk_tally tally = opk_walk_tally(walk);
    draft->shape_count += variant->count == 0;
    variant->count += seen->commands;
    return opk_tally_merge(&draft->tally, &tally, OPK_KIND_EXAMPLES, &g->examples)
               ? OPK_OK
               : no_memory(&g->err);
}

static void *tally_drafts(void *item)
{
    struct tallier *g = item;
    struct opk_walk *walk;
    struct opk_seen seen;

    g->status = opk_walk_new(g->summary, false, &walk, &g->err);
    if (g->status != OPK_OK)
        return NULL;
    while (g->status == OPK_OK && (g->status = opk_walk_next(walk, &seen, &g->err)) == OPK_OK)
        g->status = add_evidence(g, walk, &seen);
    opk_walk_free(walk);
    if (g->status == OPK_END)
        g->status = OPK_OK;
    return NULL;
}

static enum opk_status add_all_evidence(struct builder *b, const struct opk_summary *summary,
                                        struct opk_err *err)
{
    const size_t count = opk_summary_jobs(summary);

    b->talliers = calloc(count, sizeof(*b->talliers));
    if (!b->talliers)
        return no_memory(err);
    b->tallier_count = count;
    for (size_t i = 0; i < count; i++)
        b->talliers[i] = (struct tallier){
            .builder = b, .summary = summary, .index = (uint32_t)i, .count = (uint32_t)count};
    opk_parallel(tally_drafts, b->talliers, count, sizeof(*b->talliers));
    for (size_t i = 0; i < count; i++) {
        if (b->talliers[i].status != OPK_OK) {
            if (err)
                *err = b->talliers[i].err;
            return b->talliers[i].status;
        }
    }
    return OPK_OK;
}

static enum opk_status add_all(struct builder *b, const struct opk_summary *summary,
                               struct opk_err *err)
{
    enum opk_status status = add_shapes(b, summary, err);

    if (status == OPK_OK)
        status = opk_modes_decide(b->modes, err);
    if (status == OPK_OK)
        status = sign_variants(b, err);
    return status == OPK_OK ? add_all_evidence(b, summary, err) : status;
}

static int compare_shapes(const void *a, const void *b)
{
    const struct opk_kind_shape *x = a;
    const struct opk_kind_shape *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return opk_str_cmp(x->text, y->text);
}

static int compare_kinds(const void *a, const void *b)
{
    const struct opk_kind *x = a;
    const struct opk_kind *y = b;

    if (x->evidence.commands != y->evidence.commands)
        return x->evidence.commands > y->evidence.commands ? -1 : 1;
    return opk_str_cmp(x->signature, y->signature);
}

static int compare_slots(const void *a, const void *b)
{
    const struct opk_slot *x = a;
    const struct opk_slot *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return opk_str_cmp(x->name, y->name);
}

static struct opk_slot *find_slot(struct opk_slot *slots, size_t count, struct opk_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_eq(slots[i].name, name))
            return &slots[i];
    }
    return NULL;
}

/* How often a class stands in a shape up to its occurrence at at, that one included. */
static size_t occurrence(struct opk_str shape, struct opk_str with_brackets, size_t at)
{
    size_t number = 0;
    size_t from = 0;

    while ((from = opk_str_find(shape, with_brackets, from)) != OPK_NPOS && from <= at) {
        number++;
        from += with_brackets.len;
    }
    return number;
}

/* A kind has at most this many slots; rarer ones are left out. */
#define SLOTS_MAX 64

/* Collect the classes of all shapes: "path", and "path2" for a second one in the same shape. */
static void fill_slots(struct opk_kind *kind, struct opk_arena *arena)
{
    struct opk_slot slots[SLOTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < kind->shape_count; i++) {
        struct opk_str text = kind->shapes[i].text;
        size_t at = 0;
        while ((at = opk_str_find_byte(text, '<', at)) != OPK_NPOS) {
            size_t end = opk_str_find_byte(text, '>', at);
            struct opk_str inside = opk_str_slice(text, at + 1, end);
            if (end == OPK_NPOS)
                break;
            if (inside.len == 0 || !opk_is_lower(inside.data[0])) {
                at++; /* a redirection's sign */
                continue;
            }
            size_t number = occurrence(text, opk_str_slice(text, at, end + 1), at);
            struct opk_str name =
                number > 1 ? opk_arena_printf(arena, "%.*s%zu", OPK_STR_FMT(inside), number)
                           : inside;
            struct opk_slot *slot = find_slot(slots, count, name);
            if (!slot && count < SLOTS_MAX) {
                slot = &slots[count++];
                *slot = (struct opk_slot){name, inside, 0};
            }
            if (slot)
                slot->count += kind->shapes[i].count;
            at = end + 1;
        }
    }
    qsort(slots, count, sizeof(slots[0]), compare_slots);
    struct opk_slot *kept = opk_arena_array(arena, count, sizeof(*kept));
    if (kept && count > 0)
        memcpy(kept, slots, count * sizeof(*kept));
    kind->slots = kept;
    kind->slot_count = kept ? count : 0;
}

struct opk_evidence opk_evidence_copy(const struct opk_tally *tally, struct opk_arena *arena)
{
    struct opk_evidence evidence = {
        .commands = tally->commands,
        .failed = tally->failed,
        .finished = tally->finished,
        .sidechain = tally->sidechain,
        .sessions = opk_sketch_count(&tally->sessions),
        .sources = opk_sketch_count(&tally->sources),
        .users = opk_sketch_count(&tally->users),
        .projects = opk_sketch_count(&tally->projects),
        .first = tally->first,
        .last = tally->last,
        .day_count = tally->day_count,
        .example_count = tally->example_count,
    };
    uint64_t attended = opk_sketch_count(&tally->attended);
    struct opk_day *days = opk_arena_array(arena, tally->day_count, sizeof(*days));
    struct opk_example *examples = opk_arena_array(arena, tally->example_count, sizeof(*examples));

    if (!days || !examples)
        return (struct opk_evidence){0};
    /* Two estimates of large sets may be the wrong way round. */
    evidence.unattended = evidence.sessions > attended ? evidence.sessions - attended : 0;
    for (size_t i = 0; i < tally->day_count; i++)
        days[i] = tally->days[i];
    for (size_t i = 0; i < tally->example_count; i++) {
        const struct opk_example *from = &tally->examples[i].example;
        examples[i] = (struct opk_example){opk_arena_copy(arena, from->text),
                                           opk_arena_copy(arena, from->source), from->at};
    }
    evidence.days = days;
    evidence.examples = examples;
    return evidence;
}

/* All but shapes and slots; there is room for the shapes. */
static void fill_kind(struct opk_kind *kind, struct draft *draft, struct opk_arena *arena)
{
    kind->operation = opk_arena_copy(arena, draft->operation);
    kind->signature = opk_arena_copy(arena, draft->signature);
    kind->type = draft->type;
    kind->registered = draft->registered;
    kind->project = draft->project;
    kind->noise = draft->type == OPK_KIND_COMMAND && opk_hint_is_noise(draft->operation);
    kind->evidence = opk_evidence_copy(&draft->tally, arena);
    draft->shapes = opk_arena_array(arena, draft->shape_count, sizeof(*draft->shapes));
    kind->shapes = draft->shapes;
}

/* Give every kind its shapes, and the slots that they hold. */
static bool fill_shapes(const struct builder *b, struct opk_kinds *kinds)
{
    for (uint32_t i = 0; i < opk_map_count(b->shapes); i++) {
        const struct variant *variant = &b->variants[i];
        struct opk_kind *kind = &kinds->items[variant->draft];
        if (variant->count == 0)
            continue;
        if (!kind->shapes)
            return false;
        b->drafts[variant->draft].shapes[kind->shape_count++] =
            (struct opk_kind_shape){.text = opk_arena_copy(&kinds->arena, variant->text),
                                    .id = opk_hash128(variant->text),
                                    .count = variant->count};
    }
    for (size_t i = 0; i < kinds->count; i++) {
        struct opk_kind *kind = &kinds->items[i];
        if (kind->shape_count > 0)
            qsort(b->drafts[i].shapes, kind->shape_count, sizeof(*kind->shapes), compare_shapes);
        fill_slots(kind, &kinds->arena);
    }
    return true;
}

/* The place of each raw shape's kind after sorting. */
static bool number_kinds(const struct builder *b, struct opk_kinds *kinds)
{
    uint32_t numbers = opk_reduced_numbers(b->model->reduced);
    uint32_t *of_shape = opk_arena_array(&kinds->arena, numbers, sizeof(*of_shape));
    uint32_t *places = opk_arena_array(&kinds->arena, kinds->count, sizeof(*places));

    if (!of_shape || !places)
        return false;
    for (size_t i = 0; i < kinds->count; i++) {
        uint32_t draft;
        if (opk_map_find(b->kinds, kinds->items[i].signature, &draft))
            places[draft] = (uint32_t)i;
    }
    for (uint32_t i = 0; i < numbers; i++)
        of_shape[i] = places[b->variants[variant_of(b, i)].draft];
    kinds->of_shape = of_shape;
    kinds->of_shape_count = numbers;
    return true;
}

static enum opk_status finish(struct builder *b, const struct opk_summary *summary,
                              struct opk_kinds *kinds, struct opk_err *err)
{
    size_t count = opk_map_count(b->kinds);

    kinds->items = opk_arena_array(&kinds->arena, count, sizeof(*kinds->items));
    if (!kinds->items)
        return no_memory(err);
    kinds->count = count;
    kinds->ledger = opk_summary_ledger(summary);
    for (size_t i = 0; i < count; i++) {
        fill_kind(&kinds->items[i], &b->drafts[i], &kinds->arena);
        if (kinds->items[i].noise)
            kinds->ledger.noise += kinds->items[i].evidence.commands;
    }
    if (!fill_shapes(b, kinds))
        return no_memory(err);
    qsort(kinds->items, count, sizeof(*kinds->items), compare_kinds);
    if (!kinds->arena.failed && count > 0 && !number_kinds(b, kinds))
        return no_memory(err);
    return opk_arena_check(&kinds->arena, err);
}

enum opk_status opk_kinds_build(const struct opk_summary *summary,
                                const struct opk_kind_known *known, struct opk_kinds *out_kinds,
                                struct opk_err *err)
{
    struct builder b = {.known = known ? *known : (struct opk_kind_known){0}};
    struct opk_kinds kinds = {0};
    enum opk_status status = opk_model_new(summary, true, &b.model, err);

    if (status == OPK_OK)
        status = opk_modes_new(&b.modes, err);
    if (status == OPK_OK)
        status = opk_map_new(&b.kinds, err);
    if (status == OPK_OK)
        status = opk_map_new(&b.shapes, err);
    if (status == OPK_OK)
        status = add_all(&b, summary, err);
    if (status == OPK_OK)
        status = finish(&b, summary, &kinds, err);
    builder_done(&b);
    if (status == OPK_OK)
        *out_kinds = kinds;
    else
        opk_kinds_done(&kinds);
    return status;
}

void opk_kinds_done(struct opk_kinds *kinds)
{
    opk_arena_done(&kinds->arena);
    *kinds = (struct opk_kinds){0};
}

const struct opk_kind *opk_kinds_find(const struct opk_kinds *kinds, struct opk_str signature)
{
    for (size_t i = 0; i < kinds->count; i++) {
        if (opk_str_eq(kinds->items[i].signature, signature))
            return &kinds->items[i];
    }
    return NULL;
}
