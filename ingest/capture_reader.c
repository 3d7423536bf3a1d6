#include "ingest/capture_reader.h"

enum opk_status opk_capture_reader_init(struct opk_capture_reader *reader,
                                        const struct opk_input *input, struct opk_err *err)
{
    *reader = (struct opk_capture_reader){.input = *input, .exit_status = OPK_UNKNOWN};
    return opk_terminal_new(&reader->terminal, err);
}

void opk_capture_reader_done(struct opk_capture_reader *reader)
{
    opk_terminal_free(reader->terminal);
    opk_buf_done(&reader->shell);
    *reader = (struct opk_capture_reader){0};
}

enum opk_status opk_capture_reader_set_shell(struct opk_capture_reader *reader, struct opk_str path,
                                             struct opk_err *err)
{
    const size_t slash = opk_str_rfind_byte(path, '/');

    opk_buf_clear(&reader->shell);
    opk_buf_append(&reader->shell, slash == OPK_NPOS ? path : opk_str_skip(path, slash + 1));
    return opk_buf_check(&reader->shell, err);
}

/* Take more input; at its end, whatever ended it, close the session. */
static enum opk_status take(struct opk_capture_reader *reader,
                            enum opk_status (*feed)(void *state, struct opk_err *err), void *state,
                            struct opk_err *err)
{
    const enum opk_status status = feed(state, &reader->end_err);

    if (status == OPK_OK)
        return OPK_OK;
    reader->end = status;
    return opk_terminal_finish(reader->terminal, reader->exit_status, err);
}

enum opk_status opk_capture_reader_next(struct opk_capture_reader *reader,
                                        enum opk_status (*feed)(void *state, struct opk_err *err),
                                        void *state, struct opk_command *out_command,
                                        struct opk_err *err)
{
    for (;;) {
        enum opk_status status = opk_terminal_next(reader->terminal, out_command, err);
        if (status == OPK_OK) {
            out_command->session = out_command->source = reader->input.path;
            out_command->shell = opk_buf_str(&reader->shell);
            out_command->ordinal = ++reader->ordinal;
            if (!reader->has_clock)
                out_command->time = OPK_UNKNOWN;
            return OPK_OK;
        }
        if (status != OPK_END)
            return status;
        if (reader->end != OPK_OK) {
            status = reader->end;
            reader->end = OPK_END;
            if (err && status != OPK_END)
                *err = reader->end_err;
            return status;
        }
        status = take(reader, feed, state, err);
        if (status != OPK_OK)
            return status;
    }
}
