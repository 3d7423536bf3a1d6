#include "promote/promote.h"

#include "base/json.h"
#include "base/yaml_edit.h"

#include <assert.h>

/* What a registry that is not there yet begins with. */
static const char NEW_REGISTRY[] =
    "# yaml-language-server: $schema=../../schemas/operation_kind_registry.schema.json\n"
    "schema_version: 1\n"
    "operation_kinds:\n";

struct opk_str opk_kind_name_of(struct opk_str id, struct opk_arena *arena)
{
    struct opk_str prefix = OPK_STR("OPK-");
    struct opk_str words = opk_str_starts(id, prefix) ? opk_str_skip(id, prefix.len) : id;
    char *name = opk_arena_alloc(arena, words.len + 1);

    if (!name)
        return OPK_STR_EMPTY;
    for (size_t i = 0; i < words.len; i++)
        name[i] = words.data[i] == '-' ? ' ' : i == 0 ? words.data[i] : opk_to_lower(words.data[i]);
    return opk_str_bytes(name, words.len);
}

/* --- The audit's view of a kind ----------------------------------------------------------------
 */

static void write_member(struct opk_json_writer *writer, const char *key, struct opk_str text)
{
    if (text.len == 0)
        return;
    opk_json_key(writer, key);
    opk_json_string(writer, text);
}

/* The fields that a decision sets, as JSON in the arena; null for no kind. */
static struct opk_str kind_json(const struct opk_registered *kind, struct opk_arena *arena)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_json_writer writer = OPK_JSON_WRITER(&out);
    struct opk_str json;

    if (!kind)
        return OPK_STR("null");
    opk_json_open(&writer, '{');
    write_member(&writer, "id", kind->id);
    write_member(&writer, "ulid", kind->ulid);
    write_member(&writer, "name", kind->name);
    write_member(&writer, "summary", kind->summary);
    write_member(&writer, "status", opk_str_of(opk_kind_status_name(kind->status)));
    write_member(&writer, "type", kind->type);
    opk_json_key(&writer, "matches");
    opk_json_open(&writer, '[');
    for (size_t i = 0; i < kind->match_count; i++)
        opk_json_string(&writer, kind->matches[i]);
    opk_json_close(&writer, ']');
    opk_json_close(&writer, '}');
    json = opk_arena_copy(arena, opk_buf_str(&out));
    if (out.failed)
        arena->failed = true;
    opk_buf_done(&out);
    return json;
}

static enum opk_status fill_decision(struct opk_outcome *outcome, const struct opk_verdict *verdict,
                                     enum opk_action action, struct opk_err *err)
{
    char digest[OPK_HASH128_TEXT];

    opk_hash128_text(verdict->draft->digest, digest);
    outcome->decision = (struct opk_decision){
        .ulid = verdict->ulid,
        .time = verdict->time,
        .actor = verdict->actor,
        .action = action,
        .draft_id = verdict->draft->id,
        .draft_digest = opk_arena_copy(&outcome->arena, opk_str_of(digest)),
        .support = verdict->draft->support,
        .before = OPK_STR("null"),
        .after = OPK_STR("null"),
        .why = verdict->why,
        .rule = OPK_STR_EMPTY,
    };
    return opk_arena_check(&outcome->arena, err);
}

/* --- The registry's text -----------------------------------------------------------------------
 */

#define KIND_FIELDS 10

/* A promoted kind's entry: what the registry says of it, and who promoted it when. */
struct entry {
    struct opk_registered kind;
    struct opk_str by;
    struct opk_str at;
};

static struct opk_value text_value(const char *key, struct opk_str text)
{
    return (struct opk_value){
        .kind = OPK_VALUE_STRING, .key = opk_str_of(key), .text = text, .items = NULL};
}

/* The entry's fields in their order; those without a value are left out. */
static enum opk_status entry_values(const struct entry *entry, struct opk_arena *arena,
                                    struct opk_value out[KIND_FIELDS], size_t *out_count,
                                    struct opk_err *err)
{
    const struct opk_registered *kind = &entry->kind;
    struct opk_value *matches =
        opk_arena_array(arena, kind->match_count + 1, sizeof(struct opk_value));
    const struct opk_value all[KIND_FIELDS] = {
        text_value("id", kind->id),
        text_value("ulid", kind->ulid),
        text_value("name", kind->name),
        text_value("summary", kind->summary),
        text_value("status", opk_str_of(opk_kind_status_name(kind->status))),
        text_value("type", kind->type),
        {OPK_VALUE_SEQ, OPK_STR_EMPTY, OPK_STR("matches"), matches, kind->match_count},
        text_value("promoted_from", kind->promoted_from),
        text_value("promoted_by", entry->by),
        text_value("promoted_at", entry->at),
    };

    if (!matches)
        return opk_arena_check(arena, err);
    for (size_t i = 0; i < kind->match_count; i++)
        matches[i] = text_value("", kind->matches[i]);
    *out_count = 0;
    for (size_t i = 0; i < KIND_FIELDS; i++) {
        if (all[i].text.len > 0 || all[i].count > 0)
            out[(*out_count)++] = all[i];
    }
    return OPK_OK;
}

/* Append the entry to operation_kinds, which may be missing or empty. */
static enum opk_status add_entry(struct opk_yaml_edit *edit, const struct opk_value *values,
                                 size_t count, struct opk_err *err)
{
    const struct opk_node *root = opk_yaml_edit_doc(edit)->root;
    const struct opk_node *seq = opk_node_get(root, "operation_kinds");
    const struct opk_value item = {OPK_VALUE_MAP, OPK_STR_EMPTY, OPK_STR_EMPTY, values, count};
    const struct opk_value list = {OPK_VALUE_SEQ, OPK_STR_EMPTY, OPK_STR_EMPTY, &item, 1};

    if (seq)
        return opk_yaml_edit_append(edit, seq, &item, err);
    return opk_yaml_edit_set(edit, root, OPK_STR("operation_kinds"), &list, err);
}

/* Set the entry's fields in the mapping where the kind stands; equal values change no byte. */
static enum opk_status complete_entry(struct opk_yaml_edit *edit, struct opk_str id,
                                      const struct opk_value *values, size_t count,
                                      struct opk_err *err)
{
    const struct opk_node *seq = opk_node_get(opk_yaml_edit_doc(edit)->root, "operation_kinds");
    const struct opk_node *item = seq->first;
    enum opk_status status = OPK_OK;

    while (item && !opk_str_eq(opk_node_text(opk_node_get(item, "id")), id))
        item = item->next;
    assert(item);
    for (size_t i = 0; status == OPK_OK && i < count; i++)
        status = opk_yaml_edit_set(edit, item, values[i].key, &values[i], err);
    return status;
}

static enum opk_status edit_registry(const struct opk_desk *desk, const struct entry *entry,
                                     bool complete, struct opk_outcome *outcome,
                                     struct opk_err *err)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_str text =
        desk->registry_text.len > 0 ? desk->registry_text : opk_str_of(NEW_REGISTRY);
    struct opk_value values[KIND_FIELDS];
    struct opk_yaml_edit *edit = NULL;
    size_t count = 0;
    enum opk_status status = entry_values(entry, &outcome->arena, values, &count, err);

    if (status == OPK_OK)
        status = opk_yaml_edit_new(text, desk->registry_path, limits, &edit, err);
    if (status == OPK_OK)
        status = complete ? complete_entry(edit, entry->kind.id, values, count, err)
                          : add_entry(edit, values, count, err);
    if (status == OPK_OK)
        status = opk_yaml_edit_finish(edit, &outcome->registry, err);
    opk_yaml_edit_free(edit);
    return status;
}

/* --- Verdicts ----------------------------------------------------------------------------------
 */

static enum opk_status choose_id(const struct opk_verdict *verdict, struct opk_str *out,
                                 struct opk_err *err)
{
    if (verdict->kind_id.len > 0 && !opk_kind_id_is_valid(verdict->kind_id))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "'%.*s' is no operation kind; write OPK-WORD-WORD in capitals",
                        OPK_STR_FMT(verdict->kind_id));
    *out = verdict->kind_id.len > 0 ? verdict->kind_id : verdict->draft->proposed_id;
    if (!opk_kind_id_is_valid(*out))
        return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                        "%.*s proposes no id; name one with --as OPK-...",
                        OPK_STR_FMT(verdict->draft->id));
    return OPK_OK;
}

/* May the kind with this id be made or completed? out_already: it was, from this draft. */
static enum opk_status check_free(const struct opk_desk *desk, const struct opk_verdict *verdict,
                                  struct opk_str id, bool *out_already, struct opk_err *err)
{
    const struct opk_registered *made =
        opk_registry_find_promoted(desk->registry, verdict->draft->id);
    const struct opk_registered *there = opk_registry_find(desk->registry, id);

    *out_already = made && (verdict->kind_id.len == 0 || opk_str_eq(made->id, id));
    if (*out_already)
        return OPK_OK;
    if (made)
        return opk_fail(err, OPK_E_REFUSED, opk_node_place(made->node, desk->registry_path),
                        "%.*s was promoted already, as %.*s", OPK_STR_FMT(verdict->draft->id),
                        OPK_STR_FMT(made->id));
    if (there && (there->status != OPK_KIND_DRAFT || there->promoted_from.len > 0))
        return opk_fail(err, OPK_E_REFUSED, opk_node_place(there->node, desk->registry_path),
                        "%.*s is taken by a kind that is %s; choose another id with --as",
                        OPK_STR_FMT(id), opk_kind_status_name(there->status));
    return OPK_OK;
}

static struct opk_str first_of(struct opk_str a, struct opk_str b, struct opk_str c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

/* What the entry will say. there is the kind that is completed, or NULL. */
static enum opk_status make_entry(const struct opk_desk *desk, const struct opk_verdict *verdict,
                                  const struct opk_registered *there, struct opk_outcome *outcome,
                                  struct entry *out, struct opk_err *err)
{
    static const struct opk_registered NONE = {0};
    const struct opk_registered *old = there ? there : &NONE;
    const struct opk_draft *draft = verdict->draft;
    struct opk_str name = opk_kind_name_of(outcome->kind_id, &outcome->arena);

    *out = (struct entry){
        .kind =
            {
                .id = outcome->kind_id,
                .ulid = old->ulid.len > 0 ? old->ulid : verdict->ulid,
                .name = first_of(verdict->name, old->name, name),
                .summary = first_of(verdict->summary, old->summary, draft->summary),
                .type = old->type.len > 0 ? old->type : draft->type,
                .promoted_from = draft->id,
                .status = OPK_KIND_ACTIVE,
                .matches = old->matches,
                .match_count = old->match_count,
            },
        .by = verdict->actor,
        .at = verdict->time,
    };
    if (old->match_count > 0)
        return opk_arena_check(&outcome->arena, err);
    return opk_draft_matches(desk, draft, &outcome->arena, &out->kind.matches,
                             &out->kind.match_count, err);
}

enum opk_status opk_promote(const struct opk_desk *desk, const struct opk_verdict *verdict,
                            struct opk_outcome *out_outcome, struct opk_err *err)
{
    struct opk_outcome outcome = {0};
    const struct opk_registered *there;
    struct entry entry;
    enum opk_status status = choose_id(verdict, &outcome.kind_id, err);

    if (status == OPK_OK)
        status = check_free(desk, verdict, outcome.kind_id, &outcome.already, err);
    if (status == OPK_OK && outcome.already)
        outcome.kind_id = opk_registry_find_promoted(desk->registry, verdict->draft->id)->id;
    if (status != OPK_OK || outcome.already)
        goto out;
    there = opk_registry_find(desk->registry, outcome.kind_id);
    status = make_entry(desk, verdict, there, &outcome, &entry, err);
    if (status == OPK_OK)
        status = edit_registry(desk, &entry, there != NULL, &outcome, err);
    if (status == OPK_OK)
        status = fill_decision(&outcome, verdict, OPK_ACTION_PROMOTE, err);
    if (status != OPK_OK)
        goto out;
    outcome.decision.before = kind_json(there, &outcome.arena);
    outcome.decision.after = kind_json(&entry.kind, &outcome.arena);
    status = opk_arena_check(&outcome.arena, err);

out:
    if (status == OPK_OK)
        *out_outcome = outcome;
    else
        opk_outcome_done(&outcome);
    return status;
}

enum opk_status opk_reject(const struct opk_desk *desk, const struct opk_verdict *verdict,
                           struct opk_outcome *out_outcome, struct opk_err *err)
{
    const struct opk_draft *draft = verdict->draft;
    const struct opk_registered *made = opk_registry_find_promoted(desk->registry, draft->id);
    struct opk_outcome outcome = {.kind_id = OPK_STR_EMPTY};
    enum opk_status status = OPK_OK;

    if (made)
        return opk_fail(err, OPK_E_REFUSED, opk_node_place(made->node, desk->registry_path),
                        "%.*s was promoted, as %.*s, and is not rejected any more",
                        OPK_STR_FMT(draft->id), OPK_STR_FMT(made->id));
    outcome.already = opk_decisions_reject(desk->decisions, draft->id, &draft->support);
    if (!outcome.already)
        status = fill_decision(&outcome, verdict, OPK_ACTION_REJECT, err);
    if (status == OPK_OK)
        *out_outcome = outcome;
    else
        opk_outcome_done(&outcome);
    return status;
}

void opk_outcome_done(struct opk_outcome *outcome)
{
    opk_buf_done(&outcome->registry);
    opk_arena_done(&outcome->arena);
    *outcome = (struct opk_outcome){.kind_id = OPK_STR_EMPTY};
}
