#include "base/json.h"

#include <stdlib.h>

#define EXACT_MAX                                                                                  \
    9007199254740992.0 /* 2^53: from here on a double may stand for several integers */

/* The tree under construction; the line counts along with the tokens. */
struct builder {
    struct opk_json json;
    struct opk_doc doc;
    struct opk_node *parent; /* the open container, NULL outside */
    struct opk_node *last;   /* its newest child */
    struct opk_node *key;    /* read, and waiting for its value */
    const char *path;
    size_t counted; /* bytes whose newlines are in line */
    size_t line_begin;
    uint64_t line;
};

/* Move the line counter to a byte, which lies behind the last one asked for. */
static void count_lines(struct builder *builder, size_t to)
{
    while (builder->counted < to) {
        size_t newline = opk_str_find_byte(builder->doc.source, '\n', builder->counted);
        if (newline >= to)
            break;
        builder->line++;
        builder->line_begin = newline + 1;
        builder->counted = newline + 1;
    }
    builder->counted = to;
}

/* Tell an error of the reader by line and column too. */
static void place_error(struct builder *builder, struct opk_err *err)
{
    if (err->byte > 0) {
        count_lines(builder, (size_t)err->byte - 1);
        err->line = builder->line;
        err->column = err->byte - builder->line_begin;
    }
    if (builder->path)
        opk_err_add_path(err, builder->path);
}

/* What a token becomes. */
static const struct {
    enum opk_node_kind kind;
    enum opk_node_style style;
} NODES[] = {
    [OPK_JSON_OBJECT] = {OPK_NODE_MAP, OPK_STYLE_FLOW},
    [OPK_JSON_ARRAY] = {OPK_NODE_SEQ, OPK_STYLE_FLOW},
    [OPK_JSON_KEY] = {OPK_NODE_STRING, OPK_STYLE_DOUBLE},
    [OPK_JSON_STRING] = {OPK_NODE_STRING, OPK_STYLE_DOUBLE},
    [OPK_JSON_NUMBER] = {OPK_NODE_INT, OPK_STYLE_PLAIN},
    [OPK_JSON_TRUE] = {OPK_NODE_BOOL, OPK_STYLE_PLAIN},
    [OPK_JSON_FALSE] = {OPK_NODE_BOOL, OPK_STYLE_PLAIN},
    [OPK_JSON_NULL] = {OPK_NODE_NULL, OPK_STYLE_PLAIN},
};

static void set_number(struct opk_node *node)
{
    /* The text is a copy in the arena, which ends in the NUL that strtod needs. */
    node->number = strtod(node->text.data, NULL);
    for (size_t i = 0; i < node->text.len; i++) {
        if (node->text.data[i] == '.' || opk_to_lower(node->text.data[i]) == 'e')
            node->kind = OPK_NODE_FLOAT;
    }
}

/* A node for the token just read, or NULL when there is no memory. */
static struct opk_node *new_node(struct builder *builder)
{
    const struct opk_json *json = &builder->json;
    struct opk_node *node = opk_arena_alloc(&builder->doc.arena, sizeof(*node));

    if (!node)
        return NULL;
    count_lines(builder, json->token_at);
    node->kind = NODES[json->token].kind;
    node->style = NODES[json->token].style;
    node->span = (struct opk_span){json->token_at, json->token_end};
    node->line = builder->line;
    node->column = json->token_at - builder->line_begin + 1;
    node->parent = builder->parent;
    node->text = opk_str_slice(json->text, node->span.begin, node->span.end);
    node->truth = json->token == OPK_JSON_TRUE;
    if (node->kind == OPK_NODE_STRING || node->kind == OPK_NODE_INT)
        node->text = opk_arena_copy(&builder->doc.arena, json->value);
    else if (node->kind == OPK_NODE_MAP || node->kind == OPK_NODE_SEQ)
        node->text = OPK_STR_EMPTY;
    if (node->kind == OPK_NODE_INT)
        set_number(node);
    return node;
}

static void attach(struct builder *builder, struct opk_node *node)
{
    node->key = builder->key;
    builder->key = NULL;
    if (!builder->parent)
        builder->doc.root = node;
    else if (builder->last)
        builder->last->next = node;
    else
        builder->parent->first = node;
    if (builder->parent)
        builder->parent->count++;
    builder->last = node;
    if (node->kind == OPK_NODE_MAP || node->kind == OPK_NODE_SEQ) {
        builder->parent = node;
        builder->last = NULL;
    }
}

static void close_parent(struct builder *builder)
{
    builder->parent->span.end = builder->json.token_end;
    builder->last = builder->parent;
    builder->parent = builder->parent->parent;
}

enum opk_status opk_json_parse(struct opk_str text, const char *path, struct opk_doc *out_doc,
                               struct opk_err *err)
{
    struct builder builder = {.path = path, .line = 1};
    struct opk_err own;
    enum opk_status status;

    builder.doc.source = opk_arena_copy(&builder.doc.arena, text);
    opk_json_init(&builder.json, builder.doc.source);
    while ((status = opk_json_next(&builder.json, &own)) == OPK_OK) {
        enum opk_json_token token = builder.json.token;
        if (token == OPK_JSON_OBJECT_END || token == OPK_JSON_ARRAY_END) {
            close_parent(&builder);
            continue;
        }
        struct opk_node *node = new_node(&builder);
        if (!node)
            break;
        if (token == OPK_JSON_KEY)
            builder.key = node;
        else
            attach(&builder, node);
    }
    opk_json_done(&builder.json);
    if (builder.doc.arena.failed) {
        status = opk_arena_check(&builder.doc.arena, err);
    } else if (status != OPK_END) {
        place_error(&builder, &own);
        if (err)
            *err = own;
    } else {
        *out_doc = builder.doc;
        return OPK_OK;
    }
    opk_arena_done(&builder.doc.arena);
    return status;
}

/* May a number be written as it is? */
static bool is_safe_number(const struct opk_node *node)
{
    struct opk_json json;
    struct opk_err unused;
    bool is_number;

    if (node->kind == OPK_NODE_INT && !(node->number > -EXACT_MAX && node->number < EXACT_MAX))
        return false;
    opk_json_init(&json, node->text);
    is_number = opk_json_next(&json, &unused) == OPK_OK && json.token == OPK_JSON_NUMBER &&
                json.token_end == node->text.len;
    opk_json_done(&json);
    return is_number;
}

/* Collections within one another are as deep as the readers let them be. */
void opk_json_node(struct opk_json_writer *writer, const struct opk_node *node)
{
    bool is_map = node->kind == OPK_NODE_MAP;

    switch (node->kind) {
    case OPK_NODE_NULL:
        opk_json_null(writer);
        return;
    case OPK_NODE_BOOL:
        opk_json_bool(writer, node->truth);
        return;
    case OPK_NODE_INT:
    case OPK_NODE_FLOAT:
        if (is_safe_number(node))
            opk_json_raw(writer, node->text);
        else
            opk_json_string(writer, node->text);
        return;
    case OPK_NODE_STRING:
    case OPK_NODE_ALIAS:
        opk_json_string(writer, node->text);
        return;
    case OPK_NODE_SEQ:
    case OPK_NODE_MAP:
        break;
    }
    opk_json_open(writer, is_map ? '{' : '[');
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (is_map)
            opk_json_key_str(writer, child->key->text);
        opk_json_node(writer, child);
    }
    opk_json_close(writer, is_map ? '}' : ']');
}
