#include "cluster/summary.h"

#include "base/buf.h"
#include "base/hash.h"
#include "cluster/classes.h"
#include "cluster/shape.h"
#include "cluster/step.h"
#include "cluster/summary_ahead.h"
#include "cluster/summary_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Commands between two looks at how much memory is held. */
#define LOOK_EVERY 256

struct opk_summary {
    struct opk_rows rows;
    uint32_t base;             /* number of the first row: lower ones were spilled */
    struct opk_budget *budget; /* borrowed; NULL: none */
    size_t told;               /* bytes of the budget that this summary has */
    const char *folder;
    struct opk_run runs[OPK_RUNS_MAX];
    size_t run_count;
    struct opk_origins origins;
    struct opk_ahead *ahead; /* owned; NULL while no list was counted */
    struct opk_ledger ledger;
    struct opk_sessions sessions;
    size_t jobs;            /* threads that may read; 0: one */
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

    if (!summary)
        return no_memory(err);
    *out_summary = summary;
    return OPK_OK;
}

/* Tell the budget how much is held; what all hold together. */
static size_t tell_budget(struct opk_summary *summary, size_t held)
{
    const size_t change = held - summary->told; /* wraps where less is held, and so does the sum */

    summary->told = held;
    return atomic_fetch_add(&summary->budget->used, change) + change;
}

void opk_summary_free(struct opk_summary *summary)
{
    if (!summary)
        return;
    if (summary->budget)
        (void)tell_budget(summary, 0);
    opk_rows_done(&summary->rows);
    for (size_t i = 0; i < summary->run_count; i++)
        opk_run_done(&summary->runs[i]);
    opk_origins_done(&summary->origins);
    opk_sessions_done(&summary->sessions);
    opk_ahead_free(summary->ahead);
    opk_steps_done(&summary->steps);
    opk_class_finder_free(summary->steps.finder);
    opk_buf_done(&summary->raw);
    free(summary);
}

enum opk_status opk_summary_classes(struct opk_summary *summary, const struct opk_classes *classes,
                                    struct opk_err *err)
{
    return opk_class_finder_new(classes, &summary->steps.finder, err);
}

void opk_summary_limit(struct opk_summary *summary, struct opk_budget *budget, const char *folder)
{
    if (summary->budget)
        (void)tell_budget(summary, 0);
    summary->budget = budget;
    summary->folder = folder;
}

/* ---- spilling ---- */

/* Make one run of all; final as opk_runs_merge has it. */
static enum opk_status merge_runs(struct opk_summary *summary, uint32_t *final, struct opk_err *err)
{
    struct opk_run run;
    enum opk_status status =
        opk_runs_merge(summary->runs, summary->run_count, summary->folder, final, &run, err);

    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < summary->run_count; i++)
        opk_run_done(&summary->runs[i]);
    summary->runs[0] = run;
    summary->run_count = 1;
    return OPK_OK;
}

/* Move all rows into a run. */
static enum opk_status spill(struct opk_summary *summary, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (summary->rows.count == 0)
        return OPK_OK;
    if (summary->rows.count > UINT32_MAX - 1 - summary->base)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u raw shapes in all runs",
                        UINT32_MAX - 1);
    if (summary->run_count == OPK_RUNS_MAX)
        status = merge_runs(summary, NULL, err);
    if (status == OPK_OK)
        status = opk_run_write(&summary->rows, &summary->origins, summary->base, summary->folder,
                               &summary->runs[summary->run_count], err);
    if (status != OPK_OK)
        return status;
    summary->run_count++;
    summary->base += summary->rows.count;
    opk_rows_done(&summary->rows);
    opk_ahead_forget(summary->ahead);
    return OPK_OK;
}

/* A summary whose rows are few keeps them, whatever else there is. */
static enum opk_status spill_past_limit(struct opk_summary *summary, struct opk_err *err)
{
    enum opk_status status;

    if (!summary->budget ||
        tell_budget(summary, opk_summary_bytes(summary)) <= summary->budget->bytes ||
        opk_rows_bytes(&summary->rows) < summary->budget->least)
        return OPK_OK;
    status = spill(summary, err);
    (void)tell_budget(summary, opk_summary_bytes(summary));
    return status;
}

/* No more lines come, or none for now. */
static void forget_lines(struct opk_summary *summary)
{
    opk_ahead_free(summary->ahead);
    summary->ahead = NULL;
}

enum opk_status opk_summary_seal(struct opk_summary *summary, struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    uint32_t *final;

    forget_lines(summary);
    opk_steps_done(&summary->steps);
    opk_buf_done(&summary->raw);
    if (summary->run_count == 0)
        return OPK_OK;
    status = spill(summary, err);
    if (status != OPK_OK)
        return status;
    final = calloc((size_t)summary->base + 1, sizeof(*final));
    status = final ? merge_runs(summary, final, err) : no_memory(err);
    if (status == OPK_OK)
        opk_sessions_renumber(&summary->sessions, final);
    free(final);
    return status;
}

/* ---- adding ---- */

static struct opk_gain gain_of(const struct opk_command *command, bool alone, uint32_t origin)
{
    /* The status of a list is that of one of its steps: which one is not known. */
    bool finished = alone && command->exit_status != OPK_UNKNOWN;

    return (struct opk_gain){
        .commands = 1,
        .failed = finished && command->exit_status != 0,
        .finished = finished,
        .sidechain =
            (command->flags & (unsigned)(OPK_COMMAND_SIDECHAIN | OPK_COMMAND_HEADLESS)) != 0,
        .time = command->time,
        .origin = origin,
    };
}

/* Count the raw shape in summary->raw once, with what the command says of it. */
static enum opk_status add_shape(struct opk_summary *summary, const struct opk_command *command,
                                 struct opk_str text, const struct opk_gain *gain,
                                 uint32_t *out_row, struct opk_err *err)
{
    struct opk_str raw = opk_buf_str(&summary->raw);
    uint64_t hash = opk_rows_hash(&summary->rows, raw);
    struct opk_str kept = opk_str_slice(text, 0, OPK_EXAMPLE_MAX);
    bool has_place = !(command->flags & OPK_COMMAND_LISTED) || command->time != OPK_UNKNOWN;
    const struct opk_offer offer = {kept, opk_hash64(kept), has_place ? command->at : 0,
                                    gain->origin};
    enum opk_status status = opk_buf_check(&summary->raw, err);

    if (status == OPK_OK)
        status = opk_rows_find(&summary->rows, raw, hash, out_row, err);
    if (status != OPK_OK)
        return status;
    if (!opk_rows_gain(&summary->rows, &summary->origins, *out_row, gain) ||
        !opk_rows_offer(&summary->rows, &summary->origins, *out_row, &offer))
        return no_memory(err);
    if (command->flags & (unsigned)OPK_COMMAND_LISTED)
        return OPK_OK; /* sessions keep none of these */
    return opk_sessions_add(&summary->sessions, command, summary->base + *out_row, text, err);
}

static enum opk_status add_tool(struct opk_summary *summary, const struct opk_command *command,
                                uint32_t origin, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_gain gain = gain_of(command, true, origin);
    enum opk_status status;
    uint32_t row;

    summary->ledger.read++;
    summary->ledger.steps++;
    opk_buf_clear(&summary->raw);
    opk_shape_write_tool(&summary->raw, command->tool, command->text, summary->steps.finder);
    opk_buf_append(&text, command->tool);
    opk_buf_append_byte(&text, ' ');
    opk_buf_append(&text, opk_str_slice(command->text, 0, OPK_EXAMPLE_MAX));
    status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = add_shape(summary, command, opk_buf_str(&text), &gain, &row, err);
    opk_buf_done(&text);
    return status;
}

static enum opk_status add_shell(struct opk_summary *summary, const struct opk_command *command,
                                 uint32_t origin, struct opk_err *err)
{
    struct opk_steps *steps = &summary->steps;
    enum opk_status status = opk_steps_read_shell(steps, command->shell, command->text, err);
    struct opk_gain gain = gain_of(command, steps->count == 1, origin);

    if (status != OPK_OK)
        return status;
    summary->ledger.empty += steps->count == 0;
    summary->ledger.read += steps->count > 0;
    summary->ledger.steps += steps->count;
    for (size_t i = 0; i < steps->count; i++) {
        uint32_t row;
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
        status = add_shape(summary, command, steps->steps[i].text, &gain, &row, err);
        if (status != OPK_OK)
            return status;
    }
    return OPK_OK;
}

/* Of a plain list nothing but the text counts, and no session keeps the steps. */
static bool is_text_alone(const struct opk_command *command)
{
    return command->kind == OPK_COMMAND_SHELL &&
           (command->flags & ~(unsigned)OPK_COMMAND_TRUNCATED) == OPK_COMMAND_LISTED &&
           command->time == OPK_UNKNOWN && command->exit_status == OPK_UNKNOWN;
}

enum opk_status opk_summary_add(struct opk_summary *summary, const struct opk_command *command,
                                struct opk_err *err)
{
    enum opk_status status;
    uint32_t origin;

    if (is_text_alone(command))
        return opk_summary_add_texts(summary, command, &command->text, 1, err);
    summary->ledger.commands++;
    if (command->flags & (unsigned)(OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN)) {
        summary->ledger.rejected++;
        return OPK_OK;
    }
    if (command->kind == OPK_COMMAND_DOCUMENTED) {
        summary->ledger.documents++;
        return OPK_OK;
    }
    origin = opk_origins_find(&summary->origins, command);
    if (origin == OPK_NO_ORIGIN)
        return no_memory(err);
    status = command->kind == OPK_COMMAND_TOOL ? add_tool(summary, command, origin, err)
                                               : add_shell(summary, command, origin, err);
    if (status == OPK_OK && summary->ledger.commands % LOOK_EVERY == 0)
        status = spill_past_limit(summary, err);
    return status;
}

enum opk_status opk_summary_add_texts(struct opk_summary *summary, const struct opk_command *common,
                                      const struct opk_str *texts, size_t count,
                                      struct opk_err *err)
{
    const struct opk_ahead_into into = {
        .rows = &summary->rows,
        .origins = &summary->origins,
        .ledger = &summary->ledger,
        .steps = &summary->steps,
        .origin = opk_origins_find(&summary->origins, common),
    };
    enum opk_status status = into.origin == OPK_NO_ORIGIN ? no_memory(err) : OPK_OK;

    assert(is_text_alone(common));
    if (status == OPK_OK && !summary->ahead)
        status = opk_ahead_new(&summary->ahead, err);
    while (status == OPK_OK && count > 0) {
        const uint64_t looks = summary->ledger.commands / LOOK_EVERY;
        const size_t taken = count < OPK_AHEAD_LINES ? count : OPK_AHEAD_LINES;
        status = opk_ahead_count(summary->ahead, &into, texts, taken, err);
        if (status == OPK_OK && summary->ledger.commands / LOOK_EVERY > looks)
            status = spill_past_limit(summary, err);
        texts += taken;
        count -= taken;
    }
    return status;
}

enum opk_status opk_summary_add_shape(struct opk_summary *summary, struct opk_str raw,
                                      uint64_t commands, uint64_t sessions, struct opk_err *err)
{
    struct opk_tally *tally;
    uint32_t row;
    uint64_t hash = opk_rows_hash(&summary->rows, raw);
    enum opk_status status = opk_rows_find(&summary->rows, raw, hash, &row, err);

    if (status != OPK_OK)
        return status;
    opk_rows_at(&summary->rows, row)->commands += commands;
    if (sessions == 0)
        return OPK_OK;
    tally = opk_rows_widen(&summary->rows, &summary->origins, row);
    for (uint64_t bit = 0; tally && bit < 64; bit++) {
        if ((sessions & opk_sketch_bit(bit)) != 0 && !opk_sketch_add(&tally->sessions, bit))
            tally = NULL;
    }
    return tally ? OPK_OK : no_memory(err);
}

/* ---- merging ---- */

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

/* Add one row of another summary to the row of the same shape. */
static bool merge_row(struct opk_summary *into, uint32_t index, const struct opk_summary *from,
                      uint32_t from_index, const uint32_t *origins)
{
    const struct opk_row *row = opk_rows_at(&from->rows, from_index);
    const struct opk_gain gain = {
        .commands = row->commands,
        .time = OPK_UNKNOWN,
        .origin = row->origin == OPK_NO_ORIGIN ? OPK_NO_ORIGIN : origins[row->origin],
    };

    if (!opk_rows_gain(&into->rows, &into->origins, index, &gain))
        return false;
    if (row->wide > 0) {
        struct opk_tally *tally = opk_rows_widen(&into->rows, &into->origins, index);
        if (!tally || !opk_tally_merge(tally, &from->rows.wide[row->wide - 1], 0, NULL))
            return false;
    }
    for (size_t i = 0; i < OPK_SHAPE_EXAMPLES && row->examples[i]; i++) {
        const struct opk_kept *k = row->examples[i];
        const struct opk_offer offer = {{k->text, k->len}, k->hash, k->at, origins[k->origin]};
        if (!opk_rows_offer(&into->rows, &into->origins, index, &offer))
            return false;
    }
    return true;
}

/* Where a row of from comes to lie in into, numbers tells. */
static enum opk_status merge_rows(struct opk_summary *into, const struct opk_summary *from,
                                  const uint32_t *origins, uint32_t *numbers, struct opk_err *err)
{
    for (uint32_t i = 0; i < from->rows.count; i++) {
        const struct opk_row *row = opk_rows_at(&from->rows, i);
        struct opk_str raw = {row->raw, row->raw_len};
        uint64_t hash = opk_rows_hash(&into->rows, raw);
        uint32_t index;
        enum opk_status status = opk_rows_find(&into->rows, raw, hash, &index, err);
        if (status != OPK_OK)
            return status;
        if (!merge_row(into, index, from, i, origins))
            return no_memory(err);
        numbers[from->base + i] = into->base + index;
    }
    return opk_sessions_merge(&into->sessions, &from->sessions, numbers, err);
}

/* Take over what from has spilled; its numbers come behind those of into. */
static enum opk_status take_runs(struct opk_summary *into, struct opk_summary *from,
                                 uint32_t *numbers, struct opk_err *err)
{
    enum opk_status status = spill(into, err);

    if (status == OPK_OK && from->base > UINT32_MAX - 1 - into->base)
        status = opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %u raw shapes in all runs",
                          UINT32_MAX - 1);
    if (status == OPK_OK)
        status = merge_runs(from, NULL, err);
    if (status == OPK_OK && into->run_count == OPK_RUNS_MAX)
        status = merge_runs(into, NULL, err);
    if (status != OPK_OK)
        return status;
    from->runs[0].shift += into->base;
    into->runs[into->run_count++] = from->runs[0];
    from->run_count = 0;
    for (uint32_t i = 0; i < from->base; i++)
        numbers[i] = into->base + i;
    into->base += from->base;
    return OPK_OK;
}

static enum opk_status merge_origins(struct opk_summary *into, const struct opk_summary *from,
                                     uint32_t *origins, uint32_t count, struct opk_err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        origins[i] = opk_origins_add(&into->origins, &from->origins, i);
        if (origins[i] == OPK_NO_ORIGIN)
            return no_memory(err);
    }
    return OPK_OK;
}

enum opk_status opk_summary_merge(struct opk_summary *into, struct opk_summary *from,
                                  struct opk_err *err)
{
    uint32_t count = from->origins.keys ? opk_map_count(from->origins.keys) : 0;
    uint32_t *origins = calloc((size_t)count + 1, sizeof(*origins));
    uint32_t *numbers = calloc((size_t)from->base + from->rows.count + 1, sizeof(*numbers));
    enum opk_status status = origins && numbers ? OPK_OK : no_memory(err);

    forget_lines(into);
    forget_lines(from);
    if (status == OPK_OK)
        status = merge_origins(into, from, origins, count, err);
    if (status == OPK_OK && from->run_count > 0)
        status = take_runs(into, from, numbers, err);
    if (status == OPK_OK)
        status = merge_rows(into, from, origins, numbers, err);
    if (status == OPK_OK && from->budget)
        (void)tell_budget(from, 0); /* what it has goes next */
    if (status == OPK_OK)
        status = spill_past_limit(into, err);
    free(origins);
    free(numbers);
    if (status == OPK_OK)
        add_ledger(&into->ledger, &from->ledger);
    return status;
}

/* ---- reading ---- */

struct opk_ledger opk_summary_ledger(const struct opk_summary *summary)
{
    return summary->ledger;
}

struct opk_sessions *opk_summary_sessions(struct opk_summary *summary)
{
    return &summary->sessions;
}

size_t opk_summary_bytes(const struct opk_summary *summary)
{
    return opk_rows_bytes(&summary->rows) + opk_sessions_bytes(&summary->sessions) +
           opk_ahead_bytes(summary->ahead);
}

/* Fewer rows are not worth a thread. */
#define SHARE_MIN 4096

void opk_summary_share(struct opk_summary *summary, size_t jobs)
{
    assert(jobs >= 1);
    summary->jobs = jobs;
}

size_t opk_summary_jobs(const struct opk_summary *summary)
{
    const size_t fit = summary->run_count > 0 ? 1 : summary->rows.count / SHARE_MIN;

    return fit < 1 || summary->jobs < 1 ? 1 : fit < summary->jobs ? fit : summary->jobs;
}

struct opk_walk {
    const struct opk_summary *summary;
    bool counts_only;
    uint32_t next;
    uint32_t end;
    struct opk_kept_example kept[OPK_SHAPE_EXAMPLES];
    struct opk_run_reader reader; /* where rows were spilled */
};

enum opk_status opk_walk_new(const struct opk_summary *summary, bool counts_only,
                             struct opk_walk **out_walk, struct opk_err *err)
{
    struct opk_walk *walk = calloc(1, sizeof(*walk));

    if (!walk)
        return no_memory(err);
    walk->summary = summary;
    walk->counts_only = counts_only;
    walk->end = summary->rows.count;
    assert(summary->run_count <= 1);
    if (summary->run_count > 0)
        opk_run_reader_init(&walk->reader, &summary->runs[0]);
    *out_walk = walk;
    return OPK_OK;
}

void opk_walk_part(struct opk_walk *walk, size_t part, size_t parts)
{
    const size_t count = walk->summary->rows.count;

    assert(part < parts && (parts == 1 || !walk->reader.run));
    walk->next = (uint32_t)(count * part / parts);
    walk->end = (uint32_t)(count * (part + 1) / parts);
}

void opk_walk_free(struct opk_walk *walk)
{
    if (!walk)
        return;
    opk_run_reader_done(&walk->reader);
    free(walk);
}

static enum opk_status next_spilled(struct opk_walk *walk, struct opk_seen *out_seen,
                                    struct opk_err *err)
{
    enum opk_status status = opk_run_reader_next(&walk->reader, err);

    if (status == OPK_OK)
        *out_seen = (struct opk_seen){walk->reader.numbers[0], walk->reader.raw,
                                      opk_sketch_bits(&walk->reader.tally.sessions),
                                      walk->reader.tally.commands};
    return status;
}

/* Examples lie anywhere in memory: those of a row are asked for some rows before its turn. */
#define AHEAD 8

enum opk_status opk_walk_next(struct opk_walk *walk, struct opk_seen *out_seen, struct opk_err *err)
{
    const struct opk_rows *rows = &walk->summary->rows;
    const struct opk_row *row;

    if (walk->reader.run)
        return next_spilled(walk, out_seen, err);
    if (walk->next == walk->end)
        return OPK_END;
    if (!walk->counts_only && walk->end - walk->next > AHEAD) {
        row = opk_rows_at(rows, walk->next + AHEAD);
        for (size_t i = 0; i < OPK_SHAPE_EXAMPLES && row->examples[i]; i++)
            __builtin_prefetch(row->examples[i]);
    }
    row = opk_rows_at(rows, walk->next);
    *out_seen = (struct opk_seen){
        .number = walk->next,
        .shape = {row->raw, row->raw_len},
        .sessions = opk_rows_sessions(rows, &walk->summary->origins, walk->next),
        .commands = row->commands,
    };
    walk->next++;
    return OPK_OK;
}

struct opk_tally opk_walk_tally(struct opk_walk *walk)
{
    assert(!walk->counts_only && (walk->reader.run || walk->next > 0));
    return walk->reader.run ? walk->reader.tally
                            : opk_rows_tally(&walk->summary->rows, &walk->summary->origins,
                                             walk->next - 1, walk->kept);
}
