#include "sync/sidecar_repo.h"

#include "base/yaml_edit.h"
#include "sync/build.h"

#include <stdlib.h>
#include <string.h>

/* ---- documents and cards ---- */

/* The name that a card has for a document of its suite; the empty view when it has none. */
static struct opk_str name_in_card(const struct opk_card *card, struct opk_str path)
{
    const struct opk_node *docs = opk_node_get(card->suite, "docs");

    if (opk_str_eq(opk_node_text(opk_node_get(card->suite, "spec")), path))
        return OPK_STR("spec");
    for (const struct opk_node *doc = docs ? docs->first : NULL; doc; doc = doc->next) {
        if (opk_str_eq(opk_node_text(doc), path))
            return doc->key->text;
    }
    return OPK_STR_EMPTY;
}

static const struct opk_card *card_of(const struct opk_repo *repo, struct opk_str path)
{
    for (size_t i = 0; i < repo->card_count; i++) {
        if (name_in_card(&repo->cards[i], path).len > 0)
            return &repo->cards[i];
    }
    return NULL;
}

/* The ULID of the card that names a document, a pattern's or its own; empty when none does. */
static struct opk_str ulid_of(const struct opk_repo *repo, struct opk_str path)
{
    const struct opk_card *card = card_of(repo, path);

    for (size_t i = 0; !card && i < repo->doc_count; i++) {
        if (opk_str_eq(opk_node_text(repo->docs[i].document), path))
            card = &repo->docs[i];
    }
    return card ? card->ulid : OPK_STR_EMPTY;
}

enum opk_status opk_sidecar_open(struct opk_repo *repo, struct opk_str path,
                                 struct opk_file **out_file, struct opk_err *err)
{
    struct opk_str beside =
        opk_arena_printf(&repo->files.arena, "%.*s" OPK_SIDECAR_SUFFIX, OPK_STR_FMT(path));
    enum opk_status status = opk_arena_check(&repo->files.arena, err);

    return status == OPK_OK ? opk_files_open(&repo->files, beside, out_file, err) : status;
}

static int compare_paths(const void *left, const void *right)
{
    return opk_str_cmp(*(const struct opk_str *)left, *(const struct opk_str *)right);
}

/* Add a document that has a sidecar, unless another card named it before. */
static enum opk_status add_document(struct opk_repo *repo, const struct opk_node *node,
                                    struct opk_map *seen, struct opk_str *paths, size_t *count,
                                    struct opk_err *err)
{
    struct opk_file *file;
    uint32_t index;
    bool is_new = false;
    enum opk_status status = OPK_OK;

    if (opk_node_text(node).len == 0)
        return OPK_OK;
    status = opk_map_add(seen, node->text, &index, &is_new, err);
    if (status == OPK_OK && is_new)
        status = opk_sidecar_open(repo, node->text, &file, err);
    if (status == OPK_OK && is_new && file->exists)
        paths[(*count)++] = node->text;
    return status;
}

enum opk_status opk_sidecar_list(struct opk_repo *repo, struct opk_str **out_paths,
                                 size_t *out_count, struct opk_err *err)
{
    struct opk_map *seen = NULL;
    struct opk_str *paths;
    size_t count = 0;
    size_t most = 1 + repo->doc_count;
    enum opk_status status = opk_map_new(&seen, err);

    for (size_t i = 0; i < repo->card_count; i++) {
        const struct opk_node *docs = opk_node_get(repo->cards[i].suite, "docs");
        most += 1 + (docs ? docs->count : 0);
    }
    paths = opk_arena_array(&repo->files.arena, most, sizeof(*paths));
    if (status == OPK_OK)
        status = opk_arena_check(&repo->files.arena, err);
    for (size_t i = 0; i < repo->card_count && status == OPK_OK; i++) {
        const struct opk_node *docs = opk_node_get(repo->cards[i].suite, "docs");
        status = add_document(repo, opk_node_get(repo->cards[i].suite, "spec"), seen, paths, &count,
                              err);
        for (const struct opk_node *doc = docs ? docs->first : NULL; doc && status == OPK_OK;
             doc = doc->next)
            status = add_document(repo, doc, seen, paths, &count, err);
    }
    for (size_t i = 0; i < repo->doc_count && status == OPK_OK; i++)
        status = add_document(repo, repo->docs[i].document, seen, paths, &count, err);
    opk_map_free(seen);
    if (status != OPK_OK)
        return status;
    if (count > 0)
        qsort(paths, count, sizeof(*paths), compare_paths);
    *out_paths = paths;
    *out_count = count;
    return OPK_OK;
}

/* ---- one sidecar ---- */

/* A document, and its sidecar as it stands. */
struct pair {
    struct opk_file *doc;
    struct opk_file *file;
    struct opk_sidecar old;
    bool has_old;
};

static void close_pair(struct pair *pair)
{
    if (pair->has_old)
        opk_sidecar_done(&pair->old);
}

static enum opk_status open_pair(struct opk_repo *repo, struct opk_str path, struct pair *pair,
                                 struct opk_err *err)
{
    enum opk_status status = opk_files_open(&repo->files, path, &pair->doc, err);

    if (status == OPK_OK)
        status = opk_sidecar_open(repo, path, &pair->file, err);
    if (status == OPK_OK && !opk_file_is_there(pair->doc))
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(pair->doc->path), "no such document%s",
                          opk_file_is_there(pair->file) ? "; delete its sidecar" : "");
    if (status == OPK_OK && opk_file_is_there(pair->file)) {
        status = opk_sidecar_parse(pair->file->now, pair->file->path, &pair->old, err);
        pair->has_old = status == OPK_OK;
    }
    return status;
}

static enum opk_status find_ulid(const struct opk_repo *repo, const struct pair *pair,
                                 struct opk_str given, struct opk_str *out_ulid,
                                 struct opk_err *err)
{
    struct opk_str known =
        pair->has_old ? pair->old.ulid : ulid_of(repo, opk_str_of(pair->doc->path));

    if (given.len > 0 && known.len > 0 && !opk_str_eq(given, known))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(pair->doc->path),
                        "its ULID is %.*s: ids are never moved to another", OPK_STR_FMT(known));
    if (given.len == 0 && known.len == 0)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(pair->doc->path),
                        "no card names this document: give its ULID with --ulid");
    *out_ulid = given.len > 0 ? given : known;
    return OPK_OK;
}

static enum opk_status put_sidecar(struct opk_repo *repo, struct pair *pair,
                                   const struct opk_sidecar *sidecar, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = opk_sidecar_write(sidecar, pair->doc->path, &text, err);

    if (status == OPK_OK)
        status = opk_files_set(&repo->files, pair->file, opk_buf_str(&text), err);
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_sidecar_index(struct opk_repo *repo, struct opk_str path, struct opk_str ulid,
                                  struct opk_err *err)
{
    struct pair pair = {0};
    struct opk_sidecar sidecar;
    enum opk_status status = open_pair(repo, path, &pair, err);

    if (status == OPK_OK)
        status = find_ulid(repo, &pair, ulid, &ulid, err);
    if (status == OPK_OK)
        status =
            opk_sidecar_make(&(const struct opk_sidecar_doc){pair.doc->now, pair.doc->path, ulid},
                             pair.has_old ? &pair.old : NULL, NULL, &sidecar, err);
    if (status == OPK_OK) {
        status = put_sidecar(repo, &pair, &sidecar, err);
        opk_sidecar_done(&sidecar);
    }
    close_pair(&pair);
    return status;
}

/* One patch: the document's new text and the sidecar that goes with it. */
static enum opk_status patch_one(struct opk_repo *repo, struct pair *pair,
                                 struct opk_sidecar *sidecar, const struct opk_sidecar_patch *patch,
                                 struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_sidecar_pair same;
    struct opk_sidecar next;
    struct opk_sidecar_doc doc = {pair->doc->now, pair->doc->path, sidecar->ulid};
    enum opk_status status = opk_sidecar_apply(&doc, sidecar, patch, &text, &same, err);

    if (status == OPK_OK)
        status = opk_files_set(&repo->files, pair->doc, opk_buf_str(&text), err);
    doc.text = pair->doc->now;
    if (status == OPK_OK)
        status = opk_sidecar_make(&doc, sidecar, &same, &next, err);
    if (status == OPK_OK) {
        opk_sidecar_done(sidecar);
        *sidecar = next;
    }
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_sidecar_patch(struct opk_repo *repo, struct opk_str path,
                                  const struct opk_sidecar_patch *patches, size_t count,
                                  struct opk_err *err)
{
    struct pair pair = {0};
    struct opk_sidecar sidecar;
    enum opk_status status = open_pair(repo, path, &pair, err);

    if (status == OPK_OK && !pair.has_old)
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(pair.file->path),
                          "no sidecar: 'opk sidecar index' makes one");
    if (status == OPK_OK) /* the document may have been edited since */
        status = opk_sidecar_make(
            &(const struct opk_sidecar_doc){pair.doc->now, pair.doc->path, pair.old.ulid},
            &pair.old, NULL, &sidecar, err);
    if (status == OPK_OK) {
        for (size_t i = 0; i < count && status == OPK_OK; i++)
            status = patch_one(repo, &pair, &sidecar, &patches[i], err);
        if (status == OPK_OK)
            status = put_sidecar(repo, &pair, &sidecar, err);
        opk_sidecar_done(&sidecar);
    }
    close_pair(&pair);
    return status;
}

/* ---- the suite index ---- */

static const struct opk_node *find_entry(const struct opk_node *root, struct opk_str ulid)
{
    const struct opk_node *patterns = opk_node_get(root, "patterns");

    for (const struct opk_node *entry = patterns ? patterns->first : NULL; entry;
         entry = entry->next) {
        if (opk_str_eq(opk_node_text(opk_node_get(entry, "ulid")), ulid))
            return entry;
    }
    return NULL;
}

/* One sidecar's name in the entry of its card. */
static enum opk_status set_mfids(struct opk_repo *repo, struct opk_file *index,
                                 const struct opk_card *card, struct opk_str path,
                                 struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_buf beside = OPK_BUF_EMPTY;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_yaml_edit *edit = NULL;
    enum opk_status status = opk_yaml_edit_new(index->now, index->path, limits, &edit, err);

    opk_buf_append(&beside, path);
    opk_buf_append_cstr(&beside, OPK_SIDECAR_SUFFIX);
    if (status == OPK_OK)
        status = opk_buf_check(&beside, err);
    if (status == OPK_OK) {
        const struct opk_node *entry = find_entry(opk_yaml_edit_doc(edit)->root, card->ulid);
        const struct opk_node *mfids = opk_node_get(entry, "mfids");
        struct opk_value item = {.kind = OPK_VALUE_STRING,
                                 .text = opk_buf_str(&beside),
                                 .key = name_in_card(card, path)};
        struct opk_value map = {.kind = OPK_VALUE_MAP,
                                .text = OPK_STR_EMPTY,
                                .key = OPK_STR_EMPTY,
                                .items = &item,
                                .count = 1};
        status = mfids ? opk_yaml_edit_set(edit, mfids, item.key, &item, err)
                       : opk_yaml_edit_set(edit, entry, OPK_STR("mfids"), &map, err);
    }
    if (status == OPK_OK)
        status = opk_yaml_edit_finish(edit, &text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, index, opk_buf_str(&text), err);
    opk_yaml_edit_free(edit);
    opk_buf_done(&text);
    opk_buf_done(&beside);
    return status;
}

/* Does an index name the sidecar of a card's document? */
static bool names_sidecar(const struct opk_node *root, const struct opk_card *card,
                          struct opk_str path)
{
    const struct opk_node *mfids = opk_node_get(find_entry(root, card->ulid), "mfids");
    struct opk_str named = opk_node_text(opk_node_get_str(mfids, name_in_card(card, path)));

    return named.len == path.len + strlen(OPK_SIDECAR_SUFFIX) && opk_str_starts(named, path) &&
           opk_str_ends(named, OPK_STR(OPK_SIDECAR_SUFFIX));
}

static enum opk_status read_index(struct opk_repo *repo, struct opk_file **out_file,
                                  struct opk_doc *out_doc, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    enum opk_status status = opk_files_open(&repo->files, repo->paths.suite_index, out_file, err);

    if (status != OPK_OK)
        return status;
    return opk_yaml_parse((*out_file)->now, (*out_file)->path, limits, out_doc, err);
}

enum opk_status opk_sidecar_enter(struct opk_repo *repo, const struct opk_str *paths, size_t count,
                                  struct opk_err *err)
{
    struct opk_doc doc = {0};
    struct opk_file *index;
    bool is_edited = false;
    enum opk_status status = opk_build_indexes(repo, err); /* every card has an entry */

    if (status == OPK_OK)
        status = read_index(repo, &index, &doc, err);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        const struct opk_card *card = card_of(repo, paths[i]);
        if (!card || names_sidecar(doc.root, card, paths[i]))
            continue;
        status = set_mfids(repo, index, card, paths[i], err);
        is_edited = true;
    }
    opk_doc_done(&doc);
    return status == OPK_OK && is_edited ? opk_build_indexes(repo, err) : status;
}

/* ---- the check ---- */

/* Documents that are checked together. */
struct check {
    struct opk_repo *repo;
    struct opk_problems *problems;
    struct opk_file *index;
    struct opk_doc index_doc; /* owned */
    struct opk_map *mfids;    /* owned; of the documents so far */
};

/* What became of the blocks since the sidecar was made. */
static enum opk_status report_stale(const struct check *check, const struct pair *pair,
                                    const struct opk_sidecar *now, struct opk_err *err)
{
    size_t gone = now->retired_count - pair->old.retired_count;
    size_t edited = 0;
    struct opk_map *old = NULL;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&old, err);

    for (size_t i = 0; i < pair->old.blocks.count && status == OPK_OK; i++)
        status = opk_map_add(old, pair->old.mfids[i], &index, &is_new, err);
    for (size_t i = 0; i < now->blocks.count && status == OPK_OK; i++)
        edited +=
            opk_map_find(old, now->mfids[i], &index) &&
            !opk_hash128_eq(pair->old.blocks.items[index].digest, now->blocks.items[i].digest);
    opk_map_free(old);
    if (status != OPK_OK)
        return status;
    bool is_older = !opk_hash128_eq(pair->old.source, now->source);
    opk_err_set(err, OPK_E_INVALID, OPK_AT_PATH(pair->file->path),
                "%s: %zu edited, %zu new, %zu gone; run 'opk sidecar index %s'",
                is_older ? "older than the document" : "does not say what the document does",
                edited, now->blocks.count + gone - pair->old.blocks.count, gone, pair->doc->path);
    return opk_problems_drift(check->problems, err);
}

static enum opk_status check_card(const struct check *check, const struct pair *pair,
                                  struct opk_err *err)
{
    struct opk_str path = opk_str_of(pair->doc->path);
    const struct opk_card *card = card_of(check->repo, path);

    if (!card)
        return OPK_OK;
    if (!opk_str_eq(card->ulid, pair->old.ulid))
        opk_err_set(err, OPK_E_INVALID, OPK_AT_PATH(pair->file->path),
                    "its ULID is %.*s, that of the card %s is %.*s", OPK_STR_FMT(pair->old.ulid),
                    card->path, OPK_STR_FMT(card->ulid));
    else if (!names_sidecar(check->index_doc.root, card, path))
        opk_err_set(err, OPK_E_INVALID, OPK_AT_PATH(check->index->path),
                    "does not name %s; run 'opk sidecar index %s'", pair->file->path,
                    pair->doc->path);
    else
        return OPK_OK;
    return opk_problems_drift(check->problems, err);
}

static enum opk_status check_ids(const struct check *check, const struct pair *pair,
                                 struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < pair->old.blocks.count && status == OPK_OK; i++) {
        uint32_t index;
        bool is_new = false;
        status = opk_map_add(check->mfids, pair->old.mfids[i], &index, &is_new, err);
        if (status != OPK_OK || is_new)
            continue;
        opk_err_set(err, OPK_E_INVALID, OPK_AT_PATH(pair->file->path),
                    "%.*s is an id of another document too", OPK_STR_FMT(pair->old.mfids[i]));
        status = opk_problems_drift(check->problems, err);
    }
    return status;
}

static enum opk_status check_pair(const struct check *check, const struct pair *pair,
                                  struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_sidecar now;
    enum opk_status status = opk_sidecar_make(
        &(const struct opk_sidecar_doc){pair->doc->now, pair->doc->path, pair->old.ulid},
        &pair->old, NULL, &now, err);

    if (status != OPK_OK)
        return status;
    status = opk_sidecar_write(&now, pair->doc->path, &text, err);
    if (status == OPK_OK && !opk_str_eq(opk_buf_str(&text), pair->file->now))
        status = report_stale(check, pair, &now, err);
    opk_buf_done(&text);
    opk_sidecar_done(&now);
    if (status == OPK_OK)
        status = check_card(check, pair, err);
    return status == OPK_OK ? check_ids(check, pair, err) : status;
}

static enum opk_status check_document(const struct check *check, struct opk_str path,
                                      struct opk_err *err)
{
    struct pair pair = {0};
    enum opk_status status = open_pair(check->repo, path, &pair, err);

    if (status == OPK_OK && pair.has_old) {
        status = check_pair(check, &pair, err);
    } else if (status == OPK_OK) {
        opk_err_set(err, OPK_E_NOENT, OPK_AT_PATH(pair.doc->path),
                    "no sidecar: 'opk sidecar index' makes one");
        status = opk_problems_drift(check->problems, err);
    }
    close_pair(&pair);
    return status == OPK_OK ? OPK_OK : opk_problems_add(check->problems, err);
}

/* One name of the suite index: is there such a sidecar? */
static enum opk_status check_name(const struct check *check, const struct opk_node *name,
                                  struct opk_err *err)
{
    struct opk_file *file;

    if (!opk_str_ends(opk_node_text(name), OPK_STR(OPK_SIDECAR_SUFFIX)))
        return OPK_OK; /* what people keep there */
    if (opk_files_open(&check->repo->files, name->text, &file, err) != OPK_OK)
        return opk_problems_add(check->problems, err);
    if (opk_file_is_there(file))
        return OPK_OK;
    opk_err_set(err, OPK_E_NOENT, opk_node_place(name, check->index->path),
                "names %s, which is not there; bring it back, or take it out of mfids", file->path);
    return opk_problems_drift(check->problems, err);
}

static enum opk_status check_names(const struct check *check, struct opk_err *err)
{
    const struct opk_node *patterns = opk_node_get(check->index_doc.root, "patterns");
    enum opk_status status = OPK_OK;

    for (const struct opk_node *entry = patterns ? patterns->first : NULL;
         entry && status == OPK_OK; entry = entry->next) {
        const struct opk_node *mfids = opk_node_get(entry, "mfids");
        for (const struct opk_node *name = mfids ? mfids->first : NULL; name && status == OPK_OK;
             name = name->next)
            status = check_name(check, name, err);
    }
    return status;
}

static enum opk_status check_documents(struct check *check, const struct opk_str *paths,
                                       size_t count, struct opk_err *err)
{
    enum opk_status status = opk_map_new(&check->mfids, err);

    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = check_document(check, paths[i], err);
    opk_map_free(check->mfids);
    return status;
}

enum opk_status opk_sidecar_check(struct opk_repo *repo, const struct opk_str *paths, size_t count,
                                  struct opk_problems *problems, struct opk_err *err)
{
    struct check check = {.repo = repo, .problems = problems};
    enum opk_status status = read_index(repo, &check.index, &check.index_doc, err);

    if (status == OPK_OK)
        status = check_documents(&check, paths, count, err);
    opk_doc_done(&check.index_doc);
    return status;
}

enum opk_status opk_sidecar_check_all(struct opk_repo *repo, const struct opk_str *paths,
                                      size_t count, struct opk_problems *problems,
                                      struct opk_err *err)
{
    struct check check = {.repo = repo, .problems = problems};
    enum opk_status status =
        opk_files_open(&repo->files, repo->paths.suite_index, &check.index, err);

    if (status != OPK_OK)
        return opk_problems_add(problems, err);
    if (count == 0 && !opk_build_has_mfids(check.index->now))
        return OPK_OK;
    status = read_index(repo, &check.index, &check.index_doc, err);
    if (status != OPK_OK)
        return opk_problems_add(problems, err);
    status = check_documents(&check, paths, count, err);
    if (status == OPK_OK)
        status = check_names(&check, err);
    opk_doc_done(&check.index_doc);
    return status;
}
