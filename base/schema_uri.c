#include "base/schema_impl.h"

struct uri {
    struct opk_str scheme;    /* with its colon */
    struct opk_str authority; /* with its "//" */
    struct opk_str path;
    struct opk_str query;    /* with its "?" */
    struct opk_str fragment; /* with its "#" */
};

static size_t scheme_len(struct opk_str text)
{
    size_t at = 0;

    while (at < text.len && (opk_is_alnum(text.data[at]) || text.data[at] == '+' ||
                             text.data[at] == '-' || text.data[at] == '.'))
        at++;
    return at > 0 && at < text.len && text.data[at] == ':' && opk_is_alpha(text.data[0]) ? at + 1
                                                                                         : 0;
}

/* The bytes of text before the first of the two stops. */
static size_t until(struct opk_str text, char stop, char other)
{
    size_t at = 0;

    while (at < text.len && text.data[at] != stop && text.data[at] != other)
        at++;
    return at;
}

static struct opk_str take(struct opk_str *text, size_t len)
{
    struct opk_str part = opk_str_slice(*text, 0, len);

    *text = opk_str_skip(*text, len);
    return part;
}

static struct uri split(struct opk_str text)
{
    struct uri uri = {.authority = OPK_STR_EMPTY};
    size_t fragment = until(text, '#', '#');
    struct opk_str rest = opk_str_slice(text, 0, fragment);

    uri.fragment = opk_str_skip(text, fragment);
    uri.scheme = take(&rest, scheme_len(rest));
    if (opk_str_starts(rest, OPK_STR("//"))) {
        struct opk_str host = opk_str_skip(rest, 2);
        uri.authority = take(&rest, 2 + until(host, '/', '?'));
    }
    uri.path = take(&rest, until(rest, '?', '?'));
    uri.query = rest;
    return uri;
}

/* Append a path without its "." and ".." parts; out holds what comes before it. */
static void append_path(struct opk_str path, struct opk_buf *out)
{
    size_t floor = out->len;
    struct opk_split parts = OPK_SPLIT(path, '/');
    struct opk_str part;
    bool first = true;

    while (opk_split_next(&parts, &part)) {
        bool dot = opk_str_eq(part, OPK_STR("."));
        bool dots = opk_str_eq(part, OPK_STR(".."));
        if (dots) {
            struct opk_str now = opk_str_skip(opk_buf_str(out), floor);
            size_t slash = opk_str_rfind_byte(now, '/');
            opk_buf_truncate(out, floor + (slash == OPK_NPOS ? 0 : slash));
        }
        if ((dot || dots) && !parts.done)
            continue;
        if (!first)
            opk_buf_append_byte(out, '/');
        if (!dot && !dots)
            opk_buf_append(out, part);
        first = false;
    }
}

/* The reference's path below the base's folder. */
static void merge_path(const struct uri *base, struct opk_str path, struct opk_buf *out)
{
    size_t slash = opk_str_rfind_byte(base->path, '/');
    struct opk_buf merged = OPK_BUF_EMPTY;

    if (slash != OPK_NPOS)
        opk_buf_append(&merged, opk_str_slice(base->path, 0, slash + 1));
    else if (base->authority.len > 0)
        opk_buf_append_byte(&merged, '/');
    opk_buf_append(&merged, path);
    append_path(opk_buf_str(&merged), out);
    out->failed |= merged.failed;
    opk_buf_done(&merged);
}

void opk_uri_resolve(struct opk_str base_text, struct opk_str reference, struct opk_buf *out)
{
    struct uri base = split(base_text);
    struct uri to = split(reference);
    bool own_path = to.scheme.len > 0 || to.authority.len > 0;

    opk_buf_append(out, to.scheme.len > 0 ? to.scheme : base.scheme);
    opk_buf_append(out, own_path ? to.authority : base.authority);
    if (own_path || opk_str_starts(to.path, OPK_STR("/"))) {
        append_path(to.path, out);
        opk_buf_append(out, to.query);
    } else if (to.path.len > 0) {
        merge_path(&base, to.path, out);
        opk_buf_append(out, to.query);
    } else {
        opk_buf_append(out, base.path);
        opk_buf_append(out, to.query.len > 0 ? to.query : base.query);
    }
    opk_buf_append(out, to.fragment);
}

void opk_uri_decode(struct opk_str text, struct opk_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = i + 2 < text.len ? opk_hex_value(text.data[i + 1]) : -1;
        int low = i + 2 < text.len ? opk_hex_value(text.data[i + 2]) : -1;
        if (text.data[i] == '%' && high >= 0 && low >= 0) {
            opk_buf_append_byte(out, (char)(unsigned char)(high * 16 + low));
            i += 2;
        } else {
            opk_buf_append_byte(out, text.data[i]);
        }
    }
}
