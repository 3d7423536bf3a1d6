/* What changed since the base: versions, statuses, ulids, one pattern at a time. */
#include "sync/guard_base.h"
#include "sync/guard_impl.h"

#include "sync/ledger.h"

#include <assert.h>

static struct opk_place place_of(const struct opk_card *card, const char *key)
{
    return opk_node_place(opk_node_get(card->doc.root, key), card->path);
}

/* The card of a pair as it is now, or as it was when it is gone. */
static const struct opk_card *card_of(const struct opk_guard_pair *pair)
{
    const struct opk_card *card = pair->now ? pair->now : pair->was;

    assert(card);
    return card;
}

/* A card that the base has, by an identity that a card of another ulid has now. */
static const struct opk_card *same_pattern(const struct opk_guard_base *base,
                                           const struct opk_card *card, size_t *out_which)
{
    struct opk_identity now = opk_identity_of(card);

    for (size_t i = 0; i < base->old_count; i++) {
        struct opk_identity was = opk_identity_of(&base->old_cards[i]);
        for (size_t at = OPK_IDENTITY_ULID + 1; at < OPK_IDENTITIES; at++) {
            if (now.values[at].len > 0 && opk_str_eq(was.values[at], now.values[at]) &&
                !opk_str_eq(base->old_cards[i].ulid, card->ulid)) {
                *out_which = at;
                return &base->old_cards[i];
            }
        }
    }
    return NULL;
}

enum opk_status opk_guard_ulids(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_card *now = base->pairs[i].now;
        size_t which;
        const struct opk_card *was =
            now && !base->pairs[i].was ? same_pattern(base, now, &which) : NULL;
        struct opk_err found;
        if (!was)
            continue;
        opk_err_set(&found, OPK_E_INVALID, place_of(now, "ulid"),
                    "the ulid of %s %.*s was %.*s; it stays for good", OPK_IDENTITY_NAMES[which],
                    OPK_STR_FMT(opk_identity_of(now).values[which]), OPK_STR_FMT(was->ulid));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

/* A list of texts, or one text. */
static bool holds(const struct opk_node *list, struct opk_str text)
{
    if (!list || !list->first)
        return list && opk_str_eq(list->text, text);
    for (const struct opk_node *item = list->first; item; item = item->next) {
        if (opk_str_eq(item->text, text))
            return true;
    }
    return false;
}

/* The first item of one list that another does not hold; NULL when there is none. */
static const struct opk_node *missing_from(const struct opk_node *list,
                                           const struct opk_node *other)
{
    const struct opk_node *item = list && list->first ? list->first : list;

    while (item && holds(other, item->text))
        item = item == list ? NULL : item->next;
    return item;
}

/* A change that asks for a step, and how it is told: "NAME TEXT". */
struct demand {
    enum opk_step step;
    const char *what;
    struct opk_str item;
};

static void ask(struct demand *demand, enum opk_step step, const char *what, struct opk_str item)
{
    if (step > demand->step)
        *demand = (struct demand){step, what, item};
}

/* Fields whose change users must act on. */
static const char *const MAJOR_FIELDS[] = {"category", "document", "layer"};

static void ask_for_paths(struct demand *demand, const struct opk_card *was,
                          const struct opk_card *now)
{
    if (!was->suite || !now->suite)
        return;
    for (const struct opk_node *node = was->suite->first; node; node = node->next) {
        const struct opk_node *other = opk_node_get_str(now->suite, node->key->text);
        const struct opk_node *gone = missing_from(node, other);
        if (gone)
            ask(demand, OPK_STEP_MAJOR, "no path any more:", gone->text);
    }
    for (const struct opk_node *node = now->suite->first; node; node = node->next) {
        const struct opk_node *other = opk_node_get_str(was->suite, node->key->text);
        const struct opk_node *more = missing_from(node, other);
        if (more)
            ask(demand, OPK_STEP_MINOR, "a new path:", more->text);
    }
}

/* The step that the changes of a pattern ask for. */
static struct demand demand_of(const struct opk_guard_pair *pair)
{
    const struct opk_card *was = pair->was;
    const struct opk_card *now = pair->now;
    struct demand demand = {OPK_STEP_PATCH, "a text changed in", opk_str_of(now->path)};
    const struct opk_node *kind = missing_from(was->operation_kinds, now->operation_kinds);

    if (!pair->card_differs)
        demand.item = pair->file;
    if (kind)
        ask(&demand, OPK_STEP_MAJOR, "no kind any more:", kind->text);
    for (size_t i = 0; i < sizeof(MAJOR_FIELDS) / sizeof(MAJOR_FIELDS[0]); i++) {
        struct opk_str text = opk_node_text(opk_node_get(now->doc.root, MAJOR_FIELDS[i]));
        if (!opk_str_eq(opk_node_text(opk_node_get(was->doc.root, MAJOR_FIELDS[i])), text))
            ask(&demand, OPK_STEP_MAJOR, "another value of", opk_str_of(MAJOR_FIELDS[i]));
    }
    for (size_t i = 0; i < OPK_IDENTITIES; i++) {
        if (!opk_str_eq(opk_identity_of(was).values[i], opk_identity_of(now).values[i]))
            ask(&demand, OPK_STEP_MAJOR, "another", opk_str_of(OPK_IDENTITY_NAMES[i]));
    }
    ask_for_paths(&demand, was, now);
    kind = missing_from(now->operation_kinds, was->operation_kinds);
    if (kind)
        ask(&demand, OPK_STEP_MINOR, "a new kind:", kind->text);
    return demand;
}

/* Both cards are there, and the pattern is not only documents. */
static bool has_changed(const struct opk_guard_pair *pair)
{
    return pair->was && pair->now && (pair->card_differs || pair->file.len > 0);
}

enum opk_status opk_guard_bumped(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        struct opk_err found;
        if (!has_changed(pair) || opk_step_between(pair->was->semver, pair->now->semver))
            continue;
        struct demand demand = demand_of(pair);
        bool stays = opk_str_eq(pair->was->semver, pair->now->semver);
        opk_err_set(&found, OPK_E_INVALID, place_of(pair->now, "semver"),
                    "semver %s %.*s, but the %s changed: a %s step is due (%s %.*s)",
                    stays ? "is still" : "goes back to", OPK_STR_FMT(pair->now->semver),
                    pair->now->family == OPK_FAMILY_DOC ? "document" : "pattern",
                    opk_step_name(demand.step), demand.what, OPK_STR_FMT(demand.item));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_steps(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        struct opk_err found;
        if (!has_changed(pair))
            continue;
        enum opk_step step = opk_step_between(pair->was->semver, pair->now->semver);
        struct demand demand = demand_of(pair);
        if (step == OPK_STEP_NONE || step >= demand.step)
            continue;
        opk_err_set(&found, OPK_E_INVALID, place_of(pair->now, "semver"),
                    "%.*s to %.*s is a %s step, but a %s one is due (%s %.*s)",
                    OPK_STR_FMT(pair->was->semver), OPK_STR_FMT(pair->now->semver),
                    opk_step_name(step), opk_step_name(demand.step), demand.what,
                    OPK_STR_FMT(demand.item));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_statuses(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        struct opk_err found;
        if (!pair->was || !pair->now)
            continue;
        struct opk_str was = opk_node_text(opk_node_get(pair->was->doc.root, "status"));
        struct opk_str now = opk_node_text(opk_node_get(pair->now->doc.root, "status"));
        if (opk_card_status_may_become(was, now))
            continue;
        opk_err_set(&found, OPK_E_INVALID, place_of(pair->now, "status"),
                    "status %.*s may not become %.*s", OPK_STR_FMT(was), OPK_STR_FMT(now));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

/* Where a change set touches a pattern first. */
static const char *touched(const struct opk_guard_pair *pair)
{
    if (pair->card_differs)
        return card_of(pair)->path;
    assert(pair->file.len > 0 || pair->text_count > 0);
    return pair->file.len ? pair->file.data : pair->texts[0].path.data;
}

enum opk_status opk_guard_one_pattern(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    const struct opk_card *first[] = {NULL, NULL}; /* of each family */
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count && status == OPK_OK; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        const struct opk_card *card = card_of(pair);
        struct opk_err found;
        size_t which;
        if (!pair->was && same_pattern(base, card, &which))
            continue; /* PG022 says so */
        if (!first[card->family]) {
            first[card->family] = card;
            continue;
        }
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_LINE(touched(pair), 1),
                    "this change set is of %.*s already, and changes %.*s as well",
                    OPK_STR_FMT(first[card->family]->id), OPK_STR_FMT(card->id));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_marked_only(struct opk_guard *guard)
{
    const struct opk_guard_base *base = guard->base;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < base->pair_count; i++) {
        const struct opk_guard_pair *pair = &base->pairs[i];
        if (!pair->was || !pair->now || opk_step_between(pair->was->semver, pair->now->semver))
            continue;
        for (size_t at = 0; at < pair->text_count && status == OPK_OK; at++) {
            struct opk_err found;
            opk_err_set(&found, OPK_E_INVALID,
                        OPK_AT_LINE(pair->texts[at].path.data, pair->texts[at].line),
                        "text outside of marked sections changed, and semver of %.*s is still %.*s",
                        OPK_STR_FMT(pair->now->id), OPK_STR_FMT(pair->now->semver));
            status = opk_guard_add(guard, &found);
        }
    }
    return status;
}
