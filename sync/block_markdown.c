/* Blocks of Markdown: lines are read in order, each within the lists and quotes it stands in. */
#include "sync/block_impl.h"
#include "sync/marker_impl.h"

#include <string.h>

#define LEVELS 6 /* of headings */

/* The rest of a line, and the column that it begins in: blanks before it may belong to a list. */
struct cursor {
    struct opk_str rest;
    size_t byte_column; /* of the first byte of rest */
    size_t column;      /* reached; within a tab it is the greater */
};

/* A list item or a quote that is open. */
struct container {
    bool is_quote;
    size_t indent; /* columns of its content behind that of what holds it */
};

/* What the lines at hand are part of. */
enum leaf { LEAF_NONE, LEAF_PARA, LEAF_TABLE, LEAF_INDENTED, LEAF_FENCE, LEAF_COMMENT };

struct split {
    struct opk_block_reader *reader;
    struct opk_err *err;
    struct container open[OPK_BLOCK_DEPTH_MAX];
    size_t depth;
    enum leaf leaf;
    enum opk_block_kind kind; /* of the leaf */
    struct opk_span span;
    size_t lines; /* of the leaf */
    struct opk_buf said;
    struct opk_fence fence;
    struct opk_str headings[LEVELS]; /* the pointers of the open ones; the empty view for none */
    size_t next_section;             /* the first that the lines have not passed */
};

/* One line as it is read: how many of the open containers hold it, and whether it opened more. */
struct reading {
    const struct opk_marker_line *line;
    struct cursor at;
    size_t matched;
    bool is_new;  /* a container began on this line */
    bool is_item; /* the last one that began is an item */
};

/* ---- columns ---- */

static struct opk_str without_blanks(const struct cursor *at)
{
    return opk_marker_skip_blanks(at->rest);
}

/* Columns of blanks that are left. */
static size_t indent_of(const struct cursor *at)
{
    return opk_markdown_column(at->rest, at->byte_column) - at->column;
}

static bool is_blank_line(const struct cursor *at)
{
    return opk_str_trim(at->rest).len == 0;
}

/* Past some columns of blanks; a tab that reaches further is passed in part. */
static void skip_columns(struct cursor *at, size_t columns)
{
    at->column += columns;
    while (at->rest.len > 0 && opk_is_blank(at->rest.data[0])) {
        size_t behind = opk_markdown_column(opk_str_slice(at->rest, 0, 1), at->byte_column);
        if (behind > at->column)
            return;
        at->rest = opk_str_skip(at->rest, 1);
        at->byte_column = behind;
    }
}

/* Past the blanks and some bytes of marks behind them. */
static void skip_marks(struct cursor *at, size_t bytes)
{
    skip_columns(at, indent_of(at));
    at->rest = opk_str_skip(at->rest, bytes);
    at->byte_column += bytes;
    at->column = at->byte_column;
}

/* ---- sections ---- */

/* The pointer of the innermost heading above a level. */
static struct opk_str section_above(const struct split *split, size_t level)
{
    while (level > 0) {
        level--;
        if (split->headings[level].len > 0)
            return split->headings[level];
    }
    return OPK_STR_EMPTY;
}

/* A title as a part of a pointer; a long one is cut. */
static void put_title(struct opk_str text, struct opk_buf *out)
{
    size_t len = text.len < OPK_BLOCK_TITLE_MAX ? text.len : OPK_BLOCK_TITLE_MAX;

    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xC0) == 0x80)
        len--; /* not within a character */
    text = opk_str_slice(text, 0, len);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '~' || text.data[i] == '/')
            opk_buf_append_cstr(out, text.data[i] == '~' ? "~0" : "~1");
        else
            opk_buf_append_byte(out, opk_is_space(text.data[i]) ? ' ' : text.data[i]);
    }
}

static enum opk_status add_block(struct split *split, enum opk_block_kind kind,
                                 struct opk_span span, struct opk_str said,
                                 struct opk_block **out_block)
{
    enum opk_status status = opk_block_add(split->reader, kind, span, said, out_block, split->err);

    if (status == OPK_OK)
        (*out_block)->section = section_above(split, LEVELS);
    return status;
}

static enum opk_status add_heading(struct split *split, size_t level, struct opk_span span,
                                   struct opk_str said)
{
    struct opk_arena *arena = &split->reader->blocks->arena;
    struct opk_str above = section_above(split, level - 1);
    struct opk_buf pointer = OPK_BUF_EMPTY;
    struct opk_block *block;
    enum opk_status status = add_block(split, OPK_BLOCK_HEADING, span, said, &block);

    if (status != OPK_OK)
        return status;
    opk_buf_append(&pointer, above);
    opk_buf_append_byte(&pointer, '/');
    put_title(opk_str_trim(said), &pointer);
    status = opk_buf_check(&pointer, split->err);
    if (status == OPK_OK) {
        block->section = above;
        block->opens = true;
        block->pointer = opk_arena_copy(arena, opk_buf_str(&pointer));
        split->headings[level - 1] = block->pointer;
        for (size_t i = level; i < LEVELS; i++)
            split->headings[i] = OPK_STR_EMPTY;
        status = opk_arena_check(arena, split->err);
    }
    opk_buf_done(&pointer);
    return status;
}

/* ---- the leaf ---- */

static enum opk_status close_leaf(struct split *split)
{
    struct opk_block *block;
    enum opk_status status;

    if (split->leaf == LEAF_NONE)
        return OPK_OK;
    split->leaf = LEAF_NONE;
    status = opk_buf_check(&split->said, split->err);
    if (status == OPK_OK)
        status = add_block(split, split->kind, split->span, opk_buf_str(&split->said), &block);
    return status;
}

/* A line's bytes, without its end. */
static struct opk_span span_of(const struct split *split, const struct opk_marker_line *line)
{
    size_t begin = (size_t)(line->text.data - split->reader->text.data);

    return (struct opk_span){begin, begin + line->text.len};
}

/* One more line of the open leaf. */
static void extend_leaf(struct split *split, const struct reading *reading)
{
    opk_buf_append(&split->said, reading->at.rest);
    opk_buf_append_byte(&split->said, '\n');
    split->span.end =
        (size_t)(reading->line->text.data - split->reader->text.data) + reading->line->text.len;
    split->lines++;
}

/* Close what does not hold this line, and begin a leaf with it. */
static enum opk_status begin_leaf(struct split *split, struct reading *reading, enum leaf leaf,
                                  enum opk_block_kind kind)
{
    enum opk_status status = close_leaf(split);

    split->depth = reading->matched;
    split->leaf = leaf;
    split->kind = reading->is_item ? OPK_BLOCK_LIST_ITEM : kind;
    split->span = span_of(split, reading->line);
    split->lines = 0;
    opk_buf_clear(&split->said);
    extend_leaf(split, reading);
    return status;
}

/* ---- what a line can begin ---- */

/* "## Title ##": its level; 0 when it is none. */
static size_t read_heading(struct opk_str text, struct opk_str *out_title)
{
    size_t level = 0;

    while (level < text.len && text.data[level] == '#')
        level++;
    if (level == 0 || level > LEVELS || (level < text.len && !opk_is_blank(text.data[level])))
        return 0;
    struct opk_str title = opk_str_trim(opk_str_skip(text, level));
    size_t end = title.len;
    while (end > 0 && title.data[end - 1] == '#')
        end--;
    if (end == 0 || opk_is_blank(title.data[end - 1]))
        title = opk_str_trim(opk_str_slice(title, 0, end));
    *out_title = title;
    return level;
}

/* A line of nothing but one mark: "---", and with blanks between them "* * *". */
static bool is_line_of(struct opk_str text, const char *marks, size_t least, bool blanks)
{
    size_t count = 0;

    text = opk_str_trim_end(text);
    if (text.len == 0 || !text.data[0] || !strchr(marks, text.data[0]))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == text.data[0])
            count++;
        else if (!blanks || !opk_is_blank(text.data[i]))
            return false;
    }
    return count >= least;
}

/* The cells of a table's row; an escaped "|" is text. */
static size_t count_cells(struct opk_str text)
{
    size_t cells = 1;

    text = opk_str_trim(text);
    if (opk_str_starts(text, OPK_STR("|")))
        text = opk_str_skip(text, 1);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '|' && i + 1 < text.len)
            cells++;
    }
    return cells;
}

/* "| --- | :-: |" below a row of as many cells. */
static bool is_delimiter_row(struct opk_str text, struct opk_str header)
{
    size_t dashes = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!strchr("|:- \t", text.data[i]) || !text.data[i])
            return false;
        dashes += text.data[i] == '-';
    }
    bool has_bar = opk_str_find_byte(text, '|', 0) != OPK_NPOS ||
                   opk_str_find_byte(header, '|', 0) != OPK_NPOS;
    return dashes > 0 && has_bar && count_cells(text) == count_cells(header);
}

/* ---- lines ---- */

/* How many of the open containers hold this line. */
static void match_containers(const struct split *split, struct reading *reading)
{
    struct cursor *at = &reading->at;

    for (; reading->matched < split->depth; reading->matched++) {
        const struct container *open = &split->open[reading->matched];
        struct opk_str rest = without_blanks(at);
        if (open->is_quote) {
            if (indent_of(at) >= OPK_MARKDOWN_CODE_INDENT || rest.len == 0 || rest.data[0] != '>')
                return;
            skip_marks(at, 1);
            if (indent_of(at) > 0)
                skip_columns(at, 1);
        } else if (is_blank_line(at)) {
            skip_columns(at, indent_of(at));
        } else if (indent_of(at) >= open->indent) {
            skip_columns(at, open->indent);
        } else {
            return;
        }
    }
}

/* May a list's mark end the open paragraph? Only with text behind it, and only as number one. */
static bool may_interrupt(struct opk_str rest, size_t mark)
{
    if (opk_str_trim(opk_str_skip(rest, mark)).len == 0)
        return false;
    return !opk_is_digit(rest.data[0]) || (mark == 2 && rest.data[0] == '1');
}

static bool continues_para(const struct split *split, const struct reading *reading)
{
    return split->leaf == LEAF_PARA && !reading->is_new;
}

/* Open a quote or an item, and what held the line before no longer does. */
static enum opk_status open_container(struct split *split, struct reading *reading, size_t mark)
{
    struct cursor *at = &reading->at;
    bool is_quote = without_blanks(at).data[0] == '>';
    size_t before = indent_of(at);
    enum opk_status status = close_leaf(split);

    if (status != OPK_OK)
        return status;
    if (reading->matched == OPK_BLOCK_DEPTH_MAX)
        return opk_fail(split->err, OPK_E_LIMIT,
                        OPK_AT_LINE(split->reader->path, reading->line->number),
                        "more than %d lists and quotes within each other", OPK_BLOCK_DEPTH_MAX);
    skip_marks(at, mark);
    size_t blanks = indent_of(at);
    size_t taken = blanks;
    if (blanks > 0 && (is_quote || blanks > OPK_MARKDOWN_CODE_INDENT || is_blank_line(at)))
        taken = 1;
    skip_columns(at, taken);
    split->open[reading->matched++] =
        (struct container){.is_quote = is_quote, .indent = before + mark + (taken > 0 ? taken : 1)};
    split->depth = reading->matched;
    reading->is_new = true;
    reading->is_item = !is_quote;
    return OPK_OK;
}

/* Open every quote and item that begins here. */
static enum opk_status open_containers(struct split *split, struct reading *reading)
{
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && indent_of(&reading->at) < OPK_MARKDOWN_CODE_INDENT) {
        struct opk_str rest = without_blanks(&reading->at);
        bool is_quote = opk_str_starts(rest, OPK_STR(">"));
        size_t mark = is_quote ? 1 : opk_markdown_list_mark(rest);
        if (mark == 0 || (!is_quote && is_line_of(rest, "-*_", 3, true)))
            break;
        if (!is_quote && continues_para(split, reading) && reading->matched == split->depth &&
            !may_interrupt(rest, mark))
            break;
        status = open_container(split, reading, mark);
    }
    return status;
}

/* A line below a paragraph that makes it a heading or a table. */
static enum opk_status turn_para(struct split *split, struct reading *reading, bool *out_done)
{
    struct opk_str rest = opk_str_trim_end(without_blanks(&reading->at));
    struct opk_str said = opk_str_trim(opk_buf_str(&split->said));

    *out_done = false;
    if (!continues_para(split, reading) || reading->matched < split->depth ||
        indent_of(&reading->at) >= OPK_MARKDOWN_CODE_INDENT)
        return OPK_OK;
    if (split->lines == 1 && is_delimiter_row(rest, said)) {
        split->leaf = LEAF_TABLE;
        split->kind = OPK_BLOCK_TABLE;
        extend_leaf(split, reading);
        *out_done = true;
    } else if (is_line_of(rest, "=-", 1, false)) {
        split->span.end = span_of(split, reading->line).end;
        *out_done = true;
        if (split->kind == OPK_BLOCK_LIST_ITEM)
            return close_leaf(split);
        split->leaf = LEAF_NONE;
        return add_heading(split, rest.data[0] == '=' ? 1 : 2, split->span, said);
    }
    return OPK_OK;
}

/* A heading of one line; in a list it is the item's text and opens no section. */
static enum opk_status read_atx(struct split *split, struct reading *reading, size_t level,
                                struct opk_str title)
{
    struct opk_span span = span_of(split, reading->line);
    struct opk_block *block;
    enum opk_status status = close_leaf(split);

    split->depth = reading->matched;
    if (status != OPK_OK)
        return status;
    return reading->is_item ? add_block(split, OPK_BLOCK_LIST_ITEM, span, title, &block)
                            : add_heading(split, level, span, title);
}

/* What a line begins that no open leaf holds. */
static enum opk_status begin_line(struct split *split, struct reading *reading, bool *out_done)
{
    struct opk_str rest = without_blanks(&reading->at);
    struct opk_fence fence;
    struct opk_str title;
    size_t level;
    enum opk_status status;

    *out_done = true;
    if (indent_of(&reading->at) >= OPK_MARKDOWN_CODE_INDENT) {
        if (!continues_para(split, reading) && !is_blank_line(&reading->at))
            return begin_leaf(split, reading, LEAF_INDENTED, OPK_BLOCK_CODE);
    } else if ((level = read_heading(rest, &title)) > 0) {
        return read_atx(split, reading, level, title);
    } else if (opk_markdown_fence_opens(rest, &fence)) {
        split->fence = fence;
        return begin_leaf(split, reading, LEAF_FENCE, OPK_BLOCK_CODE);
    } else if (opk_str_starts(rest, OPK_STR("<!--"))) {
        status = begin_leaf(split, reading, LEAF_COMMENT, OPK_BLOCK_PARA);
        if (status == OPK_OK && opk_str_find(rest, OPK_STR("-->"), 4) != OPK_NPOS)
            status = close_leaf(split);
        return status;
    } else if (is_line_of(rest, "-*_", 3, true)) {
        status = close_leaf(split);
        split->depth = reading->matched;
        return status;
    }
    *out_done = false;
    return OPK_OK;
}

/* A line within code or a comment, or behind indented code. */
static enum opk_status read_verbatim(struct split *split, struct reading *reading, bool *out_done)
{
    struct opk_str rest = without_blanks(&reading->at);
    bool is_code = indent_of(&reading->at) >= OPK_MARKDOWN_CODE_INDENT;
    bool is_blank = is_blank_line(&reading->at);
    bool ends = false;

    *out_done = false;
    if (split->leaf != LEAF_FENCE && split->leaf != LEAF_COMMENT && split->leaf != LEAF_INDENTED)
        return OPK_OK;
    if (reading->matched < split->depth)
        return close_leaf(split);
    *out_done = true;
    if (split->leaf == LEAF_FENCE)
        ends = !is_code && opk_markdown_fence_closes(rest, &split->fence);
    else if (split->leaf == LEAF_COMMENT)
        ends = opk_str_find(rest, OPK_STR("-->"), 0) != OPK_NPOS;
    else if (is_blank)
        return OPK_OK; /* part of the code when more of it follows */
    else if (!is_code) {
        *out_done = false;
        return close_leaf(split);
    }
    extend_leaf(split, reading);
    return ends ? close_leaf(split) : OPK_OK;
}

static enum opk_status read_line(struct split *split, const struct opk_marker_line *line)
{
    struct reading reading = {.line = line, .at = {.rest = line->text}};
    enum opk_status status;
    bool done = false;

    match_containers(split, &reading);
    status = read_verbatim(split, &reading, &done);
    if (status != OPK_OK || done)
        return status;
    if (is_blank_line(&reading.at)) {
        split->depth = reading.matched;
        return close_leaf(split);
    }
    status = open_containers(split, &reading);
    if (status == OPK_OK)
        status = turn_para(split, &reading, &done);
    if (status == OPK_OK && !done)
        status = begin_line(split, &reading, &done);
    if (status != OPK_OK || done || is_blank_line(&reading.at))
        return status;
    bool holds_table = split->leaf == LEAF_TABLE && reading.matched == split->depth;
    if (!continues_para(split, &reading) && !(holds_table && !reading.is_new))
        return begin_leaf(split, &reading, LEAF_PARA, OPK_BLOCK_PARA);
    extend_leaf(split, &reading);
    return OPK_OK;
}

/* Is this line a marker's? Sections come in the order of the text. */
static bool is_marker(struct split *split, const struct opk_marker_line *line)
{
    const struct opk_sections *sections = &split->reader->sections;

    if (split->next_section == sections->count)
        return false;
    const struct opk_section *section = &sections->items[split->next_section];
    if (line->number == section->end_line)
        split->next_section++;
    return line->number == section->begin_line || line->number == section->end_line;
}

/* Behind the front matter, when the text begins with one that ends. */
static void skip_front_matter(struct opk_str text, struct opk_marker_line *line)
{
    struct opk_marker_line at = {0};

    if (!opk_marker_line_next(text, &at) || !opk_str_eq(opk_str_trim_end(at.text), OPK_STR("---")))
        return;
    while (opk_marker_line_next(text, &at)) {
        struct opk_str said = opk_str_trim_end(at.text);
        if (opk_str_eq(said, OPK_STR("---")) || opk_str_eq(said, OPK_STR("..."))) {
            *line = at;
            return;
        }
    }
}

enum opk_status opk_block_read_markdown(struct opk_block_reader *reader, struct opk_err *err)
{
    struct split split = {.reader = reader, .err = err};
    struct opk_marker_line line = {0};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < LEVELS; i++)
        split.headings[i] = OPK_STR_EMPTY;
    skip_front_matter(reader->text, &line);
    while (status == OPK_OK && opk_marker_line_next(reader->text, &line))
        status = is_marker(&split, &line) ? close_leaf(&split) : read_line(&split, &line);
    if (status == OPK_OK)
        status = close_leaf(&split);
    opk_buf_done(&split.said);
    return status;
}
