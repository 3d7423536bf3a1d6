#include "sync/new_card.h"

#include "base/opt.h"
#include "base/yaml.h"
#include "sync/layout.h"
#include "sync/ledger.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_VERSION "0.1.0"

struct opk_str opk_new_card_key(struct opk_arena *arena, struct opk_str kind)
{
    struct opk_str tail = opk_str_skip(kind, opk_str_starts(kind, OPK_STR("OPK-")) ? 4 : 0);
    char *key = opk_arena_alloc(arena, tail.len + 1);

    for (size_t i = 0; key && i < tail.len; i++)
        key[i] = opk_is_alnum(tail.data[i]) ? opk_to_upper(tail.data[i]) : '_';
    return key ? opk_arena_printf(arena, "PAT_%s", key) : OPK_STR_EMPTY;
}

/* A scalar as it is written, whatever its type: a version may read as a number. */
static struct opk_str said(struct opk_arena *arena, const struct opk_node *map, const char *key)
{
    const struct opk_node *node = opk_node_get(map, key);
    bool is_scalar = node && node->kind != OPK_NODE_SEQ && node->kind != OPK_NODE_MAP &&
                     node->kind != OPK_NODE_NULL;

    return is_scalar ? opk_arena_copy(arena, opk_str_trim(node->text)) : OPK_STR_EMPTY;
}

/* Fill a field that is not known from the first place that says it. */
static void take(struct opk_arena *arena, struct opk_str *field, const struct opk_node *map,
                 const char *key)
{
    if (field->len == 0)
        *field = said(arena, map, key);
}

/* A list of texts, or one text, as a list. */
static void take_list(struct opk_arena *arena, const struct opk_str **items, size_t *count,
                      const struct opk_node *node)
{
    size_t most = node && node->kind == OPK_NODE_SEQ ? node->count : 1;
    struct opk_str *list;

    if (*count > 0 || !node)
        return;
    list = opk_arena_array(arena, most + 1, sizeof(*list));
    if (!list)
        return;
    if (opk_node_text(node).len > 0)
        list[(*count)++] = opk_arena_copy(arena, node->text);
    for (const struct opk_node *item = node->first; item; item = item->next) {
        if (opk_node_text(item).len > 0)
            list[(*count)++] = opk_arena_copy(arena, item->text);
    }
    *items = list;
}

/* The kinds of a spec, in today's spelling. */
static void take_kinds(struct opk_arena *arena, struct opk_new_card *card,
                       const struct opk_node *node)
{
    struct opk_str *kinds;

    if (card->kind_count > 0)
        return;
    take_list(arena, &card->kinds, &card->kind_count, node);
    kinds = opk_arena_array(arena, card->kind_count + 1, sizeof(*kinds));
    for (size_t i = 0; kinds && i < card->kind_count; i++) {
        char *text = opk_arena_alloc(arena, card->kinds[i].len + 1);
        for (size_t at = 0; text && at < card->kinds[i].len; at++)
            text[at] = card->kinds[i].data[at] == '_' ? '-' : card->kinds[i].data[at];
        kinds[i] = text ? opk_str_bytes(text, card->kinds[i].len) : OPK_STR_EMPTY;
    }
    card->kinds = kinds;
}

/* The first line of a text that may be of several. */
static struct opk_str first_line(struct opk_str text)
{
    return opk_str_trim(opk_str_slice(text, 0, opk_str_find_byte(text, '\n', 0)));
}

static void take_spec(struct opk_arena *arena, struct opk_new_card *card,
                      const struct opk_node *spec)
{
    take(arena, &card->key, spec, "pattern_key");
    take(arena, &card->doc_id, spec, "doc_id");
    take(arena, &card->semver, spec, "version");
    take(arena, &card->status, spec, "status");
    take(arena, &card->category, spec, "category");
    take(arena, &card->layer, spec, "layer");
    take(arena, &card->summary, spec, "summary");
    take(arena, &card->summary, spec, "intent");
    card->summary = first_line(card->summary);
    take_kinds(arena, card, opk_node_get(spec, "operation_kinds"));
}

static void take_entry(struct opk_arena *arena, struct opk_new_card *card,
                       const struct opk_node *entry)
{
    struct opk_str name = said(arena, entry, "name");

    take(arena, &card->key, entry, "pattern_key");
    if (card->key.len == 0 && name.len > 0)
        card->key = opk_new_card_key(arena, name);
    take(arena, &card->doc_id, entry, "doc_id");
    take(arena, &card->semver, entry, "version");
    take(arena, &card->status, entry, "status");
    take(arena, &card->category, entry, "category");
    take(arena, &card->layer, entry, "layer");
    take_kinds(arena, card, opk_node_get(entry, "operation_kinds"));
    take(arena, &card->schema, entry, "schema_path");
    take(arena, &card->executor, entry, "executor_path");
    take(arena, &card->examples_dir, entry, "example_dir");
    take_list(arena, &card->tests, &card->test_count, opk_node_get(entry, "test_paths"));
    take_list(arena, &card->tests, &card->test_count, opk_node_get(entry, "test_path"));
}

/* The entry of a pattern in a parsed index. */
static enum opk_status find_entry(const struct opk_doc *index, const char *path, struct opk_str id,
                                  const struct opk_node **out, struct opk_err *err)
{
    const struct opk_node *list = opk_node_get(index->root, "patterns");

    for (const struct opk_node *entry = list ? list->first : NULL; entry; entry = entry->next) {
        if (opk_str_eq(opk_node_text(opk_node_get(entry, "pattern_id")), id)) {
            *out = entry;
            return OPK_OK;
        }
    }
    return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path),
                    "no PATTERN_INDEX entry found for %.*s in %s", OPK_STR_FMT(id), path);
}

static enum opk_status read_yaml(struct opk_repo *repo, struct opk_str path, const char *absent,
                                 struct opk_doc *out_doc, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, path, &file, err);

    if (status == OPK_OK && !file->exists)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path), "%s", absent);
    return status == OPK_OK ? opk_yaml_parse(file->now, file->path, limits, out_doc, err) : status;
}

enum opk_status opk_new_card_from_index(struct opk_repo *repo, struct opk_str id,
                                        struct opk_new_card *card, struct opk_err *err)
{
    struct opk_arena *arena = &repo->files.arena;
    struct opk_doc index = {0};
    struct opk_doc spec = {0};
    const struct opk_node *entry;
    enum opk_status status =
        read_yaml(repo, repo->paths.pattern_index, "PATTERN_INDEX not found here", &index, err);

    if (status == OPK_OK)
        status = find_entry(&index, repo->paths.pattern_index.data, id, &entry, err);
    if (status != OPK_OK)
        goto out;
    card->id = opk_arena_copy(arena, id);
    take(arena, &card->spec, entry, "spec_path");
    if (card->spec.len == 0) {
        status = opk_fail(err, OPK_E_NOENT, opk_node_place(entry, repo->paths.pattern_index.data),
                          "the entry of %.*s has no spec_path; add it", OPK_STR_FMT(id));
        goto out;
    }
    status = read_yaml(repo, card->spec,
                       opk_arena_printf(arena, "spec not found for %.*s", OPK_STR_FMT(id)).data,
                       &spec, err);
    if (status != OPK_OK)
        goto out;
    take_spec(arena, card, spec.root);
    take_entry(arena, card, entry);
    status = opk_arena_check(arena, err);

out:
    opk_doc_done(&spec);
    opk_doc_done(&index);
    return status;
}

static void fill(struct opk_str *field, struct opk_str value)
{
    if (field->len == 0)
        *field = value;
}

void opk_new_card_complete(struct opk_repo *repo, struct opk_new_card *card)
{
    struct opk_arena *arena = &repo->files.arena;
    struct opk_str *test;

    fill(&card->id, opk_layout_id(arena, card->key));
    fill(&card->doc_id, opk_arena_printf(arena, "DOC-%.*s", OPK_STR_FMT(card->id)));
    fill(&card->semver, OPK_STR(FIRST_VERSION));
    fill(&card->status, OPK_STR("draft"));
    fill(&card->layer, OPK_STR("execution"));
    fill(&card->folder, opk_layout_path(arena, card->key, OPK_LAYOUT_FOLDER));
    fill(&card->spec, opk_layout_path(arena, card->key, OPK_LAYOUT_SPEC));
    fill(&card->schema, opk_layout_path(arena, card->key, OPK_LAYOUT_SCHEMA));
    fill(&card->executor, opk_layout_path(arena, card->key, OPK_LAYOUT_EXECUTOR));
    fill(&card->examples_dir, opk_layout_path(arena, card->key, OPK_LAYOUT_EXAMPLES_DIR));
    if (card->test_count > 0)
        return;
    test = opk_arena_alloc(arena, sizeof(*test));
    if (!test)
        return;
    *test = opk_layout_path(arena, card->key, OPK_LAYOUT_TEST);
    card->tests = test;
    card->test_count = 1;
}

static struct opk_identity identity(const struct opk_new_card *card)
{
    return (struct opk_identity){{card->ulid, card->id, card->key, card->doc_id}};
}

/* No identity is given out twice: not to a card that is there, not to one that was. */
static enum opk_status check_ledger(struct opk_repo *repo, const struct opk_new_card *card,
                                    struct opk_err *err)
{
    struct opk_identity own = identity(card);
    const struct opk_ledger_line *line;
    struct opk_ledger ledger = {0};
    struct opk_file *file;
    size_t which = OPK_IDENTITY_ULID;
    enum opk_status status = opk_files_open(&repo->files, repo->paths.ledger, &file, err);

    if (status == OPK_OK)
        status = opk_ledger_parse(file->now, file->path, &ledger, err);
    if (status != OPK_OK)
        return status;
    line = opk_ledger_find(&ledger, card->ulid);
    if (!line)
        line = opk_ledger_taken(&ledger, &own, &which);
    if (line)
        status = opk_fail(err, OPK_E_REFUSED, OPK_AT_LINE(file->path, line->number),
                          "%s %.*s was given out before; an identity is never used again",
                          OPK_IDENTITY_NAMES[which], OPK_STR_FMT(own.values[which]));
    opk_ledger_done(&ledger);
    return status;
}

static enum opk_status check_cards(const struct opk_repo *repo, const struct opk_new_card *card,
                                   struct opk_err *err)
{
    struct opk_identity own = identity(card);
    const struct opk_card *there;

    for (size_t i = 0; (there = opk_repo_card_at(repo, i)); i++) {
        struct opk_identity other = opk_identity_of(there);
        for (size_t at = 0; at < OPK_IDENTITIES; at++) {
            if (own.values[at].len > 0 && opk_str_eq(other.values[at], own.values[at]))
                return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(there->path),
                                "%s %.*s is already that of this card", OPK_IDENTITY_NAMES[at],
                                OPK_STR_FMT(own.values[at]));
        }
    }
    return OPK_OK;
}

static int compare_cards(const void *left, const void *right)
{
    const struct opk_card *a = left;
    const struct opk_card *b = right;

    return strcmp(a->path, b->path);
}

/* Put a card among those of the repository, which has room for one more (repo.c). */
static const struct opk_card *insert_card(struct opk_repo *repo, struct opk_card card)
{
    const char *path = card.path;
    size_t at = 0;

    repo->cards[repo->card_count++] = card;
    qsort(repo->cards, repo->card_count, sizeof(*repo->cards), compare_cards);
    while (repo->cards[at].path != path)
        at++;
    return &repo->cards[at];
}

enum opk_status opk_new_card_add(struct opk_repo *repo, const struct opk_new_card *card,
                                 const struct opk_card **out_card, struct opk_err *err)
{
    struct opk_arena *arena = &repo->files.arena;
    struct opk_str path = opk_arena_printf(arena, "%.*s/%.*s.yaml", OPK_STR_FMT(repo->paths.cards),
                                           OPK_STR_FMT(card->ulid));
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_card parsed;
    struct opk_file *file;
    struct opk_err inner;
    enum opk_status status = check_cards(repo, card, err);

    if (status == OPK_OK)
        status = check_ledger(repo, card, err);
    if (status != OPK_OK)
        return status;
    opk_new_card_text(card, arena, &text);
    status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_arena_check(arena, err);
    if (status == OPK_OK)
        status = opk_files_open(&repo->files, path, &file, err);
    if (status == OPK_OK && file->exists)
        status =
            opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(file->path), "this file is there already");
    if (status == OPK_OK &&
        opk_card_parse(opk_buf_str(&text), path.data, &parsed, &inner) != OPK_OK)
        status = opk_fail(err, inner.status, OPK_NOWHERE, "this makes no card: %s", inner.message);
    if (status == OPK_OK) {
        *out_card = insert_card(repo, parsed);
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    }
    if (status == OPK_OK)
        status = opk_new_card_files(repo, card, err);
    opk_buf_done(&text);
    return status;
}
