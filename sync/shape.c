#include "sync/shape.h"

#include "base/opt.h"

#include <assert.h>

_Static_assert(OPK_FIELDS_MAX <= 64, "a bit for each field");

/* The number of a field; that of the row which ends the table when there is none. */
static size_t find_field(const struct opk_field *fields, struct opk_str name)
{
    size_t at = 0;

    while (fields[at].name && (name.len == 0 || fields[at].name[0] != name.data[0] ||
                               !opk_str_eq(opk_str_of(fields[at].name), name)))
        at++;
    assert(at <= OPK_FIELDS_MAX);
    return at;
}

static enum opk_status unknown_field(const struct opk_node *key, const char *path,
                                     const struct opk_field *fields, struct opk_err *err)
{
    const char *names[OPK_FIELDS_MAX];
    size_t count = 0;

    for (; fields[count].name; count++) {
        assert(count < OPK_FIELDS_MAX);
        names[count] = fields[count].name;
    }
    /* The text of a node has a NUL behind it: the document copied it into its arena. */
    const char *near = opk_opt_nearest(key->text.data, names, count);
    return opk_fail(err, OPK_E_INVALID, opk_node_place(key, path), "unknown key '%.*s'%s%s%s",
                    OPK_STR_FMT(key->text), near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

static enum opk_status check_word(const struct opk_node *node, const char *path,
                                  const struct opk_shape *shape, struct opk_err *err)
{
    const char *near;
    size_t count = 0;

    for (; shape->words[count]; count++) {
        if (opk_str_eq(opk_str_of(shape->words[count]), node->text))
            return OPK_OK;
    }
    near = opk_opt_nearest(node->text.data, shape->words, count);
    struct opk_buf words = OPK_BUF_EMPTY;
    for (size_t i = 0; i < count; i++)
        opk_buf_printf(&words, "%s%s", i ? " " : "", shape->words[i]);
    enum opk_status status =
        opk_fail(err, OPK_E_INVALID, opk_node_place(node, path), "'%.*s' is not %s (%.*s)%s%s%s",
                 OPK_STR_FMT(node->text), shape->what, OPK_STR_FMT(opk_buf_str(&words)),
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    opk_buf_done(&words);
    return status;
}

static enum opk_status check_scalar(const struct opk_node *node, const struct opk_node *key,
                                    const char *path, const struct opk_shape *shape,
                                    struct opk_err *err)
{
    bool is_text = node->kind == OPK_NODE_STRING ||
                   (node->kind == OPK_NODE_INT && shape->takes_number) ||
                   (node->kind == OPK_NODE_BOOL && shape->takes_bool);

    if (!is_text || (shape->fits && !shape->fits(node->text)))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "%.*s is not right: it must be %s", OPK_STR_FMT(key->text), shape->what);
    return shape->words ? check_word(node, path, shape, err) : OPK_OK;
}

/* Lists of this kind are short: kinds and tests of one card. */
static enum opk_status check_unique(const struct opk_node *list, const char *path,
                                    struct opk_err *err)
{
    for (const struct opk_node *item = list->first; item; item = item->next) {
        for (const struct opk_node *other = list->first; other != item; other = other->next) {
            if (opk_str_eq(item->text, other->text))
                return opk_fail(err, OPK_E_INVALID, opk_node_place(item, path),
                                "%.*s stands in this list twice; first at line %llu",
                                OPK_STR_FMT(item->text), (unsigned long long)other->line);
        }
    }
    return OPK_OK;
}

static enum opk_status check_value(const struct opk_node *node, const char *path,
                                   const struct opk_shape *shape, struct opk_err *err)
{
    const struct opk_node *key = node->key;
    enum opk_node_kind want = shape->is_list ? OPK_NODE_SEQ : OPK_NODE_MAP;
    enum opk_status status = OPK_OK;

    if (shape->is_any)
        return OPK_OK;
    if (!shape->is_list && !shape->is_map && !shape->fields)
        return check_scalar(node, key, path, shape, err);
    if (node->kind != want)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path), "%.*s must be a %s",
                        OPK_STR_FMT(key->text), shape->is_list ? "list" : "mapping");
    if (shape->fields)
        return opk_fields_check(node, path, shape->fields, err);
    if (node->count < shape->least)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "%.*s needs at least one item", OPK_STR_FMT(key->text));
    for (const struct opk_node *item = node->first; item && status == OPK_OK; item = item->next)
        status = check_scalar(item, item->key ? item->key : key, path, shape, err);
    return status == OPK_OK && shape->is_unique ? check_unique(node, path, err) : status;
}

enum opk_status opk_fields_check(const struct opk_node *map, const char *path,
                                 const struct opk_field *fields, struct opk_err *err)
{
    uint64_t seen = 0; /* a bit each */

    for (const struct opk_node *value = map->first; value; value = value->next) {
        size_t at = find_field(fields, value->key->text);
        if (!fields[at].name)
            return unknown_field(value->key, path, fields, err);
        enum opk_status status = check_value(value, path, fields[at].shape, err);
        if (status != OPK_OK)
            return status;
        seen |= UINT64_C(1) << at;
    }
    for (size_t at = 0; fields[at].name; at++) {
        if (fields[at].required && (seen >> at & 1) == 0)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(map, path),
                            "required key '%s' is missing", fields[at].name);
    }
    return OPK_OK;
}
