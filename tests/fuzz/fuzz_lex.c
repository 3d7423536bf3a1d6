/* Every text has tokens that cover it in order, and steps whose words lie in it. */
#include "fuzz.h"

#include "cluster/shape.h"
#include "cluster/step.h"

#include <stdlib.h>

/* What may lie between two tokens: blanks, and what continues a line. */
static const struct opk_str GAPS[] = {OPK_STR_INIT(" \t\n\\"), OPK_STR_INIT(" \t\n\\"),
                                      OPK_STR_INIT(" \t\n\\"), OPK_STR_INIT(" \t\r\n`"),
                                      OPK_STR_INIT(" \t\r\n^")};

static void check_cover(struct opk_str text, enum opk_dialect dialect)
{
    struct opk_lex lex;
    struct opk_token token;
    size_t at = 0;

    opk_lex_init(&lex, text, dialect);
    while (opk_lex_next(&lex, &token)) {
        if (token.begin < at || token.end <= token.begin || token.end > text.len)
            abort();
        for (; at < token.begin; at++) {
            if (opk_str_find_byte(GAPS[dialect], text.data[at], 0) == OPK_NPOS)
                abort();
        }
        at = token.end;
        if (token.kind == OPK_TOKEN_WORD) {
            struct opk_arena arena = {0};
            struct opk_str raw = opk_str_slice(text, token.begin, token.end);
            if (opk_word_unquote(raw, token.flags, dialect, &arena).len > raw.len)
                abort();
            opk_arena_done(&arena);
        }
    }
}

static void check_steps(struct opk_str text, enum opk_dialect dialect)
{
    struct opk_steps steps = {0};
    struct opk_buf raw = OPK_BUF_EMPTY;

    if (opk_steps_read(&steps, text, dialect, NULL) != OPK_OK)
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

    for (int dialect = OPK_DIALECT_BASH; dialect <= OPK_DIALECT_CMD; dialect++) {
        check_cover(text, (enum opk_dialect)dialect);
        check_steps(text, (enum opk_dialect)dialect);
    }
    return 0;
}
