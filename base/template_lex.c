/* Cut a template into tokens; blanks around tags are settled here, as Jinja2 does it. */
#include "base/template_impl.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct lexer {
    struct opk_arena *arena;
    struct opk_ttokens *tokens;
    struct opk_place place;
    struct opk_str text;
    size_t at;
    size_t counted; /* line is that of this byte */
    uint64_t line;
    bool line_starting; /* the last tag ended with a newline, or none came yet */
    struct opk_err *err;
};

static uint64_t line_of(struct lexer *lexer, size_t at)
{
    for (; lexer->counted < at; lexer->counted++)
        lexer->line += lexer->text.data[lexer->counted] == '\n';
    return lexer->line;
}

/* For errors, which may point back behind what line_of has counted. */
static struct opk_place place_of(const struct lexer *lexer, size_t at)
{
    uint64_t line = lexer->place.line;

    for (size_t i = 0; i < at; i++)
        line += lexer->text.data[i] == '\n';
    return OPK_AT_LINE(lexer->place.path, line);
}

static enum opk_status add(struct lexer *lexer, enum opk_ttoken_kind kind, struct opk_str text,
                           size_t at)
{
    struct opk_ttokens *tokens = lexer->tokens;
    struct opk_ttoken *grown =
        opk_grow(tokens->items, &tokens->cap, tokens->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(lexer->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a template");
    tokens->items = grown;
    tokens->items[tokens->count++] = (struct opk_ttoken){kind, text, line_of(lexer, at)};
    return OPK_OK;
}

static char peek(const struct lexer *lexer, size_t ahead)
{
    return lexer->at + ahead < lexer->text.len ? lexer->text.data[lexer->at + ahead] : '\0';
}

static bool at_str(const struct lexer *lexer, const char *what)
{
    return opk_str_starts(opk_str_skip(lexer->text, lexer->at), opk_str_of(what));
}

static void skip_space(struct lexer *lexer)
{
    while (lexer->at < lexer->text.len && opk_is_space(lexer->text.data[lexer->at]))
        lexer->at++;
}

/* Past a closing mark: "-" eats all blanks, "+" nothing, trim_blocks one newline. */
static void close_tag(struct lexer *lexer, char sign, bool trims)
{
    size_t before = lexer->at;

    if (sign == '-')
        skip_space(lexer);
    else if (sign != '+' && trims && peek(lexer, 0) == '\n')
        lexer->at++;
    lexer->line_starting = lexer->at > before && lexer->text.data[lexer->at - 1] == '\n';
}

/* Text before a tag, without what "-" or lstrip_blocks take from its end. */
static enum opk_status add_data(struct lexer *lexer, size_t begin, size_t end, char sign,
                                bool is_block)
{
    struct opk_str data = opk_str_slice(lexer->text, begin, end);

    if (sign == '-') {
        data = opk_str_trim_end(data);
    } else if (sign != '+' && is_block) {
        size_t newline = opk_str_rfind_byte(data, '\n');
        size_t start = newline == OPK_NPOS ? 0 : newline + 1;
        if ((start > 0 || lexer->line_starting) && opk_str_trim(opk_str_skip(data, start)).len == 0)
            data.len = start;
    }
    return data.len ? add(lexer, OPK_TTOKEN_DATA, data, begin) : OPK_OK;
}

static char take_sign(struct lexer *lexer)
{
    char sign = peek(lexer, 0);

    if (sign != '-' && sign != '+')
        return '\0';
    lexer->at++;
    return sign;
}

static enum opk_status lex_comment(struct lexer *lexer, size_t open)
{
    size_t end = opk_str_find(lexer->text, OPK_STR("#}"), lexer->at);

    if (end == OPK_NPOS)
        return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, open),
                        "this comment has no closing #}");
    char sign = end > lexer->at ? lexer->text.data[end - 1] : '\0';
    lexer->at = end + 2;
    close_tag(lexer, sign, true);
    return OPK_OK;
}

/* "{% word %}" at a place, with any signs: the end of the tag, or 0. */
static size_t word_tag(const struct lexer *lexer, size_t at, const char *word, char *out_sign,
                       char *out_close)
{
    struct lexer probe = *lexer;

    probe.at = at;
    if (!at_str(&probe, "{%"))
        return 0;
    probe.at += 2;
    *out_sign = take_sign(&probe);
    skip_space(&probe);
    if (!at_str(&probe, word))
        return 0;
    probe.at += strlen(word);
    skip_space(&probe);
    *out_close = take_sign(&probe);
    return at_str(&probe, "%}") ? probe.at + 2 : 0;
}

static enum opk_status lex_raw(struct lexer *lexer, size_t open, size_t body, char close)
{
    char sign;
    size_t end = body;
    size_t after = 0;

    lexer->at = body;
    close_tag(lexer, close, false);
    for (end = lexer->at; after == 0; end++) {
        end = opk_str_find(lexer->text, OPK_STR("{%"), end);
        if (end == OPK_NPOS)
            return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, open),
                            "this raw block has no endraw");
        after = word_tag(lexer, end, "endraw", &sign, &close);
        if (after)
            break;
    }
    enum opk_status status = add_data(lexer, lexer->at, end, sign, true);
    lexer->at = after;
    close_tag(lexer, close, true);
    return status;
}

static size_t unescape_code(struct opk_str rest, size_t digits, struct opk_buf *out)
{
    uint32_t code_point = 0;

    for (size_t i = 0; i < digits; i++) {
        int value = i + 1 < rest.len ? opk_hex_value(rest.data[i + 1]) : -1;
        if (value < 0)
            return 0;
        code_point = code_point << 4 | (uint32_t)value;
    }
    opk_buf_append_utf8(out, code_point);
    return digits + 1;
}

/* One escape after its backslash; returns the bytes read, 0 when it is none. */
static size_t unescape(struct opk_str rest, struct opk_buf *out)
{
    static const char FROM[] = "ntrabfv\\'\"";
    static const char TO[] = "\n\t\r\a\b\f\v\\'\"";
    const char *known = strchr(FROM, rest.data[0]);

    if (known && *known) {
        opk_buf_append_byte(out, TO[known - FROM]);
        return 1;
    }
    if (rest.data[0] == '\n')
        return 1;
    if (rest.data[0] == 'x')
        return unescape_code(rest, 2, out);
    return rest.data[0] == 'u' ? unescape_code(rest, 4, out) : 0;
}

static enum opk_status lex_string(struct lexer *lexer)
{
    struct opk_buf value = OPK_BUF_EMPTY;
    size_t open = lexer->at;
    char quote = lexer->text.data[open];
    size_t at = open + 1;

    for (; at < lexer->text.len && lexer->text.data[at] != quote; at++) {
        struct opk_str rest = opk_str_skip(lexer->text, at + 1);
        if (lexer->text.data[at] != '\\' || rest.len == 0) {
            opk_buf_append_byte(&value, lexer->text.data[at]);
            continue;
        }
        size_t read = unescape(rest, &value);
        if (read == 0) { /* Python keeps the backslash of what it does not know */
            opk_buf_append_byte(&value, '\\');
            opk_buf_append_byte(&value, rest.data[0]);
            read = 1;
        }
        at += read;
    }
    struct opk_str copy = opk_arena_copy(lexer->arena, opk_buf_str(&value));
    enum opk_status status = opk_buf_check(&value, lexer->err);
    opk_buf_done(&value);
    if (status != OPK_OK)
        return status;
    if (at >= lexer->text.len)
        return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, open),
                        "this string has no closing %c", quote);
    lexer->at = at + 1;
    return add(lexer, OPK_TTOKEN_STRING, copy, open);
}

static bool is_name_byte(char c)
{
    return opk_is_alnum(c) || c == '_';
}

static void skip_digits(struct lexer *lexer)
{
    while (opk_is_digit(peek(lexer, 0)))
        lexer->at++;
}

/* 12, 1.5, 1e20, 1.5e-3 */
static enum opk_ttoken_kind skip_number(struct lexer *lexer)
{
    enum opk_ttoken_kind kind = OPK_TTOKEN_INT;

    skip_digits(lexer);
    if (peek(lexer, 0) == '.' && opk_is_digit(peek(lexer, 1))) {
        kind = OPK_TTOKEN_FLOAT;
        lexer->at++;
        skip_digits(lexer);
    }
    size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
    if ((peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E') && opk_is_digit(peek(lexer, 1 + sign))) {
        kind = OPK_TTOKEN_FLOAT;
        lexer->at += 1 + sign;
        skip_digits(lexer);
    }
    return kind;
}

static enum opk_status lex_word(struct lexer *lexer)
{
    size_t open = lexer->at;
    enum opk_ttoken_kind kind = OPK_TTOKEN_NAME;

    if (opk_is_digit(peek(lexer, 0))) {
        kind = skip_number(lexer);
        if (is_name_byte(peek(lexer, 0)))
            return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, open),
                            "a number is followed by '%c'", peek(lexer, 0));
    } else {
        while (is_name_byte(peek(lexer, 0)))
            lexer->at++;
    }
    return add(lexer, kind, opk_str_slice(lexer->text, open, lexer->at), open);
}

static enum opk_status lex_operator(struct lexer *lexer)
{
    /* Longer ones first. */
    static const char *const OPERATORS[] = {"**", "//", "==", "!=", ">=", "<=", "+", "-", "*",
                                            "/",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                            "<",  ">",  "=",  ".",  ":",  "|",  ",", ";"};

    for (size_t i = 0; i < sizeof(OPERATORS) / sizeof(OPERATORS[0]); i++) {
        if (!at_str(lexer, OPERATORS[i]))
            continue;
        lexer->at += strlen(OPERATORS[i]);
        return add(lexer, OPK_TTOKEN_OP, opk_str_of(OPERATORS[i]), lexer->at - 1);
    }
    return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, lexer->at),
                    "unexpected byte 0x%02x in a tag",
                    (unsigned)(unsigned char)lexer->text.data[lexer->at]);
}

static enum opk_status lex_token(struct lexer *lexer)
{
    char c = lexer->text.data[lexer->at];

    if (c == '"' || c == '\'')
        return lex_string(lexer);
    return is_name_byte(c) ? lex_word(lexer) : lex_operator(lexer);
}

/* The inside of {{ }} or {% %}, up to its closing mark that is not within brackets. */
static enum opk_status lex_tag(struct lexer *lexer, size_t open, bool is_block)
{
    const char *close = is_block ? "%}" : "}}";
    size_t nesting = 0;
    enum opk_status status =
        add(lexer, is_block ? OPK_TTOKEN_BLOCK_BEGIN : OPK_TTOKEN_VAR_BEGIN, OPK_STR_EMPTY, open);

    while (status == OPK_OK) {
        skip_space(lexer);
        if (lexer->at >= lexer->text.len)
            return opk_fail(lexer->err, OPK_E_SYNTAX, place_of(lexer, open),
                            "this tag has no closing %s", close);
        char c = peek(lexer, 0);
        bool signed_close =
            (c == '-' || c == '+') && peek(lexer, 1) == close[0] && peek(lexer, 2) == close[1];
        if (nesting == 0 && (signed_close || at_str(lexer, close))) {
            size_t at = lexer->at;
            lexer->at += signed_close ? 3 : 2;
            close_tag(lexer, signed_close ? c : '\0', is_block);
            return add(lexer, is_block ? OPK_TTOKEN_BLOCK_END : OPK_TTOKEN_VAR_END, OPK_STR_EMPTY,
                       at);
        }
        nesting += c == '(' || c == '[' || c == '{';
        nesting -= (c == ')' || c == ']' || c == '}') && nesting > 0;
        status = lex_token(lexer);
    }
    return status;
}

/* The next "{{", "{%" or "{#" at or after a place. */
static size_t find_tag(struct opk_str text, size_t from)
{
    for (size_t at = from;; at++) {
        at = opk_str_find_byte(text, '{', at);
        if (at == OPK_NPOS || at + 1 >= text.len)
            return text.len;
        char c = text.data[at + 1];
        if (c == '{' || c == '%' || c == '#')
            return at;
    }
}

static enum opk_status lex_next(struct lexer *lexer)
{
    size_t begin = lexer->at;
    size_t open = find_tag(lexer->text, begin);
    char sign;
    char close;

    if (open == lexer->text.len) {
        lexer->at = open;
        return add_data(lexer, begin, open, '+', false);
    }
    size_t raw = word_tag(lexer, open, "raw", &sign, &close);
    char kind = lexer->text.data[open + 1];
    lexer->at = open + 2;
    if (!raw)
        sign = take_sign(lexer);
    enum opk_status status = add_data(lexer, begin, open, sign, kind != '{');
    lexer->line_starting = false;
    if (status != OPK_OK)
        return status;
    if (raw)
        return lex_raw(lexer, open, raw, close);
    return kind == '#' ? lex_comment(lexer, open) : lex_tag(lexer, open, kind == '%');
}

/* LF line ends, and one final newline less: what Jinja2 reads. */
static struct opk_str normalise(struct opk_arena *arena, struct opk_str text)
{
    char *bytes = opk_arena_alloc(arena, text.len + 1);
    size_t len = 0;

    if (!bytes)
        return OPK_STR_EMPTY;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\r' && i + 1 < text.len && text.data[i + 1] == '\n')
            continue;
        bytes[len++] = text.data[i];
        if (text.data[i] == '\r')
            bytes[len - 1] = '\n';
    }
    if (len > 0 && bytes[len - 1] == '\n')
        len--;
    return opk_str_bytes(bytes, len);
}

enum opk_status opk_template_lex(struct opk_arena *arena, struct opk_str text,
                                 struct opk_place place, struct opk_ttokens *out,
                                 struct opk_err *err)
{
    struct lexer lexer = {.arena = arena,
                          .tokens = out,
                          .place = place,
                          .line = place.line,
                          .line_starting = true,
                          .err = err};
    enum opk_status status = OPK_OK;

    if (text.len > OPK_TEMPLATE_BYTES_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(place.path),
                        "the template has %zu bytes; at most %zu are read", text.len,
                        OPK_TEMPLATE_BYTES_MAX);
    lexer.text = normalise(arena, text);
    while (status == OPK_OK && lexer.at < lexer.text.len)
        status = lex_next(&lexer);
    if (status == OPK_OK)
        status = opk_arena_check(arena, err);
    return status == OPK_OK ? add(&lexer, OPK_TTOKEN_EOF, OPK_STR_EMPTY, lexer.text.len) : status;
}
