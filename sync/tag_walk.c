#include "sync/tag_walk.h"

#include "base/mem.h"
#include "base/yaml.h"
#include "sync/guard_base.h"

#include <stdlib.h>
#include <string.h>

/* What contents can have instead of a name. */
#define NO_NAME UINT32_MAX       /* a card that has none of the names */
#define UNREAD  (UINT32_MAX - 1) /* no card */
#define UNMET   (UINT32_MAX - 2) /* reading them failed, or is still to be done */

struct opk_str opk_tag_name(const struct opk_card *card, struct opk_arena *arena)
{
    static const char *const PREFIXES[] = {
        [OPK_FAMILY_PATTERN] = "pattern",
        [OPK_FAMILY_DOC] = "docs",
    };

    return opk_arena_printf(arena, "%s-%.*s-%.*s", PREFIXES[card->family], OPK_STR_FMT(card->key),
                            OPK_STR_FMT(card->semver));
}

enum opk_status opk_tag_walk_begin(const struct opk_git *git, struct opk_map *names,
                                   struct opk_tag_walk *out_walk, struct opk_err *err)
{
    struct opk_tag_walk walk = {.git = git, .names = names};
    struct opk_repo_paths paths;
    enum opk_status status = opk_map_new(&walk.blobs, err);

    if (status == OPK_OK)
        status = opk_map_new(&walk.places, err);
    walk.seen = calloc((size_t)opk_map_count(names) + 1, sizeof(*walk.seen));
    if (status == OPK_OK && !walk.seen)
        status = opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the names of tags");
    opk_repo_paths_default(&paths);
    walk.folders[OPK_FAMILY_PATTERN] = paths.cards;
    walk.folders[OPK_FAMILY_DOC] = paths.doc_cards;
    if (status == OPK_OK)
        *out_walk = walk;
    else
        opk_tag_walk_done(&walk);
    return status;
}

void opk_tag_walk_done(struct opk_tag_walk *walk)
{
    opk_map_free(walk->blobs);
    opk_map_free(walk->places);
    free(walk->blob_names);
    free(walk->unread);
    free(walk->seen);
    opk_arena_done(&walk->paths);
    *walk = (struct opk_tag_walk){0};
}

/* The id of a path's contents, "" when the commit has no such path. */
static enum opk_status find_id(const struct opk_tag_walk *walk, const struct opk_git_id *commit,
                               struct opk_str path, struct opk_git_id *out_id, struct opk_err *err)
{
    enum opk_status status = opk_git_find(walk->git, commit, path, out_id, err);

    if (status != OPK_E_NOENT)
        return status;
    out_id->text[0] = '\0';
    return OPK_OK;
}

/* Where a commit keeps its cards; one that does not say it so that it can be read is taken to keep
 * them where the last one did. */
static enum opk_status read_paths(struct opk_tag_walk *walk, const struct opk_git_id *commit,
                                  struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_repo_paths paths;
    enum opk_status status = OPK_OK;

    opk_repo_paths_default(&paths);
    if (walk->view.configuration.text[0])
        status = opk_git_read(walk->git, commit, OPK_STR(OPK_REPO_CONFIGURATION), OPK_YAML_CARD_MAX,
                              &text, err);
    if (status == OPK_OK && text.len > 0)
        status = opk_repo_paths_parse(opk_buf_str(&text), &walk->paths, &paths, err);
    opk_buf_done(&text);
    if (status == OPK_OK) {
        walk->folders[OPK_FAMILY_PATTERN] = paths.cards;
        walk->folders[OPK_FAMILY_DOC] = paths.doc_cards;
    }
    return status == OPK_E_NOMEM ? status : OPK_OK;
}

/* The name that a card's text has. */
static enum opk_status name_text(const struct opk_tag_walk *walk, enum opk_family family,
                                 struct opk_str text, const char *path, uint32_t *out_name,
                                 struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_card card;
    enum opk_status status = opk_guard_read_card(family, text, path, &card);

    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for an old card");
    *out_name = UNREAD;
    if (status != OPK_OK)
        return OPK_OK;
    struct opk_str name = opk_tag_name(&card, &arena);
    status = opk_arena_check(&arena, err);
    if (status == OPK_OK && !opk_map_find(walk->names, name, out_name))
        *out_name = NO_NAME;
    opk_arena_done(&arena);
    opk_card_done(&card);
    return status;
}

/* The name of the card at a path of a commit. */
static enum opk_status name_file(const struct opk_tag_walk *walk, const struct opk_git_id *commit,
                                 enum opk_family family, struct opk_str path, uint32_t *out_name,
                                 struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = opk_git_read(walk->git, commit, path, OPK_YAML_CARD_MAX, &text, err);

    if (status == OPK_OK)
        status = name_text(walk, family, opk_buf_str(&text), path.data, out_name, err);
    else if (status == OPK_E_NOENT)
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path.data),
                          "what it holds at commit %.10s is not in this clone", commit->text);
    if (status == OPK_E_LIMIT) {
        *out_name = UNREAD; /* no card is that large */
        status = OPK_OK;
    }
    opk_buf_done(&text);
    return status;
}

/* Remember what this look has at a path. */
static enum opk_status note_place(struct opk_tag_walk *walk, struct opk_str path, uint32_t name,
                                  struct opk_err *err)
{
    uint64_t *unread = opk_grow(walk->unread, &walk->unread_cap,
                                (size_t)opk_map_count(walk->places) + 1, sizeof(*unread));
    uint32_t place;
    bool is_new;
    enum opk_status status;

    if (!unread)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for places of old cards");
    walk->unread = unread;
    status = opk_map_add(walk->places, path, &place, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        unread[place] = 0;
    if (name == UNREAD)
        unread[place] = walk->look;
    else
        walk->seen[name] = (struct opk_tag_sight){walk->look, place};
    return OPK_OK;
}

static enum opk_status see_file(struct opk_tag_walk *walk, const struct opk_git_id *commit,
                                enum opk_family family, const struct opk_git_entry *entry,
                                struct opk_arena *arena, struct opk_err *err)
{
    struct opk_str path = opk_arena_printf(arena, "%.*s/%.*s", OPK_STR_FMT(walk->folders[family]),
                                           OPK_STR_FMT(entry->name));
    uint32_t *names = opk_grow(walk->blob_names, &walk->blob_cap,
                               (size_t)opk_map_count(walk->blobs) + 1, sizeof(*names));
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (!names)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for old cards");
    walk->blob_names = names;
    status = opk_arena_check(arena, err);
    if (status == OPK_OK)
        status = opk_map_add(walk->blobs, opk_str_of(entry->id.text), &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        names[index] = UNMET;
    if (names[index] == UNMET)
        status = name_file(walk, commit, family, path, &names[index], err);
    if (status != OPK_OK || names[index] == NO_NAME)
        return status;
    return note_place(walk, path, names[index], err);
}

static enum opk_status see_folder(struct opk_tag_walk *walk, const struct opk_git_id *commit,
                                  enum opk_family family, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_git_entries entries = {0};
    enum opk_status status =
        opk_git_list(walk->git, commit, walk->folders[family], &arena, &entries, err);

    for (size_t i = 0; i < entries.count && status == OPK_OK; i++) {
        if (entries.items[i].is_file && opk_str_ends(entries.items[i].name, OPK_STR(".yaml")))
            status = see_file(walk, commit, family, &entries.items[i], &arena, err);
    }
    opk_arena_done(&arena);
    return status;
}

static bool is_same(const struct opk_git_id *one, const struct opk_git_id *two)
{
    return strcmp(one->text, two->text) == 0;
}

/* Look at a commit whose view is found as it is looked at. */
static enum opk_status look(struct opk_tag_walk *walk, const struct opk_git_id *commit,
                            struct opk_err *err)
{
    struct opk_tag_view view = {0};
    bool differs = !walk->has_view;
    enum opk_status status =
        find_id(walk, commit, OPK_STR(OPK_REPO_CONFIGURATION), &view.configuration, err);

    if (status == OPK_OK && (differs || !is_same(&view.configuration, &walk->view.configuration))) {
        walk->view.configuration = view.configuration;
        status = read_paths(walk, commit, err);
    }
    for (enum opk_family family = 0; family < OPK_FAMILIES && status == OPK_OK; family++) {
        status = find_id(walk, commit, walk->folders[family], &view.folders[family], err);
        differs = differs || !is_same(&view.folders[family], &walk->view.folders[family]);
    }
    if (status != OPK_OK || !differs)
        return status;
    walk->view = view;
    walk->look++;
    for (enum opk_family family = 0; family < OPK_FAMILIES && status == OPK_OK; family++)
        status = see_folder(walk, commit, family, err);
    return status;
}

enum opk_status opk_tag_walk_look(struct opk_tag_walk *walk, const struct opk_git_id *commit,
                                  struct opk_err *err)
{
    enum opk_status status = look(walk, commit, err);

    walk->has_view = status == OPK_OK;
    return status;
}

bool opk_tag_walk_has(const struct opk_tag_walk *walk, uint32_t name, uint32_t *place)
{
    if (walk->seen[name].look != walk->look)
        return false;
    if (place)
        *place = walk->seen[name].place;
    return true;
}

bool opk_tag_walk_is_unread(const struct opk_tag_walk *walk, uint32_t place)
{
    return walk->unread[place] == walk->look;
}
