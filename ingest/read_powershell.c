/*
 * What Start-Transcript of PowerShell writes: blocks between lines of asterisks (the header, the
 * times of commands, the end), prompts with the commands behind them, output.
 */
#include "base/buf.h"
#include "ingest/lines.h"
#include "ingest/readers.h"

#include <stdlib.h>

/* A line of so many asterisks borders a block. */
#define BORDER_BYTES 22

/* Lines of a command; one that is not complete by then is its first line. */
#define COMMAND_LINES 1000

#define TIME_DIGITS 14

struct transcript {
    struct opk_input input;
    struct opk_lines lines;
    struct opk_buf user; /* owned, as all buffers */
    struct opk_buf text; /* the command at hand */
    struct opk_buf next; /* a line that was read too far */
    bool has_next;
    bool in_block;
    uint64_t block_line; /* the last one read of the block */
    uint64_t ordinal;
};

/* What stands open at the end of a line: brackets, and a string that goes on. */
struct open {
    unsigned depth;
    char quote; /* ' or ", or 0 */
    bool is_here;
    bool goes_on; /* the last line ends in what wants more */
};

static bool is_border(struct opk_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] != '*')
            return false;
    }
    return line.len == BORDER_BYTES;
}

/* "Start time: 20261102093000", in any language. */
static bool is_time(struct opk_str line)
{
    if (line.len < TIME_DIGITS + 2)
        return false;
    const size_t begin = line.len - TIME_DIGITS;
    for (size_t i = begin; i < line.len; i++) {
        if (!opk_is_digit(line.data[i]))
            return false;
    }
    return line.data[begin - 1] == ' ' &&
           opk_str_rfind_byte(opk_str_slice(line, 0, begin), ':') != OPK_NPOS;
}

/* Where the path of a prompt begins: behind "PS ", which an environment or a host may precede. */
static size_t path_begin(struct opk_str line)
{
    static const struct opk_str PS = OPK_STR_INIT("PS ");
    size_t at = 0;

    if (opk_str_starts(line, OPK_STR("("))) {
        const size_t end = opk_str_find(line, OPK_STR(") "), 0);
        at = end == OPK_NPOS ? 0 : end + 2;
    } else if (opk_str_starts(line, OPK_STR("["))) {
        const size_t end = opk_str_find(line, OPK_STR("]: "), 0);
        at = end == OPK_NPOS ? 0 : end + 3;
    }
    return opk_str_starts(opk_str_skip(line, at), PS) ? at + PS.len : OPK_NPOS;
}

/* C:\..., HKLM:\..., \\server\..., /..., ~ */
static bool is_path(struct opk_str text)
{
    size_t at = 0;

    while (at < text.len && (opk_is_alpha(text.data[at]) || opk_is_digit(text.data[at])))
        at++;
    return (at > 0 && at < text.len && text.data[at] == ':') ||
           opk_str_starts(text, OPK_STR("/")) || opk_str_starts(text, OPK_STR("~")) ||
           opk_str_starts(text, OPK_STR("\\\\")) ||
           opk_str_starts(text, OPK_STR("Microsoft.PowerShell.Core\\"));
}

/*
 * The text behind a prompt: "PS C:\src> ", or "PS>", which stands where a prompt is blank. False
 * for any other line.
 */
static bool behind_prompt(struct opk_str line, struct opk_str *out_text)
{
    static const struct opk_str BARE = OPK_STR_INIT("PS>");
    const size_t begin = path_begin(line);

    if (opk_str_starts(line, BARE)) {
        *out_text = opk_str_trim(opk_str_skip(line, BARE.len));
        return true;
    }
    if (begin == OPK_NPOS || !is_path(opk_str_skip(line, begin)))
        return false;
    size_t end = opk_str_find_byte(line, '>', begin);
    if (end == OPK_NPOS)
        return false;
    while (end < line.len && line.data[end] == '>')
        end++;
    if (end < line.len && line.data[end] != ' ')
        return false;
    *out_text = opk_str_trim(opk_str_skip(line, end));
    return true;
}

/* What the engine notes behind a prompt of its own; nobody typed it. */
static bool is_note(struct opk_str text)
{
    static const struct opk_str NOTES[] = {
        OPK_STR_INIT("TerminatingError("),
        OPK_STR_INIT("CommandInvocation("),
        OPK_STR_INIT("ParameterBinding("),
    };

    for (size_t i = 0; i < sizeof(NOTES) / sizeof(NOTES[0]); i++) {
        if (opk_str_starts(text, NOTES[i]))
            return true;
    }
    return false;
}

/* One byte of code outside of strings; true: the rest of the line is a comment. */
static bool scan_code(struct open *open, struct opk_str line, size_t at)
{
    const char c = line.data[at];

    if (c == '{' || c == '(' || c == '[')
        open->depth++;
    else if ((c == '}' || c == ')' || c == ']') && open->depth > 0)
        open->depth--;
    else if (c == '\'' || c == '"') {
        open->quote = c;
        open->is_here = at > 0 && line.data[at - 1] == '@' && at + 1 == line.len;
    }
    return c == '#' && (at == 0 || line.data[at - 1] == ' ');
}

static void scan_line(struct open *open, struct opk_str line)
{
    char last = '\0'; /* of the code, blanks aside */

    if (open->is_here && line.len >= 2 && line.data[0] == open->quote && line.data[1] == '@') {
        open->is_here = false;
        open->quote = '\0';
        line = opk_str_skip(line, 2);
    }
    for (size_t at = 0; at < line.len && !open->is_here; at++) {
        const char c = line.data[at];
        if (c == '`' && open->quote != '\'' && at + 1 < line.len)
            at++;
        else if (open->quote != '\0')
            open->quote = c == open->quote ? '\0' : open->quote;
        else if (scan_code(open, line, at))
            break;
        last = c == ' ' || c == '\t' ? last : c;
    }
    open->goes_on = last == '`' || last == '|' || last == ',' || last == '=';
}

static bool is_complete(const struct open *open)
{
    return open->depth == 0 && open->quote == '\0' && !open->goes_on;
}

/* The next line without its carriage return; one that was read too far comes again. */
static enum opk_status next_line(struct transcript *transcript, struct opk_str *out_line,
                                 struct opk_err *err)
{
    if (transcript->has_next) {
        transcript->has_next = false;
        *out_line = opk_buf_str(&transcript->next);
        return OPK_OK;
    }
    enum opk_status status = opk_lines_next(&transcript->lines, out_line, err);
    if (status != OPK_OK)
        return status;
    if (transcript->lines.line == 1 && opk_str_starts(*out_line, OPK_STR("\xEF\xBB\xBF")))
        *out_line = opk_str_skip(*out_line, 3);
    if (out_line->len > 0 && out_line->data[out_line->len - 1] == '\r')
        out_line->len--;
    return OPK_OK;
}

/* Keep a line that belongs to what follows. */
static enum opk_status push_back(struct transcript *transcript, struct opk_str line,
                                 struct opk_err *err)
{
    opk_buf_clear(&transcript->next);
    opk_buf_append(&transcript->next, line);
    transcript->has_next = true;
    return opk_buf_check(&transcript->next, err);
}

/* A line of a block, or a border. True: it was one of these. A prompt ends what was none. */
static bool take_block_line(struct transcript *transcript, struct opk_str line)
{
    struct opk_str behind;

    if (transcript->in_block && behind_prompt(line, &behind))
        transcript->in_block = false;
    if (is_border(line)) {
        transcript->in_block = !transcript->in_block;
        transcript->block_line = 0;
        return true;
    }
    if (!transcript->in_block)
        return false;
    transcript->block_line++;
    /* Title, time, user: by their places, for the words are of any language. */
    if (transcript->block_line == 3) {
        const size_t colon = opk_str_find(line, OPK_STR(": "), 0);
        opk_buf_clear(&transcript->user);
        if (colon != OPK_NPOS)
            opk_buf_append(&transcript->user, opk_str_skip(line, colon + 2));
    }
    return true;
}

/* The lines behind a command's first one, while it is not complete. Where what follows cannot be of
 * it, the first line is all. */
static enum opk_status read_more(struct transcript *transcript, struct opk_err *err)
{
    const size_t first_len = transcript->text.len;
    struct open open = {0};
    enum opk_status status = OPK_OK;

    scan_line(&open, opk_buf_str(&transcript->text));
    for (unsigned count = 1; !is_complete(&open); count++) {
        struct opk_str line;
        struct opk_str behind;
        status = count < COMMAND_LINES ? next_line(transcript, &line, err) : OPK_END;
        if (status == OPK_OK && !behind_prompt(line, &behind) && !is_border(line) &&
            transcript->text.len + line.len <= OPK_COMMAND_TEXT_MAX) {
            opk_buf_append_byte(&transcript->text, '\n');
            opk_buf_append(&transcript->text, line);
            scan_line(&open, line);
            continue;
        }
        opk_buf_truncate(&transcript->text, first_len);
        if (status == OPK_OK)
            status = push_back(transcript, line, err);
        break;
    }
    return status == OPK_END ? OPK_OK : status;
}

static enum opk_status transcript_next(void *state, struct opk_command *out_command,
                                       struct opk_err *err)
{
    struct transcript *transcript = state;
    struct opk_str line;
    struct opk_str text;
    enum opk_status status;

    while ((status = next_line(transcript, &line, err)) == OPK_OK) {
        if (take_block_line(transcript, line) || !behind_prompt(line, &text) || text.len == 0 ||
            is_note(text))
            continue;
        const uint64_t at = transcript->lines.line;
        opk_buf_clear(&transcript->text);
        opk_buf_append(&transcript->text, text);
        status = read_more(transcript, err);
        if (status == OPK_OK)
            status = opk_buf_check(&transcript->text, err);
        if (status != OPK_OK)
            return status;
        *out_command = opk_command_stated(&transcript->input, opk_buf_str(&transcript->text), at);
        out_command->tier = OPK_TIER_PROMPT;
        out_command->shell = OPK_STR("powershell");
        out_command->user = opk_buf_str(&transcript->user);
        out_command->ordinal = ++transcript->ordinal;
        return opk_buf_check(&transcript->user, err);
    }
    return status;
}

static void transcript_close(void *state)
{
    struct transcript *transcript = state;

    if (!transcript)
        return;
    opk_lines_done(&transcript->lines);
    opk_buf_done(&transcript->user);
    opk_buf_done(&transcript->text);
    opk_buf_done(&transcript->next);
    free(transcript);
}

static enum opk_status transcript_open(const struct opk_input *input, void **out_state,
                                       struct opk_err *err)
{
    struct transcript *transcript = calloc(1, sizeof(*transcript));

    if (!transcript)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a reader");
    transcript->input = *input;
    opk_lines_init(&transcript->lines, input, OPK_LINE_MAX);
    *out_state = transcript;
    return OPK_OK;
}

/* A border, a title, a time. */
static bool sniff(struct opk_str head, struct opk_str path)
{
    struct opk_split lines = OPK_SPLIT(head, '\n');
    struct opk_str line[3];

    (void)path;
    for (size_t i = 0; i < 3; i++) {
        if (!opk_split_next(&lines, &line[i]))
            return false;
        line[i] = opk_str_trim_end(line[i]);
    }
    return is_border(line[0]) && line[1].len > 0 && is_time(line[2]);
}

const struct opk_reader opk_reader_powershell = {
    .name = "powershell-transcript",
    .summary = "what Start-Transcript of PowerShell writes",
    .sniff = sniff,
    .open = transcript_open,
    .next = transcript_next,
    .close = transcript_close,
};
