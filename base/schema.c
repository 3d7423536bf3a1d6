#include "base/schema_impl.h"

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/schema_meta.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A schema with a URI of its own: a document, or a part with $id. */
struct resource {
    struct opk_str uri; /* without fragment */
    const struct opk_node *root;
    const char *path;
};

struct anchor {
    const struct opk_node *node;
    bool dynamic;
};

struct opk_schema_set {
    struct opk_arena arena;
    struct resource *resources;
    size_t resource_count;
    size_t resource_cap;
    struct opk_map *uris;  /* to uri_resources */
    size_t *uri_resources; /* by index of uris */
    size_t uri_cap;
    struct opk_map *anchors; /* "uri#name" */
    struct anchor *anchor_of;
    size_t anchor_cap;
    struct opk_map *nodes; /* addresses of schemas' nodes, to node_resource */
    size_t *node_resource;
    size_t node_cap;
    struct opk_map *compiled; /* addresses of nodes, to schemas */
    struct opk_schema **schemas;
    size_t schema_cap;
    struct opk_doc meta[OPK_METASCHEMA_MAX]; /* the metaschemas, once one is asked for */
    size_t meta_count;
    enum opk_status (*ask)(void *context, struct opk_schema_set *set, struct opk_str uri,
                           struct opk_err *err); /* or NULL */
    void *ask_context;
    struct opk_regex **regexes; /* owned */
    size_t regex_count;
    size_t regex_cap;
};

static OPK_MUST_USE enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a schema");
}

enum opk_status opk_schema_set_new(struct opk_schema_set **out_set, struct opk_err *err)
{
    struct opk_schema_set *set = calloc(1, sizeof(*set));
    enum opk_status status;

    if (!set)
        return no_memory(err);
    status = opk_map_new(&set->uris, err);
    if (status == OPK_OK)
        status = opk_map_new(&set->anchors, err);
    if (status == OPK_OK)
        status = opk_map_new(&set->nodes, err);
    if (status == OPK_OK)
        status = opk_map_new(&set->compiled, err);
    if (status != OPK_OK) {
        opk_schema_set_free(set);
        return status;
    }
    *out_set = set;
    return OPK_OK;
}

void opk_schema_set_ask(struct opk_schema_set *set,
                        enum opk_status (*ask)(void *context, struct opk_schema_set *set,
                                               struct opk_str uri, struct opk_err *err),
                        void *context)
{
    set->ask = ask;
    set->ask_context = context;
}

void opk_schema_set_free(struct opk_schema_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->regex_count; i++)
        opk_regex_free(set->regexes[i]);
    for (size_t i = 0; i < set->meta_count; i++)
        opk_doc_done(&set->meta[i]);
    free(set->regexes);
    free(set->resources);
    free(set->uri_resources);
    free(set->anchor_of);
    free(set->node_resource);
    free(set->schemas);
    opk_map_free(set->uris);
    opk_map_free(set->anchors);
    opk_map_free(set->nodes);
    opk_map_free(set->compiled);
    opk_arena_done(&set->arena);
    free(set);
}

/* ---- the index: resources, anchors, and which resource a schema belongs to ---- */

static struct opk_str address_of(const struct opk_node *const *node)
{
    return opk_str_bytes(node, sizeof(const struct opk_node *));
}

/* The index of key in a map, with room for its value in the array beside the map. */
static OPK_MUST_USE enum opk_status add_key(struct opk_map *map, struct opk_str key, size_t cap,
                                            uint32_t *out_index, size_t *out_need,
                                            struct opk_err *err)
{
    bool is_new;
    enum opk_status status = opk_map_add(map, key, out_index, &is_new, err);

    *out_need = status == OPK_OK && *out_index >= cap ? (size_t)*out_index + 1 : 0;
    return status;
}

static OPK_MUST_USE enum opk_status set_resource_of_uri(struct opk_schema_set *set,
                                                        struct opk_str uri, size_t resource,
                                                        struct opk_err *err)
{
    uint32_t index;
    size_t need;
    enum opk_status status = add_key(set->uris, uri, set->uri_cap, &index, &need, err);

    if (status != OPK_OK)
        return status;
    if (need > 0) {
        size_t *grown = opk_grow(set->uri_resources, &set->uri_cap, need, sizeof(*grown));
        if (!grown)
            return no_memory(err);
        set->uri_resources = grown;
    }
    set->uri_resources[index] = resource;
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status set_resource_of_node(struct opk_schema_set *set,
                                                         const struct opk_node *node,
                                                         size_t resource, struct opk_err *err)
{
    uint32_t index;
    size_t need;
    enum opk_status status =
        add_key(set->nodes, address_of(&node), set->node_cap, &index, &need, err);

    if (status != OPK_OK)
        return status;
    if (need > 0) {
        size_t *grown = opk_grow(set->node_resource, &set->node_cap, need, sizeof(*grown));
        if (!grown)
            return no_memory(err);
        set->node_resource = grown;
    }
    set->node_resource[index] = resource;
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status add_anchor(struct opk_schema_set *set, size_t resource,
                                               const struct opk_node *name, bool dynamic,
                                               struct opk_err *err)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    uint32_t index;
    size_t need;

    if (!name || name->kind != OPK_NODE_STRING)
        return OPK_OK;
    opk_buf_append(&key, set->resources[resource].uri);
    opk_buf_append_byte(&key, '#');
    opk_buf_append(&key, name->text);
    enum opk_status status = opk_buf_check(&key, err);
    if (status == OPK_OK)
        status = add_key(set->anchors, opk_buf_str(&key), set->anchor_cap, &index, &need, err);
    opk_buf_done(&key);
    if (status != OPK_OK)
        return status;
    if (need > 0) {
        struct anchor *grown = opk_grow(set->anchor_of, &set->anchor_cap, need, sizeof(*grown));
        if (!grown)
            return no_memory(err);
        set->anchor_of = grown;
    }
    set->anchor_of[index] = (struct anchor){name->parent, dynamic};
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status add_resource(struct opk_schema_set *set, struct opk_str uri,
                                                 const struct opk_node *root, const char *path,
                                                 struct opk_err *err)
{
    size_t index = set->resource_count;
    struct resource *grown =
        opk_grow(set->resources, &set->resource_cap, index + 1, sizeof(*grown));

    if (!grown)
        return no_memory(err);
    set->resources = grown;
    grown[index].uri = opk_arena_copy(&set->arena, uri);
    grown[index].root = root;
    grown[index].path = path;
    set->resource_count++;
    if (set->arena.failed)
        return no_memory(err);
    return set_resource_of_uri(set, grown[index].uri, index, err);
}

static struct opk_str without_fragment(struct opk_str uri)
{
    size_t hash = opk_str_find_byte(uri, '#', 0);

    return hash == OPK_NPOS ? uri : opk_str_slice(uri, 0, hash);
}

/* A schema with $id begins a resource of its own. */
static OPK_MUST_USE enum opk_status enter_id(struct opk_schema_set *set,
                                             const struct opk_node *node, size_t *resource,
                                             struct opk_err *err)
{
    struct opk_str id = opk_node_text(opk_node_get(node, "$id"));
    struct opk_buf uri = OPK_BUF_EMPTY;

    if (without_fragment(id).len == 0)
        return OPK_OK;
    opk_uri_resolve(set->resources[*resource].uri, without_fragment(id), &uri);
    enum opk_status status = opk_buf_check(&uri, err);
    if (status == OPK_OK)
        status = add_resource(set, opk_buf_str(&uri), node, set->resources[*resource].path, err);
    if (status == OPK_OK)
        *resource = set->resource_count - 1;
    opk_buf_done(&uri);
    return status;
}

static bool holds_schemas(enum opk_operand operand)
{
    return operand == OPK_OPERAND_SCHEMAS || operand == OPK_OPERAND_SCHEMA_MAP ||
           operand == OPK_OPERAND_PATTERN_MAP;
}

/* Depth is limited by the parsers of the documents. */
static OPK_MUST_USE enum opk_status index_schema(struct opk_schema_set *set,
                                                 const struct opk_node *node, size_t resource,
                                                 struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (node->kind == OPK_NODE_MAP)
        status = enter_id(set, node, &resource, err);
    if (status == OPK_OK)
        status = set_resource_of_node(set, node, resource, err);
    if (status == OPK_OK)
        status = add_anchor(set, resource, opk_node_get(node, "$anchor"), false, err);
    if (status == OPK_OK)
        status = add_anchor(set, resource, opk_node_get(node, "$dynamicAnchor"), true, err);
    if (node->kind != OPK_NODE_MAP)
        return status;
    for (const struct opk_node *child = node->first; child && status == OPK_OK;
         child = child->next) {
        const struct opk_keyword *keyword = opk_keyword_find(child->key->text);
        if (!keyword)
            continue;
        if (keyword->operand == OPK_OPERAND_SCHEMA)
            status = index_schema(set, child, resource, err);
        for (const struct opk_node *below = child->first;
             below && holds_schemas(keyword->operand) && status == OPK_OK; below = below->next)
            status = index_schema(set, below, resource, err);
    }
    return status;
}

enum opk_status opk_schema_set_add(struct opk_schema_set *set, struct opk_str uri,
                                   const struct opk_node *root, const char *path,
                                   struct opk_err *err)
{
    if (!root || (root->kind != OPK_NODE_MAP && root->kind != OPK_NODE_BOOL))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(root, path),
                        "a schema must be a mapping, true or false");
    struct opk_str copy = opk_arena_copy(&set->arena, opk_str_of(path));
    enum opk_status status = add_resource(set, without_fragment(uri), root, copy.data, err);

    return status == OPK_OK ? index_schema(set, root, set->resource_count - 1, err) : status;
}

/* The resource that a node lies in: that of the nearest schema above it. */
static size_t resource_of(const struct opk_schema_set *set, const struct opk_node *node)
{
    uint32_t index;

    for (; node; node = node->parent) {
        if (opk_map_find(set->nodes, address_of(&node), &index))
            return set->node_resource[index];
    }
    return 0;
}

/* ---- references ---- */

/* The node of an anchor in a resource, or NULL. */
static OPK_MUST_USE enum opk_status find_anchor(const struct opk_schema_set *set, size_t resource,
                                                struct opk_str name,
                                                const struct anchor **out_anchor,
                                                struct opk_err *err)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    uint32_t index;

    *out_anchor = NULL;
    opk_buf_append(&key, set->resources[resource].uri);
    opk_buf_append_byte(&key, '#');
    opk_buf_append(&key, name);
    enum opk_status status = opk_buf_check(&key, err);
    if (status == OPK_OK && opk_map_find(set->anchors, opk_buf_str(&key), &index))
        *out_anchor = &set->anchor_of[index];
    opk_buf_done(&key);
    return status;
}

/* The program's own metaschemas join the set when the first URI of theirs is met. */
static OPK_MUST_USE enum opk_status add_meta(struct opk_schema_set *set, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    assert(OPK_METASCHEMA_COUNT <= OPK_METASCHEMA_MAX);
    while (set->meta_count < OPK_METASCHEMA_COUNT && status == OPK_OK) {
        const struct opk_embedded *file = &OPK_METASCHEMA_FILES[set->meta_count];
        struct opk_doc *doc = &set->meta[set->meta_count];
        status = opk_json_parse(opk_str_bytes(file->bytes, file->size), file->name, doc, err);
        set->meta_count++;
        if (status == OPK_OK)
            status = opk_schema_set_add(set, opk_str_of(file->name), doc->root, file->name, err);
    }
    return status;
}

/* The node of a URI, or NULL. */
static OPK_MUST_USE enum opk_status node_of(struct opk_schema_set *set, struct opk_str uri,
                                            const struct opk_node **out_node, bool *out_dynamic,
                                            struct opk_err *err)
{
    size_t hash = opk_str_find_byte(uri, '#', 0);
    struct opk_str fragment = hash == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(uri, hash + 1);
    struct opk_buf pointer = OPK_BUF_EMPTY;
    const struct anchor *anchor = NULL;
    enum opk_status status = OPK_OK;
    uint32_t index;

    *out_dynamic = false;
    *out_node = NULL;
    if (opk_str_starts(uri, OPK_STR(OPK_METASCHEMA_BASE)))
        status = add_meta(set, err);
    else if (set->ask && !opk_map_find(set->uris, without_fragment(uri), &index))
        status = set->ask(set->ask_context, set, without_fragment(uri), err);
    if (status != OPK_OK || !opk_map_find(set->uris, without_fragment(uri), &index))
        return status;
    const struct opk_node *root = set->resources[set->uri_resources[index]].root;
    if (fragment.len == 0) {
        *out_node = root;
    } else if (fragment.data[0] == '/') {
        opk_uri_decode(fragment, &pointer);
        *out_node = opk_node_pointer(root, opk_buf_str(&pointer));
        status = opk_buf_check(&pointer, err);
    } else {
        /* A resource may be known by several URIs; its anchors are filed under its own. */
        status = find_anchor(set, resource_of(set, root), fragment, &anchor, err);
    }
    if (anchor) {
        *out_node = anchor->node;
        *out_dynamic = anchor->dynamic;
    }
    opk_buf_done(&pointer);
    return status;
}

/* ---- compiling ---- */

static OPK_MUST_USE enum opk_status compile(struct opk_schema_set *set, const struct opk_node *node,
                                            struct opk_schema **out_schema, struct opk_err *err);

static OPK_MUST_USE enum opk_status unusable(const struct opk_schema_set *set, size_t resource,
                                             const struct opk_node *node, const char *what,
                                             struct opk_err *err)
{
    return opk_fail(err, OPK_E_INVALID, opk_node_place(node, set->resources[resource].path),
                    "%.*s must be %s", node->key ? (int)node->key->text.len : 8,
                    node->key ? node->key->text.data : "a schema", what);
}

static bool is_type_name(const struct opk_node *node)
{
    static const char *const NAMES[] = {"string", "object",  "array", "integer",
                                        "number", "boolean", "null"};

    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (node->kind == OPK_NODE_STRING && opk_str_eq(node->text, opk_str_of(NAMES[i])))
            return true;
    }
    return false;
}

static bool all_strings(const struct opk_node *list)
{
    for (const struct opk_node *item = list->first; item; item = item->next) {
        if (item->kind != OPK_NODE_STRING)
            return false;
    }
    return list->kind == OPK_NODE_SEQ;
}

static bool all_types(const struct opk_node *list)
{
    for (const struct opk_node *item = list->first; item; item = item->next) {
        if (!is_type_name(item))
            return false;
    }
    return list->kind == OPK_NODE_SEQ;
}

static bool all_string_lists(const struct opk_node *map)
{
    for (const struct opk_node *item = map->first; item; item = item->next) {
        if (!all_strings(item))
            return false;
    }
    return map->kind == OPK_NODE_MAP;
}

/* NULL when the operand is what its keyword needs, else what it must be. */
static const char *operand_must_be(const struct opk_node *value, enum opk_operand operand)
{
    bool number = value->kind == OPK_NODE_INT || value->kind == OPK_NODE_FLOAT;

    switch (operand) {
    case OPK_OPERAND_ANY:
    case OPK_OPERAND_SCHEMA:
        return NULL;
    case OPK_OPERAND_STRING:
    case OPK_OPERAND_PATTERN:
    case OPK_OPERAND_REF:
        return value->kind == OPK_NODE_STRING ? NULL : "a string";
    case OPK_OPERAND_NUMBER:
        return number ? NULL : "a number";
    case OPK_OPERAND_COUNT:
        return number && value->number >= 0 && floor(value->number) == value->number
                   ? NULL
                   : "a whole number, not negative";
    case OPK_OPERAND_BOOL:
        return value->kind == OPK_NODE_BOOL ? NULL : "true or false";
    case OPK_OPERAND_TYPE:
        return is_type_name(value) || all_types(value) ? NULL : "a type's name, or a list of them";
    case OPK_OPERAND_STRINGS:
        return all_strings(value) ? NULL : "a list of strings";
    case OPK_OPERAND_LIST:
    case OPK_OPERAND_SCHEMAS:
        return value->kind == OPK_NODE_SEQ ? NULL : "a list";
    case OPK_OPERAND_STRINGS_MAP:
        return all_string_lists(value) ? NULL : "a mapping of lists of strings";
    case OPK_OPERAND_SCHEMA_MAP:
    case OPK_OPERAND_PATTERN_MAP:
        return value->kind == OPK_NODE_MAP ? NULL : "a mapping";
    }
    return NULL;
}

static OPK_MUST_USE enum opk_status compile_pattern(struct opk_schema_set *set, size_t resource,
                                                    const struct opk_node *node,
                                                    struct opk_str pattern,
                                                    struct opk_regex **out_regex,
                                                    struct opk_err *err)
{
    struct opk_regex **grown =
        opk_grow(set->regexes, &set->regex_cap, set->regex_count + 1, sizeof(struct opk_regex *));

    if (!grown)
        return no_memory(err);
    set->regexes = grown;
    /* Not UCP: \d and \w are those of ASCII here. */
    enum opk_status status = opk_regex_new(pattern, OPK_REGEX_UTF | OPK_REGEX_ECMA, out_regex, err);
    if (status == OPK_OK)
        grown[set->regex_count++] = *out_regex;
    else if (err && status != OPK_E_NOMEM) {
        struct opk_err why = *err;
        return opk_fail(err, status, opk_node_place(node, set->resources[resource].path),
                        "pattern \"%.*s\": %s", (int)(pattern.len < 80 ? pattern.len : 80),
                        pattern.data, why.message);
    }
    return status;
}

static OPK_MUST_USE enum opk_status compile_patterns(struct opk_schema_set *set,
                                                     struct opk_schema_check *check,
                                                     struct opk_err *err)
{
    bool map = check->keyword->operand == OPK_OPERAND_PATTERN_MAP;
    const struct opk_node *at = map ? check->value->first : check->value;
    size_t count = map ? check->value->count : 1;
    enum opk_status status = OPK_OK;

    check->regexes = opk_arena_array(&set->arena, count + 1, sizeof(struct opk_regex *));
    if (!check->regexes)
        return no_memory(err);
    for (size_t i = 0; i < count && status == OPK_OK; i++, at = at->next)
        status = compile_pattern(set, check->owner->resource, map ? at->key : at,
                                 map ? at->key->text : at->text, &check->regexes[i], err);
    return status;
}

/* const and enum: their values as canonical text. */
static OPK_MUST_USE enum opk_status compile_values(struct opk_schema_set *set,
                                                   struct opk_schema_check *check,
                                                   struct opk_err *err)
{
    bool list = check->keyword->operand == OPK_OPERAND_LIST;
    const struct opk_node *at = list ? check->value->first : check->value;
    struct opk_buf text = OPK_BUF_EMPTY;

    check->count = list ? check->value->count : 1;
    check->canonical = opk_arena_array(&set->arena, check->count + 1, sizeof(struct opk_str));
    for (size_t i = 0; check->canonical && i < check->count; i++, at = at->next) {
        opk_buf_truncate(&text, 0); /* a failure stays */
        opk_node_canonical(at, &text);
        check->canonical[i] = opk_arena_copy(&set->arena, opk_buf_str(&text));
    }
    enum opk_status status = opk_buf_check(&text, err);
    opk_buf_done(&text);
    return status == OPK_OK && set->arena.failed ? no_memory(err) : status;
}

static OPK_MUST_USE enum opk_status compile_ref(struct opk_schema_set *set,
                                                struct opk_schema_check *check, struct opk_err *err)
{
    struct opk_buf uri = OPK_BUF_EMPTY;
    const struct opk_node *node = NULL;
    bool dynamic = false;
    size_t resource = check->owner->resource;

    opk_uri_resolve(set->resources[resource].uri, check->value->text, &uri);
    enum opk_status status = opk_buf_check(&uri, err);
    if (status == OPK_OK)
        status = node_of(set, opk_buf_str(&uri), &node, &dynamic, err);
    opk_buf_done(&uri);
    if (status != OPK_OK)
        return status;
    if (!node)
        return opk_fail(err, OPK_E_INVALID,
                        opk_node_place(check->value, set->resources[resource].path),
                        "nothing is known at \"%.*s\"",
                        (int)(check->value->text.len < 200 ? check->value->text.len : 200),
                        check->value->text.data);
    size_t hash = opk_str_find_byte(check->value->text, '#', 0);
    if (dynamic && hash != OPK_NPOS)
        check->anchor = opk_str_skip(check->value->text, hash + 1);
    check->count = 1;
    return compile(set, node, &check->schemas[0], err);
}

static OPK_MUST_USE enum opk_status compile_check(struct opk_schema_set *set,
                                                  struct opk_schema_check *check,
                                                  struct opk_err *err)
{
    enum opk_operand operand = check->keyword->operand;
    enum opk_status status = OPK_OK;
    const char *must_be = operand_must_be(check->value, operand);

    if (must_be)
        return unusable(set, check->owner->resource, check->value, must_be, err);
    check->schemas =
        opk_arena_array(&set->arena, check->value->count + 1, sizeof(struct opk_schema *));
    if (!check->schemas)
        return no_memory(err);
    if (operand == OPK_OPERAND_REF)
        return compile_ref(set, check, err);
    if (operand == OPK_OPERAND_ANY || operand == OPK_OPERAND_LIST)
        return compile_values(set, check, err);
    if (operand == OPK_OPERAND_PATTERN || operand == OPK_OPERAND_PATTERN_MAP)
        status = compile_patterns(set, check, err);
    if (operand == OPK_OPERAND_SCHEMA && status == OPK_OK) {
        check->count = 1;
        return compile(set, check->value, &check->schemas[0], err);
    }
    for (const struct opk_node *child = check->value->first;
         child && holds_schemas(operand) && status == OPK_OK; child = child->next)
        status = compile(set, child, &check->schemas[check->count++], err);
    return status;
}

/* The metaschema that a schema names, when it is one of the set's; of the nearest one above it. */
static OPK_MUST_USE enum opk_status find_metaschema(struct opk_schema_set *set,
                                                    const struct opk_node *node,
                                                    const struct opk_node **out_meta,
                                                    struct opk_err *err)
{
    const struct opk_node *name = NULL;
    bool dynamic;

    *out_meta = NULL;
    for (; node && !name; node = node->parent)
        name = opk_node_get(node, "$schema");
    struct opk_str uri = opk_node_text(name);
    if (uri.len == 0 || opk_str_starts(uri, OPK_STR(OPK_METASCHEMA_BASE)))
        return OPK_OK; /* the standard one turns everything on */
    return node_of(set, uri, out_meta, &dynamic, err);
}

/* Does the metaschema have the vocabulary of a keyword? Without a word about it, it has all. */
static bool turns_on(const struct opk_node *meta, enum opk_vocabulary vocabulary)
{
    static const char *const NAMES[] = {
        [OPK_VOCABULARY_CORE] = "core",
        [OPK_VOCABULARY_APPLICATOR] = "applicator",
        [OPK_VOCABULARY_UNEVALUATED] = "unevaluated",
        [OPK_VOCABULARY_VALIDATION] = "validation",
    };
    const struct opk_node *list = meta ? opk_node_get(meta, "$vocabulary") : NULL;

    if (!list || vocabulary == OPK_VOCABULARY_CORE)
        return true;
    for (const struct opk_node *item = list->first; item; item = item->next) {
        struct opk_str uri = item->key ? item->key->text : OPK_STR_EMPTY;
        size_t slash = opk_str_rfind_byte(uri, '/');
        if (opk_str_starts(uri, OPK_STR(OPK_METASCHEMA_BASE "vocab/")) &&
            opk_str_eq(opk_str_skip(uri, slash + 1), opk_str_of(NAMES[vocabulary])))
            return true;
    }
    return false;
}

static OPK_MUST_USE enum opk_status compile_checks(struct opk_schema_set *set,
                                                   struct opk_schema *schema, struct opk_err *err)
{
    const struct opk_node *meta;
    enum opk_status status = find_metaschema(set, schema->node, &meta, err);

    if (status != OPK_OK)
        return status;
    schema->checks =
        opk_arena_array(&set->arena, schema->node->count + 1, sizeof(struct opk_schema_check));
    if (!schema->checks)
        return no_memory(err);
    for (int last = 0; last <= 1; last++) {
        for (const struct opk_node *child = schema->node->first; child && status == OPK_OK;
             child = child->next) {
            const struct opk_keyword *keyword = opk_keyword_find(child->key->text);
            if (!keyword || keyword->last != (last == 1) || !turns_on(meta, keyword->vocabulary))
                continue;
            struct opk_schema_check *check = &schema->checks[schema->check_count++];
            *check = (struct opk_schema_check){
                .keyword = keyword, .value = child, .owner = schema, .anchor = OPK_STR_EMPTY};
            status = compile_check(set, check, err);
        }
    }
    return status;
}

static enum opk_status compile(struct opk_schema_set *set, const struct opk_node *node,
                               struct opk_schema **out_schema, struct opk_err *err)
{
    uint32_t index;
    size_t need;

    if (opk_map_find(set->compiled, address_of(&node), &index)) {
        *out_schema = set->schemas[index];
        return OPK_OK;
    }
    size_t resource = resource_of(set, node);
    if (node->kind != OPK_NODE_MAP && node->kind != OPK_NODE_BOOL)
        return unusable(set, resource, node, "a mapping, true or false", err);
    struct opk_schema *schema = opk_arena_alloc(&set->arena, sizeof(*schema));
    if (!schema)
        return no_memory(err);
    schema->node = node;
    schema->resource = resource;
    schema->never = node->kind == OPK_NODE_BOOL && !node->truth;
    enum opk_status status =
        add_key(set->compiled, address_of(&node), set->schema_cap, &index, &need, err);
    if (status != OPK_OK)
        return status;
    if (need > 0) {
        struct opk_schema **grown =
            opk_grow(set->schemas, &set->schema_cap, need, sizeof(struct opk_schema *));
        if (!grown)
            return no_memory(err);
        set->schemas = grown;
    }
    /* Known before it is whole: it may refer to itself. */
    set->schemas[index] = schema;
    *out_schema = schema;
    return node->kind == OPK_NODE_MAP ? compile_checks(set, schema, err) : OPK_OK;
}

enum opk_status opk_schema_find(struct opk_schema_set *set, struct opk_str uri,
                                const struct opk_schema **out_schema, struct opk_err *err)
{
    bool dynamic;
    struct opk_schema *schema;
    const struct opk_node *node;
    enum opk_status status = node_of(set, uri, &node, &dynamic, err);

    if (status != OPK_OK)
        return status;
    if (!node)
        return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "no schema is known at \"%.*s\"",
                        (int)(uri.len < 200 ? uri.len : 200), uri.data);
    status = compile(set, node, &schema, err);
    if (status == OPK_OK)
        *out_schema = schema;
    return status;
}

enum opk_status opk_schema_anchored(struct opk_schema_set *set, size_t resource,
                                    struct opk_str name, const struct opk_schema **out_schema,
                                    struct opk_err *err)
{
    struct opk_schema *schema = NULL;
    const struct anchor *anchor;
    enum opk_status status = find_anchor(set, resource, name, &anchor, err);

    if (status == OPK_OK && anchor && anchor->dynamic)
        status = compile(set, anchor->node, &schema, err);
    if (status == OPK_OK)
        *out_schema = schema;
    return status;
}
