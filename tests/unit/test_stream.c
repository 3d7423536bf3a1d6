#include "support/support.h"

#include "base/zstd.h"
#include "ingest/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const size_t CUTS[] = {SIZE_MAX, 1, 2, 3, 5, 17, 100, 1000};

#define CUT_COUNT (sizeof(CUTS) / sizeof(CUTS[0]))

static void read_fixture(const char *name, struct opk_buf *out)
{
    char path[512];
    char bytes[4096];
    size_t len;

    (void)snprintf(path, sizeof(path), OPK_SOURCE_DIR "/fixtures/ingest/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    opk_buf_clear(out);
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
        opk_buf_append(out, opk_str_bytes(bytes, len));
    assert_int_equal(fclose(file), 0);
}

/* Everything a stream gives, then how it ended. */
static enum opk_status drain(struct opk_stream *stream, struct opk_buf *out, struct opk_err *err)
{
    struct opk_str chunk;
    enum opk_status status;

    while ((status = opk_stream_read(stream, &chunk, err)) == OPK_OK) {
        assert_true(chunk.len > 0);
        opk_buf_append(out, chunk);
    }
    if (status != OPK_END)
        assert_int_equal(opk_stream_read(stream, &chunk, NULL), OPK_END); /* told once */
    return status;
}

static enum opk_status read_how(struct opk_str bytes, size_t cut, bool ahead,
                                const struct opk_stream_limits *limits, struct opk_buf *out,
                                struct opk_err *err)
{
    struct opk_stream *stream;
    enum opk_status status = opk_stream_open_cut(bytes, cut, limits, &stream, err);

    opk_buf_clear(out);
    *err = (struct opk_err){0};
    if (status != OPK_OK)
        return status;
    if (ahead)
        assert_int_equal(opk_stream_read_ahead(stream, err), OPK_OK);
    status = drain(stream, out, err);
    opk_stream_free(stream);
    return status;
}

static enum opk_status read_all(struct opk_str bytes, size_t cut,
                                const struct opk_stream_limits *limits, struct opk_buf *out,
                                struct opk_err *err)
{
    return read_how(bytes, cut, false, limits, out, err);
}

static void test_fixtures(void **state)
{
    static const struct {
        const char *file;
        size_t len; /* of history.txt that comes out; 0: all */
        enum opk_status end;
        uint64_t byte;
        const char *words;
    } CASES[] = {
        {"history.txt", 0, OPK_END, 0, ""},
        {"one-frame.zst", 0, OPK_END, 0, ""},
        {"no-checksum.zst", 0, OPK_END, 0, ""},
        {"split-midline.zst", 0, OPK_END, 0, ""},
        {"skippable.zst", 0, OPK_END, 0, ""},
        {"empty-frame.zst", 0, OPK_END, 0, ""},
        {"truncated.zst", 1001, OPK_E_SYNTAX, 875, "truncated"},
        {"trailing.zst", 0, OPK_E_SYNTAX, 650, "no zstd frame begins here"},
        {"one-member.gz", 0, OPK_END, 0, ""},
        {"members.gz", 0, OPK_END, 0, ""},
        {"padded.gz", 0, OPK_END, 0, ""},
        {"trailing.gz", 0, OPK_E_SYNTAX, 0, "bytes behind the end of the gzip data"},
        {"history.xz", 0, OPK_END, 0, ""},
        {"history.lzma", 0, OPK_END, 0, ""},
        {"streams.bz2", 0, OPK_END, 0, ""},
        {"history.lz4", 0, OPK_END, 0, ""},
        {"zstd-in.gz", 0, OPK_END, 0, ""},
    };
    struct opk_buf history = OPK_BUF_EMPTY;
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    read_fixture("history.txt", &history);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        size_t len = CASES[i].len ? CASES[i].len : history.len;
        read_fixture(CASES[i].file, &bytes);
        /* Each cut twice: the second time a thread decodes. */
        for (size_t k = 0; k < 2 * CUT_COUNT; k++) {
            struct opk_err err;
            enum opk_status end =
                read_how(opk_buf_str(&bytes), CUTS[k / 2], k % 2 == 1, NULL, &got, &err);
            opk_assert_status(CASES[i].file, end, CASES[i].end, &err);
            opk_assert_str(CASES[i].file, opk_buf_str(&got),
                           opk_str_slice(opk_buf_str(&history), 0, len));
            if (!strstr(err.message, CASES[i].words) ||
                (CASES[i].byte && err.byte != CASES[i].byte))
                fail_msg("%s: byte %llu: %s", CASES[i].file, (unsigned long long)err.byte,
                         err.message);
        }
    }
    opk_buf_done(&history);
    opk_buf_done(&bytes);
    opk_buf_done(&got);
}

/* A reader may leave while the thread is anywhere: before it begins, or waiting for room. */
static void test_ahead_left(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_stream *stream;
    struct opk_str chunk;
    struct opk_err err;

    (void)state;
    read_fixture("history.txt", &bytes);
    for (size_t taken = 0; taken < 9; taken++) {
        assert_int_equal(opk_stream_open_cut(opk_buf_str(&bytes), 3, NULL, &stream, &err), OPK_OK);
        assert_int_equal(opk_stream_peek(stream, 5, &chunk, &err), OPK_OK);
        assert_int_equal(opk_stream_read_ahead(stream, &err), OPK_OK);
        size_t at = 0;
        for (size_t i = 0; i < taken; i++) {
            assert_int_equal(opk_stream_read(stream, &chunk, &err), OPK_OK);
            opk_assert_str("chunk", chunk, opk_str_slice(opk_buf_str(&bytes), at, at + chunk.len));
            at += chunk.len;
        }
        opk_stream_free(stream);
    }
    opk_buf_done(&bytes);
}

/* However short the input is cut off, what comes is a beginning, and the loss is told. */
static void test_every_truncation(void **state)
{
    static const char *const FILES[] = {"split-midline.zst", "members.gz", "streams.bz2",
                                        "history.xz"};
    struct opk_buf history = OPK_BUF_EMPTY;
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    read_fixture("history.txt", &history);
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        read_fixture(FILES[i], &bytes);
        for (size_t len = 16; len < bytes.len; len++) {
            enum opk_status end =
                read_all(opk_str_slice(opk_buf_str(&bytes), 0, len), 64, NULL, &got, &err);
            if (end == OPK_END && got.len != 1001)
                fail_msg("%s: %zu bytes: nothing is told", FILES[i], len);
            assert_true(opk_str_starts(opk_buf_str(&history), opk_buf_str(&got)));
        }
    }
    opk_buf_done(&history);
    opk_buf_done(&bytes);
    opk_buf_done(&got);
}

/* A changed byte never crashes, and never changes what a checked frame gives unseen. */
static void test_every_damage(void **state)
{
    struct opk_buf history = OPK_BUF_EMPTY;
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    read_fixture("history.txt", &history);
    read_fixture("one-frame.zst", &bytes);
    for (size_t at = 5; at < bytes.len; at++) {
        bytes.data[at] = (char)(bytes.data[at] ^ 0x20);
        enum opk_status end = read_all(opk_buf_str(&bytes), SIZE_MAX, NULL, &got, &err);
        if (end == OPK_END)
            opk_assert_str("damage", opk_buf_str(&got), opk_buf_str(&history));
        bytes.data[at] = (char)(bytes.data[at] ^ 0x20);
    }
    opk_buf_done(&history);
    opk_buf_done(&bytes);
    opk_buf_done(&got);
}

/* A frame whose header asks for a window of 2^log bytes (and mantissa eighths of that more). */
static struct opk_str frame_with_window(char bytes[9], int log, int mantissa)
{
    static const unsigned char EMPTY_FRAME[9] = {0x28, 0xB5, 0x2F, 0xFD, 0, 0, 1, 0, 0};

    memcpy(bytes, EMPTY_FRAME, sizeof(EMPTY_FRAME));
    bytes[5] = (char)((log - 10) << 3 | mantissa);
    return opk_str_bytes(bytes, 9);
}

static void test_window_limit(void **state)
{
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;
    char bytes[9];

    (void)state;
    assert_int_equal(
        read_all(frame_with_window(bytes, OPK_ZSTD_WINDOW_LOG_MAX, 0), 3, NULL, &got, &err),
        OPK_END);
    assert_int_equal(
        read_all(frame_with_window(bytes, OPK_ZSTD_WINDOW_LOG_MAX, 1), 3, NULL, &got, &err),
        OPK_E_LIMIT);
    assert_int_equal(
        read_all(frame_with_window(bytes, OPK_ZSTD_WINDOW_LOG_MAX + 1, 0), 3, NULL, &got, &err),
        OPK_E_LIMIT);
    assert_non_null(strstr(err.message, "window"));
    opk_buf_done(&got);
}

static void test_output_limits(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;
    const uint64_t out = 2049; /* bytes of history.txt */

    (void)state;
    static const char *const FILES[] = {"one-frame.zst", "one-member.gz"};
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        read_fixture(FILES[i], &bytes);
        for (uint64_t short_by = 0; short_by <= 1; short_by++) {
            enum opk_status want = short_by ? OPK_E_LIMIT : OPK_END;
            struct opk_stream_limits in_all = {1 << 20, 1000, out - short_by};
            struct opk_stream_limits by_ratio = {out - short_by, 1, 1 << 20};
            for (size_t k = 0; k < CUT_COUNT; k++) {
                enum opk_status end = read_all(opk_buf_str(&bytes), CUTS[k], &in_all, &got, &err);
                opk_assert_status("in all", end, want, &err);
                assert_int_equal(got.len, out - short_by);
                end = read_all(opk_buf_str(&bytes), CUTS[k], &by_ratio, &got, &err);
                opk_assert_status("by ratio", end, want, &err);
                assert_int_equal(got.len, out - short_by);
            }
        }
    }
    /* Bytes that are not compressed are not limited. */
    struct opk_stream_limits none = {0, 1, 1};
    assert_int_equal(read_all(OPK_STR("plain text"), 1, &none, &got, &err), OPK_END);
    opk_assert_str("plain", opk_buf_str(&got), OPK_STR("plain text"));
    opk_buf_done(&bytes);
    opk_buf_done(&got);
}

/* A frame that holds a frame that holds a frame: one more than the limit is refused. */
static void test_layer_limit(void **state)
{
    struct opk_stream *stream;
    struct opk_err err;
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf outer = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_cstr(&bytes, "text");
    for (int layers = 1; layers <= OPK_STREAM_LAYERS_MAX + 1; layers++) {
        /* One raw block, the last: its header is the length shifted by 3, plus 1. */
        opk_buf_clear(&outer);
        opk_buf_append(&outer, OPK_STR("\x28\xB5\x2F\xFD\x00\x00"));
        opk_buf_append_byte(&outer, (char)(bytes.len << 3 | 1));
        opk_buf_append(&outer, OPK_STR("\0\0"));
        opk_buf_append(&outer, opk_buf_str(&bytes));
        opk_buf_clear(&bytes);
        opk_buf_append(&bytes, opk_buf_str(&outer));
        enum opk_status status = opk_stream_open_bytes(opk_buf_str(&bytes), &stream, &err);
        if (layers > OPK_STREAM_LAYERS_MAX) {
            opk_assert_status("one too many", status, OPK_E_LIMIT, &err);
            break;
        }
        opk_assert_status("layers", status, OPK_OK, &err);
        opk_buf_clear(&outer);
        assert_int_equal(drain(stream, &outer, &err), OPK_END);
        opk_assert_str("layers", opk_buf_str(&outer), OPK_STR("text"));
        opk_stream_free(stream);
    }
    opk_buf_done(&bytes);
    opk_buf_done(&outer);
}

static void test_peek(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_buf history = OPK_BUF_EMPTY;
    struct opk_stream *stream;
    struct opk_str head;
    struct opk_err err;

    (void)state;
    read_fixture("history.txt", &history);
    read_fixture("truncated.zst", &bytes);
    for (size_t k = 0; k < CUT_COUNT; k++) {
        assert_int_equal(opk_stream_open_cut(opk_buf_str(&bytes), CUTS[k], NULL, &stream, &err),
                         OPK_OK);
        for (size_t max = 0; max < 1500; max += 300) {
            assert_int_equal(opk_stream_peek(stream, max, &head, &err), OPK_OK);
            opk_assert_str("head", head,
                           opk_str_slice(opk_buf_str(&history), 0, max < 1001 ? max : 1001));
        }
        /* The damage that peeking met is still told. */
        opk_buf_clear(&got);
        assert_int_equal(drain(stream, &got, &err), OPK_E_SYNTAX);
        opk_assert_str("all", opk_buf_str(&got), opk_str_slice(opk_buf_str(&history), 0, 1001));
        assert_int_equal(opk_stream_peek(stream, 10, &head, &err), OPK_OK);
        assert_int_equal(head.len, 0);
        opk_stream_free(stream);
    }
    opk_buf_done(&bytes);
    opk_buf_done(&got);
    opk_buf_done(&history);
}

static void test_descriptors(void **state)
{
    struct opk_stream *stream;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    int fd = open(OPK_SOURCE_DIR "/fixtures/ingest/split-midline.zst", O_RDONLY);
    assert_int_equal(opk_stream_open_fd(fd, &stream, &err), OPK_OK);
    assert_int_equal(drain(stream, &got, &err), OPK_END);
    assert_int_equal(got.len, 2049);
    opk_stream_free(stream);
    assert_int_equal(close(fd), -1); /* the stream has closed it */

    fd = open(OPK_SOURCE_DIR, O_RDONLY);
    assert_int_equal(opk_stream_open_fd(fd, &stream, &err), OPK_OK);
    assert_int_equal(drain(stream, &got, &err), OPK_E_IO);
    opk_stream_free(stream);
    opk_buf_done(&got);
}

static void test_magic(void **state)
{
    /* What only looks like the beginning of a compressed file passes unchanged. */
    static const struct opk_str TEXTS[] = {
        OPK_STR_INIT(""),
        OPK_STR_INIT("BZh9 is how it begins\n"),
        OPK_STR_INIT("\x28\xB5\x2F"),
        OPK_STR_INIT("\x1F\x8B"),
        OPK_STR_INIT("P*M"),
    };
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        assert_int_equal(read_all(TEXTS[i], 1, NULL, &got, &err), OPK_END);
        opk_assert_str("unchanged", opk_buf_str(&got), TEXTS[i]);
    }
    opk_buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixtures),         cmocka_unit_test(test_ahead_left),
        cmocka_unit_test(test_every_truncation), cmocka_unit_test(test_every_damage),
        cmocka_unit_test(test_window_limit),     cmocka_unit_test(test_output_limits),
        cmocka_unit_test(test_layer_limit),      cmocka_unit_test(test_peek),
        cmocka_unit_test(test_descriptors),      cmocka_unit_test(test_magic),
    };

    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
