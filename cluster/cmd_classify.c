/*
 * opk classify - label every step of a log.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "base/out.h"
#include "cluster/canon.h"
#include "cluster/cmd_cluster.h"
#include "cluster/cmd_config.h"
#include "cluster/cmd_registered.h"
#include "cluster/reading.h"
#include "ingest/source.h"
#include "ingest/stream.h"
#include "ingest/transcript.h"

#include <stdlib.h>
#include <string.h>

#define WRITE_BYTES ((size_t)64 * 1024)

/* Standard input is read twice, so it is held; larger inputs must be files. */
#define STDIN_BYTES_MAX ((size_t)1 << 30)

struct values {
    const char *format;
    const char *input_format;
    bool no_hints;
    const char *registry;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("format", 0, CHOICE, "tsv|jsonl", "how to print", struct values, format),
    OPK_OPT("input-format", 0, TEXT, "NAME", "read every input as this format", struct values,
            input_format),
    OPK_OPT("no-hints", 0, FLAG, NULL, "learn from the inputs alone, without the built-in tables",
            struct values, no_hints),
    OPK_OPT("registry", 0, TEXT, "FILE", "tell the registered kind of each step as well",
            struct values, registry),
    OPK_OPT_END,
};

/* What every row of a raw shape holds, as it is written; views into the run's arena. */
struct label {
    struct opk_str before; /* the command's own text */
    struct opk_str behind;
};

/* The commands of a raw shape, and their sessions as bits (opk_sketch_bit). */
struct count {
    uint64_t commands;
    uint64_t sessions;
};

struct run {
    struct opk_cli *cli;
    const struct values *values;
    const struct opk_reader *reader; /* NULL to sniff */
    struct opk_sources sources;
    struct opk_buf held; /* standard input, decompressed */
    bool is_jsonl;
    bool has_registry;
    struct opk_registered_kinds registered;
    struct opk_config config;
    struct opk_readings *readings;
    struct count *counts; /* by raw shape */
    uint64_t sessions;    /* of all commands, as bits */
    size_t count_cap;
    size_t count_len;
    struct opk_model *model; /* NULL in the first pass */
    struct label *labels;    /* by raw shape */
    size_t label_cap;
    size_t label_len;
    struct opk_arena texts;
    struct opk_buf kind;
    struct opk_buf shape;
    struct opk_buf row;
    struct opk_buf source; /* as every row of the present source begins */
    struct opk_buf out;
    bool has_problem;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for labels");
}

static void note(void *context, const struct opk_err *err)
{
    struct run *run = context;

    opk_cli_note(run->cli, err);
    run->has_problem = true;
}

static void run_done(struct run *run)
{
    opk_sources_done(&run->sources);
    opk_buf_done(&run->held);
    opk_registered_done(&run->registered);
    opk_readings_free(run->readings);
    opk_config_done(&run->config);
    free(run->counts);
    opk_model_free(run->model);
    free(run->labels);
    opk_arena_done(&run->texts);
    opk_buf_done(&run->kind);
    opk_buf_done(&run->shape);
    opk_buf_done(&run->row);
    opk_buf_done(&run->source);
    opk_buf_done(&run->out);
}

/* ---- the first pass: learning ---- */

/* Commands that nobody ran are labelled, but teach nothing; as in a summary. */
static enum opk_status learn_command(struct run *run, const struct opk_command *command,
                                     struct opk_err *err)
{
    struct opk_reading reading;
    enum opk_status status = opk_readings_read(run->readings, command, &reading, err);
    size_t shapes = opk_readings_shape_count(run->readings);
    uint64_t bit;

    if (status != OPK_OK)
        return status;
    if (shapes > run->count_len) {
        struct count *grown = opk_grow(run->counts, &run->count_cap, shapes, sizeof(*grown));
        if (!grown)
            return no_memory(err);
        run->counts = grown;
        memset(grown + run->count_len, 0, (shapes - run->count_len) * sizeof(*grown));
        run->count_len = shapes;
    }
    bit = opk_sketch_bit(opk_hash64(command->session.len > 0 ? command->session : command->source));
    for (size_t i = 0; i < reading.count && command->kind != OPK_COMMAND_DOCUMENTED; i++) {
        struct count *count = &run->counts[reading.steps[i].shape];
        count->commands += !reading.steps[i].opaque;
        count->sessions |= bit;
        run->sessions |= bit;
    }
    return OPK_OK;
}

static enum opk_status learn(struct run *run, struct opk_err *err)
{
    bool has_many = (run->sessions & (run->sessions - 1)) != 0;
    struct opk_summary *summary = NULL;
    enum opk_status status = opk_summary_new(&summary, err);

    for (uint32_t i = 0; i < run->count_len && status == OPK_OK; i++) {
        const struct count *count = &run->counts[i];
        if (count->commands > 0)
            status = opk_summary_add_shape(summary, opk_readings_shape(run->readings, i),
                                           count->commands, has_many ? count->sessions : 0, err);
    }
    if (status == OPK_OK)
        status = opk_model_new(summary, !run->values->no_hints, &run->model, err);
    opk_summary_free(summary);
    return status;
}

/* ---- the second pass: labelling ---- */

static void write_tsv_label(struct run *run, struct opk_str id, size_t *out_cut)
{
    opk_buf_append_byte(&run->row, '\t');
    opk_out_tsv(&run->row, opk_buf_str(&run->kind));
    opk_buf_append_byte(&run->row, '\t');
    opk_out_tsv(&run->row, opk_buf_str(&run->shape));
    opk_buf_append_byte(&run->row, '\t');
    *out_cut = run->row.len;
    if (run->has_registry) {
        opk_buf_append_byte(&run->row, '\t');
        opk_out_tsv(&run->row, id);
    }
    opk_buf_append_byte(&run->row, '\n');
}

static void write_jsonl_label(struct run *run, struct opk_str id, size_t *out_cut)
{
    char shape_id[OPK_HASH128_TEXT];

    opk_hash128_text(opk_hash128(opk_buf_str(&run->shape)), shape_id);
    opk_buf_append_cstr(&run->row, ",\"kind\":");
    opk_out_json_string(&run->row, opk_buf_str(&run->kind));
    opk_buf_append_cstr(&run->row, ",\"shape\":");
    opk_out_json_string(&run->row, opk_buf_str(&run->shape));
    opk_buf_append_cstr(&run->row, ",\"shape_id\":");
    opk_out_json_string(&run->row, opk_str_of(shape_id));
    if (id.len > 0) {
        opk_buf_append_cstr(&run->row, ",\"id\":");
        opk_out_json_string(&run->row, id);
    }
    opk_buf_append_cstr(&run->row, ",\"command\":\"");
    *out_cut = run->row.len;
    opk_buf_append_cstr(&run->row, "\"}\n");
}

/* Work out the label of the next raw shape. */
static enum opk_status add_label(struct run *run, struct opk_err *err)
{
    struct label *grown =
        opk_grow(run->labels, &run->label_cap, run->label_len + 1, sizeof(*grown));
    struct opk_str raw = opk_readings_shape(run->readings, (uint32_t)run->label_len);
    size_t cut;

    if (!grown)
        return no_memory(err);
    run->labels = grown;
    opk_buf_clear(&run->kind);
    opk_buf_clear(&run->shape);
    opk_buf_clear(&run->row);
    (void)opk_canon_write(run->model, raw, &run->kind, &run->shape, NULL);
    struct opk_str id = opk_registered_match(&run->registered, opk_buf_str(&run->shape), NULL);
    if (run->is_jsonl)
        write_jsonl_label(run, id, &cut);
    else
        write_tsv_label(run, id, &cut);
    struct opk_str whole = opk_arena_copy(&run->texts, opk_buf_str(&run->row));
    if (run->kind.failed || run->shape.failed || run->row.failed || run->texts.failed)
        return no_memory(err);
    grown[run->label_len++] =
        (struct label){opk_str_slice(whole, 0, cut), opk_str_skip(whole, cut)};
    return OPK_OK;
}

static void write_row(struct run *run, const struct opk_command *command, size_t step,
                      const struct label *label)
{
    opk_buf_append(&run->out, opk_buf_str(&run->source));
    opk_buf_append_u64(&run->out, command->at);
    opk_buf_append_cstr(&run->out, run->is_jsonl ? ",\"step\":" : "\t");
    opk_buf_append_u64(&run->out, step);
    opk_buf_append(&run->out, label->before);
    if (run->is_jsonl)
        opk_out_json(&run->out, command->text);
    else
        opk_out_tsv(&run->out, command->text);
    opk_buf_append(&run->out, label->behind);
}

static enum opk_status label_command(struct run *run, const struct opk_command *command,
                                     struct opk_err *err)
{
    struct opk_reading reading;
    enum opk_status status = opk_readings_read(run->readings, command, &reading, err);

    while (status == OPK_OK && run->label_len < opk_readings_shape_count(run->readings))
        status = add_label(run, err);
    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < reading.count; i++)
        write_row(run, command, i + 1, &run->labels[reading.steps[i].shape]);
    if (run->out.len >= WRITE_BYTES) {
        status = opk_cli_write(run->cli, &run->out, err);
        opk_buf_clear(&run->out);
    }
    return status;
}

/* What a row of this source begins with, up to the place in it. */
static void begin_source(struct run *run, const char *path)
{
    opk_buf_clear(&run->source);
    opk_buf_append_cstr(&run->source, run->is_jsonl ? "{\"source\":" : "");
    if (run->is_jsonl)
        opk_out_json_string(&run->source, opk_str_of(path));
    else
        opk_out_tsv(&run->source, opk_str_of(path));
    opk_buf_append_cstr(&run->source, run->is_jsonl ? ",\"at\":" : "\t");
    run->out.failed = run->out.failed || run->source.failed;
}

/* ---- reading ---- */

static enum opk_status open_source(struct run *run, const char *path,
                                   struct opk_transcript **out_transcript, struct opk_err *err)
{
    struct opk_stream *stream;
    enum opk_status status;

    if (strcmp(path, "-") != 0)
        return opk_transcript_open(path, run->reader, out_transcript, err);
    status = opk_stream_open_bytes(opk_buf_str(&run->held), &stream, err);
    if (status != OPK_OK)
        return status;
    return opk_transcript_open_stream(stream, path, run->reader, out_transcript, err);
}

/* One pass over all inputs: learning (run->model is not there yet), then labelling. */
static enum opk_status pass(struct run *run, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < run->sources.count && status == OPK_OK; i++) {
        struct opk_transcript *transcript;
        struct opk_command command;
        struct opk_err problem;
        begin_source(run, run->sources.paths[i]);
        status = open_source(run, run->sources.paths[i], &transcript, &problem);
        if (status == OPK_E_NOMEM)
            return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "%s", problem.message);
        if (status != OPK_OK) {
            if (!run->model)
                note(run, &problem);
            status = OPK_OK;
            continue;
        }
        while (status == OPK_OK &&
               (status = opk_transcript_next(transcript, &command, err)) == OPK_OK) {
            if (command.flags & (unsigned)(OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN))
                continue;
            status =
                run->model ? label_command(run, &command, err) : learn_command(run, &command, err);
        }
        if (status == OPK_END)
            status = OPK_OK;
        if (!run->model && opk_transcript_problem(transcript, &problem))
            note(run, &problem);
        opk_transcript_free(transcript);
    }
    return status;
}

/* Standard input among the sources is read now, once, for both passes. */
static enum opk_status hold_stdin(struct run *run, struct opk_err *err)
{
    struct opk_stream *stream;
    struct opk_str chunk;
    enum opk_status status = OPK_END;

    for (size_t i = 0; i < run->sources.count; i++) {
        if (strcmp(run->sources.paths[i], "-") == 0)
            status = OPK_OK;
    }
    if (status == OPK_END)
        return OPK_OK;
    status = opk_stream_open_fd(0, &stream, err);
    while (status == OPK_OK && (status = opk_stream_read(stream, &chunk, err)) == OPK_OK) {
        opk_buf_append(&run->held, chunk);
        if (run->held.len > STDIN_BYTES_MAX)
            status = opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH("-"),
                              "more than %zu bytes on standard input; give a file instead",
                              STDIN_BYTES_MAX);
        else if (run->held.failed)
            status = no_memory(err);
    }
    opk_stream_free(stream);
    return status == OPK_END ? OPK_OK : status;
}

static enum opk_status read_registry(struct run *run, struct opk_err *err)
{
    const char *path = run->values->registry;
    enum opk_status status = OPK_OK;

    if (!path)
        status = opk_registered_locate(run->cli, OPK_REGISTRY_PATH, &path, err);
    run->has_registry = path != NULL;
    return status == OPK_OK ? opk_registered_read(run->cli, path, run->values->registry != NULL,
                                                  &run->registered, err)
                            : status;
}

static enum opk_status classify(struct run *run, struct opk_err *err)
{
    struct opk_notes notes = {note, run};
    const char *format = run->values->input_format;
    enum opk_status status;

    run->is_jsonl = strcmp(run->values->format, "jsonl") == 0;
    run->reader = format ? opk_reader_find(opk_str_of(format)) : NULL;
    if (format && !run->reader)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "unknown input format '%s'", format);
    status = opk_sources_collect(run->cli->operands, run->cli->operand_count, OPK_SOURCES_AS_GIVEN,
                                 &notes, &run->sources, err);
    if (status == OPK_OK)
        status = hold_stdin(run, err);
    if (status == OPK_OK)
        status = read_registry(run, err);
    if (status == OPK_OK)
        status = opk_config_read(run->cli, &run->config, err);
    if (status == OPK_OK)
        status = opk_readings_new(OPK_READING_TEXTS_MAX, &run->readings, err);
    if (status == OPK_OK)
        status = opk_readings_classes(run->readings, run->config.classes, err);
    if (status == OPK_OK)
        status = pass(run, err);
    if (status == OPK_OK)
        status = learn(run, err);
    if (status != OPK_OK)
        return status;
    if (!run->is_jsonl)
        opk_buf_append_cstr(&run->out, run->has_registry
                                           ? "source\tat\tstep\tkind\tshape\tcommand\tid\n"
                                           : "source\tat\tstep\tkind\tshape\tcommand\n");
    status = pass(run, err);
    return status == OPK_OK ? opk_cli_write(run->cli, &run->out, err) : status;
}

static int run_classify(struct opk_cli *cli, const void *values)
{
    struct run run = {.cli = cli, .values = values};
    struct opk_err err;
    enum opk_status status = classify(&run, &err);
    bool has_problem = run.has_problem;

    run_done(&run);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    return has_problem ? OPK_EXIT_INVALID : OPK_EXIT_OK;
}

const struct opk_verb OPK_VERB_CLASSIFY = {
    .name = "classify",
    .stage = "commands to drafts",
    .summary = "label every step of a log with its kind, shape and registered id",
    .operands = "FILE...",
    .details =
        "Reads the inputs twice: once to learn which words name operations, once to label. One row "
        "a\nstep: source, place in the source, step within the command, kind (the operation "
        "words), shape,\ncommand. A FILE that is '-' is standard input; folders are searched.\n"
        "\n"
        "With --registry, and inside a pattern repository, a row also has the id of the "
        "registered\n"
        "kind that matches the step, empty when there is none.",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_classify,
};
