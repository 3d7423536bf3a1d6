#include "base/yaml_patch.h"

#include "base/mem.h"
#include "base/yaml_layout.h"
#include "base/yaml_render.h"
#include "base/yaml_scalar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct patch {
    size_t begin;
    size_t end;
    size_t order; /* of making: patches at one place keep it */
    struct opk_str text;
};

struct patcher {
    const struct opk_yaml_plan *plan;
    struct opk_str source;
    struct opk_yaml_hand hand;
    struct opk_arena arena; /* of the patches' texts */
    struct patch *patches;
    size_t count;
    size_t cap;
    struct opk_buf text; /* scratch */
    size_t done;
    enum opk_status status; /* sticky */
    struct opk_err *err;
};

static void refuse(struct patcher *p, const struct opk_node *node, const char *why)
{
    if (p->status == OPK_OK)
        p->status = opk_fail(p->err, OPK_E_REFUSED, opk_node_place(node, p->plan->path), "%s", why);
}

static void out_of_memory(struct patcher *p)
{
    if (p->status == OPK_OK)
        p->status = opk_fail(p->err, OPK_E_NOMEM, OPK_AT_PATH(p->plan->path),
                             "no memory for %zu changes", p->count);
}

static void put(struct patcher *p, size_t begin, size_t end, struct opk_str text)
{
    assert(end <= p->source.len);
    if (begin > end) {
        refuse(p, p->plan->doc->root, "a value's place in the text is not known");
        return;
    }
    struct patch *patches = opk_grow(p->patches, &p->cap, p->count + 1, sizeof(*patches));
    if (!patches) {
        out_of_memory(p);
        return;
    }
    p->patches = patches;
    patches[p->count] = (struct patch){begin, end, p->count, opk_arena_copy(&p->arena, text)};
    p->count++;
    if (p->arena.failed)
        out_of_memory(p);
}

/* Put the scratch text. */
static void put_text(struct patcher *p, size_t begin, size_t end)
{
    if (p->text.failed)
        out_of_memory(p);
    else
        put(p, begin, end, opk_buf_str(&p->text));
    opk_buf_clear(&p->text);
}

static void drop(struct patcher *p, size_t begin, size_t end)
{
    if (begin < end)
        put(p, begin, end, OPK_STR_EMPTY);
}

static void start_line(struct patcher *p, size_t column)
{
    opk_buf_append(&p->text, p->hand.eol);
    opk_buf_append_fill(&p->text, ' ', column);
}

static size_t column_of(const struct opk_node *node)
{
    return (size_t)node->column - 1;
}

static const struct opk_yaml_change *change_of(const struct patcher *p, const struct opk_node *node)
{
    return p->plan->by_id[node->id];
}

/* ---- one value for another ---- */

static bool is_block_scalar(const struct opk_node *node)
{
    return node->style == OPK_STYLE_LITERAL || node->style == OPK_STYLE_FOLDED;
}

static bool is_block(const struct opk_node *node)
{
    return node->style == OPK_STYLE_BLOCK;
}

/* Where a value may begin on the line of its key or dash, behind anchor and tag; or OPK_NPOS. */
static size_t slot_of(const struct patcher *p, const struct opk_node *node)
{
    if (node->props) {
        size_t at = node->props->begin;
        size_t end = opk_yaml_prop_end(p->source, at);
        if (node->props->anchor.len > 0 && node->props->tag.len > 0)
            end = opk_yaml_prop_end(p->source, opk_yaml_skip_space(p->source, end));
        return end;
    }
    if (!node->parent)
        return OPK_NPOS;
    if (node->key) {
        size_t colon = opk_yaml_colon(p->source, node);
        return colon == OPK_NPOS ? OPK_NPOS : colon + 1;
    }
    const struct opk_node *prev = NULL;
    for (const struct opk_node *at = node->parent->first; at != node; at = at->next)
        prev = at;
    return opk_yaml_entry_begin(p->source, node, prev) + 1;
}

/* Text for an empty place: with a blank before it. */
static void put_inline_empty(struct patcher *p, const struct opk_node *node)
{
    size_t at = node->span.begin;

    if (!node->parent && !opk_yaml_starts_line(p->source, at))
        opk_buf_splice(&p->text, 0, 0, p->hand.eol);
    else if (at > opk_yaml_bom(p->source) && !opk_is_space(p->source.data[at - 1]))
        opk_buf_splice(&p->text, 0, 0, OPK_STR(" "));
    if (!node->parent)
        opk_buf_append(&p->text, p->hand.eol);
    put_text(p, at, at);
}

/* The scratch text, which has no line of its own to keep, instead of the node's value. */
static void put_inline(struct patcher *p, const struct opk_node *node)
{
    size_t slot = slot_of(p, node);

    if (node->span.begin == node->span.end) {
        put_inline_empty(p, node);
    } else if (is_block_scalar(node)) {
        /* A comment behind the "|" stays where it is. */
        size_t header = opk_yaml_header_end(p->source, node);
        put_text(p, node->span.begin, header);
        drop(p, opk_yaml_line_end(p->source, header), node->span.end);
    } else if (is_block(node) && slot != OPK_NPOS &&
               opk_yaml_starts_line(p->source, node->span.begin)) {
        /* So does one behind the key; the lines of the block go. */
        size_t lines = opk_yaml_line_begin(p->source, node->span.begin);
        opk_buf_splice(&p->text, 0, 0, OPK_STR(" "));
        put_text(p, slot, slot);
        drop(p, opk_yaml_line_end_before(p->source, lines),
             opk_yaml_line_end(p->source, node->span.end));
    } else {
        /* An anchor may stand close before a plain scalar that begins with a colon. */
        if (node->props && !opk_is_space(p->source.data[node->span.begin - 1]))
            opk_buf_splice(&p->text, 0, 0, OPK_STR(" "));
        put_text(p, node->span.begin, node->span.end);
    }
}

static bool has_digit(struct opk_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (opk_is_digit(text.data[i]))
            return true;
    }
    return false;
}

/* A string in an old block scalar's style; false when it cannot be written so. */
static bool put_block_scalar(struct patcher *p, const struct opk_node *node, struct opk_str text)
{
    enum opk_node_style style = node->style;
    size_t header = opk_yaml_header_end(p->source, node);
    struct opk_str marks = opk_str_slice(p->source, node->span.begin, header);
    size_t lines = opk_yaml_line_end(p->source, header);
    bool keeps = opk_str_find_byte(marks, '+', 0) != OPK_NPOS;

    if (!opk_yaml_fits_block(text, style))
        style = OPK_STYLE_LITERAL;
    /* Without "+", the empty lines that follow are not the value's. */
    if (!opk_yaml_fits_block(text, style) || (!keeps && opk_str_ends(text, OPK_STR("\n\n"))))
        return false;
    size_t first = lines;
    while (first < node->span.end && opk_yaml_is_break(p->source.data[first]))
        first = opk_yaml_line_next(p->source, first);
    size_t indent = 0;
    while (opk_yaml_byte(p->source, first + indent) == ' ')
        indent++;
    if (lines == node->span.end || has_digit(marks))
        indent = (node->parent ? column_of(node->parent) : 0) + p->hand.map_indent;
    opk_yaml_write_block_header(&p->text, text, style);
    put_text(p, node->span.begin, header);
    opk_yaml_write_block_lines(&p->text, text, style, indent, p->hand.eol);
    if (node->span.end == p->source.len && opk_str_ends(text, OPK_STR("\n")))
        opk_buf_append(&p->text, p->hand.eol);
    put_text(p, lines, node->span.end);
    return true;
}

static void replace_by_scalar(struct patcher *p, const struct opk_node *node,
                              const struct opk_value *value)
{
    enum opk_node_style style = p->hand.json ? OPK_STYLE_DOUBLE : node->style;

    if (value->kind != OPK_VALUE_STRING) {
        opk_yaml_render(&p->hand, value, node, 0, true, &p->text);
    } else {
        if (is_block_scalar(node) && put_block_scalar(p, node, value->text))
            return;
        opk_yaml_write_string(&p->text, value->text, style, opk_yaml_in_flow(node));
    }
    put_inline(p, node);
}

/* A block below a key: what stood behind the colon goes, the lines follow the key's line. */
static void put_block_below_key(struct patcher *p, const struct opk_node *node,
                                const struct opk_value *value)
{
    size_t column = column_of(node->parent) +
                    (value->kind == OPK_VALUE_SEQ ? p->hand.seq_indent : p->hand.map_indent);
    size_t slot = slot_of(p, node);
    size_t line = opk_yaml_line_end(p->source, node->span.end);

    if (slot == OPK_NPOS) {
        refuse(p, node, "a key without a colon cannot be given a value");
        return;
    }
    if (is_block(node) && opk_yaml_starts_line(p->source, node->span.begin)) {
        size_t lines = opk_yaml_line_begin(p->source, node->span.begin);
        opk_buf_append_fill(&p->text, ' ', column);
        opk_yaml_render(&p->hand, value, NULL, column, false, &p->text);
        put_text(p, lines, node->span.end);
        return;
    }
    if (is_block_scalar(node)) {
        size_t header = opk_yaml_header_end(p->source, node);
        drop(p, slot, header);
        line = opk_yaml_line_end(p->source, header);
        start_line(p, column);
        opk_yaml_render(&p->hand, value, NULL, column, false, &p->text);
        put_text(p, line, node->span.end);
        return;
    }
    drop(p, slot, node->span.end);
    start_line(p, column);
    opk_yaml_render(&p->hand, value, NULL, column, false, &p->text);
    put_text(p, line, line);
}

static void replace_by_block(struct patcher *p, const struct opk_node *node,
                             const struct opk_value *value)
{
    size_t column = 0;

    if (node->key) {
        put_block_below_key(p, node, value);
        return;
    }
    if (node->span.begin < node->span.end)
        column = column_of(node);
    else if (node->parent)
        column = column_of(node->parent) + 2;
    opk_yaml_render(&p->hand, value, NULL, column, false, &p->text);
    if (node->span.begin == node->span.end)
        put_inline_empty(p, node);
    else
        put_text(p, node->span.begin, node->span.end);
}

static bool all_scalars(const struct opk_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i].kind == OPK_VALUE_SEQ || value->items[i].kind == OPK_VALUE_MAP)
            return false;
    }
    return true;
}

static void replace(struct patcher *p, const struct opk_node *node, const struct opk_value *value)
{
    bool collection = value->kind == OPK_VALUE_SEQ || value->kind == OPK_VALUE_MAP;
    /* A list in brackets stays in brackets, while it holds no more than scalars. */
    bool brackets = opk_yaml_is_bracketed(p->source, node) && all_scalars(value);

    if (node->key && opk_yaml_colon(p->source, node) == OPK_NPOS) {
        refuse(p, node, "a key without a colon cannot be given a value");
        return;
    }
    if (!collection) {
        replace_by_scalar(p, node, value);
    } else if (value->count == 0 || brackets || p->hand.json || opk_yaml_in_flow(node)) {
        opk_yaml_render(&p->hand, value, node, 0, true, &p->text);
        put_inline(p, node);
    } else {
        replace_by_block(p, node, value);
    }
}

/* ---- the children of a block ---- */

/* One walk over the slots of a collection. */
struct walk {
    const struct opk_node *node;
    const struct opk_yaml_change *change;
    const struct opk_node *kept; /* the last child that stays, or NULL */
    size_t added_from;           /* first slot of the values that wait for their place */
    size_t column;
};

/* The blanks behind a sibling's dash, when its value stands on the dash's line. */
static size_t gap_of(const struct patcher *p, const struct opk_node *node)
{
    const struct opk_node *first = node->first;
    size_t begin = first->props ? first->props->begin : first->span.begin;
    size_t at = node->span.begin + 1;

    while (at < begin && p->source.data[at] == ' ')
        at++;
    return at == begin && begin > node->span.begin + 1 ? begin - node->span.begin - 1 : 1;
}

/* What a new child should look like: a sibling of a list, the same key of a sibling mapping. */
static const struct opk_node *like_child(const struct opk_node *node, const struct opk_node *kept,
                                         const struct opk_value *value)
{
    if (node->kind == OPK_NODE_SEQ)
        return kept ? kept : node->first;
    if (!node->parent || node->parent->kind != OPK_NODE_SEQ)
        return NULL;
    for (const struct opk_node *at = node->parent->first; at; at = at->next) {
        const struct opk_node *like = opk_node_get_str(at, value->key);
        if (like)
            return like;
    }
    return NULL;
}

static void render_child(struct patcher *p, const struct walk *w, const struct opk_value *value,
                         bool in_flow)
{
    const struct opk_node *like = like_child(w->node, w->kept, value);
    const struct opk_node *like_key = w->node->first ? w->node->first->key : NULL;

    if (in_flow && w->node->kind == OPK_NODE_MAP)
        opk_yaml_render_flow_pair(&p->hand, value, like_key, like, &p->text);
    else if (in_flow)
        opk_yaml_render(&p->hand, value, like, 0, true, &p->text);
    else if (w->node->kind == OPK_NODE_MAP)
        opk_yaml_render_pair(&p->hand, value, like_key, like, w->column, &p->text);
    else
        opk_yaml_render_item(&p->hand, value, like, w->column, gap_of(p, w->node), &p->text);
}

/* The line before which a new first item goes: above the comments of the item that was first. */
static size_t above_comments(const struct patcher *p, const struct walk *w, size_t line)
{
    size_t floor;

    if (!w->node->parent)
        return line;
    floor = opk_yaml_line_next(p->source, slot_of(p, w->node) - 1);
    while (line > floor) {
        size_t above = opk_yaml_line_begin(p->source, opk_yaml_line_end_before(p->source, line));
        if (opk_yaml_byte(p->source, above + w->column) != '#' ||
            !opk_yaml_starts_line(p->source, above + w->column))
            break;
        line = above;
    }
    return line;
}

/* Write the values of slots [added_from, end) before a child that stays and begins at a byte. */
static void add_before(struct patcher *p, struct walk *w, size_t end, size_t begin)
{
    bool own_line = opk_yaml_starts_line(p->source, begin);
    size_t at = own_line ? above_comments(p, w, opk_yaml_line_begin(p->source, begin)) : begin;

    for (size_t i = w->added_from; i < end; i++) {
        if (!w->change->slots[i].added)
            continue;
        if (own_line)
            opk_buf_append_fill(&p->text, ' ', w->column);
        render_child(p, w, w->change->slots[i].added, false);
        opk_buf_append(&p->text, p->hand.eol);
        if (!own_line)
            opk_buf_append_fill(&p->text, ' ', w->column);
    }
    if (p->text.len > 0 || p->text.failed)
        put_text(p, at, at);
}

/* The same behind the last child that stays. */
static void add_after(struct patcher *p, struct walk *w, size_t end)
{
    size_t at = opk_yaml_line_end(p->source, w->kept->span.end);

    for (size_t i = w->added_from; i < end; i++) {
        if (!w->change->slots[i].added)
            continue;
        start_line(p, w->column);
        render_child(p, w, w->change->slots[i].added, false);
    }
    if (p->text.len > 0 || p->text.failed)
        put_text(p, at, at);
}

/* Does a value end in a block scalar that keeps the empty lines behind it? */
static bool ends_in_kept_lines(const struct patcher *p, const struct opk_node *node)
{
    while (node->first) {
        node = node->first;
        while (node->next)
            node = node->next;
    }
    if (!is_block_scalar(node))
        return false;
    struct opk_str marks =
        opk_str_slice(p->source, node->span.begin, opk_yaml_header_end(p->source, node));
    return opk_str_find_byte(marks, '+', 0) != OPK_NPOS;
}

/* Take a child's lines out; one on its parent's dash leaves the dash to the next child. */
static void drop_block_child(struct patcher *p, const struct walk *w, const struct opk_node *child,
                             size_t begin)
{
    size_t line = opk_yaml_line_begin(p->source, begin);
    size_t next = child->next ? opk_yaml_entry_begin(p->source, child->next, child) : OPK_NPOS;

    size_t after = opk_yaml_line_next(p->source, child->span.end);
    if (opk_yaml_starts_line(p->source, begin)) {
        while (w->kept && ends_in_kept_lines(p, w->kept) && after < p->source.len &&
               opk_yaml_is_break(p->source.data[after]))
            after = opk_yaml_line_next(p->source, after);
        drop(p, line, after);
        return;
    }
    if (next != OPK_NPOS && after == opk_yaml_line_begin(p->source, next)) {
        drop(p, begin, next);
        return;
    }
    while (begin > line && opk_is_blank(p->source.data[begin - 1]))
        begin--;
    drop(p, begin, opk_yaml_line_end(p->source, child->span.end));
}

static void walk_block(struct patcher *p, struct walk *w)
{
    const struct opk_yaml_change *change = w->change;
    const struct opk_node *old = NULL;
    bool dash_free = false; /* the first child gave its place on the dash's line away */

    w->column = column_of(w->node);
    for (size_t i = 0; i < change->count; i++) {
        const struct opk_node *child = change->slots[i].child;
        if (!child)
            continue;
        size_t begin = opk_yaml_entry_begin(p->source, child, old);
        bool inline_first = !old && !opk_yaml_starts_line(p->source, begin);
        old = child;
        if (change->slots[i].dropped && (inline_first || dash_free) && child->next) {
            drop_block_child(p, w, child, begin);
            dash_free = true;
            continue;
        }
        dash_free = false;
        if (change->slots[i].dropped) {
            drop_block_child(p, w, child, begin);
            continue;
        }
        if (w->kept)
            add_after(p, w, i);
        else
            add_before(p, w, i, begin);
        w->kept = child;
        w->added_from = i + 1;
    }
    add_after(p, w, change->count);
}

/* ---- the children of a flow collection ---- */

/* Has the child its line, or lines, to itself, but for the comma and a comment? */
static bool owns_line(const struct patcher *p, const struct opk_node *child, size_t begin)
{
    size_t comma = opk_yaml_comma(p->source, child);
    size_t end = comma == OPK_NPOS ? child->span.end : comma + 1;

    return opk_yaml_starts_line(p->source, begin) && opk_yaml_ends_line(p->source, end);
}

static void add_flow_before(struct patcher *p, struct walk *w, size_t end, size_t begin)
{
    bool own_line = opk_yaml_starts_line(p->source, begin);
    size_t column = begin - opk_yaml_line_begin(p->source, begin);

    for (size_t i = w->added_from; i < end; i++) {
        if (!w->change->slots[i].added)
            continue;
        render_child(p, w, w->change->slots[i].added, true);
        opk_buf_append_byte(&p->text, ',');
        if (own_line)
            start_line(p, column);
        else
            opk_buf_append_byte(&p->text, ' ');
    }
    if (p->text.len > 0 || p->text.failed)
        put_text(p, begin, begin);
}

/* Behind the last child that stays, which began at a byte; more: another one follows. */
static void add_flow_after(struct patcher *p, struct walk *w, size_t end, size_t begin, bool more)
{
    size_t comma = opk_yaml_comma(p->source, w->kept);
    size_t at = w->kept->span.end;
    bool own_line = owns_line(p, w->kept, begin);
    bool first = true;

    for (size_t i = w->added_from; i < end; i++) {
        if (!w->change->slots[i].added)
            continue;
        if (own_line && first && comma == OPK_NPOS)
            put(p, at, at, OPK_STR(","));
        if (!own_line || !first)
            opk_buf_append_byte(&p->text, ',');
        if (own_line)
            start_line(p, begin - opk_yaml_line_begin(p->source, begin));
        else
            opk_buf_append_byte(&p->text, ' ');
        render_child(p, w, w->change->slots[i].added, true);
        first = false;
    }
    if (first)
        return;
    if (own_line) {
        at = opk_yaml_line_end(p->source, comma == OPK_NPOS ? at : comma);
        if (more)
            opk_buf_append_byte(&p->text, ',');
    }
    put_text(p, at, at);
}

static void drop_flow_child(struct patcher *p, const struct walk *w, const struct opk_node *child,
                            size_t begin)
{
    assert(child->next || w->kept); /* some child stays */
    if (owns_line(p, child, begin)) {
        size_t comma = opk_yaml_comma(p->source, child);
        size_t end = comma == OPK_NPOS ? child->span.end : comma;
        drop(p, opk_yaml_line_begin(p->source, begin), opk_yaml_line_next(p->source, end));
    } else if (child->next) {
        drop(p, begin, opk_yaml_entry_begin(p->source, child->next, child));
    } else if (opk_yaml_line_end(p->source, w->kept->span.end) > begin) {
        drop(p, w->kept->span.end, child->span.end);
    } else {
        drop(p, begin, child->span.end);
    }
}

static void walk_flow(struct patcher *p, struct walk *w)
{
    const struct opk_yaml_change *change = w->change;
    const struct opk_node *old = NULL;
    const struct opk_node *last = NULL;
    size_t kept_begin = 0;
    bool dropped = false; /* since the last that stays */

    for (size_t i = 0; i < change->count; i++) {
        const struct opk_node *child = change->slots[i].child;
        if (!child)
            continue;
        size_t begin = opk_yaml_entry_begin(p->source, child, old);
        last = child;
        if (change->slots[i].dropped) {
            drop_flow_child(p, w, child, begin);
            dropped = true;
        } else {
            if (w->kept)
                add_flow_after(p, w, i, kept_begin, true);
            else
                add_flow_before(p, w, i, begin);
            w->kept = child;
            w->added_from = i + 1;
            kept_begin = begin;
            dropped = false;
        }
        old = child;
    }
    size_t patches = p->count;
    bool ended_in_comma = opk_yaml_comma(p->source, last) != OPK_NPOS;
    add_flow_after(p, w, change->count, kept_begin, ended_in_comma);
    /* The comma behind what is now the last one goes, unless the list always ended in one. */
    size_t comma = opk_yaml_comma(p->source, w->kept);
    if (dropped && !ended_in_comma && p->count == patches && comma != OPK_NPOS)
        drop(p, comma, comma + 1);
}

/* ---- the whole ---- */

/* The values of a collection that is written anew. */
static struct opk_value value_of(struct patcher *p, const struct opk_yaml_change *change)
{
    struct opk_value value = {
        .kind = change->kind == OPK_NODE_MAP ? OPK_VALUE_MAP : OPK_VALUE_SEQ,
        .text = OPK_STR_EMPTY,
        .key = OPK_STR_EMPTY,
    };
    struct opk_value *items = opk_arena_array(&p->arena, change->count + 1, sizeof(*items));

    if (!items) {
        out_of_memory(p);
        return value;
    }
    for (size_t i = 0; i < change->count; i++) {
        if (change->slots[i].added)
            items[value.count++] = *change->slots[i].added;
    }
    value.items = items;
    return value;
}

static bool keeps_any(const struct opk_yaml_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        if (change->slots[i].child && !change->slots[i].dropped)
            return true;
    }
    return false;
}

/* New items in the place of all the old ones, in the old one's columns and brackets. */
static void refill(struct patcher *p, const struct opk_node *node,
                   const struct opk_yaml_change *change, const struct opk_value *value)
{
    struct walk w = {.node = node, .change = change, .column = column_of(node)};
    bool flow = node->style == OPK_STYLE_FLOW;
    const struct opk_node *last = node->first;

    while (last->next)
        last = last->next;
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0 && flow)
            opk_buf_append_cstr(&p->text, ", ");
        else if (i > 0)
            start_line(p, w.column);
        render_child(p, &w, &value->items[i], flow);
    }
    size_t end = flow ? last->span.end : opk_yaml_line_end(p->source, last->span.end);
    put_text(p, opk_yaml_entry_begin(p->source, node->first, NULL), end);
}

/* A pair in brackets has no braces of its own until it takes a second key. */
static void brace_pair(struct patcher *p, struct walk *w)
{
    put(p, w->node->span.begin, w->node->span.begin, OPK_STR("{"));
    for (size_t i = 0; i < w->change->count; i++) {
        if (!w->change->slots[i].added)
            continue;
        opk_buf_append_cstr(&p->text, ", ");
        render_child(p, w, w->change->slots[i].added, true);
    }
    opk_buf_append_byte(&p->text, '}');
    put_text(p, w->node->span.end, w->node->span.end);
}

static void change_children(struct patcher *p, const struct opk_node *node,
                            const struct opk_yaml_change *change)
{
    struct walk w = {.node = node, .change = change};

    if (!keeps_any(change)) {
        struct opk_value value = value_of(p, change);
        if (node->count > 0 && value.count > 0)
            refill(p, node, change, &value);
        else
            replace(p, node, &value);
    } else if (node->style != OPK_STYLE_FLOW) {
        walk_block(p, &w);
    } else if (opk_yaml_is_bracketed(p->source, node)) {
        walk_flow(p, &w);
    } else {
        brace_pair(p, &w);
    }
}

/* Depth is limited by the parser. */
static void visit(struct patcher *p, const struct opk_node *node)
{
    const struct opk_yaml_change *change = change_of(p, node);

    if (change)
        p->done++;
    if (change && change->value) {
        replace(p, node, change->value);
        return;
    }
    if (!change) {
        for (const struct opk_node *child = node->first; child; child = child->next)
            visit(p, child);
        return;
    }
    change_children(p, node, change);
    for (size_t i = 0; i < change->count; i++) {
        if (change->slots[i].child && !change->slots[i].dropped)
            visit(p, change->slots[i].child);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct patch *x = a;
    const struct patch *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if ((x->begin == x->end) != (y->begin == y->end))
        return x->begin == x->end ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void apply(struct patcher *p, struct opk_buf *out)
{
    size_t at = 0;

    if (p->count > 0)
        qsort(p->patches, p->count, sizeof(*p->patches), by_place);
    for (size_t i = 0; i < p->count; i++) {
        const struct patch *patch = &p->patches[i];
        if (patch->begin < at && patch->text.len > 0) {
            refuse(p, p->plan->doc->root, "two changes meet in one place");
            return;
        }
        if (patch->begin > at)
            opk_buf_append(out, opk_str_slice(p->source, at, patch->begin));
        opk_buf_append(out, patch->text);
        at = patch->end > at ? patch->end : at;
    }
    opk_buf_append(out, opk_str_skip(p->source, at));
}

/* An empty document gets its first lines behind whatever comments it has. */
static void fill_empty(struct patcher *p)
{
    struct opk_value value = value_of(p, p->plan->root);
    size_t end = p->source.len;

    p->done++;
    if (end > opk_yaml_bom(p->source) && !opk_yaml_is_break(p->source.data[end - 1]))
        opk_buf_append(&p->text, p->hand.eol);
    opk_yaml_render(&p->hand, &value, NULL, 0, false, &p->text);
    opk_buf_append(&p->text, p->hand.eol);
    put_text(p, end, end);
}

enum opk_status opk_yaml_patch(const struct opk_yaml_plan *plan, struct opk_buf *out,
                               size_t *out_done, struct opk_err *err)
{
    struct patcher p = {
        .plan = plan,
        .source = plan->doc->source,
        .hand = opk_yaml_hand_of(plan->doc),
        .err = err,
    };

    for (const struct opk_node *root = plan->doc->root; root; root = root->next)
        visit(&p, root);
    if (plan->root)
        fill_empty(&p);
    if (p.status == OPK_OK)
        apply(&p, out);
    if (p.status == OPK_OK)
        *out_done = p.done;
    opk_arena_done(&p.arena);
    opk_buf_done(&p.text);
    free(p.patches);
    return p.status;
}
