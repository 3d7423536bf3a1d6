/*
 * template_cases - render every case of a file and compare the text with what the case wants.
 *
 * usage: template_cases DATA.json CASES.jsonl
 *
 * A case is one line: {"name", "template", "want"}, with "files" where it includes others and
 * "unsupported" where Jinja2 reads what is refused here. want null is an error, which tells a line.
 */
#include "base/file.h"
#include "base/json.h"
#include "base/template.h"

#include <stdio.h>

#define FILE_MAX ((size_t)1 << 22)

static enum opk_status load(const struct opk_template_loader *loader, struct opk_str name,
                            struct opk_arena *arena, struct opk_buf *out, const char **out_path,
                            struct opk_err *err)
{
    const struct opk_tval *found = opk_tval_get(loader->context, name);

    if (!found)
        return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "no such file");
    opk_buf_append(out, found->text);
    *out_path = opk_arena_copy(arena, name).data;
    return OPK_OK;
}

static void complain(const struct opk_tval *test, struct opk_str got)
{
    const struct opk_tval *name = opk_tval_get(test, OPK_STR("name"));

    (void)printf("%.*s: got [%.*s]\n", OPK_STR_FMT(name->text), OPK_STR_FMT(got));
}

/* Does one case give what it wants? */
static bool is_right(const struct opk_tval *test, const struct opk_tval *data,
                     struct opk_arena *arena)
{
    struct opk_template_loader loader = {.load = load,
                                         .context = opk_tval_get(test, OPK_STR("files"))};
    const struct opk_tval *text = opk_tval_get(test, OPK_STR("template"));
    const struct opk_tval *want = opk_tval_get(test, OPK_STR("want"));
    const struct opk_template *tmpl;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err = {0};
    enum opk_status status =
        opk_template_parse_with(arena, &loader, text->text, OPK_AT_LINE("t", 1), &tmpl, &err);

    if (status == OPK_OK)
        status = opk_template_render(tmpl, data, arena, &out, &err);
    bool fails = want->kind == OPK_TVAL_NONE || opk_tval_get(test, OPK_STR("unsupported"));
    bool right = fails ? status != OPK_OK && err.line > 0 && err.path[0] != '\0'
                       : status == OPK_OK && opk_str_eq(opk_buf_str(&out), want->text);
    if (!right)
        complain(test, status == OPK_OK ? opk_buf_str(&out) : opk_str_of(err.message));
    opk_buf_done(&out);
    return right;
}

static enum opk_status run(const char *data_path, const char *cases_path, size_t *cases,
                           size_t *wrong, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_doc data_doc = {0};
    struct opk_buf data_text = OPK_BUF_EMPTY;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str line;
    enum opk_status status = opk_file_read(data_path, FILE_MAX, &data_text, err);

    if (status == OPK_OK)
        status = opk_json_parse(opk_buf_str(&data_text), data_path, &data_doc, err);
    if (status == OPK_OK)
        status = opk_file_read(cases_path, FILE_MAX, &text, err);
    struct opk_tval data = opk_tval_of_node(&arena, data_doc.root);
    struct opk_split lines = OPK_SPLIT(opk_buf_str(&text), '\n');
    while (status == OPK_OK && opk_split_next(&lines, &line)) {
        struct opk_doc doc = {0};
        if (line.len == 0)
            continue;
        status = opk_json_parse(line, cases_path, &doc, err);
        if (status == OPK_OK) {
            struct opk_tval test = opk_tval_of_node(&arena, doc.root);
            ++*cases;
            *wrong += !is_right(&test, &data, &arena);
        }
        opk_doc_done(&doc);
    }
    opk_doc_done(&data_doc);
    opk_buf_done(&data_text);
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

int main(int argc, char **argv)
{
    struct opk_err err = {0};
    size_t cases = 0;
    size_t wrong = 0;

    if (argc != 3)
        return OPK_EXIT_USAGE;
    if (run(argv[1], argv[2], &cases, &wrong, &err) != OPK_OK) {
        (void)fprintf(stderr, "%s: %s\n", err.path, err.message);
        return OPK_EXIT_INVALID;
    }
    (void)printf("%zu templates, %zu wrong\n", cases, wrong);
    return cases == 0 || wrong > 0;
}
