/*
 * known.h - what a project's own files say that is run there: scripts, targets, recipes.
 *
 * Source:  docs/formats/known.md.
 * Shape:   files in (package.json, Makefile, justfile), names of targets kept; then, is a raw shape
 *          (shape.h) the call of one: "npm run build", "make test", "just deploy"?
 * Names:   a raw shape holds plain words only (word.h), so a target such as "build:prod" is kept
 *          and counted, but no call of it is recognised.
 * Memory:  struct opk_known owns the names; proportional to distinct ones.
 * Errors:  OPK_E_SYNTAX (a package.json that is no JSON) and OPK_E_INVALID (one that is no object)
 *          with the place; OPK_E_LIMIT past OPK_KNOWN_TARGETS_MAX; OPK_E_NOMEM. What was added
 *          before stays.
 * Threads: asking is safe from many threads while nobody adds.
 */
#ifndef OPK_CLUSTER_KNOWN_H
#define OPK_CLUSTER_KNOWN_H

#include "base/err.h"
#include "base/str.h"

/* A file of this many bytes is read, one more is refused; its reader checks. */
#define OPK_KNOWN_FILE_MAX ((size_t)1 << 20)

/* Distinct names of all files. */
#define OPK_KNOWN_TARGETS_MAX 65536U

/* A longer name is passed over. */
#define OPK_KNOWN_NAME_MAX ((size_t)200)

enum opk_known_format {
    OPK_KNOWN_PACKAGE, /* package.json: npm, yarn, pnpm, bun */
    OPK_KNOWN_MAKE,    /* Makefile: make */
    OPK_KNOWN_JUST,    /* justfile: just */
};

/* The names under which these files stand in a folder, the first of each format first. */
struct opk_known_name {
    const char *name;
    enum opk_known_format format;
};

extern const struct opk_known_name OPK_KNOWN_NAMES[];
extern const size_t OPK_KNOWN_NAMES_COUNT;

struct opk_known;

OPK_MUST_USE enum opk_status opk_known_new(struct opk_known **out_known, struct opk_err *err);
void opk_known_free(struct opk_known *known);

/** The format of a file with this name or ending ("rules.mk"); false when it is none of them. */
bool opk_known_format_of(struct opk_str path, enum opk_known_format *out_format);

/** path is for messages. */
OPK_MUST_USE enum opk_status opk_known_add_file(struct opk_known *known,
                                                enum opk_known_format format, struct opk_str text,
                                                const char *path, struct opk_err *err);

/** Keep one name. */
OPK_MUST_USE enum opk_status opk_known_add(struct opk_known *known, enum opk_known_format format,
                                           struct opk_str name, struct opk_err *err);

/** Distinct names. */
uint32_t opk_known_count(const struct opk_known *known);

/** Is this raw shape one command that calls known targets, and nothing else? */
bool opk_known_has(const struct opk_known *known, struct opk_str raw);

#endif
