/* What a sink escapes is harmless to it: no control byte, no newline, always UTF-8. */
#include "fuzz.h"

#include "base/out.h"

#include <stdlib.h>

static void check(void (*escape)(struct opk_buf *out, struct opk_str text), struct opk_str text,
                  bool must_be_utf8)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_str got;

    escape(&out, text);
    got = opk_buf_str(&out);
    if (must_be_utf8 && !opk_utf8_valid(got))
        abort();
    for (size_t i = 0; i < got.len; i++) {
        unsigned char byte = (unsigned char)got.data[i];
        if (byte == '\n' || byte == '\r' || (must_be_utf8 && (byte < 0x20 || byte == 0x7F)))
            abort();
    }
    opk_buf_done(&out);
}

static void for_terminal(struct opk_buf *out, struct opk_str text)
{
    opk_out_terminal(out, text, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data ? (const void *)data : "", size);

    check(for_terminal, text, true);
    check(opk_out_json_string, text, true);
    check(opk_out_yaml, text, true);
    check(opk_out_tsv, text, false);
    return 0;
}
