/* The filters, methods and tests: three tables, and the functions behind their rows. */
#include "base/template_impl.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum opk_status opk_tcall_wrong_type(const struct opk_tcall *call, const struct opk_tval *value)
{
    return opk_fail(call->err, OPK_E_INVALID, call->place, "'%s' does not take %s",
                    call->function->name, opk_tval_kind_name(value->kind));
}

static struct opk_str subject_text(const struct opk_tcall *call)
{
    return opk_tval_text(call->arena, &call->subject);
}

bool opk_tcall_truth(const struct opk_tcall *call, size_t index)
{
    return call->args[index] && opk_tval_truth(call->args[index]);
}

struct opk_str opk_tcall_text(const struct opk_tcall *call, size_t index, struct opk_str absent)
{
    return call->args[index] ? opk_tval_text(call->arena, call->args[index]) : absent;
}

enum opk_status opk_tcall_give(const struct opk_tcall *call, struct opk_buf *text,
                               struct opk_tval *out)
{
    enum opk_status status = opk_buf_check(text, call->err);

    if (status == OPK_OK && text->len > OPK_TEMPLATE_OUTPUT_MAX)
        status = opk_fail(call->err, OPK_E_LIMIT, call->place, "'%s' gives more than %zu bytes",
                          call->function->name, OPK_TEMPLATE_OUTPUT_MAX);
    *out = opk_tval_string(opk_arena_copy(call->arena, opk_buf_str(text)));
    opk_buf_done(text);
    return status;
}

enum opk_status opk_tcall_int(const struct opk_tcall *call, size_t index, int64_t absent,
                              int64_t *out)
{
    const struct opk_tval *arg = call->args[index];

    *out = absent;
    if (arg && arg->kind != OPK_TVAL_INT)
        return opk_tcall_wrong_type(call, arg);
    if (arg)
        *out = arg->integer;
    return OPK_OK;
}

const struct opk_tval *opk_tval_path(const struct opk_tval *value, struct opk_str path)
{
    struct opk_split parts = OPK_SPLIT(path, '.');
    struct opk_str part;
    uint64_t index;

    while (value && opk_split_next(&parts, &part)) {
        if (value->kind == OPK_TVAL_SEQ)
            value =
                opk_str_to_u64(part, &index) && index < value->count ? &value->items[index] : NULL;
        else
            value = opk_tval_get(value, part);
    }
    return value;
}

static enum opk_status filter_default(const struct opk_tcall *call, struct opk_tval *out)
{
    bool absent = call->subject.kind == OPK_TVAL_UNDEFINED ||
                  (opk_tcall_truth(call, 1) && !opk_tval_truth(&call->subject));

    *out = call->subject;
    if (absent)
        *out = call->args[0] ? *call->args[0] : opk_tval_string(OPK_STR_EMPTY);
    return OPK_OK;
}

enum opk_status opk_tcall_fold(const struct opk_tcall *call, enum opk_folding folding,
                               struct opk_tval *out)
{
    struct opk_str text = subject_text(call);
    struct opk_buf folded = OPK_BUF_EMPTY;
    bool begins = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool up = folding == OPK_FOLD_UPPER || (begins && folding != OPK_FOLD_LOWER);
        opk_buf_append_byte(&folded, up ? opk_to_upper(c) : opk_to_lower(c));
        begins = folding == OPK_FOLD_TITLE && (opk_is_space(c) || (c && strchr("-({[<", c)));
    }
    return opk_tcall_give(call, &folded, out);
}

static enum opk_status filter_lower(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tcall_fold(call, OPK_FOLD_LOWER, out);
}

static enum opk_status filter_upper(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tcall_fold(call, OPK_FOLD_UPPER, out);
}

static enum opk_status filter_capitalize(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tcall_fold(call, OPK_FOLD_CAPITAL, out);
}

static enum opk_status filter_title(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tcall_fold(call, OPK_FOLD_TITLE, out);
}

static enum opk_status filter_trim(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str text = subject_text(call);
    struct opk_str chars = opk_tcall_text(call, 0, OPK_STR_EMPTY);

    if (!call->args[0]) {
        text = opk_str_trim(text);
    } else {
        while (text.len && opk_str_find_byte(chars, text.data[0], 0) != OPK_NPOS)
            text = opk_str_skip(text, 1);
        while (text.len && opk_str_find_byte(chars, text.data[text.len - 1], 0) != OPK_NPOS)
            text.len--;
    }
    *out = opk_tval_string(text);
    return OPK_OK;
}

static enum opk_status filter_replace(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str text = subject_text(call);
    struct opk_str old = opk_tcall_text(call, 0, OPK_STR_EMPTY);
    struct opk_str new = opk_tcall_text(call, 1, OPK_STR_EMPTY);
    struct opk_buf replaced = OPK_BUF_EMPTY;
    int64_t left = INT64_MAX;
    size_t at = 0;

    if (call->args[2]) {
        if (call->args[2]->kind != OPK_TVAL_INT)
            return opk_tcall_wrong_type(call, call->args[2]);
        left = call->args[2]->integer < 0 ? INT64_MAX : call->args[2]->integer;
    }
    if (old.len == 0)
        return opk_fail(call->err, OPK_E_UNSUPPORTED, call->place,
                        "'replace' of an empty text is not read");
    for (; left > 0; left--) {
        size_t found = opk_str_find(text, old, at);
        if (found == OPK_NPOS)
            break;
        opk_buf_append(&replaced, opk_str_slice(text, at, found));
        opk_buf_append(&replaced, new);
        at = found + old.len;
    }
    opk_buf_append(&replaced, opk_str_skip(text, at));
    return opk_tcall_give(call, &replaced, out);
}

/* The attribute=NAME of join and sort: that key of an item, or the item itself. */
static const struct opk_tval *attribute_of(const struct opk_tcall *call, size_t arg,
                                           const struct opk_tval *item)
{
    return call->args[arg] ? opk_tval_path(item, opk_tcall_text(call, arg, OPK_STR_EMPTY)) : item;
}

static enum opk_status no_attribute(const struct opk_tcall *call, size_t arg)
{
    struct opk_str name = opk_tcall_text(call, arg, OPK_STR_EMPTY);

    return opk_fail(call->err, OPK_E_INVALID, call->place, "an item has no %.*s",
                    OPK_STR_FMT(name));
}

static enum opk_status filter_join(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_str glue = opk_tcall_text(call, 0, OPK_STR_EMPTY);
    struct opk_buf joined = OPK_BUF_EMPTY;
    struct opk_tval items;

    if (!opk_tval_items(call->arena, &call->subject, &items))
        return opk_tcall_wrong_type(call, &call->subject);
    for (size_t i = 0; i < items.count; i++) {
        const struct opk_tval *item = attribute_of(call, 1, &items.items[i]);
        if (!item) {
            opk_buf_done(&joined);
            return no_attribute(call, 1);
        }
        if (i > 0)
            opk_buf_append(&joined, glue);
        opk_tval_print(item, &joined);
    }
    return opk_tcall_give(call, &joined, out);
}

static enum opk_status filter_length(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_tval items;

    if (!opk_tval_items(call->arena, &call->subject, &items))
        return opk_tcall_wrong_type(call, &call->subject);
    *out = opk_tval_int((int64_t)items.count);
    return OPK_OK;
}

struct sort_row {
    struct opk_tval key;
    struct opk_tval item;
    size_t place; /* keeps the sort stable */
    int sign;     /* -1 when reversed */
};

static int compare_rows(const void *left, const void *right)
{
    const struct sort_row *a = left;
    const struct sort_row *b = right;
    int order = 0;

    (void)opk_tval_compare(&a->key, &b->key, &order); /* checked before */
    if (order == 0)
        return a->place < b->place ? -1 : 1;
    return order * a->sign;
}

enum opk_status opk_tcall_sort_key(const struct opk_tcall *call, const struct opk_tval *value,
                                   bool case_sensitive, struct opk_tval *out_key)
{
    struct opk_tcall inner = *call;

    *out_key = *value;
    inner.subject = *value;
    return value->kind == OPK_TVAL_STRING && !case_sensitive
               ? opk_tcall_fold(&inner, OPK_FOLD_LOWER, out_key)
               : OPK_OK;
}

enum opk_status opk_tcall_sort(const struct opk_tcall *call, const struct opk_tval *keys,
                               const struct opk_tval *items, size_t count, bool reverse,
                               struct opk_tval *out)
{
    struct sort_row *rows = opk_arena_array(call->arena, count + 1, sizeof(*rows));
    struct opk_tval *sorted = opk_arena_array(call->arena, count + 1, sizeof(*sorted));
    int order;

    if (!rows || !sorted)
        return opk_arena_check(call->arena, call->err);
    for (size_t i = 0; i < count; i++) {
        if (!opk_tval_compare(&keys[0], &keys[i], &order))
            return opk_tcall_wrong_type(call, &keys[i]);
        rows[i] = (struct sort_row){keys[i], items[i], i, reverse ? -1 : 1};
    }
    qsort(rows, count, sizeof(*rows), compare_rows);
    for (size_t i = 0; i < count; i++)
        sorted[i] = rows[i].item;
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = sorted, .count = count};
    return OPK_OK;
}

static enum opk_status filter_sort(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_tval items;
    enum opk_status status = OPK_OK;

    if (!opk_tval_items(call->arena, &call->subject, &items))
        return opk_tcall_wrong_type(call, &call->subject);
    struct opk_tval *keys = opk_arena_array(call->arena, items.count + 1, sizeof(*keys));
    if (!keys)
        return opk_arena_check(call->arena, call->err);
    for (size_t i = 0; i < items.count && status == OPK_OK; i++) {
        const struct opk_tval *key = attribute_of(call, 2, &items.items[i]);
        if (!key)
            return no_attribute(call, 2);
        status = opk_tcall_sort_key(call, key, opk_tcall_truth(call, 1), &keys[i]);
    }
    if (status != OPK_OK)
        return status;
    return opk_tcall_sort(call, keys, items.items, items.count, opk_tcall_truth(call, 0), out);
}

static enum opk_status filter_list(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tval_items(call->arena, &call->subject, out)
               ? OPK_OK
               : opk_tcall_wrong_type(call, &call->subject);
}

static enum opk_status end_item(const struct opk_tcall *call, bool last, struct opk_tval *out)
{
    struct opk_tval items;

    if (!opk_tval_items(call->arena, &call->subject, &items))
        return opk_tcall_wrong_type(call, &call->subject);
    if (items.count == 0)
        *out = (struct opk_tval){.kind = OPK_TVAL_UNDEFINED,
                                 .text = OPK_STR("the end item of an empty list")};
    else
        *out = items.items[last ? items.count - 1 : 0];
    return OPK_OK;
}

static enum opk_status filter_first(const struct opk_tcall *call, struct opk_tval *out)
{
    return end_item(call, false, out);
}

static enum opk_status filter_last(const struct opk_tcall *call, struct opk_tval *out)
{
    return end_item(call, true, out);
}

static enum opk_status filter_indent(const struct opk_tcall *call, struct opk_tval *out)
{
    struct opk_split lines = OPK_SPLIT(subject_text(call), '\n');
    struct opk_buf indented = OPK_BUF_EMPTY;
    struct opk_buf prefix = OPK_BUF_EMPTY;
    const struct opk_tval *width = call->args[0];
    struct opk_str line;

    if (width && width->kind == OPK_TVAL_STRING)
        opk_buf_append(&prefix, width->text);
    else if (width && (width->kind != OPK_TVAL_INT || width->integer > 1000))
        return opk_tcall_wrong_type(call, width);
    else
        opk_buf_append_fill(&prefix, ' ',
                            width ? (size_t)(width->integer < 0 ? 0 : width->integer) : 4);
    for (size_t i = 0; opk_split_next(&lines, &line); i++) {
        if (i > 0)
            opk_buf_append_byte(&indented, '\n');
        if (i == 0 ? opk_tcall_truth(call, 1) : line.len > 0 || opk_tcall_truth(call, 2))
            opk_buf_append(&indented, opk_buf_str(&prefix));
        opk_buf_append(&indented, line);
    }
    indented.failed = indented.failed || prefix.failed;
    opk_buf_done(&prefix);
    return opk_tcall_give(call, &indented, out);
}

static enum opk_status filter_string(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_string(subject_text(call));
    return OPK_OK;
}

static enum opk_status method_items(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *map = &call->subject;
    struct opk_tval *pairs = opk_arena_array(call->arena, map->count + 1, sizeof(*pairs));
    struct opk_tval *both = opk_arena_array(call->arena, 2 * map->count + 1, sizeof(*both));

    if (map->kind != OPK_TVAL_MAP)
        return opk_tcall_wrong_type(call, map);
    if (!pairs || !both)
        return opk_arena_check(call->arena, call->err);
    for (size_t i = 0; i < map->count; i++) {
        both[2 * i] = map->keys[i];
        both[2 * i + 1] = map->items[i];
        pairs[i] = (struct opk_tval){
            .kind = OPK_TVAL_SEQ, .truth = true, .items = &both[2 * i], .count = 2};
    }
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = pairs, .count = map->count};
    return OPK_OK;
}

static enum opk_status method_keys(const struct opk_tcall *call, struct opk_tval *out)
{
    if (call->subject.kind != OPK_TVAL_MAP)
        return opk_tcall_wrong_type(call, &call->subject);
    return filter_list(call, out);
}

static enum opk_status method_values(const struct opk_tcall *call, struct opk_tval *out)
{
    if (call->subject.kind != OPK_TVAL_MAP)
        return opk_tcall_wrong_type(call, &call->subject);
    *out = call->subject;
    out->kind = OPK_TVAL_SEQ;
    return OPK_OK;
}

static enum opk_status method_get(const struct opk_tcall *call, struct opk_tval *out)
{
    if (call->subject.kind != OPK_TVAL_MAP)
        return opk_tcall_wrong_type(call, &call->subject);
    const struct opk_tval *found =
        opk_tval_get(&call->subject, opk_tcall_text(call, 0, OPK_STR_EMPTY));
    *out = found ? *found : call->args[1] ? *call->args[1] : OPK_TVAL_NULL;
    return OPK_OK;
}

static enum opk_status test_defined(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind != OPK_TVAL_UNDEFINED);
    return OPK_OK;
}

static enum opk_status test_undefined(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind == OPK_TVAL_UNDEFINED);
    return OPK_OK;
}

static enum opk_status test_none(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind == OPK_TVAL_NONE);
    return OPK_OK;
}

static enum opk_status test_string(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind == OPK_TVAL_STRING);
    return OPK_OK;
}

/* True and False are numbers, as in Python. */
static enum opk_status test_number(const struct opk_tcall *call, struct opk_tval *out)
{
    enum opk_tval_kind kind = call->subject.kind;

    *out = opk_tval_bool(kind == OPK_TVAL_INT || kind == OPK_TVAL_FLOAT || kind == OPK_TVAL_BOOL);
    return OPK_OK;
}

static enum opk_status test_mapping(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind == OPK_TVAL_MAP);
    return OPK_OK;
}

/* Whatever has items in an order, strings and mappings included: Python's __getitem__. */
static enum opk_status test_sequence(const struct opk_tcall *call, struct opk_tval *out)
{
    enum opk_tval_kind kind = call->subject.kind;

    *out = opk_tval_bool(kind == OPK_TVAL_SEQ || kind == OPK_TVAL_MAP || kind == OPK_TVAL_STRING);
    return OPK_OK;
}

static enum opk_status test_iterable(const struct opk_tcall *call, struct opk_tval *out)
{
    return test_sequence(call, out);
}

/* Scalars of one kind and value; a list is the same as itself alone. */
static enum opk_status test_sameas(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *other = call->args[0];
    bool same = call->subject.kind == other->kind && opk_tval_equal(&call->subject, other);

    if (other->kind == OPK_TVAL_SEQ || other->kind == OPK_TVAL_MAP)
        same = same && call->subject.items == other->items;
    *out = opk_tval_bool(same);
    return OPK_OK;
}

static enum opk_status test_in(const struct opk_tcall *call, struct opk_tval *out)
{
    return opk_tval_operate(call, OPK_TOP_IN, &call->subject, call->args[0], out);
}

static enum opk_status test_boolean(const struct opk_tcall *call, struct opk_tval *out)
{
    *out = opk_tval_bool(call->subject.kind == OPK_TVAL_BOOL);
    return OPK_OK;
}

static enum opk_status test_divisible(const struct opk_tcall *call, struct opk_tval *out)
{
    const struct opk_tval *by = call->args[0];

    if (call->subject.kind != OPK_TVAL_INT)
        return opk_tcall_wrong_type(call, &call->subject);
    if (by->kind != OPK_TVAL_INT || by->integer == 0)
        return opk_fail(call->err, OPK_E_INVALID, call->place,
                        "'divisibleby' takes a number that is not 0");
    *out = opk_tval_bool(by->integer == -1 || call->subject.integer % by->integer == 0);
    return OPK_OK;
}

static enum opk_status test_odd(const struct opk_tcall *call, struct opk_tval *out)
{
    if (call->subject.kind != OPK_TVAL_INT)
        return opk_tcall_wrong_type(call, &call->subject);
    *out = opk_tval_bool(call->subject.integer % 2 != 0);
    return OPK_OK;
}

static enum opk_status test_even(const struct opk_tcall *call, struct opk_tval *out)
{
    enum opk_status status = test_odd(call, out);

    if (status == OPK_OK)
        out->truth = !out->truth;
    return status;
}

/* name, parameters, how many are required, whether an undefined subject is welcome, function */
static const struct opk_tfunction FILTERS[] = {
    {"capitalize", {NULL}, 0, false, filter_capitalize},
    {"count", {NULL}, 0, false, filter_length},
    {"d", {"default_value", "boolean"}, 0, true, filter_default},
    {"default", {"default_value", "boolean"}, 0, true, filter_default},
    {"first", {NULL}, 0, false, filter_first},
    {"indent", {"width", "first", "blank"}, 0, false, filter_indent},
    {"join", {"d", "attribute"}, 0, false, filter_join},
    {"last", {NULL}, 0, false, filter_last},
    {"length", {NULL}, 0, false, filter_length},
    {"list", {NULL}, 0, false, filter_list},
    {"lower", {NULL}, 0, false, filter_lower},
    {"replace", {"old", "new", "count"}, 2, false, filter_replace},
    {"sort", {"reverse", "case_sensitive", "attribute"}, 0, false, filter_sort},
    {"string", {NULL}, 0, false, filter_string},
    {"title", {NULL}, 0, false, filter_title},
    {"trim", {"chars"}, 0, false, filter_trim},
    {"upper", {NULL}, 0, false, filter_upper},
};

static const struct opk_tfunction METHODS[] = {
    {"get", {"key", "default"}, 1, false, method_get},
    {"items", {NULL}, 0, false, method_items},
    {"keys", {NULL}, 0, false, method_keys},
    {"values", {NULL}, 0, false, method_values},
};

static const struct opk_tfunction TESTS[] = {
    {"boolean", {NULL}, 0, true, test_boolean},
    {"defined", {NULL}, 0, true, test_defined},
    {"divisibleby", {"num"}, 1, false, test_divisible},
    {"even", {NULL}, 0, false, test_even},
    {"in", {"seq"}, 1, false, test_in},
    {"iterable", {NULL}, 0, false, test_iterable},
    {"mapping", {NULL}, 0, true, test_mapping},
    {"none", {NULL}, 0, true, test_none},
    {"number", {NULL}, 0, true, test_number},
    {"odd", {NULL}, 0, false, test_odd},
    {"sameas", {"other"}, 1, true, test_sameas},
    {"sequence", {NULL}, 0, true, test_sequence},
    {"string", {NULL}, 0, true, test_string},
    {"undefined", {NULL}, 0, true, test_undefined},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct opk_tfunction *find(struct opk_tfunctions table, struct opk_str name)
{
    for (size_t i = 0; i < table.count; i++) {
        if (opk_str_eq(opk_str_of(table.rows[i].name), name))
            return &table.rows[i];
    }
    return NULL;
}

const struct opk_tfunction *opk_tfilter_find(struct opk_str name)
{
    const struct opk_tfunction *found =
        find((struct opk_tfunctions){FILTERS, COUNT(FILTERS)}, name);

    if (!found)
        found = find(OPK_TFILTERS_OF_LISTS, name);
    return found ? found : find(OPK_TFILTERS_OF_TEXT, name);
}

const struct opk_tfunction *opk_tmethod_find(struct opk_str name)
{
    const struct opk_tfunction *found =
        find((struct opk_tfunctions){METHODS, COUNT(METHODS)}, name);

    return found ? found : find(OPK_TMETHODS_OF_TEXT, name);
}

const struct opk_tfunction *opk_ttest_find(struct opk_str name)
{
    return find((struct opk_tfunctions){TESTS, COUNT(TESTS)}, name);
}
