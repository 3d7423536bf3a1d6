#include "support/support.h"

#include "cluster/canon.h"
#include "cluster/shape.h"
#include "cluster/step.h"

/* Without a log: what the tables of hints.h alone make of a command. */
static const struct {
    const char *text;
    const char *kind;
    const char *shape;
} CASES[] = {
    /* operation words */
    {"git commit -m 'fix it'", "git commit", "git commit -m <text>"},
    {"docker compose up -d", "docker compose up", "docker compose up -d"},
    {"cat notes", "cat", "cat <word>"},
    {"tar -xzf a.tgz", "tar", "tar -f <path.tgz> -x -z"},
    {"git -C /x status", "git status", "git status -C <path>"},
    {"git --no-pager log", "git log", "git log --no-pager"},
    {"git --git-dir=/x log", "git log", "git log --git-dir <path>"},
    {"unknown thing", "unknown", "unknown <word>"},
    /* programs */
    {"/usr/bin/git status", "git status", "git status"},
    {"python3.11 a.py", "python3", "python3 <path.py>"},
    {"gst-launch-1.0 x", "gst-launch-1.0", "gst-launch-1.0 <word>"},
    {"cmd.exe x", "cmd", "cmd <word>"},
    {"./gradlew build", "./gradlew", "./gradlew <word>"},
    {"scripts/build.sh x", "build.sh", "build.sh <word>"},
    {"$EDITOR a.c", "<variable>", "<variable> <path.c>"},
    {"[ -f a.c ]", "[", "[ -f <path.c> <word>"},
    {"A=1", "=", "="},
    {">a.log", ">", "> > <path>"},
    /* options */
    {"git commit --message 'x y'", "git commit", "git commit -m <text>"},
    {"git commit --message='x y'", "git commit", "git commit -m <text>"},
    {"ls -la", "ls", "ls -a -l"},
    {"ls -al", "ls", "ls -a -l"},
    {"ls -l -a -l", "ls", "ls -a -l"},
    {"head -5 a.c", "head", "head -<number> <path.c>"},
    {"head -n5 a.c", "head", "head -n <number> <path.c>"},
    {"head -n 5 a.c", "head", "head -n <number> <path.c>"},
    {"gcc -I/usr/include -lm a.c", "gcc", "gcc -I <path> -l <word> <path.c>"},
    {"mvn -Dx.y=1", "mvn", "mvn -D <key=value>"},
    {"java -version", "java", "java -version"},
    {"x -y=z.c", "x", "x -y <path.c>"},
    {"x -- -y", "x", "x <word>\xE2\x80\xA6"},
    /* operands */
    {"cat a.c b.c c.c", "cat", "cat <path.c>\xE2\x80\xA6"},
    {"cat a.c b.h c.c", "cat", "cat <path.c> <path.h> <path.c>"},
    {"cp a.C b.C", "cp", "cp <path.c>\xE2\x80\xA6"},
    /* redirections, background, pipelines */
    {"a > b.log 2>&1 &", "a", "a > <path>"},
    {"a 2>/dev/null", "a", "a"},
    {"a <<E\nx\nE", "a", "a << <text>"},
    {"a <<< x", "a", "a <<< <text>"},
    {"find . -name '*.c' | xargs grep -n x", "find | xargs grep",
     "find -name <glob.c> <dir> | xargs grep -n <word>"},
    {"git log | less", "git log", "git log"},
    {"make | tee a.log", "make", "make"},
    {"less a.c", "less", "less <path.c>"},
    {"sudo apt install x", "apt install", "apt install <word>"},
    /* what may be a secret is no literal */
    {"mysql -phunter db", "mysql", "mysql -p <word> <word>"},
    {"x -ps3cr3tword", "x", "x -p <word>"},
    {"curl -H 'Authorization: Bearer abc'", "curl", "curl -H <text>"},
    {"x --token=abc", "x", "x --token <word>"},
    {"x --a\"b c\"", "x", "x <text>"},
    {"export A=hunter2", "export", "export <key=value>"},
    {"ghp123abc456", "<word>", "<word>"},
    {"7z x a.zip", "7z", "7z <word> <path.zip>"},
    {"i686-w64-mingw32-gcc a.c", "i686-w64-mingw32-gcc", "i686-w64-mingw32-gcc <path.c>"},
};

struct bench {
    struct opk_model *model;
    struct opk_steps steps;
    struct opk_buf raw;
    struct opk_buf kind;
    struct opk_buf shape;
};

static void bench_init(struct bench *b)
{
    struct opk_err err;

    *b = (struct bench){0};
    opk_assert_status("model", opk_model_new(NULL, true, &b->model, &err), OPK_OK, &err);
}

static void bench_done(struct bench *b)
{
    opk_model_free(b->model);
    opk_steps_done(&b->steps);
    opk_buf_done(&b->raw);
    opk_buf_done(&b->kind);
    opk_buf_done(&b->shape);
}

/* The first step of text. */
static void label(struct bench *b, struct opk_str text)
{
    struct opk_err err;

    opk_buf_clear(&b->raw);
    opk_buf_clear(&b->kind);
    opk_buf_clear(&b->shape);
    opk_assert_status("steps", opk_steps_read(&b->steps, text, OPK_DIALECT_BASH, &err), OPK_OK,
                      &err);
    assert_true(b->steps.count > 0);
    opk_shape_write(&b->raw, &b->steps, &b->steps.steps[0]);
    (void)opk_canon_write(b->model, opk_buf_str(&b->raw), &b->kind, &b->shape, NULL);
}

static void test_shapes(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        label(&b, opk_str_of(CASES[i].text));
        opk_assert_str(CASES[i].text, opk_buf_str(&b.kind), opk_str_of(CASES[i].kind));
        opk_assert_str(CASES[i].text, opk_buf_str(&b.shape), opk_str_of(CASES[i].shape));
    }
    bench_done(&b);
}

static void test_tools(void **state)
{
    static const struct {
        const char *tool;
        const char *input;
        const char *want;
    } ROWS[] = {
        {"Write", "{\"file_path\": \"/a/b.py\", \"content\": \"x = 1\\n\"}",
         "tool:Write file_path=<path.py> content=<text>"},
        {"Write", "{\"content\": \"x = 1\\n\", \"file_path\": \"/a/b.py\"}",
         "tool:Write file_path=<path.py> content=<text>"},
        {"Read", "{\"limit\": 5, \"file_path\": \"a.c\", \"all\": true, \"x\": null}",
         "tool:Read all=<bool> file_path=<path.c> limit=<number> x=<null>"},
        {"Todo", "{\"todos\": [{\"a\": 1}], \"o\": {}}", "tool:Todo o=<json> todos=<json>"},
        {"Read", "{}", "tool:Read"},
        {"Read", "no json", "tool:Read"},
        {"Read", "{\"file_path\": \"a.c\", \"b\": ", "tool:Read file_path=<path.c>"},
        {"Read", "{\"a key\": 1}", "tool:Read"},
        {"not a name", "{}", "tool:unknown"},
    };
    struct bench b;

    (void)state;
    bench_init(&b);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        opk_buf_clear(&b.raw);
        opk_buf_clear(&b.kind);
        opk_buf_clear(&b.shape);
        opk_shape_write_tool(&b.raw, opk_str_of(ROWS[i].tool), opk_str_of(ROWS[i].input), NULL);
        assert_int_equal(opk_canon_write(b.model, opk_buf_str(&b.raw), &b.kind, &b.shape, NULL),
                         OPK_KIND_TOOL);
        opk_assert_str(ROWS[i].input, opk_buf_str(&b.shape), opk_str_of(ROWS[i].want));
    }
    bench_done(&b);
}

static size_t count_items(struct opk_str raw, enum opk_item_kind kind)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_item item;
    size_t count = 0;

    while (opk_items_next(&items, &item))
        count += item.kind == kind;
    return count;
}

/* text, then part count times; the raw shape has kind this often. */
static void check_limit(const char *text, const char *part, size_t count, enum opk_item_kind kind,
                        size_t want)
{
    struct opk_buf command = OPK_BUF_EMPTY;
    struct bench b;

    bench_init(&b);
    opk_buf_append_cstr(&command, text);
    for (size_t i = 0; i < count; i++)
        opk_buf_append_cstr(&command, part);
    label(&b, opk_buf_str(&command));
    assert_int_equal(count_items(opk_buf_str(&b.raw), kind), want);
    bench_done(&b);
    opk_buf_done(&command);
}

/* The text of an item that nothing else bounds: the descriptor of a redirection. */
static void check_item_max(size_t digits)
{
    struct opk_buf command = OPK_BUF_EMPTY;
    struct bench b;
    struct opk_item item = {OPK_ITEM_REST, OPK_STR_EMPTY};

    bench_init(&b);
    opk_buf_append_cstr(&command, "x ");
    opk_buf_append_fill(&command, '9', digits);
    opk_buf_append_cstr(&command, ">a.c");
    label(&b, opk_buf_str(&command));
    struct opk_items items = OPK_ITEMS(opk_buf_str(&b.raw));
    assert_true(opk_items_next(&items, &item));
    opk_assert_str("program", item.text, OPK_STR("x"));
    assert_true(opk_items_next(&items, &item) && item.kind == OPK_ITEM_REDIRECT);
    assert_int_equal(item.text.len, digits < OPK_ITEM_MAX ? digits + 1 : OPK_ITEM_MAX);
    assert_true(opk_items_next(&items, &item));
    opk_assert_str("target", item.text, OPK_STR("path.c"));
    assert_false(opk_items_next(&items, &item));
    bench_done(&b);
    opk_buf_done(&command);
}

static void test_limits(void **state)
{
    (void)state;
    check_item_max(OPK_ITEM_MAX - 1);
    check_item_max(OPK_ITEM_MAX);
    check_limit("x", " w", OPK_SHAPE_WORDS_MAX, OPK_ITEM_WORD, OPK_SHAPE_WORDS_MAX);
    check_limit("x", " w", OPK_SHAPE_WORDS_MAX + 1, OPK_ITEM_WORD, OPK_SHAPE_WORDS_MAX);
    check_limit("x", " -w", OPK_SHAPE_ITEMS_MAX - 2, OPK_ITEM_REST, 0);
    check_limit("x", " -w", OPK_SHAPE_ITEMS_MAX - 1, OPK_ITEM_REST, 1);
    check_limit("x", " -w", OPK_SHAPE_ITEMS_MAX + 9, OPK_ITEM_REST, 1);
    check_limit("x", "|x", OPK_SHAPE_SIMPLES_MAX - 1, OPK_ITEM_PROGRAM, OPK_SHAPE_SIMPLES_MAX);
    check_limit("x", "|x", OPK_SHAPE_SIMPLES_MAX, OPK_ITEM_PROGRAM, OPK_SHAPE_SIMPLES_MAX);
    check_limit("x", "|x", OPK_SHAPE_SIMPLES_MAX, OPK_ITEM_REST, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_tools),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
