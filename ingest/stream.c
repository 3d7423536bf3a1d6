#include "ingest/stream.h"

#include "base/buf.h"
#include "base/zstd.h"
#include "ingest/inflate.h"
#include "ingest/readahead.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES  ((size_t)128 * 1024)
#define MAGIC_BYTES 16

/*
 * A stream is a stack of layers: the lowest reads a descriptor or bytes, each one above it decodes
 * what the one below gives.
 */
struct opk_stream {
    enum opk_status (*pull)(struct opk_stream *stream, struct opk_str *out_chunk,
                            struct opk_err *err);
    struct opk_stream *below; /* owned; NULL for the lowest */

    int fd;               /* owned; -1 over bytes */
    char *read_bytes;     /* owned; READ_BYTES of them over a descriptor */
    struct opk_str bytes; /* not yet given, over bytes */
    size_t cut;

    struct opk_unzstd *unzstd; /* owned; of these three a layer above another one has one */
    struct opk_inflate *inflate;
    struct opk_readahead *readahead;
    struct opk_str input; /* from below, not yet decoded */

    struct opk_stream_limits limits;
    uint64_t given;
    struct opk_buf head; /* peeked at */
    size_t head_at;      /* of it, already taken */
    enum opk_status end; /* OPK_OK while there may be more; told once, then OPK_END */
    struct opk_err end_err;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a stream");
}

void opk_stream_free(struct opk_stream *stream)
{
    while (stream) {
        struct opk_stream *below = stream->below;
        opk_readahead_free(stream->readahead);
        opk_unzstd_free(stream->unzstd);
        opk_inflate_free(stream->inflate);
        if (stream->fd >= 0)
            (void)close(stream->fd);
        free(stream->read_bytes);
        opk_buf_done(&stream->head);
        free(stream);
        stream = below;
    }
}

static enum opk_status pull_fd(struct opk_stream *stream, struct opk_str *out_chunk,
                               struct opk_err *err)
{
    ssize_t len;

    do
        len = read(stream->fd, stream->read_bytes, READ_BYTES);
    while (len < 0 && errno == EINTR);
    if (len < 0)
        return opk_fail(err, OPK_E_IO, OPK_NOWHERE, "cannot read: %s", strerror(errno));
    *out_chunk = opk_str_bytes(stream->read_bytes, (size_t)len);
    return len == 0 ? OPK_END : OPK_OK;
}

static enum opk_status pull_bytes(struct opk_stream *stream, struct opk_str *out_chunk,
                                  struct opk_err *err)
{
    (void)err;
    *out_chunk = opk_str_slice(stream->bytes, 0, stream->cut);
    stream->bytes = opk_str_skip(stream->bytes, stream->cut);
    return out_chunk->len == 0 ? OPK_END : OPK_OK;
}

static enum opk_status pull_zstd(struct opk_stream *stream, struct opk_str *out_chunk,
                                 struct opk_err *err)
{
    for (;;) {
        enum opk_status status = opk_unzstd_next(stream->unzstd, &stream->input, out_chunk, err);
        if (status != OPK_END)
            return status;
        status = opk_stream_read(stream->below, &stream->input, err);
        if (status == OPK_END)
            status = opk_unzstd_finish(stream->unzstd, err) == OPK_OK ? OPK_END : OPK_E_SYNTAX;
        if (status != OPK_OK)
            return status;
    }
}

static enum opk_status pull_inflate(struct opk_stream *stream, struct opk_str *out_chunk,
                                    struct opk_err *err)
{
    return opk_inflate_next(stream->inflate, out_chunk, err);
}

static enum opk_status pull_ahead(struct opk_stream *stream, struct opk_str *out_chunk,
                                  struct opk_err *err)
{
    return opk_readahead_next(stream->readahead, out_chunk, err);
}

static uint64_t taken_bytes(const struct opk_stream *stream)
{
    return stream->unzstd ? opk_unzstd_taken(stream->unzstd) : opk_inflate_taken(stream->inflate);
}

/* Cut a decoded chunk where a limit is passed; what is left of it comes first, then the error. */
static void apply_limits(struct opk_stream *stream, struct opk_str *chunk)
{
    const struct opk_stream_limits *limits = &stream->limits;
    uint64_t taken = taken_bytes(stream);
    uint64_t by_ratio =
        taken > limits->bytes / limits->ratio ? limits->bytes : taken * limits->ratio;
    uint64_t allowed = by_ratio > limits->free_bytes ? by_ratio : limits->free_bytes;

    if (allowed > limits->bytes)
        allowed = limits->bytes;
    if (chunk->len > allowed - stream->given) {
        *chunk = opk_str_slice(*chunk, 0, (size_t)(allowed - stream->given));
        stream->end = opk_fail(&stream->end_err, OPK_E_LIMIT, OPK_AT_BYTE(taken + 1),
                               "%llu compressed bytes hold more than %llu: it looks like a bomb",
                               (unsigned long long)taken, (unsigned long long)allowed);
    }
    stream->given += chunk->len;
}

/* A chunk, or OPK_END with the reason in stream->end. */
static enum opk_status pull(struct opk_stream *stream, struct opk_str *out_chunk)
{
    if (stream->end != OPK_OK)
        return OPK_END;
    stream->end = stream->pull(stream, out_chunk, &stream->end_err);
    if (stream->end == OPK_OK && stream->below && !stream->readahead)
        apply_limits(stream, out_chunk);
    else if (stream->end != OPK_OK)
        *out_chunk = OPK_STR_EMPTY;
    return out_chunk->len > 0 ? OPK_OK : OPK_END;
}

enum opk_status opk_stream_read(struct opk_stream *stream, struct opk_str *out_chunk,
                                struct opk_err *err)
{
    if (stream->head_at < stream->head.len) {
        *out_chunk = opk_str_skip(opk_buf_str(&stream->head), stream->head_at);
        stream->head_at = stream->head.len;
        return OPK_OK;
    }
    if (pull(stream, out_chunk) == OPK_OK)
        return OPK_OK;
    enum opk_status status = stream->end;
    if (status != OPK_END && err)
        *err = stream->end_err;
    stream->end = OPK_END;
    return status;
}

enum opk_status opk_stream_peek(struct opk_stream *stream, size_t max, struct opk_str *out_head,
                                struct opk_err *err)
{
    struct opk_str chunk;

    if (stream->head_at == stream->head.len) {
        opk_buf_clear(&stream->head);
        stream->head_at = 0;
    }
    while (stream->head.len - stream->head_at < max && pull(stream, &chunk) == OPK_OK)
        opk_buf_append(&stream->head, chunk);
    *out_head = opk_str_slice(opk_str_skip(opk_buf_str(&stream->head), stream->head_at), 0, max);
    return opk_buf_check(&stream->head, err);
}

/* What begins with these bytes is compressed so. */
static const struct magic {
    struct opk_str bytes;
    unsigned char first_mask; /* bits of the first byte that count */
    bool is_zstd;
    enum opk_filter filter;
} MAGICS[] = {
    {OPK_STR_INIT("\x28\xB5\x2F\xFD"), 0xFF, true, 0},
    {OPK_STR_INIT("\x50\x2A\x4D\x18"), 0xF0, true, 0}, /* a skippable frame */
    {OPK_STR_INIT("\x1F\x8B\x08"), 0xFF, false, OPK_FILTER_GZIP},
    {OPK_STR_INIT("\xFD\x37\x7A\x58\x5A\x00"), 0xFF, false, OPK_FILTER_XZ},
    {OPK_STR_INIT("\x5D\x00\x00"), 0xFF, false, OPK_FILTER_LZMA},
    {OPK_STR_INIT("BZh"), 0xFF, false, OPK_FILTER_BZIP2},
    {OPK_STR_INIT("\x04\x22\x4D\x18"), 0xFF, false, OPK_FILTER_LZ4},
    {OPK_STR_INIT("\x02\x21\x4C\x18"), 0xFF, false, OPK_FILTER_LZ4}, /* before version 1.4 */
};

static bool matches(const struct magic *magic, struct opk_str head)
{
    if (head.len < magic->bytes.len ||
        ((head.data[0] ^ magic->bytes.data[0]) & magic->first_mask) != 0 ||
        memcmp(head.data + 1, magic->bytes.data + 1, magic->bytes.len - 1) != 0)
        return false;
    /* Letters may begin a text: bzip2 goes on with a digit and the digits of pi, or of its root. */
    return magic->filter != OPK_FILTER_BZIP2 || magic->is_zstd ||
           (head.len >= 10 && (memcmp(head.data + 4, "1AY&SY", 6) == 0 ||
                               memcmp(head.data + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0));
}

static const struct magic *find_magic(struct opk_str head)
{
    for (size_t i = 0; i < sizeof(MAGICS) / sizeof(MAGICS[0]); i++) {
        if (matches(&MAGICS[i], head))
            return &MAGICS[i];
    }
    return NULL;
}

static const struct opk_stream_limits DEFAULT_LIMITS = {
    .free_bytes = OPK_STREAM_FREE_BYTES,
    .ratio = OPK_STREAM_RATIO_MAX,
    .bytes = OPK_STREAM_BYTES_MAX,
};

static struct opk_stream *new_layer(struct opk_stream *below)
{
    struct opk_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->below = below;
    stream->fd = -1;
    stream->bytes = OPK_STR_EMPTY;
    stream->input = OPK_STR_EMPTY;
    stream->limits = below ? below->limits : DEFAULT_LIMITS;
    return stream;
}

static enum opk_status add_decoder(struct opk_stream *stream, const struct magic *magic,
                                   struct opk_err *err)
{
    if (magic->is_zstd) {
        stream->pull = pull_zstd;
        return opk_unzstd_new(&stream->unzstd, err);
    }
    stream->pull = pull_inflate;
    return opk_inflate_new(stream->below, magic->filter, &stream->inflate, err);
}

/* Put decoders on top of a lowest layer as its bytes ask for them; takes the layer over. */
static enum opk_status stack_layers(struct opk_stream *stream, struct opk_stream **out_stream,
                                    struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (int layers = 0;; layers++) {
        struct opk_str head;
        status = opk_stream_peek(stream, MAGIC_BYTES, &head, err);
        const struct magic *magic = status == OPK_OK ? find_magic(head) : NULL;
        if (!magic)
            break;
        if (layers == OPK_STREAM_LAYERS_MAX) {
            status = opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "compressed more than %d times",
                              OPK_STREAM_LAYERS_MAX);
            break;
        }
        struct opk_stream *above = new_layer(stream);
        if (!above) {
            status = no_memory(err);
            break;
        }
        stream = above;
        status = add_decoder(stream, magic, err);
        if (status != OPK_OK)
            break;
    }
    if (status == OPK_OK)
        *out_stream = stream;
    else
        opk_stream_free(stream);
    return status;
}

enum opk_status opk_stream_open_fd(int fd, struct opk_stream **out_stream, struct opk_err *err)
{
    struct opk_stream *stream = new_layer(NULL);

    if (!stream) {
        (void)close(fd);
        return no_memory(err);
    }
    stream->fd = fd;
    stream->pull = pull_fd;
    stream->read_bytes = malloc(READ_BYTES);
    if (!stream->read_bytes) {
        opk_stream_free(stream);
        return no_memory(err);
    }
    return stack_layers(stream, out_stream, err);
}

enum opk_status opk_stream_open_bytes(struct opk_str bytes, struct opk_stream **out_stream,
                                      struct opk_err *err)
{
    return opk_stream_open_cut(bytes, SIZE_MAX, NULL, out_stream, err);
}

enum opk_status opk_stream_open_cut(struct opk_str bytes, size_t cut,
                                    const struct opk_stream_limits *limits,
                                    struct opk_stream **out_stream, struct opk_err *err)
{
    struct opk_stream *stream = new_layer(NULL);

    assert(cut > 0 && (!limits || limits->ratio > 0));
    if (!stream)
        return no_memory(err);
    stream->bytes = bytes;
    stream->cut = cut;
    stream->pull = pull_bytes;
    if (limits)
        stream->limits = *limits;
    return stack_layers(stream, out_stream, err);
}

/* What the stream is becomes the layer below, so that whoever has the stream keeps it. */
enum opk_status opk_stream_read_ahead(struct opk_stream *stream, struct opk_err *err)
{
    struct opk_stream *below = malloc(sizeof(*below));
    struct opk_readahead *readahead = NULL;
    struct opk_stream *above;
    enum opk_status status;

    if (!below)
        return no_memory(err);
    *below = *stream;
    above = new_layer(below);
    status = above ? opk_readahead_new(below, &readahead, err) : no_memory(err);
    if (status == OPK_OK) {
        above->pull = pull_ahead;
        above->readahead = readahead;
        *stream = *above;
    } else {
        free(below);
    }
    free(above);
    return status;
}
