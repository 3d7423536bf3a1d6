#include "base/git.h"

#include "base/file.h"
#include "base/git_tag.h"
#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>

/* How far below the work tree's root a folder may lie. */
#define PREFIX_MAX 1024

struct opk_git {
    git_repository *repo;
    char prefix[PREFIX_MAX];    /* of every path: empty, or ending with a slash */
    struct opk_tag_folder tags; /* closed until opk_git_tags_begin */
};

/* libgit2's last failure as a status, and its words after ours. */
static enum opk_status failed(struct opk_err *err, int code, const char *doing)
{
    const git_error *last = git_error_last();
    const char *words = last && last->message ? last->message : "no reason given";

    if (code == GIT_ENOTFOUND)
        return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "%s: %s", doing, words);
    if (code == GIT_EOWNER)
        return opk_fail(err, OPK_E_REFUSED, OPK_NOWHERE,
                        "this Git repository belongs to another user; when you trust it, add its "
                        "folder to safe.directory with 'git config --global'");
    if (last && last->klass == GIT_ERROR_NOMEMORY)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for Git objects");
    return opk_fail(err, OPK_E_IO, OPK_NOWHERE, "%s: %s", doing, words);
}

static void to_text(const git_oid *oid, struct opk_git_id *out)
{
    (void)git_oid_tostr(out->text, sizeof(out->text), oid);
}

static git_oid to_oid(const struct opk_git_id *id)
{
    git_oid oid;

    (void)git_oid_fromstr(&oid, id->text); /* it was made by to_text */
    return oid;
}

/* Where the folder lies below the work tree. */
static enum opk_status find_prefix(struct opk_git *git, const char *folder, struct opk_err *err)
{
    const char *tree = git_repository_workdir(git->repo); /* ends with a slash */
    struct opk_buf path = OPK_BUF_EMPTY;
    enum opk_status status = opk_folder_resolve(folder, &path, err);

    opk_buf_append_byte(&path, '/');
    if (status == OPK_OK)
        status = opk_buf_check(&path, err);
    if (status == OPK_OK) {
        struct opk_str below = opk_buf_str(&path);
        struct opk_str root = opk_str_of(tree);
        bool is_below = opk_str_starts(below, root);
        below = opk_str_skip(below, is_below ? root.len : below.len);
        if (below.len >= PREFIX_MAX)
            status =
                opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(folder),
                         "more than %d bytes below the root of the Git repository", PREFIX_MAX - 1);
        else
            memcpy(git->prefix, below.data, below.len);
    }
    opk_buf_done(&path);
    return status;
}

enum opk_status opk_git_open(const char *folder, struct opk_git **out_git, struct opk_err *err)
{
    struct opk_git *git = calloc(1, sizeof(*git));
    enum opk_status status = OPK_OK;
    int code;

    if (!git)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a Git repository");
    git->tags = OPK_TAG_FOLDER_CLOSED;
    (void)git_libgit2_init();
    code = git_repository_open_ext(&git->repo, folder, 0, NULL);
    if (code == GIT_ENOTFOUND || (code == 0 && git_repository_is_bare(git->repo)))
        status = OPK_END;
    else
        status =
            code ? failed(err, code, "opening the Git repository") : find_prefix(git, folder, err);
    if (status != OPK_OK) {
        opk_git_free(git);
        return status;
    }
    *out_git = git;
    return OPK_OK;
}

void opk_git_free(struct opk_git *git)
{
    if (!git)
        return;
    opk_tag_folder_close(&git->tags);
    git_repository_free(git->repo);
    (void)git_libgit2_shutdown();
    free(git);
}

bool opk_git_is_shallow(const struct opk_git *git)
{
    return git_repository_is_shallow(git->repo) == 1;
}

/* What more there is to say of an object that is not here. */
static const char *shallow_hint(const struct opk_git *git)
{
    return opk_git_is_shallow(git)
               ? "; this clone is shallow: fetch more of its history ('git fetch --unshallow')"
               : "";
}

enum opk_status opk_git_resolve(const struct opk_git *git, const char *revision,
                                struct opk_git_id *out_id, struct opk_err *err)
{
    git_object *object = NULL;
    git_object *commit = NULL;
    int code = git_revparse_single(&object, git->repo, revision);

    if (code == 0)
        code = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    if (code == 0)
        to_text(git_object_id(commit), out_id);
    git_object_free(object);
    git_object_free(commit);
    return code == 0 ? OPK_OK
                     : opk_fail(err, OPK_E_NOENT, OPK_NOWHERE,
                                "no commit '%s' in this Git "
                                "repository%s",
                                revision, shallow_hint(git));
}

static enum opk_status no_common(const struct opk_git *git, const struct opk_git_id *one,
                                 const struct opk_git_id *two, struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE,
                    "no common ancestor of commit %.10s and commit %.10s%s", one->text, two->text,
                    shallow_hint(git));
}

/* Where parents are missing libgit2 gives up (and leaks): the newest commit that leads to both, of
 * those that are here. */
static enum opk_status merge_base_here(const struct opk_git *git, const struct opk_git_id *one,
                                       const struct opk_git_id *two, struct opk_git_id *out_id,
                                       struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_map *seen = NULL;
    struct opk_git_history first = {0};
    struct opk_git_history second = {0};
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&seen, err);

    if (status == OPK_OK)
        status = opk_git_log(git, one, NULL, &arena, &first, err);
    if (status == OPK_OK)
        status = opk_git_log(git, two, NULL, &arena, &second, err);
    for (size_t i = 0; i < first.count && status == OPK_OK; i++)
        status = opk_map_add(seen, opk_str_of(first.ids[i].text), &index, &is_new, err);
    const struct opk_git_id *found = NULL;
    for (size_t i = 0; i < second.count && status == OPK_OK && !found; i++) {
        if (opk_map_find(seen, opk_str_of(second.ids[i].text), NULL))
            found = &second.ids[i];
    }
    if (found)
        *out_id = *found;
    else if (status == OPK_OK)
        status = no_common(git, one, two, err);
    opk_map_free(seen);
    opk_arena_done(&arena);
    return status;
}

enum opk_status opk_git_merge_base(const struct opk_git *git, const struct opk_git_id *one,
                                   const struct opk_git_id *two, struct opk_git_id *out_id,
                                   struct opk_err *err)
{
    git_oid first = to_oid(one);
    git_oid second = to_oid(two);
    git_oid found;

    if (opk_git_is_shallow(git))
        return merge_base_here(git, one, two, out_id, err);
    if (git_merge_base(&found, git->repo, &first, &second))
        return no_common(git, one, two, err);
    to_text(&found, out_id);
    return OPK_OK;
}

enum opk_status opk_git_base_open(const char *folder, const char *revision,
                                  struct opk_git_base *out_base, struct opk_err *err)
{
    struct opk_git_base base = {0};
    struct opk_git_id named;
    enum opk_status status = opk_git_open(folder, &base.git, err);

    if (status != OPK_OK)
        return status;
    if (opk_git_resolve(base.git, "HEAD", &base.head, err) != OPK_OK)
        status = OPK_END;
    if (status == OPK_OK)
        status = opk_git_resolve(base.git, revision, &named, err);
    if (status == OPK_OK)
        status = opk_git_merge_base(base.git, &named, &base.head, &base.id, err);
    if (status == OPK_OK)
        *out_base = base;
    else
        opk_git_base_done(&base);
    return status;
}

void opk_git_base_done(struct opk_git_base *base)
{
    opk_git_free(base->git);
    *base = (struct opk_git_base){0};
}

enum opk_status opk_git_leads_to(const struct opk_git *git, const struct opk_git_id *one,
                                 const struct opk_git_id *two, bool *out_leads, struct opk_err *err)
{
    git_oid first = to_oid(one);
    git_oid second = to_oid(two);
    int code =
        git_oid_equal(&first, &second) ? 1 : git_graph_descendant_of(git->repo, &second, &first);

    if (code < 0)
        return failed(err, code, "walking the history");
    *out_leads = code == 1;
    return OPK_OK;
}

static int compare_changes(const void *left, const void *right)
{
    const struct opk_git_change *a = left;
    const struct opk_git_change *b = right;

    return opk_str_cmp(a->path, b->path);
}

static enum opk_status take_changes(const struct opk_git *git, const git_diff *diff,
                                    struct opk_arena *arena, struct opk_git_change **out_changes,
                                    size_t *out_count, struct opk_err *err)
{
    size_t deltas = git_diff_num_deltas(diff);
    struct opk_git_change *changes = opk_arena_array(arena, deltas + 1, sizeof(*changes));
    struct opk_str prefix = opk_str_of(git->prefix);
    size_t count = 0;

    for (size_t i = 0; changes && i < deltas; i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        bool was = delta->status != GIT_DELTA_ADDED && delta->status != GIT_DELTA_UNTRACKED;
        struct opk_str path = opk_str_of(was ? delta->old_file.path : delta->new_file.path);
        if (!opk_str_starts(path, prefix))
            continue;
        changes[count++] =
            (struct opk_git_change){.path = opk_arena_copy(arena, opk_str_skip(path, prefix.len)),
                                    .was = was,
                                    .is = delta->status != GIT_DELTA_DELETED};
    }
    if (!changes || arena->failed)
        return opk_arena_check(arena, err);
    qsort(changes, count, sizeof(*changes), compare_changes);
    *out_changes = changes;
    *out_count = count;
    return OPK_OK;
}

static int find_tree(const struct opk_git *git, const struct opk_git_id *id, git_tree **out)
{
    git_oid oid = to_oid(id);
    git_commit *commit = NULL;
    int code = git_commit_lookup(&commit, git->repo, &oid);

    if (code == 0)
        code = git_commit_tree(out, commit);
    git_commit_free(commit);
    return code;
}

enum opk_status opk_git_changes(const struct opk_git *git, const struct opk_git_id *commit,
                                struct opk_arena *arena, struct opk_git_change **out_changes,
                                size_t *out_count, struct opk_err *err)
{
    git_diff_options options;
    git_tree *tree = NULL;
    git_diff *diff = NULL;
    enum opk_status status;
    int code = git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);

    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES |
                    GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_DISABLE_PATHSPEC_MATCH;
    if (code == 0)
        code = find_tree(git, commit, &tree);
    if (code == 0)
        code = git_diff_tree_to_workdir_with_index(&diff, git->repo, tree, &options);
    status = code ? failed(err, code, "comparing with the work tree")
                  : take_changes(git, diff, arena, out_changes, out_count, err);
    git_diff_free(diff);
    git_tree_free(tree);
    return status;
}

/* The entry of a path at a commit; with "" the folder that was opened. */
static int find_entry(const struct opk_git *git, const struct opk_git_id *commit,
                      struct opk_str path, git_tree_entry **out)
{
    char whole[PREFIX_MAX + OPK_PATH_MAX + 1];
    size_t prefix = strlen(git->prefix);
    git_tree *tree = NULL;
    int code;

    if (path.len > OPK_PATH_MAX)
        return GIT_ENOTFOUND;
    while (path.len > 0 && path.data[path.len - 1] == '/')
        path.len--;
    memcpy(whole, git->prefix, prefix);
    memcpy(whole + prefix, path.data, path.len);
    whole[prefix + path.len] = '\0';
    code = find_tree(git, commit, &tree);
    if (code == 0)
        code = git_tree_entry_bypath(out, tree, whole);
    git_tree_free(tree);
    return code;
}

static enum opk_status no_entry(const struct opk_git_id *commit, struct opk_str path, int code,
                                struct opk_err *err)
{
    if (code != GIT_ENOTFOUND)
        return failed(err, code, "reading a Git tree");
    return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "no %.*s at commit %.10s", OPK_STR_FMT(path),
                    commit->text);
}

enum opk_status opk_git_find(const struct opk_git *git, const struct opk_git_id *commit,
                             struct opk_str path, struct opk_git_id *out_id, struct opk_err *err)
{
    git_tree_entry *entry = NULL;
    int code = find_entry(git, commit, path, &entry);

    if (code)
        return no_entry(commit, path, code, err);
    to_text(git_tree_entry_id(entry), out_id);
    git_tree_entry_free(entry);
    return OPK_OK;
}

enum opk_status opk_git_read(const struct opk_git *git, const struct opk_git_id *commit,
                             struct opk_str path, size_t max, struct opk_buf *out,
                             struct opk_err *err)
{
    git_tree_entry *entry = NULL;
    git_object *object = NULL;
    const git_blob *blob;
    enum opk_status status = OPK_OK;
    int code = find_entry(git, commit, path, &entry);

    if (code == 0 && git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        code = GIT_ENOTFOUND;
    if (code == 0)
        code = git_tree_entry_to_object(&object, git->repo, entry);
    git_tree_entry_free(entry);
    if (code)
        return no_entry(commit, path, code, err);
    blob = (const git_blob *)object;
    if (git_blob_rawsize(blob) > max)
        status = opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                          "%.*s at commit %.10s has more than %zu "
                          "bytes",
                          OPK_STR_FMT(path), commit->text, max);
    else
        opk_buf_append(out,
                       opk_str_bytes(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob)));
    git_object_free(object);
    return status == OPK_OK ? opk_buf_check(out, err) : status;
}

/* The folder of a path at a commit; GIT_ENOTFOUND when it is none. */
static int find_folder(const struct opk_git *git, const struct opk_git_id *commit,
                       struct opk_str folder, git_tree **out)
{
    git_tree_entry *entry = NULL;
    int code = find_entry(git, commit, folder, &entry);

    if (code == 0)
        code = git_tree_entry_type(entry) == GIT_OBJECT_TREE
                   ? git_tree_lookup(out, git->repo, git_tree_entry_id(entry))
                   : GIT_ENOTFOUND;
    git_tree_entry_free(entry);
    return code;
}

enum opk_status opk_git_list(const struct opk_git *git, const struct opk_git_id *commit,
                             struct opk_str folder, struct opk_arena *arena,
                             struct opk_git_entries *out_entries, struct opk_err *err)
{
    git_tree *tree = NULL;
    struct opk_git_entry *entries;
    size_t count = 0;
    int code = find_folder(git, commit, folder, &tree);

    if (code != 0 && code != GIT_ENOTFOUND)
        return failed(err, code, "reading a Git tree");
    if (code == 0)
        count = git_tree_entrycount(tree);
    entries = opk_arena_array(arena, count + 1, sizeof(*entries));
    for (size_t i = 0; entries && i < count; i++) { /* by name, as Git sorts its trees */
        const git_tree_entry *one = git_tree_entry_byindex(tree, i);
        entries[i].name = opk_arena_copy(arena, opk_str_of(git_tree_entry_name(one)));
        entries[i].is_file = git_tree_entry_type(one) == GIT_OBJECT_BLOB;
        to_text(git_tree_entry_id(one), &entries[i].id);
    }
    git_tree_free(tree);
    *out_entries = (struct opk_git_entries){entries, count};
    return opk_arena_check(arena, err);
}

enum opk_status opk_git_commit(const struct opk_git *git, const struct opk_git_id *id,
                               struct opk_arena *arena, struct opk_git_commit *out_commit,
                               struct opk_err *err)
{
    git_oid oid = to_oid(id);
    git_commit *commit = NULL;
    struct opk_git_id *parents;
    unsigned count;
    int code = git_commit_lookup(&commit, git->repo, &oid);

    if (code)
        return failed(err, code, "reading a commit");
    count = git_commit_parentcount(commit);
    parents = opk_arena_array(arena, (size_t)count + 1, sizeof(*parents));
    for (unsigned i = 0; parents && i < count; i++)
        to_text(git_commit_parent_id(commit, i), &parents[i]);
    *out_commit = (struct opk_git_commit){
        .id = *id,
        .message = opk_arena_copy(arena, opk_str_of(git_commit_message(commit))),
        .parents = parents,
        .parent_count = count};
    git_commit_free(commit);
    return opk_arena_check(arena, err);
}

static int open_walk(const struct opk_git *git, const struct opk_git_id *from,
                     const struct opk_git_id *hide, git_revwalk **out)
{
    git_oid begin = to_oid(from);
    int code = git_revwalk_new(out, git->repo);

    if (code == 0)
        code = git_revwalk_sorting(*out, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
    if (code == 0)
        code = git_revwalk_push(*out, &begin);
    if (code == 0 && hide) {
        git_oid end = to_oid(hide);
        code = git_revwalk_hide(*out, &end);
    }
    return code;
}

/* Commits while they are walked. */
struct ids {
    struct opk_git_id *items; /* owned */
    size_t count;
    size_t cap;
};

static enum opk_status add_id(struct ids *ids, const git_oid *oid, struct opk_err *err)
{
    struct opk_git_id *grown;

    if (ids->count == OPK_GIT_COMMITS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %zu commits",
                        OPK_GIT_COMMITS_MAX);
    grown = opk_grow(ids->items, &ids->cap, ids->count + 1, sizeof(*grown));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for commits");
    ids->items = grown;
    to_text(oid, &ids->items[ids->count++]);
    return OPK_OK;
}

enum opk_status opk_git_log(const struct opk_git *git, const struct opk_git_id *from,
                            const struct opk_git_id *hide, struct opk_arena *arena,
                            struct opk_git_history *out_history, struct opk_err *err)
{
    git_revwalk *walk = NULL;
    struct opk_git_id *copy;
    struct ids ids = {0};
    enum opk_status status = OPK_OK;
    git_oid oid;
    bool is_cut;
    int code = open_walk(git, from, hide, &walk);

    while (code == 0 && status == OPK_OK && (code = git_revwalk_next(&oid, walk)) == 0)
        status = add_id(&ids, &oid, err);
    git_revwalk_free(walk);
    is_cut = code == GIT_ENOTFOUND && opk_git_is_shallow(git);
    if (status == OPK_OK && code != GIT_ITEROVER && !is_cut)
        status = failed(err, code, "walking the history");
    copy = opk_arena_array(arena, ids.count + 1, sizeof(*copy));
    if (copy && ids.count > 0)
        memcpy(copy, ids.items, ids.count * sizeof(*copy));
    free(ids.items);
    *out_history = (struct opk_git_history){copy, ids.count, is_cut};
    return status == OPK_OK ? opk_arena_check(arena, err) : status;
}

enum opk_status opk_git_trailers(struct opk_str message, struct opk_arena *arena,
                                 struct opk_git_trailer **out_trailers, size_t *out_count,
                                 struct opk_err *err)
{
    struct opk_str text = opk_arena_copy(arena, message); /* which ends with a NUL */
    git_message_trailer_array found = {0};
    struct opk_git_trailer *trailers;
    int code = git_message_trailers(&found, text.data);

    if (code)
        return failed(err, code, "reading trailers");
    trailers = opk_arena_array(arena, found.count + 1, sizeof(*trailers));
    for (size_t i = 0; trailers && i < found.count; i++) {
        trailers[i].key = opk_arena_copy(arena, opk_str_of(found.trailers[i].key));
        trailers[i].value =
            opk_arena_copy(arena, opk_str_trim(opk_str_of(found.trailers[i].value)));
    }
    *out_trailers = trailers;
    *out_count = found.count;
    git_message_trailer_array_free(&found);
    return opk_arena_check(arena, err);
}

/* What a reference comes to: tags of tags are followed. Objects that a shallow clone does not hold
 * need not be there; *out_kind is what the last tag says of them. */
static int follow_tag(const struct opk_git *git, git_oid *oid, git_object_t *out_kind)
{
    git_object *object = NULL;
    git_tag *tag = NULL;

    *out_kind = GIT_OBJECT_INVALID;
    while (git_tag_lookup(&tag, git->repo, oid) == 0) {
        *oid = *git_tag_target_id(tag);
        *out_kind = git_tag_target_type(tag);
        git_tag_free(tag);
    }
    if (*out_kind != GIT_OBJECT_INVALID)
        return 0;
    int code = git_object_lookup(&object, git->repo, oid, GIT_OBJECT_ANY);
    if (code == 0)
        *out_kind = git_object_type(object);
    git_object_free(object);
    return code;
}

enum opk_status opk_git_tag_find(const struct opk_git *git, const char *name,
                                 struct opk_git_id *out_commit, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_str ref = opk_arena_printf(&arena, "refs/tags/%s", name);
    git_reference *reference = NULL;
    git_reference *direct = NULL;
    git_object_t kind = GIT_OBJECT_INVALID;
    git_oid oid;
    enum opk_status status = opk_arena_check(&arena, err);
    int code = status == OPK_OK ? git_reference_lookup(&reference, git->repo, ref.data) : 0;

    if (status == OPK_OK && code)
        status = failed(err, code, "looking for a tag");
    if (status == OPK_OK) {
        code = git_reference_resolve(&direct, reference);
        if (code == 0) {
            oid = *git_reference_target(direct);
            code = follow_tag(git, &oid, &kind);
        }
        if (code == 0 && kind == GIT_OBJECT_COMMIT)
            to_text(&oid, out_commit);
        else
            status = opk_fail(err, OPK_E_REFUSED, OPK_NOWHERE, "tag %s names no commit", name);
    }
    git_reference_free(direct);
    git_reference_free(reference);
    opk_arena_done(&arena);
    return status;
}

enum opk_status opk_git_tags_begin(struct opk_git *git, struct opk_err *err)
{
    assert(git->tags.lock < 0);
    /* What a tag names is on the disk before the tag is. */
    (void)git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    return opk_tag_folder_open(git_repository_commondir(git->repo), &git->tags, err);
}

/* Whose tag it is: what is given, else the commit's committer. */
static int sign(const git_commit *commit, const struct opk_git_tagger *tagger, git_signature **out)
{
    const git_signature *of = git_commit_committer(commit);
    bool is_named = tagger->name.len > 0 && tagger->mail.len > 0;

    return git_signature_new(
        out, is_named ? tagger->name.data : of->name, is_named ? tagger->mail.data : of->email,
        tagger->has_time ? tagger->time : of->when.time, tagger->has_time ? 0 : of->when.offset);
}

/* The object of a tag, with no name yet. */
static enum opk_status write_tag(const struct opk_git *git, const struct opk_git_new_tag *tag,
                                 const struct opk_git_tagger *tagger, struct opk_git_id *out_id,
                                 struct opk_err *err)
{
    git_oid oid = to_oid(&tag->commit);
    git_commit *target = NULL;
    git_signature *signature = NULL;
    git_oid made;
    int code = git_commit_lookup(&target, git->repo, &oid);

    if (code == 0)
        code = sign(target, tagger, &signature);
    if (code == 0)
        code = git_tag_annotation_create(&made, git->repo, tag->name, (const git_object *)target,
                                         signature, tag->message);
    if (code == 0)
        to_text(&made, out_id);
    git_signature_free(signature);
    git_commit_free(target);
    return code == 0 ? OPK_OK : failed(err, code, "making a tag");
}

enum opk_status opk_git_tag_make(const struct opk_git *git, const struct opk_git_new_tag *tag,
                                 const struct opk_git_tagger *tagger, struct opk_err *err)
{
    struct opk_git_id id;
    struct opk_git_id other;
    enum opk_status status = write_tag(git, tag, tagger, &id, err);

    if (status == OPK_OK)
        status = opk_tag_name_take(&git->tags, tag->name, id.text, err);
    if (status != OPK_OK)
        return status;
    status = opk_git_tag_find(git, tag->name, &other, err);
    if (status == OPK_E_NOENT)
        return opk_tag_name_keep(&git->tags, tag->name, err);
    opk_tag_name_drop(&git->tags, tag->name);
    if (status != OPK_OK)
        return status;
    return opk_fail(err, OPK_E_REFUSED, OPK_NOWHERE, "tag %s is there already", tag->name);
}
