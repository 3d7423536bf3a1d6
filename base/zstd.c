#include "base/zstd.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#define BLOCK_HEADER ((size_t)3)

/* Bytes of a chunk: readers look at each several times, and find it where the processor is quick.
 */
#define CHUNK_BYTES ((size_t)32 << 10)

struct opk_unzstd {
    ZSTD_DStream *stream;
    char *chunk; /* owned; chunk_size bytes */
    size_t chunk_size;
    char *held; /* owned; chunk_size bytes: the beginning of a piece that the input cut */
    size_t held_len;
    size_t hint;     /* bytes the decoder wants next */
    uint64_t taken;  /* bytes of input */
    uint64_t block;  /* where the block being read began */
    bool in_frame;   /* a frame has begun and not ended */
    bool must_flush; /* the last chunk was full: there may be more without input */
};

enum opk_status opk_unzstd_new(struct opk_unzstd **out_unzstd, struct opk_err *err)
{
    struct opk_unzstd *unzstd = calloc(1, sizeof(*unzstd));

    if (!unzstd)
        goto nomem;
    unzstd->stream = ZSTD_createDStream();
    unzstd->chunk_size = CHUNK_BYTES;
    unzstd->chunk = malloc(unzstd->chunk_size);
    unzstd->held = malloc(unzstd->chunk_size);
    if (!unzstd->stream || !unzstd->chunk || !unzstd->held ||
        ZSTD_isError(
            ZSTD_DCtx_setParameter(unzstd->stream, ZSTD_d_windowLogMax, OPK_ZSTD_WINDOW_LOG_MAX)))
        goto nomem;
    unzstd->hint = ZSTD_initDStream(unzstd->stream);
    *out_unzstd = unzstd;
    return OPK_OK;

nomem:
    opk_unzstd_free(unzstd);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a zstd decoder");
}

void opk_unzstd_free(struct opk_unzstd *unzstd)
{
    if (!unzstd)
        return;
    (void)ZSTD_freeDStream(unzstd->stream);
    free(unzstd->chunk);
    free(unzstd->held);
    free(unzstd);
}

static enum opk_status decode_error(const struct opk_unzstd *unzstd, size_t result,
                                    struct opk_err *err)
{
    struct opk_place place = OPK_AT_BYTE(unzstd->block + 1);
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);

    if (code == ZSTD_error_memory_allocation)
        return opk_fail(err, OPK_E_NOMEM, place, "no memory for a zstd window");
    if (code == ZSTD_error_frameParameter_windowTooLarge)
        return opk_fail(err, OPK_E_LIMIT, place, "a zstd frame needs a window of more than 2^%d",
                        OPK_ZSTD_WINDOW_LOG_MAX);
    if (code == ZSTD_error_dictionary_wrong)
        return opk_fail(err, OPK_E_UNSUPPORTED, place, "a zstd frame needs a dictionary");
    if (code == ZSTD_error_prefix_unknown)
        return opk_fail(err, OPK_E_SYNTAX, place, "no zstd frame begins here");
    return opk_fail(err, OPK_E_SYNTAX, place, "damaged zstd data: %s", ZSTD_getErrorName(result));
}

/*
 * How much the decoder gets at once. It keeps what it wrote to itself when it fails, so that is one
 * block, or one header; its hint is a block together with the header of the next.
 */
static size_t wanted_bytes(const struct opk_unzstd *unzstd)
{
    size_t wanted = unzstd->hint > BLOCK_HEADER ? unzstd->hint - BLOCK_HEADER : unzstd->hint;

    return wanted < unzstd->chunk_size ? wanted : unzstd->chunk_size;
}

/*
 * The next bytes to decode, exactly as many as are wanted however the input is cut; false when
 * there are not enough yet.
 */
static bool gather(struct opk_unzstd *unzstd, struct opk_str *input, struct opk_str *out_piece)
{
    size_t wanted = wanted_bytes(unzstd);

    if (unzstd->held_len == 0 && input->len >= wanted) {
        *out_piece = opk_str_slice(*input, 0, wanted);
        *input = opk_str_skip(*input, wanted);
        return true;
    }
    struct opk_str more = opk_str_slice(*input, 0, wanted - unzstd->held_len);
    memcpy(unzstd->held + unzstd->held_len, more.data, more.len);
    unzstd->held_len += more.len;
    *input = opk_str_skip(*input, more.len);
    if (unzstd->held_len < wanted)
        return false;
    *out_piece = opk_str_bytes(unzstd->held, wanted);
    unzstd->held_len = 0;
    return true;
}

/* Decode a piece, which may be empty: then what is left of the last one comes out. */
static enum opk_status decode(struct opk_unzstd *unzstd, struct opk_str piece, ZSTD_outBuffer *out,
                              struct opk_err *err)
{
    ZSTD_inBuffer in = {piece.data, piece.len, 0};
    size_t result = ZSTD_decompressStream(unzstd->stream, out, &in);

    if (ZSTD_isError(result))
        return decode_error(unzstd, result, err);
    /* Only frames from before version 0.8 are taken in pieces of other sizes. */
    if (in.pos < in.size)
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_AT_BYTE(unzstd->block + 1),
                        "a zstd frame of a format before version 0.8");
    unzstd->taken += in.pos;
    unzstd->in_frame = result > 0;
    unzstd->hint = result > 0 ? result : ZSTD_initDStream(unzstd->stream);
    if (out->pos > 0 || result == 0)
        unzstd->block = unzstd->taken;
    unzstd->must_flush = out->pos == out->size;
    return OPK_OK;
}

enum opk_status opk_unzstd_next(struct opk_unzstd *unzstd, struct opk_str *input,
                                struct opk_str *out_chunk, struct opk_err *err)
{
    ZSTD_outBuffer out = {unzstd->chunk, unzstd->chunk_size, 0};

    while (out.pos == 0) {
        struct opk_str piece = OPK_STR_EMPTY;
        if (!unzstd->must_flush && !gather(unzstd, input, &piece))
            return OPK_END;
        enum opk_status status = decode(unzstd, piece, &out, err);
        if (status != OPK_OK)
            return status;
    }
    *out_chunk = opk_str_bytes(unzstd->chunk, out.pos);
    return OPK_OK;
}

enum opk_status opk_unzstd_finish(const struct opk_unzstd *unzstd, struct opk_err *err)
{
    if (unzstd->in_frame || unzstd->held_len > 0)
        return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(unzstd->taken + unzstd->held_len + 1),
                        "zstd data ends inside a frame: it is truncated");
    return OPK_OK;
}

uint64_t opk_unzstd_taken(const struct opk_unzstd *unzstd)
{
    return unzstd->taken;
}
