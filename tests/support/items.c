#include "support/items.h"

#include "support/support.h"

#include "cluster/shape.h"

void opk_assert_items(const char *name, struct opk_str raw, const char *want)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_item item;
    struct opk_buf got = OPK_BUF_EMPTY;

    while (opk_items_next(&items, &item))
        opk_buf_printf(&got, "%s%c%.*s", got.len > 0 ? " " : "", (char)item.kind,
                       OPK_STR_FMT(item.text));
    opk_assert_str(name, opk_buf_str(&got), opk_str_of(want));
    opk_buf_done(&got);
}
