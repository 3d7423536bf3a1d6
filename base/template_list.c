/* The filters of lists: those that take another filter or a test, and those that compare. */
#include "base/template_impl.h"

#include <string.h>

/* The function behind a name that is an argument, called with the arguments after it. */
static enum opk_status inner_call(const struct opk_tcall *call,
                                  const struct opk_tfunction *function, size_t first,
                                  struct opk_tcall *out)
{
    *out = *call;
    out->function = function;
    memset(out->args, 0, sizeof(out->args));
    for (size_t i = first; i < OPK_TARGS_MAX && call->args[i]; i++) {
        size_t at = i - first;
        if (!function->params[at])
            return opk_fail(call->err, OPK_E_INVALID, call->place,
                            "'%s' does not take so many arguments", function->name);
        out->args[at] = call->args[i];
    }
    for (unsigned i = 0; i < function->required; i++) {
        if (!out->args[i])
            return opk_fail(call->err, OPK_E_INVALID, call->place, "'%s' needs its argument %s",
                            function->name, function->params[i]);
    }
    return OPK_OK;
}

static enum opk_status unknown(const struct opk_tcall *call, const char *what, struct opk_str name)
{
    return opk_fail(call->err, OPK_E_UNSUPPORTED, call->place, "unknown %s '%.*s'", what,
                    OPK_STR_FMT(name));
}

static enum opk_status run_inner(struct opk_tcall *inner, const struct opk_tval *item,
                                 struct opk_tval *out)
{
    if (item->kind == OPK_TVAL_UNDEFINED && !inner->function->takes_undefined)
        return opk_fail(inner->err, OPK_E_INVALID, inner->place, "%.*s is undefined",
                        OPK_STR_FMT(item->text));
    inner->subject = *item;
    return inner->function->run(inner, out);
}

/* The items of the subject, and a list as long for the result. */
static enum opk_status start(const struct opk_tcall *call, struct opk_tval *out_items,
                             struct opk_tval *out_made)
{
    if (!opk_tval_items(call->arena, &call->subject, out_items))
        return opk_tcall_wrong_type(call, &call->subject);
    struct opk_tval *made = opk_arena_array(call->arena, out_items->count + 1, sizeof(*made));
    *out_made = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = made};
    return made ? OPK_OK : opk_arena_check(call->arena, call->err);
}

/* Where the keywords of map stand behind the name of a filter and its arguments. */
enum { MAP_ATTRIBUTE = 4, MAP_DEFAULT = 5 };

static enum opk_status map_attribute(const struct opk_tcall *call, const struct opk_tval *items,
                                     struct opk_tval *out)
{
    struct opk_str name = opk_tcall_text(call, MAP_ATTRIBUTE, OPK_STR_EMPTY);

    for (size_t i = 0; i < items->count; i++) {
        const struct opk_tval *found = opk_tval_path(&items->items[i], name);
        if (!found)
            found = call->args[MAP_DEFAULT];
        if (!found)
            return opk_fail(call->err, OPK_E_INVALID, call->place, "an item has no %.*s",
                            OPK_STR_FMT(name));
        out->items[out->count++] = *found;
    }
    return OPK_OK;
}

static enum opk_status filter_map(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_tcall outer = *call;
    struct opk_tcall inner;
    struct opk_tval items;
    enum opk_status status = start(call, &items, out);

    if (status != OPK_OK || call->args[MAP_ATTRIBUTE])
        return status == OPK_OK ? map_attribute(call, &items, out) : status;
    struct opk_str name = opk_tcall_text(call, 0, OPK_STR_EMPTY);
    const struct opk_tfunction *function = opk_tfilter_find(name);
    if (!function)
        return unknown(call, "filter", name);
    outer.args[MAP_ATTRIBUTE] = NULL;
    outer.args[MAP_DEFAULT] = NULL;
    status = inner_call(&outer, function, 1, &inner);
    for (size_t i = 0; i < items.count && status == OPK_OK; i++)
        status = run_inner(&inner, &items.items[i], &out->items[out->count++]);
    return status;
}

/* The items, or those below an attribute, that a test keeps or rejects; without one, their truth.
 */
static enum opk_status sieve(const struct opk_tcall *call, size_t test_arg, bool keep,
                             struct opk_tval *out)
{
    struct opk_tval items;
    struct opk_tcall inner = *call;
    enum opk_status status = start(call, &items, out);

    if (status == OPK_OK && call->args[test_arg]) {
        struct opk_str name = opk_tcall_text(call, test_arg, OPK_STR_EMPTY);
        const struct opk_tfunction *test = opk_ttest_find(name);
        status = test ? inner_call(call, test, test_arg + 1, &inner) : unknown(call, "test", name);
    }
    for (size_t i = 0; i < items.count && status == OPK_OK; i++) {
        struct opk_str name = opk_tcall_text(call, 0, OPK_STR_EMPTY);
        struct opk_tval absent = {.kind = OPK_TVAL_UNDEFINED, .text = name};
        const struct opk_tval *value =
            test_arg > 0 ? opk_tval_path(&items.items[i], name) : &items.items[i];
        struct opk_tval answer = absent;
        if (!value)
            value = &absent;
        if (call->args[test_arg])
            status = run_inner(&inner, value, &answer);
        else if (value->kind == OPK_TVAL_UNDEFINED)
            status = opk_fail(call->err, OPK_E_INVALID, call->place, "an item has no %.*s",
                              OPK_STR_FMT(name));
        else
            answer = *value;
        if (status == OPK_OK && opk_tval_truth(&answer) == keep)
            out->items[out->count++] = items.items[i];
    }
    return status;
}

static enum opk_status filter_select(const struct opk_tcall *call, struct opk_tval *out)
{
    return sieve(call, 0, true, out);
}

static enum opk_status filter_reject(const struct opk_tcall *call, struct opk_tval *out)
{
    return sieve(call, 0, false, out);
}

static enum opk_status filter_selectattr(const struct opk_tcall *call, struct opk_tval *out)
{
    return sieve(call, 1, true, out);
}

static enum opk_status filter_rejectattr(const struct opk_tcall *call, struct opk_tval *out)
{
    return sieve(call, 1, false, out);
}

/* What unique, min and max compare of an item: (case_sensitive, attribute) are their arguments. */
static enum opk_status key_of(const struct opk_tcall *call, const struct opk_tval *item,
                              struct opk_tval *out_key)
{
    struct opk_str name = opk_tcall_text(call, 1, OPK_STR_EMPTY);
    const struct opk_tval *value = call->args[1] ? opk_tval_path(item, name) : item;

    if (!value)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "an item has no %.*s",
                        OPK_STR_FMT(name));
    return opk_tcall_sort_key(call, value, opk_tcall_truth(call, 0), out_key);
}

static enum opk_status filter_unique(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_tval items;
    enum opk_status status = start(call, &items, out);

    if (status != OPK_OK)
        return status;
    struct opk_tval *keys = opk_arena_array(call->arena, items.count + 1, sizeof(*keys));
    if (!keys)
        return opk_arena_check(call->arena, call->err);
    for (size_t i = 0; status == OPK_OK && i < items.count; i++) {
        struct opk_tval *key = &keys[out->count];
        bool seen = false;
        status = key_of(call, &items.items[i], key);
        for (size_t j = 0; status == OPK_OK && j < out->count && !seen; j++)
            seen = opk_tval_equal(key, &keys[j]);
        if (status == OPK_OK && !seen)
            out->items[out->count++] = items.items[i];
    }
    return status;
}

static enum opk_status extreme(const struct opk_tcall *call, int sign, struct opk_tval *out)
{
    struct opk_tval items;
    struct opk_tval best = OPK_TVAL_NULL;
    struct opk_tval key;
    enum opk_status status = start(call, &items, out);

    if (status == OPK_OK && items.count == 0)
        *out = (struct opk_tval){.kind = OPK_TVAL_UNDEFINED,
                                 .text = OPK_STR("an item of an empty list")};
    for (size_t i = 0; status == OPK_OK && i < items.count; i++) {
        int order = sign;
        status = key_of(call, &items.items[i], &key);
        if (status == OPK_OK && i > 0 && !opk_tval_compare(&key, &best, &order))
            status = opk_tcall_wrong_type(call, &key);
        if (status != OPK_OK || order * sign <= 0)
            continue;
        best = key;
        *out = items.items[i];
    }
    return status;
}

static enum opk_status filter_min(const struct opk_tcall *call, struct opk_tval *out)
{
    return extreme(call, -1, out);
}

static enum opk_status filter_max(const struct opk_tcall *call, struct opk_tval *out)
{
    return extreme(call, 1, out);
}

/* dictsort(case_sensitive, by, reverse): pairs in the order of their keys or values. */
static enum opk_status filter_dictsort(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *map = &call->subject;
    struct opk_str by = opk_tcall_text(call, 1, OPK_STR("key"));
    bool by_value = opk_str_eq(by, OPK_STR("value"));
    enum opk_status status = OPK_OK;

    if (map->kind != OPK_TVAL_MAP)
        return opk_tcall_wrong_type(call, map);
    if (!by_value && !opk_str_eq(by, OPK_STR("key")))
        return opk_fail(call->err, OPK_E_INVALID, call->place,
                        "'dictsort' sorts by \"key\" or \"value\"");
    struct opk_tval *keys = opk_arena_array(call->arena, map->count + 1, sizeof(*keys));
    struct opk_tval *pairs = opk_arena_array(call->arena, map->count + 1, sizeof(*pairs));
    struct opk_tval *both = opk_arena_array(call->arena, 2 * map->count + 1, sizeof(*both));
    if (!keys || !pairs || !both)
        return opk_arena_check(call->arena, call->err);
    for (size_t i = 0; i < map->count && status == OPK_OK; i++) {
        both[2 * i] = map->keys[i];
        both[2 * i + 1] = map->items[i];
        pairs[i] = (struct opk_tval){
            .kind = OPK_TVAL_SEQ, .truth = true, .items = &both[2 * i], .count = 2};
        status = opk_tcall_sort_key(call, by_value ? &map->items[i] : &map->keys[i],
                                    opk_tcall_truth(call, 0), &keys[i]);
    }
    if (status != OPK_OK)
        return status;
    return opk_tcall_sort(call, keys, pairs, map->count, opk_tcall_truth(call, 2), out);
}

/* Parameters with a blank cannot be spelled: they are given by their place alone. */
static const struct opk_tfunction ROWS[] = {
    {"dictsort", {"case_sensitive", "by", "reverse"}, 0, false, filter_dictsort},
    {"map",
     {"a filter", "its 1st", "its 2nd", "its 3rd", "attribute", "default"},
     0,
     false,
     filter_map},
    {"max", {"case_sensitive", "attribute"}, 0, false, filter_max},
    {"min", {"case_sensitive", "attribute"}, 0, false, filter_min},
    {"reject", {"a test", "its 1st", "its 2nd"}, 0, false, filter_reject},
    {"rejectattr", {"an attribute", "a test", "its 1st", "its 2nd"}, 1, false, filter_rejectattr},
    {"select", {"a test", "its 1st", "its 2nd"}, 0, false, filter_select},
    {"selectattr", {"an attribute", "a test", "its 1st", "its 2nd"}, 1, false, filter_selectattr},
    {"unique", {"case_sensitive", "attribute"}, 0, false, filter_unique},
};

const struct opk_tfunctions OPK_TFILTERS_OF_LISTS = {ROWS, sizeof(ROWS) / sizeof(ROWS[0])};
