#include "cluster/program.h"

#include "cluster/lex.h"

#include <assert.h>
#include <string.h>

/* With the length, the halves tell every name from every other. */
static inline void read_halves(struct opk_str name, uint64_t halves[2])
{
    uint32_t ends[2];

    halves[1] = 0;
    if (name.len >= sizeof(halves[0])) {
        memcpy(&halves[0], name.data, sizeof(halves[0]));
        memcpy(&halves[1], name.data + name.len - sizeof(halves[1]), sizeof(halves[1]));
        return;
    }
    if (name.len >= sizeof(ends[0])) {
        memcpy(&ends[0], name.data, sizeof(ends[0]));
        memcpy(&ends[1], name.data + name.len - sizeof(ends[1]), sizeof(ends[1]));
    } else {
        ends[0] = (unsigned char)name.data[0];
        ends[1] = (uint32_t)(unsigned char)name.data[name.len / 2] << 8 |
                  (unsigned char)name.data[name.len - 1];
    }
    halves[0] = ends[0] | (uint64_t)ends[1] << 32;
}

static size_t place_of(const uint64_t halves[2])
{
    const uint64_t mixed = (halves[0] ^ halves[1] << 1) * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(mixed >> 32) % OPK_PROGRAM_PLACES;
}

const struct opk_program *opk_programs_find(struct opk_programs *programs, struct opk_str name)
{
    uint64_t halves[2];

    assert(name.len > 0 && name.len <= OPK_PROGRAM_KNOWN_MAX);
    read_halves(name, halves);
    struct opk_program *place = &programs->places[place_of(halves)];
    if (place->len != name.len || place->halves[0] != halves[0] || place->halves[1] != halves[1])
        *place = (struct opk_program){
            .halves = {halves[0], halves[1]},
            .len = name.len,
            .wrapper = opk_wrapper_find_name(name),
            .is_reserved = opk_lex_is_reserved(name),
        };
    return place;
}
