#include "base/progress.h"

#include "base/out.h"

#include <unistd.h>

void opk_progress_init(struct opk_progress *progress, FILE *to)
{
    *progress = (struct opk_progress){.to = isatty(fileno(to)) ? to : NULL};
}

void opk_progress_show(struct opk_progress *progress, size_t done, size_t total,
                       struct opk_str what)
{
    struct opk_buf line = OPK_BUF_EMPTY;
    size_t room = OPK_PROGRESS_COLUMNS / 2;

    if (!progress->to)
        return;
    /* The end of a path tells more than its beginning; escapes may double its length. */
    if (what.len > room)
        what = opk_str_skip(what, what.len - room);
    opk_buf_printf(&line, "\r[%zu/%zu] ", done, total);
    opk_out_terminal(&line, what, false);
    opk_buf_append_cstr(&line, "\033[K");
    if (opk_buf_cstr(&line))
        (void)fputs(opk_buf_cstr(&line), progress->to);
    (void)fflush(progress->to);
    opk_buf_done(&line);
    progress->is_shown = true;
}

void opk_progress_clear(struct opk_progress *progress)
{
    if (progress->is_shown)
        (void)fputs("\r\033[K", progress->to);
    progress->is_shown = false;
}
