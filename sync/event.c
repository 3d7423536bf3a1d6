#include "sync/event.h"

#include "base/json.h"
#include "sync/changed.h"

static const char *const HOOKS[OPK_HOOK_COUNT] = {
    [OPK_HOOK_DOC_CHANGED] = "on_doc_changed",
    [OPK_HOOK_REGISTRY_BUILT] = "on_registry_built",
    [OPK_HOOK_RUNTIME_SNAPSHOT] = "on_runtime_snapshot",
};

const char *opk_hook_name(enum opk_hook hook)
{
    return HOOKS[hook];
}

int opk_hook_find(struct opk_str name)
{
    for (size_t i = 0; i < OPK_HOOK_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(HOOKS[i])))
            return (int)i;
    }
    return -1;
}

static bool names(const struct opk_card *card, const char *dotted, struct opk_str path)
{
    return opk_str_eq(opk_node_text(opk_card_find(card, opk_str_of(dotted))), path);
}

/* What a path is to a card; the empty view when it is nothing. */
static struct opk_str type_of(const struct opk_card *card, struct opk_str path)
{
    const struct opk_node *docs = opk_card_find(card, OPK_STR("suite.docs"));
    bool is_pattern = card->suite != NULL;

    if (opk_str_eq(opk_str_of(card->path), path))
        return is_pattern ? OPK_STR("pattern_card") : OPK_STR("doc_card");
    if (!is_pattern)
        return names(card, "document", path) ? OPK_STR("doc") : OPK_STR_EMPTY;
    if (names(card, "suite.spec", path))
        return OPK_STR("pattern_spec");
    for (const struct opk_node *doc = docs ? docs->first : NULL; doc; doc = doc->next) {
        if (opk_str_eq(opk_node_text(doc), path))
            return OPK_STR("doc");
    }
    return OPK_STR_EMPTY;
}

const struct opk_card *opk_event_card(const struct opk_repo *repo, struct opk_str path)
{
    for (size_t i = opk_repo_card_count(repo); i-- > 0;) { /* a Doc Card is nearer to a document */
        const struct opk_card *card = opk_repo_card_at(repo, i);
        if (type_of(card, path).len > 0)
            return card;
    }
    return NULL;
}

void opk_event_init(struct opk_event *event, const struct opk_repo *repo, enum opk_hook hook,
                    struct opk_str path)
{
    const struct opk_card *card = hook == OPK_HOOK_DOC_CHANGED ? opk_event_card(repo, path) : NULL;

    *event = (struct opk_event){
        .hook = hook,
        .path = path,
        .doc_type = card ? type_of(card, path) : OPK_STR_EMPTY,
        .pattern_id = card ? card->pattern_id : OPK_STR_EMPTY,
        .pattern_key = card ? card->pattern_key : OPK_STR_EMPTY,
        .changed = OPK_STR_EMPTY,
        .base = OPK_STR_EMPTY,
        .depth = 1,
    };
    if (hook == OPK_HOOK_REGISTRY_BUILT)
        event->doc_type = OPK_STR("index");
}

enum opk_status opk_event_compare(const struct opk_event *event, struct opk_files *files,
                                  const struct opk_git_base *base, struct opk_buf *out,
                                  struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *file;
    enum opk_status status;

    if (!base || event->hook != OPK_HOOK_DOC_CHANGED)
        return OPK_OK;
    status = opk_files_open(files, event->path, &file, err);
    if (status != OPK_OK)
        return status;
    status = opk_git_read(base->git, &base->id, event->path, OPK_CHANGED_BYTES_MAX, &text, err);
    if (status == OPK_OK || status == OPK_E_NOENT) {
        struct opk_str old = opk_buf_str(&text);
        struct opk_changed_texts texts = {file->path, status == OPK_OK ? &old : NULL,
                                          opk_file_is_there(file) ? &file->now : NULL};
        status = opk_changed_write(&texts, out, err);
    }
    opk_buf_done(&text);
    return status == OPK_END || status == OPK_E_LIMIT ? OPK_OK : status;
}

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    if (text.len == 0)
        return;
    opk_json_key(json, key);
    opk_json_string(json, text);
}

void opk_event_write(const struct opk_event *event, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    put(&json, "event", opk_str_of(opk_hook_name(event->hook)));
    opk_json_key(&json, "path");
    opk_json_string(&json, event->path);
    put(&json, "doc_type", event->doc_type);
    put(&json, "pattern_id", event->pattern_id);
    put(&json, "pattern_key", event->pattern_key);
    if (event->changed.len > 0) {
        opk_json_key(&json, "changed");
        opk_json_raw(&json, event->changed);
    }
    opk_json_key(&json, "base");
    if (event->base.len > 0)
        opk_json_string(&json, event->base);
    else
        opk_json_null(&json);
    opk_json_key(&json, "check");
    opk_json_bool(&json, event->check);
    opk_json_close(&json, '}');
}
