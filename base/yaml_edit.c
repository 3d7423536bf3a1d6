#include "base/yaml_edit.h"

#include "base/mem.h"
#include "base/yaml_impl.h"
#include "base/yaml_layout.h"
#include "base/yaml_patch.h"
#include "base/yaml_scalar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LCS_CELLS_MAX ((size_t)1 << 22) /* lists whose difference is larger are written anew */

struct opk_yaml_edit {
    struct opk_doc doc;
    struct opk_arena arena; /* of changes and of copied values */
    struct opk_yaml_limits limits;
    const char *path;
    struct opk_yaml_change **by_id;
    struct opk_yaml_change *root; /* of an empty document */
    size_t planned;
};

static OPK_MUST_USE enum opk_status no_memory(const struct opk_yaml_edit *edit, struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(edit->path), "no memory to edit %zu bytes",
                    edit->doc.source.len);
}

static OPK_MUST_USE enum opk_status refuse(const struct opk_yaml_edit *edit,
                                           const struct opk_node *node, const char *why,
                                           struct opk_err *err)
{
    return opk_fail(err, OPK_E_REFUSED, opk_node_place(node, edit->path), "%s", why);
}

static OPK_MUST_USE enum opk_status conflict(const struct opk_yaml_edit *edit,
                                             const struct opk_node *node, struct opk_err *err)
{
    return opk_fail(err, OPK_E_CONFLICT, opk_node_place(node, edit->path),
                    "two changes of one edit meet here");
}

enum opk_status opk_yaml_edit_new(struct opk_str text, const char *path,
                                  struct opk_yaml_limits limits, struct opk_yaml_edit **out_edit,
                                  struct opk_err *err)
{
    struct opk_yaml_edit *edit = calloc(1, sizeof(*edit));
    enum opk_status status;

    if (!edit)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory to edit %zu bytes",
                        text.len);
    edit->limits = limits;
    status = opk_yaml_parse(text, path, limits, &edit->doc, err);
    if (status == OPK_OK) {
        edit->path = opk_arena_copy(&edit->arena, opk_str_of(path)).data;
        edit->by_id = opk_arena_array(&edit->arena, edit->doc.node_count + 1, sizeof(void *));
        status = opk_arena_check(&edit->arena, err);
    }
    if (status != OPK_OK) {
        opk_yaml_edit_free(edit);
        return status;
    }
    *out_edit = edit;
    return OPK_OK;
}

void opk_yaml_edit_free(struct opk_yaml_edit *edit)
{
    if (!edit)
        return;
    opk_doc_done(&edit->doc);
    opk_arena_done(&edit->arena);
    free(edit);
}

const struct opk_doc *opk_yaml_edit_doc(const struct opk_yaml_edit *edit)
{
    return &edit->doc;
}

bool opk_yaml_edit_changed(const struct opk_yaml_edit *edit)
{
    return edit->planned > 0;
}

/* ---- values ---- */

static const struct opk_value *find_item(const struct opk_value *map, struct opk_str key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (opk_str_eq(map->items[i].key, key))
            return &map->items[i];
    }
    return NULL;
}

/* Is a node what a value says? The keys of a mapping may come in any order. */
static bool node_is(const struct opk_node *node, const struct opk_value *value)
{
    struct opk_node typed = {0};
    const struct opk_node *child = node->first;

    switch (value->kind) {
    case OPK_VALUE_NULL:
        return node->kind == OPK_NODE_NULL;
    case OPK_VALUE_STRING:
        return node->kind == OPK_NODE_STRING && opk_str_eq(node->text, value->text);
    case OPK_VALUE_RAW:
        return node->kind == opk_yaml_resolve(value->text, &typed) &&
               opk_str_eq(node->text, value->text);
    case OPK_VALUE_SEQ:
        if (node->kind != OPK_NODE_SEQ || node->count != value->count)
            return false;
        for (size_t i = 0; i < value->count; i++, child = child->next) {
            if (!node_is(child, &value->items[i]))
                return false;
        }
        return true;
    case OPK_VALUE_MAP:
        if (node->kind != OPK_NODE_MAP || node->count != value->count)
            return false;
        for (; child; child = child->next) {
            const struct opk_value *item = find_item(value, child->key->text);
            if (!item || !node_is(child, item))
                return false;
        }
        return true;
    }
    return false;
}

/* Children of a collection as items. */
static OPK_MUST_USE enum opk_status items_of_node(const struct opk_node *node,
                                                  struct opk_arena *arena, struct opk_value *value,
                                                  struct opk_err *err)
{
    struct opk_value *items = opk_arena_array(arena, node->count + 1, sizeof(*items));
    enum opk_status status = opk_arena_check(arena, err);

    for (const struct opk_node *child = node->first; items && child && status == OPK_OK;
         child = child->next) {
        status = opk_value_of_node(child, arena, &items[value->count], err);
        if (child->key)
            items[value->count].key = child->key->text;
        value->count++;
    }
    value->items = items;
    return status;
}

enum opk_status opk_value_of_node(const struct opk_node *node, struct opk_arena *arena,
                                  struct opk_value *out_value, struct opk_err *err)
{
    struct opk_value value = {.kind = OPK_VALUE_RAW, .text = node->text, .key = OPK_STR_EMPTY};
    enum opk_status status = OPK_OK;

    if (node->props || node->kind == OPK_NODE_ALIAS)
        return opk_fail(err, OPK_E_REFUSED, opk_node_place(node, NULL),
                        "a value with anchors, aliases or tags cannot be written");
    if (node->kind == OPK_NODE_NULL)
        value.kind = OPK_VALUE_NULL;
    else if (node->kind == OPK_NODE_STRING)
        value.kind = OPK_VALUE_STRING;
    else if (node->kind == OPK_NODE_SEQ)
        value.kind = OPK_VALUE_SEQ;
    else if (node->kind == OPK_NODE_MAP)
        value.kind = OPK_VALUE_MAP;
    if (value.kind == OPK_VALUE_SEQ || value.kind == OPK_VALUE_MAP)
        status = items_of_node(node, arena, &value, err);
    if (status == OPK_OK)
        *out_value = value;
    return status;
}

static OPK_MUST_USE enum opk_status check_value(const struct opk_yaml_edit *edit,
                                                const struct opk_value *value, struct opk_err *err)
{
    if (!opk_utf8_valid(value->text) || !opk_utf8_valid(value->key))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(edit->path), "the new value is not UTF-8");
    if (value->kind == OPK_VALUE_RAW && !opk_yaml_fits_plain(value->text, true))
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(edit->path), "\"%.*s\" is no plain value",
                        (int)(value->text.len < 80 ? value->text.len : 80), value->text.data);
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status copy_value(struct opk_yaml_edit *edit,
                                               const struct opk_value *value, unsigned depth,
                                               struct opk_value *out_value, struct opk_err *err)
{
    bool collection = value->kind == OPK_VALUE_SEQ || value->kind == OPK_VALUE_MAP;
    struct opk_value copy = {.kind = value->kind, .text = OPK_STR_EMPTY};
    enum opk_status status = check_value(edit, value, err);

    if (depth == OPK_YAML_DEPTH_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(edit->path),
                        "the new value is nested deeper than %d levels", OPK_YAML_DEPTH_MAX);
    if (status != OPK_OK)
        return status;
    copy.key = opk_arena_copy(&edit->arena, value->key);
    copy.text = opk_arena_copy(&edit->arena, value->text);
    struct opk_value *items = NULL;
    if (collection && value->count > 0)
        items = opk_arena_array(&edit->arena, value->count, sizeof(*items));
    if (edit->arena.failed)
        return no_memory(edit, err);
    for (size_t i = 0; items && i < value->count && status == OPK_OK; i++) {
        status = copy_value(edit, &value->items[i], depth + 1, &items[i], err);
        copy.count++;
    }
    copy.items = items;
    if (status == OPK_OK)
        *out_value = copy;
    return status;
}

/* A copy in the edit's arena. */
static OPK_MUST_USE enum opk_status keep_value(struct opk_yaml_edit *edit,
                                               const struct opk_value *value,
                                               const struct opk_value **out_value,
                                               struct opk_err *err)
{
    struct opk_value *copy = opk_arena_alloc(&edit->arena, sizeof(*copy));

    if (!copy)
        return no_memory(edit, err);
    enum opk_status status = copy_value(edit, value, 0, copy, err);
    if (status == OPK_OK)
        *out_value = copy;
    return status;
}

/* ---- what must not be lost ---- */

static bool has_alias(const struct opk_node *node, struct opk_str name)
{
    if (node->kind == OPK_NODE_ALIAS)
        return opk_str_eq(node->text, name);
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (has_alias(child, name) || (child->key && has_alias(child->key, name)))
            return true;
    }
    return false;
}

/* Does a node, or a key or value below it, have an anchor that an alias in the file names? */
static bool is_anchored(const struct opk_yaml_edit *edit, const struct opk_node *node, bool itself)
{
    if (itself && node->props && node->props->anchor.len > 0 &&
        has_alias(edit->doc.root, node->props->anchor))
        return true;
    if (itself && node->key && is_anchored(edit, node->key, true))
        return true;
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (is_anchored(edit, child, true))
            return true;
    }
    return false;
}

#define WHY_ANCHORED "it holds an anchor that an alias elsewhere names"

/* ---- planning ---- */

static OPK_MUST_USE enum opk_status new_change(struct opk_yaml_edit *edit,
                                               const struct opk_node *node,
                                               struct opk_yaml_change **out_change,
                                               struct opk_err *err)
{
    struct opk_yaml_change *change = opk_arena_alloc(&edit->arena, sizeof(*change));

    if (!change)
        return no_memory(edit, err);
    if (node)
        edit->by_id[node->id] = change;
    else
        edit->root = change;
    edit->planned++;
    *out_change = change;
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status add_slot(struct opk_yaml_edit *edit,
                                             struct opk_yaml_change *change,
                                             struct opk_yaml_slot slot, struct opk_err *err)
{
    if (change->count == change->cap) {
        size_t cap = change->cap > 0 ? change->cap * 2 : 8;
        struct opk_yaml_slot *slots = opk_arena_array(&edit->arena, cap, sizeof(*slots));
        if (!slots)
            return no_memory(edit, err);
        if (change->count > 0)
            memcpy(slots, change->slots, change->count * sizeof(*slots));
        change->slots = slots;
        change->cap = cap;
    }
    change->slots[change->count++] = slot;
    return OPK_OK;
}

/* The slots of a collection, which hold its children as they are when they are new. */
static OPK_MUST_USE enum opk_status slots_of(struct opk_yaml_edit *edit,
                                             const struct opk_node *node, enum opk_node_kind kind,
                                             struct opk_yaml_change **out_change,
                                             struct opk_err *err)
{
    struct opk_yaml_change *change = node ? edit->by_id[node->id] : edit->root;
    enum opk_status status = OPK_OK;

    if (change && (change->value || change->kind != kind))
        return conflict(edit, node, err);
    if (!change) {
        status = new_change(edit, node, &change, err);
        if (status == OPK_OK)
            change->kind = kind;
        for (const struct opk_node *child = node ? node->first : NULL; child && status == OPK_OK;
             child = child->next)
            status = add_slot(edit, change, (struct opk_yaml_slot){.child = child}, err);
    }
    if (status == OPK_OK)
        *out_change = change;
    return status;
}

static OPK_MUST_USE enum opk_status drop_slot(const struct opk_yaml_edit *edit,
                                              struct opk_yaml_slot *slot, struct opk_err *err)
{
    if (is_anchored(edit, slot->child, true))
        return refuse(edit, slot->child, WHY_ANCHORED, err);
    slot->dropped = true;
    return OPK_OK;
}

/* ---- lists: the longest common subsequence stays ---- */

static OPK_MUST_USE enum opk_status plan_value(struct opk_yaml_edit *edit,
                                               const struct opk_node *node,
                                               const struct opk_value *value, struct opk_err *err);

struct lists {
    const struct opk_node **old; /* children, as an array */
    const struct opk_value *items;
    size_t old_count;
    size_t item_count;
    size_t head; /* equal items at the beginning */
    size_t tail; /* and at the end */
};

static void trim_lists(struct lists *lists)
{
    size_t least = lists->old_count < lists->item_count ? lists->old_count : lists->item_count;

    while (lists->head < least && node_is(lists->old[lists->head], &lists->items[lists->head]))
        lists->head++;
    while (lists->tail < least - lists->head &&
           node_is(lists->old[lists->old_count - 1 - lists->tail],
                   &lists->items[lists->item_count - 1 - lists->tail]))
        lists->tail++;
}

/* Between items that stay: old ones that go, and new ones that come. */
struct gap {
    const struct opk_node **old;
    const struct opk_value *items;
    size_t old_count;
    size_t item_count;
};

/* May a value take the place of an item, whose line and comments it then keeps? */
static bool is_alike(const struct opk_node *node, const struct opk_value *value)
{
    if (node->props || node->kind == OPK_NODE_ALIAS)
        return false;
    if (node->kind == OPK_NODE_SEQ || node->kind == OPK_NODE_MAP)
        return node->count > 0 && value->count > 0 &&
               value->kind == (node->kind == OPK_NODE_SEQ ? OPK_VALUE_SEQ : OPK_VALUE_MAP);
    return value->kind != OPK_VALUE_SEQ && value->kind != OPK_VALUE_MAP;
}

/* What stands at the same place of a gap is changed where it stands. */
static OPK_MUST_USE enum opk_status add_gap(struct opk_yaml_edit *edit,
                                            struct opk_yaml_change *change, const struct gap *gap,
                                            struct opk_err *err)
{
    size_t most = gap->old_count > gap->item_count ? gap->old_count : gap->item_count;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < most && status == OPK_OK; i++) {
        const struct opk_node *child = i < gap->old_count ? gap->old[i] : NULL;
        const struct opk_value *item = i < gap->item_count ? &gap->items[i] : NULL;
        struct opk_yaml_slot slot = {.child = child};
        if (child && item && is_alike(child, item)) {
            status = plan_value(edit, child, item, err);
            item = NULL;
        } else if (child) {
            status = drop_slot(edit, &slot, err);
        }
        if (status == OPK_OK && child)
            status = add_slot(edit, change, slot, err);
        if (status == OPK_OK && item)
            status = add_slot(edit, change, (struct opk_yaml_slot){.added = item}, err);
    }
    return status;
}

/* lengths[i][j]: of the longest common subsequence of what is left from old i and item j. */
static OPK_MUST_USE enum opk_status add_middle(struct opk_yaml_edit *edit,
                                               struct opk_yaml_change *change,
                                               const struct lists *lists, struct opk_err *err)
{
    size_t rows = lists->old_count - lists->head - lists->tail;
    size_t width = lists->item_count - lists->head - lists->tail;
    const struct opk_node **old = lists->old + lists->head;
    const struct opk_value *items = lists->items + lists->head;
    bool small = (rows + 1) <= LCS_CELLS_MAX / (width + 1);
    size_t cells = small ? (rows + 1) * (width + 1) : 1;
    uint32_t *lengths = calloc(cells, sizeof(*lengths));
    struct gap gap = {.old = old, .items = items};
    enum opk_status status = lengths ? OPK_OK : no_memory(edit, err);

#define LENGTH(i, j) lengths[(i) * (width + 1) + (j)]
    for (size_t i = rows; status == OPK_OK && small && i-- > 0;) {
        for (size_t j = width; j-- > 0;) {
            uint32_t down = LENGTH(i + 1, j);
            uint32_t right = LENGTH(i, j + 1);
            LENGTH(i, j) = down > right ? down : right;
            if (node_is(old[i], &items[j]))
                LENGTH(i, j) = LENGTH(i + 1, j + 1) + 1;
        }
    }
    size_t i = 0;
    size_t j = 0;
    while (status == OPK_OK && small && i < rows && j < width) {
        if (node_is(old[i], &items[j])) {
            status = add_gap(edit, change, &gap, err);
            if (status == OPK_OK)
                status = add_slot(edit, change, (struct opk_yaml_slot){.child = old[i]}, err);
            gap = (struct gap){.old = &old[++i], .items = &items[++j]};
        } else if (LENGTH(i + 1, j) >= LENGTH(i, j + 1)) {
            i++;
        } else {
            j++;
        }
        gap.old_count = (size_t)(&old[i] - gap.old);
        gap.item_count = (size_t)(&items[j] - gap.items);
    }
#undef LENGTH
    free(lengths);
    gap.old_count = (size_t)(&old[rows] - gap.old);
    gap.item_count = (size_t)(&items[width] - gap.items);
    return status == OPK_OK ? add_gap(edit, change, &gap, err) : status;
}

static OPK_MUST_USE enum opk_status plan_list(struct opk_yaml_edit *edit,
                                              const struct opk_node *node,
                                              const struct opk_value *value, struct opk_err *err)
{
    struct lists lists = {
        .items = value->items, .old_count = node->count, .item_count = value->count};
    struct opk_yaml_change *change;
    enum opk_status status = new_change(edit, node, &change, err);

    if (status != OPK_OK)
        return status;
    change->kind = OPK_NODE_SEQ;
    lists.old = opk_arena_array(&edit->arena, node->count, sizeof(const struct opk_node *));
    if (!lists.old)
        return no_memory(edit, err);
    size_t at = 0;
    for (const struct opk_node *child = node->first; child; child = child->next)
        lists.old[at++] = child;
    trim_lists(&lists);
    for (size_t i = 0; i < lists.head && status == OPK_OK; i++)
        status = add_slot(edit, change, (struct opk_yaml_slot){.child = lists.old[i]}, err);
    if (status == OPK_OK)
        status = add_middle(edit, change, &lists, err);
    for (size_t i = lists.old_count - lists.tail; i < lists.old_count && status == OPK_OK; i++)
        status = add_slot(edit, change, (struct opk_yaml_slot){.child = lists.old[i]}, err);
    return status;
}

/* ---- replacing ---- */

/* Keys that stay keep their order; each value is planned for itself. */
static OPK_MUST_USE enum opk_status plan_mapping(struct opk_yaml_edit *edit,
                                                 const struct opk_node *node,
                                                 const struct opk_value *value, struct opk_err *err)
{
    struct opk_yaml_change *change;
    enum opk_status status = slots_of(edit, node, OPK_NODE_MAP, &change, err);

    for (size_t i = 0; status == OPK_OK && i < node->count; i++) {
        const struct opk_node *child = change->slots[i].child;
        const struct opk_value *item = find_item(value, child->key->text);
        status =
            item ? plan_value(edit, child, item, err) : drop_slot(edit, &change->slots[i], err);
    }
    for (size_t i = 0; status == OPK_OK && i < value->count; i++) {
        if (opk_node_get_str(node, value->items[i].key))
            continue;
        status = add_slot(edit, change, (struct opk_yaml_slot){.added = &value->items[i]}, err);
    }
    return status;
}

static OPK_MUST_USE enum opk_status plan_value(struct opk_yaml_edit *edit,
                                               const struct opk_node *node,
                                               const struct opk_value *value, struct opk_err *err)
{
    struct opk_yaml_change *change = edit->by_id[node->id];

    if (change)
        return conflict(edit, node, err);
    if (node_is(node, value))
        return OPK_OK;
    if (value->kind == OPK_VALUE_SEQ && node->kind == OPK_NODE_SEQ && value->count > 0 &&
        node->count > 0)
        return plan_list(edit, node, value, err);
    if (value->kind == OPK_VALUE_MAP && node->kind == OPK_NODE_MAP && value->count > 0 &&
        node->count > 0)
        return plan_mapping(edit, node, value, err);
    if (is_anchored(edit, node, false))
        return refuse(edit, node, WHY_ANCHORED, err);
    enum opk_status status = new_change(edit, node, &change, err);
    if (status == OPK_OK)
        change->value = value;
    return status;
}

enum opk_status opk_yaml_edit_replace(struct opk_yaml_edit *edit, const struct opk_node *node,
                                      const struct opk_value *value, struct opk_err *err)
{
    const struct opk_value *copy;
    enum opk_status status = keep_value(edit, value, &copy, err);

    return status == OPK_OK ? plan_value(edit, node, copy, err) : status;
}

/* ---- children ---- */

/* May values be added to a node as to a collection of a kind? An empty value becomes one. */
static OPK_MUST_USE enum opk_status check_holds(const struct opk_yaml_edit *edit,
                                                const struct opk_node *node,
                                                enum opk_node_kind kind, struct opk_err *err)
{
    if (!node && edit->doc.root)
        return opk_fail(err, OPK_E_INTERNAL, OPK_AT_PATH(edit->path),
                        "no node, but the document is not empty");
    if (!node || node->kind == kind || node->kind == OPK_NODE_NULL)
        return OPK_OK;
    return refuse(edit, node, kind == OPK_NODE_MAP ? "not a mapping" : "not a list", err);
}

enum opk_status opk_yaml_edit_set(struct opk_yaml_edit *edit, const struct opk_node *map,
                                  struct opk_str key, const struct opk_value *value,
                                  struct opk_err *err)
{
    const struct opk_node *child = opk_node_get_str(map, key);
    struct opk_yaml_change *change;
    struct opk_yaml_slot slot = {0};
    struct opk_value keyed = *value;
    enum opk_status status = check_holds(edit, map, OPK_NODE_MAP, err);

    if (status != OPK_OK)
        return status;
    if (child)
        return opk_yaml_edit_replace(edit, child, value, err);
    keyed.key = key;
    status = keep_value(edit, &keyed, &slot.added, err);
    if (status == OPK_OK)
        status = slots_of(edit, map, OPK_NODE_MAP, &change, err);
    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < change->count; i++) {
        if (change->slots[i].added && opk_str_eq(change->slots[i].added->key, key))
            return conflict(edit, map, err);
    }
    return add_slot(edit, change, slot, err);
}

enum opk_status opk_yaml_edit_append(struct opk_yaml_edit *edit, const struct opk_node *seq,
                                     const struct opk_value *value, struct opk_err *err)
{
    struct opk_yaml_change *change;
    struct opk_yaml_slot slot = {0};
    enum opk_status status = check_holds(edit, seq, OPK_NODE_SEQ, err);

    if (status == OPK_OK)
        status = keep_value(edit, value, &slot.added, err);
    if (status == OPK_OK)
        status = slots_of(edit, seq, OPK_NODE_SEQ, &change, err);
    return status == OPK_OK ? add_slot(edit, change, slot, err) : status;
}

enum opk_status opk_yaml_edit_insert(struct opk_yaml_edit *edit, const struct opk_node *after,
                                     const struct opk_value *value, struct opk_err *err)
{
    struct opk_yaml_change *change;
    struct opk_yaml_slot slot = {0};
    const struct opk_node *parent = after->parent;
    size_t at = 0;

    if (!parent)
        return refuse(edit, after, "nothing stands beside the whole document", err);
    if (parent->kind == OPK_NODE_MAP && opk_node_get_str(parent, value->key))
        return conflict(edit, after, err);
    enum opk_status status = keep_value(edit, value, &slot.added, err);
    if (status == OPK_OK)
        status = slots_of(edit, parent, parent->kind, &change, err);
    if (status == OPK_OK)
        status = add_slot(edit, change, slot, err);
    if (status != OPK_OK)
        return status;
    while (at < change->count && change->slots[at].child != after)
        at++;
    /* What was added there before keeps its place before this one. */
    while (at + 2 < change->count && change->slots[at + 1].added)
        at++;
    memmove(&change->slots[at + 2], &change->slots[at + 1],
            (change->count - at - 2) * sizeof(*change->slots));
    change->slots[at + 1] = slot;
    return OPK_OK;
}

enum opk_status opk_yaml_edit_delete(struct opk_yaml_edit *edit, const struct opk_node *node,
                                     struct opk_err *err)
{
    struct opk_yaml_change *change;

    if (!node->parent)
        return refuse(edit, node, "the whole document cannot be deleted", err);
    enum opk_status status = slots_of(edit, node->parent, node->parent->kind, &change, err);
    for (size_t i = 0; status == OPK_OK && i < change->count; i++) {
        if (change->slots[i].child == node)
            return drop_slot(edit, &change->slots[i], err);
    }
    return status;
}

/* ---- verification ---- */

static bool same_props(const struct opk_node *a, const struct opk_node *b)
{
    if (!a->props || !b->props)
        return !a->props && !b->props;
    return opk_str_eq(a->props->anchor, b->props->anchor) &&
           opk_str_eq(a->props->tag, b->props->tag);
}

/* Does the new tree hold what was planned, and all else as it was? NULL, or where it does not. */
static const struct opk_node *differs(const struct opk_yaml_edit *edit, const struct opk_node *old,
                                      const struct opk_node *now);

/* The same for children against slots. */
static const struct opk_node *slots_differ(const struct opk_yaml_edit *edit,
                                           const struct opk_yaml_change *change,
                                           const struct opk_node *now)
{
    const struct opk_node *child = now->first;

    for (size_t i = 0; i < change->count; i++) {
        const struct opk_yaml_slot *slot = &change->slots[i];
        const struct opk_node *key = slot->child ? slot->child->key : NULL;
        if (slot->dropped)
            continue;
        if (!child)
            return now;
        if (slot->child &&
            (differs(edit, slot->child, child) || (key && differs(edit, key, child->key))))
            return child;
        if (slot->added && (!node_is(child, slot->added) ||
                            (child->key && !opk_str_eq(child->key->text, slot->added->key))))
            return child;
        child = child->next;
    }
    return child;
}

static const struct opk_node *differs(const struct opk_yaml_edit *edit, const struct opk_node *old,
                                      const struct opk_node *now)
{
    const struct opk_yaml_change *change = edit->by_id[old->id];
    const struct opk_node *b = now->first;

    if (!same_props(old, now))
        return now;
    if (change && change->value)
        return node_is(now, change->value) ? NULL : now;
    if (change)
        return now->kind == change->kind ? slots_differ(edit, change, now) : now;
    if (old->kind != now->kind || old->style != now->style || old->count != now->count ||
        !opk_str_eq(old->text, now->text))
        return now;
    for (const struct opk_node *a = old->first; a; a = a->next, b = b->next) {
        if (a->key && differs(edit, a->key, b->key))
            return b;
        const struct opk_node *found = differs(edit, a, b);
        if (found)
            return found;
    }
    return NULL;
}

/* What will be written is read back by libyaml, whoever read the text before. */
static OPK_MUST_USE enum opk_status verify(const struct opk_yaml_edit *edit, struct opk_str text,
                                           struct opk_err *err)
{
    struct opk_doc now = {0};
    struct opk_err why;
    enum opk_status status = opk_yaml_parse_any(text, edit->path, edit->limits, &now, &why);

    if (status == OPK_E_NOMEM || status == OPK_E_LIMIT) {
        if (err)
            *err = why;
        return status;
    }
    if (status != OPK_OK)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_LINE(edit->path, why.line),
                        "the edited text would not read back: %s", why.message);
    const struct opk_node *a = edit->doc.root;
    const struct opk_node *b = now.root;
    const struct opk_node *found = NULL;
    if (edit->root && b)
        found = slots_differ(edit, edit->root, b);
    for (; a && b && !found; a = a->next, b = b->next)
        found = differs(edit, a, b);
    if (found || (!edit->root && (a || b)) || (edit->root && !now.root))
        status = opk_fail(err, OPK_E_REFUSED, opk_node_place(found, edit->path),
                          "the edit would change more than was asked for; change it by hand");
    opk_doc_done(&now);
    return status;
}

static bool ends_in_break(struct opk_str text)
{
    return text.len > 0 && opk_yaml_is_break(text.data[text.len - 1]);
}

/* Where the last line went, its end is dropped too if the file never had a last line end. */
static void cut_last_break(const struct opk_yaml_edit *edit, struct opk_buf *text)
{
    struct opk_str now = opk_buf_str(text);
    struct opk_str old = edit->doc.source;

    if (edit->root || old.len == 0 || ends_in_break(old) || !ends_in_break(now))
        return;
    size_t len = now.len - 1;
    if (len > 0 && now.data[len] == '\n' && now.data[len - 1] == '\r')
        len--;
    /* A block scalar that is last now may need it. */
    if (verify(edit, opk_str_slice(now, 0, len), NULL) == OPK_OK)
        opk_buf_truncate(text, len);
}

enum opk_status opk_yaml_edit_finish(struct opk_yaml_edit *edit, struct opk_buf *out,
                                     struct opk_err *err)
{
    const struct opk_yaml_plan plan = {
        .doc = &edit->doc, .path = edit->path, .by_id = edit->by_id, .root = edit->root};
    struct opk_buf text = OPK_BUF_EMPTY;
    size_t done = 0;
    enum opk_status status;

    if (edit->planned == 0) {
        opk_buf_append(out, edit->doc.source);
        return opk_buf_check(out, err);
    }
    status = opk_yaml_patch(&plan, &text, &done, err);
    if (status == OPK_OK && done < edit->planned)
        status = conflict(edit, edit->doc.root, err);
    if (status == OPK_OK)
        status = opk_buf_check(&text, err);
    if (status == OPK_OK) {
        cut_last_break(edit, &text);
        status = verify(edit, opk_buf_str(&text), err);
    }
    if (status == OPK_OK) {
        opk_buf_append(out, opk_buf_str(&text));
        status = opk_buf_check(out, err);
    }
    opk_buf_done(&text);
    return status;
}
