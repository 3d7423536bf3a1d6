/*
 * layout.h - where the files of a pattern lie unless its card says otherwise.
 *
 * Shape:   a pattern_key in, names and paths of the default layout out:
 *          PAT_ATOMIC_CREATE gives atomic_create, PAT-ATOMIC-CREATE-001,
 *          patterns/specs/atomic_create.pattern.yaml and so on.
 * Memory:  texts lie in the caller's arena.
 */
#ifndef OPK_SYNC_LAYOUT_H
#define OPK_SYNC_LAYOUT_H

#include "base/arena.h"

enum opk_layout_file {
    OPK_LAYOUT_FOLDER,
    OPK_LAYOUT_SPEC,
    OPK_LAYOUT_SCHEMA,
    OPK_LAYOUT_EXECUTOR,
    OPK_LAYOUT_TEST,
    OPK_LAYOUT_EXAMPLES_DIR,
    OPK_LAYOUT_EXECUTOR_DOC,
    OPK_LAYOUT_EXAMPLES_DOC,
    OPK_LAYOUT_TESTS_DOC,
    OPK_LAYOUT_README,
};

/** The key in small letters, without PAT_. */
struct opk_str opk_layout_name(struct opk_arena *arena, struct opk_str pattern_key);

/** The pattern_id of a key that has none yet. */
struct opk_str opk_layout_id(struct opk_arena *arena, struct opk_str pattern_key);

struct opk_str opk_layout_path(struct opk_arena *arena, struct opk_str pattern_key,
                               enum opk_layout_file file);

#endif
