#include "sync/card.h"

#include "base/file.h"
#include "base/ulid.h"
#include "base/yaml.h"
#include "promote/registry.h"
#include "sync/shape.h"

#include <string.h>

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

static const struct opk_shape VERSION = {
    .what = "1, the version this opk reads", .fits = fits_version, .takes_number = true};
static const struct opk_shape ULID = {
    .what = "a ULID: 26 of 0-9 A-Z without I L O U, the first 0-7", .fits = fits_ulid};
static const struct opk_shape KEY = {.what = "PAT_ and capitals, digits and _", .fits = fits_key};
static const struct opk_shape ID = {.what = "PAT- and capitals, digits and -", .fits = fits_id};
static const struct opk_shape DOC_ID = {.what = "DOC-PAT- and capitals, digits and -",
                                        .fits = fits_doc_id};
static const struct opk_shape SEMVER = {.what = "a version x.y.z", .fits = fits_semver};
static const struct opk_shape STATUS = {.what = "a status", .words = STATUSES};
static const struct opk_shape LAYER = {.what = "a layer", .words = LAYERS};
static const struct opk_shape WORD = {.what = "a text that is not empty", .fits = fits_any};
static const struct opk_shape TEXT = {.what = "a text", .fits = fits_text};
static const struct opk_shape TEXTS = {.what = "a text", .fits = fits_any, .is_list = true};
static const struct opk_shape KINDS = {.what = "an operation kind such as OPK-GIT-COMMIT",
                                       .fits = opk_kind_id_is_valid,
                                       .is_list = true,
                                       .least = 1,
                                       .is_unique = true};
static const struct opk_shape PATH = {.what = "a path below the repository's root",
                                      .fits = fits_path};
static const struct opk_shape PATHS = {.what = "a path below the repository's root",
                                       .fits = fits_path,
                                       .is_list = true,
                                       .least = 1,
                                       .is_unique = true};
static const struct opk_shape PATH_MAP = {
    .what = "a path below the repository's root", .fits = fits_path, .is_map = true};

static const struct opk_field SUITE_FIELDS[] = {
    {"docs", &PATH_MAP, false}, {"examples_dir", &PATH, true}, {"executor", &PATH, true},
    {"folder", &PATH, true},    {"schema", &PATH, true},       {"spec", &PATH, true},
    {"tests", &PATHS, true},    {NULL, NULL, false},
};
static const struct opk_field REGISTRY_FIELDS[] = {
    {"operation_kind_registry", &PATH, false},
    {"pattern_index", &PATH, false},
    {NULL, NULL, false},
};
static const struct opk_field LINK_FIELDS[] = {
    {"acceptance", &TEXTS, false},
    {"delivers", &TEXTS, false},
    {"evidence", &TEXTS, false},
    {NULL, NULL, false},
};
static const struct opk_shape SUITE = {.what = "a mapping", .fields = SUITE_FIELDS};
static const struct opk_shape REGISTRY = {.what = "a mapping", .fields = REGISTRY_FIELDS};
static const struct opk_shape LINKS = {.what = "a mapping", .fields = LINK_FIELDS};

static const struct opk_field CARD_FIELDS[] = {
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
        status = opk_fields_check(card.doc.root, path, CARD_FIELDS, err);
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

/* The statuses that each may become, in the order of STATUSES. */
static const char *const BECOMES[][5] = {
    {"deprecated", "migrated"},
    {NULL},
    {"active", "deprecated", "experimental", "spec_only"},
    {"active", "deprecated"},
    {"deprecated"},
    {"active", "deprecated"},
};

bool opk_card_status_may_become(struct opk_str from, struct opk_str to)
{
    for (size_t i = 0; STATUSES[i]; i++) {
        if (!opk_str_eq(opk_str_of(STATUSES[i]), from))
            continue;
        if (opk_str_eq(from, to))
            return true;
        for (size_t at = 0; BECOMES[i][at]; at++) {
            if (opk_str_eq(opk_str_of(BECOMES[i][at]), to))
                return true;
        }
    }
    return false;
}

bool opk_card_has_path(struct opk_str dotted)
{
    struct opk_split keys = OPK_SPLIT(dotted, '.');
    const struct opk_field *fields = CARD_FIELDS;
    const struct opk_shape *shape = NULL;
    struct opk_str key;

    while (opk_split_next(&keys, &key)) {
        if (shape && shape->is_map) {
            shape = &PATH; /* of any name */
            fields = NULL;
            continue;
        }
        while (fields && fields->name && !opk_str_eq(opk_str_of(fields->name), key))
            fields++;
        if (!fields || !fields->name)
            return false;
        shape = fields->shape;
        fields = shape->fields;
    }
    return shape == &PATH;
}
