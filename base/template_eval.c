/* Walk the trees. Recursion is bounded: no tree is deeper than OPK_TEMPLATE_DEPTH_MAX. */
#include "base/template_impl.h"

#include <assert.h>
#include <math.h>

/* A bound name; newer ones hide older ones, and leaving a loop's turn drops its own. */
struct binding {
    struct opk_str name;
    struct opk_tval value;
    const struct binding *older;
};

struct eval {
    const struct opk_template *tmpl;
    const struct opk_tval *data;
    struct opk_arena *arena;
    struct opk_buf *out;
    size_t out_start; /* what out held before */
    const struct binding *names;
    uint64_t steps;
    struct opk_err *err;
};

static enum opk_status eval_expr(struct eval *eval, const struct opk_texpr *expr,
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

static enum opk_status wrong_operands(const struct eval *eval, const struct opk_texpr *expr,
                                      const struct opk_tval *a, const struct opk_tval *b)
{
    return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line),
                    "this operator does not take %s and %s", opk_tval_kind_name(a->kind),
                    opk_tval_kind_name(b->kind));
}

static enum opk_status overflow(const struct eval *eval, const struct opk_texpr *expr)
{
    return opk_fail(eval->err, OPK_E_LIMIT, place_of(eval, expr->line),
                    "the result does not fit 64 bits");
}

/* // and % round towards minus infinity, as Python does. */
static enum opk_status divide_integers(const struct eval *eval, const struct opk_texpr *expr,
                                       int64_t a, int64_t b, struct opk_tval *out)
{
    if (b == 0)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line), "division by zero");
    if (a == INT64_MIN && b == -1)
        return overflow(eval, expr);
    int64_t quotient = a / b;
    int64_t rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
        quotient--;
        rest += b;
    }
    *out = opk_tval_int(expr->op == OPK_TOP_MOD ? rest : quotient);
    return OPK_OK;
}

static enum opk_status integer_op(const struct eval *eval, const struct opk_texpr *expr, int64_t a,
                                  int64_t b, struct opk_tval *out)
{
    int64_t result = 0;
    bool overflowed;

    if (expr->op == OPK_TOP_FLOORDIV || expr->op == OPK_TOP_MOD)
        return divide_integers(eval, expr, a, b, out);
    if (expr->op == OPK_TOP_ADD)
        overflowed = __builtin_add_overflow(a, b, &result);
    else if (expr->op == OPK_TOP_SUB)
        overflowed = __builtin_sub_overflow(a, b, &result);
    else
        overflowed = __builtin_mul_overflow(a, b, &result);
    if (overflowed)
        return overflow(eval, expr);
    *out = opk_tval_int(result);
    return OPK_OK;
}

static enum opk_status float_op(const struct eval *eval, const struct opk_texpr *expr, double a,
                                double b, struct opk_tval *out)
{
    double result;
    bool divides =
        expr->op == OPK_TOP_DIV || expr->op == OPK_TOP_FLOORDIV || expr->op == OPK_TOP_MOD;

    if (divides && b == 0)
        return opk_fail(eval->err, OPK_E_INVALID, place_of(eval, expr->line), "division by zero");
    if (expr->op == OPK_TOP_ADD)
        result = a + b;
    else if (expr->op == OPK_TOP_SUB)
        result = a - b;
    else if (expr->op == OPK_TOP_MUL)
        result = a * b;
    else if (expr->op == OPK_TOP_DIV)
        result = a / b;
    else
        result = floor(a / b);
    if (expr->op == OPK_TOP_MOD)
        result = a - result * b;
    *out = (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = result};
    return OPK_OK;
}

static bool as_number(const struct opk_tval *value, double *out)
{
    if (value->kind == OPK_TVAL_FLOAT)
        *out = value->number;
    else if (value->kind == OPK_TVAL_INT)
        *out = (double)value->integer;
    else
        return false;
    return true;
}

/* + joins two strings, or two lists. */
static bool join(struct eval *eval, const struct opk_tval *a, const struct opk_tval *b,
                 struct opk_tval *out)
{
    if (a->kind == OPK_TVAL_STRING && b->kind == OPK_TVAL_STRING) {
        *out = opk_tval_string(
            opk_arena_printf(eval->arena, "%.*s%.*s", OPK_STR_FMT(a->text), OPK_STR_FMT(b->text)));
        return true;
    }
    if (a->kind != OPK_TVAL_SEQ || b->kind != OPK_TVAL_SEQ)
        return false;
    size_t count = a->count + b->count;
    struct opk_tval *items = opk_arena_array(eval->arena, count + 1, sizeof(*items));
    for (size_t i = 0; items && i < count; i++)
        items[i] = i < a->count ? a->items[i] : b->items[i - a->count];
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items, .count = items ? count : 0};
    return true;
}

static enum opk_status arithmetic(struct eval *eval, const struct opk_texpr *expr,
                                  const struct opk_tval *a, const struct opk_tval *b,
                                  struct opk_tval *out)
{
    double x;
    double y;

    if (a->kind == OPK_TVAL_INT && b->kind == OPK_TVAL_INT && expr->op != OPK_TOP_DIV)
        return integer_op(eval, expr, a->integer, b->integer, out);
    if (as_number(a, &x) && as_number(b, &y))
        return float_op(eval, expr, x, y, out);
    if (expr->op == OPK_TOP_ADD && join(eval, a, b, out))
        return OPK_OK;
    return wrong_operands(eval, expr, a, b);
}

static bool contains(const struct opk_tval *item, const struct opk_tval *in, bool *out)
{
    if (in->kind == OPK_TVAL_STRING && item->kind == OPK_TVAL_STRING) {
        *out = opk_str_find(in->text, item->text, 0) != OPK_NPOS;
        return true;
    }
    if (in->kind != OPK_TVAL_SEQ && in->kind != OPK_TVAL_MAP)
        return false;
    const struct opk_tval *items = in->kind == OPK_TVAL_MAP ? in->keys : in->items;
    *out = false;
    for (size_t i = 0; i < in->count && !*out; i++)
        *out = opk_tval_equal(item, &items[i]);
    return true;
}

static bool compare(enum opk_top op, const struct opk_tval *a, const struct opk_tval *b, bool *out)
{
    int order = 0;

    if (op == OPK_TOP_IN || op == OPK_TOP_NOT_IN) {
        bool ok = contains(a, b, out);
        *out = ok && *out == (op == OPK_TOP_IN);
        return ok;
    }
    if (op == OPK_TOP_EQ || op == OPK_TOP_NE) {
        *out = opk_tval_equal(a, b) == (op == OPK_TOP_EQ);
        return true;
    }
    if (!opk_tval_compare(a, b, &order))
        return false;
    *out = op == OPK_TOP_LT   ? order < 0
           : op == OPK_TOP_LE ? order <= 0
           : op == OPK_TOP_GT ? order > 0
                              : order >= 0;
    return true;
}

static enum opk_status eval_binary(struct eval *eval, const struct opk_texpr *expr,
                                   struct opk_tval *out)
{
    struct opk_tval a;
    struct opk_tval b;
    bool truth = false;
    enum opk_status status = eval_defined(eval, expr->left, &a);

    if (status == OPK_OK)
        status = eval_defined(eval, expr->right, &b);
    if (status != OPK_OK)
        return status;
    if (expr->op == OPK_TOP_CONCAT) {
        *out = opk_tval_string(opk_arena_printf(eval->arena, "%.*s%.*s",
                                                OPK_STR_FMT(opk_tval_text(eval->arena, &a)),
                                                OPK_STR_FMT(opk_tval_text(eval->arena, &b))));
        return OPK_OK;
    }
    if (expr->op >= OPK_TOP_ADD)
        return arithmetic(eval, expr, &a, &b, out);
    if (!compare(expr->op, &a, &b, &truth))
        return wrong_operands(eval, expr, &a, &b);
    *out = opk_tval_bool(truth);
    return OPK_OK;
}

static enum opk_status eval_unary(struct eval *eval, const struct opk_texpr *expr,
                                  struct opk_tval *out)
{
    static const struct opk_tval ZERO = {.kind = OPK_TVAL_INT, .text = OPK_STR_INIT("")};
    struct opk_tval value;
    enum opk_status status = eval_defined(eval, expr->left, &value);

    return status == OPK_OK ? arithmetic(eval, expr, &ZERO, &value, out) : status;
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
    struct opk_tcall call = {.arena = eval->arena,
                             .place = place_of(eval, expr->line),
                             .function = expr->function,
                             .err = eval->err};
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
