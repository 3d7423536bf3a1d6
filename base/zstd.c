#include "base/zstd.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct opk_unzstd {
    ZSTD_DStream *stream;
    char *chunk; /* owned; chunk_size bytes */
    size_t chunk_size;
    size_t hint;     /* bytes the decoder wants next: one block at a time */
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
    unzstd->chunk_size = ZSTD_DStreamOutSize();
    unzstd->chunk = malloc(unzstd->chunk_size);
    if (!unzstd->stream || !unzstd->chunk ||
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

/* The decoder keeps what it wrote to itself when it fails, so it gets one block a call. */
static size_t feed_block(struct opk_unzstd *unzstd, struct opk_str *input, ZSTD_outBuffer *out)
{
    ZSTD_inBuffer in = {input->data, input->len < unzstd->hint ? input->len : unzstd->hint, 0};
    size_t written = out->pos;
    size_t result = ZSTD_decompressStream(unzstd->stream, out, &in);

    if (ZSTD_isError(result))
        return result;
    unzstd->taken += in.pos;
    *input = opk_str_skip(*input, in.pos);
    unzstd->in_frame = result > 0 && (unzstd->in_frame || in.pos > 0);
    unzstd->hint = result > 0 ? result : ZSTD_initDStream(unzstd->stream);
    if (out->pos > written || result == 0)
        unzstd->block = unzstd->taken;
    unzstd->must_flush = out->pos == out->size;
    return result;
}

enum opk_status opk_unzstd_next(struct opk_unzstd *unzstd, struct opk_str *input,
                                struct opk_str *out_chunk, struct opk_err *err)
{
    ZSTD_outBuffer out = {unzstd->chunk, unzstd->chunk_size, 0};

    while (out.pos == 0 && (input->len > 0 || unzstd->must_flush)) {
        size_t result = feed_block(unzstd, input, &out);
        if (ZSTD_isError(result))
            return decode_error(unzstd, result, err);
    }
    if (out.pos == 0)
        return OPK_END;
    *out_chunk = opk_str_bytes(unzstd->chunk, out.pos);
    return OPK_OK;
}

enum opk_status opk_unzstd_finish(const struct opk_unzstd *unzstd, struct opk_err *err)
{
    if (unzstd->in_frame)
        return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(unzstd->taken + 1),
                        "zstd data ends inside a frame: it is truncated");
    return OPK_OK;
}

uint64_t opk_unzstd_taken(const struct opk_unzstd *unzstd)
{
    return unzstd->taken;
}
