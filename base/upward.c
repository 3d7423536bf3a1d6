#include "base/upward.h"

#include "base/file.h"
#include "base/file_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/*
 * Is the marker there? A failure to look is an error, not a no: the search would go on to a folder
 * further up, and what belongs here would be written there.
 */
static enum opk_status look_for(const struct opk_root *root, struct opk_str marker, bool *out_found,
                                struct opk_err *err)
{
    bool is_folder = opk_str_ends(marker, OPK_STR("/"));
    char path[OPK_PATH_MAX + 1];
    const char *name;
    struct stat info;
    int folder;

    (void)snprintf(path, sizeof(path), "%.*s", (int)(marker.len - (is_folder ? 1 : 0)),
                   marker.data);
    enum opk_status status = opk_root_open_parent(root, path, false, &folder, &name, err);
    *out_found = false;
    if (status == OPK_E_NOENT || status == OPK_E_REFUSED)
        return OPK_OK;
    if (status != OPK_OK)
        return status;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        *out_found = is_folder ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode);
    else if (errno != ENOENT)
        status = opk_fail_errno(err, path, "looking for it", errno);
    opk_fd_drop(folder);
    return status;
}

static enum opk_status holds_marker(const char *folder, const char *const *markers, bool *out_found,
                                    struct opk_err *err)
{
    struct opk_root root = OPK_ROOT_CLOSED;
    enum opk_status status = opk_root_open(folder, &root, err);

    *out_found = false;
    for (; status == OPK_OK && !*out_found && *markers; markers++)
        status = look_for(&root, opk_str_of(*markers), out_found, err);
    opk_root_close(&root);
    return status;
}

enum opk_status opk_find_upward(const char *folder, const char *const *markers,
                                struct opk_buf *out_path, struct opk_err *err)
{
    struct opk_buf path = OPK_BUF_EMPTY;
    enum opk_status status = opk_folder_resolve(folder, &path, err);
    bool found = false;

    while (status == OPK_OK && !found) {
        status = holds_marker(opk_buf_cstr(&path), markers, &found, err);
        if (status != OPK_OK || found)
            break;
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
