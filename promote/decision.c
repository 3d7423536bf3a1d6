#include "promote/decision.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const ACTION_NAMES[] = {
    [OPK_ACTION_PROMOTE] = "promote",
    [OPK_ACTION_REJECT] = "reject",
};

/* The string fields of a line, in the order in which they are written. */
static const struct field {
    const char *key;
    size_t offset;
} FIELDS[] = {
    {"ulid", offsetof(struct opk_decision, ulid)},
    {"time", offsetof(struct opk_decision, time)},
    {"actor", offsetof(struct opk_decision, actor)},
    {"draft_id", offsetof(struct opk_decision, draft_id)},
    {"draft_digest", offsetof(struct opk_decision, draft_digest)},
    {"why", offsetof(struct opk_decision, why)},
    {"rule", offsetof(struct opk_decision, rule)},
};

#define FIELD_COUNT (sizeof(FIELDS) / sizeof(FIELDS[0]))

struct line_reader {
    struct opk_json json;
    struct opk_arena *arena;
    struct opk_decision *decision;
    struct opk_err *err;
};

/* The next value, when it is a string or null, copied. */
static enum opk_status read_text(struct line_reader *reader, struct opk_str *out)
{
    enum opk_status status = opk_json_next(&reader->json, reader->err);

    if (status != OPK_OK)
        return status;
    if (reader->json.token == OPK_JSON_NULL)
        *out = OPK_STR_EMPTY;
    else if (reader->json.token == OPK_JSON_STRING)
        *out = opk_arena_copy(reader->arena, reader->json.value);
    else
        return OPK_E_INVALID;
    return opk_arena_check(reader->arena, reader->err);
}

static enum opk_status read_action(struct line_reader *reader)
{
    struct opk_str name = OPK_STR_EMPTY;
    enum opk_status status = read_text(reader, &name);

    reader->decision->action = OPK_ACTION_OTHER;
    for (size_t i = 0; i < sizeof(ACTION_NAMES) / sizeof(ACTION_NAMES[0]); i++) {
        if (opk_str_eq(name, opk_str_of(ACTION_NAMES[i])))
            reader->decision->action = (enum opk_action)i;
    }
    return status;
}

/* {"commands": N, "sessions": N}; keys of later versions are passed over. */
static enum opk_status read_support(struct line_reader *reader)
{
    struct opk_json *json = &reader->json;
    struct opk_support *support = &reader->decision->support;
    enum opk_status status = opk_json_next(json, reader->err);

    if (status != OPK_OK || json->token == OPK_JSON_NULL)
        return status;
    if (json->token != OPK_JSON_OBJECT)
        return OPK_E_INVALID;
    while ((status = opk_json_next(json, reader->err)) == OPK_OK && json->token == OPK_JSON_KEY) {
        uint64_t *number = opk_str_eq(json->value, OPK_STR("commands"))   ? &support->commands
                           : opk_str_eq(json->value, OPK_STR("sessions")) ? &support->sessions
                                                                          : NULL;
        status = number ? opk_json_next(json, reader->err) : opk_json_skip(json, NULL, reader->err);
        if (status != OPK_OK)
            return status;
        if (number && !opk_str_to_u64(json->value, number))
            return OPK_E_INVALID;
    }
    return status;
}

static enum opk_status read_span(struct line_reader *reader, struct opk_str *out)
{
    struct opk_span span;
    enum opk_status status = opk_json_skip(&reader->json, &span, reader->err);

    if (status != OPK_OK)
        return status;
    *out = opk_arena_copy(reader->arena, opk_str_slice(reader->json.text, span.begin, span.end));
    return opk_arena_check(reader->arena, reader->err);
}

static enum opk_status read_value(struct line_reader *reader, struct opk_str key)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (opk_str_eq(key, opk_str_of(FIELDS[i].key)))
            return read_text(
                reader, (struct opk_str *)(void *)((char *)reader->decision + FIELDS[i].offset));
    }
    if (opk_str_eq(key, OPK_STR("action")))
        return read_action(reader);
    if (opk_str_eq(key, OPK_STR("support")))
        return read_support(reader);
    if (opk_str_eq(key, OPK_STR("before")))
        return read_span(reader, &reader->decision->before);
    if (opk_str_eq(key, OPK_STR("after")))
        return read_span(reader, &reader->decision->after);
    return opk_json_skip(&reader->json, NULL, reader->err);
}

/* One line; anything but OPK_OK and OPK_E_NOMEM means that it is damaged. */
static enum opk_status read_line(struct opk_str line, struct opk_arena *arena,
                                 struct opk_decision *out, struct opk_err *err)
{
    struct line_reader reader = {.arena = arena, .decision = out, .err = err};
    struct opk_json *json = &reader.json;
    enum opk_status status;

    *out = (struct opk_decision){.action = OPK_ACTION_OTHER};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        *(struct opk_str *)(void *)((char *)out + FIELDS[i].offset) = OPK_STR_EMPTY;
    out->before = OPK_STR("null");
    out->after = OPK_STR("null");
    opk_json_init(json, line);
    status = opk_json_next(json, err);
    if (status == OPK_OK && json->token != OPK_JSON_OBJECT)
        status = OPK_E_INVALID;
    while (status == OPK_OK && (status = opk_json_next(json, err)) == OPK_OK &&
           json->token == OPK_JSON_KEY)
        status = read_value(&reader, json->value);
    if (status == OPK_OK)
        status = opk_json_next(json, err) == OPK_END ? OPK_OK : OPK_E_SYNTAX;
    if (status == OPK_OK && (out->ulid.len == 0 || out->draft_id.len == 0))
        status = OPK_E_INVALID;
    opk_json_done(json);
    return status;
}

static enum opk_status add_decision(struct opk_decisions *decisions, size_t *cap, size_t *last_cap,
                                    const struct opk_decision *decision, struct opk_err *err)
{
    struct opk_decision *items =
        opk_grow(decisions->items, cap, decisions->count + 1, sizeof(*items));
    uint32_t index;
    bool is_new;

    if (!items)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the decisions");
    decisions->items = items;
    enum opk_status status =
        opk_map_add(decisions->by_draft, decision->draft_id, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    size_t *last = opk_grow(decisions->last, last_cap, (size_t)index + 1, sizeof(*last));
    if (!last)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the decisions");
    decisions->last = last;
    last[index] = decisions->count;
    items[decisions->count++] = *decision;
    return OPK_OK;
}

enum opk_status opk_decisions_parse(struct opk_str text, struct opk_decisions *out_decisions,
                                    struct opk_err *err)
{
    struct opk_decisions decisions = {0};
    struct opk_split split = OPK_SPLIT(text, '\n');
    struct opk_str line;
    size_t cap = 0;
    size_t last_cap = 0;
    enum opk_status status = opk_map_new(&decisions.by_draft, err);

    for (uint64_t number = 1; status == OPK_OK && opk_split_next(&split, &line); number++) {
        struct opk_decision decision;
        line = opk_str_trim(line);
        if (line.len == 0)
            continue;
        status = read_line(line, &decisions.arena, &decision, err);
        if (status == OPK_OK) {
            status = add_decision(&decisions, &cap, &last_cap, &decision, err);
        } else if (status != OPK_E_NOMEM) {
            status = OPK_OK;
            if (decisions.damaged++ == 0)
                decisions.first_damaged = number;
        }
    }
    if (status == OPK_OK)
        *out_decisions = decisions;
    else
        opk_decisions_done(&decisions);
    return status;
}

void opk_decisions_done(struct opk_decisions *decisions)
{
    free(decisions->items);
    free(decisions->last);
    opk_map_free(decisions->by_draft);
    opk_arena_done(&decisions->arena);
    *decisions = (struct opk_decisions){0};
}

const struct opk_decision *opk_decisions_find(const struct opk_decisions *decisions,
                                              struct opk_str draft_id)
{
    uint32_t index;

    if (!decisions->by_draft || !opk_map_find(decisions->by_draft, draft_id, &index))
        return NULL;
    return &decisions->items[decisions->last[index]];
}

/* now > then * growth, without overflow. */
static bool has_grown(uint64_t then, uint64_t now)
{
    return then < now / OPK_REJECTED_GROWTH ||
           (then == now / OPK_REJECTED_GROWTH && now % OPK_REJECTED_GROWTH != 0);
}

bool opk_decisions_reject(const struct opk_decisions *decisions, struct opk_str draft_id,
                          const struct opk_support *now)
{
    const struct opk_decision *last = opk_decisions_find(decisions, draft_id);

    return last && last->action == OPK_ACTION_REJECT &&
           !has_grown(last->support.commands, now->commands) &&
           !has_grown(last->support.sessions, now->sessions);
}

static void write_raw(struct opk_json_writer *writer, const char *key, struct opk_str json)
{
    opk_json_key(writer, key);
    opk_buf_append(writer->out, json.len > 0 ? json : OPK_STR("null"));
    writer->comma = true;
}

static void write_text(struct opk_json_writer *writer, const char *key, struct opk_str text)
{
    opk_json_key(writer, key);
    opk_json_string(writer, text);
}

/* The same, with null for what there is none of. */
static void write_optional(struct opk_json_writer *writer, const char *key, struct opk_str text)
{
    opk_json_key(writer, key);
    if (text.len > 0)
        opk_json_string(writer, text);
    else
        opk_json_null(writer);
}

void opk_decision_append(struct opk_buf *out, const struct opk_decision *decision)
{
    struct opk_json_writer writer = OPK_JSON_WRITER(out);

    if (out->len > 0 && out->data[out->len - 1] != '\n')
        opk_buf_append_byte(out, '\n');
    opk_json_open(&writer, '{');
    write_text(&writer, "ulid", decision->ulid);
    write_text(&writer, "time", decision->time);
    write_text(&writer, "actor", decision->actor);
    write_text(&writer, "action", opk_str_of(ACTION_NAMES[decision->action]));
    write_text(&writer, "draft_id", decision->draft_id);
    write_text(&writer, "draft_digest", decision->draft_digest);
    opk_json_key(&writer, "support");
    opk_json_open(&writer, '{');
    opk_json_key(&writer, "commands");
    opk_json_number(&writer, (int64_t)decision->support.commands);
    opk_json_key(&writer, "sessions");
    opk_json_number(&writer, (int64_t)decision->support.sessions);
    opk_json_close(&writer, '}');
    write_raw(&writer, "before", decision->before);
    write_raw(&writer, "after", decision->after);
    write_optional(&writer, "why", decision->why);
    write_optional(&writer, "rule", decision->rule);
    opk_json_close(&writer, '}');
    opk_buf_append_byte(out, '\n');
}
