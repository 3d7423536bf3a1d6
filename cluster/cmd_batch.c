#include "cluster/cmd_batch.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct opk_batch *opk_batch_new(size_t bucket, const struct opk_command *common)
{
    struct opk_batch *batch = calloc(1, sizeof(*batch));

    if (!batch)
        return NULL;
    batch->bucket = bucket;
    batch->common = *common;
    batch->bytes = OPK_BUF_EMPTY;
    return batch;
}

void opk_batch_free(struct opk_batch *batch)
{
    if (!batch)
        return;
    opk_buf_done(&batch->bytes);
    free(batch);
}

size_t opk_batch_bucket(struct opk_str text)
{
    const size_t first = opk_str_find_byte(text, ' ', 0);
    const size_t second = first == OPK_NPOS ? OPK_NPOS : opk_str_find_byte(text, ' ', first + 1);

    return (size_t)(opk_hash_table(opk_str_slice(text, 0, second)) % OPK_BATCH_BUCKETS);
}

bool opk_batch_add(struct opk_batch *batch, struct opk_str text)
{
    const uint32_t len = (uint32_t)text.len;
    char *room = opk_buf_extend(&batch->bytes, sizeof(len) + text.len);

    if (!room)
        return false;
    memcpy(room, &len, sizeof(len));
    memcpy(room + sizeof(len), text.data, text.len);
    return true;
}

bool opk_batch_is_full(const struct opk_batch *batch)
{
    return batch->bytes.len >= OPK_BATCH_BYTES;
}

size_t opk_batch_next(struct opk_batch *batch, struct opk_str *out_texts, size_t max)
{
    struct opk_str rest = opk_str_skip(opk_buf_str(&batch->bytes), batch->at);
    size_t count = 0;
    uint32_t len;

    for (; count < max && rest.len > 0; count++) {
        memcpy(&len, rest.data, sizeof(len));
        out_texts[count] = opk_str_slice(rest, sizeof(len), sizeof(len) + len);
        rest = opk_str_skip(rest, sizeof(len) + len);
    }
    batch->at = batch->bytes.len - rest.len;
    return count;
}
