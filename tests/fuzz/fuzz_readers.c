/*
 * Where a transcript is cut never changes its records, and a record keeps to its limits. The first
 * byte picks the reader, the second the cut.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "ingest/readers.h"
#include "ingest/record.h"
#include "ingest/stream.h"
#include "ingest/transcript.h"

#include <stdlib.h>

static const struct opk_reader *const READERS[] = {
    &opk_reader_claude_code, &opk_reader_bash_history, &opk_reader_history_builtin,
    &opk_reader_commands,    &opk_reader_lines,        &opk_reader_ttyrec,
    &opk_reader_powershell,
};

#define READER_COUNT (sizeof(READERS) / sizeof(READERS[0]))

static void check(const struct opk_command *command)
{
    if (command->text.len > OPK_COMMAND_TEXT_MAX || command->at == 0 || command->ordinal == 0)
        abort();
}

/* Every record as JSON, then the problem. */
static struct opk_hash128 digest(struct opk_str bytes, const struct opk_reader *reader, size_t cut)
{
    struct opk_transcript *transcript;
    struct opk_stream *stream;
    struct opk_command command;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err problem;

    if (opk_stream_open_cut(bytes, cut, NULL, &stream, NULL) != OPK_OK ||
        opk_transcript_open_stream(stream, "in", reader, &transcript, NULL) != OPK_OK)
        return (struct opk_hash128){0, 0};
    while (opk_transcript_next(transcript, &command, NULL) == OPK_OK) {
        check(&command);
        opk_record_jsonl(&text, &command);
    }
    if (opk_transcript_problem(transcript, &problem))
        opk_buf_append_cstr(&text, problem.message);
    opk_transcript_free(transcript);
    struct opk_hash128 value = opk_hash128(opk_buf_str(&text));
    opk_buf_done(&text);
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct opk_str bytes = opk_str_bytes(data + 2, size - 2);
    const struct opk_reader *reader = READERS[data[0] % READER_COUNT];
    if (!opk_hash128_eq(digest(bytes, reader, SIZE_MAX),
                        digest(bytes, reader, (size_t)data[1] + 1)))
        abort();
    return 0;
}
