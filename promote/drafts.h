/*
 * drafts.h - read OPERATION_KIND_REGISTRY.drafts.yaml, which discover writes.
 *
 * Shape:   text in, the drafts in the order of the file (their rank) out. Only draft_id is
 *          required; keys that are not known here are passed over.
 * Memory:  the drafts own their document; texts and lists are borrowed from it until done.
 * Errors:  OPK_E_INVALID with the line (bad or doubled draft_id, a field of another type), and
 *          those of base/yaml.h.
 */
#ifndef OPK_PROMOTE_DRAFTS_H
#define OPK_PROMOTE_DRAFTS_H

#include "base/doc.h"
#include "base/hash.h"
#include "base/map.h"
#include "promote/decision.h"

struct opk_draft_shape {
    struct opk_str text;
    uint64_t count;
};

struct opk_draft_example {
    struct opk_str command; /* redacted */
    struct opk_str source;
    uint64_t at; /* 0: none was written, as for lines of a plain list */
};

/* Texts are empty when absent. */
struct opk_draft {
    struct opk_str id; /* DRF-7K3M9QX2T4 */
    struct opk_str proposed_id;
    struct opk_str type; /* command, pipeline, tool, sequence */
    struct opk_str summary;
    struct opk_str signature;
    struct opk_str first_seen;
    struct opk_str last_seen;
    struct opk_str score;
    struct opk_str failed; /* the share of runs that failed, as written */
    struct opk_support support;
    uint64_t sources;
    uint64_t users;
    uint64_t projects;
    const struct opk_draft_shape *shapes; /* most frequent first */
    size_t shape_count;
    const struct opk_str *steps;
    size_t step_count;
    const struct opk_draft_example *examples;
    size_t example_count;
    struct opk_hash128 digest; /* of the draft's text in the file */
    const struct opk_node *node;
};

struct opk_drafts {
    struct opk_doc doc;
    struct opk_arena arena;
    struct opk_map *by_id;
    struct opk_draft *items;
    size_t count;
};

/** path is for messages. */
OPK_MUST_USE enum opk_status opk_drafts_parse(struct opk_str text, const char *path,
                                              struct opk_drafts *out_drafts, struct opk_err *err);

/** Safe on zeroed storage. */
void opk_drafts_done(struct opk_drafts *drafts);

/** NULL when absent. */
const struct opk_draft *opk_drafts_find(const struct opk_drafts *drafts, struct opk_str id);

/** DRF- and ten characters of Crockford's base 32. */
bool opk_draft_id_is_valid(struct opk_str id);

#endif
