/* Templates of rules, and the files that they include. */
#include "sync/rules_impl.h"

/* Where a template includes from; its loader's context. */
struct includes {
    struct opk_template_loader loader;
    struct opk_files *files;
    struct opk_str folder; /* with its last slash; empty for the root */
};

static enum opk_status load(const struct opk_template_loader *loader, struct opk_str name,
                            struct opk_arena *arena, struct opk_buf *out, const char **out_path,
                            struct opk_err *err)
{
    const struct includes *includes = loader->context;
    struct opk_str path =
        opk_arena_printf(arena, "%.*s%.*s", OPK_STR_FMT(includes->folder), OPK_STR_FMT(name));
    struct opk_file *file;
    enum opk_status status = opk_arena_check(arena, err);

    if (status == OPK_OK)
        status = opk_path_check(path, err);
    if (status == OPK_OK)
        status = opk_files_open(includes->files, path, &file, err);
    if (status != OPK_OK)
        return status;
    if (!opk_file_is_there(file))
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path.data), "no template here");
    opk_buf_append(out, file->now);
    *out_path = path.data;
    return opk_buf_check(out, err);
}

enum opk_status opk_rules_template(struct opk_rules_loader *loader, struct opk_str text,
                                   struct opk_place place, const struct opk_template **out_template)
{
    struct opk_arena *arena = &loader->rules->arena;
    struct includes *includes = opk_arena_alloc(arena, sizeof(*includes));
    struct opk_str path = opk_str_of(place.path);
    size_t slash = opk_str_rfind_byte(path, '/');

    if (!includes)
        return opk_arena_check(arena, loader->err);
    includes->loader = (struct opk_template_loader){.load = load, .context = includes};
    includes->files = loader->files;
    includes->folder =
        opk_str_eq(path, opk_str_of(loader->path))
            ? OPK_STR(OPK_RULE_TEMPLATES)
            : opk_arena_copy(arena, opk_str_slice(path, 0, slash == OPK_NPOS ? 0 : slash + 1));
    return opk_template_parse_with(arena, &includes->loader, text, place, out_template,
                                   loader->err);
}
