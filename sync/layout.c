#include "sync/layout.h"

#include <string.h>

/* Before and behind the pattern's name. */
static const struct {
    const char *before;
    const char *behind;
} PATHS[] = {
    [OPK_LAYOUT_FOLDER] = {"patterns/", ""},
    [OPK_LAYOUT_SPEC] = {"patterns/specs/", ".pattern.yaml"},
    [OPK_LAYOUT_SCHEMA] = {"patterns/schemas/", ".schema.json"},
    [OPK_LAYOUT_EXECUTOR] = {"patterns/executors/", "_executor.ps1"},
    [OPK_LAYOUT_TEST] = {"patterns/tests/test_", "_executor.ps1"},
    [OPK_LAYOUT_EXAMPLES_DIR] = {"patterns/examples/", ""},
    [OPK_LAYOUT_EXECUTOR_DOC] = {"patterns/", "/EXECUTOR.md"},
    [OPK_LAYOUT_EXAMPLES_DOC] = {"patterns/", "/EXAMPLES.md"},
    [OPK_LAYOUT_TESTS_DOC] = {"patterns/", "/TESTS.md"},
    [OPK_LAYOUT_README] = {"patterns/", "/README.md"},
};

static struct opk_str tail_of(struct opk_str key)
{
    return opk_str_skip(key, opk_str_starts(key, OPK_STR("PAT_")) ? strlen("PAT_") : 0);
}

struct opk_str opk_layout_name(struct opk_arena *arena, struct opk_str pattern_key)
{
    struct opk_str tail = tail_of(pattern_key);
    char *name = opk_arena_alloc(arena, tail.len + 1);

    if (!name)
        return OPK_STR_EMPTY;
    for (size_t i = 0; i < tail.len; i++)
        name[i] = opk_to_lower(tail.data[i]);
    return opk_str_bytes(name, tail.len);
}

struct opk_str opk_layout_id(struct opk_arena *arena, struct opk_str pattern_key)
{
    struct opk_str tail = tail_of(pattern_key);
    char *id = opk_arena_alloc(arena, tail.len + 1);

    if (!id)
        return OPK_STR_EMPTY;
    for (size_t i = 0; i < tail.len; i++)
        id[i] = tail.data[i] == '_' ? '-' : tail.data[i];
    return opk_arena_printf(arena, "PAT-%s-001", id);
}

struct opk_str opk_layout_path(struct opk_arena *arena, struct opk_str pattern_key,
                               enum opk_layout_file file)
{
    struct opk_str name = opk_layout_name(arena, pattern_key);

    return opk_arena_printf(arena, "%s%.*s%s", PATHS[file].before, OPK_STR_FMT(name),
                            PATHS[file].behind);
}
