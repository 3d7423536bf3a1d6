#include "cluster/cmd_known.h"

#include "base/file.h"

struct reading {
    const struct opk_cli *cli;
    struct opk_known *known;
    const struct opk_notes *notes;
};

/* Tell what is wrong with a file of the project, and go on; OPK_E_NOMEM alone is returned. */
static enum opk_status tell_problem(const struct reading *reading, enum opk_status status,
                                    const struct opk_err *problem, struct opk_err *err)
{
    if (status == OPK_OK)
        return OPK_OK;
    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "%s", problem->message);
    opk_notes_tell(reading->notes, problem);
    return OPK_OK;
}

static enum opk_status read_file(const struct reading *reading, const char *path,
                                 enum opk_known_format format, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err problem;
    enum opk_status status = opk_file_read(path, OPK_KNOWN_FILE_MAX, &text, &problem);

    if (status == OPK_OK)
        status = opk_known_add_file(reading->known, format, opk_buf_str(&text), path, &problem);
    opk_buf_done(&text);
    return tell_problem(reading, status, &problem, err);
}

/* The files of known names that lie in a folder. */
static enum opk_status read_folder(const struct reading *reading, const char *path,
                                   const struct opk_root *root, struct opk_err *err)
{
    struct opk_arena *arena = reading->cli->arena;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < OPK_KNOWN_NAMES_COUNT && status == OPK_OK; i++) {
        const struct opk_known_name *known = &OPK_KNOWN_NAMES[i];
        if (!opk_root_has(root, known->name))
            continue;
        struct opk_str file = opk_arena_printf(arena, "%s/%s", path, known->name);
        status = opk_arena_check(arena, err);
        if (status == OPK_OK)
            status = read_file(reading, file.data, known->format, err);
    }
    return status;
}

enum opk_status opk_known_read(const struct opk_cli *cli, const char *path, struct opk_known *known,
                               const struct opk_notes *notes, struct opk_err *err)
{
    struct reading reading = {cli, known, notes};
    struct opk_root root = OPK_ROOT_CLOSED;
    enum opk_known_format format;
    struct opk_err problem;
    enum opk_status status;

    if (opk_root_open(path, &root, NULL) == OPK_OK) {
        status = read_folder(&reading, path, &root, err);
        opk_root_close(&root);
        return status;
    }
    if (opk_known_format_of(opk_str_of(path), &format))
        return read_file(&reading, path, format, err);
    status = opk_fail(&problem, OPK_E_UNSUPPORTED, OPK_AT_PATH(path),
                      "no folder, package.json, Makefile or justfile");
    return tell_problem(&reading, status, &problem, err);
}
