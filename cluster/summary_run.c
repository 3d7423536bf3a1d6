#include "cluster/summary_run.h"

#include "base/file_fd.h"
#include "base/scratch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_BYTES   ((size_t)40)
#define COUNTS_BYTES ((size_t)48)

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the runs of a summary");
}

void opk_run_done(struct opk_run *run)
{
    opk_fd_drop(run->fd);
    run->fd = -1;
}

/* ---- integers ---- */

static void put(struct opk_buf *out, uint64_t value, size_t bytes)
{
    char *room = opk_buf_extend(out, bytes);

    for (size_t i = 0; room && i < bytes; i++)
        room[i] = (char)(unsigned char)(value >> 8 * i);
}

static uint64_t take(struct opk_str *from, size_t bytes)
{
    uint64_t value = 0;

    assert(from->len >= bytes);
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)from->data[i] << 8 * i;
    *from = opk_str_skip(*from, bytes);
    return value;
}

/* ---- writing ---- */

static enum opk_status flush(struct opk_run_writer *writer, struct opk_err *err)
{
    enum opk_status status = opk_buf_check(&writer->held, err);

    if (status == OPK_OK)
        status = opk_fd_write(writer->fd, "a scratch file", opk_buf_str(&writer->held), err);
    writer->bytes += writer->held.len;
    opk_buf_clear(&writer->held);
    return status;
}

static void put_sketch(struct opk_buf *out, const struct opk_sketch *sketch)
{
    for (size_t i = 0; i < sketch->count; i++)
        put(out, sketch->cap == 0 ? sketch->one : sketch->many[i], 8);
}

static enum opk_status write_record(struct opk_run_writer *writer, struct opk_str raw,
                                    const uint32_t *numbers, size_t number_count,
                                    const struct opk_tally *tally, struct opk_err *err)
{
    struct opk_buf *out = &writer->held;
    size_t begin = out->len;
    size_t end;

    put(out, 0, 4); /* its length, once it is known */
    put(out, raw.len, 4);
    put(out, number_count, 4);
    put(out, tally->sessions.count, 4);
    put(out, tally->sources.count, 4);
    put(out, tally->users.count, 4);
    put(out, tally->projects.count, 4);
    put(out, tally->attended.count, 4);
    put(out, tally->day_count, 4);
    put(out, tally->example_count, 4);
    put(out, tally->commands, 8);
    put(out, tally->failed, 8);
    put(out, tally->finished, 8);
    put(out, tally->sidechain, 8);
    put(out, (uint64_t)tally->first, 8);
    put(out, (uint64_t)tally->last, 8);
    opk_buf_append(out, raw);
    for (size_t i = 0; i < number_count; i++)
        put(out, numbers[i], 4);
    put_sketch(out, &tally->sessions);
    put_sketch(out, &tally->sources);
    put_sketch(out, &tally->users);
    put_sketch(out, &tally->projects);
    put_sketch(out, &tally->attended);
    for (size_t i = 0; i < tally->day_count; i++) {
        put(out, (uint64_t)tally->days[i].day, 8);
        put(out, tally->days[i].count, 8);
    }
    for (size_t i = 0; i < tally->example_count; i++) {
        const struct opk_kept_example *kept = &tally->examples[i];
        put(out, kept->hash, 8);
        put(out, kept->example.at, 8);
        put(out, kept->example.text.len, 4);
        put(out, kept->example.source.len, 4);
        opk_buf_append(out, kept->example.text);
        opk_buf_append(out, kept->example.source);
    }
    if (out->failed)
        return no_memory(err);
    end = out->len;
    opk_buf_truncate(out, begin);
    put(out, end - begin, 4);
    (void)opk_buf_extend(out, end - out->len);
    return out->len >= OPK_RUN_BUFFER ? flush(writer, err) : OPK_OK;
}

/* Finish a run; what cannot be finished is closed. */
static enum opk_status finish(struct opk_run_writer *writer, enum opk_status status,
                              struct opk_run *out_run, struct opk_err *err)
{
    if (status == OPK_OK)
        status = flush(writer, err);
    opk_buf_done(&writer->held);
    if (status == OPK_OK)
        *out_run = (struct opk_run){.fd = writer->fd, .bytes = writer->bytes};
    else
        opk_fd_drop(writer->fd);
    return status;
}

struct place {
    struct opk_str raw;
    uint32_t index;
};

static int compare_places(const void *a, const void *b)
{
    return opk_str_cmp(((const struct place *)a)->raw, ((const struct place *)b)->raw);
}

enum opk_status opk_run_write(const struct opk_rows *rows, const struct opk_origins *origins,
                              uint32_t base, const char *folder, struct opk_run *out_run,
                              struct opk_err *err)
{
    struct opk_run_writer writer = {.fd = -1};
    struct place *places = calloc((size_t)rows->count + 1, sizeof(*places));
    enum opk_status status = places ? OPK_OK : no_memory(err);

    if (status == OPK_OK)
        status = opk_scratch_open(folder, &writer.fd, err);
    for (uint32_t i = 0; status == OPK_OK && i < rows->count; i++) {
        const struct opk_row *row = opk_rows_at(rows, i);
        places[i] = (struct place){{row->raw, row->raw_len}, i};
    }
    if (status == OPK_OK && rows->count > 0)
        qsort(places, rows->count, sizeof(*places), compare_places);
    for (uint32_t i = 0; status == OPK_OK && i < rows->count; i++) {
        struct opk_kept_example kept[OPK_SHAPE_EXAMPLES];
        uint32_t number = base + places[i].index;
        struct opk_tally tally = opk_rows_tally(rows, origins, places[i].index, kept);
        status = write_record(&writer, places[i].raw, &number, 1, &tally, err);
    }
    free(places);
    return finish(&writer, status, out_run, err);
}

/* ---- reading ---- */

void opk_run_reader_init(struct opk_run_reader *reader, const struct opk_run *run)
{
    *reader = (struct opk_run_reader){.run = run, .raw = OPK_STR_EMPTY};
}

void opk_run_reader_done(struct opk_run_reader *reader)
{
    opk_buf_done(&reader->held);
    opk_arena_done(&reader->arena);
}

/* At least so many bytes of the run from its place on. */
static enum opk_status fill(struct opk_run_reader *reader, size_t wanted, struct opk_err *err)
{
    while (reader->held.len - reader->held_at < wanted) {
        size_t size = wanted > OPK_RUN_BUFFER ? wanted : OPK_RUN_BUFFER;
        if (reader->held_at > 0)
            opk_buf_splice(&reader->held, 0, reader->held_at, OPK_STR_EMPTY);
        reader->held_at = 0;
        size_t before = reader->held.len;
        char *room = opk_buf_extend(&reader->held, size);
        if (!room)
            return no_memory(err);
        ssize_t len = pread(reader->run->fd, room, size, (off_t)reader->at);
        opk_buf_truncate(&reader->held, before + (len > 0 ? (size_t)len : 0));
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return opk_fail_errno(err, "a scratch file", "cannot read", errno);
        if (len == 0)
            return opk_fail(err, OPK_E_IO, OPK_NOWHERE, "a scratch file has lost its end");
        reader->at += (uint64_t)len;
    }
    return OPK_OK;
}

static struct opk_sketch take_sketch(struct opk_run_reader *reader, struct opk_str *from,
                                     size_t count)
{
    struct opk_sketch sketch = {.count = count, .cap = count};

    sketch.many = opk_arena_array(&reader->arena, count + 1, sizeof(*sketch.many));
    for (size_t i = 0; sketch.many && i < count; i++)
        sketch.many[i] = take(from, 8);
    if (count == 0 || !sketch.many)
        return (struct opk_sketch){0};
    return sketch;
}

static struct opk_str take_bytes(struct opk_str *from, size_t len)
{
    struct opk_str bytes = opk_str_slice(*from, 0, len);

    *from = opk_str_skip(*from, len);
    return bytes;
}

static void take_examples(struct opk_run_reader *reader, struct opk_str *from)
{
    struct opk_tally *tally = &reader->tally;

    for (size_t i = 0; i < tally->example_count; i++) {
        struct opk_kept_example *kept = &tally->examples[i];
        kept->hash = take(from, 8);
        kept->example.at = take(from, 8);
        size_t text = (size_t)take(from, 4);
        size_t source = (size_t)take(from, 4);
        kept->example.text = take_bytes(from, text);
        kept->example.source = take_bytes(from, source);
    }
}

/* What stands behind a record's head; false when there is no memory. */
static bool take_record(struct opk_run_reader *reader, struct opk_str head, struct opk_str from)
{
    struct opk_tally *tally = &reader->tally;
    size_t raw_len = (size_t)take(&head, 4);
    size_t sessions;
    size_t sources;
    size_t users;
    size_t projects;
    size_t attended;

    *tally = OPK_TALLY_EMPTY;
    reader->number_count = (size_t)take(&head, 4);
    sessions = (size_t)take(&head, 4);
    sources = (size_t)take(&head, 4);
    users = (size_t)take(&head, 4);
    projects = (size_t)take(&head, 4);
    attended = (size_t)take(&head, 4);
    tally->day_count = (size_t)take(&head, 4);
    tally->example_count = (size_t)take(&head, 4);
    reader->numbers =
        opk_arena_array(&reader->arena, reader->number_count + 1, sizeof(*reader->numbers));
    tally->days = opk_arena_array(&reader->arena, tally->day_count + 1, sizeof(*tally->days));
    tally->examples =
        opk_arena_array(&reader->arena, tally->example_count + 1, sizeof(*tally->examples));
    if (!reader->numbers || !tally->days || !tally->examples)
        return false;
    tally->commands = take(&from, 8);
    tally->failed = take(&from, 8);
    tally->finished = take(&from, 8);
    tally->sidechain = take(&from, 8);
    tally->first = (int64_t)take(&from, 8);
    tally->last = (int64_t)take(&from, 8);
    reader->raw = take_bytes(&from, raw_len);
    for (size_t i = 0; i < reader->number_count; i++)
        reader->numbers[i] = (uint32_t)take(&from, 4) + reader->run->shift;
    tally->sessions = take_sketch(reader, &from, sessions);
    tally->sources = take_sketch(reader, &from, sources);
    tally->users = take_sketch(reader, &from, users);
    tally->projects = take_sketch(reader, &from, projects);
    tally->attended = take_sketch(reader, &from, attended);
    if (reader->arena.failed)
        return false;
    for (size_t i = 0; i < tally->day_count; i++) {
        tally->days[i].day = (int64_t)take(&from, 8);
        tally->days[i].count = take(&from, 8);
    }
    take_examples(reader, &from);
    return true;
}

enum opk_status opk_run_reader_next(struct opk_run_reader *reader, struct opk_err *err)
{
    enum opk_status status;
    struct opk_str head;
    size_t len;

    if (reader->at == reader->run->bytes && reader->held_at == reader->held.len)
        return OPK_END;
    opk_arena_clear(&reader->arena);
    status = fill(reader, HEAD_BYTES, err);
    if (status != OPK_OK)
        return status;
    head = opk_str_skip(opk_buf_str(&reader->held), reader->held_at);
    len = (size_t)take(&head, 4);
    assert(len >= HEAD_BYTES + COUNTS_BYTES);
    status = fill(reader, len, err);
    if (status != OPK_OK)
        return status;
    head = opk_str_slice(opk_buf_str(&reader->held), reader->held_at, reader->held_at + len);
    reader->held_at += len;
    return take_record(reader, opk_str_slice(head, 4, HEAD_BYTES), opk_str_skip(head, HEAD_BYTES))
               ? OPK_OK
               : no_memory(err);
}

/* ---- merging ---- */

struct merge {
    struct opk_run_reader readers[OPK_RUNS_MAX];
    bool is_done[OPK_RUNS_MAX];
    size_t count;
    struct opk_run_writer writer;
    struct opk_buf raw; /* of the record that is put together */
    struct opk_buf numbers;
    struct opk_tally tally;
    struct opk_arena texts;
    uint32_t *final;
    uint32_t records;
};

/* Step to a reader's next record. */
static enum opk_status advance(struct merge *m, size_t i, struct opk_err *err)
{
    enum opk_status status = opk_run_reader_next(&m->readers[i], err);

    m->is_done[i] = status == OPK_END;
    return status == OPK_END ? OPK_OK : status;
}

/* The reader with the smallest raw shape, or count when all are done. */
static size_t find_smallest(const struct merge *m)
{
    size_t best = m->count;

    for (size_t i = 0; i < m->count; i++) {
        if (!m->is_done[i] &&
            (best == m->count || opk_str_cmp(m->readers[i].raw, m->readers[best].raw) < 0))
            best = i;
    }
    return best;
}

static bool add_record(struct merge *m, const struct opk_run_reader *reader)
{
    for (size_t i = 0; i < reader->number_count; i++) {
        if (m->final)
            m->final[reader->numbers[i]] = m->records;
    }
    if (!m->final)
        opk_buf_append(&m->numbers, opk_str_bytes(reader->numbers,
                                                  reader->number_count * sizeof(*reader->numbers)));
    return !m->numbers.failed &&
           opk_tally_merge(&m->tally, &reader->tally, OPK_SHAPE_EXAMPLES, &m->texts);
}

static enum opk_status write_merged(struct merge *m, struct opk_err *err)
{
    const uint32_t *numbers = &m->records;
    size_t count = 1;

    if (!m->final) {
        numbers = (const void *)m->numbers.data;
        count = m->numbers.len / sizeof(*numbers);
    }
    enum opk_status status =
        write_record(&m->writer, opk_buf_str(&m->raw), numbers, count, &m->tally, err);
    m->records++;
    opk_tally_done(&m->tally);
    opk_buf_clear(&m->numbers);
    opk_arena_clear(&m->texts);
    return status;
}

/* Put together the records of the smallest raw shape. */
static enum opk_status merge_next(struct merge *m, size_t smallest, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    opk_buf_clear(&m->raw);
    opk_buf_append(&m->raw, m->readers[smallest].raw);
    if (m->raw.failed)
        return no_memory(err);
    for (size_t i = smallest; i < m->count && status == OPK_OK; i++) {
        if (m->is_done[i] || !opk_str_eq(m->readers[i].raw, opk_buf_str(&m->raw)))
            continue;
        status = add_record(m, &m->readers[i]) ? advance(m, i, err) : no_memory(err);
    }
    return status == OPK_OK ? write_merged(m, err) : status;
}

enum opk_status opk_runs_merge(const struct opk_run *runs, size_t count, const char *folder,
                               uint32_t *final, struct opk_run *out_run, struct opk_err *err)
{
    struct merge *m = calloc(1, sizeof(*m));
    enum opk_status status;
    size_t smallest;

    assert(count <= OPK_RUNS_MAX);
    if (!m)
        return no_memory(err);
    m->count = count;
    m->final = final;
    m->tally = OPK_TALLY_EMPTY;
    status = opk_scratch_open(folder, &m->writer.fd, err);
    if (status != OPK_OK)
        m->writer.fd = -1;
    for (size_t i = 0; i < count; i++)
        opk_run_reader_init(&m->readers[i], &runs[i]);
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = advance(m, i, err);
    while (status == OPK_OK && (smallest = find_smallest(m)) < count)
        status = merge_next(m, smallest, err);
    status = finish(&m->writer, status, out_run, err);
    for (size_t i = 0; i < count; i++)
        opk_run_reader_done(&m->readers[i]);
    opk_tally_done(&m->tally);
    opk_buf_done(&m->raw);
    opk_buf_done(&m->numbers);
    opk_arena_done(&m->texts);
    free(m);
    return status;
}
