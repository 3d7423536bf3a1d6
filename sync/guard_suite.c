/* The files that a card names. */
#include "sync/guard_impl.h"

#include "base/yaml.h"
#include "sync/front_matter.h"
#include "sync/layout.h"
#include "sync/marker.h"

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

static enum opk_status compare_spec(struct opk_guard *guard, const struct opk_card *card,
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
        status = opk_guard_add(guard, &found);
    }
    return status;
}

enum opk_status opk_guard_specs(struct opk_guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++) {
        const struct opk_card *card = &guard->repo->cards[i];
        struct opk_doc spec = {0};
        struct opk_err found;
        const char *path;
        status = opk_guard_read(guard, opk_node_text(opk_node_get(card->suite, "spec")), &spec,
                                &path, &found);
        if (status != OPK_OK)
            status = opk_guard_met(guard, &found);
        else if (spec.root) /* PG005 says when it is not there */
            status = compare_spec(guard, card, &spec, path);
        opk_doc_done(&spec);
    }
    return status;
}

/* A name of its own, in a spec that can be read. */
static enum opk_status check_name(struct opk_guard *guard, const struct opk_card *card,
                                  struct opk_arena *arena)
{
    struct opk_str want = opk_layout_name(arena, card->pattern_key);
    struct opk_doc spec = {0};
    struct opk_err found;
    const char *path;
    enum opk_status status = opk_guard_read(guard, opk_node_text(opk_node_get(card->suite, "spec")),
                                            &spec, &path, &found);

    if (status == OPK_E_NOMEM)
        return opk_guard_met(guard, &found);
    if (status != OPK_OK)
        return OPK_OK; /* PG004 says so */
    const struct opk_node *name = opk_node_get(spec.root, "name");
    status = opk_arena_check(arena, guard->err);
    if (status == OPK_OK && name && !opk_str_eq(name->text, want)) {
        opk_err_set(&found, OPK_E_INVALID, opk_node_place(name, path),
                    "name is %.*s, and stays so; that of %.*s would be %.*s",
                    OPK_STR_FMT(name->text), OPK_STR_FMT(card->pattern_key), OPK_STR_FMT(want));
        status = opk_guard_add(guard, &found);
    }
    opk_doc_done(&spec);
    return status;
}

enum opk_status opk_guard_names(struct opk_guard *guard)
{
    struct opk_arena arena = {0};
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count && status == OPK_OK; i++)
        status = check_name(guard, &guard->repo->cards[i], &arena);
    opk_arena_done(&arena);
    return status;
}

/* A folder that is there; what hinders reading it is told as it is. */
static enum opk_status find_folder(struct opk_guard *guard, const char *path, struct opk_err *found)
{
    struct opk_arena arena = {0};
    struct opk_str *names;
    size_t count;
    enum opk_status status = opk_root_list(&guard->repo->root, path, &arena, &names, &count, found);

    opk_arena_done(&arena);
    return status;
}

static enum opk_status check_file(struct opk_guard *guard, const struct opk_card *card,
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
    return opk_guard_met(guard, &found);
}

/* Every path of suite, in lists and in docs too, and every document. */
enum opk_status opk_guard_suites(struct opk_guard *guard)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->doc_count && status == OPK_OK; i++)
        status = check_file(guard, &guard->repo->docs[i], guard->repo->docs[i].document);

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

static enum opk_status judge_doc(struct opk_guard *guard, struct opk_str path,
                                 enum opk_status (*judge)(const struct opk_file *file,
                                                          struct opk_err *found))
{
    struct opk_file *file;
    struct opk_err found;
    enum opk_status status = opk_files_open(&guard->repo->files, path, &file, &found);

    if (status == OPK_OK)
        status = judge(file, &found);
    return status == OPK_OK ? OPK_OK : opk_guard_met(guard, &found);
}

/* Judge every document of every card that is there. */
static enum opk_status each_doc(struct opk_guard *guard,
                                enum opk_status (*judge)(const struct opk_file *file,
                                                         struct opk_err *found))
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < guard->repo->card_count; i++) {
        const struct opk_node *docs = opk_node_get(guard->repo->cards[i].suite, "docs");
        const struct opk_node *doc = docs ? docs->first : NULL;
        for (; doc && status == OPK_OK; doc = doc->next)
            status = judge_doc(guard, doc->text, judge);
    }
    for (size_t i = 0; i < guard->repo->doc_count && status == OPK_OK; i++)
        status = judge_doc(guard, guard->repo->docs[i].document->text, judge);
    return status;
}

static enum opk_status read_markers(const struct opk_file *file, struct opk_err *found)
{
    struct opk_arena arena = {0};
    struct opk_sections sections = {0};
    enum opk_status status = opk_sections_parse(file->old, file->path, &arena, &sections, found);

    opk_arena_done(&arena);
    return status;
}

enum opk_status opk_guard_markers(struct opk_guard *guard)
{
    return each_doc(guard, read_markers);
}

/* A URL, or something that is there. */
static bool has_evidence(const struct opk_guard *guard, struct opk_str item)
{
    return opk_str_find(item, OPK_STR("://"), 0) != OPK_NPOS ||
           opk_root_has(&guard->repo->root, item.data) ||
           opk_root_has_folder(&guard->repo->root, item.data);
}

enum opk_status opk_guard_evidence(struct opk_guard *guard)
{
    const struct opk_card *card;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; (card = opk_repo_card_at(guard->repo, i)); i++) {
        const struct opk_node *list = opk_card_find(card, OPK_STR("links.evidence"));
        const struct opk_node *item = list ? list->first : NULL;
        for (; item && status == OPK_OK; item = item->next) {
            bool is_path = opk_path_check(item->text, NULL) == OPK_OK;
            struct opk_err found;
            if (has_evidence(guard, item->text))
                continue;
            opk_err_set(&found, OPK_E_NOENT, opk_node_place(item, card->path),
                        is_path ? "no evidence %.*s"
                                : "%.*s is neither a path below the root nor a URL",
                        OPK_STR_FMT(item->text));
            status = opk_guard_add(guard, &found);
        }
    }
    return status;
}

static enum opk_status read_front_matter(const struct opk_file *file, struct opk_err *found)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    struct opk_doc doc = {0};
    struct opk_str head;
    enum opk_front_matter is = opk_front_matter_find(file->old, &head);
    enum opk_status status;

    if (is == OPK_FRONT_MATTER_NONE)
        return OPK_OK;
    if (is == OPK_FRONT_MATTER_OPEN)
        return opk_fail(found, OPK_E_INVALID, OPK_AT_LINE(file->path, 1),
                        "front matter that no line of --- ends");
    status = opk_yaml_parse(head, file->path, limits, &doc, found);
    if (status == OPK_OK && doc.root && doc.root->kind != OPK_NODE_MAP)
        status = opk_fail(found, OPK_E_INVALID,
                          OPK_AT_COLUMN(file->path, doc.root->line, doc.root->column),
                          "front matter is a mapping");
    opk_doc_done(&doc);
    return status;
}

enum opk_status opk_guard_front_matter(struct opk_guard *guard)
{
    return each_doc(guard, read_front_matter);
}
