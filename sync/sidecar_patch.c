/* One block of a document replaced, and no other. */
#include "sync/sidecar.h"

#include "sync/marker.h"

static OPK_MUST_USE enum opk_status refuse(const char *path, const struct opk_sidecar_patch *patch,
                                           const char *why, struct opk_err *err)
{
    return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path), "%.*s %s", OPK_STR_FMT(patch->mfid),
                    why);
}

static enum opk_status check_digest(const char *path, const struct opk_block *block,
                                    const struct opk_sidecar_patch *patch, struct opk_err *err)
{
    char digest[OPK_HASH128_TEXT];

    opk_hash128_text(block->digest, digest);
    if (opk_str_eq(patch->expected, opk_str_of(digest)))
        return OPK_OK;
    return opk_fail(err, OPK_E_CONFLICT, OPK_AT_PATH(path),
                    "%.*s says something else by now: its digest is %s; read it again",
                    OPK_STR_FMT(patch->mfid), digest);
}

/* What opk generates is changed where it comes from. */
static enum opk_status check_generated(struct opk_str text, const char *path,
                                       const struct opk_block *block,
                                       const struct opk_sidecar_patch *patch, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_sections sections;
    bool is_met = false;
    enum opk_status status = opk_sections_parse(text, path, &arena, &sections, err);

    for (size_t i = 0; status == OPK_OK && i < sections.count; i++)
        is_met = is_met || (sections.items[i].inside.begin <= block->span.end &&
                            sections.items[i].tail.end > block->span.begin);
    opk_arena_done(&arena);
    if (status == OPK_OK && is_met)
        return refuse(path, patch,
                      "is generated, or holds what is: change its source and run "
                      "'opk sync'",
                      err);
    return status;
}

/* The document with the new text in place of the block, in the document's line ends. */
static void put_text(struct opk_str text, struct opk_span span, struct opk_str said,
                     struct opk_buf *out)
{
    size_t newline = opk_str_find_byte(text, '\n', 0);
    bool crlf = newline != OPK_NPOS && newline > 0 && text.data[newline - 1] == '\r';

    opk_buf_append(out, opk_str_slice(text, 0, span.begin));
    for (size_t i = 0; i < said.len; i++) {
        if (said.data[i] == '\n' && crlf && (i == 0 || said.data[i - 1] != '\r'))
            opk_buf_append_byte(out, '\r');
        opk_buf_append_byte(out, said.data[i]);
    }
    opk_buf_append(out, opk_str_skip(text, span.end));
}

static bool is_same(const struct opk_block *a, const struct opk_block *b)
{
    return a->kind == b->kind && a->generated == b->generated &&
           opk_hash128_eq(a->digest, b->digest);
}

/* Blocks before and behind the one at a place are what they were; what holds it has other words. */
static bool keeps_others(const struct opk_blocks *old, const struct opk_blocks *now, size_t at)
{
    size_t end = old->items[at].span.end;
    size_t i = old->count;
    size_t j = now->count;

    if (at >= now->count)
        return false;
    for (size_t before = 0; before < at; before++) {
        const struct opk_block *block = &old->items[before];
        bool encloses = block->span.end >= end && now->items[before].kind == block->kind;
        if (!encloses && !is_same(block, &now->items[before]))
            return false;
    }
    while (i > at + 1 && old->items[i - 1].span.begin >= end) {
        i--;
        j--;
        if (j <= at || !is_same(&old->items[i], &now->items[j]))
            return false;
    }
    /* What is between is within the block: in Markdown there is no such thing. */
    size_t from = now->items[at].span.end;
    return j == at + 1 || now->items[j - 1].span.begin < from;
}

/* Is the new text one block in the place of the old one? Behind it stands a tail of so many bytes.
 */
static enum opk_status check_result(struct opk_str text, const char *path,
                                    const struct opk_sidecar *sidecar, size_t tail,
                                    const struct opk_sidecar_patch *patch, struct opk_err *err)
{
    const struct opk_block *old = opk_sidecar_find(sidecar, patch->mfid);
    size_t at = (size_t)(old - sidecar->blocks.items);
    struct opk_blocks now;
    struct opk_err why;
    enum opk_status status = opk_blocks_split(text, path, &now, &why);

    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "%s", why.message);
    if (status != OPK_OK)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_LINE(path, why.line),
                        "with the new text of %.*s: %s", OPK_STR_FMT(patch->mfid), why.message);
    bool is_one = at < now.count && now.items[at].span.begin == old->span.begin &&
                  now.items[at].span.end == text.len - tail;
    bool keeps_pointer =
        is_one &&
        (old->kind < OPK_BLOCK_MAPPING ||
         (now.items[at].kind == old->kind && opk_str_eq(now.items[at].pointer, old->pointer)));
    bool keeps = keeps_pointer && keeps_others(&sidecar->blocks, &now, at);
    opk_blocks_done(&now);
    if (!is_one)
        return refuse(path, patch, "would not be one block: give the text of exactly one", err);
    if (!keeps_pointer)
        return refuse(path, patch, "would be another key or no mapping", err);
    return keeps ? OPK_OK : refuse(path, patch, "would change other blocks too", err);
}

enum opk_status opk_sidecar_apply(const struct opk_sidecar_doc *doc,
                                  const struct opk_sidecar *sidecar,
                                  const struct opk_sidecar_patch *patch, struct opk_buf *out,
                                  struct opk_sidecar_pair *out_same, struct opk_err *err)
{
    const struct opk_block *block = opk_sidecar_find(sidecar, patch->mfid);
    struct opk_str text = doc->text;
    const char *path = doc->path;
    struct opk_str said = patch->text;
    struct opk_buf now = OPK_BUF_EMPTY;
    enum opk_status status;

    if (!block)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path), "no block %.*s; its id may be retired",
                        OPK_STR_FMT(patch->mfid));
    status = check_digest(path, block, patch, err);
    if (status == OPK_OK)
        status = check_generated(text, path, block, patch, err);
    while (said.len > 0 && (said.data[said.len - 1] == '\n' || said.data[said.len - 1] == '\r'))
        said.len--;
    if (status == OPK_OK && said.len == 0)
        status =
            refuse(path, patch, "would be gone: delete its lines and run 'opk sidecar index'", err);
    if (status != OPK_OK)
        return status;
    put_text(text, block->span, said, &now);
    status = opk_buf_check(&now, err);
    size_t at = (size_t)(block - sidecar->blocks.items);
    if (status == OPK_OK)
        status =
            check_result(opk_buf_str(&now), path, sidecar, text.len - block->span.end, patch, err);
    if (status == OPK_OK) {
        opk_buf_append(out, opk_buf_str(&now));
        *out_same = (struct opk_sidecar_pair){at, at};
        status = opk_buf_check(out, err);
    }
    opk_buf_done(&now);
    return status;
}
