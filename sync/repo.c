#include "sync/repo.h"

#include "base/mem.h"
#include "base/opt.h"
#include "base/yaml.h"
#include "sync/card_older.h"
#include "sync/shape.h"

#include <stdlib.h>
#include <string.h>

#define CONFIGURATION OPK_REPO_CONFIGURATION

static const struct opk_shape VERSION = {.what = "a number", .takes_number = true};
static const struct opk_shape PATHS = {.what = "a path below the root", .is_map = true};
/* Read where operands are: cluster/cmd_config. */
static const struct opk_shape CLASSES = {.what = "a list of classes", .is_any = true};
static const struct opk_shape BOOL = {.what = "true or false", .takes_bool = true};
static const struct opk_field SYNC_FIELDS[] = {{"reverse", &BOOL, false}, {NULL, NULL, false}};
static const struct opk_shape SYNC = {.what = "a mapping", .fields = SYNC_FIELDS};
static const struct opk_shape NOISE = {.what = "a list of operations", .is_list = true};
static const struct opk_field DISCOVER_FIELDS[] = {
    {"noise", &NOISE, false},
    {NULL, NULL, false},
};
static const struct opk_shape DISCOVER = {.what = "a mapping", .fields = DISCOVER_FIELDS};
static const char *const SEVERITIES[] = {"error", "note", "off", "warning", NULL};
static const struct opk_shape RULES = {.what = "a severity", .words = SEVERITIES, .is_map = true};
static const struct opk_field GUARD_FIELDS[] = {{"rules", &RULES, false}, {NULL, NULL, false}};
static const struct opk_shape GUARD = {.what = "a mapping", .fields = GUARD_FIELDS};
static const struct opk_shape ANY = {.what = "a list", .is_any = true}; /* plugin.h reads it */
static const struct opk_field PLUGIN_FIELDS[] = {
    {"allow", &ANY, false}, {"seconds", &VERSION, false}, {NULL, NULL, false}};
static const struct opk_shape PLUGINS = {.what = "a mapping", .fields = PLUGIN_FIELDS};
static const struct opk_field FIELDS[] = {
    {"classes", &CLASSES, false}, {"discover", &DISCOVER, false},
    {"guard", &GUARD, false},     {"paths", &PATHS, false},
    {"plugins", &PLUGINS, false}, {"sync", &SYNC, false},
    {"version", &VERSION, true},  {NULL, NULL, false},
};

/* Every path that opk.yaml may move, sorted by its name there. */
static const struct {
    const char *name;
    const char *path;
    size_t offset;
} PATH_ROWS[] = {
    {"cards", "ids/patterns/cards", offsetof(struct opk_repo_paths, cards)},
    {"doc_cards", "ids/docs/cards", offsetof(struct opk_repo_paths, doc_cards)},
    {"doc_registry", "registry/docs.registry.yaml", offsetof(struct opk_repo_paths, doc_registry)},
    {"kind_registry", "patterns/registry/OPERATION_KIND_REGISTRY.yaml",
     offsetof(struct opk_repo_paths, kind_registry)},
    {"ledger", "ids/ledger.jsonl", offsetof(struct opk_repo_paths, ledger)},
    {"pattern_index", "patterns/registry/PATTERN_INDEX.yaml",
     offsetof(struct opk_repo_paths, pattern_index)},
    {"pattern_registry", "registry/patterns.registry.yaml",
     offsetof(struct opk_repo_paths, pattern_registry)},
    {"rules", "plugins/patterns/PLG_PATTERNS_PROPAGATE/rules/propagation.map.yml",
     offsetof(struct opk_repo_paths, rules)},
    {"suite_index", "patterns/.index/pattern-suite-index.yaml",
     offsetof(struct opk_repo_paths, suite_index)},
};
#define PATH_COUNT (sizeof(PATH_ROWS) / sizeof(PATH_ROWS[0]))

static struct opk_str *path_slot(struct opk_repo_paths *paths, size_t row)
{
    return (struct opk_str *)(void *)((char *)paths + PATH_ROWS[row].offset);
}

static enum opk_status set_path(struct opk_repo_paths *paths, const struct opk_node *node,
                                struct opk_arena *arena, struct opk_err *err)
{
    const char *names[PATH_COUNT];

    for (size_t i = 0; i < PATH_COUNT; i++) {
        names[i] = PATH_ROWS[i].name;
        if (!opk_str_eq(opk_str_of(names[i]), node->key->text))
            continue;
        enum opk_status status = opk_path_check(opk_node_text(node), err);
        if (status != OPK_OK)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(node, CONFIGURATION),
                            "%s must be a path below the root", names[i]);
        *path_slot(paths, i) = opk_arena_copy(arena, node->text);
        return opk_arena_check(arena, err);
    }
    const char *near = opk_opt_nearest(node->key->text.data, names, PATH_COUNT);
    return opk_fail(err, OPK_E_INVALID, opk_node_place(node->key, CONFIGURATION),
                    "unknown path '%.*s'%s%s%s", OPK_STR_FMT(node->key->text),
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* A configuration's text, checked, and the paths that it gives. */
static enum opk_status parse_configuration(struct opk_str text, struct opk_arena *arena,
                                           struct opk_repo_paths *out_paths,
                                           struct opk_doc *out_doc, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_repo_paths paths;
    enum opk_status status = opk_yaml_parse(text, CONFIGURATION, limits, out_doc, err);

    if (status != OPK_OK)
        return status;
    opk_repo_paths_default(&paths);
    if (!out_doc->root || out_doc->root->kind != OPK_NODE_MAP)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(CONFIGURATION, 1),
                          "the configuration is a mapping");
    else
        status = opk_fields_check(out_doc->root, CONFIGURATION, FIELDS, err);
    const struct opk_node *moved = opk_node_get(out_doc->root, "paths");
    for (const struct opk_node *node = moved ? moved->first : NULL; node && status == OPK_OK;
         node = node->next)
        status = set_path(&paths, node, arena, err);
    if (status == OPK_OK)
        *out_paths = paths;
    else
        opk_doc_done(out_doc);
    return status;
}

void opk_repo_paths_default(struct opk_repo_paths *out_paths)
{
    for (size_t i = 0; i < PATH_COUNT; i++)
        *path_slot(out_paths, i) = opk_str_of(PATH_ROWS[i].path);
}

enum opk_status opk_repo_paths_parse(struct opk_str text, struct opk_arena *arena,
                                     struct opk_repo_paths *out_paths, struct opk_err *err)
{
    struct opk_doc doc = {0};
    enum opk_status status = parse_configuration(text, arena, out_paths, &doc, err);

    if (status == OPK_OK)
        opk_doc_done(&doc);
    return status;
}

static enum opk_status read_configuration(struct opk_repo *repo, struct opk_err *err)
{
    struct opk_doc doc = {0};
    struct opk_file *file;
    enum opk_status status;

    opk_repo_paths_default(&repo->paths);
    status = opk_files_open(&repo->files, OPK_STR(CONFIGURATION), &file, err);
    if (status != OPK_OK || !file->exists)
        return status;
    status = parse_configuration(file->now, &repo->files.arena, &repo->paths, &doc, err);
    if (status != OPK_OK)
        return status;
    const struct opk_node *reverse = opk_node_pointer(doc.root, OPK_STR("/sync/reverse"));
    repo->reverse = reverse && reverse->truth;
    opk_doc_done(&doc);
    return OPK_OK;
}

static enum opk_status open_card(struct opk_repo *repo, struct opk_str folder, struct opk_str name,
                                 struct opk_file **out_file, struct opk_err *err)
{
    size_t len = folder.len + 1 + name.len;
    char *path = opk_arena_room(&repo->files.arena, len + 1, 1);

    if (!path)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for cards");
    memcpy(path, folder.data, folder.len);
    path[folder.len] = '/';
    memcpy(path + folder.len + 1, name.data, name.len);
    path[len] = '\0';
    return opk_files_open(&repo->files, opk_str_bytes(path, len), out_file, err);
}

/* A card of the older dialect that does not say enough. */
static enum opk_status add_unread(struct opk_repo *repo, const char *path, struct opk_err *err)
{
    const char **grown =
        opk_grow(repo->unread, &repo->unread_cap, repo->unread_count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for cards");
    repo->unread = grown;
    repo->unread[repo->unread_count++] = path;
    return OPK_OK;
}

/* One card; a bad one is a problem, not the end. */
static enum opk_status read_card(struct opk_repo *repo, struct opk_str name, struct opk_err *err)
{
    struct opk_card *card = &repo->cards[repo->card_count];
    struct opk_file *file;
    bool is_older = false;
    enum opk_status status = open_card(repo, repo->paths.cards, name, &file, err);

    if (status == OPK_OK)
        status = opk_card_read(file->now, file->path, OPK_STR_EMPTY, card, &is_older, err);
    if (status == OPK_OK) {
        repo->card_count++;
        return OPK_OK;
    }
    status = opk_problems_add(&repo->problems, err);
    return status == OPK_OK && is_older ? add_unread(repo, file->path, err) : status;
}

static enum opk_status read_doc_card(struct opk_repo *repo, struct opk_str name,
                                     struct opk_err *err)
{
    struct opk_file *file;
    enum opk_status status = open_card(repo, repo->paths.doc_cards, name, &file, err);

    if (status == OPK_OK)
        status = opk_doc_card_parse(file->now, file->path, &repo->docs[repo->doc_count], err);
    if (status != OPK_OK)
        return opk_problems_add(&repo->problems, err);
    repo->doc_count++;
    return OPK_OK;
}

/* Read a folder of cards into an array that has room for all of them. */
static enum opk_status read_folder(struct opk_repo *repo, const char *folder,
                                   struct opk_card **out_cards,
                                   enum opk_status (*read)(struct opk_repo *, struct opk_str,
                                                           struct opk_err *),
                                   struct opk_err *err)
{
    struct opk_str *names;
    size_t count;
    enum opk_status status =
        opk_root_list(&repo->root, folder, &repo->files.arena, &names, &count, err);

    if (status != OPK_OK)
        return status;
    if (count > OPK_REPO_CARDS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(folder), "more than %d files",
                        OPK_REPO_CARDS_MAX);
    *out_cards = calloc(count + 1, sizeof(**out_cards));
    if (!*out_cards)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu cards", count);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (opk_str_ends(names[i], OPK_STR(".yaml")))
            status = read(repo, names[i], err);
    }
    return status;
}

static enum opk_status read_cards(struct opk_repo *repo, struct opk_err *err)
{
    const char *folder = repo->paths.cards.data;
    enum opk_status status = read_folder(repo, folder, &repo->cards, read_card, err);

    if (status == OPK_E_NOENT)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(folder),
                        "no cards here; run opk in the root of a pattern repository, or make one "
                        "with 'opk init DIR'");
    if (status == OPK_OK)
        status = read_folder(repo, repo->paths.doc_cards.data, &repo->docs, read_doc_card, err);
    return status == OPK_E_NOENT ? OPK_OK : status;
}

enum opk_status opk_repo_open(const char *dir, enum opk_repo_access access,
                              struct opk_repo *out_repo, struct opk_err *err)
{
    enum opk_status status;

    *out_repo = (struct opk_repo){.root = OPK_ROOT_CLOSED};
    status = opk_root_open(dir, &out_repo->root, err);
    if (status == OPK_OK)
        status = access == OPK_REPO_WRITE ? opk_txn_begin(&out_repo->root, &out_repo->txn, err)
                                          : opk_txn_check_none_pending(&out_repo->root, err);
    if (status == OPK_OK)
        status = opk_files_new(&out_repo->root, &out_repo->files, err);
    if (status == OPK_OK)
        status = read_configuration(out_repo, err);
    if (status == OPK_OK)
        status = read_cards(out_repo, err);
    if (status != OPK_OK)
        opk_repo_done(out_repo);
    return status;
}

/* What was read of cards. */
static void drop_cards(struct opk_repo *repo)
{
    for (size_t i = 0; i < repo->card_count; i++)
        opk_card_done(&repo->cards[i]);
    for (size_t i = 0; i < repo->doc_count; i++)
        opk_card_done(&repo->docs[i]);
    free(repo->cards);
    free(repo->docs);
    free(repo->unread);
    opk_problems_done(&repo->problems);
    repo->cards = NULL;
    repo->docs = NULL;
    repo->unread = NULL;
    repo->card_count = repo->doc_count = repo->unread_count = repo->unread_cap = 0;
}

enum opk_status opk_repo_reload(struct opk_repo *repo, struct opk_err *err)
{
    drop_cards(repo);
    return read_cards(repo, err);
}

void opk_repo_done(struct opk_repo *repo)
{
    drop_cards(repo);
    opk_files_done(&repo->files);
    opk_txn_free(repo->txn);
    opk_root_close(&repo->root);
    *repo = (struct opk_repo){.root = OPK_ROOT_CLOSED};
}

enum opk_status opk_repo_write(struct opk_repo *repo, struct opk_err *err)
{
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status = opk_files_changed(&repo->files, &files, &count, err);

    if (status != OPK_OK || count == 0)
        return status;
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = opk_txn_put(repo->txn, files[i]->path, files[i]->exists ? &files[i]->old : NULL,
                             files[i]->now, err);
    if (status == OPK_OK)
        status = opk_txn_commit(repo->txn, err);
    return status;
}

static bool names_card(const struct opk_card *card, enum opk_repo_by by, struct opk_str name)
{
    bool is_pattern = card->family == OPK_FAMILY_PATTERN;

    if (by == OPK_REPO_BY_ID)
        return is_pattern && opk_str_eq(card->id, name);
    if (by == OPK_REPO_BY_KEY)
        return is_pattern && opk_str_eq(card->key, name);
    return opk_str_eq(card->key, name) || opk_str_eq(card->id, name) ||
           opk_str_eq(card->doc_id, name) || opk_str_eq(card->ulid, name);
}

/* Put the text of today of an older card into its file. */
static enum opk_status rewrite(struct opk_repo *repo, const char *path, struct opk_str category,
                               struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, opk_str_of(path), &file, err);

    if (status == OPK_OK)
        status = opk_card_migrate(file->now, path, category, &text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    return status;
}

/* A card and what it may be called; none is any. */
static bool is_named(const struct opk_card *card, enum opk_repo_by by, struct opk_str name)
{
    return name.len == 0 || names_card(card, by, name);
}

/* Read an older card that could not be read without a category; with the one given it may be. One
 * that is not named is told of only. */
static enum opk_status read_unread(struct opk_repo *repo, const char *path, enum opk_repo_by by,
                                   struct opk_str name, struct opk_str category,
                                   struct opk_err *err)
{
    struct opk_card *card = &repo->cards[repo->card_count];
    struct opk_file *file;
    bool is_older;
    enum opk_status status = opk_files_open(&repo->files, opk_str_of(path), &file, err);

    if (status == OPK_OK)
        status = opk_card_read(file->now, path, category, card, &is_older, err);
    if (status != OPK_OK)
        return opk_problems_add(&repo->problems, err); /* which holds it already */
    if (!is_named(card, by, name)) {
        opk_card_done(card);
        opk_problems_soften(&repo->problems, path);
        return OPK_OK;
    }
    repo->card_count++;
    opk_problems_drop(&repo->problems, path);
    return rewrite(repo, path, category, err);
}

static int compare_cards(const void *left, const void *right)
{
    const struct opk_card *a = left;
    const struct opk_card *b = right;

    return strcmp(a->path, b->path);
}

enum opk_status opk_repo_migrate(struct opk_repo *repo, enum opk_repo_by by, struct opk_str name,
                                 struct opk_str category, struct opk_err *err)
{
    size_t count = repo->card_count;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        const struct opk_card *card = &repo->cards[i];
        if (card->is_older && is_named(card, by, name))
            status = rewrite(repo, card->path, category, err);
    }
    for (size_t i = 0; i < repo->unread_count && status == OPK_OK; i++)
        status = read_unread(repo, repo->unread[i], by, name, category, err);
    if (repo->card_count > count)
        qsort(repo->cards, repo->card_count, sizeof(*repo->cards), compare_cards);
    return status;
}

size_t opk_repo_card_count(const struct opk_repo *repo)
{
    return repo->card_count + repo->doc_count;
}

const struct opk_card *opk_repo_card_at(const struct opk_repo *repo, size_t index)
{
    if (index < repo->card_count)
        return &repo->cards[index];
    index -= repo->card_count;
    return index < repo->doc_count ? &repo->docs[index] : NULL;
}

static enum opk_status none_found(const struct opk_repo *repo, enum opk_repo_by by,
                                  struct opk_str name, struct opk_err *err)
{
    const char **names = calloc(2 * opk_repo_card_count(repo) + 1, sizeof(char *));
    const struct opk_card *card;
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *near = NULL;
    size_t count = 0;

    opk_buf_append(&text, name);
    for (size_t i = 0; names && (card = opk_repo_card_at(repo, i)); i++) {
        if (card->family != OPK_FAMILY_PATTERN && by != OPK_REPO_BY_ANY)
            break;
        if (by != OPK_REPO_BY_ID)
            names[count++] = card->key.data;
        if (by != OPK_REPO_BY_KEY)
            names[count++] = card->id.data;
    }
    if (names && opk_buf_cstr(&text))
        near = opk_opt_nearest(opk_buf_cstr(&text), names, count);
    enum opk_status status = opk_fail(
        err, OPK_E_NOENT, OPK_AT_PATH(repo->paths.cards.data), "no card for '%.*s'%s%s%s",
        OPK_STR_FMT(name), near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    opk_buf_done(&text);
    free(names);
    return status;
}

enum opk_status opk_repo_find(const struct opk_repo *repo, enum opk_repo_by by, struct opk_str name,
                              const struct opk_card **out_card, struct opk_err *err)
{
    const struct opk_card *found = NULL;
    const struct opk_card *card;

    for (size_t i = 0; (card = opk_repo_card_at(repo, i)); i++) {
        if (!names_card(card, by, name))
            continue;
        if (found)
            return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(card->path),
                            "'%.*s' names this card and %s; give the ulid, or mend one of them",
                            OPK_STR_FMT(name), found->path);
        found = card;
    }
    if (!found)
        return none_found(repo, by, name, err);
    *out_card = found;
    return OPK_OK;
}
