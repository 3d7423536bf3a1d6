#include "sync/ledger.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>

const char *const OPK_IDENTITY_NAMES[OPK_IDENTITIES] = {"ulid", "pattern_id", "pattern_key",
                                                        "doc_id", "doc_key"};

void opk_ledger_done(struct opk_ledger *ledger)
{
    opk_map_free(ledger->ulids);
    opk_map_free(ledger->given);
    free(ledger->last);
    free(ledger->left);
    free(ledger->owner);
    free(ledger->lines);
    opk_arena_done(&ledger->arena);
    *ledger = (struct opk_ledger){0};
}

/* The name of an identity as something that was given out. */
static struct opk_str gift(struct opk_buf *buf, size_t which, struct opk_str value)
{
    opk_buf_clear(buf);
    opk_buf_printf(buf, "%s %.*s", OPK_IDENTITY_NAMES[which], OPK_STR_FMT(value));
    return opk_buf_str(buf);
}

static enum opk_status add_gifts(struct opk_ledger *ledger, size_t at, struct opk_buf *buf,
                                 struct opk_err *err)
{
    const struct opk_identity *identity = &ledger->lines[at].identity;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < OPK_IDENTITIES && status == OPK_OK; i++) {
        uint32_t index;
        bool is_new = false;
        if (identity->values[i].len == 0)
            continue;
        struct opk_str name = gift(buf, i, identity->values[i]);
        status = opk_buf_check(buf, err);
        if (status == OPK_OK)
            status = opk_map_add(ledger->given, name, &index, &is_new, err);
        if (status == OPK_OK && is_new)
            ledger->owner[index] = at;
    }
    return status;
}

static enum opk_status add_line(struct opk_ledger *ledger, const struct opk_node *object,
                                const char *path, uint64_t number, struct opk_buf *buf,
                                struct opk_err *err)
{
    const struct opk_node *retired = opk_node_get(object, "retired");
    struct opk_ledger_line *line = &ledger->lines[ledger->count];
    uint32_t index;
    bool is_new;
    enum opk_status status;

    line->number = number;
    line->retired = retired && retired->truth;
    for (size_t i = 0; i < OPK_IDENTITIES; i++)
        line->identity.values[i] = opk_arena_copy(
            &ledger->arena, opk_node_text(opk_node_get(object, OPK_IDENTITY_NAMES[i])));
    status = opk_arena_check(&ledger->arena, err);
    if (status == OPK_OK && line->identity.values[OPK_IDENTITY_ULID].len == 0)
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, number),
                          "a line of the ledger is an object with a ulid");
    if (status == OPK_OK)
        status = opk_map_add(ledger->ulids, line->identity.values[OPK_IDENTITY_ULID], &index,
                             &is_new, err);
    if (status == OPK_OK) {
        size_t before = ledger->last[index];
        if (!is_new && ledger->lines[before].retired &&
            !opk_identity_meets(&ledger->lines[before].identity, &line->identity))
            ledger->left[index] = 1 + before;
        ledger->last[index] = ledger->count;
        status = add_gifts(ledger, ledger->count, buf, err);
        ledger->count++;
    }
    return status;
}

/* Room for a line for every line of a text. */
static enum opk_status make_room(struct opk_ledger *ledger, struct opk_str text,
                                 struct opk_err *err)
{
    size_t lines = 1;
    enum opk_status status = opk_map_new(&ledger->ulids, err);

    if (status == OPK_OK)
        status = opk_map_new(&ledger->given, err);
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    ledger->lines = calloc(lines, sizeof(*ledger->lines));
    ledger->last = calloc(lines, sizeof(*ledger->last));
    ledger->left = calloc(lines, sizeof(*ledger->left));
    ledger->owner = calloc(lines, OPK_IDENTITIES * sizeof(*ledger->owner));
    if (status == OPK_OK && !(ledger->lines && ledger->last && ledger->left && ledger->owner))
        status = opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a ledger");
    return status;
}

enum opk_status opk_ledger_parse(struct opk_str text, const char *path,
                                 struct opk_ledger *out_ledger, struct opk_err *err)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_ledger ledger = {0};
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_str line;
    uint64_t number = 0;
    enum opk_status status = make_room(&ledger, text, err);

    while (status == OPK_OK && opk_split_next(&lines, &line)) {
        struct opk_doc doc = {0};
        number++;
        if (opk_str_trim(line).len == 0)
            continue;
        status = opk_json_parse(line, path, &doc, err);
        if (status == OPK_OK)
            status = add_line(&ledger, doc.root, path, number, &buf, err);
        else if (err)
            err->line = number;
        opk_doc_done(&doc);
    }
    opk_buf_done(&buf);
    if (status == OPK_OK)
        *out_ledger = ledger;
    else
        opk_ledger_done(&ledger);
    return status;
}

const struct opk_ledger_line *opk_ledger_find(const struct opk_ledger *ledger, struct opk_str ulid)
{
    uint32_t index;

    return opk_map_find(ledger->ulids, ulid, &index) ? &ledger->lines[ledger->last[index]] : NULL;
}

const struct opk_ledger_line *opk_ledger_taken(const struct opk_ledger *ledger,
                                               const struct opk_identity *identity,
                                               size_t *out_which)
{
    const struct opk_ledger_line *taken = NULL;
    struct opk_buf buf = OPK_BUF_EMPTY;

    for (size_t i = 0; i < OPK_IDENTITIES && !taken; i++) {
        uint32_t index;
        if (i == OPK_IDENTITY_ULID || identity->values[i].len == 0 ||
            !opk_map_find(ledger->given, gift(&buf, i, identity->values[i]), &index))
            continue;
        const struct opk_ledger_line *line = &ledger->lines[ledger->owner[index]];
        if (!opk_str_eq(line->identity.values[OPK_IDENTITY_ULID],
                        identity->values[OPK_IDENTITY_ULID])) {
            taken = line;
            *out_which = i;
        }
    }
    opk_buf_done(&buf);
    return taken;
}

const struct opk_ledger_line *opk_ledger_left(const struct opk_ledger *ledger,
                                              const struct opk_identity *identity)
{
    uint32_t index;

    if (!opk_map_find(ledger->ulids, identity->values[OPK_IDENTITY_ULID], &index))
        return NULL;
    const struct opk_ledger_line *last = &ledger->lines[ledger->last[index]];
    if (last->retired && !opk_identity_meets(&last->identity, identity))
        return last;
    return ledger->left[index] > 0 ? &ledger->lines[ledger->left[index] - 1] : NULL;
}

struct opk_identity opk_identity_of(const struct opk_card *card)
{
    if (card->family == OPK_FAMILY_DOC)
        return (struct opk_identity){
            {card->ulid, OPK_STR_EMPTY, OPK_STR_EMPTY, card->doc_id, card->key}};
    return (struct opk_identity){
        {card->ulid, card->pattern_id, card->pattern_key, card->doc_id, OPK_STR_EMPTY}};
}

bool opk_identity_eq(const struct opk_identity *one, const struct opk_identity *two)
{
    for (size_t i = 0; i < OPK_IDENTITIES; i++) {
        if (!opk_str_eq(one->values[i], two->values[i]))
            return false;
    }
    return true;
}

bool opk_identity_meets(const struct opk_identity *one, const struct opk_identity *two)
{
    for (size_t i = 0; i < OPK_IDENTITIES; i++) {
        if (i != OPK_IDENTITY_ULID && one->values[i].len > 0 &&
            opk_str_eq(one->values[i], two->values[i]))
            return true;
    }
    return false;
}

void opk_ledger_append(const struct opk_identity *identity, bool retired, struct opk_buf *out)
{
    struct opk_json_writer writer = OPK_JSON_WRITER(out);

    opk_json_open(&writer, '{');
    for (size_t i = 0; i < OPK_IDENTITIES; i++) {
        if (identity->values[i].len == 0)
            continue;
        opk_json_key(&writer, OPK_IDENTITY_NAMES[i]);
        opk_json_string(&writer, identity->values[i]);
    }
    if (retired) {
        opk_json_key(&writer, "retired");
        opk_json_bool(&writer, true);
    }
    opk_json_close(&writer, '}');
    opk_buf_append_byte(out, '\n');
}

/* The ulids whose cards are gone, in the order of the ledger. */
static enum opk_status append_retired(const struct opk_repo *repo, const struct opk_ledger *ledger,
                                      struct opk_buf *out, struct opk_err *err)
{
    const struct opk_card *card;
    struct opk_map *cards = NULL;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&cards, err);

    for (size_t i = 0; (card = opk_repo_card_at(repo, i)) && status == OPK_OK; i++)
        status = opk_map_add(cards, card->ulid, &index, &is_new, err);
    for (uint32_t i = 0; status == OPK_OK && i < opk_map_count(ledger->ulids); i++) {
        const struct opk_ledger_line *line = &ledger->lines[ledger->last[i]];
        if (!line->retired && !opk_map_find(cards, opk_map_key(ledger->ulids, i), NULL))
            opk_ledger_append(&line->identity, true, out);
    }
    opk_map_free(cards);
    return status;
}

enum opk_status opk_ledger_plan(struct opk_repo *repo, struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_ledger ledger = {0};
    const struct opk_card *card;
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, repo->paths.ledger, &file, err);

    if (status == OPK_OK)
        status = opk_ledger_parse(file->now, file->path, &ledger, err);
    if (status != OPK_OK)
        return status;
    opk_buf_append(&text, file->now);
    if (text.len > 0 && !opk_str_ends(file->now, OPK_STR("\n")))
        opk_buf_append_byte(&text, '\n');
    for (size_t i = 0; (card = opk_repo_card_at(repo, i)); i++) { /* by path, which is by ulid */
        struct opk_identity identity = opk_identity_of(card);
        const struct opk_ledger_line *line = opk_ledger_find(&ledger, card->ulid);
        if (!line || line->retired || !opk_identity_eq(&line->identity, &identity))
            opk_ledger_append(&identity, false, &text);
    }
    status = append_retired(repo, &ledger, &text, err);
    if (status == OPK_OK)
        status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        status = opk_files_set(&repo->files, file, opk_buf_str(&text), err);
    opk_ledger_done(&ledger);
    opk_buf_done(&text);
    return status;
}
