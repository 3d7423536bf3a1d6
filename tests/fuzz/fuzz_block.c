/* Blocks of any text: in order, within it, and of Markdown apart from each other; a document and
 * what became of it have no id on two blocks, and making a sidecar again changes nothing. The first
 * byte picks the form, the second where the text is cut for its older version. */
#include "fuzz.h"

#include "sync/sidecar.h"

#include <stdlib.h>

#define ULID "01JD8W1C6Q5T0V2X4Z6B8D0F2H"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_spans(const struct opk_blocks *blocks, size_t len, bool is_markdown)
{
    size_t behind = 0;

    for (size_t i = 0; i < blocks->count; i++) {
        const struct opk_span *span = &blocks->items[i].span;
        check(span->begin <= span->end && span->end <= len && span->begin >= behind);
        behind = is_markdown ? span->end : span->begin;
    }
}

static void check_again(struct opk_str text, const char *path, const struct opk_sidecar *now)
{
    struct opk_buf first = OPK_BUF_EMPTY;
    struct opk_buf second = OPK_BUF_EMPTY;
    struct opk_sidecar again;

    check(opk_sidecar_make(&(const struct opk_sidecar_doc){text, path, OPK_STR(ULID)}, now, NULL,
                           &again, NULL) == OPK_OK);
    check(opk_sidecar_write(now, path, &first, NULL) == OPK_OK);
    check(opk_sidecar_write(&again, path, &second, NULL) == OPK_OK);
    check(opk_str_eq(opk_buf_str(&first), opk_buf_str(&second)));
    opk_sidecar_done(&again);
    check(opk_sidecar_parse(opk_buf_str(&first), path, &again, NULL) == OPK_OK); /* ids once */
    opk_sidecar_done(&again);
    opk_buf_done(&first);
    opk_buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_sidecar old;
    struct opk_sidecar now;

    if (size < 2)
        return 0;
    const char *path = data[0] % 2 ? "a.md" : "a.yaml";
    struct opk_str text = opk_str_bytes(data + 2, size - 2);
    struct opk_str less = opk_str_skip(text, (size - 2) * data[1] / 256);
    if (opk_sidecar_make(&(const struct opk_sidecar_doc){less, path, OPK_STR(ULID)}, NULL, NULL,
                         &old, NULL) != OPK_OK)
        return 0;
    if (opk_sidecar_make(&(const struct opk_sidecar_doc){text, path, OPK_STR(ULID)}, &old, NULL,
                         &now, NULL) == OPK_OK) {
        check_spans(&now.blocks, text.len, data[0] % 2);
        check_again(text, path, &now);
        opk_sidecar_done(&now);
    }
    opk_sidecar_done(&old);
    return 0;
}
