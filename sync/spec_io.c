#include "sync/spec_io.h"

#include "base/buf.h"

/* Where the two stand: in the spec, and in the schema. */
static const struct {
    const char *key;
    const char *one;
} WHICH[] = {
    [OPK_SPEC_INPUTS] = {"inputs", "input"},
    [OPK_SPEC_OUTPUTS] = {"outputs", "output"},
};

static const char *const DESCRIPTIONS[] = {"description", "is", "summary"};
static const char *const TYPES[] = {"array",  "boolean", "integer", "null",
                                    "number", "object",  "string"};
static const char *const SCHEMA_FOLDERS[] = {"properties", "$defs", "definitions"};

static const struct opk_tval *get(const struct opk_tval *map, const char *key)
{
    return map ? opk_tval_get(map, opk_str_of(key)) : NULL;
}

static struct opk_str text_of(const struct opk_tval *value)
{
    return value && value->kind == OPK_TVAL_STRING ? value->text : OPK_STR_EMPTY;
}

static bool is_type(struct opk_str text)
{
    for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
        if (opk_str_eq(opk_str_of(TYPES[i]), text))
            return true;
    }
    return false;
}

/* A text on one line: runs of space become one blank. */
static struct opk_str folded(struct opk_arena *arena, struct opk_str text)
{
    struct opk_buf line = OPK_BUF_EMPTY;

    text = opk_str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (!opk_is_space(text.data[i]))
            opk_buf_append_byte(&line, text.data[i]);
        else if (!opk_is_space(text.data[i - 1]))
            opk_buf_append_byte(&line, ' ');
    }
    struct opk_str copy = opk_arena_copy(arena, opk_buf_str(&line));
    arena->failed = arena->failed || line.failed;
    opk_buf_done(&line);
    return copy;
}

/* The schema that "#/a/b" names, or NULL; names with ~ or % are not read. */
static const struct opk_tval *follow(const struct opk_tval *root, struct opk_str ref)
{
    struct opk_split keys = OPK_SPLIT(ref, '/');
    const struct opk_tval *at = root;
    struct opk_str key;

    if (!opk_split_next(&keys, &key) || !opk_str_eq(key, OPK_STR("#")))
        return NULL;
    while (at && opk_split_next(&keys, &key))
        at = opk_tval_get(at, key);
    return at;
}

static const struct opk_tval *resolved(const struct opk_tval *root, const struct opk_tval *schema)
{
    for (size_t i = 0; i < OPK_SPEC_IO_REFS_MAX && get(schema, "$ref"); i++)
        schema = follow(root, text_of(get(schema, "$ref")));
    return get(schema, "$ref") ? NULL : schema;
}

/* The schema of the object that holds all inputs or all outputs. */
static const struct opk_tval *object_schema(const struct opk_tval *root, enum opk_spec_io which)
{
    for (size_t i = 0; i < sizeof(SCHEMA_FOLDERS) / sizeof(SCHEMA_FOLDERS[0]); i++) {
        const struct opk_tval *folder = get(root, SCHEMA_FOLDERS[i]);
        const struct opk_tval *found = get(folder, WHICH[which].key);
        if (!found)
            found = get(folder, WHICH[which].one);
        found = resolved(root, found);
        if (get(found, "properties"))
            return found;
    }
    return which == OPK_SPEC_INPUTS ? resolved(root, root) : NULL;
}

static void print_type(const struct opk_tval *type, struct opk_buf *out)
{
    if (type->kind != OPK_TVAL_SEQ) {
        opk_buf_append(out, text_of(type));
        return;
    }
    for (size_t i = 0; i < type->count; i++) {
        opk_buf_append_cstr(out, i ? " or " : "");
        opk_buf_append(out, text_of(&type->items[i]));
    }
}

/* "array of string", "string or null"; empty when the schema has no type. */
static struct opk_str type_of(struct opk_arena *arena, const struct opk_tval *root,
                              const struct opk_tval *schema)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    const struct opk_tval *type = get(schema, "type");

    for (size_t i = 0; type && i < OPK_SPEC_IO_REFS_MAX; i++) {
        print_type(type, &text);
        schema = opk_str_eq(text_of(type), OPK_STR("array")) ? resolved(root, get(schema, "items"))
                                                             : NULL;
        type = get(schema, "type");
        opk_buf_append_cstr(&text, type ? " of " : "");
    }
    struct opk_str copy = opk_arena_copy(arena, opk_buf_str(&text));
    arena->failed = arena->failed || text.failed;
    opk_buf_done(&text);
    return copy;
}

static bool is_required(const struct opk_tval *object, struct opk_str name)
{
    const struct opk_tval *required = get(object, "required");

    for (size_t i = 0; required && required->kind == OPK_TVAL_SEQ && i < required->count; i++) {
        if (opk_str_eq(text_of(&required->items[i]), name))
            return true;
    }
    return false;
}

static struct opk_str described(const struct opk_tval *value)
{
    struct opk_str text = OPK_STR_EMPTY;

    for (size_t i = 0; i < sizeof(DESCRIPTIONS) / sizeof(DESCRIPTIONS[0]) && !text.len; i++)
        text = text_of(get(value, DESCRIPTIONS[i]));
    return text;
}

/* One entry: value is what the spec says behind the name, or NULL. */
static struct opk_tval entry_of(struct opk_arena *arena, const struct opk_tval *root,
                                const struct opk_tval *object, struct opk_str name,
                                const struct opk_tval *value)
{
    const struct opk_tval *properties = get(object, "properties");
    const struct opk_tval *schema =
        properties ? resolved(root, opk_tval_get(properties, name)) : NULL;
    const struct opk_tval *own = get(value, "required");
    struct opk_str said = text_of(value);
    struct opk_str type = type_of(arena, root, schema);
    struct opk_str description = said;
    struct opk_tval entry;

    if (is_type(said) || said.len == 0)
        description = described(value);
    if (description.len == 0)
        description = described(schema);
    if (type.len == 0)
        type = is_type(said) ? said : text_of(get(value, "type"));
    opk_tval_map_init(&entry, arena, 4);
    opk_tval_map_add(&entry, OPK_STR("name"), opk_tval_string(name));
    opk_tval_map_add(&entry, OPK_STR("type"), opk_tval_string(type.len ? type : OPK_STR("any")));
    opk_tval_map_add(&entry, OPK_STR("required"),
                     (struct opk_tval){.kind = OPK_TVAL_BOOL,
                                       .text = OPK_STR_EMPTY,
                                       .truth = is_required(object, name) || (own && own->truth)});
    opk_tval_map_add(&entry, OPK_STR("description"), opk_tval_string(folded(arena, description)));
    return entry;
}

/* The name of an item of a list: the item itself, its name, or the key of its one pair. */
static struct opk_str item_name(const struct opk_tval *item, const struct opk_tval **out_value)
{
    *out_value = NULL;
    if (item->kind == OPK_TVAL_STRING)
        return item->text;
    *out_value = item;
    if (get(item, "name"))
        return text_of(get(item, "name"));
    if (item->kind != OPK_TVAL_MAP || item->count != 1)
        return OPK_STR_EMPTY;
    *out_value = &item->items[0];
    return text_of(&item->keys[0]);
}

struct opk_tval opk_spec_io(struct opk_arena *arena, enum opk_spec_io which,
                            const struct opk_tval *spec, const struct opk_tval *schema)
{
    const struct opk_tval *said = get(spec, WHICH[which].key);
    const struct opk_tval *object = object_schema(schema, which);
    struct opk_tval list = {.kind = OPK_TVAL_SEQ, .text = OPK_STR_EMPTY};

    if (!said || (said->kind != OPK_TVAL_SEQ && said->kind != OPK_TVAL_MAP))
        return list;
    list.items = opk_arena_array(arena, said->count + 1, sizeof(*list.items));
    for (size_t i = 0; list.items && i < said->count; i++) {
        const struct opk_tval *value = &said->items[i];
        struct opk_str name = said->kind == OPK_TVAL_MAP ? text_of(&said->keys[i])
                                                         : item_name(&said->items[i], &value);
        if (name.len > 0)
            list.items[list.count++] = entry_of(arena, schema, object, name, value);
    }
    return list;
}
