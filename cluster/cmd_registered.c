#include "cluster/cmd_registered.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/upward.h"
#include "base/yaml.h"
#include "cluster/sequence.h"
#include "promote/paths.h"

#include <stdlib.h>

enum opk_status opk_registered_locate(const struct opk_cli *cli, const char *name,
                                      const char **out_path, struct opk_err *err)
{
    static const char *const MARKERS[] = {"opk.yaml", "patterns/registry/", NULL};
    struct opk_buf root = OPK_BUF_EMPTY;
    struct opk_buf here = OPK_BUF_EMPTY;
    enum opk_status status = opk_find_upward(".", MARKERS, &root, err);

    *out_path = NULL;
    if (status == OPK_OK)
        status = opk_paths_configured(opk_buf_cstr(&root), name, cli->arena, &name, err);
    if (status == OPK_OK)
        status = opk_folder_resolve(".", &here, err);
    if (status == OPK_OK) {
        bool at_root = opk_str_eq(opk_buf_str(&here), opk_buf_str(&root));
        struct opk_str folder = at_root ? OPK_STR_EMPTY : opk_buf_str(&root);
        *out_path =
            opk_arena_printf(cli->arena, "%.*s%s%s", OPK_STR_FMT(folder), at_root ? "" : "/", name)
                .data;
    }
    opk_buf_done(&here);
    opk_buf_done(&root);
    if (status != OPK_OK && status != OPK_E_NOENT)
        return status;
    return opk_arena_check(cli->arena, err);
}

static enum opk_status add_pattern(const struct opk_cli *cli, const char *path,
                                   struct opk_registered_kinds *kinds, size_t kind, size_t pattern,
                                   struct opk_err *err)
{
    const struct opk_registered *registered = &kinds->registry.kinds[kind];
    struct opk_registered_pattern *grown =
        opk_grow(kinds->patterns, &kinds->pattern_cap, kinds->pattern_count + 1, sizeof(*grown));
    struct opk_err problem;
    struct opk_err note;
    enum opk_status status = OPK_E_NOMEM;

    if (grown) {
        kinds->patterns = grown;
        status = opk_matcher_add(kinds->matcher, registered->matches[pattern],
                                 (uint32_t)kinds->pattern_count, &problem);
    }
    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for shape patterns");
    if (status == OPK_OK) {
        grown[kinds->pattern_count++] = (struct opk_registered_pattern){kind, pattern};
        return OPK_OK;
    }
    const struct opk_node *list = opk_node_get(registered->node, "matches");
    opk_err_set(&note, status, opk_node_place(opk_node_at(list, pattern), path), "%s",
                problem.message);
    opk_cli_note(cli, &note);
    return OPK_OK;
}

static bool is_sequence(const struct opk_registered *kind)
{
    return opk_str_eq(kind->type, OPK_STR("sequence"));
}

struct opk_str opk_registered_sequence(const struct opk_registered_kinds *kinds,
                                       struct opk_str signature)
{
    for (size_t i = 0; i < kinds->registry.count; i++) {
        const struct opk_registered *kind = &kinds->registry.kinds[i];
        for (size_t k = 0; is_sequence(kind) && k < kind->match_count; k++) {
            if (opk_sequence_matches(kind->matches[k], signature))
                return kind->id;
        }
    }
    return OPK_STR_EMPTY;
}

enum opk_status opk_registered_read(const struct opk_cli *cli, const char *path, bool must_exist,
                                    struct opk_registered_kinds *out_kinds, struct opk_err *err)
{
    struct opk_registered_kinds kinds = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    if (path)
        status = opk_file_read(path, OPK_YAML_REGISTRY_MAX, &text, err);
    if (status == OPK_E_NOENT && !must_exist)
        status = OPK_OK;
    if (status == OPK_OK)
        status = opk_registry_parse(opk_buf_str(&text), path ? path : "", &kinds.registry, err);
    opk_buf_done(&text);
    if (status == OPK_OK)
        status = opk_matcher_new(&kinds.matcher, err);
    for (size_t i = 0; i < kinds.registry.count && status == OPK_OK; i++) {
        if (is_sequence(&kinds.registry.kinds[i]))
            continue;
        for (size_t k = 0; k < kinds.registry.kinds[i].match_count && status == OPK_OK; k++)
            status = add_pattern(cli, path, &kinds, i, k, err);
    }
    if (status == OPK_OK)
        *out_kinds = kinds;
    else
        opk_registered_done(&kinds);
    return status;
}

void opk_registered_done(struct opk_registered_kinds *kinds)
{
    opk_matcher_free(kinds->matcher);
    free(kinds->patterns);
    opk_registry_done(&kinds->registry);
    *kinds = (struct opk_registered_kinds){0};
}

struct opk_str opk_registered_match(const struct opk_registered_kinds *kinds, struct opk_str shape,
                                    struct opk_str *out_pattern)
{
    const struct opk_registered_pattern *found;
    const struct opk_registered *kind;
    uint32_t number;

    if (out_pattern)
        *out_pattern = OPK_STR_EMPTY;
    if (!opk_matcher_find(kinds->matcher, shape, &number))
        return OPK_STR_EMPTY;
    found = &kinds->patterns[number];
    kind = &kinds->registry.kinds[found->kind];
    if (out_pattern)
        *out_pattern = kind->matches[found->pattern];
    /* Counted, for kinds that supersede each other in a ring. */
    for (size_t i = 0; i < kinds->registry.count && kind->superseded_by.len > 0; i++) {
        const struct opk_registered *next =
            opk_registry_find(&kinds->registry, kind->superseded_by);
        if (!next)
            break;
        kind = next;
    }
    return kind->id;
}
