/* Plain lists: "commands", one on each physical line, and "lines", as --format lines prints them.
 */
#include "ingest/lines.h"
#include "ingest/readers.h"

#include <stdlib.h>

struct list {
    struct opk_input input;
    struct opk_lines lines;
    struct opk_buf text;        /* owned; an unescaped command */
    struct opk_command command; /* all that the commands of a list have in common */
};

static enum opk_status list_open(const struct opk_input *input, void **out_state,
                                 struct opk_err *err)
{
    struct list *list = calloc(1, sizeof(*list));

    if (!list)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a reader");
    list->input = *input;
    list->command = opk_command_stated(input, OPK_STR_EMPTY, 0);
    list->command.flags |= OPK_COMMAND_LISTED;
    opk_lines_init(&list->lines, input, OPK_LINE_MAX);
    *out_state = list;
    return OPK_OK;
}

static void list_close(void *state)
{
    struct list *list = state;

    if (!list)
        return;
    opk_lines_done(&list->lines);
    opk_buf_done(&list->text);
    free(list);
}

/* Of a list that was written on Windows a line ends with two bytes. */
static struct opk_str cut_return(struct opk_str line)
{
    return line.len > 0 && line.data[line.len - 1] == '\r' ? opk_str_slice(line, 0, line.len - 1)
                                                           : line;
}

/* The next line that holds something; of "lines", which escapes, all of its bytes count. */
static enum opk_status next_line(struct list *list, bool escapes, struct opk_str *out_line,
                                 struct opk_err *err)
{
    enum opk_status status;

    do {
        status = opk_lines_next(&list->lines, out_line, err);
        if (status == OPK_OK && !escapes)
            *out_line = cut_return(*out_line);
    } while (status == OPK_OK && out_line->len == 0);
    return status;
}

static void give(struct list *list, struct opk_str text, struct opk_command *out_command)
{
    list->command.ordinal++;
    *out_command = list->command;
    out_command->at = list->lines.line;
    opk_command_set_text(out_command, text);
}

static enum opk_status commands_next(void *state, struct opk_command *out_command,
                                     struct opk_err *err)
{
    struct list *list = state;
    struct opk_str line = OPK_STR_EMPTY;
    enum opk_status status = next_line(list, false, &line, err);

    if (status == OPK_OK)
        give(list, line, out_command);
    return status;
}

static size_t more(struct list *list, char stop, struct opk_str *out_texts, size_t max)
{
    const struct opk_lines_stop stops = {OPK_COMMAND_TEXT_MAX, stop};
    const size_t count = opk_lines_more(&list->lines, stops, out_texts, max);

    list->command.ordinal += count;
    return count;
}

static size_t commands_more(void *state, struct opk_str *out_texts, size_t max)
{
    struct list *list = state;
    size_t kept = 0;

    /* Where all that come are blank there may be more behind them. */
    while (kept == 0) {
        const size_t count = more(list, '\n', out_texts, max);
        if (count == 0)
            return 0;
        for (size_t i = 0; i < count; i++) {
            const struct opk_str text = cut_return(out_texts[i]);
            if (text.len > 0)
                out_texts[kept++] = text;
        }
        list->command.ordinal -= count - kept;
    }
    return kept;
}

static size_t lines_more(void *state, struct opk_str *out_texts, size_t max)
{
    return more(state, '\\', out_texts, max);
}

/* The reverse of opk_out_line: \\ and \n; a backslash before anything else stands for itself. */
static void unescape(struct opk_buf *out, struct opk_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        char next = i + 1 < line.len ? line.data[i + 1] : '\0';
        bool is_escape = line.data[i] == '\\' && (next == '\\' || next == 'n');
        if (is_escape)
            i++;
        opk_buf_append_byte(out, is_escape && next == 'n' ? '\n' : line.data[i]);
    }
}

static enum opk_status lines_next(void *state, struct opk_command *out_command, struct opk_err *err)
{
    struct list *list = state;
    struct opk_str line = OPK_STR_EMPTY;
    enum opk_status status = next_line(list, true, &line, err);

    if (status != OPK_OK)
        return status;
    if (opk_str_find_byte(line, '\\', 0) != OPK_NPOS) {
        opk_buf_clear(&list->text);
        unescape(&list->text, line);
        line = opk_buf_str(&list->text);
        status = opk_buf_check(&list->text, err);
    }
    if (status == OPK_OK)
        give(list, line, out_command);
    return status;
}

const struct opk_reader opk_reader_commands = {
    .name = "commands",
    .summary = "one shell command a line, as it stands",
    .open = list_open,
    .next = commands_next,
    .more = commands_more,
    .close = list_close,
};

const struct opk_reader opk_reader_lines = {
    .name = "lines",
    .summary = "one shell command a line, as --format lines prints them",
    .open = list_open,
    .next = lines_next,
    .more = lines_more,
    .close = list_close,
};
