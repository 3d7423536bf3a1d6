/* Documents: those that say who they are, and those that have a sidecar. */
#include "sync/guard_impl.h"

static const struct opk_card *card_of(const struct opk_repo *repo, struct opk_str doc_key)
{
    for (size_t i = 0; i < repo->doc_count; i++) {
        if (opk_str_eq(repo->docs[i].key, doc_key))
            return &repo->docs[i];
    }
    return NULL;
}

static enum opk_status check_document(struct opk_guard *guard, const struct opk_scanned *doc)
{
    const struct opk_card *card = card_of(guard->repo, doc->doc_key);
    struct opk_str path = card ? opk_node_text(card->document) : OPK_STR_EMPTY;
    struct opk_err found;

    if (!card)
        opk_err_set(&found, OPK_E_NOENT, doc->place, "no Doc Card has the doc_key %.*s",
                    OPK_STR_FMT(doc->doc_key));
    else if (!opk_str_eq(path, opk_str_of(doc->path)))
        opk_err_set(&found, OPK_E_INVALID, doc->place, "doc_key %.*s is that of %.*s",
                    OPK_STR_FMT(doc->doc_key), OPK_STR_FMT(path));
    else
        return OPK_OK;
    return opk_guard_add(guard, &found);
}

enum opk_status opk_guard_documents(struct opk_guard *guard)
{
    enum opk_status status = OPK_OK;

    if (guard->broken_scan.status != OPK_OK)
        return opk_guard_met(guard, &guard->broken_scan);
    for (size_t i = 0; i < guard->scan.count && status == OPK_OK; i++)
        status = check_document(guard, &guard->scan.docs[i]);
    return status;
}

enum opk_status opk_guard_sidecars(struct opk_guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->sidecars.count && status == OPK_OK; i++)
        status = opk_guard_add(guard, &guard->sidecars.items[i].err);
    return status;
}
