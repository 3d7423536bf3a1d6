/*
 * docs_scan.h - documents that say who they are, and those that have a sidecar: which files of a
 * repository have front matter with a doc_key, and which a *.sidecar.yaml beside them.
 *
 * Shape:   every *.md below the root in the order of paths, but for folders whose names begin with
 *          a dot; of each that has front matter with a doc_key, its path and that key. Front matter
 *          that cannot be read says nothing here. Of every sidecar the path of its document, which
 *          may be gone.
 * Limits:  folders OPK_SCAN_DEPTH_MAX deep, OPK_SCAN_FILES_MAX documents, and as many sidecars;
 *          more is OPK_E_LIMIT.
 * Memory:  the lists and their texts lie in the caller's arena.
 * Errors:  OPK_E_IO and OPK_E_REFUSED of folders and files that cannot be read.
 */
#ifndef OPK_SYNC_DOCS_SCAN_H
#define OPK_SYNC_DOCS_SCAN_H

#include "base/err.h"
#include "sync/files.h"

#define OPK_SCAN_DEPTH_MAX 32
#define OPK_SCAN_FILES_MAX 100000

struct opk_scanned {
    const char *path;
    struct opk_place place; /* of doc_key */
    struct opk_str doc_key;
};

struct opk_scan {
    const struct opk_scanned *docs;
    size_t count;
    const struct opk_str *sidecars; /* the documents beside them */
    size_t sidecar_count;
};

OPK_MUST_USE enum opk_status opk_docs_scan(struct opk_files *files, struct opk_arena *arena,
                                           struct opk_scan *out_scan, struct opk_err *err);

#endif
