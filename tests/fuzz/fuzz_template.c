/* A template that renders does so twice alike and within its limits; one that is a single
 * expression has a value that prints as what was rendered. */
#include "fuzz.h"

#include "base/template.h"

#include <stdlib.h>

/* Data with one value of each kind. */
static struct opk_tval sample(struct opk_arena *arena)
{
    struct opk_tval *items = opk_arena_array(arena, 2, sizeof(*items));
    struct opk_tval map;

    if (!items)
        abort();
    items[0] = opk_tval_string(OPK_STR("OPK-B"));
    items[1] = opk_tval_string(OPK_STR("OPK-a"));
    opk_tval_map_init(&map, arena, 6);
    opk_tval_map_add(&map, OPK_STR("t"), opk_tval_string(OPK_STR("a text\nof two lines")));
    opk_tval_map_add(&map, OPK_STR("n"), (struct opk_tval){.kind = OPK_TVAL_INT, .integer = 7});
    opk_tval_map_add(&map, OPK_STR("x"), (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = 2.5});
    opk_tval_map_add(&map, OPK_STR("b"), (struct opk_tval){.kind = OPK_TVAL_BOOL, .truth = true});
    opk_tval_map_add(&map, OPK_STR("l"),
                     (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items, .count = 2});
    opk_tval_map_add(&map, OPK_STR("m"), map);
    return map;
}

static enum opk_status render(struct opk_str text, struct opk_buf *out, struct opk_buf *value)
{
    struct opk_arena arena = {.limit = (size_t)256 << 20};
    struct opk_tval data = sample(&arena);
    const struct opk_template *tmpl;
    struct opk_tval one;
    enum opk_status status = opk_template_parse(&arena, text, OPK_AT_LINE("t", 1), &tmpl, NULL);

    if (status == OPK_OK)
        status = opk_template_render(tmpl, &data, &arena, out, NULL);
    if (status == OPK_OK && opk_template_value(tmpl, &data, &arena, &one, NULL) == OPK_OK)
        opk_tval_print(&one, value);
    opk_arena_done(&arena);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_buf first = OPK_BUF_EMPTY;
    struct opk_buf again = OPK_BUF_EMPTY;
    struct opk_buf value = OPK_BUF_EMPTY;
    struct opk_str text = opk_str_bytes(data, size);

    if (render(text, &first, &value) == OPK_OK) {
        if (!opk_str_eq(opk_buf_str(&first), opk_buf_str(&value)))
            abort();
        opk_buf_clear(&value);
        if (render(text, &again, &value) != OPK_OK ||
            !opk_str_eq(opk_buf_str(&first), opk_buf_str(&again)))
            abort();
    }
    if (first.len > 2 * OPK_TEMPLATE_OUTPUT_MAX)
        abort();
    opk_buf_done(&first);
    opk_buf_done(&again);
    opk_buf_done(&value);
    return 0;
}
