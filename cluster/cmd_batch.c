#include "cluster/cmd_batch.h"

#include <stdlib.h>
#include <string.h>

struct head {
    uint64_t at;
    uint64_t ordinal;
    size_t len;
    unsigned flags;
};

struct opk_batch *opk_batch_new(void)
{
    return calloc(1, sizeof(struct opk_batch));
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
    return (command->flags & OPK_COMMAND_LISTED) && command->kind == OPK_COMMAND_SHELL &&
           opk_str_eq(command->source, source) &&
           (command->session.len == 0 || opk_str_eq(command->session, source)) &&
           command->id.len == 0 && command->tool.len == 0 && command->cwd.len == 0 &&
           command->host.len == 0 && command->user.len == 0 && command->shell.len == 0 &&
           command->time == OPK_UNKNOWN && command->duration == OPK_UNKNOWN &&
           command->exit_status == OPK_UNKNOWN && command->output_bytes == OPK_UNKNOWN;
}

bool opk_batch_add(struct opk_batch *batch, const struct opk_command *command,
                   struct opk_str source)
{
    const struct head head = {command->at, command->ordinal, command->text.len, command->flags};

    if (batch->bytes.len == 0) {
        batch->command = *command;
        batch->command.source = source;
        batch->command.session = command->session.len > 0 ? source : OPK_STR_EMPTY;
        batch->command.text = batch->command.id = batch->command.tool = OPK_STR_EMPTY;
        batch->command.cwd = batch->command.host = OPK_STR_EMPTY;
        batch->command.user = batch->command.shell = OPK_STR_EMPTY;
    }
    opk_buf_append(&batch->bytes, opk_str_bytes(&head, sizeof(head)));
    opk_buf_append(&batch->bytes, command->text);
    return !batch->bytes.failed;
}

bool opk_batch_is_full(const struct opk_batch *batch)
{
    return batch->bytes.len >= OPK_BATCH_BYTES;
}

bool opk_batch_next(struct opk_batch *batch, struct opk_command *out_command)
{
    struct opk_str rest = opk_str_skip(opk_buf_str(&batch->bytes), batch->at);
    struct head head;

    if (rest.len == 0)
        return false;
    memcpy(&head, rest.data, sizeof(head));
    *out_command = batch->command;
    out_command->at = head.at;
    out_command->ordinal = head.ordinal;
    out_command->flags = head.flags;
    out_command->text = opk_str_slice(rest, sizeof(head), sizeof(head) + head.len);
    batch->at += sizeof(head) + head.len;
    return true;
}
