#include "support/records.h"

#include "ingest/claude_record.h"
#include "ingest/readers.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    struct opk_str line;
    bool matters;
} LINES[] = {
    {"a call", OPK_STR_INIT("{\"message\":{\"content\":[{\"type\":\"tool_use\"}]}}"), true},
    {"a result", OPK_STR_INIT("{\"message\":{\"content\":[{\"tool_use_id\":\"a\"}]}}"), true},
    {"what a user ran", OPK_STR_INIT("{\"message\":{\"content\":\"<bash-input>ls\"}}"), true},
    {"a type spelled with an escape", OPK_STR_INIT("{\"type\":\"tool\\u005fuse\"}"), true},
    {"a key spelled with an escape", OPK_STR_INIT("{\"t\\u006fol_use_id\":\"a\"}"), true},
    {"any letter spelled with an escape", OPK_STR_INIT("{\"text\":\"\\u003c\"}"), true},
    {"a colour", OPK_STR_INIT("{\"text\":\"\\u001b[0m\\u0000\\u00e9\\u2192\"}"), false},
    {"tokens of a server's tool", OPK_STR_INIT("{\"usage\":{\"server_tool_use\":0}}"), false},
    {"a text that speaks of calls", OPK_STR_INIT("{\"text\":\"\\\"tool_use\\\"\"}"), true},
    {"another text that does", OPK_STR_INIT("{\"text\":\"a tool_use\"}"), false},
    {"an escape cut short", OPK_STR_INIT("{\"text\":\"\\u00"), false},
    {"nothing", OPK_STR_INIT(""), false},
};

static void test_may_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
        if (opk_claude_may_matter(LINES[i].line) != LINES[i].matters)
            fail_msg("%s", LINES[i].name);
    }
}

/* What the lines below are made of is mutated: whatever comes of it, skipping must lose nothing. */
static const char *const SEEDS[] = {
    "{\"type\":\"assistant\",\"sessionId\":\"s\",\"message\":{\"content\":[{\"type\":\"tool_use\","
    "\"id\":\"a\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\\t-l\"}}]},\"uuid\":\"u\"}\n",
    "{\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\",\"content\":"
    "\"one\\ntwo\"}]},\"toolUseResult\":{\"stdout\":\"one\\ntwo\",\"stderr\":\"\"}}\n",
    "{\"uuid\":\"v\",\"message\":{\"role\":\"user\",\"content\":\"<bash-input>make</"
    "bash-input>\"}}\n",
    "{\"data\":{\"message\":{\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"b\","
    "\"name\":\"Read\",\"input\":{\"path\":\"x\"}}]}}},\"type\":\"progress\"}\n",
    "{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a \\\"tool\\\" and tool_use\"}]}}\n",
};

static unsigned below(uint64_t *chance, size_t limit)
{
    *chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*chance >> 33) % limit);
}

static void mutate(struct opk_buf *text, uint64_t *chance)
{
    static const char BYTES[] = "\"\\{}[],:u_e<t0 \n";
    const size_t at = below(chance, text->len);
    char escape[8];

    switch (below(chance, 4)) {
    case 0:
        (void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)text->data[at]);
        opk_buf_splice(text, at, at + 1, opk_str_of(escape));
        break;
    case 1:
        opk_buf_splice(text, at, at + 1, OPK_STR_EMPTY);
        break;
    case 2:
        text->data[at] = BYTES[below(chance, sizeof(BYTES) - 1)];
        break;
    default: {
        /* One of the letters that a call is known by. */
        static const struct opk_str WORDS[] = {OPK_STR_INIT("tool_use"),
                                               OPK_STR_INIT("<bash-input>")};
        const struct opk_str word = WORDS[below(chance, 2)];
        const size_t begin = opk_str_find(opk_buf_str(text), word, at);
        if (begin == OPK_NPOS)
            break;
        const size_t letter = begin + below(chance, word.len);
        (void)snprintf(escape, sizeof(escape), "\\u%04X", (unsigned char)text->data[letter]);
        opk_buf_splice(text, letter, letter + 1, opk_str_of(escape));
        break;
    }
    }
}

/* The same records, each with a member that makes it matter and means nothing. */
static void make_matter(struct opk_str text, struct opk_buf *out)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    opk_buf_clear(out);
    while (opk_split_next(&lines, &line)) {
        if (opk_str_starts(line, OPK_STR("{\""))) {
            opk_buf_append_cstr(out, "{\"zz\":\"\\u0041\",");
            line = opk_str_skip(line, 1);
        }
        opk_buf_append(out, line);
        opk_buf_append_byte(out, '\n');
    }
}

/* The records alone: damage is worded as it is found. */
static void read_records(struct opk_str text, struct opk_buf *out)
{
    opk_buf_clear(out);
    opk_records(text, SIZE_MAX, &opk_reader_claude_code, out);
    size_t problem = opk_str_find(opk_buf_str(out), OPK_STR("problem: "), 0);
    if (problem != OPK_NPOS)
        opk_buf_truncate(out, problem);
}

static unsigned count_skipped(struct opk_str text)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;
    unsigned count = 0;

    while (opk_split_next(&lines, &line))
        count += line.len > 0 && !opk_claude_may_matter(line);
    return count;
}

static void test_skipping_loses_nothing(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf whole = OPK_BUF_EMPTY;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_buf want = OPK_BUF_EMPTY;
    uint64_t chance = 1;
    unsigned skipped = 0;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        opk_buf_clear(&text);
        for (size_t i = 0; i < sizeof(SEEDS) / sizeof(SEEDS[0]); i++)
            opk_buf_append_cstr(&text, SEEDS[i]);
        for (unsigned i = below(&chance, 6); i > 0; i--)
            mutate(&text, &chance);
        make_matter(opk_buf_str(&text), &whole);
        read_records(opk_buf_str(&text), &got);
        read_records(opk_buf_str(&whole), &want);
        opk_assert_str("skipped records", opk_buf_str(&got), opk_buf_str(&want));
        skipped += count_skipped(opk_buf_str(&text));
    }
    assert_true(skipped > 10000);
    opk_buf_done(&text);
    opk_buf_done(&whole);
    opk_buf_done(&got);
    opk_buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_may_matter),
        cmocka_unit_test(test_skipping_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
