#include "cluster/kind.h"

#include "base/map.h"
#include "base/mem.h"
#include "cluster/canon.h"
#include "cluster/hints.h"

#include <stdlib.h>
#include <string.h>

/* A kind while it is gathered. */
struct draft {
    struct opk_str signature; /* borrowed from the map of kinds */
    enum opk_kind_type type;
    struct opk_tally tally; /* of what nothing knows, as shapes */
    uint64_t registered;
    uint64_t project;
    struct opk_kind_shape *shapes; /* owned; texts borrowed from the map of shapes */
    size_t shape_count;
    size_t shape_cap;
};

struct builder {
    struct opk_kind_known known;
    struct opk_model *model;
    struct opk_map *kinds; /* signature to draft */
    struct draft *drafts;  /* owned; by index in kinds */
    size_t draft_cap;
    struct opk_map *shapes; /* signature, newline, shape */
    size_t *shape_places;   /* owned; by index in shapes: place in its draft */
    size_t place_cap;
    uint32_t *of_shape; /* owned; index in kinds, by the number of a raw shape */
    size_t of_shape_count;
    size_t of_shape_cap;
    struct opk_arena examples;
    struct opk_buf signature;
    struct opk_buf shape;
    struct opk_buf key;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to group shapes into kinds");
}

static void builder_done(struct builder *b)
{
    for (uint32_t i = 0; b->kinds && i < opk_map_count(b->kinds); i++) {
        opk_tally_done(&b->drafts[i].tally);
        free(b->drafts[i].shapes);
    }
    free(b->drafts);
    free(b->shape_places);
    free(b->of_shape);
    opk_map_free(b->kinds);
    opk_map_free(b->shapes);
    opk_model_free(b->model);
    opk_arena_done(&b->examples);
    opk_buf_done(&b->signature);
    opk_buf_done(&b->shape);
    opk_buf_done(&b->key);
}

static enum opk_status find_draft(struct builder *b, enum opk_kind_type type,
                                  struct draft **out_draft, struct opk_err *err)
{
    struct draft *grown =
        opk_grow(b->drafts, &b->draft_cap, (size_t)opk_map_count(b->kinds) + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return no_memory(err);
    b->drafts = grown;
    status = opk_map_add(b->kinds, opk_buf_str(&b->signature), &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        grown[index] = (struct draft){
            .signature = opk_map_key(b->kinds, index), .type = type, .tally = OPK_TALLY_EMPTY};
    *out_draft = &grown[index];
    return OPK_OK;
}

/* The variant of a draft that has the shape in b->shape. */
static enum opk_status find_shape(struct builder *b, struct draft *draft,
                                  struct opk_kind_shape **out_shape, struct opk_err *err)
{
    size_t *places = opk_grow(b->shape_places, &b->place_cap, (size_t)opk_map_count(b->shapes) + 1,
                              sizeof(*places));
    struct opk_kind_shape *grown =
        opk_grow(draft->shapes, &draft->shape_cap, draft->shape_count + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (places)
        b->shape_places = places;
    if (grown)
        draft->shapes = grown;
    opk_buf_clear(&b->key);
    opk_buf_append(&b->key, draft->signature);
    opk_buf_append_byte(&b->key, '\n');
    opk_buf_append(&b->key, opk_buf_str(&b->shape));
    if (!places || !grown || b->key.failed)
        return no_memory(err);
    status = opk_map_add(b->shapes, opk_buf_str(&b->key), &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        struct opk_str text = opk_str_skip(opk_map_key(b->shapes, index), draft->signature.len + 1);
        places[index] = draft->shape_count;
        grown[draft->shape_count++] =
            (struct opk_kind_shape){.text = text, .id = opk_hash128(text)};
    }
    *out_shape = &grown[places[index]];
    return OPK_OK;
}

/* Where the commands of the present shape are counted when something knows them, else NULL. */
static uint64_t *find_known(struct builder *b, struct draft *draft, struct opk_str raw)
{
    if (b->known.registered && opk_matcher_find(b->known.registered, opk_buf_str(&b->shape), NULL))
        return &draft->registered;
    return b->known.project && opk_known_has(b->known.project, raw) ? &draft->project : NULL;
}

static bool keep_number(struct builder *b, uint32_t number, uint32_t draft)
{
    uint32_t *grown = opk_grow(b->of_shape, &b->of_shape_cap, (size_t)number + 1, sizeof(*grown));

    if (!grown)
        return false;
    b->of_shape = grown;
    while (b->of_shape_count <= number)
        grown[b->of_shape_count++] = 0;
    grown[number] = draft;
    return true;
}

static enum opk_status add_raw(struct builder *b, const struct opk_seen *seen, struct opk_err *err)
{
    enum opk_kind_type type;
    struct opk_kind_shape *shape = NULL;
    struct draft *draft = NULL;
    enum opk_status status;

    opk_buf_clear(&b->signature);
    opk_buf_clear(&b->shape);
    type = opk_canon_write(b->model, seen->shape, &b->signature, &b->shape);
    if (b->signature.failed || b->shape.failed)
        return no_memory(err);
    status = find_draft(b, type, &draft, err);
    if (!draft)
        return status;
    if (!keep_number(b, seen->number, (uint32_t)(draft - b->drafts)))
        return no_memory(err);
    uint64_t *known = find_known(b, draft, seen->shape);
    if (known) {
        *known += seen->tally.commands;
        return OPK_OK;
    }
    status = find_shape(b, draft, &shape, err);
    if (!shape)
        return status;
    shape->count += seen->tally.commands;
    if (!opk_tally_merge(&draft->tally, &seen->tally, OPK_KIND_EXAMPLES, &b->examples))
        return no_memory(err);
    return OPK_OK;
}

static enum opk_status add_all(struct builder *b, const struct opk_summary *summary,
                               struct opk_err *err)
{
    struct opk_walk *walk;
    struct opk_seen seen;
    enum opk_status status = opk_walk_new(summary, false, &walk, err);

    if (status != OPK_OK)
        return status;
    while (status == OPK_OK && (status = opk_walk_next(walk, &seen, err)) == OPK_OK)
        status = add_raw(b, &seen, err);
    opk_walk_free(walk);
    return status == OPK_END ? OPK_OK : status;
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
        .first = tally->first,
        .last = tally->last,
        .day_count = tally->day_count,
        .example_count = tally->example_count,
    };
    struct opk_day *days = opk_arena_array(arena, tally->day_count, sizeof(*days));
    struct opk_example *examples = opk_arena_array(arena, tally->example_count, sizeof(*examples));

    if (!days || !examples)
        return (struct opk_evidence){0};
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

static void fill_kind(struct opk_kind *kind, const struct draft *draft, struct opk_arena *arena)
{
    struct opk_kind_shape *shapes = opk_arena_array(arena, draft->shape_count, sizeof(*shapes));

    kind->signature = opk_arena_copy(arena, draft->signature);
    kind->type = draft->type;
    kind->registered = draft->registered;
    kind->project = draft->project;
    kind->noise = draft->type == OPK_KIND_COMMAND && opk_hint_is_noise(draft->signature);
    kind->evidence = opk_evidence_copy(&draft->tally, arena);
    if (!shapes)
        return;
    for (size_t i = 0; i < draft->shape_count; i++) {
        shapes[i] = draft->shapes[i];
        shapes[i].text = opk_arena_copy(arena, shapes[i].text);
    }
    qsort(shapes, draft->shape_count, sizeof(*shapes), compare_shapes);
    kind->shapes = shapes;
    kind->shape_count = draft->shape_count;
    fill_slots(kind, arena);
}

/* The place of each raw shape's kind after sorting. */
static bool number_kinds(const struct builder *b, struct opk_kinds *kinds)
{
    uint32_t *of_shape = opk_arena_array(&kinds->arena, b->of_shape_count, sizeof(*of_shape));
    uint32_t *places = opk_arena_array(&kinds->arena, kinds->count, sizeof(*places));

    if (!of_shape || !places)
        return false;
    for (size_t i = 0; i < kinds->count; i++) {
        uint32_t draft;
        if (opk_map_find(b->kinds, kinds->items[i].signature, &draft))
            places[draft] = (uint32_t)i;
    }
    for (size_t i = 0; i < b->of_shape_count; i++)
        of_shape[i] = places[b->of_shape[i]];
    kinds->of_shape = of_shape;
    kinds->of_shape_count = b->of_shape_count;
    return true;
}

static enum opk_status finish(const struct builder *b, const struct opk_summary *summary,
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
