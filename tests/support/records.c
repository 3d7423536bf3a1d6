#include "support/records.h"

#include "base/out.h"
#include "ingest/stream.h"
#include "ingest/transcript.h"

static void show_text(struct opk_buf *out, const char *name, struct opk_str text)
{
    if (text.len > 0)
        opk_buf_printf(out, " %s=%.*s", name, OPK_STR_FMT(text));
}

static void show_number(struct opk_buf *out, const char *name, int64_t number)
{
    if (number != OPK_UNKNOWN)
        opk_buf_printf(out, " %s=%lld", name, (long long)number);
}

static void show(struct opk_buf *out, const struct opk_command *command)
{
    opk_buf_printf(out, "%llu ", (unsigned long long)command->at);
    opk_out_line(out, command->text);
    show_text(out, "tool", command->tool);
    show_text(out, "id", command->id);
    if (!opk_str_eq(command->session, command->source))
        show_text(out, "session", command->session);
    show_text(out, "cwd", command->cwd);
    if (command->flags)
        opk_buf_printf(out, " flags=%u", command->flags);
    show_number(out, "time", command->time);
    show_number(out, "took", command->duration);
    show_number(out, "exit", command->exit_status);
    show_number(out, "out", command->output_bytes);
    opk_buf_append_byte(out, '\n');
}

void opk_records(struct opk_str bytes, size_t cut, const struct opk_reader *reader,
                 struct opk_buf *out)
{
    struct opk_stream *stream;
    struct opk_transcript *transcript;
    struct opk_command command;
    struct opk_err err;
    enum opk_status status = opk_stream_open_cut(bytes, cut, NULL, &stream, &err);
    uint64_t ordinal = 0;

    opk_assert_status("stream", status, OPK_OK, &err);
    status = opk_transcript_open_stream(stream, "in", reader, &transcript, &err);
    opk_assert_status("transcript", status, OPK_OK, &err);
    while ((status = opk_transcript_next(transcript, &command, &err)) == OPK_OK) {
        assert_int_equal(command.ordinal, ++ordinal);
        opk_assert_str("source", command.source, OPK_STR("in"));
        show(out, &command);
    }
    opk_assert_status("end", status, OPK_END, &err);
    if (opk_transcript_problem(transcript, &err))
        opk_buf_printf(out, "problem: %s:%llu: %s\n", err.path, (unsigned long long)err.line,
                       err.message);
    opk_transcript_free(transcript);
}

void opk_assert_records(const char *name, struct opk_str bytes, const struct opk_reader *reader,
                        const char *want)
{
    static const size_t CUTS[] = {SIZE_MAX, 1, 2, 3, 7, 64, 1000};

    for (size_t i = 0; i < sizeof(CUTS) / sizeof(CUTS[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        opk_records(bytes, CUTS[i], reader, &got);
        opk_assert_str(name, opk_buf_str(&got), opk_str_of(want));
        opk_buf_done(&got);
    }
}
