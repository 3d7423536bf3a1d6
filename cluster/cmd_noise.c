#include "cluster/cmd_noise.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/yaml.h"
#include "cluster/cmd_registered.h"

#include <stdlib.h>

#define CONFIGURATION "opk.yaml"

void opk_noise_done(struct opk_noise *noise)
{
    free(noise->signatures);
    opk_doc_done(&noise->doc);
    *noise = (struct opk_noise){0};
}

/* sync/repo.h checks all of the file; this reads what is asked for here. */
static enum opk_status read_list(const char *path, struct opk_noise *noise, struct opk_err *err)
{
    const struct opk_node *list = opk_node_get(opk_node_get(noise->doc.root, "discover"), "noise");

    if (!list)
        return OPK_OK;
    if (list->kind != OPK_NODE_SEQ)
        return opk_fail(err, OPK_E_INVALID, opk_node_place(list, path),
                        "noise must be a list of operations, such as [\"git fetch\"]");
    noise->signatures = calloc(list->count + 1, sizeof(*noise->signatures));
    if (!noise->signatures)
        return opk_fail(err, OPK_E_NOMEM, OPK_AT_PATH(path), "no memory for the list of noise");
    for (const struct opk_node *item = list->first; item; item = item->next) {
        if (item->kind != OPK_NODE_STRING || item->text.len == 0)
            return opk_fail(err, OPK_E_INVALID, opk_node_place(item, path),
                            "noise must be an operation, such as \"git fetch\"");
        noise->signatures[noise->count++] = item->text;
    }
    return OPK_OK;
}

enum opk_status opk_noise_read(const struct opk_cli *cli, struct opk_noise *out_noise,
                               struct opk_err *err)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_noise noise = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *path;
    enum opk_status status = opk_registered_locate(cli, CONFIGURATION, &path, err);

    if (status == OPK_OK && path) {
        status = opk_file_read(path, limits.bytes, &text, err);
        if (status == OPK_OK)
            status = opk_yaml_parse(opk_buf_str(&text), path, limits, &noise.doc, err);
        else if (status == OPK_E_NOENT)
            status = OPK_OK;
    }
    if (status == OPK_OK)
        status = read_list(path, &noise, err);
    opk_buf_done(&text);
    if (status == OPK_OK)
        *out_noise = noise;
    else
        opk_noise_done(&noise);
    return status;
}
