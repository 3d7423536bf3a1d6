/*
 * rfc3339.h - points in time as text (RFC 3339, ISO 8601).
 *
 * Units:   milliseconds since 1970-01-01T00:00:00Z; years 0000 to 9999; a leap second counts as the
 *          second before it.
 * Errors:  parsing says false; fractions past the millisecond are cut.
 */
#ifndef OPK_BASE_RFC3339_H
#define OPK_BASE_RFC3339_H

#include "base/buf.h"

/** Read 2026-01-24T20:19:13.135Z, or with an offset (+01:00); the fraction may be absent. */
bool opk_rfc3339_parse(struct opk_str text, int64_t *out_time);

/** Append 2026-01-24T20:19:13.135Z; nothing for a time outside the years above. */
void opk_rfc3339_append(struct opk_buf *out, int64_t time);

#define OPK_RFC3339_SECONDS 21 /* with a NUL behind */

/** Write 2026-01-24T20:19:13Z; a time outside the years above becomes the nearest one inside. */
void opk_rfc3339_seconds(int64_t seconds, char out[OPK_RFC3339_SECONDS]);

#endif
