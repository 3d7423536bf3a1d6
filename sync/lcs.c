#include "sync/lcs.h"

/* Add one changed item before those found so far; neighbours become one change. */
static void add_edit(struct opk_lcs *lcs, size_t old_at, size_t new_at, bool is_insert)
{
    struct opk_lcs_change *last = lcs->count ? &lcs->changes[lcs->count - 1] : NULL;
    size_t old_end = old_at + !is_insert;
    size_t new_end = new_at + is_insert;

    if (!last || last->old_at != old_end || last->new_at != new_end) {
        lcs->changes[lcs->count++] = (struct opk_lcs_change){old_at, !is_insert, new_at, is_insert};
        return;
    }
    last->old_at = old_at;
    last->new_at = new_at;
    last->old_len += !is_insert;
    last->new_len += is_insert;
}

/*
 * Myers' greedy search between two runs of items that differ at both ends. reach[d] keeps, for
 * each diagonal k of step d, how far into the old items d edits come; walking back gives the
 * edits. False when more than OPK_LCS_EDITS_MAX are needed.
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

/* Where a step of d edits on diagonal k came from: down (an inserted item) or right. */
static bool comes_down(const ptrdiff_t *before, ptrdiff_t d, ptrdiff_t k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* Returns the number of edits, or -1 when there are too many or no memory. */
static ptrdiff_t find_edits(struct search *search, struct opk_arena *arena)
{
    for (ptrdiff_t d = 0; d <= OPK_LCS_EDITS_MAX; d++) {
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

static void walk_back(const struct search *search, ptrdiff_t edits, size_t start,
                      struct opk_lcs *lcs)
{
    ptrdiff_t k = search->old_len - search->new_len;

    for (ptrdiff_t d = edits; d > 0; d--) {
        const ptrdiff_t *before = search->reach[d - 1];
        bool down = comes_down(before, d, k);
        ptrdiff_t from_k = down ? k + 1 : k - 1;
        ptrdiff_t x = before[from_k];
        add_edit(lcs, start + (size_t)x, start + (size_t)(x - from_k), down);
        k = from_k;
    }
}

enum opk_status opk_lcs_find(struct opk_str_list old, struct opk_str_list new,
                             struct opk_arena *arena, struct opk_lcs *out_lcs, struct opk_err *err)
{
    struct opk_lcs found = {0};
    struct opk_lcs *lcs = &found;
    size_t head = 0;
    size_t old_end = old.count;
    size_t new_end = new.count;

    while (head < old_end && head < new_end && opk_str_eq(old.items[head], new.items[head]))
        head++;
    while (old_end > head && new_end > head &&
           opk_str_eq(old.items[old_end - 1], new.items[new_end - 1])) {
        old_end--;
        new_end--;
    }
    struct search search = {
        .old = old.items + head,
        .new = new.items + head,
        .old_len = (ptrdiff_t)(old_end - head),
        .new_len = (ptrdiff_t)(new_end - head),
        .reach = opk_arena_array(arena, OPK_LCS_EDITS_MAX + 1, sizeof(ptrdiff_t *)),
    };
    lcs->changes = opk_arena_array(arena, OPK_LCS_EDITS_MAX + 1, sizeof(*lcs->changes));
    if (!search.reach || !lcs->changes)
        return opk_arena_check(arena, err);
    ptrdiff_t edits = find_edits(&search, arena);
    if (arena->failed)
        return opk_arena_check(arena, err);
    if (edits < 0)
        lcs->changes[lcs->count++] =
            (struct opk_lcs_change){head, old_end - head, head, new_end - head};
    else
        walk_back(&search, edits, head, lcs);
    for (size_t i = 0; i < lcs->count / 2; i++) {
        struct opk_lcs_change swapped = lcs->changes[i];
        lcs->changes[i] = lcs->changes[lcs->count - 1 - i];
        lcs->changes[lcs->count - 1 - i] = swapped;
    }
    *out_lcs = found;
    return OPK_OK;
}
