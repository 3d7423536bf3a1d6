/*
 * plan_impl.h - what the files of the planner share: plan.c walks rules and cards, plan_data.c
 * makes what templates see, plan_yaml.c changes fields and entries, plan_section.c marked sections.
 */
#ifndef OPK_SYNC_PLAN_IMPL_H
#define OPK_SYNC_PLAN_IMPL_H

#include "base/map.h"
#include "base/template.h"
#include "sync/plan.h"

/* Who writes a place of a file. */
struct opk_claim {
    const struct opk_rule *rule;
    const struct opk_card *card;
};

/* What templates see of a card, made once: its own fields, and for sections more. */
struct opk_card_data {
    struct opk_tval card; /* UNDEFINED until it is made */
    bool made;            /* and stays so: no later rule changes what it was made from */
    struct opk_tval spec;
    struct opk_tval kinds;
    struct opk_tval examples;
    struct opk_tval inputs;
    struct opk_tval outputs;
};

struct opk_planner {
    struct opk_repo *repo;
    const struct opk_plan_options *options;
    struct opk_plan *plan;
    struct opk_arena *arena;  /* the plan's */
    struct opk_map *places;   /* "path\nplace", indexes claims */
    struct opk_claim *claims; /* owned */
    size_t claim_cap;
    struct opk_card_data *card_data; /* as repo->cards, then repo->docs */
    struct opk_doc kinds;            /* the registry, as this plan leaves it; owned */
    bool kinds_read;
    struct opk_err *err;
};

/* One rule applied to one card. */
struct opk_task {
    const struct opk_rule *rule;
    const struct opk_card *card;
    struct opk_file *file;
    struct opk_tval data; /* what templates see */
};

/** Record what stands in planner->err as a problem, unless it ends the run. */
OPK_MUST_USE enum opk_status opk_planner_problem(struct opk_planner *planner);

/** Take a place for a rule and a card; false is a problem already recorded, in *out_status. */
bool opk_planner_claim(struct opk_planner *planner, const struct opk_task *task,
                       struct opk_str place, enum opk_status *out_status);

/** Who has taken a place of a file; NULL when nobody has. */
const struct opk_claim *opk_planner_find_claim(struct opk_planner *planner,
                                               const struct opk_file *file, struct opk_str place);

/** Record that a place has two writers. */
OPK_MUST_USE enum opk_status opk_planner_two_writers(struct opk_planner *planner,
                                                     const struct opk_claim *first,
                                                     const struct opk_task *task,
                                                     struct opk_str place);

OPK_MUST_USE enum opk_status opk_planner_change(struct opk_planner *planner,
                                                const struct opk_task *task, struct opk_str what,
                                                const struct opk_tval *old,
                                                const struct opk_tval *new);

/** A template's value for a task; errors name the rule. */
OPK_MUST_USE enum opk_status opk_planner_value(struct opk_planner *planner,
                                               const struct opk_task *task,
                                               const struct opk_template *tmpl,
                                               struct opk_tval *out_value);

/* The modes. Each may add problems; a status other than OPK_OK ends the run. */
OPK_MUST_USE enum opk_status opk_plan_yaml_block(struct opk_planner *planner,
                                                 const struct opk_task *task);
OPK_MUST_USE enum opk_status opk_plan_section(struct opk_planner *planner,
                                              const struct opk_task *task);

/* These two take all cards at once, since they share a file. */
OPK_MUST_USE enum opk_status opk_plan_index(struct opk_planner *planner,
                                            const struct opk_rule *rule);
OPK_MUST_USE enum opk_status opk_plan_kinds(struct opk_planner *planner,
                                            const struct opk_rule *rule);

/**
 * The file of a rule for a card, or NULL when the rule is for another family, the card does not
 * give its path, or a problem was recorded.
 */
OPK_MUST_USE enum opk_status opk_planner_file(struct opk_planner *planner,
                                              const struct opk_rule *rule,
                                              const struct opk_card *card,
                                              struct opk_file **out_file);

/** Record that a file that must be there is not, in the same words whoever needs it first. */
OPK_MUST_USE enum opk_status opk_planner_missing(struct opk_planner *planner,
                                                 const struct opk_card *card, const char *noun,
                                                 struct opk_str path_from, struct opk_str path);

/**
 * Fill task->data: the card's fields, card, rule, target; for sections also spec, kinds, examples,
 * inputs and outputs. Not ready when one of these is missing, which is a problem already.
 */
OPK_MUST_USE enum opk_status opk_planner_data(struct opk_planner *planner, struct opk_task *task,
                                              bool *out_ready);

#endif
