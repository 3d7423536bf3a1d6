#include "cluster/cmd_batch.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct opk_batch *opk_batch_new(size_t bucket)
{
    struct opk_batch *batch = calloc(1, sizeof(*batch));

    if (batch)
        batch->bucket = bucket;
    return batch;
}

void opk_batch_free(struct opk_batch *batch)
{
    if (!batch)
        return;
    opk_buf_done(&batch->bytes);
    free(batch);
}

bool opk_batch_takes(const struct opk_command *command, struct opk_str source)
{
    return (command->flags & ~(unsigned)OPK_COMMAND_TRUNCATED) == OPK_COMMAND_LISTED &&
           command->kind == OPK_COMMAND_SHELL && opk_str_eq(command->source, source) &&
           (command->session.len == 0 || opk_str_eq(command->session, source)) &&
           command->id.len == 0 && command->tool.len == 0 && command->cwd.len == 0 &&
           command->host.len == 0 && command->user.len == 0 && command->shell.len == 0 &&
           command->time == OPK_UNKNOWN && command->duration == OPK_UNKNOWN &&
           command->exit_status == OPK_UNKNOWN && command->output_bytes == OPK_UNKNOWN;
}

size_t opk_batch_bucket(struct opk_str text, size_t buckets)
{
    const size_t first = opk_str_find_byte(text, ' ', 0);
    const size_t second = first == OPK_NPOS ? OPK_NPOS : opk_str_find_byte(text, ' ', first + 1);

    return buckets > 1 ? (size_t)(opk_hash_table(opk_str_slice(text, 0, second)) % buckets) : 0;
}

bool opk_batch_add(struct opk_batch *batch, const struct opk_command *command,
                   struct opk_str source)
{
    const uint32_t len = (uint32_t)command->text.len;

    if (batch->bytes.len == 0) {
        batch->command = *command;
        batch->command.source = source;
        batch->command.session = command->session.len > 0 ? source : OPK_STR_EMPTY;
        batch->command.text = batch->command.id = batch->command.tool = OPK_STR_EMPTY;
        batch->command.cwd = batch->command.host = OPK_STR_EMPTY;
        batch->command.user = batch->command.shell = OPK_STR_EMPTY;
    }
    opk_buf_append(&batch->bytes, opk_str_bytes(&len, sizeof(len)));
    opk_buf_append(&batch->bytes, command->text);
    return !batch->bytes.failed;
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
