#include "cluster/word.h"

#include <stdint.h>
#include <string.h>

/* What a word holds, for rows that ask. */
enum {
    HAS_DIGIT = 1U << 0,
    HAS_LETTER = 1U << 1,
    HAS_HEX = 1U << 2, /* a digit, or a to f */
    HAS_CAPITAL = 1U << 3,
    HAS_DOT = 1U << 4,
    HAS_COLON = 1U << 5,
    HAS_SLASH = 1U << 6,
    HAS_DASH = 1U << 7,
    HAS_SPACE = 1U << 8, /* blanks and newlines */
    HAS_AT = 1U << 9,
    HAS_EQUALS = 1U << 10,
    HAS_TILDE = 1U << 11,
    HAS_MARK = 1U << 12, /* _ + , % */
    HAS_ODD = 1U << 13,  /* whatever is none of the above */
    /* The word itself. */
    IS_FLAGGED = 1U << 14, /* the lexer said something of it */
    IS_EMPTY = 1U << 15,
    IS_ANY = 1U << 17,
    IS_LONG = 1U << 16, /* as long as a hash without a digit must be */
};

#define LONG_BYTES 40

struct facts {
    struct opk_str v;
    unsigned flags;
    unsigned has;
};

/* clang-format off */
#define L HAS_LETTER
#define H (HAS_LETTER | HAS_HEX)
#define C (HAS_LETTER | HAS_CAPITAL)
#define D (HAS_DIGIT | HAS_HEX)
static const uint16_t BYTES[256] = {
    ['\t'] = HAS_SPACE, ['\n'] = HAS_SPACE, ['\v'] = HAS_SPACE, ['\f'] = HAS_SPACE,
    ['\r'] = HAS_SPACE, [' '] = HAS_SPACE, ['.'] = HAS_DOT, [':'] = HAS_COLON, ['/'] = HAS_SLASH,
    ['-'] = HAS_DASH, ['@'] = HAS_AT, ['='] = HAS_EQUALS, ['~'] = HAS_TILDE, ['_'] = HAS_MARK,
    ['+'] = HAS_MARK, [','] = HAS_MARK, ['%'] = HAS_MARK,
    ['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D, ['5'] = D, ['6'] = D, ['7'] = D,
    ['8'] = D, ['9'] = D, ['a'] = H, ['b'] = H, ['c'] = H, ['d'] = H, ['e'] = H, ['f'] = H,
    ['g'] = L, ['h'] = L, ['i'] = L, ['j'] = L, ['k'] = L, ['l'] = L, ['m'] = L, ['n'] = L,
    ['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L, ['s'] = L, ['t'] = L, ['u'] = L, ['v'] = L,
    ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L, ['A'] = C, ['B'] = C, ['C'] = C, ['D'] = C,
    ['E'] = C, ['F'] = C, ['G'] = C, ['H'] = C, ['I'] = C, ['J'] = C, ['K'] = C, ['L'] = C,
    ['M'] = C, ['N'] = C, ['O'] = C, ['P'] = C, ['Q'] = C, ['R'] = C, ['S'] = C, ['T'] = C,
    ['U'] = C, ['V'] = C, ['W'] = C, ['X'] = C, ['Y'] = C, ['Z'] = C,
};
#undef L
#undef H
#undef C
#undef D
/* clang-format on */

static struct facts gather(struct opk_str v, unsigned flags)
{
    struct facts f = {.v = v, .flags = flags};

    for (size_t i = 0; i < v.len; i++) {
        unsigned has = BYTES[(unsigned char)v.data[i]];
        f.has |= has > 0 ? has : (unsigned)HAS_ODD;
    }
    f.has |= (unsigned)IS_ANY | (flags != 0 ? (unsigned)IS_FLAGGED : 0) |
             (v.len == 0 ? (unsigned)IS_EMPTY : 0) | (v.len >= LONG_BYTES ? (unsigned)IS_LONG : 0);
    return f;
}

/* How many bytes of the word are of this kind, which is not HAS_ODD. */
static size_t count(const struct facts *f, unsigned kind)
{
    size_t found = 0;

    if (!(f->has & kind))
        return 0;
    for (size_t i = 0; i < f->v.len; i++)
        found += (BYTES[(unsigned char)f->v.data[i]] & kind) != 0;
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
        if (opk_str_eq(v, names[i]))
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
    return (f->flags & OPK_WORD_VARIABLE) != 0 && !has(f, HAS_SLASH) && !has(f, HAS_SPACE);
}

static bool is_url(const struct facts *f)
{
    size_t at = opk_str_find(f->v, OPK_STR("://"), 0);

    if (at == 0 || at == OPK_NPOS || has(f, HAS_SPACE))
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
    return one_of(opk_str_skip(f->v, at), UNITS, COUNT(UNITS));
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

    if (has(f, HAS_COLON) && is_clock(f->v))
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

    while (end < f->v.len && f->v.data[end] != '/' && f->v.data[end] != ':')
        end++;
    if (is_ipv4(opk_str_slice(f->v, 0, end)))
        return end == f->v.len || all_in(opk_str_skip(f->v, end + 1), opk_is_digit);
    struct opk_str address = opk_str_slice(f->v, 0, opk_str_find_byte(f->v, '/', 0));
    for (size_t i = 0; i < address.len; i++) {
        if (address.data[i] != ':' && !opk_is_xdigit(address.data[i]))
            return false;
    }
    return count(f, HAS_COLON) >= 2;
}

static bool is_port(const struct facts *f)
{
    return f->v.data[0] == ':' && all_in(opk_str_skip(f->v, 1), opk_is_digit);
}

static bool is_uuid(const struct facts *f)
{
    static const unsigned char DASHES[] = {8, 13, 18, 23};

    if (f->v.len != 36 || count(f, HAS_DASH) != 4)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = memchr(DASHES, (int)i, sizeof(DASHES)) != NULL;
        if (dash ? f->v.data[i] != '-' : !opk_is_xdigit(f->v.data[i]))
            return false;
    }
    return true;
}

/* Hexadecimal, letters and digits both or very long: abc1234, sha256:... */
static bool is_hash(const struct facts *f)
{
    struct opk_str v = f->v;

    if (count(f, HAS_COLON) == 1)
        v = opk_str_skip(v, opk_str_find_byte(v, ':', 0) + 1);
    if (v.len < 7 || !all_in(v, opk_is_xdigit))
        return false;
    return v.len >= LONG_BYTES ||
           (has(f, HAS_DIGIT) && has(f, HAS_LETTER) && count(f, HAS_HEX) >= v.len);
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

/* HEAD~2, origin/main..HEAD, main@{u} */
static bool is_ref(const struct facts *f)
{
    static const struct opk_str HEADS[] = {OPK_STR_INIT("HEAD"), OPK_STR_INIT("FETCH_HEAD"),
                                           OPK_STR_INIT("ORIG_HEAD"), OPK_STR_INIT("refs/")};

    if (has(f, HAS_SPACE))
        return false;
    for (size_t i = 0; strchr("HFOr", f->v.data[0]) && i < COUNT(HEADS); i++) {
        if (opk_str_starts(f->v, HEADS[i]))
            return true;
    }
    if (has(f, HAS_AT) && opk_str_find(f->v, OPK_STR("@{"), 0) != OPK_NPOS)
        return true;
    size_t range = has(f, HAS_DOT) ? opk_str_find(f->v, OPK_STR(".."), 0) : OPK_NPOS;
    return (range != OPK_NPOS && range > 0 && f->v.data[range - 1] != '/' && range + 2 < f->v.len &&
            f->v.data[range + 2] != '/');
}

/* a@b.c; user@host and user@host:path are hosts. */
static bool is_email(const struct facts *f)
{
    size_t at = opk_str_find_byte(f->v, '@', 0);

    return at != OPK_NPOS && at > 0 && !has(f, HAS_SPACE) && !has(f, HAS_COLON) &&
           !has(f, HAS_SLASH) && opk_str_find_byte(f->v, '.', at) != OPK_NPOS &&
           opk_str_find_byte(f->v, '@', at + 1) == OPK_NPOS && !has(f, HAS_ODD) &&
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
    size_t user = opk_str_find_byte(v, '@', 0);
    size_t colon = opk_str_find_byte(v, ':', 0);

    if (has(f, HAS_SPACE) || has(f, HAS_ODD))
        return false;
    if (user != OPK_NPOS && user > 0 && user + 1 < v.len && !has(f, HAS_SLASH) &&
        !has(f, HAS_COLON))
        return !opk_is_digit(v.data[user + 1]) || is_ipv4(opk_str_skip(v, user + 1));
    if (user != OPK_NPOS && user > 0 && colon != OPK_NPOS && colon > user)
        return true; /* git@host:path, user@host:path */
    if (colon != OPK_NPOS && colon > 0 && all_in(opk_str_skip(v, colon + 1), opk_is_digit) &&
        !has(f, HAS_SLASH))
        return opk_is_alpha(v.data[0]);
    size_t dot = opk_str_rfind_byte(v, '.');
    return dot != OPK_NPOS && dot > 0 && !has(f, HAS_SLASH) &&
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

    if (!has(f, HAS_ODD))
        return false;
    if (f->v.data[0] == '^' || (f->v.len > 1 && f->v.data[f->v.len - 1] == '$'))
        return true;
    if (opk_str_starts(f->v, OPK_STR("s/")) && count(f, HAS_SLASH) >= 3)
        return true;
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        if (opk_str_find(f->v, SIGNS[i], 0) != OPK_NPOS)
            return true;
    }
    return false;
}

static bool is_text(const struct facts *f)
{
    return has(f, HAS_SPACE);
}

static bool is_glob(const struct facts *f)
{
    return (f->flags & OPK_WORD_GLOB) != 0 || opk_str_find_byte(f->v, '*', 0) != OPK_NPOS;
}

static bool is_dir(const struct facts *f)
{
    struct opk_str v = f->v;

    return opk_str_eq(v, OPK_STR(".")) || opk_str_eq(v, OPK_STR("..")) ||
           opk_str_eq(v, OPK_STR("~")) || (v.len > 0 && v.data[v.len - 1] == '/');
}

static struct opk_str extension_of(struct opk_str v)
{
    size_t slash = opk_str_rfind_byte(v, '/');
    struct opk_str name = slash == OPK_NPOS ? v : opk_str_skip(v, slash + 1);
    size_t dot = opk_str_rfind_byte(name, '.');

    if (dot == OPK_NPOS || dot == 0)
        return OPK_STR_EMPTY;
    struct opk_str extension = opk_str_skip(name, dot + 1);
    if (extension.len > OPK_WORD_EXTENSION_MAX || !all_in(extension, opk_is_alnum) ||
        all_in(extension, opk_is_digit))
        return OPK_STR_EMPTY;
    /* Digits are for mp4, h5 and the like: more of them make no file type. */
    size_t digits = 0;
    for (size_t i = 0; i < extension.len; i++)
        digits += opk_is_digit(extension.data[i]);
    return digits > 2 ? OPK_STR_EMPTY : extension;
}

static bool is_path(const struct facts *f)
{
    return has(f, HAS_SLASH) || f->v.data[0] == '~' || extension_of(f->v).len > 0 ||
           (f->v.data[0] == '.' && has(f, HAS_LETTER));
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

/* The first row that accepts a word gives its class. A row accepts no word without one of needs. */
static const struct {
    const char *name;
    bool (*accepts)(const struct facts *f);
    unsigned needs;
} CLASSES[] = {
    {"opaque", is_opaque, IS_FLAGGED},
    {"text", is_empty, IS_EMPTY},
    {"code", is_code, IS_FLAGGED},
    {"output", is_substitution, IS_FLAGGED},
    {"number", is_arithmetic, IS_FLAGGED},
    {"path", is_drive_path, HAS_COLON},
    {"url", is_url, HAS_COLON},
    {"json", is_json, IS_FLAGGED},
    {"pattern", is_pattern, HAS_ODD},
    {"text", is_text, HAS_SPACE},
    {"variable", is_variable, IS_FLAGGED},
    {"number", is_number, HAS_DIGIT},
    {"duration", is_duration, HAS_DIGIT},
    {"size", is_size, HAS_DIGIT},
    {"date", is_date, HAS_DIGIT},
    {"ip", is_ip, HAS_DOT | HAS_COLON},
    {"port", is_port, HAS_COLON},
    {"uuid", is_uuid, HAS_DASH},
    {"hash", is_hash, HAS_DIGIT | IS_LONG},
    {"version", is_version, HAS_DIGIT},
    {"ref", is_ref, HAS_CAPITAL | HAS_SLASH | HAS_DOT | HAS_AT},
    {"key=value", is_key_value, HAS_EQUALS},
    {"email", is_email, HAS_AT},
    {"host", is_host, HAS_AT | HAS_COLON | HAS_DOT},
    {"dir", is_dir, HAS_DOT | HAS_TILDE | HAS_SLASH},
    {"glob", is_glob, IS_FLAGGED | HAS_ODD},
    {"path", is_path, HAS_SLASH | HAS_TILDE | HAS_DOT},
    {"text", is_quoted, IS_FLAGGED},
    {"word", is_any, IS_ANY},
};

struct opk_word_class opk_word_classify(struct opk_str value, unsigned flags)
{
    struct facts f = gather(value, flags);
    size_t row = 0;

    while (!(CLASSES[row].needs & f.has) || !CLASSES[row].accepts(&f))
        row++;
    struct opk_word_class result = {CLASSES[row].name, OPK_STR_EMPTY};
    if (CLASSES[row].accepts == is_path || CLASSES[row].accepts == is_glob ||
        CLASSES[row].accepts == is_drive_path)
        result.extension = extension_of(value);
    return result;
}

bool opk_word_is_plain(struct opk_str value, unsigned flags)
{
    if (flags != 0 || value.len == 0 || value.len > OPK_WORD_PLAIN_MAX ||
        !opk_is_lower(value.data[0]))
        return false;
    size_t digits = 0;
    for (size_t i = 1; i < value.len; i++) {
        char c = value.data[i];
        digits += opk_is_digit(c);
        if (!opk_is_lower(c) && !opk_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return digits <= OPK_WORD_DIGITS_MAX || value.len <= OPK_WORD_SHORT_MAX;
}

void opk_word_class_write(struct opk_buf *out, struct opk_word_class word_class)
{
    opk_buf_append_byte(out, '<');
    opk_buf_append_cstr(out, word_class.name);
    if (word_class.extension.len > 0) {
        opk_buf_append_byte(out, '.');
        opk_buf_append(out, word_class.extension);
    }
    opk_buf_append_byte(out, '>');
}
