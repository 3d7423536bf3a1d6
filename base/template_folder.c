/* Included templates from the files of one folder. */
#include "base/template.h"

static enum opk_status load(const struct opk_template_loader *loader, struct opk_str name,
                            struct opk_arena *arena, struct opk_buf *out, const char **out_path,
                            struct opk_err *err)
{
    const struct opk_template_folder *folder = loader->context;
    struct opk_str path = opk_arena_printf(arena, "%s%.*s", folder->below, OPK_STR_FMT(name));
    struct opk_str shown = opk_arena_printf(arena, "%s%.*s", folder->shown, OPK_STR_FMT(name));
    enum opk_status status = opk_arena_check(arena, err);

    if (status == OPK_OK)
        status = opk_path_check(path, err);
    if (status == OPK_OK)
        status = opk_root_read(folder->root, path.data, OPK_TEMPLATE_BYTES_MAX, out, err);
    if (status == OPK_OK)
        *out_path = shown.data;
    return status;
}

struct opk_template_loader opk_template_folder_loader(const struct opk_template_folder *folder)
{
    return (struct opk_template_loader){.load = load, .context = folder};
}
