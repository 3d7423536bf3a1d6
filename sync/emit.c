#include "sync/emit.h"

#include "base/out.h"

static void emit_seq(const struct opk_tval *seq, size_t indent, struct opk_buf *out);

static void emit_scalar(const struct opk_tval *value, struct opk_buf *out)
{
    if (value->kind == OPK_TVAL_STRING)
        opk_out_yaml(out, value->text);
    else if (value->kind == OPK_TVAL_BOOL)
        opk_buf_append_cstr(out, value->truth ? "true" : "false");
    else if (value->kind == OPK_TVAL_NONE || value->kind == OPK_TVAL_UNDEFINED)
        opk_buf_append_cstr(out, "null");
    else
        opk_tval_print(value, out);
}

/* What follows "key:" or "-": on the same line for scalars and empty collections. */
static void emit_value(const struct opk_tval *value, size_t indent, struct opk_buf *out)
{
    bool is_seq = value->kind == OPK_TVAL_SEQ;

    if ((is_seq || value->kind == OPK_TVAL_MAP) && value->count == 0) {
        opk_buf_append_cstr(out, is_seq ? " []\n" : " {}\n");
    } else if (is_seq || value->kind == OPK_TVAL_MAP) {
        opk_buf_append_byte(out, '\n');
        if (is_seq)
            emit_seq(value, indent, out);
        else
            opk_emit_map(value, indent, out);
    } else {
        opk_buf_append_byte(out, ' ');
        emit_scalar(value, out);
        opk_buf_append_byte(out, '\n');
    }
}

static void emit_pair(const struct opk_tval *map, size_t at, size_t indent, struct opk_buf *out)
{
    emit_scalar(&map->keys[at], out);
    opk_buf_append_byte(out, ':');
    emit_value(&map->items[at], indent + 2, out);
}

static void emit_seq(const struct opk_tval *seq, size_t indent, struct opk_buf *out)
{
    for (size_t i = 0; i < seq->count; i++) {
        const struct opk_tval *item = &seq->items[i];
        opk_buf_append_fill(out, ' ', indent);
        opk_buf_append_byte(out, '-');
        if (item->kind != OPK_TVAL_MAP || item->count == 0) {
            emit_value(item, indent + 2, out);
            continue;
        }
        for (size_t pair = 0; pair < item->count; pair++) {
            opk_buf_append_fill(out, ' ', pair == 0 ? 1 : indent + 2);
            emit_pair(item, pair, indent + 2, out);
        }
    }
}

void opk_emit_map(const struct opk_tval *map, size_t indent, struct opk_buf *out)
{
    for (size_t i = 0; i < map->count; i++) {
        opk_buf_append_fill(out, ' ', indent);
        emit_pair(map, i, indent, out);
    }
}
