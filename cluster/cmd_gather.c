#include "cluster/cmd_gather.h"

#include "base/ids.h"
#include "base/map.h"
#include "base/parallel.h"
#include "cluster/cmd_batch.h"
#include "cluster/cmd_memory.h"
#include "cluster/cmd_queue.h"
#include "ingest/transcript.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of calls that may wait for the turn of their source: a share of a limit, or a fixed sum. */
#define PARKED_SHARE 8
#define PARKED_MAX   ((size_t)32 << 20)

/* Batches of one bucket that wait for a thread. */
struct bucket {
    struct opk_batch *first;
    size_t waiting;
    size_t owner; /* number of the worker that took the last one; others take one when many wait */
};

/* What the threads share. */
struct hunt {
    const struct opk_sources *sources;
    const struct opk_reader *format;
    struct opk_progress *progress;
    struct opk_err **problems; /* each slot is written by the one thread that has its source */
    pthread_mutex_t lock;      /* guards the rest */
    pthread_cond_t finished_more;
    size_t next;     /* the source to be taken next */
    size_t finished; /* all sources before this one are done */
    bool *is_done;
    struct opk_queue **parked; /* owned; calls of sources that were read before their turn */
    size_t parked_bytes;       /* of these, and of those that are being read */
    size_t parked_max;
    bool stopped;
    struct bucket buckets[OPK_BATCH_BUCKETS];
    size_t waiting;
    pthread_cond_t batch_came; /* or the last source is finished, or all stops */
    size_t jobs;
    bool is_strict;
    struct opk_budget budget; /* of the workers' summaries */
    struct opk_ids calls;     /* touched only by the thread whose source is "finished" */
};

struct worker {
    struct hunt *hunt;
    size_t number;
    struct opk_batch *filling[OPK_BATCH_BUCKETS]; /* owned; NULL: none is being filled */
    struct opk_queue *queue; /* owned; of the source being read, whose turn has not come; or NULL */
    bool has_turn;           /* all sources before it are finished */
    struct opk_summary *summary;
    struct opk_map *sessions;
    uint32_t session; /* of the last command */
    uint64_t sources;
    uint64_t repeated;
    enum opk_status status;
    struct opk_err err;
};

/* ---- sources ---- */

static bool take_source(struct hunt *hunt, size_t *out_index)
{
    bool taken = false;

    (void)pthread_mutex_lock(&hunt->lock);
    if (!hunt->stopped && hunt->next < hunt->sources->count) {
        *out_index = hunt->next++;
        taken = true;
        opk_progress_show(hunt->progress, hunt->next, hunt->sources->count,
                          opk_str_of(hunt->sources->paths[*out_index]));
    }
    (void)pthread_mutex_unlock(&hunt->lock);
    return taken;
}

static void stop(struct hunt *hunt)
{
    (void)pthread_mutex_lock(&hunt->lock);
    hunt->stopped = true;
    (void)pthread_cond_broadcast(&hunt->batch_came);
    (void)pthread_mutex_unlock(&hunt->lock);
}

/* ---- turns ---- */

/* Have all sources before this one finished? */
static bool has_turn(struct hunt *hunt, size_t index)
{
    (void)pthread_mutex_lock(&hunt->lock);
    const bool has = hunt->finished >= index;
    (void)pthread_mutex_unlock(&hunt->lock);
    return has;
}

/* The first unfinished source always has a thread that does not wait: nobody waits for ever. */
static void wait_for_turn(struct hunt *hunt, size_t index)
{
    (void)pthread_mutex_lock(&hunt->lock);
    while (hunt->finished < index)
        (void)pthread_cond_wait(&hunt->finished_more, &hunt->lock);
    (void)pthread_mutex_unlock(&hunt->lock);
}

/* Let so many bytes more wait; false when that would be too many. */
static bool reserve(struct hunt *hunt, size_t bytes)
{
    (void)pthread_mutex_lock(&hunt->lock);
    const bool fits = bytes <= hunt->parked_max - hunt->parked_bytes;
    hunt->parked_bytes += fits ? bytes : 0;
    (void)pthread_mutex_unlock(&hunt->lock);
    return fits;
}

static void queue_free(struct hunt *hunt, struct opk_queue *queue)
{
    if (!queue)
        return;
    (void)pthread_mutex_lock(&hunt->lock);
    hunt->parked_bytes -= queue->bytes;
    (void)pthread_mutex_unlock(&hunt->lock);
    opk_queue_done(queue);
    free(queue);
}

/* ---- batches ---- */

/* Another worker's bucket changes hands when so many wait, or when nothing more comes. */
#define MANY_WAIT 2

/* Batches that may wait: enough that no thread runs out of work. */
#define BATCHES_MAX     ((size_t)OPK_BATCH_BUCKETS * MANY_WAIT)
#define BATCHES_PER_JOB 4

/* The bucket that a worker shall take from: its own, else the fullest; NULL where none is due. */
static struct bucket *choose_bucket(struct hunt *hunt, size_t worker, size_t many)
{
    struct bucket *fullest = NULL;

    for (size_t i = 0; i < OPK_BATCH_BUCKETS; i++) {
        struct bucket *bucket = &hunt->buckets[i];
        if (bucket->waiting > 0 && bucket->owner == worker)
            return bucket;
        if (bucket->waiting >= many && (!fullest || bucket->waiting > fullest->waiting))
            fullest = bucket;
    }
    return fullest;
}

/* many: of batches that wait in another's bucket for one to be taken. NULL where there is none. */
static struct opk_batch *pop_batch(struct hunt *hunt, size_t worker, size_t many)
{
    struct bucket *bucket = choose_bucket(hunt, worker, many);
    struct opk_batch *batch = bucket ? bucket->first : NULL;

    if (!batch)
        return NULL;
    bucket->first = batch->next;
    bucket->owner = worker;
    bucket->waiting--;
    hunt->waiting--;
    return batch;
}

/* Queue a batch. Where enough wait already, one is given back, to be counted now. */
static struct opk_batch *push_batch(struct worker *worker, struct opk_batch *batch)
{
    struct hunt *hunt = worker->hunt;
    struct opk_batch *due = NULL;

    (void)pthread_mutex_lock(&hunt->lock);
    struct bucket *bucket = &hunt->buckets[batch->bucket];
    batch->next = bucket->first;
    bucket->first = batch;
    bucket->waiting++;
    hunt->waiting++;
    if (hunt->waiting > BATCHES_MAX + hunt->jobs * BATCHES_PER_JOB)
        due = pop_batch(hunt, worker->number, 1);
    /* To all who wait: the bucket's owner may be any of them. */
    (void)pthread_cond_broadcast(&hunt->batch_came);
    (void)pthread_mutex_unlock(&hunt->lock);
    return due;
}

/* The next batch, waiting for one while sources are read; NULL when there will be none. */
static struct opk_batch *wait_for_batch(struct worker *worker)
{
    struct hunt *hunt = worker->hunt;
    struct opk_batch *batch = NULL;

    (void)pthread_mutex_lock(&hunt->lock);
    while (!hunt->stopped && !batch) {
        const bool reads = hunt->finished < hunt->sources->count;
        batch = pop_batch(hunt, worker->number, reads ? MANY_WAIT : 1);
        if (!batch && !reads)
            break;
        if (!batch)
            (void)pthread_cond_wait(&hunt->batch_came, &hunt->lock);
    }
    (void)pthread_mutex_unlock(&hunt->lock);
    return batch;
}

/* Texts that are counted at a time. */
#define TEXTS ((size_t)256)

/* Count the commands of a batch, which is freed. NULL is none. */
static enum opk_status count_batch(struct worker *worker, struct opk_batch *batch)
{
    struct opk_str texts[TEXTS];
    enum opk_status status = OPK_OK;
    size_t count;

    while (batch && status == OPK_OK && (count = opk_batch_next(batch, texts, TEXTS)) > 0)
        status = opk_summary_add_texts(worker->summary, &batch->common, texts, count, &worker->err);
    opk_batch_free(batch);
    return status;
}

/* Hand a batch to whoever has time. */
static enum opk_status hand_over(struct worker *worker, size_t bucket)
{
    struct opk_batch *batch = worker->filling[bucket];

    worker->filling[bucket] = NULL;
    return batch ? count_batch(worker, push_batch(worker, batch)) : OPK_OK;
}

static enum opk_status hand_over_all(struct worker *worker)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < OPK_BATCH_BUCKETS && status == OPK_OK; i++)
        status = hand_over(worker, i);
    return status;
}

static enum opk_status put_off(struct worker *worker, const struct opk_command *lasting,
                               struct opk_str text)
{
    const size_t bucket = opk_batch_bucket(text);
    struct opk_batch **batch = &worker->filling[bucket];

    if (!*batch)
        *batch = opk_batch_new(bucket, lasting);
    if (!*batch || !opk_batch_add(*batch, text))
        return opk_fail(&worker->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a batch");
    return opk_batch_is_full(*batch) ? hand_over(worker, bucket) : OPK_OK;
}

/* Count texts that have all else in common with the command before them; other threads help. */
static enum opk_status take_texts(struct worker *worker, size_t index,
                                  const struct opk_command *common, const struct opk_str *texts,
                                  size_t count)
{
    struct opk_command lasting = *common; /* batches outlive the transcript */
    enum opk_status status = OPK_OK;

    if (worker->hunt->jobs == 1)
        return opk_summary_add_texts(worker->summary, common, texts, count, &worker->err);
    assert(opk_str_eq(common->session, common->source) && common->shell.len == 0);
    lasting.session = lasting.source = opk_str_of(worker->hunt->sources->paths[index]);
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = put_off(worker, &lasting, texts[i]);
    return status;
}

/* ---- one source ---- */

/* Count a command, unless a source before its own has given it; it is the turn of its source. */
static enum opk_status count_command(struct worker *worker, const struct opk_command *command)
{
    bool is_new;
    enum opk_status status;

    if (command->id.len > 0) {
        status = opk_ids_add(&worker->hunt->calls, command->id, &is_new, &worker->err);
        if (status != OPK_OK)
            return status;
        if (!is_new) {
            worker->repeated++;
            return OPK_OK;
        }
    }
    /* Most commands come from the session of the one before. */
    if (opk_map_count(worker->sessions) == 0 ||
        !opk_str_eq(command->session, opk_map_key(worker->sessions, worker->session))) {
        status = opk_map_add(worker->sessions, command->session, &worker->session, &is_new,
                             &worker->err);
        if (status != OPK_OK)
            return status;
    }
    return opk_summary_add(worker->summary, command, &worker->err);
}

/* Count what waited for the turn of a source, which has come. The queue is freed; NULL is none. */
static enum opk_status count_queue(struct worker *worker, struct opk_queue *queue)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; queue && i < queue->count && status == OPK_OK; i++)
        status = count_command(worker, &queue->commands[i]);
    queue_free(worker->hunt, queue);
    return status;
}

static enum opk_status enqueue(struct worker *worker, size_t index,
                               const struct opk_command *command)
{
    struct opk_command lasting = *command;

    lasting.source = opk_str_of(worker->hunt->sources->paths[index]);
    if (!worker->queue)
        worker->queue = calloc(1, sizeof(*worker->queue));
    if (!worker->queue || !opk_queue_add(worker->queue, &lasting))
        return opk_fail(&worker->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a call that waits");
    return OPK_OK;
}

/*
 * Count a command now or later. Whether a call repeats one of a source before is only known when
 * it is the turn of its own source; until then its commands wait, in order, as far as memory goes.
 */
static enum opk_status take_command(struct worker *worker, size_t index,
                                    const struct opk_command *command)
{
    struct hunt *hunt = worker->hunt;

    if (!worker->has_turn && (worker->queue || command->id.len > 0)) {
        worker->has_turn = has_turn(hunt, index);
        if (!worker->has_turn && reserve(hunt, opk_queue_cost(command)))
            return enqueue(worker, index, command);
        if (!worker->has_turn)
            wait_for_turn(hunt, index);
        worker->has_turn = true;
        enum opk_status status = count_queue(worker, worker->queue);
        worker->queue = NULL;
        if (status != OPK_OK)
            return status;
    }
    return count_command(worker, command);
}

/* Keep words about a source for later: they are told in the order of the sources. */
static enum opk_status keep_problem(struct worker *worker, size_t index,
                                    const struct opk_err *problem)
{
    struct opk_err *kept = opk_err_copy(problem);

    if (!kept)
        return opk_fail(&worker->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a message");
    worker->hunt->problems[index] = kept;
    return OPK_OK;
}

/* A thread that finds no source for itself decodes this one; lists are shared otherwise. Only of a
 * file: the wait for whoever writes into a pipe could not be ended. A wall has no room for it. */
static bool reads_ahead(const struct hunt *hunt, size_t index,
                        const struct opk_transcript *transcript)
{
    struct stat about;

    return !hunt->is_strict && hunt->jobs > hunt->sources->count &&
           !opk_transcript_is_list(transcript) && strcmp(hunt->sources->paths[index], "-") != 0 &&
           stat(hunt->sources->paths[index], &about) == 0 && S_ISREG(about.st_mode);
}

static enum opk_status read_source(struct worker *worker, size_t index)
{
    struct hunt *hunt = worker->hunt;
    struct opk_transcript *transcript = NULL;
    struct opk_str texts[TEXTS];
    struct opk_command command;
    struct opk_err problem;
    bool any = false;
    size_t count;
    enum opk_status status =
        opk_transcript_open(hunt->sources->paths[index], hunt->format, &transcript, &problem);

    if (status == OPK_E_NOMEM) {
        worker->err = problem;
        return status;
    }
    if (status != OPK_OK)
        return keep_problem(worker, index, &problem);
    if (reads_ahead(hunt, index, transcript))
        status = opk_transcript_read_ahead(transcript, &worker->err);
    while (status == OPK_OK &&
           (status = opk_transcript_next(transcript, &command, &worker->err)) == OPK_OK) {
        any = true;
        status = take_command(worker, index, &command);
        while (status == OPK_OK && (count = opk_transcript_more(transcript, texts, TEXTS)) > 0)
            status = take_texts(worker, index, &command, texts, count);
        if (status != OPK_OK)
            break;
    }
    worker->sources += any;
    if (status == OPK_END && hand_over_all(worker) != OPK_OK)
        status = worker->err.status;
    if (status == OPK_END) {
        status = OPK_OK;
        if (opk_transcript_problem(transcript, &problem))
            status = keep_problem(worker, index, &problem);
    }
    opk_transcript_free(transcript);
    return status;
}

/* The turn goes on; what was parked for it is counted by whoever notices. */
static void finish_source(struct worker *worker, size_t index)
{
    struct hunt *hunt = worker->hunt;

    (void)pthread_mutex_lock(&hunt->lock);
    hunt->is_done[index] = true;
    while (hunt->finished < hunt->sources->count) {
        const size_t turn = hunt->finished;
        struct opk_queue *parked = hunt->parked[turn];
        if (parked) {
            /* The turn stays here meanwhile: it is neither done nor parked. */
            hunt->parked[turn] = NULL;
            (void)pthread_mutex_unlock(&hunt->lock);
            if (worker->status == OPK_OK)
                worker->status = count_queue(worker, parked);
            else
                queue_free(hunt, parked);
            (void)pthread_mutex_lock(&hunt->lock);
            hunt->is_done[turn] = true;
        }
        if (!hunt->is_done[turn])
            break;
        hunt->finished++;
    }
    (void)pthread_cond_broadcast(&hunt->finished_more);
    (void)pthread_cond_broadcast(&hunt->batch_came);
    (void)pthread_mutex_unlock(&hunt->lock);
}

/* Leave a source that is read: park what waits for its turn, or count it when that has come. */
static void leave_source(struct worker *worker, size_t index)
{
    struct hunt *hunt = worker->hunt;
    struct opk_queue *queue = worker->queue;

    worker->queue = NULL;
    worker->has_turn = false;
    (void)pthread_mutex_lock(&hunt->lock);
    const bool parks = queue && worker->status == OPK_OK && hunt->finished < index;
    if (parks)
        hunt->parked[index] = queue;
    (void)pthread_mutex_unlock(&hunt->lock);
    if (parks)
        return;
    if (worker->status == OPK_OK)
        worker->status = count_queue(worker, queue);
    else
        queue_free(hunt, queue);
    finish_source(worker, index);
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct opk_batch *batch;
    size_t index;

    while (worker->status == OPK_OK && take_source(worker->hunt, &index)) {
        worker->status = read_source(worker, index);
        leave_source(worker, index);
        if (worker->status != OPK_OK)
            stop(worker->hunt);
    }
    while (worker->status == OPK_OK && (batch = wait_for_batch(worker))) {
        worker->status = count_batch(worker, batch);
        if (worker->status != OPK_OK)
            stop(worker->hunt);
    }
    return NULL;
}

/* ---- all of them ---- */

static enum opk_status worker_init(struct worker *worker, size_t number, struct hunt *hunt,
                                   const struct opk_gather_limits *limits, struct opk_err *err)
{
    enum opk_status status;

    *worker = (struct worker){.hunt = hunt, .number = number};
    status = opk_summary_new(&worker->summary, err);
    if (status == OPK_OK)
        status = opk_summary_classes(worker->summary, limits->classes, err);
    return status == OPK_OK ? opk_map_new(&worker->sessions, err) : status;
}

static void worker_done(struct worker *worker)
{
    for (size_t i = 0; i < OPK_BATCH_BUCKETS; i++)
        opk_batch_free(worker->filling[i]);
    opk_summary_free(worker->summary);
    opk_map_free(worker->sessions);
}

/* Add what a worker has to the first one's. */
static enum opk_status worker_merge(struct worker *into, struct worker *from, struct opk_err *err)
{
    enum opk_status status = opk_summary_merge(into->summary, from->summary, err);

    for (uint32_t i = 0; status == OPK_OK && i < opk_map_count(from->sessions); i++) {
        uint32_t at;
        bool is_new;
        status = opk_map_add(into->sessions, opk_map_key(from->sessions, i), &at, &is_new, err);
    }
    into->sources += from->sources;
    into->repeated += from->repeated;
    return status;
}

/* The one that holds most comes first: what the others have is added to it. */
static void put_largest_first(struct worker *workers, size_t count)
{
    size_t largest = 0;

    for (size_t i = 1; i < count; i++) {
        if (opk_summary_bytes(workers[i].summary) > opk_summary_bytes(workers[largest].summary))
            largest = i;
    }
    const struct worker first = workers[0];
    workers[0] = workers[largest];
    workers[largest] = first;
}

/* Half of the memory is for what is counted, and the rest for what reads, and then for what
 * decides; some more where no wall stands, since scratch files cost time. */
static struct opk_budget budget_of(const struct opk_gather_limits *limits)
{
    const size_t bytes = limits->is_strict ? limits->memory / 2 : limits->memory / 8 * 5;

    assert(limits->memory == 0 || limits->memory >= OPK_GATHER_MEMORY_MIN);
    return (struct opk_budget){.bytes = bytes, .least = bytes / limits->jobs / 4};
}

static enum opk_status gather_with(struct hunt *hunt, struct worker *workers,
                                   const struct opk_gather_limits *limits,
                                   struct opk_gathered *gathered, struct opk_err *err)
{
    size_t jobs = limits->jobs;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < jobs && status == OPK_OK; i++)
        status = worker_init(&workers[i], i, hunt, limits, err);
    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < jobs && limits->memory > 0; i++)
        opk_summary_limit(workers[i].summary, &hunt->budget, limits->folder);
    opk_parallel(work, workers, jobs, sizeof(*workers));
    for (size_t i = 0; i < jobs; i++) {
        if (workers[i].status != OPK_OK) {
            if (err)
                *err = workers[i].err;
            return workers[i].status;
        }
    }
    put_largest_first(workers, jobs);
    for (size_t i = 1; i < jobs && status == OPK_OK; i++) {
        status = worker_merge(&workers[0], &workers[i], err);
        worker_done(&workers[i]);
        workers[i] = (struct worker){0};
        opk_memory_give_back();
    }
    if (status == OPK_OK)
        status = opk_summary_seal(workers[0].summary, err);
    if (status != OPK_OK)
        return status;
    opk_summary_limit(workers[0].summary, NULL, NULL);
    gathered->summary = workers[0].summary;
    workers[0].summary = NULL;
    gathered->sources = workers[0].sources;
    gathered->repeated = workers[0].repeated;
    gathered->sessions = opk_map_count(workers[0].sessions);
    return OPK_OK;
}

enum opk_status opk_gather(const struct opk_sources *sources, const struct opk_reader *format,
                           const struct opk_gather_limits *limits, struct opk_progress *progress,
                           struct opk_gathered *out_gathered, struct opk_err *err)
{
    size_t jobs = limits->jobs;
    struct hunt hunt = {
        .sources = sources,
        .format = format,
        .progress = progress,
        .jobs = jobs,
        .is_strict = limits->is_strict,
        .budget = budget_of(limits),
    };
    struct opk_gathered gathered = {.source_count = sources->count};
    struct worker *workers = NULL;
    enum opk_status status;

    assert(jobs >= 1 && jobs <= OPK_GATHER_JOBS_MAX);
    if (pthread_mutex_init(&hunt.lock, NULL) != 0)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for threads");
    if (pthread_cond_init(&hunt.finished_more, NULL) != 0 ||
        pthread_cond_init(&hunt.batch_came, NULL) != 0) {
        (void)pthread_mutex_destroy(&hunt.lock);
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for threads");
    }
    gathered.problems = calloc(sources->count + 1, sizeof(struct opk_err *));
    hunt.problems = gathered.problems;
    hunt.is_done = calloc(sources->count + 1, sizeof(bool));
    hunt.parked = calloc(sources->count + 1, sizeof(struct opk_queue *));
    hunt.parked_max = limits->memory > 0 ? limits->memory / PARKED_SHARE : PARKED_MAX;
    workers = calloc(jobs, sizeof(*workers));
    if (gathered.problems && hunt.is_done && hunt.parked && workers)
        status = gather_with(&hunt, workers, limits, &gathered, err);
    else
        status =
            opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu sources", sources->count);
    opk_progress_clear(progress);
    for (size_t i = 0; workers && i < jobs; i++)
        worker_done(&workers[i]);
    while (hunt.waiting > 0)
        opk_batch_free(pop_batch(&hunt, 0, 1));
    for (size_t i = 0; hunt.parked && i < sources->count; i++)
        queue_free(&hunt, hunt.parked[i]);
    free(hunt.parked);
    free(workers);
    free(hunt.is_done);
    opk_ids_done(&hunt.calls);
    (void)pthread_cond_destroy(&hunt.batch_came);
    (void)pthread_cond_destroy(&hunt.finished_more);
    (void)pthread_mutex_destroy(&hunt.lock);
    if (status == OPK_OK)
        *out_gathered = gathered;
    else
        opk_gathered_done(&gathered);
    return status;
}

void opk_gathered_done(struct opk_gathered *gathered)
{
    opk_summary_free(gathered->summary);
    for (size_t i = 0; gathered->problems && i < gathered->source_count; i++)
        free(gathered->problems[i]);
    free(gathered->problems);
    *gathered = (struct opk_gathered){0};
}
