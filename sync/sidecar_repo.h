/*
 * sidecar_repo.h - the sidecars of a pattern repository: made new, checked, patched.
 *
 * Shape:   a document is named by its path below the root; its sidecar lies beside it. New texts
 *          are put into the repository's files; the suite index names the sidecars of a pattern's
 *          documents under mfids.
 * ULID:    a document has that of its sidecar; without one that of the caller; without that the one
 *          of the card that names it, as suite.spec or below suite.docs.
 * Memory:  nothing is kept but what the repository's files own.
 * Errors:  OPK_E_NOENT: no such document, or no card names it; OPK_E_REFUSED: it has another ULID
 *          already; what sidecar.h says. Findings of a check are drift in the list of problems.
 */
#ifndef OPK_SYNC_SIDECAR_REPO_H
#define OPK_SYNC_SIDECAR_REPO_H

#include "sync/repo.h"
#include "sync/sidecar.h"

#define OPK_SIDECAR_PATCHES_MAX 1000 /* of one run */

/** The file beside a document, which may not be there. */
OPK_MUST_USE enum opk_status opk_sidecar_open(struct opk_repo *repo, struct opk_str path,
                                              struct opk_file **out_file, struct opk_err *err);

/** The documents of cards that have a sidecar, sorted; in the arena of the repository's files. */
OPK_MUST_USE enum opk_status opk_sidecar_list(struct opk_repo *repo, struct opk_str **out_paths,
                                              size_t *out_count, struct opk_err *err);

/** Make the sidecar of a document new; ulid may be empty. */
OPK_MUST_USE enum opk_status opk_sidecar_index(struct opk_repo *repo, struct opk_str path,
                                               struct opk_str ulid, struct opk_err *err);

/** Apply patches in their order, all or none, and make the sidecar new. */
OPK_MUST_USE enum opk_status opk_sidecar_patch(struct opk_repo *repo, struct opk_str path,
                                               const struct opk_sidecar_patch *patches,
                                               size_t count, struct opk_err *err);

/** Refresh the suite index, which names every sidecar that was made. */
OPK_MUST_USE enum opk_status opk_sidecar_enter(struct opk_repo *repo, const struct opk_str *paths,
                                               size_t count, struct opk_err *err);

/**
 * Is the sidecar of each document what index would write, does the suite index name it, and is no
 * id on two blocks of these documents?
 */
OPK_MUST_USE enum opk_status opk_sidecar_check(struct opk_repo *repo, const struct opk_str *paths,
                                               size_t count, struct opk_problems *problems,
                                               struct opk_err *err);

/**
 * The same for the documents of all sidecars that there are: does the suite index name any other?
 * An index that cannot be read is a finding, and the only one.
 */
OPK_MUST_USE enum opk_status opk_sidecar_check_all(struct opk_repo *repo,
                                                   const struct opk_str *paths, size_t count,
                                                   struct opk_problems *problems,
                                                   struct opk_err *err);

#endif
