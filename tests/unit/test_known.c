#include "support/support.h"

#include "cluster/known.h"
#include "cluster/shape.h"

#include <stdlib.h>
#include <string.h>

static const char PACKAGE[] = "{\"name\": \"shop\", \"scripts\": {\"build\": \"tsc\", \"test\": "
                              "\"jest\",\n \"build:prod\": \"x\", \"install\": \"y\"}}";
static const char MAKEFILE[] = "# comment: no\n"
                               "CC := gcc\n"
                               "A = b: c\n"
                               "all: build \\\n"
                               "  other: thing\n"
                               ".PHONY: all\n"
                               "build lint:: main.o # a target: none\n"
                               "\tgcc: -o\n"
                               "%.o: %.c\n"
                               "$(OUT): x\n"
                               "D::=x\n"
                               "define body\n"
                               "fake: target\n"
                               "endef\n"
                               "test: CC = clang\n"
                               "export X\n";
static const char JUSTFILE[] = "set shell := [\"bash\", \"-c\"]\n"
                               "version := \"1:2\"\n"
                               "alias d := deploy\n"
                               "# say: no\n"
                               "deploy target=\"a:b\" *rest: build\n"
                               "  echo fake: x\n"
                               "@quiet:\n"
                               "[private]\n"
                               "_helper:\n"
                               "import 'x'\n"
                               "default := 'y'\n"
                               "0bad:\n";

static struct opk_known *known_of_all(void)
{
    static const struct {
        enum opk_known_format format;
        const char *text;
    } FILES[] = {
        {OPK_KNOWN_PACKAGE, PACKAGE}, {OPK_KNOWN_MAKE, MAKEFILE}, {OPK_KNOWN_JUST, JUSTFILE}};
    struct opk_known *known = NULL;
    struct opk_err err = {0};

    assert_int_equal(opk_known_new(&known, &err), OPK_OK);
    for (size_t i = 0; i < 3; i++)
        opk_assert_status(
            FILES[i].text,
            opk_known_add_file(known, FILES[i].format, opk_str_of(FILES[i].text), "f", &err),
            OPK_OK, &err);
    return known;
}

/* Does known recognise a command line of one step? */
static bool has(const struct opk_known *known, const char *line)
{
    struct opk_steps steps = {0};
    struct opk_buf raw = OPK_BUF_EMPTY;
    bool found;

    assert_int_equal(opk_steps_read(&steps, opk_str_of(line), OPK_DIALECT_BASH, NULL), OPK_OK);
    assert_int_equal(steps.count, 1);
    opk_shape_write(&raw, &steps, &steps.steps[0]);
    found = opk_known_has(known, opk_buf_str(&raw));
    opk_buf_done(&raw);
    opk_steps_done(&steps);
    return found;
}

static void test_calls(void **state)
{
    static const struct {
        const char *line;
        bool want;
    } CASES[] = {
        {"npm run build", true},
        {"npm run build -- --watch", true},
        {"npm --prefix web run build", true},
        {"npm run-script test", true},
        {"npm test", true},
        {"npm run", false},
        {"npm run deploy", false},
        {"npm build", false},   /* no verb of npm */
        {"npm install", false}, /* npm's own, though a script has this name */
        {"npm run build:prod", false},
        {"yarn build", true},
        {"yarn run test src/a.ts", true},
        {"yarn add build", false},
        {"pnpm test", true},
        {"bun run build", true},
        {"bun build", false},
        {"make test", true},
        {"make -j4 all", true},
        {"make -C sub test", true},
        {"make lint test CC=clang", true},
        {"make test > log.txt", true},
        {"make build/x.o", false},
        {"make test deploy", false},
        {"make fake", false},
        {"make gcc", false},
        {"make other", false},
        {"make", false},
        {"make -n", false},
        {"gmake build", true},
        {"sudo make test", true},
        {"just deploy prod", true},
        {"just d", true},
        {"just quiet", true},
        {"just say", false},
        {"just version", false},
        {"just fake", false},
        {"just --list", false},
        {"make test | head", false},
        {"echo make test", false},
        {"xargs make test", false},
    };
    struct opk_known *known = known_of_all();

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        if (has(known, CASES[i].line) != CASES[i].want)
            fail_msg("%s: %s", CASES[i].line, CASES[i].want ? "not known" : "known");
    }
    /* 4 scripts; all build lint test; d deploy quiet _helper */
    assert_int_equal(opk_known_count(known), 12);
    opk_known_free(known);
}

static void test_names(void **state)
{
    static const struct {
        const char *path;
        int want;
    } CASES[] = {
        {"package.json", OPK_KNOWN_PACKAGE},
        {"a/b/Makefile", OPK_KNOWN_MAKE},
        {"GNUmakefile", OPK_KNOWN_MAKE},
        {"rules.mk", OPK_KNOWN_MAKE},
        {".justfile", OPK_KNOWN_JUST},
        {"ci.just", OPK_KNOWN_JUST},
        {"my-package.json", -1},
        {"Makefile.am", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        enum opk_known_format format;
        int got = opk_known_format_of(opk_str_of(CASES[i].path), &format) ? (int)format : -1;
        if (got != CASES[i].want)
            fail_msg("%s: %d", CASES[i].path, got);
    }
}

static void test_damaged(void **state)
{
    static const struct {
        const char *text;
        enum opk_status want;
    } CASES[] = {
        {"{\"scripts\": ", OPK_E_SYNTAX},
        {"[]", OPK_E_INVALID},
        {"{\"scripts\": 3}", OPK_OK},
        {"{}", OPK_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct opk_known *known = NULL;
        struct opk_err err = {0};
        assert_int_equal(opk_known_new(&known, NULL), OPK_OK);
        opk_assert_status(CASES[i].text,
                          opk_known_add_file(known, OPK_KNOWN_PACKAGE, opk_str_of(CASES[i].text),
                                             "web/package.json", &err),
                          CASES[i].want, &err);
        if (CASES[i].want != OPK_OK) {
            assert_string_equal(err.path, "web/package.json");
            assert_true(err.line == 1);
        }
        assert_int_equal(opk_known_count(known), 0);
        opk_known_free(known);
    }
}

static void test_limits(void **state)
{
    struct opk_known *known = NULL;
    struct opk_buf name = OPK_BUF_EMPTY;

    (void)state;
    assert_int_equal(opk_known_new(&known, NULL), OPK_OK);
    opk_buf_append_fill(&name, 'a', OPK_KNOWN_NAME_MAX);
    assert_int_equal(opk_known_add(known, OPK_KNOWN_MAKE, opk_buf_str(&name), NULL), OPK_OK);
    assert_int_equal(opk_known_count(known), 1);
    opk_buf_append_byte(&name, 'a');
    assert_int_equal(opk_known_add(known, OPK_KNOWN_MAKE, opk_buf_str(&name), NULL), OPK_OK);
    assert_int_equal(opk_known_count(known), 1);
    for (unsigned i = 1; i <= OPK_KNOWN_TARGETS_MAX; i++) {
        opk_buf_clear(&name);
        opk_buf_printf(&name, "t%u", i);
        assert_int_equal(opk_known_add(known, OPK_KNOWN_MAKE, opk_buf_str(&name), NULL),
                         i < OPK_KNOWN_TARGETS_MAX ? OPK_OK : OPK_E_LIMIT);
    }
    assert_int_equal(opk_known_add(known, OPK_KNOWN_MAKE, OPK_STR("t1"), NULL), OPK_OK);
    opk_buf_done(&name);
    opk_known_free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
