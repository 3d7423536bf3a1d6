/* Documents that say who they are. */
#include "sync/guard_impl.h"

#include "sync/docs_scan.h"

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
    struct opk_arena arena = {0};
    struct opk_scanned *docs = NULL;
    size_t count = 0;
    struct opk_err found;
    enum opk_status status = opk_docs_scan(&guard->repo->files, &arena, &docs, &count, &found);

    if (status != OPK_OK)
        status = opk_guard_met(guard, &found);
    for (size_t i = 0; i < count && status == OPK_OK; i++)
        status = check_document(guard, &docs[i]);
    opk_arena_done(&arena);
    return status;
}
