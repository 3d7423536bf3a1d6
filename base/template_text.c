/* The filters of text and numbers, and the methods of strings. */
#include "base/template_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static int digit_of(char c)
{
    if (opk_is_digit(c))
        return c - '0';
    return opk_is_alpha(c) ? opk_to_lower(c) - 'a' + 10 : 99;
}

/* Python's int(text, base): blanks around, a sign, a prefix of the base, single "_" inside. */
static bool parse_int(struct opk_str text, int base, int64_t *out)
{
    int64_t value = 0;
    bool digit_before = false;

    text = opk_str_trim(text);
    bool negative = opk_str_starts(text, OPK_STR("-"));
    if (negative || opk_str_starts(text, OPK_STR("+")))
        text = opk_str_skip(text, 1);
    char prefix = base == 16 ? 'x' : base == 8 ? 'o' : base == 2 ? 'b' : '\0';
    if (prefix && text.len > 2 && text.data[0] == '0' && opk_to_lower(text.data[1]) == prefix)
        text = opk_str_skip(text, 2);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '_' && digit_before) {
            digit_before = false;
            continue;
        }
        int digit = digit_of(text.data[i]);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* downwards: INT64_MIN is read too */
            return false;
        digit_before = true;
    }
    if (!digit_before || (!negative && value == INT64_MIN))
        return false;
    *out = negative ? value : -value;
    return true;
}

/* The whole text as a float, cut to an integer. */
static bool parse_cut(struct opk_tcall const *call, struct opk_str text, int64_t *out)
{
    struct opk_str copy = opk_arena_copy(call->arena, opk_str_trim(text));
    char *end;
    double number = strtod(copy.data, &end);

    if (copy.len == 0 || *end || memchr(copy.data, 'x', copy.len) || !(fabs(number) < 0x1p63))
        return false;
    *out = (int64_t)number;
    return true;
}

static enum opk_status filter_int(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *value = &call->subject;
    int64_t base;
    int64_t found = 0;
    enum opk_status status = opk_tcall_int(call, 1, 10, &base);
    bool read = false;

    if (status != OPK_OK)
        return status;
    if (base < 2 || base > 36)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "'int' takes a base from 2 to 36");
    if (value->kind == OPK_TVAL_INT || value->kind == OPK_TVAL_BOOL) {
        found = value->kind == OPK_TVAL_INT ? value->integer : value->truth;
        read = true;
    } else if (value->kind == OPK_TVAL_FLOAT && fabs(value->number) < 0x1p63) {
        found = (int64_t)value->number;
        read = true;
    } else if (value->kind == OPK_TVAL_STRING) {
        read = parse_int(value->text, (int)base, &found) || parse_cut(call, value->text, &found);
    }
    *out = read || !call->args[0] ? opk_tval_int(read ? found : 0) : *call->args[0];
    return OPK_OK;
}

static enum opk_status filter_float(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *value = &call->subject;
    double number = 0;
    char *end = NULL;

    if (value->kind == OPK_TVAL_FLOAT) {
        number = value->number;
    } else if (value->kind == OPK_TVAL_INT || value->kind == OPK_TVAL_BOOL) {
        number = value->kind == OPK_TVAL_INT ? (double)value->integer : value->truth;
    } else if (value->kind == OPK_TVAL_STRING) {
        struct opk_str copy = opk_arena_copy(call->arena, opk_str_trim(value->text));
        number = strtod(copy.data, &end);
    }
    bool unread = value->kind < OPK_TVAL_BOOL || value->kind > OPK_TVAL_STRING ||
                  (end && (*end || opk_str_trim(value->text).len == 0));
    *out = (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = unread ? 0.0 : number};
    if (unread && call->args[0])
        *out = *call->args[0];
    return OPK_OK;
}

static enum opk_status filter_abs(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = call->subject;
    if (out->kind == OPK_TVAL_FLOAT) {
        out->number = fabs(out->number);
    } else if (out->kind == OPK_TVAL_INT && out->integer != INT64_MIN) {
        out->integer = out->integer < 0 ? -out->integer : out->integer;
    } else if (out->kind == OPK_TVAL_BOOL) {
        *out = opk_tval_int(out->truth);
    } else {
        return opk_tcall_wrong_type(call, &call->subject);
    }
    return OPK_OK;
}

/* To a number of decimals, ties to even in the decimal digits, as Python rounds. */
static double round_common(double number, int64_t precision)
{
    char text[400];

    if (precision < 0)
        return nearbyint(number / pow(10, (double)-precision)) * pow(10, (double)-precision);
    (void)snprintf(text, sizeof(text), "%.*f", (int)precision, number);
    return strtod(text, NULL);
}

static enum opk_status filter_round(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str method = opk_tcall_text(call, 1, OPK_STR("common"));
    const struct opk_tval *value = &call->subject;
    int64_t precision;
    enum opk_status status = opk_tcall_int(call, 0, 0, &precision);

    if (status != OPK_OK)
        return status;
    if (value->kind != OPK_TVAL_INT && value->kind != OPK_TVAL_FLOAT)
        return opk_tcall_wrong_type(call, value);
    if (precision < -20 || precision > 20)
        return opk_fail(call->err, OPK_E_INVALID, call->place,
                        "'round' takes a precision from -20 to 20");
    *out = *value;
    if (opk_str_eq(method, OPK_STR("common")) && value->kind == OPK_TVAL_INT && precision >= 0)
        return OPK_OK;
    double number = value->kind == OPK_TVAL_INT ? (double)value->integer : value->number;
    double scale = pow(10, (double)precision);
    if (opk_str_eq(method, OPK_STR("common")))
        number = isfinite(number) ? round_common(number, precision) : number;
    else if (opk_str_eq(method, OPK_STR("ceil")))
        number = ceil(number * scale) / scale;
    else if (opk_str_eq(method, OPK_STR("floor")))
        number = floor(number * scale) / scale;
    else
        return opk_fail(call->err, OPK_E_INVALID, call->place,
                        "'round' takes the method common, ceil or floor");
    *out = opk_str_eq(method, OPK_STR("common")) && value->kind == OPK_TVAL_INT
               ? opk_tval_int((int64_t)number)
               : (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = number};
    return OPK_OK;
}

/* ---- escaping ---- */

static enum opk_status filter_escape(const struct opk_tcall *call, struct opk_tval *out)
{
    static const char *const NAMES[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
    static const char BYTES[] = "&<>'\"";
    struct opk_str text = opk_tval_text(call->arena, &call->subject);
    struct opk_buf escaped = OPK_BUF_EMPTY;

    for (size_t i = 0; i < text.len; i++) {
        const char *found = text.data[i] ? strchr(BYTES, text.data[i]) : NULL;
        if (found)
            opk_buf_append_cstr(&escaped, NAMES[found - BYTES]);
        else
            opk_buf_append_byte(&escaped, text.data[i]);
    }
    return opk_tcall_give(call, &escaped, out);
}

/* A string for JSON within HTML: ASCII alone, and no mark of HTML. */
static void json_string(struct opk_str text, struct opk_buf *out)
{
    static const char SHORT[] = "\"\\\n\r\t\b\f";
    static const char LETTERS[] = "\"\\nrtbf";

    opk_buf_append_byte(out, '"');
    while (text.len > 0) {
        uint32_t code;
        size_t len = opk_utf8_decode(text, &code);
        const char *found = code && code < 0x80 ? strchr(SHORT, (int)code) : NULL;
        if (found)
            opk_buf_printf(out, "\\%c", LETTERS[found - SHORT]);
        else if (code > 0xFFFF)
            opk_buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (code >> 10)),
                           (unsigned)(0xDC00 + (code & 0x3FF)));
        else if (code < 0x20 || code > 0x7E || strchr("<>&'", (int)code))
            opk_buf_printf(out, "\\u%04x", (unsigned)code);
        else
            opk_buf_append_byte(out, (char)code);
        text = opk_str_skip(text, len);
    }
    opk_buf_append_byte(out, '"');
}

static void json_break(int64_t indent, unsigned depth, struct opk_buf *out)
{
    if (indent < 0)
        return;
    opk_buf_append_byte(out, '\n');
    opk_buf_append_fill(out, ' ', (size_t)indent * depth);
}

static enum opk_status json_value(const struct opk_tcall *call, const struct opk_tval *value,
                                  int64_t indent, unsigned depth, struct opk_buf *out);

/* The keys of a mapping in their order. */
static enum opk_status json_collection(const struct opk_tcall *call, const struct opk_tval *value,
                                       int64_t indent, unsigned depth, struct opk_buf *out)
{
    struct opk_tval sorted = *value;
    struct opk_tval keys;
    bool is_map = value->kind == OPK_TVAL_MAP;
    enum opk_status status = OPK_OK;

    if (is_map && value->count > 0) {
        status = opk_tcall_sort(call, value->keys, value->items, value->count, false, &sorted);
        if (status == OPK_OK)
            status = opk_tcall_sort(call, value->keys, value->keys, value->count, false, &keys);
    }
    opk_buf_append_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < value->count && status == OPK_OK; i++) {
        if (i > 0)
            opk_buf_append_cstr(out, indent < 0 ? ", " : ",");
        json_break(indent, depth + 1, out);
        if (is_map) {
            json_string(keys.items[i].text, out);
            opk_buf_append_cstr(out, ": ");
        }
        status = json_value(call, &sorted.items[i], indent, depth + 1, out);
    }
    if (value->count > 0)
        json_break(indent, depth, out);
    opk_buf_append_byte(out, is_map ? '}' : ']');
    return status;
}

/* Recursion is bounded by the depth that a document may have, and of expressions that make lists.
 */
static enum opk_status json_value(const struct opk_tcall *call, const struct opk_tval *value,
                                  int64_t indent, unsigned depth, struct opk_buf *out)
{
    switch (value->kind) {
    case OPK_TVAL_UNDEFINED:
        return opk_tcall_wrong_type(call, value);
    case OPK_TVAL_NONE:
        opk_buf_append_cstr(out, "null");
        return OPK_OK;
    case OPK_TVAL_BOOL:
        opk_buf_append_cstr(out, value->truth ? "true" : "false");
        return OPK_OK;
    case OPK_TVAL_INT:
    case OPK_TVAL_FLOAT:
        opk_tval_print(value, out);
        return OPK_OK;
    case OPK_TVAL_STRING:
        json_string(value->text, out);
        return OPK_OK;
    case OPK_TVAL_SEQ:
    case OPK_TVAL_MAP:
        break;
    }
    return json_collection(call, value, indent, depth, out);
}

static enum opk_status filter_tojson(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    int64_t indent;
    enum opk_status status = opk_tcall_int(call, 0, -1, &indent);

    if (status == OPK_OK && indent > 64)
        status = opk_fail(call->err, OPK_E_INVALID, call->place,
                          "'tojson' indents by at most 64 blanks");
    if (status == OPK_OK)
        status = json_value(call, &call->subject, indent, 0, &text);
    if (status == OPK_OK)
        return opk_tcall_give(call, &text, out);
    opk_buf_done(&text);
    return status;
}

/* ---- lines of a width ---- */

struct wrap {
    size_t width; /* in characters */
    bool break_long;
    bool break_hyphens;
    struct opk_str glue;
    struct opk_buf out;
    struct opk_buf line;
    size_t line_width;
    size_t last_begin; /* of the last piece on the line, in bytes */
    bool any;          /* a line of this paragraph was written */
};

static size_t width_of(struct opk_str text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return width;
}

/* Letters as Python's \w has them, near enough: a byte beyond ASCII is one. */
static bool is_letter(struct opk_str text, size_t at)
{
    return at < text.len && (opk_is_alpha(text.data[at]) || (unsigned char)text.data[at] >= 0x80);
}

static bool is_word(struct opk_str text, size_t at)
{
    return is_letter(text, at) ||
           (at < text.len && (opk_is_digit(text.data[at]) || text.data[at] == '_'));
}

static bool is_word_or_mark(struct opk_str text, size_t at)
{
    return is_word(text, at) ||
           (at < text.len && text.data[at] && strchr("!\"'&.,?", text.data[at]));
}

/* May a line break behind the hyphen at a place: between letters, as in "well-known". */
static bool breaks_after(struct opk_str text, size_t start, size_t at)
{
    bool before = (at >= start + 2 && is_letter(text, at - 1) && is_letter(text, at - 2)) ||
                  (at >= start + 3 && is_word_or_mark(text, at - 1) && text.data[at - 2] == '-' &&
                   is_letter(text, at - 3));
    size_t next = at + 1;

    if (!before || !is_letter(text, next))
        return false;
    while (next + 1 < text.len && ((unsigned char)text.data[next + 1] & 0xC0) == 0x80)
        next++;
    next++;
    return is_letter(text, next) ||
           (next < text.len && text.data[next] == '-' && is_letter(text, next + 1));
}

/* A dash of two or more hyphens between words: its length, or 0. */
static size_t dash_at(struct opk_str text, size_t at)
{
    size_t len = 0;

    while (at + len < text.len && text.data[at + len] == '-')
        len++;
    return len >= 2 && at > 0 && is_word_or_mark(text, at - 1) && is_word(text, at + len) ? len : 0;
}

/* The next piece that is not broken: blanks, a dash, or a word up to where it may break. */
static size_t piece_end(const struct wrap *wrap, struct opk_str text, size_t from)
{
    size_t at = from;

    if (opk_is_space(text.data[at])) {
        while (at < text.len && opk_is_space(text.data[at]))
            at++;
        return at;
    }
    if (wrap->break_hyphens && dash_at(text, from))
        return from + dash_at(text, from);
    for (at++; at < text.len && !opk_is_space(text.data[at]); at++) {
        if (!wrap->break_hyphens)
            continue;
        if (dash_at(text, at))
            return at;
        if (text.data[at - 1] == '-' && breaks_after(text, from, at - 1))
            return at;
    }
    return at;
}

static void end_line(struct wrap *wrap)
{
    struct opk_str line = opk_buf_str(&wrap->line);

    /* One piece of blanks is dropped from the end, no more: so does Python. */
    if (opk_str_trim(opk_str_skip(line, wrap->last_begin)).len == 0)
        line.len = wrap->last_begin;
    if (line.len > 0) {
        if (wrap->any)
            opk_buf_append(&wrap->out, wrap->glue);
        opk_buf_append(&wrap->out, line);
        wrap->any = true;
    }
    wrap->out.failed = wrap->out.failed || wrap->line.failed; /* clear forgets it */
    opk_buf_clear(&wrap->line);
    wrap->line_width = 0;
    wrap->last_begin = 0;
}

/* The bytes of the first count characters. */
static size_t bytes_of(struct opk_str text, size_t count)
{
    size_t at = 0;

    for (; count > 0 && at < text.len; count--) {
        at++;
        while (at < text.len && ((unsigned char)text.data[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

static void put_piece(struct wrap *wrap, struct opk_str piece)
{
    wrap->last_begin = wrap->line.len;
    opk_buf_append(&wrap->line, piece);
    wrap->line_width += width_of(piece);
}

/* Where a piece that is too long for any line is cut: at the room that is left, or a hyphen. */
static size_t cut_of(const struct wrap *wrap, struct opk_str piece, size_t room)
{
    size_t end = bytes_of(piece, room);
    size_t hyphen = opk_str_rfind_byte(opk_str_slice(piece, 0, end), '-');
    size_t first = 0;

    while (first < end && piece.data[first] == '-')
        first++;
    return wrap->break_hyphens && hyphen != OPK_NPOS && first < hyphen ? hyphen + 1 : end;
}

static void add_piece(struct wrap *wrap, struct opk_str piece)
{
    bool blank = opk_is_space(piece.data[0]);

    while (piece.len > 0) {
        size_t width = width_of(piece);
        size_t room = wrap->width - wrap->line_width;
        if (blank && wrap->line_width == 0 && wrap->any)
            return;
        if (width <= room) {
            put_piece(wrap, piece);
            return;
        }
        if (width > wrap->width && (wrap->break_long || wrap->line_width == 0)) {
            size_t len = wrap->break_long ? cut_of(wrap, piece, room) : piece.len;
            put_piece(wrap, opk_str_slice(piece, 0, len));
            piece = opk_str_skip(piece, len);
        }
        end_line(wrap);
    }
}

static void wrap_paragraph(struct wrap *wrap, struct opk_str text)
{
    wrap->any = false;
    for (size_t at = 0; at < text.len;) {
        size_t end = piece_end(wrap, text, at);
        add_piece(wrap, opk_str_slice(text, at, end));
        at = end;
    }
    end_line(wrap);
}

/* wordwrap(width, break_long_words, wrapstring, break_on_hyphens) */
static enum opk_status filter_wordwrap(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str text = opk_tval_text(call->arena, &call->subject);
    struct wrap wrap = {.break_long = !call->args[1] || opk_tcall_truth(call, 1),
                        .break_hyphens = !call->args[3] || opk_tcall_truth(call, 3),
                        .glue = opk_tcall_text(call, 2, OPK_STR("\n"))};
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;
    int64_t width;
    enum opk_status status = opk_tcall_int(call, 0, 79, &width);

    if (status != OPK_OK)
        return status;
    if (width < 1)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "'wordwrap' takes a width above 0");
    wrap.width = (size_t)width;
    if (opk_str_ends(text, OPK_STR("\n"))) /* lines, each ended: none begins behind the last end */
        lines.rest.len--;
    for (bool first = true; text.len > 0 && opk_split_next(&lines, &line); first = false) {
        if (!first)
            opk_buf_append_byte(&wrap.out, '\n');
        wrap_paragraph(&wrap, line);
    }
    opk_buf_done(&wrap.line);
    return opk_tcall_give(call, &wrap.out, out);
}

/* ---- methods of strings ---- */

/* The subject of a method of strings. */
static enum opk_status need_string(const struct opk_tcall *call)
{
    return call->subject.kind == OPK_TVAL_STRING ? OPK_OK
                                                 : opk_tcall_wrong_type(call, &call->subject);
}

static enum opk_status fold_string(const struct opk_tcall *call, enum opk_folding folding,
                                   struct opk_tval *out)
{
    enum opk_status status = need_string(call);

    return status == OPK_OK ? opk_tcall_fold(call, folding, out) : status;
}

static enum opk_status method_lower(const struct opk_tcall *call, struct opk_tval *out)
{
    return fold_string(call, OPK_FOLD_LOWER, out);
}

static enum opk_status method_upper(const struct opk_tcall *call, struct opk_tval *out)
{
    return fold_string(call, OPK_FOLD_UPPER, out);
}

static enum opk_status method_capitalize(const struct opk_tcall *call, struct opk_tval *out)
{
    return fold_string(call, OPK_FOLD_CAPITAL, out);
}

/* Every run of letters begins with a capital: another rule than that of the filter. */
static enum opk_status method_title(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str text = call->subject.text;
    struct opk_buf folded = OPK_BUF_EMPTY;
    enum opk_status status = need_string(call);

    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool begins = i == 0 || !opk_is_alpha(text.data[i - 1]);
        opk_buf_append_byte(&folded, begins ? opk_to_upper(c) : opk_to_lower(c));
    }
    return opk_tcall_give(call, &folded, out);
}

static enum opk_status strip(const struct opk_tcall *call, bool left, bool right,
                             struct opk_tval *out)
{
    struct opk_str text = call->subject.text;
    struct opk_str chars = opk_tcall_text(call, 0, OPK_STR(" \t\n\r\v\f"));
    enum opk_status status = need_string(call);

    if (status != OPK_OK)
        return status;
    while (left && text.len > 0 && opk_str_find_byte(chars, text.data[0], 0) != OPK_NPOS)
        text = opk_str_skip(text, 1);
    while (right && text.len > 0 &&
           opk_str_find_byte(chars, text.data[text.len - 1], 0) != OPK_NPOS)
        text.len--;
    *out = opk_tval_string(text);
    return OPK_OK;
}

static enum opk_status method_strip(const struct opk_tcall *call, struct opk_tval *out)
{
    return strip(call, true, true, out);
}

static enum opk_status method_lstrip(const struct opk_tcall *call, struct opk_tval *out)
{
    return strip(call, true, false, out);
}

static enum opk_status method_rstrip(const struct opk_tcall *call, struct opk_tval *out)
{
    return strip(call, false, true, out);
}

static enum opk_status method_startswith(const struct opk_tcall *call, struct opk_tval *out)
{
    enum opk_status status = need_string(call);

    if (status == OPK_OK)
        *out = opk_tval_bool(
            opk_str_starts(call->subject.text, opk_tcall_text(call, 0, OPK_STR_EMPTY)));
    return status;
}

static enum opk_status method_endswith(const struct opk_tcall *call, struct opk_tval *out)
{
    enum opk_status status = need_string(call);

    if (status == OPK_OK)
        *out =
            opk_tval_bool(opk_str_ends(call->subject.text, opk_tcall_text(call, 0, OPK_STR_EMPTY)));
    return status;
}

/* The next word of a text that is split at blanks. */
static struct opk_str next_word(struct opk_str *rest, bool all)
{
    size_t end = 0;

    while (rest->len > 0 && opk_is_space(rest->data[0]))
        *rest = opk_str_skip(*rest, 1);
    while (end < rest->len && (all || !opk_is_space(rest->data[end])))
        end++;
    struct opk_str word = opk_str_slice(*rest, 0, end);
    *rest = opk_str_skip(*rest, end);
    return word;
}

/* split(separator, most): at blanks where no separator is given. */
static enum opk_status method_split(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str rest = call->subject.text;
    struct opk_str separator = opk_tcall_text(call, 0, OPK_STR_EMPTY);
    bool at_blanks = !call->args[0] || call->args[0]->kind == OPK_TVAL_NONE;
    int64_t most;
    enum opk_status status = need_string(call);

    if (status == OPK_OK)
        status = opk_tcall_int(call, 1, -1, &most);
    if (status == OPK_OK && !at_blanks && separator.len == 0)
        status = opk_fail(call->err, OPK_E_INVALID, call->place, "the separator is empty");
    if (status != OPK_OK)
        return status;
    struct opk_tval *parts = opk_arena_array(call->arena, rest.len + 2, sizeof(*parts));
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = parts};
    if (!parts)
        return opk_arena_check(call->arena, call->err);
    while (at_blanks && opk_str_trim(rest).len > 0) {
        bool all = most >= 0 && out->count >= (uint64_t)most;
        parts[out->count++] = opk_tval_string(next_word(&rest, all));
    }
    while (!at_blanks) {
        size_t end =
            most >= 0 && out->count >= (uint64_t)most ? OPK_NPOS : opk_str_find(rest, separator, 0);
        parts[out->count++] = opk_tval_string(opk_str_slice(rest, 0, end));
        if (end == OPK_NPOS)
            break;
        rest = opk_str_skip(rest, end + separator.len);
    }
    return OPK_OK;
}

/* As the filter join, with the glue as the subject; its items are strings. */
static enum opk_status method_join(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_tval items;
    enum opk_status status = need_string(call);

    if (status != OPK_OK)
        return status;
    if (!opk_tval_items(call->arena, call->args[0], &items))
        return opk_tcall_wrong_type(call, call->args[0]);
    for (size_t i = 0; i < items.count && status == OPK_OK; i++) {
        if (items.items[i].kind != OPK_TVAL_STRING)
            status = opk_tcall_wrong_type(call, &items.items[i]);
        if (i > 0)
            opk_buf_append(&text, call->subject.text);
        opk_buf_append(&text, items.items[i].text);
    }
    if (status == OPK_OK)
        return opk_tcall_give(call, &text, out);
    opk_buf_done(&text);
    return status;
}

static const struct opk_tfunction FILTERS[] = {
    {"abs", {NULL}, 0, false, filter_abs},
    {"e", {NULL}, 0, false, filter_escape},
    {"escape", {NULL}, 0, false, filter_escape},
    {"float", {"default"}, 0, false, filter_float},
    {"int", {"default", "base"}, 0, false, filter_int},
    {"round", {"precision", "method"}, 0, false, filter_round},
    {"tojson", {"indent"}, 0, false, filter_tojson},
    {"wordwrap",
     {"width", "break_long_words", "wrapstring", "break_on_hyphens"},
     0,
     false,
     filter_wordwrap},
};

static const struct opk_tfunction METHODS[] = {
    {"capitalize", {NULL}, 0, false, method_capitalize},
    {"endswith", {"suffix"}, 1, false, method_endswith},
    {"join", {"iterable"}, 1, false, method_join},
    {"lower", {NULL}, 0, false, method_lower},
    {"lstrip", {"chars"}, 0, false, method_lstrip},
    {"rstrip", {"chars"}, 0, false, method_rstrip},
    {"split", {"sep", "maxsplit"}, 0, false, method_split},
    {"startswith", {"prefix"}, 1, false, method_startswith},
    {"strip", {"chars"}, 0, false, method_strip},
    {"title", {NULL}, 0, false, method_title},
    {"upper", {NULL}, 0, false, method_upper},
};

const struct opk_tfunctions OPK_TFILTERS_OF_TEXT = {FILTERS, sizeof(FILTERS) / sizeof(FILTERS[0])};
const struct opk_tfunctions OPK_TMETHODS_OF_TEXT = {METHODS, sizeof(METHODS) / sizeof(METHODS[0])};
