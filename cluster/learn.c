#include "cluster/learn.h"

#include <stdlib.h>

enum opk_status opk_model_new(const struct opk_summary *summary, bool with_hints,
                              struct opk_model **out_model, struct opk_err *err)
{
    struct opk_model *model = calloc(1, sizeof(*model));
    enum opk_status status = model ? OPK_OK : OPK_E_NOMEM;

    if (status == OPK_OK)
        status = opk_words_new(summary, with_hints, &model->words);
    if (status == OPK_OK)
        status = opk_reduced_new(summary, model->words, &model->reduced);
    if (status == OPK_OK)
        status = opk_options_new(model->reduced, model->words, with_hints, &model->options);
    if (status == OPK_OK)
        status = opk_slots_new(model->reduced, model->words, model->options, &model->slots);
    if (status == OPK_OK) {
        *out_model = model;
        return OPK_OK;
    }
    opk_model_free(model);
    return status == OPK_E_LIMIT
               ? opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more distinct words than can be counted")
               : opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to learn operation words");
}

void opk_model_free(struct opk_model *model)
{
    if (!model)
        return;
    opk_slots_free(model->slots);
    opk_options_free(model->options);
    opk_reduced_free(model->reduced);
    opk_words_free(model->words);
    free(model);
}
