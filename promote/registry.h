/*
 * registry.h - read OPERATION_KIND_REGISTRY.yaml.
 *
 * Shape:   text in, the registered kinds in the order of the file out.
 * Fields:  id and status are required; what else a kind has is optional when it is read, since sync
 *          adds kinds that cards use as {id, status: draft, used_by}. Keys that are not known here
 *          are people's, and are ignored.
 * Memory:  the registry owns its document; texts and lists are borrowed from it until done.
 * Errors:  OPK_E_INVALID with the line (no list, bad id, unknown status, an id twice with both
 *          lines), and those of base/yaml.h.
 */
#ifndef OPK_PROMOTE_REGISTRY_H
#define OPK_PROMOTE_REGISTRY_H

#include "base/doc.h"
#include "base/map.h"

/* Below a pattern repository's root. */
#define OPK_REGISTRY_PATH  "patterns/registry/OPERATION_KIND_REGISTRY.yaml"
#define OPK_DRAFTS_PATH    "patterns/registry/OPERATION_KIND_REGISTRY.drafts.yaml"
#define OPK_DECISIONS_NAME "promotions.jsonl" /* beside the registry */

enum opk_kind_status {
    OPK_KIND_DRAFT, /* used by a card, not yet decided by a person */
    OPK_KIND_ACTIVE,
    OPK_KIND_DEPRECATED,
    OPK_KIND_SUPERSEDED,
};

/* One entry of operation_kinds. Texts are empty when absent. */
struct opk_registered {
    struct opk_str id;
    struct opk_str ulid;
    struct opk_str name;
    struct opk_str summary;
    struct opk_str type; /* command, pipeline, tool, sequence */
    struct opk_str promoted_from;
    struct opk_str superseded_by;
    enum opk_kind_status status;
    const struct opk_str *matches; /* shape patterns */
    size_t match_count;
    const struct opk_str *used_by; /* pattern ids */
    size_t used_by_count;
    const struct opk_node *node;
};

struct opk_registry {
    struct opk_doc doc;
    struct opk_arena arena;
    struct opk_map *by_id;
    struct opk_registered *kinds;
    size_t count;
};

/** path is for messages. Empty text is a registry without kinds. */
OPK_MUST_USE enum opk_status opk_registry_parse(struct opk_str text, const char *path,
                                                struct opk_registry *out_registry,
                                                struct opk_err *err);

/** Safe on zeroed storage. */
void opk_registry_done(struct opk_registry *registry);

/** NULL when absent. */
const struct opk_registered *opk_registry_find(const struct opk_registry *registry,
                                               struct opk_str id);

/** The kind that a draft became, or NULL. */
const struct opk_registered *opk_registry_find_promoted(const struct opk_registry *registry,
                                                        struct opk_str draft_id);

/** OPK-GIT-COMMIT: ^OPK-[A-Z0-9]+(-[A-Z0-9]+)*$ */
bool opk_kind_id_is_valid(struct opk_str id);

/** "draft", "active", ... as in the file. */
const char *opk_kind_status_name(enum opk_kind_status status);

#endif
