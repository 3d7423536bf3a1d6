#include "sync/diff.h"

#include "base/arena.h"

#include <string.h>

#define CONTEXT 3

struct lines {
    struct opk_str *items; /* each with its newline, if it has one */
    size_t count;
};

/* Lines [old_at, +old_len) become [new_at, +new_len). */
struct change {
    size_t old_at;
    size_t old_len;
    size_t new_at;
    size_t new_len;
};

struct diff {
    struct lines old;
    struct lines new;
    struct change *changes; /* from the end of the texts to the start while they are found */
    size_t count;
};

static bool split(struct opk_arena *arena, const struct opk_str *text, struct lines *out)
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

/* Add one changed line before those found so far; neighbours become one change. */
static void add_edit(struct diff *diff, size_t old_at, size_t new_at, bool is_insert)
{
    struct change *last = diff->count ? &diff->changes[diff->count - 1] : NULL;
    size_t old_end = old_at + !is_insert;
    size_t new_end = new_at + is_insert;

    if (!last || last->old_at != old_end || last->new_at != new_end) {
        diff->changes[diff->count++] = (struct change){old_at, !is_insert, new_at, is_insert};
        return;
    }
    last->old_at = old_at;
    last->new_at = new_at;
    last->old_len += !is_insert;
    last->new_len += is_insert;
}

/*
 * Myers' greedy search between two runs of lines that differ at both ends. reach[d] keeps, for
 * each diagonal k of step d, how far into the old lines d edits come; walking back gives the
 * edits. False when more than OPK_DIFF_EDITS_MAX are needed.
 */
struct search {
    const struct opk_str *old;
    const struct opk_str *new;
    ptrdiff_t old_len;
    ptrdiff_t new_len;
    ptrdiff_t **reach;
};

static ptrdiff_t slide(const struct search *search, ptrdiff_t x, ptrdiff_t k)
{
    while (x < search->old_len && x - k < search->new_len &&
           opk_str_eq(search->old[x], search->new[x - k]))
        x++;
    return x;
}

/* Where a step of d edits on diagonal k came from: down (an inserted line) or right. */
static bool comes_down(const ptrdiff_t *before, ptrdiff_t d, ptrdiff_t k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* Returns the number of edits, or -1 when there are too many or no memory. */
static ptrdiff_t find_edits(struct search *search, struct opk_arena *arena)
{
    for (ptrdiff_t d = 0; d <= OPK_DIFF_EDITS_MAX; d++) {
        ptrdiff_t *row = opk_arena_array(arena, (size_t)(2 * d + 3), sizeof(*row));
        if (!row)
            return -1;
        row += d + 1; /* diagonals -d-1 .. d+1 */
        search->reach[d] = row;
        for (ptrdiff_t k = -d; k <= d; k += 2) {
            const ptrdiff_t *before = d > 0 ? search->reach[d - 1] : NULL;
            ptrdiff_t x = 0;
            if (before)
                x = comes_down(before, d, k) ? before[k + 1] : before[k - 1] + 1;
            row[k] = slide(search, x, k);
            if (k == search->old_len - search->new_len && row[k] >= search->old_len)
                return d;
        }
    }
    return -1;
}

static void walk_back(const struct search *search, ptrdiff_t edits, size_t start, struct diff *diff)
{
    ptrdiff_t k = search->old_len - search->new_len;

    for (ptrdiff_t d = edits; d > 0; d--) {
        const ptrdiff_t *before = search->reach[d - 1];
        bool down = comes_down(before, d, k);
        ptrdiff_t from_k = down ? k + 1 : k - 1;
        ptrdiff_t x = before[from_k];
        add_edit(diff, start + (size_t)x, start + (size_t)(x - from_k), down);
        k = from_k;
    }
}

static enum opk_status find_changes(struct diff *diff, struct opk_arena *arena, struct opk_err *err)
{
    size_t head = 0;
    size_t old_end = diff->old.count;
    size_t new_end = diff->new.count;

    while (head < old_end && head < new_end &&
           opk_str_eq(diff->old.items[head], diff->new.items[head]))
        head++;
    while (old_end > head && new_end > head &&
           opk_str_eq(diff->old.items[old_end - 1], diff->new.items[new_end - 1])) {
        old_end--;
        new_end--;
    }
    struct search search = {
        .old = diff->old.items + head,
        .new = diff->new.items + head,
        .old_len = (ptrdiff_t)(old_end - head),
        .new_len = (ptrdiff_t)(new_end - head),
        .reach = opk_arena_array(arena, OPK_DIFF_EDITS_MAX + 1, sizeof(ptrdiff_t *)),
    };
    diff->changes = opk_arena_array(arena, OPK_DIFF_EDITS_MAX + 1, sizeof(*diff->changes));
    if (!search.reach || !diff->changes)
        return opk_arena_check(arena, err);
    ptrdiff_t edits = find_edits(&search, arena);
    if (arena->failed)
        return opk_arena_check(arena, err);
    if (edits < 0)
        diff->changes[diff->count++] = (struct change){head, old_end - head, head, new_end - head};
    else
        walk_back(&search, edits, head, diff);
    for (size_t i = 0; i < diff->count / 2; i++) {
        struct change swapped = diff->changes[i];
        diff->changes[i] = diff->changes[diff->count - 1 - i];
        diff->changes[diff->count - 1 - i] = swapped;
    }
    return OPK_OK;
}

static void put_lines(const struct lines *lines, size_t from, size_t count, char sign,
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
    const struct change *first = &diff->changes[from];
    const struct change *last = &diff->changes[to - 1];
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
        const struct change *change = &diff->changes[i];
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
        status = find_changes(&diff, &arena, err);
    else
        status = opk_arena_check(&arena, err);
    if (status == OPK_OK && diff.count > 0) {
        opk_buf_printf(out, "--- %s%s\n", old ? "a/" : "/dev/null", old ? path : "");
        opk_buf_printf(out, "+++ %s%s\n", new ? "b/" : "/dev/null", new ? path : "");
    }
    for (size_t from = 0; status == OPK_OK && from < diff.count; from = to) {
        for (to = from + 1; to < diff.count; to++) {
            const struct change *last = &diff.changes[to - 1];
            if (diff.changes[to].old_at - (last->old_at + last->old_len) > (size_t)2 * CONTEXT)
                break;
        }
        put_hunk(&diff, from, to, out);
    }
    if (status == OPK_OK)
        status = opk_buf_check(out, err);
    opk_arena_done(&arena);
    return status;
}
