#include "sync/changed.h"

#include "base/json.h"
#include "base/yaml.h"
#include "sync/front_matter.h"

#include <stdlib.h>

/* One comparison. */
struct changes {
    struct opk_arena arena; /* of sorted children */
    struct opk_buf pointer; /* of the field that is being told */
    struct opk_json_writer json;
};

/* ---- reading ---- */

enum form { FORM_NONE, FORM_YAML, FORM_JSON, FORM_MARKDOWN };

static enum form form_of(struct opk_str path)
{
    static const struct {
        struct opk_str ending;
        enum form form;
    } FORMS[] = {
        {OPK_STR_INIT(".yaml"), FORM_YAML},
        {OPK_STR_INIT(".yml"), FORM_YAML},
        {OPK_STR_INIT(".json"), FORM_JSON},
        {OPK_STR_INIT(".md"), FORM_MARKDOWN},
    };

    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        if (opk_str_ends(path, FORMS[i].ending))
            return FORMS[i].form;
    }
    return FORM_NONE;
}

/* The fields of one text; a document without any stays empty. */
static enum opk_status read_text(const struct opk_changed_texts *texts, const struct opk_str *text,
                                 struct opk_doc *out, struct opk_err *err)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_CHANGED_BYTES_MAX};
    enum form form = form_of(opk_str_of(texts->path));
    struct opk_str fields;
    enum opk_status status;

    if (!text)
        return OPK_OK;
    fields = *text;
    if (form == FORM_NONE || fields.len > OPK_CHANGED_BYTES_MAX)
        return OPK_END;
    if (form == FORM_MARKDOWN && opk_front_matter_find(*text, &fields) != OPK_FRONT_MATTER_FOUND)
        return OPK_OK;
    status = form == FORM_JSON ? opk_json_parse(fields, texts->path, out, err)
                               : opk_yaml_parse(fields, texts->path, limits, out, err);
    return status == OPK_OK || status == OPK_E_NOMEM ? status : OPK_END;
}

/* ---- telling ---- */

/* A side that is NULL does not have the field. */
static void tell(struct changes *changes, const struct opk_node *old, const struct opk_node *now)
{
    struct opk_json_writer *json = &changes->json;

    opk_json_open(json, '{');
    opk_json_key(json, "field");
    opk_json_string(json, opk_buf_str(&changes->pointer));
    if (old) {
        opk_json_key(json, "old");
        opk_json_node(json, old);
    }
    if (now) {
        opk_json_key(json, "new");
        opk_json_node(json, now);
    }
    opk_json_close(json, '}');
}

/* ---- comparing ---- */

static bool is_same(const struct opk_node *old, const struct opk_node *now)
{
    const struct opk_node *a = old->first;
    const struct opk_node *b = now->first;

    if (old->kind != now->kind || old->count != now->count || !opk_str_eq(old->text, now->text))
        return false;
    for (; a && b; a = a->next, b = b->next) {
        if ((a->key && !opk_str_eq(a->key->text, b->key->text)) || !is_same(a, b))
            return false;
    }
    return true;
}

/* The children of a collection, which may be NULL, ended by NULL; NULL without memory. */
static const struct opk_node **children(struct changes *changes, const struct opk_node *node)
{
    size_t count = node ? node->count : 0;
    const struct opk_node **nodes =
        opk_arena_array(&changes->arena, count + 1, sizeof(const struct opk_node *));
    const struct opk_node *child = node ? node->first : NULL;

    if (!nodes)
        return NULL;
    for (size_t i = 0; i < count; i++, child = child->next)
        nodes[i] = child;
    nodes[count] = NULL;
    return nodes;
}

/* By name; a name that stands twice, as JSON allows, in the order of the text. */
static int compare_names(const void *left, const void *right)
{
    const struct opk_node *const *a = left;
    const struct opk_node *const *b = right;
    int names = opk_str_cmp((*a)->key->text, (*b)->key->text);

    if (names != 0)
        return names;
    return ((*a)->span.begin > (*b)->span.begin) - ((*a)->span.begin < (*b)->span.begin);
}

static const struct opk_node **sorted(struct changes *changes, const struct opk_node *map)
{
    const struct opk_node **nodes = children(changes, map);

    if (nodes && map && map->count > 0)
        qsort(nodes, map->count, sizeof(const struct opk_node *), compare_names);
    return nodes;
}

static void compare(struct changes *changes, const struct opk_node *old,
                    const struct opk_node *now);

static void compare_maps(struct changes *changes, const struct opk_node *old,
                         const struct opk_node *now)
{
    const struct opk_node **was = sorted(changes, old);
    const struct opk_node **is = sorted(changes, now);
    size_t above = changes->pointer.len;

    while (was && is && (*was || *is)) {
        int order = !*was ? 1 : !*is ? -1 : opk_str_cmp((*was)->key->text, (*is)->key->text);
        opk_pointer_append((order <= 0 ? *was : *is)->key->text, &changes->pointer);
        compare(changes, order <= 0 ? *was++ : NULL, order >= 0 ? *is++ : NULL);
        opk_buf_truncate(&changes->pointer, above);
    }
}

static void compare_lists(struct changes *changes, const struct opk_node *old,
                          const struct opk_node *now)
{
    const struct opk_node **was = children(changes, old);
    const struct opk_node **is = children(changes, now);
    size_t old_end = old->count;
    size_t now_end = now->count;
    size_t above = changes->pointer.len;
    size_t at = 0;

    if (!was || !is)
        return;
    while (at < old_end && at < now_end && is_same(was[at], is[at]))
        at++;
    while (old_end > at && now_end > at && is_same(was[old_end - 1], is[now_end - 1])) {
        old_end--;
        now_end--;
    }
    for (; at < old_end || at < now_end; at++) {
        opk_buf_append_byte(&changes->pointer, '/');
        opk_buf_append_u64(&changes->pointer, at);
        compare(changes, at < old_end ? was[at] : NULL, at < now_end ? is[at] : NULL);
        opk_buf_truncate(&changes->pointer, above);
    }
}

/* Either may be NULL, but not both. */
static void compare(struct changes *changes, const struct opk_node *old, const struct opk_node *now)
{
    if (old && now && old->kind == OPK_NODE_MAP && now->kind == OPK_NODE_MAP)
        compare_maps(changes, old, now);
    else if (old && now && old->kind == OPK_NODE_SEQ && now->kind == OPK_NODE_SEQ)
        compare_lists(changes, old, now);
    else if (!old || !now || !is_same(old, now))
        tell(changes, old, now);
}

static bool is_map(const struct opk_node *node)
{
    return !node || node->kind == OPK_NODE_MAP;
}

static enum opk_status write_changes(const struct opk_node *old, const struct opk_node *now,
                                     struct opk_buf *out, struct opk_err *err)
{
    struct changes changes = {.pointer = OPK_BUF_EMPTY, .json = OPK_JSON_WRITER(out)};
    enum opk_status status;

    opk_json_open(&changes.json, '[');
    if (is_map(old) && is_map(now)) /* no document is one without fields */
        compare_maps(&changes, old, now);
    else
        compare(&changes, old, now);
    opk_json_close(&changes.json, ']');
    out->failed |= changes.pointer.failed;
    status = opk_arena_check(&changes.arena, err);
    opk_arena_done(&changes.arena);
    opk_buf_done(&changes.pointer);
    return status == OPK_OK ? opk_buf_check(out, err) : status;
}

enum opk_status opk_changed_write(const struct opk_changed_texts *texts, struct opk_buf *out,
                                  struct opk_err *err)
{
    struct opk_doc old = {0};
    struct opk_doc now = {0};
    enum opk_status status = read_text(texts, texts->old, &old, err);

    if (status == OPK_OK)
        status = read_text(texts, texts->now, &now, err);
    if (status == OPK_OK)
        status = write_changes(old.root, now.root, out, err);
    opk_doc_done(&old);
    opk_doc_done(&now);
    return status;
}
