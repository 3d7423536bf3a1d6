/* opk sync: bring what derives from cards back in step. */
#include "sync/cmd_sync.h"

#include "base/out.h"
#include "sync/cmd_report.h"
#include "sync/plan.h"

#include <string.h>

struct sync_values {
    bool all;
    const char *category;
    bool check;
    bool diff;
    bool dry_run;
    bool force_name;
    const char *format;
    bool insert_missing;
    bool migrate;
    bool no_create;
    bool overwrite;
    const char *pattern_id;
    const char *pattern_key;
    const char *root;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("all", 0, FLAG, NULL, "every card of the repository", struct sync_values, all),
    OPK_OPT("category", 0, TEXT, "WORD", "with --migrate: the category of a card that has none",
            struct sync_values, category),
    OPK_OPT("check", 0, FLAG, NULL, "write nothing; exit 1 when something has drifted",
            struct sync_values, check),
    OPK_OPT("diff", 0, FLAG, NULL, "print what changes as a unified diff", struct sync_values,
            diff),
    OPK_OPT("dry-run", 0, FLAG, NULL, "write nothing; print the plan", struct sync_values, dry_run),
    OPK_OPT("force-name", 0, FLAG, NULL, "derive names anew where a file has one of its own",
            struct sync_values, force_name),
    OPK_OPT("format", 0, CHOICE, "text|json", "how the result is printed", struct sync_values,
            format),
    OPK_OPT("insert-missing", 0, FLAG, NULL, "add sections that a document lacks at its end",
            struct sync_values, insert_missing),
    OPK_OPT("migrate", 0, FLAG, NULL, "rewrite cards of the older dialect first",
            struct sync_values, migrate),
    OPK_OPT("no-create", 0, FLAG, NULL, "an absent entry of the index is a failure",
            struct sync_values, no_create),
    OPK_OPT("overwrite", 0, FLAG, NULL, "write over sections that were edited by hand",
            struct sync_values, overwrite),
    OPK_OPT("pattern-id", 0, TEXT, "ID", "the card with this pattern_id", struct sync_values,
            pattern_id),
    OPK_OPT("pattern-key", 0, TEXT, "KEY", "the card with this pattern_key", struct sync_values,
            pattern_key),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given",
            struct sync_values, root),
    OPK_OPT_END,
};

/* The cards that the command line names. */
struct selection {
    const struct opk_card **cards;
    size_t count;
    const char *shown; /* for the command that mends */
};

/* The name that the command line gives, and what it is a name of; empty for all. */
static struct opk_str named(const struct opk_cli *cli, const struct sync_values *values,
                            enum opk_repo_by *out_by)
{
    *out_by = OPK_REPO_BY_ANY;
    if (values->pattern_id) {
        *out_by = OPK_REPO_BY_ID;
        return opk_str_of(values->pattern_id);
    }
    if (values->pattern_key) {
        *out_by = OPK_REPO_BY_KEY;
        return opk_str_of(values->pattern_key);
    }
    return opk_str_of(cli->operand_count ? cli->operands[0] : NULL);
}

static enum opk_status select_one(const struct opk_repo *repo, const struct opk_cli *cli,
                                  const struct sync_values *values, struct selection *out,
                                  struct opk_err *err)
{
    enum opk_repo_by by;
    struct opk_str name = named(cli, values, &by);
    enum opk_status status = opk_repo_find(repo, by, name, &out->cards[0], err);

    if (status == OPK_OK) {
        out->count = 1;
        out->shown = out->cards[0]->key.data;
    }
    return status;
}

static enum opk_status select_cards(const struct opk_repo *repo, const struct opk_cli *cli,
                                    const struct sync_values *values, struct selection *out,
                                    struct opk_err *err)
{
    *out = (struct selection){.shown = "--all"};
    out->cards =
        opk_arena_array(cli->arena, opk_repo_card_count(repo) + 1, sizeof(struct opk_card *));
    if (!out->cards)
        return opk_arena_check(cli->arena, err);
    if (!values->all)
        return select_one(repo, cli, values, out, err);
    while ((out->cards[out->count] = opk_repo_card_at(repo, out->count)))
        out->count++;
    return OPK_OK;
}

/* Was a line printed for the file of a change, by an earlier change of the same card? */
static bool was_told(const struct opk_plan *plan, size_t index)
{
    const struct opk_change *change = &plan->items[index];

    for (size_t i = 0; i < index; i++) {
        if (plan->items[i].card == change->card && strcmp(plan->items[i].path, change->path) == 0)
            return true;
    }
    return false;
}

/* "[SYNC] Updating ..." for a card's changes, a line a file; for card NULL those of all cards. */
static void print_updates(const struct opk_plan *plan, const struct opk_card *card,
                          struct opk_buf *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct opk_change *change = &plan->items[i];
        if (change->card != card || was_told(plan, i))
            continue;
        if (card && strcmp(change->noun, "PATTERN_INDEX") == 0) {
            opk_buf_printf(out, "[SYNC] Updating PATTERN_INDEX entry for %.*s\n",
                           OPK_STR_FMT(card->pattern_id));
            continue;
        }
        opk_buf_printf(out, "[SYNC] Updating %s: ", change->noun);
        opk_out_terminal(out, opk_str_of(change->path), false);
        opk_buf_append_byte(out, '\n');
    }
}

static void print_written(const struct opk_plan *plan, const struct selection *selection,
                          struct opk_buf *out)
{
    for (size_t i = 0; i < selection->count; i++) {
        opk_buf_printf(out, "[SYNC] %.*s (%.*s)\n", OPK_STR_FMT(selection->cards[i]->id),
                       OPK_STR_FMT(selection->cards[i]->key));
        print_updates(plan, selection->cards[i], out);
    }
    print_updates(plan, NULL, out);
    if (plan->count == 0)
        opk_buf_append_cstr(out, "[SYNC] nothing to do\n");
}

static void print_checked(const struct opk_plan *plan, const struct selection *selection,
                          struct opk_buf *out)
{
    bool failed = opk_problems_serious(&plan->problems) > 0;
    const char *many = plan->count == 1 ? "" : "s";

    opk_report_changes(plan, out);
    if (plan->count > 0 && failed)
        opk_buf_printf(out, "[SYNC] drift: %zu change%s; first mend what is wrong or missing\n",
                       plan->count, many);
    else if (plan->count > 0)
        opk_buf_printf(out, "[SYNC] drift: %zu change%s; run 'opk sync %s' to mend it\n",
                       plan->count, many, selection->shown);
    else if (!failed)
        opk_buf_printf(out, "[SYNC] in step: %zu card%s\n", selection->count,
                       selection->count == 1 ? "" : "s");
}

/* What is missing is drift to --check; what is wrong stays wrong. */
static int exit_of(const struct opk_plan *plan, bool check)
{
    int code = OPK_EXIT_OK;

    for (size_t i = 0; i < plan->problems.count; i++) {
        const struct opk_problem *problem = &plan->problems.items[i];
        int own = opk_exit_code(problem->err.status);
        if (check && (problem->is_drift || problem->err.status == OPK_E_NOENT))
            own = OPK_EXIT_FINDINGS;
        if (!problem->is_note && own > code)
            code = own;
    }
    if (code == OPK_EXIT_OK && check && plan->count > 0)
        code = OPK_EXIT_FINDINGS;
    return code;
}

static enum opk_status print_result(const struct opk_cli *cli, const struct sync_values *values,
                                    struct opk_repo *repo, const struct opk_plan *plan,
                                    const struct selection *selection, struct opk_err *err)
{
    bool json = strcmp(values->format, "json") == 0;
    bool failed = opk_problems_serious(&plan->problems) > 0;
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    if (json)
        opk_report_json(plan, &text);
    else if (values->check)
        print_checked(plan, selection, &text);
    else if (values->dry_run)
        opk_report_changes(plan, &text);
    else if (!failed)
        print_written(plan, selection, &text);
    if (values->diff && !json)
        status = opk_report_diffs(cli, repo, &text, err);
    if (!json)
        opk_report_problems(cli, &plan->problems);
    if (status == OPK_OK)
        status = opk_cli_write(cli, &text, err);
    opk_buf_done(&text);
    return status;
}

/* Everything after the repository is open; the exit code is in *out_code when all is well. */
static enum opk_status sync_repo(const struct opk_cli *cli, const struct sync_values *values,
                                 struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_plan_options options = {.no_create = values->no_create,
                                       .force_name = values->force_name,
                                       .insert_missing = values->insert_missing,
                                       .overwrite = values->overwrite};
    struct selection selection;
    struct opk_rules rules = {0};
    struct opk_plan plan = {0};
    enum opk_repo_by by;
    struct opk_str name = named(cli, values, &by);
    enum opk_status status = OPK_OK;

    if (values->migrate)
        status = opk_repo_migrate(repo, by, name, opk_str_of(values->category), err);
    if (status != OPK_OK)
        return status;
    opk_report_problems(cli, &repo->problems);
    if (opk_problems_serious(&repo->problems) > 0) {
        *out_code = opk_problems_exit(&repo->problems);
        return OPK_OK;
    }
    status = select_cards(repo, cli, values, &selection, err);
    options.cards = selection.cards;
    options.card_count = selection.count;
    if (status == OPK_OK)
        status = opk_rules_load(&repo->files, repo->paths.rules, &rules, err);
    if (status == OPK_OK)
        status = opk_plan_make(repo, &rules, &options, &plan, err);
    if (status == OPK_OK && !values->check && !values->dry_run &&
        opk_problems_serious(&plan.problems) == 0)
        status = opk_repo_write(repo, err);
    if (status == OPK_OK)
        status = print_result(cli, values, repo, &plan, &selection, err);
    if (status == OPK_OK)
        *out_code = exit_of(&plan, values->check);
    opk_plan_done(&plan);
    opk_rules_done(&rules);
    return status;
}

static int run_sync(struct opk_cli *cli, const void *raw)
{
    const struct sync_values *values = raw;
    size_t selectors = cli->operand_count + values->all + (values->pattern_id != NULL) +
                       (values->pattern_key != NULL);
    bool reads = values->check || values->dry_run;
    struct opk_repo repo;
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status;

    if (selectors != 1) {
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE,
                    "give exactly one of KEY, --pattern-id, --pattern-key and --all");
        return opk_report_usage(cli, &err);
    }
    if (values->category && !values->migrate) {
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "--category goes with --migrate");
        return opk_report_usage(cli, &err);
    }
    status = opk_repo_open(values->root ? values->root : ".",
                           reads ? OPK_REPO_READ : OPK_REPO_WRITE, &repo, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    status = sync_repo(cli, values, &repo, &code, &err);
    opk_repo_done(&repo);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_SYNC = {
    .name = "sync",
    .stage = "pattern repository",
    .summary = "bring specs, docs, indexes and registries in step with their cards",
    .operands = "[KEY]",
    .details =
        "KEY is a card's pattern_key, doc_key, pattern_id, doc_id or ulid. What follows a card "
        "stands in\n"
        "the repository's propagation.map.yml. All files are written in one transaction, or none\n"
        "is; text outside of what a rule names keeps every byte. The suite index and\n"
        "patterns.registry are refreshed with it.\n"
        "\n"
        "A card of the older dialect (its ULID as pattern_id, primary_spec, OPK_LIKE_THIS) is "
        "read\n"
        "as one of today; --migrate rewrites it, and leaves its comments and order as they are.\n"
        "\n"
        "Exit: 0 in step, 1 drift or something missing (--check), 3 an invalid card, rule or\n"
        "marker, 4 a document belongs to another pattern, 5 another writer or a changed file.",
    .opts = OPTS,
    .values_size = sizeof(struct sync_values),
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_sync,
};
