#include "base/yaml_scalar.h"

#include "base/out.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIMPLE_KEY_MAX 1024 /* bytes of a key, or of what may be taken for one */

static const char *const NULLS[] = {"null", "Null", "NULL"};
static const char *const TRUES[] = {"true", "True", "TRUE"};
static const char *const FALSES[] = {"false", "False", "FALSE"};
static const char *const INFINITIES[] = {".inf", ".Inf", ".INF"};
static const char *const NANS[] = {".nan", ".NaN", ".NAN"};

/* Other words that YAML 1.1 gives a type, in any case. */
static const char *const OLD_WORDS[] = {"yes",   "no",   "on",   "off",  "y", "n", "true",
                                        "false", "null", ".inf", ".nan", "=", "<<"};

#define OLD_WORD_MAX 5 /* bytes of the longest */

static bool is_one_of(struct opk_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_eq(text, opk_str_of(words[i])))
            return true;
    }
    return false;
}

#define IS_ONE_OF(text, words) is_one_of((text), (words), sizeof(words) / sizeof((words)[0]))

static struct opk_str skip_sign(struct opk_str text)
{
    return text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? opk_str_skip(text, 1)
                                                                        : text;
}

/* How many bytes of text, from a place, are digits of a base (up to 10), or an extra byte. */
static size_t digits(struct opk_str text, size_t at, int base, char extra)
{
    size_t from = at;

    while (at < text.len) {
        int value = opk_hex_value(text.data[at]);
        if ((value < 0 || value >= base) && (!extra || text.data[at] != extra))
            break;
        at++;
    }
    return at - from;
}

/* Digits after a two-byte prefix, and nothing else. */
static bool is_based(struct opk_str text, const char *prefix, int base, char extra)
{
    return text.len > 2 && opk_str_starts(text, opk_str_of(prefix)) &&
           digits(text, 2, base, extra) == text.len - 2;
}

/* [0-9]* . [0-9]* with an exponent, at least one digit; out_whole: digits only. */
static bool is_decimal(struct opk_str text, char extra, bool *out_whole)
{
    size_t before = digits(text, 0, 10, extra);
    size_t at = before;
    size_t after = 0;

    if (at < text.len && text.data[at] == '.') {
        after = digits(text, at + 1, 10, extra);
        at += 1 + after;
    }
    *out_whole = at == before;
    if (before + after == 0)
        return false;
    if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        *out_whole = false;
        at++;
        if (at < text.len && (text.data[at] == '-' || text.data[at] == '+'))
            at++;
        size_t exponent = digits(text, at, 10, extra);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == text.len;
}

/* A number's value as far as a double reaches; text is a view, strtod wants a C string. */
static double value_of(struct opk_str text, int base)
{
    char digits_of[64];
    double value = 0;

    if (base == 10 && text.len < sizeof(digits_of)) {
        memcpy(digits_of, text.data, text.len);
        digits_of[text.len] = '\0';
        return strtod(digits_of, NULL);
    }
    if (base != 10) {
        for (size_t i = 2; i < text.len; i++)
            value = value * base + opk_hex_value(text.data[i]);
        return value;
    }
    char *copy = malloc(text.len + 1);
    if (!copy)
        return NAN;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    value = strtod(copy, NULL);
    free(copy);
    return value;
}

static enum opk_node_kind number(struct opk_node *out, enum opk_node_kind kind, double value)
{
    out->number = value;
    return kind;
}

static enum opk_node_kind resolve_word(struct opk_str text, struct opk_node *out)
{
    out->truth = IS_ONE_OF(text, TRUES);
    if (IS_ONE_OF(text, NULLS))
        return OPK_NODE_NULL;
    return out->truth || IS_ONE_OF(text, FALSES) ? OPK_NODE_BOOL : OPK_NODE_STRING;
}

static enum opk_node_kind resolve_number(struct opk_str text, struct opk_node *out)
{
    struct opk_str body = skip_sign(text);
    bool whole;

    if (is_based(text, "0x", 16, 0))
        return number(out, OPK_NODE_INT, value_of(text, 16));
    if (is_based(text, "0o", 8, 0))
        return number(out, OPK_NODE_INT, value_of(text, 8));
    if (is_decimal(body, 0, &whole))
        return number(out, whole ? OPK_NODE_INT : OPK_NODE_FLOAT, value_of(text, 10));
    if (IS_ONE_OF(body, INFINITIES))
        return number(out, OPK_NODE_FLOAT, text.data[0] == '-' ? -INFINITY : INFINITY);
    if (IS_ONE_OF(text, NANS))
        return number(out, OPK_NODE_FLOAT, NAN);
    return OPK_NODE_STRING;
}

/* What words and numbers begin with; most texts are strings, which their first byte tells. */
enum opk_node_kind opk_yaml_resolve(struct opk_str text, struct opk_node *out)
{
    out->number = 0;
    out->truth = false;
    if (text.len == 0)
        return OPK_NODE_NULL;
    switch (text.data[0]) {
    case '~':
        return text.len == 1 ? OPK_NODE_NULL : OPK_NODE_STRING;
    case 'n':
    case 'N':
    case 't':
    case 'T':
        return text.len == 4 ? resolve_word(text, out) : OPK_NODE_STRING;
    case 'f':
    case 'F':
        return text.len == 5 ? resolve_word(text, out) : OPK_NODE_STRING;
    case '+':
    case '-':
    case '.':
        return resolve_number(text, out);
    default:
        return opk_is_digit(text.data[0]) ? resolve_number(text, out) : OPK_NODE_STRING;
    }
}

/* 190:20:30 and 190:20:30.15, numbers to the base of 60 in YAML 1.1. */
static bool is_sexagesimal(struct opk_str text)
{
    size_t at = digits(text, 0, 10, '_');
    bool any = false;

    while (at > 0 && at + 1 < text.len && text.data[at] == ':') {
        size_t part = digits(text, at + 1, 10, 0);
        if (part == 0 || part > 2)
            return false;
        at += 1 + part;
        any = true;
    }
    if (any && at < text.len && text.data[at] == '.')
        at += 1 + digits(text, at + 1, 10, '_');
    return any && at == text.len;
}

/* yyyy-m-d, whatever follows it: a date of YAML 1.1, or close enough to be read as one. */
static bool is_date(struct opk_str text)
{
    if (digits(text, 0, 10, 0) != 4 || text.len < 8 || text.data[4] != '-')
        return false;
    size_t month = digits(text, 5, 10, 0);
    size_t day_at = 5 + month + 1;
    if (month == 0 || month > 2 || day_at >= text.len || text.data[day_at - 1] != '-')
        return false;
    size_t day = digits(text, day_at, 10, 0);
    size_t end = day_at + day;
    return day > 0 && day <= 2 && (end == text.len || strchr("Tt \t", text.data[end]));
}

bool opk_yaml_is_string(struct opk_str text)
{
    struct opk_str body = skip_sign(text);
    struct opk_node node;
    bool whole;

    if (opk_yaml_resolve(text, &node) != OPK_NODE_STRING)
        return false;
    for (size_t i = 0; body.len <= OLD_WORD_MAX && i < sizeof(OLD_WORDS) / sizeof(OLD_WORDS[0]);
         i++) {
        if (opk_str_eq_nocase(body, opk_str_of(OLD_WORDS[i])))
            return false;
    }
    if (body.len > 0 && !opk_is_digit(body.data[0]) && body.data[0] != '.')
        return true;
    return !is_decimal(body, '_', &whole) && !is_based(body, "0x", 16, '_') &&
           !is_based(body, "0X", 16, '_') && !is_based(body, "0b", 2, '_') &&
           !is_based(body, "0o", 8, '_') && !is_sexagesimal(body) && !is_date(text);
}

/* A character that every reader takes as it stands, and that a person can see. */
static bool is_visible(uint32_t c)
{
    if (c < 0xA0)
        return c >= 0x20 && c < 0x7F;
    return c != 0xFEFF && c != 0x2028 && c != 0x2029 && c != 0xFFFD &&
           !(c >= 0x200B && c <= 0x200F) && !(c >= 0x202A && c <= 0x202E) &&
           !(c >= 0x2060 && c <= 0x206F) && (c & 0xFFFE) != 0xFFFE &&
           !(c >= 0xE0000 && c < 0xE0080);
}

static bool is_shown(struct opk_str text, const char *also)
{
    while (text.len > 0) {
        uint32_t c;
        size_t len = opk_utf8_decode(text, &c);
        if (!is_visible(c) && !(c != 0 && c < 0x80 && strchr(also, (int)c)))
            return false;
        text = opk_str_skip(text, len);
    }
    return true;
}

bool opk_yaml_fits_plain(struct opk_str text, bool in_flow)
{
    if (text.len == 0 || (in_flow && text.len >= SIMPLE_KEY_MAX) || !is_shown(text, ""))
        return false;
    char first = text.data[0];
    char second = text.len > 1 ? text.data[1] : ' ';
    if (strchr(" ,[]{}#&*!|>'\"%@`", first) || text.data[text.len - 1] == ' ')
        return false;
    if (strchr("-?:", first) && (second == ' ' || in_flow))
        return false;
    if (opk_str_starts(text, OPK_STR("---")) || opk_str_starts(text, OPK_STR("...")))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        char next = i + 1 < text.len ? text.data[i + 1] : ' ';
        if ((c == ':' && (next == ' ' || in_flow)) || (c == ' ' && next == '#'))
            return false;
        if (in_flow && strchr(",[]{}?", c))
            return false;
    }
    return true;
}

bool opk_yaml_fits_single(struct opk_str text)
{
    return is_shown(text, "\t") && text.len < SIMPLE_KEY_MAX;
}

bool opk_yaml_fits_block(struct opk_str text, enum opk_node_style style)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    if (text.len == 0 || opk_is_space(text.data[0]) || !is_shown(text, "\n\t"))
        return false;
    while (opk_split_next(&lines, &line)) {
        bool blank_start = line.len > 0 && opk_is_blank(line.data[0]);
        /* Folding leaves lines alone that begin with a blank; those are written literally. */
        if (style == OPK_STYLE_FOLDED && blank_start)
            return false;
        if (blank_start && opk_str_trim(line).len == 0)
            return false;
    }
    return true;
}

void opk_yaml_write_string(struct opk_buf *out, struct opk_str text, enum opk_node_style style,
                           bool in_flow)
{
    if (style == OPK_STYLE_SINGLE && opk_yaml_fits_single(text)) {
        opk_buf_append_byte(out, '\'');
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] == '\'')
                opk_buf_append_byte(out, '\'');
            opk_buf_append_byte(out, text.data[i]);
        }
        opk_buf_append_byte(out, '\'');
        return;
    }
    if (style != OPK_STYLE_SINGLE && style != OPK_STYLE_DOUBLE &&
        opk_yaml_fits_plain(text, in_flow) && opk_yaml_is_string(text))
        opk_buf_append(out, text);
    else
        opk_out_yaml_quoted(out, text);
}

/* The line ends that a text ends in. */
static size_t count_tail(struct opk_str text)
{
    size_t count = 0;

    while (count < text.len && text.data[text.len - 1 - count] == '\n')
        count++;
    return count;
}

void opk_yaml_write_block_header(struct opk_buf *out, struct opk_str text,
                                 enum opk_node_style style)
{
    size_t tail = count_tail(text);

    opk_buf_append_byte(out, style == OPK_STYLE_FOLDED ? '>' : '|');
    if (tail != 1)
        opk_buf_append_byte(out, tail == 0 ? '-' : '+');
}

void opk_yaml_write_block_lines(struct opk_buf *out, struct opk_str text, enum opk_node_style style,
                                size_t indent, struct opk_str eol)
{
    size_t tail = count_tail(text);
    struct opk_split lines = OPK_SPLIT(opk_str_slice(text, 0, text.len - tail), '\n');
    struct opk_str line;
    bool after_text = false;

    assert(opk_yaml_fits_block(text, style));
    while (opk_split_next(&lines, &line)) {
        /* A folded line end between two lines of text is a blank; two are one line end. */
        if (style == OPK_STYLE_FOLDED && after_text && line.len > 0)
            opk_buf_append(out, eol);
        after_text |= line.len > 0;
        opk_buf_append(out, eol);
        if (line.len > 0)
            opk_buf_append_fill(out, ' ', indent);
        opk_buf_append(out, line);
    }
    for (; tail > 1; tail--)
        opk_buf_append(out, eol);
}
