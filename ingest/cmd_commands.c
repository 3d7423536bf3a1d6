#include "base/map.h"
#include "base/progress.h"
#include "ingest/cmd_ingest.h"
#include "ingest/record.h"
#include "ingest/source.h"
#include "ingest/transcript.h"

#include <string.h>

#define WRITE_BYTES ((size_t)64 * 1024)

struct values {
    bool all;
    bool strict;
    const char *format;
    const char *input_format;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("all", 'a', FLAG, NULL, "also tool calls, rejected, not run and background commands",
            struct values, all),
    OPK_OPT("format", 0, CHOICE, "lines|text|tsv|jsonl", "how to print", struct values, format),
    OPK_OPT("input-format", 0, TEXT, "NAME", "read every input as this format", struct values,
            input_format),
    OPK_OPT("strict", 0, FLAG, NULL, "exit 3 when an input is unknown or damaged", struct values,
            strict),
    OPK_OPT_END,
};

static const struct {
    const char *name;
    void (*header)(struct opk_buf *out);
    void (*record)(struct opk_buf *out, const struct opk_command *command);
} FORMATS[] = {
    {"lines", NULL, opk_record_line},
    {"text", NULL, opk_record_text},
    {"tsv", opk_record_tsv_header, opk_record_tsv},
    {"jsonl", NULL, opk_record_jsonl},
};

/* One run of the verb. */
struct run {
    struct opk_cli *cli;
    const struct values *values;
    const struct opk_reader *reader; /* NULL to sniff */
    void (*print)(struct opk_buf *out, const struct opk_command *command);
    struct opk_buf out;   /* owned; not yet written */
    struct opk_map *seen; /* ids of calls: resumed sessions repeat them from file to file */
    struct opk_progress progress;
    bool has_missing; /* an operand that is not there */
    bool has_problem; /* an input that is unknown or damaged */
};

static void note(struct run *run, const struct opk_err *err)
{
    opk_progress_clear(&run->progress);
    opk_cli_note(run->cli, err);
    run->has_problem = true;
}

/* What collecting the sources tells: all of it was asked for by name. */
static void note_source(void *context, const struct opk_err *err)
{
    struct run *run = context;

    note(run, err);
    run->has_missing = run->has_missing || err->status == OPK_E_NOENT;
}

static enum opk_status flush(struct run *run, struct opk_err *err)
{
    enum opk_status status = opk_cli_write(run->cli, &run->out, err);

    opk_buf_clear(&run->out);
    return status;
}

/* Has another input given this call already? */
static enum opk_status is_repeated(struct run *run, const struct opk_command *command,
                                   bool *out_is_repeated, struct opk_err *err)
{
    uint32_t index;
    bool is_new = true;
    enum opk_status status = OPK_OK;

    if (command->id.len > 0)
        status = opk_map_add(run->seen, command->id, &index, &is_new, err);
    *out_is_repeated = !is_new;
    return status;
}

static enum opk_status print_commands(struct run *run, struct opk_transcript *transcript,
                                      struct opk_err *err)
{
    struct opk_command command;
    enum opk_status status;

    while ((status = opk_transcript_next(transcript, &command, err)) == OPK_OK) {
        bool repeated;
        status = is_repeated(run, &command, &repeated, err);
        if (status != OPK_OK)
            return status;
        if (repeated || (!run->values->all && !opk_command_ran(&command)))
            continue;
        run->print(&run->out, &command);
        if (run->out.len >= WRITE_BYTES)
            status = flush(run, err);
        if (status != OPK_OK)
            return status;
    }
    return status;
}

/* Print one input; what is wrong with it is told, and only our own failures stop the verb. */
static enum opk_status print_source(struct run *run, const char *path, struct opk_err *err)
{
    struct opk_transcript *transcript;
    struct opk_err problem;
    enum opk_status status = opk_transcript_open(path, run->reader, &transcript, &problem);

    if (status == OPK_E_NOMEM) {
        *err = problem;
        return status;
    }
    if (status != OPK_OK) {
        note(run, &problem);
        return OPK_END;
    }
    status = print_commands(run, transcript, err);
    if (opk_transcript_problem(transcript, &problem))
        note(run, &problem);
    opk_transcript_free(transcript);
    return status;
}

static enum opk_status print_all(struct run *run, struct opk_err *err)
{
    struct opk_notes notes = {note_source, run};
    struct opk_sources sources;
    enum opk_status status = opk_sources_collect(run->cli->operands, run->cli->operand_count,
                                                 OPK_SOURCES_AS_GIVEN, &notes, &sources, err);

    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < sources.count && (status == OPK_OK || status == OPK_END); i++) {
        opk_progress_show(&run->progress, i + 1, sources.count, opk_str_of(sources.paths[i]));
        status = print_source(run, sources.paths[i], err);
    }
    opk_progress_clear(&run->progress);
    opk_sources_done(&sources);
    return status == OPK_OK || status == OPK_END ? flush(run, err) : status;
}

static int run_commands(struct opk_cli *cli, const void *values)
{
    struct run run = {.cli = cli, .values = values};
    struct opk_err err;
    enum opk_status status;

    opk_progress_init(&run.progress, cli->err);
    for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++) {
        if (strcmp(FORMATS[i].name, run.values->format) != 0)
            continue;
        run.print = FORMATS[i].record;
        if (FORMATS[i].header)
            FORMATS[i].header(&run.out);
    }
    status = opk_reader_choose(run.values->input_format, &run.reader, &err);
    if (status == OPK_OK)
        status = opk_map_new(&run.seen, &err);
    if (status == OPK_OK)
        status = print_all(&run, &err);
    opk_map_free(run.seen);
    opk_buf_done(&run.out);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    return run.has_missing || (run.values->strict && run.has_problem) ? OPK_EXIT_INVALID
                                                                      : OPK_EXIT_OK;
}

const struct opk_verb OPK_VERB_COMMANDS = {
    .name = "commands",
    .stage = "transcripts to commands",
    .summary = "print the commands found in transcripts",
    .operands = "FILE...",
    .details =
        "A FILE is a transcript, compressed or not, a folder of them, or - for standard\n"
        "input. Its format is told from its first bytes unless --input-format names it.\n"
        "\n"
        "lines prints one command a line (a backslash as \\\\, a newline as \\n), text prints\n"
        "them as they were typed, tsv and jsonl print the whole records. Only shell\n"
        "commands that ran are printed, unless --all is given.\n"
        "\n"
        "An input that is unknown or damaged is told in one line on standard error, and\n"
        "what was read from it well is printed.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_commands,
};
