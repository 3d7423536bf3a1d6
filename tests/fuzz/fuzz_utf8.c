/* Decoding takes every byte once, agrees with the check, and encodes back to the same bytes. */
#include "fuzz.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str rest = opk_str_bytes(data ? (const void *)data : "", size);
    bool well_formed = true;

    for (struct opk_str all = rest; rest.len > 0;) {
        uint32_t code_point;
        char again[4];
        size_t len = opk_utf8_decode(rest, &code_point);
        if (len < 1 || len > 4 || len > rest.len || code_point > 0x10FFFF)
            abort();
        if (code_point == 0xFFFD && len == 1)
            well_formed = false;
        else if (opk_utf8_encode(code_point, again) != len || memcmp(again, rest.data, len) != 0)
            abort();
        rest = opk_str_slice(rest, len, OPK_NPOS);
        if (rest.len == 0 && opk_utf8_valid(all) != well_formed)
            abort();
    }
    return 0;
}
