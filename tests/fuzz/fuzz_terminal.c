/* Where terminal output is cut never changes the commands: the first byte picks the cut. */
#include "base/hash.h"
#include "ingest/terminal.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The commands of an input as one hash. A byte of 0x01 stands for a pause. */
static uint64_t digest(struct opk_str input, size_t cut)
{
    struct opk_terminal *terminal;
    struct opk_command command;
    uint64_t sum = 0;
    int64_t time = 0;

    if (opk_terminal_new(&terminal, NULL) != OPK_OK)
        return 0;
    for (size_t at = 0; at < input.len;) {
        size_t end = opk_str_find_byte(input, '\x01', at);
        if (end == OPK_NPOS)
            end = input.len;
        for (; at < end; at += cut < end - at ? cut : end - at) {
            if (opk_terminal_push(terminal,
                                  opk_str_slice(input, at, at + cut < end ? at + cut : end), time,
                                  1, NULL) != OPK_OK)
                abort();
        }
        at = end + 1;
        time += 100;
    }
    if (opk_terminal_finish(terminal, OPK_UNKNOWN, NULL) != OPK_OK)
        abort();
    while (opk_terminal_next(terminal, &command, NULL) == OPK_OK) {
        if (command.text.len > OPK_COMMAND_TEXT_MAX)
            abort();
        sum = sum * 31 + opk_hash64(command.text) + (uint64_t)command.tier;
    }
    opk_terminal_free(terminal);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1) {
        const struct opk_str input = opk_str_bytes(data + 1, size - 1);
        if (digest(input, (size_t)data[0] + 1) != digest(input, input.len))
            abort();
    }
    return 0;
}
