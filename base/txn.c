#include "base/txn.h"

#include "base/mem.h"
#include "base/rfc3339.h"
#include "base/txn_settle.h"
#include "base/ulid.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define OWN_FOLDER ".opk/"
#define LOCK_PATH  ".opk/lock"

struct staged {
    struct opk_journal_entry entry; /* its path is in the arena */
    struct opk_str contents;        /* in the arena */
    struct opk_file_state old;
};

struct opk_txn {
    const struct opk_root *root; /* borrowed */
    int lock;                    /* owned; locked while the transaction lives */
    int folder;                  /* owned; .opk/txn/<id>, or -1 */
    char id[OPK_ULID_TEXT];
    struct opk_arena arena;
    struct staged *files; /* owned; sorted by path at commit */
    size_t count;
    size_t cap;
};

/* --- The lock ----------------------------------------------------------------------------------
 */

/* Who holds the lock, from what the holder wrote: for people only. */
static enum opk_status fail_locked(int fd, struct opk_err *err)
{
    char holder[32] = "";
    char since[OPK_RFC3339_SECONDS] = "";
    struct stat info;
    ssize_t len = pread(fd, holder, sizeof(holder) - 1, 0);
    struct opk_str pid = opk_str_trim(opk_str_bytes(holder, len > 0 ? (size_t)len : 0));

    if (fstat(fd, &info) == 0)
        opk_rfc3339_seconds(info.st_mtim.tv_sec, since);
    return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(LOCK_PATH),
                    "another opk is writing here (process %.*s, since %s); try again when it ended",
                    OPK_STR_FMT(pid), since);
}

static enum opk_status take_lock(const struct opk_root *root, int *out_fd, struct opk_err *err)
{
    char holder[32];
    const char *name;
    int folder;
    enum opk_status status = opk_root_open_parent(root, LOCK_PATH, true, &folder, &name, err);

    if (status != OPK_OK)
        return status;
    int fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    opk_fd_drop(folder);
    if (fd < 0)
        return opk_fail_errno(err, LOCK_PATH, "opening the lock", errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK ? fail_locked(fd, err)
                                      : opk_fail_errno(err, LOCK_PATH, "locking", errno);
        opk_fd_drop(fd);
        return status;
    }
    (void)snprintf(holder, sizeof(holder), "%lld\n", (long long)getpid());
    if (ftruncate(fd, 0) != 0)
        status = opk_fail_errno(err, LOCK_PATH, "writing", errno);
    if (status == OPK_OK)
        status = opk_fd_write(fd, LOCK_PATH, opk_str_of(holder), err);
    if (status == OPK_OK)
        status = opk_fd_sync(fd, LOCK_PATH, err);
    if (status == OPK_OK)
        *out_fd = fd;
    else
        opk_fd_drop(fd);
    return status;
}

/* Names of transactions need only differ; the lock's time makes them sort by age for people. */
static enum opk_status make_id(int lock, char id[OPK_ULID_TEXT], struct opk_err *err)
{
    struct opk_ulid ulid;
    struct stat info;

    if (fstat(lock, &info) != 0 ||
        getrandom(ulid.random, sizeof(ulid.random), 0) != (ssize_t)sizeof(ulid.random))
        return opk_fail_errno(err, LOCK_PATH, "naming the transaction", errno);
    ulid.time_ms = (uint64_t)info.st_mtim.tv_sec * 1000 & OPK_ULID_TIME_MAX;
    opk_ulid_text(&ulid, id);
    return OPK_OK;
}

/* --- Recovery ----------------------------------------------------------------------------------
 */

/* Call for each transaction found, oldest first, until one fails. */
static enum opk_status for_each_found(const struct opk_root *root,
                                      enum opk_status (*visit)(const struct opk_root *root,
                                                               struct opk_str name,
                                                               struct opk_err *err),
                                      struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_str *names;
    size_t count = 0;
    enum opk_status status = opk_root_list(root, OPK_TXN_FOLDER, &arena, &names, &count, err);

    if (status == OPK_E_NOENT)
        status = OPK_OK;
    for (size_t i = 0; status == OPK_OK && i < count; i++)
        status = visit(root, names[i], err);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status check_one(const struct opk_root *root, struct opk_str name,
                                 struct opk_err *err)
{
    char path[OPK_PATH_MAX + 1];

    (void)snprintf(path, sizeof(path), OPK_TXN_FOLDER "/%.*s" OPK_TXN_COMMIT, OPK_STR_FMT(name));
    if (!opk_str_ends(name, OPK_STR("/")) || !opk_root_has(root, path))
        return OPK_OK;
    return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(path),
                    "transaction pending: the next verb that writes finishes it");
}

enum opk_status opk_txn_check_none_pending(const struct opk_root *root, struct opk_err *err)
{
    return for_each_found(root, check_one, err);
}

/* --- A transaction -----------------------------------------------------------------------------
 */

enum opk_status opk_txn_begin(const struct opk_root *root, struct opk_txn **out_txn,
                              struct opk_err *err)
{
    struct opk_txn *txn = calloc(1, sizeof(*txn));
    enum opk_status status;

    if (!txn)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a transaction");
    txn->root = root;
    txn->lock = -1;
    txn->folder = -1;
    status = take_lock(root, &txn->lock, err);
    if (status == OPK_OK)
        status = for_each_found(root, opk_settle_found, err);
    if (status == OPK_OK)
        status = make_id(txn->lock, txn->id, err);
    if (status == OPK_OK)
        *out_txn = txn;
    else
        opk_txn_free(txn);
    return status;
}

void opk_txn_free(struct opk_txn *txn)
{
    if (!txn)
        return;
    opk_fd_drop(txn->folder);
    opk_fd_drop(txn->lock);
    opk_arena_done(&txn->arena);
    free(txn->files);
    free(txn);
}

size_t opk_txn_count(const struct opk_txn *txn)
{
    return txn->count;
}

/* The same path, or one that would be the other's folder. */
static bool clash(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    size_t shorter = a_len < b_len ? a_len : b_len;

    if (memcmp(a, b, shorter) != 0)
        return false;
    return a_len == b_len || (a_len < b_len ? b : a)[shorter] == '/';
}

static enum opk_status check_put(const struct opk_txn *txn, const char *path, struct opk_err *err)
{
    if (opk_str_starts(opk_str_of(path), OPK_STR(OWN_FOLDER)))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "opk's own folder is not written");
    for (size_t i = 0; i < txn->count; i++) {
        if (clash(txn->files[i].entry.path, path))
            return opk_fail(err, OPK_E_INTERNAL, OPK_AT_PATH(path),
                            "one transaction writes '%s' as well", txn->files[i].entry.path);
    }
    return OPK_OK;
}

static enum opk_status fail_changed(const char *path, struct opk_err *err)
{
    return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(path),
                    "the file was changed while opk was working on it; nothing was written");
}

enum opk_status opk_txn_put(struct opk_txn *txn, const char *path, const struct opk_str *old,
                            struct opk_str contents, struct opk_err *err)
{
    struct staged file = {.entry = {.existed = old != NULL}};
    struct opk_hash128 digest = {0};
    enum opk_status status = check_put(txn, path, err);

    if (status == OPK_OK)
        status = opk_txn_look(txn->root, path, &file.old, &digest, err);
    if (status != OPK_OK)
        return status;
    if (old)
        file.entry.before = opk_hash128(*old);
    file.entry.after = opk_hash128(contents);
    if (!opk_journal_entry_is_before(&file.entry, &file.old, digest))
        return fail_changed(path, err);
    if (old && opk_str_eq(*old, contents))
        return OPK_OK;
    file.entry.path = opk_arena_copy(&txn->arena, opk_str_of(path)).data;
    file.contents = opk_arena_copy(&txn->arena, contents);
    struct staged *grown = opk_grow(txn->files, &txn->cap, txn->count + 1, sizeof(*grown));
    if (grown)
        txn->files = grown;
    if (!grown || txn->arena.failed)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory to stage the file");
    txn->files[txn->count++] = file;
    return OPK_OK;
}

static int compare_files(const void *a, const void *b)
{
    const struct staged *left = a;
    const struct staged *right = b;

    return strcmp(left->entry.path, right->entry.path);
}

/* Create a file of our own in the transaction's folder; nothing may stand there before. */
static enum opk_status create_in(int folder, const char *name, const char *path,
                                 struct opk_str contents, const struct opk_file_state *old,
                                 struct opk_err *err)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    enum opk_status status;

    if (fd < 0)
        return opk_fail_errno(err, path, "staging", errno);
    status = opk_fd_fill(fd, path, contents, old, err);
    if (status == OPK_OK)
        return opk_fd_close(fd, path, err);
    opk_fd_drop(fd);
    return status;
}

/* The folder with the synced journal in it: from here on the journal proves what is ours. */
static enum opk_status write_journal(struct opk_txn *txn, const struct opk_journal_entry *entries,
                                     struct opk_err *err)
{
    const struct opk_file_state fresh = {.exists = false};
    struct opk_buf text = OPK_BUF_EMPTY;
    char path[sizeof(OPK_TXN_FOLDER) + OPK_ULID_LEN + sizeof(OPK_TXN_JOURNAL) + 2];
    const char *name;
    enum opk_status status;

    (void)snprintf(path, sizeof(path), OPK_TXN_FOLDER "/%s/" OPK_TXN_JOURNAL, txn->id);
    opk_journal_write(txn->id, entries, txn->count, &text);
    status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_root_open_parent(txn->root, path, true, &txn->folder, &name, err);
    if (status == OPK_OK)
        status = create_in(txn->folder, name, path, opk_buf_str(&text), &fresh, err);
    if (status == OPK_OK)
        status = opk_fd_sync(txn->folder, path, err);
    opk_buf_done(&text);
    return status;
}

static enum opk_status stage_all(const struct opk_txn *txn, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; status == OPK_OK && i < txn->count; i++) {
        const struct staged *file = &txn->files[i];
        char name[OPK_TXN_STAGED_TEXT];
        opk_txn_staged_name(i, name);
        status = create_in(txn->folder, name, file->entry.path, file->contents, &file->old, err);
    }
    if (status == OPK_OK)
        status = opk_fd_sync(txn->folder, OPK_TXN_FOLDER, err);
    return status;
}

/* The last look before the commit point: whoever wrote since put wins. */
static enum opk_status check_unchanged(const struct opk_txn *txn, struct opk_err *err)
{
    for (size_t i = 0; i < txn->count; i++) {
        const struct opk_journal_entry *entry = &txn->files[i].entry;
        struct opk_file_state state;
        struct opk_hash128 digest = {0};
        enum opk_status status = opk_txn_look(txn->root, entry->path, &state, &digest, err);
        if (status != OPK_OK)
            return status;
        if (!opk_journal_entry_is_before(entry, &state, digest))
            return fail_changed(entry->path, err);
    }
    return OPK_OK;
}

/* Past the commit point a failure only delays: say so, and keep what it was. */
static enum opk_status fail_pending(const struct opk_txn *txn, const struct opk_err *why,
                                    struct opk_err *err)
{
    if (why->status != OPK_E_CONFLICT)
        return opk_fail(err, why->status, OPK_AT_PATH(why->path),
                        "transaction %s pending, the next run finishes it: %.300s", txn->id,
                        why->message);
    if (err)
        *err = *why;
    return OPK_E_CONFLICT;
}

static enum opk_status commit_entries(struct opk_txn *txn, const struct opk_journal_entry *entries,
                                      struct opk_err *err)
{
    struct opk_settle settle = {.root = txn->root, .id = txn->id};
    struct opk_err inner = {0};
    enum opk_status status = write_journal(txn, entries, err);

    settle.folder = txn->folder;
    if (status == OPK_OK)
        status = stage_all(txn, err);
    if (status == OPK_OK)
        status = check_unchanged(txn, err);
    if (status == OPK_OK &&
        renameat(txn->folder, OPK_TXN_JOURNAL, txn->folder, OPK_TXN_COMMIT) != 0)
        status = opk_fail_errno(err, OPK_TXN_FOLDER, "committing", errno);
    if (status != OPK_OK) {
        if (txn->folder >= 0)
            (void)!opk_settle_drop(&settle, txn->count, NULL);
        return status;
    }
    if (opk_fd_sync(txn->folder, OPK_TXN_FOLDER, &inner) != OPK_OK)
        return fail_pending(txn, &inner, err);
    status = opk_settle_commit(&settle, entries, txn->count, &inner);
    return status == OPK_OK ? OPK_OK : fail_pending(txn, &inner, err);
}

enum opk_status opk_txn_commit(struct opk_txn *txn, struct opk_err *err)
{
    struct opk_journal_entry *entries;
    enum opk_status status;

    assert(txn->folder < 0);
    if (txn->count == 0)
        return OPK_OK;
    qsort(txn->files, txn->count, sizeof(*txn->files), compare_files);
    entries = opk_arena_array(&txn->arena, txn->count, sizeof(*entries));
    if (!entries)
        return opk_arena_check(&txn->arena, err);
    for (size_t i = 0; i < txn->count; i++)
        entries[i] = txn->files[i].entry;
    status = commit_entries(txn, entries, err);
    txn->count = 0;
    return status;
}
