/* Cards and identities. */
#include "sync/guard_impl.h"

#include "sync/build.h"

/* Cards that could not be read: those of another version, or all others. */
static enum opk_status report_problems(struct opk_guard *guard, bool of_version)
{
    const struct opk_problems *problems = &guard->repo->problems;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < problems->count && status == OPK_OK; i++) {
        if ((problems->items[i].err.status == OPK_E_UNSUPPORTED) == of_version)
            status = opk_guard_add(guard, &problems->items[i].err);
    }
    return status;
}

enum opk_status opk_guard_cards(struct opk_guard *guard)
{
    return report_problems(guard, false);
}

enum opk_status opk_guard_card_versions(struct opk_guard *guard)
{
    return report_problems(guard, true);
}

enum opk_status opk_guard_dialects(struct opk_guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        struct opk_err found;
        if (!card->is_older)
            continue;
        opk_err_set(&found, OPK_E_INVALID, OPK_AT_LINE(card->path, 1),
                    "a card of the older dialect; 'opk sync --migrate %.*s' rewrites it",
                    OPK_STR_FMT(card->pattern_key));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_file_names(struct opk_guard *guard)
{
    const struct opk_card *card;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; status == OPK_OK && (card = opk_repo_card_at(guard->repo, i)); i++) {
        struct opk_str name = opk_str_of(card->path);
        size_t slash = opk_str_rfind_byte(name, '/');
        struct opk_err found;
        if (slash != OPK_NPOS)
            name = opk_str_skip(name, slash + 1);
        if (opk_str_starts(name, card->ulid) &&
            opk_str_eq(opk_str_skip(name, card->ulid.len), OPK_STR(".yaml")))
            continue;
        opk_err_set(&found, OPK_E_INVALID,
                    opk_node_place(opk_node_get(card->doc.root, "ulid"), card->path),
                    "the card's ulid is %.*s, so its file must be %.*s.yaml",
                    OPK_STR_FMT(card->ulid), OPK_STR_FMT(card->ulid));
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_unique(struct opk_guard *guard)
{
    struct opk_err found;

    return opk_build_check_unique(guard->repo, &found) == OPK_OK ? OPK_OK
                                                                 : opk_guard_met(guard, &found);
}
