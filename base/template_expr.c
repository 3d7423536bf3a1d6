/* Expressions from tokens, by recursive descent, with Jinja2's own precedence of operators. */
#include "base/template_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static enum opk_status parse_unary(struct opk_tparser *parser, const struct opk_texpr **out);

struct opk_place opk_tparser_here(const struct opk_tparser *parser)
{
    return OPK_AT_LINE(parser->path, parser->at->line);
}

bool opk_tparser_is_op(const struct opk_tparser *parser, const char *op)
{
    return parser->at->kind == OPK_TTOKEN_OP && opk_str_eq(parser->at->text, opk_str_of(op));
}

bool opk_tparser_is_word(const struct opk_tparser *parser, const char *word)
{
    return parser->at->kind == OPK_TTOKEN_NAME && opk_str_eq(parser->at->text, opk_str_of(word));
}

bool opk_tparser_take_op(struct opk_tparser *parser, const char *op)
{
    bool found = opk_tparser_is_op(parser, op);

    parser->at += found;
    return found;
}

bool opk_tparser_take_word(struct opk_tparser *parser, const char *word)
{
    bool found = opk_tparser_is_word(parser, word);

    parser->at += found;
    return found;
}

enum opk_status opk_tparser_unexpected(const struct opk_tparser *parser, const char *wanted)
{
    const struct opk_ttoken *token = parser->at;

    if (token->kind == OPK_TTOKEN_EOF)
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                        "%s is expected, but the template ends", wanted);
    if (token->text.len == 0)
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser), "%s is expected here",
                        wanted);
    return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                    "%s is expected before '%.*s'", wanted, OPK_STR_FMT(token->text));
}

enum opk_status opk_tparser_expect_op(struct opk_tparser *parser, const char *op)
{
    return opk_tparser_take_op(parser, op) ? OPK_OK : opk_tparser_unexpected(parser, op);
}

enum opk_status opk_tparser_expect_name(struct opk_tparser *parser, struct opk_str *out_name)
{
    if (parser->at->kind != OPK_TTOKEN_NAME)
        return opk_tparser_unexpected(parser, "a name");
    *out_name = parser->at->text;
    parser->at++;
    return OPK_OK;
}

enum opk_status opk_tparser_too_deep(const struct opk_tparser *parser)
{
    return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                    "the template is nested more than %d levels deep", OPK_TEMPLATE_DEPTH_MAX);
}

/* Copy a finished expression into the arena; its depth bounds what evaluating it recurses. */
static enum opk_status make(struct opk_tparser *parser, struct opk_texpr expr,
                            const struct opk_texpr **out)
{
    struct opk_texpr *made = opk_arena_alloc(parser->arena, sizeof(*made));
    unsigned depth = 0;

    if (!made)
        return opk_arena_check(parser->arena, parser->err);
    if (expr.left)
        depth = expr.left->depth;
    if (expr.right && expr.right->depth > depth)
        depth = expr.right->depth;
    for (size_t i = 0; i < expr.arg_count; i++) {
        if (expr.args[i] && expr.args[i]->depth > depth)
            depth = expr.args[i]->depth;
    }
    if (depth >= OPK_TEMPLATE_DEPTH_MAX)
        return opk_tparser_too_deep(parser);
    *made = expr;
    made->depth = depth + 1;
    if (!made->line)
        made->line = parser->at->line;
    *out = made;
    return OPK_OK;
}

static enum opk_status make_const(struct opk_tparser *parser, struct opk_tval value,
                                  const struct opk_texpr **out)
{
    return make(parser, (struct opk_texpr){.kind = OPK_TEXPR_CONST, .value = value}, out);
}

/* Expressions up to a closing bracket, with commas between them; a last comma is allowed. */
static enum opk_status parse_items(struct opk_tparser *parser, const char *close,
                                   const struct opk_texpr *first, struct opk_texpr *out_list)
{
    const struct opk_texpr *items[64];
    size_t count = 0;

    if (first)
        items[count++] = first;
    while (!opk_tparser_take_op(parser, close)) {
        if (count == sizeof(items) / sizeof(items[0]))
            return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                            "a list in a template has at most %zu items", count);
        enum opk_status status = opk_tparser_expr(parser, &items[count]);
        if (status != OPK_OK)
            return status;
        count++;
        if (!opk_tparser_take_op(parser, ",") && !opk_tparser_is_op(parser, close))
            return opk_tparser_unexpected(parser, close);
    }
    const struct opk_texpr **args =
        opk_arena_array(parser->arena, count + 1, sizeof(struct opk_texpr *));
    if (!args)
        return opk_arena_check(parser->arena, parser->err);
    memcpy(args, items, count * sizeof(struct opk_texpr *));
    *out_list = (struct opk_texpr){.kind = OPK_TEXPR_LIST, .args = args, .arg_count = count};
    return OPK_OK;
}

/* ( expr ) is the expression; with a comma it is a tuple, which is a list here. */
static enum opk_status parse_parens(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_texpr list;
    const struct opk_texpr *first = NULL;
    enum opk_status status = OPK_OK;

    if (!opk_tparser_is_op(parser, ")")) {
        status = opk_tparser_expr(parser, &first);
        if (status != OPK_OK || opk_tparser_take_op(parser, ")")) {
            if (status == OPK_OK)
                *out = first;
            return status;
        }
        status = opk_tparser_expect_op(parser, ",");
    }
    if (status == OPK_OK)
        status = parse_items(parser, ")", first, &list);
    return status == OPK_OK ? make(parser, list, out) : status;
}

static enum opk_status parse_string(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    while (parser->at->kind == OPK_TTOKEN_STRING) /* neighbours are one string */
        opk_buf_append(&text, (parser->at++)->text);
    struct opk_str copy = opk_arena_copy(parser->arena, opk_buf_str(&text));
    enum opk_status status = opk_buf_check(&text, parser->err);
    opk_buf_done(&text);
    return status == OPK_OK ? make_const(parser, opk_tval_string(copy), out) : status;
}

static enum opk_status parse_number(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_str text = parser->at->text;
    struct opk_tval value;
    uint64_t whole;

    if (parser->at->kind == OPK_TTOKEN_FLOAT) {
        struct opk_str copy = opk_arena_copy(parser->arena, text);
        value = (struct opk_tval){.kind = OPK_TVAL_FLOAT, .number = strtod(copy.data, NULL)};
    } else if (opk_str_to_u64(text, &whole) && whole <= INT64_MAX) {
        value = opk_tval_int((int64_t)whole);
    } else {
        return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                        "the number %.*s does not fit 64 bits", OPK_STR_FMT(text));
    }
    parser->at++;
    return make_const(parser, value, out);
}

static enum opk_status parse_name(struct opk_tparser *parser, const struct opk_texpr **out)
{
    static const struct {
        const char *word;
        struct opk_tval value;
    } WORDS[] = {
        {"true", {.kind = OPK_TVAL_BOOL, .truth = true}},
        {"True", {.kind = OPK_TVAL_BOOL, .truth = true}},
        {"false", {.kind = OPK_TVAL_BOOL}},
        {"False", {.kind = OPK_TVAL_BOOL}},
        {"none", {.kind = OPK_TVAL_NONE}},
        {"None", {.kind = OPK_TVAL_NONE}},
    };

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (opk_tparser_take_word(parser, WORDS[i].word)) {
            struct opk_tval value = WORDS[i].value;
            value.text = OPK_STR_EMPTY;
            return make_const(parser, value, out);
        }
    }
    struct opk_texpr name = {
        .kind = OPK_TEXPR_NAME, .name = parser->at->text, .line = parser->at->line};
    parser->at++;
    return make(parser, name, out);
}

static enum opk_status parse_primary(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_texpr list;

    if (parser->at->kind == OPK_TTOKEN_NAME)
        return parse_name(parser, out);
    if (parser->at->kind == OPK_TTOKEN_STRING)
        return parse_string(parser, out);
    if (parser->at->kind == OPK_TTOKEN_INT || parser->at->kind == OPK_TTOKEN_FLOAT)
        return parse_number(parser, out);
    if (opk_tparser_take_op(parser, "("))
        return parse_parens(parser, out);
    if (opk_tparser_take_op(parser, "[")) {
        enum opk_status status = parse_items(parser, "]", NULL, &list);
        return status == OPK_OK ? make(parser, list, out) : status;
    }
    if (opk_tparser_is_op(parser, "{"))
        return opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                        "mappings written in a template are not read");
    return opk_tparser_unexpected(parser, "an expression");
}

static size_t param_of(const struct opk_tfunction *function, struct opk_str name)
{
    for (size_t i = 0; i < OPK_TARGS_MAX && function->params[i]; i++) {
        if (opk_str_eq(opk_str_of(function->params[i]), name))
            return i;
    }
    return OPK_TARGS_MAX;
}

/* One argument, by place or by keyword, into its parameter's slot. */
static enum opk_status parse_arg(struct opk_tparser *parser, const struct opk_tfunction *function,
                                 size_t place, const struct opk_texpr **args)
{
    bool is_keyword = parser->at->kind == OPK_TTOKEN_NAME && parser->at[1].kind == OPK_TTOKEN_OP &&
                      opk_str_eq(parser->at[1].text, OPK_STR("="));
    size_t slot = is_keyword ? param_of(function, parser->at->text) : place;

    if (slot >= OPK_TARGS_MAX || !function->params[slot] || args[slot])
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                        "'%s' does not take %s%.*s", function->name,
                        is_keyword ? "an argument " : "so many arguments",
                        is_keyword ? (int)parser->at->text.len : 0, parser->at->text.data);
    parser->at += is_keyword ? 2 : 0;
    return opk_tparser_expr(parser, &args[slot]);
}

/* "(a, key=b)" into one slot a parameter; no parentheses are no arguments. */
static enum opk_status parse_args(struct opk_tparser *parser, struct opk_texpr *call)
{
    const struct opk_tfunction *function = call->function;
    const struct opk_texpr **args =
        opk_arena_array(parser->arena, OPK_TARGS_MAX, sizeof(struct opk_texpr *));
    size_t place = 0;

    if (!args)
        return opk_arena_check(parser->arena, parser->err);
    call->args = args;
    call->arg_count = OPK_TARGS_MAX;
    if (opk_tparser_take_op(parser, "(")) {
        while (!opk_tparser_take_op(parser, ")")) {
            enum opk_status status = parse_arg(parser, function, place++, args);
            if (status != OPK_OK)
                return status;
            if (!opk_tparser_take_op(parser, ",") && !opk_tparser_is_op(parser, ")"))
                return opk_tparser_unexpected(parser, ")");
        }
    }
    return OPK_OK;
}

static enum opk_status check_required(const struct opk_tparser *parser,
                                      const struct opk_texpr *call)
{
    assert(call->args);
    for (size_t i = 0; i < call->function->required; i++) {
        if (!call->args[i])
            return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                            "'%s' needs its argument %s", call->function->name,
                            call->function->params[i]);
    }
    return OPK_OK;
}

enum opk_status opk_tparser_unknown(const struct opk_tparser *parser, const char *what,
                                    struct opk_str name)
{
    return opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser), "unknown %s '%.*s'",
                    what, OPK_STR_FMT(name));
}

static enum opk_status parse_method(struct opk_tparser *parser, struct opk_texpr call,
                                    const struct opk_texpr **out)
{
    call.kind = OPK_TEXPR_METHOD;
    call.function = opk_tmethod_find(call.name);
    if (!call.function)
        return opk_tparser_unknown(parser, "method", call.name);
    enum opk_status status = parse_args(parser, &call);
    if (status == OPK_OK)
        status = check_required(parser, &call);
    return status == OPK_OK ? make(parser, call, out) : status;
}

static enum opk_status parse_dot(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    struct opk_texpr attr = {.kind = OPK_TEXPR_ATTR, .left = *inout, .line = parser->at->line};

    if (parser->at->kind == OPK_TTOKEN_INT) {
        attr.kind = OPK_TEXPR_ITEM;
        enum opk_status status = parse_number(parser, &attr.right);
        return status == OPK_OK ? make(parser, attr, inout) : status;
    }
    enum opk_status status = opk_tparser_expect_name(parser, &attr.name);
    if (status != OPK_OK)
        return status;
    return opk_tparser_is_op(parser, "(") ? parse_method(parser, attr, inout)
                                          : make(parser, attr, inout);
}

/* Past "[": an index, or up to three parts of a slice with colons between them. */
static enum opk_status parse_subscript(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    const struct opk_texpr **ends = opk_arena_array(parser->arena, 3, sizeof(struct opk_texpr *));
    struct opk_texpr item = {.kind = OPK_TEXPR_ITEM, .left = *inout, .line = parser->at->line};
    size_t count = 0;
    enum opk_status status = OPK_OK;

    if (!ends)
        return opk_arena_check(parser->arena, parser->err);
    do {
        if (!opk_tparser_is_op(parser, ":") && !opk_tparser_is_op(parser, "]"))
            status = opk_tparser_expr(parser, &ends[count]);
        count++;
    } while (status == OPK_OK && count < 3 && opk_tparser_take_op(parser, ":"));
    if (status == OPK_OK)
        status = opk_tparser_expect_op(parser, "]");
    if (status != OPK_OK)
        return status;
    if (count == 1 && !ends[0])
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                        "an index is expected between [ and ]");
    if (count == 1) {
        item.right = ends[0];
    } else {
        item.kind = OPK_TEXPR_SLICE;
        item.args = ends;
        item.arg_count = 3;
    }
    return make(parser, item, inout);
}

/* Past "(" of a macro's call: values, then keywords. */
static enum opk_status parse_call(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    const struct opk_texpr **args =
        opk_arena_array(parser->arena, OPK_TPARAMS_MAX, sizeof(struct opk_texpr *));
    struct opk_str *keywords = opk_arena_array(parser->arena, OPK_TPARAMS_MAX, sizeof(*keywords));
    struct opk_texpr call = {.kind = OPK_TEXPR_CALL,
                             .name = (*inout)->name,
                             .line = (*inout)->line,
                             .args = args,
                             .keywords = keywords};

    if (!args || !keywords)
        return opk_arena_check(parser->arena, parser->err);
    while (!opk_tparser_take_op(parser, ")")) {
        struct opk_str *keyword = &keywords[call.arg_count];
        if (call.arg_count == OPK_TPARAMS_MAX)
            return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                            "a macro takes at most %d arguments", OPK_TPARAMS_MAX);
        *keyword = OPK_STR_EMPTY;
        if (parser->at->kind == OPK_TTOKEN_NAME && parser->at[1].kind == OPK_TTOKEN_OP &&
            opk_str_eq(parser->at[1].text, OPK_STR("="))) {
            *keyword = parser->at->text;
            parser->at += 2;
        } else if (call.arg_count > 0 && keywords[call.arg_count - 1].len > 0) {
            return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                            "an argument without a keyword follows one with a keyword");
        }
        enum opk_status status = opk_tparser_expr(parser, &args[call.arg_count]);
        if (status != OPK_OK)
            return status;
        call.arg_count++;
        if (!opk_tparser_take_op(parser, ",") && !opk_tparser_is_op(parser, ")"))
            return opk_tparser_unexpected(parser, ")");
    }
    return make(parser, call, inout);
}

/* .name [index] .method() macro() after a primary, any number of them. */
static enum opk_status parse_postfix(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    enum opk_status status = OPK_OK;

    while (status == OPK_OK) {
        assert(*inout);
        if (opk_tparser_take_op(parser, "."))
            status = parse_dot(parser, inout);
        else if (opk_tparser_take_op(parser, "["))
            status = parse_subscript(parser, inout);
        else if (opk_tparser_is_op(parser, "(") && (*inout)->kind != OPK_TEXPR_NAME)
            status = opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                              "calls are read for filters, tests, methods and macros only");
        else if (opk_tparser_take_op(parser, "("))
            status = parse_call(parser, inout);
        else
            break;
    }
    return status;
}

static enum opk_status parse_filter(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    struct opk_texpr call = {.kind = OPK_TEXPR_FILTER, .left = *inout, .line = parser->at->line};
    enum opk_status status = opk_tparser_expect_name(parser, &call.name);

    if (status != OPK_OK)
        return status;
    call.function = opk_tfilter_find(call.name);
    if (!call.function)
        return opk_tparser_unknown(parser, "filter", call.name);
    status = parse_args(parser, &call);
    if (status == OPK_OK)
        status = check_required(parser, &call);
    return status == OPK_OK ? make(parser, call, inout) : status;
}

/* "is divisibleby 3": a test's only argument may stand without parentheses. */
static enum opk_status parse_bare_arg(struct opk_tparser *parser, struct opk_texpr *call)
{
    enum opk_ttoken_kind kind = parser->at->kind;
    bool starts = (kind == OPK_TTOKEN_NAME && !opk_tparser_is_word(parser, "else") &&
                   !opk_tparser_is_word(parser, "or") && !opk_tparser_is_word(parser, "and") &&
                   !opk_tparser_is_word(parser, "if") && !opk_tparser_is_word(parser, "is")) ||
                  kind == OPK_TTOKEN_STRING || kind == OPK_TTOKEN_INT || kind == OPK_TTOKEN_FLOAT ||
                  opk_tparser_is_op(parser, "[");
    const struct opk_texpr **args =
        opk_arena_array(parser->arena, OPK_TARGS_MAX, sizeof(struct opk_texpr *));

    if (!args)
        return opk_arena_check(parser->arena, parser->err);
    call->args = args;
    call->arg_count = OPK_TARGS_MAX;
    if (!starts)
        return OPK_OK;
    if (!call->function->params[0])
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                        "'%s' takes no argument", call->function->name);
    enum opk_status status = parse_primary(parser, &args[0]);
    return status == OPK_OK ? parse_postfix(parser, &args[0]) : status;
}

static enum opk_status parse_test(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    struct opk_texpr call = {.kind = OPK_TEXPR_TEST, .left = *inout, .line = parser->at->line};
    bool negated = opk_tparser_take_word(parser, "not");
    enum opk_status status = opk_tparser_expect_name(parser, &call.name);

    if (status != OPK_OK)
        return status;
    call.function = opk_ttest_find(call.name);
    if (!call.function)
        return opk_tparser_unknown(parser, "test", call.name);
    status =
        opk_tparser_is_op(parser, "(") ? parse_args(parser, &call) : parse_bare_arg(parser, &call);
    if (status == OPK_OK)
        status = check_required(parser, &call);
    if (status == OPK_OK)
        status = make(parser, call, inout);
    if (status == OPK_OK && negated)
        status = make(parser, (struct opk_texpr){.kind = OPK_TEXPR_NOT, .left = *inout}, inout);
    return status;
}

static enum opk_status parse_filters(struct opk_tparser *parser, const struct opk_texpr **inout)
{
    enum opk_status status = OPK_OK;

    while (status == OPK_OK) {
        if (opk_tparser_take_op(parser, "|"))
            status = parse_filter(parser, inout);
        else if (opk_tparser_take_word(parser, "is"))
            status = parse_test(parser, inout);
        else
            break;
    }
    return status;
}

/* A sign binds closer than a filter: -1|abs is (-1)|abs. */
static enum opk_status parse_signed(struct opk_tparser *parser, const struct opk_texpr **out)
{
    enum opk_status status;

    if (!opk_tparser_is_op(parser, "-") && !opk_tparser_is_op(parser, "+")) {
        status = parse_primary(parser, out);
        return status == OPK_OK ? parse_postfix(parser, out) : status;
    }
    struct opk_texpr unary = {.kind = OPK_TEXPR_UNARY,
                              .op = opk_tparser_is_op(parser, "-") ? OPK_TOP_SUB : OPK_TOP_ADD,
                              .line = parser->at->line};
    if (++parser->depth > OPK_TEMPLATE_DEPTH_MAX)
        return opk_tparser_too_deep(parser);
    parser->at++;
    status = parse_signed(parser, &unary.left);
    parser->depth--;
    return status == OPK_OK ? make(parser, unary, out) : status;
}

static enum opk_status parse_unary(struct opk_tparser *parser, const struct opk_texpr **out)
{
    enum opk_status status = parse_signed(parser, out);

    return status == OPK_OK ? parse_filters(parser, out) : status;
}

/* The binary operators that take their left neighbour first, loosest level first. */
static const struct {
    const char *spelling;
    enum opk_top op;
    unsigned level;
} BINARY[] = {
    {"+", OPK_TOP_ADD, 0}, {"-", OPK_TOP_SUB, 0},       {"~", OPK_TOP_CONCAT, 1},
    {"*", OPK_TOP_MUL, 2}, {"//", OPK_TOP_FLOORDIV, 2}, {"/", OPK_TOP_DIV, 2},
    {"%", OPK_TOP_MOD, 2},
};
#define BINARY_LEVELS 3

static bool take_binary(struct opk_tparser *parser, unsigned level, enum opk_top *out_op)
{
    for (size_t i = 0; i < sizeof(BINARY) / sizeof(BINARY[0]); i++) {
        if (BINARY[i].level == level && opk_tparser_take_op(parser, BINARY[i].spelling)) {
            *out_op = BINARY[i].op;
            return true;
        }
    }
    return false;
}

static enum opk_status parse_binary(struct opk_tparser *parser, unsigned level,
                                    const struct opk_texpr **out)
{
    if (level == BINARY_LEVELS)
        return parse_unary(parser, out);
    struct opk_texpr binary = {.kind = OPK_TEXPR_BINARY};
    enum opk_status status = parse_binary(parser, level + 1, out);

    while (status == OPK_OK && take_binary(parser, level, &binary.op)) {
        binary.left = *out;
        status = parse_binary(parser, level + 1, &binary.right);
        if (status == OPK_OK)
            status = make(parser, binary, out);
    }
    return status;
}

static bool take_comparison(struct opk_tparser *parser, enum opk_top *out_op)
{
    static const char *const SPELLINGS[] = {
        [OPK_TOP_EQ] = "==", [OPK_TOP_NE] = "!=", [OPK_TOP_LT] = "<",
        [OPK_TOP_LE] = "<=", [OPK_TOP_GT] = ">",  [OPK_TOP_GE] = ">=",
    };

    for (size_t i = 0; i < sizeof(SPELLINGS) / sizeof(SPELLINGS[0]); i++) {
        if (opk_tparser_take_op(parser, SPELLINGS[i])) {
            *out_op = (enum opk_top)i;
            return true;
        }
    }
    *out_op = OPK_TOP_IN;
    if (opk_tparser_take_word(parser, "in"))
        return true;
    if (!opk_tparser_is_word(parser, "not") || parser->at[1].kind != OPK_TTOKEN_NAME ||
        !opk_str_eq(parser->at[1].text, OPK_STR("in")))
        return false;
    parser->at += 2;
    *out_op = OPK_TOP_NOT_IN;
    return true;
}

/* a < b < c means a < b and b < c. */
static enum opk_status parse_compare(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_texpr compare = {.kind = OPK_TEXPR_BINARY};
    const struct opk_texpr *made = NULL;
    enum opk_status status = parse_binary(parser, 0, &compare.left);

    if (status == OPK_OK)
        *out = compare.left;
    while (status == OPK_OK && take_comparison(parser, &compare.op)) {
        status = parse_binary(parser, 0, &compare.right);
        const struct opk_texpr *before = made;
        if (status == OPK_OK)
            status = make(parser, compare, &made);
        compare.left = compare.right;
        if (status == OPK_OK && before)
            status = make(parser,
                          (struct opk_texpr){.kind = OPK_TEXPR_AND, .left = before, .right = made},
                          &made);
        *out = made;
    }
    return status;
}

static enum opk_status parse_not(struct opk_tparser *parser, const struct opk_texpr **out)
{
    struct opk_texpr negation = {.kind = OPK_TEXPR_NOT};
    size_t count = 0;

    while (opk_tparser_take_word(parser, "not"))
        count++;
    enum opk_status status = parse_compare(parser, out);
    for (; status == OPK_OK && count > 0; count--) {
        negation.left = *out;
        status = make(parser, negation, out);
    }
    return status;
}

static enum opk_status parse_chain(struct opk_tparser *parser, const char *word,
                                   enum opk_texpr_kind kind,
                                   enum opk_status (*operand)(struct opk_tparser *,
                                                              const struct opk_texpr **),
                                   const struct opk_texpr **out)
{
    struct opk_texpr chain = {.kind = kind};
    enum opk_status status = operand(parser, out);

    while (status == OPK_OK && opk_tparser_take_word(parser, word)) {
        chain.left = *out;
        status = operand(parser, &chain.right);
        if (status == OPK_OK)
            status = make(parser, chain, out);
    }
    return status;
}

static enum opk_status parse_and(struct opk_tparser *parser, const struct opk_texpr **out)
{
    return parse_chain(parser, "and", OPK_TEXPR_AND, parse_not, out);
}

enum opk_status opk_tparser_or(struct opk_tparser *parser, const struct opk_texpr **out)
{
    return parse_chain(parser, "or", OPK_TEXPR_OR, parse_and, out);
}

/* a if b else c */
enum opk_status opk_tparser_expr(struct opk_tparser *parser, const struct opk_texpr **out)
{
    enum opk_status status = OPK_OK;

    if (++parser->depth > OPK_TEMPLATE_DEPTH_MAX)
        return opk_tparser_too_deep(parser);
    status = opk_tparser_or(parser, out);
    while (status == OPK_OK && opk_tparser_take_word(parser, "if")) {
        const struct opk_texpr **otherwise =
            opk_arena_array(parser->arena, 1, sizeof(struct opk_texpr *));
        struct opk_texpr cond = {
            .kind = OPK_TEXPR_COND, .left = *out, .args = otherwise, .arg_count = 1};
        if (!otherwise)
            return opk_arena_check(parser->arena, parser->err);
        status = opk_tparser_or(parser, &cond.right);
        if (status == OPK_OK && opk_tparser_take_word(parser, "else"))
            status = opk_tparser_expr(parser, otherwise);
        if (status == OPK_OK)
            status = make(parser, cond, out);
    }
    parser->depth--;
    return status;
}

/* An expression where commas make a tuple: what a print, a set and a for may hold. */
enum opk_status opk_tparser_tuple(struct opk_tparser *parser,
                                  enum opk_status (*operand)(struct opk_tparser *,
                                                             const struct opk_texpr **),
                                  const struct opk_texpr **out)
{
    const struct opk_texpr *items[16];
    size_t count = 0;
    enum opk_status status = operand(parser, &items[count++]);

    while (status == OPK_OK && opk_tparser_take_op(parser, ",")) {
        if (count == sizeof(items) / sizeof(items[0]))
            return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                            "a tuple without parentheses has at most %zu items", count);
        status = operand(parser, &items[count++]);
    }
    if (status != OPK_OK || count == 1) {
        *out = items[0];
        return status;
    }
    const struct opk_texpr **args =
        opk_arena_array(parser->arena, count, sizeof(struct opk_texpr *));
    if (!args)
        return opk_arena_check(parser->arena, parser->err);
    memcpy(args, items, count * sizeof(struct opk_texpr *));
    return make(parser,
                (struct opk_texpr){.kind = OPK_TEXPR_LIST, .args = args, .arg_count = count}, out);
}
