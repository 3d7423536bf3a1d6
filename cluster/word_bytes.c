#include "cluster/word_bytes.h"

/* clang-format off */
#define D (OPK_HAS_DIGIT | OPK_HAS_HEX) /* 0 to 9 */
#define H (OPK_HAS_SMALL | OPK_HAS_HEX) /* a to f */
#define L (OPK_HAS_SMALL | OPK_HAS_NO_HEX) /* g to z */
#define U (OPK_HAS_CAPITAL) /* A to F */
#define C (OPK_HAS_CAPITAL | OPK_HAS_NO_HEX) /* G to Z */
#define P (OPK_HAS_DOT)
#define N (OPK_HAS_COLON)
#define F (OPK_HAS_SLASH)
#define M (OPK_HAS_DASH)
#define A (OPK_HAS_AT)
#define E (OPK_HAS_EQUALS)
#define T (OPK_HAS_TILDE)
#define W (OPK_HAS_LOW_LINE)
#define K (OPK_HAS_MARK) /* + , % */
#define R (OPK_HAS_ODD) /* ^ */
#define O (OPK_HAS_ODD | OPK_ENDS_PLAIN)
#define S (OPK_HAS_SPACE | OPK_ENDS_PLAIN)

const uint32_t OPK_WORD_BYTES[256] = {
    O, O, O, O, O, O, O, O, O, S, S, S, S, S, O, O, /* 00 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* 10 */
    S, O, O, O, O, K, O, O, O, O, O, K, K, M, P, F, /* 20 */
    D, D, D, D, D, D, D, D, D, D, N, O, O, E, O, O, /* 30 */
    A, U, U, U, U, U, U, C, C, C, C, C, C, C, C, C, /* 40 */
    C, C, C, C, C, C, C, C, C, C, C, O, O, O, R, W, /* 50 */
    O, H, H, H, H, H, H, L, L, L, L, L, L, L, L, L, /* 60 */
    L, L, L, L, L, L, L, L, L, L, L, O, O, O, T, O, /* 70 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* 80 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* 90 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* A0 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* B0 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* C0 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* D0 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* E0 */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* F0 */
};
#undef D
#undef H
#undef L
#undef U
#undef C
#undef P
#undef N
#undef F
#undef M
#undef A
#undef E
#undef T
#undef W
#undef K
#undef R
#undef O
#undef S
/* clang-format on */

unsigned opk_word_bytes(struct opk_str word)
{
    unsigned bytes = 0;

    for (size_t i = 0; i < word.len; i++)
        bytes |= OPK_WORD_BYTES[(unsigned char)word.data[i]];
    return bytes & ~(unsigned)OPK_ENDS_PLAIN;
}
