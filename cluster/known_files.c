/*
 * The files that name targets, read for their names alone.
 */
#include "cluster/known.h"

#include "base/json.h"

#include <string.h>

const struct opk_known_name OPK_KNOWN_NAMES[] = {
    {"package.json", OPK_KNOWN_PACKAGE}, {"Makefile", OPK_KNOWN_MAKE}, {"makefile", OPK_KNOWN_MAKE},
    {"GNUmakefile", OPK_KNOWN_MAKE},     {"justfile", OPK_KNOWN_JUST}, {"Justfile", OPK_KNOWN_JUST},
    {".justfile", OPK_KNOWN_JUST},
};

const size_t OPK_KNOWN_NAMES_COUNT = sizeof(OPK_KNOWN_NAMES) / sizeof(OPK_KNOWN_NAMES[0]);

bool opk_known_format_of(struct opk_str path, enum opk_known_format *out_format)
{
    static const struct {
        const char *ending;
        enum opk_known_format format;
    } ENDINGS[] = {{".mk", OPK_KNOWN_MAKE}, {".mak", OPK_KNOWN_MAKE}, {".just", OPK_KNOWN_JUST}};
    size_t slash = opk_str_rfind_byte(path, '/');
    struct opk_str name = slash == OPK_NPOS ? path : opk_str_skip(path, slash + 1);

    for (size_t i = 0; i < OPK_KNOWN_NAMES_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(OPK_KNOWN_NAMES[i].name))) {
            *out_format = OPK_KNOWN_NAMES[i].format;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(ENDINGS) / sizeof(ENDINGS[0]); i++) {
        if (opk_str_ends(name, opk_str_of(ENDINGS[i].ending))) {
            *out_format = ENDINGS[i].format;
            return true;
        }
    }
    return false;
}

static enum opk_status read_package(struct opk_known *known, struct opk_str text, const char *path,
                                    struct opk_err *err)
{
    struct opk_doc doc = {0};
    enum opk_status status = opk_json_parse(text, path, &doc, err);
    const struct opk_node *scripts = opk_node_get(doc.root, "scripts");

    if (status == OPK_OK && (!doc.root || doc.root->kind != OPK_NODE_MAP))
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_LINE(path, 1), "no JSON object");
    if (status == OPK_OK && scripts && scripts->kind == OPK_NODE_MAP) {
        for (const struct opk_node *one = scripts->first; one && status == OPK_OK; one = one->next)
            status = opk_known_add(known, OPK_KNOWN_PACKAGE, one->key->text, err);
    }
    opk_doc_done(&doc);
    return status;
}

/* Lines of a text, those that end in a backslash joined by reading them as the one before. */
struct lines {
    struct opk_split split;
    bool is_continued;
};

/* The next line that begins something; false at the end. */
static bool next_line(struct lines *lines, struct opk_str *out_line)
{
    while (opk_split_next(&lines->split, out_line)) {
        bool was_continued = lines->is_continued;
        *out_line = opk_str_trim_end(*out_line);
        lines->is_continued = opk_str_ends(*out_line, OPK_STR("\\"));
        if (!was_continued)
            return true;
    }
    return false;
}

static bool has_first_word(struct opk_str line, struct opk_str word)
{
    return opk_str_starts(line, word) &&
           (line.len == word.len || opk_is_space(line.data[word.len]));
}

/* Where the colon of "a b: c" stands; OPK_NPOS for an assignment, a recipe line or a comment. */
static size_t find_rule(struct opk_str line)
{
    size_t colon = opk_str_find_byte(line, ':', 0);
    size_t end = colon;

    if (colon == OPK_NPOS || opk_is_space(line.data[0]) || line.data[0] == '#' ||
        opk_str_find_byte(line, '=', 0) < colon || opk_str_find_byte(line, '#', 0) < colon)
        return OPK_NPOS;
    while (end < line.len && line.data[end] == ':') /* :: is a rule, ::= and := are not */
        end++;
    return end < line.len && line.data[end] == '=' ? OPK_NPOS : colon;
}

/* Targets with % or $ are no names, those with a leading dot are make's own. */
static enum opk_status add_targets(struct opk_known *known, struct opk_str targets,
                                   struct opk_err *err)
{
    struct opk_split split = OPK_SPLIT(targets, ' ');
    enum opk_status status = OPK_OK;
    struct opk_str name;

    while (status == OPK_OK && opk_split_next(&split, &name)) {
        name = opk_str_trim(name);
        if (name.len > 0 && name.data[0] != '.' && opk_str_find_byte(name, '%', 0) == OPK_NPOS &&
            opk_str_find_byte(name, '$', 0) == OPK_NPOS)
            status = opk_known_add(known, OPK_KNOWN_MAKE, name, err);
    }
    return status;
}

static enum opk_status read_make(struct opk_known *known, struct opk_str text, struct opk_err *err)
{
    struct lines lines = {.split = OPK_SPLIT(text, '\n')};
    enum opk_status status = OPK_OK;
    bool in_define = false;
    struct opk_str line;

    while (status == OPK_OK && next_line(&lines, &line)) {
        size_t colon = line.len > 0 ? find_rule(line) : OPK_NPOS;
        if (has_first_word(line, OPK_STR("define")))
            in_define = true;
        else if (has_first_word(line, OPK_STR("endef")))
            in_define = false;
        else if (!in_define && colon != OPK_NPOS)
            status = add_targets(known, opk_str_slice(line, 0, colon), err);
    }
    return status;
}

static size_t recipe_name_len(struct opk_str text)
{
    size_t len = 0;

    if (text.len == 0 || (!opk_is_alpha(text.data[0]) && text.data[0] != '_'))
        return 0;
    while (len < text.len &&
           (opk_is_alnum(text.data[len]) || text.data[len] == '_' || text.data[len] == '-'))
        len++;
    return len;
}

/* Does a colon that is no := stand outside of quotes? Parameters have defaults: a="x:y". */
static bool ends_head(struct opk_str text)
{
    char quote = '\0';

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'' || c == '`')
            quote = c;
        else if (c == '#')
            return false;
        else if (c == ':')
            return i + 1 == text.len || text.data[i + 1] != '=';
    }
    return false;
}

static enum opk_status read_just(struct opk_known *known, struct opk_str text, struct opk_err *err)
{
    static const struct opk_str ALIAS = OPK_STR_INIT("alias");
    struct lines lines = {.split = OPK_SPLIT(text, '\n')};
    enum opk_status status = OPK_OK;
    struct opk_str line;

    while (status == OPK_OK && next_line(&lines, &line)) {
        bool is_alias =
            has_first_word(line, ALIAS) && opk_str_find(line, OPK_STR(":="), 0) != OPK_NPOS;
        struct opk_str head = is_alias ? opk_str_trim(opk_str_skip(line, ALIAS.len)) : line;
        if (opk_str_starts(head, OPK_STR("@"))) /* a quiet recipe */
            head = opk_str_skip(head, 1);
        size_t len = recipe_name_len(head);
        if (len > 0 && (is_alias || ends_head(opk_str_skip(head, len))))
            status = opk_known_add(known, OPK_KNOWN_JUST, opk_str_slice(head, 0, len), err);
    }
    return status;
}

enum opk_status opk_known_add_file(struct opk_known *known, enum opk_known_format format,
                                   struct opk_str text, const char *path, struct opk_err *err)
{
    enum opk_status status = OPK_E_INTERNAL;

    switch (format) {
    case OPK_KNOWN_PACKAGE:
        status = read_package(known, text, path, err);
        break;
    case OPK_KNOWN_MAKE:
        status = read_make(known, text, err);
        break;
    case OPK_KNOWN_JUST:
        status = read_just(known, text, err);
        break;
    }
    if (status != OPK_OK)
        opk_err_add_path(err, path);
    return status;
}
