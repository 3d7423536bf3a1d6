#include "base/txn_journal.h"

#include "base/file.h"
#include "base/ulid.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CHECK_DIGITS 16
#define DIGEST_TEXT  (OPK_HASH128_TEXT - 1)
#define MAGIC        "opk-txn 1 "

static uint64_t check_of(const char *id, uint64_t line, struct opk_str body,
                         struct opk_buf *scratch)
{
    opk_buf_clear(scratch);
    opk_buf_printf(scratch, "%s %" PRIu64 " ", id, line);
    opk_buf_append(scratch, body);
    return opk_hash64(opk_buf_str(scratch));
}

/* body is what the line says; its check value and the newline are added. */
static void write_line(const char *id, uint64_t line, struct opk_str body, struct opk_buf *out)
{
    struct opk_buf scratch = OPK_BUF_EMPTY;
    uint64_t check = check_of(id, line, body, &scratch);

    if (scratch.failed)
        out->failed = true;
    opk_buf_printf(out, "%016" PRIx64 " ", check);
    opk_buf_append(out, body);
    opk_buf_append_byte(out, '\n');
    opk_buf_done(&scratch);
}

void opk_journal_write(const char *id, const struct opk_journal_entry *entries, size_t count,
                       struct opk_buf *out)
{
    struct opk_buf body = OPK_BUF_EMPTY;

    opk_buf_printf(&body, MAGIC "%s %zu", id, count);
    write_line(id, 1, opk_buf_str(&body), out);
    for (size_t i = 0; i < count; i++) {
        char before[OPK_HASH128_TEXT] = "-";
        char after[OPK_HASH128_TEXT];
        if (entries[i].existed)
            opk_hash128_text(entries[i].before, before);
        opk_hash128_text(entries[i].after, after);
        opk_buf_clear(&body);
        opk_buf_printf(&body, "%s %s %s", before, after, entries[i].path);
        write_line(id, i + 2, opk_buf_str(&body), out);
    }
    if (body.failed)
        out->failed = true;
    opk_buf_done(&body);
}

static bool read_hex(struct opk_str text, uint64_t *out_value)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        int digit = opk_hex_value(text.data[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *out_value = value;
    return text.len == 16;
}

static bool read_digest(struct opk_str text, struct opk_hash128 *out)
{
    return text.len == DIGEST_TEXT && read_hex(opk_str_slice(text, 0, 16), &out->high) &&
           read_hex(opk_str_skip(text, 16), &out->low);
}

struct lines {
    struct opk_str rest;
    const char *id;
    uint64_t number;        /* of the line last taken */
    struct opk_buf scratch; /* owned */
};

/* The next line's body, when the line is whole and passes its check. */
static bool next_body(struct lines *lines, struct opk_str *out_body)
{
    size_t end = opk_str_find_byte(lines->rest, '\n', 0);
    struct opk_str line = opk_str_slice(lines->rest, 0, end);
    uint64_t check;

    lines->number++;
    if (end == OPK_NPOS || line.len <= CHECK_DIGITS || line.data[CHECK_DIGITS] != ' ')
        return false;
    *out_body = opk_str_skip(line, CHECK_DIGITS + 1);
    lines->rest = opk_str_skip(lines->rest, end + 1);
    return read_hex(opk_str_slice(line, 0, CHECK_DIGITS), &check) &&
           check == check_of(lines->id, lines->number, *out_body, &lines->scratch);
}

static bool read_header(struct lines *lines, uint64_t *out_count)
{
    struct opk_str body;
    struct opk_str magic = OPK_STR(MAGIC);

    if (!next_body(lines, &body) || !opk_str_starts(body, magic))
        return false;
    body = opk_str_skip(body, magic.len);
    return opk_str_eq(opk_str_slice(body, 0, OPK_ULID_LEN), opk_str_of(lines->id)) &&
           opk_str_to_u64(opk_str_skip(body, OPK_ULID_LEN + 1), out_count);
}

static bool read_entry(struct opk_str body, struct opk_arena *arena, struct opk_journal_entry *out)
{
    struct opk_split split = OPK_SPLIT(body, ' ');
    struct opk_str before;
    struct opk_str after;

    if (!opk_split_next(&split, &before) || !opk_split_next(&split, &after) || split.done)
        return false;
    out->existed = !opk_str_eq(before, OPK_STR("-"));
    if (out->existed && !read_digest(before, &out->before))
        return false;
    out->path = opk_arena_copy(arena, split.rest).data;
    return read_digest(after, &out->after) && opk_path_check(split.rest, NULL) == OPK_OK;
}

static bool read_all(struct lines *lines, struct opk_arena *arena,
                     struct opk_journal_entry **out_entries, size_t *out_count)
{
    struct opk_journal_entry *entries;
    uint64_t count;

    /* Each line has more than one byte, so a count that lies cannot ask for much memory. */
    if (!read_header(lines, &count) || count > lines->rest.len)
        return false;
    entries = opk_arena_array(arena, (size_t)count + 1, sizeof(*entries));
    for (size_t i = 0; entries && i < count; i++) {
        struct opk_str body;
        if (!next_body(lines, &body) || !read_entry(body, arena, &entries[i]))
            return false;
    }
    *out_entries = entries;
    *out_count = (size_t)count;
    lines->number++;
    return entries && lines->rest.len == 0;
}

enum opk_status opk_journal_read(struct opk_str text, const char *id, struct opk_arena *arena,
                                 struct opk_journal_entry **out_entries, size_t *out_count,
                                 struct opk_err *err)
{
    struct lines lines = {.rest = text, .id = id};
    struct opk_journal_entry *entries = NULL;
    size_t count = 0;
    bool whole = read_all(&lines, arena, &entries, &count);
    enum opk_status status = OPK_OK;

    if (lines.scratch.failed || arena->failed)
        status = opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to read a journal");
    else if (!whole)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(NULL, lines.number),
                          "this line of the transaction's journal is damaged");
    opk_buf_done(&lines.scratch);
    if (status == OPK_OK) {
        *out_entries = entries;
        *out_count = count;
    }
    return status;
}

bool opk_journal_is_torn(struct opk_str text, const char *id)
{
    char head[sizeof(MAGIC) + OPK_ULID_LEN];
    struct opk_str body = opk_str_skip(text, CHECK_DIGITS + 1);

    assert(strlen(id) == OPK_ULID_LEN);
    (void)snprintf(head, sizeof(head), MAGIC "%s", id);
    for (size_t i = 0; i < text.len && i < CHECK_DIGITS; i++) {
        if (opk_hex_value(text.data[i]) < 0)
            return false;
    }
    body = opk_str_slice(body, 0, sizeof(head) - 1);
    return opk_str_starts(opk_str_of(head), body);
}
