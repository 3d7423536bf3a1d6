/*
 * emit.h - YAML text of a value, for the files that opk writes whole.
 *
 * Shape:   block style, two spaces, items indented under their key; empty collections as [] or {}.
 *          What it writes reads back as the same value.
 */
#ifndef OPK_SYNC_EMIT_H
#define OPK_SYNC_EMIT_H

#include "base/buf.h"
#include "base/template.h"

/** Append the pairs of a mapping, each on lines of its own, indented by indent columns. */
void opk_emit_map(const struct opk_tval *map, size_t indent, struct opk_buf *out);

#endif
