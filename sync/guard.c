#include "sync/guard_impl.h"

#include "base/mem.h"
#include "base/opt.h"
#include "base/yaml.h"
#include "sync/guard_base.h"
#include "sync/sidecar_repo.h"

#include <stdlib.h>

#define CONFIGURATION "opk.yaml"

struct row {
    struct opk_guard_rule rule;
    enum opk_status (*check)(struct opk_guard *guard);
    bool needs_base; /* checked against a revision only */
};

/* Every rule. An id is never given to another meaning. */
static const struct row ROWS[] = {
    {{"PG001", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "cards follow their schema",
      "Everything is derived from cards; a card that cannot be read derives nothing.",
      "correct the card at the line that is named"},
     opk_guard_cards,
     false},
    {{"PG002", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "a card's file is named after its ulid",
      "A card is found by its ulid; under another name it is lost to whoever looks for it.",
      "rename the file to <ulid>.yaml"},
     opk_guard_file_names,
     false},
    {{"PG003", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND,
      "ulid, pattern_id, pattern_key and doc_id are one card's only",
      "Two cards with one identity would overwrite each other's derived files.",
      "give the newer card an identity of its own"},
     opk_guard_unique,
     false},
    {{"PG004", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the spec says what its card says",
      "A runtime reads the spec alone: it must be the pattern, and the version, of the card.",
      "run 'opk sync'; where the identity differs, mend suite.spec or the spec by hand"},
     opk_guard_specs,
     false},
    {{"PG005", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the files of a suite exist",
      "A card promises its spec, schema, executor, tests, examples and docs to whoever uses it.",
      "write the file, or take it out of the card"},
     opk_guard_suites,
     false},
    {{"PG006", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND,
      "operation kinds that cards use are registered",
      "Only a person makes an operation kind; until then, what a card says has no agreed meaning.",
      "promote a draft as this kind, or set its status to active in the registry by hand"},
     opk_guard_kinds_used,
     false},
    {{"PG007", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND,
      "the registry of operation kinds is well-formed",
      "Kinds are matched by their id, so each has one, in one spelling, with a status that exists.",
      "correct the registry at the line that is named"},
     opk_guard_kind_registry,
     false},
    {{"PG008", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "markers of generated sections are sound",
      "A section whose begin or end is in doubt would take text that people wrote with it.",
      "set exactly one BEGIN and one END line, in this order, outside code"},
     opk_guard_markers,
     false},
    {{"PG009", OPK_SEVERITY_ERROR, OPK_MEND_SYNC, "nothing has drifted from its card",
      "What is derived is read as if it were the card; where the two disagree, readers are misled.",
      "run 'opk sync --all'"},
     opk_guard_drift,
     false},
    {{"PG010", OPK_SEVERITY_ERROR, OPK_MEND_BUILD,
      "the suite index and the pattern registry match the cards",
      "They are how programs find patterns, and are made from the cards alone.", "run 'opk build'"},
     opk_guard_indexes,
     false},
    {{"PG011", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the propagation rules can be read",
      "Without rules nothing follows a card.", "correct the map at the line that is named"},
     opk_guard_rules,
     false},
    {{"PG012", OPK_SEVERITY_NOTE, OPK_MEND_BY_HAND, "registered kinds are used by a card",
      "A kind that nobody's pattern uses may be one to deprecate, or one to write a pattern for.",
      "use it in a card, or leave it: this is only a note"},
     opk_guard_kinds_unused,
     false},
    {{"PG013", OPK_SEVERITY_WARNING, OPK_MEND_MIGRATE, "cards are written in the dialect of today",
      "Tools that read cards know one dialect; the older one is read here so that it can be left.",
      "run 'opk sync --migrate KEY'"},
     opk_guard_dialects,
     false},
    {{"PG014", OPK_SEVERITY_NOTE, OPK_MEND_BY_HAND, "the name of a spec is that of its key",
      "A name that was there before its card is kept, since others may know the pattern by it.",
      "run 'opk sync --force-name KEY', or leave it: this is only a note"},
     opk_guard_names,
     false},
    {{"PG015", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the evidence that a card names exists",
      "Evidence is what makes a pattern's claims checkable; a link to nothing proves nothing.",
      "add the file, or take it out of links.evidence"},
     opk_guard_evidence,
     false},
    {{"PG016", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the front matter of documents can be read",
      "Who a document belongs to stands in its front matter; programs read it as YAML.",
      "correct the front matter at the line that is named, and end it with a line of ---"},
     opk_guard_front_matter,
     false},
    {{"PG017", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "plugin specifications follow their schema",
      "A plugin is run by what its specification says; one that cannot be read is never asked.",
      "correct plugin.spec.json, and write the schemas that it names"},
     opk_guard_plugins,
     false},
    {{"PG018", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "this opk reads the schema_version of cards",
      "A card of another version may mean something else by the same key, so none of it is used.",
      "use an opk that reads this version, or write the card in version 1"},
     opk_guard_card_versions,
     false},
    {{"PG019", OPK_SEVERITY_ERROR, OPK_MEND_LEDGER, "the ledger holds every identity",
      "The ledger outlives cards: what it does not hold may be given out a second time.",
      "run 'opk build'"},
     opk_guard_ledger,
     false},
    {{"PG020", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "an identity is never given out again",
      "Links, tags and logs name patterns by their ids long after a pattern is gone or renamed.",
      "give the card a pattern_id, pattern_key and doc_id that were never used"},
     opk_guard_reuse,
     false},
    {{"PG021", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the ledger is only appended to",
      "A line that goes, by hand or with a commit that is reverted, sets its identity free again.",
      "bring the old lines back ('git checkout BASE -- ids/ledger.jsonl'), then run 'opk build'"},
     opk_guard_ledger_grows,
     true},
    {{"PG022", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the ulid of a pattern never changes",
      "The ulid is what a pattern keeps when it is renamed; another ulid is another pattern.",
      "put the old ulid back, and the file's old name"},
     opk_guard_ulids,
     true},
    {{"PG023", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the version changes with its pattern",
      "Two contents under one version cannot be told apart by those who rely on it.",
      "raise semver in the card by the step that is named, then run 'opk sync KEY'"},
     opk_guard_bumped,
     true},
    {{"PG024", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the version changes by the right step",
      "A major step tells users that they must act, a minor one that they may.",
      "raise semver in the card by the step that is named, then run 'opk sync KEY'"},
     opk_guard_steps,
     true},
    {{"PG025", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "a status changes as the contract allows",
      "Who reads a status relies on what it can still become.",
      "choose a status that PATTERN_VERSIONING_CONTRACT.md allows after the old one"},
     opk_guard_statuses,
     true},
    {{"PG026", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "a change set changes one pattern",
      "What is reviewed, reverted and tagged together is one pattern, with what derives from it.",
      "give each pattern a change set of its own"},
     opk_guard_one_pattern,
     true},
    {{"PG027", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "the step is the one that commits intend",
      "A step that its author did not intend is a mistake, in the commit or in the card.",
      "correct semver, or the trailer 'Intent: major|minor|patch'"},
     opk_guard_intents,
     true},
    {{"PG028", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND,
      "generated documents change in marked sections only",
      "What stands around the sections is part of the pattern, and changes with its version.",
      "take the text back, or raise semver in the card, then run 'opk sync KEY'"},
     opk_guard_marked_only,
     true},
    {{"PG029", OPK_SEVERITY_ERROR, OPK_MEND_BY_HAND, "trailers of commits can be read",
      "A trailer that is not understood is not followed, which its author should know.",
      "amend the commit: 'Pattern-Guard: skip=PGnnn reason=...', 'Intent: major|minor|patch'"},
     opk_guard_trailers,
     true},
    {{"PG030", OPK_SEVERITY_NOTE, OPK_MEND_BY_HAND, "what commits skip is told",
      "A finding that is passed over is passed over in the open.", "nothing: this is only a note"},
     opk_guard_skips,
     true},
    {{"PG031", OPK_SEVERITY_NOTE, OPK_MEND_BY_HAND, "version control holds what rules ask it",
      "Rules about changes see no further than the history that was fetched.",
      "run in a Git work tree, with its whole history: 'git fetch --unshallow'"},
     opk_guard_cut,
     true},
    {{"PG032", OPK_SEVERITY_WARNING, OPK_MEND_BY_HAND, "a document with a doc_key has a card",
      "A document that says who it is, and is no card's, follows nothing and is found by nobody.",
      "write ids/docs/cards/<ULID>.yaml for it, or take the doc_key out of its front matter"},
     opk_guard_documents,
     false},
    {{"PG033", OPK_SEVERITY_ERROR, OPK_MEND_SIDECAR, "sidecars say what their documents do",
      "An id of a paragraph is followed to bytes of its document; a sidecar that lags behind leads "
      "to others.",
      "run 'opk sidecar index DOC'; delete a sidecar whose document is gone"},
     opk_guard_sidecars,
     false},
};
#define ROW_COUNT (sizeof(ROWS) / sizeof(ROWS[0]))
_Static_assert(ROW_COUNT <= OPK_GUARD_RULES_MAX, "a longer array in guard_fix.c");

static const char *const SEVERITIES[] = {
    [OPK_SEVERITY_OFF] = "off",
    [OPK_SEVERITY_NOTE] = "note",
    [OPK_SEVERITY_WARNING] = "warning",
    [OPK_SEVERITY_ERROR] = "error",
};

enum opk_status opk_guard_add(struct opk_guard *guard, const struct opk_err *found)
{
    struct opk_findings *findings = guard->findings;
    struct opk_finding *grown =
        opk_grow(findings->items, &findings->cap, findings->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(guard->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for findings");
    findings->items = grown;
    findings->items[findings->count++] = (struct opk_finding){
        .rule = guard->rule, .severity = guard->severity, .err = *found, .excused = OPK_STR_EMPTY};
    return OPK_OK;
}

enum opk_status opk_guard_met(struct opk_guard *guard, const struct opk_err *found)
{
    if (found->status != OPK_E_NOMEM && found->status != OPK_E_IO &&
        found->status != OPK_E_INTERNAL)
        return opk_guard_add(guard, found);
    *guard->err = *found;
    return found->status;
}

enum opk_status opk_guard_read(struct opk_guard *guard, struct opk_str path,
                               struct opk_doc *out_doc, const char **out_path,
                               struct opk_err *found)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_file *file;
    enum opk_status status = opk_files_open(&guard->repo->files, path, &file, found);

    if (status != OPK_OK)
        return status;
    *out_path = file->path;
    return file->exists ? opk_yaml_parse(file->old, file->path, limits, out_doc, found) : OPK_OK;
}

static enum opk_status load_registry(struct opk_guard *guard)
{
    struct opk_file *file;
    enum opk_status status =
        opk_files_open(&guard->repo->files, guard->repo->paths.kind_registry, &file, guard->err);

    if (status != OPK_OK)
        return status;
    if (!file->exists)
        opk_err_set(&guard->broken_registry, OPK_E_NOENT, OPK_AT_PATH(file->path),
                    "there is no registry of operation kinds");
    else if (opk_registry_parse(file->old, file->path, &guard->registry, &guard->broken_registry) ==
             OPK_OK)
        guard->broken_registry.status = OPK_OK;
    return OPK_OK;
}

enum opk_status opk_guard_plan(struct opk_repo *repo, const struct opk_rules *rules,
                               struct opk_plan *out_plan, struct opk_err *err)
{
    const struct opk_card **cards = opk_arena_array(
        &repo->files.arena, opk_repo_card_count(repo) + 1, sizeof(struct opk_card *));
    const struct opk_plan_options options = {.cards = cards,
                                             .card_count = opk_repo_card_count(repo)};

    if (!cards)
        return opk_arena_check(&repo->files.arena, err);
    for (size_t i = 0; i < options.card_count; i++)
        cards[i] = opk_repo_card_at(repo, i);
    return opk_plan_make(repo, rules, &options, out_plan, err);
}

/* Before the plan, which puts other texts into the repository's files. */
static enum opk_status load_scan(struct opk_guard *guard)
{
    struct opk_files *files = &guard->repo->files;

    if (opk_docs_scan(files, &guard->findings->arena, &guard->scan, &guard->broken_scan) != OPK_OK)
        return OPK_OK; /* PG032 says so */
    guard->broken_scan.status = OPK_OK;
    return opk_sidecar_check_all(guard->repo, guard->scan.sidecars, guard->scan.sidecar_count,
                                 &guard->sidecars, guard->err);
}

static enum opk_status load_plan(struct opk_guard *guard)
{
    struct opk_repo *repo = guard->repo;

    if (opk_rules_load(&repo->files, repo->paths.rules, &guard->rules, &guard->broken_rules) !=
        OPK_OK)
        return OPK_OK; /* PG011 says so */
    return opk_guard_plan(repo, &guard->rules, &guard->plan, guard->err);
}

static enum opk_status set_severity(const struct opk_node *node, enum opk_severity out[],
                                    struct opk_err *err)
{
    const struct opk_guard_rule *rule = opk_guard_find(node->key->text);
    const char *ids[ROW_COUNT];
    size_t word = 0;

    for (size_t i = 0; i < ROW_COUNT; i++)
        ids[i] = ROWS[i].rule.id;
    if (!rule) {
        const char *near = opk_opt_nearest(node->key->text.data, ids, ROW_COUNT);
        return opk_fail(err, OPK_E_INVALID, opk_node_place(node->key, CONFIGURATION),
                        "no rule of guard is called '%.*s'%s%s%s", OPK_STR_FMT(node->key->text),
                        near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    while (!opk_str_eq(opk_str_of(SEVERITIES[word]), node->text))
        word++; /* one of them: the repository was opened with this file */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (&ROWS[i].rule == rule)
            out[i] = (enum opk_severity)word;
    }
    return OPK_OK;
}

/* What opk.yaml makes of the rules. */
static enum opk_status load_severities(struct opk_repo *repo, enum opk_severity out[],
                                       struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_doc doc = {0};
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, OPK_STR(CONFIGURATION), &file, err);

    for (size_t i = 0; i < ROW_COUNT; i++)
        out[i] = ROWS[i].rule.severity;
    if (status != OPK_OK || !file->exists)
        return status;
    status = opk_yaml_parse(file->old, CONFIGURATION, limits, &doc, err);
    if (status != OPK_OK)
        return status;
    const struct opk_node *rules = opk_node_pointer(doc.root, OPK_STR("/guard/rules"));
    for (const struct opk_node *node = rules ? rules->first : NULL; node && status == OPK_OK;
         node = node->next)
        status = set_severity(node, out, err);
    opk_doc_done(&doc);
    return status;
}

enum opk_status opk_guard_mends(struct opk_repo *repo, enum opk_guard_mend out[], size_t *out_count,
                                struct opk_err *err)
{
    enum opk_severity severities[ROW_COUNT];
    enum opk_status status = load_severities(repo, severities, err);

    *out_count = 0;
    for (size_t i = 0; i < ROW_COUNT && status == OPK_OK; i++) {
        if (severities[i] != OPK_SEVERITY_OFF)
            out[(*out_count)++] = ROWS[i].rule.mend;
    }
    return status;
}

/* The base, where one is asked for; outside of version control there is none, which is told. */
static enum opk_status load_base(struct opk_guard *guard, const struct opk_guard_options *options,
                                 struct opk_guard_base *base)
{
    enum opk_status status;
    struct opk_err outside;

    if (!options->base)
        return OPK_OK;
    status = opk_guard_base_load(guard->repo, &guard->rules, options->folder, options->base, base,
                                 guard->err);
    if (status == OPK_OK)
        guard->base = base;
    if (status != OPK_END)
        return status;
    opk_err_set(&outside, OPK_E_NOENT, OPK_NOWHERE,
                "no Git work tree with commits here: rules about changes are not checked");
    guard->outside = outside;
    return OPK_OK;
}

static enum opk_status check_rows(struct opk_guard *guard, const enum opk_severity severities[])
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < ROW_COUNT && status == OPK_OK; i++) {
        guard->rule = &ROWS[i].rule;
        guard->severity = severities[i];
        if (guard->severity == OPK_SEVERITY_OFF)
            continue;
        if (guard->base || !ROWS[i].needs_base)
            status = ROWS[i].check(guard);
        else if (ROWS[i].check == opk_guard_cut && guard->outside.status != OPK_OK)
            status = opk_guard_add(guard, &guard->outside);
    }
    return status;
}

enum opk_status opk_guard_run(struct opk_repo *repo, const struct opk_guard_options *options,
                              struct opk_findings *out_findings, struct opk_err *err)
{
    struct opk_guard guard = {.repo = repo, .findings = out_findings, .err = err};
    enum opk_severity severities[ROW_COUNT];
    struct opk_guard_base base = {0};
    enum opk_status status;

    *out_findings = (struct opk_findings){0};
    status = load_severities(repo, severities, err);
    if (status == OPK_OK)
        status = load_registry(&guard);
    if (status == OPK_OK)
        status = load_scan(&guard);
    if (status == OPK_OK)
        status = load_plan(&guard);
    if (status == OPK_OK)
        status = load_base(&guard, options, &base);
    if (status == OPK_OK)
        status = check_rows(&guard, severities);
    if (status == OPK_OK && guard.base)
        status = opk_guard_apply_skips(&guard);
    opk_guard_base_done(&base);
    opk_problems_done(&guard.sidecars);
    opk_plan_done(&guard.plan);
    opk_rules_done(&guard.rules);
    opk_registry_done(&guard.registry);
    if (status != OPK_OK)
        opk_findings_done(out_findings);
    return status;
}

void opk_findings_done(struct opk_findings *findings)
{
    free(findings->items);
    opk_arena_done(&findings->arena);
    *findings = (struct opk_findings){0};
}

size_t opk_findings_serious(const struct opk_findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].severity >= OPK_SEVERITY_WARNING &&
                 findings->items[i].excused.len == 0;
    return count;
}

const struct opk_guard_rule *opk_guard_rule_at(size_t index)
{
    return index < ROW_COUNT ? &ROWS[index].rule : NULL;
}

const struct opk_guard_rule *opk_guard_find(struct opk_str id)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (opk_str_eq_nocase(opk_str_of(ROWS[i].rule.id), id))
            return &ROWS[i].rule;
    }
    return NULL;
}

const char *opk_severity_name(enum opk_severity severity)
{
    return SEVERITIES[severity];
}
