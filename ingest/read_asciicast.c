/* asciinema's asciicasts: versions 2 and 3 line by line, version 1 as one object. */
#include "base/json.h"
#include "ingest/capture_reader.h"
#include "ingest/lines.h"
#include "ingest/readers.h"
#include "ingest/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_MAX ((size_t)16 << 20) /* bytes of an event's line */
#define WHOLE_MAX ((size_t)64 << 20) /* bytes of a version 1 file */

enum field {
    VERSION,
    WIDTH,
    HEIGHT,
    TERM,
    TIMESTAMP,
    ENV,
    STDOUT,
    FIELD_COUNT,
};

static const char *const FIELDS[FIELD_COUNT] = {
    [VERSION] = "version",     [WIDTH] = "width", [HEIGHT] = "height", [TERM] = "term",
    [TIMESTAMP] = "timestamp", [ENV] = "env",     [STDOUT] = "stdout",
};

struct cast {
    struct opk_capture_reader reader; /* first: state is one */
    struct opk_lines lines;
    struct opk_json json; /* of the event at hand, for its scratch buffer */
    struct opk_buf whole; /* owned; version 1 */
    uint64_t version;     /* 0: the header was not read yet */
    double clock;         /* seconds since the start, versions 1 and 3 */
    int64_t start;        /* milliseconds */
    bool told;            /* one damaged event stands for all */
};

/* A number's text as a double; 0 for anything else. */
static double number_of(struct opk_str text)
{
    char digits[64];

    if (text.len == 0 || text.len >= sizeof(digits))
        return 0;
    memcpy(digits, text.data, text.len);
    digits[text.len] = '\0';
    const double value = strtod(digits, NULL);
    return isfinite(value) ? value : 0;
}

/* Seconds as milliseconds, within what the record can hold. */
static int64_t milliseconds_of(double seconds)
{
    const double most = 1e14;
    const double value = seconds * 1000;

    if (value > most || value < -most)
        return value < 0 ? (int64_t)-most : (int64_t)most;
    return (int64_t)(value + (value < 0 ? -0.5 : 0.5));
}

static unsigned size_of(struct opk_str text)
{
    const double value = number_of(text);

    return value >= 1 && value <= 65535 ? (unsigned)value : 0;
}

static bool is_object(struct opk_str value)
{
    return value.len > 0 && value.data[0] == '{';
}

/* The shell of the env object; an arena of its own, for the text may have escapes. */
static enum opk_status read_env(struct cast *cast, struct opk_str env, struct opk_err *err)
{
    static const char *const NAMES[] = {"SHELL"};
    struct opk_arena arena = {0};
    struct opk_str value;
    struct opk_str shell;

    if (!is_object(env))
        return OPK_OK;
    enum opk_status status = opk_json_pick(env, NAMES, 1, &value, err);
    if (status == OPK_OK)
        status = opk_json_text(value, &arena, &shell, err);
    if (status == OPK_OK)
        status = opk_capture_reader_set_shell(&cast->reader, shell, err);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status read_header(struct cast *cast, struct opk_str text,
                                   struct opk_str *out_stdout, struct opk_err *err)
{
    static const char *const SIZES[] = {"cols", "rows"};
    struct opk_str values[FIELD_COUNT];
    struct opk_str size[2];
    enum opk_status status = opk_json_pick(text, FIELDS, FIELD_COUNT, values, err);

    if (status != OPK_OK)
        return status;
    if (!opk_str_to_u64(values[VERSION], &cast->version) || cast->version < 1 || cast->version > 3)
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_AT_LINE(NULL, 1),
                        "asciicast of version '%.*s'; 1, 2 and 3 are read",
                        OPK_STR_FMT(opk_str_slice(values[VERSION], 0, 20)));
    size[0] = values[WIDTH];
    size[1] = values[HEIGHT];
    if (cast->version == 3 && is_object(values[TERM])) {
        status = opk_json_pick(values[TERM], SIZES, 2, size, err);
        if (status != OPK_OK)
            return status;
    }
    opk_terminal_resize(cast->reader.terminal, size_of(size[0]), size_of(size[1]));
    cast->reader.has_clock = number_of(values[TIMESTAMP]) > 0;
    cast->start = milliseconds_of(number_of(values[TIMESTAMP]));
    *out_stdout = values[STDOUT];
    return read_env(cast, values[ENV], err);
}

/* "120x40" */
static void resize(struct cast *cast, struct opk_str text)
{
    const size_t cross = opk_str_find_byte(text, 'x', 0);

    if (cross != OPK_NPOS)
        opk_terminal_resize(cast->reader.terminal, size_of(opk_str_slice(text, 0, cross)),
                            size_of(opk_str_skip(text, cross + 1)));
}

/* Read another value with the buffer of the last one. */
static void begin(struct cast *cast, struct opk_str text)
{
    const struct opk_buf scratch = cast->json.scratch;

    opk_json_init(&cast->json, text);
    cast->json.scratch = scratch;
}

/* The next token of an event, which must be of this kind. */
static enum opk_status want(struct cast *cast, enum opk_json_token token, struct opk_err *err)
{
    enum opk_status status = opk_json_next(&cast->json, err);

    if (status == OPK_OK && cast->json.token != token)
        status =
            opk_fail(err, OPK_E_SYNTAX, OPK_NOWHERE, "an event is [seconds, \"code\", \"data\"]");
    return status;
}

static enum opk_status take_output(struct cast *cast, double seconds, uint64_t at,
                                   struct opk_err *err)
{
    return opk_terminal_push(cast->reader.terminal, cast->json.value,
                             cast->start + milliseconds_of(seconds), at, err);
}

/* An event of version 2 or 3: [seconds, "code", "data"]. */
static enum opk_status read_event(struct cast *cast, struct opk_str line, struct opk_err *err)
{
    char code;
    uint64_t value;

    begin(cast, line);
    enum opk_status status = want(cast, OPK_JSON_ARRAY, err);
    if (status == OPK_OK)
        status = want(cast, OPK_JSON_NUMBER, err);
    if (status != OPK_OK)
        return status;
    const double seconds = number_of(cast->json.value);
    cast->clock = cast->version == 3 ? cast->clock + seconds : seconds;
    status = want(cast, OPK_JSON_STRING, err);
    if (status != OPK_OK)
        return status;
    code = cast->json.value.len == 1 ? cast->json.value.data[0] : '\0';
    if (code != 'o' && code != 'r' && code != 'x')
        return OPK_OK;
    status = want(cast, OPK_JSON_STRING, err);
    if (status != OPK_OK)
        return status;
    if (code == 'r')
        resize(cast, cast->json.value);
    else if (code == 'x' && opk_str_to_u64(cast->json.value, &value) && value <= INT32_MAX)
        cast->reader.exit_status = (int64_t)value;
    else if (code == 'o')
        status = take_output(cast, cast->clock, cast->lines.line, err);
    return status;
}

/* The events of version 1: [[seconds since the last one, "data"], ...]. */
static enum opk_status read_stdout(struct cast *cast, struct opk_str events, struct opk_err *err)
{
    begin(cast, events);
    enum opk_status status = want(cast, OPK_JSON_ARRAY, err);
    for (uint64_t at = 1; status == OPK_OK; at++) {
        status = opk_json_next(&cast->json, err);
        if (status != OPK_OK || cast->json.token == OPK_JSON_ARRAY_END)
            break;
        status = want(cast, OPK_JSON_NUMBER, err);
        if (status != OPK_OK)
            break;
        cast->clock += number_of(cast->json.value);
        status = want(cast, OPK_JSON_STRING, err);
        if (status == OPK_OK)
            status = take_output(cast, cast->clock, at, err);
        if (status == OPK_OK)
            status = want(cast, OPK_JSON_ARRAY_END, err);
    }
    return status == OPK_OK ? OPK_END : status;
}

/* Version 1 is one object over many lines. */
static enum opk_status read_whole(struct cast *cast, struct opk_err *err)
{
    struct opk_str chunk;
    struct opk_str events = OPK_STR_EMPTY;
    enum opk_status status;

    while ((status = opk_stream_read(cast->reader.input.stream, &chunk, err)) == OPK_OK) {
        if (chunk.len > WHOLE_MAX - cast->whole.len)
            return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                            "an asciicast of version 1 larger than %zu bytes", WHOLE_MAX);
        opk_buf_append(&cast->whole, chunk);
    }
    if (status == OPK_END)
        status = opk_buf_check(&cast->whole, err);
    if (status == OPK_OK)
        status = read_header(cast, opk_buf_str(&cast->whole), &events, err);
    return status == OPK_OK ? read_stdout(cast, events, err) : status;
}

static void tell_damage(struct cast *cast, struct opk_err *err)
{
    if (cast->told)
        return;
    cast->told = true;
    err->line = cast->lines.line;
    opk_notes_tell(&cast->reader.input.notes, err);
}

static enum opk_status feed(void *state, struct opk_err *err)
{
    struct cast *cast = state;
    struct opk_str line;
    struct opk_str ignored;

    if (cast->version == 1)
        return read_whole(cast, err);
    enum opk_status status = opk_lines_next(&cast->lines, &line, err);
    if (status != OPK_OK)
        return status;
    line = opk_str_trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return OPK_OK;
    if (cast->version == 0)
        return read_header(cast, line, &ignored, err);
    status = read_event(cast, line, err);
    if (status == OPK_E_SYNTAX || status == OPK_E_LIMIT || status == OPK_END) {
        tell_damage(cast, err);
        status = OPK_OK;
    }
    return status;
}

/* Which of the fields an object that may be cut has, and the raw value of its version. */
struct header {
    bool has[FIELD_COUNT];
    struct opk_str version;
};

static struct header look_at_header(struct opk_str text)
{
    struct header header = {.version = OPK_STR_EMPTY};
    struct opk_json json;

    opk_json_init(&json, text);
    while (opk_json_next(&json, NULL) == OPK_OK) {
        struct opk_span span;
        size_t field = 0;
        if (json.token != OPK_JSON_KEY)
            continue;
        while (field < FIELD_COUNT && !opk_str_eq(json.value, opk_str_of(FIELDS[field])))
            field++;
        if (field < FIELD_COUNT)
            header.has[field] = true;
        if (opk_json_skip(&json, &span, NULL) != OPK_OK)
            break;
        if (field == VERSION)
            header.version = opk_str_slice(text, span.begin, span.end);
    }
    opk_json_done(&json);
    return header;
}

/* A version alone says little: the fields beside it must be those of its header. */
static bool sniff(struct opk_str head, struct opk_str path)
{
    static const struct {
        const char *version;
        enum field beside;
    } VERSIONS[] = {{"1", STDOUT}, {"2", WIDTH}, {"3", TERM}};

    (void)path;
    if (!is_object(opk_str_trim(head)))
        return false;
    const struct header header = look_at_header(opk_str_trim(head));
    for (size_t i = 0; i < sizeof(VERSIONS) / sizeof(VERSIONS[0]); i++) {
        if (opk_str_eq(header.version, opk_str_of(VERSIONS[i].version)))
            return header.has[VERSIONS[i].beside];
    }
    return false;
}

static void close_cast(void *state)
{
    struct cast *cast = state;

    if (!cast)
        return;
    opk_capture_reader_done(&cast->reader);
    opk_lines_done(&cast->lines);
    opk_json_done(&cast->json);
    opk_buf_done(&cast->whole);
    free(cast);
}

static enum opk_status open_cast(const struct opk_input *input, void **out_state,
                                 struct opk_err *err)
{
    struct cast *cast = calloc(1, sizeof(*cast));
    struct opk_str head;

    if (!cast)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for an asciicast");
    opk_json_init(&cast->json, OPK_STR_EMPTY);
    opk_lines_init(&cast->lines, input, EVENT_MAX);
    enum opk_status status = opk_capture_reader_init(&cast->reader, input, err);
    if (status == OPK_OK)
        status = opk_stream_peek(input->stream, OPK_SNIFF_BYTES, &head, err);
    if (status != OPK_OK) {
        close_cast(cast);
        return status;
    }
    if (opk_str_eq(look_at_header(opk_str_trim(head)).version, OPK_STR("1")))
        cast->version = 1;
    *out_state = cast;
    return OPK_OK;
}

static enum opk_status next(void *state, struct opk_command *out_command, struct opk_err *err)
{
    struct cast *cast = state;

    return opk_capture_reader_next(&cast->reader, feed, cast, out_command, err);
}

const struct opk_reader opk_reader_asciicast = {
    .name = "asciicast",
    .summary = "asciinema recordings, versions 1 to 3",
    .sniff = sniff,
    .open = open_cast,
    .next = next,
    .close = close_cast,
};
