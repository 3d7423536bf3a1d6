#include "sync/card_older.h"

#include "base/ulid.h"
#include "base/yaml.h"
#include "base/yaml_layout.h"
#include "base/yaml_scalar.h"
#include "sync/layout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ADDED_MAX 32 /* lines that migrating adds, and lines that it takes out twice */

/* The keys of a card and of its suite in their order: a key that is added follows the nearest
 * earlier one that is there. */
static const char *const CARD_ORDER[] = {
    "schema_version", "ulid",  "pattern_key",     "pattern_id", "doc_id",      "semver", "status",
    "category",       "layer", "operation_kinds", "summary",    "description", "suite",  NULL};
static const char *const SUITE_ORDER[] = {"folder", "spec",         "schema", "executor",
                                          "tests",  "examples_dir", "docs",   NULL};

/* Documents that have another name today, by the end of their file's name. */
static const struct {
    const char *older;
    const char *key;
    const char *ending; /* of docs/X_executor.md */
    const char *name;
} DOCS[] = {
    {"examples", "examples_doc", "_examples.md", "EXAMPLES.md"},
    {"executor", "executor_doc", "_executor.md", "EXECUTOR.md"},
    {"tests", "tests_doc", "_tests.md", "TESTS.md"},
};
#define DOC_COUNT (sizeof(DOCS) / sizeof(DOCS[0]))

/* A change of the text: bytes [begin, end) become text. */
struct splice {
    size_t begin;
    size_t end;
    struct opk_str text;
    size_t order; /* of two at one place */
};

struct older {
    struct opk_str text;
    const char *path;
    struct opk_arena arena;
    struct opk_doc doc;
    struct splice *splices;
    size_t count;
    size_t cap;
    struct opk_str eol;
    struct opk_str key; /* pattern_key */
    struct opk_str folder;
    struct opk_err *err;
};

/* A value that goes to another place, with the comment behind it. */
struct moved {
    struct opk_str value;
    struct opk_str comment; /* with the blanks before it */
};

static bool is_ulid(const struct opk_node *node)
{
    return node && opk_ulid_parse(node->text, NULL);
}

static bool is_markdown(const struct opk_node *node)
{
    return opk_str_ends(opk_node_text(node), OPK_STR(".md"));
}

bool opk_card_is_older(const struct opk_doc *doc)
{
    const struct opk_node *docs = opk_node_pointer(doc->root, OPK_STR("/suite/docs"));
    const struct opk_node *kinds = opk_node_get(doc->root, "operation_kinds");

    if (is_ulid(opk_node_get(doc->root, "pattern_id")) || opk_node_get(doc->root, "primary_spec") ||
        opk_node_get(docs, "spec") || opk_node_get(docs, "schema") ||
        opk_node_get(docs, "examples"))
        return true;
    for (const struct opk_node *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        if (opk_str_starts(opk_node_text(kind), OPK_STR("OPK_")))
            return true;
    }
    return false;
}

static void splice(struct older *older, size_t begin, size_t end, struct opk_str text)
{
    assert(older->count < older->cap);
    older->splices[older->count] = (struct splice){begin, end, text, older->count};
    older->count++;
}

static size_t line_begin(const struct older *older, const struct opk_node *pair)
{
    return opk_yaml_line_begin(older->text, pair->key->span.begin);
}

/* Where the line behind a pair begins. */
static size_t pair_end(const struct older *older, const struct opk_node *pair)
{
    const struct opk_node *last = pair;

    while (last->style == OPK_STYLE_BLOCK && last->first) {
        last = last->first;
        while (last->next)
            last = last->next;
    }
    size_t end = last->span.end;
    if (end > last->span.begin && opk_yaml_is_break(older->text.data[end - 1]))
        end--;
    return opk_yaml_line_next(older->text, end);
}

/* The comment behind a pair on its line, with the blanks before it; empty when there is none. */
static struct opk_str comment_of(const struct older *older, const struct opk_node *pair)
{
    size_t at = pair->span.end;
    size_t colon = opk_yaml_colon(older->text, pair);

    if (pair->style == OPK_STYLE_BLOCK || pair->kind == OPK_NODE_NULL)
        at = colon == OPK_NPOS ? at : colon + 1;
    struct opk_str rest = opk_str_slice(older->text, at, opk_yaml_line_end(older->text, at));
    return opk_str_starts(opk_str_trim(rest), OPK_STR("#")) ? opk_str_trim_end(rest)
                                                            : OPK_STR_EMPTY;
}

static struct opk_str indent_of(const struct older *older, const struct opk_node *pair)
{
    size_t begin = line_begin(older, pair);

    return opk_str_slice(older->text, begin, pair->key->span.begin);
}

/* Take out a pair. Its comment goes with its value, or stays on a line of its own. */
static struct moved take(struct older *older, const struct opk_node *pair, bool keep_comment)
{
    struct opk_str comment = comment_of(older, pair);
    struct opk_str left = OPK_STR_EMPTY;

    if (keep_comment && comment.len > 0)
        left = opk_arena_printf(&older->arena, "%.*s%.*s%.*s", OPK_STR_FMT(indent_of(older, pair)),
                                OPK_STR_FMT(opk_str_trim(comment)), OPK_STR_FMT(older->eol));
    splice(older, line_begin(older, pair), pair_end(older, pair), left);
    return (struct moved){opk_node_text(pair), keep_comment ? OPK_STR_EMPTY : comment};
}

static struct opk_str scalar_text(struct older *older, struct opk_str value,
                                  enum opk_node_style style, bool in_flow)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    opk_yaml_write_string(&text, value, style, in_flow);
    struct opk_str copy = opk_arena_copy(&older->arena, opk_buf_str(&text));
    older->arena.failed = older->arena.failed || text.failed;
    opk_buf_done(&text);
    return copy;
}

/* Give a scalar another value, in its own quotes. */
static void set_scalar(struct older *older, const struct opk_node *node, struct opk_str value)
{
    if (!opk_str_eq(node->text, value))
        splice(older, node->span.begin, node->span.end,
               scalar_text(older, value, node->style, opk_yaml_in_flow(node)));
}

/* The place for a key that is added to a mapping: behind the nearest earlier key, or first. */
static size_t place_for(const struct older *older, const struct opk_node *map,
                        const char *const *order, const char *key)
{
    const struct opk_node *before = NULL;

    for (; *order && strcmp(*order, key) != 0; order++) {
        const struct opk_node *pair = opk_node_get(map, *order);
        bool holds_ulid = strcmp(*order, "pattern_id") == 0 && is_ulid(pair);
        if (strcmp(*order, "ulid") == 0 && !pair)
            pair = opk_node_get(map, "pattern_id"); /* that holds it so far */
        if (pair && !holds_ulid)
            before = pair;
    }
    return before ? pair_end(older, before) : line_begin(older, map->first);
}

/* Add lines at a place. A last line that had no end gets one, and the new one none. */
static void add_lines(struct older *older, size_t at, struct opk_str lines)
{
    bool is_open = at == older->text.len && at > 0 && !opk_yaml_is_break(older->text.data[at - 1]);

    if (is_open)
        lines = opk_arena_printf(&older->arena, "%.*s%.*s", OPK_STR_FMT(older->eol),
                                 OPK_STR_FMT(opk_str_slice(lines, 0, lines.len - older->eol.len)));
    splice(older, at, at, lines);
}

/* Add "key: value"; tests is a list of one. */
static void add_pair(struct older *older, const struct opk_node *map, const char *const *order,
                     const char *key, struct moved moved)
{
    struct opk_str indent = indent_of(older, map->first);
    struct opk_str value = scalar_text(older, moved.value, OPK_STYLE_PLAIN, false);
    struct opk_str item = OPK_STR_EMPTY;

    if (strcmp(key, "tests") == 0) {
        item = opk_arena_printf(&older->arena, "%.*s%.*s  - ", OPK_STR_FMT(older->eol),
                                OPK_STR_FMT(indent));
    }
    add_lines(older, place_for(older, map, order, key),
              opk_arena_printf(&older->arena, "%.*s%s:%s%.*s%.*s%.*s%.*s", OPK_STR_FMT(indent), key,
                               item.len ? "" : " ", OPK_STR_FMT(item), OPK_STR_FMT(value),
                               OPK_STR_FMT(moved.comment), OPK_STR_FMT(older->eol)));
}

/* A path of an older card as one from the root. */
static struct opk_str root_path(struct older *older, struct opk_str path)
{
    struct opk_arena *arena = &older->arena;

    if (opk_str_starts(path, OPK_STR("./")))
        path = opk_str_skip(path, 2);
    if (opk_str_starts(path, OPK_STR("patterns/")) ||
        (opk_str_starts(path, older->folder) && path.len > older->folder.len &&
         path.data[older->folder.len] == '/'))
        return path;
    if (opk_str_starts(path, OPK_STR("specs/")) || opk_str_starts(path, OPK_STR("schemas/")))
        return opk_arena_printf(arena, "patterns/%.*s", OPK_STR_FMT(path));
    for (size_t i = 0; i < DOC_COUNT; i++) {
        if (opk_str_starts(path, OPK_STR("docs/")) &&
            opk_str_ends(path, opk_str_of(DOCS[i].ending)))
            return opk_arena_printf(arena, "%.*s/%s", OPK_STR_FMT(older->folder), DOCS[i].name);
    }
    return opk_arena_printf(arena, "%.*s/%.*s", OPK_STR_FMT(older->folder), OPK_STR_FMT(path));
}

static enum opk_status missing(const struct older *older, const char *key, const char *what)
{
    return opk_fail(older->err, OPK_E_INVALID, opk_node_place(older->doc.root, older->path),
                    "this card of the older dialect has no %s; %s", key, what);
}

/* schema_version, ulid, pattern_id, doc_id and category. */
static enum opk_status migrate_identity(struct older *older, struct opk_str category)
{
    const struct opk_node *root = older->doc.root;
    const struct opk_node *id = opk_node_get(root, "pattern_id");
    const struct opk_node *ulid = opk_node_get(root, "ulid");
    struct opk_str derived = opk_layout_id(&older->arena, older->key);
    bool id_is_ulid = is_ulid(id);

    if (!opk_node_get(root, "schema_version"))
        add_lines(
            older, line_begin(older, root->first),
            opk_arena_printf(&older->arena, "schema_version: 1%.*s", OPK_STR_FMT(older->eol)));
    if (!ulid && !id_is_ulid)
        return missing(older, "ulid", "add it: it is the name of the file");
    if (id_is_ulid && ulid)
        set_scalar(older, id, derived);
    else if (id_is_ulid)
        splice(older, id->key->span.begin, id->key->span.end, OPK_STR("ulid"));
    if (!id || (id_is_ulid && !ulid))
        add_pair(older, root, CARD_ORDER, "pattern_id", (struct moved){derived, OPK_STR_EMPTY});
    if (!opk_node_get(root, "doc_id")) {
        struct opk_str said = id && !id_is_ulid ? opk_node_text(id) : derived;
        add_pair(older, root, CARD_ORDER, "doc_id",
                 (struct moved){opk_arena_printf(&older->arena, "DOC-%.*s", OPK_STR_FMT(said)),
                                OPK_STR_EMPTY});
    }
    if (opk_node_get(root, "category"))
        return OPK_OK;
    if (category.len == 0)
        return missing(older, "category", "give one: opk sync --migrate KEY --category CATEGORY");
    add_pair(older, root, CARD_ORDER, "category", (struct moved){category, OPK_STR_EMPTY});
    return OPK_OK;
}

/* OPK_LIKE_THIS becomes OPK-LIKE-THIS, in place. */
static void migrate_kinds(struct older *older)
{
    const struct opk_node *kinds = opk_node_get(older->doc.root, "operation_kinds");

    for (const struct opk_node *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        struct opk_str old = opk_node_text(kind);
        char *new = opk_arena_alloc(&older->arena, old.len + 1);
        for (size_t i = 0; new &&i < old.len; i++)
            new[i] = old.data[i] == '_' ? '-' : old.data[i];
        if (new &&opk_str_starts(old, OPK_STR("OPK_")))
            set_scalar(older, kind, opk_str_bytes(new, old.len));
    }
}

/* Does an entry of suite.docs name what the suite itself names today? */
static bool leaves_docs(const struct opk_node *doc)
{
    struct opk_str key = doc->key->text;

    return opk_str_eq(key, OPK_STR("spec")) || opk_str_eq(key, OPK_STR("schema")) ||
           (opk_str_eq(key, OPK_STR("examples")) && !is_markdown(doc));
}

/* The documents that stay: their names and paths of today. */
static void migrate_docs(struct older *older, const struct opk_node *docs)
{
    size_t left = 0;

    for (const struct opk_node *doc = docs ? docs->first : NULL; doc; doc = doc->next) {
        if (leaves_docs(doc))
            continue;
        left++;
        for (size_t i = 0; i < DOC_COUNT; i++) {
            if (opk_str_eq(doc->key->text, opk_str_of(DOCS[i].older)) && is_markdown(doc))
                splice(older, doc->key->span.begin, doc->key->span.end, opk_str_of(DOCS[i].key));
        }
        if (opk_node_text(doc).len > 0)
            set_scalar(older, doc, root_path(older, doc->text));
    }
    if (docs && left == 0) {
        size_t begin = line_begin(older, docs);
        struct opk_str comment = comment_of(older, docs);
        struct opk_str kept = comment.len ? opk_arena_printf(&older->arena, "%.*s%.*s%.*s",
                                                             OPK_STR_FMT(indent_of(older, docs)),
                                                             OPK_STR_FMT(opk_str_trim(comment)),
                                                             OPK_STR_FMT(older->eol))
                                          : OPK_STR_EMPTY;
        splice(older, begin, opk_yaml_line_next(older->text, docs->key->span.end), kept);
    }
}

/* A path of the suite: the one that is there, as one from the root; else one that moves here; else
 * that of the default layout. */
static void migrate_path(struct older *older, const struct opk_node *suite, const char *key,
                         const struct moved *moved, enum opk_layout_file file)
{
    const struct opk_node *node = opk_node_get(suite, key);
    struct moved derived = {opk_layout_path(&older->arena, older->key, file), OPK_STR_EMPTY};

    if (node && node->kind == OPK_NODE_SEQ) {
        for (const struct opk_node *item = node->first; item; item = item->next) {
            if (opk_node_text(item).len > 0)
                set_scalar(older, item, root_path(older, item->text));
        }
        return;
    }
    if (node) {
        if (opk_node_text(node).len > 0)
            set_scalar(older, node, root_path(older, node->text));
        return;
    }
    if (moved->value.len > 0)
        derived = (struct moved){root_path(older, moved->value), moved->comment};
    add_pair(older, suite, SUITE_ORDER, key, derived);
}

/* The spec that moves to suite.spec: primary_spec, else that of suite.docs. */
static enum opk_status find_spec(struct older *older, const struct opk_node *suite,
                                 struct moved *out)
{
    const struct opk_node *primary = opk_node_get(older->doc.root, "primary_spec");
    const struct opk_node *doc = opk_node_pointer(suite, OPK_STR("/docs/spec"));
    const struct opk_node *own = opk_node_get(suite, "spec");

    if (own && primary &&
        !opk_str_eq(root_path(older, opk_node_text(own)), root_path(older, opk_node_text(primary))))
        return opk_fail(older->err, OPK_E_INVALID, opk_node_place(primary, older->path),
                        "primary_spec is another file than suite.spec (line %llu); delete one",
                        (unsigned long long)own->line);
    if (doc)
        *out = take(older, doc, own || primary);
    if (primary)
        *out = take(older, primary, own != NULL);
    return OPK_OK;
}

static enum opk_status migrate_suite(struct older *older, const struct opk_node *suite)
{
    const struct opk_node *docs = opk_node_get(suite, "docs");
    const struct opk_node *schema = opk_node_get(docs, "schema");
    const struct opk_node *examples = opk_node_get(docs, "examples");
    const struct moved none = {OPK_STR_EMPTY, OPK_STR_EMPTY};
    struct moved from_spec = none;
    struct moved from_schema = none;
    struct moved from_examples = none;
    enum opk_status status = find_spec(older, suite, &from_spec);

    if (status != OPK_OK)
        return status;
    if (schema)
        from_schema = take(older, schema, opk_node_get(suite, "schema") != NULL);
    if (examples && leaves_docs(examples))
        from_examples = take(older, examples, opk_node_get(suite, "examples_dir") != NULL);
    if (!opk_node_get(suite, "folder"))
        add_pair(older, suite, SUITE_ORDER, "folder", (struct moved){older->folder, OPK_STR_EMPTY});
    migrate_path(older, suite, "spec", &from_spec, OPK_LAYOUT_SPEC);
    migrate_path(older, suite, "schema", &from_schema, OPK_LAYOUT_SCHEMA);
    migrate_path(older, suite, "executor", &none, OPK_LAYOUT_EXECUTOR);
    migrate_path(older, suite, "tests", &none, OPK_LAYOUT_TEST);
    migrate_path(older, suite, "examples_dir", &from_examples, OPK_LAYOUT_EXAMPLES_DIR);
    migrate_docs(older, docs);
    return OPK_OK;
}

/* A card that has no suite at all gets that of the default layout. */
static void add_suite(struct older *older)
{
    static const struct {
        const char *key;
        enum opk_layout_file file;
    } KEYS[] = {{"schema", OPK_LAYOUT_SCHEMA},
                {"executor", OPK_LAYOUT_EXECUTOR},
                {"tests:\n    -", OPK_LAYOUT_TEST},
                {"examples_dir", OPK_LAYOUT_EXAMPLES_DIR}};
    const struct opk_node *root = older->doc.root;
    const struct opk_node *primary = opk_node_get(root, "primary_spec");
    struct moved spec = {opk_layout_path(&older->arena, older->key, OPK_LAYOUT_SPEC),
                         OPK_STR_EMPTY};
    struct opk_buf text = OPK_BUF_EMPTY;

    if (primary) {
        spec = take(older, primary, false);
        spec.value = root_path(older, spec.value);
    }
    opk_buf_printf(&text, "suite:\n  folder: %.*s\n  spec: %.*s%.*s\n", OPK_STR_FMT(older->folder),
                   OPK_STR_FMT(spec.value), OPK_STR_FMT(spec.comment));
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        struct opk_str path = opk_layout_path(&older->arena, older->key, KEYS[i].file);
        bool is_list = KEYS[i].file == OPK_LAYOUT_TEST;
        opk_buf_printf(&text, "  %s%s %.*s\n", KEYS[i].key, is_list ? "" : ":", OPK_STR_FMT(path));
    }
    for (size_t at = text.len; older->eol.len == 2 && at-- > 0;) {
        if (text.data[at] == '\n')
            opk_buf_splice(&text, at, at, OPK_STR("\r"));
    }
    struct opk_str lines = opk_arena_copy(&older->arena, opk_buf_str(&text));
    older->arena.failed = older->arena.failed || text.failed;
    opk_buf_done(&text);
    add_lines(older, place_for(older, root, CARD_ORDER, "suite"), lines);
}

static bool is_block_map(const struct opk_node *node)
{
    return node->kind == OPK_NODE_MAP && node->style == OPK_STYLE_BLOCK && node->first;
}

static enum opk_status plan(struct older *older, struct opk_str category)
{
    const struct opk_node *root = older->doc.root;
    const struct opk_node *suite = opk_node_get(root, "suite");
    const struct opk_node *docs = opk_node_get(suite, "docs");
    const struct opk_node *bad = NULL;
    enum opk_status status;

    if (!is_block_map(root))
        bad = root;
    else if (suite && !is_block_map(suite))
        bad = suite;
    else if (docs && !is_block_map(docs))
        bad = docs;
    if (bad)
        return opk_fail(older->err, OPK_E_REFUSED, opk_node_place(bad, older->path),
                        "a card of the older dialect is migrated where its mappings have a line a "
                        "key; write this one so");
    older->key = opk_node_text(opk_node_get(root, "pattern_key"));
    if (older->key.len == 0)
        return missing(older, "pattern_key", "add it, such as PAT_ATOMIC_CREATE");
    older->folder = opk_node_text(opk_node_get(suite, "folder"));
    if (older->folder.len == 0)
        older->folder = opk_layout_path(&older->arena, older->key, OPK_LAYOUT_FOLDER);
    while (opk_str_ends(older->folder, OPK_STR("/")))
        older->folder = opk_str_slice(older->folder, 0, older->folder.len - 1);
    status = migrate_identity(older, category);
    migrate_kinds(older);
    if (status == OPK_OK && suite)
        status = migrate_suite(older, suite);
    else if (status == OPK_OK)
        add_suite(older);
    return status == OPK_OK ? opk_arena_check(&older->arena, older->err) : status;
}

static int compare_splices(const void *left, const void *right)
{
    const struct splice *a = left;
    const struct splice *b = right;

    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if ((a->begin == a->end) != (b->begin == b->end))
        return a->begin == a->end ? -1 : 1; /* what is added stands before what is taken out */
    return a->order < b->order ? -1 : a->order > b->order;
}

static void apply(struct older *older, struct opk_buf *out)
{
    size_t at = 0;

    qsort(older->splices, older->count, sizeof(*older->splices), compare_splices);
    for (size_t i = 0; i < older->count; i++) {
        assert(older->splices[i].begin >= at);
        opk_buf_append(out, opk_str_slice(older->text, at, older->splices[i].begin));
        opk_buf_append(out, older->splices[i].text);
        at = older->splices[i].end;
    }
    opk_buf_append(out, opk_str_skip(older->text, at));
}

enum opk_status opk_card_migrate(struct opk_str text, const char *path, struct opk_str category,
                                 struct opk_buf *out, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct older older = {.path = path, .err = err};
    enum opk_status status = opk_yaml_parse(text, path, limits, &older.doc, err);

    if (status != OPK_OK)
        return status;
    older.text = older.doc.source;
    older.eol = opk_yaml_eol(older.text);
    older.cap = 2 * older.doc.node_count + ADDED_MAX;
    older.splices = opk_arena_array(&older.arena, older.cap, sizeof(*older.splices));
    status = opk_arena_check(&older.arena, err);
    if (status == OPK_OK)
        status = plan(&older, category);
    if (status == OPK_OK) {
        apply(&older, out);
        status = opk_buf_check(out, err);
    }
    opk_doc_done(&older.doc);
    opk_arena_done(&older.arena);
    return status;
}

/* The number of the first line of a text that equals one; 0 when none does. */
static uint64_t find_line(struct opk_str text, struct opk_str wanted)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    for (uint64_t number = 1; opk_split_next(&lines, &line); number++) {
        if (opk_str_eq(line, wanted))
            return number;
    }
    return 0;
}

/* A place of the migrated text as one of the card, where the line is there as well. */
static void place_back(struct opk_err *err, struct opk_str text, struct opk_str migrated)
{
    struct opk_split lines = OPK_SPLIT(migrated, '\n');
    struct opk_str line = OPK_STR_EMPTY;

    for (uint64_t number = 0; number < err->line && opk_split_next(&lines, &line); number++)
        continue;
    err->line = find_line(text, line);
    if (err->line == 0)
        err->column = 0;
}

enum opk_status opk_card_read(struct opk_str text, const char *path, struct opk_str category,
                              struct opk_card *out_card, bool *out_is_older, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_buf migrated = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    struct opk_err first;
    enum opk_status status = opk_card_parse(text, path, out_card, &first);

    *out_is_older = false;
    if (status == OPK_OK)
        return OPK_OK;
    if (status == OPK_E_INVALID && opk_yaml_parse(text, path, limits, &doc, err) == OPK_OK)
        *out_is_older = opk_card_is_older(&doc);
    opk_doc_done(&doc);
    if (!*out_is_older) {
        if (err)
            *err = first;
        return status;
    }
    status = opk_card_migrate(text, path, category, &migrated, err);
    if (status == OPK_OK) {
        status = opk_card_parse(opk_buf_str(&migrated), path, out_card, err);
        if (status == OPK_OK)
            out_card->is_older = true;
        else if (err)
            place_back(err, text, opk_buf_str(&migrated));
    }
    opk_buf_done(&migrated);
    return status;
}
