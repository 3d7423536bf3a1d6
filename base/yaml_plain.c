/*
 * The plainest YAML, read without libyaml: ASCII without tabs; mappings and lists in blocks; keys
 * of letters, digits and "_-./"; values of one line, plain or in quotes without escapes; lists of
 * such values in brackets; literal and folded texts without indentation indicators; comments.
 * libyaml takes a hundred instructions a byte, most of a sync; this takes a few.
 *
 * Anything else, and anything in doubt, ends in OPK_END: the caller reads the text anew. So a rule
 * here may be too narrow and costs time, but must never be too wide: a test holds every tree
 * against that of libyaml.
 */
#include "base/yaml_impl.h"

#include "base/buf.h"
#include "base/scan.h"

#include <string.h>

struct level {
    bool is_map;
    size_t column;
};

struct plain {
    struct opk_str text;
    char *kept;      /* a copy, in which a NUL ends each scalar that was told */
    size_t line;     /* first byte of the line that is read */
    size_t end;      /* its line end */
    uint64_t number; /* of the line, from 1 */
    struct opk_yaml_reader *reader;
    struct level levels[OPK_YAML_DEPTH_MAX];
    size_t depth;
    bool over;              /* there is no line left */
    bool began;             /* there is a root */
    bool waits;             /* the last key has no value yet */
    struct opk_buf block;   /* the text of a literal or folded scalar */
    enum opk_status status; /* sticky */
    struct opk_err *err;
};

static void leave(struct plain *p)
{
    if (p->status == OPK_OK)
        p->status = OPK_END;
}

static void tell(struct plain *p, const struct opk_yaml_event *event)
{
    if (p->status == OPK_OK)
        p->status = opk_yaml_take(p->reader, event, p->err);
}

/* A scalar on the line that is read: its text is what lies at inside, of which the byte behind is
 * no scalar's. */
static void tell_scalar(struct plain *p, struct opk_span span, struct opk_span inside,
                        enum opk_node_style style)
{
    p->kept[inside.end] = '\0';
    tell(p,
         &(const struct opk_yaml_event){.kind = OPK_YAML_SCALAR,
                                        .style = style,
                                        .span = span,
                                        .line = p->number,
                                        .column = span.begin - p->line + 1,
                                        .text = {p->kept + inside.begin, inside.end - inside.begin},
                                        .is_kept = true});
}

static void tell_open(struct plain *p, bool is_map, enum opk_node_style style, struct opk_span span)
{
    tell(p, &(const struct opk_yaml_event){.kind = is_map ? OPK_YAML_MAP : OPK_YAML_SEQ,
                                           .style = style,
                                           .span = span,
                                           .line = p->number,
                                           .column = span.begin - p->line + 1,
                                           .text = OPK_STR_EMPTY});
}

static void tell_close(struct plain *p, struct opk_span span)
{
    tell(p, &(const struct opk_yaml_event){
                .kind = OPK_YAML_CLOSE, .span = span, .text = OPK_STR_EMPTY});
}

static void open_block(struct plain *p, bool is_map, size_t at)
{
    if (p->depth == OPK_YAML_DEPTH_MAX) {
        leave(p);
        return;
    }
    p->levels[p->depth++] = (struct level){is_map, at - p->line};
    p->waits = false;
    tell_open(p, is_map, OPK_STYLE_BLOCK, (struct opk_span){at, at});
}

static void close_block(struct plain *p)
{
    p->depth--;
    tell_close(p, (struct opk_span){0, 0});
}

static char byte_at(const struct plain *p, size_t at)
{
    return p->text.data[at]; /* a line end stands at p->end */
}

static size_t skip_blanks(const struct plain *p, size_t at)
{
    while (byte_at(p, at) == ' ')
        at++;
    return at;
}

/* Is there nothing but blanks and a comment from here? */
static bool ends_line(const struct plain *p, size_t at)
{
    size_t next = skip_blanks(p, at);

    return next == p->end || (next > at && byte_at(p, next) == '#');
}

static bool is_dash(const struct plain *p, size_t at)
{
    return byte_at(p, at) == '-' && byte_at(p, at + 1) == ' ';
}

/* May a plain scalar begin so, whatever follows? */
static bool begins_plain(char c)
{
    return opk_is_alpha(c) || opk_is_digit(c) || c == '_' || c == '/' || c == '.' || c == '(' ||
           c == '~';
}

/* The colon behind a key that begins here, or OPK_NPOS. */
static size_t key_colon(const struct plain *p, size_t at)
{
    if (!opk_is_alpha(byte_at(p, at)) && !opk_is_digit(byte_at(p, at)) && byte_at(p, at) != '_')
        return OPK_NPOS;
    size_t colon = opk_scan_path(p->text, at); /* a line end is none */
    /* libyaml looks 1,024 characters back for the beginning of a key. */
    if (byte_at(p, colon) != ':' || colon - at > 1000)
        return OPK_NPOS;
    return colon + 1 == p->end || byte_at(p, colon + 1) == ' ' ? colon : OPK_NPOS;
}

/* A quoted scalar; the byte behind it, or OPK_NPOS. */
static size_t read_quoted(struct plain *p, size_t at)
{
    char quote = byte_at(p, at);
    size_t close = at + 1;

    while (close < p->end && byte_at(p, close) != quote &&
           (quote == '\'' || byte_at(p, close) != '\\'))
        close++;
    if (byte_at(p, close) != quote || byte_at(p, close + 1) == quote) {
        leave(p);
        return OPK_NPOS;
    }
    tell_scalar(p, (struct opk_span){at, close + 1}, (struct opk_span){at + 1, close},
                quote == '\'' ? OPK_STYLE_SINGLE : OPK_STYLE_DOUBLE);
    return close + 1;
}

static void tell_plain(struct plain *p, size_t at, size_t end)
{
    while (byte_at(p, end - 1) == ' ')
        end--;
    tell_scalar(p, (struct opk_span){at, end}, (struct opk_span){at, end}, OPK_STYLE_PLAIN);
}

/* An item of a list in brackets; where what follows it stands, or OPK_NPOS. */
static size_t read_flow_item(struct plain *p, size_t at)
{
    size_t end = at;

    if (byte_at(p, at) == '"' || byte_at(p, at) == '\'') {
        end = read_quoted(p, at);
        return end == OPK_NPOS ? OPK_NPOS : skip_blanks(p, end);
    }
    if (!opk_is_alpha(byte_at(p, at)) && !opk_is_digit(byte_at(p, at)))
        return OPK_NPOS;
    while (opk_is_path_byte(byte_at(p, end)) || byte_at(p, end) == ' ')
        end++;
    tell_plain(p, at, end);
    return end;
}

/* A list of scalars on one line, or an empty mapping. */
static void read_flow(struct plain *p, size_t at)
{
    bool is_map = byte_at(p, at) == '{';
    char close = is_map ? '}' : ']';
    size_t next = skip_blanks(p, at + 1);

    tell_open(p, is_map, OPK_STYLE_FLOW, (struct opk_span){at, at + 1});
    while (!is_map && byte_at(p, next) != close) {
        next = read_flow_item(p, next);
        if (next == OPK_NPOS || (byte_at(p, next) != ',' && byte_at(p, next) != close)) {
            leave(p);
            return;
        }
        if (byte_at(p, next) == close)
            break;
        next = skip_blanks(p, next + 1);
        if (byte_at(p, next) == close) {
            leave(p);
            return;
        }
    }
    if (byte_at(p, next) != close || !ends_line(p, next + 1)) {
        leave(p);
        return;
    }
    tell_close(p, (struct opk_span){next, next + 1});
}

/* Go to the next line; false at the end of the text. */
static bool next_line(struct plain *p)
{
    p->over = p->end + 1 == p->text.len;
    if (p->over)
        return false;
    p->line = p->end + 1;
    p->end = opk_str_find_byte(p->text, '\n', p->line);
    p->number++;
    return true;
}

/* A literal or folded text: its lines are taken, and the one behind them is the next. */
static void read_block_scalar(struct plain *p, size_t at)
{
    bool folded = byte_at(p, at) == '>';
    bool strip = byte_at(p, at + 1) == '-';
    size_t parent = p->levels[p->depth - 1].column;
    uint64_t number = p->number;
    uint64_t column_of_mark = at - p->line + 1;
    size_t indent = 0;
    size_t blanks = 0; /* lines since the last one of text */
    size_t end = at;

    opk_buf_clear(&p->block);
    if (!ends_line(p, at + 1 + strip)) {
        leave(p);
        return;
    }
    while (next_line(p)) {
        size_t first = skip_blanks(p, p->line);
        size_t column = first - p->line;
        if (first == p->end) {
            blanks++;
            if (column > 0 || indent == 0)
                leave(p);
            continue;
        }
        if (indent == 0 && column <= parent)
            break;
        if (indent == 0)
            indent = column;
        if (column < indent)
            break;
        if (folded && (column > indent || (end > at && blanks > 0)))
            leave(p);
        if (end > at)
            opk_buf_append_fill(&p->block, folded ? ' ' : '\n', blanks + 1);
        opk_buf_append(&p->block, opk_str_slice(p->text, p->line + indent, p->end));
        blanks = 0;
        end = p->end;
    }
    if (!strip)
        opk_buf_append_byte(&p->block, '\n');
    if (indent == 0 || p->block.failed)
        leave(p);
    tell(p, &(const struct opk_yaml_event){.kind = OPK_YAML_SCALAR,
                                           .style = folded ? OPK_STYLE_FOLDED : OPK_STYLE_LITERAL,
                                           .span = {at, end},
                                           .line = number,
                                           .column = column_of_mark,
                                           .text = opk_buf_str(&p->block)});
}

/* The next byte of this value on its line, from a place; the line's end when there is none. */
static size_t find_on_line(const struct plain *p, char c, size_t at)
{
    const char *found = memchr(p->text.data + at, c, p->end - at);

    return found ? (size_t)(found - p->text.data) : p->end;
}

/* A plain scalar of one line: the next line shows whether it goes on there. */
static void read_plain_scalar(struct plain *p, size_t at)
{
    size_t end = find_on_line(p, '#', at);

    while (end < p->end && byte_at(p, end - 1) != ' ')
        end = find_on_line(p, '#', end + 1);
    for (size_t colon = find_on_line(p, ':', at); colon < end;
         colon = find_on_line(p, ':', colon + 1)) {
        if (colon + 1 == p->end || byte_at(p, colon + 1) == ' ')
            leave(p);
    }
    tell_plain(p, at, end);
}

/* The value that begins here, on the line of its key or dash. True when it took the next lines. */
static bool read_value(struct plain *p, size_t at)
{
    char c = byte_at(p, at);
    size_t end;

    if (c == '"' || c == '\'') {
        end = read_quoted(p, at);
        if (end == OPK_NPOS || !ends_line(p, end))
            leave(p);
    } else if (c == '[' || c == '{') {
        read_flow(p, at);
    } else if ((c == '|' || c == '>') && p->levels[p->depth - 1].is_map) {
        read_block_scalar(p, at);
        return true;
    } else if (begins_plain(c)) {
        read_plain_scalar(p, at);
    } else {
        leave(p);
    }
    return false;
}

/* Close and open blocks until the last one is that of a line, whose text begins here. */
static void settle(struct plain *p, size_t at)
{
    size_t column = at - p->line;
    bool dash = is_dash(p, at);
    const struct level *top = p->depth > 0 ? &p->levels[p->depth - 1] : NULL;

    if (!p->began || p->waits) {
        bool fits = top ? column > top->column || (column == top->column && dash) : column == 0;
        p->began = true;
        if (fits)
            open_block(p, !dash, at);
        else
            leave(p);
        return;
    }
    /* A list may stand in the column of its key, and ends at the next one. */
    while (p->depth > 0 &&
           (p->levels[p->depth - 1].column > column ||
            (p->levels[p->depth - 1].column == column && !p->levels[p->depth - 1].is_map && !dash)))
        close_block(p);
    if (p->depth == 0 || p->levels[p->depth - 1].column != column ||
        p->levels[p->depth - 1].is_map == dash)
        leave(p);
}

/* A line that holds more than a comment. True when it took the next lines. */
static bool read_entry(struct plain *p, size_t at)
{
    settle(p, at);
    if (p->status != OPK_OK)
        return false;
    if (!p->levels[p->depth - 1].is_map) {
        at = skip_blanks(p, at + 1);
        if (key_colon(p, at) == OPK_NPOS)
            return read_value(p, at);
        open_block(p, true, at);
    }
    size_t colon = key_colon(p, at);
    if (colon == OPK_NPOS) {
        leave(p);
        return false;
    }
    tell_plain(p, at, colon);
    p->waits = ends_line(p, colon + 1);
    return !p->waits && read_value(p, skip_blanks(p, colon + 1));
}

enum opk_status opk_yaml_read_plain(struct opk_str text, struct opk_yaml_reader *reader,
                                    struct opk_err *err)
{
    struct plain p = {.text = text, .reader = reader, .number = 1, .err = err};

    if (!opk_str_ends(text, OPK_STR("\n")) || opk_scan_printable(text, 0) < text.len)
        return OPK_END;
    p.kept = opk_yaml_keep(reader);
    if (!p.kept)
        return OPK_E_NOMEM;
    p.end = opk_str_find_byte(text, '\n', 0);
    while (!p.over && p.status == OPK_OK) {
        size_t first = skip_blanks(&p, p.line);
        bool took = false;
        if (first == p.end && first > p.line)
            leave(&p); /* blanks may belong to a text above */
        else if (first < p.end && byte_at(&p, first) != '#')
            took = read_entry(&p, first);
        if (!took)
            (void)next_line(&p);
    }
    if (!p.began || p.waits)
        leave(&p);
    while (p.depth > 0)
        close_block(&p);
    opk_buf_done(&p.block);
    return p.status;
}
