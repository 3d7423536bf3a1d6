/* A journal reads back as it was written; cut or changed anywhere, it does not read at all. */
#include "fuzz.h"

#include "base/file.h"
#include "base/txn_journal.h"

#include <stdlib.h>
#include <string.h>

#define ID        "01ARYZ6S410000000000000001"
#define FILES_MAX 8

/* The lines of the input that can be paths. */
static size_t take_paths(char *text, struct opk_journal_entry entries[FILES_MAX])
{
    size_t count = 0;

    for (char *line = strtok(text, "\n"); line && count < FILES_MAX; line = strtok(NULL, "\n")) {
        struct opk_str path = opk_str_of(line);
        if (opk_path_check(path, NULL) != OPK_OK)
            continue;
        entries[count++] = (struct opk_journal_entry){line, path.len % 2 == 0, opk_hash128(path),
                                                      opk_hash128(opk_str_skip(path, 1))};
    }
    return count;
}

static bool reads(struct opk_str text, const struct opk_journal_entry *want, size_t want_count)
{
    struct opk_arena arena = {0};
    struct opk_journal_entry *got;
    size_t count;
    bool whole = opk_journal_read(text, ID, &arena, &got, &count, NULL) == OPK_OK;

    if (whole && count != want_count)
        abort();
    for (size_t i = 0; whole && i < count; i++) {
        if (strcmp(got[i].path, want[i].path) != 0 || got[i].existed != want[i].existed ||
            !opk_hash128_eq(got[i].after, want[i].after))
            abort();
    }
    opk_arena_done(&arena);
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_journal_entry entries[FILES_MAX] = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    char *lines = calloc(1, size + 1);

    if (!lines)
        return 0;
    if (size > 0)
        memcpy(lines, data, size);
    size_t count = take_paths(lines, entries);
    opk_journal_write(ID, entries, count, &text);
    if (!reads(opk_buf_str(&text), entries, count))
        abort();
    /* The first byte of the input chooses where the journal is cut and where it is changed. */
    size_t at = size > 0 ? (size_t)data[0] * text.len / 256 : 0;
    struct opk_str cut = opk_str_slice(opk_buf_str(&text), 0, at);
    if (reads(cut, entries, count) || !opk_journal_is_torn(cut, ID))
        abort();
    text.data[at] ^= 1;
    if (reads(opk_buf_str(&text), entries, count))
        abort();
    opk_buf_done(&text);
    free(lines);
    return 0;
}
