/*
 * JSONTestSuite against the JSON reader: y_ files are JSON, n_ files are not, and what is left to
 * the reader (i_) is pinned: refused are nothing but other encodings and too many levels.
 */
#include "support/support.h"

#include "base/json.h"
#include "ingest/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAR_BLOCK 512

static const char *const REFUSED[] = {
    "i_string_UTF-16LE_with_BOM.json",
    "i_string_utf16BE_no_BOM.json",
    "i_string_utf16LE_no_BOM.json",
    "i_structure_500_nested_arrays.json",
};

static bool is_refused(const char *name)
{
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
        if (strcmp(name, REFUSED[i]) == 0)
            return true;
    }
    return false;
}

/* Does one file fare as its name wants? */
static bool is_right(const char *name, struct opk_str text)
{
    struct opk_doc doc;
    bool is_json = opk_json_parse(text, NULL, &doc, NULL) == OPK_OK;

    if (is_json)
        opk_arena_done(&doc.arena);
    return is_json == (name[0] == 'y' || (name[0] == 'i' && !is_refused(name)));
}

/* The suite as one tar in memory, or false where it is not at hand. */
static bool read_suite(struct opk_buf *out)
{
    const char *shared = getenv("OPK_SHARED");
    char path[512];
    struct opk_stream *stream;
    struct opk_str chunk;

    (void)snprintf(path, sizeof(path), "%s/peers/json-test-suite.tar.zst",
                   shared ? shared : OPK_SOURCE_DIR "/../shared");
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    assert_int_equal(opk_stream_open_fd(fd, &stream, NULL), OPK_OK);
    while (opk_stream_read(stream, &chunk, NULL) == OPK_OK)
        opk_buf_append(out, chunk);
    opk_stream_free(stream);
    return true;
}

static void test_suite(void **state)
{
    struct opk_buf tar = OPK_BUF_EMPTY;
    size_t files = 0;
    size_t wrong = 0;

    (void)state;
    if (!read_suite(&tar)) {
        (void)printf("skipped: no ../shared\n");
        return;
    }
    for (size_t at = 0; at + TAR_BLOCK <= tar.len && tar.data[at] != '\0';) {
        const char *header = tar.data + at;
        const char *slash = strrchr(header, '/');
        const char *name = slash ? slash + 1 : header;
        size_t size = strtoul(header + 124, NULL, 8);
        assert_true(size <= tar.len - at - TAR_BLOCK);
        if (strncmp(header, "test_parsing/", 13) == 0 && *name) {
            files++;
            if (!is_right(name, opk_str_bytes(header + TAR_BLOCK, size))) {
                print_error("%s\n", name);
                wrong++;
            }
        }
        at += TAR_BLOCK + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    }
    opk_buf_done(&tar);
    assert_true(files > 300);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_suite)};

    return cmocka_run_group_tests_name("json_suite", tests, NULL, NULL);
}
