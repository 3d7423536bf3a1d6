/* What is derived from cards, and what derives it. */
#include "sync/guard_impl.h"

#include "base/yaml.h"
#include "sync/marker.h"

#include <string.h>

enum opk_status opk_guard_kinds_used(struct opk_guard *guard)
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
            status = opk_guard_add(guard, &found);
        }
    }
    return status;
}

/* The registry of kinds as a whole: ids are well-formed, single, with a status that exists. */
enum opk_status opk_guard_kind_registry(struct opk_guard *guard)
{
    return guard->broken_registry.status == OPK_OK ? OPK_OK
                                                   : opk_guard_met(guard, &guard->broken_registry);
}

/* The line where two texts part. */
static uint64_t first_difference(struct opk_str old, struct opk_str now)
{
    uint64_t line = 1;

    for (size_t i = 0; i < old.len && i < now.len && old.data[i] == now.data[i]; i++)
        line += old.data[i] == '\n';
    return line;
}

/* The line of the section that "section ID" names; 0 when it is not there. */
static uint64_t section_line(const struct opk_file *file, struct opk_str id)
{
    struct opk_arena arena = {0};
    struct opk_sections sections;
    uint64_t line = 0;

    if (opk_sections_parse(file->old, file->path, &arena, &sections, NULL) == OPK_OK) {
        const struct opk_section *section = opk_sections_find(&sections, id);
        line = section ? section->begin_line : 0;
    }
    opk_arena_done(&arena);
    return line;
}

/* Where a change is: its field, its section, or the first line that differs. */
static struct opk_place place_change(struct opk_guard *guard, const struct opk_change *change)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    size_t blank = opk_str_find_byte(change->what, ' ', 0);
    struct opk_str name = blank == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(change->what, blank + 1);
    struct opk_place place = OPK_AT_PATH(change->path);
    struct opk_doc doc = {0};
    struct opk_file *file;

    if (opk_files_open(&guard->repo->files, opk_str_of(change->path), &file, NULL) != OPK_OK ||
        !file->exists)
        return place;
    if (opk_str_starts(change->what, OPK_STR("section ")))
        place.line = section_line(file, name);
    else if (opk_str_starts(change->what, OPK_STR("field ")) &&
             opk_yaml_parse(file->old, file->path, limits, &doc, NULL) == OPK_OK) {
        const struct opk_node *node = opk_node_get_str(doc.root, name);
        if (node)
            place = opk_node_place(node, change->path);
    }
    opk_doc_done(&doc);
    if (place.line == 0)
        place.line = first_difference(file->old, file->now);
    return place;
}

static enum opk_status report_change(struct opk_guard *guard, const struct opk_change *change)
{
    struct opk_place place = place_change(guard, change);
    struct opk_err found;

    if (change->new.len > 0)
        opk_err_set(&found, OPK_E_INVALID, place, "drift in %.*s: %.*s should be %.*s (rule %s)",
                    OPK_STR_FMT(change->what),
                    OPK_STR_FMT(change->old.len ? change->old : OPK_STR("absent")),
                    OPK_STR_FMT(change->new), change->rule);
    else
        opk_err_set(&found, OPK_E_INVALID, place, "drift: %.*s (rule %s)",
                    OPK_STR_FMT(change->what), change->rule);
    return opk_guard_add(guard, &found);
}

/* Another rule has told this already. */
static bool is_told(const struct opk_guard *guard, const struct opk_err *err)
{
    for (size_t i = 0; i < guard->findings->count; i++) {
        const struct opk_err *other = &guard->findings->items[i].err;
        if (other->line == err->line && strcmp(other->path, err->path) == 0 &&
            strcmp(other->message, err->message) == 0)
            return true;
    }
    return false;
}

/* Changes of the indexes, or all others but sidecars, which PG033 judges. Files that all cards
 * share are not judged while a card cannot be read: they would seem to hold too much. */
static enum opk_status report_changes(struct opk_guard *guard, bool of_indexes)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->plan.count && status == OPK_OK; i++) {
        const struct opk_change *change = &guard->plan.items[i];
        bool judged = (change->card || guard->repo->problems.count == 0) &&
                      strcmp(change->rule, OPK_RULE_SIDECAR) != 0;
        if (judged && (strcmp(change->rule, OPK_RULE_BUILD) == 0) == of_indexes)
            status = report_change(guard, change);
    }
    return status;
}

enum opk_status opk_guard_drift(struct opk_guard *guard)
{
    enum opk_status status = report_changes(guard, false);

    for (size_t i = 0; i < guard->plan.problems.count && status == OPK_OK; i++) {
        const struct opk_problem *problem = &guard->plan.problems.items[i];
        if (!problem->is_note && !is_told(guard, &problem->err))
            status = opk_guard_add(guard, &problem->err);
    }
    return status;
}

enum opk_status opk_guard_indexes(struct opk_guard *guard)
{
    return report_changes(guard, true);
}

enum opk_status opk_guard_rules(struct opk_guard *guard)
{
    return guard->broken_rules.status == OPK_OK ? OPK_OK
                                                : opk_guard_met(guard, &guard->broken_rules);
}

enum opk_status opk_guard_kinds_unused(struct opk_guard *guard)
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
        status = opk_guard_add(guard, &found);
    }
    return status;
}
