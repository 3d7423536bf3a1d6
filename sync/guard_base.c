#include "sync/guard_base.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/template.h"
#include "base/yaml.h"
#include "sync/card_older.h"

#include <stdlib.h>
#include <string.h>

/* What is needed while the pairs are made. */
struct loader {
    struct opk_repo *repo;
    const struct opk_rules *rules;
    struct opk_guard_base *base;
    struct opk_map *changed; /* paths of changes; indexes are those of the list */
    struct opk_map *ulids;   /* of pairs */
    struct opk_map *paths;   /* of files; indexes owners */
    size_t *owners;          /* owned; a pair each */
    size_t owner_cap;
    struct opk_err *err;
};

void opk_guard_base_done(struct opk_guard_base *base)
{
    for (size_t i = 0; i < base->old_count; i++)
        opk_card_done(&base->old_cards[i]);
    opk_git_base_done(&base->at);
    opk_arena_done(&base->arena);
    *base = (struct opk_guard_base){0};
}

static bool is_ours(struct opk_str key)
{
    return opk_str_eq_nocase(key, OPK_STR("Intent")) ||
           opk_str_eq_nocase(key, OPK_STR("Pattern-Guard"));
}

/* The trailers of the commits since the base, newest first. */
static enum opk_status read_trailers(struct opk_guard_base *base, struct opk_err *err)
{
    struct opk_git_history since = {0};
    size_t cap = 0;
    enum opk_status status =
        opk_git_log(base->at.git, &base->at.head, &base->at.id, &base->arena, &since, err);

    if (status == OPK_OK && since.is_cut && base->cut.status == OPK_OK)
        opk_err_set(&base->cut, OPK_E_NOENT, OPK_NOWHERE,
                    "this clone is shallow and does not hold every commit since the base; their "
                    "trailers are not read");
    for (size_t i = 0; i < since.count && status == OPK_OK; i++) {
        struct opk_git_trailer *trailers;
        struct opk_git_commit commit;
        size_t found = 0;
        status = opk_git_commit(base->at.git, &since.ids[i], &base->arena, &commit, err);
        if (status == OPK_OK)
            status = opk_git_trailers(commit.message, &base->arena, &trailers, &found, err);
        for (size_t at = 0; at < found && status == OPK_OK; at++) {
            if (!is_ours(trailers[at].key))
                continue;
            if (base->trailer_count == cap) {
                struct opk_guard_trailer *more =
                    opk_arena_array(&base->arena, 2 * cap + 8, sizeof(*more));
                if (!more)
                    return opk_arena_check(&base->arena, err);
                if (cap > 0)
                    memcpy(more, base->trailers, cap * sizeof(*more));
                base->trailers = more;
                cap = 2 * cap + 8;
            }
            base->trailers[base->trailer_count++] =
                (struct opk_guard_trailer){trailers[at].key, trailers[at].value, commit.id};
        }
    }
    return status;
}

struct opk_str opk_guard_folder(const struct opk_repo *repo, enum opk_family family)
{
    return family == OPK_FAMILY_DOC ? repo->paths.doc_cards : repo->paths.cards;
}

enum opk_status opk_guard_read_card(enum opk_family family, struct opk_str text, const char *path,
                                    struct opk_card *out_card)
{
    bool is_older;

    return family == OPK_FAMILY_DOC
               ? opk_doc_card_parse(text, path, out_card, NULL)
               : opk_card_read(text, path, OPK_STR_EMPTY, out_card, &is_older, NULL);
}

/* Is this the file of a card, and of which family? */
static bool is_card(const struct opk_repo *repo, struct opk_str path, enum opk_family *out_family)
{
    for (enum opk_family family = OPK_FAMILY_PATTERN; family <= OPK_FAMILY_DOC; family++) {
        struct opk_str folder = opk_guard_folder(repo, family);
        *out_family = family;
        if (opk_str_starts(path, folder) && path.len > folder.len && path.data[folder.len] == '/' &&
            opk_str_ends(path, OPK_STR(".yaml")) &&
            opk_str_find_byte(path, '/', folder.len + 1) == OPK_NPOS)
            return true;
    }
    return false;
}

/* The cards of the base that differ; one that could not be read then is none. */
static enum opk_status read_old_cards(struct loader *loader)
{
    struct opk_guard_base *base = loader->base;
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    base->old_cards =
        opk_arena_array(&base->arena, base->change_count + 1, sizeof(*base->old_cards));
    if (!base->old_cards)
        return opk_arena_check(&base->arena, loader->err);
    for (size_t i = 0; i < base->change_count && status == OPK_OK; i++) {
        const struct opk_git_change *change = &base->changes[i];
        enum opk_family family;
        if (!change->was || !is_card(loader->repo, change->path, &family))
            continue;
        opk_buf_clear(&text);
        status = opk_git_read(base->at.git, &base->at.id, change->path, OPK_YAML_CARD_MAX, &text,
                              loader->err);
        if (status == OPK_E_LIMIT)
            status = OPK_OK;
        else if (status == OPK_OK &&
                 opk_guard_read_card(family, opk_buf_str(&text), change->path.data,
                                     &base->old_cards[base->old_count]) == OPK_OK)
            base->old_count++;
    }
    opk_buf_done(&text);
    return status;
}

static enum opk_status add_ulid(struct loader *loader, struct opk_str ulid, size_t *out_pair)
{
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_add(loader->ulids, ulid, &index, &is_new, loader->err);

    if (status == OPK_OK)
        *out_pair = index;
    return status;
}

/* A pair for every ulid, touched or not. */
static enum opk_status pair_cards(struct loader *loader)
{
    struct opk_guard_base *base = loader->base;
    const struct opk_repo *repo = loader->repo;
    const struct opk_card *card;
    enum opk_status status = OPK_OK;
    size_t at = 0;

    base->pairs = opk_arena_array(&base->arena, opk_repo_card_count(repo) + base->old_count + 1,
                                  sizeof(*base->pairs));
    if (!base->pairs)
        return opk_arena_check(&base->arena, loader->err);
    for (size_t i = 0; (card = opk_repo_card_at(repo, i)) && status == OPK_OK; i++) {
        status = add_ulid(loader, card->ulid, &at);
        if (status != OPK_OK)
            break;
        base->pairs[at].now = card;
        if (!opk_map_find(loader->changed, opk_str_of(card->path), NULL))
            base->pairs[at].was = card;
    }
    for (size_t i = 0; i < base->old_count && status == OPK_OK; i++) {
        status = add_ulid(loader, base->old_cards[i].ulid, &at);
        if (status == OPK_OK)
            base->pairs[at].was = &base->old_cards[i];
    }
    base->pair_count = opk_map_count(loader->ulids);
    return status;
}

/* Do two cards differ in more than comments and layout? */
static enum opk_status compare_cards(struct loader *loader, struct opk_guard_pair *pair)
{
    struct opk_arena arena = {0};
    enum opk_status status = OPK_OK;

    if (!pair->was || !pair->now) {
        pair->card_differs = true;
    } else if (pair->was != pair->now) {
        struct opk_tval was = opk_tval_of_node(&arena, pair->was->doc.root);
        struct opk_tval now = opk_tval_of_node(&arena, pair->now->doc.root);
        status = opk_arena_check(&arena, loader->err);
        pair->card_differs = status == OPK_OK && !opk_tval_equal(&was, &now);
    }
    opk_arena_done(&arena);
    return status;
}

static struct opk_str without_slash(struct opk_str path)
{
    return opk_str_ends(path, OPK_STR("/")) ? opk_str_slice(path, 0, path.len - 1) : path;
}

static enum opk_status own_path(struct loader *loader, const struct opk_node *node, size_t pair)
{
    uint32_t index;
    bool is_new = false;
    enum opk_status status =
        opk_map_add(loader->paths, without_slash(node->text), &index, &is_new, loader->err);

    if (status != OPK_OK || !is_new)
        return status;
    size_t *grown = opk_grow(loader->owners, &loader->owner_cap, (size_t)index + 1, sizeof(*grown));
    if (!grown)
        return opk_fail(loader->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for paths");
    loader->owners = grown;
    loader->owners[index] = pair;
    return OPK_OK;
}

/* The paths of a card's suite, or its document, belong to its pair. */
static enum opk_status own_paths(struct loader *loader, const struct opk_card *card, size_t pair)
{
    const struct opk_node *document = card->document;
    const struct opk_node *node = card->suite ? card->suite->first : NULL;
    enum opk_status status = OPK_OK;

    if (card->family == OPK_FAMILY_DOC && document)
        return own_path(loader, document, pair);
    for (; node; node = node->next) {
        const struct opk_node *item = node->first ? node->first : node;
        for (; item && status == OPK_OK; item = item == node ? NULL : item->next)
            status = own_path(loader, item, pair);
    }
    return status;
}

/* Whose file is this? Its own path, or the nearest folder that a card names. */
static struct opk_guard_pair *find_owner(const struct loader *loader, struct opk_str path)
{
    for (;;) {
        uint32_t index;
        if (opk_map_find(loader->paths, path, &index))
            return &loader->base->pairs[loader->owners[index]];
        size_t slash = opk_str_rfind_byte(path, '/');
        if (slash == OPK_NPOS)
            return NULL;
        path = opk_str_slice(path, 0, slash);
    }
}

static enum opk_status add_text(struct loader *loader, struct opk_guard_pair *pair,
                                struct opk_str path, uint64_t line)
{
    struct opk_guard_text *texts =
        opk_arena_array(&loader->base->arena, pair->text_count + 1, sizeof(*texts));

    if (!texts)
        return opk_arena_check(&loader->base->arena, loader->err);
    if (pair->text_count > 0)
        memcpy(texts, pair->texts, pair->text_count * sizeof(*texts));
    texts[pair->text_count++] = (struct opk_guard_text){path, line};
    pair->texts = texts;
    return OPK_OK;
}

/* What a changed file means for its owner. */
static enum opk_status judge_change(struct loader *loader, const struct opk_git_change *change,
                                    struct opk_guard_pair *pair)
{
    const struct opk_card *card = pair->now ? pair->now : pair->was;
    bool has_sections = opk_guard_has_sections(loader->rules, card, change->path);
    struct opk_buf old = OPK_BUF_EMPTY;
    struct opk_file *file;
    uint64_t line = 1;
    enum opk_status status = OPK_OK;

    if (change->was && change->is) {
        status = opk_git_read(loader->base->at.git, &loader->base->at.id, change->path,
                              OPK_FILES_BYTES_MAX, &old, loader->err);
        if (status == OPK_OK)
            status = opk_files_open(&loader->repo->files, change->path, &file, loader->err);
        if (status == OPK_OK)
            status = opk_guard_differ(
                loader->rules, card,
                &(struct opk_guard_texts){change->path.data, opk_buf_str(&old), file->old}, &line,
                loader->err);
        else if (status != OPK_E_NOMEM)
            status = OPK_OK; /* too large, or a link now: it differs */
    }
    opk_buf_done(&old);
    if (status != OPK_OK || line == 0)
        return status;
    if (has_sections && change->was && change->is)
        return add_text(loader, pair, change->path, line);
    if (pair->file.len == 0)
        pair->file = change->path;
    return OPK_OK;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct opk_guard_pair *a = left;
    const struct opk_guard_pair *b = right;

    return strcmp((a->now ? a->now : a->was)->path, (b->now ? b->now : b->was)->path);
}

/* Keep the pairs that the change set touches, by path. */
static void keep_touched(struct opk_guard_base *base)
{
    size_t kept = 0;

    for (size_t i = 0; i < base->pair_count; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        if (pair->card_differs || pair->file.len > 0 || pair->text_count > 0)
            base->pairs[kept++] = *pair;
    }
    base->pair_count = kept;
    if (kept > 0)
        qsort(base->pairs, kept, sizeof(*base->pairs), compare_pairs);
}

static enum opk_status make_pairs(struct loader *loader)
{
    struct opk_guard_base *base = loader->base;
    enum opk_status status = pair_cards(loader);

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        struct opk_guard_pair *pair = &base->pairs[i];
        pair->file = OPK_STR_EMPTY;
        status = compare_cards(loader, pair);
        if (status == OPK_OK && pair->now)
            status = own_paths(loader, pair->now, i);
        if (status == OPK_OK && pair->was && pair->was != pair->now)
            status = own_paths(loader, pair->was, i);
    }
    for (size_t i = 0; i < base->change_count && status == OPK_OK; i++) {
        const struct opk_git_change *change = &base->changes[i];
        struct opk_guard_pair *owner = find_owner(loader, change->path);
        bool is_made = opk_str_ends(change->path, OPK_STR(".sidecar.yaml"));
        enum opk_family family;
        if (owner && !is_made && !is_card(loader->repo, change->path, &family))
            status = judge_change(loader, change, owner);
    }
    if (status == OPK_OK)
        keep_touched(base);
    return status;
}

static enum opk_status load(struct loader *loader)
{
    struct opk_guard_base *base = loader->base;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_git_changes(base->at.git, &base->at.id, &base->arena,
                                             &base->changes, &base->change_count, loader->err);

    if (status == OPK_OK)
        status = opk_map_new(&loader->changed, loader->err);
    if (status == OPK_OK)
        status = opk_map_new(&loader->ulids, loader->err);
    if (status == OPK_OK)
        status = opk_map_new(&loader->paths, loader->err);
    for (size_t i = 0; i < base->change_count && status == OPK_OK; i++)
        status = opk_map_add(loader->changed, base->changes[i].path, &index, &is_new, loader->err);
    if (status == OPK_OK)
        status = read_old_cards(loader);
    if (status == OPK_OK)
        status = make_pairs(loader);
    opk_map_free(loader->changed);
    opk_map_free(loader->ulids);
    opk_map_free(loader->paths);
    free(loader->owners);
    return status;
}

enum opk_status opk_guard_base_load(struct opk_repo *repo, const struct opk_rules *rules,
                                    const char *folder, const char *revision,
                                    struct opk_guard_base *out_base, struct opk_err *err)
{
    struct loader loader = {.repo = repo, .rules = rules, .base = out_base, .err = err};
    enum opk_status status;

    *out_base = (struct opk_guard_base){0};
    status = opk_git_base_open(folder, revision, &out_base->at, err);
    if (status != OPK_OK)
        return status;
    status = read_trailers(out_base, err);
    if (status == OPK_OK)
        status = load(&loader);
    if (status != OPK_OK)
        opk_guard_base_done(out_base);
    return status;
}

static void read_version(struct opk_str text, uint64_t out[3])
{
    struct opk_split parts = OPK_SPLIT(text, '.');
    struct opk_str part;

    for (size_t i = 0; i < 3; i++) {
        if (!opk_split_next(&parts, &part) || !opk_str_to_u64(part, &out[i]))
            out[i] = 0;
    }
}

enum opk_step opk_step_between(struct opk_str was, struct opk_str now)
{
    static const enum opk_step STEPS[] = {OPK_STEP_MAJOR, OPK_STEP_MINOR, OPK_STEP_PATCH};
    uint64_t one[3];
    uint64_t two[3];

    read_version(was, one);
    read_version(now, two);
    for (size_t i = 0; i < 3; i++) {
        if (one[i] != two[i])
            return two[i] > one[i] ? STEPS[i] : OPK_STEP_NONE;
    }
    return OPK_STEP_NONE;
}

const char *opk_step_name(enum opk_step step)
{
    static const char *const NAMES[] = {
        [OPK_STEP_NONE] = "no",
        [OPK_STEP_PATCH] = "patch",
        [OPK_STEP_MINOR] = "minor",
        [OPK_STEP_MAJOR] = "major",
    };

    return NAMES[step];
}
