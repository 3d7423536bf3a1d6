#include "promote/cmd_promote.h"

#include "promote/cmd_decide.h"

static const struct opk_opt OPTS[] = {
    OPK_DECIDE_OPT("as", TEXT, "OPK-...", "the kind's id (default: what the draft proposes)", as),
    OPK_DECIDE_DRAFTS,
    OPK_DECIDE_DRY_RUN,
    OPK_DECIDE_FORMAT,
    OPK_DECIDE_OPT("name", TEXT, "TEXT", "the kind's name (default: from its id)", name),
    OPK_DECIDE_REGISTRY,
    OPK_DECIDE_OPT("summary", TEXT, "TEXT", "one line on the kind (default: the draft's)", summary),
    OPK_DECIDE_ULID,
    OPK_OPT_END,
};

static int run(struct opk_cli *cli, const void *values)
{
    return opk_cmd_decide(cli, values, OPK_ACTION_PROMOTE);
}

const struct opk_verb OPK_VERB_PROMOTE = {
    .name = "promote",
    .stage = "drafts to registry",
    .summary = "make a draft an operation kind of the registry",
    .operands = "DRF-...",
    .details = "The entry is added to the registry, or the one that sync added as a draft is\n"
               "completed; every other byte of the file stays. The decision goes to\n"
               "promotions.jsonl beside the registry, in the same transaction. Who decided is\n"
               "git's identity; SOURCE_DATE_EPOCH, where set, is the time. A draft is promoted\n"
               "once: again is no error and writes nothing; an id that is taken is refused with\n"
               "exit 4.\n",
    .opts = OPTS,
    .values_size = sizeof(struct opk_decide_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
