/*
 * Claude Code session logs: one JSON record a line. A tool call stands in an assistant's message,
 * its result in a later user's message that names the call's id; a call waits here for its result,
 * so that commands come out whole and in the order of the calls.
 */
#include "ingest/read_claude.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rfc3339.h"
#include "ingest/lines.h"
#include "ingest/readers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A call that waits; the views of command lie in bytes, one behind the other. */
struct waiting {
    struct opk_command command;
    struct opk_buf bytes; /* owned */
    bool is_done;         /* its result has come, or none will */
};

struct claude {
    struct opk_input input;
    struct opk_lines lines;
    struct opk_arena arena; /* of one record */
    struct opk_map *seen;   /* ids of calls: resumed sessions and progress records repeat them */
    uint64_t *call_numbers; /* owned; of each id, by its index in seen */
    size_t call_number_cap;
    struct waiting *calls; /* owned; [first, first + count) wait */
    size_t call_cap;
    size_t first;
    size_t count;
    uint64_t first_number; /* calls are numbered from 0 */
    size_t held;           /* bytes of the texts that wait */
    bool is_given;         /* the oldest is the last command given, borrowed until the next call */
    enum opk_status end;   /* OPK_OK while there are lines; told behind the last call */
    struct opk_err end_err;
};

/* What a record says about every call in it. */
struct context {
    struct opk_str session;
    struct opk_str cwd;
    struct opk_str uuid;
    int64_t time;
    bool is_sidechain;
    bool is_headless;
    struct opk_str tool_result; /* the raw toolUseResult */
};

static bool is_object(struct opk_str value)
{
    return value.len > 0 && value.data[0] == '{';
}

/* As opk_json_pick on a value that is known to be well formed; what is no object has no values. */
static enum opk_status pick(struct opk_str value, const char *const *names, size_t count,
                            struct opk_str *out_values, struct opk_err *err)
{
    for (size_t i = 0; i < count; i++)
        out_values[i] = OPK_STR_EMPTY;
    return is_object(value) ? opk_json_pick(value, names, count, out_values, err) : OPK_OK;
}

/* The text of a string value in the record's arena, whose failure is checked once a record. */
static struct opk_str text_of(struct claude *claude, struct opk_str value)
{
    struct opk_str text = OPK_STR_EMPTY;

    if (opk_json_text(value, &claude->arena, &text, NULL) != OPK_OK)
        claude->arena.failed = true;
    return text;
}

static bool is_true(struct opk_str value)
{
    return opk_str_eq(value, OPK_STR("true"));
}

static bool is_given_value(struct opk_str value)
{
    return value.len > 0 && !opk_str_eq(value, OPK_STR("null"));
}

#define KEPT_VIEWS 5

/* The views of a command that a waiting call keeps; source is the input's. */
static void kept_views(struct opk_command *command, struct opk_str *out_views[KEPT_VIEWS])
{
    out_views[0] = &command->text;
    out_views[1] = &command->tool;
    out_views[2] = &command->id;
    out_views[3] = &command->session;
    out_views[4] = &command->cwd;
}

static enum opk_status keep(struct waiting *waiting, const struct opk_command *command,
                            struct opk_err *err)
{
    struct opk_str *views[KEPT_VIEWS];
    size_t begin = 0;

    *waiting = (struct waiting){.command = *command};
    kept_views(&waiting->command, views);
    for (size_t i = 0; i < KEPT_VIEWS; i++)
        opk_buf_append(&waiting->bytes, *views[i]);
    for (size_t i = 0; i < KEPT_VIEWS && !waiting->bytes.failed; i++) {
        size_t end = begin + views[i]->len;
        *views[i] = opk_str_slice(opk_buf_str(&waiting->bytes), begin, end);
        begin = end;
    }
    return opk_buf_check(&waiting->bytes, err);
}

/* Remember a call's id. Calls without one, or with one past the limit, are never the same. */
static enum opk_status see_id(struct claude *claude, struct opk_str *id, bool *out_is_new,
                              struct opk_err *err)
{
    uint32_t index;

    *out_is_new = true;
    if (id->len > OPK_CLAUDE_ID_MAX)
        *id = OPK_STR_EMPTY;
    if (id->len == 0)
        return OPK_OK;
    enum opk_status status = opk_map_add(claude->seen, *id, &index, out_is_new, err);
    if (status != OPK_OK || !*out_is_new)
        return status;
    uint64_t *numbers = opk_grow(claude->call_numbers, &claude->call_number_cap, (size_t)index + 1,
                                 sizeof(*numbers));
    if (!numbers)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for call %u", index);
    claude->call_numbers = numbers;
    numbers[index] = claude->first_number + claude->count;
    return OPK_OK;
}

static struct waiting *find_waiting(const struct claude *claude, struct opk_str id)
{
    uint32_t index;

    if (id.len == 0 || !opk_map_find(claude->seen, id, &index) ||
        claude->call_numbers[index] < claude->first_number)
        return NULL;
    uint64_t offset = claude->call_numbers[index] - claude->first_number;
    return &claude->calls[claude->first + (size_t)offset];
}

static void drop_oldest(struct claude *claude)
{
    struct waiting *oldest = &claude->calls[claude->first];

    assert(claude->count > 0);
    claude->held -= oldest->bytes.len;
    opk_buf_done(&oldest->bytes);
    claude->first++;
    claude->first_number++;
    claude->count--;
}

/* A place behind the newest call: what waits moves to the front when that at least halves it. */
static struct waiting *new_place(struct claude *claude)
{
    if (claude->first > 0 && claude->first >= claude->count) {
        if (claude->count > 0)
            memmove(claude->calls, claude->calls + claude->first,
                    claude->count * sizeof(*claude->calls));
        claude->first = 0;
    }
    struct waiting *calls = opk_grow(claude->calls, &claude->call_cap,
                                     claude->first + claude->count + 1, sizeof(*calls));
    if (!calls)
        return NULL;
    claude->calls = calls;
    return &calls[claude->first + claude->count];
}

/* Let a call wait for its result; a repeated one is dropped. */
static enum opk_status add_call(struct claude *claude, struct opk_command *command, bool is_done,
                                struct opk_err *err)
{
    bool is_new;
    struct waiting *waiting = new_place(claude);

    if (!waiting)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu calls", claude->count);
    enum opk_status status = see_id(claude, &command->id, &is_new, err);
    if (status != OPK_OK || !is_new)
        return status;
    status = keep(waiting, command, err);
    if (status != OPK_OK) {
        opk_buf_done(&waiting->bytes);
        return status;
    }
    waiting->is_done = is_done;
    claude->held += waiting->bytes.len;
    claude->count++;
    return OPK_OK;
}

static struct opk_command new_command(const struct claude *claude, const struct context *context,
                                      struct opk_str text)
{
    struct opk_command command = opk_command_stated(&claude->input, text, claude->lines.line);

    if (context->session.len > 0)
        command.session = context->session;
    command.cwd = context->cwd;
    command.time = context->time;
    command.flags |= context->is_sidechain ? OPK_COMMAND_SIDECHAIN : 0U;
    command.flags |= context->is_headless ? OPK_COMMAND_HEADLESS : 0U;
    return command;
}

/* A tool_use block: Bash is a shell command, any other tool a record of its own kind. */
static enum opk_status read_tool_use(struct claude *claude, const struct context *context,
                                     struct opk_str block, struct opk_err *err)
{
    enum { ID, NAME, INPUT, COUNT };
    static const char *const NAMES[COUNT] = {"id", "name", "input"};
    enum { COMMAND, BACKGROUND, INPUT_COUNT };
    static const char *const INPUT_NAMES[INPUT_COUNT] = {"command", "run_in_background"};
    struct opk_str values[COUNT];
    struct opk_str inputs[INPUT_COUNT];
    enum opk_status status = pick(block, NAMES, COUNT, values, err);

    if (status == OPK_OK)
        status = pick(values[INPUT], INPUT_NAMES, INPUT_COUNT, inputs, err);
    if (status != OPK_OK)
        return status;
    struct opk_str tool = text_of(claude, values[NAME]);
    struct opk_str text = text_of(claude, inputs[COMMAND]);
    bool is_shell = opk_str_eq(tool, OPK_STR("Bash")) && text.len > 0;
    if (!is_shell)
        text = values[INPUT].len > 0 ? values[INPUT] : OPK_STR("{}");
    struct opk_command command = new_command(claude, context, text);
    command.id = text_of(claude, values[ID]);
    if (!is_shell) {
        command.kind = OPK_COMMAND_TOOL;
        command.tool = tool;
    }
    if (is_true(inputs[BACKGROUND]))
        command.flags |= OPK_COMMAND_BACKGROUND;
    return add_call(claude, &command, false, err);
}

/* What the words at the start of a result say about the call. */
static const struct {
    struct opk_str words;
    unsigned flag;
} VERDICTS[] = {
    {OPK_STR_INIT("The user doesn't want to"), OPK_COMMAND_REJECTED},
    {OPK_STR_INIT("[Request interrupted by user for tool use]"), OPK_COMMAND_REJECTED},
    {OPK_STR_INIT("Claude requested permissions"), OPK_COMMAND_REJECTED},
    {OPK_STR_INIT("Permission to use "), OPK_COMMAND_REJECTED},
    {OPK_STR_INIT("This command requires approval"), OPK_COMMAND_REJECTED},
    {OPK_STR_INIT("Sibling tool call errored"), OPK_COMMAND_NOT_RUN},
    {OPK_STR_INIT("<tool_use_error>"), OPK_COMMAND_NOT_RUN},
};

/* "Exit code 1", alone on the first line, perhaps behind "Error: "; the output follows it. */
static bool parse_exit_code(struct opk_str *text, int64_t *out_code)
{
    static const struct opk_str WORDS = OPK_STR_INIT("Exit code ");
    struct opk_str rest = *text;
    size_t end = 0;
    uint64_t code;

    if (opk_str_starts(rest, OPK_STR("Error: ")))
        rest = opk_str_skip(rest, 7);
    if (!opk_str_starts(rest, WORDS))
        return false;
    rest = opk_str_skip(rest, WORDS.len);
    while (end < rest.len && opk_is_digit(rest.data[end]))
        end++;
    if (!opk_str_to_u64(opk_str_slice(rest, 0, end), &code) || code > INT32_MAX)
        return false;
    if (end < rest.len && rest.data[end] == '\n')
        end++;
    *text = opk_str_skip(rest, end);
    *out_code = (int64_t)code;
    return true;
}

/* The text of a result: a string, or a list of text blocks, whose first text and length count. */
static enum opk_status read_content(struct claude *claude, struct opk_str content,
                                    struct opk_str *out_text, int64_t *out_bytes,
                                    struct opk_err *err)
{
    static const char *const NAMES[] = {"text"};
    struct opk_json json;
    struct opk_span span;
    enum opk_status status;
    bool is_first = true;

    *out_text = text_of(claude, content);
    *out_bytes = (int64_t)out_text->len;
    if (content.len == 0 || content.data[0] != '[')
        return OPK_OK;
    opk_json_init(&json, content);
    status = opk_json_next(&json, err);
    while (status == OPK_OK) {
        struct opk_str value;
        status = opk_json_skip(&json, &span, err);
        if (status != OPK_OK || json.depth == 0)
            break;
        status = pick(opk_str_slice(content, span.begin, span.end), NAMES, 1, &value, err);
        struct opk_str text = text_of(claude, value);
        *out_bytes += (int64_t)text.len;
        if (is_first)
            *out_text = text;
        is_first = false;
    }
    opk_json_done(&json);
    return status;
}

/* What a result says, as the call's fields have it. */
struct result {
    unsigned flags;
    int64_t exit_status;
    int64_t output_bytes;
};

/* toolUseResult of a Bash call knows more than the text: streams apart, interruption, background.
 */
static enum opk_status read_bash_result(struct claude *claude, struct opk_str value,
                                        struct result *result, struct opk_err *err)
{
    enum { STDOUT, STDERR, INTERRUPTED, MEANING, BACKGROUND, COUNT };
    static const char *const NAMES[COUNT] = {"stdout", "stderr", "interrupted",
                                             "returnCodeInterpretation", "backgroundTaskId"};
    struct opk_str values[COUNT];
    enum opk_status status = pick(value, NAMES, COUNT, values, err);

    if (status != OPK_OK || values[STDOUT].len == 0)
        return status;
    result->output_bytes =
        (int64_t)(text_of(claude, values[STDOUT]).len + text_of(claude, values[STDERR]).len);
    /* "No matches found": the command said no, and its number is not told. */
    if (is_true(values[INTERRUPTED]) || is_given_value(values[MEANING]))
        result->exit_status = OPK_UNKNOWN;
    if (is_given_value(values[BACKGROUND]))
        result->flags |= OPK_COMMAND_BACKGROUND;
    return OPK_OK;
}

static void judge_error(struct opk_str text, struct result *result)
{
    result->exit_status = OPK_UNKNOWN;
    if (parse_exit_code(&text, &result->exit_status)) {
        result->output_bytes = (int64_t)text.len;
        return;
    }
    for (size_t i = 0; i < sizeof(VERDICTS) / sizeof(VERDICTS[0]); i++) {
        if (opk_str_starts(text, VERDICTS[i].words))
            result->flags |= VERDICTS[i].flag;
    }
}

static void apply_result(struct opk_command *command, const struct result *result, int64_t time)
{
    command->flags |= result->flags;
    bool has_ended =
        !(command->flags & (OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN | OPK_COMMAND_BACKGROUND));
    if (!has_ended)
        return;
    command->output_bytes = result->output_bytes;
    if (command->kind == OPK_COMMAND_SHELL)
        command->exit_status = result->exit_status;
    if (time != OPK_UNKNOWN && command->time != OPK_UNKNOWN && time >= command->time)
        command->duration = time - command->time;
}

static enum opk_status read_tool_result(struct claude *claude, const struct context *context,
                                        struct opk_str block, struct opk_err *err)
{
    enum { ID, CONTENT, IS_ERROR, COUNT };
    static const char *const NAMES[COUNT] = {"tool_use_id", "content", "is_error"};
    struct opk_str values[COUNT];
    struct opk_str text;
    struct result result = {.exit_status = 0};
    enum opk_status status = pick(block, NAMES, COUNT, values, err);

    if (status != OPK_OK)
        return status;
    struct waiting *waiting = find_waiting(claude, text_of(claude, values[ID]));
    if (!waiting || waiting->is_done)
        return OPK_OK;
    status = read_content(claude, values[CONTENT], &text, &result.output_bytes, err);
    if (status == OPK_OK && waiting->command.kind == OPK_COMMAND_SHELL)
        status = read_bash_result(claude, context->tool_result, &result, err);
    if (status != OPK_OK)
        return status;
    if (opk_str_starts(text, OPK_STR("Command running in background with ID")))
        result.flags |= OPK_COMMAND_BACKGROUND;
    if (is_true(values[IS_ERROR]))
        judge_error(text, &result);
    apply_result(&waiting->command, &result, context->time);
    waiting->is_done = true;
    return OPK_OK;
}

/* What a user ran with "!": <bash-input>CMD</bash-input>. */
static enum opk_status read_user_text(struct claude *claude, const struct context *context,
                                      struct opk_str text, struct opk_err *err)
{
    static const struct opk_str BEGIN = OPK_STR_INIT("<bash-input>");
    static const struct opk_str END = OPK_STR_INIT("</bash-input>");

    if (!opk_str_starts(text, BEGIN))
        return OPK_OK;
    text = opk_str_skip(text, BEGIN.len);
    text = opk_str_slice(text, 0, opk_str_find(text, END, 0));
    if (opk_str_trim(text).len == 0)
        return OPK_OK;
    struct opk_command command = new_command(claude, context, text);
    command.id = context->uuid;
    return add_call(claude, &command, true, err);
}

static enum opk_status read_block(struct claude *claude, const struct context *context,
                                  struct opk_str block, struct opk_err *err)
{
    enum { TYPE, TEXT, COUNT };
    static const char *const NAMES[COUNT] = {"type", "text"};
    struct opk_str values[COUNT];
    enum opk_status status = pick(block, NAMES, COUNT, values, err);

    if (status != OPK_OK)
        return status;
    if (opk_str_eq(values[TYPE], OPK_STR("\"tool_use\"")))
        return read_tool_use(claude, context, block, err);
    if (opk_str_eq(values[TYPE], OPK_STR("\"tool_result\"")))
        return read_tool_result(claude, context, block, err);
    return read_user_text(claude, context, text_of(claude, values[TEXT]), err);
}

static bool is_full(const struct claude *claude)
{
    return claude->count >= OPK_CLAUDE_WAITING_MAX || claude->held > OPK_CLAUDE_HELD_MAX;
}

static void tell_line(const struct claude *claude, enum opk_status status, const char *words)
{
    struct opk_err err;

    opk_err_set(&err, status, OPK_AT_LINE(NULL, claude->lines.line), "%s", words);
    opk_notes_tell(&claude->input.notes, &err);
}

static enum opk_status read_message(struct claude *claude, const struct context *context,
                                    struct opk_str message, struct opk_err *err)
{
    static const char *const NAMES[] = {"content"};
    struct opk_str content;
    struct opk_json json;
    struct opk_span span;
    enum opk_status status = pick(message, NAMES, 1, &content, err);

    if (status != OPK_OK || content.len == 0)
        return status;
    if (content.data[0] != '[')
        return read_user_text(claude, context, text_of(claude, content), err);
    opk_json_init(&json, content);
    status = opk_json_next(&json, err);
    for (size_t blocks = 0; status == OPK_OK; blocks++) {
        status = opk_json_skip(&json, &span, err);
        if (status != OPK_OK || json.depth == 0)
            break;
        if (blocks == OPK_CLAUDE_BLOCKS_MAX) {
            tell_line(claude, OPK_E_LIMIT, "a message has too many blocks");
            break;
        }
        status = read_block(claude, context, opk_str_slice(content, span.begin, span.end), err);
    }
    opk_json_done(&json);
    return status;
}

enum record_field {
    TYPE,
    MESSAGE,
    TIMESTAMP,
    SESSION,
    SESSION_STREAM,
    CWD,
    SIDECHAIN,
    PARENT_TOOL,
    ENTRYPOINT,
    UUID,
    TOOL_RESULT,
    DATA,
    RECORD_FIELDS
};

/* session_id is the name in what claude -p --output-format stream-json prints. */
static const char *const RECORD_NAMES[RECORD_FIELDS] = {
    [TYPE] = "type",
    [MESSAGE] = "message",
    [TIMESTAMP] = "timestamp",
    [SESSION] = "sessionId",
    [SESSION_STREAM] = "session_id",
    [CWD] = "cwd",
    [SIDECHAIN] = "isSidechain",
    [PARENT_TOOL] = "parent_tool_use_id",
    [ENTRYPOINT] = "entrypoint",
    [UUID] = "uuid",
    [TOOL_RESULT] = "toolUseResult",
    [DATA] = "data",
};

/* A progress record carries a sub-agent's message one level deeper: data.message.message. */
static enum opk_status find_message(struct opk_str values[RECORD_FIELDS], bool *out_is_nested,
                                    struct opk_err *err)
{
    static const char *const NAMES[] = {"message"};
    struct opk_str message = OPK_STR_EMPTY;
    enum opk_status status = OPK_OK;

    *out_is_nested = !is_object(values[MESSAGE]) && is_object(values[DATA]);
    if (!*out_is_nested)
        return OPK_OK;
    status = pick(values[DATA], NAMES, 1, &message, err);
    if (status == OPK_OK)
        status = pick(message, NAMES, 1, &values[MESSAGE], err);
    return status;
}

static enum opk_status read_record(struct claude *claude, struct opk_str record,
                                   struct opk_err *err)
{
    struct opk_str values[RECORD_FIELDS];
    struct context context;
    bool is_nested = false;
    enum opk_status status = pick(record, RECORD_NAMES, RECORD_FIELDS, values, err);

    if (status == OPK_OK)
        status = find_message(values, &is_nested, err);
    if (status != OPK_OK)
        return status;
    context.session =
        text_of(claude, values[SESSION].len > 0 ? values[SESSION] : values[SESSION_STREAM]);
    context.cwd = text_of(claude, values[CWD]);
    context.uuid = text_of(claude, values[UUID]);
    context.tool_result = is_nested ? OPK_STR_EMPTY : values[TOOL_RESULT];
    context.is_sidechain =
        is_nested || is_true(values[SIDECHAIN]) || is_given_value(values[PARENT_TOOL]);
    /* "sdk-cli", "sdk-ts", "sdk-py"; what is printed as a stream goes to a program. */
    context.is_headless =
        opk_str_starts(values[ENTRYPOINT], OPK_STR("\"sdk")) || values[SESSION_STREAM].len > 0;
    if (!opk_rfc3339_parse(text_of(claude, values[TIMESTAMP]), &context.time))
        context.time = OPK_UNKNOWN;
    status = read_message(claude, &context, values[MESSAGE], err);
    return status == OPK_OK ? opk_arena_check(&claude->arena, err) : status;
}

/* Records without a call or a result are most of the bytes: they are not even parsed. */
static bool mentions_call(struct opk_str line)
{
    return opk_str_find(line, OPK_STR("_use"), 0) != OPK_NPOS ||
           opk_str_find(line, OPK_STR("<bash-input>"), 0) != OPK_NPOS;
}

/* After a crash a file may end in zero bytes. */
static struct opk_str without_padding(struct opk_str line)
{
    while (line.len > 0 && (line.data[line.len - 1] == '\0' || line.data[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/*
 * The records of a line: mostly one, two where a newline got lost. Damage is told once a line, and
 * reading goes on with the next thing that begins like an object, at most two bytes before the
 * place where the damage was noticed: that is where a record cut short runs into the next one.
 */
static enum opk_status read_line(struct claude *claude, struct opk_str line, struct opk_err *err)
{
    bool is_told = false;

    for (line = opk_str_trim(line); line.len > 0; line = opk_str_trim(line)) {
        struct opk_json json;
        struct opk_span span = {0, 0};
        struct opk_err bad;
        opk_json_init(&json, line);
        enum opk_status status = opk_json_skip(&json, &span, &bad);
        opk_json_done(&json);
        if (status == OPK_OK) {
            status = read_record(claude, opk_str_slice(line, span.begin, span.end), err);
            if (status != OPK_OK)
                return status;
            line = opk_str_skip(line, span.end);
            continue;
        }
        if (!is_told)
            tell_line(claude, status, bad.message);
        is_told = true;
        size_t from = bad.byte > 3 ? (size_t)bad.byte - 3 : 1;
        line = opk_str_skip(line, opk_str_find(line, OPK_STR("{\""), from));
    }
    return OPK_OK;
}

/* Read lines until the oldest call is complete, or may wait no longer. */
static enum opk_status read_ahead(struct claude *claude, struct opk_err *err)
{
    while (claude->end == OPK_OK && !is_full(claude) &&
           (claude->count == 0 || !claude->calls[claude->first].is_done)) {
        struct opk_str line;
        claude->end = opk_lines_next(&claude->lines, &line, &claude->end_err);
        if (claude->end != OPK_OK)
            break;
        line = without_padding(line);
        if (!mentions_call(line)) {
            if (line.len > 0 && line.data[line.len - 1] != '}')
                tell_line(claude, OPK_E_SYNTAX, "a record does not end");
            continue;
        }
        enum opk_status status = read_line(claude, line, err);
        opk_arena_clear(&claude->arena);
        if (status != OPK_OK)
            return status;
    }
    return OPK_OK;
}

static enum opk_status claude_next(void *state, struct opk_command *out_command,
                                   struct opk_err *err)
{
    struct claude *claude = state;

    if (claude->is_given)
        drop_oldest(claude);
    claude->is_given = false;
    enum opk_status status = read_ahead(claude, err);
    if (status != OPK_OK)
        return status;
    if (claude->count > 0) {
        *out_command = claude->calls[claude->first].command;
        out_command->ordinal = claude->first_number + 1;
        claude->is_given = true;
        return OPK_OK;
    }
    status = claude->end;
    if (status != OPK_END && err)
        *err = claude->end_err;
    claude->end = OPK_END;
    return status;
}

static void claude_close(void *state)
{
    struct claude *claude = state;

    if (!claude)
        return;
    while (claude->count > 0)
        drop_oldest(claude);
    free(claude->calls);
    free(claude->call_numbers);
    opk_map_free(claude->seen);
    opk_arena_done(&claude->arena);
    opk_lines_done(&claude->lines);
    free(claude);
}

static enum opk_status claude_open(const struct opk_input *input, void **out_state,
                                   struct opk_err *err)
{
    struct claude *claude = calloc(1, sizeof(*claude));

    if (!claude)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a reader");
    claude->input = *input;
    opk_lines_init(&claude->lines, input, OPK_CLAUDE_RECORD_MAX);
    enum opk_status status = opk_map_new(&claude->seen, err);
    if (status == OPK_OK)
        *out_state = claude;
    else
        claude_close(claude);
    return status;
}

/* Does a "type" of a session's record stand anywhere in the head, with or without a blank? */
static bool has_record_type(struct opk_str head)
{
    static const struct opk_str KEY = OPK_STR_INIT("\"type\":");
    static const struct opk_str TYPES[] = {
        OPK_STR_INIT("\"assistant\""),
        OPK_STR_INIT("\"user\""),
        OPK_STR_INIT("\"summary\""),
        OPK_STR_INIT("\"system\""),
        OPK_STR_INIT("\"progress\""),
        OPK_STR_INIT("\"queue-operation\""),
        OPK_STR_INIT("\"file-history-snapshot\""),
    };
    size_t at = 0;

    while ((at = opk_str_find(head, KEY, at)) != OPK_NPOS) {
        at += KEY.len;
        at += at < head.len && head.data[at] == ' ';
        struct opk_str value = opk_str_skip(head, at);
        for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
            if (opk_str_starts(value, TYPES[i]))
                return true;
        }
    }
    return false;
}

static bool claude_sniff(struct opk_str head, struct opk_str path)
{
    static const struct opk_str IDS[] = {
        OPK_STR_INIT("\"sessionId\":"),
        OPK_STR_INIT("\"session_id\":"),
        OPK_STR_INIT("\"leafUuid\":"),
        OPK_STR_INIT("\"messageId\":"),
    };
    bool has_id = false;

    (void)path;
    if (!opk_str_starts(head, OPK_STR("{\"")))
        return false;
    for (size_t i = 0; i < sizeof(IDS) / sizeof(IDS[0]); i++)
        has_id = has_id || opk_str_find(head, IDS[i], 0) != OPK_NPOS;
    return has_id && has_record_type(head);
}

const struct opk_reader opk_reader_claude_code = {
    .name = "claude-code",
    .summary = "session logs of Claude Code, and its stream-json output",
    .sniff = claude_sniff,
    .open = claude_open,
    .next = claude_next,
    .close = claude_close,
};
