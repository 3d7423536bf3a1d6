#include "sync/card_shapes.h"

#include "base/file.h"
#include "base/ulid.h"

static bool all_in(struct opk_str text, bool (*fits)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!fits(text.data[i]))
            return false;
    }
    return text.len > 0;
}

bool opk_is_key_byte(char c)
{
    return opk_is_upper(c) || opk_is_digit(c) || c == '_';
}

bool opk_is_id_byte(char c)
{
    return opk_is_upper(c) || opk_is_digit(c) || c == '-';
}

bool opk_fits_prefixed(struct opk_str text, struct opk_str prefix, bool (*fits)(char c))
{
    return opk_str_starts(text, prefix) && all_in(opk_str_skip(text, prefix.len), fits);
}

bool opk_fits_path(struct opk_str text)
{
    return opk_path_check(text, NULL) == OPK_OK;
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

static bool fits_version(struct opk_str text)
{
    return opk_str_eq(text, OPK_STR("1"));
}

static bool fits_ulid(struct opk_str text)
{
    return opk_ulid_parse(text, NULL);
}

static bool fits_pattern_id(struct opk_str text)
{
    return opk_fits_prefixed(text, OPK_STR("PAT-"), opk_is_id_byte);
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

static const char *const STATUSES[] = {"active",   "deprecated", "draft", "experimental",
                                       "migrated", "spec_only",  NULL};

const struct opk_shape OPK_SHAPE_VERSION = {
    .what = "1, the version this opk reads", .fits = fits_version, .takes_number = true};
const struct opk_shape OPK_SHAPE_ULID = {
    .what = "a ULID: 26 of 0-9 A-Z without I L O U, the first 0-7", .fits = fits_ulid};
const struct opk_shape OPK_SHAPE_SEMVER = {.what = "a version x.y.z", .fits = fits_semver};
const struct opk_shape OPK_SHAPE_STATUS = {.what = "a status", .words = STATUSES};
const struct opk_shape OPK_SHAPE_PATTERN_ID = {.what = "PAT- and capitals, digits and -",
                                               .fits = fits_pattern_id};
const struct opk_shape OPK_SHAPE_WORD = {.what = "a text that is not empty", .fits = fits_any};
const struct opk_shape OPK_SHAPE_TEXT = {.what = "a text", .fits = fits_text};
const struct opk_shape OPK_SHAPE_TEXTS = {.what = "a text", .fits = fits_any, .is_list = true};
const struct opk_shape OPK_SHAPE_PATH = {.what = "a path below the repository's root",
                                         .fits = opk_fits_path};

static const struct opk_field LINK_FIELDS[] = {
    {"acceptance", &OPK_SHAPE_TEXTS, false},
    {"delivers", &OPK_SHAPE_TEXTS, false},
    {"evidence", &OPK_SHAPE_TEXTS, false},
    {NULL, NULL, false},
};
const struct opk_shape OPK_SHAPE_LINKS = {.what = "a mapping", .fields = LINK_FIELDS};
