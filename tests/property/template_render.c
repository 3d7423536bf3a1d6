/*
 * template_render - render one template with one JSON file, for the comparison with Jinja2.
 *
 * usage: template_render DATA.json TEMPLATE
 * The text goes to standard output; a template that fails is one line on standard error, and 3.
 */
#include "base/file.h"
#include "base/json.h"
#include "base/template.h"

#include <stdio.h>

static enum opk_status render(const char *data_path, const char *template_path, struct opk_buf *out,
                              struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_buf data = OPK_BUF_EMPTY;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    const struct opk_template *tmpl;
    enum opk_status status = opk_file_read(data_path, OPK_TEMPLATE_BYTES_MAX, &data, err);

    if (status == OPK_OK)
        status = opk_file_read(template_path, OPK_TEMPLATE_BYTES_MAX, &text, err);
    if (status == OPK_OK)
        status = opk_json_parse(opk_buf_str(&data), data_path, &doc, err);
    if (status == OPK_OK)
        status = opk_template_parse(&arena, opk_buf_str(&text), OPK_AT_LINE(template_path, 1),
                                    &tmpl, err);
    if (status == OPK_OK) {
        struct opk_tval names = opk_tval_of_node(&arena, doc.root);
        status = opk_template_render(tmpl, &names, &arena, out, err);
    }
    opk_doc_done(&doc);
    opk_buf_done(&data);
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

int main(int argc, char **argv)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err;
    int code = OPK_EXIT_OK;

    if (argc != 3)
        return OPK_EXIT_USAGE;
    if (render(argv[1], argv[2], &out, &err) != OPK_OK) {
        (void)fprintf(stderr, "%s:%llu: %s\n", err.path, (unsigned long long)err.line, err.message);
        code = OPK_EXIT_INVALID;
    } else if (out.len > 0 && fwrite(out.data, 1, out.len, stdout) != out.len) {
        code = OPK_EXIT_INTERNAL;
    }
    opk_buf_done(&out);
    return code;
}
