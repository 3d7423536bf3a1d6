#include "sync/marker.h"

#include "sync/marker_impl.h"

#include <assert.h>
#include <string.h>

/* What a line is, as far as sections care. */
enum mark_kind { MARK_NONE, MARK_BEGIN, MARK_END };

struct mark {
    enum mark_kind kind;
    struct opk_str id;
    bool has_sum;
    struct opk_str sum;  /* a view of the text */
    struct opk_str tail; /* what follows the word END */
};

struct parse {
    struct opk_str text;
    const char *path;
    enum opk_marker_form form;
    struct opk_code code;
    struct opk_section *sections;
    size_t count;
    struct opk_code_marker *in_code;
    size_t in_code_count;
    bool open; /* the last section waits for its END */
    struct opk_err *err;
};

/* Forms by the end of a file's name; anything else has hash marks and no strings that we know. */
static const struct {
    const char *ending;
    enum opk_marker_form form;
} FORMS[] = {
    {".bash", OPK_MARKER_SHELL},      {".markdown", OPK_MARKER_HTML},
    {".md", OPK_MARKER_HTML},         {".ps1", OPK_MARKER_POWERSHELL},
    {".psd1", OPK_MARKER_POWERSHELL}, {".psm1", OPK_MARKER_POWERSHELL},
    {".sh", OPK_MARKER_SHELL},        {".yaml", OPK_MARKER_YAML},
    {".yml", OPK_MARKER_YAML},
};

enum opk_marker_form opk_marker_form_of(struct opk_str path)
{
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        if (opk_str_ends(path, opk_str_of(FORMS[i].ending)))
            return FORMS[i].form;
    }
    return OPK_MARKER_HASH;
}

bool opk_marker_line_next(struct opk_str text, struct opk_marker_line *line)
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

struct opk_str opk_marker_skip_blanks(struct opk_str text)
{
    while (text.len > 0 && opk_is_blank(text.data[0]))
        text = opk_str_skip(text, 1);
    return text;
}

bool opk_section_id_is_valid(struct opk_str id)
{
    if (id.len == 0 || !opk_is_upper(id.data[0]))
        return false;
    for (size_t i = 1; i < id.len; i++) {
        if (!opk_is_upper(id.data[i]) && !opk_is_digit(id.data[i]) && id.data[i] != '_')
            return false;
    }
    return true;
}

static enum opk_status bad(const struct parse *parse, const struct opk_marker_line *line,
                           const char *why)
{
    return opk_fail(parse->err, OPK_E_INVALID, OPK_AT_LINE(parse->path, line->number), "%s", why);
}

/* What stands behind the id: BEGIN, END, or END and a sum. */
static enum opk_status read_word(const struct parse *parse, const struct opk_marker_line *line,
                                 struct opk_str word, struct mark *mark)
{
    struct opk_str sum = opk_str_trim(opk_str_skip(word, 3));

    if (opk_str_eq(word, OPK_STR("BEGIN"))) {
        mark->kind = MARK_BEGIN;
        return OPK_OK;
    }
    if (!opk_str_starts(word, OPK_STR("END")) || (word.len > 3 && !opk_is_blank(word.data[3])))
        return bad(parse, line, "a marker is PATTERN_AUTO:ID:BEGIN or PATTERN_AUTO:ID:END");
    if (sum.len > 0 && !opk_str_starts(sum, OPK_STR("sum=")))
        return bad(parse, line, "nothing but sum= and its digits may follow END");
    mark->kind = MARK_END;
    mark->tail = opk_str_skip(word, 3);
    mark->has_sum = sum.len > 0;
    mark->sum = opk_str_skip(sum, 4);
    for (size_t i = 0; i < mark->sum.len; i++) {
        if (opk_hex_value(mark->sum.data[i]) < 0 || opk_is_upper(mark->sum.data[i]) ||
            mark->sum.len != OPK_SECTION_SUM)
            return bad(parse, line, "a sum has 16 digits of 0-9 a-f; leave it empty for a new one");
    }
    return OPK_OK;
}

/* "PATTERN_AUTO:ID:BEGIN" in its comment, alone on its line; anything near it is an error, so that
 * a slip of the hand is not read as an absent marker. */
static enum opk_status read_mark(const struct parse *parse, const struct opk_marker_line *line,
                                 struct mark *mark)
{
    bool html = parse->form == OPK_MARKER_HTML;
    struct opk_str rest = opk_str_trim(line->text);

    *mark = (struct mark){.id = OPK_STR_EMPTY, .sum = OPK_STR_EMPTY, .tail = OPK_STR_EMPTY};
    if (!opk_str_starts(rest, html ? OPK_STR("<!--") : OPK_STR("#")))
        return OPK_OK;
    rest = opk_marker_skip_blanks(opk_str_skip(rest, html ? 4 : 1));
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
    mark->id = opk_str_slice(rest, 0, colon == OPK_NPOS ? rest.len : colon);
    if (!opk_section_id_is_valid(mark->id))
        return bad(parse, line, "a section id is written in capitals, digits and _");
    return read_word(parse, line, word, mark);
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

static enum opk_status add_begin(struct parse *parse, const struct opk_marker_line *line,
                                 struct opk_str id)
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
    size_t blanks = line->text.len - opk_marker_skip_blanks(line->text).len;
    parse->sections[parse->count++] = (struct opk_section){
        .id = id,
        .begin_line = line->number,
        .inside = {line->next, line->next},
        .indent = opk_str_slice(line->text, 0, blanks),
        .crlf = line->crlf,
        .sum = OPK_STR_EMPTY,
    };
    parse->open = true;
    return OPK_OK;
}

static enum opk_status add_end(struct parse *parse, const struct opk_marker_line *line,
                               const struct mark *mark)
{
    struct opk_str id = mark->id;
    struct opk_place place = OPK_AT_LINE(parse->path, line->number);
    struct opk_section *open = parse->open ? &parse->sections[parse->count - 1] : NULL;

    if (open && opk_str_eq(open->id, id)) {
        open->inside.end = line->begin;
        open->end_line = line->number;
        open->has_sum = mark->has_sum;
        open->sum = mark->sum;
        open->tail.begin = (size_t)(mark->tail.data - parse->text.data);
        open->tail.end = open->tail.begin + mark->tail.len;
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

static void note_in_code(struct parse *parse, const struct opk_marker_line *line)
{
    struct parse silent = *parse;
    struct mark mark;

    silent.err = NULL;
    if (read_mark(&silent, line, &mark) == OPK_OK && mark.kind != MARK_NONE &&
        parse->in_code_count < OPK_MARKER_SECTIONS_MAX)
        parse->in_code[parse->in_code_count++] = (struct opk_code_marker){mark.id, line->number};
}

static enum opk_status read_line(struct parse *parse, const struct opk_marker_line *line)
{
    struct mark mark;

    if (opk_code_next(&parse->code, line)) {
        note_in_code(parse, line);
        return OPK_OK;
    }
    enum opk_status status = read_mark(parse, line, &mark);
    if (status != OPK_OK || mark.kind == MARK_NONE)
        return status;
    return mark.kind == MARK_BEGIN ? add_begin(parse, line, mark.id) : add_end(parse, line, &mark);
}

/* At least as many as there are sections that are kept. */
static size_t count_marks(struct opk_str text)
{
    size_t count = 0;
    size_t at = opk_str_find(text, OPK_STR("PATTERN_AUTO:"), 0);

    while (at != OPK_NPOS && count < OPK_MARKER_SECTIONS_MAX) {
        count++;
        at = opk_str_find(text, OPK_STR("PATTERN_AUTO:"), at + 1);
    }
    return count;
}

enum opk_status opk_sections_parse(struct opk_str text, const char *path, struct opk_arena *arena,
                                   struct opk_sections *out_sections, struct opk_err *err)
{
    return opk_sections_parse_as(text, path, opk_marker_form_of(opk_str_of(path)), arena,
                                 out_sections, err);
}

enum opk_status opk_sections_parse_as(struct opk_str text, const char *path,
                                      enum opk_marker_form form, struct opk_arena *arena,
                                      struct opk_sections *out_sections, struct opk_err *err)
{
    struct parse parse = {.text = text, .path = path, .form = form, .err = err};
    struct opk_marker_line line = {0};
    enum opk_status status = opk_code_init(&parse.code, parse.form, text, path, arena, err);

    if (status != OPK_OK)
        return status;
    size_t most = count_marks(text);
    parse.sections = opk_arena_array(arena, most + 1, sizeof(*parse.sections));
    parse.in_code = opk_arena_array(arena, most + 1, sizeof(*parse.in_code));
    if (!parse.sections || !parse.in_code)
        return opk_arena_check(arena, err);
    while (status == OPK_OK && opk_marker_line_next(text, &line))
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
