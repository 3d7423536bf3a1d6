/* The operators of the template language, and slices, as Python has them. */
#include "base/template_impl.h"

#include <math.h>

static enum opk_status wrong_operands(const struct opk_tcall *call, const struct opk_tval *a,
                                      const struct opk_tval *b)
{
    return opk_fail(call->err, OPK_E_INVALID, call->place, "this operator does not take %s and %s",
                    opk_tval_kind_name(a->kind), opk_tval_kind_name(b->kind));
}

static enum opk_status overflow(const struct opk_tcall *call)
{
    return opk_fail(call->err, OPK_E_LIMIT, call->place, "the result does not fit 64 bits");
}

/* // and % round towards minus infinity, as Python does. */
static enum opk_status divide_integers(const struct opk_tcall *call, enum opk_top op, int64_t a,
                                       int64_t b, struct opk_tval *out)
{
    if (b == 0)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "division by zero");
    if (a == INT64_MIN && b == -1)
        return overflow(call);
    int64_t quotient = a / b;
    int64_t rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
        quotient--;
        rest += b;
    }
    *out = opk_tval_int(op == OPK_TOP_MOD ? rest : quotient);
    return OPK_OK;
}

static enum opk_status integer_op(const struct opk_tcall *call, enum opk_top op, int64_t a,
                                  int64_t b, struct opk_tval *out)
{
    int64_t result = 0;
    bool overflowed;

    if (op == OPK_TOP_FLOORDIV || op == OPK_TOP_MOD)
        return divide_integers(call, op, a, b, out);
    if (op == OPK_TOP_ADD)
        overflowed = __builtin_add_overflow(a, b, &result);
    else if (op == OPK_TOP_SUB)
        overflowed = __builtin_sub_overflow(a, b, &result);
    else
        overflowed = __builtin_mul_overflow(a, b, &result);
    if (overflowed)
        return overflow(call);
    *out = opk_tval_int(result);
    return OPK_OK;
}

static enum opk_status float_op(const struct opk_tcall *call, enum opk_top op, double a, double b,
                                struct opk_tval *out)
{
    double result;
    bool divides = op == OPK_TOP_DIV || op == OPK_TOP_FLOORDIV || op == OPK_TOP_MOD;

    if (divides && b == 0)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "division by zero");
    if (op == OPK_TOP_ADD)
        result = a + b;
    else if (op == OPK_TOP_SUB)
        result = a - b;
    else if (op == OPK_TOP_MUL)
        result = a * b;
    else if (op == OPK_TOP_DIV)
        result = a / b;
    else
        result = floor(a / b);
    if (op == OPK_TOP_MOD)
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
static bool join(const struct opk_tcall *call, const struct opk_tval *a, const struct opk_tval *b,
                 struct opk_tval *out)
{
    if (a->kind == OPK_TVAL_STRING && b->kind == OPK_TVAL_STRING) {
        *out = opk_tval_string(
            opk_arena_printf(call->arena, "%.*s%.*s", OPK_STR_FMT(a->text), OPK_STR_FMT(b->text)));
        return true;
    }
    if (a->kind != OPK_TVAL_SEQ || b->kind != OPK_TVAL_SEQ)
        return false;
    size_t count = a->count + b->count;
    struct opk_tval *items = opk_arena_array(call->arena, count + 1, sizeof(*items));
    for (size_t i = 0; items && i < count; i++)
        items[i] = i < a->count ? a->items[i] : b->items[i - a->count];
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = items, .count = items ? count : 0};
    return true;
}

/* "=" * 3 */
static bool repeat(const struct opk_tcall *call, const struct opk_tval *a, const struct opk_tval *b,
                   struct opk_tval *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    const struct opk_tval *word = a->kind == OPK_TVAL_STRING ? a : b;
    const struct opk_tval *times = word == a ? b : a;

    if (word->kind != OPK_TVAL_STRING || times->kind != OPK_TVAL_INT)
        return false;
    for (int64_t i = 0; i < times->integer && text.len <= OPK_TEMPLATE_OUTPUT_MAX; i++) {
        if (word->text.len == 0)
            break;
        opk_buf_append(&text, word->text);
    }
    if (text.failed)
        call->arena->failed = true;
    *out = opk_tval_string(opk_arena_copy(call->arena, opk_buf_str(&text)));
    opk_buf_done(&text);
    return true;
}

static enum opk_status arithmetic(const struct opk_tcall *call, enum opk_top op,
                                  const struct opk_tval *a, const struct opk_tval *b,
                                  struct opk_tval *out)
{
    double x;
    double y;

    if (a->kind == OPK_TVAL_INT && b->kind == OPK_TVAL_INT && op != OPK_TOP_DIV)
        return integer_op(call, op, a->integer, b->integer, out);
    if (as_number(a, &x) && as_number(b, &y))
        return float_op(call, op, x, y, out);
    if (op == OPK_TOP_ADD && join(call, a, b, out))
        return OPK_OK;
    if (op == OPK_TOP_MUL && repeat(call, a, b, out))
        return OPK_OK;
    return wrong_operands(call, a, b);
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

enum opk_status opk_tval_operate(const struct opk_tcall *call, enum opk_top op,
                                 const struct opk_tval *a, const struct opk_tval *b,
                                 struct opk_tval *out)
{
    bool truth = false;

    if (op == OPK_TOP_CONCAT) {
        *out = opk_tval_string(opk_arena_printf(call->arena, "%.*s%.*s",
                                                OPK_STR_FMT(opk_tval_text(call->arena, a)),
                                                OPK_STR_FMT(opk_tval_text(call->arena, b))));
        return OPK_OK;
    }
    if (op >= OPK_TOP_ADD)
        return arithmetic(call, op, a, b, out);
    if (!compare(op, a, b, &truth))
        return wrong_operands(call, a, b);
    *out = opk_tval_bool(truth);
    return OPK_OK;
}

/* Where one end of a slice lies: counted from the end when negative, and never outside. */
static int64_t slice_end(const struct opk_tval *given, int64_t absent, int64_t count, int64_t step)
{
    int64_t least = step < 0 ? -1 : 0;
    int64_t most = step < 0 ? count - 1 : count;
    int64_t at = given && given->kind == OPK_TVAL_INT ? given->integer : absent;

    if (!given || given->kind != OPK_TVAL_INT)
        return absent;
    if (at < 0)
        at += count;
    return at < least ? least : at > most ? most : at;
}

enum opk_status opk_tval_slice(const struct opk_tcall *call, const struct opk_tval *whole,
                               const struct opk_tval ends[3], struct opk_tval *out)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_tval items;

    for (size_t i = 0; i < 3; i++) {
        if (ends[i].kind != OPK_TVAL_INT && ends[i].kind != OPK_TVAL_NONE)
            return opk_fail(call->err, OPK_E_INVALID, call->place, "a slice takes integers, not %s",
                            opk_tval_kind_name(ends[i].kind));
    }
    if (whole->kind == OPK_TVAL_MAP || !opk_tval_items(call->arena, whole, &items))
        return opk_fail(call->err, OPK_E_INVALID, call->place, "%s has no slices",
                        opk_tval_kind_name(whole->kind));
    int64_t count = (int64_t)items.count;
    int64_t step = ends[2].kind == OPK_TVAL_INT ? ends[2].integer : 1;
    if (step == 0)
        return opk_fail(call->err, OPK_E_INVALID, call->place, "the step of a slice is 0");
    if (step > count || step < -count) /* one item at most, and no sum leaves 64 bits */
        step = step < 0 ? -count - 1 : count + 1;
    int64_t at = slice_end(&ends[0], step < 0 ? count - 1 : 0, count, step);
    int64_t end = slice_end(&ends[1], step < 0 ? -1 : count, count, step);
    struct opk_tval *kept = opk_arena_array(call->arena, items.count + 1, sizeof(*kept));
    if (!kept)
        return opk_arena_check(call->arena, call->err);
    *out = (struct opk_tval){.kind = OPK_TVAL_SEQ, .items = kept};
    for (; step < 0 ? at > end : at < end; at += step)
        kept[out->count++] = items.items[at];
    if (whole->kind != OPK_TVAL_STRING)
        return OPK_OK;
    for (size_t i = 0; i < out->count; i++)
        opk_buf_append(&text, kept[i].text);
    enum opk_status status = opk_buf_check(&text, call->err);
    *out = opk_tval_string(opk_arena_copy(call->arena, opk_buf_str(&text)));
    opk_buf_done(&text);
    return status;
}
