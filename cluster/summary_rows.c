/* The table of raw shapes, and what is known of each. */
#include "base/hash.h"
#include "base/mem.h"
#include "base/pages.h"
#include "cluster/summary_impl.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS ((size_t)1024)
#define CACHE_LINE  ((size_t)64)
#define BLOCK_BYTES (OPK_ROWS_BLOCK * sizeof(struct opk_row))

static_assert(BLOCK_BYTES % CACHE_LINE == 0 && OPK_PAGES_MIN % BLOCK_BYTES == 0,
              "blocks do not fit into pages, or lines of a cache into blocks");

/* The first blocks are allocated one by one, the others many at a time, in huge pages. */
#define LONE_BLOCKS    ((size_t)8)
#define BLOCKS_AT_ONCE (OPK_PAGES_MIN / BLOCK_BYTES)

static size_t block_count(const struct opk_rows *rows)
{
    return ((size_t)rows->count + OPK_ROWS_BLOCK - 1) / OPK_ROWS_BLOCK;
}

static bool begins_pages(size_t block)
{
    return block >= LONE_BLOCKS && (block - LONE_BLOCKS) % BLOCKS_AT_ONCE == 0;
}

static size_t block_bytes(const struct opk_rows *rows)
{
    const size_t count = block_count(rows);
    const size_t lone = count < LONE_BLOCKS ? count : LONE_BLOCKS;
    const size_t pages = (count - lone + BLOCKS_AT_ONCE - 1) / BLOCKS_AT_ONCE;

    return lone * BLOCK_BYTES + pages * OPK_PAGES_MIN;
}

/* Large tables of slots lie in huge pages, too. */
static struct opk_row_slot *slots_new(size_t size)
{
    const size_t bytes = size * sizeof(struct opk_row_slot);

    return bytes % OPK_PAGES_MIN == 0 ? opk_pages_alloc(bytes) : calloc(1, bytes);
}

static void slots_free(struct opk_row_slot *slots, size_t size)
{
    const size_t bytes = size * sizeof(*slots);

    if (bytes % OPK_PAGES_MIN == 0)
        opk_pages_free(slots, bytes);
    else
        free(slots);
}

void opk_rows_done(struct opk_rows *rows)
{
    for (uint32_t i = 0; i < rows->wide_count; i++)
        opk_tally_done(&rows->wide[i]);
    for (size_t i = 0; i < block_count(rows); i++) {
        if (begins_pages(i))
            opk_pages_free(rows->blocks[i], OPK_PAGES_MIN);
        else if (i < LONE_BLOCKS)
            free(rows->blocks[i]);
    }
    free(rows->wide);
    free(rows->blocks);
    if (rows->slots)
        slots_free(rows->slots, rows->slot_mask + 1);
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
    struct opk_row_slot *slots = slots_new(size);

    if (!slots)
        return false;
    for (size_t i = 0; rows->slots && i <= rows->slot_mask; i++) {
        if (rows->slots[i].row != 0)
            place(slots, size - 1, rows->slots[i]);
    }
    if (rows->slots)
        slots_free(rows->slots, rows->slot_mask + 1);
    rows->slots = slots;
    rows->slot_mask = size - 1;
    return true;
}

/* Room for one row more. */
static bool reserve_row(struct opk_rows *rows)
{
    const size_t count = block_count(rows);
    struct opk_row **grown;

    if (rows->count % OPK_ROWS_BLOCK != 0)
        return true;
    grown = opk_grow(rows->blocks, &rows->block_cap, count + 1, sizeof(struct opk_row *));
    if (!grown)
        return false;
    rows->blocks = grown;
    if (count < LONE_BLOCKS)
        grown[count] = aligned_alloc(CACHE_LINE, BLOCK_BYTES);
    else if (begins_pages(count))
        grown[count] = opk_pages_alloc(OPK_PAGES_MIN);
    else
        grown[count] = grown[count - 1] + OPK_ROWS_BLOCK;
    return grown[count] != NULL;
}

static enum opk_status add_row(struct opk_rows *rows, struct opk_str raw, uint64_t hash,
                               uint32_t *out_index, struct opk_err *err)
{
    struct opk_str copy;

    if (rows->count == UINT32_MAX - 1 || raw.len > UINT32_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u distinct raw shapes",
                        rows->count);
    if ((!rows->slots || (size_t)rows->count >= rows->slot_mask / 4 * 3) && !double_slots(rows))
        goto nomem;
    copy = opk_arena_pack(&rows->texts, raw);
    if (rows->texts.failed || !reserve_row(rows))
        goto nomem;
    *out_index = rows->count++;
    *opk_rows_at(rows, *out_index) = (struct opk_row){
        .raw = copy.data,
        .marks = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
        .raw_len = (uint32_t)copy.len,
        .origin = OPK_NO_ORIGIN,
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
    size_t bytes = block_bytes(rows) + rows->texts.used + rows->examples.used +
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
    struct opk_row *row = opk_rows_at(rows, index);
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
    struct opk_row *row = opk_rows_at(rows, index);
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

/* The same text seen twice is told by the first place in order, whatever came first. */
static bool place_before(const struct opk_origins *origins, uint32_t origin, uint64_t at,
                         const struct opk_kept *kept)
{
    int order = origin == kept->origin ? 0
                                       : opk_str_cmp(origins->items[origin].source_name,
                                                     origins->items[kept->origin].source_name);

    return order != 0 ? order < 0 : at < kept->at;
}

/* A copy of an example, to be kept. */
static struct opk_kept *keep(struct opk_rows *rows, const struct opk_offer *offer)
{
    const size_t len = offer->text.len;
    struct opk_kept *kept =
        opk_arena_room(&rows->examples, sizeof(*kept) + len, alignof(struct opk_kept));

    if (!kept)
        return NULL;
    *kept = (struct opk_kept){offer->hash, offer->at, offer->origin, (uint32_t)len};
    memcpy(kept->text, offer->text.data, len);
    return kept;
}

bool opk_rows_offer(struct opk_rows *rows, const struct opk_origins *origins, uint32_t index,
                    const struct opk_offer *offer)
{
    struct opk_row *row = opk_rows_at(rows, index);
    const uint32_t mark = (uint32_t)(offer->hash >> 32);
    size_t at = 0;

    while (at < OPK_SHAPE_EXAMPLES && row->examples[at] &&
           (row->marks[at] < mark ||
            (row->marks[at] == mark && row->examples[at]->hash < offer->hash)))
        at++;
    if (at == OPK_SHAPE_EXAMPLES)
        return true;
    struct opk_kept *kept = row->examples[at];
    if (kept && row->marks[at] == mark && kept->hash == offer->hash) {
        if (place_before(origins, offer->origin, offer->at, kept)) {
            kept->origin = offer->origin;
            kept->at = offer->at;
        }
        return true;
    }
    kept = keep(rows, offer);
    if (!kept)
        return false;
    for (size_t i = OPK_SHAPE_EXAMPLES - 1; i > at; i--) {
        row->examples[i] = row->examples[i - 1];
        row->marks[i] = row->marks[i - 1];
    }
    row->examples[at] = kept;
    row->marks[at] = mark;
    return true;
}

struct opk_tally opk_rows_tally(const struct opk_rows *rows, const struct opk_origins *origins,
                                uint32_t index, struct opk_kept_example *kept)
{
    const struct opk_row *row = opk_rows_at(rows, index);
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
    for (size_t i = 0; i < OPK_SHAPE_EXAMPLES && row->examples[i]; i++) {
        const struct opk_kept *k = row->examples[i];
        struct opk_str text = {k->text, k->len};
        struct opk_example example = {text, origins->items[k->origin].source_name, k->at};
        kept[tally.example_count++] = (struct opk_kept_example){k->hash, example};
    }
    return tally;
}

uint64_t opk_rows_sessions(const struct opk_rows *rows, const struct opk_origins *origins,
                           uint32_t index)
{
    const struct opk_row *row = opk_rows_at(rows, index);

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
