/* Which reader a command line needs, and in which shell's language it is written. */
#include "cluster/step_read.h"

#include "cluster/word_bytes.h"

static enum opk_status read_text(struct opk_steps *steps, struct opk_str text,
                                 enum opk_dialect dialect, bool bare, struct opk_err *err)
{
    if (dialect == OPK_DIALECT_BASH && opk_steps_read_plain(steps, text, bare))
        return OPK_OK;
    return opk_steps_read_lexed(steps, text, dialect, bare, err);
}

enum opk_status opk_steps_read(struct opk_steps *steps, struct opk_str text,
                               enum opk_dialect dialect, struct opk_err *err)
{
    return read_text(steps, text, dialect, false, err);
}

enum opk_status opk_steps_read_bare(struct opk_steps *steps, struct opk_str text,
                                    enum opk_dialect dialect, struct opk_err *err)
{
    return read_text(steps, text, dialect, true, err);
}

/*
 * Would opk_dialect_of take a line, read as bash's, for bash's? Certainly when a small letter
 * begins it, so that it is no cmdlet; when its second word is no switch of cmd.exe; when it does
 * not "set" a variable as fish does; and when it has no list or pipe, nor a sign of one in quotes.
 */
static bool is_bash(const struct opk_steps *steps, struct opk_str text)
{
    const struct opk_word *words = steps->words;
    unsigned bytes = 0;

    if (steps->count != 1 || steps->simple_count != 1 || !opk_is_lower(text.data[0]) ||
        (steps->word_count > 1 && words[1].raw.data[0] == '/') ||
        opk_str_eq(words[0].raw, OPK_STR("set")))
        return false;
    for (size_t i = 0; i < steps->word_count; i++)
        bytes |= words[i].bytes;
    return !(bytes & OPK_HAS_ODD);
}

enum opk_status opk_steps_read_shell(struct opk_steps *steps, struct opk_str shell,
                                     struct opk_str text, struct opk_err *err)
{
    if (shell.len > 0)
        return opk_steps_read(steps, text, opk_dialect_of(shell, text), err);
    bool is_plain = opk_steps_read_plain(steps, text, false);
    if (is_plain && is_bash(steps, text))
        return OPK_OK;
    enum opk_dialect dialect = opk_dialect_of(shell, text);
    return is_plain && dialect == OPK_DIALECT_BASH
               ? OPK_OK
               : opk_steps_read_lexed(steps, text, dialect, false, err);
}
