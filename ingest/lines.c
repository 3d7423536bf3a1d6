#include "ingest/lines.h"

#include "base/scan.h"
#include "ingest/stream.h"

void opk_lines_init(struct opk_lines *lines, const struct opk_input *input, size_t max)
{
    *lines = (struct opk_lines){
        .stream = input->stream, .notes = input->notes, .max = max, .chunk = OPK_STR_EMPTY};
}

void opk_lines_done(struct opk_lines *lines)
{
    opk_buf_done(&lines->held);
}

static void tell_too_long(const struct opk_lines *lines)
{
    struct opk_err err;

    opk_err_set(&err, OPK_E_LIMIT, OPK_AT_LINE(NULL, lines->line),
                "a line of more than %zu bytes is passed over", lines->max);
    opk_notes_tell(&lines->notes, &err);
}

/*
 * One line, whole or too long; a line that lies in one chunk is not copied. *out_fits tells whether
 * it is within the limit.
 */
static enum opk_status take_line(struct opk_lines *lines, struct opk_str *out_line, bool *out_fits,
                                 struct opk_err *err)
{
    bool has_begun = false;

    *out_fits = true;
    opk_buf_clear(&lines->held);
    for (;;) {
        if (lines->chunk.len == 0) {
            enum opk_status status = opk_stream_read(lines->stream, &lines->chunk, err);
            if (status != OPK_OK && (status != OPK_END || !has_begun))
                return status;
            if (status == OPK_END)
                break;
        }
        size_t newline = opk_str_find_byte(lines->chunk, '\n', 0);
        struct opk_str piece = opk_str_slice(lines->chunk, 0, newline);
        lines->chunk = opk_str_skip(lines->chunk, newline == OPK_NPOS ? piece.len : newline + 1);
        if (piece.len > lines->max - lines->held.len)
            *out_fits = false;
        if (newline != OPK_NPOS && !has_begun) {
            *out_line = piece;
            return OPK_OK;
        }
        if (*out_fits)
            opk_buf_append(&lines->held, piece);
        if (newline != OPK_NPOS)
            break;
        has_begun = true;
    }
    *out_line = opk_buf_str(&lines->held);
    return opk_buf_check(&lines->held, err);
}

enum opk_status opk_lines_next(struct opk_lines *lines, struct opk_str *out_line,
                               struct opk_err *err)
{
    const size_t newline = opk_str_find_byte(lines->chunk, '\n', 0);

    /* Most lines lie in one chunk. */
    if (newline != OPK_NPOS && newline <= lines->max) {
        *out_line = (struct opk_str){lines->chunk.data, newline};
        lines->chunk.data += newline + 1;
        lines->chunk.len -= newline + 1;
        lines->line++;
        return OPK_OK;
    }
    for (;;) {
        bool fits;
        enum opk_status status = take_line(lines, out_line, &fits, err);
        if (status != OPK_OK)
            return status;
        lines->line++;
        if (fits)
            return OPK_OK;
        tell_too_long(lines);
    }
}

static bool is_stop(struct opk_lines_stop stop, struct opk_str line)
{
    return line.len > stop.longest ||
           (stop.byte != '\n' && opk_str_find_byte(line, stop.byte, 0) != OPK_NPOS);
}

size_t opk_lines_more(struct opk_lines *lines, struct opk_lines_stop stop,
                      struct opk_str *out_lines, size_t max)
{
    size_t end;
    const size_t count = opk_scan_split(lines->chunk, '\n', out_lines, max, &end);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct opk_str line = out_lines[i];
        if (is_stop(stop, line)) {
            end = (size_t)(line.data - lines->chunk.data);
            break;
        }
        lines->line++;
        if (line.len > 0)
            out_lines[kept++] = line;
    }
    lines->chunk = opk_str_skip(lines->chunk, end);
    return kept;
}
