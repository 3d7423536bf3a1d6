#include "sync/sidecar.h"

#include "base/out.h"
#include "base/ulid.h"
#include "base/yaml.h"
#include "sync/shape.h"

#include <string.h>

#define TOKEN_DIGITS (OPK_BLOCK_TOKEN_BITS / 5)
#define SOURCE       "xxh3-128:"
#define MODELINE     "# yaml-language-server: $schema="
#define SCHEMA       "schemas/sidecar.schema.json"

static const char BASE32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void opk_sidecar_done(struct opk_sidecar *sidecar)
{
    opk_blocks_done(&sidecar->blocks);
    *sidecar = (struct opk_sidecar){0};
}

static bool is_base32(struct opk_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!text.data[i] || !strchr(BASE32, text.data[i]))
            return false;
    }
    return true;
}

bool opk_mfid_is_valid(struct opk_str text)
{
    return text.len == OPK_MFID_LEN && text.data[OPK_ULID_LEN] == '#' &&
           opk_ulid_parse(opk_str_slice(text, 0, OPK_ULID_LEN), NULL) &&
           is_base32(opk_str_skip(text, OPK_ULID_LEN + 1));
}

const struct opk_block *opk_sidecar_find(const struct opk_sidecar *sidecar, struct opk_str mfid)
{
    for (size_t i = 0; i < sidecar->blocks.count; i++) {
        if (opk_str_eq(sidecar->mfids[i], mfid))
            return &sidecar->blocks.items[i];
    }
    return NULL;
}

/* ---- reading ---- */

static bool fits_version(struct opk_str text)
{
    return opk_str_eq(text, OPK_STR("1"));
}

static bool fits_ulid(struct opk_str text)
{
    return opk_ulid_parse(text, NULL);
}

static bool read_digest(struct opk_str text, struct opk_hash128 *out_hash)
{
    uint64_t halves[2] = {0};

    if (text.len != OPK_HASH128_TEXT - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = opk_is_upper(text.data[i]) ? -1 : opk_hex_value(text.data[i]);
        if (digit < 0)
            return false;
        halves[i / 16] = halves[i / 16] << 4 | (uint64_t)digit;
    }
    *out_hash = (struct opk_hash128){halves[0], halves[1]};
    return true;
}

static bool fits_digest(struct opk_str text)
{
    struct opk_hash128 unused;

    return read_digest(text, &unused);
}

static bool fits_source(struct opk_str text)
{
    return opk_str_starts(text, OPK_STR(SOURCE)) && fits_digest(opk_str_skip(text, strlen(SOURCE)));
}

static bool fits_kind(struct opk_str text)
{
    return opk_block_kind_find(text) >= 0;
}

static bool fits_number(struct opk_str text)
{
    uint64_t number;

    return opk_str_to_u64(text, &number) && number <= UINT32_MAX;
}

static bool fits_text(struct opk_str text)
{
    (void)text;
    return true;
}

static bool fits_tokens(struct opk_str text)
{
    return text.len % TOKEN_DIGITS == 0 && text.len / TOKEN_DIGITS <= OPK_BLOCK_TOKENS_MAX &&
           is_base32(text);
}

static const struct opk_shape VERSION = {
    .what = "1, the version this opk reads", .fits = fits_version, .takes_number = true};
static const struct opk_shape ULID = {.what = "a ULID", .fits = fits_ulid};
static const struct opk_shape SOURCE_DIGEST = {.what = SOURCE " and 32 digits of 0-9 a-f",
                                               .fits = fits_source};
static const struct opk_shape MFID = {.what = "a ULID, # and 8 of 0-9 A-Z without I L O U",
                                      .fits = opk_mfid_is_valid};
static const struct opk_shape MFIDS = {.what = "a ULID, # and 8 of 0-9 A-Z without I L O U",
                                       .fits = opk_mfid_is_valid,
                                       .is_list = true};
static const struct opk_shape KIND = {.what = "a kind of block", .fits = fits_kind};
static const struct opk_shape NUMBER = {
    .what = "a number", .fits = fits_number, .takes_number = true};
static const struct opk_shape SPAN = {
    .what = "a number", .fits = fits_number, .takes_number = true, .is_list = true};
static const struct opk_shape DIGEST = {.what = "32 digits of 0-9 a-f", .fits = fits_digest};
static const struct opk_shape TEXT = {.what = "a text", .fits = fits_text};
static const struct opk_shape BOOL = {.what = "true or false", .takes_bool = true};
static const struct opk_shape TOKENS = {.what = "at most 64 times 4 of 0-9 A-Z without I L O U",
                                        .fits = fits_tokens};
static const struct opk_shape ANY = {.what = "a list", .is_any = true};

static const struct opk_field FIELDS[] = {
    {"blocks", &ANY, true},           {"retired", &MFIDS, true}, {"schema_version", &VERSION, true},
    {"source", &SOURCE_DIGEST, true}, {"ulid", &ULID, true},     {NULL, NULL, false},
};

static const struct opk_field BLOCK_FIELDS[] = {
    {"digest", &DIGEST, true}, {"generated", &BOOL, true}, {"kind", &KIND, true},
    {"mfid", &MFID, true},     {"ordinal", &NUMBER, true}, {"pointer", &TEXT, false},
    {"section", &TEXT, true},  {"span", &SPAN, true},      {"tokens", &TOKENS, true},
    {"words", &NUMBER, true},  {NULL, NULL, false},
};

static size_t number_of(const struct opk_node *node)
{
    uint64_t number = 0;

    return node && opk_str_to_u64(node->text, &number) ? (size_t)number : 0;
}

static struct opk_str copy_text(struct opk_sidecar *sidecar, const struct opk_node *node)
{
    return opk_arena_copy(&sidecar->blocks.arena, opk_node_text(node));
}

/* "0123ABCD": two hashes; OPK_E_INVALID unless they are sorted. */
static enum opk_status read_tokens(const struct opk_node *node, const char *path,
                                   struct opk_arena *arena, struct opk_block_tokens *tokens,
                                   struct opk_err *err)
{
    uint32_t *items = opk_arena_array(arena, node->text.len / TOKEN_DIGITS + 1, sizeof(*items));

    if (!items)
        return opk_arena_check(arena, err);
    for (size_t i = 0; i < node->text.len; i++) {
        const char *digit = strchr(BASE32, node->text.data[i]);
        uint32_t *item = &items[i / TOKEN_DIGITS];
        *item = *item << 5 | (uint32_t)(digit - BASE32);
    }
    tokens->items = items;
    tokens->count = node->text.len / TOKEN_DIGITS;
    for (size_t i = 1; i < tokens->count; i++) {
        if (items[i - 1] > items[i])
            return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                            "the tokens are not sorted");
    }
    return OPK_OK;
}

static enum opk_status read_block(struct opk_sidecar *sidecar, const struct opk_node *node,
                                  const char *path, size_t at, struct opk_err *err)
{
    struct opk_block *block = &sidecar->blocks.items[at];
    const struct opk_node *span = opk_node_get(node, "span");
    const struct opk_node *tokens = opk_node_get(node, "tokens");
    enum opk_status status = opk_fields_check(node, path, BLOCK_FIELDS, err);

    if (status != OPK_OK)
        return status;
    if (span->count != 2 || number_of(span->first) > number_of(span->first->next))
        return opk_fail(err, OPK_E_INVALID, opk_node_place(span, path),
                        "span is the first byte and the one behind the last");
    if (number_of(opk_node_get(node, "ordinal")) != at + 1)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                        "block %zu has another ordinal", at + 1);
    *block = (struct opk_block){
        .kind = (enum opk_block_kind)opk_block_kind_find(opk_node_get(node, "kind")->text),
        .span = {number_of(span->first), number_of(span->first->next)},
        .section = copy_text(sidecar, opk_node_get(node, "section")),
        .pointer = copy_text(sidecar, opk_node_get(node, "pointer")),
        .opens = opk_node_get(node, "pointer") != NULL,
        .generated = opk_node_get(node, "generated")->truth,
        .tokens.total = number_of(opk_node_get(node, "words")),
    };
    (void)read_digest(opk_node_get(node, "digest")->text, &block->digest);
    sidecar->mfids[at] = copy_text(sidecar, opk_node_get(node, "mfid"));
    status = read_tokens(tokens, path, &sidecar->blocks.arena, &block->tokens, err);
    if (status == OPK_OK &&
        block->tokens.count != (block->tokens.total < OPK_BLOCK_TOKENS_MAX ? block->tokens.total
                                                                           : OPK_BLOCK_TOKENS_MAX))
        status = opk_fail(err, OPK_E_INVALID, opk_node_place(tokens, path),
                          "%zu words have another number of tokens", block->tokens.total);
    return status;
}

/* Every id once, and each of them the document's own. */
static enum opk_status check_ids(const struct opk_sidecar *sidecar, const struct opk_node *root,
                                 const char *path, struct opk_err *err)
{
    const struct opk_node *block = opk_node_get(root, "blocks")->first;
    const struct opk_node *retired = opk_node_get(root, "retired")->first;
    struct opk_map *seen = NULL;
    enum opk_status status = opk_map_new(&seen, err);

    while (status == OPK_OK && (block || retired)) {
        const struct opk_node *node = block ? opk_node_get(block, "mfid") : retired;
        uint32_t index;
        bool is_new = false;
        if (block)
            block = block->next;
        else
            retired = retired->next;
        status = opk_map_add(seen, node->text, &index, &is_new, err);
        if (status == OPK_OK && !is_new)
            status = opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                              "%.*s stands here twice", OPK_STR_FMT(node->text));
        else if (status == OPK_OK && !opk_str_starts(node->text, sidecar->ulid))
            status = opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                              "%.*s is no id of document %.*s", OPK_STR_FMT(node->text),
                              OPK_STR_FMT(sidecar->ulid));
    }
    opk_map_free(seen);
    return status;
}

static enum opk_status check_size(const struct opk_node *list, const char *path, size_t most,
                                  struct opk_err *err)
{
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(list, path), "%.*s must be a list",
                        OPK_STR_FMT(list->key->text));
    if (list->count > most)
        return opk_fail(err, OPK_E_LIMIT, opk_node_place(list, path), "more than %zu %.*s", most,
                        OPK_STR_FMT(list->key->text));
    return OPK_OK;
}

static enum opk_status read_root(struct opk_sidecar *sidecar, const struct opk_node *root,
                                 const char *path, struct opk_err *err)
{
    struct opk_arena *arena = &sidecar->blocks.arena;
    const struct opk_node *blocks = opk_node_get(root, "blocks");
    const struct opk_node *retired = opk_node_get(root, "retired");
    enum opk_status status = check_size(blocks, path, OPK_BLOCKS_MAX, err);

    if (status == OPK_OK)
        status = check_size(retired, path, OPK_SIDECAR_RETIRED_MAX, err);
    if (status == OPK_OK)
        status = opk_blocks_reserve(&sidecar->blocks, blocks->count, err);
    if (status != OPK_OK)
        return status;
    sidecar->ulid = copy_text(sidecar, opk_node_get(root, "ulid"));
    (void)read_digest(opk_str_skip(opk_node_get(root, "source")->text, strlen(SOURCE)),
                      &sidecar->source);
    sidecar->mfids = opk_arena_array(arena, blocks->count + 1, sizeof(*sidecar->mfids));
    sidecar->retired = opk_arena_array(arena, retired->count + 1, sizeof(*sidecar->retired));
    if (!sidecar->mfids || !sidecar->retired)
        return opk_arena_check(arena, err);
    for (const struct opk_node *node = blocks->first; node && status == OPK_OK; node = node->next) {
        if (node->kind != OPK_NODE_MAP)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(node, path),
                            "a block must be a mapping");
        status = read_block(sidecar, node, path, sidecar->blocks.count++, err);
    }
    for (const struct opk_node *node = retired->first; node; node = node->next)
        sidecar->retired[sidecar->retired_count++] = copy_text(sidecar, node);
    if (status == OPK_OK)
        status = check_ids(sidecar, root, path, err);
    return status == OPK_OK ? opk_arena_check(arena, err) : status;
}

enum opk_status opk_sidecar_parse(struct opk_str text, const char *path,
                                  struct opk_sidecar *out_sidecar, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_sidecar sidecar = {.ulid = OPK_STR_EMPTY};
    struct opk_doc doc = {0};
    enum opk_status status = opk_yaml_parse(text, path, limits, &doc, err);

    if (status != OPK_OK)
        return status;
    if (!doc.root || doc.root->kind != OPK_NODE_MAP)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, 1), "a sidecar is a mapping");
    else
        status = opk_fields_check(doc.root, path, FIELDS, err);
    if (status == OPK_OK)
        status = read_root(&sidecar, doc.root, path, err);
    opk_doc_done(&doc);
    if (status == OPK_OK)
        *out_sidecar = sidecar;
    else
        opk_sidecar_done(&sidecar);
    return status;
}

/* ---- writing ---- */

static void put(const char *key, struct opk_str value, struct opk_buf *out)
{
    opk_buf_append_cstr(out, key);
    opk_out_yaml(out, value);
    opk_buf_append_byte(out, '\n');
}

static void put_tokens(const struct opk_block_tokens *tokens, struct opk_buf *out)
{
    char text[OPK_BLOCK_TOKENS_MAX * TOKEN_DIGITS];
    size_t len = 0;

    for (size_t i = 0; i < tokens->count; i++) {
        for (unsigned digit = TOKEN_DIGITS; digit > 0; digit--)
            text[len++] = BASE32[tokens->items[i] >> (5 * (digit - 1)) & 31];
    }
    opk_buf_printf(out, "    words: %zu\n", tokens->total);
    put("    tokens: ", opk_str_bytes(text, len), out);
}

static void put_block(const struct opk_sidecar *sidecar, size_t at, struct opk_buf *out)
{
    const struct opk_block *block = &sidecar->blocks.items[at];
    char digest[OPK_HASH128_TEXT];

    opk_hash128_text(block->digest, digest);
    put("  - mfid: ", sidecar->mfids[at], out);
    opk_buf_printf(out, "    kind: %s\n    ordinal: %zu\n    span: [%zu, %zu]\n",
                   opk_block_kind_name(block->kind), at + 1, block->span.begin, block->span.end);
    put("    digest: ", opk_str_of(digest), out);
    put("    section: ", block->section, out);
    if (block->opens)
        put("    pointer: ", block->pointer, out);
    opk_buf_append_cstr(out, block->generated ? "    generated: true\n" : "    generated: false\n");
    put_tokens(&block->tokens, out);
}

enum opk_status opk_sidecar_write(const struct opk_sidecar *sidecar, const char *path,
                                  struct opk_buf *out, struct opk_err *err)
{
    char source[sizeof(SOURCE) + OPK_HASH128_TEXT] = SOURCE;
    size_t begin = out->len;

    opk_hash128_text(sidecar->source, source + strlen(SOURCE));
    opk_buf_append_cstr(out, MODELINE);
    for (const char *at = path; *at; at++) {
        if (*at == '/')
            opk_buf_append_cstr(out, "../");
    }
    opk_buf_append_cstr(out, SCHEMA "\n# Made by 'opk sidecar index': ids are kept, all else is "
                                    "made new.\nschema_version: 1\n");
    put("ulid: ", sidecar->ulid, out);
    put("source: ", opk_str_of(source), out);
    opk_buf_append_cstr(out, sidecar->blocks.count ? "blocks:\n" : "blocks: []\n");
    for (size_t i = 0; i < sidecar->blocks.count; i++)
        put_block(sidecar, i, out);
    opk_buf_append_cstr(out, sidecar->retired_count ? "retired:\n" : "retired: []\n");
    for (size_t i = 0; i < sidecar->retired_count; i++)
        put("  - ", sidecar->retired[i], out);
    if (out->len - begin > OPK_YAML_REGISTRY_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(path),
                        "its sidecar would be larger than %zu bytes; split the document",
                        OPK_YAML_REGISTRY_MAX);
    return opk_buf_check(out, err);
}
