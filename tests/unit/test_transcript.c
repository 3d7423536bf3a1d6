#include "support/records.h"

#include "ingest/readers.h"
#include "ingest/stream.h"
#include "ingest/transcript.h"

#include <stdio.h>
#include <string.h>

static enum opk_status open_fixture(const char *name, const struct opk_reader *format,
                                    struct opk_transcript **out_transcript, struct opk_err *err)
{
    char path[512];

    (void)snprintf(path, sizeof(path), OPK_SOURCE_DIR "/fixtures/ingest/%s", name);
    return opk_transcript_open(path, format, out_transcript, err);
}

/* The records of a fixture without their source; then the problem. */
static void read_fixture(const char *name, struct opk_buf *out)
{
    struct opk_transcript *transcript;
    struct opk_command command;
    struct opk_err err;

    opk_buf_clear(out);
    opk_assert_status(name, open_fixture(name, NULL, &transcript, &err), OPK_OK, &err);
    assert_ptr_equal(opk_transcript_format(transcript), &opk_reader_bash_history);
    while (opk_transcript_next(transcript, &command, &err) == OPK_OK)
        opk_buf_printf(out, "%llu %lld %.*s\n", (unsigned long long)command.at,
                       (long long)command.time, OPK_STR_FMT(command.text));
    if (opk_transcript_problem(transcript, &err))
        opk_buf_printf(out, "problem: %s\n", err.message);
    opk_transcript_free(transcript);
}

/* However the same bytes are compressed, the records are the same. */
static void test_compressions(void **state)
{
    static const char *const FILES[] = {
        "one-frame.zst", "no-checksum.zst", "split-midline.zst", "skippable.zst", "empty-frame.zst",
        "one-member.gz", "members.gz",      "padded.gz",         "history.xz",    "history.lzma",
        "streams.bz2",   "history.lz4",     "zstd-in.gz",
    };
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    read_fixture("history.txt", &want);
    assert_non_null(strstr(opk_buf_cstr(&want), "2 1767225934000 ls -la build\n"));
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        read_fixture(FILES[i], &got);
        opk_assert_str(FILES[i], opk_buf_str(&got), opk_buf_str(&want));
    }
    /* Damage leaves what was read well, and one line. */
    read_fixture("trailing.zst", &got);
    opk_buf_append_cstr(&want, "problem: no zstd frame begins here\n");
    opk_assert_str("trailing.zst", opk_buf_str(&got), opk_buf_str(&want));
    read_fixture("truncated.zst", &got);
    assert_true(got.len < want.len);
    assert_non_null(strstr(opk_buf_cstr(&got), "problem: zstd data ends inside a frame"));
    opk_buf_done(&want);
    opk_buf_done(&got);
}

static void test_refusals(void **state)
{
    struct opk_transcript *transcript;
    struct opk_command command;
    struct opk_stream *stream;
    struct opk_err err;

    (void)state;
    opk_assert_status("missing", open_fixture("none", NULL, &transcript, &err), OPK_E_NOENT, &err);
    assert_non_null(strstr(err.path, "fixtures/ingest/none"));

    assert_int_equal(opk_stream_open_bytes(OPK_STR("prose\n"), &stream, &err), OPK_OK);
    opk_assert_status("unknown", opk_transcript_open_stream(stream, "p", NULL, &transcript, &err),
                      OPK_E_UNSUPPORTED, &err);
    assert_string_equal(err.path, "p");
    assert_string_equal(err.message, "no known transcript format");

    /* Damage before anything is recognised is told as what it is. */
    assert_int_equal(opk_stream_open_bytes(OPK_STR("\x28\xB5\x2F\xFD\x00"), &stream, &err), OPK_OK);
    opk_assert_status("damaged", opk_transcript_open_stream(stream, "p", NULL, &transcript, &err),
                      OPK_E_SYNTAX, &err);

    assert_int_equal(opk_stream_open_bytes(OPK_STR(""), &stream, &err), OPK_OK);
    opk_assert_status("empty", opk_transcript_open_stream(stream, "p", NULL, &transcript, &err),
                      OPK_OK, &err);
    assert_null(opk_transcript_format(transcript));
    assert_int_equal(opk_transcript_next(transcript, &command, &err), OPK_END);
    assert_false(opk_transcript_problem(transcript, &err));
    opk_transcript_free(transcript);
}

static void test_several_problems(void **state)
{
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    opk_records(OPK_STR("{\"a\n{\"type\":\"tool_use\",}\n{}\nx\n"), 1, &opk_reader_claude_code,
                &got);
    opk_assert_str("problems", opk_buf_str(&got),
                   OPK_STR("problem: in:1: a record does not end; and 2 more\n"));
    opk_buf_done(&got);
}

/* The texts of a list as read one by one; or, after each that is, those that come with it. */
static void read_list(struct opk_str bytes, size_t cut, const struct opk_reader *format,
                      size_t at_once, struct opk_buf *out)
{
    struct opk_str texts[8];
    struct opk_transcript *transcript;
    struct opk_command command;
    struct opk_stream *stream;
    struct opk_err err;

    assert_int_equal(opk_stream_open_cut(bytes, cut, NULL, &stream, &err), OPK_OK);
    assert_int_equal(opk_transcript_open_stream(stream, "in", format, &transcript, &err), OPK_OK);
    while (opk_transcript_next(transcript, &command, &err) == OPK_OK) {
        size_t count;
        opk_buf_printf(out, "%.*s|", OPK_STR_FMT(command.text));
        while (at_once > 0 && (count = opk_transcript_more(transcript, texts, at_once)) > 0) {
            for (size_t i = 0; i < count; i++)
                opk_buf_printf(out, "%.*s|", OPK_STR_FMT(texts[i]));
        }
    }
    /* Places are counted on: the last command knows how many lines there were. */
    opk_buf_printf(out, "%llu", (unsigned long long)command.ordinal);
    opk_transcript_free(transcript);
}

static void test_lists(void **state)
{
    static const struct {
        const struct opk_reader *format;
        struct opk_str bytes;
        struct opk_str want;
    } CASES[] = {
        {&opk_reader_commands, OPK_STR_INIT("ls\n\na\\nb\n\n\nmake all\nlast"),
         OPK_STR_INIT("ls|a\\nb|make all|last|4")},
        {&opk_reader_commands, OPK_STR_INIT("ls\r\n\r\n\r\n\r\nmake all\r\na\rb\n\nlast\r"),
         OPK_STR_INIT("ls|make all|a\rb|last|4")},
        {&opk_reader_lines, OPK_STR_INIT("ls\r\n\r\nlast"), OPK_STR_INIT("ls\r|\r|last|3")},
        {&opk_reader_lines, OPK_STR_INIT("ls\n\na\\nb\ncd x\\\\y\n\nmake all\nlast"),
         OPK_STR_INIT("ls|a\nb|cd x\\y|make all|last|5")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (size_t cut = 1; cut <= CASES[i].bytes.len; cut++) {
            for (size_t at_once = 0; at_once <= 8; at_once++) {
                struct opk_buf got = OPK_BUF_EMPTY;
                read_list(CASES[i].bytes, cut, CASES[i].format, at_once, &got);
                opk_assert_str(CASES[i].format->name, opk_buf_str(&got), CASES[i].want);
                opk_buf_done(&got);
            }
        }
    }
}

/* A line longer than a command may be is cut: it never comes with others. */
static void test_long_text(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_str texts[8];
    struct opk_transcript *transcript;
    struct opk_command command;
    struct opk_stream *stream;
    struct opk_err err;

    (void)state;
    opk_buf_append_cstr(&bytes, "ls\n");
    opk_buf_append_fill(&bytes, 'a', OPK_COMMAND_TEXT_MAX);
    opk_buf_append_cstr(&bytes, "\n");
    opk_buf_append_fill(&bytes, 'b', OPK_COMMAND_TEXT_MAX + 1);
    opk_buf_append_cstr(&bytes, "\nlast\n");
    assert_int_equal(opk_stream_open_bytes(opk_buf_str(&bytes), &stream, &err), OPK_OK);
    assert_int_equal(
        opk_transcript_open_stream(stream, "in", &opk_reader_commands, &transcript, &err), OPK_OK);
    assert_int_equal(opk_transcript_next(transcript, &command, &err), OPK_OK);
    assert_int_equal(opk_transcript_more(transcript, texts, 8), 1);
    assert_int_equal(texts[0].len, OPK_COMMAND_TEXT_MAX);
    assert_int_equal(opk_transcript_more(transcript, texts, 8), 0);
    assert_int_equal(opk_transcript_next(transcript, &command, &err), OPK_OK);
    assert_int_equal(command.text.len, OPK_COMMAND_TEXT_MAX);
    assert_true(command.flags & (unsigned)OPK_COMMAND_TRUNCATED);
    assert_int_equal(command.at, 3);
    opk_transcript_free(transcript);
    opk_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compressions),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_several_problems), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_long_text),
    };

    return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
