#include "support/support.h"

#include "base/out.h"
#include "ingest/readers.h"
#include "ingest/stream.h"

#define S(lit)  OPK_STR_INIT(lit)
#define PROMPT  "[me@box src]$ "
#define HEADER2 "{\"version\": 2, \"width\": 80, \"height\": 24, \"timestamp\": 1700000000}\n"
#define HEADER3 "{\"version\": 3, \"term\": {\"cols\": 80, \"rows\": 24}}\n"
#define STARTED                                                                                    \
    "Script started on 2024-05-01 13:07:35+03:00 [TERM=\"xterm\" COLUMNS=\"80\" LINES=\"24\"]\n"
#define DONE "\nScript done on 2024-05-01 13:08:35+03:00 [COMMAND_EXIT_CODE=\"3\"]\n"

static const struct capture_case {
    const char *name;
    const struct opk_reader *reader;
    struct opk_str input;
    const char *want; /* commands, escaped, each with a '|' behind */
    unsigned notes;   /* told on the way */
} CASES[] = {
    {"version 2", &opk_reader_asciicast,
     S(HEADER2 "[0.1, \"o\", \"" PROMPT "\"]\n[0.5, \"o\", \"l\"]\n[0.6, \"o\", \"s\\r\\n\"]\n"),
     "ls|", 0},
    {"an escape and a character over two events", &opk_reader_asciicast,
     S(HEADER2 "[0.1, \"o\", \"\\u001b[3\"]\n[0.1, \"o\", \"2m" PROMPT "\"]\n"
               "[0.5, \"o\", \"echo \\u00e9\\r\\n\"]\n"),
     "echo \xC3\xA9|", 0},
    {"input, markers, blank lines, unknown codes", &opk_reader_asciicast,
     S(HEADER2 "\n[0.1, \"o\", \"" PROMPT "\"]\n[0.2, \"i\", \"secret\"]\n[0.2, \"m\", \"x\"]\n"
               "[0.2, \"?\", 1]\n[0.5, \"o\", \"ls\\r\\n\"]\n"),
     "ls|", 0},
    {"damage is told once", &opk_reader_asciicast,
     S(HEADER2 "[0.1, \"o\", \"" PROMPT "\"]\n[0.2\n{}\n[0.5, \"o\", \"ls\\r\\n\"]\n[0.6, \"o\""),
     "ls|", 1},
    {"a resize", &opk_reader_asciicast,
     S(HEADER2 "[0.1, \"r\", \"20x10\"]\n"
               "[0.2, \"o\", \"" PROMPT "aaaaaa \\r\\u001b[A\\u001b[14CX\\n\\r\\n\"]\n"),
     "Xaaaaa|", 0},
    {"version 3", &opk_reader_asciicast,
     S("# a comment\n" HEADER3 "# another\n[0.1, \"o\", \"" PROMPT
       "\"]\n[0.5, \"o\", \"ls\\r\\n\"]\n"
       "[0.1, \"x\", \"7\"]\n"),
     "ls|", 0},
    {"version 1", &opk_reader_asciicast,
     S("{\n  \"width\": 80,\n  \"stdout\": [\n    [0.1, \"" PROMPT
       "\"],\n    [0.5, \"ls\\r\\n\"]\n  ],\n"
       "  \"version\": 1\n}\n"),
     "ls|", 0},
    {"typescript", &opk_reader_typescript,
     S(STARTED PROMPT "ls\r\na\r\n" PROMPT "pwd\r\n/\r\n" DONE), "ls|pwd|", 0},
    {"an old header, no footer", &opk_reader_typescript,
     S("Script started on Fri 19 May 2017 03:56:41 PM CDT\n" PROMPT "ls\r\na\r\n"), "ls|", 0},
    {"a header in another language", &opk_reader_typescript,
     S("Skript gestartet um 13:07 [TERM=\"xterm\" COLUMNS=\"80\" LINES=\"24\"]\n" PROMPT "ls\r\n"),
     "ls|", 0},
    {"recordings appended", &opk_reader_typescript,
     S(STARTED PROMPT "ls\r\n" DONE STARTED PROMPT "pwd\r\n" DONE), "ls|pwd|", 0},
    {"a footer that was only printed", &opk_reader_typescript,
     S(STARTED PROMPT "cat x\r\nScript done on Monday\r\nmore\r\n" PROMPT "ls\r\n" DONE),
     "cat x|ls|", 0},
    {"a line still edited when script ended", &opk_reader_typescript,
     S(STARTED PROMPT "ls\r\n" PROMPT "mak" DONE), "ls|", 0},
    {"lost carriage returns", &opk_reader_typescript, S(PROMPT "ls\na b\n" PROMPT "pwd\n"),
     "ls|pwd|", 0},
    {"nothing", &opk_reader_typescript, S(""), "", 0},
    {"raw output", &opk_reader_terminal, S(PROMPT "ls\r\na\r\n" PROMPT "pwd\r\n"), "ls|pwd|", 0},
};

static void count_note(void *context, const struct opk_err *err)
{
    unsigned *notes = context;

    (void)err;
    (*notes)++;
}

/* Append the commands of an input to out, and count what is told on the way. */
static enum opk_status read_all(const struct opk_reader *reader, struct opk_str input, size_t cut,
                                struct opk_buf *out, unsigned *out_notes)
{
    unsigned notes = 0;
    struct opk_stream *stream;
    struct opk_command command;
    struct opk_err err;
    void *state = NULL;

    assert_int_equal(opk_stream_open_cut(input, cut, NULL, &stream, &err), OPK_OK);
    const struct opk_input opened = {
        .path = OPK_STR("x"), .stream = stream, .notes = {count_note, &notes}};
    enum opk_status status = reader->open(&opened, &state, &err);
    while (status == OPK_OK) {
        status = reader->next(state, &command, &err);
        if (status == OPK_OK) {
            opk_out_line(out, command.text);
            opk_buf_append_byte(out, '|');
        }
    }
    reader->close(state);
    opk_stream_free(stream);
    *out_notes = notes;
    return status;
}

static void test_commands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (size_t cut = 1; cut <= CASES[i].input.len + 1; cut++) {
            struct opk_buf got = OPK_BUF_EMPTY;
            unsigned notes = 0;
            assert_int_equal(read_all(CASES[i].reader, CASES[i].input, cut, &got, &notes), OPK_END);
            opk_assert_str(CASES[i].name, opk_buf_str(&got), opk_str_of(CASES[i].want));
            if (notes != CASES[i].notes)
                fail_msg("%s: %u notes", CASES[i].name, notes);
            opk_buf_done(&got);
        }
    }
}

static void test_refused(void **state)
{
    static const struct opk_str INPUTS[] = {
        S("{\"version\": 4, \"width\": 80, \"height\": 24}\n[1, \"o\", \"x\"]\n"),
        S("{\"version\": 0}\n"),
        S("no header\n"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(INPUTS) / sizeof(INPUTS[0]); i++) {
        struct opk_buf got = OPK_BUF_EMPTY;
        unsigned notes = 0;
        const enum opk_status status =
            read_all(&opk_reader_asciicast, INPUTS[i], INPUTS[i].len, &got, &notes);
        assert_int_equal(status, i < 2 ? OPK_E_UNSUPPORTED : OPK_E_SYNTAX);
        opk_buf_done(&got);
    }
}

static void test_fields(void **state)
{
    static const struct opk_str INPUT =
        S("{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1700000000,"
          "\"env\":{\"SHELL\":\"/usr/bin/zsh\"}}\n"
          "[1, \"o\", \"" PROMPT "\"]\n[2.5, \"o\", \"ls\\r\\n\"]\n[3, \"o\", \"a\\r\\n\"]\n"
          "[3.5, \"o\", \"" PROMPT "\"]\n");
    struct opk_stream *stream;
    struct opk_command command;
    struct opk_err err;
    void *cast;

    (void)state;
    assert_int_equal(opk_stream_open_bytes(INPUT, &stream, &err), OPK_OK);
    const struct opk_input input = {.path = OPK_STR("a.cast"), .stream = stream};
    assert_int_equal(opk_reader_asciicast.open(&input, &cast, &err), OPK_OK);
    assert_int_equal(opk_reader_asciicast.next(cast, &command, &err), OPK_OK);
    opk_assert_str("text", command.text, OPK_STR("ls"));
    opk_assert_str("shell", command.shell, OPK_STR("zsh"));
    opk_assert_str("source", command.source, OPK_STR("a.cast"));
    assert_true(command.time == INT64_C(1700000002500));
    assert_int_equal(command.duration, 1000);
    assert_int_equal(command.output_bytes, 3);
    assert_int_equal(command.ordinal, 1);
    assert_int_equal(command.at, 3);
    assert_int_equal(opk_reader_asciicast.next(cast, &command, &err), OPK_END);
    opk_reader_asciicast.close(cast);
    opk_stream_free(stream);
}

static void test_sniff(void **state)
{
    static const struct {
        const char *name;
        struct opk_str head;
        const char *path;
        const struct opk_reader *want; /* of the three, or NULL */
    } HEADS[] = {
        {"version 2", S(HEADER2), "x", &opk_reader_asciicast},
        {"version 3", S(HEADER3), "x", &opk_reader_asciicast},
        {"version 1", S("{\n\"version\": 1, \"stdout\": []}"), "x", &opk_reader_asciicast},
        {"version 1, cut", S("{\"version\": 1, \"stdout\": [[0.1, \"a"), "x",
         &opk_reader_asciicast},
        {"deeper keys", S("{\"a\": {\"version\": 1, \"stdout\": []}}\n"), "x", NULL},
        {"keys of the second line", S("{\"a\": 1}\n{\"version\": 1, \"stdout\": 2}\n"), "x", NULL},
        {"another object", S("{\"version\": 2, \"a\": 1}\n"), "x", NULL},
        {"a header", S(STARTED), "x", &opk_reader_typescript},
        {"a name", S(PROMPT "ls\n"), "a/typescript", &opk_reader_typescript},
        {"escapes", S("\x1b[1ma\x1b[0m\r\n\x1b[1mb\x1b[0m\r\n"), "x", &opk_reader_terminal},
        {"a binary",
         S("\x7f"
           "ELF\0\x1b[1m\x1b[1m\x1b[1m\x1b[1m\x1b[1m"),
         "x", NULL},
        {"text", S("hello\n"), "x", NULL},
        {"nothing", S(""), "typescript", NULL},
    };
    static const struct opk_reader *const READERS[] = {
        &opk_reader_asciicast, &opk_reader_typescript, &opk_reader_terminal};

    (void)state;
    for (size_t i = 0; i < sizeof(HEADS) / sizeof(HEADS[0]); i++) {
        const struct opk_reader *got = NULL;
        for (size_t j = 0; j < 3 && !got; j++)
            got = READERS[j]->sniff(HEADS[i].head, opk_str_of(HEADS[i].path)) ? READERS[j] : NULL;
        if (got != HEADS[i].want)
            fail_msg("%s: %s", HEADS[i].name, got ? got->name : "nothing");
    }
}

#define RECORD_MAX ((size_t)1 << 20) /* as read_ttyrec.c has it */

static void put_number(struct opk_buf *out, size_t number, bool is_swapped)
{
    for (unsigned i = 0; i < 4; i++)
        opk_buf_append_byte(out, (char)(number >> (is_swapped ? 24 - 8 * i : 8 * i)));
}

static void put_record(struct opk_buf *out, size_t seconds, struct opk_str bytes, bool is_swapped)
{
    put_number(out, seconds, is_swapped);
    put_number(out, 250000, is_swapped);
    put_number(out, bytes.len, is_swapped);
    opk_buf_append(out, bytes);
}

static void put_session(struct opk_buf *out, size_t seconds, bool is_swapped)
{
    opk_buf_clear(out);
    put_record(out, seconds, OPK_STR(PROMPT), is_swapped);
    put_record(out, seconds + 1, OPK_STR("ls\r\n"), is_swapped);
    put_record(out, seconds + 1, OPK_STR(""), is_swapped);
    put_record(out, seconds + 2, OPK_STR("a\r\n" PROMPT "pw"), is_swapped);
    put_record(out, seconds + 3, OPK_STR("d\r\n"), is_swapped);
}

static void check_ttyrec(const char *name, struct opk_str input, size_t cut, const char *want,
                         enum opk_status end)
{
    struct opk_buf got = OPK_BUF_EMPTY;
    unsigned notes;

    if (read_all(&opk_reader_ttyrec, input, cut, &got, &notes) != end)
        fail_msg("%s, cut %zu: another end", name, cut);
    opk_assert_str(name, opk_buf_str(&got), opk_str_of(want));
    opk_buf_done(&got);
}

/* Either order of bytes, any cut of the input, and a recording that ends anywhere. */
static void test_ttyrec(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;

    (void)state;
    for (unsigned swapped = 0; swapped < 2; swapped++) {
        put_session(&bytes, 1700000000, swapped == 1);
        const struct opk_str whole = opk_buf_str(&bytes);
        assert_true(opk_reader_ttyrec.sniff(whole, OPK_STR("x")));
        for (size_t cut = 1; cut <= whole.len; cut++)
            check_ttyrec("whole", whole, cut, "ls|pwd|", OPK_END);
        check_ttyrec("a header cut short", opk_str_slice(whole, 0, whole.len - 7), SIZE_MAX, "ls|",
                     OPK_E_SYNTAX);
        check_ttyrec("a record cut short", opk_str_slice(whole, 0, whole.len - 1), SIZE_MAX, "ls|",
                     OPK_E_SYNTAX);
    }
    check_ttyrec("nothing", OPK_STR(""), SIZE_MAX, "", OPK_END);
    opk_buf_done(&bytes);
}

static void test_ttyrec_limit(void **state)
{
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_buf output = OPK_BUF_EMPTY;

    (void)state;
    for (size_t over = 0; over < 2; over++) {
        put_session(&bytes, 1700000000, false);
        opk_buf_clear(&output);
        for (size_t i = 0; i < RECORD_MAX + over; i++)
            opk_buf_append_byte(&output, i % 50 == 49 ? '\n' : 'x');
        put_record(&bytes, 1700000009, opk_buf_str(&output), false);
        check_ttyrec("a long record", opk_buf_str(&bytes), SIZE_MAX, "ls|pwd|",
                     over ? OPK_E_SYNTAX : OPK_END);
    }
    opk_buf_done(&output);
    opk_buf_done(&bytes);
}

static void test_ttyrec_fields(void **state)
{
    static const struct {
        size_t seconds;
        int64_t time;
    } CLOCKS[] = {{1700000000, INT64_C(1700000001250)}, {5, OPK_UNKNOWN}};
    struct opk_buf bytes = OPK_BUF_EMPTY;
    struct opk_command command;
    struct opk_stream *stream;
    struct opk_err err;
    void *ttyrec;

    (void)state;
    for (size_t i = 0; i < sizeof(CLOCKS) / sizeof(CLOCKS[0]); i++) {
        put_session(&bytes, CLOCKS[i].seconds, false);
        assert_int_equal(opk_stream_open_bytes(opk_buf_str(&bytes), &stream, &err), OPK_OK);
        const struct opk_input input = {.path = OPK_STR("a.ttyrec"), .stream = stream};
        assert_int_equal(opk_reader_ttyrec.open(&input, &ttyrec, &err), OPK_OK);
        assert_int_equal(opk_reader_ttyrec.next(ttyrec, &command, &err), OPK_OK);
        opk_assert_str("text", command.text, OPK_STR("ls"));
        assert_true(command.time == CLOCKS[i].time);
        assert_int_equal(command.at, 2);
        opk_reader_ttyrec.close(ttyrec);
        opk_stream_free(stream);
    }
    opk_buf_done(&bytes);
}

static void test_ttyrec_sniff(void **state)
{
    static const struct {
        const char *name;
        struct opk_str head;
        bool is_one;
    } HEADS[] = {
        {"one record, whole", S("\x05\0\0\0\x01\0\0\0\x02\0\0\0ab"), true},
        {"one record, cut off", S("\x05\0\0\0\x01\0\0\0\x03\0\0\0ab"), false},
        {"zeros", S("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false},
        {"microseconds of a second", S("\x05\0\0\0\x40\x42\x0F\0\x02\0\0\0ab"), false},
        {"bytes behind the last record", S("\x05\0\0\0\x01\0\0\0\x02\0\0\0abc"), false},
        {"text", S("ls -l\ncd /tmp\nmake all\ngit status\n"), false},
        {"nothing", S(""), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(HEADS) / sizeof(HEADS[0]); i++) {
        if (opk_reader_ttyrec.sniff(HEADS[i].head, OPK_STR("x")) != HEADS[i].is_one)
            fail_msg("%s", HEADS[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_fields),        cmocka_unit_test(test_sniff),
        cmocka_unit_test(test_ttyrec),        cmocka_unit_test(test_ttyrec_limit),
        cmocka_unit_test(test_ttyrec_fields), cmocka_unit_test(test_ttyrec_sniff),
    };

    return cmocka_run_group_tests_name("captures", tests, NULL, NULL);
}
