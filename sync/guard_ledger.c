/* Identities: the ledger, and what version control remembers of them. */
#include "sync/guard_base.h"
#include "sync/guard_impl.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "sync/ledger.h"

#include <stdlib.h>

#define HISTORY "the history of the cards" /* in place of a ledger's path */

/* The ledger of the repository, for one check. */
static enum opk_status load(struct opk_guard *guard, struct opk_ledger *out, const char **out_path,
                            struct opk_err *found)
{
    struct opk_file *file;
    enum opk_status status =
        opk_files_open(&guard->repo->files, guard->repo->paths.ledger, &file, found);

    *out = (struct opk_ledger){0};
    if (status != OPK_OK)
        return status;
    *out_path = file->path;
    return opk_ledger_parse(file->old, file->path, out, found);
}

static enum opk_status check_card_entry(struct opk_guard *guard, const struct opk_ledger *ledger,
                                        const struct opk_card *card)
{
    struct opk_identity identity = opk_identity_of(card);
    const struct opk_ledger_line *line = opk_ledger_find(ledger, card->ulid);
    const char *what = NULL;
    struct opk_err found;

    if (!line)
        what = "the ledger does not hold this card";
    else if (line->retired)
        what = "the ledger says that this card is gone";
    else if (!opk_identity_eq(&line->identity, &identity))
        what = "the ledger holds this card under another name";
    if (!what)
        return OPK_OK;
    opk_err_set(&found, OPK_E_INVALID,
                opk_node_place(opk_node_get(card->doc.root, "ulid"), card->path), "%s", what);
    return opk_guard_add(guard, &found);
}

/* Cards that are gone, unless one that cannot be read may be theirs. */
static enum opk_status check_gone(struct opk_guard *guard, const struct opk_ledger *ledger,
                                  const char *path)
{
    const struct opk_repo *repo = guard->repo;
    const struct opk_card *card;
    struct opk_map *cards = NULL;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&cards, guard->err);

    for (size_t i = 0; (card = opk_repo_card_at(repo, i)) && status == OPK_OK; i++)
        status = opk_map_add(cards, card->ulid, &index, &is_new, guard->err);
    for (uint32_t i = 0; status == OPK_OK && i < opk_map_count(ledger->ulids); i++) {
        const struct opk_ledger_line *line = &ledger->lines[ledger->last[i]];
        struct opk_err found;
        if (line->retired || repo->problems.count > 0 ||
            opk_map_find(cards, opk_map_key(ledger->ulids, i), NULL))
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_LINE(path, line->number),
                    "the card of %.*s is gone, and the ledger does not say so",
                    OPK_STR_FMT(line->identity.values[OPK_IDENTITY_ULID]));
        status = opk_guard_add(guard, &found);
    }
    opk_map_free(cards);
    return status;
}

enum opk_status opk_guard_ledger(struct opk_guard *guard)
{
    const struct opk_card *card;
    struct opk_ledger ledger;
    struct opk_err found;
    const char *path;
    enum opk_status status = load(guard, &ledger, &path, &found);

    if (status != OPK_OK)
        return opk_guard_met(guard, &found);
    for (size_t i = 0; (card = opk_repo_card_at(guard->repo, i)) && status == OPK_OK; i++)
        status = check_card_entry(guard, &ledger, card);
    if (status == OPK_OK)
        status = check_gone(guard, &ledger, path);
    opk_ledger_done(&ledger);
    return status;
}

/* Every identity that a card of the history had, as the ledger would hold it. */
struct history {
    struct opk_guard *guard;
    struct opk_arena arena;
    struct opk_map *trees; /* folders of cards that were read */
    struct opk_map *blobs; /* and cards */
    struct opk_buf lines;  /* a ledger, the oldest commit first */
    size_t base_len;       /* of what leads to the base */
};

static enum opk_status read_old_card(struct history *history, const struct opk_git_id *commit,
                                     enum opk_family family, struct opk_str name)
{
    struct opk_guard *guard = history->guard;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_card card;
    struct opk_str path =
        opk_arena_printf(&history->arena, "%.*s/%.*s",
                         OPK_STR_FMT(opk_guard_folder(guard->repo, family)), OPK_STR_FMT(name));
    enum opk_status status = opk_arena_check(&history->arena, guard->err);

    if (status == OPK_OK)
        status =
            opk_git_read(guard->base->at.git, commit, path, OPK_YAML_CARD_MAX, &text, guard->err);
    if (status == OPK_OK &&
        opk_guard_read_card(family, opk_buf_str(&text), path.data, &card) == OPK_OK) {
        struct opk_identity identity = opk_identity_of(&card);
        opk_ledger_append(&identity, false, &history->lines);
        opk_card_done(&card);
    }
    if (status == OPK_E_LIMIT || status == OPK_E_NOENT)
        status = OPK_OK; /* no card of ours */
    opk_buf_done(&text);
    return status;
}

/* The cards of one family at one commit that no later one has. */
static enum opk_status read_folder(struct history *history, const struct opk_git_id *commit,
                                   enum opk_family family)
{
    struct opk_guard *guard = history->guard;
    struct opk_str folder = opk_guard_folder(guard->repo, family);
    struct opk_git_entries entries = {0};
    struct opk_git_id tree;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_git_find(guard->base->at.git, commit, folder, &tree, guard->err);

    if (status == OPK_E_NOENT)
        return OPK_OK;
    if (status == OPK_OK)
        status = opk_map_add(history->trees, opk_str_of(tree.text), &index, &is_new, guard->err);
    if (status != OPK_OK || !is_new)
        return status;
    status =
        opk_git_list(guard->base->at.git, commit, folder, &history->arena, &entries, guard->err);
    for (size_t i = 0; i < entries.count && status == OPK_OK; i++) {
        const struct opk_git_entry *entry = &entries.items[i];
        if (!entry->is_file || !opk_str_ends(entry->name, OPK_STR(".yaml")))
            continue;
        status =
            opk_map_add(history->blobs, opk_str_of(entry->id.text), &index, &is_new, guard->err);
        if (status == OPK_OK && is_new)
            status = read_old_card(history, commit, family, entry->name);
    }
    opk_arena_clear(&history->arena);
    return status;
}

static enum opk_status read_commit(struct history *history, const struct opk_git_id *commit)
{
    enum opk_status status = read_folder(history, commit, OPK_FAMILY_PATTERN);

    return status == OPK_OK ? read_folder(history, commit, OPK_FAMILY_DOC) : status;
}

/* The commits that lead to one, but not to hide, which may be NULL; the oldest first, so that who
 * was given an identity first has its first line. */
static enum opk_status read_commits(struct history *history, const struct opk_git_id *from,
                                    const struct opk_git_id *hide)
{
    struct opk_guard *guard = history->guard;
    struct opk_arena arena = {0};
    struct opk_git_history log = {0};
    enum opk_status status = opk_git_log(guard->base->at.git, from, hide, &arena, &log, guard->err);

    if (status == OPK_OK && log.is_cut && guard->base->cut.status == OPK_OK)
        opk_err_set(&guard->base->cut, OPK_E_NOENT, OPK_NOWHERE,
                    "this clone is shallow: identities that were given out before its first "
                    "commit are not known");
    for (size_t i = log.count; i-- > 0 && status == OPK_OK;)
        status = read_commit(history, &log.ids[i]);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status read_history(struct history *history)
{
    struct opk_guard *guard = history->guard;
    const struct opk_git_base *at = &guard->base->at;
    enum opk_status status = opk_map_new(&history->trees, guard->err);

    if (status == OPK_OK)
        status = opk_map_new(&history->blobs, guard->err);
    if (status == OPK_OK)
        status = read_commits(history, &at->id, NULL);
    history->base_len = history->lines.len;
    if (status == OPK_OK)
        status = read_commits(history, &at->head, &at->id);
    return status == OPK_OK ? opk_buf_check(&history->lines, guard->err) : status;
}

/* A ulid that a pattern had which is gone. */
static enum opk_status tell_left(struct opk_guard *guard, const struct opk_card *card,
                                 const struct opk_ledger_line *line, const char *path)
{
    const struct opk_identity *was = &line->identity;
    struct opk_err found;
    size_t which = OPK_IDENTITY_ULID + 1;

    while (which < OPK_IDENTITIES - 1 && was->values[which].len == 0)
        which++;
    opk_err_set(&found, OPK_E_INVALID,
                opk_node_place(opk_node_get(card->doc.root, "ulid"), card->path),
                "ulid %.*s was that of %.*s, which is gone (%s)", OPK_STR_FMT(card->ulid),
                OPK_STR_FMT(was->values[which]), path);
    return opk_guard_add(guard, &found);
}

/* Identities of cards of today that a ledger gave to another ulid. */
static enum opk_status check_taken(struct opk_guard *guard, const struct opk_ledger *ledger,
                                   const char *path)
{
    const struct opk_card *card;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; (card = opk_repo_card_at(guard->repo, i)) && status == OPK_OK; i++) {
        struct opk_identity identity = opk_identity_of(card);
        struct opk_err found;
        size_t which;
        const struct opk_ledger_line *line = opk_ledger_left(ledger, &identity);
        if (line)
            status = tell_left(guard, card, line, path);
        line = opk_ledger_taken(ledger, &identity, &which);
        if (!line || status != OPK_OK)
            continue;
        opk_err_set(
            &found, OPK_E_INVALID,
            opk_node_place(opk_node_get(card->doc.root, OPK_IDENTITY_NAMES[which]), card->path),
            "%s %.*s was given to %.*s before (%s)", OPK_IDENTITY_NAMES[which],
            OPK_STR_FMT(identity.values[which]),
            OPK_STR_FMT(line->identity.values[OPK_IDENTITY_ULID]), path);
        status = opk_guard_add(guard, &found);
    }
    return status;
}

/* Has a card of today an identity that it did not have at the base? Nothing else can be taken. */
static bool has_new_identity(const struct opk_guard_base *base)
{
    for (size_t i = 0; i < base->pair_count; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        if (!pair->now)
            continue;
        struct opk_identity now = opk_identity_of(pair->now);
        struct opk_identity was = pair->was ? opk_identity_of(pair->was) : (struct opk_identity){0};
        if (!pair->was || !opk_identity_eq(&was, &now))
            return true;
    }
    return false;
}

/* Cards that the base does not have, and whose ulids it had once, for others. */
static enum opk_status check_returned(struct opk_guard *guard, const struct opk_ledger *ledger)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_card *card = base->pairs[i].was ? NULL : base->pairs[i].now;
        const struct opk_ledger_line *line = card ? opk_ledger_find(ledger, card->ulid) : NULL;
        struct opk_identity identity = line ? opk_identity_of(card) : (struct opk_identity){0};
        if (line && !opk_identity_meets(&line->identity, &identity))
            status = tell_left(guard, card, line, HISTORY);
    }
    return status;
}

static enum opk_status check_history(struct opk_guard *guard)
{
    struct history history = {.guard = guard};
    struct opk_ledger ledger = {0};
    struct opk_ledger before = {0};
    enum opk_status status = read_history(&history);
    struct opk_str lines = opk_buf_str(&history.lines);

    if (status == OPK_OK)
        status = opk_ledger_parse(lines, HISTORY, &ledger, guard->err);
    if (status == OPK_OK)
        status = check_taken(guard, &ledger, HISTORY);
    if (status == OPK_OK)
        status = opk_ledger_parse(opk_str_slice(lines, 0, history.base_len), HISTORY, &before,
                                  guard->err);
    if (status == OPK_OK)
        status = check_returned(guard, &before);
    opk_ledger_done(&ledger);
    opk_ledger_done(&before);
    opk_map_free(history.trees);
    opk_map_free(history.blobs);
    opk_buf_done(&history.lines);
    opk_arena_done(&history.arena);
    return status;
}

enum opk_status opk_guard_reuse(struct opk_guard *guard)
{
    size_t before = guard->findings->count;
    struct opk_ledger ledger = {0};
    struct opk_err found;
    const char *path;
    enum opk_status status = load(guard, &ledger, &path, &found);

    if (status == OPK_OK)
        status = check_taken(guard, &ledger, path);
    else if (status == OPK_E_NOMEM)
        status = opk_guard_met(guard, &found);
    else
        status = OPK_OK; /* PG019 says so */
    opk_ledger_done(&ledger);
    if (status == OPK_OK && guard->base && guard->findings->count == before &&
        has_new_identity(guard->base))
        status = check_history(guard);
    return status;
}

enum opk_status opk_guard_ledger_grows(struct opk_guard *guard)
{
    const struct opk_repo *repo = guard->repo;
    struct opk_buf old = OPK_BUF_EMPTY;
    struct opk_file *file;
    struct opk_err found;
    enum opk_status status = opk_git_read(guard->base->at.git, &guard->base->at.id,
                                          repo->paths.ledger, OPK_FILES_BYTES_MAX, &old, &found);

    if (status == OPK_OK)
        status = opk_files_open(&guard->repo->files, repo->paths.ledger, &file, &found);
    if (status == OPK_OK && !opk_str_starts(file->old, opk_buf_str(&old))) {
        uint64_t line = 1;
        for (size_t i = 0; i < old.len && i < file->old.len && old.data[i] == file->old.data[i];
             i++)
            line += old.data[i] == '\n';
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_LINE(file->path, line),
                    "a line that the ledger had is changed or gone");
        status = opk_guard_add(guard, &found);
    } else if (status == OPK_E_NOENT) {
        status = OPK_OK; /* there was none */
    } else if (status != OPK_OK) {
        status = opk_guard_met(guard, &found);
    }
    opk_buf_done(&old);
    return status;
}

enum opk_status opk_guard_cut(struct opk_guard *guard)
{
    return guard->base->cut.status == OPK_OK ? OPK_OK : opk_guard_add(guard, &guard->base->cut);
}
