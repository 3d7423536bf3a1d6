#include "sync/cmd_sync.h"

#include "base/file.h"
#include "base/json.h"
#include "base/template.h"
#include "base/yaml.h"

struct values {
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("root", 0, TEXT, "DIR", "where included templates lie (TEMPLATE's own folder)",
            struct values, root),
    OPK_OPT_END,
};

/* The folder that a path names a file in, with its last slash; "" is the current one. */
static struct opk_str folder_of(struct opk_arena *arena, const char *given, const char *path)
{
    struct opk_str text = opk_str_of(path);
    size_t slash = opk_str_rfind_byte(text, '/');

    if (given)
        return opk_arena_printf(arena, "%s%s", given,
                                opk_str_ends(opk_str_of(given), OPK_STR("/")) ? "" : "/");
    return opk_arena_copy(arena, opk_str_slice(text, 0, slash == OPK_NPOS ? 0 : slash + 1));
}

/* DATA: a mapping whose keys are the template's names. Empty is no names. */
static OPK_MUST_USE enum opk_status read_data(const char *path, struct opk_arena *arena,
                                              struct opk_doc *doc, struct opk_tval *out,
                                              struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    bool is_json = opk_str_ends(opk_str_of(path), OPK_STR(".json"));
    enum opk_status status = opk_file_read(path, OPK_YAML_REGISTRY_MAX, &text, err);

    if (status == OPK_OK)
        status = is_json ? opk_json_parse(opk_buf_str(&text), path, doc, err)
                         : opk_yaml_parse(opk_buf_str(&text), path, limits, doc, err);
    opk_buf_done(&text);
    if (status != OPK_OK)
        return status;
    if (doc->root && doc->root->kind != OPK_NODE_MAP)
        return opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, doc->root->line),
                        "the data of a template is a mapping");
    if (doc->root)
        *out = opk_tval_of_node(arena, doc->root);
    else
        opk_tval_map_init(out, arena, 1);
    return opk_arena_check(arena, err);
}

static OPK_MUST_USE enum opk_status render(struct opk_cli *cli, const struct values *values,
                                           const struct opk_tval *data, struct opk_buf *out,
                                           struct opk_err *err)
{
    const char *path = cli->operands[0];
    struct opk_str folder = folder_of(cli->arena, values->root, path);
    struct opk_root root = OPK_ROOT_CLOSED;
    struct opk_template_folder below = {.root = &root, .below = "", .shown = folder.data};
    struct opk_template_loader loader = opk_template_folder_loader(&below);
    struct opk_buf text = OPK_BUF_EMPTY;
    const struct opk_template *tmpl;
    enum opk_status status = opk_file_read(path, OPK_TEMPLATE_BYTES_MAX, &text, err);

    if (status == OPK_OK)
        status = opk_root_open(folder.len > 0 ? folder.data : ".", &root, err);
    if (status == OPK_OK)
        status = opk_template_parse_with(cli->arena, &loader, opk_buf_str(&text),
                                         OPK_AT_LINE(path, 1), &tmpl, err);
    if (status == OPK_OK)
        status = opk_template_render(tmpl, data, cli->arena, out, err);
    opk_root_close(&root);
    opk_buf_done(&text);
    return status;
}

static int run(struct opk_cli *cli, const void *values)
{
    struct opk_doc doc = {0};
    struct opk_tval data;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_err err;
    enum opk_status status = read_data(cli->operands[1], cli->arena, &doc, &data, &err);

    if (status != OPK_OK) {
        opk_err_add_path(&err, cli->operands[1]);
    } else {
        status = render(cli, values, &data, &out, &err);
        if (status != OPK_OK)
            opk_err_add_path(&err, cli->operands[0]);
    }
    if (status == OPK_OK)
        status = opk_cli_write(cli, &out, &err);
    opk_doc_done(&doc);
    opk_buf_done(&out);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_RENDER = {
    .name = "render",
    .stage = "pattern repository",
    .summary = "print a template with data filled in",
    .operands = "TEMPLATE DATA",
    .details =
        "TEMPLATE is written in the part of Jinja2 that rules and templates of a pattern\n"
        "repository use, with macros and include. DATA is a mapping in YAML, or in JSON where\n"
        "its name ends in .json; its keys are the names that TEMPLATE sees. A name that is not\n"
        "there is an error with the file and line that ask for it; nothing is printed then.\n"
        "What TEMPLATE includes lies in its own folder, or below --root, and nowhere else.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
