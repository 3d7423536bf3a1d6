/*
 * paths.h - where a repository keeps the registry of kinds and what lies beside it.
 *
 * Shape:   the root's folder and a file's standard path in; its path beneath the root out. opk.yaml
 *          may move the registry (paths.kind_registry); drafts and audit stay in its folder.
 * Memory:  the path lies in the caller's arena.
 * Errors:  those of reading opk.yaml; OPK_E_INVALID where its path leaves the root. No opk.yaml is
 *          no error.
 */
#ifndef OPK_PROMOTE_PATHS_H
#define OPK_PROMOTE_PATHS_H

#include "base/arena.h"

OPK_MUST_USE enum opk_status opk_paths_configured(const char *root, const char *standard,
                                                  struct opk_arena *arena, const char **out_path,
                                                  struct opk_err *err);

#endif
