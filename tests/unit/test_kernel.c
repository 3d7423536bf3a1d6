#include "support/support.h"

#include "base/sha256.h"
#include "support/temp.h"
#include "sync/kernel.h"

#include <string.h>

#define FOLDER "plugins/docs/PLG_DOCS_X/"
#define SPEC                                                                                       \
    "{\"id\": \"docs.x\", \"version\": \"1.0.0\", \"hooks\": [\"on_doc_changed\"],"                \
    " \"filters\": [\"*.md\"], \"inputs\": \"in.json\", \"outputs\": \"out.json\", \"run\": "      \
    "[\"x\"]}"

/* A host whose plugin says what a test wants; "@" is the digest of the document. */
struct script {
    struct opk_buf answer;
    size_t asked;
    size_t most; /* answers; then there is nothing more to edit */
};

static enum opk_status say(void *context, const struct opk_question *question,
                           struct opk_buf *answer, struct opk_err *err)
{
    struct script *script = context;
    struct opk_str text = opk_buf_str(&script->answer);
    char digest[OPK_SHA256_TEXT];

    (void)err;
    opk_sha256_text(question->document, digest);
    if (script->asked++ >= script->most)
        text = OPK_STR("{\"edits\": []}");
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '@')
            opk_buf_append_cstr(answer, digest);
        else
            opk_buf_append_byte(answer, text.data[i]);
    }
    return OPK_OK;
}

static void make_repo(struct opk_temp *temp)
{
    opk_temp_init(temp);
    opk_temp_write(temp, "ids/patterns/cards/.keep", "");
    opk_temp_write(temp, "opk.yaml", "version: 1\nplugins:\n  allow: [docs.x]\n");
    opk_temp_write(temp, FOLDER "plugin.spec.json", SPEC);
    opk_temp_write(temp, FOLDER "in.json", "{}");
    opk_temp_write(temp, FOLDER "out.json", "{}");
    opk_temp_write(temp, "a.md", "text\n");
}

static enum opk_status fire(const struct opk_temp *temp, struct script *script, struct opk_err *err)
{
    const struct opk_kernel_host host = {.context = script, .run = say};
    struct opk_repo repo;
    struct opk_kernel kernel;
    struct opk_event event;
    enum opk_status status;

    opk_assert_status("open", opk_repo_open(temp->path, OPK_REPO_READ, &repo, err), OPK_OK, err);
    opk_assert_status("init", opk_kernel_init(&kernel, &repo, &host, err), OPK_OK, err);
    opk_event_init(&event, &repo, OPK_HOOK_DOC_CHANGED, OPK_STR("a.md"));
    status = opk_kernel_fire(&kernel, &event, err);
    opk_kernel_done(&kernel);
    opk_repo_done(&repo);
    return status;
}

#define EDIT(span, text)                                                                           \
    "{\"path\": \"a.md\", \"base\": \"@\", \"span\": " span ", \"text\": \"" text "\"}"

static const struct {
    const char *name;
    const char *answer;
    size_t most; /* times that it is given */
    enum opk_status want;
    const char *message; /* its end */
} CASES[] = {
    {"no edit", "{\"edits\": []}", 9, OPK_OK, ""},
    {"nothing at all", "{}", 9, OPK_OK, ""},
    {"edits as deep as may be", "{\"edits\": [" EDIT("[0, 0]", "x") "]}", OPK_EVENT_DEPTH_MAX - 1,
     OPK_OK, ""},
    {"one deeper", "{\"edits\": [" EDIT("[0, 0]", "x") "]}", OPK_EVENT_DEPTH_MAX, OPK_E_LIMIT,
     "would raise an event within events within events, and end nowhere"},
    {"an edit that changes nothing", "{\"edits\": [" EDIT("[0, 1]", "t") "]}", 9, OPK_OK, ""},
    {"two edits that touch", "{\"edits\": [" EDIT("[0, 1]", "x") ", " EDIT("[1, 2]", "y") "]}", 1,
     OPK_OK, ""},
    {"two that meet", "{\"edits\": [" EDIT("[0, 2]", "x") ", " EDIT("[1, 3]", "y") "]}", 1,
     OPK_E_CONFLICT, "meets another one of its edits"},
    {"no list", "{\"edits\": [3]}", 1, OPK_E_INVALID, "lacks path, base or text as a string"},
    {"no object", "[", 1, OPK_E_INVALID, "its answer: the text ends too early"},
    {"a file that is not there",
     "{\"edits\": [{\"path\": \"b.md\", \"base\": \"@\", \"span\": [0, 0], \"text\": \"\"}]}", 1,
     OPK_E_REFUSED, "is not one that opk.yaml allows"},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct script script = {.most = CASES[i].most};
        struct opk_temp temp;
        struct opk_err err = {.message = ""};
        opk_buf_append_cstr(&script.answer, CASES[i].answer);
        make_repo(&temp);
        opk_assert_status(CASES[i].name, fire(&temp, &script, &err), CASES[i].want, &err);
        if (!opk_str_ends(opk_str_of(err.message), opk_str_of(CASES[i].message)))
            fail_msg("%s: %s", CASES[i].name, err.message);
        opk_temp_expect(&temp, "a.md", "text\n");
        opk_temp_done(&temp);
        opk_buf_done(&script.answer);
    }
}

static void test_edits_limit(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        struct script script = {.most = 1};
        struct opk_temp temp;
        struct opk_err err;
        opk_buf_append_cstr(&script.answer, "{\"edits\": [");
        for (size_t i = 0; i < OPK_EDITS_MAX + more; i++)
            opk_buf_append_cstr(&script.answer, i ? "," EDIT("[1, 1]", "x") : EDIT("[1, 1]", "x"));
        opk_buf_append_cstr(&script.answer, "]}");
        make_repo(&temp);
        opk_assert_status("edits", fire(&temp, &script, &err), more ? OPK_E_LIMIT : OPK_OK, &err);
        opk_temp_done(&temp);
        opk_buf_done(&script.answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_edits_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
