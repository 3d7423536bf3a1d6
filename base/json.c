#include "base/json.h"

#include "base/out.h"
#include "base/scan.h"

#include <assert.h>
#include <string.h>

/* What may come next, in opk_json.state. */
enum {
    WANT_VALUE,        /* a value: at the start, after a key, after a comma in an array */
    WANT_KEY,          /* a key: after a comma in an object */
    WANT_VALUE_OR_END, /* right after [ */
    WANT_KEY_OR_END,   /* right after { */
    WANT_COMMA_OR_END, /* after a value inside a container */
    WANT_NOTHING,      /* after the value */
};

/* Whether a string's text is wanted, or its raw body will do. */
enum decode {
    DECODE,
    RAW,
};

static const struct opk_str BOM = OPK_STR_INIT("\xEF\xBB\xBF");

void opk_json_init(struct opk_json *json, struct opk_str text)
{
    *json = (struct opk_json){.text = text, .value = OPK_STR_EMPTY, .state = WANT_VALUE};
    if (opk_str_starts(text, BOM))
        json->at = BOM.len;
}

void opk_json_done(struct opk_json *json)
{
    opk_buf_done(&json->scratch);
}

static enum opk_status bad(const struct opk_json *json, const char *what, struct opk_err *err)
{
    return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE((uint64_t)json->at + 1), "%s", what);
}

/* The byte at json->at, or 0 at the end: no rule of the grammar accepts a NUL. */
static char look(const struct opk_json *json)
{
    return json->at < json->text.len ? json->text.data[json->at] : '\0';
}

static inline void skip_blanks(struct opk_json *json)
{
    while (json->at < json->text.len) {
        const char c = json->text.data[json->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return;
        json->at++;
    }
}

static void after_value(struct opk_json *json)
{
    json->state = json->depth > 0 ? WANT_COMMA_OR_END : WANT_NOTHING;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/*
 * The code point of \uXXXX, and of the low half behind a high one, whose escapes are known to be
 * right; the bytes of both. A lone surrogate is no code point, and is written as U+FFFD.
 */
static size_t read_unicode(struct opk_str body, size_t at, uint32_t *out_code_point)
{
    int32_t unit = opk_scan_hex4(body, at + 2);
    struct opk_str rest = opk_str_skip(body, at + 6);
    size_t len = 6;

    if (is_high_surrogate(unit) && rest.len >= 6 && opk_str_starts(rest, OPK_STR("\\u"))) {
        int32_t low = opk_scan_hex4(body, at + 8);
        if (is_low_surrogate(low)) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            len = 12;
        }
    }
    *out_code_point = (uint32_t)unit;
    return len;
}

/* Bytes without escapes: as they are, but for what is no UTF-8. */
static void append_run(struct opk_buf *out, struct opk_str run)
{
    if (opk_utf8_valid(run)) {
        opk_buf_append(out, run);
        return;
    }
    while (run.len > 0) {
        uint32_t code_point;
        run = opk_str_skip(run, opk_utf8_decode(run, &code_point));
        opk_buf_append_utf8(out, code_point);
    }
}

/* The text of a string's body, or the beginning of it that max bytes of the body hold. */
static void unescape(struct opk_buf *out, struct opk_str body, size_t max)
{
    size_t at = 0;

    while (at < body.len && at < max) {
        if (body.data[at] != '\\') {
            size_t end = opk_str_find_byte(opk_str_slice(body, 0, max), '\\', at);
            struct opk_str run = opk_str_slice(body, at, end < max ? end : max);
            append_run(out, run);
            at += run.len;
        } else if (body.data[at + 1] == 'u') {
            uint32_t code_point;
            at += read_unicode(body, at, &code_point);
            opk_buf_append_utf8(out, code_point);
        } else {
            opk_buf_append_byte(out, opk_scan_json_escape(body.data[at + 1]));
            at += 2;
        }
    }
}

/* Take the raw body of the string that begins at json->at, which then stands behind its quote. */
static enum opk_status scan_string(struct opk_json *json, struct opk_err *err)
{
    const size_t begin = json->at + 1;

    json->at = opk_scan_json_string(json->text, begin, &json->is_escaped);
    const char c = look(json);
    if (c == '"') {
        json->value = opk_str_slice(json->text, begin, json->at);
        json->at++;
        return OPK_OK;
    }
    if (json->at == json->text.len)
        return bad(json, "string without an end", err);
    if (c != '\\')
        return bad(json, "control character in a string", err);
    json->at++;
    return bad(json, "unknown escape in a string", err);
}

/* From the raw body at hand to its text: a plain body is its own text. */
static enum opk_status decode_string(struct opk_json *json, struct opk_err *err)
{
    const struct opk_str body = json->value;

    if (!json->is_escaped && opk_utf8_valid(body))
        return OPK_OK;
    opk_buf_clear(&json->scratch);
    unescape(&json->scratch, body, SIZE_MAX);
    json->value = opk_buf_str(&json->scratch);
    return opk_buf_check(&json->scratch, err);
}

static enum opk_status read_string(struct opk_json *json, enum decode decode, struct opk_err *err)
{
    enum opk_status status = scan_string(json, err);

    return status == OPK_OK && decode == DECODE ? decode_string(json, err) : status;
}

static bool skip_digits(struct opk_json *json)
{
    size_t begin = json->at;

    while (opk_is_digit(look(json)))
        json->at++;
    return json->at > begin;
}

static enum opk_status read_number(struct opk_json *json, struct opk_err *err)
{
    size_t begin = json->at;

    if (look(json) == '-')
        json->at++;
    if (look(json) == '0')
        json->at++;
    else if (!skip_digits(json))
        return bad(json, "a digit is missing", err);
    if (look(json) == '.') {
        json->at++;
        if (!skip_digits(json))
            return bad(json, "a digit is missing", err);
    }
    if (look(json) == 'e' || look(json) == 'E') {
        json->at++;
        if (look(json) == '+' || look(json) == '-')
            json->at++;
        if (!skip_digits(json))
            return bad(json, "a digit is missing", err);
    }
    json->token = OPK_JSON_NUMBER;
    json->value = opk_str_slice(json->text, begin, json->at);
    after_value(json);
    return OPK_OK;
}

static enum opk_status read_word(struct opk_json *json, struct opk_err *err)
{
    static const struct {
        struct opk_str word;
        enum opk_json_token token;
    } WORDS[] = {
        {OPK_STR_INIT("true"), OPK_JSON_TRUE},
        {OPK_STR_INIT("false"), OPK_JSON_FALSE},
        {OPK_STR_INIT("null"), OPK_JSON_NULL},
    };

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (!opk_str_starts(opk_str_skip(json->text, json->at), WORDS[i].word))
            continue;
        json->at += WORDS[i].word.len;
        json->token = WORDS[i].token;
        after_value(json);
        return OPK_OK;
    }
    return bad(json, json->at < json->text.len ? "no JSON value" : "the text ends too early", err);
}

static enum opk_status open_container(struct opk_json *json, char bracket, struct opk_err *err)
{
    if (json->depth == OPK_JSON_DEPTH_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_BYTE((uint64_t)json->at + 1),
                        "more than %d levels of brackets", OPK_JSON_DEPTH_MAX);
    json->open[json->depth++] = (unsigned char)bracket;
    json->at++;
    json->token = bracket == '{' ? OPK_JSON_OBJECT : OPK_JSON_ARRAY;
    json->state = bracket == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    return OPK_OK;
}

static void close_container(struct opk_json *json)
{
    json->depth--;
    json->token = json->open[json->depth] == '{' ? OPK_JSON_OBJECT_END : OPK_JSON_ARRAY_END;
    json->at++;
    json->token_end = json->at;
    after_value(json);
}

/* A byte of a number, or of true, false, null. */
static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' ||
           c == 'E';
}

/* Pass over a value that is taken to be well formed: only its end is looked for. */
static enum opk_status pass_over(struct opk_json *json, struct opk_err *err)
{
    const struct opk_str text = json->text;
    const char c = look(json);
    size_t end = json->at;

    if (c == '"')
        end = opk_scan_quote(text, json->at + 1) + 1;
    else if (c == '{' || c == '[')
        end = opk_scan_close(text, json->at + 1);
    else
        while (end < text.len && is_of_word(text.data[end]))
            end++;
    if (end > text.len) {
        json->at = text.len;
        return bad(json, c == '"' ? "string without an end" : "a bracket is not closed", err);
    }
    if (end == json->at)
        return bad(json, "no JSON value", err);
    json->at = end;
    after_value(json);
    return OPK_OK;
}

static enum opk_status read_value(struct opk_json *json, enum decode decode, struct opk_err *err)
{
    char c = look(json);
    enum opk_status status;

    if (c == '{' || c == '[') {
        status = open_container(json, c, err);
    } else if (c == '"') {
        status = read_string(json, decode, err);
        json->token = OPK_JSON_STRING;
        after_value(json);
    } else if (c == '-' || opk_is_digit(c)) {
        status = read_number(json, err);
    } else {
        status = read_word(json, err);
    }
    json->token_end = json->at;
    return status;
}

static enum opk_status read_key(struct opk_json *json, enum decode decode, struct opk_err *err)
{
    if (look(json) != '"')
        return bad(json, "a key is missing", err);
    enum opk_status status = read_string(json, decode, err);
    if (status != OPK_OK)
        return status;
    json->token_end = json->at;
    skip_blanks(json);
    if (look(json) != ':')
        return bad(json, "':' is missing", err);
    json->at++;
    json->token = OPK_JSON_KEY;
    json->state = WANT_VALUE;
    return OPK_OK;
}

/* Is the next byte the bracket that closes the innermost container? */
static bool at_close(const struct opk_json *json)
{
    return json->depth > 0 && look(json) == (json->open[json->depth - 1] == '{' ? '}' : ']');
}

static enum opk_status read_token(struct opk_json *json, enum decode decode, struct opk_err *err)
{
    skip_blanks(json);
    if (json->state == WANT_NOTHING)
        return json->at == json->text.len ? OPK_END : bad(json, "text after the value", err);
    if (json->state == WANT_COMMA_OR_END && !at_close(json)) {
        if (look(json) != ',')
            return bad(json, "',' or a closing bracket is missing", err);
        json->at++;
        skip_blanks(json);
        json->state = json->open[json->depth - 1] == '{' ? WANT_KEY : WANT_VALUE;
    }
    json->token_at = json->at;
    if (json->state >= WANT_VALUE_OR_END && at_close(json)) {
        close_container(json);
        return OPK_OK;
    }
    if (json->state == WANT_KEY || json->state == WANT_KEY_OR_END)
        return read_key(json, decode, err);
    return read_value(json, decode, err);
}

enum opk_status opk_json_next(struct opk_json *json, struct opk_err *err)
{
    return read_token(json, DECODE, err);
}

/* The same on trust, where a value comes next. */
static enum opk_status skip_on_trust(struct opk_json *json, struct opk_span *out_span,
                                     struct opk_err *err)
{
    const size_t begin = json->at;
    const enum opk_status status = pass_over(json, err);

    if (status == OPK_OK && out_span)
        *out_span = (struct opk_span){begin, json->at};
    return status;
}

enum opk_status opk_json_skip(struct opk_json *json, struct opk_span *out_span, struct opk_err *err)
{
    unsigned depth = json->depth;

    if (json->trusts && json->state == WANT_VALUE) {
        skip_blanks(json);
        return skip_on_trust(json, out_span, err);
    }
    enum opk_status status = read_token(json, RAW, err);
    size_t begin = json->token_at;

    while (status == OPK_OK && json->depth > depth)
        status = read_token(json, RAW, err);
    if (status == OPK_OK && out_span)
        *out_span = (struct opk_span){begin, json->at};
    return status;
}

char opk_json_peek(struct opk_json *json)
{
    skip_blanks(json);
    return look(json);
}

enum opk_status opk_json_leave(struct opk_json *json, struct opk_err *err)
{
    unsigned depth = json->depth;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && json->depth >= depth)
        status = read_token(json, RAW, err);
    return status;
}

static bool is_name(struct opk_str key, const char *name)
{
    size_t at = 0;

    while (at < key.len && name[at] != '\0' && name[at] == key.data[at])
        at++;
    return at == key.len && name[at] == '\0';
}

/*
 * Stand behind the colon of the next member, whose key is decoded where it has escapes; OPK_END
 * behind the object's end. What is no UTF-8 is none of our names.
 */
static enum opk_status next_key(struct opk_json *json, struct opk_err *err)
{
    const char c = opk_json_peek(json);

    if (c == '}' && json->state != WANT_KEY) {
        close_container(json);
        return OPK_END;
    }
    if (json->state == WANT_COMMA_OR_END) {
        if (c != ',')
            return bad(json, "',' or a closing bracket is missing", err);
        json->at++;
        skip_blanks(json);
    }
    json->token_at = json->at;
    enum opk_status status = read_key(json, RAW, err);
    if (status != OPK_OK || !json->is_escaped)
        return status;
    return decode_string(json, err);
}

static size_t name_index(struct opk_str key, const char *const *names, size_t count)
{
    const char first = key.len > 0 ? key.data[0] : '\0';
    size_t i = 0;

    while (i < count && (names[i][0] != first || !is_name(key, names[i])))
        i++;
    return i;
}

enum opk_status opk_json_member(struct opk_json *json, const char *const *names, size_t count,
                                size_t *out_index, struct opk_err *err)
{
    enum opk_status status;

    while ((status = next_key(json, err)) == OPK_OK) {
        *out_index = name_index(json->value, names, count);
        if (*out_index < count)
            return OPK_OK;
        status = opk_json_skip(json, NULL, err);
        if (status != OPK_OK)
            break;
    }
    return status;
}

static enum opk_status pick(struct opk_str object, bool trusts, const char *const *names,
                            size_t count, struct opk_str *out_values, struct opk_err *err)
{
    struct opk_json json;
    struct opk_span span;
    enum opk_status status;
    size_t name;

    opk_json_init(&json, object);
    json.trusts = trusts;
    status = opk_json_next(&json, err);
    if (status == OPK_OK && json.token != OPK_JSON_OBJECT)
        status = bad(&json, "no object", err);
    while (status == OPK_OK &&
           (status = opk_json_member(&json, names, count, &name, err)) == OPK_OK) {
        status = opk_json_skip(&json, &span, err);
        if (status == OPK_OK)
            out_values[name] = opk_str_slice(object, span.begin, span.end);
    }
    opk_json_done(&json);
    return status == OPK_END ? OPK_OK : status;
}

enum opk_status opk_json_pick(struct opk_str object, const char *const *names, size_t count,
                              struct opk_str *out_values, struct opk_err *err)
{
    for (size_t i = 0; i < count; i++)
        out_values[i] = OPK_STR_EMPTY;
    return pick(object, false, names, count, out_values, err);
}

enum opk_status opk_json_pick_again(struct opk_str value, const char *const *names, size_t count,
                                    struct opk_str *out_values, struct opk_err *err)
{
    for (size_t i = 0; i < count; i++)
        out_values[i] = OPK_STR_EMPTY;
    if (value.len == 0 || value.data[0] != '{')
        return OPK_OK;
    return pick(value, true, names, count, out_values, err);
}

/* What stands between the quotes of a raw string value. */
static struct opk_str body_of(struct opk_str value)
{
    return value.len >= 2 && value.data[0] == '"' ? opk_str_slice(value, 1, value.len - 1)
                                                  : OPK_STR_EMPTY;
}

enum opk_status opk_json_text(struct opk_str value, struct opk_arena *arena,
                              struct opk_str *out_text, struct opk_err *err)
{
    const struct opk_str body = body_of(value);
    struct opk_buf text = OPK_BUF_EMPTY;

    *out_text = body;
    if (opk_str_find_byte(body, '\\', 0) == OPK_NPOS && opk_utf8_valid(body))
        return OPK_OK;
    unescape(&text, body, SIZE_MAX);
    *out_text = opk_arena_copy(arena, opk_buf_str(&text));
    const bool failed = text.failed;
    opk_buf_done(&text);
    if (failed)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a text of JSON");
    return opk_arena_check(arena, err);
}

size_t opk_json_text_len(struct opk_str value)
{
    const struct opk_str body = body_of(value);
    size_t len = body.len;
    size_t letters;
    size_t unicode;

    opk_scan_json_escapes(body, &letters, &unicode);
    len -= letters;
    for (size_t at = 0; unicode > 0 && (at = opk_str_find_byte(body, '\\', at)) != OPK_NPOS;) {
        char bytes[4];
        uint32_t code_point;
        if (body.data[at + 1] != 'u') {
            at += 2;
            continue;
        }
        const size_t escape = read_unicode(body, at, &code_point);
        len -= escape - opk_utf8_encode(code_point, bytes);
        at += escape;
    }
    return len;
}

void opk_json_text_head(struct opk_str value, size_t max, struct opk_buf *out)
{
    opk_buf_clear(out);
    unescape(out, body_of(value), max);
}

static void before_value(struct opk_json_writer *writer)
{
    if (writer->comma)
        opk_buf_append_byte(writer->out, ',');
    writer->comma = true;
}

void opk_json_open(struct opk_json_writer *writer, char bracket)
{
    before_value(writer);
    opk_buf_append_byte(writer->out, bracket);
    writer->comma = false;
}

void opk_json_close(struct opk_json_writer *writer, char bracket)
{
    opk_buf_append_byte(writer->out, bracket);
    writer->comma = true;
}

void opk_json_key(struct opk_json_writer *writer, const char *key)
{
    opk_json_key_str(writer, opk_str_of(key));
}

void opk_json_key_str(struct opk_json_writer *writer, struct opk_str key)
{
    opk_json_string(writer, key);
    opk_buf_append_byte(writer->out, ':');
    writer->comma = false;
}

void opk_json_string(struct opk_json_writer *writer, struct opk_str text)
{
    before_value(writer);
    opk_out_json_string(writer->out, text);
}

void opk_json_number(struct opk_json_writer *writer, int64_t number)
{
    before_value(writer);
    opk_buf_printf(writer->out, "%lld", (long long)number);
}

void opk_json_bool(struct opk_json_writer *writer, bool truth)
{
    before_value(writer);
    opk_buf_append_cstr(writer->out, truth ? "true" : "false");
}

void opk_json_null(struct opk_json_writer *writer)
{
    before_value(writer);
    opk_buf_append_cstr(writer->out, "null");
}

void opk_json_raw(struct opk_json_writer *writer, struct opk_str json)
{
    before_value(writer);
    opk_buf_append(writer->out, json);
}
