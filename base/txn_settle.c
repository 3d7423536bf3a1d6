#include "base/txn_settle.h"

#include "base/ulid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL_MAX ((size_t)64 << 20)

void opk_txn_staged_name(size_t index, char out[OPK_TXN_STAGED_TEXT])
{
    (void)snprintf(out, OPK_TXN_STAGED_TEXT, "%zu.new", index);
}

/* --- Looking at files --------------------------------------------------------------------------
 */

#define DIGEST_CHUNK ((size_t)64 << 10)

static enum opk_status digest_open(int fd, const char *path, struct opk_hash128 *out,
                                   struct opk_err *err)
{
    struct opk_hasher *hasher = NULL;
    char *chunk = malloc(DIGEST_CHUNK);
    ssize_t got = 0;
    enum opk_status status;

    if (!chunk)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory to read the file");
    status = opk_hasher_new(&hasher, err);
    while (status == OPK_OK && (got = read(fd, chunk, DIGEST_CHUNK)) != 0) {
        if (got > 0)
            opk_hasher_add(hasher, opk_str_bytes(chunk, (size_t)got));
        else if (errno != EINTR)
            status = opk_fail_errno(err, path, "reading", errno);
    }
    if (status == OPK_OK)
        *out = opk_hasher_value(hasher);
    opk_hasher_free(hasher);
    free(chunk);
    return status;
}

/* A file's state, and its digest where it exists. */
static enum opk_status look_in(int folder, const char *name, const char *path,
                               struct opk_file_state *out_state, struct opk_hash128 *out_digest,
                               struct opk_err *err)
{
    enum opk_status status = opk_name_state(folder, name, path, out_state, err);

    if (status != OPK_OK || !out_state->exists)
        return status;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return opk_fail_errno(err, path, "opening", errno);
    status = digest_open(fd, path, out_digest, err);
    opk_fd_drop(fd);
    return status;
}

/* The same for a path beneath the root; a missing folder means a missing file. */
enum opk_status opk_txn_look(const struct opk_root *root, const char *path,
                             struct opk_file_state *out_state, struct opk_hash128 *out_digest,
                             struct opk_err *err)
{
    const char *name;
    int folder;
    enum opk_status status = opk_root_open_parent(root, path, false, &folder, &name, err);

    if (status == OPK_E_NOENT) {
        *out_state = (struct opk_file_state){.exists = false};
        return OPK_OK;
    }
    if (status != OPK_OK)
        return status;
    status = look_in(folder, name, path, out_state, out_digest, err);
    opk_fd_drop(folder);
    return status;
}

/* Does the file still have the state and bytes that the entry says it had before? */
bool opk_journal_entry_is_before(const struct opk_journal_entry *entry,
                                 const struct opk_file_state *state, struct opk_hash128 digest)
{
    if (!entry->existed || !state->exists)
        return entry->existed == state->exists;
    return opk_hash128_eq(entry->before, digest);
}

/* --- Settling a committed journal --------------------------------------------------------------
 */

static enum opk_status fail_conflict(const struct opk_settle *settle, const char *path,
                                     const char *staged, struct opk_err *err)
{
    return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(path),
                    "pending transaction: the file was changed by somebody else; its new contents "
                    "wait in " OPK_TXN_FOLDER
                    "/%s/%s: move them here or delete them, then run again",
                    settle->id, staged);
}

static enum opk_status rename_into_place(const struct opk_settle *settle, const char *path,
                                         const char *staged, struct opk_err *err)
{
    const char *name;
    int folder;
    enum opk_status status = opk_root_open_parent(settle->root, path, true, &folder, &name, err);

    if (status != OPK_OK)
        return status;
    if (renameat(settle->folder, staged, folder, name) != 0)
        status = opk_fail_errno(err, path, "renaming its replacement", errno);
    opk_fd_drop(folder);
    return status;
}

static enum opk_status settle_one(const struct opk_settle *settle,
                                  const struct opk_journal_entry *entry, size_t index,
                                  struct opk_err *err)
{
    char staged[OPK_TXN_STAGED_TEXT];
    struct opk_file_state state;
    struct opk_hash128 waiting = {0};
    struct opk_hash128 digest = {0};
    enum opk_status status;

    opk_txn_staged_name(index, staged);
    status = look_in(settle->folder, staged, entry->path, &state, &waiting, err);
    if (status != OPK_OK || !state.exists)
        return status;
    if (!opk_hash128_eq(waiting, entry->after))
        return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(entry->path),
                        "pending transaction: its new contents in " OPK_TXN_FOLDER
                        "/%s/%s were changed; delete them, then run again",
                        settle->id, staged);
    status = opk_txn_look(settle->root, entry->path, &state, &digest, err);
    if (status == OPK_E_REFUSED)
        return fail_conflict(settle, entry->path, staged, err);
    if (status != OPK_OK)
        return status;
    if (state.exists && opk_hash128_eq(digest, entry->after)) {
        if (unlinkat(settle->folder, staged, 0) != 0)
            return opk_fail_errno(err, entry->path, "removing its staged copy", errno);
        return OPK_OK;
    }
    if (!opk_journal_entry_is_before(entry, &state, digest))
        return fail_conflict(settle, entry->path, staged, err);
    return rename_into_place(settle, entry->path, staged, err);
}

static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) : 0;
}

/* Entries are sorted, so the files of one folder stand together. */
static bool same_folder(const char *a, const char *b)
{
    return folder_len(a) == folder_len(b) && memcmp(a, b, folder_len(a)) == 0;
}

static enum opk_status sync_folders(const struct opk_root *root,
                                    const struct opk_journal_entry *entries, size_t count,
                                    struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; status == OPK_OK && i < count; i++) {
        const char *name;
        int folder;
        if (i > 0 && same_folder(entries[i].path, entries[i - 1].path))
            continue;
        status = opk_root_open_parent(root, entries[i].path, false, &folder, &name, err);
        if (status == OPK_E_NOENT) { /* a file that a person withdrew, with its folder */
            status = OPK_OK;
            continue;
        }
        if (status != OPK_OK)
            break;
        status = opk_fd_sync(folder, entries[i].path, err);
        opk_fd_drop(folder);
    }
    return status;
}

/* Remove a transaction's folder and its last file; what is not ours keeps the folder. */
static enum opk_status remove_folder(const struct opk_settle *settle, const char *last,
                                     struct opk_err *err)
{
    const char *name;
    char path[sizeof(OPK_TXN_FOLDER) + 1 + OPK_ULID_LEN];
    int parent;
    enum opk_status status;

    if (unlinkat(settle->folder, last, 0) != 0 && errno != ENOENT)
        return opk_fail_errno(err, last, "removing the journal", errno);
    (void)snprintf(path, sizeof(path), OPK_TXN_FOLDER "/%s", settle->id);
    status = opk_root_open_parent(settle->root, path, false, &parent, &name, err);
    if (status != OPK_OK)
        return status;
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        status = opk_fd_sync(parent, path, err);
    else if (errno != ENOTEMPTY && errno != EEXIST)
        status = opk_fail_errno(err, path, "removing the transaction's folder", errno);
    opk_fd_drop(parent);
    return status;
}

/*
 * Bring every file of a committed journal to its new contents. One that cannot be is told (the
 * first of them) and keeps the journal; the others go on.
 */
enum opk_status opk_settle_commit(const struct opk_settle *settle,
                                  const struct opk_journal_entry *entries, size_t count,
                                  struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    enum opk_status synced;

    for (size_t i = 0; i < count; i++) {
        enum opk_status one = settle_one(settle, &entries[i], i, status == OPK_OK ? err : NULL);
        if (status == OPK_OK)
            status = one;
    }
    synced = sync_folders(settle->root, entries, count, status == OPK_OK ? err : NULL);
    if (status == OPK_OK)
        status = synced;
    if (status == OPK_OK)
        status = remove_folder(settle, OPK_TXN_COMMIT, err);
    return status;
}

/* --- Recovery ----------------------------------------------------------------------------------
 */

/* Remove what an uncommitted journal lists. Staging begins after the journal was synced whole, so
 * beside a torn journal there is nothing of ours. */
enum opk_status opk_settle_drop(const struct opk_settle *settle, size_t count, struct opk_err *err)
{
    for (size_t i = 0; i < count; i++) {
        char staged[OPK_TXN_STAGED_TEXT];
        opk_txn_staged_name(i, staged);
        if (unlinkat(settle->folder, staged, 0) != 0 && errno != ENOENT)
            return opk_fail_errno(err, staged, "removing a staged file", errno);
    }
    return remove_folder(settle, OPK_TXN_JOURNAL, err);
}

static enum opk_status read_in(int folder, const char *name, struct opk_buf *out,
                               struct opk_err *err)
{
    enum opk_status status;
    struct stat info;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return opk_fail_errno(err, name, "opening", errno);
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        status = opk_fd_read(fd, name, JOURNAL_MAX, out, err);
    else
        status = opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(name), "not a regular file");
    opk_fd_drop(fd);
    return status;
}

static enum opk_status recover_uncommitted(const struct opk_settle *settle, struct opk_err *err)
{
    struct opk_journal_entry *entries;
    struct opk_arena arena = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    size_t count = 0;
    enum opk_status status = read_in(settle->folder, OPK_TXN_JOURNAL, &text, err);

    if (status == OPK_E_NOENT)
        status = opk_settle_drop(settle, 0, err);
    else if (status == OPK_OK) {
        status = opk_journal_read(opk_buf_str(&text), settle->id, &arena, &entries, &count, err);
        if (status == OPK_OK ||
            (status == OPK_E_INVALID && opk_journal_is_torn(opk_buf_str(&text), settle->id)))
            status = opk_settle_drop(settle, status == OPK_OK ? count : 0, err);
        else if (status == OPK_E_INVALID)
            status = OPK_OK; /* somebody else's file: the folder stays as it is */
    }
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status recover_committed(const struct opk_settle *settle, struct opk_err *err)
{
    struct opk_journal_entry *entries;
    struct opk_arena arena = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    size_t count;
    enum opk_status status = read_in(settle->folder, OPK_TXN_COMMIT, &text, err);

    if (status == OPK_OK)
        status = opk_journal_read(opk_buf_str(&text), settle->id, &arena, &entries, &count, err);
    if (status == OPK_OK)
        status = opk_settle_commit(settle, entries, count, err);
    else if (status == OPK_E_INVALID)
        status = opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(OPK_TXN_FOLDER),
                          "pending transaction: the journal %s/" OPK_TXN_COMMIT
                          " is damaged; look at its "
                          "files, then delete that folder",
                          settle->id);
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

/* One entry of .opk/txn; whatever is not named like a transaction is left alone. */
enum opk_status opk_settle_found(const struct opk_root *root, struct opk_str name,
                                 struct opk_err *err)
{
    struct opk_str id = opk_str_slice(name, 0, OPK_ULID_LEN);
    char path[sizeof(OPK_TXN_FOLDER) + OPK_ULID_LEN + sizeof(OPK_TXN_COMMIT) + 2];
    struct opk_settle settle = {.root = root};
    char text[OPK_ULID_TEXT];
    const char *last;
    enum opk_status status;

    if (!opk_str_ends(name, OPK_STR("/")) || name.len != OPK_ULID_LEN + 1 ||
        !opk_ulid_parse(id, NULL))
        return OPK_OK;
    (void)snprintf(text, sizeof(text), "%.*s", OPK_STR_FMT(id));
    (void)snprintf(path, sizeof(path), OPK_TXN_FOLDER "/%s/" OPK_TXN_COMMIT, text);
    settle.id = text;
    status = opk_root_open_parent(root, path, false, &settle.folder, &last, err);
    if (status != OPK_OK)
        return status;
    if (faccessat(settle.folder, OPK_TXN_COMMIT, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        status = recover_committed(&settle, err);
    else
        status = recover_uncommitted(&settle, err);
    opk_fd_drop(settle.folder);
    return status;
}
