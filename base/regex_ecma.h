/*
 * regex_ecma.h - a regular expression of ECMA-262 as PCRE2 spells it.
 *
 * Shape:   a pattern in, its other spelling out: the long names of general categories become short
 *          (\p{Letter} is \p{L}), and \s and \S take in all blanks of Unicode. The rest is alike
 *          under PCRE2's own options for it.
 * Source:  ECMA-262, 22.2 (RegExp), with the flag u; names of PropertyValueAliases.txt.
 * Differs: \S within brackets knows the blanks of ASCII alone.
 * Errors:  the buffer's.
 */
#ifndef OPK_BASE_REGEX_ECMA_H
#define OPK_BASE_REGEX_ECMA_H

#include "base/buf.h"

void opk_regex_ecma(struct opk_str pattern, struct opk_buf *out);

#endif
