/*
 * schemas.h - the schemas of schemas/, which are part of the program, and which file follows which.
 *
 * Shape:   a name such as "pattern_card", or a path, in; a schema's text out.
 * Source:  the table is generated from schemas/ by cmake/embed.cmake.
 * Memory:  static.
 * Errors:  NULL when there is none.
 */
#ifndef OPK_SYNC_SCHEMAS_H
#define OPK_SYNC_SCHEMAS_H

#include "base/embedded.h"
#include "base/str.h"

/* Names are without ".schema.json". */
extern const struct opk_embedded OPK_SCHEMA_FILES[];
extern const size_t OPK_SCHEMA_COUNT;

/** A schema by its name, or by the name of its file. */
const struct opk_embedded *opk_schemas_find(struct opk_str name);

/** The schema that files of a path follow in a pattern repository, by their name and folder. */
const struct opk_embedded *opk_schemas_of_path(struct opk_str path);

/** What a "# yaml-language-server: $schema=X" among the first lines names; empty when none does. */
struct opk_str opk_schemas_modeline(struct opk_str text);

#endif
