#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void opk_buf_done(struct opk_buf *buf)
{
    free(buf->data);
    *buf = OPK_BUF_EMPTY;
}

void opk_buf_clear(struct opk_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

bool opk_buf_reserve(struct opk_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (buf->data && more < buf->cap - buf->len)
        return true;
    if (more < SIZE_MAX - buf->len) {
        /* One byte more than asked, so that opk_buf_cstr never allocates. */
        char *data = opk_grow(buf->data, &buf->cap, buf->len + more + 1, 1);
        if (data) {
            buf->data = data;
            return true;
        }
    }
    buf->failed = true;
    return false;
}

char *opk_buf_extend(struct opk_buf *buf, size_t more)
{
    if (!opk_buf_reserve(buf, more))
        return NULL;
    buf->len += more;
    return buf->data + buf->len - more;
}

void opk_buf_append(struct opk_buf *buf, struct opk_str text)
{
    if (text.len == 0 || !opk_buf_reserve(buf, text.len))
        return;
    memcpy(buf->data + buf->len, text.data, text.len);
    buf->len += text.len;
}

void opk_buf_append_byte(struct opk_buf *buf, char byte)
{
    if (!opk_buf_reserve(buf, 1))
        return;
    buf->data[buf->len++] = byte;
}

void opk_buf_append_cstr(struct opk_buf *buf, const char *text)
{
    opk_buf_append(buf, opk_str_of(text));
}

void opk_buf_append_fill(struct opk_buf *buf, char byte, size_t count)
{
    if (count == 0 || !opk_buf_reserve(buf, count))
        return;
    memset(buf->data + buf->len, (unsigned char)byte, count);
    buf->len += count;
}

void opk_buf_append_u64(struct opk_buf *buf, uint64_t value)
{
    char digits[20]; /* UINT64_MAX has as many */
    size_t begin = sizeof(digits);

    do
        digits[--begin] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    opk_buf_append(buf, opk_str_bytes(digits + begin, sizeof(digits) - begin));
}

void opk_buf_append_utf8(struct opk_buf *buf, uint32_t code_point)
{
    char bytes[4];
    size_t len = opk_utf8_encode(code_point, bytes);

    opk_buf_append(buf, opk_str_bytes(bytes, len));
}

void opk_buf_printf(struct opk_buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    if (opk_buf_reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

void opk_buf_truncate(struct opk_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
}

void opk_buf_splice(struct opk_buf *buf, size_t begin, size_t end, struct opk_str text)
{
    assert(begin <= end && end <= buf->len);
    if (text.len > end - begin && !opk_buf_reserve(buf, text.len - (end - begin)))
        return;
    if (buf->failed || !buf->data)
        return;
    memmove(buf->data + begin + text.len, buf->data + end, buf->len - end);
    memcpy(buf->data + begin, text.data, text.len);
    buf->len = buf->len - (end - begin) + text.len;
}

struct opk_str opk_buf_str(const struct opk_buf *buf)
{
    return opk_str_bytes(buf->data, buf->len);
}

const char *opk_buf_cstr(struct opk_buf *buf)
{
    if (buf->failed)
        return NULL;
    if (!buf->data)
        return "";
    buf->data[buf->len] = '\0';
    return buf->data;
}

enum opk_status opk_buf_check(const struct opk_buf *buf, struct opk_err *err)
{
    if (buf->failed)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu bytes of text", buf->len);
    return OPK_OK;
}
