/* The table of raw shapes, and what is known of each. */
#include "base/hash.h"
#include "base/mem.h"
#include "cluster/summary_impl.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS ((size_t)1024)

void opk_rows_done(struct opk_rows *rows)
{
    for (uint32_t i = 0; i < rows->wide_count; i++)
        opk_tally_done(&rows->wide[i]);
    free(rows->wide);
    free(rows->items);
    free(rows->slots);
    opk_arena_done(&rows->texts);
    opk_arena_done(&rows->examples);
    *rows = (struct opk_rows){0};
}

/* ---- the table ---- */

static void place(struct opk_row_slot *slots, size_t mask, struct opk_row_slot slot)
{
    size_t at = slot.hash & mask;

    while (slots[at].row != 0)
        at = (at + 1) & mask;
    slots[at] = slot;
}

static bool double_slots(struct opk_rows *rows)
{
    size_t size = rows->slots ? (rows->slot_mask + 1) * 2 : FIRST_SLOTS;
    struct opk_row_slot *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; rows->slots && i <= rows->slot_mask; i++) {
        if (rows->slots[i].row != 0)
            place(slots, size - 1, rows->slots[i]);
    }
    free(rows->slots);
    rows->slots = slots;
    rows->slot_mask = size - 1;
    return true;
}

static enum opk_status add_row(struct opk_rows *rows, struct opk_str raw, uint64_t hash,
                               uint32_t *out_index, struct opk_err *err)
{
    struct opk_row *grown;
    struct opk_str copy;

    if (rows->count == UINT32_MAX - 1 || raw.len > UINT32_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u distinct raw shapes",
                        rows->count);
    grown = opk_grow(rows->items, &rows->cap, (size_t)rows->count + 1, sizeof(*grown));
    if (!grown)
        goto nomem;
    rows->items = grown;
    if ((!rows->slots || (size_t)rows->count >= rows->slot_mask / 4 * 3) && !double_slots(rows))
        goto nomem;
    copy = opk_arena_pack(&rows->texts, raw);
    if (rows->texts.failed)
        goto nomem;
    *out_index = rows->count++;
    grown[*out_index] = (struct opk_row){
        .raw = copy.data,
        .raw_len = (uint32_t)copy.len,
        .origin = OPK_NO_ORIGIN,
        .limit = UINT32_MAX,
    };
    place(rows->slots, rows->slot_mask,
          (struct opk_row_slot){hash, (uint32_t)copy.len, rows->count});
    return OPK_OK;

nomem:
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for raw shape %u", rows->count);
}

uint64_t opk_rows_hash(const struct opk_rows *rows, struct opk_str raw)
{
    uint64_t hash = opk_hash_table(raw);

    if (rows->slots)
        __builtin_prefetch(&rows->slots[hash & rows->slot_mask]);
    return hash;
}

enum opk_status opk_rows_find(struct opk_rows *rows, struct opk_str raw, uint64_t hash,
                              uint32_t *out_index, struct opk_err *err)
{
    for (size_t at = hash & rows->slot_mask; rows->slots && rows->slots[at].row != 0;
         at = (at + 1) & rows->slot_mask) {
        if (rows->slots[at].hash == hash && rows->slots[at].raw_len == raw.len) {
            *out_index = rows->slots[at].row - 1;
            return OPK_OK;
        }
    }
    return add_row(rows, raw, hash, out_index, err);
}

size_t opk_rows_bytes(const struct opk_rows *rows)
{
    size_t bytes = rows->cap * sizeof(*rows->items) + rows->texts.used + rows->examples.used +
                   rows->wide_cap * sizeof(*rows->wide);

    if (rows->slots)
        bytes += (rows->slot_mask + 1) * sizeof(*rows->slots);
    for (uint32_t i = 0; i < rows->wide_count; i++) {
        const struct opk_tally *tally = &rows->wide[i];
        bytes += (tally->sessions.cap + tally->sources.cap + tally->users.cap +
                  tally->projects.cap + tally->attended.cap) *
                     sizeof(uint64_t) +
                 tally->day_cap * sizeof(*tally->days);
    }
    return bytes;
}

/* ---- counts ---- */

static bool add_origin(struct opk_tally *tally, const struct opk_origin *origin, bool attended)
{
    return opk_sketch_add(&tally->sessions, origin->session) &&
           opk_sketch_add(&tally->sources, origin->source) &&
           (!origin->has_user || opk_sketch_add(&tally->users, origin->user)) &&
           (origin->project == 0 || opk_sketch_add(&tally->projects, origin->project)) &&
           (!attended || opk_sketch_add(&tally->attended, origin->session));
}

struct opk_tally *opk_rows_widen(struct opk_rows *rows, const struct opk_origins *origins,
                                 uint32_t index)
{
    struct opk_row *row = &rows->items[index];
    struct opk_tally *grown;

    if (row->wide > 0)
        return &rows->wide[row->wide - 1];
    grown = opk_grow(rows->wide, &rows->wide_cap, (size_t)rows->wide_count + 1, sizeof(*grown));
    if (!grown)
        return NULL;
    rows->wide = grown;
    grown += rows->wide_count;
    *grown = OPK_TALLY_EMPTY;
    row->wide = ++rows->wide_count;
    if (row->origin != OPK_NO_ORIGIN && !add_origin(grown, &origins->items[row->origin], true))
        return NULL;
    row->origin = OPK_NO_ORIGIN;
    return grown;
}

bool opk_rows_gain(struct opk_rows *rows, const struct opk_origins *origins, uint32_t index,
                   const struct opk_gain *gain)
{
    struct opk_row *row = &rows->items[index];
    bool narrow = gain->time == OPK_UNKNOWN && gain->finished == 0 && gain->sidechain == 0;
    bool is_new = row->commands == 0;
    struct opk_tally *tally;

    row->commands += gain->commands;
    if (narrow && row->wide == 0 && (is_new || row->origin == gain->origin)) {
        row->origin = gain->origin;
        return true;
    }
    tally = opk_rows_widen(rows, origins, index);
    if (!tally)
        return false;
    tally->failed += gain->failed;
    tally->finished += gain->finished;
    tally->sidechain += gain->sidechain;
    if (gain->time != OPK_UNKNOWN && !opk_tally_add_time(tally, gain->time))
        return false;
    return gain->origin == OPK_NO_ORIGIN ||
           add_origin(tally, &origins->items[gain->origin], gain->sidechain == 0);
}

/* ---- examples ---- */

/* Keep no more examples than there may be, and note when there is no more room. */
static void cut_examples(struct opk_row *row)
{
    size_t count = 0;

    for (struct opk_kept *kept = row->examples; kept; kept = kept->next) {
        if (++count == OPK_SHAPE_EXAMPLES) {
            row->limit = (uint32_t)(kept->hash >> 32);
            kept->next = NULL;
        }
    }
}

/* The same text seen twice is told by the first place in order, whatever came first. */
static bool place_before(const struct opk_origins *origins, uint32_t origin, uint64_t at,
                         const struct opk_kept *kept)
{
    int order = origin == kept->origin ? 0
                                       : opk_str_cmp(origins->items[origin].source_name,
                                                     origins->items[kept->origin].source_name);

    return order != 0 ? order < 0 : at < kept->at;
}

bool opk_rows_offer(struct opk_rows *rows, const struct opk_origins *origins, uint32_t index,
                    const struct opk_offer *offer)
{
    struct opk_row *row = &rows->items[index];
    struct opk_kept **link = &row->examples;
    size_t before = 0;

    if (offer->hash >> 32 > row->limit)
        return true;
    while (*link && (*link)->hash < offer->hash) {
        link = &(*link)->next;
        before++;
    }
    if (*link && (*link)->hash == offer->hash) {
        if (place_before(origins, offer->origin, offer->at, *link)) {
            (*link)->origin = offer->origin;
            (*link)->at = offer->at;
        }
        return true;
    }
    if (before == OPK_SHAPE_EXAMPLES)
        return true;
    struct opk_kept *kept =
        opk_arena_room(&rows->examples, sizeof(*kept) + offer->text.len, alignof(struct opk_kept));
    if (!kept)
        return false;
    *kept =
        (struct opk_kept){*link, offer->hash, offer->at, offer->origin, (uint32_t)offer->text.len};
    memcpy(kept->text, offer->text.data, offer->text.len);
    *link = kept;
    cut_examples(row);
    return true;
}

struct opk_tally opk_rows_tally(const struct opk_rows *rows, const struct opk_origins *origins,
                                uint32_t index, struct opk_kept_example *kept)
{
    const struct opk_row *row = &rows->items[index];
    struct opk_tally tally = row->wide > 0 ? rows->wide[row->wide - 1] : OPK_TALLY_EMPTY;

    if (row->origin != OPK_NO_ORIGIN) {
        const struct opk_origin *origin = &origins->items[row->origin];
        tally.sessions = (struct opk_sketch){.one = origin->session, .count = 1};
        tally.sources = (struct opk_sketch){.one = origin->source, .count = 1};
        tally.users = (struct opk_sketch){.one = origin->user, .count = origin->has_user};
        tally.projects = (struct opk_sketch){.one = origin->project, .count = origin->project != 0};
        tally.attended = tally.sessions;
    }
    tally.commands = row->commands;
    tally.examples = kept;
    for (const struct opk_kept *k = row->examples; k; k = k->next) {
        struct opk_str text = {k->text, k->len};
        struct opk_example example = {text, origins->items[k->origin].source_name, k->at};
        kept[tally.example_count++] = (struct opk_kept_example){k->hash, example};
    }
    return tally;
}

uint64_t opk_rows_sessions(const struct opk_rows *rows, const struct opk_origins *origins,
                           uint32_t index)
{
    const struct opk_row *row = &rows->items[index];

    if (row->wide > 0)
        return opk_sketch_bits(&rows->wide[row->wide - 1].sessions);
    return row->origin == OPK_NO_ORIGIN ? 0 : opk_sketch_bit(origins->items[row->origin].session);
}

/* ---- origins ---- */

void opk_origins_done(struct opk_origins *origins)
{
    opk_map_free(origins->keys);
    free(origins->items);
    *origins = (struct opk_origins){0};
}

static void append_name(struct opk_buf *key, struct opk_str name)
{
    uint32_t len = (uint32_t)name.len;

    opk_buf_append(key, opk_str_bytes(&len, sizeof(len)));
    opk_buf_append(key, name);
}

static struct opk_str take_name(struct opk_str *key)
{
    struct opk_str name;
    uint32_t len;

    memcpy(&len, key->data, sizeof(len));
    name = opk_str_slice(*key, sizeof(len), sizeof(len) + len);
    *key = opk_str_skip(*key, sizeof(len) + len);
    return name;
}

/* project is that of an origin which is new. */
static uint32_t add_key(struct opk_origins *origins, struct opk_str key, uint64_t project)
{
    struct opk_origin *grown;
    uint32_t index;
    bool is_new;

    if (!origins->keys && opk_map_new(&origins->keys, NULL) != OPK_OK)
        return OPK_NO_ORIGIN;
    grown = opk_grow(origins->items, &origins->cap, (size_t)opk_map_count(origins->keys) + 1,
                     sizeof(*grown));
    if (!grown)
        return OPK_NO_ORIGIN;
    origins->items = grown;
    if (opk_map_add(origins->keys, key, &index, &is_new, NULL) != OPK_OK)
        return OPK_NO_ORIGIN;
    key = opk_map_key(origins->keys, index);
    origins->last = index;
    origins->session = take_name(&key);
    origins->source = take_name(&key);
    origins->user = take_name(&key);
    origins->shell = take_name(&key);
    grown[index] = (struct opk_origin){
        .session = opk_hash64(origins->session.len > 0 ? origins->session : origins->source),
        .source = opk_hash64(origins->source),
        .user = opk_hash64(origins->user),
        .project = is_new ? project : grown[index].project,
        .has_user = origins->user.len > 0,
        .source_name = origins->source,
    };
    return index;
}

uint32_t opk_origins_find(struct opk_origins *origins, const struct opk_command *command)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    uint32_t index = OPK_NO_ORIGIN;

    if (origins->keys && opk_str_eq(command->session, origins->session) &&
        opk_str_eq(command->source, origins->source) && opk_str_eq(command->user, origins->user) &&
        opk_str_eq(command->shell, origins->shell))
        return origins->last;
    append_name(&key, command->session);
    append_name(&key, command->source);
    append_name(&key, command->user);
    append_name(&key, command->shell);
    if (!key.failed)
        index = add_key(origins, opk_buf_str(&key),
                        command->cwd.len > 0 ? opk_hash64(command->cwd) : 0);
    opk_buf_done(&key);
    return index;
}

uint32_t opk_origins_add(struct opk_origins *origins, const struct opk_origins *from,
                         uint32_t index)
{
    uint64_t project = from->items[index].project;
    uint32_t added = add_key(origins, opk_map_key(from->keys, index), project);

    /* Of two that parts of one source tell, whichever came first: the smaller. */
    if (added != OPK_NO_ORIGIN && project != 0 &&
        (origins->items[added].project == 0 || project < origins->items[added].project))
        origins->items[added].project = project;
    return added;
}
