#include "sync/card.h"

#include "base/yaml.h"
#include "promote/registry.h"
#include "sync/card_shapes.h"

static bool fits_key(struct opk_str text)
{
    return opk_fits_prefixed(text, OPK_STR("PAT_"), opk_is_key_byte);
}

static bool fits_doc_id(struct opk_str text)
{
    return opk_fits_prefixed(text, OPK_STR("DOC-PAT-"), opk_is_id_byte);
}

static bool fits_doc_key(struct opk_str text)
{
    return opk_fits_prefixed(text, OPK_STR("DOC_"), opk_is_key_byte);
}

/* DOC-PAT-... belongs to patterns. */
static bool fits_any_doc_id(struct opk_str text)
{
    return opk_fits_prefixed(text, OPK_STR("DOC-"), opk_is_id_byte) && !fits_doc_id(text);
}

static const char *const LAYERS[] = {"execution", "infra", "meta", "planning", NULL};

static const struct opk_shape KEY = {.what = "PAT_ and capitals, digits and _", .fits = fits_key};
static const struct opk_shape DOC_ID = {.what = "DOC-PAT- and capitals, digits and -",
                                        .fits = fits_doc_id};
static const struct opk_shape DOC_KEY = {.what = "DOC_ and capitals, digits and _",
                                         .fits = fits_doc_key};
static const struct opk_shape ANY_DOC_ID = {
    .what = "DOC- and capitals, digits and -, but not DOC-PAT-", .fits = fits_any_doc_id};
static const struct opk_shape LAYER = {.what = "a layer", .words = LAYERS};
static const struct opk_shape KINDS = {.what = "an operation kind such as OPK-GIT-COMMIT",
                                       .fits = opk_kind_id_is_valid,
                                       .is_list = true,
                                       .least = 1,
                                       .is_unique = true};
static const struct opk_shape PATHS = {.what = "a path below the repository's root",
                                       .fits = opk_fits_path,
                                       .is_list = true,
                                       .least = 1,
                                       .is_unique = true};
static const struct opk_shape PATH_MAP = {
    .what = "a path below the repository's root", .fits = opk_fits_path, .is_map = true};

static const struct opk_field SUITE_FIELDS[] = {
    {"docs", &PATH_MAP, false},
    {"examples_dir", &OPK_SHAPE_PATH, true},
    {"executor", &OPK_SHAPE_PATH, true},
    {"folder", &OPK_SHAPE_PATH, true},
    {"schema", &OPK_SHAPE_PATH, true},
    {"spec", &OPK_SHAPE_PATH, true},
    {"tests", &PATHS, true},
    {NULL, NULL, false},
};
static const struct opk_field REGISTRY_FIELDS[] = {
    {"operation_kind_registry", &OPK_SHAPE_PATH, false},
    {"pattern_index", &OPK_SHAPE_PATH, false},
    {NULL, NULL, false},
};
static const struct opk_shape SUITE = {.what = "a mapping", .fields = SUITE_FIELDS};
static const struct opk_shape REGISTRY = {.what = "a mapping", .fields = REGISTRY_FIELDS};

static const struct opk_field CARD_FIELDS[] = {
    {"category", &OPK_SHAPE_WORD, true},
    {"description", &OPK_SHAPE_TEXT, false},
    {"doc_id", &DOC_ID, true},
    {"layer", &LAYER, true},
    {"links", &OPK_SHAPE_LINKS, false},
    {"operation_kinds", &KINDS, true},
    {"owners", &OPK_SHAPE_TEXTS, false},
    {"pattern_id", &OPK_SHAPE_PATTERN_ID, true},
    {"pattern_key", &KEY, true},
    {"registry", &REGISTRY, false},
    {"schema_version", &OPK_SHAPE_VERSION, true},
    {"semver", &OPK_SHAPE_SEMVER, true},
    {"status", &OPK_SHAPE_STATUS, true},
    {"suite", &SUITE, true},
    {"summary", &OPK_SHAPE_TEXT, false},
    {"tags", &OPK_SHAPE_TEXTS, false},
    {"ulid", &OPK_SHAPE_ULID, true},
    {NULL, NULL, false},
};

/* A card of a later version is not measured with the table of this one. */
static enum opk_status check_version(const struct opk_doc *doc, const char *path,
                                     struct opk_err *err)
{
    const struct opk_node *version = opk_node_get(doc->root, "schema_version");

    if (!version || version->kind != OPK_NODE_INT || opk_str_eq(version->text, OPK_STR("1")))
        return OPK_OK;
    return opk_fail(err, OPK_E_UNSUPPORTED, opk_node_place(version, path),
                    "schema_version %.*s is not read by this opk, which reads 1",
                    OPK_STR_FMT(version->text));
}

static const struct opk_field DOC_CARD_FIELDS[] = {
    {"description", &OPK_SHAPE_TEXT, false},
    {"doc_id", &ANY_DOC_ID, true},
    {"doc_key", &DOC_KEY, true},
    {"document", &OPK_SHAPE_PATH, true},
    {"links", &OPK_SHAPE_LINKS, false},
    {"owners", &OPK_SHAPE_TEXTS, false},
    {"pattern_id", &OPK_SHAPE_PATTERN_ID, false},
    {"schema_version", &OPK_SHAPE_VERSION, true},
    {"semver", &OPK_SHAPE_SEMVER, true},
    {"status", &OPK_SHAPE_STATUS, true},
    {"summary", &OPK_SHAPE_TEXT, false},
    {"tags", &OPK_SHAPE_TEXTS, false},
    {"ulid", &OPK_SHAPE_ULID, true},
    {NULL, NULL, false},
};

/* By enum opk_family. */
static const struct {
    const struct opk_field *fields;
    const char *key;
    const char *id;
} FAMILIES[] = {{CARD_FIELDS, "pattern_key", "pattern_id"}, {DOC_CARD_FIELDS, "doc_key", "doc_id"}};

static enum opk_status parse(enum opk_family family, struct opk_str text, const char *path,
                             struct opk_card *out_card, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_card card = {.family = family};
    enum opk_status status = opk_yaml_parse(text, path, limits, &card.doc, err);

    if (status != OPK_OK)
        return status;
    if (!card.doc.root || card.doc.root->kind != OPK_NODE_MAP)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, 1), "a card is a mapping");
    else
        status = check_version(&card.doc, path, err);
    if (status == OPK_OK)
        status = opk_fields_check(card.doc.root, path, FAMILIES[family].fields, err);
    card.path = opk_arena_copy(&card.doc.arena, opk_str_of(path)).data;
    if (status == OPK_OK)
        status = opk_arena_check(&card.doc.arena, err);
    if (status != OPK_OK) {
        opk_card_done(&card);
        return status;
    }
    card.ulid = opk_node_text(opk_node_get(card.doc.root, "ulid"));
    card.key = opk_node_text(opk_node_get(card.doc.root, FAMILIES[family].key));
    card.id = opk_node_text(opk_node_get(card.doc.root, FAMILIES[family].id));
    card.pattern_key = opk_node_text(opk_node_get(card.doc.root, "pattern_key"));
    card.pattern_id = opk_node_text(opk_node_get(card.doc.root, "pattern_id"));
    card.doc_id = opk_node_text(opk_node_get(card.doc.root, "doc_id"));
    card.semver = opk_node_text(opk_node_get(card.doc.root, "semver"));
    card.operation_kinds = opk_node_get(card.doc.root, "operation_kinds");
    card.suite = opk_node_get(card.doc.root, "suite");
    card.document = opk_node_get(card.doc.root, "document");
    *out_card = card;
    return OPK_OK;
}

enum opk_status opk_card_parse(struct opk_str text, const char *path, struct opk_card *out_card,
                               struct opk_err *err)
{
    return parse(OPK_FAMILY_PATTERN, text, path, out_card, err);
}

enum opk_status opk_doc_card_parse(struct opk_str text, const char *path, struct opk_card *out_card,
                                   struct opk_err *err)
{
    return parse(OPK_FAMILY_DOC, text, path, out_card, err);
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

/* The statuses that each may become, in the order of OPK_SHAPE_STATUS. */
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
    const char *const *statuses = OPK_SHAPE_STATUS.words;

    for (size_t i = 0; statuses[i]; i++) {
        if (!opk_str_eq(opk_str_of(statuses[i]), from))
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

bool opk_card_has_path(enum opk_family family, struct opk_str dotted)
{
    struct opk_split keys = OPK_SPLIT(dotted, '.');
    const struct opk_field *fields = FAMILIES[family].fields;
    const struct opk_shape *shape = NULL;
    struct opk_str key;

    while (opk_split_next(&keys, &key)) {
        if (shape && shape->is_map) {
            shape = &OPK_SHAPE_PATH; /* of any name */
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
    return shape == &OPK_SHAPE_PATH;
}
