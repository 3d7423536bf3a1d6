/*
 * ulid.h - ULIDs: 26 characters that sort by time and never repeat.
 *
 * Shape:   48 bits of milliseconds since 1970 and 80 random bits, most significant first, in
 *          Crockford's base 32 (0-9A-Z without I L O U), upper case. 130 bits of text hold 128, so
 *          the first character is 0 to 7.
 * Source:  the ULID specification, github.com/ulid/spec.
 * Memory:  none. The clock and the random bytes are the caller's.
 */
#ifndef OPK_BASE_ULID_H
#define OPK_BASE_ULID_H

#include "base/err.h"
#include "base/str.h"

#define OPK_ULID_LEN      26
#define OPK_ULID_TEXT     27 /* with a NUL behind */
#define OPK_ULID_RANDOM   10 /* random bytes */
#define OPK_ULID_TIME_MAX ((UINT64_C(1) << 48) - 1)

struct opk_ulid {
    uint64_t time_ms; /* at most OPK_ULID_TIME_MAX */
    unsigned char random[OPK_ULID_RANDOM];
};

/** False when text is no ULID in its canonical, upper-case form; out_ulid may be NULL. */
bool opk_ulid_parse(struct opk_str text, struct opk_ulid *out_ulid);

/** The same with a reason; OPK_E_INVALID. path may be NULL. */
OPK_MUST_USE enum opk_status opk_ulid_check(struct opk_str text, const char *path,
                                            struct opk_err *err);

void opk_ulid_text(const struct opk_ulid *ulid, char out[OPK_ULID_TEXT]);

#endif
