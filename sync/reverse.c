#include "sync/reverse.h"

#include "base/yaml_edit.h"

#include <assert.h>

/* The spec and the card, now and before, as values. */
struct reverse {
    struct opk_arena *arena;
    const struct opk_card *card;
    struct opk_str spec_path;
    bool has_base;
    struct opk_doc spec;      /* owned */
    struct opk_doc base_spec; /* owned */
    struct opk_doc base_card; /* owned */
    struct opk_tval data;     /* what templates see now */
    struct opk_tval base_data;
    struct opk_yaml_edit *edit; /* of the card; owned */
    struct opk_err *err;
};

static bool is_reverse(const struct opk_rule *rule)
{
    return rule->source == OPK_SOURCE_PATTERN_SPEC && rule->mode == OPK_MODE_PATCH_YAML_FIELDS;
}

static enum opk_status read_spec(struct opk_repo *repo, struct opk_str path, struct opk_doc *out,
                                 struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, path, &file, err);

    if (status == OPK_OK && !opk_file_is_there(file))
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(file->path), "no spec here");
    return status == OPK_OK ? opk_yaml_parse(file->now, file->path, limits, out, err) : status;
}

static const struct opk_card *card_of(const struct opk_repo *repo, struct opk_str spec_path)
{
    for (size_t i = 0; i < repo->card_count; i++) {
        if (opk_str_eq(opk_node_text(opk_node_get(repo->cards[i].suite, "spec")), spec_path))
            return &repo->cards[i];
    }
    return NULL;
}

enum opk_status opk_reverse_find(struct opk_repo *repo, const struct opk_rules *rules,
                                 struct opk_str spec_path, const struct opk_card **out_card,
                                 struct opk_err *err)
{
    const struct opk_card *card = card_of(repo, spec_path);
    const struct opk_rule *rule = NULL;
    struct opk_doc spec = {0};
    enum opk_status status;

    *out_card = NULL;
    for (size_t i = 0; i < rules->count && !rule; i++)
        rule = is_reverse(&rules->items[i]) ? &rules->items[i] : NULL;
    if (!rule || !repo->reverse)
        return OPK_OK;
    if (!card)
        return opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(spec_path.data), "no card names this spec");
    status = read_spec(repo, spec_path, &spec, err);
    if (status != OPK_OK) /* that a spec is missing is what a plan of its card says */
        return status == OPK_E_NOENT ? OPK_OK : status;
    const struct opk_node *given = opk_node_get_str(spec.root, rule->match_key);
    struct opk_str own = opk_node_text(opk_node_get_str(card->doc.root, rule->match_key));
    if (!given || opk_str_eq(opk_node_text(given), own))
        *out_card = card;
    else
        status = opk_fail(err, OPK_E_REFUSED, opk_node_place(given, spec_path.data),
                          "%.*s is %.*s here and %.*s in %s; mend suite.spec or the spec by hand",
                          OPK_STR_FMT(rule->match_key), OPK_STR_FMT(given->text), OPK_STR_FMT(own),
                          card->path);
    opk_doc_done(&spec);
    return status;
}

/* A spec's fields at the top, and spec and card by their names. */
static struct opk_tval data_of(struct opk_arena *arena, const struct opk_doc *spec,
                               const struct opk_doc *card)
{
    struct opk_tval fields = opk_tval_of_node(arena, spec->root);
    struct opk_tval data;

    opk_tval_map_init(&data, arena, fields.count + 2);
    for (size_t i = 0; fields.kind == OPK_TVAL_MAP && i < fields.count; i++)
        opk_tval_map_add(&data, fields.keys[i].text, fields.items[i]);
    opk_tval_map_add(&data, OPK_STR("spec"), fields);
    opk_tval_map_add(&data, OPK_STR("card"), opk_tval_of_node(arena, card->root));
    return data;
}

static enum opk_status conflict(struct reverse *reverse, const struct opk_rule_field *field,
                                const struct opk_node *node, struct opk_str wanted)
{
    if (!reverse->has_base)
        return opk_fail(reverse->err, OPK_E_CONFLICT, opk_node_place(node, reverse->card->path),
                        "%.*s is %.*s here and %.*s in %s, and without a Git work tree with "
                        "commits nobody can say which was changed; make them one",
                        OPK_STR_FMT(field->key), OPK_STR_FMT(opk_node_text(node)),
                        OPK_STR_FMT(wanted), reverse->spec_path.data);
    return opk_fail(reverse->err, OPK_E_CONFLICT, opk_node_place(node, reverse->card->path),
                    "%.*s was changed to %.*s here and to %.*s in %s; make them one",
                    OPK_STR_FMT(field->key), OPK_STR_FMT(node->text), OPK_STR_FMT(wanted),
                    reverse->spec_path.data);
}

/* What a rule makes of the spec; a text, since that is what a card's fields of this kind are. */
static enum opk_status value_of(struct reverse *reverse, const struct opk_rule_field *field,
                                const struct opk_tval *data, struct opk_tval *out)
{
    return opk_template_value(field->value, data, reverse->arena, out, reverse->err);
}

/* Take one field over. */
static enum opk_status take_field(struct reverse *reverse, const struct opk_rule_field *field)
{
    const struct opk_node *node = opk_node_get_str(reverse->card->doc.root, field->key);
    const struct opk_node *was = opk_node_get_str(reverse->base_card.root, field->key);
    struct opk_value value = {.kind = OPK_VALUE_STRING, .key = OPK_STR_EMPTY};
    struct opk_tval now = {.kind = OPK_TVAL_UNDEFINED};
    struct opk_tval before = OPK_TVAL_NULL;
    enum opk_status status = value_of(reverse, field, &reverse->data, &now);

    if (status == OPK_OK && reverse->has_base)
        status = value_of(reverse, field, &reverse->base_data, &before);
    if (status == OPK_E_INVALID && now.kind != OPK_TVAL_UNDEFINED)
        status = OPK_OK; /* the base did not have the field: it is new */
    if (status != OPK_OK)
        return status;
    if (now.kind != OPK_TVAL_STRING)
        return opk_fail(reverse->err, OPK_E_INVALID, OPK_AT_PATH(reverse->spec_path.data),
                        "what becomes %.*s of the card must be a text; quote it",
                        OPK_STR_FMT(field->key));
    if (opk_tval_equal(&now, &before) || opk_str_eq(opk_node_text(node), now.text))
        return OPK_OK;
    if (!reverse->has_base || (node && !(was && opk_str_eq(node->text, was->text))))
        return conflict(reverse, field, node, now.text);
    if (opk_str_eq(field->key, OPK_STR("status")) && node &&
        !opk_card_status_may_become(node->text, now.text))
        return opk_fail(reverse->err, OPK_E_REFUSED, OPK_AT_PATH(reverse->spec_path.data),
                        "status %.*s may not become %.*s", OPK_STR_FMT(node->text),
                        OPK_STR_FMT(now.text));
    value.text = now.text;
    return opk_yaml_edit_set(reverse->edit, opk_yaml_edit_doc(reverse->edit)->root, field->key,
                             &value, reverse->err);
}

static enum opk_status take_fields(struct reverse *reverse, const struct opk_rules *rules)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < rules->count; i++) {
        const struct opk_rule *rule = &rules->items[i];
        for (size_t at = 0; is_reverse(rule) && at < rule->field_count && status == OPK_OK; at++)
            status = take_field(reverse, &rule->fields[at]);
    }
    return status;
}

/* The card's new text into its file, and the card read again. */
static enum opk_status put_card(struct opk_repo *repo, struct reverse *reverse,
                                struct opk_file *file)
{
    struct opk_card *place = &repo->cards[reverse->card - repo->cards];
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_card card;
    enum opk_status status = opk_yaml_edit_finish(reverse->edit, &text, reverse->err);

    if (status == OPK_OK)
        status = opk_card_parse(opk_buf_str(&text), file->path, &card, reverse->err);
    if (status == OPK_OK) {
        opk_card_done(place);
        *place = card;
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), reverse->err);
    }
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_reverse_apply(struct opk_repo *repo, const struct opk_rules *rules,
                                  struct opk_str spec_path, const struct opk_card *card,
                                  const struct opk_reverse_base *base, struct opk_err *err)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct reverse reverse = {.arena = &repo->files.arena,
                              .card = card,
                              .spec_path = spec_path,
                              .has_base = base != NULL,
                              .err = err};
    struct opk_file *file;
    enum opk_status status;

    assert(repo->reverse);
    if (card->is_older)
        return opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(card->path),
                        "a card of the older dialect; 'opk sync --migrate %.*s' rewrites it",
                        OPK_STR_FMT(card->pattern_key));
    status = read_spec(repo, spec_path, &reverse.spec, err);
    if (status == OPK_OK && base)
        status = opk_yaml_parse(base->spec, spec_path.data, limits, &reverse.base_spec, err);
    if (status == OPK_OK && base)
        status = opk_yaml_parse(base->card, card->path, limits, &reverse.base_card, err);
    if (status == OPK_OK)
        status = opk_files_open(&repo->files, opk_str_of(card->path), &file, err);
    if (status == OPK_OK)
        status = opk_yaml_edit_new(file->now, file->path, limits, &reverse.edit, err);
    if (status != OPK_OK)
        goto out;
    reverse.data = data_of(reverse.arena, &reverse.spec, &card->doc);
    reverse.base_data = data_of(reverse.arena, &reverse.base_spec, &reverse.base_card);
    status = opk_arena_check(reverse.arena, err);
    if (status == OPK_OK)
        status = take_fields(&reverse, rules);
    if (status == OPK_OK && opk_yaml_edit_changed(reverse.edit))
        status = put_card(repo, &reverse, file);

out:
    opk_yaml_edit_free(reverse.edit);
    opk_doc_done(&reverse.spec);
    opk_doc_done(&reverse.base_spec);
    opk_doc_done(&reverse.base_card);
    return status;
}
