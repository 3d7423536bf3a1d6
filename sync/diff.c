#include "sync/diff.h"

#include "base/arena.h"
#include "sync/lcs.h"

#define CONTEXT 3

struct diff {
    struct opk_str_list old; /* lines, each with its newline, if it has one */
    struct opk_str_list new;
    struct opk_lcs found;
};

static bool split(struct opk_arena *arena, const struct opk_str *text, struct opk_str_list *out)
{
    struct opk_str rest = text ? *text : OPK_STR_EMPTY;
    size_t count = 0;

    for (size_t i = 0; i < rest.len; i++)
        count += rest.data[i] == '\n';
    out->count = 0;
    out->items = opk_arena_array(arena, count + 1, sizeof(*out->items));
    if (!out->items)
        return false;
    while (rest.len > 0) {
        size_t newline = opk_str_find_byte(rest, '\n', 0);
        size_t len = newline == OPK_NPOS ? rest.len : newline + 1;
        out->items[out->count++] = opk_str_slice(rest, 0, len);
        rest = opk_str_skip(rest, len);
    }
    return true;
}

static void put_lines(const struct opk_str_list *lines, size_t from, size_t count, char sign,
                      struct opk_buf *out)
{
    for (size_t i = from; i < from + count; i++) {
        opk_buf_append_byte(out, sign);
        opk_buf_append(out, lines->items[i]);
        if (!opk_str_ends(lines->items[i], OPK_STR("\n")))
            opk_buf_append_cstr(out, "\n\\ No newline at end of file\n");
    }
}

/* "12,3": an empty range names the line before it. */
static void put_range(size_t from, size_t count, struct opk_buf *out)
{
    opk_buf_append_u64(out, count ? from + 1 : from);
    if (count != 1) {
        opk_buf_append_byte(out, ',');
        opk_buf_append_u64(out, count);
    }
}

/* One hunk: the changes [from, to), with what lies between and around them. */
static void put_hunk(const struct diff *diff, size_t from, size_t to, struct opk_buf *out)
{
    const struct opk_lcs_change *first = &diff->found.changes[from];
    const struct opk_lcs_change *last = &diff->found.changes[to - 1];
    size_t before = first->old_at < CONTEXT ? first->old_at : CONTEXT;
    size_t old_end = last->old_at + last->old_len;
    size_t after = diff->old.count - old_end < CONTEXT ? diff->old.count - old_end : CONTEXT;
    size_t at = first->old_at - before;

    opk_buf_append_cstr(out, "@@ -");
    put_range(at, old_end + after - at, out);
    opk_buf_append_cstr(out, " +");
    put_range(first->new_at - before,
              last->new_at + last->new_len + after - (first->new_at - before), out);
    opk_buf_append_cstr(out, " @@\n");
    for (size_t i = from; i < to; i++) {
        const struct opk_lcs_change *change = &diff->found.changes[i];
        put_lines(&diff->old, at, change->old_at - at, ' ', out);
        put_lines(&diff->old, change->old_at, change->old_len, '-', out);
        put_lines(&diff->new, change->new_at, change->new_len, '+', out);
        at = change->old_at + change->old_len;
    }
    put_lines(&diff->old, old_end, after, ' ', out);
}

enum opk_status opk_diff_unified(const char *path, const struct opk_str *old,
                                 const struct opk_str *new, struct opk_buf *out,
                                 struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct diff diff = {0};
    enum opk_status status;
    size_t to;

    if (split(&arena, old, &diff.old) && split(&arena, new, &diff.new))
        status = opk_lcs_find(diff.old, diff.new, &arena, &diff.found, err);
    else
        status = opk_arena_check(&arena, err);
    if (status == OPK_OK && diff.found.count > 0) {
        opk_buf_printf(out, "--- %s%s\n", old ? "a/" : "/dev/null", old ? path : "");
        opk_buf_printf(out, "+++ %s%s\n", new ? "b/" : "/dev/null", new ? path : "");
    }
    for (size_t from = 0; status == OPK_OK && from < diff.found.count; from = to) {
        for (to = from + 1; to < diff.found.count; to++) {
            const struct opk_lcs_change *last = &diff.found.changes[to - 1];
            if (diff.found.changes[to].old_at - (last->old_at + last->old_len) >
                (size_t)2 * CONTEXT)
                break;
        }
        put_hunk(&diff, from, to, out);
    }
    if (status == OPK_OK)
        status = opk_buf_check(out, err);
    opk_arena_done(&arena);
    return status;
}
