#include "support.h"

#include "base/out.h"

#include <string.h>

void opk_assert_str(const char *name, struct opk_str got, struct opk_str want)
{
    if (opk_str_eq(got, want))
        return;
    struct opk_buf text = OPK_BUF_EMPTY;

    opk_buf_append_cstr(&text, "\n  got:  ");
    opk_out_terminal(&text, got, false);
    opk_buf_append_cstr(&text, "\n  want: ");
    opk_out_terminal(&text, want, false);
    print_error("%s: %s\n", name, opk_buf_cstr(&text));
    opk_buf_done(&text);
    fail();
}

void opk_assert_status(const char *name, enum opk_status got, enum opk_status want,
                       const struct opk_err *err)
{
    if (got == want)
        return;
    print_error("%s: status %s, want %s: %s\n", name, opk_status_name(got), opk_status_name(want),
                got != OPK_OK && got != OPK_END && err ? err->message : "");
    fail();
}
