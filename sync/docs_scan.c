#include "sync/docs_scan.h"

#include "base/mem.h"
#include "base/yaml.h"
#include "sync/front_matter.h"
#include "sync/sidecar.h"

#include <stdlib.h>
#include <string.h>

struct scan {
    struct opk_files *files;
    struct opk_arena *arena;
    struct opk_str *folders; /* owned; to be listed, each "" or ending in a slash */
    size_t folder_count;
    size_t folder_cap;
    struct opk_scanned *docs; /* owned */
    size_t count;
    size_t cap;
    struct opk_str *sidecars; /* owned; the documents beside them */
    size_t sidecar_count;
    size_t sidecar_cap;
    struct opk_err *err;
};

static enum opk_status no_memory(struct scan *scan)
{
    return opk_fail(scan->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the documents");
}

static enum opk_status add_folder(struct scan *scan, struct opk_str path)
{
    struct opk_str *grown =
        opk_grow(scan->folders, &scan->folder_cap, scan->folder_count + 1, sizeof(*grown));
    size_t depth = 0;

    if (!grown)
        return no_memory(scan);
    for (size_t i = 0; i < path.len; i++)
        depth += path.data[i] == '/';
    if (depth > OPK_SCAN_DEPTH_MAX)
        return opk_fail(scan->err, OPK_E_LIMIT, OPK_AT_PATH(path.data),
                        "documents are looked for in folders up to %d deep", OPK_SCAN_DEPTH_MAX);
    scan->folders = grown;
    scan->folders[scan->folder_count++] = path;
    return OPK_OK;
}

static enum opk_status add_doc(struct scan *scan, const struct opk_file *file,
                               const struct opk_node *key)
{
    struct opk_scanned *grown = opk_grow(scan->docs, &scan->cap, scan->count + 1, sizeof(*grown));

    if (!grown)
        return no_memory(scan);
    scan->docs = grown;
    scan->docs[scan->count++] =
        (struct opk_scanned){.path = file->path,
                             .place = opk_node_place(key, file->path),
                             .doc_key = opk_arena_copy(scan->arena, opk_node_text(key))};
    return OPK_OK;
}

static enum opk_status add_sidecar(struct scan *scan, struct opk_str path)
{
    struct opk_str *grown;

    if (scan->sidecar_count == OPK_SCAN_FILES_MAX)
        return opk_fail(scan->err, OPK_E_LIMIT, OPK_NOWHERE, "more than %d sidecars",
                        OPK_SCAN_FILES_MAX);
    grown = opk_grow(scan->sidecars, &scan->sidecar_cap, scan->sidecar_count + 1, sizeof(*grown));
    if (!grown)
        return no_memory(scan);
    scan->sidecars = grown;
    scan->sidecars[scan->sidecar_count++] =
        opk_arena_copy(scan->arena, opk_str_slice(path, 0, path.len - strlen(OPK_SIDECAR_SUFFIX)));
    return OPK_OK;
}

static enum opk_status look_at(struct scan *scan, struct opk_str path)
{
    struct opk_yaml_limits limits = {.bytes = OPK_FRONT_MATTER_MAX};
    struct opk_doc doc = {0};
    struct opk_str head;
    struct opk_file *file;
    enum opk_status status = opk_files_open(scan->files, path, &file, scan->err);

    if (status != OPK_OK)
        return status == OPK_E_LIMIT ? OPK_OK : status; /* too large to be a document */
    if (opk_front_matter_find(file->now, &head) != OPK_FRONT_MATTER_FOUND)
        return OPK_OK;
    status = opk_yaml_parse(head, file->path, limits, &doc, scan->err);
    if (status == OPK_OK) {
        const struct opk_node *key = opk_node_get(doc.root, "doc_key");
        if (key && scan->count == OPK_SCAN_FILES_MAX)
            status = opk_fail(scan->err, OPK_E_LIMIT, OPK_NOWHERE,
                              "more than %d documents with a doc_key", OPK_SCAN_FILES_MAX);
        else if (key)
            status = add_doc(scan, file, key);
    } else if (status != OPK_E_NOMEM) {
        status = OPK_OK; /* who checks front matter says so */
    }
    opk_doc_done(&doc);
    return status;
}

static enum opk_status list_folder(struct scan *scan, struct opk_str folder)
{
    struct opk_str *names;
    size_t count = 0;
    enum opk_status status =
        opk_root_list(scan->files->root, folder.data, scan->arena, &names, &count, scan->err);

    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        struct opk_str path =
            opk_arena_printf(scan->arena, "%.*s%.*s", OPK_STR_FMT(folder), OPK_STR_FMT(names[i]));
        status = opk_arena_check(scan->arena, scan->err);
        if (status != OPK_OK || names[i].data[0] == '.')
            continue;
        if (opk_str_ends(path, OPK_STR("/")))
            status = add_folder(scan, path);
        else if (opk_str_ends(path, OPK_STR(".md")))
            status = look_at(scan, path);
        else if (opk_str_ends(path, OPK_STR(OPK_SIDECAR_SUFFIX)))
            status = add_sidecar(scan, path);
    }
    return status;
}

static int compare_docs(const void *left, const void *right)
{
    const struct opk_scanned *a = left;
    const struct opk_scanned *b = right;

    return strcmp(a->path, b->path);
}

static int compare_paths(const void *left, const void *right)
{
    return opk_str_cmp(*(const struct opk_str *)left, *(const struct opk_str *)right);
}

/* The lists, sorted, for the caller. */
static enum opk_status hand_over(struct scan *scan, struct opk_scan *out)
{
    struct opk_scanned *docs = opk_arena_array(scan->arena, scan->count + 1, sizeof(*docs));
    struct opk_str *sidecars =
        opk_arena_array(scan->arena, scan->sidecar_count + 1, sizeof(*sidecars));

    if (!docs || !sidecars)
        return opk_arena_check(scan->arena, scan->err);
    if (scan->count > 0) {
        qsort(scan->docs, scan->count, sizeof(*docs), compare_docs);
        memcpy(docs, scan->docs, scan->count * sizeof(*docs));
    }
    if (scan->sidecar_count > 0) {
        qsort(scan->sidecars, scan->sidecar_count, sizeof(*sidecars), compare_paths);
        memcpy(sidecars, scan->sidecars, scan->sidecar_count * sizeof(*sidecars));
    }
    *out = (struct opk_scan){docs, scan->count, sidecars, scan->sidecar_count};
    return opk_arena_check(scan->arena, scan->err);
}

enum opk_status opk_docs_scan(struct opk_files *files, struct opk_arena *arena,
                              struct opk_scan *out_scan, struct opk_err *err)
{
    struct scan scan = {.files = files, .arena = arena, .err = err};
    enum opk_status status = add_folder(&scan, OPK_STR_EMPTY);

    while (status == OPK_OK && scan.folder_count > 0)
        status = list_folder(&scan, scan.folders[--scan.folder_count]);
    if (status == OPK_OK)
        status = hand_over(&scan, out_scan);
    free(scan.folders);
    free(scan.docs);
    free(scan.sidecars);
    return status;
}
