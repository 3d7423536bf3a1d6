#include "base/regex_ecma.h"

static const struct {
    const char *name;
    const char *category;
} CATEGORIES[] = {
    {"Cased_Letter", "L&"},
    {"Close_Punctuation", "Pe"},
    {"Combining_Mark", "M"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"LC", "L&"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Unassigned", "Cn"},
    {"Uppercase_Letter", "Lu"},
    {"cntrl", "Cc"},
    {"digit", "Nd"},
    {"punct", "P"},
};

/* PCRE2 10.42 finds no character of several bytes for a bare \D or \W; in brackets it does. */
static const struct {
    char letter;
    const char *outside;
    const char *inside; /* of brackets; NULL: as it stands */
} CLASSES[] = {
    {'D', "[^0-9]", NULL},
    {'W', "[^0-9A-Za-z_]", NULL},
    {'s', "[\\s\\uFEFF\\p{Z}]", "\\s\\uFEFF\\p{Z}"},
    {'S', "[^\\s\\uFEFF\\p{Z}]", NULL},
};

static struct opk_str short_name(struct opk_str name)
{
    static const char *const PREFIXES[] = {"General_Category=", "gc="};

    for (size_t i = 0; i < sizeof(PREFIXES) / sizeof(PREFIXES[0]); i++) {
        struct opk_str prefix = opk_str_of(PREFIXES[i]);
        if (opk_str_starts(name, prefix))
            name = opk_str_skip(name, prefix.len);
    }
    for (size_t i = 0; i < sizeof(CATEGORIES) / sizeof(CATEGORIES[0]); i++) {
        if (opk_str_eq(name, opk_str_of(CATEGORIES[i].name)))
            return opk_str_of(CATEGORIES[i].category);
    }
    return name;
}

/* One escape, at its backslash: returns the bytes read. */
static size_t escape(struct opk_str rest, bool in_class, struct opk_buf *out)
{
    char letter = rest.len > 1 ? rest.data[1] : '\0';
    size_t close = opk_str_find_byte(rest, '}', 2);

    if ((letter == 'p' || letter == 'P') && rest.len > 2 && rest.data[2] == '{' &&
        close != OPK_NPOS) {
        struct opk_str name = short_name(opk_str_slice(rest, 3, close));
        opk_buf_printf(out, "\\%c{%.*s}", letter, OPK_STR_FMT(name));
        return close + 1;
    }
    for (size_t i = 0; i < sizeof(CLASSES) / sizeof(CLASSES[0]); i++) {
        const char *spelt = in_class ? CLASSES[i].inside : CLASSES[i].outside;
        if (letter != CLASSES[i].letter || !spelt)
            continue;
        opk_buf_append_cstr(out, spelt);
        return 2;
    }
    opk_buf_append(out, opk_str_slice(rest, 0, 2));
    return rest.len > 1 ? 2 : 1;
}

void opk_regex_ecma(struct opk_str pattern, struct opk_buf *out)
{
    bool in_class = false;

    for (size_t at = 0; at < pattern.len;) {
        char c = pattern.data[at];
        if (c == '\\') {
            at += escape(opk_str_skip(pattern, at), in_class, out);
            continue;
        }
        in_class = c == '[' || (in_class && c != ']');
        opk_buf_append_byte(out, c);
        at++;
    }
}
