#include "ingest/inflate.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AHEAD                                                                                 \
    ((size_t)64) /* more than any filter looks at to see whether a member follows                  \
                  */

struct opk_inflate {
    struct archive *archive;
    struct opk_stream *below;
    enum opk_filter filter;
    bool is_open;
    struct opk_str fed;      /* the last chunk from below */
    char before[LOOK_AHEAD]; /* the last bytes of the chunks before it */
    size_t before_len;
    uint64_t fed_bytes;           /* all of them */
    enum opk_status below_status; /* why below gave no more */
    struct opk_err below_err;
};

static const struct {
    const char *name;
    int (*support)(struct archive *archive);
} FILTERS[] = {
    [OPK_FILTER_GZIP] = {"gzip", archive_read_support_filter_gzip},
    [OPK_FILTER_XZ] = {"xz", archive_read_support_filter_xz},
    [OPK_FILTER_LZMA] = {"lzma", archive_read_support_filter_lzma},
    [OPK_FILTER_BZIP2] = {"bzip2", archive_read_support_filter_bzip2},
    [OPK_FILTER_LZ4] = {"lz4", archive_read_support_filter_lz4},
};

enum opk_status opk_inflate_new(struct opk_stream *below, enum opk_filter filter,
                                struct opk_inflate **out_inflate, struct opk_err *err)
{
    struct opk_inflate *inflate = calloc(1, sizeof(*inflate));

    if (!inflate)
        goto nomem;
    inflate->below = below;
    inflate->filter = filter;
    inflate->fed = OPK_STR_EMPTY;
    inflate->archive = archive_read_new();
    if (!inflate->archive || archive_read_support_format_raw(inflate->archive) != ARCHIVE_OK ||
        archive_read_support_format_empty(inflate->archive) != ARCHIVE_OK)
        goto nomem;
    /* A filter that is not built in would run a program: it answers ARCHIVE_WARN. */
    if (FILTERS[filter].support(inflate->archive) != ARCHIVE_OK) {
        opk_inflate_free(inflate);
        return opk_fail(err, OPK_E_UNSUPPORTED, OPK_NOWHERE, "libarchive has no %s here",
                        FILTERS[filter].name);
    }
    *out_inflate = inflate;
    return OPK_OK;

nomem:
    opk_inflate_free(inflate);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a %s decoder",
                    FILTERS[filter].name);
}

void opk_inflate_free(struct opk_inflate *inflate)
{
    if (!inflate)
        return;
    (void)archive_read_free(inflate->archive);
    free(inflate);
}

/* Keep the end of the chunk that is about to be replaced. */
static void remember(struct opk_inflate *inflate)
{
    struct opk_str end = inflate->fed;

    if (end.len > LOOK_AHEAD)
        end = opk_str_skip(end, end.len - LOOK_AHEAD);
    size_t kept =
        LOOK_AHEAD - end.len < inflate->before_len ? LOOK_AHEAD - end.len : inflate->before_len;
    memmove(inflate->before, inflate->before + inflate->before_len - kept, kept);
    memcpy(inflate->before + kept, end.data, end.len);
    inflate->before_len = kept + end.len;
}

static la_ssize_t feed(struct archive *archive, void *context, const void **out_bytes)
{
    struct opk_inflate *inflate = context;

    remember(inflate);
    inflate->below_status = opk_stream_read(inflate->below, &inflate->fed, &inflate->below_err);
    if (inflate->below_status == OPK_OK) {
        inflate->fed_bytes += inflate->fed.len;
        *out_bytes = inflate->fed.data;
        return (la_ssize_t)inflate->fed.len;
    }
    inflate->fed = OPK_STR_EMPTY;
    if (inflate->below_status == OPK_END)
        return 0;
    archive_set_error(archive, EIO, "%s", inflate->below_err.message);
    return ARCHIVE_FATAL;
}

/* The words of libarchive, or of the stream below when that one failed. */
static enum opk_status decode_error(const struct opk_inflate *inflate, struct opk_err *err)
{
    if (inflate->below_status != OPK_OK && inflate->below_status != OPK_END) {
        if (err)
            *err = inflate->below_err;
        return inflate->below_status;
    }
    if (archive_errno(inflate->archive) == ENOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a %s decoder",
                        FILTERS[inflate->filter].name);
    const char *words = archive_error_string(inflate->archive);
    return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(opk_inflate_taken(inflate) + 1),
                    "damaged %s data: %s", FILTERS[inflate->filter].name, words ? words : "");
}

static enum opk_status check_padding(const struct opk_inflate *inflate, struct opk_str bytes,
                                     uint64_t *at, struct opk_err *err)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] != '\0')
            return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(*at + i + 1),
                            "bytes behind the end of the %s data", FILTERS[inflate->filter].name);
    }
    *at += bytes.len;
    return OPK_END;
}

/* Zero bytes behind the data are padding; anything else is told. */
static enum opk_status check_rest(struct opk_inflate *inflate, struct opk_err *err)
{
    uint64_t at = opk_inflate_taken(inflate);
    uint64_t left = inflate->fed_bytes - at;
    struct opk_str before = opk_str_bytes(inflate->before, inflate->before_len);
    struct opk_str rest = inflate->fed;

    if (left <= rest.len)
        rest = opk_str_skip(rest, rest.len - (size_t)left);
    left -= rest.len;
    before = opk_str_skip(before, left < before.len ? before.len - (size_t)left : 0);
    enum opk_status status = check_padding(inflate, before, &at, err);
    if (status == OPK_END)
        status = check_padding(inflate, rest, &at, err);
    while (status == OPK_END && opk_stream_read(inflate->below, &rest, NULL) == OPK_OK)
        status = check_padding(inflate, rest, &at, err);
    return status;
}

static enum opk_status open_archive(struct opk_inflate *inflate, struct opk_err *err)
{
    struct archive_entry *entry;
    int result;

    inflate->is_open = true;
    if (archive_read_open(inflate->archive, inflate, NULL, feed, NULL) != ARCHIVE_OK)
        return decode_error(inflate, err);
    result = archive_read_next_header(inflate->archive, &entry);
    if (result == ARCHIVE_EOF)
        return check_rest(inflate, err);
    return result < ARCHIVE_WARN ? decode_error(inflate, err) : OPK_OK;
}

enum opk_status opk_inflate_next(struct opk_inflate *inflate, struct opk_str *out_chunk,
                                 struct opk_err *err)
{
    enum opk_status status = inflate->is_open ? OPK_OK : open_archive(inflate, err);

    while (status == OPK_OK) {
        const void *bytes = NULL;
        size_t len = 0;
        la_int64_t offset;
        int result = archive_read_data_block(inflate->archive, &bytes, &len, &offset);
        if (result == ARCHIVE_EOF)
            return check_rest(inflate, err);
        if (result < ARCHIVE_WARN)
            return decode_error(inflate, err);
        *out_chunk = opk_str_bytes(bytes, len);
        if (len > 0)
            return OPK_OK;
    }
    return status;
}

uint64_t opk_inflate_taken(const struct opk_inflate *inflate)
{
    la_int64_t taken = archive_filter_bytes(inflate->archive, -1);

    return taken < 0 ? 0 : (uint64_t)taken;
}
