#include "cluster/summary_ahead.h"

#include "base/hash.h"
#include "base/pages.h"
#include "cluster/shape.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Lines whose rows are remembered; one more forgets the one in its place. */
#define RECALL_LINES ((size_t)1 << 17)
#define RECALL_STEPS 2

/* Steps that are read and not counted yet; a line may have more, and is then counted in parts. */
#define PENDING_MAX ((size_t)128)

/* A row that is not known yet: what else it says is a place among the pending steps. */
#define IS_PENDING (UINT32_C(1) << 31)

/* The rows of a line's steps. Which line it is only a keyed hash says: that of another line is the
 * same once in 2^64. */
struct recall {
    uint64_t key;
    uint32_t rows[RECALL_STEPS]; /* index, and 1, or IS_PENDING; 0: no more */
};

/* A step that was read. Its raw shape and its text stand in bytes. */
struct pending {
    uint64_t hash; /* of the raw shape, opk_rows_hash */
    uint64_t text_hash;
    size_t begin;
    size_t raw_end;
    size_t text_end;
    uint64_t commands;
    uint32_t row;
};

#define RECALL_BYTES (RECALL_LINES * sizeof(struct recall))

struct opk_ahead {
    struct recall *recall; /* owned; RECALL_LINES */
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    struct opk_buf bytes;
    struct recall *unsettled[OPK_AHEAD_LINES]; /* that say IS_PENDING */
    size_t unsettled_count;
    uint32_t again[OPK_AHEAD_LINES * RECALL_STEPS]; /* rows of lines that are remembered */
    size_t again_count;
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to count the lines of a list");
}

enum opk_status opk_ahead_new(struct opk_ahead **out_ahead, struct opk_err *err)
{
    struct opk_ahead *ahead = calloc(1, sizeof(*ahead));

    if (!ahead)
        return no_memory(err);
    ahead->recall = opk_pages_alloc(RECALL_BYTES);
    if (!ahead->recall) {
        free(ahead);
        return no_memory(err);
    }
    *out_ahead = ahead;
    return OPK_OK;
}

void opk_ahead_free(struct opk_ahead *ahead)
{
    if (!ahead)
        return;
    opk_pages_free(ahead->recall, RECALL_BYTES);
    opk_buf_done(&ahead->bytes);
    free(ahead);
}

void opk_ahead_forget(struct opk_ahead *ahead)
{
    if (ahead)
        memset(ahead->recall, 0, RECALL_BYTES);
}

size_t opk_ahead_bytes(const struct opk_ahead *ahead)
{
    return ahead ? sizeof(*ahead) + RECALL_BYTES + ahead->bytes.cap : 0;
}

/* ---- counting what was read ---- */

static enum opk_status find_rows(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                                 struct opk_err *err)
{
    const struct opk_str bytes = opk_buf_str(&ahead->bytes);
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < ahead->pending_count && status == OPK_OK; i++) {
        struct pending *step = &ahead->pending[i];
        struct opk_str raw = opk_str_slice(bytes, step->begin, step->raw_end);
        status = opk_rows_find(into->rows, raw, step->hash, &step->row, err);
        if (status == OPK_OK)
            __builtin_prefetch(opk_rows_at(into->rows, step->row), 1);
    }
    return status;
}

static bool add_steps(struct opk_ahead *ahead, const struct opk_ahead_into *into)
{
    const struct opk_str bytes = opk_buf_str(&ahead->bytes);

    for (size_t i = 0; i < ahead->pending_count; i++) {
        const struct pending *step = &ahead->pending[i];
        const struct opk_gain gain = {
            .commands = step->commands,
            .time = OPK_UNKNOWN,
            .origin = into->origin,
        };
        const struct opk_offer offer = {
            .text = opk_str_slice(bytes, step->raw_end, step->text_end),
            .hash = step->text_hash,
            .origin = into->origin,
        };
        if (!opk_rows_gain(into->rows, into->origins, step->row, &gain) ||
            !opk_rows_offer(into->rows, into->origins, step->row, &offer))
            return false;
    }
    return true;
}

/* Remembered lines learn the rows of their steps. */
static void settle_recall(struct opk_ahead *ahead)
{
    for (size_t i = 0; i < ahead->unsettled_count; i++) {
        uint32_t *rows = ahead->unsettled[i]->rows;
        bool fits = true;
        for (size_t k = 0; k < RECALL_STEPS && rows[k] != 0; k++) {
            if (rows[k] & IS_PENDING)
                rows[k] = ahead->pending[rows[k] & ~IS_PENDING].row + 1;
            fits = fits && !(rows[k] & IS_PENDING);
        }
        if (!fits)
            rows[0] = 0;
    }
    ahead->unsettled_count = 0;
}

/* Count all that was read. */
static enum opk_status settle(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                              struct opk_err *err)
{
    enum opk_status status = opk_buf_check(&ahead->bytes, err);

    if (status == OPK_OK)
        status = find_rows(ahead, into, err);
    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < ahead->again_count; i++)
        opk_rows_at(into->rows, ahead->again[i])->commands++;
    if (!add_steps(ahead, into))
        return no_memory(err);
    settle_recall(ahead);
    ahead->again_count = ahead->pending_count = 0;
    opk_buf_clear(&ahead->bytes);
    return OPK_OK;
}

/* ---- reading ---- */

static void push_step(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                      const struct opk_step *step)
{
    const struct opk_str text = opk_str_slice(step->text, 0, OPK_EXAMPLE_MAX);
    struct pending *pushed = &ahead->pending[ahead->pending_count++];

    pushed->commands = 1;
    pushed->begin = ahead->bytes.len;
    opk_shape_write(&ahead->bytes, into->steps, step);
    pushed->raw_end = ahead->bytes.len;
    pushed->hash =
        opk_rows_hash(into->rows, opk_str_skip(opk_buf_str(&ahead->bytes), pushed->begin));
    opk_buf_append(&ahead->bytes, text);
    pushed->text_end = ahead->bytes.len;
    pushed->text_hash = opk_hash64(text);
}

/* Read a line's steps; where they fit, recall remembers them. */
static enum opk_status read_line(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                                 struct opk_str line, uint64_t key, struct recall *recall,
                                 struct opk_err *err)
{
    const struct opk_steps *steps = into->steps;
    enum opk_status status = opk_steps_read_shell(into->steps, OPK_STR_EMPTY, line, err);
    struct recall fresh = {.key = key};
    bool fits = steps->count > 0 && steps->count <= RECALL_STEPS;

    into->ledger->empty += steps->count == 0;
    into->ledger->read += steps->count > 0;
    into->ledger->steps += steps->count;
    if (fits && ahead->pending_count + steps->count > PENDING_MAX && status == OPK_OK)
        status = settle(ahead, into, err);
    for (size_t i = 0; i < steps->count && status == OPK_OK; i++) {
        if (steps->steps[i].flags & OPK_STEP_OPAQUE) {
            into->ledger->opaque++;
            fits = false;
            continue;
        }
        if (ahead->pending_count == PENDING_MAX)
            status = settle(ahead, into, err);
        if (fits)
            fresh.rows[i] = IS_PENDING | (uint32_t)ahead->pending_count;
        if (status == OPK_OK)
            push_step(ahead, into, &steps->steps[i]);
    }
    if (fits && status == OPK_OK) {
        *recall = fresh;
        ahead->unsettled[ahead->unsettled_count++] = recall;
    }
    return status;
}

/* The steps of a line that was read before, from the same origin. Its examples were offered then.
 */
static void count_again(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                        const struct recall *recall)
{
    into->ledger->read++;
    for (size_t i = 0; i < RECALL_STEPS && recall->rows[i] != 0; i++) {
        into->ledger->steps++;
        if (recall->rows[i] & IS_PENDING) {
            ahead->pending[recall->rows[i] & ~IS_PENDING].commands++;
            continue;
        }
        __builtin_prefetch(opk_rows_at(into->rows, recall->rows[i] - 1), 1);
        ahead->again[ahead->again_count++] = recall->rows[i] - 1;
    }
}

enum opk_status opk_ahead_count(struct opk_ahead *ahead, const struct opk_ahead_into *into,
                                const struct opk_str *lines, size_t count, struct opk_err *err)
{
    uint64_t keys[OPK_AHEAD_LINES];
    enum opk_status status = OPK_OK;

    assert(count <= OPK_AHEAD_LINES);
    into->ledger->commands += count;
    for (size_t i = 0; i < count; i++) {
        keys[i] = opk_hash_table(lines[i]) + into->origin * UINT64_C(0x9E3779B97F4A7C15);
        __builtin_prefetch(&ahead->recall[keys[i] % RECALL_LINES], 1);
    }
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        struct recall *recall = &ahead->recall[keys[i] % RECALL_LINES];
        if (recall->key == keys[i] && recall->rows[0] != 0)
            count_again(ahead, into, recall);
        else
            status = read_line(ahead, into, lines[i], keys[i], recall, err);
    }
    return status == OPK_OK ? settle(ahead, into, err) : status;
}
