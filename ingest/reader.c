#include "ingest/reader.h"

#include "base/buf.h"
#include "base/opt.h"
#include "ingest/readers.h"

/*
 * The order of sniffing, cheap and certain first: what says itself in its first line, then what a
 * pattern of lines gives away, then names. The formats without a sniff stand last.
 */
const struct opk_reader *const OPK_READERS[] = {
    &opk_reader_asciicast,
    &opk_reader_claude_code,
    &opk_reader_ttyrec,
    &opk_reader_powershell,
    &opk_reader_typescript,
    &opk_reader_bash_history,
    &opk_reader_history_builtin,
    &opk_reader_terminal,
    &opk_reader_commands,
    &opk_reader_lines,
    NULL,
};

static const struct opk_str BOM = OPK_STR_INIT("\xEF\xBB\xBF");

const struct opk_reader *opk_reader_find(struct opk_str name)
{
    for (size_t i = 0; OPK_READERS[i]; i++) {
        if (opk_str_eq(name, opk_str_of(OPK_READERS[i]->name)))
            return OPK_READERS[i];
    }
    return NULL;
}

enum opk_status opk_reader_choose(const char *name, const struct opk_reader **out_reader,
                                  struct opk_err *err)
{
    const char *names[sizeof(OPK_READERS) / sizeof(OPK_READERS[0])];
    struct opk_buf known = OPK_BUF_EMPTY;
    const struct opk_reader *reader = name ? opk_reader_find(opk_str_of(name)) : NULL;
    size_t count = 0;

    if (!name || reader) {
        *out_reader = reader;
        return OPK_OK;
    }
    for (; OPK_READERS[count]; count++) {
        names[count] = OPK_READERS[count]->name;
        opk_buf_printf(&known, "%s%s", count > 0 ? ", " : "", names[count]);
    }
    const char *near = opk_opt_nearest(name, names, count);
    const char *list = opk_buf_cstr(&known);
    enum opk_status status = opk_fail(
        err, OPK_E_USAGE, OPK_NOWHERE, "unknown input format '%s'; %s%s%sknown are %s", name,
        near ? "did you mean '" : "", near ? near : "", near ? "'? " : "", list ? list : "");
    opk_buf_done(&known);
    return status;
}

const struct opk_reader *opk_reader_sniff(struct opk_str head, struct opk_str path)
{
    if (opk_str_starts(head, BOM))
        head = opk_str_skip(head, BOM.len);
    for (size_t i = 0; OPK_READERS[i]; i++) {
        if (OPK_READERS[i]->sniff && OPK_READERS[i]->sniff(head, path))
            return OPK_READERS[i];
    }
    return NULL;
}

void opk_notes_tell(const struct opk_notes *notes, const struct opk_err *err)
{
    if (notes->tell)
        notes->tell(notes->context, err);
}

void opk_command_set_text(struct opk_command *command, struct opk_str text)
{
    size_t len = OPK_COMMAND_TEXT_MAX;

    command->text = text;
    if (text.len <= len)
        return;
    while (len > 0 && ((unsigned char)text.data[len] & 0xC0U) == 0x80U)
        len--;
    command->text = opk_str_slice(text, 0, len > 0 ? len : OPK_COMMAND_TEXT_MAX);
    command->flags |= OPK_COMMAND_TRUNCATED;
}

struct opk_command opk_command_stated(const struct opk_input *input, struct opk_str text,
                                      uint64_t at)
{
    struct opk_command command = {
        .kind = OPK_COMMAND_SHELL,
        .tier = OPK_TIER_STATED,
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .session = input->path,
        .time = OPK_UNKNOWN,
        .duration = OPK_UNKNOWN,
        .exit_status = OPK_UNKNOWN,
        .output_bytes = OPK_UNKNOWN,
        .cwd = OPK_STR_EMPTY,
        .host = OPK_STR_EMPTY,
        .user = OPK_STR_EMPTY,
        .shell = OPK_STR_EMPTY,
        .source = input->path,
        .at = at,
    };

    opk_command_set_text(&command, text);
    return command;
}
