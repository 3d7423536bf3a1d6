#include "promote/cmd_desk.h"

#include "base/upward.h"
#include "base/yaml.h"
#include "promote/paths.h"

#include <string.h>

static const char *const MARKERS[] = {"opk.yaml", "patterns/registry/", NULL};

/* The folder of a path, as a C string in the arena. */
static const char *folder_of(struct opk_arena *arena, const char *path)
{
    struct opk_str text = opk_str_of(path);
    size_t slash = opk_str_rfind_byte(text, '/');

    if (slash == OPK_NPOS)
        return ".";
    return opk_arena_copy(arena, opk_str_slice(text, 0, slash > 0 ? slash : 1)).data;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *join(struct opk_arena *arena, struct opk_str folder, const char *name)
{
    const char *slash = folder.len > 0 && !opk_str_ends(folder, OPK_STR("/")) ? "/" : "";

    return opk_arena_printf(arena, "%.*s%s%s", OPK_STR_FMT(folder), slash, name).data;
}

/* folder, which lies in or is root, as a path beneath root; both are absolute. */
static struct opk_str beneath(struct opk_str root, struct opk_str folder)
{
    struct opk_str rest = opk_str_skip(folder, root.len);

    return opk_str_starts(rest, OPK_STR("/")) ? opk_str_skip(rest, 1) : rest;
}

/* path of the root, as seen from the folder inside of it: "../" for each of its components. */
static const char *climb(struct opk_arena *arena, struct opk_str inside, const char *path)
{
    struct opk_split split = OPK_SPLIT(inside, '/');
    struct opk_str part;

    while (inside.len > 0 && opk_split_next(&split, &part))
        path = opk_arena_printf(arena, "../%s", path).data;
    return path;
}

/* The registry of the repository around the current folder: OPK_E_NOENT when there is none. */
static enum opk_status locate_default(const struct opk_cli *cli, struct opk_cmd_desk *desk,
                                      struct opk_buf *root, struct opk_err *err)
{
    struct opk_buf here = OPK_BUF_EMPTY;
    enum opk_status status = opk_find_upward(".", MARKERS, root, err);

    if (status == OPK_OK)
        status = opk_paths_configured(opk_buf_cstr(root), OPK_REGISTRY_PATH, cli->arena,
                                      &desk->registry, err);
    if (status == OPK_OK)
        status = opk_folder_resolve(".", &here, err);
    if (status == OPK_OK)
        desk->registry_path =
            climb(cli->arena, beneath(opk_buf_str(root), opk_buf_str(&here)), desk->registry);
    opk_buf_done(&here);
    return status;
}

/* A registry that the user named, in its repository or alone in its folder. */
static enum opk_status locate_named(const struct opk_cli *cli, const char *registry,
                                    struct opk_cmd_desk *desk, struct opk_buf *root,
                                    struct opk_err *err)
{
    const char *folder = folder_of(cli->arena, registry);
    struct opk_buf full = OPK_BUF_EMPTY;
    enum opk_status status = opk_folder_resolve(folder, &full, err);

    if (status == OPK_OK)
        status = opk_find_upward(folder, MARKERS, root, err);
    if (status == OPK_E_NOENT && full.len > 0) {
        opk_buf_append(root, opk_buf_str(&full));
        status = opk_buf_check(root, err);
    }
    if (status == OPK_OK) {
        struct opk_str inside = beneath(opk_buf_str(root), opk_buf_str(&full));
        desk->registry = join(cli->arena, inside, name_of(registry));
        desk->registry_path = registry;
    }
    opk_buf_done(&full);
    return status;
}

enum opk_status opk_cmd_desk_locate(const struct opk_cli *cli, const char *drafts,
                                    const char *registry, struct opk_cmd_desk *out_desk,
                                    struct opk_err *err)
{
    struct opk_cmd_desk desk = OPK_CMD_DESK_EMPTY;
    struct opk_buf root = OPK_BUF_EMPTY;
    enum opk_status status = registry ? OPK_OK : locate_default(cli, &desk, &root, err);

    if (status == OPK_E_NOENT && drafts && strcmp(drafts, "-") != 0) {
        registry =
            join(cli->arena, opk_str_of(folder_of(cli->arena, drafts)), name_of(OPK_REGISTRY_PATH));
        status = opk_arena_check(cli->arena, err);
    }
    if (status == OPK_OK && registry)
        status = locate_named(cli, registry, &desk, &root, err);
    if (status == OPK_E_NOENT && !registry)
        status = opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                          "this is no pattern repository; name the registry with --registry FILE");
    if (status == OPK_OK)
        status = opk_root_open(opk_buf_cstr(&root), &desk.root, err);
    opk_buf_done(&root);
    if (status != OPK_OK)
        return status;
    desk.decisions =
        join(cli->arena,
             strchr(desk.registry, '/') ? opk_str_of(folder_of(cli->arena, desk.registry))
                                        : OPK_STR_EMPTY,
             OPK_DECISIONS_NAME);
    desk.drafts_path = drafts
                           ? drafts
                           : join(cli->arena, opk_str_of(folder_of(cli->arena, desk.registry_path)),
                                  name_of(OPK_DRAFTS_PATH));
    status = opk_arena_check(cli->arena, err);
    if (status == OPK_OK)
        *out_desk = desk;
    else
        opk_cmd_desk_done(&desk);
    return status;
}

/* A file beneath the root that need not be there. */
static enum opk_status read_optional(const struct opk_root *root, const char *path, size_t max,
                                     struct opk_buf *out, bool *out_there, struct opk_err *err)
{
    enum opk_status status = opk_root_read(root, path, max, out, err);

    *out_there = status != OPK_E_NOENT;
    return *out_there ? status : OPK_OK;
}

static void note_damaged(const struct opk_cli *cli, const struct opk_cmd_desk *desk)
{
    struct opk_err note;

    if (desk->parsed_decisions.damaged == 0)
        return;
    opk_err_set(&note, OPK_E_INVALID,
                OPK_AT_LINE(desk->decisions, desk->parsed_decisions.first_damaged),
                "%zu damaged lines in the audit are passed over; this is the first",
                desk->parsed_decisions.damaged);
    opk_cli_note(cli, &note);
}

enum opk_status opk_cmd_desk_read(const struct opk_cli *cli, struct opk_cmd_desk *desk,
                                  struct opk_err *err)
{
    enum opk_status status = read_optional(&desk->root, desk->registry, OPK_YAML_REGISTRY_MAX,
                                           &desk->registry_text, &desk->has_registry, err);

    if (status == OPK_OK)
        status = read_optional(&desk->root, desk->decisions, OPK_DECISIONS_MAX,
                               &desk->decisions_text, &desk->has_decisions, err);
    if (status == OPK_OK)
        status = opk_file_read(desk->drafts_path, OPK_YAML_REGISTRY_MAX, &desk->drafts_text, err);
    if (status == OPK_OK)
        status = opk_registry_parse(opk_buf_str(&desk->registry_text), desk->registry_path,
                                    &desk->parsed_registry, err);
    if (status == OPK_OK)
        status =
            opk_decisions_parse(opk_buf_str(&desk->decisions_text), &desk->parsed_decisions, err);
    if (status == OPK_OK)
        status = opk_drafts_parse(opk_buf_str(&desk->drafts_text), desk->drafts_path,
                                  &desk->parsed_drafts, err);
    if (status != OPK_OK)
        return status;
    note_damaged(cli, desk);
    desk->desk = (struct opk_desk){
        .registry_path = desk->registry_path,
        .registry_text = opk_buf_str(&desk->registry_text),
        .registry = &desk->parsed_registry,
        .drafts = &desk->parsed_drafts,
        .decisions = &desk->parsed_decisions,
    };
    return OPK_OK;
}

void opk_cmd_desk_done(struct opk_cmd_desk *desk)
{
    opk_registry_done(&desk->parsed_registry);
    opk_decisions_done(&desk->parsed_decisions);
    opk_drafts_done(&desk->parsed_drafts);
    opk_buf_done(&desk->registry_text);
    opk_buf_done(&desk->decisions_text);
    opk_buf_done(&desk->drafts_text);
    opk_root_close(&desk->root);
}

enum opk_status opk_cmd_desk_draft(const struct opk_cmd_desk *desk, const char *id,
                                   const struct opk_draft **out_draft, struct opk_err *err)
{
    if (!opk_draft_id_is_valid(opk_str_of(id)))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "'%s' is no draft id; they look like DRF-7K3M9QX2T4", id);
    *out_draft = opk_drafts_find(&desk->parsed_drafts, opk_str_of(id));
    if (!*out_draft)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(desk->drafts_path), "no draft %s here", id);
    return OPK_OK;
}
