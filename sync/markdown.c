#include "sync/markdown.h"

#include <string.h>

size_t opk_markdown_column(struct opk_str text, size_t column)
{
    for (size_t i = 0; i < text.len && opk_is_blank(text.data[i]); i++)
        column = text.data[i] == '\t' ? column / 4 * 4 + 4 : column + 1;
    return column;
}

size_t opk_markdown_list_mark(struct opk_str text)
{
    size_t digits = 0;

    while (digits < text.len && digits < 9 && opk_is_digit(text.data[digits]))
        digits++;
    if (digits >= text.len || !strchr(digits ? ".)" : "-*+", text.data[digits]))
        return 0;
    bool stands_alone = digits + 1 == text.len || opk_is_blank(text.data[digits + 1]);
    return text.data[digits] && stands_alone ? digits + 1 : 0;
}

size_t opk_markdown_container_mark(struct opk_str text)
{
    size_t mark = opk_markdown_list_mark(text);

    if (text.len > 0 && text.data[0] == '>')
        return 1;
    return mark > 0 && mark < text.len ? mark + 1 : 0;
}

/* How often the text's first byte stands at its start, when that is a fence's. */
static size_t count_marks(struct opk_str text)
{
    size_t marks = 0;

    if (text.len == 0 || (text.data[0] != '`' && text.data[0] != '~'))
        return 0;
    while (marks < text.len && text.data[marks] == text.data[0])
        marks++;
    return marks;
}

bool opk_markdown_fence_opens(struct opk_str text, struct opk_fence *out_fence)
{
    size_t marks = count_marks(text);

    if (marks < 3 || (text.data[0] == '`' && opk_str_find_byte(text, '`', marks) != OPK_NPOS))
        return false;
    *out_fence = (struct opk_fence){text.data[0], marks};
    return true;
}

bool opk_markdown_fence_closes(struct opk_str text, const struct opk_fence *fence)
{
    size_t marks = count_marks(text);

    return marks >= fence->marks && text.data[0] == fence->mark &&
           opk_str_trim(opk_str_skip(text, marks)).len == 0;
}
