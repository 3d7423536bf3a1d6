#include "sync/guard.h"

#include "base/mem.h"
#include "base/yaml.h"
#include "promote/registry.h"
#include "sync/build.h"
#include "sync/marker.h"
#include "sync/plan.h"

#include <stdlib.h>
#include <string.h>

struct guard {
    struct opk_repo *repo;
    struct opk_findings *findings;
    const struct opk_guard_rule *rule; /* the one that is being checked */
    struct opk_registry registry;      /* of kinds; owned */
    struct opk_plan plan;              /* of opk sync --all; owned */
    struct opk_rules rules;            /* owned */
    struct opk_err broken_registry;    /* status OPK_OK when the registry could be read */
    struct opk_err broken_rules;       /* likewise */
    struct opk_err *err;
};

static enum opk_status add(struct guard *guard, const struct opk_err *found)
{
    struct opk_findings *findings = guard->findings;
    struct opk_finding *grown =
        opk_grow(findings->items, &findings->cap, findings->count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(guard->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for findings");
    findings->items = grown;
    findings->items[findings->count++] = (struct opk_finding){guard->rule, *found};
    return OPK_OK;
}

/* What a check met is a finding, unless it ends the run. */
static enum opk_status add_or_end(struct guard *guard, const struct opk_err *found)
{
    if (found->status != OPK_E_NOMEM && found->status != OPK_E_IO &&
        found->status != OPK_E_INTERNAL)
        return add(guard, found);
    *guard->err = *found;
    return found->status;
}

static enum opk_status check_cards(struct guard *guard)
{
    const struct opk_problems *problems = &guard->repo->problems;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < problems->count && status == OPK_OK; i++)
        status = add(guard, &problems->items[i].err);
    return status;
}

static enum opk_status check_dialects(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        struct opk_err found;
        if (!card->is_older)
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_PATH(card->path),
                    "a card of the older dialect; 'opk sync --migrate %.*s' rewrites it",
                    OPK_STR_FMT(card->pattern_key));
        status = add(guard, &found);
    }
    return status;
}

static enum opk_status check_file_names(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        struct opk_str name = opk_str_of(card->path);
        size_t slash = opk_str_rfind_byte(name, '/');
        struct opk_err found;
        if (slash != OPK_NPOS)
            name = opk_str_skip(name, slash + 1);
        if (opk_str_starts(name, card->ulid) &&
            opk_str_eq(opk_str_skip(name, card->ulid.len), OPK_STR(".yaml")))
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_PATH(card->path),
                    "the card's ulid is %.*s, so its file must be %.*s.yaml",
                    OPK_STR_FMT(card->ulid), OPK_STR_FMT(card->ulid));
        status = add(guard, &found);
    }
    return status;
}

static enum opk_status check_unique(struct guard *guard)
{
    struct opk_err found;

    return opk_build_check_unique(guard->repo, &found) == OPK_OK ? OPK_OK
                                                                 : add_or_end(guard, &found);
}

/* What a spec must say as its card does; pattern_key only where the spec has it. */
static const struct {
    const char *spec;
    const char *card;
    bool required;
} SPEC_PAIRS[] = {
    {"doc_id", "doc_id", true},
    {"pattern_id", "pattern_id", true},
    {"pattern_key", "pattern_key", false},
    {"version", "semver", true},
};

static enum opk_status compare_spec(struct guard *guard, const struct opk_card *card,
                                    const struct opk_doc *spec, const char *path)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < sizeof(SPEC_PAIRS) / sizeof(SPEC_PAIRS[0]) && status == OPK_OK; i++) {
        const struct opk_node *said = opk_node_get(spec->root, SPEC_PAIRS[i].spec);
        struct opk_str want = opk_node_text(opk_node_get(card->doc.root, SPEC_PAIRS[i].card));
        struct opk_err found;
        if (said ? opk_str_eq(said->text, want) : !SPEC_PAIRS[i].required)
            continue;
        opk_err_set(&found, OPK_E_INVALID, said ? opk_node_place(said, path) : OPK_AT_LINE(path, 1),
                    "%s is %.*s, but %s of %s is %.*s", SPEC_PAIRS[i].spec,
                    OPK_STR_FMT(said ? said->text : OPK_STR("absent")), SPEC_PAIRS[i].card,
                    card->path, OPK_STR_FMT(want));
        status = add(guard, &found);
    }
    return status;
}

static enum opk_status check_specs(struct guard *guard)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        struct opk_str path = opk_node_text(opk_node_get(card->suite, "spec"));
        struct opk_doc spec = {0};
        struct opk_file *file;
        struct opk_err found;
        status = opk_files_open(&guard->repo->files, path, &file, &found);
        if (status == OPK_OK && !file->exists)
            continue; /* PG005 says so */
        if (status == OPK_OK)
            status = opk_yaml_parse(file->old, file->path, limits, &spec, &found);
        status = status == OPK_OK ? compare_spec(guard, card, &spec, file->path)
                                  : add_or_end(guard, &found);
        opk_doc_done(&spec);
    }
    return status;
}

/* A folder that is there; what hinders reading it is told as it is. */
static enum opk_status find_folder(struct guard *guard, const char *path, struct opk_err *found)
{
    struct opk_arena arena = {0};
    struct opk_str *names;
    size_t count;
    enum opk_status status = opk_root_list(&guard->repo->root, path, &arena, &names, &count, found);

    opk_arena_done(&arena);
    return status;
}

static enum opk_status check_file(struct guard *guard, const struct opk_card *card,
                                  const struct opk_node *node)
{
    struct opk_str key = node->key ? node->key->text : OPK_STR_EMPTY;
    bool is_folder = opk_str_eq(key, OPK_STR("examples_dir")) || opk_str_eq(key, OPK_STR("folder"));
    enum opk_status status = OPK_OK;
    struct opk_err found;

    if (is_folder)
        status = find_folder(guard, node->text.data, &found);
    else if (!opk_root_has(&guard->repo->root, node->text.data))
        status = OPK_E_NOENT;
    if (status == OPK_OK)
        return OPK_OK;
    if (status == OPK_E_NOENT)
        opk_err_set(&found, OPK_E_NOENT, opk_node_place(node, card->path), "no %s %.*s",
                    is_folder ? "folder" : "file", OPK_STR_FMT(node->text));
    return add_or_end(guard, &found);
}

/* Every path of suite, in lists and in docs too. */
static enum opk_status check_suite(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        for (const struct opk_node *node = card->suite->first; node; node = node->next) {
            const struct opk_node *item = node->first ? node->first : node;
            for (; item && status == OPK_OK; item = item == node ? NULL : item->next)
                status = check_file(guard, card, item);
        }
    }
    return status;
}

static enum opk_status check_kinds_used(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    if (guard->broken_registry.status != OPK_OK)
        return OPK_OK; /* PG007 says so */
    for (size_t i = 0; i < guard->repo->card_count; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        const struct opk_node *kind = card->operation_kinds->first;
        for (; kind && status == OPK_OK; kind = kind->next) {
            const struct opk_registered *known = opk_registry_find(&guard->registry, kind->text);
            struct opk_err found;
            if (known && known->status != OPK_KIND_DRAFT)
                continue;
            opk_err_set(&found, OPK_E_INVALID, opk_node_place(kind, card->path),
                        known ? "operation kind %.*s waits for a person to promote it"
                              : "operation kind %.*s is not registered",
                        OPK_STR_FMT(kind->text));
            status = add(guard, &found);
        }
    }
    return status;
}

/* The registry of kinds as a whole: ids are well-formed, single, with a status that exists. */
static enum opk_status check_kind_registry(struct guard *guard)
{
    return guard->broken_registry.status == OPK_OK ? OPK_OK
                                                   : add_or_end(guard, &guard->broken_registry);
}

static enum opk_status check_markers(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count; i++) {
        const struct opk_node *docs = opk_node_get(guard->repo->cards[i].suite, "docs");
        const struct opk_node *doc = docs ? docs->first : NULL;
        for (; doc && status == OPK_OK; doc = doc->next) {
            struct opk_arena arena = {0};
            struct opk_sections sections = {0};
            struct opk_file *file;
            struct opk_err found;
            status = opk_files_open(&guard->repo->files, doc->text, &file, &found);
            if (status == OPK_OK)
                status = opk_sections_parse(file->old, file->path, &arena, &sections, &found);
            opk_arena_done(&arena);
            if (status != OPK_OK)
                status = add_or_end(guard, &found);
        }
    }
    return status;
}

static enum opk_status report_change(struct guard *guard, const struct opk_change *change)
{
    struct opk_err found;

    if (change->new.len > 0)
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_PATH(change->path),
                    "drift in %.*s: %.*s should be %.*s (rule %s)", OPK_STR_FMT(change->what),
                    OPK_STR_FMT(change->old.len ? change->old : OPK_STR("absent")),
                    OPK_STR_FMT(change->new), change->rule);
    else
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_PATH(change->path), "drift: %.*s (rule %s)",
                    OPK_STR_FMT(change->what), change->rule);
    return add(guard, &found);
}

/* Another rule has told this already. */
static bool is_told(const struct guard *guard, const struct opk_err *err)
{
    for (size_t i = 0; i < guard->findings->count; i++) {
        const struct opk_err *other = &guard->findings->items[i].err;
        if (other->line == err->line && strcmp(other->path, err->path) == 0 &&
            strcmp(other->message, err->message) == 0)
            return true;
    }
    return false;
}

/* Changes of the indexes, or all others. Files that all cards share are not judged while a card
 * cannot be read: they would seem to hold too much. */
static enum opk_status report_changes(struct guard *guard, bool of_indexes)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->plan.count && status == OPK_OK; i++) {
        const struct opk_change *change = &guard->plan.items[i];
        bool judged = change->card || guard->repo->problems.count == 0;
        if (judged && (strcmp(change->rule, OPK_RULE_BUILD) == 0) == of_indexes)
            status = report_change(guard, change);
    }
    return status;
}

static enum opk_status check_drift(struct guard *guard)
{
    enum opk_status status = report_changes(guard, false);

    for (size_t i = 0; i < guard->plan.problems.count && status == OPK_OK; i++) {
        const struct opk_problem *problem = &guard->plan.problems.items[i];
        if (!problem->is_note && !is_told(guard, &problem->err))
            status = add(guard, &problem->err);
    }
    return status;
}

static enum opk_status check_indexes(struct guard *guard)
{
    return report_changes(guard, true);
}

static enum opk_status check_rules(struct guard *guard)
{
    return guard->broken_rules.status == OPK_OK ? OPK_OK : add_or_end(guard, &guard->broken_rules);
}

static enum opk_status check_kinds_unused(struct guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->registry.count && status == OPK_OK; i++) {
        const struct opk_registered *kind = &guard->registry.kinds[i];
        struct opk_err found;
        if (kind->used_by_count > 0 || kind->status != OPK_KIND_ACTIVE)
            continue;
        opk_err_set(&found, OPK_E_INVALID,
                    opk_node_place(kind->node, guard->repo->paths.kind_registry.data),
                    "no card uses operation kind %.*s", OPK_STR_FMT(kind->id));
        status = add(guard, &found);
    }
    return status;
}

struct row {
    struct opk_guard_rule rule;
    enum opk_status (*check)(struct guard *guard);
};

/* Every rule. An id is never given to another meaning. */
static const struct row ROWS[] = {
    {{"PG001", OPK_SEVERITY_ERROR, "cards follow their schema",
      "Everything is derived from cards; a card that cannot be read derives nothing.",
      "correct the card at the line that is named"},
     check_cards},
    {{"PG002", OPK_SEVERITY_ERROR, "a card's file is named after its ulid",
      "A card is found by its ulid; under another name it is lost to whoever looks for it.",
      "rename the file to <ulid>.yaml"},
     check_file_names},
    {{"PG003", OPK_SEVERITY_ERROR, "ulid, pattern_id, pattern_key and doc_id are one card's only",
      "Two cards with one identity would overwrite each other's derived files.",
      "give the newer card an identity of its own"},
     check_unique},
    {{"PG004", OPK_SEVERITY_ERROR, "the spec says what its card says",
      "A runtime reads the spec alone: it must be the pattern, and the version, of the card.",
      "run 'opk sync'; where the identity differs, mend suite.spec or the spec by hand"},
     check_specs},
    {{"PG005", OPK_SEVERITY_ERROR, "the files of a suite exist",
      "A card promises its spec, schema, executor, tests, examples and docs to whoever uses it.",
      "write the file, or take it out of the card"},
     check_suite},
    {{"PG006", OPK_SEVERITY_ERROR, "operation kinds that cards use are registered",
      "Only a person makes an operation kind; until then, what a card says has no agreed meaning.",
      "promote a draft as this kind, or set its status to active in the registry by hand"},
     check_kinds_used},
    {{"PG007", OPK_SEVERITY_ERROR, "the registry of operation kinds is well-formed",
      "Kinds are matched by their id, so each has one, in one spelling, with a status that exists.",
      "correct the registry at the line that is named"},
     check_kind_registry},
    {{"PG008", OPK_SEVERITY_ERROR, "markers of generated sections are sound",
      "A section whose begin or end is in doubt would take text that people wrote with it.",
      "set exactly one BEGIN and one END line, in this order, outside code"},
     check_markers},
    {{"PG009", OPK_SEVERITY_ERROR, "nothing has drifted from its card",
      "What is derived is read as if it were the card; where the two disagree, readers are misled.",
      "run 'opk sync --all'"},
     check_drift},
    {{"PG010", OPK_SEVERITY_ERROR, "the suite index and the pattern registry match the cards",
      "They are how programs find patterns, and are made from the cards alone.", "run 'opk build'"},
     check_indexes},
    {{"PG011", OPK_SEVERITY_ERROR, "the propagation rules can be read",
      "Without rules nothing follows a card.", "correct the map at the line that is named"},
     check_rules},
    {{"PG012", OPK_SEVERITY_NOTE, "registered kinds are used by a card",
      "A kind that nobody's pattern uses may be one to deprecate, or one to write a pattern for.",
      "use it in a card, or leave it: this is only a note"},
     check_kinds_unused},
    {{"PG013", OPK_SEVERITY_WARNING, "cards are written in the dialect of today",
      "Tools that read cards know one dialect; the older one is read here so that it can be left.",
      "run 'opk sync --migrate KEY'"},
     check_dialects},
};
#define ROW_COUNT (sizeof(ROWS) / sizeof(ROWS[0]))

static enum opk_status load_registry(struct guard *guard)
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

/* What 'opk sync --all' would do. */
static enum opk_status load_plan(struct guard *guard)
{
    struct opk_repo *repo = guard->repo;
    const struct opk_card **cards =
        opk_arena_array(&repo->files.arena, repo->card_count + 1, sizeof(struct opk_card *));
    const struct opk_plan_options options = {.cards = cards, .card_count = repo->card_count};
    enum opk_status status = opk_arena_check(&repo->files.arena, guard->err);

    if (status != OPK_OK)
        return status;
    for (size_t i = 0; i < repo->card_count; i++)
        cards[i] = &repo->cards[i];
    if (opk_rules_load(&repo->files, repo->paths.rules, &guard->rules, &guard->broken_rules) !=
        OPK_OK)
        return OPK_OK; /* PG011 says so */
    return opk_plan_make(repo, &guard->rules, &options, &guard->plan, guard->err);
}

enum opk_status opk_guard_run(struct opk_repo *repo, struct opk_findings *out_findings,
                              struct opk_err *err)
{
    struct guard guard = {.repo = repo, .findings = out_findings, .err = err};
    enum opk_status status;

    *out_findings = (struct opk_findings){0};
    status = load_registry(&guard);
    if (status == OPK_OK)
        status = load_plan(&guard);
    for (size_t i = 0; i < ROW_COUNT && status == OPK_OK; i++) {
        guard.rule = &ROWS[i].rule;
        status = ROWS[i].check(&guard);
    }
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
    *findings = (struct opk_findings){0};
}

size_t opk_findings_serious(const struct opk_findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].rule->severity != OPK_SEVERITY_NOTE;
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
    static const char *const NAMES[] = {
        [OPK_SEVERITY_NOTE] = "note",
        [OPK_SEVERITY_WARNING] = "warning",
        [OPK_SEVERITY_ERROR] = "error",
    };

    return NAMES[severity];
}
