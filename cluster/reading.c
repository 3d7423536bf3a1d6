#include "cluster/reading.h"
#include "cluster/classes.h"

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
 * steps. Small, and complete for a text of one step, since a look-up is a miss in the processor's
 * caches.
 */
struct entry {
    uint64_t high; /* never 0 but in a free entry */
    uint32_t low;
    uint32_t steps; /* ONE_STEP and its shape, or where they begin, or NO_STEPS */
};

#define ONE_STEP ((uint32_t)1 << 31)
#define NO_STEPS (ONE_STEP - 1)

struct opk_readings {
    struct opk_map *shapes;
    struct entry *entries; /* owned; open addressing, linear probing, at most 3/4 full */
    size_t entry_mask;
    size_t text_count;
    size_t texts_max;
    struct opk_reading_step one;    /* the step of the last text, where it has one */
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

enum opk_status opk_readings_classes(struct opk_readings *readings,
                                     const struct opk_classes *classes, struct opk_err *err)
{
    return opk_class_finder_new(classes, &readings->parsed.finder, err);
}

void opk_readings_free(struct opk_readings *readings)
{
    if (!readings)
        return;
    opk_map_free(readings->shapes);
    free(readings->entries);
    free(readings->steps);
    opk_steps_done(&readings->parsed);
    opk_class_finder_free(readings->parsed.finder);
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

/* Remember a text with the steps from begin on. */
static enum opk_status remember(struct opk_readings *readings, struct opk_hash128 hash,
                                size_t begin, struct opk_err *err)
{
    size_t count = readings->step_count - begin;
    struct opk_reading_step *first = count > 0 ? &readings->steps[begin] : &readings->one;
    struct entry entry = {hash.high, (uint32_t)hash.low, NO_STEPS};

    if (readings->text_count * 4 > readings->entry_mask * 3 && !double_entries(readings))
        return no_memory(err);
    if (count == 1 && !first->opaque && first->shape < ONE_STEP) {
        entry.steps = ONE_STEP | first->shape;
        readings->step_count = begin;
    } else if (count > 0) {
        entry.steps = (uint32_t)begin;
        first[count - 1].last = true;
    }
    *find_entry(readings, hash) = entry;
    readings->text_count++;
    return OPK_OK;
}

/* The steps of a text that is remembered. */
static struct opk_reading recall(struct opk_readings *readings, const struct entry *entry)
{
    struct opk_reading reading = {&readings->one, 0};

    if (entry->steps & ONE_STEP) {
        readings->one = (struct opk_reading_step){.shape = entry->steps & ~ONE_STEP};
        reading.count = 1;
    } else if (entry->steps != NO_STEPS) {
        reading.steps = &readings->steps[entry->steps];
        while (!reading.steps[reading.count++].last)
            ;
    }
    return reading;
}

/* ---- reading ---- */

static enum opk_status add_step(struct opk_readings *readings, bool opaque, struct opk_err *err)
{
    struct opk_reading_step *grown =
        opk_grow(readings->steps, &readings->step_cap, readings->step_count + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (grown)
        readings->steps = grown;
    if (!grown || readings->raw.failed)
        return no_memory(err);
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
        opk_shape_write_tool(&readings->raw, command->tool, command->text, parsed->finder);
        return add_step(readings, false, err);
    }
    status = opk_steps_read_shell(parsed, command->shell, command->text, err);
    for (size_t i = 0; i < parsed->count && status == OPK_OK; i++) {
        opk_buf_clear(&readings->raw);
        opk_shape_write(&readings->raw, parsed, &parsed->steps[i]);
        status = add_step(readings, (parsed->steps[i].flags & OPK_STEP_OPAQUE) != 0, err);
    }
    return status;
}

enum opk_status opk_readings_read(struct opk_readings *readings, const struct opk_command *command,
                                  struct opk_reading *out_reading, struct opk_err *err)
{
    struct opk_hash128 hash = hash_of(command);
    const struct entry *entry = find_entry(readings, hash);
    size_t begin = readings->step_count;
    enum opk_status status;

    if (entry->high != 0) {
        *out_reading = recall(readings, entry);
        return OPK_OK;
    }
    status = read_steps(readings, command, err);
    if (status == OPK_OK && readings->text_count < readings->texts_max &&
        readings->step_count < NO_STEPS) {
        status = remember(readings, hash, begin, err);
        if (status == OPK_OK)
            *out_reading = recall(readings, find_entry(readings, hash));
        return status;
    }
    /* Not kept: overwritten by the next text. */
    size_t count = readings->step_count - begin;
    if (status == OPK_OK)
        *out_reading =
            (struct opk_reading){count > 0 ? &readings->steps[begin] : &readings->one, count};
    readings->step_count = begin;
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
