/*
 * bash_steps - what opk reads in commands, for the comparison with bash's own parse.
 *
 * usage: bash_steps <COMMANDS
 * Standard input holds commands, each ended by a NUL byte. One line of JSON a command: its simple
 * commands in order, each as "words" (assignments first) and "redirects", as written, and whether
 * something in them could not be read. Wrappers are left where they stand.
 */
#include "base/buf.h"
#include "base/json.h"
#include "cluster/step.h"

#include <stdio.h>

#define CHUNK ((size_t)64 * 1024)

static void write_words(struct opk_json_writer *json, const struct opk_word *words, size_t begin,
                        size_t end)
{
    for (size_t i = begin; i < end; i++)
        opk_json_string(json, words[i].raw);
}

static void write_simple(struct opk_json_writer *json, const struct opk_steps *steps,
                         const struct opk_simple *simple)
{
    opk_json_open(json, '{');
    opk_json_key(json, "words");
    opk_json_open(json, '[');
    write_words(json, steps->assignments, simple->assignment_begin, simple->assignment_end);
    write_words(json, steps->words, simple->word_begin, simple->word_end);
    opk_json_close(json, ']');
    opk_json_key(json, "redirects");
    opk_json_open(json, '[');
    for (size_t i = simple->redirect_begin; i < simple->redirect_end; i++) {
        opk_json_open(json, '[');
        opk_json_string(json, steps->redirects[i].sign);
        opk_json_string(json, steps->redirects[i].word.raw);
        opk_json_close(json, ']');
    }
    opk_json_close(json, ']');
    opk_json_close(json, '}');
}

static enum opk_status write_command(struct opk_buf *out, struct opk_steps *steps,
                                     struct opk_str text, struct opk_err *err)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);
    bool opaque = false;
    enum opk_status status = opk_steps_read_bare(steps, text, OPK_DIALECT_BASH, err);

    if (status != OPK_OK)
        return status;
    opk_json_open(&json, '{');
    opk_json_key(&json, "simples");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < steps->count; i++) {
        opaque = opaque || (steps->steps[i].flags & OPK_STEP_OPAQUE);
        for (size_t k = steps->steps[i].simple_begin; k < steps->steps[i].simple_end; k++)
            write_simple(&json, steps, &steps->simples[k]);
    }
    opk_json_close(&json, ']');
    opk_json_key(&json, "opaque");
    opk_json_string(&json, opaque ? OPK_STR("yes") : OPK_STR("no"));
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
    return opk_buf_check(out, err);
}

static enum opk_status read_all(struct opk_buf *out, struct opk_err *err)
{
    static char chunk[CHUNK];
    size_t got;

    while ((got = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
        opk_buf_append(out, opk_str_bytes(chunk, got));
    return opk_buf_check(out, err);
}

int main(void)
{
    struct opk_steps steps = {0};
    struct opk_buf in = OPK_BUF_EMPTY;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status = read_all(&in, &err);
    struct opk_str rest = opk_buf_str(&in);

    while (status == OPK_OK && rest.len > 0) {
        size_t end = opk_str_find_byte(rest, '\0', 0);
        status = write_command(&out, &steps,
                               opk_str_slice(rest, 0, end == OPK_NPOS ? rest.len : end), &err);
        rest = opk_str_skip(rest, end == OPK_NPOS ? rest.len : end + 1);
    }
    if (status == OPK_OK && fwrite(out.data, 1, out.len, stdout) != out.len)
        status = OPK_E_IO;
    opk_steps_done(&steps);
    opk_buf_done(&in);
    opk_buf_done(&out);
    return status == OPK_OK ? OPK_EXIT_OK : OPK_EXIT_INTERNAL;
}
