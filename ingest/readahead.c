#include "ingest/readahead.h"

#include "base/buf.h"

#include <pthread.h>
#include <stdlib.h>

/* A chunk, or the error or end that stands in its place. */
struct slot {
    struct opk_buf bytes;
    enum opk_status status;
    struct opk_err err;
};

/*
 * A ring: the thread fills the slots behind those that are full; the reader holds the first full
 * one until its next call. Counts only ever grow.
 */
struct opk_readahead {
    struct opk_stream *stream; /* touched by the thread alone */
    struct slot slots[OPK_READAHEAD_CHUNKS];
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    size_t filled;
    size_t emptied;
    bool is_stopped;
    bool has_thread;
    bool is_held; /* by the reader; touched by that alone */
    pthread_t thread;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to read ahead");
}

static void fill(struct opk_readahead *readahead, struct slot *slot)
{
    struct opk_str chunk;

    opk_buf_clear(&slot->bytes);
    slot->status = opk_stream_read(readahead->stream, &chunk, &slot->err);
    if (slot->status != OPK_OK)
        return;
    opk_buf_append(&slot->bytes, chunk);
    if (slot->bytes.failed)
        slot->status = no_memory(&slot->err);
}

static void *work(void *context)
{
    struct opk_readahead *readahead = context;
    bool goes_on = true;

    while (goes_on) {
        (void)pthread_mutex_lock(&readahead->lock);
        while (!readahead->is_stopped &&
               readahead->filled - readahead->emptied == OPK_READAHEAD_CHUNKS)
            (void)pthread_cond_wait(&readahead->changed, &readahead->lock);
        goes_on = !readahead->is_stopped;
        struct slot *slot = &readahead->slots[readahead->filled % OPK_READAHEAD_CHUNKS];
        (void)pthread_mutex_unlock(&readahead->lock);
        if (!goes_on)
            break;
        fill(readahead, slot);
        goes_on = slot->status != OPK_END && slot->status != OPK_E_NOMEM;
        (void)pthread_mutex_lock(&readahead->lock);
        readahead->filled++;
        (void)pthread_cond_signal(&readahead->changed);
        (void)pthread_mutex_unlock(&readahead->lock);
    }
    return NULL;
}

enum opk_status opk_readahead_new(struct opk_stream *stream, struct opk_readahead **out_readahead,
                                  struct opk_err *err)
{
    struct opk_readahead *readahead = calloc(1, sizeof(*readahead));

    if (!readahead)
        return no_memory(err);
    readahead->stream = stream;
    if (pthread_mutex_init(&readahead->lock, NULL) != 0) {
        free(readahead);
        return no_memory(err);
    }
    if (pthread_cond_init(&readahead->changed, NULL) != 0) {
        (void)pthread_mutex_destroy(&readahead->lock);
        free(readahead);
        return no_memory(err);
    }
    readahead->has_thread = pthread_create(&readahead->thread, NULL, work, readahead) == 0;
    *out_readahead = readahead;
    return OPK_OK;
}

void opk_readahead_free(struct opk_readahead *readahead)
{
    if (!readahead)
        return;
    (void)pthread_mutex_lock(&readahead->lock);
    readahead->is_stopped = true;
    (void)pthread_cond_signal(&readahead->changed);
    (void)pthread_mutex_unlock(&readahead->lock);
    if (readahead->has_thread)
        (void)pthread_join(readahead->thread, NULL);
    for (size_t i = 0; i < OPK_READAHEAD_CHUNKS; i++)
        opk_buf_done(&readahead->slots[i].bytes);
    (void)pthread_cond_destroy(&readahead->changed);
    (void)pthread_mutex_destroy(&readahead->lock);
    free(readahead);
}

/* Give back the slot that is held, and wait for the next one. The last one is never given back. */
static struct slot *next_slot(struct opk_readahead *readahead)
{
    (void)pthread_mutex_lock(&readahead->lock);
    if (readahead->is_held) {
        readahead->emptied++;
        readahead->is_held = false;
        (void)pthread_cond_signal(&readahead->changed);
    }
    while (readahead->filled == readahead->emptied)
        (void)pthread_cond_wait(&readahead->changed, &readahead->lock);
    struct slot *slot = &readahead->slots[readahead->emptied % OPK_READAHEAD_CHUNKS];
    (void)pthread_mutex_unlock(&readahead->lock);
    readahead->is_held = slot->status != OPK_END && slot->status != OPK_E_NOMEM;
    return slot;
}

enum opk_status opk_readahead_next(struct opk_readahead *readahead, struct opk_str *out_chunk,
                                   struct opk_err *err)
{
    if (!readahead->has_thread)
        return opk_stream_read(readahead->stream, out_chunk, err);
    const struct slot *slot = next_slot(readahead);
    if (slot->status == OPK_OK)
        *out_chunk = opk_buf_str(&slot->bytes);
    else if (slot->status != OPK_END && err)
        *err = slot->err;
    return slot->status;
}
