#include "sync/build.h"

#include "base/map.h"
#include "base/out.h"
#include "base/yaml.h"
#include "sync/emit.h"

#include <stdlib.h>

/* What is one card's only, in each family. */
static const struct {
    const char *name;
    bool of[2]; /* by enum opk_family */
} IDENTITIES[] = {
    {"ulid", {true, true}},   {"pattern_id", {true, false}}, {"pattern_key", {true, false}},
    {"doc_id", {true, true}}, {"doc_key", {false, true}},    {"document", {false, true}},
};
#define IDENTITY_COUNT      (sizeof(IDENTITIES) / sizeof(IDENTITIES[0]))
#define REGISTRY_FIELDS_MAX 8

/* What a registry tells of each card, by enum opk_family. */
static const struct registry {
    const char *schema;
    const char *fields[REGISTRY_FIELDS_MAX];
} REGISTRIES[] = {
    {"../schemas/patterns_registry.schema.json",
     {"ulid", "pattern_id", "doc_id", "semver", "status", "category", "layer", "operation_kinds"}},
    {"../schemas/docs_registry.schema.json",
     {"ulid", "doc_id", "semver", "status", "document", "pattern_id", NULL, NULL}},
};

/* The first lines of what is made whole: its schema for editors, and a word to people. */
static void put_head(const char *schema, const char *kept, struct opk_buf *out)
{
    opk_buf_printf(out,
                   "# yaml-language-server: $schema=%s\n"
                   "# Made by 'opk build' from the cards: edits here are lost%s.\n",
                   schema, kept);
}

static struct opk_str card_text(const struct opk_card *card, const char *key)
{
    return opk_node_text(opk_node_get(card->doc.root, key));
}

static struct opk_tval card_value(struct opk_arena *arena, const struct opk_card *card,
                                  const char *key)
{
    return opk_tval_of_node(arena, opk_node_get(card->doc.root, key));
}

static int compare_id(const void *left, const void *right)
{
    const struct opk_card *const *a = left;
    const struct opk_card *const *b = right;

    return opk_str_cmp((*a)->id, (*b)->id);
}

static int compare_key(const void *left, const void *right)
{
    const struct opk_card *const *a = left;
    const struct opk_card *const *b = right;

    return opk_str_cmp((*a)->key, (*b)->key);
}

/* The cards of one family, sorted. */
static const struct opk_card **sorted_cards(const struct opk_repo *repo, enum opk_family family,
                                            struct opk_arena *arena,
                                            int (*compare)(const void *, const void *))
{
    const struct opk_card *first = family == OPK_FAMILY_DOC ? repo->docs : repo->cards;
    size_t count = family == OPK_FAMILY_DOC ? repo->doc_count : repo->card_count;
    const struct opk_card **cards = opk_arena_array(arena, count + 1, sizeof(struct opk_card *));

    if (!cards)
        return NULL;
    for (size_t i = 0; i < count; i++)
        cards[i] = &first[i];
    qsort(cards, count, sizeof(struct opk_card *), compare);
    return cards;
}

/* Is one identity each card's own? */
static enum opk_status check_unique(const struct opk_repo *repo, size_t identity,
                                    struct opk_err *err)
{
    const char *name = IDENTITIES[identity].name;
    struct opk_map *seen = NULL; /* value -> the number of its card, among those that have one */
    const struct opk_card **owners =
        calloc(opk_repo_card_count(repo) + 1, sizeof(struct opk_card *));
    const struct opk_card *card;
    enum opk_status status;

    if (!owners)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for cards");
    status = opk_map_new(&seen, err);
    for (size_t i = 0; status == OPK_OK && (card = opk_repo_card_at(repo, i)); i++) {
        struct opk_str value = card_text(card, name);
        uint32_t index;
        bool is_new = false;
        if (!IDENTITIES[identity].of[card->family])
            continue;
        status = opk_map_add(seen, value, &index, &is_new, err);
        if (status == OPK_OK && is_new)
            owners[index] = card;
        else if (status == OPK_OK)
            status = opk_fail(
                err, OPK_E_INVALID, opk_node_place(opk_node_get(card->doc.root, name), card->path),
                "%s %.*s is already that of %s", name, OPK_STR_FMT(value), owners[index]->path);
    }
    opk_map_free(seen);
    free(owners);
    return status;
}

enum opk_status opk_build_check_unique(const struct opk_repo *repo, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < IDENTITY_COUNT && status == OPK_OK; i++)
        status = check_unique(repo, i, err);
    return status;
}

/* The documents of a pattern by name: card, spec, schema, then what suite.docs names. */
static struct opk_tval suite_docs(struct opk_arena *arena, const struct opk_card *card)
{
    const struct opk_node *docs = opk_node_get(card->suite, "docs");
    struct opk_tval map;

    opk_tval_map_init(&map, arena, 3 + (docs ? docs->count : 0));
    opk_tval_map_add(&map, OPK_STR("card"), opk_tval_string(opk_str_of(card->path)));
    opk_tval_map_add(&map, OPK_STR("spec"),
                     opk_tval_of_node(arena, opk_node_get(card->suite, "spec")));
    opk_tval_map_add(&map, OPK_STR("schema"),
                     opk_tval_of_node(arena, opk_node_get(card->suite, "schema")));
    for (const struct opk_node *doc = docs ? docs->first : NULL; doc; doc = doc->next)
        opk_tval_map_add(&map, doc->key->text, opk_tval_of_node(arena, doc));
    return map;
}

bool opk_build_has_mfids(struct opk_str suite_index)
{
    return opk_str_find(suite_index, OPK_STR("mfids:"), 0) != OPK_NPOS ||
           opk_str_find(suite_index, OPK_STR("mfids\""), 0) != OPK_NPOS;
}

/* The mfids of the old index by ulid: the one thing in it that is not derived. */
struct kept {
    struct opk_doc old;            /* owned */
    struct opk_map *ulids;         /* owned; of entries that have some */
    const struct opk_node **mfids; /* owned; of each */
};

static void kept_done(struct kept *kept)
{
    opk_doc_done(&kept->old);
    opk_map_free(kept->ulids);
    free(kept->mfids);
}

static enum opk_status keep_mfids(const struct opk_file *file, struct kept *kept,
                                  struct opk_err *err)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    enum opk_status status = opk_yaml_parse(file->now, file->path, limits, &kept->old, err);
    const struct opk_node *patterns = opk_node_get(kept->old.root, "patterns");

    if (status == OPK_OK)
        status = opk_map_new(&kept->ulids, err);
    kept->mfids = calloc((patterns ? patterns->count : 0) + 1, sizeof(const struct opk_node *));
    if (status == OPK_OK && !kept->mfids)
        status = opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for mfids");
    for (const struct opk_node *entry = patterns ? patterns->first : NULL;
         entry && status == OPK_OK; entry = entry->next) {
        const struct opk_node *mfids = opk_node_get(entry, "mfids");
        uint32_t index;
        bool is_new = false;
        if (!mfids)
            continue;
        status = opk_map_add(kept->ulids, opk_node_text(opk_node_get(entry, "ulid")), &index,
                             &is_new, err);
        if (status == OPK_OK && is_new)
            kept->mfids[index] = mfids;
    }
    return status;
}

static const struct opk_node *mfids_of(const struct kept *kept, struct opk_str ulid)
{
    uint32_t index;

    return kept->ulids && opk_map_find(kept->ulids, ulid, &index) ? kept->mfids[index] : NULL;
}

static struct opk_tval suite_entry(struct opk_arena *arena, const struct opk_card *card,
                                   const struct kept *kept)
{
    const struct opk_node *mfids = mfids_of(kept, card->ulid);
    struct opk_tval entry;

    opk_tval_map_init(&entry, arena, 7);
    for (size_t i = 0; i < IDENTITY_COUNT; i++) {
        if (IDENTITIES[i].of[OPK_FAMILY_PATTERN])
            opk_tval_map_add(&entry, opk_str_of(IDENTITIES[i].name),
                             card_value(arena, card, IDENTITIES[i].name));
    }
    opk_tval_map_add(&entry, OPK_STR("folder"),
                     opk_tval_of_node(arena, opk_node_get(card->suite, "folder")));
    opk_tval_map_add(&entry, OPK_STR("docs"), suite_docs(arena, card));
    if (mfids)
        opk_tval_map_add(&entry, OPK_STR("mfids"), opk_tval_of_node(arena, mfids));
    return entry;
}

static enum opk_status put_suite_index(struct opk_repo *repo, struct opk_arena *arena,
                                       struct opk_file *file, struct opk_err *err)
{
    const struct opk_card **cards = sorted_cards(repo, OPK_FAMILY_PATTERN, arena, compare_id);
    struct opk_tval *entries = opk_arena_array(arena, repo->card_count + 1, sizeof(*entries));
    struct opk_buf text = OPK_BUF_EMPTY;
    struct kept kept = {0};
    struct opk_tval root;
    enum opk_status status = OPK_OK;

    if (!cards || !entries)
        return opk_arena_check(arena, err);
    if (opk_build_has_mfids(file->now))
        status = keep_mfids(file, &kept, err);
    if (status != OPK_OK) {
        kept_done(&kept);
        return status;
    }
    for (size_t i = 0; i < repo->card_count; i++)
        entries[i] = suite_entry(arena, cards[i], &kept);
    opk_tval_map_init(&root, arena, 3);
    opk_tval_map_add(&root, OPK_STR("suite_id"), opk_tval_string(OPK_STR("PATTERNS_SUITE")));
    opk_tval_map_add(&root, OPK_STR("version"), opk_tval_string(OPK_STR("1.0.0")));
    opk_tval_map_add(
        &root, OPK_STR("patterns"),
        (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = entries, .count = repo->card_count});
    put_head("../../schemas/pattern_suite_index.schema.json", ", but for mfids", &text);
    opk_emit_map(&root, 0, &text);
    status = opk_arena_check(arena, err);
    if (status == OPK_OK)
        status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    kept_done(&kept);
    return status;
}

static struct opk_tval registry_entry(struct opk_arena *arena, const struct opk_card *card)
{
    const char *const *fields = REGISTRIES[card->family].fields;
    struct opk_tval entry;

    opk_tval_map_init(&entry, arena, REGISTRY_FIELDS_MAX + 1);
    for (size_t i = 0; i < REGISTRY_FIELDS_MAX && fields[i]; i++) {
        if (opk_node_get(card->doc.root, fields[i]))
            opk_tval_map_add(&entry, opk_str_of(fields[i]), card_value(arena, card, fields[i]));
    }
    opk_tval_map_add(&entry, OPK_STR("card"), opk_tval_string(opk_str_of(card->path)));
    return entry;
}

static enum opk_status put_registry(struct opk_repo *repo, enum opk_family family,
                                    struct opk_arena *arena, struct opk_file *file,
                                    struct opk_err *err)
{
    const struct opk_card **by_key = sorted_cards(repo, family, arena, compare_key);
    const struct opk_card **by_id = sorted_cards(repo, family, arena, compare_id);
    size_t count = family == OPK_FAMILY_DOC ? repo->doc_count : repo->card_count;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_tval keys;
    struct opk_tval ids;
    struct opk_tval root;
    enum opk_status status;

    if (!by_key || !by_id)
        return opk_arena_check(arena, err);
    opk_tval_map_init(&keys, arena, count + 1);
    opk_tval_map_init(&ids, arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        opk_tval_map_add(&keys, by_key[i]->key, registry_entry(arena, by_key[i]));
        opk_tval_map_add(&ids, by_id[i]->id, opk_tval_string(by_id[i]->key));
    }
    opk_tval_map_init(&root, arena, 3);
    opk_tval_map_add(&root, OPK_STR("schema_version"),
                     (struct opk_tval){.kind = OPK_TVAL_INT, .integer = 1});
    opk_tval_map_add(&root, OPK_STR("by_key"), keys);
    opk_tval_map_add(&root, OPK_STR("by_id"), ids);
    put_head(REGISTRIES[family].schema, "", &text);
    opk_emit_map(&root, 0, &text);
    status = opk_arena_check(arena, err);
    if (status == OPK_OK)
        status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_build_indexes(struct opk_repo *repo, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_file *index;
    struct opk_file *patterns;
    struct opk_file *docs;
    enum opk_status status = opk_build_check_unique(repo, err);

    if (status == OPK_OK)
        status = opk_files_open(&repo->files, repo->paths.suite_index, &index, err);
    if (status == OPK_OK)
        status = opk_files_open(&repo->files, repo->paths.pattern_registry, &patterns, err);
    if (status == OPK_OK)
        status = opk_files_open(&repo->files, repo->paths.doc_registry, &docs, err);
    if (status == OPK_OK)
        status = put_suite_index(repo, &arena, index, err);
    if (status == OPK_OK)
        status = put_registry(repo, OPK_FAMILY_PATTERN, &arena, patterns, err);
    if (status == OPK_OK && (repo->doc_count > 0 || docs->exists))
        status = put_registry(repo, OPK_FAMILY_DOC, &arena, docs, err);
    opk_arena_done(&arena);
    return status;
}
