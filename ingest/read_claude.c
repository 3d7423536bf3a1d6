/*
 * Claude Code session logs: one JSON record a line. A tool call stands in an assistant's message,
 * its result in a later user's message that names the call's id; a call waits here for its result,
 * so that commands come out whole and in the order of the calls.
 */
#include "ingest/read_claude.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rfc3339.h"
#include "ingest/claude_record.h"
#include "ingest/lines.h"
#include "ingest/readers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a result's beginning that are looked at: more than any words that judge it. */
#define HEAD_BYTES ((size_t)128)

/* Bytes that an escape may take to spell one. */
#define ESCAPE_BYTES ((size_t)6)

/* A call that waits; the views of command lie in bytes, one behind the other. */
struct waiting {
    struct opk_command command;
    struct opk_buf bytes; /* owned */
    bool is_done;         /* its result has come, or none will */
};

struct claude {
    struct opk_input input;
    struct opk_lines lines;
    struct opk_claude_record record; /* the one at hand */
    int64_t time;                    /* its own, or OPK_UNKNOWN */
    struct opk_arena arena;          /* of its texts */
    struct opk_buf head;             /* owned; the beginning of a result */
    struct opk_ids seen;   /* ids of calls: resumed sessions and progress records repeat them */
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
    size_t total = 0;

    *waiting = (struct waiting){.command = *command};
    kept_views(&waiting->command, views);
    for (size_t i = 0; i < KEPT_VIEWS; i++)
        total += views[i]->len;
    (void)opk_buf_reserve(&waiting->bytes, total); /* a failure sticks */
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
    *out_is_new = true;
    if (id->len > OPK_CLAUDE_ID_MAX)
        *id = OPK_STR_EMPTY;
    if (id->len == 0)
        return OPK_OK;
    return opk_ids_add(&claude->seen, *id, out_is_new, err);
}

/* Few calls wait: mostly one. */
static struct waiting *find_waiting(const struct claude *claude, struct opk_str id)
{
    for (size_t i = 0; id.len > 0 && i < claude->count; i++) {
        struct waiting *waiting = &claude->calls[claude->first + i];
        if (opk_str_eq(waiting->command.id, id))
            return waiting;
    }
    return NULL;
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

/* A command that the record at hand states. */
static struct opk_command new_command(struct claude *claude, struct opk_str text)
{
    const struct opk_claude_record *record = &claude->record;
    const struct opk_str *values = record->values;
    const struct opk_str stream = values[OPK_CLAUDE_SESSION_STREAM];
    const struct opk_str session =
        text_of(claude, values[OPK_CLAUDE_SESSION].len > 0 ? values[OPK_CLAUDE_SESSION] : stream);
    struct opk_command command = opk_command_stated(&claude->input, text, claude->lines.line);

    if (session.len > 0)
        command.session = session;
    command.cwd = text_of(claude, values[OPK_CLAUDE_CWD]);
    command.time = claude->time;
    if (record->is_nested || is_true(values[OPK_CLAUDE_SIDECHAIN]) ||
        is_given_value(values[OPK_CLAUDE_PARENT_TOOL]))
        command.flags |= OPK_COMMAND_SIDECHAIN;
    /* "sdk-cli", "sdk-ts", "sdk-py"; what is printed as a stream goes to a program. */
    if (stream.len > 0 || opk_str_starts(values[OPK_CLAUDE_ENTRYPOINT], OPK_STR("\"sdk")))
        command.flags |= OPK_COMMAND_HEADLESS;
    return command;
}

/* A tool_use block: Bash is a shell command, any other tool a record of its own kind. */
static enum opk_status read_tool_use(struct claude *claude, const struct opk_claude_block *block,
                                     struct opk_err *err)
{
    enum { COMMAND, BACKGROUND, COUNT };
    static const char *const NAMES[COUNT] = {"command", "run_in_background"};
    const struct opk_str input = block->values[OPK_CLAUDE_BLOCK_INPUT];
    struct opk_str inputs[COUNT];
    enum opk_status status = opk_json_pick_again(input, NAMES, COUNT, inputs, err);

    if (status != OPK_OK)
        return status;
    struct opk_str tool = text_of(claude, block->values[OPK_CLAUDE_BLOCK_NAME]);
    struct opk_str text = OPK_STR_EMPTY;
    if (opk_str_eq(tool, OPK_STR("Bash")))
        text = text_of(claude, inputs[COMMAND]);
    const bool is_shell = text.len > 0;
    if (!is_shell)
        text = input.len > 0 ? input : OPK_STR("{}");
    struct opk_command command = new_command(claude, text);
    command.id = text_of(claude, block->values[OPK_CLAUDE_BLOCK_ID]);
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
static bool parse_exit_code(struct opk_str text, int64_t *out_code, size_t *out_end)
{
    static const struct opk_str ERROR_WORD = OPK_STR_INIT("Error: ");
    static const struct opk_str WORDS = OPK_STR_INIT("Exit code ");
    size_t begin = opk_str_starts(text, ERROR_WORD) ? ERROR_WORD.len : 0;
    uint64_t code;

    if (!opk_str_starts(opk_str_skip(text, begin), WORDS))
        return false;
    begin += WORDS.len;
    size_t end = begin;
    while (end < text.len && opk_is_digit(text.data[end]))
        end++;
    if (!opk_str_to_u64(opk_str_slice(text, begin, end), &code) || code > INT32_MAX)
        return false;
    *out_end = end + (end < text.len && text.data[end] == '\n');
    *out_code = (int64_t)code;
    return true;
}

/* The blocks of a result, one text behind the other: the first one begins it. */
static enum opk_status read_texts(struct claude *claude, struct opk_str blocks, int64_t *out_bytes,
                                  struct opk_err *err)
{
    static const char *const NAMES[] = {"text"};
    struct opk_json json;
    struct opk_span span;
    bool is_first = true;

    *out_bytes = 0;
    opk_json_init(&json, blocks);
    json.trusts = true;
    enum opk_status status = opk_json_next(&json, err);
    while (status == OPK_OK) {
        struct opk_str text;
        status = opk_json_skip(&json, &span, err);
        if (status != OPK_OK || json.depth == 0)
            break;
        status =
            opk_json_pick_again(opk_str_slice(blocks, span.begin, span.end), NAMES, 1, &text, err);
        *out_bytes += (int64_t)opk_json_text_len(text);
        if (is_first)
            opk_json_text_head(text, HEAD_BYTES, &claude->head);
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
    int64_t text_bytes; /* of the result as the agent got it; counted where it is asked for */
};

/* A result's text: how it begins, in claude->head, and how long it is where that is asked for. */
static enum opk_status read_content(struct claude *claude, struct opk_str content, bool counts,
                                    int64_t *out_bytes, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (content.len > 0 && content.data[0] == '[') {
        opk_buf_clear(&claude->head);
        status = read_texts(claude, content, out_bytes, err);
    } else {
        opk_json_text_head(content, HEAD_BYTES, &claude->head);
        *out_bytes = counts ? (int64_t)opk_json_text_len(content) : 0;
    }
    return status == OPK_OK ? opk_buf_check(&claude->head, err) : status;
}

/* toolUseResult of a Bash call knows more than the text: streams apart, interruption, background.
 */
static void read_bash_result(const struct opk_str *values, struct result *result)
{
    result->output_bytes = (int64_t)(opk_json_text_len(values[OPK_CLAUDE_RESULT_STDOUT]) +
                                     opk_json_text_len(values[OPK_CLAUDE_RESULT_STDERR]));
    /* "No matches found": the command said no, and its number is not told. */
    if (is_true(values[OPK_CLAUDE_RESULT_INTERRUPTED]) ||
        is_given_value(values[OPK_CLAUDE_RESULT_MEANING]))
        result->exit_status = OPK_UNKNOWN;
    if (is_given_value(values[OPK_CLAUDE_RESULT_BACKGROUND]))
        result->flags |= OPK_COMMAND_BACKGROUND;
}

/* What the beginning of an error says. */
static void judge_error(struct opk_str head, struct result *result)
{
    size_t end;

    result->exit_status = OPK_UNKNOWN;
    if (parse_exit_code(head, &result->exit_status, &end)) {
        result->output_bytes = result->text_bytes - (int64_t)end;
        return;
    }
    for (size_t i = 0; i < sizeof(VERDICTS) / sizeof(VERDICTS[0]); i++) {
        if (opk_str_starts(head, VERDICTS[i].words))
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

static enum opk_status read_tool_result(struct claude *claude, const struct opk_claude_block *block,
                                        struct opk_err *err)
{
    const struct opk_str *values = block->values;
    struct result result = {.exit_status = 0};
    struct waiting *waiting =
        find_waiting(claude, text_of(claude, values[OPK_CLAUDE_BLOCK_RESULT_OF]));

    if (!waiting || waiting->is_done)
        return OPK_OK;
    const struct opk_str *known = claude->record.result;
    const bool is_known =
        waiting->command.kind == OPK_COMMAND_SHELL && known[OPK_CLAUDE_RESULT_STDOUT].len > 0;
    const bool is_error = is_true(values[OPK_CLAUDE_BLOCK_IS_ERROR]);
    enum opk_status status = read_content(claude, values[OPK_CLAUDE_BLOCK_CONTENT],
                                          !is_known || is_error, &result.text_bytes, err);
    if (status != OPK_OK)
        return status;
    if (is_known)
        read_bash_result(known, &result);
    else
        result.output_bytes = result.text_bytes;
    const struct opk_str head = opk_buf_str(&claude->head);
    if (opk_str_starts(head, OPK_STR("Command running in background with ID")))
        result.flags |= OPK_COMMAND_BACKGROUND;
    if (is_error)
        judge_error(head, &result);
    apply_result(&waiting->command, &result, claude->time);
    waiting->is_done = true;
    return OPK_OK;
}

/* What a user ran with "!": <bash-input>CMD</bash-input>. */
static enum opk_status read_user_text(struct claude *claude, struct opk_str value,
                                      struct opk_err *err)
{
    static const struct opk_str BEGIN = OPK_STR_INIT("<bash-input>");
    static const struct opk_str END = OPK_STR_INIT("</bash-input>");

    opk_json_text_head(value, BEGIN.len * ESCAPE_BYTES, &claude->head);
    if (!opk_str_starts(opk_buf_str(&claude->head), BEGIN))
        return opk_buf_check(&claude->head, err);
    struct opk_str text = opk_str_skip(text_of(claude, value), BEGIN.len);
    text = opk_str_slice(text, 0, opk_str_find(text, END, 0));
    if (opk_str_trim(text).len == 0)
        return OPK_OK;
    struct opk_command command = new_command(claude, text);
    command.id = text_of(claude, claude->record.values[OPK_CLAUDE_UUID]);
    return add_call(claude, &command, true, err);
}

/* Is a raw value this string? It may be spelled with escapes. */
static bool is_string(struct claude *claude, struct opk_str value, struct opk_str word)
{
    if (opk_str_find_byte(value, '\\', 0) != OPK_NPOS)
        return opk_str_eq(text_of(claude, value), word);
    return value.len == word.len + 2 && value.data[0] == '"' &&
           opk_str_starts(opk_str_skip(value, 1), word);
}

static enum opk_status read_block(struct claude *claude, const struct opk_claude_block *block,
                                  struct opk_err *err)
{
    const struct opk_str type = block->values[OPK_CLAUDE_BLOCK_TYPE];

    if (is_string(claude, type, OPK_STR("tool_use")))
        return read_tool_use(claude, block, err);
    if (is_string(claude, type, OPK_STR("tool_result")))
        return read_tool_result(claude, block, err);
    return read_user_text(claude, block->values[OPK_CLAUDE_BLOCK_TEXT], err);
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

static enum opk_status read_record(struct claude *claude, struct opk_err *err)
{
    const struct opk_claude_record *record = &claude->record;
    enum opk_status status = OPK_OK;

    if (!opk_rfc3339_parse(text_of(claude, record->values[OPK_CLAUDE_TIMESTAMP]), &claude->time))
        claude->time = OPK_UNKNOWN;
    if (record->content.len > 0)
        status = read_user_text(claude, record->content, err);
    for (size_t i = 0; status == OPK_OK && i < record->block_count; i++) {
        struct opk_err bad;
        status = read_block(claude, &record->blocks[i], &bad);
        if (status == OPK_E_SYNTAX) { /* a value that was trusted: the block is lost */
            tell_line(claude, status, bad.message);
            status = OPK_OK;
        } else if (status != OPK_OK && err) {
            *err = bad;
        }
    }
    if (status == OPK_OK && record->has_more)
        tell_line(claude, OPK_E_LIMIT, "a message has too many blocks");
    return status == OPK_OK ? opk_arena_check(&claude->arena, err) : status;
}

/* After a crash a file may end in zero bytes. */
static struct opk_str without_padding(struct opk_str line)
{
    while (line.len > 0 && (line.data[line.len - 1] == '\0' || line.data[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/*
 * The records of a line: mostly one, two where a newline got lost. A line is
 * trusted until its brackets or quotes do not balance; then every byte of it is checked. Damage is
 * told once a line, and reading goes on with the next thing that begins like an object, at most two
 * bytes before the place where the damage was noticed: that is where a record cut short runs into
 * the next one.
 */
static enum opk_status read_line(struct claude *claude, struct opk_str line, struct opk_err *err)
{
    bool is_told = false;
    bool trusts = true;

    for (line = opk_str_trim(line); line.len > 0; line = opk_str_trim(line)) {
        struct opk_err bad;
        size_t len = 0;
        enum opk_status status = opk_claude_record_read(&claude->record, line, trusts, &len, &bad);
        if (status == OPK_OK) {
            status = read_record(claude, err);
            if (status != OPK_OK)
                return status;
            line = opk_str_skip(line, len);
            continue;
        }
        if (status == OPK_E_NOMEM) {
            if (err)
                *err = bad;
            return status;
        }
        if (trusts) {
            trusts = false;
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
        if (!opk_claude_may_matter(line)) {
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
    opk_ids_done(&claude->seen);
    opk_claude_record_done(&claude->record);
    opk_arena_done(&claude->arena);
    opk_buf_done(&claude->head);
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
    *out_state = claude;
    return OPK_OK;
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
