#include "ingest/transcript.h"

#include "base/buf.h"
#include "ingest/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct opk_transcript {
    struct opk_buf path;             /* owned */
    struct opk_stream *stream;       /* owned */
    const struct opk_reader *reader; /* NULL for an empty input */
    void *state;                     /* owned by reader */
    struct opk_err problem;          /* the first */
    uint64_t problems;
};

static void note(void *context, const struct opk_err *err)
{
    struct opk_transcript *transcript = context;

    if (transcript->problems++ > 0)
        return;
    transcript->problem = *err;
    opk_err_add_path(&transcript->problem, opk_buf_cstr(&transcript->path));
}

/* Why nothing was recognised: damage before the head was full, else an unknown format. */
static enum opk_status unknown_format(struct opk_transcript *transcript, struct opk_err *err)
{
    struct opk_str chunk;
    enum opk_status status;

    for (size_t read = 0; read <= OPK_SNIFF_BYTES; read += chunk.len) {
        status = opk_stream_read(transcript->stream, &chunk, err);
        if (status == OPK_END)
            break;
        if (status != OPK_OK)
            return status;
    }
    return opk_fail(err, OPK_E_UNSUPPORTED, OPK_NOWHERE, "no known transcript format");
}

static enum opk_status open_reader(struct opk_transcript *transcript, struct opk_err *err)
{
    struct opk_input input = {
        .path = opk_buf_str(&transcript->path),
        .stream = transcript->stream,
        .notes = {.tell = note, .context = transcript},
    };
    struct opk_str head;
    enum opk_status status = opk_stream_peek(input.stream, OPK_SNIFF_BYTES, &head, err);

    if (status != OPK_OK)
        return status;
    if (head.len == 0) {
        struct opk_str chunk;
        transcript->reader = NULL;
        status = opk_stream_read(input.stream, &chunk, err);
        return status == OPK_END ? OPK_OK : status;
    }
    if (!transcript->reader)
        transcript->reader = opk_reader_sniff(head, input.path);
    if (!transcript->reader)
        return unknown_format(transcript, err);
    return transcript->reader->open(&input, &transcript->state, err);
}

enum opk_status opk_transcript_open_stream(struct opk_stream *stream, const char *path,
                                           const struct opk_reader *format,
                                           struct opk_transcript **out_transcript,
                                           struct opk_err *err)
{
    struct opk_transcript *transcript = calloc(1, sizeof(*transcript));
    enum opk_status status;

    if (!transcript) {
        opk_stream_free(stream);
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for a transcript");
    }
    transcript->stream = stream;
    transcript->reader = format;
    opk_buf_append_cstr(&transcript->path, path);
    status = opk_buf_cstr(&transcript->path) ? open_reader(transcript, err)
                                             : opk_buf_check(&transcript->path, err);
    if (status == OPK_OK) {
        *out_transcript = transcript;
        return OPK_OK;
    }
    opk_err_add_path(err, path);
    opk_transcript_free(transcript);
    return status;
}

enum opk_status opk_transcript_open(const char *path, const struct opk_reader *format,
                                    struct opk_transcript **out_transcript, struct opk_err *err)
{
    struct opk_stream *stream;
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return opk_fail(err, errno == ENOENT ? OPK_E_NOENT : OPK_E_IO, OPK_AT_PATH(path),
                        "cannot open: %s", strerror(errno));
    enum opk_status status = opk_stream_open_fd(fd, &stream, err);
    if (status != OPK_OK) {
        opk_err_add_path(err, path);
        return status;
    }
    return opk_transcript_open_stream(stream, path, format, out_transcript, err);
}

void opk_transcript_free(struct opk_transcript *transcript)
{
    if (!transcript)
        return;
    if (transcript->reader)
        transcript->reader->close(transcript->state);
    opk_stream_free(transcript->stream);
    opk_buf_done(&transcript->path);
    free(transcript);
}

enum opk_status opk_transcript_next(struct opk_transcript *transcript,
                                    struct opk_command *out_command, struct opk_err *err)
{
    struct opk_err damage;

    if (!transcript->reader)
        return OPK_END;
    enum opk_status status = transcript->reader->next(transcript->state, out_command, &damage);
    if (status == OPK_OK || status == OPK_END)
        return status;
    if (status == OPK_E_NOMEM || status == OPK_E_INTERNAL) {
        opk_err_add_path(&damage, opk_buf_cstr(&transcript->path));
        if (err)
            *err = damage;
        return status;
    }
    note(transcript, &damage);
    return OPK_END;
}

enum opk_status opk_transcript_read_ahead(struct opk_transcript *transcript, struct opk_err *err)
{
    return opk_stream_read_ahead(transcript->stream, err);
}

bool opk_transcript_is_list(const struct opk_transcript *transcript)
{
    return transcript->reader && transcript->reader->more;
}

size_t opk_transcript_more(struct opk_transcript *transcript, struct opk_str *out_texts, size_t max)
{
    return transcript->reader && transcript->reader->more
               ? transcript->reader->more(transcript->state, out_texts, max)
               : 0;
}

const struct opk_reader *opk_transcript_format(const struct opk_transcript *transcript)
{
    return transcript->reader;
}

bool opk_transcript_problem(const struct opk_transcript *transcript, struct opk_err *out_problem)
{
    struct opk_err problem = transcript->problem;

    if (transcript->problems == 0)
        return false;
    *out_problem = problem;
    if (transcript->problems == 1)
        return true;
    opk_err_set(out_problem, problem.status,
                (struct opk_place){problem.path, problem.line, problem.column, problem.byte},
                "%.400s; and %llu more", problem.message,
                (unsigned long long)transcript->problems - 1);
    return true;
}
