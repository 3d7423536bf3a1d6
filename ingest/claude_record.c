#include "ingest/claude_record.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>

static const char *const BLOCK_NAMES[OPK_CLAUDE_BLOCK_FIELDS] = {
    [OPK_CLAUDE_BLOCK_TYPE] = "type",       [OPK_CLAUDE_BLOCK_TEXT] = "text",
    [OPK_CLAUDE_BLOCK_ID] = "id",           [OPK_CLAUDE_BLOCK_NAME] = "name",
    [OPK_CLAUDE_BLOCK_INPUT] = "input",     [OPK_CLAUDE_BLOCK_RESULT_OF] = "tool_use_id",
    [OPK_CLAUDE_BLOCK_CONTENT] = "content", [OPK_CLAUDE_BLOCK_IS_ERROR] = "is_error",
};

/* The fields of enum opk_claude_field, then those that are only looked into. */
enum { MESSAGE = OPK_CLAUDE_FIELDS, RESULT, DATA, NAME_COUNT };

/* session_id is the name in what claude -p --output-format stream-json prints. */
static const char *const NAMES[NAME_COUNT] = {
    [OPK_CLAUDE_TIMESTAMP] = "timestamp",
    [OPK_CLAUDE_SESSION] = "sessionId",
    [OPK_CLAUDE_SESSION_STREAM] = "session_id",
    [OPK_CLAUDE_CWD] = "cwd",
    [OPK_CLAUDE_SIDECHAIN] = "isSidechain",
    [OPK_CLAUDE_PARENT_TOOL] = "parent_tool_use_id",
    [OPK_CLAUDE_ENTRYPOINT] = "entrypoint",
    [OPK_CLAUDE_UUID] = "uuid",
    [MESSAGE] = "message",
    [RESULT] = "toolUseResult",
    [DATA] = "data",
};

static const char *const RESULT_NAMES[OPK_CLAUDE_RESULT_FIELDS] = {
    [OPK_CLAUDE_RESULT_STDOUT] = "stdout",
    [OPK_CLAUDE_RESULT_STDERR] = "stderr",
    [OPK_CLAUDE_RESULT_INTERRUPTED] = "interrupted",
    [OPK_CLAUDE_RESULT_MEANING] = "returnCodeInterpretation",
    [OPK_CLAUDE_RESULT_BACKGROUND] = "backgroundTaskId",
};

void opk_claude_record_done(struct opk_claude_record *record)
{
    free(record->blocks);
    *record = (struct opk_claude_record){0};
}

/* The value behind a key, raw. */
static enum opk_status take_value(struct opk_json *json, struct opk_str *out_value,
                                  struct opk_err *err)
{
    struct opk_span span;
    enum opk_status status = opk_json_skip(json, &span, err);

    if (status == OPK_OK)
        *out_value = opk_str_slice(json->text, span.begin, span.end);
    return status;
}

/* The members of the object at hand that have one of these names. */
static enum opk_status take_members(struct opk_json *json, const char *const *names, size_t count,
                                    struct opk_str *values, struct opk_err *err)
{
    size_t field;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK &&
           (status = opk_json_member(json, names, count, &field, err)) == OPK_OK)
        status = take_value(json, &values[field], err);
    return status == OPK_END ? OPK_OK : status;
}

static void forget_result(struct opk_claude_record *record)
{
    for (size_t i = 0; i < OPK_CLAUDE_RESULT_FIELDS; i++)
        record->result[i] = OPK_STR_EMPTY;
}

static enum opk_status read_result(struct opk_claude_record *record, struct opk_json *json,
                                   struct opk_err *err)
{
    forget_result(record);
    if (opk_json_peek(json) != '{')
        return opk_json_skip(json, NULL, err);
    enum opk_status status = opk_json_next(json, err);
    if (status != OPK_OK)
        return status;
    return take_members(json, RESULT_NAMES, OPK_CLAUDE_RESULT_FIELDS, record->result, err);
}

static enum opk_status new_block(struct opk_claude_record *record,
                                 struct opk_claude_block **out_block, struct opk_err *err)
{
    struct opk_claude_block *blocks =
        opk_grow(record->blocks, &record->block_cap, record->block_count + 1, sizeof(*blocks));

    if (!blocks)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu blocks of a message",
                        record->block_count + 1);
    record->blocks = blocks;
    *out_block = &blocks[record->block_count++];
    for (size_t i = 0; i < OPK_CLAUDE_BLOCK_FIELDS; i++)
        (*out_block)->values[i] = OPK_STR_EMPTY;
    return OPK_OK;
}

/* The block whose bracket was just read. */
static enum opk_status read_block(struct opk_claude_record *record, struct opk_json *json,
                                  struct opk_err *err)
{
    struct opk_claude_block *block;

    if (record->block_count == OPK_CLAUDE_BLOCKS_MAX) {
        record->has_more = true;
        return opk_json_leave(json, err);
    }
    enum opk_status status = new_block(record, &block, err);
    if (status != OPK_OK)
        return status;
    return take_members(json, BLOCK_NAMES, OPK_CLAUDE_BLOCK_FIELDS, block->values, err);
}

static enum opk_status read_blocks(struct opk_claude_record *record, struct opk_json *json,
                                   struct opk_err *err)
{
    enum opk_status status = opk_json_next(json, err);

    while (status == OPK_OK && (status = opk_json_next(json, err)) == OPK_OK) {
        if (json->token == OPK_JSON_ARRAY_END)
            return OPK_OK;
        if (json->token == OPK_JSON_OBJECT)
            status = read_block(record, json, err);
        else if (json->token == OPK_JSON_ARRAY)
            status = opk_json_leave(json, err);
    }
    return status;
}

static void forget_content(struct opk_claude_record *record)
{
    record->content = OPK_STR_EMPTY;
    record->block_count = 0;
    record->has_more = false;
}

/* The value at hand is a message: take its content. */
static enum opk_status read_message(struct opk_claude_record *record, struct opk_json *json,
                                    bool *out_is_object, struct opk_err *err)
{
    static const char *const CONTENT[] = {"content"};
    size_t field;

    forget_content(record);
    *out_is_object = opk_json_peek(json) == '{';
    if (!*out_is_object)
        return opk_json_skip(json, NULL, err);
    enum opk_status status = opk_json_next(json, err);
    while (status == OPK_OK &&
           (status = opk_json_member(json, CONTENT, 1, &field, err)) == OPK_OK) {
        forget_content(record);
        status = opk_json_peek(json) == '[' ? read_blocks(record, json, err)
                                            : take_value(json, &record->content, err);
    }
    return status == OPK_END ? OPK_OK : status;
}

/* A progress record carries a sub-agent's message one level deeper: data.message.message. */
static enum opk_status read_nested(struct opk_claude_record *record, struct opk_str data,
                                   struct opk_err *err)
{
    static const char *const MESSAGES[] = {"message"};
    struct opk_json json;
    bool is_object;

    for (int level = 0; level < 2; level++) {
        enum opk_status status = opk_json_pick_again(data, MESSAGES, 1, &data, err);
        if (status != OPK_OK)
            return status;
    }
    if (data.len == 0)
        return OPK_OK;
    opk_json_init(&json, data);
    json.trusts = true;
    enum opk_status status = read_message(record, &json, &is_object, err);
    opk_json_done(&json);
    return status;
}

static enum opk_status read_fields(struct opk_claude_record *record, struct opk_json *json,
                                   struct opk_err *err)
{
    struct opk_str data = OPK_STR_EMPTY;
    bool has_message = false;
    size_t field;
    enum opk_status status = opk_json_next(json, err);

    while (status == OPK_OK &&
           (status = opk_json_member(json, NAMES, NAME_COUNT, &field, err)) == OPK_OK) {
        if (field == MESSAGE)
            status = read_message(record, json, &has_message, err);
        else if (field == RESULT)
            status = read_result(record, json, err);
        else
            status = take_value(json, field == DATA ? &data : &record->values[field], err);
    }
    if (status != OPK_END)
        return status;
    record->is_nested = !has_message && data.len > 0 && data.data[0] == '{';
    if (!record->is_nested)
        return OPK_OK;
    forget_result(record); /* it is not of that message */
    return read_nested(record, data, err);
}

enum opk_status opk_claude_record_read(struct opk_claude_record *record, struct opk_str text,
                                       bool trusts, size_t *out_len, struct opk_err *err)
{
    struct opk_json json;
    enum opk_status status;

    for (size_t i = 0; i < OPK_CLAUDE_FIELDS; i++)
        record->values[i] = OPK_STR_EMPTY;
    record->is_nested = false;
    forget_content(record);
    forget_result(record);
    opk_json_init(&json, text);
    json.trusts = trusts;
    if (opk_json_peek(&json) == '{')
        status = read_fields(record, &json, err);
    else
        status = opk_json_skip(&json, NULL, err);
    if (status == OPK_OK)
        *out_len = json.at;
    opk_json_done(&json);
    return status;
}

/* Are there letters, digits or signs of ASCII written as \u00XX, which may spell anything? */
static bool hides_ascii(struct opk_str line)
{
    static const struct opk_str ESCAPE = OPK_STR_INIT("\\u00");
    size_t at = 0;

    while ((at = opk_str_find(line, ESCAPE, at)) != OPK_NPOS) {
        at += ESCAPE.len;
        if (at < line.len && line.data[at] >= '2' && line.data[at] <= '7')
            return true;
    }
    return false;
}

/*
 * A call has "type":"tool_use", a result has "tool_use_id": both hold the same bytes, the quote
 * before them too, for a quote within a text has a backslash. It is looked for by its end: there
 * are far fewer underscores than quotes.
 */
static bool has_call(struct opk_str line)
{
    static const struct opk_str BEGIN = OPK_STR_INIT("\"tool");
    static const struct opk_str END = OPK_STR_INIT("_use");

    for (size_t at = 0; (at = opk_str_find(line, END, at)) != OPK_NPOS; at += END.len) {
        if (at >= BEGIN.len && opk_str_starts(opk_str_skip(line, at - BEGIN.len), BEGIN))
            return true;
    }
    return false;
}

bool opk_claude_may_matter(struct opk_str line)
{
    return has_call(line) || opk_str_find(line, OPK_STR("<bash-input>"), 0) != OPK_NPOS ||
           hides_ascii(line);
}
