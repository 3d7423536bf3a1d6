/* What an answer changes: checked whole, then applied to the repository's files. */
#include "base/mem.h"
#include "base/sha256.h"
#include "sync/kernel_impl.h"

#include <stdlib.h>
#include <string.h>

struct edit {
    struct opk_file *file;
    struct opk_span span;
    struct opk_str text;
    size_t order; /* in the answer */
};

/* One answer that is being applied. */
struct answer {
    struct opk_kernel *kernel;
    const struct opk_plugin *plugin;
    const struct opk_event *event;
    struct edit *edits; /* owned */
    size_t count;
    struct opk_err *err;
};

static OPK_MUST_USE enum opk_status wrong(const struct answer *answer, enum opk_status status,
                                          struct opk_str path, const char *why)
{
    return opk_fail(answer->err, status, OPK_AT_PATH(answer->plugin->path),
                    "%.*s: its edit of \"%.*s\" %s", OPK_STR_FMT(answer->plugin->id),
                    (int)(path.len < 200 ? path.len : 200), path.data, why);
}

/* The same, for what somebody else has said why. */
static OPK_MUST_USE enum opk_status refused(const struct answer *answer, struct opk_str path,
                                            const struct opk_err *why)
{
    return opk_fail(answer->err, why->status, OPK_AT_PATH(answer->plugin->path),
                    "%.*s: its edit of \"%.*s\": %s", OPK_STR_FMT(answer->plugin->id),
                    (int)(path.len < 200 ? path.len : 200), path.data, why->message);
}

/* The digest of what the plugin read must be that of what is there. */
static enum opk_status check_base(const struct answer *answer, const struct opk_file *file,
                                  struct opk_str base)
{
    struct opk_str path = opk_str_of(file->path);
    struct opk_str lead = OPK_STR("sha256:");
    char digest[OPK_SHA256_TEXT];

    if (opk_str_starts(base, lead))
        base = opk_str_skip(base, lead.len);
    if (!opk_file_is_there(file))
        return base.len == 0 ? OPK_OK : wrong(answer, OPK_E_CONFLICT, path, "has no such file");
    opk_sha256_text(file->now, digest);
    if (opk_str_eq(base, opk_str_of(digest)))
        return OPK_OK;
    return wrong(answer, OPK_E_CONFLICT, path,
                 "is of other bytes than are there: base is not their SHA-256");
}

static const struct opk_node *field(const struct opk_node *node, const char *key,
                                    enum opk_node_kind kind)
{
    const struct opk_node *value = opk_node_get(node, key);

    return value && value->kind == kind ? value : NULL;
}

static bool read_span(const struct opk_node *span, size_t len, struct opk_span *out)
{
    uint64_t ends[2];
    const struct opk_node *end = span ? span->first : NULL;

    if (!span || span->count != 2)
        return false;
    for (size_t i = 0; i < 2; i++, end = end->next) {
        if (end->kind != OPK_NODE_INT || !opk_str_to_u64(end->text, &ends[i]))
            return false;
    }
    *out = (struct opk_span){(size_t)ends[0], (size_t)ends[1]};
    return ends[0] <= ends[1] && ends[1] <= len;
}

static enum opk_status read_edit(struct answer *answer, const struct opk_node *node)
{
    const struct opk_node *path = field(node, "path", OPK_NODE_STRING);
    const struct opk_node *base = field(node, "base", OPK_NODE_STRING);
    const struct opk_node *text = field(node, "text", OPK_NODE_STRING);
    struct edit *edit = &answer->edits[answer->count];
    struct opk_err why;
    enum opk_status status;

    if (!path || !base || !text)
        return wrong(answer, OPK_E_INVALID, opk_node_text(path),
                     "lacks path, base or text as a string");
    if (opk_path_check(path->text, &why) != OPK_OK)
        return refused(answer, path->text, &why);
    if (!opk_plugin_may_edit(answer->plugin, answer->event, path->text))
        return wrong(answer, OPK_E_REFUSED, path->text, "is not one that opk.yaml allows");
    status = opk_files_open(&answer->kernel->repo->files, path->text, &edit->file, &why);
    if (status != OPK_OK)
        return refused(answer, path->text, &why);
    status = check_base(answer, edit->file, base->text);
    if (status != OPK_OK)
        return status;
    if (!read_span(field(node, "span", OPK_NODE_SEQ), edit->file->now.len, &edit->span))
        return wrong(answer, OPK_E_INVALID, path->text, "has a span that is not within the file");
    edit->text = text->text;
    edit->order = answer->count++;
    return OPK_OK;
}

/* By file; within one from its end, so that spans before stay true. */
static int compare_edits(const void *left, const void *right)
{
    const struct edit *a = left;
    const struct edit *b = right;
    int paths = strcmp(a->file->path, b->file->path);

    if (paths != 0)
        return paths;
    if (a->span.begin != b->span.begin)
        return a->span.begin < b->span.begin ? 1 : -1;
    return (a->order < b->order) - (a->order > b->order);
}

static enum opk_status check_overlap(const struct answer *answer)
{
    for (size_t i = 1; i < answer->count; i++) {
        const struct edit *behind = &answer->edits[i - 1];
        const struct edit *edit = &answer->edits[i];
        bool meets = edit->span.end > behind->span.begin ||
                     (edit->span.begin == behind->span.begin && !opk_file_is_there(edit->file));
        if (edit->file == behind->file && meets)
            return wrong(answer, OPK_E_CONFLICT, opk_str_of(edit->file->path),
                         "meets another one of its edits");
    }
    return OPK_OK;
}

/* The change of a file is an event as well. */
static enum opk_status raise_change(const struct answer *answer, const struct opk_file *file)
{
    struct opk_repo *repo = answer->kernel->repo;
    struct opk_str path = opk_str_of(file->path);
    bool is_index = opk_str_eq(path, repo->paths.suite_index) ||
                    opk_str_eq(path, repo->paths.pattern_registry) ||
                    opk_str_eq(path, repo->paths.doc_registry);
    struct opk_event event;

    opk_event_init(&event, repo, is_index ? OPK_HOOK_REGISTRY_BUILT : OPK_HOOK_DOC_CHANGED, path);
    event.base = answer->event->base;
    event.check = answer->event->check;
    event.depth = answer->event->depth + 1;
    if (event.depth > OPK_EVENT_DEPTH_MAX)
        return wrong(answer, OPK_E_LIMIT, path,
                     "would raise an event within events within events, and end nowhere");
    return opk_kernel_raise(answer->kernel, &event, answer->err);
}

static bool is_card(const struct opk_repo *repo, struct opk_str path)
{
    return opk_str_starts(path, repo->paths.cards) || opk_str_starts(path, repo->paths.doc_cards);
}

/* All edits of the file that the one at a place is of; *at is moved behind them. */
static enum opk_status edit_file(const struct answer *answer, size_t *at, bool *out_has_changed)
{
    struct opk_file *file = answer->edits[*at].file;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str before = file->now;
    enum opk_status status;

    opk_buf_append(&text, file->now);
    for (; *at < answer->count && answer->edits[*at].file == file; ++*at) {
        const struct edit *edit = &answer->edits[*at];
        if (!text.failed)
            opk_buf_splice(&text, edit->span.begin, edit->span.end, edit->text);
    }
    status = opk_buf_check(&text, answer->err);
    if (status == OPK_OK)
        status = opk_files_set(&answer->kernel->repo->files, file, opk_buf_str(&text), answer->err);
    opk_buf_done(&text);
    *out_has_changed = status == OPK_OK && !opk_str_eq(before, file->now);
    return status;
}

static enum opk_status apply_edits(struct answer *answer)
{
    bool reads_cards = false;
    bool *changed = calloc(answer->count + 1, sizeof(*changed)); /* at the first edit of a file */
    enum opk_status status = OPK_OK;

    if (!changed)
        return opk_fail(answer->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for edits");
    for (size_t at = 0; at < answer->count && status == OPK_OK;) {
        size_t first = at;
        status = edit_file(answer, &at, &changed[first]);
        reads_cards = reads_cards ||
                      (changed[first] &&
                       is_card(answer->kernel->repo, opk_str_of(answer->edits[first].file->path)));
    }
    if (status == OPK_OK && reads_cards)
        status = opk_repo_reload(answer->kernel->repo, answer->err);
    for (size_t i = 0; i < answer->count && status == OPK_OK; i++) {
        if (changed[i])
            status = raise_change(answer, answer->edits[i].file);
    }
    free(changed);
    return status;
}

static enum opk_status add_message(struct answer *answer, const struct opk_node *node)
{
    struct opk_kernel *kernel = answer->kernel;
    const struct opk_node *severity = field(node, "severity", OPK_NODE_STRING);
    const struct opk_node *text = field(node, "text", OPK_NODE_STRING);
    struct opk_message *grown =
        opk_grow(kernel->messages, &kernel->message_cap, kernel->message_count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(answer->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for messages");
    kernel->messages = grown;
    grown[kernel->message_count++] = (struct opk_message){
        .plugin = answer->plugin->id,
        .severity = severity ? opk_arena_copy(&kernel->arena, severity->text) : OPK_STR("note"),
        .path = opk_arena_copy(&kernel->arena, opk_node_text(opk_node_get(node, "path"))),
        .text = opk_arena_copy(&kernel->arena, opk_node_text(text)),
    };
    return opk_arena_check(&kernel->arena, answer->err);
}

enum opk_status opk_kernel_apply(struct opk_kernel *kernel, const struct opk_plugin *plugin,
                                 const struct opk_event *event, const struct opk_node *root,
                                 size_t *out_edits, struct opk_err *err)
{
    struct answer answer = {.kernel = kernel, .plugin = plugin, .event = event, .err = err};
    const struct opk_node *edits = field(root, "edits", OPK_NODE_SEQ);
    const struct opk_node *messages = field(root, "messages", OPK_NODE_SEQ);
    enum opk_status status = OPK_OK;

    if (edits && edits->count > OPK_EDITS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(plugin->path), "%.*s: more than %d edits",
                        OPK_STR_FMT(plugin->id), OPK_EDITS_MAX);
    answer.edits = calloc(edits ? edits->count + 1 : 1, sizeof(*answer.edits));
    if (!answer.edits)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for edits");
    for (const struct opk_node *node = edits ? edits->first : NULL; node && status == OPK_OK;
         node = node->next)
        status = read_edit(&answer, node);
    if (status == OPK_OK) {
        qsort(answer.edits, answer.count, sizeof(*answer.edits), compare_edits);
        status = check_overlap(&answer);
    }
    if (status == OPK_OK)
        status = apply_edits(&answer);
    for (const struct opk_node *node = messages ? messages->first : NULL; node && status == OPK_OK;
         node = node->next)
        status = add_message(&answer, node);
    *out_edits = answer.count;
    free(answer.edits);
    return status;
}
