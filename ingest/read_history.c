/* Shell histories: bash's history file, with and without times, and what its history builtin
 * prints.
 */
#include "ingest/lines.h"
#include "ingest/readers.h"
#include "ingest/stream.h"

#include <stdlib.h>

#define NUMBERED_LINES_MIN 3

struct history;

/* What one line is: it may end the entry before it, and it may add text to the one that is open. */
struct mark {
    bool is_border;
    int64_t time; /* of the entry that a border opens */
    struct opk_str text;
};

struct history {
    struct opk_input input;
    struct opk_lines lines;
    struct mark (*read)(const struct history *history, struct opk_str line);
    bool is_timed;       /* entries stand between #epoch lines, and may have several lines */
    struct opk_buf open; /* owned; the entry being read */
    int64_t open_time;
    uint64_t open_at;
    struct opk_buf given; /* owned; the entry of the last command */
    uint64_t ordinal;
    enum opk_status end; /* OPK_OK while there are lines; told behind the last entry */
    struct opk_err end_err;
};

static struct opk_str without_cr(struct opk_str line)
{
    return opk_str_ends(line, OPK_STR("\r")) ? opk_str_slice(line, 0, line.len - 1) : line;
}

/* "#1380630977": 9 or 10 digits, so that a comment about a number is rarely one. */
static bool parse_epoch(struct opk_str line, int64_t *out_time)
{
    uint64_t seconds;

    if (line.len < 10 || line.len > 11 || line.data[0] != '#' ||
        !opk_str_to_u64(opk_str_skip(line, 1), &seconds))
        return false;
    *out_time = (int64_t)seconds * 1000;
    return true;
}

/* Are the entries of a file with this head marked by times? One comment alone makes no such file.
 */
static bool has_times(struct opk_str head)
{
    struct opk_split split = OPK_SPLIT(head, '\n');
    struct opk_str line;
    int64_t time;
    size_t times = 0;
    bool was_time = false;

    for (size_t i = 0; opk_split_next(&split, &line); i++) {
        line = without_cr(line);
        bool is_time = parse_epoch(line, &time);
        if (was_time && !is_time && line.len > 0)
            times += i == 1 ? 2 : 1; /* bash itself looks at the first line alone */
        was_time = is_time;
    }
    return times >= 2;
}

static struct opk_str basename_of(struct opk_str path)
{
    size_t slash = opk_str_rfind_byte(path, '/');

    return slash == OPK_NPOS ? path : opk_str_skip(path, slash + 1);
}

static bool bash_sniff(struct opk_str head, struct opk_str path)
{
    if (opk_str_find_byte(head, '\0', 0) != OPK_NPOS)
        return false;
    return has_times(head) ||
           opk_str_find(basename_of(path), OPK_STR("bash_history"), 0) != OPK_NPOS;
}

static struct mark bash_read(const struct history *history, struct opk_str line)
{
    int64_t time = OPK_UNKNOWN;

    if (history->is_timed && parse_epoch(line, &time))
        return (struct mark){true, time, OPK_STR_EMPTY};
    bool goes_on = history->is_timed && history->open_time != OPK_UNKNOWN;
    return (struct mark){!goes_on, OPK_UNKNOWN, line};
}

/* Does text begin like the pattern, where 9 stands for a digit? */
static bool begins_like(struct opk_str text, const char *pattern, size_t *out_len)
{
    size_t at = 0;

    for (; pattern[at]; at++) {
        if (at >= text.len)
            return false;
        if (pattern[at] == '9' ? !opk_is_digit(text.data[at]) : text.data[at] != pattern[at])
            return false;
    }
    *out_len = at;
    return true;
}

/* The command behind what HISTTIMEFORMAT put before it; its time has no zone, so it is dropped. */
static struct opk_str without_time(struct opk_str text)
{
    static const char *const PATTERNS[] = {
        "9999-99-99 99:99:99 ", "9999-99-99T99:99:99 ",   "99/99/99 99:99:99 ",
        "99/99/9999 99:99:99 ", "[9999-99-99 99:99:99] ", "[9999-99-99T99:99:99] ",
        "[99/99/99 99:99:99] ", "[99/99/9999 99:99:99] ",
    };
    size_t len;

    for (size_t i = 0; i < sizeof(PATTERNS) / sizeof(PATTERNS[0]); i++) {
        if (begins_like(text, PATTERNS[i], &len))
            return opk_str_skip(text, len);
    }
    return text;
}

/* "%5d%c %s": a number at least five wide, a star where the entry was changed, the command. */
static bool parse_numbered(struct opk_str line, uint64_t *out_number, struct opk_str *out_text)
{
    size_t begin = 0;
    size_t end;

    while (begin < line.len && line.data[begin] == ' ')
        begin++;
    for (end = begin; end < line.len && opk_is_digit(line.data[end]);)
        end++;
    if (end < 5 || (begin > 0 && end > 5) || end + 2 > line.len || line.data[end + 1] != ' ' ||
        (line.data[end] != ' ' && line.data[end] != '*') ||
        !opk_str_to_u64(opk_str_slice(line, begin, end), out_number))
        return false;
    *out_text = without_time(opk_str_skip(line, end + 2));
    return true;
}

static bool builtin_sniff(struct opk_str head, struct opk_str path)
{
    struct opk_split split = OPK_SPLIT(head, '\n');
    struct opk_str line;
    struct opk_str text;
    uint64_t number = 0;
    uint64_t last = 0;

    (void)path;
    for (size_t i = 0; i < NUMBERED_LINES_MIN; i++) {
        if (!opk_split_next(&split, &line) || !parse_numbered(without_cr(line), &number, &text) ||
            (i > 0 && number != last + 1))
            return false;
        last = number;
    }
    return true;
}

static struct mark builtin_read(const struct history *history, struct opk_str line)
{
    uint64_t number;
    struct opk_str text = line;

    (void)history;
    bool is_border = parse_numbered(line, &number, &text);
    return (struct mark){is_border, OPK_UNKNOWN, text};
}

static enum opk_status history_open(const struct opk_input *input, struct history **out_history,
                                    struct opk_err *err)
{
    struct history *history = calloc(1, sizeof(*history));

    if (!history)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a reader");
    history->input = *input;
    history->open_time = OPK_UNKNOWN;
    opk_lines_init(&history->lines, input, OPK_LINE_MAX);
    *out_history = history;
    return OPK_OK;
}

static void history_close(void *state)
{
    struct history *history = state;

    if (!history)
        return;
    opk_lines_done(&history->lines);
    opk_buf_done(&history->open);
    opk_buf_done(&history->given);
    free(history);
}

static enum opk_status bash_open(const struct opk_input *input, void **out_state,
                                 struct opk_err *err)
{
    struct history *history;
    struct opk_str head;
    enum opk_status status = opk_stream_peek(input->stream, OPK_SNIFF_BYTES, &head, err);

    if (status == OPK_OK)
        status = history_open(input, &history, err);
    if (status != OPK_OK)
        return status;
    history->read = bash_read;
    history->is_timed = has_times(head);
    *out_state = history;
    return OPK_OK;
}

static enum opk_status builtin_open(const struct opk_input *input, void **out_state,
                                    struct opk_err *err)
{
    struct history *history;
    enum opk_status status = history_open(input, &history, err);

    if (status != OPK_OK)
        return status;
    history->read = builtin_read;
    *out_state = history;
    return OPK_OK;
}

/* Add a line to the open entry; past the limit only so much that the cut is noticed. */
static void add_line(struct history *history, struct opk_str line)
{
    size_t room = OPK_COMMAND_TEXT_MAX + 1;

    if (history->open.len == 0 && line.len == 0)
        return;
    if (history->open.len == 0)
        history->open_at = history->lines.line;
    else if (history->open.len < room)
        opk_buf_append_byte(&history->open, '\n');
    opk_buf_append(&history->open, opk_str_slice(line, 0, room - history->open.len));
}

/* Give the open entry, when there is one, and leave an empty one behind. */
static bool close_entry(struct history *history, struct opk_command *out_command)
{
    struct opk_buf done = history->open;
    struct opk_str text = opk_str_trim_end(opk_buf_str(&done));

    if (text.len == 0) {
        opk_buf_clear(&history->open);
        return false;
    }
    /* A backslash keeps the blank behind it: only newlines are no text at the end. */
    while (text.len < done.len && done.data[text.len] != '\n')
        text.len++;
    history->open = history->given;
    history->given = done;
    opk_buf_clear(&history->open);
    *out_command = opk_command_stated(&history->input, text, history->open_at);
    out_command->shell = OPK_STR("bash");
    out_command->time = history->open_time;
    out_command->ordinal = ++history->ordinal;
    return true;
}

static enum opk_status history_next(void *state, struct opk_command *out_command,
                                    struct opk_err *err)
{
    struct history *history = state;
    struct opk_str line;

    while (history->end == OPK_OK) {
        history->end = opk_lines_next(&history->lines, &line, &history->end_err);
        if (history->end != OPK_OK)
            break;
        struct mark mark = history->read(history, without_cr(line));
        bool is_given = mark.is_border && close_entry(history, out_command);
        if (mark.is_border)
            history->open_time = mark.time;
        if (mark.is_border || history->open.len > 0 || history->is_timed)
            add_line(history, mark.text);
        if (history->open.failed)
            return opk_buf_check(&history->open, err);
        if (is_given)
            return OPK_OK;
    }
    if (close_entry(history, out_command))
        return OPK_OK;
    enum opk_status status = history->end;
    if (status != OPK_END && err)
        *err = history->end_err;
    history->end = OPK_END;
    return status;
}

const struct opk_reader opk_reader_bash_history = {
    .name = "bash-history",
    .summary = "bash's history file, with or without times",
    .sniff = bash_sniff,
    .open = bash_open,
    .next = history_next,
    .close = history_close,
};

const struct opk_reader opk_reader_history_builtin = {
    .name = "history",
    .summary = "what the history builtin of bash prints",
    .sniff = builtin_sniff,
    .open = builtin_open,
    .next = history_next,
    .close = history_close,
};
