#include "support/support.h"

#include "ingest/vt.h"

#define S(lit) OPK_STR_INIT(lit)

/* Every call as text: characters as they are, the rest in brackets. */
static void on_print(void *context, uint32_t code_point)
{
    opk_buf_append_utf8(context, code_point);
}

static void on_control(void *context, unsigned char code)
{
    opk_buf_printf(context, "<%02X>", code);
}

static void on_escape(void *context, char intermediate, char final)
{
    opk_buf_append_cstr(context, "<ESC ");
    if (intermediate)
        opk_buf_append_byte(context, intermediate);
    opk_buf_printf(context, "%c>", final);
}

static void on_csi(void *context, const struct opk_vt_csi *csi)
{
    opk_buf_append_cstr(context, "<CSI ");
    if (csi->prefix)
        opk_buf_append_byte(context, csi->prefix);
    for (unsigned i = 0; i < csi->count; i++)
        opk_buf_printf(context, "%s%u", i ? ";" : "", csi->params[i]);
    if (csi->intermediate)
        opk_buf_append_byte(context, csi->intermediate);
    opk_buf_printf(context, "%c>", csi->final);
}

static void on_osc(void *context, struct opk_str text)
{
    opk_buf_append_cstr(context, "<OSC ");
    opk_buf_append(context, text);
    opk_buf_append_byte(context, '>');
}

static const struct opk_vt_handlers HANDLERS = {on_print, on_control, on_escape, on_csi, on_osc};

static const struct {
    const char *name;
    struct opk_str input;
    struct opk_str want;
} CASES[] = {
    {"text and controls", S("a\tb\r\n"), S("a<09>b<0D><0A>")},
    {"delete is nothing",
     S("a\x7f"
       "b"),
     S("ab")},
    {"parameters", S("\x1b[1;22m"), S("<CSI 1;22m>")},
    {"absent parameters", S("\x1b[;5H\x1b[m"), S("<CSI 0;5H><CSI m>")},
    {"private mode", S("\x1b[?2004h"), S("<CSI ?2004h>")},
    {"intermediate", S("\x1b[6 q\x1b(B"), S("<CSI 6 q><ESC (B>")},
    {"subparameters", S("\x1b[38:5:8m"), S("<CSI 38;5;8m>")},
    {"a parameter saturates", S("\x1b[99999999999C"), S("<CSI 16384C>")},
    {"as many parameters as are kept", S("\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16m"),
     S("<CSI 1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16m>")},
    {"one parameter more is dropped", S("\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17m"),
     S("<CSI 1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16m>")},
    {"a control inside a sequence", S("\x1b[1\r2m"), S("<0D><CSI 12m>")},
    {"CAN drops a sequence", S("\x1b[12\x18m"), S("m")},
    {"ESC restarts a sequence", S("\x1b[1\x1b[2K"), S("<CSI 2K>")},
    {"OSC ends with BEL", S("\x1b]0;title\x07x"), S("<OSC 0;title>x")},
    {"OSC ends with ST", S("\x1b]7;file:///\x1b\\x"), S("<OSC 7;file:///>x")},
    {"OSC keeps UTF-8", S("\x1b]2;\xC3\xA9\x07"), S("<OSC 2;\xC3\xA9>")},
    {"an escape ends an unterminated OSC", S("\x1b]0;abc\x1b[1mx"), S("<CSI 1m>x")},
    {"a newline ends an unterminated OSC", S("\x1b]0;abc\r\nx"), S("<0A>x")},
    {"CAN ends an OSC", S("\x1b]0;abc\x18x"), S("x")},
    {"DCS is skipped", S("\x1bP$q;touch\x1b\\x"), S("x")},
    {"BEL does not end a DCS",
     S("\x1bPa\x07"
       "b\x1b\\x"),
     S("x")},
    {"APC, PM, SOS and screen's title are skipped",
     S("\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\\x1bkd\x1b\\x"), S("x")},
    {"C1 as code points",
     S("\xC2\x9D"
       "0;t\xC2\x9C\xC2\x9B"
       "5Cx"),
     S("<OSC 0;t><CSI 5C>x")},
    {"C1 as bytes",
     S("\x9D"
       "0;t\x9Cx\x9B"
       "2Ky"),
     S("<OSC 0;t>x<CSI 2K>y")},
    {"a continuation byte is no C1", S("\xE2\x9B\x85"), S("\xE2\x9B\x85")},
    {"ill-formed UTF-8", S("a\xFFz\xE2\x82z"), S("a\xEF\xBF\xBDz\xEF\xBF\xBD<ESC B>z")},
    {"a surrogate", S("\xED\xA0\x80"), S("\xEF\xBF\xBD\xEF\xBF\xBD<ESC @>")},
    {"NEL", S("\xC2\x85"), S("<ESC E>")},
};

static void run(struct opk_str input, size_t cut, struct opk_buf *out)
{
    struct opk_vt vt = {0};

    for (size_t at = 0; at < input.len; at += cut)
        opk_vt_push(&vt, &HANDLERS, out, opk_str_slice(input, at, at + cut));
    opk_vt_done(&vt);
}

static void test_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        for (size_t cut = 1; cut <= CASES[i].input.len; cut++) {
            struct opk_buf got = OPK_BUF_EMPTY;
            run(CASES[i].input, cut, &got);
            opk_assert_str(CASES[i].name, opk_buf_str(&got), CASES[i].want);
            opk_buf_done(&got);
        }
    }
}

/* A string of exactly the limit is given, one byte more is dropped, and text goes on behind it. */
static void test_string_limit(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct opk_buf input = OPK_BUF_EMPTY;
        struct opk_buf got = OPK_BUF_EMPTY;
        opk_buf_append_cstr(&input, "\x1b]");
        opk_buf_append_fill(&input, 'a', OPK_VT_STRING_MAX + extra);
        opk_buf_append_cstr(&input, "\x07x");
        run(opk_buf_str(&input), input.len, &got);
        assert_int_equal(got.len, extra ? 1 : OPK_VT_STRING_MAX + sizeof("<OSC >x") - 1);
        assert_true(opk_str_ends(opk_buf_str(&got), OPK_STR("x")));
        opk_buf_done(&input);
        opk_buf_done(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_string_limit),
    };

    return cmocka_run_group_tests_name("vt", tests, NULL, NULL);
}
