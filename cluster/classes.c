#include "cluster/classes.h"

#include "base/buf.h"
#include "base/regex.h"
#include "cluster/lex.h"

#include <stdlib.h>
#include <string.h>

struct rule {
    char name[OPK_CLASS_NAME_MAX + 1];
    struct opk_regex *regex; /* owned */
};

struct opk_classes {
    struct rule rules[OPK_CLASSES_MAX];
    size_t count;
};

struct opk_class_finder {
    const struct opk_classes *classes; /* borrowed */
    struct opk_regex_scratch *scratch; /* owned */
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for classes");
}

enum opk_status opk_classes_new(struct opk_classes **out_classes, struct opk_err *err)
{
    struct opk_classes *classes = calloc(1, sizeof(*classes));

    if (!classes)
        return no_memory(err);
    *out_classes = classes;
    return OPK_OK;
}

void opk_classes_free(struct opk_classes *classes)
{
    if (!classes)
        return;
    for (size_t i = 0; i < classes->count; i++)
        opk_regex_free(classes->rules[i].regex);
    free(classes);
}

static bool is_class_name(struct opk_str name)
{
    if (name.len == 0 || !opk_is_lower(name.data[0]))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!opk_is_lower(c) && !opk_is_digit(c) && c != '-')
            return false;
    }
    return true;
}

static enum opk_status check_name(const struct opk_classes *classes, struct opk_str name,
                                  struct opk_err *err)
{
    if (name.len > OPK_CLASS_NAME_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "the name of a class has more than %d bytes",
                        OPK_CLASS_NAME_MAX);
    if (!is_class_name(name))
        return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                        "the name of a class is lower-case letters, digits and hyphens, a letter "
                        "first");
    for (size_t i = 0; i < classes->count; i++) {
        if (opk_str_eq(opk_str_of(classes->rules[i].name), name))
            return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE, "class '%.*s' stands twice",
                            OPK_STR_FMT(name));
    }
    return OPK_OK;
}

/* The pattern as a whole: its own alternatives stay inside. */
static enum opk_status compile(struct opk_str pattern, struct opk_regex **out_regex,
                               struct opk_err *err)
{
    struct opk_buf whole = OPK_BUF_EMPTY;
    enum opk_status status = opk_regex_new(pattern, OPK_REGEX_UTF, out_regex, err);

    /* By itself first: "a)(b" is no pattern, and a place in it is that which was written. */
    if (status != OPK_OK)
        return status;
    opk_regex_free(*out_regex);
    opk_buf_append_cstr(&whole, "\\A(?:");
    opk_buf_append(&whole, pattern);
    opk_buf_append_cstr(&whole, ")\\z");
    status = opk_buf_check(&whole, err);
    if (status == OPK_OK)
        status = opk_regex_new(opk_buf_str(&whole), OPK_REGEX_UTF, out_regex, err);
    opk_buf_done(&whole);
    return status;
}

enum opk_status opk_classes_add(struct opk_classes *classes, struct opk_str name,
                                struct opk_str pattern, struct opk_err *err)
{
    struct rule *rule = &classes->rules[classes->count];
    enum opk_status status = check_name(classes, name, err);

    if (status != OPK_OK)
        return status;
    if (classes->count == OPK_CLASSES_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE, "more than %d classes", OPK_CLASSES_MAX);
    if (pattern.len > OPK_CLASS_PATTERN_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "the pattern of class '%.*s' has more than %zu bytes", OPK_STR_FMT(name),
                        OPK_CLASS_PATTERN_MAX);
    status = compile(pattern, &rule->regex, err);
    if (status != OPK_OK)
        return status;
    memcpy(rule->name, name.data, name.len);
    rule->name[name.len] = '\0';
    classes->count++;
    return OPK_OK;
}

enum opk_status opk_class_finder_new(const struct opk_classes *classes,
                                     struct opk_class_finder **out_finder, struct opk_err *err)
{
    struct opk_class_finder *finder;
    enum opk_status status;

    *out_finder = NULL;
    if (!classes || classes->count == 0)
        return OPK_OK;
    finder = calloc(1, sizeof(*finder));
    status = finder ? opk_regex_scratch_new(&finder->scratch, err) : no_memory(err);
    if (status != OPK_OK) {
        opk_class_finder_free(finder);
        return status;
    }
    finder->classes = classes;
    *out_finder = finder;
    return OPK_OK;
}

void opk_class_finder_free(struct opk_class_finder *finder)
{
    if (!finder)
        return;
    opk_regex_scratch_free(finder->scratch);
    free(finder);
}

const char *opk_class_find(struct opk_class_finder *finder, struct opk_str value, unsigned flags)
{
    static const unsigned UNKNOWN =
        OPK_WORD_VARIABLE | OPK_WORD_SUBSTITUTION | OPK_WORD_OPAQUE | OPK_WORD_ARITHMETIC;

    if ((flags & UNKNOWN) || value.len == 0 || value.len > OPK_CLASS_VALUE_MAX)
        return NULL;
    for (size_t i = 0; i < finder->classes->count; i++) {
        const struct rule *rule = &finder->classes->rules[i];
        if (opk_regex_find(rule->regex, finder->scratch, value, 0, NULL, NULL) == OPK_OK)
            return rule->name;
    }
    return NULL;
}
