#include "promote/cmd_promote.h"

#include "promote/cmd_decide.h"

static const struct opk_opt OPTS[] = {
    OPK_DECIDE_DRAFTS,
    OPK_DECIDE_DRY_RUN,
    OPK_DECIDE_FORMAT,
    OPK_DECIDE_REGISTRY,
    OPK_DECIDE_ULID,
    OPK_DECIDE_OPT("why", TEXT, "TEXT", "the reason, for the audit; required", why),
    OPK_OPT_END,
};

static int run(struct opk_cli *cli, const void *values)
{
    const struct opk_decide_options *options = values;
    struct opk_err err;

    if (!options->why || !*options->why) {
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "say why with --why TEXT");
        return opk_cli_fail(cli, &err);
    }
    return opk_cmd_decide(cli, options, OPK_ACTION_REJECT);
}

const struct opk_verb OPK_VERB_REJECT = {
    .name = "reject",
    .stage = "drafts to registry",
    .summary = "decide that a draft is no operation kind",
    .operands = "DRF-...",
    .details = "The decision and its reason go to promotions.jsonl beside the registry. discover\n"
               "leaves the draft out from then on, until its commands or its sessions have grown\n"
               "to more than four times what they were.\n",
    .opts = OPTS,
    .values_size = sizeof(struct opk_decide_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
