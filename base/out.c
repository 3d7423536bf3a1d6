#include "base/out.h"

#include "base/scan.h"

#include <assert.h>
#include <string.h>

/* Ranges of code points that show nothing, or move what stands around them. */
static const struct {
    uint32_t first;
    uint32_t last;
} INVISIBLE[] = {
    {0x00AD, 0x00AD},    {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5},    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},    {0x2800, 0x2800},   {0x3164, 0x3164},   {0xFDD0, 0xFDEF},
    {0xFE00, 0xFE0F},    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0xE000, 0xF8FF},    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    {0xF0000, 0x10FFFF},
};

static bool is_invisible(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof(INVISIBLE) / sizeof(INVISIBLE[0]); i++) {
        if (code_point >= INVISIBLE[i].first && code_point <= INVISIBLE[i].last)
            return true;
    }
    return (code_point & 0xFFFE) == 0xFFFE; /* no character, at the end of each plane */
}

static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

void opk_out_terminal(struct opk_buf *out, struct opk_str text, bool keep_newlines)
{
    while (text.len > 0) {
        uint32_t code_point;
        size_t len = opk_utf8_decode(text, &code_point);
        unsigned char byte = (unsigned char)text.data[0];
        if (keep_newlines && (byte == '\n' || byte == '\t'))
            opk_buf_append_byte(out, (char)byte);
        else if (len == 1 && byte < 0x80 && is_control(byte))
            opk_buf_printf(out, "^%c", byte ^ 0x40);
        else if (len == 1 && byte >= 0x80)
            opk_buf_printf(out, "\\x%02X", byte);
        else if (is_control(code_point))
            opk_buf_printf(out, "\\x%02X", (unsigned)code_point);
        else if (is_invisible(code_point))
            opk_buf_printf(out, "<U+%04X>", (unsigned)code_point);
        else
            opk_buf_append(out, opk_str_slice(text, 0, len));
        text = opk_str_skip(text, len);
    }
}

/* A \u escape, or two for a code point past the basic plane. */
static void json_escape(struct opk_buf *out, uint32_t code_point)
{
    if (code_point >= 0x10000) {
        code_point -= 0x10000;
        opk_buf_printf(out, "\\u%04x", (unsigned)(0xD800U | code_point >> 10));
        code_point = 0xDC00U | (code_point & 0x3FFU);
    }
    opk_buf_printf(out, "\\u%04x", (unsigned)code_point);
}

/* The letter of a two-character escape that JSON and YAML share, or 0. */
static char short_escape(uint32_t code_point)
{
    switch (code_point) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* How many bytes at the front are printable ASCII that JSON leaves alone. */
static size_t ascii_run(struct opk_str text)
{
    size_t len = 0;

    while (len < text.len && text.data[len] >= ' ' && text.data[len] < 0x7F &&
           text.data[len] != '"' && text.data[len] != '\\')
        len++;
    return len;
}

/* Text as both formats have it between double quotes; what may not stand there goes to escape. */
static void append_quotable(struct opk_buf *out, struct opk_str text,
                            void (*escape)(struct opk_buf *, uint32_t))
{
    while (text.len > 0) {
        size_t harmless = ascii_run(text);
        if (harmless > 0) {
            opk_buf_append(out, opk_str_slice(text, 0, harmless));
            text = opk_str_skip(text, harmless);
            continue;
        }
        uint32_t code_point;
        size_t len = opk_utf8_decode(text, &code_point);
        char letter = short_escape(code_point);
        if (letter) {
            opk_buf_append_byte(out, '\\');
            opk_buf_append_byte(out, letter);
        } else if (is_control(code_point) || is_invisible(code_point)) {
            escape(out, code_point);
        } else {
            opk_buf_append_utf8(out, code_point);
        }
        text = opk_str_skip(text, len);
    }
}

void opk_out_json(struct opk_buf *out, struct opk_str text)
{
    append_quotable(out, text, json_escape);
}

void opk_out_json_string(struct opk_buf *out, struct opk_str text)
{
    opk_buf_append_byte(out, '"');
    opk_out_json(out, text);
    opk_buf_append_byte(out, '"');
}

/* Words that some YAML reads as something other than a string. */
static const char *const YAML_WORDS[] = {
    "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "=", "<<",
};

#define YAML_WORD_MAX 5

static bool is_yaml_word(struct opk_str text)
{
    if (text.len > YAML_WORD_MAX || !strchr("~nNtTfFyYoO.=<", text.data[0]))
        return false;
    for (size_t i = 0; i < sizeof(YAML_WORDS) / sizeof(YAML_WORDS[0]); i++) {
        if (opk_str_eq_nocase(text, opk_str_of(YAML_WORDS[i])))
            return true;
    }
    return false;
}

/* Starts like a number, a date, a time or a sign: quoted, whatever it turns out to be. */
static bool looks_numeric(struct opk_str text)
{
    size_t at = text.data[0] == '-' || text.data[0] == '+' ? 1 : 0;

    if (at < text.len && text.data[at] == '.')
        at++;
    if (at >= text.len || !opk_is_digit(text.data[at]))
        return at > 0;
    for (; at < text.len; at++) {
        if (!opk_is_xdigit(text.data[at]) && !strchr("+-.:_xoTtZz ", text.data[at]))
            return false;
    }
    return true;
}

/* What begins with a letter is no number; of those, only a short one may be a word. */
static bool begins_as_string(struct opk_str text)
{
    char first = text.data[0];

    if (opk_is_alpha(first) || first == '_' || first == '/')
        return !is_yaml_word(text);
    return !is_yaml_word(text) && !looks_numeric(text) && !strchr("-?:,[]{}#&*!|>'\"%@` ", first);
}

bool opk_out_yaml_is_plain(struct opk_str text)
{
    if (text.len == 0 || text.data[text.len - 1] == ' ' || !begins_as_string(text))
        return false;
    /* Path bytes may stand anywhere, whatever their neighbours are. */
    for (size_t i = opk_scan_path(text, 0); i < text.len; i = opk_scan_path(text, i + 1)) {
        char c = text.data[i];
        char next = i + 1 < text.len ? text.data[i + 1] : ' ';
        if (c < 0x20 || c > 0x7E || strchr(",[]{}\"\\", c))
            return false;
        if ((c == ':' && next == ' ') || (c == ' ' && next == '#'))
            return false;
    }
    return text.len < 1024;
}

void opk_out_yaml(struct opk_buf *out, struct opk_str text)
{
    if (opk_out_yaml_is_plain(text)) {
        opk_buf_append(out, text);
        return;
    }
    opk_out_yaml_quoted(out, text);
}

static void yaml_escape(struct opk_buf *out, uint32_t code_point)
{
    if (code_point < 0x100)
        opk_buf_printf(out, "\\x%02X", (unsigned)code_point);
    else
        opk_buf_printf(out, code_point < 0x10000 ? "\\u%04X" : "\\U%08X", (unsigned)code_point);
}

void opk_out_yaml_quoted(struct opk_buf *out, struct opk_str text)
{
    opk_buf_append_byte(out, '"');
    append_quotable(out, text, yaml_escape);
    opk_buf_append_byte(out, '"');
}

/* Could a word of eight bytes hold a control character, a backslash or a byte past ASCII? */
static bool may_need_escape(const char *bytes)
{
    static const uint64_t ONES = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    uint64_t slash = word ^ ('\\' * ONES);
    /* A borrow reaches the high bit of each byte that was too small. */
    return ((word | (word - ' ' * ONES) | (slash - ONES)) & (0x80 * ONES)) != 0;
}

void opk_out_tsv(struct opk_buf *out, struct opk_str text)
{
    size_t begin = 0; /* of what has not been appended yet */
    size_t at = 0;

    while (at < text.len) {
        if (text.len - at >= sizeof(uint64_t) && !may_need_escape(text.data + at)) {
            at += sizeof(uint64_t);
            continue;
        }
        char c = text.data[at++];
        if (c != '\\' && c != '\t' && c != '\n' && c != '\r')
            continue;
        opk_buf_append(out, opk_str_slice(text, begin, at - 1));
        opk_buf_append_byte(out, '\\');
        opk_buf_append_byte(out, short_escape((unsigned char)c));
        begin = at;
    }
    opk_buf_append(out, opk_str_skip(text, begin));
}

void opk_out_line(struct opk_buf *out, struct opk_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\\' || c == '\n') {
            opk_buf_append_byte(out, '\\');
            c = c == '\n' ? 'n' : c;
        }
        opk_buf_append_byte(out, c);
    }
}

void opk_out_markdown_code(struct opk_buf *out, struct opk_str text)
{
    size_t longest = 0;
    size_t run = 0;

    for (size_t i = 0; i < text.len; i++) {
        run = text.data[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    /* A space at both ends is taken off again, and a span must not be empty. */
    bool is_padded = longest > 0 || text.len == 0 || (text.data[0] == ' ' && text.len > 1);
    opk_buf_append_fill(out, '`', longest + 1);
    if (is_padded)
        opk_buf_append_byte(out, ' ');
    opk_out_terminal(out, text, false);
    if (is_padded && text.len > 0)
        opk_buf_append_byte(out, ' ');
    opk_buf_append_fill(out, '`', longest + 1);
}
