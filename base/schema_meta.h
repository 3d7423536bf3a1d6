/*
 * schema_meta.h - the metaschemas of draft 2020-12, which are part of the program.
 *
 * Shape:   a table that the build makes from base/metaschema/; each file's $id is its URI.
 * Memory:  static.
 */
#ifndef OPK_BASE_SCHEMA_META_H
#define OPK_BASE_SCHEMA_META_H

#include "base/embedded.h"

#define OPK_METASCHEMA_BASE "https://json-schema.org/draft/2020-12/"
#define OPK_METASCHEMA_MAX  8 /* files */

extern const struct opk_embedded OPK_METASCHEMA_FILES[];
extern const size_t OPK_METASCHEMA_COUNT;

#endif
