#include "base/schema_impl.h"

#include "base/opt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 60 /* bytes of a value in a message */

/* ---- values ---- */

static bool is_number(const struct opk_node *node)
{
    return node->kind == OPK_NODE_INT || node->kind == OPK_NODE_FLOAT;
}

/* The names of types, and the kinds that have them; an integer is any whole number. */
static const struct {
    const char *name;
    const char *article;
    enum opk_node_kind kind;
    enum opk_node_kind also;
} TYPES[] = {
    {"string", "a string", OPK_NODE_STRING, OPK_NODE_STRING},
    {"object", "a mapping", OPK_NODE_MAP, OPK_NODE_MAP},
    {"array", "a list", OPK_NODE_SEQ, OPK_NODE_SEQ},
    {"integer", "an integer", OPK_NODE_INT, OPK_NODE_INT},
    {"number", "a number", OPK_NODE_INT, OPK_NODE_FLOAT},
    {"boolean", "true or false", OPK_NODE_BOOL, OPK_NODE_BOOL},
    {"null", "null", OPK_NODE_NULL, OPK_NODE_NULL},
};

#define TYPE_COUNT (sizeof(TYPES) / sizeof(TYPES[0]))

static bool has_type(const struct opk_node *node, struct opk_str name)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(TYPES[i].name)))
            return node->kind == TYPES[i].kind || node->kind == TYPES[i].also ||
                   (TYPES[i].kind == OPK_NODE_INT && node->kind == OPK_NODE_FLOAT &&
                    floor(node->number) == node->number && isfinite(node->number));
    }
    return false;
}

static const char *article_of(struct opk_str name)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (opk_str_eq(name, opk_str_of(TYPES[i].name)))
            return TYPES[i].article;
    }
    return "of an unknown type";
}

static const char *type_of(const struct opk_node *node)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (node->kind == TYPES[i].kind || node->kind == TYPES[i].also)
            return TYPES[i].article;
    }
    return "an alias";
}

static int shown_len(struct opk_str text)
{
    return (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX);
}

/* "x" for a scalar, "a list" for the rest. */
static struct opk_str shown(struct opk_schema_run *run, const struct opk_node *node)
{
    if (run->quiet > 0 || node->kind == OPK_NODE_SEQ || node->kind == OPK_NODE_MAP)
        return opk_str_of(type_of(node));
    if (node->kind == OPK_NODE_NULL)
        return OPK_STR("null");
    return opk_arena_printf(&run->report->arena,
                            node->kind == OPK_NODE_STRING ? "\"%.*s\"" : "%.*s",
                            shown_len(node->text), node->text.data);
}

/* Words for a person; a question among alternatives needs none. */
#define SAY(run, ...)                                                                              \
    ((run)->quiet > 0 ? OPK_STR_EMPTY : opk_arena_printf(&(run)->report->arena, __VA_ARGS__))

/* ---- any value ---- */

static bool check_type(struct opk_schema_run *run, const struct opk_schema_check *check,
                       const struct opk_node *instance)
{
    const struct opk_node *value = check->value;
    const struct opk_node *type = value->kind == OPK_NODE_STRING ? value : value->first;
    struct opk_buf names = OPK_BUF_EMPTY;

    for (; type; type = type == value ? NULL : type->next) {
        if (has_type(instance, type->text)) {
            opk_buf_done(&names);
            return true;
        }
        opk_buf_printf(&names, "%s%s", names.len > 0 ? " or " : "", article_of(type->text));
    }
    struct opk_str message = SAY(run, "is %s, must be %.*s", type_of(instance), (int)names.len,
                                 names.data ? names.data : "");
    opk_buf_done(&names);
    return opk_schema_tell(run, check, instance, message, NULL);
}

static bool is_one_of(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    bool found = false;

    opk_node_canonical(instance, &text);
    for (size_t i = 0; i < check->count && !found; i++)
        found = opk_str_eq(check->canonical[i], opk_buf_str(&text));
    if (run->status == OPK_OK)
        run->status = opk_buf_check(&text, run->err);
    opk_buf_done(&text);
    return found;
}

static const char *nearest(struct opk_schema_run *run, struct opk_str text,
                           const struct opk_node *names, bool keys)
{
    const char **list = NULL;
    size_t count = 0;

    if (run->quiet > 0)
        return NULL;
    list = opk_arena_array(&run->arena, names->count + 1, sizeof(*list));

    for (const struct opk_node *child = names->first; list && child; child = child->next) {
        const struct opk_node *name = keys ? child->key : child;
        if (name->kind == OPK_NODE_STRING)
            list[count++] = opk_arena_copy(&run->arena, name->text).data;
    }
    struct opk_str copy = opk_arena_copy(&run->arena, text);
    return list && count > 0 ? opk_opt_nearest(copy.data, list, count) : NULL;
}

static bool check_enum(struct opk_schema_run *run, const struct opk_schema_check *check,
                       const struct opk_node *instance)
{
    struct opk_buf names = OPK_BUF_EMPTY;

    if (is_one_of(run, check, instance))
        return true;
    for (const struct opk_node *child = check->value->first; child && names.len < 200;
         child = child->next)
        opk_buf_printf(&names, "%s%.*s", names.len > 0 ? ", " : "", shown_len(child->text),
                       child->text.data);
    struct opk_str said = shown(run, instance);
    struct opk_str message = SAY(run, "%.*s is none of: %.*s", OPK_STR_FMT(said), (int)names.len,
                                 names.data ? names.data : "");
    opk_buf_done(&names);
    const char *near = instance->kind == OPK_NODE_STRING
                           ? nearest(run, instance->text, check->value, false)
                           : NULL;
    return opk_schema_tell(run, check, instance, message, near);
}

static bool check_const(struct opk_schema_run *run, const struct opk_schema_check *check,
                        const struct opk_node *instance)
{
    if (is_one_of(run, check, instance))
        return true;
    struct opk_str is = shown(run, instance);
    struct opk_str must = shown(run, check->value);
    return opk_schema_tell(run, check, instance,
                           SAY(run, "is %.*s, must be %.*s", OPK_STR_FMT(is), OPK_STR_FMT(must)),
                           NULL);
}

/* ---- numbers and sizes ---- */

static bool is_multiple(double value, double of)
{
    double quotient = value / of;

    if (!isfinite(quotient))
        return fmod(value, of) == 0;
    return fabs(quotient - round(quotient)) <= 1e-9 * fmax(1, fabs(quotient));
}

/* How a keyword compares what an instance has with its operand, and what it says. */
enum measure { VALUE, CHARACTERS, ITEMS, KEYS };
enum relation { AT_LEAST, AT_MOST, ABOVE, BELOW, MULTIPLE };

static const struct bound {
    const char *keyword;
    enum measure measure;
    enum relation relation;
} BOUNDS[] = {
    {"exclusiveMaximum", VALUE, BELOW}, {"exclusiveMinimum", VALUE, ABOVE},
    {"maxItems", ITEMS, AT_MOST},       {"maxLength", CHARACTERS, AT_MOST},
    {"maxProperties", KEYS, AT_MOST},   {"maximum", VALUE, AT_MOST},
    {"minItems", ITEMS, AT_LEAST},      {"minLength", CHARACTERS, AT_LEAST},
    {"minProperties", KEYS, AT_LEAST},  {"minimum", VALUE, AT_LEAST},
    {"multipleOf", VALUE, MULTIPLE},
};

static const char *const MEASURES[] = {
    [VALUE] = "is", [CHARACTERS] = "characters", [ITEMS] = "items", [KEYS] = "keys"};
static const char *const RELATIONS[] = {[AT_LEAST] = "at least",
                                        [AT_MOST] = "at most",
                                        [ABOVE] = "above",
                                        [BELOW] = "below",
                                        [MULTIPLE] = "a multiple of"};

static bool measure(const struct opk_node *node, enum measure what, double *out)
{
    struct opk_str text = node->text;
    size_t count = 0;

    switch (what) {
    case VALUE:
        *out = node->number;
        return is_number(node);
    case CHARACTERS:
        for (uint32_t c; text.len > 0; count++)
            text = opk_str_skip(text, opk_utf8_decode(text, &c));
        *out = (double)count;
        return node->kind == OPK_NODE_STRING;
    case ITEMS:
        *out = (double)node->count;
        return node->kind == OPK_NODE_SEQ;
    case KEYS:
        *out = (double)node->count;
        return node->kind == OPK_NODE_MAP;
    }
    return false;
}

static bool is_within(double is, enum relation relation, double limit)
{
    switch (relation) {
    case AT_LEAST:
        return is >= limit;
    case AT_MOST:
        return is <= limit;
    case ABOVE:
        return is > limit;
    case BELOW:
        return is < limit;
    case MULTIPLE:
        return limit > 0 && is_multiple(is, limit);
    }
    return false;
}

static bool check_bound(struct opk_schema_run *run, const struct opk_schema_check *check,
                        const struct opk_node *instance)
{
    const struct bound *bound = BOUNDS;
    double is;

    while (strcmp(bound->keyword, check->keyword->name) != 0)
        bound++;
    if (!measure(instance, bound->measure, &is) ||
        is_within(is, bound->relation, check->value->number))
        return true;
    struct opk_str message;
    if (bound->measure == VALUE)
        message = SAY(run, "is %.15g, must be %s %.15g", is, RELATIONS[bound->relation],
                      check->value->number);
    else
        message = SAY(run, "has %.15g %s, must have %s %.15g", is, MEASURES[bound->measure],
                      RELATIONS[bound->relation], check->value->number);
    return opk_schema_tell(run, check, instance, message, NULL);
}

static bool check_pattern(struct opk_schema_run *run, const struct opk_schema_check *check,
                          const struct opk_node *instance)
{
    if (instance->kind != OPK_NODE_STRING)
        return true;
    enum opk_status status =
        opk_regex_find(check->regexes[0], run->scratch, instance->text, 0, NULL, run->err);
    if (status == OPK_OK)
        return true;
    if (status != OPK_END)
        run->status = status;
    struct opk_str said = shown(run, instance);
    return opk_schema_tell(run, check, instance,
                           SAY(run, "%.*s does not match %.*s", OPK_STR_FMT(said),
                               (int)check->value->text.len, check->value->text.data),
                           NULL);
}

/* ---- lists ---- */

static int by_text(const void *a, const void *b)
{
    const struct opk_str *x = a;
    const struct opk_str *y = b;

    return opk_str_cmp(*x, *y);
}

static bool check_unique(struct opk_schema_run *run, const struct opk_schema_check *check,
                         const struct opk_node *instance)
{
    struct opk_arena arena = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    size_t count = 0;
    bool unique = true;

    if (instance->kind != OPK_NODE_SEQ || !check->value->truth || instance->count < 2)
        return true;
    struct opk_str *items = opk_arena_array(&arena, instance->count, sizeof(*items));
    for (const struct opk_node *child = instance->first; items && child; child = child->next) {
        opk_buf_clear(&text);
        opk_node_canonical(child, &text);
        items[count++] = opk_arena_copy(&arena, opk_buf_str(&text));
        if (run->status == OPK_OK)
            run->status = opk_buf_check(&text, run->err);
        if (run->status == OPK_OK)
            run->status = opk_arena_check(&arena, run->err);
    }
    if (count > 0)
        qsort(items, count, sizeof(*items), by_text);
    for (size_t i = 1; i < count && unique; i++)
        unique = !opk_str_eq(items[i - 1], items[i]);
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return unique || opk_schema_tell(run, check, instance, OPK_STR("holds an item twice"), NULL);
}

static bool check_prefix(struct opk_schema_run *run, const struct opk_schema_check *check,
                         const struct opk_node *instance)
{
    const struct opk_node *child = instance->first;
    bool valid = true;

    if (instance->kind != OPK_NODE_SEQ)
        return true;
    for (size_t i = 0; i < check->count && child; i++, child = child->next) {
        valid &= opk_schema_run_one(run, check->schemas[i], child, NULL);
        run->seen[i] = true;
    }
    return valid;
}

static bool check_items(struct opk_schema_run *run, const struct opk_schema_check *check,
                        const struct opk_node *instance)
{
    const struct opk_schema_check *prefix = opk_schema_sibling(check, "prefixItems");
    size_t skip = prefix ? prefix->count : 0;
    size_t at = 0;
    bool valid = true;

    if (instance->kind != OPK_NODE_SEQ)
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        if (at < skip)
            continue;
        valid &= opk_schema_run_one(run, check->schemas[0], child, NULL);
        run->seen[at] = true;
    }
    return valid;
}

static bool check_contains(struct opk_schema_run *run, const struct opk_schema_check *check,
                           const struct opk_node *instance)
{
    const struct opk_node *min = opk_node_get(check->owner->node, "minContains");
    const struct opk_node *max = opk_node_get(check->owner->node, "maxContains");
    double least = min && is_number(min) ? min->number : 1;
    double found = 0;
    size_t at = 0;

    if (instance->kind != OPK_NODE_SEQ)
        return true;
    run->quiet++;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        if (!opk_schema_run_one(run, check->schemas[0], child, NULL))
            continue;
        found++;
        run->seen[at] = true;
    }
    run->quiet--;
    if (found < least)
        return opk_schema_tell(
            run, check, instance,
            SAY(run, "holds %.15g matching items, must hold at least %.15g", found, least), NULL);
    if (max && is_number(max) && found > max->number)
        return opk_schema_tell(
            run, check, instance,
            SAY(run, "holds %.15g matching items, must hold at most %.15g", found, max->number),
            NULL);
    return true;
}

/* ---- mappings ---- */

static bool check_required(struct opk_schema_run *run, const struct opk_schema_check *check,
                           const struct opk_node *instance)
{
    bool valid = true;

    if (instance->kind != OPK_NODE_MAP)
        return true;
    for (const struct opk_node *name = check->value->first; name; name = name->next) {
        if (!opk_node_get_str(instance, name->text))
            valid = opk_schema_tell(
                run, check, instance,
                SAY(run, "lacks the key \"%.*s\"", shown_len(name->text), name->text.data), NULL);
    }
    return valid;
}

static bool check_dependent_required(struct opk_schema_run *run,
                                     const struct opk_schema_check *check,
                                     const struct opk_node *instance)
{
    bool valid = true;

    for (const struct opk_node *rule = check->value->first; rule; rule = rule->next) {
        if (!opk_node_get_str(instance, rule->key->text))
            continue;
        for (const struct opk_node *name = rule->first; name; name = name->next) {
            if (opk_node_get_str(instance, name->text))
                continue;
            valid = opk_schema_tell(run, check, instance,
                                    SAY(run, "has the key \"%.*s\", and so needs \"%.*s\"",
                                        shown_len(rule->key->text), rule->key->text.data,
                                        shown_len(name->text), name->text.data),
                                    NULL);
        }
    }
    return valid;
}

static bool check_dependent_schemas(struct opk_schema_run *run,
                                    const struct opk_schema_check *check,
                                    const struct opk_node *instance)
{
    bool valid = true;
    size_t at = 0;

    for (const struct opk_node *rule = check->value->first; rule; rule = rule->next, at++) {
        if (opk_node_get_str(instance, rule->key->text))
            valid &= opk_schema_run_one(run, check->schemas[at], instance, run->seen);
    }
    return valid;
}

static bool check_properties(struct opk_schema_run *run, const struct opk_schema_check *check,
                             const struct opk_node *instance)
{
    bool valid = true;
    size_t at = 0;

    if (instance->kind != OPK_NODE_MAP)
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        size_t row = 0;
        const struct opk_node *rule = check->value->first;
        for (; rule && !opk_str_eq(rule->key->text, child->key->text); rule = rule->next)
            row++;
        if (!rule)
            continue;
        valid &= opk_schema_run_one(run, check->schemas[row], child, NULL);
        run->seen[at] = true;
    }
    return valid;
}

static bool matches(struct opk_schema_run *run, const struct opk_regex *regex, struct opk_str text)
{
    enum opk_status status = opk_regex_find(regex, run->scratch, text, 0, NULL, run->err);

    if (status != OPK_OK && status != OPK_END)
        run->status = status;
    return status == OPK_OK;
}

static bool check_pattern_properties(struct opk_schema_run *run,
                                     const struct opk_schema_check *check,
                                     const struct opk_node *instance)
{
    bool valid = true;
    size_t at = 0;

    if (instance->kind != OPK_NODE_MAP)
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        for (size_t i = 0; i < check->count; i++) {
            if (!matches(run, check->regexes[i], child->key->text))
                continue;
            valid &= opk_schema_run_one(run, check->schemas[i], child, NULL);
            run->seen[at] = true;
        }
    }
    return valid;
}

/* Is the key one that properties or patternProperties beside a check know? */
static bool is_known_key(struct opk_schema_run *run, const struct opk_schema_check *check,
                         struct opk_str key)
{
    const struct opk_schema_check *properties = opk_schema_sibling(check, "properties");
    const struct opk_schema_check *patterns = opk_schema_sibling(check, "patternProperties");

    if (properties && opk_node_get_str(properties->value, key))
        return true;
    for (size_t i = 0; patterns && i < patterns->count; i++) {
        if (matches(run, patterns->regexes[i], key))
            return true;
    }
    return false;
}

static bool tell_unknown_key(struct opk_schema_run *run, const struct opk_schema_check *check,
                             const struct opk_node *child)
{
    const struct opk_schema_check *properties = opk_schema_sibling(check, "properties");
    const char *near = properties ? nearest(run, child->key->text, properties->value, true) : NULL;

    return opk_schema_tell_key(
        run, check, child,
        SAY(run, "unknown key \"%.*s\"", shown_len(child->key->text), child->key->text.data), near);
}

static bool check_additional(struct opk_schema_run *run, const struct opk_schema_check *check,
                             const struct opk_node *instance)
{
    bool valid = true;
    size_t at = 0;

    if (instance->kind != OPK_NODE_MAP)
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        if (is_known_key(run, check, child->key->text))
            continue;
        run->seen[at] = true;
        if (check->schemas[0]->never)
            valid = tell_unknown_key(run, check, child);
        else
            valid &= opk_schema_run_one(run, check->schemas[0], child, NULL);
    }
    return valid;
}

static bool check_names(struct opk_schema_run *run, const struct opk_schema_check *check,
                        const struct opk_node *instance)
{
    bool valid = true;

    if (instance->kind != OPK_NODE_MAP)
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next) {
        /* Keys are strings here, whatever they look like. */
        struct opk_node name = *child->key;
        name.kind = OPK_NODE_STRING;
        name.key = child->key;
        valid &= opk_schema_run_one(run, check->schemas[0], &name, NULL);
    }
    return valid;
}

static bool check_unevaluated(struct opk_schema_run *run, const struct opk_schema_check *check,
                              const struct opk_node *instance)
{
    bool keys = strcmp(check->keyword->name, "unevaluatedProperties") == 0;
    bool valid = true;
    size_t at = 0;

    if (instance->kind != (keys ? OPK_NODE_MAP : OPK_NODE_SEQ))
        return true;
    for (const struct opk_node *child = instance->first; child; child = child->next, at++) {
        if (run->seen[at])
            continue;
        run->seen[at] = true;
        if (keys && check->schemas[0]->never)
            valid = tell_unknown_key(run, check, child);
        else
            valid &= opk_schema_run_one(run, check->schemas[0], child, NULL);
    }
    return valid;
}

/* ---- schemas for the same value ---- */

static bool check_all(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    bool valid = true;

    for (size_t i = 0; i < check->count; i++)
        valid &= opk_schema_run_one(run, check->schemas[i], instance, run->seen);
    return valid;
}

/* How many of the schemas hold; what they evaluated is added to seen. */
static size_t count_valid(struct opk_schema_run *run, const struct opk_schema_check *check,
                          const struct opk_node *instance)
{
    size_t count = 0;

    run->quiet++;
    for (size_t i = 0; i < check->count; i++)
        count += opk_schema_run_one(run, check->schemas[i], instance, run->seen);
    run->quiet--;
    return count;
}

static bool check_any(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    if (count_valid(run, check, instance) > 0)
        return true;
    if (check->count == 1)
        return opk_schema_run_one(run, check->schemas[0], instance, run->seen);
    return opk_schema_tell(run, check, instance,
                           SAY(run, "fits none of %zu alternatives", check->count), NULL);
}

static bool check_one(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    size_t count = count_valid(run, check, instance);

    return count == 1 ||
           opk_schema_tell(
               run, check, instance,
               SAY(run, "fits %zu of %zu alternatives, must fit one", count, check->count), NULL);
}

static bool check_not(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    /* What it evaluates counts for nothing. */
    run->quiet++;
    bool holds = opk_schema_run_one(run, check->schemas[0], instance, NULL);
    run->quiet--;
    if (!holds)
        return true;
    return opk_schema_tell(run, check, instance, OPK_STR("is what the schema rules out"), NULL);
}

static bool check_if(struct opk_schema_run *run, const struct opk_schema_check *check,
                     const struct opk_node *instance)
{
    bool yes = count_valid(run, check, instance) > 0;
    const struct opk_schema_check *branch = opk_schema_sibling(check, yes ? "then" : "else");

    return !branch || opk_schema_run_one(run, branch->schemas[0], instance, run->seen);
}

static bool check_ref(struct opk_schema_run *run, const struct opk_schema_check *check,
                      const struct opk_node *instance)
{
    return opk_schema_run_one(run, check->schemas[0], instance, run->seen);
}

static bool check_dynamic_ref(struct opk_schema_run *run, const struct opk_schema_check *check,
                              const struct opk_node *instance)
{
    return opk_schema_run_one(run, opk_schema_dynamic(run, check), instance, run->seen);
}

/* Sorted by name. */
static const struct opk_keyword KEYWORDS[] = {
    {"$anchor", OPK_VOCABULARY_CORE, OPK_OPERAND_STRING, false, NULL},
    {"$defs", OPK_VOCABULARY_CORE, OPK_OPERAND_SCHEMA_MAP, false, NULL},
    {"$dynamicAnchor", OPK_VOCABULARY_CORE, OPK_OPERAND_STRING, false, NULL},
    {"$dynamicRef", OPK_VOCABULARY_CORE, OPK_OPERAND_REF, false, check_dynamic_ref},
    {"$id", OPK_VOCABULARY_CORE, OPK_OPERAND_STRING, false, NULL},
    {"$ref", OPK_VOCABULARY_CORE, OPK_OPERAND_REF, false, check_ref},
    {"additionalProperties", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false,
     check_additional},
    {"allOf", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMAS, false, check_all},
    {"anyOf", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMAS, false, check_any},
    {"const", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_ANY, false, check_const},
    {"contains", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, check_contains},
    {"definitions", OPK_VOCABULARY_CORE, OPK_OPERAND_SCHEMA_MAP, false, NULL},
    {"dependentRequired", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_STRINGS_MAP, false,
     check_dependent_required},
    {"dependentSchemas", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA_MAP, false,
     check_dependent_schemas},
    {"else", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, NULL},
    {"enum", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_LIST, false, check_enum},
    {"exclusiveMaximum", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_NUMBER, false, check_bound},
    {"exclusiveMinimum", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_NUMBER, false, check_bound},
    {"if", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, check_if},
    {"items", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, check_items},
    {"maxItems", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"maxLength", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"maxProperties", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"maximum", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_NUMBER, false, check_bound},
    {"minItems", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"minLength", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"minProperties", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_COUNT, false, check_bound},
    {"minimum", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_NUMBER, false, check_bound},
    {"multipleOf", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_NUMBER, false, check_bound},
    {"not", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, check_not},
    {"oneOf", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMAS, false, check_one},
    {"pattern", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_PATTERN, false, check_pattern},
    {"patternProperties", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_PATTERN_MAP, false,
     check_pattern_properties},
    {"prefixItems", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMAS, false, check_prefix},
    {"properties", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA_MAP, false, check_properties},
    {"propertyNames", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, check_names},
    {"required", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_STRINGS, false, check_required},
    {"then", OPK_VOCABULARY_APPLICATOR, OPK_OPERAND_SCHEMA, false, NULL},
    {"type", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_TYPE, false, check_type},
    {"unevaluatedItems", OPK_VOCABULARY_UNEVALUATED, OPK_OPERAND_SCHEMA, true, check_unevaluated},
    {"unevaluatedProperties", OPK_VOCABULARY_UNEVALUATED, OPK_OPERAND_SCHEMA, true,
     check_unevaluated},
    {"uniqueItems", OPK_VOCABULARY_VALIDATION, OPK_OPERAND_BOOL, false, check_unique},
};

const struct opk_keyword *opk_keyword_find(struct opk_str name)
{
    size_t low = 0;
    size_t high = sizeof(KEYWORDS) / sizeof(KEYWORDS[0]);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = opk_str_cmp(name, opk_str_of(KEYWORDS[middle].name));
        if (order == 0)
            return &KEYWORDS[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
