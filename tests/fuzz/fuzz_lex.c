/* Every text has tokens that cover it in order, and steps whose words lie in it. */
#include "fuzz.h"

#include "cluster/shape.h"
#include "cluster/step.h"

#include <stdlib.h>
#include <string.h>

static void check_cover(struct opk_str text)
{
    struct opk_lex lex;
    struct opk_token token;
    size_t at = 0;

    opk_lex_init(&lex, text);
    while (opk_lex_next(&lex, &token)) {
        if (token.begin < at || token.end <= token.begin || token.end > text.len)
            abort();
        for (; at < token.begin; at++) {
            if (!memchr(" \t\n\\", text.data[at], 4))
                abort();
        }
        at = token.end;
        if (token.kind == OPK_TOKEN_WORD) {
            struct opk_arena arena = {0};
            struct opk_str raw = opk_str_slice(text, token.begin, token.end);
            if (opk_word_unquote(raw, token.flags, &arena).len > raw.len)
                abort();
            opk_arena_done(&arena);
        }
    }
}

static void check_steps(struct opk_str text)
{
    struct opk_steps steps = {0};
    struct opk_buf raw = OPK_BUF_EMPTY;

    if (opk_steps_read(&steps, text, NULL) != OPK_OK)
        abort();
    for (size_t i = 0; i < steps.count; i++) {
        if (steps.steps[i].simple_begin >= steps.steps[i].simple_end ||
            steps.steps[i].simple_end > steps.simple_count)
            abort();
        opk_buf_clear(&raw);
        opk_shape_write(&raw, &steps, &steps.steps[i]);
        /* An empty program is never a shape. */
        if (raw.len == 0)
            abort();
    }
    opk_buf_done(&raw);
    opk_steps_done(&steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data ? (const void *)data : "", size);

    check_cover(text);
    check_steps(text);
    return 0;
}
