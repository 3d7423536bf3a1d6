#include "cluster/cmd_config.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/yaml.h"
#include "cluster/cmd_registered.h"

#include <stdlib.h>

#define CONFIGURATION "opk.yaml"

void opk_config_done(struct opk_config *config)
{
    free(config->noise);
    opk_classes_free(config->classes);
    opk_doc_done(&config->doc);
    *config = (struct opk_config){0};
}

static enum opk_status read_noise(const char *path, struct opk_config *config, struct opk_err *err)
{
    const struct opk_node *list = opk_node_get(opk_node_get(config->doc.root, "discover"), "noise");

    if (!list)
        return OPK_OK;
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(list, path),
                        "noise must be a list of operations, such as [\"git fetch\"]");
    config->noise = calloc(list->count + 1, sizeof(*config->noise));
    if (!config->noise)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for the list of noise");
    for (const struct opk_node *item = list->first; item; item = item->next) {
        if (item->kind != OPK_NODE_STRING || item->text.len == 0)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(item, path),
                            "noise must be an operation, such as \"git fetch\"");
        config->noise[config->noise_count++] = item->text;
    }
    return OPK_OK;
}

/* What a rule refuses is told with its place in the file. */
static enum opk_status add_class(const char *path, const struct opk_node *item,
                                 struct opk_classes *classes, struct opk_err *err)
{
    const struct opk_node *name = opk_node_get(item, "name");
    const struct opk_node *pattern = opk_node_get(item, "pattern");
    struct opk_err problem;
    enum opk_status status;

    if (!name || name->kind != OPK_NODE_STRING || !pattern || pattern->kind != OPK_NODE_STRING)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(item, path),
                        "a class is a name and a pattern, such as {name: ticket, pattern: "
                        "'[A-Z]+-\\d+'}");
    status = opk_classes_add(classes, name->text, pattern->text, &problem);
    if (status == OPK_OK)
        return OPK_OK;
    const struct opk_node *at = status == OPK_E_SYNTAX ? pattern : name;
    opk_err_set(err, status, opk_node_place(at, path), "%s", problem.message);
    return status;
}

static enum opk_status read_classes(const char *path, struct opk_config *config,
                                    struct opk_err *err)
{
    const struct opk_node *list = opk_node_get(config->doc.root, "classes");
    enum opk_status status;

    if (!list)
        return OPK_OK;
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(list, path),
                        "classes must be a list of rules, each a name and a pattern");
    status = opk_classes_new(&config->classes, err);
    for (const struct opk_node *item = list->first; item && status == OPK_OK; item = item->next)
        status = add_class(path, item, config->classes, err);
    return status;
}

enum opk_status opk_config_read(const struct opk_cli *cli, struct opk_config *out_config,
                                struct opk_err *err)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_config config = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *path;
    enum opk_status status = opk_registered_locate(cli, CONFIGURATION, &path, err);

    if (status == OPK_OK && path) {
        status = opk_file_read(path, limits.bytes, &text, err);
        if (status == OPK_OK)
            status = opk_yaml_parse(opk_buf_str(&text), path, limits, &config.doc, err);
        else if (status == OPK_E_NOENT)
            status = OPK_OK;
    }
    if (status == OPK_OK)
        status = read_noise(path, &config, err);
    if (status == OPK_OK)
        status = read_classes(path, &config, err);
    opk_buf_done(&text);
    if (status == OPK_OK)
        *out_config = config;
    else
        opk_config_done(&config);
    return status;
}
