#include "sync/marker.h"

#include <assert.h>
#include <string.h>

/* One line of the text: what it says without its end, and where the next one starts. */
struct line {
    struct opk_str text;
    size_t begin;
    size_t next;
    uint64_t number;
    bool crlf;
};

/* An open code fence; marks is 0 when there is none. */
struct fence {
    char mark;
    size_t marks;
    size_t offset; /* column of the list item or quote it stands in */
};

/* What a line is, as far as sections care. */
enum mark { MARK_NONE, MARK_BEGIN, MARK_END };

struct parse {
    struct opk_str text;
    const char *path;
    enum opk_marker_form form;
    struct fence fence;
    struct opk_section *sections;
    size_t count;
    struct opk_code_marker *in_code;
    size_t in_code_count;
    bool open; /* the last section waits for its END */
    struct opk_err *err;
};

enum opk_marker_form opk_marker_form_of(struct opk_str path)
{
    return opk_str_ends(path, OPK_STR(".md")) ? OPK_MARKER_HTML : OPK_MARKER_HASH;
}

static bool next_line(struct opk_str text, struct line *line)
{
    size_t begin = line->next;

    if (begin >= text.len)
        return false;
    size_t newline = opk_str_find_byte(text, '\n', begin);
    size_t end = newline == OPK_NPOS ? text.len : newline;
    line->begin = begin;
    line->next = newline == OPK_NPOS ? text.len : newline + 1;
    line->crlf = newline != OPK_NPOS && end > begin && text.data[end - 1] == '\r';
    line->text = opk_str_slice(text, begin, end - (line->crlf ? 1 : 0));
    line->number++;
    if (line->number == 1 && opk_str_starts(line->text, OPK_STR("\xEF\xBB\xBF")))
        line->text = opk_str_skip(line->text, 3);
    return true;
}

/* Columns of blanks at the start; a tab reaches to the next multiple of four. */
static size_t indent_columns(struct opk_str text)
{
    size_t columns = 0;

    for (size_t i = 0; i < text.len && opk_is_blank(text.data[i]); i++)
        columns = text.data[i] == '\t' ? columns / 4 * 4 + 4 : columns + 1;
    return columns;
}

static struct opk_str skip_blanks(struct opk_str text)
{
    while (text.len > 0 && opk_is_blank(text.data[0]))
        text = opk_str_skip(text, 1);
    return text;
}

/* The bytes of a list or quote mark ("- ", "12. ", "> ") at the start; 0 when there is none. */
static size_t container_mark(struct opk_str text)
{
    size_t digits = 0;

    if (text.len > 0 && text.data[0] == '>')
        return 1;
    while (digits < text.len && digits < 9 && opk_is_digit(text.data[digits]))
        digits++;
    size_t at = digits;
    if (at >= text.len || !strchr(digits ? ".)" : "-*+", text.data[at]))
        return 0;
    at++;
    return at < text.len && opk_is_blank(text.data[at]) ? at + 1 : 0;
}

/* Does a fence open here? Within list items and quotes too, whose column is kept. */
static bool open_fence(struct opk_str text, struct fence *out)
{
    struct opk_str rest = text;
    size_t offset = 0;

    for (;;) {
        if (indent_columns(rest) >= 4)
            return false;
        rest = skip_blanks(rest);
        size_t mark = container_mark(rest);
        if (mark == 0)
            break;
        rest = opk_str_skip(rest, mark);
        offset = text.len - rest.len;
    }
    size_t marks = 0;
    if (rest.len == 0 || (rest.data[0] != '`' && rest.data[0] != '~'))
        return false;
    while (marks < rest.len && rest.data[marks] == rest.data[0])
        marks++;
    bool is_inline = rest.data[0] == '`' && opk_str_find_byte(rest, '`', marks) != OPK_NPOS;
    if (marks < 3 || is_inline)
        return false;
    *out = (struct fence){rest.data[0], marks, offset};
    return true;
}

/* A line within a fence: does it end it? A line left of the item that holds the fence does, and
 * is then read as any other. */
static bool close_fence(struct opk_str text, struct fence *fence, bool *out_is_content)
{
    struct opk_str rest = skip_blanks(text);
    size_t columns = indent_columns(text);
    size_t marks = 0;

    *out_is_content = false;
    while (rest.len > 0 && rest.data[0] == '>')
        rest = skip_blanks(opk_str_skip(rest, 1));
    if (rest.len > 0 && rest.len == skip_blanks(text).len && columns < fence->offset) {
        *out_is_content = true;
        return true;
    }
    while (marks < rest.len && rest.data[marks] == fence->mark)
        marks++;
    return marks >= fence->marks && columns < fence->offset + 4 &&
           opk_str_trim(opk_str_skip(rest, marks)).len == 0;
}

/* Is this line of Markdown code, or a fence's own line? Keeps track of fences. */
static bool is_code(struct parse *parse, struct opk_str text)
{
    bool is_content = false;

    if (parse->fence.marks) {
        if (close_fence(text, &parse->fence, &is_content))
            parse->fence.marks = 0;
        if (!is_content)
            return true;
    }
    return indent_columns(text) >= 4 || open_fence(text, &parse->fence);
}

static bool is_id(struct opk_str id)
{
    if (id.len == 0 || !opk_is_upper(id.data[0]))
        return false;
    for (size_t i = 1; i < id.len; i++) {
        if (!opk_is_upper(id.data[i]) && !opk_is_digit(id.data[i]) && id.data[i] != '_')
            return false;
    }
    return true;
}

static enum opk_status bad(const struct parse *parse, const struct line *line, const char *why)
{
    return opk_fail(parse->err, OPK_E_INVALID, OPK_AT_LINE(parse->path, line->number), "%s", why);
}

/* "PATTERN_AUTO:ID:BEGIN" in its comment, alone on its line; anything near it is an error, so that
 * a slip of the hand is not read as an absent marker. */
static enum opk_status read_mark(const struct parse *parse, const struct line *line,
                                 enum mark *out_mark, struct opk_str *out_id)
{
    bool html = parse->form == OPK_MARKER_HTML;
    struct opk_str rest = opk_str_trim(line->text);

    *out_mark = MARK_NONE;
    if (!opk_str_starts(rest, html ? OPK_STR("<!--") : OPK_STR("#")))
        return OPK_OK;
    rest = skip_blanks(opk_str_skip(rest, html ? 4 : 1));
    if (!opk_str_starts(rest, OPK_STR("PATTERN_AUTO:")))
        return OPK_OK;
    rest = opk_str_skip(rest, strlen("PATTERN_AUTO:"));
    if (html) {
        if (!opk_str_ends(rest, OPK_STR("-->")))
            return bad(parse, line, "a marker stands alone on its line and ends in -->");
        rest = opk_str_trim_end(opk_str_slice(rest, 0, rest.len - 3));
    }
    size_t colon = opk_str_find_byte(rest, ':', 0);
    struct opk_str word = opk_str_skip(rest, colon == OPK_NPOS ? rest.len : colon + 1);
    *out_id = opk_str_slice(rest, 0, colon == OPK_NPOS ? rest.len : colon);
    if (!is_id(*out_id))
        return bad(parse, line, "a section id is written in capitals, digits and _");
    if (opk_str_eq(word, OPK_STR("BEGIN")))
        *out_mark = MARK_BEGIN;
    else if (opk_str_eq(word, OPK_STR("END")))
        *out_mark = MARK_END;
    else
        return bad(parse, line, "a marker is PATTERN_AUTO:ID:BEGIN or PATTERN_AUTO:ID:END");
    return OPK_OK;
}

static const struct opk_section *find_section(const struct parse *parse, struct opk_str id)
{
    assert(parse->sections);
    for (size_t i = 0; i < parse->count; i++) {
        if (opk_str_eq(parse->sections[i].id, id))
            return &parse->sections[i];
    }
    return NULL;
}

static enum opk_status add_begin(struct parse *parse, const struct line *line, struct opk_str id)
{
    const struct opk_section *other = find_section(parse, id);
    struct opk_place place = OPK_AT_LINE(parse->path, line->number);

    if (other)
        return opk_fail(parse->err, OPK_E_INVALID, place,
                        "section %.*s begins a second time; it began at line %llu", OPK_STR_FMT(id),
                        (unsigned long long)other->begin_line);
    if (parse->open) {
        other = &parse->sections[parse->count - 1];
        return opk_fail(parse->err, OPK_E_INVALID, place,
                        "section %.*s begins inside section %.*s of line %llu", OPK_STR_FMT(id),
                        OPK_STR_FMT(other->id), (unsigned long long)other->begin_line);
    }
    if (parse->count == OPK_MARKER_SECTIONS_MAX)
        return opk_fail(parse->err, OPK_E_LIMIT, place, "a file has at most %d marked sections",
                        OPK_MARKER_SECTIONS_MAX);
    size_t blanks = line->text.len - skip_blanks(line->text).len;
    parse->sections[parse->count++] = (struct opk_section){
        .id = id,
        .begin_line = line->number,
        .inside = {line->next, line->next},
        .indent = opk_str_slice(line->text, 0, blanks),
        .crlf = line->crlf,
    };
    parse->open = true;
    return OPK_OK;
}

static enum opk_status add_end(struct parse *parse, const struct line *line, struct opk_str id)
{
    struct opk_place place = OPK_AT_LINE(parse->path, line->number);
    struct opk_section *open = parse->open ? &parse->sections[parse->count - 1] : NULL;

    if (open && opk_str_eq(open->id, id)) {
        open->inside.end = line->begin;
        open->end_line = line->number;
        parse->open = false;
        return OPK_OK;
    }
    if (open)
        return opk_fail(parse->err, OPK_E_INVALID, place,
                        "section %.*s ends inside section %.*s of line %llu", OPK_STR_FMT(id),
                        OPK_STR_FMT(open->id), (unsigned long long)open->begin_line);
    if (find_section(parse, id))
        return opk_fail(parse->err, OPK_E_INVALID, place, "section %.*s ends a second time",
                        OPK_STR_FMT(id));
    return opk_fail(parse->err, OPK_E_INVALID, place, "section %.*s ends before it begins",
                    OPK_STR_FMT(id));
}

static void note_in_code(struct parse *parse, const struct line *line)
{
    struct parse silent = *parse;
    enum mark mark;
    struct opk_str id;

    silent.err = NULL;
    if (read_mark(&silent, line, &mark, &id) == OPK_OK && mark != MARK_NONE &&
        parse->in_code_count < OPK_MARKER_SECTIONS_MAX)
        parse->in_code[parse->in_code_count++] = (struct opk_code_marker){id, line->number};
}

static enum opk_status read_line(struct parse *parse, const struct line *line)
{
    enum mark mark;
    struct opk_str id;

    if (parse->form == OPK_MARKER_HTML && is_code(parse, line->text)) {
        note_in_code(parse, line);
        return OPK_OK;
    }
    enum opk_status status = read_mark(parse, line, &mark, &id);
    if (status != OPK_OK || mark == MARK_NONE)
        return status;
    return mark == MARK_BEGIN ? add_begin(parse, line, id) : add_end(parse, line, id);
}

enum opk_status opk_sections_parse(struct opk_str text, const char *path, struct opk_arena *arena,
                                   struct opk_sections *out_sections, struct opk_err *err)
{
    struct parse parse = {
        .text = text, .path = path, .form = opk_marker_form_of(opk_str_of(path)), .err = err};
    struct line line = {0};
    enum opk_status status = OPK_OK;

    parse.sections = opk_arena_array(arena, OPK_MARKER_SECTIONS_MAX, sizeof(*parse.sections));
    parse.in_code = opk_arena_array(arena, OPK_MARKER_SECTIONS_MAX, sizeof(*parse.in_code));
    if (!parse.sections || !parse.in_code)
        return opk_arena_check(arena, err);
    while (status == OPK_OK && next_line(text, &line))
        status = read_line(&parse, &line);
    if (status != OPK_OK)
        return status;
    if (parse.open) {
        const struct opk_section *open = &parse.sections[parse.count - 1];
        return opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, open->begin_line),
                        "section %.*s has no END marker", OPK_STR_FMT(open->id));
    }
    *out_sections =
        (struct opk_sections){parse.sections, parse.count, parse.in_code, parse.in_code_count};
    return OPK_OK;
}

const struct opk_section *opk_sections_find(const struct opk_sections *sections, struct opk_str id)
{
    for (size_t i = 0; i < sections->count; i++) {
        if (opk_str_eq(sections->items[i].id, id))
            return &sections->items[i];
    }
    return NULL;
}

uint64_t opk_sections_code_line(const struct opk_sections *sections, struct opk_str id)
{
    for (size_t i = 0; i < sections->in_code_count; i++) {
        if (opk_str_eq(sections->in_code[i].id, id))
            return sections->in_code[i].line;
    }
    return 0;
}

/* Content as whole lines with the section's indentation and line ends; empty stays empty. */
static void write_content(const struct opk_section *section, struct opk_str content,
                          struct opk_buf *out)
{
    struct line line = {0};

    while (next_line(content, &line)) {
        if (line.text.len > 0)
            opk_buf_append(out, section->indent);
        opk_buf_append(out, line.text);
        opk_buf_append_cstr(out, section->crlf ? "\r\n" : "\n");
    }
}

/* The new text must have the sections of the old one at their places: the same bytes from the start
 * up to the new content, the same bytes from the end behind it. Content that opens a fence could
 * else hide an END, and another one be taken for it. */
static bool same_places(const struct opk_sections *before, size_t before_len,
                        const struct opk_sections *after, size_t after_len,
                        const struct opk_section *replaced)
{
    if (after->count != before->count)
        return false;
    for (size_t i = 0; i < after->count; i++) {
        const struct opk_section *a = &before->items[i];
        const struct opk_section *b = &after->items[i];
        bool begins = a <= replaced ? b->inside.begin == a->inside.begin
                                    : after_len - b->inside.begin == before_len - a->inside.begin;
        bool ends = a < replaced ? b->inside.end == a->inside.end
                                 : after_len - b->inside.end == before_len - a->inside.end;
        if (!begins || !ends || !opk_str_eq(a->id, b->id))
            return false;
    }
    return true;
}

/* Content that brings the section's own markers along stands for what lies between them. */
static enum opk_status own_inside(const char *path, struct opk_str id, struct opk_arena *arena,
                                  struct opk_str *content, struct opk_err *err)
{
    struct opk_sections brought = {0};
    enum opk_status status = opk_sections_parse(*content, path, arena, &brought, err);

    if (status != OPK_OK) {
        if (err && status == OPK_E_INVALID) {
            struct opk_err inner = *err;
            return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                            "the new content of section %.*s, line %llu: %s", OPK_STR_FMT(id),
                            (unsigned long long)inner.line, inner.message);
        }
        return status;
    }
    const struct opk_section *own = opk_sections_find(&brought, id);
    if (own)
        *content = opk_str_slice(*content, own->inside.begin, own->inside.end);
    return OPK_OK;
}

enum opk_status opk_section_replace(struct opk_str text, const char *path, struct opk_str id,
                                    struct opk_str content, struct opk_buf *out,
                                    struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_buf replaced = OPK_BUF_EMPTY;
    struct opk_sections sections = {0};
    struct opk_sections after = {0};
    const struct opk_section *section;
    enum opk_status status = opk_sections_parse(text, path, &arena, &sections, err);

    if (status != OPK_OK)
        goto out;
    section = opk_sections_find(&sections, id);
    if (!section) {
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path), "no section %.*s in this file",
                          OPK_STR_FMT(id));
        goto out;
    }
    status = own_inside(path, id, &arena, &content, err);
    if (status != OPK_OK)
        goto out;
    opk_buf_append(&replaced, opk_str_slice(text, 0, section->inside.begin));
    write_content(section, content, &replaced);
    opk_buf_append(&replaced, opk_str_skip(text, section->inside.end));
    status = opk_buf_check(&replaced, err);
    if (status == OPK_OK)
        status = opk_sections_parse(opk_buf_str(&replaced), path, &arena, &after, err);
    if (status == OPK_E_INVALID ||
        (status == OPK_OK && !same_places(&sections, text.len, &after, replaced.len, section)))
        status =
            opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                     "the new content of section %.*s would add or hide a marker", OPK_STR_FMT(id));
    if (status == OPK_OK) {
        opk_buf_append(out, opk_buf_str(&replaced));
        status = opk_buf_check(out, err);
    }

out:
    opk_buf_done(&replaced);
    opk_arena_done(&arena);
    return status;
}
