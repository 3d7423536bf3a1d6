#include "base/upward.h"

#include "base/file.h"

static bool holds_marker(const char *folder, const char *const *markers)
{
    struct opk_root root = OPK_ROOT_CLOSED;
    bool found = false;

    if (opk_root_open(folder, &root, NULL) != OPK_OK)
        return false;
    for (; !found && *markers; markers++) {
        bool is_folder = opk_str_ends(opk_str_of(*markers), OPK_STR("/"));
        found = is_folder ? opk_root_has_folder(&root, *markers) : opk_root_has(&root, *markers);
    }
    opk_root_close(&root);
    return found;
}

enum opk_status opk_find_upward(const char *folder, const char *const *markers,
                                struct opk_buf *out_path, struct opk_err *err)
{
    struct opk_buf path = OPK_BUF_EMPTY;
    enum opk_status status = opk_folder_resolve(folder, &path, err);

    while (status == OPK_OK && !holds_marker(opk_buf_cstr(&path), markers)) {
        size_t slash = opk_str_rfind_byte(opk_buf_str(&path), '/');
        if (path.len <= 1)
            status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(folder),
                              "neither this folder nor one above it holds %s", markers[0]);
        else
            opk_buf_truncate(&path, slash > 0 ? slash : 1);
    }
    if (status == OPK_OK) {
        opk_buf_append(out_path, opk_buf_str(&path));
        status = opk_buf_check(out_path, err);
    }
    opk_buf_done(&path);
    return status;
}
