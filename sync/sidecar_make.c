/* A document's sidecar made new: which block is which old one, and the ids of those that are new.
 */
#include "sync/lcs.h"
#include "sync/sidecar.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* One of the two runs of blocks that are compared. */
struct side {
    const struct opk_blocks *blocks;
    struct opk_str *keys; /* of each block: its kind and words */
    size_t *parents;      /* the heading, mapping or item that holds it; NONE at the top */
    size_t *match;        /* on the other side; NONE so far */
    size_t *first;        /* blocks of a section that have no match: a list for each holder, ... */
    size_t *next;         /* ... in order; the last list is that of the top */
};

struct match {
    struct side old;
    struct side now;
    struct opk_arena *arena; /* borrowed; of the work, not of the result */
    struct opk_err *err;
};

/* ---- the two sides ---- */

static bool holds(struct opk_str pointer, struct opk_str section)
{
    return opk_str_starts(section, pointer) &&
           (section.len == pointer.len || section.data[pointer.len] == '/');
}

/* A block is held by the last one before it whose pointer its section begins with. */
static void find_parents(struct side *side, size_t *open)
{
    size_t depth = 0;

    for (size_t i = 0; i < side->blocks->count; i++) {
        const struct opk_block *block = &side->blocks->items[i];
        while (depth > 0 && !holds(side->blocks->items[open[depth - 1]].pointer, block->section))
            depth--;
        side->parents[i] = depth > 0 ? open[depth - 1] : NONE;
        if (block->opens)
            open[depth++] = i;
    }
}

static struct opk_str block_key(const struct opk_block *block, struct opk_arena *arena)
{
    char key[1 + sizeof(block->digest)];

    key[0] = (char)block->kind;
    memcpy(key + 1, &block->digest, sizeof(block->digest));
    return opk_arena_pack(arena, opk_str_bytes(key, sizeof(key)));
}

static enum opk_status init_side(struct match *match, struct side *side,
                                 const struct opk_blocks *blocks)
{
    size_t count = blocks->count + 1;
    size_t *open = opk_arena_array(match->arena, count, sizeof(*open));

    side->blocks = blocks;
    side->keys = opk_arena_array(match->arena, count, sizeof(*side->keys));
    side->parents = opk_arena_array(match->arena, count, sizeof(size_t));
    side->match = opk_arena_array(match->arena, count, sizeof(size_t));
    side->first = opk_arena_array(match->arena, count, sizeof(size_t));
    side->next = opk_arena_array(match->arena, count, sizeof(size_t));
    if (match->arena->failed)
        return opk_arena_check(match->arena, match->err);
    for (size_t i = 0; i < blocks->count; i++) {
        side->keys[i] = block_key(&blocks->items[i], match->arena);
        side->match[i] = NONE;
    }
    find_parents(side, open);
    return opk_arena_check(match->arena, match->err);
}

static void pair_up(struct match *match, size_t old, size_t now)
{
    match->old.match[old] = now;
    match->now.match[now] = old;
}

/* ---- equal blocks ---- */

static enum opk_status match_in_order(struct match *match)
{
    struct opk_str_list old = {match->old.keys, match->old.blocks->count};
    struct opk_str_list now = {match->now.keys, match->now.blocks->count};
    struct opk_lcs lcs;
    size_t at = 0;
    size_t to = 0;
    enum opk_status status = opk_lcs_find(old, now, match->arena, &lcs, match->err);

    for (size_t i = 0; status == OPK_OK && i <= lcs.count; i++) {
        size_t end = i < lcs.count ? lcs.changes[i].old_at : old.count;
        while (at < end)
            pair_up(match, at++, to++);
        if (i < lcs.count) {
            at += lcs.changes[i].old_len;
            to += lcs.changes[i].new_len;
        }
    }
    return status;
}

/* What two blocks must have alike: their words, and in_section the block that holds them, which is
 * told by its number on the old side; one that is new there has none. */
static struct opk_str meeting_key(const struct match *match, const struct side *side, size_t at,
                                  bool in_section, char *room)
{
    struct opk_str key = side->keys[at];
    size_t holder = side->parents[at];

    memcpy(room, key.data, key.len);
    if (!in_section)
        return opk_str_bytes(room, key.len);
    if (holder != NONE && side == &match->now)
        holder = side->match[holder] == NONE ? NONE - 1 : side->match[holder];
    memcpy(room + key.len, &holder, sizeof(holder));
    return opk_str_bytes(room, key.len + sizeof(holder));
}

/* Equal blocks that are not in order any more: the first left on one side is the first left on the
 * other. */
static enum opk_status match_equal(struct match *match, bool in_section)
{
    char room[1 + sizeof(struct opk_hash128) + sizeof(size_t)];
    size_t old_count = match->old.blocks->count;
    size_t *heads = opk_arena_array(match->arena, old_count + 1, sizeof(*heads));
    size_t *next = opk_arena_array(match->arena, old_count + 1, sizeof(*next));
    struct opk_map *left = NULL;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&left, match->err);

    if (status == OPK_OK)
        status = opk_arena_check(match->arena, match->err);
    for (size_t i = old_count; status == OPK_OK && i-- > 0;) {
        if (match->old.match[i] != NONE)
            continue;
        status = opk_map_add(left, meeting_key(match, &match->old, i, in_section, room), &index,
                             &is_new, match->err);
        if (status == OPK_OK) {
            next[i] = is_new ? NONE : heads[index];
            heads[index] = i;
        }
    }
    for (size_t i = 0; status == OPK_OK && i < match->now.blocks->count; i++) {
        struct opk_str key = meeting_key(match, &match->now, i, in_section, room);
        if (match->now.match[i] != NONE || !opk_map_find(left, key, &index) || heads[index] == NONE)
            continue;
        size_t old = heads[index];
        heads[index] = next[old];
        pair_up(match, old, i);
    }
    opk_map_free(left);
    return status;
}

/* ---- blocks that were edited ---- */

/* Chain the blocks without a match by what holds them. */
static void chain(struct side *side)
{
    size_t count = side->blocks->count;

    for (size_t i = 0; i <= count; i++)
        side->first[i] = NONE;
    for (size_t i = count; i-- > 0;) {
        size_t holder = side->parents[i] == NONE ? count : side->parents[i];
        if (side->match[i] != NONE)
            continue;
        side->next[i] = side->first[holder];
        side->first[holder] = i;
    }
}

/* A mapping is named by its key: the one with the same key is the same. */
static bool has_same_key(const struct opk_block *a, const struct opk_block *b)
{
    struct opk_str left = opk_str_skip(a->pointer, a->section.len);
    struct opk_str right = opk_str_skip(b->pointer, b->section.len);

    return a->kind == OPK_BLOCK_MAPPING && b->kind == OPK_BLOCK_MAPPING && opk_str_eq(left, right);
}

static void match_keys(struct match *match, size_t old_first, size_t now_first)
{
    for (size_t i = now_first; i != NONE; i = match->now.next[i]) {
        const struct opk_block *now = &match->now.blocks->items[i];
        for (size_t j = now->kind == OPK_BLOCK_MAPPING ? old_first : NONE; j != NONE;
             j = match->old.next[j]) {
            if (match->old.match[j] == NONE && has_same_key(&match->old.blocks->items[j], now)) {
                pair_up(match, j, i);
                break;
            }
        }
    }
}

/* Two blocks that may be one. */
struct likeness {
    double overlap;
    size_t old;
    size_t now;
};

/* The most alike first, then in the order of the texts. */
static int compare_likeness(const void *left, const void *right)
{
    const struct likeness *a = left;
    const struct likeness *b = right;

    if (a->overlap != b->overlap)
        return a->overlap < b->overlap ? 1 : -1;
    if (a->old != b->old)
        return a->old < b->old ? -1 : 1;
    return (a->now > b->now) - (a->now < b->now);
}

static size_t count_left(const struct side *side, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i != NONE; i = side->next[i])
        count += side->match[i] == NONE;
    return count;
}

/* Add the pairs of one new block that are alike enough. */
static enum opk_status add_likely(const struct match *match, size_t old_first, size_t now,
                                  struct likeness **pairs, size_t *count, size_t *cap)
{
    const struct opk_block *block = &match->now.blocks->items[now];

    for (size_t i = old_first; i != NONE; i = match->old.next[i]) {
        const struct opk_block *old = &match->old.blocks->items[i];
        double overlap = match->old.match[i] == NONE && old->kind == block->kind
                             ? opk_block_overlap(&old->tokens, &block->tokens)
                             : 0;
        if (overlap < OPK_SIDECAR_OVERLAP)
            continue;
        struct likeness *grown = opk_grow(*pairs, cap, *count + 1, sizeof(*grown));
        if (!grown)
            return opk_fail(match->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to compare blocks");
        *pairs = grown;
        grown[(*count)++] = (struct likeness){overlap, i, now};
    }
    return OPK_OK;
}

/* A section with too many blocks to compare is as good as written anew. */
static bool may_compare(const struct match *match, size_t old_first, size_t now_first)
{
    size_t old_left = count_left(&match->old, old_first);

    return old_left > 0 && count_left(&match->now, now_first) <= OPK_SIDECAR_PAIRS_MAX / old_left;
}

/* The blocks of one section that share most of their words. */
static enum opk_status match_likely(struct match *match, size_t old_first, size_t now_first)
{
    struct likeness *pairs = NULL;
    size_t count = 0;
    size_t cap = 0;
    enum opk_status status = OPK_OK;

    for (size_t i = now_first; i != NONE && status == OPK_OK; i = match->now.next[i]) {
        if (match->now.match[i] == NONE)
            status = add_likely(match, old_first, i, &pairs, &count, &cap);
    }
    if (status == OPK_OK && count > 0)
        qsort(pairs, count, sizeof(*pairs), compare_likeness);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (match->old.match[pairs[i].old] == NONE && match->now.match[pairs[i].now] == NONE)
            pair_up(match, pairs[i].old, pairs[i].now);
    }
    free(pairs);
    return status;
}

/* Section by section, from the top: what holds a block is matched before it. */
static enum opk_status match_edited(struct match *match)
{
    size_t old_top = match->old.blocks->count;
    size_t now_top = match->now.blocks->count;
    enum opk_status status = OPK_OK;

    chain(&match->old);
    chain(&match->now);
    for (size_t i = 0; i <= now_top && status == OPK_OK; i++) {
        size_t holder = i == 0 ? now_top : i - 1;
        size_t old = holder == now_top ? old_top : match->now.match[holder];
        if (old == NONE || match->now.first[holder] == NONE)
            continue;
        if (!may_compare(match, match->old.first[old], match->now.first[holder]))
            continue;
        match_keys(match, match->old.first[old], match->now.first[holder]);
        status = match_likely(match, match->old.first[old], match->now.first[holder]);
    }
    return status;
}

static enum opk_status match_blocks(struct match *match, const struct opk_blocks *old,
                                    const struct opk_blocks *now,
                                    const struct opk_sidecar_pair *same)
{
    enum opk_status status = init_side(match, &match->old, old);

    if (status == OPK_OK)
        status = init_side(match, &match->now, now);
    if (status != OPK_OK)
        return status;
    if (same) /* what no other block says */
        match->old.keys[same->old] = match->now.keys[same->new] = OPK_STR("same");
    status = match_in_order(match);
    if (status == OPK_OK)
        status = match_equal(match, true);
    if (status == OPK_OK)
        status = match_equal(match, false);
    return status == OPK_OK ? match_edited(match) : status;
}

/* ---- ids ---- */

/* Gives new ids; every id that is or was there is taken. */
struct minter {
    struct opk_map *taken;
    struct opk_map *roots; /* what ids are made of, ... */
    uint64_t *counts;      /* ... and how many of each were made; owned */
    size_t cap;
    struct opk_buf text;
};

static void minter_done(struct minter *minter)
{
    opk_map_free(minter->taken);
    opk_map_free(minter->roots);
    opk_buf_done(&minter->text);
    free(minter->counts);
}

static enum opk_status take(struct minter *minter, struct opk_str mfid, bool *out_is_new,
                            struct opk_err *err)
{
    uint32_t index;

    return opk_map_add(minter->taken, mfid, &index, out_is_new, err);
}

static enum opk_status minter_init(struct minter *minter, const struct opk_sidecar *old,
                                   struct opk_err *err)
{
    bool is_new;
    enum opk_status status = opk_map_new(&minter->taken, err);

    if (status == OPK_OK)
        status = opk_map_new(&minter->roots, err);
    for (size_t i = 0; old && i < old->blocks.count && status == OPK_OK; i++)
        status = take(minter, old->mfids[i], &is_new, err);
    for (size_t i = 0; old && i < old->retired_count && status == OPK_OK; i++)
        status = take(minter, old->retired[i], &is_new, err);
    return status;
}

/* How many ids were made of the same so far. */
static enum opk_status find_count(struct minter *minter, uint64_t **out_count, struct opk_err *err)
{
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_buf_check(&minter->text, err);

    if (status == OPK_OK)
        status = opk_map_add(minter->roots, opk_buf_str(&minter->text), &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    uint64_t *grown =
        opk_grow(minter->counts, &minter->cap, (size_t)index + 1, sizeof(*minter->counts));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for new ids");
    minter->counts = grown;
    if (is_new)
        grown[index] = 0;
    *out_count = &grown[index];
    return OPK_OK;
}

static enum opk_status mint(struct minter *minter, struct opk_sidecar *sidecar, const char *path,
                            size_t at, struct opk_err *err)
{
    const struct opk_block *block = &sidecar->blocks.items[at];
    char digest[OPK_HASH128_TEXT];
    char mfid[OPK_MFID_LEN + 1];
    uint64_t *count = NULL;
    bool is_new = false;
    enum opk_status status;

    opk_hash128_text(block->digest, digest);
    opk_buf_clear(&minter->text);
    opk_buf_printf(&minter->text, "%.*s\n%s\n%s\n%s\n%.*s\n", OPK_STR_FMT(sidecar->ulid), path,
                   opk_block_kind_name(block->kind), digest, OPK_STR_FMT(block->section));
    status = find_count(minter, &count, err);
    size_t len = minter->text.len;
    while (status == OPK_OK && !is_new) {
        opk_buf_truncate(&minter->text, len);
        opk_buf_append_u64(&minter->text, (*count)++);
        status = opk_buf_check(&minter->text, err);
        memcpy(mfid, sidecar->ulid.data, OPK_MFID_LEN - OPK_MFID_DIGITS - 1);
        mfid[OPK_MFID_LEN - OPK_MFID_DIGITS - 1] = '#';
        opk_hash128_crockford(opk_hash128(opk_buf_str(&minter->text)), OPK_MFID_DIGITS,
                              mfid + OPK_MFID_LEN - OPK_MFID_DIGITS);
        if (status == OPK_OK)
            status = take(minter, opk_str_bytes(mfid, OPK_MFID_LEN), &is_new, err);
    }
    sidecar->mfids[at] = opk_arena_copy(&sidecar->blocks.arena, opk_str_bytes(mfid, OPK_MFID_LEN));
    return status;
}

static enum opk_status give_ids(struct opk_sidecar *sidecar, const char *path,
                                const struct opk_sidecar *old, const size_t *matched,
                                struct opk_err *err)
{
    struct opk_arena *arena = &sidecar->blocks.arena;
    struct minter minter = {0};
    enum opk_status status = minter_init(&minter, old, err);

    for (size_t i = 0; i < sidecar->blocks.count && status == OPK_OK; i++) {
        if (matched[i] != NONE)
            sidecar->mfids[i] = opk_arena_copy(arena, old->mfids[matched[i]]);
        else
            status = mint(&minter, sidecar, path, i, err);
    }
    minter_done(&minter);
    return status == OPK_OK ? opk_arena_check(arena, err) : status;
}

static int compare_ids(const void *left, const void *right)
{
    return opk_str_cmp(*(const struct opk_str *)left, *(const struct opk_str *)right);
}

/* The ids of old blocks that no new one is, and those that were retired before. */
static enum opk_status retire(struct opk_sidecar *sidecar, const char *path,
                              const struct opk_sidecar *old, const size_t *matched,
                              struct opk_err *err)
{
    struct opk_arena *arena = &sidecar->blocks.arena;
    size_t most = old ? old->retired_count + old->blocks.count : 0;

    sidecar->retired = opk_arena_array(arena, most + 1, sizeof(*sidecar->retired));
    if (!sidecar->retired)
        return opk_arena_check(arena, err);
    for (size_t i = 0; old && i < old->retired_count; i++)
        sidecar->retired[sidecar->retired_count++] = opk_arena_copy(arena, old->retired[i]);
    for (size_t i = 0; old && i < old->blocks.count; i++) {
        if (matched[i] == NONE)
            sidecar->retired[sidecar->retired_count++] = opk_arena_copy(arena, old->mfids[i]);
    }
    if (sidecar->retired_count > OPK_SIDECAR_RETIRED_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path),
                        "more than %d retired ids; give the document a new ULID",
                        OPK_SIDECAR_RETIRED_MAX);
    qsort(sidecar->retired, sidecar->retired_count, sizeof(*sidecar->retired), compare_ids);
    return opk_arena_check(arena, err);
}

enum opk_status opk_sidecar_make(const struct opk_sidecar_doc *doc, const struct opk_sidecar *old,
                                 const struct opk_sidecar_pair *same,
                                 struct opk_sidecar *out_sidecar, struct opk_err *err)
{
    struct opk_arena work = {0};
    struct opk_sidecar sidecar = {.source = opk_hash128(doc->text)};
    struct opk_arena *arena = &sidecar.blocks.arena;
    struct match match = {.arena = &work, .err = err};
    const struct opk_blocks none = {0};
    enum opk_status status = opk_blocks_split(doc->text, doc->path, &sidecar.blocks, err);

    assert(!old || opk_str_eq(old->ulid, doc->ulid));
    if (status == OPK_OK) {
        sidecar.ulid = opk_arena_copy(arena, doc->ulid);
        sidecar.mfids = opk_arena_array(arena, sidecar.blocks.count + 1, sizeof(*sidecar.mfids));
        status = opk_arena_check(arena, err);
    }
    if (status == OPK_OK)
        status = match_blocks(&match, old ? &old->blocks : &none, &sidecar.blocks, same);
    if (status == OPK_OK)
        status = give_ids(&sidecar, doc->path, old, match.now.match, err);
    if (status == OPK_OK)
        status = retire(&sidecar, doc->path, old, match.old.match, err);
    opk_arena_done(&work);
    if (status == OPK_OK)
        *out_sidecar = sidecar;
    else
        opk_sidecar_done(&sidecar);
    return status;
}
