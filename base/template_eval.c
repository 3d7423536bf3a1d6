/* Walk the trees. Recursion is bounded: no tree is deeper than OPK_TEMPLATE_DEPTH_MAX. */
#include "base/template_impl.h"

#include <assert.h>

/* A bound name; newer ones hide older ones, and leaving a loop's turn drops its own. */
struct binding {
    struct opk_str name;
    struct opk_tval value;
    const struct binding *older;
};

/* A macro that was defined, and the template that it stands in. */
struct known_macro {
    const struct opk_tmacro *macro;
    const struct opk_template *tmpl;
    const struct known_macro *older;
};

/* A template that was included; it is read once. */
struct included {
    struct opk_str name;
    const struct opk_template *tmpl; /* NULL: there is none, which is let pass */
    const struct included *older;
};

struct eval {
    const struct opk_template *tmpl;
    const struct opk_tval *data;
    struct opk_arena *arena;
    struct opk_buf *out;
    size_t out_start; /* what out held before */
    const struct binding *names;
    const struct binding *outer; /* the names outside of loops and macros: what a macro sees */
    const struct known_macro *macros;
    const struct included *included;
    unsigned inner; /* loops and macros that are running */
    unsigned calls; /* macros and includes that are running */
    uint64_t steps;
    struct opk_err *err;
};

static enum opk_status eval_expr(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out);
static enum opk_status eval_macro(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out);
static enum opk_status run_body(struct eval *eval, const struct opk_tstmt *stmt);

static struct opk_place place_of(const struct eval *eval, uint64_t line)
{
    return OPK_AT_LINE(eval->tmpl->place.path, line);
}

static struct opk_tval undefined(struct opk_str what)
{
    return (struct opk_tval){.kind = OPK_TVAL_UNDEFINED, .text = what};
}

/* The spelling of an expression that may be undefined: a.b[0], for the message. */
static struct opk_str spelling(struct eval *eval, const struct opk_texpr *expr)
{
    struct opk_arena *arena = eval->arena;

    if (expr->kind == OPK_TEXPR_NAME)
        return expr->name;
    if (expr->kind == OPK_TEXPR_ATTR)
        return opk_arena_printf(arena, "%.*s.%.*s", OPK_STR_FMT(spelling(eval, expr->left)),
                                OPK_STR_FMT(expr->name));
    if (expr->kind == OPK_TEXPR_ITEM)
        return opk_arena_printf(arena, "%.*s[%.*s]", OPK_STR_FMT(spelling(eval, expr->left)),
                                OPK_STR_FMT(expr->right->kind == OPK_TEXPR_CONST
                                                ? opk_tval_text(arena, &expr->right->value)
                                                : OPK_STR("...")));
    return OPK_STR("the value");
}

/* An undefined value may be asked about and replaced, nothing else. An if without else gives one
 * without a name, which prints as nothing: Jinja2 is lenient there. */
static enum opk_status need_defined(const struct eval *eval, const struct opk_texpr *expr,
                                    const struct opk_tval *value)
{
    if (value->kind != OPK_TVAL_UNDEFINED || value->text.len == 0)
        return OPK_OK;
    return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line), "%.*s is undefined",
                    OPK_STR_FMT(value->text));
}

static enum opk_status eval_defined(struct eval *eval, const struct opk_texpr *expr,
                                    struct opk_tval *out)
{
    enum opk_status status = eval_expr(eval, expr, out);

    return status == OPK_OK ? need_defined(eval, expr, out) : status;
}

static enum opk_status eval_truth(struct eval *eval, const struct opk_texpr *expr, bool *out)
{
    struct opk_tval value;
    enum opk_status status = eval_defined(eval, expr, &value);

    if (status == OPK_OK)
        *out = opk_tval_truth(&value);
    return status;
}

static enum opk_status eval_name(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    for (const struct binding *name = eval->names; name; name = name->older) {
        if (opk_str_eq(name->name, expr->name)) {
            *out = name->value;
            return OPK_OK;
        }
    }
    const struct opk_tval *found = opk_tval_get(eval->data, expr->name);
    *out = found ? *found : undefined(expr->name);
    return OPK_OK;
}

static enum opk_status eval_attr(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    struct opk_tval left;
    enum opk_status status = eval_defined(eval, expr->left, &left);

    if (status != OPK_OK)
        return status;
    const struct opk_tval *found = opk_tval_get(&left, expr->name);
    *out = found ? *found : undefined(spelling(eval, expr));
    return OPK_OK;
}

static enum opk_status eval_item(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    struct opk_tval left;
    struct opk_tval index;
    struct opk_tval items;
    const struct opk_tval *found = NULL;
    enum opk_status status = eval_defined(eval, expr->left, &left);

    if (status == OPK_OK)
        status = eval_defined(eval, expr->right, &index);
    if (status != OPK_OK)
        return status;
    if (left.kind == OPK_TVAL_MAP && index.kind == OPK_TVAL_STRING) {
        found = opk_tval_get(&left, index.text);
    } else if (left.kind != OPK_TVAL_MAP && index.kind == OPK_TVAL_INT &&
               opk_tval_items(eval->arena, &left, &items)) {
        int64_t count = (int64_t)items.count;
        int64_t at = index.integer < 0 ? index.integer + count : index.integer;
        found = at >= 0 && at < count ? &items.items[at] : NULL;
    }
    *out = found ? *found : undefined(spelling(eval, expr));
    return OPK_OK;
}

/* What an operator or a function works with, at the place of an expression. */
static struct opk_tcall call_of(const struct eval *eval, const struct opk_texpr *expr)
{
    return (struct opk_tcall){.arena = eval->arena,
                              .place = place_of(eval, expr->line),
                              .function = expr->function,
                              .err = eval->err};
}

static enum opk_status eval_slice(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out)
{
    struct opk_tcall call = call_of(eval, expr);
    struct opk_tval whole;
    struct opk_tval ends[3] = {OPK_TVAL_NULL, OPK_TVAL_NULL, OPK_TVAL_NULL};
    enum opk_status status = eval_defined(eval, expr->left, &whole);

    for (size_t i = 0; i < 3 && status == OPK_OK; i++) {
        if (expr->args[i])
            status = eval_defined(eval, expr->args[i], &ends[i]);
    }
    return status == OPK_OK ? opk_tval_slice(&call, &whole, ends, out) : status;
}

static enum opk_status eval_list(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    struct opk_tval *items = opk_arena_array(eval->arena, expr->arg_count + 1, sizeof(*items));

    if (!items)
        return opk_arena_check(eval->arena, eval->err);
    for (size_t i = 0; i < expr->arg_count; i++) {
        enum opk_status status = eval_defined(eval, expr->args[i], &items[i]);
        if (status != OPK_OK)
            return status;
    }
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items, .count = expr->arg_count};
    return OPK_OK;
}

static enum opk_status eval_binary(struct eval *eval, const struct opk_texpr *expr,
                                   struct opk_tval *out)
{
    struct opk_tval a;
    struct opk_tval b;
    struct opk_tcall call = call_of(eval, expr);
    enum opk_status status = eval_defined(eval, expr->left, &a);

    if (status == OPK_OK)
        status = eval_defined(eval, expr->right, &b);
    return status == OPK_OK ? opk_tval_operate(&call, expr->op, &a, &b, out) : status;
}

static enum opk_status eval_unary(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out)
{
    static const struct opk_tval ZERO = {.kind = OPK_TVAL_INT, .text = OPK_STR_INIT("")};
    struct opk_tval value;
    struct opk_tcall call = call_of(eval, expr);
    enum opk_status status = eval_defined(eval, expr->left, &value);

    return status == OPK_OK ? opk_tval_operate(&call, expr->op, &ZERO, &value, out) : status;
}

/* and, or give one of their operands, as in Python. */
static enum opk_status eval_logic(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out)
{
    enum opk_status status = eval_defined(eval, expr->left, out);

    if (status != OPK_OK || opk_tval_truth(out) == (expr->kind == OPK_TEXPR_OR))
        return status;
    return eval_expr(eval, expr->right, out);
}

static enum opk_status eval_cond(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    bool truth = false;
    enum opk_status status = eval_truth(eval, expr->right, &truth);

    if (status != OPK_OK)
        return status;
    if (truth)
        return eval_expr(eval, expr->left, out);
    if (expr->args[0])
        return eval_expr(eval, expr->args[0], out);
    *out = undefined(OPK_STR_EMPTY);
    return OPK_OK;
}

static enum opk_status eval_call(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    struct opk_tval args[OPK_TARGS_MAX];
    struct opk_tcall call = call_of(eval, expr);
    enum opk_status status = eval_expr(eval, expr->left, &call.subject);

    if (status == OPK_OK && !expr->function->takes_undefined)
        status = need_defined(eval, expr->left, &call.subject);
    for (size_t i = 0; i < OPK_TARGS_MAX && status == OPK_OK; i++) {
        if (!expr->args[i])
            continue;
        status = eval_defined(eval, expr->args[i], &args[i]);
        call.args[i] = &args[i];
    }
    return status == OPK_OK ? expr->function->run(&call, out) : status;
}

static enum opk_status eval_expr(struct eval *eval, const struct opk_texpr *expr,
                                 struct opk_tval *out)
{
    bool truth = false;
    enum opk_status status;

    *out = OPK_TVAL_NULL;
    if (++eval->steps > OPK_TEMPLATE_STEPS_MAX)
        return opk_fail(eval->err, OPK_E_LIMIT, place_of(eval, expr->line),
                        "the template needs more than %d steps", OPK_TEMPLATE_STEPS_MAX);
    switch (expr->kind) {
    case OPK_TEXPR_CONST:
        *out = expr->value;
        return OPK_OK;
    case OPK_TEXPR_NAME:
        return eval_name(eval, expr, out);
    case OPK_TEXPR_ATTR:
        return eval_attr(eval, expr, out);
    case OPK_TEXPR_ITEM:
        return eval_item(eval, expr, out);
    case OPK_TEXPR_SLICE:
        return eval_slice(eval, expr, out);
    case OPK_TEXPR_LIST:
        return eval_list(eval, expr, out);
    case OPK_TEXPR_UNARY:
        return eval_unary(eval, expr, out);
    case OPK_TEXPR_BINARY:
        return eval_binary(eval, expr, out);
    case OPK_TEXPR_AND:
    case OPK_TEXPR_OR:
        return eval_logic(eval, expr, out);
    case OPK_TEXPR_NOT:
        status = eval_truth(eval, expr->left, &truth);
        *out = opk_tval_bool(!truth);
        return status;
    case OPK_TEXPR_COND:
        return eval_cond(eval, expr, out);
    case OPK_TEXPR_FILTER:
    case OPK_TEXPR_METHOD:
    case OPK_TEXPR_TEST:
        return eval_call(eval, expr, out);
    case OPK_TEXPR_CALL:
        return eval_macro(eval, expr, out);
    }
    return opk_fail(eval->err, OPK_E_INTERNAL, OPK_NOWHERE, "unknown expression");
}

static enum opk_status bind(struct eval *eval, struct opk_str name, struct opk_tval value)
{
    struct binding *binding = opk_arena_alloc(eval->arena, sizeof(*binding));

    if (!binding)
        return opk_arena_check(eval->arena, eval->err);
    *binding = (struct binding){name, value, eval->names};
    eval->names = binding;
    if (eval->inner == 0)
        eval->outer = binding;
    return OPK_OK;
}

/* One name takes the value, two names the two items of a pair. */
static enum opk_status bind_names(struct eval *eval, const struct opk_tstmt *stmt,
                                  const struct opk_tval *value)
{
    struct opk_tval pair;

    if (stmt->name_count == 1)
        return bind(eval, stmt->names[0], *value);
    if (!opk_tval_items(eval->arena, value, &pair) || pair.count != 2)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, stmt->line),
                        "two names take a list of two items");
    enum opk_status status = bind(eval, stmt->names[0], pair.items[0]);
    return status == OPK_OK ? bind(eval, stmt->names[1], pair.items[1]) : status;
}

static enum opk_status check_output(const struct eval *eval, uint64_t line)
{
    if (eval->out->len - eval->out_start > OPK_TEMPLATE_OUTPUT_MAX)
        return opk_fail(eval->err, OPK_E_LIMIT, place_of(eval, line),
                        "the template gives more than %zu bytes", OPK_TEMPLATE_OUTPUT_MAX);
    return OPK_OK;
}

/* What a loop's body sees as "loop". */
static enum opk_status bind_loop(struct eval *eval, size_t index, size_t length)
{
    int64_t at = (int64_t)index;
    int64_t count = (int64_t)length;
    struct opk_tval loop;

    opk_tval_map_init(&loop, eval->arena, 7);
    opk_tval_map_add(&loop, OPK_STR("index"), opk_tval_int(at + 1));
    opk_tval_map_add(&loop, OPK_STR("index0"), opk_tval_int(at));
    opk_tval_map_add(&loop, OPK_STR("revindex"), opk_tval_int(count - at));
    opk_tval_map_add(&loop, OPK_STR("revindex0"), opk_tval_int(count - at - 1));
    opk_tval_map_add(&loop, OPK_STR("first"), opk_tval_bool(at == 0));
    opk_tval_map_add(&loop, OPK_STR("last"), opk_tval_bool(at + 1 == count));
    opk_tval_map_add(&loop, OPK_STR("length"), opk_tval_int(count));
    return bind(eval, OPK_STR("loop"), loop);
}

/* "for x in list if guard": the items that pass, so that loop counts these alone. */
static enum opk_status filter_items(struct eval *eval, const struct opk_tstmt *stmt,
                                    struct opk_tval *items)
{
    struct opk_tval *kept = opk_arena_array(eval->arena, items->count + 1, sizeof(*kept));
    const struct binding *names = eval->names;
    size_t count = 0;
    enum opk_status status = OPK_OK;

    if (!kept)
        return opk_arena_check(eval->arena, eval->err);
    for (size_t i = 0; i < items->count && status == OPK_OK; i++) {
        bool passes = false;
        status = bind_names(eval, stmt, &items->items[i]);
        if (status == OPK_OK)
            status = eval_truth(eval, stmt->guard, &passes);
        if (passes)
            kept[count++] = items->items[i];
        eval->names = names;
    }
    items->items = kept;
    items->count = count;
    return status;
}

static enum opk_status run_for(struct eval *eval, const struct opk_tstmt *stmt)
{
    const struct binding *names = eval->names;
    struct opk_tval value;
    struct opk_tval items;
    enum opk_status status = eval_defined(eval, stmt->expr, &value);

    if (status != OPK_OK)
        return status;
    if (!opk_tval_items(eval->arena, &value, &items))
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, stmt->line),
                        "a for loop cannot walk %s", opk_tval_kind_name(value.kind));
    eval->inner++;
    if (stmt->guard)
        status = filter_items(eval, stmt, &items);
    if (status == OPK_OK && items.count == 0)
        status = run_body(eval, stmt->otherwise);
    for (size_t i = 0; i < items.count && status == OPK_OK; i++) {
        status = bind_loop(eval, i, items.count);
        if (status == OPK_OK)
            status = bind_names(eval, stmt, &items.items[i]);
        if (status == OPK_OK)
            status = run_body(eval, stmt->body);
        eval->names = names;
    }
    eval->names = names;
    eval->inner--;
    return status;
}

/* A macro's arguments become names that its body sees; what is not given is undefined. */
static enum opk_status bind_args(struct eval *eval, const struct opk_tmacro *macro,
                                 const struct opk_tval *const *given)
{
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < macro->param_count && status == OPK_OK; i++) {
        struct opk_tval value = undefined(macro->params[i]);
        if (given[i])
            value = *given[i];
        else if (macro->defaults[i])
            status = eval_expr(eval, macro->defaults[i], &value);
        if (status == OPK_OK)
            status = bind(eval, macro->params[i], value);
    }
    return status;
}

/* The parameter that an argument of a call is for. */
static enum opk_status param_of(const struct eval *eval, const struct opk_texpr *expr,
                                const struct opk_tmacro *macro, size_t arg, size_t *out_param)
{
    struct opk_str keyword = expr->keywords[arg];

    *out_param = arg;
    for (size_t i = 0; keyword.len > 0 && i < macro->param_count; i++) {
        if (opk_str_eq(macro->params[i], keyword)) {
            *out_param = i;
            return OPK_OK;
        }
    }
    if (keyword.len > 0)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line),
                        "the macro %.*s takes no argument %.*s", OPK_STR_FMT(macro->name),
                        OPK_STR_FMT(keyword));
    if (arg >= macro->param_count)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line),
                        "the macro %.*s takes at most %zu arguments", OPK_STR_FMT(macro->name),
                        macro->param_count);
    return OPK_OK;
}

static enum opk_status too_many_calls(const struct eval *eval, uint64_t line)
{
    return opk_fail(eval->err, OPK_E_LIMIT, place_of(eval, line),
                    "macros and includes are nested more than %d levels deep",
                    OPK_TEMPLATE_CALLS_MAX);
}

/* Run a macro's body in the names of its own template, into text of its own. */
static enum opk_status run_macro(struct eval *eval, const struct known_macro *known,
                                 const struct opk_tval *const *given, struct opk_tval *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct eval inner = *eval;

    inner.tmpl = known->tmpl;
    inner.names = eval->outer;
    inner.out = &text;
    inner.out_start = 0;
    inner.inner++;
    inner.calls++;
    enum opk_status status = bind_args(&inner, known->macro, given);
    if (status == OPK_OK)
        status = run_body(&inner, known->macro->body);
    eval->steps = inner.steps;
    eval->included = inner.included;
    if (status == OPK_OK)
        status = opk_buf_check(&text, eval->err);
    if (status == OPK_OK)
        *out = opk_tval_string(opk_arena_copy(eval->arena, opk_buf_str(&text)));
    opk_buf_done(&text);
    return status;
}

static enum opk_status eval_macro(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out)
{
    const struct opk_tval *given[OPK_TPARAMS_MAX] = {NULL};
    const struct known_macro *known = eval->macros;

    while (known && !opk_str_eq(known->macro->name, expr->name))
        known = known->older;
    if (!known)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line),
                        "no macro is called %.*s", OPK_STR_FMT(expr->name));
    if (eval->calls == OPK_TEMPLATE_CALLS_MAX)
        return too_many_calls(eval, expr->line);
    for (size_t i = 0; i < expr->arg_count; i++) {
        struct opk_tval *value = opk_arena_alloc(eval->arena, sizeof(*value));
        size_t param;
        if (!value)
            return opk_arena_check(eval->arena, eval->err);
        enum opk_status status = param_of(eval, expr, known->macro, i, &param);
        if (status == OPK_OK && given[param])
            status = opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line),
                              "the argument %.*s is given twice",
                              OPK_STR_FMT(known->macro->params[param]));
        if (status == OPK_OK)
            status = eval_expr(eval, expr->args[i], value);
        if (status != OPK_OK)
            return status;
        given[param] = value;
    }
    return run_macro(eval, known, given, out);
}

static enum opk_status define_macro(struct eval *eval, const struct opk_tstmt *stmt)
{
    struct known_macro *known = opk_arena_alloc(eval->arena, sizeof(*known));

    if (!known)
        return opk_arena_check(eval->arena, eval->err);
    *known = (struct known_macro){stmt->macro, eval->tmpl, eval->macros};
    eval->macros = known;
    return OPK_OK;
}

/* Read and parse an included template; *out_tmpl is NULL where its absence is let pass. */
static enum opk_status load(struct eval *eval, const struct opk_tstmt *stmt, struct opk_str name,
                            const struct opk_template **out_tmpl)
{
    const struct opk_template_loader *loader = eval->tmpl->loader;
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *path = "";
    enum opk_status status = OPK_E_NOENT;

    *out_tmpl = NULL;
    if (!loader)
        return opk_fail(eval->err, OPK_E_UNSUPPORTED, place_of(eval, stmt->line),
                        "this template may not include others");
    status = loader->load(loader, name, eval->arena, &text, &path, eval->err);
    if (status == OPK_OK)
        status = opk_template_parse_with(eval->arena, loader, opk_buf_str(&text),
                                         OPK_AT_LINE(path, 1), out_tmpl, eval->err);
    else if (status == OPK_E_NOENT && stmt->lenient)
        status = OPK_OK;
    else if (status == OPK_E_NOENT)
        status = opk_fail(eval->err, OPK_E_NOENT, place_of(eval, stmt->line),
                          "no template is called '%.*s'", OPK_STR_FMT(name));
    else if (eval->err && status != OPK_E_NOMEM) {
        struct opk_err why = *eval->err;
        status = opk_fail(eval->err, status, place_of(eval, stmt->line), "include of '%.*s': %s",
                          OPK_STR_FMT(name), why.message);
    }
    opk_buf_done(&text);
    return status;
}

static enum opk_status find_included(struct eval *eval, const struct opk_tstmt *stmt,
                                     const struct opk_template **out_tmpl)
{
    struct opk_tval name;
    enum opk_status status = eval_defined(eval, stmt->expr, &name);

    if (status != OPK_OK)
        return status;
    if (name.kind != OPK_TVAL_STRING)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, stmt->line),
                        "include takes the name of a template, not %s",
                        opk_tval_kind_name(name.kind));
    for (const struct included *at = eval->included; at; at = at->older) {
        if (opk_str_eq(at->name, name.text)) {
            *out_tmpl = at->tmpl;
            if (at->tmpl || stmt->lenient)
                return OPK_OK;
        }
    }
    status = load(eval, stmt, name.text, out_tmpl);
    struct included *made = opk_arena_alloc(eval->arena, sizeof(*made));
    if (status != OPK_OK || !made)
        return status == OPK_OK ? opk_arena_check(eval->arena, eval->err) : status;
    *made = (struct included){name.text, *out_tmpl, eval->included};
    eval->included = made;
    return OPK_OK;
}

/* What an included template binds or defines ends with it. */
static enum opk_status run_include(struct eval *eval, const struct opk_tstmt *stmt)
{
    const struct opk_template *tmpl;

    if (eval->calls == OPK_TEMPLATE_CALLS_MAX)
        return too_many_calls(eval, stmt->line);
    enum opk_status status = find_included(eval, stmt, &tmpl);
    if (status != OPK_OK || !tmpl)
        return status;
    struct eval inner = *eval;
    inner.tmpl = tmpl;
    inner.outer = inner.names;
    inner.inner = 0;
    inner.calls++;
    status = bind(&inner, OPK_STR("loop"), undefined(OPK_STR("loop"))); /* seen by its body alone */
    if (status == OPK_OK)
        status = run_body(&inner, tmpl->body);
    eval->steps = inner.steps;
    eval->included = inner.included;
    return status;
}

/* A chain of elif is a list, not a tree: it is walked without recursion. */
static enum opk_status run_if(struct eval *eval, const struct opk_tstmt *stmt)
{
    for (;;) {
        bool truth = false;
        enum opk_status status = eval_truth(eval, stmt->expr, &truth);
        if (status != OPK_OK)
            return status;
        if (truth)
            return run_body(eval, stmt->body);
        const struct opk_tstmt *next = stmt->otherwise;
        if (!next || next->kind != OPK_TSTMT_IF || next->next)
            return run_body(eval, next);
        stmt = next;
    }
}

static enum opk_status run_stmt(struct eval *eval, const struct opk_tstmt *stmt)
{
    struct opk_tval value;
    enum opk_status status;

    switch (stmt->kind) {
    case OPK_TSTMT_DATA:
        opk_buf_append(eval->out, stmt->text);
        return check_output(eval, stmt->line);
    case OPK_TSTMT_PRINT:
        status = eval_defined(eval, stmt->expr, &value);
        if (status != OPK_OK)
            return status;
        opk_tval_print(&value, eval->out);
        return check_output(eval, stmt->line);
    case OPK_TSTMT_IF:
        return run_if(eval, stmt);
    case OPK_TSTMT_FOR:
        return run_for(eval, stmt);
    case OPK_TSTMT_SET:
        status = eval_defined(eval, stmt->expr, &value);
        return status == OPK_OK ? bind_names(eval, stmt, &value) : status;
    case OPK_TSTMT_MACRO:
        return define_macro(eval, stmt);
    case OPK_TSTMT_INCLUDE:
        return run_include(eval, stmt);
    }
    return opk_fail(eval->err, OPK_E_INTERNAL, OPK_NOWHERE, "unknown statement");
}

static enum opk_status run_body(struct eval *eval, const struct opk_tstmt *stmt)
{
    enum opk_status status = OPK_OK;

    for (; stmt && status == OPK_OK; stmt = stmt->next) {
        if (++eval->steps > OPK_TEMPLATE_STEPS_MAX)
            return opk_fail(eval->err, OPK_E_LIMIT, place_of(eval, stmt->line),
                            "the template needs more than %d steps", OPK_TEMPLATE_STEPS_MAX);
        status = run_stmt(eval, stmt);
    }
    return status;
}

enum opk_status opk_template_render(const struct opk_template *tmpl, const struct opk_tval *data,
                                    struct opk_arena *arena, struct opk_buf *out,
                                    struct opk_err *err)
{
    struct eval eval = {
        .tmpl = tmpl, .data = data, .arena = arena, .out = out, .out_start = out->len, .err = err};
    enum opk_status status = run_body(&eval, tmpl->body);

    if (status == OPK_OK)
        status = opk_arena_check(arena, err);
    return status == OPK_OK ? opk_buf_check(out, err) : status;
}

enum opk_status opk_template_value(const struct opk_template *tmpl, const struct opk_tval *data,
                                   struct opk_arena *arena, struct opk_tval *out_value,
                                   struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_tval value;
    enum opk_status status;

    if (tmpl->body && tmpl->body->kind == OPK_TSTMT_PRINT && !tmpl->body->next) {
        struct eval eval = {.tmpl = tmpl, .data = data, .arena = arena, .out = &text, .err = err};
        status = eval_defined(&eval, tmpl->body->expr, &value);
    } else {
        status = opk_template_render(tmpl, data, arena, &text, err);
        value = opk_tval_string(opk_arena_copy(arena, opk_buf_str(&text)));
    }
    opk_buf_done(&text);
    if (status == OPK_OK)
        status = opk_arena_check(arena, err);
    if (status == OPK_OK)
        *out_value = value;
    return status;
}
