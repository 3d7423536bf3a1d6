/* Where compressed bytes are cut never changes what comes out; the first byte picks the cut. */
#include "fuzz.h"

#include "base/hash.h"
#include "ingest/stream.h"

#include <stdlib.h>

static const struct opk_stream_limits LIMITS = {1 << 20, 100, 1 << 22};

/* A hash of all that comes out, and how it ended. */
static struct opk_hash128 digest(struct opk_str bytes, size_t cut, enum opk_status *out_end)
{
    struct opk_hash128 value = {0, 0};
    struct opk_hasher *hasher;
    struct opk_stream *stream;
    struct opk_str chunk;

    *out_end = opk_stream_open_cut(bytes, cut, &LIMITS, &stream, NULL);
    if (*out_end != OPK_OK)
        return value;
    if (opk_hasher_new(&hasher, NULL) != OPK_OK)
        abort();
    while ((*out_end = opk_stream_read(stream, &chunk, NULL)) == OPK_OK) {
        if (chunk.len == 0)
            abort();
        opk_hasher_add(hasher, chunk);
    }
    value = opk_hasher_value(hasher);
    opk_hasher_free(hasher);
    opk_stream_free(stream);
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum opk_status end;
    enum opk_status cut_end;

    if (size == 0)
        return 0;
    struct opk_str bytes = opk_str_bytes(data + 1, size - 1);
    struct opk_hash128 whole = digest(bytes, SIZE_MAX, &end);
    struct opk_hash128 cut = digest(bytes, (size_t)data[0] + 1, &cut_end);
    if (end != cut_end || !opk_hash128_eq(whole, cut))
        abort();
    return 0;
}
