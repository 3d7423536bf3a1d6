#include "sync/kernel.h"

#include "base/mem.h"
#include "sync/init.h"
#include "sync/kernel_impl.h"

#include <stdlib.h>
#include <string.h>

#define MODEL "plugins/patterns/PLG_PATTERNS_PROPAGATE/schemas/" /* the schemas of every part */

void opk_kernel_done(struct opk_kernel *kernel)
{
    opk_plugins_done(&kernel->plugins);
    opk_arena_done(&kernel->arena);
    free(kernel->queue);
    free(kernel->asked);
    free(kernel->messages);
    *kernel = (struct opk_kernel){0};
}

/* ---- parts ---- */

static const struct opk_part *part_at(const struct opk_kernel *kernel, size_t at)
{
    if (at < OPK_PART_COUNT)
        return &OPK_PARTS[at];
    at -= OPK_PART_COUNT;
    return at < kernel->host->part_count ? &kernel->host->parts[at] : NULL;
}

static const struct opk_part *find_part(const struct opk_kernel *kernel, struct opk_str id)
{
    const struct opk_part *part;

    for (size_t i = 0; (part = part_at(kernel, i)) != NULL; i++) {
        if (opk_str_eq(opk_str_of(part->id), id))
            return part;
    }
    return NULL;
}

static bool takes_type(const struct opk_part *part, struct opk_str type)
{
    struct opk_split types = OPK_SPLIT(opk_str_of(part->doc_types), ' ');
    struct opk_str one;

    while (part->doc_types && opk_split_next(&types, &one)) {
        if (opk_str_eq(one, type))
            return true;
    }
    return !part->doc_types;
}

static struct opk_str embedded_schema(const char *name)
{
    struct opk_str path = opk_str_of(name);

    for (size_t i = 0; i < OPK_INIT_COUNT; i++) {
        if (opk_str_eq(opk_str_of(OPK_INIT_FILES[i].name), path))
            return opk_str_bytes(OPK_INIT_FILES[i].bytes, OPK_INIT_FILES[i].size);
    }
    return OPK_STR_EMPTY;
}

static int compare_ids(const void *left, const void *right)
{
    const struct opk_plugin *a = left;
    const struct opk_plugin *b = right;

    return opk_str_cmp(a->id, b->id);
}

/* Parts that the repository holds no specification of are plugins all the same; and a specification
 * without a program must be that of a part. */
static enum opk_status add_parts(struct opk_kernel *kernel, struct opk_err *err)
{
    struct opk_plugins *plugins = &kernel->plugins;
    size_t known = plugins->count;
    const struct opk_part *part;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < known; i++) {
        const struct opk_plugin *plugin = &plugins->items[i];
        if (!plugin->run && !find_part(kernel, plugin->id))
            return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(plugin->path),
                            "%.*s has no program to run, and no part of opk is called so",
                            OPK_STR_FMT(plugin->id));
    }
    for (size_t i = 0; (part = part_at(kernel, i)) != NULL && status == OPK_OK; i++) {
        bool is_known = false;
        for (size_t at = 0; at < known; at++)
            is_known = is_known || opk_str_eq(plugins->items[at].id, opk_str_of(part->id));
        if (!is_known)
            status = opk_plugins_add_part(plugins, part->id, part->hook,
                                          embedded_schema(MODEL "input.schema.json"),
                                          embedded_schema(MODEL "output.schema.json"), err);
    }
    if (status == OPK_OK)
        qsort(plugins->items, plugins->count, sizeof(*plugins->items), compare_ids);
    return status;
}

enum opk_status opk_kernel_init(struct opk_kernel *kernel, struct opk_repo *repo,
                                const struct opk_kernel_host *host, struct opk_err *err)
{
    enum opk_status status;

    *kernel = (struct opk_kernel){.repo = repo, .host = host};
    status = opk_plugins_load(repo, &kernel->plugins, err);
    if (status == OPK_OK)
        status = add_parts(kernel, err);
    if (status != OPK_OK)
        opk_kernel_done(kernel);
    return status;
}

/* ---- asking ---- */

static enum opk_status note_asked(struct opk_kernel *kernel, const struct opk_plugin *plugin,
                                  const struct opk_event *event, size_t edits, bool passed_over,
                                  struct opk_err *err)
{
    struct opk_asked *grown =
        opk_grow(kernel->asked, &kernel->asked_cap, kernel->asked_count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for events");
    kernel->asked = grown;
    grown[kernel->asked_count] = (struct opk_asked){*event, plugin->id, edits, passed_over};
    grown[kernel->asked_count++].event.changed = OPK_STR_EMPTY; /* its bytes end with the event */
    return OPK_OK;
}

/* Ask a program, which sees the document as the answers before it have left it. */
static enum opk_status ask_program(struct opk_kernel *kernel, const struct opk_plugin *plugin,
                                   const struct opk_event *event, struct opk_str input,
                                   struct opk_buf *answer, struct opk_err *err)
{
    struct opk_question question = {.plugin = plugin,
                                    .event = input,
                                    .document = OPK_STR_EMPTY,
                                    .seconds = kernel->plugins.seconds};
    struct opk_file *file;
    enum opk_status status = OPK_OK;

    if (event->hook != OPK_HOOK_RUNTIME_SNAPSHOT) {
        status = opk_files_open(&kernel->repo->files, event->path, &file, err);
        if (status == OPK_OK)
            question.document = file->now;
    }
    return status == OPK_OK ? kernel->host->run(kernel->host->context, &question, answer, err)
                            : status;
}

static enum opk_status answer_of(struct opk_kernel *kernel, const struct opk_plugin *plugin,
                                 const struct opk_event *event, struct opk_str input,
                                 struct opk_buf *answer, struct opk_err *err)
{
    const struct opk_part *part = plugin->run ? NULL : find_part(kernel, plugin->id);
    enum opk_status status = part ? part->answer(kernel, event, answer, err)
                                  : ask_program(kernel, plugin, event, input, answer, err);

    return status == OPK_OK ? opk_buf_check(answer, err) : status;
}

/* Ask one plugin: both ways are held against its schemas. */
static enum opk_status ask(struct opk_kernel *kernel, const struct opk_plugin *plugin,
                           const struct opk_event *event, struct opk_err *err)
{
    struct opk_buf input = OPK_BUF_EMPTY;
    struct opk_buf answer = OPK_BUF_EMPTY;
    struct opk_doc in = {0};
    struct opk_doc out = {0};
    size_t edits = 0;
    enum opk_status status;

    opk_event_write(event, &input);
    status = opk_buf_check(&input, err);
    if (status == OPK_OK)
        status = opk_plugin_read(plugin, &plugin->in, opk_buf_str(&input), "the event", &in, err);
    opk_doc_done(&in);
    if (status == OPK_OK)
        status = answer_of(kernel, plugin, event, opk_buf_str(&input), &answer, err);
    if (status == OPK_OK)
        status =
            opk_plugin_read(plugin, &plugin->out, opk_buf_str(&answer), "its answer", &out, err);
    if (status == OPK_OK)
        status = opk_kernel_apply(kernel, plugin, event, out.root, &edits, err);
    if (status == OPK_OK)
        status = note_asked(kernel, plugin, event, edits, false, err);
    opk_doc_done(&out);
    opk_buf_done(&input);
    opk_buf_done(&answer);
    return status;
}

/* All plugins are told the changes of the document as the event finds it. */
static enum opk_status fire_one(struct opk_kernel *kernel, const struct opk_event *event,
                                struct opk_err *err)
{
    struct opk_buf changed = OPK_BUF_EMPTY;
    struct opk_event told = *event;
    enum opk_status status =
        opk_event_compare(event, &kernel->repo->files, kernel->host->base, &changed, err);

    told.changed = opk_buf_str(&changed);
    for (size_t i = 0; i < kernel->plugins.count && status == OPK_OK; i++) {
        const struct opk_plugin *plugin = &kernel->plugins.items[i];
        const struct opk_part *part = plugin->run ? NULL : find_part(kernel, plugin->id);
        if (!opk_plugin_wants(plugin, event) || (part && !takes_type(part, event->doc_type)))
            continue;
        if (plugin->run && !plugin->is_allowed)
            status = note_asked(kernel, plugin, event, 0, true, err);
        else
            status = ask(kernel, plugin, &told, err);
    }
    opk_buf_done(&changed);
    return status;
}

static bool is_same_event(const struct opk_event *a, const struct opk_event *b)
{
    return a->hook == b->hook && opk_str_eq(a->path, b->path);
}

enum opk_status opk_kernel_raise(struct opk_kernel *kernel, const struct opk_event *event,
                                 struct opk_err *err)
{
    struct opk_event *grown;

    if (kernel->queue_count == OPK_EVENTS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(event->path.data), "more than %d events",
                        OPK_EVENTS_MAX);
    grown = opk_grow(kernel->queue, &kernel->queue_cap, kernel->queue_count + 1, sizeof(*grown));
    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for events");
    kernel->queue = grown;
    for (size_t i = kernel->queue_count; i-- > 0 && grown[i].depth == event->depth;) {
        if (is_same_event(&grown[i], event))
            return OPK_OK;
    }
    grown[kernel->queue_count] = *event;
    /* Ids of cards live as long as the cards, which may be read again. */
    grown[kernel->queue_count].pattern_id = opk_arena_copy(&kernel->arena, event->pattern_id);
    grown[kernel->queue_count++].pattern_key = opk_arena_copy(&kernel->arena, event->pattern_key);
    return opk_arena_check(&kernel->arena, err);
}

enum opk_status opk_kernel_fire(struct opk_kernel *kernel, const struct opk_event *event,
                                struct opk_err *err)
{
    size_t first = kernel->queue_count;
    enum opk_status status = opk_kernel_raise(kernel, event, err);

    for (size_t i = first; status == OPK_OK && i < kernel->queue_count; i++) {
        struct opk_event next = kernel->queue[i]; /* the queue may move */
        status = fire_one(kernel, &next, err);
    }
    return status;
}

size_t opk_kernel_serious(const struct opk_kernel *kernel)
{
    size_t count = 0;

    for (size_t i = 0; i < kernel->message_count; i++)
        count += !opk_str_eq(kernel->messages[i].severity, OPK_STR("note"));
    return count;
}
