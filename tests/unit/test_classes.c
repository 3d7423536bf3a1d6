/* Classes that a user names: which rule matches a value, and what is refused. */
#include "support/items.h"
#include "support/support.h"

#include "cluster/classes.h"
#include "cluster/lex.h"
#include "cluster/shape.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct opk_classes *new_classes(void)
{
    struct opk_classes *classes = NULL;
    struct opk_err err;

    opk_assert_status("new", opk_classes_new(&classes, &err), OPK_OK, &err);
    return classes;
}

static void add(struct opk_classes *classes, const char *name, const char *pattern)
{
    struct opk_err err;

    opk_assert_status(name, opk_classes_add(classes, opk_str_of(name), opk_str_of(pattern), &err),
                      OPK_OK, &err);
}

static struct opk_class_finder *new_finder(const struct opk_classes *classes)
{
    struct opk_class_finder *finder = NULL;
    struct opk_err err;

    opk_assert_status("finder", opk_class_finder_new(classes, &finder, &err), OPK_OK, &err);
    return finder;
}

static void test_find(void **state)
{
    static const struct {
        const char *value;
        unsigned flags;
        const char *want; /* NULL: none */
    } CASES[] = {
        {"OPS-12", 0, "ticket"},
        {"OPS-12", OPK_WORD_QUOTED, "ticket"},
        {"see OPS-12", OPK_WORD_QUOTED, NULL},
        {"OPS-12\n", OPK_WORD_QUOTED, NULL},
        {"OPS-", 0, NULL},
        {"OPS-12", OPK_WORD_VARIABLE, NULL},
        {"OPS-12", OPK_WORD_SUBSTITUTION, NULL},
        {"", 0, NULL},
        {"eu-west-1", 0, "region"},
        {"us", 0, "region"},
        {"usx", 0, NULL},
        {"X-1", 0, "ticket"}, /* the first rule, not the third */
        {"Y", 0, "any-y"},
        {"\xff", 0, NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 0, NULL}, /* too many steps */
    };
    struct opk_classes *classes = new_classes();
    struct opk_class_finder *finder;

    (void)state;
    add(classes, "ticket", "[A-Z]+-\\d+");
    add(classes, "region", "us|eu-[a-z]+-\\d");
    add(classes, "any-y", "[XY].*");
    add(classes, "slow", "(a+)+c");
    finder = new_finder(classes);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const char *got = opk_class_find(finder, opk_str_of(CASES[i].value), CASES[i].flags);
        opk_assert_str(CASES[i].value, opk_str_of(got ? got : "none"),
                       opk_str_of(CASES[i].want ? CASES[i].want : "none"));
    }
    opk_class_finder_free(finder);
    opk_classes_free(classes);
}

/* A value of the limit's length, and one byte more. */
static void test_value_limit(void **state)
{
    static char value[OPK_CLASS_VALUE_MAX + 1];
    struct opk_classes *classes = new_classes();
    struct opk_class_finder *finder;

    (void)state;
    memset(value, 'a', sizeof(value));
    add(classes, "long", "a*");
    finder = new_finder(classes);
    assert_non_null(opk_class_find(finder, opk_str_bytes(value, OPK_CLASS_VALUE_MAX), 0));
    assert_null(opk_class_find(finder, opk_str_bytes(value, OPK_CLASS_VALUE_MAX + 1), 0));
    opk_class_finder_free(finder);
    opk_classes_free(classes);
}

static void test_refused(void **state)
{
    static const struct {
        const char *name;
        const char *pattern;
        enum opk_status status;
        const char *message; /* how it begins */
    } CASES[] = {
        {"", "x", OPK_E_INVALID, "the name of a class is lower-case"},
        {"Ticket", "x", OPK_E_INVALID, "the name of a class is lower-case"},
        {"1st", "x", OPK_E_INVALID, "the name of a class is lower-case"},
        {"a_b", "x", OPK_E_INVALID, "the name of a class is lower-case"},
        {"taken", "x", OPK_E_INVALID, "class 'taken' stands twice"},
        {"abcdefghijklmnopqrstuvwx", "x", OPK_OK, ""},
        {"abcdefghijklmnopqrstuvwxy", "x", OPK_E_LIMIT, "the name of a class has more than 24"},
        {"open", "(x", OPK_E_SYNTAX, ""},
        {"closed", "x)(y", OPK_E_SYNTAX, ""},
    };
    struct opk_classes *classes = new_classes();

    (void)state;
    add(classes, "taken", "y");
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct opk_err err = {.message = ""};
        opk_assert_status(
            CASES[i].name,
            opk_classes_add(classes, opk_str_of(CASES[i].name), opk_str_of(CASES[i].pattern), &err),
            CASES[i].status, &err);
        if (!opk_str_starts(opk_str_of(err.message), opk_str_of(CASES[i].message)))
            fail_msg("%s: %s", CASES[i].name, err.message);
    }
    opk_classes_free(classes);
}

/* As many rules and as long a pattern as may be, and one more. */
static void test_limits(void **state)
{
    static char pattern[OPK_CLASS_PATTERN_MAX + 1];
    struct opk_classes *classes = new_classes();
    char name[OPK_CLASS_NAME_MAX];
    struct opk_err err;

    (void)state;
    memset(pattern, 'a', sizeof(pattern));
    opk_assert_status("long pattern",
                      opk_classes_add(classes, OPK_STR("long"),
                                      opk_str_bytes(pattern, OPK_CLASS_PATTERN_MAX + 1), &err),
                      OPK_E_LIMIT, &err);
    opk_assert_status("pattern",
                      opk_classes_add(classes, OPK_STR("long"),
                                      opk_str_bytes(pattern, OPK_CLASS_PATTERN_MAX), &err),
                      OPK_OK, &err);
    for (int i = 1; i < OPK_CLASSES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "c%d", i);
        add(classes, name, "x");
    }
    opk_assert_status("one more", opk_classes_add(classes, OPK_STR("more"), OPK_STR("x"), &err),
                      OPK_E_LIMIT, &err);
    opk_classes_free(classes);
}

/* Without a rule there is no finder, and no cost. */
static void test_none(void **state)
{
    struct opk_classes *classes = new_classes();

    (void)state;
    assert_null(new_finder(NULL));
    assert_null(new_finder(classes));
    opk_classes_free(classes);
}

/* In a shape: operands, values of options, redirections, tools; plain words that match too. */
static void test_shapes(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"jira view OPS-1", "Pjira Wview Cticket"},
        {"jira zone7 view", "Pjira Czone Cword"},
        {"jira --for=OPS-1 -xOPS-2", "Pjira A--for Cticket A-x Cticket"},
        {"jira '/x' >OPS-3", "Pjira Cpath R> Cticket"},
        {"OPS-3 x", "POPS-3 Wx"},
    };
    struct opk_classes *classes = new_classes();
    struct opk_steps steps = {0};
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err;

    (void)state;
    add(classes, "ticket", "OPS-\\d");
    add(classes, "zone", "zone\\d");
    steps.finder = new_finder(classes);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        opk_buf_clear(&out);
        opk_assert_status(CASES[i].text,
                          opk_steps_read(&steps, opk_str_of(CASES[i].text), OPK_DIALECT_BASH, &err),
                          OPK_OK, &err);
        opk_shape_write(&out, &steps, &steps.steps[0]);
        opk_assert_items(CASES[i].text, opk_buf_str(&out), CASES[i].want);
    }
    opk_buf_clear(&out);
    opk_shape_write_tool(&out, OPK_STR("Read"), OPK_STR("{\"id\":\"OPS-7\",\"n\":1}"),
                         steps.finder);
    opk_assert_items("tool", opk_buf_str(&out), "TRead Kid Cticket Kn Cnumber");
    opk_class_finder_free(steps.finder);
    opk_steps_done(&steps);
    opk_buf_done(&out);
    opk_classes_free(classes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),    cmocka_unit_test(test_value_limit),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_none),    cmocka_unit_test(test_shapes),
    };

    return cmocka_run_group_tests_name("classes", tests, NULL, NULL);
}
