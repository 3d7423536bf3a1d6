#include "support/items.h"
#include "support/support.h"

#include "cluster/reading.h"

static struct opk_command shell(const char *text)
{
    return (struct opk_command){
        .kind = OPK_COMMAND_SHELL, .text = opk_str_of(text), .shell = OPK_STR_EMPTY};
}

static struct opk_command tool(const char *name, const char *input)
{
    return (struct opk_command){
        .kind = OPK_COMMAND_TOOL, .text = opk_str_of(input), .tool = opk_str_of(name)};
}

/* "0 1! ": the shapes of a command's steps, ! for an opaque one. */
static void read_into(struct opk_readings *readings, struct opk_command command,
                      struct opk_buf *out)
{
    struct opk_reading reading;

    assert_int_equal(opk_readings_read(readings, &command, &reading, NULL), OPK_OK);
    opk_buf_clear(out);
    for (size_t i = 0; i < reading.count; i++)
        opk_buf_printf(out, "%u%s ", reading.steps[i].shape, reading.steps[i].opaque ? "!" : "");
}

static const struct {
    const char *text;
    const char *want;
} COMMANDS[] = {
    {"git push", "0 "},          {"git push && git pull; git push", "0 1 0 "},
    {"# nothing", ""},           {"git pull", "1 "},
    {"echo 'never ends", "2! "},
};

/* A text that is not remembered reads the same as one that is. */
static void test_read(void **state)
{
    static const size_t COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]);

    (void)state;
    for (size_t max = 0; max <= COUNT + 1; max++) {
        struct opk_readings *readings = NULL;
        struct opk_buf got = OPK_BUF_EMPTY;
        assert_int_equal(opk_readings_new(max, &readings, NULL), OPK_OK);
        for (unsigned turn = 0; turn < 3; turn++) {
            for (size_t i = 0; i < COUNT; i++) {
                read_into(readings, shell(COMMANDS[i].text), &got);
                opk_assert_str(COMMANDS[i].text, opk_buf_str(&got), opk_str_of(COMMANDS[i].want));
            }
        }
        assert_int_equal(opk_readings_text_count(readings), max < COUNT ? max : COUNT);
        assert_int_equal(opk_readings_shape_count(readings), 3);
        opk_assert_items("raw shape", opk_readings_shape(readings, 1), "Pgit Wpull");
        opk_buf_done(&got);
        opk_readings_free(readings);
    }
}

/* One text, as a command line and as the input of two tools. */
static void test_tools(void **state)
{
    struct opk_readings *readings = NULL;
    struct opk_buf got = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_readings_new(9, &readings, NULL), OPK_OK);
    for (unsigned turn = 0; turn < 2; turn++) {
        read_into(readings, shell("{}"), &got);
        opk_assert_str("shell", opk_buf_str(&got), OPK_STR("0 "));
        read_into(readings, tool("Write", "{}"), &got);
        opk_assert_str("Write", opk_buf_str(&got), OPK_STR("1 "));
        read_into(readings, tool("Read", "{}"), &got);
        opk_assert_str("Read", opk_buf_str(&got), OPK_STR("2 "));
    }
    assert_int_equal(opk_readings_text_count(readings), 3);
    opk_buf_done(&got);
    opk_readings_free(readings);
}

/* What a line says depends on the shell that reads it. */
static void test_shells(void **state)
{
    struct opk_readings *readings = NULL;
    struct opk_command bash = shell("if (Test-Path a) { git push }");
    struct opk_command other = bash;
    struct opk_reading in_bash;
    struct opk_reading in_other;

    (void)state;
    bash.shell = OPK_STR("bash");
    other.shell = OPK_STR("pwsh");
    assert_int_equal(opk_readings_new(9, &readings, NULL), OPK_OK);
    assert_int_equal(opk_readings_read(readings, &bash, &in_bash, NULL), OPK_OK);
    assert_int_equal(opk_readings_read(readings, &other, &in_other, NULL), OPK_OK);
    assert_int_equal(opk_readings_text_count(readings), 2);
    opk_readings_free(readings);
}

/* The table grows past its first size, and finds everything again. */
static void test_many(void **state)
{
    struct opk_readings *readings = NULL;
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_readings_new(5000, &readings, NULL), OPK_OK);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < 5000; i++) {
            opk_buf_clear(&text);
            opk_buf_printf(&text, "p%u /tmp/%u", i % 50, i);
            read_into(readings, shell(opk_buf_cstr(&text)), &got);
            opk_buf_clear(&text);
            opk_buf_printf(&text, "%u ", i % 50);
            opk_assert_str("shape", opk_buf_str(&got), opk_buf_str(&text));
        }
        assert_int_equal(opk_readings_text_count(readings), 5000);
        assert_int_equal(opk_readings_shape_count(readings), 50);
    }
    opk_buf_done(&got);
    opk_buf_done(&text);
    opk_readings_free(readings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_tools),
        cmocka_unit_test(test_shells),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
