/* The template's values: made of documents, compared, and printed as Python prints them. */
#include "base/template_impl.h"

#include "base/out.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct opk_tval opk_tval_string(struct opk_str text)
{
    return (struct opk_tval){.kind = OPK_TVAL_STRING, .text = text};
}

struct opk_tval opk_tval_bool(bool truth)
{
    return (struct opk_tval){.kind = OPK_TVAL_BOOL, .truth = truth};
}

struct opk_tval opk_tval_int(int64_t integer)
{
    return (struct opk_tval){.kind = OPK_TVAL_INT, .integer = integer};
}

const char *opk_tval_kind_name(enum opk_tval_kind kind)
{
    static const char *const NAMES[] = {
        [OPK_TVAL_UNDEFINED] = "undefined", [OPK_TVAL_NONE] = "none",
        [OPK_TVAL_BOOL] = "a boolean",      [OPK_TVAL_INT] = "an integer",
        [OPK_TVAL_FLOAT] = "a number",      [OPK_TVAL_STRING] = "a string",
        [OPK_TVAL_SEQ] = "a list",          [OPK_TVAL_MAP] = "a mapping",
    };

    return NAMES[kind];
}

/* 12, 0x1F, 0o17: what the YAML 1.2 core schema calls an integer; beyond 64 bits it is a float. */
static struct opk_tval integer_of(const struct opk_node *node)
{
    char digits[72];
    char *end;
    const char *from = digits;
    int base = 10;

    if (node->text.len >= sizeof(digits))
        return (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = node->number};
    memcpy(digits, node->text.data, node->text.len);
    digits[node->text.len] = '\0';
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'o')) {
        base = digits[1] == 'x' ? 16 : 8;
        from += 2;
    }
    long long value = strtoll(from, &end, base);
    if (*end || (double)value != node->number)
        return (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = node->number};
    return opk_tval_int(value);
}

static struct opk_tval collection_of(struct opk_arena *arena, const struct opk_node *node)
{
    bool is_map = node->kind == OPK_NODE_MAP;
    struct opk_tval value = {.kind = is_map ? OPK_TVAL_MAP : OPK_TVAL_SEQ};
    struct opk_tval *items = opk_arena_array(arena, node->count + 1, sizeof(*items));
    struct opk_tval *keys = is_map ? opk_arena_array(arena, node->count + 1, sizeof(*keys)) : NULL;

    if (!items || (is_map && !keys))
        return value;
    for (const struct opk_node *child = node->first; child; child = child->next) {
        items[value.count] = opk_tval_of_node(arena, child);
        if (keys)
            keys[value.count] = opk_tval_string(child->key->text);
        value.count++;
    }
    value.items = items;
    value.keys = keys;
    return value;
}

/* Recursion is bounded by the depth that a document may have. */
struct opk_tval opk_tval_of_node(struct opk_arena *arena, const struct opk_node *node)
{
    if (!node)
        return OPK_TVAL_NULL;
    switch (node->kind) {
    case OPK_NODE_BOOL:
        return opk_tval_bool(node->truth);
    case OPK_NODE_INT:
        return integer_of(node);
    case OPK_NODE_FLOAT:
        return (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = node->number};
    case OPK_NODE_STRING:
        return opk_tval_string(node->text);
    case OPK_NODE_SEQ:
    case OPK_NODE_MAP:
        return collection_of(arena, node);
    case OPK_NODE_NULL:
    case OPK_NODE_ALIAS:
        break;
    }
    return OPK_TVAL_NULL;
}

static struct opk_tval *copy_items(struct opk_arena *arena, const struct opk_tval *items,
                                   size_t count);

/* Recursion is bounded by the depth that a document may have. */
static struct opk_tval copy_value(struct opk_arena *arena, const struct opk_tval *value)
{
    struct opk_tval copy = *value;

    if (value->kind == OPK_TVAL_STRING)
        copy.text = opk_arena_copy(arena, value->text);
    if (value->kind == OPK_TVAL_SEQ || value->kind == OPK_TVAL_MAP)
        copy.items = copy_items(arena, value->items, value->count);
    if (value->kind == OPK_TVAL_MAP)
        copy.keys = copy_items(arena, value->keys, value->count);
    return copy;
}

static struct opk_tval *copy_items(struct opk_arena *arena, const struct opk_tval *items,
                                   size_t count)
{
    struct opk_tval *copies = opk_arena_array(arena, count + 1, sizeof(*copies));

    for (size_t i = 0; copies && i < count; i++)
        copies[i] = copy_value(arena, &items[i]);
    return copies;
}

enum opk_status opk_tval_copy(struct opk_arena *arena, const struct opk_tval *value,
                              struct opk_tval *out_copy, struct opk_err *err)
{
    *out_copy = copy_value(arena, value);
    return opk_arena_check(arena, err);
}

const struct opk_tval *opk_tval_get(const struct opk_tval *map, struct opk_str key)
{
    if (!map || map->kind != OPK_TVAL_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (map->keys[i].kind == OPK_TVAL_STRING && opk_str_eq(map->keys[i].text, key))
            return &map->items[i];
    }
    return NULL;
}

void opk_tval_map_init(struct opk_tval *map, struct opk_arena *arena, size_t cap)
{
    *map = (struct opk_tval){.kind = OPK_TVAL_MAP};
    struct opk_tval *pairs = opk_arena_array(arena, 2 * cap, sizeof(*pairs));
    if (!pairs)
        return;
    map->keys = pairs;
    map->items = pairs + cap;
}

void opk_tval_map_add(struct opk_tval *map, struct opk_str key, struct opk_tval value)
{
    if (!map->items)
        return; /* no memory: the arena remembers */
    assert(map->keys + map->count < map->items);
    map->keys[map->count] = opk_tval_string(key);
    map->items[map->count] = value;
    map->count++;
}

bool opk_tval_truth(const struct opk_tval *value)
{
    switch (value->kind) {
    case OPK_TVAL_BOOL:
        return value->truth;
    case OPK_TVAL_INT:
        return value->integer != 0;
    case OPK_TVAL_FLOAT:
        return value->number != 0;
    case OPK_TVAL_STRING:
        return value->text.len > 0;
    case OPK_TVAL_SEQ:
    case OPK_TVAL_MAP:
        return value->count > 0;
    case OPK_TVAL_NONE:
    case OPK_TVAL_UNDEFINED:
        break;
    }
    return false;
}

static bool is_number(const struct opk_tval *value)
{
    return value->kind == OPK_TVAL_INT || value->kind == OPK_TVAL_FLOAT ||
           value->kind == OPK_TVAL_BOOL;
}

static double number_of(const struct opk_tval *value)
{
    if (value->kind == OPK_TVAL_FLOAT)
        return value->number;
    return value->kind == OPK_TVAL_BOOL ? (double)value->truth : (double)value->integer;
}

static int order(double a, double b)
{
    return a < b ? -1 : a > b;
}

bool opk_tval_compare(const struct opk_tval *a, const struct opk_tval *b, int *out_order)
{
    if (a->kind == OPK_TVAL_STRING && b->kind == OPK_TVAL_STRING)
        *out_order = opk_str_cmp(a->text, b->text);
    else if (a->kind == OPK_TVAL_INT && b->kind == OPK_TVAL_INT)
        *out_order = a->integer < b->integer ? -1 : a->integer > b->integer;
    else if (is_number(a) && is_number(b))
        *out_order = order(number_of(a), number_of(b));
    else
        return false;
    return true;
}

static bool map_equal(const struct opk_tval *a, const struct opk_tval *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct opk_tval *other = opk_tval_get(b, a->keys[i].text);
        if (!other || !opk_tval_equal(&a->items[i], other))
            return false;
    }
    return a->count == b->count;
}

bool opk_tval_equal(const struct opk_tval *a, const struct opk_tval *b)
{
    int compared;

    if (opk_tval_compare(a, b, &compared))
        return compared == 0;
    if (a->kind != b->kind)
        return false;
    if (a->kind == OPK_TVAL_MAP)
        return map_equal(a, b);
    if (a->kind != OPK_TVAL_SEQ)
        return true; /* none, undefined */
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (!opk_tval_equal(&a->items[i], &b->items[i]))
            return false;
    }
    return a->count == b->count;
}

static bool characters_of(struct opk_arena *arena, struct opk_str text, struct opk_tval *out_seq)
{
    struct opk_tval *items = opk_arena_array(arena, text.len + 1, sizeof(*items));

    if (!items)
        return false;
    *out_seq = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items};
    while (text.len > 0) {
        uint32_t code_point;
        size_t len = opk_utf8_decode(text, &code_point);
        items[out_seq->count++] = opk_tval_string(opk_str_slice(text, 0, len));
        text = opk_str_skip(text, len);
    }
    return true;
}

bool opk_tval_items(struct opk_arena *arena, const struct opk_tval *value, struct opk_tval *out_seq)
{
    if (value->kind == OPK_TVAL_STRING)
        return characters_of(arena, value->text, out_seq);
    if (value->kind != OPK_TVAL_SEQ && value->kind != OPK_TVAL_MAP)
        return false;
    *out_seq = (struct opk_tval){
        .kind = OPK_TVAL_SEQ,
        .items = value->kind == OPK_TVAL_MAP ? value->keys : value->items,
        .count = value->count,
    };
    return true;
}

/* Python's repr of a float: the shortest digits that read back, 1e16 and 1e-05 with exponents. */
static void print_float(double number, struct opk_buf *out)
{
    char text[40];
    int digits = 1;

    if (isnan(number) || isinf(number)) {
        opk_buf_append_cstr(out, isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
        return;
    }
    do {
        (void)snprintf(text, sizeof(text), "%.*e", digits - 1, number);
    } while (strtod(text, NULL) != number && ++digits <= 17);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    if (exponent < -4 || exponent >= 16) {
        opk_buf_append_cstr(out, text);
        return;
    }
    int decimals = digits - 1 - exponent;
    (void)snprintf(text, sizeof(text), "%.*f", decimals > 1 ? decimals : 1, number);
    opk_buf_append_cstr(out, text);
}

/* Python's repr of a string: single quotes, double where it holds single ones only. */
static void print_quoted(struct opk_str text, struct opk_buf *out)
{
    bool has_single = opk_str_find_byte(text, '\'', 0) != OPK_NPOS;
    bool has_double = opk_str_find_byte(text, '"', 0) != OPK_NPOS;
    char quote = has_single && !has_double ? '"' : '\'';

    opk_buf_append_byte(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == quote || c == '\\')
            opk_buf_printf(out, "\\%c", c);
        else if (c == '\n' || c == '\t' || c == '\r')
            opk_buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if ((unsigned char)c < 0x20 || c == 0x7F)
            opk_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
        else
            opk_buf_append_byte(out, c);
    }
    opk_buf_append_byte(out, quote);
}

static void print_inside(const struct opk_tval *value, struct opk_buf *out)
{
    if (value->kind == OPK_TVAL_STRING)
        print_quoted(value->text, out);
    else
        opk_tval_print(value, out);
}

static void print_collection(const struct opk_tval *value, struct opk_buf *out)
{
    bool is_map = value->kind == OPK_TVAL_MAP;

    bool is_tuple = !is_map && value->truth;

    opk_buf_append_byte(out, is_map ? '{' : is_tuple ? '(' : '[');
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            opk_buf_append_cstr(out, ", ");
        if (is_map) {
            print_inside(&value->keys[i], out);
            opk_buf_append_cstr(out, ": ");
        }
        print_inside(&value->items[i], out);
    }
    if (is_tuple && value->count == 1)
        opk_buf_append_byte(out, ',');
    opk_buf_append_byte(out, is_map ? '}' : is_tuple ? ')' : ']');
}

void opk_tval_print(const struct opk_tval *value, struct opk_buf *out)
{
    switch (value->kind) {
    case OPK_TVAL_UNDEFINED:
        break;
    case OPK_TVAL_NONE:
        opk_buf_append_cstr(out, "None");
        break;
    case OPK_TVAL_BOOL:
        opk_buf_append_cstr(out, value->truth ? "True" : "False");
        break;
    case OPK_TVAL_INT:
        opk_buf_printf(out, "%lld", (long long)value->integer);
        break;
    case OPK_TVAL_FLOAT:
        print_float(value->number, out);
        break;
    case OPK_TVAL_STRING:
        opk_buf_append(out, value->text);
        break;
    case OPK_TVAL_SEQ:
    case OPK_TVAL_MAP:
        print_collection(value, out);
        break;
    }
}

struct opk_str opk_tval_text(struct opk_arena *arena, const struct opk_tval *value)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    if (value->kind == OPK_TVAL_STRING)
        return value->text;
    opk_tval_print(value, &text);
    struct opk_str copy = opk_arena_copy(arena, opk_buf_str(&text));
    if (text.failed)
        arena->failed = true;
    opk_buf_done(&text);
    return copy;
}
