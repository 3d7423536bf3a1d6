#include "sync/tag.h"

#include "base/git_tag.h"
#include "base/mem.h"
#include "sync/tag_walk.h"

#include <stdlib.h>
#include <string.h>

/* Where the walk along first parents has come with a version. */
struct trail {
    uint32_t place;            /* of its card, in the last commit that has it */
    struct opk_git_id skipped; /* that commit, while older ones are unread there; "" otherwise */
};

struct planner {
    const struct opk_git *git;
    struct opk_repo *repo;
    unsigned families;
    struct opk_tags *tags;
    struct opk_map *names; /* of tags; indexes items */
    struct trail *trails;  /* in the arena of tags; one a tag */
    struct opk_tag_walk walk;
    struct opk_git_id head;
    struct opk_map *history; /* commits that lead to HEAD; NULL until it is asked for */
    size_t open;             /* tags whose commit is being looked for */
    size_t unknown;          /* whose commit is not here */
    struct opk_err *err;
};

const char *opk_tag_state_name(enum opk_tag_state state)
{
    static const char *const NAMES[] = {
        [OPK_TAG_NEW] = "new",         [OPK_TAG_THERE] = "there",
        [OPK_TAG_MOVED] = "moved",     [OPK_TAG_UNCOMMITTED] = "uncommitted",
        [OPK_TAG_UNKNOWN] = "unknown",
    };

    return NAMES[state];
}

void opk_tags_done(struct opk_tags *tags)
{
    opk_arena_done(&tags->arena);
    *tags = (struct opk_tags){0};
}

static struct opk_place place_of(const struct opk_card *card)
{
    return opk_node_place(opk_node_get(card->doc.root, "semver"), card->path);
}

/* ---- which tags there should be ---- */

/* One tag a card, unless another card has the same. */
static enum opk_status add_card(struct planner *planner, const struct opk_card *card)
{
    struct opk_tags *tags = planner->tags;
    struct opk_str name = opk_tag_name(card, &tags->arena);
    struct opk_str message =
        opk_arena_printf(&tags->arena, "%.*s %.*s (%.*s)\n", OPK_STR_FMT(card->key),
                         OPK_STR_FMT(card->semver), OPK_STR_FMT(card->id));
    uint32_t index = 0;
    bool is_new = false;
    enum opk_status status = opk_arena_check(&tags->arena, planner->err);

    if (status == OPK_OK && name.len > OPK_TAG_NAME_MAX) {
        opk_err_set(planner->err, OPK_E_LIMIT, place_of(card),
                    "its tag's name has more than %d bytes", OPK_TAG_NAME_MAX);
        return opk_problems_add(&planner->repo->problems, planner->err);
    }
    if (status == OPK_OK)
        status = opk_map_add(planner->names, name, &index, &is_new, planner->err);
    if (status != OPK_OK)
        return status;
    if (!is_new) {
        opk_err_set(planner->err, OPK_E_INVALID, place_of(card), "%.*s is the tag of %s already",
                    OPK_STR_FMT(name), tags->items[index].card->path);
        return opk_problems_add(&planner->repo->problems, planner->err);
    }
    tags->items[tags->count++] =
        (struct opk_tag){.card = card, .name = name, .message = message, .state = OPK_TAG_UNKNOWN};
    return OPK_OK;
}

static enum opk_status add_cards(struct planner *planner)
{
    struct opk_tags *tags = planner->tags;
    size_t most = opk_repo_card_count(planner->repo) + 1;
    const struct opk_card *card;
    enum opk_status status;

    tags->items = opk_arena_array(&tags->arena, most, sizeof(*tags->items));
    planner->trails = opk_arena_array(&tags->arena, most, sizeof(*planner->trails));
    status = opk_arena_check(&tags->arena, planner->err);
    for (size_t i = 0; (card = opk_repo_card_at(planner->repo, i)) && status == OPK_OK; i++) {
        if (planner->families & 1U << card->family)
            status = add_card(planner, card);
    }
    return status;
}

/* ---- where they belong ---- */

/* What HEAD does not have is not looked for. */
static enum opk_status note_uncommitted(struct planner *planner)
{
    enum opk_status status = OPK_OK;

    for (uint32_t i = 0; i < planner->tags->count && status == OPK_OK; i++) {
        struct opk_tag *tag = &planner->tags->items[i];
        struct opk_err note;
        if (opk_tag_walk_has(&planner->walk, i, &planner->trails[i].place)) {
            planner->open++;
            continue;
        }
        tag->state = OPK_TAG_UNCOMMITTED;
        opk_err_set(&note, OPK_E_NOENT, place_of(tag->card),
                    "%.*s %.*s is not committed; it gets no tag", OPK_STR_FMT(tag->card->key),
                    OPK_STR_FMT(tag->card->semver));
        status = opk_problems_note(&planner->repo->problems, &note, planner->err);
    }
    return status;
}

/* A commit sets a version when its first parent's cards do not have it. Unread ones say nothing:
 * it is the parent's parent that tells, and so on. */
static void follow(struct planner *planner, uint32_t index, const struct opk_git_id *commit,
                   bool has_parent)
{
    struct opk_tag *tag = &planner->tags->items[index];
    struct trail *trail = &planner->trails[index];
    bool is_skipping = trail->skipped.text[0] != '\0';

    if (has_parent && opk_tag_walk_has(&planner->walk, index, &trail->place)) {
        trail->skipped.text[0] = '\0';
    } else if (has_parent && opk_tag_walk_is_unread(&planner->walk, trail->place)) {
        if (!is_skipping)
            trail->skipped = *commit;
    } else {
        tag->commit = is_skipping ? trail->skipped : *commit;
        planner->open--;
    }
}

/* The walk goes on from a commit to its first parent, whose cards were looked at. */
static void follow_all(struct planner *planner, const struct opk_git_id *commit, bool has_parent)
{
    for (uint32_t i = 0; i < planner->tags->count; i++) {
        const struct opk_tag *tag = &planner->tags->items[i];
        if (tag->state == OPK_TAG_UNKNOWN && !tag->commit.text[0])
            follow(planner, i, commit, has_parent);
    }
}

/* From HEAD along first parents, until the commit of every version is found. */
static enum opk_status walk_line(struct planner *planner)
{
    struct opk_arena arena = {0};
    struct opk_git_commit commit;
    struct opk_git_id at = planner->head;
    enum opk_status status = opk_git_commit(planner->git, &at, &arena, &commit, planner->err);

    while (status == OPK_OK && planner->open > 0) {
        uint64_t look = planner->walk.look;
        bool has_parent = commit.parent_count > 0;
        struct opk_git_id parent = has_parent ? commit.parents[0] : at;
        opk_arena_clear(&arena);
        if (has_parent) {
            status = opk_git_commit(planner->git, &parent, &arena, &commit, planner->err);
            if (status == OPK_OK)
                status = opk_tag_walk_look(&planner->walk, &parent, planner->err);
        }
        if (status == OPK_OK && (!has_parent || planner->walk.look != look))
            follow_all(planner, &at, has_parent);
        at = parent;
    }
    opk_arena_done(&arena);
    if (status == OPK_E_NOENT && opk_git_is_shallow(planner->git))
        status = OPK_OK; /* what is still open stays unknown */
    return status;
}

/* ---- tags that are there ---- */

/* The commits that lead to HEAD. */
static enum opk_status load_history(struct planner *planner)
{
    struct opk_arena arena = {0};
    struct opk_git_history log = {0};
    uint32_t index;
    bool is_new;
    enum opk_status status =
        opk_git_log(planner->git, &planner->head, NULL, &arena, &log, planner->err);

    if (status == OPK_OK)
        status = opk_map_new(&planner->history, planner->err);
    for (size_t i = 0; i < log.count && status == OPK_OK; i++)
        status = opk_map_add(planner->history, opk_str_of(log.ids[i].text), &index, &is_new,
                             planner->err);
    opk_arena_done(&arena);
    return status;
}

/* Is a commit beside the history of HEAD? A history that was rewritten leaves all tags beside it,
 * and none of them needs a walk of its own. What a shallow clone holds does not tell. */
static enum opk_status is_beside(struct planner *planner, const struct opk_git_id *id,
                                 bool *out_is_beside)
{
    enum opk_status status = OPK_OK;

    *out_is_beside = false;
    if (opk_git_is_shallow(planner->git))
        return OPK_OK;
    if (!planner->history)
        status = load_history(planner);
    if (status == OPK_OK)
        *out_is_beside = !opk_map_find(planner->history, opk_str_of(id->text), NULL);
    return status;
}

/* Commits to visit, each once. */
struct front {
    struct opk_map *met; /* indexes places */
    uint32_t *places;    /* owned; where the commit that led to each has the card */
    size_t cap;
    uint32_t next;
    bool is_cut; /* a parent is not here */
};

static enum opk_status meet(struct front *front, const struct opk_git_id *id, uint32_t place,
                            struct opk_err *err)
{
    uint32_t *places = opk_grow(front->places, &front->cap, (size_t)opk_map_count(front->met) + 1,
                                sizeof(*places));
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (!places)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for commits");
    front->places = places;
    status = opk_map_add(front->met, opk_str_of(id->text), &index, &is_new, err);
    if (status == OPK_OK && is_new)
        places[index] = place;
    return status;
}

/* Visit the front's next commit: when its cards have the name, or what had it is unread there, so
 * may its parents'. */
static enum opk_status visit(struct planner *planner, struct front *front, uint32_t name,
                             struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_git_commit commit;
    struct opk_git_id at;
    struct opk_str text = opk_map_key(front->met, front->next);
    uint32_t place = front->places[front->next++];
    enum opk_status status;

    memcpy(at.text, text.data, text.len);
    at.text[text.len] = '\0';
    status = opk_git_commit(planner->git, &at, &arena, &commit, err);
    if (status == OPK_E_NOENT && opk_git_is_shallow(planner->git)) {
        front->is_cut = true;
        opk_arena_done(&arena);
        return OPK_OK;
    }
    if (status == OPK_OK)
        status = opk_tag_walk_look(&planner->walk, &at, err);
    if (status == OPK_OK && (opk_tag_walk_has(&planner->walk, name, &place) ||
                             opk_tag_walk_is_unread(&planner->walk, place))) {
        for (size_t i = 0; status == OPK_OK && i < commit.parent_count; i++)
            status = meet(front, &commit.parents[i], place, err);
    }
    opk_arena_done(&arena);
    return status;
}

/* Does the version last from a commit to HEAD? */
static enum opk_status lasts(struct planner *planner, uint32_t name, const struct opk_git_id *from,
                             bool *out_lasts, bool *out_is_cut)
{
    struct front front = {0};
    enum opk_status status = opk_map_new(&front.met, planner->err);

    if (status == OPK_OK)
        status = opk_tag_walk_look(&planner->walk, &planner->head, planner->err);
    if (status == OPK_OK) {
        uint32_t place = 0;
        (void)opk_tag_walk_has(&planner->walk, name, &place); /* it does: it is not uncommitted */
        status = meet(&front, &planner->head, place, planner->err);
    }
    while (status == OPK_OK && front.next < opk_map_count(front.met) &&
           !opk_map_find(front.met, opk_str_of(from->text), NULL))
        status = visit(planner, &front, name, planner->err);
    *out_lasts = status == OPK_OK && opk_map_find(front.met, opk_str_of(from->text), NULL);
    *out_is_cut = front.is_cut;
    opk_map_free(front.met);
    free(front.places);
    return status;
}

/* Does a commit set the version? Older ones in which the card is unread are passed over. */
static enum opk_status sets(struct planner *planner, uint32_t name, const struct opk_git_id *id,
                            bool *out_sets)
{
    struct opk_arena arena = {0};
    struct opk_git_commit commit;
    struct opk_git_id at = *id;
    uint32_t place = 0;
    bool is_unread = false;
    enum opk_status status = opk_git_commit(planner->git, &at, &arena, &commit, planner->err);

    if (status == OPK_OK)
        status = opk_tag_walk_look(&planner->walk, &at, planner->err);
    *out_sets = status == OPK_OK && opk_tag_walk_has(&planner->walk, name, &place);
    for (bool goes_on = *out_sets; status == OPK_OK && goes_on && commit.parent_count > 0;
         goes_on = is_unread) {
        at = commit.parents[0];
        opk_arena_clear(&arena);
        status = opk_git_commit(planner->git, &at, &arena, &commit, planner->err);
        if (status == OPK_OK)
            status = opk_tag_walk_look(&planner->walk, &at, planner->err);
        *out_sets = status == OPK_OK && !opk_tag_walk_has(&planner->walk, name, NULL);
        is_unread = *out_sets && opk_tag_walk_is_unread(&planner->walk, place);
    }
    opk_arena_done(&arena);
    return status;
}

static enum opk_status refuse(struct planner *planner, struct opk_tag *tag,
                              const struct opk_git_id *is_on)
{
    tag->state = OPK_TAG_MOVED;
    if (is_on)
        opk_err_set(planner->err, OPK_E_REFUSED, place_of(tag->card),
                    "tag %.*s is on commit %.10s, and commit %.10s set this version; a tag is "
                    "never moved: give the card its next version",
                    OPK_STR_FMT(tag->name), is_on->text, tag->commit.text);
    else
        opk_err_set(planner->err, OPK_E_REFUSED, place_of(tag->card),
                    "tag %.*s is there and names no commit; it is never moved",
                    OPK_STR_FMT(tag->name));
    return opk_problems_add(&planner->repo->problems, planner->err);
}

/* A tag that is on another commit than the one that was found. */
static enum opk_status judge(struct planner *planner, uint32_t index,
                             const struct opk_git_id *is_on)
{
    struct opk_tag *tag = &planner->tags->items[index];
    bool it_sets = false;
    bool it_lasts = false;
    bool is_cut = false;
    bool beside;
    enum opk_status status = is_beside(planner, is_on, &beside);

    if (status == OPK_OK && beside)
        return refuse(planner, tag, is_on);
    if (status == OPK_OK)
        status = lasts(planner, index, is_on, &it_lasts, &is_cut);
    if (status == OPK_OK && it_lasts)
        status = sets(planner, index, is_on, &it_sets);
    if (status == OPK_E_NOENT && opk_git_is_shallow(planner->git)) {
        status = OPK_OK;
        is_cut = true;
    }
    if (status != OPK_OK)
        return status;
    if (it_sets) {
        tag->state = OPK_TAG_THERE;
        tag->commit = *is_on;
    } else if (is_cut) {
        tag->state = OPK_TAG_UNKNOWN;
        tag->commit.text[0] = '\0';
        planner->unknown++;
    } else {
        status = refuse(planner, tag, is_on);
    }
    return status;
}

static enum opk_status find_tag(struct planner *planner, uint32_t index)
{
    struct opk_tag *tag = &planner->tags->items[index];
    struct opk_git_id is_on;
    enum opk_status status = opk_git_tag_find(planner->git, tag->name.data, &is_on, planner->err);

    if (status == OPK_E_NOENT)
        tag->state = OPK_TAG_NEW;
    else if (status == OPK_E_REFUSED)
        return refuse(planner, tag, NULL);
    else if (status != OPK_OK)
        return status;
    else if (strcmp(is_on.text, tag->commit.text) == 0)
        tag->state = OPK_TAG_THERE;
    else
        return judge(planner, index, &is_on);
    return OPK_OK;
}

static enum opk_status find_tags(struct planner *planner)
{
    enum opk_status status = OPK_OK;

    for (uint32_t i = 0; i < planner->tags->count && status == OPK_OK; i++) {
        if (planner->tags->items[i].commit.text[0])
            status = find_tag(planner, i);
        else if (planner->tags->items[i].state == OPK_TAG_UNKNOWN)
            planner->unknown++;
    }
    if (status != OPK_OK || planner->unknown == 0)
        return status;
    opk_err_set(planner->err, OPK_E_NOENT, OPK_NOWHERE,
                "this clone is shallow, and %zu version%s may have been set before its first "
                "commit: fetch more of its history ('git fetch --unshallow')",
                planner->unknown, planner->unknown == 1 ? "" : "s");
    return opk_problems_add(&planner->repo->problems, planner->err);
}

enum opk_status opk_tags_plan(const struct opk_git *git, struct opk_repo *repo, unsigned families,
                              struct opk_tags *out_tags, struct opk_err *err)
{
    struct opk_tags tags = {0};
    struct planner planner = {
        .git = git, .repo = repo, .families = families, .tags = &tags, .err = err};
    enum opk_status status = opk_git_resolve(git, "HEAD", &planner.head, err);

    if (status == OPK_OK)
        status = opk_map_new(&planner.names, err);
    else
        status = opk_fail(err, OPK_E_NOENT, OPK_NOWHERE,
                          "nothing is committed yet, and tags are put on commits");
    if (status == OPK_OK)
        status = add_cards(&planner);
    if (status == OPK_OK)
        status = opk_tag_walk_begin(git, planner.names, &planner.walk, err);
    if (status == OPK_OK)
        status = opk_tag_walk_look(&planner.walk, &planner.head, err);
    if (status == OPK_OK)
        status = note_uncommitted(&planner);
    if (status == OPK_OK)
        status = walk_line(&planner);
    if (status == OPK_OK)
        status = find_tags(&planner);
    opk_tag_walk_done(&planner.walk);
    opk_map_free(planner.names);
    opk_map_free(planner.history);
    if (status == OPK_OK)
        *out_tags = tags;
    else
        opk_tags_done(&tags);
    return status;
}
