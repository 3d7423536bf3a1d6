/* The plugins that are part of opk: each answers an event with edits and messages, as any other. */
#include "base/json.h"
#include "base/sha256.h"
#include "base/yaml.h"
#include "sync/build.h"
#include "sync/guard.h"
#include "sync/kernel_impl.h"
#include "sync/plan.h"
#include "sync/reverse.h"

#include <stdlib.h>

/* What the files held before a part worked on them: at an index, that of the file. */
struct before {
    struct opk_str *texts; /* owned */
    size_t count;
};

static enum opk_status remember(const struct opk_repo *repo, struct before *before,
                                struct opk_err *err)
{
    before->count = opk_map_count(repo->files.paths);
    before->texts = calloc(before->count + 1, sizeof(*before->texts));
    if (!before->texts)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for files");
    for (size_t i = 0; i < before->count; i++)
        before->texts[i] = repo->files.items[i]->now;
    return OPK_OK;
}

/* The whole lines in which two texts differ. */
static struct opk_span find_change(struct opk_str old, struct opk_str now, size_t *out_tail)
{
    size_t head = 0;
    size_t tail = 0;

    while (head < old.len && head < now.len && old.data[head] == now.data[head])
        head++;
    while (head > 0 && old.data[head - 1] != '\n')
        head--;
    while (tail < old.len - head && tail < now.len - head &&
           old.data[old.len - 1 - tail] == now.data[now.len - 1 - tail])
        tail++;
    while (tail > 0 &&
           (tail == old.len || tail == now.len || old.data[old.len - 1 - tail] != '\n' ||
            now.data[now.len - 1 - tail] != '\n'))
        tail--;
    *out_tail = tail;
    return (struct opk_span){head, old.len - tail};
}

static enum opk_status write_edit(const struct opk_file *file, struct opk_str old,
                                  struct opk_json_writer *json, struct opk_err *err)
{
    char base[OPK_SHA256_TEXT] = "";
    size_t tail;
    struct opk_span span = find_change(old, file->now, &tail);
    struct opk_str text = opk_str_slice(file->now, span.begin, file->now.len - tail);

    if (!opk_utf8_valid(text))
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_AT_PATH(file->path),
                        "an edit is no UTF-8 and cannot be told as JSON; run 'opk sync'");
    if (file->exists || old.len > 0)
        opk_sha256_text(old, base);
    opk_json_open(json, '{');
    opk_json_key(json, "path");
    opk_json_string(json, opk_str_of(file->path));
    opk_json_key(json, "base");
    opk_json_string(json, opk_str_of(base));
    opk_json_key(json, "span");
    opk_json_open(json, '[');
    opk_json_number(json, (int64_t)span.begin);
    opk_json_number(json, (int64_t)span.end);
    opk_json_close(json, ']');
    opk_json_key(json, "text");
    opk_json_string(json, text);
    opk_json_close(json, '}');
    return OPK_OK;
}

/* What a part did to the files, as edits; the files are as they were. */
static enum opk_status tell_edits(struct opk_repo *repo, const struct before *before,
                                  struct opk_json_writer *json, struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    size_t count = opk_map_count(repo->files.paths);

    opk_json_key(json, "edits");
    opk_json_open(json, '[');
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        struct opk_file *file = repo->files.items[i];
        struct opk_str old = i < before->count ? before->texts[i] : file->old;
        if (opk_str_eq(old, file->now))
            continue;
        status = write_edit(file, old, json, err);
        if (status == OPK_OK)
            status = opk_files_set(&repo->files, file, old, err);
    }
    opk_json_close(json, ']');
    return status;
}

/* An answer that is edits alone. */
static enum opk_status answer_edits(struct opk_repo *repo, const struct before *before,
                                    struct opk_buf *out, struct opk_err *err)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    enum opk_status status = tell_edits(repo, before, &json, err);
    opk_json_close(&json, '}');
    return status;
}

enum opk_status opk_kernel_answer_file(struct opk_kernel *kernel, struct opk_str path,
                                       struct opk_str text, struct opk_buf *out,
                                       struct opk_err *err)
{
    struct before before = {0};
    struct opk_file *file;
    enum opk_status status = remember(kernel->repo, &before, err);

    if (status == OPK_OK)
        status = opk_files_open(&kernel->repo->files, path, &file, err);
    if (status == OPK_OK)
        status = opk_files_set(&kernel->repo->files, file, text, err);
    if (status == OPK_OK)
        status = answer_edits(kernel->repo, &before, out, err);
    free(before.texts);
    return status;
}

static void tell_message(struct opk_json_writer *json, const char *severity,
                         const struct opk_err *told)
{
    opk_json_open(json, '{');
    opk_json_key(json, "severity");
    opk_json_string(json, opk_str_of(severity));
    opk_json_key(json, "path");
    opk_json_string(json, opk_str_of(told->path));
    opk_json_key(json, "text");
    opk_json_string(json, opk_str_of(told->message));
    opk_json_close(json, '}');
}

static void tell_problems(struct opk_json_writer *json, const struct opk_problems *problems)
{
    opk_json_key(json, "messages");
    opk_json_open(json, '[');
    for (size_t i = 0; i < problems->count; i++)
        tell_message(json, problems->items[i].is_note ? "note" : "error", &problems->items[i].err);
    opk_json_close(json, ']');
}

/* ---- what derives from a card ---- */

/* A file at the base; false when it was not there. */
static enum opk_status read_base(const struct opk_kernel *kernel, struct opk_str path,
                                 struct opk_buf *out, bool *out_was_there, struct opk_err *err)
{
    const struct opk_git_base *base = kernel->host->base;
    enum opk_status status = opk_git_read(base->git, &base->id, path, OPK_YAML_CARD_MAX, out, err);

    *out_was_there = status == OPK_OK;
    return status == OPK_E_NOENT ? OPK_OK : status;
}

/* What a changed spec says of its card. When one of them is new, neither was changed. */
static enum opk_status take_over(struct opk_kernel *kernel, const struct opk_rules *rules,
                                 struct opk_str spec_path, const struct opk_card *card,
                                 struct opk_err *err)
{
    struct opk_buf spec = OPK_BUF_EMPTY;
    struct opk_buf old = OPK_BUF_EMPTY;
    struct opk_reverse_base base;
    bool had_spec = false;
    bool had_card = false;
    enum opk_status status;

    if (!kernel->host->base)
        return opk_reverse_apply(kernel->repo, rules, spec_path, card, NULL, err);
    status = read_base(kernel, spec_path, &spec, &had_spec, err);
    if (status == OPK_OK)
        status = read_base(kernel, opk_str_of(card->path), &old, &had_card, err);
    base = (struct opk_reverse_base){opk_buf_str(&spec), opk_buf_str(&old)};
    if (status == OPK_OK && had_spec && had_card)
        status = opk_reverse_apply(kernel->repo, rules, spec_path, card, &base, err);
    opk_buf_done(&spec);
    opk_buf_done(&old);
    return status;
}

/* The plan of the card of an event, after what its spec changed in it, where opk.yaml lets it; one
 * that met problems changes nothing. */
static enum opk_status plan_event(struct opk_kernel *kernel, const struct opk_event *event,
                                  bool edits, struct opk_plan *plan, struct opk_err *err)
{
    const struct opk_card *card = opk_event_card(kernel->repo, event->path);
    const struct opk_card *reversed = NULL;
    struct opk_plan_options options = {.cards = &card, .card_count = 1};
    struct opk_rules rules = {0};
    enum opk_status status =
        opk_rules_load(&kernel->repo->files, kernel->repo->paths.rules, &rules, err);

    if (status == OPK_OK && edits && opk_str_eq(event->doc_type, OPK_STR("pattern_spec")))
        status = opk_reverse_find(kernel->repo, &rules, event->path, &reversed, err);
    if (status == OPK_OK && reversed)
        status = take_over(kernel, &rules, event->path, reversed, err);
    if (status == OPK_OK)
        status = opk_plan_make(kernel->repo, &rules, &options, plan, err);
    opk_rules_done(&rules);
    return status;
}

static enum opk_status answer_plan(struct opk_kernel *kernel, const struct opk_event *event,
                                   bool edits, struct opk_buf *out, struct opk_err *err)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);
    struct opk_buf unused = OPK_BUF_EMPTY;
    struct opk_json_writer nowhere = OPK_JSON_WRITER(&unused);
    struct before before = {0};
    struct opk_plan plan = {0};
    enum opk_status status = remember(kernel->repo, &before, err);

    if (status == OPK_OK && opk_event_card(kernel->repo, event->path))
        status = plan_event(kernel, event, edits, &plan, err);
    bool applies = edits && opk_problems_serious(&plan.problems) == 0;
    opk_json_open(&json, '{');
    if (status == OPK_OK)
        status = tell_edits(kernel->repo, &before, applies ? &json : &nowhere, err);
    if (!applies) {
        opk_json_key(&json, "edits");
        opk_json_open(&json, '[');
        opk_json_close(&json, ']');
    }
    tell_problems(&json, &plan.problems);
    opk_json_close(&json, '}');
    opk_buf_done(&unused);
    opk_plan_done(&plan);
    free(before.texts);
    if (status == OPK_OK && edits && !applies) /* what a spec changed in a card is taken back */
        status = opk_repo_reload(kernel->repo, err);
    return status;
}

static enum opk_status propagate(struct opk_kernel *kernel, const struct opk_event *event,
                                 struct opk_buf *out, struct opk_err *err)
{
    return answer_plan(kernel, event, true, out, err);
}

/* A document is looked at, and not changed. */
static enum opk_status validate(struct opk_kernel *kernel, const struct opk_event *event,
                                struct opk_buf *out, struct opk_err *err)
{
    return answer_plan(kernel, event, false, out, err);
}

static enum opk_status build(struct opk_kernel *kernel, const struct opk_event *event,
                             struct opk_buf *out, struct opk_err *err)
{
    struct before before = {0};
    enum opk_status status = remember(kernel->repo, &before, err);

    (void)event;
    if (status == OPK_OK)
        status = opk_build_indexes(kernel->repo, err);
    if (status == OPK_OK)
        status = answer_edits(kernel->repo, &before, out, err);
    free(before.texts);
    return status;
}

/* ---- guard ---- */

static bool is_of_docs(const struct opk_repo *repo, const char *path)
{
    const struct opk_card *card = opk_event_card(repo, opk_str_of(path));

    return opk_str_starts(opk_str_of(path), repo->paths.doc_cards) ||
           opk_str_eq(opk_str_of(path), repo->paths.doc_registry) || (card && !card->suite);
}

/* The findings in the repository as it will be: what is planned counts as there. */
static enum opk_status guard_planned(struct opk_repo *repo, struct opk_findings *out_findings,
                                     struct opk_err *err)
{
    const struct opk_guard_options options = {0}; /* as it stands, without a base */
    size_t count = opk_map_count(repo->files.paths);
    struct opk_file *saved = calloc(count + 1, sizeof(*saved));
    enum opk_status status;

    if (!saved)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for files");
    for (size_t i = 0; i < count; i++) {
        struct opk_file *file = repo->files.items[i];
        saved[i] = *file;
        file->exists = opk_file_is_there(file);
        file->old = file->now;
    }
    status = opk_guard_run(repo, &options, out_findings, err);
    for (size_t i = 0; i < opk_map_count(repo->files.paths); i++) {
        struct opk_file *file = repo->files.items[i];
        if (i < count)
            *file = saved[i];
        else
            file->now = file->old;
    }
    free(saved);
    return status;
}

/* The findings of one family. */
static enum opk_status guard(struct opk_kernel *kernel, bool docs, struct opk_buf *out,
                             struct opk_err *err)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);
    struct opk_findings findings;
    enum opk_status status = guard_planned(kernel->repo, &findings, err);

    if (status != OPK_OK)
        return status;
    opk_json_open(&json, '{');
    opk_json_key(&json, "edits");
    opk_json_open(&json, '[');
    opk_json_close(&json, ']');
    opk_json_key(&json, "messages");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < findings.count; i++) {
        const struct opk_finding *finding = &findings.items[i];
        if (finding->excused.len == 0 && is_of_docs(kernel->repo, finding->err.path) == docs)
            tell_message(&json, opk_severity_name(finding->severity), &finding->err);
    }
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_findings_done(&findings);
    return OPK_OK;
}

static enum opk_status guard_patterns(struct opk_kernel *kernel, const struct opk_event *event,
                                      struct opk_buf *out, struct opk_err *err)
{
    (void)event;
    return guard(kernel, false, out, err);
}

static enum opk_status guard_docs(struct opk_kernel *kernel, const struct opk_event *event,
                                  struct opk_buf *out, struct opk_err *err)
{
    (void)event;
    return guard(kernel, true, out, err);
}

/* A document that no card names, though it says that one does. */
static enum opk_status scan(struct opk_kernel *kernel, const struct opk_event *event,
                            struct opk_buf *out, struct opk_err *err)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);
    struct opk_file *file;
    struct opk_err told;
    enum opk_status status = opk_files_open(&kernel->repo->files, event->path, &file, err);

    if (status != OPK_OK)
        return status;
    struct opk_str head = opk_str_slice(file->now, 0, opk_str_find(file->now, OPK_STR("\n---"), 3));
    bool claims = opk_str_starts(head, OPK_STR("---")) &&
                  opk_str_find(head, OPK_STR("\ndoc_key:"), 0) != OPK_NPOS;
    opk_json_open(&json, '{');
    opk_json_key(&json, "edits");
    opk_json_open(&json, '[');
    opk_json_close(&json, ']');
    opk_json_key(&json, "messages");
    opk_json_open(&json, '[');
    if (claims && !opk_event_card(kernel->repo, event->path)) {
        opk_err_set(&told, OPK_E_NOENT, OPK_AT_PATH(file->path),
                    "has a doc_key, and no Doc Card names it");
        tell_message(&json, "warning", &told);
    }
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    return OPK_OK;
}

const struct opk_part OPK_PARTS[] = {
    {"docs.guard", OPK_HOOK_REGISTRY_BUILT, NULL, guard_docs},
    {"docs.propagate", OPK_HOOK_DOC_CHANGED, "doc_card doc", propagate},
    {"docs.registry.build", OPK_HOOK_DOC_CHANGED, "doc_card", build},
    {"docs.scan", OPK_HOOK_DOC_CHANGED, NULL, scan},
    {"docs.validate", OPK_HOOK_DOC_CHANGED, "doc", validate},
    {"patterns.guard", OPK_HOOK_REGISTRY_BUILT, NULL, guard_patterns},
    {"patterns.propagate", OPK_HOOK_DOC_CHANGED, "pattern_card pattern_spec", propagate},
    {"patterns.registry.build", OPK_HOOK_DOC_CHANGED, "pattern_card", build},
};
const size_t OPK_PART_COUNT = sizeof(OPK_PARTS) / sizeof(OPK_PARTS[0]);
