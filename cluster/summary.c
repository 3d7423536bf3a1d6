#include "cluster/summary.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "cluster/shape.h"
#include "cluster/step.h"

#include <stdlib.h>

struct opk_summary {
    struct opk_map *shapes;    /* owned; raw shape to index */
    struct opk_tally *tallies; /* owned; by index */
    size_t tally_cap;
    struct opk_ledger ledger;
    struct opk_sessions sessions;
    struct opk_arena texts; /* of examples */
    struct opk_steps steps; /* reused from command to command */
    struct opk_buf raw;     /* likewise */
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the summary of commands");
}

enum opk_status opk_summary_new(struct opk_summary **out_summary, struct opk_err *err)
{
    struct opk_summary *summary = calloc(1, sizeof(*summary));
    enum opk_status status;

    if (!summary)
        return no_memory(err);
    status = opk_map_new(&summary->shapes, err);
    if (status != OPK_OK) {
        opk_summary_free(summary);
        return status;
    }
    *out_summary = summary;
    return OPK_OK;
}

void opk_summary_free(struct opk_summary *summary)
{
    if (!summary)
        return;
    for (uint32_t i = 0; summary->shapes && i < opk_map_count(summary->shapes); i++)
        opk_tally_done(&summary->tallies[i]);
    free(summary->tallies);
    opk_sessions_done(&summary->sessions);
    opk_map_free(summary->shapes);
    opk_arena_done(&summary->texts);
    opk_steps_done(&summary->steps);
    opk_buf_done(&summary->raw);
    free(summary);
}

/* The tally of a raw shape, empty when it is new. */
static enum opk_status find_tally(struct opk_summary *summary, struct opk_str raw,
                                  struct opk_tally **out_tally, struct opk_err *err)
{
    struct opk_tally *grown = opk_grow(summary->tallies, &summary->tally_cap,
                                       (size_t)opk_map_count(summary->shapes) + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown)
        return no_memory(err);
    summary->tallies = grown;
    status = opk_map_add(summary->shapes, raw, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        grown[index] = OPK_TALLY_EMPTY;
    *out_tally = &grown[index];
    return OPK_OK;
}

/* Count the raw shape in summary->raw once, with what the command says of it. */
static enum opk_status add_shape(struct opk_summary *summary, const struct opk_command *command,
                                 struct opk_str text, bool alone, struct opk_err *err)
{
    struct opk_example example = {text, command->source, command->at};
    struct opk_str session = command->session.len > 0 ? command->session : command->source;
    struct opk_tally *tally;
    enum opk_status status = opk_buf_check(&summary->raw, err);
    bool kept = true;

    if (status == OPK_OK)
        status = find_tally(summary, opk_buf_str(&summary->raw), &tally, err);
    if (status != OPK_OK)
        return status;
    tally->commands++;
    tally->sidechain += (command->flags & OPK_COMMAND_SIDECHAIN) != 0;
    /* The status of a list is that of one of its steps: which one is not known. */
    if (alone && command->exit_status != OPK_UNKNOWN) {
        tally->finished++;
        tally->failed += command->exit_status != 0;
    }
    if (command->time != OPK_UNKNOWN)
        kept = opk_tally_add_time(tally, command->time);
    kept = kept && opk_sketch_add(&tally->sessions, opk_hash64(session)) &&
           opk_sketch_add(&tally->sources, opk_hash64(command->source)) &&
           (command->user.len == 0 || opk_sketch_add(&tally->users, opk_hash64(command->user))) &&
           opk_tally_add_example(tally, &example, OPK_SHAPE_EXAMPLES, &summary->texts);
    if (!kept)
        return no_memory(err);
    return opk_sessions_add(&summary->sessions, command, (uint32_t)(tally - summary->tallies), text,
                            err);
}

static enum opk_status add_tool(struct opk_summary *summary, const struct opk_command *command,
                                struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status;

    summary->ledger.read++;
    summary->ledger.steps++;
    opk_buf_clear(&summary->raw);
    opk_shape_write_tool(&summary->raw, command->tool, command->text);
    opk_buf_append(&text, command->tool);
    opk_buf_append_byte(&text, ' ');
    opk_buf_append(&text, opk_str_slice(command->text, 0, OPK_EXAMPLE_MAX));
    status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = add_shape(summary, command, opk_buf_str(&text), true, err);
    opk_buf_done(&text);
    return status;
}

static enum opk_status add_shell(struct opk_summary *summary, const struct opk_command *command,
                                 struct opk_err *err)
{
    struct opk_steps *steps = &summary->steps;
    enum opk_status status = opk_steps_read(steps, command->text, err);

    if (status != OPK_OK)
        return status;
    summary->ledger.empty += steps->count == 0;
    summary->ledger.read += steps->count > 0;
    summary->ledger.steps += steps->count;
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->steps[i].flags & OPK_STEP_OPAQUE) {
            summary->ledger.opaque++;
            status = opk_sessions_add(&summary->sessions, command, OPK_STEP_UNREAD,
                                      steps->steps[i].text, err);
            if (status != OPK_OK)
                return status;
            continue;
        }
        opk_buf_clear(&summary->raw);
        opk_shape_write(&summary->raw, steps, &steps->steps[i]);
        status = add_shape(summary, command, steps->steps[i].text, steps->count == 1, err);
        if (status != OPK_OK)
            return status;
    }
    return OPK_OK;
}

enum opk_status opk_summary_add(struct opk_summary *summary, const struct opk_command *command,
                                struct opk_err *err)
{
    summary->ledger.commands++;
    if (command->flags & (unsigned)(OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN)) {
        summary->ledger.rejected++;
        return OPK_OK;
    }
    switch (command->kind) {
    case OPK_COMMAND_TOOL:
        return add_tool(summary, command, err);
    case OPK_COMMAND_SHELL:
        return add_shell(summary, command, err);
    case OPK_COMMAND_DOCUMENTED:
        break;
    }
    summary->ledger.documents++;
    return OPK_OK;
}

enum opk_status opk_summary_add_shape(struct opk_summary *summary, struct opk_str raw,
                                      uint64_t commands, struct opk_err *err)
{
    struct opk_tally *tally;
    enum opk_status status = find_tally(summary, raw, &tally, err);

    if (status == OPK_OK)
        tally->commands += commands;
    return status;
}

static void add_ledger(struct opk_ledger *into, const struct opk_ledger *from)
{
    into->commands += from->commands;
    into->rejected += from->rejected;
    into->documents += from->documents;
    into->empty += from->empty;
    into->read += from->read;
    into->steps += from->steps;
    into->opaque += from->opaque;
    into->noise += from->noise;
}

enum opk_status opk_summary_merge(struct opk_summary *into, const struct opk_summary *from,
                                  struct opk_err *err)
{
    uint32_t count = opk_map_count(from->shapes);
    uint32_t *numbers = malloc((size_t)count * sizeof(*numbers) + 1);
    enum opk_status status = numbers ? OPK_OK : no_memory(err);

    for (uint32_t i = 0; i < count && status == OPK_OK; i++) {
        struct opk_tally *tally;
        status = find_tally(into, opk_map_key(from->shapes, i), &tally, err);
        if (status != OPK_OK)
            break;
        numbers[i] = (uint32_t)(tally - into->tallies);
        if (!opk_tally_merge(tally, &from->tallies[i], OPK_SHAPE_EXAMPLES, &into->texts))
            status = no_memory(err);
    }
    if (status == OPK_OK)
        status = opk_sessions_merge(&into->sessions, &from->sessions, numbers, err);
    free(numbers);
    if (status == OPK_OK)
        add_ledger(&into->ledger, &from->ledger);
    return status;
}

struct opk_ledger opk_summary_ledger(const struct opk_summary *summary)
{
    return summary->ledger;
}

uint32_t opk_summary_count(const struct opk_summary *summary)
{
    return opk_map_count(summary->shapes);
}

struct opk_str opk_summary_shape(const struct opk_summary *summary, uint32_t index)
{
    return opk_map_key(summary->shapes, index);
}

const struct opk_tally *opk_summary_tally(const struct opk_summary *summary, uint32_t index)
{
    return &summary->tallies[index];
}

struct opk_sessions *opk_summary_sessions(struct opk_summary *summary)
{
    return &summary->sessions;
}

size_t opk_summary_bytes(const struct opk_summary *summary)
{
    size_t bytes = opk_map_bytes(summary->shapes) + summary->tally_cap * sizeof(*summary->tallies) +
                   summary->texts.used + opk_sessions_bytes(&summary->sessions);

    for (uint32_t i = 0; i < opk_map_count(summary->shapes); i++) {
        const struct opk_tally *tally = &summary->tallies[i];
        bytes += (tally->sessions.cap + tally->sources.cap + tally->users.cap) * sizeof(uint64_t) +
                 tally->day_cap * sizeof(*tally->days) +
                 tally->example_cap * sizeof(*tally->examples);
    }
    return bytes;
}
