#include "cluster/session.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS    ((int64_t)86400000)
#define KEY_FLAGS ((unsigned)OPK_COMMAND_SIDECHAIN | (unsigned)OPK_COMMAND_HEADLESS)

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the steps of sessions");
}

static void strand_done(struct opk_strand *strand)
{
    free(strand->steps);
    free(strand->marks);
    *strand = (struct opk_strand){0};
}

void opk_sessions_done(struct opk_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++)
        strand_done(&sessions->strands[i]);
    free(sessions->strands);
    opk_specimens_done(&sessions->specimens);
    opk_map_free(sessions->keys);
    free(sessions->growing);
    opk_buf_done(&sessions->last_session);
    opk_buf_done(&sessions->last_source);
    *sessions = (struct opk_sessions){0};
}

/* ---- adding ---- */

static uint64_t hash_or_none(struct opk_str name)
{
    return name.len > 0 ? opk_hash64(name) : 0;
}

static struct opk_strand *push(struct opk_sessions *sessions, const struct opk_strand *strand)
{
    struct opk_strand *grown =
        opk_grow(sessions->strands, &sessions->cap, sessions->count + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    sessions->strands = grown;
    grown[sessions->count] = *strand;
    return &grown[sessions->count++];
}

/* The place of the strand that this command belongs to, a new one where there is none. */
static enum opk_status find_place(struct opk_sessions *sessions, const struct opk_command *command,
                                  struct opk_str session, uint32_t *out_place, struct opk_err *err)
{
    const struct opk_strand strand = {
        .key = {opk_hash64(session), opk_hash64(command->source), command->flags & KEY_FLAGS},
        .user = hash_or_none(command->user),
        .project = hash_or_none(command->cwd),
        .begin = command->at,
    };
    struct opk_str key = {(const char *)&strand.key, sizeof(strand.key)};
    enum opk_status status = OPK_OK;
    uint32_t index;
    bool is_new;

    if (!sessions->keys)
        status = opk_map_new(&sessions->keys, err);
    if (status == OPK_OK)
        status = opk_map_add(sessions->keys, key, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    uint32_t *places = opk_grow(sessions->growing, &sessions->growing_cap,
                                opk_map_count(sessions->keys), sizeof(*places));
    if (!places)
        return no_memory(err);
    sessions->growing = places;
    if (is_new) {
        if (!push(sessions, &strand))
            return no_memory(err);
        places[index] = (uint32_t)(sessions->count - 1);
    }
    *out_place = places[index];
    return OPK_OK;
}

/* Most commands come from the session of the one before. */
static bool is_last(const struct opk_sessions *sessions, const struct opk_command *command,
                    struct opk_str session)
{
    return sessions->count > 0 && opk_str_eq(session, opk_buf_str(&sessions->last_session)) &&
           opk_str_eq(command->source, opk_buf_str(&sessions->last_source)) &&
           sessions->strands[sessions->last].key.flags == (command->flags & KEY_FLAGS);
}

static int64_t day_of(int64_t time)
{
    return time / DAY_MS - (time % DAY_MS < 0);
}

static bool add_mark(struct opk_strand *strand, size_t step, int64_t time)
{
    const struct opk_mark *last =
        strand->mark_count > 0 ? &strand->marks[strand->mark_count - 1] : NULL;

    if (time == OPK_UNKNOWN || (last && day_of(last->time) == day_of(time)))
        return true;
    struct opk_mark *grown =
        opk_grow(strand->marks, &strand->mark_cap, strand->mark_count + 1, sizeof(*grown));
    if (!grown)
        return false;
    strand->marks = grown;
    grown[strand->mark_count++] = (struct opk_mark){step, time};
    return true;
}

static bool add_step(struct opk_strand *strand, uint32_t step)
{
    uint32_t *grown = opk_grow(strand->steps, &strand->cap, strand->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    strand->steps = grown;
    grown[strand->count++] = step;
    return true;
}

enum opk_status opk_sessions_add(struct opk_sessions *sessions, const struct opk_command *command,
                                 uint32_t step, struct opk_str text, struct opk_err *err)
{
    struct opk_str session = command->session.len > 0 ? command->session : command->source;

    if (command->flags & (unsigned)OPK_COMMAND_LISTED)
        return OPK_OK;
    if (!is_last(sessions, command, session)) {
        enum opk_status status = find_place(sessions, command, session, &sessions->last, err);
        opk_buf_clear(&sessions->last_session);
        opk_buf_append(&sessions->last_session, session);
        opk_buf_clear(&sessions->last_source);
        opk_buf_append(&sessions->last_source, command->source);
        if (status != OPK_OK)
            return status;
        if (sessions->last_session.failed || sessions->last_source.failed)
            return no_memory(err);
    }
    struct opk_strand *strand = &sessions->strands[sessions->last];
    if (!add_mark(strand, strand->count, command->time) || !add_step(strand, step))
        return no_memory(err);
    return opk_specimens_add(&sessions->specimens, &strand->key, command, step, text, err);
}

/* ---- merging ---- */

/* Append a piece of the same strand; numbers is NULL where they stay as they are. */
static bool append(struct opk_strand *into, const struct opk_strand *piece, const uint32_t *numbers)
{
    size_t begin = into->count;
    uint32_t *grown = opk_grow(into->steps, &into->cap, begin + piece->count, sizeof(*grown));

    if (!grown)
        return false;
    into->steps = grown;
    for (size_t i = 0; i < piece->count; i++) {
        uint32_t step = piece->steps[i];
        grown[into->count++] = numbers && step != OPK_STEP_UNREAD ? numbers[step] : step;
    }
    for (size_t i = 0; i < piece->mark_count; i++) {
        if (!add_mark(into, begin + piece->marks[i].step, piece->marks[i].time))
            return false;
    }
    return true;
}

enum opk_status opk_sessions_merge(struct opk_sessions *into, const struct opk_sessions *from,
                                   const uint32_t *numbers, struct opk_err *err)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct opk_strand *strand = &from->strands[i];
        const struct opk_strand head = {
            .key = strand->key,
            .user = strand->user,
            .project = strand->project,
            .begin = strand->begin,
        };
        struct opk_strand *copy = push(into, &head);
        if (!copy || !append(copy, strand, numbers))
            return no_memory(err);
    }
    return opk_specimens_merge(&into->specimens, &from->specimens, numbers, err);
}

/* ---- numbers ---- */

static void renumber(uint32_t *step, const uint32_t *numbers)
{
    if (*step != OPK_STEP_UNREAD)
        *step = numbers[*step];
}

static void renumber_specimen(struct opk_specimen *specimen, const uint32_t *numbers)
{
    for (size_t i = 0; i < specimen->count; i++)
        renumber(&specimen->steps[i].step, numbers);
}

void opk_sessions_renumber(struct opk_sessions *sessions, const uint32_t *numbers)
{
    for (size_t i = 0; i < sessions->count; i++) {
        for (size_t k = 0; k < sessions->strands[i].count; k++)
            renumber(&sessions->strands[i].steps[k], numbers);
    }
    for (size_t i = 0; i < sessions->specimens.count; i++)
        renumber_specimen(&sessions->specimens.items[i], numbers);
    renumber_specimen(&sessions->specimens.growing, numbers);
}

/* ---- reading ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_key(const void *a, const void *b)
{
    const struct opk_strand *x = a;
    const struct opk_strand *y = b;
    int order = compare_numbers(x->key.session, y->key.session);

    if (order == 0)
        order = compare_numbers(x->key.source, y->key.source);
    if (order == 0)
        order = compare_numbers(x->key.flags, y->key.flags);
    return order != 0 ? order : compare_numbers(x->begin, y->begin);
}

static bool is_same_key(const struct opk_strand_key *a, const struct opk_strand_key *b)
{
    return a->session == b->session && a->source == b->source && a->flags == b->flags;
}

enum opk_status opk_sessions_sort(struct opk_sessions *sessions, struct opk_err *err)
{
    size_t kept = 0;

    if (sessions->count > 0)
        qsort(sessions->strands, sessions->count, sizeof(*sessions->strands), by_key);
    for (size_t i = 0; i < sessions->count; i++) {
        struct opk_strand piece = sessions->strands[i];
        sessions->strands[i] = (struct opk_strand){0};
        if (kept == 0 || !is_same_key(&sessions->strands[kept - 1].key, &piece.key)) {
            sessions->strands[kept++] = piece;
            continue;
        }
        bool joined = append(&sessions->strands[kept - 1], &piece, NULL);
        strand_done(&piece);
        if (!joined)
            return no_memory(err);
    }
    sessions->count = kept;
    return opk_specimens_sort(&sessions->specimens, err);
}

size_t opk_sessions_bytes(const struct opk_sessions *sessions)
{
    size_t bytes = sessions->cap * sizeof(*sessions->strands) +
                   sessions->specimens.cap * sizeof(*sessions->specimens.items) +
                   sessions->specimens.bytes;

    for (size_t i = 0; i < sessions->count; i++) {
        const struct opk_strand *strand = &sessions->strands[i];
        bytes += strand->cap * sizeof(*strand->steps) + strand->mark_cap * sizeof(*strand->marks);
    }
    return sessions->keys ? bytes + opk_map_bytes(sessions->keys) : bytes;
}
