#include "cluster/word.h"

#include "cluster/word_bytes.h"

#include <assert.h>
#include <string.h>

/* What else a row may ask, beside the kinds of bytes (word_bytes.h). */
enum {
    IS_FLAGGED = 1U << 17, /* the lexer said something of it */
    IS_EMPTY = 1U << 18,
    IS_LONG = 1U << 19, /* as long as a hash without a digit must be */
    /* Of words with a digit: how they begin. */
    IS_COUNT = 1U << 20,  /* with a digit */
    IS_SIGNED = 1U << 21, /* with a sign or a point */
    IS_RANGE = 1U << 22,  /* as v1.0, ^1.0, >=1.0 do */
};

#define LONG_BYTES 40

struct facts {
    struct opk_str v;
    unsigned flags;
    unsigned has; /* of enum opk_byte, and of those above */
};

/* clang-format off */
static const uint32_t BEGINS[256] = {
    ['0'] = IS_COUNT, ['1'] = IS_COUNT, ['2'] = IS_COUNT, ['3'] = IS_COUNT, ['4'] = IS_COUNT,
    ['5'] = IS_COUNT, ['6'] = IS_COUNT, ['7'] = IS_COUNT, ['8'] = IS_COUNT, ['9'] = IS_COUNT,
    ['+'] = IS_SIGNED, ['-'] = IS_SIGNED, ['.'] = IS_SIGNED, ['v'] = IS_RANGE, ['^'] = IS_RANGE,
    ['~'] = IS_RANGE, ['<'] = IS_RANGE, ['>'] = IS_RANGE, ['='] = IS_RANGE,
};
/* clang-format on */

static struct facts facts_of(struct opk_str v, unsigned flags, unsigned bytes)
{
    struct facts f = {.v = v, .flags = flags, .has = bytes};

    if (flags != 0)
        f.has |= IS_FLAGGED;
    if (v.len == 0)
        f.has |= IS_EMPTY;
    else if (bytes & OPK_HAS_DIGIT)
        f.has |= BEGINS[(unsigned char)v.data[0]];
    if (v.len >= LONG_BYTES)
        f.has |= IS_LONG;
    return f;
}

/* How many bytes of the word are of this kind. */
static size_t count(const struct facts *f, unsigned kind)
{
    size_t found = 0;

    if (!(f->has & kind))
        return 0;
    for (size_t i = 0; i < f->v.len; i++)
        found += (OPK_WORD_BYTES[(unsigned char)f->v.data[i]] & kind) != 0;
    return found;
}

static bool has(const struct facts *f, unsigned kind)
{
    return (f->has & kind) != 0;
}

static bool all_in(struct opk_str v, bool (*is)(char))
{
    for (size_t i = 0; i < v.len; i++) {
        if (!is(v.data[i]))
            return false;
    }
    return v.len > 0;
}

/* Digits from *at on; how many. */
static size_t skip_digits(struct opk_str v, size_t *at)
{
    size_t begin = *at;

    while (*at < v.len && opk_is_digit(v.data[*at]))
        (*at)++;
    return *at - begin;
}

static bool one_of(struct opk_str v, const struct opk_str *names, size_t name_count)
{
    for (size_t i = 0; i < name_count; i++) {
        /* Most names differ in length or in their first byte. */
        if (v.len == names[i].len && v.len > 0 && v.data[0] == names[i].data[0] &&
            opk_str_eq(v, names[i]))
            return true;
    }
    return false;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_opaque(const struct facts *f)
{
    return (f->flags & OPK_WORD_OPAQUE) != 0;
}

static bool is_empty(const struct facts *f)
{
    return f->v.len == 0;
}

static bool is_code(const struct facts *f)
{
    return (f->flags & OPK_WORD_CODE) != 0;
}

static bool is_substitution(const struct facts *f)
{
    return (f->flags & OPK_WORD_SUBSTITUTION) != 0 && f->v.len > 1 && f->v.data[0] != '\'';
}

static bool is_arithmetic(const struct facts *f)
{
    return (f->flags & OPK_WORD_ARITHMETIC) != 0;
}

/* A variable and nothing that says more: $x, "$x", ${x}y, but not $HOME/a.c. */
static bool is_variable(const struct facts *f)
{
    return (f->flags & OPK_WORD_VARIABLE) != 0 && !has(f, OPK_HAS_SLASH) && !has(f, OPK_HAS_SPACE);
}

static bool is_url(const struct facts *f)
{
    size_t at = opk_str_find(f->v, OPK_STR("://"), 0);

    if (at == 0 || at == OPK_NPOS || has(f, OPK_HAS_SPACE))
        return false;
    for (size_t i = 0; i < at; i++) {
        if (!opk_is_alnum(f->v.data[i]) && !strchr("+-.", f->v.data[i]))
            return false;
    }
    return true;
}

static bool is_json(const struct facts *f)
{
    char first = f->v.data[0];
    char last = f->v.data[f->v.len - 1];
    bool quoted = (f->flags & OPK_WORD_QUOTED) != 0;

    if (!quoted || f->v.len < 2)
        return false;
    return (first == '{' && last == '}') ||
           (first == '[' && last == ']' && opk_str_find_byte(f->v, '"', 0) != OPK_NPOS);
}

static bool is_number(const struct facts *f)
{
    size_t at = f->v.data[0] == '-' || f->v.data[0] == '+';
    size_t whole;

    if (f->v.len > at + 2 && f->v.data[at] == '0' && opk_to_lower(f->v.data[at + 1]) == 'x')
        return all_in(opk_str_skip(f->v, at + 2), opk_is_xdigit);
    whole = skip_digits(f->v, &at);
    if (at < f->v.len && f->v.data[at] == '.') {
        at++;
        whole += skip_digits(f->v, &at);
    }
    if (at < f->v.len && f->v.data[at] == '%')
        at++;
    return whole > 0 && at == f->v.len;
}

/* No unit of bytes has more letters. */
#define SIZE_UNIT_MAX 3

/* 10M, 1.5GiB, 512k: a number and a unit of bytes. */
static bool is_size(const struct facts *f)
{
    static const struct opk_str UNITS[] = {
        OPK_STR_INIT("b"),  OPK_STR_INIT("k"),   OPK_STR_INIT("K"),   OPK_STR_INIT("kb"),
        OPK_STR_INIT("KB"), OPK_STR_INIT("Kb"),  OPK_STR_INIT("KiB"), OPK_STR_INIT("M"),
        OPK_STR_INIT("m"),  OPK_STR_INIT("MB"),  OPK_STR_INIT("Mb"),  OPK_STR_INIT("MiB"),
        OPK_STR_INIT("mb"), OPK_STR_INIT("G"),   OPK_STR_INIT("g"),   OPK_STR_INIT("GB"),
        OPK_STR_INIT("Gb"), OPK_STR_INIT("GiB"), OPK_STR_INIT("gb"),  OPK_STR_INIT("T"),
        OPK_STR_INIT("TB"), OPK_STR_INIT("TiB"), OPK_STR_INIT("kiB"), OPK_STR_INIT("Mi"),
        OPK_STR_INIT("Gi"), OPK_STR_INIT("Ki"),  OPK_STR_INIT("Ti")};
    size_t at = 0;

    if (skip_digits(f->v, &at) == 0)
        return false;
    if (at < f->v.len && f->v.data[at] == '.') {
        at++;
        (void)skip_digits(f->v, &at);
    }
    return f->v.len - at <= SIZE_UNIT_MAX && one_of(opk_str_skip(f->v, at), UNITS, COUNT(UNITS));
}

/* 5s, 1h30m, 100ms: numbers and units of time. */
static bool is_duration(const struct facts *f)
{
    static const struct opk_str UNITS[] = {
        OPK_STR_INIT("ms"),  OPK_STR_INIT("us"),  OPK_STR_INIT("ns"), OPK_STR_INIT("s"),
        OPK_STR_INIT("sec"), OPK_STR_INIT("min"), OPK_STR_INIT("m"),  OPK_STR_INIT("h"),
        OPK_STR_INIT("d"),   OPK_STR_INIT("w")};
    size_t at = 0;

    while (at < f->v.len) {
        if (skip_digits(f->v, &at) == 0)
            return false;
        if (at < f->v.len && f->v.data[at] == '.') {
            at++;
            (void)skip_digits(f->v, &at);
        }
        size_t unit = at;
        while (at < f->v.len && opk_is_alpha(f->v.data[at]))
            at++;
        if (!one_of(opk_str_slice(f->v, unit, at), UNITS, COUNT(UNITS)))
            return false;
    }
    return true;
}

/* A run of digit groups told apart by c: how many, when nothing else stands there. */
static size_t digit_groups(struct opk_str v, char c, size_t *out_longest)
{
    size_t groups = 0;
    size_t at = 0;

    *out_longest = 0;
    while (true) {
        size_t len = skip_digits(v, &at);
        if (len == 0)
            return 0;
        groups++;
        if (len > *out_longest)
            *out_longest = len;
        if (at == v.len)
            return groups;
        if (v.data[at++] != c)
            return 0;
    }
}

/* 9:30, 10:30:59; 80:80 is none */
static bool is_clock(struct opk_str v)
{
    struct opk_split parts = OPK_SPLIT(v, ':');
    struct opk_str part;
    size_t count = 0;

    while (opk_split_next(&parts, &part)) {
        uint64_t number;
        if (part.len > 2 || (count > 0 && part.len != 2) || !opk_str_to_u64(part, &number) ||
            number >= (count > 0 ? 60U : 24U))
            return false;
        count++;
    }
    return count == 2 || count == 3;
}

/* 2024-05-01, 2024-05-01T10:00:00Z, 10:30, 01/05/2024 */
static bool is_date(const struct facts *f)
{
    size_t longest;
    struct opk_str day = opk_str_slice(f->v, 0, 10);

    if (!has(f, OPK_HAS_COLON | OPK_HAS_DASH | OPK_HAS_SLASH))
        return false;
    if (has(f, OPK_HAS_COLON) && is_clock(f->v))
        return true;
    if (digit_groups(day, '-', &longest) == 3 && longest == 4 && day.len >= 8)
        return f->v.len <= 10 || f->v.data[10] == 'T' || f->v.data[10] == ' ';
    return digit_groups(f->v, '/', &longest) == 3 && longest <= 4 && f->v.len >= 8;
}

static bool is_ipv4(struct opk_str v)
{
    struct opk_split parts = OPK_SPLIT(v, '.');
    struct opk_str part;
    size_t count = 0;

    if (v.len == 0 || !opk_is_digit(v.data[0]))
        return false;
    while (opk_split_next(&parts, &part)) {
        uint64_t number;
        if (part.len > 3 || !opk_str_to_u64(part, &number) || number > 255)
            return false;
        count++;
    }
    return count == 4;
}

/* 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80, ::1, fe80::1 */
static bool is_ip(const struct facts *f)
{
    size_t end = 0;

    if (!has(f, OPK_HAS_DOT | OPK_HAS_COLON))
        return false;
    while (end < f->v.len && f->v.data[end] != '/' && f->v.data[end] != ':')
        end++;
    if (is_ipv4(opk_str_slice(f->v, 0, end)))
        return end == f->v.len || all_in(opk_str_skip(f->v, end + 1), opk_is_digit);
    if (!has(f, OPK_HAS_COLON))
        return false;
    struct opk_str address = opk_str_slice(f->v, 0, opk_str_find_byte(f->v, '/', 0));
    for (size_t i = 0; i < address.len; i++) {
        if (address.data[i] != ':' && !opk_is_xdigit(address.data[i]))
            return false;
    }
    return count(f, OPK_HAS_COLON) >= 2;
}

static bool is_port(const struct facts *f)
{
    return f->v.data[0] == ':' && all_in(opk_str_skip(f->v, 1), opk_is_digit);
}

static bool is_uuid(const struct facts *f)
{
    static const unsigned char DASHES[] = {8, 13, 18, 23};

    if (f->v.len != 36 || count(f, OPK_HAS_DASH) != 4)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = memchr(DASHES, (int)i, sizeof(DASHES)) != NULL;
        if (dash ? f->v.data[i] != '-' : !opk_is_xdigit(f->v.data[i]))
            return false;
    }
    return true;
}

/* What a hash does not hold. */
#define NO_HASH                                                                                    \
    (OPK_HAS_NO_HEX | OPK_HAS_DOT | OPK_HAS_COLON | OPK_HAS_SLASH | OPK_HAS_DASH | OPK_HAS_SPACE | \
     OPK_HAS_AT | OPK_HAS_EQUALS | OPK_HAS_TILDE | OPK_HAS_LOW_LINE | OPK_HAS_MARK | OPK_HAS_ODD)

/* Hexadecimal, letters and digits both or very long: abc1234 */
static bool is_hash(const struct facts *f)
{
    return f->v.len >= LONG_BYTES || (f->v.len >= 7 && has(f, OPK_HAS_DIGIT) &&
                                      has(f, OPK_HAS_SMALL) && !has(f, OPK_HAS_CAPITAL));
}

/* The same behind a name: sha256:... */
static bool is_named_hash(const struct facts *f)
{
    struct opk_str v = opk_str_skip(f->v, opk_str_find_byte(f->v, ':', 0) + 1);

    if (v.len < 7 || count(f, OPK_HAS_COLON) != 1 || !all_in(v, opk_is_xdigit))
        return false;
    return v.len >= LONG_BYTES ||
           (has(f, OPK_HAS_DIGIT) && has(f, OPK_HAS_LETTER) && count(f, OPK_HAS_HEX) >= v.len);
}

/* 1.2, v1.2.3, 1.2.3-rc1, ^1.0, >=2.1 */
static bool is_version(const struct facts *f)
{
    size_t at = 0;
    size_t groups = 0;

    while (at < f->v.len && strchr("v^~<>=", f->v.data[at]) && f->v.data[at] != '\0')
        at++;
    while (skip_digits(f->v, &at) > 0) {
        groups++;
        if (at == f->v.len || f->v.data[at] != '.')
            break;
        at++;
    }
    if (groups == 0 || (groups == 1 && f->v.data[0] != 'v'))
        return false;
    return at == f->v.len || strchr("-+ab", f->v.data[at]) || f->v.data[at - 1] == '.';
}

/* Where ".." begins. */
static size_t find_dots(struct opk_str v)
{
    size_t at = opk_str_find_byte(v, '.', 0);

    for (; at != OPK_NPOS && at + 1 < v.len; at++) {
        if (v.data[at] == '.' && v.data[at + 1] == '.')
            return at;
    }
    return OPK_NPOS;
}

/* HEAD~2, origin/main..HEAD, main@{u} */
static bool is_ref(const struct facts *f)
{
    static const struct opk_str HEADS[] = {OPK_STR_INIT("HEAD"), OPK_STR_INIT("FETCH_HEAD"),
                                           OPK_STR_INIT("ORIG_HEAD"), OPK_STR_INIT("refs/")};

    if (has(f, OPK_HAS_SPACE))
        return false;
    for (size_t i = 0; has(f, OPK_HAS_CAPITAL | OPK_HAS_SLASH) && i < COUNT(HEADS); i++) {
        if (f->v.data[0] == HEADS[i].data[0] && opk_str_starts(f->v, HEADS[i]))
            return true;
    }
    if (has(f, OPK_HAS_AT) && opk_str_find(f->v, OPK_STR("@{"), 0) != OPK_NPOS)
        return true;
    size_t range = has(f, OPK_HAS_DOT) ? find_dots(f->v) : OPK_NPOS;
    return (range != OPK_NPOS && range > 0 && f->v.data[range - 1] != '/' && range + 2 < f->v.len &&
            f->v.data[range + 2] != '/');
}

/* a@b.c; user@host and user@host:path are hosts. */
static bool is_email(const struct facts *f)
{
    size_t at = opk_str_find_byte(f->v, '@', 0);

    return at != OPK_NPOS && at > 0 && !has(f, OPK_HAS_SPACE) && !has(f, OPK_HAS_COLON) &&
           !has(f, OPK_HAS_SLASH) && opk_str_find_byte(f->v, '.', at) != OPK_NPOS &&
           opk_str_find_byte(f->v, '@', at + 1) == OPK_NPOS && !has(f, OPK_HAS_ODD) &&
           !opk_is_digit(f->v.data[at + 1]);
}

static bool is_host(const struct facts *f)
{
    static const struct opk_str DOMAINS[] = {
        OPK_STR_INIT("com"),   OPK_STR_INIT("org"),      OPK_STR_INIT("net"), OPK_STR_INIT("io"),
        OPK_STR_INIT("dev"),   OPK_STR_INIT("local"),    OPK_STR_INIT("edu"), OPK_STR_INIT("gov"),
        OPK_STR_INIT("cloud"), OPK_STR_INIT("internal"), OPK_STR_INIT("lan"), OPK_STR_INIT("app"),
        OPK_STR_INIT("de"),    OPK_STR_INIT("eu")};
    struct opk_str v = f->v;

    if (has(f, OPK_HAS_SPACE | OPK_HAS_ODD) || (has(f, OPK_HAS_SLASH) && !has(f, OPK_HAS_AT)))
        return false;
    size_t user = has(f, OPK_HAS_AT) ? opk_str_find_byte(v, '@', 0) : OPK_NPOS;
    size_t colon = has(f, OPK_HAS_COLON) ? opk_str_find_byte(v, ':', 0) : OPK_NPOS;
    if (user != OPK_NPOS && user > 0 && user + 1 < v.len && !has(f, OPK_HAS_SLASH) &&
        !has(f, OPK_HAS_COLON))
        return !opk_is_digit(v.data[user + 1]) || is_ipv4(opk_str_skip(v, user + 1));
    if (user != OPK_NPOS && user > 0 && colon != OPK_NPOS && colon > user)
        return true; /* git@host:path, user@host:path */
    if (colon != OPK_NPOS && colon > 0 && all_in(opk_str_skip(v, colon + 1), opk_is_digit) &&
        !has(f, OPK_HAS_SLASH))
        return opk_is_alpha(v.data[0]);
    size_t dot = opk_str_rfind_byte(v, '.');
    return dot != OPK_NPOS && dot > 0 && !has(f, OPK_HAS_SLASH) &&
           one_of(opk_str_skip(v, dot + 1), DOMAINS, COUNT(DOMAINS));
}

static bool is_key_value(const struct facts *f)
{
    size_t at = opk_str_find_byte(f->v, '=', 0);

    if (at == OPK_NPOS || at == 0)
        return false;
    for (size_t i = 0; i < at; i++) {
        if (!opk_is_alnum(f->v.data[i]) && !strchr("_.-:/", f->v.data[i]))
            return false;
    }
    return opk_is_alpha(f->v.data[0]) || f->v.data[0] == '_';
}

/* What regular expressions are made of; a quoted word with blanks is text all the same. */
static bool is_pattern(const struct facts *f)
{
    static const struct opk_str SIGNS[] = {
        OPK_STR_INIT(".*"),  OPK_STR_INIT(".+"),  OPK_STR_INIT("\\."), OPK_STR_INIT("\\d"),
        OPK_STR_INIT("\\s"), OPK_STR_INIT("\\w"), OPK_STR_INIT("\\b"), OPK_STR_INIT("\\|"),
        OPK_STR_INIT("\\("), OPK_STR_INIT("[^"),
    };

    if (!has(f, OPK_HAS_ODD))
        return false;
    if (f->v.data[0] == '^' || (f->v.len > 1 && f->v.data[f->v.len - 1] == '$'))
        return true;
    if (opk_str_starts(f->v, OPK_STR("s/")) && count(f, OPK_HAS_SLASH) >= 3)
        return true;
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        if (opk_str_find(f->v, SIGNS[i], 0) != OPK_NPOS)
            return true;
    }
    return false;
}

static bool is_text(const struct facts *f)
{
    return has(f, OPK_HAS_SPACE);
}

static bool is_glob(const struct facts *f)
{
    return (f->flags & OPK_WORD_GLOB) != 0 || opk_str_find_byte(f->v, '*', 0) != OPK_NPOS;
}

static bool is_dir(const struct facts *f)
{
    static const struct opk_str NAMES[] = {OPK_STR_INIT("."), OPK_STR_INIT(".."),
                                           OPK_STR_INIT("~")};

    return f->v.data[f->v.len - 1] == '/' || (f->v.len <= 2 && one_of(f->v, NAMES, COUNT(NAMES)));
}

/* What stands behind the last dot of a name; its end is all that is looked at. */
static struct opk_str extension_of(struct opk_str v)
{
    size_t begin = v.len;
    size_t digits = 0;

    while (begin > 0 && opk_is_alnum(v.data[begin - 1]) && v.len - begin <= OPK_WORD_EXTENSION_MAX)
        digits += opk_is_digit(v.data[--begin]);
    const size_t len = v.len - begin;
    if (len == 0 || len > OPK_WORD_EXTENSION_MAX || begin < 2 || v.data[begin - 1] != '.' ||
        v.data[begin - 2] == '/')
        return OPK_STR_EMPTY; /* none, or a hidden file's whole name */
    /* Digits are for mp4, h5 and the like: more of them make no file type. */
    return digits > 2 || digits == len ? OPK_STR_EMPTY : opk_str_skip(v, begin);
}

static bool is_path(const struct facts *f)
{
    return has(f, OPK_HAS_SLASH) || f->v.data[0] == '~' || extension_of(f->v).len > 0 ||
           (f->v.data[0] == '.' && has(f, OPK_HAS_LETTER));
}

/* C:\a, C:/a */
static bool is_drive_path(const struct facts *f)
{
    return f->v.len > 2 && opk_is_alpha(f->v.data[0]) && f->v.data[1] == ':' &&
           (f->v.data[2] == '\\' || f->v.data[2] == '/');
}

static bool is_quoted(const struct facts *f)
{
    return (f->flags & OPK_WORD_QUOTED) != 0;
}

static bool is_any(const struct facts *f)
{
    (void)f;
    return true;
}

/* No word with one of these is a number with a unit. */
#define NO_UNIT                                                                                    \
    (OPK_HAS_COLON | OPK_HAS_SLASH | OPK_HAS_DASH | OPK_HAS_AT | OPK_HAS_EQUALS | OPK_HAS_TILDE |  \
     OPK_HAS_LOW_LINE | OPK_HAS_MARK | OPK_HAS_ODD)

/* Nor is one with these a number. */
#define NO_NUMBER                                                                                  \
    (OPK_HAS_COLON | OPK_HAS_SLASH | OPK_HAS_AT | OPK_HAS_EQUALS | OPK_HAS_TILDE |                 \
     OPK_HAS_LOW_LINE | OPK_HAS_ODD)

/*
 * The first row that accepts a word gives its class. A row accepts no word without one of the
 * third column's bits, nor one with any of the fourth's.
 */
/* clang-format off */
#define CLASSES(X, bit)                                                                            \
    X(bit, is_opaque,       "opaque",    IS_FLAGGED,                        0)                      \
    X(bit, is_empty,        "text",      IS_EMPTY,                          0)                      \
    X(bit, is_code,         "code",      IS_FLAGGED,                        0)                      \
    X(bit, is_substitution, "output",    IS_FLAGGED,                        0)                      \
    X(bit, is_arithmetic,   "number",    IS_FLAGGED,                        0)                      \
    X(bit, is_drive_path,   "path",      OPK_HAS_COLON,                     0)                      \
    X(bit, is_url,          "url",       OPK_HAS_COLON,                     OPK_HAS_SPACE)          \
    X(bit, is_json,         "json",      IS_FLAGGED,                        0)                      \
    X(bit, is_pattern,      "pattern",   OPK_HAS_ODD,                       0)                      \
    X(bit, is_text,         "text",      OPK_HAS_SPACE,                     0)                      \
    X(bit, is_variable,     "variable",  IS_FLAGGED,                        0)                      \
    X(bit, is_number,       "number",    IS_COUNT | IS_SIGNED,              NO_NUMBER)              \
    X(bit, is_duration,     "duration",  IS_COUNT,                          NO_UNIT)                \
    X(bit, is_size,         "size",      IS_COUNT,                          NO_UNIT)                \
    X(bit, is_date,         "date",      IS_COUNT,                          0)                      \
    X(bit, is_ip,           "ip",        IS_COUNT | OPK_HAS_COLON,          0)                      \
    X(bit, is_port,         "port",      OPK_HAS_COLON,                     0)                      \
    X(bit, is_uuid,         "uuid",      OPK_HAS_DASH,                      OPK_HAS_NO_HEX)         \
    X(bit, is_hash,         "hash",      OPK_HAS_DIGIT | IS_LONG,           NO_HASH)                \
    X(bit, is_named_hash,   "hash",      OPK_HAS_COLON,                     0)                      \
    X(bit, is_version,      "version",   IS_COUNT | IS_RANGE,               0)                      \
    X(bit, is_ref,          "ref",       OPK_HAS_CAPITAL | OPK_HAS_SLASH | OPK_HAS_DOT | OPK_HAS_AT, OPK_HAS_SPACE) \
    X(bit, is_key_value,    "key=value", OPK_HAS_EQUALS,                    0)                      \
    X(bit, is_email,        "email",     OPK_HAS_AT,                        OPK_HAS_SPACE | OPK_HAS_ODD) \
    X(bit, is_host,         "host",      OPK_HAS_AT | OPK_HAS_COLON | OPK_HAS_DOT, OPK_HAS_SPACE | OPK_HAS_ODD) \
    X(bit, is_dir,          "dir",       OPK_HAS_DOT | OPK_HAS_TILDE | OPK_HAS_SLASH, 0)            \
    X(bit, is_glob,         "glob",      IS_FLAGGED | OPK_HAS_ODD,          0)                      \
    X(bit, is_path,         "path",      OPK_HAS_SLASH | OPK_HAS_TILDE | OPK_HAS_DOT, 0)            \
    X(bit, is_quoted,       "text",      IS_FLAGGED,                        0)                      \
    X(bit, is_any,          "word",      0,                                 0)
/* clang-format on */

#define ROW_OF(bit, accepts, name, needs, never)   ROW_##accepts,
#define ROW_DATA(bit, accepts, name, needs, never) {OPK_STR_INIT(name), accepts},
#define ROW_IF_NEEDS(bit, accepts, name, needs, never)                                             \
    | (((unsigned)(needs) & (bit)) != 0 ? UINT32_C(1) << ROW_##accepts : 0)
#define ROW_IF_NEVER(bit, accepts, name, needs, never)                                             \
    | (((unsigned)(never) & (bit)) != 0 ? UINT32_C(1) << ROW_##accepts : 0)

enum { CLASSES(ROW_OF, ) ROW_COUNT };
static_assert(ROW_COUNT <= 32, "a set of rows is one number");

static const struct {
    struct opk_str name;
    bool (*accepts)(const struct facts *f);
} ROWS[] = {CLASSES(ROW_DATA, )};

/* The table turned round: the rows that a bit lets in, and those that it keeps out. */
#define SET(bit)                                                                                   \
    {                                                                                              \
        0 CLASSES(ROW_IF_NEEDS, 1U << (bit)), 0 CLASSES(ROW_IF_NEVER, 1U << (bit))                 \
    }
static const struct {
    uint32_t may;
    uint32_t never;
} SETS[] = {
    SET(0),  SET(1),  SET(2),  SET(3),  SET(4),  SET(5),  SET(6),  SET(7),
    SET(8),  SET(9),  SET(10), SET(11), SET(12), SET(13), SET(14), SET(15),
    SET(16), SET(17), SET(18), SET(19), SET(20), SET(21), SET(22),
};
static_assert(1U << (COUNT(SETS) - 1) == IS_RANGE, "every bit has its sets");

/* The bits that let in or keep out nothing. */
#define IDLE ((unsigned)OPK_HAS_SMALL | (unsigned)OPK_HAS_HEX)

struct opk_word_class opk_word_classify(struct opk_str value, unsigned flags, unsigned bytes)
{
    struct facts f = facts_of(value, flags, bytes);
    uint32_t may = UINT32_C(1) << ROW_is_any;
    uint32_t never = 0;

    for (unsigned bits = f.has & ~IDLE; bits != 0; bits &= bits - 1) {
        int bit = __builtin_ctz(bits);
        may |= SETS[bit].may;
        never |= SETS[bit].never;
    }
    may &= ~never;
    while (!ROWS[__builtin_ctz(may)].accepts(&f)) /* the last row accepts any word */
        may &= may - 1;
    int row = __builtin_ctz(may);
    struct opk_word_class result = {ROWS[row].name, OPK_STR_EMPTY};
    if (row == ROW_is_path || row == ROW_is_glob || row == ROW_is_drive_path)
        result.extension = extension_of(value);
    return result;
}

/* What a plain word is made of. */
#define PLAIN_BYTES                                                                                \
    ((unsigned)OPK_HAS_SMALL | (unsigned)OPK_HAS_HEX | (unsigned)OPK_HAS_NO_HEX |                  \
     (unsigned)OPK_HAS_DIGIT | (unsigned)OPK_HAS_DASH | (unsigned)OPK_HAS_LOW_LINE)

bool opk_word_is_plain(struct opk_str value, unsigned flags, unsigned bytes)
{
    size_t digits = 0;

    if (flags != 0 || (bytes & ~PLAIN_BYTES) != 0 || value.len == 0 ||
        value.len > OPK_WORD_PLAIN_MAX || !opk_is_lower(value.data[0]))
        return false;
    if (!(bytes & OPK_HAS_DIGIT) || value.len <= OPK_WORD_SHORT_MAX)
        return true;
    for (size_t i = 1; i < value.len; i++)
        digits += opk_is_digit(value.data[i]);
    return digits <= OPK_WORD_DIGITS_MAX;
}

void opk_word_class_write(struct opk_buf *out, struct opk_word_class word_class)
{
    opk_buf_append_byte(out, '<');
    opk_buf_append(out, word_class.name);
    if (word_class.extension.len > 0) {
        opk_buf_append_byte(out, '.');
        opk_buf_append(out, word_class.extension);
    }
    opk_buf_append_byte(out, '>');
}
