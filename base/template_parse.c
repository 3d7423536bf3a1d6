/* Tokens to a template: its text, and the blocks if, for, set, macro and include. */
#include "base/template_impl.h"

#include <assert.h>
#include <stdlib.h>

static enum opk_status parse_body(struct opk_tparser *parser, const char *const *ends,
                                  const struct opk_tstmt **out);

static enum opk_status end_block(struct opk_tparser *parser)
{
    if (parser->at->kind != OPK_TTOKEN_BLOCK_END)
        return opk_tparser_unexpected(parser, "%}");
    parser->at++;
    return OPK_OK;
}

/* After a body: the word that ended it is taken, and so is the end of its tag. */
static enum opk_status end_of(struct opk_tparser *parser, const char *word)
{
    if (!opk_tparser_take_word(parser, word))
        return opk_tparser_unexpected(parser, word);
    return end_block(parser);
}

/* Past "if" or "elif": the condition, its body, and what else there is. */
static enum opk_status parse_if(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    static const char *const ENDS[] = {"elif", "else", "endif", NULL};
    static const char *const LAST[] = {"endif", NULL};
    struct opk_tstmt *branch = stmt;
    enum opk_status status;

    for (;;) {
        branch->kind = OPK_TSTMT_IF;
        status = opk_tparser_tuple(parser, opk_tparser_expr, &branch->expr);
        if (status == OPK_OK)
            status = end_block(parser);
        if (status == OPK_OK)
            status = parse_body(parser, ENDS, &branch->body);
        if (status != OPK_OK || !opk_tparser_is_word(parser, "elif"))
            break;
        struct opk_tstmt *next = opk_arena_alloc(parser->arena, sizeof(*next));
        if (!next)
            return opk_arena_check(parser->arena, parser->err);
        next->line = parser->at->line;
        next->text = OPK_STR_EMPTY;
        parser->at++;
        branch->otherwise = next;
        branch = next;
    }
    if (status == OPK_OK && opk_tparser_take_word(parser, "else")) {
        status = end_block(parser);
        if (status == OPK_OK)
            status = parse_body(parser, LAST, &branch->otherwise);
    }
    return status == OPK_OK ? end_of(parser, "endif") : status;
}

static enum opk_status parse_names(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    bool parens = opk_tparser_take_op(parser, "(");
    enum opk_status status;

    do {
        if (stmt->name_count == 2)
            return opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                            "at most two names are bound at once");
        status = opk_tparser_expect_name(parser, &stmt->names[stmt->name_count]);
        stmt->name_count++;
    } while (status == OPK_OK && opk_tparser_take_op(parser, ","));
    return status == OPK_OK && parens ? opk_tparser_expect_op(parser, ")") : status;
}

static enum opk_status parse_for(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    static const char *const ENDS[] = {"else", "endfor", NULL};
    static const char *const LAST[] = {"endfor", NULL};
    enum opk_status status = parse_names(parser, stmt);

    stmt->kind = OPK_TSTMT_FOR;
    if (status == OPK_OK && !opk_tparser_take_word(parser, "in"))
        status = opk_tparser_unexpected(parser, "in");
    if (status == OPK_OK)
        status = opk_tparser_tuple(parser, opk_tparser_or, &stmt->expr);
    if (status == OPK_OK && opk_tparser_take_word(parser, "if"))
        status = opk_tparser_expr(parser, &stmt->guard);
    if (status == OPK_OK && opk_tparser_is_word(parser, "recursive"))
        status = opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                          "recursive loops are not read");
    parser->inner++;
    if (status == OPK_OK)
        status = end_block(parser);
    if (status == OPK_OK)
        status = parse_body(parser, ENDS, &stmt->body);
    if (status == OPK_OK && opk_tparser_take_word(parser, "else")) {
        status = end_block(parser);
        if (status == OPK_OK)
            status = parse_body(parser, LAST, &stmt->otherwise);
    }
    parser->inner--;
    return status == OPK_OK ? end_of(parser, "endfor") : status;
}

static enum opk_status parse_set(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    enum opk_status status = parse_names(parser, stmt);

    stmt->kind = OPK_TSTMT_SET;
    if (status == OPK_OK && !opk_tparser_is_op(parser, "="))
        status = opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                          "set is read with = and an expression only");
    if (status == OPK_OK) {
        parser->at++;
        status = opk_tparser_tuple(parser, opk_tparser_expr, &stmt->expr);
    }
    return status == OPK_OK ? end_block(parser) : status;
}

/* "(a, b=1)" */
static enum opk_status parse_params(struct opk_tparser *parser, struct opk_tmacro *macro)
{
    enum opk_status status = opk_tparser_expect_op(parser, "(");

    while (status == OPK_OK && !opk_tparser_take_op(parser, ")")) {
        size_t at = macro->param_count;
        if (at == OPK_TPARAMS_MAX)
            return opk_fail(parser->err, OPK_E_LIMIT, opk_tparser_here(parser),
                            "a macro takes at most %d arguments", OPK_TPARAMS_MAX);
        status = opk_tparser_expect_name(parser, &macro->params[at]);
        if (status == OPK_OK && opk_tparser_take_op(parser, "="))
            status = opk_tparser_expr(parser, &macro->defaults[at]);
        else if (status == OPK_OK && at > 0 && macro->defaults[at - 1])
            status = opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                              "a parameter without a default follows one with a default");
        macro->param_count++;
        if (status == OPK_OK && !opk_tparser_take_op(parser, ",") &&
            !opk_tparser_is_op(parser, ")"))
            status = opk_tparser_unexpected(parser, ")");
    }
    return status;
}

static enum opk_status parse_macro(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    static const char *const ENDS[] = {"endmacro", NULL};
    struct opk_tmacro *macro = opk_arena_alloc(parser->arena, sizeof(*macro));

    if (!macro)
        return opk_arena_check(parser->arena, parser->err);
    if (parser->inner > 0)
        return opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                        "a macro is read outside of loops and other macros only");
    stmt->kind = OPK_TSTMT_MACRO;
    stmt->macro = macro;
    enum opk_status status = opk_tparser_expect_name(parser, &macro->name);
    if (status == OPK_OK)
        status = parse_params(parser, macro);
    if (status == OPK_OK)
        status = end_block(parser);
    parser->inner++;
    if (status == OPK_OK)
        status = parse_body(parser, ENDS, &macro->body);
    parser->inner--;
    if (status != OPK_OK)
        return status;
    return end_of(parser, "endmacro");
}

/* "name" [ignore missing] [with context] */
static enum opk_status parse_include(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    enum opk_status status = opk_tparser_expr(parser, &stmt->expr);

    stmt->kind = OPK_TSTMT_INCLUDE;
    if (status == OPK_OK && opk_tparser_take_word(parser, "ignore")) {
        stmt->lenient = true;
        if (!opk_tparser_take_word(parser, "missing"))
            status = opk_tparser_unexpected(parser, "missing");
    }
    if (status == OPK_OK && opk_tparser_is_word(parser, "without"))
        return opk_fail(parser->err, OPK_E_UNSUPPORTED, opk_tparser_here(parser),
                        "an include has its context always");
    if (status == OPK_OK && opk_tparser_take_word(parser, "with") &&
        !opk_tparser_take_word(parser, "context"))
        status = opk_tparser_unexpected(parser, "context");
    return status == OPK_OK ? end_block(parser) : status;
}

static enum opk_status parse_tag(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    if (opk_tparser_take_word(parser, "if"))
        return parse_if(parser, stmt);
    if (opk_tparser_take_word(parser, "for"))
        return parse_for(parser, stmt);
    if (opk_tparser_take_word(parser, "set"))
        return parse_set(parser, stmt);
    if (opk_tparser_take_word(parser, "macro"))
        return parse_macro(parser, stmt);
    if (opk_tparser_take_word(parser, "include"))
        return parse_include(parser, stmt);
    if (parser->at->kind != OPK_TTOKEN_NAME)
        return opk_tparser_unexpected(parser, "the name of a block");
    if (opk_str_starts(parser->at->text, OPK_STR("end")) || opk_tparser_is_word(parser, "else") ||
        opk_tparser_is_word(parser, "elif"))
        return opk_fail(parser->err, OPK_E_SYNTAX, opk_tparser_here(parser),
                        "'%.*s' closes nothing here", OPK_STR_FMT(parser->at->text));
    return opk_tparser_unknown(parser, "block", parser->at->text);
}

static enum opk_status parse_stmt(struct opk_tparser *parser, struct opk_tstmt *stmt)
{
    enum opk_status status;

    stmt->line = parser->at->line;
    stmt->text = OPK_STR_EMPTY;
    if (parser->at->kind == OPK_TTOKEN_DATA) {
        stmt->kind = OPK_TSTMT_DATA;
        stmt->text = parser->at->text;
        parser->at++;
        return OPK_OK;
    }
    if (parser->at->kind == OPK_TTOKEN_VAR_BEGIN) {
        stmt->kind = OPK_TSTMT_PRINT;
        parser->at++;
        status = opk_tparser_tuple(parser, opk_tparser_expr, &stmt->expr);
        if (status == OPK_OK && parser->at->kind != OPK_TTOKEN_VAR_END)
            status = opk_tparser_unexpected(parser, "}}");
        parser->at += status == OPK_OK;
        return status;
    }
    assert(parser->at->kind == OPK_TTOKEN_BLOCK_BEGIN);
    parser->at++;
    return parse_tag(parser, stmt);
}

static bool ends_body(const struct opk_tparser *parser, const char *const *ends)
{
    if (parser->at->kind != OPK_TTOKEN_BLOCK_BEGIN || parser->at[1].kind != OPK_TTOKEN_NAME)
        return false;
    for (; *ends; ends++) {
        if (opk_str_eq(parser->at[1].text, opk_str_of(*ends)))
            return true;
    }
    return false;
}

/* Statements up to a tag that starts with one of the words, which is left at its word. */
static enum opk_status parse_body(struct opk_tparser *parser, const char *const *ends,
                                  const struct opk_tstmt **out)
{
    struct opk_tstmt *first = NULL;
    struct opk_tstmt *last = NULL;

    if (++parser->depth > OPK_TEMPLATE_DEPTH_MAX)
        return opk_tparser_too_deep(parser);
    while (!ends_body(parser, ends)) {
        struct opk_tstmt *stmt = opk_arena_alloc(parser->arena, sizeof(*stmt));
        if (!stmt)
            return opk_arena_check(parser->arena, parser->err);
        if (parser->at->kind == OPK_TTOKEN_EOF) {
            if (!*ends)
                break;
            return opk_tparser_unexpected(parser, ends[0]);
        }
        enum opk_status status = parse_stmt(parser, stmt);
        if (status != OPK_OK)
            return status;
        if (last)
            last->next = stmt;
        else
            first = stmt;
        last = stmt;
    }
    parser->depth--;
    parser->at += *ends != NULL;
    *out = first;
    return OPK_OK;
}

enum opk_status opk_template_parse(struct opk_arena *arena, struct opk_str text,
                                   struct opk_place place, const struct opk_template **out_template,
                                   struct opk_err *err)
{
    return opk_template_parse_with(arena, NULL, text, place, out_template, err);
}

enum opk_status opk_template_parse_with(struct opk_arena *arena,
                                        const struct opk_template_loader *loader,
                                        struct opk_str text, struct opk_place place,
                                        const struct opk_template **out_template,
                                        struct opk_err *err)
{
    static const char *const END[] = {NULL};
    struct opk_ttokens tokens = {0};
    struct opk_template *tmpl = opk_arena_alloc(arena, sizeof(*tmpl));

    if (!tmpl)
        return opk_arena_check(arena, err);
    tmpl->place = place;
    tmpl->loader = loader;
    if (!place.line)
        tmpl->place.line = 1;
    tmpl->place.path = opk_arena_copy(arena, opk_str_of(place.path)).data;
    enum opk_status status = opk_template_lex(arena, text, tmpl->place, &tokens, err);
    if (status == OPK_OK) {
        struct opk_tparser parser = {
            .arena = arena, .at = tokens.items, .path = tmpl->place.path, .err = err};
        status = parse_body(&parser, END, &tmpl->body);
    }
    free(tokens.items);
    if (status == OPK_OK)
        *out_template = tmpl;
    return status;
}
