/*
 * buf.h - a growing run of bytes.
 *
 * Shape:   append; read the contents as a view.
 * Units:   bytes.
 * Memory:  a buffer owns its bytes; opk_buf_str borrows them until the next append or clear.
 * Errors:  sticky. An append that finds no memory (or passes the buffer's limit) sets failed, and
 *          every later append does nothing: a writer of many parts checks once, with opk_buf_check.
 * Threads: one buffer per thread.
 */
#ifndef OPK_BASE_BUF_H
#define OPK_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct opk_buf {
    char *data; /* owned; NULL while cap is 0 */
    size_t len;
    size_t cap;
    bool failed;
};

#define OPK_BUF_EMPTY ((struct opk_buf){0})

/** Free the bytes; safe on a zeroed buffer, which it leaves behind. */
void opk_buf_done(struct opk_buf *buf);

/** Empty the buffer, keep its capacity, forget a failure. */
void opk_buf_clear(struct opk_buf *buf);

/** more bytes of room at the end, which the caller fills; NULL when there is no memory. */
char *opk_buf_extend(struct opk_buf *buf, size_t more);

void opk_buf_append(struct opk_buf *buf, struct opk_str text);
void opk_buf_append_byte(struct opk_buf *buf, char byte);
void opk_buf_append_cstr(struct opk_buf *buf, const char *text);
void opk_buf_append_fill(struct opk_buf *buf, char byte, size_t count);
void opk_buf_append_u64(struct opk_buf *buf, uint64_t value);
void opk_buf_append_utf8(struct opk_buf *buf, uint32_t code_point);
void opk_buf_printf(struct opk_buf *buf, const char *format, ...) OPK_PRINTF(2, 3);

/** Cut the buffer back to len bytes, which is not more than it holds. */
void opk_buf_truncate(struct opk_buf *buf, size_t len);

/** Replace bytes [begin, end) by text, which does not lie in the buffer. */
void opk_buf_splice(struct opk_buf *buf, size_t begin, size_t end, struct opk_str text);

/** Make room for more bytes; false when there is no memory. */
bool opk_buf_reserve(struct opk_buf *buf, size_t more);

/** The contents; borrowed. */
struct opk_str opk_buf_str(const struct opk_buf *buf);

/** The contents as a C string (a NUL is kept behind them), or NULL after a failure; borrowed. */
const char *opk_buf_cstr(struct opk_buf *buf);

/** OPK_E_NOMEM when any append since the last clear failed. */
OPK_MUST_USE enum opk_status opk_buf_check(const struct opk_buf *buf, struct opk_err *err);

#endif
