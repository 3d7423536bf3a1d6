#include "cluster/reading.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "cluster/shape.h"
#include "cluster/step.h"

#include <stdlib.h>

#define FIRST_ENTRIES ((size_t)1024)

/*
 * A text that was read: 96 bits of its hash, the lower ones of which say where to look, and its
 * steps. Small, since a look-up is a miss in the processor's caches.
 */
struct entry {
    uint64_t high; /* never 0 but in a free entry */
    uint32_t low;
    uint32_t begin; /* in steps; NO_STEPS for a text without one */
};

#define NO_STEPS UINT32_MAX

struct opk_readings {
    struct opk_map *shapes;
    struct entry *entries; /* owned; open addressing, linear probing, at most half full */
    size_t entry_mask;
    size_t text_count;
    size_t texts_max;
    struct opk_reading_step *steps; /* owned; of all remembered texts, then of the last one */
    size_t step_count;
    size_t step_cap;
    struct opk_steps parsed;
    struct opk_buf raw;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the shapes of commands");
}

enum opk_status opk_readings_new(size_t texts_max, struct opk_readings **out_readings,
                                 struct opk_err *err)
{
    struct opk_readings *readings = calloc(1, sizeof(*readings));
    enum opk_status status;

    if (!readings)
        return no_memory(err);
    readings->texts_max = texts_max;
    readings->entry_mask = FIRST_ENTRIES - 1;
    readings->entries = calloc(FIRST_ENTRIES, sizeof(*readings->entries));
    status = readings->entries ? opk_map_new(&readings->shapes, err) : no_memory(err);
    if (status != OPK_OK) {
        opk_readings_free(readings);
        return status;
    }
    *out_readings = readings;
    return OPK_OK;
}

void opk_readings_free(struct opk_readings *readings)
{
    if (!readings)
        return;
    opk_map_free(readings->shapes);
    free(readings->entries);
    free(readings->steps);
    opk_steps_done(&readings->parsed);
    opk_buf_done(&readings->raw);
    free(readings);
}

/* ---- remembering ---- */

/* The same text may be a command line of several shells, and the input of several tools. */
static struct opk_hash128 hash_of(const struct opk_command *command)
{
    struct opk_hash128 hash = opk_hash128_table(command->text);

    if (command->kind == OPK_COMMAND_TOOL)
        hash.high += opk_hash_table(command->tool);
    else if (command->shell.len > 0)
        hash.high += ~opk_hash_table(command->shell);
    else if (command->shell.len > 0)
        hash.high += opk_hash_table(command->shell);
    hash.high += hash.high == 0; /* which would be free */
    return hash;
}

/* The entry of a hash, or the free one where it belongs. */
static struct entry *find_entry(const struct opk_readings *readings, struct opk_hash128 hash)
{
    size_t at = hash.low & readings->entry_mask;

    while (readings->entries[at].high != 0 && (readings->entries[at].high != hash.high ||
                                               readings->entries[at].low != (uint32_t)hash.low))
        at = (at + 1) & readings->entry_mask;
    return &readings->entries[at];
}

static bool double_entries(struct opk_readings *readings)
{
    struct entry *old = readings->entries;
    size_t count = readings->entry_mask + 1;
    struct entry *entries = calloc(count * 2, sizeof(*entries));

    if (!entries)
        return false;
    readings->entries = entries;
    readings->entry_mask = count * 2 - 1;
    for (size_t i = 0; i < count; i++) {
        if (old[i].high != 0)
            *find_entry(readings, (struct opk_hash128){old[i].high, old[i].low}) = old[i];
    }
    free(old);
    return true;
}

/* Keep the steps from begin on, up to the last one. */
static enum opk_status remember(struct opk_readings *readings, struct opk_hash128 hash,
                                size_t begin, struct opk_err *err)
{
    bool has_steps = readings->step_count > begin;

    if (readings->text_count * 2 > readings->entry_mask && !double_entries(readings))
        return no_memory(err);
    if (has_steps)
        readings->steps[readings->step_count - 1].last = true;
    *find_entry(readings, hash) =
        (struct entry){hash.high, (uint32_t)hash.low, has_steps ? (uint32_t)begin : NO_STEPS};
    readings->text_count++;
    return OPK_OK;
}

/* ---- reading ---- */

static enum opk_status add_step(struct opk_readings *readings, bool opaque, struct opk_err *err)
{
    struct opk_reading_step *grown =
        opk_grow(readings->steps, &readings->step_cap, readings->step_count + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown || readings->raw.failed)
        return no_memory(err);
    readings->steps = grown;
    status = opk_map_add(readings->shapes, opk_buf_str(&readings->raw), &index, &is_new, err);
    if (status == OPK_OK)
        grown[readings->step_count++] = (struct opk_reading_step){index, opaque, false};
    return status;
}

static enum opk_status read_steps(struct opk_readings *readings, const struct opk_command *command,
                                  struct opk_err *err)
{
    struct opk_steps *parsed = &readings->parsed;
    enum opk_status status;

    opk_buf_clear(&readings->raw);
    if (command->kind == OPK_COMMAND_TOOL) {
        opk_shape_write_tool(&readings->raw, command->tool, command->text);
        return add_step(readings, false, err);
    }
    status =
        opk_steps_read(parsed, command->text, opk_dialect_of(command->shell, command->text), err);
    for (size_t i = 0; i < parsed->count && status == OPK_OK; i++) {
        opk_buf_clear(&readings->raw);
        opk_shape_write(&readings->raw, parsed, &parsed->steps[i]);
        status = add_step(readings, (parsed->steps[i].flags & OPK_STEP_OPAQUE) != 0, err);
    }
    return status;
}

/* How many steps stand from begin on, up to the last one of their text. */
static size_t count_steps(const struct opk_readings *readings, size_t begin)
{
    size_t end = begin;

    while (!readings->steps[end++].last)
        ;
    return end - begin;
}

enum opk_status opk_readings_read(struct opk_readings *readings, const struct opk_command *command,
                                  struct opk_reading *out_reading, struct opk_err *err)
{
    static const struct opk_reading_step NOTHING;
    struct opk_hash128 hash = hash_of(command);
    const struct entry *entry = find_entry(readings, hash);
    size_t begin = readings->step_count;
    size_t count = 0;
    enum opk_status status = OPK_OK;

    if (entry->high != 0) {
        begin = entry->begin;
        count = begin == NO_STEPS ? 0 : count_steps(readings, begin);
    } else {
        status = read_steps(readings, command, err);
        count = readings->step_count - begin;
        if (status == OPK_OK && readings->text_count < readings->texts_max &&
            readings->step_count < NO_STEPS)
            status = remember(readings, hash, begin, err);
        else
            readings->step_count = begin;
    }
    if (status == OPK_OK)
        *out_reading = (struct opk_reading){count > 0 ? &readings->steps[begin] : &NOTHING, count};
    return status;
}

uint32_t opk_readings_shape_count(const struct opk_readings *readings)
{
    return opk_map_count(readings->shapes);
}

struct opk_str opk_readings_shape(const struct opk_readings *readings, uint32_t index)
{
    return opk_map_key(readings->shapes, index);
}

size_t opk_readings_text_count(const struct opk_readings *readings)
{
    return readings->text_count;
}
