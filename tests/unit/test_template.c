#include "support/support.h"

#include "base/template.h"

#include <stdlib.h>
#include <string.h>

/* What a template gives, or how and at which line it fails. Jinja2 itself is the judge of the
 * language in tests/property; here are places, limits and values. */
struct template_case {
    const char *name;
    const char *text;
    const char *want; /* the text, or the message */
    enum opk_status status;
    uint64_t line;
};

static const struct template_case CASES[] = {
    {"text", "a\nb\n", "a\nb", OPK_OK, 0},
    {"undefined name", "a\n\n{{ nope }}", "nope is undefined", OPK_E_INVALID, 3},
    {"undefined key", "{{ card.x.y }}", "card.x is undefined", OPK_E_INVALID, 1},
    {"undefined item", "\n{{ kinds[7] }}", "kinds[7] is undefined", OPK_E_INVALID, 2},
    {"undefined in a block", "{% if yes %}\n{% for k in nope %}\n{% endfor %}{% endif %}",
     "nope is undefined", OPK_E_INVALID, 2},
    {"unknown filter", "\n{{ 1 | lowr }}", "unknown filter 'lowr'", OPK_E_UNSUPPORTED, 2},
    {"unknown test", "{{ 1 is od }}", "unknown test 'od'", OPK_E_UNSUPPORTED, 1},
    {"unknown block", "{% extends 'x' %}", "unknown block 'extends'", OPK_E_UNSUPPORTED, 1},
    {"unknown method", "{{ 'a'.center(9) }}", "unknown method 'center'", OPK_E_UNSUPPORTED, 1},
    {"step of a slice", "{{ kinds[::0] }}", "the step of a slice is 0", OPK_E_INVALID, 1},
    {"no such macro", "\n{{ m(1) }}", "no macro is called m", OPK_E_INVALID, 2},
    {"macro in a loop", "{% for k in kinds %}{% macro x() %}{% endmacro %}{% endfor %}",
     "a macro is read outside of loops and other macros only", OPK_E_UNSUPPORTED, 1},
    {"include without a folder", "{% include 'x' %}", "this template may not include others",
     OPK_E_UNSUPPORTED, 1},
    {"endless macro", "{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}",
     "macros and includes are nested more than 16 levels deep", OPK_E_LIMIT, 2},
    {"unclosed block", "a\n{% if yes %}\nb\n", "elif is expected, but the template ends",
     OPK_E_SYNTAX, 3},
    {"unclosed tag", "a\n\n{{ yes", "this tag has no closing }}", OPK_E_SYNTAX, 3},
    {"unclosed text", "{{ 'a }}", "this string has no closing '", OPK_E_SYNTAX, 1},
    {"unclosed comment", "a\n{# b\n", "this comment has no closing #}", OPK_E_SYNTAX, 2},
    {"unclosed raw", "\n{% raw %}x", "this raw block has no endraw", OPK_E_SYNTAX, 2},
    {"wrong type", "{{ 1 + 'a' }}", "this operator does not take an integer and a string",
     OPK_E_INVALID, 1},
    {"largest integer", "{{ 9223372036854775807 }}", "9223372036854775807", OPK_OK, 0},
    {"integer past 64 bits", "{{ 9223372036854775808 }}",
     "the number 9223372036854775808 does not fit 64 bits", OPK_E_LIMIT, 1},
    {"overflow", "{{ 9223372036854775807 + 1 }}", "the result does not fit 64 bits", OPK_E_LIMIT,
     1},
    {"division of the smallest", "{{ (-9223372036854775807 - 1) // -1 }}",
     "the result does not fit 64 bits", OPK_E_LIMIT, 1},
    {"missing argument", "{{ 'a' | replace('b') }}", "'replace' needs its argument new",
     OPK_E_SYNTAX, 1},
    {"unknown argument", "{{ 'a' | indent(wdth=2) }}", "'indent' does not take an argument wdth",
     OPK_E_SYNTAX, 1},
};

static struct opk_tval sample(struct opk_arena *arena)
{
    struct opk_tval *items = opk_arena_array(arena, 2, sizeof(*items));
    struct opk_tval card;
    struct opk_tval map;

    assert_non_null(items);
    items[0] = opk_tval_string(OPK_STR("OPK-A"));
    items[1] = opk_tval_string(OPK_STR("OPK-B"));
    opk_tval_map_init(&card, arena, 1);
    opk_tval_map_add(&card, OPK_STR("id"), opk_tval_string(OPK_STR("PAT-A")));
    opk_tval_map_init(&map, arena, 3);
    opk_tval_map_add(&map, OPK_STR("card"), card);
    opk_tval_map_add(&map, OPK_STR("kinds"),
                     (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items, .count = 2});
    opk_tval_map_add(&map, OPK_STR("yes"), (struct opk_tval){.kind = OPK_TVAL_BOOL, .truth = true});
    return map;
}

static enum opk_status render(struct opk_str text, struct opk_buf *out, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_tval data = sample(&arena);
    const struct opk_template *tmpl;
    enum opk_status status = opk_template_parse(&arena, text, OPK_AT_LINE("t.j2", 1), &tmpl, err);

    if (status == OPK_OK)
        status = opk_template_render(tmpl, &data, &arena, out, err);
    opk_arena_done(&arena);
    return status;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct template_case *c = &CASES[i];
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_err err;
        enum opk_status status = render(opk_str_of(c->text), &out, &err);
        opk_assert_status(c->name, status, c->status, &err);
        if (status == OPK_OK) {
            opk_assert_str(c->name, opk_buf_str(&out), opk_str_of(c->want));
        } else {
            opk_assert_str(c->name, opk_str_of(err.message), opk_str_of(c->want));
            opk_assert_str(c->name, opk_str_of(err.path), OPK_STR("t.j2"));
            assert_int_equal(err.line, c->line);
        }
        opk_buf_done(&out);
    }
}

/* head, count times unit, tail */
static void repeat(struct opk_buf *text, const char *head, const char *unit, size_t count,
                   const char *tail)
{
    opk_buf_clear(text);
    opk_buf_append_cstr(text, head);
    for (size_t i = 0; i < count; i++)
        opk_buf_append_cstr(text, unit);
    opk_buf_append_cstr(text, tail);
}

static void expect(const char *name, struct opk_buf *text, enum opk_status want)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err;

    opk_assert_status(name, render(opk_buf_str(text), &out, &err), want, &err);
    opk_buf_done(&out);
}

static void test_depth(void **state)
{
    const size_t max = OPK_TEMPLATE_DEPTH_MAX;
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    /* A constant is one level, each operator or filter one more. */
    repeat(&text, "{{ 1", " + 1", max - 1, " }}");
    expect("operators at the limit", &text, OPK_OK);
    repeat(&text, "{{ 1", " + 1", max, " }}");
    expect("operators past the limit", &text, OPK_E_LIMIT);
    repeat(&text, "{{ 'a'", " | lower", max - 1, " }}");
    expect("filters at the limit", &text, OPK_OK);
    repeat(&text, "{{ 'a'", " | lower", max, " }}");
    expect("filters past the limit", &text, OPK_E_LIMIT);
    repeat(&text, "{{ ", "-", max, "1 }}");
    expect("signs past the limit", &text, OPK_E_LIMIT);
    repeat(&text, "{{ ", "(", 100000, "1");
    opk_buf_append_fill(&text, ')', 100000);
    opk_buf_append_cstr(&text, " }}");
    expect("parentheses", &text, OPK_E_LIMIT);
    repeat(&text, "", "{% if yes %}", 100000, "");
    expect("blocks", &text, OPK_E_LIMIT);
    repeat(&text, "{% if not yes %}", "{% elif not yes %}", 1000, "{% endif %}");
    expect("a long chain of elif is no depth", &text, OPK_OK);
    opk_buf_done(&text);
}

static void test_sizes(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_fill(&text, 'x', OPK_TEMPLATE_BYTES_MAX);
    expect("bytes at the limit", &text, OPK_OK);
    opk_buf_append_byte(&text, 'x');
    expect("bytes past the limit", &text, OPK_E_LIMIT);
    /* 2 items 10 times is 2^10; 24 nested loops are 16 million turns. */
    repeat(&text, "", "{% for k in kinds %}", 10, "x");
    for (int i = 0; i < 10; i++)
        opk_buf_append_cstr(&text, "{% endfor %}");
    expect("a thousand turns", &text, OPK_OK);
    repeat(&text, "", "{% for k in kinds %}", 24, "");
    for (int i = 0; i < 24; i++)
        opk_buf_append_cstr(&text, "{% endfor %}");
    expect("too many steps", &text, OPK_E_LIMIT);
    opk_buf_done(&text);
}

/* 16 MiB of output and one byte more. */
static void test_output(void **state)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    opk_buf_append_cstr(&text, "{% for i in 'abcdefghijklmnop' %}{% for i in 'ab' %}");
    opk_buf_append_fill(&text, 'x', OPK_TEMPLATE_OUTPUT_MAX / 32);
    opk_buf_append_cstr(&text, "{% endfor %}{% endfor %}");
    expect("output at the limit", &text, OPK_OK);
    opk_buf_append_cstr(&text, "x");
    expect("output past the limit", &text, OPK_E_LIMIT);
    opk_buf_done(&text);
}

/* One expression and nothing else keeps its type; anything around it makes a text. */
static void test_value(void **state)
{
    static const struct {
        const char *text;
        enum opk_tval_kind kind;
        const char *printed;
    } VALUES[] = {
        {"{{ kinds }}", OPK_TVAL_SEQ, "['OPK-A', 'OPK-B']"},
        {"{{ kinds }}\n", OPK_TVAL_SEQ, "['OPK-A', 'OPK-B']"},
        {" {{ kinds }}", OPK_TVAL_STRING, " ['OPK-A', 'OPK-B']"},
        {"{{ 1 }}", OPK_TVAL_INT, "1"},
        {"{{ 1 }}{{ 2 }}", OPK_TVAL_STRING, "12"},
        {"{{ yes }}", OPK_TVAL_BOOL, "True"},
        {"{{ card }}", OPK_TVAL_MAP, "{'id': 'PAT-A'}"},
        {"", OPK_TVAL_STRING, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        struct opk_arena arena = {0};
        struct opk_tval data = sample(&arena);
        struct opk_buf printed = OPK_BUF_EMPTY;
        const struct opk_template *tmpl;
        struct opk_tval value;
        struct opk_err err;
        opk_assert_status(VALUES[i].text,
                          opk_template_parse(&arena, opk_str_of(VALUES[i].text),
                                             OPK_AT_LINE("t", 1), &tmpl, &err),
                          OPK_OK, &err);
        opk_assert_status(VALUES[i].text, opk_template_value(tmpl, &data, &arena, &value, &err),
                          OPK_OK, &err);
        assert_int_equal(value.kind, VALUES[i].kind);
        opk_tval_print(&value, &printed);
        opk_assert_str(VALUES[i].text, opk_buf_str(&printed), opk_str_of(VALUES[i].printed));
        opk_buf_done(&printed);
        opk_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),  cmocka_unit_test(test_depth), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_output), cmocka_unit_test(test_value),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
