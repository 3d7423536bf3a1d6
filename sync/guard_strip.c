/* A file without what opk writes into it. */
#include "sync/guard_base.h"

#include "base/mem.h"
#include "base/yaml.h"
#include "sync/front_matter.h"
#include "sync/marker.h"

#include <stdlib.h>

struct spans {
    struct opk_span *items; /* owned */
    size_t count;
    size_t cap;
};

static enum opk_status add_span(struct spans *spans, struct opk_span span, struct opk_err *err)
{
    struct opk_span *grown =
        opk_grow(spans->items, &spans->cap, spans->count + 1, sizeof(*spans->items));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for places of a text");
    spans->items = grown;
    spans->items[spans->count++] = span;
    return OPK_OK;
}

static int compare_spans(const void *left, const void *right)
{
    const struct opk_span *a = left;
    const struct opk_span *b = right;

    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* Is this the file that a rule writes for a card? */
static bool writes(const struct opk_rule *rule, const struct opk_card *card, struct opk_str path)
{
    return rule->path_from.len > 0 &&
           opk_str_eq(opk_node_text(opk_card_find(card, rule->path_from)), path);
}

/* The lines of the fields that rules set in this file. */
static enum opk_status find_fields(const struct opk_rules *rules, const struct opk_card *card,
                                   struct opk_str path, const struct opk_doc *doc,
                                   struct spans *spans, struct opk_err *err)
{
    struct opk_str text = doc->source;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < rules->count; i++) {
        const struct opk_rule *rule = &rules->items[i];
        if (rule->mode != OPK_MODE_PATCH_YAML_BLOCK || !writes(rule, card, path))
            continue;
        for (size_t at = 0; at < rule->field_count && status == OPK_OK; at++) {
            const struct opk_node *node = opk_node_get_str(doc->root, rule->fields[at].key);
            struct opk_span span;
            if (!node || node->key->column != 1)
                continue;
            size_t end = opk_str_find_byte(text, '\n', node->span.end);
            span.begin = node->key->span.begin;
            span.end = end == OPK_NPOS ? text.len : end + 1;
            status = add_span(spans, span, err);
        }
    }
    return status;
}

static enum opk_status find_sections(struct opk_str text, const char *path, struct spans *spans,
                                     struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_sections sections = {0};
    enum opk_status status = opk_sections_parse(text, path, &arena, &sections, err);

    for (size_t i = 0; i < sections.count && status == OPK_OK; i++)
        status = add_span(spans, sections.items[i].inside, err);
    opk_arena_done(&arena);
    return status;
}

/* A text without its spans. */
struct rest {
    struct spans spans;
    struct opk_buf text;
};

static void rest_done(struct rest *rest)
{
    free(rest->spans.items);
    opk_buf_done(&rest->text);
}

/* Everything outside of the spans, which may overlap. */
static void copy_rest(struct opk_str text, struct rest *rest)
{
    size_t at = 0;

    for (size_t i = 0; i < rest->spans.count; i++) {
        struct opk_span *span = &rest->spans.items[i];
        if (span->begin < at)
            span->begin = at;
        if (span->end < span->begin)
            span->end = span->begin;
        opk_buf_append(&rest->text, opk_str_slice(text, at, span->begin));
        at = span->end;
    }
    opk_buf_append(&rest->text, opk_str_skip(text, at));
}

/* The YAML of a card's file that rules set fields in: a spec, or the front matter of a document. */
static bool find_yaml(const struct opk_card *card, const char *path, struct opk_str text,
                      struct opk_str *out_yaml)
{
    const struct opk_node *spec = opk_node_get(card->suite, "spec");

    *out_yaml = text;
    if (opk_str_eq(opk_node_text(spec), opk_str_of(path)))
        return true;
    return card->document && opk_str_eq(card->document->text, opk_str_of(path)) &&
           opk_front_matter_find(text, out_yaml) == OPK_FRONT_MATTER_FOUND;
}

static enum opk_status strip(const struct opk_rules *rules, const struct opk_card *card,
                             const char *path, struct opk_str text, struct rest *rest,
                             struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_doc doc = {0};
    struct opk_str yaml;
    bool has_yaml = find_yaml(card, path, text, &yaml);
    enum opk_status status = find_sections(text, path, &rest->spans, err);

    if (status == OPK_OK && has_yaml)
        status = opk_yaml_parse(yaml, path, limits, &doc, err);
    if (status == OPK_OK && has_yaml)
        status = find_fields(rules, card, opk_str_of(path), &doc, &rest->spans, err);
    if (status == OPK_OK) {
        if (rest->spans.count > 0)
            qsort(rest->spans.items, rest->spans.count, sizeof(struct opk_span), compare_spans);
        copy_rest(text, rest);
        status = opk_buf_check(&rest->text, err);
    }
    opk_doc_done(&doc);
    return status;
}

/* The line of the text that a byte of its rest stands on. */
static uint64_t line_of(struct opk_str text, const struct rest *rest, size_t at)
{
    uint64_t line = 1;

    for (size_t i = 0; i < rest->spans.count && rest->spans.items[i].begin <= at; i++)
        at += rest->spans.items[i].end - rest->spans.items[i].begin;
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.data[i] == '\n';
    return line;
}

bool opk_guard_has_sections(const struct opk_rules *rules, const struct opk_card *card,
                            struct opk_str path)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].mode == OPK_MODE_PATCH_MARKED_SECTION &&
            writes(&rules->items[i], card, path))
            return true;
    }
    return false;
}

/* The line where what is left of a text parts from what is left of the old one; 0: nowhere. */
static uint64_t first_difference(const struct rest *before, struct opk_str text,
                                 const struct rest *after)
{
    struct opk_str old = opk_buf_str(&before->text);
    struct opk_str new = opk_buf_str(&after->text);
    size_t at = 0;

    if (opk_str_eq(old, new))
        return 0;
    while (at < old.len && at < new.len &&old.data[at] == new.data[at])
        at++;
    return line_of(text, after, at);
}

enum opk_status opk_guard_differ(const struct opk_rules *rules, const struct opk_card *card,
                                 const struct opk_guard_texts *texts, uint64_t *out_line,
                                 struct opk_err *err)
{
    struct rest before = {0};
    struct rest after = {0};
    enum opk_status status = strip(rules, card, texts->path, texts->old, &before, err);

    if (status == OPK_OK)
        status = strip(rules, card, texts->path, texts->new, &after, err);
    if (status == OPK_OK) {
        *out_line = first_difference(&before, texts->new, &after);
    } else if (status != OPK_E_NOMEM) { /* markers or a spec that cannot be read: other rules */
        *out_line = opk_str_eq(texts->old, texts->new) ? 0 : 1;
        status = OPK_OK;
    }
    rest_done(&before);
    rest_done(&after);
    return status;
}
