#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/out.h"
#include "cluster/canon.h"
#include "cluster/cmd_cluster.h"
#include "cluster/shape.h"
#include "cluster/step.h"
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
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("format", 0, CHOICE, "tsv|jsonl", "how to print", struct values, format),
    OPK_OPT("input-format", 0, TEXT, "NAME", "read every input as this format", struct values,
            input_format),
    OPK_OPT("no-hints", 0, FLAG, NULL, "learn from the inputs alone, without the built-in tables",
            struct values, no_hints),
    OPK_OPT_END,
};

/* What a raw shape was found to be; views into the run's arena. */
struct label {
    struct opk_str kind;
    struct opk_str shape;
};

struct run {
    struct opk_cli *cli;
    const struct values *values;
    const struct opk_reader *reader; /* NULL to sniff */
    struct opk_sources sources;
    struct opk_buf held; /* standard input, decompressed */
    struct opk_summary *summary;
    struct opk_model *model;
    struct opk_map *labels; /* raw shape to label */
    struct label *label_items;
    size_t label_cap;
    struct opk_arena texts;
    struct opk_steps steps;
    struct opk_buf raw;
    struct opk_buf kind;
    struct opk_buf shape;
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
    opk_summary_free(run->summary);
    opk_model_free(run->model);
    opk_map_free(run->labels);
    free(run->label_items);
    opk_arena_done(&run->texts);
    opk_steps_done(&run->steps);
    opk_buf_done(&run->raw);
    opk_buf_done(&run->kind);
    opk_buf_done(&run->shape);
    opk_buf_done(&run->out);
}

/* The label of the raw shape in run->raw, worked out once. */
static enum opk_status find_label(struct run *run, struct label *out_label, struct opk_err *err)
{
    struct label *grown = opk_grow(run->label_items, &run->label_cap,
                                   (size_t)opk_map_count(run->labels) + 1, sizeof(*grown));
    struct opk_str raw = opk_buf_str(&run->raw);
    enum opk_status status;
    uint32_t index;
    bool is_new;

    if (!grown || run->raw.failed)
        return no_memory(err);
    run->label_items = grown;
    status = opk_map_add(run->labels, raw, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        opk_buf_clear(&run->kind);
        opk_buf_clear(&run->shape);
        (void)opk_canon_write(run->model, raw, &run->kind, &run->shape);
        grown[index].kind = opk_arena_copy(&run->texts, opk_buf_str(&run->kind));
        grown[index].shape = opk_arena_copy(&run->texts, opk_buf_str(&run->shape));
        if (run->kind.failed || run->shape.failed || run->texts.failed)
            return no_memory(err);
    }
    *out_label = grown[index];
    return OPK_OK;
}

static void write_tsv(struct run *run, const struct opk_command *command, size_t step,
                      const struct label *label)
{
    opk_out_tsv(&run->out, command->source);
    opk_buf_printf(&run->out, "\t%llu\t%zu\t", (unsigned long long)command->at, step);
    opk_out_tsv(&run->out, label->kind);
    opk_buf_append_byte(&run->out, '\t');
    opk_out_tsv(&run->out, label->shape);
    opk_buf_append_byte(&run->out, '\t');
    opk_out_tsv(&run->out, command->text);
    opk_buf_append_byte(&run->out, '\n');
}

static void write_jsonl(struct run *run, const struct opk_command *command, size_t step,
                        const struct label *label)
{
    struct opk_json_writer json = OPK_JSON_WRITER(&run->out);
    char id[OPK_HASH128_TEXT];

    opk_hash128_text(opk_hash128(label->shape), id);
    opk_json_open(&json, '{');
    opk_json_key(&json, "source");
    opk_json_string(&json, command->source);
    opk_json_key(&json, "at");
    opk_json_number(&json, (int64_t)command->at);
    opk_json_key(&json, "step");
    opk_json_number(&json, (int64_t)step);
    opk_json_key(&json, "kind");
    opk_json_string(&json, label->kind);
    opk_json_key(&json, "shape");
    opk_json_string(&json, label->shape);
    opk_json_key(&json, "shape_id");
    opk_json_string(&json, opk_str_of(id));
    opk_json_key(&json, "command");
    opk_json_string(&json, command->text);
    opk_json_close(&json, '}');
    opk_buf_append_byte(&run->out, '\n');
}

static enum opk_status write_row(struct run *run, const struct opk_command *command, size_t step,
                                 struct opk_err *err)
{
    struct label label;
    enum opk_status status = find_label(run, &label, err);

    if (status != OPK_OK)
        return status;
    if (strcmp(run->values->format, "tsv") == 0)
        write_tsv(run, command, step, &label);
    else
        write_jsonl(run, command, step, &label);
    if (run->out.len >= WRITE_BYTES) {
        status = opk_cli_write(run->cli, &run->out, err);
        opk_buf_clear(&run->out);
    }
    return status;
}

/* The second pass: a row for every step. */
static enum opk_status label_command(struct run *run, const struct opk_command *command,
                                     struct opk_err *err)
{
    enum opk_status status;

    if (command->flags & (unsigned)(OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN))
        return OPK_OK;
    if (command->kind == OPK_COMMAND_TOOL) {
        opk_buf_clear(&run->raw);
        opk_shape_write_tool(&run->raw, command->tool, command->text);
        return write_row(run, command, 1, err);
    }
    status = opk_steps_read(&run->steps, command->text, err);
    for (size_t i = 0; status == OPK_OK && i < run->steps.count; i++) {
        opk_buf_clear(&run->raw);
        opk_shape_write(&run->raw, &run->steps, &run->steps.steps[i]);
        status = write_row(run, command, i + 1, err);
    }
    return status;
}

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
               (status = opk_transcript_next(transcript, &command, err)) == OPK_OK)
            status = run->model ? label_command(run, &command, err)
                                : opk_summary_add(run->summary, &command, err);
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

static enum opk_status classify(struct run *run, struct opk_err *err)
{
    struct opk_notes notes = {note, run};
    const char *format = run->values->input_format;
    enum opk_status status;

    run->reader = format ? opk_reader_find(opk_str_of(format)) : NULL;
    if (format && !run->reader)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "unknown input format '%s'", format);
    status = opk_sources_collect(run->cli->operands, run->cli->operand_count, OPK_SOURCES_AS_GIVEN,
                                 &notes, &run->sources, err);
    if (status == OPK_OK)
        status = hold_stdin(run, err);
    if (status == OPK_OK)
        status = opk_summary_new(&run->summary, err);
    if (status == OPK_OK)
        status = opk_map_new(&run->labels, err);
    if (status == OPK_OK)
        status = pass(run, err);
    if (status == OPK_OK)
        status = opk_model_new(run->summary, !run->values->no_hints, &run->model, err);
    if (status != OPK_OK)
        return status;
    if (strcmp(run->values->format, "tsv") == 0)
        opk_buf_append_cstr(&run->out, "source\tat\tstep\tkind\tshape\tcommand\n");
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
    .summary = "label every step of a log with its kind and shape",
    .operands = "FILE...",
    .details =
        "Reads the inputs twice: once to learn which words name operations, once to label. One row "
        "a\nstep: source, place in the source, step within the command, kind (the operation "
        "words), shape,\ncommand. A FILE that is '-' is standard input; folders are searched.",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_classify,
};
