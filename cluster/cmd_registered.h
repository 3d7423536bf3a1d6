/*
 * cmd_registered.h - the registry as the verbs of this stage use it: from a shape to a kind's id.
 *
 * Shape:   a registry file in; for a shape the id of the registered kind whose patterns match it. A
 *          superseded kind stands for the one that took its place. The patterns of a sequence are
 *          steps, and match no shape.
 * Errors:  a pattern that cannot be used is told in one line with its place, and passed over;
 *          those of the registry file (promote/registry.h).
 * Memory:  struct opk_registered_kinds owns everything; ids are borrowed from it until done.
 */
#ifndef OPK_CLUSTER_CMD_REGISTERED_H
#define OPK_CLUSTER_CMD_REGISTERED_H

#include "base/opt.h"
#include "cluster/match.h"
#include "promote/registry.h"

/* Pattern number pattern of the registry's kind number kind. */
struct opk_registered_pattern {
    size_t kind;
    size_t pattern;
};

struct opk_registered_kinds {
    struct opk_registry registry;
    struct opk_matcher *matcher;
    struct opk_registered_pattern *patterns; /* owned; by the matcher's numbers */
    size_t pattern_count;
    size_t pattern_cap;
};

/**
 * The path of a file, given as beneath the root of the pattern repository around the current
 * folder: relative to the current folder where that is the root, else absolute. Where opk.yaml
 * moves the registry, it is there, with the drafts beside it. *out_path is NULL when there is no
 * repository; it lies in the verb's arena.
 */
OPK_MUST_USE enum opk_status opk_registered_locate(const struct opk_cli *cli, const char *name,
                                                   const char **out_path, struct opk_err *err);

/** path may be NULL: nothing is registered; so also when it is absent and need not exist. */
OPK_MUST_USE enum opk_status opk_registered_read(const struct opk_cli *cli, const char *path,
                                                 bool must_exist,
                                                 struct opk_registered_kinds *out_kinds,
                                                 struct opk_err *err);

/** Safe on zeroed storage. */
void opk_registered_done(struct opk_registered_kinds *kinds);

/** The id of the registered sequence that has these steps, repetition aside; empty: none has. */
struct opk_str opk_registered_sequence(const struct opk_registered_kinds *kinds,
                                       struct opk_str signature);

/**
 * The id of the kind that matches a shape, and the pattern by which it does; both are empty when
 * there is none. out_pattern may be NULL.
 */
struct opk_str opk_registered_match(const struct opk_registered_kinds *kinds, struct opk_str shape,
                                    struct opk_str *out_pattern);

#endif
