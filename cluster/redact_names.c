/*
 * Layer (b): secrets that a name gives away, in any text: shell, JSON, YAML, INI, HTTP, URLs.
 *
 * The scanner walks over names; behind a name that says secret it looks for a separator, and behind
 * that for a value, whose end depends on the quote around it.
 */
#include "cluster/redact_index.h"

#include <string.h>

/* A longer name keeps its last bytes: how a name ends decides. */
#define NAME_MAX_BYTES 96

/* Bytes before a name that are searched for an open quote. */
#define LOOK_BACK 256

/* ---- what names say ---- */

static bool is_name_byte(char c)
{
    return opk_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* "keyStorePassword", "Key-Store.PASSWORD" -> "key_store_password". */
static struct opk_str normalise(struct opk_str name, char out[NAME_MAX_BYTES * 2])
{
    size_t len = 0;

    if (name.len > NAME_MAX_BYTES)
        name = opk_str_skip(name, name.len - NAME_MAX_BYTES);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool border = i > 0 && opk_is_upper(c) && opk_is_lower(name.data[i - 1]);
        if (!opk_is_alnum(c))
            c = '_';
        if ((border || c == '_') && len > 0 && out[len - 1] != '_')
            out[len++] = '_';
        if (c != '_')
            out[len++] = opk_to_lower(c);
    }
    return opk_str_bytes(out, len);
}

/* What may follow the telling word: DB_PASSWORD_PROD, TOKEN_2, SECRET_BASE64. */
static bool is_qualifier(struct opk_str word)
{
    size_t digits = 0;

    while (digits < word.len && opk_is_digit(word.data[digits]))
        digits++;
    if (digits == word.len)
        return true;
    for (size_t i = 0; OPK_REDACT_QUALIFIERS[i]; i++) {
        if (opk_str_eq(word, opk_str_of(OPK_REDACT_QUALIFIERS[i])))
            return true;
    }
    return false;
}

/* Words that end like a secret's name, as each of these does, and are none. */
static bool is_innocent(struct opk_str name)
{
    static const struct opk_str WORDS[] = {
        OPK_STR_INIT("bypass"),
        OPK_STR_INIT("compass"),
        OPK_STR_INIT("encompass"),
        OPK_STR_INIT("trespass"),
        OPK_STR_INIT("overpass"),
        OPK_STR_INIT("underpass"),
        OPK_STR_INIT("surpass"),
        OPK_STR_INIT("oldpwd"),
        OPK_STR_INIT("primary_key"),
        OPK_STR_INIT("foreign_key"),
        OPK_STR_INIT("public_key"),
        OPK_STR_INIT("sort_key"),
        OPK_STR_INIT("host_key"),
        OPK_STR_INIT("starting_token"),
        OPK_STR_INIT("next_token"),
        OPK_STR_INIT("page_token"),
        OPK_STR_INIT("idempotency_token"),
        OPK_STR_INIT("request_token"),
        OPK_STR_INIT("continuation_token"),
        OPK_STR_INIT("eos_token"),
        OPK_STR_INIT("bos_token"),
        OPK_STR_INIT("pad_token"),
        OPK_STR_INIT("unk_token"),
        OPK_STR_INIT("cache_key"),
        OPK_STR_INIT("partition_key"),
    };

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (opk_str_ends(name, WORDS[i]))
            return true;
    }
    return false;
}

static bool ends_with(struct opk_str name, const struct opk_redact_name *row)
{
    struct opk_str suffix = opk_str_of(row->suffix);

    if (!opk_str_ends(name, suffix))
        return false;
    return row->glued || name.len == suffix.len || name.data[name.len - suffix.len - 1] == '_';
}

/* The first row that a name ends with. */
static const struct opk_redact_name *find_row(const struct opk_redact_index *index,
                                              struct opk_str name)
{
    const struct opk_redact_rows *rows = opk_redact_index_suffixes(index, name);

    for (size_t i = 0; (i = opk_redact_rows_next(rows, i)) < OPK_REDACT_ROWS_MAX; i++) {
        if (ends_with(name, &OPK_REDACT_NAMES[i]))
            return &OPK_REDACT_NAMES[i];
    }
    return NULL;
}

const struct opk_redact_name *opk_redact_name_find(const struct opk_redact_index *index,
                                                   struct opk_str name)
{
    char bytes[NAME_MAX_BYTES * 2];
    struct opk_str plain = normalise(name, bytes);
    size_t border;

    for (unsigned qualifiers = 0; qualifiers < 3; qualifiers++) {
        const struct opk_redact_name *row = find_row(index, plain);
        if (row)
            return is_innocent(plain) ? NULL : row;
        border = opk_str_rfind_byte(plain, '_');
        if (border == OPK_NPOS || !is_qualifier(opk_str_skip(plain, border + 1)))
            return NULL;
        plain = opk_str_slice(plain, 0, border);
    }
    return NULL;
}

/* --ask-pass and --no-token take no value. */
bool opk_redact_is_switch(struct opk_str option)
{
    static const struct opk_str STARTS[] = {
        OPK_STR_INIT("ask-"),     OPK_STR_INIT("no-"),       OPK_STR_INIT("with-"),
        OPK_STR_INIT("show-"),    OPK_STR_INIT("print-"),    OPK_STR_INIT("prompt-"),
        OPK_STR_INIT("require-"), OPK_STR_INIT("reset-"),    OPK_STR_INIT("use-"),
        OPK_STR_INIT("skip-"),    OPK_STR_INIT("disable-"),  OPK_STR_INIT("enable-"),
        OPK_STR_INIT("allow-"),   OPK_STR_INIT("generate-"), OPK_STR_INIT("get-"),
        OPK_STR_INIT("without-"), OPK_STR_INIT("manage-"),   OPK_STR_INIT("export-"),
        OPK_STR_INIT("list-"),    OPK_STR_INIT("delete-"),   OPK_STR_INIT("import-"),
        OPK_STR_INIT("verify-"),  OPK_STR_INIT("force-"),
    };

    for (size_t i = 0; i < sizeof(STARTS) / sizeof(STARTS[0]); i++) {
        if (opk_str_starts(option, STARTS[i]))
            return true;
    }
    return false;
}

/* ---- what values say ---- */

/* Made of one character, or of characters that hide: ***, xxxx, ..., ------ */
static bool is_mask(struct opk_str value)
{
    char first = opk_to_lower(value.data[0]);

    if (!strchr("*x.-_#?", first))
        return false;
    for (size_t i = 1; i < value.len; i++) {
        if (opk_to_lower(value.data[i]) != first)
            return false;
    }
    return true;
}

static bool is_said(struct opk_str value)
{
    static const struct opk_str WORDS[] = {
        OPK_STR_INIT("true"),      OPK_STR_INIT("false"),      OPK_STR_INIT("yes"),
        OPK_STR_INIT("no"),        OPK_STR_INIT("on"),         OPK_STR_INIT("off"),
        OPK_STR_INIT("null"),      OPK_STR_INIT("nil"),        OPK_STR_INIT("none"),
        OPK_STR_INIT("undefined"), OPK_STR_INIT("required"),   OPK_STR_INIT("optional"),
        OPK_STR_INIT("prompt"),    OPK_STR_INIT("ask"),        OPK_STR_INIT("stdin"),
        OPK_STR_INIT("redacted"),  OPK_STR_INIT("[redacted]"), OPK_STR_INIT("hidden"),
        OPK_STR_INIT("masked"),    OPK_STR_INIT("string"),     OPK_STR_INIT("0"),
        OPK_STR_INIT("1"),         OPK_STR_INIT("-"),          OPK_STR_INIT("\\"),
    };
    static const struct opk_str STARTS[] = {
        OPK_STR_INIT("your"),        OPK_STR_INIT("<your"),      OPK_STR_INIT("my-secret-"),
        OPK_STR_INIT("env:"),        OPK_STR_INIT("file:"),      OPK_STR_INIT("fd:"),
        OPK_STR_INIT("process.env"), OPK_STR_INIT("os.environ"), OPK_STR_INIT("os.getenv"),
        OPK_STR_INIT("vault:"),      OPK_STR_INIT("op://"),      OPK_STR_INIT("enc["),
        OPK_STR_INIT("!vault"),      OPK_STR_INIT("%env("),      OPK_STR_INIT("secretref:"),
    };

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (opk_str_eq_nocase(value, WORDS[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof(STARTS) / sizeof(STARTS[0]); i++) {
        if (opk_str_eq_nocase(opk_str_slice(value, 0, STARTS[i].len), STARTS[i]))
            return true;
    }
    return false;
}

/* $NAME ${...} $(...) `...` <...> {{...}} %NAME% @file: the secret is elsewhere. A crypt hash
 * begins like $6$ and is none of these. */
static bool is_reference(struct opk_str value)
{
    char first = value.data[0];
    char second = value.len > 1 ? value.data[1] : '\0';
    char last = value.data[value.len - 1];

    if (first == '$')
        return opk_is_alpha(second) || (second && strchr("_{(@*", second) != NULL) ||
               (opk_is_digit(second) && value.len == 2);
    if (first == '%')
        return value.len > 2 && last == '%';
    if (first == '<')
        return last == '>' || second == '(';
    if (first == '{')
        return second == '{' || second == '%' || last == '}';
    if (first == '@')
        return value.len > 1 && (second == '/' || opk_str_find_byte(value, '.', 1) != OPK_NPOS);
    if (first == '.' || first == '\\')
        return second == '*' || second == '+'; /* a pattern */
    return first == '`' || (first == '[' && last == ']');
}

bool opk_redact_keeps(struct opk_str value)
{
    value = opk_str_trim(value);
    while (value.len > 0 && strchr("\"'\\", value.data[0]))
        value = opk_str_skip(value, 1);
    while (value.len > 0 && strchr("\"'\\", value.data[value.len - 1]))
        value.len--;
    if (value.len == 0)
        return true;
    return is_mask(value) || is_said(value) || is_reference(value) ||
           opk_str_starts(value, OPK_STR("<secret:"));
}

bool opk_redact_is_path(struct opk_str value)
{
    static const struct opk_str STARTS[] = {OPK_STR_INIT("/"), OPK_STR_INIT("./"),
                                            OPK_STR_INIT("../"), OPK_STR_INIT("~/"),
                                            OPK_STR_INIT("file:/")};
    static const struct opk_str ENDS[] = {
        OPK_STR_INIT(".pem"), OPK_STR_INIT(".key"), OPK_STR_INIT(".p8"),   OPK_STR_INIT(".p12"),
        OPK_STR_INIT(".pfx"), OPK_STR_INIT(".crt"), OPK_STR_INIT(".json"), OPK_STR_INIT(".gpg"),
        OPK_STR_INIT(".pub"), OPK_STR_INIT(".jks")};

    /* Base 64 may begin with a slash; its padding tells it from a path. */
    if (opk_str_ends(value, OPK_STR("=")))
        return false;
    for (size_t i = 0; i < sizeof(STARTS) / sizeof(STARTS[0]); i++) {
        if (opk_str_starts(value, STARTS[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++) {
        if (opk_str_ends(value, ENDS[i]))
            return true;
    }
    return false;
}

bool opk_redact_has_digit(struct opk_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (opk_is_digit(value.data[i]))
            return true;
    }
    return false;
}

bool opk_redact_is_opaque(struct opk_str value)
{
    bool has_upper = false;
    bool has_lower = false;
    bool has_digit = false;
    unsigned changes = 0;

    if (value.len < 16 || opk_redact_is_path(value))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (!opk_is_alnum(c) && !strchr("_.+/=~%:-", c))
            return false;
        has_upper |= opk_is_upper(c);
        has_lower |= opk_is_lower(c);
        has_digit |= opk_is_digit(c);
        if (i > 0 && opk_is_digit(c) != opk_is_digit(value.data[i - 1]))
            changes++;
    }
    return has_digit && (changes >= 4 || (has_upper && has_lower && changes >= 2));
}

/* ---- names and values in a text ---- */

struct value {
    size_t begin;
    size_t end;
    bool quoted;
};

static char byte_at(struct opk_str text, size_t at)
{
    return at < text.len ? text.data[at] : '\0';
}

/* A quote at this place, one that a backslash escapes included; its length, 0 for none. */
static size_t quote_at(struct opk_str text, size_t at)
{
    char c = byte_at(text, at);

    if (c == '"' || c == '\'')
        return 1;
    if (c == '\\' && (byte_at(text, at + 1) == '"' || byte_at(text, at + 1) == '\''))
        return 2;
    return 0;
}

/* The end of a quoted value: the same quote, not escaped more than the opening one is. */
static size_t quoted_end(struct opk_str text, size_t begin, struct opk_str quote)
{
    for (size_t at = begin; at < text.len; at++) {
        if (text.data[at] == '\n' && quote.len == 1 && quote.data[0] == '"')
            return at;
        if (opk_str_starts(opk_str_skip(text, at), quote))
            return at;
        if (text.data[at] == '\\' && quote.len == 1 && quote.data[0] == '"')
            at++;
    }
    return text.len;
}

/* An unquoted value ends at a blank, at a quote, or at what separates values in a query, a list, a
 * connection string or a sed expression. */
static size_t bare_end(struct opk_str text, size_t begin)
{
    size_t at = begin;

    while (at < text.len && !opk_is_space(text.data[at]) &&
           !strchr("\"'`;&|<>(),}]", text.data[at])) {
        if (text.data[at] == '\\' && (byte_at(text, at + 1) == 'n' || quote_at(text, at)))
            break;
        at += text.data[at] == '\\' && at + 1 < text.len ? 2 : 1;
    }
    return at < text.len ? at : text.len;
}

static struct value value_at(struct opk_str text, size_t at)
{
    size_t quote = quote_at(text, at);

    if (quote > 0) {
        struct opk_str sign = opk_str_slice(text, at, at + quote);
        return (struct value){at + quote, quoted_end(text, at + quote, sign), true};
    }
    /* A reference may hold blanks: $(op read x), ${{ secrets.X }}, <your key>; a bracket opens a
     * structure. */
    if (strchr("$<{[`", byte_at(text, at)) && at < text.len) {
        struct opk_str rest = opk_str_skip(text, at);
        if (is_reference(rest) || rest.data[0] != '$')
            return (struct value){at, at, false};
    }
    return (struct value){at, bare_end(text, at), false};
}

enum separator { SEPARATOR_NONE, SEPARATOR_EQUALS, SEPARATOR_COLON };

/* Behind a name: "=", ": ", " = ", "=>", with the name's closing quote before it. */
static enum separator separator_at(struct opk_str text, size_t *at, bool *out_spaced)
{
    size_t here = *at + quote_at(text, *at);
    size_t blanks = 0;
    enum separator found;

    while (opk_is_blank(byte_at(text, here))) {
        here++;
        blanks++;
    }
    char c = byte_at(text, here);
    if (c == '=')
        found = SEPARATOR_EQUALS;
    else if (c == ':' && blanks <= 1)
        found = SEPARATOR_COLON;
    else
        return SEPARATOR_NONE;
    here++;
    char next = byte_at(text, here);
    if (next == '=' && found == SEPARATOR_EQUALS)
        return SEPARATOR_NONE;
    if (next == '>' || (next == '=' && found == SEPARATOR_COLON))
        here++;
    *out_spaced = false;
    while (opk_is_blank(byte_at(text, here))) {
        here++;
        *out_spaced = true;
    }
    /* "NAME= command" is an empty assignment; "name = value" is a setting. */
    if (found == SEPARATOR_EQUALS && *out_spaced && blanks == 0)
        return SEPARATOR_NONE;
    *at = here;
    return found;
}

/* Does a name open its line, its quote, its object or its list item? */
static bool opens(struct opk_str text, size_t begin)
{
    size_t at = begin;

    while (at > 0 && opk_is_blank(text.data[at - 1]))
        at--;
    return at == 0 || strchr("\n\"'{,[(->+#", text.data[at - 1]) != NULL;
}

/* X-Auth-Token: needs no blank behind its colon. */
static bool is_header_name(struct opk_str name)
{
    return opk_is_upper(name.data[0]) && opk_str_find_byte(name, '-', 0) != OPK_NPOS;
}

/* Several words of prose behind "token:" are no secret. */
static bool is_prose(struct opk_str line)
{
    size_t blank = 0;

    while (blank < line.len && (opk_is_alpha(line.data[blank]) || line.data[blank] == '\''))
        blank++;
    return blank > 0 && blank < line.len && opk_is_blank(line.data[blank]);
}

static size_t line_end(struct opk_str text, size_t at)
{
    while (at < text.len && !strchr("\n\r\"'", text.data[at]))
        at++;
    return at;
}

/* "Authorization: Bearer X", "Cookie: a=b; c=d": to the end of the line or quote; an
 * authorization's scheme may stay. */
static void mark_header(struct opk_redact_run *run, size_t at, const char *label)
{
    size_t end = line_end(run->text, at);
    struct opk_str value = opk_str_slice(run->text, at, end);

    if (!opk_redact_spend(run, value.len))
        return;
    if (label[0] == 'a') {
        size_t blank = opk_str_find_byte(value, ' ', 0);
        if (blank != OPK_NPOS) {
            at += blank + 1;
            value = opk_str_skip(value, blank + 1);
        }
    }
    if (!opk_redact_keeps(value) && value.data[0] != '$')
        opk_redact_add(run, at, at + opk_str_trim_end(value).len, label);
}

/* Does the quote at "at" close one that was opened before the name? Then nothing follows:
 * "Password:" is a prompt that a command prints. Looks a little way back only, so that the scan
 * stays linear. */
static bool closes(struct opk_str text, size_t name_begin, size_t at)
{
    bool open = false;

    for (size_t i = name_begin; i > 0 && name_begin - i < LOOK_BACK && text.data[i - 1] != '\n';
         i--)
        open ^= text.data[i - 1] == text.data[at];
    return open;
}

/* <password>X</password>: at is behind the opening tag. */
static void mark_element(struct opk_redact_run *run, size_t at, const struct opk_redact_name *name)
{
    size_t end = opk_str_find_byte(run->text, '<', at);
    struct opk_str secret = opk_str_slice(run->text, at, end == OPK_NPOS ? at : end);

    if (opk_redact_spend(run, secret.len) && !opk_redact_keeps(secret) &&
        !opk_redact_is_path(secret) && (!name->opaque || opk_redact_is_opaque(secret)))
        opk_redact_add(run, at, end, name->label);
}

/* "--password X" where no lexer could tell the words. */
static void mark_option(struct opk_redact_run *run, size_t name_begin, size_t at,
                        const struct opk_redact_name *name)
{
    struct opk_str text = run->text;
    struct opk_str option = opk_str_slice(text, name_begin, at);

    while (option.len > 0 && option.data[0] == '-')
        option = opk_str_skip(option, 1);
    if (text.data[name_begin] != '-' || opk_redact_is_switch(option))
        return;
    while (opk_is_blank(byte_at(text, at)))
        at++;
    struct value value = value_at(text, at);
    struct opk_str secret = opk_str_slice(text, value.begin, value.end);
    if (secret.len > 0 && secret.data[0] != '-' && !opk_redact_keeps(secret) &&
        !opk_redact_is_path(secret) && (!name->opaque || opk_redact_is_opaque(secret)))
        opk_redact_add(run, value.begin, value.end, name->label);
}

/* A name that says secret ends at "at". */
static void mark_value(struct opk_redact_run *run, size_t name_begin, size_t at,
                       const struct opk_redact_name *name)
{
    struct opk_str text = run->text;
    size_t name_end = at;
    bool spaced = false;
    bool name_is_quoted = quote_at(text, at) > 0;

    if (name_begin > 0 && text.data[name_begin - 1] == '<' && byte_at(text, at) == '>') {
        mark_element(run, at + 1, name);
        return;
    }
    enum separator separator = separator_at(text, &at, &spaced);

    if (separator == SEPARATOR_NONE && run->doubtful)
        mark_option(run, name_begin, at, name);
    if (separator == SEPARATOR_NONE || at >= text.len)
        return;
    if (!name_is_quoted && quote_at(text, at) == 1 && closes(text, name_begin, at))
        return;
    bool is_header = opk_str_starts(opk_str_of(name->label), OPK_STR("authorization")) ||
                     opk_str_eq(opk_str_of(name->label), OPK_STR("cookie"));
    if (is_header && quote_at(text, at) == 0) {
        mark_header(run, at, name->label);
        return;
    }
    struct value value = value_at(text, at);
    struct opk_str secret = opk_str_slice(text, value.begin, value.end);
    if (!opk_redact_spend(run, secret.len) || opk_redact_keeps(secret) ||
        opk_redact_is_path(secret))
        return;
    if (is_header && value.quoted) {
        opk_redact_add(run, value.begin, value.end, name->label);
        return;
    }
    if (name->opaque && !opk_redact_is_opaque(secret))
        return;
    /* --secret=NAME: tools that hold secrets take their names so. */
    if (text.data[name_begin] == '-' && opk_str_eq(opk_str_of(name->suffix), OPK_STR("secret")) &&
        !opk_redact_has_digit(secret))
        return;
    if (separator == SEPARATOR_COLON && !value.quoted && !opk_redact_is_opaque(secret) &&
        !is_header_name(opk_str_slice(text, name_begin, name_end)) &&
        (!opens(text, name_begin) || !spaced ||
         is_prose(opk_str_slice(text, at, line_end(text, at)))))
        return;
    opk_redact_add(run, value.begin, value.end, name->label);
}

/* scheme://user:secret@host, scheme://secret@host; at is behind "://". */
static void mark_userinfo(struct opk_redact_run *run, size_t at)
{
    struct opk_str text = run->text;
    size_t end = at;
    size_t sign = OPK_NPOS;

    while (end < text.len && !opk_is_space(text.data[end]) &&
           !strchr("/?#\"'`<>", text.data[end])) {
        if (text.data[end] == '@')
            sign = end;
        end++;
    }
    if (sign == OPK_NPOS)
        return;
    size_t colon = opk_str_find_byte(opk_str_slice(text, 0, sign), ':', at);
    size_t user_end = colon == OPK_NPOS ? sign : colon;
    struct opk_str user = opk_str_slice(text, at, user_end);
    struct opk_str password = opk_str_slice(text, user_end + (colon != OPK_NPOS), sign);
    bool user_is_secret = password.len == 0 || opk_str_eq(password, OPK_STR("x-oauth-basic"));

    if (user_is_secret) {
        if (opk_redact_is_opaque(user) && !opk_redact_keeps(user))
            opk_redact_add(run, at, user_end, "url-token");
    } else if (!opk_redact_keeps(password)) {
        opk_redact_add(run, colon + 1, sign, "url-password");
    }
}

static bool starts_nocase(struct opk_str text, struct opk_str what)
{
    return opk_str_eq_nocase(opk_str_slice(text, 0, what.len), what);
}

/* A prompt and what was typed behind it: "Enter password: X", "[sudo] password for u: X". line is
 * one line of the text, which begins at "base". */
static void mark_prompt(struct opk_redact_run *run, size_t base, struct opk_str line)
{
    static const struct opk_str WORDS[] = {OPK_STR_INIT("password"), OPK_STR_INIT("passphrase"),
                                           OPK_STR_INIT("passcode")};
    size_t at = 0;

    for (; at < line.len; at++) {
        char c = line.data[at];
        for (size_t i = 0; opk_to_lower(c) == 'p' && i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
            if (!starts_nocase(opk_str_skip(line, at), WORDS[i]))
                continue;
            struct opk_str rest = opk_str_skip(line, at + WORDS[i].len);
            bool told = starts_nocase(rest, OPK_STR(" for "));
            size_t colon = opk_str_find(rest, OPK_STR(": "), 0);
            if (colon == OPK_NPOS || (colon > 0 && !told))
                return;
            size_t begin = at + WORDS[i].len + colon + 2;
            struct opk_str typed = opk_str_trim(opk_str_skip(line, begin));
            if (!opk_redact_keeps(typed) && !is_prose(typed))
                opk_redact_add(run, base + (size_t)(typed.data - line.data),
                               base + (size_t)(typed.data - line.data) + typed.len, "password");
            return;
        }
        /* Only words stand before a prompt's telling word. */
        if (!opk_is_alnum(c) && !strchr("[] ()_.@-", c))
            return;
    }
}

/* netrc: "password X" in a text that has a machine or a login. */
static void mark_netrc(struct opk_redact_run *run)
{
    struct opk_str text = run->text;
    size_t at = 0;

    if (opk_str_find(text, OPK_STR("login "), 0) == OPK_NPOS)
        return;
    while ((at = opk_str_find(text, OPK_STR("password "), at)) != OPK_NPOS) {
        size_t begin = at + sizeof("password ") - 1;
        size_t end = bare_end(text, begin);
        bool borders = at == 0 || opk_is_space(text.data[at - 1]);
        at = begin;
        if (borders && end > begin && !opk_redact_keeps(opk_str_slice(text, begin, end)))
            opk_redact_add(run, begin, end, "netrc-password");
    }
}

void opk_redact_names(struct opk_redact_run *run)
{
    struct opk_str text = run->text;
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;
    size_t at = 0;

    while (at < text.len) {
        size_t begin = at;
        if (!is_name_byte(text.data[at])) {
            if (opk_str_starts(opk_str_skip(text, at), OPK_STR("://")))
                mark_userinfo(run, at + 3);
            at++;
            continue;
        }
        while (at < text.len && is_name_byte(text.data[at]))
            at++;
        struct opk_str word = opk_str_slice(text, begin, at);
        if (!opk_redact_index_names(run->index, word))
            continue;
        const struct opk_redact_name *name = opk_redact_name_find(run->index, word);
        size_t known = run->count;
        if (name && run->work <= OPK_REDACT_WORK_MAX)
            mark_value(run, begin, at, name);
        /* What is a secret is not read for names: this keeps the scan linear. */
        if (run->count > known && run->marks[run->count - 1].end > at)
            at = run->marks[run->count - 1].end;
    }
    while (opk_split_next(&lines, &line))
        mark_prompt(run, (size_t)(line.data - text.data), line);
    mark_netrc(run);
}
