/* What script(1) writes, and raw terminal output without a header (tmux pipe-pane, screen -L). */
#include "ingest/capture_reader.h"
#include "ingest/readers.h"
#include "ingest/stream.h"

#include <stdlib.h>

#define LINE_HELD_MAX ((size_t)4096) /* bytes of a line that may be a header or a footer */

struct script {
    struct opk_capture_reader reader; /* first: state is one */
    struct opk_buf held;   /* owned; the start of a line that may be a header or a footer */
    struct opk_buf footer; /* owned; a footer, until what follows shows that it was one */
    bool is_holding;
    bool has_newline; /* one is not pushed yet: a footer writes its own before it */
    bool has_footer;
    bool bare_lines; /* the file lost its carriage returns */
    bool is_raw;     /* no headers are looked for */
    uint64_t line;
};

static const struct opk_str STARTED = OPK_STR_INIT("Script started on ");
static const struct opk_str DONE = OPK_STR_INIT("Script done on ");

/* The value of NAME="..." in a header or footer, or the empty view. */
static struct opk_str attribute(struct opk_str line, struct opk_str name)
{
    const size_t at = opk_str_find(line, name, 0);

    if (at == OPK_NPOS)
        return OPK_STR_EMPTY;
    const size_t begin = at + name.len;
    return opk_str_slice(line, begin, opk_str_find_byte(line, '"', begin));
}

/* A header in any language has its attributes. */
static bool is_header(struct opk_str line)
{
    return opk_str_starts(line, STARTED) ||
           (opk_str_find(line, OPK_STR(" [TERM=\""), 0) != OPK_NPOS) ||
           (opk_str_find(line, OPK_STR(" [COMMAND=\""), 0) != OPK_NPOS) ||
           opk_str_find(line, OPK_STR("<not executed on terminal>]"), 0) != OPK_NPOS;
}

static void read_header(struct script *script, struct opk_str line)
{
    uint64_t cols;
    uint64_t rows;

    if (!opk_str_to_u64(attribute(line, OPK_STR("COLUMNS=\"")), &cols) ||
        !opk_str_to_u64(attribute(line, OPK_STR("LINES=\"")), &rows))
        cols = rows = 0;
    opk_terminal_resize(script->reader.terminal, cols <= 65535 ? (unsigned)cols : 0,
                        rows <= 65535 ? (unsigned)rows : 0);
}

static enum opk_status push(struct script *script, struct opk_str bytes, struct opk_err *err)
{
    return opk_terminal_push(script->reader.terminal, bytes, OPK_UNKNOWN, script->line, err);
}

/* Push the newline that was held back, now that more than a footer follows. */
static enum opk_status push_newline(struct script *script, struct opk_err *err)
{
    if (!script->has_newline)
        return OPK_OK;
    script->has_newline = false;
    return push(script, script->bare_lines ? OPK_STR("\r\n") : OPK_STR("\n"), err);
}

static int64_t exit_status_of(struct opk_str footer)
{
    uint64_t value;

    return opk_str_to_u64(attribute(footer, OPK_STR("COMMAND_EXIT_CODE=\"")), &value) &&
                   value <= INT32_MAX
               ? (int64_t)value
               : OPK_UNKNOWN;
}

/* What was taken for a footer goes on: it was only printed. */
static enum opk_status push_footer(struct script *script, struct opk_err *err)
{
    if (!script->has_footer)
        return OPK_OK;
    script->has_footer = false;
    enum opk_status status = push_newline(script, err);
    if (status == OPK_OK)
        status = push(script, opk_buf_str(&script->footer), err);
    script->has_newline = true;
    return status;
}

/* A whole line was held. */
static enum opk_status end_held(struct script *script, struct opk_err *err)
{
    const struct opk_str line = opk_str_trim_end(opk_buf_str(&script->held));
    enum opk_status status = OPK_OK;

    script->is_holding = false;
    if ((script->line == 1 && is_header(line)) ||
        (script->has_footer && opk_str_starts(line, STARTED))) {
        if (script->has_footer)
            status = opk_terminal_finish(script->reader.terminal,
                                         exit_status_of(opk_buf_str(&script->footer)), err);
        script->has_footer = script->has_newline = false;
        read_header(script, line);
        return status;
    }
    status = push_footer(script, err);
    if (status == OPK_OK && opk_str_starts(line, DONE)) {
        script->has_footer = true;
        opk_buf_clear(&script->footer);
        opk_buf_append(&script->footer, opk_buf_str(&script->held));
        return opk_buf_check(&script->footer, err);
    }
    if (status == OPK_OK)
        status = push_newline(script, err);
    if (status == OPK_OK)
        status = push(script, opk_buf_str(&script->held), err);
    script->has_newline = true;
    return status;
}

/* May a line that begins so be a header or a footer? */
static bool may_be_marker(const struct script *script, struct opk_str start)
{
    if (script->is_raw)
        return false;
    return script->line == 1 || opk_str_starts(STARTED, start) || opk_str_starts(start, STARTED) ||
           opk_str_starts(DONE, start) || opk_str_starts(start, DONE);
}

/* Bytes of one line, without its newline; the rest of the line may follow. */
static enum opk_status take_part(struct script *script, struct opk_str part, struct opk_err *err)
{
    if (!script->is_holding)
        return push(script, part, err);
    opk_buf_append(&script->held, part);
    enum opk_status status = opk_buf_check(&script->held, err);
    if (status != OPK_OK ||
        (may_be_marker(script, opk_buf_str(&script->held)) && script->held.len <= LINE_HELD_MAX))
        return status;
    script->is_holding = false;
    status = push_footer(script, err);
    if (status == OPK_OK)
        status = push_newline(script, err);
    return status == OPK_OK ? push(script, opk_buf_str(&script->held), err) : status;
}

static enum opk_status end_line(struct script *script, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (script->is_holding)
        status = end_held(script, err);
    else
        script->has_newline = true;
    script->line++;
    script->is_holding = true;
    opk_buf_clear(&script->held);
    return status;
}

/* The end of the input: a footer that nothing follows is one. */
static enum opk_status end_input(struct script *script, struct opk_err *err)
{
    enum opk_status status = OPK_OK;

    if (script->is_holding && script->held.len > 0)
        status = end_held(script, err);
    if (status != OPK_OK)
        return status;
    if (script->has_footer)
        script->reader.exit_status = exit_status_of(opk_buf_str(&script->footer));
    else
        status = push_newline(script, err);
    return status == OPK_OK ? OPK_END : status;
}

static enum opk_status feed(void *state, struct opk_err *err)
{
    struct script *script = state;
    struct opk_str chunk;
    enum opk_status status = opk_stream_read(script->reader.input.stream, &chunk, err);

    if (status == OPK_END)
        return end_input(script, err);
    while (status == OPK_OK && chunk.len > 0) {
        const size_t newline = opk_str_find_byte(chunk, '\n', 0);
        status = take_part(script, opk_str_slice(chunk, 0, newline), err);
        if (newline == OPK_NPOS)
            break;
        if (status == OPK_OK)
            status = end_line(script, err);
        chunk = opk_str_skip(chunk, newline + 1);
    }
    return status;
}

static void close_script(void *state)
{
    struct script *script = state;

    if (!script)
        return;
    opk_capture_reader_done(&script->reader);
    opk_buf_done(&script->held);
    opk_buf_done(&script->footer);
    free(script);
}

static enum opk_status open_any(const struct opk_input *input, bool is_raw, void **out_state,
                                struct opk_err *err)
{
    struct script *script = calloc(1, sizeof(*script));
    struct opk_str head;

    if (!script)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a terminal capture");
    enum opk_status status = opk_capture_reader_init(&script->reader, input, err);
    if (status == OPK_OK)
        status = opk_stream_peek(input->stream, OPK_SNIFF_BYTES, &head, err);
    if (status != OPK_OK) {
        close_script(script);
        return status;
    }
    script->bare_lines = opk_str_find(head, OPK_STR("\r\n"), 0) == OPK_NPOS;
    script->is_raw = is_raw;
    script->is_holding = true;
    script->line = 1;
    *out_state = script;
    return OPK_OK;
}

static enum opk_status open_script(const struct opk_input *input, void **out_state,
                                   struct opk_err *err)
{
    return open_any(input, false, out_state, err);
}

static enum opk_status open_raw(const struct opk_input *input, void **out_state,
                                struct opk_err *err)
{
    return open_any(input, true, out_state, err);
}

static enum opk_status next(void *state, struct opk_command *out_command, struct opk_err *err)
{
    struct script *script = state;

    return opk_capture_reader_next(&script->reader, feed, script, out_command, err);
}

/* A header says it; the default name says it where somebody cut the header off. */
static bool sniff_script(struct opk_str head, struct opk_str path)
{
    const struct opk_str first = opk_str_slice(head, 0, opk_str_find_byte(head, '\n', 0));

    return is_header(first) || (opk_str_ends(path, OPK_STR("typescript")) && head.len > 0 &&
                                opk_str_find_byte(head, '\0', 0) == OPK_NPOS);
}

/* Text in which escapes are more than a rarity, and no bytes of a binary. */
static bool sniff_raw(struct opk_str head, struct opk_str path)
{
    size_t escapes = 0;

    (void)path;
    for (size_t i = 0; i < head.len; i++) {
        const unsigned char c = (unsigned char)head.data[i];
        if (c == 0)
            return false;
        escapes +=
            c == 0x1B && i + 1 < head.len && (head.data[i + 1] == '[' || head.data[i + 1] == ']');
    }
    return escapes >= 4 && (escapes * 1000 > head.len ||
                            opk_str_find(head, OPK_STR("\x1b[?2004h"), 0) != OPK_NPOS ||
                            opk_str_find(head, OPK_STR("\x1b]0;"), 0) != OPK_NPOS);
}

const struct opk_reader opk_reader_typescript = {
    .name = "typescript",
    .summary = "recordings of script(1)",
    .sniff = sniff_script,
    .open = open_script,
    .next = next,
    .close = close_script,
};

const struct opk_reader opk_reader_terminal = {
    .name = "terminal",
    .summary = "raw terminal output, as tmux pipe-pane and screen -L write it",
    .sniff = sniff_raw,
    .open = open_raw,
    .next = next,
    .close = close_script,
};
