/*
 * sha256.h - SHA-256, for digests that any other program can compute as well.
 *
 * Source:  FIPS 180-4. Within opk, hash.h is the faster choice.
 * Memory:  nothing allocated.
 * Threads: pure.
 */
#ifndef OPK_BASE_SHA256_H
#define OPK_BASE_SHA256_H

#include "base/str.h"

#define OPK_SHA256_TEXT 65 /* 64 lower-case hexadecimal digits and a NUL */

void opk_sha256_text(struct opk_str bytes, char out[OPK_SHA256_TEXT]);

#endif
