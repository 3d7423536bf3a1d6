#include "sync/front_matter.h"

#define BOM OPK_STR("\xEF\xBB\xBF")

enum opk_front_matter opk_front_matter_find(struct opk_str text, struct opk_str *out_head)
{
    size_t start = opk_str_starts(text, BOM) ? BOM.len : 0;
    struct opk_str head = opk_str_slice(
        text, start,
        text.len - start > OPK_FRONT_MATTER_MAX ? start + OPK_FRONT_MATTER_MAX : text.len);
    struct opk_split lines = OPK_SPLIT(head, '\n');
    struct opk_str line;

    if (!opk_split_next(&lines, &line) || !opk_str_eq(opk_str_trim_end(line), OPK_STR("---")))
        return OPK_FRONT_MATTER_NONE;
    while (opk_split_next(&lines, &line)) {
        struct opk_str mark = opk_str_trim_end(line);
        if (!opk_str_eq(mark, OPK_STR("---")) && !opk_str_eq(mark, OPK_STR("...")))
            continue;
        *out_head = opk_str_slice(text, 0, (size_t)(line.data - text.data));
        return OPK_FRONT_MATTER_FOUND;
    }
    return OPK_FRONT_MATTER_OPEN;
}
