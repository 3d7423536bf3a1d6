/* What ttyrec(1) and termrec(1) write: records of a time, a length, and bytes of terminal output.
 */
#include "ingest/capture_reader.h"
#include "ingest/readers.h"
#include "ingest/stream.h"

#include <stdlib.h>

#define HEADER_BYTES ((size_t)12)

/* A longer record is none: recorders write what one read from a terminal gave. */
#define RECORD_MAX ((uint32_t)1 << 20)

/* Times from 1990 on are of the day; smaller ones count from the start of the recording. */
#define CLOCK_SECONDS UINT32_C(631152000)

/* Clocks are set back while a recording runs, by little. */
#define BACK_SECONDS UINT32_C(3600)

struct header {
    uint32_t seconds;
    uint32_t microseconds;
    uint32_t len;
};

struct ttyrec {
    struct opk_capture_reader reader; /* first: state is one */
    struct opk_str chunk;             /* not yet taken */
    unsigned char head[HEADER_BYTES]; /* the beginning of a record's header */
    size_t head_len;
    struct header record; /* the one at hand */
    uint32_t left;        /* bytes of it to come */
    bool is_swapped;      /* written by a machine with the other order of bytes */
    uint64_t number;      /* of the record at hand */
    uint64_t at;          /* bytes taken */
};

static uint32_t number_at(const unsigned char *bytes, bool is_swapped)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < 4; i++)
        number |= (uint32_t)bytes[i] << (is_swapped ? 24 - 8 * i : 8 * i);
    return number;
}

static struct header header_at(const unsigned char *bytes, bool is_swapped)
{
    return (struct header){number_at(bytes, is_swapped), number_at(bytes + 4, is_swapped),
                           number_at(bytes + 8, is_swapped)};
}

static bool is_plausible(const struct header *header)
{
    return header->microseconds < 1000000 && header->len <= RECORD_MAX;
}

/* Is the head a chain of records, of which the last may be cut off? One alone must be whole. */
static bool is_chain(struct opk_str head, bool is_swapped)
{
    uint32_t last = 0;
    size_t records = 0;
    size_t at = 0;

    while (head.len - at >= HEADER_BYTES) {
        const struct header header = header_at((const unsigned char *)head.data + at, is_swapped);
        const bool goes_back = header.seconds < last && last - header.seconds > BACK_SECONDS;
        if (!is_plausible(&header) || goes_back || (records == 0 && header.len == 0))
            return false;
        last = header.seconds;
        records++;
        at += HEADER_BYTES;
        if (header.len > head.len - at)
            return records > 1;
        at += header.len;
    }
    return records > 0 && (records > 1 || at == head.len);
}

static bool sniff(struct opk_str head, struct opk_str path)
{
    (void)path;
    return is_chain(head, false) || is_chain(head, true);
}

/* Take bytes of the chunk until a header is whole; false when there are too few. */
static bool take_header(struct ttyrec *ttyrec)
{
    while (ttyrec->head_len < HEADER_BYTES && ttyrec->chunk.len > 0) {
        ttyrec->head[ttyrec->head_len++] = (unsigned char)ttyrec->chunk.data[0];
        ttyrec->chunk = opk_str_skip(ttyrec->chunk, 1);
        ttyrec->at++;
    }
    return ttyrec->head_len == HEADER_BYTES;
}

static enum opk_status begin_record(struct ttyrec *ttyrec, struct opk_err *err)
{
    ttyrec->record = header_at(ttyrec->head, ttyrec->is_swapped);
    ttyrec->head_len = 0;
    ttyrec->number++;
    if (!is_plausible(&ttyrec->record))
        return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(ttyrec->at - HEADER_BYTES + 1),
                        "no record of a ttyrec begins here; the rest is not read");
    if (ttyrec->number == 1)
        ttyrec->reader.has_clock = ttyrec->record.seconds >= CLOCK_SECONDS;
    ttyrec->left = ttyrec->record.len;
    return OPK_OK;
}

static enum opk_status push_output(struct ttyrec *ttyrec, struct opk_err *err)
{
    const struct opk_str bytes = opk_str_slice(ttyrec->chunk, 0, ttyrec->left);
    const int64_t time =
        (int64_t)ttyrec->record.seconds * 1000 + ttyrec->record.microseconds / 1000;

    ttyrec->chunk = opk_str_skip(ttyrec->chunk, bytes.len);
    ttyrec->left -= (uint32_t)bytes.len;
    ttyrec->at += bytes.len;
    return opk_terminal_push(ttyrec->reader.terminal, bytes, time, ttyrec->number, err);
}

static enum opk_status end_input(const struct ttyrec *ttyrec, struct opk_err *err)
{
    if (ttyrec->left > 0 || ttyrec->head_len > 0)
        return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(ttyrec->at + 1),
                        "the last record is cut short");
    return OPK_END;
}

static enum opk_status feed(void *state, struct opk_err *err)
{
    struct ttyrec *ttyrec = state;
    enum opk_status status = opk_stream_read(ttyrec->reader.input.stream, &ttyrec->chunk, err);

    if (status == OPK_END)
        return end_input(ttyrec, err);
    while (status == OPK_OK && ttyrec->chunk.len > 0) {
        if (ttyrec->left > 0)
            status = push_output(ttyrec, err);
        else if (take_header(ttyrec))
            status = begin_record(ttyrec, err);
    }
    return status;
}

static void close_ttyrec(void *state)
{
    struct ttyrec *ttyrec = state;

    if (!ttyrec)
        return;
    opk_capture_reader_done(&ttyrec->reader);
    free(ttyrec);
}

static enum opk_status open_ttyrec(const struct opk_input *input, void **out_state,
                                   struct opk_err *err)
{
    struct ttyrec *ttyrec = calloc(1, sizeof(*ttyrec));
    struct opk_str head;

    if (!ttyrec)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a terminal capture");
    enum opk_status status = opk_capture_reader_init(&ttyrec->reader, input, err);
    if (status == OPK_OK)
        status = opk_stream_peek(input->stream, OPK_SNIFF_BYTES, &head, err);
    if (status != OPK_OK) {
        close_ttyrec(ttyrec);
        return status;
    }
    ttyrec->is_swapped = !is_chain(head, false) && is_chain(head, true);
    *out_state = ttyrec;
    return OPK_OK;
}

static enum opk_status next(void *state, struct opk_command *out_command, struct opk_err *err)
{
    struct ttyrec *ttyrec = state;

    return opk_capture_reader_next(&ttyrec->reader, feed, ttyrec, out_command, err);
}

const struct opk_reader opk_reader_ttyrec = {
    .name = "ttyrec",
    .summary = "recordings of ttyrec(1) and termrec(1)",
    .sniff = sniff,
    .open = open_ttyrec,
    .next = next,
    .close = close_ttyrec,
};
