#include "cluster/cmd_queue.h"

#include "base/mem.h"

#include <stdlib.h>

/* The views of a command that a queue keeps; source is not among them. */
static const size_t VIEWS[] = {
    offsetof(struct opk_command, text), offsetof(struct opk_command, tool),
    offsetof(struct opk_command, id),   offsetof(struct opk_command, session),
    offsetof(struct opk_command, cwd),  offsetof(struct opk_command, host),
    offsetof(struct opk_command, user), offsetof(struct opk_command, shell),
};

void opk_queue_done(struct opk_queue *queue)
{
    opk_arena_done(&queue->arena);
    free(queue->commands);
    *queue = (struct opk_queue){0};
}

static struct opk_str *view_of(struct opk_command *command, size_t offset)
{
    return (struct opk_str *)(void *)((char *)command + offset);
}

size_t opk_queue_cost(const struct opk_command *command)
{
    struct opk_command copy = *command;
    size_t cost = sizeof(copy);

    for (size_t i = 0; i < sizeof(VIEWS) / sizeof(VIEWS[0]); i++)
        cost += view_of(&copy, VIEWS[i])->len;
    return cost;
}

bool opk_queue_add(struct opk_queue *queue, const struct opk_command *command)
{
    struct opk_command *commands =
        opk_grow(queue->commands, &queue->cap, queue->count + 1, sizeof(*commands));

    if (!commands)
        return false;
    queue->commands = commands;
    struct opk_command *kept = &commands[queue->count];
    struct opk_command *before = queue->count > 0 ? kept - 1 : NULL;
    *kept = *command;
    queue->bytes += opk_queue_cost(command);
    for (size_t i = 0; i < sizeof(VIEWS) / sizeof(VIEWS[0]); i++) {
        struct opk_str *view = view_of(kept, VIEWS[i]);
        /* Sessions and folders come again from command to command. */
        if (before && opk_str_eq(*view, *view_of(before, VIEWS[i])))
            *view = *view_of(before, VIEWS[i]);
        else
            *view = opk_arena_copy(&queue->arena, *view);
    }
    queue->count++;
    return !queue->arena.failed;
}
