#include "cluster/match.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define ROOT 0

static const struct opk_str REST = OPK_STR_INIT("\xE2\x80\xA6"); /* … */
static const struct opk_str DOTS = OPK_STR_INIT("...");
static const struct opk_str PIPE = OPK_STR_INIT("|");

/* A place in the trie; node i + 1 is the end of edge i. */
struct node {
    uint32_t rest;   /* its child for …, or NONE */
    uint32_t accept; /* the form that ends here, or NONE */
    bool is_rest;    /* stands behind …, and stays while words of the same command pass */
};

/* One text that a pattern stands for. */
struct form {
    uint32_t number;
    uint32_t words;   /* that are no … */
    uint32_t literal; /* of those: 2 for a literal word, 1 for a slot with an extension */
};

/* Places that are reached at the same time. */
struct places {
    uint32_t *items; /* owned; room for every node */
    size_t count;
};

struct opk_matcher {
    struct opk_map *words; /* of patterns, slots without their fold */
    struct opk_map *edges; /* parent and word */
    struct node *nodes;    /* owned */
    size_t node_cap;
    struct form *forms; /* owned; in the order they were added */
    size_t form_count;
    size_t form_cap;
    struct places now;
    struct places next;
    uint32_t *stamps; /* owned; by node: the last word at which it was reached */
    size_t stamp_cap;
    size_t now_cap;
    size_t next_cap;
    uint32_t stamp;
    struct opk_buf text; /* a form, then a word without an extension */
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for shape patterns");
}

/* Room for one node more, in the trie and in what finding uses. */
static bool reserve_node(struct opk_matcher *m)
{
    size_t need = (size_t)opk_map_count(m->edges) + 2;
    size_t stamps = m->stamp_cap;
    struct node *nodes = opk_grow(m->nodes, &m->node_cap, need, sizeof(*nodes));
    uint32_t *now = opk_grow(m->now.items, &m->now_cap, need, sizeof(*now));
    uint32_t *next = opk_grow(m->next.items, &m->next_cap, need, sizeof(*next));
    uint32_t *stamp = opk_grow(m->stamps, &m->stamp_cap, need, sizeof(*stamp));

    m->nodes = nodes ? nodes : m->nodes;
    m->now.items = now ? now : m->now.items;
    m->next.items = next ? next : m->next.items;
    m->stamps = stamp ? stamp : m->stamps;
    if (!nodes || !now || !next || !stamp)
        return false;
    memset(m->stamps + stamps, 0, (m->stamp_cap - stamps) * sizeof(*stamp));
    return true;
}

enum opk_status opk_matcher_new(struct opk_matcher **out_matcher, struct opk_err *err)
{
    struct opk_matcher *m = calloc(1, sizeof(*m));
    enum opk_status status;

    if (!m)
        return no_memory(err);
    status = opk_map_new(&m->words, err);
    if (status == OPK_OK)
        status = opk_map_new(&m->edges, err);
    if (status == OPK_OK && !reserve_node(m))
        status = no_memory(err);
    if (status != OPK_OK) {
        opk_matcher_free(m);
        return status;
    }
    m->nodes[ROOT] = (struct node){.rest = NONE, .accept = NONE};
    *out_matcher = m;
    return OPK_OK;
}

void opk_matcher_free(struct opk_matcher *matcher)
{
    if (!matcher)
        return;
    opk_map_free(matcher->words);
    opk_map_free(matcher->edges);
    free(matcher->nodes);
    free(matcher->forms);
    free(matcher->now.items);
    free(matcher->next.items);
    free(matcher->stamps);
    opk_buf_done(&matcher->text);
    free(matcher);
}

/* ---- words ---- */

/* The next word of text, blanks passed over; false at the end. */
static bool next_word(struct opk_split *split, struct opk_str *out_word)
{
    while (opk_split_next(split, out_word)) {
        if (out_word->len > 0)
            return true;
    }
    return false;
}

static bool is_rest(struct opk_str word)
{
    return opk_str_eq(word, REST) || opk_str_eq(word, DOTS);
}

/* A slot is <class>; the < of a redirection has no class behind it. */
static bool find_slot(struct opk_str word, size_t from, size_t *out_begin, size_t *out_end)
{
    size_t begin = opk_str_find_byte(word, '<', from);
    size_t end = begin == OPK_NPOS ? OPK_NPOS : opk_str_find_byte(word, '>', begin);

    if (end == OPK_NPOS || !opk_is_lower(word.data[begin + 1]))
        return false;
    *out_begin = begin;
    *out_end = end + 1;
    return true;
}

/* "<path>…" is "<path>" that stands for one or more. */
static struct opk_str unfold(struct opk_str word, bool *out_folded)
{
    size_t ellipsis = opk_str_ends(word, REST) ? REST.len : opk_str_ends(word, DOTS) ? DOTS.len : 0;

    *out_folded = ellipsis > 0 && ellipsis < word.len && word.data[word.len - ellipsis - 1] == '>';
    return *out_folded ? opk_str_slice(word, 0, word.len - ellipsis) : word;
}

static struct opk_str edge_key(uint32_t room[2], uint32_t parent, uint32_t word)
{
    room[0] = parent;
    room[1] = word;
    return opk_str_bytes((const char *)room, 2 * sizeof(room[0]));
}

/* ---- adding ---- */

/* The node behind word at *node; *node moves there. */
static enum opk_status add_edge(struct opk_matcher *m, uint32_t *node, struct opk_str word,
                                struct opk_err *err)
{
    uint32_t room[2];
    uint32_t index;
    bool is_new;
    enum opk_status status;

    if (!reserve_node(m))
        return no_memory(err);
    status = opk_map_add(m->words, word, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    struct opk_str key = edge_key(room, *node, index);
    if (opk_map_count(m->edges) == OPK_MATCH_NODES_MAX && !opk_map_find(m->edges, key, NULL))
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "the shape patterns have more than %zu distinct words in places",
                        OPK_MATCH_NODES_MAX);
    status = opk_map_add(m->edges, key, &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        m->nodes[index + 1] =
            (struct node){.rest = NONE, .accept = NONE, .is_rest = opk_str_eq(word, REST)};
    if (m->nodes[index + 1].is_rest)
        m->nodes[*node].rest = index + 1;
    *node = index + 1;
    return OPK_OK;
}

/* Is form a to be told before form b, where both match? */
static bool is_better(const struct form *a, const struct form *b)
{
    return a->words != b->words ? a->words > b->words : a->literal > b->literal;
}

static enum opk_status accept_form(struct opk_matcher *m, uint32_t node, struct form form,
                                   struct opk_err *err)
{
    struct form *grown = opk_grow(m->forms, &m->form_cap, m->form_count + 1, sizeof(*grown));

    if (!grown)
        return no_memory(err);
    m->forms = grown;
    if (m->nodes[node].accept == NONE) {
        m->nodes[node].accept = (uint32_t)m->form_count;
        grown[m->form_count++] = form;
    }
    return OPK_OK;
}

/* Make way for a form: *out_node is where it ends. */
static enum opk_status add_path(struct opk_matcher *m, struct opk_str text, struct form *form,
                                uint32_t *out_node, struct opk_err *err)
{
    struct opk_split words = OPK_SPLIT(text, ' ');
    struct opk_str word;
    uint32_t node = ROOT;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && next_word(&words, &word)) {
        size_t begin;
        size_t end;
        bool folded;
        if (is_rest(word)) {
            if (node == ROOT)
                break;
            if (!m->nodes[node].is_rest)
                status = add_edge(m, &node, REST, err);
            continue;
        }
        word = unfold(word, &folded);
        bool has_slot = find_slot(word, 0, &begin, &end);
        if (has_slot && find_slot(word, end, &begin, &end))
            return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                            "a word of a shape pattern has one slot, not two: '%.*s'",
                            OPK_STR_FMT(word));
        form->words++;
        form->literal += !has_slot ? 2 : opk_str_find_byte(word, '.', begin) != OPK_NPOS ? 1 : 0;
        status = add_edge(m, &node, word, err);
    }
    if (status == OPK_OK && node == ROOT)
        return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                        "a shape pattern begins with a program, not with '%.*s'",
                        OPK_STR_FMT(text));
    *out_node = node;
    return status;
}

/* The braces that rest begins with: what stands between them. False when it begins with none. */
static bool read_braces(struct opk_str rest, struct opk_str *out_inside)
{
    size_t close = opk_str_find_byte(rest, '}', 0);

    if (rest.len == 0 || rest.data[0] != '{' || close == OPK_NPOS)
        return false;
    *out_inside = opk_str_slice(rest, 1, close);
    return true;
}

static size_t count_alternatives(struct opk_str inside)
{
    struct opk_split split = OPK_SPLIT(inside, ',');
    struct opk_str one;
    size_t count = 0;

    while (opk_split_next(&split, &one))
        count++;
    return count;
}

/* How many texts a pattern stands for, or one past the limit. */
static size_t count_forms(struct opk_str pattern)
{
    size_t forms = 1;
    struct opk_str inside;

    for (size_t at = 0; at < pattern.len && forms <= OPK_MATCH_FORMS_MAX; at++) {
        if (read_braces(opk_str_skip(pattern, at), &inside)) {
            forms *= count_alternatives(inside);
            at += inside.len + 1;
        }
    }
    return forms;
}

/* Write the text of the given number; each pair of braces takes a digit of it. */
static void write_form(struct opk_str pattern, size_t which, struct opk_buf *out)
{
    struct opk_str inside;

    opk_buf_clear(out);
    for (size_t at = 0; at < pattern.len; at++) {
        if (!read_braces(opk_str_skip(pattern, at), &inside)) {
            opk_buf_append_byte(out, pattern.data[at]);
            continue;
        }
        struct opk_split split = OPK_SPLIT(inside, ',');
        struct opk_str one = OPK_STR_EMPTY;
        size_t count = count_alternatives(inside);
        for (size_t i = 0; i <= which % count; i++)
            (void)opk_split_next(&split, &one);
        opk_buf_append(out, one);
        which /= count;
        at += inside.len + 1;
    }
}

enum opk_status opk_matcher_add(struct opk_matcher *matcher, struct opk_str pattern,
                                uint32_t number, struct opk_err *err)
{
    size_t forms = count_forms(pattern);
    enum opk_status status = OPK_OK;

    if (pattern.len > OPK_MATCH_PATTERN_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "a shape pattern of %zu bytes; the limit is %zu", pattern.len,
                        OPK_MATCH_PATTERN_MAX);
    if (forms > OPK_MATCH_FORMS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "the braces of a shape pattern stand for more than %d texts; write "
                        "several patterns",
                        OPK_MATCH_FORMS_MAX);
    /* All ways first: of a pattern that is refused, no form may match. */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < forms && status == OPK_OK; i++) {
            struct form form = {.number = number};
            uint32_t node;
            write_form(pattern, i, &matcher->text);
            status = opk_buf_check(&matcher->text, err);
            if (status == OPK_OK)
                status = add_path(matcher, opk_buf_str(&matcher->text), &form, &node, err);
            if (status == OPK_OK && pass > 0)
                status = accept_form(matcher, node, form, err);
        }
    }
    return status;
}

/* ---- finding ---- */

/* One word of a shape, as the trie knows it. */
struct symbol {
    uint32_t exact; /* NONE where no pattern has it */
    uint32_t plain; /* the slot without its extension; NONE where there is none */
    bool folded;
    bool is_pipe;
};

/* Reach a node, and the … behind it, which may stand for nothing. */
static void reach(struct opk_matcher *m, uint32_t node)
{
    while (node != NONE && m->stamps[node] != m->stamp) {
        m->stamps[node] = m->stamp;
        m->next.items[m->next.count++] = node;
        node = m->nodes[node].rest;
    }
}

static void reach_by(struct opk_matcher *m, uint32_t node, uint32_t word)
{
    uint32_t room[2];
    uint32_t index;

    if (word != NONE && opk_map_find(m->edges, edge_key(room, node, word), &index))
        reach(m, index + 1);
}

static uint32_t find_word(const struct opk_matcher *m, struct opk_str word)
{
    uint32_t index;

    return opk_map_find(m->words, word, &index) ? index : NONE;
}

static struct symbol read_symbol(struct opk_matcher *m, struct opk_str word)
{
    struct symbol symbol = {.plain = NONE, .is_pipe = opk_str_eq(word, PIPE)};
    size_t begin;
    size_t end;

    word = unfold(word, &symbol.folded);
    symbol.exact = find_word(m, word);
    if (!find_slot(word, 0, &begin, &end))
        return symbol;
    size_t dot = opk_str_find_byte(word, '.', begin);
    if (dot < end) {
        opk_buf_clear(&m->text);
        opk_buf_append(&m->text, opk_str_slice(word, 0, dot));
        opk_buf_append(&m->text, opk_str_skip(word, end - 1));
        symbol.plain = find_word(m, opk_buf_str(&m->text));
    }
    return symbol;
}

/* A new word: nothing has been reached by it yet. */
static void next_stamp(struct opk_matcher *m)
{
    m->next.count = 0;
    if (++m->stamp == 0) {
        memset(m->stamps, 0, m->stamp_cap * sizeof(*m->stamps));
        m->stamp = 1;
    }
}

static void take_word(struct opk_matcher *m, struct opk_str word)
{
    struct symbol symbol = read_symbol(m, word);

    next_stamp(m);
    for (size_t i = 0; i < m->now.count; i++) {
        uint32_t node = m->now.items[i];
        if (m->nodes[node].is_rest && !symbol.is_pipe)
            reach(m, node);
        reach_by(m, node, symbol.exact);
        reach_by(m, node, symbol.plain);
    }
    /* One folded slot may fill several of a pattern. */
    for (size_t i = 0; symbol.folded && i < m->next.count; i++) {
        reach_by(m, m->next.items[i], symbol.exact);
        reach_by(m, m->next.items[i], symbol.plain);
    }
    struct places taken = m->now;
    size_t cap = m->now_cap;
    m->now = m->next;
    m->now_cap = m->next_cap;
    m->next = taken;
    m->next_cap = cap;
}

bool opk_matcher_find(struct opk_matcher *matcher, struct opk_str shape, uint32_t *out_number)
{
    struct opk_split words = OPK_SPLIT(shape, ' ');
    struct opk_str word;
    uint32_t best = NONE;

    matcher->now.items[0] = ROOT;
    matcher->now.count = 1;
    while (matcher->now.count > 0 && next_word(&words, &word))
        take_word(matcher, word);
    for (size_t i = 0; i < matcher->now.count; i++) {
        uint32_t form = matcher->nodes[matcher->now.items[i]].accept;
        if (form == NONE)
            continue;
        const struct form *found = &matcher->forms[form];
        if (best == NONE || is_better(found, &matcher->forms[best]) ||
            (form < best && !is_better(&matcher->forms[best], found)))
            best = form;
    }
    if (best == NONE)
        return false;
    if (out_number)
        *out_number = matcher->forms[best].number;
    return true;
}
