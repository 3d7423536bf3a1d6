/*
 * libyaml's marks, and what a span needs beyond them:
 *
 * - mark.index counts characters, not bytes, and not a leading BOM: struct marks turns it back.
 * - A node with an anchor or a tag starts at that property: after_props finds the value.
 * - A block scalar ends at the next content line: trim_block_scalar takes the line ends off, and
 *   for all but "|+" and ">+" the empty lines too.
 * - The end of a block collection is an empty token at whatever comes next; so is the end of a pair
 *   in brackets ([a: b]). Both end where their last descendant ends.
 * - An empty value has no length: it lies after its colon or dash, or, for a key without a colon,
 *   at the key's end.
 * - Flow collections, aliases, quoted and plain scalars are exact.
 */
#include "base/yaml.h"

#include "base/map.h"
#include "base/scan.h"
#include "base/yaml_impl.h"
#include "base/yaml_layout.h"
#include "base/yaml_scalar.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#define STRIDE   32 /* characters between two known bytes */
#define FEW_KEYS 16 /* mappings up to this size are checked pair by pair */
#define TAG_CORE "tag:yaml.org,2002:"
#define SLAB     16 /* nodes that are made at once */

/* Where the characters and the lines of the source are. */
struct marks {
    bool has_cr;         /* lines may end in CR */
    struct opk_str text; /* with BOM */
    size_t bom;          /* its length, or 0 */
    const size_t *chars; /* byte of every STRIDE-th character; NULL when all are ASCII */
    const size_t *lines; /* byte where each line begins */
    size_t line_count;
};

struct level {
    struct opk_node *node;
    struct opk_node *last; /* child */
    struct opk_node *key;  /* waits for its value */
};

struct opk_yaml_reader {
    yaml_parser_t parser;
    struct marks marks;
    struct opk_yaml_limits limits;
    const char *path;
    struct opk_doc *doc;
    struct opk_node *slab; /* unused nodes */
    size_t slab_count;
    struct opk_node *last_root;
    struct level levels[OPK_YAML_DEPTH_MAX];
    size_t depth;
    size_t documents;
};

/* Is this the last byte of an LF, CRLF or CR? */
static bool ends_line(struct opk_str text, size_t at)
{
    return text.data[at] == '\n' ||
           (text.data[at] == '\r' && (at + 1 == text.len || text.data[at + 1] != '\n'));
}

/* The byte behind the line that holds a byte; past the end when it is the last one. */
static size_t next_line(const struct marks *marks, size_t at)
{
    struct opk_str text = marks->text;

    if (!marks->has_cr) {
        size_t newline = opk_str_find_byte(text, '\n', at);
        return newline == OPK_NPOS ? text.len + 1 : newline + 1;
    }
    while (at < text.len && !ends_line(text, at))
        at++;
    return at + 1;
}

static bool marks_init(struct marks *marks, struct opk_str text, struct opk_arena *arena)
{
    size_t lines = 1;
    size_t chars = 0;

    marks->text = text;
    marks->bom = opk_yaml_bom(text);
    marks->has_cr = opk_str_find_byte(text, '\r', 0) != OPK_NPOS;
    for (size_t at = next_line(marks, marks->bom); at <= text.len; at = next_line(marks, at))
        lines++;
    size_t *line = opk_arena_array(arena, lines, sizeof(*line));
    if (!line)
        return false;
    marks->lines = line;
    marks->line_count = lines;
    *line++ = marks->bom;
    for (size_t at = next_line(marks, marks->bom); at <= text.len; at = next_line(marks, at))
        *line++ = at;
    if (opk_scan_ascii(text, marks->bom) == text.len)
        return true;
    for (size_t i = marks->bom; i < text.len; i++)
        chars += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    size_t *known = opk_arena_array(arena, chars / STRIDE + 1, sizeof(*known));
    if (!known)
        return false;
    marks->chars = known;
    chars = 0;
    for (size_t i = marks->bom; i < text.len; i++) {
        if (((unsigned char)text.data[i] & 0xC0) != 0x80 && chars++ % STRIDE == 0)
            *known++ = i;
    }
    if (chars % STRIDE == 0)
        *known = text.len;
    return true;
}

static size_t byte_of(const struct marks *marks, size_t character)
{
    if (!marks->chars)
        return marks->bom + character;
    size_t at = marks->chars[character / STRIDE];
    for (size_t left = character % STRIDE; left > 0 && at < marks->text.len; left--) {
        at++;
        while (at < marks->text.len && ((unsigned char)marks->text.data[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

/* Line 0 where lines are not known: the plain reader tells them itself, and errors are not told. */
static void locate(const struct marks *marks, size_t byte, uint64_t *out_line, uint64_t *out_column)
{
    size_t low = 0;
    size_t high = marks->line_count;

    *out_line = *out_column = 0;
    if (high == 0)
        return;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (marks->lines[middle] <= byte)
            low = middle;
        else
            high = middle;
    }
    *out_line = low + 1;
    *out_column = byte < marks->lines[low] ? 1 : byte - marks->lines[low] + 1;
}

static struct opk_place place_of(const struct opk_yaml_reader *reader, size_t byte)
{
    struct opk_place place = {.path = reader->path};

    locate(&reader->marks, byte, &place.line, &place.column);
    return place;
}

/* Where the value begins behind its properties. */
static size_t after_props(struct opk_str text, size_t at, const struct opk_yaml_event *event)
{
    for (int count = (event->anchor != NULL) + (event->tag != NULL); count > 0; count--)
        at = opk_yaml_skip_space(text, opk_yaml_prop_end(text, at));
    return at;
}

/* The end of a block scalar's text, given where libyaml saw the next thing. */
static size_t trim_block_scalar(struct opk_str text, size_t begin, size_t end)
{
    size_t header = begin;
    bool keep = false;

    while (header < text.len && strchr("|>+-0123456789", text.data[header]))
        keep |= text.data[header++] == '+';
    while (header < text.len && !opk_yaml_is_break(text.data[header]))
        header++;
    for (bool first = true; end > header && opk_yaml_is_break(text.data[end - 1]); first = false) {
        if (keep && !first)
            break;
        end = opk_yaml_line_end_before(text, end);
    }
    return end > header ? end : header;
}

static OPK_MUST_USE enum opk_status no_memory(const struct opk_yaml_reader *reader,
                                              struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(reader->path),
                    "no memory for a document of %zu bytes", reader->marks.text.len);
}

static OPK_MUST_USE enum opk_status refuse(const struct opk_yaml_reader *reader, size_t byte,
                                           const char *what, struct opk_err *err)
{
    return opk_fail(err, OPK_E_INVALID, place_of(reader, byte), "%s not allowed in this file",
                    what);
}

/* libyaml's own words, at its own place. */
static OPK_MUST_USE enum opk_status parser_error(const struct opk_yaml_reader *reader,
                                                 struct opk_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "malformed YAML";
    size_t byte;

    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(reader, err);
    if (parser->error == YAML_READER_ERROR)
        byte = reader->marks.bom + parser->problem_offset;
    else
        byte = byte_of(&reader->marks, parser->problem_mark.index);
    if (parser->context)
        return opk_fail(err, OPK_E_SYNTAX, place_of(reader, byte), "%s (%s)", problem,
                        parser->context);
    return opk_fail(err, OPK_E_SYNTAX, place_of(reader, byte), "%s", problem);
}

static bool is_core_tag(const char *tag, const char *name)
{
    return strncmp(tag, TAG_CORE, strlen(TAG_CORE)) == 0 &&
           strcmp(tag + strlen(TAG_CORE), name) == 0;
}

/* Typing: plain scalars by the core schema, tagged ones by their tag, all others are strings. */
static void set_scalar(struct opk_node *node, bool plain, const char *tag)
{
    bool typed = tag ? is_core_tag(tag, "int") || is_core_tag(tag, "float") ||
                           is_core_tag(tag, "bool") || is_core_tag(tag, "null")
                     : plain;

    node->kind = typed ? opk_yaml_resolve(node->text, node) : OPK_NODE_STRING;
}

static bool has_props(const struct opk_yaml_event *event)
{
    return event->anchor || event->tag;
}

static OPK_MUST_USE enum opk_status set_props(struct opk_yaml_reader *reader, struct opk_node *node,
                                              const struct opk_yaml_event *event,
                                              struct opk_err *err)
{
    if (!reader->limits.allow_foreign)
        return refuse(reader, node->span.begin, event->anchor ? "an anchor is" : "a tag is", err);
    struct opk_node_props *props = opk_arena_alloc(&reader->doc->arena, sizeof(*props));
    if (!props)
        return no_memory(reader, err);
    props->anchor = opk_arena_copy(&reader->doc->arena, opk_str_of(event->anchor));
    props->tag = opk_arena_copy(&reader->doc->arena, opk_str_of(event->tag));
    props->begin = node->span.begin;
    node->props = props;
    return OPK_OK;
}

/* A new node with the event's extent, at its place below its parent. */
static OPK_MUST_USE enum opk_status add_node(struct opk_yaml_reader *reader,
                                             const struct opk_yaml_event *event,
                                             struct opk_node **out_node, struct opk_err *err)
{
    struct opk_doc *doc = reader->doc;
    size_t max = reader->limits.nodes ? reader->limits.nodes : OPK_YAML_NODES_MAX;

    if (reader->slab_count == 0) {
        if (doc->node_count == max)
            return opk_fail(err, OPK_E_LIMIT, place_of(reader, event->span.begin),
                            "more than %zu values; split the file", max);
        reader->slab_count = max - doc->node_count < SLAB ? max - doc->node_count : SLAB;
        reader->slab = opk_arena_array(&doc->arena, reader->slab_count, sizeof(*reader->slab));
        if (!reader->slab)
            return no_memory(reader, err);
    }
    struct opk_node *node = reader->slab++;
    reader->slab_count--;
    node->id = (uint32_t)doc->node_count++;
    node->text = OPK_STR_EMPTY;
    node->span = event->span;
    *out_node = node;
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status add_key(struct opk_yaml_reader *reader, struct level *level,
                                            struct opk_node *node, struct opk_err *err)
{
    bool collection = node->kind == OPK_NODE_SEQ || node->kind == OPK_NODE_MAP;

    if (!reader->limits.allow_foreign) {
        if (collection)
            return refuse(reader, node->span.begin, "a key that is a list or a mapping is", err);
        if (node->style == OPK_STYLE_PLAIN && opk_str_eq(node->text, OPK_STR("<<")))
            return refuse(reader, node->span.begin, "a merge key is", err);
    }
    level->key = node;
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status attach(struct opk_yaml_reader *reader, struct opk_node *node,
                                           struct opk_err *err)
{
    if (reader->depth == 0) {
        if (reader->last_root)
            reader->last_root->next = node;
        else
            reader->doc->root = node;
        reader->last_root = node;
        return OPK_OK;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    node->parent = level->node;
    if (level->node->kind == OPK_NODE_MAP && !level->key)
        return add_key(reader, level, node, err);
    node->key = level->key;
    level->key = NULL;
    if (level->last)
        level->last->next = node;
    else
        level->node->first = node;
    level->last = node;
    level->node->count++;
    return OPK_OK;
}

static void place_node(const struct opk_yaml_reader *reader, const struct opk_yaml_event *event,
                       struct opk_node *node)
{
    node->line = event->line;
    node->column = event->column;
    if (event->line == 0)
        locate(&reader->marks, node->span.begin, &node->line, &node->column);
}

/* An empty value behind a colon lies there; one without a colon is put at the end of its key. */
static void place_empty(struct opk_yaml_reader *reader, struct opk_node *node)
{
    if (reader->depth == 0)
        return;
    const struct level *level = &reader->levels[reader->depth - 1];
    if (level->node->kind != OPK_NODE_MAP || !level->key)
        return;
    size_t end = level->key->span.end;
    if (opk_yaml_byte(reader->marks.text, opk_yaml_skip_space(reader->marks.text, end)) != ':')
        node->span = (struct opk_span){end, end};
}

static OPK_MUST_USE enum opk_status on_scalar(struct opk_yaml_reader *reader,
                                              const struct opk_yaml_event *event,
                                              struct opk_err *err)
{
    struct opk_str text = reader->marks.text;
    struct opk_node *node;
    enum opk_status status = add_node(reader, event, &node, err);

    if (status == OPK_OK && has_props(event))
        status = set_props(reader, node, event, err);
    if (status != OPK_OK)
        return status;
    node->style = event->style;
    node->text = event->is_kept ? event->text : opk_arena_copy(&reader->doc->arena, event->text);
    if (reader->doc->arena.failed)
        return no_memory(reader, err);
    set_scalar(node, node->style == OPK_STYLE_PLAIN, event->tag);
    if (node->style == OPK_STYLE_PLAIN && node->text.len == 0) {
        node->span.begin = node->span.end;
        if (!node->props)
            place_empty(reader, node);
    } else if (has_props(event)) {
        node->span.begin = after_props(text, node->span.begin, event);
    }
    if (node->style == OPK_STYLE_LITERAL || node->style == OPK_STYLE_FOLDED)
        node->span.end = trim_block_scalar(text, node->span.begin, node->span.end);
    place_node(reader, event, node);
    return attach(reader, node, err);
}

static OPK_MUST_USE enum opk_status on_alias(struct opk_yaml_reader *reader,
                                             const struct opk_yaml_event *event,
                                             struct opk_err *err)
{
    struct opk_node *node;
    enum opk_status status = add_node(reader, event, &node, err);

    if (status != OPK_OK)
        return status;
    if (!reader->limits.allow_foreign)
        return refuse(reader, node->span.begin, "an alias is", err);
    node->kind = OPK_NODE_ALIAS;
    node->text = opk_arena_copy(&reader->doc->arena, event->text);
    if (reader->doc->arena.failed)
        return no_memory(reader, err);
    place_node(reader, event, node);
    return attach(reader, node, err);
}

static OPK_MUST_USE enum opk_status on_open(struct opk_yaml_reader *reader,
                                            const struct opk_yaml_event *event, struct opk_err *err)
{
    struct opk_node *node;
    enum opk_status status = add_node(reader, event, &node, err);

    if (status == OPK_OK && has_props(event))
        status = set_props(reader, node, event, err);
    if (status != OPK_OK)
        return status;
    if (reader->depth == OPK_YAML_DEPTH_MAX)
        return opk_fail(err, OPK_E_LIMIT, place_of(reader, node->span.begin),
                        "nested deeper than %d levels", OPK_YAML_DEPTH_MAX);
    node->kind = event->kind == OPK_YAML_MAP ? OPK_NODE_MAP : OPK_NODE_SEQ;
    node->style = event->style;
    node->span.begin = after_props(reader->marks.text, node->span.begin, event);
    place_node(reader, event, node);
    status = attach(reader, node, err);
    if (status == OPK_OK)
        reader->levels[reader->depth++] = (struct level){.node = node};
    return status;
}

static OPK_MUST_USE enum opk_status twice(const struct opk_yaml_reader *reader,
                                          const struct opk_node *first,
                                          const struct opk_node *second, struct opk_err *err)
{
    return opk_fail(err, OPK_E_INVALID, opk_node_place(second, reader->path),
                    "key \"%.*s\" is there twice: lines %llu and %llu",
                    (int)(second->text.len < 80 ? second->text.len : 80), second->text.data,
                    (unsigned long long)first->line, (unsigned long long)second->line);
}

static bool is_plain_key(const struct opk_node *key)
{
    return key->kind != OPK_NODE_SEQ && key->kind != OPK_NODE_MAP && key->kind != OPK_NODE_ALIAS;
}

static OPK_MUST_USE enum opk_status check_many_keys(const struct opk_yaml_reader *reader,
                                                    const struct opk_node *map, struct opk_err *err)
{
    struct opk_map *keys = NULL;
    const struct opk_node **nodes =
        opk_arena_array(&reader->doc->arena, map->count, sizeof(const struct opk_node *));
    enum opk_status status = nodes ? opk_map_new(&keys, err) : no_memory(reader, err);

    for (const struct opk_node *child = map->first; child && status == OPK_OK;
         child = child->next) {
        uint32_t index;
        bool is_new;
        if (!is_plain_key(child->key))
            continue;
        status = opk_map_add(keys, child->key->text, &index, &is_new, err);
        if (status == OPK_OK && !is_new)
            status = twice(reader, nodes[index], child->key, err);
        else if (status == OPK_OK)
            nodes[index] = child->key;
    }
    opk_map_free(keys);
    return status;
}

/* Keys are compared as text: the paths of values are, too. */
static OPK_MUST_USE enum opk_status check_keys(const struct opk_yaml_reader *reader,
                                               const struct opk_node *map, struct opk_err *err)
{
    if (map->count > FEW_KEYS)
        return check_many_keys(reader, map, err);
    for (const struct opk_node *a = map->first; a; a = a->next) {
        for (const struct opk_node *b = a->next; b && is_plain_key(a->key); b = b->next) {
            if (is_plain_key(b->key) && opk_str_eq(a->key->text, b->key->text))
                return twice(reader, a->key, b->key, err);
        }
    }
    return OPK_OK;
}

static OPK_MUST_USE enum opk_status on_close(struct opk_yaml_reader *reader,
                                             const struct opk_yaml_event *event,
                                             struct opk_err *err)
{
    assert(reader->depth > 0);
    const struct level *level = &reader->levels[--reader->depth];
    struct opk_node *node = level->node;

    if (opk_yaml_is_bracketed(reader->marks.text, node))
        node->span.end = event->span.end;
    else
        node->span.end = level->last ? level->last->span.end : node->span.begin;
    return node->kind == OPK_NODE_MAP ? check_keys(reader, node, err) : OPK_OK;
}

static OPK_MUST_USE enum opk_status on_document(struct opk_yaml_reader *reader,
                                                const struct opk_yaml_event *event,
                                                struct opk_err *err)
{
    if (++reader->documents > 1 && !reader->limits.allow_foreign)
        return refuse(reader, event->span.begin, "a second document is", err);
    return OPK_OK;
}

enum opk_status opk_yaml_take(struct opk_yaml_reader *reader, const struct opk_yaml_event *event,
                              struct opk_err *err)
{
    switch (event->kind) {
    case OPK_YAML_DOCUMENT:
        return on_document(reader, event, err);
    case OPK_YAML_SCALAR:
        return on_scalar(reader, event, err);
    case OPK_YAML_ALIAS:
        return on_alias(reader, event, err);
    case OPK_YAML_SEQ:
    case OPK_YAML_MAP:
        return on_open(reader, event, err);
    case OPK_YAML_CLOSE:
        return on_close(reader, event, err);
    }
    return OPK_OK;
}

char *opk_yaml_keep(struct opk_yaml_reader *reader)
{
    struct opk_str text = reader->marks.text;
    char *copy = opk_arena_room(&reader->doc->arena, text.len, 1);

    if (copy)
        memcpy(copy, text.data, text.len);
    return copy;
}

static const enum opk_node_style SCALAR_STYLES[] = {
    [YAML_ANY_SCALAR_STYLE] = OPK_STYLE_PLAIN,
    [YAML_PLAIN_SCALAR_STYLE] = OPK_STYLE_PLAIN,
    [YAML_SINGLE_QUOTED_SCALAR_STYLE] = OPK_STYLE_SINGLE,
    [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = OPK_STYLE_DOUBLE,
    [YAML_LITERAL_SCALAR_STYLE] = OPK_STYLE_LITERAL,
    [YAML_FOLDED_SCALAR_STYLE] = OPK_STYLE_FOLDED,
};

/* libyaml's event as ours; false for those that say nothing of the tree. */
static bool event_of(const struct opk_yaml_reader *reader, const yaml_event_t *event,
                     struct opk_yaml_event *out)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;

    *out = (struct opk_yaml_event){.text = OPK_STR_EMPTY};
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        out->kind = OPK_YAML_DOCUMENT;
        break;
    case YAML_SCALAR_EVENT:
        out->kind = OPK_YAML_SCALAR;
        out->style = SCALAR_STYLES[event->data.scalar.style];
        out->text = opk_str_bytes(event->data.scalar.value, event->data.scalar.length);
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_ALIAS_EVENT:
        out->kind = OPK_YAML_ALIAS;
        out->text = opk_str_of((const char *)event->data.alias.anchor);
        break;
    case YAML_SEQUENCE_START_EVENT:
        out->kind = OPK_YAML_SEQ;
        out->style = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE ? OPK_STYLE_FLOW
                                                                                  : OPK_STYLE_BLOCK;
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        out->kind = OPK_YAML_MAP;
        out->style = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE ? OPK_STYLE_FLOW
                                                                                : OPK_STYLE_BLOCK;
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        out->kind = OPK_YAML_CLOSE;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return false;
    }
    out->span.begin = byte_of(&reader->marks, event->start_mark.index);
    out->span.end = byte_of(&reader->marks, event->end_mark.index);
    out->anchor = (const char *)anchor;
    out->tag = (const char *)tag;
    return true;
}

static OPK_MUST_USE enum opk_status read_any(struct opk_str text, struct opk_yaml_reader *reader,
                                             struct opk_err *err)
{
    enum opk_status status = OPK_OK;
    bool ended = false;

    if (!marks_init(&reader->marks, text, &reader->doc->arena))
        return no_memory(reader, err);
    text = opk_str_skip(text, reader->marks.bom);
    if (!yaml_parser_initialize(&reader->parser))
        return no_memory(reader, err);
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text.data, text.len);
    while (status == OPK_OK && !ended) {
        yaml_event_t event;
        struct opk_yaml_event ours;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            status = parser_error(reader, err);
        } else {
            ended = event.type == YAML_STREAM_END_EVENT;
            if (event_of(reader, &event, &ours))
                status = opk_yaml_take(reader, &ours, err);
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&reader->parser);
    return status;
}

/* What is wrong before the first event: size and encoding. */
static OPK_MUST_USE enum opk_status check_bytes(struct opk_str text, const char *path, size_t max,
                                                struct opk_err *err)
{
    if (text.len > max)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path),
                        "%zu bytes, more than %zu; split the file", text.len, max);
    if (opk_str_starts(text, OPK_STR("\xFF\xFE")) || opk_str_starts(text, OPK_STR("\xFE\xFF")))
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_AT_LINE(path, 1),
                        "the file is UTF-16; save it as UTF-8");
    if (opk_utf8_valid(text))
        return OPK_OK;
    uint64_t line = 1;
    size_t at = 0;
    for (;;) {
        struct opk_str rest = opk_str_skip(text, at);
        uint32_t code_point;
        size_t len = opk_utf8_decode(rest, &code_point);
        if (!opk_utf8_valid(opk_str_slice(rest, 0, len)))
            break;
        line += rest.data[0] == '\n';
        at += len;
    }
    struct opk_place place = {.path = path, .line = line, .byte = at + 1};
    return opk_fail(err, OPK_E_SYNTAX, place, "byte 0x%02X is not UTF-8; save the file as UTF-8",
                    (unsigned char)text.data[at]);
}

/* Read a text of good bytes with one of the readers. */
static OPK_MUST_USE enum opk_status parse_with(
    enum opk_status (*read)(struct opk_str text, struct opk_yaml_reader *reader,
                            struct opk_err *err),
    struct opk_str text, const char *path, struct opk_yaml_limits limits, struct opk_doc *out_doc,
    struct opk_err *err)
{
    struct opk_doc doc = {0};
    struct opk_yaml_reader reader = {.limits = limits, .path = path, .doc = &doc};
    enum opk_status status;

    doc.source = opk_arena_copy(&doc.arena, text);
    reader.marks.text = doc.source;
    status = doc.arena.failed ? no_memory(&reader, err) : read(doc.source, &reader, err);
    if (status != OPK_OK) {
        opk_doc_done(&doc);
        return status;
    }
    *out_doc = doc;
    return OPK_OK;
}

enum opk_status opk_yaml_parse_plain(struct opk_str text, const char *path,
                                     struct opk_yaml_limits limits, struct opk_doc *out_doc,
                                     struct opk_err *err)
{
    enum opk_status status = parse_with(opk_yaml_read_plain, text, path, limits, out_doc, NULL);

    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path),
                        "no memory for a document of %zu bytes", text.len);
    /* What is wrong is libyaml's to tell: it may have met something else first. */
    return status == OPK_OK ? OPK_OK : OPK_END;
}

enum opk_status opk_yaml_parse_any(struct opk_str text, const char *path,
                                   struct opk_yaml_limits limits, struct opk_doc *out_doc,
                                   struct opk_err *err)
{
    enum opk_status status = check_bytes(text, path, limits.bytes, err);

    return status == OPK_OK ? parse_with(read_any, text, path, limits, out_doc, err) : status;
}

enum opk_status opk_yaml_parse(struct opk_str text, const char *path, struct opk_yaml_limits limits,
                               struct opk_doc *out_doc, struct opk_err *err)
{
    enum opk_status status = OPK_END;

    if (text.len <= limits.bytes)
        status = opk_yaml_parse_plain(text, path, limits, out_doc, err);
    return status == OPK_END ? opk_yaml_parse_any(text, path, limits, out_doc, err) : status;
}
