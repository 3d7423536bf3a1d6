#include "base/yaml_layout.h"

#include <string.h>

size_t opk_yaml_bom(struct opk_str text)
{
    return opk_str_starts(text, OPK_STR("\xEF\xBB\xBF")) ? 3 : 0;
}

char opk_yaml_byte(struct opk_str text, size_t at)
{
    return at < text.len ? text.data[at] : '\n';
}

bool opk_yaml_is_break(char c)
{
    return c == '\n' || c == '\r';
}

size_t opk_yaml_skip_space(struct opk_str text, size_t at)
{
    while (at < text.len) {
        char c = text.data[at];
        if (c == '#')
            at = opk_yaml_line_end(text, at);
        else if (opk_is_blank(c) || opk_yaml_is_break(c))
            at++;
        else if (at > 0 && opk_yaml_is_break(text.data[at - 1]) &&
                 opk_str_starts(opk_str_skip(text, at), OPK_STR("\xEF\xBB\xBF")))
            at += 3; /* a BOM at the beginning of a line, which libyaml passes over as well */
        else
            break;
    }
    return at;
}

size_t opk_yaml_prop_end(struct opk_str text, size_t at)
{
    bool verbatim = text.data[at] == '!' && opk_yaml_byte(text, at + 1) == '<';

    if (text.data[at] == '&') {
        do {
            at++;
        } while (at < text.len &&
                 (opk_is_alnum(text.data[at]) || text.data[at] == '-' || text.data[at] == '_'));
        return at;
    }
    for (; at < text.len; at++) {
        char c = text.data[at];
        if (opk_is_blank(c) || opk_yaml_is_break(c) || (!verbatim && c && strchr(",[]{}", c)))
            break;
    }
    return at;
}

size_t opk_yaml_line_begin(struct opk_str text, size_t at)
{
    size_t first = opk_yaml_bom(text);

    while (at > first && !opk_yaml_is_break(text.data[at - 1]))
        at--;
    return at;
}

size_t opk_yaml_line_end(struct opk_str text, size_t at)
{
    while (at < text.len && !opk_yaml_is_break(text.data[at]))
        at++;
    return at;
}

size_t opk_yaml_line_next(struct opk_str text, size_t at)
{
    at = opk_yaml_line_end(text, at);
    if (at < text.len && text.data[at] == '\r' && opk_yaml_byte(text, at + 1) == '\n')
        at++;
    return at < text.len ? at + 1 : at;
}

size_t opk_yaml_line_end_before(struct opk_str text, size_t line)
{
    if (line == opk_yaml_bom(text))
        return line;
    bool crlf = line >= 2 && text.data[line - 1] == '\n' && text.data[line - 2] == '\r';
    return line - (crlf ? 2 : 1);
}

struct opk_str opk_yaml_eol(struct opk_str text)
{
    size_t end = opk_yaml_line_end(text, 0);

    if (end == text.len)
        return OPK_STR("\n");
    return opk_str_slice(text, end, opk_yaml_line_next(text, end));
}

bool opk_yaml_starts_line(struct opk_str text, size_t at)
{
    size_t begin = opk_yaml_line_begin(text, at);

    while (begin < at && opk_is_blank(text.data[begin]))
        begin++;
    return begin == at;
}

bool opk_yaml_ends_line(struct opk_str text, size_t at)
{
    while (at < text.len && opk_is_blank(text.data[at]))
        at++;
    char c = opk_yaml_byte(text, at);
    return opk_yaml_is_break(c) || c == '#';
}

size_t opk_yaml_entry_begin(struct opk_str text, const struct opk_node *child,
                            const struct opk_node *prev)
{
    const struct opk_node *parent = child->parent;

    if (!prev && opk_yaml_is_bracketed(text, parent))
        return opk_yaml_skip_space(text, parent->span.begin + 1);
    if (!prev)
        return parent->span.begin;
    size_t at = opk_yaml_skip_space(text, prev->span.end);
    if (parent->style == OPK_STYLE_FLOW && opk_yaml_byte(text, at) == ',')
        at = opk_yaml_skip_space(text, at + 1);
    return at;
}

size_t opk_yaml_colon(struct opk_str text, const struct opk_node *child)
{
    size_t at = opk_yaml_skip_space(text, child->key->span.end);

    return opk_yaml_byte(text, at) == ':' ? at : OPK_NPOS;
}

size_t opk_yaml_comma(struct opk_str text, const struct opk_node *child)
{
    size_t at = opk_yaml_skip_space(text, child->span.end);

    return opk_yaml_byte(text, at) == ',' ? at : OPK_NPOS;
}

size_t opk_yaml_header_end(struct opk_str text, const struct opk_node *scalar)
{
    size_t at = scalar->span.begin;

    while (at < scalar->span.end && strchr("|>+-0123456789", text.data[at]))
        at++;
    return at;
}

bool opk_yaml_is_bracketed(struct opk_str text, const struct opk_node *node)
{
    char c = opk_yaml_byte(text, node->span.begin);

    return node->style == OPK_STYLE_FLOW && c == (node->kind == OPK_NODE_MAP ? '{' : '[');
}

bool opk_yaml_in_flow(const struct opk_node *node)
{
    return node->parent && node->parent->style == OPK_STYLE_FLOW;
}
