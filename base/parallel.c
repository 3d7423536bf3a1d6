#include "base/parallel.h"

#include <pthread.h>

void opk_parallel(void *(*task)(void *item), void *items, size_t count, size_t item_size)
{
    pthread_t threads[OPK_PARALLEL_MAX];
    char *item = items;
    size_t started = 0;

    while (started + 1 < count && started < OPK_PARALLEL_MAX &&
           pthread_create(&threads[started], NULL, task, item + started * item_size) == 0)
        started++;
    for (size_t i = started; i < count; i++)
        (void)task(item + i * item_size);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
}
