#include "yaml_property.h"

#include "base/out.h"
#include "base/yaml_layout.h"

#include <stdlib.h>

enum op { REPLACE, APPEND, PREPEND, INSERT, DELETE };

static const char *const OPS[] = {"replace", "append", "prepend", "insert", "delete"};

struct attempt {
    enum op op;
    const struct opk_node *node;
    struct opk_str new_text;
};

static void canon_props(const struct opk_node *node, struct opk_buf *out)
{
    if (!node->props)
        return;
    opk_buf_append_byte(out, '&');
    opk_out_line(out, node->props->anchor);
    opk_buf_append_cstr(out, " !");
    opk_out_line(out, node->props->tag);
    opk_buf_append_byte(out, ' ');
}

static void canon_new(struct opk_str text, struct opk_buf *out)
{
    opk_buf_printf(out, "%d:", (int)OPK_NODE_STRING);
    opk_out_line(out, text);
    opk_buf_append_byte(out, '\n');
}

/* A line for every node: properties, kind, text; with the attempt's change made. */
static void canon(const struct opk_node *node, const struct attempt *attempt, struct opk_buf *out)
{
    bool here = attempt && attempt->node == node;
    bool map = node->kind == OPK_NODE_MAP;

    canon_props(node, out);
    if (here && attempt->op == REPLACE) {
        canon_new(attempt->new_text, out);
        return;
    }
    opk_buf_printf(out, "%d:", (int)node->kind);
    opk_out_line(out, node->text);
    opk_buf_append_byte(out, '\n');
    if (here && attempt->op == PREPEND)
        canon_new(attempt->new_text, out);
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (attempt && attempt->op == DELETE && attempt->node == child)
            continue;
        if (map)
            canon(child->key, attempt, out);
        canon(child, attempt, out);
        if (attempt && attempt->op == INSERT && attempt->node == child) {
            if (map)
                canon_new(OPK_STR("new key"), out);
            canon_new(attempt->new_text, out);
        }
    }
    if (here && attempt->op == APPEND && map)
        canon_new(OPK_STR("new key"), out);
    if (here && attempt->op == APPEND)
        canon_new(attempt->new_text, out);
    if (map || node->kind == OPK_NODE_SEQ)
        opk_buf_append_cstr(out, "end\n");
}

static void canon_doc(const struct opk_doc *doc, const struct attempt *attempt, struct opk_buf *out)
{
    for (const struct opk_node *root = doc->root; root; root = root->next)
        canon(root, attempt, out);
}

/* Plan one attempt; OPK_END when a value cannot say it. */
static enum opk_status plan(struct opk_yaml_edit *edit, const struct attempt *attempt,
                            struct opk_arena *arena, struct opk_err *err)
{
    struct opk_value value = {
        .kind = OPK_VALUE_STRING, .text = attempt->new_text, .key = OPK_STR_EMPTY};
    struct opk_value list;

    switch (attempt->op) {
    case REPLACE:
        return opk_yaml_edit_replace(edit, attempt->node, &value, err);
    case APPEND:
        if (attempt->node->kind == OPK_NODE_SEQ)
            return opk_yaml_edit_append(edit, attempt->node, &value, err);
        return opk_yaml_edit_set(edit, attempt->node, OPK_STR("new key"), &value, err);
    case DELETE:
        return opk_yaml_edit_delete(edit, attempt->node, err);
    case INSERT:
        value.key = OPK_STR("new key");
        return opk_yaml_edit_insert(edit, attempt->node, &value, err);
    case PREPEND:
        break;
    }
    if (opk_value_of_node(attempt->node, arena, &list, NULL) != OPK_OK)
        return OPK_END;
    struct opk_value *items = opk_arena_array(arena, list.count + 1, sizeof(*items));
    if (!items)
        return OPK_END;
    items[0] = value;
    for (size_t i = 0; i < list.count; i++)
        items[i + 1] = list.items[i];
    list.items = items;
    list.count++;
    return opk_yaml_edit_replace(edit, attempt->node, &list, err);
}

/* A place on a line that is not behind the line of a node's dash or key. */
static size_t place_before(const struct opk_node *node)
{
    const struct opk_node *prev = NULL;

    for (const struct opk_node *at = node->parent->first; at != node; at = at->next)
        prev = at;
    return prev ? prev->span.end : node->parent->span.begin;
}

/* The part of the old text that an attempt may change. */
static struct opk_span reach_of(struct opk_str old, const struct attempt *attempt)
{
    const struct opk_node *node = attempt->node;
    bool collection = node->kind == OPK_NODE_SEQ || node->kind == OPK_NODE_MAP;
    struct opk_span span = node->span;

    if (attempt->op == REPLACE && node->style <= OPK_STYLE_DOUBLE && span.begin < span.end &&
        !collection)
        return span;
    if (attempt->op == DELETE && node->parent->style == OPK_STYLE_FLOW)
        return node->parent->span; /* commas may go on either side */
    if (attempt->op == INSERT && node->parent->style == OPK_STYLE_FLOW)
        return node->parent->span;
    if (attempt->op == INSERT && node->next) {
        span.end = node->next->key ? node->next->key->span.begin : node->next->span.begin;
        span.begin = opk_yaml_line_begin(old, span.begin);
        return span;
    }
    /* An empty collection is written behind its key or dash, a first item above comments. */
    if (attempt->op == DELETE)
        node = node->parent;
    if (node->parent)
        span.begin = place_before(node);
    else if (node->props)
        span.begin = node->props->begin;
    else if (attempt->node->parent)
        span.begin = place_before(attempt->node);
    span.begin = opk_yaml_line_begin(old, span.begin);
    span.end = opk_yaml_line_next(old, span.end);
    /* The next one may move up to its parent's dash, or to a literal that keeps empty lines. */
    while (attempt->op == DELETE && span.end < old.len) {
        struct opk_str rest = opk_str_skip(old, span.end);
        if (!opk_is_space(rest.data[0]) && !opk_str_starts(rest, OPK_STR("\xEF\xBB\xBF")))
            break;
        span.end += opk_is_space(rest.data[0]) ? 1 : 3;
    }
    return span;
}

static bool kept_outside(struct opk_str old, struct opk_str now, const struct attempt *attempt)
{
    struct opk_span reach = reach_of(old, attempt);
    size_t behind = old.len - reach.end;

    if (now.len < reach.begin + behind)
        return reach.end == old.len;
    return opk_str_eq(opk_str_slice(old, 0, reach.begin), opk_str_slice(now, 0, reach.begin)) &&
           opk_str_eq(opk_str_skip(old, reach.end), opk_str_skip(now, now.len - behind));
}

static void tell(struct opk_yaml_property *result, const struct attempt *attempt, const char *what,
                 struct opk_str now)
{
    if (result->message.len > 0)
        return;
    opk_buf_printf(&result->message, "%s at line %llu: %s\n", OPS[attempt->op],
                   (unsigned long long)attempt->node->line, what);
    opk_buf_append(&result->message, now);
}

static void compare(const struct opk_doc *old, struct opk_str now, const struct attempt *attempt,
                    struct opk_yaml_property *result)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX, .allow_foreign = true};
    struct opk_doc doc = {0};
    struct opk_err err;
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    if (opk_yaml_parse(now, "f", limits, &doc, &err) != OPK_OK) {
        tell(result, attempt, err.message, now);
        return;
    }
    canon_doc(old, attempt, &want);
    canon_doc(&doc, NULL, &got);
    if (!opk_str_eq(opk_buf_str(&want), opk_buf_str(&got)))
        tell(result, attempt, "another tree", now);
    else if (!kept_outside(old->source, now, attempt))
        tell(result, attempt, "other bytes changed", now);
    opk_buf_done(&want);
    opk_buf_done(&got);
    opk_doc_done(&doc);
}

static const struct opk_node *by_id(const struct opk_node *node, size_t id, bool *is_key)
{
    for (; node; node = node->next) {
        if (node->id == id)
            return node;
        if (node->key && node->key->id == id) {
            *is_key = true;
            return node->key;
        }
        const struct opk_node *found = by_id(node->first, id, is_key);
        if (found)
            return found;
    }
    return NULL;
}

static bool applies(const struct attempt *attempt)
{
    const struct opk_node *node = attempt->node;

    switch (attempt->op) {
    case REPLACE:
        return node != NULL;
    case APPEND:
        return node && (node->kind == OPK_NODE_SEQ ||
                        (node->kind == OPK_NODE_MAP && !opk_node_get(node, "new key")));
    case PREPEND:
        return node && node->kind == OPK_NODE_SEQ;
    case INSERT:
        return node && node->parent &&
               (node->parent->kind == OPK_NODE_SEQ || !opk_node_get(node->parent, "new key"));
    case DELETE:
        return node && node->parent;
    }
    return false;
}

static void try(struct opk_str text, size_t id, struct attempt attempt,
                struct opk_yaml_property *result)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX, .allow_foreign = true};
    struct opk_arena arena = {0};
    struct opk_yaml_edit *edit = NULL;
    struct opk_err err;
    struct opk_buf now = OPK_BUF_EMPTY;
    bool is_key = false;

    if (opk_yaml_edit_new(text, "f", limits, &edit, &err) != OPK_OK)
        return;
    const struct opk_doc *doc = opk_yaml_edit_doc(edit);
    attempt.node = by_id(doc->root, id, &is_key);
    const struct opk_node *node = attempt.node;
    enum opk_status status =
        !is_key && applies(&attempt) ? plan(edit, &attempt, &arena, &err) : OPK_END;
    if (status == OPK_OK)
        status = opk_yaml_edit_finish(edit, &now, &err);
    if (status == OPK_OK)
        compare(doc, opk_buf_str(&now), &attempt, result);
    if (status == OPK_E_REFUSED) {
        result->refused++;
        opk_buf_printf(&result->reasons, "%s line %llu: %s\n", OPS[attempt.op],
                       (unsigned long long)node->line, err.message);
    } else if (status != OPK_OK && status != OPK_END) {
        tell(result, &attempt, err.message, text);
    }
    result->edits += status != OPK_END;
    opk_yaml_edit_free(edit);
    opk_buf_done(&now);
    opk_arena_done(&arena);
}

void opk_yaml_property_check(struct opk_str text, struct opk_str new_text,
                             struct opk_yaml_property *result)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX, .allow_foreign = true};
    struct opk_doc doc = {0};

    if (opk_yaml_parse(text, "f", limits, &doc, NULL) != OPK_OK)
        return;
    for (size_t id = 0; id < doc.node_count; id++) {
        for (enum op op = REPLACE; op <= DELETE; op++)
            try(text, id, (struct attempt){.op = op, .new_text = new_text}, result);
    }
    opk_doc_done(&doc);
}
