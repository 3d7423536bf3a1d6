#include "cluster/lex.h"
#include "cluster/lex_dialect.h"
#include "cluster/lex_scan.h"

#include <string.h>

/* Quote removal never makes a word longer, so its room is known beforehand. */
struct writer {
    char *data; /* room for raw.len bytes */
    size_t len;
    struct opk_str raw;
    size_t at;
    bool in_dquote;
};

static char peek(const struct writer *w, size_t ahead)
{
    return w->at + ahead < w->raw.len ? w->raw.data[w->at + ahead] : '\0';
}

static void put(struct writer *w, char byte)
{
    w->data[w->len++] = byte;
}

/* Copy raw up to end as it stands. */
static void put_until(struct writer *w, size_t end)
{
    if (end > w->raw.len)
        end = w->raw.len;
    memcpy(w->data + w->len, w->raw.data + w->at, end - w->at);
    w->len += end - w->at;
    w->at = end;
}

/* The number of \NNN, \xNN, \uNNNN, \UNNNNNNNN, whose digits begin at w->at. */
static uint32_t read_number(struct writer *w, unsigned base, size_t most)
{
    uint32_t value = 0;

    for (size_t digits = 0; digits < most && w->at < w->raw.len; digits++) {
        int digit = opk_hex_value(w->raw.data[w->at]);
        if (digit < 0 || (unsigned)digit >= base)
            break;
        value = value * base + (unsigned)digit;
        w->at++;
    }
    return value;
}

/* One escape of $'...'; w->at stands behind its backslash. */
static void unquote_ansi_escape(struct writer *w)
{
    static const char NAMES[] = "abeEfnrtv";
    static const char VALUES[] = "\a\b\033\033\f\n\r\t\v";
    char c = w->raw.data[w->at];
    const char *name = c == '\0' ? NULL : strchr(NAMES, c);

    if (c >= '0' && c <= '7') {
        put(w, (char)(unsigned char)read_number(w, 8, 3));
        return;
    }
    w->at++;
    if (name) {
        put(w, VALUES[name - NAMES]);
    } else if (c == 'x') {
        put(w, (char)(unsigned char)read_number(w, 16, 2));
    } else if (c == 'u' || c == 'U') {
        char bytes[4];
        size_t begin = w->at;
        size_t len = opk_utf8_encode(read_number(w, 16, c == 'u' ? 4 : 8), bytes);
        size_t written = w->at - begin + 2;
        memcpy(w->data + w->len, bytes, len < written ? len : written);
        w->len += len < written ? len : written;
    } else {
        put(w, c);
    }
}

/* $'...' */
static void unquote_ansi(struct writer *w)
{
    w->at += 2;
    while (w->at < w->raw.len && w->raw.data[w->at] != '\'') {
        if (w->raw.data[w->at] == '\\' && w->at + 1 < w->raw.len) {
            w->at++;
            unquote_ansi_escape(w);
        } else {
            put(w, w->raw.data[w->at++]);
        }
    }
    w->at++;
}

static void unquote_backslash(struct writer *w)
{
    char next = peek(w, 1);
    bool last = w->at + 1 == w->raw.len;
    bool kept = last || (w->in_dquote && (next == '\0' || !strchr("$`\"\\\n", next)));

    if (kept)
        put(w, '\\');
    if (!last && (kept || next != '\n'))
        put(w, next);
    w->at += 2;
}

static void unquote_single(struct writer *w)
{
    w->at++;
    put_until(w, opk_str_find_byte(w->raw, '\'', w->at));
    w->at++;
}

static void unquote_next(struct writer *w)
{
    char c = w->raw.data[w->at];
    char next = peek(w, 1);

    if (c == '\\') {
        unquote_backslash(w);
    } else if (c == '"') {
        w->in_dquote = !w->in_dquote;
        w->at++;
    } else if (c == '\'' && !w->in_dquote) {
        unquote_single(w);
    } else if (c == '$' && next == '\'' && !w->in_dquote) {
        unquote_ansi(w);
    } else if (c == '$' && next == '"' && !w->in_dquote) {
        w->at++;
    } else if (c == '`' || (c == '$' && (next == '(' || next == '{'))) {
        /* An expansion stays as written, the quotes within it included. */
        put_until(w, opk_scan_expansion(w->raw, w->at, w->in_dquote));
    } else {
        put(w, c);
        w->at++;
    }
}

struct opk_str opk_word_unquote(struct opk_str raw, unsigned flags, enum opk_dialect dialect,
                                struct opk_arena *arena)
{
    static struct opk_str (*const OTHERS[])(struct opk_str raw, struct opk_arena * arena) = {
        opk_lex_fish_unquote, opk_lex_powershell_unquote, opk_lex_cmd_unquote};

    if (!(flags & OPK_WORD_QUOTED) || (flags & OPK_WORD_OPAQUE))
        return raw;
    if ((flags & OPK_WORD_WHOLE_QUOTE) && raw.data[0] == '\'' && dialect < OPK_DIALECT_FISH)
        return opk_str_slice(raw, 1, raw.len - 1);
    if (dialect >= OPK_DIALECT_FISH)
        return OTHERS[dialect - OPK_DIALECT_FISH](raw, arena);
    struct writer w = {.raw = raw, .data = opk_arena_alloc(arena, raw.len)};
    if (!w.data)
        return OPK_STR_EMPTY;
    while (w.at < raw.len)
        unquote_next(&w);
    return (struct opk_str){w.data, w.len};
}
