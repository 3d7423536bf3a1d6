#include "sync/block.h"

#include "base/mem.h"
#include "sync/block_impl.h"

#include <stdlib.h>

static const char *const KINDS[] = {
    [OPK_BLOCK_HEADING] = "heading",     [OPK_BLOCK_PARA] = "para",
    [OPK_BLOCK_LIST_ITEM] = "list_item", [OPK_BLOCK_CODE] = "code",
    [OPK_BLOCK_TABLE] = "table",         [OPK_BLOCK_MAPPING] = "mapping",
    [OPK_BLOCK_ITEM] = "item",
};

const char *opk_block_kind_name(enum opk_block_kind kind)
{
    return KINDS[kind];
}

int opk_block_kind_find(struct opk_str name)
{
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (opk_str_eq(name, opk_str_of(KINDS[i])))
            return (int)i;
    }
    return -1;
}

void opk_blocks_done(struct opk_blocks *blocks)
{
    opk_arena_done(&blocks->arena);
    free(blocks->items);
    *blocks = (struct opk_blocks){0};
}

enum opk_status opk_blocks_reserve(struct opk_blocks *blocks, size_t more, struct opk_err *err)
{
    struct opk_block *grown =
        opk_grow(blocks->items, &blocks->cap, blocks->count + more + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu blocks",
                        blocks->count + more);
    blocks->items = grown;
    return OPK_OK;
}

/* ---- words ---- */

static int compare_tokens(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* A word is a run of letters, digits, "_" and what is not ASCII; without its case. */
static bool is_word_byte(char c)
{
    return opk_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The next word of a text in small letters, written over its start; the text's rest is left. */
static struct opk_str next_word(char *text, size_t len, size_t *at)
{
    size_t begin;

    while (*at < len && !is_word_byte(text[*at]))
        ++*at;
    begin = *at;
    for (; *at < len && is_word_byte(text[*at]); ++*at)
        text[*at] = opk_to_lower(text[*at]);
    return opk_str_bytes(text + begin, *at - begin);
}

/* The words of a folded text, which is used up. */
static enum opk_status read_tokens(struct opk_block_reader *reader,
                                   struct opk_block_tokens *out_tokens, struct opk_err *err)
{
    struct opk_buf *folded = &reader->folded;
    size_t total = 0;
    size_t at = 0;
    uint32_t *tokens =
        opk_grow(reader->words, &reader->words_cap, folded->len / 2 + 1, sizeof(*tokens));

    if (!tokens)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(reader->path), "no memory for words");
    reader->words = tokens;
    while (at < folded->len) {
        struct opk_str word = next_word(folded->data, folded->len, &at);
        if (word.len > 0)
            tokens[total++] = (uint32_t)(opk_hash64(word) >> (64 - OPK_BLOCK_TOKEN_BITS));
    }
    qsort(tokens, total, sizeof(*tokens), compare_tokens);
    size_t count = total < OPK_BLOCK_TOKENS_MAX ? total : OPK_BLOCK_TOKENS_MAX;
    uint32_t *kept = opk_arena_array(&reader->blocks->arena, count + 1, sizeof(*kept));
    if (!kept)
        return opk_arena_check(&reader->blocks->arena, err);
    for (size_t i = 0; i < count; i++)
        kept[i] = tokens[i];
    *out_tokens = (struct opk_block_tokens){kept, count, total};
    return OPK_OK;
}

/* The range of hashes that both know: up to the last one of a side that left some out. */
static uint32_t known_to(const struct opk_block_tokens *tokens)
{
    return tokens->count < tokens->total ? tokens->items[tokens->count - 1] : UINT32_MAX;
}

double opk_block_overlap(const struct opk_block_tokens *a, const struct opk_block_tokens *b)
{
    uint32_t to = known_to(a) < known_to(b) ? known_to(a) : known_to(b);
    size_t i = 0;
    size_t j = 0;
    size_t shared = 0;

    while (i < a->count && j < b->count && a->items[i] <= to && b->items[j] <= to) {
        if (a->items[i] == b->items[j]) {
            shared++;
            i++;
            j++;
        } else if (a->items[i] < b->items[j]) {
            i++;
        } else {
            j++;
        }
    }
    while (i < a->count && a->items[i] <= to)
        i++;
    while (j < b->count && b->items[j] <= to)
        j++;
    size_t longer = i > j ? i : j;
    return longer > 0 ? (double)shared / (double)longer : 0;
}

/* ---- one block ---- */

static void fold(struct opk_str said, struct opk_buf *out)
{
    opk_buf_clear(out);
    said = opk_str_trim(said);
    for (size_t i = 0; i < said.len; i++) {
        if (!opk_is_space(said.data[i]))
            opk_buf_append_byte(out, said.data[i]);
        else if (!opk_is_space(said.data[i - 1]))
            opk_buf_append_byte(out, ' ');
    }
}

static bool is_generated(const struct opk_sections *sections, size_t at)
{
    for (size_t i = 0; i < sections->count; i++) {
        if (at >= sections->items[i].inside.begin && at < sections->items[i].inside.end)
            return true;
    }
    return false;
}

enum opk_status opk_block_add(struct opk_block_reader *reader, enum opk_block_kind kind,
                              struct opk_span span, struct opk_str said,
                              struct opk_block **out_block, struct opk_err *err)
{
    struct opk_blocks *blocks = reader->blocks;
    enum opk_status status;

    if (blocks->count == OPK_BLOCKS_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_AT_PATH(reader->path),
                        "more than %d blocks; split the document", OPK_BLOCKS_MAX);
    status = opk_blocks_reserve(blocks, 1, err);
    if (status != OPK_OK)
        return status;
    struct opk_block *block = &blocks->items[blocks->count];
    *block = (struct opk_block){
        .kind = kind,
        .span = span,
        .section = OPK_STR_EMPTY,
        .pointer = OPK_STR_EMPTY,
        .generated = is_generated(&reader->sections, span.begin),
    };
    fold(said, &reader->folded);
    status = opk_buf_check(&reader->folded, err);
    if (status != OPK_OK)
        return status;
    block->digest = opk_hash128(opk_buf_str(&reader->folded));
    status = read_tokens(reader, &block->tokens, err);
    if (status != OPK_OK)
        return status;
    blocks->count++;
    *out_block = block;
    return OPK_OK;
}

enum opk_status opk_blocks_split(struct opk_str text, const char *path,
                                 struct opk_blocks *out_blocks, struct opk_err *err)
{
    struct opk_blocks blocks = {0};
    struct opk_block_reader reader = {.text = text, .path = path, .blocks = &blocks};
    enum opk_marker_form form = opk_marker_form_of(opk_str_of(path));
    enum opk_status status;

    if (form != OPK_MARKER_HTML && form != OPK_MARKER_YAML)
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_AT_PATH(path),
                        "blocks are found in Markdown (.md) and YAML (.yaml, .yml)");
    status = opk_sections_parse(text, path, &blocks.arena, &reader.sections, err);
    if (status == OPK_OK)
        status = form == OPK_MARKER_HTML ? opk_block_read_markdown(&reader, err)
                                         : opk_block_read_yaml(&reader, err);
    opk_buf_done(&reader.folded);
    free(reader.words);
    if (status == OPK_OK)
        *out_blocks = blocks;
    else
        opk_blocks_done(&blocks);
    return status;
}
