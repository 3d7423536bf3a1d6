#include "sync/card.h"

#include "base/file.h"
#include "base/opt.h"
#include "base/ulid.h"
#include "base/yaml.h"

#include <assert.h>
#include <string.h>

struct field;

/* How a value looks: is this text right, and what to call it in a message. */
struct shape {
    const char *what;
    bool (*fits)(struct opk_str text);
    const char *const *words; /* or one of these */
    bool is_list;             /* of at least least items that fit */
    size_t least;
    const struct field *fields; /* or a mapping with these keys */
    bool is_map;                /* or one with any keys, whose values fit */
};

struct field {
    const char *name;
    const struct shape *shape;
    bool required;
};

static bool all_in(struct opk_str text, bool (*fits)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!fits(text.data[i]))
            return false;
    }
    return text.len > 0;
}

static bool is_key_byte(char c)
{
    return opk_is_upper(c) || opk_is_digit(c) || c == '_';
}

static bool is_id_byte(char c)
{
    return opk_is_upper(c) || opk_is_digit(c) || c == '-';
}

static bool fits_any(struct opk_str text)
{
    return text.len > 0;
}

static bool fits_text(struct opk_str text)
{
    (void)text;
    return true;
}

static bool fits_ulid(struct opk_str text)
{
    return opk_ulid_parse(text, NULL);
}

static bool fits_key(struct opk_str text)
{
    return opk_str_starts(text, OPK_STR("PAT_")) && all_in(opk_str_skip(text, 4), is_key_byte);
}

static bool fits_id(struct opk_str text)
{
    return opk_str_starts(text, OPK_STR("PAT-")) && all_in(opk_str_skip(text, 4), is_id_byte);
}

static bool fits_doc_id(struct opk_str text)
{
    return opk_str_starts(text, OPK_STR("DOC-PAT-")) &&
           all_in(opk_str_skip(text, strlen("DOC-PAT-")), is_id_byte);
}

static bool fits_semver(struct opk_str text)
{
    struct opk_split parts = OPK_SPLIT(text, '.');
    struct opk_str part;
    size_t count = 0;

    while (opk_split_next(&parts, &part)) {
        if (!all_in(part, opk_is_digit) || (part.len > 1 && part.data[0] == '0'))
            return false;
        count++;
    }
    return count == 3;
}

/* OPK-, then groups of capitals and digits with single dashes between them. */
bool opk_kind_id_valid(struct opk_str text)
{
    if (!opk_str_starts(text, OPK_STR("OPK-")))
        return false;
    struct opk_split groups = OPK_SPLIT(opk_str_skip(text, 4), '-');
    struct opk_str group;

    while (opk_split_next(&groups, &group)) {
        if (!all_in(group, is_id_byte))
            return false;
    }
    return true;
}

static bool fits_path(struct opk_str text)
{
    return opk_path_check(text, NULL) == OPK_OK;
}

static bool fits_version(struct opk_str text)
{
    return opk_str_eq(text, OPK_STR("1"));
}

static const char *const STATUSES[] = {"active",   "deprecated", "draft", "experimental",
                                       "migrated", "spec_only",  NULL};
static const char *const LAYERS[] = {"execution", "infra", "meta", "planning", NULL};

static const struct shape VERSION = {.what = "1, the version this opk reads", .fits = fits_version};
static const struct shape ULID = {.what = "a ULID: 26 of 0-9 A-Z without I L O U, the first 0-7",
                                  .fits = fits_ulid};
static const struct shape KEY = {.what = "PAT_ and capitals, digits and _", .fits = fits_key};
static const struct shape ID = {.what = "PAT- and capitals, digits and -", .fits = fits_id};
static const struct shape DOC_ID = {.what = "DOC-PAT- and capitals, digits and -",
                                    .fits = fits_doc_id};
static const struct shape SEMVER = {.what = "a version x.y.z", .fits = fits_semver};
static const struct shape STATUS = {.what = "a status", .words = STATUSES};
static const struct shape LAYER = {.what = "a layer", .words = LAYERS};
static const struct shape WORD = {.what = "a text that is not empty", .fits = fits_any};
static const struct shape TEXT = {.what = "a text", .fits = fits_text};
static const struct shape TEXTS = {.what = "a text", .fits = fits_any, .is_list = true};
static const struct shape KINDS = {.what = "an operation kind such as OPK-GIT-COMMIT",
                                   .fits = opk_kind_id_valid,
                                   .is_list = true,
                                   .least = 1};
static const struct shape PATH = {.what = "a path below the repository's root", .fits = fits_path};
static const struct shape PATHS = {
    .what = "a path below the repository's root", .fits = fits_path, .is_list = true, .least = 1};
static const struct shape PATH_MAP = {
    .what = "a path below the repository's root", .fits = fits_path, .is_map = true};

static const struct field SUITE_FIELDS[] = {
    {"docs", &PATH_MAP, false}, {"examples_dir", &PATH, true}, {"executor", &PATH, true},
    {"folder", &PATH, true},    {"schema", &PATH, true},       {"spec", &PATH, true},
    {"tests", &PATHS, true},    {NULL, NULL, false},
};
static const struct field REGISTRY_FIELDS[] = {
    {"operation_kind_registry", &PATH, false},
    {"pattern_index", &PATH, false},
    {NULL, NULL, false},
};
static const struct field LINK_FIELDS[] = {
    {"acceptance", &TEXTS, false},
    {"delivers", &TEXTS, false},
    {"evidence", &TEXTS, false},
    {NULL, NULL, false},
};
static const struct shape SUITE = {.what = "a mapping", .fields = SUITE_FIELDS};
static const struct shape REGISTRY = {.what = "a mapping", .fields = REGISTRY_FIELDS};
static const struct shape LINKS = {.what = "a mapping", .fields = LINK_FIELDS};

static const struct field CARD_FIELDS[] = {
    {"category", &WORD, true},
    {"description", &TEXT, false},
    {"doc_id", &DOC_ID, true},
    {"layer", &LAYER, true},
    {"links", &LINKS, false},
    {"operation_kinds", &KINDS, true},
    {"owners", &TEXTS, false},
    {"pattern_id", &ID, true},
    {"pattern_key", &KEY, true},
    {"registry", &REGISTRY, false},
    {"schema_version", &VERSION, true},
    {"semver", &SEMVER, true},
    {"status", &STATUS, true},
    {"suite", &SUITE, true},
    {"summary", &TEXT, false},
    {"tags", &TEXTS, false},
    {"ulid", &ULID, true},
    {NULL, NULL, false},
};

#define FIELDS_MAX 24

static const struct field *find_field(const struct field *fields, struct opk_str name)
{
    for (; fields->name; fields++) {
        if (opk_str_eq(opk_str_of(fields->name), name))
            return fields;
    }
    return NULL;
}

static enum opk_status unknown_field(const struct opk_node *key, const char *path,
                                     const struct field *fields, struct opk_err *err)
{
    const char *names[FIELDS_MAX];
    size_t count = 0;

    for (; fields[count].name; count++) {
        assert(count < FIELDS_MAX);
        names[count] = fields[count].name;
    }
    /* The text of a node has a NUL behind it: the document copied it into its arena. */
    const char *near = opk_opt_nearest(key->text.data, names, count);
    return opk_fail(err, OPK_E_INVALID, opk_node_place(key, path), "unknown key '%.*s'%s%s%s",
                    OPK_STR_FMT(key->text), near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

static enum opk_status check_word(const struct opk_node *node, const char *path,
                                  const struct shape *shape, struct opk_err *err)
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
                                    const char *path, const struct shape *shape,
                                    struct opk_err *err)
{
    bool is_text = node->kind == OPK_NODE_STRING ||
                   (node->kind == OPK_NODE_INT && shape->fits == fits_version);

    if (!is_text || (shape->fits && !shape->fits(node->text)))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "%.*s is not right: it must be %s", OPK_STR_FMT(key->text), shape->what);
    return shape->words ? check_word(node, path, shape, err) : OPK_OK;
}

static enum opk_status check_fields(const struct opk_node *map, const char *path,
                                    const struct field *fields, struct opk_err *err);

static enum opk_status check_value(const struct opk_node *node, const char *path,
                                   const struct shape *shape, struct opk_err *err)
{
    const struct opk_node *key = node->key;
    enum opk_node_kind want = shape->is_list ? OPK_NODE_SEQ : OPK_NODE_MAP;
    enum opk_status status = OPK_OK;

    if (!shape->is_list && !shape->is_map && !shape->fields)
        return check_scalar(node, key, path, shape, err);
    if (node->kind != want)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path), "%.*s must be a %s",
                        OPK_STR_FMT(key->text), shape->is_list ? "list" : "mapping");
    if (shape->fields)
        return check_fields(node, path, shape->fields, err);
    if (node->count < shape->least)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "%.*s needs at least one item", OPK_STR_FMT(key->text));
    for (const struct opk_node *item = node->first; item && status == OPK_OK; item = item->next)
        status = check_scalar(item, item->key ? item->key : key, path, shape, err);
    return status;
}

static enum opk_status check_fields(const struct opk_node *map, const char *path,
                                    const struct field *fields, struct opk_err *err)
{
    for (const struct opk_node *value = map->first; value; value = value->next) {
        const struct field *field = find_field(fields, value->key->text);
        if (!field)
            return unknown_field(value->key, path, fields, err);
        enum opk_status status = check_value(value, path, field->shape, err);
        if (status != OPK_OK)
            return status;
    }
    for (; fields->name; fields++) {
        if (fields->required && !opk_node_get(map, fields->name))
            return opk_fail(err, OPK_E_INVALID, opk_node_place(map, path),
                            "required key '%s' is missing", fields->name);
    }
    return OPK_OK;
}

enum opk_status opk_card_parse(struct opk_str text, const char *path, struct opk_card *out_card,
                               struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_card card = {0};
    enum opk_status status = opk_yaml_parse(text, path, limits, &card.doc, err);

    if (status != OPK_OK)
        return status;
    if (!card.doc.root || card.doc.root->kind != OPK_NODE_MAP)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, 1), "a card is a mapping");
    else
        status = check_fields(card.doc.root, path, CARD_FIELDS, err);
    card.path = opk_arena_copy(&card.doc.arena, opk_str_of(path)).data;
    if (status == OPK_OK)
        status = opk_arena_check(&card.doc.arena, err);
    if (status != OPK_OK) {
        opk_card_done(&card);
        return status;
    }
    card.ulid = opk_node_text(opk_node_get(card.doc.root, "ulid"));
    card.pattern_key = opk_node_text(opk_node_get(card.doc.root, "pattern_key"));
    card.pattern_id = opk_node_text(opk_node_get(card.doc.root, "pattern_id"));
    card.doc_id = opk_node_text(opk_node_get(card.doc.root, "doc_id"));
    card.semver = opk_node_text(opk_node_get(card.doc.root, "semver"));
    card.operation_kinds = opk_node_get(card.doc.root, "operation_kinds");
    card.suite = opk_node_get(card.doc.root, "suite");
    *out_card = card;
    return OPK_OK;
}

void opk_card_done(struct opk_card *card)
{
    opk_doc_done(&card->doc);
    *card = (struct opk_card){0};
}

const struct opk_node *opk_card_find(const struct opk_card *card, struct opk_str dotted)
{
    struct opk_split keys = OPK_SPLIT(dotted, '.');
    const struct opk_node *node = card->doc.root;
    struct opk_str key;

    while (node && opk_split_next(&keys, &key))
        node = opk_node_get_str(node, key);
    return node;
}
