#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copy text into a fixed buffer; what does not fit ends in "...". */
static void copy_cut(char *to, size_t size, const char *text)
{
    size_t len = strlen(text);

    assert(size > 3);
    if (len < size) {
        memcpy(to, text, len + 1);
        return;
    }
    memcpy(to, text, size - 4);
    memcpy(to + size - 4, "...", 4);
}

void opk_err_set(struct opk_err *err, enum opk_status status, struct opk_place place,
                 const char *format, ...)
{
    va_list args;

    assert(status != OPK_OK);
    if (!err)
        return;
    *err = (struct opk_err){
        .status = status, .line = place.line, .column = place.column, .byte = place.byte};
    if (place.path)
        copy_cut(err->path, sizeof(err->path), place.path);
    va_start(args, format);
    int len = vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    if (len >= (int)sizeof(err->message))
        memcpy(err->message + sizeof(err->message) - 4, "...", 4);
}

void opk_err_add_path(struct opk_err *err, const char *path)
{
    if (err && !err->path[0])
        copy_cut(err->path, sizeof(err->path), path);
}

struct opk_err *opk_err_copy(const struct opk_err *err)
{
    struct opk_err *copy = malloc(sizeof(*copy));

    if (copy)
        *copy = *err;
    return copy;
}

static const struct {
    const char *name;
    int exit_code;
} STATUSES[] = {
    [OPK_OK] = {"ok", OPK_EXIT_OK},
    [OPK_END] = {"end", OPK_EXIT_OK},
    [OPK_E_USAGE] = {"usage", OPK_EXIT_USAGE},
    [OPK_E_NOMEM] = {"memory", OPK_EXIT_INTERNAL},
    [OPK_E_IO] = {"io", OPK_EXIT_INVALID},
    [OPK_E_PIPE] = {"pipe", OPK_EXIT_PIPE},
    [OPK_E_NOENT] = {"missing", OPK_EXIT_INVALID},
    [OPK_E_LIMIT] = {"limit", OPK_EXIT_INVALID},
    [OPK_E_SYNTAX] = {"syntax", OPK_EXIT_INVALID},
    [OPK_E_INVALID] = {"invalid", OPK_EXIT_INVALID},
    [OPK_E_UNSUPPORTED] = {"unsupported", OPK_EXIT_INVALID},
    [OPK_E_REFUSED] = {"refused", OPK_EXIT_REFUSED},
    [OPK_E_CONFLICT] = {"conflict", OPK_EXIT_CONFLICT},
    [OPK_E_INTERNAL] = {"internal", OPK_EXIT_INTERNAL},
};

int opk_exit_code(enum opk_status status)
{
    return STATUSES[status].exit_code;
}

const char *opk_status_name(enum opk_status status)
{
    return STATUSES[status].name;
}
