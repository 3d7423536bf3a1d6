/* Where the reader of plain lines takes a text, it reads what the lexer and step.c read. */
#include "fuzz.h"

#include "cluster/step_read.h"
#include "cluster/word_bytes.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The same bytes; scripts within a text are copied by each reader. */
static void same_word(const struct opk_word *a, const struct opk_word *b)
{
    must(opk_str_eq(a->raw, b->raw));
    must(opk_str_eq(a->value, b->value) && a->flags == b->flags && a->bytes == b->bytes);
    must(a->bytes == opk_word_bytes(a->value));
}

static void same_simple(const struct opk_steps *a, const struct opk_simple *x,
                        const struct opk_steps *b, const struct opk_simple *y)
{
    must(x->word_end - x->word_begin == y->word_end - y->word_begin);
    must(x->redirect_end - x->redirect_begin == y->redirect_end - y->redirect_begin);
    must(x->assignment_end - x->assignment_begin == y->assignment_end - y->assignment_begin);
    must(x->wrapper_count == y->wrapper_count);
    for (unsigned i = 0; i < x->wrapper_count; i++)
        must(x->wrappers[i] == y->wrappers[i]);
    for (size_t i = 0; i < x->word_end - x->word_begin; i++)
        same_word(&a->words[x->word_begin + i], &b->words[y->word_begin + i]);
    for (size_t i = 0; i < x->redirect_end - x->redirect_begin; i++) {
        const struct opk_redirect *p = &a->redirects[x->redirect_begin + i];
        const struct opk_redirect *q = &b->redirects[y->redirect_begin + i];
        must(p->op == q->op && opk_str_eq(p->sign, q->sign));
        same_word(&p->word, &q->word);
    }
}

static void same_steps(const struct opk_steps *a, const struct opk_steps *b)
{
    must(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct opk_step *x = &a->steps[i];
        const struct opk_step *y = &b->steps[i];
        must(x->flags == y->flags && opk_str_eq(x->text, y->text));
        must(x->simple_end - x->simple_begin == y->simple_end - y->simple_begin);
        for (size_t k = 0; k < x->simple_end - x->simple_begin; k++)
            same_simple(a, &a->simples[x->simple_begin + k], b, &b->simples[y->simple_begin + k]);
    }
}

/* Whatever the text looks like: the reader that guesses reads as the one that is told. */
static void check_guess(struct opk_str text)
{
    struct opk_steps guessed = {0};
    struct opk_steps told = {0};

    must(opk_steps_read_shell(&guessed, OPK_STR_EMPTY, text, NULL) == OPK_OK);
    must(opk_steps_read(&told, text, opk_dialect_of(OPK_STR_EMPTY, text), NULL) == OPK_OK);
    same_steps(&guessed, &told);
    opk_steps_done(&guessed);
    opk_steps_done(&told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data ? (const void *)data : "", size);

    for (int bare = 0; bare <= 1; bare++) {
        struct opk_steps plain = {0};
        struct opk_steps lexed = {0};
        if (opk_steps_read_plain(&plain, text, bare)) {
            must(opk_steps_read_lexed(&lexed, text, OPK_DIALECT_BASH, bare, NULL) == OPK_OK);
            same_steps(&plain, &lexed);
        }
        opk_steps_done(&plain);
        opk_steps_done(&lexed);
    }
    check_guess(text);
    return 0;
}
