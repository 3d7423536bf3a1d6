#include "cluster/redact_index.h"

#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BYTES   256
#define LETTERS 26

struct opk_redact_index {
    unsigned char pairs[BYTES * BYTES / 8]; /* two bytes with which a hint begins */
    struct opk_redact_rows hints[BYTES];    /* by a hint's first byte */
    struct opk_redact_rows bounded;         /* no letter, digit or _ stands before the hint */
    struct opk_map *programs;               /* names of programs */
    struct opk_redact_rows *program_rows;   /* owned; by index in programs */
    size_t program_cap;
    struct opk_redact_rows prefixes[BYTES];   /* of programs, by their first byte */
    struct opk_redact_rows suffixes[BYTES];   /* of names, by their last byte */
    unsigned char endings[BYTES * BYTES / 8]; /* the last two bytes of names and qualifiers */
    bool tails[LETTERS * LETTERS * LETTERS];  /* their last three, where these are letters */
};

static unsigned byte_at(struct opk_str text, size_t at)
{
    return at < text.len ? (unsigned char)text.data[at] : 0;
}

static void set_pair(unsigned char *pairs, unsigned first, unsigned second)
{
    unsigned pair = first * BYTES + second;

    pairs[pair / 8] |= (unsigned char)(1U << pair % 8);
}

static bool has_pair(const unsigned char *pairs, unsigned first, unsigned second)
{
    unsigned pair = first * BYTES + second;

    return (pairs[pair / 8] & 1U << pair % 8) != 0;
}

static void add_row(struct opk_redact_rows *rows, size_t row)
{
    rows->bits[row / 64] |= UINT64_C(1) << row % 64;
}

size_t opk_redact_rows_next(const struct opk_redact_rows *rows, size_t from)
{
    for (size_t i = from / 64; i < OPK_REDACT_ROWS_MAX / 64; i++) {
        uint64_t bits = rows->bits[i];
        if (i == from / 64)
            bits &= UINT64_MAX << from % 64;
        if (bits != 0)
            return i * 64 + (size_t)__builtin_ctzll(bits);
    }
    return OPK_REDACT_ROWS_MAX;
}

/* Does the pattern begin with the hint, behind a border of words? */
static bool is_bounded(const struct opk_redact_shape *shape)
{
    struct opk_str pattern = opk_str_of(shape->pattern);
    struct opk_str border = opk_str_of(OPK_REDACT_START);
    struct opk_str hint = opk_str_of(shape->hint);
    size_t at = 0;

    if (!opk_str_starts(pattern, border))
        return false;
    pattern = opk_str_skip(pattern, border.len);
    for (size_t i = 0; i < hint.len; i++) {
        at += byte_at(pattern, at) == '\\';
        if (byte_at(pattern, at++) != (unsigned char)hint.data[i])
            return false;
    }
    /* The border belongs to the first of several alternatives only. */
    return opk_str_find_byte(pattern, '|', 0) == OPK_NPOS ||
           opk_str_find_byte(pattern, '(', 0) < opk_str_find_byte(pattern, '|', 0);
}

static void add_shape(struct opk_redact_index *index, size_t row)
{
    struct opk_str hint = opk_str_of(OPK_REDACT_SHAPES[row].hint);
    unsigned first = byte_at(hint, 0);

    assert(hint.len > 0);
    add_row(&index->hints[first], row);
    if (is_bounded(&OPK_REDACT_SHAPES[row]))
        add_row(&index->bounded, row);
    for (unsigned second = 0; second < BYTES; second++) {
        if (hint.len == 1 || byte_at(hint, 1) == second)
            set_pair(index->pairs, first, second);
    }
}

static enum opk_status add_program(struct opk_redact_index *index, struct opk_str name, size_t row,
                                   struct opk_err *err)
{
    struct opk_redact_rows *grown =
        opk_grow(index->program_rows, &index->program_cap,
                 (size_t)opk_map_count(index->programs) + 1, sizeof(*grown));
    enum opk_status status;
    uint32_t at;
    bool is_new;

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the redactor");
    index->program_rows = grown;
    status = opk_map_add(index->programs, name, &at, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new)
        grown[at] = (struct opk_redact_rows){{0}};
    add_row(&grown[at], row);
    return OPK_OK;
}

static enum opk_status add_programs(struct opk_redact_index *index, size_t row, struct opk_err *err)
{
    struct opk_split names = OPK_SPLIT(opk_str_of(OPK_REDACT_PROGRAMS[row].programs), '|');
    struct opk_str name;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && opk_split_next(&names, &name)) {
        if (opk_str_ends(name, OPK_STR("*")))
            add_row(&index->prefixes[byte_at(name, 0)], row);
        else
            status = add_program(index, name, row, err);
    }
    return status;
}

static bool are_letters(struct opk_str text, bool (*is_letter)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter(text.data[i]))
            return false;
    }
    return true;
}

/* The last three bytes, and which entry of the tails is theirs. */
static struct opk_str tail_of(struct opk_str name, size_t *out_at)
{
    struct opk_str tail = opk_str_skip(name, name.len < 3 ? 0 : name.len - 3);

    *out_at = 0;
    for (size_t i = 0; i < tail.len; i++)
        *out_at = *out_at * LETTERS + (size_t)(opk_to_lower(tail.data[i]) - 'a');
    return tail;
}

static void add_ending(struct opk_redact_index *index, struct opk_str name)
{
    size_t at;
    struct opk_str tail = tail_of(name, &at);

    if (tail.len == 3 && are_letters(tail, opk_is_lower))
        index->tails[at] = true;
    assert(name.len >= 2);
    set_pair(index->endings, byte_at(name, name.len - 2), byte_at(name, name.len - 1));
}

static enum opk_status fill(struct opk_redact_index *index, struct opk_err *err)
{
    enum opk_status status = opk_map_new(&index->programs, err);

    for (size_t i = 0; i < OPK_REDACT_SHAPE_COUNT; i++)
        add_shape(index, i);
    for (size_t i = 0; i < OPK_REDACT_PROGRAM_COUNT && status == OPK_OK; i++)
        status = add_programs(index, i, err);
    for (size_t i = 0; i < OPK_REDACT_NAME_COUNT; i++) {
        struct opk_str suffix = opk_str_of(OPK_REDACT_NAMES[i].suffix);
        add_ending(index, suffix);
        add_row(&index->suffixes[byte_at(suffix, suffix.len - 1)], i);
    }
    for (size_t i = 0; OPK_REDACT_QUALIFIERS[i]; i++)
        add_ending(index, opk_str_of(OPK_REDACT_QUALIFIERS[i]));
    return status;
}

enum opk_status opk_redact_index_new(struct opk_redact_index **out_index, struct opk_err *err)
{
    struct opk_redact_index *index = calloc(1, sizeof(*index));
    enum opk_status status;

    if (!index)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the redactor");
    assert(OPK_REDACT_SHAPE_COUNT <= OPK_REDACT_ROWS_MAX &&
           OPK_REDACT_PROGRAM_COUNT <= OPK_REDACT_ROWS_MAX &&
           OPK_REDACT_NAME_COUNT <= OPK_REDACT_ROWS_MAX);
    status = fill(index, err);
    if (status == OPK_OK)
        *out_index = index;
    else
        opk_redact_index_free(index);
    return status;
}

void opk_redact_index_free(struct opk_redact_index *index)
{
    if (!index)
        return;
    opk_map_free(index->programs);
    free(index->program_rows);
    free(index);
}

static bool is_word_byte(unsigned c)
{
    return opk_is_alnum((char)c) || c == '_';
}

/* The rows whose hint stands at a place. */
static void add_hints(const struct opk_redact_index *index, struct opk_str text, size_t at,
                      struct opk_redact_rows *rows)
{
    const struct opk_redact_rows *hints = &index->hints[byte_at(text, at)];
    bool inside = at > 0 && is_word_byte(byte_at(text, at - 1));

    struct opk_redact_rows left;

    for (size_t i = 0; i < OPK_REDACT_ROWS_MAX / 64; i++) {
        left.bits[i] = hints->bits[i] & ~rows->bits[i];
        if (inside)
            left.bits[i] &= ~index->bounded.bits[i];
    }
    for (size_t row = 0; (row = opk_redact_rows_next(&left, row)) < OPK_REDACT_ROWS_MAX; row++) {
        if (opk_str_starts(opk_str_skip(text, at), opk_str_of(OPK_REDACT_SHAPES[row].hint)))
            add_row(rows, row);
    }
}

struct opk_redact_rows opk_redact_index_shapes(const struct opk_redact_index *index,
                                               struct opk_str text)
{
    struct opk_redact_rows rows = {{0}};

    for (size_t at = 0; at < text.len; at++) {
        if (has_pair(index->pairs, byte_at(text, at), byte_at(text, at + 1)))
            add_hints(index, text, at, &rows);
    }
    return rows;
}

struct opk_redact_rows opk_redact_index_programs(const struct opk_redact_index *index,
                                                 struct opk_str name)
{
    struct opk_redact_rows rows = index->prefixes[byte_at(name, 0)];
    uint32_t at;

    if (opk_map_find(index->programs, name, &at)) {
        for (size_t i = 0; i < OPK_REDACT_ROWS_MAX / 64; i++)
            rows.bits[i] |= index->program_rows[at].bits[i];
    }
    return rows;
}

const struct opk_redact_rows *opk_redact_index_suffixes(const struct opk_redact_index *index,
                                                        struct opk_str name)
{
    return &index->suffixes[byte_at(name, name.len - 1)];
}

static bool has_letter(struct opk_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (opk_is_alpha(name.data[i]))
            return true;
    }
    return false;
}

bool opk_redact_index_names(const struct opk_redact_index *index, struct opk_str name)
{
    char last = name.len > 0 ? name.data[name.len - 1] : '\0';
    char before = name.len > 1 ? name.data[name.len - 2] : '\0';

    /* Digits and what stands between words may follow the telling word. */
    if (opk_is_digit(last))
        return has_letter(name) &&
               (opk_str_find_byte(name, '_', 0) != OPK_NPOS ||
                opk_str_find_byte(name, '-', 0) != OPK_NPOS ||
                opk_str_find_byte(name, '.', 0) != OPK_NPOS || opk_is_digit(before));
    if (!opk_is_alpha(last) || !opk_is_alpha(before))
        return true;
    if (!has_pair(index->endings, (unsigned char)opk_to_lower(before),
                  (unsigned char)opk_to_lower(last)))
        return false;
    /* A border stands between letters where lower case turns into upper case only. */
    size_t at;
    struct opk_str tail = tail_of(name, &at);
    bool plain =
        tail.len == 3 && (are_letters(tail, opk_is_lower) || are_letters(tail, opk_is_upper));
    return !plain || index->tails[at];
}
