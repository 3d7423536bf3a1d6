/* opk new: a card with every file of its suite, a plugin, a rule of the propagation map. */
#include "sync/cmd_sync.h"

#include "base/out.h"
#include "promote/cmd_actor.h"
#include "promote/drafts.h"
#include "promote/registry.h"
#include "sync/build.h"
#include "sync/cmd_report.h"
#include "sync/ledger.h"
#include "sync/new_card.h"
#include "sync/new_plugin.h"
#include "sync/new_rule.h"

#include <string.h>

struct new_values {
    const char *category;
    bool dry_run;
    struct opk_opt_list fields;
    struct opk_opt_list filters;
    const char *from;
    const char *from_index;
    struct opk_opt_list hooks;
    const char *id;
    bool insert_missing;
    struct opk_opt_list kinds;
    const char *layer;
    const char *root;
    const char *section;
    const char *target_type;
    const char *template;
    const char *ulid;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("category", 0, TEXT, "WORD", "card: its category", struct new_values, category),
    OPK_OPT("dry-run", 0, FLAG, NULL, "write nothing; print what would be written",
            struct new_values, dry_run),
    OPK_OPT("field", 0, LIST, "KEY=VALUE", "rule: a field that it sets to a template",
            struct new_values, fields),
    OPK_OPT("filter", 0, LIST, "GLOB", "plugin: paths that it is asked about; all when not given",
            struct new_values, filters),
    OPK_OPT("from", 0, TEXT, "ID", "card: for this operation kind (OPK-...) or draft (DRF-...)",
            struct new_values, from),
    OPK_OPT("from-index", 0, TEXT, "PAT-...", "card: of a pattern that PATTERN_INDEX has",
            struct new_values, from_index),
    OPK_OPT("hook", 0, LIST, "EVENT", "plugin: what it answers to, such as on_doc_changed",
            struct new_values, hooks),
    OPK_OPT("id", 0, TEXT, "PAT-...", "card: its pattern_id; PAT-<KEY>-001 when not given",
            struct new_values, id),
    OPK_OPT("insert-missing", 0, FLAG, NULL, "card: add sections that documents there lack",
            struct new_values, insert_missing),
    OPK_OPT("kind", 0, LIST, "OPK-...", "card: an operation kind; may be given again",
            struct new_values, kinds),
    OPK_OPT("layer", 0, TEXT, "LAYER", "card: execution, infra, meta or planning",
            struct new_values, layer),
    OPK_OPT("root", 0, TEXT, "DIR", "the repository's root; here when not given", struct new_values,
            root),
    OPK_OPT("section", 0, TEXT, "ID", "rule: the marked section that it writes", struct new_values,
            section),
    OPK_OPT("target-type", 0, TEXT, "TYPE", "rule: what it writes into, such as executor_doc",
            struct new_values, target_type),
    OPK_OPT("template", 0, TEXT, "FILE",
            "rule: of the section; templates/pattern/NAME.j2 when not "
            "given",
            struct new_values, template),
    OPK_OPT("ulid", 0, TEXT, "ULID", "card: its ulid, instead of a new one", struct new_values,
            ulid),
    OPK_OPT_END,
};

static enum opk_status usage(struct opk_err *err, const char *why)
{
    return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "%s", why);
}

static enum opk_status set_kind(struct opk_repo *repo, struct opk_new_card *card,
                                struct opk_str kind, struct opk_str summary, struct opk_err *err)
{
    struct opk_arena *arena = &repo->files.arena;
    struct opk_str *kinds = opk_arena_alloc(arena, sizeof(*kinds));

    if (!kinds)
        return opk_arena_check(arena, err);
    *kinds = opk_arena_copy(arena, kind);
    card->kinds = kinds;
    card->kind_count = 1;
    card->summary = opk_arena_copy(arena, summary);
    return opk_arena_check(arena, err);
}

/* The drafts lie beside the registry, wherever opk.yaml puts it. */
static struct opk_str drafts_path(struct opk_repo *repo)
{
    struct opk_str registry = repo->paths.kind_registry;
    struct opk_str standard = OPK_STR(OPK_DRAFTS_PATH);
    size_t slash = opk_str_rfind_byte(registry, '/');
    struct opk_str folder = opk_str_slice(registry, 0, slash == OPK_NPOS ? 0 : slash + 1);
    struct opk_str name = opk_str_skip(standard, opk_str_rfind_byte(standard, '/') + 1);

    return opk_arena_printf(&repo->files.arena, "%.*s%.*s", OPK_STR_FMT(folder), OPK_STR_FMT(name));
}

/* The kind that a draft became, or is proposed to become. */
static enum opk_status from_draft(struct opk_repo *repo, const struct opk_registry *registry,
                                  struct opk_str id, struct opk_new_card *card, struct opk_err *err)
{
    const struct opk_registered *promoted = opk_registry_find_promoted(registry, id);
    struct opk_drafts drafts = {0};
    struct opk_file *file;

    if (promoted)
        return set_kind(repo, card, promoted->id, promoted->summary, err);
    enum opk_status status = opk_files_open(&repo->files, drafts_path(repo), &file, err);
    if (status == OPK_OK)
        status = opk_drafts_parse(file->now, file->path, &drafts, err);
    if (status != OPK_OK)
        return status;
    const struct opk_draft *draft = opk_drafts_find(&drafts, id);
    if (draft && draft->proposed_id.len > 0)
        status = set_kind(repo, card, draft->proposed_id, draft->summary, err);
    else
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path), "no draft %.*s here",
                          OPK_STR_FMT(id));
    opk_drafts_done(&drafts);
    return status;
}

static enum opk_status from_kind(struct opk_repo *repo, const char *from, struct opk_new_card *card,
                                 struct opk_err *err)
{
    struct opk_registry registry = {0};
    struct opk_str id = opk_str_of(from);
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, repo->paths.kind_registry, &file, err);

    if (status == OPK_OK)
        status = opk_registry_parse(file->now, file->path, &registry, err);
    if (status != OPK_OK)
        return status;
    const struct opk_registered *kind = opk_registry_find(&registry, id);
    if (opk_draft_id_is_valid(id))
        status = from_draft(repo, &registry, id, card, err);
    else if (kind)
        status = set_kind(repo, card, kind->id, kind->summary, err);
    else
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path),
                          "no operation kind '%s' here; promote a draft, or give --kind", from);
    opk_registry_done(&registry);
    return status;
}

static enum opk_status given_kinds(struct opk_repo *repo, const struct new_values *values,
                                   struct opk_new_card *card, struct opk_err *err)
{
    struct opk_str *kinds =
        opk_arena_array(&repo->files.arena, values->kinds.count + 1, sizeof(*kinds));

    if (!kinds)
        return opk_arena_check(&repo->files.arena, err);
    for (size_t i = 0; i < values->kinds.count; i++)
        kinds[i] = opk_str_of(values->kinds.items[i]);
    card->kinds = kinds;
    card->kind_count = values->kinds.count;
    return OPK_OK;
}

/* Everything that the command line, the registry and the index say of the card. */
static enum opk_status find_out(const struct opk_cli *cli, const struct new_values *values,
                                struct opk_repo *repo, struct opk_new_card *card,
                                struct opk_err *err)
{
    enum opk_status status = opk_cmd_ulid(cli, values->ulid, &card->ulid, err);

    card->key = opk_str_of(cli->operand_count > 1 ? cli->operands[1] : NULL);
    card->id = opk_str_of(values->id);
    card->category = opk_str_of(values->category);
    card->layer = opk_str_of(values->layer);
    if (status == OPK_OK && values->kinds.count > 0)
        status = given_kinds(repo, values, card, err);
    if (status == OPK_OK && values->from)
        status = from_kind(repo, values->from, card, err);
    if (status == OPK_OK && values->from_index)
        status = opk_new_card_from_index(repo, opk_str_of(values->from_index), card, err);
    if (status != OPK_OK)
        return status;
    if (card->key.len == 0 && card->kind_count > 0)
        card->key = opk_new_card_key(&repo->files.arena, card->kinds[0]);
    if (card->key.len == 0)
        return usage(err, "a new card needs its key, such as PAT_ATOMIC_CREATE_FILES");
    if (card->kind_count == 0)
        return usage(err, "a card has at least one operation kind: give --from or --kind");
    if (card->category.len == 0)
        return usage(err, "a card has a category: give --category");
    opk_new_card_complete(repo, card);
    return opk_arena_check(&repo->files.arena, err);
}

static enum opk_status print_files(const struct opk_cli *cli, struct opk_repo *repo, bool dry_run,
                                   struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_file *const *files;
    size_t count = 0;
    enum opk_status status = opk_files_changed(&repo->files, &files, &count, err);

    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        opk_buf_append_cstr(&text, dry_run ? "would " : "");
        opk_buf_append_cstr(&text, files[i]->exists ? "change " : "write ");
        opk_out_terminal(&text, opk_str_of(files[i]->path), false);
        opk_buf_append_byte(&text, '\n');
    }
    if (status == OPK_OK)
        status = opk_cli_write(cli, &text, err);
    opk_buf_done(&text);
    return status;
}

/* Write what was put into the repository's files, and name it. */
static enum opk_status write_files(const struct opk_cli *cli, const struct new_values *values,
                                   struct opk_repo *repo, struct opk_err *err)
{
    enum opk_status status = values->dry_run ? OPK_OK : opk_repo_write(repo, err);

    return status == OPK_OK ? print_files(cli, repo, values->dry_run, err) : status;
}

/* What follows from the new card, as any sync would have it. */
static enum opk_status plan_card(const struct opk_cli *cli, const struct new_values *values,
                                 struct opk_repo *repo, const struct opk_card *card, int *out_code,
                                 struct opk_err *err)
{
    const struct opk_plan_options options = {
        .cards = &card, .card_count = 1, .insert_missing = values->insert_missing};
    struct opk_rules rules = {0};
    struct opk_plan plan = {0};
    enum opk_status status = opk_rules_load(&repo->files, repo->paths.rules, &rules, err);

    if (status == OPK_OK)
        status = opk_plan_make(repo, &rules, &options, &plan, err);
    if (status == OPK_OK) {
        opk_report_problems(cli, &plan.problems);
        *out_code = opk_problems_exit(&plan.problems);
    }
    opk_plan_done(&plan);
    opk_rules_done(&rules);
    return status;
}

static enum opk_status new_card(const struct opk_cli *cli, const struct new_values *values,
                                struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_new_card card = {.ulid = OPK_STR_EMPTY};
    const struct opk_card *added;
    enum opk_status status = find_out(cli, values, repo, &card, err);

    if (status == OPK_OK)
        status = opk_new_card_add(repo, &card, &added, err);
    if (status == OPK_OK)
        status = plan_card(cli, values, repo, added, out_code, err);
    if (status != OPK_OK || *out_code != OPK_EXIT_OK)
        return status;
    status = opk_ledger_plan(repo, err);
    return status == OPK_OK ? write_files(cli, values, repo, err) : status;
}

static enum opk_status new_plugin(const struct opk_cli *cli, const struct new_values *values,
                                  struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_new_plugin plugin = {
        .id = cli->operands[1],
        .hooks = values->hooks.items,
        .hook_count = values->hooks.count,
        .filters = values->filters.items,
        .filter_count = values->filters.count,
    };
    enum opk_status status = opk_new_plugin_add(repo, &plugin, err);

    *out_code = OPK_EXIT_OK;
    return status == OPK_OK ? write_files(cli, values, repo, err) : status;
}

static enum opk_status new_rule(const struct opk_cli *cli, const struct new_values *values,
                                struct opk_repo *repo, int *out_code, struct opk_err *err)
{
    struct opk_new_rule rule = {
        .name = cli->operands[1],
        .target_type = values->target_type,
        .section = values->section,
        .template = values->template,
        .fields = values->fields.items,
        .field_count = values->fields.count,
    };
    enum opk_status status = opk_new_rule_add(repo, &rule, err);

    *out_code = OPK_EXIT_OK;
    return status == OPK_OK ? write_files(cli, values, repo, err) : status;
}

static bool has_card_options(const struct new_values *values)
{
    return values->category || values->from || values->from_index || values->id ||
           values->insert_missing || values->kinds.count > 0 || values->layer || values->ulid;
}

static bool has_plugin_options(const struct new_values *values)
{
    return values->hooks.count > 0 || values->filters.count > 0;
}

static bool has_rule_options(const struct new_values *values)
{
    return values->section || values->target_type || values->template || values->fields.count > 0;
}

static const struct subject {
    const char *name;
    const char *needs; /* what is missing when no name is given; NULL: it may be absent */
    bool (*has_options)(const struct new_values *values);
    enum opk_status (*make)(const struct opk_cli *cli, const struct new_values *values,
                            struct opk_repo *repo, int *out_code, struct opk_err *err);
} SUBJECTS[] = {
    {"card", NULL, has_card_options, new_card},
    {"plugin", "a new plugin needs its id, such as docs.stale_links", has_plugin_options,
     new_plugin},
    {"rule", "a new rule needs its name", has_rule_options, new_rule},
};
#define SUBJECT_COUNT (sizeof(SUBJECTS) / sizeof(SUBJECTS[0]))

/* What is made; do the options belong to it? */
static enum opk_status check_usage(const struct opk_cli *cli, const struct new_values *values,
                                   const struct subject **out_subject, struct opk_err *err)
{
    const struct subject *subject = NULL;

    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (strcmp(cli->operands[0], SUBJECTS[i].name) == 0)
            subject = &SUBJECTS[i];
    }
    if (!subject)
        return usage(err, "opk new makes a card, a plugin or a rule");
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (&SUBJECTS[i] != subject && SUBJECTS[i].has_options(values))
            return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "this option is for 'opk new %s'",
                            SUBJECTS[i].name);
    }
    if ((values->from != NULL) + (values->from_index != NULL) +
            (values->kinds.count > 0 && values->from) >
        1)
        return usage(err, "give one of --from, --from-index and --kind");
    if (values->from_index && values->id)
        return usage(err, "--from-index says the pattern_id");
    if (subject->needs && cli->operand_count != 2)
        return usage(err, subject->needs);
    *out_subject = subject;
    return OPK_OK;
}

static int run_new(struct opk_cli *cli, const void *raw)
{
    const struct new_values *values = raw;
    const struct subject *subject = NULL;
    struct opk_repo repo;
    struct opk_err err;
    int code = OPK_EXIT_OK;
    enum opk_status status = check_usage(cli, values, &subject, &err);

    if (status != OPK_OK)
        return opk_report_usage(cli, &err);
    status = opk_repo_open(values->root ? values->root : ".",
                           values->dry_run ? OPK_REPO_READ : OPK_REPO_WRITE, &repo, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    opk_report_problems(cli, &repo.problems);
    code = opk_problems_exit(&repo.problems);
    if (code == OPK_EXIT_OK)
        status = subject->make(cli, values, &repo, &code, &err);
    opk_repo_done(&repo);
    return status == OPK_OK ? code : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_NEW = {
    .name = "new",
    .stage = "pattern repository",
    .summary = "make a card with every file of its suite, a plugin or a rule",
    .operands = "card [KEY] | plugin ID | rule NAME",
    .details =
        "A card gets a new ULID and goes with every file that it names, where that is not there:\n"
        "spec, schema, executor, test, documents with their markers. What follows from it follows\n"
        "at once, in the same transaction, and its identity is written to the ledger.\n"
        "\n"
        "--from-index drafts the card of a pattern that has a spec and an entry in PATTERN_INDEX:\n"
        "that is how an old repository is adopted. Files that are there keep every byte, but for\n"
        "what the card decides from now on.\n"
        "\n"
        "A plugin ID, such as docs.stale_links, gets its specification, the schemas of the event\n"
        "that it reads and of its answer, and a program to begin with, below plugins/.\n"
        "\n"
        "A rule writes a marked section (--section) or sets fields (--field) of a target; it is\n"
        "added at the end of propagation.map.yml, and its template where that is not there.\n"
        "\n"
        "Exit: 0 made, 3 what was given makes no card or rule, 4 an identity that was given\n"
        "out, or a plugin that is there.",
    .opts = OPTS,
    .values_size = sizeof(struct new_values),
    .min_operands = 1,
    .max_operands = 2,
    .run = run_new,
};
