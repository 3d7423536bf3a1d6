/* Which lines of a text are code or part of a string: there a marker is text. */
#include "sync/marker_impl.h"

#include "base/yaml.h"

#include <string.h>

/* Does a fence open here? Within list items and quotes too, whose column is kept. */
static bool open_fence(struct opk_str text, struct opk_code_fence *out)
{
    struct opk_str rest = text;
    struct opk_code_fence fence = {0};

    for (;;) {
        if (opk_markdown_column(rest, 0) >= OPK_MARKDOWN_CODE_INDENT)
            return false;
        rest = opk_marker_skip_blanks(rest);
        size_t mark = opk_markdown_container_mark(rest);
        if (mark == 0)
            break;
        rest = opk_str_skip(rest, mark);
        fence.offset = text.len - rest.len;
    }
    if (!opk_markdown_fence_opens(rest, &fence.marks))
        return false;
    *out = fence;
    return true;
}

/* A line within a fence: does it end it? A line left of the item that holds the fence does, and
 * is then read as any other. */
static bool close_fence(struct opk_str text, const struct opk_code_fence *fence,
                        bool *out_is_content)
{
    struct opk_str rest = opk_marker_skip_blanks(text);
    size_t columns = opk_markdown_column(text, 0);

    *out_is_content = false;
    while (rest.len > 0 && rest.data[0] == '>')
        rest = opk_marker_skip_blanks(opk_str_skip(rest, 1));
    if (rest.len > 0 && rest.len == opk_marker_skip_blanks(text).len && columns < fence->offset) {
        *out_is_content = true;
        return true;
    }
    return columns < fence->offset + OPK_MARKDOWN_CODE_INDENT &&
           opk_markdown_fence_closes(rest, &fence->marks);
}

/* Is this line of Markdown code, or a fence's own line? Keeps track of fences. */
static bool is_markdown_code(struct opk_code *code, struct opk_str text)
{
    bool is_content = false;

    if (code->fence.marks.marks) {
        if (close_fence(text, &code->fence, &is_content))
            code->fence.marks.marks = 0;
        if (!is_content)
            return true;
    }
    return opk_markdown_column(text, 0) >= OPK_MARKDOWN_CODE_INDENT ||
           open_fence(text, &code->fence);
}

static bool has_lines(struct opk_str text, const struct opk_node *scalar)
{
    return scalar && scalar->kind != OPK_NODE_SEQ && scalar->kind != OPK_NODE_MAP &&
           opk_str_find_byte(opk_str_slice(text, scalar->span.begin, scalar->span.end), '\n', 0) !=
               OPK_NPOS;
}

/* Scalars of several lines; a key of several lines stands before its value. */
static enum opk_status find_scalars(struct opk_code *code, const struct opk_doc *doc,
                                    struct opk_arena *arena, struct opk_err *err)
{
    struct opk_span *spans = opk_arena_array(arena, doc->node_count + 1, sizeof(*spans));

    for (const struct opk_node *node = spans ? doc->root : NULL; node; node = opk_node_next(node)) {
        if (has_lines(doc->source, node->key))
            spans[code->scalar_count++] = node->key->span;
        if (has_lines(doc->source, node))
            spans[code->scalar_count++] = node->span;
    }
    code->scalars = spans;
    return opk_arena_check(arena, err);
}

enum opk_status opk_code_init(struct opk_code *code, enum opk_marker_form form, struct opk_str text,
                              const char *path, struct opk_arena *arena, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX, .allow_foreign = true};
    struct opk_doc doc;
    enum opk_status status;

    *code = (struct opk_code){.form = form};
    if (form != OPK_MARKER_YAML)
        return OPK_OK;
    status = opk_yaml_parse(text, path, limits, &doc, err);
    if (status != OPK_OK)
        return status;
    status = find_scalars(code, &doc, arena, err);
    opk_doc_done(&doc);
    return status;
}

/* A scalar's first line holds its key or dash: the ones below it are text. */
static bool is_in_scalar(struct opk_code *code, const struct opk_marker_line *line)
{
    while (code->scalar_count > 0 && code->scalars->end <= line->begin) {
        code->scalars++;
        code->scalar_count--;
    }
    return code->scalar_count > 0 && code->scalars->begin < line->begin;
}

/* Does a comment begin at a "#"? Not within a word. */
static bool starts_word(struct opk_str line, size_t at)
{
    return at == 0 || opk_is_blank(line.data[at - 1]) || strchr(";(){}|&", line.data[at - 1]);
}

/* A "<<" that is a here-document: the bytes after it say where that ends. */
static void begin_heredoc(struct opk_code *code, struct opk_str line, size_t at)
{
    struct opk_str rest = opk_str_skip(line, at + 2);
    bool strips = opk_str_starts(rest, OPK_STR("-"));
    bool is_number = opk_str_find(opk_str_slice(line, 0, at), OPK_STR("(("), 0) != OPK_NPOS;
    char quote = 0;
    size_t len = 0;

    rest = opk_marker_skip_blanks(opk_str_skip(rest, strips));
    if (rest.len > 0 && (rest.data[0] == '\'' || rest.data[0] == '"' || rest.data[0] == '\\')) {
        quote = rest.data[0];
        rest = opk_str_skip(rest, 1);
    }
    while (len < rest.len && (opk_is_alnum(rest.data[len]) || rest.data[len] == '_' ||
                              (quote && quote != '\\' && rest.data[len] != quote)))
        len++;
    if (len == 0 || is_number || (!quote && opk_is_digit(rest.data[0])) ||
        code->heredoc_count == OPK_MARKER_HEREDOCS_MAX)
        return;
    code->heredocs[code->heredoc_count++] =
        (struct opk_heredoc){opk_str_slice(rest, 0, len), strips};
}

/* Past a quote, an escape or a comment of a script; the place of the next byte to look at. */
static size_t script_step(struct opk_code *code, struct opk_str line, size_t at)
{
    bool is_shell = code->form == OPK_MARKER_SHELL;
    char c = line.data[at];
    char escape = is_shell ? '\\' : '`';

    if (c == escape && code->quote != '\'')
        return at + 2;
    if (code->quote) {
        if (c == code->quote)
            code->quote = 0;
        return at + 1;
    }
    struct opk_str rest = opk_str_skip(line, at);
    if (!is_shell && opk_str_starts(rest, OPK_STR("<#"))) {
        code->in_comment = true;
        return at + 2;
    }
    if (c == '#' && starts_word(line, at))
        return line.len;
    if (is_shell && opk_str_starts(rest, OPK_STR("<<<")))
        return at + 3;
    if (is_shell && opk_str_starts(rest, OPK_STR("<<"))) {
        begin_heredoc(code, line, at);
        return at + 2;
    }
    if (c == '"' || c == '\'') {
        code->quote = c;
        code->is_here = !is_shell && at > 0 && line.data[at - 1] == '@' &&
                        opk_str_trim(opk_str_skip(rest, 1)).len == 0;
    }
    return at + 1;
}

/* Past the rest of a comment of PowerShell that began on this line or an earlier one. */
static size_t skip_comment(struct opk_code *code, struct opk_str line, size_t at)
{
    size_t end = opk_str_find(line, OPK_STR("#>"), at);

    code->in_comment = end == OPK_NPOS;
    return code->in_comment ? line.len : end + 2;
}

/* Is this line of a script part of a string or a here-document? Keeps track of both. What stands
 * in a comment of many lines is a comment, and may be a marker. */
static bool is_script_text(struct opk_code *code, struct opk_str line)
{
    bool is_text = code->quote != 0 || code->heredoc_count > 0;
    size_t at = 0;

    if (code->heredoc_count > 0) {
        struct opk_str said = line;
        while (code->heredocs[0].strips_tabs && opk_str_starts(said, OPK_STR("\t")))
            said = opk_str_skip(said, 1);
        if (opk_str_eq(said, code->heredocs[0].end))
            memmove(code->heredocs, code->heredocs + 1,
                    --code->heredoc_count * sizeof(code->heredocs[0]));
        return true;
    }
    if (code->is_here) {
        if (line.len < 2 || line.data[0] != code->quote || line.data[1] != '@')
            return true;
        code->is_here = false;
        code->quote = 0;
        at = 2;
    }
    while (at < line.len)
        at = code->in_comment ? skip_comment(code, line, at) : script_step(code, line, at);
    return is_text;
}

bool opk_code_next(struct opk_code *code, const struct opk_marker_line *line)
{
    switch (code->form) {
    case OPK_MARKER_HTML:
        return is_markdown_code(code, line->text);
    case OPK_MARKER_YAML:
        return is_in_scalar(code, line);
    case OPK_MARKER_POWERSHELL:
    case OPK_MARKER_SHELL:
        return is_script_text(code, line->text);
    case OPK_MARKER_HASH:
        break;
    }
    return false;
}
