#include "support/records.h"

#include "ingest/claude_record.h"
#include "ingest/lines.h"
#include "ingest/read_claude.h"
#include "ingest/readers.h"

#include <stdio.h>
#include <string.h>

#define USE(id, at, input)                                                                         \
    "{\"type\":\"assistant\",\"sessionId\":\"s\",\"cwd\":\"/"                                      \
    "w\",\"timestamp\":\"2026-01-01T00:00:" at                                                     \
    "Z\",\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"" id                            \
    "\",\"name\":\"Bash\",\"input\":" input "}]}}\n"
#define RESULT(id, at, fields)                                                                     \
    "{\"type\":\"user\",\"sessionId\":\"s\",\"timestamp\":\"2026-01-01T00:00:" at                  \
    "Z\",\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\"," fields   \
    "}]}}\n"
#define RESULT_MORE(id, at, fields, result)                                                        \
    "{\"toolUseResult\":" result ",\"type\":\"user\",\"timestamp\":\"2026-01-01T00:00:" at         \
    "Z\",\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\"," fields   \
    "}]}}\n"
#define LS   "{\"command\":\"ls\"}"
#define SAID " session=s cwd=/w"

static const struct {
    const char *name;
    struct opk_str text;
    const char *want;
} CASES[] = {
    {"a call without a result", OPK_STR_INIT(USE("a", "00", LS)),
     "1 ls id=a" SAID " time=1767225600000\n"},
    {"a call and its result",
     OPK_STR_INIT(USE("a", "00", LS) RESULT("a", "02.5", "\"content\":\"x\\u00e9\\n\"")),
     "1 ls id=a" SAID " time=1767225600000 took=2500 exit=0 out=4\n"},
    {"results in another order, commands in theirs",
     OPK_STR_INIT(USE("a", "00", "{\"command\":\"one\\ntwo\"}") USE("b", "01", LS)
                      RESULT("b", "02", "\"content\":\"\"") RESULT("a", "03", "\"content\":\"\"")),
     "1 one\\ntwo id=a" SAID " time=1767225600000 took=3000 exit=0 out=0\n"
     "2 ls id=b" SAID " time=1767225601000 took=1000 exit=0 out=0\n"},
    {"streams apart",
     OPK_STR_INIT(USE("a", "00", LS)
                      RESULT_MORE("a", "01", "\"content\":\"shown\",\"is_error\":false",
                                  "{\"stdout\":\"abc\",\"stderr\":\"de\",\"interrupted\":false}")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 exit=0 out=5\n"},
    {"interrupted",
     OPK_STR_INIT(USE("a", "00", LS)
                      RESULT_MORE("a", "01", "\"content\":\"\",\"is_error\":false",
                                  "{\"stdout\":\"\",\"stderr\":\"\",\"interrupted\":true}")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 out=0\n"},
    {"a status that is only interpreted",
     OPK_STR_INIT(USE("a", "00", LS)
                      RESULT_MORE("a", "01", "\"content\":\"\",\"is_error\":false",
                                  "{\"stdout\":\"\",\"stderr\":\"\",\"returnCodeInterpretation\":"
                                  "\"No matches found\"}")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 out=0\n"},
    {"exit code",
     OPK_STR_INIT(USE("a", "00", LS) RESULT_MORE(
         "a", "01", "\"content\":\"Exit code 127\\nno ls\",\"is_error\":true",
         "\"Error: Exit code 127\\nno ls\"")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 exit=127 out=5\n"},
    {"exit code in a list of blocks",
     OPK_STR_INIT(USE("a", "00", LS) RESULT(
         "a", "01",
         "\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"Error: Exit code 2\"}]")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 exit=2 out=0\n"},
    {"an error without a code",
     OPK_STR_INIT(USE("a", "00", LS) RESULT("a", "01", "\"content\":\"odd\",\"is_error\":true")),
     "1 ls id=a" SAID " time=1767225600000 took=1000 out=3\n"},
    {"rejected",
     OPK_STR_INIT(USE("a", "00", LS) RESULT(
         "a", "01", "\"content\":\"The user doesn't want to proceed with it\",\"is_error\":true")),
     "1 ls id=a" SAID " flags=1 time=1767225600000\n"},
    {"not run",
     OPK_STR_INIT(USE("a", "00", LS) RESULT(
         "a", "01", "\"content\":\"Sibling tool call errored\",\"is_error\":true")),
     "1 ls id=a" SAID " flags=2 time=1767225600000\n"},
    {"background by its input",
     OPK_STR_INIT(USE("a", "00", "{\"command\":\"ls\",\"run_in_background\":true}")
                      RESULT("a", "01", "\"content\":\"\"")),
     "1 ls id=a" SAID " flags=4 time=1767225600000\n"},
    {"background by its result",
     OPK_STR_INIT(USE("a", "00", LS) RESULT(
         "a", "01", "\"content\":\"Command running in background with ID: b1\"")),
     "1 ls id=a" SAID " flags=4 time=1767225600000\n"},
    {"repeated", OPK_STR_INIT(USE("a", "00", LS) USE("a", "01", LS)),
     "1 ls id=a" SAID " time=1767225600000\n"},
    {"another tool",
     OPK_STR_INIT("{\"sessionId\":\"s\",\"isSidechain\":true,\"message\":{\"content\":[{\"type\":"
                  "\"tool_use\",\"id\":\"a\",\"name\":\"Read\",\"input\":{\"file_path\": "
                  "\"/x\\n\"}}]}}\n" RESULT("a", "01", "\"content\":\"12345\"")),
     "1 {\"file_path\": \"/x\\\\n\"} tool=Read id=a session=s flags=8 out=5\n"},
    {"a sub-agent's call in a progress record",
     OPK_STR_INIT(
         "{\"type\":\"progress\",\"sessionId\":\"s\",\"data\":{\"type\":\"agent_progress\","
         "\"message\":{\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"a\","
         "\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}]}}}}\n"),
     "1 ls id=a session=s flags=8\n"},
    {"stream-json",
     OPK_STR_INIT(
         "{\"type\":\"assistant\",\"session_id\":\"t\",\"parent_tool_use_id\":null,"
         "\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":"
         "\"tool_use\",\"id\":\"a\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}]}}\n"),
     "1 ls id=a session=t flags=32\n"},
    {"started by a program",
     OPK_STR_INIT(
         "{\"sessionId\":\"s\",\"entrypoint\":\"sdk-py\",\"message\":{\"content\":[{\"type\":"
         "\"tool_use\",\"id\":\"a\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}]}}\n"),
     "1 ls id=a session=s flags=32\n"},
    {"a list among the blocks",
     OPK_STR_INIT("{\"message\":{\"content\":[[\"x\"],{\"type\":\"tool_use\",\"id\":\"a\",\"name\":"
                  "\"Bash\",\"input\":{\"command\":\"ls\"}}]}}\n"),
     "1 ls id=a\n"},
    {"typed by the user",
     OPK_STR_INIT("{\"type\":\"user\",\"uuid\":\"u\",\"message\":{\"content\":\"<bash-input>git "
                  "status</bash-input>\"}}\n{\"type\":\"user\",\"message\":{\"content\":[{\"type\":"
                  "\"text\",\"text\":\"<bash-input>w</bash-input>\"}]}}\n"),
     "1 git status id=u\n2 w\n"},
    {"two records on a line", OPK_STR_INIT("{\"type\":\"x_use\"}" USE("a", "00", LS)),
     "1 ls id=a" SAID " time=1767225600000\n"},
    {"a record cut where the next begins",
     OPK_STR_INIT("{\"type\":\"user\",\"uuid\":\"12" USE("a", "00", LS)),
     "1 ls id=a" SAID " time=1767225600000\nproblem: in:1: ',' or a closing bracket is missing\n"},
    {"the last line cut",
     OPK_STR_INIT(USE("a", "00", LS) "{\"message\":{\"content\":[{\"type\":\"tool_use\",\"na"),
     "1 ls id=a" SAID " time=1767225600000\nproblem: in:2: string without an end\n"},
    {"the last line cut before it says anything", OPK_STR_INIT(USE("a", "00", LS) "{\"mess"),
     "1 ls id=a" SAID " time=1767225600000\nproblem: in:2: a record does not end\n"},
    {"zero bytes at the end", OPK_STR_INIT(USE("a", "00", LS) "\0\0\0\0"),
     "1 ls id=a" SAID " time=1767225600000\n"},
    {"an empty command is a tool's call", OPK_STR_INIT(USE("a", "00", "{\"command\":7}")),
     "1 {\"command\":7} tool=Bash id=a" SAID " time=1767225600000\n"},
    {"fields of other kinds",
     OPK_STR_INIT("{\"message\":\"tool_use\"}\n{\"message\":{\"content\":"
                  "{\"a\":\"tool_use\"}}}\n[\"tool_use\"]\n"),
     ""},
};

static void test_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        opk_assert_records(CASES[i].name, CASES[i].text, &opk_reader_claude_code, CASES[i].want);
}

/* The first call waits; count more come, each with its result; then the first one's result. */
static void append_calls(struct opk_buf *text, size_t count)
{
    opk_buf_clear(text);
    opk_buf_append_cstr(text, USE("first", "00", LS));
    for (size_t i = 0; i < count; i++)
        opk_buf_printf(text,
                       "{\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"t%zu\",\"name\":"
                       "\"Bash\",\"input\":{\"command\":\"c%zu\"}}]}}\n",
                       i, i);
    opk_buf_append_cstr(text, RESULT("first", "01", "\"content\":\"\""));
}

static void test_waiting_limit(void **state)
{
    static const char KNOWN[] = "1 ls id=first" SAID " time=1767225600000 took=1000 exit=0 out=0\n";
    static const char UNKNOWN[] = "1 ls id=first" SAID " time=1767225600000\n";
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    append_calls(&text, OPK_CLAUDE_WAITING_MAX - 2);
    opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
    assert_true(opk_str_starts(opk_buf_str(&got), opk_str_of(KNOWN)));

    append_calls(&text, OPK_CLAUDE_WAITING_MAX - 1);
    opk_buf_clear(&got);
    opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
    assert_true(opk_str_starts(opk_buf_str(&got), opk_str_of(UNKNOWN)));
    assert_true(opk_str_find(opk_buf_str(&got), OPK_STR("\n1024 c1022 id=t1022\n"), 0) != OPK_NPOS);
    opk_buf_done(&text);
    opk_buf_done(&got);
}

static void append_bash(struct opk_buf *text, size_t number, size_t len)
{
    opk_buf_printf(text,
                   "{\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"t%03zu\",\"name\":"
                   "\"Bash\",\"input\":{\"command\":\"",
                   number);
    opk_buf_append_fill(text, 'c', len);
    opk_buf_append_cstr(text, "\"}}]}}\n");
}

/* The texts that wait come to the limit, or one byte past it; then the first call's result. */
static void test_held_limit(void **state)
{
    static const char KNOWN[] = "1 ls id=first" SAID " time=1767225600000 took=1000 exit=0 out=0\n";
    static const char UNKNOWN[] = "1 ls id=first" SAID " time=1767225600000\n";
    const size_t len = 65000;
    const size_t first = 10; /* ls, first, s, /w */
    const size_t other = 6;  /* the id, and the path for a session */
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    for (size_t past = 0; past <= 1; past++) {
        size_t left = OPK_CLAUDE_HELD_MAX - first + past;
        size_t number = 0;
        opk_buf_clear(&text);
        opk_buf_append_cstr(&text, USE("first", "00", LS));
        for (; left > len + 2 * other; left -= len + other)
            append_bash(&text, number++, len);
        append_bash(&text, number, left - other);
        opk_buf_append_cstr(&text, RESULT("first", "01", "\"content\":\"\""));
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
        assert_true(opk_str_starts(opk_buf_str(&got), opk_str_of(past ? UNKNOWN : KNOWN)));
    }
    opk_buf_done(&text);
    opk_buf_done(&got);
}

/* A record of size bytes that holds one call and a long text beside it. */
static void long_record(struct opk_buf *text, size_t size)
{
    static const char BEGIN[] = "{\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"a\","
                                "\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}]},\"pad\":\"";
    static const char END[] = "\"}";

    opk_buf_clear(text);
    opk_buf_append_cstr(text, BEGIN);
    opk_buf_append_fill(text, 'x', size - strlen(BEGIN) - strlen(END));
    opk_buf_append_cstr(text, END);
    opk_buf_append_cstr(text, "\n" USE("b", "00", LS));
}

static void test_record_limit(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    long_record(&text, OPK_CLAUDE_RECORD_MAX);
    opk_records(opk_buf_str(&text), (size_t)1 << 20, &opk_reader_claude_code, &got);
    opk_assert_str("at the limit", opk_buf_str(&got),
                   OPK_STR("1 ls id=a\n2 ls id=b" SAID " time=1767225600000\n"));
    long_record(&text, OPK_CLAUDE_RECORD_MAX + 1);
    opk_buf_clear(&got);
    opk_records(opk_buf_str(&text), (size_t)1 << 20, &opk_reader_claude_code, &got);
    opk_assert_str("past the limit", opk_buf_str(&got),
                   OPK_STR("2 ls id=b" SAID " time=1767225600000\n"
                           "problem: in:1: a line of more than 67108864 bytes is passed over\n"));
    opk_buf_done(&text);
    opk_buf_done(&got);
}

static void test_id_limit(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    for (size_t len = OPK_CLAUDE_ID_MAX; len <= OPK_CLAUDE_ID_MAX + 1; len++) {
        opk_buf_clear(&text);
        for (int twice = 0; twice < 2; twice++) {
            opk_buf_append_cstr(&text, "{\"message\":{\"content\":[{\"type\":\"tool_use\",\"name\":"
                                       "\"Bash\",\"input\":{\"command\":\"ls\"},\"id\":\"");
            opk_buf_append_fill(&text, 'i', len);
            opk_buf_append_cstr(&text, "\"}]}}\n");
        }
        opk_buf_clear(&got);
        opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
        if (len > OPK_CLAUDE_ID_MAX)
            opk_assert_str("past the limit", opk_buf_str(&got), OPK_STR("1 ls\n2 ls\n"));
        else
            assert_null(strstr(opk_buf_cstr(&got), "\n2 "));
    }
    opk_buf_done(&text);
    opk_buf_done(&got);
}

/* A message of count calls. */
static void many_blocks(struct opk_buf *text, size_t count)
{
    opk_buf_clear(text);
    opk_buf_append_cstr(text, "{\"message\":{\"content\":[");
    for (size_t i = 0; i < count; i++)
        opk_buf_printf(text, "%s{\"type\":\"tool_use\",\"id\":\"%zu\",\"name\":\"X\"}",
                       i > 0 ? "," : "", i);
    opk_buf_append_cstr(text, "]}}\n" USE("last", "00", LS));
}

static void test_block_limit(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    many_blocks(&text, OPK_CLAUDE_BLOCKS_MAX);
    opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
    assert_non_null(strstr(opk_buf_cstr(&got), " id=4095\n2 ls id=last"));
    assert_null(strstr(opk_buf_cstr(&got), "problem"));
    many_blocks(&text, OPK_CLAUDE_BLOCKS_MAX + 1);
    opk_buf_clear(&got);
    opk_records(opk_buf_str(&text), SIZE_MAX, &opk_reader_claude_code, &got);
    assert_non_null(strstr(opk_buf_cstr(&got), " id=4095\n2 ls id=last"));
    assert_non_null(strstr(opk_buf_cstr(&got), "problem: in:1: a message has too many blocks\n"));
    opk_buf_done(&text);
    opk_buf_done(&got);
}

static void test_sniff(void **state)
{
    static const struct {
        const char *head;
        bool want;
    } HEADS[] = {
        {"{\"type\":\"user\",\"sessionId\":\"x\"}\n", true},
        {"{\"type\":\"summary\",\"summary\":\"x\",\"leafUuid\":\"y\"}\n", true},
        {"{\"sessionId\": \"x\", \"type\": \"user\"}\n", true},
        {"{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"x\"}\n", true},
        {"\xEF\xBB\xBF{\"type\":\"user\",\"sessionId\":\"x\"}\n", true},
        {"{\"version\": 2, \"width\": 80, \"height\": 24}\n", false},
        {"{\"timestamp\":\"x\",\"type\":\"session_meta\",\"payload\":{}}\n", false},
        {"[{\"type\":\"user\",\"sessionId\":\"x\"}]", false},
        {"text with \"type\":\"user\" and \"sessionId\":\n", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(HEADS) / sizeof(HEADS[0]); i++) {
        const struct opk_reader *reader = opk_reader_sniff(opk_str_of(HEADS[i].head), OPK_STR("x"));
        if ((reader == &opk_reader_claude_code) != HEADS[i].want)
            fail_msg("%s", HEADS[i].head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),    cmocka_unit_test(test_waiting_limit),
        cmocka_unit_test(test_held_limit), cmocka_unit_test(test_record_limit),
        cmocka_unit_test(test_id_limit),   cmocka_unit_test(test_block_limit),
        cmocka_unit_test(test_sniff),
    };

    return cmocka_run_group_tests_name("claude", tests, NULL, NULL);
}
