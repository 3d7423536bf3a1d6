/*
 * utc.h - seconds since 1970 as text, and back: 2026-11-22T15:59:00Z.
 *
 * Shape:   pure arithmetic in the proleptic Gregorian calendar; no time zone, locale or clock.
 * Units:   seconds; leap seconds do not exist.
 * Errors:  times outside the years 0000 to 9999 are clamped when written, refused when read.
 */
#ifndef OPK_BASE_UTC_H
#define OPK_BASE_UTC_H

#include "base/str.h"

#define OPK_UTC_TEXT 21 /* with a NUL behind */

void opk_utc_text(int64_t seconds, char out[OPK_UTC_TEXT]);

/** False unless text has exactly the form that opk_utc_text writes, and names a real moment. */
bool opk_utc_parse(struct opk_str text, int64_t *out_seconds);

#endif
